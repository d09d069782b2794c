-- Spreads the data over a cluster of Citus (`vern db shard`), in one transaction: all of one person lies on one node.
-- stays :schema.format: it is counted in by sessions of the coordinator
-- stays :schema.turn: sessions of the coordinator hold its row
-- stays :schema.entry: the log of several servers is about nobody, and read as one
-- stays :schema.manifest: as the entries that name it
-- stays :schema.baton: sessions of the coordinator hold its row
-- stays :schema.server: it is about sessions of the coordinator
SELECT create_reference_table(':schema.meta');
SELECT create_distributed_table(':schema.dossier', 'subject');
SELECT create_distributed_table(':schema.item', 'subject', colocate_with => ':schema.dossier');
SELECT create_distributed_table(':schema.chunk', 'subject', colocate_with => ':schema.dossier');
SELECT create_distributed_table(':schema.note', 'subject', colocate_with => ':schema.dossier');
SELECT create_distributed_table(':schema.loose', 'subject', colocate_with => ':schema.dossier');
SELECT create_distributed_table(':schema.due', 'subject', colocate_with => ':schema.dossier');
SELECT create_distributed_table(':schema.live', 'subject', colocate_with => ':schema.dossier');
SELECT create_distributed_table(':schema.outbox', 'subject', colocate_with => ':schema.dossier');
SELECT create_distributed_table(':schema.idempotency', 'subject', colocate_with => ':schema.dossier');
