/* An item that is also about somebody else: the lines in both dossiers, who decides about the
 * value, and what the other's own copy says of it.
 *
 *   home                              other
 *   item, line (HERE) <--- one id ---> line (THERE)
 *
 * A line counts when both dossiers have it and the item is among the home's facts: whoever reads
 * one side looks at the other. Lines go by edits on both sides, so no restore revives half of one.
 */
#include "always.h"
#include "engine_internal.h"
#include "json.h"

/* What is done with the dossier of one other in memory of its own: a person may have many. */
static status aside(struct call *call, status (*work)(struct call *call, void *self), void *self)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct arena *arena = call->arena;
    const struct decision *decision = call->decision;
    call->arena = scratch;
    status result = work(call, self);
    call->arena = arena;
    call->decision = decision;
    return result;
}

/* ---- finding ---- */

static struct fact_concern *find_line(const struct facts *facts, record_id id)
{
    for (size_t i = 0; i < facts->concerns.count; i++) {
        struct fact_concern *line = &facts->concerns.at[i];
        if (line->kind != CONCERN_QUARANTINE && ID_EQUAL(line->id, id))
            return line;
    }
    return NULL;
}

static size_t count_lines(const struct facts *facts, enum concern_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < facts->concerns.count; i++)
        count += facts->concerns.at[i].kind == kind;
    return count;
}

size_t concerns_there(const struct facts *facts)
{
    return count_lines(facts, CONCERN_THERE);
}

size_t concerns_of(const struct facts *facts, record_id item, bool *withheld)
{
    size_t count = 0;
    *withheld = false;
    for (size_t i = 0; i < facts->concerns.count; i++) {
        const struct fact_concern *line = &facts->concerns.at[i];
        if (line->kind != CONCERN_HERE || !ID_EQUAL(line->item, item))
            continue;
        count++;
        *withheld |= line->state == CONCERN_WITHHELD;
    }
    return count;
}

/* Whatever the caller may know of that person; NULL when they are gone. */
static status load_person(struct call *call, dossier_id id, struct dossier **dossier)
{
    bool exists;
    enum presence presence;
    *dossier = NULL;
    TRY(vault_exists(call->reg->vault, id, call->report, &exists));
    if (!exists)
        return OK;
    struct dossier *found;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &found));
    if (presence == PRESENCE_LIVE && found->facts->kind == DOSSIER_SUBJECT)
        *dossier = found;
    return OK;
}

/* The other dossier of a line; NULL when it is gone or does not have the line. */
static status load_other(struct call *call, const struct fact_concern *line, struct subject *other,
                         struct fact_concern **there)
{
    *other = (struct subject){0};
    *there = NULL;
    TRY(load_person(call, line->other, &other->dossier));
    if (other->dossier == NULL)
        return OK;
    *there = find_line(other->dossier->facts, line->id);
    if (*there == NULL)
        return OK;
    TRY(call_view(call, other->dossier->facts, NULL, &other->view));
    return call_settle(call, other);
}

static const struct settled_item *settled_of(const struct subject *subject, record_id item)
{
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (ID_EQUAL(subject->settled.items[i].item->id, item))
            return &subject->settled.items[i];
    }
    return NULL;
}

/* The item of a line of one of these two, while it lives. */
static const struct settled_item *
item_of(const struct fact_concern *line, const struct subject *subject, const struct subject *other)
{
    const struct subject *home = line->kind == CONCERN_HERE ? subject : other;
    const struct settled_item *item = settled_of(home, line->item);
    return item != NULL && item->alive ? item : NULL;
}

/* ---- changing the other side ---- */

/* An entry of its own, and the dossier stored; what the call answers stays as it was. */
static status store_other(struct call *call, struct subject *other, const char *action)
{
    struct outcome kept = call->outcome;
    struct operation op = call_operation(call, ACTION_RECORD, other->dossier->facts->id);
    const struct permit *permit;
    TRY(call_write(call, other->dossier->facts, &op, action, decision_by_scope(), NULL, 0,
                   &permit));
    TRY(call_notice_over(call, other->dossier->facts, false));
    TRY(call_store(call, other, permit));
    call->outcome = kept;
    return OK;
}

