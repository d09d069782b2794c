/* keys: the root key, epochs, key rings, the blind index and the fences of one register.
 *
 *   root key --wraps--> epoch key --wraps--> ring of one dossier --holds--> category keys
 *                                                                \--------> log handle key, salts
 *
 * A dossier whose ring is gone is erased: no copy of our files opens it once the epoch has ended.
 * Nothing that must be forgotten singly is derived from something that stays.
 *
 * Everything here happens in a TURN: calls change keys.db inside one open transaction;
 * keys_commit() makes additions and fences durable (stage 1, before the data changes), and
 * keys_commit_forgotten() takes away what was marked (stage 4, after the log holds the entry) and
 * truncates the journal, so that a forgotten key is in no file when the reply goes out.
 *
 * Holds: key material stays in `secret` and in `struct ring`, leaves only as a seal or an opened
 * value, and is wiped. Does not hold: nothing here knows policies; names are texts.
 * Memory: rings live in a bounded cache inside `struct keys`; a ring pointer is valid until the
 * next keys_commit_forgotten(), keys_forget_later(), keys_trim() or keys_close(). Threads: one
 * owner. Start reading at keys_ring_load() in ring.c and keys_seal() in seal.c.
 */
#ifndef VERN_KEYS_H
#define VERN_KEYS_H
#include "base.h"
#include "value.h"

struct keys;
struct ring;

/* Sealed bytes. Not a str on purpose: the vault stores nothing else. */
typedef struct {
    str bytes;
} sealed;

/* Where a register's key files lie. */
struct keys_config {
    const struct world *world;
    const char *dir;       /* holds keys.db and epoch/ */
    const char *root_path; /* the root key file, mode 0600; made by keys_root_create() */
    str register_id;       /* enters the associated data and the blind index */
    bool simulated;        /* so does the kind of clock */
    size_t rings_cached;   /* decoded rings kept from turn to turn; 0 = 16384 */
    const char *vfs;       /* SQLite's file layer by name, for tests; NULL for the usual */
    bool beside;           /* other servers have them open (db.h); they are open entered */
};
MUST_CHECK status keys_root_create(const struct world *world, const char *path,
                                   struct report *report);
/* Faults: KEY for a missing, damaged, wrong or too open root or epoch file; LOCKED, STORE, CORRUPT.
 */
MUST_CHECK status keys_create(const struct keys_config *config, struct report *report,
                              struct keys **keys);
MUST_CHECK status keys_open(const struct keys_config *config, struct report *report,
                            struct keys **keys);
void keys_close(struct keys **keys); /* rolls back what was not committed */

/* ---- turns ---- */

/* One operation within the turn: undone alone when it fails. They do not nest. */
MUST_CHECK status keys_savepoint(struct keys *keys, struct report *report);
MUST_CHECK status keys_release(struct keys *keys, struct report *report);
void keys_undo(struct keys *keys);        /* to the savepoint */
void keys_rollback(struct keys *keys);    /* to the last commit */
bool keys_taken(const struct keys *keys); /* another server serves the register now */
bool keys_dirty(const struct keys *keys); /* changed since the last commit */
/* A commit failed of which nobody can say whether it was kept: only opening anew finds out. */
bool keys_unknown(const struct keys *keys);
bool keys_met(struct keys *keys); /* db_met() */
/* Of keys that other servers have open: this server's turn, under what was entered with the data;
 * what is written in one that is shared is STORE (db.h).
 * `moved`: another was here, and nothing that is in memory counts any more. KEY when the epoch is
 * another by now, which a start alone takes in. */
MUST_CHECK status keys_enter(struct keys *keys, enum db_stay stay, bool moved,
                             struct report *report);
void keys_leave(struct keys *keys);
/* The turn that stage 1 belongs to, as the data counts its own: a stage 1 without its data is known
 * by a number that the data has not come to. */
MUST_CHECK status keys_turn_set(struct keys *keys, uint64_t number, struct report *report);
/* Is there something of a turn that was cut short, given the last turn of the data? */
MUST_CHECK status keys_cut_short(struct keys *keys, uint64_t number, struct report *report,
                                 bool *cut);
