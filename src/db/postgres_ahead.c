/* Answers to what will be asked in a moment: see struct aheads. */
#ifdef VERN_POSTGRES
#include "postgres_internal.h"

/* False for what is no statement of ids alone, or of too many. */
static bool key_of(const struct value *in, int count, struct ahead *ahead)
{
    struct buf key = buf_over(ahead->key, sizeof(ahead->key));
    for (int i = 0; i < count; i++) {
        if (in[i].kind != VALUE_BYTES)
            return false;
        buf_add(&key, in[i].bytes);
    }
    ahead->key_len = key.len;
    return !key.full && key.len >= ID_BYTES;
}

struct ahead *ahead_find(struct aheads *aheads, int slot, const struct value *in, int count)
{
    struct ahead key;
    if (aheads->used == 0 || !key_of(in, count, &key))
        return NULL;
    for (size_t i = 0; i < aheads->used; i++) {
        struct ahead *at = &aheads->at[i];
        if ((at->state == AHEAD_SENT || at->state == AHEAD_THERE) && at->slot == slot &&
            at->key_len == key.key_len && memcmp(at->key, key.key, key.key_len) == 0)
            return at;
    }
    return NULL;
}

struct ahead *ahead_add(struct aheads *aheads, int slot, const struct value *in, int count)
{
    struct ahead made = {.state = AHEAD_SENT, .slot = slot};
    size_t i = 0;
    if (!key_of(in, count, &made))
        return NULL;
    while (i < aheads->used && aheads->at[i].state != AHEAD_FREE)
        i++;
    if (i == AHEAD_MOST)
        return NULL;
    aheads->used = i == aheads->used ? i + 1 : aheads->used;
    aheads->at[i] = made;
    return &aheads->at[i];
}

void ahead_answer(struct ahead *ahead, PGresult *result)
{
    if (ahead->state == AHEAD_SENT && result != NULL) {
        ahead->state = AHEAD_THERE;
        ahead->result = result;
        return;
    }
    PQclear(result);
    ahead->state = AHEAD_FREE;
}

PGresult *ahead_take(struct ahead *ahead)
{
    PGresult *result = ahead->result;
    *ahead = (struct ahead){.state = AHEAD_FREE};
    return result;
}

static void let_go(struct ahead *ahead)
{
    if (ahead->state == AHEAD_SENT)
        ahead->state = AHEAD_VOID; /* its answer is still to come */
    if (ahead->state == AHEAD_THERE)
        PQclear(ahead_take(ahead));
}

void ahead_let_go(struct aheads *aheads)
{
    for (size_t i = 0; i < aheads->used; i++)
        let_go(&aheads->at[i]);
    while (aheads->used > 0 && aheads->at[aheads->used - 1].state == AHEAD_FREE)
        aheads->used--;
}

/* Is it about the subject that a parameter of the write names? */
static bool is_about(const struct ahead *ahead, const struct value *in, int count)
{
    for (int i = 0; i < count; i++)
        if (in[i].kind == VALUE_BYTES && in[i].bytes.len == ID_BYTES &&
            memcmp(in[i].bytes.ptr, ahead->key, ID_BYTES) == 0)
            return true;
    return false;
}

void ahead_wrote(struct aheads *aheads, const struct value *in, int count)
{
    for (size_t i = 0; i < aheads->used; i++)
        if (is_about(&aheads->at[i], in, count))
            let_go(&aheads->at[i]);
}

void ahead_gone(struct aheads *aheads)
{
    for (size_t i = 0; i < aheads->used; i++)
        PQclear(ahead_take(&aheads->at[i]));
    aheads->used = 0;
}
#else
typedef int nothing_without_libpq;
#endif
