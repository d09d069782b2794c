/* vault: sealed dossiers and items, and the two indexes over them.
 *
 *   keys.db  rings, fences, blind index          one turn: keys (stage 1), data (stage 2),
 *   data.db  dossier, item, due, live, outbox    log (stage 3, the engine's),
 *                                               forgotten keys (stage 4)
 *
 * A dossier is its facts (one sealed row) and its items (one sealed row each). Whatever is taken
 * away is an edit that goes into a fence first; a dossier older than its last fence is stale, and
 * loading it replays the fences.
 *
 * Holds: no personal data in or out without a permit; only `sealed` bytes are stored; after stage 4
 * the key of what was taken away is in no file of ours.
 * Does not hold: the vault knows no policy; what may live is settled by its caller.
 * Memory: dossiers live in the arena they were loaded into. Threads: one owner.
 */
#ifndef VERN_VAULT_H
#define VERN_VAULT_H
#include "facts.h"
#include "keys.h"
#include "permit.h"

struct vault;
struct vault_config {
    const struct world *world;
    const char *dir; /* the register's directory */
    const char *root_path;
    str register_id;
    bool simulated;
    struct words *words;
    const char *vfs;     /* SQLite's file layer by name, for tests; NULL for the usual */
    size_t rings_cached; /* as keys.h says */
    bool beside;         /* other servers have it open; it is open entered */
};
MUST_CHECK status vault_create(const struct vault_config *config, struct report *report,
                               struct vault **vault);
MUST_CHECK status vault_open(const struct vault_config *config, struct report *report,
                             struct vault **vault);
void vault_close(struct vault **vault);
struct keys *vault_keys(struct vault *vault);

/* ---- turns ---- */
MUST_CHECK status vault_savepoint(struct vault *vault, struct report *report);
MUST_CHECK status vault_release(struct vault *vault, struct report *report);
void vault_undo(struct vault *vault);
/* Stages 1 and 2. On a fault nothing of the data changed; where stage 1 had gone through, the turn
 * is left half done (vault_half_done), and only opening anew puts that right. */
MUST_CHECK status vault_commit(struct vault *vault, struct report *report);
/* Stage 4; or, for a turn that nobody waits for, with a later one (keys.h). */
MUST_CHECK status vault_forget(struct vault *vault, struct report *report);
void vault_forget_later(struct vault *vault);
bool vault_half_done(const struct vault *vault);
bool vault_met(struct vault *vault); /* db_met() of either */
bool vault_dirty(const struct vault *vault);
/* The journal of data.db is written back before it is so long that a turn does it. */
MUST_CHECK status vault_checkpoint_early(struct vault *vault, struct report *report, bool *did);
/* After a sweep: what was taken away leaves the journal of data.db too. */
MUST_CHECK status vault_cut(struct vault *vault, struct report *report);
void vault_rollback(struct vault *vault); /* the whole turn */
/* Between turns: stage 4 of turns past is done, and from here on nothing is written (db.h); and
 * then it is again. */
MUST_CHECK status vault_hold_still(struct vault *vault, struct report *report);
void vault_go_on(struct vault *vault);

/* ---- beside other servers ----
 *
 * Of a register that several servers serve at the same time everything here lies between
 * vault_enter() and vault_leave(), where one of them is alone, or some share a turn: what would
 * change something is STORE then, and vault_met(). */
struct vault_entered {
    bool moved;     /* another one was here: what was read before is of no use */
    bool again;     /* the database was out of reach meanwhile */
    bool whole;     /* what the register keeps of itself has changed: versions, tokens, accounts, */
                    /* webhooks. vault_put() and vault_erase() of such a dossier say so. */
    bool cut_short; /* one of them left a turn half done: vault_mend(); shared: or it may have */
    uint64_t entries; /* of the log; more than this server has: others shared turns meanwhile */
};
bool vault_beside(const struct vault *vault);
/* The open turn changes that, in another way. */
MUST_CHECK status vault_count_whole(struct vault *vault, struct report *report);
MUST_CHECK status vault_enter(struct vault *vault, enum db_stay stay, struct report *report,
                              struct vault_entered *entered);
