/* Tokens: `vern_` + id (22) + `_` + secret (43). The id finds the record, the secret's hash is
 * compared in constant time; a token is a dossier of its own, so that a revoked one stays revoked
 * after a restore. */
#include <stdlib.h>

#include "engine_internal.h"
#include "json.h"

enum {
    TOKEN_PREFIX = 5,
    TOKEN_SECRET_BYTES = 32,
    TOKEN_SECRET_TEXT = 43,
    TOKEN_TEXT = TOKEN_PREFIX + ID_TEXT + 1 + TOKEN_SECRET_TEXT,
    TOKEN_DAYS = 90,
    TOKEN_NETWORKS = 64,
    OVERLAP_HOURS = 24,
    OVERLAP_HOURS_MOST = 30 * 24,
    HOUR_MS = 3600000,
    TOKEN_DAYS_MOST = 366
};

static const struct {
    const char *name;
    uint32_t scope;
} scopes[] = {
    {"collect", SCOPE_COLLECT}, {"read", SCOPE_READ},        {"record", SCOPE_RECORD},
    {"rights", SCOPE_RIGHTS},   {"share", SCOPE_SHARE},      {"officer", SCOPE_OFFICER},
    {"import", SCOPE_IMPORT},   {"administer", SCOPE_ADMIN}, {"audit", SCOPE_AUDIT},
    {"all", SCOPE_ALL},
};

uint32_t scopes_held(uint32_t given)
{
    return (given & SCOPE_OFFICER) != 0 ? given | SCOPE_AUDIT : given;
}

str scope_name(enum scope scope)
{
    for (size_t i = 0; i < LENGTH(scopes); i++) {
        if (scopes[i].scope == (uint32_t)scope)
            return str_from(scopes[i].name);
    }
    return STR("");
}

status scopes_parse(str list, struct report *report, uint32_t *out)
{
    *out = 0;
    str rest = list, part;
    while (str_next(&rest, ',', &part)) {
        str name = str_trim(part);
        uint32_t scope = 0;
        for (size_t i = 0; i < LENGTH(scopes); i++) {
            if (str_is(name, scopes[i].name))
                scope = scopes[i].scope;
        }
        if (scope == 0)
            return fail_at(report, FAULT_INVALID, "/scopes",
                           "scopes are collect, read, record, rights, share, officer, import, "
                           "administer, audit and all, separated by commas");
        *out |= scope;
    }
    return OK;
}

static void secret_hash(struct reg *reg, str secret_text, unsigned char hash[32])
{
    blind tag;
    keys_tag(vault_keys(reg->vault), STR("token"), secret_text, &tag);
    memcpy(hash, tag.bytes, sizeof(tag.bytes));
}

/* ---- the record, as JSON ---- */

