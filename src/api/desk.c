/* The rights desk: requests of persons, from receipt to answer. */
#include "api_internal.h"

/* Known or not, whoever asks is told this. */
static const char say[] =
    "Your request has come in. We answer it once we know that it is you who asks, at latest on the "
    "day named here; if we need longer, we tell you before. Quote the number.";

struct taken {
    struct request_view view;
    str receipt;
};

static status put_link(struct ask *ask, dossier_id request, str *address)
{
    str url = ask->api->config.public_url, link;
    if (str_is_empty(url))
        return OK;
    TRY(engine_request_link(ask->reg, request, ask->arena, &ask->report, &link));
    *address = arena_format(ask->arena, "%.*s/r/%.*s/request/%.*s", STR_ARG(url),
                            STR_ARG(reg_public_id(ask->reg)), STR_ARG(link));
    return address->ptr == NULL ? NO_MEMORY(&ask->report) : OK;
}

static status fill_taken(struct ask *ask)
{
    const struct taken *taken = ask->result;
    const struct request_view *view = &taken->view;
    struct request_taken_reply *reply = ARENA_NEW(ask->arena, struct request_taken_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct request_taken_reply){.written = written_of(ask),
                                          .number = view->number,
                                          .safe = view->safe,
                                          .legal = view->legal,
                                          .say = str_from(say),
                                          .received = view->received,
                                          .receipt = taken->receipt};
    ask->answer = reply;
    return put_link(ask, view->id, &reply->follow);
}

status request_again(struct ask *ask)
{
    const struct request_take *asked = ask->body;
    struct taken *taken = ARENA_NEW(ask->arena, struct taken);
    if (taken == NULL)
        return NO_MEMORY(&ask->report);
    taken->receipt = STR("");
    ask->result = taken;
    ask->fill = fill_taken;
    TRY(engine_request_view(&ask->call, ask->call.outcome.id, &taken->view));
    return asked->receipt ? engine_receipt(&ask->call, "request", &taken->receipt) : OK;
}

status request_take(struct ask *ask)
{
    TRY(engine_request_take(&ask->call, ask->body));
    return request_again(ask);
}

status requests_fill(struct ask *ask)
{
    const struct request_list *list = ask->result;
    struct requests_reply *reply = ARENA_NEW(ask->arena, struct requests_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct requests_reply){.requests = list->at, .request_count = list->count};
    if (list->more)
        TRY(cursor_write(ask, list->last, &reply->next));
    ask->answer = reply;
    return OK;
}

status request_list(struct ask *ask)
{
    struct request_list *list = ARENA_NEW(ask->arena, struct request_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    struct request_query query = {.show = ask->show,
                                  .kind = ask->kind,
                                  .controller = ask->of,
                                  .after = ask->after,
                                  .limit = ask->limit};
    ask->result = list;
    ask->fill = requests_fill;
    return engine_request_list(&ask->call, &query, list);
}

static status fill_number(struct ask *ask)
{
    const struct found *found = ask->result;
    struct found_reply *reply = ARENA_NEW(ask->arena, struct found_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct found_reply){.ids = found->ids, .id_count = found->count};
    ask->answer = reply;
    return OK;
}

status request_find(struct ask *ask)
{
    const struct request_number_body *body = ask->body;
    struct found *found = ARENA_NEW(ask->arena, struct found);
    if (found == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = found;
    ask->fill = fill_number;
    return engine_request_find(&ask->call, body->number, found);
}

status request_show(struct ask *ask)
{
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_request_show(&ask->call, ask->id, document);
}

status request_letter(struct ask *ask)
{
    struct request_letter *request = ask->body;
    struct person_papering *work = ARENA_NEW(ask->arena, struct person_papering);
    if (work == NULL)
        return NO_MEMORY(&ask->report);
    request->request = ask->id;
    if (!str_is_empty(request->format))
        TRY(person_form_of(ask, request->format, &work->form));
    ask->result = work;
    ask->fill = person_paper_fill;
    return engine_request_letter(&ask->call, request, &work->paper);
}

status request_mail(struct ask *ask)
{
    struct request_mail *request = ask->body;
    request->request = ask->id;
    return engine_request_mail(&ask->call, request);
}

status request_identity(struct ask *ask)
{
    struct request_identity *body = ask->body;
    body->request = ask->id;
    return engine_request_identity(&ask->call, body);
}

status request_unfollow(struct ask *ask)
{
    return engine_request_unfollow(&ask->call, ask->id);
}

status request_own(struct ask *ask)
{
    struct request_own *body = ask->body;
    body->request = ask->id;
    return engine_request_own(&ask->call, body);
}

status request_extend(struct ask *ask)
{
    struct request_extend *body = ask->body;
    body->request = ask->id;
    return engine_request_extend(&ask->call, body);
}

status request_decide(struct ask *ask)
{
    struct request_decide *body = ask->body;
    body->request = ask->id;
    return engine_request_decide(&ask->call, body);
}

status request_close(struct ask *ask)
{
    struct request_close *body = ask->body;
    body->request = ask->id;
    return engine_request_close(&ask->call, body);
}

status request_pass_on(struct ask *ask)
{
    struct request_pass_on *body = ask->body;
    str *document;
    TRY(ask_new_document(ask, &document));
    body->request = ask->id;
    return engine_request_pass_on(&ask->call, body, document);
}
