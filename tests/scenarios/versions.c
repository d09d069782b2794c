/* S17: a new purpose and a new source come by a change of the policy: announced, in force, told,
 * and gone back on. And the same for twelve customers, each by what they were told and have read.
 */
#include "scenario.h"

#define AS      "<controllers.infobric_as>"
#define SCORING "usage_scoring"
#define FOLLOW  "<purposes.usage_follow_up>"

/* ---- the versions ---- */

struct wording {
    str policy, deployment;
};

static str replaced(struct stage *s, str text, const char *from, const char *to)
{
    const char *there = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(there);
    size_t at = (size_t)(there - text.ptr);
    return arena_format(s->arena, "%.*s%s%.*s", (int)at, text.ptr, to,
                        STR_ARG(str_slice(text, at + strlen(from), text.len)));
}

/* The first version's deployment, and what the second adds to it. */
static struct wording second(struct stage *s)
{
    str text = s->cast->deployment[s->policy];
    text = replaced(s, text, "version: \"2026-01\"", "version: \"2026-09\"");
    text = replaced(s, text, "effective: 2026-01-02", "effective: 2026-09-01");
    str added =
        said(s, "  purposes." SCORING ": { says: { nb: Gi poeng, nn: Gje poeng, en: Score },"
                " basis: legitimate_interest, roles: [<roles.site_user>],"
                " uses: [<categories.usage>], keep: 6 months after collected }\n"
                "  sources.public_source_x: { says: { nb: Listen, nn: Lista, en: The list },"
                " kind: indirect, needs: [notice] }\n"
                "  intakes.usage_panel: { from: [<sources.person>, public_source_x],"
                " for: [" SCORING "], optional: [<categories.usage>] }\n");
    return (struct wording){s->cast->text[s->policy],
                            arena_format(s->arena, "%.*s\n%.*s", STR_ARG(text), STR_ARG(added))};
}

static void offer(struct stage *s, size_t who, const char *path, struct wording wording,
                  const char *erases)
{
    struct buf body = buf_in(s->arena, 1 << 20);
    struct json_out out = json_out_over(&body);
    json_open_object(&out);
    json_key(&out, "policy");
    json_put_str(&out, wording.policy);
    json_key(&out, "deployment");
    json_put_str(&out, wording.deployment);
    if (erases != NULL) {
        json_key(&out, "erases");
        json_put_raw(&out, str_from(erases));
    }
    json_close_object(&out);
    ask(s, who, "POST", str_from(path), buf_str(&body));
}

static int64_t number(struct stage *s, const char *member)
{
    int64_t value;
    assert_true(json_i64(got_json(s, member), &value));
    return value;
}

/* What the page shows of the versions, oldest first. */
static void policy_is(struct stage *s, const char *const *standings, size_t count)
{
    ask(s, 0, "GET", STR("/v1/policy"), STR(""));
    IS(s, 200);
    const struct json *versions = got_json(s, "versions");
    assert_int_equal(versions->count, count);
    for (JSON_EACH(version, versions)) {
        str standing;
        assert_true(json_str(json_get(version, "standing"), &standing));
        if (!str_is(standing, *standings))
            fail_msg("line %d: %.*s, not %s", s->line, STR_ARG(standing), *standings);
        standings++;
    }
}

/* ---- people ---- */

static str visits(struct stage *s, str person, const char *intake)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        said(s,
             "{'intake':'%s','source':'<sources.person>','controller':'" AS "',"
             "'channel':'web','optional':['<fields.usage.page>'],'values':{'<fields.usage.page>':'"
             "front'}}",
             intake));
    IS(s, 201);
    return item_of(s, "<fields.usage.page>");
}

static void use(struct stage *s, str person, str item, const char *purpose)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/use", STR_ARG(person)),
        said(s, "{'purpose':'%s','controller':'" AS "','items':['%.*s']}", purpose, STR_ARG(item)));
}

