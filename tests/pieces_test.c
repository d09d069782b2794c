/* Answers about many people are made piece by piece; those that wait share a turn. */
#include "engine_fixture.h"

#include "api.h"
#include "reply_stand_in.h"

static bool failed;

static void on_fatal(void *self, const struct report *report)
{
    (void)self;
    (void)report;
    failed = true;
}

static dossier_id person(struct fixture *f)
{
    struct subject_create create = {0};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

static void ask(struct fixture *f, struct api *api, dossier_id who, struct http_reply *reply)
{
    char id[ID_TEXT + 1];
    struct buf buf = buf_over(id, ID_TEXT);
    buf_id(&buf, who.bytes);
    struct http_request *request = ARENA_NEW(f->arena, struct http_request);
    *request = (struct http_request){
        .method = STR("POST"),
        .path = STR("/v1/batch/read"),
        .body = arena_format(f->arena, "{\"purpose\":\"support\",\"subjects\":[\"%.*s\"]}",
                             STR_ARG(buf_str(&buf))),
        .host = STR("127.0.0.1"),
        .content_type = STR("application/json"),
        .authorization = arena_format(f->arena, "Bearer %.*s", STR_ARG(f->admin)),
        .peer = "127.0.0.1",
        .arena = f->arena};
    *reply = (struct http_reply){.arena = f->arena, .body = buf_in(f->arena, 1 << 20)};
    api_handle(api, request, reply);
}

static void all_who_wait_for_a_piece_get_it_in_one_turn(void **state)
{
    (void)state;
    enum { CLIENTS = 5 };
    struct fixture f;
    struct http_reply replies[CLIENTS];
    fixture_start(&f, 21, "2026-03-02T09:00:00Z");
    fixture_register(&f, "example", "2026-03-02T09:00:00Z");
    struct api_config config = {.engine = f.engine,
                                .world = &f.sim.world,
                                .data_dir = f.data,
                                .sweep_ticks = 1 << 20,
                                .fatal = on_fatal};
    struct api *api = api_new(&config);
    dossier_id who = person(&f);
    for (size_t i = 0; i < CLIENTS; i++)
        ask(&f, api, who, &replies[i]);
    api_batch_end(api); /* the entries of all of them are durable: the answers begin */
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(replies[i].code, 200);
        assert_true(replies[i].streams && replies[i].wants);
        replies[i].stream.wanted(replies[i].stream.self, &replies[i]);
    }
    api_batch_end(api);
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_false(replies[i].streams);
        assert_non_null(memmem(replies[i].body.ptr, replies[i].body.len, "\"people\":1", 10));
        replies[i].stream.end(replies[i].stream.self);
    }
    assert_false(failed);
    api_free(&api);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_who_wait_for_a_piece_get_it_in_one_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
