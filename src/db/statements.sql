-- Every statement that the program can send. tools/embed.c reads this file when the program is
-- built and makes a typed function of each (see statements.gen.h in the build folder).
--
--   name:   the function is db_<name>()
--   does:   one line for its reader
--   file:   data | keys | both | turn (turns and checks, sent by db.c alone)
--   in:     parameters in the order of $1, $2, ...; types: dossier record hash int count instant
--           text bytes
--   out:    columns of a row, likewise
--   gives:  nothing | changed (rows) | one (row or none) | many (rows)
--   ahead:  yes: it may be asked before somebody starts it, as db_<name>_ahead(); its first parameter is the subject
--   postgres: its spelling there, where it is another one, which only turns may have
--   kept:   by subject: its rows stay in memory until something about that subject is written (kept.c)
--   mark:   why no "subject = $n" is needed: cross (many people; no row locks, may see half of a
--           change), reference (a small table that is about nobody), hashed (keyed by the hash), log (entries, which
--           have an order of their own)
--
-- What shards: the subject is the first column of every key, times and ids are parameters, and
-- there is no now(), random(), sequence or trigger. src/db/catalogue_test.c holds these rules.

-- ---------------------------------------------------------------------------------------- turns

-- name: turn_begin
-- does: Opens the transaction of a turn, for writing.
-- file: turn
-- postgres: BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE
BEGIN IMMEDIATE;

-- name: turn_commit
-- does: Makes the turn durable.
-- file: turn
COMMIT;

-- name: turn_rollback
-- does: Takes the whole turn back.
-- file: turn
ROLLBACK;

-- name: reads_begin
-- does: Opens the transaction that reads of a file share between turns that write; sqlite.c alone sends it.
-- file: turn
BEGIN;

-- name: reads_end
-- does: Ends it.
-- file: turn
COMMIT;

-- name: operation_begin
-- does: One operation within the turn begins.
-- file: turn
SAVEPOINT operation;

-- name: operation_end
-- does: The operation stays.
-- file: turn
RELEASE SAVEPOINT operation;

-- name: operation_undo
-- does: The operation is taken back; the turn stands.
-- file: turn
ROLLBACK TO SAVEPOINT operation;

-- ------------------------------------------------------------------------------------- dossiers

-- name: dossier_get
-- does: The sealed facts of one dossier.
-- file: data
-- in: subject dossier
-- out: kind int, version count, sealed bytes
-- gives: one
-- kept: by subject
-- ahead: yes
SELECT kind, version, sealed FROM dossier WHERE subject = $1;

-- name: dossier_add
-- does: Stores a new dossier; one that is there already is a CONFLICT.
-- file: data
-- in: subject dossier, kind int, version count, sealed bytes
INSERT INTO dossier (subject, kind, version, sealed) VALUES ($1, $2, $3, $4);

-- name: dossier_set
-- does: Replaces the facts when the stored version is the one that the caller read.
-- file: data
-- in: subject dossier, old_version count, version count, sealed bytes
-- gives: changed
UPDATE dossier SET version = $3, sealed = $4 WHERE subject = $1 AND version = $2;

-- name: dossier_put
-- does: Stores the facts, whatever was there; a dossier that is there stays of its kind, and so in its index.
-- file: data
-- in: subject dossier, kind int, version count, sealed bytes
INSERT INTO dossier (subject, kind, version, sealed) VALUES ($1, $2, $3, $4)
    ON CONFLICT (subject) DO UPDATE SET version = excluded.version, sealed = excluded.sealed;

-- name: dossier_drop
-- does: Takes the facts of a dossier away.
-- file: data
-- in: subject dossier
-- gives: changed
DELETE FROM dossier WHERE subject = $1;

-- name: dossier_list
-- does: Dossiers of a kind after an id, in the order of ids.
-- file: data
-- in: kind int, after dossier, limit int
-- out: subject dossier, version count
-- gives: many
-- mark: cross
SELECT subject, version FROM dossier WHERE kind = $1 AND subject > $2 ORDER BY subject LIMIT $3;

