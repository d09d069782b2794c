/* Is every clause of the five policies held by a test? Each is removed or weakened in turn, and the
 * policy's own tests (policies/tests) must notice: at least one fails, or the policy loads no more.
 * What only the linter sees must change what findings_test looks for. A mutant that prints the same
 * plan is no mutant. A mutant that all tests pass must be explained in
 * policies/tests/survivors.txt; an explanation of what a test notices is stale. The score is
 * printed.
 *
 * And is every obligation held by a test of its own? Of each that a test of the policy covers, one
 * of the clauses that cite it is taken out or weakened, and one of those very tests must fail.
 * Those of which none does stand in tests/mutation/rows.txt, with the test that fails in its place;
 * so do those that only tests in C prove. VERN_ROWS lists those that are held here.
 *
 * VERN_MUTANTS=confect looks at one policy only and lists its survivors. VERN_MUTANTS_TO=DIR writes
 * each explained survivor as a policy there, the whole ones as number 0, and DIR/list, for
 * tests/mutation/over-http; and DIR/rows with the mutants of obligations that stand in rows.txt,
 * for tests/mutation/rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "check.h"
#include "file.h"
#include "mutants.h"
#include "testrun.h"

enum { ARENA_BYTES = 256 << 20, RUN_BYTES = 64 << 20, TEXT_BYTES = 1 << 20, SURVIVORS_SHOWN = 400 };

static const char *const POLICIES[] = {"cobuilder", "infobric", "cloudberries", "hosting",
                                       "confect"};
static const char SURVIVORS[] = "policies/tests/survivors.txt";
static const char ROWS[] = "tests/mutation/rows.txt";

struct explained { /* "confect purposes.support.keep | removed | why" */
    str policy, path, change;
    bool met;
};

struct row { /* an obligation of the policy, and the clauses that cite it */
    str id;
    LIST(str) clauses;
    bool held; /* a test that covers it failed without one of them */
};

struct elsewhere { /* an obligation of rows.txt */
    str id;
    bool met;
};

struct hunt {
    struct arena *arena;
    str policy;
    struct policy_source deployment;
    bool deployed;
    struct policy_source tests[2]; /* confect.yaml, and confect.clauses.yaml where it is there */
    size_t test_count;
    LIST(struct explained) explained;
    LIST(struct row) rows;
    LIST(struct elsewhere) elsewhere;
    unsigned rows_wrong, put;
    str whole, findings; /* of the policy as it is */
    unsigned made, unloadable, equal, noticed, found, survived, unexplained;
};

/* ---- one mutant ---- */

struct loaded { /* with and without the deployment; NULL when it does not load */
    const struct plan *with, *without;
};

/* The tests are read anew each time: binding fills them for one plan. */
static struct test_file *read_tests(const struct policy_source *source, struct arena *arena)
{
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_file *file = NULL;
    if (!is_ok(testfile_read(source, arena, &problems, &report, &file)))
        fail_msg("%.*s: %s", STR_ARG(source->name), report.text);
    return file;
}

static const struct plan *load(struct hunt *hunt, const struct policy_source *policy, bool deployed,
                               const struct test *test, struct words *words, struct arena *arena)
{
    struct problems problems = {.arena = arena};
    struct report report = {0};
    const struct plan *plan = NULL;
    status loaded = plan_load(words, policy, deployed ? &hunt->deployment : NULL,
                              test == NULL ? NULL : test->with, test == NULL ? 0 : test->with_count,
                              arena, &problems, &report, &plan);
    return is_ok(loaded) ? plan : NULL;
}

static bool is_deployed(const struct hunt *hunt, const struct test *test)
{
    return hunt->deployed && test->deploy;
}

/* Does the test still pass? One that no longer fits the policy does not. */
static bool passes(struct test *test, const struct plan *plan)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(RUN_BYTES);
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_result result = {0};
    return is_ok(testfile_bind(test, plan, test->policy, arena, &problems, &report)) &&
           is_ok(testrun(test, plan, arena, &report, &result)) && result.passed;
}

/* A test with values of its own loads the policy for itself. */
static bool passes_alone(struct hunt *hunt, struct test *test, const struct policy_source *policy)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(RUN_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan = load(hunt, policy, is_deployed(hunt, test), test, words, arena);
    return plan != NULL && passes(test, plan);
}

