-- Says how far the register has come while the baton is still held, and lets it go.
SELECT number FROM :schema.turn;
COMMIT;
