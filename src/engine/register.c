/* Creating, opening and closing registers, and the versions of their policy. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "db.h"
#include "diff.h"
#include "engine_internal.h"
#include "file.h"
#include "json.h"
#include "verify.h"

enum { REG_ARENA = 256 << 20, REG_FILE_BYTES = 4096, CACHE_ARENA = 512 << 10, NAME_BYTES = 40 };

/* ---- the facts of what is not a person, kept open ---- */

static size_t cache_slot(dossier_id id)
{
    uint32_t word_;
    memcpy(&word_, id.bytes, sizeof(word_));
    return word_ % REG_CACHE;
}

/* Whoever was given these facts in the open turn still reads them: they go when the next begins. */
static void spend(struct reg *reg, struct cached_facts *slot)
{
    if (slot->arena == NULL)
        return;
    if (reg->spent_count == reg->spent_room) {
        size_t room = reg->spent_room == 0 ? 64 : 2 * reg->spent_room;
        struct arena **spent = realloc(reg->spent, room * sizeof(*spent));
        if (spent == NULL)
            abort();
        reg->spent = spent;
        reg->spent_room = room;
    }
    reg->spent[reg->spent_count++] = slot->arena;
    *slot = (struct cached_facts){0};
}

void reg_facts_let_go(struct reg *reg)
{
    for (size_t i = 0; i < reg->spent_count; i++)
        arena_free(&reg->spent[i]);
    reg->spent_count = 0;
}

void reg_facts_forget(struct reg *reg, dossier_id id)
{
    struct cached_facts *slot = &reg->cache[cache_slot(id)];
    if (ID_EQUAL(slot->id, id))
        spend(reg, slot);
}

void reg_facts_forget_all(struct reg *reg)
{
    for (size_t i = 0; i < REG_CACHE; i++)
        spend(reg, &reg->cache[i]);
}

status reg_facts(struct reg *reg, dossier_id id, struct report *report, const struct facts **facts)
{
    *facts = NULL;
    if (ID_IS_ZERO(id))
        return OK;
    TRY(reg_enter(reg, report));
    struct cached_facts *slot = &reg->cache[cache_slot(id)];
    if (slot->arena != NULL && ID_EQUAL(slot->id, id)) {
        *facts = slot->facts;
        return OK;
    }
    CLEANUP(arena_free) struct arena *arena = arena_new(CACHE_ARENA);
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(reg->vault, id, arena, report, &presence, &dossier));
    if (presence != PRESENCE_LIVE || dossier->facts->kind == DOSSIER_SUBJECT)
        return OK;
    spend(reg, slot);
    *slot = (struct cached_facts){.id = id, .arena = arena, .facts = dossier->facts};
    arena = NULL; /* the slot owns it now */
    *facts = slot->facts;
    return OK;
}

/* ---- versions ---- */

instant reg_effective(const struct reg *reg, instant wanted, instant applied)
{
    return reg->history_count == 0 ? wanted : later(wanted, applied);
}

static audit_id hash_of(const struct plan *plan)
{
    audit_id hash;
    memcpy(hash.bytes, plan->hash, sizeof(hash.bytes));
    return hash;
}

/* What was compared before is not compared again. */
static const struct plan_news *compared(const struct reg *reg, const struct plan *old,
                                        const struct plan *new)
{
    for (size_t i = 1; i < reg->plans.count; i++) {
        for (size_t j = 0; reg->versions[i].plan == new &&j < i; j++) {
            if (reg->versions[j].plan == old)
                return &reg->versions[i].news[j];
        }
    }
    return NULL;
}

static status find_news(const struct reg *reg, struct plan_version *versions, size_t at,
                        struct arena *arena, struct report *report)
{
    struct plan_news *news = ARENA_ARRAY(arena, struct plan_news, at + 1);
    if (news == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < at; i++) {
        const struct plan *old = versions[i].plan, *new = versions[at].plan;
        const struct plan_news *there = compared(reg, old, new);
        if (there != NULL)
            news[i] = *there;
        else if (memcmp(old->hash, new->hash, sizeof(old->hash)) != 0)
            TRY(plan_materially_new(old, new, arena, report, &news[i].purposes, &news[i].sources,
                                    &news[i].recipients, &news[i].fields));
    }
    versions[at].news = news;
    return OK;
}

/* Equal dates stand in the order of applying. */
status versions_order(struct reg *reg, const struct version_state *list, size_t count,
                      struct arena *arena, struct report *report, struct plan_version *versions,
                      size_t *order, size_t *there)
{
    *there = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].withdrawn.ms != NEVER.ms)
            continue;
        size_t at = (*there)++;
        while (at > 0 && before(list[i].effective, list[order[at - 1]].effective)) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
    for (size_t i = 0; i < *there; i++) {
        const struct version_state *version = &list[order[i]];
        versions[i] =
            (struct plan_version){.plan = version->plan,
                                  .version = words_intern(reg->words, version->plan->version),
                                  .effective = version->effective};
        TRY(find_news(reg, versions, i, arena, report));
    }
    return OK;
}

