/* The words of a register: each text has one small number for as long as the table lives. */
#include <stdlib.h>
#include "plan.h"

enum {
    FIRST_SLOTS = 256,
    PLACES = 64,
    WORDS_BUDGET_BYTES = 256 << 20 /* far beyond what policies of 1 MB can name */
};

struct words {
    struct arena *arena;
    LIST(str) texts;   /* of word i + 1 */
    uint32_t *slots;   /* open addressing; 0 is free */
    size_t slot_count; /* a power of two, at most half full */
    word last[PLACES]; /* that words_intern_at() gave for the place */
};

static uint32_t *slots_new(size_t count)
{
    uint32_t *slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        abort();
    return slots;
}

struct words *words_new(void)
{
    struct words *words = calloc(1, sizeof(*words));
    if (words == NULL)
        abort();
    words->arena = arena_new(WORDS_BUDGET_BYTES);
    words->slots = slots_new(FIRST_SLOTS);
    words->slot_count = FIRST_SLOTS;
    return words;
}

void words_free(struct words **words)
{
    if (*words == NULL)
        return;
    arena_free(&(*words)->arena);
    free((*words)->slots);
    free(*words);
    *words = NULL;
}

/* FNV-1a. */
static size_t hash_of(str text)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3;
    return (size_t)(hash ^ hash >> 32);
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t *slot_of(const struct words *words, str text)
{
    for (size_t i = hash_of(text);; i++) {
        uint32_t *slot = &words->slots[i & (words->slot_count - 1)];
        if (*slot == 0 || str_equal(words->texts.at[*slot - 1], text))
            return slot;
    }
}

static void slots_double(struct words *words)
{
    free(words->slots);
    words->slot_count *= 2;
    words->slots = slots_new(words->slot_count);
    for (size_t i = 0; i < words->texts.count; i++)
        *slot_of(words, words->texts.at[i]) = (uint32_t)i + 1;
}

str words_text(const struct words *words, word w)
{
    return w == 0 || w > words->texts.count ? STR("") : words->texts.at[w - 1];
}

word words_intern(struct words *words, str text)
{
    assert(words != NULL);

    if (text.len == 0)
        return 0;
    uint32_t *slot = slot_of(words, text);
    if (*slot != 0)
        return *slot;
    str *added = LIST_ADD(words->arena, &words->texts);
    str copy = arena_copy(words->arena, text);
    if (added == NULL || copy.ptr == NULL)
        abort();
    *added = copy;
    word w = *slot = (word)words->texts.count;
    if (words->texts.count * 2 > words->slot_count)
        slots_double(words);
    return w;
}

word words_intern_at(struct words *words, size_t place, str text)
{
    word *last = &words->last[place % PLACES];
    if (!str_equal(words_text(words, *last), text))
        *last = words_intern(words, text);
    return *last;
}

word words_find(const struct words *words, str text)
{
    return text.len == 0 ? 0 : *slot_of(words, text);
}

size_t words_count(const struct words *words)
{
    return words->texts.count;
}
