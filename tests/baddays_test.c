/* Disks that are full, read-only, locked or damaged; keys that are missing, wrong or open to all; a
 * log that somebody touched; a clock that goes back or leaps. Each gives a clear error that names
 * the thing, and when the trouble is over, everything is there. */
#include "trouble.h"

#include "crash_vfs.h"

static struct scene the_scene;

static int set_scene(void **state)
{
    (void)state;
    crash_vfs_install();
    scene_make(&the_scene, 31);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_end(&the_scene);
    return 0;
}

/* A copy of the scene's register, closed, and a picture of what it holds. */
struct day {
    struct fixture f;
    char folder[64], reg[128];
    struct picture whole;
};

static void begin(struct day *day)
{
    *day = (struct day){0};
    folder_make(day->folder);
    folder_copy(the_scene.folder, day->folder);
    (void)snprintf(day->reg, sizeof(day->reg), "%s/data/registers/confect", day->folder);
    fixture_over(&day->f, day->folder, 17);
    MUST(&day->f, try_open(&day->f, NULL));
    day->whole = picture_of(&day->f);
    engine_close(&day->f.engine);
}

/* The trouble is over: it opens and nothing is lost. */
static void end(struct day *day)
{
    engine_close(&day->f.engine);
    MUST(&day->f, try_open(&day->f, NULL));
    struct picture now = picture_of(&day->f);
    assert_true(str_equal(now.text, day->whole.text));
    str verifier = arena_copy(day->f.arena, reg_verifier(day->f.reg));
    engine_close(&day->f.engine);
    log_verifies(&day->f, "confect", verifier);
    fixture_end(&day->f);
    folder_remove(day->folder);
}

static void opening_fails(struct day *day, enum fault_class fault, const char *named)
{
    struct fixture *f = &day->f;
    status opened = try_open(f, NULL);
    if (opened.fault != fault)
        fail_msg("wanted %s, got %s: %s", fault_name(fault), fault_name(opened.fault),
                 f->report.text);
    if (strstr(f->report.text, named) == NULL)
        fail_msg("\"%s\" does not name %s", f->report.text, named);
}

static void file_of(const struct day *day, const char *leaf, char path[256])
{
    (void)snprintf(path, 256, "%s/%s", day->reg, leaf);
}

/* Turns over a byte of a file, or puts it right again. */
static void flip(const struct day *day, const char *leaf, long at)
{
    char path[256];
    file_of(day, leaf, path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_true(byte != EOF);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 0x55, file), byte ^ 0x55);
    assert_int_equal(fclose(file), 0);
}

static void rename_file(const struct day *day, const char *from, const char *to)
{
    char a[256], b[256];
    file_of(day, from, a);
    file_of(day, to, b);
    assert_int_equal(rename(a, b), 0);
}

/* ---- disks ---- */

static void a_second_process_is_told_that_the_register_is_held(void **state)
{
    (void)state;
    struct day day;
    begin(&day);
    struct fixture second;
    MUST(&day.f, try_open(&day.f, NULL));
    fixture_over(&second, day.folder, 18);
    status opened = try_open(&second, NULL);
    assert_int_equal(opened.fault, FAULT_LOCKED);
    assert_non_null(strstr(second.report.text, "lock"));
    fixture_end(&second);
    assert_int_equal(found_by(&day.f, "berit@canary.test"), 1); /* the first goes on */
    end(&day);
}

static void a_full_disk_is_named_and_nothing_is_lost(void **state)
{
    (void)state;
    struct day day;
    begin(&day);
    struct fixture *f = &day.f;
    MUST(f, try_open(f, CRASH_VFS));
    crash = (struct crash){.mode = CRASH_FULL, .at = 1};
    status result = run_create(f, &the_scene);
    assert_int_equal(result.fault, FAULT_FULL);
    assert_non_null(strstr(f->report.text, "keys.db"));
    assert_false(engine_failed(f->engine));
    struct picture now = picture_of(f);
    assert_true(str_equal(now.text, day.whole.text));
    crash.mode = CRASH_NOT;
    MUST(f, run_create(f, &the_scene)); /* there is room again */
    day.whole = picture_of(f);
    end(&day);
}