static status edit_line(struct call *call, struct dossier *dossier, record_id line,
                        enum edit_kind kind)
{
    struct edit edit = {.kind = kind, .id = line, .at = call->now};
    return vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report);
}

static status put_line(struct call *call, struct facts *facts, const struct fact_concern *line)
{
    struct fact_concern *added = LIST_ADD(call->arena, &facts->concerns);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = *line;
    return OK;
}

/* With the line goes what the other restricted, which the log tells of afterwards. */
static const char *end_action(const struct fact_concern *line)
{
    return line->restricted.ms == NEVER.ms ? "concern_end" : "concern_lift";
}

static status end_aside(struct call *call, void *self)
{
    const struct fact_concern *line = self;
    struct subject other;
    struct fact_concern *there;
    TRY(load_other(call, line, &other, &there));
    if (there == NULL)
        return OK;
    const char *action = end_action(there);
    TRY(edit_line(call, other.dossier, line->id, EDIT_END_CONCERN));
    return store_other(call, &other, action);
}

static status end_there(struct call *call, const struct fact_concern *line)
{
    struct fact_concern copy = *line;
    return aside(call, end_aside, &copy);
}

/* The lines of the dossier as they are now, for whoever changes them meanwhile. */
static status copy_lines(struct call *call, const struct facts *facts, struct fact_concern **lines,
                         size_t *count)
{
    *count = facts->concerns.count;
    *lines = ARENA_ARRAY(call->arena, struct fact_concern, *count + 1);
    if (*lines == NULL)
        return NO_MEMORY(call->report);
    if (*count > 0)
        memcpy(*lines, facts->concerns.at, *count * sizeof(**lines));
    return OK;
}

/* ---- what a person restricts ---- */

static bool covers(const struct call *call, const struct fact_restriction *restriction, word field)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->field_of, field);
    word category = index == NONE ? 0 : plan->category[plan->field[index].category].clause.name;
    for (size_t i = 0; i < restriction->field_count; i++) {
        if (restriction->fields[i] == field ||
            (category != 0 && restriction->fields[i] == category))
            return true;
    }
    return restriction->field_count == 0;
}

static bool restricts(const struct call *call, const struct facts *facts, word field)
{
    for (size_t i = 0; i < facts->restrictions.count; i++) {
        if (covers(call, &facts->restrictions.at[i], field))
            return true;
    }
    return false;
}

struct restricting {
    const struct fact_concern *line;
    bool restricted;
};

static status restrict_aside(struct call *call, void *self)
{
    const struct restricting *work = self;
    struct subject other;
    struct fact_concern *there;
    TRY(load_other(call, work->line, &other, &there));
    if (there == NULL || (there->restricted.ms != NEVER.ms) == work->restricted)
        return OK;
    if (work->restricted)
        TRY(edit_line(call, other.dossier, there->id, EDIT_RESTRICT_CONCERN));
    else
        there->restricted = NEVER;
    return store_other(call, &other, work->restricted ? "concern_restrict" : "concern_lift");
}

status call_concerns_restrict(struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->concerns.count; i++) {
        const struct fact_concern *line = &facts->concerns.at[i];
        struct restricting work = {line, restricts(call, facts, line->field)};
        if (line->kind == CONCERN_THERE)
            TRY(aside(call, restrict_aside, &work));
    }
    return OK;
}

/* ---- beginning ---- */

static const struct fact_concern *same_line(const struct facts *facts, record_id item,
                                            dossier_id other)
{
    for (size_t i = 0; i < facts->concerns.count; i++) {
        const struct fact_concern *line = &facts->concerns.at[i];
        if (line->kind == CONCERN_HERE && ID_EQUAL(line->item, item) &&
            ID_EQUAL(line->other, other))
            return line;
    }
    return NULL;
}

static status too_many(struct call *call)
{
    return fail(
        call->report, FAULT_LIMIT,
        "an item concerns at most %d others; a person has at most %d lines about items that "
        "concern others, and as many about items of others",
        LIMIT_CONCERNS_ITEM, LIMIT_CONCERNS);
}

