-- Takes the register for this session ($1) from the lost one ($2) of the same server. It waits for
-- what that one still does: so the number is that of the last turn that was kept.
UPDATE :schema.turn
   SET holder = $1,
       pid = pg_backend_pid(),
       began = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
 WHERE holder = $2 OR holder = $1
RETURNING number;
