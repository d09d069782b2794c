/* Accounts of the staff: made and ended by whoever administers. */
#include <stdio.h>

#include "api_internal.h"

static status fill_account(struct ask *ask)
{
    const struct account_made *made = ask->result;
    struct account_reply *reply = ARENA_NEW(ask->arena, struct account_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct account_reply){.written = written_of(ask),
                                    .totp = made->totp,
                                    .recovery = made->recovery,
                                    .recovery_count = made->recovery_count};
    if (made->totp.len > 0) {
        str name = reg_name(ask->reg);
        reply->uri = arena_format(ask->arena, "otpauth://totp/Vern:%.*s?secret=%.*s&issuer=Vern",
                                  STR_ARG(name), STR_ARG(made->totp));
        if (reply->uri.ptr == NULL)
            return NO_MEMORY(&ask->report);
    }
    ask->answer = reply;
    return OK;
}

static status hash_first(struct ask *ask, str password)
{
    struct hashing *hashing = ARENA_NEW(ask->arena, struct hashing);
    if (hashing == NULL)
        return NO_MEMORY(&ask->report);
    TRY(password_choose(password, &ask->report, &hashing->chosen));
    TRY(reg_password_check(ask->reg, ask->id, &hashing->chosen, &ask->report));
    hashing->makes = true;
    world_random(ask->api->config.world, hashing->salt, sizeof(hashing->salt));
    return hashing_begin(ask, hashing);
}

status account_make(struct ask *ask)
{
    const struct account_body *body = ask->body;
    const struct hashing *hashed = ask->steps;
    struct account_make request = {.staff = ask->id};
    struct account_made *made = ARENA_NEW(ask->arena, struct account_made);
    if (made == NULL)
        return NO_MEMORY(&ask->report);
    if (body->password.ptr != NULL && hashed == NULL)
        return hash_first(ask, body->password);
    if (hashed != NULL && hashed->failed)
        return fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    if (hashed != NULL)
        request.hash = hashed->made;
    TRY(join_texts(ask, body->scopes, body->scope_count, &request.scopes));
    ask->result = made;
    ask->fill = fill_account;
    return engine_account_make(&ask->call, &request, made);
}

status account_end(struct ask *ask)
{
    return engine_account_end(&ask->call, ask->id);
}

/* ---- one's own ---- */

/* What is said of a new password stands at /new, where it was given. */
static status choose(struct ask *ask, const struct caller *caller, str chosen,
                     struct password *password)
{
    status taken = password_choose(chosen, &ask->report, password);
    if (is_ok(taken))
        taken = reg_password_check(ask->reg, caller->actor, password, &ask->report);
    if (taken.fault == FAULT_INVALID)
        (void)snprintf(ask->report.where, sizeof(ask->report.where), "/new");
    return taken;
}

status changing_begin(struct ask *ask, const struct caller *caller, str given, str chosen)
{
    struct changing *changing = ARENA_NEW(ask->arena, struct changing);
    if (changing == NULL)
        return NO_MEMORY(&ask->report);
    struct hashing *hashing = &changing->hashing;
    TRY(password_read(given, &ask->report, &hashing->given));
    TRY(choose(ask, caller, chosen, &hashing->chosen));
    reg_account_own(ask->reg, caller, &changing->tried);
    memcpy(hashing->hash, changing->tried.hash, sizeof(hashing->hash));
    world_random(ask->api->config.world, hashing->salt, sizeof(hashing->salt));
    hashing->checks = hashing->makes = true;
    return hashing_begin(ask, hashing);
}

status changing_end(struct ask *ask, str code)
{
    const struct changing *changing = ask->steps;
    const struct hashing *hashing = &changing->hashing;
    struct account_change change = {.account = changing->tried.account,
                                    .fits = hashing->fits,
                                    .code = code.ptr == NULL ? STR("") : code,
                                    .hash = hashing->made};
    if (hashing->failed)
        return fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    return engine_account_change(&ask->call, &change);
}

status account_password(struct ask *ask)
{
    const struct password_body *body = ask->body;
    if (ID_IS_ZERO(ask->caller->actor))
        return fail(&ask->report, FAULT_FORBIDDEN, "a member of the staff has a password");
    return ask->steps == NULL ? changing_begin(ask, ask->caller, body->password, body->chosen)
                              : changing_end(ask, body->code);
}