static void untold_are(struct stage *s, const char *version, size_t count)
{
    size_t found = 0;
    str query = STR("");
    bool more;
    do { /* a step of the register ends a page, too, and how far one gets is the machine's */
        ask(s, 0, "POST", said(s, "/v1/policy/untold%.*s", STR_ARG(query)),
            said(s, "{'version':'%s'}", version));
        IS(s, 200);
        found += got_json(s, "ids")->count;
        more = memmem(s->body.ptr, s->body.len, "\"next\":", 7) != NULL;
        if (more)
            query = said(s, "?cursor=%.*s", STR_ARG(got(s, "next")));
    } while (more);
    if (found != count)
        fail_msg("line %d: %zu: %.*s", s->line, found, STR_ARG(s->body));
}

static void explain_is(struct stage *s, str person, str item, const char *at, bool allowed,
                       const char *version, const char *decided)
{
    bool is;
    str decision;
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/explain", STR_ARG(person)),
        said(s,
             "{'purpose':'" SCORING "','controller':'" AS
             "','use':true,'items':['%.*s'],'at':'%s'}",
             STR_ARG(item), utc(s, at)));
    IS(s, 200);
    assert_true(json_bool(got_json(s, "allowed"), &is));
    if (is != allowed || !str_is(got(s, "version"), version))
        fail_msg("line %d: %.*s", s->line, STR_ARG(s->body));
    if (decided != NULL && (!json_str(json_get(got_json(s, "decided"), "decision"), &decision) ||
                            !str_is(decision, decided)))
        fail_msg("line %d: wanted %s: %.*s", s->line, decided, STR_ARG(s->body));
}

static void items_bear_their_versions(struct stage *s, str person, str old, str fresh)
{
    size_t seen = 0;
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(person)),
        STR("{\"by_subject\":true}"));
    IS(s, 200);
    for (JSON_EACH(item, got_json(s, "items"))) {
        str id, version;
        assert_true(json_str(json_get(item, "item"), &id));
        assert_true(json_str(json_get(item, "version"), &version));
        seen += str_equal(id, old) && str_is(version, "2026-01");
        seen += str_equal(id, fresh) && str_is(version, "2026-09");
    }
    assert_int_equal(seen, 2);
}

static void version_then_is(struct stage *s, str person, const char *at, const char *version)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/documents", STR_ARG(person)),
        said(s, "{'at':'%s'}", utc(s, at)));
    IS(s, 200);
    assert_true(str_is(got(s, "version"), version));
}

/* The page that anyone may read; INF-81 */
static void page_serves(struct stage *s, const char *version)
{
    ask(s, 0, "GET", STR("/v1/register"), STR(""));
    str public = got(s, "public");
    visit(s, "GET", said(s, "/r/%.*s/notice?format=json", STR_ARG(public)), STR(""));
    IS(s, 200);
    str served = STR("");
    (void)json_str(json_get(json_get(got_json(s, "items"), "issue"), "version"), &served);
    if (!str_is(served, version))
        fail_msg("line %d: the page serves %.*s", s->line, STR_ARG(served));
}

/* ---- the scenario ---- */