/* A line is made: `line` holds what both sides share, and becomes the home's. */
struct beginning {
    dossier_id home;
    struct fact_concern *line;
    const struct fact_concern *old; /* that it takes the place of; NULL: the first */
    const struct fact_concern *same;
    bool gone; /* the old one leads to nobody */
};

/* The line of the home as the other has it. */
static status put_there(struct call *call, struct facts *facts, const struct fact_concern *line,
                        dossier_id home, enum concern_state state)
{
    struct fact_concern there = *line;
    there.kind = CONCERN_THERE;
    there.state = state;
    there.other = home;
    there.restricted = NEVER;
    return put_line(call, facts, &there);
}

/* Of the old line the other keeps a no: of what was decided nothing else holds for another value.
 */
static status open_other(struct call *call, const struct beginning *work, struct subject *other,
                         enum concern_state *state)
{
    struct fact_concern *there;
    *state = CONCERN_UNDECIDED;
    if (work->old == NULL)
        return call_open(call, work->line->other, other);
    TRY(load_other(call, work->old, other, &there));
    if (there == NULL)
        return OK;
    if (there->state == CONCERN_WITHHELD)
        *state = CONCERN_WITHHELD;
    return edit_line(call, other->dossier, work->old->id, EDIT_END_CONCERN);
}

static status begin_aside(struct call *call, void *self)
{
    struct beginning *work = self;
    struct subject other;
    enum concern_state state;
    TRY(open_other(call, work, &other, &state));
    work->gone = other.dossier == NULL || (work->old != NULL && other.dossier->edits.count == 0);
    if (work->gone || work->same != NULL)
        return OK;
    struct facts *facts = other.dossier->facts;
    if (count_lines(facts, CONCERN_THERE) >= LIMIT_CONCERNS)
        return too_many(call);
    work->line->restricted = restricts(call, facts, work->line->field) ? call->now : NEVER;
    TRY(put_there(call, facts, work->line, work->home, state));
    return store_other(call, &other, "concern");
}

status call_concern_add(struct call *call, struct subject *subject, record_id item,
                        dossier_id other, record_id *id)
{
    struct facts *facts = subject->dossier->facts;
    const struct fact_item *header = facts_find_item(facts, item);
    struct fact_concern line = {.id = call_record_id(call),
                                .kind = CONCERN_HERE,
                                .other = other,
                                .item = item,
                                .field = header->field,
                                .source = header->source,
                                .since = call->now};
    struct beginning work = {
        .home = facts->id, .line = &line, .same = same_line(facts, item, other)};
    bool withheld;
    if (ID_EQUAL(facts->id, other))
        return fail_at(call->report, FAULT_INVALID, "/subject",
                       "an item concerns its own person in any case");
    TRY(aside(call, begin_aside, &work));
    *id = work.same != NULL ? work.same->id : line.id;
    if (work.same != NULL)
        return OK;
    if (concerns_of(facts, item, &withheld) >= LIMIT_CONCERNS_ITEM ||
        count_lines(facts, CONCERN_HERE) >= LIMIT_CONCERNS)
        return too_many(call);
    return put_line(call, facts, &line);
}

/* The other has to be told within a month, by the firm: the answer says so. */
static status owe_notice(struct call *call)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    struct part *part = ARENA_NEW(call->arena, struct part);
    word *duty = ARENA_NEW(call->arena, word);
    if (decision == NULL || part == NULL || duty == NULL)
        return NO_MEMORY(call->report);
    *duty = evidence_word(call, KIND_NOTICE);
    *part = (struct part){.verdict = VERDICT_DUTY, .duties = duty, .duty_count = 1};
    *decision = (struct decision){.verdict = VERDICT_DUTY, .parts = part, .count = 1};
    call->decision = decision;
    return OK;
}

status engine_concern(struct call *call, const struct concern_make *request)
{
    struct subject subject;
    record_id line;
    TRY(call_open(call, request->subject, &subject));
    const struct settled_item *item = settled_of(&subject, request->item);
    if (item == NULL || item->item->field == 0 || !item->alive || !call_reaches(call, item))
        return call_not_here(call);
    TRY(call_concern_add(call, &subject, request->item, request->other, &line));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    str effect;
    TRY(call_effect(call, "item", request->item.bytes, &effect));
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "concern", decision_by_scope(), &effect, 1,
                   &permit));
    call->outcome.id = request->subject;
    call->outcome.record = line;
    call->outcome.http = 201;
    TRY(owe_notice(call));
    return call_store(call, &subject, permit);
}

