/* Settings: which of several sources wins, and what is said of a wrong line. */
#include <setjmp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "file.h"
#include "server.h"

struct state {
    struct arena *arena;
    struct report report;
    struct settings settings;
    char path[64];
};

static int setup(void **state)
{
    struct state *s = calloc(1, sizeof(*s));
    s->arena = arena_new(1 << 20);
    snprintf(s->path, sizeof(s->path), "/tmp/vern-settings-XXXXXX");
    int fd = mkstemp(s->path);
    assert_true(fd >= 0);
    close(fd);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct state *s = *state;
    unlink(s->path);
    arena_free(&s->arena);
    free(s);
    return 0;
}

static void put(struct state *s, const char *text)
{
    FILE *file = fopen(s->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static status take(struct state *s, const str *given, const char *text, char *const *environment)
{
    static const str none[SETTING_COUNT];
    s->report = (struct report){0};
    if (text != NULL)
        put(s, text);
    return settings_read(given == NULL ? none : given, text == NULL ? NULL : s->path, environment,
                         s->arena, &s->report, &s->settings);
}

static void without_anything_the_defaults_hold(void **state)
{
    struct state *s = *state;
    assert_true(is_ok(take(s, NULL, NULL, NULL)));
    assert_true(str_is(s->settings.at[SET_listen], "127.0.0.1:8787"));
    assert_int_equal(s->settings.at[SET_data].len, 0);
}

static void an_option_wins_over_environment_and_file(void **state)
{
    struct state *s = *state;
    char variable[] = "VERN_LISTEN=127.0.0.1:2";
    char *environment[] = {variable, NULL};
    str given[SETTING_COUNT] = {[SET_listen] = STR("127.0.0.1:1")};
    assert_true(is_ok(take(s, given, "listen = 127.0.0.1:3\n", environment)));
    assert_true(str_is(s->settings.at[SET_listen], "127.0.0.1:1"));
    assert_true(is_ok(take(s, NULL, "listen = 127.0.0.1:3\n", environment)));
    assert_true(str_is(s->settings.at[SET_listen], "127.0.0.1:2"));
    assert_true(is_ok(take(s, NULL, "# here\n\n  listen = 127.0.0.1:3  \n", NULL)));
    assert_true(str_is(s->settings.at[SET_listen], "127.0.0.1:3"));
}

static void a_setting_may_stand_in_a_file_of_its_own(void **state)
{
    struct state *s = *state;
    put(s, "/srv/vern\n");
    char variable[128];
    snprintf(variable, sizeof(variable), "VERN_DATA_FILE=%s", s->path);
    char *environment[] = {variable, NULL};
    assert_true(is_ok(take(s, NULL, NULL, environment)));
    assert_true(str_is(s->settings.at[SET_data], "/srv/vern"));
}

static void a_setting_given_both_ways_is_refused(void **state)
{
    struct state *s = *state;
    char plain[] = "VERN_DATA=/a", by_file[] = "VERN_DATA_FILE=/b";
    char *environment[] = {plain, by_file, NULL};
    assert_int_equal(take(s, NULL, NULL, environment).fault, FAULT_USAGE);
    assert_non_null(strstr(s->report.text, "VERN_DATA_FILE"));
}

static void an_unknown_key_is_named_by_its_place_and_the_nearest(void **state)
{
    struct state *s = *state;
    assert_int_equal(take(s, NULL, "data = /a\n  lisen = x\n", NULL).fault, FAULT_USAGE);
    assert_non_null(strstr(s->report.where, ":2:3"));
    assert_non_null(strstr(s->report.text, "\"listen\""));
}

static void a_key_twice_and_a_line_that_is_none_are_refused(void **state)
{
    struct state *s = *state;
    assert_int_equal(take(s, NULL, "data = /a\ndata = /b\n", NULL).fault, FAULT_USAGE);
    assert_int_equal(take(s, NULL, "data /a\n", NULL).fault, FAULT_USAGE);
}

static void an_address_has_a_host_and_a_port(void **state)
{
    struct state *s = *state;
    const char *address;
    uint16_t port;
    assert_true(is_ok(listen_parse(STR("127.0.0.1:80"), s->arena, &s->report, &address, &port)));
    assert_string_equal(address, "127.0.0.1");
    assert_int_equal(port, 80);
    assert_true(is_ok(listen_parse(STR("[::1]:8787"), s->arena, &s->report, &address, &port)));
    assert_string_equal(address, "::1");
    static const char *const bad[] = {
        "", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct report report = {0};
        status no = listen_parse(str_from(bad[i]), s->arena, &report, &address, &port);
        assert_int_equal(no.fault, FAULT_USAGE);
    }
}

static void the_root_key_lies_beside_the_data_and_not_in_it(void **state)
{
    struct state *s = *state;
    str given[SETTING_COUNT] = {[SET_data] = STR("/srv/vern/")};
    assert_true(is_ok(take(s, given, NULL, NULL)));
    assert_string_equal(settings_root(&s->settings, s->arena), "/srv/vern.root");
}

static int listening_socket(const char *name, size_t length)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    memcpy(address.sun_path, name, length);
    assert_int_equal(bind(fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
                     0);
    return fd;
}

static void a_service_manager_is_told_at_the_socket_that_it_named(void **state)
{
    (void)state;
    char hidden[64], got[32];
    int length = snprintf(hidden, sizeof(hidden), "@vern-notify-%d", (int)getpid());
    hidden[0] = '\0';
    int fd = listening_socket(hidden, (size_t)length);
    hidden[0] = '@';
    notify_manager((str){hidden, (size_t)length}, STR("READY=1"));
    assert_int_equal(recv(fd, got, sizeof(got), 0), 7);
    assert_memory_equal(got, "READY=1", 7);
    notify_manager(STR(""), STR("READY=1"));
    notify_manager(STR("relative"), STR("READY=1"));
    notify_manager(STR("/no/such/socket"), STR("READY=1"));
    assert_int_equal(recv(fd, got, sizeof(got), MSG_DONTWAIT), -1);
    close(fd);
}

static void swap_is_seen(void **state)
{
    (void)state;
    assert_false(swap_is_on(STR("Filename\tType\tSize\tUsed\tPriority\n")));
    assert_true(
        swap_is_on(STR("Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 1 0 -2\n")));
    assert_false(swap_is_on(STR("")));
}

static void the_manual_lists_every_setting(void **state)
{
    struct state *s = *state;
    str manual;
    assert_true(is_ok(file_read("docs/configuration.md", s->arena, 1 << 18, &s->report, &manual)));
    const char *text = arena_c_string(s->arena, manual);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting_row *row = setting_row((enum setting)i);
        char line[256];
        snprintf(line, sizeof(line), "\n| `%s` | %s%s%s | %s |\n", row->name,
                 row->fallback[0] != '\0' ? "`" : "", row->fallback,
                 row->fallback[0] != '\0' ? "`" : "", row->what);
        if (strstr(text, line) == NULL)
            fail_msg("docs/configuration.md lacks:%s", line);
    }
}

/* What a process may have open is shared by its connections and its registers. */
static void there_are_no_more_connections_than_files_for_them(void **state)
{
    (void)state;
    assert_int_equal(connections_within(4096, 1 << 20, 3), 4096);
    assert_int_equal(connections_within(4096, 1024, 1), 1024 - 128 - 16);
    assert_int_equal(connections_within(4096, 1024, 10), 1024 - 128 - 160);
    assert_int_equal(connections_within(4096, 144, 1), 0);
    assert_int_equal(connections_within(4096, 0, 1), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(without_anything_the_defaults_hold),
        TEST(there_are_no_more_connections_than_files_for_them),
        TEST(an_option_wins_over_environment_and_file),
        TEST(a_setting_may_stand_in_a_file_of_its_own),
        TEST(a_setting_given_both_ways_is_refused),
        TEST(an_unknown_key_is_named_by_its_place_and_the_nearest),
        TEST(a_key_twice_and_a_line_that_is_none_are_refused),
        TEST(an_address_has_a_host_and_a_port),
        TEST(the_root_key_lies_beside_the_data_and_not_in_it),
        TEST(a_service_manager_is_told_at_the_socket_that_it_named),
        TEST(swap_is_seen),
        TEST(the_manual_lists_every_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
