-- Marks a turn with its number ($1). It fails when the register was taken from this session ($2).
UPDATE :schema.turn
   SET number = $1, holder = CASE WHEN holder = $2 THEN holder END
 WHERE one = 1;
