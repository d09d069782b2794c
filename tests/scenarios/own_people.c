/* Companies of a group, staff, and objections, on policies that did not suggest them. */
#include <string.h>

#include "scenario.h"

static bool says(struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static void post(struct stage *s, size_t who, str person, const char *verb, const char *text)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/%s", STR_ARG(person), verb),
        said(s, "%s", text));
}

static void read_for(struct stage *s, size_t who, str person, str item, const char *purpose)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(person)),
        said(s, "{'purpose':'%s','items':['%.*s']}", purpose, STR_ARG(item)));
}

/* ---- C23 ---- */

#define FIRM     "<controllers.confect>"
#define COURSES  "<controllers.subsidiary>"
#define TELL     "<purposes.marketing_material>"
#define OVERVIEW "<purposes.group_overview>"

static str lead_of(struct stage *s, str person, const char *company, const char *email)
{
    s->company = company;
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        said(s,
             "{'intake':'<intakes.general>','source':'<sources.person>','controller':'%s',"
             "'purposes':['" TELL "','" OVERVIEW "'],'values':{'<fields.basic.email>':'%s'},"
             "'optional':['<fields.basic.email>']}",
             company, email));
    IS(s, 201);
    return item_of(s, "<fields.basic.email>");
}

static void copy_has(struct stage *s, str person, const char *company, const char *there,
                     const char *not_there)
{
    s->company = company;
    post(s, 0, person, "access", "{'by_subject':true}");
    IS(s, 200);
    if (!says(s, there) || says(s, not_there))
        fail_msg("line %d: %s: %.*s", s->line, company, STR_ARG(s->body));
}

/* A token that is one company's can speak for no other. */
static size_t token_of(struct stage *s, const char *company)
{
    ask(s, 0, "POST", STR("/v1/tokens"),
        said(s, "{'name':'crm','scopes':['read','rights','collect'],'controller':'%s'}", company));
    IS(s, 201);
    s->who[s->who_count] = (struct who){.token = got(s, "token"), .name = STR("crm")};
    return s->who_count++;
}

/* C23: two companies that each know the same person by an address of their own. What one has the
 * other sees only through the declared share, each answers and erases for itself, and points to
 * the other without saying what it has. */
void each_company_keeps_and_erases_its_own(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    AT_LINE(&s, weigh(&s, TELL));
    AT_LINE(&s, weigh(&s, OVERVIEW));
    str p = create_person(&s, "P-1", "'<roles.lead>'");
    AT_LINE(&s, happen(&s, p, "<events.activity>", STR("")));
    str ours = AT_LINE(&s, lead_of(&s, p, FIRM, "p@canary-firm.example"));
    str theirs = AT_LINE(&s, lead_of(&s, p, COURSES, "p@canary-courses.example"));
    size_t narrow = token_of(&s, COURSES);

    s.company = FIRM;
    AT_LINE(&s, read_for(&s, 0, p, theirs, TELL));
    must_refuse_by(&s, "always.own_records");
    AT_LINE(&s, read_is(&s, 0, p, theirs, OVERVIEW, "p@canary-courses.example")); /* declared */
    s.company = NULL;
    AT_LINE(&s, read_for(&s, 0, p, theirs, TELL));
    must_refuse_by(&s, "controllers");
    s.company = FIRM;
    AT_LINE(&s, read_for(&s, narrow, p, theirs, TELL)); /* its own, under another's name */
    IS(&s, 403);
    s.company = COURSES;
    AT_LINE(&s, read_is(&s, narrow, p, theirs, TELL, "p@canary-courses.example"));
    AT_LINE(&s, read_for(&s, narrow, p, ours, TELL));
    must_refuse_by(&s, "always.own_records");

    AT_LINE(&s, copy_has(&s, p, FIRM, "p@canary-firm.example", "p@canary-courses.example"));
    assert_true(says(&s, "310000205")); /* whom to ask for the rest */
    AT_LINE(&s, copy_has(&s, p, COURSES, "p@canary-courses.example", "p@canary-firm.example"));
    assert_true(says(&s, "310000108"));
    /* She objects to the overview at the one: it ends for both; marketing goes on at both. */
    s.company = FIRM;
    AT_LINE(&s, post(&s, 0, p, "objections", "{'purpose':'" OVERVIEW "'}"));
    IS(&s, 201);
    AT_LINE(&s, read_for(&s, 0, p, theirs, OVERVIEW));
    IS(&s, 403);
    AT_LINE(&s, read_is(&s, 0, p, ours, TELL, "p@canary-firm.example"));
    /* Erased at the one, she is still known to the other, also after a crash. */
    AT_LINE(&s, post(&s, 0, p, "erase", "{'warned':true}"));
    DONE(&s);
    assert_false(says(&s, "courses"));
    AT_LINE(&s, gone(&s, 0, p, ours, TELL));
    server_kill(&s);
    server_start(&s);
    s.company = COURSES;
    AT_LINE(&s, read_is(&s, narrow, p, theirs, TELL, "p@canary-courses.example"));
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "p@canary-firm.example", 0));
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "p@canary-courses.example", 1));
    AT_LINE(&s, copy_has(&s, p, COURSES, "p@canary-courses.example", "p@canary-firm.example"));
    AT_LINE(&s, look_inside(&s, p, "CANARY", 1, 1));
    stage_close(&s);
}

