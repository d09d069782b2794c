/* drop.c: taking back what was only appended, when the change that it tells of was undone. */
#include "log_internal.h"

uint64_t audit_pending(const struct audit_log *log)
{
    return log->appended;
}

void audit_drop(struct audit_log *log, uint64_t index)
{
    assert(index >= log->size && index <= log->appended);
    known_doubt(&log->known);
    if (index == log->appended)
        return;
    size_t at = 0;
    for (uint64_t i = log->size; i < index; i++) {
        struct reader reader = reader_over((str){log->pending.ptr + at + 8, 2});
        at += RECORD_HEAD_BYTES + (size_t)read_be16(&reader);
    }
    log->pending.len = at;
    log->tail.count = (size_t)(index - log->tiles.tiled);
    log->appended = index;
    whose_drop(&log->whose, index);
    id_set_drop(&log->ids); /* made anew when it is asked for */
}