-- name: dossier_list_all
-- does: Dossiers of every kind after an id, in the order of ids (doctor, restore, re-settle).
-- file: data
-- in: after dossier, limit int
-- out: subject dossier, kind int, version count
-- gives: many
-- mark: cross
SELECT subject, kind, version FROM dossier WHERE subject > $1 ORDER BY subject LIMIT $2;

-- name: dossier_count
-- does: How many dossiers of a kind there are.
-- file: data
-- in: kind int
-- out: count count
-- gives: one
-- mark: cross
SELECT COUNT(*) FROM dossier WHERE kind = $1;

-- name: dossier_behind
-- does: The dossier of a kind behind so many others in the order of ids, if there are as many.
-- file: data
-- in: kind int, others int
-- out: subject dossier
-- gives: one
-- mark: cross
SELECT subject FROM dossier WHERE kind = $1 ORDER BY subject LIMIT 1 OFFSET $2;

-- ---------------------------------------------------------------------------------------- items

-- name: item_get
-- does: One sealed item.
-- file: data
-- in: subject dossier, record record
-- out: sealed bytes
-- gives: one
-- ahead: yes
SELECT sealed FROM item WHERE subject = $1 AND record = $2;

-- name: item_list
-- does: All items of a dossier.
-- file: data
-- in: subject dossier
-- out: record record, sealed bytes
-- gives: many
-- kept: by subject
-- ahead: yes
SELECT record, sealed FROM item WHERE subject = $1 ORDER BY record;

-- name: item_names
-- does: Which items a dossier has, without their bytes.
-- file: data
-- in: subject dossier
-- out: record record
-- gives: many
SELECT record FROM item WHERE subject = $1 ORDER BY record;

-- name: item_put
-- does: Stores an item, in place of what was there under its id.
-- file: data
-- in: subject dossier, record record, sealed bytes
INSERT INTO item (subject, record, sealed) VALUES ($1, $2, $3)
    ON CONFLICT (subject, record) DO UPDATE SET sealed = excluded.sealed;

-- name: item_drop
-- does: Takes one item away.
-- file: data
-- in: subject dossier, record record
-- gives: changed
DELETE FROM item WHERE subject = $1 AND record = $2;

-- name: item_drop_all
-- does: Takes all items of a dossier away.
-- file: data
-- in: subject dossier
-- gives: changed
DELETE FROM item WHERE subject = $1;

-- name: item_count
-- does: How many items there are in the register.
-- file: data
-- out: count count
-- gives: one
-- mark: cross
SELECT COUNT(*) FROM item;

-- --------------------------------------------------------------------------------------- chunks

-- name: chunk_get
-- does: One sealed part of a large item.
-- file: data
-- in: subject dossier, record record, part int
-- out: sealed bytes
-- gives: one
SELECT sealed FROM chunk WHERE subject = $1 AND record = $2 AND part = $3;

-- name: chunk_put
-- does: Stores one part of a large item.
-- file: data
-- in: subject dossier, record record, part int, sealed bytes
INSERT INTO chunk (subject, record, part, sealed) VALUES ($1, $2, $3, $4)
    ON CONFLICT (subject, record, part) DO UPDATE SET sealed = excluded.sealed;

-- name: chunk_count
-- does: How many parts of a large item there are.
-- file: data
-- in: subject dossier, record record
-- out: count count
-- gives: one
SELECT COUNT(*) FROM chunk WHERE subject = $1 AND record = $2;

-- name: chunk_total
-- does: How many parts there are, whosever.
-- file: data
-- out: count count
-- gives: one
-- mark: cross
SELECT COUNT(*) FROM chunk;

