/* staff_fixture: members of the staff and their browsers, for tests over HTTP of a real server with
 * two registers (process.h). What stands here belongs to one test program: the server is its own.
 */
#ifndef VERN_TEST_STAFF_FIXTURE_H
#define VERN_TEST_STAFF_FIXTURE_H
#include "process.h"

#include "password.h"

static struct process server;
static str shop, other; /* the registers' public ids */

static const char FIRST[] = "somebody else's choice", PASSWORD[] = "correct horse battery";

static inline str public_id(str token)
{
    struct answer answer = ask(&server, token, "GET", STR("/v1/register"), STR(""));
    return text_of(&answer, "public");
}

/* ---- a browser ---- */

struct browser {
    const char *address; /* whence it comes */
    str session, openid, form;
    str person; /* of a sign-in by the provider of people */
    const char *origin, *site;
};

static inline void take_cookie(str line, const char *name, str *value)
{
    size_t length = strlen(name);
    if (line.len <= length || memcmp(line.ptr, name, length) != 0 || line.ptr[length] != '=')
        return;
    str rest = str_slice(line, length + 1, line.len);
    assert_true(holds(line, STR("; Path=/; ")) &&
                holds(line, STR("; Secure; HttpOnly; SameSite=")));
    assert_false(holds(line, STR("Domain")));
    (void)str_next(&rest, ';', value);
    if (value->len == 0)
        *value = STR("");
}

static inline void take_cookies(struct browser *browser, const struct answer *answer)
{
    for (size_t i = 0; i < answer->response.field_count; i++) {
        const struct http_field *field = &answer->response.fields[i];
        if (field->name.len != 10)
            continue;
        take_cookie(field->value, "__Host-vern-session", &browser->session);
        take_cookie(field->value, "__Host-vern-openid", &browser->openid);
        take_cookie(field->value, "__Host-vern-form", &browser->form);
        take_cookie(field->value, "__Host-vern-openid-person", &browser->person);
    }
}

static inline struct answer go(struct browser *browser, const char *method, str target, str body)
{
    struct http_field fields[5];
    size_t count = 0;
    fields[count++] = (struct http_field){
        STR("Cookie"),
        arena_format(server.arena,
                     "__Host-vern-session=%.*s; __Host-vern-openid=%.*s; __Host-vern-form=%.*s; "
                     "__Host-vern-openid-person=%.*s",
                     STR_ARG(browser->session), STR_ARG(browser->openid), STR_ARG(browser->form),
                     STR_ARG(browser->person))};
    fields[count++] =
        (struct http_field){STR("X-Forwarded-For"),
                            str_from(browser->address == NULL ? "198.51.100.7" : browser->address)};
    fields[count++] = (struct http_field){STR("Accept-Language"), STR("en")};
    if (browser->origin != NULL)
        fields[count++] = (struct http_field){STR("Origin"), str_from(browser->origin)};
    if (browser->site != NULL)
        fields[count++] = (struct http_field){STR("Sec-Fetch-Site"), str_from(browser->site)};
    struct answer answer =
        ask_with(&server, method, target, body.len == 0 ? "" : "application/x-www-form-urlencoded",
                 body, fields, count);
    take_cookies(browser, &answer);
    return answer;
}

static inline str at(str id, const char *rest)
{
    return arena_format(server.arena, "/r/%.*s/%s", STR_ARG(id), rest);
}

static inline struct answer enter(struct browser *browser, const char *login, const char *password,
                                  str code)
{
    return go(browser, "POST", at(shop, "staff/sign-in"),
              arena_format(server.arena, "login=%s&password=%s&code=%.*s", login, password,
                           STR_ARG(code)));
}

static inline struct browser browser_at(const char *address)
{
    struct browser browser = {.address = address};
    struct answer page = go(&browser, "GET", at(shop, "staff/sign-in"), STR(""));
    expect(&page, 200);
    assert_true(str_is(browser.form, "1"));
    return browser;
}