status reg_order_versions(struct reg *reg, struct report *report)
{
    struct plan_version *versions = ARENA_ARRAY(reg->arena, struct plan_version, REG_VERSIONS);
    size_t order[REG_VERSIONS], count;
    if (versions == NULL)
        return NO_MEMORY(report);
    TRY(versions_order(reg, reg->history, reg->history_count, reg->arena, report, versions, order,
                       &count));
    for (size_t i = 0; i < count; i++) {
        reg->hashes[i] = hash_of(versions[i].plan);
        reg->applied[i] = reg->history[order[i]].applied;
    }
    memcpy(reg->versions, versions, count * sizeof(*versions));
    reg->plans = (struct plans){reg->versions, count};
    return OK;
}

status reg_add_version(struct reg *reg, const struct version_state *version, struct report *report)
{
    if (reg->history_count == REG_VERSIONS)
        return fail(report, FAULT_LIMIT, "a register holds at most %d versions", REG_VERSIONS);
    reg->history[reg->history_count++] = *version;
    return reg_order_versions(reg, report);
}

size_t reg_version_count(const struct reg *reg)
{
    return reg->history_count;
}

const struct version_state *reg_version_at(const struct reg *reg, size_t index)
{
    assert(index < reg->history_count);
    return &reg->history[index];
}

str reg_version_standing(const struct reg *reg, const struct version_state *version, instant t,
                         instant *until)
{
    *until = NEVER;
    if (version->withdrawn.ms != NEVER.ms) {
        *until = version->withdrawn;
        return STR("withdrawn");
    }
    const struct plan_version *now = plans_in_force(&reg->plans, t);
    for (size_t i = 0; i < reg->plans.count; i++) {
        const struct plan_version *at = &reg->versions[i];
        if (at->plan != version->plan || at->effective.ms != version->effective.ms ||
            reg->applied[i].ms != version->applied.ms)
            continue;
        if (i + 1 < reg->plans.count)
            *until = reg->versions[i + 1].effective;
        return now == NULL || at > now ? STR("announced")
               : at == now             ? STR("in_force")
                                       : STR("past");
    }
    return STR("past");
}

status reg_compile(struct reg *reg, const struct policy_source *policy,
                   const struct policy_source *deployment, struct arena *arena,
                   struct problems *problems, struct report *report, const struct plan **plan)
{
    if (words_count(reg->words) >= REG_WORDS)
        return fail(report, FAULT_LIMIT, "the register knows too many names; open it anew");
    bool deployed = deployment != NULL && !str_is_empty(deployment->text);
    TRY(plan_load(reg->words, policy, deployed ? deployment : NULL, NULL, 0, arena, problems,
                  report, plan));
    if ((*plan)->version.ptr == NULL || (*plan)->effective.ms == INT64_MAX)
        return fail(report, FAULT_INVALID,
                    "policy %.*s has no version or no effective date: a deployment file must set "
                    "both before it can be in force",
                    STR_ARG(words_text(reg->words, (*plan)->policy)));
    return OK;
}

const struct plan *reg_plan(const struct reg *reg, instant t)
{
    const struct plan_version *version = plans_in_force(&reg->plans, t);
    return version != NULL ? version->plan : reg->versions[reg->plans.count - 1].plan;
}

audit_id reg_policy_hash(const struct reg *reg, instant t)
{
    const struct plan *plan = reg_plan(reg, t);
    for (size_t i = 0; i < reg->plans.count; i++) {
        if (reg->versions[i].plan == plan)
            return reg->hashes[i];
    }
    return (audit_id){{0}};
}

/* ---- register.json ---- */

static status path_in(struct reg *reg, const char *dir, const char *leaf, const char **path,
                      struct report *report)
{
    str text = arena_format(reg->arena, "%s/%s", dir, leaf);
    if (text.ptr == NULL)
        return NO_MEMORY(report);
    *path = arena_c_string(reg->arena, text);
    return *path == NULL ? NO_MEMORY(report) : OK;
}

static status path_of(struct reg *reg, const char *leaf, const char **path, struct report *report)
{
    return path_in(reg, reg->dir, leaf, path, report);
}

static status write_card(struct reg *reg, struct report *report)
{
    char room[REG_FILE_BYTES];
    struct buf buf = buf_over(room, sizeof(room));
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "format");
    json_put_u64(&out, 1);
    json_key(&out, "name");
    json_put_str(&out, reg->name);
    json_key(&out, "id");
    json_put_str(&out, reg->id);
    json_key(&out, "clock");
    json_put_text(&out, reg->simulated ? "simulated" : "real");
    if (!str_is_empty(reg->space_of)) {
        json_key(&out, "space_of");
        json_put_str(&out, reg->space_of);
        json_key(&out, "matter");
        json_put_id(&out, reg->space_matter.bytes);
    }
    json_close_object(&out);
    buf_char(&buf, '\n');
    str text;
    TRY(buf_finish(&buf, report, &text));
    const char *path;
    TRY(path_of(reg, "register.json", &path, report));
    struct file_change change = {reg->world, "register.card", path};
    return file_write_durable(&change, text, 0600, report);
}

