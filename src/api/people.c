/* Routes about one person: creating, collecting, reading, giving on. */
#include "api_internal.h"
#include "document.h"

enum { PAPER_BYTES = 8 << 20 };

static status no_memory(struct ask *ask)
{
    return NO_MEMORY(&ask->report);
}

/* ---- replies of reads ---- */

static const struct file_reply *file_reply_of(struct ask *ask, const struct read_item *item)
{
    struct file_reply *reply = ARENA_NEW(ask->arena, struct file_reply);
    if (reply != NULL)
        *reply = (struct file_reply){item->size, item->media, item->name};
    return reply;
}

status read_reply_of(struct ask *ask, const struct read_result *result, struct read_reply *reply)
{
    struct read_reply_item *items =
        ARENA_ARRAY(ask->arena, struct read_reply_item, result->count + 1);
    if (items == NULL)
        return no_memory(ask);
    for (size_t i = 0; i < result->count; i++) {
        const struct read_item *item = &result->items[i];
        bool allowed = item->verdict != VERDICT_REFUSE;
        items[i] = (struct read_reply_item){.id = item->id,
                                            .field = item->field,
                                            .value = item->external ? STR("") : item->value,
                                            .reference = item->external ? item->value : STR(""),
                                            .matter = item->matter,
                                            .collected = item->collected,
                                            .end = item->end,
                                            .source = item->source,
                                            .version = item->version,
                                            .allowed = allowed};
        items[i].purpose = words_text(reg_words(ask->reg), item->purpose);
        if (!allowed)
            items[i].refused = reason_reply_of(ask, item->reason);
        if (item->in_parts)
            items[i].file = file_reply_of(ask, item);
    }
    struct written written = written_of(ask);
    *reply = (struct read_reply){.log_index = written.log_index,
                                 .items = items,
                                 .item_count = result->count,
                                 .duties = written.duties,
                                 .duty_count = written.duty_count};
    return OK;
}

static status fill_read(struct ask *ask)
{
    struct read_reply *reply = ARENA_NEW(ask->arena, struct read_reply);
    if (reply == NULL)
        return no_memory(ask);
    TRY(read_reply_of(ask, ask->result, reply));
    ask->answer = reply;
    return OK;
}

static status new_read_result(struct ask *ask, struct read_result **result)
{
    *result = ARENA_NEW(ask->arena, struct read_result);
    ask->result = *result;
    ask->fill = fill_read;
    return *result == NULL ? no_memory(ask) : OK;
}

status subject_read(struct ask *ask)
{
    struct read *read = ask->body;
    struct read_result *result;
    TRY(new_read_result(ask, &result));
    read->subject = ask->id;
    ask->call.brief = ask->api->brief; /* what is opened waits for nobody, and is wiped at once */
    return engine_read(&ask->call, read, result);
}

status subject_use(struct ask *ask)
{
    struct read *read = ask->body;
    read->use = true;
    return subject_read(ask);
}

/* The address of the stop link, and the header fields of RFC 2369 and RFC 8058 as they go into the
 * mail. */
static status fill_sending(struct ask *ask)
{
    const struct sending *sending = ask->result;
    struct sending_reply *reply = ARENA_NEW(ask->arena, struct sending_reply);
    if (reply == NULL)
        return no_memory(ask);
    *reply = (struct sending_reply){.written = written_of(ask),
                                    .message = sending->message,
                                    .channel = sending->channel,
                                    .item = sending->item};
    ask->answer = reply;
    str url = ask->api->config.public_url;
    if (str_is_empty(url))
        return OK;
    reply->stop_link = arena_format(ask->arena, "%.*s/r/%.*s/stop/%.*s", STR_ARG(url),
                                    STR_ARG(reg_public_id(ask->reg)), STR_ARG(sending->link));
    reply->list_unsubscribe = arena_format(ask->arena, "<%.*s>", STR_ARG(reply->stop_link));
    if (sending->one_click)
        reply->list_unsubscribe_post = STR("List-Unsubscribe=One-Click");
    return reply->stop_link.ptr == NULL || reply->list_unsubscribe.ptr == NULL ? no_memory(ask)
                                                                               : OK;
}

