/* S06, S07 and S09: what is given on, to whom, and what they are told of it later. */
#include <string.h>

#include "scenario.h"

#define INFO "<purposes.third_party_product_info>"

static str new_party(struct stage *s, const char *kind, const char *name, const char *more)
{
    ask(s, 0, "POST", STR("/v1/parties"), said(s, "{'kind':'%s','name':'%s'%s}", kind, name, more));
    IS(s, 201);
    return got(s, "id");
}

static void share(struct stage *s, size_t who, str person, str party, const char *recipient,
                  const char *purpose, const char *more)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/share", STR_ARG(person)),
        said(s, "{'purpose':'%s','recipient':'%s','party':'%.*s'%s}", purpose, recipient,
             STR_ARG(party), more));
}

static void confirm(struct stage *s, size_t manager, str party, const char *purpose)
{
    ask(s, manager, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.sole_purpose>','party':'%.*s','purpose':'%s',"
             "'particulars':{'<asks.document>':'letter 2'}}",
             STR_ARG(party), purpose));
    IS(s, 201);
}

static void consent_to(struct stage *s, str person, str party)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(person)),
        said(s,
             "{'purpose':'" INFO "','party':'%.*s','wording':'Product information from them',"
             "'given_by':'click'}",
             STR_ARG(party)));
    IS(s, 201);
}

/* A user with name and e-mail, under an agreement. */
static str user_g(struct stage *s)
{
    ask(s, 0, "POST", STR("/v1/matters"), said(s, "{'kind':'<matters.service>','number':'S-1'}"));
    str service = got(s, "id");
    str g = create_person(s, "G-1", "'<roles.user>'");
    ask(s, 0, "POST", STR("/v1/agreements"),
        said(s, "{'subject':'%.*s','matter':'%.*s'}", STR_ARG(g), STR_ARG(service)));
    IS(s, 201);
    collect(s, g, "<intakes.registration>", "<sources.person>", service,
            "'<fields.identity.person_name>':'Gro CANARY-G','<fields.contact.work_email>':"
            "'gro@canary-g.example'");
    IS(s, 201);
    return g;
}

/* How many rows an array of the last answer has. */
static size_t rows(struct stage *s, const char *member)
{
    const struct json *list = json_get(s->json, member);
    return list == NULL ? 0 : list->count;
}

static str text_in(const struct json *object, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(object, member), &text);
    return text;
}

