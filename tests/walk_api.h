/* walk_api: requests as text, played in process through the api on a fixture's engine.
 *
 *   "anna: POST /v1/subjects {'roles':['asker']}\n"      what it answers is known as <anna>
 *   "@boss POST /v1/subjects/<anna>/erase {}\n"          with the token that <boss.token> is
 *
 * In bodies, ' stands for ". <name> is the record of an answer, or its id when it has none;
 * <name.member> any member of it that is a text; <name.item> and <name.dossier> the
 * ids in the first row of a list;
 * <file:PATH> the text of a file below tests/, as it stands in JSON; <version:NAME DATE> the policy
 * as another version. A body `bytes:N` streams N bytes, one `lines:TEXT` is NDJSON. `clock TIME`
 * moves the clock alone, `sweep` sweeps, `open` opens the engine anew. */
#ifndef VERN_WALK_API_H
#define VERN_WALK_API_H
#include "trouble.h"

#include "api.h"
#include "json.h"
#include "oplog.h"
#include "reply_stand_in.h"

/* ---- what the test watches ---- */

/* Who looks at every request before it is sent, and at every answer; what becomes of the policy's
 * text; whether the operational log goes to a file beside the data. */
struct walk_client;
struct walk_request;
static struct {
    str (*policy)(struct fixture *f, str text);
    void (*request)(struct walk_client *client, struct http_request *request);
    void (*answer)(const struct walk_request *asked, int code, str body);
    bool logs;
    struct oplog log;
} watch = {.log = {.fd = -1}};

/* ---- names ---- */

#define WALK_URL "https://walk.example"
enum { NAMES_MOST = 160 };
struct walk_name {
    char name[48], value[256];
};
static struct names {
    struct walk_name at[NAMES_MOST];
    size_t count;
} names;

static void name_set(const char *name, const char *member, str value)
{
    char whole[sizeof(names.at[0].name)];
    (void)snprintf(whole, sizeof(whole), "%.20s%s%.20s", name, member[0] == '\0' ? "" : ".",
                   member);
    size_t i = 0;
    while (i < names.count && strcmp(names.at[i].name, whole) != 0)
        i++;
    MUST_BE(i < NAMES_MOST);
    if (value.len >= sizeof(names.at[i].value))
        return; /* a document, not a name */
    names.count += i == names.count;
    memcpy(names.at[i].name, whole, sizeof(whole));
    memcpy(names.at[i].value, value.ptr, value.len);
    names.at[i].value[value.len] = '\0';
}

static str name_get(str name)
{
    for (size_t i = 0; i < names.count; i++) {
        if (str_is(name, names.at[i].name))
            return str_from(names.at[i].value);
    }
    give_up(__FILE__, __LINE__, arena_c_string(arena_new(4096), name), "no answer is called so");
    return STR("");
}

static str replaced(struct fixture *f, str text, const char *from, str to)
{
    const char *at = memmem(text.ptr, text.len, from, strlen(from));
    MUST_BE(at != NULL);
    size_t before_ = (size_t)(at - text.ptr);
    str after_ = str_slice(text, before_ + strlen(from), text.len);
    return arena_format(f->arena, "%.*s%.*s%.*s", (int)before_, text.ptr, STR_ARG(to),
                        STR_ARG(after_));
}

/* A file's text; of the policy another version: NAME DATE. */
static void put_file(struct fixture *f, struct buf *buf, str said, bool version)
{
    str name, rest = said, text, path = version ? STR("walk/walk.yaml") : said;
    char whole[128];
    (void)snprintf(whole, sizeof(whole), "tests/%.*s", STR_ARG(path));
    MUST(f, file_read(whole, f->arena, 1 << 20, &f->report, &text));
    if (watch.policy != NULL && str_is(path, "walk/walk.yaml"))
        text = watch.policy(f, text);
    if (version) {
        MUST_BE(str_next(&rest, ' ', &name));
        text = replaced(f, text, "version: \"1\"",
                        arena_format(f->arena, "version: \"%.*s\"", STR_ARG(name)));
        text = replaced(f, text, "effective: 2026-01-01",
                        arena_format(f->arena, "effective: %.*s", STR_ARG(rest)));
    }
    struct json_out out = json_out_over(buf);
    json_put_str(&out, text);
}

