/* The server process, the registers, and how they are asked. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#ifdef VERN_POSTGRES
#include "postgres_server.h"
#endif
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenario.h"
#include "file.h"
#include "scratch.h"

enum {
    ARENA_BYTES = 1 << 30,
    TEXT_BYTES = 2 << 20,
    PATH_BYTES = 512,
    ANSWER_MS = 60000,
    FIRST_TOKEN_DAYS = 80, /* the first one lives for 90 */
    TOKEN_DAYS = 360       /* the others for 366 */
};

static const char *const policies[POLICIES] = {"confect", "cobuilder", "infobric", "cloudberries",
                                               "hosting"};
#define PUBLIC_URL "https://stopp.example.no"
static const char binary[] = VERN_BUILD "/vern";

/* What a failed test leaves behind: it jumps out of the scenario. */
static pid_t left_server;
static char left_dir[64];

/* ---- the cast ---- */

/* VERN_SCENARIO_POLICY=confect:FILE puts a mutant of a policy in its place (tests/mutation). */
static str policy_path(struct cast *cast, const char *policy, const char *ending)
{
    const char *instead = getenv("VERN_SCENARIO_POLICY");
    size_t length = strlen(policy);
    if (instead != NULL && strcmp(ending, ".yaml") == 0 && strncmp(instead, policy, length) == 0 &&
        instead[length] == ':')
        return str_from(instead + length + 1);
    return arena_format(cast->arena, "policies/%s%s", policy, ending);
}

static str read_policy(struct cast *cast, const char *policy, const char *ending)
{
    struct report report = {0};
    str text, path = policy_path(cast, policy, ending);
    if (!is_ok(
            file_read(arena_c_string(cast->arena, path), cast->arena, TEXT_BYTES, &report, &text)))
        fail_msg("%.*s: %s", STR_ARG(path), report.text);
    return text;
}

void cast_read(struct cast *cast, uint64_t seed)
{
    *cast = (struct cast){.arena = arena_new((size_t)ARENA_BYTES)};
    for (size_t i = 0; i < POLICIES; i++) {
        struct names *names = &cast->names[i];
        *names = (struct names){.arena = cast->arena, .state = seed == 0 ? 0 : seed + i * 7919};
        str text = read_policy(cast, policies[i], ".yaml");
        str deployment = read_policy(cast, policies[i], ".deploy.yaml");
        names_collect(names, text, deployment);
        cast->text[i] = names_rewrite(names, text);
        cast->deployment[i] = names_rewrite(names, deployment);
        cast->name[i] = names->policy_to;
    }
}

void cast_change(struct cast *cast, enum policy policy, const char *from, const char *to)
{
    str text = cast->text[policy];
    const char *there = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(there);
    size_t at = (size_t)(there - text.ptr);
    str rest = str_slice(text, at + strlen(from), text.len);
    assert_null(memmem(rest.ptr, rest.len, from, strlen(from)));
    cast->text[policy] =
        arena_format(cast->arena, "%.*s%s%.*s", (int)at, text.ptr, to, STR_ARG(rest));
}

/* ---- texts ---- */

static str name_in(struct stage *s, str inner)
{
    str section = STR(""), id = inner;
    const char *dot = memchr(inner.ptr, '.', inner.len);
    if (dot != NULL) {
        section = str_slice(inner, 0, (size_t)(dot - inner.ptr));
        id = str_slice(inner, section.len + 1, inner.len);
    }
    return names_find(&s->cast->names[s->policy], section, id);
}

static str with_names(struct stage *s, str text)
{
    struct buf out = buf_in(s->arena, TEXT_BYTES);
    for (size_t i = 0; i < text.len; i++) {
        const char *end = text.ptr[i] == '<' ? memchr(text.ptr + i, '>', text.len - i) : NULL;
        if (end == NULL) {
            buf_char(&out, text.ptr[i] == '\'' ? '"' : text.ptr[i]);
            continue;
        }
        size_t to = (size_t)(end - text.ptr);
        buf_add(&out, name_in(s, str_slice(text, i + 1, to)));
        i = to;
    }
    assert_false(out.full);
    return buf_str(&out);
}

