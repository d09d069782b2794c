/* Idempotency: a repeated write is answered from what the first one did. Neither the request nor
 * the answer is kept, only keyed hashes, the status, ids and the place in the log. */
#include "engine_internal.h"

enum { ONCE_KEY_BYTES = 255, ONCE_HOURS = 24, ONCE_IDS_BYTES = 64 << 10 };

static void write_outcome(struct buf *buf, const struct outcome *outcome)
{
    buf_add(buf, ID_STR(outcome->id));
    buf_add(buf, ID_STR(outcome->record));
    buf_be64(buf, outcome->count);
    for (size_t i = 0; i < outcome->item_count; i++)
        buf_add(buf, ID_STR(outcome->items[i]));
}

static bool read_outcome(str bytes, struct arena *arena, struct outcome *outcome)
{
    struct reader reader = reader_over(bytes);
    str id = read_bytes(&reader, ID_BYTES);
    str record = read_bytes(&reader, ID_BYTES);
    outcome->count = read_be64(&reader);
    size_t head = 2 * ID_BYTES + 8;
    if (reader.bad || (bytes.len - head) % ID_BYTES != 0)
        return false;
    memcpy(outcome->id.bytes, id.ptr, ID_BYTES);
    memcpy(outcome->record.bytes, record.ptr, ID_BYTES);
    size_t count = (bytes.len - head) / ID_BYTES;
    record_id *items = ARENA_ARRAY(arena, record_id, count + 1);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        memcpy(items[i].bytes, bytes.ptr + head + i * ID_BYTES, ID_BYTES);
    outcome->items = items;
    outcome->item_count = count;
    return true;
}

status call_once(struct call *call, str key, str content, bool *again)
{
    *again = false;
    if (key.len == 0 || key.len > ONCE_KEY_BYTES)
        return fail(call->report, FAULT_INVALID, "an idempotency key has 1 to %d characters",
                    ONCE_KEY_BYTES);
    struct keys *keys = vault_keys(call->reg->vault);
    keys_tag(keys, STR("once-key"), key, &call->once_key);
    keys_tag(keys, STR("once-request"), content, &call->once_request);
    call->once = true;
    struct vault_once once;
    TRY(vault_once_find(call->reg->vault, call->caller->token, call->once_key, call->now,
                        call->arena, call->report, again, &once));
    if (!*again)
        return OK;
    if (memcmp(once.request.bytes, call->once_request.bytes, BLIND_BYTES) != 0)
        return fail(call->report, FAULT_REUSED,
                    "this idempotency key came with another request before");
    if (!read_outcome(once.ids, call->arena, &call->outcome))
        return fail(call->report, FAULT_CORRUPT, "what was kept of the first request is damaged");
    call->outcome.http = once.http;
    call->outcome.log_index = once.log_index;
    return OK;
}

status call_remember(struct call *call)
{
    if (!call->once)
        return OK;
    struct buf buf = buf_in(call->arena, ONCE_IDS_BYTES);
    write_outcome(&buf, &call->outcome);
    if (buf.full)
        return fail(call->report, FAULT_LIMIT, "too much for one write that can be repeated");
    struct vault_once once = {.request = call->once_request,
                              .http = call->outcome.http,
                              .ids = buf_str(&buf),
                              .log_index = call->outcome.log_index,
                              .expires = {call->now.ms + (int64_t)ONCE_HOURS * 3600000}};
    return vault_once_put(call->reg->vault, call->caller->token, call->once_key, &once,
                          call->report);
}
