/* What a clause of a version is called, and what it says, for the page of changes. `section` is
 * that of a difference (diff.h), `index` the number of the clause in it. */
#ifndef VERN_CHANGE_WORDS_H
#define VERN_CHANGE_WORDS_H
#include "document.h"

/* By the paper's plan; empty when people know it by no name. */
str change_name(struct paper *paper, str section, plan_index index);
/* The value of that key, by the paper's plan; of an empty key what matters most of the whole. */
void change_words(struct paper *paper, str section, plan_index index, str key, struct texts *texts);

#endif
