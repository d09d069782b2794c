/* Files in parts: what comes in, goes out and is taken away; and those who attack on the way. */
#include <sqlite3.h>

#include "engine_fixture.h"
#include "engine_internal.h"
#include "limits.h"
#include "package.h"

enum { PART = VAULT_PART_BYTES };

struct bench {
    struct fixture f;
    dossier_id anna;
};

static int set_bench(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    fixture_start(&b->f, 77, "2026-01-10T10:00:00Z");
    (void)fixture_register(&b->f, "example", "2026-01-10T10:00:00Z");
    *state = b;
    return 0;
}

static int end_bench(void **state)
{
    struct bench *b = *state;
    fixture_stop(&b->f);
    free(b);
    return 0;
}

static dossier_id applicant(struct fixture *f, const char *number)
{
    const str roles[] = {STR("candidate")};
    struct identifier known = {STR("number"), str_from(number)};
    struct subject_create create = {
        .identifiers = &known, .identifier_count = 1, .roles = roles, .role_count = 1};
    RUN_OK(f, use_subject_create, &create);
    dossier_id id = f->call.outcome.id;
    struct event_record event = {
        .subject = id, .event = STR("application_received"), .by_subject = true};
    RUN_OK(f, use_event, &event);
    static const struct collect_value values[] = {
        {STR("contact.name"), STR("Anna Canaryname"), false},
        {STR("contact.email"), STR("anna@canary.test"), false}};
    struct collect_run form = {.request = {.subject = id,
                                           .intake = STR("job_form"),
                                           .source = STR("person"),
                                           .channel = STR("web"),
                                           .values = values,
                                           .value_count = LENGTH(values)}};
    RUN_OK(f, use_collect, &form);
    return id;
}

/* ---- steps ---- */

static status use_open(struct call *call, void *request)
{
    return engine_file_open(call, request);
}

static struct file_open cv_of(dossier_id id, uint64_t size)
{
    return (struct file_open){.collect = {.subject = id,
                                          .intake = STR("job_form"),
                                          .source = STR("person"),
                                          .channel = STR("web")},
                              .field = STR("application.cv"),
                              .said_optional = true,
                              .media = STR("application/pdf"),
                              .name = STR("cv.pdf"),
                              .size = size};
}

static record_id open_cv(struct fixture *f, dossier_id id, uint64_t size)
{
    struct file_open request = cv_of(id, size);
    RUN_OK(f, use_open, &request);
    return f->call.outcome.record;
}

static struct upload *take(struct fixture *f, dossier_id id, record_id record)
{
    struct upload *upload = NULL;
    status taken = engine_upload_take(f->reg, engine_system(), id, record, &f->report, &upload);
    if (!is_ok(taken))
        fail_msg("no such upload");
    return upload;
}

static status use_part(struct call *call, void *request)
{
    return engine_upload_part(call, request);
}

static status use_end(struct call *call, void *request)
{
    return engine_upload_end(call, request);
}

/* Each full part is a turn of its own. */
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

static status put(struct fixture *f, dossier_id id, str bytes, record_id *record)
{
    *record = open_cv(f, id, bytes.len);
    struct upload *upload = take(f, id, *record);
    status sent = send(f, upload, bytes);
    if (is_ok(sent))
        sent = run(f, use_end, upload);
    engine_upload_drop(f->reg, &upload);
    return sent;
}

static record_id put_well(struct fixture *f, dossier_id id, str bytes)
{
    record_id record;
    status sent = put(f, id, bytes, &record);
    if (!is_ok(sent))
        fail_msg("upload: %s", f->report.text);
    return record;
}

/* Bytes that no one would take for text. */
static str noise(struct fixture *f, size_t size, uint64_t seed)
{
    char *bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (char)(seed >> 56);
    }
    str copy = arena_copy(f->arena, (str){bytes, size});
    free(bytes);
    return copy;
}

struct read_file {
    struct file_read request;
    struct download download;
};

static status use_file_read(struct call *call, void *request)
{
    struct read_file *read = request;
    return engine_file_read(call, &read->request, &read->download);
}

/* All of it, or how far it came. */
static status drain(struct fixture *f, struct download *download, struct buf *out)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    for (uint32_t i = 0; i < download->parts; i++) {
        str bytes;
        TRY(engine_file_part(download, i, scratch, &f->report, &bytes));
        buf_add(out, bytes);
        arena_reset(scratch);
    }
    return OK;
}

