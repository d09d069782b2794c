#include "process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#ifdef VERN_POSTGRES
#include "postgres_server.h"
#endif

enum {
    ARENA_BYTES = 1 << 30,
    ANSWER_MS = 60000,
    READ_STEP = 4096,
    RAW_BYTES = 64 << 10,
    WAITING_BYTES = 1 << 20
};

extern char **environ;
static const char binary[] = VERN_BUILD "/vern";

/* ---- processes ---- */

static pid_t start(const char *const *words, int output)
{
    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO), 0);
    char *list[24] = {NULL};
    for (size_t i = 0; words[i] != NULL; i++) {
        assert_true(i + 1 < LENGTH(list));
        list[i] = (char *)(uintptr_t)words[i];
    }
    pid_t pid;
    if (posix_spawn(&pid, list[0], &actions, NULL, list, environ) != 0)
        fail_msg("%s does not start", list[0]);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static int end_of(pid_t pid)
{
    int state;
    while (waitpid(pid, &state, 0) != pid) {
    }
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

/* NULL: in files. Under tests/with_postgres.c each process has a database of its own. */
static const char *database_of(struct process *p)
{
#ifdef VERN_POSTGRES
    if (p->database[0] == '\0' && getenv("VERN_TEST_DATABASE") != NULL)
        postgres_database_make(getenv("VERN_TEST_DATABASE"), strrchr(p->dir, '/') + 1, p->database);
#endif
    return p->database[0] == '\0' ? NULL : p->database;
}

static str create_register(struct process *p, const char *name, const char *policy)
{
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/%s.token", p->dir, name);
    const char *database = database_of(p);
    const char *words[] = {binary,
                           "init",
                           "--data",
                           p->data,
                           "--root",
                           p->root,
                           "--register",
                           name,
                           "--policy",
                           policy,
                           "--clock",
                           "simulated",
                           "--start",
                           "2026-03-01T09:00:00Z",
                           "--token-file",
                           path,
                           database == NULL ? NULL : "--database",
                           database,
                           getenv("VERN_TEST_SERVERS") == NULL ? NULL : "--servers",
                           NULL};
    char printed[160];
    (void)snprintf(printed, sizeof(printed), "%s/%s.printed", p->dir, name);
    int output = open(printed, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(output >= 0);
    int code = end_of(start(words, output));
    close(output);
    struct report report = {0};
    str text;
    assert_true(is_ok(file_read(printed, p->arena, RAW_BYTES, &report, &text)));
    if (code != 0)
        fail_msg("init %s: %d: %.*s", name, code, STR_ARG(text));
    assert_true(is_ok(file_read(path, p->arena, RAW_BYTES, &report, &text)));
    return str_trim(text);
}

/* Servers that a failed test left behind end with the test program. */
static pid_t running[8];

static void end_running(void)
{
    for (size_t i = 0; i < LENGTH(running); i++) {
        if (running[i] > 0)
            (void)kill(running[i], SIGKILL);
    }
}

/* Puts `now` where `before_` stood; 0 is an empty place. */
static void note_running(pid_t before_, pid_t now)
{
    static bool told;
    if (!told)
        assert_int_equal(atexit(end_running), 0);
    told = true;
    for (size_t i = 0; i < LENGTH(running); i++) {
        if (running[i] == before_) {
            running[i] = now;
            return;
        }
    }
}

/* ---- the server's log ---- */

static bool take_log(struct process *p)
{
    char room[READ_STEP];
    ssize_t count = read(p->errors, room, sizeof(room));
    if (count < 0 && errno == EINTR)
        return true;
    if (count <= 0)
        return false;
    pthread_mutex_lock(&p->lock);
    if (p->log_len + (size_t)count >= p->log_room) {
        p->log_room = 2 * (p->log_len + (size_t)count);
        p->log = realloc(p->log, p->log_room);
        assert(p->log != NULL);
    }
    memcpy(p->log + p->log_len, room, (size_t)count);
    p->log_len += (size_t)count;
    p->log[p->log_len] = '\0';
    pthread_mutex_unlock(&p->lock);
    return true;
}

static void *drain(void *self)
{
    while (take_log(self)) {
    }
    return NULL;
}

/* {..."event":"serving","port":"8787",...} */
static uint16_t read_port(struct process *p)
{
    static const str mark = {"\"port\":\"", 8};
    do {
        const char *at = p->log == NULL ? NULL : memmem(p->log, p->log_len, mark.ptr, mark.len);
        if (at == NULL || memchr(at, '\n', p->log_len - (size_t)(at - p->log)) == NULL)
            continue;
        str rest = {at + mark.len, p->log_len - (size_t)(at - p->log) - mark.len}, number;
        uint64_t port = 0;
        assert_true(str_next(&rest, '"', &number) && str_to_u64(number, &port) && port < 65536);
        return (uint16_t)port;
    } while (take_log(p));
    fail_msg("the server does not start: %.*s", (int)p->log_len, p->log);
}

static void configure(const struct process *p, const char *settings)
{
    char config[160], backups[160];
    (void)snprintf(config, sizeof(config), "%s/vern.conf", p->dir);
    (void)snprintf(backups, sizeof(backups), "%s/backups", p->dir);
    assert_int_equal(mkdir(backups, 0700), 0);
    FILE *file = fopen(config, "w");
    assert_non_null(file);
    fprintf(file, "%s", settings == NULL ? "" : settings);
    assert_int_equal(fclose(file), 0);
}

void process_spawn(struct process *p)
{
    char config[160], backups[160];
    (void)snprintf(config, sizeof(config), "%s/vern.conf", p->dir);
    (void)snprintf(backups, sizeof(backups), "%s/backups", p->dir);
    char listen_at[32];
    (void)snprintf(listen_at, sizeof(listen_at), "127.0.0.1:%u", p->listen);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const char *words[] = {binary,     "serve",        "--data", p->data,    "--root",
                           p->root,    "--backup-dir", backups,  "--listen", listen_at,
                           "--config", config,         NULL};
    p->server = start(words, ends[1]);
    note_running(0, p->server);
    close(ends[1]);
    p->errors = ends[0];
}

void process_await(struct process *p)
{
    p->port = read_port(p);
    assert_int_equal(pthread_create(&p->drain, NULL, drain, p), 0);
    struct report report = {0};
    if (!is_ok(http_client_open("127.0.0.1", p->port, ANSWER_MS, &report, &p->client)))
        fail_msg("%s", report.text);
}

void process_start(struct process *p)
{
    process_spawn(p);
    process_await(p);
}

static void process_make(struct process *p, const char *folder)
{
    memset(p, 0, sizeof(*p));
    p->arena = arena_new(ARENA_BYTES);
    pthread_mutex_init(&p->lock, NULL);
    (void)snprintf(p->dir, sizeof(p->dir), "%s/vern-process-XXXXXX", folder);
    assert_non_null(mkdtemp(p->dir));
}

static void make_beside(struct process *p, const struct process *first, const char *folder)
{
    process_make(p, folder);
    (void)snprintf(p->data, sizeof(p->data), "%s", first->data);
    (void)snprintf(p->root, sizeof(p->root), "%s", first->root);
    memcpy(p->database, first->database, sizeof(p->database));
    p->token = first->token;
    p->other = first->other;
}

void process_beside(struct process *p, const struct process *first, const char *folder,
                    uint16_t listen, const char *settings)
{
    make_beside(p, first, folder);
    p->listen = listen;
    configure(p, settings);
}

static bool are_two(void)
{
    return getenv("VERN_TEST_TOGETHER") != NULL;
}

str process_settings(struct process *p, const char *settings)
{
    const char *own = settings == NULL ? "" : settings;
    return are_two()
               ? arena_format(p->arena, "%s\nlog_dir = %s/logs\ntogether = yes\n", own, p->dir)
               : str_from(own);
}

static void configure_form(struct process *p, const char *settings)
{
    configure(p, arena_c_string(p->arena, process_settings(p, settings)));
}

static void open_beside(struct process *p, const char *folder, const char *settings)
{
    p->beside = calloc(1, sizeof(*p->beside));
    assert_non_null(p->beside);
    make_beside(p->beside, p, folder);
    configure_form(p->beside, settings);
    process_start(p->beside);
}

void process_open_in(struct process *p, const char *folder, const char *policy,
                     const char *settings)
{
    process_make(p, folder);
    (void)snprintf(p->data, sizeof(p->data), "%s/data", p->dir);
    (void)snprintf(p->root, sizeof(p->root), "%s/root.key", p->dir);
    p->token = create_register(p, "shop", policy);
    p->other = create_register(p, "other", policy);
    configure_form(p, settings);
    process_start(p);
    if (are_two())
        open_beside(p, folder, settings);
}

void process_open_under(struct process *p, const char *policy, const char *settings)
{
    process_open_in(p, "/tmp", policy, settings);
}

void process_open(struct process *p, const char *settings)
{
    process_open_under(p, "policies/example.yaml", settings);
}

bool process_runs(const struct process *p)
{
    int state;
    return waitpid(p->server, &state, WNOHANG) == 0;
}

/* No process is 0: a signal to it would go to whoever runs the tests. */
static void must_run(const struct process *p)
{
    if (p->server <= 0)
        fail_msg("no server was started");
}

void process_end(struct process *p)
{
    must_run(p);
    if (p->beside != NULL)
        process_close(p->beside);
    free(p->beside);
    p->beside = NULL;
    http_client_close(&p->client);
    assert_int_equal(kill(p->server, SIGTERM), 0);
    int code = end_of(p->server);
    note_running(p->server, 0);
    pthread_join(p->drain, NULL);
    close(p->errors);
    if (code != 0)
        fail_msg("the server ended with %d: %.*s", code, (int)p->log_len, p->log);
}

static void forget_server(struct process *p)
{
    http_client_close(&p->client);
    note_running(p->server, 0);
    pthread_join(p->drain, NULL);
    close(p->errors);
    free(p->log);
    p->log = NULL;
    p->log_len = p->log_room = 0;
}

void process_kill(struct process *p)
{
    must_run(p);
    assert_int_equal(kill(p->server, SIGKILL), 0);
    assert_int_equal(end_of(p->server), 128 + SIGKILL);
    forget_server(p);
}

bool process_ended(struct process *p)
{
    if (process_runs(p))
        return false;
    forget_server(p);
    p->server = 0;
    return true;
}

void process_kill_starting(struct process *p)
{
    must_run(p);
    assert_int_equal(kill(p->server, SIGKILL), 0);
    assert_int_equal(end_of(p->server), 128 + SIGKILL);
    note_running(p->server, 0);
    close(p->errors);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void process_remove(struct process *p)
{
    nftw(p->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(&p->arena);
    free(p->log);
    pthread_mutex_destroy(&p->lock);
}

void process_close(struct process *p)
{
    process_end(p);
    process_remove(p);
}

/* ---- asking ---- */

struct answer ask_with(struct process *p, const char *method, str target, const char *media,
                       str body, const struct http_field *fields, size_t count)
{
    struct report report = {0};
    struct http_call call = {.method = method,
                             .target = target,
                             .fields = fields,
                             .field_count = count,
                             .content_type = str_from(media),
                             .body = body};
    struct answer answer = {0};
    bool second = p->beside != NULL && !p->alone && p->asked++ % 2 == 1;
    struct process *at = second ? p->beside : p;
    status asked = http_client_call(at->client, &call, p->arena, &report, &answer.response);
    if (!is_ok(asked))
        fail_msg("%s %.*s: %s", method, STR_ARG(target), report.text);
    answer.code = answer.response.code;
    answer.text = answer.response.body;
    answer.media = answer.response.content_type;
    struct report none = {0};
    if (!is_ok(json_parse(p->arena, answer.text, &none, &answer.json)))
        answer.json = NULL;
    return answer;
}

struct answer ask(struct process *p, str token, const char *method, str target, str body)
{
    struct http_field field = {STR("Authorization"),
                               arena_format(p->arena, "Bearer %.*s", STR_ARG(token))};
    return ask_with(p, method, target, body.len == 0 ? "" : "application/json", body, &field, 1);
}

struct answer post(struct process *p, const char *target, const char *body)
{
    return ask(p, p->token, "POST", str_from(target), str_from(body));
}

struct answer post_subject(struct process *p, str id, const char *verb, const char *body)
{
    return ask(p, p->token, "POST",
               arena_format(p->arena, "/v1/subjects/%.*s/%s", STR_ARG(id), verb), str_from(body));
}

void expect(const struct answer *answer, int code)
{
    if (answer->code != code)
        fail_msg("%d instead of %d: %.*s", answer->code, code, STR_ARG(answer->text));
}

void expect_problem(const struct answer *answer, int code, const char *type)
{
    expect(answer, code);
    if (!str_is(text_of(answer, "type"), type))
        fail_msg("not %s: %.*s", type, STR_ARG(answer->text));
    assert_true(str_is(answer->media, "application/problem+json"));
    assert_int_equal(number_of(answer, "status"), code);
}

str text_of(const struct answer *answer, const char *member)
{
    str text = STR("");
    if (!json_str(json_get(answer->json, member), &text))
        fail_msg("no text %s in %.*s", member, STR_ARG(answer->text));
    return text;
}

int64_t number_of(const struct answer *answer, const char *member)
{
    int64_t number = -1;
    if (!json_i64(json_get(answer->json, member), &number))
        fail_msg("no number %s in %.*s", member, STR_ARG(answer->text));
    return number;
}

int64_t log_size(struct process *p, str token)
{
    struct answer answer = ask(p, token, "GET", STR("/v1/register"), STR(""));
    expect(&answer, 200);
    return number_of(&answer, "log_size");
}

str new_token(struct process *p, const char *members)
{
    str body = arena_format(p->arena, "{\"name\":\"test\",%s}", members);
    struct answer answer = ask(p, p->token, "POST", STR("/v1/tokens"), body);
    expect(&answer, 201);
    return text_of(&answer, "token");
}

bool holds(str text, str part)
{
    return memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* ---- the files ---- */

static struct search {
    uint64_t digest;
    str bytes; /* empty: nothing is searched for */
    size_t found;
} search;

static void look_into(const char *path, str text)
{
    if (search.bytes.len == 0) {
        for (size_t i = 0; i < text.len; i++)
            search.digest = (search.digest ^ (unsigned char)text.ptr[i]) * 1099511628211u;
    } else if (holds(text, search.bytes)) {
        print_error("%s holds %.*s\n", path, STR_ARG(search.bytes));
        search.found++;
    }
}

static int look_at(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)walk;
    if (kind != FTW_F || str_ends(str_from(path), STR("-shm")))
        return 0;
    for (const char *c = path; *c != '\0'; c++)
        search.digest = (search.digest ^ (unsigned char)*c) * 1099511628211u;
    if (info->st_size == 0)
        return 0;
    size_t size = (size_t)info->st_size;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    assert_true(bytes != MAP_FAILED);
    look_into(path, (str){bytes, size});
    munmap(bytes, size);
    close(file);
    return 0;
}

/* The second line of a checkpoint is the size that it signs. */
static bool is_signed(struct process *p, str token)
{
    struct answer note = ask(p, token, "GET", STR("/v1/log/checkpoint"), STR(""));
    str rest = note.text, line;
    uint64_t size = 0;
    expect(&note, 200);
    assert_true(str_next(&rest, '\n', &line) && str_next(&rest, '\n', &line));
    assert_true(str_to_u64(line, &size));
    return (int64_t)size == log_size(p, token);
}

uint64_t process_digest(struct process *p)
{
    struct arena *kept = p->arena;
    p->arena = arena_new(WAITING_BYTES);
    while (!is_signed(p, p->token) || !is_signed(p, p->other))
        arena_reset(p->arena);
    arena_free(&p->arena);
    p->arena = kept;
    search = (struct search){.digest = 1469598103934665603u};
    assert_int_equal(nftw(p->data, look_at, 16, FTW_PHYS), 0);
    return search.digest;
}

size_t tree_search(const char *dir, str bytes)
{
    assert_true(bytes.len > 0);
    search = (struct search){.bytes = bytes};
    assert_int_equal(nftw(dir, look_at, 16, FTW_PHYS), 0);
    return search.found;
}

/* ---- raw connections ---- */

int raw_connect(const struct process *p)
{
    int opened = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(p->port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    assert_true(opened >= 0);
    assert_int_equal(connect(opened, (struct sockaddr *)&address, sizeof(address)), 0);
    struct timeval wait = {.tv_sec = ANSWER_MS / 1000};
    setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    return opened;
}

void raw_send(int socket, str text)
{
    while (text.len > 0) {
        ssize_t sent = send(socket, text.ptr, text.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text = str_slice(text, (size_t)sent, text.len);
    }
}

str raw_read_all(struct process *p, int socket)
{
    char *room = arena_take(p->arena, RAW_BYTES);
    size_t len = 0;
    assert_non_null(room);
    while (len < RAW_BYTES) {
        ssize_t count = recv(socket, room + len, RAW_BYTES - len, 0);
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            fail_msg("the server neither answers nor closes");
        if (count <= 0)
            break;
        len += (size_t)count;
    }
    close(socket);
    return (str){room, len};
}
