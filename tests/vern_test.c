/* libvern from outside: nothing is included here but vern.h, and the program is linked with the
 * shared library. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <vern.h>

enum { POLICY_BYTES = 1 << 20, PATH_ROOM = 128 };

struct fixture {
    char dir[64], data[PATH_ROOM], token[VERN_TOKEN_BYTES];
    char *policy;
    struct vern *vern;
    struct vern_error error;
    struct vern_answer answer; /* the last */
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    FILE *file = fopen("policies/example.yaml", "r");
    snprintf(f->dir, sizeof(f->dir), "/tmp/vern-library-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->data, sizeof(f->data), "%s/data", f->dir);
    f->policy = calloc(1, POLICY_BYTES);
    assert_non_null(file);
    assert_true(fread(f->policy, 1, POLICY_BYTES - 1, file) > 0);
    fclose(file);
    struct vern_register shop = {
        .name = "shop", .policy = f->policy, .simulated = "2026-03-01T09:00:00Z", .strict = 1};
    if (vern_create(f->data, NULL, &shop, f->token, &f->error) != VERN_OK ||
        vern_open(f->data, NULL, &f->vern, &f->error) != VERN_OK)
        fail_msg("%s", f->error.text);
    *state = f;
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    vern_answer_end(&f->answer);
    vern_close(f->vern);
    nftw(f->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(f->policy);
    free(f);
    return 0;
}

static enum vern_status ask_as(struct fixture *f, const char *token, const char *method,
                               const char *path, const char *type, const char *body)
{
    struct vern_request request = {.method = method,
                                   .path = path,
                                   .token = token,
                                   .type = type,
                                   .body = body,
                                   .body_bytes = body == NULL ? 0 : strlen(body)};
    vern_answer_end(&f->answer);
    memset(&f->error, 0, sizeof(f->error));
    return vern_ask(f->vern, &request, &f->answer, &f->error);
}

static void expect(struct fixture *f, const char *method, const char *path, const char *body,
                   int code)
{
    enum vern_status status = ask_as(f, f->token, method, path, NULL, body);
    if (status != VERN_OK)
        fail_msg("%s %s: %d %s", method, path, (int)status, f->error.text);
    if (f->answer.code != code)
        fail_msg("%s %s: %d instead of %d: %s", method, path, f->answer.code, code, f->answer.body);
    assert_int_equal(strlen(f->answer.body), f->answer.body_bytes);
}

/* The text of a member of the answer, which has no escapes in it. */
static void member(struct fixture *f, const char *name, char *value, size_t room)
{
    char key[64];
    snprintf(key, sizeof(key), "\"%s\":\"", name);
    const char *at = strstr(f->answer.body, key);
    if (at == NULL)
        fail_msg("no %s in %s", name, f->answer.body);
    at += strlen(key);
    snprintf(value, room, "%.*s", (int)strcspn(at, "\""), at);
}

/* ---- what it does ---- */

static void the_use_cases_are_those_of_the_api(void **state)
{
    struct fixture *f = *state;
    char id[64], path[PATH_ROOM];
    expect(f, "GET", "/v1/register", NULL, 200);
    assert_string_equal(f->answer.type, "application/json");
    expect(f, "POST", "/v1/subjects",
           "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"K-17\"}]}", 201);
    member(f, "id", id, sizeof(id));
    expect(f, "POST", "/v1/subjects/find", "{\"kind\":\"number\",\"value\":\"K-17\"}", 200);
    assert_non_null(strstr(f->answer.body, id));
    snprintf(path, sizeof(path), "/v1/subjects/%s", id);
    expect(f, "GET", path, NULL, 200);
    expect(f, "GET", "/v1/subjects?limit=1", NULL, 200);
    expect(f, "GET", "/v1/contacts", NULL, 200);
}

static void what_was_acknowledged_is_there_when_it_is_opened_again(void **state)
{
    struct fixture *f = *state;
    char id[64];
    expect(f, "POST", "/v1/subjects",
           "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"K-18\"}]}", 201);
    member(f, "id", id, sizeof(id));
    vern_close(f->vern);
    assert_int_equal(vern_open(f->data, NULL, &f->vern, &f->error), VERN_OK);
    expect(f, "POST", "/v1/subjects/find", "{\"kind\":\"number\",\"value\":\"K-18\"}", 200);
    assert_non_null(strstr(f->answer.body, id));
}

static void a_body_that_streams_is_taken_whole(void **state)
{
    struct fixture *f = *state;
    char *lines = calloc(1, 1 << 20);
    size_t length = 0;
    for (int i = 0; i < 2500; i++)
        length += (size_t)snprintf(lines + length, 100,
                                   "{\"number\":\"M-%d\",\"roles\":[\"asker\"]}\n", i);
    assert_true(length > 64 << 10); /* more than one piece */
    assert_int_equal(ask_as(f, f->token, "POST", "/v1/import", "application/x-ndjson", lines),
                     VERN_OK);
    assert_int_equal(f->answer.code, 200);
    assert_non_null(strstr(f->answer.body, "\"accepted\":2500"));
    free(lines);
    expect(f, "GET", "/v1/register", NULL, 200);
}

static void time_goes_on_only_when_it_is_told(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(vern_tick(f->vern, &f->error), VERN_OK);
    expect(f, "GET", "/v1/register", NULL, 200);
}

/* ---- what it refuses ---- */

static void a_no_is_an_answer_with_the_problem_of_the_api(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask_as(f, NULL, "GET", "/v1/register", NULL, NULL), VERN_OK);
    assert_int_equal(f->answer.code, 401);
    assert_string_equal(f->answer.type, "application/problem+json");
    assert_int_equal(ask_as(f, "wrong", "GET", "/v1/register", NULL, NULL), VERN_OK);
    assert_int_equal(f->answer.code, 401);
    expect(f, "GET", "/v1/nothing", NULL, 404);
    expect(f, "DELETE", "/v1/register", NULL, 405);
    expect(f, "POST", "/v1/subjects", "{\"number\":", 400);
    expect(f, "POST", "/v1/subjects", "{\"nothing\":1}", 422);
    assert_int_equal(ask_as(f, f->token, "POST", "/v1/subjects", "text/plain", "{}"), VERN_OK);
    assert_int_equal(f->answer.code, 415);
}

