/* vault_internal: what the files of the vault share. */
#ifndef VERN_VAULT_INTERNAL_H
#define VERN_VAULT_INTERNAL_H
#include "bytes.h"
#include "db.h"
#include "limits.h"
#include "vault.h"

/* Entries of the open turn, which become one row of the outbox: the next turn takes one row away.
 */
struct vault_book {
    struct bytes lines;
    dossier_id dossier; /* of the first */
    record_id entry;
    size_t operation; /* where the present operation began */
};

struct vault {
    const struct world *world;
    struct keys *keys;
    struct db *data;
    struct words *words;
    struct arena *row; /* a dossier's bytes, until its facts were read of them */
    bool keeps_log;
    bool beside;        /* other servers have it open */
    uint64_t whole;     /* how often the whole had changed when this server knew it last */
    bool whole_changed; /* by the open turn */
    bool stale;         /* what another one did was not read to the end */
    struct vault_book book;
    uint64_t place;   /* of the last row put into the outbox */
    uint64_t flushed; /* rows up to here are in the log; the next turn forgets them */
    bool pending;     /* stage 4 has something to do */
    bool half_done;   /* stage 1 went through and stage 2 did not */
    bool split;       /* an operation stayed in one file only: the turn must go */
    uint64_t changes;
    uint32_t commits; /* since the journal of data.db was cut */
    uint16_t notes;   /* counts on, so that notes of one instant keep their order */
};

/* "controller/category": what one key of a ring seals. A field's category is what stands before its
 * dot; evidence has a key of its own. */
MUST_CHECK status slot_name_of(const struct vault *vault, const struct fact_item *header,
                               struct arena *arena, struct report *report, str *slot);
MUST_CHECK status load_ring(struct vault *vault, dossier_id id, struct report *report,
                            struct ring **ring);
struct seal_place item_place(const struct vault *vault, dossier_id dossier,
                             const struct fact_item *header);
/* Opens what lies in the row of an item; the permit was looked at. */
MUST_CHECK status open_row(struct vault *vault, const struct dossier *dossier,
                           const struct fact_item *header, struct arena *arena,
                           struct report *report, str *value);
/* Seals the facts and stores the row, one version up; replays of a fence go here too. What adds to
 * the facts leaves room for what takes away: a person can withdraw when nothing more can be
 * recorded. */
enum { FACTS_BYTES_ADDING = LIMIT_FACTS_BYTES - (2 << 10) };
MUST_CHECK status store_facts(struct vault *vault, struct ring *ring, struct facts *facts,
                              bool fresh, size_t most, struct arena *arena, struct report *report);
/* Replays the fences that are younger than the facts; the facts then say what they should. */
MUST_CHECK status replay_fences(struct vault *vault, struct ring *ring, struct facts *facts,
                                struct arena *arena, struct report *report);
MUST_CHECK status reseal_survivors(struct vault *vault, struct ring *ring, struct facts *facts,
                                   str slot, struct arena *arena, struct report *report);
/* One survivor moves from the old key to the new. */
MUST_CHECK status reseal_item(struct vault *vault, struct ring *ring, const struct facts *facts,
                              struct fact_item *header, uint32_t key, struct arena *arena,
                              struct report *report);
/* beside.c: counts a change of the whole, if a dossier of this kind makes one. */
MUST_CHECK status count_whole(struct vault *vault, enum dossier_kind kind, struct report *report);
MUST_CHECK status drop_rows(struct vault *vault, dossier_id id, struct report *report);
MUST_CHECK status put_due(struct vault *vault, dossier_id id, instant next, struct report *report);

static inline hash32 as_hash(blind tag)
{
    hash32 hash;
    memcpy(hash.bytes, tag.bytes, sizeof(hash.bytes));
    return hash;
}
static inline int64_t hour_of(instant at)
{
    return at.ms >= 0 ? at.ms / 3600000 : -((-at.ms + 3599999) / 3600000);
}

#endif
