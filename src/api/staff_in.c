/* Members of the staff sign in and out, by pages without script.
 *
 *   password and code --> account --> session          provider --code--> openid_back --> session
 *
 * Whoever is not let in sees one page, on a tick, whatever the cause; a client whose tries go wrong
 * waits longer and longer. */
#include "api_internal.h"
#include "pages.h"

enum { FORM_SECONDS = 43200 };
#define FORM_COOKIE "__Host-vern-form"

/* ---- pages ---- */

static void put_paragraph(struct page *page, enum page_text text)
{
    page_html(page, "<p>");
    page_text(page, text);
    page_html(page, "</p>\n");
}

static void put_input(struct page *page, enum page_text label, const char *attributes)
{
    page_html(page, "<p><label>");
    page_text(page, label);
    page_html(page, "<br><input ");
    page_html(page, attributes);
    page_html(page, "></label></p>\n");
}

static void put_button(struct page *page, enum page_text text)
{
    page_html(page, "<p><button type=\"submit\">");
    page_text(page, text);
    page_html(page, "</button></p>\n</form>\n");
}

/* Relative to /r/<register>/staff/; `problem` is said first, where there is one (else TEXT_COUNT).
 */
static void put_password_form(struct page *page, enum page_text problem)
{
    if (problem != TEXT_COUNT) {
        page_html(page, "<p role=\"alert\"><strong>");
        page_text(page, problem);
        page_html(page, "</strong></p>\n");
    }
    put_paragraph(page, TEXT_staff_rules);
    page_html(page, "<form method=\"post\" action=\"password\">\n");
    put_input(page, TEXT_staff_old,
              "required name=\"password\" type=\"password\" autocomplete=\"current-password\"");
    put_input(
        page, TEXT_staff_new,
        "required name=\"new\" type=\"password\" autocomplete=\"new-password\" minlength=\"12\"");
    put_input(page, TEXT_staff_new_again,
              "required name=\"again\" type=\"password\" autocomplete=\"new-password\"");
    put_input(page, TEXT_staff_code_late,
              "name=\"code\" autocomplete=\"one-time-code\" maxlength=\"32\"");
    put_button(page, TEXT_staff_change);
}

/* Relative to /r/<register>/staff/ */
status staff_in_page(struct ask *ask)
{
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_staff_title);
    page_html(&page, "<form method=\"post\" action=\"sign-in\">\n");
    put_input(&page, TEXT_staff_login,
              "required name=\"login\" autocomplete=\"username\" autocapitalize=\"none\" "
              "maxlength=\"254\"");
    put_input(&page, TEXT_staff_password,
              "required name=\"password\" type=\"password\" autocomplete=\"current-password\"");
    put_input(&page, TEXT_staff_code,
              "required name=\"code\" autocomplete=\"one-time-code\" maxlength=\"32\"");
    put_button(&page, TEXT_staff_enter);
    if (openid_is_on(ask, SIDE_STAFF))
        page_link(&page, "openid", TEXT_staff_openid);
    public_page_foot(ask, &page, true);
    TRY(ask_set_cookie(ask, FORM_COOKIE, STR("1"), FORM_SECONDS));
    return public_page_give(ask, &page);
}

/* ---- whence it comes ---- */

/* From a form of ours: only then does a browser send this cookie along (SameSite=Strict), and where
 * it says whence a request comes, that is here. A page of a neighbour signs nobody in. */
static status check_form(struct ask *ask)
{
    if (public_from_here(ask) && str_is(cookie_of(ask->request, FORM_COOKIE), "1"))
        return OK;
    return fail(&ask->report, FAULT_FORBIDDEN, "sign in by the page of this register");
}

/* ---- clients whose tries go wrong ---- */

/* IPv6 is counted by /64, as connections are. */
static str client_of(struct ask *ask, struct network *network)
{
    *network = (struct network){.bits = 0};
    (void)network_parse(str_from(api_peer(ask->api, ask->request)), network);
    bool four = memcmp(network->address, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    return (str){(const char *)network->address, four ? 16 : 8};
}

static status check_client(struct ask *ask)
{
    struct network network;
    if (!reg_client_waits(ask->reg, client_of(ask, &network)))
        return OK;
    return fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
}

static void count_client(struct ask *ask)
{
    struct network network;
    reg_client_went_wrong(ask->reg, client_of(ask, &network));
}

/* ---- answers ---- */

/* Its pages lie one step below the others. */
static bool at_provider(const struct ask *ask)
{
    return (ask->route->flags & ROUTE_BACK) != 0;
}

static status fill_not_in(struct ask *ask)
{
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_staff_not_title);
    put_paragraph(&page, TEXT_staff_not_text);
    page_link(&page, at_provider(ask) ? "../sign-in" : "sign-in", TEXT_staff_again);
    return public_page_give(ask, &page);
}

