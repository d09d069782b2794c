-- Whose the schema is, in which format, and how many statements of the next one were run already: -1 where the table
-- is of a time before it said that (columns.postgres.sql).
SELECT owner, number, coalesce(to_jsonb(format) ->> 'mark', ''),
       coalesce((to_jsonb(format) ->> 'step')::bigint, -1)
  FROM :schema.format;
