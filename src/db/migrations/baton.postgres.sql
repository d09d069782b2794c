-- Takes the baton, when whoever has it lets it go; and then, which is why it is a statement of its own, says how far the
-- register has come, who was the last to have a turn, and how often what it keeps of itself has changed.
BEGIN;
SELECT one FROM :schema.baton FOR UPDATE;
SELECT turn.number, encode(turn.holder, 'hex'),
       coalesce((SELECT convert_from(value, 'UTF8') FROM :schema.meta WHERE name = 'whole'), '0')
  FROM :schema.turn;
