-- A register that has ended goes.
DROP SCHEMA IF EXISTS :schema CASCADE;
