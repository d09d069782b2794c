-- A server that goes without a word is noticed within a minute, so that the next one may take over.
SET tcp_keepalives_idle = 15;
SET tcp_keepalives_interval = 5;
SET tcp_keepalives_count = 3;