static bool says(struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

/* ---- S06 ---- */

void s06_a_recipient_confirms_first(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-01-02 09:00");
    size_t legal = hire(&s, "<staff.legal>"), seller = hire(&s, "<staff.seller>");
    size_t manager = hire(&s, "<staff.recipient_manager>");
    str g = user_g(&s);
    str alfa = new_party(&s, "<recipients.manufacturer>", "Alfa AS", "");
    str host = new_party(&s, "<recipients.service_provider>", "Vert AS", "");
    str group = new_party(&s, "<recipients.group>", "Cobuilder Ltd", "");
    str broker = new_party(&s, "<recipients.list_broker>", "Lister AS", "");
    ASK(&s, 0, "POST", STR("/v1/evidence"),
        "{'type':'<evidence.processing_agreement>','party':'%.*s','particulars':"
        "{'<asks.document>':'dpa 1'}}",
        STR_ARG(host));
    IS(&s, 201);
    AT_LINE(&s, weigh(&s, "<purposes.group_sharing>"));
    clock_to(&s, "2026-02-01 09:00");
    AT_LINE(&s, consent_to(&s, g, alfa));

    clock_to(&s, "2026-02-10 09:00");
    AT_LINE(&s, share(&s, 0, g, alfa, "<recipients.manufacturer>", INFO, ""));
    must_refuse(&s, "COB-68", "<evidence.sole_purpose>");
    AT_LINE(&s, confirm(&s, manager, alfa, "<purposes.anonymous_statistics>"));
    AT_LINE(&s, share(&s, 0, g, alfa, "<recipients.manufacturer>", INFO, ""));
    must_refuse(&s, "COB-68", "<evidence.sole_purpose>");
    clock_to(&s, "2026-02-11 09:00");
    AT_LINE(&s, confirm(&s, manager, alfa, INFO));
    AT_LINE(&s, share(&s, 0, g, alfa, "<recipients.manufacturer>", INFO, ""));
    IS(&s, 200);
    assert_int_equal(rows(&s, "items"), 2);
    assert_true(says(&s, "Gro CANARY-G"));
    ASK(&s, 0, "GET", PATH(&s, "/v1/subjects/%.*s/disclosures", STR_ARG(g)), "%s", "");
    IS(&s, 200);
    assert_int_equal(rows(&s, "disclosures"), 1);
    const struct json *row = got_json(&s, "disclosures")->child;
    assert_true(str_is(text_in(row, "name"), "Alfa AS"));
    assert_true(str_is(text_in(row, "at"), utc(&s, "2026-02-11 09:00")));
    assert_false(says(&s, "CANARY")); /* what kind of data, never the data */

    ASK(&s, 0, "GET", STR("/v1/recipients"), "%s", "");
    IS(&s, 200);
    assert_true(rows(&s, "recipients") > 5);
    ASK(&s, 0, "GET", STR("/v1/parties"), "%s", "");
    IS(&s, 200);
    assert_int_equal(rows(&s, "parties"), 4);

    /* A list is sold to nobody, by nobody, whatever she says. */
    AT_LINE(&s, consent_to(&s, g, broker));
    const size_t whoever[] = {0, seller, legal, manager};
    for (size_t i = 0; i < LENGTH(whoever); i++) {
        AT_LINE(&s, share(&s, whoever[i], g, broker, "<recipients.list_broker>", INFO, ""));
        must_refuse(&s, "COB-87", NULL);
    }
    clock_to(&s, "2026-02-20 12:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/switches", STR_ARG(g)),
        "{'switch':'<switches.third_parties>'}");
    IS(&s, 201);
    clock_to(&s, "2026-02-21 09:00");
    AT_LINE(&s, share(&s, 0, g, alfa, "<recipients.manufacturer>", INFO, ""));
    must_refuse(&s, "COB-72", NULL);
    AT_LINE(&s, share(&s, 0, g, group, "<recipients.group>", "<purposes.group_sharing>", ""));
    must_refuse(&s, "COB-72", NULL);
    AT_LINE(&s, share(&s, 0, g, host, "<recipients.service_provider>",
                      "<purposes.account_provisioning>", ""));
    IS(&s, 200);
    stage_close(&s);
}

/* ---- S07 ---- */

static void alfa_is_told(struct stage *s, str alfa, str reference)
{
    ask(s, 0, "GET", STR("/v1/tasks"), STR(""));
    IS(s, 200);
    assert_int_equal(rows(s, "tasks"), 1);
    assert_true(str_equal(text_in(got_json(s, "tasks")->child, "dossier"), alfa));
    ask(s, 0, "GET", said(s, "/v1/parties/%.*s/duties", STR_ARG(alfa)), STR(""));
    IS(s, 200);
    assert_int_equal(rows(s, "duties"), 1);
    const struct json *duty = got_json(s, "duties")->child;
    assert_true(str_is(text_in(duty, "what"), "withdrawal"));
    assert_true(str_equal(text_in(duty, "reference"), reference));
    assert_false(says(s, "CANARY"));
    str record = text_in(duty, "record");
    ask(s, 0, "POST", said(s, "/v1/parties/%.*s/duties/%.*s/done", STR_ARG(alfa), STR_ARG(record)),
        said(s, "{'proof':'mail 17 of 2026-03-01, answered the same day'}"));
    IS(s, 200);
    ask(s, 0, "POST", said(s, "/v1/parties/%.*s/duties/%.*s/done", STR_ARG(alfa), STR_ARG(record)),
        said(s, "{'proof':'once more'}"));
    IS(s, 404);
    ask(s, 0, "GET", STR("/v1/tasks"), STR(""));
    assert_int_equal(rows(s, "tasks"), 0);
    ask(s, 0, "GET", said(s, "/v1/parties/%.*s/duties", STR_ARG(alfa)), STR(""));
    assert_true(says(s, "mail 17 of 2026-03-01"));
}

