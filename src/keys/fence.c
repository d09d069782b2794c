/* Fences: durable marks that something was taken away. */
#include "keys_internal.h"

enum { FENCE_PAGE = 256, PAGE_BUDGET = 64 << 20, ACT_BYTES_MAX = 128 << 10 };

static status fence_on_ring(struct keys *keys, const struct fence *fence, struct report *report)
{
    struct ring *ring = NULL;
    TRY(ring_fetch(keys, fence->dossier, report, &ring));
    if (ring == NULL)
        return fence->kind == FENCE_WHOLE
                   ? OK
                   : fail(report, FAULT_INTERNAL, "a fence for a dossier that has no key ring");
    if (fence->version <= ring->body->fence_version)
        return fail(report, FAULT_INTERNAL, "a fence for a version that an earlier one made");
    ring->body->fence_version = fence->version;
    ring->body->gone = fence->kind == FENCE_WHOLE;
    ring_touch(keys, ring);
    return OK;
}

status keys_fence(struct keys *keys, const struct fence *fence, struct report *report)
{
    assert(keys != NULL && fence != NULL);
    assert(fence->kind == FENCE_PART || fence->kind == FENCE_WHOLE);

    if (fence->act.bytes.len > ACT_BYTES_MAX)
        return fail(report, FAULT_LIMIT, "what a fence takes away needs more than %d bytes",
                    ACT_BYTES_MAX);
    TRY(fence_on_ring(keys, fence, report));
    TRY(db_fence_put(keys->db,
                     &(struct db_fence_put_in){.subject = fence->dossier,
                                               .version = fence->version,
                                               .kind = fence->kind,
                                               .at = fence->at,
                                               .request = fence->request,
                                               .act = fence->act.bytes},
                     report));
    marks_add(&keys->fences, &(struct mark){.id = fence->dossier, .version = fence->version});
    return OK;
}

static bool has_leaving(const struct ring *ring)
{
    for (size_t i = 0; i < ring->body->count; i++)
        if (ring->body->at[i].leaving)
            return true;
    return false;
}

status keys_fence_finish(struct keys *keys, const struct fence *fence, struct report *report)
{
    assert(keys != NULL && fence != NULL);

    struct ring *ring = NULL;
    TRY(ring_fetch(keys, fence->dossier, report, &ring));
    bool whole = fence->kind == FENCE_WHOLE;
    if (ring != NULL && (whole || has_leaving(ring)))
        marks_add(&keys->marks,
                  &(struct mark){.id = fence->dossier, .ring = !whole, .whole = whole});
    marks_add(&keys->fences, &(struct mark){.id = fence->dossier, .version = fence->version});
    return OK;
}

/* What the fences that are left say of the ring. */
static status fences_left(struct keys *keys, struct ring *ring, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BUDGET);
    struct fence *fences;
    size_t count;
    TRY(keys_fences(keys, ring->id, 0, arena, report, &fences, &count));
    ring->body->fence_version = count == 0 ? 0 : fences[count - 1].version;
    ring->body->gone = count > 0 && fences[count - 1].kind == FENCE_WHOLE;
    return OK;
}

status keys_fence_undo(struct keys *keys, const struct fence *fence, struct report *report)
{
    assert(keys != NULL && fence != NULL);

    struct ring *ring = NULL;
    struct db_fence_drop_in drop = {.subject = fence->dossier, .version = fence->version};
    TRY(ring_fetch(keys, fence->dossier, report, &ring));
    TRY(db_fence_drop(keys->db, &drop, report, NULL));
    if (ring == NULL)
        return OK;
    TRY(fences_left(keys, ring, report));
    ring_keep_leaving(ring);
    ring_touch(keys, ring);
    return OK;
}

status keys_ring_forget(struct keys *keys, dossier_id id, struct report *report)
{
    assert(keys != NULL);

    bool fenced = false;
    struct db_fence_whole_row fence;
    TRY(db_fence_whole(keys->db, &(struct db_fence_whole_in){.subject = id}, report, &fenced,
                       &fence));
    if (!fenced)
        return fail(report, FAULT_INTERNAL, "a key ring is to go and no fence says so");
    marks_add(&keys->marks, &(struct mark){.id = id, .whole = true});
    return OK;
}

status keys_fences(struct keys *keys, dossier_id id, uint64_t above, struct arena *arena,
                   struct report *report, struct fence **fences, size_t *count)
{
    assert(keys != NULL && arena != NULL);
    assert(fences != NULL && count != NULL);

    struct db_fence_above_row *rows = NULL;
    TRY(db_fence_above_all(keys->db, &(struct db_fence_above_in){.subject = id, .version = above},
                           arena, report, &rows, count));
    *fences = ARENA_ARRAY(arena, struct fence, *count);
    if (*fences == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*fences)[i] = (struct fence){.dossier = id,
                                      .kind = (enum fence_kind)rows[i].kind,
                                      .version = rows[i].version,
                                      .at = rows[i].at,
                                      .act = {rows[i].act},
                                      .request = rows[i].request};
    return OK;
}

/* Both listings have the same columns. */
static struct fence fence_of(const struct db_fence_list_row *row)
{
    return (struct fence){.dossier = row->subject,
                          .kind = (enum fence_kind)row->kind,
                          .version = row->version,
                          .at = row->at,
                          .act = {row->act},
                          .request = row->request};
}

static status fence_page(struct keys *keys, bool only_open, const struct fence *after,
                         struct arena *arena, struct report *report,
                         struct db_fence_list_row **rows, size_t *count)
{
    struct db_fence_list_in in = {
        .after = after->dossier, .after_version = after->version, .limit = FENCE_PAGE};
    if (!only_open)
        return db_fence_list_all(keys->db, &in, arena, report, rows, count);
    struct db_fence_list_open_in open_in = {
        .after = in.after, .after_version = in.after_version, .limit = in.limit};
    struct db_fence_list_open_row *open = NULL;
    TRY(db_fence_list_open_all(keys->db, &open_in, arena, report, &open, count));
    *rows = ARENA_ARRAY(arena, struct db_fence_list_row, *count);
    if (*rows == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*rows)[i] = (struct db_fence_list_row){open[i].subject, open[i].version, open[i].kind,
                                                open[i].at,      open[i].request, open[i].act};
    return OK;
}

/* Page by page, so that the visitor may change fences and rings. */
status keys_fences_each(struct keys *keys, bool only_open,
                        status (*each)(void *self, const struct fence *fence,
                                       struct report *report),
                        void *self, struct report *report)
{
    assert(keys != NULL && each != NULL);

    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BUDGET);
    struct fence last = {0};
    size_t count = FENCE_PAGE;
    while (count == FENCE_PAGE) {
        struct db_fence_list_row *rows = NULL;
        arena_reset(arena);
        TRY(fence_page(keys, only_open, &last, arena, report, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            last = fence_of(&rows[i]);
            TRY(each(self, &last, report));
        }
    }
    return OK;
}

status fences_open(struct keys *keys, struct report *report, bool *open)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct db_fence_list_open_in in = {.limit = 1};
    struct db_fence_list_open_row *rows = NULL;
    size_t count = 0;
    TRY(db_fence_list_open_all(keys->db, &in, arena, report, &rows, &count));
    *open = count > 0;
    return OK;
}