/* 401 with the one page; what was counted and logged stays. */
static status not_in(struct ask *ask)
{
    count_client(ask);
    ask->report = (struct report){0};
    ask->call.outcome.http = 401;
    ask->fill = fill_not_in;
    return OK;
}

struct opened_in {
    struct session_opened session;
    bool first, password; /* password: by one */
};

static status fill_in(struct ask *ask)
{
    const struct opened_in *in = ask->result;
    const struct session_opened *opened = &in->session;
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, in->first ? TEXT_staff_change : TEXT_staff_in_title);
    put_paragraph(&page, in->first ? TEXT_staff_first_text : TEXT_staff_in_text);
    if (!in->first && ask->api->config.pages)
        page_link(&page, "/admin", TEXT_staff_go);
    if (in->first)
        put_password_form(&page, TEXT_COUNT);
    else if (in->password)
        page_link(&page, "password", TEXT_staff_change);
    page_html(&page, "<form method=\"post\" action=\"");
    page_html(&page, at_provider(ask) ? "../sign-out" : "sign-out");
    page_html(&page, "\">\n<input type=\"hidden\" name=\"csrf\" value=\"");
    page_escaped(&page, opened->csrf);
    page_html(&page, "\">\n");
    put_button(&page, TEXT_staff_leave);
    return public_page_give(ask, &page);
}

/* What the browser had before ends: none is taken over from before a sign-in. */
static status open_session(struct ask *ask, const struct account_let_in *in, const char *how)
{
    struct opened_in *opened = ARENA_NEW(ask->arena, struct opened_in);
    struct session_open open = {.staff = in->staff,
                                .scopes = in->scopes,
                                .first = in->first,
                                .how = how,
                                .replaces = cookie_of(ask->request, SESSION_COOKIE)};
    if (opened == NULL)
        return NO_MEMORY(&ask->report);
    TRY(engine_session_open(&ask->call, &open, &opened->session));
    TRY(ask_set_session(ask, opened->session.cookie));
    opened->first = in->first;
    opened->password = strcmp(how, "password") == 0;
    ask->result = opened;
    ask->fill = fill_in;
    return OK;
}

static status let_in(struct ask *ask, status entered, const struct account_let_in *in,
                     const char *how)
{
    if (entered.fault == FAULT_UNAUTHENTICATED)
        return not_in(ask);
    TRY(entered);
    return open_session(ask, in, how);
}

/* ---- by password and code ---- */

struct trying {
    struct hashing hashing; /* the first member */
    struct account_try tried;
};

static status try_password(struct ask *ask, const struct staff_in_body *body)
{
    struct trying *trying = ARENA_NEW(ask->arena, struct trying);
    struct report odd = {0};
    if (trying == NULL)
        return NO_MEMORY(&ask->report);
    if (!is_ok(password_read(body->password, &odd, &trying->hashing.given)))
        return not_in(ask);
    reg_account_try(ask->reg, body->login, &trying->tried);
    memcpy(trying->hashing.hash, trying->tried.hash, sizeof(trying->hashing.hash));
    trying->hashing.checks = true;
    return hashing_begin(ask, &trying->hashing);
}

status staff_in_enter(struct ask *ask)
{
    const struct staff_in_body *body = ask->body;
    const struct trying *trying = ask->steps;
    struct account_let_in in;
    if (trying == NULL) {
        TRY(check_form(ask));
        TRY(check_client(ask));
        return try_password(ask, body);
    }
    struct account_enter enter = {
        .account = trying->tried.account, .fits = trying->hashing.fits, .code = body->code};
    status entered = engine_account_enter(&ask->call, &enter, &in);
    return let_in(ask, entered, &in, "password");
}

/* ---- another password ---- */

status staff_password_page(struct ask *ask)
{
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_staff_change);
    put_password_form(&page, TEXT_COUNT);
    public_page_foot(ask, &page, true);
    TRY(ask_set_cookie(ask, FORM_COOKIE, STR("1"), FORM_SECONDS));
    return public_page_give(ask, &page);
}

static status fill_unchanged(struct ask *ask)
{
    const enum page_text *problem = ask->result;
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_staff_change);
    put_password_form(&page, *problem);
    return public_page_give(ask, &page);
}

