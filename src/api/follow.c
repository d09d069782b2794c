/* The page of a request's link: how it stands and its dates, and nothing else (request_link.c). */
#include "api_internal.h"
#include "pages.h"

static void put_line(struct page *page, enum page_text label, str value)
{
    page_html(page, "<p>");
    page_text(page, label);
    page_html(page, ": ");
    page_escaped(page, value);
    page_html(page, "</p>\n");
}

/* The day, in UTC as the answers of the API have it. */
static void put_day(struct page *page, enum page_text label, instant at)
{
    char room[40];
    struct buf buf = buf_over(room, sizeof(room));
    buf_instant(&buf, at);
    put_line(page, label, str_slice(buf_str(&buf), 0, 10));
}

static enum page_text state_of(const struct request_followed *followed)
{
    static const struct {
        const char *state;
        enum page_text text;
    } STATES[] = {{"answered", TEXT_follow_answered},
                  {"identity", TEXT_follow_unproven},
                  {"passed_on", TEXT_follow_passed_on},
                  {"joined", TEXT_follow_joined}};
    for (size_t i = 0; i < LENGTH(STATES); i++) {
        if (str_is(followed->state, STATES[i].state))
            return STATES[i].text;
    }
    return followed->proof ? TEXT_follow_proof : TEXT_follow_open;
}

static status fill_followed(struct ask *ask)
{
    const struct request_followed *followed = ask->result;
    struct buf buf;
    struct page page = public_page(ask, &buf);
    page_open(&page, TEXT_follow_title);
    page_html(&page, "<p>");
    page_text(&page, followed->is ? state_of(followed) : TEXT_follow_none);
    page_html(&page, "</p>\n");
    if (followed->is) {
        put_day(&page, TEXT_follow_received, followed->received);
        if (followed->closed.ms == NEVER.ms)
            put_line(&page, TEXT_follow_legal, followed->legal);
        else
            put_day(&page, TEXT_follow_closed, followed->closed);
        if (followed->extended) {
            page_html(&page, "<p>");
            page_text(&page, TEXT_follow_extended);
            page_html(&page, "</p>\n");
        }
    }
    public_page_foot(ask, &page, true);
    return public_page_give(ask, &page);
}

status request_follow(struct ask *ask)
{
    struct request_followed *followed = ARENA_NEW(ask->arena, struct request_followed);
    if (followed == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = followed;
    ask->fill = fill_followed;
    return engine_request_follow(&ask->call, ask->rest, followed);
}
