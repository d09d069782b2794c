/* Public pages, below /r/<register>/: no token, no script, and one answer for everyone.
 *
 *   GET    the page, from the policy alone: no data is looked at
 *   POST   the call runs in the turn as any other; its answer, the same bytes whatever the call
 *          found, waits for the second tick after it came, so that its time tells nothing (G9) */
#include "api_internal.h"
#include "pages.h"

enum { PUBLIC_PER_MINUTE = 60, PUBLIC_PER_REGISTER = 6000, PAGE_BYTES = 64 << 10 };

/* ---- who comes ---- */

static bool has_link(const struct ask *ask)
{
    struct stop_link link;
    return (ask->route->flags & ROUTE_LINK) != 0 && engine_link_read(ask->reg, ask->rest, &link);
}

static struct public_count *count_of(struct ask *ask)
{
    for (size_t i = 0; i < ask->api->public_register_count; i++) {
        if (engine_register_at(ask->api->config.engine, i) == ask->reg)
            return &ask->api->public_registers[i];
    }
    return NULL;
}

/* A link of ours always passes, as a valid token does: mail providers ask for many people from few
 * addresses. The others are counted by address; what writes, by register, too. */
static status check_limits(struct ask *ask)
{
    struct api *api = ask->api;
    uint32_t most =
        api->config.public_per_minute == 0 ? PUBLIC_PER_MINUTE : api->config.public_per_minute;
    bool writes = strcmp(ask->route->method, "POST") == 0;
    bool takes = has_link(ask) || limiter_take(api, 'r', api_peer(api, ask->request), most);
    struct public_count *count = ask->reg == NULL ? NULL : count_of(ask);
    int64_t minute = world_now(api->config.world).ms / 60000;
    if (writes && count != NULL) {
        if (count->minute != minute)
            *count = (struct public_count){.minute = minute};
        takes = takes && count->count < PUBLIC_PER_REGISTER;
        count->count += takes ? 1 : 0;
    }
    if (!takes)
        return fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    return OK;
}

/* A script of a site of ours may ask what a banner needs, and no other's. What is no script of
 * another site (a program, a page of our own) sends no Origin, or ours. */
static status check_origin(struct ask *ask)
{
    str origin = http_header(ask->request, "Origin"), rest = ask->api->config.origins, one;
    if ((ask->route->flags & ROUTE_BANNER) == 0 || origin.ptr == NULL ||
        str_equal(origin, ask->api->config.public_url))
        return OK;
    while (rest.len > 0 && str_next(&rest, ',', &one)) {
        if (str_equal(str_trim(one), origin)) {
            ask->origin = str_trim(one);
            return OK;
        }
    }
    return fail(&ask->report, FAULT_FORBIDDEN, "this origin is not one of the register's sites");
}

bool public_from_here(const struct ask *ask)
{
    str site = http_header(ask->request, "Sec-Fetch-Site"), ours = ask->api->config.public_url;
    str origin = http_header(ask->request, "Origin");
    return (site.ptr == NULL || str_is(site, "same-origin")) &&
           (origin.ptr == NULL || str_is(origin, "null") || str_is_empty(ours) ||
            str_equal(origin, ours));
}

status public_check(struct ask *ask)
{
    str language;
    ask->reg = engine_register_public(ask->api->config.engine, ask->id);
    ask->caller = engine_public();
    ask->tick = ask->api->ticks;
    TRY(check_limits(ask));
    TRY(check_origin(ask));
    if (ask->reg == NULL)
        return NOT_FOUND_FIXED(&ask->report);
    api_turn(ask->api);
    TRY(engine_enter(ask->reg, &ask->report));
    TRY(http_query(ask->request, "lang", &ask->report, &language));
    ask->language = (int)page_language_of(language, http_header(ask->request, "Accept-Language"));
    return OK;
}

/* ---- answers ---- */

static size_t script_fields(const struct ask *ask, struct http_field *fields, size_t count)
{
    fields[count++] =
        (struct http_field){STR("Vary"), STR("Origin, Accept-Language, Accept-Encoding")};
    if (ask->document.ptr == NULL) /* a problem, which is nothing to keep */
        return count;
    fields[count++] = (struct http_field){STR("Cache-Control"), STR("public, max-age=600")};
    if (ask->coding != NULL)
        fields[count++] = (struct http_field){STR("Content-Encoding"), str_from(ask->coding)};
    return count;
}

