/* Damage to every kind of file that a register has: a bit turned over, a sector of zeros, an end
 * cut off, a file gone. Each is found and named at the start, where it is read, or by what `vern
 * doctor` and `vern log verify` look through; or it struck what nothing uses, and then everything,
 * down to the rows of the indexes, is as it was. Nothing is ever answered from it in silence.
 *
 * Which bytes: drawn by the seed below, VERN_DAMAGE times each file (8); VERN_DAMAGE_FILE takes
 * files whose path holds it alone, VERN_DAMAGE_SAYS=1 prints what is said. */
#include "trouble.h"
#include "walk_api.h"
#include "walk_trials.h"

enum { SEED = 7, DRAWN = 8, FILES_MOST = 128, SECTOR = 512 };

enum harm { HARM_BIT, HARM_ZEROS, HARM_CUT, HARM_GONE, HARM_COUNT };
static const char *const harm_names[HARM_COUNT] = {"a bit turned", "a sector of zeros", "cut off",
                                                   "gone"};

/* How a child ends. */
enum discovery {
    FOUND_START = 10,
    FOUND_READING,
    FOUND_DOCTOR,
    FOUND_VERIFY,
    FOUND_HARMLESS,
    FOUND_UNNAMED,
    FOUND_SILENT /* something else is answered, and nothing was said */
};

/* Files of one kind are told by a part of their path; the first that fits. `name` is what a report
 * of it says: the file, or what lies in it. */
static const struct kind {
    const char *part, *name;
} kinds[] = {
    {"data.db-wal", "data.db"},
    {"keys.db-wal", "keys.db|data.db|sealed record|ring|record of the register itself"},
    {"data.db", "data.db|keys.db|sealed record|record of the register itself|clock of firm"},
    {"keys.db", "keys.db|data.db|sealed record|ring|record of the register itself"},
    {"epoch/", ".key|epoch"},
    {"log.key", "log"},
    {"log/checkpoint", "checkpoint"},
    {"log/segment/", "entry"},
    {"log/tile/entries/000.p", "entry"},
    {"log/tile/entries/", "entry"},
    {"log/tile/0/000.p", "entry"},
    {"log/tile/0/", "entry"},
    {"log/tile/1/", "entry"},
    {"log/manifest/", "manifest"},
    {"log/whose/", "whose"}, /* made again, in silence */
    {"register.json", "register"},
    {"root.key", "root.key|another root key"}, /* a turned bit can leave a key that fits nothing */
    {"", ""},                                  /* markers without content */
};

static struct scene scene;
static struct {
    char path[FILES_MOST][200];
    size_t count;
} files;
static struct {
    char base[96], work[96];
    str picture, rows, log;
    struct arena *arena;
    str verifier, note; /* the log's key, and a checkpoint kept elsewhere */
    dossier_id erased;
} sound;

static uint64_t draw(uint64_t below)
{
    static uint64_t state = SEED;
    uint64_t z = state += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (z ^ z >> 31) % below;
}

/* ---- what is there ---- */

static void put_rows(struct buf *buf, sqlite3 *file, const char *table)
{
    char sql[128];
    sqlite3_stmt *statement = NULL;
    (void)snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2", table);
    MUST_BE(sqlite3_prepare_v2(file, sql, -1, &statement, NULL) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        buf_format(buf, "%s", table);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            buf_char(buf, ' ');
            buf_hex(buf, (str){sqlite3_column_blob(statement, i),
                               (size_t)sqlite3_column_bytes(statement, i)});
        }
        buf_char(buf, '\n');
    }
    sqlite3_finalize(statement);
}

/* The rows that nothing seals, of a closed register. */
static str rows_of_indexes(struct fixture *f)
{
    static const char *const tables[][6] = {{"due", "live", "idempotency", "loose", "dossier"},
                                            {"blind", "fence", "ring"}};
    static const char *const names_[] = {"data.db", "keys.db"};
    struct buf buf = buf_in(f->arena, 64 << 20);
    for (size_t i = 0; i < LENGTH(names_); i++) {
        char path[256];
        sqlite3 *file = NULL;
        (void)snprintf(path, sizeof(path), "%s/registers/firm/%s", f->data, names_[i]);
        MUST_BE(sqlite3_open(path, &file) == SQLITE_OK);
        for (size_t k = 0; k < LENGTH(tables[i]) && tables[i][k] != NULL; k++)
            put_rows(&buf, file, tables[i][k]);
        sqlite3_close(file);
    }
    return buf_str(&buf);
}

static status add_entry(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    (void)index;
    (void)report;
    (void)stop;
    buf_add(self, text);
    return OK;
}

