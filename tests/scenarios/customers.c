/* S03 and S04: what a lead and a customer left behind, and when each purpose of it ends. */
#include <string.h>

#include "scenario.h"

#define MARKETING "<purposes.marketing_material>"

static void record(struct stage *s, str subject, const char *type, const char *rest)
{
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s, "{'type':'%s','subject':'%.*s'%s}", type, STR_ARG(subject), rest));
    IS(s, 201);
}

static void send(struct stage *s, str person, const char *message)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/messages", STR_ARG(person)),
        said(s, "{'message':'%s','channel':'email','supplied':['stop_link']}", message));
}

/* ---- S03 ---- */

struct lead {
    str id, name, email, phone;
};

static struct lead download_report(struct stage *s, const char *number, const char *email)
{
    struct lead lead = {.id = create_person(s, number, "'<roles.lead>','<roles.downloader>'")};
    happen(s, lead.id, "<events.interaction>", STR(""));
    happen(s, lead.id, "<events.activity>", STR(""));
    str values = said(s,
                      "'<fields.basic.email>':'%s','<fields.basic.name>':'Eva CANARY-NAME',"
                      "'<fields.basic.phone>':'+47 40 00 00 01'",
                      email);
    collect(s, lead.id, "<intakes.interest>", "<sources.person>", STR(""),
            arena_c_string(s->arena, values));
    IS(s, 201);
    lead.email = item_of(s, "<fields.basic.email>");
    lead.name = item_of(s, "<fields.basic.name>");
    lead.phone = item_of(s, "<fields.basic.phone>");
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(lead.id)),
        said(s, "{'purpose':'" MARKETING "','wording':'News by e-mail?','given_by':'click',"
                "'channel':'email'}"));
    IS(s, 201);
    return lead;
}

static void attend_webinar(struct stage *s, str person)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/roles", STR_ARG(person)),
        said(s, "{'role':'<roles.webinar_participant>'}"));
    DONE(s);
    happen(s, person, "<events.interaction>", STR(""));
    happen(s, person, "<events.activity>", STR(""));
}

/* Nothing that the company does itself moves the anchor. */
static void company_acts(struct stage *s, size_t marketer, str person)
{
    /* A note by the staff is stored, and is no act of hers. */
    collect(s, person, "<intakes.general>", "<sources.person>", STR(""),
            "'<fields.company_relationship.company>':'A note: CANARY-NOTE'");
    s->line = __LINE__;
    ask(s, marketer, "POST", said(s, "/v1/subjects/%.*s/events", STR_ARG(person)),
        said(s, "{'event':'<events.activity>'}"));
    must_refuse(s, "CON-55", NULL);
    /* An import of the same person adds nothing; one that calls an act hers is refused. */
    import_line(s, said(s, "{'number':'E-1','events':[{'event':'<events.activity>'}]}"));
    IS(s, 200);
    import_line(s, said(s, "{'number':'X-1','roles':['<roles.lead>'],"
                           "'events':[{'event':'<events.activity>'}]}"));
    IS(s, 200);
    int64_t rejected;
    assert_true(json_i64(json_get(s->json, "rejected"), &rejected));
    assert_int_equal(rejected, 1);
}

static void contact_is_read(struct stage *s, size_t marketer, const struct lead *lead,
                            const char *email)
{
    read_is(s, marketer, lead->id, lead->email, MARKETING, email);
    read_is(s, marketer, lead->id, lead->name, MARKETING, "Eva CANARY-NAME");
    read_is(s, marketer, lead->id, lead->phone, MARKETING, "+47 40 00 00 01");
}

static void contact_is_gone(struct stage *s, size_t marketer, const struct lead *lead,
                            const char *email)
{
    gone(s, marketer, lead->id, lead->email, MARKETING);
    gone(s, marketer, lead->id, lead->name, MARKETING);
    gone(s, marketer, lead->id, lead->phone, MARKETING);
    found_is(s, "<fields.basic.email>", email, 0);
    found_is(s, "<fields.basic.phone>", "+47 40 00 00 01", 0);
}