/* Stage 1. Nothing to do when the turn did not touch keys.db. */
MUST_CHECK status keys_commit(struct keys *keys, struct report *report);
bool keys_dirty(const struct keys *keys); /* the turn has written */
void keys_rollback(struct keys *keys);    /* the whole turn; cached rings of it are forgotten */
/* Stage 4: drops rings and category keys that were marked, marks their fences done, checkpoints and
 * truncates the journal. Nothing to do when nothing was marked; then what waits goes on waiting. */
MUST_CHECK status keys_commit_forgotten(struct keys *keys, struct report *report);
/* For a turn that nobody waits for: its stage 4 comes with that of a later one that marks
 * something, by keys_forget_waiting(), when keys are closed or copied, or at the next start, which
 * finds its fences open. What is erased is so for everybody from stage 1 on. */
void keys_forget_later(struct keys *keys);
size_t keys_waiting(const struct keys *keys); /* marks */
MUST_CHECK status keys_forget_waiting(struct keys *keys, struct report *report);
/* Between turns: what waits is forgotten, and from here on nothing is written (db.h). */
MUST_CHECK status keys_hold_still(struct keys *keys, struct report *report);
void keys_go_on(struct keys *keys);
/* The end of a turn that changed nothing: the cache keeps no more than its room from one to the
 * next. */
void keys_trim(struct keys *keys);
/* For when stage 2 or 3 fails after stage 1: what the turn marked stays until its fence is
 * finished, at the next start (keys_fences_each, keys_fence_finish). */
void keys_abandon(struct keys *keys);

/* ---- rings ---- */

enum presence { PRESENCE_UNKNOWN, PRESENCE_LIVE, PRESENCE_ERASED };

/* `id` was drawn at random, so nobody is asked whether it is new: the key of the ring's first row
 * says so, when that is written (keys_release(), keys_commit()). Fault: CONFLICT. */
MUST_CHECK status keys_ring_create(struct keys *keys, dossier_id id, struct report *report,
                                   struct ring **ring);
/* UNKNOWN: no ring and no fence. ERASED: a fence says so. */
MUST_CHECK status keys_ring_load(struct keys *keys, dossier_id id, struct report *report,
                                 enum presence *presence, struct ring **ring);
/* It will be loaded in this turn: where that takes time, it is asked for with what is asked next.
 */
void keys_ring_ahead(struct keys *keys, dossier_id id);
void keys_ahead_end(struct keys *keys);
/* The dossier version that the last fence made: an older dossier is stale. 0 = no fence yet. */
uint64_t ring_fence_version(const struct ring *ring);
/* The number of the present key for what `slot` names ("controller/category", "facts", "record"),
 * made when there is none. Numbers are never reused within a ring. */
MUST_CHECK status ring_key(struct keys *keys, struct ring *ring, str slot, struct report *report,
                           uint32_t *number);
/* A fresh key for the slot; the old one is marked and goes at stage 4. The caller re-seals the
 * survivors under the new one in the same turn. */
MUST_CHECK status ring_replace_key(struct keys *keys, struct ring *ring, str slot,
                                   struct report *report, uint32_t *number);
bool ring_has_key(const struct ring *ring, uint32_t number); /* false: gone or never was */
/* The dossier's handle in the log: 16 bytes, the same for life, resolvable only while the ring is.
 */
void ring_handle(const struct ring *ring, unsigned char handle[16]);
/* A keyed hash for what must be recognised but not read (salted reasons). */
void ring_salted(const struct ring *ring, str text, unsigned char hash[32]);
/* Marks the whole ring; it goes at stage 4. The fence must have been put before (keys_fence); from
 * that on keys_ring_load() says ERASED, while a ring loaded before can still be used. */
MUST_CHECK status keys_ring_forget(struct keys *keys, dossier_id id, struct report *report);

/* ---- sealing ---- */

