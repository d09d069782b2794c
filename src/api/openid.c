/* Signing in by a provider of OpenID Connect, for members of the staff (staff_in.c) and for people
 * (sign_in.c).
 *
 *   browser --openid_begin--> provider --code--> openid_read_back --token--> openid_vouched
 *
 * What one sign-in needs (state, nonce, verifier) is made from a cookie that the browser alone
 * holds and from the register's key: nothing is kept, and a state of another browser, another
 * register or another day is none. Each side has a provider, a cookie, tags and an address of its
 * own, so that what began for one side is nothing at the other, also where both have the same
 * provider. */
#include <stdio.h>

#include "api_internal.h"
#include "oidc.h"

enum {
    BEGUN_MS = 600000, /* how long a sign-in by a provider may take */
    BEGUN_SECONDS = BEGUN_MS / 1000,
    RANDOM_BYTES = 32,
    CODE_MOST = 2048,
    REDIRECT_ROOM = 512
};

static const struct {
    const char *cookie, *state, *nonce, *verifier, *back;
} of[SIDES] = {
    [SIDE_STAFF] = {"__Host-vern-openid", "openid-state", "openid-nonce", "openid-verifier",
                    "staff/openid/back"},
    [SIDE_PEOPLE] = {"__Host-vern-openid-person", "person-openid-state", "person-openid-nonce",
                     "person-openid-verifier", "openid/back"},
};

/* A provider on this machine serves simulated registers, one elsewhere real ones (oidc.h). */
bool openid_is_on(const struct ask *ask, enum api_side side)
{
    const struct api_provider *provider = &ask->api->providers[side];
    return provider->oidc != NULL && !str_is_empty(ask->api->config.public_url) &&
           provider->local == reg_simulated(ask->reg);
}

/* ---- going there ---- */

struct opening {
    struct oidc_ask oidc;
    const struct api_provider *provider;
    char state[SIGN_IN_TAG + 1], nonce[SIGN_IN_TAG + 1], verifier[SIGN_IN_TAG + 1];
    char redirect[REDIRECT_ROOM];
};

static void openid_done(struct oidc_ask *oidc)
{
    ask_go_on(oidc->self);
}

static void openid_start(struct ask *ask)
{
    struct opening *opening = ask->steps;
    const struct api_provider *provider = opening->provider;
    if (opening->oidc.code.len == 0)
        provider->begin(provider->oidc, &opening->oidc);
    else
        provider->finish(provider->oidc, &opening->oidc);
}

/* What belongs to the sign-in that this cookie began, with this register. */
static status open_by(struct ask *ask, enum api_side side, str cookie, struct opening **out)
{
    struct opening *opening = ARENA_NEW(ask->arena, struct opening);
    char id[ID_TEXT + 1] = {0};
    struct buf text = buf_over(id, ID_TEXT);
    if (opening == NULL)
        return NO_MEMORY(&ask->report);
    buf_id(&text, ask->id.bytes);
    reg_sign_in_tag(ask->reg, of[side].state, cookie, opening->state);
    reg_sign_in_tag(ask->reg, of[side].nonce, cookie, opening->nonce);
    reg_sign_in_tag(ask->reg, of[side].verifier, cookie, opening->verifier);
    (void)snprintf(opening->redirect, sizeof(opening->redirect), "%.*s/r/%s/%s",
                   STR_ARG(ask->api->config.public_url), id, of[side].back);
    opening->provider = &ask->api->providers[side];
    opening->oidc = (struct oidc_ask){.redirect = str_from(opening->redirect),
                                      .state = str_from(opening->state),
                                      .nonce = str_from(opening->nonce),
                                      .verifier = str_from(opening->verifier),
                                      .done = openid_done,
                                      .self = ask};
    *out = opening;
    return OK;
}

