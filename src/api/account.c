/* Accounts of the staff: made and ended by whoever administers. */
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
    TRY(password_choose(password, &ask->report, &hashing->given));
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
        request.hash = hashed->hash;
    TRY(join_texts(ask, body->scopes, body->scope_count, &request.scopes));
    ask->result = made;
    ask->fill = fill_account;
    return engine_account_make(&ask->call, &request, made);
}

status account_end(struct ask *ask)
{
    return engine_account_end(&ask->call, ask->id);
}
