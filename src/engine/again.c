/* What a repeated write answers beyond its ids, where the log alone can say it: the receipt of an
 * erasure. Its entry is durable for ever, also when nothing of the person is left. */
#include "engine_internal.h"

static status prove_again(struct call *call, struct erase_result *result)
{
    str text;
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(call->report);
    TRY(audit_read(call->reg->log, call->outcome.log_index, call->arena, call->report, &text));
    TRY(entry_parse(text, call->report, entry));
    result->whole = str_is(entry->action, "erase_whole");
    return call_receipt(call, call->outcome.log_index, entry->subject,
                        result->whole ? "erased" : "erased_in_part", &result->receipt);
}

/* As with the first answer: where no proof can be made now, it comes without one. */
static status again_finish(struct call *call)
{
    struct erase_result *result = call->state;
    struct report *kept = call->report, quiet = {0};
    call->report = &quiet;
    if (!is_ok(prove_again(call, result)))
        result->receipt = STR("");
    call->report = kept;
    return OK;
}

status engine_erase_again(struct call *call, struct erase_result *result)
{
    *result = (struct erase_result){0};
    call->state = result;
    call->finish = again_finish; /* the first may be of this very turn */
    return OK;
}
