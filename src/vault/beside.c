/* Beside other servers that serve the same register: one of them is here at a time, or several
 * that change nothing (db_enter()).
 *
 *   enter   has another one been here? then keys, place and count are read anew
 *   turn    stage 1 says which turn it belongs to; all of stage 4 is done before anybody else comes
 *   leave
 *
 * Who dies within leaves what a crash leaves, and the next one finds it: a stage 1 whose turn the
 * data has not come to, or a fence that is not done. */
#include <stdlib.h>

#include "vault_internal.h"

static const char whole[] = "whole"; /* its name among the small values; baton.postgres.sql */

bool vault_beside(const struct vault *vault)
{
    return vault->beside;
}

static bool is_of_the_whole(enum dossier_kind kind)
{
    return kind == DOSSIER_VERSION || kind == DOSSIER_TOKEN || kind == DOSSIER_ACCOUNT ||
           kind == DOSSIER_WEBHOOK || kind == DOSSIER_REGISTER;
}

status count_whole(struct vault *vault, enum dossier_kind kind, struct report *report)
{
    return is_of_the_whole(kind) ? vault_count_whole(vault, report) : OK;
}

status vault_count_whole(struct vault *vault, struct report *report)
{
    char room[24];
    struct buf buf = buf_over(room, sizeof(room));
    if (!vault->beside)
        return OK;
    vault->whole_changed = true;
    buf_u64(&buf, vault->whole + 1);
    return vault_meta_set(vault, str_from(whole), buf_str(&buf), report);
}

/* What the open outbox holds is in the log, since both come in one transaction. */
static status read_anew(struct vault *vault, struct report *report, bool *cut_short)
{
    vault->changes++;
    TRY(vault_last_place(vault, report, &vault->place));
    vault->flushed = vault->place;
    return keys_cut_short(vault->keys, db_number(vault->data), report, cut_short);
}

status vault_enter(struct vault *vault, enum db_stay stay, struct report *report,
                   struct vault_entered *entered)
{
    struct db_entered here;
    *entered = (struct vault_entered){0};
    TRY(db_enter(vault->data, stay, report, &here));
    status ready = keys_enter(vault->keys, stay, here.moved || vault->stale, report);
    *entered = (struct vault_entered){.moved = here.moved || vault->stale,
                                      .again = here.again,
                                      .whole = here.whole != vault->whole,
                                      .cut_short = here.gone,
                                      .entries = here.entries};
    if (is_ok(ready) && entered->moved && !here.gone)
        ready = read_anew(vault, report, &entered->cut_short);
    vault->stale = !is_ok(ready) || (stay == DB_SHARED && entered->cut_short);
    if (is_ok(ready)) {
        vault->whole = here.whole;
        return OK;
    }
    struct report other = {0};
    status ignored = vault_leave(vault, &other);
    (void)ignored;
    return ready;
}

status vault_leave(struct vault *vault, struct report *report)
{
    vault->whole_changed = false;
    keys_leave(vault->keys);
    return db_leave(vault->data, report);
}

status vault_duty(struct vault *vault, struct report *report, bool *mine)
{
    return db_duty(vault->data, report, mine);
}

/* ---- what does not live long ---- */

static struct seal_place brief_place(dossier_id own, str name, uint64_t version)
{
    return (struct seal_place){
        .dossier = own, .kind = STR("brief"), .category = name, .version = version};
}

status vault_brief_put(struct vault *vault, dossier_id own, str name, uint64_t version, str plain,
                       struct arena *arena, struct report *report)
{
    struct ring *ring;
    uint32_t key;
    sealed bytes;
    struct seal_place place = brief_place(own, name, version);
    TRY(load_ring(vault, own, report, &ring));
    TRY(ring_key(vault->keys, ring, STR("brief"), report, &key));
    TRY(ring_seal(vault->keys, ring, key, &place, plain, arena, report, &bytes));
    return vault_meta_set(vault, name, bytes.bytes, report);
}

status vault_brief(struct vault *vault, dossier_id own, str name, uint64_t version,
                   struct arena *arena, struct report *report, str *plain)
{
    struct ring *ring;
    str bytes;
    struct seal_place place = brief_place(own, name, version);
    *plain = STR("");
    TRY(vault_meta(vault, name, arena, report, &bytes));
    if (str_is_empty(bytes))
        return OK;
    TRY(load_ring(vault, own, report, &ring));
    return ring_open(vault->keys, ring, &place, (sealed){bytes}, arena, report, plain);
}
