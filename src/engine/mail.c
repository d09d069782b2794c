/* Mail to people that Vern sends itself: a message that waits (message.c) whose text came with it.
 *
 *   queued with a text --> task with a sealed record --due--> taken: decided again, opened -->
 * sent,
 *                                ^------ ten minutes, for three days ------'      proof, task over
 *
 * The address is the item that the message goes to and is kept nowhere else; the text is sealed
 * under the person's keys. What may no longer be sent is dropped as every message is, and an
 * erasure takes the text with it. Nothing here reaches the network. */
#include "engine_internal.h"
#include "json.h"

enum { HEADING_BYTES = 200, TEXT_BYTES = 16 << 10 };

/* ---- the text ---- */

status call_mail_text(struct call *call, const struct message *request, str *details)
{
    *details = STR("");
    if (str_is_empty(request->text) && str_is_empty(request->heading))
        return OK;
    if (!request->queue || !str_is(request->channel, "email") || ID_IS_ZERO(request->item))
        return fail_at(call->report, FAULT_INVALID, "/text",
                       "what Vern sends itself is queued, for the channel email, and goes to an "
                       "item that is an address");
    if (str_is_empty(str_trim(request->text)) || str_is_empty(str_trim(request->heading)) ||
        request->text.len > TEXT_BYTES || request->heading.len > HEADING_BYTES)
        return fail_at(call->report, FAULT_INVALID, "/text",
                       "a mail has a heading of at most %d bytes and a text of at most %d",
                       HEADING_BYTES, TEXT_BYTES);
    for (size_t i = 0; i < request->heading.len; i++) {
        if ((unsigned char)request->heading.ptr[i] < ' ' || request->heading.ptr[i] == 127)
            return fail_at(call->report, FAULT_INVALID, "/heading", "a heading is one line");
    }
    const str texts[] = {request->heading, request->text};
    TRY(call_check_texts(call, texts, LENGTH(texts)));
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "heading");
    json_put_str(&out, request->heading);
    json_key(&out, "text");
    json_put_str(&out, request->text);
    json_close_object(&out);
    call->reg->mail_news = true;
    return buf_finish(&buf, call->report, details);
}

bool reg_mail_news(struct reg *reg)
{
    bool news = reg->mail_news;
    reg->mail_news = false;
    return news;
}

/* ---- what is due: by facts alone ---- */

static bool is_mail(const struct fact_task *task)
{
    return task->kind == TASK_LETTER ||
           (task->kind == TASK_SEND && !ID_IS_ZERO(task->details) && !ID_IS_ZERO(task->item));
}

status engine_mail_due(struct call *call, size_t limit, struct mail_due *due)
{
    blind tag;
    dossier_id after = {{0}};
    size_t count = 100;
    *due = (struct mail_due){.next = NEVER};
    keys_tag(vault_keys(call->reg->vault), STR("task"), STR("open"), &tag);
    due->at = ARENA_ARRAY(call->arena, struct task_done, limit);
    if (due->at == NULL)
        return NO_MEMORY(call->report);
    while (count == 100 && due->count < limit) {
        CLEANUP(arena_free) struct arena *arena = arena_new((size_t)32 << 20);
        dossier_id *ids;
        TRY(vault_live(call->reg->vault, tag, after, 100, arena, call->report, &ids, &count));
        for (size_t i = 0; i < count; i++) {
            enum presence presence;
            struct dossier *dossier;
            after = ids[i];
            TRY(vault_load(call->reg->vault, ids[i], arena, call->report, &presence, &dossier));
            if (presence != PRESENCE_LIVE ||
                (dossier->facts->kind != DOSSIER_SUBJECT && dossier->facts->kind != DOSSIER_CASE))
                continue; /* a letter to whoever made a request lies with that */
            for (size_t t = 0; t < dossier->facts->tasks.count; t++) {
                const struct fact_task *task = &dossier->facts->tasks.at[t];
                if (!is_mail(task) || letter_is_late(call, task))
                    continue;
                if (task_is_taken(task, call->now))
                    due->next = earlier(due->next, task->due);
                else if (due->count < limit)
                    due->at[due->count++] = (struct task_done){ids[i], task->id, STR("")};
                else
                    due->next = call->now;
            }
        }
    }
    return OK;
}

/* ---- by hand ---- */

