/* embed: makes C of the statement catalogue and of the migrations.
 *
 *   embed FOLDER STATEMENTS.sql SCRIPT.sql...
 *
 * writes FOLDER/statements.gen.h and FOLDER/statements.gen.c: an enum of the statements, a table
 * with both spellings of each ($1 for PostgreSQL, ?1 for SQLite, which would number $n by first
 * appearance), and for each a struct of its parameters, one of its row, and a function that takes
 * them. It stands alone, since the program cannot be built without it, and stops at the first thing
 * that it does not understand, with its line. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_ROOM = 48, DOES_ROOM = 200, SQL_ROOM = 2000, FIELDS = 16, STATEMENTS = 200 };

struct type {
    const char *word, *c, *to_value, *from_value;
};

/* %s is the field. A from_value of NULL means that the bytes are copied. */
static const struct type types[] = {
    {"dossier", "dossier_id", "value_bytes(in->%s.bytes, ID_BYTES)", "db_take_bytes_"},
    {"record", "record_id", "value_bytes(in->%s.bytes, ID_BYTES)", "db_take_bytes_"},
    {"hash", "hash32", "value_bytes(in->%s.bytes, sizeof(in->%s.bytes))", "db_take_bytes_"},
    {"int", "int64_t", "value_integer(in->%s)", "db_take_int_"},
    {"count", "uint64_t", "value_integer((int64_t)in->%s)", "db_take_count_"},
    {"instant", "instant", "value_integer(in->%s.ms)", "db_take_instant_"},
    {"text", "str", "value_text(in->%s)", NULL},
    {"bytes", "str", "value_bytes(in->%s.ptr, in->%s.len)", NULL},
};

struct field {
    char name[NAME_ROOM];
    const struct type *type;
};

struct statement {
    char name[NAME_ROOM], does[DOES_ROOM], file[NAME_ROOM], gives[NAME_ROOM], mark[NAME_ROOM];
    struct field in[FIELDS], out[FIELDS];
    int in_count, out_count, line;
    bool kept; /* its rows stay in memory, by their subject */
    bool ahead;
    char postgres[DOES_ROOM]; /* its spelling there, where it is another one */
    char sql[SQL_ROOM];
    size_t sql_len;
};

static struct statement statements[STATEMENTS];
static int statement_count;
static const char *source;
static int source_line;

__attribute__((noreturn, format(printf, 1, 2))) static void stop(const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s:%d: ", source, source_line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static FILE *open_or_stop(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
    return file;
}

/* ---- reading the catalogue ---- */

static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

static void keep(char *to, size_t room, const char *text)
{
    if (snprintf(to, room, "%s", text) >= (int)room)
        stop("\"%s\" is longer than %zu bytes", text, room - 1);
}

static const struct type *type_named(const char *word)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].word, word) == 0)
            return &types[i];
    stop("there is no type \"%s\"", word);
}

static void read_fields(char *text, struct field *fields, int *count)
{
    for (char *rest = text; rest != NULL;) {
        char *comma = strchr(rest, ',');
        if (comma != NULL)
            *comma = '\0';
        char *name = trimmed(rest);
        char *space = strchr(name, ' ');
        if (space == NULL)
            stop("\"%s\" has no type", name);
        *space = '\0';
        if (*count == FIELDS)
            stop("more than %d fields", FIELDS);
        keep(fields[*count].name, NAME_ROOM, name);
        fields[*count].type = type_named(trimmed(space + 1));
        (*count)++;
        rest = comma == NULL ? NULL : comma + 1;
    }
}

static struct statement *statement_new(const char *name)
{
    for (int i = 0; i < statement_count; i++)
        if (strcmp(statements[i].name, name) == 0)
            stop("\"%s\" is there twice", name);
    if (statement_count == STATEMENTS)
        stop("more than %d statements", STATEMENTS);
    struct statement *statement = &statements[statement_count++];
    keep(statement->name, NAME_ROOM, name);
    keep(statement->gives, NAME_ROOM, "nothing");
    statement->line = source_line;
    return statement;
}