/* ---- the person goes by another id ---- */

struct renaming {
    const struct fact_concern *line;
    dossier_id to;
    bool kept;
};

static status rename_aside(struct call *call, void *self)
{
    struct renaming *work = self;
    struct subject other;
    struct fact_concern *there;
    TRY(load_other(call, work->line, &other, &there));
    work->kept = there != NULL;
    if (there == NULL)
        return OK;
    struct edit edit = {.kind = EDIT_MOVE_CONCERN, .id = there->id, .other = work->to};
    TRY(vault_edit(call->reg->vault, other.dossier, &edit, call->arena, call->report));
    return store_other(call, &other, "concern_move");
}

status call_concerns_move(struct call *call, const struct facts *from, struct dossier *to)
{
    for (size_t i = 0; i < from->concerns.count; i++) {
        const struct fact_concern *line = &from->concerns.at[i];
        struct renaming work = {line, to->facts->id, true};
        if (line->kind == CONCERN_QUARANTINE)
            TRY(call_quarantine_move(call, line->other, to->facts->id));
        else if (ID_EQUAL(line->other, to->facts->id)) /* nobody else's any more */
            TRY(edit_line(call, to, line->id, EDIT_END_CONCERN));
        else
            TRY(aside(call, rename_aside, &work));
        if (work.kept && !ID_EQUAL(line->other, to->facts->id))
            TRY(put_line(call, to->facts, line));
    }
    return OK;
}

/* ---- ending ---- */

status call_concerns_gone(struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->concerns.count; i++) {
        if (facts->concerns.at[i].kind != CONCERN_QUARANTINE)
            TRY(end_there(call, &facts->concerns.at[i]));
    }
    return OK;
}

static status move_line(struct call *call, struct facts *facts, const struct fact_concern *old,
                        record_id next)
{
    struct fact_concern line = *old;
    struct beginning work = {.home = facts->id, .line = &line, .old = old};
    line.id = call_record_id(call);
    line.item = next;
    line.since = call->now;
    TRY(aside(call, begin_aside, &work));
    return work.gone ? OK : put_line(call, facts, &line);
}

status call_concerns_of_item(struct call *call, struct dossier *dossier, record_id item,
                             record_id next)
{
    struct fact_concern *lines;
    size_t count;
    bool withheld;
    if (concerns_of(dossier->facts, item, &withheld) == 0)
        return OK;
    TRY(copy_lines(call, dossier->facts, &lines, &count));
    for (size_t i = 0; i < count; i++) {
        if (lines[i].kind != CONCERN_HERE || !ID_EQUAL(lines[i].item, item))
            continue;
        TRY(edit_line(call, dossier, lines[i].id, EDIT_END_CONCERN));
        TRY(ID_IS_ZERO(next) ? end_there(call, &lines[i])
                             : move_line(call, dossier->facts, &lines[i], next));
    }
    return OK;
}

/* A line of an item that is there. */
struct mending {
    dossier_id home;
    const struct fact_concern *line;
    bool gone;            /* it leads to nobody */
    bool put, restricted; /* the other side was put back, and restricts the item */
};

static status mend_aside(struct call *call, void *self)
{
    struct mending *work = self;
    struct subject other = {0};
    TRY(load_person(call, work->line->other, &other.dossier));
    work->gone = other.dossier == NULL;
    if (work->gone || find_line(other.dossier->facts, work->line->id) != NULL)
        return OK;
    struct facts *facts = other.dossier->facts;
    work->put = true;
    work->restricted = restricts(call, facts, work->line->field);
    TRY(call_view(call, facts, NULL, &other.view));
    TRY(call_settle(call, &other));
    TRY(put_there(call, facts, work->line, work->home, CONCERN_UNDECIDED));
    return store_other(call, &other, "concern");
}