/* The entries that there were before it was opened. */
static str log_text(struct fixture *f, uint64_t size)
{
    struct buf buf = buf_in(f->arena, 64 << 20);
    for (uint64_t i = 0; i < size; i++) {
        str entry;
        bool stop;
        MUST(f, audit_read(reg_log(f->reg), i, f->arena, &f->report, &entry));
        MUST(f, add_entry(&buf, i, entry, &f->report, &stop));
    }
    return buf_str(&buf);
}

/* ---- the sound register ---- */

static const char more_text[] =
    "file: POST /v1/subjects/<anna>/files {'field':'paper.cv','optional':true,'intake':'form',"
    "'source':'person','channel':'web','media':'application/pdf','size':150000}\n"
    "PUT /v1/subjects/<anna>/files/<file>/bytes bytes:150000\n"
    "POST /v1/batch/read {'purpose':'support','everyone':true}\n"
    "cato: POST /v1/subjects {'roles':['asker'],'identifiers':[{'kind':'number',"
    "'value':'QANARY-3'}]}\n"
    "POST /v1/subjects/<cato>/collect {'intake':'form','source':'person','channel':'web',"
    "'optional':['question.text'],'values':{'contact.email':'cato@qanary.test',"
    "'question.text':'Who?'}}\n"
    "POST /v1/subjects/<cato>/erase {'warned':true}\n"
    "POST /v1/subjects/<anna>/restrictions {'reason':'accuracy','warned':true}\n";

static void note_files(const char *folder)
{
    DIR *dir = opendir(folder);
    MUST_BE(dir != NULL);
    for (const struct dirent *one = readdir(dir); one != NULL; one = readdir(dir)) {
        char path[200];
        struct stat about;
        if (one->d_name[0] == '.' || strncmp(one->d_name, "lock", 4) == 0) /* locks are empty */
            continue;
        MUST_BE(snprintf(path, sizeof(path), "%s/%s", folder, one->d_name) < (int)sizeof(path));
        MUST_BE(lstat(path, &about) == 0);
        if (S_ISDIR(about.st_mode)) {
            note_files(path);
            continue;
        }
        MUST_BE(files.count < FILES_MOST);
        (void)snprintf(files.path[files.count++], sizeof(path), "%s", path + strlen(sound.base));
    }
    closedir(dir);
}

/* A full bundle, two segments, manifests, files in parts, someone erased; and what was written last
 * lies in the journals still, as after a kill. */
static int make_sound(void **state)
{
    (void)state;
    struct fixture f;
    char again[96];
    walk_scene_make(&scene);
    (void)snprintf(sound.base, sizeof(sound.base), "%s.base", scene.folder);
    (void)snprintf(sound.work, sizeof(sound.work), "%s.work", scene.folder);
    (void)snprintf(again, sizeof(again), "%s.again", scene.folder);
    fixture_over(&f, scene.folder, 8);
    MUST(&f, try_open(&f, NULL));
    MUST(&f, play(&f, more_text));
    for (int i = 0; i < 300; i++)
        MUST(&f, engine_heartbeat(f.engine, f.reg, &f.report));
    MUST(&f, play(&f, "POST /v1/subjects/<berit>/consents {'purpose':'newsletter','wording':"
                      "'May we?','given_by':'click'}\n"));
    MUST(&f, reg_checkpoint(f.reg, &f.report));
    MUST_BE(id_parse(name_get(STR("cato")), sound.erased.bytes));
    sound.arena = arena_new((size_t)256 << 20);
    sound.verifier = arena_copy(sound.arena, reg_verifier(f.reg));
    sound.note = arena_copy(sound.arena, audit_note(reg_log(f.reg)));
    folder_copy(scene.folder, sound.base);
    fixture_end(&f);
    note_files(sound.base);
    folder_copy(sound.base, again);
    fixture_over(&f, again, 9);
    MUST(&f, try_open(&f, NULL));
    sound.picture = arena_copy(sound.arena, picture_of(&f).text);
    sound.log = arena_copy(sound.arena, log_text(&f, audit_mark_of(reg_log(f.reg)).size));
    engine_close(&f.engine);
    sound.rows = arena_copy(sound.arena, rows_of_indexes(&f));
    fixture_end(&f);
    folder_remove(again);
    return 0;
}

static int end_sound(void **state)
{
    (void)state;
    folder_remove(scene.folder);
    folder_remove(sound.base);
    folder_remove(sound.work);
    arena_free(&sound.arena);
    return 0;
}

/* ---- damage ---- */

struct damage {
    size_t file;
    enum harm harm;
    off_t at;
    unsigned bit;
};

