/* codec: how facts and edits stand in bytes; shared by facts.c and edits.c.
 *
 *   format | varints, instants, ids, words
 *
 * A word is written as its place in a table that grows as one goes: 0 is "no word", a known place
 * repeats a name, and the next free place is followed by the name's text. So each name stands once
 * and the bytes outlive the register's word table.
 */
#ifndef VERN_CODEC_INTERNAL_H
#define VERN_CODEC_INTERNAL_H
#include "facts.h"
#include "limits.h"

enum { CODEC_WORDS = 2048, CODEC_SLOTS = 4096 };

struct put {
    struct buf *out;
    const struct words *words;
    uint32_t count;
    bool full;                   /* more names than CODEC_WORDS */
    word slot_word[CODEC_SLOTS]; /* open addressing: word -> place */
    uint16_t slot_place[CODEC_SLOTS];
};
void put_begin(struct put *put, struct buf *out, const struct words *words, uint8_t format);
void put_number(struct put *put, uint64_t value);
void put_instant(struct put *put, instant at);
void put_id(struct put *put, const unsigned char bytes[ID_BYTES]); /* a zero id takes one byte */
void put_word(struct put *put, word w);
void put_words(struct put *put, const word *at, size_t count);
void put_text(struct put *put, str text);
void put_task(struct put *put, const struct fact_task *task);
/* LIMIT when the output or the table of names was full. */
MUST_CHECK status put_end(const struct put *put, struct report *report);

struct take {
    struct reader in;
    struct words *words;
    struct arena *arena;
    uint32_t count;
    bool no_memory; /* the arena's budget was reached; `in.bad` is set too */
    word table[CODEC_WORDS];
};
/* False when the bytes are not of this format. */
bool take_begin(struct take *take, str bytes, struct words *words, struct arena *arena,
                uint8_t format);
uint64_t take_long_number(struct take *take);
static inline uint64_t take_number(struct take *take)
{
    if (!take->in.bad && take->in.at < take->in.end && *take->in.at < 0x80)
        return *take->in.at++; /* most are small: counts, kinds, places of words */
    return take_long_number(take);
}
/* A number no larger than `most`; anything else is bad. */
static inline uint64_t take_below(struct take *take, uint64_t most)
{
    uint64_t value = take_number(take);
    if (value <= most)
        return value;
    take->in.bad = true;
    return 0;
}
instant take_instant(struct take *take);
void take_id(struct take *take, unsigned char bytes[ID_BYTES]);
word take_new_word(struct take *take, uint64_t place);
static inline word take_word(struct take *take)
{
    uint64_t place = take_number(take);
    if (take->in.bad || place == 0)
        return 0;
    return place <= take->count ? take->table[place] : take_new_word(take, place);
}
word *take_words(struct take *take, uint16_t *count);
str take_text(struct take *take, size_t most); /* a copy in the arena; UTF-8 */
void take_task(struct take *take, struct fact_task *task);
/* The count of a list whose elements take at least `least` bytes each. */
size_t take_count(struct take *take, size_t least);
void *take_array(struct take *take, size_t count, size_t size);
/* CORRUPT for odd bytes or bytes left over, LIMIT at the budget. */
MUST_CHECK status take_end(const struct take *take, struct report *report);

#endif
