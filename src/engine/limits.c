/* What an item may not gain by being put together with others.
 *
 *   each purpose, recipient, message --decide--> before, after: newly allowed  -> limit of use
 *   each ground                      --settle--> before, after: later end      -> limit of its end
 *
 * Two people's facts are never joined by reasoning about rules: both sides are asked, and what the
 * answers differ in is closed. A consent given afterwards opens a use again. */
#include "merge.h"

struct more {
    LIST(struct fact_limit) list;
};

static bool same_items(const struct fact_limit *a, const struct fact_limit *b)
{
    return a->item_count == b->item_count &&
           (a->item_count == 0 ||
            memcmp(a->items, b->items, a->item_count * sizeof(*a->items)) == 0);
}

static bool is_there(const struct more *more, const record_id *item, word purpose, instant until,
                     bool use_only)
{
    for (size_t i = 0; i < more->list.count; i++) {
        const struct fact_limit *there = &more->list.at[i];
        bool same = item == NULL ? there->item_count == 0
                                 : there->item_count == 1 && ID_EQUAL(there->items[0], *item);
        if (same && there->purposes[0] == purpose && there->until.ms == until.ms &&
            there->use_only == use_only)
            return true;
    }
    return false;
}

/* One purpose of one item (NULL: what has none); `purpose` 0: every one. */
static status add(struct call *call, struct more *more, const record_id *item, word purpose,
                  instant until, bool use_only)
{
    if (is_there(more, item, purpose, until, use_only))
        return OK;
    struct fact_limit *limit = LIST_ADD(call->arena, &more->list);
    record_id *items = ARENA_NEW(call->arena, record_id);
    word *purposes = ARENA_NEW(call->arena, word);
    if (limit == NULL || items == NULL || purposes == NULL)
        return NO_MEMORY(call->report);
    *limit = (struct fact_limit){.id = call_record_id(call),
                                 .items = items,
                                 .item_count = item != NULL,
                                 .purposes = purposes,
                                 .purpose_count = purpose != 0,
                                 .until = until,
                                 .use_only = use_only};
    if (item != NULL)
        *items = *item;
    *purposes = purpose;
    return OK;
}

/* ---- fewer of them ---- */

static bool alike(const struct fact_limit *a, const struct fact_limit *b)
{
    return a->until.ms == b->until.ms && a->use_only == b->use_only &&
           (a->item_count == 0) == (b->item_count == 0);
}

static status join(struct call *call, struct fact_limit *to, const struct fact_limit *from,
                   bool by_purpose)
{
    size_t old = by_purpose ? to->purpose_count : to->item_count;
    size_t size = by_purpose ? sizeof(word) : sizeof(record_id);
    size_t more = by_purpose ? from->purpose_count : from->item_count;
    char *at = arena_take(call->arena, (old + more) * size);
    if (at == NULL)
        return NO_MEMORY(call->report);
    memcpy(at, by_purpose ? (const void *)to->purposes : (const void *)to->items, old * size);
    memcpy(at + old * size, by_purpose ? (const void *)from->purposes : (const void *)from->items,
           more * size);
    if (by_purpose) {
        to->purposes = (word *)(void *)at;
        to->purpose_count = (uint16_t)(old + more);
    } else {
        to->items = (record_id *)(void *)at;
        to->item_count = (uint16_t)(old + more);
    }
    return OK;
}

/* Those of one purpose become one of several items; then those of the same items one of several
 * purposes: facts are small. */
static status fold(struct call *call, struct more *more, bool by_purpose)
{
    size_t kept = 0;
    for (size_t i = 0; i < more->list.count; i++) {
        const struct fact_limit *one = &more->list.at[i];
        struct fact_limit *to = NULL;
        for (size_t k = 0; k < kept && to == NULL; k++) {
            struct fact_limit *there = &more->list.at[k];
            bool same =
                by_purpose
                    ? same_items(there, one) && there->purpose_count > 0 && one->purpose_count > 0
                    : one->item_count > 0 && there->purpose_count == one->purpose_count &&
                          there->purposes[0] == one->purposes[0];
            if (same && alike(there, one))
                to = there;
        }
        if (to != NULL)
            TRY(join(call, to, one, by_purpose));
        else
            more->list.at[kept++] = *one;
    }
    more->list.count = kept;
    return OK;
}

