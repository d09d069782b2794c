/* What follows from a stop link, without a sign-in: things are turned off, never on, and nothing is
 * shown. Who the person is, and whether anything is held, does not show in the answer (G9). */
#include "engine_internal.h"

static const struct caller the_public = {.authenticated = {"public", 6}};

const struct caller *engine_public(void)
{
    return &the_public;
}

/* ---- what can be turned off: the switches that the policy offers at the link ---- */

static bool has_channel(const struct stop_choice *at, size_t count, word name, word channel)
{
    for (size_t i = 0; i < count; i++) {
        if (at[i].stop == name && at[i].channel == channel)
            return true;
    }
    return false;
}

static bool stops_message(const struct plan_switch *stop, const struct plan *plan, size_t index)
{
    plan_index purpose = plan->message[index].purpose;
    return refs_has(&stop->stops_messages, (plan_index)index) ||
           (purpose != NONE && refs_has(&stop->stops_purposes, purpose));
}

struct choosing {
    struct arena *arena;
    const struct plan *plan;
    LIST(struct stop_choice) at;
};

static bool add_choice(struct choosing *choosing, size_t stop, word channel)
{
    word name = choosing->plan->stop[stop].clause.name;
    if (has_channel(choosing->at.at, choosing->at.count, name, channel))
        return true;
    struct stop_choice *added = LIST_ADD(choosing->arena, &choosing->at);
    if (added == NULL)
        return false;
    *added = (struct stop_choice){.stop = name, .channel = channel};
    return true;
}

static bool add_channels(struct choosing *choosing, size_t stop)
{
    const struct plan *plan = choosing->plan;
    bool fits = true;
    for (size_t m = 0; m < plan->message_count; m++) {
        const struct plan_message *message = &plan->message[m];
        for (size_t c = 0; c < message->channel_count; c++) {
            if (stops_message(&plan->stop[stop], plan, m))
                fits = fits && add_choice(choosing, stop, message->channels[c].name);
        }
    }
    return fits;
}

status engine_stop_choices(struct reg *reg, struct arena *arena, struct report *report,
                           struct stop_choices *choices)
{
    struct choosing choosing = {.arena = arena, .plan = reg_plan(reg, reg_now(reg))};
    for (size_t s = 0; s < choosing.plan->stop_count; s++) {
        const struct plan_switch *stop = &choosing.plan->stop[s];
        if (!stop->at_stop_link || stop->clause.closed)
            continue;
        bool fits = (stop->per >> SLOT_CHANNEL & 1) == 0 || add_channels(&choosing, s);
        if (!fits || !add_choice(&choosing, s, 0))
            return NO_MEMORY(report);
    }
    *choices = (struct stop_choices){choosing.at.at, choosing.at.count};
    return OK;
}

/* ---- turning off ---- */

struct stopping {
    struct call *call;
    const struct plan *plan;
    struct stop_link link;
    struct subject subject;
    struct choosing turned; /* switches to set */
    LIST(plan_index) objected, withdrawn;
};

/* Off already, and no consent came after that would have lifted it. */
static bool is_off(const struct stopping *s, word stop, word channel)
{
    const struct facts *facts = s->subject.dossier->facts;
    instant since = ALWAYS, consent = ALWAYS;
    for (size_t i = 0; i < facts->switches.count; i++) {
        const struct fact_switch *set = &facts->switches.at[i];
        if (set->stop == stop && ID_IS_ZERO(set->recipient) &&
            (set->channel == 0 || set->channel == channel))
            since = later(since, set->since);
    }
    word type = evidence_word(s->call, KIND_CONSENT);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (facts->evidence.at[i].type == type)
            consent = later(consent, facts->evidence.at[i].since);
    }
    return since.ms != ALWAYS.ms && !before(since, consent);
}

