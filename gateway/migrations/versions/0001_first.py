"""The first schema: ledger, vault, registry, receipts, questions, releases, replays.

On PostgreSQL and SQLite alike, triggers keep the ledger's leaves as they were written.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Int = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STRICT: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Create every table, the empty ledger's head, and the triggers."""
    _ledger()
    _vault()
    _registry()
    _answers()
    _append_only()


def downgrade() -> None:
    """Remove everything; only for a database that holds nothing anyone was promised."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER ledger_leaves_append_only ON ledger_leaves")
        op.execute("DROP FUNCTION schakel_append_only()")
    for name in (
        "releases",
        "questions",
        "receipts",
        "question_subjects",
        "approvals",
        "authorisations",
        "cases",
        "share_checks",
        "tombstones",
        "sealed_rows",
        "replays",
        "ledger_head",
        "ledger_bodies",
        "ledger_leaves",
    ):
        op.drop_table(name)


def _text(name: str, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


def _blob(name: str, *, key: bool = False) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, primary_key=key, nullable=False)


def _int(name: str, *, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, Int, primary_key=key, nullable=False, autoincrement=False)


def _place() -> "tuple[sa.Column[str], ...]":
    return _text("party", key=True), _text("domain", key=True), _text("epoch", key=True)


def _ledger() -> None:
    op.create_table("ledger_leaves", _int("position", key=True), _blob("leaf_data"), _blob("head"), **STRICT)
    op.create_table("ledger_bodies", _int("position", key=True), _blob("salt"), _blob("record"), **STRICT)
    head = op.create_table(
        "ledger_head",
        _int("id", key=True),
        _int("size"),
        _blob("head"),
        sa.CheckConstraint("id = 1", name="one_head"),
        **STRICT,
    )
    op.bulk_insert(head, [{"id": 1, "size": 0, "head": bytes(32)}])


def _vault() -> None:
    op.create_table(
        "sealed_rows",
        *_place(),
        _blob("record_id", key=True),
        _blob("batch_id"),
        _text("kind"),
        sa.Column("bewaren_tot", Int),
        _blob("sealed"),
        **STRICT,
    )
    op.create_index("sealed_rows_retention", "sealed_rows", ["bewaren_tot"])
    op.create_table(
        "tombstones",
        _text("party", key=True),
        _text("domain", key=True),
        _blob("record_id", key=True),
        _int("day"),
        **STRICT,
    )
    op.create_table("share_checks", *_place(), _blob("value"), **STRICT)
    op.create_table("replays", _text("party", key=True), _blob("jti", key=True), _int("expires_ms"), **STRICT)
    op.create_index("ix_replays_expires_ms", "replays", ["expires_ms"])


def _registry() -> None:
    op.create_table(
        "cases", _text("party", key=True), _text("casus_id", key=True), _blob("casus"), _int("registered_ms"), **STRICT
    )
    op.create_table(
        "authorisations",
        _text("party", key=True),
        _text("autorisatie_id", key=True),
        _text("casus_id"),
        _blob("autorisatie"),
        _text("door"),
        _int("registered_ms"),
        **STRICT,
    )
    op.create_index("ix_authorisations_casus_id", "authorisations", ["casus_id"])
    op.create_table(
        "approvals",
        _text("party", key=True),
        _blob("goedkeuring_id", key=True),
        _text("actie"),
        _text("onderwerp"),
        _text("aanvrager"),
        _text("goedkeurder"),
        _text("goedkeurder_rol"),
        _int("at_ms"),
        **STRICT,
    )
    op.create_index("ix_approvals_onderwerp", "approvals", ["onderwerp"])
    op.create_table(
        "question_subjects",
        _text("party", key=True),
        _blob("vraag_id", key=True),
        _int("number", key=True),
        _text("casus_id"),
        _text("subject"),
        _blob("fingerprint"),
        _int("asked_ms"),
        **STRICT,
    )
    op.create_index("question_subjects_recent", "question_subjects", ["party", "asked_ms"])


def _answers() -> None:
    op.create_table(
        "receipts",
        _text("party", key=True),
        _blob("id", key=True),
        _text("soort"),
        _blob("digest"),
        _int("received_ms"),
        _text("receipt"),
        **STRICT,
    )
    op.create_table(
        "questions",
        _text("party", key=True),
        _blob("vraag_id", key=True),
        _blob("digest"),
        _text("subject"),
        _text("casus_id"),
        _text("domain"),
        _text("epoch"),
        _blob("codes"),
        _int("asked_ms"),
        _blob("answer"),
        _blob("found"),
        sa.Column("oordeel", sa.Text),
        sa.Column("oordeel_door", sa.Text),
        **STRICT,
    )
    op.create_table(
        "releases",
        _text("release_id", key=True),
        _text("party"),
        _int("jaar"),
        _int("published_ms"),
        _blob("digest"),
        _blob("sealed"),
        _blob("stand"),
        **STRICT,
    )


def _append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION schakel_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER ledger_leaves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_leaves "
            "FOR EACH STATEMENT EXECUTE FUNCTION schakel_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_leaves_no_{verb.lower()} BEFORE {verb} ON ledger_leaves "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )
