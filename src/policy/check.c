/* The run of the check: handlers find, entries of the file lend their ids, problems come out. */
#include <stdio.h>
#include "check_internal.h"

static const struct rule_row rows[RULE_COUNT] = {
    [RULE_NONE] = {"hole", RULE_COMPUTED, SEVERITY_INFO, "", "hull", "a value that is open", "",
                   ""},
#define RULE(name, code, class, severity, article, nb, en, write, skriv)                           \
    [RULE_##name] = {code, RULE_##class, SEVERITY_##severity, article, nb, en, write, skriv},
#include "rules.def"
};

const struct rule_row *rule_row(enum rule rule)
{
    assert(rule < RULE_COUNT);
    return &rows[rule];
}

enum rule rule_find(str code)
{
    for (unsigned rule = RULE_NONE + 1; rule < RULE_COUNT; rule++)
        if (str_is(code, rows[rule].code))
            return (enum rule)rule;
    return RULE_NONE;
}

/* ---- findings ---- */

/* A clause that is one hole says nothing that could be wrong; all that is told of it is the hole.
 */
static void add(struct check *c, struct found found)
{
    if (found.clause != NULL && clause_is_hole(found.clause)) {
        if (!found.hole)
            return;
        found.text = STR("everything");
    }
    struct found *added = LIST_ADD(c->arena, &c->list);
    if (added == NULL || found.text.ptr == NULL || found.path.ptr == NULL)
        c->failed = true;
    else
        *added = found;
}

__attribute__((format(printf, 2, 0))) static str text_of(struct check *c, const char *format,
                                                         va_list arguments)
{
    char text[1024];
    int len = vsnprintf(text, sizeof(text), format, arguments);
    size_t kept = len < 0 ? 0 : (size_t)len;
    return arena_copy(c->arena, (str){text, kept < sizeof(text) ? kept : sizeof(text) - 1});
}

void found_add(struct check *c, enum rule rule, const struct clause *clause, str path,
               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    str text = text_of(c, format, arguments);
    va_end(arguments);
    add(c, (struct found){rule, rows[rule].severity, clause, path, text, false, false});
}

void found_severe(struct check *c, enum rule rule, enum severity severity,
                  const struct clause *clause, str path, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    str text = text_of(c, format, arguments);
    va_end(arguments);
    add(c, (struct found){rule, severity, clause, path, text, false, false});
}

void found_hole(struct check *c, enum rule rule, enum severity severity,
                const struct clause *clause, str path)
{
    add(c, (struct found){rule, severity, clause, path, path_key(path), true, false});
}

/* ---- problems ---- */

struct output {
    struct check *check;
    struct problems *problems;
};

static str file_of(const struct plan *plan, const struct clause *clause)
{
    bool deployed = clause != NULL && clause->from_deployment && plan->deployment_file.len > 0;
    return deployed ? plan->deployment_file : plan->file;
}

static void problem_add(struct output *o, enum rule rule, struct problem problem,
                        const struct clause *clause)
{
    struct report report = {0};
    problem.file = file_of(o->check->plan, clause);
    problem.line = clause == NULL || clause->line == 0 ? 1 : clause->line;
    problem.column = clause == NULL || clause->line == 0 ? 1 : clause->column;
    if (rule != RULE_NONE) {
        problem.rule = str_from(rows[rule].code);
        problem.article = str_from(rows[rule].article);
        problem.suggestion = str_from(rows[rule].write);
    }
    if (!is_ok(problems_add(o->problems, &problem, &report)))
        o->check->failed = true;
}

static str note_of(const struct plan *plan, const struct plan_finding *entry)
{
    if (entry->says.len > 0)
        return entry->says;
    const struct says *says = &entry->clause.says;
    for (uint16_t i = 0; i < says->count; i++)
        if (plan->language_count == 0 || says->at[i].language == plan->languages[0])
            return says->at[i].text;
    return says->count > 0 ? says->at[0].text : STR("");
}

static void entry_assert(struct output *o, const struct plan_finding *entry, enum rule rule)
{
    const struct plan *plan = o->check->plan;
    str note = note_of(plan, entry);
    const struct clause *clause = clause_at(plan, entry->at);
    struct problem problem = {.severity = severity_asserted(plan, rule, entry->at),
                              .id = entry->id,
                              .path = entry->at,
                              .text = note.len > 0 ? note : str_from(rows[rule].en)};
    problem_add(o, rule, problem, clause == NULL ? &entry->clause : clause);
}

static void entry_unmatched(struct output *o, const struct plan_finding *entry, enum rule rule)
{
    struct arena *arena = o->problems->arena;
    bool deployed = o->check->plan->deployed;
    struct problem problem = {
        .severity = deployed ? SEVERITY_INFO : SEVERITY_WARNING,
        .rule = STR("stale"),
        .path = entry->at,
        .text =
            arena_format(arena, "%.*s: %s %s at %.*s", STR_ARG(entry->id),
                         deployed ? "with the deployment file, there is no" : "the plan shows no",
                         rows[rule].code, STR_ARG(entry->at)),
        .suggestion = deployed ? STR("") : STR("no such entry")};
    problem_add(o, RULE_NONE, problem, &entry->clause);
}

static void entry_unknown(struct output *o, const struct plan_finding *entry)
{
    str best = STR("");
    unsigned distance = UINT32_MAX;
    for (unsigned rule = RULE_NONE + 1; rule < RULE_COUNT; rule++) {
        unsigned other = str_distance(entry->rule, str_from(rows[rule].code));
        if (other < distance) {
            distance = other;
            best = str_from(rows[rule].code);
        }
    }
    struct problem problem = {.severity = SEVERITY_ERROR,
                              .rule = STR("unknown-rule"),
                              .path = entry->clause.path,
                              .text = arena_format(o->problems->arena,
                                                   "%.*s: the linter has no rule `%.*s`",
                                                   STR_ARG(entry->id), STR_ARG(entry->rule)),
                              .suggestion = best};
    problem_add(o, RULE_NONE, problem, &entry->clause);
}

/* Marks what an entry is about: what was found at its path and below, else right above it. */
static size_t entry_claim(struct check *c, const struct plan_finding *entry, enum rule rule,
                          struct found **claimed, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < c->list.count && count < room; i++) {
        struct found *found = &c->list.at[i];
        if (!found->claimed && found->rule == rule && path_within(found->path, entry->at))
            claimed[count++] = found;
    }
    for (size_t i = 0; i < c->list.count && count == 0; i++) {
        struct found *found = &c->list.at[i];
        if (!found->claimed && found->rule == rule && path_within(entry->at, found->path))
            claimed[count++] = found;
    }
    for (size_t i = 0; i < count; i++)
        claimed[i]->claimed = true;
    return count;
}

