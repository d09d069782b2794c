/* One entry for many people: the same use cases as for one, run for each without an entry of their
 * own.
 *
 *   pass one: decide each, note a line   ->  manifest, entry  ->  flush  ->  pass two, in turns of
 *   (in steps; others are served)                                            their own: decide each
 *                                                                            again, record, open
 *
 * In pass two nothing is given that pass one had not allowed, whatever opened in between; and what
 * has ended, was erased, restricted or objected to in between is not given either. What is recorded
 * beside a person (that it was given, that a message waits) is durable before anything is opened,
 * and is permitted by the person's line. Who goes away midway leaves the entry: it says what was
 * allowed, and the disclosures what was given.
 *
 * Without values there may be no pass two: nothing comes between what is decided in one step and
 * the flush behind it, so what was decided is told. */
#include <stdlib.h>

#include "engine_internal.h"

enum { BATCH_REASONS = 256, FIND_PAGE = 256, EARLY_ITEMS = 8192 };

/* What was decided of one person. */
struct verdict_of_one {
    dossier_id subject;
    audit_id handle;
    uint32_t reason; /* of a refusal, by its place among the reasons */
    uint32_t count;
    const record_id *items; /* that were allowed */
    bool known, allowed, duty;
};

struct batch_work {
    struct batch request;
    struct arena *arena; /* its own; this struct lies in it */
    LIST(struct verdict_of_one) people;
    size_t at;
    bool opening; /* pass two */
    bool noted;   /* the person that is asked about was decided on */
    bool duty;
    size_t told;           /* items, early */
    bool early;            /* each was told as it was decided, in this one step */
    struct batch_line one; /* of whom was decided on last: what is told without values */
    size_t allowed, given;
    LIST(word) fields; /* of what was allowed, each once */
    LIST(struct decision) reasons;
    struct operation op;
    word company;
    audit_id decider;
    record_id asked; /* the entry's request */
    const struct permit_many *many;
    uint64_t bytes;                   /* of the person that is being given */
    word purpose;                     /* of everyone: whom it reaches; 0: all */
    dossier_id last, page[FIND_PAGE]; /* found, and not yet asked about */
    size_t page_at, page_count, most;
    bool all_found, more;
};

/* ---- what the use cases report ---- */

static struct verdict_of_one *one_of(const struct batch_work *work)
{
    return &work->people.at[work->at];
}

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
    str *ids = ARENA_ARRAY(work->arena, str, reason->ids.count + 1u);
    str rule = arena_copy(work->arena, reason->rule);
    if (added == NULL || lacks == NULL || ids == NULL || rule.ptr == NULL)
        return NO_MEMORY(report);
    for (uint16_t i = 0; i < reason->lack_count; i++)
        lacks[i] = reason->lacks[i];
    for (uint16_t i = 0; i < reason->ids.count; i++) /* the texts are the policy's or the law's */
        ids[i] = reason->ids.at[i];
    *added = (struct decision){.reason = *reason};
    added->reason.rule = rule;
    added->reason.lacks = lacks;
    added->reason.ids.at = ids;
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

/* What the entry says of the operation, which is the same for all. */
static void note_operation(struct batch_work *work, const struct operation *op)
{
    work->op = *op;
    work->op.subject = (dossier_id){{0}};
    work->op.items = NULL;
    work->op.fields = NULL;
    work->op.item_count = work->op.field_count = 0;
    work->noted = true;
}

status batch_refused(struct call *call, const struct facts *facts, const struct operation *op,
                     const struct decision *decision)
{
    struct batch_work *work = call->batch;
    if (!work->opening && !work->request.everyone) /* whom nobody named, nobody looked for */
        watch_refusal(call, op->action);
    if (work->opening || facts == NULL) /* nobody, or nobody that the caller may know of */
        return OK;
    struct verdict_of_one *one = one_of(work);
    TRY(handle_of_one(call, facts, &one->handle));
    TRY(keep_reason(work, &decision->reason, call->report, &one->reason));
    one->known = true;
    if (work->allowed == 0)
        note_operation(work, op);
    work->noted = true;
    return OK;
}