status subject_view(struct ask *ask)
{
    struct view_request *view = ask->body;
    struct read_result *result;
    TRY(new_read_result(ask, &result));
    view->subject = ask->id;
    return engine_view(&ask->call, view, result);
}

static status fill_hit(struct ask *ask, const struct search_hit *hit,
                       struct search_reply_hit *reply)
{
    struct search_reply_value *values =
        ARENA_ARRAY(ask->arena, struct search_reply_value, hit->shown.count + 1);
    if (values == NULL)
        return no_memory(ask);
    for (size_t i = 0; i < hit->shown.count; i++)
        values[i] = (struct search_reply_value){.field = hit->shown.items[i].field,
                                                .value = hit->shown.items[i].value};
    *reply = (struct search_reply_hit){hit->id, values, hit->shown.count};
    return OK;
}

static status fill_search(struct ask *ask)
{
    const struct search_result *result = ask->result;
    struct search_reply *reply = ARENA_NEW(ask->arena, struct search_reply);
    struct search_reply_hit *hits =
        ARENA_ARRAY(ask->arena, struct search_reply_hit, result->count + 1);
    if (reply == NULL || hits == NULL)
        return no_memory(ask);
    for (size_t i = 0; i < result->count; i++)
        TRY(fill_hit(ask, &result->hits[i], &hits[i]));
    *reply = (struct search_reply){ask->call.outcome.log_index, hits, result->count};
    ask->answer = reply;
    return OK;
}

status people_search(struct ask *ask)
{
    struct search_result *result = ARENA_NEW(ask->arena, struct search_result);
    if (result == NULL)
        return no_memory(ask);
    ask->result = result;
    ask->fill = fill_search;
    return engine_search(&ask->call, ask->body, result);
}

status message_take(struct ask *ask)
{
    struct task_done task = {.dossier = ask->id, .task = ask->record};
    struct sending *sending = ARENA_NEW(ask->arena, struct sending);
    if (sending == NULL)
        return no_memory(ask);
    ask->result = sending;
    ask->fill = fill_sending;
    return engine_message_take(&ask->call, &task, sending);
}

/* ---- the feed: its cursors hold the number of an entry ---- */

static dossier_id cursor_of(uint64_t index)
{
    dossier_id id = {{0}};
    for (size_t i = 0; i < sizeof(index); i++)
        id.bytes[i] = (unsigned char)(index >> (56 - 8 * i));
    return id;
}

static uint64_t index_of(dossier_id cursor)
{
    uint64_t index = 0;
    for (size_t i = 0; i < sizeof(index); i++)
        index = index << 8 | cursor.bytes[i];
    return index;
}

static status fill_feed(struct ask *ask)
{
    const struct feed *feed = ask->result;
    struct feed_reply *reply = ARENA_NEW(ask->arena, struct feed_reply);
    if (reply == NULL)
        return no_memory(ask);
    *reply =
        (struct feed_reply){.changes = feed->at, .change_count = feed->count, .more = feed->more};
    ask->answer = reply;
    return cursor_write(ask, cursor_of(feed->next), &reply->next);
}

status feed_show(struct ask *ask)
{
    struct feed *feed = ARENA_NEW(ask->arena, struct feed);
    if (feed == NULL)
        return no_memory(ask);
    ask->result = feed;
    ask->fill = fill_feed;
    return engine_feed(&ask->call, index_of(ask->after), ask->limit, feed);
}

static status fill_held(struct ask *ask)
{
    ask->answer = ask->result;
    return OK;
}

status subjects_held(struct ask *ask)
{
    struct held_people *people = ARENA_NEW(ask->arena, struct held_people);
    if (people == NULL)
        return no_memory(ask);
    ask->result = people;
    ask->fill = fill_held;
    return engine_held(&ask->call, ask->body, people);
}

status bounce_record(struct ask *ask)
{
    return engine_bounce(&ask->call, ask->body);
}

status bounce_end(struct ask *ask)
{
    return engine_bounce_clear(&ask->call, ask->body);
}

