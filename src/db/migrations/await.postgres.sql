-- Waits for what a lost session still does, which holds this row; and, where a standby must have it, until it has.
UPDATE :schema.turn SET number = number;
