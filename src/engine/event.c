/* Events: instants that retention counts from, of a person or of a matter that many share. */
#include "engine_internal.h"

static status event_of(struct call *call, const struct event_record *request, word *event,
                       const struct plan_event **clause)
{
    TRY(call_word(call, NAME_EVENT, request->event, event));
    if (*event == 0)
        return fail_at(call->report, FAULT_INVALID, "/event", "an event has a name");
    const struct plan *plan = reg_plan(call->reg, call->now);
    *clause = &plan->event[plan_find(plan, plan->event_of, *event)];
    return OK;
}

static status event_effect(struct call *call, word event, str *effect)
{
    *effect = arena_format(call->arena, "event:%.*s", STR_ARG(call_text(call, event)));
    return effect->ptr == NULL ? NO_MEMORY(call->report) : OK;
}

/* decide holds `by: subject`: an act of the firm never counts as the person's. */
static status decide_event(struct call *call, const struct event_record *request, word event,
                           struct subject *about, const struct permit **permit)
{
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.matter = request->matter;
    op.evidence = event;
    op.by_subject = call_by_subject(call, request->by_subject);
    const struct decision *decision;
    TRY(call_decide(call, about, &op, &decision));
    str effect;
    TRY(event_effect(call, event, &effect));
    return call_write(call, about->dossier->facts, &op, "event", decision, &effect, 1, permit);
}

static status matter_event(struct call *call, const struct event_record *request, word event,
                           instant at)
{
    struct subject about = {0};
    TRY(call_open_dossier(call, request->matter, DOSSIER_MATTER, &about.dossier));
    struct dossier *dossier = about.dossier;
    const struct permit *permit;
    TRY(decide_event(call, request, event, &about, &permit));
    TRY(facts_add_event(call, dossier->facts, event, (dossier_id){{0}}, at));
    TRY(call_store_dossier(call, dossier, permit));
    return call_touch_matter(call, request->matter);
}

static status subject_event(struct call *call, const struct event_record *request, word event,
                            instant at)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    const struct permit *permit;
    TRY(decide_event(call, request, event, &subject, &permit));
    TRY(facts_add_event(call, subject.dossier->facts, event, request->matter, at));
    return call_store(call, &subject, permit);
}

status engine_event(struct call *call, const struct event_record *request)
{
    word event;
    const struct plan_event *clause = NULL;
    TRY(event_of(call, request, &event, &clause));
    instant at;
    TRY(call_instant(call, "/at", request->at, &at));
    call->outcome.http = 201;
    if (clause->of != NONE && ID_IS_ZERO(request->subject))
        return matter_event(call, request, event, at);
    /* An event of a kind of matter that names the person too is a fact of both. */
    if (clause->of != NONE && !ID_IS_ZERO(request->matter))
        TRY(matter_event(call, request, event, at));
    if (ID_IS_ZERO(request->subject))
        return fail_at(call->report, FAULT_INVALID, "/event",
                       "this event is a person's: name the subject");
    return subject_event(call, request, event, at);
}
