-- data.db, format 3: as the schema in PostgreSQL has them. They are empty in a file: several servers do not serve one.

CREATE TABLE entry (
    number INTEGER NOT NULL PRIMARY KEY,
    bytes  BLOB NOT NULL
);
CREATE TABLE manifest (
    root  BLOB NOT NULL PRIMARY KEY,
    lines BLOB NOT NULL
) WITHOUT ROWID;

PRAGMA user_version = 3;
