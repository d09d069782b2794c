/* Receipts: an entry of the log with the proof that it is in the log and the signed checkpoint that
 * the proof ends at, so that whoever holds one can show it to anybody (docs/log-format.md). Built
 * from the log alone, once the entry is durable. */
#include "engine_internal.h"
#include "json.h"

static void put_proof(struct json_out *out, const struct merkle_proof *proof)
{
    json_open_array(out);
    for (size_t i = 0; i < proof->count; i++) {
        char text[64];
        struct buf buf = buf_over(text, sizeof(text));
        buf_base64(&buf, (str){(const char *)proof->at[i].bytes, MERKLE_HASH_BYTES});
        json_put_str(out, buf_str(&buf));
    }
    json_close_array(out);
}

status call_receipt(struct call *call, uint64_t index, audit_id handle, const char *what,
                    str *receipt)
{
    struct reg *reg = call->reg;
    if (audit_mark_of(reg->log).size <= index)
        TRY(reg_checkpoint(reg, call->report));
    uint64_t size = audit_mark_of(reg->log).size;
    str entry;
    TRY(audit_read(reg->log, index, call->arena, call->report, &entry));
    struct merkle_proof proof;
    TRY(audit_prove(reg->log, index, size, call->report, &proof));
    struct buf buf = buf_in(call->arena, 64 << 10);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "receipt");
    json_put_text(&out, what);
    json_key(&out, "reference");
    json_put_id(&out, handle.bytes);
    json_key(&out, "index");
    json_put_u64(&out, index);
    json_key(&out, "size");
    json_put_u64(&out, size);
    json_key(&out, "entry");
    json_put_str(&out, entry);
    json_key(&out, "proof");
    put_proof(&out, &proof);
    json_key(&out, "checkpoint");
    json_put_str(&out, audit_note(reg->log));
    json_key(&out, "key");
    json_put_str(&out, reg_verifier(reg));
    json_close_object(&out);
    return buf_finish(&buf, call->report, receipt);
}

struct receipting {
    const char *what;
    str *receipt;
};

static status prove(struct call *call, const struct receipting *receipting)
{
    str text;
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(call->report);
    TRY(audit_read(call->reg->log, call->outcome.log_index, call->arena, call->report, &text));
    TRY(entry_parse(text, call->report, entry));
    return call_receipt(call, call->outcome.log_index, entry->subject, receipting->what,
                        receipting->receipt);
}

/* What was written is durable and stands: where no proof can be made now (the checkpoint finds no
 * room), the answer comes without one. */
static status receipt_finish(struct call *call)
{
    struct receipting *receipting = call->state;
    struct report *kept = call->report, quiet = {0};
    call->report = &quiet;
    if (!is_ok(prove(call, receipting)))
        *receipting->receipt = STR("");
    call->report = kept;
    return OK;
}

status engine_receipt(struct call *call, const char *what, str *receipt)
{
    struct receipting *receipting = ARENA_NEW(call->arena, struct receipting);
    *receipt = STR("");
    if (receipting == NULL)
        return NO_MEMORY(call->report);
    *receipting = (struct receipting){what, receipt};
    call->state = receipting;
    call->finish = receipt_finish;
    return OK;
}
