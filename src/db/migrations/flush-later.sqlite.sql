-- A commit is not flushed; a checkpoint flushes the journal before it writes, and the file behind that.
PRAGMA synchronous = NORMAL;