/* Whom the item concerned was merged into this other, who came back from before that: of what was
 * decided nothing is left, and what is restricted is what they restrict by now. */
static status mend_line(struct call *call, struct dossier *dossier, const struct fact_concern *line,
                        const char **action)
{
    struct mending work = {.home = dossier->facts->id, .line = line};
    bool restricted = line->restricted.ms != NEVER.ms;
    TRY(aside(call, mend_aside, &work));
    if (work.gone) {
        *action = end_action(line);
        return edit_line(call, dossier, line->id, EDIT_END_CONCERN);
    }
    if (!work.put || work.restricted == restricted)
        return OK;
    *action = restricted ? "concern_lift" : "concern_restrict";
    if (!restricted)
        return edit_line(call, dossier, line->id, EDIT_RESTRICT_CONCERN);
    struct fact_concern *kept = find_line(dossier->facts, line->id);
    if (kept == NULL)
        return fail(call->report, FAULT_INTERNAL,
                    "a line about another person is not where it was");
    kept->restricted = NEVER;
    return OK;
}

status call_concerns_mend(struct call *call, struct dossier *dossier, const char **action)
{
    struct fact_concern *lines;
    size_t count;
    *action = NULL;
    TRY(copy_lines(call, dossier->facts, &lines, &count));
    for (size_t i = 0; i < count; i++) {
        if (lines[i].kind != CONCERN_HERE)
            continue;
        if (facts_find_item(dossier->facts, lines[i].item) != NULL) {
            TRY(mend_line(call, dossier, &lines[i], action));
            continue;
        }
        TRY(edit_line(call, dossier, lines[i].id, EDIT_END_CONCERN));
        TRY(end_there(call, &lines[i]));
        *action = "concern_end";
    }
    return OK;
}

status call_quarantine_mend(struct call *call, const struct facts *quarantine)
{
    struct subject subject = {0};
    if (quarantine->concerns.count == 0)
        return OK;
    struct fact_concern line = quarantine->concerns.at[0];
    TRY(load_person(call, line.other, &subject.dossier));
    if (subject.dossier == NULL)
        return OK;
    struct facts *facts = subject.dossier->facts;
    for (size_t i = 0; i < facts->concerns.count; i++) {
        if (ID_EQUAL(facts->concerns.at[i].id, line.id))
            return OK;
    }
    line.other = quarantine->id;
    TRY(call_view(call, facts, NULL, &subject.view));
    TRY(call_settle(call, &subject));
    TRY(put_line(call, facts, &line));
    return store_other(call, &subject, "quarantine_move");
}

/* A line of the person whom the request names, which the other's dossier confirms. */
static status open_line(struct call *call, dossier_id id, record_id concern,
                        struct subject *subject, struct fact_concern **line)
{
    struct subject other;
    struct fact_concern *there = NULL;
    TRY(call_whole_register(call));
    TRY(call_open(call, id, subject));
    *line = find_line(subject->dossier->facts, concern);
    if (*line != NULL)
        TRY(load_other(call, *line, &other, &there));
    if (there == NULL || item_of(*line, subject, &other) == NULL)
        return call_not_here(call);
    return OK;
}

status engine_concern_end(struct call *call, const struct concern_end *request)
{
    struct subject subject;
    struct fact_concern *found;
    TRY(open_line(call, request->subject, request->concern, &subject, &found));
    struct fact_concern line = *found;
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    const struct permit *permit;
    TRY(end_there(call, &line));
    TRY(edit_line(call, subject.dossier, line.id, EDIT_END_CONCERN));
    TRY(call_write(call, subject.dossier->facts, &op, end_action(&line), decision_by_scope(), NULL,
                   0, &permit));
    TRY(call_notice_over(call, subject.dossier->facts, false));
    call->outcome.id = request->subject;
    call->outcome.record = line.id;
    return call_store(call, &subject, permit);
}

/* ---- deciding ---- */

