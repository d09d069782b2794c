/* S05 and its like: messages, links, consents and objections. */
#include <string.h>

#include "scenario.h"

/* ---- messages and the queue ---- */

/* `rest`: further members, each behind a comma. */
static void message(struct stage *s, str person, const char *name, const char *channel,
                    const char *rest)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/messages", STR_ARG(person)),
        said(s, "{'message':'%s','channel':'%s'%s}", name, channel, rest));
}

/* The address that the message must carry. */
static str link_for(struct stage *s, str person, const char *name, const char *channel)
{
    message(s, person, name, channel, ",'asking':true");
    IS(s, 200);
    return got(s, "stop_link");
}

static str with_link(struct stage *s, str link, const char *rest)
{
    return arena_format(s->arena, ",'stop_link':'%.*s'%s", STR_ARG(link), rest);
}

/* Queues one with its link; gives the task. */
static str queue(struct stage *s, str person, const char *name, const char *channel)
{
    str link = link_for(s, person, name, channel);
    message(s, person, name, channel,
            arena_c_string(s->arena, with_link(s, link, ",'queue':true")));
    IS(s, 202);
    return got(s, "record");
}

static void tasks_are(struct stage *s, size_t count)
{
    ask(s, 0, "GET", STR("/v1/tasks"), STR(""));
    IS(s, 200);
    const struct json *tasks = got_json(s, "tasks");
    if (tasks->count != count)
        fail_msg("line %d: %zu wait, not %zu: %.*s", s->line, tasks->count, count,
                 STR_ARG(s->body));
}

static void take(struct stage *s, str person, str task)
{
    ask(s, 0, "POST", said(s, "/v1/tasks/%.*s/%.*s/send", STR_ARG(person), STR_ARG(task)), STR(""));
}

static void done(struct stage *s, str person, str task)
{
    ask(s, 0, "POST", said(s, "/v1/tasks/%.*s/%.*s/done", STR_ARG(person), STR_ARG(task)), STR(""));
}

static void dropped_by(struct stage *s, str person, const char *rule)
{
    str text;
    const struct json *entry = last_entry(s, person, "drop");
    if (!json_str(json_get(entry, "ru"), &text) || !str_is(text, N(s, rule)))
        fail_msg("line %d: dropped by %.*s, not %s", s->line, STR_ARG(text), N(s, rule));
}

/* ---- S05 ---- */

#define NEWS  "<messages.newsletter>"
#define RESET "<messages.service>"

static str user_of_the_service(struct stage *s)
{
    weigh(s, "<purposes.direct_marketing>");
    str g = create_person(s, "G-1", "'<roles.user>'");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(g)));
    IS(s, 201);
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(g)),
        said(s, "{'purpose':'<purposes.direct_marketing>','wording':'News by e-mail?',"
                "'given_by':'click','channel':'email'}"));
    IS(s, 201);
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.not_reserved>','subject':'%.*s',"
             "'particulars':{'<asks.checked_against>':'Reservasjonsregisteret'}}",
             STR_ARG(g)));
    IS(s, 201);
    return g;
}

void s05_no_link_no_mail(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-02-02 09:00");
    stage_with_links(&s);
    str g = AT_LINE(&s, user_of_the_service(&s));
    AT_LINE(&s, message(&s, g, NEWS, "email", ",'queue':true"));
    must_refuse(&s, "COB-33", "stop_link");
    AT_LINE(&s, message(&s, g, NEWS, "email", ",'queue':true,'supplied':['stop_link']"));
    must_refuse(&s, "COB-33", "stop_link"); /* to say so is no link */
    AT_LINE(&s, message(&s, g, RESET, "email", ""));
    must_refuse(&s, "COB-33", NULL);
    AT_LINE(&s, tasks_are(&s, 0));

    str link = AT_LINE(&s, link_for(&s, g, NEWS, "email"));
    str first = AT_LINE(&s, queue(&s, g, NEWS, "email"));
    str second = AT_LINE(&s, queue(&s, g, NEWS, "email"));
    str call = AT_LINE(&s, queue(&s, g, NEWS, "phone"));
    str reset = AT_LINE(&s, queue(&s, g, RESET, "email"));
    AT_LINE(&s, tasks_are(&s, 4));
    AT_LINE(&s, take(&s, g, first));
    IS(&s, 200);
    assert_true(str_equal(got(&s, "stop_link"), link));
    assert_true(str_is(got(&s, "list_unsubscribe_post"), "List-Unsubscribe=One-Click"));

    clock_to(&s, "2026-02-03 08:00");
    AT_LINE(&s, visit(&s, "GET", link, STR("")));
    IS(&s, 200);
    AT_LINE(&s, tasks_are(&s, 4)); /* a scanner that opens it stops nothing */
    AT_LINE(&s, visit(&s, "POST", link, said(&s, "off=<switches.news>.email")));
    IS(&s, 200);
    AT_LINE(&s, tasks_are(&s, 2));
    AT_LINE(&s, dropped_by(&s, g, "switches.<switches.news>"));
    AT_LINE(&s, take(&s, g, second));
    IS(&s, 404); /* an old job is no message */
    AT_LINE(&s, done(&s, g, first));
    IS(&s, 404);

    clock_to(&s, "2026-02-03 08:01");
    AT_LINE(&s, message(&s, g, NEWS, "email", ",'asking':true"));
    must_refuse(&s, "COB-34", NULL);
    AT_LINE(&s, take(&s, g, call));
    IS(&s, 200);
    clock_to(&s, "2026-02-03 08:02");
    AT_LINE(&s, take(&s, g, reset));
    IS(&s, 200);
    AT_LINE(&s, done(&s, g, reset));
    DONE(&s);
    /* Phone off, too, by the link of a service message that cannot itself be refused. */
    link = AT_LINE(&s, link_for(&s, g, RESET, "email"));
    AT_LINE(&s, visit(&s, "POST", link, STR("List-Unsubscribe=One-Click")));
    IS(&s, 200);
    AT_LINE(&s, tasks_are(&s, 1));
    AT_LINE(&s, visit(&s, "POST", link, said(&s, "off=<switches.news>.phone")));
    IS(&s, 200);
    AT_LINE(&s, tasks_are(&s, 0));
    AT_LINE(&s, message(&s, g, NEWS, "phone", ""));
    must_refuse(&s, "COB-90", NULL);
    AT_LINE(&s, message(&s, g, RESET, "email", arena_c_string(s.arena, with_link(&s, link, ""))));
    IS(&s, 200);
    stage_close(&s);
}
