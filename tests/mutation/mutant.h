/* Included by every file of an instrumented copy (tests/mutation/rules): each refusal of the
 * source has a number here and can be taken out by it at run time.
 *
 *   VERN_MUTANT=17       the 17th refusal does not happen
 *   VERN_HITS=FILE       each refusal that happened appends its number and the test it happened in,
 *                        once for each test in each process; VERN_TEST_NOW is the test (one_test.c)
 */
#ifndef VERN_MUTANT_H
#define VERN_MUTANT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The source is compiled with every warning on; what stands around a condition here is no fault. */
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wnull-dereference"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wunused-value"

enum { MUTANTS_MOST = 4096, MUTANT_NAME_ROOM = 128 };
__attribute__((weak)) int mutant_out = -1;
__attribute__((weak)) FILE *mutant_hits;
__attribute__((weak)) bool mutant_met[MUTANTS_MOST];
__attribute__((weak)) char mutant_test[MUTANT_NAME_ROOM];

__attribute__((weak, constructor)) void mutant_begin(void)
{
    const char *number = getenv("VERN_MUTANT"), *hits = getenv("VERN_HITS");
    if (number != NULL)
        mutant_out = (int)strtol(number, NULL, 10);
    if (hits != NULL && mutant_hits == NULL) /* each file calls it */
        mutant_hits = fopen(hits, "ae");
}

__attribute__((weak)) void mutant_meets(int number)
{
    const char *test = getenv("VERN_TEST_NOW");
    if (test != NULL && strncmp(test, mutant_test, MUTANT_NAME_ROOM - 1) != 0) {
        (void)snprintf(mutant_test, MUTANT_NAME_ROOM, "%s", test);
        memset(mutant_met, 0, sizeof(mutant_met));
    }
    if (mutant_met[number])
        return;
    mutant_met[number] = true;
    fprintf(mutant_hits, "%d\t%s\n", number, mutant_test);
    fflush(mutant_hits);
}

/* Is it refused? */
__attribute__((weak)) bool mutant_refuses(int number, bool refused)
{
    if (!refused || number == mutant_out)
        return false;
    if (mutant_hits != NULL)
        mutant_meets(number);
    return true;
}

#endif