/* The form again, with what is wrong. */
static status unchanged(struct ask *ask, enum page_text problem, int http)
{
    enum page_text *kept = ARENA_NEW(ask->arena, enum page_text);
    if (kept == NULL)
        return NO_MEMORY(&ask->report);
    *kept = problem;
    ask->report = (struct report){0};
    ask->result = kept;
    ask->fill = fill_unchanged;
    ask->call.outcome.http = http;
    return OK;
}

static status fill_changed(struct ask *ask)
{
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_staff_changed_title);
    put_paragraph(&page, TEXT_staff_changed_text);
    return public_page_give(ask, &page);
}

/* The member who is signed in here by the cookie; NULL: nobody is. */
static const struct caller *member_here(struct ask *ask)
{
    struct session_proof proof = {.cookie = cookie_of(ask->request, SESSION_COOKIE)};
    struct reg *home = NULL;
    const struct caller *caller = NULL;
    struct report odd = {0};
    status known = engine_session_authenticate(ask->api->config.engine, &proof, ask->arena, &odd,
                                               &home, &caller);
    return is_ok(known) && home == ask->reg && !ID_IS_ZERO(caller->actor) ? caller : NULL;
}

static status begin_change(struct ask *ask, const struct caller *member)
{
    const struct password_body *body = ask->body;
    if (!str_equal(body->chosen, body->again))
        return unchanged(ask, TEXT_staff_differ_text, 422);
    status begun = changing_begin(ask, member, body->password, body->chosen);
    if (begun.fault != FAULT_INVALID)
        return begun;
    bool weak = strcmp(ask->report.where, "/new") == 0; /* else what is given cannot be one */
    return weak ? unchanged(ask, TEXT_staff_weak_text, 422)
                : unchanged(ask, TEXT_staff_wrong_text, 403);
}

/* No CSRF value is asked for: whoever knows the password that there is, is no other site. */
status staff_password_change(struct ask *ask)
{
    const struct password_body *body = ask->body;
    const struct caller *member;
    TRY(check_form(ask));
    TRY(check_client(ask));
    member = member_here(ask);
    if (member == NULL)
        return not_in(ask);
    ask->call.caller = member;
    if (ask->steps == NULL)
        return begin_change(ask, member);
    status changed = changing_end(ask, body->code);
    if (changed.fault == FAULT_FORBIDDEN) {
        count_client(ask);
        return unchanged(ask, TEXT_staff_wrong_text, 403);
    }
    TRY(changed);
    ask->fill = fill_changed;
    return OK;
}

/* ---- out ---- */

static status fill_out(struct ask *ask)
{
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_staff_out_title);
    put_paragraph(&page, TEXT_staff_out_text);
    page_link(&page, "sign-in", TEXT_staff_again);
    return public_page_give(ask, &page);
}

/* The page is the same where there was no session, or one of another register. */
status staff_in_leave(struct ask *ask)
{
    const struct staff_out_body *body = ask->body;
    struct session_proof proof = {
        .cookie = cookie_of(ask->request, SESSION_COOKIE), .csrf = body->csrf, .unsafe = true};
    struct reg *home = NULL;
    const struct caller *caller = NULL;
    struct report odd = {0};
    ask->fill = fill_out;
    status known = engine_session_authenticate(ask->api->config.engine, &proof, ask->arena, &odd,
                                               &home, &caller);
    if (!is_ok(known) || home != ask->reg || ID_IS_ZERO(caller->actor))
        return OK;
    TRY(ask_drop_session(ask));
    ask->call.caller = caller;
    return engine_session_end(&ask->call, caller->token);
}

/* ---- by a provider ---- */

status staff_openid_begin(struct ask *ask)
{
    if (!openid_is_on(ask, SIDE_STAFF))
        return NOT_FOUND_FIXED(&ask->report);
    if (ask->steps == NULL)
        TRY(check_client(ask));
    return openid_begin(ask, SIDE_STAFF);
}

status staff_openid_back(struct ask *ask)
{
    struct account_let_in in;
    bool waits;
    str login;
    if (!openid_is_on(ask, SIDE_STAFF))
        return NOT_FOUND_FIXED(&ask->report);
    if (ask->steps == NULL) {
        TRY(check_client(ask));
        TRY(openid_read_back(ask, SIDE_STAFF, &waits));
        return waits ? OK : not_in(ask);
    }
    if (!openid_vouched(ask, &login))
        return not_in(ask);
    status entered = engine_account_vouched(&ask->call, login, &in);
    return let_in(ask, entered, &in, "openid");
}
