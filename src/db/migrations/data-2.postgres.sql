-- The schema of one register's data in PostgreSQL, format 2: the log of a register that several servers may serve. Each
-- entry comes in the transaction of what it tells; each server makes the files of the log from these rows. Of other
-- registers both tables are empty.

-- They are about nobody: an entry has handles alone.
CREATE TABLE entry (
    number BIGINT NOT NULL PRIMARY KEY,
    bytes  BYTEA NOT NULL
);

-- The lists of people that entries of bulk uses name by their root.
CREATE TABLE manifest (
    root  BYTEA NOT NULL PRIMARY KEY,
    lines BYTEA NOT NULL
);
ALTER TABLE manifest ALTER COLUMN lines SET STORAGE EXTERNAL;
