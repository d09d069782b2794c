/* Breaches of personal data: the register of every one of them (article 33(5)), the clock of
 * seventy-two hours (article 33(1)) and what people make of the risk. C32
 *
 *   known --amended, as often as more is known--> assessed, as often --> closed --5 years--> gone
 *     \-- 48 h: the deadline is near -- 72 h: passed, unless the authority was told or the risk is
 *         none
 *
 * The clock runs from when the firm became aware, whatever is known by then and whoever records it
 * when. It stops by telling the authority or by an assessment of no risk, and by nothing else. */
#include "breach.h"

#include "always.h"
#include "calendar.h"
#include "json.h"
#include "law.h"

enum { WHERE_MOST = 64, YEARS_KEPT = 5 };
static const int64_t HOUR_MS = 3600 * 1000;
enum { HOURS_NEAR = 48 }; /* a reminder, not a period of law */

static const char *const PARTS[BREACH_PART_COUNT] = {
    [BREACH_AWARE] = "breach.aware",     [BREACH_KNOWN] = "breach.known",
    [BREACH_ACTORS] = "breach.actors",   [BREACH_NONE] = "breach.none",
    [BREACH_RISK] = "breach.risk",       [BREACH_HIGH] = "breach.high",
    [BREACH_PHASE] = "breach.phase",     [BREACH_SCOPE] = "breach.scope",
    [BREACH_ACCOUNT] = "breach.account", [BREACH_EXEMPT] = "breach.exempt",
    [BREACH_TELLING] = "breach.telling", [BREACH_CONTROLLER] = "breach.controller",
    [BREACH_CLOSED] = "breach.closed"};
static const char *const NATURES[] = {"confidentiality", "integrity", "availability"};

/* ---- its parts ---- */

bool breach_is(const struct call *call, const struct fact_evidence *evidence, enum breach_part part)
{
    return str_is(call_text(call, evidence->type), PARTS[part]);
}

const struct fact_evidence *breach_last(const struct call *call, const struct facts *facts,
                                        enum breach_part part)
{
    word type = words_find(call->reg->words, str_from(PARTS[part]));
    for (size_t i = facts->evidence.count; type != 0 && i > 0; i--) {
        if (facts->evidence.at[i - 1].type == type)
            return &facts->evidence.at[i - 1];
    }
    return NULL;
}

const struct fact_evidence *breach_risk(const struct call *call, const struct facts *facts)
{
    for (size_t i = facts->evidence.count; i > 0; i--) {
        const struct fact_evidence *evidence = &facts->evidence.at[i - 1];
        for (enum breach_part part = BREACH_NONE; part <= BREACH_HIGH; part++) {
            if (breach_is(call, evidence, part))
                return evidence;
        }
    }
    return NULL;
}

bool facts_are_breach(const struct call *call, const struct facts *facts)
{
    return facts->kind == DOSSIER_CASE && str_is(call_text(call, facts->name), "breach");
}

static bool is_no_risk(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *risk = breach_risk(call, facts);
    return risk != NULL && breach_is(call, risk, BREACH_NONE);
}

/* ---- the clock ---- */

static instant first_told(const struct call *call, const struct facts *facts)
{
    instant told = NEVER;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (breach_is(call, &facts->evidence.at[i], BREACH_PHASE))
            told = earlier(told, facts->evidence.at[i].since);
    }
    return told;
}

struct breach_clock breach_clock_of(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *aware = breach_last(call, facts, BREACH_AWARE);
    struct breach_clock clock = {.aware = aware == NULL ? facts->created : aware->since};
    clock.near = (instant){clock.aware.ms + HOURS_NEAR * HOUR_MS};
    const struct zone *zone = reg_plan(call->reg, call->now)->zone;
    clock.deadline = law_end(LAW_BREACH_NOTIFIED, zone, clock.aware, clock.aware).passed;
    clock.told = first_told(call, facts);
    if (clock.told.ms != NEVER.ms)
        clock.state = before(clock.deadline, clock.told) ? "late" : "met";
    else if (is_no_risk(call, facts))
        clock.state = "not_needed";
    else if (!before(call->now, clock.deadline))
        clock.state = "passed";
    else
        clock.state = before(call->now, clock.near) ? "running" : "near";
    return clock;
}

static instant end_of(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *closed = breach_last(call, facts, BREACH_CLOSED);
    if (closed == NULL)
        return NEVER;
    return instant_add_span(reg_plan(call->reg, call->now)->zone, closed->since, YEARS_KEPT,
                            SPAN_YEAR);
}

