/* S25: the erasure of S01 under SIGKILL, a restore of a backup from before it, and a log that
 * somebody has touched. */
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scenario.h"
#include "file.h"

enum { ROUNDS = 20, PATH_BYTES = 512, REQUEST_BYTES = 1024, SEGMENT_BYTES = 64 << 20 };

#define RECRUITMENT "<purposes.recruitment>"
#define CV          "CANARY-CV-A"
#define OTHER_CV    "CANARY-CV-B"

struct candidates {
    str a, b, cv, other_cv, reference;
    size_t recruiter;
};

static str apply(struct stage *s, str person, str vacancy, const char *name, const char *cv)
{
    happen(s, person, "<events.application_received>", vacancy);
    str values = said(s,
                      "'<fields.basic.name>':'%s','<fields.basic.email>':'%.*s@candidates.example',"
                      "'<fields.job_application.application>':'I apply.',"
                      "'<fields.job_application.cv>':'%s'",
                      name, STR_ARG(person), cv);
    collect(s, person, "<intakes.application>", "<sources.person>", vacancy,
            arena_c_string(s->arena, values));
    IS(s, 201);
    return item_of(s, "<fields.job_application.cv>");
}

/* Up to the eve of A's last day, with a backup on the way. */
static struct candidates until_the_eve(struct stage *s)
{
    struct candidates c = {.recruiter = hire(s, "<staff.recruiter>")};
    ask(s, 0, "POST", STR("/v1/matters"), said(s, "{'kind':'<matters.vacancy>','number':'V-1'}"));
    str vacancy = got(s, "id");
    c.a = create_person(s, "A-1", "");
    c.reference = got(s, "reference"); /* printed on the confirmation */
    c.cv = apply(s, c.a, vacancy, "Anna CANARY-NAME", CV);
    clock_to(s, "2026-08-10 09:00");
    c.b = create_person(s, "B-1", "");
    c.other_cv = apply(s, c.b, vacancy, "Bo Prøve", OTHER_CV);
    clock_to(s, "2026-08-20 03:00");
    ask(s, 0, "POST", STR("/v1/backup"), said(s, "{'name':'august'}"));
    IS(s, 200);
    clock_to(s, "2026-09-01 23:59:59");
    read_is(s, c.recruiter, c.a, c.cv, RECRUITMENT, CV);
    return c;
}

/* ---- killing ---- */

static int64_t microseconds(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The request that erases: the clock passes A's last instant. Sent raw, so that nobody waits. */
static int send_the_end(struct stage *s)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(s->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char request[REQUEST_BYTES];
    str body = said(s, "{'to':'%s'}", utc(s, "2026-09-02"));
    int length = snprintf(request, sizeof(request),
                          "POST /v1/clock HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                          "Authorization: Bearer %.*s\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\n\r\n%.*s",
                          (unsigned)s->port, STR_ARG(s->who[0].token), body.len, STR_ARG(body));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(send(fd, request, (size_t)length, MSG_NOSIGNAL), length);
    return fd;
}

static int64_t how_long_it_takes(struct stage *s)
{
    char answer[REQUEST_BYTES];
    int64_t from = microseconds();
    CLEANUP(fd_close) int fd = send_the_end(s);
    assert_true(recv(fd, answer, sizeof(answer), 0) > 12);
    assert_memory_equal(answer, "HTTP/1.1 200", 12);
    return microseconds() - from;
}

/* Kills the server this long after the request; the clock is read until then, nothing sleeps. */
static void kill_after(struct stage *s, int64_t wait)
{
    int64_t from = microseconds();
    int fd = send_the_end(s);
    while (microseconds() - from < wait) {
    }
    server_kill(s);
    fd_close(&fd);
}

/* ---- what stands after a kill ---- */

static bool is_there(struct stage *s, const struct candidates *c)
{
    ask(s, c->recruiter, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(c->a)),
        said(s, "{'purpose':'" RECRUITMENT "','items':['%.*s']}", STR_ARG(c->cv)));
    if (s->code == 403 || s->code == 404 || s->code == 410)
        return false;
    IS(s, 200);
    return true;
}