static status token_json(struct call *call, const struct token_create *request, uint32_t mask,
                         instant expires, const unsigned char hash[32], str *json)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "name");
    json_put_str(&out, request->name);
    json_key(&out, "scopes");
    json_put_u64(&out, mask);
    json_key(&out, "expires");
    json_put_i64(&out, expires.ms);
    json_key(&out, "controller");
    json_put_str(&out, request->controller);
    json_key(&out, "staff");
    json_put_id(&out, request->staff.bytes);
    json_key(&out, "hash");
    char text[64];
    struct buf hex = buf_over(text, sizeof(text));
    buf_base64url(&hex, (str){(const char *)hash, 32});
    json_put_str(&out, buf_str(&hex));
    json_key(&out, "purposes");
    json_open_array(&out);
    for (size_t i = 0; i < request->purpose_count; i++)
        json_put_str(&out, request->purposes[i]);
    json_close_array(&out);
    json_key(&out, "networks");
    json_open_array(&out);
    for (size_t i = 0; i < request->network_count; i++)
        json_put_str(&out, request->networks[i]);
    json_close_array(&out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status read_purposes(struct reg *reg, const struct json *list, struct caller *caller,
                            struct report *report)
{
    if (list == NULL || list->count == 0)
        return OK;
    word *purposes = ARENA_ARRAY(reg->arena, word, list->count);
    if (purposes == NULL)
        return NO_MEMORY(report);
    for (JSON_EACH(one, list)) {
        str text;
        if (json_str(one, &text))
            purposes[caller->purpose_count++] = words_intern(reg->words, text);
    }
    caller->purposes = purposes;
    return OK;
}

static status read_networks(const struct json *list, struct arena *arena, struct caller *caller,
                            struct report *report)
{
    if (list == NULL || list->count == 0)
        return OK;
    struct network *networks = ARENA_ARRAY(arena, struct network, list->count);
    if (networks == NULL)
        return NO_MEMORY(report);
    for (JSON_EACH(one, list)) {
        str text;
        if (!json_str(one, &text) || !network_parse(text, &networks[caller->network_count++]))
            return fail(report, FAULT_CORRUPT, "a token's record is damaged");
    }
    caller->networks = networks;
    return OK;
}

static status token_handle(struct reg *reg, struct token *token, struct report *report)
{
    dossier_id named = ID_IS_ZERO(token->caller.actor) ? token->id : token->caller.actor;
    return vault_handle(reg->vault, named, report, token->caller.handle.bytes);
}

/* A staff member's role is that of the member's own dossier, and 0 while there are several; who has
 * left acts no more. */
status caller_staff(struct reg *reg, struct caller *caller, struct report *report, bool *here)
{
    *here = true;
    if (ID_IS_ZERO(caller->actor))
        return OK;
    const struct facts *staff;
    TRY(reg_facts(reg, caller->actor, report, &staff));
    *here = staff != NULL && staff->kind == DOSSIER_STAFF;
    caller->staff = *here ? staff_only_role(staff, reg_now(reg)) : 0;
    return OK;
}

static status read_token(struct reg *reg, str text, struct arena *arena, struct report *report,
                         struct token *token)
{
    const struct json *json;
    TRY(json_parse(arena, text, report, &json));
    int64_t mask, expires;
    str hash, staff, controller, name;
    size_t length;
    if (!json_str(json_get(json, "name"), &name) || !json_i64(json_get(json, "scopes"), &mask) ||
        !json_i64(json_get(json, "expires"), &expires) ||
        !json_str(json_get(json, "hash"), &hash) || !json_str(json_get(json, "staff"), &staff) ||
        !json_str(json_get(json, "controller"), &controller) ||
        !base64url_decode(hash, token->hash, sizeof(token->hash), &length) || length != 32 ||
        !id_parse(staff, token->caller.actor.bytes))
        return fail(report, FAULT_CORRUPT, "a token's record is damaged");
    token->caller.scopes = (uint32_t)mask;
    token->caller.expires = (instant){expires};
    token->caller.controller = words_intern(reg->words, controller);
    token->name = arena_copy(reg->arena, name);
    if (token->name.ptr == NULL)
        return NO_MEMORY(report);
    TRY(read_networks(json_get(json, "networks"), reg->arena, &token->caller, report));
    return read_purposes(reg, json_get(json, "purposes"), &token->caller, report);
}

/* A token's life is evidence of the free type "token" in its own dossier: to shorten it is to take
 * something away, and so comes with a fence and outlives a restore. */
static const struct fact_evidence *token_life(const struct reg *reg, const struct facts *facts)
{
    word type = words_find(reg->words, STR("token"));
    for (size_t i = 0; type != 0 && facts != NULL && i < facts->evidence.count; i++) {
        if (facts->evidence.at[i].type == type)
            return &facts->evidence.at[i];
    }
    return NULL;
}

static status shorten(struct reg *reg, struct token *token, struct report *report)
{
    const struct facts *facts;
    TRY(reg_facts(reg, token->id, report, &facts));
    const struct fact_evidence *life = token_life(reg, facts);
    if (life != NULL)
        token->caller.expires = earlier(token->caller.expires, life->until);
    return OK;
}

/* Tokens that have ended, by themselves or with the staff member, are passed over. */
status reg_add_token(struct reg *reg, dossier_id id, str text, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct token fresh = {.id = id, .caller = {.token = id, .authenticated = STR("token")}};
    bool here;
    TRY(read_token(reg, text, arena, report, &fresh));
    TRY(shorten(reg, &fresh, report));
    TRY(caller_staff(reg, &fresh.caller, report, &here));
    if (!here || !before(reg_now(reg), fresh.caller.expires))
        return OK;
    TRY(token_handle(reg, &fresh, report));
    struct token *token = ARENA_NEW(reg->arena, struct token);
    struct token **added = LIST_ADD(reg->arena, &reg->tokens);
    if (token == NULL || added == NULL)
        return NO_MEMORY(report);
    *token = fresh;
    *added = token;
    return OK;
}

static bool token_lives(struct reg *home, const struct token *token);

/* What others did to it. */
status reg_token_anew(struct reg *reg, struct token *token, bool there, struct report *report)
{
    token->revoked |= !there;
    return token->revoked ? OK : shorten(reg, token, report);
}

/* ---- making ---- */

static bool within_held(const struct caller *maker, const word *purposes, size_t count)
{
    if (maker->purpose_count == 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        bool held = false;
        for (size_t j = 0; j < maker->purpose_count; j++)
            held |= maker->purposes[j] == purposes[i];
        if (!held)
            return false;
    }
    return count > 0;
}

/* A token that is bound to networks makes none that reaches beyond them. */
static bool within_networks(const struct caller *maker, const struct network *networks,
                            size_t count)
{
    if (maker->network_count == 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        bool within = false;
        for (size_t j = 0; j < maker->network_count; j++)
            within |= network_within(&networks[i], &maker->networks[j]);
        if (!within)
            return false;
    }
    return count > 0;
}

/* Whoever is bound to a controller or is a member of the staff gives that on, and nothing else: a
 * token of nobody's passes the gates of the staff. */
bool token_wider(const struct caller *maker, const struct caller *made)
{
    return (made->scopes & ~scopes_held(maker->scopes)) != 0 ||
           !within_held(maker, made->purposes, made->purpose_count) ||
           !within_networks(maker, made->networks, made->network_count) ||
           (maker->controller != 0 && made->controller != maker->controller) ||
           (!ID_IS_ZERO(maker->actor) && !ID_EQUAL(made->actor, maker->actor));
}

static status token_text(struct call *call, dossier_id id, str *text, str *secret_part)
{
    unsigned char random[TOKEN_SECRET_BYTES];
    world_random(call->reg->world, random, sizeof(random));
    struct buf buf = buf_in(call->arena, 128);
    buf_text(&buf, "vern_");
    buf_id(&buf, id.bytes);
    buf_char(&buf, '_');
    buf_base64url(&buf, (str){(const char *)random, sizeof(random)});
    wipe(random, sizeof(random));
    TRY(buf_finish(&buf, call->report, text));
    *secret_part = str_slice(*text, TOKEN_PREFIX + ID_TEXT + 1, text->len);
    return OK;
}

/* The token is there once its record is durable; its forerunner, if any, then ends at `end`. */
struct making {
    dossier_id id;
    str json;
    struct token *old;
    instant end;
};

static status token_finish(struct call *call)
{
    const struct making *making = call->state;
    if (making->old != NULL)
        making->old->caller.expires = earlier(making->old->caller.expires, making->end);
    return reg_add_token(call->reg, making->id, making->json, call->report);
}

/* What the token is for must be there, and be no more than its maker's. */
static status check_token(struct call *call, const struct caller *made, uint32_t days)
{
    struct operation op = call_operation(call, ACTION_RECORD, (dossier_id){{0}});
    op.concerned = made->actor;
    TRY(call_check_named(call, &op));
    if (token_wider(call->caller, made))
        return call_beyond_token(call, NULL, &op, "a token cannot make one wider than itself");
    if (call->reg->tokens.count >= REG_TOKENS)
        return fail(call->report, FAULT_LIMIT, "a register holds at most %d tokens at a time",
                    REG_TOKENS);
    if (days > TOKEN_DAYS_MOST)
        return fail_at(call->report, FAULT_INVALID, "/days", "a token lives at most %d days",
                       TOKEN_DAYS_MOST);
    return OK;
}

static status parse_networks(struct call *call, const struct token_create *request,
                             struct caller *made)
{
    if (request->network_count > TOKEN_NETWORKS)
        return fail_at(call->report, FAULT_INVALID, "/networks", "a token has at most %d networks",
                       TOKEN_NETWORKS);
    struct network *networks = ARENA_ARRAY(call->arena, struct network, request->network_count + 1);
    if (networks == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < request->network_count; i++) {
        if (!network_parse(request->networks[i], &networks[i]))
            return fail_about(
                call->report, FAULT_INVALID, request->networks[i],
                "a network is 192.0.2.0/24, 2001:db8::/32 or one address, with no bits "
                "behind its length");
    }
    made->networks = networks;
    made->network_count = request->network_count;
    return OK;
}

/* Keeps the new token's record; the token itself comes when that is durable. */
static status make_token(struct call *call, const struct token_create *request, uint32_t mask,
                         struct making *making, str *text, instant *expires)
{
    struct dossier *dossier;
    TRY(vault_new(call->reg->vault, DOSSIER_TOKEN, 0, call->now, call->arena, call->report,
                  &dossier));
    dossier_id id = dossier->facts->id;
    str secret_part;
    TRY(token_text(call, id, text, &secret_part));
    unsigned char hash[32];
    secret_hash(call->reg, secret_part, hash);
    uint32_t days = request->days == 0 ? TOKEN_DAYS : request->days;
    *expires = (instant){call->now.ms + (int64_t)days * 24 * HOUR_MS};
    TRY(token_json(call, request, mask, *expires, hash, &making->json));
    struct operation op = call_operation(call, ACTION_RECORD, id);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "token", decision_by_scope(), NULL, 0, &permit));
    word type = words_intern(call->reg->words, STR("token"));
    TRY(call_add_evidence(call, dossier, permit, type, NULL, 0, call->now, *expires, STR("")));
    record_id record;
    TRY(call_record(call, dossier, permit, making->json, &record));
    TRY(call_store_dossier(call, dossier, permit));
    making->id = id;
    call->state = making;
    call->finish = token_finish;
    call->outcome = (struct outcome){.id = id, .log_index = call->outcome.log_index, .http = 201};
    return OK;
}