static status get(struct fixture *f, dossier_id id, record_id item, str *bytes)
{
    struct read_file read = {
        .request = {.subject = id, .item = item, .purpose = STR("recruitment")}};
    TRY(run(f, use_file_read, &read));
    struct buf out = buf_in(f->arena, read.download.size + 1);
    status drained = drain(f, &read.download, &out);
    engine_download_end(&read.download);
    *bytes = buf_str(&out);
    return drained;
}

static void reads_as(struct fixture *f, dossier_id id, record_id item, str wanted)
{
    str bytes;
    status got = get(f, id, item, &bytes);
    if (!is_ok(got))
        fail_msg("read: %s", f->report.text);
    assert_true(str_equal(bytes, wanted));
}

/* ---- what lies in data.db, while nobody holds it ---- */

static sqlite3 *open_data(struct fixture *f)
{
    char path[200];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof(path), "%s/registers/example/data.db", f->data);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static int64_t count_rows(struct fixture *f, const char *table)
{
    char sql[64];
    (void)snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM %s", table);
    fixture_close(f);
    sqlite3 *db = open_data(f);
    sqlite3_stmt *rows = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(rows, 0);
    sqlite3_finalize(rows);
    sqlite3_close(db);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("example"));
    return count;
}

static void attack(struct fixture *f, const char *sql)
{
    fixture_close(f);
    sqlite3 *db = open_data(f);
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
    assert_true(sqlite3_changes(db) > 0);
    sqlite3_close(db);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("example"));
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

static void nothing_lies_about(struct fixture *f, int64_t parts)
{
    sweep(f);
    assert_int_equal(count_rows(f, "chunk"), parts);
    assert_int_equal(count_rows(f, "loose"), 0);
}

/* ---- tests ---- */

/* C05, G4 */
static void a_file_comes_back_as_it_was_at_every_length_about_an_edge(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-1");
    static const size_t sizes[] = {1,        15,       16,           PART - 1,     PART,
                                   PART + 1, 2 * PART, 2 * PART + 1, 3 * PART - 1, 5 << 20};
    int64_t parts = 0;
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        str bytes = noise(f, sizes[i], i + 1);
        record_id item = put_well(f, id, bytes);
        reads_as(f, id, item, bytes);
        parts += (int64_t)((sizes[i] + PART - 1) / PART);
    }
    nothing_lies_about(f, parts);
    /* The reading of values says what it is, and where its bytes are; so does her own copy. */
    struct read_run read = {.request = {.subject = id, .purpose = STR("recruitment")}};
    RUN_OK(f, use_read, &read);
    size_t files = 0;
    for (size_t i = 0; i < read.result.count; i++) {
        const struct read_item *item = &read.result.items[i];
        files += item->in_parts;
        if (item->in_parts)
            assert_true(str_is(item->media, "application/pdf") && str_is(item->name, "cv.pdf") &&
                        item->value.len == 0);
    }
    assert_int_equal(files, LENGTH(sizes));
    struct export_run copy = {.request = {.subject = id}};
    RUN_OK(f, use_export, &copy);
    assert_non_null(strstr(arena_c_string(f->arena, copy.document), "/copy\""));
}

static void the_person_gets_her_own_copy_and_the_portable_one(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-2");
    str bytes = noise(f, 2 * PART + 7, 3);
    record_id item = put_well(f, id, bytes);
    for (int portability = 0; portability < 2; portability++) {
        struct read_file read = {
            .request = {.subject = id, .item = item, .portability = portability == 1}};
        RUN_OK(f, use_file_read, &read);
        struct buf out = buf_in(f->arena, bytes.len + 1);
        assert_true(is_ok(drain(f, &read.download, &out)));
        assert_true(str_equal(buf_str(&out), bytes));
        engine_download_end(&read.download);
    }
    /* For a purpose that does not reach it there is nothing. */
    struct read_file other = {.request = {.subject = id, .item = item, .purpose = STR("support")}};
    RUN_FAULT(f, use_file_read, &other, FAULT_REFUSED);
}