static status note_items(struct batch_work *work, const struct decision *decision,
                         struct report *report)
{
    struct verdict_of_one *one = one_of(work);
    record_id *items =
        decision->count == 0 ? NULL : ARENA_ARRAY(work->arena, record_id, decision->count);
    if (items == NULL && decision->count > 0)
        return NO_MEMORY(report);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        if (part->verdict == VERDICT_REFUSE || ID_IS_ZERO(part->item))
            continue;
        items[one->count++] = part->item;
        TRY(add_field(work, part->field, report));
    }
    one->items = items;
    return OK;
}

/* Of the person, without a value: which roles are held now, of those that the caller may know of.
 */
static status note_roles(struct call *call, const struct facts *facts, struct batch_line *line)
{
    str *roles = ARENA_ARRAY(call->arena, str, facts->roles.count + 1);
    if (roles == NULL)
        return NO_MEMORY(call->report);
    line->role_count = 0;
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        if (!before(call->now, role->since) && call_reaches_role(call, role))
            roles[line->role_count++] = call_text(call, role->role);
    }
    line->roles = roles;
    return OK;
}

static bool without_values(const struct batch_work *work)
{
    return work->request.read != NULL && work->request.read->without_values;
}

static status note_allowed(struct call *call, const struct facts *facts, const struct operation *op,
                           const struct decision *decision)
{
    struct batch_work *work = call->batch;
    struct verdict_of_one *one = one_of(work);
    TRY(handle_of_one(call, facts, &one->handle));
    TRY(note_items(work, decision, call->report));
    if (work->early) {
        TRY(note_roles(call, facts, &work->one));
        TRY(call_describe(call, facts, decision, &work->one.read));
    }
    one->known = one->allowed = true;
    one->duty = decision->verdict == VERDICT_DUTY;
    work->duty |= one->duty;
    work->allowed++;
    note_operation(work, op);
    return fail(call->report, FAULT_INTERNAL, "decided"); /* the use case goes no further */
}

static struct permit_scope scope_of(const struct facts *facts, const struct operation *op,
                                    const struct decision *decision)
{
    return (struct permit_scope){
        .dossier = facts->id, .action = op->action, .purpose = op->purpose, .decision = decision};
}

/* How much will be opened is known before it is. */
static uint64_t bytes_of(const struct facts *facts, const struct decision *decision)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < decision->count; i++) {
        const struct fact_item *item = facts_find_item(facts, decision->parts[i].item);
        bool opens = item != NULL && decision->parts[i].verdict != VERDICT_REFUSE;
        bytes += opens && item->chunks == 0 ? item->size : 0;
    }
    return bytes;
}

status batch_allowed(struct call *call, const struct facts *facts, const struct operation *op,
                     const struct decision *decision, struct permit_wait *wait)
{
    struct batch_work *work = call->batch;
    if (!work->opening)
        return note_allowed(call, facts, op, decision);
    call->outcome.log_index = permit_many_index(work->many);
    if (wait == NULL)
        return OK;
    if (without_values(work))
        TRY(note_roles(call, facts, &work->one));
    else
        work->bytes = bytes_of(facts, decision);
    struct permit_scope scope = scope_of(facts, op, decision);
    return permit_ask_line(&scope, work->many, one_of(work)->handle, call->report, wait);
}

status batch_write(struct call *call, const struct facts *facts, const struct operation *op,
                   const struct decision *decision, const struct permit **permit)
{
    struct batch_work *work = call->batch;
    if (!work->opening)
        return note_allowed(call, facts, op, decision);
    call->outcome.log_index = permit_many_index(work->many);
    struct permit_scope scope = scope_of(facts, op, decision);
    return permit_write_line(&scope, work->many, one_of(work)->handle, call->reg->log, call->arena,
                             call->report, permit);
}

