/* What is taken away cannot be brought back by whoever kept a copy of every file from before and
 * has today's keys; and no value ever stood in any file in the clear. Where rows lie in PostgreSQL
 * the copy is of rows, as a dump has them; what its own files keep of old ones until they are
 * vacuumed, the manual says (docs/postgresql.md). */
#include "trouble.h"
#ifdef VERN_POSTGRES
#include "postgres_server.h"
#endif

static struct scene the_scene;

static int set_scene(void **state)
{
    (void)state;
    scene_make(&the_scene, 9);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_end(&the_scene);
    return 0;
}

/* The register, and the copies that somebody took. */
struct past {
    struct fixture f;
    char folder[64], copy[80];
    struct fact_item items[32]; /* of one person, with what seals them */
    str sealed_items[32];
    size_t count;
    str rings[8]; /* the wrapped parts of the person's ring */
    size_t ring_count;
};

static bool any_file_says(const char *folder)
{
    char command[256];
    (void)snprintf(command, sizeof(command), "grep -raqE 'canary-|Canaryname|canary.test' '%s'",
                   folder);
    return system(command) == 0;
}

static sqlite3_stmt *old_rows(struct past *past, const char *file, const char *sql, dossier_id id,
                              sqlite3 **db)
{
    char path[160];
    sqlite3_stmt *rows = NULL;
    (void)snprintf(path, sizeof(path), "%s/data/registers/confect/%s", past->copy, file);
    assert_int_equal(sqlite3_open(path, db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(*db, sql, -1, &rows, NULL), SQLITE_OK);
    sqlite3_bind_blob(rows, 1, id.bytes, ID_BYTES, SQLITE_TRANSIENT);
    return rows;
}

static str column_bytes(struct past *past, sqlite3_stmt *rows, int column)
{
    str bytes = {sqlite3_column_blob(rows, column), (size_t)sqlite3_column_bytes(rows, column)};
    return arena_copy(past->f.arena, bytes);
}

/* From the copied files, as a thief would: the rows of the person and the wrapped ring. */
static void read_copies(struct past *past, dossier_id id)
{
    sqlite3 *db;
    sqlite3_stmt *rows =
        old_rows(past, "data.db", "SELECT record, sealed FROM item WHERE subject = ?1", id, &db);
    size_t seen = 0;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        str record = column_bytes(past, rows, 0);
        for (size_t i = 0; i < past->count; i++) {
            if (memcmp(past->items[i].id.bytes, record.ptr, ID_BYTES) != 0)
                continue;
            past->sealed_items[i] = column_bytes(past, rows, 1);
            seen++;
        }
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    assert_int_equal(seen, past->count);
    rows = old_rows(past, "keys.db", "SELECT sealed FROM ring WHERE subject = ?1", id, &db);
    while (sqlite3_step(rows) == SQLITE_ROW && past->ring_count < LENGTH(past->rings))
        past->rings[past->ring_count++] = column_bytes(past, rows, 0);
    sqlite3_finalize(rows);
    sqlite3_close(db);
    assert_true(past->ring_count > 0);
}

static void keep_item(struct past *past, const struct db_item_list_row *row)
{
    for (size_t i = 0; i < past->count; i++)
        if (ID_EQUAL(past->items[i].id, row->record))
            past->sealed_items[i] = row->sealed;
}

static void read_dump(struct past *past, dossier_id id)
{
    struct fixture *f = &past->f;
    struct vault *vault = f->reg->vault;
    struct db_item_list_in items = {id};
    struct db_item_list_row *rows;
    struct db_ring_get_in ring = {id};
    struct db_ring_get_row *parts;
    size_t count;
    MUST(f, db_item_list_all(vault->data, &items, f->arena, &f->report, &rows, &count));
    assert_int_equal(count, past->count);
    for (size_t i = 0; i < count; i++)
        keep_item(past, &rows[i]);
    MUST(f, db_ring_get_all(vault->keys->db, &ring, f->arena, &f->report, &parts, &count));
    for (size_t i = 0; i < count && i < LENGTH(past->rings); i++)
        past->rings[past->ring_count++] = parts[i].sealed;
    assert_true(past->ring_count > 0);
}

/* Opens the register and copies all its files while it is open. */
static void begin(struct past *past, dossier_id id)
{
    *past = (struct past){0};
    scene_again(&the_scene, past->folder);
    (void)snprintf(past->copy, sizeof(past->copy), "%s.then", past->folder);
    fixture_over(&past->f, past->folder, 13);
    MUST(&past->f, try_open(&past->f, NULL));
    enum presence presence;
    struct dossier *dossier;
    MUST(&past->f,
         vault_load(past->f.reg->vault, id, past->f.arena, &past->f.report, &presence, &dossier));
    assert_true(dossier->facts->items.count < LENGTH(past->items));
    for (size_t i = 0; i < dossier->facts->items.count; i++)
        past->items[past->count++] = dossier->facts->items.at[i];
    folder_copy(past->folder, past->copy);
    assert_false(any_file_says(past->folder));
    if (in_postgres())
        read_dump(past, id);
    else
        read_copies(past, id);
}

static void end(struct past *past)
{
    assert_false(any_file_says(past->folder)); /* open, */
    engine_close(&past->f.engine);
    assert_false(any_file_says(past->folder)); /* and closed */
    fixture_end(&past->f);
    folder_remove(past->folder);
    folder_remove(past->copy);
}

/* Does today's ring open what was sealed then? */
static enum fault_class opens(struct past *past, dossier_id id, const struct fact_item *header,
                              str bytes)
{
    struct vault *vault = past->f.reg->vault;
    struct ring *ring = NULL;
    MUST(&past->f, ring_fetch(vault->keys, id, &past->f.report, &ring));
    if (ring == NULL)
        return FAULT_GONE;
    struct seal_place place = item_place(vault, id, header);
    str value;
    struct report report = {0};
    return ring_open(vault->keys, ring, &place, (sealed){bytes}, past->f.arena, &report, &value)
        .fault;
}

/* Every old ciphertext of the field, or of every field when NULL, is closed for good; gives how
 * many. */
static size_t all_closed(struct past *past, dossier_id id, const char *field)
{
    size_t count = 0;
    for (size_t i = 0; i < past->count; i++) {
        if (field != NULL && !str_starts(word_of(&past->f, past->items[i].field), str_from(field)))
            continue;
        assert_int_equal(opens(past, id, &past->items[i], past->sealed_items[i]), FAULT_GONE);
        count++;
    }
    return count;
}

#ifdef VERN_POSTGRES
static bool a_row_has(const char *store, str bytes)
{
    char schema[32], sql[96];
    (void)snprintf(schema, sizeof(schema), "vern_confect_%s", store);
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM %s WHERE position(?1::bytea IN sealed) > 0",
                   strcmp(store, "keys") == 0 ? "ring" : "item");
    return postgres_count(getenv("VERN_TEST_DATABASE"), schema, sql, bytes.ptr, bytes.len) > 0;
}
#endif

