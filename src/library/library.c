/* libvern: the route table without a network. A request goes through api_admit() and api_handle()
 * as the server's do, and the turns that it needs are run here until its answer is whole. */
#include <stdio.h>
#include <stdlib.h>

#include "api.h"
#include "file.h"
#include "instant.h"
#include "keys.h"
#include "limits.h"
#include "local.h"
#include "vern.h"

enum { CHUNK_BYTES = 64 << 10, POLICY_ARENA = 256 << 20, FIELDS_MOST = 3, PATH_BYTES = 4096 };

struct vern {
    char *data, *root;
    struct engine *engine;
    struct api *api;
    struct arena *arena; /* of the request that is asked */
    bool failed;
};

const char *vern_version(void)
{
    return "0.1";
}

/* ---- failing ---- */

static enum vern_status told(struct vern_error *error, const struct report *report, status result)
{
    if (is_ok(result))
        return VERN_OK;
    if (error != NULL)
        snprintf(error->text, sizeof(error->text), "%s%s%s", report->where,
                 report->where[0] == '\0' ? "" : ": ",
                 report->text[0] == '\0' ? fault_text(result.fault) : report->text);
    return (enum vern_status)fault_exit(result.fault);
}

static void on_fatal(void *self, const struct report *report)
{
    struct vern *vern = self;
    (void)report;
    vern->failed = true;
}

static status not_answering(struct report *report)
{
    return fail(report, FAULT_STORE,
                "a flush failed; nothing more is answered until it is opened anew");
}

/* ---- opening ---- */

static char *root_path(const char *data, const char *root)
{
    char path[PATH_BYTES];
    size_t length = strlen(data);
    while (length > 1 && data[length - 1] == '/')
        length--;
    if (root == NULL && snprintf(path, sizeof(path), "%.*s.root", (int)length, data) >= PATH_BYTES)
        return NULL;
    return strdup(root == NULL ? path : root);
}

void vern_close(struct vern *vern)
{
    if (vern == NULL)
        return;
    api_free(&vern->api);
    engine_close(&vern->engine);
    arena_free(&vern->arena);
    free(vern->data);
    free(vern->root);
    free(vern);
}

static void vern_end(struct vern **vern)
{
    vern_close(*vern);
    *vern = NULL;
}

static status open_folder(const char *data, const char *root, struct report *report,
                          struct vern **opened)
{
    if (data == NULL || data[0] == '\0' || strlen(data) > PATH_BYTES / 2)
        return fail(report, FAULT_USAGE, "the folder of the registers is not named");
    struct vern *vern = calloc(1, sizeof(*vern));
    if (vern == NULL)
        return NO_MEMORY(report);
    *opened = vern;
    vern->data = strdup(data);
    vern->root = root_path(data, root);
    if (vern->data == NULL || vern->root == NULL)
        return NO_MEMORY(report);
    struct engine_config config = {
        .world = world_real(), .data_dir = vern->data, .root_path = vern->root};
    return engine_open(&config, report, &vern->engine);
}

static status open_vern(const char *data, const char *root, struct report *report,
                        struct vern **opened)
{
    TRY(open_folder(data, root, report, opened));
    struct vern *vern = *opened;
    if (engine_register_count(vern->engine) == 0)
        return fail(report, FAULT_NOT_FOUND, "there is no register in this folder");
    struct api_config config = {.engine = vern->engine,
                                .world = world_real(),
                                .data_dir = vern->data,
                                .fatal = on_fatal,
                                .self = vern};
    vern->api = api_new(&config);
    vern->arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    return OK;
}

enum vern_status vern_open(const char *data, const char *root, struct vern **vern,
                           struct vern_error *error)
{
    struct report report = {0};
    *vern = NULL;
    status opened = open_vern(data, root, &report, vern);
    if (!is_ok(opened))
        vern_end(vern);
    return told(error, &report, opened);
}

/* ---- making a register ---- */

static status ready_folder(const char *data, const char *root, struct report *report)
{
    char path[PATH_BYTES];
    char *key = root_path(data, root);
    if (key == NULL || snprintf(path, sizeof(path), "%s/registers", data) >= PATH_BYTES) {
        free(key);
        return fail(report, FAULT_LIMIT, "the path of the folder is too long");
    }
    status ready = dir_make(data, 0700, report);
    if (is_ok(ready))
        ready = dir_make(path, 0700, report);
    if (is_ok(ready) && !file_exists(key))
        ready = keys_root_create(world_real(), key, report);
    free(key);
    return ready;
}

