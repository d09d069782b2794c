/* Two evaluators, written apart from one document, give one answer: on random policies, facts,
 * operations and instants. VERN_SEED and VERN_COUNT (policies) ask for other or
 * longer runs, VERN_DIFFERENCES for more than the first difference. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agree.h"
#include "instant.h"
#include "reference.h"

enum { POLICIES = 3000, OPERATIONS = 20, FACTS_EVERY = 5, TEXT_ROOM = 1 << 18 };
static const size_t BUDGET = (size_t)64 << 20;

static struct arena *plans_arena, *answers_arena; /* of one load, of one question */
static char why[1 << 16];                         /* how the two answers differ */

/* ---- comparing ---- */

PRINTF_LIKE(1, 2) static bool differ(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof(why), format, list);
    va_end(list);
    return true;
}

static str instant_words(instant at)
{
    struct buf text = buf_in(answers_arena, 64);
    buf_instant(&text, at);
    return buf_str(&text);
}

static bool grounds_differ(const struct plan *plan, size_t item, const struct settled_item *a,
                           const struct settled_item *b)
{
    for (plan_index p = 0; p < plan->purpose_count; p++) {
        const struct ground *mine = NULL, *theirs = NULL;
        str name = plan->purpose[p].clause.path;
        for (uint16_t i = 0; i < a->ground_count; i++)
            if (a->grounds[i].purpose == p)
                mine = &a->grounds[i];
        for (uint16_t i = 0; i < b->ground_count; i++)
            if (b->grounds[i].purpose == p)
                theirs = &b->grounds[i];
        if ((mine == NULL) != (theirs == NULL))
            return differ("item %zu: %.*s reaches: reference %d, settle %d", item, STR_ARG(name),
                          mine != NULL, theirs != NULL);
        if (mine == NULL)
            continue;
        if (mine->least.ms != theirs->least.ms)
            return differ("item %zu, %.*s: reference least %.*s, settle least %.*s", item,
                          STR_ARG(name), STR_ARG(instant_words(mine->least)),
                          STR_ARG(instant_words(theirs->least)));
        if (mine->end.ms != theirs->end.ms || mine->keeps != theirs->keeps ||
            mine->started != theirs->started || !str_equal(mine->rule->path, theirs->rule->path))
            return differ("item %zu, %.*s: reference end %.*s (%.*s) keeps %d started %d, settle "
                          "end %.*s (%.*s) keeps %d started %d",
                          item, STR_ARG(name), STR_ARG(instant_words(mine->end)),
                          STR_ARG(mine->rule->path), mine->keeps, mine->started,
                          STR_ARG(instant_words(theirs->end)), STR_ARG(theirs->rule->path),
                          theirs->keeps, theirs->started);
    }
    return false;
}

static bool settled_differ(const struct plan *plan, const struct settled *a,
                           const struct settled *b)
{
    if (a->count != b->count || a->whole != b->whole)
        return differ("reference: %zu items, whole %d; settle: %zu items, whole %d", a->count,
                      a->whole, b->count, b->whole);
    for (size_t i = 0; i < a->count; i++) {
        const struct settled_item *x = &a->items[i], *y = &b->items[i];
        if (plan != NULL && grounds_differ(plan, i, x, y))
            return true;
        if (x->item != y->item || x->alive != y->alive || x->end.ms != y->end.ms ||
            x->restricted != y->restricted || x->held != y->held ||
            (!x->alive && !str_equal(x->rule->path, y->rule->path)))
            return differ("item %zu: reference alive %d end %.*s restricted %d held %d (%.*s), "
                          "settle alive %d end %.*s restricted %d held %d (%.*s)",
                          i, x->alive, STR_ARG(instant_words(x->end)), x->restricted, x->held,
                          STR_ARG(x->rule->path), y->alive, STR_ARG(instant_words(y->end)),
                          y->restricted, y->held, STR_ARG(y->rule->path));
    }
    return false;
}

static bool words_within(const word *a, size_t a_count, const word *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++) {
        bool found = false;
        for (size_t k = 0; k < b_count; k++)
            found = found || a[i] == b[k];
        if (!found)
            return false;
    }
    return true;
}

static bool same_words(const word *a, size_t a_count, const word *b, size_t b_count)
{
    return words_within(a, a_count, b, b_count) && words_within(b, b_count, a, a_count);
}

static void list_words(const struct words *words, struct buf *out, const char *what, const word *at,
                       size_t count)
{
    if (count == 0)
        return;
    buf_format(out, " %s:", what);
    for (size_t i = 0; i < count; i++)
        buf_format(out, " %.*s", STR_ARG(words_text(words, at[i])));
}