/* ---- C26 ---- */

static void give_role(struct stage *s, size_t who, str member, const char *role, const char *rest)
{
    ask(s, who, "POST", said(s, "/v1/staff/%.*s/roles", STR_ARG(member)),
        said(s, "{'role':'%s'%s}", role, rest));
}

/* A second token of the same member, which may do all that tokens may. */
static size_t with_every_scope(struct stage *s, size_t of)
{
    ask(s, 0, "POST", STR("/v1/tokens"),
        said(s, "{'name':'desk','scopes':['all'],'staff':'%.*s'}", STR_ARG(s->who[of].staff)));
    IS(s, 201);
    s->who[s->who_count] = (struct who){.token = got(s, "token"),
                                        .name = STR("desk"),
                                        .scopes = STR("'all'"),
                                        .staff = s->who[of].staff};
    return s->who_count++;
}

static void approve(struct stage *s, size_t who, str act)
{
    ask(s, who, "POST", said(s, "/v1/acts/%.*s/approve", STR_ARG(act)), STR(""));
}

static str user_with_mail(struct stage *s, str *mail)
{
    str g = create_person(s, "G-1", "'<roles.user>'");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(g)));
    IS(s, 201);
    collect(s, g, "<intakes.registration>", "<sources.person>", STR(""),
            "'<fields.identity.person_name>':'Gro CANARY-G','<fields.contact.work_email>':"
            "'gro@canary-g.example'");
    IS(s, 201);
    *mail = item_of(s, "<fields.contact.work_email>");
    return g;
}

/* Whoever asks does not approve, under whichever of their tokens; nor does an application, nor
 * somebody whose role may not. What was approved is that very request, once. */
static void erased_by_two(struct stage *s, size_t officer, size_t again, size_t seller,
                          size_t manager, str g)
{
    post(s, officer, g, "erase", "{'warned':true}");
    IS(s, 202);
    str act = got(s, "id");
    const size_t nobody[] = {officer, again, seller, 0};
    for (size_t i = 0; i < LENGTH(nobody); i++) {
        approve(s, nobody[i], act);
        IS(s, 403);
        post(s, officer, g, "erase", "{'warned':true}");
        IS(s, 202);
    }
    approve(s, manager, act);
    DONE(s);
    post(s, officer, g, "erase", "{'warned':true,'suppress':true}"); /* another request */
    IS(s, 202);
    post(s, officer, g, "erase", "{'warned':true}");
    IS(s, 200);
}

/* C26: what a member of the staff may is given and taken by another, at once and under every token
 * of theirs; and it takes two to erase a person. */
