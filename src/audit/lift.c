/* lift.c: of a log that several servers write, what was appended here comes behind what others have
 * appended first.
 *
 *   durable | a b                 audit_lift()
 *   durable |          a b aside  audit_append() of what others had first
 *   durable | x y z    a b aside  audit_lower()
 *   durable | x y z a b           audit_where() of the index of a: three more than it was */
#include "log_internal.h"

struct lifting {
    struct arena *arena;
    struct audit_lifted *lifted;
};

static status lift_manifest(void *self, const merkle_hash *root, str lines, struct report *report)
{
    (void)self;
    (void)root;
    (void)lines;
    return fail(report, FAULT_INTERNAL, "an entry about many is numbered by who is alone");
}

static status lift_entry(void *self, uint64_t index, str entry, struct report *report)
{
    struct lifting *lifting = self;
    str *copy = LIST_ADD(lifting->arena, &lifting->lifted->entries);
    (void)index;
    if (copy == NULL)
        return NO_MEMORY(report);
    *copy = arena_copy(lifting->arena, entry);
    return copy->ptr == NULL ? NO_MEMORY(report) : OK;
}

status audit_lift(struct audit_log *log, struct arena *arena, struct report *report,
                  struct audit_lifted *lifted)
{
    struct lifting lifting = {arena, lifted};
    struct audit_keeper keeper = {&lifting, lift_manifest, lift_entry};
    *lifted = (struct audit_lifted){.from = audit_size(log)};
    TRY(audit_each_pending(log, &keeper, report));
    audit_drop(log, audit_size(log));
    return OK;
}

status audit_lower(struct audit_log *log, const struct audit_lifted *lifted, struct report *report)
{
    uint64_t to = audit_pending(log);
    for (size_t i = 0; i < lifted->entries.count; i++)
        TRY(audit_append(log, lifted->entries.at[i], report, NULL));
    log->moved = (struct moved){lifted->from, lifted->entries.count, to};
    return OK;
}

uint64_t audit_where(const struct audit_log *log, uint64_t index)
{
    const struct moved *moved = &log->moved;
    bool is = index >= moved->from && index - moved->from < moved->count;
    return is ? index - moved->from + moved->to : index;
}