status engine_concern_decide(struct call *call, const struct concern_decision *request)
{
    struct subject subject;
    struct fact_concern *line;
    str json, effect;
    if (str_is_empty(request->reasons))
        return fail_at(call->report, FAULT_INVALID, "/reasons", "a decision gives its reasons");
    TRY(call_check_texts(call, &request->reasons, 1));
    TRY(open_line(call, request->subject, request->concern, &subject, &line));
    TRY(call_decider(call, subject.dossier->facts, MAY_DECIDE_REQUESTS, false));
    TRY(call_reasoned(call,
                      &(struct reasoned){.type = "concern_decision",
                                         .about = "concern",
                                         .id = request->concern.bytes,
                                         .word = "released",
                                         .yes = request->release,
                                         .reasons = request->reasons},
                      &json));
    TRY(call_effect(call, "concern", request->concern.bytes, &effect));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op,
                   request->release ? "concern_release" : "concern_withhold", decision_by_scope(),
                   &effect, 1, &permit));
    if (request->release)
        line->state = CONCERN_RELEASED;
    else
        TRY(edit_line(call, subject.dossier, line->id, EDIT_WITHHOLD_CONCERN));
    TRY(call_add_evidence(call, subject.dossier, permit,
                          words_intern(call->reg->words, STR("concern_decision")), NULL, 0,
                          call->now, NEVER, json));
    return call_store(call, &subject, permit);
}

/* ---- seeing ---- */

static const char *state_name(enum concern_state state)
{
    switch (state) {
    case CONCERN_UNDECIDED:
        return "undecided";
    case CONCERN_RELEASED:
        return "released";
    case CONCERN_WITHHELD:
        return "withheld";
    }
    return "undecided";
}

struct viewing {
    const struct subject *subject;
    const struct fact_concern *line;
    struct concern_list *list;
};

static status view_aside(struct call *call, void *self)
{
    struct viewing *work = self;
    const struct fact_concern *line = work->line;
    struct subject other;
    struct fact_concern *there;
    TRY(load_other(call, line, &other, &there));
    const struct settled_item *item = there == NULL ? NULL : item_of(line, work->subject, &other);
    if (item == NULL)
        return OK;
    work->list->at[work->list->count++] =
        (struct concern_view){.id = line->id,
                              .theirs = line->kind == CONCERN_THERE,
                              .other = line->other,
                              .item = line->item,
                              .field = call_text(call, line->field),
                              .source = call_text(call, line->source),
                              .state = str_from(state_name(line->state)),
                              .since = line->since,
                              .ends = item->end,
                              .restricted = item->restricted};
    return OK;
}

status engine_concern_list(struct call *call, dossier_id id, struct concern_list *list)
{
    struct subject subject;
    *list = (struct concern_list){0};
    TRY(call_whole_register(call));
    TRY(call_open(call, id, &subject));
    const struct facts *facts = subject.dossier->facts;
    list->at = ARENA_ARRAY(call->arena, struct concern_view, facts->concerns.count + 1);
    if (list->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < facts->concerns.count; i++) {
        struct viewing work = {&subject, &facts->concerns.at[i], list};
        if (work.line->kind != CONCERN_QUARANTINE)
            TRY(aside(call, view_aside, &work));
    }
    struct operation op = call_operation(call, ACTION_NONE, id);
    return call_log(call, facts, &op, "concern_list", decision_by_scope());
}

/* ---- in the other's own copy ---- */

/* Restricted by somebody else than her whose copy it is: then it is stored, and not shown to her.
 */
static bool is_restricted(const struct call *call, const struct facts *home,
                          const struct fact_item *item, record_id line)
{
    bool restricted = restricts(call, home, item->field);
    for (size_t i = 0; i < home->concerns.count; i++) {
        const struct fact_concern *other = &home->concerns.at[i];
        restricted |= other->kind == CONCERN_HERE && ID_EQUAL(other->item, item->id) &&
                      !ID_EQUAL(other->id, line) && other->restricted.ms != NEVER.ms;
    }
    return restricted;
}

/* What keeps the item out of her copy; NONE: nothing does. */
static enum always kept_by(const struct call *call, const struct fact_concern *line,
                           const struct facts *home, const struct fact_item *item)
{
    if (line->state != CONCERN_RELEASED)
        return ALWAYS_rights_of_others;
    return is_restricted(call, home, item, line->id) ? ALWAYS_stores_only_while_restricted
                                                     : ALWAYS_NONE;
}

