/* The catalogue as a whole: every statement is sound SQL, and keeps to what shards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <strings.h>
#include <cmocka.h>
#include "db_internal.h"
#include "file.h"

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Does `text` hold `word` as a word of its own, in any case? */
static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = text; *at != '\0'; at++) {
        bool starts =
            at == text || (at[-1] != '_' && !((at[-1] | 32) >= 'a' && (at[-1] | 32) <= 'z'));
        char after = strlen(at) >= len ? at[len] : '\0';
        bool ends = after != '_' && !((after | 32) >= 'a' && (after | 32) <= 'z');
        if (starts && strncasecmp(at, word, len) == 0 && ends)
            return true;
    }
    return false;
}

static void no_statement_asks_the_database_for_time_chance_or_session_state(void **state)
{
    (void)state;
    const char *words[] = {"now",
                           "random",
                           "randomblob",
                           "current_timestamp",
                           "current_time",
                           "current_date",
                           "nextval",
                           "ctid",
                           "rowid",
                           "last_insert_rowid",
                           "pg_advisory_lock",
                           "listen",
                           "notify",
                           "trigger",
                           "strftime",
                           "datetime",
                           "julianday",
                           "unixepoch",
                           "pragma",
                           "attach",
                           "temp",
                           "temporary",
                           "changes",
                           "uuid",
                           "gen_random_uuid",
                           "date",
                           "time"};
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        for (size_t j = 0; j < LENGTH(words); j++)
            if (has_word(statement_texts[i].sqlite, words[j]))
                fail_msg("%s says %s", statement_texts[i].name, words[j]);
}

/* Whatever the clock of the database says, here and in another cluster: nobody asks for it. When a
 * session began is compared with itself alone. */
static void no_script_asks_the_database_for_the_time(void **state)
{
    (void)state;
    const char *words[] = {
        "now",       "current_timestamp", "current_time",          "current_date",
        "localtime", "clock_timestamp",   "statement_timestamp",   "timeofday",
        "strftime",  "julianday",         "transaction_timestamp", "unixepoch"};
    for (size_t i = 0; i < script_count; i++)
        for (size_t j = 0; j < LENGTH(words); j++)
            if (has_word(scripts[i].text, words[j]))
                fail_msg("%s says %s", scripts[i].name, words[j]);
}

/* An INSERT whose first column is the subject, given as a parameter. */
static bool inserts_under_subject(const char *sql)
{
    const char *columns = strchr(sql, '('), *values = strstr(sql, "VALUES ($1");
    return strncmp(sql, "INSERT", 6) == 0 && columns != NULL &&
           strncmp(columns, "(subject,", 9) == 0 && values != NULL;
}

static void every_statement_names_one_subject_or_says_why_not(void **state)
{
    (void)state;
    size_t named = 0;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_text *text = &statement_texts[i];
        const char *where = strstr(text->postgres, "WHERE");
        bool one = inserts_under_subject(text->postgres) ||
                   (where != NULL && strstr(where, "subject = $") != NULL &&
                    strstr(where, " OR ") == NULL);
        named += one;
        if (is(text->file, "turn"))
            continue;
        if (one && text->mark[0] != '\0')
            fail_msg("%s names a subject and is marked %s", text->name, text->mark);
        if (!one && text->mark[0] == '\0')
            fail_msg("%s names no subject and has no mark", text->name);
    }
    assert_true(named > 25);
}

static void a_mark_is_only_on_what_it_is_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_text *text = &statement_texts[i];
        if (is(text->mark, "reference"))
            assert_non_null(strstr(text->sqlite, "meta"));
        if (is(text->mark, "hashed"))
            assert_non_null(strstr(text->sqlite, "blind"));
        if (is(text->mark, "log"))
            assert_true(has_word(text->sqlite, "entry") || has_word(text->sqlite, "manifest"));
        if (is(text->mark, "cross"))
            assert_true(is(text->file, "data") || is(text->file, "keys"));
    }
}

/* Where its table begins, after the word. */
static bool is_of_table(const char *sql, const char *word, const char *table)
{
    const char *at = strstr(sql, word);
    size_t len = strlen(table);
    return at != NULL && strncmp(at + strlen(word), table, len) == 0 &&
           strchr(" (", at[strlen(word) + len]) != NULL;
}

/* What is written under a subject makes void what was asked ahead of that subject, and nothing else
 * does: so whoever writes such a table names one. */
static void what_may_be_asked_ahead_is_written_under_a_subject_alone(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_text *ahead = &statement_texts[i];
        char table[32];
        if (!ahead->ahead)
            continue;
        assert_false(ahead->writes);
        assert_int_equal(sscanf(strstr(ahead->sqlite, " FROM "), " FROM %31s", table), 1);
        for (size_t j = 0; j < STATEMENT_COUNT; j++) {
            const struct statement_text *text = &statement_texts[j];
            bool writes = is_of_table(text->sqlite, "INSERT INTO ", table) ||
                          is_of_table(text->sqlite, "UPDATE ", table) ||
                          is_of_table(text->sqlite, "DELETE FROM ", table);
            if (writes && text->mark[0] != '\0')
                fail_msg("%s writes %s, which is asked ahead, under no subject", text->name, table);
            found += writes;
        }
    }
    assert_true(found > 8);
}

