-- Is the entry of this number ($1) that one ($2)? No row: no.
SELECT number FROM :schema.entry WHERE number = $1 AND bytes = $2;