void nobody_gives_themselves_what_they_may(const struct cast *cast)
{
    struct stage s;
    str mail;
    stage_open(&s, cast, COBUILDER, "2026-02-02 09:00");
    AT_LINE(&s, weigh(&s, "<purposes.direct_marketing>"));
    size_t seller = hire(&s, "<staff.seller>"), helper = hire(&s, "<staff.helper>");
    size_t officer = hire(&s, "<staff.dpo_role>"), manager = hire(&s, "<staff.management>");
    str g = AT_LINE(&s, user_with_mail(&s, &mail));
    AT_LINE(&s, read_is(&s, helper, g, mail, "<purposes.account_provisioning>",
                        "gro@canary-g.example"));
    AT_LINE(&s, read_no(&s, seller, g, mail, "<purposes.account_provisioning>", "COB-84"));
    /* With every scope there is, on a token of their own, nobody widens themselves. */
    size_t wide = with_every_scope(&s, seller);
    AT_LINE(&s, give_role(&s, wide, s.who[seller].staff, "<staff.helper>", ""));
    must_refuse_by(&s, "always.no_self_record");
    AT_LINE(&s, give_role(&s, wide, s.who[helper].staff, "<staff.helper>", ",'ends':true"));
    DONE(&s); /* another's may be taken, and that is logged */
    AT_LINE(&s, read_for(&s, helper, g, mail, "<purposes.account_provisioning>"));
    must_refuse_by(&s, "staff");
    AT_LINE(&s, give_role(&s, 0, s.who[helper].staff, "<staff.helper>", ""));
    DONE(&s);
    AT_LINE(&s, read_is(&s, helper, g, mail, "<purposes.account_provisioning>",
                        "gro@canary-g.example"));
    ASK(&s, seller, "POST", STR("/v1/staff"), "{'role':'<staff.helper>','name':'Me again'}");
    IS(&s, 403); /* their token has no such scope */
    ASK(&s, wide, "POST", STR("/v1/tokens"), "{'name':'x','scopes':['all'],'staff':'%.*s'}",
        STR_ARG(s.who[officer].staff));
    IS(&s, 403); /* nor is a token made in another's name */

    size_t again = with_every_scope(&s, officer);
    AT_LINE(&s, erased_by_two(&s, officer, again, seller, manager, g));
    AT_LINE(&s, gone(&s, 0, g, mail, "<purposes.account_provisioning>"));
    /* Who leaves leaves with every token, in this very moment. */
    ASK(&s, 0, "DELETE", PATH(&s, "/v1/staff/%.*s", STR_ARG(s.who[seller].staff)), "%s", "");
    DONE(&s);
    ASK(&s, wide, "GET", STR("/v1/staff"), "%s", "");
    IS(&s, 401);
    ASK(&s, seller, "GET", STR("/v1/register"), "%s", "");
    IS(&s, 401);
    AT_LINE(&s, look_inside(&s, g, "CANARY", 0, 0));
    stage_close(&s);
}

/* ---- C13 ---- */

#define NEWS    "<purposes.newsletter_general_email>"
#define INVOICE "<purposes.invoicing>"
#define ENFORCE "<purposes.enforce_agreement>"

static str subscriber(struct stage *s, str *mail)
{
    str q = create_person(s, "Q-1", "'<roles.customer>'");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(q)));
    IS(s, 201);
    collect(s, q, "<intakes.registration>", "<sources.registration>", STR(""),
            "'<fields.identification.name>':'Quentin CANARY-Q','<fields.contact.email>':"
            "'q@canary-q.example','<fields.address.street>':'CANARY-STREET'");
    IS(s, 201);
    post(s, 0, q, "consents", "{'purpose':'" NEWS "','wording':'News?','given_by':'click'}");
    IS(s, 201);
    collect(s, q, "<intakes.newsletter>", "<sources.registration>", STR(""),
            "'<fields.contact.email>':'q@canary-news.example'");
    IS(s, 201);
    *mail = item_of(s, "<fields.contact.email>");
    return q;
}

static str objected(struct stage *s, str person, const char *purpose)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/objections", STR_ARG(person)),
        said(s, "{'purpose':'%s'}", purpose));
    IS(s, 201);
    return got(s, "record");
}

static void decided(struct stage *s, str person, str objection, const char *upheld)
{
    ask(s, 0, "POST",
        said(s, "/v1/subjects/%.*s/objections/%.*s/decision", STR_ARG(person), STR_ARG(objection)),
        said(s, "{'upheld':%s,'reasons':'CANARY-WEIGHED'}", upheld));
}

static size_t waiting(struct stage *s)
{
    ask(s, 0, "GET", STR("/v1/tasks"), STR(""));
    IS(s, 200);
    return got_json(s, "tasks")->count;
}

static str queued(struct stage *s, str person, const char *message)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/messages", STR_ARG(person)),
        said(s, "{'message':'%s','channel':'email','queue':true,'supplied':['stop_link']}",
             message));
    IS(s, 202);
    return got(s, "record");
}

/* C13: a no to marketing is absolute although it rests on a consent; a no to what a contract needs
 * is none; one that is weighed pauses until it is decided, once; and a new yes counts from its day,
 * until the next no. */
