-- The schema of one register's data in PostgreSQL, format 4: a row of the outbox has a line for each entry of its turn,
-- which earlier programs take for one entry.

COMMENT ON TABLE outbox IS 'entries of a turn that the log may lack, a line each';
