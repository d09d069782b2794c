/* What the tests of bad days share: a register with three people in it, a picture of all that it
 * holds (down to rows, rings and hashes) that two states can be compared by, and copies of its
 * folder.
 *
 *   Anna   applied for a vacancy, takes part in a webinar, consented to sharing with partners
 *   Berit  applied for a vacancy, later than the others: nothing ever happens to her
 *   Cato   applied for a vacancy and for nothing else
 *
 * Everything here may run in a child process: what goes wrong there ends the child with BROKEN. */
#ifndef VERN_TROUBLE_H
#define VERN_TROUBLE_H
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "engine_fixture.h"

#include "engine_internal.h"
#include "keys_internal.h"
#include "vault_internal.h"
#include "scratch.h"
#include "verify.h"

enum { BROKEN = 99 };
static bool in_child;

static inline void give_up(const char *file, int line, const char *what, const char *why)
{
    if (!in_child)
        fail_msg("%s:%d: %s: %s", file, line, what, why);
    (void)fprintf(stderr, "%s:%d: %s: %s\n", file, line, what, why);
    _exit(BROKEN);
}

#define MUST(f, call)                                                                              \
    do {                                                                                           \
        status must_ = (call);                                                                     \
        if (!is_ok(must_))                                                                         \
            give_up(__FILE__, __LINE__, #call, (f)->report.text);                                  \
    } while (0)
#define MUST_BE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth))                                                                              \
            give_up(__FILE__, __LINE__, #truth, "is not so");                                      \
    } while (0)

/* ---- folders ---- */

static inline void folder_make(char folder[64])
{
    (void)snprintf(folder, 64, "%s/vern-trouble-XXXXXX", scratch_folder());
    if (mkdtemp(folder) == NULL)
        give_up(__FILE__, __LINE__, "mkdtemp", "no folder for the test");
}

static inline void shell(const char *command)
{
    if (system(command) != 0)
        give_up(__FILE__, __LINE__, command, "failed");
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)about;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void folder_remove(const char *folder)
{
    if (access(folder, F_OK) == 0)
        MUST_BE(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* What has bytes, and holes for what has none. */
static inline void file_copy(const char *from, const char *to, const struct stat *about)
{
    int in = open(from, O_RDONLY | O_CLOEXEC),
        out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, about->st_mode & 0777);
    MUST_BE(in >= 0 && out >= 0 && ftruncate(out, about->st_size) == 0);
    off_t at = 0, end;
    while (at < about->st_size && (at = lseek(in, at, SEEK_DATA)) >= 0) {
        MUST_BE((end = lseek(in, at, SEEK_HOLE)) > at && lseek(in, at, SEEK_SET) == at);
        for (off_t copied = at; copied < end;) {
            MUST_BE(lseek(out, copied, SEEK_SET) == copied);
            MUST_BE(sendfile(out, in, &copied, (size_t)(end - copied)) > 0);
        }
        at = end;
    }
    close(in);
    close(out);
}

static inline void folder_copy_into(const char *from, const char *to)
{
    DIR *dir = opendir(from);
    MUST_BE(dir != NULL && mkdir(to, 0700) == 0);
    for (const struct dirent *one = readdir(dir); one != NULL; one = readdir(dir)) {
        char source[512], target[512];
        struct stat about;
        if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
            continue;
        int length = snprintf(source, sizeof(source), "%s/%s", from, one->d_name);
        MUST_BE(length > 0 && (size_t)length < sizeof(source));
        length = snprintf(target, sizeof(target), "%s/%s", to, one->d_name);
        MUST_BE(length > 0 && (size_t)length < sizeof(target));
        MUST_BE(lstat(source, &about) == 0);
        if (S_ISDIR(about.st_mode))
            folder_copy_into(source, target);
        else
            file_copy(source, target, &about);
    }
    closedir(dir);
}

/* In process, for it is done a thousand times. */
static inline void folder_copy(const char *from, const char *to)
{
    folder_remove(to);
    folder_copy_into(from, to);
}

/* A fixture over a folder that holds data/ and root.key. */
static inline void fixture_over(struct fixture *f, const char *folder, uint64_t seed)
{
    *f = (struct fixture){0};
    MUST_BE(strlen(folder) < sizeof(f->dir));
    memcpy(f->dir, folder, strlen(folder) + 1);
    (void)snprintf(f->data, sizeof(f->data), "%s/data", folder);
    (void)snprintf(f->root, sizeof(f->root), "%s/root.key", folder);
    world_sim(&f->sim, seed, at_time("2026-01-01T00:00:00Z"));
    f->arena = arena_new((size_t)1 << 30);
}

/* Small segments of the log, for they are copied and read a thousand times. */
static inline struct engine_config trouble_config(struct fixture *f, const char *vfs)
{
    struct engine_config config = fixture_config(f);
    config.vfs = vfs;
    config.log_segment_bytes = 64 << 10;
    return config;
}

static inline status try_open(struct fixture *f, const char *vfs)
{
    struct engine_config config = trouble_config(f, vfs);
    f->report = (struct report){0};
    TRY(engine_open(&config, &f->report, &f->engine));
    f->reg = engine_register_at(f->engine, 0);
    return OK;
}

static inline void fixture_end(struct fixture *f)
{
    engine_close(&f->engine);
    arena_free(&f->arena);
}

/* ---- the scene ---- */

struct scene {
    char folder[64];
    uint64_t seed;
    dossier_id anna, berit, cato, vacancy;
    record_id anna_cv, anna_mail, berit_cv, cato_cv;
    str admin;
    char admin_room[128];
};

#define ANNA_CV  "Anna's own CV, written in 2026, canary-7f3a91"
#define ANNA_APP "Anna applies, canary-52cc08"
#define BERIT_CV "Berit's own CV, canary-99d1e2"
#define CATO_CV  "Cato's own CV, canary-3b77aa"
#define NEW_CV   "Anna's new CV, canary-aa01bc"

static inline dossier_id make_subject(struct fixture *f)
{
    struct subject_create create = {0};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

static inline dossier_id make_matter(struct fixture *f, const char *kind, const char *number)
{
    struct matter_create create = {str_from(kind), str_from(number)};
    RUN_OK(f, use_matter_create, &create);
    return f->call.outcome.id;
}

struct applicant {
    const char *name, *mail, *text, *cv;
};

/* Gives the item of the mail address and that of the CV. */
static inline void apply(struct fixture *f, dossier_id who, dossier_id vacancy,
                         const struct applicant *as, record_id *mail, record_id *cv)
{
    struct collect_value values[] = {{STR("basic.name"), str_from(as->name), true},
                                     {STR("basic.email"), str_from(as->mail), true},
                                     {STR("job_application.application"), str_from(as->text), true},
                                     {STR("job_application.cv"), str_from(as->cv), true}};
    str events[] = {STR("application_received")};
    struct collect_run collect = {.request = {.subject = who,
                                              .matter = vacancy,
                                              .intake = STR("application"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = LENGTH(values),
                                              .events = events,
                                              .event_count = 1}};
    RUN_OK(f, use_collect, &collect);
    *mail = collect.result.items[1];
    *cv = collect.result.items[3];
}

static inline void take_part(struct fixture *f, dossier_id who, const char *mail)
{
    struct collect_value values[] = {{STR("basic.email"), str_from(mail), true}};
    str events[] = {STR("interaction"), STR("activity")};
    struct collect_run collect = {.request = {.subject = who,
                                              .intake = STR("interest"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = 1,
                                              .events = events,
                                              .event_count = 2}};
    RUN_OK(f, use_collect, &collect);
}

static inline void give_consent(struct fixture *f, dossier_id who)
{
    struct consent consent = {.subject = who,
                              .purpose = STR("partner_sharing"),
                              .wording = STR("May we share your name?"),
                              .given_by = STR("click"),
                              .channel = STR("web")};
    RUN_OK(f, use_consent, &consent);
}

static const struct applicant anna_applies = {"Anna Canaryname", "anna@canary.test", ANNA_APP,
                                              ANNA_CV};
static const struct applicant berit_applies = {"Berit Canaryname", "berit@canary.test",
                                               "Berit applies", BERIT_CV};
static const struct applicant cato_applies = {"Cato Canaryname", "cato@canary.test", "Cato applies",
                                              CATO_CV};

static inline void scene_fill(struct scene *scene, struct fixture *f)
{
    scene->vacancy = make_matter(f, "vacancy", "1");
    scene->anna = make_subject(f);
    scene->berit = make_subject(f);
    scene->cato = make_subject(f);
    record_id mail;
    apply(f, scene->anna, scene->vacancy, &anna_applies, &scene->anna_mail, &scene->anna_cv);
    apply(f, scene->cato, scene->vacancy, &cato_applies, &mail, &scene->cato_cv);
    take_part(f, scene->anna, "anna@canary.test");
    give_consent(f, scene->anna);
    move_clock(f, "2026-03-02T09:00:00Z");
    apply(f, scene->berit, scene->vacancy, &berit_applies, &mail, &scene->berit_cv);
}

/* Makes the register in a folder of its own, and closes it. */
static inline void scene_make(struct scene *scene, uint64_t seed)
{
    struct fixture f;
    *scene = (struct scene){.seed = seed};
    folder_make(scene->folder);
    fixture_over(&f, scene->folder, seed);
    char registers[160];
    (void)snprintf(registers, sizeof(registers), "%s/registers", f.data);
    MUST(&f, dir_make(f.data, 0700, &f.report));
    MUST(&f, dir_make(registers, 0700, &f.report));
    MUST(&f, keys_root_create(&f.sim.world, f.root, &f.report));
    struct engine_config config = trouble_config(&f, NULL);
    MUST(&f, engine_open(&config, &f.report, &f.engine));
    fixture_register(&f, "confect", "2026-01-10T09:00:00Z");
    (void)snprintf(scene->admin_room, sizeof(scene->admin_room), "%.*s", STR_ARG(f.admin));
    scene->admin = str_from(scene->admin_room);
    scene_fill(scene, &f);
    fixture_end(&f);
}

/* The scene once more, in a folder of its own: a copy, or where rows lie in PostgreSQL and stay
 * there, made anew by the same seed. */
static inline void scene_again(const struct scene *scene, char folder[64])
{
    struct scene again;
    if (!in_postgres()) {
        folder_make(folder);
        folder_copy(scene->folder, folder);
        return;
    }
    scene_make(&again, scene->seed);
    MUST_BE(ID_EQUAL(again.anna, scene->anna));
    memcpy(folder, again.folder, sizeof(again.folder));
}

static inline void scene_end(struct scene *scene)
{
    folder_remove(scene->folder);
}

/* The clock alone, without the sweep that follows when it is moved. */
static inline status use_clock_alone(struct call *call, void *request)
{
    const instant *to = request;
    char room[24];
    struct buf buf = buf_over(room, sizeof(room));
    buf_i64(&buf, to->ms);
    TRY(vault_meta_set(call->reg->vault, STR("clock"), buf_str(&buf), call->report));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "clock", decision_by_scope());
}

static inline void clock_alone(struct fixture *f, const char *to)
{
    instant at = at_time(to);
    RUN_OK(f, use_clock_alone, &at);
    f->reg->clock = at;
}

/* An operation that changes something, for walks and searches. */
struct trial {
    const char *name;
    const char *clock; /* where it stands before, without a sweep */
    void (*prepare)(struct fixture *f, const struct scene *scene);
    status (*run)(struct fixture *f, const struct scene *scene);
    const char *before, *act; /* or, of routes: requests, as play() of the test takes them */
    bool offline;             /* the operation opens the register itself */
    bool resumable;           /* what fails late is taken up by the next try; only half is wrong */
    const char *entries[2];   /* actions of which the log has more afterwards */
    const char *seam;         /* the register was killed here the last time... */
    unsigned seam_at;         /* ...when it came for this often */
    status (*killed)(struct fixture *f, const struct scene *scene); /* ...in this operation */
};

/* ---- the picture ---- */

/* Lines that say what is held, without ids made on the way: sorted, so that two runs compare. */
struct picture {
    const char *lines[512];
    size_t count, items, dossiers;
    size_t stray_rings; /* keys without data: only a restore may leave them */
    str text;
};

static inline void picture_line(struct fixture *f, struct picture *picture, str line)
{
    MUST_BE(picture->count < LENGTH(picture->lines));
    picture->lines[picture->count++] = arena_c_string(f->arena, line);
}

static inline int line_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Opens an item with the keys alone: the test looks at what is stored, not at what is allowed. */
static inline status open_stored(struct fixture *f, struct vault *vault, dossier_id id,
                                 const struct fact_item *header, str *value)
{
    struct ring *ring;
    TRY(load_ring(vault, id, &f->report, &ring));
    struct db_item_get_in in = {id, header->id};
    struct db_item_get_row row;
    bool found;
    TRY(db_item_get(vault->data, &in, f->arena, &f->report, &found, &row));
    if (!found)
        return fail(&f->report, FAULT_CORRUPT, "an item that the facts name has no row");
    struct seal_place place = item_place(vault, id, header);
    return ring_open(vault->keys, ring, &place, (sealed){row.sealed}, f->arena, &f->report, value);
}

static inline str word_of(struct fixture *f, word w)
{
    return words_text(f->reg->words, w);
}

static inline void picture_facts(struct fixture *f, struct picture *picture,
                                 const struct facts *facts)
{
    char first[128];
    (void)snprintf(first, sizeof(first), "%d", (int)facts->kind);
    for (size_t i = 0; i < facts->roles.count; i++)
        picture_line(f, picture,
                     arena_format(f->arena, "%s role %.*s until %lld", first,
                                  STR_ARG(word_of(f, facts->roles.at[i].role)),
                                  (long long)facts->roles.at[i].until.ms));
    for (size_t i = 0; i < facts->evidence.count; i++)
        picture_line(f, picture,
                     arena_format(f->arena, "%s evidence %.*s until %lld", first,
                                  STR_ARG(word_of(f, facts->evidence.at[i].type)),
                                  (long long)facts->evidence.at[i].until.ms));
    for (size_t i = 0; i < facts->concerns.count; i++)
        picture_line(f, picture,
                     arena_format(f->arena, "%s concern %d state %d restricted %lld", first,
                                  (int)facts->concerns.at[i].kind, (int)facts->concerns.at[i].state,
                                  (long long)facts->concerns.at[i].restricted.ms));
    picture_line(f, picture,
                 arena_format(f->arena,
                              "%s events %zu objections %zu restrictions %zu switches %zu "
                              "hashes %zu asked %lld",
                              first, facts->events.count, facts->objections.count,
                              facts->restrictions.count, facts->switches.count, facts->hashes.count,
                              (long long)facts->erase_asked.ms));
    for (size_t i = 0; i < facts->tasks.count; i++)
        picture_line(f, picture,
                     arena_format(f->arena, "%s task %d %.*s", first, (int)facts->tasks.at[i].kind,
                                  STR_ARG(word_of(f, facts->tasks.at[i].name))));
}

/* A file: its row opens, and each of its parts under the key that lies there. */
static inline void picture_file(struct fixture *f, struct picture *picture,
                                const struct facts *facts, const struct fact_item *header, str head)
{
    struct vault *vault = f->reg->vault;
    struct reader reader = reader_over(head);
    struct part_key key = {0};
    size_t size = 0;
    (void)read_u8(&reader);
    str bytes = read_field(&reader);
    MUST_BE(!reader.bad && bytes.len == KEY_BYTES);
    memcpy(key.key.bytes, bytes.ptr, KEY_BYTES);
    for (uint32_t part = 0; part < header->chunks; part++) {
        struct db_chunk_get_in in = {facts->id, header->id, part};
        struct db_chunk_get_row row;
        bool found;
        str plain;
        MUST(f, db_chunk_get(vault->data, &in, f->arena, &f->report, &found, &row));
        MUST_BE(found);
        struct seal_place place = item_place(vault, facts->id, header);
        place.kind = STR("chunk");
        place.part = part;
        MUST(f, keys_part_open(vault->keys, &key, &place, (sealed){row.sealed}, f->arena,
                               &f->report, &plain));
        size += plain.len;
    }
    MUST_BE(size == header->size);
    picture_line(f, picture, arena_format(f->arena, "a file of %zu bytes", size));
    picture->items++;
}

/* Every item that the facts name opens, and there is no row that they do not name. */
static inline void picture_items(struct fixture *f, struct picture *picture,
                                 const struct facts *facts)
{
    struct vault *vault = f->reg->vault;
    struct db_item_names_in in = {.subject = facts->id};
    struct db_item_names_row *rows;
    size_t count;
    MUST(f, db_item_names_all(vault->data, &in, f->arena, &f->report, &rows, &count));
    MUST_BE(count == facts->items.count);
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *header = &facts->items.at[i];
        str value;
        MUST(f, open_stored(f, vault, facts->id, header, &value));
        if (header->chunks > 0) {
            picture_file(f, picture, facts, header, value);
            continue;
        }
        MUST_BE(header->size == value.len);
        if (header->field != 0)
            picture_line(f, picture,
                         arena_format(f->arena, "%d item %.*s = %.*s", (int)facts->kind,
                                      STR_ARG(word_of(f, header->field)), STR_ARG(value)));
        picture->items++;
    }
}

/* Notes beside the facts: every one opens. */
static inline void picture_notes(struct fixture *f, struct picture *picture,
                                 const struct facts *facts)
{
    static const record_id first = {{0}};
    struct db_note_list_in in = {facts->id, first, 1000};
    struct db_note_list_row *rows;
    size_t count;
    struct ring *ring;
    size_t done = 0;
    MUST(f, db_note_list_all(f->reg->vault->data, &in, f->arena, &f->report, &rows, &count));
    MUST(f, load_ring(f->reg->vault, facts->id, &f->report, &ring));
    for (size_t i = 0; i < count; i++) {
        struct seal_place place = {
            .dossier = facts->id, .kind = STR("note"), .item = rows[i].record};
        str text;
        MUST(f, ring_open(f->reg->vault->keys, ring, &place, (sealed){rows[i].sealed}, f->arena,
                          &f->report, &text));
        done += (size_t)rows[i].record.bytes[0] >> 7;
    }
    if (count > 0)
        picture_line(f, picture,
                     arena_format(f->arena, "%d notes %zu done %zu tasks %zu", (int)facts->kind,
                                  count, done, facts->tasks.count));
}

/* No key is leaving: what was to be forgotten is forgotten. */
static inline void no_key_leaves(struct fixture *f, dossier_id id)
{
    struct ring *ring = NULL;
    MUST(f, ring_fetch(f->reg->vault->keys, id, &f->report, &ring));
    MUST_BE(ring != NULL);
    for (size_t i = 0; i < ring->body->count; i++)
        MUST_BE(!ring->body->at[i].leaving);
}

static inline void picture_kind(struct fixture *f, struct picture *picture, enum dossier_kind kind)
{
    dossier_id *ids, after = {{0}};
    size_t count;
    MUST(f, vault_list(f->reg->vault, kind, after, 200, f->arena, &f->report, &ids, &count));
    for (size_t i = 0; i < count; i++) {
        enum presence presence;
        struct dossier *dossier;
        MUST(f, vault_load(f->reg->vault, ids[i], f->arena, &f->report, &presence, &dossier));
        MUST_BE(presence == PRESENCE_LIVE);
        MUST_BE(!dossier->stale);
        no_key_leaves(f, ids[i]);
        picture_facts(f, picture, dossier->facts);
        picture_items(f, picture, dossier->facts);
        picture_notes(f, picture, dossier->facts);
        picture->dossiers++;
    }
}

struct strays {
    struct fixture *f;
    size_t rings, hashes;
};

static inline status stray_ring(void *self, dossier_id id, struct report *report)
{
    struct strays *strays = self;
    bool exists;
    TRY(vault_exists(strays->f->reg->vault, id, report, &exists));
    strays->rings += !exists;
    return OK;
}

static inline status stray_hash(void *self, blind hash, dossier_id id, struct report *report)
{
    struct strays *strays = self;
    enum presence presence;
    struct dossier *dossier;
    bool exists, named = false;
    TRY(vault_exists(strays->f->reg->vault, id, report, &exists));
    if (!exists) {
        strays->hashes++;
        return OK;
    }
    TRY(vault_load(strays->f->reg->vault, id, strays->f->arena, report, &presence, &dossier));
    for (size_t i = 0; presence == PRESENCE_LIVE && i < dossier->facts->hashes.count; i++)
        named |= memcmp(dossier->facts->hashes.at[i].bytes, hash.bytes, BLIND_BYTES) == 0;
    strays->hashes += !named;
    return OK;
}

static inline bool in_register(struct fixture *f, const char *name, const char *file)
{
    char path[512];
    int length = snprintf(path, sizeof(path), "%s/registers/%s/%s", f->data, name, file);
    MUST_BE(length > 0 && (size_t)length < sizeof(path));
    return file_exists(path);
}

/* Every folder below registers/: an open one, or one that has gone and kept its log alone. */
static inline void picture_folders(struct fixture *f, struct picture *picture)
{
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/registers", f->data);
    DIR *dir = opendir(path);
    MUST_BE(dir != NULL);
    for (const struct dirent *one = readdir(dir); one != NULL; one = readdir(dir)) {
        if (one->d_name[0] == '.')
            continue;
        bool card = in_register(f, one->d_name, "register.json");
        bool data =
            in_register(f, one->d_name, "data.db") || in_register(f, one->d_name, "keys.db");
        MUST_BE(card == (engine_register(f->engine, str_from(one->d_name)) != NULL));
        bool log = in_register(f, one->d_name, "log.key");
        if (card || data || log) /* else it is empty, and was never a register's */
            picture_line(f, picture,
                         arena_format(f->arena, "folder: open %d, data %d", card, data));
    }
    closedir(dir);
}

/* Everything that an open register holds; whatever is half there ends the test. */
static inline struct picture picture_of(struct fixture *f)
{
    struct picture picture = {0};
    for (int kind = DOSSIER_NONE + 1; kind < DOSSIER_KIND_COUNT; kind++)
        picture_kind(f, &picture, (enum dossier_kind)kind);
    picture_line(f, &picture,
                 arena_format(f->arena, "registers %zu clock %lld stopped %d",
                              engine_register_count(f->engine), (long long)reg_now(f->reg).ms,
                              reg_destruction_stopped(f->reg)));
    picture_folders(f, &picture);
    struct strays strays = {.f = f};
    MUST(f, keys_rings_each(f->reg->vault->keys, stray_ring, &strays, &f->report));
    MUST(f, keys_blind_each(f->reg->vault->keys, stray_hash, &strays, &f->report));
    MUST_BE(strays.hashes == 0 || strays.rings > 0);
    picture.stray_rings = strays.rings;
    MUST(f, vault_check(f->reg->vault, &f->report));
    MUST(f, keys_check(f->reg->vault->keys, &f->report));
    qsort(picture.lines, picture.count, sizeof(picture.lines[0]), line_compare);
    struct buf buf = buf_in(f->arena, 1 << 20);
    for (size_t i = 0; i < picture.count; i++)
        buf_format(&buf, "%s\n", picture.lines[i]);
    MUST(f, buf_finish(&buf, &f->report, &picture.text));
    return picture;
}

/* ---- the log ---- */

struct tally {
    const char *action;
    size_t count;
    str last;
    struct arena *arena;
};

static inline status tally_one(void *self, uint64_t index, str text, struct report *report,
                               bool *stop)
{
    (void)index;
    (void)stop;
    struct tally *tally = self;
    struct audit_entry entry;
    TRY(entry_parse(text, report, &entry));
    if (str_is(entry.action, tally->action)) {
        tally->count++;
        tally->last = arena_copy(tally->arena, text);
    }
    return OK;
}

/* How many entries of an action the log has. */
static inline struct tally tally_of(struct fixture *f, const char *action)
{
    struct tally tally = {.action = action, .arena = f->arena};
    MUST(f, audit_scan(reg_log(f->reg), 0, tally_one, &tally, &f->report));
    return tally;
}

/* The log of a closed register, checked from its files alone. */
static inline void log_verifies(struct fixture *f, const char *name, str verifier)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/registers/%s/log", f->data, name);
    struct audit_verdict verdict = {0};
    f->report = (struct report){0};
    MUST(f, audit_verify(&f->sim.world, path, verifier, STR(""), &f->report, &verdict));
}

/* Rows of a closed register's data.db, whoever they belong to. */
static inline size_t rows_in(struct fixture *f, const char *name, const char *table)
{
    char path[256], sql[128];
    sqlite3 *file = NULL;
    sqlite3_stmt *statement = NULL;
    (void)snprintf(path, sizeof(path), "%s/registers/%s/data.db", f->data, name);
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
    MUST_BE(sqlite3_open(path, &file) == SQLITE_OK);
    MUST_BE(sqlite3_prepare_v2(file, sql, -1, &statement, NULL) == SQLITE_OK);
    MUST_BE(sqlite3_step(statement) == SQLITE_ROW);
    size_t count = (size_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(file);
    return count;
}

static inline size_t rows_of(struct fixture *f, const char *table)
{
    return rows_in(f, "confect", table);
}

/* ---- what people do ---- */

static inline status run_rectify(struct fixture *f, const struct scene *scene)
{
    struct rectify rectify = {
        .subject = scene->anna, .item = scene->anna_cv, .value = STR(NEW_CV), .by_subject = true};
    return run(f, use_rectify, &rectify);
}

static inline status run_rectify_mail(struct fixture *f, const struct scene *scene)
{
    struct rectify rectify = {.subject = scene->anna,
                              .item = scene->anna_mail,
                              .value = STR("anna.new@canary.test"),
                              .by_subject = true};
    return run(f, use_rectify, &rectify);
}

static inline status run_erase_part(struct fixture *f, const struct scene *scene)
{
    str fields[] = {STR("job_application.cv")};
    struct erase_run erase = {
        .request = {.subject = scene->anna, .fields = fields, .field_count = 1, .warned = true}};
    return run(f, use_erase, &erase);
}

static inline status run_erase_whole(struct fixture *f, const struct scene *scene)
{
    struct erase_run erase = {.request = {.subject = scene->cato, .warned = true}};
    status result = run(f, use_erase, &erase);
    if (is_ok(result))
        MUST_BE(erase.result.whole);
    return result;
}

static inline status run_withdraw(struct fixture *f, const struct scene *scene)
{
    struct withdrawal withdrawal = {.subject = scene->anna, .purpose = STR("partner_sharing")};
    return run(f, use_withdraw, &withdrawal);
}

/* A processor under agreement, and a share of what Anna applied with. */
static dossier_id the_party;

static inline void make_processor(struct fixture *f, const struct scene *scene)
{
    (void)scene;
    struct party_create create = {.kind = STR("subcontractor"), .name = STR("Vert AS")};
    RUN_OK(f, use_party_create, &create);
    the_party = f->call.outcome.id;
    struct particular document = {STR("document"), STR("dpa 1")};
    struct evidence_record agreement = {
        .type = STR("processing_agreement"), .party = the_party, .asks = &document, .ask_count = 1};
    RUN_OK(f, use_evidence, &agreement);
}

struct share_run {
    struct share request;
    struct shared result;
};
static inline status use_share(struct call *call, void *request)
{
    struct share_run *share = request;
    return engine_share(call, &share->request, &share->result);
}

static inline status run_share(struct fixture *f, const struct scene *scene)
{
    struct share_run share = {.request = {.subject = scene->anna,
                                          .party = the_party,
                                          .purpose = STR("recruitment"),
                                          .recipient = STR("subcontractor"),
                                          .controller = STR("confect")}};
    return run(f, use_share, &share);
}

static inline void make_disclosed(struct fixture *f, const struct scene *scene)
{
    make_processor(f, scene);
    MUST(f, run_share(f, scene));
}

static inline status run_object(struct fixture *f, const struct scene *scene)
{
    struct objection_make objection = {.subject = scene->anna, .purpose = STR("marketing")};
    return run(f, use_object, &objection);
}

static inline status run_create(struct fixture *f, const struct scene *scene)
{
    (void)scene;
    struct identifier known[] = {{STR("basic.email"), STR("dina@canary.test")},
                                 {STR("number"), STR("4711")}};
    struct subject_create create = {.identifiers = known, .identifier_count = 2};
    return run(f, use_subject_create, &create);
}

static inline status run_collect(struct fixture *f, const struct scene *scene)
{
    struct collect_value values[] = {
        {STR("basic.name"), STR("Anna Canaryname"), true},
        {STR("basic.email"), STR("anna.second@canary.test"), true},
        {STR("job_application.application"), STR("Anna applies again"), true},
        {STR("job_application.reference"), STR("Ask Berit"), true}};
    str events[] = {STR("application_received")};
    struct collect_run collect = {.request = {.subject = scene->anna,
                                              .matter = scene->vacancy,
                                              .intake = STR("application"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = LENGTH(values),
                                              .events = events,
                                              .event_count = 1}};
    return run(f, use_collect, &collect);
}

static inline status run_rotate(struct fixture *f, const struct scene *scene)
{
    (void)scene;
    f->report = (struct report){0};
    return keys_rotate(vault_keys(reg_vault(f->reg)), &f->report);
}

static inline status run_sweep(struct fixture *f, const struct scene *scene)
{
    (void)scene;
    struct swept swept;
    f->report = (struct report){0};
    return engine_sweep(f->engine, f->reg, 1000, &f->report, &swept);
}

/* Does this stand anywhere in the picture? */
static inline bool shows(const struct picture *picture, const char *text)
{
    return memmem(picture->text.ptr, picture->text.len, text, strlen(text)) != NULL;
}

static inline str id_text(struct fixture *f, const unsigned char bytes[ID_BYTES])
{
    struct buf buf = buf_in(f->arena, 64);
    str text = {0};
    buf_id(&buf, bytes);
    MUST(f, buf_finish(&buf, &f->report, &text));
    return text;
}

static inline bool file_holds(struct fixture *f, const char *path, str needle)
{
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)256 << 20);
    str bytes;
    if (!file_exists(path))
        return false;
    MUST(f, file_read(path, arena, (size_t)64 << 20, &f->report, &bytes));
    return bytes.len > 0 && memmem(bytes.ptr, bytes.len, needle.ptr, needle.len) != NULL;
}

static inline size_t found_by(struct fixture *f, const char *mail)
{
    struct find_run find = {.request = {STR("basic.email"), str_from(mail)}};
    RUN_OK(f, use_find, &find);
    return find.result.count;
}
#endif
