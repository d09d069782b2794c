/* One entry for many people: the same use cases as for one, run for each without an entry of their
 * own.
 *
 *   pass one: decide each, note a line   ->  manifest, entry  ->  flush  ->  pass two: decide each
 *   (in steps; others are served)                                            again, open, give
 *
 * In pass two nothing is given that pass one had not allowed, whatever opened in between; and what
 * has ended, was erased, restricted or objected to in between is not given either. */
#include <stdlib.h>

#include "engine_internal.h"

enum { BATCH_REASONS = 256 };

/* What was decided of one person. */
struct verdict_of_one {
    bool known, allowed, duty;
    audit_id handle;
    uint32_t reason;       /* of a refusal, by its place among the reasons */
    uint32_t first, count; /* items that were allowed */
};

struct batch_work {
    const struct batch *request;
    struct arena *arena; /* of the call */
    struct verdict_of_one *people;
    size_t at;
    bool opening; /* pass two */
    bool noted;   /* the person that is asked about was decided on */
    LIST(record_id) items;
    LIST(word) fields; /* of what was allowed, each once */
    LIST(struct decision) reasons;
    struct operation op;
    const struct permit_many *many;
};

/* ---- what the use cases report ---- */

static status add_field(struct batch_work *work, word field, struct report *report)
{
    for (size_t i = 0; i < work->fields.count; i++) {
        if (work->fields.at[i] == field)
            return OK;
    }
    word *added = LIST_ADD(work->arena, &work->fields);
    if (added == NULL)
        return NO_MEMORY(report);
    *added = field;
    return OK;
}

static bool same_reason(const struct reason *a, const struct reason *b)
{
    return str_equal(a->rule, b->rule) && a->lack_count == b->lack_count &&
           (a->lack_count == 0 ||
            memcmp(a->lacks, b->lacks, a->lack_count * sizeof(*a->lacks)) == 0);
}

/* Many are refused for few reasons: each is kept once. */
static status keep_reason(struct batch_work *work, const struct reason *reason,
                          struct report *report, uint32_t *place)
{
    for (size_t i = 0; i < work->reasons.count; i++) {
        *place = (uint32_t)i;
        if (same_reason(&work->reasons.at[i].reason, reason))
            return OK;
    }
    if (work->reasons.count == BATCH_REASONS)
        return fail(report, FAULT_LIMIT, "these people are refused for too many reasons");
    struct decision *added = LIST_ADD(work->arena, &work->reasons);
    word *lacks = ARENA_ARRAY(work->arena, word, reason->lack_count + 1u);
    str rule = arena_copy(work->arena, reason->rule);
    if (added == NULL || lacks == NULL || rule.ptr == NULL)
        return NO_MEMORY(report);
    for (uint16_t i = 0; i < reason->lack_count; i++)
        lacks[i] = reason->lacks[i];
    *added = (struct decision){.reason = *reason};
    added->reason.rule = rule;
    added->reason.lacks = lacks;
    *place = (uint32_t)(work->reasons.count - 1);
    return OK;
}

static status handle_of_one(struct call *call, const struct facts *facts, audit_id *handle)
{
    unsigned char bytes[ID_BYTES];
    TRY(vault_handle(call->reg->vault, facts->id, call->report, bytes));
    memcpy(handle->bytes, bytes, ID_BYTES);
    return OK;
}

status batch_refused(struct call *call, const struct facts *facts, const struct decision *decision)
{
    struct batch_work *work = call->batch;
    if (work->opening || facts == NULL) /* nobody, or nobody that the caller may know of */
        return OK;
    struct verdict_of_one *one = &work->people[work->at];
    TRY(handle_of_one(call, facts, &one->handle));
    TRY(keep_reason(work, &decision->reason, call->report, &one->reason));
    one->known = true;
    work->noted = true;
    return OK;
}

static status note_allowed(struct call *call, const struct facts *facts, const struct operation *op,
                           const struct decision *decision)
{
    struct batch_work *work = call->batch;
    struct verdict_of_one *one = &work->people[work->at];
    TRY(handle_of_one(call, facts, &one->handle));
    one->known = one->allowed = true;
    one->duty = decision->verdict == VERDICT_DUTY;
    one->first = (uint32_t)work->items.count;
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        if (part->verdict == VERDICT_REFUSE || ID_IS_ZERO(part->item))
            continue;
        record_id *added = LIST_ADD(work->arena, &work->items);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = part->item;
        TRY(add_field(work, part->field, call->report));
    }
    one->count = (uint32_t)(work->items.count - one->first);
    work->op = *op;
    work->op.subject = (dossier_id){{0}};
    work->op.items = NULL;
    work->op.fields = NULL;
    work->op.item_count = work->op.field_count = 0;
    work->noted = true;
    return OK;
}

