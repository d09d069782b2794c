/* Own scenarios, each on a policy other than those that suggested it: a profile and what a machine
 * makes of it, a live capture that ends with a no that is still to be weighed, and what cookies
 * tell when there are switches and signals. */
#include <string.h>

#include "scenario.h"

static void post_to(struct stage *s, size_t who, str person, const char *leaf, const char *body)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/%s", STR_ARG(person), leaf),
        said(s, "%s", N(s, body)));
}

static void agrees(struct stage *s, str person, const char *purpose)
{
    post_to(s, 0, person, "consents",
            arena_c_string(
                s->arena, said(s, "{'purpose':'%s','wording':'yes','given_by':'click'}", purpose)));
    DONE(s);
}

static void withdraws(struct stage *s, str person, const char *purpose)
{
    post_to(s, 0, person, "withdrawals",
            arena_c_string(s->arena, said(s, "{'purpose':'%s'}", purpose)));
    DONE(s);
}

/* ---- profiles and decisions ---- */

#define GUESS "liking.guess"

static void add_profile(struct cast *cast)
{
    struct stage names = {.cast = cast, .policy = CLOUDBERRIES, .arena = cast->arena};
    cast_change(cast, CLOUDBERRIES, "\nsets:\n",
                N(&names, "\n  liking: { says: { nb: Antatt interesse }, fields: { guess: text }, "
                          "made_from: [<fields.behaviour.page>] }\n\nsets:\n"));
    cast_change(cast, CLOUDBERRIES, "\nintakes:\n",
                N(&names,
                  "\n  assess: { says: { nb: Anta hva du liker }, basis: consent, profiling: true, "
                  "roles: all, uses: [<fields.behaviour.page>, <fields.contact.email>, liking], "
                  "keep: end of consent }\n"
                  "  grant: { says: { nb: Gi kreditt }, basis: consent, decides: true, roles: all, "
                  "uses: [liking], keep: none }\n"
                  "  rank: { says: { nb: Rangere kunder }, basis: legitimate_interest, decides: "
                  "true, roles: all, uses: [liking], keep: none }\n\nintakes:\n"));
    cast_change(cast, CLOUDBERRIES, "\nrights:\n",
                "\n  reviewer: { for: [grant], may: [read, decide_requests] }\n\nrights:\n");
}

static str visits(struct stage *s, str person, const char *page)
{
    collect(s, person, "<intakes.site_use>", "<sources.site>", STR(""),
            arena_c_string(s->arena, said(s, "'<fields.behaviour.page>':'%s'", page)));
    IS(s, 201);
    return item_of(s, "<fields.behaviour.page>");
}

static void derive(struct stage *s, str person, const char *purpose, str items)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/derive", STR_ARG(person)),
        said(s, "{'purpose':'%s','items':[%.*s],'values':{'" GUESS "':'CANARY-LIKING'}}", purpose,
             STR_ARG(items)));
}

static void rule(struct stage *s, str person, const char *purpose, str item)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/decisions", STR_ARG(person)),
        said(s,
             "{'purpose':'%s','items':['%.*s'],'outcome':'no credit CANARY-NO','logic':'fewer than "
             "three pages CANARY-WHY'}",
             purpose, STR_ARG(item)));
}

static void state_is(struct stage *s, str person, const char *state, bool in_effect)
{
    str there;
    bool effect = !in_effect;
    ask(s, 0, "GET", said(s, "/v1/subjects/%.*s/decisions", STR_ARG(person)), STR(""));
    IS(s, 200);
    const struct json *only = got_json(s, "decisions")->child;
    assert_true(json_str(json_get(only, "state"), &there));
    assert_true(json_bool(json_get(only, "in_effect"), &effect));
    if (!str_is(there, state) || effect != in_effect)
        fail_msg("line %d: wanted %s: %.*s", s->line, state, STR_ARG(s->body));
}

static void tells(struct stage *s, str person, const char *text)
{
    post_to(s, 0, person, "access", "{'by_subject':true}");
    IS(s, 200);
    if (memmem(s->body.ptr, s->body.len, text, strlen(text)) == NULL)
        fail_msg("line %d: %s is not told: %.*s", s->line, text, STR_ARG(s->body));
}

