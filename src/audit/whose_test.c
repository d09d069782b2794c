/* Finding people's entries: by runs of handles or without, the answer is that of the whole log. */
#include "log_test.h"
#include "file.h"
#include "log_internal.h"
#include "manifest.h"

enum { PEOPLE = 40, RUN_ENTRIES = 16, ENTRIES = 2000, LINES = 12 };

/* Some lives: one often, most now and then, one never. */
static audit_id person(uint64_t number)
{
    return test_id(500 + number);
}

struct lives {
    char dir[64];
    struct failing_world world;
    struct audit_log *log;
    uint64_t drawn;
};

static uint64_t draw(struct lives *lives, uint64_t below)
{
    uint64_t z = lives->drawn += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (z ^ z >> 31) % below;
}

static status open_lives(struct lives *lives, struct report *report)
{
    struct audit_config config = test_config();
    config.whose_entries = RUN_ENTRIES;
    return audit_open(&lives->world.world, lives->dir, &config, report, &lives->log);
}

static void begin(struct lives *lives, uint64_t seed)
{
    struct report report = {0};
    *lives = (struct lives){.drawn = seed};
    failing_world(&lives->world, -1);
    test_dir(lives->dir);
    assert_ok(open_lives(lives, &report), &report);
}

static void end(struct lives *lives)
{
    audit_close(&lives->log);
    test_remove(lives->dir);
}

static status write_manifest(struct lives *lives, struct audit_entry *entry, struct report *report)
{
    struct manifest_line lines[LINES];
    uint64_t from = draw(lives, PEOPLE - LINES);
    for (uint64_t i = 0; i < LINES; i++) {
        audit_id handle = person(from + i);
        lines[i].decision = AUDIT_ALLOW;
        memcpy(lines[i].handle, handle.bytes, sizeof(lines[i].handle));
    }
    entry->has_manifest = true;
    entry->manifest_lines = LINES;
    return audit_manifest_write(lives->log, lines, LINES, report, &entry->manifest);
}

enum { OF_MANY, OF_NOBODY = 16 };

static status append_kind(struct lives *lives, uint64_t kind, struct report *report)
{
    char memory[LIMIT_ENTRY_BYTES];
    struct buf buf = buf_over(memory, sizeof(memory));
    uint64_t number = audit_pending(lives->log);
    struct audit_entry entry = {.at = {TEST_START + (int64_t)number},
                                .authenticated = STR("token"),
                                .action = STR("read"),
                                .decision = AUDIT_ALLOW,
                                .random = test_id(number + 1000000)};
    if (kind == OF_MANY)
        TRY(write_manifest(lives, &entry, report));
    else if (kind < OF_NOBODY)
        entry.subject = person(draw(lives, 1 + draw(lives, PEOPLE)));
    TRY(entry_write(&buf, &entry, report));
    return audit_append(lives->log, buf_str(&buf), report, NULL);
}

static status append_of_many(struct lives *lives, struct report *report)
{
    return append_kind(lives, OF_MANY, report);
}

/* Of one person, of many, or of nobody. */
static status append(struct lives *lives, struct report *report)
{
    return append_kind(lives, draw(lives, 20), report);
}

/* A turn: some entries, some of them taken back; then what may follow it. */
static status turn(struct lives *lives, struct report *report)
{
    bool did;
    str note;
    for (uint64_t i = draw(lives, 30); i > 0; i--)
        TRY(append(lives, report));
    uint64_t waiting = audit_pending(lives->log) - audit_size(lives->log);
    if (waiting > 0 && draw(lives, 5) == 0)
        audit_drop(lives->log, audit_pending(lives->log) - draw(lives, waiting));
    TRY(audit_flush(lives->log, report));
    if (draw(lives, 8) == 0)
        TRY(audit_checkpoint(lives->log, report, &note));
    for (uint64_t i = draw(lives, 6); i > 0; i--)
        TRY(audit_tend(lives->log, report, &did));
    return draw(lives, 6) == 0 ? test_chores(lives->log, report) : OK;
}

static void live(struct lives *lives, uint64_t entries)
{
    struct report report = {0};
    while (audit_size(lives->log) < entries)
        assert_ok(turn(lives, &report), &report);
}

/* ---- both ways ---- */