void a_no_to_marketing_is_heard_by_that_name(const struct cast *cast)
{
    struct stage s;
    str news;
    stage_open(&s, cast, HOSTING, "2026-02-02 09:00");
    str q = AT_LINE(&s, subscriber(&s, &news));
    AT_LINE(&s, read_is(&s, 0, q, news, NEWS, "q@canary-news.example"));
    (void)AT_LINE(&s, queued(&s, q, "<messages.newsletter>"));
    str invoice = AT_LINE(&s, queued(&s, q, "<messages.invoice>"));
    assert_int_equal(waiting(&s), 2);
    AT_LINE(&s, post(&s, 0, q, "objections", "{'purpose':'" INVOICE "'}"));
    IS(&s, 403); /* a contract asks for it */
    assert_int_equal(waiting(&s), 2);
    (void)AT_LINE(&s, objected(&s, q, "marketing"));
    assert_int_equal(waiting(&s), 1);
    AT_LINE(&s, gone(&s, 0, q, news, NEWS)); /* nothing else needed that address */
    AT_LINE(&s, found_is(&s, "<fields.contact.email>", "q@canary-news.example", 0));
    AT_LINE(&s, found_is(&s, "<fields.contact.email>", "q@canary-q.example", 1));
    ASK(&s, 0, "POST", PATH(&s, "/v1/tasks/%.*s/%.*s/send", STR_ARG(q), STR_ARG(invoice)), "%s",
        "");
    IS(&s, 200);
    /* No import and no form brings it back while the no stands; a yes of hers does. */
    AT_LINE(&s, collect(&s, q, "<intakes.newsletter>", "<sources.registration>", STR(""),
                        "'<fields.contact.email>':'q@canary-news.example'"));
    IS(&s, 403);
    clock_to(&s, "2026-02-03 09:00");
    AT_LINE(&s, post(&s, 0, q, "consents",
                     "{'purpose':'" NEWS "','wording':'News again?','given_by':'click'}"));
    IS(&s, 201);
    AT_LINE(&s, collect(&s, q, "<intakes.newsletter>", "<sources.registration>", STR(""),
                        "'<fields.contact.email>':'q@canary-again.example'"));
    IS(&s, 201);
    news = item_of(&s, "<fields.contact.email>");
    clock_to(&s, "2026-02-04 09:00");
    (void)AT_LINE(&s, objected(&s, q, NEWS));
    AT_LINE(&s, gone(&s, 0, q, news, NEWS));

    /* Weighed: the firm enforces its agreement. */
    AT_LINE(&s, weigh(&s, ENFORCE));
    ASK(&s, 0, "POST", STR("/v1/evidence"),
        "{'type':'<evidence.enforcement>','subject':'%.*s','particulars':{'<asks.agreement>':'1',"
        "'<asks.reason>':'unpaid'}}",
        STR_ARG(q));
    IS(&s, 201);
    AT_LINE(&s, post(&s, 0, q, "read",
                     "{'purpose':'" ENFORCE "','fields':['<fields.contact.email>']}"));
    IS(&s, 200);
    str mail;
    assert_true(json_str(json_get(got_json(&s, "items")->child, "id"), &mail));
    str first = AT_LINE(&s, objected(&s, q, ENFORCE));
    AT_LINE(&s, read_for(&s, 0, q, mail, ENFORCE));
    must_refuse_by(&s, "rights.object");
    AT_LINE(&s, read_is(&s, 0, q, mail, INVOICE, "q@canary-q.example"));
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, read_for(&s, 0, q, mail, ENFORCE));
    must_refuse_by(&s, "rights.object");
    AT_LINE(&s, decided(&s, q, first, "false"));
    IS(&s, 200);
    AT_LINE(&s, read_is(&s, 0, q, mail, ENFORCE, "q@canary-q.example"));
    AT_LINE(&s, decided(&s, q, first, "true"));
    IS(&s, 409);
    str second = AT_LINE(&s, objected(&s, q, ENFORCE));
    AT_LINE(&s, decided(&s, q, second, "true"));
    IS(&s, 200);
    clock_to(&s, "2026-06-01 09:00");
    AT_LINE(&s, read_for(&s, 0, q, mail, ENFORCE));
    must_refuse_by(&s, "rights.object");
    AT_LINE(&s, read_is(&s, 0, q, mail, INVOICE, "q@canary-q.example"));
    AT_LINE(&s, look_inside(&s, q, "CANARY-WEIGHED", 1, 9));
    stage_close(&s);
}

