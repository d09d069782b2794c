/* A register moves from its files into PostgreSQL: all of it, and whatever ends the move, one of
 * the two serves it and never both.
 *
 *   files --(killed at the nth step)--> open: who serves? --> move again, with or without it
 *
 * The steps are those of the world's seam: before each durable effect the process may end. A server
 * that serves it meanwhile is asked to hold still, and answers what changes nothing. */
#include "engine_fixture.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine_internal.h"
#include "postgres_server.h"

enum { KILLED = 9, PEOPLE = 70, PEOPLE_KILLED = 2 };

static struct postgres_server server;

static struct fixture f;
static dossier_id people[PEOPLE * 2];
static size_t count;

static void new_person(void)
{
    struct subject_create create = {0};
    RUN_OK(&f, use_subject_create, &create);
    people[count++] = f.call.outcome.id;
}

static record_id tell_something(dossier_id subject)
{
    struct matter_create vacancy = {STR("vacancy"), STR("V-1")};
    struct collect_value values[] = {{STR("basic.name"), STR("Kari Prøve"), true},
                                     {STR("basic.email"), STR("kari@example.test"), true},
                                     {STR("job_application.application"), STR("I apply."), true},
                                     {STR("job_application.cv"), STR("Ten years."), true}};
    str events[] = {STR("application_received")};
    RUN_OK(&f, use_matter_create, &vacancy);
    struct collect_run collect = {.request = {.subject = subject,
                                              .matter = f.call.outcome.id,
                                              .intake = STR("application"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = LENGTH(values),
                                              .events = events,
                                              .event_count = 1}};
    RUN_OK(&f, use_collect, &collect);
    return collect.result.items[3];
}

static str read_it(dossier_id subject, record_id item)
{
    struct read_run read = {.request = {.subject = subject,
                                        .purpose = STR("recruitment"),
                                        .controller = STR("confect"),
                                        .items = &item,
                                        .item_count = 1}};
    RUN_OK(&f, use_read, &read);
    return read.result.items[0].value;
}

static void register_in_files(void)
{
    count = 0;
    fixture_start(&f, 7, "2026-01-01T00:00:00Z");
    fixture_register(&f, "confect", "2026-01-15T09:00:00Z");
}

static void reopened(void)
{
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("confect"));
    assert_non_null(f.reg);
}

static status move_to(const char *data, const char *keys, struct register_move *move,
                      struct db_places *places)
{
    struct engine_config config = fixture_config(&f);
    f.report = (struct report){0};
    *places = (struct db_places){0};
    *move = (struct register_move){.name = STR("confect"), .places = places};
    assert_true(is_ok(db_address_take(str_from(data), &places->at[DB_DATA], &f.report)));
    if (keys != NULL)
        assert_true(is_ok(db_address_take(str_from(keys), &places->at[DB_KEYS], &f.report)));
    return engine_register_move(&config, f.arena, &f.report, move);
}

static void path_of(const char *leaf, char path[256])
{
    (void)snprintf(path, 256, "%s/registers/confect/%s", f.data, leaf);
}

static bool has_file(const char *leaf)
{
    char path[256];
    path_of(leaf, path);
    return file_exists(path);
}

static void remove_file(const char *leaf)
{
    char path[256];
    path_of(leaf, path);
    assert_int_equal(unlink(path), 0);
}

/* ---- beside a server ---- */

static struct register_move beside;
static struct db_places beside_places;

static void nobody_looks(void *self)
{
    (void)self;
}

/* The server's second. */
static enum move_step look(void)
{
    struct report report = {0};
    enum move_step step_;
    if (!is_ok(reg_mind_move(f.reg, &report, &step_)))
        fail_msg("%s", report.text);
    if (step_ == MOVE_DONE)
        f.reg = engine_register(f.engine, STR("confect"));
    return step_;
}

static void server_looks(void *self)
{
    (void)self;
    (void)look();
}

