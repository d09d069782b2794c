/* Imports with broken lines and broken connections, bad policies over HTTP, and what the process
 * that takes them has given up: against the real server, from outside. */
#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "process.h"

#include "file.h"
#include "limits.h"

enum { PATH_ROOM = 256, TEXT_BYTES = 1 << 20, FOUND_TRIES = 10000, NOBODY = 65534 };

extern char **environ;
static struct process server;

static int open_server(void **state)
{
    (void)state;
    process_open(&server, NULL);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* ---- what the process has given up ---- */

static str proc_text(pid_t pid, const char *name, const char *field)
{
    char path[PATH_ROOM], line[PATH_ROOM];
    str found = {NULL, 0};
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (found.ptr == NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, field, strlen(field)) == 0)
            found = str_trim(arena_format(server.arena, "%s", line + strlen(field)));
    }
    fclose(file);
    if (found.ptr == NULL)
        fail_msg("no %s in %s", field, path);
    return found;
}

static void the_server_leaves_no_core_and_gains_no_privileges(void **state)
{
    (void)state;
    str core = proc_text(server.server, "limits", "Max core file size");
    assert_true(str_starts(core, STR("0 ")));
    str soft;
    assert_true(str_next(&core, ' ', &soft) && str_starts(str_trim(core), STR("0 ")));
    assert_true(str_is(proc_text(server.server, "status", "NoNewPrivs:"), "1"));
    assert_true(str_is(proc_text(server.server, "status", "Umask:"), "0077"));
}

static size_t seen;

static int is_owners_alone(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)kind;
    (void)walk;
    seen++;
    if ((info->st_mode & 0077) != 0)
        fail_msg("%s: %o", path, (unsigned)info->st_mode);
    return 0;
}