/* A fault: others may have been here before this. What was committed stands. */
MUST_CHECK status vault_leave(struct vault *vault, struct report *report);
MUST_CHECK status vault_duty(struct vault *vault, struct report *report, bool *mine);
/* What lives in memory and not for long, for the others: sealed under the register's own keys and
 * bound to its name and version. Empty: there is none. */
MUST_CHECK status vault_brief_put(struct vault *vault, dossier_id own, str name, uint64_t version,
                                  str plain, struct arena *arena, struct report *report);
MUST_CHECK status vault_brief(struct vault *vault, dossier_id own, str name, uint64_t version,
                              struct arena *arena, struct report *report, str *plain);

/* ---- dossiers ---- */

struct dossier {
    struct facts *facts;
    bool fresh;                    /* not stored yet */
    bool stale;                    /* fences were replayed while loading: what is stored is older */
    LIST(struct edit) edits;       /* taken away in this operation; go into one fence */
    LIST(str) spent;               /* what the keys seal whose items were taken away */
    uint64_t at;                   /* vault_changes() when it was loaded */
    const struct sealed_row *rows; /* vault_fetch() put them here, in the order of ids */
    size_t row_count;
};
struct sealed_row {
    record_id item;
    sealed bytes;
};
/* Counts what changed in this vault. A dossier is as it was loaded while the count is its `at`. */
uint64_t vault_changes(const struct vault *vault);

/* A new dossier with a ring of its own; stored by vault_put. */
MUST_CHECK status vault_new(struct vault *vault, enum dossier_kind kind, word name, instant now,
                            struct arena *arena, struct report *report, struct dossier **dossier);
/* Three answers: live, erased, unknown; a ring without a dossier is a fault (STORE). */
MUST_CHECK status vault_load(struct vault *vault, dossier_id id, struct arena *arena,
                             struct report *report, enum presence *presence,
                             struct dossier **dossier);
/* Where rows come from the other end of a wire, what will be needed in this turn is asked for with
 * what is asked next: a dossier that will be loaded, an item of it that will be opened, or all. */
bool vault_is_far(const struct vault *vault);
void vault_load_ahead(struct vault *vault, dossier_id id);
void vault_item_ahead(struct vault *vault, dossier_id id, record_id item);
void vault_fetch_ahead(struct vault *vault, dossier_id id);
void vault_ahead_end(struct vault *vault); /* the turn is over */
/* What the indexes are to say of a dossier. */
struct vault_index {
    instant next;      /* when to settle again; NEVER */
    const blind *tags; /* for `live` */
    size_t tag_count;
};
/* Stores the facts, one version up. With edits: the fence first, survivors of spent keys re-sealed.
 */
MUST_CHECK status vault_put(struct vault *vault, const struct permit *permit,
                            struct dossier *dossier, const struct vault_index *index,
                            record_id request, instant now, struct arena *arena,
                            struct report *report);
/* Whole erasure: fence, rows, blind index, ring. */
MUST_CHECK status vault_erase(struct vault *vault, const struct permit *permit,
                              struct dossier *dossier, record_id request, instant now,
                              struct arena *arena, struct report *report);
/* Takes something away from the loaded facts (facts_edit) and keeps it for the fence. */
MUST_CHECK status vault_edit(struct vault *vault, struct dossier *dossier, const struct edit *edit,
                             struct arena *arena, struct report *report);
/* Is there data of this dossier? A restore may have lost what its keys are still for. */
MUST_CHECK status vault_exists(struct vault *vault, dossier_id id, struct report *report,
                               bool *exists);
/* The dossier's handle in the log. */
MUST_CHECK status vault_handle(struct vault *vault, dossier_id id, struct report *report,
                               unsigned char handle[16]);

/* ---- items ---- */

/* Seals the value under the present key of the header's controller and category (the part of the
 * field's name before the dot; evidence, with field 0, has a key of its own), and fills in the
 * key's number and the size. */
MUST_CHECK status vault_seal(struct vault *vault, struct dossier *dossier, struct fact_item *header,
                             str value, struct arena *arena, struct report *report, sealed *bytes);
/* Adds the header to the facts and stores the sealed value. */
MUST_CHECK status vault_put_item(struct vault *vault, const struct permit *permit,
                                 struct dossier *dossier, const struct fact_item *header,
                                 sealed bytes, struct arena *arena, struct report *report);
/* Opens one item. Faults: GONE when its key is no more; REFUSED when the permit does not cover it.
 */
