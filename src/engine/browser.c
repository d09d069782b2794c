/* What a browser chose: a receipt, which is a dossier of its own with a clock of its own.
 *
 *   choose --> receipt id        30 days after it was last shown, 12 months after the choice: gone
 *   gate   --> what may be set, what must go, whether to ask
 *
 * A receipt is never changed: a new choice makes a new one and erases the old. Each unit of choice
 * is one record of consent, and a no is one that ended as it began, so a receipt of refusals has
 * the bytes of one that accepts. Whoever holds the random id can at worst make the browser be asked
 * again. Nothing of the address, the browser or the page is kept or logged (security item 13). */
#include "calendar.h"
#include "engine_internal.h"

enum { DAY_MS = 24 * 3600 * 1000, UNSEEN_DAYS = 30, ASKED_AGAIN_MONTHS = 12 };

/* ---- units of choice ---- */

bool browser_may_choose(const struct plan_cookie *cookie)
{
    return !cookie->clause.closed && (!cookie->roles.stated || cookie->roles.all);
}

static bool per_cookie(const struct plan *plan, const struct plan_cookie *cookie,
                       plan_index purpose)
{
    return cookie->per_cookie || (plan->purpose[purpose].per >> SLOT_COOKIE & 1) != 0;
}

str browser_unit(const struct plan *plan, const struct plan_cookie *cookie, plan_index purpose)
{
    return per_cookie(plan, cookie, purpose) ? cookie->clause.path
                                             : plan->purpose[purpose].clause.path;
}

struct choice_unit {
    str id;
    word purpose, cookie; /* cookie 0: all of the purpose's */
};
struct units {
    struct choice_unit *at;
    size_t count;
};

static void add_unit(const struct plan *plan, struct units *units, plan_index cookie,
                     plan_index purpose)
{
    struct choice_unit unit = {.id = browser_unit(plan, &plan->cookie[cookie], purpose),
                               .purpose = plan->purpose[purpose].clause.name};
    if (per_cookie(plan, &plan->cookie[cookie], purpose))
        unit.cookie = plan->cookie[cookie].clause.name;
    for (size_t i = 0; i < units->count; i++) {
        if (units->at[i].purpose == unit.purpose && units->at[i].cookie == unit.cookie)
            return;
    }
    units->at[units->count++] = unit;
}

static status units_of(struct call *call, struct units *units)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    size_t most = 1;
    for (plan_index c = 0; c < plan->cookie_count; c++)
        most += plan->cookie[c].purposes.count;
    *units = (struct units){.at = ARENA_ARRAY(call->arena, struct choice_unit, most)};
    if (units->at == NULL)
        return NO_MEMORY(call->report);
    for (plan_index c = 0; c < plan->cookie_count; c++) {
        const struct plan_cookie *cookie = &plan->cookie[c];
        for (size_t i = 0;
             !cookie->necessary && browser_may_choose(cookie) && i < cookie->purposes.count; i++)
            add_unit(plan, units, c, cookie->purposes.at[i]);
    }
    return OK;
}

static bool names_unit(const str *named, size_t count, str id)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(named[i], id) || str_is(named[i], "all"))
            return true;
    }
    return false;
}

static status check_named(struct call *call, const struct units *units, const str *named,
                          size_t count, const char *where)
{
    for (size_t i = 0; i < count; i++) {
        bool known = str_is(named[i], "all");
        for (size_t u = 0; u < units->count; u++)
            known |= str_equal(named[i], units->at[u].id);
        if (!known)
            return fail_at(call->report, FAULT_INVALID, where,
                           "each of these is a unit of the register of cookies, or all");
    }
    return OK;
}

/* ---- the receipt ---- */

static word seen_word(const struct call *call)
{
    return words_intern(call->reg->words, STR("seen"));
}

static instant last_seen(const struct facts *facts)
{
    return facts->events.count == 0 ? facts->created : facts->events.at[0].last;
}

