/* Two servers of one register in one process, so that a test says whose turn it is: their clocks
 * differ, one dies at a step of its turn, and what lives in memory alone is the other's as well. */
#include "two_servers.h"

#include "session.h"

enum { HOUR_MS = 3600000 };

static struct postgres_server database;
static struct fixture a, b;
static dossier_id person;
static record_id address;
static const char *fails_at; /* the seam where the first server dies, */
static unsigned fails_after; /* when it came there so often */
static unsigned registers;
static char name[16];

/* ---- two servers ---- */

static status dies(void *self, const char *seam, struct report *report)
{
    (void)self;
    if (fails_at == NULL || strcmp(seam, fails_at) != 0 || fails_after-- > 0)
        return OK;
    fails_at = NULL;
    return fail(report, FAULT_STORE, "the test ends it here");
}

static void begin_with(bool simulated)
{
    (void)snprintf(name, sizeof(name), "two%u", registers++);
    two_create(&a, &database, name, "policies/example.yaml", simulated);
    two_begin(&a, &b, dies, name);
    address = two_asker(&a, &person);
}

static int begin(void **state)
{
    (void)state;
    begin_with(true);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fails_at = NULL;
    two_end(&a, &b);
    return 0;
}

/* ---- what is so ---- */

static long keys_count(const char *sql)
{
    char schema[64];
    (void)snprintf(schema, sizeof(schema), "vern_%s_keys", name);
    return postgres_count(database.address, schema, sql, "x", 1);
}

static long open_fences(void)
{
    return keys_count("SELECT count(*) FROM fence WHERE done = 0 AND ?1::text <> ''");
}

static size_t shown(struct fixture *f)
{
    struct read_run reading = {.request = {.subject = person, .purpose = STR("support")}};
    status got = run(f, use_read, &reading);
    return is_ok(got) ? reading.result.count : 0;
}

/* ---- tests ---- */

static void a_server_whose_clock_is_behind_writes_no_earlier_than_the_other(void **state)
{
    (void)state;
    begin_with(false);
    b.sim.clock.ms += HOUR_MS;
    assert_int_equal(shown(&b), 2);
    instant ahead = b.call.now;
    assert_int_equal(shown(&a), 2);
    assert_true(a.call.now.ms >= ahead.ms);
    assert_true(a.sim.clock.ms < ahead.ms);
}

static void erase_dying(const char *seam, unsigned after)
{
    struct erase_run erase = {.request = {.subject = person}};
    assert_int_equal(shown(&b), 2);
    fails_at = seam;
    fails_after = after;
    assert_false(is_ok(run(&a, use_erase, &erase)));
    assert_true(engine_failed(a.engine));
    engine_close(&a.engine);
}

/* Nothing of it was acknowledged, nor kept. */
static void a_turn_that_died_between_keys_and_data_is_undone_by_the_next_server(void **state)
{
    (void)state;
    erase_dying("data.commit", 0);
    assert_int_equal(open_fences(), 1);
    assert_int_equal(shown(&b), 2);
    assert_int_equal(open_fences(), 0);
    struct erase_run erase = {.request = {.subject = person}};
    RUN_OK(&b, use_erase, &erase);
    assert_int_equal(shown(&b), 0);
}

static void
a_turn_that_died_before_its_keys_were_forgotten_is_finished_by_the_next_server(void **state)
{
    static const char *const rings = "SELECT count(*) FROM ring WHERE sealed <> '' AND "
                                     "get_byte(sealed, 0) <> 0 AND ?1::text <> ''";
    (void)state;
    long before = keys_count(rings);
    erase_dying("keys.commit", 1);
    assert_int_equal(open_fences(), 1);
    assert_int_equal(keys_count(rings), before);
    assert_int_equal(shown(&b), 0);
    assert_int_equal(open_fences(), 0);
    assert_int_equal(keys_count(rings), before - 1);
}

/* ---- what lives in memory ---- */

struct opening {
    struct session_open request;
    struct session_opened opened;
};
static status use_open(struct call *call, void *self)
{
    struct opening *opening = self;
    return engine_session_open(call, &opening->request, &opening->opened);
}
static status use_end(struct call *call, void *id)
{
    return engine_session_end(call, *(const dossier_id *)id);
}

/* In a turn of its own, as a request's. */
static bool signed_in(struct fixture *f, str cookie)
{
    struct reg *reg;
    const struct caller *caller;
    struct session_proof proof = {cookie, STR(""), false};
    struct report report = {0};
    engine_begin(f->engine);
    bool lives =
        is_ok(engine_session_authenticate(f->engine, &proof, f->arena, &report, &reg, &caller));
    bool well = lives && reg == f->reg && str_is(caller->authenticated, "session");
    assert_true(is_ok(engine_end(f->engine, &report)));
    assert_int_equal(lives, well);
    return lives;
}

static void who_signs_in_at_one_server_is_signed_in_at_the_other_until_either_ends_it(void **state)
{
    (void)state;
    struct opening opening = {.request = {.subject = person,
                                          .address = address,
                                          .scopes = SCOPE_READ,
                                          .how = "link",
                                          .replaces = STR("")}};
    dossier_id id;
    RUN_OK(&a, use_open, &opening);
    assert_true(signed_in(&b, opening.opened.cookie));
    assert_true(signed_in(&a, opening.opened.cookie));
    assert_true(id_parse(str_slice(opening.opened.cookie, 0, ID_TEXT), id.bytes));
    RUN_OK(&b, use_end, &id);
    assert_false(signed_in(&a, opening.opened.cookie));
    assert_false(signed_in(&b, opening.opened.cookie));
}

/* ---- who is on duty ---- */

static bool takes_duty(struct fixture *f)
{
    f->report = (struct report){0};
    assert_true(is_ok(reg_take_duty(f->reg, &f->report)));
    return reg_on_duty(f->reg);
}

static void one_server_is_on_duty_and_the_other_when_that_is_gone(void **state)
{
    (void)state;
    assert_true(takes_duty(&b));
    assert_false(takes_duty(&a));
    assert_true(takes_duty(&b));
    engine_close(&b.engine);
    for (unsigned i = 0; !takes_duty(&a);
         i++) /* until the database has seen the end of a session */
        assert_true(i < 10000);
    two_serve(&b, "b", name);
    assert_false(takes_duty(&b));
}

static void a_server_that_would_be_alone_waits_for_those_that_serve_together(void **state)
{
    (void)state;
    struct engine_config config = fixture_config(&a);
    struct engine *engine = NULL;
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/c", a.dir);
    config.log_dir = path;
    struct report report = {0};
    assert_int_equal(engine_open(&config, &report, &engine).fault, FAULT_LOCKED);
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&database);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_server_whose_clock_is_behind_writes_no_earlier_than_the_other,
                                  end),
        TEST(a_turn_that_died_between_keys_and_data_is_undone_by_the_next_server),
        TEST(a_turn_that_died_before_its_keys_were_forgotten_is_finished_by_the_next_server),
        TEST(who_signs_in_at_one_server_is_signed_in_at_the_other_until_either_ends_it),
        TEST(one_server_is_on_duty_and_the_other_when_that_is_gone),
        TEST(a_server_that_would_be_alone_waits_for_those_that_serve_together),
    };
    if (!postgres_server_start(&database, ""))
        return 77;
    return cmocka_run_group_tests(tests, NULL, stopped);
}