/* ---- C14 ---- */

static void take(struct stage *s, size_t who, str person, str task, int code)
{
    ask(s, who, "POST", said(s, "/v1/tasks/%.*s/%.*s/send", STR_ARG(person), STR_ARG(task)),
        STR(""));
    IS(s, code);
}

static void done(struct stage *s, str person, str task, const char *body, int code)
{
    ask(s, 0, "POST", said(s, "/v1/tasks/%.*s/%.*s/done", STR_ARG(person), STR_ARG(task)),
        said(s, "%s", body));
    IS(s, code);
}

/* A second system that sends what waits. */
static size_t another_sender(struct stage *s)
{
    ask(s, 0, "POST", STR("/v1/tokens"), STR("{\"name\":\"mail 2\",\"scopes\":[\"share\"]}"));
    IS(s, 201);
    s->who[s->who_count] =
        (struct who){.token = got(s, "token"), .name = STR("mail 2"), .scopes = STR("'share'")};
    return s->who_count++;
}

/* C14: two systems that both ask for work send a message once, also over a crash; one that breaks
 * off holds it up for ten minutes; what proves that it went is in her copy, and goes with her. */
void two_senders_send_a_message_once(const struct cast *cast)
{
    struct stage s;
    str news;
    stage_open(&s, cast, HOSTING, "2026-02-02 09:00");
    size_t other = another_sender(&s);
    str q = AT_LINE(&s, subscriber(&s, &news));
    str task = AT_LINE(&s, queued(&s, q, "<messages.newsletter>"));
    AT_LINE(&s, take(&s, 0, q, task, 200));
    AT_LINE(&s, take(&s, other, q, task, 409));
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, take(&s, other, q, task, 409));
    assert_int_equal(waiting(&s), 1); /* it has not been said to have gone */
    str until;
    assert_true(json_str(json_get(got_json(&s, "tasks")->child, "taken_until"), &until));
    assert_true(str_is(until, utc(&s, "2026-02-02 09:10")));
    clock_to(&s, "2026-02-02 09:09:59");
    AT_LINE(&s, take(&s, other, q, task, 409));
    clock_to(&s, "2026-02-02 09:10");
    AT_LINE(&s, take(&s, other, q, task, 200));
    AT_LINE(&s, take(&s, 0, q, task, 409));
    AT_LINE(&s, done(&s, q, task, "{'proof':'4111 1111 1111 1111'}", 403));
    AT_LINE(&s, done(&s, q, task, "{'proof':17}", 422));
    AT_LINE(&s, done(&s, q, task, "{'proof':'CANARY-PROOF: 250 2.0.0 queued as 17'}", 200));
    AT_LINE(&s, done(&s, q, task, "{'proof':'once more'}", 404));
    AT_LINE(&s, take(&s, other, q, task, 404));
    assert_int_equal(waiting(&s), 0);
    AT_LINE(&s, post(&s, 0, q, "access", "{'by_subject':true}"));
    IS(&s, 200);
    const struct json *proved = got_json(&s, "done");
    assert_int_equal(proved->count, 1);
    assert_true(says(&s, "CANARY-PROOF: 250"));
    assert_int_equal(got_json(&s, "disclosures")->count, 0); /* it went to nobody else */
    /* Kept three years: the next that is proved takes the older ones with it. */
    clock_to(&s, "2029-02-01 23:59:59");
    task = AT_LINE(&s, queued(&s, q, "<messages.newsletter>"));
    AT_LINE(&s, done(&s, q, task, "{'proof':'CANARY-SECOND'}", 200));
    AT_LINE(&s, post(&s, 0, q, "access", "{'by_subject':true}"));
    assert_int_equal(got_json(&s, "done")->count, 2);
    clock_to(&s, "2029-02-02 00:00");
    task = AT_LINE(&s, queued(&s, q, "<messages.newsletter>"));
    AT_LINE(&s, done(&s, q, task, "{'proof':'CANARY-THIRD'}", 200));
    AT_LINE(&s, post(&s, 0, q, "access", "{'by_subject':true}"));
    assert_int_equal(got_json(&s, "done")->count, 2);
    assert_false(says(&s, "CANARY-PROOF"));
    AT_LINE(&s, post(&s, 0, q, "erase", "{'warned':true}"));
    DONE(&s);
    AT_LINE(&s, look_inside(&s, q, "CANARY", 0, 0));
    stage_close(&s);
}