struct asking {
    const struct fact_concern *line;
    const struct operation *access;
    struct concern_answers *answers;
    struct arena *arena; /* of what phase two reads */
};

/* What is opened in phase two: the item, or nothing but that it is there. */
static status permitted(struct call *call, const struct fact_item *item, bool released,
                        struct arena *arena, const struct decision **permitted)
{
    *permitted = decision_by_scope();
    if (!released)
        return OK;
    struct decision *decision = ARENA_NEW(arena, struct decision);
    struct part *part = ARENA_NEW(arena, struct part);
    if (decision == NULL || part == NULL)
        return NO_MEMORY(call->report);
    *part = (struct part){.item = item->id, .field = item->field, .verdict = VERDICT_ALLOW};
    *decision = (struct decision){.verdict = VERDICT_ALLOW, .parts = part, .count = 1};
    *permitted = decision;
    return OK;
}

/* Judged as the home's own view would be: what another company holds is not told of, nor what has
 * ended. */
static status ask_aside(struct call *call, void *self)
{
    struct asking *work = self;
    struct subject home;
    struct fact_concern *there;
    const struct decision *judged, *decision;
    TRY(load_other(call, work->line, &home, &there));
    const struct settled_item *item = there == NULL ? NULL : settled_of(&home, work->line->item);
    if (item == NULL || !item->alive)
        return OK;
    struct operation op = *work->access;
    op.subject = work->line->other;
    op.case_ = (dossier_id){{0}};
    op.items = &work->line->item;
    op.item_count = 1;
    TRY(call_judge(call, &home, &op, &judged));
    if (judged->verdict == VERDICT_REFUSE)
        return OK;
    struct concern_answer *added = LIST_ADD(work->arena, &work->answers->list);
    if (added == NULL)
        return NO_MEMORY(call->report);
    bool released = kept_by(call, work->line, home.dossier->facts, item->item) == ALWAYS_NONE;
    *added = (struct concern_answer){.line = work->line->id, .released = released};
    TRY(permitted(call, item->item, released, work->arena, &decision));
    return call_ask(call, home.dossier->facts, &op, "access_concerned", decision, &added->wait);
}

status call_concerns_ask(struct call *call, const struct facts *facts, const struct operation *op,
                         struct concern_answers *answers)
{
    for (size_t i = 0; i < facts->concerns.count; i++) {
        struct asking work = {&facts->concerns.at[i], op, answers, call->arena};
        if (work.line->kind == CONCERN_THERE)
            TRY(aside(call, ask_aside, &work));
    }
    return OK;
}

/* ---- a file in the other's own copy ---- */

status call_concerned_item(struct call *call, const struct facts *facts, record_id id,
                           struct subject *home, record_id *item, bool *concerns)
{
    const struct fact_concern *line = find_line(facts, id);
    struct fact_concern *there;
    *concerns = line != NULL && line->kind == CONCERN_THERE;
    if (!*concerns)
        return OK;
    TRY(load_other(call, line, home, &there));
    const struct settled_item *settled = there == NULL ? NULL : settled_of(home, line->item);
    if (settled == NULL || !settled->alive)
        return call_not_here(call);
    enum always kept = kept_by(call, line, home->dossier->facts, settled->item);
    if (kept != ALWAYS_NONE)
        return call_refuse_always(call, facts, ACTION_READ, kept);
    *item = line->item;
    return OK;
}

status call_concern_released(struct call *call, dossier_id subject, record_id id, bool *released)
{
    enum presence presence;
    struct dossier *dossier;
    struct subject home;
    struct fact_concern *there = NULL;
    *released = false;
    TRY(vault_load(call->reg->vault, subject, call->arena, call->report, &presence, &dossier));
    const struct fact_concern *line =
        presence == PRESENCE_LIVE ? find_line(dossier->facts, id) : NULL;
    if (line != NULL)
        TRY(load_other(call, line, &home, &there));
    const struct settled_item *item = there == NULL ? NULL : settled_of(&home, line->item);
    *released = item != NULL && kept_by(call, line, home.dossier->facts, item->item) == ALWAYS_NONE;
    return OK;
}

