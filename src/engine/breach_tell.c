/* Those whom a breach concerned are told (article 34), each by a task of their own, or the ground
 * for leaving it out is on record (article 34(3)). C32
 *
 *   people of the scope --telling, in steps--> a task each --done--> stands in their own copy
 *
 * A task is a fact of the person: it goes with them, and who has one or was told gets no second.
 *
 * A processor tells the controller (article 33(2)): in a customer's space what becomes known makes
 * a task of the breach itself, and none that waits lets it be closed. */
#include "breach.h"
#include "json.h"

enum { OPEN_PAGE = 1000 };

static const char told_type[] = "breach.told", task_name[] = "breach";
static const char controller_task[] = "controller";

static bool is_task(const struct call *call, const struct fact_task *task, dossier_id breach)
{
    return task->kind == TASK_TELL && str_is(call_text(call, task->name), task_name) &&
           ID_EQUAL(task->other, breach);
}

enum breach_told breach_told_of(const struct call *call, const struct facts *facts,
                                dossier_id breach, instant *at)
{
    *at = NEVER;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        if (!str_is(call_text(call, evidence->type), told_type) || evidence->bound_count == 0 ||
            !ID_EQUAL(evidence->bound[0].id, breach))
            continue;
        *at = evidence->since;
        return BREACH_TOLD;
    }
    for (size_t i = 0; i < facts->tasks.count; i++) {
        if (is_task(call, &facts->tasks.at[i], breach))
            return BREACH_TO_TELL;
    }
    return BREACH_UNTOLD;
}

/* ---- the controller ---- */

static bool is_controllers(const struct call *call, const struct facts *facts,
                           const struct fact_task *task)
{
    return facts_are_breach(call, facts) && task->kind == TASK_TELL &&
           str_is(call_text(call, task->name), controller_task);
}

bool breach_controller_waits(const struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->tasks.count; i++) {
        if (is_controllers(call, facts, &facts->tasks.at[i]))
            return true;
    }
    return false;
}

status breach_became_known(struct call *call, struct dossier *dossier, const struct permit *permit,
                           const char *kind)
{
    struct outcome kept = call->outcome;
    struct event_of of = {.id = dossier->facts->id, .kind = kind};
    TRY(call_event(call, EVENT_breach_known, &of));
    if (str_is_empty(call->reg->space_of) || breach_controller_waits(call, dossier->facts))
        return OK;
    struct fact_task task = {.kind = TASK_TELL,
                             .name = words_intern(call->reg->words, str_from(controller_task)),
                             .due = call->now}; /* without undue delay */
    TRY(call_task_add(call, dossier, permit, &task, STR("")));
    call->outcome = kept;
    return OK;
}

static status controller_told(struct call *call, struct dossier *dossier,
                              const struct permit *permit)
{
    struct outcome kept = call->outcome;
    struct breach_piece piece = {.part = BREACH_CONTROLLER, .since = call->now, .until = NEVER};
    TRY(breach_add(call, dossier, permit, &piece));
    call->outcome = kept;
    return OK;
}

/* ---- how many have still to be told ---- */

void breach_task_tag(const struct call *call, dossier_id breach, blind *tag)
{
    keys_tag(vault_keys(call->reg->vault), STR("breach-untold"), ID_STR(breach), tag);
}

bool call_is_breach_task(const struct call *call, const struct fact_task *task)
{
    return is_task(call, task, task->other);
}

status breach_count_open(struct call *call, dossier_id breach, uint64_t *open)
{
    blind tag;
    dossier_id after = {{0}};
    size_t count = OPEN_PAGE;
    breach_task_tag(call, breach, &tag);
    *open = 0;
    while (count == OPEN_PAGE) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        TRY(vault_live(call->reg->vault, tag, after, OPEN_PAGE, arena, call->report, &ids, &count));
        *open += count;
        if (count > 0)
            after = ids[count - 1];
    }
    return OK;
}

/* ---- the ground for leaving it out ---- */

