-- A commit is flushed, as the session began.
PRAGMA synchronous = FULL;