static status move_beside(const char *address, void (*wait)(void *self))
{
    struct engine_config config = fixture_config(&f);
    f.report = (struct report){0};
    beside_places = (struct db_places){0};
    beside = (struct register_move){.name = STR("confect"), .places = &beside_places, .wait = wait};
    assert_true(is_ok(db_address_take(str_from(address), &beside_places.at[DB_DATA], &f.report)));
    beside_places.at[DB_KEYS] = beside_places.at[DB_DATA];
    return engine_register_move(&config, f.arena, &f.report, &beside);
}

static void expect_everyone(void)
{
    for (size_t i = 0; i < count; i++) {
        enum presence presence;
        struct dossier *dossier;
        status loaded =
            vault_load(f.reg->vault, people[i], f.arena, &f.report, &presence, &dossier);
        if (!is_ok(loaded) || presence != PRESENCE_LIVE)
            fail_msg("person %zu is not there: %s", i, f.report.text);
    }
}

/* Of the two that there may be, one is gone or void. */
static void expect_one_only(void)
{
    bool there = has_file("database.json");
    assert_true(there != has_file("data.db"));
    assert_true(there != has_file("keys.db"));
    assert_false(has_file("moving.json"));
}

static long rows_there(const char *schema, const char *table)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE ?1::text <> ''", table);
    return postgres_count(server.address, schema, sql, "x", 1);
}