void call_breach_index(const struct call *call, const struct facts *facts, blind *tag,
                       instant *next)
{
    struct breach_clock clock = breach_clock_of(call, facts);
    keys_tag(vault_keys(call->reg->vault), STR("breach"), STR("register"), tag);
    *next = end_of(call, facts);
    if (strcmp(clock.state, "running") == 0)
        *next = clock.near;
    if (strcmp(clock.state, "near") == 0)
        *next = clock.deadline;
}

/* GDPR 33(1): an alarm when a day is left, and another when the time is over. */
static status ring_at(struct call *call, const struct facts *facts, const char *name, bool rings)
{
    struct alarm_cause cause = {.kind = ALARM_OVERDUE_NOTICE,
                                .name = words_intern(call->reg->words, str_from(name))};
    alarm_about(&cause, SLOT_CASE, facts->id);
    return rings ? call_alarm(call, &cause) : call_alarm_over(call, &cause);
}

static status ring(struct call *call, const struct facts *facts)
{
    struct breach_clock clock = breach_clock_of(call, facts);
    TRY(ring_at(call, facts, "breach_deadline_near", strcmp(clock.state, "near") == 0));
    return ring_at(call, facts, "breach_not_notified", strcmp(clock.state, "passed") == 0);
}

status call_breach_due(struct call *call, struct dossier *dossier)
{
    const struct facts *facts = dossier->facts;
    instant end = end_of(call, facts), next;
    blind tag;
    if (before(call->now, end)) {
        TRY(ring(call, facts));
        call_breach_index(call, facts, &tag, &next);
        return next.ms == NEVER.ms
                   ? vault_not_due(call->reg->vault, facts->id, call->report)
                   : vault_due_again(call->reg->vault, facts->id, next, call->report);
    }
    struct operation op = call_operation(call, ACTION_ERASE, facts->id);
    const struct permit *permit;
    TRY(call_write(call, facts, &op, "breach_end", decision_by_scope(), NULL, 0, &permit));
    call_touched(call, facts->id);
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

/* ---- changing one ---- */

status breach_open(struct call *call, dossier_id id, struct dossier **dossier)
{
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, id, DOSSIER_CASE, dossier));
    if (!facts_are_breach(call, (*dossier)->facts))
        return call_not_here(call);
    if (breach_last(call, (*dossier)->facts, BREACH_CLOSED) != NULL)
        return fail(call->report, FAULT_CONFLICT, "this breach is closed");
    return OK;
}

static status not_about_oneself(struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        bool actors = breach_is(call, evidence, BREACH_ACTORS);
        for (size_t b = 0; b < evidence->bound_count; b++) {
            const struct binding *bound = &evidence->bound[b];
            if (actors && memcmp(bound->id.bytes, call->caller->handle.bytes, ID_BYTES) == 0)
                return call_refuse_always(call, facts, ACTION_RECORD, ALWAYS_no_self_record);
            if (!actors && bound->slot == SLOT_ACTOR)
                TRY(call_not_oneself(call, bound->id));
        }
    }
    return OK;
}

/* A human answers for it: a member of the staff in a role that decides what people ask for, where
 * the policy has one. */
status breach_judge(struct call *call, const struct facts *facts)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct facts *member = NULL;
    uint32_t offered = 0;
    TRY(not_about_oneself(call, facts));
    for (size_t i = 0; i < plan->staff_count; i++)
        offered |= plan->staff[i].may;
    if (!ID_IS_ZERO(call->caller->actor))
        TRY(reg_facts(call->reg, call->caller->actor, call->report, &member));
    bool may = member != NULL && ((offered & MAY_DECIDE_REQUESTS) == 0 ||
                                  staff_may(call, member, MAY_DECIDE_REQUESTS));
    return may ? OK : call_refuse_always(call, facts, ACTION_RECORD, ALWAYS_staff_by_role);
}

status breach_write(struct call *call, const struct facts *facts, const char *action, str effect,
                    const struct permit **permit)
{
    struct operation op = call_operation(call, ACTION_RECORD, facts->id);
    TRY(call_write(call, facts, &op, action, decision_by_scope(), &effect, !str_is_empty(effect),
                   permit));
    call->outcome.id = facts->id;
    return OK;
}

status breach_add(struct call *call, struct dossier *dossier, const struct permit *permit,
                  const struct breach_piece *piece)
{
    word type = words_intern(call->reg->words, str_from(PARTS[piece->part]));
    struct outcome kept = call->outcome;
    TRY(call_add_evidence(call, dossier, permit, type, piece->bound, (uint16_t)piece->bound_count,
                          piece->since, piece->until, piece->json));
    kept.record = call->outcome.record;
    call->outcome = kept;
    return OK;
}

