"""Alembic's entry: runs inside the connection that `gateway.store.migrate` hands over, never from a file of its own."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
