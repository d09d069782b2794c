-- data.db, format 4: a row of the outbox has a line for each entry of its turn, which earlier programs take for one entry.

PRAGMA user_version = 4;