status engine_token_create(struct call *call, const struct token_create *request, str *text)
{
    struct caller made = {.actor = request->staff, .purpose_count = request->purpose_count};
    TRY(call_check_texts(call, &request->name, 1));
    TRY(scopes_parse(request->scopes, call->report, &made.scopes));
    TRY(call_words(call, NAME_PURPOSE, request->purposes, request->purpose_count, &made.purposes));
    TRY(call_word(call, NAME_CONTROLLER, request->controller, &made.controller));
    TRY(parse_networks(call, request, &made));
    TRY(check_token(call, &made, request->days));
    struct making *making = ARENA_NEW(call->arena, struct making);
    if (making == NULL)
        return NO_MEMORY(call->report);
    *making = (struct making){.old = NULL};
    instant expires;
    return make_token(call, request, made.scopes, making, text, &expires);
}

/* ---- succeeding ---- */

static struct token *living(struct reg *reg, dossier_id id)
{
    for (size_t i = 0; i < reg->tokens.count; i++) {
        struct token *token = reg->tokens.at[i];
        if (ID_EQUAL(token->id, id) && !token->revoked &&
            before(reg_now(reg), token->caller.expires))
            return token;
    }
    return NULL;
}

static status name_networks(struct call *call, const struct caller *caller, const str **texts)
{
    str *list = ARENA_ARRAY(call->arena, str, caller->network_count + 1);
    if (list == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < caller->network_count; i++) {
        struct buf buf = buf_in(call->arena, 64);
        network_print(&caller->networks[i], &buf);
        TRY(buf_finish(&buf, call->report, &list[i]));
    }
    *texts = list;
    return OK;
}