/* Does a test of the file fail? Those that need no loading of their own come first. */
static bool notices(struct hunt *hunt, struct test_file *file, const struct loaded *loaded,
                    const struct policy_source *policy)
{
    for (int alone = 0; alone < 2; alone++) {
        for (uint16_t i = 0; i < file->count; i++) {
            struct test *test = &file->at[i];
            if ((test->with_count > 0) != (alone == 1))
                continue;
            const struct plan *plan = is_deployed(hunt, test) ? loaded->with : loaded->without;
            if (alone == 1 ? !passes_alone(hunt, test, policy) : !passes(test, plan))
                return true;
        }
    }
    return false;
}

/* ---- the obligations of a policy ---- */

#define ADD(hunt, list, value)                                                                     \
    do {                                                                                           \
        __typeof__((list)->at) place_ = LIST_ADD((hunt)->arena, list);                             \
        if (place_ == NULL)                                                                        \
            abort();                                                                               \
        *place_ = (value);                                                                         \
    } while (0)

static struct row *row_of(struct hunt *hunt, str id)
{
    for (size_t i = 0; i < hunt->rows.count; i++) {
        if (str_equal(hunt->rows.at[i].id, id))
            return &hunt->rows.at[i];
    }
    ADD(hunt, &hunt->rows, ((struct row){.id = arena_copy(hunt->arena, id)}));
    return &hunt->rows.at[hunt->rows.count - 1];
}

static void add_clause(void *self, str id, str path)
{
    struct hunt *hunt = self;
    struct row *row = row_of(hunt, id);
    ADD(hunt, &row->clauses, arena_copy(hunt->arena, path));
}

/* Is the change made in a clause that cites the obligation, or around one? */
static bool is_about(const struct row *row, str changed)
{
    for (size_t i = 0; i < row->clauses.count; i++) {
        str clause = row->clauses.at[i];
        str longer = clause.len > changed.len ? clause : changed;
        str shorter = clause.len > changed.len ? changed : clause;
        if (str_starts(longer, shorter) &&
            (longer.len == shorter.len || longer.ptr[shorter.len] == '.'))
            return true;
    }
    return false;
}

static bool covers(const struct test *test, str id)
{
    for (uint16_t i = 0; i < test->covers.count; i++) {
        if (str_equal(test->covers.at[i], id))
            return true;
    }
    return false;
}

static bool row_fails(struct hunt *hunt, const struct row *row, const struct loaded *loaded,
                      const struct policy_source *policy, struct arena *arena)
{
    for (size_t i = 0; i < hunt->test_count; i++) {
        struct test_file *file = read_tests(&hunt->tests[i], arena);
        for (uint16_t j = 0; j < file->count; j++) {
            struct test *test = &file->at[j];
            const struct plan *plan = is_deployed(hunt, test) ? loaded->with : loaded->without;
            if (covers(test, row->id) &&
                (test->with_count > 0 ? !passes_alone(hunt, test, policy) : !passes(test, plan)))
                return true;
        }
    }
    return false;
}

static void hold_rows(struct hunt *hunt, str changed, const struct loaded *loaded,
                      const struct policy_source *policy, struct arena *arena)
{
    for (size_t i = 0; i < hunt->rows.count; i++) {
        struct row *row = &hunt->rows.at[i];
        if (!row->held && is_about(row, changed))
            row->held = row_fails(hunt, row, loaded, policy, arena);
    }
}

/* ---- what no test can tell apart, and what the linter's test does ---- */

static str printed(const struct plan *plan, struct arena *arena)
{
    struct buf buf = buf_in(arena, TEXT_BYTES);
    struct report report = {0};
    str text;
    plan_print(plan, &buf);
    if (!is_ok(buf_finish(&buf, &report, &text)))
        fail_msg("%s", report.text);
    return text;
}

/* What the linter's own test looks for: the findings that the specification knows by an id, and
 * errors of any other kind. */
