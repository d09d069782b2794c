-- Says that this server ($1) has the register open, alone ($2 is 1) or beside others; no row: another one that lives is in
-- its way. To be asked by who holds the baton. Servers whose sessions are gone are, too.
WITH gone AS (
    DELETE FROM :schema.server
     WHERE holder <> $1
       AND NOT EXISTS (SELECT FROM pg_stat_activity AS session
                        WHERE session.pid = server.pid AND session.backend_start = server.began)
)
INSERT INTO :schema.server (holder, pid, began, alone)
SELECT $1, pg_backend_pid(), (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()), $2
 WHERE NOT EXISTS (SELECT FROM :schema.server AS other
                     JOIN pg_stat_activity AS session
                       ON session.pid = other.pid AND session.backend_start = other.began
                    WHERE other.holder <> $1 AND ($2::bigint = 1 OR other.alone = 1))
    ON CONFLICT (holder) DO UPDATE SET pid = excluded.pid, began = excluded.began
RETURNING alone;