MUST_CHECK status vault_open_item(struct vault *vault, const struct permit *permit,
                                  const struct dossier *dossier, const struct fact_item *header,
                                  struct arena *arena, struct report *report, str *value);
/* Fetches the sealed rows of all items at once: worth it before opening several. */
MUST_CHECK status vault_fetch(struct vault *vault, struct dossier *dossier, struct arena *arena,
                              struct report *report);
/* Takes an item away: its row goes now, its header and key by the edit. */
MUST_CHECK status vault_drop_item(struct vault *vault, struct dossier *dossier, record_id item,
                                  struct arena *arena, struct report *report);

/* ---- notes ---- */

/* What grows without end lies beside the facts: to whom a person's data was given, what
 * a party is to be told. One sealed row each, under a key of its own that goes with the dossier's
 * ring. A note says nothing that the log does not say of the same handle, so one that goes alone
 * leaves its key: a restore may bring it back, and its reader asks the facts whether it counts. */
struct note {
    record_id id;
    str text;
};
/* Ids begin with the time: notes lie in the order in which they were made. */
record_id vault_note_id(struct vault *vault, instant now);
MUST_CHECK status vault_note_put(struct vault *vault, const struct permit *permit,
                                 dossier_id dossier, record_id id, str text, struct arena *arena,
                                 struct report *report);
/* At most `limit` notes that follow `after` (zero: from the first), opened. Faults: REFUSED when
 * the permit is another dossier's; LIMIT. */
MUST_CHECK status vault_notes(struct vault *vault, const struct permit *permit, dossier_id dossier,
                              record_id after, size_t limit, struct arena *arena,
                              struct report *report, struct note **notes, size_t *count);
MUST_CHECK status vault_note_drop(struct vault *vault, const struct permit *permit,
                                  dossier_id dossier, record_id id, struct report *report);

/* ---- values in parts ----
 *
 *   item row:  sealed under the category's key: media type, name, digest, and the key of the parts
 *   chunk row: sealed under that key, at its number
 *   loose row: these parts belong to no item (yet, or any more); the sweeper takes them away
 *
 * While an upload lasts its key lies in memory only: what breaks off can be opened by nobody. A
 * part that is missing, cut, moved, doubled or another item's is CORRUPT. */
enum { VAULT_PART_BYTES = (64 << 10) - 1 }; /* and the end mark make 65,536 */
struct vault_upload;
/* A value is to come in, under header->id; its field, controller and matter are settled. */
MUST_CHECK status vault_upload_begin(struct vault *vault, const struct permit *permit,
                                     const struct dossier *dossier, const struct fact_item *header,
                                     struct report *report);
/* It comes from here on: its key is made. */
void vault_upload_start(struct vault *vault, dossier_id dossier, const struct fact_item *header,
                        struct vault_upload **upload);
/* What was said of it before it came, for another server, under a name among the small values and
 * the key that the item will lie under. NOT_FOUND: it is not there; GONE: that key is not. */
MUST_CHECK status vault_upload_keep(struct vault *vault, dossier_id dossier,
                                    const struct fact_item *header, str name, str plain,
                                    struct arena *arena, struct report *report);
MUST_CHECK status vault_upload_kept(struct vault *vault, dossier_id dossier, record_id record,
                                    str name, struct arena *arena, struct report *report,
                                    str *plain);
/* The next part: VAULT_PART_BYTES, only the last is shorter. GONE when the person was erased. */
MUST_CHECK status vault_upload_part(struct vault *vault, struct vault_upload *upload, str plain,
                                    struct arena *arena, struct report *report);
/* The item comes to be, under the header's id. */
MUST_CHECK status vault_upload_end(struct vault *vault, const struct permit *permit,
                                   struct dossier *dossier, const struct fact_item *header,
                                   struct vault_upload *upload, str media, str name,
                                   struct arena *arena, struct report *report);
void vault_upload_free(struct vault_upload **upload); /* wipes the key; takes NULL */

struct vault_file {
    struct part_key key; /* wipe it with vault_file_wipe() */
    str media, name;
    unsigned char sha256[32]; /* of all of it, as it came */
};
/* As vault_open_item(), of an item in parts: what it is, and the key of its parts. */
MUST_CHECK status vault_open_file(struct vault *vault, const struct permit *permit,
                                  const struct dossier *dossier, const struct fact_item *header,
                                  struct arena *arena, struct report *report,
                                  struct vault_file *file);
