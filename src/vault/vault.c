/* Opening and closing, turns, the outbox, idempotency and small values. */
#include <stdio.h>
#include <stdlib.h>

#include "vault_internal.h"

enum { PATH_BYTES = 4096, CUT_AFTER_COMMITS = 200, ROW_BYTES = 1 << 20 };

static status data_path(const char *dir, char *path, struct report *report)
{
    int length = snprintf(path, PATH_BYTES, "%s/data.db", dir);
    if (length < 0 || length >= PATH_BYTES)
        return fail(report, FAULT_LIMIT, "the path of the register is too long");
    return OK;
}

status vault_last_place(struct vault *vault, struct report *report, uint64_t *place)
{
    bool found;
    struct db_outbox_last_row row = {0};
    TRY(db_outbox_last(vault->data, report, &found, &row));
    *place = row.place;
    return OK;
}

/* The data first, since who is in it has the keys, too. */
static status open_beside(struct vault *vault, const char *path, const struct db_options *options,
                          struct report *report)
{
    struct db_entered entered;
    TRY(db_open(vault->world, path, options, report, &vault->data));
    TRY(db_enter(vault->data, DB_ALONE, report, &entered));
    vault->whole = entered.whole;
    return OK;
}

static status vault_start(const struct vault_config *config, bool create, struct report *report,
                          struct vault **out)
{
    struct vault *vault = calloc(1, sizeof(*vault));
    if (vault == NULL)
        abort();
    vault->world = config->world;
    vault->words = config->words;
    vault->row = arena_new(ROW_BYTES);
    struct keys_config keys = {.world = config->world,
                               .dir = config->dir,
                               .root_path = config->root_path,
                               .register_id = config->register_id,
                               .simulated = config->simulated,
                               .rings_cached = config->rings_cached,
                               .vfs = config->vfs};
    char path[PATH_BYTES];
    struct db_places places;
    struct db_options options = {
        .schema = DB_DATA, .create = create, .seam = "data", .vfs = config->vfs};
    status result = data_path(config->dir, path, report);
    if (is_ok(result))
        result = db_places_read(config->dir, report, &places);
    if (is_ok(result))
        options.place = db_place_at(&places, DB_DATA);
    vault->keeps_log = is_ok(result) && options.place != NULL && options.place->servers;
    vault->beside = keys.beside = options.beside = config->beside && vault->keeps_log && !create;
    if (is_ok(result) && vault->beside)
        result = open_beside(vault, path, &options, report);
    if (is_ok(result))
        result = create ? keys_create(&keys, report, &vault->keys)
                        : keys_open(&keys, report, &vault->keys);
    if (is_ok(result) && !vault->beside)
        result = db_open(config->world, path, &options, report, &vault->data);
    if (is_ok(result))
        result = vault_last_place(vault, report, &vault->place);
    if (!is_ok(result)) {
        vault_close(&vault);
        return result;
    }
    *out = vault;
    return OK;
}

status vault_create(const struct vault_config *config, struct report *report, struct vault **vault)
{
    return vault_start(config, true, report, vault);
}

status vault_open(const struct vault_config *config, struct report *report, struct vault **vault)
{
    return vault_start(config, false, report, vault);
}

void vault_close(struct vault **vault)
{
    if (vault == NULL || *vault == NULL)
        return;
    db_close(&(*vault)->data);
    keys_close(&(*vault)->keys);
    arena_free(&(*vault)->row);
    bytes_free(&(*vault)->book.lines);
    free(*vault);
    *vault = NULL;
}

uint64_t vault_changes(const struct vault *vault)
{
    return vault->changes;
}

struct keys *vault_keys(struct vault *vault)
{
    return vault->keys;
}

/* ---- turns ---- */

status vault_savepoint(struct vault *vault, struct report *report)
{
    TRY(keys_savepoint(vault->keys, report));
    status opened = db_savepoint(vault->data, report);
    if (!is_ok(opened))
        keys_undo(vault->keys);
    vault->book.operation = vault->book.lines.len;
    return opened;
}