status breach_store(struct call *call, struct dossier *dossier, const struct permit *permit)
{
    TRY(ring(call, dossier->facts));
    return call_store_dossier(call, dossier, permit);
}

void breach_put_by(const struct call *call, struct json_out *out)
{
    dossier_id who = ID_IS_ZERO(call->caller->actor) ? call->caller->token : call->caller->actor;
    json_key(out, "by");
    if (ID_IS_ZERO(who))
        json_put_text(out, "system");
    else
        json_put_id(out, who.bytes);
}

/* ---- what is known ---- */

static status check_times(struct call *call, const struct breach_said *said, instant aware)
{
    if (before(call->now, said->aware))
        return fail_at(call->report, FAULT_INVALID, "/aware", "nobody is aware of it before it is");
    if (before(call->now, said->from))
        return fail_at(call->report, FAULT_INVALID, "/from",
                       "what happened cannot lie in the future");
    if (before(call->now, said->to))
        return fail_at(call->report, FAULT_INVALID, "/to",
                       "the end lies in the future: leave it out while it goes on");
    if (said->from.ms != 0 && before(aware, said->from))
        return fail_at(call->report, FAULT_INVALID, "/from",
                       "it began no later than the firm became aware of it");
    if (said->from.ms != 0 && said->to.ms != 0 && before(said->to, said->from))
        return fail_at(call->report, FAULT_INVALID, "/to", "it ended no earlier than it began");
    return OK;
}

static status check_nature(struct call *call, const struct breach_said *said)
{
    unsigned seen = 0;
    for (size_t i = 0; i < said->nature_count; i++) {
        unsigned n = 0;
        while (n < LENGTH(NATURES) && !str_is(said->nature[i], NATURES[n]))
            n++;
        if (n == LENGTH(NATURES) || (seen >> n & 1) != 0)
            return fail_at(call->report, FAULT_INVALID, "/nature",
                           "a breach is one of confidentiality, integrity, availability, or "
                           "several of these, each once");
        seen |= 1u << n;
    }
    if (seen == 0)
        return fail_at(call->report, FAULT_INVALID, "/nature",
                       "say what was broken: confidentiality, integrity, availability");
    return OK;
}

static status known_json(struct call *call, const struct breach_said *said, instant aware,
                         str *json)
{
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "recorded");
    json_put_instant(&out, call->now);
    breach_put_by(call, &out);
    if (!str_is_empty(said->number)) {
        json_key(&out, "number");
        json_put_str(&out, said->number);
    }
    json_key(&out, "aware");
    json_put_instant(&out, aware);
    json_key(&out, "nature");
    json_open_array(&out);
    for (size_t i = 0; i < said->nature_count; i++)
        json_put_str(&out, said->nature[i]);
    json_close_array(&out);
    json_key(&out, "description");
    json_put_str(&out, said->description);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

/* ---- where ---- */

struct where {
    struct binding *bound; /* what the policy names, and parties, matters, staff, tokens */
    size_t count;
    struct binding *handles; /* in the log */
    size_t handle_count;
};

static status where_names(struct call *call, enum name_kind kind, enum slot slot, const str *texts,
                          size_t count, struct where *where)
{
    const word *words;
    TRY(call_words(call, kind, texts, count, &words));
    for (size_t i = 0; i < count; i++)
        where->bound[where->count++] = (struct binding){.slot = slot, .name = words[i]};
    return OK;
}

static void add_handle(struct where *where, enum slot slot, const unsigned char handle[ID_BYTES])
{
    struct binding *bound = &where->handles[where->handle_count++];
    *bound = (struct binding){.slot = slot};
    memcpy(bound->id.bytes, handle, ID_BYTES);
}

/* With what the log calls each: that stands in the breach when its dossier is gone. */
static status where_ids(struct call *call, enum dossier_kind kind, enum slot slot,
                        const dossier_id *ids, size_t count, struct where *where)
{
    for (size_t i = 0; i < count; i++) {
        const struct facts *facts;
        TRY(reg_facts(call->reg, ids[i], call->report, &facts));
        if (facts == NULL || facts->kind != kind)
            return call_not_here(call);
        unsigned char handle[ID_BYTES];
        TRY(vault_handle(call->reg->vault, ids[i], call->report, handle));
        add_handle(where, slot, handle);
        where->bound[where->count++] = (struct binding){.slot = slot, .id = ids[i]};
    }
    return OK;
}

/* By what the log calls a token: of one that is a member's, the member. It is asked while the token
 * is known: the handle stands in the breach when the token is long revoked. */