/* Files that this process may read and not write: as another user, where the test runs as root. */
static int open_as_somebody(const struct day *day)
{
    (void)fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct fixture f;
        in_child = true;
        fixture_over(&f, day->folder, 19);
        if (geteuid() == 0)
            MUST_BE(setegid(65534) == 0 && seteuid(65534) == 0);
        status opened = try_open(&f, NULL);
        _exit(opened.fault == FAULT_STORE ? 0 : 1 + (int)opened.fault);
    }
    int how;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how));
    return WEXITSTATUS(how);
}

static void a_read_only_folder_is_refused_at_start(void **state)
{
    (void)state;
    struct day day;
    begin(&day);
    char command[384];
    (void)snprintf(command, sizeof(command), "cp -a '%s' '%s.kept' && chmod -R a-w,a+rX '%s'%s%s%s",
                   day.folder, day.folder, day.folder, geteuid() == 0 ? " && chown -R 65534 '" : "",
                   geteuid() == 0 ? day.folder : "", geteuid() == 0 ? "'" : "");
    shell(command);
    (void)snprintf(command, sizeof(command), "chmod 400 '%s/root.key'", day.folder);
    shell(command);
    assert_int_equal(open_as_somebody(&day), 0);
    (void)snprintf(command, sizeof(command),
                   "chmod -R u+rwX '%s' && rm -rf '%s' && mv '%s.kept' '%s'", day.folder,
                   day.folder, day.folder, day.folder);
    shell(command);
    end(&day);
}

static void a_damaged_header_is_named(void **state)
{
    (void)state;
    static const char *const names[] = {"data.db", "keys.db"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct day day;
        begin(&day);
        for (long at = 0; at < 16; at++)
            flip(&day, names[i], at);
        opening_fails(&day, FAULT_CORRUPT, names[i]);
        for (long at = 0; at < 16; at++)
            flip(&day, names[i], at);
        end(&day);
    }
}

/* Every page of both files in turn: the damage is found at start or by the check, never passed over
 * in silence, and never a crash; put right, everything is there. */
static void a_damaged_page_is_found(void **state)
{
    (void)state;
    static const char *const names[] = {"data.db", "keys.db"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct day day;
        begin(&day);
        char path[256], kept[96];
        file_of(&day, names[i], path);
        (void)snprintf(kept, sizeof(kept), "%s.kept", day.folder);
        struct stat about;
        assert_int_equal(stat(path, &about), 0);
        size_t found = 0, pages = (size_t)about.st_size / 4096;
        for (size_t page = 1; page < pages; page++) {
            folder_copy(day.folder, kept);
            for (long at = 0; at < 8; at++) /* the page's own header */
                flip(&day, names[i], (long)page * 4096 + at);
            status result = try_open(&day.f, NULL);
            if (is_ok(result))
                result = vault_check(day.f.reg->vault, &day.f.report);
            if (is_ok(result))
                result = keys_check(day.f.reg->vault->keys, &day.f.report);
            engine_close(&day.f.engine);
            found += result.fault == FAULT_CORRUPT || result.fault == FAULT_STORE;
            if (!is_ok(result) && result.fault != FAULT_CORRUPT && result.fault != FAULT_STORE)
                fail_msg("%s, page %zu: %s: %s", names[i], page, fault_name(result.fault),
                         day.f.report.text);
            folder_copy(kept, day.folder);
        }
        print_message("    %s: %zu of %zu damaged pages found\n", names[i], found, pages - 1);
        assert_true(found * 10 >= (pages - 1) * 9); /* free pages may hold anything */
        folder_remove(kept);
        end(&day);
    }
}

static void a_missing_database_is_no_new_register(void **state)
{
    (void)state;
    static const char *const names[] = {"data.db", "keys.db"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct day day;
        begin(&day);
        rename_file(&day, names[i], "elsewhere");
        opening_fails(&day, FAULT_STORE, names[i]);
        rename_file(&day, "elsewhere", names[i]);
        end(&day);
    }
}

/* ---- keys ---- */

