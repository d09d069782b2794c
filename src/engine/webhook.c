/* Webhooks: where the firm's own systems are told that something happened (Standard Webhooks).
 *
 *   task, duty, alarm --call_event--> a note beside each webhook that wants it, in the same
 * operation
 *                                         |
 *   waiting --taken, sent by whoever owns the network--> delivered, or failed: kept 30 days, may be
 *       ^----------------------------- replay ------------------'              sent again
 *
 * The queue is nothing but these notes: a crash loses none and invents none, and a start finds what
 * waits. A body holds ids and kinds and no data; the receiver asks for the rest with a token of its
 * own. Address and secrets are a sealed record of the webhook's dossier, opened when the register
 * is. Nothing here reaches the network. */
#include <sodium.h>
#include <stdlib.h>

#include "engine_internal.h"
#include "webhook.h"

enum {
    WEBHOOKS = 64, /* of a register */
    ROTATIONS = 64,
    URL_BYTES = 1024,
    RECORD_BYTES = 4096,
    OVERLAP_HOURS = 24,
    OVERLAP_HOURS_MOST = 720,
    HOUR_MS = 3600000
};

static const char *const EVENTS[EVENT_COUNT] = {
#define EVENT(name, text, what) [EVENT_##name] = text,
#include "events.def"
#undef EVENT
};
str event_name(enum event event)
{
    return str_from(EVENTS[event]);
}

/* ---- the record: one line of JSON each time that it changes; the last counts ---- */

static void put_secret(struct json_out *out, const char *name, const secret *key)
{
    char room[64];
    struct buf text = buf_over(room, sizeof(room));
    buf_base64url(&text, (str){(const char *)key->bytes, KEY_BYTES});
    json_key(out, name);
    json_put_str(out, buf_str(&text));
    wipe(room, sizeof(room));
}

static status webhook_line(struct call *call, const struct webhook *webhook, str *line)
{
    struct buf buf = buf_in(call->arena, RECORD_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "url");
    json_put_str(&out, webhook->url);
    json_key(&out, "events");
    json_open_array(&out);
    for (unsigned i = 0; i < EVENT_COUNT; i++) {
        if ((webhook->events >> i & 1) != 0)
            json_put_text(&out, EVENTS[i]);
    }
    json_close_array(&out);
    put_secret(&out, "secret", &webhook->key);
    put_secret(&out, "old", &webhook->old);
    json_key(&out, "old_ends");
    json_put_i64(&out, webhook->old_ends.ms);
    json_close_object(&out);
    buf_char(&buf, '\n');
    return buf_finish(&buf, call->report, line);
}

static bool read_secret(const struct json *json, const char *name, secret *key)
{
    str text;
    size_t length;
    return json_str(json_get(json, name), &text) &&
           base64url_decode(text, key->bytes, KEY_BYTES, &length) && length == KEY_BYTES;
}

static bool event_find(str text, unsigned *event)
{
    for (*event = 0; *event < EVENT_COUNT; ++*event) {
        if (str_is(text, EVENTS[*event]))
            return true;
    }
    return false;
}

/* Kinds that this program does not know any more are told no more. */
static bool read_line(struct reg *reg, const struct json *json, struct webhook *webhook)
{
    str url, text;
    unsigned event;
    const struct json *events = json_get(json, "events");
    if (!json_str(json_get(json, "url"), &url) || !json_is_array(events) ||
        !read_secret(json, "secret", &webhook->key) || !read_secret(json, "old", &webhook->old) ||
        !json_i64(json_get(json, "old_ends"), &webhook->old_ends.ms))
        return false;
    for (JSON_EACH(one, events)) {
        if (json_str(one, &text) && event_find(text, &event))
            webhook->events |= 1u << event;
    }
    webhook->url = arena_copy(reg->arena, url);
    return webhook->url.ptr != NULL;
}

/* A restore may bring back a webhook without the line of its last rotation, never one without any:
 * lines are added and not taken away. */
status reg_add_webhook(struct reg *reg, dossier_id id, str record, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    str rest = record, line, last = {0};
    while (str_next(&rest, '\n', &line)) {
        if (line.len > 0)
            last = line;
    }
    const struct json *json;
    struct webhook fresh = {.id = id};
    TRY(json_parse(arena, last, report, &json));
    if (!read_line(reg, json, &fresh))
        return fail(report, FAULT_CORRUPT, "a webhook's record is damaged");
    for (size_t i = 0; i < reg->webhooks.count; i++) {
        if (ID_EQUAL(reg->webhooks.at[i]->id, id)) {
            *reg->webhooks.at[i] = fresh;
            return OK;
        }
    }
    struct webhook *webhook = ARENA_NEW(reg->arena, struct webhook);
    struct webhook **added = LIST_ADD(reg->arena, &reg->webhooks);
    if (webhook == NULL || added == NULL)
        return NO_MEMORY(report);
    *webhook = fresh;
    *added = webhook;
    reg->webhook_news = true; /* what waits may wait since before */
    return OK;
}