/* Wholly there, with its value and the clock before the end; or wholly gone. */
static bool never_half(struct stage *s, const struct candidates *c)
{
    ask(s, 0, "GET", STR("/v1/register"), STR(""));
    IS(s, 200);
    bool past = str_is(got(s, "now"), utc(s, "2026-09-02"));
    bool there = is_there(s, c);
    if (there == past)
        fail_msg("line %d: the clock has %s and the CV is %s", s->line,
                 past ? "passed" : "not passed", there ? "there" : "gone");
    if (there)
        read_is(s, c->recruiter, c->a, c->cv, RECRUITMENT, CV);
    read_is(s, c->recruiter, c->b, c->other_cv, RECRUITMENT, OTHER_CV);
    return there;
}

static void at_the_end_gone(struct stage *s, const struct candidates *c)
{
    clock_to(s, "2026-09-02 00:00");
    gone(s, c->recruiter, c->a, c->cv, RECRUITMENT);
    read_is(s, c->recruiter, c->b, c->other_cv, RECRUITMENT, OTHER_CV);
    server_stop(s);
    look_at_files(s, c->a, "CANARY-", 0, 0);
}

/* Half of the moments are spread over the time that the request takes, the others close in on the
 * one at which the erasure becomes lasting. */
static void killed_at_any_moment(struct stage *s, const struct candidates *c)
{
    char before_it[PATH_BYTES];
    (void)snprintf(before_it, sizeof(before_it), "%s/before", s->dir);
    server_stop(s);
    copy_tree(s, s->data, before_it);
    server_start(s);
    int64_t takes = how_long_it_takes(s), near = takes / 2, step = takes / 4;
    int found_there = 0;
    server_stop(s);
    for (int round = 0; round < ROUNDS; round++) {
        bool spread = round % 2 == 0;
        remove_tree(s, s->data);
        copy_tree(s, before_it, s->data);
        server_start(s);
        kill_after(s, spread ? takes * round / (ROUNDS - 4) : near);
        server_start(s);
        s->line = -round;
        bool there = never_half(s, c);
        found_there += there;
        at_the_end_gone(s, c);
        if (spread)
            continue;
        near += there ? step : -step;
        step = step / 2 + takes / 64;
    }
    print_message("  killed %d times within %lld us: %d times before the erasure was lasting\n",
                  ROUNDS, (long long)takes, found_there);
    server_start(s);
    remove_tree(s, before_it);
}

/* ---- the log ---- */

static int verify(struct stage *s, const char *log_dir)
{
    const char *name = arena_c_string(s->arena, s->cast->name[s->policy]);
    char key[PATH_BYTES];
    (void)snprintf(key, sizeof(key), "%s/log.key", s->dir);
    const char *whole[] = {"log",   "verify",     "--data", s->data,  "--root",
                           s->root, "--register", name,     "--json", NULL};
    const char *folder[] = {"log", "verify", log_dir, "--key", key, "--json", NULL};
    return vern(s, log_dir == NULL ? whole : folder);
}

struct holders { /* files that hold an entry, as paths within the log's folder */
    str at[64];
    size_t count;
};

static void find_holders(struct stage *s, const char *dir, str within, str entry,
                         struct holders *holders)
{
    str path = arena_format(s->arena, "%s/%.*s", dir, STR_ARG(within));
    DIR *open_dir = opendir(arena_c_string(s->arena, path));
    assert_non_null(open_dir);
    for (struct dirent *leaf; (leaf = readdir(open_dir)) != NULL;) {
        struct stat about;
        if (leaf->d_name[0] == '.')
            continue;
        str inner = arena_format(s->arena, "%.*s/%s", STR_ARG(within), leaf->d_name);
        const char *whole =
            arena_c_string(s->arena, arena_format(s->arena, "%s/%.*s", dir, STR_ARG(inner)));
        assert_int_equal(stat(whole, &about), 0);
        if (S_ISDIR(about.st_mode)) {
            find_holders(s, dir, inner, entry, holders);
            continue;
        }
        struct report report = {0};
        str bytes;
        assert_true(is_ok(file_read(whole, s->arena, SEGMENT_BYTES, &report, &bytes)));
        if (memmem(bytes.ptr, bytes.len, entry.ptr, entry.len) == NULL)
            continue;
        assert_true(holders->count < LENGTH(holders->at));
        holders->at[holders->count++] = inner;
    }
    closedir(open_dir);
}

