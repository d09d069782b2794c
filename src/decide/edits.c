/* Edits: how facts lose something, and how that stands in a fence. */
#include "codec_internal.h"

enum { EDITS_FORMAT = 1 };

/* ---- applying ---- */

static void end_evidence(struct facts *facts, const struct edit *edit)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        struct fact_evidence *evidence = &facts->evidence.at[i];
        if (ID_EQUAL(evidence->id, edit->id) && before(edit->at, evidence->until)) {
            evidence->until = edit->at;
            evidence->until_counts = false;
        }
    }
}

static void end_role(struct facts *facts, const struct edit *edit)
{
    for (size_t i = 0; i < facts->roles.count; i++) {
        struct fact_role *role = &facts->roles.at[i];
        if (ID_EQUAL(role->id, edit->id))
            role->until = earlier(role->until, edit->at);
    }
}

/* A limit of an item that is gone says nothing, and one of no item would be of something else. */
static void drop_from_limits(struct facts *facts, record_id item)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->limits.count; i++) {
        struct fact_limit limit = facts->limits.at[i];
        uint16_t left = 0;
        for (uint16_t n = 0; n < limit.item_count; n++)
            if (!ID_EQUAL(limit.items[n], item))
                limit.items[left++] = limit.items[n];
        bool stays = limit.item_count == 0 || left > 0;
        limit.item_count = left;
        if (stays)
            facts->limits.at[kept++] = limit;
    }
    facts->limits.count = kept;
}

static void drop_item(struct facts *facts, const struct edit *edit)
{
    drop_from_limits(facts, edit->id);
    size_t kept = 0;
    for (size_t i = 0; i < facts->items.count; i++)
        if (!ID_EQUAL(facts->items.at[i].id, edit->id))
            facts->items.at[kept++] = facts->items.at[i];
    facts->items.count = kept;
}

/* An objection that is there already can only become stronger: what was upheld stays so. */
static bool object(struct facts *facts, const struct edit *edit, struct arena *arena)
{
    for (size_t i = 0; i < facts->objections.count; i++) {
        struct fact_objection *old = &facts->objections.at[i];
        if (!ID_EQUAL(old->id, edit->id))
            continue;
        if (edit->state == OBJECTION_UPHELD)
            old->state = OBJECTION_UPHELD;
        return true;
    }
    struct fact_objection *objection = LIST_ADD(arena, &facts->objections);
    if (objection == NULL)
        return false;
    objection->id = edit->id;
    objection->purpose = edit->name;
    objection->since = edit->at;
    objection->state = edit->state;
    return true;
}

static bool set_switch(struct facts *facts, const struct edit *edit, struct arena *arena)
{
    for (size_t i = 0; i < facts->switches.count; i++) {
        struct fact_switch *old = &facts->switches.at[i];
        bool same = old->stop == edit->name && old->channel == edit->channel &&
                    ID_EQUAL(old->recipient, edit->other);
        if (same || ID_EQUAL(old->id, edit->id)) {
            if (same)
                old->since = later(old->since, edit->at); /* a consent may have lifted it since */
            return true;
        }
    }
    struct fact_switch *stop = LIST_ADD(arena, &facts->switches);
    if (stop == NULL)
        return false;
    stop->id = edit->id;
    stop->stop = edit->name;
    stop->channel = edit->channel;
    stop->recipient = edit->other;
    stop->since = edit->at;
    return true;
}

static bool restrict_fields(struct facts *facts, const struct edit *edit, struct arena *arena)
{
    for (size_t i = 0; i < facts->restrictions.count; i++)
        if (ID_EQUAL(facts->restrictions.at[i].id, edit->id))
            return true;
    word *fields = NULL;
    if (edit->name_count > 0) {
        fields = ARENA_ARRAY(arena, word, (size_t)edit->name_count);
        if (fields == NULL)
            return false;
        memcpy(fields, edit->names, edit->name_count * sizeof(word));
    }
    struct fact_restriction *restriction = LIST_ADD(arena, &facts->restrictions);
    if (restriction == NULL)
        return false;
    restriction->id = edit->id;
    restriction->fields = fields;
    restriction->field_count = edit->name_count;
    restriction->since = edit->at;
    return true;
}

static bool edit_names(const struct edit *edit, word w)
{
    for (size_t i = 0; i < edit->name_count; i++)
        if (edit->names[i] == w)
            return true;
    return false;
}

