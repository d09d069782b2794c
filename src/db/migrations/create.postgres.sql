-- Before the first migration, in its transaction.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
CREATE SCHEMA :schema;
SET LOCAL search_path TO :schema;
