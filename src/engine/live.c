/* Live capture: what is taken while it happens (a call that is recorded) begins with an act of its
 * own, after the notice is on file, and ends the moment the person says no: what it took goes at
 * once (INF-43 to INF-45, COB-104, CLO-11).
 *
 *   start --collect, collect ...--> stop          the pieces stay, for the told purposes alone
 *         \--> veto, objection, switch, withdrawal   the recording ends and its pieces go
 *
 * A recording is a record in the person's dossier, of a type that no policy has, so nothing is
 * decided by it. It ends by itself after a day: nothing listens for ever. */
#include "always.h"
#include "engine_internal.h"

enum { RECORDING_MS = 24 * 3600000 };

static word recording_word(const struct call *call)
{
    return words_intern(call->reg->words, STR("recording"));
}

static const struct binding *bound_in(const struct fact_evidence *evidence, enum slot slot)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        if (evidence->bound[i].slot == slot)
            return &evidence->bound[i];
    }
    return NULL;
}

static word name_in(const struct fact_evidence *evidence, enum slot slot)
{
    const struct binding *bound = bound_in(evidence, slot);
    return bound == NULL ? 0 : bound->name;
}

static dossier_id matter_in(const struct fact_evidence *evidence)
{
    const struct binding *bound = bound_in(evidence, SLOT_MATTER);
    return bound == NULL ? (dossier_id){{0}} : bound->id;
}

/* The recording that runs through this intake, in this matter; NULL when none does. */
static const struct fact_evidence *running(const struct call *call, const struct facts *facts,
                                           word intake, dossier_id matter)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *there = &facts->evidence.at[i];
        if (there->type == recording_word(call) && before(call->now, there->until) &&
            name_in(there, SLOT_INTAKE) == intake && ID_EQUAL(matter_in(there), matter))
            return there;
    }
    return NULL;
}

static const struct plan_intake *intake_of(const struct call *call, word intake)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->intake_of, intake);
    return index == NONE ? NULL : &plan->intake[index];
}

bool call_is_live(const struct call *call, word intake)
{
    const struct plan_intake *clause = intake_of(call, intake);
    return clause != NULL && clause->live;
}

static status refuse_by_intake(struct call *call, const struct facts *facts,
                               const struct operation *op, const struct plan_intake *intake)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    word *lacks = ARENA_NEW(call->arena, word);
    if (decision == NULL || lacks == NULL)
        return NO_MEMORY(call->report);
    *lacks = recording_word(call);
    decision->reason.rule = arena_format(call->arena, "%.*s.live", STR_ARG(intake->clause.path));
    decision->reason.ids = intake->clause.covers;
    decision->reason.article = STR("GDPR 5(1)(a)");
    if (intake->live) {
        decision->reason.lacks = lacks;
        decision->reason.lack_count = 1;
    }
    return call_refuse(call, facts, op, decision);
}

/* Through a live intake a piece comes only while a recording runs, and is not older than that. */
status call_check_live(struct call *call, const struct facts *facts, const struct operation *op,
                       instant at)
{
    const struct plan_intake *intake = intake_of(call, op->intake);
    if (intake == NULL || !intake->live)
        return OK;
    const struct fact_evidence *recording = running(call, facts, op->intake, op->matter);
    if (recording == NULL || before(at, recording->since))
        return refuse_by_intake(call, facts, op, intake);
    return OK;
}

/* ---- starting ---- */

/* Whatever the intake may take is asked about, so that the start is refused as the first piece
 * would be. */
static status offer_all(struct call *call, const struct plan_intake *intake, struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct offered *offered = ARENA_ARRAY(call->arena, struct offered, plan->field_count + 1);
    if (offered == NULL)
        return NO_MEMORY(call->report);
    for (plan_index i = 0; i < plan->field_count; i++) {
        if (!field_set_has(&intake->required, i) && !field_set_has(&intake->optional, i))
            continue;
        offered[op->offered_count++] =
            (struct offered){.field = plan->field[i].name, .said_optional = true};
    }
    op->offered = offered;
    return OK;
}