struct seen {
    struct lives *lives;
    audit_id handle;
    uint64_t at[ENTRIES * 2];
    size_t count, visits;
};

static status see(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct seen *seen = self;
    struct audit_entry entry;
    bool listed = false;
    enum audit_decision decision;
    (void)stop;
    seen->visits++;
    TRY(entry_parse(text, report, &entry));
    struct manifest_name name = {entry.manifest, entry.manifest_lines};
    if (entry.has_manifest)
        TRY(audit_manifest_find(seen->lives->log, &name, seen->handle, report, &listed, &decision));
    if (listed || ID_EQUAL(entry.subject, seen->handle))
        seen->at[seen->count++] = index;
    return OK;
}

/* Stops behind each, and goes on there. */
static status see_one(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    *stop = true;
    return see(self, index, text, report, stop);
}

static status see_index(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct seen *seen = self;
    (void)index, (void)text, (void)report, (void)stop;
    seen->visits++;
    return OK;
}

static void find(struct seen *seen, uint64_t from, audit_visit *visit)
{
    struct report report = {0};
    struct audit_log *log = seen->lives->log;
    struct audit_people people = {&seen->handle, 1};
    for (uint64_t next = from; next < audit_size(log);)
        assert_ok(audit_scan_whose(log, &people, &next, visit, seen, &report), &report);
}

static void find_back(struct seen *seen, uint64_t to, audit_visit *visit)
{
    struct report report = {0};
    struct audit_log *log = seen->lives->log;
    struct audit_people people = {&seen->handle, 1};
    for (uint64_t before = to; before > 0;)
        assert_ok(audit_scan_whose_back(log, &people, &before, visit, seen, &report), &report);
}

/* Of all that there are, those before `to`, the last first. */
static void assert_same_back(const struct seen *all, uint64_t to, audit_visit *visit)
{
    static struct seen back;
    size_t wanted = 0;
    back = (struct seen){.lives = all->lives, .handle = all->handle};
    find_back(&back, to, visit);
    while (wanted < all->count && all->at[wanted] < to)
        wanted++;
    assert_int_equal(back.count, wanted);
    for (size_t i = 0; i < wanted; i++)
        assert_int_equal(back.at[i], all->at[wanted - 1 - i]);
}

/* Of some people, the busiest with them. */
static void assert_same(struct lives *lives)
{
    static struct seen all, found;
    struct report report = {0};
    for (uint64_t i = 0; i <= PEOPLE; i += 1 + draw(lives, 16)) {
        uint64_t from = i % 3 == 0 ? draw(lives, audit_size(lives->log)) : 0;
        all = found = (struct seen){.lives = lives, .handle = person(i)};
        assert_ok(audit_scan(lives->log, from, see, &all, &report), &report);
        find(&found, from, i % 2 == 0 ? see : see_one);
        assert_int_equal(found.count, all.count);
        assert_memory_equal(found.at, all.at, all.count * sizeof(all.at[0]));
        if (from > 0)
            continue;
        assert_same_back(&all, UINT64_MAX, i % 2 == 0 ? see_one : see);
        assert_same_back(&all, draw(lives, audit_size(lives->log)), see);
    }
}

static void tend_all(struct lives *lives)
{
    struct report report = {0};
    bool did = true;
    while (did)
        assert_ok(audit_tend(lives->log, &report, &did), &report);
}

static void reopen(struct lives *lives)
{
    struct report report = {0};
    audit_close(&lives->log);
    assert_ok(open_lives(lives, &report), &report);
}

static void entries_of_a_person_are_those_that_the_whole_log_has(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct lives lives;
        begin(&lives, seed);
        for (uint64_t size = 500; size <= ENTRIES; size += 500) {
            live(&lives, size);
            assert_same(&lives);
            if (draw(&lives, 2) == 0)
                reopen(&lives);
            assert_same(&lives);
        }
        tend_all(&lives);
        assert_same(&lives);
        end(&lives);
    }
}