static status read_card(struct reg *reg, struct report *report)
{
    const char *path;
    TRY(path_of(reg, "register.json", &path, report));
    str text;
    TRY(file_read(path, reg->arena, REG_FILE_BYTES, report, &text));
    const struct json *card;
    struct report odd = {0};
    str clock;
    int64_t format;
    if (!is_ok(json_parse(reg->arena, text, &odd, &card)) ||
        !json_i64(json_get(card, "format"), &format) || format != 1 ||
        !json_str(json_get(card, "id"), &reg->id) || !json_str(json_get(card, "clock"), &clock))
        return fail(report, FAULT_CORRUPT, "register.json of %.*s is damaged", STR_ARG(reg->name));
    reg->simulated = str_is(clock, "simulated");
    str matter;
    bool space = json_str(json_get(card, "space_of"), &reg->space_of);
    if (space && (!json_str(json_get(card, "matter"), &matter) ||
                  !id_parse(matter, reg->space_matter.bytes)))
        return fail(report, FAULT_CORRUPT, "register.json of %.*s is damaged", STR_ARG(reg->name));
    return OK;
}

/* A register with its card is one; of a space its firm's register says so (space.c). */
static status leave_doubt(struct reg *reg, struct report *report)
{
    if (!str_is_empty(reg->space_of) || !register_is_unconfirmed(reg->dir))
        return OK;
    return register_confirm(reg->world, reg->dir, report);
}

/* ---- opening ---- */

static struct reg *reg_new(struct engine *engine, str name)
{
    struct arena *arena = arena_new(REG_ARENA);
    struct reg *reg = ARENA_NEW(arena, struct reg);
    assert(reg != NULL);
    *reg = (struct reg){.engine = engine, .world = engine->world, .arena = arena};
    reg->name = arena_copy(arena, name);
    str dir = arena_format(arena, "%.*s/registers/%.*s", STR_ARG(engine->data_dir), STR_ARG(name));
    reg->dir = arena_c_string(arena, dir);
    reg->home = reg->dir;
    if (engine->log_dir != NULL)
        reg->home =
            arena_c_string(arena, arena_format(arena, "%s/%.*s", engine->log_dir, STR_ARG(name)));
    reg->log_dir = arena_c_string(arena, arena_format(arena, "%s/log", reg->home));
    reg->words = words_new();
    reg->cache = ARENA_ARRAY(arena, struct cached_facts, REG_CACHE);
    reg->lock = reg->change_lock = -1;
    assert(reg->dir != NULL && reg->log_dir != NULL && reg->cache != NULL);
    return reg;
}

static bool mark_trails(const struct reg *reg)
{
    uint64_t size = audit_mark_of(reg->log).size;
    return size != audit_size(reg->log) || (size != reg->followed && reg_on_duty(reg));
}

void reg_shut(struct reg *reg)
{
    if (reg->log != NULL && reg->vault != NULL && !audit_poisoned(reg->log) && mark_trails(reg)) {
        struct report ignored = {0};
        /* The next open writes it when this one cannot. */
        if (!is_ok(reg_enter(reg, &ignored)) || !is_ok(reg_checkpoint(reg, &ignored)))
            reg->marked = (instant){0};
    }
    if (reg->cache != NULL)
        reg_facts_forget_all(reg);
    reg_facts_let_go(reg);
    free(reg->spent);
    reg->spent = NULL;
    reg->spent_room = 0;
    reg->entered = false;
    reg_drop_uploads(reg, false);
    audit_check_end(&reg->log_check);
    reg_let_backup_go(reg);
    audit_close(&reg->log);
    vault_close(&reg->vault);
    fd_close(&reg->change_lock);
    fd_close(&reg->lock);
}

void reg_close(struct reg *reg)
{
    if (reg == NULL)
        return;
    reg_shut(reg);
    reg_drop_uploads(reg, true);
    words_free(&reg->words);
    struct arena *arena = reg->arena;
    arena_free(&arena);
}

static status open_vault(struct reg *reg, bool create, struct report *report)
{
    struct vault_config config = {.world = reg->world,
                                  .dir = reg->dir,
                                  .root_path = reg->engine->root_path,
                                  .register_id = reg->id,
                                  .simulated = reg->simulated,
                                  .words = reg->words,
                                  .rings_cached = reg->engine->rings_cached,
                                  .beside = reg->engine->beside,
                                  .vfs = reg->engine->vfs};
    return create ? vault_create(&config, report, &reg->vault)
                  : vault_open(&config, report, &reg->vault);
}

/* Where the log is kept with the data, its files may lack what other servers wrote: only with that
 * do they reach the mark. */