static void announce(struct stage *s, str l, str m)
{
    static const char *const wanted[] = {"in_force", "announced"};
    AT_LINE(s, offer(s, 0, "/v1/policy/preview", second(s), NULL));
    IS(s, 200);
    assert_int_equal(number(s, "erases"), 0);
    assert_int_equal(number(s, "untold"), 2);
    AT_LINE(s, offer(s, 0, "/v1/policy/apply", second(s), "0"));
    IS(s, 201);
    AT_LINE(s, policy_is(s, wanted, 2));
    AT_LINE(s, untold_are(s, "2026-09", 2));
    clock_to(s, "2026-08-15 09:00");
    ASK(s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','version':'2026-09'}", STR_ARG(l));
    IS(s, 201);
    ASK(s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','version':'2026-09','bounced':true}",
        STR_ARG(m));
    DONE(s);
    AT_LINE(s, untold_are(s, "2026-09", 1));
}

void s17_a_new_purpose(const struct cast *cast)
{
    static const char *const in_force[] = {"past", "in_force"};
    static const char *const back[] = {"past", "past", "in_force"};
    struct wording first = {cast->text[INFOBRIC], cast->deployment[INFOBRIC]};
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-08-01 10:00");
    AT_LINE(&s, weigh(&s, FOLLOW));
    str l = create_person(&s, "L-1", "'<roles.site_user>'");
    str m = create_person(&s, "M-1", "'<roles.site_user>'");
    str old = AT_LINE(&s, visits(&s, l, "<intakes.site_visit>"));
    (void)AT_LINE(&s, visits(&s, m, "<intakes.site_visit>"));
    clock_to(&s, "2026-08-10 09:00");
    announce(&s, l, m);
    AT_LINE(&s, weigh(&s, SCORING));

    clock_to(&s, "2026-08-31 23:59");
    AT_LINE(&s, page_serves(&s, "2026-01"));
    AT_LINE(&s, use(&s, l, old, SCORING));
    must_refuse_by(&s, "purposes");
    clock_to(&s, "2026-09-01 00:00");
    AT_LINE(&s, page_serves(&s, "2026-09"));
    AT_LINE(&s, policy_is(&s, in_force, 2));
    str fresh = AT_LINE(&s, visits(&s, l, "usage_panel"));
    str other = AT_LINE(&s, visits(&s, m, "usage_panel"));
    AT_LINE(&s, use(&s, l, fresh, SCORING));
    IS(&s, 200);
    AT_LINE(&s, use(&s, l, old, SCORING));
    AT_LINE(&s, must_refuse(&s, "INF-79", "compatibility"));
    AT_LINE(&s, use(&s, m, other, SCORING));
    must_refuse_by(&s, "version");
    clock_to(&s, "2026-09-05 12:00");
    ASK(&s, 0, "POST", STR("/v1/evidence"),
        "{'type':'compatibility','purpose':'" SCORING "','particulars':{'reason':'same site'}}");
    IS(&s, 201);
    AT_LINE(&s, use(&s, l, old, SCORING));
    IS(&s, 200);
    AT_LINE(&s, use(&s, m, other, SCORING));
    must_refuse_by(&s, "version");
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','version':'2026-09'}", STR_ARG(m));
    IS(&s, 201);
    AT_LINE(&s, use(&s, m, other, SCORING));
    IS(&s, 200);
    AT_LINE(&s, items_bear_their_versions(&s, l, old, fresh));
    AT_LINE(&s, version_then_is(&s, l, "2026-08-31 23:59", "2026-01"));
    AT_LINE(&s, version_then_is(&s, l, "2026-09-01", "2026-09"));

    clock_to(&s, "2026-09-05 12:30");
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", first, "2"));
    IS(&s, 201);
    AT_LINE(&s, policy_is(&s, back, 3));
    AT_LINE(&s, page_serves(&s, "2026-01")); /* the firm's word of this hour, not the highest */
    AT_LINE(&s, use(&s, l, old, SCORING));
    must_refuse_by(&s, "purposes");
    AT_LINE(&s, use(&s, l, old, FOLLOW));
    IS(&s, 200);
    clock_to(&s, "2026-09-05 13:00");
    AT_LINE(&s, explain_is(&s, l, old, "2026-08-31 23:59:59", false, "2026-01", "refuse"));
    AT_LINE(&s, explain_is(&s, l, old, "2026-09-01 00:00:01", false, "2026-09", NULL));
    AT_LINE(&s, explain_is(&s, l, old, "2026-09-05 12:15", true, "2026-09", NULL));
    stage_close(&s);
}

/* ---- own, on a policy whose services are used after the version was read (C19) ---- */

#define HELP    "<purposes.customer_service>"
#define DELIVER "<purposes.deliver_services>"
#define TRACE   "<purposes.troubleshooting_security_tracing>"
#define ADVICE  "service_advice"

enum { CUSTOMERS = 12, REGISTERED = 3, TOLD = 0, BOUNCED = 1 };

struct customer {
    str id, mail, login;
};

/* A role more in one purpose, a shorter clock of another, a purpose and a point of collection
 * more, and newer terms beside it. */
static struct wording next_wording(struct stage *s, const char *version, const char *effective)
{
    struct wording next = {s->cast->text[s->policy], s->cast->deployment[s->policy]};
    const char *named = arena_c_string(s->arena, said(s, "version: '%s'", version));
    next.policy = replaced(s, next.policy, "version: \"2018-07\"", named);
    next.policy = replaced(s, next.policy, "effective: 2018-07-01", effective);
    next.policy = replaced(s, next.policy,
                           N(s, "[<roles.customer>, <roles.registrant>, "
                                "<roles.service_user>]"),
                           N(s, "[<roles.customer>, <roles.registrant>, <roles.service_user>, "
                                "<roles.site_visitor>]"));
    next.deployment = replaced(s, next.deployment, "version: \"2018-07\"", named);
    next.deployment =
        replaced(s, next.deployment, N(s, "documents.<documents.general_terms>.version: '2018-07'"),
                 N(s, "documents.<documents.general_terms>.version: '2026-06'"));
    next.deployment =
        replaced(s, next.deployment, N(s, "purposes." TRACE ".keep: 6 months after collected"),
                 N(s, "purposes." TRACE ".keep: 1 month after collected"));
    str added = said(
        s, "  purposes." ADVICE ": { basis: legitimate_interest, roles: [<roles.customer>],"
           " uses: [<categories.history>, <categories.contact>], keep: 3 months after collected }\n"
           "  intakes.advice_panel: { from: [<sources.use_of_service>], channel: other,"
           " for: [" ADVICE "], optional: [<categories.history>] }\n");
    next.deployment =
        arena_format(s->arena, "%.*s\n%.*s", STR_ARG(next.deployment), STR_ARG(added));
    return next;
}

static void review_design(struct stage *s, const char *version)
{
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.design_review>','version':'%s',"
             "'particulars':{'<asks.reviewer>':'R'}}",
             version));
    IS(s, 201);
}