static status put(struct call *call, struct facts *facts, struct more *more)
{
    TRY(fold(call, more, false));
    TRY(fold(call, more, true));
    for (size_t i = 0; i < more->list.count; i++) {
        struct fact_limit *added = LIST_ADD(call->arena, &facts->limits);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = more->list.at[i];
    }
    more->list.count = 0;
    return OK;
}

/* ---- uses ---- */

static const struct part *part_of(const struct decision *decision, record_id item)
{
    for (size_t i = 0; i < decision->count; i++) {
        if (ID_EQUAL(decision->parts[i].item, item))
            return &decision->parts[i];
    }
    return NULL;
}

static bool has_item(const struct subject *subject, record_id item)
{
    return facts_find_item(subject->dossier->facts, item) != NULL;
}

static status ask(struct call *call, struct arena *arena, const struct subject *subject,
                  const struct operation *op, struct decision *decision)
{
    struct view view;
    struct operation own = *op;
    own.subject = subject->dossier->facts->id;
    TRY(call_view(call, subject->dossier->facts, &own, &view));
    return decide(&view, &subject->settled, &own, call->now, arena, call->report, decision);
}

static bool allows(const struct part *part)
{
    return part != NULL && part->verdict != VERDICT_REFUSE;
}

/* A use of items: what is newly allowed of each is closed for it. */
static status compare_items(struct call *call, const struct limiting *limiting,
                            const struct operation *op, struct more *more)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct decision after, then[2] = {{0}};
    TRY(ask(call, scratch, limiting->after, op, &after));
    if (after.verdict == VERDICT_REFUSE)
        return OK;
    for (size_t b = 0; b < limiting->before_count; b++)
        TRY(ask(call, scratch, limiting->before[b], op, &then[b]));
    for (size_t i = 0; i < after.count; i++) {
        const struct part *part = &after.parts[i];
        bool was = false;
        for (size_t b = 0; b < limiting->before_count; b++)
            was |=
                has_item(limiting->before[b], part->item) && allows(part_of(&then[b], part->item));
        if (allows(part) && !was && !ID_IS_ZERO(part->item))
            TRY(add(call, more, &part->item, op->purpose, call->now, true));
    }
    return OK;
}

static bool is_wish(str rule)
{
    return str_is(rule, "rights.object") || (rule.len > 9 && memcmp(rule.ptr, "switches.", 9) == 0);
}

/* A message or a cookie: somebody's no closes it, and what neither dossier alone allows. */
static status compare_whole(struct call *call, const struct limiting *limiting,
                            const struct operation *op, struct more *more)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct decision after, then;
    bool was = false, refused = false;
    TRY(ask(call, scratch, limiting->after, op, &after));
    if (after.verdict == VERDICT_REFUSE)
        return OK;
    for (size_t b = 0; b < limiting->before_count; b++) {
        TRY(ask(call, scratch, limiting->before[b], op, &then));
        was |= then.verdict != VERDICT_REFUSE;
        refused |= then.verdict == VERDICT_REFUSE && is_wish(then.reason.rule);
    }
    return was && !refused ? OK : add(call, more, NULL, op->purpose, call->now, true);
}

/* Parties that evidence of either names: it may be for one of them alone. */
struct parties {
    LIST(dossier_id) list;
};

static status add_parties(struct call *call, struct parties *parties, const struct facts *facts)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        for (size_t b = 0; b < evidence->bound_count; b++) {
            bool new_ =
                evidence->bound[b].slot == SLOT_RECIPIENT && !ID_IS_ZERO(evidence->bound[b].id);
            for (size_t p = 0; p < parties->list.count; p++)
                new_ &= !ID_EQUAL(parties->list.at[p], evidence->bound[b].id);
            dossier_id *added = new_ ? LIST_ADD(call->arena, &parties->list) : NULL;
            if (new_ && added == NULL)
                return NO_MEMORY(call->report);
            if (new_)
                *added = evidence->bound[b].id;
        }
    }
    return OK;
}