#define ANSWERING "<purposes.answer_questions>"

static void answer_to(struct stage *s, str person, const char *rest)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/messages", STR_ARG(person)),
        said(s, "{'message':'<messages.answer>','channel':'email'%s}", rest));
}

/* C14: when the last that a purpose held of a person has ended, nobody is left to write to for it,
 * though her role and the purpose go on: what waits is dropped, and a list of addresses from
 * elsewhere opens nothing. */
void nobody_is_written_to_after_their_data(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-02-02 09:00");
    AT_LINE(&s, weigh(&s, ANSWERING));
    str asks = create_person(&s, "A-1", "'<roles.outsider>'");
    str role_only = create_person(&s, "A-2", "'<roles.outsider>'");
    AT_LINE(&s, collect(&s, asks, "<intakes.question>", "<sources.person>", STR(""),
                        "'<fields.contact.work_email>':'a@canary-a.example'"));
    IS(&s, 201);
    clock_to(&s, "2027-02-01 23:59");
    AT_LINE(&s, answer_to(&s, asks, ""));
    IS(&s, 200);
    AT_LINE(&s, answer_to(&s, asks, ",'queue':true"));
    IS(&s, 202);
    str task = got(&s, "record");
    assert_int_equal(waiting(&s), 1);
    clock_to(&s, "2027-02-02 00:00");
    assert_int_equal(waiting(&s), 0);
    AT_LINE(&s, take(&s, 0, asks, task, 404));
    AT_LINE(&s, answer_to(&s, asks, ""));
    must_refuse_by(&s, "always.nothing_held");
    AT_LINE(&s, answer_to(&s, asks, ",'asking':true"));
    must_refuse_by(&s, "always.nothing_held");
    AT_LINE(&s, answer_to(&s, asks, ",'queue':true"));
    must_refuse_by(&s, "always.nothing_held");
    ASK(&s, 0, "POST", STR("/v1/batch/messages"),
        "{'message':'<messages.answer>','channel':'email','subjects':['%.*s','%.*s']}",
        STR_ARG(asks), STR_ARG(role_only));
    IS(&s, 200);
    assert_true(says(&s, "always.nothing_held"));
    AT_LINE(&s, answer_to(&s, role_only, "")); /* of whom nothing was ever asked */
    IS(&s, 200);
    AT_LINE(&s, collect(&s, asks, "<intakes.question>", "<sources.person>", STR(""),
                        "'<fields.contact.work_email>':'a@canary-a.example'"));
    IS(&s, 201);
    AT_LINE(&s, answer_to(&s, asks, "")); /* she asks again */
    IS(&s, 200);
    stage_close(&s);
}

/* ---- L05: children ---- */

static struct cast with_children(const struct cast *cast)
{
    struct cast own = *cast;
    str uses = names_find(&cast->names[CLOUDBERRIES], STR("categories"), STR("contact"));
    str from = names_find(&cast->names[CLOUDBERRIES], STR("sources"), STR("person"));
    static const char pupil[] = "\nroles:\n  pupil: { under: 13 }\n";
    cast_change(&own, CLOUDBERRIES, "\nroles: [", pupil);
    str text = own.text[CLOUDBERRIES];
    const char *at = memmem(text.ptr, text.len, pupil, strlen(pupil));
    assert_non_null(at);
    /* A list of names becomes a map of them. */
    struct buf buf = buf_in(own.arena, text.len + 256);
    size_t head = (size_t)(at - text.ptr) + strlen(pupil);
    buf_add(&buf, str_slice(text, 0, head));
    str rest = str_slice(text, head, text.len), line, name;
    assert_true(str_next(&rest, ']', &line));
    while (str_next(&line, ',', &name))
        buf_format(&buf, "  %.*s: {}\n", STR_ARG(str_trim(name)));
    buf_add(&buf, rest);
    own.text[CLOUDBERRIES] = buf_str(&buf);
    str club = arena_format(own.arena,
                            "\npurposes:\n  club: { says: { nb: Klubb }, basis: consent, roles: "
                            "all, uses: [%.*s], keep: end of consent }\n",
                            STR_ARG(uses));
    cast_change(&own, CLOUDBERRIES, "\npurposes:\n", arena_c_string(own.arena, club));
    club = arena_format(own.arena,
                        "\nintakes:\n  club_form: { from: [%.*s], channel: web, for: [club], "
                        "optional: [%.*s] }\n",
                        STR_ARG(from), STR_ARG(uses));
    cast_change(&own, CLOUDBERRIES, "\nintakes:\n", arena_c_string(own.arena, club));
    return own;
}