static status open_files(struct reg *reg, const char *dir, struct report *report,
                         struct audit_log **log)
{
    struct keys *keys = vault_keys(reg->vault);
    CLEANUP(secret_wipe) secret seed = {0};
    TRY(keys_log_seed(keys, report, &seed));
    struct high_water high;
    TRY(keys_high_water(keys, report, &high));
    str origin = arena_format(reg->arena, "vern/%s/%.*s", reg->simulated ? "simulated" : "real",
                              STR_ARG(reg->id));
    struct audit_config config = {.origin = origin,
                                  .seed = seed,
                                  .segment_bytes = reg->engine->log_segment_bytes,
                                  .unpublished = reg->engine->log_unpublished};
    struct audit_mark mark = {.size = high.size};
    memcpy(mark.root.bytes, high.root, sizeof(high.root));
    if (!vault_keeps_log(reg->vault))
        config.high_water = mark;
    status opened = audit_open(reg->world, dir, &config, report, log);
    secret_wipe(&config.seed);
    if (is_ok(opened))
        opened = reg_take_entries(reg, *log, report);
    return is_ok(opened) ? audit_check_mark(*log, &mark, report) : opened;
}

status reg_leave_log(struct reg *reg, struct report *report)
{
    CLEANUP(audit_close) struct audit_log *log = NULL;
    const char *dir;
    str note;
    if (reg->home == reg->dir)
        return OK;
    TRY(path_of(reg, "log", &dir, report));
    TRY(open_files(reg, dir, report, &log));
    return audit_checkpoint(log, report, &note);
}

/* What was taken in is signed at once, so that the files are a log that verifies. */
static status sign_taken(struct reg *reg, struct report *report)
{
    str note;
    if (!vault_keeps_log(reg->vault) || audit_size(reg->log) == audit_mark_of(reg->log).size)
        return OK;
    return audit_checkpoint(reg->log, report, &note);
}

static status open_log(struct reg *reg, struct report *report)
{
    TRY(open_files(reg, reg->log_dir, report, &reg->log));
    TRY(sign_taken(reg, report));
    reg->followed = audit_mark_of(reg->log).size;
    struct buf buf = buf_over(reg->verifier, sizeof(reg->verifier));
    note_verifier_print(&buf, audit_verifier(reg->log));
    buf_char(&buf, '\0');
    str text;
    TRY(buf_finish(&buf, report, &text));
    return reg_keep_verifier(reg, report);
}

/* Entries whose change is in data.db but that did not reach the log before a crash. */
static status append_missing(void *self, str text, struct report *report)
{
    struct reg *reg = self;
    struct audit_entry entry;
    bool present;
    TRY(entry_parse(text, report, &entry));
    TRY(audit_contains_id(reg->log, entry.random, entry.at, report, &present));
    return present ? OK : audit_append(reg->log, text, report, NULL);
}

/* Data that ends before what keys.db was told of it lost turns that were acknowledged: its journal
 * is damaged or gone, or an old copy was put in its place by hand. */
static status check_place(struct reg *reg, struct report *report)
{
    struct high_water high;
    uint64_t place;
    TRY(keys_high_water(vault_keys(reg->vault), report, &high));
    TRY(vault_last_place(reg->vault, report, &place));
    if (place >= high.place || reg->restored)
        return OK;
    return fail(report, FAULT_CORRUPT,
                vault_is_far(reg->vault)
                    ? "the database has lost turns that it had kept: its data ends at change %llu, "
                      "and the keys know of %llu; put the right copy in place"
                    : "data.db or its journal has lost what was kept: it ends at change %llu, and "
                      "keys.db knows of %llu; put a backup in place with vern restore",
                (unsigned long long)place, (unsigned long long)high.place);
}

static status read_restored(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    str restored;
    TRY(vault_meta(reg->vault, STR("restored"), arena, report, &restored));
    reg->restored = !str_is_empty(restored);
    if (reg->restored && !str_to_u64(restored, &reg->restored_size))
        return fail(report, FAULT_CORRUPT, "data.db says oddly that it was restored");
    return OK;
}

static status finish_what_was_left(struct reg *reg, struct report *report)
{
    TRY(read_restored(reg, report));
    TRY(check_place(reg, report));
    TRY(vault_outbox_each(reg->vault, append_missing, reg, report));
    TRY(reg_flush_log(reg, report));
    struct vault_mend mend = {.all = reg->restored, .self = reg, .logged = reg_logged};
    return vault_mend(reg->vault, &mend, report, &reg->mended);
}

/* From here on less is expected of the data: what the backup had. */
static status mark_restored(struct reg *reg, struct report *report)
{
    struct high_water high;
    struct keys *keys = vault_keys(reg->vault);
    TRY(keys_high_water(keys, report, &high));
    TRY(vault_last_place(reg->vault, report, &high.place));
    TRY(keys_high_water_set(keys, &high, report));
    return keys_commit(keys, report);
}

