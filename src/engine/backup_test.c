/* What is put back is a backup of this register, whole, from a place that is one. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

#define START "2026-03-01T09:00:00Z"

static void write_card(struct fixture *f, const char *dir, str text)
{
    char path[192];
    (void)snprintf(path, sizeof(path), "%s/backup.json", dir);
    struct file_change change = {&f->sim.world, "test", path};
    assert_true(is_ok(file_write_durable(&change, text, 0600, &f->report)));
}

static void is_not_put_back(struct fixture *f, const char *name, const char *dir,
                            enum fault_class fault, const char *said)
{
    struct engine_config config = fixture_config(f);
    f->report = (struct report){0};
    status restored = engine_restore(&config, str_from(name), dir, &f->report);
    if (restored.fault != fault || strstr(f->report.text, said) == NULL)
        fail_msg("wanted %s, got %s: %s", said, fault_name(restored.fault), f->report.text);
}

static status make_person(struct call *call, void *request)
{
    (void)request;
    return engine_subject_create(call, &(struct subject_create){0});
}

/* G3: and what is there stays as it is. */
static void what_is_no_whole_backup_is_not_put_back(void **state)
{
    (void)state;
    struct fixture f;
    char dir[128], far[5000];
    fixture_start(&f, 84, START);
    fixture_register(&f, "example", START);
    (void)snprintf(dir, sizeof(dir), "%s/backup", f.dir);
    assert_true(is_ok(engine_backup(f.reg, dir, &f.report)));
    RUN_OK(&f, make_person, NULL);
    dossier_id later = f.call.outcome.id;
    str id = f.reg->id;
    id = arena_copy(f.arena, id);
    fixture_close(&f);
    is_not_put_back(&f, "../example", dir, FAULT_NOT_FOUND, "no register has that name");
    is_not_put_back(&f, "", dir, FAULT_NOT_FOUND, "no register has that name");
    memset(far, 'x', sizeof(far));
    far[sizeof(far) - 1] = '\0';
    is_not_put_back(&f, "example", far, FAULT_LIMIT, "a path is too long");
    static const char *const damaged[] = {"",
                                          "{",
                                          "[]",
                                          "{\"register\":\"x\"}",
                                          "{\"clock\":\"simulated\"}",
                                          "{\"register\":\"x\",\"log_size\":7}",
                                          "{\"clock\":\"simulated\",\"log_size\":7}"};
    for (size_t i = 0; i < LENGTH(damaged); i++) {
        write_card(&f, dir, str_from(damaged[i]));
        is_not_put_back(&f, "example", dir, FAULT_CORRUPT, "backup.json is damaged");
    }
    static const char *const sizes[] = {"", ",\"log_size\":-1", ",\"log_size\":\"7\""};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        write_card(&f, dir,
                   arena_format(f.arena, "{\"register\":\"%.*s\",\"clock\":\"simulated\"%s}",
                                STR_ARG(id), sizes[i]));
        is_not_put_back(&f, "example", dir, FAULT_CORRUPT, "backup.json is damaged");
    }
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("example"));
    bool there;
    assert_true(is_ok(vault_exists(reg_vault(f.reg), later, &f.report, &there)));
    assert_true(there);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_whole_backup_is_not_put_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
