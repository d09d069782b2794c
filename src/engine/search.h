/* search: what the index of users (index.c) and those who ask it (audience.c) share. Not for other
 * modules. Memory: the call's arena; pieces of values are wiped. Threads: one. */
#ifndef VERN_SEARCH_H
#define VERN_SEARCH_H
#include "engine_internal.h"

enum {
    SEARCH_LETTERS_LEAST = 3, /* of a word that is asked for, and of a beginning */
    SEARCH_LETTERS_MOST = 8,  /* of a beginning */
    SEARCH_WORDS = 4          /* in one question */
};
enum search_match { SEARCH_WHOLE, SEARCH_WORD, SEARCH_PREFIX };

bool search_has_audience(const struct plan *plan);
/* The hash of a piece of a field's value, normalised already. */
void search_hash(struct call *call, word field, enum search_match match, str piece, blind *hash);
/* Takes the next word off the text; false at its end. */
bool search_next_word(str *rest, str *one);
size_t search_letters(str text);
/* The value as the index knows it. INVALID when it is none of its kind. */
MUST_CHECK status search_normal(const struct plan *plan, const struct plan_field *field, str value,
                                struct buf *normal);

#endif
