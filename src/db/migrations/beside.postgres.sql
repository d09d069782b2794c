-- Of a server beside others: one that stands still within a turn is taken for dead.
SET idle_in_transaction_session_timeout = '20s';