static const struct kind *kind_of(const char *path)
{
    for (size_t i = 0;; i++) {
        if (strstr(path, kinds[i].part) != NULL)
            return &kinds[i];
    }
}

static void path_in(const char *folder, size_t file, char path[400])
{
    MUST_BE(snprintf(path, 400, "%s%s", folder, files.path[file]) < 400);
}

/* False: it changes nothing. */
static bool do_harm(const struct damage *damage)
{
    char path[400];
    unsigned char sector[SECTOR] = {0}, was[SECTOR];
    path_in(sound.work, damage->file, path);
    if (damage->harm == HARM_GONE)
        return unlink(path) == 0;
    if (damage->harm == HARM_CUT)
        return truncate(path, damage->at) == 0;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    off_t from = damage->harm == HARM_BIT ? damage->at : damage->at - damage->at % SECTOR;
    ssize_t length = pread(fd, was, damage->harm == HARM_BIT ? 1 : SECTOR, from);
    MUST_BE(fd >= 0 && length > 0);
    if (damage->harm == HARM_BIT)
        sector[0] = (unsigned char)(was[0] ^ 1u << damage->bit);
    bool other = memcmp(sector, was, (size_t)length) != 0;
    MUST_BE(pwrite(fd, sector, (size_t)length, from) == length);
    close(fd);
    return other;
}

static struct damage draw_damage(size_t file, enum harm harm)
{
    char path[400];
    struct stat about;
    path_in(sound.base, file, path);
    MUST_BE(stat(path, &about) == 0);
    off_t size = about.st_size == 0 ? 1 : about.st_size;
    struct damage damage = {.file = file, .harm = harm, .bit = (unsigned)draw(8)};
    damage.at = (off_t)draw((uint64_t)size);
    return damage;
}

/* ---- is it found? ---- */

static bool is_named(const struct report *report, const struct kind *kind)
{
    str rest = str_from(kind->name), name;
    while (str_next(&rest, '|', &name)) {
        if (memmem(report->text, strlen(report->text), name.ptr, name.len) != NULL)
            return true;
    }
    return false;
}

/* What `vern doctor` looks through. */
static status doctor(struct fixture *f)
{
    struct vault_parts parts = {.lacks = NULL};
    f->report = (struct report){0};
    TRY(vault_check(f->reg->vault, &f->report));
    TRY(keys_check(f->reg->vault->keys, &f->report));
    TRY(vault_check_dossiers(f->reg->vault, &f->report));
    TRY(engine_log_check(f->reg, &f->report));
    return vault_count_parts(f->reg->vault, &parts, &f->report);
}

static status verify(struct fixture *f)
{
    char path[256];
    struct audit_verdict verdict = {0};
    (void)snprintf(path, sizeof(path), "%s/registers/firm/log", f->data);
    f->report = (struct report){0};
    return audit_verify(&f->sim.world, path, sound.verifier, sound.note, &f->report, &verdict);
}

/* Erased, or a fault: never anything else. */
static status ask_for_erased(struct fixture *f)
{
    enum presence presence;
    struct dossier *dossier;
    f->report = (struct report){0};
    TRY(vault_load(f->reg->vault, sound.erased, f->arena, &f->report, &presence, &dossier));
    MUST_BE(presence == PRESENCE_ERASED);
    return OK;
}

static enum discovery said(const struct fixture *f, const struct kind *kind, enum discovery found)
{
    if (getenv("VERN_DAMAGE_SAYS") != NULL)
        print_message("      %s\n", f->report.text);
    return is_named(&f->report, kind) ? found : FOUND_UNNAMED;
}

/* The first row that is another one: why a damage is not harmless. */
static void tell_rows(str rows)
{
    size_t at = 0, from = 0;
    while (at < rows.len && at < sound.rows.len && rows.ptr[at] == sound.rows.ptr[at]) {
        at++;
        from = rows.ptr[at - 1] == '\n' ? at : from;
    }
    if (getenv("VERN_DAMAGE_SAYS") != NULL && at < sound.rows.len)
        print_message("      at column %zu of the row %.*s\n", at - from,
                      (int)(sound.rows.len - from < 200 ? sound.rows.len - from : 200),
                      sound.rows.ptr + from);
}

/* Before anything is opened, as an auditor does it; then the start, the doctor, and all that can be
 * read. */