str said(struct stage *s, const char *format, ...)
{
    static char text[1 << 16];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    assert_in_range(length, 0, sizeof(text) - 1);
    return with_names(s, (str){text, (size_t)length});
}

const char *said_text(struct stage *s, const char *text)
{
    return arena_c_string(s->arena, with_names(s, str_from(text)));
}

/* ---- time: an oracle of its own, in place of the zone table that is under test ---- */

static int64_t days_from_1970(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400, yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* The last Sunday of a month of 31 days. 1970-01-01 was a Thursday. */
static int64_t last_sunday(int year, int month)
{
    int64_t last = days_from_1970(year, month, 31);
    return last - (last + 4) % 7;
}

static int64_t utc_seconds(const char *local)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    int read = sscanf(local, "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second);
    if (read != 3 && read < 5)
        fail_msg("%s is no time", local);
    int64_t at = days_from_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    int64_t spring = last_sunday(year, 3) * 86400 + 3600,
            autumn = last_sunday(year, 10) * 86400 + 3600;
    bool summer = at - 7200 >= spring && at - 7200 < autumn;
    return at - (summer ? 7200 : 3600);
}

static const char *rfc3339(struct stage *s, int64_t seconds)
{
    struct buf buf = buf_in(s->arena, 64);
    buf_instant(&buf, (instant){seconds * 1000});
    return arena_c_string(s->arena, buf_str(&buf));
}

const char *utc(struct stage *s, const char *local)
{
    return rfc3339(s, utc_seconds(local));
}

/* ---- processes ---- */

extern char **environ;

static pid_t start_process(struct stage *s, const char *const *words, const char *output)
{
    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output,
                                                      O_WRONLY | O_CREAT | O_APPEND, 0600),
                     0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO), 0);
    char *list[24] = {NULL};
    for (size_t i = 0; words[i] != NULL; i++) {
        assert_true(i + 1 < LENGTH(list));
        list[i] = (char *)(uintptr_t)words[i];
    }
    pid_t pid;
    if (posix_spawnp(&pid, list[0], &actions, NULL, list, environ) != 0)
        fail_msg("line %d: %s does not start", s->line, list[0]);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static int wait_for(pid_t pid)
{
    int state;
    while (waitpid(pid, &state, 0) != pid) {
    }
    return state;
}

static int run(struct stage *s, const char *const *words)
{
    char output[PATH_BYTES];
    (void)snprintf(output, sizeof(output), "%s/printed", s->dir);
    (void)unlink(output);
    int state = wait_for(start_process(s, words, output));
    struct report report = {0};
    assert_true(is_ok(file_read(output, s->arena, TEXT_BYTES, &report, &s->body)));
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128;
}

int vern(struct stage *s, const char *const *words)
{
    const char *list[24] = {binary};
    for (size_t i = 0; words[i] != NULL; i++)
        list[i + 1] = words[i];
    return run(s, list);
}

void copy_tree(struct stage *s, const char *from, const char *to)
{
    const char *words[] = {"cp", "-a", from, to, NULL};
    assert_int_equal(run(s, words), 0);
}

void remove_tree(struct stage *s, const char *path)
{
    const char *words[] = {"rm", "-rf", path, NULL};
    assert_int_equal(wait_for(start_process(s, words, "/dev/null")), 0);
}

/* ---- the server ---- */

/* The port file comes whole, by a rename, once the server serves. Waits for that, or for its end.
 */
