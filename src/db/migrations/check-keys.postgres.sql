-- Reads every row of the keys through.
SELECT (SELECT count(sha256(sealed)) FROM :schema.ring) +
       (SELECT count(subject) FROM :schema.blind) + (SELECT count(sha256(act)) FROM :schema.fence) +
       (SELECT count(value) FROM :schema.meta);