static enum discovery look_for(const struct kind *kind)
{
    struct fixture f;
    fixture_over(&f, sound.work, 10);
    bool verifies = is_ok(verify(&f));
    if (!is_ok(try_open(&f, NULL)))
        return said(&f, kind, FOUND_START);
    if (!is_ok(doctor(&f)))
        return said(&f, kind, FOUND_DOCTOR);
    if (!is_ok(ask_for_erased(&f)))
        return said(&f, kind, FOUND_READING);
    str picture = picture_of(&f).text;
    str log = log_text(&f, audit_mark_of(reg_log(f.reg)).size);
    bool same = str_equal(picture, sound.picture) && str_equal(log, sound.log);
    engine_close(&f.engine);
    str rows = rows_of_indexes(&f);
    same &= str_equal(rows, sound.rows);
    tell_rows(rows);
    if (!verifies)
        return FOUND_VERIFY;
    return same ? FOUND_HARMLESS : FOUND_SILENT;
}

static enum discovery find(const struct damage *damage)
{
    int how;
    folder_copy(sound.base, sound.work);
    if (!do_harm(damage))
        return FOUND_HARMLESS;
    (void)fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        in_child = true;
        if (getenv("VERN_DAMAGE_SAYS") == NULL)
            (void)freopen("/dev/null", "w", stderr);
        _exit((int)look_for(kind_of(files.path[damage->file])));
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    if (WIFEXITED(how) && WEXITSTATUS(how) == BROKEN)
        return FOUND_READING; /* picture_of() could not open something, and said what */
    return WIFEXITED(how) ? (enum discovery)WEXITSTATUS(how) : FOUND_SILENT;
}

static unsigned wrongs;

static void take_down(const struct damage *damage, enum discovery found, unsigned counts[8])
{
    counts[found - FOUND_START]++;
    bool marker = kind_of(files.path[damage->file])->name[0] == '\0';
    bool bad = found == FOUND_SILENT || (found == FOUND_UNNAMED && !marker);
    wrongs += bad;
    if (bad)
        print_message("  %s, %s at %lld bit %u: %s\n", files.path[damage->file],
                      harm_names[damage->harm], (long long)damage->at, damage->bit,
                      found == FOUND_SILENT ? "nothing is said" : "it is not named");
}

static unsigned times_said(void)
{
    const char *said_ = getenv("VERN_DAMAGE");
    uint64_t times = DRAWN;
    if (said_ != NULL && !str_to_u64(str_from(said_), &times))
        fail_msg("VERN_DAMAGE is no number: %s", said_);
    return (unsigned)times;
}

/* G4, G6 */
static void damage_to_any_file_is_named_and_never_answered_from(void **state)
{
    (void)state;
    unsigned counts[8] = {0}, times = times_said();
    const char *only = getenv("VERN_DAMAGE_FILE");
    for (size_t i = 0; i < files.count; i++) {
        unsigned its[8] = {0};
        if (only != NULL && strstr(files.path[i], only) == NULL)
            continue;
        for (unsigned k = 0; k < 2 * times; k++) {
            struct damage damage = draw_damage(i, k % 2 == 0   ? HARM_BIT
                                                  : k % 4 == 1 ? HARM_ZEROS
                                                               : HARM_CUT);
            take_down(&damage, find(&damage), its);
        }
        struct damage gone = {.file = i, .harm = HARM_GONE};
        take_down(&gone, find(&gone), its);
        print_message("    %-60s start %u reading %u doctor %u verify %u harmless %u\n",
                      files.path[i], its[0], its[1], its[2], its[3], its[4]);
        for (size_t k = 0; k < LENGTH(counts); k++)
            counts[k] += its[k];
    }
    print_message(
        "  found at start %u, reading %u, by the doctor %u, the verifier %u; %u harmless, "
        "%u unnamed, %u silent\n",
        counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6]);
    assert_int_equal(wrongs, 0);
}

/* ---- damage to what is to be put back ---- */

/* Plain, and encrypted to a recipient. */
static struct copies {
    char plain[128], sealed[128], identity[128];
} copies;

static void make_copies(void)
{
    struct fixture f;
    struct recipient recipient;
    (void)snprintf(copies.plain, sizeof(copies.plain), "%s.plain", scene.folder);
    (void)snprintf(copies.sealed, sizeof(copies.sealed), "%s.sealed", scene.folder);
    (void)snprintf(copies.identity, sizeof(copies.identity), "%s.identity", scene.folder);
    folder_copy(sound.base, sound.work);
    fixture_over(&f, sound.work, 11);
    MUST(&f, try_open(&f, NULL));
    MUST(&f, identity_make(&f.sim.world, copies.identity, &f.report, &recipient));
    MUST(&f, engine_backup(f.reg, copies.plain, &f.report));
    struct backup sealed_ = {copies.sealed, &recipient, false};
    MUST(&f, engine_backup_sealed(f.reg, &sealed_, &f.report));
    fixture_end(&f);
    folder_copy(sound.work, sound.base); /* that the copies fit */
}