static status compare_shares(struct call *call, const struct limiting *limiting,
                             struct operation op, plan_index purpose, struct more *more)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct parties parties = {0};
    TRY(add_parties(call, &parties, limiting->after->dossier->facts));
    op.action = ACTION_SHARE;
    for (size_t r = 0; r < plan->recipient_count; r++) {
        if (!refs_has(&plan->recipient[r].purposes, purpose))
            continue;
        op.recipient = plan->recipient[r].clause.name;
        op.party = (dossier_id){{0}};
        TRY(compare_items(call, limiting, &op, more));
        for (size_t p = 0; p < parties.list.count; p++) {
            op.party = parties.list.at[p];
            TRY(compare_items(call, limiting, &op, more));
        }
    }
    return OK;
}

static status compare_messages(struct call *call, const struct limiting *limiting,
                               struct more *more)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t m = 0; m < plan->message_count; m++) {
        const struct plan_message *message = &plan->message[m];
        struct operation op = {
            .action = ACTION_SEND, .asking = true, .message = message->clause.name};
        if (message->purpose == NONE)
            continue;
        op.purpose = plan->purpose[message->purpose].clause.name;
        for (size_t c = 0; c < message->channel_count; c++) {
            op.channel = message->channels[c].name;
            TRY(compare_whole(call, limiting, &op, more));
        }
    }
    for (size_t k = 0; k < plan->cookie_count; k++) {
        struct operation op = {
            .action = ACTION_COOKIE_SET, .asking = true, .cookie = plan->cookie[k].clause.name};
        for (size_t p = 0; p < plan->purpose_count; p++) {
            op.purpose = plan->purpose[p].clause.name;
            if (refs_has(&plan->cookie[k].purposes, (plan_index)p))
                TRY(compare_whole(call, limiting, &op, more));
        }
    }
    return OK;
}

static status compare_uses(struct call *call, const struct limiting *limiting, struct more *more)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t p = 0; p < plan->purpose_count; p++) {
        struct operation op = {
            .action = ACTION_READ, .asking = true, .purpose = plan->purpose[p].clause.name};
        if (plan->purpose[p].clause.closed)
            continue;
        TRY(compare_items(call, limiting, &op, more));
        op.action = ACTION_USE;
        TRY(compare_items(call, limiting, &op, more));
        TRY(compare_shares(call, limiting, op, (plan_index)p, more));
    }
    return compare_messages(call, limiting, more);
}

/* ---- ends ---- */

static bool is_claim(const struct plan *plan, const struct fact_evidence *evidence)
{
    plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
    return type != NONE && plan->evidence[type].kind == KIND_CLAIM;
}

/* What purposes alone make of it: a claim and a restriction of either hold for all of it, and store
 * only. Of items as a whole claims are left out (`whole`); when a purpose ends may need one on
 * file, and what a claim holds does not make it end later. */
static status settle_bare(struct call *call, const struct facts *facts, bool whole,
                          struct settled *settled)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct facts *bare = ARENA_NEW(call->arena, struct facts);
    if (bare == NULL)
        return NO_MEMORY(call->report);
    *bare = *facts;
    bare->restrictions.count = bare->concerns.count = bare->evidence.count = 0;
    bare->evidence.at = ARENA_ARRAY(call->arena, struct fact_evidence, facts->evidence.count + 1);
    if (bare->evidence.at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (!whole || !is_claim(plan, &facts->evidence.at[i]))
            bare->evidence.at[bare->evidence.count++] = facts->evidence.at[i];
    }
    struct view view;
    TRY(call_view(call, bare, NULL, &view));
    return settle(&view, call->now, call->arena, call->report, settled);
}

