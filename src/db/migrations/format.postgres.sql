-- Whose the schema is, and in which format.
SELECT owner, number, mark FROM :schema.format;