static void what_is_no_request_is_refused_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    static const char *const paths[] = {"",        "v1/register", "/v1/%",    "/v1/%00",
                                        "/v1/a b", "/v1/\r\nx",   "/v1/\x80", "*"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(ask_as(f, f->token, "GET", paths[i], NULL, NULL), VERN_USAGE);
        assert_true(f->error.text[0] != '\0');
        assert_null(f->answer.body);
    }
    static const char *const methods[] = {"", "get", "G T", "GET\r\n", "AVERYLONGMETHODNAME"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        assert_int_equal(ask_as(f, f->token, methods[i], "/v1/register", NULL, NULL), VERN_USAGE);
    assert_int_equal(ask_as(f, "a\r\nb", "GET", "/v1/register", NULL, NULL), VERN_USAGE);
    struct vern_request none = {0}, hollow = {.method = "POST",
                                              .path = "/v1/subjects",
                                              .token = f->token,
                                              .body_bytes = 10};
    assert_int_equal(vern_ask(f->vern, &none, &f->answer, NULL), VERN_USAGE);
    assert_int_equal(vern_ask(f->vern, &hollow, &f->answer, NULL), VERN_USAGE);
    assert_int_equal(vern_ask(NULL, &none, &f->answer, NULL), VERN_USAGE);
    expect(f, "GET", "/v1/register", NULL, 200);
}

static void a_body_that_is_too_large_is_a_limit(void **state)
{
    struct fixture *f = *state;
    size_t length = 5 << 20;
    char *body = malloc(length + 1);
    memset(body, ' ', length);
    body[length] = '\0';
    assert_int_equal(ask_as(f, f->token, "POST", "/v1/subjects", NULL, body), VERN_STATE);
    free(body);
    expect(f, "GET", "/v1/register", NULL, 200);
}

static void a_folder_has_one_owner(void **state)
{
    struct fixture *f = *state;
    struct vern *other;
    assert_int_equal(vern_open(f->data, NULL, &other, &f->error), VERN_STORE);
    assert_null(other);
    struct vern_register again = {.name = "other", .policy = f->policy};
    char token[VERN_TOKEN_BYTES];
    assert_int_equal(vern_create(f->data, NULL, &again, token, &f->error), VERN_STORE);
}