/* A human looks at what a machine decided; an application does not. */
static void a_human_looks(struct stage *s, str person, str liking)
{
    size_t reviewer = hire(s, "reviewer"), seller = hire(s, "<staff.seller>");
    AT_LINE(s, rule(s, person, "assess", liking));
    must_refuse_by(s, "purposes.assess.decides");
    AT_LINE(s, rule(s, person, "rank", liking));
    must_refuse_by(s, "always.no_decision_without_ground");
    AT_LINE(s, rule(s, person, "grant", liking));
    must_refuse_by(s, "purposes.grant"); /* it reaches nothing before the consent */
    agrees(s, person, "grant");
    AT_LINE(s, rule(s, person, "grant", liking));
    IS(s, 201);
    str ruling = got(s, "record");
    const char *review =
        arena_c_string(s->arena, arena_format(s->arena, "decisions/%.*s/review", STR_ARG(ruling)));
    const char *reviewed = arena_c_string(
        s->arena, arena_format(s->arena, "decisions/%.*s/reviewed", STR_ARG(ruling)));
    const char *over = "{'upheld':false,'reasons':'CANARY-REASON'}";
    AT_LINE(s, state_is(s, person, "stands", true));
    AT_LINE(s, tells(s, person, "CANARY-WHY"));
    AT_LINE(s, post_to(s, reviewer, person, reviewed, over));
    IS(s, 409); /* nobody asked */
    AT_LINE(s, post_to(s, 0, person, review, ""));
    IS(s, 201);
    str task = got(s, "record");
    AT_LINE(s, post_to(s, 0, person, review, ""));
    IS(s, 409);
    AT_LINE(s, state_is(s, person, "under_review", false));
    ASK(s, 0, "POST", PATH(s, "/v1/tasks/%.*s/%.*s/done", STR_ARG(person), STR_ARG(task)), "%s",
        "");
    IS(s, 409); /* work that a system does is no review */
    AT_LINE(s, post_to(s, 0, person, reviewed, over));
    IS(s, 403);
    AT_LINE(s, post_to(s, seller, person, reviewed, over));
    IS(s, 403);
    AT_LINE(s, post_to(s, reviewer, person, reviewed, "{'upheld':false,'reasons':''}"));
    IS(s, 422);
    AT_LINE(s, post_to(s, reviewer, person, reviewed, over));
    DONE(s);
    AT_LINE(s, state_is(s, person, "over", false));
    AT_LINE(s, post_to(s, 0, person, review, ""));
    IS(s, 409); /* nothing is left to be reviewed */
    AT_LINE(s, tells(s, person, "CANARY-REASON"));
}

