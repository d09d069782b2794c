/* Public pages by which a person signs in: no script, and one answer for everyone (public.c). */
#include "api_internal.h"
#include "pages.h"
#include "sign_in.h"

enum { ASKS_PER_MINUTE = 10 };
#define ASKED_COOKIE "__Host-vern-asked"

/* Where no mail goes out, nobody signs in by it. */
static bool has_mail(const struct ask *ask)
{
    return ask->api->config.mails && !str_is_empty(ask->api->config.public_url);
}

static status is_on(struct ask *ask)
{
    return has_mail(ask) ? OK : NOT_FOUND_FIXED(&ask->report);
}

static status check_client(struct ask *ask)
{
    if (limiter_take(ask->api, 's', api_peer(ask->api, ask->request), ASKS_PER_MINUTE))
        return OK;
    return fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
}

static void put_paragraph(struct page *page, enum page_text text)
{
    page_html(page, "<p>");
    page_text(page, text);
    page_html(page, "</p>\n");
}

static void put_field(struct page *page, enum page_text label, const char *markup)
{
    page_html(page, "<p><label>");
    page_text(page, label);
    page_html(page, "<br>\n");
    page_html(page, markup);
    page_html(page, "</label></p>\n");
}

static void put_submit(struct page *page, enum page_text text)
{
    page_html(page, "<p><button type=\"submit\">");
    page_text(page, text);
    page_html(page, "</button></p>\n</form>\n");
}

/* ---- asking ---- */

static void put_ask(struct page *page)
{
    put_paragraph(page, TEXT_sign_in_intro);
    page_html(page, "<form method=\"post\">\n");
    put_field(page, TEXT_sign_in_address,
              "<input type=\"email\" name=\"address\" autocomplete=\"email\" required>");
    put_submit(page, TEXT_sign_in_send);
}

status sign_in_page(struct ask *ask)
{
    struct buf buf;
    struct page page;
    bool openid = openid_is_on(ask, SIDE_PEOPLE);
    if (!openid)
        TRY(is_on(ask));
    page = public_page(ask, &buf);
    page_open(&page, TEXT_sign_in_title);
    if (has_mail(ask))
        put_ask(&page);
    if (openid)
        page_link(&page, "openid", TEXT_person_openid);
    public_page_foot(ask, &page, true);
    return public_page_give(ask, &page);
}

static status fill_sent(struct ask *ask)
{
    const str *code = ask->result;
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_sent_title);
    put_paragraph(&page, TEXT_sent_text);
    page_html(&page, "<p><strong>");
    page_escaped(&page, *code);
    page_html(&page, "</strong></p>\n");
    public_page_foot(ask, &page, false);
    return public_page_give(ask, &page);
}

status sign_in_ask(struct ask *ask)
{
    const struct sign_in_body *body = ask->body;
    struct sign_in_ask asked = {.address = body->address};
    str *code = ARENA_NEW(ask->arena, str);
    if (code == NULL)
        return NO_MEMORY(&ask->report);
    TRY(is_on(ask));
    TRY(check_client(ask));
    TRY(engine_sign_in_browser(&ask->call, &asked.browser, code));
    asked.language = str_from(page_words(TEXT_html_lang, (enum page_language)ask->language));
    ask->result = code;
    ask->fill = fill_sent;
    TRY(ask_set_cookie(ask, ASKED_COOKIE, asked.browser, LINK_MS / 1000));
    return engine_sign_in_ask(&ask->call, &asked);
}

/* ---- the link ---- */

/* The same for every link: what is on the page tells nobody whether an address is shared. */
static void put_proof(struct page *page, const struct plan *plan)
{
    bool more = false;
    page_html(page, "<p><label>");
    page_text(page, TEXT_link_proof);
    page_html(page, ": ");
    for (size_t f = 0; f < plan->field_count; f++) {
        const struct field_set *set = &plan->category[plan->field[f].category].second_proof;
        if (!set->stated || !field_set_has(set, (plan_index)f))
            continue;
        page_html(page, more ? ", " : "");
        if (!page_said(page, &plan->field[f].says))
            page_escaped(page, words_text(plan->words, plan->field[f].name));
        more = true;
    }
    page_html(page, "<br>\n<input name=\"proof\" autocomplete=\"off\" maxlength=\"200\">"
                    "</label></p>\n");
}

