/* The watch: finds what must be looked at when it is due, not when somebody asks.
 *
 *   standing evidence   what must be there, until when it counts; looked at anew at the first
 *                       instant at which one lapses, and when what it is about has changed
 *   reads, refusals     counted by caller and clock hour
 *   the log             verified once an hour, a long one once a day, in steps between which it
 *                       goes on
 *
 * What is found goes to reg_alarm() or call_alarm(); what is put right closes its alarm. */
#include "engine_internal.h"
#include "verify.h"

enum {
    WATCH_PAGE = 256,
    HOUR_MS = 3600000,
    CALLERS = 256,
    PROBES = 8,
    READS_LEAST = 100, /* people an hour, as the brake's are people a day */
    READS_PERCENT = 5,
    REFUSALS = 20,      /* an hour */
    LOG_SHORT = 1 << 16 /* entries, up to which it is verified every hour */
};

/* ---- standing evidence: who or what it must be there for ---- */

static bool needs_name(const struct needs *needs, plan_index type)
{
    for (size_t i = 0; i < needs->count; i++) {
        for (size_t j = 0; j < needs->all[i].count; j++) {
            if (needs->all[i].any[j] == type)
                return true;
        }
    }
    return false;
}

static bool some_role_needs(const struct plan *plan, plan_index type)
{
    for (size_t i = 0; i < plan->staff_count; i++) {
        if (needs_name(&plan->staff[i].needs, type))
            return true;
    }
    return false;
}

/* Of the members of roles that need it; where no role does, of every member. */
static bool member_needs(const struct plan *plan, const struct facts *member, plan_index type,
                         instant t)
{
    if (!some_role_needs(plan, type))
        return true;
    for (size_t i = 0; i < plan->staff_count; i++) {
        const struct plan_staff *role = &plan->staff[i];
        if (needs_name(&role->needs, type) && staff_holds(member, role->clause.name, t))
            return true;
    }
    return false;
}

static bool party_needs(const struct plan *plan, const struct facts *party, plan_index type,
                        instant t)
{
    (void)t;
    plan_index kind = plan_find(plan, plan->recipient_of, party->name);
    if (kind == NONE)
        return false;
    bool processor = plan->recipient[kind].kind == RECIPIENT_PROCESSOR &&
                     plan->evidence[type].kind == KIND_PROCESSOR_AGREEMENT;
    return processor || needs_name(&plan->recipient[kind].needs, type);
}

/* A legitimate interest needs its weighing whether or not its clause says so. */
static bool purpose_needs(const struct plan_purpose *purpose, const struct plan *plan,
                          plan_index type)
{
    bool weighed =
        plan->evidence[type].kind == KIND_BALANCING && purpose->basis == BASIS_LEGITIMATE_INTEREST;
    return !purpose->clause.closed && (weighed || needs_name(&purpose->needs, type));
}

static bool is_bound_to(const struct fact_evidence *record, const struct binding *about)
{
    for (size_t i = 0; i < record->bound_count; i++) {
        const struct binding *bound = &record->bound[i];
        if (bound->slot == about->slot)
            return bound->name == about->name && ID_EQUAL(bound->id, about->id);
    }
    return about->slot == SLOT_NONE;
}

/* The latest end of what is on file there; ALWAYS: there never was any. */
instant standing_end_about(const struct plan *plan, plan_index type, const struct facts *home,
                           const struct binding *about, instant t)
{
    instant latest = ALWAYS;
    for (size_t i = 0; home != NULL && i < home->evidence.count; i++) {
        const struct fact_evidence *record = &home->evidence.at[i];
        if (record->type == plan->evidence[type].clause.name && !before(t, record->since) &&
            (home->kind != DOSSIER_REGISTER || is_bound_to(record, about)))
            latest = later(latest, evidence_until(plan, type, record));
    }
    return latest;
}

instant standing_end(const struct plan *plan, plan_index type, const struct facts *home, instant t)
{
    struct binding about = {.slot = SLOT_NONE};
    return standing_end_about(plan, type, home, &about, t);
}

struct standing_list {
    LIST(struct standing) at;
};

static status add_standing(struct call *call, struct standing_list *list, plan_index type,
                           const struct facts *home, struct binding about)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct standing *added = LIST_ADD(call->arena, &list->at);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = (struct standing){.type = plan->evidence[type].clause.name,
                               .about = about,
                               .end = standing_end_about(plan, type, home, &about, call->now)};
    return OK;
}

typedef bool dossier_needs(const struct plan *plan, const struct facts *facts, plan_index type,
                           instant t);

static status add_dossiers(struct call *call, struct standing_list *list, plan_index type,
                           enum dossier_kind kind, enum slot slot, dossier_needs *needed)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    dossier_id after = {{0}};
    size_t count = WATCH_PAGE;
    while (count == WATCH_PAGE) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        TRY(vault_list(call->reg->vault, kind, after, WATCH_PAGE, arena, call->report, &ids,
                       &count));
        for (size_t i = 0; i < count; i++) {
            const struct facts *facts;
            TRY(reg_facts(call->reg, ids[i], call->report, &facts));
            after = ids[i];
            if (facts != NULL && needed(plan, facts, type, call->now))
                TRY(add_standing(call, list, type, facts,
                                 (struct binding){.slot = slot, .id = ids[i]}));
        }
    }
    return OK;
}

