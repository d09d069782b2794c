/* What lapses when: standing evidence that is missing, lapsed or will lapse, and other evidence of
 * the register, its staff, recipients and places that ends within the days asked for. */
#include <stdlib.h>

#include "engine_internal.h"

enum { DUE_PAGE = 256, DUE_MOST = 1000, DAY_MS = 86400000 };

struct finding_due {
    struct evidence_due_list *list;
    instant until;
};

static void view_about(const struct call *call, const struct binding *about,
                       struct evidence_due *due)
{
    if (about->slot == SLOT_ACTOR)
        due->actor = about->id;
    if (about->slot == SLOT_RECIPIENT)
        due->party = about->id;
    if (about->slot == SLOT_PLACE)
        due->place = about->id;
    if (about->slot == SLOT_PURPOSE)
        due->purpose = call_text(call, about->name);
    if (about->slot == SLOT_VERSION)
        due->version = call_text(call, about->name);
}

static struct evidence_due *add(struct finding_due *finding, str type, instant end, instant now)
{
    struct evidence_due_list *list = finding->list;
    if (!before(end, finding->until))
        return NULL;
    list->more |= list->count == DUE_MOST;
    if (list->more)
        return NULL;
    struct evidence_due *due = &list->at[list->count++];
    *due = (struct evidence_due){.type = type,
                                 .missing = end.ms == ALWAYS.ms,
                                 .overdue = !before(now, end),
                                 .end = end.ms == ALWAYS.ms ? NEVER : end};
    return due;
}

static status add_standing(struct call *call, struct finding_due *finding)
{
    const struct standing *standing;
    size_t count;
    TRY(call_standing(call, &standing, &count));
    for (size_t i = 0; i < count; i++) {
        struct evidence_due *due =
            add(finding, call_text(call, standing[i].type), standing[i].end, call->now);
        if (due == NULL)
            continue;
        due->standing = true;
        view_about(call, &standing[i].about, due);
    }
    return OK;
}

static bool same_about(const struct fact_evidence *a, const struct fact_evidence *b)
{
    if (a->type != b->type || a->bound_count != b->bound_count)
        return false;
    for (size_t i = 0; i < a->bound_count; i++) {
        if (a->bound[i].slot != b->bound[i].slot || a->bound[i].name != b->bound[i].name ||
            !ID_EQUAL(a->bound[i].id, b->bound[i].id))
            return false;
    }
    return true;
}

/* Another record of the same thing counts longer. */
static bool is_renewed(const struct plan *plan, plan_index type, const struct facts *facts,
                       const struct fact_evidence *record)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *other = &facts->evidence.at[i];
        if (same_about(other, record) &&
            before(evidence_until(plan, type, record), evidence_until(plan, type, other)))
            return true;
    }
    return false;
}

static void add_records(struct call *call, struct finding_due *finding, const struct facts *facts)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *record = &facts->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, record->type);
        if (type == NONE || plan->evidence[type].standing ||
            !before(call->now, evidence_until(plan, type, record)) ||
            is_renewed(plan, type, facts, record))
            continue;
        struct evidence_due *due = add(finding, call_text(call, record->type),
                                       evidence_until(plan, type, record), call->now);
        for (size_t b = 0; due != NULL && b < record->bound_count; b++)
            view_about(call, &record->bound[b], due);
    }
}

static status add_kind(struct call *call, struct finding_due *finding, enum dossier_kind kind)
{
    dossier_id after = {{0}};
    size_t count = DUE_PAGE;
    while (count == DUE_PAGE) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        TRY(vault_list(call->reg->vault, kind, after, DUE_PAGE, arena, call->report, &ids, &count));
        for (size_t i = 0; i < count; i++) {
            const struct facts *facts;
            TRY(reg_facts(call->reg, ids[i], call->report, &facts));
            if (facts != NULL)
                add_records(call, finding, facts);
            after = ids[i];
        }
    }
    return OK;
}

static int overdue_first(const void *a, const void *b)
{
    const struct evidence_due *one = a, *other = b;
    if (one->missing != other->missing)
        return one->missing ? -1 : 1;
    return (one->end.ms > other->end.ms) - (one->end.ms < other->end.ms);
}

status engine_evidence_due(struct call *call, uint32_t days, struct evidence_due_list *list)
{
    static const enum dossier_kind kinds[] = {DOSSIER_REGISTER, DOSSIER_STAFF, DOSSIER_PARTY,
                                              DOSSIER_PLACE};
    *list =
        (struct evidence_due_list){.at = ARENA_ARRAY(call->arena, struct evidence_due, DUE_MOST)};
    if (list->at == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    struct finding_due finding = {list, {call->now.ms + (int64_t)days * DAY_MS + 1}};
    TRY(add_standing(call, &finding));
    for (size_t i = 0; i < LENGTH(kinds); i++)
        TRY(add_kind(call, &finding, kinds[i]));
    qsort(list->at, list->count, sizeof(*list->at), overdue_first);
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "evidence_due", decision_by_scope());
}
