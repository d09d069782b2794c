/* What the pages alone do not tell: that dossiers open, that what their facts name is there, and
 * that people are found by what identifies them. For `vern doctor`; nothing of it leaves but a
 * fault. */
#include "vault_internal.h"

enum { CHECK_PAGE = 200, CHECK_ARENA = 16 << 20 };

static status lacks(dossier_id id, const char *what, const char *file, struct report *report)
{
    char text[ID_TEXT];
    struct buf buf = buf_over(text, sizeof(text));
    buf_id(&buf, id.bytes);
    return fail(report, FAULT_CORRUPT, "dossier %.*s lacks %s: %s is damaged",
                STR_ARG(buf_str(&buf)), what, file);
}

static status check_items(struct vault *vault, const struct facts *facts, struct arena *arena,
                          struct report *report)
{
    struct db_item_names_in in = {.subject = facts->id};
    struct db_item_names_row *rows;
    size_t count;
    TRY(db_item_names_all(vault->data, &in, arena, report, &rows, &count));
    return count == facts->items.count ? OK : lacks(facts->id, "an item", "data.db", report);
}

static status check_hashes(struct vault *vault, const struct facts *facts, struct arena *arena,
                           struct report *report)
{
    for (size_t i = 0; i < facts->hashes.count; i++) {
        blind hash;
        dossier_id *ids;
        size_t count;
        bool found = false;
        memcpy(hash.bytes, facts->hashes.at[i].bytes, sizeof(hash.bytes));
        TRY(keys_blind_find(vault->keys, hash, arena, report, &ids, &count));
        for (size_t k = 0; k < count; k++)
            found |= ID_EQUAL(ids[k], facts->id);
        if (!found)
            return lacks(facts->id, "its entry in the blind index", "keys.db", report);
    }
    return OK;
}

static status check_dossier(struct vault *vault, dossier_id id, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(CHECK_ARENA);
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(vault, id, arena, report, &presence, &dossier));
    if (presence != PRESENCE_LIVE)
        return lacks(id, "its keys", "keys.db", report);
    TRY(check_items(vault, dossier->facts, arena, report));
    return check_hashes(vault, dossier->facts, arena, report);
}

status vault_check_dossiers(struct vault *vault, struct report *report)
{
    for (int kind = DOSSIER_NONE + 1; kind < DOSSIER_KIND_COUNT; kind++) {
        dossier_id after = {{0}};
        for (size_t count = CHECK_PAGE; count == CHECK_PAGE;) {
            CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
            dossier_id *ids;
            TRY(vault_list(vault, (enum dossier_kind)kind, after, CHECK_PAGE, arena, report, &ids,
                           &count));
            for (size_t i = 0; i < count; i++)
                TRY(check_dossier(vault, ids[i], report));
            if (count > 0)
                after = ids[count - 1];
        }
    }
    return OK;
}
