"""The outbox: everything that must survive a crash between "made" and "acknowledged", in one SQLite file (0600).

It holds sealed batches byte for byte as they will leave, record ids, tombstones, receipts, questions and the encrypted
cache of tokens. Source rows stand in it only as HMACs under a key that is not in this file, so it holds no identifier.

Rules:
1. A batch and the record ids in it are committed together, before a byte of it is sent.
2. A source row has at most one record id per (domain, epoch); a row already in a batch is never put in another.
3. A batch leaves the queue only when its receipt verified; its bytes are then dropped, its digest and receipt stay.
4. A tombstone is never removed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.contract.codes import TokenDomein
from connectors.outbox_file import OutboxFile
from connectors.outbox_rows import Acknowledged, Counts, SealedBatch, StoredReceipt
from connectors.outbox_schema import BEAR, CLAIM, COUNT


class Outbox(OutboxFile):
    """The durable store of one connector; one process at a time writes (BEGIN IMMEDIATE)."""

    def levering(self, source_digest: str, mapping_digest: str, domein: TokenDomein, epoch: str, fresh: str) -> str:
        """The delivery id of this source under this mapping; `fresh` becomes it when there is none yet."""
        key = (source_digest, mapping_digest, domein.value, epoch)
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO delivery VALUES (?,?,?,?,?)", (*key, fresh))
            row = self._one(
                "SELECT levering_id FROM delivery WHERE source_digest=? AND mapping_digest=? AND domein=? AND epoch=?",
                key,
            )
        return str(row[0])

    def known(self, fingerprints: Sequence[bytes]) -> set[bytes]:
        """Which of these row fingerprints already stand in a batch."""
        found: set[bytes] = set()
        for start in range(0, len(fingerprints), 500):
            part = fingerprints[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._all(f"SELECT fingerprint FROM record WHERE fingerprint IN ({marks})", part)  # noqa: S608
            found.update(bytes(row[0]) for row in rows)
        return found

    def claim(self, epoch: str, wanted: Sequence[tuple[bytes, bytes]]) -> set[tuple[bytes, bytes]]:
        """Those of (block mark, row fingerprint) whose row holds the block now; a repeat gives the same answer."""
        with self._transaction():
            self._db.executemany(CLAIM, [(mark, owner, epoch) for mark, owner in wanted])
        holder = "SELECT 1 FROM claim WHERE mark=? AND owner=?"
        return {pair for pair in wanted if self._maybe(holder, pair) is not None}

    def count_names(self, epoch: str, times: Mapping[bytes, int]) -> dict[bytes, int]:
        """Add to the counts under these marks (nothing where it is 0), and say what they are now."""
        with self._transaction():
            self._db.executemany(COUNT, [(mark, more, epoch) for mark, more in sorted(times.items()) if more])
        rows = {mark: self._maybe("SELECT times FROM namesake WHERE mark=?", (mark,)) for mark in times}
        return {mark: row[0] if row else 0 for mark, row in rows.items()}

    def note_bearers(self, epoch: str, pairs: Sequence[tuple[int, int]]) -> None:
        """Who has which composite, as (mark, mark of the person); a repeat changes nothing."""
        with self._transaction():
            self._db.executemany(BEAR, [(mark, person, epoch) for mark, person in sorted(set(pairs))])

    def contested(self, marks: Sequence[int]) -> set[int]:
        """Those of these marks of composites that several people have."""
        several = "SELECT 1 FROM bearer WHERE mark=? AND several = 1"
        return {mark for mark in marks if self._maybe(several, (mark,)) is not None}

    def put(self, batches: Sequence[SealedBatch]) -> None:
        """Queue batches and their record ids, together and durably. Raises OutboxBroken; then none of it is there."""
        with self._transaction():
            for batch in batches:
                self._insert(batch)

    def _insert(self, batch: SealedBatch) -> None:
        name = (batch.batch_id, batch.levering_id, batch.domein.value, batch.epoch)
        self._db.execute(
            "INSERT INTO batch (batch_id, levering_id, domein, epoch, digest, aantal, content) VALUES (?,?,?,?,?,?,?)",
            (*name, batch.digest, batch.aantal, batch.content),
        )
        self._db.executemany(
            "INSERT INTO record VALUES (?,?,?,?,?,?)",
            [
                (mark, record_id, batch.batch_id, batch.domein.value, batch.epoch, case)
                for mark, record_id, case in batch.records
            ],
        )

    def has_batches(self, levering_id: str) -> bool:
        """Whether this delivery was made before, sent or not."""
        return self._maybe("SELECT 1 FROM batch WHERE levering_id=? LIMIT 1", (levering_id,)) is not None

    def queued(self) -> Iterator[SealedBatch]:
        """The batches that no verified receipt answers yet, oldest first; one at a time in memory."""
        after = -1
        while row := self._maybe(
            "SELECT position, batch_id, levering_id, domein, epoch, digest, aantal, content FROM batch"
            " WHERE receipt IS NULL AND position > ? ORDER BY position LIMIT 1",
            (after,),
        ):
            after = row[0]
            yield SealedBatch(row[1], row[2], TokenDomein(row[3]), row[4], row[5], row[6], bytes(row[7]))

    def acknowledge(self, batch_id: str, receipt: str) -> tuple[str, ...]:
        """Keep the verified receipt and drop the bytes; returns ids in this batch that were withdrawn meanwhile."""
        with self._transaction():
            self._db.execute("UPDATE batch SET receipt=?, content=NULL WHERE batch_id=?", (receipt, batch_id))
            rows = self._all(
                "SELECT r.record_id FROM record r JOIN tombstone t ON t.record_id = r.record_id WHERE r.batch_id=?",
                (batch_id,),
            )
        return tuple(str(row[0]) for row in rows)

    def drop_refused(self, batch_id: str) -> None:
        """Forget a batch that the gateway refused as a whole: its rows were not stored and may be made again."""
        with self._transaction():
            # A withdrawn row keeps its record id, so that it is never made again under another.
            self._db.execute(
                "DELETE FROM record WHERE batch_id=? AND record_id NOT IN (SELECT record_id FROM tombstone)",
                (batch_id,),
            )
            self._db.execute("DELETE FROM batch WHERE batch_id=? AND receipt IS NULL", (batch_id,))

    def acknowledged(self, levering_id: str | None = None) -> tuple[Acknowledged, ...]:
        """Batches with a receipt, oldest first; of one delivery or of all."""
        rows = self._all(
            "SELECT batch_id, digest, aantal, receipt FROM batch"
            " WHERE receipt IS NOT NULL AND (? IS NULL OR levering_id=?) ORDER BY position",
            (levering_id, levering_id),
        )
        return tuple(Acknowledged(row[0], row[1], row[2], row[3]) for row in rows)

    def domain_of(self, record_id: str) -> TokenDomein | None:
        """The token domain in which a record id of ours was made, or None when it is not ours."""
        row = self._maybe("SELECT domein FROM record WHERE record_id=? LIMIT 1", (record_id,))
        return TokenDomein(row[0]) if row else None

    def records_of(self, case_mark: bytes) -> tuple[str, ...]:
        """The record ids made of a case, whatever their domain, withdrawn ones left out."""
        rows = self._all(
            "SELECT record_id FROM record WHERE case_mark=? AND record_id NOT IN (SELECT record_id FROM tombstone)"
            " ORDER BY record_id",
            (case_mark,),
        )
        return tuple(str(row[0]) for row in rows)

    def records(self, domein: TokenDomein, epoch: str) -> tuple[tuple[str, str], ...]:
        """(record id, batch id) of every record made for (domein, epoch), withdrawn ones too."""
        rows = self._all("SELECT record_id, batch_id FROM record WHERE domein=? AND epoch=?", (domein.value, epoch))
        return tuple((row[0], row[1]) for row in rows)

    def fingerprints(self, record_ids: Sequence[str]) -> tuple[tuple[bytes, str], ...]:
        """(row fingerprint, record id) of these records; a record that is not ours is left out."""
        marks = ",".join("?" * len(record_ids))
        rows = self._all(f"SELECT fingerprint, record_id FROM record WHERE record_id IN ({marks})", record_ids)  # noqa: S608
        return tuple((bytes(row[0]), row[1]) for row in rows)

    def withdraw(
        self, record_ids: Sequence[str], domein: TokenDomein, intrekking_id: str, content: bytes, made: datetime
    ) -> None:
        """Bury records and queue the withdrawal that says so, together. No ids: the withdrawal covers the domain."""
        with self._transaction():
            if record_ids:
                rows = [(record_id, domein.value, made.isoformat()) for record_id in record_ids]
                self._db.executemany("INSERT OR IGNORE INTO tombstone VALUES (?,?,?)", rows)
            else:
                self._db.execute(
                    "INSERT OR IGNORE INTO tombstone SELECT record_id, domein, ? FROM record WHERE domein=?",
                    (made.isoformat(), domein.value),
                )
            self._db.execute("INSERT INTO withdrawal (intrekking_id, content) VALUES (?,?)", (intrekking_id, content))
            # The cache may hold what the withdrawn record was made of (cryptography page, bytes 16).
            self._db.execute("DELETE FROM cache WHERE domein=?", (domein.value,))

    def pending_withdrawals(self) -> tuple[tuple[str, bytes], ...]:
        """(id, canonical bytes) of withdrawals without a receipt, oldest first."""
        rows = self._all("SELECT intrekking_id, content FROM withdrawal WHERE receipt IS NULL ORDER BY position")
        return tuple((row[0], bytes(row[1])) for row in rows)

    def acknowledge_withdrawal(self, intrekking_id: str, receipt: str) -> None:
        with self._transaction():
            self._db.execute("UPDATE withdrawal SET receipt=? WHERE intrekking_id=?", (receipt, intrekking_id))

    def tombstones(self, domein: TokenDomein) -> tuple[str, ...]:
        """Record ids withdrawn in this domain; the gateway hears them with every lease."""
        rows = self._all("SELECT record_id FROM tombstone WHERE domein=? ORDER BY record_id", (domein.value,))
        return tuple(str(row[0]) for row in rows)

    def keep_receipt(self, receipt: StoredReceipt, made: datetime) -> None:
        """Keep a privacy receipt; one that is already there keeps its approval."""
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO approval VALUES (?,?,?,?,?,?,?,?,?)",
                (
                    receipt.receipt_digest,
                    receipt.source_digest,
                    receipt.mapping_digest,
                    receipt.domein.value,
                    receipt.epoch,
                    receipt.receipt,
                    receipt.signed,
                    receipt.goedkeuring_id,
                    made.isoformat(),
                ),
            )

    def approve(self, receipt_digest: str, signed: str, goedkeuring_id: str | None) -> None:
        with self._transaction():
            self._db.execute(
                "UPDATE approval SET signed=?, goedkeuring_id=? WHERE receipt_digest=?",
                (signed, goedkeuring_id, receipt_digest),
            )

    def receipts(self) -> tuple[StoredReceipt, ...]:
        """All privacy receipts, newest first."""
        rows = self._all(
            "SELECT receipt_digest, source_digest, mapping_digest, domein, epoch, receipt, signed, goedkeuring_id"
            " FROM approval ORDER BY made DESC, receipt_digest"
        )
        return tuple(StoredReceipt(r[0], r[1], r[2], TokenDomein(r[3]), r[4], r[5], r[6], r[7]) for r in rows)

    def keep_question(self, vraag_id: str, casus_id: str, asker: str, content: bytes, made: datetime) -> None:
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO question VALUES (?,?,?,?,?,NULL)",
                (vraag_id, casus_id, asker, made.isoformat(), content),
            )

    def answer_question(self, vraag_id: str, answer: str) -> None:
        with self._transaction():
            self._db.execute("UPDATE question SET answer=? WHERE vraag_id=?", (answer, vraag_id))

    def questions(self) -> tuple[tuple[str, str, str, str | None], ...]:
        """(vraag id, casus id, asker, answer as JSON or None), newest first."""
        rows = self._all("SELECT vraag_id, casus_id, asker, answer FROM question ORDER BY made DESC, vraag_id")
        return tuple((row[0], row[1], row[2], row[3]) for row in rows)

    def cached(self, places: Sequence[bytes]) -> dict[bytes, bytes]:
        """Encrypted token values by place."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(places), 500):
            part = places[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._all(f"SELECT place, value FROM cache WHERE place IN ({marks})", part)  # noqa: S608
            found.update((bytes(row[0]), bytes(row[1])) for row in rows)
        return found

    def cache(self, domein: TokenDomein, epoch: str, values: Iterable[tuple[bytes, bytes]]) -> None:
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO cache VALUES (?,?,?,?)",
                [(place, domein.value, epoch, value) for place, value in sorted(values)],
            )

    def ledger_receipts(self) -> tuple[str, ...]:
        """Every verified receipt, of batches and withdrawals."""
        rows = self._all(
            "SELECT receipt FROM batch WHERE receipt IS NOT NULL UNION ALL"
            " SELECT receipt FROM withdrawal WHERE receipt IS NOT NULL"
        )
        return tuple(str(row[0]) for row in rows)

    def last_head(self) -> tuple[int, bytes] | None:
        """Size and head of the ledger as this party verified it last."""
        row = self._maybe("SELECT size, head FROM witness")
        return (int(row[0]), bytes(row[1])) if row else None

    def remember_head(self, size: int, head: bytes) -> None:
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO witness VALUES (1,?,?)", (size, head))

    def leave(self) -> None:
        """Remember for good that this party left, and forget every cached token and what was counted of names."""
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO departed VALUES (1)")
            for table in ("cache", "claim", "namesake"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - the three names above
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # no deleted byte stays in the log beside the database

    def has_left(self) -> bool:
        return self._maybe("SELECT 1 FROM departed") is not None

    def forget_cache(self, keep_epoch: str | None) -> None:
        """Drop cached tokens of other epochs; all of them when None."""
        with self._transaction():
            for table in ("cache", "claim", "namesake", "bearer") if keep_epoch else ("cache",):
                self._db.execute(f"DELETE FROM {table} WHERE ? IS NULL OR epoch <> ?", (keep_epoch, keep_epoch))  # noqa: S608

    def counts(self) -> Counts:
        row = self._one(
            "SELECT (SELECT count(*) FROM batch WHERE receipt IS NULL),"
            " (SELECT count(*) FROM batch WHERE receipt IS NOT NULL),"
            " (SELECT coalesce(sum(aantal), 0) FROM batch WHERE receipt IS NOT NULL),"
            " (SELECT count(*) FROM record), (SELECT count(*) FROM tombstone),"
            " (SELECT count(*) FROM withdrawal WHERE receipt IS NULL), (SELECT count(*) FROM question),"
            " (SELECT count(*) FROM cache)"
        )
        return Counts(*(int(value) for value in row))
