/* What several servers of one register share that one alone keeps in memory (two_servers.h). */
#include "two_servers.h"

#include "limits.h"

enum { PART = VAULT_PART_BYTES };

static struct postgres_server database;
static struct fixture a, b;
static dossier_id person;
static const char *fails_at; /* the seam where the first server fails */
static unsigned registers;
static char name[16];

/* ---- two servers ---- */

static status dies(void *self, const char *seam, struct report *report)
{
    (void)self;
    if (fails_at == NULL || strcmp(seam, fails_at) != 0)
        return OK;
    return fail(report, FAULT_STORE, "the test ends it here");
}

static void add_applicant(void)
{
    const str roles[] = {STR("candidate")};
    struct subject_create made = {.roles = roles, .role_count = 1};
    RUN_OK(&a, use_subject_create, &made);
    person = a.call.outcome.id;
    struct event_record event = {
        .subject = person, .event = STR("application_received"), .by_subject = true};
    RUN_OK(&a, use_event, &event);
    static const struct collect_value values[] = {
        {STR("contact.name"), STR("Anna Prøve"), false},
        {STR("contact.email"), STR("anna@example.test"), false}};
    struct collect_run form = {.request = {.subject = person,
                                           .intake = STR("job_form"),
                                           .source = STR("person"),
                                           .channel = STR("web"),
                                           .values = values,
                                           .value_count = LENGTH(values)}};
    RUN_OK(&a, use_collect, &form);
}

static void begin_under(const char *policy)
{
    (void)snprintf(name, sizeof(name), "shared%u", registers++);
    two_create(&a, &database, name, policy, true);
    two_begin(&a, &b, dies, name);
}

static int begin(void **state)
{
    (void)state;
    begin_under("policies/example.yaml");
    add_applicant();
    return 0;
}

static int begin_firm(void **state)
{
    (void)state;
    begin_under("tests/walk/walk.yaml");
    return 0;
}

static int end(void **state)
{
    (void)state;
    fails_at = NULL;
    two_end(&a, &b);
    return 0;
}

/* ---- files ---- */

static status use_open(struct call *call, void *request)
{
    return engine_file_open(call, request);
}
static status use_part(struct call *call, void *upload)
{
    return engine_upload_part(call, upload);
}
static status use_end(struct call *call, void *upload)
{
    return engine_upload_end(call, upload);
}

static struct file_open cv_of(uint64_t size)
{
    static const str notice[] = {STR("notice")};
    return (struct file_open){.collect = {.subject = person,
                                          .intake = STR("job_form"),
                                          .source = STR("person"),
                                          .channel = STR("web"),
                                          .supplied = notice,
                                          .supplied_count = 1},
                              .field = STR("application.cv"),
                              .said_optional = true,
                              .media = STR("application/pdf"),
                              .name = STR("søknad.pdf"),
                              .size = size};
}

static record_id open_cv(struct fixture *f, size_t size)
{
    struct file_open request = cv_of(size);
    RUN_OK(f, use_open, &request);
    return f->call.outcome.record;
}

/* In a turn of its own, as a request's. */
static enum fault_class take(struct fixture *f, record_id record, struct upload **upload)
{
    struct report report = {0}, ending = {0};
    engine_begin(f->engine);
    status taken = engine_upload_take(f->reg, engine_system(), person, record, &report, upload);
    assert_true(is_ok(engine_end(f->engine, &ending)));
    return taken.fault;
}

static status send(struct fixture *f, struct upload *upload, str bytes)
{
    while (bytes.len > 0) {
        bool full;
        bytes = str_slice(bytes, engine_upload_bytes(upload, bytes, &full), bytes.len);
        if (full)
            TRY(run(f, use_part, upload));
    }
    return OK;
}

static str noise(size_t size)
{
    char *bytes = ARENA_ARRAY(a.arena, char, size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)('a' + i % 23);
    return (str){bytes, size};
}

static void sweep(struct fixture *f)
{
    struct swept swept = {.more = true};
    while (swept.more) {
        status done = engine_sweep(f->engine, f->reg, 1000, &f->report, &swept);
        if (!is_ok(done))
            fail_msg("sweep: %s", f->report.text);
    }
}

struct file_run {
    struct file_read request;
    struct download download;
};
static status use_file(struct call *call, void *self)
{
    struct file_run *one = self;
    return engine_file_read(call, &one->request, &one->download);
}