static status name_purposes(struct call *call, const struct caller *caller, const str **texts)
{
    str *list = ARENA_ARRAY(call->arena, str, caller->purpose_count + 1);
    if (list == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < caller->purpose_count; i++)
        list[i] = call_text(call, caller->purposes[i]);
    *texts = list;
    return OK;
}

static status end_old(struct call *call, const struct token *old, instant end)
{
    struct dossier *dossier;
    TRY(call_open_dossier(call, old->id, DOSSIER_TOKEN, &dossier));
    const struct fact_evidence *life = token_life(call->reg, dossier->facts);
    if (life == NULL)
        return fail(call->report, FAULT_CONFLICT, "this token cannot be succeeded; make another");
    record_id record = life->id;
    struct operation op = call_operation(call, ACTION_RECORD, old->id);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "token_end", decision_by_scope(), NULL, 0, &permit));
    TRY(call_end_evidence(call, dossier, record, end));
    return call_store_dossier(call, dossier, permit);
}

static status request_like(struct call *call, const struct token *old, uint32_t days,
                           struct token_create *like)
{
    *like = (struct token_create){.name = old->name,
                                  .controller = call_text(call, old->caller.controller),
                                  .purpose_count = old->caller.purpose_count,
                                  .staff = old->caller.actor,
                                  .days = days,
                                  .network_count = old->caller.network_count};
    TRY(name_purposes(call, &old->caller, &like->purposes));
    return name_networks(call, &old->caller, &like->networks);
}