/* The last answer says that it waits: another member approves it. */
static void approve_it(struct stage *s, size_t manager)
{
    IS(s, 202);
    ask(s, manager, "POST", said(s, "/v1/acts/%.*s/approve", STR_ARG(got(s, "id"))), STR(""));
    IS(s, 200);
}

static void bring(struct stage *s, size_t manager, struct wording wording, const char *erases)
{
    offer(s, 0, "/v1/policy/apply", wording, erases);
    approve_it(s, manager);
    offer(s, 0, "/v1/policy/apply", wording, erases);
    IS(s, 201);
}

static str trace(struct stage *s, str person, const char *intake)
{
    collect(s, person, intake, "<sources.use_of_service>", STR(""),
            "'<fields.history.login>':'from the office'");
    IS(s, 201);
    return item_of(s, "<fields.history.login>");
}

static void acknowledge(struct stage *s, str person, const char *version)
{
    ask(s, 0, "POST", STR("/v1/notices"),
        said(s, "{'type':'acknowledgement','subject':'%.*s','version':'%s'}", STR_ARG(person),
             version));
    IS(s, 201);
}

static str register_customer(struct stage *s, str person)
{
    collect(s, person, "<intakes.registration>", "<sources.registration>", STR(""),
            "'<fields.identification.name>':'Carla Prøve','<fields.contact.email>':"
            "'carla@canary-c19.example','<fields.address.street>':'Veien 1'");
    IS(s, 201);
    return item_of(s, "<fields.contact.email>");
}

static struct customer customer(struct stage *s, int number, const char *version)
{
    str name = arena_format(s->arena, "C-%d", number);
    struct customer made = {
        .id = create_person(s, arena_c_string(s->arena, name), "'<roles.customer>'")};
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(made.id)));
    IS(s, 201);
    acknowledge(s, made.id, version);
    if (number < REGISTERED)
        made.mail = register_customer(s, made.id);
    made.login = trace(s, made.id, "<intakes.service_use>");
    return made;
}

static void use_is(struct stage *s, str person, str item, const char *purpose, const char *rule)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/use", STR_ARG(person)),
        said(s, "{'purpose':'%s','items':['%.*s']}", purpose, STR_ARG(item)));
    if (rule == NULL)
        IS(s, 200);
    else
        must_refuse_by(s, rule);
}

