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
