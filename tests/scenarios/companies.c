/* Several companies in one register: whose data, whose answer (S16). */
#include <string.h>

#include "scenario.h"

#define AB     "<controllers.infobric_ab>"
#define AS     "<controllers.infobric_as>"
#define TIME   "<controllers.infobric_time>"
#define BLAST  "<controllers.blastmanager>"
#define OFFERS "<purposes.offers>"

static bool tells(const struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static void ask_copy(struct stage *s, str person)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(person)),
        STR("{\"by_subject\":true}"));
    IS(s, 200);
}

/* The company answers with its visit alone, and says whom to ask for the rest. */
static void copy_is_the_visit(struct stage *s, str person)
{
    ask_copy(s, person);
    const struct json *items = got_json(s, "items");
    assert_int_equal(items->count, 1);
    str text;
    assert_true(json_str(json_get(items->child, "field"), &text) &&
                str_is(text, N(s, "<fields.usage.page>")));
    assert_false(tells(s, "CANARY-ACCOUNT"));
    assert_false(tells(s, N(s, "<purposes.deliver_apps>")));
    bool found = false;
    for (JSON_EACH(other, got_json(s, "answer_for_themselves"))) {
        if (!json_str(json_get(other, "id"), &text) || !str_is(text, N(s, TIME)))
            continue;
        found = json_str(json_get(other, "number"), &text) && str_is(text, "984406509") &&
                json_str(json_get(other, "name"), &text) && str_is(text, "Infobric Time AS") &&
                json_str(json_get(other, "address"), &text) &&
                str_is(text, "Universitetsgata 10, 0164 Oslo");
        const struct json *contacts = json_get(other, "contacts");
        found = found && json_str(json_get(contacts->child, "at"), &text) &&
                str_is(text, "+47 24 15 60 19");
    }
    assert_true(found);
}

/* The last such entry about the person names this company. */
static void logged_under(struct stage *s, str person, const char *action, const char *company)
{
    str text;
    const struct json *entry = last_entry(s, person, action);
    if (!json_str(json_get(entry, "ow"), &text) || !str_is(text, N(s, company)))
        fail_msg("line %d: the entry names another: %.*s", s->line, STR_ARG(s->body));
}

static str make_account(struct stage *s, str person)
{
    ASK(s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.app>','number':'ease'}");
    str app = got(s, "id");
    ASK(s, 0, "POST", STR("/v1/evidence"),
        "{'type':'<evidence.app_listed>','matter':'%.*s','particulars':{'<asks.link_to_policy>':"
        "'in the app'}}",
        STR_ARG(app));
    IS(s, 201);
    ASK(s, 0, "POST", STR("/v1/agreements"), "{'subject':'%.*s','matter':'%.*s'}", STR_ARG(person),
        STR_ARG(app));
    IS(s, 201);
    ASK(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        "{'intake':'<intakes.app_account>','source':'<sources.person>','controller':'" TIME
        "','matter':'%.*s','values':{'<fields.contact.name>':'K CANARY-ACCOUNT',"
        "'<fields.contact.work_email>':'k@canary-account.example',"
        "'<fields.account.login_id>':'CANARY-ACCOUNT-1'}}",
        STR_ARG(app));
    IS(s, 201);
    return item_of(s, "<fields.contact.work_email>");
}

static str visit_site(struct stage *s, str person)
{
    ASK(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        "{'intake':'<intakes.site_visit>','source':'<sources.person>','controller':'" AS
        "','values':{'<fields.usage.page>':'/prices'},'optional':['<fields.usage.page>']}");
    IS(s, 201);
    return item_of(s, "<fields.usage.page>");
}

static void read_as(struct stage *s, const char *company, str person, str item, const char *purpose)
{
    s->company = company;
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(person)),
        said(s, "{'purpose':'%s','items':['%.*s']}", purpose, STR_ARG(item)));
}

/* Four companies with exactly what the policy says of them, and where each right is exercised. */
static void directory_tells(struct stage *s)
{
    ask(s, 0, "GET", STR("/v1/contacts"), STR(""));
    IS(s, 200);
    assert_int_equal(got_json(s, "companies")->count, 4);
    const char *told[] = {
        "556646-2940",     "996878546",           "984406509",
        "989474278",       "+46(0)36 – 34 03 02", "+47 4000 1451",
        "+47 24 15 60 19", "+47 38 00 10 00",     "Gjuterigatan 9, 553 18 Jönköping",
        "datatilsynet.no"};
    for (size_t i = 0; i < LENGTH(told); i++) {
        if (!tells(s, told[i]))
            fail_msg("line %d: the directory lacks %s", s->line, told[i]);
    }
    size_t topics = 0;
    for (JSON_EACH(topic, got_json(s, "topics")))
        topics += json_get(topic, "contacts")->count > 0;
    assert_true(topics >= 7);
}

void s16_joint_and_separate_controllers(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-03-01 10:00");
    AT_LINE(&s, weigh(&s, OFFERS));
    AT_LINE(&s, weigh(&s, "<purposes.usage_follow_up>"));
    AT_LINE(&s, weigh(&s, "<purposes.orders>"));
    AT_LINE(&s, directory_tells(&s));
    str k = create_person(&s, "K-1", "");
    str mail = AT_LINE(&s, make_account(&s, k));
    str page = AT_LINE(&s, visit_site(&s, k));

    clock_to(&s, "2026-03-05 09:00");
    AT_LINE(&s, read_as(&s, BLAST, k, mail, "<purposes.orders>"));
    must_refuse(&s, "INF-22", NULL);
    AT_LINE(&s, read_as(&s, NULL, k, mail, OFFERS)); /* nobody answers for it */
    must_refuse_by(&s, "controllers");
    AT_LINE(&s, read_as(&s, AB, k, mail, "<purposes.deliver_apps>"));
    must_refuse(&s, "INF-13", NULL);
    AT_LINE(&s, read_as(&s, AS, k, mail, OFFERS)); /* declared within the group */
    IS(&s, 200);
    assert_true(tells(&s, "k@canary-account.example"));
    AT_LINE(&s, logged_under(&s, k, "read", AS));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/switches", STR_ARG(k)),
        "{'switch':'<switches.group_offers>'}");
    IS(&s, 201);
    AT_LINE(&s, read_as(&s, AS, k, mail, OFFERS));
    must_refuse(&s, "INF-52", NULL);

    clock_to(&s, "2026-03-10 12:00");
    s.company = AB;
    AT_LINE(&s, copy_is_the_visit(&s, k));
    s.company = TIME;
    AT_LINE(&s, ask_copy(&s, k));
    assert_true(tells(&s, "CANARY-ACCOUNT-1"));

    clock_to(&s, "2026-03-12 08:00");
    AT_LINE(&s, read_as(&s, AS, k, page, "<purposes.usage_follow_up>"));
    IS(&s, 200);
    s.company = AB;
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(k)),
        "{'purpose':'<purposes.usage_follow_up>'}");
    IS(&s, 201);
    AT_LINE(&s, logged_under(&s, k, "object", AB));
    AT_LINE(&s, read_as(&s, AS, k, page, "<purposes.usage_follow_up>"));
    must_refuse(&s, "INF-70", NULL);
    AT_LINE(&s, look_inside(&s, k, "CANARY", 1, 5));
    stage_close(&s);
}