/* Of a clause of the last preview; -1: the number is not told. */
static int64_t of_clause(struct stage *s, const char *clause, const char *member)
{
    str name;
    int64_t value = -1;
    for (JSON_EACH(one, got_json(s, "clauses"))) {
        if (json_str(json_get(one, "clause"), &name) && str_is(name, N(s, clause))) {
            (void)json_i64(json_get(one, member), &value);
            return value;
        }
    }
    fail_msg("line %d: nothing is said of %s: %.*s", s->line, clause, STR_ARG(s->body));
    return -1;
}

/* What it does to the people there are, each clause by itself; of few of them only that they are
 * few, but to the officer. */
static void dry_run(struct stage *s, size_t operator_, struct wording wording)
{
    offer(s, 0, "/v1/policy/preview", wording, NULL);
    IS(s, 200);
    assert_int_equal(number(s, "erases"), CUSTOMERS);
    assert_int_equal(number(s, "closes"), CUSTOMERS);
    assert_int_equal(number(s, "opens"), 0);
    assert_int_equal(number(s, "people"), CUSTOMERS);
    assert_int_equal(number(s, "untold"), CUSTOMERS);
    assert_int_equal(of_clause(s, "purposes." TRACE ".keep", "erases"), CUSTOMERS);
    assert_int_equal(of_clause(s, "purposes." HELP, "untold"), REGISTERED);
    offer(s, operator_, "/v1/policy/preview", wording, NULL);
    IS(s, 200);
    assert_int_equal(of_clause(s, "purposes." TRACE ".keep", "erases"), CUSTOMERS);
    assert_int_equal(of_clause(s, "purposes." HELP, "untold"), -1);
    assert_int_equal(of_clause(s, "purposes." HELP, "fewer_than"), 10);
}

static size_t operator_of(struct stage *s)
{
    ask(s, 0, "POST", STR("/v1/tokens"),
        STR("{\"name\":\"operator\",\"scopes\":[\"administer\"],\"days\":366}"));
    IS(s, 201);
    s->who[s->who_count] = (struct who){
        .token = got(s, "token"), .name = STR("operator"), .scopes = STR("'administer'")};
    return s->who_count++;
}

/* Announced, and taken back: by two, as everything that changes the policy. */
static void announce_and_take_back(struct stage *s, size_t manager, size_t helper)
{
    static const char body[] = "{'version':'2026-09'}";
    struct wording later_one = next_wording(s, "2026-09", "effective: 2026-09-01");
    review_design(s, "2026-09");
    bring(s, manager, later_one, "0"); /* by then the second has ended it all */
    ASK(s, 0, "POST", STR("/v1/policy/withdraw"), "{'version':'2026-06'}");
    AT_LINE(s, approve_it(s, manager)); /* of another one: it approves that one alone */
    ASK(s, 0, "POST", STR("/v1/policy/withdraw"), body);
    IS(s, 202);
    ask(s, helper, "POST", said(s, "/v1/acts/%.*s/approve", STR_ARG(got(s, "id"))), STR(""));
    must_refuse_by(s, "always.second_pair");
    ASK(s, 0, "POST", STR("/v1/policy/withdraw"), body);
    AT_LINE(s, approve_it(s, manager));
    ASK(s, 0, "POST", STR("/v1/policy/withdraw"), body);
    DONE(s);
    ASK(s, 0, "POST", STR("/v1/policy/withdraw"), body);
    IS(s, 422);
}

