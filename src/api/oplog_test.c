/* The operational log: one object a line, and no client's string in it. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "json.h"
#include "oplog.h"

struct state {
    struct sim_world sim;
    int ends[2];
    struct oplog log;
    char text[4096];
};

static int setup(void **state)
{
    struct state *s = calloc(1, sizeof(*s));
    world_sim(&s->sim, 1, (instant){1772323200000});
    assert_int_equal(pipe(s->ends), 0);
    s->log = (struct oplog){&s->sim.world, s->ends[1]};
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct state *s = *state;
    close(s->ends[0]);
    close(s->ends[1]);
    free(s);
    return 0;
}

static const char *written(struct state *s)
{
    ssize_t count = read(s->ends[0], s->text, sizeof(s->text) - 1);
    assert_true(count > 0);
    s->text[count] = '\0';
    return s->text;
}

static void a_line_is_one_json_object(void **state)
{
    struct state *s = *state;
    struct oplog_pair pairs[] = {{"register", STR("shop")}, {"route", STR("/v1/subjects/:id")}};
    oplog(&s->log, "error", "request_failed", pairs, LENGTH(pairs));
    assert_string_equal(written(s), "{\"t\":\"2026-03-01T00:00:00Z\",\"level\":\"error\","
                                    "\"event\":\"request_failed\",\"register\":\"shop\","
                                    "\"route\":\"/v1/subjects/:id\"}\n");
}

static void what_could_be_anyones_text_is_withheld(void **state)
{
    struct state *s = *state;
    static const char *const texts[] = {"kari@example.org", "a\nb",      "\x1b[2J",
                                        "K\xc3\xa5re",      "{\"x\":1}", "a+b"};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct oplog_pair pair = {"value", str_from(texts[i])};
        oplog(&s->log, "info", "test", &pair, 1);
        const char *line = written(s);
        assert_non_null(strstr(line, "(withheld)"));
        assert_null(strstr(line, texts[i]));
    }
}

static void without_a_log_nothing_is_written(void **state)
{
    struct state *s = *state;
    oplog(NULL, "info", "test", NULL, 0);
    s->log.fd = -1;
    oplog(&s->log, "info", "silent", NULL, 0);
    s->log.fd = s->ends[1];
    oplog_fault(&s->log, "loud", FAULT_STORE, STR("shop"));
    assert_null(strstr(written(s), "silent"));
    assert_non_null(strstr(s->text, "\"fault\":\"store\""));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_line_is_one_json_object),
        TEST(what_could_be_anyones_text_is_withheld),
        TEST(without_a_log_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