/* What a sealed record is bound to: opening it anywhere else fails. */
struct seal_place {
    dossier_id dossier;
    str kind; /* "facts", "item", "chunk", "outbox", "act" ... */
    str controller;
    str category; /* field's word text */
    dossier_id matter;
    record_id item;
    uint64_t version; /* of the dossier or of the item */
    uint32_t part;    /* chunk number */
};
/* AES-256-GCM over the padded plaintext under the ring's key `number`. */
MUST_CHECK status ring_seal(struct keys *keys, const struct ring *ring, uint32_t number,
                            const struct seal_place *place, str plain, struct arena *arena,
                            struct report *report, sealed *out);
/* Faults: GONE when the key is no longer in the ring; KEY when the ring never had it (a keys.db
 * older than the data); CORRUPT when the bytes or the place differ. */
MUST_CHECK status ring_open(struct keys *keys, const struct ring *ring,
                            const struct seal_place *place, sealed bytes, struct arena *arena,
                            struct report *report, str *plain);
/* The key number that a sealed record names. */
MUST_CHECK status sealed_key(sealed bytes, struct report *report, uint32_t *number);

/* A value in many parts has a key of its own, which is sealed in the place where a small value
 * lies. When the key of its category is replaced, that one short record is sealed anew and the
 * parts stay as they are; and parts whose key was never stored are opened by nobody. */
struct part_key {
    secret key; /* wipe it: secret_wipe() */
    uint32_t messages;
};
void keys_part_key(struct keys *keys, struct part_key *key);
/* As ring_seal() and ring_open(), under that key; the place names the part. */
MUST_CHECK status keys_part_seal(struct keys *keys, struct part_key *key,
                                 const struct seal_place *place, str plain, struct arena *arena,
                                 struct report *report, sealed *out);
MUST_CHECK status keys_part_open(struct keys *keys, const struct part_key *key,
                                 const struct seal_place *place, sealed bytes, struct arena *arena,
                                 struct report *report, str *plain);

/* ---- fences ---- */

enum fence_kind { FENCE_PART = 1, FENCE_WHOLE };
struct fence {
    dossier_id dossier;
    enum fence_kind kind;
    uint64_t version; /* of the dossier that it made */
    instant at;
    sealed act;        /* edits, sealed under the ring's facts key; empty for a whole erasure */
    record_id request; /* the request that did it */
};
MUST_CHECK status keys_fence(struct keys *keys, const struct fence *fence, struct report *report);
/* What an open fence tells has been done in the data (start-up): marks the fence done, and the keys
 * that it left behind to go, at stage 4 after the next keys_commit(). Finish all fences of a
 * dossier in one turn. */
MUST_CHECK status keys_fence_finish(struct keys *keys, const struct fence *fence,
                                    struct report *report);
/* What an open fence tells never came to the data, nor its entry to the log (start-up after a
 * crash): the fence goes, and the keys that it left behind are the present ones again. */
MUST_CHECK status keys_fence_undo(struct keys *keys, const struct fence *fence,
                                  struct report *report);
/* Fences of one dossier with a version above `above`, in order. */
MUST_CHECK status keys_fences(struct keys *keys, dossier_id id, uint64_t above, struct arena *arena,
                              struct report *report, struct fence **fences, size_t *count);
/* Fences not yet done (start-up finishes them), and all fences (after a restore), by callback. */
MUST_CHECK status keys_fences_each(struct keys *keys, bool only_open,
                                   status (*each)(void *self, const struct fence *fence,
                                                  struct report *report),
                                   void *self, struct report *report);
/* Every living ring's dossier id (doctor, restore, rotation). */
MUST_CHECK status keys_rings_each(struct keys *keys,
                                  status (*each)(void *self, dossier_id id, struct report *report),
                                  void *self, struct report *report);

/* ---- blind index ---- */

enum { BLIND_BYTES = 32 };
typedef hash32 blind;
/* Normalises by kind (normalise.h) and hashes with the register's index key. INVALID when the value
 * is not one of its kind. */
