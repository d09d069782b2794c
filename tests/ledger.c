#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "file.h"
#include "instant.h"
#include "ledger.h"

enum { ARENA_BYTES = 64 << 20, ANSWER_MS = 60000, CHECKED_BESIDE = 2, ITEMS_WANTED = 12 };

const char *const ledger_op_names[OP_COUNT] = {
    "nothing",        "create",          "collect", "consent",        "withdraw", "rectify",
    "erase_part",     "erase",           "a file",  "a file's bytes", "read",     "a visit",
    "a visit's data", "clock and sweep", "backup",  "a version"};

static const char *const actions[LEDGER_ACTIONS] = {
    "create", "collect", "consent", "withdraw", "rectify", "erase_part", "erase_whole", "erase"};
enum {
    ENTRY_CREATE,
    ENTRY_COLLECT,
    ENTRY_CONSENT,
    ENTRY_WITHDRAW,
    ENTRY_RECTIFY,
    ENTRY_PART,
    ENTRY_WHOLE,
    ENTRY_ASKED
};

static void wrong(struct client *client, const char *format, ...) PRINTF_LIKE(2, 3);
static void wrong(struct client *client, const char *format, ...)
{
    va_list more;
    if (client->wrong[0] != '\0')
        return;
    int at = snprintf(client->wrong, sizeof(client->wrong), "client %u: ", client->number);
    va_start(more, format);
    (void)vsnprintf(client->wrong + at, sizeof(client->wrong) - (size_t)at, format, more);
    va_end(more);
}

static uint64_t draw(struct client *client, uint64_t below)
{
    uint64_t z = client->random += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (z ^ z >> 31) % below;
}

