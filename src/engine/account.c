/* Accounts: how a member of the staff signs in without a token in their hands. An account is a
 * dossier of its own, so that one that was taken away stays away after a restore; a new password is
 * a new account. Its record is sealed and opened when the register is:
 *
 *   scopes   what a session may ask for, no more than whoever made the account might
 *   hash     Argon2id of the password, TOTP secret, hashes of recovery codes; an account without
 *            these is for OpenID Connect alone
 *   first    the password is the choice of whoever made the account: the member changes it first
 *
 * A recovery code that was used is evidence that ended: an edit in a fence, which outlives a
 * restore. What was tried, and which step of the clock gave the last code, is known in memory
 * alone; after a start no code of a step that may have been used before it is taken. */
#include <sodium.h>
#include <stdio.h>

#include "engine_internal.h"
#include "normalise.h"
#include "password.h"

enum {
    ACCOUNT_BYTES = 4096,
    TRIES = 5,       /* wrong ones in a row before it is locked */
    LOCK_MS = 30000, /* at first; twice as long each time */
    LOCK_MS_MOST = 3600000,
    SECRET_TEXT = 32 /* of the TOTP secret in base 32 */
};

/* ---- the record ---- */

static void put_bytes(struct json_out *out, const char *name, const void *bytes, size_t count)
{
    char room[64];
    struct buf text = buf_over(room, sizeof(room));
    buf_base64url(&text, (str){bytes, count});
    if (name != NULL)
        json_key(out, name);
    json_put_str(out, buf_str(&text));
    wipe(room, sizeof(room));
}