/* With its names filled in; ' becomes " outside of files. */
static str filled(struct fixture *f, str text)
{
    struct buf buf = buf_in(f->arena, text.len + (64 << 10));
    str done;
    for (size_t i = 0; i < text.len; i++) {
        const char *end = text.ptr[i] == '<' ? memchr(text.ptr + i, '>', text.len - i) : NULL;
        if (end == NULL) {
            buf_char(&buf, text.ptr[i] == '\'' ? '"' : text.ptr[i]);
            continue;
        }
        str name = {text.ptr + i + 1, (size_t)(end - text.ptr) - i - 1};
        if (str_starts(name, STR("file:")))
            put_file(f, &buf, str_slice(name, 5, name.len), false);
        else if (str_starts(name, STR("version:")))
            put_file(f, &buf, str_slice(name, 8, name.len), true);
        else
            buf_add(&buf, name_get(name));
        i = (size_t)(end - text.ptr);
    }
    MUST(f, buf_finish(&buf, &f->report, &done));
    return done;
}

/* ---- one request ---- */

struct walk_request {
    str name, who, method, path, body;
};

struct walk_client {
    struct fixture *f;
    struct api *api;
    struct http_reply reply;
    bool failed;
};

static void on_walk_fatal(void *self, const struct report *report)
{
    struct walk_client *client = self;
    client->failed = true;
    client->f->report = *report;
}

static instant no_hour(void *self)
{
    (void)self;
    return (instant){0};
}

/* The server's own clock stands at nought: no hour begins, so nothing is done beside what is asked.
 */
static struct world no_time;

static void open_log_file(struct fixture *f)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/server.log", f->dir);
    watch.log =
        (struct oplog){&no_time, open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    MUST_BE(watch.log.fd >= 0);
}

static void start_api(struct walk_client *client, struct fixture *f)
{
    static char backups[96];
    *client = (struct walk_client){.f = f};
    no_time = f->sim.world;
    no_time.now = no_hour;
    (void)snprintf(backups, sizeof(backups), "%s/backups", f->dir);
    (void)mkdir(backups, 0700);
    if (watch.logs)
        open_log_file(f);
    struct api_config config = {.engine = f->engine,
                                .world = &no_time,
                                .data_dir = f->data,
                                .backup_dir = backups,
                                .log = watch.logs ? &watch.log : NULL,
                                .sweep_ticks = 1 << 20,
                                .public_url = STR(WALK_URL),
                                .mails = true,
                                .fatal = on_walk_fatal,
                                .self = client};
    client->api = api_new(&config);
}

static void send_stream(struct walk_client *client, const struct http_admission *admission,
                        str body)
{
    while (body.len > 0 && !client->reply.answered && !client->failed) {
        size_t piece = body.len < (64 << 10) ? body.len : 64 << 10;
        admission->sink.chunk(admission->sink.self, &client->reply, str_slice(body, 0, piece));
        api_batch_end(client->api);
        body = str_slice(body, piece, body.len);
    }
    if (!client->reply.answered && !client->failed)
        admission->sink.end(admission->sink.self, &client->reply);
}

static str body_of(struct fixture *f, str said, str *media)
{
    uint64_t count;
    *media = STR("application/json");
    if (str_starts(said, STR("bytes:"))) {
        *media = STR("application/octet-stream");
        MUST_BE(str_to_u64(str_slice(said, 6, said.len), &count));
        char *bytes = arena_take(f->arena, count);
        MUST_BE(bytes != NULL);
        for (size_t i = 0; i < count; i++)
            bytes[i] = "qanary "[i % 7];
        return (str){bytes, count};
    }
    if (str_starts(said, STR("lines:"))) {
        *media = STR("application/x-ndjson");
        return filled(f, str_slice(said, 6, said.len));
    }
    if (str_is_empty(said))
        *media = (str){0};
    return filled(f, said);
}

