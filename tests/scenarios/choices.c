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

/* ---- messages tied to what they use, on another policy ---- */

#define MARKETING "<messages.marketing>"

struct lead {
    str id, mail, profile;
};

static struct lead lead_with_a_profile(struct stage *s)
{
    weigh(s, "<purposes.marketing_material>");
    weigh(s, "<purposes.interest_profiles>");
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s, "{'type':'<evidence.work_tool_review>','purpose':'<purposes.interest_profiles>',"
                "'particulars':{'<asks.reason>':'reviewed'}}"));
    IS(s, 201);
    struct lead e = {.id = create_person(s, "E-1", "'<roles.lead>','<roles.downloader>'")};
    happen(s, e.id, "<events.interaction>", STR(""));
    happen(s, e.id, "<events.activity>", STR(""));
    collect(s, e.id, "<intakes.interest>", "<sources.person>", STR(""),
            "'<fields.basic.email>':'eva@canary-e.example'");
    IS(s, 201);
    e.mail = item_of(s, "<fields.basic.email>");
    collect(s, e.id, "<intakes.site_use>", "<sources.tracking>", STR(""),
            "'<fields.behaviour.click>':'CANARY-CLICK'");
    IS(s, 201);
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/derive", STR_ARG(e.id)),
        said(s,
             "{'purpose':'<purposes.interest_profiles>','items':['%.*s'],'values':{"
             "'<fields.profile.interest>':'CANARY-PROFILE'}}",
             STR_ARG(item_of(s, "<fields.behaviour.click>"))));
    IS(s, 201);
    e.profile = item_of(s, "<fields.profile.interest>");
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.sold_to_before>','subject':'%.*s',"
             "'particulars':{'<asks.sale>':'order 26-1'}}",
             STR_ARG(e.id)));
    IS(s, 201);
    return e;
}

static str queue_to(struct stage *s, const struct lead *e)
{
    str link = link_for(s, e->id, MARKETING, "email");
    str rest = arena_format(s->arena, ",'queue':true,'item':'%.*s'", STR_ARG(e->mail));
    message(s, e->id, MARKETING, "email",
            arena_c_string(s->arena, with_link(s, link, arena_c_string(s->arena, rest))));
    IS(s, 202);
    return got(s, "record");
}

void mail_goes_only_while_what_it_uses_may_be_used(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-02-02 09:00");
    stage_with_links(&s);
    struct lead e = AT_LINE(&s, lead_with_a_profile(&s));
    str link = AT_LINE(&s, link_for(&s, e.id, MARKETING, "email"));
    str to_her = AT_LINE(&s, queue_to(&s, &e));
    str other = AT_LINE(&s, queue(&s, e.id, MARKETING, "email"));
    /* Her address is contested: what goes to it is dropped, what goes elsewhere is not. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/restrictions", STR_ARG(e.id)),
        "{'fields':['<fields.basic.email>'],'reason':'accuracy','warned':true}");
    IS(&s, 201);
    AT_LINE(&s, tasks_are(&s, 1));
    AT_LINE(&s, dropped_by(&s, e.id, "rights.restrict"));
    AT_LINE(&s, take(&s, e.id, to_her));
    IS(&s, 404);
    AT_LINE(&s, take(&s, e.id, other));
    IS(&s, 200);
    /* The profile goes by the same link, and marketing goes on without it. */
    AT_LINE(&s, visit(&s, "POST", link, said(&s, "off=<switches.profiling>")));
    IS(&s, 200);
    AT_LINE(&s, gone(&s, 0, e.id, e.profile, "<purposes.interest_profiles>"));
    AT_LINE(&s, tasks_are(&s, 1));
    /* A forwarded link of a lead can do no more than stop. */
    AT_LINE(&s, visit(&s, "POST", link, STR("List-Unsubscribe=One-Click")));
    IS(&s, 200);
    str answer = s.body;
    AT_LINE(&s, tasks_are(&s, 0));
    AT_LINE(&s, message(&s, e.id, MARKETING, "email", ",'asking':true"));
    must_refuse(&s, "CON-76", NULL);
    AT_LINE(&s, message(&s, e.id, MARKETING, "in_service", ",'asking':true"));
    IS(&s, 200); /* she turned off mail */
    /* A consent given afterwards lifts it; the old link stops it again. */
    clock_to(&s, "2026-02-04 09:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/consents", STR_ARG(e.id)),
        "{'purpose':'<purposes.marketing_material>','wording':'News again?','given_by':'click'}");
    IS(&s, 201);
    AT_LINE(&s, message(&s, e.id, MARKETING, "email", ",'asking':true"));
    IS(&s, 200);
    clock_to(&s, "2026-02-04 09:01");
    AT_LINE(&s, visit(&s, "POST", link, STR("List-Unsubscribe=One-Click")));
    IS(&s, 200);
    AT_LINE(&s, message(&s, e.id, MARKETING, "email", ",'asking':true"));
    must_refuse(&s, "CON-76", NULL);
    /* Once she is gone her link answers as ever. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(e.id)), "{'warned':true}");
    DONE(&s);
    AT_LINE(&s, visit(&s, "POST", link, STR("List-Unsubscribe=One-Click")));
    IS(&s, 200);
    assert_true(str_equal(s.body, answer));
    stage_close(&s);
}

/* ---- consents, where everything rests on them ---- */