static void cut_told(struct facts *facts, const struct edit *edit)
{
    for (size_t i = 0; i < facts->items.count; i++) {
        struct fact_item *item = &facts->items.at[i];
        if (!ID_EQUAL(item->id, edit->id))
            continue;
        uint16_t kept = 0;
        for (size_t t = 0; t < item->told_count; t++)
            if (edit_names(edit, item->told[t]))
                item->told[kept++] = item->told[t];
        item->told_count = kept;
    }
}

/* One hash; or, when it is all zero, every hash of the kind. */
static void drop_hash(struct facts *facts, const struct edit *edit)
{
    static const unsigned char none[sizeof(edit->hash)];
    bool all = memcmp(edit->hash, none, sizeof(none)) == 0;
    size_t kept = 0;
    for (size_t i = 0; i < facts->hashes.count; i++) {
        const struct fact_hash *hash = &facts->hashes.at[i];
        bool goes = all ? hash->kind == edit->name
                        : memcmp(hash->bytes, edit->hash, sizeof(edit->hash)) == 0;
        if (!goes)
            facts->hashes.at[kept++] = *hash;
    }
    facts->hashes.count = kept;
}

static void end_task(struct facts *facts, const struct edit *edit)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->tasks.count; i++)
        if (!ID_EQUAL(facts->tasks.at[i].id, edit->id))
            facts->tasks.at[kept++] = facts->tasks.at[i];
    facts->tasks.count = kept;
}

static void end_concern(struct facts *facts, const struct edit *edit)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->concerns.count; i++)
        if (!ID_EQUAL(facts->concerns.at[i].id, edit->id))
            facts->concerns.at[kept++] = facts->concerns.at[i];
    facts->concerns.count = kept;
}

static void narrow_concern(struct facts *facts, const struct edit *edit)
{
    for (size_t i = 0; i < facts->concerns.count; i++) {
        struct fact_concern *concern = &facts->concerns.at[i];
        if (!ID_EQUAL(concern->id, edit->id))
            continue;
        if (edit->kind == EDIT_WITHHOLD_CONCERN)
            concern->state = CONCERN_WITHHELD;
        else
            concern->restricted = earlier(concern->restricted, edit->at);
    }
}

static void move_concern(struct facts *facts, const struct edit *edit)
{
    for (size_t i = 0; i < facts->concerns.count; i++)
        if (ID_EQUAL(facts->concerns.at[i].id, edit->id))
            facts->concerns.at[i].other = edit->other;
}

static bool add_hash(struct facts *facts, const struct edit *edit, struct arena *arena)
{
    for (size_t i = 0; i < facts->hashes.count; i++)
        if (memcmp(facts->hashes.at[i].bytes, edit->hash, sizeof(edit->hash)) == 0)
            return true;
    struct fact_hash *hash = LIST_ADD(arena, &facts->hashes);
    if (hash == NULL)
        return false;
    hash->kind = edit->name;
    memcpy(hash->bytes, edit->hash, sizeof(hash->bytes));
    return true;
}

/* Facts that a restore lost whole are made anew by these and by EDIT_OBJECT alone. */
static bool suppress(struct facts *facts, const struct edit *edit, struct arena *arena)
{
    if (facts->kind == DOSSIER_NONE) {
        facts->kind = DOSSIER_SUPPRESSION;
        facts->created = edit->at;
        facts->erase_asked = NEVER;
    }
    return add_hash(facts, edit, arena);
}

/* So are those of an errand by this alone. */
static bool errand(struct facts *facts, const struct edit *edit, struct arena *arena)
{
    if (facts->kind == DOSSIER_NONE) {
        facts->kind = DOSSIER_ERRAND;
        facts->name = edit->name;
        facts->created = edit->at;
        facts->erase_asked = NEVER;
    }
    for (size_t i = 0; i < facts->tasks.count; i++)
        if (ID_EQUAL(facts->tasks.at[i].id, edit->task.id))
            return true;
    struct fact_task *task = LIST_ADD(arena, &facts->tasks);
    if (task == NULL)
        return false;
    *task = edit->task;
    return true;
}

/* Edits that carry a hash. */
static bool has_hash(enum edit_kind kind)
{
    return kind == EDIT_DROP_HASH || kind == EDIT_SUPPRESS || kind == EDIT_LEADS_HERE;
}

