/* From one store to another, row by row.
 *
 *   table of one:    a b c d e f        page after page, in the order of the key
 *   table of other:  a b c              what it has is compared, what it lacks is put there
 *
 * A page is one turn. After a crash the other one has the first rows of each table, and no others.
 */
#include "db_internal.h"

enum {
    PAGE_ROWS = 512,
    PAGE_BYTES = 2 << 20, /* that, and one row more */
    COLUMNS_MOST = 8,
    KEYS_MOST = 3,
    ARENA_BYTES = 16 << 20
};

/* The page reads as many rows as it is asked for, after a key of so many columns. */
static const struct table {
    const char *name;
    bool data, keys; /* where it is */
    enum statement page, put;
    int columns, key;
    enum value_kind kinds[KEYS_MOST]; /* of the key's columns */
} tables[] = {
    {"meta", true, true, STATEMENT_MOVE_META, STATEMENT_META_PUT, 2, 1, {VALUE_TEXT}},
    {"dossier", true, false, STATEMENT_MOVE_DOSSIER, STATEMENT_DOSSIER_ADD, 4, 1, {VALUE_BYTES}},
    {"item",
     true,
     false,
     STATEMENT_MOVE_ITEM,
     STATEMENT_ITEM_PUT,
     3,
     2,
     {VALUE_BYTES, VALUE_BYTES}},
    {"chunk",
     true,
     false,
     STATEMENT_MOVE_CHUNK,
     STATEMENT_CHUNK_PUT,
     4,
     3,
     {VALUE_BYTES, VALUE_BYTES, VALUE_INTEGER}},
    {"note",
     true,
     false,
     STATEMENT_MOVE_NOTE,
     STATEMENT_NOTE_PUT,
     3,
     2,
     {VALUE_BYTES, VALUE_BYTES}},
    {"loose",
     true,
     false,
     STATEMENT_MOVE_LOOSE,
     STATEMENT_LOOSE_PUT,
     2,
     2,
     {VALUE_BYTES, VALUE_BYTES}},
    {"due", true, false, STATEMENT_MOVE_DUE, STATEMENT_DUE_PUT, 2, 1, {VALUE_BYTES}},
    {"live",
     true,
     false,
     STATEMENT_MOVE_LIVE,
     STATEMENT_LIVE_PUT,
     2,
     2,
     {VALUE_BYTES, VALUE_BYTES}},
    {"outbox",
     true,
     false,
     STATEMENT_MOVE_OUTBOX,
     STATEMENT_OUTBOX_PUT,
     4,
     2,
     {VALUE_BYTES, VALUE_BYTES}},
    {"idempotency",
     true,
     false,
     STATEMENT_MOVE_ONCE,
     STATEMENT_ONCE_PUT,
     7,
     2,
     {VALUE_BYTES, VALUE_BYTES}},
    {"ring",
     false,
     true,
     STATEMENT_MOVE_RING,
     STATEMENT_RING_ADD,
     3,
     2,
     {VALUE_BYTES, VALUE_INTEGER}},
    {"blind",
     false,
     true,
     STATEMENT_BLIND_LIST,
     STATEMENT_BLIND_ADD,
     2,
     2,
     {VALUE_BYTES, VALUE_BYTES}},
    {"fence",
     false,
     true,
     STATEMENT_MOVE_FENCE,
     STATEMENT_FENCE_MOVE,
     7,
     2,
     {VALUE_BYTES, VALUE_INTEGER}},
};

struct page {
    struct value rows[PAGE_ROWS][COLUMNS_MOST];
    size_t count, bytes;
};

/* Before every key. */
static void first_key(const struct table *table, struct value key[KEYS_MOST])
{
    for (int i = 0; i < table->key; i++)
        key[i] = table->kinds[i] == VALUE_INTEGER ? value_integer(INT64_MIN)
                 : table->kinds[i] == VALUE_TEXT  ? value_text(STR(""))
                                                  : value_bytes("", 0);
}

static status keep_row(const struct table *table, const struct value *row, struct arena *arena,
                       struct report *report, struct page *page)
{
    struct value *kept = page->rows[page->count++];
    for (int i = 0; i < table->columns; i++) {
        kept[i] = row[i];
        if (row[i].kind == VALUE_INTEGER)
            continue;
        page->bytes += row[i].bytes.len;
        kept[i].bytes = arena_copy(arena, row[i].bytes);
        if (kept[i].bytes.ptr == NULL)
            return NO_MEMORY(report);
        if (i < table->key)
            kept[i].kind = table->kinds[i];
    }
    return OK;
}