static status add_purposes(struct call *call, struct standing_list *list, plan_index type,
                           const struct facts *own)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &plan->purpose[i];
        struct binding about = {.slot = SLOT_PURPOSE, .name = purpose->clause.name};
        if (purpose_needs(purpose, plan, type))
            TRY(add_standing(call, list, type, own, about));
    }
    return OK;
}

/* Evidence about a person, a matter, a case or a place stands nowhere until there is one. */
static status add_type(struct call *call, struct standing_list *list, plan_index type)
{
    const struct facts *own;
    const struct plan_evidence *evidence = &reg_plan(call->reg, call->now)->evidence[type];
    uint32_t binds = evidence->binds;
    if ((binds & (1u << SLOT_SUBJECT | 1u << SLOT_MATTER | 1u << SLOT_CASE | 1u << SLOT_PLACE)) !=
        0)
        return OK;
    if ((binds & 1u << SLOT_ACTOR) != 0)
        return add_dossiers(call, list, type, DOSSIER_STAFF, SLOT_ACTOR, member_needs);
    if ((binds & 1u << SLOT_RECIPIENT) != 0)
        return add_dossiers(call, list, type, DOSSIER_PARTY, SLOT_RECIPIENT, party_needs);
    TRY(reg_facts(call->reg, call->reg->own, call->report, &own));
    if ((binds & 1u << SLOT_PURPOSE) != 0)
        return add_purposes(call, list, type, own);
    struct binding about = {.slot = SLOT_NONE};
    if ((binds & 1u << SLOT_VERSION) != 0) {
        const struct plan_version *version = plans_in_force(&call->reg->plans, call->now);
        about.slot = SLOT_VERSION;
        about.name = version == NULL ? 0 : version->version;
    }
    return add_standing(call, list, type, own, about);
}

status call_standing(struct call *call, const struct standing **at, size_t *count)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct standing_list list = {0};
    for (plan_index i = 0; i < plan->evidence_count; i++) {
        if (plan->evidence[i].standing && !plan->evidence[i].clause.closed)
            TRY(add_type(call, &list, i));
    }
    *at = list.at.at;
    *count = list.at.count;
    return OK;
}

static struct alarm_cause cause_of(const struct standing *standing)
{
    struct alarm_cause cause = {.kind = ALARM_OVERDUE_EVIDENCE, .name = standing->type};
    if (standing->about.slot != SLOT_NONE)
        cause.bound[cause.bound_count++] = standing->about;
    return cause;
}

static status look_at_evidence(struct call *call, void *request)
{
    instant *next = request;
    const struct standing *standing;
    size_t count;
    *next = NEVER;
    if (!alarm_is_raised(call->reg, call->now, ALARM_OVERDUE_EVIDENCE))
        return OK;
    TRY(call_standing(call, &standing, &count));
    for (size_t i = 0; i < count; i++) {
        struct alarm_cause cause = cause_of(&standing[i]);
        bool counts = before(call->now, standing[i].end);
        TRY(counts ? call_alarm_over(call, &cause) : call_alarm(call, &cause));
        if (counts)
            *next = earlier(*next, standing[i].end);
    }
    return OK;
}

status reg_watch(struct engine *engine, struct reg *reg, struct report *report)
{
    instant now = reg_now(reg);
    const struct plan *plan = reg_plan(reg, now);
    if (plan == reg->watched_plan && !reg->watch_again && before(now, reg->watch_next))
        return OK;
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call;
    instant next;
    TRY(engine_run(engine, reg, engine_system(), arena, report, &call, look_at_evidence, &next));
    reg->watched_plan = plan;
    reg->watch_next = next;
    reg->watch_again = false;
    return OK;
}

status call_watch_ended(struct call *call, enum slot slot, dossier_id id)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (plan_index i = 0; i < plan->evidence_count; i++) {
        struct alarm_cause cause = {.kind = ALARM_OVERDUE_EVIDENCE,
                                    .name = plan->evidence[i].clause.name};
        if (!plan->evidence[i].standing)
            continue;
        alarm_about(&cause, slot, id);
        TRY(call_alarm_over(call, &cause));
    }
    return OK;
}

void reg_watch_changed(struct reg *reg, enum dossier_kind kind)
{
    reg->watch_again |= kind == DOSSIER_REGISTER || kind == DOSSIER_STAFF || kind == DOSSIER_PARTY;
}

/* ---- reads and refusals ---- */

struct watched_caller {
    audit_id handle;
    dossier_id who; /* member of the staff, else token */
    int64_t hour;
    uint64_t reads, most, refusals;
    dossier_id last;
};

static struct watched_caller *emptier(struct watched_caller *a, struct watched_caller *b)
{
    if (a->hour != b->hour)
        return a->hour < b->hour ? a : b;
    return a->reads + a->refusals <= b->reads + b->refusals ? a : b;
}