static void what_may_not_come_is_refused_before_its_first_byte(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-3");
    struct file_open request = cv_of(id, 0);
    RUN_FAULT(f, use_open, &request, FAULT_INVALID);
    request.size = (uint64_t)LIMIT_FILE_BYTES + 1;
    RUN_FAULT(f, use_open, &request, FAULT_LIMIT);
    request.size = UINT64_MAX;
    RUN_FAULT(f, use_open, &request, FAULT_LIMIT);
    request = cv_of(id, 10);
    request.field = STR("application.letter"); /* a text */
    RUN_FAULT(f, use_open, &request, FAULT_INVALID);
    request = cv_of(id, 10);
    request.collect.intake = STR("contact_form"); /* does not take it */
    RUN_FAULT(f, use_open, &request, FAULT_REFUSED);
    request = cv_of(id, 10);
    request.said_optional = false;
    RUN_FAULT(f, use_open, &request, FAULT_REFUSED);
    static const char *const media[] = {"",     "pdf",        "a/b/c", "text/html; charset=utf-8",
                                        "a/",   "/b",         "A/B",   "text/ht\nml",
                                        "a//b", "a/b\xC2\xA0"};
    for (size_t i = 0; i < LENGTH(media); i++) {
        request = cv_of(id, 10);
        request.media = str_from(media[i]);
        RUN_FAULT(f, use_open, &request, FAULT_INVALID);
    }
    static const char *const names[] = {"../cv.pdf", "a\\b", "a\nb", "\x7F", "\xFF"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        request = cv_of(id, 10);
        request.name = str_from(names[i]);
        RUN_FAULT(f, use_open, &request, FAULT_INVALID);
    }
    request = cv_of(id, 10);
    request.name = STR("4111 1111 1111 1111.pdf");
    RUN_FAULT(f, use_open, &request, FAULT_REFUSED);
    request = cv_of((dossier_id){{9}}, 10);
    RUN_FAULT(f, use_open, &request, FAULT_NOT_FOUND);
    assert_int_equal(count_rows(f, "loose"), 0);
}

static void another_length_than_was_said_makes_no_item(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-4");
    static const size_t sent[] = {PART - 1, PART + 1, 3 * PART};
    for (size_t i = 0; i < LENGTH(sent); i++) {
        record_id record = open_cv(f, id, PART);
        struct upload *upload = take(f, id, record);
        status all = send(f, upload, noise(f, sent[i], i));
        if (is_ok(all))
            all = run(f, use_end, upload);
        assert_int_equal(all.fault, FAULT_INVALID);
        engine_upload_drop(f->reg, &upload);
        str bytes;
        assert_false(is_ok(get(f, id, record, &bytes)));
    }
    nothing_lies_about(f, 0);
}

static void an_upload_is_one_callers_and_one_streams(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-5"), other = applicant(f, "K-6");
    record_id record = open_cv(f, id, 10);
    struct upload *upload = NULL, *second = NULL;
    struct caller stranger = *engine_system();
    stranger.token = (dossier_id){{7}};
    assert_int_equal(engine_upload_take(f->reg, &stranger, id, record, &f->report, &second).fault,
                     FAULT_NOT_FOUND);
    assert_int_equal(
        engine_upload_take(f->reg, engine_system(), other, record, &f->report, &second).fault,
        FAULT_NOT_FOUND);
    upload = take(f, id, record);
    assert_int_equal(
        engine_upload_take(f->reg, engine_system(), id, record, &f->report, &second).fault,
        FAULT_NOT_FOUND);
    engine_upload_drop(f->reg, &upload);
    assert_int_equal(
        engine_upload_take(f->reg, engine_system(), id, record, &f->report, &second).fault,
        FAULT_NOT_FOUND);
    nothing_lies_about(f, 0);
}

/* G12: what is open is bounded, and what never comes is given up. */
static void uploads_that_never_come_make_room_again(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-7");
    struct file_open request = cv_of(id, 10);
    for (int i = 0; i < LIMIT_UPLOADS; i++)
        RUN_OK(f, use_open, &request);
    RUN_FAULT(f, use_open, &request, FAULT_RATE);
    f->sim.clock.ms += LIMIT_UPLOAD_IDLE_MS + 1;
    sweep(f);
    RUN_OK(f, use_open, &request);
    fixture_close(f); /* and a start knows of none */
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("example"));
    nothing_lies_about(f, 0);
}

