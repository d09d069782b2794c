/* What the two files of testfile share. */
#ifndef VERN_TESTFILE_INTERNAL_H
#define VERN_TESTFILE_INTERNAL_H
#include "testfile.h"
#include "vocabulary.h"
#include "yaml_tree.h"

struct test_load {
    struct arena *arena;
    struct problems *problems;
    struct report *report;
    str file, name; /* name of the test, once it is known */
    size_t errors;
};

MUST_CHECK status test_problem(struct test_load *t, uint32_t line, uint32_t column,
                               const char *rule, str suggestion, const char *format, ...)
    PRINTF_LIKE(6, 7);

#endif
