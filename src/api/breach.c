/* Routes of breaches: the register, the clock, the assessment. */
#include "api_internal.h"

status breach_make(struct ask *ask)
{
    return engine_breach(&ask->call, ask->body);
}

status breach_amend(struct ask *ask)
{
    struct breach_said *said = ask->body;
    if (!str_is_empty(said->number))
        return fail_at(&ask->report, FAULT_INVALID, "/number", "the path names the breach");
    said->breach = ask->id;
    return engine_breach(&ask->call, said);
}

status breach_assess(struct ask *ask)
{
    struct breach_assessment *assessment = ask->body;
    assessment->breach = ask->id;
    return engine_breach_assess(&ask->call, assessment);
}

status breach_end(struct ask *ask)
{
    struct breach_close *end = ask->body;
    end->breach = ask->id;
    return engine_breach_close(&ask->call, end);
}

static status fill_breaches(struct ask *ask)
{
    const struct breach_page *page = ask->result;
    struct rows_reply *reply = ARENA_NEW(ask->arena, struct rows_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    reply->rows = page->breaches;
    if (page->more)
        TRY(cursor_write(ask, page->last, &reply->next));
    ask->answer = reply;
    return OK;
}

status breach_list(struct ask *ask)
{
    struct breach_page *page = ARENA_NEW(ask->arena, struct breach_page);
    if (page == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = page;
    ask->fill = fill_breaches;
    const struct breach_list list = {.after = ask->after, .limit = ask->limit};
    return engine_breach_list(&ask->call, &list, page);
}

status breach_show(struct ask *ask)
{
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_breach_show(&ask->call, ask->id, document);
}

/* ---- whom it concerned ---- */

status breach_scope(struct ask *ask)
{
    struct scoping *work = ask->steps;
    status result = engine_breach_scope_step(&ask->call, ask->id, &work, &ask->progress);
    ask->steps = work;
    ask->unfinished = !ask->progress.done;
    return result;
}

static status fill_people(struct ask *ask)
{
    const struct breach_people_page *page = ask->result;
    struct rows_reply *reply = ARENA_NEW(ask->arena, struct rows_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    reply->rows = page->people;
    if (page->more)
        TRY(cursor_write(ask, page->last, &reply->next));
    ask->answer = reply;
    return OK;
}

status breach_people(struct ask *ask)
{
    struct breach_people_page *page = ARENA_NEW(ask->arena, struct breach_people_page);
    if (page == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = page;
    ask->fill = fill_people;
    const struct breach_people request = {
        .breach = ask->id, .after = ask->after, .limit = ask->limit};
    return engine_breach_people(&ask->call, &request, page);
}

/* ---- papers, phases, telling ---- */

status breach_account(struct ask *ask)
{
    struct breach_account *account = ask->body;
    account->breach = ask->id;
    return engine_breach_account(&ask->call, account);
}

static status draft(struct ask *ask, bool message)
{
    struct breach_draft *request = ask->body;
    str *document;
    TRY(ask_new_document(ask, &document));
    request->breach = ask->id;
    request->message = message;
    if (request->html)
        ask->media = "text/html; charset=utf-8";
    return engine_breach_draft(&ask->call, request, document);
}

status breach_notification(struct ask *ask)
{
    return draft(ask, false);
}

status breach_message_draft(struct ask *ask)
{
    return draft(ask, true);
}

status breach_phase(struct ask *ask)
{
    struct breach_phase *phase = ask->body;
    phase->breach = ask->id;
    return engine_breach_phase(&ask->call, phase);
}

status breach_telling(struct ask *ask)
{
    struct breach_tell *request = ask->body;
    struct telling_all *work = ask->steps;
    request->breach = ask->id;
    status result = engine_breach_tell_step(&ask->call, request, &work, &ask->progress);
    ask->steps = work;
    ask->unfinished = !ask->progress.done;
    return result;
}

status breach_exempt(struct ask *ask)
{
    struct breach_exemption *exemption = ask->body;
    exemption->breach = ask->id;
    return engine_breach_exempt(&ask->call, exemption);
}