status engine_token_rotate(struct call *call, const struct token_rotate *request,
                           struct token_rotated *rotated)
{
    struct dossier *there;
    TRY(call_open_dossier(call, request->token, DOSSIER_TOKEN, &there));
    struct token *old = living(call->reg, request->token);
    if (old == NULL)
        return fail(call->report, FAULT_CONFLICT, "this token has ended; make another");
    uint64_t hours = request->overlap_stated ? request->overlap_hours : OVERLAP_HOURS;
    if (hours > OVERLAP_HOURS_MOST)
        return fail_at(call->report, FAULT_INVALID, "/overlap_hours",
                       "two tokens overlap for at most %d hours", OVERLAP_HOURS_MOST);
    TRY(check_token(call, &old->caller, request->days));
    struct token_create like;
    TRY(request_like(call, old, request->days, &like));
    struct making *making = ARENA_NEW(call->arena, struct making);
    if (making == NULL)
        return NO_MEMORY(call->report);
    *making = (struct making){.old = old, .end = {call->now.ms + (int64_t)hours * HOUR_MS}};
    making->end = earlier(making->end, old->caller.expires);
    rotated->old_ends = making->end;
    TRY(end_old(call, old, making->end));
    return make_token(call, &like, old->caller.scopes, making, &rotated->text, &rotated->expires);
}

/* ---- listing ---- */

static int by_id(const void *a, const void *b)
{
    const struct token *const *one = a, *const *two = b;
    return memcmp((*one)->id.bytes, (*two)->id.bytes, ID_BYTES);
}

static status view_of(struct call *call, const struct token *token, struct token_view *view)
{
    str *names = ARENA_ARRAY(call->arena, str, LENGTH(scopes));
    if (names == NULL)
        return NO_MEMORY(call->report);
    *view = (struct token_view){.id = token->id,
                                .staff = token->caller.actor,
                                .name = token->name,
                                .controller = call_text(call, token->caller.controller),
                                .scopes = names,
                                .purpose_count = token->caller.purpose_count,
                                .network_count = token->caller.network_count,
                                .expires = token->caller.expires};
    for (uint32_t bit = 1; bit < SCOPE_ALL; bit <<= 1) {
        if ((token->caller.scopes & bit) != 0)
            names[view->scope_count++] = scope_name((enum scope)bit);
    }
    TRY(name_purposes(call, &token->caller, &view->purposes));
    return name_networks(call, &token->caller, &view->networks);
}