/* Of what was done to many and stands in no run yet, those entries alone that list them. */
static void nobody_looks_into_recent_entries_of_many_that_name_others(void **state)
{
    (void)state;
    static struct seen found, back;
    struct lives lives;
    struct report report = {0};
    begin(&lives, 4);
    live(&lives, RUN_ENTRIES * 20);
    tend_all(&lives);
    for (int i = 0; i < RUN_ENTRIES - 1; i++)
        assert_ok(append_of_many(&lives, &report), &report);
    assert_ok(audit_flush(lives.log, &report), &report);
    for (uint64_t i = 0; i <= PEOPLE; i++) {
        found = back = (struct seen){.lives = &lives, .handle = person(i)};
        find(&found, 0, see);
        assert_int_equal(found.visits, found.count);
        find_back(&back, UINT64_MAX, see);
        assert_int_equal(back.visits, found.count);
    }
    end(&lives);
}

static void lose_manifests(const struct lives *lives)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/manifest", lives->dir);
    test_remove(path);
}

/* How often a person who is in none of them is led to entries. */
static uint64_t led_to(struct lives *lives, bool back)
{
    static struct seen seen;
    seen = (struct seen){.lives = lives, .handle = test_id(99)};
    if (back)
        find_back(&seen, UINT64_MAX, see_index);
    else
        find(&seen, 0, see_index);
    return seen.visits;
}

static unsigned tier_of(const struct lives *lives, uint64_t index)
{
    uint64_t end;
    const struct whose *whose = &lives->log->whose;
    const struct whose_run *run = whose_covers(whose, index, audit_size(lives->log), &end);
    assert_non_null(run);
    return run->tier;
}

/* Nobody knows any more whom these entries name, so that everybody is led to them: from a run of
 * them, from one that it was merged into, and after an opening. */
static void what_lost_its_manifest_stays_everybodys(void **state)
{
    (void)state;
    enum { LOST = 3 };
    struct lives lives;
    struct report report = {0};
    begin(&lives, 81);
    for (int i = 0; i < RUN_ENTRIES * 20; i++)
        assert_ok(append_kind(&lives, 5, &report), &report);
    for (int i = 0; i < LOST; i++)
        assert_ok(append_of_many(&lives, &report), &report);
    assert_ok(audit_flush(lives.log, &report), &report);
    lose_manifests(&lives);
    for (unsigned tier = 0; tier == 0; tier = tier_of(&lives, RUN_ENTRIES * 20)) {
        for (int i = 0; i < RUN_ENTRIES; i++)
            assert_ok(append_kind(&lives, 5, &report), &report);
        assert_ok(audit_flush(lives.log, &report), &report);
        tend_all(&lives);
        assert_int_equal(led_to(&lives, false), LOST);
        assert_int_equal(led_to(&lives, true), LOST);
    }
    reopen(&lives);
    tend_all(&lives);
    assert_int_equal(led_to(&lives, false), LOST);
    assert_int_equal(led_to(&lives, true), LOST);
    end(&lives);
}

/* ---- one run ---- */

enum { ROWS = 20000, ASKED = 300 };

/* How handles lie: drawn evenly, as they are; most rows of few; all beginning alike; all the same.
 */
enum spread { EVEN, OF_FEW, ALIKE, SAME, SPREADS };

static audit_id drawn_handle(struct lives *lives, enum spread spread)
{
    audit_id handle = {{0}};
    uint64_t words[2] = {draw(lives, UINT64_MAX), draw(lives, 3000)};
    if (spread == OF_FEW && draw(lives, 4) != 0)
        words[0] = 0x5151515151515151U + draw(lives, 5);
    if (spread == ALIKE || spread == SAME)
        words[0] = 77;
    if (spread == SAME)
        words[1] = 7;
    memcpy(handle.bytes, words, sizeof(words));
    return handle;
}

static struct whose_made drawn_run(struct lives *lives, enum spread spread)
{
    struct whose_made made = {.run = {.to = ROWS, .rows = ROWS}};
    for (uint64_t n = 0; n < ROWS; n++) {
        audit_id handle = drawn_handle(lives, spread);
        whose_rows_add(&made.rows, &handle, n);
    }
    return made;
}

/* Of the rows as they lie in memory: from..to-1, at most `most`, the last first where that is
 * asked. */
