/* bench_bare: the engine with its log, its sealing and its decision of a read switched off, to say
 * what those three cost. The same program as vern, linked with other functions in these places
 * (--wrap, bench.cmake): nothing in src knows of it, and nothing of it is in vern.
 *
 *   log        no entry is written, no flush waited for; an index is counted on
 *   sealing    bytes lie as they are, under no key
 *   decision   a read is given every item that is there; nothing ends
 *
 * What stays: HTTP, tokens, the dossier's row and its items' rows from the database, JSON, and the
 * permit. For one register in a folder of its own, which no other program reads. Never a server. */
#include "audit.h"
#include "decide.h"
#include "entry.h"
#include "keys_internal.h"

#define BARE(result, name, ...)                                                                    \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

/* ---- log ---- */

static uint64_t appended, flushed; /* of the one register */

uint64_t __real_audit_size(const struct audit_log *log);

BARE(status, audit_append, struct audit_log *log, str entry, struct report *report, uint64_t *index)
{
    (void)entry;
    (void)report;
    if (index != NULL)
        *index = __real_audit_size(log) + appended;
    appended++;
    return OK;
}

/* Those of writes stand in the outbox, which a start reads. */
BARE(status, audit_write, struct audit_log *log, const struct audit_entry *entry,
     char room[LIMIT_ENTRY_BYTES], struct report *report, str *text, uint64_t *index)
{
    struct buf buf = buf_over(room, LIMIT_ENTRY_BYTES);
    if (str_is(entry->action, "read"))
        buf_char(&buf, '-');
    else
        TRY(entry_write(&buf, entry, report));
    *text = buf_str(&buf);
    return audit_append(log, *text, report, index);
}

BARE(uint64_t, audit_pending, const struct audit_log *log)
{
    return __real_audit_size(log) + appended;
}

BARE(void, audit_drop, struct audit_log *log, uint64_t index)
{
    appended = index - __real_audit_size(log);
}

BARE(status, audit_flush, struct audit_log *log, struct report *report)
{
    (void)log;
    (void)report;
    flushed = appended;
    return OK;
}

BARE(uint64_t, audit_size, const struct audit_log *log)
{
    return __real_audit_size(log) + flushed;
}

BARE(status, audit_sign, struct audit_log *log, struct report *report, str *note)
{
    (void)report;
    *note = audit_note(log);
    return OK;
}

BARE(status, audit_contains_id, struct audit_log *log, audit_id random, instant made,
     struct report *report, bool *present)
{
    (void)log;
    (void)random;
    (void)made;
    (void)report;
    *present = true;
    return OK;
}

/* ---- sealing ---- */

BARE(void, aead_seal, struct crypto *crypto, const secret *key,
     const unsigned char nonce[NONCE_BYTES], str data, str plain, unsigned char *cipher,
     unsigned char tag[TAG_BYTES])
{
    (void)crypto;
    (void)key;
    (void)nonce;
    (void)data;
    memmove(cipher, plain.ptr, plain.len);
    memset(tag, 0, TAG_BYTES);
}

BARE(bool, aead_open, struct crypto *crypto, const secret *key,
     const unsigned char nonce[NONCE_BYTES], str data, str cipher,
     const unsigned char tag[TAG_BYTES], unsigned char *plain)
{
    (void)crypto;
    (void)key;
    (void)nonce;
    (void)data;
    (void)tag;
    memmove(plain, cipher.ptr, cipher.len);
    return true;
}

/* ---- decision ---- */

BARE(status, settle, const struct view *view, instant t, struct arena *arena, struct report *report,
     struct settled *settled)
{
    (void)t;
    *settled = (struct settled){.next = NEVER};
    size_t count = view->subject == NULL ? 0 : view->subject->items.count;
    settled->items = ARENA_ARRAY(arena, struct settled_item, count + 1);
    if (settled->items == NULL)
        return NO_MEMORY(report);
    for (; settled->count < count; settled->count++)
        settled->items[settled->count] =
            (struct settled_item){.item = &view->subject->items.at[settled->count],
                                  .alive = true,
                                  .end = NEVER,
                                  .rule = &rule_none};
    return OK;
}

status __real_decide(const struct view *view, const struct settled *settled,
                     const struct operation *op, instant t, struct arena *arena,
                     struct report *report, struct decision *decision);
status __wrap_decide(const struct view *view, const struct settled *settled,
                     const struct operation *op, instant t, struct arena *arena,
                     struct report *report, struct decision *decision);
status __wrap_decide(const struct view *view, const struct settled *settled,
                     const struct operation *op, instant t, struct arena *arena,
                     struct report *report, struct decision *decision)
{
    if (op->action != ACTION_READ)
        return __real_decide(view, settled, op, t, arena, report, decision);
    const struct facts *subject = view->subject;
    *decision = (struct decision){.verdict = VERDICT_ALLOW};
    decision->parts = ARENA_ARRAY(arena, struct part, subject->items.count + 1);
    if (decision->parts == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < subject->items.count; i++)
        if (subject->items.at[i].field != 0)
            decision->parts[decision->count++] = (struct part){.item = subject->items.at[i].id,
                                                               .field = subject->items.at[i].field,
                                                               .verdict = VERDICT_ALLOW};
    return OK;
}
