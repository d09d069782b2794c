/* Facts in bytes and back. The order of the parts is the format: change it and the number goes up.
 */
#include "codec_internal.h"

enum { FACTS_FORMAT = 6 };

/* ---- writing ---- */

static void put_binding(struct put *put, const struct binding *binding)
{
    put_number(put, binding->slot);
    put_word(put, binding->name);
    if (binding->name == 0)
        put_id(put, binding->id.bytes);
}

static void put_roles(struct put *put, const struct facts *facts)
{
    put_number(put, facts->roles.count);
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        put_id(put, role->id.bytes);
        put_word(put, role->role);
        put_id(put, role->matter.bytes);
        put_instant(put, role->since);
        put_instant(put, role->until);
        put_number(put, role->opened);
    }
}

static void put_evidence(struct put *put, const struct facts *facts)
{
    put_number(put, facts->evidence.count);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        put_id(put, evidence->id.bytes);
        put_word(put, evidence->type);
        put_number(put, evidence->bound_count);
        for (size_t b = 0; b < evidence->bound_count; b++)
            put_binding(put, &evidence->bound[b]);
        put_instant(put, evidence->since);
        put_instant(put, evidence->until);
        put_number(put, evidence->until_counts);
        put_id(put, evidence->details.bytes);
    }
}

static void put_events(struct put *put, const struct facts *facts)
{
    put_number(put, facts->events.count);
    for (size_t i = 0; i < facts->events.count; i++) {
        const struct fact_event *event = &facts->events.at[i];
        put_word(put, event->event);
        put_id(put, event->matter.bytes);
        put_instant(put, event->first);
        put_instant(put, event->last);
    }
}

static void put_items(struct put *put, const struct facts *facts)
{
    put_number(put, facts->items.count);
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        const word names[] = {item->field,   item->source,     item->intake,
                              item->channel, item->controller, item->version};
        put_id(put, item->id.bytes);
        for (size_t n = 0; n < LENGTH(names); n++)
            put_word(put, names[n]);
        put_id(put, item->matter.bytes);
        put_instant(put, item->collected);
        put_words(put, item->told, item->told_count);
        put_number(put, item->key);
        put_number(put, item->size);
        put_number(put, item->chunks);
        put_number(put, item->made_from_count);
        for (size_t m = 0; m < item->made_from_count; m++)
            put_id(put, item->made_from[m].bytes);
        put_number(put, item->external);
        put_number(put, item->failing);
    }
}

static void put_stops(struct put *put, const struct facts *facts)
{
    put_number(put, facts->objections.count);
    for (size_t i = 0; i < facts->objections.count; i++) {
        const struct fact_objection *objection = &facts->objections.at[i];
        put_id(put, objection->id.bytes);
        put_word(put, objection->purpose);
        put_instant(put, objection->since);
        put_number(put, objection->state);
    }
    put_number(put, facts->switches.count);
    for (size_t i = 0; i < facts->switches.count; i++) {
        const struct fact_switch *stop = &facts->switches.at[i];
        put_id(put, stop->id.bytes);
        put_word(put, stop->stop);
        put_word(put, stop->channel);
        put_id(put, stop->recipient.bytes);
        put_instant(put, stop->since);
    }
    put_number(put, facts->restrictions.count);
    for (size_t i = 0; i < facts->restrictions.count; i++) {
        const struct fact_restriction *restriction = &facts->restrictions.at[i];
        put_id(put, restriction->id.bytes);
        put_words(put, restriction->fields, restriction->field_count);
        put_instant(put, restriction->since);
        put_number(put, restriction->told);
    }
}

static void put_limits(struct put *put, const struct facts *facts)
{
    put_number(put, facts->limits.count);
    for (size_t i = 0; i < facts->limits.count; i++) {
        const struct fact_limit *limit = &facts->limits.at[i];
        put_id(put, limit->id.bytes);
        put_number(put, limit->item_count);
        for (size_t n = 0; n < limit->item_count; n++)
            put_id(put, limit->items[n].bytes);
        put_words(put, limit->purposes, limit->purpose_count);
        put_instant(put, limit->until);
        put_number(put, limit->use_only);
    }
}

