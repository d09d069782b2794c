/* S13 and S22: what a person's rights do against a law, a clock and a service. */
#include <string.h>

#include "scenario.h"

/* ---- S13 ---- */

#define REGISTER "<purposes.exposure_register>"

static void erase(struct stage *s, str person, const char *rest)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/erase", STR_ARG(person)), said(s, "{%s}", rest));
}

/* What became of an item in the answer to an erasure. */
static const struct json *fate_of(struct stage *s, str item)
{
    str id;
    for (JSON_EACH(one, got_json(s, "items"))) {
        if (json_str(json_get(one, "id"), &id) && str_equal(id, item))
            return one;
    }
    fail_msg("line %d: nothing is said of %.*s: %.*s", s->line, STR_ARG(item), STR_ARG(s->body));
    return NULL;
}

static void is_erased(struct stage *s, str item)
{
    bool erased = false;
    if (!json_bool(json_get(fate_of(s, item), "erased"), &erased) || !erased)
        fail_msg("line %d: %.*s stays: %.*s", s->line, STR_ARG(item), STR_ARG(s->body));
}

static void is_kept_by_law(struct stage *s, str item)
{
    const struct json *fate = fate_of(s, item);
    bool erased = true;
    str text;
    assert_true(json_bool(json_get(fate, "erased"), &erased));
    assert_false(erased);
    const struct json *ids = json_get(json_get(fate, "kept_by"), "ids");
    assert_non_null(ids);
    assert_true(json_str(ids->child, &text) && str_is(text, "COB-51"));
    assert_true(json_str(json_get(fate, "law"), &text));
    assert_true(str_starts(text, STR("forskrift om utførelse av arbeid")));
    assert_true(json_str(json_get(fate, "until"), &text));
    if (!str_is(text, utc(s, "2080-12-31")))
        fail_msg("line %d: until %.*s", s->line, STR_ARG(text));
}

struct exposed {
    str id, agent;
};

static void permit_destruction(struct stage *s, str person, const char *number)
{
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.destruction_permission>','subject':'%.*s','purpose':'" REGISTER
             "','particulars':{'<asks.authority>':'Arbeidstilsynet','<asks.number>':'%s'}}",
             STR_ARG(person), number));
    IS(s, 201);
}

static struct exposed exposed_with_permission(struct stage *s)
{
    struct exposed j = {.id = create_person(s, "J-1", "")};
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/events", STR_ARG(j.id)),
        said(s, "{'event':'<events.exposure_ended>','at':'%s'}", utc(s, "2020-12-31 16:00")));
    DONE(s);
    collect(s, j.id, "<intakes.exposure>", "<sources.person>", STR(""),
            "'<fields.identity.person_name>':'Jo CANARY-J','<fields.exposure.agent>':"
            "'CANARY-JAGENT'");
    IS(s, 201);
    j.agent = item_of(s, "<fields.exposure.agent>");
    permit_destruction(s, j.id, "26-1");
    return j;
}

static void forecast_names(struct stage *s, str item, const char *end)
{
    ask(s, 0, "GET", STR("/v1/forecast?days=2"), STR(""));
    IS(s, 200);
    if (memmem(s->body.ptr, s->body.len, item.ptr, item.len) == NULL ||
        memmem(s->body.ptr, s->body.len, end, strlen(end)) == NULL)
        fail_msg("line %d: %s: %.*s", s->line, end, STR_ARG(s->body));
}

static void in_sixty_years(struct stage *s, str i, str agent, size_t safety)
{
    /* Of J, whose permission came early, the end is known: the scheduler waits for 54 years. */
    struct exposed j = AT_LINE(s, exposed_with_permission(s));
    clock_to(s, "2080-12-30 12:00");
    AT_LINE(s, forecast_names(s, j.agent, utc(s, "2080-12-31")));
    AT_LINE(s, read_is(s, safety, i, agent, REGISTER, "CANARY-AGENT"));
    AT_LINE(s, erase(s, i, "'warned':true"));
    must_refuse(s, "COB-51", NULL);
    clock_to(s, "2080-12-30 23:59:59");
    AT_LINE(s, read_is(s, safety, j.id, j.agent, REGISTER, "CANARY-JAGENT"));
    clock_to(s, "2080-12-31 00:00");
    AT_LINE(s, gone(s, safety, j.id, j.agent, REGISTER));
    AT_LINE(s, erase(s, i, "'warned':true"));
    must_refuse(s, "COB-51", "<evidence.destruction_permission>");
    AT_LINE(s, read_is(s, safety, i, agent, REGISTER, "CANARY-AGENT"));
    clock_to(s, "2080-12-31 10:00");
    AT_LINE(s, permit_destruction(s, i, "80-1"));
    AT_LINE(s, erase(s, i, "'warned':true"));
    if (s->code != 404 && s->code != 410) /* unless the sweeper came first: it is due now */
        IS(s, 200);
    AT_LINE(s, gone(s, safety, i, agent, REGISTER));
    ASK(s, 0, "GET", STR("/v1/register"), "%s", "");
    if (!str_is(got(s, "now"), "2080-12-31T09:00:00Z"))
        fail_msg("now is %.*s", STR_ARG(s->body));
    AT_LINE(s, look_inside(s, i, "CANARY", 0, 0));
    AT_LINE(s, look_inside(s, j.id, "CANARY", 0, 0));
}