void s07_a_withdrawal_reaches_who_has_the_data(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-01-02 09:00");
    size_t manager = hire(&s, "<staff.recipient_manager>");
    str g = user_g(&s);
    str alfa = new_party(&s, "<recipients.manufacturer>", "Alfa AS", "");
    str beta = new_party(&s, "<recipients.manufacturer>", "Beta AS", "");
    clock_to(&s, "2026-02-01 09:00");
    AT_LINE(&s, consent_to(&s, g, alfa));
    AT_LINE(&s, consent_to(&s, g, beta));
    AT_LINE(&s, confirm(&s, manager, alfa, INFO));
    AT_LINE(&s, confirm(&s, manager, beta, INFO));
    clock_to(&s, "2026-02-12 09:00");
    AT_LINE(&s, share(&s, 0, g, alfa, "<recipients.manufacturer>", INFO, ""));
    IS(&s, 200);
    str reference = got(&s, "reference");

    clock_to(&s, "2026-03-01 14:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/withdrawals", STR_ARG(g)),
        "{'purpose':'" INFO "','party':'%.*s'}", STR_ARG(alfa));
    IS(&s, 200);
    assert_int_equal(rows(&s, "told"), 1); /* the answer lists who has the data: Alfa alone */
    const struct json *told = got_json(&s, "told")->child;
    assert_true(str_is(text_in(told, "name"), "Alfa AS"));
    assert_true(str_equal(text_in(told, "party"), alfa));
    str hers = got(&s, "reference");
    AT_LINE(&s, share(&s, 0, g, alfa, "<recipients.manufacturer>", INFO, ""));
    must_refuse(&s, "COB-70", NULL); /* a replay of the first share, too */
    AT_LINE(&s, share(&s, 0, g, beta, "<recipients.manufacturer>", INFO, ""));
    IS(&s, 200);
    AT_LINE(&s, alfa_is_told(&s, alfa, reference));
    ASK(&s, 0, "POST", STR("/v1/history"), "{'reference':'%.*s'}", STR_ARG(hers));
    IS(&s, 200);
    assert_true(says(&s, "\"tell\"") && says(&s, "\"told\"") && says(&s, "duty:withdrawal"));
    /* The consent stays as evidence. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/access", STR_ARG(g)), "{'by_subject':true}");
    IS(&s, 200);
    assert_true(says(&s, "Product information from them"));
    assert_int_equal(rows(&s, "disclosures"), 2);
    assert_int_equal(rows(&s, "recipients"), 2);

    /* When she is gone, Beta is told, by its own name for her. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(g)), "{'warned':true}");
    IS(&s, 200);
    assert_int_equal(rows(&s, "told"), 2);
    ASK(&s, 0, "GET", PATH(&s, "/v1/parties/%.*s/duties", STR_ARG(beta)), "%s", "");
    assert_int_equal(rows(&s, "duties"), 1);
    assert_true(str_is(text_in(got_json(&s, "duties")->child, "what"), "erasure"));
    assert_true(says(&s, "reference") && !says(&s, "CANARY"));
    stage_close(&s);
}

/* ---- S09 ---- */

/* What each policy calls what the police ask for, and what it wants to see first. */
struct answerer {
    enum policy policy;
    const char *recipient, *purpose, *staff; /* staff: who answers; NULL: an application */
    const char *mail, *log;                  /* the two fields asked for */
    const char *evidence, *particulars, *controller, *refusal;
    unsigned step; /* the one that opens it */
};
enum { CHECKED = 1, NEED_STATED, STATUTE, DECISION, STEPS };

static const struct answerer answerers[] = {
    {COBUILDER, "<recipients.police>", "<purposes.authority_disclosure>", "<staff.legal>",
     "<fields.contact.work_email>", "<fields.location.ip_address>", "<evidence.authentic>",
     "'<asks.how>':'called back'", "<controllers.cobuilder>", "COB-63", CHECKED},
    {INFOBRIC, "<recipients.police>", "<purposes.legal_requests>", "<staff.legal>",
     "<fields.contact.work_email>", "<fields.account.login_id>", "<evidence.need_stated>",
     "'<asks.need>':'inquiry','<asks.reference>':'26-19'", "<controllers.infobric_time>", "INF-61",
     NEED_STATED},
    {HOSTING, "<recipients.police>", "<purposes.authority_disclosure>", NULL,
     "<fields.contact.email>", "<fields.history.login>", "<evidence.statute>",
     "'<asks.law>':'straffeprosessloven','<asks.paragraph>':'210'", "<controllers.hosting>",
     "HOS-31", STATUTE},
    {CLOUDBERRIES, "<recipients.authority>", "<purposes.other_ground>", NULL,
     "<fields.contact.email>", "<fields.behaviour.click>", "<evidence.statute>",
     "'<asks.law>':'straffeprosessloven','<asks.paragraph>':'210'", "<controllers.cloudberries>",
     "CLO-37", STATUTE},
    {CONFECT, "<recipients.police>", "<purposes.authority_disclosure>", NULL,
     "<fields.basic.email>", "<fields.user_web.ip>", "<evidence.legal_decision>",
     "'<asks.number>':'26-1','<asks.issuer>':'court','<asks.decided_by>':'officer'",
     "<controllers.confect>", "CON-43", DECISION},
};

