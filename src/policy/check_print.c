/* The table of rules for readers, and problems as JSON and as SARIF. */
#include "check.h"
#include "json.h"

const char *rule_class_name(enum rule_class class)
{
    static const char *const NAMES[] = {
        [RULE_COMPUTED] = "computed", [RULE_EDITORIAL] = "editorial", [RULE_EITHER] = "either"};
    return NAMES[class];
}

const char *severity_name(enum severity severity)
{
    static const char *const NAMES[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_INFO] = "info"};
    return NAMES[severity];
}

void rules_print(struct buf *out)
{
    buf_text(
        out,
        "# The linter's rules\n\n"
        "Printed from `src/policy/rules.def`; a test compares the two. *computed*: the plan shows "
        "it, and an\nentry of `findings` must match something found, else it is stale. "
        "*editorial*: it is in the\ndocument's prose, and an entry asserts it. *either*: found "
        "where the plan shows it; where the file\nhas the lawful reading instead, an entry "
        "asserts what the document said.\n\n"
        "The severity is the usual one. `src/policy/check_severity.c` says where the context "
        "makes it another:\na hole in one clause is a warning, since the clause stays closed; "
        "a policy that says nothing of\nthe kind at all is an error.\n\n"
        "Errors keep a strict load from succeeding. Besides these rules there are `hole` (a value "
        "that is "
        "open\nand that no rule speaks of), `stale` and `unknown-rule` (of entries of "
        "`findings`).\n\n"
        "| rule | class | severity | article | what is wrong | what to write | på norsk | skriv |\n"
        "|---|---|---|---|---|---|---|---|\n");
    for (unsigned rule = RULE_NONE + 1; rule < RULE_COUNT; rule++) {
        const struct rule_row *row = rule_row((enum rule)rule);
        buf_format(out, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", row->code,
                   rule_class_name(row->class), severity_name(row->severity), row->article, row->en,
                   row->write, row->nb, row->skriv);
    }
}

static void member(struct json_out *json, const char *name, str text)
{
    if (text.len == 0)
        return;
    json_key(json, name);
    json_put_str(json, text);
}

void problems_json(const struct problems *problems, struct buf *out)
{
    struct json_out json = json_out_over(out);
    json_open_array(&json);
    for (size_t i = 0; i < problems->list.count; i++) {
        const struct problem *p = &problems->list.at[i];
        json_open_object(&json);
        json_key(&json, "severity");
        json_put_text(&json, severity_name(p->severity));
        member(&json, "rule", p->rule);
        member(&json, "id", p->id);
        member(&json, "file", p->file);
        json_key(&json, "line");
        json_put_u64(&json, p->line);
        json_key(&json, "column");
        json_put_u64(&json, p->column);
        member(&json, "path", p->path);
        member(&json, "text", p->text);
        member(&json, "suggestion", p->suggestion);
        member(&json, "article", p->article);
        json_close_object(&json);
    }
    json_close_array(&json);
}

/* ---- in Norwegian ---- */

static const char *norwegian_of(str code)
{
    static const char *const OTHERS[][2] = {
        {"hole", "en verdi er ikke oppgitt (unspecified); bestemmelsen er stengt til den er det"},
        {"stale", "oppføringen i findings passer ikke til noe som ble funnet"},
        {"unknown-rule", "oppføringen i findings nevner en regel som ikke finnes"}};
    enum rule rule = rule_find(code);
    if (rule != RULE_NONE)
        return rule_row(rule)->nb;
    for (size_t i = 0; i < LENGTH(OTHERS); i++) {
        if (str_is(code, OTHERS[i][0]))
            return OTHERS[i][1];
    }
    return NULL;
}

void problems_in_norwegian(struct problems *problems)
{
    for (size_t i = 0; i < problems->list.count; i++) {
        struct problem *problem = &problems->list.at[i];
        const char *text = norwegian_of(problem->rule);
        enum rule rule = rule_find(problem->rule);
        if (text == NULL)
            continue;
        str said = arena_format(problems->arena, "%.*s%s%s", STR_ARG(problem->path),
                                str_is_empty(problem->path) ? "" : ": ", text);
        if (said.ptr != NULL)
            problem->text = said;
        if (rule != RULE_NONE)
            problem->suggestion = str_from(rule_row(rule)->skriv);
    }
}

/* ---- SARIF 2.1.0 ---- */

static void text_object(struct json_out *json, const char *name, str text)
{
    json_key(json, name);
    json_open_object(json);
    json_key(json, "text");
    json_put_str(json, text);
    json_close_object(json);
}

