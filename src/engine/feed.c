/* The feed of changes: what happened to whom, in the order of the log, for systems of the firm that
 * keep copies. It is read from the log itself, so it can say no more than the log does: the
 * person's reference, ids of items, a word, and never a value. What is erased leaves that it was
 * erased.
 *
 * A page looks at so many entries and may give none; where it ended is where the next one begins.
 * The log tells of everybody and not by purposes, so this is not for tokens that are bound: they
 * ask about whom they hold (held.c). A batch that reads, gives or sends changes nothing; of one
 * that changes roles each person of its manifest is told, so that a page may be longer than was
 * asked. */
#include "engine_internal.h"
#include "manifest.h"

enum { FEED_ENTRIES = 10000 };

/* Entries that are a change, by their action; everything else is none. */
static const struct {
    const char *action, *change;
} CHANGES[] = {
    {"create", "created"},          {"identify", "identified"}, {"role", "role_given"},
    {"role_end", "role_ended"},     {"collect", "kept"},        {"derive", "kept"},
    {"rectify", "corrected"},       {"merge", "kept"}, /* more of them */
    {"merge_from", "merged"},       {"split", "corrected"},     {"split_new", "created"},
    {"restrict", "restricted"},     {"lift", "lifted"},         {"erase", "ended"},
    {"erase_whole", "erased"},      {"consent", "consented"},   {"withdraw", "withdrawn"},
    {"object", "objected"},         {"switch", "switched_off"}, {"stop", "switched_off"},
    {"recording_veto", "objected"}, {"death", "died"},          {"errand_done", "erased_elsewhere"},
};

struct feeding {
    struct feed *feed;
    struct call *call;
    struct audit_entry *entry;
    uint64_t from;
    size_t limit, seen;
    LIST(struct feed_change) list;
};

/* Evidence that holds back erasure is a change; other evidence is not. */
static const char *of_evidence(const struct call *call, const struct audit_entry *entry)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    str effect = entry->effect_count > 0 ? entry->effects[0] : STR(""), type;
    if (!str_is(entry->action, "evidence") || !str_next(&effect, ':', &type))
        return NULL;
    plan_index index = plan_find(plan, plan->evidence_of, words_find(call->reg->words, effect));
    return index != NONE && plan->evidence[index].kind == KIND_CLAIM ? "held" : NULL;
}

static const char *change_of(const struct call *call, const struct audit_entry *entry)
{
    static const audit_id nobody;
    bool about_nobody = memcmp(&entry->subject, &nobody, sizeof(nobody)) == 0;
    if (entry->decision == AUDIT_REFUSE || (about_nobody && !entry->has_manifest))
        return NULL;
    for (size_t i = 0; i < LENGTH(CHANGES); i++) {
        bool elsewhere = str_is(entry->action, "errand_done") && entry->effect_count > 0 &&
                         !str_is(entry->effects[0], "erase"); /* put right, restricted: not told */
        if (str_is(entry->action, CHANGES[i].action))
            return elsewhere ? NULL : CHANGES[i].change;
    }
    return of_evidence(call, entry);
}

static status copy_items(struct call *call, const struct audit_entry *entry,
                         struct feed_change *change)
{
    record_id *items = ARENA_ARRAY(call->arena, record_id, entry->effect_count + 1);
    if (items == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < entry->effect_count; i++) {
        str id = entry->effects[i];
        if (!str_starts(id, STR("item:")))
            continue;
        change->item_count += id_parse(str_slice(id, 5, id.len), items[change->item_count].bytes);
    }
    change->items = items;
    return OK;
}

static status add_change(struct feeding *feeding, const struct feed_change *change)
{
    struct feed_change *added = LIST_ADD(feeding->call->arena, &feeding->list);
    if (added == NULL)
        return NO_MEMORY(feeding->call->report);
    *added = *change;
    return OK;
}

/* The same change of everybody whom the manifest allows it of. */
static status add_changes(struct feeding *feeding, struct feed_change change)
{
    const struct audit_entry *entry = feeding->entry;
    struct call *call = feeding->call;
    struct manifest_name name = {entry->manifest, entry->manifest_lines};
    const struct manifest_line *lines;
    TRY(audit_manifest_load(call->reg->log, &name, call->arena, call->report, &lines));
    for (size_t i = 0; i < name.lines; i++) {
        memcpy(change.reference.bytes, lines[i].handle, ID_BYTES);
        if (lines[i].decision != AUDIT_REFUSE)
            TRY(add_change(feeding, &change));
    }
    return OK;
}

static status look(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct feeding *feeding = self;
    struct call *call = feeding->call;
    const struct audit_entry *entry = feeding->entry;
    feeding->feed->next = index + 1;
    *stop = ++feeding->seen == FEED_ENTRIES;
    TRY(entry_parse(text, report, feeding->entry));
    const char *what = change_of(call, entry);
    if (what == NULL)
        return OK;
    struct feed_change change = {.index = index,
                                 .at = entry->at,
                                 .change = str_from(what),
                                 .purpose = arena_copy(call->arena, entry->purpose)};
    memcpy(change.reference.bytes, entry->subject.bytes, ID_BYTES);
    TRY(copy_items(call, entry, &change));
    TRY(entry->has_manifest ? add_changes(feeding, change) : add_change(feeding, &change));
    *stop |= feeding->list.count >= feeding->limit;
    return OK;
}

static status feed_finish(struct call *call)
{
    struct feeding *feeding = call->state;
    struct feed *feed = feeding->feed;
    uint64_t size = audit_size(call->reg->log);
    feed->next = feeding->from > size ? size : feeding->from; /* of a log that a crash cut */
    TRY(audit_scan(call->reg->log, feed->next, look, feeding, call->report));
    feed->at = feeding->list.at;
    feed->count = feeding->list.count;
    feed->more = feed->next < audit_size(call->reg->log);
    return OK;
}

status engine_feed(struct call *call, uint64_t from, size_t limit, struct feed *feed)
{
    struct feeding *feeding = ARENA_NEW(call->arena, struct feeding);
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    *feed = (struct feed){0};
    if (feeding == NULL || entry == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    *feeding =
        (struct feeding){.feed = feed, .call = call, .entry = entry, .from = from, .limit = limit};
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    TRY(call_log(call, NULL, &op, "feed", decision_by_scope()));
    call->state = feeding;
    call->finish = feed_finish;
    return OK;
}