static void two_uploads_at_once_do_not_mix(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id anna = applicant(f, "K-8"), bo = applicant(f, "K-9");
    str one = noise(f, 3 * PART + 5, 1), two = noise(f, 3 * PART + 9, 2);
    record_id first = open_cv(f, anna, one.len), second = open_cv(f, bo, two.len);
    struct upload *a = take(f, anna, first), *c = take(f, bo, second);
    for (size_t at = 0; at < 3 * PART; at += 10000) {
        size_t to = at + 10000 < 3 * PART ? at + 10000 : 3 * PART;
        assert_true(is_ok(send(f, a, str_slice(one, at, to))));
        assert_true(is_ok(send(f, c, str_slice(two, at, to))));
        if (at == 100000)
            sweep(f); /* takes nothing of what is under way */
    }
    assert_true(is_ok(send(f, a, str_slice(one, 3 * PART, one.len))));
    assert_true(is_ok(send(f, c, str_slice(two, 3 * PART, two.len))));
    assert_true(is_ok(run(f, use_end, a)));
    assert_true(is_ok(run(f, use_end, c)));
    engine_upload_drop(f->reg, &a);
    engine_upload_drop(f->reg, &c);
    reads_as(f, anna, first, one);
    reads_as(f, bo, second, two);
    nothing_lies_about(f, 8);
}

/* ---- card numbers (COB-81, S11) ---- */

static str text_with(struct fixture *f, size_t size, size_t at, const char *what)
{
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, 'x', size);
    memcpy(text + at, what, strlen(what));
    str copy = arena_copy(f->arena, (str){text, size});
    free(text);
    return copy;
}

/* COB-81 */
static void a_card_number_across_the_edge_of_two_parts_is_found(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-10");
    static const char card[] = " 4111 1111-1111 1111 ";
    for (size_t before_ = 0; before_ <= sizeof(card) - 1; before_ += 2) {
        record_id record;
        str text = text_with(f, 3 * PART, 2 * PART - before_, card);
        assert_int_equal(put(f, id, text, &record).fault, FAULT_REFUSED);
        assert_true(str_starts(f->call.decision->reason.rule, STR("categories.card")));
        /* The first part had been written; of the two that hold the number, neither was. */
        assert_true(count_rows(f, "chunk") <= 1);
        str bytes;
        assert_false(is_ok(get(f, id, record, &bytes)));
        nothing_lies_about(f, 0);
    }
}

/* COB-81 */
static void what_is_said_to_be_a_picture_is_searched_when_it_is_text(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-11");
    record_id record;
    str text = text_with(f, 70000, 5000, "kort: 4111111111111111.");
    struct file_open request = cv_of(id, text.len);
    request.media = STR("image/jpeg");
    RUN_OK(f, use_open, &request);
    record = f->call.outcome.record;
    struct upload *upload = take(f, id, record);
    assert_int_equal(send(f, upload, text).fault, FAULT_REFUSED);
    engine_upload_drop(f->reg, &upload);
    /* UTF-16, and the edges of a part that is no text. */
    char wide[64] = {0};
    static const char digits[] = "x4111111111111111x";
    for (size_t i = 0; i < sizeof(digits) - 1; i++)
        wide[2 * i] = digits[i];
    assert_int_equal(put(f, id, (str){wide, 2 * (sizeof(digits) - 1)}, &record).fault,
                     FAULT_REFUSED);
    str packed = noise(f, 2 * PART, 5);
    memcpy((char *)(uintptr_t)packed.ptr + PART - 8, "4111111111111111 ", 17);
    assert_int_equal(put(f, id, packed, &record).fault, FAULT_REFUSED);
    nothing_lies_about(f, 0);
}

/* ---- what breaks off ---- */

static void an_upload_that_breaks_off_leaves_nothing(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-12");
    str bytes = noise(f, 5 * PART, 1);
    record_id record = open_cv(f, id, bytes.len);
    struct upload *upload = take(f, id, record);
    assert_true(is_ok(send(f, upload, str_slice(bytes, 0, 4 * PART))));
    engine_upload_drop(f->reg, &upload);
    nothing_lies_about(f, 0);
    /* The process dies: no key of what it left was ever written, and the next sweep takes it. */
    record = open_cv(f, id, bytes.len);
    upload = take(f, id, record);
    assert_true(is_ok(send(f, upload, str_slice(bytes, 0, 4 * PART))));
    assert_int_equal(count_rows(f, "chunk"), 3); /* closes and opens */
    nothing_lies_about(f, 0);
}