static void holds_file(struct fixture *f, record_id record, str bytes)
{
    struct file_run one = {
        .request = {.subject = person, .item = record, .purpose = STR("recruitment")}};
    RUN_OK(f, use_file, &one);
    assert_int_equal(one.download.size, bytes.len);
    assert_true(str_is(one.download.name, "søknad.pdf"));
    assert_true(str_is(one.download.media, "application/pdf"));
    for (uint32_t i = 0; i < one.download.parts; i++) {
        str part;
        if (!is_ok(engine_file_part(&one.download, i, f->arena, &f->report, &part)))
            fail_msg("%s", f->report.text);
        assert_true(
            str_equal(part, str_slice(bytes, (size_t)i * PART, (size_t)i * PART + part.len)));
    }
    engine_download_end(&one.download);
}

/* G12: its bytes are one request's, and that goes to one server. */
static void a_file_that_was_announced_to_one_server_comes_to_another(void **state)
{
    struct upload *upload = NULL, *second = NULL;
    (void)state;
    str bytes = noise(3 * PART + 5);
    record_id record = open_cv(&a, bytes.len);
    assert_int_equal(take(&b, record, &upload), FAULT_NONE);
    assert_int_equal(take(&a, record, &second), FAULT_NOT_FOUND);
    assert_int_equal(take(&b, record, &second), FAULT_NOT_FOUND);
    assert_true(is_ok(send(&b, upload, str_slice(bytes, 0, 2 * PART))));
    sweep(&a); /* the other one's parts are not loose */
    assert_true(is_ok(send(&b, upload, str_slice(bytes, 2 * PART, bytes.len))));
    RUN_OK(&b, use_end, upload);
    engine_upload_drop(b.reg, &upload);
    holds_file(&a, record, bytes);
    assert_int_equal(take(&a, record, &second), FAULT_NOT_FOUND);
}

static void a_server_that_was_started_again_takes_what_was_announced_before(void **state)
{
    struct upload *upload = NULL;
    (void)state;
    str bytes = noise(PART + 1);
    record_id record = open_cv(&a, bytes.len);
    engine_close(&a.engine);
    two_serve(&a, "a", name);
    assert_int_equal(take(&a, record, &upload), FAULT_NONE);
    assert_true(is_ok(send(&a, upload, bytes)));
    RUN_OK(&a, use_end, upload);
    engine_upload_drop(a.reg, &upload);
    holds_file(&b, record, bytes);
}

static void a_file_of_one_who_was_erased_meanwhile_is_taken_by_nobody(void **state)
{
    struct upload *upload = NULL;
    struct erase_run erase = {.request = {.subject = person}};
    (void)state;
    record_id record = open_cv(&a, PART);
    RUN_OK(&a, use_erase, &erase);
    assert_int_equal(take(&b, record, &upload), FAULT_NOT_FOUND);
}

/* Over all servers; and what a server had that is gone makes room in time. */
static void uploads_of_all_servers_are_bounded_together(void **state)
{
    struct upload *upload = NULL;
    struct file_open request = cv_of(PART);
    (void)state;
    record_id record = open_cv(&b, PART);
    assert_int_equal(take(&b, record, &upload), FAULT_NONE);
    for (int i = 1; i < LIMIT_UPLOADS; i++)
        RUN_OK(i % 2 == 0 ? &a : &b, use_open, &request);
    RUN_FAULT(&a, use_open, &request, FAULT_RATE);
    engine_upload_drop(b.reg, &upload); /* between two turns, while others go on */
    sweep(&a);
    RUN_OK(&b, use_open, &request);
    RUN_FAULT(&a, use_open, &request, FAULT_RATE);
    engine_close(&b.engine);
    a.sim.clock.ms += LIMIT_UPLOAD_IDLE_MS + 1;
    sweep(&a);
    RUN_OK(&a, use_open, &request);
    two_serve(&b, "b", name);
}

/* ---- customers' spaces ---- */

static struct space_made made;
static dossier_id service;
static record_id agreement;

static struct space_work work_of(struct fixture *f)
{
    f->report = (struct report){0};
    return (struct space_work){
        .firm = f->reg, .caller = engine_system(), .arena = f->arena, .report = &f->report};
}

static status make_space(struct fixture *f)
{
    struct problems problems = {.arena = f->arena};
    struct space_work work = work_of(f);
    struct space_create create = {.matter = service,
                                  .space = STR("keeping"),
                                  .policy = read_text(f, "tests/walk/customer.yaml")};
    return engine_space_create(&work, &create, &problems, &made);
}

static void make_agreed_space(struct fixture *f)
{
    static unsigned number;
    char text[16];
    (void)snprintf(text, sizeof(text), "S-%u", number++);
    struct matter_create matter = {STR("service"), str_from(text)};
    RUN_OK(f, use_matter_create, &matter);
    service = f->call.outcome.id;
    struct evidence_record agreed = {.type = STR("agreement"), .matter = service};
    RUN_OK(f, use_evidence, &agreed);
    agreement = f->call.outcome.record;
    if (!is_ok(make_space(f)))
        fail_msg("%s", f->report.text);
}