static str findings(const struct plan *plan, struct arena *arena)
{
    struct buf buf = buf_in(arena, TEXT_BYTES);
    struct problems problems = {.arena = arena};
    struct report report = {0};
    str text;
    assert_true(is_ok(plan_check(plan, &problems, &report)));
    for (size_t i = 0; i < problems.list.count; i++) {
        const struct problem *problem = &problems.list.at[i];
        if (!str_is_empty(problem->id))
            buf_format(&buf, "%.*s %d\n", STR_ARG(problem->id), (int)problem->severity);
        else if (problem->severity == SEVERITY_ERROR)
            buf_format(&buf, "%.*s\n", STR_ARG(problem->rule));
    }
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    return text;
}

enum fate { UNLOADABLE, EQUAL, NOTICED, FOUND, SURVIVED };

/* `changed` is the path of what was changed; empty for the policy as it is. */
static enum fate fate_of(struct hunt *hunt, const struct policy_source *policy, str changed)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct loaded loaded = {load(hunt, policy, hunt->deployed, NULL, words, arena), NULL};
    if (loaded.with == NULL)
        return UNLOADABLE;
    loaded.without = hunt->deployed ? load(hunt, policy, false, NULL, words, arena) : loaded.with;
    if (loaded.without == NULL)
        return UNLOADABLE;
    if (hunt->whole.ptr != NULL && str_equal(printed(loaded.with, arena), hunt->whole))
        return EQUAL;
    if (!str_is_empty(changed))
        hold_rows(hunt, changed, &loaded, policy, arena);
    for (size_t i = 0; i < hunt->test_count; i++) {
        if (notices(hunt, read_tests(&hunt->tests[i], arena), &loaded, policy))
            return NOTICED;
    }
    if (hunt->whole.ptr != NULL && !str_equal(findings(loaded.without, arena), hunt->findings))
        return FOUND;
    return SURVIVED;
}

static bool explain(struct hunt *hunt, const struct mutant *mutant)
{
    for (size_t i = 0; i < hunt->explained.count; i++) {
        struct explained *explained = &hunt->explained.at[i];
        if (str_equal(explained->policy, hunt->policy) &&
            str_equal(explained->path, mutant->path) &&
            str_equal(explained->change, mutant->change)) {
            explained->met = true;
            return true;
        }
    }
    return false;
}

static void put_policy(const struct hunt *hunt, const char *dir, const char *kind, unsigned number,
                       str text)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%.*s-%s%u.yaml", dir, STR_ARG(hunt->policy), kind,
                   number);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

/* The policy without a change, printed as its mutants are; kept as number 0. */
static str print_whole(const struct hunt *hunt, const struct yaml_node *root)
{
    const char *dir = getenv("VERN_MUTANTS_TO");
    struct buf buf = buf_in(hunt->arena, TEXT_BYTES);
    buf_yaml_flow(&buf, root);
    buf_char(&buf, '\n');
    assert_false(buf.full);
    if (dir != NULL)
        put_policy(hunt, dir, "", 0, buf_str(&buf));
    return buf_str(&buf);
}

static void put_out(const struct hunt *hunt, const struct mutant *mutant)
{
    const char *dir = getenv("VERN_MUTANTS_TO");
    char path[512];
    if (dir == NULL)
        return;
    put_policy(hunt, dir, "", hunt->survived, mutant->text);
    (void)snprintf(path, sizeof(path), "%s/list", dir);
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fprintf(file, "%.*s-%u|%.*s %.*s | %.*s\n", STR_ARG(hunt->policy), hunt->survived,
            STR_ARG(hunt->policy), STR_ARG(mutant->path), STR_ARG(mutant->change));
    assert_int_equal(fclose(file), 0);
}

/* The mutants of an obligation that no test of the policy holds: DIR/POLICY-row1.yaml, and
 * DIR/rows. */
static void put_for_rows(void *self, const struct mutant *mutant)
{
    struct hunt *hunt = self;
    const char *dir = getenv("VERN_MUTANTS_TO");
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/rows", dir);
    hunt->put++;
    for (size_t i = 0; i < hunt->rows.count; i++) {
        const struct row *row = &hunt->rows.at[i];
        if (row->held || !is_about(row, mutant->path))
            continue;
        put_policy(hunt, dir, "row", hunt->put, mutant->text);
        FILE *file = fopen(path, "a");
        assert_non_null(file);
        fprintf(file, "%.*s|%.*s|row%u|%.*s %.*s\n", STR_ARG(row->id), STR_ARG(hunt->policy),
                hunt->put, STR_ARG(mutant->path), STR_ARG(mutant->change));
        assert_int_equal(fclose(file), 0);
    }
}