static status account_json(struct call *call, const struct account *account, str *json)
{
    struct buf buf = buf_in(call->arena, ACCOUNT_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    put_bytes(&out, "staff", account->staff.bytes, ID_BYTES);
    json_key(&out, "scopes");
    json_put_u64(&out, account->scopes);
    json_key(&out, "hash");
    json_put_text(&out, account->hash);
    json_key(&out, "first");
    json_put_bool(&out, account->first);
    put_bytes(&out, "totp", account->totp.bytes, TOTP_SECRET);
    json_key(&out, "recovery");
    json_open_array(&out);
    for (size_t i = 0; account->local && i < RECOVERY_CODES; i++)
        put_bytes(&out, NULL, account->recovery[i].bytes, sizeof(account->recovery[i].bytes));
    json_close_array(&out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static bool read_bytes_of(const struct json *json, void *bytes, size_t count)
{
    str text;
    size_t length;
    return json_str(json, &text) && base64url_decode(text, bytes, count, &length) &&
           length == count;
}

static bool read_record(const struct json *json, struct account *account)
{
    int64_t scopes;
    str hash;
    size_t codes = 0;
    if (!read_bytes_of(json_get(json, "staff"), account->staff.bytes, ID_BYTES) ||
        !json_i64(json_get(json, "scopes"), &scopes) ||
        !json_bool(json_get(json, "first"), &account->first) ||
        !json_str(json_get(json, "hash"), &hash) || hash.len >= sizeof(account->hash) ||
        !read_bytes_of(json_get(json, "totp"), account->totp.bytes, TOTP_SECRET) ||
        !json_is_array(json_get(json, "recovery")))
        return false;
    memcpy(account->hash, hash.ptr, hash.len);
    account->scopes = (uint32_t)scopes & SCOPE_ALL;
    account->local = hash.len > 0;
    for (JSON_EACH(one, json_get(json, "recovery"))) {
        if (codes == RECOVERY_CODES || !read_bytes_of(one, account->recovery[codes].bytes,
                                                      sizeof(account->recovery[codes].bytes)))
            return false;
        codes++;
    }
    return codes == (account->local ? RECOVERY_CODES : 0);
}

/* The evidence of the nth recovery code, in the order in which they were put. */
static const struct fact_evidence *recovery_life(const struct reg *reg, const struct facts *facts,
                                                 size_t n)
{
    word type = words_find(reg->words, STR("recovery"));
    for (size_t i = 0; type != 0 && i < facts->evidence.count; i++) {
        if (facts->evidence.at[i].type == type && n-- == 0)
            return &facts->evidence.at[i];
    }
    return NULL;
}

static status note_used(struct reg *reg, struct account *account, struct report *report)
{
    const struct facts *facts;
    TRY(reg_facts(reg, account->id, report, &facts));
    for (size_t i = 0; facts != NULL && account->local && i < RECOVERY_CODES; i++) {
        const struct fact_evidence *life = recovery_life(reg, facts, i);
        account->used[i] = life == NULL || !before(reg_now(reg), life->until);
    }
    return OK;
}

status reg_add_account(struct reg *reg, dossier_id id, str text, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    const struct json *json;
    struct account fresh = {.id = id, .last_step = totp_step(world_now(reg->world)) + 1};
    TRY(json_parse(arena, text, report, &json));
    if (!read_record(json, &fresh))
        return fail(report, FAULT_CORRUPT, "the record of an account is damaged");
    TRY(note_used(reg, &fresh, report));
    struct account *account = ARENA_NEW(reg->arena, struct account);
    struct account **added = LIST_ADD(reg->arena, &reg->accounts);
    if (account == NULL || added == NULL)
        return NO_MEMORY(report);
    *account = fresh;
    *added = account;
    wipe(&fresh, sizeof(fresh));
    return OK;
}

/* What others did to it. Whoever has another password, or none, signs in again. */
status reg_account_anew(struct reg *reg, struct account *account, bool there, struct report *report)
{
    if (account->ended || there)
        return account->ended ? OK : note_used(reg, account, report);
    account->ended = true;
    wipe(&account->totp, sizeof(account->totp));
    wipe(account->hash, sizeof(account->hash));
    reg_sessions_end(reg, account->staff);
    return OK;
}

/* ---- tries, for other servers ---- */

enum { TRIES_MOST = 1024 };

struct account_tries {
    dossier_id account; /* zero: a free place */
    int64_t last_step;
    uint64_t wrong;
    instant locked_until;
};

static struct account *account_at(const struct reg *reg, dossier_id id)
{
    for (size_t i = 0; i < reg->accounts.count; i++) {
        if (ID_EQUAL(reg->accounts.at[i]->id, id) && !reg->accounts.at[i]->ended)
            return reg->accounts.at[i];
    }
    return NULL;
}

/* Its place, or the next that is free or of one who has ended; without one it is counted here
 * alone.
 */
static struct account_tries *tries_of(struct reg *reg, dossier_id id)
{
    struct account_tries *place = NULL;
    for (size_t i = 0; i < TRIES_MOST; i++) {
        struct account_tries *here = &reg->tries[i];
        if (ID_EQUAL(here->account, id))
            return here;
        if (place == NULL && (ID_IS_ZERO(here->account) || account_at(reg, here->account) == NULL))
            place = here;
    }
    return place;
}

static void settle_tries(struct reg *reg)
{
    for (size_t i = 0; i < reg->accounts.count; i++) {
        const struct account *account = reg->accounts.at[i];
        struct account_tries *place = account->ended ? NULL : tries_of(reg, account->id);
        if (place != NULL)
            *place = (struct account_tries){account->id, account->last_step, account->wrong,
                                            account->locked_until};
    }
}

static void take_tries(struct reg *reg)
{
    for (size_t i = 0; i < TRIES_MOST; i++) {
        const struct account_tries *from = &reg->tries[i];
        struct account *to = ID_IS_ZERO(from->account) ? NULL : account_at(reg, from->account);
        if (to == NULL)
            continue;
        to->last_step = from->last_step;
        to->wrong = (unsigned)from->wrong;
        to->locked_until = from->locked_until;
    }
}

struct brief_array reg_tries_brief(struct reg *reg)
{
    if (reg->tries == NULL)
        reg->tries = ARENA_ARRAY(reg->arena, struct account_tries, TRIES_MOST);
    return (struct brief_array){"tries",    reg->tries,   sizeof(struct account_tries),
                                TRIES_MOST, settle_tries, take_tries};
}

/* ---- which one ---- */

static struct account *account_of(struct reg *reg, dossier_id staff)
{
    for (size_t i = 0; i < reg->accounts.count; i++) {
        struct account *account = reg->accounts.at[i];
        if (!account->ended && ID_EQUAL(account->staff, staff))
            return account;
    }
    return NULL;
}

/* ---- taking away ---- */

static status erase_account(struct call *call, dossier_id id)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_open_dossier(call, id, DOSSIER_ACCOUNT, &dossier));
    struct operation op = call_operation(call, ACTION_ERASE, id);
    TRY(call_write(call, dossier->facts, &op, "account_end", decision_by_scope(), NULL, 0,
                   &permit));
    call_touched(call, id);
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

status call_accounts_end(struct call *call, dossier_id staff)
{
    struct account *there = account_of(call->reg, staff);
    return there == NULL ? OK : erase_account(call, there->id);
}

void reg_accounts_ended(struct reg *reg, dossier_id staff)
{
    struct account *there = account_of(reg, staff);
    if (there == NULL)
        return;
    there->ended = true;
    wipe(&there->totp, sizeof(there->totp));
    wipe(there->hash, sizeof(there->hash));
}

static status end_finish(struct call *call)
{
    const dossier_id *staff = call->state;
    reg_accounts_ended(call->reg, *staff);
    reg_sessions_end(call->reg, *staff);
    return OK;
}

/* Whom the account lets in acts by it: nobody makes or ends one for another whose token they could
 * not make either. */
static status check_maker(struct call *call, const struct caller *made)
{
    struct operation op = call_operation(call, ACTION_RECORD, (dossier_id){{0}});
    op.concerned = made->actor;
    TRY(call_whole_register(call));
    TRY(call_check_named(call, &op));
    if (token_wider(call->caller, made))
        return call_beyond_token(call, NULL, &op,
                                 "an account cannot be wider than the token that makes it");
    return OK;
}

/* What a turn makes or ends is known once it is durable: until then there is no second. */
static status one_a_turn(struct call *call)
{
    if (call->reg->account_turn == call->engine->turns)
        return fail(call->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    call->reg->account_turn = call->engine->turns;
    return OK;
}

status engine_account_end(struct call *call, dossier_id staff)
{
    struct caller made = {.actor = staff};
    dossier_id *state = ARENA_NEW(call->arena, dossier_id);
    if (state == NULL)
        return NO_MEMORY(call->report);
    TRY(check_maker(call, &made));
    if (account_of(call->reg, staff) == NULL)
        return fail(call->report, FAULT_CONFLICT, "the member has no account");
    TRY(one_a_turn(call));
    TRY(call_accounts_end(call, staff));
    *state = staff;
    call->state = state;
    call->finish = end_finish;
    call->outcome.id = staff;
    return OK;
}

/* ---- making ---- */

struct making {
    bool changes; /* the member their own: codes and the session that asks stay */
    dossier_id id;
    struct account account;
    str json;
};

static status make_finish(struct call *call)
{
    struct making *making = call->state;
    struct account *before_ = account_of(call->reg, making->account.staff);
    int64_t last = making->changes && before_ != NULL ? before_->last_step : INT64_MIN;
    dossier_id kept = making->changes ? call->caller->token : (dossier_id){{0}};
    reg_accounts_ended(call->reg, making->account.staff);
    reg_sessions_renew(call->reg, making->account.staff, kept, making->account.scopes);
    TRY(reg_add_account(call->reg, making->id, making->json, call->report));
    call->reg->accounts.at[call->reg->accounts.count - 1]->last_step = last;
    return OK;
}

static bool has_login(const struct reg *reg, const struct facts *member)
{
    word kind = words_find(reg->words, STR("human"));
    for (size_t i = 0; kind != 0 && member != NULL && i < member->hashes.count; i++) {
        if (member->hashes.at[i].kind == kind)
            return true;
    }
    return false;
}

static status make_codes(struct call *call, struct account *account, struct account_made *made)
{
    struct keys *keys = vault_keys(call->reg->vault);
    world_random(call->reg->world, account->totp.bytes, TOTP_SECRET);
    struct buf secret_text = buf_in(call->arena, SECRET_TEXT);
    buf_base32(&secret_text, (str){(const char *)account->totp.bytes, TOTP_SECRET});
    TRY(buf_finish(&secret_text, call->report, &made->totp));
    str *codes = ARENA_ARRAY(call->arena, str, RECOVERY_CODES);
    if (codes == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        unsigned char bytes[10];
        char text[RECOVERY_TEXT + 1], plain[16];
        world_random(call->reg->world, bytes, sizeof(bytes));
        recovery_print(bytes, text);
        keys_tag(keys, STR("recovery"), recovery_read(str_from(text), plain),
                 &account->recovery[i]);
        codes[i] = arena_copy(call->arena, str_from(text));
        wipe(bytes, sizeof(bytes));
        wipe(text, sizeof(text));
        wipe(plain, sizeof(plain));
        if (codes[i].ptr == NULL)
            return NO_MEMORY(call->report);
    }
    made->recovery = codes;
    made->recovery_count = RECOVERY_CODES;
    return OK;
}

static status keep(struct call *call, struct making *making)
{
    struct dossier *dossier;
    const struct permit *permit;
    record_id record;
    TRY(vault_new(call->reg->vault, DOSSIER_ACCOUNT, 0, call->now, call->arena, call->report,
                  &dossier));
    making->id = dossier->facts->id;
    struct operation op = call_operation(call, ACTION_RECORD, making->id);
    op.concerned = making->account.staff;
    TRY(call_write(call, dossier->facts, &op, making->changes ? "password" : "account",
                   decision_by_scope(), NULL, 0, &permit));
    word type = words_intern(call->reg->words, STR("recovery"));
    for (size_t i = 0; making->account.local && i < RECOVERY_CODES; i++)
        TRY(call_add_evidence(call, dossier, permit, type, NULL, 0, call->now,
                              making->account.used[i] ? call->now : NEVER, STR("")));
    TRY(account_json(call, &making->account, &making->json));
    TRY(call_record(call, dossier, permit, making->json, &record));
    return call_store_dossier(call, dossier, permit);
}

status engine_account_make(struct call *call, const struct account_make *request,
                           struct account_made *made)
{
    struct caller maker = {.actor = request->staff};
    struct making *making = ARENA_NEW(call->arena, struct making);
    const struct facts *member;
    if (making == NULL)
        return NO_MEMORY(call->report);
    *made = (struct account_made){.recovery_count = 0};
    TRY(scopes_parse(request->scopes, call->report, &maker.scopes));
    TRY(check_maker(call, &maker));
    TRY(reg_facts(call->reg, request->staff, call->report, &member));
    if (!has_login(call->reg, member))
        return fail(call->report, FAULT_CONFLICT, "the member has no login to sign in by");
    if (call->reg->accounts.count >= REG_TOKENS)
        return fail(call->report, FAULT_LIMIT, "a register makes at most %d accounts at a time",
                    REG_TOKENS);
    TRY(one_a_turn(call));
    TRY(call_accounts_end(call, request->staff));
    making->account = (struct account){.staff = request->staff,
                                       .scopes = maker.scopes,
                                       .local = request->hash != NULL,
                                       .first = request->hash != NULL &&
                                                !ID_EQUAL(call->caller->actor, request->staff)};
    if (request->hash != NULL) {
        (void)snprintf(making->account.hash, sizeof(making->account.hash), "%s", request->hash);
        TRY(make_codes(call, &making->account, made));
    }
    TRY(keep(call, making));
    call->state = making;
    call->finish = make_finish;
    call->outcome =
        (struct outcome){.id = request->staff, .log_index = call->outcome.log_index, .http = 201};
    return OK;
}

/* ---- signing in ---- */

status reg_login_tag(struct reg *reg, str login, struct report *report, blind *tag)
{
    char room[NORMAL_ROOM];
    struct buf normal = buf_over(room, sizeof(room));
    if (memchr(login.ptr, '@', login.len) == NULL) {
        keys_tag(vault_keys(reg->vault), STR("human"), login, tag);
        return OK;
    }
    TRY(normalise(STR("email"), login, &normal, report));
    keys_tag(vault_keys(reg->vault), STR("human"), buf_str(&normal), tag);
    wipe(room, sizeof(room));
    return OK;
}

static struct account *account_by_login(struct reg *reg, str login)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
    struct report report = {0};
    struct account *account = NULL;
    struct keys *keys = vault_keys(reg->vault);
    blind tag;
    dossier_id *ids;
    size_t count = 0;
    if (!is_ok(reg_login_tag(reg, login, &report, &tag)) ||
        !is_ok(keys_blind_find(keys, tag, arena, &report, &ids, &count)))
        return NULL;
    for (size_t i = 0; account == NULL && i < count; i++)
        account = account_of(reg, ids[i]);
    return account;
}

void reg_account_try(struct reg *reg, str login, struct account_try *try)
{
    const struct account *account = account_by_login(reg, login);
    *try = (struct account_try){.hash = ""};
    (void)snprintf(try->hash, sizeof(try->hash), "%s",
                   account != NULL && account->local ? account->hash : password_of_nobody());
    if (account != NULL)
        try->account = account->id;
}

static struct account *tried(struct reg *reg, dossier_id id)
{
    for (size_t i = 0; i < reg->accounts.count; i++) {
        struct account *account = reg->accounts.at[i];
        if (!account->ended && ID_EQUAL(account->id, id))
            return account;
    }
    return NULL;
}

/* One answer for whoever is not let in, whatever the cause. */
static status not_let_in(struct call *call)
{
    return fail(call->report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED));
}

static status count_wrong(struct call *call, struct account *account, instant now)
{
    static const struct decision locked = {.verdict = VERDICT_REFUSE,
                                           .reason = {.rule = {"always.existence", 16}}};
    account->wrong++;
    if (account->wrong >= TRIES) {
        int64_t wait = LOCK_MS;
        for (unsigned i = TRIES; i < account->wrong && wait < LOCK_MS_MOST; i++)
            wait *= 2;
        account->locked_until = (instant){now.ms + (wait < LOCK_MS_MOST ? wait : LOCK_MS_MOST)};
        struct operation op = call_operation(call, ACTION_NONE, account->staff);
        TRY(call_log_refusal(call, NULL, &op, "sign_in_locked", &locked));
    }
    return not_let_in(call);
}

/* The place of an unused recovery code; RECOVERY_CODES when it is none. All are compared. */
static size_t recovery_place(struct reg *reg, const struct account *account, str code)
{
    char plain[16];
    blind tag;
    size_t place = RECOVERY_CODES;
    str read = recovery_read(code, plain);
    if (read.len == 0)
        return place;
    keys_tag(vault_keys(reg->vault), STR("recovery"), read, &tag);
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        bool same = sodium_memcmp(tag.bytes, account->recovery[i].bytes, sizeof(tag.bytes)) == 0;
        if (same && !account->used[i])
            place = i;
    }
    wipe(plain, sizeof(plain));
    return place;
}

