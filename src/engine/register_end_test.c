/* The end of a whole register: what confirms it, what is left of it, who is told, and that nothing
 * brings it back, wherever it breaks off. */
#include "engine_fixture.h"

#include <dirent.h>

#include "engine_internal.h"
#include "json.h"

enum { PATH_ROOM = 300, STEPS_MOST = 200 };

static const char now[] = "2026-03-02T09:00:00Z";

static status make_person(struct call *call, void *request)
{
    (void)request;
    const str role = STR("customer");
    struct subject_create create = {.roles = &role, .role_count = 1};
    return engine_subject_create(call, &create);
}

static void start(struct fixture *f)
{
    fixture_start(f, 71, now);
    fixture_register(f, "example", now);
    for (int i = 0; i < 3; i++)
        RUN_OK(f, make_person, NULL);
}

static status end_it(struct fixture *f, const struct caller *caller,
                     const struct register_end *request, struct register_ending *work)
{
    f->report = (struct report){0};
    *work = (struct register_ending){.reg = f->reg,
                                     .caller = caller,
                                     .arena = f->arena,
                                     .report = &f->report,
                                     .request = request};
    return engine_register_end(work);
}

static const struct register_end right = {
    .name = {"example", 7}, .choice = {"erase", 5}, .people = 3};

/* What is in the register's folder, as "lock log log.key retired.json". */
static str folder_of(struct fixture *f)
{
    char path[PATH_ROOM];
    (void)snprintf(path, sizeof(path), "%s/registers/example", f->data);
    struct dirent **names = NULL;
    int count = scandir(path, &names, NULL, alphasort);
    struct buf buf = buf_in(f->arena, 4096);
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.')
            buf_format(&buf, "%s%s", buf.len > 0 ? " " : "", names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return buf_str(&buf);
}

static size_t files_in(struct fixture *f, const char *leaf)
{
    char path[PATH_ROOM];
    (void)snprintf(path, sizeof(path), "%s/registers/example/%s", f->data, leaf);
    struct dirent **names = NULL;
    int count = scandir(path, &names, NULL, alphasort);
    size_t files = 0;
    for (int i = 0; i < count; i++) {
        files += names[i]->d_name[0] != '.' ? 1 : 0;
        free(names[i]);
    }
    free(names);
    return files;
}

static enum fault_class token_fault(struct fixture *f)
{
    struct reg *reg;
    const struct caller *caller;
    struct report report = {0};
    return engine_authenticate(f->engine, f->admin, &report, &reg, &caller).fault;
}

static void is_gone(struct fixture *f)
{
    assert_null(engine_register(f->engine, STR("example")));
    assert_int_equal(files_in(f, "epoch"), 0);
    if (!str_is(folder_of(f), "epoch lock log log.key retired.json"))
        fail_msg("%.*s", STR_ARG(folder_of(f)));
    assert_int_equal(token_fault(f), FAULT_GONE);
}

static void nothing_ends_unless_its_name_and_its_number_are_right(void **state)
{
    (void)state;
    struct fixture f;
    struct register_ending work;
    start(&f);
    struct register_end odd[] = {right, right, right, right, {{NULL, 0}, {NULL, 0}, 0, 0}};
    odd[0].name = STR("Example");
    odd[1].people = 2;
    odd[2].choice = STR("sell");
    odd[3].choice = STR("");
    for (size_t i = 0; i < LENGTH(odd); i++) {
        status no = end_it(&f, engine_system(), &odd[i], &work);
        assert_true(no.fault == FAULT_CONFLICT || no.fault == FAULT_INVALID);
    }
    word purposes[] = {1};
    struct caller bound = *engine_system();
    bound.purposes = purposes;
    bound.purpose_count = 1;
    assert_int_equal(end_it(&f, &bound, &right, &work).fault, FAULT_FORBIDDEN);
    assert_int_equal(token_fault(&f), FAULT_NONE);
    RUN_OK(&f, make_person, NULL);
    assert_int_equal(end_it(&f, engine_system(), &right, &work).fault, FAULT_CONFLICT);
    fixture_stop(&f);
}

static void only_the_log_is_left_and_its_tokens_are_told_so_after_a_new_start_too(void **state)
{
    (void)state;
    struct fixture f;
    struct register_ending work;
    only_in_files();
    start(&f);
    struct report report = {0};
    char backup[PATH_ROOM], keys[PATH_ROOM];
    (void)snprintf(backup, sizeof(backup), "%s/backup", f.dir);
    (void)snprintf(keys, sizeof(keys), "%s/keys", f.dir);
    assert_true(is_ok(engine_backup(f.reg, backup, &report)));
    assert_true(is_ok(engine_backup_keys(f.reg, keys, &report)));
    status ended = end_it(&f, engine_system(), &right, &work);
    if (!is_ok(ended))
        fail_msg("%s", f.report.text);
    is_gone(&f);
    const struct json *json;
    assert_true(is_ok(json_parse(f.arena, work.certificate, &report, &json)));
    int64_t people = 0, size = 0;
    str note;
    assert_true(json_i64(json_get(json_get(json, "erased"), "people"), &people));
    assert_true(json_i64(json_get(json, "log_size"), &size));
    assert_int_equal(people, 3);
    assert_true(size > 4 && json_str(json_get(json, "checkpoint"), &note) && note.len > 0);
    assert_null(json_get(json, "ids"));
    assert_int_equal(end_it(&f, engine_system(), &right, &work).fault, FAULT_UNAUTHENTICATED);
    fixture_close(&f);
    fixture_open(&f);
    is_gone(&f);
    fixture_close(&f);
    /* an older backup finds no register to go into */
    struct engine_config config = fixture_config(&f);
    assert_false(is_ok(engine_restore(&config, STR("example"), backup, &report)));
    fixture_open(&f);
    is_gone(&f);
    fixture_stop(&f);
}

/* ---- wherever it breaks off ---- */

static unsigned step, fails_at;

static status count_step(void *self, const char *name, struct report *report)
{
    (void)self;
    return ++step == fails_at ? fail(report, FAULT_STORE, "the step %s failed", name) : OK;
}

/* One step fails, and the process goes: the next start finds a register that lives whole, or goes
 * on to its end. */
static void broken_off_at_any_step_it_lives_or_is_gone_after_a_start(void **state)
{
    (void)state;
    size_t lived = 0, gone = 0;
    bool whole = false;
    for (fails_at = 1; !whole && fails_at < STEPS_MOST; fails_at += 2) {
        struct fixture f;
        struct register_ending work;
        start(&f);
        step = 0;
        f.sim.world.seam = count_step;
        status ended = end_it(&f, engine_system(), &right, &work);
        f.sim.world.seam = NULL;
        whole = is_ok(ended);
        fixture_close(&f);
        fixture_open(&f);
        f.reg = engine_register(f.engine, STR("example"));
        if (f.reg == NULL)
            is_gone(&f);
        else
            RUN_OK(&f, make_person, NULL);
        lived += f.reg != NULL ? 1 : 0;
        gone += f.reg == NULL ? 1 : 0;
        fixture_stop(&f);
    }
    assert_true(whole && lived > 0 && gone > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_ends_unless_its_name_and_its_number_are_right),
        cmocka_unit_test(only_the_log_is_left_and_its_tokens_are_told_so_after_a_new_start_too),
        cmocka_unit_test(broken_off_at_any_step_it_lives_or_is_gone_after_a_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