static void consent(struct stage *s, str person, const char *purpose, const char *rest)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(person)),
        said(s, "{'purpose':'%s'%s}", purpose, rest));
}

#define ASKED ",'wording':'CANARY-WORDING','language':'nb','given_by':'click'"

static void what_is_no_consent_is_refused(struct stage *s, str p)
{
    static const char *const none[] = {"prefilled", "preticked", "implied", "silence",
                                       "use",       "bundled",   "terms",   "other"};
    str seen[LENGTH(none)];
    for (size_t i = 0; i < LENGTH(none); i++) {
        consent(s, p, "<purposes.sales>",
                arena_c_string(
                    s->arena, arena_format(s->arena, ",'wording':'Yes','given_by':'%s'", none[i])));
        must_refuse_by(s, "always.consent_is_an_act");
        must_refuse(s, "CLO-18", NULL);
        seen[i] = got(s, "detail");
    }
    assert_false(str_equal(seen[0], seen[2])); /* each says why */
    assert_false(str_equal(seen[5], seen[6]));
    consent(s, p, "<purposes.sales>",
            ",'wording':'Yes','given_by':'click','required_for_other':true");
    must_refuse_by(s, "always.consent_is_an_act");
    consent(s, p, "<purposes.sales>", ",'wording':'','given_by':'click'");
    must_refuse_by(s, "always.consent_is_an_act");
    consent(s, p, "<purposes.sales>", ",'wording':'Yes','given_by':'telepathy'");
    IS(s, 422);
    /* Terms that were accepted are an acknowledgement, and open nothing. */
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s, "{'type':'acknowledgement','subject':'%.*s'}", STR_ARG(p)));
    IS(s, 201);
    collect(s, p, "<intakes.web_form>", "<sources.person>", STR(""),
            "'<fields.contact.email>':'kim@canary-k.example'");
    IS(s, 403);
}

static void may_share(struct stage *s, str person, str item, str party, int code)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/share", STR_ARG(person)),
        said(s,
             "{'purpose':'<purposes.group_more>','recipient':'<recipients.group_consent>',"
             "'party':'%.*s','items':['%.*s']}",
             STR_ARG(party), STR_ARG(item)));
    IS(s, code);
}

static str company(struct stage *s, const char *name)
{
    ask(s, 0, "POST", STR("/v1/parties"),
        said(s, "{'kind':'<recipients.group_consent>','name':'%s','zone':'eea'}", name));
    IS(s, 201);
    return got(s, "id");
}

static void withdraw(struct stage *s, str person, const char *purpose)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/withdrawals", STR_ARG(person)),
        said(s, "{'purpose':'%s'}", purpose));
    DONE(s);
}