/* G3 */
static void a_person_who_is_erased_meanwhile_stays_erased(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-13");
    str bytes = noise(f, 5 * PART, 1);
    record_id whole = put_well(f, id, bytes);
    record_id record = open_cv(f, id, bytes.len);
    struct upload *upload = take(f, id, record);
    assert_true(is_ok(send(f, upload, str_slice(bytes, 0, 3 * PART))));
    struct read_file read = {
        .request = {.subject = id, .item = whole, .purpose = STR("recruitment")}};
    RUN_OK(f, use_file_read, &read);
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    str part;
    assert_true(is_ok(engine_file_part(&read.download, 0, scratch, &f->report, &part)));
    struct erase_run erase = {.request = {.subject = id, .warned = true}};
    RUN_OK(f, use_erase, &erase);
    assert_true(erase.result.whole);
    /* Neither goes on. */
    assert_int_equal(engine_file_part(&read.download, 1, scratch, &f->report, &part).fault,
                     FAULT_GONE);
    engine_download_end(&read.download);
    assert_int_equal(send(f, upload, str_slice(bytes, 3 * PART, bytes.len)).fault, FAULT_NOT_FOUND);
    assert_false(is_ok(run(f, use_end, upload)));
    engine_upload_drop(f->reg, &upload);
    nothing_lies_about(f, 0);
}

/* G3: of a package each file is judged when its turn comes. */
static void a_package_gives_no_file_of_one_who_was_erased_meanwhile(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-20");
    str bytes = noise(f, 2 * PART + 7, 3), part;
    record_id item = put_well(f, id, bytes);
    struct package package = {0};
    struct download given = {0};
    struct export_run taken = {
        .request = {.subject = id, .portability = true, .package = &package, .given = &given}};
    RUN_OK(f, use_export, &taken);
    size_t files = 0;
    for (size_t i = 0; i < package.files.count; i++) {
        const struct package_file *file = &package.files.at[i];
        if (ID_IS_ZERO(file->item))
            continue;
        files++;
        assert_true(ID_EQUAL(file->item, item) && file->size == bytes.len);
        assert_true(str_is(file->name, "files/1-cv.pdf"));
    }
    assert_int_equal(files, 1);
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    assert_true(is_ok(engine_download_turn(&given, item, scratch, &f->report)));
    struct buf out = buf_in(f->arena, bytes.len + 1);
    assert_true(is_ok(drain(f, &given, &out)));
    assert_true(str_equal(buf_str(&out), bytes));
    struct erase_run erase = {.request = {.subject = id, .warned = true}};
    RUN_OK(f, use_erase, &erase);
    assert_int_equal(engine_file_part(&given, 1, scratch, &f->report, &part).fault, FAULT_GONE);
    assert_int_equal(engine_download_turn(&given, item, scratch, &f->report).fault, FAULT_GONE);
    engine_download_end(&given);
}

/* G2: each part is a reading of its own. */
static void a_download_stops_at_the_instant_at_which_the_file_ends(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-14");
    record_id item = put_well(f, id, noise(f, 5 * PART, 1));
    struct read_file read = {
        .request = {.subject = id, .item = item, .purpose = STR("recruitment")}};
    RUN_OK(f, use_file_read, &read);
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    str part;
    move_clock(f, "2026-07-09T21:59:59Z");
    assert_true(is_ok(engine_file_part(&read.download, 0, scratch, &f->report, &part)));
    static const str fields[] = {{"application.cv", 14}};
    struct restriction restriction = {.subject = id,
                                      .fields = fields,
                                      .field_count = 1,
                                      .reason = STR("accuracy"),
                                      .warned = true};
    RUN_OK(f, use_restrict, &restriction);
    assert_false(is_ok(engine_file_part(&read.download, 1, scratch, &f->report, &part)));
    struct restriction_lift lift = {id, f->call.outcome.record};
    RUN_OK(f, use_restriction_tell, &lift);
    RUN_OK(f, use_restriction_lift, &lift);
    assert_true(is_ok(engine_file_part(&read.download, 1, scratch, &f->report, &part)));
    move_clock(f, "2026-07-09T22:00:00Z");
    assert_false(is_ok(engine_file_part(&read.download, 2, scratch, &f->report, &part)));
    engine_download_end(&read.download);
    nothing_lies_about(f, 0); /* with the sweep of that instant */
}

