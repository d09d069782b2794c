-- Reads every row of the data through.
SELECT (SELECT count(sha256(sealed)) FROM :schema.dossier) +
       (SELECT count(sha256(sealed)) FROM :schema.item) +
       (SELECT count(sha256(sealed)) FROM :schema.chunk) +
       (SELECT count(sha256(sealed)) FROM :schema.note) +
       (SELECT count(record) FROM :schema.loose) + (SELECT count(hour) FROM :schema.due) +
       (SELECT count(tag) FROM :schema.live) + (SELECT count(sha256(bytes)) FROM :schema.outbox) +
       (SELECT count(sha256(bytes)) FROM :schema.entry) +
       (SELECT count(sha256(lines)) FROM :schema.manifest) +
       (SELECT count(request) FROM :schema.idempotency) + (SELECT count(value) FROM :schema.meta);
