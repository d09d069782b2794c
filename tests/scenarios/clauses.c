/* Clauses that the engine holds outside of the gates, each on the policy that says it, unchanged:
 * of what a value may be made, and who records what opens another's role. */
#include "scenario.h"

/* ---- what is made of other data ---- */

struct making {
    const char *purpose, *category, *field; /* what is made, and for what */
    const char *id;                         /* of the clause */
};

static str taken(struct stage *s, str person, const char *intake, const char *source,
                 const char *field, const char *value)
{
    collect(s, person, intake, source, STR(""),
            arena_c_string(s->arena, said(s, "'%s':'%s'", field, value)));
    IS(s, 201);
    return item_of(s, field);
}

static void make_of(struct stage *s, const struct making *making, str person, str items)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/derive", STR_ARG(person)),
        said(s, "{'purpose':'%s','items':[%.*s],'values':{'%s':'CANARY-MADE'}}", making->purpose,
             STR_ARG(items), making->field));
}

static str one(struct stage *s, str item)
{
    return said(s, "'%.*s'", STR_ARG(item));
}

static void is_made(struct stage *s, const struct making *making, str person, str item)
{
    make_of(s, making, person, one(s, item));
    IS(s, 201);
    str made = item_of(s, making->field);
    read_is(s, 0, person, made, making->purpose, "CANARY-MADE");
}

static void is_not_made(struct stage *s, const struct making *making, str person, str items)
{
    const char *rule =
        arena_c_string(s->arena, said(s, "categories.%s.made_from", making->category));
    make_of(s, making, person, items);
    must_refuse_by(s, rule);
    must_refuse(s, making->id, NULL);
}

/* Neither typed in, nor made of what was itself made. */
static void is_only_made(struct stage *s, const struct making *making, str person, str listed,
                         const char *intake, const char *source)
{
    const char *rule =
        arena_c_string(s->arena, said(s, "categories.%s.made_from", making->category));
    collect(s, person, intake, source, STR(""),
            arena_c_string(s->arena, said(s, "'%s':'CANARY-TYPED'", making->field)));
    must_refuse_by(s, rule);
    make_of(s, making, person, one(s, listed));
    IS(s, 201);
    is_not_made(s, making, person, one(s, item_of(s, making->field)));
}

#define SITE    "<intakes.site_use>"
#define GENERAL "<intakes.general>"

void a_profile_is_made_of_what_is_listed(const struct cast *cast)
{
    static const struct making profile = {"<purposes.interest_profiles>", "<categories.profile>",
                                          "<fields.profile.interest>", "CON-69"};
    static const struct {
        const char *intake, *source, *field, *value;
    } listed[] = {
        {SITE, "<sources.tracking>", "<fields.user_web.ip>", "192.0.2.7"},
        {SITE, "<sources.tracking>", "<fields.user_web.username>", "per.p"},
        {SITE, "<sources.tracking>", "<fields.behaviour.click>", "courses"},
        {SITE, "<sources.tracking>", "<fields.behaviour.device>", "a telephone"},
        {GENERAL, "<sources.person>", "<fields.company_relationship.company>", "Eksempel AS"},
        {GENERAL, "<sources.person>", "<fields.company_relationship.since>", "2020-01-01"},
    };
    struct stage s;
    str item = STR("");
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    AT_LINE(&s, weigh(&s, profile.purpose));
    ASK(&s, 0, "POST", STR("/v1/evidence"),
        "{'type':'<evidence.work_tool_review>','purpose':'<purposes.interest_profiles>',"
        "'particulars':{'<asks.reason>':'reviewed'}}");
    IS(&s, 201);
    str p = create_person(&s, "P-1", "'<roles.account_user>','<roles.lead>','<roles.mail_reader>'");
    AT_LINE(&s, happen(&s, p, "<events.activity>", STR("")));
    for (size_t i = 0; i < LENGTH(listed); i++) {
        item = AT_LINE(
            &s, taken(&s, p, listed[i].intake, listed[i].source, listed[i].field, listed[i].value));
        AT_LINE(&s, is_made(&s, &profile, p, item));
    }
    str mail = AT_LINE(&s, taken(&s, p, GENERAL, "<sources.person>", "<fields.basic.email>",
                                 "per@canary-p.example"));
    AT_LINE(&s, is_not_made(&s, &profile, p, one(&s, mail)));
    AT_LINE(&s,
            is_not_made(&s, &profile, p, said(&s, "'%.*s','%.*s'", STR_ARG(item), STR_ARG(mail))));
    str opened = AT_LINE(&s, taken(&s, p, "<intakes.mail_use>", "<sources.tracking>",
                                   "<fields.behaviour.mail_open>", "yes"));
    AT_LINE(&s, is_not_made(&s, &profile, p, one(&s, opened)));
    AT_LINE(&s, is_only_made(&s, &profile, p, item, SITE, "<sources.tracking>"));
    stage_close(&s);
}