static status ground_json(struct call *call, const struct breach_exemption *request, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    breach_put_by(call, &out);
    json_key(&out, "ground");
    json_put_str(&out, request->ground);
    json_key(&out, "reasons");
    json_put_str(&out, request->reasons);
    if (!str_is_empty(request->instead)) {
        json_key(&out, "instead");
        json_put_str(&out, request->instead);
    }
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

status engine_breach_exempt(struct call *call, const struct breach_exemption *request)
{
    const str texts[] = {request->reasons, request->instead};
    struct dossier *dossier;
    const struct permit *permit;
    str json;
    bool public_ = str_is(request->ground, "disproportionate");
    if (!public_ && !str_is(request->ground, "protected") &&
        !str_is(request->ground, "risk_averted"))
        return fail_at(call->report, FAULT_INVALID, "/ground",
                       "people are told unless the data was protected (article 34(3)(a)), the "
                       "risk_averted afterwards (b), or it is disproportionate (c)");
    if (public_ && str_is_empty(str_trim(request->instead)))
        return fail_at(call->report, FAULT_INVALID, "/instead",
                       "then there is a public communication: say which (article 34(3)(c))");
    TRY(call_said(call, "why they need not be told", request->reasons));
    TRY(call_check_texts(call, texts, LENGTH(texts)));
    TRY(breach_open(call, request->breach, &dossier));
    TRY(breach_judge(call, dossier->facts));
    TRY(ground_json(call, request, &json));
    str effect = arena_format(call->arena, "ground:%.*s", STR_ARG(request->ground));
    TRY(breach_write(call, dossier->facts, "breach_exempt", effect, &permit));
    struct breach_piece piece = {
        .part = BREACH_EXEMPT, .since = call->now, .until = NEVER, .json = json};
    TRY(breach_add(call, dossier, permit, &piece));
    return breach_store(call, dossier, permit);
}

/* ---- a task for each ---- */

struct telling_all {
    dossier_id breach;
    record_id generation, note;
    str about;               /* JSON: what their own copy says of it */
    struct breach_mail mail; /* field 0: nothing is mailed */
    uint64_t line;           /* of the note that comes next */
    uint64_t asked, looked;
    bool done;
};

static status about_json(struct call *call, const struct permit *permit,
                         const struct dossier *dossier, str *about)
{
    const struct fact_evidence *known = breach_last(call, dossier->facts, BREACH_KNOWN);
    const struct json *words;
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    TRY(breach_words(call, permit, dossier, known, &words));
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, "breach");
    json_key(&out, "breach");
    json_put_id(&out, dossier->facts->id.bytes);
    json_key(&out, "nature");
    json_put_tree(&out, json_get(words, "nature"));
    json_key(&out, "from");
    json_put_instant(&out, known->since);
    json_key(&out, "to");
    json_put_instant(&out, known->until);
    json_close_object(&out);
    return buf_finish(&buf, call->report, about);
}

static status check_tellable(struct call *call, const struct facts *facts)
{
    const struct fact_evidence *risk = breach_risk(call, facts);
    if (risk == NULL || breach_is(call, risk, BREACH_NONE))
        return fail(call->report, FAULT_CONFLICT,
                    "it has not been assessed, or there is no risk: nobody is told");
    if (!breach_scope_is_current(call, facts))
        return fail(call->report, FAULT_CONFLICT, "whom it concerned is still to be computed");
    return OK;
}

static status mail_field(struct call *call, str name, word *field)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    TRY(call_word(call, NAME_FIELD, name, field));
    if (*field == 0 || plan->field[plan_find(plan, plan->field_of, *field)].kind == FIELD_EMAIL)
        return OK;
    return fail_at(call->report, FAULT_INVALID, "/mail", "a field of kind email");
}

static status begin_telling(struct call *call, const struct breach_tell *request,
                            struct telling_all **out)
{
    struct dossier *dossier;
    const struct permit *permit;
    struct telling_all *work = ARENA_NEW(call->arena, struct telling_all);
    if (work == NULL)
        return NO_MEMORY(call->report);
    TRY(breach_open(call, request->breach, &dossier));
    TRY(check_tellable(call, dossier->facts));
    TRY(mail_field(call, request->mail, &work->mail.field));
    TRY(breach_write(call, dossier->facts, "breach_tell", STR(""), &permit));
    TRY(breach_message_mail(call, permit, dossier, request->language, &work->mail.heading,
                            &work->mail.text));
    TRY(about_json(call, permit, dossier, &work->about));
    work->breach = work->mail.breach = request->breach;
    work->generation = breach_last(call, dossier->facts, BREACH_SCOPE)->id;
    struct breach_piece piece = {.part = BREACH_TELLING, .since = call->now, .until = NEVER};
    TRY(breach_add(call, dossier, permit, &piece));
    *out = work;
    return breach_store(call, dossier, permit);
}

