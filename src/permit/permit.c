#include "permit.h"

#include "limits.h"

struct permit {
    struct permit_scope scope;
    uint64_t index;
    bool writes;
    record_id *items; /* allowed by the decision's parts; NULL: the decision was about the whole */
    size_t item_count;
};

static bool allows(const struct decision *decision)
{
    return decision != NULL && decision->verdict != VERDICT_REFUSE;
}

static status copy_allowed_items(struct permit *permit, struct arena *arena, struct report *report)
{
    const struct decision *decision = permit->scope.decision;
    size_t count = 0;
    for (size_t i = 0; i < decision->count; i++)
        count += !ID_IS_ZERO(decision->parts[i].item);
    if (count == 0)
        return OK;
    permit->items = ARENA_ARRAY(arena, record_id, count);
    if (permit->items == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        if (!ID_IS_ZERO(part->item) && part->verdict != VERDICT_REFUSE)
            permit->items[permit->item_count++] = part->item;
    }
    return OK;
}

/* The one constructor behind both public ones. */
static status permit_make(const struct permit_scope *scope, uint64_t index, bool writes,
                          struct arena *arena, struct report *report, const struct permit **out)
{
    struct permit *permit = ARENA_NEW(arena, struct permit);
    if (permit == NULL)
        return NO_MEMORY(report);
    *permit = (struct permit){.scope = *scope, .index = index, .writes = writes};
    TRY(copy_allowed_items(permit, arena, report));
    *out = permit;
    return OK;
}

static status keep_entry(dossier_id dossier, const struct permit_sink *sink,
                         const struct audit_entry *entry, str text, struct report *report)
{
    record_id id;
    memcpy(id.bytes, entry->random.bytes, ID_BYTES);
    return sink->put(sink->self, dossier, id, text, report);
}

status permit_to_write(const struct permit_scope *scope, const struct permit_sink *sink,
                       struct audit_log *log, const struct audit_entry *entry, struct arena *arena,
                       struct report *report, const struct permit **permit)
{
    assert(scope != NULL && sink != NULL && entry != NULL);

    if (!allows(scope->decision))
        return fail(report, FAULT_REFUSED, "a write needs a decision that allows it");
    char room[LIMIT_ENTRY_BYTES];
    str text;
    uint64_t index;
    TRY(audit_write(log, entry, room, report, &text, &index));
    TRY(keep_entry(scope->dossier, sink, entry, text, report));
    return permit_make(scope, index, true, arena, report, permit);
}

status permit_ask(const struct permit_scope *scope, const struct permit_sink *sink,
                  struct audit_log *log, const struct audit_entry *entry, struct report *report,
                  struct permit_wait *wait)
{
    assert(scope != NULL && entry != NULL && wait != NULL);

    if (!allows(scope->decision))
        return fail(report, FAULT_REFUSED, "a read needs a decision that allows it");
    char room[LIMIT_ENTRY_BYTES];
    str text;
    uint64_t index;
    TRY(audit_write(log, entry, room, report, &text, &index));
    if (sink != NULL)
        TRY(keep_entry(scope->dossier, sink, entry, text, report));
    *wait = (struct permit_wait){.scope = *scope, .index = index, .asked = true};
    return OK;
}

struct permit_many {
    uint64_t index;                    /* of the entry */
    const struct manifest_line *lines; /* a copy: what was written, not what its maker has since */
    size_t count;
    bool kept; /* in the outbox of the transaction that it was made in */
};

status permit_ask_many(const struct permit_book *book, struct audit_log *log,
                       struct audit_entry *entry, struct permit_list list, struct arena *arena,
                       struct report *report, const struct permit_many **out)
{
    assert(entry != NULL && list.lines != NULL);

    struct permit_many *many = ARENA_NEW(arena, struct permit_many);
    if (many == NULL)
        return NO_MEMORY(report);
    TRY(audit_manifest_write(log, list.lines, list.count, report, &entry->manifest));
    str copy = arena_copy(arena, (str){(const char *)list.lines, list.count * sizeof(*list.lines)});
    if (copy.ptr == NULL)
        return NO_MEMORY(report);
    entry->has_manifest = true;
    entry->manifest_lines = (uint32_t)list.count;
    char room[LIMIT_ENTRY_BYTES];
    str text;
    TRY(audit_write(log, entry, room, report, &text, &many->index));
    if (book != NULL)
        TRY(keep_entry(book->dossier, book->sink, entry, text, report));
    many->kept = book != NULL;
    many->lines = (const struct manifest_line *)(const void *)copy.ptr;
    many->count = list.count;
    *out = many;
    return OK;
}

static const struct manifest_line *line_of(const struct permit_many *many, audit_id handle)
{
    size_t low = 0, high = many->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(handle.bytes, many->lines[middle].handle, ID_BYTES);
        if (order == 0)
            return &many->lines[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

status permit_ask_line(const struct permit_scope *scope, const struct permit_many *many,
                       audit_id handle, struct report *report, struct permit_wait *wait)
{
    const struct manifest_line *line = line_of(many, handle);
    if (!allows(scope->decision) || line == NULL || line->decision == AUDIT_REFUSE)
        return fail(report, FAULT_REFUSED, "the manifest allows nothing of this person");
    *wait = (struct permit_wait){.scope = *scope, .index = many->index, .asked = true};
    return OK;
}

status permit_write_line(const struct permit_scope *scope, const struct permit_many *many,
                         audit_id handle, const struct audit_log *log, struct arena *arena,
                         struct report *report, const struct permit **permit)
{
    struct permit_wait wait;
    TRY(permit_ask_line(scope, many, handle, report, &wait));
    if (!many->kept && audit_size(log) <= wait.index)
        return fail(report, FAULT_INTERNAL, "a permit was asked for before its entry was durable");
    return permit_make(scope, wait.index, true, arena, report, permit);
}

uint64_t permit_many_index(const struct permit_many *many)
{
    return many->index;
}

status permit_to_read(const struct permit_wait *wait, const struct audit_log *log,
                      struct arena *arena, struct report *report, const struct permit **permit)
{
    assert(wait != NULL && wait->asked);

    uint64_t index = audit_where(log, wait->index);
    if (audit_size(log) <= index)
        return fail(report, FAULT_INTERNAL, "a permit was asked for before its entry was durable");
    return permit_make(&wait->scope, index, false, arena, report, permit);
}

dossier_id permit_dossier(const struct permit *permit)
{
    return permit->scope.dossier;
}

enum action permit_action(const struct permit *permit)
{
    return permit->scope.action;
}

uint64_t permit_index(const struct permit *permit)
{
    return permit->index;
}

bool permit_writes(const struct permit *permit)
{
    return permit->writes;
}

bool permit_covers(const struct permit *permit, dossier_id dossier, record_id item)
{
    if (!ID_EQUAL(permit->scope.dossier, dossier))
        return false;
    if (permit->items == NULL)
        return true;
    for (size_t i = 0; i < permit->item_count; i++) {
        if (ID_EQUAL(permit->items[i], item))
            return true;
    }
    return false;
}
