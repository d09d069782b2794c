/* Target: whole requests to the api, in process, on a register with a person in it: paths, queries,
 * headers (X-Vern-Controller, X-Vern-Human, Idempotency-Key, Sec-GPC, Origin, ...), JSON bodies
 * with their ids and instants, forms, NDJSON and bytes of files. Property: one answer to each, of a
 * known code; JSON where it says so; what is refused repeats nothing that was said; the engine goes
 * on, and its data stays whole.
 *
 *   METHOD PATH[?QUERY]
 *   Name: value
 *
 *   body
 *   ---            the next request, at most eight
 *
 * <a>, <b>: two people; <i>: an item of a; <m>: a matter; <p>: the register's public id; <r>: the
 * record or id of the answer before. */
#define SMALL_POLICY "tests/walk/walk.yaml"
#include "small_register.h"

#include "api.h"
#include "json.h"
#include "../tests/reply_stand_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUESTS = 8, FIELDS = 16, ARENA_BYTES = 64 << 20 };

static struct api *api;
static struct http_reply reply;
static char last[64]; /* <r> */

/* ---- asking ---- */

static void on_fatal(void *self, const struct report *report)
{
    (void)self;
    (void)report;
    abort(); /* nothing that is asked may end the process */
}

static void finish(void)
{
    for (int i = 0; i < 1000 && (!reply.answered || reply.streams); i++) {
        if (reply.streams && reply.wants) {
            reply.wants = false;
            reply.stream.wanted(reply.stream.self, &reply);
        }
        api_tick(api);
        api_batch_end(api);
    }
    if (!reply.answered || reply.streams)
        abort();
    while (reply.left > 0 && reply.source.next(reply.source.self, &reply))
        continue;
    if (reply.source.end != NULL)
        reply.source.end(reply.source.self);
    if (reply.stream.end != NULL)
        reply.stream.end(reply.stream.self);
}

static void check_reply(void)
{
    const struct json *json;
    struct report report = {0};
    str id;
    if (reply.body.full)
        abort();
    if (reply.code >= 500 && reply.code != 503 && reply.code != 507)
        abort();
    if (!reply.json)
        return;
    must(json_parse(small.arena, buf_str(&reply.body), &report, &json));
    bool record = json_str(json_get(json, "record"), &id);
    if ((record || json_str(json_get(json, "id"), &id)) && id.len < sizeof(last)) {
        memcpy(last, id.ptr, id.len);
        last[id.len] = '\0';
    }
}

static void send(const struct http_request *request)
{
    struct http_admission admission = {0};
    reply = (struct http_reply){.body = buf_in(small.arena, 24 << 20)};
    bool admitted = api_admit(api, request, &reply, &admission);
    if (admitted && admission.sink.chunk != NULL) {
        if (request->body.len > 0)
            admission.sink.chunk(admission.sink.self, &reply, request->body);
        api_batch_end(api);
        if (reply.answered)
            admission.sink.abort(admission.sink.self, &reply);
        else
            admission.sink.end(admission.sink.self, &reply);
    } else if (admitted) {
        api_handle(api, request, &reply);
    }
    api_batch_end(api);
    finish();
    check_reply();
}

static str say(const char *method, str path, str body)
{
    struct http_request request = {
        .method = str_from(method),
        .path = path,
        .query = STR(""),
        .body = body,
        .host = STR("127.0.0.1"),
        .content_type = STR("application/json"),
        .authorization = arena_format(small.arena, "Bearer %.*s", STR_ARG(small.token)),
        .peer = "127.0.0.1",
        .arena = small.arena};
    if (body.len == 0)
        request.content_type = (str){0};
    send(&request);
    return buf_str(&reply.body);
}

/* ---- who is there ---- */

static struct {
    const char *name;
    char value[64];
} here[] = {{"<a>", ""}, {"<b>", ""}, {"<i>", ""}, {"<m>", ""}, {"<p>", ""}};

static void keep_member(size_t at, str text, const char *member)
{
    const struct json *json;
    struct report report = {0};
    str value;
    must(json_parse(small.arena, text, &report, &json));
    const struct json *items = json_get(json, "items");
    const struct json *from = items != NULL && at == 2 ? items->child : json;
    if (!json_str(json_get(from, member), &value) || value.len >= sizeof(here[at].value))
        abort();
    memcpy(here[at].value, value.ptr, value.len);
    here[at].value[value.len] = '\0';
}