static void put_links(struct put *put, const struct facts *facts)
{
    put_number(put, facts->concerns.count);
    for (size_t i = 0; i < facts->concerns.count; i++) {
        const struct fact_concern *concern = &facts->concerns.at[i];
        put_id(put, concern->id.bytes);
        put_number(put, concern->kind);
        put_number(put, concern->state);
        put_id(put, concern->other.bytes);
        put_id(put, concern->item.bytes);
        put_word(put, concern->field);
        put_word(put, concern->source);
        put_instant(put, concern->since);
        put_instant(put, concern->restricted);
    }
    put_number(put, facts->hashes.count);
    for (size_t i = 0; i < facts->hashes.count; i++) {
        const struct fact_hash *hash = &facts->hashes.at[i];
        put_word(put, hash->kind);
        buf_add(put->out, (str){(const char *)hash->bytes, sizeof(hash->bytes)});
    }
}

static void put_tasks(struct put *put, const struct facts *facts)
{
    put_number(put, facts->tasks.count);
    for (size_t i = 0; i < facts->tasks.count; i++)
        put_task(put, &facts->tasks.at[i]);
}

status facts_write(const struct facts *facts, const struct words *words, struct buf *out,
                   struct report *report)
{
    assert(facts != NULL);
    assert(words != NULL);
    size_t start = out->len;
    struct put put;
    put_begin(&put, out, words, FACTS_FORMAT);
    put_number(&put, facts->kind);
    put_id(&put, facts->id.bytes);
    put_number(&put, facts->version);
    put_word(&put, facts->name);
    put_instant(&put, facts->created);
    put_instant(&put, facts->erase_asked);
    put_number(&put, facts->had_items);
    put_roles(&put, facts);
    put_evidence(&put, facts);
    put_events(&put, facts);
    put_items(&put, facts);
    put_stops(&put, facts);
    put_limits(&put, facts);
    put_links(&put, facts);
    put_tasks(&put, facts);
    TRY(put_end(&put, report));
    if (out->len - start > LIMIT_FACTS_BYTES)
        return fail(report, FAULT_LIMIT, "a dossier holds at most %d bytes of facts",
                    LIMIT_FACTS_BYTES);
    return OK;
}

/* ---- reading ---- */

/* Makes room for a list whose elements take at least `least` bytes. */
#define TAKE_LIST(take, list, least)                                                               \
    do {                                                                                           \
        (list)->count = take_count((take), (least));                                               \
        (list)->at = take_array((take), (list)->count, sizeof(*(list)->at));                       \
        if ((list)->at == NULL)                                                                    \
            (list)->count = 0;                                                                     \
        (list)->room = (list)->count;                                                              \
    } while (0)

static bool take_bool(struct take *take)
{
    return take_below(take, 1) == 1;
}

static void take_binding(struct take *take, struct binding *binding)
{
    binding->slot = (enum slot)take_below(take, SLOT_COUNT - 1);
    binding->name = take_word(take);
    if (binding->name == 0)
        take_id(take, binding->id.bytes);
}

static void take_roles(struct take *take, struct facts *facts)
{
    TAKE_LIST(take, &facts->roles, 6);
    for (size_t i = 0; i < facts->roles.count && !take->in.bad; i++) {
        struct fact_role *role = &facts->roles.at[i];
        take_id(take, role->id.bytes);
        role->role = take_word(take);
        take_id(take, role->matter.bytes);
        role->since = take_instant(take);
        role->until = take_instant(take);
        role->opened = take_bool(take);
    }
}

