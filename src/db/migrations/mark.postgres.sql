-- Says whose the schema is ($1), and that it has all formats up to $2, in the transaction that makes it.
UPDATE :schema.format SET mark = $1, number = $2;