/* "-- key: value" of the catalogue; other comments are for its readers. */
static struct statement *read_comment(struct statement *now, char *text)
{
    if (strncmp(text, "-- ", 3) != 0)
        return now;
    char *key = text + 3;
    char *colon = key + strspn(key, "abcdefghijklmnopqrstuvwxyz");
    if (colon == key || *colon != ':')
        return now;
    *colon = '\0';
    char *value = trimmed(colon + 1);
    if (strcmp(key, "name") == 0)
        return statement_new(value);
    if (now == NULL)
        return now;
    if (strcmp(key, "does") == 0)
        keep(now->does, DOES_ROOM, value);
    else if (strcmp(key, "file") == 0)
        keep(now->file, NAME_ROOM, value);
    else if (strcmp(key, "gives") == 0)
        keep(now->gives, NAME_ROOM, value);
    else if (strcmp(key, "mark") == 0)
        keep(now->mark, NAME_ROOM, value);
    else if (strcmp(key, "kept") == 0)
        now->kept = strcmp(value, "by subject") == 0;
    else if (strcmp(key, "ahead") == 0)
        now->ahead = strcmp(value, "yes") == 0;
    else if (strcmp(key, "postgres") == 0)
        keep(now->postgres, DOES_ROOM, value);
    else if (strcmp(key, "in") == 0)
        read_fields(value, now->in, &now->in_count);
    else if (strcmp(key, "out") == 0)
        read_fields(value, now->out, &now->out_count);
    else
        stop("there is no key \"%s\"", key);
    return now;
}

static bool one_of(const char *word, const char *words)
{
    char spaced[NAME_ROOM + 2];
    snprintf(spaced, sizeof(spaced), " %s ", word);
    return strstr(words, spaced) != NULL;
}

static void statement_check(const struct statement *statement)
{
    bool used[FIELDS + 1] = {false};
    source_line = statement->line;
    if (statement->does[0] == '\0')
        stop("%s does not say what it does", statement->name);
    if (!one_of(statement->file, " data keys both turn "))
        stop("%s names no file", statement->name);
    if (!one_of(statement->gives, " nothing changed one many "))
        stop("%s gives an unknown thing", statement->name);
    if (statement->postgres[0] != '\0' && !one_of(statement->file, " turn "))
        stop("%s has a spelling of its own, which only turns may", statement->name);
    if ((one_of(statement->gives, " one many ")) != (statement->out_count > 0))
        stop("%s has columns and gives no row, or the other way round", statement->name);
    if (statement->ahead &&
        (statement->in_count == 0 || strcmp(statement->in[0].name, "subject") != 0))
        stop("%s is asked ahead and does not begin with its subject", statement->name);
    if (statement->mark[0] != '\0' && !one_of(statement->mark, " cross reference hashed log "))
        stop("%s has an unknown mark", statement->name);
    for (const char *at = strchr(statement->sql, '$'); at != NULL; at = strchr(at + 1, '$')) {
        long number = strtol(at + 1, NULL, 10);
        if (number < 1 || number > statement->in_count)
            stop("%s has no parameter $%ld", statement->name, number);
        used[number] = true;
    }
    for (int i = 1; i <= statement->in_count; i++)
        if (!used[i])
            stop("%s does not use $%d", statement->name, i);
}

static void add_sql(struct statement *now, const char *text)
{
    if (now == NULL)
        stop("SQL before the first name");
    const char *gap = now->sql_len == 0 ? "" : " ";
    int len = snprintf(now->sql + now->sql_len, SQL_ROOM - now->sql_len, "%s%s", gap, text);
    if (len < 0 || (size_t)len >= SQL_ROOM - now->sql_len)
        stop("%s is longer than %d bytes", now->name, SQL_ROOM);
    now->sql_len += (size_t)len;
}