static void numbers_of(const struct whose_made *made, const audit_id *handle, uint64_t from,
                       uint64_t to, struct whose_numbers *numbers)
{
    for (size_t i = 0; i < made->rows.count; i++) {
        uint64_t number = whose_number(&made->rows.at[i]);
        if (ID_EQUAL(made->rows.at[i].handle, *handle) && number >= from && number < to)
            (void)numbers_add(numbers, number, SIZE_MAX);
    }
}

static void assert_finds(struct lives *lives, struct whose *whose, const struct whose_made *made,
                         const audit_id *handle)
{
    struct whose_numbers all = {0}, found = {0}, back = {0};
    uint64_t place = draw(lives, ROWS);
    size_t most = 1 + draw(lives, 400);
    numbers_of(made, handle, place, ROWS, &all);
    size_t after = all.count;
    CLEANUP(fd_close) int file = -1;
    assert_true(whose_run_find(whose, &made->run, &file, handle, place, most, &found));
    assert_int_equal(found.count, after < most ? after : most);
    for (size_t i = 0; i < found.count; i++)
        assert_int_equal(found.at[i], all.at[i]);
    all.count = 0;
    numbers_of(made, handle, 0, place, &all);
    assert_true(whose_run_find_back(whose, &made->run, &file, handle, place, most, &back));
    assert_int_equal(back.count, all.count < most ? all.count : most);
    for (size_t i = 0; i < back.count; i++)
        assert_int_equal(back.at[i], all.at[all.count - 1 - i]);
    free(all.at);
    free(found.at);
    free(back.at);
}

/* Reads that this process has asked for, this one's own among them; 0 where the system does not
 * count. */
static uint64_t reads_asked(void)
{
    char line[128];
    unsigned long long count = 0;
    FILE *file = fopen("/proc/self/io", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "syscr: %llu", &count) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return count;
}

static void assert_reads_few(struct lives *lives, struct whose *whose,
                             const struct whose_made *made)
{
    enum { OWN = 2 }; /* of reads_asked() itself */
    CLEANUP(fd_close) int file = -1;
    uint64_t asked = reads_asked();
    for (int i = 0; i < ASKED; i++) {
        struct whose_numbers found = {0};
        audit_id handle = drawn_handle(lives, EVEN);
        whose_known_forget(whose, 0, UINT64_MAX);
        assert_true(whose_run_find(whose, &made->run, &file, &handle, 0, SIZE_MAX, &found));
        free(found.at);
    }
    assert_in_range(reads_asked() - asked, 0,
                    3 * ASKED + OWN); /* halving takes eight of 118 blocks */
}

/* What was looked into stays, until another run stands there. */
static void assert_reads_once(struct lives *lives, struct whose *whose,
                              const struct whose_made *made)
{
    enum { OWN = 2 };
    audit_id handle = drawn_handle(lives, EVEN);
    for (int round = 0; round < 3; round++) {
        struct whose_numbers found = {0};
        CLEANUP(fd_close) int file = -1;
        if (round == 2)
            whose_known_forget(whose, made->run.to - 1, made->run.to);
        uint64_t asked = reads_asked();
        assert_true(whose_run_find(whose, &made->run, &file, &handle, 0, SIZE_MAX, &found));
        uint64_t reads = reads_asked() - asked;
        assert_true(round == 1 ? file == -1 && reads <= OWN : file >= 0);
        free(found.at);
        if (round == 0)
            whose_known_forget(whose, made->run.to, UINT64_MAX); /* another's */
    }
}

static void a_handle_is_found_in_a_run_however_its_handles_lie(void **state)
{
    (void)state;
    struct lives lives;
    struct report report = {0};
    begin(&lives, 51);
    struct shelf shelf = lives.log->shelf;
    struct whose whose = {.shelf = &shelf, .key = {5, 1}};
    for (enum spread spread = EVEN; spread < SPREADS; spread++) {
        struct whose_made made = drawn_run(&lives, spread);
        assert_ok(whose_write(&whose, &shelf, &made, &report), &report);
        for (int i = 0; i < ASKED; i++) {
            audit_id handle = i % 3 == 0 ? drawn_handle(&lives, (enum spread)draw(&lives, SPREADS))
                                         : made.rows.at[draw(&lives, ROWS)].handle;
            assert_finds(&lives, &whose, &made, &handle);
        }
        assert_finds(&lives, &whose, &made, &(audit_id){{0}});
        if (spread == EVEN)
            assert_reads_few(&lives, &whose, &made);
        whose_known_forget(&whose, 0, UINT64_MAX);
        assert_reads_once(&lives, &whose, &made);
        whose_known_forget(&whose, made.run.from, made.run.to);
        whose_remove(&whose, &made.run);
        whose_made_free(&made);
    }
    whose_known_free(&whose);
    end(&lives);
}