static const struct settled_item *find(const struct settled *settled, size_t count, record_id item)
{
    for (size_t s = 0; s < count; s++) {
        for (size_t i = 0; i < settled[s].count; i++) {
            if (ID_EQUAL(settled[s].items[i].item->id, item))
                return &settled[s].items[i];
        }
    }
    return NULL;
}

static instant end_of(const struct call *call, const struct settled_item *item, plan_index purpose)
{
    for (size_t g = 0; g < item->ground_count; g++) {
        if (item->grounds[g].purpose == purpose)
            return item->grounds[g].end;
    }
    return call->now;
}

/* Purpose by purpose; and, with `whole`, of each item as a whole, whatever made it later. */
static status compare_ends(struct call *call, const struct settled *after,
                           const struct settled *before_, size_t count, bool whole,
                           struct more *more)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < after->count; i++) {
        const struct settled_item *now = &after->items[i];
        const struct settled_item *was = find(before_, count, now->item->id);
        if (now->item->field == 0 || was == NULL)
            continue;
        if (whole && before(was->end, now->end))
            TRY(add(call, more, &now->item->id, 0, was->end, false));
        for (size_t g = 0; !whole && g < now->ground_count; g++) {
            plan_index purpose = now->grounds[g].purpose;
            instant end = end_of(call, was, purpose);
            if (before(end, now->grounds[g].end))
                TRY(add(call, more, &now->item->id, plan->purpose[purpose].clause.name, end,
                        false));
        }
    }
    return OK;
}

static status limit_ends(struct call *call, struct limiting *limiting)
{
    struct facts *facts = limiting->after->dossier->facts;
    struct settled before_[2], after;
    struct more more = {0};
    for (unsigned round = 0; round < 2; round++) {
        bool whole = round == 1;
        for (size_t b = 0; b < limiting->before_count; b++)
            TRY(settle_bare(call, limiting->before[b]->dossier->facts, whole, &before_[b]));
        TRY(settle_bare(call, facts, whole, &after));
        TRY(compare_ends(call, &after, before_, limiting->before_count, whole, &more));
        TRY(put(call, facts, &more));
    }
    return OK;
}

/* ---- both ---- */

static status settle_after(struct call *call, struct limiting *limiting)
{
    TRY(call_view(call, limiting->after->dossier->facts, NULL, &limiting->after->view));
    return call_settle(call, limiting->after);
}

/* By purpose, of how many items; what has no item counts as one. */
static status tell(struct call *call, struct limiting *limiting, size_t from,
                   struct conflicts *conflicts)
{
    const struct facts *facts = limiting->after->dossier->facts;
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t p = 0; p < plan->purpose_count; p++) {
        word name = plan->purpose[p].clause.name;
        uint64_t count = 0;
        for (size_t l = from; l < facts->limits.count; l++) {
            const struct fact_limit *limit = &facts->limits.at[l];
            bool names = limit->purpose_count == 0;
            for (size_t n = 0; n < limit->purpose_count; n++)
                names |= limit->purposes[n] == name;
            count += names ? (limit->item_count == 0 ? 1 : limit->item_count) : 0;
        }
        if (count > 0)
            TRY(conflict_add(call, conflicts, "limit", call_text(call, name), count));
    }
    for (size_t i = 0; i < facts->items.count; i++) {
        bool limited = false;
        for (size_t l = from; l < facts->limits.count && !limited; l++)
            for (size_t n = 0; n < facts->limits.at[l].item_count; n++)
                limited |= ID_EQUAL(facts->limits.at[l].items[n], facts->items.at[i].id);
        limiting->limited += limited;
    }
    return OK;
}

status limits_find(struct call *call, struct limiting *limiting, struct conflicts *conflicts)
{
    struct facts *facts = limiting->after->dossier->facts;
    size_t from = facts->limits.count;
    struct more more = {0};
    TRY(limit_ends(call, limiting));
    TRY(settle_after(call, limiting));
    TRY(compare_uses(call, limiting, &more));
    TRY(put(call, facts, &more));
    TRY(settle_after(call, limiting));
    return tell(call, limiting, from, conflicts);
}