status engine_mail_retry(struct call *call, const struct task_done *request)
{
    struct subject subject;
    const struct permit *permit;
    TRY(call_whole_register(call));
    TRY(call_open(call, request->dossier, &subject));
    struct facts *facts = subject.dossier->facts;
    const struct fact_task *task = facts_find_task(facts, request->task);
    if (task == NULL || (task->kind == TASK_LETTER && task->name == 0))
        return call_not_here(call);
    if (!is_mail(task))
        return fail(call->report, FAULT_CONFLICT, "Vern sends no mail for this");
    struct operation op = call_operation(call, ACTION_NONE, facts->id);
    TRY(call_write(call, facts, &op, "mail_retry", decision_by_scope(), NULL, 0, &permit));
    for (size_t i = 0; i < facts->tasks.count; i++) {
        if (ID_EQUAL(facts->tasks.at[i].id, request->task))
            facts->tasks.at[i].due = NEVER; /* nobody's: one that is under way is known there */
    }
    call->reg->mail_news = true;
    call->outcome.id = request->dossier;
    call->outcome.record = request->task;
    call->outcome.http = 202;
    return call_store(call, &subject, permit);
}

/* ---- one try ---- */

struct mail_taking {
    struct mail_request request;
    struct permit_wait wait;
    struct mail_content *content;
};

static status open_content(struct call *call, const struct permit *permit,
                           const struct dossier *dossier, const struct fact_task *task, str url,
                           struct mail_content *content)
{
    const struct fact_item *address = facts_find_item(dossier->facts, task->item);
    const struct fact_item *record = facts_find_item(dossier->facts, task->details);
    const struct json *json;
    str text;
    bool letter = task->kind == TASK_LETTER;
    if ((address == NULL && !(letter && ID_IS_ZERO(task->item))) || record == NULL ||
        (address != NULL && address->external))
        return fail(call->report, FAULT_GONE, "%s", fault_text(FAULT_GONE));
    if (address != NULL)
        TRY(vault_open_item(call->reg->vault, permit, dossier, address, call->arena, call->report,
                            &content->to));
    TRY(vault_open_item(call->reg->vault, permit, dossier, record, call->arena, call->report,
                        &text));
    TRY(json_parse(call->arena, text, call->report, &json));
    if (letter && task->name == 0)
        return call_letter_text(call, json, dossier->facts->id, task, url, content);
    if (address == NULL)
        (void)json_str(json_get(json, "to"), &content->to);
    if (!json_str(json_get(json, "heading"), &content->heading) ||
        !json_str(json_get(json, "text"), &content->text))
        return fail(call->report, FAULT_CORRUPT, "a mail that waits is damaged");
    return OK;
}

static status take_finish(struct call *call)
{
    struct mail_taking *taking = call->state;
    enum presence presence;
    struct dossier *dossier;
    const struct permit *permit;
    TRY(permit_to_read(&taking->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_load(call->reg->vault, taking->request.dossier, call->arena, call->report, &presence,
                   &dossier));
    const struct fact_task *task =
        presence == PRESENCE_LIVE ? facts_find_task(dossier->facts, taking->request.task) : NULL;
    if (task == NULL || !is_mail(task))
        return fail(call->report, FAULT_GONE, "%s", fault_text(FAULT_GONE));
    taking->content->since = task->since;
    taking->content->item = task->item;
    return open_content(call, permit, dossier, task, taking->request.url, taking->content);
}

/* A person's, or a request's: that has no subject. */
static status open_holder(struct call *call, dossier_id id, struct subject *subject)
{
    enum presence presence;
    *subject = (struct subject){0};
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &subject->dossier));
    if (presence == PRESENCE_LIVE && subject->dossier->facts->kind == DOSSIER_CASE)
        return OK;
    return call_open(call, id, subject);
}

static status store_holder(struct call *call, struct subject *subject, const struct permit *permit)
{
    return subject->dossier->facts->kind == DOSSIER_CASE
               ? call_store_dossier(call, subject->dossier, permit)
               : call_store(call, subject, permit);
}

static struct operation on_holder(const struct call *call, const struct facts *facts)
{
    bool person = facts->kind == DOSSIER_SUBJECT;
    struct operation op = call_operation(call, ACTION_NONE, person ? facts->id : (dossier_id){{0}});
    if (!person)
        op.case_ = facts->id;
    return op;
}

/* A letter asks no policy; for ten minutes it is its taker's. */
static status take_letter(struct call *call, const struct mail_request *request, bool *letter)
{
    enum { SENDING_MS = 10 * 60 * 1000 };
    struct subject subject;
    const struct permit *permit;
    TRY(open_holder(call, request->dossier, &subject));
    struct facts *facts = subject.dossier->facts;
    const struct fact_task *task = facts_find_task(facts, request->task);
    *letter = task != NULL && task->kind == TASK_LETTER;
    if (!*letter)
        return OK;
    if (task_is_taken(task, call->now))
        return fail(call->report, FAULT_CONFLICT, "another is sending this");
    if (letter_is_late(call, task))
        return fail(call->report, FAULT_GONE, "%s", fault_text(FAULT_GONE));
    struct operation op = on_holder(call, facts);
    TRY(call_write(call, facts, &op, "letter", decision_by_scope(), NULL, 0, &permit));
    for (size_t i = 0; i < facts->tasks.count; i++) {
        if (ID_EQUAL(facts->tasks.at[i].id, request->task))
            facts->tasks.at[i].due = (instant){call->now.ms + SENDING_MS};
    }
    return store_holder(call, &subject, permit);
}

