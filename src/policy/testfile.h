/* testfile: the tests that stand beside a policy (language 1.9), read and checked word by word.
 *
 *   file --> tests --> steps: a moment, slots, one verb, and what is expected
 *
 * Reading needs no plan. testfile_bind() then holds one test against the plan that it runs on:
 * every word must be one of the plan's (the nearest one is suggested), and times become instants of
 * the plan's zone. Running is not done here.
 *
 * Memory: all lives in the arena you pass. Threads: free to share once bound.
 */
#ifndef VERN_TESTFILE_H
#define VERN_TESTFILE_H
#include "plan.h"

/* A step does one thing. Facts are told; asks have an answer. */
enum test_verb {
    TEST_NONE,
    /* facts */
    TEST_COLLECT,
    TEST_EVENT,
    TEST_EVIDENCE,
    TEST_CONSENT,
    TEST_WITHDRAW,
    TEST_OBJECT,
    TEST_SWITCH,
    TEST_RESTRICT,
    TEST_LIFT,
    TEST_TELL,
    TEST_AGREE,
    TEST_END,
    TEST_ROLE,
    /* asks */
    TEST_READ,
    TEST_USE,
    TEST_SHARE,
    TEST_SEND,
    TEST_SET,
    TEST_EXPORT,
    TEST_ERASE,
    TEST_ITEM,
    TEST_VERB_COUNT
};
const char *test_verb_name(enum test_verb verb); /* "collect" */
static inline bool test_verb_asks(enum test_verb verb)
{
    return verb >= TEST_READ;
}

/* Slots that steps name besides those of enum slot. Keys of a step are the slots' names, save that
 * `for` is the purpose, `from` the source and `to` the recipient. */
enum test_slot {
    TEST_SLOT_ITEM = SLOT_COUNT, /* item: a name for an item within the test */
    TEST_SLOT_PARTY,             /* the part after the slash of `to: police/oslo` */
    TEST_SLOT_COUNT
};

/* A value as written. A list gives several; a scalar gives one. `name` is the word before a slash
 * and `id` what follows: {vacancy, 1} for `vacancy/1`, {a, empty} for `a`. */
struct test_value {
    str text, name, id;
    uint32_t line, column;
};
struct test_values {
    struct test_value *at;
    uint16_t count;
    bool stated;
};
struct test_pair { /* a particular of an evidence: { number: 26-1 } */
    str name, value;
    uint32_t line, column;
};
/* A local date, or date and time, in the policy's zone. */
struct test_time {
    int32_t year;
    uint8_t month, day, hour, minute, second;
    bool has_time, stated;
    instant at; /* set by testfile_bind(); 00:00 local when there is no time */
    uint32_t line, column;
};

enum test_outcome { THEN_NONE, THEN_ALLOW, THEN_GONE, THEN_REFUSE, THEN_DUTY };
struct test_then {
    enum test_outcome outcome;
    struct test_values refuse; /* obligation id or rule path; one */
    struct test_values lacks, duties;
    uint32_t line, column;
};

struct test_step {
    uint32_t line, column;
    struct test_time at, until;
    enum test_verb verb;
    struct test_values object;                 /* the verb's value: cv1, basic.email, police/oslo */
    struct test_values slots[TEST_SLOT_COUNT]; /* by enum slot and enum test_slot */
    struct test_pair *asks;
    uint16_t ask_count;
    struct test_values with_act; /* evidence handed over with the act: [stop_link] */
    struct test_then then;
};

struct test {
    str name, policy;
    uint32_t line, column;
    bool deploy;                  /* with the deployment file merged in; true when not stated */
    bool deploy_stated;           /* when not, a policy without a deployment file runs as it is */
    struct policy_override *with; /* values replaced for this test alone */
    uint16_t with_count;
    struct covers covers;
    struct test_step *given, *when; /* each sorted by time, as written */
    uint16_t given_count, when_count;
};
struct test_file {
    str file;
    struct test *at;
    uint16_t count;
};

/* Reads a file of tests. Faults: SYNTAX or INVALID with every problem listed; LIMIT. */
MUST_CHECK status testfile_read(const struct policy_source *source, struct arena *arena,
                                struct problems *problems, struct report *report,
                                struct test_file **file);

/* Holds a test against its plan: words, times, order. Fills the instants. Faults: INVALID with
 * every problem listed; LIMIT. */
MUST_CHECK status testfile_bind(struct test *test, const struct plan *plan, str file,
                                struct arena *arena, struct problems *problems,
                                struct report *report);

#endif
