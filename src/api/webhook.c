/* Routes about webhooks. */
#include "api_internal.h"

static status fill_secret(struct ask *ask)
{
    const struct webhook_rotated *made = ask->result;
    struct webhook_reply *reply = ARENA_NEW(ask->arena, struct webhook_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct webhook_reply){
        .written = written_of(ask), .secret = made->text, .old_ends = made->old_ends};
    ask->answer = reply;
    return OK;
}

static status expect_secret(struct ask *ask, struct webhook_rotated **made)
{
    *made = ARENA_NEW(ask->arena, struct webhook_rotated);
    if (*made == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = *made;
    ask->fill = fill_secret;
    return OK;
}

/* Whither the data's neighbours may be told is the operator's to say, and no token's. */
static status check_host(struct ask *ask, str url)
{
    struct webhook_url parts;
    if (reg_simulated(ask->reg) || !webhook_url_parse(url, &parts) ||
        webhook_host_listed(ask->api->config.post_hosts, parts.host))
        return OK; /* what is wrong with it otherwise, the engine says */
    return fail_at(&ask->report, FAULT_INVALID, "/url",
                   "the server's setting post_hosts does not name this host");
}

status webhook_create(struct ask *ask)
{
    const struct webhook_create *request = ask->body;
    struct webhook_rotated *made;
    TRY(check_host(ask, request->url));
    TRY(expect_secret(ask, &made));
    return engine_webhook_create(&ask->call, request, &made->text);
}

status webhook_rotate(struct ask *ask)
{
    struct webhook_rotate *request = ask->body;
    struct webhook_rotated *made;
    request->webhook = ask->id;
    TRY(expect_secret(ask, &made));
    return engine_webhook_rotate(&ask->call, request, made);
}

static status fill_webhooks(struct ask *ask)
{
    const struct webhook_list *list = ask->result;
    struct webhooks_reply *reply = ARENA_NEW(ask->arena, struct webhooks_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct webhooks_reply){list->at, list->count};
    ask->answer = reply;
    return OK;
}

status webhook_list(struct ask *ask)
{
    struct webhook_list *list = ARENA_NEW(ask->arena, struct webhook_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = fill_webhooks;
    return engine_webhook_list(&ask->call, list);
}

status webhook_end(struct ask *ask)
{
    return engine_webhook_end(&ask->call, ask->id);
}

static status fill_events(struct ask *ask)
{
    const struct webhook_events *list = ask->result;
    struct webhook_events_reply *reply = ARENA_NEW(ask->arena, struct webhook_events_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct webhook_events_reply){.events = list->at, .event_count = list->count};
    dossier_id last;
    memcpy(last.bytes, list->last.bytes, ID_BYTES);
    if (list->more)
        TRY(cursor_write(ask, last, &reply->next));
    ask->answer = reply;
    return OK;
}

status webhook_events(struct ask *ask)
{
    struct webhook_events *list = ARENA_NEW(ask->arena, struct webhook_events);
    record_id after;
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    memcpy(after.bytes, ask->after.bytes, ID_BYTES);
    ask->result = list;
    ask->fill = fill_events;
    return engine_webhook_events(&ask->call, ask->id, after, ask->limit, list);
}

status webhook_replay(struct ask *ask)
{
    struct webhook_replay *request = ask->body;
    request->webhook = ask->id;
    return engine_webhook_replay(&ask->call, request);
}