static str text_or_none(const char *text)
{
    return text == NULL ? STR("") : str_from(text);
}

static status create(const char *data, const char *root, const struct vern_register *made,
                     char token[VERN_TOKEN_BYTES], struct report *report)
{
    if (data == NULL || data[0] == '\0' || made == NULL || made->name == NULL ||
        made->policy == NULL || token == NULL)
        return fail(report, FAULT_USAGE, "a register has a folder, a name and a policy");
    struct register_create wanted = {.name = str_from(made->name),
                                     .policy_file = STR("policy"),
                                     .policy = str_from(made->policy),
                                     .deployment_file = STR("deployment"),
                                     .deployment = text_or_none(made->deployment),
                                     .simulated = made->simulated != NULL,
                                     .start = world_now(world_real()),
                                     .strict = made->strict != 0};
    if (wanted.simulated && !instant_parse(str_from(made->simulated), &wanted.start))
        return fail(report, FAULT_USAGE, "a simulated clock begins at 2026-09-01T00:00:00Z");
    TRY(ready_folder(data, root, report));
    CLEANUP(vern_end) struct vern *vern = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(POLICY_ARENA);
    TRY(open_folder(data, root, report, &vern));
    struct problems problems = {.arena = arena};
    str text;
    status result = engine_register_create(vern->engine, &wanted, arena, &problems, report, &text);
    if (!is_ok(result) && problems.list.count > 0) {
        const struct problem *first = &problems.list.at[0];
        snprintf(report->text, sizeof(report->text), "%.*s:%u: %.*s", STR_ARG(first->file),
                 first->line, STR_ARG(first->text));
    }
    if (!is_ok(result))
        return result;
    if (text.len >= VERN_TOKEN_BYTES)
        return fail(report, FAULT_INTERNAL, "a token is longer than it may be");
    memcpy(token, text.ptr, text.len);
    token[text.len] = '\0';
    return OK;
}

enum vern_status vern_create(const char *data, const char *root, const struct vern_register *made,
                             char token[VERN_TOKEN_BYTES], struct vern_error *error)
{
    struct report report = {0};
    return told(error, &report, create(data, root, made, token, &report));
}

/* ---- a request ---- */

