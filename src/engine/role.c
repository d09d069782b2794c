/* Roles of people: given and ended, of one or of many under one entry.
 *
 *   many:  open and judge each  ->  manifest, entry in the outbox  ->  change each under its line
 *
 * in one call, so in one transaction: nothing comes between what was judged and what is changed,
 * and the entry commits with its effect. All who may be changed are, or nobody is; who is refused,
 * is unknown or does not hold the role has a line that says so, and stays as they are. */
#include <stdio.h>

#include "engine_internal.h"
#include "manifest.h"

/* What is asked, its words found. */
struct asked_role {
    const struct role_change *request;
    word role;
    instant at;
    struct operation op;
    str effect;
};

static status find_words(struct call *call, const struct role_change *request,
                         struct asked_role *asked)
{
    *asked = (struct asked_role){.request = request};
    TRY(call_word(call, NAME_ROLE, request->role, &asked->role));
    TRY(call_instant(call, "/at", request->at, &asked->at));
    if (asked->role == 0)
        return fail_at(call->report, FAULT_INVALID, "/role", "a role has a name");
    asked->op = call_operation(call, ACTION_RECORD, request->subject);
    asked->op.matter = request->matter;
    asked->op.evidence = asked->role;
    asked->effect = arena_format(call->arena, "role:%.*s", STR_ARG(request->role));
    return asked->effect.ptr == NULL ? NO_MEMORY(call->report) : OK;
}

static const char *role_action(const struct role_change *request)
{
    return request->ends ? "role_end" : "role";
}

/* ---- one person ---- */

/* Of a role with this name, of the matter where one is named, that is held at the instant. */
static bool is_held(const struct fact_role *there, const struct asked_role *asked)
{
    dossier_id matter = asked->request->matter;
    return there->role == asked->role && before(asked->at, there->until) &&
           (ID_IS_ZERO(matter) || ID_EQUAL(there->matter, matter));
}

static bool holds(const struct facts *facts, const struct asked_role *asked)
{
    for (size_t i = 0; i < facts->roles.count; i++) {
        if (is_held(&facts->roles.at[i], asked))
            return true;
    }
    return false;
}

static status end_roles(struct call *call, struct subject *subject, const struct asked_role *asked)
{
    const struct facts *facts = subject->dossier->facts;
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *there = &facts->roles.at[i];
        if (!is_held(there, asked))
            continue;
        struct edit edit = {.kind = EDIT_END_ROLE, .id = there->id, .at = asked->at};
        call->outcome.count++;
        TRY(vault_edit(call->reg->vault, subject->dossier, &edit, call->arena, call->report));
    }
    return OK;
}

/* Who holds it already stays as they are: then there is the entry, and nothing to store. */
static status give_role(struct call *call, struct subject *subject, const struct asked_role *asked,
                        const struct permit *permit)
{
    struct facts *facts = subject->dossier->facts;
    size_t roles_before = facts->roles.count;
    uint64_t ended_before = call->outcome.count;
    TRY(facts_add_role(call, facts, asked->role, asked->request->matter, asked->at));
    TRY(call_becomes_child(call, subject, asked->role));
    if (call->outcome.count > ended_before)
        return call_store_and_purge(call, subject, permit);
    return facts->roles.count == roles_before ? OK : call_store(call, subject, permit);
}

static status record_role(struct call *call, struct subject *subject,
                          const struct asked_role *asked, const struct permit *permit)
{
    struct services services = {0};
    if (!asked->request->ends)
        return give_role(call, subject, asked, permit);
    if (!asked->request->warned)
        TRY(call_services(call, subject, &services));
    TRY(end_roles(call, subject, asked));
    TRY(call_services_warn(call, subject, &services));
    return call_store_and_purge(call, subject, permit);
}

status engine_role(struct call *call, const struct role_change *request)
{
    struct subject subject;
    struct asked_role asked;
    const struct decision *decision;
    const struct permit *permit;
    TRY(call_open(call, request->subject, &subject));
    TRY(find_words(call, request, &asked));
    TRY(call_decide(call, &subject, &asked.op, &decision));
    const struct facts *facts = subject.dossier->facts;
    if (request->ends && !holds(facts, &asked))
        return fail(call->report, FAULT_CONFLICT, "the person does not hold that role");
    TRY(call_write(call, facts, &asked.op, role_action(request), decision, &asked.effect, 1,
                   &permit));
    return record_role(call, &subject, &asked, permit);
}

/* ---- many people ---- */

/* One of them, from the judgement to the change. */
struct one_role {
    struct subject subject;
    const struct decision *decision; /* NULL: there is nothing to say of them in the log */
    audit_id handle;
};

static status check_people(struct call *call, const struct roles_change *request)
{
    size_t count = request->subject_count;
    if (count == 0 || count > LIMIT_PAGE_ROWS)
        return fail_at(call->report, FAULT_INVALID, "/subjects", "name 1 to %d people",
                       LIMIT_PAGE_ROWS);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (ID_EQUAL(request->subjects[i], request->subjects[j]))
                return fail_at(call->report, FAULT_INVALID, "/subjects", "somebody is named twice");
        }
    }
    return OK;
}

static status open_one(struct call *call, dossier_id id, struct subject *subject, bool *unknown)
{
    struct report odd = {0}, *kept = call->report;
    call->report = &odd;
    status opened = call_open_found(call, id, subject);
    call->report = kept;
    *unknown = opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE;
    if (is_ok(opened) || *unknown)
        return OK;
    *call->report = odd;
    return opened;
}