static bool was_allowed(const struct batch_work *work, record_id item)
{
    const struct verdict_of_one *one = one_of(work);
    for (uint32_t i = 0; i < one->count; i++) {
        if (ID_EQUAL(one->items[i], item))
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

record_id batch_request(const struct call *call)
{
    return call->batch == NULL ? call->request : call->batch->asked;
}

/* ---- one person ---- */

static status use_of_one(struct call *call, const struct batch_work *work, struct batch_line *line)
{
    const struct batch *request = &work->request;
    if (request->read != NULL) {
        struct read read = *request->read;
        read.subject = line->subject;
        return engine_read(call, &read, &line->read);
    }
    if (request->copy != NULL) {
        struct copy copy = *request->copy;
        copy.subject = line->subject;
        return engine_copy(call, &copy, &line->read);
    }
    if (request->share != NULL) {
        struct share share = *request->share;
        share.subject = line->subject;
        return engine_share(call, &share, &line->shared);
    }
    struct message message = *request->message;
    message.subject = line->subject;
    return engine_message(call, &message, &line->sending);
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
    struct batch_line line = {.subject = one_of(work)->subject};
    work->noted = false;
    status judged = use_of_one(&one, work, &line);
    if (judged.fault == FAULT_NOT_FOUND || judged.fault == FAULT_GONE ||
        judged.fault == FAULT_MERGED)
        return OK;
    if (work->noted && (judged.fault == FAULT_REFUSED || one_of(work)->allowed))
        return OK;
    if (judged.fault != FAULT_FORBIDDEN) {
        *call->report = report;
        return is_ok(judged) ? fail(call->report, FAULT_INTERNAL, "nothing was decided") : judged;
    }
    one.batch = NULL;
    one.report = call->report;
    judged = use_of_one(&one, work, &line);
    call->logged_refusal = one.logged_refusal;
    return is_ok(judged) ? fail(call->report, FAULT_INTERNAL, "two answers of one kind") : judged;
}

/* ---- who is asked about ---- */

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES);
}

static status add_person(struct batch_work *work, dossier_id id, struct report *report)
{
    struct verdict_of_one *added = LIST_ADD(work->arena, &work->people);
    if (added == NULL)
        return NO_MEMORY(report);
    added->subject = id;
    return OK;
}

static status take_named(struct call *call, struct batch_work *work)
{
    const struct batch *request = &work->request;
    size_t count = request->subject_count;
    if (count == 0)
        return fail_at(call->report, FAULT_INVALID, "/subjects", "name somebody");
    if (count > work->most)
        return fail_at(call->report, FAULT_LIMIT, "/subjects", "at most %zu people at once",
                       work->most);
    CLEANUP(arena_free) struct arena *arena = arena_new((count + 1) * sizeof(dossier_id));
    dossier_id *sorted = ARENA_ARRAY(arena, dossier_id, count);
    if (sorted == NULL)
        return NO_MEMORY(call->report);
    memcpy(sorted, request->subjects, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_ids);
    for (size_t i = 1; i < count; i++) {
        if (ID_EQUAL(sorted[i - 1], sorted[i]))
            return fail_at(call->report, FAULT_INVALID, "/subjects", "somebody is named twice");
    }
    for (size_t i = 0; i < count; i++)
        TRY(add_person(work, request->subjects[i], call->report));
    return OK;
}

/* The next few whom the purpose reaches, or reached when they were settled last. */
static status find_more(struct call *call, struct batch_work *work, struct arena *scratch)
{
    struct vault *vault = call->reg->vault;
    dossier_id *ids;
    size_t count;
    if (work->purpose == 0) {
        TRY(vault_list(vault, DOSSIER_SUBJECT, work->last, FIND_PAGE, scratch, call->report, &ids,
                       &count));
    } else {
        blind tag;
        keys_tag(vault_keys(vault), STR("purpose"), call_text(call, work->purpose), &tag);
        TRY(vault_live(vault, tag, work->last, FIND_PAGE, scratch, call->report, &ids, &count));
    }
    if (count > 0)
        memcpy(work->page, ids, count * sizeof(*ids));
    work->page_at = 0;
    work->page_count = count;
    work->all_found = count < FIND_PAGE;
    return OK;
}