static void wait_for_file(struct stage *s, int watch)
{
    CLEANUP(fd_close) int process = (int)syscall(SYS_pidfd_open, s->server, 0);
    assert_true(process >= 0);
    struct pollfd either[] = {{.fd = watch, .events = POLLIN}, {.fd = process, .events = POLLIN}};
    while (poll(either, LENGTH(either), -1) < 0) {
    }
    char events[4096];
    if ((either[0].revents & POLLIN) != 0)
        assert_true(read(watch, events, sizeof(events)) > 0);
    if (either[1].revents == 0)
        return;
    (void)wait_for(s->server);
    left_server = 0;
    struct report report = {0};
    str text = STR("");
    (void)is_ok(file_read(s->output, s->arena, TEXT_BYTES, &report, &text));
    fail_msg("line %d: the server ended at its start: %.*s", s->line, STR_ARG(text));
}

static uint16_t read_port(struct stage *s, const char *path, int watch)
{
    for (;;) {
        unsigned port = 0;
        FILE *file = fopen(path, "r");
        if (file != NULL) {
            int read_one = fscanf(file, "%u", &port);
            fclose(file);
            if (read_one == 1)
                return (uint16_t)port;
        }
        wait_for_file(s, watch);
    }
}

static void connect_client(struct stage *s)
{
    struct report report = {0};
    if (!is_ok(http_client_open("127.0.0.1", s->port, ANSWER_MS, &report, &s->client)))
        fail_msg("line %d: %s", s->line, report.text);
}

void server_start(struct stage *s)
{
    char port[PATH_BYTES];
    (void)snprintf(port, sizeof(port), "%s/port", s->dir);
    (void)unlink(port);
    const char *words[15] = {binary,        "serve",    "--data",      s->data,        "--root",
                             s->root,       "--listen", "127.0.0.1:0", "--backup-dir", s->backups,
                             "--port-file", port,       NULL,          NULL,           NULL};
    words[12] = s->links ? "--public-url" : NULL;
    words[13] = PUBLIC_URL;
    CLEANUP(fd_close) int watch = inotify_init1(IN_CLOEXEC);
    assert_true(inotify_add_watch(watch, s->dir, IN_MOVED_TO) >= 0);
    s->server = left_server = start_process(s, words, s->output);
    s->port = read_port(s, port, watch);
    connect_client(s);
}

void stage_with_links(struct stage *s)
{
    server_stop(s);
    s->links = true;
    server_start(s);
}

void server_stop(struct stage *s)
{
    http_client_close(&s->client);
    assert_int_equal(kill(s->server, SIGTERM), 0);
    int state = wait_for(s->server);
    s->server = left_server = 0;
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        fail_msg("line %d: the server did not end well: %d", s->line, state);
}

void server_kill(struct stage *s)
{
    http_client_close(&s->client);
    assert_int_equal(kill(s->server, SIGKILL), 0);
    (void)wait_for(s->server);
    s->server = left_server = 0;
}

/* ---- asking ---- */

/* Every item and every request belongs to one company: the one that plays. */
static const char *const firms[POLICIES] = {
    [CONFECT] = "<controllers.confect>",      [COBUILDER] = "<controllers.cobuilder>",
    [INFOBRIC] = "<controllers.infobric_as>", [CLOUDBERRIES] = "<controllers.cloudberries>",
    [HOSTING] = "<controllers.hosting>",
};

static void call_server(struct stage *s, const struct http_call *call)
{
    struct http_response response;
    struct report report = {0};
    if (!is_ok(http_client_call(s->client, call, s->arena, &report, &response)))
        fail_msg("line %d: %s %.*s: %s", s->line, call->method, STR_ARG(call->target), report.text);
    s->code = response.code;
    s->body = response.body;
    s->json = NULL;
    struct report odd = {0};
    bool lines = memmem(response.body.ptr, response.body.len, "}\n{", 3) != NULL; /* NDJSON */
    if (response.body.len > 0 && response.body.ptr[0] == '{' && !lines &&
        !is_ok(json_parse(s->arena, response.body, &odd, &s->json)))
        fail_msg("line %d: an answer is no JSON: %s", s->line, odd.text);
}