static void in_force(struct stage *s, const struct customer *people)
{
    const struct customer *a = &people[TOLD], *b = &people[BOUNCED];
    weigh(s, ADVICE);
    gone(s, 0, a->id, a->login, TRACE);
    use_is(s, a->id, a->mail, HELP, NULL);
    use_is(s, b->id, b->mail, HELP, "version");
    use_is(s, b->id, b->mail, "<purposes.invoicing>", NULL); /* not a word of it changed */
    str fresh = trace(s, a->id, "advice_panel"), of_b = trace(s, b->id, "advice_panel");
    use_is(s, a->id, fresh, ADVICE, NULL);
    use_is(s, b->id, of_b, ADVICE, "version");
    use_is(s, a->id, a->mail, ADVICE, "purposes." ADVICE);
    ASK(s, 0, "POST", STR("/v1/evidence"),
        "{'type':'compatibility','purpose':'" ADVICE "','particulars':{'reason':'asked for'}}");
    IS(s, 201);
    use_is(s, a->id, a->mail, ADVICE, NULL);
    use_is(s, b->id, b->mail, ADVICE, "version");
    /* First use: of the one who comes now, the version that is in force now. */
    struct customer d = customer(s, -20, "2018-07");
    use_is(s, d.id, d.mail, HELP, NULL);
    use_is(s, d.id, d.mail, DELIVER, "purposes." DELIVER ".needs.<evidence.acknowledgement>");
    acknowledge(s, d.id, "2026-06");
    use_is(s, d.id, d.mail, DELIVER, NULL);
    use_is(s, b->id, b->mail, DELIVER, NULL); /* read what counted when she came */
}

static void reads_as(struct stage *s, const char *version, struct wording wording)
{
    ask(s, 0, "POST", STR("/v1/policy/text"), said(s, "{'version':'%s'}", version));
    IS(s, 200);
    assert_true(str_equal(got(s, "policy"), wording.policy));
    assert_true(str_equal(got(s, "deployment"), wording.deployment));
}

static void verdict_then(struct stage *s, const struct customer *who, const char *at,
                         const char *version, bool allowed, const char *decided)
{
    bool is;
    str decision = STR("");
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/explain", STR_ARG(who->id)),
        said(s, "{'purpose':'" HELP "','use':true,'items':['%.*s'],'at':'%s'}", STR_ARG(who->mail),
             utc(s, at)));
    IS(s, 200);
    (void)json_str(json_get(json_get(s->json, "decided"), "decision"), &decision);
    if (!json_bool(got_json(s, "allowed"), &is) || is != allowed ||
        !str_is(got(s, "version"), version) || !str_is(decision, decided))
        fail_msg("line %d: %s: %.*s", s->line, at, STR_ARG(s->body));
}

void a_change_reaches_each_person_by_itself(const struct cast *cast)
{
    static const char *const announced[] = {"in_force", "announced", "withdrawn"};
    static const char *const back[] = {"past", "past", "in_force", "withdrawn"};
    struct stage s;
    struct customer people[CUSTOMERS];
    stage_open(&s, cast, HOSTING, "2026-03-02 09:00");
    struct wording first = {cast->text[HOSTING], cast->deployment[HOSTING]};
    struct wording next = next_wording(&s, "2026-06", "effective: 2026-06-01");
    size_t manager = hire(&s, "<staff.management>"), helper = hire(&s, "<staff.support>");
    size_t operator_ = operator_of(&s);
    for (int i = 0; i < CUSTOMERS; i++)
        people[i] = AT_LINE(&s, customer(&s, i, "2018-07"));
    const struct customer *b = &people[BOUNCED];

    clock_to(&s, "2026-05-04 09:00");
    AT_LINE(&s, dry_run(&s, operator_, next));
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", next, "12"));
    AT_LINE(&s, must_refuse(&s, "HOS-43", "<evidence.design_review>"));
    AT_LINE(&s, review_design(&s, "2026-06"));
    AT_LINE(&s, bring(&s, manager, next, "12"));
    AT_LINE(&s, announce_and_take_back(&s, manager, helper));
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, policy_is(&s, announced, 3));
    clock_to(&s, "2026-05-11 09:00");
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','version':'2026-06'}",
        STR_ARG(people[TOLD].id));
    IS(&s, 201);
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','version':'2026-06','bounced':true}",
        STR_ARG(b->id));
    DONE(&s);
    AT_LINE(&s, untold_are(&s, "2026-06", CUSTOMERS - 1));
    clock_to(&s, "2026-05-31 23:59:59");
    AT_LINE(&s, use_is(&s, b->id, b->mail, HELP, NULL));
    AT_LINE(&s, use_is(&s, b->id, b->login, TRACE, NULL));
    clock_to(&s, "2026-06-01 00:00");
    AT_LINE(&s, in_force(&s, people));

    clock_to(&s, "2026-06-10 12:00");
    AT_LINE(&s, review_design(&s, "2018-07"));
    AT_LINE(&s, bring(&s, manager, first, "2"));
    AT_LINE(&s, policy_is(&s, back, 4));
    AT_LINE(&s, reads_as(&s, "2018-07", first));
    AT_LINE(&s, reads_as(&s, "2026-06", next));
    AT_LINE(&s, use_is(&s, b->id, b->mail, HELP, NULL));
    AT_LINE(&s, use_is(&s, people[TOLD].id, people[TOLD].mail, ADVICE, "purposes"));
    AT_LINE(&s, gone(&s, 0, b->id, b->login, TRACE)); /* what it ended does not come back */
    clock_to(&s, "2026-09-02 09:00");
    AT_LINE(&s, policy_is(&s, back, 4));
    AT_LINE(&s, verdict_then(&s, b, "2026-05-31 23:59:59", "2018-07", true, "allow"));
    AT_LINE(&s, verdict_then(&s, b, "2026-06-01 00:00", "2026-06", false, "refuse"));
    AT_LINE(&s, verdict_then(&s, b, "2026-06-10 12:00", "2018-07", true, "allow"));
    stage_close(&s);
}

