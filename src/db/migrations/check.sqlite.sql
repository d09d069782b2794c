-- One row that says "ok", or what is damaged.
PRAGMA quick_check(1);