status vault_release(struct vault *vault, struct report *report)
{
    TRY(keys_release(vault->keys, report));
    status released = db_release(vault->data, report);
    vault->split = !is_ok(released);
    return released;
}

void vault_undo(struct vault *vault)
{
    vault->changes++;
    vault->book.lines.len = vault->book.operation;
    if (!vault->split)
        keys_undo(vault->keys);
    db_undo(vault->data);
}

bool vault_dirty(const struct vault *vault)
{
    return keys_dirty(vault->keys) || db_dirty(vault->data) || vault->book.lines.len > 0;
}

/* In the place of those that the log has; the newest row stays, which says how far data.db is. */
static status keep_book(struct vault *vault, struct report *report)
{
    struct vault_book *book = &vault->book;
    if (book->lines.len == 0)
        return OK;
    struct db_outbox_clear_in had = {.place = vault->flushed};
    if (vault->flushed != 0)
        TRY(db_outbox_clear(vault->data, &had, report, NULL));
    struct db_outbox_put_in put = {.subject = book->dossier,
                                   .entry = book->entry,
                                   .place = ++vault->place,
                                   .bytes = bytes_str(&book->lines)};
    return db_outbox_put(vault->data, &put, report);
}

/* Both files must be ready before the first of them is committed. */
static status ready_to_commit(struct vault *vault, struct report *report)
{
    if (vault->split || db_lost(vault->data))
        return fail(report, FAULT_STORE, "data.db: an earlier failure took back the whole turn");
    TRY(keep_book(vault, report));
    if (vault->beside && keys_dirty(vault->keys) && db_dirty(vault->data))
        TRY(keys_turn_set(vault->keys, db_number(vault->data) + 1, report));
    return keys_dirty(vault->keys) ? db_settle(vault->data, report) : OK;
}

status vault_commit(struct vault *vault, struct report *report)
{
    status kept = ready_to_commit(vault, report);
    bool keys_change = keys_dirty(vault->keys);
    if (is_ok(kept))
        kept = keys_commit(vault->keys, report);
    if (!is_ok(kept)) {
        vault->half_done = keys_unknown(vault->keys);
        vault_rollback(vault);
        return kept;
    }
    kept = db_commit(vault->data, report);
    vault->book.lines.len = 0;
    if (!is_ok(kept)) {
        keys_abandon(vault->keys); /* nothing may be forgotten that the data still needs */
        vault->half_done = keys_change || db_unknown(vault->data);
        return kept;
    }
    vault->pending = true;
    vault->whole += vault->whole_changed;
    vault->whole_changed = false;
    return OK;
}

bool vault_met(struct vault *vault)
{
    bool keys = keys_met(vault->keys), data = db_met(vault->data);
    return keys || data;
}

bool vault_half_done(const struct vault *vault)
{
    return vault->half_done;
}

void vault_rollback(struct vault *vault)
{
    vault->changes++;
    keys_rollback(vault->keys);
    db_rollback(vault->data);
    vault->book.lines.len = 0;
    vault->split = vault->whole_changed = false;
}

/* The turn has passed the log. */
static void turn_passed(struct vault *vault)
{
    vault->pending = false;
    vault->flushed = vault->place;
    if (++vault->commits < CUT_AFTER_COMMITS)
        return;
    struct report later_again = {0}; /* the journal only grows when this fails */
    if (!is_ok(vault_cut(vault, &later_again)))
        vault->commits = CUT_AFTER_COMMITS / 2;
}

status vault_forget(struct vault *vault, struct report *report)
{
    if (!vault->pending)
        return OK;
    TRY(keys_commit_forgotten(vault->keys, report));
    turn_passed(vault);
    return OK;
}

void vault_forget_later(struct vault *vault)
{
    if (!vault->pending)
        return;
    keys_forget_later(vault->keys);
    turn_passed(vault);
}

status vault_checkpoint_early(struct vault *vault, struct report *report, bool *did)
{
    return db_checkpoint_early(vault->data, report, did);
}

status vault_cut(struct vault *vault, struct report *report)
{
    TRY(db_checkpoint_truncate(vault->data, report));
    vault->commits = 0;
    return OK;
}