static size_t banner_fields(const struct ask *ask, struct http_field *fields, size_t count)
{
    fields[count++] = (struct http_field){STR("Cross-Origin-Resource-Policy"), STR("cross-origin")};
    if ((ask->route->flags & ROUTE_SCRIPT) != 0)
        count = script_fields(ask, fields, count);
    else
        fields[count++] = (struct http_field){STR("Vary"), STR("Origin")};
    if (ask->origin.len > 0)
        fields[count++] = (struct http_field){STR("Access-Control-Allow-Origin"), ask->origin};
    return count;
}

size_t public_fields(const struct ask *ask, struct http_field *fields, size_t count)
{
    if ((ask->route->flags & ROUTE_BANNER) != 0)
        return banner_fields(ask, fields, count);
    static const struct http_field strict[] = {
        {{"Content-Security-Policy", 23},
         {"default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
          "base-uri 'none'",
          97}},
        {{"X-Frame-Options", 15}, {"DENY", 4}},
        {{"Cross-Origin-Resource-Policy", 28}, {"same-origin", 11}},
        {{"Cross-Origin-Opener-Policy", 26}, {"same-origin", 11}},
        {{"X-Robots-Tag", 12}, {"noindex", 7}},
        {{"Vary", 4}, {"Accept-Language", 15}},
    };
    for (size_t i = 0; i < LENGTH(strict); i++)
        fields[count++] = strict[i];
    if ((ask->route->flags & ROUTE_PAPER) != 0)
        fields[count - LENGTH(strict)].value = paper_content_policy();
    if (ask->policy.len > 0)
        fields[count - LENGTH(strict)].value = ask->policy;
    return count;
}

void public_later(struct ask *ask, status result)
{
    assert(ask->api->late_count < LATE_MOST);
    ask->ended = result;
    ask->api->late[ask->api->late_count++] = ask;
}

void public_release(struct api *api)
{
    size_t kept = 0;
    for (size_t i = 0; i < api->late_count; i++) {
        struct ask *ask = api->late[i];
        if (api->ticks - ask->tick < 2)
            api->late[kept++] = ask;
        else
            ask_answer(ask, ask->ended);
    }
    api->late_owed -= api->late_count - kept;
    api->late_count = kept;
}

/* ---- pages ---- */

struct page public_page(struct ask *ask, struct buf *buf)
{
    *buf = buf_in(ask->arena, PAGE_BYTES);
    return (struct page){.out = buf,
                         .language = (enum page_language)ask->language,
                         .words = reg_words(ask->reg),
                         .styled = ask->api->config.pages};
}

status public_page_give(struct ask *ask, struct page *page)
{
    page_close(page);
    ask->media = "text/html; charset=utf-8";
    return buf_finish(page->out, &ask->report, &ask->document);
}

/* The same page in the other languages: the query alone changes, the link stays in the address. */
static void put_language(struct page *page)
{
    for (unsigned i = 0; i < PAGE_LANGUAGES; i++) {
        const char *tag = page_words(TEXT_html_lang, (enum page_language)i);
        if (i == (unsigned)page->language)
            continue;
        page_html(page, "<p><a href=\"?lang=");
        page_html(page, tag);
        page_html(page, "\" hreflang=\"");
        page_html(page, tag);
        page_html(page, "\" lang=\"");
        page_html(page, tag);
        page_html(page, "\">");
        page_html(page, page_words(TEXT_language_name, (enum page_language)i));
        page_html(page, "</a></p>\n");
    }
}

static void put_sender(struct page *page, const struct plan *plan)
{
    page_html(page, "<p>");
    page_text(page, TEXT_sender);
    page_html(page, ": ");
    for (size_t i = 0; i < plan->controller_count; i++) {
        page_html(page, i == 0 ? "" : ", ");
        page_escaped(page, plan->controller[i].name.ptr != NULL
                               ? plan->controller[i].name
                               : words_text(page->words, plan->controller[i].clause.name));
    }
    page_html(page, "</p>\n");
}

void public_page_foot(struct ask *ask, struct page *page, bool languages)
{
    put_sender(page, reg_plan_now(ask->reg));
    if (languages)
        put_language(page);
}

/* ---- stop links ---- */