/* Puts the next person at work->at; false when there is nobody more. */
static status next_person(struct call *call, struct batch_work *work, struct arena *scratch,
                          bool *there)
{
    *there = work->at < work->people.count;
    if (*there)
        return OK;
    if (work->page_at == work->page_count && !work->all_found)
        TRY(find_more(call, work, scratch));
    if (work->page_at == work->page_count)
        return OK;
    if (work->people.count == work->most) {
        work->more = work->all_found = true;
        work->page_count = 0;
        work->page_at = 0;
        return OK;
    }
    *there = true;
    work->last = work->page[work->page_at++];
    return add_person(work, work->last, call->report);
}

static status purpose_of(struct call *call, struct batch_work *work)
{
    const struct batch *request = &work->request;
    const struct plan *plan = reg_plan(call->reg, call->now);
    word message;
    if (request->read != NULL)
        return call_purpose(call, request->read->purpose, &work->purpose);
    if (request->share != NULL)
        return call_purpose(call, request->share->purpose, &work->purpose);
    if (request->message == NULL)
        return OK;
    TRY(call_word(call, NAME_MESSAGE, request->message->message, &message));
    plan_index index = plan_find(plan, plan->message_of, message);
    if (index != NONE && plan->message[index].purpose != NONE)
        work->purpose = plan->purpose[plan->message[index].purpose].clause.name;
    return OK;
}

/* Nobody is named: whoever asks must be let know whom the purpose reaches; and a copy of everyone
 * is what a thief wants most. */
static status may_have_everyone(struct call *call, struct batch_work *work, bool *waits)
{
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    *waits = false;
    TRY(call_scope_held(call, SCOPE_OFFICER));
    TRY(purpose_of(call, work));
    if (work->purpose == 0 && work->request.copy == NULL)
        return fail_at(call->report, FAULT_INVALID, "/purpose", "everyone of which purpose?");
    if (work->request.copy != NULL)
        TRY(call_whole_register(call));
    TRY(call_purpose_held(call, NULL, &op, work->purpose));
    if (work->request.message != NULL)
        return OK;
    return call_second_pair(call, ACT_EXPORT, (dossier_id){{0}}, waits);
}

/* Wrong words are wrong also where nobody is reached. */
static status check_words(struct call *call, const struct batch *request)
{
    const word *fields;
    size_t count;
    word recipient;
    if (request->read != NULL)
        return call_fields(call, request->read->fields, request->read->field_count, &fields,
                           &count);
    if (request->share == NULL)
        return OK;
    TRY(call_word(call, NAME_RECIPIENT, request->share->recipient, &recipient));
    return call_fields(call, request->share->fields, request->share->field_count, &fields, &count);
}

/* What the request names besides people is there, or it is nobody's. */
static status check_named(struct call *call, const struct batch *request)
{
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    if (request->read != NULL)
        op.matter = request->read->matter;
    if (request->share != NULL) {
        op.matter = request->share->matter;
        op.case_ = request->share->case_;
        op.party = request->share->party;
    }
    if (request->message != NULL)
        op.party = request->message->party;
    return call_check_named(call, &op);
}

