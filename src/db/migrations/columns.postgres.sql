-- What the table of formats had to say later than when it was made. No format of its own, since formats are counted in
-- it: whoever finds one of these columns missing adds it, as often as may be.
ALTER TABLE format ADD COLUMN IF NOT EXISTS mark TEXT NOT NULL DEFAULT '';
ALTER TABLE format ADD COLUMN IF NOT EXISTS step BIGINT NOT NULL DEFAULT 0;