status subject_message(struct ask *ask)
{
    struct message *message = ask->body;
    struct sending *sending = ARENA_NEW(ask->arena, struct sending);
    if (sending == NULL)
        return no_memory(ask);
    if (message->text.len > 0 && !ask->api->config.mails)
        return fail_at(&ask->report, FAULT_INVALID, "/text",
                       "the server's setting smtp names no mail server");
    message->subject = ask->id;
    message->has_links = !str_is_empty(ask->api->config.public_url);
    ask->result = sending;
    ask->fill = fill_sending;
    return engine_message(&ask->call, message, sending);
}

static status fill_tasks(struct ask *ask)
{
    const struct task_list *list = ask->result;
    struct tasks_reply *reply = ARENA_NEW(ask->arena, struct tasks_reply);
    if (reply == NULL)
        return no_memory(ask);
    *reply = (struct tasks_reply){.tasks = list->at, .task_count = list->count};
    if (list->more)
        TRY(cursor_write(ask, list->last, &reply->next));
    ask->answer = reply;
    return OK;
}

status task_list(struct ask *ask)
{
    struct task_list *list = ARENA_NEW(ask->arena, struct task_list);
    if (list == NULL)
        return no_memory(ask);
    ask->result = list;
    ask->fill = fill_tasks;
    return engine_task_list(&ask->call, ask->after, ask->limit, list);
}

status task_done(struct ask *ask)
{
    struct task_done *done = ask->body;
    done->dossier = ask->id;
    done->task = ask->record;
    return engine_task_done(&ask->call, done);
}

status mail_retry(struct ask *ask)
{
    struct task_done task = {.dossier = ask->id, .task = ask->record};
    return engine_mail_retry(&ask->call, &task);
}

status task_drop(struct ask *ask)
{
    struct task_done task = {.dossier = ask->id, .task = ask->record};
    return engine_message_drop(&ask->call, &task);
}

/* ---- documents, complete after the flush ---- */

static status fill_document(struct ask *ask)
{
    ask->document = *(const str *)ask->result;
    return OK;
}

status ask_new_document(struct ask *ask, str **document)
{
    *document = ARENA_NEW(ask->arena, str);
    if (*document == NULL)
        return NO_MEMORY(&ask->report);
    **document = STR("");
    ask->result = *document;
    ask->fill = fill_document;
    return OK;
}

/* What goes on step by step keeps its document from one to the next. */
static status kept_document(struct ask *ask, str **document)
{
    if (ask->result == NULL)
        return ask_new_document(ask, document);
    *document = ask->result;
    return OK;
}

static status stepped(struct ask *ask, void *state, status result)
{
    ask->steps = state;
    ask->unfinished = !ask->progress.done;
    return result;
}

status subject_explain(struct ask *ask)
{
    struct explain_body *body = ask->body;
    struct explaining *state = ask->steps;
    str *document;
    TRY(kept_document(ask, &document));
    body->read.subject = ask->id;
    status result =
        engine_explain_step(&ask->call, &body->read, body->at, &state, &ask->progress, document);
    return stepped(ask, state, result);
}

status subject_documents(struct ask *ask)
{
    const struct documents_body *body = ask->body;
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_documents(&ask->call, ask->id, body->at, document);
}

static status export_as(struct ask *ask, bool portability)
{
    struct export_request *request = ask->body;
    str *document;
    TRY(ask_new_document(ask, &document));
    request->subject = ask->id;
    request->portability = portability;
    return engine_export(&ask->call, request, document);
}

/* ---- as a paper ---- */

static status fill_consents(struct ask *ask)
{
    const struct person_papering *work = ask->result;
    ask->media = "application/ld+json";
    ask->document = work->document;
    return OK;
}

status person_form_of(struct ask *ask, str name, enum person_form *form)
{
    static const char *const names[] = {"html", "json", "text"};
    for (unsigned i = 0; i < LENGTH(names); i++) {
        if (str_is(name, names[i])) {
            *form = (enum person_form)i;
            return OK;
        }
    }
    return fail_at(&ask->report, FAULT_INVALID, "/format", "html, json or text");
}