static void a_cross_statement_that_gives_rows_has_an_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_text *text = &statement_texts[i];
        bool one_row = strstr(text->sqlite, "COUNT(*)") != NULL || is(text->name, "outbox_last") ||
                       strstr(text->sqlite, " LIMIT 1 ") != NULL;
        if (!is(text->mark, "cross") || text->writes || one_row)
            continue;
        if (strstr(text->sqlite, " LIMIT ?") == NULL && !is(text->name, "outbox_list"))
            fail_msg("%s has no limit", text->name);
        assert_non_null(strstr(text->sqlite, "ORDER BY"));
    }
}

/* The rows of the page between its two marks. */
static str cross_rows(struct arena *arena)
{
    str page;
    struct report report = {0};
    if (!is_ok(file_read("docs/scale.md", arena, 64 << 10, &report, &page)))
        fail_msg("%s", report.text);
    const char *text = arena_c_string(arena, page);
    const char *from = strstr(text, "<!-- cross -->"), *to = strstr(text, "<!-- end of cross -->");
    assert_true(from != NULL && to != NULL && from < to);
    return (str){from, (size_t)(to - from)};
}

static void each_cross_statement_is_on_the_page_with_what_it_may_see(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    str rows = cross_rows(arena);
    size_t crosses = 0, named = 0;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        char name[64];
        int len = snprintf(name, sizeof(name), "`%s`", statement_texts[i].name);
        bool there = memmem(rows.ptr, rows.len, name, (size_t)len) != NULL;
        bool cross = is(statement_texts[i].mark, "cross");
        if (there != cross)
            fail_msg("%s %s", name, cross ? "is not on docs/scale.md" : "is no cross statement");
        crosses += cross;
    }
    for (size_t i = 0; i + 1 < rows.len; i++)
        named += rows.ptr[i] == '`' && rows.ptr[i + 1] >= 'a' && rows.ptr[i + 1] <= 'z';
    assert_int_equal(named, crosses + 1); /* `vern move` is there, too */
}

static void both_spellings_say_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const char *a = statement_texts[i].sqlite, *b = statement_texts[i].postgres;
        if (is(statement_texts[i].name, "turn_begin")) /* the one that may differ */
            continue;
        assert_int_equal(strlen(a), strlen(b));
        for (size_t j = 0; a[j] != '\0'; j++)
            assert_true(a[j] == b[j] || (a[j] == '?' && b[j] == '$'));
    }
}

static sqlite3 *file_of(const char *schema)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
    for (int format = 1;; format++) {
        char name[64];
        snprintf(name, sizeof(name), "%s-%d.sqlite.sql", schema, format);
        if (script_text(name) == NULL && format > 1)
            return handle;
        assert_non_null(script_text(name));
        assert_int_equal(sqlite3_exec(handle, script_text(name), NULL, NULL, NULL), SQLITE_OK);
    }
}

static void prepare_all(const char *schema)
{
    sqlite3 *handle = file_of(schema);
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_text *text = &statement_texts[i];
        sqlite3_stmt *statement = NULL;
        if (!is(text->file, schema) && !is(text->file, "both") && !is(text->file, "turn"))
            continue;
        if (sqlite3_prepare_v2(handle, text->sqlite, -1, &statement, NULL) != SQLITE_OK)
            fail_msg("%s: %s", text->name, sqlite3_errmsg(handle));
        assert_int_equal(sqlite3_bind_parameter_count(statement), text->in_count);
        assert_int_equal(sqlite3_column_count(statement), text->out_count);
        if (!is(text->file, "turn"))
            assert_int_equal(sqlite3_stmt_readonly(statement), !text->writes);
        sqlite3_finalize(statement);
    }
    sqlite3_close(handle);
}

static void every_statement_prepares_on_its_file(void **state)
{
    (void)state;
    prepare_all("data");
    prepare_all("keys");
}

/* The tables of a statement by what SQLite asks whether it may: read from, written to. */
struct tables {
    char read[256], written[256];
};

static int note_table(void *self, int action, const char *table, const char *b, const char *c,
                      const char *d)
{
    struct tables *tables = self;
    (void)b;
    (void)c;
    (void)d;
    char *into = action == SQLITE_READ ? tables->read : NULL;
    if (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE)
        into = tables->written;
    size_t len = into == NULL ? 0 : strlen(into);
    if (into != NULL)
        assert_true(snprintf(into + len, 256 - len, " %s ", table) < (int)(256 - len));
    return SQLITE_OK;
}

static void tables_of(sqlite3 *handle, const struct statement_text *text, struct tables *tables)
{
    sqlite3_stmt *statement = NULL;
    *tables = (struct tables){0};
    sqlite3_set_authorizer(handle, note_table, tables);
    assert_int_equal(sqlite3_prepare_v2(handle, text->sqlite, -1, &statement, NULL), SQLITE_OK);
    sqlite3_set_authorizer(handle, NULL, NULL);
    sqlite3_finalize(statement);
}