status batch_allowed(struct call *call, const struct facts *facts, const struct operation *op,
                     const struct decision *decision, struct permit_wait *wait)
{
    struct batch_work *work = call->batch;
    if (!work->opening) {
        TRY(note_allowed(call, facts, op, decision));
        return fail(call->report, FAULT_INTERNAL, "decided"); /* the use case goes no further */
    }
    if (wait == NULL)
        return OK;
    struct permit_scope scope = {
        .dossier = facts->id, .action = op->action, .purpose = op->purpose, .decision = decision};
    TRY(permit_ask_line(&scope, work->many, work->people[work->at].handle, call->report, wait));
    call->outcome.log_index = permit_many_index(work->many);
    return OK;
}

static bool was_allowed(const struct batch_work *work, record_id item)
{
    const struct verdict_of_one *one = &work->people[work->at];
    for (uint32_t i = 0; i < one->count; i++) {
        if (ID_EQUAL(work->items.at[one->first + i], item))
            return true;
    }
    return false;
}

void batch_narrow(const struct call *call, struct decision *decision)
{
    const struct batch_work *work = call->batch;
    size_t kept = 0;
    for (size_t i = 0; work->opening && i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        if (part->verdict == VERDICT_REFUSE || ID_IS_ZERO(part->item) ||
            was_allowed(work, part->item))
            decision->parts[kept++] = *part;
    }
    if (work->opening)
        decision->count = kept;
}

/* ---- one person ---- */

static status use_of_one(struct call *call, dossier_id subject, struct read_result *result,
                         struct sending *sending)
{
    const struct batch *request = call->batch->request;
    if (request->read != NULL) {
        struct read read = *request->read;
        read.subject = subject;
        return engine_read(call, &read, result);
    }
    struct message message = *request->message;
    message.subject = subject;
    return engine_message(call, &message, sending);
}

static struct call call_of_one(const struct call *call, struct batch_work *work,
                               struct arena *scratch, struct report *report)
{
    struct call one = *call;
    one.batch = work;
    one.arena = scratch;
    one.report = report;
    one.decision = NULL;
    one.finish = NULL;
    return one;
}

/* A fault that is no answer about this person (a wrong word, a purpose that the token does not
 * hold) is one of the whole request, and logged as that of one person is. */
static status judge_one(struct call *call, struct batch_work *work, struct arena *scratch)
{
    struct report report = {0};
    struct call one = call_of_one(call, work, scratch, &report);
    struct read_result result;
    struct sending sending;
    work->noted = false;
    status judged = use_of_one(&one, work->request->subjects[work->at], &result, &sending);
    if (judged.fault == FAULT_NOT_FOUND || judged.fault == FAULT_GONE)
        return OK;
    if (work->noted && (judged.fault == FAULT_REFUSED || work->people[work->at].allowed))
        return OK;
    if (judged.fault != FAULT_FORBIDDEN) {
        *call->report = report;
        return is_ok(judged) ? fail(call->report, FAULT_INTERNAL, "nothing was decided") : judged;
    }
    one.batch = NULL;
    one.report = call->report;
    judged = use_of_one(&one, work->request->subjects[work->at], &result, &sending);
    call->logged_refusal = one.logged_refusal;
    call->finish = NULL;
    return is_ok(judged) ? fail(call->report, FAULT_INTERNAL, "two answers of one kind") : judged;
}

static status give_one(struct call *call, struct batch_work *work, struct arena *scratch)
{
    const struct batch *request = work->request;
    const struct verdict_of_one *said = &work->people[work->at];
    struct batch_line line = {.subject = request->subjects[work->at],
                              .known = said->known,
                              .allowed = said->allowed,
                              .arena = scratch};
    if (said->known && !said->allowed)
        line.refused = &work->reasons.at[said->reason];
    struct report report = {0};
    struct call one = call_of_one(call, work, scratch, &report);
    struct read_result result = {0};
    struct sending sending = {0};
    status used = OK;
    if (said->allowed)
        used = use_of_one(&one, line.subject, &result, &sending);
    if (said->allowed && is_ok(used) && one.finish != NULL)
        used = one.finish(&one);
    bool answer = used.fault == FAULT_REFUSED || used.fault == FAULT_NOT_FOUND ||
                  used.fault == FAULT_GONE || used.fault == FAULT_FORBIDDEN;
    if (!is_ok(used) && !answer) {
        *call->report = report;
        return used;
    }
    line.changed = !is_ok(used);
    line.allowed &= is_ok(used);
    line.read = line.allowed && request->read != NULL ? &result : NULL;
    line.link = sending.link;
    return request->each(request->self, &one, &line);
}

/* ---- all of them ---- */

static status batch_finish(struct call *call)
{
    struct batch_work *work = call->state;
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    work->opening = true;
    for (work->at = 0; work->at < work->request->subject_count; work->at++) {
        TRY(give_one(call, work, scratch));
        arena_reset(scratch);
    }
    return OK;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES);
}