static status use_recovery(struct call *call, struct account *account, size_t place)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_open_dossier(call, account->id, DOSSIER_ACCOUNT, &dossier));
    const struct fact_evidence *life = recovery_life(call->reg, dossier->facts, place);
    if (life == NULL)
        return not_let_in(call);
    record_id record = life->id;
    struct operation op = call_operation(call, ACTION_RECORD, account->id);
    TRY(call_write(call, dossier->facts, &op, "recovery", decision_by_scope(), NULL, 0, &permit));
    account->used[place] = true; /* also where the turn is not kept: it was seen */
    TRY(call_end_evidence(call, dossier, record, call->now));
    return call_store_dossier(call, dossier, permit);
}

static status let_in(struct call *call, struct account *account, struct account_let_in *in)
{
    const struct facts *member;
    TRY(reg_facts(call->reg, account->staff, call->report, &member));
    if (member == NULL || member->kind != DOSSIER_STAFF)
        return not_let_in(call);
    account->wrong = 0;
    *in = (struct account_let_in){
        .staff = account->staff, .scopes = account->scopes, .first = account->first};
    return OK;
}

status engine_account_enter(struct call *call, const struct account_enter *request,
                            struct account_let_in *in)
{
    struct account *account = tried(call->reg, request->account);
    instant now = world_now(call->reg->world);
    if (account == NULL || !account->local || before(now, account->locked_until))
        return not_let_in(call);
    str totp = {(const char *)account->totp.bytes, TOTP_SECRET};
    if (!request->fits)
        return count_wrong(call, account, now);
    if (totp_take(totp, request->code, now, &account->last_step))
        return let_in(call, account, in);
    size_t place = recovery_place(call->reg, account, request->code);
    if (place == RECOVERY_CODES)
        return count_wrong(call, account, now);
    TRY(use_recovery(call, account, place));
    return let_in(call, account, in);
}