/* ---- files ---- */

struct files {
    char name[512][64];
    size_t count;
};

static void list(const struct lives *lives, struct files *files)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/whose", lives->dir);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    files->count = 0;
    for (struct dirent *file; (file = readdir(folder)) != NULL;)
        if (file->d_name[0] != '.') {
            assert_true(files->count < LENGTH(files->name));
            snprintf(files->name[files->count++], 64, "%.60s", file->d_name);
        }
    closedir(folder);
}

static void a_look_up_reads_the_persons_own_entries_alone(void **state)
{
    (void)state;
    static struct seen found;
    struct lives lives;
    struct files files;
    begin(&lives, 11);
    live(&lives, ENTRIES);
    tend_all(&lives);
    for (uint64_t i = 0; i <= PEOPLE; i++) {
        found = (struct seen){.lives = &lives, .handle = person(i)};
        find(&found, 0, see);
        assert_in_range(found.visits, found.count, found.count + RUN_ENTRIES); /* some in memory */
        found = (struct seen){.lives = &lives, .handle = person(i)};
        find_back(&found, UINT64_MAX, see);
        assert_in_range(found.visits, found.count, found.count + RUN_ENTRIES);
    }
    list(&lives, &files); /* sixteen of a tier are one of the next */
    assert_in_range(files.count, 1, 40);
    end(&lives);
}

/* A byte turned over, an end cut off, a file of another's name, a file gone. */
static void harm(struct lives *lives, const char *name, uint64_t how)
{
    char path[200], other[200];
    struct stat facts;
    unsigned char byte;
    snprintf(path, sizeof(path), "%s/whose/%s", lives->dir, name);
    snprintf(other, sizeof(other), "%s/whose/%020d-%020d-0", lives->dir, 1, 2);
    if (how == 0)
        assert_int_equal(unlink(path), 0);
    if (how == 1)
        assert_int_equal(rename(path, other), 0);
    if (how < 2)
        return;
    int file = open(path, O_RDWR);
    assert_int_equal(fstat(file, &facts), 0);
    off_t at = (off_t)draw(lives, (uint64_t)facts.st_size);
    if (how == 2)
        assert_int_equal(ftruncate(file, at), 0);
    if (how > 2) {
        assert_int_equal(pread(file, &byte, 1, at), 1);
        byte ^= (unsigned char)(1 << draw(lives, 8));
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
    }
    close(file);
}

static void a_damaged_file_is_made_again_and_nothing_is_answered_from_it(void **state)
{
    (void)state;
    struct lives lives;
    struct files files;
    begin(&lives, 21);
    live(&lives, ENTRIES / 2);
    for (uint64_t how = 0; how < 12; how++) {
        tend_all(&lives);
        list(&lives, &files);
        for (size_t i = 0; i < files.count; i++)
            if (draw(&lives, 2) == 0)
                harm(&lives, files.name[i], how);
        if (how % 2 == 0)
            reopen(&lives);
        assert_same(&lives);
        live(&lives, audit_size(lives.log) + 60);
        assert_same(&lives);
    }
    end(&lives);
}

/* Manifests of many people take long to read, and whoever begins a chore has others waiting. */
static void a_chore_is_begun_without_reading_a_file(void **state)
{
    enum { OWN = 2 };
    (void)state;
    struct lives lives;
    struct report report = {0};
    begin(&lives, 71);
    for (int round = 0; round < 60; round++) {
        struct audit_chore *chore = NULL;
        for (int i = 0; i < 4; i++)
            assert_ok(append_of_many(&lives, &report), &report);
        assert_ok(audit_flush(lives.log, &report), &report);
        uint64_t asked = reads_asked();
        assert_ok(audit_chore_begin(lives.log, &report, &chore), &report);
        assert_in_range(reads_asked() - asked, 0, OWN);
        if (chore == NULL)
            continue;
        audit_chore_run(chore);
        assert_ok(audit_chore_end(chore, &report), &report);
    }
    assert_true(lives.log->whose.count > 0);
    assert_same(&lives);
    end(&lives);
}