static void access_shows(struct stage *s, str person, const char *text, bool shown)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(person)), STR("{}"));
    IS(s, 200);
    if ((memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL) != shown)
        fail_msg("line %d: %s: %.*s", s->line, text, STR_ARG(s->body));
}

void each_consent_stands_alone_and_goes_as_easily(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CLOUDBERRIES, "2026-02-02 09:00");
    str p = create_person(&s, "K-1", "'<roles.interested>'");
    AT_LINE(&s, what_is_no_consent_is_refused(&s, p));
    AT_LINE(&s, consent(&s, p, "<purposes.sales>", ASKED));
    IS(&s, 201);
    AT_LINE(&s, collect(&s, p, "<intakes.web_form>", "<sources.person>", STR(""),
                        "'<fields.contact.email>':'kim@canary-k.example'"));
    IS(&s, 201);
    str mail = item_of(&s, "<fields.contact.email>");
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','source':'<sources.person>'}",
        STR_ARG(p));
    IS(&s, 201);
    AT_LINE(&s, read_is(&s, 0, p, mail, "<purposes.sales>", "kim@canary-k.example"));
    /* One purpose is one consent; one recipient is one, too. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/read", STR_ARG(p)),
        "{'purpose':'<purposes.follow_up>','items':['%.*s']}", STR_ARG(mail));
    IS(&s, 403);
    str a = AT_LINE(&s, company(&s, "Alfa AS")), b = AT_LINE(&s, company(&s, "Beta AS"));
    AT_LINE(&s, consent(&s, p, "<purposes.group_more>", ASKED));
    IS(&s, 422);
    str with = arena_format(s.arena, ASKED ",'party':'%.*s'", STR_ARG(a));
    AT_LINE(&s, consent(&s, p, "<purposes.group_more>", arena_c_string(s.arena, with)));
    IS(&s, 201);
    AT_LINE(&s, may_share(&s, p, mail, a, 200));
    AT_LINE(&s, may_share(&s, p, mail, b, 403));
    AT_LINE(&s, access_shows(&s, p, "CANARY-WORDING", true));
    AT_LINE(&s, access_shows(&s, p, "\"nb\"", true));
    AT_LINE(&s, access_shows(&s, p, "2024-01", true)); /* the policy's version */

    AT_LINE(&s, withdraw(&s, p, "<purposes.sales>"));
    AT_LINE(&s, read_no(&s, 0, p, mail, "<purposes.sales>", "CLO-18"));
    AT_LINE(&s, may_share(&s, p, mail, a, 200)); /* that consent stands */
    AT_LINE(&s, withdraw(&s, p, "<purposes.group_more>"));
    AT_LINE(&s, gone(&s, 0, p, mail, "<purposes.sales>"));
    AT_LINE(&s, found_is(&s, "<fields.contact.email>", "kim@canary-k.example", 0));
    AT_LINE(&s, access_shows(&s, p, "CANARY-WORDING", true)); /* the proof, without the data */
    AT_LINE(&s, access_shows(&s, p, "canary-k", false));
    AT_LINE(&s, withdraw(&s, p, "<purposes.sales>")); /* what is off stays off */
    AT_LINE(&s, last_entry(&s, p, "withdraw"));
    stage_close(&s);
}

/* ---- objections ---- */

#define SUPPORT "<purposes.support>"
#define ORDERS  "<purposes.orders_agreements_payments>"

static str object(struct stage *s, str person, const char *purpose)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/objections", STR_ARG(person)),
        said(s, "{'purpose':'%s'}", purpose));
    IS(s, 201);
    return got(s, "record");
}

/* It may be refused for another reason. */
static void must_not_refuse_by(struct stage *s, const char *rule)
{
    str there = STR("");
    if (s->code == 403 && json_str(json_get(s->json, "rule"), &there) && str_is(there, rule))
        fail_msg("line %d: refused by %s", s->line, rule);
}