static status turn_off(struct stopping *s, size_t stop, word channel)
{
    bool by_channel = (s->plan->stop[stop].per >> SLOT_CHANNEL & 1) != 0;
    word name = s->plan->stop[stop].clause.name;
    if (is_off(s, name, by_channel ? channel : 0))
        return OK;
    return add_choice(&s->turned, stop, by_channel ? channel : 0) ? OK : NO_MEMORY(s->call->report);
}

static status add_index(struct stopping *s, plan_index purpose, bool objects)
{
    plan_index *added =
        objects ? LIST_ADD(s->call->arena, &s->objected) : LIST_ADD(s->call->arena, &s->withdrawn);
    if (added == NULL)
        return NO_MEMORY(s->call->report);
    *added = purpose;
    return OK;
}

static bool offered_at_link(const struct plan *plan, plan_index message)
{
    for (size_t i = 0; i < plan->stop_count; i++) {
        const struct plan_switch *stop = &plan->stop[i];
        if (stop->at_stop_link && !stop->clause.closed && stops_message(stop, plan, message))
            return true;
    }
    return false;
}

static bool by_withdrawal(const struct plan *plan, const struct plan_purpose *purpose)
{
    return purpose->basis == BASIS_CONSENT && plan->right[RIGHT_WITHDRAW].at_stop_link;
}

bool message_stoppable(const struct plan *plan, plan_index message)
{
    plan_index purpose = plan->message[message].purpose;
    return offered_at_link(plan, message) ||
           (purpose != NONE && (by_withdrawal(plan, &plan->purpose[purpose]) ||
                                plan->purpose[purpose].objection == OBJECTION_ABSOLUTE));
}

/* The message that the link came with: by its switches; where the policy offers none there, by
 * taking the consent back, or by objecting. What cannot be refused (a service message) goes on. */
static status turn_off_message(struct stopping *s)
{
    plan_index message = plan_find(s->plan, s->plan->message_of, s->link.message);
    for (size_t i = 0; message != NONE && i < s->plan->stop_count; i++) {
        const struct plan_switch *stop = &s->plan->stop[i];
        if (!stop->at_stop_link || stop->clause.closed || !stops_message(stop, s->plan, message))
            continue;
        TRY(turn_off(s, i, s->link.channel));
    }
    plan_index purpose = message == NONE ? (plan_index)NONE : s->plan->message[message].purpose;
    if (purpose == NONE || offered_at_link(s->plan, message))
        return OK;
    if (by_withdrawal(s->plan, &s->plan->purpose[purpose]))
        return add_index(s, purpose, false);
    if (s->plan->purpose[purpose].objection == OBJECTION_ABSOLUTE)
        return add_index(s, purpose, true);
    return OK;
}

static status turn_off_all(struct stopping *s)
{
    for (size_t i = 0; i < s->plan->stop_count; i++) {
        if (s->plan->stop[i].at_stop_link && !s->plan->stop[i].clause.closed)
            TRY(turn_off(s, i, 0));
    }
    return OK;
}

/* "news", "news.email"; what is none of the policy's turns nothing off. */
static status turn_off_named(struct stopping *s, str choice)
{
    str channel = choice, name;
    if (!str_next(&channel, '.', &name))
        return OK;
    for (size_t i = 0; i < s->plan->stop_count; i++) {
        const struct plan_switch *stop = &s->plan->stop[i];
        if (!stop->at_stop_link || stop->clause.closed ||
            !str_equal(call_text(s->call, stop->clause.name), name))
            continue;
        word by = channel.ptr == NULL ? 0 : words_find(s->call->reg->words, channel);
        if (channel.ptr == NULL || by != 0)
            TRY(turn_off(s, i, by));
    }
    return OK;
}

static status choose(struct stopping *s, const struct stop *request)
{
    if (request->one_click)
        TRY(turn_off_message(s));
    for (size_t i = 0; i < request->off_count; i++) {
        if (str_is(request->off[i], "this"))
            TRY(turn_off_message(s));
        else if (str_is(request->off[i], "all"))
            TRY(turn_off_all(s));
        else
            TRY(turn_off_named(s, request->off[i]));
    }
    return OK;
}