/* A partial bundle that a wider one has overtaken is of older checkpoints, and not of this one. */
static bool is_overtaken(const struct holders *holders, str path)
{
    const char *mark = memmem(path.ptr, path.len, ".p/", 3);
    size_t head = mark == NULL ? 0 : (size_t)(mark - path.ptr) + 3;
    uint64_t width, other;
    if (head == 0 || !str_to_u64(str_slice(path, head, path.len), &width))
        return false;
    for (size_t i = 0; i < holders->count; i++) {
        str one = holders->at[i];
        if (str_starts(one, str_slice(path, 0, head)) &&
            str_to_u64(str_slice(one, head, one.len), &other) && other > width)
            return true;
    }
    return false;
}

static void flip_in(struct stage *s, const char *dir, str within, str entry)
{
    const char *path =
        arena_c_string(s->arena, arena_format(s->arena, "%s/%.*s", dir, STR_ARG(within)));
    struct report report = {0};
    str bytes;
    assert_true(is_ok(file_read(path, s->arena, SEGMENT_BYTES, &report, &bytes)));
    const char *found = memmem(bytes.ptr, bytes.len, entry.ptr, entry.len);
    assert_non_null(found);
    off_t at = (off_t)(found - bytes.ptr) + (off_t)(entry.len / 2);
    CLEANUP(fd_close) int fd = open(path, O_WRONLY | O_CLOEXEC);
    char flipped = (char)(bytes.ptr[at] ^ 1);
    assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
}

/* The log's raw bytes of an entry that the history names. */
static str raw_entry(struct stage *s, const struct json *one)
{
    struct buf buf = buf_in(s->arena, 64 << 10);
    struct json_out out = json_out_over(&buf);
    json_put_tree(&out, json_get(one, "entry"));
    return buf_str(&buf);
}

static void verdict_names(struct stage *s, int64_t index)
{
    const struct json *verdict;
    struct report report = {0};
    str line, rest = s->body;
    assert_true(str_next(&rest, '\n', &line));
    if (!is_ok(json_parse(s->arena, line, &report, &verdict)))
        fail_msg("the verdict is no JSON: %.*s", STR_ARG(s->body));
    bool valid = true;
    int64_t named = -1;
    assert_true(json_bool(json_get(verdict, "valid"), &valid));
    assert_false(valid);
    assert_true(json_i64(json_get(verdict, "entry"), &named));
    assert_int_equal(named, index);
}

static void a_flipped_byte_is_named(struct stage *s, str entry, int64_t index)
{
    char copy[PATH_BYTES], log_dir[PATH_BYTES];
    struct holders holders = {0};
    size_t flipped = 0;
    (void)snprintf(copy, sizeof(copy), "%s/touched", s->dir);
    (void)snprintf(log_dir, sizeof(log_dir), "%s/registers/%.*s/log", s->data,
                   STR_ARG(s->cast->name[s->policy]));
    server_stop(s);
    find_holders(s, log_dir, STR("."), entry, &holders);
    for (size_t i = 0; i < holders.count; i++) {
        if (is_overtaken(&holders, holders.at[i]))
            continue;
        copy_tree(s, log_dir, copy);
        assert_int_equal(verify(s, copy), 0);
        flip_in(s, copy, holders.at[i], entry);
        assert_int_not_equal(verify(s, copy), 0);
        verdict_names(s, index);
        remove_tree(s, copy);
        flipped++;
    }
    assert_in_range(flipped, 2, 2);       /* where it became durable, and in its bundle */
    assert_int_equal(verify(s, NULL), 0); /* the real one is whole */
    server_start(s);
}

static bool has_effect(const struct json *entry, const char *effect)
{
    const struct json *effects = json_get(entry, "ef");
    str text;
    if (effects == NULL)
        return false;
    for (JSON_EACH(one, effects)) {
        if (json_str(one, &text) && str_is(text, effect))
            return true;
    }
    return false;
}