static void read_catalogue(const char *path)
{
    char line[1024];
    struct statement *now = NULL;
    bool ended = true;
    FILE *file = open_or_stop(path, "r");
    source = path;
    while (fgets(line, sizeof(line), file) != NULL) {
        source_line++;
        char *text = trimmed(line);
        if (strncmp(text, "--", 2) == 0) {
            struct statement *next = read_comment(now, text);
            if (next != now && !ended)
                stop("the statement before has no semicolon");
            now = next;
            continue;
        }
        if (*text == '\0')
            continue;
        ended = text[strlen(text) - 1] == ';';
        if (ended)
            text[strlen(text) - 1] = '\0';
        add_sql(now, text);
    }
    fclose(file);
    for (int i = 0; i < statement_count; i++)
        statement_check(&statements[i]);
}

/* ---- writing ---- */

static void put_quoted(FILE *out, const char *text, char dollar)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            fputs("\\n\"\n    \"", out);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fputc(*text == '$' ? dollar : *text, out);
    }
    fputc('"', out);
}

/* Where a name of a table begins after this place; NULL when there is none. */
static const char *next_table(const char *at)
{
    static const char *const words[] = {"FROM ", "INTO ", "UPDATE "};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *found = strstr(at, words[i]);
        while (found != NULL && strncmp(found, "UPDATE SET ", 11) == 0)
            found = strstr(found + 1, words[i]);
        if (found != NULL && (first == NULL || found + strlen(words[i]) < first))
            first = found + strlen(words[i]);
    }
    return first;
}

/* For PostgreSQL, each table within a schema that is not known yet. */
static void put_placed(FILE *out, const char *sql)
{
    char placed[SQL_ROOM + 200] = "";
    size_t len = 0;
    for (const char *table; (table = next_table(sql)) != NULL; sql = table)
        len += (size_t)snprintf(placed + len, sizeof(placed) - len, "%.*s:schema.",
                                (int)(table - sql), sql);
    if (snprintf(placed + len, sizeof(placed) - len, "%s", sql) >= (int)(sizeof(placed) - len))
        stop("a statement is too long");
    put_quoted(out, placed, '$');
}

static void put_upper(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(toupper((unsigned char)*text), out);
}

/* The same text for each %s. */
static void put_with(FILE *out, const char *format, const char *name)
{
    for (; *format != '\0'; format++) {
        if (format[0] == '%' && format[1] == 's') {
            fputs(name, out);
            format++;
        } else {
            fputc(*format, out);
        }
    }
}

static bool gives(const struct statement *statement, const char *what)
{
    return strcmp(statement->gives, what) == 0;
}

/* Turns are db.c's own. */
static bool is_public(const struct statement *statement)
{
    return strcmp(statement->file, "turn") != 0;
}

static bool copies(const struct statement *statement)
{
    for (int i = 0; i < statement->out_count; i++)
        if (statement->out[i].type->from_value == NULL)
            return true;
    return false;
}

static void put_struct(FILE *out, const struct statement *statement, const char *suffix,
                       const struct field *fields, int count)
{
    if (count == 0)
        return;
    fprintf(out, "struct db_%s_%s {\n", statement->name, suffix);
    for (int i = 0; i < count; i++)
        fprintf(out, "    %s %s;\n", fields[i].type->c, fields[i].name);
    fprintf(out, "};\n");
}

enum variant { RUN, ALL, EACH };

static void put_ahead_signature(FILE *out, const struct statement *s)
{
    fprintf(out, "void db_%s_ahead(struct db *db, const struct db_%s_in *in)", s->name, s->name);
}