/* Two people anew for each input, for the last one may have erased them. */
static void populate(void)
{
    static unsigned number;
    str person = STR("{\"roles\":[\"customer\",\"asker\"],\"agreements\":[{}]}");
    keep_member(0, say("POST", STR("/v1/subjects"), person), "id");
    keep_member(1, say("POST", STR("/v1/subjects"), person), "id");
    str path = arena_format(small.arena, "/v1/subjects/%s/collect", here[0].value);
    str body = arena_format(small.arena,
                            "{\"intake\":\"form\",\"source\":\"person\",\"channel\":\"web\","
                            "\"values\":{\"contact.email\":\"a%u@fuzz.example\"}}",
                            number++);
    keep_member(2, say("POST", path, body), "id");
    keep_member(3, say("POST", STR("/v1/matters"), STR("{\"kind\":\"order_no\"}")), "id");
    keep_member(4, say("GET", STR("/v1/register"), STR("")), "public");
}

static void open_api(void)
{
    static char backups[96];
    if (api != NULL)
        return;
    small_open();
    arena_free(&small.arena);
    small.arena = arena_new(ARENA_BYTES);
    snprintf(backups, sizeof(backups), "%s/backups", small.folder);
    if (mkdir(backups, 0700) != 0)
        abort();
    static struct api_config config;
    config = (struct api_config){.engine = small.engine,
                                 .world = &small.world.world,
                                 .data_dir = small.data,
                                 .backup_dir = backups,
                                 .origins = STR("https://shop.example"),
                                 .public_url = STR("https://firm.example"),
                                 .public_per_minute = UINT32_MAX,
                                 .failures_per_minute = UINT32_MAX,
                                 .fatal = on_fatal};
    api = api_new(&config);
    (void)say("POST", STR("/v1/evidence"), STR("{\"type\":\"balancing\",\"purpose\":\"support\"}"));
}

/* ---- inputs ---- */

static str fill(str text)
{
    struct buf buf = buf_in(small.arena, text.len * 8 + 4096);
    for (size_t i = 0; i < text.len; i++) {
        str rest = str_slice(text, i, text.len);
        const char *value = NULL;
        for (size_t j = 0; j < LENGTH(here); j++)
            value = str_starts(rest, str_from(here[j].name)) ? here[j].value : value;
        if (str_starts(rest, STR("<r>")))
            value = last;
        if (value == NULL) {
            buf_char(&buf, text.ptr[i]);
            continue;
        }
        buf_text(&buf, value);
        i += 2;
    }
    return buf_str(&buf);
}

static bool is_name(str text, const char *name)
{
    return text.len == strlen(name) && strncasecmp(text.ptr, name, text.len) == 0;
}

/* As the server hands it on: a path that begins with '/', no line break in a field. */
static bool read_head(str head, struct http_request *request, struct http_field *fields)
{
    str line, path;
    if (!str_next(&head, '\n', &line) || !str_next(&line, ' ', &request->method))
        return false;
    path = line.ptr == NULL ? STR("") : line;
    if (path.len == 0 || path.ptr[0] != '/' || memchr(path.ptr, '\0', path.len) != NULL)
        return false;
    (void)str_next(&path, '?', &request->path);
    request->query = path.ptr == NULL ? STR("") : path;
    while (request->field_count < FIELDS && head.ptr != NULL && str_next(&head, '\n', &line)) {
        str value = line, name;
        if (!str_next(&value, ':', &name) || value.ptr == NULL)
            continue;
        value = str_trim(value);
        fields[request->field_count++] = (struct http_field){name, value};
        if (is_name(name, "Content-Type"))
            request->content_type = value;
        if (is_name(name, "Idempotency-Key") && value.len > 0 && value.len < 256)
            request->idempotency_key = value;
        if (is_name(name, "Authorization"))
            request->authorization = value;
    }
    return true;
}

static void ask(str text)
{
    struct http_field fields[FIELDS];
    struct http_request request = {
        .host = STR("127.0.0.1"),
        .authorization = arena_format(small.arena, "Bearer %.*s", STR_ARG(small.token)),
        .peer = "127.0.0.1",
        .arena = small.arena,
        .fields = fields};
    const char *end = memmem(text.ptr, text.len, "\n\n", 2);
    str head = end == NULL ? text : str_slice(text, 0, (size_t)(end - text.ptr));
    if (end != NULL)
        request.body = fill(str_slice(text, (size_t)(end - text.ptr) + 2, text.len));
    else
        request.body = STR("");
    if (!read_head(fill(head), &request, fields))
        return;
    if (request.body.len > 0 && request.content_type.ptr == NULL)
        request.content_type = STR("application/json");
    send(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned inputs;
    open_api();
    if (size > 1 << 16)
        return 0;
    arena_reset(small.arena);
    populate();
    str text = {(const char *)data, size};
    for (int i = 0; i < REQUESTS && text.len > 0; i++) {
        const char *end = memmem(text.ptr, text.len, "\n---\n", 5);
        size_t length = end == NULL ? text.len : (size_t)(end - text.ptr);
        ask(str_slice(text, 0, length));
        text = str_slice(text, length + 5, text.len);
    }
    struct report report = {0};
    if (engine_failed(small.engine))
        abort();
    if (++inputs % 256 == 1)
        must(vault_check(reg_vault(small.reg), &report));
    return 0;
}
