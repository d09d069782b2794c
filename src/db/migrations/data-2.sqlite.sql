-- data.db, format 2. Facts of more than a thousand bytes fill most of a page: in a clustered table what does not
-- fit into a quarter of one goes to a page of its own, which is then half empty and written with each change. So the
-- facts lie in a plain table, in the order of their coming, and only ids in the index.

CREATE TABLE dossier_2 (
    subject BLOB NOT NULL PRIMARY KEY,
    kind    INTEGER NOT NULL,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL
);
INSERT INTO dossier_2 SELECT subject, kind, version, sealed FROM dossier;
DROP TABLE dossier;
ALTER TABLE dossier_2 RENAME TO dossier;
CREATE INDEX dossier_kind ON dossier (kind, subject);

PRAGMA user_version = 2;