/* What came over a network would be refused before the table of routes sees it. */
static bool is_field(const char *text)
{
    for (size_t i = 0; text != NULL && text[i] != '\0'; i++) {
        if (i >= LIMIT_TARGET_BYTES || (unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    }
    return true;
}

static bool is_method(const char *method)
{
    size_t length = strlen(method);
    for (size_t i = 0; i < length; i++) {
        if (method[i] < 'A' || method[i] > 'Z')
            return false;
    }
    return length > 0 && length < 16;
}

static status check_request(const struct vern_request *request, struct report *report)
{
    if (request == NULL || request->method == NULL || request->path == NULL ||
        !is_method(request->method) || request->path[0] != '/')
        return fail(report, FAULT_USAGE, "a request has a method and a path that begins with /");
    if (strlen(request->path) > LIMIT_TARGET_BYTES || !http_target_valid(str_from(request->path)))
        return fail(report, FAULT_USAGE, "the path is too long or not percent-encoded");
    if (!is_field(request->token) || !is_field(request->type) || !is_field(request->controller) ||
        !is_field(request->human) || !is_field(request->idempotency_key))
        return fail(report, FAULT_USAGE, "a text of the request holds a control character");
    if (request->body == NULL && request->body_bytes > 0)
        return fail(report, FAULT_USAGE, "a body of that length is not there");
    return OK;
}

static void add_field(struct http_request *asked, struct http_field *fields, const char *name,
                      const char *value)
{
    if (value != NULL)
        fields[asked->field_count++] = (struct http_field){str_from(name), str_from(value)};
}

static void read_request(struct vern *vern, const struct vern_request *request,
                         struct http_field fields[FIELDS_MOST], struct http_request *asked)
{
    *asked = (struct http_request){.method = str_from(request->method),
                                   .query = STR(""),
                                   .host = STR("localhost"),
                                   .peer = "127.0.0.1",
                                   .arena = vern->arena,
                                   .fields = fields};
    str rest = str_from(request->path);
    (void)str_next(&rest, '?', &asked->path);
    if (rest.ptr != NULL)
        asked->query = rest;
    if (request->body_bytes > 0)
        asked->content_type = str_from(request->type == NULL ? "application/json" : request->type);
    if (request->token != NULL)
        asked->authorization = arena_format(vern->arena, "Bearer %s", request->token);
    if (request->idempotency_key != NULL)
        asked->idempotency_key = str_from(request->idempotency_key);
    add_field(asked, fields, "X-Vern-Controller", request->controller);
    add_field(asked, fields, "X-Vern-Human", request->human);
}

/* One turn of the loop that a server would have. Ticks bring what waits for one. */
static void turn(struct vern *vern, struct http_reply *reply)
{
    api_batch_end(vern->api);
    if (!vern->failed && !reply->whole && !reply->answered)
        api_tick(vern->api);
    if (!vern->failed && reply->answered && !reply->whole)
        local_go_on(reply);
}

static void give_body(struct vern *vern, const struct http_sink *sink, str body,
                      struct http_reply *reply)
{
    while (body.len > 0 && !vern->failed && !reply->answered) {
        if (!reply->paused) {
            size_t length = body.len < CHUNK_BYTES ? body.len : CHUNK_BYTES;
            sink->chunk(sink->self, reply, str_slice(body, 0, length));
            body = str_slice(body, length, body.len);
        }
        api_batch_end(vern->api);
    }
    if (!vern->failed && !reply->answered)
        sink->end(sink->self, reply);
}

static status serve(struct vern *vern, struct http_request *asked, str body,
                    struct http_reply *reply, struct report *report)
{
    struct http_admission admission = {.body_limit = LIMIT_BODY_BYTES};
    if (api_admit(vern->api, asked, reply, &admission)) {
        if (body.len > admission.body_limit)
            return fail(report, FAULT_LIMIT, "the body is larger than %llu bytes",
                        (unsigned long long)admission.body_limit);
        if (admission.sink.chunk != NULL) {
            give_body(vern, &admission.sink, body, reply);
        } else {
            asked->body = body;
            asked->found = admission.found;
            api_handle(vern->api, asked, reply);
        }
    }
    while (!vern->failed && !reply->whole)
        turn(vern, reply);
    if (!vern->failed)
        api_batch_end(vern->api);
    if (vern->failed)
        return not_answering(report);
    return reply->cut ? fail(report, FAULT_STORE, "the answer was cut off") : OK;
}

static status ask(struct vern *vern, const struct vern_request *request, struct http_reply *reply,
                  struct report *report)
{
    struct http_field fields[FIELDS_MOST];
    struct http_request asked;
    if (vern == NULL || vern->api == NULL)
        return fail(report, FAULT_USAGE, "no folder is open");
    if (vern->failed)
        return not_answering(report);
    TRY(check_request(request, report));
    read_request(vern, request, fields, &asked);
    str body = request->body == NULL ? STR("") : (str){request->body, request->body_bytes};
    return serve(vern, &asked, body, reply, report);
}

enum vern_status vern_ask(struct vern *vern, const struct vern_request *request,
                          struct vern_answer *answer, struct vern_error *error)
{
    struct report report = {0};
    struct http_reply reply = {0};
    *answer = (struct vern_answer){0};
    status result = ask(vern, request, &reply, &report);
    if (vern != NULL && vern->arena != NULL && !vern->failed)
        arena_reset(vern->arena);
    char *type = is_ok(result) ? strdup(reply.type) : NULL;
    if (type == NULL) {
        free(reply.bytes);
        return is_ok(result) ? VERN_BROKEN : told(error, &report, result);
    }
    *answer = (struct vern_answer){reply.code, type, reply.bytes, reply.length};
    return VERN_OK;
}

/* Both were allocated by vern_ask(); that they are shown as const is for the reader. */
static void let_go(const char **text)
{
    union {
        const char *shown;
        char *owned;
    } both = {*text};
    free(both.owned);
    *text = NULL;
}

void vern_answer_end(struct vern_answer *answer)
{
    if (answer == NULL)
        return;
    let_go(&answer->type);
    let_go(&answer->body);
    answer->body_bytes = 0;
}

enum vern_status vern_tick(struct vern *vern, struct vern_error *error)
{
    struct report report = {0};
    if (vern == NULL || vern->api == NULL)
        return told(error, &report, fail(&report, FAULT_USAGE, "no folder is open"));
    if (!vern->failed) {
        api_tick(vern->api);
        api_batch_end(vern->api);
    }
    return told(error, &report, vern->failed ? not_answering(&report) : OK);
}
