-- Whose the schema is, and in which format.
SELECT owner, number FROM :schema.format;