/* SameSite=Lax, as the browser comes back from another site; `value` empty takes it away. */
static status set_openid_cookie(struct ask *ask, enum api_side side, str value)
{
    assert(ask->cookie_count < LENGTH(ask->cookies));
    str text =
        arena_format(ask->arena, "%s=%.*s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Lax",
                     of[side].cookie, STR_ARG(value), value.len == 0 ? 0 : BEGUN_SECONDS);
    if (text.ptr == NULL)
        return NO_MEMORY(&ask->report);
    ask->cookies[ask->cookie_count++] = text;
    return OK;
}

static status new_cookie(struct ask *ask, str *cookie)
{
    unsigned char random[RANDOM_BYTES];
    struct buf buf = buf_in(ask->arena, 128);
    world_random(ask->api->config.world, random, sizeof(random));
    buf_i64(&buf, world_now(ask->api->config.world).ms);
    buf_char(&buf, '.');
    buf_base64url(&buf, (str){(const char *)random, sizeof(random)});
    return buf_finish(&buf, &ask->report, cookie);
}

static status fill_there(struct ask *ask)
{
    const struct opening *opening = ask->steps;
    ask->location = str_from(opening->oidc.url);
    ask->document = STR("");
    ask->media = "text/html; charset=utf-8";
    return OK;
}

status openid_begin(struct ask *ask, enum api_side side)
{
    struct opening *opening = ask->steps;
    str cookie;
    if (opening != NULL) {
        if (!is_ok(opening->oidc.result))
            return fail(&ask->report, opening->oidc.result.fault, "%s",
                        fault_text(opening->oidc.result.fault));
        ask->call.outcome.http = 303;
        ask->fill = fill_there;
        return OK;
    }
    TRY(new_cookie(ask, &cookie));
    TRY(set_openid_cookie(ask, side, cookie));
    TRY(open_by(ask, side, cookie, &opening));
    return ask_wait(ask, opening, openid_start);
}

/* ---- coming back ---- */

/* When it began, by the cookie; false when that is none, or too long ago. */
static bool began(struct ask *ask, str cookie, instant *since)
{
    str rest = cookie, time;
    instant now = world_now(ask->api->config.world);
    return cookie.ptr != NULL && cookie.len < 128 && str_next(&rest, '.', &time) &&
           rest.ptr != NULL && rest.len == SIGN_IN_TAG && str_to_i64(time, &since->ms) &&
           since->ms <= now.ms && now.ms - since->ms < BEGUN_MS;
}

static bool same_text(str a, str b)
{
    unsigned char differs = a.len == b.len ? 0 : 1;
    for (size_t i = 0; differs == 0 && i < a.len; i++)
        differs = (unsigned char)(differs | (unsigned char)(a.ptr[i] ^ b.ptr[i]));
    return differs == 0;
}

/* `opening` is NULL when it is no answer to what this browser began here. */
static status read_back(struct ask *ask, enum api_side side, struct opening **opening)
{
    str cookie = cookie_of(ask->request, of[side].cookie), state, code, issuer;
    struct opening *made;
    instant since;
    *opening = NULL;
    TRY(http_query(ask->request, "state", &ask->report, &state));
    TRY(http_query(ask->request, "code", &ask->report, &code));
    TRY(http_query(ask->request, "iss", &ask->report, &issuer));
    if (!began(ask, cookie, &since))
        return OK;
    TRY(open_by(ask, side, cookie, &made));
    if (state.ptr == NULL || !same_text(state, made->oidc.state) || code.ptr == NULL ||
        code.len == 0 || code.len > CODE_MOST)
        return OK;
    made->oidc.code = code;
    made->oidc.issuer = issuer.ptr == NULL ? STR("") : issuer;
    made->oidc.since = since;
    *opening = made;
    return OK;
}

status openid_read_back(struct ask *ask, enum api_side side, bool *waits)
{
    struct opening *opening;
    TRY(set_openid_cookie(ask, side, STR(""))); /* it was for one answer */
    TRY(read_back(ask, side, &opening));
    *waits = opening != NULL;
    return *waits ? ask_wait(ask, opening, openid_start) : OK;
}

bool openid_vouched(const struct ask *ask, str *name)
{
    const struct opening *opening = ask->steps;
    *name = str_from(opening->oidc.login);
    return is_ok(opening->oidc.result);
}