void s03_a_lead(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2024-05-10 10:00");
    size_t marketer = hire(&s, "<staff.marketer>");
    AT_LINE(&s, weigh(&s, MARKETING));
    struct lead e = AT_LINE(&s, download_report(&s, "E-1", "eva@canary-e.example"));
    clock_to(&s, "2024-11-03 13:00");
    AT_LINE(&s, attend_webinar(&s, e.id));
    /* Monthly until 2026-10-15. */
    for (int month = 12; month <= 34; month++) {
        char day[32];
        (void)snprintf(day, sizeof(day), "%d-%02d-15 09:00", 2024 + (month - 1) / 12,
                       (month - 1) % 12 + 1);
        clock_to(&s, day);
        AT_LINE(&s, send(&s, e.id, "<messages.marketing>"));
        DONE(&s);
        if (month == 25)
            AT_LINE(&s, company_acts(&s, marketer, e.id));
    }
    clock_to(&s, "2026-11-02 23:59:59");
    AT_LINE(&s, contact_is_read(&s, marketer, &e, "eva@canary-e.example"));
    clock_to(&s, "2026-11-03 00:00");
    AT_LINE(&s, contact_is_gone(&s, marketer, &e, "eva@canary-e.example"));
    AT_LINE(&s, look_inside(&s, e.id, "CANARY", 1, 1)); /* the record of her consent */
    stage_close(&s);

    /* The same with a click of hers on 2026-06-01. */
    stage_open(&s, cast, CONFECT, "2024-05-10 10:00");
    marketer = hire(&s, "<staff.marketer>");
    AT_LINE(&s, weigh(&s, MARKETING));
    e = AT_LINE(&s, download_report(&s, "E-1", "eva@canary-e.example"));
    clock_to(&s, "2024-11-03 13:00");
    AT_LINE(&s, attend_webinar(&s, e.id));
    clock_to(&s, "2026-06-01 18:00");
    AT_LINE(&s, happen(&s, e.id, "<events.activity>", STR("")));
    clock_to(&s, "2026-11-03 00:00");
    AT_LINE(&s, contact_is_read(&s, marketer, &e, "eva@canary-e.example"));
    clock_to(&s, "2028-05-31 23:59:59");
    AT_LINE(&s, contact_is_read(&s, marketer, &e, "eva@canary-e.example"));
    clock_to(&s, "2028-06-01 00:00");
    AT_LINE(&s, contact_is_gone(&s, marketer, &e, "eva@canary-e.example"));
    stage_close(&s);
}

/* ---- S04 ---- */

#define SUPPORT     "<purposes.support>"
#define ORDERS      "<purposes.orders_agreements_payments>"
#define BOOKKEEPING "<purposes.bookkeeping>"
#define PROFILES    "<purposes.interest_profiles>"

struct staff {
    size_t marketer, service, accountant, recruiter, operator;
};

/* One purpose is left, and it says until when. */
static void access_tells_of_bookkeeping(struct stage *s, str person)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(person)),
        STR("{\"by_subject\":true}"));
    IS(s, 200);
    str text;
    const struct json *purposes = got_json(s, "purposes");
    assert_int_equal(purposes->count, 1);
    assert_true(json_str(json_get(purposes->child, "purpose"), &text) &&
                str_is(text, N(s, BOOKKEEPING)));
    const struct json *items = got_json(s, "items");
    assert_int_equal(items->count, 2); /* name and e-mail: one copy of each */
    for (JSON_EACH(item, items)) {
        assert_true(json_str(json_get(item, "ends"), &text));
        assert_true(str_is(text, "2031-12-31T23:00:00Z"));
        const struct json *grounds = json_get(item, "purposes");
        assert_non_null(grounds);
        assert_int_equal(grounds->count, 1);
        assert_true(json_str(json_get(grounds->child, "ends"), &text));
        assert_true(str_is(text, "2031-12-31T23:00:00Z"));
    }
}

static void bookkeeping_is_for_the_accountant(struct stage *s, const struct staff *staff, str f,
                                              str mail)
{
    read_is(s, staff->accountant, f, mail, BOOKKEEPING, "frida@canary-f.example");
    const size_t others[] = {staff->marketer, staff->service, staff->recruiter, staff->operator};
    for (size_t i = 0; i < LENGTH(others); i++) {
        ask(s, others[i], "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(f)),
            said(s, "{'purpose':'" BOOKKEEPING "','items':['%.*s']}", STR_ARG(mail)));
        IS(s, 403);
    }
}

static void end_what_she_was(struct stage *s, str f, str agreement)
{
    ask(s, 0, "POST", said(s, "/v1/evidence/%.*s/%.*s/end", STR_ARG(f), STR_ARG(agreement)),
        STR("{\"on\":\"2026-12-01\"}"));
    DONE(s);
}

static void weigh_interests(struct stage *s)
{
    AT_LINE(s, weigh(s, MARKETING));
    AT_LINE(s, weigh(s, PROFILES));
    AT_LINE(s, weigh(s, SUPPORT));
    ASK(s, 0, "POST", STR("/v1/evidence"),
        "{'type':'<evidence.work_tool_review>','purpose':'" PROFILES
        "','particulars':{'<asks.reason>':'reviewed'}}");
    IS(s, 201);
}

