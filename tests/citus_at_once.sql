-- Behind citus_stand_in.sql: what a register makes is spread when it is made, by the line of `vern db shard` that names it.
CREATE TABLE public.spread (line text);

CREATE FUNCTION public.spread_made() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    made record;
    said text;
BEGIN
    FOR made IN SELECT c.relname, c.relnamespace::regnamespace AS space
                  FROM pg_event_trigger_ddl_commands() AS d JOIN pg_class AS c ON c.oid = d.objid
                 WHERE d.classid = 'pg_class'::regclass AND c.relkind = 'r' AND NOT c.relispartition LOOP
        SELECT replace(line, ':schema', made.space::text) INTO said
          FROM public.spread WHERE strpos(line, '('':schema.' || made.relname || '''') > 0 LIMIT 1;
        IF said IS NOT NULL THEN
            EXECUTE said;
        END IF;
    END LOOP;
END $$;

CREATE EVENT TRIGGER spread_made ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
    EXECUTE FUNCTION public.spread_made();