/* ---- making ---- */

static status check_url(struct call *call, str url)
{
    struct webhook_url parts;
    if (url.len > URL_BYTES || !webhook_url_parse(url, &parts))
        return fail_at(call->report, FAULT_INVALID, "/url",
                       "a webhook goes to https://host/path, without a user, a fragment or blanks; "
                       "plain http only to this machine; or by mail to mailto:one@address");
    if (call->reg->simulated && !parts.loopback && !parts.mail)
        return fail_at(call->report, FAULT_INVALID, "/url",
                       "a simulated register sends nothing but to loopback: 127.0.0.1, [::1] or "
                       "localhost");
    return OK;
}

static status read_events(struct call *call, const struct webhook_create *request, uint32_t *events)
{
    for (size_t i = 0; i < request->event_count; i++) {
        unsigned event;
        if (!event_find(request->events[i], &event))
            return fail_at(call->report, FAULT_INVALID, "/events",
                           "there are task.made, duty.made and alarm.raised");
        *events |= 1u << event;
    }
    if (*events == 0)
        return fail_at(call->report, FAULT_INVALID, "/events", "name what it is to be told");
    return OK;
}

static status secret_text(struct call *call, const secret *key, str *text)
{
    struct buf buf = buf_in(call->arena, 128);
    buf_text(&buf, "whsec_");
    buf_base64(&buf, (str){(const char *)key->bytes, KEY_BYTES});
    return buf_finish(&buf, call->report, text);
}

/* It counts once its record is durable. */
struct making {
    dossier_id id;
    str line;
};

static status make_finish(struct call *call)
{
    const struct making *making = call->state;
    return reg_add_webhook(call->reg, making->id, making->line, call->report);
}

static status keep_line(struct call *call, struct dossier *dossier, const struct permit *permit,
                        const struct webhook *webhook)
{
    struct making *making = ARENA_NEW(call->arena, struct making);
    record_id record;
    if (making == NULL)
        return NO_MEMORY(call->report);
    making->id = dossier->facts->id;
    TRY(webhook_line(call, webhook, &making->line));
    TRY(call_record(call, dossier, permit, making->line, &record));
    TRY(call_store_dossier(call, dossier, permit));
    call->state = making;
    call->finish = make_finish;
    call->outcome =
        (struct outcome){.id = making->id, .log_index = call->outcome.log_index, .http = 201};
    return OK;
}

static size_t webhooks_living(const struct reg *reg)
{
    size_t count = 0;
    for (size_t i = 0; i < reg->webhooks.count; i++)
        count += !reg->webhooks.at[i]->ended;
    return count;
}

status engine_webhook_create(struct call *call, const struct webhook_create *request, str *text)
{
    struct webhook fresh = {.url = request->url};
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_whole_register(call));
    TRY(check_url(call, request->url));
    TRY(read_events(call, request, &fresh.events));
    if (webhooks_living(call->reg) >= WEBHOOKS)
        return fail(call->report, FAULT_LIMIT, "a register has at most %d webhooks", WEBHOOKS);
    world_random(call->reg->world, fresh.key.bytes, KEY_BYTES);
    TRY(vault_new(call->reg->vault, DOSSIER_WEBHOOK, 0, call->now, call->arena, call->report,
                  &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    TRY(call_write(call, dossier->facts, &op, "webhook", decision_by_scope(), NULL, 0, &permit));
    TRY(secret_text(call, &fresh.key, text));
    return keep_line(call, dossier, permit, &fresh);
}

static const struct webhook *living(const struct reg *reg, dossier_id id)
{
    for (size_t i = 0; i < reg->webhooks.count; i++) {
        const struct webhook *webhook = reg->webhooks.at[i];
        if (ID_EQUAL(webhook->id, id) && !webhook->ended)
            return webhook;
    }
    return NULL;
}

status engine_webhook_rotate(struct call *call, const struct webhook_rotate *request,
                             struct webhook_rotated *rotated)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, request->webhook, DOSSIER_WEBHOOK, &dossier));
    const struct webhook *there = living(call->reg, request->webhook);
    if (there == NULL)
        return call_not_here(call);
    uint64_t hours = request->overlap_stated ? request->overlap_hours : OVERLAP_HOURS;
    if (hours > OVERLAP_HOURS_MOST)
        return fail_at(call->report, FAULT_INVALID, "/overlap_hours",
                       "two secrets overlap for at most %d hours", OVERLAP_HOURS_MOST);
    if (dossier->facts->items.count > ROTATIONS)
        return fail(call->report, FAULT_LIMIT,
                    "a webhook's secret changes at most %d times; make another webhook", ROTATIONS);
    struct webhook next = *there;
    next.old = there->key;
    next.old_ends = (instant){call->now.ms + (int64_t)hours * HOUR_MS};
    world_random(call->reg->world, next.key.bytes, KEY_BYTES);
    struct operation op = call_operation(call, ACTION_RECORD, request->webhook);
    TRY(call_write(call, dossier->facts, &op, "webhook_rotate", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(secret_text(call, &next.key, &rotated->text));
    rotated->old_ends = next.old_ends;
    return keep_line(call, dossier, permit, &next);
}

/* ---- ending, listing ---- */

static status end_finish(struct call *call)
{
    const dossier_id *id = call->state;
    for (size_t i = 0; i < call->reg->webhooks.count; i++) {
        struct webhook *webhook = call->reg->webhooks.at[i];
        if (!ID_EQUAL(webhook->id, *id))
            continue;
        secret_wipe(&webhook->key);
        secret_wipe(&webhook->old);
        webhook->ended = true;
    }
    return OK;
}

status engine_webhook_end(struct call *call, dossier_id id)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, id, DOSSIER_WEBHOOK, &dossier));
    struct operation op = call_operation(call, ACTION_ERASE, id);
    TRY(call_write(call, dossier->facts, &op, "webhook_end", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                    call->report));
    call_touched(call, id);
    struct alarm_cause cause = {.kind = ALARM_UNDELIVERED};
    alarm_about(&cause, SLOT_ACTOR, id);
    TRY(call_alarm_over(call, &cause));
    dossier_id *state = ARENA_NEW(call->arena, dossier_id);
    if (state == NULL)
        return NO_MEMORY(call->report);
    *state = id;
    call->state = state;
    call->finish = end_finish;
    return OK;
}