void s13_sixty_years(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-01-10 09:00");
    size_t safety = hire(&s, "<staff.safety>"), helper = hire(&s, "<staff.helper>");
    size_t legal = hire(&s, "<staff.legal>");
    ASK(&s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.service>','number':'S-1'}");
    str service = got(&s, "id");
    str i = create_person(&s, "I-1", "");
    ASK(&s, 0, "POST", STR("/v1/agreements"), "{'subject':'%.*s','matter':'%.*s'}", STR_ARG(i),
        STR_ARG(service));
    IS(&s, 201);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/events", STR_ARG(i)),
        "{'event':'<events.exposure_ended>','at':'%s'}", utc(&s, "2020-12-31 16:00"));
    DONE(&s);
    AT_LINE(&s, collect(&s, i, "<intakes.registration>", "<sources.person>", service,
                        "'<fields.identity.person_name>':'Ida CANARY-USER',"
                        "'<fields.contact.work_email>':'ida@canary-i.example'"));
    IS(&s, 201);
    str name = item_of(&s, "<fields.identity.person_name>");
    str mail = item_of(&s, "<fields.contact.work_email>");
    AT_LINE(&s, collect(&s, i, "<intakes.exposure>", "<sources.person>", STR(""),
                        "'<fields.identity.person_name>':'Ida CANARY-WORKER',"
                        "'<fields.exposure.agent>':'CANARY-AGENT'"));
    IS(&s, 201);
    str worker = item_of(&s, "<fields.identity.person_name>");
    str agent = item_of(&s, "<fields.exposure.agent>");

    clock_to(&s, "2026-06-01 10:00");
    AT_LINE(&s,
            read_is(&s, 0, i, mail, "<purposes.identify_and_authorise>", "ida@canary-i.example"));
    /* Everything: the account will close, so she is warned before. */
    AT_LINE(&s, erase(&s, i, ""));
    IS(&s, 409);
    AT_LINE(&s, read_is(&s, helper, i, mail, "<purposes.account_provisioning>",
                        "ida@canary-i.example"));
    AT_LINE(&s, erase(&s, i, "'warned':true"));
    IS(&s, 200);
    is_erased(&s, name);
    is_erased(&s, mail);
    AT_LINE(&s, is_kept_by_law(&s, worker));
    AT_LINE(&s, is_kept_by_law(&s, agent));
    AT_LINE(&s, gone(&s, 0, i, mail, "<purposes.identify_and_authorise>")); /* no log-in */
    AT_LINE(&s, gone(&s, helper, i, name, "<purposes.account_provisioning>"));
    AT_LINE(&s, found_is(&s, "<fields.contact.work_email>", "ida@canary-i.example", 0));
    AT_LINE(&s, look_inside(&s, i, "CANARY", 1, 2 + 1)); /* with the record of the agreement */
    AT_LINE(&s, read_is(&s, safety, i, agent, REGISTER, "CANARY-AGENT"));
    AT_LINE(&s, read_is(&s, legal, i, worker, REGISTER, "Ida CANARY-WORKER"));
    static const char *const others[] = {"<purposes.account_provisioning>",
                                         "<purposes.direct_marketing>", "<purposes.disputes>",
                                         "<purposes.user_directory>", "<purposes.support>"};
    for (size_t p = 0; p < LENGTH(others); p++) {
        ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/read", STR_ARG(i)),
            "{'purpose':'%s','items':['%.*s']}", others[p], STR_ARG(worker));
        IS(&s, 403);
    }

    in_sixty_years(&s, i, agent, safety);
    stage_close(&s);
}

/* ---- S22 ---- */

struct customer {
    str q, domain, registrar, name, mail, phone, street;
    size_t administration;
};

#define STREET_BEFORE "CANARY-STREET 1"
#define STREET_AFTER  "CANARY-STREET 2"