static bool met_before(const struct problems *problems, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (str_equal(problems->list.at[i].rule, problems->list.at[at].rule))
            return true;
    }
    return false;
}

static void sarif_rule(struct json_out *json, str code)
{
    enum rule rule = rule_find(code);
    json_open_object(json);
    json_key(json, "id");
    json_put_str(json, code);
    if (rule != RULE_NONE) {
        const struct rule_row *row = rule_row(rule);
        text_object(json, "shortDescription", str_from(row->en));
        text_object(json, "help", str_from(row->write));
        json_key(json, "properties");
        json_open_object(json);
        json_key(json, "article");
        json_put_text(json, row->article);
        json_key(json, "nb");
        json_put_text(json, row->nb);
        json_key(json, "skriv");
        json_put_text(json, row->skriv);
        json_close_object(json);
    }
    json_close_object(json);
}

/* A file's name as a reference of RFC 3986. */
static void put_uri(struct json_out *json, str file, struct arena *arena)
{
    static const char plain[] = "-._~/!$&'()*+,;=@";
    struct buf uri = buf_in(arena, 3 * file.len + 1);
    for (size_t i = 0; i < file.len; i++) {
        char c = file.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || memchr(plain, c, sizeof(plain) - 1) != NULL)
            buf_char(&uri, c);
        else
            buf_format(&uri, "%%%02X", (unsigned)(unsigned char)c);
    }
    json_put_str(json, buf_str(&uri));
}

static void sarif_place(struct json_out *json, const struct problem *problem, struct arena *arena)
{
    json_key(json, "locations");
    json_open_array(json);
    json_open_object(json);
    json_key(json, "physicalLocation");
    json_open_object(json);
    json_key(json, "artifactLocation");
    json_open_object(json);
    json_key(json, "uri");
    put_uri(json, problem->file, arena);
    json_close_object(json);
    if (problem->line > 0) {
        json_key(json, "region");
        json_open_object(json);
        json_key(json, "startLine");
        json_put_u64(json, problem->line);
        if (problem->column > 0) {
            json_key(json, "startColumn");
            json_put_u64(json, problem->column);
        }
        json_close_object(json);
    }
    json_close_object(json);
    json_close_object(json);
    json_close_array(json);
}

static void sarif_result(struct json_out *json, const struct problem *problem, struct arena *arena)
{
    static const char *const LEVELS[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_INFO] = "note"};
    json_open_object(json);
    member(json, "ruleId", problem->rule);
    json_key(json, "level");
    json_put_text(json, LEVELS[problem->severity]);
    text_object(json, "message", problem->text);
    sarif_place(json, problem, arena);
    json_key(json, "properties");
    json_open_object(json);
    member(json, "finding", problem->id);
    member(json, "path", problem->path);
    member(json, "article", problem->article);
    member(json, "suggestion", problem->suggestion);
    json_close_object(json);
    json_close_object(json);
}

void problems_sarif(const struct problems *problems, const char *version, struct buf *out)
{
    struct json_out json = json_out_over(out);
    json_open_object(&json);
    json_key(&json, "$schema");
    json_put_text(&json, "https://json.schemastore.org/sarif-2.1.0.json");
    json_key(&json, "version");
    json_put_text(&json, "2.1.0");
    json_key(&json, "runs");
    json_open_array(&json);
    json_open_object(&json);
    json_key(&json, "tool");
    json_open_object(&json);
    json_key(&json, "driver");
    json_open_object(&json);
    json_key(&json, "name");
    json_put_text(&json, "vern");
    json_key(&json, "version");
    json_put_text(&json, version);
    json_key(&json, "rules");
    json_open_array(&json);
    for (size_t i = 0; i < problems->list.count; i++) {
        if (!met_before(problems, i) && problems->list.at[i].rule.len > 0)
            sarif_rule(&json, problems->list.at[i].rule);
    }
    json_close_array(&json);
    json_close_object(&json);
    json_close_object(&json);
    json_key(&json, "columnKind");
    json_put_text(&json, "unicodeCodePoints");
    json_key(&json, "results");
    json_open_array(&json);
    for (size_t i = 0; i < problems->list.count; i++)
        sarif_result(&json, &problems->list.at[i], problems->arena);
    json_close_array(&json);
    json_close_object(&json);
    json_close_array(&json);
    json_close_object(&json);
    buf_char(out, '\n');
}