/* Do they stand anywhere in today's "keys" or "data"? */
static bool has(struct past *past, const char *store, str bytes)
{
    static const char *const ends[] = {".db", ".db-wal"};
    bool found = false;
#ifdef VERN_POSTGRES
    if (in_postgres())
        return a_row_has(store, bytes);
#endif
    for (size_t i = 0; i < LENGTH(ends); i++) {
        char path[192];
        (void)snprintf(path, sizeof(path), "%s/registers/confect/%s%s", past->f.data, store,
                       ends[i]);
        found |= file_holds(&past->f, path, bytes);
    }
    return found;
}

/* No part of the old wrapped ring is there today. */
static void old_ring_is_nowhere(struct past *past)
{
    static const char *const stores[] = {"keys", "data"};
    for (size_t n = 0; n < LENGTH(stores); n++) {
        for (size_t i = 0; i < past->ring_count; i++) {
            assert_false(has(past, stores[n], past->rings[i]));
            str key = str_slice(past->rings[i], 18, past->rings[i].len); /* without its header */
            assert_false(has(past, stores[n], key));
        }
    }
}

static void the_test_itself_finds_what_it_looks_for(void **state)
{
    (void)state;
    struct past past;
    begin(&past, the_scene.anna);
    for (size_t i = 0; i < past.count; i++)
        assert_int_equal(opens(&past, the_scene.anna, &past.items[i], past.sealed_items[i]),
                         FAULT_NONE);
    char path[192];
    assert_true(has(&past, "keys", past.rings[0]));
    assert_true(has(&past, "data", past.sealed_items[0]));
    (void)snprintf(path, sizeof(path), "%s/planted", past.f.data);
    struct file_change change = {&past.f.sim.world, "test", path};
    MUST(&past.f, file_write_durable(&change, STR("..canary-1.."), 0600, &past.f.report));
    assert_true(any_file_says(past.folder));
    MUST(&past.f, file_remove_durable(&change, &past.f.report));
    end(&past);
}