void a_suggestion_is_made_of_what_one_did_on_the_site(const struct cast *cast)
{
    static const struct making suggestion = {"<purposes.personalised_offers>",
                                             "<categories.suggestions>",
                                             "<fields.suggestions.product>", "COB-18"};
    static const char *const listed[] = {"<fields.browsing.time_on_site>", "<fields.browsing.page>",
                                         "<fields.browsing.navigation>",
                                         "<fields.browsing.interaction>"};
    struct stage s;
    str item = STR("");
    stage_open(&s, cast, COBUILDER, "2026-03-02 09:00");
    AT_LINE(&s, weigh(&s, suggestion.purpose));
    str g = create_person(&s, "G-1", "'<roles.user>','<roles.newsletter_reader>'");
    for (size_t i = 0; i < LENGTH(listed); i++) {
        item = AT_LINE(
            &s, taken(&s, g, "<intakes.use>", "<sources.use_of_service>", listed[i], "doors"));
        AT_LINE(&s, is_made(&s, &suggestion, g, item));
    }
    str mail = AT_LINE(&s, taken(&s, g, "<intakes.newsletter>", "<sources.person>",
                                 "<fields.contact.work_email>", "gro@canary-g.example"));
    AT_LINE(&s, is_not_made(&s, &suggestion, g, one(&s, mail)));
    AT_LINE(&s, is_not_made(&s, &suggestion, g,
                            said(&s, "'%.*s','%.*s'", STR_ARG(item), STR_ARG(mail))));
    AT_LINE(&s,
            is_only_made(&s, &suggestion, g, item, "<intakes.use>", "<sources.use_of_service>"));
    stage_close(&s);
}

/* ---- a delegation ---- */

static void delegate(struct stage *s, size_t who, str to)
{
    ask(s, who, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.delegation>','actor':'%.*s','particulars':{'<asks.from>':'the "
             "chief executive','<asks.to>':'D','<asks.document>':'26/1'}}",
             STR_ARG(to)));
}

/* What a delegate alone may put on file. */
static void own_ground(struct stage *s, size_t who, str person)
{
    ask(s, who, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.own_ground>','subject':'%.*s','purpose':'<purposes.other_ground>',"
             "'particulars':{'<asks.law>':'the law','<asks.reason>':'it orders it'}}",
             STR_ARG(person)));
}

void a_delegation_is_the_chief_executives_to_give(const struct cast *cast)
{
    static const char rule[] = "evidence.<evidence.delegation>.by";
    struct stage s;
    stage_open(&s, cast, CLOUDBERRIES, "2026-03-02 09:00");
    size_t d = hire(&s, "<staff.controller_delegate>"), chief = hire(&s, "<staff.chief_executive>"),
           archivist = hire(&s, "<staff.archivist>"), e = hire(&s, "<staff.controller_delegate>");
    const size_t others[] = {0, d, archivist, e};
    str p = create_person(&s, "P-1", "'<roles.customer>'");
    for (size_t i = 0; i < LENGTH(others); i++) {
        AT_LINE(&s, delegate(&s, others[i], s.who[d].staff));
        must_refuse_by(&s, rule);
        must_refuse(&s, "CLO-41", NULL);
    }
    AT_LINE(&s, delegate(&s, chief, s.who[chief].staff)); /* nobody records about themselves */
    must_refuse_by(&s, rule);
    AT_LINE(&s, own_ground(&s, d, p));
    IS(&s, 403);
    AT_LINE(&s, delegate(&s, chief, s.who[d].staff));
    IS(&s, 201);
    AT_LINE(&s, own_ground(&s, d, p));
    IS(&s, 201);
    AT_LINE(&s, own_ground(&s, e, p)); /* one delegation is nobody else's */
    IS(&s, 403);
    AT_LINE(&s, delegate(&s, d, s.who[e].staff)); /* and is not passed on */
    must_refuse_by(&s, rule);
    stage_close(&s);
}