static void put_signature(FILE *out, const struct statement *s, enum variant variant)
{
    fprintf(out, "status db_%s%s(struct db *db", s->name,
            variant == ALL    ? "_all"
            : variant == EACH ? "_each"
                              : "");
    if (s->in_count > 0)
        fprintf(out, ", const struct db_%s_in *in", s->name);
    if (variant == ALL || (gives(s, "one") && copies(s)))
        fprintf(out, ", struct arena *arena");
    if (variant == EACH)
        fprintf(out,
                ", status (*each)(void *self, const struct db_%s_row *row, struct report *report)"
                ", void *self",
                s->name);
    fprintf(out, ", struct report *report");
    if (gives(s, "changed"))
        fprintf(out, ", uint64_t *changed");
    if (gives(s, "one"))
        fprintf(out, ", bool *found, struct db_%s_row *row", s->name);
    if (variant == ALL)
        fprintf(out, ", struct db_%s_row **rows, size_t *count", s->name);
    fprintf(out, ")");
}

static void put_header(FILE *out)
{
    fprintf(
        out,
        "/* Made of statements.sql by tools/embed.c. One function for each statement.\n"
        " *\n"
        " * db_x()      one row: its bytes are copied into the arena; a count of rows that need\n"
        " *             not be known is not asked for with NULL\n"
        " * db_x_all()  all rows, in the arena\n"
        " * db_x_each() row by row; its bytes are borrowed until `each` returns, which must\n"
        " *             not run the same statement\n"
        " * db_x_ahead() the same will be asked in this turn: where that takes time, it is asked\n"
        " *             together with what is asked next. It may be said for nothing\n"
        " */\n"
        "#ifndef VERN_STATEMENTS_GEN_H\n#define VERN_STATEMENTS_GEN_H\n"
        "#include \"value.h\"\n\nstruct db;\n\nenum statement {\n");
    for (int i = 0; i < statement_count; i++) {
        fprintf(out, "    STATEMENT_");
        put_upper(out, statements[i].name);
        fprintf(out, ",\n");
    }
    fprintf(out, "    STATEMENT_COUNT\n};\n");
    for (int i = 0; i < statement_count; i++) {
        const struct statement *s = &statements[i];
        if (!is_public(s))
            continue;
        fprintf(out, "\n/* %s */\n", s->does);
        put_struct(out, s, "in", s->in, s->in_count);
        put_struct(out, s, "row", s->out, s->out_count);
        for (enum variant v = gives(s, "many") ? ALL : RUN; v <= (gives(s, "many") ? EACH : RUN);
             v++) {
            fprintf(out, "MUST_CHECK ");
            put_signature(out, s, v);
            fprintf(out, ";\n");
        }
        if (s->ahead) {
            put_ahead_signature(out, s);
            fprintf(out, ";\n");
        }
    }
    fprintf(out, "\n#endif\n");
}

static void put_reader(FILE *out, const struct statement *s)
{
    fprintf(out,
            "\nstatic status %s_read(struct db *db, const struct value *from%s, "
            "struct report *report, struct db_%s_row *row)\n{\n",
            s->name, copies(s) ? ", struct arena *arena" : "", s->name);
    for (int i = 0; i < s->out_count; i++) {
        const struct field *field = &s->out[i];
        const char *take = field->type->from_value;
        if (take == NULL)
            fprintf(out, "    TRY(db_take_text_(db, &from[%d], arena, report, &row->%s));\n", i,
                    field->name);
        else if (strcmp(take, "db_take_bytes_") == 0)
            fprintf(out,
                    "    TRY(%s(db, &from[%d], row->%s.bytes, sizeof(row->%s.bytes), report));\n",
                    take, i, field->name, field->name);
        else
            fprintf(out, "    TRY(%s(db, &from[%d], report, &row->%s));\n", take, i, field->name);
    }
    fprintf(out, "    return OK;\n}\n");
}

static void put_values(FILE *out, const struct statement *s)
{
    fprintf(out, "    const struct value values[] = {\n");
    for (int i = 0; i < s->in_count; i++) {
        fprintf(out, "        ");
        put_with(out, s->in[i].type->to_value, s->in[i].name);
        fprintf(out, ",\n");
    }
    fprintf(out, "    };\n");
}

static void put_ahead(FILE *out, const struct statement *s)
{
    fprintf(out, "\n");
    put_ahead_signature(out, s);
    fprintf(out, "\n{\n");
    put_values(out, s);
    fprintf(out, "    db_ahead_(db, STATEMENT_");
    put_upper(out, s->name);
    fprintf(out, ", values);\n}\n");
}

