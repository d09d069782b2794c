-- keys.db, format 1.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- The sealed parts of key rings, all of one length. This table has a rowid on purpose, its rows are
-- only ever added at its end and overwritten in place, and none is deleted: so SQLite never moves a
-- row from one page to another, which could leave a copy of it in the page's unused space where
-- secure_delete does not reach. An erased ring is a row of zeros.
CREATE TABLE ring (
    subject BLOB NOT NULL,
    part    INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (subject, part)
);

CREATE TABLE blind (
    hash    BLOB NOT NULL,
    subject BLOB NOT NULL,
    PRIMARY KEY (hash, subject)
) WITHOUT ROWID;

CREATE TABLE fence (
    subject BLOB NOT NULL,
    version INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    request BLOB NOT NULL,
    act     BLOB NOT NULL,
    done    INTEGER NOT NULL,
    PRIMARY KEY (subject, version)
) WITHOUT ROWID;
CREATE INDEX fence_open ON fence (subject, version) WHERE done = 0;

PRAGMA application_id = 1447383659; -- "VERk"
PRAGMA user_version = 1;