static void join_club(struct stage *s, str person, const char *more, int code)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(person)),
        said(s, "{'purpose':'club','wording':'Join?','given_by':'click'%s}", more));
    IS(s, code);
}

static void becomes(struct stage *s, str person, const char *more)
{
    post(s, 0, person, "roles", arena_format(s->arena, "{'role':'pupil'%s}", more).ptr);
    IS(s, 200);
}

/* L05 (GDPR 8, personopplysningsloven section 5): below the age that the policy names a child
 * consents to nothing herself, by whichever way; her guardian does, and may take it back; a yes of
 * hers from before her age was known ends with all that rested on it; and nobody consents for one
 * who is no child. */
void a_guardian_consents_for_a_child(const struct cast *cast)
{
    struct cast own = with_children(cast);
    struct stage s;
    stage_open(&s, &own, CLOUDBERRIES, "2026-02-02 09:00");
    str p = create_person(&s, "P-1", "'<roles.interested>'");
    AT_LINE(&s, join_club(&s, p, ",'guardian':'CANARY-MOTHER'", 403)); /* she is no child, yet */
    must_refuse_by(&s, "always.consent_is_an_act");
    AT_LINE(&s, join_club(&s, p, "", 201));
    AT_LINE(&s, collect(&s, p, "club_form", "<sources.person>", STR(""),
                        "'<fields.contact.email>':'p@canary-club.example'"));
    IS(&s, 201);
    str mail = item_of(&s, "<fields.contact.email>");
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s'}", STR_ARG(p));
    IS(&s, 201);
    AT_LINE(&s, read_is(&s, 0, p, mail, "club", "p@canary-club.example"));
    clock_to(&s, "2026-02-03 09:00");
    AT_LINE(&s, becomes(&s, p, ""));
    AT_LINE(&s, gone(&s, 0, p, mail, "club"));
    AT_LINE(&s, join_club(&s, p, "", 403));
    must_refuse_by(&s, "always.guardian_consents");
    AT_LINE(&s, join_club(&s, p, ",'guardian':''", 403));
    must_refuse_by(&s, "always.guardian_consents");
    AT_LINE(&s, join_club(&s, p, ",'guardian':'4111 1111 1111 1111'", 403));
    AT_LINE(&s, join_club(&s, p, ",'guardian':true", 422));
    AT_LINE(&s, collect(&s, p, "club_form", "<sources.person>", STR(""),
                        "'<fields.contact.email>':'p@canary-club.example'"));
    IS(&s, 403);
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, join_club(&s, p, "", 403));
    AT_LINE(&s, join_club(&s, p, ",'guardian':'CANARY-MOTHER, called back'", 201));
    assert_false(says(&s, "CANARY"));
    AT_LINE(&s, collect(&s, p, "club_form", "<sources.person>", STR(""),
                        "'<fields.contact.email>':'p@canary-again.example'"));
    IS(&s, 201);
    mail = item_of(&s, "<fields.contact.email>");
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s'}", STR_ARG(p));
    IS(&s, 201);
    AT_LINE(&s, read_is(&s, 0, p, mail, "club", "p@canary-again.example"));
    AT_LINE(&s, post(&s, 0, p, "access", "{'by_subject':true}"));
    assert_true(says(&s, "CANARY-MOTHER, called back"));
    AT_LINE(&s, post(&s, 0, p, "withdrawals", "{'purpose':'club'}"));
    DONE(&s);
    AT_LINE(&s, gone(&s, 0, p, mail, "club"));
    AT_LINE(&s, look_inside(&s, p, "CANARY-MOTHER", 1, 4));
    /* Of age: her own yes counts from then on. */
    clock_to(&s, "2027-02-03 09:00");
    AT_LINE(&s, becomes(&s, p, ",'ends':true"));
    AT_LINE(&s, join_club(&s, p, "", 201));
    stage_close(&s);
}