static status where_tokens(struct call *call, const struct breach_said *said, struct where *where)
{
    for (size_t i = 0; i < said->token_count; i++) {
        const struct token *found = NULL;
        for (size_t t = 0; t < call->reg->tokens.count && found == NULL; t++) {
            if (ID_EQUAL(call->reg->tokens.at[t]->id, said->tokens[i]))
                found = call->reg->tokens.at[t];
        }
        if (found == NULL)
            return fail_at(call->report, FAULT_NOT_FOUND, "/tokens",
                           "no token of this register that has lived since it was opened: name "
                           "the handle that stands in the log, in actors");
        where->bound[where->count++] = (struct binding){.slot = SLOT_ACTOR, .id = said->tokens[i]};
        add_handle(where, SLOT_ACTOR, found->caller.handle.bytes);
    }
    return OK;
}

static status where_of(struct call *call, const struct breach_said *said, struct where *where)
{
    size_t count = said->category_count + said->purpose_count + said->recipient_count +
                   said->matter_count + said->token_count + said->staff_count + said->actor_count;
    *where = (struct where){0};
    if (said->all == (count > 0))
        return fail_at(call->report, FAULT_INVALID, "/all",
                       "say where: all, or which categories, purposes, recipients, matters, "
                       "tokens, staff or actors");
    if (count > WHERE_MOST)
        return fail_at(call->report, FAULT_LIMIT, "/all", "at most %d places are named",
                       WHERE_MOST);
    where->bound = ARENA_ARRAY(call->arena, struct binding, count + 1);
    where->handles = ARENA_ARRAY(call->arena, struct binding, count + 1);
    if (where->bound == NULL || where->handles == NULL)
        return NO_MEMORY(call->report);
    TRY(where_names(call, NAME_CATEGORY, SLOT_CATEGORY, said->categories, said->category_count,
                    where));
    TRY(where_names(call, NAME_PURPOSE, SLOT_PURPOSE, said->purposes, said->purpose_count, where));
    TRY(where_ids(call, DOSSIER_PARTY, SLOT_RECIPIENT, said->recipients, said->recipient_count,
                  where));
    TRY(where_ids(call, DOSSIER_MATTER, SLOT_MATTER, said->matters, said->matter_count, where));
    TRY(where_ids(call, DOSSIER_STAFF, SLOT_ACTOR, said->staff, said->staff_count, where));
    TRY(where_tokens(call, said, where));
    for (size_t i = 0; i < said->actor_count; i++)
        add_handle(where, SLOT_ACTOR, said->actors[i].bytes);
    return OK;
}

/* ---- opening and amending ---- */

static status add_known(struct call *call, struct dossier *dossier, const struct permit *permit,
                        const struct breach_said *said, instant aware)
{
    struct where where;
    str json;
    TRY(where_of(call, said, &where));
    TRY(known_json(call, said, aware, &json));
    struct breach_piece known = {.part = BREACH_KNOWN,
                                 .bound = where.bound,
                                 .bound_count = where.count,
                                 .since = said->from.ms == 0 ? ALWAYS : said->from,
                                 .until = said->to.ms == 0 ? NEVER : said->to,
                                 .json = json};
    struct breach_piece actors = {.part = BREACH_ACTORS,
                                  .bound = where.handles,
                                  .bound_count = where.handle_count,
                                  .since = call->now,
                                  .until = NEVER};
    TRY(breach_add(call, dossier, permit, &known));
    record_id record = call->outcome.record;
    TRY(breach_add(call, dossier, permit, &actors));
    call->outcome.record = record;
    return OK;
}

static status add_aware(struct call *call, struct dossier *dossier, const struct permit *permit,
                        instant aware)
{
    struct breach_piece piece = {.part = BREACH_AWARE, .since = aware, .until = NEVER};
    return breach_add(call, dossier, permit, &piece);
}

static status open_new(struct call *call, const struct breach_said *said)
{
    struct dossier *dossier;
    const struct permit *permit;
    instant aware = said->aware.ms == 0 ? call->now : said->aware;
    word kind = words_intern(call->reg->words, STR("breach"));
    TRY(call_whole_register(call));
    TRY(check_times(call, said, aware));
    TRY(call_create_numbered(call, DOSSIER_CASE, kind, said->number, "breach", &dossier, &permit));
    TRY(add_aware(call, dossier, permit, aware));
    TRY(add_known(call, dossier, permit, said, aware));
    TRY(breach_became_known(call, dossier, permit, "recorded"));
    return breach_store(call, dossier, permit);
}

