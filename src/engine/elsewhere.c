/* What lies in the firm's own systems, at the end of a whole register or space: told before the
 * keys go, as with the erasure of one person, since nothing here would remember it afterwards.
 *
 *   every external item erased here --> errands --done, done, done--> none open: the end goes on
 *
 * Each page of people is a turn of its own, and doing it again does nothing: an end that broke off,
 * or that waits for confirmations, begins here again. */
#include "engine_internal.h"

bool reg_has_external(const struct reg *reg)
{
    for (size_t v = 0; v < reg->plans.count; v++) {
        const struct plan *plan = reg->plans.at[v].plan;
        for (size_t i = 0; i < plan->category_count; i++) {
            if (plan->category[i].external.stated)
                return true;
        }
    }
    return false;
}

static status external_items(struct call *call, const struct facts *facts, record_id **ids,
                             size_t *count)
{
    *count = 0;
    *ids = ARENA_ARRAY(call->arena, record_id, facts->items.count + 1);
    if (*ids == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < facts->items.count; i++) {
        if (facts->items.at[i].external)
            (*ids)[(*count)++] = facts->items.at[i].id;
    }
    return OK;
}

static status tell_of(struct call *call, dossier_id id)
{
    struct subject subject;
    const struct permit *permit = NULL;
    record_id *items;
    size_t count;
    TRY(call_open(call, id, &subject));
    TRY(external_items(call, subject.dossier->facts, &items, &count));
    if (count == 0)
        return OK;
    TRY(call_erase_items(call, subject.dossier, items, count, &permit));
    return call_store_and_purge(call, &subject, permit);
}

struct page {
    dossier_id after;
    size_t people;
};

/* People of a page: their facts fit the arena of a call. */
enum { PAGE_PEOPLE = 32 };

static status use_tell_page(struct call *call, void *self)
{
    struct page *page = self;
    dossier_id *ids;
    TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, page->after, PAGE_PEOPLE, call->arena,
                   call->report, &ids, &page->people));
    for (size_t i = 0; i < page->people; i++)
        TRY(tell_of(call, ids[i]));
    if (page->people > 0)
        page->after = ids[page->people - 1];
    return OK;
}

status reg_tell_elsewhere(struct reg *reg, struct report *report)
{
    struct page page = {.people = PAGE_PEOPLE};
    while (reg_has_external(reg) && page.people == PAGE_PEOPLE) {
        CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
        struct call call;
        TRY(engine_run(reg->engine, reg, engine_system(), arena, report, &call, use_tell_page,
                       &page));
    }
    return OK;
}

/* ---- what was not confirmed ---- */

static status count_page(struct reg *reg, dossier_id *after, size_t *errands, uint64_t *open,
                         struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    dossier_id *ids;
    TRY(vault_list(reg->vault, DOSSIER_ERRAND, *after, LIMIT_PAGE_ROWS, arena, report, &ids,
                   errands));
    for (size_t i = 0; i < *errands; i++) {
        struct dossier *dossier;
        enum presence presence;
        TRY(vault_load(reg->vault, ids[i], arena, report, &presence, &dossier));
        *open += presence == PRESENCE_LIVE ? dossier->facts->tasks.count : 0;
        *after = ids[i];
    }
    return OK;
}

status reg_unconfirmed(struct reg *reg, struct report *report, uint64_t *open)
{
    dossier_id after = {{0}};
    size_t errands = LIMIT_PAGE_ROWS;
    *open = 0;
    while (errands == LIMIT_PAGE_ROWS)
        TRY(count_page(reg, &after, &errands, open, report));
    return OK;
}

status reg_all_confirmed(struct reg *reg, uint64_t said, struct report *report)
{
    uint64_t open;
    TRY(reg_unconfirmed(reg, report, &open));
    if (open == said)
        return OK;
    return fail_at(report, FAULT_CONFLICT, "/unconfirmed",
                   "%llu values lie in your own systems, which were told and have not confirmed: "
                   "ask again when they have, or say this number",
                   (unsigned long long)open);
}