static status tell_one(struct call *call, struct telling_all *work, dossier_id id)
{
    enum presence presence;
    struct subject subject = {0};
    const struct permit *permit;
    instant at;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &subject.dossier));
    if (presence != PRESENCE_LIVE ||
        breach_told_of(call, subject.dossier->facts, work->breach, &at) != BREACH_UNTOLD)
        return OK;
    struct operation op = call_operation(call, ACTION_RECORD, id);
    op.case_ = work->breach;
    TRY(call_write(call, subject.dossier->facts, &op, "breach_to_tell", decision_by_scope(), NULL,
                   0, &permit));
    struct fact_task task = {.kind = TASK_TELL,
                             .name = words_intern(call->reg->words, str_from(task_name)),
                             .other = work->breach,
                             .due = NEVER};
    bool queued = false;
    TRY(call_task_add(call, subject.dossier, permit, &task, work->about));
    if (work->mail.field != 0)
        TRY(call_breach_letter(call, &subject, permit, &work->mail, &queued));
    work->asked++;
    return call_store(call, &subject, permit);
}

/* As many as a step takes; `work->line` is the next one's place in the note. */
static status tell_note(struct call *call, struct telling_all *work, const struct note *note,
                        bool *over)
{
    str lines;
    dossier_id id;
    struct breach_line line;
    struct step step = step_begin(call->reg);
    uint64_t at = 0;
    bool goes_on = true;
    *over = false;
    if (!breach_note_is_of(note, work->generation, &lines))
        lines = STR("");
    while (goes_on && breach_line_read(&lines, &id, &line)) {
        if (at++ < work->line)
            continue;
        CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
        struct arena *kept = call->arena;
        call->arena = arena;
        status told = tell_one(call, work, id);
        call->arena = kept;
        TRY(told);
        work->line++;
        work->looked++;
        goes_on = step_goes_on(&step);
    }
    *over = goes_on;
    return OK;
}

/* Some people of one note. */
static status tell_some(struct call *call, struct telling_all *work)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct dossier *dossier;
    const struct permit *permit;
    struct note *notes;
    size_t count;
    TRY(breach_open(call, work->breach, &dossier));
    TRY(check_tellable(call, dossier->facts));
    if (!ID_EQUAL(breach_last(call, dossier->facts, BREACH_SCOPE)->id, work->generation))
        return fail(call->report, FAULT_CONFLICT,
                    "more became known meanwhile: ask for the scope again");
    TRY(breach_write(call, dossier->facts, "breach_tell", STR(""), &permit));
    TRY(vault_notes(call->reg->vault, permit, work->breach, work->note, 1, arena, call->report,
                    &notes, &count));
    work->done = count == 0;
    if (count == 0)
        return OK;
    bool over;
    uint64_t index = call->outcome.log_index;
    TRY(tell_note(call, work, &notes[0], &over));
    work->note = over ? notes[0].id : work->note;
    work->line = over ? 0 : work->line;
    call->outcome = (struct outcome){.id = work->breach, .log_index = index};
    return OK;
}

status engine_breach_tell_step(struct call *call, const struct breach_tell *request,
                               struct telling_all **work, struct progress *progress)
{
    TRY(call_version_lost(call));
    if (*work == NULL) {
        TRY(begin_telling(call, request, work));
        *progress = (struct progress){.done = false};
        return OK;
    }
    TRY(tell_some(call, *work));
    call->outcome.id = request->breach;
    call->outcome.count = (*work)->asked;
    *progress = (struct progress){.looked = (*work)->looked, .done = (*work)->done};
    return OK;
}

status engine_breach_tell(struct call *call, const struct breach_tell *request)
{
    struct telling_all *work = NULL;
    struct progress progress = {0};
    while (!progress.done)
        TRY(engine_breach_tell_step(call, request, &work, &progress));
    return OK;
}

/* ---- done ---- */

/* It stands in their own copy from now on: what their task said, and that they were told. */
status call_breach_told(struct call *call, struct dossier *dossier, const struct permit *permit,
                        const struct fact_task *task)
{
    const struct fact_item *record = facts_find_item(dossier->facts, task->details);
    struct binding bound = {.slot = SLOT_CASE, .id = task->other};
    struct outcome kept = call->outcome;
    str about = STR("");
    if (is_controllers(call, dossier->facts, task))
        return controller_told(call, dossier, permit);
    if (!is_task(call, task, task->other))
        return OK;
    if (record != NULL)
        TRY(vault_open_item(call->reg->vault, permit, dossier, record, call->arena, call->report,
                            &about));
    TRY(call_add_evidence(call, dossier, permit,
                          words_intern(call->reg->words, str_from(told_type)), &bound, 1, call->now,
                          NEVER, about));
    call->outcome = kept;
    return OK;
}