void vault_file_wipe(struct vault_file *file);
MUST_CHECK status vault_open_part(struct vault *vault, const struct permit *permit,
                                  const struct dossier *dossier, const struct fact_item *header,
                                  const struct vault_file *file, uint32_t part, struct arena *arena,
                                  struct report *report, str *plain);
/* Every file of every person: are all of its parts there? `lacks` is told of each that lacks some.
 * Looks at no value. */
struct vault_parts {
    uint64_t files, parts, lacking; /* lacking: files that lack a part */
    uint64_t loose;                 /* parts of no item: they go with a sweep */
    void (*lacks)(void *self, dossier_id dossier, record_id item, uint64_t there, uint64_t of);
    void *self;
};
MUST_CHECK status vault_count_parts(struct vault *vault, struct vault_parts *parts,
                                    struct report *report);
/* Takes some parts of what is loose away, in the open turn; not of what `busy` names. */
struct vault_loose {
    const record_id *busy;
    size_t busy_count;
    size_t rows; /* taken away */
    bool more;   /* there is more to take away */
};
MUST_CHECK status vault_sweep_loose(struct vault *vault, struct vault_loose *loose,
                                    struct arena *arena, struct report *report);

/* ---- indexes ---- */

MUST_CHECK status vault_due(struct vault *vault, instant until, size_t limit, struct arena *arena,
                            struct report *report, dossier_id **ids, size_t *count);
/* The same, page by page: each that is given is also the place to go on from; zeroed, the start. */
struct vault_due_cursor {
    bool started;
    int64_t hour;
    dossier_id id;
};
MUST_CHECK status vault_due_page(struct vault *vault, instant until, size_t limit,
                                 struct vault_due_cursor after, struct arena *arena,
                                 struct report *report, struct vault_due_cursor **due,
                                 size_t *count);
/* Nothing ended yet: when to look again (the hour of `next`; NEVER: not at all). */
MUST_CHECK status vault_due_again(struct vault *vault, dossier_id id, instant next,
                                  struct report *report);
MUST_CHECK status vault_not_due(struct vault *vault, dossier_id id, struct report *report);
MUST_CHECK status vault_live(struct vault *vault, blind tag, dossier_id after, size_t limit,
                             struct arena *arena, struct report *report, dossier_id **ids,
                             size_t *count);
/* What data and keys take, each. */
MUST_CHECK status vault_bytes(struct vault *vault, struct report *report, uint64_t *data,
                              uint64_t *keys);
/* How many are due until then, and how many carry a tag. */
MUST_CHECK status vault_due_count(struct vault *vault, instant until, struct report *report,
                                  uint64_t *count);
MUST_CHECK status vault_live_count(struct vault *vault, blind tag, struct report *report,
                                   uint64_t *count);
/* Whoever carries the tag is due at `now`: something about what they share has changed. */
MUST_CHECK status vault_touch(struct vault *vault, blind tag, instant now, struct report *report);
/* Dossiers of a kind after an id, in id order. */
MUST_CHECK status vault_list(struct vault *vault, enum dossier_kind kind, dossier_id after,
                             size_t limit, struct arena *arena, struct report *report,
                             dossier_id **ids, size_t *count);
MUST_CHECK status vault_count(struct vault *vault, enum dossier_kind kind, struct report *report,
                              uint64_t *count);
/* The same, told without counting where there are more than VAULT_COUNTED, as counting a million
 * takes as long as thousands of reads: ids are drawn evenly, so that the place of the one behind
 * these says how many there are, with a standard error of 1.6 %. */
enum { VAULT_COUNTED = 4096 };
MUST_CHECK status vault_estimate(struct vault *vault, enum dossier_kind kind,
                                 struct report *report, uint64_t *count);
/* Adds a hash that leads to the dossier, and remembers it there. */
MUST_CHECK status vault_identify(struct vault *vault, struct dossier *dossier, word kind,
                                 blind hash, struct arena *arena, struct report *report);

/* ---- the log, where several servers may serve the register ---- */