/* Text with ' for ". */
static void put(char *to, size_t room, const char *format, ...) PRINTF_LIKE(3, 4);
static void put(char *to, size_t room, const char *format, ...)
{
    va_list more;
    va_start(more, format);
    int length = vsnprintf(to, room, format, more);
    va_end(more);
    assert(length >= 0 && (size_t)length < room);
    for (char *c = to; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
}
#define PUT(room, ...) put(room, sizeof(room), __VA_ARGS__)

static void keep(char *to, size_t room, const struct json *json, const char *member)
{
    str text;
    if (json_str(json_get(json, member), &text))
        (void)snprintf(to, room, "%.*s", STR_ARG(text));
}
/* Nothing where there is none. */
static const struct json *list_of(const struct json *json, const char *member)
{
    static const struct json none = {0};
    const struct json *list = json_get(json, member);
    return list == NULL ? &none : list;
}

#define KEEP(room, json, member) keep(room, sizeof(room), json, member)

/* ---- asking ---- */

struct reply {
    int code;
    str body;
    const struct json *json;
};

static bool connects(struct client *client, uint16_t port)
{
    struct report report = {0};
    return is_ok(http_client_open("127.0.0.1", port, ANSWER_MS, &report, &client->http));
}

/* The connection to the server that is asked next. */
static bool reaches(struct client *client, bool same)
{
    struct ledger_servers *servers = client->servers;
    if (servers == NULL)
        return true;
    unsigned alive = __atomic_load_n(&servers->alive, __ATOMIC_SEQ_CST), to = client->asked;
    while (!same && (to = (unsigned)draw(client, LEDGER_SERVERS), (alive >> to & 1) == 0)) {
    }
    if (client->http != NULL)
        http_client_close(&client->http);
    client->asked = to;
    return connects(client, servers->ports[to]);
}

/* False: not answered, the connection is gone. */
static bool asks(struct client *client, const struct ledger_request *request, str bytes,
                 struct reply *reply)
{
    struct report report = {0};
    struct http_field fields[2] = {
        {STR("Authorization"), arena_format(client->arena, "Bearer %s", client->token)},
        {STR("Idempotency-Key"), str_from(request->key)}};
    bool plain = bytes.len == 0;
    struct http_call call = {.method = request->method,
                             .target = str_from(request->target),
                             .fields = fields,
                             .field_count = request->key[0] == '\0' ? 1 : 2,
                             .content_type =
                                 plain ? STR("application/json") : STR("application/octet-stream"),
                             .body = plain ? str_from(request->body) : bytes};
    struct http_response response = {0};
    if (str_is(str_from(request->method), "GET"))
        call.content_type = STR("");
    if (!reaches(client, !plain))
        return false;
    if (!is_ok(http_client_call(client->http, &call, client->arena, &report, &response)))
        return false;
    *reply = (struct reply){.code = response.code, .body = response.body};
    if (!is_ok(json_parse(client->arena, response.body, NULL, &reply->json)))
        reply->json = NULL;
    return true;
}

static bool ask_plain(struct client *client, const char *method, const char *target,
                      const char *body, struct reply *reply)
{
    struct ledger_request request = {0};
    PUT(request.method, "%s", method);
    PUT(request.target, "%s", target);
    PUT(request.body, "%s", body);
    return asks(client, &request, STR(""), reply);
}

/* Within a check the server must answer. */
static struct reply must(struct client *client, const char *method, const char *target,
                         const char *body)
{
    struct reply reply = {0};
    if (!ask_plain(client, method, target, body, &reply))
        wrong(client, "%s %s is not answered", method, target);
    return reply;
}

static str file_bytes(struct client *client)
{
    char *bytes = arena_take(client->arena, LEDGER_FILE_BYTES);
    assert(bytes != NULL);
    memset(bytes, 'v', LEDGER_FILE_BYTES);
    return (str){bytes, LEDGER_FILE_BYTES};
}

/* ---- what is there ---- */

static struct ledger_item *item_of(struct ledger_person *person, str id)
{
    for (size_t i = 0; i < person->count; i++) {
        if (str_equal(str_from(person->items[i].id), id))
            return &person->items[i];
    }
    return NULL;
}

static bool consents(const struct json *shown)
{
    for (JSON_EACH(one, list_of(shown, "evidence"))) {
        str type, until;
        if (json_str(json_get(one, "type"), &type) && str_is(type, "consent") &&
            !json_str(json_get(one, "until"), &until))
            return true;
    }
    return false;
}

static void see_values(struct client *client, const char *purpose, struct ledger_person *seen)
{
    char target[96], body[64];
    (void)snprintf(target, sizeof(target), "/v1/subjects/%s/read", seen->id);
    PUT(body, "{'purpose':'%s'}", purpose);
    struct reply read = must(client, "POST", target, body);
    for (JSON_EACH(one, list_of(read.json, "items"))) {
        str id;
        struct ledger_item *item = NULL;
        if (json_str(json_get(one, "id"), &id))
            item = item_of(seen, id);
        if (item != NULL)
            KEEP(item->value, one, "value");
    }
}

static void see_file(struct client *client, struct ledger_person *seen, struct ledger_item *item)
{
    char target[128], body[64];
    (void)snprintf(target, sizeof(target), "/v1/subjects/%s/files/%s/read", seen->id, item->id);
    PUT(body, "{'purpose':'support'}");
    struct reply read = must(client, "POST", target, body);
    str wanted = file_bytes(client);
    bool whole = read.code == 200 && str_equal(read.body, wanted);
    PUT(item->value, "%s", whole ? "whole" : "not whole");
}

static void see_entries(struct client *client, struct ledger_person *seen)
{
    char body[64];
    PUT(body, "{'reference':'%s'}", seen->reference);
    struct reply told = must(client, "POST", "/v1/history", body);
    for (JSON_EACH(one, list_of(told.json, "entries"))) {
        str action = STR("");
        (void)json_str(json_get(json_get(one, "entry"), "ac"), &action);
        for (size_t i = 0; i < LEDGER_ACTIONS; i++)
            seen->entries[i] += str_is(action, actions[i]);
    }
}

static void see_person(struct client *client, const struct ledger_person *of,
                       struct ledger_person *seen)
{
    char target[96];
    *seen = (struct ledger_person){0};
    memcpy(seen->id, of->id, sizeof(seen->id));
    memcpy(seen->reference, of->reference, sizeof(seen->reference));
    (void)snprintf(target, sizeof(target), "/v1/subjects/%s", of->id);
    struct reply shown = must(client, "GET", target, "");
    seen->gone = shown.code == 410;
    if (!seen->gone && shown.code != 200)
        wrong(client, "%s is answered %d: %.*s", target, shown.code, STR_ARG(shown.body));
    seen->consent = consents(shown.json);
    for (JSON_EACH(one, list_of(shown.json, "items"))) {
        if (seen->count == LEDGER_ITEMS)
            break;
        struct ledger_item *item = &seen->items[seen->count++];
        KEEP(item->id, one, "id");
        KEEP(item->field, one, "field");
        KEEP(item->end, one, "end");
    }
    if (!seen->gone)
        see_values(client, client->operates ? "visiting" : "support", seen);
    for (size_t i = 0; i < seen->count; i++) {
        if (strcmp(seen->items[i].field, "paper.cv") == 0)
            see_file(client, seen, &seen->items[i]);
    }
    see_entries(client, seen);
}

/* ---- is it as it must be? ---- */

static bool has_item(const struct ledger_person *seen, const struct ledger_item *wanted)
{
    for (size_t i = 0; i < seen->count; i++) {
        const struct ledger_item *item = &seen->items[i];
        if (strcmp(item->field, wanted->field) == 0 && strcmp(item->value, wanted->value) == 0 &&
            (wanted->id[0] == '\0' || strcmp(item->id, wanted->id) == 0))
            return true;
    }
    return false;
}

static bool is_as(const struct ledger_person *seen, const struct ledger_person *wanted)
{
    if (seen->gone != wanted->gone || memcmp(seen->entries, wanted->entries, sizeof(seen->entries)))
        return false;
    if (seen->gone)
        return true;
    if (seen->consent != wanted->consent || seen->count != wanted->count)
        return false;
    for (size_t i = 0; i < wanted->count; i++) {
        if (!has_item(seen, &wanted->items[i]))
            return false;
    }
    return true;
}

static void describe(const struct ledger_person *person, char *text, size_t room)
{
    size_t at =
        (size_t)snprintf(text, room, "gone %d consent %d entries", person->gone, person->consent);
    for (size_t i = 0; i < LEDGER_ACTIONS && at < room; i++)
        at += (size_t)snprintf(text + at, room - at, " %u", person->entries[i]);
    for (size_t i = 0; i < person->count && at < room; i++)
        at += (size_t)snprintf(text + at, room - at, "; %s=%s", person->items[i].field,
                               person->items[i].value);
}

static void differs(struct client *client, const char *what, const struct ledger_person *seen,
                    const struct ledger_person *wanted)
{
    char a[300], b[300];
    describe(seen, a, sizeof(a));
    describe(wanted, b, sizeof(b));
    wrong(client, "%s: person %s is [%s] and not [%s]", what, wanted->id, a, b);
}

/* What was not told yet is what is there. */
static void learn(struct ledger_person *person, const struct ledger_person *seen)
{
    memcpy(person->items, seen->items, sizeof(person->items));
    person->count = seen->count;
}

/* What was said on a visit goes when its time has come; it was the clock that was acknowledged. */
static void check_visit(struct client *client, struct ledger_person *person)
{
    struct ledger_person seen;
    see_person(client, person, &seen);
    if (person->count > 0 && strcmp(person->items[0].end, client->clock) <= 0) {
        person->count = 0;
        person->entries[ENTRY_ASKED]++;
    }
    if (!is_as(&seen, person))
        differs(client, "a visit", &seen, person);
}

static void check_person(struct client *client, struct ledger_person *person)
{
    struct ledger_person seen;
    person->touched = false;
    if (client->operates) {
        check_visit(client, person);
        return;
    }
    see_person(client, person, &seen);
    if (!is_as(&seen, person))
        differs(client, "what was acknowledged", &seen, person);
}

/* ---- what is done ---- */

static void begin_request(struct client *client, enum ledger_op op, size_t person)
{
    client->open = (struct ledger_request){.op = op, .person = person};
    PUT(client->open.method, "POST");
    PUT(client->open.key, "%u-%llu", client->number, (unsigned long long)client->serial++);
    if (person < client->count)
        client->open.after = client->people[person];
}

static struct ledger_item *add_item(struct ledger_person *person, const char *field,
                                    const char *value)
{
    struct ledger_item *item = &person->items[person->count++];
    *item = (struct ledger_item){0};
    PUT(item->field, "%s", field);
    PUT(item->value, "%s", value);
    return item;
}

static void want_create(struct client *client)
{
    struct ledger_request *open = &client->open;
    begin_request(client, OP_CREATE, client->count);
    PUT(open->after.number, "K-%s", open->key);
    open->after.entries[ENTRY_CREATE] = 1;
    PUT(open->target, "/v1/subjects");
    PUT(open->body, "{'roles':['asker'],'identifiers':[{'kind':'number','value':'%s'}]}",
        open->after.number);
}

static void want_collect(struct client *client, size_t at)
{
    struct ledger_request *open = &client->open;
    char mail[LEDGER_TEXT], text[LEDGER_TEXT];
    begin_request(client, OP_COLLECT, at);
    PUT(mail, "%s@kill.example", open->key);
    PUT(text, "Question %s", open->key);
    (void)add_item(&open->after, "contact.email", mail);
    (void)add_item(&open->after, "question.text", text);
    open->after.entries[ENTRY_COLLECT]++;
    PUT(open->target, "/v1/subjects/%s/collect", open->after.id);
    PUT(open->body,
        "{'intake':'form','source':'person','channel':'web','optional':['question.text'],"
        "'values':{'contact.email':'%s','question.text':'%s'}}",
        mail, text);
}

static void want_consent(struct client *client, size_t at, bool give)
{
    struct ledger_request *open = &client->open;
    begin_request(client, give ? OP_CONSENT : OP_WITHDRAW, at);
    open->after.consent = give;
    open->after.entries[give ? ENTRY_CONSENT : ENTRY_WITHDRAW]++;
    PUT(open->target, "/v1/subjects/%s/%s", open->after.id, give ? "consents" : "withdrawals");
    PUT(open->body, give ? "{'purpose':'newsletter','wording':'May we?','given_by':'click'}"
                         : "{'purpose':'newsletter'}");
}

/* False: there is none. */
static bool want_rectify(struct client *client, size_t at)
{
    struct ledger_request *open = &client->open;
    begin_request(client, OP_RECTIFY, at);
    for (size_t i = 0; i < open->after.count; i++) {
        struct ledger_item *item = &open->after.items[i];
        if (strcmp(item->field, "question.text") != 0 || item->id[0] == '\0')
            continue;
        PUT(open->target, "/v1/subjects/%s/rectify", open->after.id);
        PUT(item->value, "Rectified %s", open->key);
        PUT(open->body, "{'item':'%s','value':'%s','by_subject':true}", item->id, item->value);
        item->id[0] = '\0'; /* it becomes another item */
        open->after.entries[ENTRY_RECTIFY]++;
        return true;
    }
    open->op = OP_NONE;
    return false;
}

static bool want_erase_part(struct client *client, size_t at)
{
    struct ledger_request *open = &client->open;
    size_t left = 0;
    begin_request(client, OP_ERASE_PART, at);
    for (size_t i = 0; i < open->after.count; i++) {
        if (strcmp(open->after.items[i].field, "question.text") != 0)
            open->after.items[left++] = open->after.items[i];
    }
    if (left == open->after.count) {
        open->op = OP_NONE;
        return false;
    }
    open->after.count = left;
    open->after.entries[ENTRY_PART]++;
    open->after.entries[ENTRY_ASKED]++;
    PUT(open->target, "/v1/subjects/%s/erase", open->after.id);
    PUT(open->body, "{'fields':['question.text'],'warned':true}");
    return true;
}

static void want_erase(struct client *client, size_t at)
{
    struct ledger_request *open = &client->open;
    begin_request(client, OP_ERASE, at);
    open->after.gone = true;
    open->after.entries[ENTRY_WHOLE]++;
    open->after.entries[ENTRY_ASKED]++;
    PUT(open->target, "/v1/subjects/%s/erase", open->after.id);
    PUT(open->body, "{'warned':true}");
}

static void want_file(struct client *client, size_t at)
{
    struct ledger_request *open = &client->open;
    begin_request(client, OP_FILE_OPEN, at);
    PUT(open->target, "/v1/subjects/%s/files", open->after.id);
    PUT(open->body,
        "{'field':'paper.cv','optional':true,'intake':'form','source':'person','channel':'web',"
        "'media':'application/pdf','size':%d}",
        LEDGER_FILE_BYTES);
}

static void want_file_bytes(struct client *client, size_t at, const char *record)
{
    struct ledger_request *open = &client->open;
    begin_request(client, OP_FILE_SEND, at);
    open->key[0] = '\0';
    PUT(open->method, "PUT");
    PUT(open->target, "/v1/subjects/%s/files/%s/bytes", open->after.id, record);
    (void)snprintf(add_item(&open->after, "paper.cv", "whole")->id, LEDGER_ID, "%s", record);
    open->after.entries[ENTRY_COLLECT]++;
}

static void want_read(struct client *client, size_t at)
{
    struct ledger_request *open = &client->open;
    begin_request(client, OP_READ, at);
    open->key[0] = '\0';
    PUT(open->target, "/v1/subjects/%s/read", open->after.id);
    PUT(open->body, "{'purpose':'support'}");
}

static void want_of_person(struct client *client, size_t at)
{
    const struct ledger_person *person = &client->people[at];
    uint64_t what = draw(client, 20);
    bool full = person->count + 2 > ITEMS_WANTED;
    if (person->gone)
        want_create(client);
    else if (what < 2)
        want_erase(client, at);
    else if (what < 5)
        want_consent(client, at, !person->consent);
    else if (what < 8 && want_rectify(client, at))
        return;
    else if ((what < 10 || full) && want_erase_part(client, at))
        return;
    else if (what < 12 && !full && person->count > 0)
        want_file(client, at);
    else if ((what < 14 || full) && person->count > 0)
        want_read(client, at);
    else
        want_collect(client, at);
}

/* Mostly of those who came last. */
static void want_something(struct client *client)
{
    size_t recent = client->count < 6 ? client->count : 6;
    if (client->count == 0 || (client->count < LEDGER_PEOPLE && draw(client, 6) == 0))
        want_create(client);
    else
        want_of_person(client, client->count - 1 - (size_t)draw(client, recent));
}

/* ---- the operator ---- */

/* A later hour, as text. */
static void hours_later(const char *clock, int64_t hours, char text[LEDGER_TEXT])
{
    instant at;
    struct buf buf = buf_over(text, LEDGER_TEXT - 1);
    assert(instant_parse(str_from(clock), &at));
    at.ms += hours * 3600000;
    buf_instant(&buf, at);
    text[buf.len] = '\0';
}

static bool want_version(struct client *client)
{
    struct ledger_request *open = &client->open;
    begin_request(client, OP_VERSION, SIZE_MAX);
    open->key[0] = '\0';
    PUT(open->text, "v%u", client->versions + 2);
    PUT(open->target, "/v1/policy/apply");
    return true; /* its body is made when it is sent: it is long */
}

static void want_operation(struct client *client)
{
    struct ledger_request *open = &client->open;
    uint64_t what = draw(client, 12);
    if (what < 6 && client->count < LEDGER_PEOPLE) {
        begin_request(client, OP_VISIT, client->count);
        open->after.entries[ENTRY_CREATE] = 1;
        PUT(open->target, "/v1/subjects");
        PUT(open->body, "{'roles':['guest']}");
        return;
    }
    if (what < 9) {
        begin_request(client, OP_CLOCK, SIZE_MAX);
        open->key[0] = '\0';
        hours_later(client->clock, 1 + (int64_t)draw(client, 5), open->text);
        PUT(open->target, "/v1/clock");
        PUT(open->body, "{'to':'%s'}", open->text);
        return;
    }
    if (what < 10 && client->versions < 24 && draw(client, 2) == 0 && want_version(client))
        return;
    begin_request(client, OP_BACKUP, SIZE_MAX);
    PUT(open->text, "b%s", open->key);
    open->key[0] = '\0';
    PUT(open->target, "/v1/backup");
    PUT(open->body, "{'name':'%s'}", open->text);
}

static void want_visit_data(struct client *client, size_t at)
{
    struct ledger_request *open = &client->open;
    begin_request(client, OP_VISIT_COLLECT, at);
    (void)add_item(&open->after, "visit.page", open->key);
    open->after.entries[ENTRY_COLLECT]++;
    PUT(open->target, "/v1/subjects/%s/collect", open->after.id);
    PUT(open->body,
        "{'intake':'door','source':'person','channel':'web','optional':['visit.page'],"
        "'values':{'visit.page':'%s'}}",
        open->key);
}

/* The policy under another version that begins in two days. */
static str version_body(struct client *client, const char *version)
{
    struct report report = {0};
    char day[LEDGER_TEXT];
    str text, mark = STR("version: \"1\"\neffective: 2026-01-01");
    if (!is_ok(file_read("tests/kill/kill.yaml", client->arena, 1 << 20, &report, &text)))
        abort();
    hours_later(client->clock, 48, day);
    const char *at = memmem(text.ptr, text.len, mark.ptr, mark.len);
    assert(at != NULL);
    size_t head = (size_t)(at - text.ptr);
    struct buf body = buf_in(client->arena, 1 << 16);
    struct json_out out = json_out_over(&body);
    json_open_object(&out);
    json_key(&out, "policy");
    json_put_str(&out, arena_format(client->arena, "%.*sversion: \"%s\"\neffective: %.10s%.*s",
                                    (int)head, text.ptr, version, day,
                                    (int)(text.len - head - mark.len), at + mark.len));
    json_key(&out, "erases");
    json_put_u64(&out, 0);
    json_close_object(&out);
    return buf_str(&body);
}

/* ---- sending ---- */

static bool send_open(struct client *client, struct reply *reply)
{
    str bytes = STR("");
    client->requests++;
    if (client->open.op == OP_FILE_SEND)
        bytes = file_bytes(client);
    if (client->open.op != OP_VERSION)
        return asks(client, &client->open, bytes, reply);
    struct http_field field = {STR("Authorization"),
                               arena_format(client->arena, "Bearer %s", client->token)};
    struct report report = {0};
    struct http_response response = {0};
    struct http_call call = {.method = "POST",
                             .target = str_from(client->open.target),
                             .fields = &field,
                             .field_count = 1,
                             .content_type = STR("application/json"),
                             .body = version_body(client, client->open.text)};
    if (!is_ok(http_client_call(client->http, &call, client->arena, &report, &response)))
        return false;
    *reply = (struct reply){.code = response.code, .body = response.body};
    return true;
}

/* The ids of what was made. */
static void take_ids(struct ledger_request *open, const struct json *json)
{
    struct ledger_person *after = &open->after;
    if (open->op == OP_CREATE || open->op == OP_VISIT) {
        KEEP(after->id, json, "id");
        KEEP(after->reference, json, "reference");
    }
    for (JSON_EACH(one, list_of(json, "items"))) {
        str field;
        bool named = json_str(json_get(one, "field"), &field);
        for (size_t i = 0; named && i < after->count; i++) {
            if (after->items[i].id[0] == '\0' && str_is(field, after->items[i].field))
                KEEP(after->items[i].id, one, "id");
        }
    }
    for (size_t i = 0; open->op == OP_RECTIFY && i < after->count; i++) {
        if (after->items[i].id[0] == '\0')
            KEEP(after->items[i].id, json, "record");
    }
}

static void settle_operation(struct client *client, const struct ledger_request *open)
{
    if (open->op == OP_CLOCK)
        PUT(client->clock, "%s", open->text);
    client->versions += open->op == OP_VERSION;
    if (open->op == OP_BACKUP)
        PUT(client->backup, "%s", open->text);
}

/* It was acknowledged: the ledger says so from here on. */
static void acknowledged(struct client *client, const struct json *json)
{
    struct ledger_request *open = &client->open;
    take_ids(open, json);
    client->acknowledged++;
    if (open->person == SIZE_MAX) {
        settle_operation(client, open);
    } else {
        client->count += open->person == client->count;
        client->people[open->person] = open->after;
        client->people[open->person].touched = true;
    }
}

/* What the answer to one request makes the next one. */
static void follow(struct client *client, const struct ledger_request *was, const struct json *json)
{
    char record[LEDGER_ID] = "";
    if (was->op == OP_VISIT)
        want_visit_data(client, was->person);
    if (was->op == OP_FILE_OPEN) {
        KEEP(record, json, "record");
        want_file_bytes(client, was->person, record);
    }
}

static bool one_request(struct client *client)
{
    struct reply reply = {0};
    arena_reset(client->arena);
    if (client->open.op == OP_NONE && client->operates)
        want_operation(client);
    else if (client->open.op == OP_NONE)
        want_something(client);
    if (!send_open(client, &reply))
        return false;
    struct ledger_request was = client->open;
    if (reply.code != 200 && reply.code != 201) {
        wrong(client, "%s is answered %d: %.*s", ledger_op_names[was.op], reply.code,
              STR_ARG(reply.body));
        return false;
    }
    acknowledged(client, reply.json);
    client->open.op = OP_NONE;
    follow(client, &was, reply.json);
    return true;
}

static bool is_over(const struct client *client)
{
    return client->servers != NULL && __atomic_load_n(&client->servers->over, __ATOMIC_SEQ_CST);
}

void client_work(struct client *client, uint16_t port)
{
    if (client->wrong[0] != '\0' || !connects(client, port))
        return;
    while (!is_over(client) && one_request(client))
        continue;
    http_client_close(&client->http);
}

/* ---- after a start ---- */

/* Nobody, or one who is as after it. */
static void check_created(struct client *client)
{
    struct ledger_request *open = &client->open;
    char body[128];
    if (open->op != OP_CREATE) /* a visit has no number; what it left is nobody's in the ledger */
        return;
    PUT(body, "{'kind':'number','value':'%s'}", open->after.number);
    struct reply found = must(client, "POST", "/v1/subjects/find", body);
    const struct json *ids = json_get(found.json, "ids");
    size_t count = json_is_array(ids) ? ids->count : 0;
    if (count > 1)
        wrong(client, "%zu people have the number %s", count, open->after.number);
    client->found_done += count == 1;
    client->found_undone += count == 0;
}

static void check_touched(struct client *client)
{
    struct ledger_request *open = &client->open;
    struct ledger_person seen, *person = &client->people[open->person];
    see_person(client, person, &seen);
    bool before_it = is_as(&seen, person), after_it = is_as(&seen, &open->after);
    if (!before_it && !after_it)
        differs(client, ledger_op_names[open->op], &seen, &open->after);
    if (open->op == OP_READ || open->op == OP_FILE_OPEN)
        return;
    client->found_done += after_it;
    client->found_undone += before_it;
    if (open->op == OP_FILE_SEND) { /* is not sent twice: its bytes went with the connection */
        if (after_it)
            *person = open->after;
        open->op = OP_NONE;
    }
}

/* The same once more: done now, if it was not, and never twice. */
static void send_again(struct client *client)
{
    struct ledger_request *open = &client->open;
    struct ledger_person seen;
    struct reply reply = {0};
    if (!send_open(client, &reply) || (reply.code != 200 && reply.code != 201)) {
        wrong(client, "%s, sent again, is answered %d: %.*s", ledger_op_names[open->op], reply.code,
              STR_ARG(reply.body));
        return;
    }
    acknowledged(client, reply.json);
    struct ledger_person *person = &client->people[open->person];
    see_person(client, person, &seen);
    if (!is_as(&seen, person))
        differs(client, "what was sent again", &seen, person);
    else if (!seen.gone)
        learn(person, &seen);
}

static void check_open_request(struct client *client)
{
    struct ledger_request *open = &client->open;
    if (open->op == OP_NONE)
        return;
    if (open->person == client->count)
        check_created(client);
    else
        check_touched(client);
    if (open->op != OP_NONE && open->op != OP_FILE_OPEN)
        send_again(client);
    open->op = OP_NONE;
}

/* What a kill left over of a sweep is swept. */
static void move_clock(struct client *client, const char *now)
{
    char body[96], to[LEDGER_TEXT];
    hours_later(now, 1, to);
    PUT(body, "{'to':'%s'}", to);
    struct reply moved = must(client, "POST", "/v1/clock", body);
    if (moved.code != 200)
        wrong(client, "the clock is answered %d: %.*s", moved.code, STR_ARG(moved.body));
    PUT(client->clock, "%s", to);
}

/* The clock stands where it was acknowledged, or where it was asked to; and what was asked of the
 * rest is whole or not there. */
static void check_operation(struct client *client, char now[LEDGER_TEXT])
{
    struct ledger_request *open = &client->open;
    struct reply about = must(client, "GET", "/v1/register", "");
    keep(now, LEDGER_TEXT, about.json, "now");
    bool asked = open->op == OP_CLOCK && strcmp(now, open->text) == 0;
    if (client->clock[0] != '\0' && strcmp(now, client->clock) != 0 && !asked)
        wrong(client, "the clock stands at %s and not at %s", now, client->clock);
    struct reply policy = must(client, "GET", "/v1/policy", "");
    const struct json *list = json_get(policy.json, "versions");
    size_t count = json_is_array(list) ? list->count : 0;
    bool new = open->op == OP_VERSION &&count == client->versions + 2;
    if (count != client->versions + 1 && !new)
        wrong(client, "%zu versions of the policy instead of %u", count, client->versions + 1);
    client->versions += new;
    client->found_done += asked || new;
    client->found_undone += (open->op == OP_CLOCK && !asked) || (open->op == OP_VERSION && !new);
    if (open->person == SIZE_MAX)
        open->op = OP_NONE;
}

static void learn_end(struct client *client, struct ledger_person *person)
{
    struct ledger_person seen;
    if (person->count == 0 || person->items[0].end[0] != '\0')
        return;
    see_person(client, person, &seen);
    if (seen.count == 1)
        memcpy(person->items[0].end, seen.items[0].end, LEDGER_TEXT);
}

static void check_people(struct client *client, bool all)
{
    for (size_t i = 0; i < client->count && client->wrong[0] == '\0'; i++) {
        if (!(all || client->people[i].touched))
            continue;
        arena_reset(client->arena);
        check_person(client, &client->people[i]);
    }
    for (size_t i = 0; i < CHECKED_BESIDE && client->count > 0 && client->wrong[0] == '\0'; i++) {
        arena_reset(client->arena);
        check_person(client, &client->people[draw(client, client->count)]);
    }
}

static void check(struct client *client, uint16_t port, bool all)
{
    if (client->wrong[0] != '\0')
        return;
    if (!connects(client, port)) {
        wrong(client, "no connection after a start");
        return;
    }
    arena_reset(client->arena);
    char now[LEDGER_TEXT] = "";
    if (client->operates)
        check_operation(client, now);
    check_open_request(client); /* before the time may come for what it made */
    if (client->operates)
        move_clock(client, now);
    for (size_t i = 0; client->operates && i < client->count; i++) {
        arena_reset(client->arena);
        learn_end(client, &client->people[i]);
    }
    check_people(client, all);
    http_client_close(&client->http);
}

void client_check(struct client *client, uint16_t port)
{
    check(client, port, false);
}

void client_check_all(struct client *client, uint16_t port)
{
    check(client, port, true);
}

void client_begin(struct client *client, unsigned number, uint64_t seed, const char *token)
{
    *client = (struct client){.number = number, .random = seed * 1000 + number, .token = token};
    client->arena = arena_new(ARENA_BYTES);
    client->people = calloc(LEDGER_PEOPLE, sizeof(*client->people));
    if (client->people == NULL)
        abort();
}

void client_end(struct client *client)
{
    free(client->people);
    arena_free(&client->arena);
}