/* What was lost is listed, and the entry that says "restored" is durable: now it is over. */
static status end_restoring(struct reg *reg, struct report *report)
{
    if (!reg->restored)
        return OK;
    TRY(reg_list_lost(reg, report));
    TRY(reg_find_lost_versions(reg, report));
    TRY(mark_restored(reg, report));
    TRY(vault_meta_set(reg->vault, STR("restored"), STR(""), report));
    return vault_commit(reg->vault, report);
}

status reg_read_clock(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    str text;
    TRY(vault_meta(reg->vault, STR("clock"), arena, report, &text));
    uint64_t ms;
    if (reg->simulated) {
        if (!str_to_u64(text, &ms))
            return fail(report, FAULT_CORRUPT, "the simulated clock of %.*s is not there",
                        STR_ARG(reg->name));
        reg->clock = later((instant){(int64_t)ms}, audit_last_time(reg->log));
    }
    TRY(vault_meta(reg->vault, STR("own"), arena, report, &text));
    if (!id_parse(text, reg->own.bytes))
        return fail(report, FAULT_CORRUPT, "the own dossier of %.*s is not there",
                    STR_ARG(reg->name));
    return OK;
}

static status take_lock(struct reg *reg, struct report *report)
{
    const char *lock;
    if (reg->home != reg->dir)
        TRY(dir_make(reg->home, 0700, report));
    TRY(path_in(reg, reg->home, "lock", &lock, report));
    if (reg->lock < 0)
        TRY(lock_take(lock, report, &reg->lock));
    return register_has(reg->dir, "database.json")
               ? OK
               : register_changes_take(reg->dir, report, &reg->change_lock);
}

/* A log that lies with one server alone has no place in a folder of each server's own. That is seen
 * before it is opened, which behind a pooler takes it from whoever serves it. */
static status check_home(const struct reg *reg, struct report *report)
{
    struct db_places places;
    if (reg->home == reg->dir)
        return OK;
    TRY(db_places_read(reg->dir, report, &places));
    if (places.at[DB_DATA].servers)
        return OK;
    return fail(report, FAULT_INVALID,
                "register %.*s is not for several servers (vern servers), and log_dir is for those "
                "that are",
                STR_ARG(reg->name));
}

status reg_open(struct engine *engine, str name, struct report *report, struct reg **out)
{
    return reg_open_held(engine, name, -1, report, out);
}

status reg_open_held(struct engine *engine, str name, int lock, struct report *report,
                     struct reg **out)
{
    struct reg *reg = reg_new(engine, name);
    reg->lock = lock;
    status opened = take_lock(reg, report);
    if (is_ok(opened))
        opened = read_card(reg, report);
    if (is_ok(opened))
        opened = leave_doubt(reg, report);
    if (is_ok(opened))
        opened = check_home(reg, report);
    if (is_ok(opened))
        opened = open_vault(reg, false, report);
    reg->entered = is_ok(opened) && vault_beside(reg->vault);
    if (is_ok(opened))
        opened = open_log(reg, report);
    if (is_ok(opened))
        opened = finish_what_was_left(reg, report);
    if (is_ok(opened))
        opened = reg_read_clock(reg, report);
    if (is_ok(opened))
        opened = reg_guard_load(reg, report);
    if (is_ok(opened))
        opened = reg_load_own(reg, report);
    if (is_ok(opened))
        opened = reg_settle_load(reg, report);
    if (is_ok(opened))
        opened = reg_load_lost_versions(reg, report);
    if (is_ok(opened))
        opened = end_restoring(reg, report);
    if (is_ok(opened))
        opened = register_move_settle(reg->world, reg->dir, report);
    if (is_ok(opened) && reg->entered)
        opened = reg_brief_take(reg, report);
    if (is_ok(opened))
        opened = reg_leave(reg, report);
    if (!is_ok(opened)) {
        reg_close(reg);
        return opened;
    }
    *out = reg;
    return OK;
}

/* ---- the engine ---- */

static status add_reg(struct engine *engine, struct reg *reg, struct report *report)
{
    if (engine->reg_count == engine->reg_room) {
        size_t room = engine->reg_room == 0 ? 16 : engine->reg_room * 2;
        struct reg **regs = ARENA_ARRAY(engine->arena, struct reg *, room);
        if (regs == NULL)
            return NO_MEMORY(report);
        if (engine->reg_count > 0)
            memcpy(regs, engine->regs, engine->reg_count * sizeof(struct reg *));
        engine->regs = regs;
        engine->reg_room = room;
    }
    engine->regs[engine->reg_count++] = reg;
    return OK;
}