/* Its struct stays, and nothing else of it. */
static void a_download_stops_when_its_register_ends(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-21");
    record_id item = put_well(f, id, noise(f, 3 * PART, 1));
    struct read_file read = {
        .request = {.subject = id, .item = item, .purpose = STR("recruitment")}};
    RUN_OK(f, use_file_read, &read);
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    str part;
    assert_true(is_ok(engine_file_part(&read.download, 0, scratch, &f->report, &part)));
    assert_true(is_ok(reg_retire(f->reg, NULL, f->arena, &f->report)));
    assert_int_equal(engine_file_part(&read.download, 1, scratch, &f->report, &part).fault,
                     FAULT_GONE);
    engine_download_end(&read.download);
}

/* ---- attacks on data.db ---- */

#define TWO_PARTS   "(SELECT record FROM chunk GROUP BY record HAVING COUNT(*) = 2)"
#define THREE_PARTS "(SELECT record FROM chunk GROUP BY record HAVING COUNT(*) = 3)"

static void parts_that_were_cut_moved_or_doubled_are_found(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-15");
    record_id three = put_well(f, id, noise(f, 3 * PART, 1));
    record_id two = put_well(f, id, noise(f, 2 * PART, 2));
    static const char *const attacks[] = {
        /* the last is gone */
        "DELETE FROM chunk WHERE part = 2",
        /* one stands twice */
        "INSERT INTO chunk (subject, record, part, sealed) SELECT subject, record, 2, sealed FROM "
        "chunk WHERE part = 1 AND record IN " TWO_PARTS,
        /* two have changed places */
        "UPDATE chunk SET part = 10 - part WHERE record IN " THREE_PARTS,
        /* another file's */
        "UPDATE chunk SET sealed = (SELECT sealed FROM chunk AS other WHERE other.record "
        "IN " THREE_PARTS " AND other.part = chunk.part) WHERE record IN " TWO_PARTS,
        /* shortened, and one byte changed */
        "UPDATE chunk SET sealed = substr(sealed, 1, length(sealed) - 16) WHERE part = 1",
        "UPDATE chunk SET sealed = substr(sealed, 1, 100) || x'00' || substr(sealed, 102) WHERE "
        "part = 1 AND substr(sealed, 101, 1) <> x'00'",
        "UPDATE chunk SET sealed = x'' WHERE part = 1",
        "DELETE FROM item WHERE record IN " THREE_PARTS,
    };
    for (size_t i = 0; i < LENGTH(attacks); i++) {
        fixture_close(f);
        char command[600];
        (void)snprintf(command, sizeof(command), "cp -r '%s' '%s.kept'", f->data, f->data);
        assert_int_equal(system(command), 0);
        fixture_open(f);
        f->reg = engine_register(f->engine, STR("example"));
        attack(f, attacks[i]);
        str bytes;
        status one = get(f, id, three, &bytes);
        status other = get(f, id, two, &bytes);
        bool found = one.fault == FAULT_CORRUPT || other.fault == FAULT_CORRUPT;
        /* A part too many is read by nobody. */
        if (!found && i != 1)
            fail_msg("attack %zu is not found", i);
        fixture_close(f);
        (void)snprintf(command, sizeof(command), "rm -rf '%s' && mv '%s.kept' '%s'", f->data,
                       f->data, f->data);
        assert_int_equal(system(command), 0);
        fixture_open(f);
        f->reg = engine_register(f->engine, STR("example"));
    }
    reads_as(f, id, two, noise(f, 2 * PART, 2));
}

struct lack {
    record_id item;
    uint64_t there, of;
    unsigned told;
};

static void note_lack(void *self, dossier_id dossier, record_id item, uint64_t there, uint64_t of)
{
    struct lack *lack = self;
    (void)dossier;
    *lack = (struct lack){item, there, of, lack->told + 1};
}

static struct vault_parts count_parts(struct fixture *f, struct lack *lack)
{
    struct vault_parts parts = {.lacks = note_lack, .self = lack};
    if (!is_ok(vault_count_parts(reg_vault(f->reg), &parts, &f->report)))
        fail_msg("count: %s", f->report.text);
    return parts;
}

