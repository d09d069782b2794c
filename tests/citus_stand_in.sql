-- Citus is not in Debian. Its two functions as far as a plain PostgreSQL can be like it: a table that is distributed is
-- four partitions by the hash of its column, which refuse a key without that column. As Citus, where it finds its own.
CREATE FUNCTION pg_catalog.create_distributed_table(name text, spread_by text, colocate_with text DEFAULT 'default')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whole regclass := name;
    space text := (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = whole);
    leaf text := (SELECT relname FROM pg_class WHERE oid = whole);
BEGIN
    IF (SELECT relkind = 'p' FROM pg_class WHERE oid = whole) THEN
        RAISE EXCEPTION 'it is spread already' USING ERRCODE = '42P16';
    END IF;
    EXECUTE format('ALTER TABLE %s RENAME TO %I', whole, leaf || '_whole');
    EXECUTE format('CREATE TABLE %s.%I (LIKE %s.%I INCLUDING ALL) PARTITION BY HASH (%I)',
                   space, leaf, space, leaf || '_whole', spread_by);
    FOR part IN 0 .. 3 LOOP
        EXECUTE format('CREATE TABLE %s.%I PARTITION OF %s.%I FOR VALUES WITH (MODULUS 4, REMAINDER %s)',
                       space, leaf || '_part' || part, space, leaf, part);
    END LOOP;
    EXECUTE format('INSERT INTO %s.%I SELECT * FROM %s.%I', space, leaf, space, leaf || '_whole');
    EXECUTE format('DROP TABLE %s.%I', space, leaf || '_whole');
END $$;

CREATE FUNCTION pg_catalog.create_reference_table(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM name::regclass;
END $$;