static void put_start(FILE *out, const struct statement *s)
{
    if (s->in_count == 0) {
        fprintf(out, "    TRY(db_start_(db, STATEMENT_");
        put_upper(out, s->name);
        fprintf(out, ", NULL, report));\n");
        return;
    }
    put_values(out, s);
    fprintf(out, "    TRY(db_start_(db, STATEMENT_");
    put_upper(out, s->name);
    fprintf(out, ", values, report));\n");
}

static void put_finish(FILE *out, const struct statement *s)
{
    fprintf(out, "    db_finish_(db, STATEMENT_");
    put_upper(out, s->name);
    fprintf(out, ");\n    return result;\n}\n");
}

static void put_next(FILE *out, const struct statement *s, const char *gap, const char *found)
{
    fprintf(out, "%s    result = db_next_(db, STATEMENT_", gap);
    put_upper(out, s->name);
    fprintf(out, ", %s, %s, report);\n", s->out_count > 0 ? "from" : "NULL", found);
}

static void put_run(FILE *out, const struct statement *s)
{
    fprintf(out, "\n");
    put_signature(out, s, RUN);
    fprintf(out, "\n{\n");
    put_start(out, s);
    fprintf(out, "    status result;\n");
    if (gives(s, "one"))
        fprintf(out, "    struct value from[%d];\n", s->out_count);
    else
        fprintf(out, "    bool ignored = false, *found = &ignored;\n");
    put_next(out, s, "", "found");
    if (gives(s, "changed"))
        fprintf(out, "    if (changed != NULL)\n        *changed = 0;\n"
                     "    if (is_ok(result) && changed != NULL)\n"
                     "        result = db_changed_(db, report, changed);\n");
    if (gives(s, "one"))
        fprintf(out,
                "    if (is_ok(result) && *found)\n        result = %s_read(db, from%s, report, "
                "row);\n",
                s->name, copies(s) ? ", arena" : "");
    put_finish(out, s);
}

static void put_all(FILE *out, const struct statement *s)
{
    fprintf(out, "\n");
    put_signature(out, s, ALL);
    fprintf(out, "\n{\n    LIST(struct db_%s_row) list = {0};\n    struct value from[%d];\n",
            s->name, s->out_count);
    put_start(out, s);
    fprintf(out, "    bool found = true;\n    status result = OK;\n    while (found) {\n");
    put_next(out, s, "    ", "&found");
    fprintf(out,
            "        if (!is_ok(result) || !found)\n            break;\n"
            "        struct db_%s_row *row = LIST_ADD(arena, &list);\n"
            "        result = row == NULL ? NO_MEMORY(report) : %s_read(db, from%s, report, row);\n"
            "        if (!is_ok(result))\n            break;\n    }\n"
            "    *rows = list.at;\n    *count = list.count;\n",
            s->name, s->name, copies(s) ? ", arena" : "");
    put_finish(out, s);
}

static void put_each(FILE *out, const struct statement *s)
{
    fprintf(out, "\n");
    put_signature(out, s, EACH);
    fprintf(out, "\n{\n    struct db_%s_row row;\n    struct value from[%d];\n", s->name,
            s->out_count);
    put_start(out, s);
    fprintf(out, "    bool found = true;\n    status result = OK;\n    while (found) {\n");
    put_next(out, s, "    ", "&found");
    fprintf(out,
            "        if (is_ok(result) && found)\n"
            "            result = %s_read(db, from%s, report, &row);\n"
            "        if (is_ok(result) && found)\n"
            "            result = each(self, &row, report);\n"
            "        if (!is_ok(result))\n            break;\n    }\n",
            s->name, copies(s) ? ", NULL" : "");
    put_finish(out, s);
}

static bool reads(const struct statement *s)
{
    return strncmp(s->sql, "SELECT", 6) == 0;
}