static void every_file_is_its_owners_alone(void **state)
{
    (void)state;
    struct answer made = post(&server, "/v1/subjects", "{\"identifiers\":[]}");
    expect(&made, 201);
    struct answer copy = post(&server, "/v1/backup", "{\"name\":\"one\"}");
    expect(&copy, 200);
    char path[PATH_ROOM];
    snprintf(path, sizeof(path), "%s/backups", server.dir);
    seen = 0;
    assert_int_equal(nftw(server.data, is_owners_alone, 16, FTW_PHYS), 0);
    assert_int_equal(nftw(path, is_owners_alone, 16, FTW_PHYS), 0);
    assert_true(seen > 20);
    struct stat info;
    assert_int_equal(stat(server.root, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void swap_is_warned_of_where_there_is_some(void **state)
{
    (void)state;
    char line[PATH_ROOM];
    size_t lines = 0;
    FILE *file = fopen("/proc/swaps", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        lines++;
    if (file != NULL)
        fclose(file);
    pthread_mutex_lock(&server.lock);
    bool warned = holds((str){server.log, server.log_len}, STR("swap_is_on_and_must_be_encrypted"));
    pthread_mutex_unlock(&server.lock);
    assert_int_equal(warned, lines > 1);
}

static int give_to_nobody(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return lchown(path, NOBODY, NOBODY);
}

static pid_t start(const char *const *words, int output)
{
    posix_spawn_file_actions_t actions;
    char *list[24] = {NULL};
    pid_t pid;
    for (size_t i = 0; words[i] != NULL; i++)
        list[i] = (char *)(uintptr_t)words[i];
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO), 0);
    assert_int_equal(posix_spawn(&pid, list[0], &actions, NULL, list, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static int run(const char *const *words)
{
    int state;
    pid_t pid = start(words, STDERR_FILENO);
    assert_int_equal(waitpid(pid, &state, 0), pid);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128;
}

/* Until the server says that it serves; false when it ends instead. */
static bool serves(int pipe)
{
    char room[4096];
    size_t length = 0;
    ssize_t got;
    while ((got = read(pipe, room + length, sizeof(room) - length)) > 0) {
        length += (size_t)got;
        if (holds((str){room, length}, STR("\"serving\"")))
            return true;
    }
    print_error("%.*s\n", (int)length, room);
    return false;
}

/* The kernel gives the files of a process that must not be traced to root. */
static void expect_untraceable(pid_t pid)
{
    char path[PATH_ROOM];
    struct stat info;
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_uid, 0);
}

static void root_becomes_the_user_that_is_named(void)
{
    static const char binary[] = VERN_BUILD "/vern";
    char dir[] = "/tmp/vern-user-XXXXXX", data[PATH_ROOM], root[PATH_ROOM];
    assert_non_null(mkdtemp(dir));
    snprintf(data, sizeof(data), "%s/data", dir);
    snprintf(root, sizeof(root), "%s/data.root", dir);
    const char *init[] = {binary,       "init", "--data",   data,
                          "--register", "shop", "--policy", "policies/example.yaml",
                          NULL};
    assert_int_equal(run(init), 0);
    const char *unknown[] = {binary,     "serve",       "--data", data,
                             "--listen", "127.0.0.1:0", "--user", "no-such-user-here",
                             NULL};
    assert_int_equal(run(unknown), 64);
    assert_int_equal(nftw(dir, give_to_nobody, 16, FTW_PHYS), 0);
    int ends[2], code;
    assert_int_equal(pipe(ends), 0);
    const char *serve[] = {binary,        "serve",  "--data", data, "--listen",
                           "127.0.0.1:0", "--user", "nobody", NULL};
    pid_t pid = start(serve, ends[1]);
    close(ends[1]);
    assert_true(serves(ends[0]));
    assert_true(str_starts(proc_text(pid, "status", "Uid:"), STR("65534\t65534\t65534\t65534")));
    assert_true(str_starts(proc_text(pid, "status", "Gid:"), STR("65534\t65534\t65534\t65534")));
    assert_true(str_is(proc_text(pid, "status", "Groups:"), ""));
    assert_true(str_is(proc_text(pid, "status", "CapEff:"), "0000000000000000"));
    assert_true(str_is(proc_text(pid, "status", "NoNewPrivs:"), "1"));
    expect_untraceable(pid);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    close(ends[0]);
    const char *away[] = {"/bin/rm", "-rf", dir, NULL};
    assert_int_equal(run(away), 0);
}

/* Only root can start a server as another; for anyone else the server's own user is the other. */
static void the_server_cannot_be_traced_by_its_own_user(void **state)
{
    (void)state;
    if (geteuid() == 0)
        root_becomes_the_user_that_is_named();
    else
        expect_untraceable(server.server);
}

/* ---- imports ---- */

static struct answer import(str body)
{
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    return ask_with(&server, "POST", STR("/v1/import"), "application/x-ndjson", body, &field, 1);
}

static str found(const char *number)
{
    str id = STR("");
    char body[PATH_ROOM];
    snprintf(body, sizeof(body), "{\"kind\":\"number\",\"value\":\"%s\"}", number);
    struct answer answer = post(&server, "/v1/subjects/find", body);
    expect(&answer, 200);
    const struct json *ids = json_get(answer.json, "ids");
    if (ids != NULL && ids->count == 1)
        (void)json_str(ids->child, &id);
    assert_true(ids == NULL || ids->count < 2);
    return id;
}

/* The numbers of the lines that were not taken, as "2 3 14". */
static str bad_lines(const struct answer *answer)
{
    struct buf buf = buf_in(server.arena, 64 << 10);
    const struct json *bad = json_get(answer->json, "bad");
    int64_t line = 0;
    str type;
    for (const struct json *one = bad == NULL ? NULL : bad->child; one != NULL; one = one->next) {
        assert_true(json_i64(json_get(one, "line"), &line));
        assert_true(json_str(json_get(one, "type"), &type) && type.len > 0);
        buf_format(&buf, "%s%lld", buf.len > 0 ? " " : "", (long long)line);
    }
    return buf_str(&buf);
}

static void expect_lines(const struct answer *answer, int lines, int accepted, const char *bad)
{
    expect(answer, 200);
    if (number_of(answer, "lines") != lines || number_of(answer, "accepted") != accepted ||
        !str_is(bad_lines(answer), bad))
        fail_msg("%d lines, %d taken, bad %s: %.*s", lines, accepted, bad, STR_ARG(answer->text));
    assert_false(holds(answer->text, STR("Plantet")));
}

#define BYTES(text) ((str){text, sizeof(text) - 1})

static void broken_lines_are_refused_by_number_and_the_rest_stands_also_again(void **state)
{
    (void)state;
    static const char body[] = "{\"number\":\"B-1\",\"roles\":[\"asker\"]}\n"
                               "{\"number\":\"Plantet\0\"}\n"
                               "{\"number\":\"Plantet\xff\xfe\"}\n"
                               "{\"number\":\"Plantet\xed\xa0\x80\"}\n"
                               "{\"number\":\"Plantet\\ud800\"}\n"
                               "{\"number\":\"Plantet1\",\"number\":\"Plantet2\"}\n"
                               "\xef\xbb\xbf{\"number\":\"Plantet\"}\n"
                               "{\"number\":\"B-8\",\"roles\":[\"asker\"]}\r\n"
                               "\r\n"
                               "[\"Plantet\"]\n"
                               "\"Plantet\"\n"
                               "{\"number\":\n"
                               "\"Plantet\"}\n"
                               "{\"number\":\"Plantet1\"}{\"number\":\"Plantet2\"}\n"
                               "{\"nummer\":\"Plantet\"}\n"
                               "{\"number\":{\"a\":\"Plantet\"}}\n"
                               "{\"number\":\"Plantet\",\"roles\":[\"Plantet\"]}\n"
                               "\0\n"
                               "{\"number\":\"Plantet\x1b[2J\n"
                               "{\"number\":\"B-20\",\"roles\":[\"asker\"]}";
    static const char bad[] = "2 3 4 5 6 7 10 11 12 13 14 15 16 17 18 19";
    str ids[3];
    static const char *const good[] = {"B-1", "B-8", "B-20"};
    for (int round = 0; round < 2; round++) {
        struct answer answer = import(BYTES(body));
        expect_lines(&answer, 20, 3, bad);
        for (size_t i = 0; i < LENGTH(good); i++) {
            str id = found(good[i]);
            assert_true(id.len > 0 && (round == 0 || str_equal(id, ids[i])));
            ids[i] = id;
        }
    }
    assert_int_equal(found("Plantet").len, 0);
    assert_int_equal(found("Plantet1").len, 0);
    assert_int_equal(tree_search(server.data, STR("Plantet")), 0);
}

static void a_mark_of_byte_order_spoils_its_own_line_only(void **state)
{
    (void)state;
    struct answer answer = import(STR("\xef\xbb\xbf{\"number\":\"M-1\",\"roles\":[\"asker\"]}\n"
                                      "{\"number\":\"M-2\",\"roles\":[\"asker\"]}\n"));
    expect_lines(&answer, 2, 1, "1");
    assert_int_equal(found("M-1").len, 0);
    assert_true(found("M-2").len > 0);
}

static void an_import_of_nothing_takes_nothing(void **state)
{
    (void)state;
    int64_t before_ = log_size(&server, server.token);
    struct answer blank = import(STR("\n\r\n  \n"));
    expect_lines(&blank, 3, 0, "");
    struct answer nothing = import(STR(""));
    assert_true(nothing.code == 200 || nothing.code == 415);
    assert_int_equal(log_size(&server, server.token), before_);
}

static void a_line_without_an_end_is_cut_off_and_listed(void **state)
{
    (void)state;
    struct buf buf = buf_in(server.arena, 8 << 20);
    buf_text(&buf, "{\"number\":\"L-1\",\"roles\":[\"asker\"]}\n{\"number\":\"");
    for (int i = 0; i < 2 * LIMIT_IMPORT_LINE_BYTES; i++)
        buf_char(&buf, 'x');
    buf_text(&buf, "\"}\n{\"number\":\"L-3\",\"roles\":[\"asker\"]}\n{\"number\":\"");
    for (int i = 0; i < LIMIT_IMPORT_LINE_BYTES; i++)
        buf_char(&buf, 'x');
    struct answer answer = import(buf_str(&buf));
    expect_lines(&answer, 4, 2, "2 4");
    assert_true(found("L-1").len > 0 && found("L-3").len > 0);
}

static void more_bad_lines_than_are_listed_are_counted(void **state)
{
    (void)state;
    struct buf buf = buf_in(server.arena, 8 << 20);
    for (int i = 0; i < 1200; i++)
        buf_format(&buf, "{\"%0*d\":[[[\"Plantet\"]]]}\n", 900, i);
    struct answer answer = import(buf_str(&buf));
    expect(&answer, 200);
    assert_int_equal(number_of(&answer, "rejected"), 1200);
    assert_int_equal(json_get(answer.json, "bad")->count, 1000);
    bool more = false;
    assert_true(json_bool(json_get(answer.json, "more_bad"), &more) && more);
    assert_false(holds(answer.text, STR("Plantet")));
}

/* ---- connections that end in the middle ---- */

static void send_head(int socket, const char *framing)
{
    raw_send(socket, arena_format(server.arena,
                                  "POST /v1/import HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                                  "Authorization: Bearer %.*s\r\n"
                                  "Content-Type: application/x-ndjson\r\n%s\r\n\r\n",
                                  server.port, STR_ARG(server.token), framing));
}

/* Lines whose connection is gone end with their turn; each question is a turn. */
static void expect_found(const char *number)
{
    int tries = 0;
    while (found(number).len == 0) {
        if (++tries == FOUND_TRIES)
            fail_msg("%s is not there", number);
    }
}

static void a_connection_that_ends_within_a_line_leaves_whole_lines_only(void **state)
{
    (void)state;
    static const char *const framing[] = {"Content-Length: 5000", "Transfer-Encoding: chunked"};
    for (int i = 0; i < 2; i++) {
        char all[600], half[640], one[32], two[32], three[32];
        int length = snprintf(all, sizeof(all),
                              "{\"number\":\"C%d-1\",\"roles\":[\"asker\"]}\n"
                              "{\"number\":\"C%d-2\",\"roles\":[\"asker\"]}\n"
                              "{\"number\":\"C%d-3\",\"roles\":[\"asker\"]}",
                              i, i, i);
        snprintf(one, sizeof(one), "C%d-1", i);
        snprintf(two, sizeof(two), "C%d-2", i);
        snprintf(three, sizeof(three), "C%d-3", i);
        /* The third is whole but for the end of its line: nobody said that it ends there. */
        snprintf(half, sizeof(half), "%x\r\n%s\r\n", (unsigned)length, all);
        int socket = raw_connect(&server);
        send_head(socket, framing[i]);
        raw_send(socket, str_from(i == 0 ? all : half));
        close(socket);
        expect_found(one);
        expect_found(two);
        str first = found(one), second = found(two);
        assert_int_equal(found(three).len, 0);
        struct answer again = import(str_from(all));
        expect_lines(&again, 3, 3, "");
        assert_true(str_equal(found(one), first) && str_equal(found(two), second));
        assert_true(found(three).len > 0);
    }
}

static void a_broken_chunk_ends_an_import_after_its_whole_lines(void **state)
{
    (void)state;
    int socket = raw_connect(&server);
    send_head(socket, "Transfer-Encoding: chunked");
    raw_send(socket, STR("22\r\n{\"number\":\"K-1\",\"roles\":[\"asker\"]}\n\r\nzz\r\n{\"number\":"
                         "\"K-2\",\"roles\":[\"asker\"]}\n\r\n0\r\n\r\n"));
    str answer = raw_read_all(&server, socket);
    assert_false(holds(answer, STR(" 200 ")));
    assert_int_equal(found("K-2").len, 0);
    assert_true(process_runs(&server));
}

/* ---- policies ---- */

static str policy_body(str policy, str deployment)
{
    struct buf buf = buf_in(server.arena, 4 * TEXT_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "policy");
    json_put_str(&out, policy);
    json_key(&out, "policy_file");
    json_put_str(&out, STR("p.yaml"));
    if (deployment.ptr != NULL) {
        json_key(&out, "deployment");
        json_put_str(&out, deployment);
        json_key(&out, "deployment_file");
        json_put_str(&out, STR("d.yaml"));
    }
    json_key(&out, "erases");
    json_put_u64(&out, 0);
    json_close_object(&out);
    return buf_str(&buf);
}

/* Where the first problem lies. */
static bool has_place(const struct answer *answer, unsigned line, unsigned column)
{
    const struct json *problems = json_get(answer->json, "problems");
    int64_t at = 0, within = 0;
    if (problems == NULL || problems->count == 0 ||
        !json_i64(json_get(problems->child, "line"), &at))
        return false;
    (void)json_i64(json_get(problems->child, "column"), &within);
    return line == 0 ? at > 0 : at == line && within == column;
}

static void refuses(str body, const char *what, unsigned line, unsigned column)
{
    static const char *const targets[] = {"/v1/policy/preview", "/v1/policy/apply"};
    for (size_t i = 0; i < LENGTH(targets); i++) {
        struct answer answer = ask(&server, server.token, "POST", str_from(targets[i]), body);
        if ((answer.code != 422 && answer.code != 400 && answer.code != 413) ||
            !str_is(answer.media, "application/problem+json"))
            fail_msg("%s %s: %d: %.*s", targets[i], what, answer.code, STR_ARG(answer.text));
        if (!has_place(&answer, line, column))
            fail_msg("%s %s: not at %u:%u: %.*s", targets[i], what, line, column,
                     STR_ARG(answer.text));
    }
}

static str shown_policy(void)
{
    struct answer answer = ask(&server, server.token, "GET", STR("/v1/policy"), STR(""));
    expect(&answer, 200);
    return answer.text;
}

static str file_text(const char *name)
{
    char path[PATH_ROOM];
    struct report report = {0};
    str text;
    snprintf(path, sizeof(path), "tests/bad-policies/%.100s", name);
    assert_true(is_ok(file_read(path, server.arena, TEXT_BYTES, &report, &text)));
    return text;
}

static void every_bad_policy_is_refused_over_http_and_nothing_changes(void **state)
{
    (void)state;
    str before_ = shown_policy(), good = file_text("good.yaml"), none = {NULL, 0};
    size_t count = 0;
    struct dirent *entry;
    DIR *folder = opendir("tests/bad-policies");
    while ((entry = readdir(folder)) != NULL) {
        unsigned line, column;
        if (entry->d_name[0] == '.')
            continue;
        str text = file_text(entry->d_name);
        if (sscanf(arena_c_string(server.arena, text), "# %u:%u ", &line, &column) != 2 ||
            !utf8_valid(text))
            continue;
        bool deployment = strncmp(entry->d_name, "deploy-", 7) == 0;
        refuses(deployment ? policy_body(good, text) : policy_body(text, none), entry->d_name, line,
                column);
        count++;
    }
    closedir(folder);
    assert_true(count > 100);
    assert_true(str_equal(shown_policy(), before_));
}

static str repeated(const char *head, const char *part, size_t times)
{
    struct buf buf = buf_in(server.arena, 2 * TEXT_BYTES);
    buf_text(&buf, head);
    for (size_t i = 0; i < times; i++)
        buf_text(&buf, part);
    return buf_str(&buf);
}

static void hostile_yaml_is_refused_with_its_place_and_the_server_stays(void **state)
{
    (void)state;
    str before_ = shown_policy(), none = {NULL, 0};
    refuses(policy_body(STR("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"), none), "a bomb", 1,
            4);
    refuses(policy_body(STR("vern: !!python/object:os.system 1\n"), none), "a tag", 0, 0);
    refuses(policy_body(STR("vern: 1\n<<: {policy: x}\n"), none), "a merge", 0, 0);
    refuses(policy_body(STR("%YAML 1.1\n%TAG ! tag:x,2000:\n---\nvern: 1\n--- \nvern: 1\n"), none),
            "two documents", 0, 0);
    refuses(policy_body(repeated("", "[", 100000), none), "depth", 0, 0);
    refuses(policy_body(repeated("", "{a: ", 50000), none), "depth of maps", 0, 0);
    refuses(policy_body(repeated("roles: [", "a,", 200000), none), "many values", 0, 0);
    refuses(policy_body(repeated("vern: 1\n", "? ", 3000), none), "complex keys", 0, 0);
    refuses(policy_body(STR("vern: 1\npolicy: \"\x1b[2J\"\n"), none), "a control character", 0, 0);
    refuses(policy_body((str){"vern: 1\0policy: x\n", 18}, none), "a NUL", 0, 0);
    refuses(policy_body(repeated("# ", "x", TEXT_BYTES), none), "too large", 0, 0);
    refuses(policy_body(STR(""), none), "nothing", 0, 0);
    assert_true(str_equal(shown_policy(), before_));
}

/* What is no JSON has no place in a policy; it is refused before one is looked for. */
static void a_policy_of_ten_megabytes_or_of_bytes_is_refused_before_it_is_read(void **state)
{
    (void)state;
    str before_ = shown_policy();
    static const char *const targets[] = {"/v1/policy/preview", "/v1/policy/apply"};
    struct buf large = buf_in(server.arena, 11 << 20);
    buf_text(&large, "{\"policy\":\"");
    for (int i = 0; i < 10 << 20; i++)
        buf_char(&large, 'x');
    buf_text(&large, "\"}");
    for (size_t i = 0; i < LENGTH(targets); i++) {
        struct answer big =
            ask(&server, server.token, "POST", str_from(targets[i]), buf_str(&large));
        expect_problem(&big, 413, "/problems/limit");
        struct answer broken = ask(&server, server.token, "POST", str_from(targets[i]),
                                   BYTES("{\"policy\":\"vern: 1\xff\xfe\"}"));
        expect_problem(&broken, 400, "/problems/syntax");
        struct answer binary = ask(&server, server.token, "POST", str_from(targets[i]),
                                   BYTES("\x7f"
                                         "ELF\0\1"));
        expect_problem(&binary, 400, "/problems/syntax");
    }
    assert_true(str_equal(shown_policy(), before_));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_leaves_no_core_and_gains_no_privileges),
        cmocka_unit_test(the_server_cannot_be_traced_by_its_own_user),
        cmocka_unit_test(every_file_is_its_owners_alone),
        cmocka_unit_test(swap_is_warned_of_where_there_is_some),
        cmocka_unit_test(broken_lines_are_refused_by_number_and_the_rest_stands_also_again),
        cmocka_unit_test(a_mark_of_byte_order_spoils_its_own_line_only),
        cmocka_unit_test(an_import_of_nothing_takes_nothing),
        cmocka_unit_test(a_line_without_an_end_is_cut_off_and_listed),
        cmocka_unit_test(more_bad_lines_than_are_listed_are_counted),
        cmocka_unit_test(a_connection_that_ends_within_a_line_leaves_whole_lines_only),
        cmocka_unit_test(a_broken_chunk_ends_an_import_after_its_whole_lines),
        cmocka_unit_test(every_bad_policy_is_refused_over_http_and_nothing_changes),
        cmocka_unit_test(hostile_yaml_is_refused_with_its_place_and_the_server_stays),
        cmocka_unit_test(a_policy_of_ten_megabytes_or_of_bytes_is_refused_before_it_is_read),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