static void a_register_moves_whole_and_its_files_go(void **state)
{
    (void)state;
    struct register_move move;
    struct db_places places;
    register_in_files();
    for (size_t i = 0; i < PEOPLE; i++)
        new_person();
    record_id item = tell_something(people[0]);
    struct erase_run erase = {.request = {.subject = people[PEOPLE - 1], .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    count--;
    uint64_t before_a_start = audit_size(f.reg->log);
    fixture_close(&f);
    reopened();
    uint64_t of_a_start = audit_size(f.reg->log) - before_a_start;
    uint64_t entries = audit_size(f.reg->log);
    struct audit_mark mark = audit_mark_of(f.reg->log);
    fixture_close(&f);
    status moved = move_to(server.address, server.address, &move, &places);
    if (!is_ok(moved))
        fail_msg("%s", f.report.text);
    assert_true(has_file("data.db")); /* until it was opened there */
    reopened();
    expect_one_only();
    expect_everyone();
    assert_int_equal(audit_size(f.reg->log), entries + of_a_start);
    assert_true(str_is(read_it(people[0], item), "Ten years."));
    assert_true(audit_mark_of(f.reg->log).size >= mark.size);
    assert_true(move.data_rows > PEOPLE && move.key_rows >= PEOPLE);
    assert_true(rows_there("vern_confect_data", "dossier") >= PEOPLE - 1);
    assert_int_equal(rows_there("vern_confect_keys", "fence"), 1);
    new_person();
    fixture_close(&f);
    assert_int_equal(move_to(server.address, server.address, &move, &places).fault, FAULT_INVALID);
    reopened();
    expect_everyone();
    fixture_stop(&f);
}

static void keys_may_stay_in_their_file(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct register_move move;
    struct db_places places;
    postgres_database_make(server.address, "half", address);
    register_in_files();
    new_person();
    fixture_close(&f);
    assert_true(is_ok(move_to(address, NULL, &move, &places)));
    reopened();
    expect_everyone();
    assert_true(has_file("keys.db") && !has_file("data.db"));
    fixture_stop(&f);
}

static void one_that_does_not_hold_still_is_not_moved(void **state)
{
    (void)state;
    struct register_move move;
    struct db_places places;
    register_in_files();
    new_person();
    assert_int_equal(move_to(server.address, server.address, &move, &places).fault, FAULT_LOCKED);
    assert_int_equal(move_beside(server.address, nobody_looks).fault, FAULT_LOCKED);
    assert_non_null(strstr(f.report.text, "does not hold still"));
    assert_false(has_file("move-asked"));
    remove_file("lock-changes"); /* a server that knows of no such lock */
    assert_int_equal(move_beside(server.address, nobody_looks).fault, FAULT_LOCKED);
    assert_non_null(strstr(f.report.text, "older version"));
    move.name = STR("nobody");
    struct engine_config config = fixture_config(&f);
    f.report = (struct report){0};
    assert_int_equal(engine_register_move(&config, f.arena, &f.report, &move).fault,
                     FAULT_NOT_FOUND);
    expect_one_only();
    fixture_stop(&f);
}

static void what_is_anothers_there_is_not_touched(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct register_move move;
    struct db_places places;
    struct fixture first;
    postgres_database_make(server.address, "anothers", address);
    register_in_files();
    new_person();
    fixture_close(&f);
    assert_true(is_ok(move_to(address, address, &move, &places)));
    first = f;
    register_in_files();
    new_person();
    fixture_close(&f);
    assert_int_equal(move_to(address, address, &move, &places).fault, FAULT_CONFLICT);
    reopened();
    expect_one_only();
    fixture_stop(&f);
    f = first;
    reopened(); /* the one that was there first still is */
    fixture_stop(&f);
}

/* ---- while it is served ---- */

static record_id item_there;
static unsigned commits, reads_between;
static bool inside;

static bool changes_anything(void)
{
    struct subject_create create = {0};
    status made = run(&f, use_subject_create, &create);
    if (is_ok(made))
        people[count++] = f.call.outcome.id;
    else
        assert_int_equal(made.fault, FAULT_MOVING);
    return is_ok(made);
}

/* Between two pages that are copied, and before the switch. */
static status use_between(void *self, const char *seam, struct report *report)
{
    (void)self;
    (void)report;
    bool page = strcmp(seam, "moved.commit") == 0, last = strcmp(seam, "register.places") == 0;
    if (inside || !(page || last))
        return OK;
    inside = true;
    commits++;
    assert_int_equal(look(), MOVE_NONE);
    assert_true(str_is(read_it(people[0], item_there), "Ten years."));
    assert_false(changes_anything());
    assert_false(reg_on_duty(f.reg));
    reads_between++;
    inside = false;
    return OK;
}

static void a_register_moves_while_it_answers_what_changes_nothing(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    postgres_database_make(server.address, "served", address);
    register_in_files();
    for (size_t i = 0; i < PEOPLE; i++)
        new_person();
    item_there = tell_something(people[0]);
    struct reg *before = f.reg;
    uint64_t entries = audit_size(f.reg->log);
    commits = reads_between = 0;
    f.sim.world.seam = use_between;
    status moved = move_beside(address, server_looks);
    f.sim.world.seam = NULL;
    if (!is_ok(moved))
        fail_msg("%s", f.report.text);
    assert_true(beside.served && commits > 4 && reads_between == commits);
    assert_ptr_not_equal(f.reg, before);
    assert_ptr_equal(reg_current(before), f.reg);
    assert_ptr_equal(reg_current(f.reg), f.reg);
    expect_one_only();
    assert_true(has_file("database.json") && !has_file("move-asked"));
    assert_true(audit_size(f.reg->log) >= entries + reads_between);
    expect_everyone();
    assert_true(str_is(read_it(people[0], item_there), "Ten years."));
    assert_true(changes_anything() && reg_on_duty(f.reg));
    struct call late; /* of somebody who came before */
    f.report = (struct report){0};
    assert_int_equal(call_begin(f.engine, before, engine_system(), f.arena, &f.report, &late).fault,
                     FAULT_MOVING);
    fixture_close(&f);
    reopened();
    expect_everyone();
    fixture_stop(&f);
}

static status break_off(void *self, const char *seam, struct report *report)
{
    (void)self;
    return strcmp(seam, "register.places") == 0 ? fail(report, FAULT_STORE, "the line is cut") : OK;
}

/* The move ends without the switch: the server goes on, and what was copied is of no use. */
static void a_move_that_fails_lets_the_server_go_on(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    postgres_database_make(server.address, "broken", address);
    register_in_files();
    new_person();
    f.sim.world.seam = break_off;
    assert_int_equal(move_beside(address, server_looks).fault, FAULT_STORE);
    f.sim.world.seam = NULL;
    assert_false(changes_anything());
    while (look() != MOVE_VOID)
        assert_false(changes_anything());
    assert_true(has_file("moving-void.json") && !has_file("moving.json"));
    assert_true(changes_anything() && reg_on_duty(f.reg));
    assert_true(is_ok(move_beside(address, server_looks)));
    assert_true(beside.served);
    expect_one_only();
    expect_everyone();
    fixture_stop(&f);
}

static status server_ends(void *self, const char *seam, struct report *report)
{
    (void)self;
    (void)report;
    if (strcmp(seam, "moved.commit") != 0 || f.engine == NULL)
        return OK;
    fixture_close(&f);
    struct engine_config config = fixture_config(&f);
    struct report again = {0};
    assert_int_equal(engine_open(&config, &again, &f.engine).fault, FAULT_LOCKED);
    return OK;
}

/* Nobody may start one before the move is at its end. */
static void a_server_that_ends_meanwhile_leaves_the_move_to_go_on(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    postgres_database_make(server.address, "left", address);
    register_in_files();
    new_person();
    f.sim.world.seam = server_ends;
    status moved = move_beside(address, server_looks);
    f.sim.world.seam = NULL;
    if (!is_ok(moved))
        fail_msg("%s", f.report.text);
    assert_false(beside.served);
    reopened();
    expect_one_only();
    expect_everyone();
    assert_true(has_file("database.json"));
    fixture_stop(&f);
}

/* A server in a process of its own, which is killed before it has looked: what it kept last is in
 * its journal alone. */
static pid_t served_by;

static void kill_server(void *self)
{
    (void)self;
    if (served_by == 0)
        return;
    assert_int_equal(kill(served_by, SIGKILL), 0);
    assert_int_equal(waitpid(served_by, NULL, 0), served_by);
    served_by = 0;
}

static void serve_until_killed(int out)
{
    reopened();
    new_person();
    if (write(out, &people[count - 1], sizeof(people[0])) != (ssize_t)sizeof(people[0]))
        _exit(1);
    for (;;)
        pause();
}

static void what_a_killed_server_kept_is_moved_too(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    int ends[2];
    postgres_database_make(server.address, "journal", address);
    register_in_files();
    new_person();
    fixture_close(&f);
    fflush(NULL);
    assert_int_equal(pipe(ends), 0);
    served_by = fork();
    if (served_by == 0)
        serve_until_killed(ends[1]);
    assert_int_equal(read(ends[0], &people[count++], sizeof(people[0])), sizeof(people[0]));
    status moved = move_beside(address, kill_server);
    if (!is_ok(moved))
        fail_msg("%s", f.report.text);
    assert_int_equal(served_by, 0);
    assert_false(beside.served);
    reopened();
    expect_one_only();
    expect_everyone();
    close(ends[0]);
    close(ends[1]);
    fixture_stop(&f);
}

/* ---- killed ---- */

static unsigned steps_left;

static status step(void *self, const char *seam, struct report *report)
{
    (void)self;
    (void)seam;
    (void)report;
    if (steps_left-- == 0)
        _exit(KILLED);
    return OK;
}

/* In a process of its own, which ends before the nth step of the move or of the opening after it.
 */
static bool moved_without_a_kill(const char *address, unsigned nth)
{
    int how = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct register_move move;
        struct db_places places;
        steps_left = nth;
        f.sim.world.seam = step;
        status moved = move_to(address, address, &move, &places);
        if (is_ok(moved)) {
            struct engine_config config = fixture_config(&f);
            moved = engine_open(&config, &f.report, &f.engine);
        }
        if (!is_ok(moved))
            fprintf(stderr, "%s\n", f.report.text);
        _exit(is_ok(moved) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how) && (WEXITSTATUS(how) == 0 || WEXITSTATUS(how) == KILLED));
    return WEXITSTATUS(how) == 0;
}

/* G4. After every second kill somebody serves the register before the move goes on. */
static void a_move_that_is_killed_leaves_one_of_the_two_and_goes_on(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    unsigned nth = 0, kills = 0, files = 0, there = 0;
    postgres_database_make(server.address, "killed", address);
    for (bool done = false; !done; nth++) {
        register_in_files();
        for (size_t i = 0; i < PEOPLE_KILLED; i++)
            new_person();
        fixture_close(&f);
        done = moved_without_a_kill(address, nth);
        kills += !done;
        if (!done && nth % 2 == 0) {
            reopened();
            expect_one_only();
            expect_everyone();
            new_person();
            files += has_file("data.db");
            there += has_file("database.json");
            fixture_close(&f);
        }
        if (!has_file("database.json"))
            assert_true(moved_without_a_kill(address, 10000));
        reopened();
        assert_true(has_file("database.json"));
        expect_one_only();
        expect_everyone();
        assert_true(is_ok(reg_retire(f.reg, NULL, f.arena, &f.report)));
        fixture_stop(&f);
    }
    print_message("%u kills: %u times the files went on, %u times PostgreSQL did\n", kills, files,
                  there);
    assert_true(files > 2 && there > 2);
}

static int line[2]; /* the server's end, the mover's */

/* The server has looked once more. */
static void ask_server(void *self)
{
    char byte = 0;
    (void)self;
    if (write(line[1], &byte, 1) != 1 || read(line[1], &byte, 1) != 1)
        _exit(1);
}

static void look_whenever_asked(void)
{
    for (char byte; read(line[0], &byte, 1) == 1;) {
        (void)look();
        assert_int_equal(write(line[0], &byte, 1), 1);
    }
    close(line[0]);
}

/* The mover in a process of its own, and the server here. */
static bool moved_beside_without_a_kill(const char *address, unsigned nth)
{
    int how = 0;
    fflush(NULL);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, line), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(line[0]);
        close(f.reg->lock); /* which are the server's */
        close(f.reg->change_lock);
        steps_left = nth;
        f.sim.world.seam = step;
        status moved = move_beside(address, ask_server);
        if (!is_ok(moved))
            fprintf(stderr, "%s\n", f.report.text);
        _exit(is_ok(moved) ? 0 : 1);
    }
    close(line[1]);
    look_whenever_asked();
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how) && (WEXITSTATUS(how) == 0 || WEXITSTATUS(how) == KILLED));
    return WEXITSTATUS(how) == 0;
}