/* Are its entries kept with the data, each in the transaction of what it tells? */
bool vault_keeps_log(const struct vault *vault);
MUST_CHECK status vault_entry_put(struct vault *vault, uint64_t number, str bytes,
                                  struct report *report);
MUST_CHECK status vault_manifest_put(struct vault *vault, const unsigned char root[32], str lines,
                                     struct report *report);
struct vault_entry {
    uint64_t number;
    str bytes;
};
/* Those from a number on, in their order. */
MUST_CHECK status vault_entries(struct vault *vault, uint64_t from, size_t limit,
                                struct arena *arena, struct report *report,
                                struct vault_entry **entries, size_t *count);
/* The number of the next one. */
MUST_CHECK status vault_entries_next(struct vault *vault, struct report *report, uint64_t *number);
/* In a turn that others share: from here to vault_append_end() nobody else adds to the log, to
 * which vault_entry_put() may; vault_entries() says what others added. STORE, and vault_met(), when
 * somebody who was alone has kept a turn since this was entered. */
MUST_CHECK status vault_append_begin(struct vault *vault, struct report *report);
MUST_CHECK status vault_append_end(struct vault *vault, struct report *report);
void vault_append_undo(struct vault *vault);
/* CORRUPT when there is none of that root. */
MUST_CHECK status vault_manifest(struct vault *vault, const unsigned char root[32],
                                 struct arena *arena, struct report *report, str *lines);
/* Another server serves it now. */
bool vault_taken(const struct vault *vault);

/* ---- outbox, idempotency, small values ---- */

struct permit_sink vault_sink(struct vault *vault);
/* Entries whose turn has ended but that may lack in the log (start-up). */
MUST_CHECK status vault_outbox_each(struct vault *vault,
                                    status (*each)(void *self, str entry, struct report *report),
                                    void *self, struct report *report);
/* The place of the newest row of entries, which stays, and so says how far data.db is. */
MUST_CHECK status vault_last_place(struct vault *vault, struct report *report, uint64_t *place);

struct vault_once { /* what a write answered, without its answer */
    blind request;  /* keyed hash of method, path and body */
    int http;
    str ids; /* outcome, encoded by the engine; ids only */
    uint64_t log_index;
    instant expires;
};
MUST_CHECK status vault_once_find(struct vault *vault, dossier_id token, blind key, instant now,
                                  struct arena *arena, struct report *report, bool *found,
                                  struct vault_once *once);
MUST_CHECK status vault_once_put(struct vault *vault, dossier_id token, blind key,
                                 const struct vault_once *once, struct report *report);
MUST_CHECK status vault_once_purge(struct vault *vault, instant now, struct report *report);

MUST_CHECK status vault_meta(struct vault *vault, str name, struct arena *arena,
                             struct report *report, str *value); /* empty when unset */
MUST_CHECK status vault_meta_set(struct vault *vault, str name, str value, struct report *report);

/* ---- bad days ---- */

/* Finishes or undoes what a crash left. An open fence whose change is in the data is finished.
 * Where the data is older, nothing was acknowledged unless the log knows the request: then it is
 * replayed, else undone, and what the turn had added to keys.db with it. After a restore (`all`)
 * the data is older on purpose: every fence is replayed. */
struct vault_mend {
    bool all;
    void *self;
    status (*logged)(void *self, record_id request, instant at, struct report *report, bool *known);
};
struct vault_mended {
    uint64_t replayed, erased; /* dossiers brought forward; removed */
    uint64_t undone;           /* fences without their change */
    uint64_t lost;             /* dossiers that have keys and no data */
};
MUST_CHECK status vault_mend(struct vault *vault, const struct vault_mend *mend,
                             struct report *report, struct vault_mended *mended);
/* Begins a copy of data.db; the steps are of db.h. */
struct db_copy;
MUST_CHECK status vault_copy_start(struct vault *vault, const char *path, struct report *report,
                                   struct db_copy **copy);
/* Every page of data.db. Faults: CORRUPT, STORE. */
MUST_CHECK status vault_check(struct vault *vault, struct report *report);
/* Every dossier: that it opens, that its items have rows, that its hashes lead to it. Slow; for one
 * who asks what is damaged. Faults: CORRUPT, naming the dossier and the file; STORE. */
MUST_CHECK status vault_check_dossiers(struct vault *vault, struct report *report);

#endif