/* ---- a decision of the management, bound to the version ---- */

static struct wording shorter(struct stage *s)
{
    struct wording next = {s->cast->text[s->policy], s->cast->deployment[s->policy]};
    const char *named = arena_c_string(s->arena, said(s, "  version: '2026-06'"));
    const char *was = arena_c_string(s->arena, said(s, "  version: '2024-01'"));
    next.deployment = replaced(s, next.deployment, was, named);
    next.deployment =
        replaced(s, next.deployment, "effective: 2024-01-01", "effective: 2026-06-01");
    next.deployment =
        replaced(s, next.deployment, N(s, "<purposes.improvement>.keep: 12 months after collected"),
                 N(s, "<purposes.improvement>.keep: 11 months after collected"));
    return next;
}

static void decide(struct stage *s, size_t who, const char *version)
{
    ask(s, who, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.management_decision>','version':'%s','particulars':{"
             "'<asks.approver>':'the management','<asks.minutes>':'26/4'}}",
             version));
}

void a_version_waits_for_a_decision_of_the_management(const struct cast *cast)
{
    static const char *const announced[] = {"in_force", "announced"};
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    struct wording next = shorter(&s);
    size_t manager = hire(&s, "<staff.management>"), officer = hire(&s, "<staff.officer>");
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", next, "0"));
    must_refuse(&s, "CON-82", "<evidence.management_decision>");
    AT_LINE(&s, decide(&s, 0, "2026-06"));
    must_refuse_by(&s, "evidence.<evidence.management_decision>.by");
    AT_LINE(&s, decide(&s, officer, "2026-06"));
    must_refuse_by(&s, "evidence.<evidence.management_decision>.by");
    AT_LINE(&s, decide(&s, manager, "2026-07"));
    IS(&s, 201); /* of another version, that may come or not */
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", next, "0"));
    must_refuse(&s, "CON-82", "<evidence.management_decision>");
    AT_LINE(&s, decide(&s, manager, "2026-06"));
    IS(&s, 201);
    AT_LINE(&s, bring(&s, manager, next, "0"));
    AT_LINE(&s, policy_is(&s, announced, 2));
    stage_close(&s);
}

/* The same policy under another version: what stands in it is not asked, but that it was reviewed.
 */