status engine_account_vouched(struct call *call, str login, struct account_let_in *in)
{
    struct account *account = account_by_login(call->reg, login);
    if (account == NULL)
        return not_let_in(call);
    TRY(let_in(call, account, in));
    in->first = false; /* whoever knows the password has not come by it */
    return OK;
}

/* ---- one's own password ---- */

void reg_account_own(struct reg *reg, const struct caller *caller, struct account_try *try)
{
    const struct account *account =
        ID_IS_ZERO(caller->actor) ? NULL : account_of(reg, caller->actor);
    *try = (struct account_try){.hash = ""};
    (void)snprintf(try->hash, sizeof(try->hash), "%s",
                   account != NULL && account->local ? account->hash : password_of_nobody());
    if (account != NULL)
        try->account = account->id;
}

static status not_theirs(struct call *call)
{
    return fail(call->report, FAULT_FORBIDDEN, "the password or the code is not right");
}

/* The second factor: that of the session's sign-in, when it was a moment ago, else a code of now.
 */
static bool proves(struct call *call, struct account *account, str code, instant now)
{
    str totp = {(const char *)account->totp.bytes, TOTP_SECRET};
    if (call->caller->fresh_until.ms != 0 && before(call->now, call->caller->fresh_until))
        return true;
    if (totp_take(totp, code, now, &account->last_step))
        return true;
    size_t place = recovery_place(call->reg, account, code);
    if (place < RECOVERY_CODES)
        account->used[place] = true; /* and in the new account, where its evidence has ended */
    return place < RECOVERY_CODES;
}