static void post_for(struct stage *s, str person, const char *verb, str body)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/%s", STR_ARG(person), verb), body);
    DONE(s);
}

static str matter_of(struct stage *s, const char *kind)
{
    ask(s, 0, "POST", STR("/v1/matters"), said(s, "{'kind':'%s','number':'M-9'}", kind));
    IS(s, 201);
    return got(s, "id");
}

static str in_cobuilder(struct stage *s)
{
    weigh(s, "<purposes.information_security>");
    str g = user_g(s);
    collect(s, g, "<intakes.traffic>", "<sources.use_of_service>", STR(""),
            "'<fields.location.ip_address>':'192.0.2.77'");
    IS(s, 201);
    return g;
}

static str in_infobric(struct stage *s)
{
    str app = matter_of(s, "<matters.app>");
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.app_listed>','matter':'%.*s','particulars':"
             "{'<asks.link_to_policy>':'in the app'}}",
             STR_ARG(app)));
    IS(s, 201);
    str k = create_person(s, "G-1", "'<roles.account_holder>'");
    ask(s, 0, "POST", STR("/v1/agreements"),
        said(s, "{'subject':'%.*s','matter':'%.*s','controller':'<controllers.infobric_time>'}",
             STR_ARG(k), STR_ARG(app)));
    IS(s, 201);
    post_for(s, k, "collect",
             said(s,
                  "{'intake':'<intakes.app_account>','source':'<sources.person>','matter':'%.*s',"
                  "'controller':'<controllers.infobric_time>','optional':[],'values':"
                  "{'<fields.contact.name>':'Gro CANARY-G','<fields.contact.work_email>':"
                  "'gro@canary-g.example','<fields.account.login_id>':'gro-1'}}",
                  STR_ARG(app)));
    return k;
}

static str in_hosting(struct stage *s)
{
    str q = create_person(s, "G-1", "'<roles.customer>'");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(q)));
    IS(s, 201);
    collect(s, q, "<intakes.registration>", "<sources.registration>", STR(""),
            "'<fields.identification.name>':'Gro CANARY-G','<fields.contact.email>':"
            "'gro@canary-g.example','<fields.address.street>':'Veien 1'");
    IS(s, 201);
    collect(s, q, "<intakes.service_use>", "<sources.use_of_service>", STR(""),
            "'<fields.history.login>':'2026-05-01 09:00'");
    IS(s, 201);
    return q;
}

static str in_cloudberries(struct stage *s)
{
    str i = create_person(s, "G-1", "'<roles.interested>','<roles.visitor>'");
    const char *const purposes[] = {"<purposes.sales>", "<purposes.behaviour_recording>"};
    for (size_t p = 0; p < LENGTH(purposes); p++) {
        post_for(s, i, "consents",
                 said(s, "{'purpose':'%s','wording':'Yes','given_by':'click'}", purposes[p]));
    }
    collect(s, i, "<intakes.web_form>", "<sources.person>", STR(""),
            "'<fields.contact.email>':'gro@canary-g.example','<fields.contact.address>':"
            "'Gro CANARY-G, Veien 1'");
    IS(s, 201);
    collect(s, i, "<intakes.site_use>", "<sources.site>", STR(""),
            "'<fields.behaviour.click>':'prices'");
    IS(s, 201);
    ask(s, 0, "POST", STR("/v1/notices"), said(s, "{'subject':'%.*s'}", STR_ARG(i)));
    IS(s, 201);
    return i;
}

static str in_confect(struct stage *s)
{
    weigh(s, "<purposes.marketing_material>");
    weigh(s, "<purposes.security_maintenance>");
    str f = create_person(s, "G-1", "'<roles.lead>'");
    happen(s, f, "<events.activity>", STR(""));
    collect(s, f, "<intakes.interest>", "<sources.person>", STR(""),
            "'<fields.basic.email>':'gro@canary-g.example','<fields.basic.name>':'Gro CANARY-G'");
    IS(s, 201);
    collect(s, f, "<intakes.traffic>", "<sources.tracking>", STR(""),
            "'<fields.user_web.ip>':'192.0.2.77'");
    IS(s, 201);
    return f;
}