/* True when all are the same key left open, as in "basis is unspecified in purposes.a, purposes.b".
 */
static bool same_key(struct found *const *claimed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!claimed[i]->hole || !str_equal(claimed[i]->text, claimed[0]->text))
            return false;
    return count > 1;
}

static void claimed_put(struct buf *text, struct found *const *claimed, size_t count)
{
    bool same = same_key(claimed, count);
    if (same) {
        buf_add(text, claimed[0]->text);
        buf_text(text, " is unspecified in ");
    }
    for (size_t i = 0; i < count; i++) {
        buf_text(text, i == 0 ? "" : same ? ", " : "; ");
        buf_add(text, same               ? claimed[i]->clause->path
                      : claimed[i]->hole ? claimed[i]->path
                                         : claimed[i]->text);
        if (!same && claimed[i]->hole)
            buf_text(text, " is unspecified");
    }
}

static str claimed_text(struct output *o, struct found *const *claimed, size_t count, str note)
{
    struct buf text = buf_in(o->problems->arena, 64 << 10);
    claimed_put(&text, claimed, count);
    if (note.len > 0) {
        buf_text(&text, " (");
        buf_add(&text, note);
        buf_char(&text, ')');
    }
    o->check->failed |= text.full;
    return text.ptr == NULL ? STR("") : buf_str(&text);
}

static void entry_match(struct output *o, const struct plan_finding *entry, enum rule rule)
{
    struct found *claimed[64];
    size_t count = entry_claim(o->check, entry, rule, claimed, LENGTH(claimed));
    if (count == 0 && rows[rule].class == RULE_EITHER) {
        entry_assert(o, entry, rule);
    } else if (count == 0) {
        entry_unmatched(o, entry, rule);
    } else {
        struct problem problem = {.id = entry->id, .path = entry->at, .severity = SEVERITY_INFO};
        for (size_t i = 0; i < count; i++)
            if (claimed[i]->severity < problem.severity)
                problem.severity = claimed[i]->severity;
        problem.text = claimed_text(o, claimed, count, note_of(o->check->plan, entry));
        problem_add(o, rule, problem, claimed[0]->clause);
    }
}

static void entry_report(struct output *o, const struct plan_finding *entry)
{
    enum rule rule = rule_find(entry->rule);
    if (rule == RULE_NONE)
        entry_unknown(o, entry);
    else if (rows[rule].class == RULE_EDITORIAL)
        entry_assert(o, entry, rule);
    else
        entry_match(o, entry, rule);
}

/* The most particular paths choose first, so that an entry for a whole section takes the rest. */
static status entries_report(struct output *o)
{
    const struct plan *plan = o->check->plan;
    bool *done = ARENA_ARRAY(o->check->arena, bool, plan->finding_count);
    if (plan->finding_count > 0 && done == NULL)
        return (status){FAULT_LIMIT};
    for (uint16_t round = 0; round < plan->finding_count; round++) {
        uint16_t next = 0;
        while (done[next])
            next++;
        for (uint16_t i = next; i < plan->finding_count; i++)
            if (!done[i] && plan->finding[i].at.len > plan->finding[next].at.len)
                next = i;
        done[next] = true;
        entry_report(o, &plan->finding[next]);
    }
    return OK;
}