-- name: chunk_last
-- does: The numbers of the last parts that are there, of a large item that is being taken away.
-- file: data
-- in: subject dossier, record record, limit int
-- out: part int
-- gives: many
SELECT part FROM chunk WHERE subject = $1 AND record = $2 ORDER BY part DESC LIMIT $3;

-- name: chunk_drop
-- does: Takes the parts of a large item from a number on away.
-- file: data
-- in: subject dossier, record record, part int
-- gives: changed
DELETE FROM chunk WHERE subject = $1 AND record = $2 AND part >= $3;

-- name: loose_put
-- does: The parts under this id belong to no item.
-- file: data
-- in: subject dossier, record record
INSERT INTO loose (subject, record) VALUES ($1, $2) ON CONFLICT (subject, record) DO NOTHING;

-- name: loose_put_all
-- does: No part of this dossier belongs to an item any more.
-- file: data
-- in: subject dossier
INSERT INTO loose (subject, record) SELECT DISTINCT subject, record FROM chunk WHERE subject = $1
    ON CONFLICT (subject, record) DO NOTHING;

-- name: loose_drop
-- does: The parts belong to an item now, or are gone.
-- file: data
-- in: subject dossier, record record
-- gives: changed
DELETE FROM loose WHERE subject = $1 AND record = $2;

-- name: loose_list
-- does: Ids of parts that belong to no item.
-- file: data
-- in: after dossier, limit int
-- out: subject dossier, record record
-- gives: many
-- mark: cross
SELECT subject, record FROM loose WHERE subject >= $1 ORDER BY subject, record LIMIT $2;

-- ---------------------------------------------------------------------------------------- notes

-- name: note_list
-- does: Notes beside the facts of a dossier that follow one, in the order of ids.
-- file: data
-- in: subject dossier, after record, limit int
-- out: record record, sealed bytes
-- gives: many
SELECT record, sealed FROM note WHERE subject = $1 AND record > $2 ORDER BY record LIMIT $3;

-- name: note_put
-- does: Adds a note.
-- file: data
-- in: subject dossier, record record, sealed bytes
INSERT INTO note (subject, record, sealed) VALUES ($1, $2, $3);

-- name: note_drop
-- does: Takes one note away.
-- file: data
-- in: subject dossier, record record
-- gives: changed
DELETE FROM note WHERE subject = $1 AND record = $2;

-- name: note_drop_all
-- does: Takes all notes of a dossier away.
-- file: data
-- in: subject dossier
-- gives: changed
DELETE FROM note WHERE subject = $1;

-- ------------------------------------------------------------------------------------------ due

-- name: due_put
-- does: When a dossier is to be settled again, in hours since 1970; what stays as it is is not written.
-- file: data
-- in: subject dossier, hour int
INSERT INTO due (subject, hour) VALUES ($1, $2)
    ON CONFLICT (subject) DO UPDATE SET hour = excluded.hour WHERE due.hour <> excluded.hour;

-- name: due_drop
-- does: Nothing about a dossier ends by itself.
-- file: data
-- in: subject dossier
-- gives: changed
DELETE FROM due WHERE subject = $1;

-- name: due_get
-- does: The hour in which a dossier is due.
-- file: data
-- in: subject dossier
-- out: hour int
-- gives: one
SELECT hour FROM due WHERE subject = $1;

-- name: due_until
-- does: Dossiers due in an hour or before it, the oldest first.
-- file: data
-- in: hour int, limit int
-- out: subject dossier, hour int
-- gives: many
-- mark: cross
SELECT subject, hour FROM due WHERE hour <= $1 ORDER BY hour, subject LIMIT $2;

-- name: due_after
-- does: Dossiers due in an hour or before it that follow a place in that order (paging a sweep).
-- file: data
-- in: hour int, after_hour int, after dossier, limit int
-- out: subject dossier, hour int
-- gives: many
-- mark: cross
SELECT subject, hour FROM due WHERE hour <= $1 AND (hour, subject) > ($2, $3)
 ORDER BY hour, subject LIMIT $4;