static str person_in(struct stage *s, enum policy policy)
{
    switch (policy) {
    case COBUILDER:
        return in_cobuilder(s);
    case INFOBRIC:
        return in_infobric(s);
    case HOSTING:
        return in_hosting(s);
    case CLOUDBERRIES:
        return in_cloudberries(s);
    case CONFECT:
        return in_confect(s);
    case POLICIES:
        break;
    }
    return STR("");
}

/* The two fields of the request and nothing else, by an entry that names who asked and who decided.
 */
static void releases_the_two(struct stage *s, const struct answerer *a, str person)
{
    IS(s, 200);
    size_t given = 0;
    for (JSON_EACH(item, got_json(s, "items"))) {
        bool allowed = false;
        str field = text_in(item, "field");
        assert_true(json_bool(json_get(item, "allowed"), &allowed));
        bool asked = str_is(field, N(s, a->mail)) || str_is(field, N(s, a->log));
        if (allowed != asked)
            fail_msg("%.*s: %.*s", STR_ARG(field), STR_ARG(s->body));
        given += allowed;
    }
    assert_int_equal(given, 2);
    assert_false(says(s, "Gro CANARY-G"));
    ask(s, 0, "GET", said(s, "/v1/subjects/%.*s", STR_ARG(person)), STR(""));
    str reference = got(s, "reference");
    ask(s, 0, "POST", STR("/v1/history"), said(s, "{'reference':'%.*s'}", STR_ARG(reference)));
    IS(s, 200);
    size_t named = 0;
    for (JSON_EACH(row, got_json(s, "entries"))) {
        const struct json *entry = json_get(row, "entry");
        if (str_is(text_in(entry, "ac"), "share") && str_is(text_in(entry, "de"), "allow"))
            named += json_get(entry, "di") != NULL && json_get(entry, "rc") != NULL &&
                     json_get(entry, "cs") != NULL;
    }
    assert_true(named > 0);
}

static void answer_step_by_step(const struct cast *cast, const struct answerer *a)
{
    struct stage s;
    stage_open(&s, cast, a->policy, "2026-05-01 09:00");
    size_t who = a->staff == NULL ? 0 : hire(&s, a->staff);
    str person = person_in(&s, a->policy);
    str police = new_party(&s, a->recipient, "Oslo politidistrikt", "");
    str other = new_party(&s, a->recipient, "Bergen politidistrikt", "");
    clock_to(&s, "2026-05-11 09:00");
    ASK(&s, 0, "POST", STR("/v1/cases"),
        "{'kind':'authority','requester':'%.*s','reference':'26-19','scope':['%s','%s']}",
        STR_ARG(police), a->mail, a->log);
    IS(&s, 201);
    str request = got(&s, "id");
    const char *under =
        arena_format(s.arena, ",'case':'%.*s','controller':'%s'", STR_ARG(request), a->controller)
            .ptr;
    for (unsigned step = 0; step < STEPS; step++) {
        if (step == a->step) {
            ASK(&s, who, "POST", STR("/v1/evidence"),
                "{'type':'%s','case':'%.*s','particulars':{%s}}", a->evidence, STR_ARG(request),
                a->particulars);
            IS(&s, 201);
        }
        AT_LINE(&s, share(&s, who, person, police, a->recipient, a->purpose, under));
        if (step < a->step)
            must_refuse(&s, a->refusal, a->evidence);
        else
            AT_LINE(&s, releases_the_two(&s, a, person));
    }
    /* Another district holds no key to this case, nor does a no of ours. */
    AT_LINE(&s, share(&s, who, person, other, a->recipient, a->purpose, under));
    must_refuse_by(&s, "always.authority_by_case");
    ASK(&s, 0, "POST", PATH(&s, "/v1/cases/%.*s/decision", STR_ARG(request)),
        "{'granted':false,'reasons':'the order was quashed'}");
    DONE(&s);
    AT_LINE(&s, share(&s, who, person, police, a->recipient, a->purpose, under));
    must_refuse_by(&s, "always.decision_recorded");
    stage_close(&s);
}

void s09_one_request_five_policies(const struct cast *cast)
{
    for (size_t i = 0; i < LENGTH(answerers); i++)
        answer_step_by_step(cast, &answerers[i]);
}