static status amend(struct call *call, const struct breach_said *said)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(breach_open(call, said->breach, &dossier));
    instant aware = breach_clock_of(call, dossier->facts).aware;
    if (before(aware, said->aware))
        return fail_at(call->report, FAULT_INVALID, "/aware",
                       "the firm was aware of it before: the clock gets no more time");
    bool sooner = said->aware.ms != 0 && before(said->aware, aware);
    aware = sooner ? said->aware : aware;
    TRY(check_times(call, said, aware));
    TRY(breach_write(call, dossier->facts, "breach_amend", sooner ? STR("aware") : STR(""),
                     &permit));
    if (sooner)
        TRY(add_aware(call, dossier, permit, aware));
    TRY(add_known(call, dossier, permit, said, aware));
    TRY(breach_became_known(call, dossier, permit, "amended"));
    return breach_store(call, dossier, permit);
}

status engine_breach(struct call *call, const struct breach_said *request)
{
    TRY(check_nature(call, request));
    TRY(call_said(call, "what happened", request->description));
    TRY(call_check_texts(call, &request->description, 1));
    return ID_IS_ZERO(request->breach) ? open_new(call, request) : amend(call, request);
}

/* ---- assessing and closing ---- */

status breach_reasons(struct call *call, str reasons, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "reasons");
    json_put_str(&out, reasons);
    breach_put_by(call, &out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

status engine_breach_assess(struct call *call, const struct breach_assessment *request)
{
    static const char *const RISKS[] = {"none", "risk", "high"};
    struct dossier *dossier;
    const struct permit *permit;
    str json;
    unsigned risk = 0;
    while (risk < LENGTH(RISKS) && !str_is(request->risk, RISKS[risk]))
        risk++;
    if (risk == LENGTH(RISKS))
        return fail_at(call->report, FAULT_INVALID, "/risk", "the risk is none, risk or high");
    TRY(call_said(call, "why it was assessed so", request->reasons));
    TRY(call_check_texts(call, &request->reasons, 1));
    TRY(breach_open(call, request->breach, &dossier));
    TRY(breach_judge(call, dossier->facts));
    TRY(breach_reasons(call, request->reasons, &json));
    str effect = arena_format(call->arena, "risk:%s", RISKS[risk]);
    TRY(breach_write(call, dossier->facts, "breach_assess", effect, &permit));
    struct breach_piece piece = {.part = (enum breach_part)(BREACH_NONE + risk),
                                 .since = call->now,
                                 .until = NEVER,
                                 .json = json};
    TRY(breach_add(call, dossier, permit, &piece));
    return breach_store(call, dossier, permit);
}

static status check_done(struct call *call, const struct facts *facts)
{
    struct breach_clock clock = breach_clock_of(call, facts);
    if (breach_controller_waits(call, facts))
        return fail(call->report, FAULT_CONFLICT,
                    "the controller has not been told (article 33(2))");
    if (breach_risk(call, facts) == NULL)
        return fail(call->report, FAULT_CONFLICT, "the risk has not been assessed");
    if (clock.told.ms == NEVER.ms && !is_no_risk(call, facts))
        return fail(call->report, FAULT_CONFLICT, "the authority has not been told");
    if (!breach_is(call, breach_risk(call, facts), BREACH_HIGH) ||
        breach_last(call, facts, BREACH_EXEMPT) != NULL)
        return OK;
    uint64_t open = 0;
    const struct fact_evidence *telling = breach_last(call, facts, BREACH_TELLING);
    if (telling != NULL && telling > breach_last(call, facts, BREACH_KNOWN))
        TRY(breach_count_open(call, facts->id, &open));
    else
        open = 1;
    return open == 0 ? OK
                     : fail(call->report, FAULT_CONFLICT,
                            "at a high risk people are told, or the ground for leaving it out is "
                            "on record");
}

status engine_breach_close(struct call *call, const struct breach_close *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    str json;
    TRY(call_said(call, "why it is closed", request->reasons));
    TRY(call_check_texts(call, &request->reasons, 1));
    TRY(breach_open(call, request->breach, &dossier));
    TRY(breach_judge(call, dossier->facts));
    TRY(check_done(call, dossier->facts));
    TRY(breach_reasons(call, request->reasons, &json));
    TRY(breach_write(call, dossier->facts, "breach_close", STR(""), &permit));
    struct breach_piece piece = {
        .part = BREACH_CLOSED, .since = call->now, .until = NEVER, .json = json};
    TRY(breach_add(call, dossier, permit, &piece));
    return breach_store(call, dossier, permit);
}
