-- Takes the baton, alone, when all who have it let it go; and then, which is why it is a statement of its own, says how far
-- the register has come, who was the last to have a turn alone, how often what it keeps of itself has changed, and how
-- long its log is.
BEGIN ISOLATION LEVEL READ COMMITTED;
LOCK TABLE :schema.baton IN EXCLUSIVE MODE;
SELECT turn.number, encode(turn.holder, 'hex'),
       coalesce((SELECT convert_from(value, 'UTF8') FROM :schema.meta WHERE name = 'whole'), '0'),
       (SELECT coalesce(max(number) + 1, 0) FROM :schema.entry), 1
  FROM :schema.turn;
