/* Data from others than the person: she is told within a month (article 14(3)), or why not is on
 * file. Use waits for either (decide holds that); here is what happens when neither comes: an
 * alarm, and from then on the data may only be erased or told of. */
#include "document.h"
#include "engine_internal.h"
#include "law.h"

static bool fits(const struct plan *plan, const struct fact_item *item,
                 const struct fact_evidence *evidence)
{
    plan_index field = plan_find(plan, plan->field_of, item->field);
    word category = field == NONE ? 0 : plan->category[plan->field[field].category].clause.name;
    for (size_t i = 0; i < evidence->bound_count; i++) {
        const struct binding *bound = &evidence->bound[i];
        bool told = false;
        for (size_t t = 0; t < item->told_count; t++)
            told |= item->told[t] == bound->name;
        if ((bound->slot == SLOT_SOURCE && bound->name != item->source) ||
            (bound->slot == SLOT_FIELD && bound->name != item->field) ||
            (bound->slot == SLOT_CATEGORY && bound->name != category) ||
            (bound->slot == SLOT_PURPOSE && !told))
            return false;
    }
    return true;
}

/* Was she told, or is it on file why not? */
static bool is_told(const struct call *call, const struct plan *plan, const struct facts *facts,
                    const struct fact_item *item)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
        enum evidence_kind kind = type == NONE ? KIND_RECORD : plan->evidence[type].kind;
        bool notice = kind == KIND_NOTICE && !before(evidence->since, item->collected);
        if ((notice || kind == KIND_NOTICE_EXCEPTION) && before(call->now, evidence->until) &&
            fits(plan, item, evidence))
            return true;
    }
    return false;
}

static void count_due(const struct call *call, const struct facts *facts,
                      const struct fact_item *item, bool *overdue, instant *next)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    if (is_told(call, plan, facts, item))
        return;
    instant had = item->collected;
    instant passed = law_end(LAW_TOLD_OF_SOURCE, plan->zone, had, had).safe_passed;
    if (before(call->now, passed))
        *next = earlier(*next, passed);
    else
        *overdue = true;
}

void call_notice_dues(const struct call *call, const struct facts *facts, bool *overdue,
                      instant *next)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    *overdue = false;
    *next = NEVER;
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        plan_index source = plan_find(plan, plan->source_of, item->source);
        if (item->field != 0 && source != NONE && plan->source[source].kind == SOURCE_INDIRECT)
            count_due(call, facts, item, overdue, next);
    }
    /* Whatever the source is to the person whose item it is: to those whom it concerns besides it
     * is another than themselves. */
    for (size_t i = 0; i < facts->concerns.count; i++) {
        const struct fact_concern *line = &facts->concerns.at[i];
        struct fact_item item = {
            .field = line->field, .source = line->source, .collected = line->since};
        if (line->kind == CONCERN_THERE)
            count_due(call, facts, &item, overdue, next);
    }
}

static struct alarm_cause cause_of(dossier_id subject)
{
    struct alarm_cause cause = {.kind = ALARM_OVERDUE_NOTICE};
    alarm_about(&cause, SLOT_SUBJECT, subject);
    return cause;
}

status call_notice_overdue(struct call *call, const struct facts *facts)
{
    bool overdue;
    instant next;
    struct alarm_cause cause = cause_of(facts->id);
    call_notice_dues(call, facts, &overdue, &next);
    return overdue ? call_alarm(call, &cause) : OK;
}

status call_notice_over(struct call *call, const struct facts *facts, bool whole)
{
    bool overdue;
    instant next;
    struct alarm_cause cause = cause_of(facts->id);
    call_notice_dues(call, facts, &overdue, &next);
    return overdue && !whole ? OK : call_alarm_over(call, &cause);
}

/* ---- what she knows already (articles 13(4), 14(5)(a)) ---- */

static bool is_direct(const struct call *call, str source)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->source_of, words_find(call->reg->words, source));
    return index != NONE && plan->source[index].kind != SOURCE_INDIRECT;
}

/* A notice that was given to her, of this source or of no one in particular. */
static bool is_earlier_notice(const struct call *call, const struct facts *facts, record_id id,
                              str source)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct fact_evidence *evidence = facts_find_evidence(facts, id);
    plan_index type = evidence == NULL ? NONE : plan_find(plan, plan->evidence_of, evidence->type);
    if (type == NONE || plan->evidence[type].kind != KIND_NOTICE ||
        before(call->now, evidence->since))
        return false;
    for (size_t b = 0; b < evidence->bound_count; b++) {
        const struct binding *bound = &evidence->bound[b];
        if (bound->slot == SLOT_SOURCE && !str_equal(call_text(call, bound->name), source))
            return false;
    }
    return true;
}

/* Of data from herself nothing else excuses: there a link is wanted. Wherever one is given, it
 * leads to a notice that she got. */
status call_notice_known(struct call *call, const struct facts *facts,
                         const struct evidence_record *request)
{
    bool linked = false;
    for (size_t i = 0; i < request->ask_count; i++) {
        record_id id;
        if (!id_parse(request->asks[i].value, id.bytes))
            continue;
        if (!is_earlier_notice(call, facts, id, request->source))
            return fail_at(call->report, FAULT_INVALID, "/particulars",
                           "this is the record of no notice that the person got of this source");
        linked = true;
    }
    if (linked || !is_direct(call, request->source))
        return OK;
    return fail_at(call->report, FAULT_INVALID, "/particulars",
                   "of what comes from the person herself only what she knows already need not be "
                   "told: name the record of the notice that told her");
}

/* An exception belongs on file before the month is over. */
status call_notice_late(struct call *call, const struct facts *facts, const struct operation *op)
{
    bool overdue;
    instant next;
    call_notice_dues(call, facts, &overdue, &next);
    if (!overdue)
        return OK;
    struct decision *late = ARENA_NEW(call->arena, struct decision);
    if (late == NULL)
        return NO_MEMORY(call->report);
    late->reason.rule = STR("always.indirect_notice");
    late->reason.article = STR("GDPR 14(3)(a)");
    return call_refuse(call, facts, op, late);
}

status call_notice_text(struct call *call, const struct evidence_record *request, str reference,
                        str *heading, str *text)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct notice_ask ask = {.plan = plan, .intake = request->told, .reference = reference};
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES / 2);
    struct paper *paper;
    word told = words_find(call->reg->words, request->told);
    if (plan_find(plan, plan->intake_of, told) == NONE)
        return fail_at(call->report, FAULT_INVALID, "/told", "the policy has no such intake");
    TRY(language_pick(plan, request->language, STR(""), call->report, &ask.language));
    TRY(notice_paper(&ask, call->arena, call->report, &paper));
    paper_text(paper, &buf);
    *heading = paper_said_title(paper);
    return buf_finish(&buf, call->report, text);
}