void a_profile_goes_with_what_it_was_made_from(const struct cast *cast)
{
    struct stage s;
    struct cast changed = *cast;
    add_profile(&changed);
    stage_open(&s, &changed, CLOUDBERRIES, "2026-03-01 10:00");
    str p = create_person(&s, "P-1", "'<roles.visitor>','<roles.interested>'");
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s'}", STR_ARG(p));
    IS(&s, 201);
    agrees(&s, p, "<purposes.behaviour_recording>");
    str one = visits(&s, p, "CANARY-ONE");
    str both = said(&s, "'%.*s','%.*s'", STR_ARG(one), STR_ARG(visits(&s, p, "CANARY-TWO")));
    AT_LINE(&s, derive(&s, p, "assess", both)); /* the consent to record is none to assess */
    must_refuse_by(&s, "purposes.assess");
    agrees(&s, p, "assess");
    agrees(&s, p, "<purposes.follow_up>");
    AT_LINE(&s, derive(&s, p, "<purposes.follow_up>", both));
    must_refuse_by(&s, "purposes.<purposes.follow_up>.profiling");
    collect(&s, p, "<intakes.web_form>", "<sources.person>", STR(""),
            "'<fields.contact.email>':'p@canary.example'");
    IS(&s, 201);
    str mail = item_of(&s, "<fields.contact.email>");
    AT_LINE(&s, derive(&s, p, "assess", said(&s, "%.*s,'%.*s'", STR_ARG(both), STR_ARG(mail))));
    must_refuse_by(&s, "categories.liking.made_from"); /* one of three is outside the list */
    AT_LINE(&s, derive(&s, p, "assess", STR("'AAECAwQFBgcICQoLDA0ODw'")));
    IS(&s, 403);
    AT_LINE(&s, derive(&s, p, "assess", STR("")));
    IS(&s, 422);
    AT_LINE(&s, collect(&s, p, "<intakes.site_use>", "<sources.site>", STR(""),
                        "'" GUESS "':'CANARY-LIKING'"));
    must_refuse_by(&s, "categories.liking.made_from");
    AT_LINE(&s, derive(&s, p, "assess", both));
    IS(&s, 201);
    str liking = item_of(&s, GUESS);
    AT_LINE(&s, a_human_looks(&s, p, liking));

    /* Of its inputs one goes, and it stays; with the other it goes, though nobody took back assess.
     */
    withdraws(&s, p, "<purposes.behaviour_recording>");
    AT_LINE(&s, read_is(&s, 0, p, liking, "assess", "CANARY-LIKING"));
    AT_LINE(&s, tells(&s, p, "made_from"));
    post_to(&s, 0, p, "erase", "{'fields':['<categories.behaviour>'],'warned':true}");
    IS(&s, 200);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/read", STR_ARG(p)),
        "{'purpose':'assess','items':['%.*s']}", STR_ARG(liking));
    IS(&s, 403);
    post_to(&s, 0, p, "access", "{'by_subject':true}");
    IS(&s, 200); /* of the decision that rested on it the explanation stays */
    assert_null(memmem(s.body.ptr, s.body.len, "CANARY-LIKING", 13));
    assert_non_null(memmem(s.body.ptr, s.body.len, "CANARY-WHY", 10));
    AT_LINE(&s, look_inside(&s, p, "CANARY", 1, 8));
    stage_close(&s);
}

/* ---- a capture that ends with a no ---- */

void a_capture_ends_with_a_no_that_is_still_to_be_weighed(const struct cast *cast)
{
    struct stage s;
    struct cast changed = *cast;
    struct stage names = {.cast = cast, .policy = COBUILDER, .arena = cast->arena};
    cast_change(
        &changed, COBUILDER, N(&names, "    for: [<purposes.piracy_enforcement>]\n    optional:"),
        N(&names, "    for: [<purposes.piracy_enforcement>]\n    live: true\n    optional:"));
    stage_open(&s, &changed, COBUILDER, "2026-04-07 10:00");
    weigh(&s, "<purposes.piracy_enforcement>");
    str u = create_person(&s, "U-1", "'<roles.illegal_copy_user>'");
    const char *piece = "'<fields.illegal_copy.licence_id>':'CANARY-LICENCE'";
    const char *begin = "{'intake':'<intakes.piracy>','source':'<sources.sourcing>'}";
    AT_LINE(&s, collect(&s, u, "<intakes.piracy>", "<sources.sourcing>", STR(""), piece));
    must_refuse(&s, "COB-104", "recording");
    AT_LINE(&s, post_to(&s, 0, u, "recordings", "{'intake':'<intakes.registration>'}"));
    must_refuse_by(&s, "intakes.<intakes.registration>.live"); /* unsent text is nobody's to take */
    AT_LINE(&s, post_to(&s, 0, u, "recordings", begin));
    IS(&s, 201);
    AT_LINE(&s, collect(&s, u, "<intakes.piracy>", "<sources.sourcing>", STR(""), piece));
    IS(&s, 201);
    str taken = item_of(&s, "<fields.illegal_copy.licence_id>");

    /* A day later it has ended by itself, and what it took stays for its one purpose. */
    clock_to(&s, "2026-04-08 10:00");
    AT_LINE(&s, collect(&s, u, "<intakes.piracy>", "<sources.sourcing>", STR(""), piece));
    must_refuse(&s, "COB-104", "recording");
    AT_LINE(&s, post_to(&s, 0, u, "recordings", begin));
    IS(&s, 201);
    clock_to(&s, "2026-04-08 10:05");
    AT_LINE(&s, collect(&s, u, "<intakes.piracy>", "<sources.sourcing>", STR(""), piece));
    IS(&s, 201);
    str second = item_of(&s, "<fields.illegal_copy.licence_id>");
    clock_to(&s, "2026-04-08 10:06");
    AT_LINE(&s, post_to(&s, 0, u, "objections", "{'purpose':'<purposes.piracy_enforcement>'}"));
    IS(&s, 201);
    str objection = got(&s, "record");
    AT_LINE(&s, gone(&s, 0, u, second, "<purposes.piracy_enforcement>"));
    AT_LINE(&s, post_to(&s, 0, u, "recordings", begin));
    must_refuse_by(&s, "always.recording_ends_on_objection");

    /* Dismissed, the first is there again; the second is not, and nothing runs. */
    AT_LINE(&s, post_to(&s, 0, u,
                        arena_c_string(s.arena, arena_format(s.arena, "objections/%.*s/decision",
                                                             STR_ARG(objection))),
                        "{'upheld':false,'reasons':'a claim is on its way'}"));
    DONE(&s);
    AT_LINE(&s, collect(&s, u, "<intakes.piracy>", "<sources.sourcing>", STR(""), piece));
    must_refuse(&s, "COB-104", "recording");
    ASK(&s, 0, "GET", PATH(&s, "/v1/subjects/%.*s", STR_ARG(u)), "%s", "");
    assert_non_null(memmem(s.body.ptr, s.body.len, taken.ptr, taken.len));
    assert_null(memmem(s.body.ptr, s.body.len, second.ptr, second.len));
    stage_close(&s);
}

