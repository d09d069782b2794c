/* Rows in memory: a table of slots for each statement, an entry for each subject. */
#include <stdlib.h>
#include "bytes.h"
#include "kept.h"

enum {
    STATEMENTS_MOST = 4, /* whose rows are kept */
    SLOTS = 1 << 13      /* of each, with one subject in each */
};

/* Rows of one subject: each value its length, or INTEGER, and its bytes. */
struct entry {
    unsigned char subject[ID_BYTES];
    size_t len;
    char bytes[];
};

struct slot {
    struct entry *entry;
    uint64_t missed; /* who was asked for last and is not here: the second time rows are kept */
};

/* A statement that runs. */
struct run {
    struct entry *entry; /* whose rows are given; NULL: the driver gives them */
    size_t at;
    bool orphan;    /* forgotten meanwhile: it goes when the run ends */
    bool collects;  /* what the driver gives is to be kept */
    bool complete;  /* and all of it was seen */
    uint64_t wrote; /* writes until it began */
    unsigned char subject[ID_BYTES];
    struct bytes rows;
};

struct kept {
    struct run runs[STATEMENTS_MOST];
    uint64_t wrote; /* writes that forgot something or might have */
    size_t bytes, hand;
    struct slot slots[STATEMENTS_MOST][SLOTS];
};

static const uint32_t INTEGER = UINT32_MAX;

struct kept *kept_new(void)
{
    struct kept *kept = calloc(1, sizeof(*kept));
    if (kept == NULL)
        abort();
    return kept;
}

static void drop(struct kept *kept, struct slot *slot)
{
    if (slot->entry == NULL)
        return;
    kept->bytes -= sizeof(*slot->entry) + slot->entry->len;
    bool given = false;
    for (size_t i = 0; i < STATEMENTS_MOST; i++) {
        if (kept->runs[i].entry == slot->entry)
            given = kept->runs[i].orphan = true;
    }
    if (!given)
        free(slot->entry);
    slot->entry = NULL;
}

static void drop_all(struct kept *kept)
{
    for (size_t i = 0; i < STATEMENTS_MOST; i++) {
        for (size_t j = 0; kept->bytes > 0 && j < SLOTS; j++)
            drop(kept, &kept->slots[i][j]);
    }
}

void kept_free(struct kept **kept)
{
    if (*kept == NULL)
        return;
    drop_all(*kept);
    for (size_t i = 0; i < STATEMENTS_MOST; i++)
        bytes_free(&(*kept)->runs[i].rows);
    free(*kept);
    *kept = NULL;
}

static struct run *run_of(struct kept *kept, enum statement statement)
{
    return &kept->runs[statement_texts[statement].kept - 1];
}

/* Ids are random, so their first bytes will do. */
static uint64_t number_of(const unsigned char subject[ID_BYTES])
{
    uint64_t number;
    memcpy(&number, subject, sizeof(number));
    return number;
}

static struct slot *slots_of(struct kept *kept, int number, const unsigned char subject[ID_BYTES])
{
    return &kept->slots[number - 1][number_of(subject) % SLOTS];
}

static bool is_of(const struct slot *slot, const unsigned char subject[ID_BYTES])
{
    return slot->entry != NULL && memcmp(slot->entry->subject, subject, ID_BYTES) == 0;
}

bool kept_start(struct kept *kept, enum statement statement, const struct value *in)
{
    const struct statement_text *text = &statement_texts[statement];
    struct run *run = run_of(kept, statement);
    memcpy(run->subject, in[text->subject].bytes.ptr, ID_BYTES);
    struct slot *slot = slots_of(kept, text->kept, run->subject);
    if (is_of(slot, run->subject)) {
        run->entry = slot->entry;
        run->at = 0;
        return true;
    }
    run->collects = slot->missed == number_of(run->subject);
    run->wrote = kept->wrote;
    slot->missed = number_of(run->subject);
    return false;
}