void visit(struct stage *s, const char *method, str address, str form)
{
    str base = STR(PUBLIC_URL);
    if (str_starts(address, base))
        address = str_slice(address, base.len, address.len);
    struct http_call call = {.method = method,
                             .target = address,
                             .content_type =
                                 form.len > 0 ? STR("application/x-www-form-urlencoded") : STR(""),
                             .body = form};
    call_server(s, &call);
}

static void ask_as(struct stage *s, size_t who, const char *method, str path, str type, str body)
{
    assert_true(who < s->who_count);
    str company = STR("");
    if (s->company != NULL)
        company = with_names(s, str_from(s->company));
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(s->arena, "Bearer %.*s", STR_ARG(s->who[who].token))},
        {STR("X-Vern-Controller"), company}};
    struct http_call call = {.method = method,
                             .target = path,
                             .fields = fields,
                             .field_count = company.len > 0 ? 2 : 1,
                             .content_type = body.len > 0 ? type : STR(""),
                             .body = body};
    call_server(s, &call);
}

void ask(struct stage *s, size_t who, const char *method, str path, str body)
{
    ask_as(s, who, method, path, STR("application/json"), body);
}

void put_bytes(struct stage *s, size_t who, str path, str bytes)
{
    ask_as(s, who, "PUT", path, STR("application/octet-stream"), bytes);
}

void import_line(struct stage *s, str line)
{
    ask_as(s, 0, "POST", STR("/v1/import"), STR("application/x-ndjson"),
           arena_format(s->arena, "%.*s\n", STR_ARG(line)));
}

void must_be(struct stage *s, int code)
{
    if (code == 0 ? s->code < 200 || s->code > 299 : s->code != code)
        fail_msg("line %d: wanted %d, got %d: %.*s", s->line, code, s->code, STR_ARG(s->body));
}

str got(struct stage *s, const char *member)
{
    str text;
    if (!json_str(json_get(s->json, member), &text))
        fail_msg("line %d: the answer has no %s: %.*s", s->line, member, STR_ARG(s->body));
    return text;
}

const struct json *got_json(struct stage *s, const char *member)
{
    const struct json *json = json_get(s->json, member);
    if (json == NULL)
        fail_msg("line %d: the answer has no %s: %.*s", s->line, member, STR_ARG(s->body));
    return json;
}

static bool list_has(const struct json *list, str wanted)
{
    str text;
    if (list == NULL)
        return false;
    for (JSON_EACH(one, list)) {
        if (json_str(one, &text) && str_equal(text, wanted))
            return true;
    }
    return false;
}

/* The reason of a refusal: the problem document itself, or that of the only item of a reply. */
static const struct json *reason_in(struct stage *s)
{
    if (s->code == 403)
        return s->json;
    const struct json *items = json_get(s->json, "items");
    if (s->code == 200 && items != NULL && items->count == 1)
        return json_get(items->child, "refused");
    return NULL;
}

static const struct json *refusal(struct stage *s)
{
    const struct json *reason = reason_in(s);
    if (json_get(reason, "rule") == NULL)
        fail_msg("line %d: wanted a refusal, got %d: %.*s", s->line, s->code, STR_ARG(s->body));
    return reason;
}

void must_refuse(struct stage *s, const char *id, const char *lacks)
{
    const struct json *reason = refusal(s);
    if (!list_has(json_get(reason, "ids"), str_from(id)))
        fail_msg("line %d: wanted %s: %.*s", s->line, id, STR_ARG(s->body));
    if (lacks != NULL && !list_has(json_get(reason, "lacks"), str_from(N(s, lacks))))
        fail_msg("line %d: wanted %s to lack: %.*s", s->line, lacks, STR_ARG(s->body));
}

void must_refuse_by(struct stage *s, const char *rule)
{
    str there;
    if (!json_str(json_get(refusal(s), "rule"), &there) || !str_is(there, N(s, rule)))
        fail_msg("line %d: wanted %s: %.*s", s->line, N(s, rule), STR_ARG(s->body));
}

