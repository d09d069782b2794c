-- The schema of one register's data in PostgreSQL, format 3: several servers that serve a register at the same time.

-- Whoever has a turn holds this row's lock from its first read to its last, in a session of its own. `duty` is the server
-- that sends, sweeps and watches.
CREATE TABLE baton (
    one  BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    duty BYTEA NOT NULL
) WITH (fillfactor = 10);
INSERT INTO baton (one, duty) VALUES (1, '');

-- The servers that have a register of several servers open: alone (1), or beside others (0).
CREATE TABLE server (
    holder BYTEA NOT NULL PRIMARY KEY,
    pid    BIGINT NOT NULL,
    began  TIMESTAMPTZ,
    alone  BIGINT NOT NULL
);