static instant end_of(const struct call *call, const struct facts *facts)
{
    instant unseen = {last_seen(facts).ms + (int64_t)UNSEEN_DAYS * DAY_MS};
    return earlier(unseen, instant_add_span(reg_plan(call->reg, call->now)->zone, facts->created,
                                            ASKED_AGAIN_MONTHS, SPAN_MONTH));
}

/* NULL for what is no receipt, or no more: it answers as one that never was. */
static status find_receipt(struct call *call, dossier_id id, struct dossier **receipt)
{
    enum presence presence;
    *receipt = NULL;
    if (ID_IS_ZERO(id))
        return OK;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, receipt));
    if (presence != PRESENCE_LIVE || (*receipt)->facts->kind != DOSSIER_BROWSER ||
        !before(call->now, end_of(call, (*receipt)->facts)))
        *receipt = NULL;
    return OK;
}

static status store(struct call *call, struct dossier *dossier, const struct permit *permit)
{
    struct vault_index index = {.next = end_of(call, dossier->facts)};
    return vault_put(call->reg->vault, permit, dossier, &index, call->request, call->now,
                     call->arena, call->report);
}

static status write_entry(struct call *call, const struct facts *facts, const char *action,
                          const struct permit **permit)
{
    struct operation op = {.action = ACTION_RECORD, .subject = facts->id, .by_subject = true};
    return call_write(call, facts, &op, action, decision_by_scope(), NULL, 0, permit);
}

static status erase_receipt(struct call *call, struct dossier *dossier)
{
    struct operation op = {.action = ACTION_ERASE, .subject = dossier->facts->id};
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "choice_end", decision_by_scope(), NULL, 0, &permit));
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

status call_browser_due(struct call *call, struct dossier *dossier)
{
    instant end = end_of(call, dossier->facts);
    if (before(call->now, end))
        return vault_due_again(call->reg->vault, dossier->facts->id, end, call->report);
    return erase_receipt(call, dossier);
}

static status add_choice(struct call *call, struct dossier *dossier, const struct permit *permit,
                         const struct choice_unit *unit, bool yes)
{
    const struct zone *zone = reg_plan(call->reg, call->now)->zone;
    struct binding bound[] = {{.slot = SLOT_PURPOSE, .name = unit->purpose},
                              {.slot = SLOT_COOKIE, .name = unit->cookie}};
    instant until =
        yes ? instant_add_span(zone, call->now, ASKED_AGAIN_MONTHS, SPAN_MONTH) : call->now;
    return call_add_evidence(call, dossier, permit, evidence_word(call, KIND_CONSENT), bound,
                             unit->cookie == 0 ? 1 : 2, call->now, until, STR(""));
}

static status choose(struct call *call, const struct browser_ask *request,
                     const struct units *units, struct dossier **receipt)
{
    TRY(check_named(call, units, request->accept, request->accept_count, "/accept"));
    TRY(check_named(call, units, request->refuse, request->refuse_count, "/refuse"));
    if (*receipt != NULL)
        TRY(erase_receipt(call, *receipt));
    const struct permit *permit;
    TRY(vault_new(call->reg->vault, DOSSIER_BROWSER, 0, call->now, call->arena, call->report,
                  receipt));
    struct facts *facts = (*receipt)->facts;
    TRY(write_entry(call, facts, "choice", &permit));
    for (size_t i = 0; i < units->count; i++) {
        str id = units->at[i].id;
        bool yes = !request->browser_refuses &&
                   names_unit(request->accept, request->accept_count, id) &&
                   !names_unit(request->refuse, request->refuse_count, id);
        TRY(add_choice(call, *receipt, permit, &units->at[i], yes));
    }
    TRY(facts_add_event(call, facts, seen_word(call), (dossier_id){{0}}, call->now));
    call->outcome.http = 201;
    return store(call, *receipt, permit);
}