static status start_operation(struct call *call, const struct recording_start *request,
                              struct operation *op)
{
    *op = call_operation(call, ACTION_COLLECT, request->subject);
    op->matter = request->matter;
    TRY(call_word(call, NAME_INTAKE, request->intake, &op->intake));
    if (op->intake == 0)
        return fail_at(call->report, FAULT_INVALID, "/intake",
                       "a recording names the intake that it runs through");
    TRY(call_word(call, NAME_SOURCE, request->source, &op->source));
    TRY(call_source_of_intake(call, op));
    TRY(call_channel(call, request->channel, &op->channel));
    return call_controller(call, request->controller, op);
}

static status add_recording(struct call *call, struct subject *subject, const struct operation *op,
                            const struct permit *permit)
{
    const struct binding slots[] = {{.slot = SLOT_SUBJECT, .id = op->subject},
                                    {.slot = SLOT_INTAKE, .name = op->intake},
                                    {.slot = SLOT_SOURCE, .name = op->source},
                                    {.slot = SLOT_CHANNEL, .name = op->channel},
                                    {.slot = SLOT_MATTER, .id = op->matter}};
    struct binding bound[LENGTH(slots)];
    uint16_t count = 0;
    for (size_t i = 0; i < LENGTH(slots); i++) {
        if (slots[i].name != 0 || !ID_IS_ZERO(slots[i].id))
            bound[count++] = slots[i];
    }
    return call_add_evidence(call, subject->dossier, permit, recording_word(call), bound, count,
                             call->now, (instant){call->now.ms + RECORDING_MS}, STR(""));
}

status engine_recording_start(struct call *call, const struct recording_start *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    TRY(start_operation(call, request, &op));
    const struct plan_intake *intake = intake_of(call, op.intake);
    const struct facts *facts = subject.dossier->facts;
    assert(intake != NULL); /* start_operation() found it */
    if (!intake->live)      /* what is typed counts when it is sent, not before */
        return refuse_by_intake(call, facts, &op, intake);
    TRY(offer_all(call, intake, &op));
    const struct decision *decision;
    TRY(call_decide(call, &subject, &op, &decision));
    if (running(call, facts, op.intake, op.matter) != NULL)
        return fail(call->report, FAULT_CONFLICT, "a recording runs here already");
    const struct permit *permit;
    TRY(call_write(call, facts, &op, "recording_start", decision, NULL, 0, &permit));
    TRY(add_recording(call, &subject, &op, permit));
    call->outcome.http = 201;
    return call_store(call, &subject, permit);
}

/* ---- ending ---- */

static bool was_taken(const struct fact_evidence *recording, const struct fact_item *item)
{
    return item->field != 0 && item->intake == name_in(recording, SLOT_INTAKE) &&
           ID_EQUAL(item->matter, matter_in(recording)) &&
           !before(item->collected, recording->since) && !before(recording->until, item->collected);
}

/* What a claim or a restriction holds, both of them against erasure, is kept and not used. */
static bool is_held(const struct subject *subject, record_id id)
{
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *item = &subject->settled.items[i];
        if (ID_EQUAL(item->item->id, id))
            return item->held || item->restricted;
    }
    return false;
}

static status drop_taken(struct call *call, struct subject *subject,
                         const struct fact_evidence *recording)
{
    const struct facts *facts = subject->dossier->facts;
    record_id *ids = ARENA_ARRAY(call->arena, record_id, facts->items.count + 1);
    if (ids == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        if (was_taken(recording, item) && !is_held(subject, item->id))
            ids[count++] = item->id;
    }
    call->outcome.count += count;
    const struct permit *permit;
    return count == 0 ? OK : call_erase_items(call, subject->dossier, ids, count, &permit);
}

static status end_vetoed(struct call *call, struct subject *subject, record_id id)
{
    struct fact_evidence recording = *facts_find_evidence(subject->dossier->facts, id);
    TRY(drop_taken(call, subject, &recording));
    if (before(call->now, recording.until))
        TRY(call_end_evidence(call, subject->dossier, id, call->now));
    return OK;
}