/* The caller's count of this hour; of those whose places it may take the least counted goes. */
static struct watched_caller *watched(const struct call *call)
{
    struct reg *reg = call->reg;
    const struct caller *caller = call->caller;
    static const audit_id nobody;
    if (memcmp(&caller->handle, &nobody, sizeof(nobody)) == 0)
        return NULL; /* the system itself */
    if (reg->callers == NULL)
        reg->callers = ARENA_ARRAY(reg->arena, struct watched_caller, CALLERS);
    if (reg->callers == NULL)
        return NULL;
    struct watched_caller *place = NULL;
    int64_t hour = call->now.ms / HOUR_MS;
    for (size_t i = 0; i < PROBES; i++) {
        struct watched_caller *here = &reg->callers[(caller->handle.bytes[0] + i) % CALLERS];
        bool same = memcmp(&here->handle, &caller->handle, sizeof(here->handle)) == 0;
        place = place == NULL ? here : emptier(place, here);
        if (same && here->hour == hour)
            return here;
    }
    *place = (struct watched_caller){.handle = caller->handle, .hour = hour};
    place->who = ID_IS_ZERO(caller->actor) ? caller->token : caller->actor;
    return place;
}

static void found(const struct call *call, enum alarm_kind kind, dossier_id who)
{
    struct alarm_cause cause = {.kind = kind};
    alarm_about(&cause, SLOT_ACTOR, who);
    reg_alarm(call->reg, &cause);
}

/* Has the count passed the limit, or a further multiple of it, with the last `more`? */
static bool passed(uint64_t count, uint64_t more, uint64_t most)
{
    return count > most && (count - 1) / most != (count - more - (count > more)) / most;
}

void watch_reads(struct call *call, dossier_id last, uint64_t people)
{
    struct watched_caller *caller = watched(call);
    if (caller == NULL || people == 0 || (people == 1 && ID_EQUAL(caller->last, last)))
        return;
    caller->last = last;
    caller->reads += people;
    if (caller->reads <= READS_LEAST)
        return;
    uint64_t all = 0;
    struct report odd = {0};
    if (caller->most == 0 && is_ok(vault_estimate(call->reg->vault, DOSSIER_SUBJECT, &odd, &all)))
        caller->most = all * READS_PERCENT / 100;
    if (caller->most < READS_LEAST)
        caller->most = READS_LEAST;
    if (passed(caller->reads, people, caller->most))
        found(call, ALARM_MASS_READ, caller->who);
}

void watch_refusal(struct call *call, enum action action)
{
    bool looks = action == ACTION_READ || action == ACTION_USE || action == ACTION_SHARE ||
                 action == ACTION_EXPORT || action == ACTION_NONE;
    struct watched_caller *caller = looks ? watched(call) : NULL;
    if (caller != NULL && passed(++caller->refusals, 1, REFUSALS))
        found(call, ALARM_REFUSED_READS, caller->who);
}

/* ---- the log ---- */

static bool is_due(const struct reg *reg)
{
    int64_t every = audit_size(reg->log) < LOG_SHORT ? HOUR_MS : 24 * (int64_t)HOUR_MS;
    return reg->verified.ms == 0 || world_now(reg->world).ms - reg->verified.ms >= every;
}

static status begin_check(struct reg *reg, struct report *report)
{
    if (reg->log_check != NULL)
        return OK;
    reg->verified = world_now(reg->world);
    return audit_check_begin(reg->world, reg->log_dir, str_from(reg->verifier), STR(""), report,
                             &reg->log_check);
}

static status step_check(struct reg *reg, const struct step_room *room, struct report *report,
                         bool *more)
{
    struct step step = step_within(reg, room);
    TRY(begin_check(reg, report));
    do
        TRY(audit_check_step(reg->log_check, report, more));
    while (*more && step_goes_on(&step));
    return OK;
}

status engine_log_check_step(struct reg *reg, const struct step_room *room, struct report *report,
                             bool *more)
{
    *more = false;
    if (reg->log_check == NULL && !is_due(reg))
        return OK;
    status checked = step_check(reg, room, report, more);
    struct alarm_cause broken = {.kind = ALARM_BROKEN_LOG};
    if (!is_ok(checked)) {
        *more = false;
        reg_alarm(reg, &broken);
    }
    if (!*more)
        audit_check_end(&reg->log_check);
    return checked;
}

status engine_log_check(struct reg *reg, struct report *report)
{
    static const struct step_room whole = {SIZE_MAX, INT64_MAX};
    bool more = true;
    while (more)
        TRY(engine_log_check_step(reg, &whole, report, &more));
    return OK;
}

/* ---- the sweeper's lag ---- */

uint64_t reg_sweep_lag_ms(const struct reg *reg)
{
    int64_t lag = reg->swept.ms == 0 ? 0 : reg_now(reg).ms - reg->swept.ms;
    return lag < 0 ? 0 : (uint64_t)lag;
}

void reg_watch_lag(struct reg *reg)
{
    enum { LAG_MOST_MS = 60000 }; /* G2 */
    struct alarm_cause late = {.kind = ALARM_OVERDUE_ERASURE};
    if (reg_sweep_lag_ms(reg) > LAG_MOST_MS)
        reg_alarm(reg, &late);
}