static void a_file_that_lacks_a_part_is_named_by_the_count(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    struct lack lack = {0};
    dossier_id id = applicant(f, "K-25");
    record_id three = put_well(f, id, noise(f, 3 * PART, 1));
    (void)put_well(f, id, noise(f, 2 * PART, 2));
    record_id under_way = open_cv(f, id, 2 * PART);
    struct upload *upload = take(f, id, under_way);
    assert_true(is_ok(send(f, upload, noise(f, 2 * PART, 3))));
    struct vault_parts parts = count_parts(f, &lack);
    assert_int_equal(parts.files, 2);
    assert_int_equal(parts.parts, 5);
    assert_int_equal(parts.lacking + lack.told, 0);
    assert_true(parts.loose > 0); /* of what is coming in */
    engine_upload_drop(f->reg, &upload);
    attack(f, "DELETE FROM chunk WHERE part = 1 AND record IN " THREE_PARTS);
    parts = count_parts(f, &lack);
    assert_int_equal(parts.files, 2);
    assert_int_equal(parts.lacking, 1);
    assert_int_equal(lack.told, 1);
    assert_true(ID_EQUAL(lack.item, three));
    assert_int_equal(lack.there, 2);
    assert_int_equal(lack.of, 3);
}

/* ---- taking away ---- */

static int64_t sum_of_parts(struct fixture *f)
{
    fixture_close(f);
    sqlite3 *db = open_data(f);
    sqlite3_stmt *rows = NULL;
    int64_t sum = 0;
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT sealed FROM chunk ORDER BY record, part", -1, &rows, NULL),
        SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const unsigned char *bytes = sqlite3_column_blob(rows, 0);
        for (int i = 0; i < sqlite3_column_bytes(rows, 0); i++)
            sum = (int64_t)((uint64_t)sum * 31 + bytes[i]);
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("example"));
    return sum;
}

/* G3, G12: what survives is not sealed anew part by part; and the one that went is gone. */
static void rectifying_one_file_leaves_the_parts_of_the_others_alone(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-16");
    str kept = noise(f, 20 * PART, 1), fresh = noise(f, PART + 3, 3);
    record_id survivor = put_well(f, id, kept);
    int64_t sum = sum_of_parts(f);
    record_id wrong = put_well(f, id, noise(f, 4 * PART, 2));
    struct file_open request = {.collect.subject = id,
                                .media = STR("application/pdf"),
                                .size = fresh.len,
                                .replaces = wrong,
                                .by_subject = true};
    RUN_OK(f, use_open, &request);
    record_id right = f->call.outcome.record;
    struct upload *upload = take(f, id, right);
    assert_true(is_ok(send(f, upload, fresh)));
    reads_as(f, id, wrong, noise(f, 4 * PART, 2)); /* until the last byte */
    assert_true(is_ok(run(f, use_end, upload)));
    engine_upload_drop(f->reg, &upload);
    str bytes;
    assert_false(is_ok(get(f, id, wrong, &bytes)));
    reads_as(f, id, right, fresh);
    reads_as(f, id, survivor, kept);
    nothing_lies_about(f, 22);
    struct erase_run erase = {.request = {.subject = id, .warned = true}};
    (void)erase;
    attack(f, "DELETE FROM chunk WHERE record NOT IN (SELECT record FROM chunk GROUP BY record "
              "HAVING COUNT(*) = 20)");
    assert_true(sum == sum_of_parts(f)); /* not a byte of them was written anew */
}

static status use_forget(struct call *call, void *request)
{
    (void)call;
    (void)request;
    return OK;
}

/* G3: the backup has the parts and the head; the key of the head is gone. */
static void a_restore_brings_no_erased_file_back_and_keeps_the_others(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id anna = applicant(f, "K-17"), bo = applicant(f, "K-18");
    str hers = noise(f, 3 * PART, 1), his = noise(f, 2 * PART, 2);
    record_id gone = put_well(f, anna, hers), kept = put_well(f, bo, his);
    record_id under_way = open_cv(f, bo, his.len);
    struct upload *upload = take(f, bo, under_way);
    assert_true(is_ok(send(f, upload, his)));
    char dir[128];
    (void)snprintf(dir, sizeof(dir), "%s/backup", f->dir);
    assert_true(is_ok(engine_backup(f->reg, dir, &f->report)));
    engine_upload_drop(f->reg, &upload);
    struct erase_run erase = {.request = {.subject = anna, .warned = true}};
    RUN_OK(f, use_erase, &erase);
    RUN_OK(f, use_forget, NULL);
    sweep(f);
    fixture_close(f);
    struct engine_config config = fixture_config(f);
    status restored = engine_restore(&config, STR("example"), dir, &f->report);
    if (!is_ok(restored))
        fail_msg("restore: %s", f->report.text);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("example"));
    str bytes;
    assert_false(is_ok(get(f, anna, gone, &bytes)));
    reads_as(f, bo, kept, his);
    assert_false(is_ok(get(f, bo, under_way, &bytes)));
    nothing_lies_about(f, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_bench, end_bench)