/* Would the recording be let begin now? Nothing but what the person was told of is looked at. */
static status may_go_on(struct call *call, struct subject *subject,
                        const struct fact_evidence *recording, bool *may)
{
    struct operation op = {.action = ACTION_COLLECT,
                           .subject = subject->dossier->facts->id,
                           .intake = name_in(recording, SLOT_INTAKE),
                           .source = name_in(recording, SLOT_SOURCE),
                           .channel = name_in(recording, SLOT_CHANNEL),
                           .matter = matter_in(recording)};
    const struct plan_intake *intake = intake_of(call, op.intake);
    *may = intake != NULL && !intake->clause.closed;
    if (!*may)
        return OK;
    TRY(offer_all(call, intake, &op));
    TRY(call_view(call, subject->dossier->facts, &op, &subject->view));
    struct decision decision;
    TRY(decide(&subject->view, &subject->settled, &op, call->now, call->arena, call->report,
               &decision));
    *may = decision.verdict != VERDICT_REFUSE ||
           (!str_is(decision.reason.rule, always_rule(ALWAYS_own_basis)->path) &&
            !str_is(decision.reason.rule, always_rule(ALWAYS_recording_ends_on_objection)->path));
    return OK;
}

status call_end_recordings(struct call *call, struct subject *subject)
{
    const struct facts *facts = subject->dossier->facts;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *there = &facts->evidence.at[i];
        bool may = true;
        if (there->type == recording_word(call) && before(call->now, there->until))
            TRY(may_go_on(call, subject, there, &may));
        if (may)
            continue;
        TRY(end_vetoed(call, subject, there->id));
        TRY(call_settle(call, subject));
    }
    return call_view(call, facts, NULL, &subject->view);
}

static status find_recording(struct call *call, const struct recording_end *request,
                             struct subject *subject, const struct fact_evidence **recording)
{
    TRY(call_open(call, request->subject, subject));
    *recording = facts_find_evidence(subject->dossier->facts, request->recording);
    if (*recording == NULL || (*recording)->type != recording_word(call))
        return call_not_here(call);
    return OK;
}

status engine_recording_stop(struct call *call, const struct recording_end *request)
{
    struct subject subject;
    const struct fact_evidence *recording;
    TRY(find_recording(call, request, &subject, &recording));
    if (!before(call->now, recording->until))
        return fail(call->report, FAULT_CONFLICT, "this recording has ended");
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "recording_stop", decision_by_scope(), NULL,
                   0, &permit));
    TRY(call_end_evidence(call, subject.dossier, request->recording, call->now));
    call->outcome.record = request->recording;
    return call_store(call, &subject, permit);
}

/* A no to the recording is a no to what it was for, by the way that the purpose has: an objection,
 * or the end of the consent. */
static status stop_purposes(struct call *call, struct subject *subject, word intake)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_intake *clause = intake_of(call, intake);
    for (plan_index p = 0; clause != NULL && p < plan->purpose_count; p++) {
        if (!refs_has(&clause->purposes, p))
            continue;
        if (plan->purpose[p].basis == BASIS_CONSENT)
            TRY(call_end_consents(call, subject, plan->purpose[p].clause.name));
        else if (plan->purpose[p].objection != OBJECTION_NONE)
            TRY(call_add_objection(call, subject, &plan->purpose[p]));
    }
    return OK;
}

/* The person's no. It may come after the recording has stopped: what it took goes all the same. */
status engine_recording_veto(struct call *call, const struct recording_end *request)
{
    struct subject subject;
    const struct fact_evidence *recording;
    TRY(find_recording(call, request, &subject, &recording));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.by_subject = true;
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "recording_veto", decision_by_scope(), NULL,
                   0, &permit));
    word intake = name_in(recording, SLOT_INTAKE);
    TRY(end_vetoed(call, &subject, request->recording));
    uint64_t taken = call->outcome.count;
    TRY(stop_purposes(call, &subject, intake));
    call->outcome.id = request->subject;
    call->outcome.record = request->recording;
    call->outcome.count = taken;
    return call_store_and_purge(call, &subject, permit);
}
