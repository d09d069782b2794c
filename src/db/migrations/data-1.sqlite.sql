-- data.db, format 1. Everything about a person stands under their subject id, a random number; what
-- it says is sealed before it comes here.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE dossier (
    subject BLOB NOT NULL PRIMARY KEY,
    kind    INTEGER NOT NULL,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX dossier_kind ON dossier (kind, subject);

-- Clustered: the items of one person lie side by side.
CREATE TABLE item (
    subject BLOB NOT NULL,
    record  BLOB NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (subject, record)
) WITHOUT ROWID;

-- Large rows, so no clustering.
CREATE TABLE chunk (
    subject BLOB NOT NULL,
    record  BLOB NOT NULL,
    part    INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (subject, record, part)
);

-- What grows without end beside the facts: whom a person's data was given to, what a party is to be
-- told. Ids begin with the time, so a dossier's notes lie in its order.
CREATE TABLE note (
    subject BLOB NOT NULL,
    record  BLOB NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (subject, record)
) WITHOUT ROWID;

-- Parts that no item names: of an upload that has not ended, or of an item that is gone. The sweeper
-- takes them away, some at a time.
CREATE TABLE loose (
    subject BLOB NOT NULL,
    record  BLOB NOT NULL,
    PRIMARY KEY (subject, record)
) WITHOUT ROWID;

CREATE TABLE due (
    subject BLOB NOT NULL PRIMARY KEY,
    hour    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX due_hour ON due (hour, subject);

CREATE TABLE live (
    subject BLOB NOT NULL,
    tag     BLOB NOT NULL,
    PRIMARY KEY (subject, tag)
) WITHOUT ROWID;
CREATE INDEX live_tag ON live (tag, subject);

CREATE TABLE outbox (
    subject BLOB NOT NULL,
    entry   BLOB NOT NULL,
    place   INTEGER NOT NULL,
    bytes   BLOB NOT NULL,
    PRIMARY KEY (subject, entry)
) WITHOUT ROWID;

-- The subject is the token's dossier.
CREATE TABLE idempotency (
    subject   BLOB NOT NULL,
    key       BLOB NOT NULL,
    request   BLOB NOT NULL,
    status    INTEGER NOT NULL,
    ids       BLOB NOT NULL,
    log_index INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    PRIMARY KEY (subject, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires);

PRAGMA application_id = 1447383652; -- "VERd"
PRAGMA user_version = 1;