static void put(struct stage *s, const char *path, str body)
{
    ask(s, 0, "POST", str_from(path), body);
    IS(s, 201);
}

static struct customer become_customer(struct stage *s, str *agreement)
{
    struct customer c = {.administration = hire(s, "<staff.administration>")};
    str clerk = s->who[c.administration].staff;
    put(s, "/v1/evidence", said(s, "{'type':'training','actor':'%.*s'}", STR_ARG(clerk)));
    put(s, "/v1/matters", said(s, "{'kind':'<matters.domain>','number':'example.no'}"));
    c.domain = got(s, "id");
    put(s, "/v1/parties",
        said(s, "{'kind':'<recipients.registrar>','name':'Norid Eksempel',"
                "'zone':'eea'}"));
    c.registrar = got(s, "id");
    put(s, "/v1/evidence",
        said(s,
             "{'type':'<evidence.supplies>','party':'%.*s','matter':'%.*s',"
             "'particulars':{'<asks.document>':'contract-9'}}",
             STR_ARG(c.registrar), STR_ARG(c.domain)));
    c.q = create_person(s, "Q-1", "");
    put(s, "/v1/agreements", said(s, "{'subject':'%.*s'}", STR_ARG(c.q)));
    *agreement = got(s, "record");
    /* A type that bears its kind's name keeps it in every cast. */
    put(s, "/v1/notices",
        said(s, "{'type':'acknowledgement','subject':'%.*s','version':'2018-07'}", STR_ARG(c.q)));
    put(s, "/v1/evidence",
        said(s,
             "{'type':'<evidence.order>','subject':'%.*s','matter':'%.*s',"
             "'particulars':{'<asks.number>':'26-17'}}",
             STR_ARG(c.q), STR_ARG(c.domain)));
    collect(s, c.q, "<intakes.registration>", "<sources.registration>", STR(""),
            "'<fields.identification.name>':'Quentin Prøve','<fields.contact.email>':"
            "'quentin@canary-q.example','<fields.contact.phone>':'+47 40 00 00 02',"
            "'<fields.address.street>':'" STREET_BEFORE "'");
    IS(s, 201);
    c.name = item_of(s, "<fields.identification.name>");
    c.mail = item_of(s, "<fields.contact.email>");
    c.phone = item_of(s, "<fields.contact.phone>");
    c.street = item_of(s, "<fields.address.street>");
    return c;
}

static void share_with_registrar(struct stage *s, const struct customer *c, str item)
{
    ask(s, c->administration, "POST", said(s, "/v1/subjects/%.*s/share", STR_ARG(c->q)),
        said(s,
             "{'purpose':'<purposes.registrar_ssl_supply>','recipient':'<recipients.registrar>',"
             "'party':'%.*s','matter':'%.*s','items':['%.*s']}",
             STR_ARG(c->registrar), STR_ARG(c->domain), STR_ARG(item)));
}

static void use_for_delivery(struct stage *s, const struct customer *c)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/use", STR_ARG(c->q)),
        said(s, "{'purpose':'<purposes.deliver_services>','items':['%.*s']}", STR_ARG(c->mail)));
}

/* Does the person's own copy hold this text? */
static bool copy_holds(struct stage *s, const struct customer *c, const char *kind,
                       const char *text)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/%s", STR_ARG(c->q), kind),
        STR("{\"by_subject\":true}"));
    IS(s, 200);
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static void stored_only(struct stage *s, const struct customer *c, const char *street)
{
    size_t clerk = c->administration;
    read_no(s, clerk, c->q, c->street, "<purposes.invoicing>", "HOS-51");
    read_no(s, clerk, c->q, c->street, "<purposes.customer_service>", "HOS-51");
    share_with_registrar(s, c, c->street);
    must_refuse(s, "HOS-51", NULL);
    assert_true(copy_holds(s, c, "access", street)); /* Q's own view works */
    assert_false(copy_holds(s, c, "portability", street));
}

/* Its grounds have ended: no use is open, and yet it is not erased. */
static void stored_only_after_its_end(struct stage *s, const struct customer *c, const char *street)
{
    ask(s, c->administration, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(c->q)),
        said(s, "{'purpose':'<purposes.invoicing>','items':['%.*s']}", STR_ARG(c->street)));
    IS(s, 403);
    share_with_registrar(s, c, c->street);
    IS(s, 403);
    assert_true(copy_holds(s, c, "access", street));
    assert_false(copy_holds(s, c, "portability", street));
}

