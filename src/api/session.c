/* Sessions of browsers: cookies, and routes for whoever is signed in. */
#include <strings.h>

#include "api_internal.h"

/* ---- cookies ---- */

/* Given twice, it is nobody's: one of the two was planted. */
str cookie_of(const struct http_request *request, const char *name)
{
    str found = {0};
    size_t seen = 0, length = strlen(name);
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        str rest = field->value, pair;
        if (field->name.len != 6 || strncasecmp(field->name.ptr, "Cookie", 6) != 0)
            continue;
        while (rest.len > 0 && str_next(&rest, ';', &pair)) {
            pair = str_trim(pair);
            if (pair.len <= length || pair.ptr[length] != '=' ||
                memcmp(pair.ptr, name, length) != 0)
                continue;
            found = str_slice(pair, length + 1, pair.len);
            seen++;
        }
    }
    return seen == 1 ? found : (str){0};
}

status ask_set_cookie(struct ask *ask, const char *name, str value, uint32_t seconds)
{
    assert(ask->cookie_count < LENGTH(ask->cookies));
    str text =
        arena_format(ask->arena, "%s=%.*s; Path=/; Max-Age=%u; Secure; HttpOnly; SameSite=Strict",
                     name, STR_ARG(value), seconds);
    if (text.ptr == NULL)
        return NO_MEMORY(&ask->report);
    ask->cookies[ask->cookie_count++] = text;
    return OK;
}

status ask_set_session(struct ask *ask, str cookie)
{
    return ask_set_cookie(ask, SESSION_COOKIE, cookie, SESSION_MS / 1000);
}

status ask_drop_session(struct ask *ask)
{
    return ask_set_cookie(ask, SESSION_COOKIE, STR(""), 0);
}

status session_fresh(const struct ask *ask, struct report *report)
{
    if ((ask->route->flags & ROUTE_FRESH) == 0 || ask->caller->fresh_until.ms == 0 ||
        before(reg_now(ask->reg), ask->caller->fresh_until))
        return OK;
    return fail(report, FAULT_FORBIDDEN,
                "sign in anew: this takes a sign-in of the last ten minutes");
}

status session_first(const struct ask *ask, struct report *report)
{
    if (!ask->caller->first || (ask->route->flags & ROUTE_FIRST) != 0)
        return OK;
    return fail(report, FAULT_FORBIDDEN, "choose a password of your own first");
}

/* ---- the session that asks ---- */

static status fill_view(struct ask *ask)
{
    ask->answer = ask->result;
    return OK;
}

status session_show(struct ask *ask)
{
    struct session_view *view = ARENA_NEW(ask->arena, struct session_view);
    if (view == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = view;
    ask->fill = fill_view;
    return engine_session_show(&ask->call, cookie_of(ask->request, SESSION_COOKIE), view);
}

status session_leave(struct ask *ask)
{
    TRY(ask_drop_session(ask));
    return engine_session_end(&ask->call, ask->caller->token);
}

/* ---- those that live ---- */

static status fill_sessions(struct ask *ask)
{
    const struct session_list *list = ask->result;
    struct sessions_reply *reply = ARENA_NEW(ask->arena, struct sessions_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct sessions_reply){.sessions = list->at, .session_count = list->count};
    if (list->count == ask->limit)
        TRY(cursor_write(ask, list->at[list->count - 1].id, &reply->next));
    ask->answer = reply;
    return OK;
}

status session_list(struct ask *ask)
{
    struct session_list *list = ARENA_NEW(ask->arena, struct session_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = fill_sessions;
    return engine_session_list(&ask->call, ask->after, ask->limit, list);
}

status session_end(struct ask *ask)
{
    return engine_session_end(&ask->call, ask->id);
}

status my_sessions(struct ask *ask)
{
    return session_list(ask);
}

status my_session_end(struct ask *ask)
{
    dossier_id id;
    memcpy(id.bytes, ask->record.bytes, ID_BYTES);
    return engine_session_end(&ask->call, id);
}