static void take_one_evidence(struct take *take, struct fact_evidence *evidence)
{
    take_id(take, evidence->id.bytes);
    evidence->type = take_word(take);
    size_t bound = take_count(take, 3);
    if (bound > SLOT_COUNT)
        take->in.bad = true;
    evidence->bound = take_array(take, bound, sizeof(*evidence->bound));
    evidence->bound_count = evidence->bound == NULL ? 0 : (uint16_t)bound;
    for (size_t b = 0; b < evidence->bound_count; b++)
        take_binding(take, &evidence->bound[b]);
    evidence->since = take_instant(take);
    evidence->until = take_instant(take);
    evidence->until_counts = take_bool(take);
    take_id(take, evidence->details.bytes);
}

static void take_evidence(struct take *take, struct facts *facts)
{
    TAKE_LIST(take, &facts->evidence, 7);
    for (size_t i = 0; i < facts->evidence.count && !take->in.bad; i++)
        take_one_evidence(take, &facts->evidence.at[i]);
}

static void take_events(struct take *take, struct facts *facts)
{
    TAKE_LIST(take, &facts->events, 4);
    for (size_t i = 0; i < facts->events.count && !take->in.bad; i++) {
        struct fact_event *event = &facts->events.at[i];
        event->event = take_word(take);
        take_id(take, event->matter.bytes);
        event->first = take_instant(take);
        event->last = take_instant(take);
    }
}

static record_id *take_ids(struct take *take, uint16_t *count)
{
    size_t many = take_count(take, 1);
    if (many > UINT16_MAX)
        take->in.bad = true;
    record_id *ids = take_array(take, many, sizeof(*ids));
    *count = ids == NULL ? 0 : (uint16_t)many;
    for (size_t i = 0; i < *count; i++)
        take_id(take, ids[i].bytes);
    return ids;
}

static void take_items(struct take *take, struct facts *facts)
{
    TAKE_LIST(take, &facts->items, 16);
    for (size_t i = 0; i < facts->items.count && !take->in.bad; i++) {
        struct fact_item *item = &facts->items.at[i];
        word *const names[] = {&item->field,   &item->source,     &item->intake,
                               &item->channel, &item->controller, &item->version};
        take_id(take, item->id.bytes);
        for (size_t n = 0; n < LENGTH(names); n++)
            *names[n] = take_word(take);
        take_id(take, item->matter.bytes);
        item->collected = take_instant(take);
        item->told = take_words(take, &item->told_count);
        item->key = (uint32_t)take_below(take, UINT32_MAX);
        item->size = (uint32_t)take_below(take, UINT32_MAX);
        item->chunks = (uint16_t)take_below(take, UINT16_MAX);
        item->made_from = take_ids(take, &item->made_from_count);
        item->external = take_bool(take);
        item->failing = take_bool(take);
    }
}

static void take_stops(struct take *take, struct facts *facts)
{
    TAKE_LIST(take, &facts->objections, 4);
    for (size_t i = 0; i < facts->objections.count && !take->in.bad; i++) {
        struct fact_objection *objection = &facts->objections.at[i];
        take_id(take, objection->id.bytes);
        objection->purpose = take_word(take);
        objection->since = take_instant(take);
        objection->state = (enum objection_state)take_below(take, OBJECTION_DISMISSED);
    }
    TAKE_LIST(take, &facts->switches, 5);
    for (size_t i = 0; i < facts->switches.count && !take->in.bad; i++) {
        struct fact_switch *stop = &facts->switches.at[i];
        take_id(take, stop->id.bytes);
        stop->stop = take_word(take);
        stop->channel = take_word(take);
        take_id(take, stop->recipient.bytes);
        stop->since = take_instant(take);
    }
    TAKE_LIST(take, &facts->restrictions, 4);
    for (size_t i = 0; i < facts->restrictions.count && !take->in.bad; i++) {
        struct fact_restriction *restriction = &facts->restrictions.at[i];
        take_id(take, restriction->id.bytes);
        restriction->fields = take_words(take, &restriction->field_count);
        restriction->since = take_instant(take);
        restriction->told = take_bool(take);
    }
}

static void take_limits(struct take *take, struct facts *facts)
{
    TAKE_LIST(take, &facts->limits, 5);
    for (size_t i = 0; i < facts->limits.count && !take->in.bad; i++) {
        struct fact_limit *limit = &facts->limits.at[i];
        take_id(take, limit->id.bytes);
        limit->items = take_ids(take, &limit->item_count);
        limit->purposes = take_words(take, &limit->purpose_count);
        limit->until = take_instant(take);
        limit->use_only = take_bool(take);
    }
}