static void what_is_no_file_is_read_as_a_value(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-30");
    struct collect_value name = {STR("contact.name"), STR("Anna Canaryname"), false};
    struct collect_run form = {.request = {.subject = id,
                                           .intake = STR("job_form"),
                                           .source = STR("person"),
                                           .channel = STR("web"),
                                           .values = &name,
                                           .value_count = 1}};
    static const struct collect_value email = {
        {"contact.email", 13}, {"anna@canary.test", 16}, false};
    struct collect_value values[] = {name, email};
    form.request.values = values;
    form.request.value_count = 2;
    RUN_OK(f, use_collect, &form);
    struct read_file read = {
        .request = {.subject = id, .item = form.result.items[0], .purpose = STR("recruitment")}};
    RUN_SAYS(f, use_file_read, &read, FAULT_INVALID, "is a value and no file: read it");
}

/* Each part is a reading of its own, and the first one waits for its entry. */
static void a_file_that_goes_in_the_same_turn_is_not_given(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-31");
    record_id item = put_well(f, id, noise(f, 2 * PART, 1));
    struct read_file read = {
        .request = {.subject = id, .item = item, .purpose = STR("recruitment")}};
    static const str field = {"application.cv", 14};
    struct erase_run erase = {
        .request = {.subject = id, .fields = &field, .field_count = 1, .warned = true}};
    assert_int_equal(run_meanwhile(f, use_file_read, &read, use_erase, &erase).fault,
                     FAULT_NOT_FOUND);
    engine_download_end(&read.download);
    struct read_run values = {.request = {.subject = id, .purpose = STR("recruitment")}};
    erase.request = (struct erase){.subject = id, .warned = true};
    assert_int_equal(run_meanwhile(f, use_read, &values, use_erase, &erase).fault, FAULT_NOT_FOUND);
}

static void no_part_is_given_by_what_answers_no_more(void **state)
{
    struct bench *b = *state;
    struct fixture *f = &b->f;
    dossier_id id = applicant(f, "K-32");
    record_id item = put_well(f, id, noise(f, 2 * PART, 1));
    struct read_file read = {
        .request = {.subject = id, .item = item, .purpose = STR("recruitment")}};
    RUN_OK(f, use_file_read, &read);
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    str part;
    f->engine->poisoned = true;
    assert_int_equal(engine_file_part(&read.download, 0, scratch, &f->report, &part).fault,
                     FAULT_STORE);
    f->engine->poisoned = false;
    assert_true(is_ok(engine_file_part(&read.download, 0, scratch, &f->report, &part)));
    engine_download_end(&read.download);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_comes_back_as_it_was_at_every_length_about_an_edge),
        TEST(the_person_gets_her_own_copy_and_the_portable_one),
        TEST(what_may_not_come_is_refused_before_its_first_byte),
        TEST(another_length_than_was_said_makes_no_item),
        TEST(an_upload_is_one_callers_and_one_streams),
        TEST(uploads_that_never_come_make_room_again),
        TEST(two_uploads_at_once_do_not_mix),
        TEST(a_card_number_across_the_edge_of_two_parts_is_found),
        TEST(what_is_said_to_be_a_picture_is_searched_when_it_is_text),
        TEST(an_upload_that_breaks_off_leaves_nothing),
        TEST(a_person_who_is_erased_meanwhile_stays_erased),
        TEST(a_package_gives_no_file_of_one_who_was_erased_meanwhile),
        TEST(a_download_stops_at_the_instant_at_which_the_file_ends),
        TEST(a_download_stops_when_its_register_ends),
        TEST(parts_that_were_cut_moved_or_doubled_are_found),
        TEST(a_file_that_lacks_a_part_is_named_by_the_count),
        TEST(rectifying_one_file_leaves_the_parts_of_the_others_alone),
        TEST(a_restore_brings_no_erased_file_back_and_keeps_the_others),
        TEST(what_is_no_file_is_read_as_a_value),
        TEST(a_file_that_goes_in_the_same_turn_is_not_given),
        TEST(no_part_is_given_by_what_answers_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
