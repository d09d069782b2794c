/* What a banner needs, below /r/<register>/: the register of cookies, a browser's choices, the
 * gate.
 *
 * Two headers speak, and both only say no: `Sec-GPC: 1` and `DNT: 1`, of exactly that value (Global
 * Privacy Control, section 3.3). No header is ever a consent. A script posts a form, which needs no
 * preflight, or JSON from our own origin. */
#include "api_internal.h"
#include "instant.h"
#include "json.h"

/* Since when the statement of support stands as it is now. */
#define GPC_SINCE "2026-11-25"

/* One of several fields is enough: a second of another value does not take the no back. */
static bool says_one(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->field_count; i++) {
        struct http_request alone = *request;
        alone.fields = &request->fields[i];
        alone.field_count = 1;
        if (str_is(http_header(&alone, name), "1"))
            return true;
    }
    return false;
}

static bool refuses(const struct http_request *request)
{
    return says_one(request, "Sec-GPC") || says_one(request, "DNT");
}

/* ---- documents ---- */

status cookies_show(struct ask *ask)
{
    return engine_cookie_register(ask->reg, ask->arena, &ask->report, &ask->document);
}

status gpc_show(struct ask *ask)
{
    ask->document = STR("{\"gpc\":true,\"lastUpdate\":\"" GPC_SINCE "\"}\n");
    return OK;
}

status gpc_register_show(struct ask *ask)
{
    return gpc_show(ask);
}

/* ---- choices ---- */

static status fill_browser(struct ask *ask)
{
    const struct browser_answer *answer = ask->result;
    struct browser_reply *reply = ARENA_NEW(ask->arena, struct browser_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct browser_reply){.receipt = answer->receipt,
                                    .ask = answer->ask,
                                    .allowed = answer->allowed,
                                    .allowed_count = answer->allowed_count,
                                    .expire = answer->expire,
                                    .expire_count = answer->expire_count};
    ask->answer = reply;
    return OK;
}

static status run_browser(struct ask *ask, bool chooses)
{
    const struct choices_body *body = ask->body;
    struct browser_answer *answer = ARENA_NEW(ask->arena, struct browser_answer);
    if (answer == NULL)
        return NO_MEMORY(&ask->report);
    struct browser_ask request = {.receipt = body->receipt,
                                  .chooses = chooses,
                                  .browser_refuses = refuses(ask->request),
                                  .accept = body->accept,
                                  .accept_count = body->accept_count,
                                  .refuse = body->refuse,
                                  .refuse_count = body->refuse_count};
    ask->result = answer;
    ask->fill = fill_browser;
    return engine_browser(&ask->call, &request, answer);
}

status browser_choose(struct ask *ask)
{
    return run_browser(ask, true);
}

status browser_gate(struct ask *ask)
{
    return run_browser(ask, false);
}
