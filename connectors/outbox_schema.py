"""The tables of the outbox. Row fingerprints are HMACs; nothing here holds a value of a source."""

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS delivery (
    source_digest TEXT NOT NULL, mapping_digest TEXT NOT NULL, domein TEXT NOT NULL, epoch TEXT NOT NULL,
    levering_id TEXT NOT NULL, PRIMARY KEY (source_digest, mapping_digest, domein, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (
    position INTEGER PRIMARY KEY, batch_id TEXT NOT NULL UNIQUE, levering_id TEXT NOT NULL, domein TEXT NOT NULL,
    epoch TEXT NOT NULL, digest TEXT NOT NULL, aantal INTEGER NOT NULL, content BLOB, receipt TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS record (
    fingerprint BLOB NOT NULL PRIMARY KEY, record_id TEXT NOT NULL, batch_id TEXT NOT NULL, domein TEXT NOT NULL,
    epoch TEXT NOT NULL, case_mark BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_by_id ON record (record_id);
CREATE INDEX IF NOT EXISTS record_by_case ON record (case_mark);
CREATE INDEX IF NOT EXISTS record_by_batch ON record (batch_id);
CREATE TABLE IF NOT EXISTS claim (
    mark BLOB NOT NULL PRIMARY KEY, owner BLOB NOT NULL, epoch TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS namesake (
    mark BLOB NOT NULL PRIMARY KEY, times INTEGER NOT NULL, epoch TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bearer (
    mark INTEGER PRIMARY KEY, person INTEGER NOT NULL, several INTEGER NOT NULL, epoch TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tombstone (
    record_id TEXT NOT NULL PRIMARY KEY, domein TEXT NOT NULL, made TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS withdrawal (
    position INTEGER PRIMARY KEY, intrekking_id TEXT NOT NULL UNIQUE, content BLOB NOT NULL, receipt TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS approval (
    receipt_digest TEXT NOT NULL PRIMARY KEY, source_digest TEXT NOT NULL, mapping_digest TEXT NOT NULL,
    domein TEXT NOT NULL, epoch TEXT NOT NULL, receipt TEXT NOT NULL, signed TEXT, goedkeuring_id TEXT,
    made TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS question (
    vraag_id TEXT NOT NULL PRIMARY KEY, casus_id TEXT NOT NULL, asker TEXT NOT NULL, made TEXT NOT NULL,
    content BLOB NOT NULL, answer TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS departed (once INTEGER PRIMARY KEY CHECK (once = 1)) STRICT;
CREATE TABLE IF NOT EXISTS witness (
    once INTEGER PRIMARY KEY CHECK (once = 1), size INTEGER NOT NULL, head BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS cache (
    place BLOB NOT NULL PRIMARY KEY, domein TEXT NOT NULL, epoch TEXT NOT NULL, value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""

CLAIM: Final = """
INSERT INTO claim (mark, owner, epoch) VALUES (?,?,?) ON CONFLICT (mark) DO UPDATE SET owner = excluded.owner
WHERE owner IN (SELECT r.fingerprint FROM record r JOIN tombstone t ON t.record_id = r.record_id)
"""
"""A block goes to the row that asks first; what a withdrawn row held is free again."""

COUNT: Final = """
INSERT INTO namesake (mark, times, epoch) VALUES (?,?,?) ON CONFLICT (mark) DO UPDATE SET times = times + excluded.times
"""
"""In how many rows of the epoch a word, name or nationality stood; of withdrawn rows too, for shares hardly change."""

BEAR: Final = """
INSERT INTO bearer (mark, person, several, epoch) VALUES (?,?,0,?) ON CONFLICT (mark) DO UPDATE SET several = 1
WHERE person <> excluded.person AND several = 0
"""
"""Who has a composite in the epoch: one person, or several, and then it leaves for nobody; withdrawn rows count on."""
