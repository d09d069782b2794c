/* Receipts: an entry of the log with the proof that it is in the log and the signed checkpoint that
 * the proof ends at, so that whoever holds one can show it to anybody (docs/log-format.md). Built
 * from the log alone, once the entry is durable. */
#include "engine_internal.h"
#include "json.h"
#include "manifest.h"

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

/* One line of an entry's manifest, and the path from it to the root that the entry names. */
static void put_line(struct json_out *out, const struct manifest_proof *line)
{
    json_key(out, "manifest");
    json_open_object(out);
    json_key(out, "lines");
    json_put_u64(out, line->count);
    json_key(out, "line");
    json_put_u64(out, line->index);
    json_key(out, "decision");
    json_put_text(out, audit_decision_name((enum audit_decision)line->line.decision));
    json_key(out, "proof");
    put_proof(out, &line->path);
    json_close_object(out);
}

static status put_receipt(struct call *call, uint64_t index, audit_id handle, const char *what,
                          const struct manifest_proof *line, str *receipt)
{
    struct reg *reg = call->reg;
    uint64_t size;
    str entry, checkpoint;
    TRY(audit_attest(reg->log, index, call->report, &size, &checkpoint));
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
    if (line != NULL)
        put_line(&out, line);
    json_key(&out, "proof");
    put_proof(&out, &proof);
    json_key(&out, "checkpoint");
    json_put_str(&out, checkpoint);
    json_key(&out, "key");
    json_put_str(&out, reg_verifier(reg));
    json_close_object(&out);
    return buf_finish(&buf, call->report, receipt);
}

status call_receipt(struct call *call, uint64_t index, audit_id handle, const char *what,
                    str *receipt)
{
    return put_receipt(call, index, handle, what, NULL, receipt);
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

/* What was written is durable and stands: where no proof can be made now (the log cannot be read),
 * the answer comes without one. */
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

/* ---- of any entry that is about a person, alone or as one of many ---- */

struct proving {
    uint64_t log_index;
    struct audit_ids handles; /* of the person */
    str *document;
};

static status find_line(struct call *call, const struct audit_entry *entry, audit_id handle,
                        struct manifest_proof *line)
{
    struct manifest_name name = {entry->manifest, entry->manifest_lines};
    if (entry->has_manifest)
        return audit_manifest_prove(call->reg->log, &name, handle, call->report, line);
    if (memcmp(&entry->subject, &handle, sizeof(entry->subject)) == 0)
        return OK;
    return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
}

/* By which of the references the entry is about them; NOT_FOUND by none. */
static status find_handle(struct call *call, const struct proving *proving,
                          struct manifest_proof *line, bool *many, audit_id *handle)
{
    str text;
    status found = {FAULT_NOT_FOUND};
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(call->report);
    TRY(audit_read(call->reg->log, proving->log_index, call->arena, call->report, &text));
    TRY(entry_parse(text, call->report, entry));
    *many = entry->has_manifest;
    for (size_t i = 0; i < proving->handles.count && found.fault == FAULT_NOT_FOUND; i++) {
        *handle = proving->handles.at[i];
        *call->report = (struct report){0};
        found = find_line(call, entry, *handle, line);
    }
    return found;
}

static status prove_finish(struct call *call)
{
    struct proving *proving = call->state;
    struct manifest_proof *line = ARENA_NEW(call->arena, struct manifest_proof);
    audit_id handle;
    bool many = false;
    if (line == NULL)
        return NO_MEMORY(call->report);
    status found = find_handle(call, proving, line, &many, &handle);
    if (found.fault == FAULT_NOT_FOUND) /* no such entry, or it is not about them */
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    TRY(found);
    return put_receipt(call, proving->log_index, handle, "entry", many ? line : NULL,
                       proving->document);
}

static status prove_later(struct call *call, uint64_t log_index, str *document,
                          struct proving **out)
{
    struct proving *proving = ARENA_NEW(call->arena, struct proving);
    if (proving == NULL)
        return NO_MEMORY(call->report);
    *proving = (struct proving){.log_index = log_index, .document = document};
    call->state = proving;
    call->finish = prove_finish;
    *out = proving;
    return OK;
}

status engine_prove(struct call *call, const struct proof_ask *request, str *document)
{
    audit_id handle, *only;
    struct proving *proving = NULL;
    if (!id_parse(request->reference, handle.bytes))
        return fail_at(call->report, FAULT_INVALID, "/reference", "a reference has 22 characters");
    TRY(call_whole_register(call));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    TRY(call_log(call, NULL, &op, "prove", decision_by_scope()));
    TRY(prove_later(call, request->log_index, document, &proving));
    only = LIST_ADD(call->arena, &proving->handles);
    if (only == NULL)
        return NO_MEMORY(call->report);
    *only = handle;
    return OK;
}

status engine_my_receipt(struct call *call, uint64_t log_index, str *document)
{
    struct subject subject;
    struct proving *proving = NULL;
    TRY(call_open(call, call->caller->subject, &subject));
    struct operation op = call_operation(call, ACTION_NONE, call->caller->subject);
    TRY(call_log(call, subject.dossier->facts, &op, "prove", decision_by_scope()));
    TRY(prove_later(call, log_index, document, &proving));
    return call_handles(call, subject.dossier->facts, &proving->handles);
}