status person_paper_give(struct ask *ask, const struct paper *paper, enum person_form form)
{
    static const char *const media[] = {"text/html; charset=utf-8", NULL,
                                        "text/plain; charset=utf-8"};
    struct buf buf = buf_in(ask->arena, PAPER_BYTES);
    if (form == PERSON_HTML)
        paper_html(paper, &buf);
    else if (form == PERSON_JSON)
        paper_json(paper, &buf);
    else
        paper_text(paper, &buf);
    ask->media = media[form];
    return buf_finish(&buf, &ask->report, &ask->document);
}

status person_paper_fill(struct ask *ask)
{
    const struct person_papering *work = ask->result;
    return person_paper_give(ask, work->paper, work->form);
}

status subject_access(struct ask *ask)
{
    struct export_request *request = ask->body;
    if (str_is_empty(request->format)) {
        if (!str_is_empty(request->language))
            return fail_at(&ask->report, FAULT_INVALID, "/language",
                           "data has no language; name the format of a paper");
        return export_as(ask, false);
    }
    struct person_papering *work = ARENA_NEW(ask->arena, struct person_papering);
    if (work == NULL)
        return no_memory(ask);
    bool consents = str_is(request->format, "consents");
    if (!consents)
        TRY(person_form_of(ask, request->format, &work->form));
    request->subject = ask->id;
    request->paper = &work->paper;
    request->consents = consents ? &work->document : NULL;
    ask->result = work;
    ask->fill = consents ? fill_consents : person_paper_fill;
    return engine_export(&ask->call, request, consents ? &work->data : &work->document);
}

status subject_portability(struct ask *ask)
{
    return export_as(ask, true);
}

status subject_show(struct ask *ask)
{
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_subject_show(&ask->call, ask->id, document);
}

status history_show(struct ask *ask)
{
    const struct history_ask *body = ask->body;
    struct history *state = ask->steps;
    str *document;
    TRY(kept_document(ask, &document));
    if (!bind_is_vetted(body->reference))
        return NOT_FOUND_FIXED(&ask->report);
    status result = engine_history_step(&ask->call, body, &state, &ask->progress, document);
    return stepped(ask, state, result);
}

status log_prove(struct ask *ask)
{
    const struct proof_ask *body = ask->body;
    str *document;
    TRY(kept_document(ask, &document));
    if (!bind_is_vetted(body->reference))
        return NOT_FOUND_FIXED(&ask->report);
    return engine_prove(&ask->call, body, document);
}

status forecast_show(struct ask *ask)
{
    struct forecasting *state = ask->steps;
    str *document;
    TRY(kept_document(ask, &document));
    status result = engine_forecast_step(&ask->call, ask->days, &state, &ask->progress, document);
    return stepped(ask, state, result);
}

status statistics_show(struct ask *ask)
{
    const struct statistics_ask *body = ask->body;
    struct counting *work = ask->steps;
    str *document;
    TRY(kept_document(ask, &document));
    status result = engine_statistics_step(&ask->call, body, &work, &ask->progress, document);
    return stepped(ask, work, result);
}

/* ---- access ---- */

static status fill_service(struct ask *ask)
{
    const struct service_answer *answer = ask->result;
    struct service_reply *reply = ARENA_NEW(ask->arena, struct service_reply);
    if (reply == NULL)
        return no_memory(ask);
    *reply = (struct service_reply){.open = answer->open,
                                    .closed_by = reason_reply_of(ask, answer->reason),
                                    .log_index = ask->call.outcome.log_index};
    ask->answer = reply;
    return OK;
}

status subject_service(struct ask *ask)
{
    struct service_ask *request = ask->body;
    struct service_answer *answer = ARENA_NEW(ask->arena, struct service_answer);
    if (answer == NULL)
        return no_memory(ask);
    request->subject = ask->id;
    ask->result = answer;
    ask->fill = fill_service;
    return engine_service(&ask->call, request, answer);
}

/* ---- creating and collecting ---- */

status subject_identify(struct ask *ask)
{
    struct identify *identify = ask->body;
    identify->subject = ask->id;
    return engine_identify(&ask->call, identify);
}

status role_change(struct ask *ask)
{
    struct role_change *change = ask->body;
    change->subject = ask->id;
    return engine_role(&ask->call, change);
}

