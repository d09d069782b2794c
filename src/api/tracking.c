/* Routes of what is captured while it happens, kept in browsers, and made of it. */
#include "api_internal.h"

status recording_start(struct ask *ask)
{
    struct recording_start *start = ask->body;
    start->subject = ask->id;
    return engine_recording_start(&ask->call, start);
}

status recording_stop(struct ask *ask)
{
    struct recording_end end = {.subject = ask->id, .recording = ask->record};
    return engine_recording_stop(&ask->call, &end);
}

status recording_veto(struct ask *ask)
{
    struct recording_end end = {.subject = ask->id, .recording = ask->record};
    return engine_recording_veto(&ask->call, &end);
}

static status fill_derived(struct ask *ask)
{
    const struct derive *body = ask->body;
    const struct outcome *outcome = &ask->call.outcome;
    struct collected_reply *reply = ARENA_NEW(ask->arena, struct collected_reply);
    struct collected_item *items =
        ARENA_ARRAY(ask->arena, struct collected_item, outcome->item_count + 1);
    if (reply == NULL || items == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < outcome->item_count; i++)
        items[i] = (struct collected_item){.field = body->values[i].field, .id = outcome->items[i]};
    *reply = (struct collected_reply){
        .written = written_of(ask), .items = items, .item_count = outcome->item_count};
    ask->answer = reply;
    return OK;
}

status subject_derive(struct ask *ask)
{
    struct derive *derive = ask->body;
    struct collected *collected = ARENA_NEW(ask->arena, struct collected);
    if (collected == NULL)
        return NO_MEMORY(&ask->report);
    derive->subject = ask->id;
    ask->fill = fill_derived;
    return engine_derive(&ask->call, derive, collected);
}

status cookie_ask(struct ask *ask)
{
    struct cookie_ask *cookie = ask->body;
    cookie->subject = ask->id;
    return engine_cookie(&ask->call, cookie);
}

/* ---- what a machine decided ---- */

status ruling_make(struct ask *ask)
{
    struct ruling_make *ruling = ask->body;
    ruling->subject = ask->id;
    return engine_ruling(&ask->call, ruling);
}

status ruling_list(struct ask *ask)
{
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_ruling_list(&ask->call, ask->id, document);
}

status ruling_review(struct ask *ask)
{
    struct ruling_end end = {.subject = ask->id, .ruling = ask->record};
    return engine_ruling_review(&ask->call, &end);
}

status ruling_close(struct ask *ask)
{
    struct ruling_end *end = ask->body;
    end->subject = ask->id;
    end->ruling = ask->record;
    return engine_ruling_close(&ask->call, end);
}