/* G4. Whenever the mover dies the server goes on by itself, in one place or the other. */
static void a_mover_that_is_killed_leaves_the_server_to_go_on(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    unsigned kills = 0, files = 0, there = 0;
    postgres_database_make(server.address, "mover", address);
    for (bool done = false; !done; kills += !done) {
        register_in_files();
        for (size_t i = 0; i < PEOPLE_KILLED; i++)
            new_person();
        done = moved_beside_without_a_kill(address, kills);
        for (int looks = 0; looks < 4; looks++) /* more than it takes */
            (void)look();
        assert_true(changes_anything());
        expect_one_only();
        expect_everyone();
        files += !done && has_file("data.db");
        there += !done && has_file("database.json");
        if (!has_file("database.json"))
            assert_true(moved_beside_without_a_kill(address, 10000));
        assert_true(has_file("database.json"));
        expect_everyone();
        assert_true(is_ok(reg_retire(f.reg, NULL, f.arena, &f.report)));
        fixture_stop(&f);
    }
    print_message("%u kills: %u times the files went on, %u times PostgreSQL did\n", kills, files,
                  there);
    assert_true(files > 2 && there > 0);
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_moves_whole_and_its_files_go),
        cmocka_unit_test(keys_may_stay_in_their_file),
        cmocka_unit_test(one_that_does_not_hold_still_is_not_moved),
        cmocka_unit_test(what_is_anothers_there_is_not_touched),
        cmocka_unit_test(a_move_that_is_killed_leaves_one_of_the_two_and_goes_on),
        cmocka_unit_test(a_register_moves_while_it_answers_what_changes_nothing),
        cmocka_unit_test(a_move_that_fails_lets_the_server_go_on),
        cmocka_unit_test(a_server_that_ends_meanwhile_leaves_the_move_to_go_on),
        cmocka_unit_test(what_a_killed_server_kept_is_moved_too),
        cmocka_unit_test(a_mover_that_is_killed_leaves_the_server_to_go_on),
    };
    if (!postgres_server_start(&server, ""))
        return 77;
    return cmocka_run_group_tests(tests, NULL, stopped);
}