static void what_cannot_be_opened_or_made_says_why(void **state)
{
    struct fixture *f = *state;
    struct vern *other;
    char empty[PATH_ROOM], token[VERN_TOKEN_BYTES];
    snprintf(empty, sizeof(empty), "%s/empty", f->dir);
    assert_int_not_equal(vern_open(empty, NULL, &other, &f->error), VERN_OK);
    assert_true(f->error.text[0] != '\0');
    assert_int_equal(vern_open(NULL, NULL, &other, &f->error), VERN_USAGE);
    vern_close(NULL);
    vern_answer_end(NULL);
    struct vern_register bad = {.name = "bad", .policy = "vern: 1\nnothing: 2\n"};
    assert_int_equal(vern_create(empty, NULL, &bad, token, &f->error), VERN_BAD_INPUT);
    assert_true(f->error.text[0] != '\0');
    bad.policy = NULL;
    assert_int_equal(vern_create(empty, NULL, &bad, token, &f->error), VERN_USAGE);
    struct vern_register when = {.name = "when", .policy = f->policy, .simulated = "tomorrow"};
    assert_int_equal(vern_create(empty, NULL, &when, token, &f->error), VERN_USAGE);
}

/* ---- as it is installed ---- */

static void run(const char *line)
{
    int code = system(line);
    if (code != 0)
        fail_msg("%s ended with %d", line, code);
}

static void it_is_found_linked_and_run_as_it_is_installed(void **state)
{
    struct fixture *f = *state;
    char line[4096];
    snprintf(line, sizeof(line), "cmake --install %s --prefix %s/tree >/dev/null", VERN_BUILD,
             f->dir);
    run(line);
    static const char *const ways[] = {"--cflags --libs vern", "--static --cflags --libs vern"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(line, sizeof(line),
                 "cd %s && export PKG_CONFIG_PATH=$(echo tree/lib*/pkgconfig tree/lib/*/pkgconfig |"
                 " tr ' ' ':') && %s && libs=$(dirname $(find tree -name 'libvern.*' | head -1)) &&"
                 " %s %s -Wall -Werror tree/share/doc/vern/examples/library.c"
                 " $(pkg-config %s) -o example%zu && rm -rf d d.root &&"
                 " LD_LIBRARY_PATH=$libs ./example%zu d tree/share/doc/vern/examples/example.yaml"
                 " >said && grep -q '^GET /v1/register: 200' said &&"
                 " grep -q '^POST /v1/subjects: 201' said &&"
                 " grep -q '^POST /v1/subjects/find: 200' said",
                 f->dir, i == 0 ? "true" : "find tree -name 'libvern.so*' -delete", VERN_CC,
                 VERN_CC_FLAGS, ways[i], i, i);
        run(line);
    }
}

/* No name but ours is seen from outside, in either library. */
static void only_names_that_begin_with_vern_are_exported(void **state)
{
    (void)state;
    run("! nm -D --defined-only " VERN_BUILD
        "/libvern.so | awk '{print $NF}' | grep -v '^vern_' | grep -v '^_\\(init\\|fini\\)$' "
        "| grep -vi 'asan\\|ubsan\\|sanitizer\\|odr' | grep .");
    run("test $(nm -D --defined-only " VERN_BUILD "/libvern.so | grep -c ' T vern_') = 7");
    run("test $(nm --defined-only -g " VERN_BUILD "/libvern.a | grep -c ' T vern_') = 7");
    run("! nm --defined-only -g " VERN_BUILD
        "/libvern.a | grep ' [A-Z] ' | awk '{print $NF}' | grep -v '^vern_' "
        "| grep -vi 'asan\\|ubsan\\|sanitizer\\|odr' | grep .");
    assert_string_equal(vern_version(), "0.1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_use_cases_are_those_of_the_api),
        TEST(what_was_acknowledged_is_there_when_it_is_opened_again),
        TEST(a_body_that_streams_is_taken_whole),
        TEST(time_goes_on_only_when_it_is_told),
        TEST(a_no_is_an_answer_with_the_problem_of_the_api),
        TEST(what_is_no_request_is_refused_and_changes_nothing),
        TEST(a_body_that_is_too_large_is_a_limit),
        TEST(a_folder_has_one_owner),
        TEST(what_cannot_be_opened_or_made_says_why),
        TEST(it_is_found_linked_and_run_as_it_is_installed),
        TEST(only_names_that_begin_with_vern_are_exported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
