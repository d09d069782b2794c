/* Rows in memory: a table for each statement, an entry for each subject.
 *
 *   subject -> set: four entries | four who were asked for last and are not here */
#include <stdlib.h>
#include "bytes.h"
#include "kept.h"

enum {
    STATEMENTS_MOST = 4, /* whose rows are kept */
    SETS = 1 << 13,      /* of each */
    WAYS = 4             /* subjects in each */
};

/* Rows of one subject: each value its length, or INTEGER, and its bytes. */
struct entry {
    unsigned char subject[ID_BYTES];
    size_t len;
    char bytes[];
};

struct set {
    struct entry *entries[WAYS];
    uint64_t missed[WAYS]; /* the newest first; who is asked for a second time is kept */
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
    struct set sets[STATEMENTS_MOST][SETS];
};

static const uint32_t INTEGER = UINT32_MAX;

struct kept *kept_new(void)
{
    struct kept *kept = calloc(1, sizeof(*kept));
    if (kept == NULL)
        abort();
    return kept;
}

static void drop(struct kept *kept, struct entry **place)
{
    struct entry *entry = *place;
    if (entry == NULL)
        return;
    kept->bytes -= sizeof(*entry) + entry->len;
    bool given = false;
    for (size_t i = 0; i < STATEMENTS_MOST; i++) {
        if (kept->runs[i].entry == entry)
            given = kept->runs[i].orphan = true;
    }
    if (!given)
        free(entry);
    *place = NULL;
}

static void drop_all(struct kept *kept)
{
    for (size_t i = 0; i < STATEMENTS_MOST; i++) {
        for (size_t j = 0; kept->bytes > 0 && j < SETS * WAYS; j++)
            drop(kept, &kept->sets[i][j / WAYS].entries[j % WAYS]);
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

static struct set *set_of(struct kept *kept, int number, const unsigned char subject[ID_BYTES])
{
    return &kept->sets[number - 1][number_of(subject) % SETS];
}

/* Where the subject's entry is; NULL: it is not. */
static struct entry **place_of(struct set *set, const unsigned char subject[ID_BYTES])
{
    for (size_t i = 0; i < WAYS; i++) {
        const struct entry *entry = set->entries[i];
        if (entry != NULL && memcmp(entry->subject, subject, ID_BYTES) == 0)
            return &set->entries[i];
    }
    return NULL;
}

/* Whether the subject was asked for a short while ago. */
static bool was_missed(struct set *set, uint64_t number)
{
    size_t at = 0;
    while (at < WAYS - 1 && set->missed[at] != number)
        at++;
    bool found = set->missed[at] == number;
    memmove(&set->missed[1], &set->missed[0], at * sizeof(set->missed[0]));
    set->missed[0] = number;
    return found;
}

bool kept_start(struct kept *kept, enum statement statement, const struct value *in)
{
    const struct statement_text *text = &statement_texts[statement];
    struct run *run = run_of(kept, statement);
    memcpy(run->subject, in[text->subject].bytes.ptr, ID_BYTES);
    struct set *set = set_of(kept, text->kept, run->subject);
    struct entry **place = place_of(set, run->subject);
    if (place != NULL) {
        run->entry = *place;
        run->at = 0;
        return true;
    }
    run->collects = was_missed(set, number_of(run->subject));
    run->wrote = kept->wrote;
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
    static const size_t most = STATEMENTS_MOST * SETS * WAYS;
    struct set *sets = kept->sets[0];
    for (; kept->bytes > KEPT_BYTES_MOST; kept->hand = (kept->hand + 1) % most)
        drop(kept, &sets[kept->hand / WAYS].entries[kept->hand % WAYS]);
}

/* A free place, or another's: whose is left to chance. */
static struct entry **place_for(struct kept *kept, const struct run *run, int number)
{
    struct set *set = set_of(kept, number, run->subject);
    struct entry **place = place_of(set, run->subject);
    for (size_t i = 0; place == NULL && i < WAYS; i++) {
        if (set->entries[i] == NULL)
            place = &set->entries[i];
    }
    if (place == NULL)
        place = &set->entries[number_of(run->subject) / SETS % WAYS];
    drop(kept, place);
    return place;
}

static void keep(struct kept *kept, enum statement statement, const struct run *run)
{
    struct entry *entry = malloc(sizeof(*entry) + run->rows.len);
    if (entry == NULL)
        abort();
    memcpy(entry->subject, run->subject, ID_BYTES);
    entry->len = run->rows.len;
    if (entry->len > 0)
        memcpy(entry->bytes, run->rows.ptr, entry->len);
    struct entry **place = place_for(kept, run, statement_texts[statement].kept);
    kept->bytes += sizeof(*entry) + entry->len;
    make_room(kept);
    *place = entry;
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
        struct entry **place = place_of(set_of(kept, i, subject), subject);
        if (place != NULL)
            drop(kept, place);
    }
}
