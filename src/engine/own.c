/* The register's own records, loaded when it opens: its dossier, the versions of its policy, its
 * tokens, accounts and webhooks. They are opened under one entry, "open", like anything else. */
#include "engine_internal.h"
#include "json.h"

enum { OWN_PAGE = 256 };

status call_create_own_dossier(struct call *call)
{
    struct dossier *dossier;
    TRY(vault_new(call->reg->vault, DOSSIER_REGISTER, 0, call->now, call->arena, call->report,
                  &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    const struct permit *permit;
    str effect = call->reg->simulated ? STR("clock:simulated") : STR("clock:real");
    TRY(call_write(call, dossier->facts, &op, "genesis", decision_by_scope(), &effect, 1, &permit));
    call->reg->own = dossier->facts->id;
    struct buf buf = buf_in(call->arena, 64);
    buf_id(&buf, dossier->facts->id.bytes);
    str text;
    TRY(buf_finish(&buf, call->report, &text));
    TRY(vault_meta_set(call->reg->vault, STR("own"), text, call->report));
    return call_store_dossier(call, dossier, permit);
}

/* ---- versions ---- */

static status version_json(struct call *call, const struct policy_source *policy,
                           const struct policy_source *deployment, instant effective, str *json)
{
    struct buf buf = buf_in(call->arena, 8 << 20);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "number");                          /* in the order of applying */
    bool first = ID_IS_ZERO(call->reg->history[0].id); /* of a register that is being made */
    json_put_u64(&out, first ? 0 : call->reg->history_count);
    json_key(&out, "effective");
    json_put_i64(&out, effective.ms);
    json_key(&out, "policy_file");
    json_put_str(&out, policy->name);
    json_key(&out, "policy");
    json_put_str(&out, policy->text);
    json_key(&out, "deployment_file");
    json_put_str(&out, deployment->name);
    json_key(&out, "deployment");
    json_put_str(&out, deployment->text);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

/* A version's record may be larger than one value: it is kept in parts, in order. */
static status put_parts(struct call *call, struct dossier *dossier, const struct permit *permit,
                        str json)
{
    for (size_t at = 0; at < json.len; at += LIMIT_VALUE_BYTES) {
        record_id id;
        TRY(call_record(call, dossier, permit, str_slice(json, at, at + LIMIT_VALUE_BYTES), &id));
    }
    return OK;
}

status call_store_version(struct call *call, const struct policy_source *policy,
                          const struct policy_source *deployment, const struct plan *plan,
                          instant effective, dossier_id *id)
{
    struct dossier *dossier;
    word version = words_intern(call->reg->words, plan->version);
    TRY(vault_new(call->reg->vault, DOSSIER_VERSION, version, call->now, call->arena, call->report,
                  &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    str effects[VERSION_EFFECTS];
    size_t count;
    TRY(call_version_effects(call, plan, effects, &count));
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "version", decision_by_scope(), effects, count,
                   &permit));
    str json;
    TRY(version_json(call, policy, deployment, effective, &json));
    TRY(put_parts(call, dossier, permit, json));
    *id = dossier->facts->id;
    return call_store_dossier(call, dossier, permit);
}

static status get(const struct json *json, const char *name, str *text, struct report *report)
{
    if (json_str(json_get(json, name), text))
        return OK;
    return fail(report, FAULT_CORRUPT, "the record of a policy version is damaged");
}

struct stored_version {
    int64_t number;
    struct version_state state;
};

static status read_version(struct reg *reg, str record, struct report *report,
                           struct stored_version *stored)
{
    const struct json *json;
    TRY(json_parse(reg->arena, record, report, &json));
    struct policy_source policy, deployment;
    TRY(get(json, "policy_file", &policy.name, report));
    TRY(get(json, "policy", &policy.text, report));
    TRY(get(json, "deployment_file", &deployment.name, report));
    TRY(get(json, "deployment", &deployment.text, report));
    if (!json_i64(json_get(json, "number"), &stored->number) ||
        !json_i64(json_get(json, "effective"), &stored->state.effective.ms))
        return fail(report, FAULT_CORRUPT, "the record of a policy version is damaged");
    struct problems problems = {.arena = reg->arena};
    return reg_compile(reg, &policy, &deployment, reg->arena, &problems, report,
                       &stored->state.plan);
}

/* ---- loading ---- */

struct loading {
    struct reg *reg;
    uint64_t index;      /* of the entry "open" */
    struct arena *arena; /* of the records that are opened */
    struct permit_wait wait;
};

/* All records of a dossier, joined in the order in which they were put. */
static status open_records(struct loading *loading, dossier_id id, struct report *report, str *text)
{
    struct reg *reg = loading->reg;
    struct permit_wait wait = loading->wait;
    wait.scope.dossier = id;
    const struct permit *permit;
    TRY(permit_to_read(&wait, reg->log, loading->arena, report, &permit));
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(reg->vault, id, loading->arena, report, &presence, &dossier));
    if (presence != PRESENCE_LIVE)
        return fail(report, FAULT_CORRUPT, "a record of the register itself does not open");
    struct buf buf = buf_in(loading->arena, 8 << 20);
    for (size_t i = 0; i < dossier->facts->items.count; i++) {
        str part;
        TRY(vault_open_item(reg->vault, permit, dossier, &dossier->facts->items.at[i],
                            loading->arena, report, &part));
        buf_add(&buf, part);
    }
    return buf_finish(&buf, report, text);
}

/* ---- what is known already ---- */

static bool known_version(const struct reg *reg, dossier_id id)
{
    for (size_t i = 0; i < reg->history_count; i++) {
        if (ID_EQUAL(reg->history[i].id, id))
            return true;
    }
    return false;
}

static bool known_token(const struct reg *reg, dossier_id id)
{
    for (size_t i = 0; i < reg->tokens.count; i++) {
        if (ID_EQUAL(reg->tokens.at[i]->id, id))
            return true;
    }
    return false;
}

static bool known_account(const struct reg *reg, dossier_id id)
{
    for (size_t i = 0; i < reg->accounts.count; i++) {
        if (ID_EQUAL(reg->accounts.at[i]->id, id))
            return true;
    }
    return false;
}

/* A webhook's record grows: it is always read. */
static bool is_known(const struct reg *reg, enum dossier_kind kind, dossier_id id)
{
    return (kind == DOSSIER_VERSION && known_version(reg, id)) ||
           (kind == DOSSIER_TOKEN && known_token(reg, id)) ||
           (kind == DOSSIER_ACCOUNT && known_account(reg, id));
}

/* ---- each of a kind ---- */

static status each_of_kind(struct loading *loading, enum dossier_kind kind, struct report *report,
                           status (*use)(struct reg *reg, dossier_id id, str record,
                                         struct report *report))
{
    struct reg *reg = loading->reg;
    dossier_id after = {{0}};
    for (;;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(16 << 20);
        /* A plan goes on pointing into its text. */
        loading->arena = kind == DOSSIER_VERSION ? reg->arena : arena;
        dossier_id *ids;
        size_t count;
        TRY(vault_list(reg->vault, kind, after, OWN_PAGE, arena, report, &ids, &count));
        for (size_t i = 0; i < count; i++) {
            str record;
            after = ids[i];
            if (is_known(reg, kind, ids[i]))
                continue;
            TRY(open_records(loading, ids[i], report, &record));
            TRY(use(reg, ids[i], record, report));
        }
        if (count < OWN_PAGE)
            return OK;
    }
}

/* They come in the order of their random ids, and are put in that of their numbers. */
static status use_version(struct reg *reg, dossier_id id, str record, struct report *report)
{
    const struct facts *facts;
    TRY(reg_facts(reg, id, report, &facts));
    assert(facts != NULL); /* open_records() opened it just now */
    if (reg->history_count == REG_VERSIONS)
        return fail(report, FAULT_LIMIT, "a register holds at most %d versions", REG_VERSIONS);
    struct stored_version stored = {
        .state = {.id = id, .applied = facts->created, .withdrawn = facts->erase_asked}};
    TRY(read_version(reg, record, report, &stored));
    size_t at = reg->history_count++;
    while (at > 0 && reg->history_numbers[at - 1] > stored.number) {
        reg->history[at] = reg->history[at - 1];
        reg->history_numbers[at] = reg->history_numbers[at - 1];
        at--;
    }
    reg->history[at] = stored.state;
    reg->history_numbers[at] = stored.number;
    return OK;
}

static status log_open(struct reg *reg, struct loading *loading, struct report *report)
{
    struct audit_entry *entry = ARENA_NEW(reg->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(report);
    *entry = (struct audit_entry){.at = reg_now(reg),
                                  .authenticated = STR("system"),
                                  .action = STR("start"),
                                  .decision = AUDIT_ALLOW};
    world_random(reg->world, entry->random.bytes, sizeof(entry->random.bytes));
    if (reg->restored)
        entry->effects[entry->effect_count++] = STR("restored");
    struct permit_scope scope = {
        .dossier = reg->own, .action = ACTION_READ, .decision = decision_by_scope()};
    TRY(permit_ask(&scope, NULL, reg->log, entry, report, &loading->wait));
    return reg_flush_log(reg, report);
}

status reg_load_own(struct reg *reg, struct report *report)
{
    struct loading loading = {.reg = reg};
    TRY(log_open(reg, &loading, report));
    TRY(each_of_kind(&loading, DOSSIER_VERSION, report, use_version));
    TRY(reg_order_versions(reg, report));
    if (reg->plans.count == 0)
        return fail(report, FAULT_CORRUPT, "register %.*s has no policy", STR_ARG(reg->name));
    reg->mail_news = true; /* what waits may wait since before */
    TRY(each_of_kind(&loading, DOSSIER_TOKEN, report, reg_add_token));
    TRY(each_of_kind(&loading, DOSSIER_ACCOUNT, report, reg_add_account));
    return each_of_kind(&loading, DOSSIER_WEBHOOK, report, reg_add_webhook);
}

/* ---- loading what others changed ---- */

static status is_there(struct reg *reg, dossier_id id, struct report *report, bool *there)
{
    const struct facts *facts;
    TRY(reg_facts(reg, id, report, &facts));
    *there = facts != NULL;
    return OK;
}

static status tokens_anew(struct reg *reg, struct report *report)
{
    bool there;
    for (size_t i = 0; i < reg->tokens.count; i++) {
        struct token *token = reg->tokens.at[i];
        if (token->revoked)
            continue;
        TRY(is_there(reg, token->id, report, &there));
        TRY(reg_token_anew(reg, token, there, report));
    }
    return OK;
}

static status accounts_anew(struct reg *reg, struct report *report)
{
    bool there;
    for (size_t i = 0; i < reg->accounts.count; i++) {
        struct account *account = reg->accounts.at[i];
        if (account->ended)
            continue;
        TRY(is_there(reg, account->id, report, &there));
        TRY(reg_account_anew(reg, account, there, report));
    }
    return OK;
}

static status webhooks_anew(struct reg *reg, struct report *report)
{
    bool there;
    for (size_t i = 0; i < reg->webhooks.count; i++) {
        TRY(is_there(reg, reg->webhooks.at[i]->id, report, &there));
        reg->webhooks.at[i]->ended |= !there;
    }
    return OK;
}

static status versions_anew(struct reg *reg, struct report *report)
{
    for (size_t i = 0; i < reg->history_count; i++) {
        const struct facts *facts;
        TRY(reg_facts(reg, reg->history[i].id, report, &facts));
        if (facts == NULL)
            return fail(report, FAULT_CORRUPT, "a version of the policy is gone");
        reg->history[i].withdrawn = facts->erase_asked;
        reg->history_numbers[i] = (int64_t)i;
    }
    return OK;
}

/* Callers and plans are held over turns: what is known stays where it is. */
status reg_load_own_anew(struct reg *reg, struct report *report)
{
    struct loading loading = {.reg = reg};
    TRY(tokens_anew(reg, report));
    TRY(accounts_anew(reg, report));
    TRY(webhooks_anew(reg, report));
    TRY(versions_anew(reg, report));
    TRY(log_open(reg, &loading, report));
    TRY(each_of_kind(&loading, DOSSIER_VERSION, report, use_version));
    TRY(reg_order_versions(reg, report));
    TRY(each_of_kind(&loading, DOSSIER_TOKEN, report, reg_add_token));
    TRY(each_of_kind(&loading, DOSSIER_ACCOUNT, report, reg_add_account));
    return each_of_kind(&loading, DOSSIER_WEBHOOK, report, reg_add_webhook);
}