/* ---- what cookies tell ---- */

static void page_seen(struct stage *s, str person, const char *cookie)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        said(s,
             "{'intake':'<intakes.site_visit>','source':'<sources.use_of_service>','cookie':'%s',"
             "'values':{'<fields.web.cookie_id>':'CANARY-7f3a'},'optional':["
             "'<fields.web.cookie_id>']}",
             cookie));
}

static void may_be_read(struct stage *s, str person, const char *cookie, int code)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/cookies", STR_ARG(person)),
        said(s, "{'cookie':'%s','reads':true}", cookie));
    IS(s, code);
}

void each_cookie_tells_under_its_own_yes(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, HOSTING, "2026-02-01 10:00");
    str v = create_person(&s, "V-1", "'<roles.site_visitor>'");
    AT_LINE(&s,
            may_be_read(&s, v, "<cookies.login>", 200)); /* necessary: signing in needs no yes */
    AT_LINE(&s, may_be_read(&s, v, "<cookies.usage>", 403));
    agrees(&s, v, "<purposes.traffic_usage_analysis>");
    AT_LINE(&s, may_be_read(&s, v, "<cookies.usage>", 200));
    AT_LINE(&s, may_be_read(&s, v, "<cookies.identify>", 403));
    AT_LINE(&s, page_seen(&s, v, "<cookies.identify>")); /* the same field, by the other cookie */
    must_refuse(&s, "HOS-64", "consent");
    AT_LINE(&s, page_seen(&s, v, "<cookies.login>")); /* the necessary one reads nothing */
    must_refuse_by(&s, "cookies.<cookies.login>.reads");
    AT_LINE(&s, page_seen(&s, v, "<cookies.usage>"));
    IS(&s, 201);
    str seen = item_of(&s, "<fields.web.cookie_id>");
    clock_to(&s, "2026-02-02 10:00");
    AT_LINE(&s,
            post_to(&s, 0, v, "cookies", "{'cookie':'<cookies.usage>','browser_refuses':true}"));
    must_refuse(&s, "HOS-64", NULL);
    AT_LINE(&s,
            post_to(&s, 0, v, "cookies", "{'cookie':'<cookies.login>','browser_refuses':true}"));
    DONE(&s);
    AT_LINE(&s, post_to(&s, 0, v, "switches", "{'switch':'<switches.cookies>'}"));
    DONE(&s);
    AT_LINE(&s, may_be_read(&s, v, "<cookies.usage>", 403));
    AT_LINE(&s, page_seen(&s, v, "<cookies.usage>"));
    IS(&s, 403);
    AT_LINE(&s, gone(&s, 0, v, seen, "<purposes.traffic_usage_analysis>"));
    AT_LINE(&s, may_be_read(&s, v, "<cookies.login>", 200));
    AT_LINE(&s, look_inside(&s, v, "CANARY", 1, 1));
    stage_close(&s);
}
