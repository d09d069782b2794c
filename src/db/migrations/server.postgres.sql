-- What the server is, whether the schema ($1) and its table of formats ($2) are there, and which session this is.
SELECT current_setting('server_encoding'), current_setting('synchronous_commit'),
       (to_regnamespace($1) IS NOT NULL)::text, (to_regclass($2) IS NOT NULL)::text,
       pg_backend_pid()::bigint;
