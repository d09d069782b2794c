#include "codec_internal.h"

/* ---- writing ---- */

void put_begin(struct put *put, struct buf *out, const struct words *words, uint8_t format)
{
    put->out = out;
    put->words = words;
    put->count = 0;
    put->full = false;
    memset(put->slot_word, 0, sizeof(put->slot_word));
    buf_char(out, (char)format);
}

void put_number(struct put *put, uint64_t value)
{
    while (value >= 0x80) {
        buf_char(put->out, (char)(value | 0x80));
        value >>= 7;
    }
    buf_char(put->out, (char)value);
}

enum { TIME_NEVER, TIME_ALWAYS, TIME_RAW, TIME_FIRST };

void put_instant(struct put *put, instant at)
{
    const int64_t bound = (int64_t)1 << 61;
    if (at.ms == NEVER.ms) {
        put_number(put, TIME_NEVER);
    } else if (at.ms == ALWAYS.ms) {
        put_number(put, TIME_ALWAYS);
    } else if (at.ms >= bound || at.ms <= -bound) {
        put_number(put, TIME_RAW);
        buf_be64(put->out, (uint64_t)at.ms);
    } else {
        uint64_t zigzag = ((uint64_t)at.ms << 1) ^ (at.ms < 0 ? UINT64_MAX : 0);
        put_number(put, zigzag + TIME_FIRST);
    }
}

void put_id(struct put *put, const unsigned char bytes[ID_BYTES])
{
    static const unsigned char zero[ID_BYTES];
    bool there = memcmp(bytes, zero, ID_BYTES) != 0;
    buf_char(put->out, there ? 1 : 0);
    if (there)
        buf_add(put->out, (str){(const char *)bytes, ID_BYTES});
}

void put_word(struct put *put, word w)
{
    if (w == 0) {
        put_number(put, 0);
        return;
    }
    uint32_t slot = (w * 2654435761u) % CODEC_SLOTS;
    while (put->slot_word[slot] != 0 && put->slot_word[slot] != w)
        slot = (slot + 1) % CODEC_SLOTS;
    if (put->slot_word[slot] == w) {
        put_number(put, put->slot_place[slot]);
        return;
    }
    if (put->count + 1 >= CODEC_WORDS) {
        put->full = true;
        return;
    }
    put->slot_word[slot] = w;
    put->slot_place[slot] = (uint16_t)++put->count;
    put_number(put, put->count);
    str text = words_text(put->words, w);
    put_number(put, text.len);
    buf_add(put->out, text);
}

void put_text(struct put *put, str text)
{
    put_number(put, text.len);
    buf_add(put->out, text);
}

void put_task(struct put *put, const struct fact_task *task)
{
    put_id(put, task->id.bytes);
    put_number(put, task->kind);
    put_word(put, task->name);
    put_word(put, task->channel);
    put_word(put, task->controller);
    put_id(put, task->item.bytes);
    put_id(put, task->other.bytes);
    put_instant(put, task->since);
    put_instant(put, task->due);
    put_id(put, task->details.bytes);
    put_text(put, task->reference);
}

void put_words(struct put *put, const word *at, size_t count)
{
    put_number(put, count);
    for (size_t i = 0; i < count; i++)
        put_word(put, at[i]);
}

status put_end(const struct put *put, struct report *report)
{
    if (put->full)
        return fail(report, FAULT_LIMIT, "a dossier has more than %d names", CODEC_WORDS - 1);
    str text;
    return buf_finish(put->out, report, &text);
}

/* ---- reading ---- */

bool take_begin(struct take *take, str bytes, struct words *words, struct arena *arena,
                uint8_t format)
{
    take->in = reader_over(bytes);
    take->words = words;
    take->arena = arena;
    take->count = 0;
    take->no_memory = false;
    return read_u8(&take->in) == format && !take->in.bad;
}