/* Whom nobody knows, and who does not hold what was to end, has no line in the manifest: as one of
 * them alone has no entry. */
static status judge_one(struct call *call, struct asked_role *asked, struct one_role *one,
                        struct role_line *line)
{
    const struct decision *decision;
    unsigned char handle[ID_BYTES];
    TRY(open_one(call, line->subject, &one->subject, &line->unknown));
    if (line->unknown)
        return OK;
    asked->op.subject = line->subject;
    TRY(call_judge(call, &one->subject, &asked->op, &decision));
    TRY(vault_handle(call->reg->vault, line->subject, call->report, handle));
    memcpy(one->handle.bytes, handle, ID_BYTES);
    bool may = decision->verdict != VERDICT_REFUSE;
    line->lacking = may && asked->request->ends && !holds(one->subject.dossier->facts, asked);
    line->allowed = may && !line->lacking;
    line->refused = may ? NULL : &decision->reason;
    one->decision = line->lacking ? NULL : decision;
    if (!may)
        watch_refusal(call, asked->op.action);
    return OK;
}

static status judge_all(struct call *call, struct asked_role *asked, struct one_role *people,
                        struct role_lines *lines)
{
    size_t unknown = 0, listed = 0;
    for (size_t i = 0; i < lines->count; i++) {
        TRY(judge_one(call, asked, &people[i], &lines->at[i]));
        unknown += lines->at[i].unknown;
        listed += people[i].decision != NULL;
    }
    if (unknown == lines->count)
        return call_not_here(call);
    return listed > 0 ? OK : fail(call->report, FAULT_CONFLICT, "nobody of them holds that role");
}

/* Of all: what was decided of whoever was allowed, or else of whoever was refused. */
static const struct decision *decision_of_all(const struct one_role *people, size_t count)
{
    const struct decision *all = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct decision *one = people[i].decision;
        bool better = all == NULL || (one != NULL && all->verdict == VERDICT_REFUSE);
        all = one != NULL && better ? one : all;
    }
    return all;
}

static size_t fill_lines(const struct one_role *people, size_t count, struct manifest_line *lines)
{
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        const struct decision *decision = people[i].decision;
        if (decision == NULL)
            continue;
        struct manifest_line *line = &lines[filled++];
        memcpy(line->handle, people[i].handle.bytes, ID_BYTES);
        line->decision = decision->verdict == VERDICT_REFUSE ? AUDIT_REFUSE
                         : decision->verdict == VERDICT_DUTY ? AUDIT_DUTY
                                                             : AUDIT_ALLOW;
    }
    return filled;
}

static status write_entry(struct call *call, const struct asked_role *asked,
                          const struct one_role *people, size_t count,
                          const struct permit_many **many)
{
    struct manifest_line *lines = ARENA_ARRAY(call->arena, struct manifest_line, count);
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    const struct decision *all = decision_of_all(people, count);
    if (lines == NULL || entry == NULL)
        return NO_MEMORY(call->report);
    struct permit_list list = {lines, fill_lines(people, count, lines)};
    TRY(call_entry(call, NULL, &asked->op, all, entry));
    entry->action = str_from(role_action(asked->request));
    entry->effects[entry->effect_count++] = asked->effect;
    struct permit_sink sink = vault_sink(call->reg->vault);
    struct permit_book book = {call->reg->own, &sink};
    call->has_written = all->verdict != VERDICT_REFUSE;
    TRY(permit_ask_many(call->has_written ? &book : NULL, call->reg->log, entry, list, call->arena,
                        call->report, many));
    call->outcome.log_index = permit_many_index(*many);
    return OK;
}

static status change_one(struct call *call, const struct asked_role *asked, struct one_role *one,
                         const struct permit_many *many)
{
    const struct permit *permit;
    struct permit_scope scope = {.dossier = one->subject.dossier->facts->id,
                                 .action = asked->op.action,
                                 .decision = one->decision};
    TRY(permit_write_line(&scope, many, one->handle, call->reg->log, call->arena, call->report,
                          &permit));
    return record_role(call, &one->subject, asked, permit);
}

/* All of them stand or fall together: whoever is left out, the rest may be asked for again. */
static status say_who(struct call *call, size_t which, status changed)
{
    struct report *report = call->report;
    if (!is_ok(changed) && report->where[0] == '\0')
        (void)snprintf(report->where, sizeof(report->where), "/subjects/%zu", which);
    return changed;
}

static status make_lines(struct call *call, const struct roles_change *request,
                         struct role_lines *lines)
{
    *lines = (struct role_lines){.count = request->subject_count};
    lines->at = ARENA_ARRAY(call->arena, struct role_line, lines->count);
    if (lines->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < lines->count; i++)
        lines->at[i] = (struct role_line){.subject = request->subjects[i]};
    return OK;
}

status engine_roles(struct call *call, const struct roles_change *request, struct role_lines *lines)
{
    struct asked_role asked;
    const struct permit_many *many;
    TRY(check_people(call, request));
    TRY(find_words(call, &request->change, &asked));
    TRY(call_check_named(call, &asked.op));
    TRY(make_lines(call, request, lines));
    struct one_role *people = ARENA_ARRAY(call->arena, struct one_role, lines->count);
    if (people == NULL)
        return NO_MEMORY(call->report);
    TRY(judge_all(call, &asked, people, lines));
    TRY(write_entry(call, &asked, people, lines->count, &many));
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->at[i].allowed)
            TRY(say_who(call, i, change_one(call, &asked, &people[i], many)));
        lines->allowed += lines->at[i].allowed;
    }
    return OK;
}