status engine_mail_take(struct call *call, const struct mail_request *request,
                        struct mail_content *content)
{
    bool letter;
    *content = (struct mail_content){0};
    struct mail_taking *taking = ARENA_NEW(call->arena, struct mail_taking);
    enum presence presence;
    struct dossier *dossier;
    struct task_done task = {request->dossier, request->task, STR("")};
    if (taking == NULL)
        return NO_MEMORY(call->report);
    TRY(take_letter(call, request, &letter));
    if (!letter)
        TRY(call_take_message(call, &task, true, &content->sending));
    TRY(vault_load(call->reg->vault, request->dossier, call->arena, call->report, &presence,
                   &dossier));
    if (presence != PRESENCE_LIVE)
        return call_not_here(call);
    *taking = (struct mail_taking){.request = *request, .content = content};
    struct operation op = call_operation(call, ACTION_READ, request->dossier);
    TRY(call_ask(call, dossier->facts, &op, "mail_open", decision_by_scope(), &taking->wait));
    call->state = taking;
    call->finish = take_finish;
    return OK;
}

/* ---- what came of it ---- */

/* Sent or given up, it is over; who asked for a link asks for another. A paper that was sent is on
 * file. */
static status settle_letter(struct call *call, const struct mail_result *result, str proof,
                            bool *letter, bool *paper, bool *subject_)
{
    struct subject subject;
    const struct permit *permit;
    str effect = result->delivered ? STR("letter:delivered") : STR("letter:failed");
    TRY(open_holder(call, result->request.dossier, &subject));
    struct facts *facts = subject.dossier->facts;
    const struct fact_task *task = facts_find_task(facts, result->request.task);
    *letter = task != NULL && task->kind == TASK_LETTER;
    if (!*letter)
        return OK;
    bool person = facts->kind == DOSSIER_SUBJECT;
    *paper = task->name != 0;
    *subject_ = person;
    struct operation op = on_holder(call, facts);
    TRY(call_write(call, facts, &op, "letter_end", decision_by_scope(), &effect, 1, &permit));
    if (*paper && person && result->delivered)
        TRY(call_letter_came(call, &subject, permit, task, proof));
    TRY(call_task_end(call, subject.dossier, result->request.task));
    return store_holder(call, &subject, permit);
}

/* A refusal for good says that the address is bad; one that was put off for three days does not. */
static status refused_for_good(struct call *call, dossier_id subject, record_id item, uint32_t code)
{
    struct bounce bounce = {.subject = subject, .item = item, .permanent = true};
    struct outcome kept = call->outcome;
    if (code < 550 || code > 553 || ID_IS_ZERO(item))
        return OK;
    TRY(call_bounced(call, &bounce));
    call->outcome = kept;
    return OK;
}

static status address_of(struct call *call, const struct mail_request *request, record_id *item)
{
    enum presence presence;
    struct dossier *dossier;
    *item = (record_id){{0}};
    TRY(vault_load(call->reg->vault, request->dossier, call->arena, call->report, &presence,
                   &dossier));
    const struct fact_task *task =
        presence == PRESENCE_LIVE ? facts_find_task(dossier->facts, request->task) : NULL;
    if (task != NULL && facts_find_item(dossier->facts, task->item) != NULL)
        *item = task->item;
    return OK;
}

status engine_mail_settle(struct call *call, const struct mail_result *result)
{
    bool letter, paper = false, person = true;
    struct task_done done = {result->request.dossier, result->request.task, STR("")};
    struct alarm_cause cause = {.kind = ALARM_UNDELIVERED};
    done.proof = arena_format(call->arena, "%s: %u",
                              result->delivered ? "taken by the mail server"
                                                : "not taken by the mail server",
                              result->code);
    if (done.proof.ptr == NULL)
        return NO_MEMORY(call->report);
    record_id item;
    TRY(address_of(call, &result->request, &item));
    TRY(settle_letter(call, result, done.proof, &letter, &paper, &person));
    if (letter && !paper)
        return OK;
    if (!letter)
        TRY(engine_task_done(call, &done));
    if (result->delivered)
        return OK;
    if (person)
        TRY(refused_for_good(call, result->request.dossier, item, result->code));
    alarm_about(&cause, person ? SLOT_SUBJECT : SLOT_CASE, result->request.dossier);
    return call_alarm(call, &cause);
}