static void what_is_kept_is_of_one_subject_and_what_writes_there_forgets(void **state)
{
    (void)state;
    struct tables kept = {0}, tables;
    size_t seen = 0;
    sqlite3 *handle = file_of("data");
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_text *text = &statement_texts[i];
        if (text->kept == 0)
            continue;
        seen++;
        assert_int_equal(text->kept, seen);
        assert_string_equal(text->file, "data");
        assert_false(text->writes);
        assert_int_equal(text->in_count, 1);
        assert_int_equal(text->subject, 0);
        size_t len = strlen(kept.read);
        tables_of(handle, text, &tables);
        snprintf(kept.read + len, sizeof(kept.read) - len, "%s", tables.read);
    }
    assert_true(seen > 0 && seen <= 4); /* as kept.c has tables for */
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_text *text = &statement_texts[i];
        if (!is(text->file, "data") && !is(text->file, "both"))
            continue;
        bool forgets = false;
        char *rest = tables.written;
        tables_of(handle, text, &tables);
        for (char *table; (table = strtok_r(rest, " ", &rest)) != NULL;) {
            char spaced[64];
            snprintf(spaced, sizeof(spaced), " %s ", table);
            forgets = forgets || strstr(kept.read, spaced) != NULL;
        }
        if (forgets != text->forgets)
            fail_msg("%s writes what is kept, and kept.c hears nothing of it", text->name);
    }
    sqlite3_close(handle);
}

/* What EXPLAIN QUERY PLAN says of a statement, in one text. */
static int add_detail(void *self, int count, char **columns, char **names)
{
    (void)count;
    (void)names;
    struct buf *buf = self;
    buf_text(buf, columns[3]);
    buf_char(buf, ';');
    return 0;
}

static void no_statement_reads_a_whole_table_unless_it_counts_or_empties(void **state)
{
    (void)state;
    const char *may_scan[] = {"item_count", "chunk_total", "outbox_list", "outbox_count",
                              "outbox_clear"};
    const char *schemas[] = {"data", "keys"};
    for (size_t s = 0; s < LENGTH(schemas); s++) {
        sqlite3 *handle = file_of(schemas[s]);
        for (size_t i = 0; i < STATEMENT_COUNT; i++) {
            const struct statement_text *text = &statement_texts[i];
            bool may = !is(text->file, schemas[s]);
            for (size_t j = 0; j < LENGTH(may_scan); j++)
                may |= is(text->name, may_scan[j]);
            char explain[2200], plan[2000];
            struct buf buf = buf_over(plan, sizeof(plan) - 1);
            snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", text->sqlite);
            if (may || sqlite3_exec(handle, explain, add_detail, &buf, NULL) != SQLITE_OK)
                continue;
            plan[buf.len] = '\0';
            if (strstr(plan, "SCAN") != NULL && strstr(plan, "USING INDEX") == NULL)
                fail_msg("%s: %s", text->name, plan);
            if (strstr(plan, "TEMP B-TREE") != NULL)
                fail_msg("%s sorts: %s", text->name, plan);
        }
        sqlite3_close(handle);
    }
}

static const char *first_of(const char *table)
{
    if (is(table, "meta"))
        return "name";
    if (is(table, "entry"))
        return "number";
    return is(table, "manifest") ? "root" : "subject";
}

static void the_subject_comes_first_in_every_key_about_people(void **state)
{
    (void)state;
    sqlite3 *handle = file_of("data");
    sqlite3_stmt *tables = NULL;
    size_t seen = 0;
    const char *ask = "SELECT m.name, p.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p "
                      "WHERE m.type = 'table' AND p.pk = 1";
    assert_int_equal(sqlite3_prepare_v2(handle, ask, -1, &tables, NULL), SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        const char *first = (const char *)sqlite3_column_text(tables, 1);
        assert_string_equal(first, first_of(table));
        seen++;
    }
    assert_int_equal(seen, 12);
    sqlite3_finalize(tables);
    sqlite3_close(handle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_statement_asks_the_database_for_time_chance_or_session_state),
        cmocka_unit_test(no_script_asks_the_database_for_the_time),
        cmocka_unit_test(every_statement_names_one_subject_or_says_why_not),
        cmocka_unit_test(a_mark_is_only_on_what_it_is_for),
        cmocka_unit_test(what_may_be_asked_ahead_is_written_under_a_subject_alone),
        cmocka_unit_test(a_cross_statement_that_gives_rows_has_an_end),
        cmocka_unit_test(each_cross_statement_is_on_the_page_with_what_it_may_see),
        cmocka_unit_test(both_spellings_say_the_same),
        cmocka_unit_test(every_statement_prepares_on_its_file),
        cmocka_unit_test(what_is_kept_is_of_one_subject_and_what_writes_there_forgets),
        cmocka_unit_test(no_statement_reads_a_whole_table_unless_it_counts_or_empties),
        cmocka_unit_test(the_subject_comes_first_in_every_key_about_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
