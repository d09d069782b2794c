-- Before a migration, in its transaction.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL search_path TO :schema;