status sign_in_link(struct ask *ask)
{
    struct buf buf;
    struct page page;
    TRY(is_on(ask));
    page = public_page(ask, &buf);
    page_open(&page, TEXT_sign_in_title);
    put_paragraph(&page, TEXT_link_intro);
    page_html(&page, "<form method=\"post\">\n");
    put_field(&page, TEXT_link_code, "<input name=\"code\" autocomplete=\"off\" maxlength=\"9\">");
    if (sign_in_has_second_proof(reg_plan_now(ask->reg)))
        put_proof(&page, reg_plan_now(ask->reg));
    put_submit(&page, TEXT_link_button);
    public_page_foot(ask, &page, true);
    return public_page_give(ask, &page);
}

static status give_result(struct ask *ask, enum page_text title, enum page_text text,
                          enum page_text again)
{
    const bool *in = ask->result;
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, *in ? TEXT_in_title : title);
    put_paragraph(&page, *in ? TEXT_in_text : text);
    if (*in && ask->api->config.pages)
        page_link(&page, "/mine", TEXT_in_go);
    if (!*in)
        page_link(&page, "../sign-in", again);
    public_page_foot(ask, &page, false);
    return public_page_give(ask, &page);
}

static status fill_followed(struct ask *ask)
{
    return give_result(ask, TEXT_not_in_title, TEXT_not_in_text, TEXT_link_again);
}

status sign_in_follow(struct ask *ask)
{
    const struct sign_in_use_body *body = ask->body;
    str asked = cookie_of(ask->request, ASKED_COOKIE);
    str replaces = cookie_of(ask->request, SESSION_COOKIE);
    struct sign_in_use use = {.link = ask->rest, .code = body->code, .proof = body->proof};
    struct session_opened opened;
    bool *in = ARENA_NEW(ask->arena, bool);
    if (in == NULL)
        return NO_MEMORY(&ask->report);
    TRY(is_on(ask));
    TRY(check_client(ask));
    if (!public_from_here(ask)) /* another site would sign its reader in as whom it likes */
        use.link = STR("");
    use.browser = asked.ptr == NULL ? STR("") : asked;
    use.replaces = replaces.ptr == NULL ? STR("") : replaces;
    TRY(engine_sign_in_use(&ask->call, &use, in, &opened));
    ask->result = in;
    ask->fill = fill_followed;
    ask->call.outcome = (struct outcome){.http = *in ? 200 : 403};
    if (!*in)
        return OK;
    TRY(ask_set_session(ask, opened.cookie));
    return ask_set_cookie(ask, ASKED_COOKIE, STR(""), 0);
}

/* ---- by a provider ---- */

status sign_in_openid(struct ask *ask)
{
    if (!openid_is_on(ask, SIDE_PEOPLE))
        return NOT_FOUND_FIXED(&ask->report);
    if (ask->steps == NULL)
        TRY(check_client(ask));
    return openid_begin(ask, SIDE_PEOPLE);
}

static status fill_vouched(struct ask *ask)
{
    return give_result(ask, TEXT_person_not_title, TEXT_person_not_text, TEXT_staff_again);
}

/* One page and one code, whatever the cause. */
static status enter_vouched(struct ask *ask, str value)
{
    str replaces = cookie_of(ask->request, SESSION_COOKIE);
    struct sign_in_vouched vouched = {.kind = ask->api->providers[SIDE_PEOPLE].proves,
                                      .value = value,
                                      .replaces = replaces.ptr == NULL ? STR("") : replaces};
    struct session_opened opened;
    bool *in = ARENA_NEW(ask->arena, bool);
    if (in == NULL)
        return NO_MEMORY(&ask->report);
    TRY(engine_sign_in_vouched(&ask->call, &vouched, in, &opened));
    ask->result = in;
    ask->fill = fill_vouched;
    ask->call.outcome = (struct outcome){.http = *in ? 200 : 403};
    return *in ? ask_set_session(ask, opened.cookie) : OK;
}

status sign_in_openid_back(struct ask *ask)
{
    bool waits;
    str value = STR("");
    if (!openid_is_on(ask, SIDE_PEOPLE))
        return NOT_FOUND_FIXED(&ask->report);
    if (ask->steps != NULL)
        return enter_vouched(ask, openid_vouched(ask, &value) ? value : STR(""));
    TRY(check_client(ask));
    TRY(openid_read_back(ask, SIDE_PEOPLE, &waits));
    return waits ? OK : enter_vouched(ask, STR(""));
}
