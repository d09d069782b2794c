/* The requests of a turn over PostgreSQL ask for their rows together, also where they come over the
 * API, and where other servers have the register open: as many reads as there are people take as
 * many round trips as one. There a use that must write something is asked again, alone. */
#include "engine_ops.h"

#include "api_internal.h"
#include "engine_internal.h"
#include "postgres_server.h"
#include "reply_stand_in.h"
#include "vault_internal.h"

enum { PEOPLE = 40 };

static struct postgres_server server;
static struct ops ops;
static struct http_reply replies[PEOPLE];

static void on_fatal(void *self, const struct report *report)
{
    (void)self;
    fail_msg("%s", report->text);
}

static void ask_for(struct api *api, size_t person)
{
    static const struct http_field company = {{"X-Vern-Controller", 17}, {"confect", 7}};
    struct arena *arena = ops.scratch;
    struct http_request *request = ARENA_NEW(arena, struct http_request);
    char room[ID_TEXT];
    struct buf id = buf_over(room, sizeof(room));
    buf_id(&id, ops.person[person].bytes);
    *request = (struct http_request){
        .method = STR("POST"),
        .path = arena_format(arena, "/v1/subjects/%.*s/read", STR_ARG(buf_str(&id))),
        .body = STR("{\"purpose\":\"recruitment\"}"),
        .host = STR("127.0.0.1"),
        .content_type = STR("application/json"),
        .authorization = arena_format(arena, "Bearer %.*s", STR_ARG(ops.f.admin)),
        .peer = "127.0.0.1",
        .fields = &company,
        .field_count = 1,
        .arena = arena};
    replies[person] = (struct http_reply){.arena = arena, .body = buf_in(arena, 16384)};
    api_handle(api, request, &replies[person]);
}

static struct api *open_api(void)
{
    struct api_config config = {.engine = ops.f.engine,
                                .world = &ops.f.sim.world,
                                .data_dir = ops.f.data,
                                .fatal = on_fatal};
    return api_new(&config);
}

static uint64_t trips_of(struct api *api, size_t people)
{
    struct vault *vault = ops.f.reg->vault;
    api_batch_end(api); /* what is due besides */
    uint64_t before = db_costs(vault->data).round_trips;
    for (size_t i = 0; i < people; i++)
        ask_for(api, i);
    api_turn_end(api);
    for (size_t i = 0; i < people; i++)
        if (!replies[i].answered || replies[i].code != 200 ||
            memmem(replies[i].body.ptr, replies[i].body.len, "synthetic enterprises", 21) == NULL)
            fail_msg("%d: %.*s", replies[i].code, (int)replies[i].body.len, replies[i].body.ptr);
    return db_costs(vault->data).round_trips - before;
}

static void many_reads_of_a_turn_wait_as_often_as_one(void **state)
{
    (void)state;
    ops_start(&ops, PEOPLE);
    struct api *api = open_api();
    uint64_t one = trips_of(api, 1), many = trips_of(api, PEOPLE);
    assert_int_equal(one, 2);
    assert_int_equal(many, 2);
    api_free(&api);
    ops_stop(&ops);
}

/* As one of several that serve it. */
static void open_beside(void)
{
    struct fixture *f = &ops.f;
    struct engine_config config = fixture_config(f);
    str name = arena_copy(f->arena, reg_name(f->reg));
    engine_close(&f->engine);
    config.beside = true;
    config.log_dir = arena_format(f->arena, "%s/logs", f->dir).ptr;
    if (!is_ok(engine_open(&config, &f->report, &f->engine)))
        fail_msg("%s", f->report.text);
    f->reg = engine_register(f->engine, name);
}

static void beside_other_servers_they_do_too(void **state)
{
    (void)state;
    assert_int_equal(setenv("VERN_TEST_SERVERS", "1", 1), 0);
    ops_start(&ops, PEOPLE);
    open_beside();
    struct api *api = open_api();
    (void)trips_of(api, 1); /* what is not about people is in memory from here on */
    uint64_t one = trips_of(api, 1), many = trips_of(api, PEOPLE);
    assert_int_equal(one, 6); /* baton, facts, items, others' entries, ours, baton */
    assert_int_equal(many, 6);
    ops.f.reg->guard_changed = true; /* which whoever is next must write */
    assert_true(trips_of(api, PEOPLE) > 6);
    assert_false(ops.f.reg->guard_changed);
    api_free(&api);
    ops_stop(&ops);
    assert_int_equal(unsetenv("VERN_TEST_SERVERS"), 0);
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
        cmocka_unit_test(many_reads_of_a_turn_wait_as_often_as_one),
        cmocka_unit_test(beside_other_servers_they_do_too),
    };
    if (!postgres_server_start(&server, ""))
        return 77;
    assert(setenv("VERN_TEST_DATABASE", server.address, 1) == 0);
    return cmocka_run_group_tests(tests, NULL, stopped);
}
