-- The schema of one register's keys in PostgreSQL, format 1. It may lie in another cluster than
-- the data.

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

CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- An erased ring is a row of zeros. PostgreSQL writes a new row beside the old one: what the old one
-- sealed opens for nobody once its epoch has ended.
CREATE TABLE ring (
    subject BYTEA NOT NULL,
    part    BIGINT NOT NULL,
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (subject, part)
);

-- Spread by its hash, not by the subject.
CREATE TABLE blind (
    hash    BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    PRIMARY KEY (hash, subject)
);

CREATE TABLE fence (
    subject BYTEA NOT NULL,
    version BIGINT NOT NULL,
    kind    BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    request BYTEA NOT NULL,
    act     BYTEA NOT NULL,
    done    BIGINT NOT NULL,
    PRIMARY KEY (subject, version)
);
CREATE INDEX fence_open ON fence (subject, version) WHERE done = 0;

-- What is sealed does not get shorter by compression.
ALTER TABLE ring ALTER COLUMN sealed SET STORAGE EXTERNAL;

INSERT INTO format (owner, number, mark) VALUES (1447383659, 1, '');