void a_version_waits_for_a_review_of_its_design(const struct cast *cast)
{
    static const char *const announced[] = {"in_force", "announced"};
    struct stage s;
    stage_open(&s, cast, HOSTING, "2026-03-02 09:00");
    struct wording next = {cast->text[HOSTING], cast->deployment[HOSTING]};
    next.policy = replaced(&s, next.policy, "2018-07", "2026-06"); /* where it first stands */
    next.policy = replaced(&s, next.policy, "effective: 2018-07-01", "effective: 2026-06-01");
    next.deployment = replaced(&s, next.deployment, "2018-07", "2026-06");
    size_t manager = hire(&s, "<staff.management>");
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", next, "0"));
    must_refuse(&s, "HOS-43", "<evidence.design_review>");
    AT_LINE(&s, review_design(&s, "2026-07")); /* of another version */
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", next, "0"));
    must_refuse(&s, "HOS-43", "<evidence.design_review>");
    AT_LINE(&s, review_design(&s, "2026-06"));
    AT_LINE(&s, bring(&s, manager, next, "0"));
    AT_LINE(&s, policy_is(&s, announced, 2));
    stage_close(&s);
}

/* ---- own: an old backup brings no old policy back (C19, C34) ---- */

static void restore(struct stage *s, const char *name)
{
    server_stop(s);
    str from =
        arena_format(s->arena, "%s/%.*s/%s", s->backups, STR_ARG(s->cast->name[s->policy]), name);
    const char *words[] = {"restore",
                           "--data",
                           s->data,
                           "--root",
                           s->root,
                           "--register",
                           arena_c_string(s->arena, s->cast->name[s->policy]),
                           "--from",
                           arena_c_string(s->arena, from),
                           NULL};
    if (vern(s, words) != 0)
        fail_msg("restore: %.*s", STR_ARG(s->body));
    server_start(s);
}

static void must_be_behind(struct stage *s)
{
    IS(s, 503);
    assert_true(str_is(got(s, "type"), "/problems/behind"));
}

/* Nothing is used, given, taken in or destroyed; what the person takes away is taken. */
static void is_behind(struct stage *s, str person, str item)
{
    AT_LINE(s, use(s, person, item, FOLLOW));
    must_be_behind(s);
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/access", STR_ARG(person)), "{'by_subject':true}");
    must_be_behind(s);
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/erase", STR_ARG(person)), "{'warned':true}");
    must_be_behind(s);
    ask(s, 0, "GET", STR("/v1/forecast"), STR(""));
    must_be_behind(s);
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/objections", STR_ARG(person)),
        "{'purpose':'" FOLLOW "'}");
    DONE(s);
    ask(s, 0, "GET", STR("/v1/register"), STR(""));
    IS(s, 200);
    str lost;
    assert_true(json_str(got_json(s, "lost_versions")->child, &lost) && str_is(lost, "2026-09"));
}

void a_restored_backup_waits_for_the_policy_that_it_lacks(const struct cast *cast)
{
    static const char *const in_force[] = {"past", "in_force"};
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-08-01 10:00");
    AT_LINE(&s, weigh(&s, FOLLOW));
    str l = create_person(&s, "L-1", "'<roles.site_user>'");
    str m = create_person(&s, "M-1", "'<roles.site_user>'");
    str old = AT_LINE(&s, visits(&s, l, "<intakes.site_visit>"));
    str other = AT_LINE(&s, visits(&s, m, "<intakes.site_visit>"));
    ASK(&s, 0, "POST", STR("/v1/backup"), "{'name':'august'}");
    DONE(&s);
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", second(&s), "0"));
    IS(&s, 201);
    clock_to(&s, "2026-09-01 00:00");
    AT_LINE(&s, use(&s, l, old, FOLLOW));
    IS(&s, 200);

    restore(&s, "august");
    AT_LINE(&s, is_behind(&s, l, old));
    struct wording first = {cast->text[INFOBRIC], cast->deployment[INFOBRIC]};
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", first, "0"));
    IS(&s, 409);
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, is_behind(&s, l, old));
    AT_LINE(&s, offer(&s, 0, "/v1/policy/apply", second(&s), "0"));
    IS(&s, 201);
    AT_LINE(&s, policy_is(&s, in_force, 2));
    AT_LINE(&s, use(&s, m, other, FOLLOW));
    IS(&s, 200);
    AT_LINE(&s, use(&s, l, old, FOLLOW)); /* her no, given meanwhile */
    must_refuse_by(&s, "rights.object");
    stage_close(&s);
}