static void look(void *self, const struct mutant *mutant)
{
    struct hunt *hunt = self;
    struct policy_source policy = {
        .name = arena_format(hunt->arena, "policies/%.*s.yaml", STR_ARG(hunt->policy)),
        .text = mutant->text};
    hunt->made++;
    switch (fate_of(hunt, &policy, mutant->path)) {
    case UNLOADABLE:
        hunt->unloadable++;
        return;
    case EQUAL:
        hunt->equal++;
        return;
    case NOTICED:
        hunt->noticed++;
        return;
    case FOUND:
        hunt->found++;
        return;
    case SURVIVED:
        break;
    }
    hunt->survived++;
    if (explain(hunt, mutant)) {
        put_out(hunt, mutant);
        return;
    }
    if (hunt->unexplained++ < SURVIVORS_SHOWN)
        printf("  survives: %.*s %.*s | %.*s\n", STR_ARG(hunt->policy), STR_ARG(mutant->path),
               STR_ARG(mutant->change));
}

/* ---- files ---- */

static str read_whole(struct arena *arena, const char *path)
{
    struct report report = {0};
    str text;
    if (!is_ok(file_read(path, arena, TEXT_BYTES, &report, &text)))
        fail_msg("%s: %s", path, report.text);
    return text;
}

/* policy path | change | why */
static void read_explained(struct hunt *hunt)
{
    str rest = read_whole(hunt->arena, SURVIVORS), line;
    while (str_next(&rest, '\n', &line)) {
        struct explained explained = {0};
        str left = line, place;
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (!str_next(&left, '|', &place) || !str_next(&left, '|', &explained.change) ||
            str_is_empty(str_trim(left)) || !str_next(&place, ' ', &explained.policy))
            fail_msg("%s: \"%.*s\" is no explanation", SURVIVORS, STR_ARG(line));
        explained.path = str_trim(place);
        explained.change = str_trim(explained.change);
        ADD(hunt, &hunt->explained, explained);
    }
}

/* ID | program:test that fails | what was taken out */
static void read_rows(struct hunt *hunt)
{
    str rest = read_whole(hunt->arena, ROWS), line;
    while (str_next(&rest, '\n', &line)) {
        str left = line, id;
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (!str_next(&left, '|', &id) || str_is_empty(str_trim(left)))
            fail_msg("%s: \"%.*s\" says not what failed", ROWS, STR_ARG(line));
        ADD(hunt, &hunt->elsewhere, ((struct elsewhere){.id = str_trim(id)}));
    }
}

/* Every obligation is held by a test of the policy, or stands in rows.txt; never both. */
static void judge_rows(struct hunt *hunt)
{
    size_t held = 0;
    for (size_t i = 0; i < hunt->rows.count; i++) {
        const struct row *row = &hunt->rows.at[i];
        struct elsewhere *at = hunt->elsewhere.at, *end = at + hunt->elsewhere.count;
        while (at != end && !str_equal(at->id, row->id))
            at++;
        held += row->held;
        if (row->held && getenv("VERN_ROWS") != NULL)
            printf("  held %.*s\n", STR_ARG(row->id));
        if (row->held != (at == end)) {
            hunt->rows_wrong++;
            printf("  row %.*s: %s\n", STR_ARG(row->id),
                   row->held ? "stale in rows.txt" : "no test of the policy fails without it");
        }
        if (at != end)
            at->met = true;
    }
    printf(
        "  %-12.*s %4zu obligations: %zu have a test of the policy that fails without a clause of "
        "theirs\n",
        STR_ARG(hunt->policy), hunt->rows.count, held);
}