/* ---- opening ---- */

static const char *in_dir(struct stage *s, const char *leaf, str name, const char *ending)
{
    return arena_c_string(
        s->arena, arena_format(s->arena, "%s/%s%.*s%s", s->dir, leaf, STR_ARG(name), ending));
}

static void write_file(struct stage *s, const char *path, str text)
{
    struct report report = {0};
    struct file_change change = {world_real(), "test", path};
    if (!is_ok(file_write_durable(&change, text, 0600, &report)))
        fail_msg("%s: %s (line %d)", path, report.text, s->line);
}

/* NULL: in files. Under tests/with_postgres.c a stage has a database of its own. */
static const char *database_of(struct stage *s)
{
#ifdef VERN_POSTGRES
    if (s->database[0] == '\0' && getenv("VERN_TEST_DATABASE") != NULL)
        postgres_database_make(getenv("VERN_TEST_DATABASE"), strrchr(s->dir, '/') + 1, s->database);
#endif
    return s->database[0] == '\0' ? NULL : s->database;
}

static void init_register(struct stage *s, enum policy policy, const char *start)
{
    str name = s->cast->name[policy];
    const char *text = in_dir(s, "", name, ".yaml"), *deploy = in_dir(s, "", name, ".deploy.yaml");
    write_file(s, text, s->cast->text[policy]);
    write_file(s, deploy, s->cast->deployment[policy]);
    const char *words[] = {"init",
                           "--data",
                           s->data,
                           "--root",
                           s->root,
                           "--register",
                           arena_c_string(s->arena, name),
                           "--policy",
                           text,
                           "--deployment",
                           deploy,
                           "--clock",
                           "simulated",
                           "--start",
                           utc(s, start),
                           "--token-file",
                           in_dir(s, "", name, ".token"),
                           database_of(s) == NULL ? NULL : "--database",
                           database_of(s),
                           NULL};
    if (vern(s, words) != 0)
        fail_msg("%.*s: %.*s", STR_ARG(name), STR_ARG(s->body));
}

void stage_open(struct stage *s, const struct cast *cast, enum policy policy, const char *start)
{
    *s = (struct stage){.cast = cast, .policy = policy, .arena = arena_new((size_t)ARENA_BYTES)};
    (void)snprintf(s->dir, sizeof(s->dir), "%s/vern-scenario-XXXXXX", scratch_folder());
    assert_non_null(mkdtemp(s->dir));
    memcpy(left_dir, s->dir, sizeof(left_dir));
    (void)snprintf(s->data, sizeof(s->data), "%s/data", s->dir);
    (void)snprintf(s->root, sizeof(s->root), "%s/root.key", s->dir);
    (void)snprintf(s->backups, sizeof(s->backups), "%s/backups", s->dir);
    (void)snprintf(s->output, sizeof(s->output), "%s/server.log", s->dir);
    struct report report = {0};
    assert_true(is_ok(dir_make(s->backups, 0700, &report)));
    for (size_t i = 0; i < POLICIES; i++)
        init_register(s, (enum policy)i, start);
    str token;
    assert_true(is_ok(file_read(in_dir(s, "", cast->name[policy], ".token"), s->arena, PATH_BYTES,
                                &report, &token)));
    s->who[0] =
        (struct who){.token = str_trim(token), .name = STR("application"), .scopes = STR("'all'")};
    s->who_count = 1;
    s->company = firms[policy];
    s->tokens_end = utc_seconds(start) + (int64_t)FIRST_TOKEN_DAYS * 86400;
    server_start(s);
}

void stage_close(struct stage *s)
{
    server_stop(s);
    remove_tree(s, s->dir);
    left_dir[0] = '\0';
    arena_free(&s->arena);
}

int stage_abandon(void **state)
{
    (void)state;
    struct stage nothing = {0};
    if (left_server != 0) {
        (void)kill(left_server, SIGKILL);
        (void)wait_for(left_server);
    }
    if (left_dir[0] != '\0')
        remove_tree(&nothing, left_dir);
    left_server = 0;
    left_dir[0] = '\0';
    return 0;
}