static void a_root_key_that_is_missing_wrong_or_open_to_all_is_refused(void **state)
{
    (void)state;
    struct day day;
    begin(&day);
    char kept[160];
    (void)snprintf(kept, sizeof(kept), "%s.kept", day.f.root);
    assert_int_equal(rename(day.f.root, kept), 0);
    opening_fails(&day, FAULT_KEY, "root");
    MUST(&day.f, keys_root_create(&day.f.sim.world, day.f.root, &day.f.report));
    opening_fails(&day, FAULT_KEY, "key");
    assert_int_equal(rename(kept, day.f.root), 0);
    assert_int_equal(chmod(day.f.root, 0644), 0);
    opening_fails(&day, FAULT_KEY, "root");
    assert_int_equal(chmod(day.f.root, 0600), 0);
    end(&day);
}

static void a_missing_or_damaged_epoch_is_named(void **state)
{
    (void)state;
    struct day day;
    begin(&day);
    rename_file(&day, "epoch/1.key", "elsewhere");
    opening_fails(&day, FAULT_KEY, "epoch");
    rename_file(&day, "elsewhere", "epoch/1.key");
    flip(&day, "epoch/1.key", 40);
    opening_fails(&day, FAULT_KEY, "1.key");
    flip(&day, "epoch/1.key", 40);
    end(&day);
}

/* ---- the log ---- */

static void a_touched_entry_is_named_by_its_number(void **state)
{
    (void)state;
    struct day day;
    begin(&day);
    char path[256];
    file_of(&day, "log/segment", path);
    char command[384], leaf[128], found[64] = "";
    (void)snprintf(command, sizeof(command), "ls '%s' | grep -v spare | head -1", path);
    FILE *list = popen(command, "r");
    assert_non_null(list);
    assert_non_null(fgets(found, sizeof(found), list));
    assert_int_equal(pclose(list), 0);
    found[strcspn(found, "\n")] = '\0';
    (void)snprintf(leaf, sizeof(leaf), "log/segment/%s", found);
    flip(&day, leaf, 600); /* within the first entries */
    opening_fails(&day, FAULT_CORRUPT, "entry");
    flip(&day, leaf, 600);
    end(&day);
}

static void a_log_that_was_cut_is_refused(void **state)
{
    (void)state;
    struct day day;
    begin(&day);
    rename_file(&day, "log", "log.kept");
    opening_fails(&day, FAULT_CORRUPT, "entry 0");
    char path[256], command[384];
    file_of(&day, "log", path);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", path);
    shell(command);
    rename_file(&day, "log.kept", "log");
    end(&day);
}

/* ---- the clock of a live register ---- */

struct live {
    struct fixture f;
    char folder[64];
};

static void live_open(struct live *live)
{
    instant now = live->f.sim.clock;
    fixture_end(&live->f);
    fixture_over(&live->f, live->folder, 22);
    live->f.sim.clock = now;
    MUST(&live->f, try_open(&live->f, NULL));
}

static void live_begin(struct live *live, const char *now)
{
    struct fixture *f = &live->f;
    folder_make(live->folder);
    fixture_over(f, live->folder, 21);
    f->sim.clock = at_time(now);
    char registers[160];
    (void)snprintf(registers, sizeof(registers), "%s/registers", f->data);
    MUST(f, dir_make(f->data, 0700, &f->report));
    MUST(f, dir_make(registers, 0700, &f->report));
    MUST(f, keys_root_create(&f->sim.world, f->root, &f->report));
    struct engine_config config = trouble_config(f, NULL);
    MUST(f, engine_open(&config, &f->report, &f->engine));
    struct register_create create = {.name = STR("confect"),
                                     .policy_file = STR("confect.yaml"),
                                     .policy = read_text(f, "policies/confect.yaml"),
                                     .deployment_file = STR("confect.deploy.yaml"),
                                     .deployment = read_text(f, "policies/confect.deploy.yaml")};
    struct problems problems = {.arena = f->arena};
    MUST(f, engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin));
    f->reg = engine_register(f->engine, STR("confect"));
}

static void live_end(struct live *live)
{
    fixture_end(&live->f);
    folder_remove(live->folder);
}

static void hours_pass(struct live *live, int64_t hours)
{
    live->f.sim.clock.ms += hours * 3600000;
}