static status fill_roles(struct ask *ask)
{
    const struct role_lines *lines = ask->result;
    struct roles_reply *reply = ARENA_NEW(ask->arena, struct roles_reply);
    struct role_line_reply *people = ARENA_ARRAY(ask->arena, struct role_line_reply, lines->count);
    if (reply == NULL || people == NULL)
        return no_memory(ask);
    for (size_t i = 0; i < lines->count; i++) {
        const struct role_line *line = &lines->at[i];
        people[i] = (struct role_line_reply){.subject = line->subject,
                                             .allowed = line->allowed,
                                             .unknown = line->unknown,
                                             .lacking = line->lacking,
                                             .refused = reason_reply_of(ask, line->refused)};
    }
    *reply =
        (struct roles_reply){people, lines->count, ask->call.outcome.log_index, lines->allowed};
    ask->answer = reply;
    return OK;
}

status batch_roles(struct ask *ask)
{
    struct role_lines *lines = ARENA_NEW(ask->arena, struct role_lines);
    if (lines == NULL)
        return no_memory(ask);
    ask->result = lines;
    ask->fill = fill_roles;
    return engine_roles(&ask->call, ask->body, lines);
}

status subject_event(struct ask *ask)
{
    struct event_record *event = ask->body;
    event->subject = ask->id;
    return engine_event(&ask->call, event);
}

static status fill_collected(struct ask *ask)
{
    const struct collect_body *body = ask->body;
    const struct collected *collected = ask->result;
    const struct decision *decision = ask->call.decision;
    str form;
    TRY(engine_form(ask->reg, ask->collect, ask->arena, &ask->report, &form));
    struct collected_reply *reply = ARENA_NEW(ask->arena, struct collected_reply);
    struct collected_item *items =
        ARENA_ARRAY(ask->arena, struct collected_item, body->value_count + 1);
    if (reply == NULL || items == NULL)
        return no_memory(ask);
    for (size_t i = 0; i < collected->count; i++) {
        items[i] =
            (struct collected_item){.field = body->values[i].field, .id = collected->items[i]};
        if (ID_IS_ZERO(items[i].id) && decision != NULL && i < decision->count)
            items[i].refused = reason_reply_of(ask, &decision->parts[i].reason);
        items[i].quarantined = collected->held != NULL && collected->held[i] != 0;
    }
    *reply = (struct collected_reply){
        .written = written_of(ask), .items = items, .item_count = collected->count, .form = form};
    ask->answer = reply;
    return OK;
}

/* References stand behind the values, each marked as one. */
static status join_references(struct ask *ask, struct collect_body *body)
{
    size_t count = body->value_count + body->reference_count;
    if (body->reference_count == 0)
        return OK;
    struct collect_value *all = ARENA_ARRAY(ask->arena, struct collect_value, count);
    if (all == NULL)
        return no_memory(ask);
    for (size_t i = 0; i < body->value_count; i++)
        all[i] = body->values[i];
    for (size_t i = 0; i < body->reference_count; i++) {
        struct collect_value *one = &all[body->value_count + i];
        *one = body->references[i];
        for (size_t j = 0; j < body->value_count; j++) {
            if (str_equal(one->field, body->values[j].field))
                return fail_at(&ask->report, FAULT_INVALID, "/references",
                               "a field has a value or a reference, not both");
        }
    }
    body->values = all;
    body->value_count = count;
    body->collect.reference_count = body->reference_count;
    body->reference_count = 0;
    return OK;
}

/* The same body came again: its fields, and the ids of then. */
static status fill_collected_again(struct ask *ask)
{
    const struct collect_body *body = ask->body;
    const struct outcome *outcome = &ask->call.outcome;
    struct collected_reply *reply = ARENA_NEW(ask->arena, struct collected_reply);
    struct collected_item *items =
        ARENA_ARRAY(ask->arena, struct collected_item, outcome->item_count);
    if (reply == NULL || items == NULL || body->value_count != outcome->item_count)
        return no_memory(ask);
    for (size_t i = 0; i < outcome->item_count; i++)
        items[i] = (struct collected_item){.field = body->values[i].field, .id = outcome->items[i]};
    *reply = (struct collected_reply){
        .written = written_of(ask), .items = items, .item_count = outcome->item_count};
    ask->answer = reply;
    return OK;
}