uint64_t take_long_number(struct take *take)
{
    const unsigned char *at = take->in.at;
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !take->in.bad && at < take->in.end; shift += 7) {
        uint8_t byte = *at++;
        if ((shift == 63 && byte > 1) || (byte == 0 && shift > 0))
            break; /* past 64 bits, or a longer form than needed */
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte >= 0x80)
            continue;
        take->in.at = at;
        return value;
    }
    take->in.bad = true;
    return 0;
}

instant take_instant(struct take *take)
{
    uint64_t value = take_number(take);
    switch (value) {
    case TIME_NEVER:
        return NEVER;
    case TIME_ALWAYS:
        return ALWAYS;
    case TIME_RAW:
        return (instant){(int64_t)read_be64(&take->in)};
    default:
        value -= TIME_FIRST;
        return (instant){(int64_t)((value >> 1) ^ (value & 1 ? UINT64_MAX : 0))};
    }
}

void take_id(struct take *take, unsigned char bytes[ID_BYTES])
{
    memset(bytes, 0, ID_BYTES);
    uint8_t there = read_u8(&take->in);
    if (there > 1)
        take->in.bad = true;
    if (there != 1 || take->in.bad)
        return;
    str id = read_bytes(&take->in, ID_BYTES);
    if (!take->in.bad)
        memcpy(bytes, id.ptr, ID_BYTES);
}

word take_new_word(struct take *take, uint64_t place)
{
    if (place != take->count + 1 || place >= CODEC_WORDS) {
        take->in.bad = true;
        return 0;
    }
    str text = read_bytes(&take->in, (size_t)take_below(take, LIMIT_FACTS_BYTES));
    if (take->in.bad || text.len == 0 || !utf8_valid(text)) {
        take->in.bad = true;
        return 0;
    }
    take->count++;
    take->table[place] = words_intern_at(take->words, (size_t)place, text);
    return take->table[place];
}

size_t take_count(struct take *take, size_t least)
{
    size_t left = (size_t)(take->in.end - take->in.at);
    return (size_t)take_below(take, left / least);
}

void *take_array(struct take *take, size_t count, size_t size)
{
    if (take->in.bad || count == 0)
        return NULL;
    void *at = count > SIZE_MAX / size ? NULL : arena_take(take->arena, count * size);
    if (at == NULL)
        take->in.bad = take->no_memory = true;
    return at;
}

str take_text(struct take *take, size_t most)
{
    str text = read_bytes(&take->in, (size_t)take_below(take, most));
    if (take->in.bad || text.len == 0)
        return STR("");
    char *copy = take_array(take, text.len, 1);
    take->in.bad |= !utf8_valid(text);
    if (copy == NULL)
        return STR("");
    memcpy(copy, text.ptr, text.len);
    return (str){copy, text.len};
}

void take_task(struct take *take, struct fact_task *task)
{
    take_id(take, task->id.bytes);
    task->kind = (enum task_kind)take_below(take, TASK_KIND_COUNT - 1);
    task->name = take_word(take);
    task->channel = take_word(take);
    task->controller = take_word(take);
    take_id(take, task->item.bytes);
    take_id(take, task->other.bytes);
    task->since = take_instant(take);
    task->due = take_instant(take);
    take_id(take, task->details.bytes);
    task->reference = take_text(take, LIMIT_REFERENCE_BYTES);
}

word *take_words(struct take *take, uint16_t *count)
{
    size_t many = take_count(take, 1);
    *count = 0;
    if (many > UINT16_MAX)
        take->in.bad = true;
    word *at = take_array(take, many, sizeof(word));
    if (at == NULL)
        return NULL;
    for (size_t i = 0; i < many; i++)
        at[i] = take_word(take);
    *count = (uint16_t)many;
    return at;
}

status take_end(const struct take *take, struct report *report)
{
    if (take->no_memory)
        return NO_MEMORY(report);
    if (!reader_done(&take->in))
        return fail(report, FAULT_CORRUPT, "the bytes of a dossier are damaged");
    return OK;
}