static status batch_begin(struct call *call, const struct batch *request, struct batch_work **out,
                          bool *waits)
{
    struct arena *arena = arena_new(LIMIT_BATCH_BYTES);
    struct batch_work *work = ARENA_NEW(arena, struct batch_work);
    assert(work != NULL); /* the first thing that it gives */
    *work = (struct batch_work){.request = *request,
                                .arena = arena,
                                .company = call->company,
                                .early = request->early.tell != NULL && request->read != NULL &&
                                         request->read->without_values,
                                .last = request->after,
                                .all_found = !request->everyone};
    *out = work;
    *waits = false;
    size_t most = call->engine->batch_people;
    work->most = most == 0 ? LIMIT_MANIFEST_LINES : most;
    work->op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    if (request->everyone && request->subject_count > 0)
        return fail_at(call->report, FAULT_INVALID, "/everyone", "these people, or everyone?");
    TRY(check_words(call, request));
    TRY(check_named(call, request));
    TRY(request->everyone ? may_have_everyone(call, work, waits) : take_named(call, work));
    work->decider = call->decider;
    return OK;
}

void engine_batch_end(struct batch_work **work)
{
    if (*work == NULL)
        return;
    struct arena *arena = (*work)->arena; /* which the work itself lies in */
    *work = NULL;
    arena_free(&arena);
}

/* ---- the entry ---- */

static const char *batch_action(const struct batch *request)
{
    if (request->read != NULL)
        return request->read->use ? "use" : request->read->without_values ? "show" : "read";
    if (request->copy != NULL)
        return "export";
    if (request->share != NULL)
        return "share";
    if (request->message->queue)
        return "queue";
    return request->message->asking ? "ask_send" : "send";
}

/* One part a field: the entry names the categories of all that was allowed. */
static status entry_of_all(struct call *call, struct batch_work *work, struct audit_entry *entry)
{
    enum verdict yes = work->duty ? VERDICT_DUTY : VERDICT_ALLOW;
    struct decision all = {.verdict = work->allowed == 0 ? VERDICT_REFUSE : yes};
    all.parts = ARENA_ARRAY(call->arena, struct part, work->fields.count + 1);
    if (all.parts == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < work->fields.count; i++)
        all.parts[all.count++] = (struct part){.field = work->fields.at[i]};
    if (work->allowed == 0)
        all.reason = work->reasons.at[0].reason;
    TRY(call_entry(call, NULL, &work->op, &all, entry));
    entry->action = str_from(batch_action(&work->request));
    if (!ID_IS_ZERO(work->decider)) /* who approved it */
        entry->decider = work->decider;
    return OK;
}

/* Named people of whom none is here: logged as any asking for nobody. Of everyone, nobody is no
 * refusal. */
static status log_nobody(struct call *call, const struct batch_work *work)
{
    static const struct decision refuse = {.verdict = VERDICT_REFUSE,
                                           .reason = {.rule = {"always.existence", 16}}};
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    op.purpose = work->purpose;
    if (work->request.everyone)
        return call_log(call, NULL, &op, batch_action(&work->request), decision_by_scope());
    return call_log(call, NULL, &op, "open", &refuse);
}

static size_t fill_lines(const struct batch_work *work, struct manifest_line *lines)
{
    size_t count = 0;
    for (size_t i = 0; i < work->people.count; i++) {
        const struct verdict_of_one *one = &work->people.at[i];
        if (!one->known)
            continue;
        struct manifest_line *line = &lines[count++];
        memcpy(line->handle, one->handle.bytes, ID_BYTES);
        line->decision = !one->allowed ? AUDIT_REFUSE : one->duty ? AUDIT_DUTY : AUDIT_ALLOW;
    }
    return count;
}

static status batch_log(struct call *call, struct batch_work *work)
{
    struct manifest_line *lines =
        ARENA_ARRAY(work->arena, struct manifest_line, work->people.count + 1);
    struct audit_entry *entry = ARENA_NEW(work->arena, struct audit_entry);
    if (lines == NULL || entry == NULL)
        return NO_MEMORY(call->report);
    size_t count = fill_lines(work, lines);
    work->asked = call->request;
    call->outcome.count = work->allowed;
    if (count == 0)
        return log_nobody(call, work);
    if (work->request.message == NULL)
        watch_reads(call, work->people.at[work->people.count - 1].subject, work->allowed);
    TRY(entry_of_all(call, work, entry));
    struct permit_list list = {lines, count};
    TRY(permit_ask_many(NULL, call->reg->log, entry, list, work->arena, call->report,
                        &work->many));
    call->outcome.log_index = permit_many_index(work->many);
    return OK;
}

