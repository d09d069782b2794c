-- Of the session that holds the baton: what it writes is of no use to anybody after a crash of the database, and nobody
-- waits for a baton, or keeps one, for ever.
SET synchronous_commit = off;
SET lock_timeout = '25s';