status collect_again(struct ask *ask)
{
    TRY(join_references(ask, ask->body));
    ask->fill = fill_collected_again;
    return OK;
}

static status mark_optional(struct ask *ask, struct collect_body *body)
{
    for (size_t i = 0; i < body->optional_count; i++) {
        bool found = false;
        for (size_t j = 0; j < body->value_count; j++) {
            if (str_equal(body->optional[i], body->values[j].field))
                found = body->values[j].said_optional = true;
        }
        if (!found)
            return fail_at(&ask->report, FAULT_INVALID, "/optional",
                           "each of these is one of the fields in values");
    }
    return OK;
}

static status check_concerned(struct ask *ask, const struct collect_body *body)
{
    for (size_t i = 0; i < body->collect.concern_count; i++) {
        bool found = false;
        for (size_t j = 0; j < body->value_count; j++)
            found |= str_equal(body->collect.concerns[i].field, body->values[j].field);
        if (!found)
            return fail_at(&ask->report, FAULT_INVALID, "/concerns",
                           "each of these is about one of the fields in values");
    }
    return OK;
}

static status check_held(struct ask *ask, const struct collect_body *body)
{
    for (size_t i = 0; i < body->collect.hold_count; i++) {
        bool found = false;
        for (size_t j = 0; j < body->value_count; j++)
            found |= str_equal(body->collect.holds[i].field, body->values[j].field);
        if (!found)
            return fail_at(&ask->report, FAULT_INVALID, "/holds",
                           "each of these is one of the fields in values");
    }
    return OK;
}

static status ready_to_collect(struct ask *ask, struct collect_body *body)
{
    TRY(join_references(ask, body));
    TRY(mark_optional(ask, body));
    TRY(check_held(ask, body));
    TRY(check_concerned(ask, body));
    body->collect.values = body->values;
    body->collect.value_count = body->value_count;
    ask->collect = &body->collect;
    return OK;
}

status subject_collect(struct ask *ask)
{
    struct collect_body *body = ask->body;
    struct collected *collected = ARENA_NEW(ask->arena, struct collected);
    if (collected == NULL)
        return no_memory(ask);
    TRY(ready_to_collect(ask, body));
    body->collect.subject = ask->id;
    ask->result = collected;
    ask->fill = fill_collected;
    return engine_collect(&ask->call, &body->collect, collected);
}

static status fill_enrolled(struct ask *ask)
{
    struct enrol_body *body = ask->body;
    struct collected_reply *reply = ARENA_NEW(ask->arena, struct collected_reply);
    if (reply == NULL)
        return no_memory(ask);
    *reply = (struct collected_reply){.written = written_of(ask)};
    ask->answer = reply;
    if (body->collect == NULL)
        return OK;
    ask->body = body->collect;
    status filled = fill_collected(ask);
    ask->body = body; /* what the route's form describes: faults are placed by it */
    return filled;
}

status subject_create(struct ask *ask)
{
    struct enrol_body *body = ask->body;
    struct collected *collected = ARENA_NEW(ask->arena, struct collected);
    if (collected == NULL)
        return no_memory(ask);
    ask->result = collected;
    ask->fill = fill_enrolled;
    if (body->collect != NULL)
        TRY(ready_to_collect(ask, body->collect));
    body->enrol.collect = ask->collect;
    return engine_enrol(&ask->call, &body->enrol, collected);
}

status subject_decline(struct ask *ask)
{
    struct decline *decline = ask->body;
    decline->subject = ask->id;
    return engine_decline(&ask->call, decline);
}

/* ---- items that are about two people ---- */

status concern_make(struct ask *ask)
{
    struct concern_make *make = ask->body;
    make->subject = ask->id;
    return engine_concern(&ask->call, make);
}

static status fill_concerns(struct ask *ask)
{
    ask->answer = ask->result;
    return OK;
}