/* What a switch stops, in the policy's own words. */
static void put_stopped(struct page *page, const struct plan *plan, const struct plan_switch *stop)
{
    bool said = page_said(page, &stop->clause.says);
    for (size_t m = 0; !said && m < plan->message_count; m++) {
        plan_index purpose = plan->message[m].purpose;
        if (refs_has(&stop->stops_messages, (plan_index)m) && purpose != NONE)
            said = page_said(page, &plan->purpose[purpose].clause.says);
    }
    for (size_t p = 0; !said && p < plan->purpose_count; p++) {
        if (refs_has(&stop->stops_purposes, (plan_index)p))
            said = page_said(page, &plan->purpose[p].clause.says);
    }
    for (size_t r = 0; !said && r < plan->recipient_count; r++) {
        if (refs_has(&stop->stops_recipients, (plan_index)r))
            said = page_said(page, &plan->recipient[r].clause.says);
    }
    if (!said)
        page_escaped(page, words_text(page->words, stop->clause.name));
}

static void put_choice(struct page *page, const struct plan *plan, const struct stop_choice *choice)
{
    const struct plan_switch *stop = &plan->stop[plan_find(plan, plan->stop_of, choice->stop)];
    page_html(page, "<p><label><input type=\"checkbox\" name=\"off\" value=\"");
    page_escaped(page, words_text(page->words, choice->stop));
    if (choice->channel != 0) {
        page_html(page, ".");
        page_escaped(page, words_text(page->words, choice->channel));
    }
    page_html(page, "\"> ");
    put_stopped(page, plan, stop);
    if ((stop->per >> SLOT_CHANNEL & 1) != 0) {
        page_html(page, " (");
        if (choice->channel != 0)
            page_channel(page, choice->channel);
        else
            page_text(page, TEXT_every_channel);
        page_html(page, ")");
    }
    page_html(page, "</label></p>\n");
}

static void put_button(struct page *page, const char *value, enum page_text text)
{
    page_html(page, "<p><button type=\"submit\"");
    if (value != NULL) {
        page_html(page, " name=\"off\" value=\"");
        page_html(page, value);
        page_html(page, "\"");
    }
    page_html(page, ">");
    page_text(page, text);
    page_html(page, "</button></p>\n");
}

static void put_choices(struct page *page, const struct plan *plan,
                        const struct stop_choices *choices)
{
    if (choices->count == 0)
        return;
    page_html(page, "<form method=\"post\">\n<fieldset>\n<legend>");
    page_text(page, TEXT_stop_choose);
    page_html(page, "</legend>\n");
    for (size_t i = 0; i < choices->count; i++)
        put_choice(page, plan, &choices->at[i]);
    put_button(page, NULL, TEXT_stop_chosen);
    page_html(page, "</fieldset>\n</form>\n<form method=\"post\">\n");
    put_button(page, "all", TEXT_stop_all);
    page_html(page, "</form>\n");
}

status stop_page(struct ask *ask)
{
    struct buf buf;
    struct page page = public_page(ask, &buf);
    struct stop_choices choices;
    const struct plan *plan = reg_plan_now(ask->reg);
    TRY(engine_stop_choices(ask->reg, ask->arena, &ask->report, &choices));
    page_open(&page, TEXT_stop_title);
    page_html(&page, "<p>");
    page_text(&page, TEXT_stop_intro);
    page_html(&page, "</p>\n<form method=\"post\">\n");
    put_button(&page, "this", TEXT_stop_this);
    page_html(&page, "</form>\n");
    put_choices(&page, plan, &choices);
    public_page_foot(ask, &page, true);
    return public_page_give(ask, &page);
}

static status fill_done(struct ask *ask)
{
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_done_title);
    page_html(&page, "<p>");
    page_text(&page, TEXT_done_text);
    page_html(&page, "</p>\n");
    public_page_foot(ask, &page, false);
    return public_page_give(ask, &page);
}

status stop_follow(struct ask *ask)
{
    const struct stop_body *body = ask->body;
    struct stop stop = {.link = ask->rest, .off = body->off, .off_count = body->off_count};
    if (body->one_click.ptr != NULL && !str_is(body->one_click, "One-Click"))
        return fail_at(&ask->report, FAULT_INVALID, "/List-Unsubscribe",
                       "this is One-Click, or left out");
    stop.one_click = body->one_click.ptr != NULL;
    ask->fill = fill_done;
    return engine_stop(&ask->call, &stop);
}
