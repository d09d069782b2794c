/* The two indexes over people: when to settle again (`due`), who has what (`live`). */
#include "vault_internal.h"

enum { TOUCH_PAGE = 256 };

status vault_due(struct vault *vault, instant until, size_t limit, struct arena *arena,
                 struct report *report, dossier_id **ids, size_t *count)
{
    struct db_due_until_in in = {.hour = hour_of(until), .limit = (int64_t)limit};
    struct db_due_until_row *rows;
    TRY(db_due_until_all(vault->data, &in, arena, report, &rows, count));
    *ids = ARENA_ARRAY(arena, dossier_id, *count + 1);
    if (*ids == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*ids)[i] = rows[i].subject;
    return OK;
}

status vault_due_page(struct vault *vault, instant until, size_t limit,
                      struct vault_due_cursor after, struct arena *arena, struct report *report,
                      struct vault_due_cursor **due, size_t *count)
{
    struct db_due_after_in in = {.hour = hour_of(until),
                                 .after_hour = after.started ? after.hour : INT64_MIN,
                                 .after = after.id,
                                 .limit = (int64_t)limit};
    struct db_due_after_row *rows;
    TRY(db_due_after_all(vault->data, &in, arena, report, &rows, count));
    *due = ARENA_ARRAY(arena, struct vault_due_cursor, *count + 1);
    if (*due == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*due)[i] = (struct vault_due_cursor){true, rows[i].hour, rows[i].subject};
    return OK;
}

status vault_due_again(struct vault *vault, dossier_id id, instant next, struct report *report)
{
    return put_due(vault, id, next, report);
}

status vault_not_due(struct vault *vault, dossier_id id, struct report *report)
{
    return put_due(vault, id, NEVER, report);
}

status vault_live(struct vault *vault, blind tag, dossier_id after, size_t limit,
                  struct arena *arena, struct report *report, dossier_id **ids, size_t *count)
{
    struct db_live_by_tag_in in = {
        .tag = {(const char *)tag.bytes, BLIND_BYTES}, .after = after, .limit = (int64_t)limit};
    struct db_live_by_tag_row *rows;
    TRY(db_live_by_tag_all(vault->data, &in, arena, report, &rows, count));
    *ids = ARENA_ARRAY(arena, dossier_id, *count + 1);
    if (*ids == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*ids)[i] = rows[i].subject;
    return OK;
}

status vault_touch(struct vault *vault, blind tag, instant now, struct report *report)
{
    dossier_id after = {{0}};
    for (;;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        size_t count;
        TRY(vault_live(vault, tag, after, TOUCH_PAGE, arena, report, &ids, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(put_due(vault, ids[i], now, report));
            after = ids[i];
        }
        if (count < TOUCH_PAGE)
            return OK;
    }
}

status vault_bytes(struct vault *vault, struct report *report, uint64_t *data, uint64_t *keys)
{
    TRY(db_bytes(vault->data, report, data));
    return keys_bytes(vault->keys, report, keys);
}

status vault_due_count(struct vault *vault, instant until, struct report *report, uint64_t *count)
{
    bool found;
    struct db_due_count_row row = {0};
    struct db_due_count_in in = {.hour = hour_of(until)};
    TRY(db_due_count(vault->data, &in, report, &found, &row));
    *count = row.count;
    return OK;
}

status vault_live_count(struct vault *vault, blind tag, struct report *report, uint64_t *count)
{
    bool found;
    struct db_live_count_row row = {0};
    struct db_live_count_in in = {.tag = {(const char *)tag.bytes, BLIND_BYTES}};
    TRY(db_live_count(vault->data, &in, report, &found, &row));
    *count = row.count;
    return OK;
}

status vault_list(struct vault *vault, enum dossier_kind kind, dossier_id after, size_t limit,
                  struct arena *arena, struct report *report, dossier_id **ids, size_t *count)
{
    struct db_dossier_list_in in = {.kind = (int64_t)kind, .after = after, .limit = (int64_t)limit};
    struct db_dossier_list_row *rows;
    TRY(db_dossier_list_all(vault->data, &in, arena, report, &rows, count));
    *ids = ARENA_ARRAY(arena, dossier_id, *count + 1);
    if (*ids == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*ids)[i] = rows[i].subject;
    return OK;
}

status vault_count(struct vault *vault, enum dossier_kind kind, struct report *report,
                   uint64_t *count)
{
    struct db_dossier_count_in in = {.kind = (int64_t)kind};
    struct db_dossier_count_row row = {0};
    bool found;
    TRY(db_dossier_count(vault->data, &in, report, &found, &row));
    *count = row.count;
    return OK;
}

/* The share of all ids that lie before this one. */
static double place_of(const dossier_id *id)
{
    struct reader reader = reader_over((str){(const char *)id->bytes, ID_BYTES});
    return ((double)read_be64(&reader) + 1) / 0x1p64;
}

status vault_estimate(struct vault *vault, enum dossier_kind kind, struct report *report,
                      uint64_t *count)
{
    struct db_dossier_behind_in in = {.kind = (int64_t)kind, .others = VAULT_COUNTED};
    struct db_dossier_behind_row row = {0};
    bool found;
    TRY(db_dossier_behind(vault->data, &in, report, &found, &row));
    if (!found)
        return vault_count(vault, kind, report, count);
    *count = (uint64_t)(VAULT_COUNTED / place_of(&row.subject));
    return OK;
}
