/* Access to a service: of people of two organisations, whose roles, agreements and data come and
 * go. What decides is the purpose that delivers it; no list of accounts is kept that could say
 * otherwise. */
#include "scenario.h"

#define APPS "<purposes.deliver_apps>"

static str organisation(struct stage *s, const char *number)
{
    ask(s, 0, "POST", STR("/v1/matters"),
        said(s, "{'kind':'<matters.customer>','number':'%s'}", number));
    IS(s, 201);
    str id = got(s, "id");
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.app_listed>','matter':'%.*s','particulars':"
             "{'<asks.link_to_policy>':'https://app.example/privacy'}}",
             STR_ARG(id)));
    IS(s, 201);
    return id;
}

static str agree(struct stage *s, str organisation)
{
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'matter':'%.*s'}", STR_ARG(organisation)));
    IS(s, 201);
    return got(s, "record");
}

static void role(struct stage *s, str person, str organisation, const char *rest)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/roles", STR_ARG(person)),
        said(s, "{'role':'<roles.account_holder>','matter':'%.*s'%s}", STR_ARG(organisation),
             rest));
}

static void service(struct stage *s, str person, str organisation)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/service", STR_ARG(person)),
        said(s, "{'purpose':'" APPS "','matter':'%.*s'}", STR_ARG(organisation)));
    IS(s, 200);
}

static void open_is(struct stage *s, str person, str organisation)
{
    bool open = false;
    service(s, person, organisation);
    if (!json_bool(json_get(s->json, "open"), &open) || !open)
        fail_msg("line %d: it is closed: %.*s", s->line, STR_ARG(s->body));
}

static void closed_by(struct stage *s, str person, str organisation, const char *rule,
                      const char *lacking)
{
    bool open = true, named = false;
    str text;
    service(s, person, organisation);
    const struct json *reason = json_get(s->json, "closed_by");
    if (!json_bool(json_get(s->json, "open"), &open) || open || reason == NULL)
        fail_msg("line %d: it is open: %.*s", s->line, STR_ARG(s->body));
    assert_true(json_str(json_get(reason, "rule"), &text));
    if (!str_is(text, N(s, rule)))
        fail_msg("line %d: closed by %.*s", s->line, STR_ARG(text));
    for (JSON_EACH(one, json_get(reason, "lacks")))
        named |= json_str(one, &text) && str_is(text, N(s, lacking));
    if (!named)
        fail_msg("line %d: %s is not named: %.*s", s->line, lacking, STR_ARG(s->body));
}

static void end_agreement(struct stage *s, str organisation, str record, const char *body)
{
    ask(s, 0, "POST", said(s, "/v1/evidence/%.*s/%.*s/end", STR_ARG(organisation), STR_ARG(record)),
        said(s, "%s", body));
}

/* Each act that would close it says so first, and changes nothing. */
static void acts_warn(struct stage *s, str nils, str second, str login)
{
    AT_LINE(s, role(s, nils, second, ",'ends':true"));
    IS(s, 409);
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/rectify", STR_ARG(nils)),
        "{'item':'%.*s','value':''}", STR_ARG(login));
    IS(s, 409);
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/restrictions", STR_ARG(nils)),
        "{'reason':'accuracy','fields':['<fields.contact.work_email>']}");
    IS(s, 409);
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/erase", STR_ARG(nils)), "{}");
    IS(s, 409);
    AT_LINE(s, open_is(s, nils, second));
}

void access_follows_the_organisation(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-02-02 09:00");
    str first = AT_LINE(&s, organisation(&s, "ORG-1")), other = organisation(&s, "ORG-2");
    str ended = AT_LINE(&s, agree(&s, first));
    (void)AT_LINE(&s, agree(&s, other));
    str nils = create_person(&s, "N-1", ""), mona = create_person(&s, "M-1", "");

    /* Named, and without the data: closed. With it: open where he is named, and nowhere else. */
    AT_LINE(&s, role(&s, nils, first, ""));
    DONE(&s);
    AT_LINE(&s, closed_by(&s, nils, first, "purposes." APPS ".requires",
                          "<fields.contact.work_email>"));
    AT_LINE(&s, collect(&s, nils, "<intakes.app_account>", "<sources.person>", first,
                        "'<fields.contact.name>':'Nils','<fields.contact.work_email>':"
                        "'nils@canary-n.example','<fields.account.login_id>':'nils-1'"));
    IS(&s, 201);
    str login = item_of(&s, "<fields.account.login_id>");
    AT_LINE(&s, open_is(&s, nils, first));
    AT_LINE(&s, closed_by(&s, nils, other, "purposes." APPS ".roles", "<roles.account_holder>"));
    AT_LINE(&s, closed_by(&s, mona, first, "purposes." APPS ".roles", "<roles.account_holder>"));

    /* The first organisation ends. He keeps what the other opens; its agreement opens that alone.
     */
    AT_LINE(&s, role(&s, nils, other, ""));
    DONE(&s);
    AT_LINE(&s, open_is(&s, nils, other));
    AT_LINE(&s, end_agreement(&s, first, ended, "{}"));
    IS(&s, 409);
    AT_LINE(&s, open_is(&s, nils, first));
    AT_LINE(&s, end_agreement(&s, first, ended, "{'on':'2026-03-01'}"));
    IS(&s, 409);
    AT_LINE(&s, end_agreement(&s, first, ended, "{'on':'2026-03-01','warned':true}"));
    DONE(&s);
    clock_to(&s, "2026-02-28 23:59:59");
    AT_LINE(&s, open_is(&s, nils, first));
    clock_to(&s, "2026-03-01 00:00");
    AT_LINE(&s, closed_by(&s, nils, first, "purposes." APPS ".basis", "agreement"));
    AT_LINE(&s, open_is(&s, nils, other));

    AT_LINE(&s, acts_warn(&s, nils, other, login));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/restrictions", STR_ARG(nils)),
        "{'reason':'accuracy','fields':['<fields.contact.work_email>'],'warned':true}");
    IS(&s, 201);
    AT_LINE(&s, closed_by(&s, nils, other, "purposes." APPS ".requires",
                          "<fields.contact.work_email>"));
    AT_LINE(&s, role(&s, nils, other, ",'ends':true")); /* it is closed: nothing to warn of */
    DONE(&s);
    AT_LINE(&s, closed_by(&s, nils, other, "purposes." APPS ".roles", "<roles.account_holder>"));
    stage_close(&s);
}