static void take_links(struct take *take, struct facts *facts)
{
    TAKE_LIST(take, &facts->concerns, 9);
    for (size_t i = 0; i < facts->concerns.count && !take->in.bad; i++) {
        struct fact_concern *concern = &facts->concerns.at[i];
        take_id(take, concern->id.bytes);
        concern->kind = (enum concern_kind)take_below(take, CONCERN_KIND_COUNT - 1);
        concern->state = (enum concern_state)take_below(take, CONCERN_WITHHELD);
        take_id(take, concern->other.bytes);
        take_id(take, concern->item.bytes);
        concern->field = take_word(take);
        concern->source = take_word(take);
        concern->since = take_instant(take);
        concern->restricted = take_instant(take);
    }
    TAKE_LIST(take, &facts->hashes, 1 + sizeof(facts->hashes.at->bytes));
    for (size_t i = 0; i < facts->hashes.count && !take->in.bad; i++) {
        struct fact_hash *hash = &facts->hashes.at[i];
        hash->kind = take_word(take);
        str bytes = read_bytes(&take->in, sizeof(hash->bytes));
        if (!take->in.bad)
            memcpy(hash->bytes, bytes.ptr, sizeof(hash->bytes));
    }
}

static void take_tasks(struct take *take, struct facts *facts)
{
    TAKE_LIST(take, &facts->tasks, 11);
    for (size_t i = 0; i < facts->tasks.count && !take->in.bad; i++)
        take_task(take, &facts->tasks.at[i]);
}

status facts_read(str bytes, struct words *words, struct arena *arena, struct report *report,
                  struct facts **out)
{
    assert(words != NULL);
    assert(arena != NULL);
    if (bytes.len > LIMIT_FACTS_BYTES)
        return fail(report, FAULT_LIMIT, "a dossier holds at most %d bytes of facts",
                    LIMIT_FACTS_BYTES);
    struct facts *facts = ARENA_NEW(arena, struct facts);
    if (facts == NULL)
        return NO_MEMORY(report);
    struct take take;
    if (!take_begin(&take, bytes, words, arena, FACTS_FORMAT))
        return fail(report, FAULT_CORRUPT, "the facts of a dossier are of an unknown format");
    facts->kind = (enum dossier_kind)take_below(&take, DOSSIER_KIND_COUNT - 1);
    take_id(&take, facts->id.bytes);
    facts->version = take_number(&take);
    facts->name = take_word(&take);
    facts->created = take_instant(&take);
    facts->erase_asked = take_instant(&take);
    facts->had_items = take_bool(&take);
    take_roles(&take, facts);
    take_evidence(&take, facts);
    take_events(&take, facts);
    take_items(&take, facts);
    take_stops(&take, facts);
    take_limits(&take, facts);
    take_links(&take, facts);
    take_tasks(&take, facts);
    TRY(take_end(&take, report));
    *out = facts;
    return OK;
}

/* ---- limits ---- */

bool limit_has(const struct fact_limit *limit, const struct fact_item *item, word purpose)
{
    bool has = item == NULL && limit->item_count == 0, names = limit->purpose_count == 0;
    for (size_t i = 0; item != NULL && i < limit->item_count && !has; i++)
        has = ID_EQUAL(limit->items[i], item->id);
    for (size_t i = 0; has && i < limit->purpose_count && !names; i++)
        names = limit->purposes[i] == purpose;
    return has && names;
}

void facts_limits_follow(struct facts *facts, record_id from, record_id to)
{
    for (size_t i = 0; i < facts->limits.count; i++) {
        struct fact_limit *limit = &facts->limits.at[i];
        for (size_t n = 0; n < limit->item_count; n++)
            if (ID_EQUAL(limit->items[n], from))
                limit->items[n] = to;
    }
}
