-- The next statement of a migration is run with this in one transaction: from format $1, of which $2 statements were run,
-- to format $3 with $4. No row: another server has run it meanwhile. The row's lock is the lease of whoever runs one.
UPDATE :schema.format SET number = $3, step = $4 WHERE number = $1 AND step = $2 RETURNING number;