static status end_space(struct fixture *f)
{
    uint64_t index;
    struct space_work work = work_of(f);
    struct space_end end_ = {.matter = service, .space = STR("keeping"), .choice = STR("erase")};
    return engine_space_end(&work, &end_, &index);
}

static void end_agreement(struct fixture *f)
{
    struct evidence_end over = {.dossier = service, .record = agreement, .warned = true};
    RUN_OK(f, use_evidence_end, &over);
}

/* In a turn of its own, as a request's; and what follows the turn. */
static enum fault_class knows(struct fixture *f, str token)
{
    struct reg *reg;
    const struct caller *caller;
    struct report report = {0};
    engine_begin(f->engine);
    status known = engine_authenticate(f->engine, token, &report, &reg, &caller);
    assert_true(is_ok(engine_end(f->engine, &report)));
    engine_rest(f->engine);
    return known.fault;
}

static size_t spaces_of(const struct fixture *f)
{
    return engine_register_count(f->engine) - 1;
}

static long schemas(void)
{
    return postgres_count(database.address, "public",
                          "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'vern_space%' AND "
                          "?1::text <> ''",
                          "x", 1);
}

/* G19 */
static void a_space_that_one_server_makes_is_open_at_the_other_and_so_is_its_end(void **state)
{
    (void)state;
    make_agreed_space(&a);
    assert_int_equal(spaces_of(&b), 0);
    assert_int_equal(knows(&b, made.token), FAULT_NONE);
    assert_int_equal(spaces_of(&b), 1);
    assert_int_equal(knows(&a, made.token), FAULT_NONE);
    assert_int_equal(make_space(&b).fault, FAULT_CONFLICT);
    assert_int_equal(end_space(&b).fault, FAULT_CONFLICT); /* the agreement runs */
    end_agreement(&a);
    assert_true(is_ok(end_space(&b)));
    assert_int_equal(knows(&b, made.token), FAULT_UNAUTHENTICATED);
    assert_int_equal(knows(&a, made.token), FAULT_UNAUTHENTICATED);
    assert_int_equal(spaces_of(&a), 0);
    assert_int_equal(spaces_of(&b), 0);
    assert_int_equal(schemas(), 0);
    sweep(&a); /* nothing is left to go on with */
    assert_int_equal(end_space(&a).fault, FAULT_NOT_FOUND);
    make_agreed_space(&b); /* and both go on */
    assert_int_equal(knows(&a, made.token), FAULT_NONE);
}

/* Whatever it came to: nobody is let in by it any more, and the other one takes it away. */
static void a_space_whose_end_broke_off_is_ended_by_the_next_server(void **state)
{
    static const char *const seams[] = {"register.retired", "register.retire"};
    (void)state;
    long before_ = schemas();
    for (size_t i = 0; i < LENGTH(seams); i++) {
        make_agreed_space(&a);
        assert_int_equal(knows(&b, made.token), FAULT_NONE);
        end_agreement(&b);
        fails_at = seams[i];
        assert_false(is_ok(end_space(&a)));
        engine_close(&a.engine);
        fails_at = NULL;
        assert_int_equal(knows(&b, made.token), FAULT_UNAUTHENTICATED);
        sweep(&b);
        assert_int_equal(spaces_of(&b), 0);
        assert_int_equal(schemas(), before_);
        two_serve(&a, "a", name);
        assert_int_equal(spaces_of(&a), 0);
    }
}

/* Its firm says nothing of it: it is open nowhere, and in nobody's way. */
static void a_space_that_was_half_made_is_no_space_at_the_other_server(void **state)
{
    (void)state;
    fails_at = "register.confirm";
    make_agreed_space(&a); /* it is made; the mark that doubts it stays */
    fails_at = NULL;
    engine_close(&a.engine);
    assert_int_equal(knows(&b, made.token), FAULT_NONE);
    two_serve(&a, "a", name);
    assert_int_equal(knows(&a, made.token), FAULT_NONE);
}

/* ---- what came late ---- */

static void in_keys(const char *sql)
{
    char text[512];
    (void)snprintf(text, sizeof(text), "SET LOCAL search_path = vern_%s_keys, public; %s", name,
                   sql);
    postgres_run(database.address, text);
}

static status use_load(struct call *call, void *presence)
{
    struct dossier *dossier;
    return vault_load(call->reg->vault, person, call->arena, call->report, presence, &dossier);
}