static void end_copies(void)
{
    folder_remove(copies.plain);
    folder_remove(copies.sealed);
    (void)unlink(copies.identity);
}

struct copy_part {
    const char *folder, *leaf, *named; /* named: what a fault says of it */
};
static const struct copy_part parts[] = {
    {copies.plain, "backup.json", "backup.json|another register|clock"},
    {copies.plain, "data.db", "data.db"},
    {copies.sealed, "data.db.archive", "archive"},
};

/* A copy of the part as it was, under `saved`. */
static void harm_part(const struct copy_part *part, enum harm harm, const char *saved)
{
    char path[256], command[600];
    struct stat about;
    (void)snprintf(path, sizeof(path), "%s/%s", part->folder, part->leaf);
    (void)snprintf(command, sizeof(command), "cp '%s' '%s'", path, saved);
    MUST_BE(system(command) == 0 && stat(path, &about) == 0);
    if (harm == HARM_GONE) {
        MUST_BE(unlink(path) == 0);
        return;
    }
    off_t at = (off_t)draw((uint64_t)about.st_size);
    if (harm == HARM_CUT) {
        MUST_BE(truncate(path, at) == 0);
        return;
    }
    unsigned char byte;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    MUST_BE(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte = harm == HARM_ZEROS && byte != 0 ? 0 : (unsigned char)(byte ^ 1u << draw(8));
    MUST_BE(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

static void mend_part(const struct copy_part *part, const char *saved)
{
    char command[600];
    (void)snprintf(command, sizeof(command), "mv '%s' '%s/%s'", saved, part->folder, part->leaf);
    MUST_BE(system(command) == 0);
}

static status put_back(struct fixture *f, const char *folder, bool check)
{
    struct engine_config config = fixture_config(f);
    CLEANUP(secret_wipe) secret identity = {0};
    struct restore restore = {.dir = folder};
    f->report = (struct report){0};
    if (folder == copies.sealed) {
        TRY(identity_read(copies.identity, &f->report, &identity));
        restore.identity = &identity;
    }
    return check ? engine_restore_check(&config, STR("firm"), &restore, &f->report)
                 : engine_restore_from(&config, STR("firm"), &restore, &f->report);
}

/* Refused and named, by the check as by the restore, and every file of the register is as it was.
 */
static bool is_refused_whole(struct fixture *f, const struct copy_part *part)
{
    char command[600];
    const struct kind kind = {"", part->named};
    for (int check = 0; check < 2; check++) {
        status result = put_back(f, part->folder, check == 1);
        if (is_ok(result) || !is_named(&f->report, &kind)) {
            print_message("  %s: %s\n", part->leaf, is_ok(result) ? "accepted" : f->report.text);
            return false;
        }
    }
    (void)snprintf(command, sizeof(command), "diff -r '%s' '%s' >&2", sound.base, sound.work);
    return system(command) == 0;
}

/* G3, G4: a damaged backup is no backup: nothing of it takes the place of what is there. */
static void a_damaged_backup_is_named_and_nothing_of_it_is_put_back(void **state)
{
    (void)state;
    struct fixture f;
    char saved[128];
    unsigned times = times_said();
    make_copies();
    (void)snprintf(saved, sizeof(saved), "%s.saved", scene.folder);
    folder_copy(sound.base, sound.work);
    fixture_over(&f, sound.work, 12);
    for (size_t i = 0; i < LENGTH(parts); i++) {
        for (unsigned k = 0; k < 3 * times + 1; k++) {
            enum harm harm = k == 3 * times ? HARM_GONE : (enum harm)(k % 3);
            harm_part(&parts[i], harm, saved);
            bool good = is_refused_whole(&f, &parts[i]);
            mend_part(&parts[i], saved);
            if (!good)
                fail_msg("%s, %s", parts[i].leaf, harm_names[harm]);
        }
    }
    MUST(&f, put_back(&f, copies.plain, true));
    MUST(&f, put_back(&f, copies.plain, false));
    MUST(&f, put_back(&f, copies.sealed, false));
    MUST(&f, try_open(&f, NULL)); /* and what was whole comes back whole */
    assert_true(str_equal(picture_of(&f).text, sound.picture));
    fixture_end(&f);
    end_copies();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_to_any_file_is_named_and_never_answered_from),
        /* last: it puts another register in the place of the sound one */
        cmocka_unit_test(a_damaged_backup_is_named_and_nothing_of_it_is_put_back),
    };
    return cmocka_run_group_tests(tests, make_sound, end_sound);
}