-- name: due_count
-- does: How many dossiers are due in an hour or before it.
-- file: data
-- in: hour int
-- out: count count
-- gives: one
-- mark: cross
SELECT COUNT(*) FROM due WHERE hour <= $1;

-- ----------------------------------------------------------------------------------------- live

-- name: live_put
-- does: Tags a dossier.
-- file: data
-- in: subject dossier, tag bytes
INSERT INTO live (subject, tag) VALUES ($1, $2) ON CONFLICT (subject, tag) DO NOTHING;

-- name: live_drop
-- does: Takes one tag off a dossier.
-- file: data
-- in: subject dossier, tag bytes
-- gives: changed
DELETE FROM live WHERE subject = $1 AND tag = $2;

-- name: live_drop_all
-- does: Takes all tags off a dossier.
-- file: data
-- in: subject dossier
-- gives: changed
DELETE FROM live WHERE subject = $1;

-- name: live_of
-- does: The tags of a dossier.
-- file: data
-- in: subject dossier
-- out: tag bytes
-- gives: many
SELECT tag FROM live WHERE subject = $1 ORDER BY tag;

-- name: live_by_tag
-- does: Dossiers with a tag after an id, in the order of ids.
-- file: data
-- in: tag bytes, after dossier, limit int
-- out: subject dossier
-- gives: many
-- mark: cross
SELECT subject FROM live WHERE tag = $1 AND subject > $2 ORDER BY subject LIMIT $3;

-- name: live_count
-- does: How many dossiers have a tag.
-- file: data
-- in: tag bytes
-- out: count count
-- gives: one
-- mark: cross
SELECT COUNT(*) FROM live WHERE tag = $1;

-- --------------------------------------------------------------------------------------- outbox

-- name: outbox_put
-- does: Keeps log entries, a line each, with the changes that they tell; `place` is the caller's order of rows.
-- file: data
-- in: subject dossier, entry record, place count, bytes bytes
INSERT INTO outbox (subject, entry, place, bytes) VALUES ($1, $2, $3, $4);

-- name: outbox_list
-- does: All rows of entries that wait for the log, in their order.
-- file: data
-- out: subject dossier, entry record, place count, bytes bytes
-- gives: many
-- mark: cross
SELECT subject, entry, place, bytes FROM outbox ORDER BY place, entry;

-- name: outbox_drop
-- does: Forgets one entry that the log has.
-- file: data
-- in: subject dossier, entry record
-- gives: changed
DELETE FROM outbox WHERE subject = $1 AND entry = $2;

-- name: outbox_clear
-- does: Forgets all rows up to a place, whose entries the log has; a newer one comes in the same turn.
-- file: data
-- in: place count
-- gives: changed
-- mark: cross
DELETE FROM outbox WHERE place <= $1;

-- name: outbox_last
-- does: The place of the newest row; 0 before the first.
-- file: data
-- out: place count
-- gives: one
-- mark: cross
SELECT COALESCE(MAX(place), 0) FROM outbox;

-- name: outbox_count
-- does: How many rows of entries there are.
-- file: data
-- out: count count
-- gives: one
-- mark: cross
SELECT COUNT(*) FROM outbox;

-- ------------------------------------------------------------------------------------------ log

-- name: entry_put
-- does: Keeps an entry of the log in the transaction of what it tells.
-- file: data
-- in: number count, bytes bytes
-- mark: log
INSERT INTO entry (number, bytes) VALUES ($1, $2);

-- name: entry_from
-- does: Entries of the log from a number on, in their order.
-- file: data
-- in: number count, limit int
-- out: number count, bytes bytes
-- gives: many
-- mark: log
SELECT number, bytes FROM entry WHERE number >= $1 ORDER BY number LIMIT $2;