status facts_edit(struct facts *facts, const struct edit *edit, struct arena *arena,
                  struct report *report)
{
    assert(facts != NULL);
    assert(edit != NULL);
    bool done = true;
    switch (edit->kind) {
    case EDIT_END_EVIDENCE:
        end_evidence(facts, edit);
        break;
    case EDIT_END_ROLE:
        end_role(facts, edit);
        break;
    case EDIT_DROP_ITEM:
        drop_item(facts, edit);
        break;
    case EDIT_OBJECT:
        done = object(facts, edit, arena);
        break;
    case EDIT_SWITCH:
        done = set_switch(facts, edit, arena);
        break;
    case EDIT_RESTRICT:
        done = restrict_fields(facts, edit, arena);
        break;
    case EDIT_CUT_TOLD:
        cut_told(facts, edit);
        break;
    case EDIT_ERASE_ASKED: /* of several requests the latest counts: it reaches what came since */
        facts->erase_asked =
            facts->erase_asked.ms == NEVER.ms ? edit->at : later(facts->erase_asked, edit->at);
        break;
    case EDIT_DROP_HASH:
        drop_hash(facts, edit);
        break;
    case EDIT_END_TASK:
        end_task(facts, edit);
        break;
    case EDIT_SUPPRESS:
        done = suppress(facts, edit, arena);
        break;
    case EDIT_END_CONCERN:
        end_concern(facts, edit);
        break;
    case EDIT_WITHHOLD_CONCERN:
    case EDIT_RESTRICT_CONCERN:
        narrow_concern(facts, edit);
        break;
    case EDIT_ERRAND:
        done = errand(facts, edit, arena);
        break;
    case EDIT_LEADS_HERE:
        done = facts->kind == DOSSIER_NONE || add_hash(facts, edit, arena);
        break;
    case EDIT_MOVE_CONCERN:
        move_concern(facts, edit);
        break;
    case EDIT_KIND_END:
        break;
    }
    return done ? OK : NO_MEMORY(report);
}

/* ---- in bytes ---- */

status edits_write(const struct edit *edits, size_t count, const struct words *words,
                   struct buf *out, struct report *report)
{
    assert(words != NULL);
    struct put put;
    put_begin(&put, out, words, EDITS_FORMAT);
    put_number(&put, count);
    for (size_t i = 0; i < count; i++) {
        const struct edit *edit = &edits[i];
        put_number(&put, edit->kind);
        put_id(&put, edit->id.bytes);
        put_word(&put, edit->name);
        put_word(&put, edit->channel);
        put_id(&put, edit->other.bytes);
        put_instant(&put, edit->at);
        put_number(&put, edit->state);
        put_words(&put, edit->names, edit->name_count);
        if (has_hash(edit->kind))
            buf_add(out, (str){(const char *)edit->hash, sizeof(edit->hash)});
        if (edit->kind == EDIT_ERRAND)
            put_task(&put, &edit->task);
    }
    return put_end(&put, report);
}

static void take_edit(struct take *take, struct edit *edit)
{
    edit->kind = (enum edit_kind)take_below(take, EDIT_KIND_END - 1);
    if ((unsigned)edit->kind < EDIT_END_EVIDENCE)
        take->in.bad = true;
    take_id(take, edit->id.bytes);
    edit->name = take_word(take);
    edit->channel = take_word(take);
    take_id(take, edit->other.bytes);
    edit->at = take_instant(take);
    edit->state = (enum objection_state)take_below(take, OBJECTION_DISMISSED);
    edit->names = take_words(take, &edit->name_count);
    if (edit->kind == EDIT_ERRAND && !take->in.bad)
        take_task(take, &edit->task);
    if (!has_hash(edit->kind) || take->in.bad)
        return;
    str hash = read_bytes(&take->in, sizeof(edit->hash));
    if (!take->in.bad)
        memcpy(edit->hash, hash.ptr, sizeof(edit->hash));
}

status edits_read(str bytes, struct words *words, struct arena *arena, struct report *report,
                  struct edit **edits, size_t *count)
{
    assert(words != NULL);
    assert(arena != NULL);
    *edits = NULL;
    *count = 0;
    struct take take;
    if (!take_begin(&take, bytes, words, arena, EDITS_FORMAT))
        return fail(report, FAULT_CORRUPT, "the edits of a fence are of an unknown format");
    size_t many = take_count(&take, 8);
    struct edit *at = take_array(&take, many, sizeof(*at));
    for (size_t i = 0; at != NULL && i < many && !take.in.bad; i++)
        take_edit(&take, &at[i]);
    TRY(take_end(&take, report));
    *edits = at;
    *count = many;
    return OK;
}
