/* Included before every file of an instrumented copy (tests/mutation/rules): each refusal of the
 * source has a number here and can be taken out by it at run time.
 *
 *   VERN_MUTANT=17       the 17th refusal does not happen
 *   VERN_HITS=FILE       each refusal that happened appends its number, once in each process */
#ifndef VERN_MUTANT_H
#define VERN_MUTANT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { MUTANTS_MOST = 4096 };
__attribute__((weak)) int mutant_out = -1;
__attribute__((weak)) FILE *mutant_hits;
__attribute__((weak)) bool mutant_met[MUTANTS_MOST];

__attribute__((weak, constructor)) void mutant_begin(void)
{
    const char *number = getenv("VERN_MUTANT"), *hits = getenv("VERN_HITS");
    if (number != NULL)
        mutant_out = (int)strtol(number, NULL, 10);
    if (hits != NULL && mutant_hits == NULL) /* each file calls it */
        mutant_hits = fopen(hits, "ae");
}

/* Is it refused? */
__attribute__((weak)) bool mutant_refuses(int number, bool refused)
{
    if (!refused || number == mutant_out)
        return false;
    if (mutant_hits != NULL && !mutant_met[number]) {
        mutant_met[number] = true;
        fprintf(mutant_hits, "%d\n", number);
        fflush(mutant_hits);
    }
    return true;
}

#endif