/* What the policy says unchanged; its tests must pass. */
static void learn(struct hunt *hunt, struct policy_source policy)
{
    CLEANUP(words_free) struct words *words = words_new();
    hunt->whole = hunt->findings = (str){NULL, 0};
    hunt->made = hunt->unloadable = hunt->equal = hunt->noticed = hunt->found = 0;
    hunt->survived = hunt->unexplained = 0;
    if (fate_of(hunt, &policy, STR("")) != SURVIVED)
        fail_msg("the tests of %.*s fail before anything is changed", STR_ARG(hunt->policy));
    const struct plan *with = load(hunt, &policy, hunt->deployed, NULL, words, hunt->arena);
    const struct plan *without = load(hunt, &policy, false, NULL, words, hunt->arena);
    assert_true(with != NULL && without != NULL);
    hunt->whole = printed(with, hunt->arena);
    hunt->findings = findings(without, hunt->arena);
    memset(&hunt->rows, 0, sizeof(hunt->rows));
    plan_covers(with, add_clause, hunt);
}

static void put_score(const struct hunt *hunt)
{
    unsigned noticed = hunt->noticed + hunt->found, changed = noticed + hunt->survived;
    printf("  %-12.*s %4u mutants: %3u do not load, %2u say the same, %4u of %4u noticed "
           "(%.1f %%; %u by the findings), %u survive, %u unexplained\n",
           STR_ARG(hunt->policy), hunt->made, hunt->unloadable, hunt->equal, noticed, changed,
           changed == 0 ? 0.0 : 100.0 * noticed / changed, hunt->found, hunt->survived,
           hunt->unexplained);
}

static void hunt_policy(struct hunt *hunt, const char *policy)
{
    char path[128];
    hunt->policy = str_from(policy);
    (void)snprintf(path, sizeof(path), "policies/%s.deploy.yaml", policy);
    hunt->deployed = file_exists(path);
    if (hunt->deployed)
        hunt->deployment = (struct policy_source){.name = arena_format(hunt->arena, "%s", path),
                                                  .text = read_whole(hunt->arena, path)};
    hunt->test_count = 0;
    for (int clauses = 0; clauses < 2; clauses++) {
        (void)snprintf(path, sizeof(path), "policies/tests/%s%s.yaml", policy,
                       clauses == 1 ? ".clauses" : "");
        if (clauses == 0 || file_exists(path))
            hunt->tests[hunt->test_count++] =
                (struct policy_source){.name = arena_format(hunt->arena, "%s", path),
                                       .text = read_whole(hunt->arena, path)};
    }
    (void)snprintf(path, sizeof(path), "policies/%s.yaml", policy);
    struct yaml_faults faults = {0};
    struct report report = {0};
    struct yaml_node *root;
    assert_true(
        is_ok(yaml_read(read_whole(hunt->arena, path), hunt->arena, &faults, &report, &root)));
    mutants_drop_names(root);
    hunt->survived = 0;
    learn(hunt, (struct policy_source){.name = arena_format(hunt->arena, "%s", path),
                                       .text = print_whole(hunt, root)});
    assert_true(mutants_each(root, hunt->arena, look, hunt));
    put_score(hunt);
    judge_rows(hunt);
    if (getenv("VERN_MUTANTS_TO") != NULL)
        assert_true(mutants_each(root, hunt->arena, put_for_rows, hunt));
}

static void every_clause_of_the_five_policies_is_held_by_a_test(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct hunt hunt = {.arena = arena};
    const char *only = getenv("VERN_MUTANTS");
    unsigned unexplained = 0, stale = 0;
    read_explained(&hunt);
    read_rows(&hunt);
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        if (only != NULL && strcmp(only, POLICIES[i]) != 0)
            continue;
        hunt_policy(&hunt, POLICIES[i]);
        unexplained += hunt.unexplained;
    }
    for (size_t i = 0; i < hunt.explained.count && only == NULL; i++) {
        const struct explained *explained = &hunt.explained.at[i];
        if (explained->met)
            continue;
        stale++;
        printf("  stale: %.*s %.*s | %.*s\n", STR_ARG(explained->policy), STR_ARG(explained->path),
               STR_ARG(explained->change));
    }
    for (size_t i = 0; i < hunt.elsewhere.count && only == NULL; i++) {
        stale += !hunt.elsewhere.at[i].met;
        if (!hunt.elsewhere.at[i].met)
            printf("  stale: %.*s of rows.txt\n", STR_ARG(hunt.elsewhere.at[i].id));
    }
    assert_int_equal(unexplained, 0);
    assert_int_equal(hunt.rows_wrong, 0);
    assert_int_equal(stale, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_clause_of_the_five_policies_is_held_by_a_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