static status effects_of(struct stopping *s, const str **effects, size_t *count)
{
    size_t room = s->turned.at.count + s->objected.count + s->withdrawn.count;
    str *at = ARENA_ARRAY(s->call->arena, str, room + 1);
    *effects = at;
    *count = 0;
    for (size_t i = 0; at != NULL && i < s->turned.at.count; i++)
        at[(*count)++] = arena_format(s->call->arena, "switch:%.*s",
                                      STR_ARG(call_text(s->call, s->turned.at.at[i].stop)));
    for (size_t i = 0; at != NULL && i < room - s->turned.at.count; i++) {
        bool objects = i < s->objected.count;
        plan_index p = objects ? s->objected.at[i] : s->withdrawn.at[i - s->objected.count];
        at[(*count)++] = arena_format(s->call->arena, "%s:%.*s", objects ? "object" : "withdraw",
                                      STR_ARG(call_text(s->call, s->plan->purpose[p].clause.name)));
    }
    bool whole = at != NULL;
    for (size_t i = 0; whole && i < *count; i++)
        whole = at[i].ptr != NULL;
    return whole ? OK : NO_MEMORY(s->call->report);
}

static status write_down(struct stopping *s)
{
    struct call *call = s->call;
    for (size_t i = 0; i < s->turned.at.count; i++) {
        struct edit edit = {.kind = EDIT_SWITCH,
                            .id = call_record_id(call),
                            .name = s->turned.at.at[i].stop,
                            .channel = s->turned.at.at[i].channel,
                            .at = call->now};
        TRY(vault_edit(call->reg->vault, s->subject.dossier, &edit, call->arena, call->report));
    }
    for (size_t i = 0; i < s->objected.count; i++)
        TRY(call_object(call, &s->subject, s->plan, s->objected.at[i]));
    for (size_t i = 0; i < s->withdrawn.count; i++)
        TRY(call_end_consents(call, &s->subject, s->plan->purpose[s->withdrawn.at[i]].clause.name));
    return OK;
}

static status turn(struct stopping *s)
{
    struct call *call = s->call;
    if (s->turned.at.count + s->objected.count + s->withdrawn.count == 0)
        return OK;
    struct operation op = call_operation(call, ACTION_RECORD, s->link.subject);
    op.message = s->link.message;
    op.channel = s->link.channel;
    op.by_subject = true;
    const str *effects;
    size_t count;
    TRY(effects_of(s, &effects, &count));
    const struct permit *permit;
    TRY(call_write(call, s->subject.dossier->facts, &op, "stop", decision_by_scope(), effects,
                   count, &permit));
    TRY(write_down(s));
    return call_store_and_purge(call, &s->subject, permit);
}

/* A link that is none, and one of a person who is not there, leave a refusal in the log, so that
 * guessing is seen. */
static status nobody(struct call *call)
{
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    static const struct decision refuse = {.verdict = VERDICT_REFUSE,
                                           .reason = {.rule = {"always.existence", 16}}};
    return call_log(call, NULL, &op, "stop", &refuse);
}

status engine_stop(struct call *call, const struct stop *request)
{
    struct stopping s = {
        .call = call, .plan = reg_plan(call->reg, call->now), .turned = {.arena = call->arena}};
    s.turned.plan = s.plan;
    if (!engine_link_read(call->reg, request->link, &s.link))
        return nobody(call);
    struct report quiet = {0};
    struct report *kept = call->report;
    call->report = &quiet;
    status opened = call_open_found(call, s.link.subject, &s.subject);
    dossier_id now = {{0}}; /* a link that went to a dossier that was merged stops the person's all
                             */
    if (opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE)
        TRY(call_merged_into(call, s.link.subject, &now));
    if (!ID_IS_ZERO(now))
        opened = call_open_found(call, now, &s.subject);
    call->report = kept;
    if (opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE)
        return nobody(call);
    if (!is_ok(opened)) {
        *kept = quiet;
        return opened;
    }
    TRY(choose(&s, request));
    return turn(&s);
}