/* ---- tokens live for a year at most, scenarios for sixty: they are made anew on the way ---- */

static void make_token(struct stage *s, struct who *who)
{
    str staff = who->staff.len == 0
                    ? STR("")
                    : arena_format(s->arena, ",'staff':'%.*s'", STR_ARG(who->staff));
    ask(s, 0, "POST", STR("/v1/tokens"),
        said(s, "{'name':'%.*s','scopes':[%.*s],'days':366%.*s}", STR_ARG(who->name),
             STR_ARG(who->scopes), STR_ARG(staff)));
    IS(s, 201);
    who->token = got(s, "token");
}

size_t hire(struct stage *s, const char *role)
{
    assert_true(s->who_count < WHO_MOST);
    ask(s, 0, "POST", STR("/v1/staff"), said(s, "{'role':'%s','name':'Employee %s'}", role, role));
    IS(s, 201);
    struct who *who = &s->who[s->who_count];
    *who = (struct who){.name = STR("desk"),
                        .scopes = STR("'collect','read','record','rights','share','officer'"),
                        .staff = got(s, "id")};
    make_token(s, who);
    return s->who_count++;
}

static void clock_at(struct stage *s, const char *when)
{
    ask(s, 0, "POST", STR("/v1/clock"), said(s, "{'to':'%s'}", when));
    IS(s, 200);
    bool braked = false;
    (void)json_bool(json_get(s->json, "braked"), &braked);
    assert_false(braked);
}

void clock_to(struct stage *s, const char *local)
{
    int64_t to = utc_seconds(local);
    while (to > s->tokens_end) {
        int64_t at = s->tokens_end;
        clock_at(s, rfc3339(s, at));
        for (size_t i = s->who_count; i-- > 0;) /* the application's last: it makes the others */
            make_token(s, &s->who[i]);
        s->tokens_end = at + (int64_t)TOKEN_DAYS * 86400;
    }
    clock_at(s, rfc3339(s, to));
}

/* ---- steps ---- */

const struct json *last_entry(struct stage *s, str person, const char *action)
{
    ask(s, 0, "GET", said(s, "/v1/subjects/%.*s", STR_ARG(person)), STR(""));
    IS(s, 200);
    ask(s, 0, "POST", STR("/v1/history"),
        said(s, "{'reference':'%.*s'}", STR_ARG(got(s, "reference"))));
    IS(s, 200);
    const struct json *last = NULL;
    for (JSON_EACH(one, got_json(s, "entries"))) {
        str text;
        const struct json *entry = json_get(one, "entry");
        if (json_str(json_get(entry, "ac"), &text) && str_is(text, action))
            last = entry;
    }
    if (last == NULL)
        fail_msg("line %d: the log has no %s: %.*s", s->line, action, STR_ARG(s->body));
    return last;
}

str create_person(struct stage *s, const char *number, const char *roles)
{
    ask(s, 0, "POST", STR("/v1/subjects"),
        said(s, "{'identifiers':[{'kind':'number','value':'%s'}],'roles':[%s]}", number, roles));
    IS(s, 201);
    return got(s, "id");
}

static str matter_member(struct stage *s, str matter)
{
    return matter.len == 0 ? STR("") : arena_format(s->arena, ",'matter':'%.*s'", STR_ARG(matter));
}

void collect(struct stage *s, str person, const char *intake, const char *source, str matter,
             const char *values)
{
    /* Whatever is not required, the form called optional. */
    str named = said(s, "{%s}", values);
    const struct json *json;
    struct report report = {0};
    if (!is_ok(json_parse(s->arena, named, &report, &json)))
        fail_msg("line %d: %s", s->line, report.text);
    struct buf optional = buf_in(s->arena, TEXT_BYTES);
    for (JSON_EACH(one, json))
        buf_format(&optional, "%s\"%.*s\"", optional.len == 0 ? "" : ",", STR_ARG(one->name));
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        said(s,
             "{'intake':'%s','source':'%s','controller':'%s','values':%.*s,'optional':[%.*s]%.*s}",
             intake, source, firms[s->policy], STR_ARG(named), STR_ARG(buf_str(&optional)),
             STR_ARG(matter_member(s, matter))));
}

