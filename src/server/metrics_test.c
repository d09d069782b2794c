/* What a monitor is told, held against the grammar of the text that Prometheus reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "exposition.h"
#include "metrics.h"

struct state {
    struct arena *arena;
    struct metrics metrics;
    struct engine_tally tally;
};

static int setup(void **state)
{
    struct state *s = calloc(1, sizeof(*s));
    assert(s != NULL);
    s->arena = arena_new(4 << 20);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct state *s = *state;
    arena_free(&s->arena);
    free(s);
    return 0;
}

static str written(struct state *s)
{
    struct buf buf = buf_in(s->arena, 128 << 10);
    struct report report = {0};
    str text;
    metrics_write(&s->metrics, &s->tally, &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    return text;
}

static double sample(struct state *s, const char *name, const char *labels)
{
    double value;
    struct exposition text;
    exposition_read(written(s), &text);
    if (!exposition_find(&text, name, labels, &value))
        fail_msg("no %s{%s}", name, labels);
    return value;
}

static bool shown(struct state *s, const char *name, const char *labels)
{
    double value;
    struct exposition text;
    exposition_read(written(s), &text);
    return exposition_find(&text, name, labels, &value);
}

static void an_empty_start_is_well_formed(void **state)
{
    struct state *s = *state;
    struct exposition text;
    exposition_read(written(s), &text);
    assert_true(text.count > 20);
    assert_false(shown(s, "vern_answers_total", "class=\"read\",code=\"200\""));
    assert_true(sample(s, "vern_turn_seconds_count", "") < 0.5);
}

static void what_the_port_bears_is_said_in_whole_tens(void **state)
{
    struct state *s = *state;
    s->metrics.load = (struct http_load){.connections = 47, .refused = 9, .body_bytes = 4096};
    assert_int_equal((int)sample(s, "vern_connections", ""), 40);
    assert_int_equal((int)sample(s, "vern_connections_refused_total", ""), 0);
    assert_int_equal((int)sample(s, "vern_body_bytes", ""), 4096);
}

/* security.md 15: no count under ten, and no step of one */
static void a_count_is_seen_in_whole_tens_alone(void **state)
{
    struct state *s = *state;
    for (unsigned i = 1; i <= 25; i++) {
        metrics_answered(&s->metrics, 5, 200);
        s->tally.outcomes[VERDICT_REFUSE]++;
        s->tally.always[ALWAYS_nothing_held]++;
        s->metrics.state.health.tasks = i;
        s->metrics.state.health.alarms[ALARM_MASS_READ] = i;
        double whole = i / 10 * 10;
        assert_true(shown(s, "vern_answers_total", "class=\"read\",code=\"200\"") == (i >= 10));
        if (i >= 10) {
            assert_true(sample(s, "vern_answers_total", "class=\"read\",code=\"200\"") == whole);
            assert_true(sample(s, "vern_refusals_total", "rule=\"always.nothing_held\"") == whole);
        }
        assert_true(sample(s, "vern_decisions_total", "outcome=\"refuse\"") == whole);
        assert_true(sample(s, "vern_tasks_waiting", "") == whole);
        assert_true(sample(s, "vern_alarms_open", "kind=\"mass_read\"") == whole);
        assert_true(sample(s, "vern_alarm", "kind=\"mass_read\"") == 1);
    }
    assert_true(sample(s, "vern_alarm", "kind=\"break_glass\"") == 0);
}

static void turns_fall_into_buckets_that_add_up(void **state)
{
    struct state *s = *state;
    for (int i = 0; i < 10; i++) {
        metrics_turned(&s->metrics, 500 * 1000);            /* at the end of the first */
        metrics_turned(&s->metrics, 500 * 1000 + 1);        /* in the second */
        metrics_turned(&s->metrics, UINT64_C(60000000000)); /* beyond all */
    }
    assert_true(sample(s, "vern_turn_seconds_bucket", "le=\"0.0005\"") == 10);
    assert_true(sample(s, "vern_turn_seconds_bucket", "le=\"0.0010\"") == 20);
    assert_true(sample(s, "vern_turn_seconds_bucket", "le=\"2.5000\"") == 20);
    assert_true(sample(s, "vern_turn_seconds_bucket", "le=\"+Inf\"") == 30);
    assert_true(sample(s, "vern_turn_seconds_count", "") == 30);
    assert_true(sample(s, "vern_turn_seconds_sum", "") > 600);
}

static void what_never_was_is_infinitely_old(void **state)
{
    struct state *s = *state;
    s->metrics.state.health.backup_age_ms = HEALTH_NEVER;
    s->metrics.state.health.epoch_age_ms = 86400123;
    assert_true(sample(s, "vern_backup_age_seconds", "") > 1e300);
    assert_true(sample(s, "vern_epoch_age_seconds", "") == 86400.123);
}

/* Nothing but what this file's tables say can be a label. */
static void labels_are_closed_words(void **state)
{
    struct state *s = *state;
    for (unsigned class = 0; class < API_CLASSES; class ++) {
        for (int code = 100; code < METRIC_CODES; code++)
            s->metrics.answers[class][code] = UINT64_MAX;
    }
    for (size_t i = 0; i < ALWAYS_COUNT; i++)
        s->tally.always[i] = 10;
    for (size_t i = 0; i < TALLY_SECTIONS; i++)
        s->tally.sections[i] = 10;
    struct buf buf = buf_in(s->arena, 2 << 20);
    struct report report = {0};
    struct exposition text;
    str all;
    metrics_write(&s->metrics, &s->tally, &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &all)));
    exposition_read(all, &text);
    for (size_t i = 0; i < text.count; i++) {
        str labels = text.at[i].labels;
        for (size_t c = 0; c < labels.len; c++)
            assert_non_null(
                memchr("abcdefghijklmnopqrstuvwxyz_0123456789=\",.+I", labels.ptr[c], 43));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_start_is_well_formed),       TEST(what_the_port_bears_is_said_in_whole_tens),
        TEST(a_count_is_seen_in_whole_tens_alone), TEST(turns_fall_into_buckets_that_add_up),
        TEST(what_never_was_is_infinitely_old),    TEST(labels_are_closed_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
