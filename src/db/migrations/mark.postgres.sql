-- Says whose the schema is ($1), in the transaction that makes it.
UPDATE :schema.format SET mark = $1;