str item_of(struct stage *s, const char *field)
{
    str name = str_from(N(s, field)), there, id;
    for (JSON_EACH(one, got_json(s, "items"))) {
        if (json_str(json_get(one, "field"), &there) && str_equal(there, name) &&
            json_str(json_get(one, "id"), &id))
            return id;
    }
    fail_msg("line %d: no %.*s was stored: %.*s", s->line, STR_ARG(name), STR_ARG(s->body));
    return STR("");
}

void happen(struct stage *s, str person, const char *event, str matter)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/events", STR_ARG(person)),
        said(s, "{'event':'%s','by_subject':true%.*s}", event, STR_ARG(matter_member(s, matter))));
    DONE(s);
}

void weigh(struct stage *s, const char *purpose)
{
    ask(s, 0, "POST", STR("/v1/evidence"), said(s, "{'type':'balancing','purpose':'%s'}", purpose));
    DONE(s);
}

static void read_item(struct stage *s, size_t who, str person, str item, const char *purpose)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(person)),
        said(s, "{'purpose':'%s','items':['%.*s']}", purpose, STR_ARG(item)));
}

void read_is(struct stage *s, size_t who, str person, str item, const char *purpose,
             const char *value)
{
    read_item(s, who, person, item, purpose);
    IS(s, 200);
    const struct json *one = got_json(s, "items")->child;
    str there;
    if (!json_str(json_get(one, "value"), &there) || !str_is(there, value))
        fail_msg("line %d: wanted %s: %.*s", s->line, value, STR_ARG(s->body));
}

void read_no(struct stage *s, size_t who, str person, str item, const char *purpose, const char *id)
{
    read_item(s, who, person, item, purpose);
    must_refuse(s, id, NULL);
}

void found_is(struct stage *s, const char *field, const char *value, size_t count)
{
    ask(s, 0, "POST", STR("/v1/subjects/find"),
        said(s, "{'kind':'%s','value':'%s'}", field, value));
    IS(s, 200);
    if (got_json(s, "ids")->count != count)
        fail_msg("line %d: %s leads to %zu people, not %zu", s->line, value,
                 got_json(s, "ids")->count, count);
}

static void not_said(struct stage *s, str text, const char *where)
{
    if (memmem(s->body.ptr, s->body.len, text.ptr, text.len) != NULL)
        fail_msg("line %d: %.*s is still in %s: %.*s", s->line, STR_ARG(text), where,
                 STR_ARG(s->body));
}

void gone(struct stage *s, size_t who, str person, str item, const char *purpose)
{
    str subject = said(s, "/v1/subjects/%.*s", STR_ARG(person));
    read_item(s, who, person, item, purpose);
    if (s->code != 403 && s->code != 404 && s->code != 410)
        fail_msg("line %d: a gone item is read: %d %.*s", s->line, s->code, STR_ARG(s->body));
    ask(s, 0, "GET", subject, STR(""));
    if (s->code != 404 && s->code != 410)
        IS(s, 200);
    not_said(s, item, "what is shown");
    ask(s, 0, "POST", said(s, "%.*s/access", STR_ARG(subject)), STR("{\"by_subject\":true}"));
    if (s->code != 404 && s->code != 410)
        IS(s, 200);
    not_said(s, item, "the access answer");
    ask(s, 0, "POST", said(s, "%.*s/portability", STR_ARG(subject)), STR("{\"by_subject\":true}"));
    if (s->code != 404 && s->code != 410)
        IS(s, 200);
    not_said(s, item, "the portable copy");
    ask(s, 0, "GET", STR("/v1/forecast?days=365"), STR(""));
    IS(s, 200);
    not_said(s, item, "the forecast");
}