status engine_token_list(struct call *call, dossier_id after, size_t limit, struct token_list *list)
{
    struct reg *reg = call->reg;
    const struct token **there =
        ARENA_ARRAY(call->arena, const struct token *, reg->tokens.count + 1);
    list->at = ARENA_ARRAY(call->arena, struct token_view, limit);
    list->count = 0;
    if (there == NULL || list->at == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < reg->tokens.count; i++) {
        const struct token *token = reg->tokens.at[i];
        if (memcmp(token->id.bytes, after.bytes, ID_BYTES) > 0 && token_lives(reg, token) &&
            !token_wider(call->caller, &token->caller))
            there[count++] = token;
    }
    qsort(there, count, sizeof(*there), by_id);
    for (size_t i = 0; i < count && i < limit; i++)
        TRY(view_of(call, there[i], &list->at[list->count++]));
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "tokens", decision_by_scope());
}

/* ---- revoking ---- */

static status revoke(struct call *call, dossier_id id)
{
    struct dossier *dossier;
    TRY(call_open_dossier(call, id, DOSSIER_TOKEN, &dossier));
    struct operation op = call_operation(call, ACTION_ERASE, id);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "token_revoke", decision_by_scope(), NULL, 0,
                   &permit));
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

/* Once it is durable, and not before: a turn that is not kept revokes nothing. */
static status revoke_finish(struct call *call)
{
    const dossier_id *id = call->state; /* a token's, or a member's */
    reg_accounts_ended(call->reg, *id);
    for (size_t i = 0; i < call->reg->tokens.count; i++) {
        struct token *token = call->reg->tokens.at[i];
        token->revoked |= ID_EQUAL(token->id, *id) || ID_EQUAL(token->caller.actor, *id);
    }
    return OK;
}

static status revoke_later(struct call *call, dossier_id id)
{
    dossier_id *state = ARENA_NEW(call->arena, dossier_id);
    if (state == NULL)
        return NO_MEMORY(call->report);
    *state = id;
    call->state = state;
    call->finish = revoke_finish;
    return OK;
}

status engine_token_revoke(struct call *call, dossier_id id)
{
    TRY(revoke(call, id));
    return revoke_later(call, id);
}

status engine_staff_end(struct call *call, dossier_id id)
{
    struct reg *reg = call->reg;
    struct dossier *dossier;
    TRY(call_open_dossier(call, id, DOSSIER_STAFF, &dossier));
    struct operation op = call_operation(call, ACTION_ERASE, id);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "staff_end", decision_by_scope(), NULL, 0, &permit));
    TRY(vault_erase(reg->vault, permit, dossier, call->request, call->now, call->arena,
                    call->report));
    call_touched(call, id);
    TRY(call_watch_ended(call, SLOT_ACTOR, id));
    reg_watch_changed(reg, DOSSIER_STAFF);
    TRY(call_accounts_end(call, id));
    for (size_t i = 0; i < reg->tokens.count; i++) {
        const struct token *token = reg->tokens.at[i];
        if (!ID_EQUAL(token->caller.actor, id) || token->revoked)
            continue;
        TRY(revoke(call, token->id));
        call->outcome.count++;
    }
    return revoke_later(call, id);
}

/* ---- authenticating ---- */

static struct token *find_token(struct engine *engine, dossier_id id, struct reg **reg)
{
    for (size_t i = 0; i < engine->reg_count; i++) {
        struct reg *here = engine->regs[i];
        for (size_t j = 0; j < here->tokens.count; j++) {
            if (ID_EQUAL(here->tokens.at[j]->id, id)) {
                *reg = here;
                return here->tokens.at[j];
            }
        }
    }
    return NULL;
}

/* As others know it by now, too: one that is known here may have ended, one that is not may be new.
 */