void s04_one_address_several_purposes(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-20 10:00");
    struct staff staff = {hire(&s, "<staff.marketer>"), hire(&s, "<staff.service>"),
                          hire(&s, "<staff.accountant>"), hire(&s, "<staff.recruiter>"),
                          hire(&s, "<staff.operator>")};
    weigh_interests(&s);
    ASK(&s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.agreement_no>','number':'26-1'}");
    str order = got(&s, "id");

    /* F is lead and customer; one stored address serves all. */
    str f = create_person(&s, "F-1", "'<roles.lead>'");
    ASK(&s, 0, "POST", STR("/v1/agreements"), "{'subject':'%.*s'}", STR_ARG(f));
    IS(&s, 201);
    str agreement = got(&s, "record");
    AT_LINE(&s, happen(&s, f, "<events.order_placed>", order));
    AT_LINE(&s, happen(&s, f, "<events.activity>", STR("")));
    AT_LINE(&s, happen(&s, f, "<events.interaction>", STR("")));
    AT_LINE(&s, collect(&s, f, "<intakes.order>", "<sources.person>", order,
                        "'<fields.basic.name>':'Frida CANARY-F','<fields.basic.email>':"
                        "'frida@canary-f.example'"));
    IS(&s, 201);
    str mail = item_of(&s, "<fields.basic.email>");
    AT_LINE(&s, collect(&s, f, "<intakes.site_use>", "<sources.tracking>", STR(""),
                        "'<fields.behaviour.click>':'CANARY-CLICK'"));
    IS(&s, 201);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/derive", STR_ARG(f)),
        "{'purpose':'" PROFILES "','items':['%.*s'],'values':{'<fields.profile.interest>':"
        "'CANARY-PROFILE'}}",
        STR_ARG(item_of(&s, "<fields.behaviour.click>")));
    IS(&s, 201);
    str profile = item_of(&s, "<fields.profile.interest>");
    AT_LINE(&s, record(&s, f, "<evidence.sold_to_before>",
                       ",'particulars':{'<asks.sale>':'order 26-1'}"));

    clock_to(&s, "2026-04-15 08:59:59");
    AT_LINE(&s, read_is(&s, staff.marketer, f, mail, MARKETING, "frida@canary-f.example"));
    AT_LINE(&s, read_is(&s, staff.marketer, f, profile, PROFILES, "CANARY-PROFILE"));
    AT_LINE(&s, send(&s, f, "<messages.marketing>"));
    DONE(&s);
    clock_to(&s, "2026-04-15 09:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(f)),
        "{'purpose':'" MARKETING "'}");
    IS(&s, 201);
    AT_LINE(&s, read_no(&s, staff.marketer, f, mail, MARKETING, "CON-63"));
    AT_LINE(&s, send(&s, f, "<messages.marketing>"));
    must_refuse(&s, "CON-63", NULL);
    AT_LINE(&s, gone(&s, staff.marketer, f, profile, PROFILES));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(f)),
        "{'fields':['<categories.behaviour>'],'warned':true}"); /* and what it was made from */
    IS(&s, 200);
    clock_to(&s, "2026-04-16 10:00");
    AT_LINE(&s, send(&s, f, "<messages.administrative>"));
    DONE(&s);

    clock_to(&s, "2026-11-30 23:59:59");
    AT_LINE(&s, read_is(&s, staff.service, f, mail, SUPPORT, "frida@canary-f.example"));
    AT_LINE(&s, read_is(&s, staff.service, f, mail, ORDERS, "frida@canary-f.example"));
    AT_LINE(&s, end_what_she_was(&s, f, agreement));
    clock_to(&s, "2026-12-01 00:00");
    AT_LINE(&s, read_no(&s, staff.service, f, mail, SUPPORT, "CON-19"));
    AT_LINE(&s, read_no(&s, staff.service, f, mail, ORDERS, "CON-49"));
    AT_LINE(&s, bookkeeping_is_for_the_accountant(&s, &staff, f, mail));
    clock_to(&s, "2027-01-10 12:00");
    AT_LINE(&s, access_tells_of_bookkeeping(&s, f));
    clock_to(&s, "2031-12-31 23:59:59");
    AT_LINE(&s, read_is(&s, staff.accountant, f, mail, BOOKKEEPING, "frida@canary-f.example"));
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "frida@canary-f.example", 1));
    clock_to(&s, "2032-01-01 00:00");
    AT_LINE(&s, gone(&s, staff.accountant, f, mail, BOOKKEEPING));
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "frida@canary-f.example", 0));
    AT_LINE(&s, look_inside(&s, f, "canary-f.example", 1, 2)); /* what was agreed and sold */
    stage_close(&s);
}