/* The table that it reads from or writes to, as far as a space; every statement has one at most. */
static const char *table_of(const struct statement *s, size_t *len)
{
    const char *at = next_table(s->sql);
    *len = at == NULL ? 0 : strcspn(at, " ;");
    return at;
}

static bool same_table(const struct statement *a, const struct statement *b)
{
    size_t len, other;
    const char *table = table_of(a, &len), *another = table_of(b, &other);
    return len > 0 && len == other && strncmp(table, another, len) == 0;
}

/* Writes what a kept statement reads. */
static bool forgets(const struct statement *s)
{
    for (int i = 0; i < statement_count; i++)
        if (!reads(s) && statements[i].kept && same_table(s, &statements[i]))
            return true;
    return false;
}

static const char *truth(bool is)
{
    return is ? "true" : "false";
}

static int subject_of(const struct statement *s)
{
    for (int i = 0; i < s->in_count; i++)
        if (strcmp(s->in[i].name, "subject") == 0)
            return i;
    return -1;
}

static void put_table(FILE *out)
{
    int kept = 0;
    fprintf(out, "\nconst struct statement_text statement_texts[STATEMENT_COUNT] = {\n");
    for (int i = 0; i < statement_count; i++) {
        const struct statement *s = &statements[i];
        fprintf(out, "    {\"%s\", \"%s\", \"%s\", %d, %d, %s, %s, %s, %d, %s, %d,\n     ", s->name,
                s->file, s->mark, s->in_count, s->out_count, truth(!reads(s)), truth(s->ahead),
                truth(gives(s, "one")), s->kept ? ++kept : 0, truth(forgets(s)), subject_of(s));
        put_quoted(out, s->sql, '?');
        fprintf(out, ",\n     ");
        put_quoted(out, s->postgres[0] == '\0' ? s->sql : s->postgres, '$');
        fprintf(out, ",\n     ");
        put_placed(out, s->postgres[0] == '\0' ? s->sql : s->postgres);
        fprintf(out, "},\n");
    }
    fprintf(out, "};\n");
}

static void put_script(FILE *out, const char *path)
{
    static char text[64 << 10];
    FILE *file = open_or_stop(path, "r");
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    source = path;
    source_line = 1;
    if (len == sizeof(text) - 1)
        stop("longer than %zu bytes", sizeof(text) - 1);
    text[len] = '\0';
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    fprintf(out, "    {\"%s\",\n    ", name);
    put_quoted(out, text, '$');
    fprintf(out, "},\n");
}

static void put_source(FILE *out, char **scripts, int script_count)
{
    fprintf(out, "/* Made of statements.sql and the migrations by tools/embed.c. */\n"
                 "#include \"statements.gen.h\"\n#include \"db_internal.h\"\n");
    put_table(out);
    fprintf(out, "\nconst struct script scripts[] = {\n");
    for (int i = 0; i < script_count; i++)
        put_script(out, scripts[i]);
    fprintf(out, "};\nconst size_t script_count = LENGTH(scripts);\n");
    for (int i = 0; i < statement_count; i++) {
        const struct statement *s = &statements[i];
        if (!is_public(s))
            continue;
        if (s->out_count > 0)
            put_reader(out, s);
        if (!gives(s, "many"))
            put_run(out, s);
        if (gives(s, "many")) {
            put_all(out, s);
            put_each(out, s);
        }
        if (s->ahead)
            put_ahead(out, s);
    }
}

static FILE *output(const char *folder, const char *name)
{
    char path[4096];
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        exit(1);
    return open_or_stop(path, "w");
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: embed FOLDER STATEMENTS.sql SCRIPT.sql...\n");
        return 64;
    }
    read_catalogue(argv[2]);
    FILE *header = output(argv[1], "statements.gen.h");
    put_header(header);
    FILE *body = output(argv[1], "statements.gen.c");
    put_source(body, argv + 3, argc - 3);
    return fclose(header) == 0 && fclose(body) == 0 ? 0 : 1;
}