status concern_list(struct ask *ask)
{
    struct concern_list *list = ARENA_NEW(ask->arena, struct concern_list);
    if (list == NULL)
        return no_memory(ask);
    ask->result = list;
    ask->fill = fill_concerns;
    return engine_concern_list(&ask->call, ask->id, list);
}

status concern_decide(struct ask *ask)
{
    struct concern_decision *decision = ask->body;
    decision->subject = ask->id;
    decision->concern = ask->record;
    return engine_concern_decide(&ask->call, decision);
}

status concern_finish(struct ask *ask)
{
    struct concern_end end = {.subject = ask->id, .concern = ask->record};
    return engine_concern_end(&ask->call, &end);
}

status subject_death(struct ask *ask)
{
    struct death *death = ask->body;
    death->subject = ask->id;
    return engine_death(&ask->call, death);
}

status intakes_show(struct ask *ask)
{
    return engine_forms(ask->reg, ask->arena, &ask->report, &ask->document);
}

/* ---- finding ---- */

static status fill_found(struct ask *ask)
{
    const struct found *found = ask->result;
    struct found_reply *reply = ARENA_NEW(ask->arena, struct found_reply);
    if (reply == NULL)
        return no_memory(ask);
    *reply = (struct found_reply){.ids = found->ids, .id_count = found->count};
    ask->answer = reply;
    return OK;
}

static status new_found(struct ask *ask, struct found **found)
{
    *found = ARENA_NEW(ask->arena, struct found);
    ask->result = *found;
    ask->fill = fill_found;
    return *found == NULL ? no_memory(ask) : OK;
}

status subject_find(struct ask *ask)
{
    struct found *found;
    TRY(new_found(ask, &found));
    return engine_subject_find(&ask->call, ask->body, found);
}

status matter_find(struct ask *ask)
{
    struct found *found;
    TRY(new_found(ask, &found));
    return engine_matter_find(&ask->call, ask->body, found);
}

static status fill_page(struct ask *ask)
{
    TRY(fill_found(ask));
    const struct found *found = ask->result;
    if (found->count < ask->limit)
        return OK;
    struct found_reply *reply = ARENA_NEW(ask->arena, struct found_reply);
    if (reply == NULL)
        return no_memory(ask);
    *reply = (struct found_reply){.ids = found->ids, .id_count = found->count};
    TRY(cursor_write(ask, found->ids[found->count - 1], &reply->next));
    ask->answer = reply;
    return OK;
}

status subject_list(struct ask *ask)
{
    struct found *found;
    TRY(new_found(ask, &found));
    ask->fill = fill_page;
    return engine_subject_list(&ask->call, ask->after, ask->limit, found);
}

/* ---- the certificate of an erasure ---- */

struct certifying {
    struct erasing_paper *state;
    struct erasure_papers papers;
    enum person_form form;
};

static status fill_certificate(struct ask *ask)
{
    const struct certifying *work = ask->result;
    if (work->form != PERSON_JSON)
        return person_paper_give(ask, work->papers.paper, work->form);
    struct buf buf = buf_in(ask->arena, PAPER_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "paper");
    json_put_raw(&out, work->papers.document);
    json_key(&out, "receipt");
    json_put_raw(&out, work->papers.receipt);
    json_key(&out, "seal");
    json_put_str(&out, work->papers.seal);
    json_close_object(&out);
    return buf_finish(&buf, &ask->report, &ask->document);
}

status erasure_certificate(struct ask *ask)
{
    const struct erasure_ask *request = ask->body;
    struct certifying *work = ask->result;
    if (work == NULL) {
        work = ARENA_NEW(ask->arena, struct certifying);
        if (work == NULL)
            return no_memory(ask);
        *work = (struct certifying){.form = PERSON_JSON};
        if (!str_is_empty(request->format))
            TRY(person_form_of(ask, request->format, &work->form));
        ask->result = work;
        ask->fill = fill_certificate;
    }
    if (!bind_is_vetted(request->reference))
        return NOT_FOUND_FIXED(&ask->report);
    status result =
        engine_erasure_step(&ask->call, request, &work->state, &ask->progress, &work->papers);
    return stepped(ask, work->state, result);
}
