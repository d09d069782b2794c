-- The server that holds the baton ($1) is on duty: a row, where it was or nobody that lives is.
UPDATE :schema.baton
   SET duty = $1
 WHERE duty = $1
    OR NOT EXISTS (SELECT FROM :schema.server AS other
                     JOIN pg_stat_activity AS session
                       ON session.pid = other.pid AND session.backend_start = other.began
                    WHERE other.holder = baton.duty)
RETURNING one;
