/* Versions of the policy that a restored backup has lost. The log has the hash of each that was
 * applied, the text lay in the data alone: until it is applied again, an older policy would judge
 * what the newer one forbids, and let go what it keeps. So nothing of a person is used, given or
 * destroyed, and no other version comes first. What a person takes away goes on (G1). */
#include "engine_internal.h"
#include "json.h"

enum { LOST_VERSIONS_BYTES = 64 << 10 };

static audit_id text_of(const struct plan *plan)
{
    audit_id text;
    memcpy(text.bytes, plan->hash, ID_BYTES);
    return text;
}

static bool same(audit_id a, audit_id b)
{
    return memcmp(a.bytes, b.bytes, ID_BYTES) == 0;
}

/* ---- what the entries of a version say of it ---- */

status call_version_effects(struct call *call, const struct plan *plan,
                            str effects[VERSION_EFFECTS], size_t *count)
{
    *count = 0;
    TRY(call_effect(call, "text", text_of(plan).bytes, &effects[(*count)++]));
    str name = arena_format(call->arena, "version:%.*s", STR_ARG(plan->version));
    if (name.ptr == NULL)
        return NO_MEMORY(call->report);
    if (audit_word_valid(name))
        effects[(*count)++] = name;
    if (call->reg->lost_count > 0)
        effects[(*count)++] = STR("again");
    return OK;
}

struct said_of_version {
    audit_id text;
    str name;
    bool again;
};

static struct said_of_version read_effects(const struct audit_entry *entry)
{
    struct said_of_version said = {.name = STR("")};
    str text = STR("text:"), name = STR("version:");
    for (size_t i = 0; i < entry->effect_count; i++) {
        str effect = entry->effects[i];
        if (str_starts(effect, text))
            (void)id_parse(str_slice(effect, text.len, effect.len), said.text.bytes);
        else if (str_starts(effect, name))
            said.name = str_slice(effect, name.len, effect.len);
        said.again |= str_is(effect, "again");
    }
    return said;
}

/* ---- finding them ---- */

static bool is_held(const struct reg *reg, audit_id text)
{
    for (size_t i = 0; i < reg->history_count; i++) {
        const struct version_state *there = &reg->history[i];
        if (same(text_of(there->plan), text) && there->withdrawn.ms == NEVER.ms)
            return true;
    }
    return false;
}

static size_t last_lost(const struct reg *reg, audit_id text)
{
    size_t at = reg->lost_count;
    while (at > 0 && !same(reg->lost[at - 1].text, text))
        at--;
    return at; /* its place from 1, or 0 */
}

static void drop(struct reg *reg, size_t at)
{
    memmove(&reg->lost[at], &reg->lost[at + 1], (reg->lost_count - at - 1) * sizeof(*reg->lost));
    reg->lost_count--;
}

static status see_entry(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct reg *reg = self;
    struct audit_entry entry;
    (void)index;
    *stop = false;
    if (memmem(text.ptr, text.len, "\"version", 8) == NULL)
        return OK;
    TRY(entry_parse(text, report, &entry));
    bool comes = str_is(entry.action, "version"), goes = str_is(entry.action, "version_withdrawn");
    if ((!comes && !goes) || entry.decision == AUDIT_REFUSE)
        return OK;
    struct said_of_version said = read_effects(&entry);
    size_t there = last_lost(reg, said.text);
    if (goes) {
        if (there > 0)
            drop(reg, there - 1);
        return OK;
    }
    /* One that made good an earlier loss is no version more. */
    if (said.again && (there > 0 || is_held(reg, said.text)))
        return OK;
    if (reg->lost_count == REG_VERSIONS)
        return fail(report, FAULT_LIMIT, "a register holds at most %d versions", REG_VERSIONS);
    reg->lost[reg->lost_count++] =
        (struct lost_version){said.text, arena_copy(reg->arena, said.name)};
    return OK;
}

/* ---- keeping them ---- */

/* Without the first `made_good` of them. */
static status keep(struct reg *reg, size_t made_good, struct arena *arena, struct report *report)
{
    struct buf buf = buf_in(arena, LOST_VERSIONS_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_array(&out);
    for (size_t i = made_good; i < reg->lost_count; i++) {
        json_open_object(&out);
        json_key(&out, "text");
        json_put_id(&out, reg->lost[i].text.bytes);
        json_key(&out, "version");
        json_put_str(&out, reg->lost[i].name);
        json_close_object(&out);
    }
    json_close_array(&out);
    str text;
    TRY(buf_finish(&buf, report, &text));
    bool none = reg->lost_count == made_good;
    return vault_meta_set(reg->vault, STR("lost_versions"), none ? STR("") : text, report);
}

status reg_find_lost_versions(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    TRY(audit_scan(reg->log, reg->restored_size, see_entry, reg, report));
    return keep(reg, 0, arena, report);
}

status reg_load_lost_versions(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    const struct json *json;
    str text, id, name;
    TRY(vault_meta(reg->vault, STR("lost_versions"), arena, report, &text));
    if (str_is_empty(text))
        return OK;
    TRY(json_parse(arena, text, report, &json));
    for (JSON_EACH(one, json)) {
        struct lost_version *lost = &reg->lost[reg->lost_count];
        if (reg->lost_count == REG_VERSIONS || !json_str(json_get(one, "text"), &id) ||
            !id_parse(id, lost->text.bytes) || !json_str(json_get(one, "version"), &name))
            return fail(report, FAULT_CORRUPT, "data.db says oddly which versions were lost");
        lost->name = arena_copy(reg->arena, name);
        reg->lost_count++;
    }
    return OK;
}

/* ---- until they are there again ---- */

size_t reg_lost_versions(const struct reg *reg)
{
    return reg->lost_count;
}

str reg_lost_version(const struct reg *reg, size_t index)
{
    assert(index < reg->lost_count);
    return reg->lost[index].name;
}

status call_version_lost(struct call *call)
{
    const struct reg *reg = call->reg;
    if (reg->lost_count == 0)
        return OK;
    return fail(call->report, FAULT_BEHIND,
                "a backup brought back an older policy: version %.*s must be applied again first",
                STR_ARG(reg->lost[0].name));
}

status call_lost_comes_first(struct call *call, const struct plan *plan)
{
    const struct reg *reg = call->reg;
    if (reg->lost_count == 0 || same(reg->lost[0].text, text_of(plan)))
        return OK;
    return fail(call->report, FAULT_CONFLICT,
                "a backup brought back an older policy: version %.*s comes first, word for word as "
                "it was applied, with its deployment file",
                STR_ARG(reg->lost[0].name));
}

status call_lost_is_back(struct call *call)
{
    return call->reg->lost_count == 0 ? OK : keep(call->reg, 1, call->arena, call->report);
}

void reg_lost_is_back(struct reg *reg)
{
    if (reg->lost_count > 0)
        drop(reg, 0);
}