status vault_hold_still(struct vault *vault, struct report *report)
{
    TRY(keys_hold_still(vault->keys, report));
    status held = db_hold_still(vault->data, report);
    if (!is_ok(held))
        keys_go_on(vault->keys);
    return held;
}

void vault_go_on(struct vault *vault)
{
    keys_go_on(vault->keys);
    db_go_on(vault->data);
}

/* ---- outbox ---- */

static status sink_put(void *self, dossier_id dossier, record_id entry, str bytes,
                       struct report *report)
{
    struct vault *vault = self;
    struct vault_book *book = &vault->book;
    TRY(db_may_write(vault->data, report)); /* else all calls of the turn would fail at its end */
    assert(memchr(bytes.ptr, '\n', bytes.len) == NULL);
    if (book->lines.len == 0) {
        book->dossier = dossier;
        book->entry = entry;
    } else {
        bytes_add(&book->lines, STR("\n"));
    }
    bytes_add(&book->lines, bytes);
    return OK;
}

struct permit_sink vault_sink(struct vault *vault)
{
    return (struct permit_sink){.self = vault, .put = sink_put};
}

status vault_outbox_each(struct vault *vault,
                         status (*each)(void *self, str entry, struct report *report), void *self,
                         struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(256 << 20);
    struct db_outbox_list_row *rows;
    size_t count;
    str entry;
    TRY(db_outbox_list_all(vault->data, arena, report, &rows, &count));
    for (size_t i = 0; i < count; i++)
        for (str rest = rows[i].bytes; str_next(&rest, '\n', &entry);)
            TRY(each(self, entry, report));
    vault->flushed = vault->place;
    return OK;
}

/* ---- idempotency ---- */

status vault_once_find(struct vault *vault, dossier_id token, blind key, instant now,
                       struct arena *arena, struct report *report, bool *found,
                       struct vault_once *once)
{
    struct db_once_get_in in = {.subject = token, .key = as_hash(key), .hour = hour_of(now)};
    struct db_once_get_row row;
    TRY(db_once_get(vault->data, &in, arena, report, found, &row));
    if (!*found)
        return OK;
    if (row.expires < 0 || row.expires > hour_of(NEVER))
        return fail(report, FAULT_CORRUPT, "the end of an answer that was kept is damaged");
    *once = (struct vault_once){.http = (int)row.status,
                                .ids = row.ids,
                                .log_index = row.log_index,
                                .expires = {row.expires * 3600000}};
    memcpy(once->request.bytes, row.request.bytes, sizeof(once->request.bytes));
    return OK;
}

status vault_once_put(struct vault *vault, dossier_id token, blind key,
                      const struct vault_once *once, struct report *report)
{
    struct db_once_put_in in = {.subject = token,
                                .key = as_hash(key),
                                .request = as_hash(once->request),
                                .status = once->http,
                                .ids = once->ids,
                                .log_index = once->log_index,
                                .expires = hour_of(once->expires) + 1};
    return db_once_put(vault->data, &in, report);
}

status vault_once_purge(struct vault *vault, instant now, struct report *report)
{
    struct db_once_purge_in in = {.hour = hour_of(now)};
    return db_once_purge(vault->data, &in, report, NULL);
}

/* ---- small values ---- */

status vault_meta(struct vault *vault, str name, struct arena *arena, struct report *report,
                  str *value)
{
    struct db_meta_get_in in = {.name = name};
    struct db_meta_get_row row;
    bool found;
    *value = STR("");
    TRY(db_meta_get(vault->data, &in, arena, report, &found, &row));
    if (found)
        *value = row.value;
    return OK;
}

status vault_meta_set(struct vault *vault, str name, str value, struct report *report)
{
    struct db_meta_put_in in = {.name = name, .value = value};
    return db_meta_put(vault->data, &in, report);
}

/* ---- bad days ---- */

status vault_copy_start(struct vault *vault, const char *path, struct report *report,
                        struct db_copy **copy)
{
    return db_copy_start(vault->data, path, report, copy);
}

status vault_check(struct vault *vault, struct report *report)
{
    return db_check(vault->data, report);
}