static void nothing_restricted_yet(struct stage *s, const struct customer *c)
{
    read_is(s, c->administration, c->q, c->street, "<purposes.invoicing>", STREET_BEFORE);
    use_for_delivery(s, c);
    IS(s, 200);
    share_with_registrar(s, c, c->street);
    IS(s, 200);
    assert_true(copy_holds(s, c, "portability", STREET_BEFORE));
}

static str contest_the_address(struct stage *s, const struct customer *c)
{
    str path = said(s, "/v1/subjects/%.*s/restrictions", STR_ARG(c->q));
    ask(s, 0, "POST", path, said(s, "{'reason':'accuracy','fields':['<fields.address.street>']}"));
    IS(s, 409); /* delivery will stop: warn first */
    ask(s, 0, "POST", path,
        said(s, "{'reason':'accuracy','fields':['<fields.address.street>'],'warned':true}"));
    IS(s, 201);
    return got(s, "record");
}

void s22_restriction(const struct cast *cast)
{
    struct stage s;
    str agreement;
    stage_open(&s, cast, HOSTING, "2026-01-10 09:00");
    struct customer c = AT_LINE(&s, become_customer(&s, &agreement));
    clock_to(&s, "2026-02-02 12:00");
    AT_LINE(&s, nothing_restricted_yet(&s, &c));

    clock_to(&s, "2026-02-03 09:00");
    str restriction = AT_LINE(&s, contest_the_address(&s, &c));
    AT_LINE(&s, stored_only(&s, &c, STREET_BEFORE));
    AT_LINE(&s, use_for_delivery(&s, &c));
    must_refuse(&s, "HOS-52", NULL); /* delivery is off */
    AT_LINE(&s, read_is(&s, c.administration, c.q, c.mail, "<purposes.invoicing>",
                        "quentin@canary-q.example"));
    ASK(&s, 0, "POST", STR("/v1/backup"), "{'name':'restricted'}");
    IS(&s, 200);
    AT_LINE(&s, look_inside(&s, c.q, STREET_BEFORE, 1, 7)); /* four items, three records */

    ASK(&s, 0, "POST", PATH(&s, "/v1/evidence/%.*s/%.*s/end", STR_ARG(c.q), STR_ARG(agreement)),
        "{'on':'2026-02-10'}");
    DONE(&s);
    clock_to(&s, "2026-02-09 23:59:59");
    AT_LINE(&s,
            read_is(&s, c.administration, c.q, c.phone, "<purposes.invoicing>", "+47 40 00 00 02"));
    clock_to(&s, "2026-02-10 00:00");
    AT_LINE(&s, gone(&s, c.administration, c.q, c.phone, "<purposes.invoicing>"));
    AT_LINE(&s, gone(&s, c.administration, c.q, c.mail, "<purposes.invoicing>"));
    AT_LINE(&s, stored_only_after_its_end(&s, &c, STREET_BEFORE));

    clock_to(&s, "2026-02-20 10:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/rectify", STR_ARG(c.q)),
        "{'item':'%.*s','value':'" STREET_AFTER "','by_subject':true}", STR_ARG(c.street));
    DONE(&s);
    str old = c.street;
    c.street = got(&s, "record");
    AT_LINE(&s, gone(&s, c.administration, c.q, old, "<purposes.invoicing>"));
    assert_true(copy_holds(&s, &c, "access", STREET_AFTER));
    assert_false(copy_holds(&s, &c, "access", STREET_BEFORE));
    str path = said(&s, "/v1/subjects/%.*s/restrictions/%.*s", STR_ARG(c.q), STR_ARG(restriction));
    ASK(&s, 0, "POST", PATH(&s, "%.*s/lift", STR_ARG(path)), "%s", "");
    must_refuse(&s, "HOS-53", "notice");
    ASK(&s, 0, "POST", PATH(&s, "%.*s/tell", STR_ARG(path)), "%s", "");
    DONE(&s);
    clock_to(&s, "2026-02-21 10:00");
    assert_true(copy_holds(&s, &c, "access", STREET_AFTER));
    ASK(&s, 0, "POST", PATH(&s, "%.*s/lift", STR_ARG(path)), "%s", "");
    DONE(&s);
    AT_LINE(&s, gone(&s, c.administration, c.q, c.street, "<purposes.invoicing>"));
    AT_LINE(&s, found_is(&s, "<fields.address.street>", STREET_BEFORE, 0));
    AT_LINE(&s, found_is(&s, "<fields.address.street>", STREET_AFTER, 0));
    AT_LINE(&s, look_inside(&s, c.q, "CANARY-STREET", 0, 0));
    stage_close(&s);
}