/* Files are harmed, and that is noticed, while a piece of what makes and merges them is out. */
static void a_file_may_be_damaged_while_a_chore_is_out(void **state)
{
    (void)state;
    struct lives lives;
    static struct files files;
    struct report report = {0};
    bool merged = false, given_up = false;
    begin(&lives, 61);
    for (int round = 0; round < 400; round++) {
        struct audit_chore *chore = NULL;
        if (audit_size(lives.log) < ENTRIES)
            live(&lives, audit_size(lives.log) + 5);
        assert_ok(audit_chore_begin(lives.log, &report, &chore), &report);
        list(&lives, &files);
        if (files.count > 0 && draw(&lives, 8) == 0)
            harm(&lives, files.name[draw(&lives, files.count)], 3);
        assert_same(&lives);
        if (chore == NULL)
            continue;
        bool was_merging = lives.log->whose.merge != NULL;
        audit_chore_run(chore);
        assert_ok(audit_chore_end(chore, &report), &report);
        merged |= was_merging;
        given_up |= was_merging && lives.log->whose.merge == NULL;
    }
    assert_true(merged && given_up);
    tend_all(&lives);
    assert_same(&lives);
    reopen(&lives);
    assert_same(&lives);
    end(&lives);
}

/* Two logs of the same entries: what one has cannot stand in the other's folder. */
static void a_run_of_another_log_is_not_taken(void **state)
{
    (void)state;
    struct lives lives;
    struct files files;
    struct report report = {0};
    begin(&lives, 31);
    live(&lives, 400);
    tend_all(&lives);
    audit_close(&lives.log);
    struct audit_config config = test_config();
    config.whose_entries = RUN_ENTRIES;
    config.seed.bytes[0] ^= 1;
    char checkpoint[128];
    snprintf(checkpoint, sizeof(checkpoint), "%s/checkpoint", lives.dir);
    assert_int_equal(unlink(checkpoint), 0); /* it would refuse another key before */
    assert_ok(audit_open(&lives.world.world, lives.dir, &config, &report, &lives.log), &report);
    list(&lives, &files);
    assert_int_equal(files.count, 0);
    assert_same(&lives);
    end(&lives);
}

/* ---- crashes ---- */

static status some_turns(struct lives *lives, struct report *report)
{
    bool did = true;
    for (int i = 0; i < 20; i++)
        TRY(turn(lives, report));
    while (did)
        TRY(audit_tend(lives->log, report, &did));
    return OK;
}

static void after_a_stop_at_any_effect_the_entries_are_found(void **state)
{
    (void)state;
    bool fails = true;
    for (long at = 0; fails; at += 4) {
        struct lives lives;
        struct report report = {0};
        begin(&lives, 41);
        live(&lives, 200);
        lives.world.calls = 0;
        lives.world.fails_at = at;
        fails = !is_ok(some_turns(&lives, &report));
        lives.world.fails_at = -1;
        report = (struct report){0};
        if (!audit_poisoned(lives.log))
            assert_same(&lives);
        audit_close(&lives.log);
        assert_ok(open_lives(&lives, &report), &report);
        assert_same(&lives);
        tend_all(&lives);
        assert_same(&lives);
        end(&lives);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lost_its_manifest_stays_everybodys),
        cmocka_unit_test(nobody_looks_into_recent_entries_of_many_that_name_others),
        cmocka_unit_test(entries_of_a_person_are_those_that_the_whole_log_has),
        cmocka_unit_test(a_handle_is_found_in_a_run_however_its_handles_lie),
        cmocka_unit_test(a_look_up_reads_the_persons_own_entries_alone),
        cmocka_unit_test(a_damaged_file_is_made_again_and_nothing_is_answered_from_it),
        cmocka_unit_test(a_chore_is_begun_without_reading_a_file),
        cmocka_unit_test(a_file_may_be_damaged_while_a_chore_is_out),
        cmocka_unit_test(a_run_of_another_log_is_not_taken),
        cmocka_unit_test(after_a_stop_at_any_effect_the_entries_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