/* An ordinary stretch: an entry every twelve hours. */
static void days_pass(struct live *live, int days)
{
    for (int i = 0; i < 2 * days; i++) {
        hours_pass(live, 12);
        MUST(&live->f, engine_heartbeat(live->f.engine, live->f.reg, &live->f.report));
    }
}

static struct swept sweep(struct live *live)
{
    struct swept swept;
    live->f.report = (struct report){0};
    MUST(&live->f, engine_sweep(live->f.engine, live->f.reg, 100000, &live->f.report, &swept));
    return swept;
}

static uint64_t people(struct live *live)
{
    uint64_t count;
    MUST(&live->f, vault_count(live->f.reg->vault, DOSSIER_SUBJECT, &live->f.report, &count));
    return count;
}

static dossier_id somebody_applies(struct live *live, dossier_id vacancy, record_id *cv)
{
    dossier_id who = make_subject(&live->f);
    record_id mail;
    apply(&live->f, who, vacancy, &anna_applies, &mail, cv);
    return who;
}

static bool cv_is_read(struct live *live, dossier_id who, record_id cv)
{
    struct read_run read = {.request = {.subject = who,
                                        .purpose = STR("recruitment"),
                                        .controller = STR("confect"),
                                        .items = &cv,
                                        .item_count = 1}};
    return is_ok(run(&live->f, use_read, &read)) && read.result.count == 1 &&
           read.result.items[0].value.len > 0;
}

static void a_leap_makes_unreadable_at_once_and_destroys_only_when_confirmed(void **state)
{
    (void)state;
    struct live live;
    live_begin(&live, "2026-01-10T09:00:00Z");
    record_id cv;
    dossier_id who = somebody_applies(&live, make_matter(&live.f, "vacancy", "1"), &cv);
    assert_true(cv_is_read(&live, who, cv));
    hours_pass(&live, 24 * 300);
    assert_false(cv_is_read(&live, who, cv)); /* and this logs an entry under the new time */
    assert_true(sweep(&live).braked);
    assert_true(reg_destruction_stopped(live.f.reg));
    assert_int_equal(people(&live), 1);
    live_open(&live); /* a restart is no way around it */
    assert_true(reg_destruction_stopped(live.f.reg));
    assert_true(sweep(&live).braked);
    assert_int_equal(people(&live), 1);
    reg_confirm_destruction(live.f.reg);
    struct swept swept = sweep(&live);
    assert_false(swept.braked);
    assert_int_equal(swept.dossiers, 1);
    assert_int_equal(people(&live), 0);
    live_open(&live);
    assert_false(reg_destruction_stopped(live.f.reg));
    live_end(&live);
}

static status use_confirm(struct call *call, void *request)
{
    (void)request;
    return engine_confirm_destruction(call);
}

static status failing_commit(void *self, const char *name, struct report *report)
{
    (void)self;
    return strcmp(name, "data.commit") == 0 ? fail(report, FAULT_STORE, "the disk is gone") : OK;
}

/* A word that could not be kept and logged lets nothing go. */
static void an_operators_word_counts_once_it_is_durable(void **state)
{
    (void)state;
    struct live live;
    live_begin(&live, "2026-01-10T09:00:00Z");
    record_id cv;
    (void)somebody_applies(&live, make_matter(&live.f, "vacancy", "1"), &cv);
    hours_pass(&live, 24 * 300);
    assert_true(sweep(&live).braked);
    live.f.sim.world.seam = failing_commit;
    assert_false(is_ok(run(&live.f, use_confirm, NULL)));
    live.f.sim.world.seam = NULL;
    assert_true(reg_destruction_stopped(live.f.reg));
    assert_int_equal(tally_of(&live.f, "confirm_destruction").count, 0);
    assert_true(sweep(&live).braked);
    assert_int_equal(people(&live), 1);
    RUN_OK(&live.f, use_confirm, NULL);
    assert_false(reg_destruction_stopped(live.f.reg));
    assert_int_equal(tally_of(&live.f, "confirm_destruction").count, 1);
    assert_int_equal(sweep(&live).dossiers, 1);
    live_end(&live);
}