static void part_words(const struct words *words, struct buf *out, const struct part *part)
{
    static const char *const VERDICTS[] = {"refuse", "allow", "duty"};
    if (part->item.bytes[0] != 0)
        buf_format(out, "%c%d ", part->item.bytes[0], part->item.bytes[1]);
    buf_format(out, "%.*s %s %.*s", STR_ARG(words_text(words, part->field)),
               VERDICTS[part->verdict], STR_ARG(part->reason.rule));
    list_words(words, out, "lacks", part->reason.lacks, part->reason.lack_count);
    list_words(words, out, "duties", part->duties, part->duty_count);
    list_words(words, out, "told", part->told, part->told_count);
    buf_char(out, '\n');
}

static str decision_words(const struct words *words, const struct decision *decision)
{
    struct buf out = buf_in(answers_arena, 1 << 14);
    buf_format(&out, "%d %.*s\n", (int)decision->verdict, STR_ARG(decision->reason.rule));
    for (size_t i = 0; i < decision->count; i++)
        part_words(words, &out, &decision->parts[i]);
    list_words(words, &out, "roles", decision->roles, decision->role_count);
    return buf_str(&out);
}

static bool parts_equal(const struct part *a, const struct part *b)
{
    return ID_EQUAL(a->item, b->item) && a->field == b->field && a->verdict == b->verdict &&
           (a->verdict != VERDICT_REFUSE || str_equal(a->reason.rule, b->reason.rule)) &&
           same_words(a->reason.lacks, a->reason.lack_count, b->reason.lacks,
                      b->reason.lack_count) &&
           same_words(a->duties, a->duty_count, b->duties, b->duty_count) &&
           same_words(a->told, a->told_count, b->told, b->told_count);
}

static bool decisions_differ(const struct words *words, const struct decision *a,
                             const struct decision *b)
{
    bool same = a->verdict == b->verdict && a->count == b->count &&
                same_words(a->roles, a->role_count, b->roles, b->role_count) &&
                str_equal(a->reason.rule, b->reason.rule);
    for (size_t i = 0; same && i < a->count; i++)
        same = parts_equal(&a->parts[i], &b->parts[i]);
    return !same && differ("reference: %.*s\ndecide: %.*s", STR_ARG(decision_words(words, a)),
                           STR_ARG(decision_words(words, b)));
}

/* ---- asking both ---- */

static struct settled settle_now(struct agree_case *c, instant t)
{
    struct report report = {0};
    struct settled settled;
    if (!is_ok(settle(&c->view, t, answers_arena, &report, &settled)))
        fail_msg("settle: %s", report.text);
    return settled;
}

static bool settles_apart(struct agree_case *c)
{
    struct settled mine, theirs = settle_now(c, c->t);
    const struct plan_version *version = plans_in_force(&c->plans, c->t);
    reference_settle(&c->view, c->t, answers_arena, &mine);
    return settled_differ(version == NULL ? NULL : version->plan, &mine, &theirs);
}

static unsigned long long verdicts[3], collected, alive, gone;

static bool decides_apart(struct agree_case *c)
{
    struct report report = {0};
    struct decision mine, theirs;
    if (!is_ok(decide(&c->view, NULL, &c->op, c->t, answers_arena, &report, &theirs)))
        fail_msg("decide: %s", report.text);
    reference_decide(&c->view, &c->op, c->t, answers_arena, &mine);
    verdicts[mine.verdict]++;
    return decisions_differ(c->words, &mine, &theirs);
}

/* Nothing that settle gives changes from t on until `next`. */
static bool changes_before_next(struct agree_case *c)
{
    struct settled now, then, theirs = settle_now(c, c->t);
    const struct plan_version *version = plans_in_force(&c->plans, c->t);
    if (theirs.next.ms <= c->t.ms)
        return differ("next %.*s is no later than now", STR_ARG(instant_words(theirs.next)));
    reference_settle(&c->view, c->t, answers_arena, &now);
    int64_t most =
        theirs.next.ms == NEVER.ms ? c->t.ms + INT64_C(40) * 365 * 86400000 : theirs.next.ms - 1;
    const int64_t at[] = {c->t.ms + (most - c->t.ms) / 64, c->t.ms + (most - c->t.ms) / 3, most};
    for (size_t i = 0; i < LENGTH(at); i++) {
        reference_settle(&c->view, (instant){at[i]}, answers_arena, &then);
        if (plans_in_force(&c->plans, (instant){at[i]}) != version ||
            settled_differ(version == NULL ? NULL : version->plan, &now, &then)) {
            char before_this[4000];
            snprintf(before_this, sizeof(before_this), "%.3900s", why);
            return differ("next is %.*s, but already at %.*s (reference: now, settle: then) %s",
                          STR_ARG(instant_words(theirs.next)),
                          STR_ARG(instant_words((instant){at[i]})), before_this);
        }
    }
    return false;
}