/* ---- what no entry names ---- */

static bool same_group(const struct found *a, const struct found *b)
{
    return a->hole && b->hole && !a->claimed && !b->claimed && a->clause == b->clause;
}

/* The same was said by an earlier one: each rule finds everything open in a clause that is one
 * hole. */
static bool said_before(const struct check *c, size_t from, size_t index)
{
    for (size_t i = from; i < index; i++)
        if (same_group(&c->list.at[i], &c->list.at[index]) &&
            str_equal(c->list.at[i].text, c->list.at[index].text))
            return true;
    return false;
}

static bool first_of_group(const struct check *c, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same_group(&c->list.at[i], &c->list.at[index]))
            return false;
    return true;
}

/* "purposes.x: basis, uses and keep are unspecified". The gravest of them gives the rule. */
static void group_report(struct output *o, size_t index)
{
    struct check *c = o->check;
    const struct found *first = &c->list.at[index];
    const struct found *worst = first;
    struct buf text = buf_in(o->problems->arena, 64 << 10);
    size_t count = 0, written = 0;
    for (size_t i = index; i < c->list.count; i++) {
        const struct found *other = &c->list.at[i];
        count += same_group(first, other) && !said_before(c, index, i);
        if (same_group(first, other) && other->severity < worst->severity)
            worst = other;
    }
    buf_add(&text, first->clause == NULL || first->clause == &c->plan->top ? STR("the policy")
                                                                           : first->clause->path);
    buf_text(&text, ": ");
    for (size_t i = index; i < c->list.count; i++) {
        if (!same_group(first, &c->list.at[i]) || said_before(c, index, i))
            continue;
        buf_text(&text, written == 0 ? "" : written + 1 == count ? " and " : ", ");
        buf_add(&text, c->list.at[i].text);
        written++;
    }
    buf_text(&text, count == 1 ? " is unspecified" : " are unspecified");
    if (first->clause != NULL && first->clause->closed)
        buf_text(&text, ", so the clause is closed");
    c->failed |= text.full || text.ptr == NULL;
    if (c->failed)
        return;
    bool single = count == 1 && (first->clause == NULL || !clause_is_hole(first->clause));
    struct problem problem = {.severity = worst->severity,
                              .rule = STR("hole"),
                              .path = single ? first->path : first->clause->path,
                              .text = buf_str(&text)};
    problem_add(o, worst->rule, problem, first->clause);
}

static void rest_report(struct output *o)
{
    struct check *c = o->check;
    for (size_t i = 0; i < c->list.count && !c->failed; i++) {
        const struct found *found = &c->list.at[i];
        if (found->claimed)
            continue;
        if (found->hole) {
            if (first_of_group(c, i))
                group_report(o, i);
            continue;
        }
        struct problem problem = {
            .severity = found->severity, .path = found->path, .text = found->text};
        problem_add(o, found->rule, problem, found->clause);
    }
}

/* By file and place; what stands at one place keeps its order. */
static bool stands_before(const struct problem *a, const struct problem *b)
{
    if (a->line != b->line)
        return a->line < b->line;
    return a->column < b->column;
}

static void problems_sort(struct problems *problems, size_t from)
{
    for (size_t i = from + 1; i < problems->list.count; i++) {
        struct problem moving = problems->list.at[i];
        size_t to = i;
        for (; to > from && stands_before(&moving, &problems->list.at[to - 1]); to--)
            problems->list.at[to] = problems->list.at[to - 1];
        problems->list.at[to] = moving;
    }
}

static void handlers_run(struct check *c)
{
    static check_handler *const HANDLERS[RULE_COUNT] = {
#define RUN_COMPUTED(name) [RULE_##name] = check_##name,
#define RUN_EITHER(name)   [RULE_##name] = check_##name,
#define RUN_EDITORIAL(name)
#define RULE(name, code, class, severity, article, nb, en, write, skriv) RUN_##class(name)
#include "rules.def"
    };
    for (unsigned rule = 0; rule < RULE_COUNT; rule++)
        if (HANDLERS[rule] != NULL)
            HANDLERS[rule](c);
    check_other_holes(c);
}

status plan_check(const struct plan *plan, struct problems *problems, struct report *report)
{
    assert(plan != NULL);
    assert(problems != NULL && problems->arena != NULL);

    size_t from = problems->list.count;
    struct check check = {.plan = plan, .arena = problems->arena};
    struct output output = {&check, problems};
    handlers_run(&check);
    if (check.failed || !is_ok(entries_report(&output)))
        return NO_MEMORY(report);
    rest_report(&output);
    if (check.failed)
        return NO_MEMORY(report);
    problems_sort(problems, from);
    return OK;
}
