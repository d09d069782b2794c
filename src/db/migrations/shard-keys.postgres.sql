-- Spreads the key rings over a cluster of Citus (`vern db shard`), in one transaction. The blind index is found by its
-- hash, and so lies apart from the people that it leads to.
-- stays :schema.format: it is counted in by sessions of the coordinator
-- stays :schema.turn: sessions of the coordinator hold its row
SELECT create_reference_table(':schema.meta');
SELECT create_distributed_table(':schema.ring', 'subject');
SELECT create_distributed_table(':schema.fence', 'subject', colocate_with => ':schema.ring');
SELECT create_distributed_table(':schema.blind', 'hash', colocate_with => 'none');