static int by_id(const void *a, const void *b)
{
    const struct webhook *const *one = a, *const *two = b;
    return memcmp((*one)->id.bytes, (*two)->id.bytes, ID_BYTES);
}

static status view_of(struct call *call, const struct webhook *webhook, struct webhook_view *view)
{
    str *events = ARENA_ARRAY(call->arena, str, EVENT_COUNT);
    if (events == NULL)
        return NO_MEMORY(call->report);
    *view = (struct webhook_view){.id = webhook->id, .url = webhook->url, .events = events};
    for (unsigned i = 0; i < EVENT_COUNT; i++) {
        if ((webhook->events >> i & 1) != 0)
            events[view->event_count++] = str_from(EVENTS[i]);
    }
    if (before(call->now, webhook->old_ends))
        view->old_ends = webhook->old_ends;
    return OK;
}

status engine_webhook_list(struct call *call, struct webhook_list *list)
{
    struct reg *reg = call->reg;
    const struct webhook **there =
        ARENA_ARRAY(call->arena, const struct webhook *, reg->webhooks.count + 1);
    list->at = ARENA_ARRAY(call->arena, struct webhook_view, reg->webhooks.count + 1);
    list->count = 0;
    if (there == NULL || list->at == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    size_t count = 0;
    for (size_t i = 0; i < reg->webhooks.count; i++) {
        if (!reg->webhooks.at[i]->ended)
            there[count++] = reg->webhooks.at[i];
    }
    qsort(there, count, sizeof(*there), by_id);
    for (size_t i = 0; i < count; i++)
        TRY(view_of(call, there[i], &list->at[list->count++]));
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "webhooks", decision_by_scope());
}

/* ---- what waits, for whoever sends it ---- */

size_t reg_webhook_count(const struct reg *reg)
{
    return reg->webhooks.count;
}

bool reg_webhook_at(const struct reg *reg, size_t index, dossier_id *id, str *url)
{
    const struct webhook *webhook = reg->webhooks.at[index];
    *id = webhook->id;
    *url = webhook->url;
    return !webhook->ended && !reg->retired;
}

bool reg_webhook_news(struct reg *reg)
{
    bool news = reg->webhook_news;
    reg->webhook_news = false;
    return news;
}

static void signature(const secret *key, str signed_text, struct buf *out)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key->bytes, KEY_BYTES);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)signed_text.ptr, signed_text.len);
    crypto_auth_hmacsha256_final(&state, mac);
    wipe(&state, sizeof(state));
    buf_text(out, out->len > 0 ? " v1," : "v1,");
    buf_base64(out, (str){(const char *)mac, sizeof(mac)});
}

status reg_webhook_sign(const struct reg *reg, dossier_id id, str text, struct buf *out,
                        struct report *report)
{
    const struct webhook *webhook = living(reg, id);
    if (webhook == NULL)
        return fail(report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    signature(&webhook->key, text, out);
    if (before(reg_now(reg), webhook->old_ends))
        signature(&webhook->old, text, out);
    return OK;
}
