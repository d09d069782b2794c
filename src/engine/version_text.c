/* What people were told stays readable: any version of the policy as it was applied, word for word,
 * whatever came after it. (CON-80, INF-78, COB-108) */
#include "check.h"
#include "engine_internal.h"
#include "json.h"

enum { VERSION_TEXT_BYTES = 8 << 20, FOUND_BYTES = 1 << 20 };

struct telling_version {
    const struct version_state *state;
    struct permit_wait wait;
    str *document;
};

static const struct version_state *find(const struct reg *reg, str version)
{
    for (size_t i = reg->history_count; i > 0; i--) {
        if (str_equal(reg->history[i - 1].plan->version, version))
            return &reg->history[i - 1];
    }
    return NULL;
}

/* The record of a version lies in parts (own.c). */
static status open_record(struct call *call, const struct telling_version *telling, str *record)
{
    const struct permit *permit;
    enum presence presence;
    struct dossier *dossier;
    TRY(permit_to_read(&telling->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_load(call->reg->vault, telling->state->id, call->arena, call->report, &presence,
                   &dossier));
    if (presence != PRESENCE_LIVE)
        return fail(call->report, FAULT_CORRUPT, "a record of the register itself does not open");
    struct buf buf = buf_in(call->arena, VERSION_TEXT_BYTES);
    for (size_t i = 0; i < dossier->facts->items.count; i++) {
        str part;
        TRY(vault_open_item(call->reg->vault, permit, dossier, &dossier->facts->items.at[i],
                            call->arena, call->report, &part));
        buf_add(&buf, part);
    }
    return buf_finish(&buf, call->report, record);
}

/* What the linter finds in it, each at its line. */
static status put_found(struct call *call, const struct plan *plan, struct json_out *out)
{
    struct problems problems = {.arena = call->arena};
    struct buf buf = buf_in(call->arena, FOUND_BYTES);
    str found;
    TRY(plan_check(plan, &problems, call->report));
    problems_json(&problems, &buf);
    TRY(buf_finish(&buf, call->report, &found));
    json_key(out, "problems");
    json_put_raw(out, found);
    return OK;
}

static status text_finish(struct call *call)
{
    static const char *const names[] = {"policy_file", "policy", "deployment_file", "deployment"};
    const struct telling_version *telling = call->state;
    const struct json *json;
    str record, text;
    TRY(open_record(call, telling, &record));
    TRY(json_parse(call->arena, record, call->report, &json));
    struct buf buf = buf_in(call->arena, VERSION_TEXT_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "version");
    json_put_str(&out, telling->state->plan->version);
    json_key(&out, "effective");
    json_put_instant(&out, telling->state->effective);
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (!json_str(json_get(json, names[i]), &text))
            return fail(call->report, FAULT_CORRUPT, "the record of a policy version is damaged");
        json_key(&out, names[i]);
        json_put_str(&out, text);
    }
    TRY(put_found(call, telling->state->plan, &out));
    json_close_object(&out);
    return buf_finish(&buf, call->report, telling->document);
}

status engine_version_text(struct call *call, str version, str *document)
{
    struct telling_version *telling = ARENA_NEW(call->arena, struct telling_version);
    const struct facts *facts;
    if (telling == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    TRY(call_whole_register(call));
    *telling = (struct telling_version){.state = find(call->reg, version), .document = document};
    if (telling->state == NULL)
        return fail_at(call->report, FAULT_INVALID, "/version", "the register has no such version");
    TRY(reg_facts(call->reg, telling->state->id, call->report, &facts));
    if (facts == NULL)
        return fail(call->report, FAULT_CORRUPT, "a policy version of %.*s does not open",
                    STR_ARG(call->reg->name));
    struct operation op = call_operation(call, ACTION_READ, telling->state->id);
    TRY(call_ask(call, facts, &op, "version_text", decision_by_scope(), &telling->wait));
    call->state = telling;
    call->finish = text_finish;
    return OK;
}
