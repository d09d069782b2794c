-- Whoever adds to the log holds the row of turns, when its number is still that ($1): else no row.
SELECT number FROM :schema.turn WHERE number = $1 FOR UPDATE;
