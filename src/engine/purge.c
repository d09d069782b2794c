/* Taking away what has ended: items that no live ground holds, and the dossier when nothing is
 * left. */
#include "engine_internal.h"

enum { EFFECTS_AN_ENTRY = 100, BRAKE_MS = 72 * 3600000 };

/* ---- what may be destroyed ---- */

/* Until when a version destroys nothing; zero: it is past that, was confirmed, or was never held
 * back. */
static instant held_back(const struct call *call, size_t version)
{
    const struct reg *reg = call->reg;
    instant from = later(reg->applied[version], reg->versions[version].effective);
    instant until = {from.ms + BRAKE_MS};
    bool held = !reg->simulated && version > 0 && !before(call->now, from) &&
                before(call->now, until) && before(reg->confirmed, from);
    return held ? until : (instant){0};
}

/* What lived before this version came is spared; so a roll-back finds it again. */
static status spare_before(struct call *call, const struct subject *subject, size_t version,
                           instant until, struct going *going)
{
    struct plans without = {call->reg->plans.at, version};
    struct view view = subject->view;
    struct settled before_it;
    view.plans = &without;
    TRY(settle(&view, call->now, call->arena, call->report, &before_it));
    for (size_t i = 0; i < before_it.count; i++) {
        if (!going->items[i] || !before_it.items[i].alive)
            continue;
        going->items[i] = false;
        going->count--;
        going->look_again = earlier(going->look_again, until);
    }
    if (going->whole && !before_it.whole)
        going->look_again = earlier(going->look_again, until);
    going->whole &= before_it.whole;
    return OK;
}

static status spare(struct call *call, const struct subject *subject, struct going *going)
{
    for (size_t v = 1; v < call->reg->plans.count; v++) {
        instant until = held_back(call, v);
        if (until.ms != 0)
            TRY(spare_before(call, subject, v, until, going));
    }
    return OK;
}

status call_going(struct call *call, const struct subject *subject, struct going *going)
{
    const struct settled *settled = &subject->settled;
    *going = (struct going){.whole = settled->whole, .look_again = NEVER};
    going->items = ARENA_ARRAY(call->arena, bool, settled->count + 1);
    if (going->items == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < settled->count; i++) {
        going->items[i] = !settled->items[i].alive;
        going->count += going->items[i];
    }
    return going->whole || going->count > 0 ? spare(call, subject, going) : OK;
}

instant call_next(struct call *call, const struct subject *subject)
{
    struct going going;
    if (!is_ok(call_going(call, subject, &going)) || going.whole || going.count > 0)
        return call->now;
    bool overdue;
    instant notice;
    call_notice_dues(call, subject->dossier->facts, &overdue, &notice);
    for (size_t i = 0; i < subject->dossier->facts->tasks.count; i++)
        notice = earlier(notice, letter_over(&subject->dossier->facts->tasks.at[i]));
    return earlier(earlier(subject->settled.next, going.look_again), notice);
}

/* One entry names up to a hundred items by their random ids: the log proves when each went. */
static status log_gone(struct call *call, const struct facts *facts, const record_id *ids,
                       size_t count, const struct permit **permit)
{
    struct operation op = call_operation(call, ACTION_ERASE, facts->id);
    for (size_t from = 0; from == 0 || from < count; from += EFFECTS_AN_ENTRY) {
        str effects[EFFECTS_AN_ENTRY];
        size_t here = 0;
        while (here < EFFECTS_AN_ENTRY && from + here < count) {
            TRY(call_effect(call, "item", ids[from + here].bytes, &effects[here]));
            here++;
        }
        TRY(call_write(call, facts, &op, "erase", decision_by_scope(), effects, here, permit));
    }
    return OK;
}

static status drop_hash(struct call *call, struct dossier *dossier, word field, blind hash)
{
    struct edit edit = {.kind = EDIT_DROP_HASH, .name = field};
    memcpy(edit.hash, hash.bytes, sizeof(edit.hash));
    TRY(keys_blind_remove(vault_keys(call->reg->vault), hash, dossier->facts->id, call->report));
    return vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report);
}