-- name: entry_next
-- does: The number that the next entry of the log will have.
-- file: data
-- out: number count
-- gives: one
-- mark: log
SELECT COALESCE(MAX(number) + 1, 0) FROM entry;

-- name: manifest_put
-- does: Keeps a list of people that an entry names by its root.
-- file: data
-- in: root hash, lines bytes
-- mark: log
INSERT INTO manifest (root, lines) VALUES ($1, $2) ON CONFLICT (root) DO NOTHING;

-- name: manifest_get
-- does: The list of people of that root.
-- file: data
-- in: root hash
-- out: lines bytes
-- gives: one
-- mark: log
SELECT lines FROM manifest WHERE root = $1;

-- ---------------------------------------------------------------------------------- idempotency

-- name: once_get
-- does: What a write under this key answered, while it has not expired.
-- file: data
-- in: subject dossier, key hash, hour int
-- out: request hash, status int, ids bytes, log_index count, expires int
-- gives: one
SELECT request, status, ids, log_index, expires FROM idempotency
 WHERE subject = $1 AND key = $2 AND expires > $3;

-- name: once_put
-- does: Keeps what a write answered; expires is in hours since 1970.
-- file: data
-- in: subject dossier, key hash, request hash, status int, ids bytes, log_index count, expires int
INSERT INTO idempotency (subject, key, request, status, ids, log_index, expires)
VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (subject, key) DO UPDATE
    SET request = excluded.request, status = excluded.status, ids = excluded.ids,
        log_index = excluded.log_index, expires = excluded.expires;

-- name: once_drop_all
-- does: Forgets all that a token wrote.
-- file: data
-- in: subject dossier
-- gives: changed
DELETE FROM idempotency WHERE subject = $1;

-- name: once_purge
-- does: Forgets what expired in an hour or before it.
-- file: data
-- in: hour int
-- gives: changed
-- mark: cross
DELETE FROM idempotency WHERE expires <= $1;

-- ----------------------------------------------------------------------------------------- meta

-- name: meta_get
-- does: One small value of the whole file.
-- file: both
-- in: name text
-- out: value bytes
-- gives: one
-- mark: reference
SELECT value FROM meta WHERE name = $1;