MUST_CHECK status keys_blind(struct keys *keys, str kind, str value, struct report *report,
                             blind *hash);
/* As above, without normalising: tags of `live`, idempotency keys, suppression. */
void keys_tag(struct keys *keys, str kind, str bytes, blind *hash);
MUST_CHECK status keys_blind_add(struct keys *keys, blind hash, dossier_id id,
                                 struct report *report);
MUST_CHECK status keys_blind_remove(struct keys *keys, blind hash, dossier_id id,
                                    struct report *report);
MUST_CHECK status keys_blind_find(struct keys *keys, blind hash, struct arena *arena,
                                  struct report *report, dossier_id **ids, size_t *count);
/* The same, the first `most` of them. */
MUST_CHECK status keys_blind_find_some(struct keys *keys, blind hash, size_t most,
                                       struct arena *arena, struct report *report, dossier_id **ids,
                                       size_t *count);

/* Every entry of the blind index (restore). */
MUST_CHECK status keys_blind_each(struct keys *keys,
                                  status (*each)(void *self, blind hash, dossier_id id,
                                                 struct report *report),
                                  void *self, struct report *report);

/* ---- what a crash may have left alone ---- */

/* Rings and entries of the blind index that the last turn to add any put into keys.db at stage 1:
 * when the process died before stage 2, no data speaks of them. */
struct keys_born {
    dossier_id id;
    bool has_hash; /* an entry of the blind index; else a ring */
    blind hash;
};
MUST_CHECK status keys_born(struct keys *keys, struct arena *arena, struct report *report,
                            struct keys_born **born, size_t *count);
/* A ring that no data was ever sealed with goes as if it had not been: the dossier is unknown. */
MUST_CHECK status keys_ring_unborn(struct keys *keys, dossier_id id, struct report *report);

/* ---- small register-wide values kept beside the keys ---- */

/* How far log and data had come; written with the signed checkpoint, at most once a second. */
struct high_water {
    uint64_t size; /* of the log */
    unsigned char root[32];
    uint64_t place; /* of the last change that data.db held (vault_last_place) */
};
MUST_CHECK status keys_high_water(struct keys *keys, struct report *report,
                                  struct high_water *mark);
MUST_CHECK status keys_high_water_set(struct keys *keys, const struct high_water *mark,
                                      struct report *report);
/* The seed of the log's signing key (Ed25519), wrapped by the epoch. */
MUST_CHECK status keys_log_seed(struct keys *keys, struct report *report, secret *seed);
/* A register-wide key for a stated use ("cursor", "unsubscribe"), derived from a wrapped master. */
MUST_CHECK status keys_derive(struct keys *keys, str use, struct report *report, secret *key);

/* ---- epochs and backups ---- */

/* A new epoch key; living rings are re-wrapped; the old epoch file is overwritten and unlinked.
 * Resumable: a crash leaves both epochs usable and the next open finishes. */
MUST_CHECK status keys_rotate(struct keys *keys, struct report *report);
/* A consistent copy of keys.db to `path`. Never includes an epoch, and is refused (INVALID) in a
 * folder that holds one. */
MUST_CHECK status keys_backup(struct keys *keys, const char *path, struct report *report);
/* The same refusal for a copy that is to lie at `path` in the end. */
MUST_CHECK status keys_backup_place(const char *path, struct report *report);
/* Copies the present epoch file to `path` (a place of its own). Refused (INVALID) when `path` lies
 * in a directory that holds a backup of data or rings. */
MUST_CHECK status keys_export_epoch(struct keys *keys, const char *path, struct report *report);

/* The present epoch's number, and whether it was exported since it began. */
MUST_CHECK status keys_epoch(struct keys *keys, struct report *report, uint32_t *number,
                             bool *exported);
/* What keys.db, or its schema, takes. */
MUST_CHECK status keys_bytes(struct keys *keys, struct report *report, uint64_t *bytes);
/* Reads keys.db through: CORRUPT when it is damaged. */
MUST_CHECK status keys_check(struct keys *keys, struct report *report);

#endif