static void decide_on(struct stage *s, str person, str objection, const char *body)
{
    ask(s, 0, "POST",
        said(s, "/v1/subjects/%.*s/objections/%.*s/decision", STR_ARG(person), STR_ARG(objection)),
        said(s, "%s", body));
}

void an_objection_pauses_while_it_is_weighed(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-02-02 09:00");
    AT_LINE(&s, weigh(&s, SUPPORT));
    AT_LINE(&s, weigh(&s, "<purposes.marketing_material>"));
    ASK(&s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.agreement_no>','number':'26-1'}");
    str order = got(&s, "id"), f = create_person(&s, "F-1", "'<roles.lead>'");
    ASK(&s, 0, "POST", STR("/v1/agreements"), "{'subject':'%.*s'}", STR_ARG(f));
    IS(&s, 201);
    AT_LINE(&s, happen(&s, f, "<events.order_placed>", order));
    AT_LINE(&s, happen(&s, f, "<events.activity>", STR("")));
    AT_LINE(&s, collect(&s, f, "<intakes.order>", "<sources.person>", order,
                        "'<fields.basic.name>':'Frida CANARY-F','<fields.basic.email>':"
                        "'frida@canary-f.example'"));
    IS(&s, 201);
    str mail = item_of(&s, "<fields.basic.email>");
    AT_LINE(&s, read_is(&s, 0, f, mail, SUPPORT, "frida@canary-f.example"));

    str first = AT_LINE(&s, object(&s, f, SUPPORT));
    AT_LINE(&s, read_no(&s, 0, f, mail, SUPPORT, "CON-62"));
    AT_LINE(&s, read_is(&s, 0, f, mail, ORDERS, "frida@canary-f.example"));
    AT_LINE(&s, decide_on(&s, f, first, "{'upheld':false,'reasons':''}"));
    IS(&s, 422); /* a decision gives its reasons */
    AT_LINE(&s, read_no(&s, 0, f, mail, SUPPORT, "CON-62"));
    AT_LINE(&s, decide_on(&s, f, first, "{'upheld':false,'reasons':'An open case'}"));
    IS(&s, 200);
    AT_LINE(&s, read_is(&s, 0, f, mail, SUPPORT, "frida@canary-f.example"));
    AT_LINE(&s, decide_on(&s, f, first, "{'upheld':true,'reasons':'On second thought'}"));
    IS(&s, 409);

    str second = AT_LINE(&s, object(&s, f, SUPPORT));
    AT_LINE(&s, decide_on(&s, f, second, "{'upheld':true,'reasons':'Nothing outweighs it'}"));
    IS(&s, 200);
    AT_LINE(&s, read_no(&s, 0, f, mail, SUPPORT, "CON-62"));
    /* To marketing there is nothing to weigh, and what a contract asks for cannot be objected to.
     */
    AT_LINE(&s, object(&s, f, "<purposes.marketing_material>"));
    clock_to(&s, "2026-02-03 09:00");
    AT_LINE(&s, consent(&s, f, "<purposes.marketing_material>", ASKED));
    IS(&s, 201);
    clock_to(&s, "2026-02-04 09:00");
    AT_LINE(&s, message(&s, f, MARKETING, "email", ",'asking':true,'supplied':['stop_link']"));
    must_not_refuse_by(&s, "rights.object");
    str third = AT_LINE(&s, object(&s, f, "<purposes.marketing_material>")); /* and again */
    AT_LINE(&s, message(&s, f, MARKETING, "email", ",'asking':true,'supplied':['stop_link']"));
    must_refuse_by(&s, "rights.object");
    AT_LINE(&s, decide_on(&s, f, third, "{'upheld':false,'reasons':'We would like to'}"));
    IS(&s, 409);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(f)),
        "{'purpose':'" ORDERS "'}");
    IS(&s, 403);
    AT_LINE(&s, read_is(&s, 0, f, mail, ORDERS, "frida@canary-f.example"));
    stage_close(&s);
}