status call_unindex(struct call *call, struct dossier *dossier, word field)
{
    struct facts *facts = dossier->facts;
    for (size_t i = 0; i < facts->hashes.count;) {
        if (facts->hashes.at[i].kind != field) {
            i++;
            continue;
        }
        blind hash;
        memcpy(hash.bytes, facts->hashes.at[i].bytes, sizeof(hash.bytes));
        TRY(drop_hash(call, dossier, field, hash));
    }
    return OK;
}

static status hash_of(struct call *call, struct dossier *dossier, const struct permit *permit,
                      const struct fact_item *item, blind *hash)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index field = plan_find(plan, plan->field_of, item->field);
    str value;
    if (field == NONE)
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    TRY(vault_open_item(call->reg->vault, permit, dossier, item, call->arena, call->report,
                        &value));
    return keys_blind(vault_keys(call->reg->vault), blind_kind(plan, &plan->field[field]), value,
                      call->report, hash);
}

/* Another item of the field may hold the same value; then the value goes on leading to the person.
 */
static status forget_one(struct call *call, struct dossier *dossier, const struct permit *permit,
                         const struct fact_item *going)
{
    const struct facts *facts = dossier->facts;
    blind gone, other;
    TRY(hash_of(call, dossier, permit, going, &gone));
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        if (item->field != going->field || ID_EQUAL(item->id, going->id))
            continue;
        TRY(hash_of(call, dossier, permit, item, &other));
        if (memcmp(gone.bytes, other.bytes, BLIND_BYTES) == 0)
            return OK;
    }
    return drop_hash(call, dossier, going->field, gone);
}

static bool is_indexed(const struct facts *facts, word field)
{
    for (size_t i = 0; i < facts->hashes.count; i++) {
        if (facts->hashes.at[i].kind == field)
            return true;
    }
    return false;
}

status call_forget_value(struct call *call, struct dossier *dossier, const struct permit *permit,
                         const struct fact_item *going)
{
    const struct facts *facts = dossier->facts;
    bool others = false;
    if (going->field == 0 || !is_indexed(facts, going->field))
        return OK;
    for (size_t i = 0; i < facts->items.count; i++)
        others |=
            facts->items.at[i].field == going->field && !ID_EQUAL(facts->items.at[i].id, going->id);
    struct report odd = {0};
    struct report *kept = call->report;
    call->report = &odd;
    status forgotten = others ? forget_one(call, dossier, permit, going) : OK;
    call->report = kept;
    /* What cannot be told apart goes together: an erasure waits for nothing. */
    return others && is_ok(forgotten) ? OK : call_unindex(call, dossier, going->field);
}

/* Drops one item, and what identified the person by it. */
static status drop_item(struct call *call, struct dossier *dossier, const struct permit *permit,
                        record_id id)
{
    const struct fact_item *item = facts_find_item(dossier->facts, id);
    if (item != NULL)
        TRY(call_search_forget(call, dossier, item->field));
    if (item != NULL)
        TRY(call_forget_value(call, dossier, permit, item));
    TRY(call_concerns_of_item(call, dossier, id, (record_id){{0}}));
    return vault_drop_item(call->reg->vault, dossier, id, call->arena, call->report);
}

status call_erase_items(struct call *call, struct dossier *dossier, const record_id *ids,
                        size_t count, const struct permit **permit)
{
    struct telling telling = {.what = "erasure", .items = ids, .item_count = count};
    TRY(log_gone(call, dossier->facts, ids, count, permit));
    if (count > 0)
        TRY(call_tell(call, dossier->facts, *permit, &telling));
    for (size_t i = 0; i < count; i++)
        TRY(drop_item(call, dossier, *permit, ids[i]));
    if (count > 0)
        TRY(call_end_disclosures(call, dossier->facts, *permit));
    return call_notice_over(call, dossier->facts, false);
}

/* ---- what the log says of an erasure: its certificate is made of it (erased_paper.c) ---- */

enum { WORDS_BYTES_MOST = 3000, WORDS_SPARE = 2 };