/* Public answers wait for a tick, long work for the next turn, streams for the last piece. */
static void wait_for_it(struct walk_client *client)
{
    struct http_reply *reply = &client->reply;
    for (int i = 0; i < 2000 && (!reply->answered || reply->streams) && !client->failed; i++) {
        if (reply->streams && reply->wants) {
            reply->wants = false;
            reply->stream.wanted(reply->stream.self, reply);
        }
        api_tick(client->api);
        api_batch_end(client->api);
    }
    MUST_BE((reply->answered && !reply->streams) || client->failed);
    if (reply->stream.end != NULL)
        reply->stream.end(reply->stream.self);
}

/* A request that is filled in, and all of its answer. */
static void send_request(struct walk_client *client, const struct http_request *request)
{
    struct fixture *f = client->f;
    client->reply = (struct http_reply){.arena = f->arena, .body = buf_in(f->arena, 8 << 20)};
    struct http_admission admission = {0};
    bool admitted = api_admit(client->api, request, &client->reply, &admission);
    if (admitted && admission.sink.chunk != NULL)
        send_stream(client, &admission, request->body);
    else if (admitted)
        api_handle(client->api, request, &client->reply);
    api_batch_end(client->api);
    wait_for_it(client);
    struct http_source source = client->reply.source;
    while (client->reply.left > 0 && source.next(source.self, &client->reply))
        continue;
    if (source.end != NULL)
        source.end(source.self);
}

static void ask_api(struct walk_client *client, const struct walk_request *asked)
{
    struct fixture *f = client->f;
    str media, body = body_of(f, asked->body, &media);
    str token = arena_format(f->arena, "%.*s.token", STR_ARG(asked->who));
    str bearer = arena_format(f->arena, "Bearer %.*s", STR_ARG(name_get(token)));
    str path = filled(f, asked->path), home = STR(WALK_URL);
    if (str_starts(path, home))
        path = str_slice(path, home.len, path.len);
    struct http_request request = {.method = asked->method,
                                   .path = path,
                                   .query = STR(""),
                                   .body = body,
                                   .host = STR("127.0.0.1"),
                                   .content_type = media,
                                   .authorization = bearer,
                                   .peer = "127.0.0.1",
                                   .arena = f->arena};
    if (watch.request != NULL)
        watch.request(client, &request);
    send_request(client, &request);
}

static void keep_names(struct walk_client *client, str name)
{
    struct fixture *f = client->f;
    const struct json *json;
    char room[32];
    str value;
    if (name.len == 0 || !is_ok(json_parse(f->arena, buf_str(&client->reply.body), NULL, &json)))
        return;
    (void)snprintf(room, sizeof(room), "%.*s", STR_ARG(name));
    for (const struct json *one = json->child; one != NULL; one = one->next) {
        char member[32];
        (void)snprintf(member, sizeof(member), "%.*s", STR_ARG(one->name));
        if (json_str(one, &value))
            name_set(room, member, value);
        const struct json *row = json_is_array(one) ? one->child : NULL;
        if (json_str(json_get(row, "dossier"), &value))
            name_set(room, "dossier", value);
        if (json_str(json_get(row, "record"), &value))
            name_set(room, "item", value);
        else if (json_str(json_get(row, "id"), &value))
            name_set(room, "item", value);
    }
    if (json_str(json_get(json, "id"), &value))
        name_set(room, "", value);
    if (json_str(json_get(json, "record"), &value))
        name_set(room, "", value);
}