static status check_request(struct call *call, const struct batch *request)
{
    size_t most = request->read != NULL ? LIMIT_BATCH_READ : LIMIT_BATCH_MESSAGES;
    size_t count = request->subject_count;
    if (count == 0)
        return fail_at(call->report, FAULT_INVALID, "/subjects", "name somebody");
    if (count > most)
        return fail_at(call->report, FAULT_LIMIT, "/subjects", "at most %zu people at once", most);
    dossier_id *sorted = ARENA_ARRAY(call->arena, dossier_id, count);
    if (sorted == NULL)
        return NO_MEMORY(call->report);
    memcpy(sorted, request->subjects, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_ids);
    for (size_t i = 1; i < count; i++) {
        if (ID_EQUAL(sorted[i - 1], sorted[i]))
            return fail_at(call->report, FAULT_INVALID, "/subjects", "somebody is named twice");
    }
    return OK;
}

static status batch_begin(struct call *call, const struct batch *request, struct batch_work **work)
{
    TRY(check_request(call, request));
    *work = ARENA_NEW(call->arena, struct batch_work);
    if (*work == NULL)
        return NO_MEMORY(call->report);
    **work = (struct batch_work){.request = request, .arena = call->arena};
    (*work)->people = ARENA_ARRAY(call->arena, struct verdict_of_one, request->subject_count);
    return (*work)->people == NULL ? NO_MEMORY(call->report) : OK;
}

static const char *batch_action(const struct batch *request)
{
    if (request->read != NULL)
        return request->read->use ? "use" : "read";
    return request->message->asking ? "ask_send" : "send";
}

/* One part a field: the entry names the categories of all that was allowed. */
static status entry_of_all(struct call *call, struct batch_work *work, size_t allowed, bool duty,
                           struct audit_entry *entry)
{
    struct decision all = {.verdict = allowed == 0 ? VERDICT_REFUSE
                                      : duty       ? VERDICT_DUTY
                                                   : VERDICT_ALLOW};
    all.parts = ARENA_ARRAY(call->arena, struct part, work->fields.count + 1);
    if (all.parts == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < work->fields.count; i++)
        all.parts[all.count++] = (struct part){.field = work->fields.at[i]};
    if (allowed == 0)
        all.reason = work->reasons.at[0].reason;
    TRY(call_entry(call, NULL, &work->op, &all, entry));
    entry->action = str_from(batch_action(work->request));
    return OK;
}

static status batch_log(struct call *call, struct batch_work *work)
{
    size_t count = 0;
    bool duty = false;
    struct manifest_line *lines =
        ARENA_ARRAY(call->arena, struct manifest_line, work->request->subject_count);
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (lines == NULL || entry == NULL)
        return NO_MEMORY(call->report);
    call->outcome.count = 0;
    for (size_t i = 0; i < work->request->subject_count; i++) {
        const struct verdict_of_one *one = &work->people[i];
        if (!one->known)
            continue;
        struct manifest_line *line = &lines[count++];
        memcpy(line->handle, one->handle.bytes, ID_BYTES);
        line->decision = !one->allowed ? AUDIT_REFUSE : one->duty ? AUDIT_DUTY : AUDIT_ALLOW;
        call->outcome.count += one->allowed;
        duty |= one->duty;
    }
    if (count == 0) { /* nobody is here: logged as any asking for nobody */
        struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
        static const struct decision refuse = {.verdict = VERDICT_REFUSE,
                                               .reason = {.rule = {"always.existence", 16}}};
        return call_log(call, NULL, &op, "open", &refuse);
    }
    if (work->request->read != NULL && call->outcome.count > 0)
        watch_reads(call, work->request->subjects[work->request->subject_count - 1],
                    call->outcome.count);
    TRY(entry_of_all(call, work, call->outcome.count, duty, entry));
    TRY(permit_ask_many(call->reg->log, entry, lines, count, call->arena, call->report,
                        &work->many));
    call->outcome.log_index = permit_many_index(work->many);
    return OK;
}

status engine_batch_step(struct call *call, const struct batch *request, struct batch_work **work,
                         struct progress *progress)
{
    if (*work == NULL) {
        if (request->message != NULL && request->message->queue)
            return fail_at(call->report, FAULT_INVALID, "/queue", "a batch is not queued");
        TRY(batch_begin(call, request, work));
        (*work)->op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    }
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct step step = step_begin(call->reg);
    bool goes_on = true;
    for (; goes_on && (*work)->at < request->subject_count; (*work)->at++) {
        TRY(judge_one(call, *work, scratch));
        arena_reset(scratch);
        goes_on = step_goes_on(&step);
    }
    progress->looked = (*work)->at;
    progress->of = request->subject_count;
    progress->done = (*work)->at == request->subject_count;
    if (!progress->done)
        return OK;
    TRY(batch_log(call, *work));
    call->state = *work;
    call->finish = batch_finish;
    return OK;
}