static void a_leap_while_the_process_was_down_stops_destruction_too(void **state)
{
    (void)state;
    struct live live;
    live_begin(&live, "2026-01-10T09:00:00Z");
    record_id cv;
    (void)somebody_applies(&live, make_matter(&live.f, "vacancy", "1"), &cv);
    hours_pass(&live, 24 * 300);
    live_open(&live);
    assert_true(reg_destruction_stopped(live.f.reg));
    assert_true(sweep(&live).braked);
    assert_int_equal(people(&live), 1);
    live_end(&live);
}

static void time_that_passes_as_it_should_destroys_on_its_day(void **state)
{
    (void)state;
    struct live live;
    live_begin(&live, "2026-01-10T09:00:00Z");
    record_id cv;
    dossier_id who = somebody_applies(&live, make_matter(&live.f, "vacancy", "1"), &cv);
    days_pass(&live, 180);
    assert_int_equal(sweep(&live).dossiers, 0);
    assert_true(cv_is_read(&live, who, cv));
    days_pass(&live, 5);
    assert_int_equal(sweep(&live).dossiers, 1);
    assert_false(reg_destruction_stopped(live.f.reg));
    live_end(&live);
}

static void a_clock_that_goes_back_never_takes_time_back(void **state)
{
    (void)state;
    struct live live;
    live_begin(&live, "2026-01-10T09:00:00Z");
    record_id cv;
    dossier_id who = somebody_applies(&live, make_matter(&live.f, "vacancy", "1"), &cv);
    days_pass(&live, 185);
    instant last = reg_now(live.f.reg);
    assert_false(cv_is_read(&live, who, cv)); /* its time is over */
    hours_pass(&live, -24 * 150);
    assert_int_equal(reg_now(live.f.reg).ms, last.ms);
    assert_false(cv_is_read(&live, who, cv)); /* and stays so */
    live_open(&live);
    assert_true(reg_now(live.f.reg).ms >= last.ms);
    assert_false(cv_is_read(&live, who, cv));
    live_end(&live);
}

static void a_sweep_of_too_many_people_stops_at_the_brake(void **state)
{
    (void)state;
    enum { PEOPLE = 160, BRAKE = 100 };
    struct live live;
    live_begin(&live, "2026-01-10T09:00:00Z");
    dossier_id vacancy = make_matter(&live.f, "vacancy", "1");
    record_id cv;
    dossier_id who = {{0}};
    for (int i = 0; i < PEOPLE; i++)
        who = somebody_applies(&live, vacancy, &cv);
    days_pass(&live, 185);
    struct swept swept = sweep(&live);
    assert_true(swept.braked);
    assert_int_equal(swept.dossiers, BRAKE);
    assert_int_equal(people(&live), PEOPLE - BRAKE);
    assert_false(cv_is_read(&live, who, cv)); /* unreadable, swept or not */
    live_open(&live);
    assert_true(sweep(&live).braked);
    assert_int_equal(people(&live), PEOPLE - BRAKE);
    reg_confirm_destruction(live.f.reg);
    swept = sweep(&live);
    assert_false(swept.braked);
    assert_int_equal(people(&live), 0);
    live_end(&live);
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_process_is_told_that_the_register_is_held),
        cmocka_unit_test(a_full_disk_is_named_and_nothing_is_lost),
        cmocka_unit_test(a_read_only_folder_is_refused_at_start),
        cmocka_unit_test(a_damaged_header_is_named),
        cmocka_unit_test(a_damaged_page_is_found),
        cmocka_unit_test(a_missing_database_is_no_new_register),
        cmocka_unit_test(a_root_key_that_is_missing_wrong_or_open_to_all_is_refused),
        cmocka_unit_test(a_missing_or_damaged_epoch_is_named),
        cmocka_unit_test(a_touched_entry_is_named_by_its_number),
        cmocka_unit_test(a_log_that_was_cut_is_refused),
        cmocka_unit_test(a_leap_makes_unreadable_at_once_and_destroys_only_when_confirmed),
        cmocka_unit_test(an_operators_word_counts_once_it_is_durable),
        cmocka_unit_test(a_leap_while_the_process_was_down_stops_destruction_too),
        cmocka_unit_test(time_that_passes_as_it_should_destroys_on_its_day),
        cmocka_unit_test(a_clock_that_goes_back_never_takes_time_back),
        cmocka_unit_test(a_sweep_of_too_many_people_stops_at_the_brake),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
