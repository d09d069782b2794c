/* testrun: runs a policy test (testfile.h) on settle and decide alone.
 *
 *   bound test + plan --> facts in memory, step by step --> expected and actual, per step
 *
 * No store, no clock, no keys: the steps' own times are the only times. A step without an answer is
 * taken as a fact; a collection, or an act by a named member of staff, that the policy refuses is a
 * failure all the same. A step that expects a duty is asked beforehand (`asking`), every other is
 * done. A rule matches when it is named, or when the clause that it stands in is.
 *
 * Memory: results live in the arena you pass. Threads: free.
 */
#ifndef VERN_TESTRUN_H
#define VERN_TESTRUN_H
#include "decide.h"
#include "testfile.h"

struct step_result {
    const struct test_step *step;
    bool passed;
    str expected, actual; /* "refuse COB-33 lacks stop_link"; empty when the step asks nothing */
    const struct explanation *explanation; /* of a question, from testrun_explain() only */
};
struct test_result {
    const struct test *test;
    bool passed;
    struct step_result *steps; /* given, then when */
    size_t count;
};

/* Runs a test that testfile_bind() has held against `plan`. Faults: LIMIT; a failed expectation is
 * a result, not a fault. */
MUST_CHECK status testrun(const struct test *test, const struct plan *plan, struct arena *arena,
                          struct report *report, struct test_result *result);

/* Loads the policy with the test's own values, binds the test and runs it. `deployment` may be
 * NULL, and is left out when the test says `deploy: false`. Faults: those of plan_load and
 * testfile_bind, with their problems. */
MUST_CHECK status testrun_load(struct test *test, str file, const struct policy_source *policy,
                               const struct policy_source *deployment, struct words *words,
                               struct arena *arena, struct problems *problems,
                               struct report *report, struct test_result *result);

/* As testrun_load(), and keeps every gate's answer to each question. */
MUST_CHECK status testrun_explain(struct test *test, str file, const struct policy_source *policy,
                                  const struct policy_source *deployment, struct words *words,
                                  struct arena *arena, struct problems *problems,
                                  struct report *report, struct test_result *result);

#endif