static status know_token(struct engine *engine, dossier_id id, struct report *report,
                         struct reg **home, struct token **token)
{
    *token = find_token(engine, id, home);
    if (*token != NULL)
        return reg_enter(*home, report);
    for (size_t i = 0; i < engine->reg_count && *token == NULL; i++) {
        struct report own = {0};
        status entered = reg_enter(engine->regs[i], &own);
        if (!is_ok(entered) && !engine->regs[i]->ends) {
            *report = own;
            return entered;
        }
        *token = find_token(engine, id, home);
    }
    return OK;
}

static bool hash_matches(const struct token *token, const unsigned char hash[32])
{
    secret a, b;
    memcpy(a.bytes, token->hash, sizeof(a.bytes));
    memcpy(b.bytes, hash, sizeof(b.bytes));
    return secret_equal(&a, &b);
}

/* A staff member who has left has no token any more, whatever else it says. */
static bool token_lives(struct reg *home, const struct token *token)
{
    struct report odd = {0};
    struct caller now = token->caller;
    bool here;
    return !token->revoked && before(reg_now(home), token->caller.expires) &&
           is_ok(caller_staff(home, &now, &odd, &here)) && here;
}

bool reg_caller_holds(struct reg *reg, const struct caller *caller)
{
    struct report unknown = {0};
    if (reg->moved != NULL)
        return true; /* which its calls say */
    if (reg->retired || !is_ok(reg_enter(reg, &unknown)))
        return false;
    for (size_t i = 0; i < reg->tokens.count; i++) {
        struct report odd = {0};
        struct caller now = *caller;
        bool here;
        if (ID_EQUAL(reg->tokens.at[i]->id, caller->token))
            return token_lives(reg, reg->tokens.at[i]) &&
                   is_ok(caller_staff(reg, &now, &odd, &here)) && now.staff == caller->staff;
    }
    return reg_session_holds(reg, caller);
}

/* Whence it comes is judged after the secret, so that an address is no way to learn of a token. */
static bool comes_from(const struct caller *caller, const char *address)
{
    return caller->network_count == 0 ||
           (address != NULL && networks_have(caller->networks, caller->network_count, address));
}

status engine_authenticate(struct engine *engine, str text, struct report *report, struct reg **reg,
                           const struct caller **caller)
{
    return engine_authenticate_from(engine, text, NULL, report, reg, caller);
}

status engine_authenticate_from(struct engine *engine, str text, const char *address,
                                struct report *report, struct reg **reg,
                                const struct caller **caller)
{
    status no = {FAULT_UNAUTHENTICATED};
    dossier_id id;
    struct token *token = NULL;
    struct reg *home = NULL;
    bool is_token = text.len == TOKEN_TEXT && str_starts(text, STR("vern_")) &&
                    text.ptr[TOKEN_PREFIX + ID_TEXT] == '_' &&
                    id_parse(str_slice(text, TOKEN_PREFIX, TOKEN_PREFIX + ID_TEXT), id.bytes);
    struct report own = {0};
    status known = is_token ? know_token(engine, id, &own, &home, &token) : OK;
    if (!is_ok(known)) {
        if (report != NULL)
            *report = own;
        return known;
    }
    if (token != NULL) {
        bool here; /* roles come and go while the token lives */
        unsigned char hash[32];
        secret_hash(home, str_slice(text, TOKEN_PREFIX + ID_TEXT + 1, text.len), hash);
        /* The owner's clock decides: a simulated register's tokens live by its own time. */
        if (hash_matches(token, hash) && token_lives(home, token) &&
            comes_from(&token->caller, address) &&
            is_ok(caller_staff(home, &token->caller, report, &here))) {
            *reg = home;
            *caller = &token->caller;
            return OK;
        }
    }
    if (is_token && engine_token_is_gone(engine, id)) {
        no.fault = FAULT_GONE;
        return report == NULL ? no : fail(report, FAULT_GONE, "this register is retired");
    }
    if (report != NULL)
        return fail(report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED));
    return no;
}
