-- Takes the baton with others, when whoever has it alone lets it go; else as baton.postgres.sql. And is the session there
-- that was alone last? One that died in its turn has perhaps left half of it in the keys.
BEGIN ISOLATION LEVEL READ COMMITTED;
LOCK TABLE :schema.baton IN ROW SHARE MODE;
SELECT turn.number, encode(turn.holder, 'hex'),
       coalesce((SELECT convert_from(value, 'UTF8') FROM :schema.meta WHERE name = 'whole'), '0'),
       (SELECT coalesce(max(number) + 1, 0) FROM :schema.entry),
       (SELECT count(*) FROM pg_stat_get_activity(turn.pid::integer) AS session WHERE session.backend_start = turn.began)
  FROM :schema.turn;
