-- How many bytes the tables of the schema ($1) and their indexes take.
SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint
  FROM pg_class
 WHERE relnamespace = to_regnamespace($1) AND relkind = 'r';