/* ---- phase two ---- */

/* A file's bytes are had by her own id and the line's: whose file it is, she is not told. */
static void put_path(const struct facts *facts, record_id line, struct json_out *out)
{
    char room[2 * ID_TEXT + 64];
    struct buf path = buf_over(room, sizeof(room));
    buf_text(&path, "/v1/subjects/");
    buf_id(&path, facts->id.bytes);
    buf_text(&path, "/files/");
    buf_id(&path, line.bytes);
    buf_text(&path, "/copy");
    json_key(out, "at");
    json_put_str(out, buf_str(&path));
}

struct putting {
    const struct facts *facts; /* of her whose copy it is */
    struct concern_answer *answer;
    struct json_out *out;
};

static status put_value(struct call *call, const struct putting *work, const struct permit *permit,
                        const struct dossier *home, const struct fact_item *item)
{
    struct vault *vault = call->reg->vault;
    struct json_out *out = work->out;
    json_key(out, "field");
    json_put_str(out, call_text(call, item->field));
    if (item->chunks == 0) {
        str value;
        TRY(vault_open_item(vault, permit, home, item, call->arena, call->report, &value));
        json_key(out, item->external ? "reference" : "value");
        json_put_str(out, value);
        return OK;
    }
    struct vault_file file;
    TRY(vault_open_file(vault, permit, home, item, call->arena, call->report, &file));
    vault_file_wipe(&file);
    json_key(out, "file");
    json_open_object(out);
    json_key(out, "size");
    json_put_u64(out, item->size);
    json_key(out, "media");
    json_put_str(out, file.media);
    put_path(work->facts, work->answer->line, out);
    json_close_object(out);
    return OK;
}

static void put_what(struct call *call, const struct fact_concern *line,
                     const struct fact_item *item, struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index field = plan_find(plan, plan->field_of, item->field);
    json_key(out, "concern");
    json_put_id(out, line->id.bytes);
    json_key(out, "category");
    json_put_str(out,
                 field == NONE
                     ? call_text(call, item->field)
                     : call_text(call, plan->category[plan->field[field].category].clause.name));
    json_key(out, "source");
    json_put_str(out, call_text(call, item->source));
    json_key(out, "controller");
    json_put_str(out, call_text(call, item->controller));
    json_key(out, "collected");
    json_put_instant(out, item->collected);
    json_key(out, "state");
    json_put_text(out, state_name(line->state));
}

/* What a later call of the same turn took away, on either side, is not there. */
static status put_aside(struct call *call, void *self)
{
    struct putting *work = self;
    struct json_out *out = work->out;
    const struct permit *permit;
    struct subject home;
    struct fact_concern *there = NULL;
    const struct fact_concern *line = find_line(work->facts, work->answer->line);
    TRY(permit_to_read(&work->answer->wait, call->reg->log, call->arena, call->report, &permit));
    if (line != NULL)
        TRY(load_other(call, line, &home, &there));
    const struct settled_item *item = there == NULL ? NULL : settled_of(&home, line->item);
    if (item == NULL)
        return OK;
    json_open_object(out);
    put_what(call, line, item->item, out);
    call_put_grounds(call, item, out);
    json_key(out, "restricted");
    json_put_bool(out, item->restricted);
    json_key(out, "ends");
    json_put_instant(out, item->end);
    if (work->answer->released && line->state == CONCERN_RELEASED)
        TRY(put_value(call, work, permit, home.dossier, item->item));
    else {
        enum always rule = line->state == CONCERN_RELEASED ? ALWAYS_stores_only_while_restricted
                                                           : ALWAYS_rights_of_others;
        json_key(out, "withheld_by");
        json_put_text(out, always_rule(rule)->path);
    }
    json_close_object(out);
    return OK;
}

status call_concerns_put(struct call *call, const struct facts *facts,
                         struct concern_answers *answers, struct json_out *out)
{
    json_key(out, "concerns");
    json_open_array(out);
    for (size_t i = 0; i < answers->list.count; i++) {
        struct putting work = {facts, &answers->list.at[i], out};
        TRY(aside(call, put_aside, &work));
    }
    json_close_array(out);
    return OK;
}