static status read_page(struct db *db, const struct table *table, const struct value *after,
                        size_t most, struct arena *arena, struct report *report, struct page *page)
{
    struct value in[KEYS_MOST + 1], row[COLUMNS_MOST];
    bool more = true;
    page->count = page->bytes = 0;
    memcpy(in, after, (size_t)table->key * sizeof(*in));
    in[table->key] = value_integer((int64_t)most);
    TRY(db_start_(db, table->page, in, report));
    status result = OK;
    while (is_ok(result) && more && page->bytes < PAGE_BYTES) {
        result = db_next_(db, table->page, row, &more, report);
        if (is_ok(result) && more)
            result = keep_row(table, row, arena, report, page);
    }
    db_finish_(db, table->page);
    return result;
}

static status put_row(struct db *db, const struct table *table, const struct value *row,
                      struct report *report)
{
    bool none = false;
    TRY(db_start_(db, table->put, row, report));
    status result = db_next_(db, table->put, NULL, &none, report);
    db_finish_(db, table->put);
    return result;
}

static bool same_row(const struct table *table, const struct value *one, const struct value *other)
{
    bool same = true;
    for (int i = 0; i < table->columns; i++)
        same &= one[i].kind == VALUE_INTEGER
                    ? other[i].kind == VALUE_INTEGER && one[i].integer == other[i].integer
                    : other[i].kind != VALUE_INTEGER && str_equal(one[i].bytes, other[i].bytes);
    return same;
}

struct moving {
    struct db *from, *to;
    const struct table *table;
    bool compare; /* all must be there already */
    struct arena *arena;
    struct report *report;
    struct page has, there;
    uint64_t rows;
};

static status differ(const struct moving *moving)
{
    return fail(moving->report, FAULT_CORRUPT, "the tables %s of the two stores differ",
                moving->table->name);
}

/* As many of the one as a page takes, and of the other no more than those; behind the last row of
 * the one it may have none. */
static status read_both(struct moving *moving, const struct value *key)
{
    const struct table *table = moving->table;
    struct page *has = &moving->has, *there = &moving->there;
    TRY(read_page(moving->from, table, key, PAGE_ROWS, moving->arena, moving->report, has));
    size_t most = has->count > 0 ? has->count : 1;
    return read_page(moving->to, table, key, most, moving->arena, moving->report, there);
}

/* One page; *key is then the last of it. */
static status move_page(struct moving *moving, struct value key[KEYS_MOST], bool *more)
{
    const struct table *table = moving->table;
    TRY(read_both(moving, key));
    const struct page *has = &moving->has, *there = &moving->there;
    if (there->count > has->count || (moving->compare && there->count < has->count))
        return differ(moving);
    for (size_t i = 0; i < there->count; i++)
        if (!same_row(table, has->rows[i], there->rows[i]))
            return differ(moving);
    for (size_t i = there->count; i < has->count; i++)
        TRY(put_row(moving->to, table, has->rows[i], moving->report));
    if (has->count > 0)
        memcpy(key, has->rows[has->count - 1], (size_t)table->key * sizeof(*key));
    moving->rows += moving->compare ? has->count : 0;
    *more = has->count > 0;
    return db_commit(moving->to, moving->report);
}

/* The key of the last row outlives the page, in one of two arenas. */
static status move_table(struct moving *moving)
{
    struct value key[KEYS_MOST];
    bool more = true;
    CLEANUP(arena_free) struct arena *one = arena_new(ARENA_BYTES);
    CLEANUP(arena_free) struct arena *other = arena_new(ARENA_BYTES);
    first_key(moving->table, key);
    for (size_t i = 0; more; i++) {
        moving->arena = i % 2 == 0 ? one : other;
        arena_reset(moving->arena);
        TRY(move_page(moving, key, &more));
    }
    return OK;
}

status db_move(struct db *from, struct db *to, enum db_schema schema, struct report *report,
               uint64_t *rows)
{
    assert(from != NULL && to != NULL);
    assert(rows != NULL);

    struct moving moving = {.from = from, .to = to, .report = report};
    for (int pass = 0; pass < 2; pass++) {
        moving.compare = pass == 1;
        for (size_t i = 0; i < LENGTH(tables); i++) {
            moving.table = &tables[i];
            if (schema == DB_DATA ? tables[i].data : tables[i].keys)
                TRY(move_table(&moving));
        }
    }
    *rows = moving.rows;
    return OK;
}