static status check_own(struct call *call, const struct account_change *request,
                        struct account **own)
{
    struct account *account = tried(call->reg, request->account);
    instant now = world_now(call->reg->world);
    *own = account;
    if (ID_IS_ZERO(call->caller->actor))
        return fail(call->report, FAULT_FORBIDDEN, "a member of the staff has a password");
    if (account == NULL || !account->local || !ID_EQUAL(account->staff, call->caller->actor))
        return fail(call->report, FAULT_CONFLICT, "the member signs in by no password");
    if (before(now, account->locked_until))
        return not_theirs(call);
    if (request->fits && proves(call, account, request->code, now)) {
        account->wrong = 0;
        return OK;
    }
    status counted = count_wrong(call, account, now);
    if (counted.fault != FAULT_UNAUTHENTICATED)
        return counted;
    *call->report = (struct report){0}; /* it said what the sign-in says */
    return not_theirs(call);
}

status engine_account_change(struct call *call, const struct account_change *request)
{
    struct account *own;
    struct making *making = ARENA_NEW(call->arena, struct making);
    if (making == NULL)
        return NO_MEMORY(call->report);
    TRY(check_own(call, request, &own));
    TRY(one_a_turn(call));
    assert(request->hash != NULL);
    *making = (struct making){.changes = true, .account = *own};
    making->account.first = false;
    memset(making->account.hash, 0, sizeof(making->account.hash));
    (void)snprintf(making->account.hash, sizeof(making->account.hash), "%s", request->hash);
    TRY(erase_account(call, own->id));
    TRY(keep(call, making));
    call->state = making;
    call->finish = make_finish;
    call->outcome =
        (struct outcome){.id = making->account.staff, .log_index = call->outcome.log_index};
    return OK;
}

