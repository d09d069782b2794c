-- Takes the register for this session ($1), unless the session that has it still lives. Behind a
-- pooler ($2 is 1) that cannot be known: there the later one takes it from the earlier.
UPDATE :schema.turn
   SET holder = $1,
       pid = pg_backend_pid(),
       began = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
 WHERE $2::bigint = 1
    OR NOT EXISTS (SELECT FROM pg_stat_activity AS other
                    WHERE other.pid = turn.pid AND other.backend_start = turn.began
                      AND other.pid <> pg_backend_pid())
RETURNING number;