/* ---- pass one ---- */

/* Of everyone, who is not for this caller to know of was not asked about. */
static void go_on(struct batch_work *work)
{
    if (work->request.everyone && !one_of(work)->known)
        work->people.count--;
    else
        work->at++;
}

static void tell_early(struct batch_work *work, struct arena *scratch)
{
    const struct verdict_of_one *one = one_of(work);
    if (!work->early || (work->request.everyone && !one->known))
        return;
    work->one.subject = one->subject;
    work->one.known = one->known;
    work->one.allowed = one->allowed;
    work->one.refused = one->known && !one->allowed ? &work->reasons.at[one->reason] : NULL;
    work->told += work->one.read.count;
    work->request.early.tell(work->request.early.self, scratch, &work->one);
    work->one = (struct batch_line){0};
    work->early = work->told <= EARLY_ITEMS; /* more is not held at once */
}

static status judge_some(struct call *call, struct batch_work *work, bool *there)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct step step = step_begin(call->reg);
    bool goes_on = true;
    for (*there = true; *there && goes_on; goes_on = step_goes_on(&step)) {
        arena_reset(scratch);
        TRY(next_person(call, work, scratch, there));
        if (!*there)
            return OK;
        TRY(judge_one(call, work, scratch));
        tell_early(work, scratch);
        go_on(work);
    }
    return OK;
}

status engine_batch_step(struct call *call, const struct batch *request, struct batch_work **work,
                         struct progress *progress)
{
    bool waits = false;
    if (*work == NULL)
        TRY(batch_begin(call, request, work, &waits));
    if (waits) {
        engine_batch_end(work);
        *progress = (struct progress){.done = true};
        return OK;
    }
    bool there;
    TRY(judge_some(call, *work, &there));
    progress->looked = (*work)->at;
    progress->of = (*work)->people.count;
    progress->done = !there;
    (*work)->early &= !there;
    if (!progress->done)
        return OK;
    (*work)->given = (*work)->early ? (*work)->people.count : 0;
    return batch_log(call, *work);
}

/* ---- pass two ---- */

size_t engine_batch_left(const struct batch_work *work)
{
    return work->people.count - work->given;
}

size_t engine_batch_people(const struct batch_work *work)
{
    return work->people.count;
}

bool engine_batch_more(const struct batch_work *work, dossier_id *last)
{
    *last = work->last;
    return work->more;
}

bool engine_batch_is_early(const struct batch_work *work)
{
    return work->early;
}

bool engine_batch_answer(status result)
{
    return result.fault == FAULT_REFUSED || result.fault == FAULT_NOT_FOUND ||
           result.fault == FAULT_GONE || result.fault == FAULT_MERGED ||
           result.fault == FAULT_FORBIDDEN || result.fault == FAULT_LIMIT;
}

status engine_batch_give(struct call *call, struct batch_work *work, struct batch_line *line)
{
    assert(work->given < work->people.count);

    work->at = work->given++;
    work->opening = true;
    work->bytes = 0;
    work->one = (struct batch_line){0};
    const struct verdict_of_one *said = one_of(work);
    *line = (struct batch_line){.subject = said->subject, .known = said->known};
    if (said->known && !said->allowed)
        line->refused = &work->reasons.at[said->reason];
    if (!said->allowed)
        return OK;
    call->batch = work;
    call->company = work->company;
    status used = use_of_one(call, work, line);
    call->batch = NULL;
    line->bytes = work->bytes;
    line->roles = work->one.roles;
    line->role_count = work->one.role_count;
    line->allowed = is_ok(used);
    line->changed = !is_ok(used);
    line->queued = is_ok(used) && work->request.message != NULL && work->request.message->queue;
    return used;
}