/* The login is known by its tag alone: each part of the password that could be one is tried. */
static bool is_login_of(struct reg *reg, const struct facts *member, str text)
{
    word kind = words_find(reg->words, STR("human"));
    blind tag;
    keys_tag(vault_keys(reg->vault), STR("human"), text, &tag);
    for (size_t i = 0; kind != 0 && i < member->hashes.count; i++) {
        if (member->hashes.at[i].kind == kind &&
            memcmp(member->hashes.at[i].bytes, tag.bytes, sizeof(tag.bytes)) == 0)
            return true;
    }
    return false;
}

static str login_in(struct reg *reg, const struct facts *member, str text)
{
    enum { LEAST = 3, MOST = 64 };
    for (size_t from = 0; from + LEAST <= text.len; from++) {
        size_t end = from + MOST < text.len ? from + MOST : text.len;
        for (size_t to = end; to >= from + LEAST; to--) {
            if (is_login_of(reg, member, str_slice(text, from, to)))
                return str_slice(text, from, to);
        }
    }
    return STR("");
}

status reg_password_check(struct reg *reg, dossier_id staff, const struct password *password,
                          struct report *report)
{
    const struct facts *member;
    char lower[PASSWORD_MOST];
    str text = {password->text, password->len}, small = {lower, password->len};
    str known[PASSWORD_KNOWN] = {reg->name, STR(""), STR("")};
    TRY(reg_facts(reg, staff, report, &member));
    for (size_t i = 0; i < text.len; i++)
        lower[i] =
            text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? (char)(text.ptr[i] + 32) : text.ptr[i];
    if (member != NULL) {
        known[1] = login_in(reg, member, text);
        known[2] = login_in(reg, member, small);
    }
    bool weak = password_guessable(password, known, 3);
    wipe(lower, sizeof(lower));
    if (!weak)
        return OK;
    return fail_at(report, FAULT_INVALID, "/password",
                   "such a password is tried among the first: it is made of the login, of words "
                   "that many use, of rows or of repetition");
}

void reg_sign_in_tag(struct reg *reg, const char *use, str value, char text[SIGN_IN_TAG + 1])
{
    blind tag;
    struct buf buf = buf_over(text, SIGN_IN_TAG);
    keys_tag(vault_keys(reg->vault), str_from(use), value, &tag);
    buf_base64url(&buf, (str){(const char *)tag.bytes, sizeof(tag.bytes)});
    text[SIGN_IN_TAG] = '\0';
}