-- name: meta_put
-- does: Sets one small value of the whole file.
-- file: both
-- in: name text, value bytes
-- mark: reference
INSERT INTO meta (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: meta_drop
-- does: Forgets one small value of the whole file.
-- file: both
-- in: name text
-- gives: changed
-- mark: reference
DELETE FROM meta WHERE name = $1;

-- name: meta_list
-- does: All small values whose name begins with what lies between two texts.
-- file: both
-- in: first text, past text
-- out: name text, value bytes
-- gives: many
-- mark: reference
SELECT name, value FROM meta WHERE name >= $1 AND name < $2 ORDER BY name;

-- ---------------------------------------------------------------------------------------- rings

-- name: ring_get
-- does: The sealed parts of a dossier's key ring, in order.
-- file: keys
-- in: subject dossier
-- out: part int, sealed bytes
-- gives: many
-- ahead: yes
SELECT part, sealed FROM ring WHERE subject = $1 ORDER BY part;

-- name: ring_add
-- does: A new part of a ring. Rows are only ever added at the end of the table.
-- file: keys
-- in: subject dossier, part int, sealed bytes
INSERT INTO ring (subject, part, sealed) VALUES ($1, $2, $3);

-- name: ring_set
-- does: Overwrites a part with bytes of the same length, in place.
-- file: keys
-- in: subject dossier, part int, sealed bytes
-- gives: changed
UPDATE ring SET sealed = $3 WHERE subject = $1 AND part = $2;

-- name: ring_list
-- does: First parts of rings after an id, in the order of ids; erased ones are all zeros.
-- file: keys
-- in: after dossier, limit int
-- out: subject dossier, sealed bytes
-- gives: many
-- mark: cross
SELECT subject, sealed FROM ring WHERE part = 0 AND subject > $1 ORDER BY subject LIMIT $2;

-- -------------------------------------------------------------------------------------- fences

-- name: fence_put
-- does: A durable mark that something was taken away; the same one again changes nothing.
-- file: keys
-- in: subject dossier, version count, kind int, at instant, request record, act bytes
INSERT INTO fence (subject, version, kind, at, request, act, done)
VALUES ($1, $2, $3, $4, $5, $6, 0)
    ON CONFLICT (subject, version) DO NOTHING;

-- name: fence_done
-- does: What the fence tells has happened everywhere.
-- file: keys
-- in: subject dossier, version count
-- gives: changed
UPDATE fence SET done = 1 WHERE subject = $1 AND version = $2 AND done = 0;

-- name: fence_drop
-- does: What the fence tells never happened.
-- file: keys
-- in: subject dossier, version count
-- gives: changed
DELETE FROM fence WHERE subject = $1 AND version = $2;

-- name: fence_above
-- does: Fences of a dossier above a version, in order.
-- file: keys
-- in: subject dossier, version count
-- out: version count, kind int, at instant, request record, act bytes
-- gives: many
SELECT version, kind, at, request, act FROM fence
 WHERE subject = $1 AND version > $2 ORDER BY version;

-- name: fence_whole
-- does: The version of the fence that says a dossier is erased.
-- file: keys
-- in: subject dossier
-- out: version count
-- gives: one
SELECT version FROM fence WHERE subject = $1 AND kind = 2 ORDER BY version DESC LIMIT 1;

-- name: fence_list
-- does: All fences after a place in their order.
-- file: keys
-- in: after dossier, after_version count, limit int
-- out: subject dossier, version count, kind int, at instant, request record, act bytes
-- gives: many
-- mark: cross
SELECT subject, version, kind, at, request, act FROM fence
 WHERE (subject, version) > ($1, $2) ORDER BY subject, version LIMIT $3;

-- name: fence_list_open
-- does: Fences whose work may not be finished, after a place in their order.
-- file: keys
-- in: after dossier, after_version count, limit int
-- out: subject dossier, version count, kind int, at instant, request record, act bytes
-- gives: many
-- mark: cross
SELECT subject, version, kind, at, request, act FROM fence
 WHERE done = 0 AND (subject, version) > ($1, $2) ORDER BY subject, version LIMIT $3;

-- ---------------------------------------------------------------------------------- blind index

-- name: blind_add
-- does: A keyed hash leads to a dossier.
-- file: keys
-- in: hash hash, subject dossier
-- mark: hashed
INSERT INTO blind (hash, subject) VALUES ($1, $2) ON CONFLICT (hash, subject) DO NOTHING;

-- name: blind_drop
-- does: A keyed hash no longer leads to a dossier.
-- file: keys
-- in: hash hash, subject dossier
-- gives: changed
DELETE FROM blind WHERE hash = $1 AND subject = $2;

-- name: blind_list
-- does: All entries of the blind index after a place in their order (restore).
-- file: keys
-- in: after hash, after_subject dossier, limit int
-- out: hash hash, subject dossier
-- gives: many
-- mark: cross
SELECT hash, subject FROM blind WHERE (hash, subject) > ($1, $2) ORDER BY hash, subject LIMIT $3;

-- name: blind_find_some
-- does: Some of the dossiers that a keyed hash leads to, the first in their order.
-- file: keys
-- in: hash hash, limit int
-- out: subject dossier
-- gives: many
-- mark: hashed
SELECT subject FROM blind WHERE hash = $1 ORDER BY subject LIMIT $2;

-- name: blind_find
-- does: The dossiers that a keyed hash leads to.
-- file: keys
-- in: hash hash
-- out: subject dossier
-- gives: many
-- mark: hashed
SELECT subject FROM blind WHERE hash = $1 ORDER BY subject;

-- --------------------------------------------------------------------------------------- moving

-- name: move_meta
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: both
-- in: after text, limit int
-- out: name text, value bytes
-- gives: many
-- mark: reference
SELECT name, value FROM meta
 WHERE name > $1
 ORDER BY name LIMIT $2;

-- name: move_dossier
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, limit int
-- out: subject dossier, kind int, version count, sealed bytes
-- gives: many
-- mark: cross
SELECT subject, kind, version, sealed FROM dossier
 WHERE subject > $1
 ORDER BY subject LIMIT $2;

-- name: move_item
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, after_record record, limit int
-- out: subject dossier, record record, sealed bytes
-- gives: many
-- mark: cross
SELECT subject, record, sealed FROM item
 WHERE (subject, record) > ($1, $2)
 ORDER BY subject, record LIMIT $3;

-- name: move_chunk
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, after_record record, after_part int, limit int
-- out: subject dossier, record record, part int, sealed bytes
-- gives: many
-- mark: cross
SELECT subject, record, part, sealed FROM chunk
 WHERE (subject, record, part) > ($1, $2, $3)
 ORDER BY subject, record, part LIMIT $4;

-- name: move_note
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, after_record record, limit int
-- out: subject dossier, record record, sealed bytes
-- gives: many
-- mark: cross
SELECT subject, record, sealed FROM note
 WHERE (subject, record) > ($1, $2)
 ORDER BY subject, record LIMIT $3;

-- name: move_loose
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, after_record record, limit int
-- out: subject dossier, record record
-- gives: many
-- mark: cross
SELECT subject, record FROM loose
 WHERE (subject, record) > ($1, $2)
 ORDER BY subject, record LIMIT $3;

-- name: move_due
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, limit int
-- out: subject dossier, hour int
-- gives: many
-- mark: cross
SELECT subject, hour FROM due
 WHERE subject > $1
 ORDER BY subject LIMIT $2;

-- name: move_live
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, after_tag bytes, limit int
-- out: subject dossier, tag bytes
-- gives: many
-- mark: cross
SELECT subject, tag FROM live
 WHERE (subject, tag) > ($1, $2)
 ORDER BY subject, tag LIMIT $3;

-- name: move_outbox
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, after_entry record, limit int
-- out: subject dossier, entry record, place count, bytes bytes
-- gives: many
-- mark: cross
SELECT subject, entry, place, bytes FROM outbox
 WHERE (subject, entry) > ($1, $2)
 ORDER BY subject, entry LIMIT $3;

-- name: move_once
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: data
-- in: after dossier, after_key hash, limit int
-- out: subject dossier, key hash, request hash, status int, ids bytes, log_index count, expires int
-- gives: many
-- mark: cross
SELECT subject, key, request, status, ids, log_index, expires FROM idempotency
 WHERE (subject, key) > ($1, $2)
 ORDER BY subject, key LIMIT $3;

-- name: move_ring
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: keys
-- in: after dossier, after_part int, limit int
-- out: subject dossier, part int, sealed bytes
-- gives: many
-- mark: cross
SELECT subject, part, sealed FROM ring
 WHERE (subject, part) > ($1, $2)
 ORDER BY subject, part LIMIT $3;

-- name: move_fence
-- does: Whole rows of the table in the order of its key, to be moved to another store.
-- file: keys
-- in: after dossier, after_version count, limit int
-- out: subject dossier, version count, kind int, at instant, request record, act bytes, done int
-- gives: many
-- mark: cross
SELECT subject, version, kind, at, request, act, done FROM fence
 WHERE (subject, version) > ($1, $2)
 ORDER BY subject, version LIMIT $3;

-- name: fence_move
-- does: A fence as another store has it, done or not.
-- file: keys
-- in: subject dossier, version count, kind int, at instant, request record, act bytes, done int
INSERT INTO fence (subject, version, kind, at, request, act, done)
VALUES ($1, $2, $3, $4, $5, $6, $7);