static status add_word(struct call *call, struct erasure_words *words, str text)
{
    if (text.ptr == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < words->count; i++) {
        if (str_equal(words->at[i], text))
            return OK;
    }
    words->at[words->count++] = text;
    words->bytes += text.len;
    return OK;
}

status call_erasure_word(struct call *call, struct erasure_words *words, const char *what, str name,
                         str why)
{
    const char *between = why.len > 0 ? ":" : "";
    if (words->full)
        return OK;
    words->full = words->count + WORDS_SPARE + 1 > LENGTH(words->at) ||
                  words->bytes > WORDS_BYTES_MOST ||
                  name.len + why.len + 16 > LIMIT_ENTRY_WORD_BYTES;
    if (words->full)
        return add_word(call, words, STR("more"));
    return add_word(
        call, words,
        arena_format(call->arena, "%s:%.*s%s%.*s", what, STR_ARG(name), between, STR_ARG(why)));
}

status call_erasure_epoch(struct call *call, struct erasure_words *words)
{
    uint32_t number;
    bool exported;
    TRY(keys_epoch(vault_keys(call->reg->vault), call->report, &number, &exported));
    return add_word(call, words, arena_format(call->arena, "epoch:%u", number));
}

word call_category_of(const struct call *call, word field)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->field_of, field);
    return index == NONE ? 0 : plan->category[plan->field[index].category].clause.name;
}

static status words_of_all(struct call *call, const struct facts *facts,
                           struct erasure_words *words)
{
    for (size_t i = 0; i < facts->items.count; i++) {
        word category = call_category_of(call, facts->items.at[i].field);
        if (category != 0)
            TRY(call_erasure_word(call, words, "category", call_text(call, category), STR("")));
    }
    return call_erasure_epoch(call, words);
}

status call_erase_whole(struct call *call, struct dossier *dossier)
{
    const struct facts *facts = dossier->facts;
    record_id *ids = ARENA_ARRAY(call->arena, record_id, facts->items.count + 1);
    if (ids == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < facts->items.count; i++) {
        if (facts->items.at[i].field != 0)
            ids[count++] = facts->items.at[i].id;
    }
    const struct permit *permit;
    struct telling telling = {.what = "erasure"};
    struct erasure_words words = {0};
    TRY(call_suppress(call, facts, false));
    TRY(call_notice_over(call, facts, true));
    TRY(call_quarantines_gone(call, facts));
    TRY(call_concerns_gone(call, facts));
    TRY(call_requests_gone(call, facts));
    TRY(log_gone(call, facts, ids, count, &permit));
    TRY(call_tell(call, facts, permit, &telling));
    struct operation op = call_operation(call, ACTION_ERASE, facts->id);
    TRY(words_of_all(call, facts, &words));
    TRY(call_write(call, facts, &op, "erase_whole", decision_by_scope(), words.at, words.count,
                   &permit));
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

status call_purge(struct call *call, struct subject *subject, const struct permit **permit,
                  uint64_t *items, bool *whole)
{
    struct going going;
    TRY(call_going(call, subject, &going));
    *items = going.count;
    *whole = going.whole;
    if (*whole)
        return call_erase_whole(call, subject->dossier);
    if (*items == 0)
        return OK;
    record_id *ids = ARENA_ARRAY(call->arena, record_id, *items);
    if (ids == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (going.items[i])
            ids[count++] = subject->settled.items[i].item->id;
    }
    return call_erase_items(call, subject->dossier, ids, count, permit);
}

status call_store_and_purge(struct call *call, struct subject *subject, const struct permit *permit)
{
    TRY(call_tell_stopped(call, subject->dossier, permit));
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    TRY(call_settle(call, subject));
    TRY(call_end_recordings(call, subject));
    uint64_t items = 0;
    bool whole = false;
    if (reg_destruction_stopped(call->reg)) {
        /* What ended is unreadable already; it goes once an operator has looked at the clock. */
        return call_store(call, subject, permit);
    }
    TRY(call_purge(call, subject, &permit, &items, &whole));
    return whole ? OK : call_store(call, subject, permit);
}
