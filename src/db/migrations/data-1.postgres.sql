-- The schema of one register's data in PostgreSQL, format 1: what data.db holds.

-- Whose this is and in which format.
CREATE TABLE format (
    owner  BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    mark   TEXT NOT NULL
);

-- One row: who holds the register, and the number of its last turn. Each turn writes it first.
CREATE TABLE turn (
    one    BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    holder BYTEA NOT NULL,
    number BIGINT NOT NULL,
    pid    BIGINT NOT NULL,
    began  TIMESTAMPTZ
) WITH (fillfactor = 10);
INSERT INTO turn (one, holder, number, pid) VALUES (1, '', 0, 0);

-- Names are compared by their bytes.
CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE dossier (
    subject BYTEA NOT NULL PRIMARY KEY,
    kind    BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sealed  BYTEA NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX dossier_kind ON dossier (kind, subject);

CREATE TABLE item (
    subject BYTEA NOT NULL,
    record  BYTEA NOT NULL,
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (subject, record)
);

CREATE TABLE chunk (
    subject BYTEA NOT NULL,
    record  BYTEA NOT NULL,
    part    BIGINT NOT NULL,
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (subject, record, part)
);

CREATE TABLE note (
    subject BYTEA NOT NULL,
    record  BYTEA NOT NULL,
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (subject, record)
);

CREATE TABLE loose (
    subject BYTEA NOT NULL,
    record  BYTEA NOT NULL,
    PRIMARY KEY (subject, record)
);

CREATE TABLE due (
    subject BYTEA NOT NULL PRIMARY KEY,
    hour    BIGINT NOT NULL
);
CREATE INDEX due_hour ON due (hour, subject);

CREATE TABLE live (
    subject BYTEA NOT NULL,
    tag     BYTEA NOT NULL,
    PRIMARY KEY (subject, tag)
);
CREATE INDEX live_tag ON live (tag, subject);

CREATE TABLE outbox (
    subject BYTEA NOT NULL,
    entry   BYTEA NOT NULL,
    place   BIGINT NOT NULL,
    bytes   BYTEA NOT NULL,
    PRIMARY KEY (subject, entry)
);

CREATE TABLE idempotency (
    subject   BYTEA NOT NULL,
    key       BYTEA NOT NULL,
    request   BYTEA NOT NULL,
    status    BIGINT NOT NULL,
    ids       BYTEA NOT NULL,
    log_index BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    PRIMARY KEY (subject, key)
);
CREATE INDEX idempotency_expires ON idempotency (expires);

-- What is sealed does not get shorter by compression.
ALTER TABLE dossier ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE item ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE chunk ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE note ALTER COLUMN sealed SET STORAGE EXTERNAL;

INSERT INTO format (owner, number, mark) VALUES (1447383652, 1, '');