/* ---- running ---- */

typedef bool difference(struct agree_case *c);
static difference *const CHECKS[] = {settles_apart, decides_apart, changes_before_next};
static difference *failed; /* the one that a case is shrunk for */

static bool still_fails(struct agree_case *c)
{
    char problem[256];
    arena_reset(plans_arena);
    arena_reset(answers_arena);
    return case_load(c, plans_arena, problem, sizeof(problem)) && failed(c);
}

static unsigned differences;

static void report_difference(struct agree_case *c, uint64_t seed)
{
    case_shrink(c, still_fails);
    bool fails = still_fails(c);
    assert_true(fails);
    struct buf text = buf_in(c->arena, TEXT_ROOM);
    case_text(c, &text);
    printf("seed %llu\n%.*s\n%s\n", (unsigned long long)seed, STR_ARG(buf_str(&text)), why);
    fflush(stdout);
    differences++;
}

/* An instant where something may change: an end that was found, or one of the case's own. */
static void move_to_an_edge(struct agree_case *c, struct chance *chance)
{
    struct settled settled;
    reference_settle(&c->view, c->t, answers_arena, &settled);
    for (size_t i = 0; i < settled.count; i++) {
        (settled.items[i].alive ? &alive : &gone)[0]++;
        if (in_100(chance, 40) && settled.items[i].end.ms != NEVER.ms &&
            settled.items[i].end.ms != ALWAYS.ms)
            c->t = (instant){settled.items[i].end.ms + (int64_t)below(chance, 3) - 1};
        for (uint16_t k = 0; k < settled.items[i].ground_count; k++)
            if (in_100(chance, 15) && settled.items[i].grounds[k].end.ms != NEVER.ms &&
                settled.items[i].grounds[k].end.ms != ALWAYS.ms)
                c->t =
                    (instant){settled.items[i].grounds[k].end.ms + (int64_t)below(chance, 3) - 1};
    }
}

static bool compare_on(struct agree_case *c, uint64_t seed)
{
    for (size_t i = 0; i < LENGTH(CHECKS); i++) {
        failed = CHECKS[i];
        if (!failed(c))
            continue;
        report_difference(c, seed);
        return false;
    }
    return true;
}

static void policy_with_operations(uint64_t seed, struct agree_case *c)
{
    struct chance chance = {seed};
    char problem[256];
    for (size_t i = 0; i < VERSIONS_AT_MOST; i++)
        c->policy[i].effective = ALWAYS;
    make_policies(c, &chance);
    arena_reset(plans_arena);
    if (!case_load(c, plans_arena, problem, sizeof(problem)))
        fail_msg("seed %llu: the policy does not load: %s\n%.*s", (unsigned long long)seed, problem,
                 STR_ARG(policy_yaml(&c->policy[c->policy_count - 1], c->arena)));
    for (size_t i = 0; i < OPERATIONS; i++) {
        arena_reset(answers_arena);
        if (i % FACTS_EVERY == 0)
            make_facts(c, &chance);
        make_operation(c, &chance);
        move_to_an_edge(c, &chance);
        if (!compare_on(c, seed))
            return;
        collected += c->op.action == ACTION_COLLECT;
    }
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    uint64_t value;
    const char *text = getenv(variable);
    return text != NULL && str_to_u64(str_from(text), &value) ? value : otherwise;
}

static void the_two_evaluators_agree_on_random_policies_facts_and_operations(void **state)
{
    (void)state;
    uint64_t seed = number_from("VERN_SEED", 1), count = number_from("VERN_COUNT", POLICIES),
             most = number_from("VERN_DIFFERENCES", 1);
    static struct agree_case c;
    plans_arena = arena_new(BUDGET);
    answers_arena = arena_new(BUDGET);
    c.arena = arena_new(BUDGET * 4);
    for (uint64_t i = 0; i < count && differences < most; i++) {
        arena_reset(c.arena);
        c.words = words_new();
        policy_with_operations(seed + i, &c);
        words_free(&c.words);
    }
    print_message("%llu refused, %llu allowed, %llu with duties; %llu collections; items alive "
                  "%llu, gone %llu\n",
                  verdicts[0], verdicts[1], verdicts[2], collected, alive, gone);
    assert_int_equal(differences, 0);
    assert_true(verdicts[1] + verdicts[2] > verdicts[0] / 20);
    assert_true(alive > gone / 20 && gone > alive / 20);
    arena_free(&c.arena);
    arena_free(&answers_arena);
    arena_free(&plans_arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_two_evaluators_agree_on_random_policies_facts_and_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