/* The answer as a status: what the store could not do is a fault, as is a no. */
static status answered(struct walk_client *client)
{
    struct report *report = &client->f->report;
    if (client->failed)
        return fail(report, FAULT_STORE, "the flush failed");
    if (client->reply.code < 400)
        return OK;
    return fail(report, client->reply.code >= 500 ? FAULT_STORE : FAULT_INVALID, "%d %.300s",
                client->reply.code, buf_str(&client->reply.body).ptr);
}

/* ---- a text of them ---- */

static str take_word(str *line)
{
    str word_;
    *line = str_trim(*line);
    if (!str_next(line, ' ', &word_))
        return STR("");
    return word_;
}

static struct walk_request parse_request(str line)
{
    struct walk_request asked = {.who = STR("admin")};
    asked.method = take_word(&line);
    if (asked.method.len > 1 && asked.method.ptr[asked.method.len - 1] == ':') {
        asked.name = str_slice(asked.method, 0, asked.method.len - 1);
        asked.method = take_word(&line);
    }
    if (asked.method.len > 1 && asked.method.ptr[0] == '@') {
        asked.who = str_slice(asked.method, 1, asked.method.len);
        asked.method = take_word(&line);
    }
    asked.path = take_word(&line);
    asked.body = line.ptr == NULL ? STR("") : str_trim(line);
    return asked;
}

/* The oldest event that waits for the webhook <hook> was delivered. */
static status use_waiting(struct call *call, void *list)
{
    dossier_id hook;
    MUST_BE(id_parse(name_get(STR("hook")), hook.bytes));
    return engine_webhook_waiting(call, hook, 1, list);
}

static status use_delivered(struct call *call, void *result)
{
    return engine_webhook_settle(call, result);
}

static status deliver(struct fixture *f)
{
    struct webhook_events list;
    struct webhook_result result = {.delivered = true, .code = 204};
    struct call call;
    TRY(engine_run(f->engine, f->reg, engine_system(), f->arena, &f->report, &call, use_waiting,
                   &list));
    MUST_BE(list.count == 1 && id_parse(name_get(STR("hook")), result.webhook.bytes));
    result.event = list.at[0].id;
    return engine_run(f->engine, f->reg, engine_system(), f->arena, &f->report, &call,
                      use_delivered, &result);
}

static status play_other(struct fixture *f, const struct walk_request *asked)
{
    struct swept swept;
    if (str_is(asked->method, "clock"))
        clock_alone(f, arena_c_string(f->arena, asked->path));
    else if (str_is(asked->method, "sweep"))
        return engine_sweep(f->engine, f->reg, 1000, &f->report, &swept);
    else if (str_is(asked->method, "delivered"))
        return deliver(f);
    else
        give_up(__FILE__, __LINE__, arena_c_string(f->arena, asked->method), "no such verb");
    return OK;
}

static bool is_method(str word_)
{
    return str_is(word_, "POST") || str_is(word_, "GET") || str_is(word_, "DELETE") ||
           str_is(word_, "PUT");
}

/* Until one of them fails. */
static status play(struct fixture *f, const char *requests)
{
    struct walk_client client;
    str rest = str_from(requests), line;
    status result = OK;
    f->report = (struct report){0};
    start_api(&client, f);
    while (is_ok(result) && str_next(&rest, '\n', &line)) {
        struct walk_request asked = parse_request(line);
        if (asked.method.len == 0)
            continue;
        if (is_method(asked.method)) {
            ask_api(&client, &asked);
            result = answered(&client);
            if (watch.answer != NULL)
                watch.answer(&asked, client.reply.code, buf_str(&client.reply.body));
            keep_names(&client, asked.name);
        } else {
            result = play_other(f, &asked);
        }
        if (!is_ok(result) && !client.failed && f->report.text[0] == '\0')
            result = fail(&f->report, result.fault, "%s", fault_name(result.fault));
    }
    api_free(&client.api);
    if (watch.logs)
        fd_close(&watch.log.fd);
    return result;
}
#endif