/* Shown again: its thirty days begin anew, and no more than once a day is that written down. */
static status see(struct call *call, struct dossier *receipt)
{
    instant again = {last_seen(receipt->facts).ms + DAY_MS};
    if (before(call->now, again))
        return OK;
    const struct permit *permit;
    TRY(write_entry(call, receipt->facts, "choice_seen", &permit));
    TRY(facts_add_event(call, receipt->facts, seen_word(call), (dossier_id){{0}}, call->now));
    return store(call, receipt, permit);
}

/* ---- the gate ---- */

static bool chose(const struct facts *facts, const struct choice_unit *unit)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        word cookie = evidence->bound_count > 1 ? evidence->bound[1].name : 0;
        if (evidence->bound_count > 0 && evidence->bound[0].name == unit->purpose &&
            cookie == unit->cookie)
            return true;
    }
    return false;
}

/* A browser that comes has the roles of whoever comes: those of the cookie's purposes. A cookie for
 * stated roles is for known people. */
static status with_roles(struct call *call, const struct facts *receipt, plan_index cookie,
                         struct facts *facts)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct refs *purposes = &plan->cookie[cookie].purposes;
    *facts = receipt == NULL ? (struct facts){.created = call->now} : *receipt;
    facts->kind = DOSSIER_SUBJECT;
    facts->roles.at = NULL;
    facts->roles.count = facts->roles.room = 0;
    for (size_t i = 0; i < purposes->count; i++) {
        for (plan_index r = 0; r < plan->role_count; r++) {
            if (refs_has(&plan->purpose[purposes->at[i]].roles, r))
                TRY(facts_add_role(call, facts, plan->role[r].clause.name, (dossier_id){{0}},
                                   facts->created));
        }
    }
    return OK;
}

static status judge(struct call *call, const struct facts *receipt, plan_index cookie, bool *may)
{
    struct facts facts;
    struct view view = {.plans = &call->reg->plans, .subject = &facts};
    *may = false;
    if (!browser_may_choose(&reg_plan(call->reg, call->now)->cookie[cookie]))
        return OK;
    TRY(with_roles(call, receipt, cookie, &facts));
    TRY(reg_facts(call->reg, call->reg->own, call->report, &view.register_));
    return call_may_cookie(call, &view, cookie, may);
}

static status answer_gate(struct call *call, const struct browser_ask *request,
                          const struct units *units, const struct facts *receipt,
                          struct browser_answer *answer)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    answer->allowed = ARENA_ARRAY(call->arena, str, (size_t)plan->cookie_count + 1);
    answer->expire = ARENA_ARRAY(call->arena, str, (size_t)plan->cookie_count + 1);
    if (answer->allowed == NULL || answer->expire == NULL)
        return NO_MEMORY(call->report);
    for (plan_index c = 0; c < plan->cookie_count; c++) {
        bool may, needed = plan->cookie[c].necessary;
        str name = call_text(call, plan->cookie[c].clause.name);
        TRY(judge(call, receipt, c, &may));
        if (may && (needed || !request->browser_refuses))
            answer->allowed[answer->allowed_count++] = name;
        else if (!needed)
            answer->expire[answer->expire_count++] = name;
    }
    bool asked = receipt != NULL || units->count == 0;
    for (size_t i = 0; i < units->count && asked; i++)
        asked = chose(receipt, &units->at[i]);
    answer->ask = !asked && !request->browser_refuses;
    if (receipt != NULL)
        answer->receipt = receipt->id;
    return OK;
}

status engine_browser(struct call *call, const struct browser_ask *request,
                      struct browser_answer *answer)
{
    *answer = (struct browser_answer){0};
    struct units units;
    TRY(call_version_lost(call));
    TRY(units_of(call, &units));
    struct dossier *receipt;
    TRY(find_receipt(call, request->receipt, &receipt));
    if (request->chooses)
        TRY(choose(call, request, &units, &receipt));
    else if (receipt != NULL)
        TRY(see(call, receipt));
    return answer_gate(call, request, &units, receipt == NULL ? NULL : receipt->facts, answer);
}