/* The value of a member of the address that the browser is sent to. */
static inline str sent(str location, const char *name)
{
    str key = arena_format(server.arena, "%s=", name), rest = location, part;
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] == '?') {
            rest = str_slice(rest, i + 1, rest.len);
            break;
        }
    }
    while (str_next(&rest, '&', &part)) {
        if (str_starts(part, key))
            return str_slice(part, key.len, part.len);
    }
    fail_msg("no %s in %.*s", name, STR_ARG(location));
    return STR("");
}

/* ---- members ---- */

struct member {
    str id, totp;
    str recovery[RECOVERY_CODES];
};

/* With an account as another makes it: its password, FIRST, is to be changed first. */
static inline struct member hire_first(const char *login, const char *scopes, bool local)
{
    struct member member;
    size_t count = 0;
    struct answer made =
        ask(&server, server.token, "POST", STR("/v1/staff"),
            arena_format(server.arena, "{\"role\":\"manager\",\"name\":\"M\",\"login\":\"%s\"}",
                         login));
    expect(&made, 201);
    member.id = text_of(&made, "id");
    struct answer account = ask(
        &server, server.token, "POST",
        arena_format(server.arena, "/v1/staff/%.*s/account", STR_ARG(member.id)),
        local ? arena_format(server.arena, "{\"scopes\":[%s],\"password\":\"%s\"}", scopes, FIRST)
              : arena_format(server.arena, "{\"scopes\":[%s]}", scopes));
    expect(&account, 201);
    if (!local)
        return member;
    member.totp = text_of(&account, "totp");
    for (JSON_EACH(code, json_get(account.json, "recovery")))
        assert_true(json_str(code, &member.recovery[count++]));
    return member;
}

static inline struct answer change_password(str token, const char *given, const char *chosen,
                                            str code)
{
    return ask(&server, token, "POST", STR("/v1/account/password"),
               arena_format(server.arena, "{\"password\":\"%s\",\"new\":\"%s\",\"code\":\"%.*s\"}",
                            given, chosen, STR_ARG(code)));
}

static inline str token_of_member(const struct member *member)
{
    return new_token(
        &server,
        arena_c_string(server.arena,
                       arena_format(server.arena, "\"scopes\":[\"read\"],\"staff\":\"%.*s\"",
                                    STR_ARG(member->id))));
}

/* With a password of their own, PASSWORD; the last recovery code is spent on it. */
static inline struct member hire(const char *login, const char *scopes, bool local)
{
    struct member member = hire_first(login, scopes, local);
    if (!local)
        return member;
    struct answer changed = change_password(token_of_member(&member), FIRST, PASSWORD,
                                            member.recovery[RECOVERY_CODES - 1]);
    expect(&changed, 200);
    return member;
}

static inline str code_at(const struct member *member, int64_t seconds)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char bytes[TOTP_SECRET];
    uint32_t held = 0;
    size_t count = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < member->totp.len; i++) {
        held = held << 5 | (uint32_t)(strchr(letters, member->totp.ptr[i]) - letters);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes[count++] = (char)(held >> bits);
        }
    }
    int64_t step = totp_step((instant){seconds * 1000});
    return arena_format(server.arena, "%06u",
                        totp_code((str){bytes, TOTP_SECRET}, step, TOTP_SHA1, 6));
}

static inline struct answer as(const struct browser *browser, const char *method,
                               const char *target, const char *csrf)
{
    struct http_field fields[] = {
        {STR("Cookie"),
         arena_format(server.arena, "__Host-vern-session=%.*s", STR_ARG(browser->session))},
        {STR("X-Vern-CSRF"), str_from(csrf == NULL ? "" : csrf)}};
    bool posts = strcmp(method, "POST") == 0;
    return ask_with(&server, method, str_from(target), posts ? "application/json" : "",
                    posts ? STR("{}") : STR(""), fields, csrf == NULL ? 1 : 2);
}

#endif