/* What a server sent when it was killed comes to the keys after another one has looked. */
static status use_load_late(struct call *call, void *presence)
{
    in_keys("DELETE FROM ring; INSERT INTO ring SELECT * FROM late_ring; "
            "INSERT INTO fence SELECT * FROM late_fence");
    return use_load(call, presence);
}

/* G4: nothing of it was acknowledged, and its data never comes. */
static void nobody_is_told_of_an_erasure_that_will_be_undone(void **state)
{
    enum presence presence;
    struct erase_run erase = {.request = {.subject = person}};
    (void)state;
    in_keys("CREATE TABLE public.whole_ring AS SELECT * FROM ring; "
            "CREATE TABLE public.whole_meta AS SELECT * FROM meta WHERE name = 'turn'");
    fails_at = "data.commit";
    assert_false(is_ok(run(&a, use_erase, &erase)));
    engine_close(&a.engine);
    fails_at = NULL;
    in_keys("CREATE TABLE public.late_fence AS SELECT * FROM fence WHERE done = 0; "
            "CREATE TABLE public.late_ring AS SELECT * FROM ring; "
            "DELETE FROM fence WHERE done = 0; "
            "DELETE FROM ring; INSERT INTO ring SELECT * FROM whole_ring; "
            "UPDATE meta SET value = whole_meta.value FROM whole_meta WHERE meta.name = 'turn'");
    assert_int_equal(run(&b, use_load_late, &presence).fault, FAULT_STORE);
    RUN_OK(&b, use_load, &presence);
    assert_int_equal(presence, PRESENCE_LIVE);
    RUN_OK(&b, use_erase, &erase);
    RUN_OK(&b, use_load, &presence);
    assert_int_equal(presence, PRESENCE_ERASED);
    two_serve(&a, "a", name);
    RUN_OK(&a, use_load, &presence);
    assert_int_equal(presence, PRESENCE_ERASED);
}

/* ---- a register ---- */

static status end_register(struct fixture *f)
{
    uint64_t people = 1;
    f->report = (struct report){0};
    struct register_end request = {.name = str_from(name), .choice = STR("erase"), people, 0};
    struct register_ending work = {.reg = f->reg,
                                   .caller = engine_system(),
                                   .arena = f->arena,
                                   .report = &f->report,
                                   .request = &request};
    status ended = engine_register_end(&work);
    assert_false(work.waits);
    return ended;
}

static void a_register_that_one_server_ends_is_gone_at_the_other(void **state)
{
    (void)state;
    assert_int_equal(knows(&b, a.admin), FAULT_NONE);
    if (!is_ok(end_register(&a)))
        fail_msg("%s", a.report.text);
    assert_int_equal(knows(&a, a.admin), FAULT_GONE);
    assert_int_equal(knows(&b, a.admin), FAULT_GONE);
    assert_int_equal(engine_register_count(b.engine), 0);
    assert_int_equal(knows(&b, a.admin), FAULT_GONE);
    engine_close(&b.engine);
    struct engine_config config = fixture_config(&b);
    config.log_dir = b.dir;
    config.beside = true;
    assert_true(is_ok(engine_open(&config, &b.report, &b.engine)));
    assert_int_equal(knows(&b, a.admin), FAULT_GONE);
}

static void a_register_whose_end_broke_off_is_ended_by_the_next_server(void **state)
{
    (void)state;
    assert_int_equal(knows(&b, a.admin), FAULT_NONE);
    fails_at = "register.retired";
    assert_false(is_ok(end_register(&a)));
    engine_close(&a.engine);
    fails_at = NULL;
    assert_int_equal(knows(&b, a.admin), FAULT_GONE);
    assert_int_equal(engine_register_count(b.engine), 0);
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&database);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define FIRM(name) cmocka_unit_test_setup_teardown(name, begin_firm, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_that_was_announced_to_one_server_comes_to_another),
        TEST(a_server_that_was_started_again_takes_what_was_announced_before),
        TEST(a_file_of_one_who_was_erased_meanwhile_is_taken_by_nobody),
        TEST(uploads_of_all_servers_are_bounded_together),
        TEST(nobody_is_told_of_an_erasure_that_will_be_undone),
        FIRM(a_space_that_one_server_makes_is_open_at_the_other_and_so_is_its_end),
        FIRM(a_space_whose_end_broke_off_is_ended_by_the_next_server),
        FIRM(a_space_that_was_half_made_is_no_space_at_the_other_server),
        TEST(a_register_that_one_server_ends_is_gone_at_the_other),
        TEST(a_register_whose_end_broke_off_is_ended_by_the_next_server),
    };
    if (!postgres_server_start(&database, ""))
        return 77;
    return cmocka_run_group_tests(tests, NULL, stopped);
}