/* ---- looking inside ---- */

static void search_file(struct stage *s, const char *path, const char *value)
{
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)256 << 20);
    struct report report = {0};
    str bytes;
    if (!is_ok(file_read(path, arena, (size_t)200 << 20, &report, &bytes)))
        fail_msg("%s: %s", path, report.text);
    if (memmem(bytes.ptr, bytes.len, value, strlen(value)) != NULL)
        fail_msg("line %d: %s stands in clear in %s", s->line, value, path);
}

static size_t search_tree(struct stage *s, const char *path, const char *value)
{
    struct stat about;
    assert_int_equal(lstat(path, &about), 0);
    if (!S_ISDIR(about.st_mode)) {
        search_file(s, path, value);
        return 1;
    }
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t files = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char inner[PATH_BYTES];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        assert_true(snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name) < PATH_BYTES);
        files += search_tree(s, inner, value);
    }
    closedir(dir);
    return files;
}

#ifdef VERN_POSTGRES
/* Of "data.db" in the schema vern_NAME_data. */
static int count_in_postgres(struct stage *s, const char *file, const char *sql,
                             const unsigned char id[ID_BYTES])
{
    str schema = arena_format(s->arena, "vern_%.*s_%.4s", STR_ARG(s->cast->name[s->policy]), file);
    return (int)postgres_count(s->database, arena_c_string(s->arena, schema), sql, id, ID_BYTES);
}
#endif

static int count_rows(struct stage *s, const char *file, const char *sql, str person)
{
    unsigned char id[ID_BYTES];
    assert_true(id_parse(person, id));
#ifdef VERN_POSTGRES
    if (s->database[0] != '\0')
        return count_in_postgres(s, file, sql, id);
#endif
    str path = arena_format(s->arena, "%s/registers/%.*s/%s", s->data,
                            STR_ARG(s->cast->name[s->policy]), file);
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(
        sqlite3_open_v2(arena_c_string(s->arena, path), &db, SQLITE_OPEN_READWRITE, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_blob(statement, 1, id, ID_BYTES, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static void count_is(struct stage *s, const char *file, const char *sql, str person, int wanted)
{
    int count = count_rows(s, file, sql, person);
    if (count != wanted)
        fail_msg("line %d: %s gives %d, not %d", s->line, sql, count, wanted);
}

void look_at_files(struct stage *s, str person, const char *value, int dossiers, int items)
{
    if (search_tree(s, s->dir, value) < POLICIES)
        fail_msg("line %d: nothing was searched", s->line);
    count_is(s, "data.db", "SELECT count(*) FROM dossier WHERE subject = ?1", person, dossiers);
    count_is(s, "data.db", "SELECT count(*) FROM item WHERE subject = ?1", person, items);
    if (items == 0)
        count_is(s, "data.db", "SELECT count(*) FROM chunk WHERE subject = ?1", person, 0);
    if (dossiers == 0) {
        count_is(s, "data.db", "SELECT count(*) FROM live WHERE subject = ?1", person, 0);
        count_is(s, "data.db", "SELECT count(*) FROM due WHERE subject = ?1", person, 0);
        count_is(s, "keys.db", "SELECT count(*) FROM blind WHERE subject = ?1", person, 0);
        count_is(
            s, "keys.db",
            "SELECT count(*) FROM ring WHERE subject = ?1 AND sealed <> zeroblob(length(sealed))",
            person, 0);
    }
}

void look_inside(struct stage *s, str person, const char *value, int dossiers, int items)
{
    server_stop(s);
    const char *words[] = {"doctor", "--data", s->data, "--root", s->root, NULL};
    if (vern(s, words) != 0)
        fail_msg("line %d: the doctor says: %.*s", s->line, STR_ARG(s->body));
    look_at_files(s, person, value, dossiers, items);
    server_start(s);
}