bool kept_gives(const struct kept *kept, enum statement statement)
{
    return kept->runs[statement_texts[statement].kept - 1].entry != NULL;
}

static void take(struct run *run, void *to, size_t len)
{
    memcpy(to, run->entry->bytes + run->at, len);
    run->at += len;
}

static struct value take_value(struct run *run)
{
    uint32_t len;
    take(run, &len, sizeof(len));
    if (len == INTEGER) {
        int64_t integer;
        take(run, &integer, sizeof(integer));
        return value_integer(integer);
    }
    struct value value = value_bytes(run->entry->bytes + run->at, len);
    run->at += len;
    return value;
}

bool kept_next(struct kept *kept, enum statement statement, struct value *out)
{
    struct run *run = run_of(kept, statement);
    if (run->at == run->entry->len)
        return false;
    for (int i = 0; i < statement_texts[statement].out_count; i++)
        out[i] = take_value(run);
    return true;
}

static void add(struct run *run, const void *from, size_t len)
{
    bytes_add(&run->rows, (str){from, len});
}

static void add_value(struct run *run, const struct value *value)
{
    uint32_t len = value->kind == VALUE_INTEGER ? INTEGER : (uint32_t)value->bytes.len;
    add(run, &len, sizeof(len));
    if (value->kind == VALUE_INTEGER)
        add(run, &value->integer, sizeof(value->integer));
    else
        add(run, value->bytes.ptr, value->bytes.len);
}

void kept_saw(struct kept *kept, enum statement statement, const struct value *out)
{
    struct run *run = run_of(kept, statement);
    if (!run->collects)
        return;
    run->complete = out == NULL || statement_texts[statement].one;
    for (int i = 0; out != NULL && i < statement_texts[statement].out_count; i++)
        add_value(run, &out[i]);
    if (run->rows.len > KEPT_BYTES_MOST / 64) /* one subject is not to drive out many */
        run->collects = false;
}

static void make_room(struct kept *kept)
{
    while (kept->bytes > KEPT_BYTES_MOST) {
        struct slot *slot = &kept->slots[kept->hand / SLOTS][kept->hand % SLOTS];
        kept->hand = (kept->hand + 1) % (STATEMENTS_MOST * SLOTS);
        drop(kept, slot);
    }
}

static void keep(struct kept *kept, enum statement statement, const struct run *run)
{
    struct slot *slot = slots_of(kept, statement_texts[statement].kept, run->subject);
    struct entry *entry = malloc(sizeof(*entry) + run->rows.len);
    if (entry == NULL)
        abort();
    memcpy(entry->subject, run->subject, ID_BYTES);
    entry->len = run->rows.len;
    if (entry->len > 0)
        memcpy(entry->bytes, run->rows.ptr, entry->len);
    drop(kept, slot);
    kept->bytes += sizeof(*entry) + entry->len;
    make_room(kept);
    slot->entry = entry;
}

void kept_finish(struct kept *kept, enum statement statement)
{
    struct run *run = run_of(kept, statement);
    if (run->orphan)
        free(run->entry);
    run->entry = NULL;
    run->orphan = false;
    if (run->collects && run->complete && run->wrote == kept->wrote)
        keep(kept, statement, run);
    run->collects = run->complete = false;
    run->rows.len = 0;
}

size_t kept_bytes(const struct kept *kept)
{
    return kept->bytes;
}

void kept_forget(struct kept *kept, enum statement statement, const struct value *in)
{
    const struct statement_text *text = &statement_texts[statement];
    kept->wrote++;
    if (text->subject < 0) {
        drop_all(kept);
        return;
    }
    const unsigned char *subject = (const unsigned char *)in[text->subject].bytes.ptr;
    for (int i = 1; i <= STATEMENTS_MOST; i++) {
        struct slot *slot = slots_of(kept, i, subject);
        if (is_of(slot, subject))
            drop(kept, slot);
    }
}