static void a_corrected_value_opens_for_nobody(void **state)
{
    (void)state;
    struct past past;
    begin(&past, the_scene.anna);
    MUST(&past.f, run_rectify(&past.f, &the_scene));
    assert_true(all_closed(&past, the_scene.anna, "job_application.") >= 2);
    old_ring_is_nowhere(&past);
    struct picture now = picture_of(&past.f);
    assert_true(shows(&now, NEW_CV));
    assert_true(shows(&now, ANNA_APP)); /* of the same category: sealed anew */
    end(&past);
}

static void an_erased_item_opens_for_nobody(void **state)
{
    (void)state;
    struct past past;
    begin(&past, the_scene.anna);
    MUST(&past.f, run_erase_part(&past.f, &the_scene));
    assert_true(all_closed(&past, the_scene.anna, "job_application.") >= 2);
    old_ring_is_nowhere(&past);
    struct picture now = picture_of(&past.f);
    assert_false(shows(&now, ANNA_CV));
    assert_true(shows(&now, ANNA_APP));
    end(&past);
}

static void an_erased_category_opens_for_nobody(void **state)
{
    (void)state;
    struct past past;
    begin(&past, the_scene.anna);
    str fields[] = {STR("job_application")};
    struct erase_run erase = {
        .request = {.subject = the_scene.anna, .fields = fields, .field_count = 1, .warned = true}};
    RUN_OK(&past.f, use_erase, &erase);
    assert_int_equal(all_closed(&past, the_scene.anna, "job_application."), 2);
    old_ring_is_nowhere(&past);
    struct picture now = picture_of(&past.f);
    assert_false(shows(&now, ANNA_APP));
    assert_true(shows(&now, "Anna Canaryname"));
    end(&past);
}

static void an_erased_person_opens_for_nobody(void **state)
{
    (void)state;
    struct past past;
    begin(&past, the_scene.cato);
    MUST(&past.f, run_erase_whole(&past.f, &the_scene));
    assert_int_equal(all_closed(&past, the_scene.cato, NULL), past.count);
    assert_true(past.count >= 4);
    old_ring_is_nowhere(&past);
    end(&past);
}

static void what_a_sweep_took_opens_for_nobody(void **state)
{
    (void)state;
    struct past past;
    begin(&past, the_scene.cato);
    clock_alone(&past.f, "2026-09-02T00:00:00Z");
    MUST(&past.f, run_sweep(&past.f, &the_scene));
    assert_int_equal(all_closed(&past, the_scene.cato, NULL), past.count);
    old_ring_is_nowhere(&past);
    for (size_t i = 0; i < past.count; i++)
        assert_false(has(&past, "data", past.sealed_items[i]));
    end(&past);
}

/* Within an epoch a copy of the old rings would still open what they seal; that is why epochs end.
 */
static void once_the_epoch_has_ended_the_old_rings_open_nothing(void **state)
{
    (void)state;
    struct past past;
    only_in_files();
    begin(&past, the_scene.cato);
    MUST(&past.f, run_erase_whole(&past.f, &the_scene));
    MUST(&past.f, run_rotate(&past.f, &the_scene));
    engine_close(&past.f.engine);
    char command[512];
    (void)snprintf(command, sizeof(command),
                   "rm -rf '%s/data/registers/confect/epoch' && "
                   "cp -a '%s/registers/confect/epoch' '%s/data/registers/confect/epoch'",
                   past.copy, past.f.data, past.copy);
    shell(command);
    struct fixture thief;
    fixture_over(&thief, past.copy, 14);
    status opened = try_open(&thief, NULL);
    assert_int_equal(opened.fault, FAULT_KEY);
    assert_non_null(strstr(thief.report.text, "epoch"));
    fixture_end(&thief);
    end(&past);
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_test_itself_finds_what_it_looks_for),
        cmocka_unit_test(a_corrected_value_opens_for_nobody),
        cmocka_unit_test(an_erased_item_opens_for_nobody),
        cmocka_unit_test(an_erased_category_opens_for_nobody),
        cmocka_unit_test(an_erased_person_opens_for_nobody),
        cmocka_unit_test(what_a_sweep_took_opens_for_nobody),
        cmocka_unit_test(once_the_epoch_has_ended_the_old_rings_open_nothing),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
