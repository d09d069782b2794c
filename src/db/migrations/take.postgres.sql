-- The turns are this session's ($1) from here on, for which its server holds the baton; what others still have on its way
-- fails. A crash of the database ends all sessions, so this need not outlive one.
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
UPDATE :schema.turn
   SET holder = $1,
       pid = pg_backend_pid(),
       began = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
  FROM quick
RETURNING number;