/* The chain proves that the CV went, and when; and tells neither her name nor the CV. */
static str erasure_of(struct stage *s, const struct candidates *c, int64_t *index)
{
    const char *effect =
        arena_c_string(s->arena, arena_format(s->arena, "item:%.*s", STR_ARG(c->cv)));
    for (JSON_EACH(one, got_json(s, "entries"))) {
        const struct json *entry = json_get(one, "entry");
        int64_t at = 0;
        instant end;
        if (!has_effect(entry, effect))
            continue;
        assert_true(instant_parse(STR("2026-09-01T22:00:00Z"), &end));
        assert_true(json_i64(json_get(entry, "at"), &at));
        assert_int_equal(at, end.ms);
        assert_true(json_i64(json_get(one, "index"), index));
        return raw_entry(s, one);
    }
    fail_msg("no entry erases the CV: %.*s", STR_ARG(s->body));
    return STR("");
}

static void ask_history(struct stage *s, str reference)
{
    ask(s, 0, "POST", STR("/v1/history"), said(s, "{'reference':'%.*s'}", STR_ARG(reference)));
    IS(s, 200);
}

static bool body_has(const struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static str answered_by_reference(struct stage *s, const struct candidates *c, int64_t *index)
{
    ask_history(s, c->reference);
    bool erased = false;
    assert_true(json_bool(json_get(s->json, "erased"), &erased) && erased);
    assert_true(body_has(s, N(s, "\"<categories.job_application>\""))); /* what was held */
    assert_false(body_has(s, "CANARY"));
    return erasure_of(s, c, index);
}

static void nothing_without_it(struct stage *s, const struct candidates *c)
{
    str email = arena_format(s->arena, "%.*s@candidates.example", STR_ARG(c->a));
    found_is(s, "<fields.basic.email>", arena_c_string(s->arena, email), 0);
    found_is(s, "number", "A-1", 0);
    ask(s, c->recruiter, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(c->a)), STR("{}"));
    IS(s, 410); /* an officer's token is told that it was erased */
    ask_history(s, STR("AAAAAAAAAAAAAAAAAAAAAA"));
    int64_t found = -1;
    assert_true(json_i64(json_get(s->json, "found"), &found));
    assert_int_equal(found, 0);
}

/* ---- restoring ---- */

static void restore_august(struct stage *s)
{
    str name = s->cast->name[s->policy];
    str from = arena_format(s->arena, "%s/%.*s/august", s->backups, STR_ARG(name));
    const char *words[] = {"restore",
                           "--data",
                           s->data,
                           "--root",
                           s->root,
                           "--register",
                           arena_c_string(s->arena, name),
                           "--from",
                           arena_c_string(s->arena, from),
                           NULL};
    server_stop(s);
    if (vern(s, words) != 0)
        fail_msg("restore: %.*s", STR_ARG(s->body));
    server_start(s);
}

static void keep_the_log_key(struct stage *s)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/log.key", s->dir);
    ask(s, 0, "GET", STR("/v1/log/key"), STR(""));
    IS(s, 200);
    struct report report = {0};
    struct file_change change = {world_real(), "test", path};
    assert_true(is_ok(file_write_durable(&change, s->body, 0600, &report)));
}

void s25_crash_restore_tamper(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    AT_LINE(&s, keep_the_log_key(&s));
    struct candidates c = AT_LINE(&s, until_the_eve(&s));
    AT_LINE(&s, killed_at_any_moment(&s, &c));

    clock_to(&s, "2026-09-10 12:00");
    AT_LINE(&s, restore_august(&s));
    AT_LINE(&s, gone(&s, c.recruiter, c.a, c.cv, RECRUITMENT)); /* the first requests after it */
    AT_LINE(&s, read_is(&s, c.recruiter, c.b, c.other_cv, RECRUITMENT, OTHER_CV));
    AT_LINE(&s, look_inside(&s, c.a, "CANARY-", 0, 0));
    int64_t index;
    str entry = AT_LINE(&s, answered_by_reference(&s, &c, &index));
    AT_LINE(&s, nothing_without_it(&s, &c));
    AT_LINE(&s, a_flipped_byte_is_named(&s, entry, index));
    stage_close(&s);
}