bool register_name_valid(str name)
{
    if (name.len == 0 || name.len > NAME_BYTES || name.ptr[0] < 'a' || name.ptr[0] > 'z')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_name(const struct dirent *entry)
{
    return register_name_valid(str_from(entry->d_name));
}

static bool has_file(struct engine *engine, const char *name, const char *leaf)
{
    str path =
        arena_format(engine->arena, "%.*s/registers/%s/%s", STR_ARG(engine->data_dir), name, leaf);
    const char *text = arena_c_string(engine->arena, path);
    return text != NULL && file_exists(text);
}

static bool has_card(struct engine *engine, const char *name)
{
    return has_file(engine, name, "register.json");
}

/* A creation that a crash ended was taken away as doubtful, one that ended for good has its log
 * alone: whoever has data was a register, and must not be passed over. */
static status lacks_card(struct engine *engine, const char *name, struct report *report)
{
    if (!has_file(engine, name, "data.db") && !has_file(engine, name, "keys.db") &&
        !has_file(engine, name, "database.json"))
        return OK;
    return fail(report, FAULT_CORRUPT,
                "the folder %s has data and no register.json: put that back from a copy", name);
}

/* A register that was to go and did not wholly: goes on, unless another server may be at it. So
 * does a space that was never one. */
static status finish_retiring(struct engine *engine, const char *name, struct report *report)
{
    str path = arena_format(engine->arena, "%.*s/registers/%s", STR_ARG(engine->data_dir), name);
    const char *dir = arena_c_string(engine->arena, path);
    if (dir == NULL)
        return NO_MEMORY(report);
    if (register_is_retired(dir)) {
        TRY(register_end_load(engine, dir, report));
        return engine->beside ? OK : register_destroy(engine->world, dir, report);
    }
    if (!engine->beside && register_is_unconfirmed(dir) && !has_card(engine, name))
        return register_discard(engine->world, dir, report);
    return OK;
}

static bool is_retired(struct engine *engine, const char *name)
{
    return has_file(engine, name, "retired.json");
}

/* A space of which its firm says nothing yet; another server may be at it. */
static bool is_being_made(struct engine *engine, const char *name)
{
    return engine->beside && has_file(engine, name, "unconfirmed.json") &&
           !str_is_empty(register_space_of(engine, name, engine->arena));
}

status engine_open_register(struct engine *engine, str name, struct report *report)
{
    struct reg *reg = NULL;
    TRY(reg_open(engine, name, report, &reg));
    return add_reg(engine, reg, report);
}

static status open_one(struct engine *engine, const char *name, struct report *report)
{
    if (!has_card(engine, name) || is_retired(engine, name) || is_being_made(engine, name))
        return OK;
    return engine_open_register(engine, str_from(name), report);
}

static status finish_one(struct engine *engine, const char *name, struct report *report)
{
    TRY(finish_retiring(engine, name, report));
    return has_card(engine, name) ? OK : lacks_card(engine, name, report);
}

/* What others left half done is looked at last: a server that holds no register of the folder, as
 * another one serves them, changes nothing in it. */
static status open_all(struct engine *engine, struct report *report)
{
    str path = arena_format(engine->arena, "%.*s/registers", STR_ARG(engine->data_dir));
    struct dirent **names = NULL;
    int count = scandir(arena_c_string(engine->arena, path), &names, is_name, by_name);
    status result = OK;
    for (int i = 0; i < count && is_ok(result); i++)
        result = open_one(engine, names[i]->d_name, report);
    for (int i = 0; i < count && is_ok(result); i++)
        result = finish_one(engine, names[i]->d_name, report);
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return result;
}

/* What others ended, or began to end and did not, goes after the first turn; what is half made
 * waits for a server that is alone. */
static status hear_all(struct engine *engine, struct report *report)
{
    for (size_t i = 0; i < engine->reg_count; i++) { /* and of the spaces that are opened here */
        struct reg *reg = engine->regs[i];
        if (!vault_beside(reg->vault))
            continue;
        TRY(reg_enter(reg, report));
        status heard = reg_hear(reg, report);
        status left = reg_leave(reg, report);
        TRY(heard);
        TRY(left);
    }
    return OK;
}

status engine_open(const struct engine_config *config, struct report *report, struct engine **out)
{
    assert(config->world != NULL && config->data_dir != NULL && config->root_path != NULL);
    struct arena *arena = arena_new(4 << 20);
    struct engine *engine = ARENA_NEW(arena, struct engine);
    assert(engine != NULL);
    *engine = (struct engine){.world = config->world, .arena = arena};
    engine->data_dir = arena_copy(arena, str_from(config->data_dir));
    engine->root_path = arena_c_string(arena, str_from(config->root_path));
    engine->vfs = config->vfs;
    if (config->log_dir != NULL)
        engine->log_dir = arena_c_string(arena, str_from(config->log_dir));
    engine->beside = config->beside;
    engine->log_segment_bytes = config->log_segment_bytes;
    engine->log_unpublished = config->log_unpublished;
    engine->step_rows = config->step_rows;
    engine->rings_cached = config->rings_cached;
    status opened = engine->log_dir == NULL ? OK : dir_make(engine->log_dir, 0700, report);
    if (is_ok(opened))
        opened = open_all(engine, report);
    if (is_ok(opened) && engine->beside)
        opened = hear_all(engine, report);
    if (is_ok(opened) && !engine->beside)
        opened = spaces_resume(engine, report);
    if (is_ok(opened) && !engine->beside)
        opened = registers_end_resume(engine, report);
    if (!is_ok(opened)) {
        engine_close(&engine);
        return opened;
    }
    *out = engine;
    return OK;
}

static void close_list(struct reg *first)
{
    for (struct reg *reg = first, *next; reg != NULL; reg = next) {
        next = reg->next_retired;
        reg_close(reg);
    }
}

void engine_close(struct engine **engine)
{
    if (engine == NULL || *engine == NULL)
        return;
    for (size_t i = 0; i < (*engine)->reg_count; i++)
        reg_close((*engine)->regs[i]);
    close_list((*engine)->retired);
    close_list((*engine)->moved);
    free((*engine)->held);
    struct arena *arena = (*engine)->arena;
    *engine = NULL;
    arena_free(&arena);
}

struct reg *engine_register(struct engine *engine, str name)
{
    for (size_t i = 0; i < engine->reg_count; i++) {
        if (str_equal(engine->regs[i]->name, name))
            return engine->regs[i];
    }
    return NULL;
}

size_t engine_register_count(const struct engine *engine)
{
    return engine->reg_count;
}

struct reg *engine_register_at(struct engine *engine, size_t index)
{
    assert(index < engine->reg_count);
    return engine->regs[index];
}

const struct plan *reg_plan_now(const struct reg *reg)
{
    return reg_plan(reg, reg_now(reg));
}

str reg_public_id(const struct reg *reg)
{
    return reg->id;
}

struct reg *engine_register_public(struct engine *engine, dossier_id id)
{
    dossier_id mine;
    for (size_t i = 0; i < engine->reg_count; i++) {
        if (id_parse(engine->regs[i]->id, mine.bytes) && ID_EQUAL(mine, id))
            return engine->regs[i];
    }
    return NULL;
}

str reg_name(const struct reg *reg)
{
    return reg->name;
}

const char *reg_log_dir(const struct reg *reg)
{
    return reg->log_dir;
}

bool reg_simulated(const struct reg *reg)
{
    return reg->simulated;
}

instant reg_now(const struct reg *reg)
{
    if (reg->simulated)
        return reg->clock;
    instant now = world_now(reg->world);
    return reg->log == NULL ? now : later(now, audit_last_time(reg->log)); /* NULL: it has ended */
}

const struct plans *reg_plans(const struct reg *reg)
{
    return &reg->plans;
}

struct words *reg_words(const struct reg *reg)
{
    return reg->words;
}

struct audit_log *reg_log(const struct reg *reg)
{
    return reg->log;
}

struct vault *reg_vault(const struct reg *reg)
{
    return reg->vault;
}

str reg_verifier(const struct reg *reg)
{
    return str_from(reg->verifier);
}

/* ---- creating ---- */

struct creation {
    const struct register_create *request;
    struct reg *reg;
    const struct plan *plan;
    str token;
};

static status create_own(struct call *call, void *self)
{
    struct creation *creation = self;
    struct reg *reg = creation->reg;
    TRY(call_create_own_dossier(call));
    char clock[24];
    struct buf buf = buf_over(clock, sizeof(clock));
    buf_i64(&buf, reg->clock.ms);
    if (reg->simulated)
        TRY(vault_meta_set(reg->vault, STR("clock"), buf_str(&buf), call->report));
    const struct register_create *request = creation->request;
    struct policy_source policy = {request->policy_file, request->policy};
    struct policy_source deployment = {request->deployment_file, request->deployment};
    TRY(call_store_version(call, &policy, &deployment, creation->plan, creation->plan->effective,
                           &reg->history[0].id));
    struct token_create admin = {.name = STR("administrator"), .scopes = STR("all")};
    return engine_token_create(call, &admin, &creation->token);
}

/* A space lies where its firm lies. */
static status place_register(struct reg *reg, const struct register_create *request,
                             struct report *report)
{
    struct db_places places = {0};
    for (size_t i = 0; i < reg->engine->reg_count && !str_is_empty(request->space_of); i++)
        if (str_equal(reg->engine->regs[i]->id, request->space_of))
            TRY(db_places_read(reg->engine->regs[i]->dir, report, &places));
    if (request->places != NULL)
        places = *request->places;
    if (db_place_at(&places, DB_DATA) == NULL && db_place_at(&places, DB_KEYS) == NULL)
        return OK;
    db_places_name(reg->world, request->name, &places);
    for (enum db_schema i = DB_DATA; i <= DB_KEYS; i++)
        if (db_place_at(&places, i) != NULL)
            TRY(db_place_free(db_place_at(&places, i), report));
    return db_places_write(reg->world, reg->dir, &places, report);
}

static status build_register(struct reg *reg, const struct register_create *request,
                             struct report *report)
{
    unsigned char random[ID_BYTES];
    world_random(reg->world, random, sizeof(random));
    char id[ID_TEXT];
    struct buf buf = buf_over(id, sizeof(id));
    buf_id(&buf, random);
    reg->id = arena_copy(reg->arena, buf_str(&buf));
    reg->simulated = request->simulated;
    reg->clock = request->start;
    TRY(dir_make(reg->dir, 0700, report));
    TRY(register_doubt(reg->world, reg->dir, report));
    TRY(take_lock(reg, report));
    TRY(place_register(reg, request, report));
    TRY(open_vault(reg, true, report));
    TRY(check_home(reg, report));
    return open_log(reg, report);
}

/* Refuses when the strict linter has an error that the file does not answer. */
static status check_strictly(const struct plan *plan, struct problems *problems,
                             struct report *report)
{
    size_t from = problems->list.count;
    TRY(plan_check(plan, problems, report));
    for (size_t i = from; i < problems->list.count; i++) {
        if (problems->list.at[i].severity == SEVERITY_ERROR)
            return fail(report, FAULT_INVALID, "a strict load refuses a policy with findings");
    }
    return OK;
}

static status add_first(struct reg *reg, const struct register_create *request,
                        const struct plan *plan, struct report *report)
{
    struct version_state first = {.plan = plan,
                                  .effective = plan->effective,
                                  .applied =
                                      request->simulated ? request->start : world_now(reg->world),
                                  .withdrawn = NEVER};
    return reg_add_version(reg, &first, report);
}

static void drop_unmade(struct reg *reg)
{
    const struct world *world = reg->world;
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    const char *dir = arena_c_string(arena, str_from(reg->dir));
    struct report other = {0};
    reg_close(reg);
    if (dir == NULL || !register_is_unconfirmed(dir))
        return;
    status discarded = register_discard(world, dir, &other); /* what stays goes at the next start */
    (void)discarded;
}

/* Its own dossier, the first version and token; then its card, without which it is no register;
 * then nobody doubts it. */
static status fill_register(struct reg *reg, struct creation *creation, struct arena *arena,
                            struct report *report)
{
    struct call call;
    TRY(engine_run(reg->engine, reg, engine_system(), arena, report, &call, create_own, creation));
    TRY(reg_checkpoint(reg, report));
    TRY(write_card(reg, report));
    return leave_doubt(reg, report);
}

/* It was alone until here: from now on other servers may be in it. */
static status open_anew(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    struct engine *engine = reg->engine;
    struct report other = {0};
    str name = arena_copy(arena, reg->name);
    const char *dir = arena_c_string(arena, str_from(reg->dir));
    assert(dir != NULL && engine->regs[engine->reg_count - 1] == reg);
    engine->reg_count--;
    reg_close(reg);
    status opened = engine_open_register(engine, name, report);
    if (is_ok(opened) || !register_is_unconfirmed(dir))
        return opened;
    status discarded = register_discard(engine->world, dir, &other); /* else the next start does */
    (void)discarded;
    return opened;
}

status engine_register_create(struct engine *engine, const struct register_create *request,
                              struct arena *arena, struct problems *problems, struct report *report,
                              str *token)
{
    if (!register_name_valid(request->name))
        return fail(report, FAULT_INVALID,
                    "a register's name is a-z, 0-9, _ and -, begins with a letter, at most %d long",
                    NAME_BYTES);
    if (engine_register(engine, request->name) != NULL)
        return fail(report, FAULT_CONFLICT, "register %.*s exists already", STR_ARG(request->name));
    struct reg *reg = reg_new(engine, request->name);
    struct creation creation = {.request = request, .reg = reg};
    struct policy_source policy = {request->policy_file, request->policy};
    struct policy_source deployment = {request->deployment_file, request->deployment};
    status made =
        reg_compile(reg, &policy, &deployment, reg->arena, problems, report, &creation.plan);
    bool space = !str_is_empty(request->space_of);
    reg->space_of = arena_copy(reg->arena, request->space_of);
    reg->space_matter = request->space_matter;
    if (is_ok(made) && space && !creation.plan->processor)
        made =
            fail(report, FAULT_INVALID, "a customer's instruction file says `acting: processor`");
    if (is_ok(made) && request->strict)
        made = check_strictly(creation.plan, problems, report);
    if (is_ok(made))
        made = add_first(reg, request, creation.plan, report);
    if (is_ok(made))
        made = build_register(reg, request, report);
    if (is_ok(made))
        made = add_reg(engine, reg, report);
    if (!is_ok(made)) {
        drop_unmade(reg);
        return made;
    }
    made = fill_register(reg, &creation, arena, report);
    if (!is_ok(made) && space && !engine->poisoned) {
        struct report other = {0};
        status discarded = reg_discard(reg, &other); /* what stays goes with a sweep, or a start */
        (void)discarded;
    }
    TRY(made);
    *token = creation.token;
    return engine->beside ? open_anew(reg, report) : OK;
}
