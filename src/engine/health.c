/* What an operator watches: numbers about the register itself, none about a person. */
#include <stdio.h>
#include <sys/stat.h>

#include "engine_internal.h"
#include "file.h"

enum { PATH_ROOM = 4096 };
static const char backed_up[] = "backed-up";

/* ---- what was decided ---- */

/* Sections of a policy that open or close something. */
static const char *const sections[TALLY_SECTIONS] = {
    "controllers", "joint",    "roles",   "sources", "categories",
    "evidence",    "purposes", "intakes", "cookies", "messages",
    "recipients",  "places",   "staff",   "rights",  "spaces"};

str tally_section(size_t index)
{
    assert(index < TALLY_SECTIONS);
    return str_from(sections[index]);
}

/* A rule that is built in, or the section of the policy that refused: closed words, no names. */
static void count_refusal(struct engine_tally *tally, str rule)
{
    str rest = rule, section;
    (void)str_next(&rest, '.', &section);
    if (str_is(section, "always")) {
        tally->always[always_find(rest.ptr == NULL ? STR("") : rest)]++;
        return;
    }
    for (size_t i = 0; i < TALLY_SECTIONS; i++) {
        if (str_is(section, sections[i])) {
            tally->sections[i]++;
            return;
        }
    }
    tally->always[ALWAYS_NONE]++;
}

void engine_count(struct engine *engine, const struct decision *decision)
{
    if (decision == decision_by_scope())
        return; /* no policy was asked */
    engine->tally.outcomes[decision->verdict]++;
    if (decision->verdict == VERDICT_REFUSE)
        count_refusal(&engine->tally, decision->reason.rule);
}

const struct engine_tally *engine_tally(const struct engine *engine)
{
    return &engine->tally;
}

/* ---- files ---- */

static bool path_of(const struct reg *reg, const char *leaf, char path[PATH_ROOM])
{
    int length = snprintf(path, PATH_ROOM, "%s/%s", reg->dir, leaf);
    return length > 0 && length < PATH_ROOM;
}

static int64_t age_of(const struct reg *reg, const char *leaf)
{
    char path[PATH_ROOM];
    struct stat file;
    if (!path_of(reg, leaf, path) || stat(path, &file) != 0)
        return HEALTH_NEVER;
    int64_t written = (int64_t)file.st_mtim.tv_sec * 1000 + file.st_mtim.tv_nsec / 1000000;
    int64_t age = world_now(reg->world).ms - written;
    return age < 0 ? 0 : age;
}

static status epoch_age(const struct reg *reg, struct report *report, int64_t *age)
{
    char leaf[64];
    uint32_t number;
    bool exported;
    TRY(keys_epoch(vault_keys(reg->vault), report, &number, &exported));
    (void)snprintf(leaf, sizeof(leaf), "epoch/%u.key", number);
    *age = age_of(reg, leaf);
    return OK;
}

/* Its time says when; there is nothing in it. */
void reg_backed_up(struct reg *reg)
{
    char path[PATH_ROOM];
    struct report report = {0};
    if (!path_of(reg, backed_up, path))
        return;
    struct file_change change = {reg->world, "backup.mark", path};
    (void)!is_ok(file_write_durable(&change, STR(""), 0600, &report));
}

/* ---- the whole ---- */

static status gather(struct reg *reg, struct report *report, struct reg_health *health)
{
    blind tasks;
    *health = (struct reg_health){.log_entries = audit_size(reg->log),
                                  .sweep_lag_ms = reg_sweep_lag_ms(reg),
                                  .checkpoint_age_ms = age_of(reg, "log/checkpoint"),
                                  .backup_age_ms = age_of(reg, backed_up),
                                  .stopped = reg->destruction_stopped,
                                  .behind = reg->lost_count > 0};
    TRY(vault_bytes(reg->vault, report, &health->data_bytes, &health->keys_bytes));
    keys_tag(vault_keys(reg->vault), STR("task"), STR("open"), &tasks);
    TRY(epoch_age(reg, report, &health->epoch_age_ms));
    TRY(vault_due_count(reg->vault, reg_now(reg), report, &health->due));
    TRY(vault_live_count(reg->vault, tasks, report, &health->tasks));
    return reg_alarms_open(reg, report, health->alarms);
}

/* Who watches asks between two turns, or within one. */
status reg_health(struct reg *reg, struct report *report, struct reg_health *health)
{
    bool within = reg->entered;
    TRY(reg_enter(reg, report));
    status gathered = gather(reg, report, health);
    status left = within ? OK : reg_leave(reg, report);
    return is_ok(gathered) ? left : gathered;
}
