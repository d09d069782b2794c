/* Breaches of personal data (C32; articles 33 and 34), on policies that say nothing of them: the
 * law does. */
#include <string.h>

#include "scenario.h"

/* The open alarms about this breach by this name. */
static size_t rings(struct stage *s, str breach, const char *name)
{
    size_t count = 0;
    ask(s, 0, "GET", STR("/v1/alarms"), STR(""));
    IS(s, 200);
    for (JSON_EACH(alarm, got_json(s, "alarms"))) {
        str about = STR(""), named = STR("");
        (void)json_str(json_get(alarm, "case"), &about);
        (void)json_str(json_get(alarm, "name"), &named);
        count +=
            str_equal(about, breach) && str_is(named, name) && json_get(alarm, "closed") == NULL;
    }
    return count;
}

static void show(struct stage *s, str breach)
{
    ask(s, 0, "GET", said(s, "/v1/breaches/%.*s", STR_ARG(breach)), STR(""));
    IS(s, 200);
}

static void shows(struct stage *s, str breach, const char *member, const char *wanted)
{
    show(s, breach);
    str text = got(s, member);
    if (!str_is(text, wanted))
        fail_msg("line %d: %s is %.*s, wanted %s", s->line, member, STR_ARG(text), wanted);
}

static void assess(struct stage *s, size_t who, str breach, const char *risk)
{
    ask(s, who, "POST", said(s, "/v1/breaches/%.*s/assessments", STR_ARG(breach)),
        said(s, "{'risk':'%s','reasons':'CANARY-REASON: what was lost can be read.'}", risk));
}

/* ---- the clock ---- */

static void small_ones_stand_in_the_register(struct stage *s, size_t officer, str first)
{
    ASK(s, 0, "POST", STR("/v1/breaches"),
        "{'nature':['availability'],'description':'CANARY-SMALL: an hour off line','all':true}");
    IS(s, 201);
    str small = got(s, "id");
    AT_LINE(s, assess(s, officer, small, "none"));
    IS(s, 200);
    ASK(s, officer, "POST", PATH(s, "/v1/breaches/%.*s/close", STR_ARG(small)),
        "{'reasons':'CANARY-REASON: nothing was lost.'}");
    IS(s, 200);
    ask(s, 0, "GET", STR("/v1/breaches"), STR(""));
    IS(s, 200);
    assert_int_equal(got_json(s, "breaches")->count, 2);
    AT_LINE(s, shows(s, small, "clock", "not_needed"));
    AT_LINE(s, shows(s, first, "clock", "running"));
}

static void clock_on(const struct cast *cast, enum policy policy, const char *decides,
                     const char *training)
{
    struct stage s;
    stage_open(&s, cast, policy, "2026-10-23 16:00");
    size_t officer = hire(&s, decides);
    if (training != NULL) {
        ASK(&s, 0, "POST", STR("/v1/evidence"), "{'type':'%s','actor':'%.*s'}", training,
            STR_ARG(s.who[officer].staff));
        IS(&s, 201);
    }
    /* Aware an hour ago; summer time ends within the three days. */
    ASK(&s, 0, "POST", STR("/v1/breaches"),
        "{'aware':'2026-10-23T15:00:00+02:00','from':'2026-10-20T08:00:00+02:00',"
        "'nature':['confidentiality'],'description':'CANARY-WHAT: a list was mailed to a stranger',"
        "'staff':['%.*s']}",
        STR_ARG(s.who[officer].staff));
    IS(&s, 201);
    str breach = got(&s, "id");
    AT_LINE(&s, shows(&s, breach, "deadline", "2026-10-26T13:00:00Z"));
    AT_LINE(&s, assess(&s, officer, breach, "none"));
    IS(&s, 403); /* it is about the officer's own access */
    AT_LINE(&s, small_ones_stand_in_the_register(&s, officer, breach));
    clock_to(&s, "2026-10-25 14:00"); /* 72 hours less a day, by the hands an hour earlier */
    assert_int_equal(rings(&s, breach, "breach_deadline_near"), 1);
    ASK(&s, 0, "POST", PATH(&s, "/v1/breaches/%.*s/amendments", STR_ARG(breach)),
        "{'nature':['confidentiality'],'description':'CANARY-MORE: two lists','all':true,"
        "'aware':'2026-10-24T15:00:00+02:00'}");
    IS(&s, 422); /* no amendment buys time */
    clock_to(&s, "2026-10-26 13:59");
    assert_int_equal(rings(&s, breach, "breach_not_notified"), 0);
    clock_to(&s, "2026-10-26 14:00");
    assert_int_equal(rings(&s, breach, "breach_not_notified"), 1);
    AT_LINE(&s, shows(&s, breach, "clock", "passed"));
    AT_LINE(&s, look_inside(&s, breach, "CANARY-WHAT", 1, 1));
    stage_close(&s);
}

void own_the_clock_of_a_breach(const struct cast *cast)
{
    clock_on(cast, COBUILDER, "<staff.dpo_role>", NULL);
    clock_on(cast, HOSTING, "<staff.legal>", "training");
}

/* ---- whom it concerned ---- */

static int64_t scope_says(struct stage *s, str breach, const char *member)
{
    int64_t number = -1;
    show(s, breach);
    (void)json_i64(json_get(got_json(s, "scope"), member), &number);
    return number;
}

static size_t people(struct stage *s, str breach, str person, bool *there)
{
    ask(s, 0, "GET", said(s, "/v1/breaches/%.*s/people", STR_ARG(breach)), STR(""));
    IS(s, 200);
    *there = false;
    for (JSON_EACH(row, got_json(s, "people"))) {
        str id;
        *there |= json_str(json_get(row, "subject"), &id) && str_equal(id, person);
    }
    return got_json(s, "people")->count;
}

static void compute(struct stage *s, str breach)
{
    ask(s, 0, "POST", said(s, "/v1/breaches/%.*s/scope", STR_ARG(breach)), STR(""));
    IS(s, 200);
}

/* A copy of everything was lost; one person asked to be erased, and one came, afterwards. */
static void all_of_a_register(const struct cast *cast, enum policy policy)
{
    struct stage s;
    bool there;
    stage_open(&s, cast, policy, "2026-03-02 09:00");
    str one = create_person(&s, "B-1", ""), two = create_person(&s, "B-2", "");
    clock_to(&s, "2026-03-03 09:00");
    ASK(&s, 0, "POST", STR("/v1/breaches"),
        "{'from':'2026-03-02T20:00:00Z','to':'2026-03-02T21:00:00Z','nature':['confidentiality',"
        "'availability'],'description':'CANARY-TAPE: a tape was stolen','all':true}");
    IS(&s, 201);
    str breach = got(&s, "id");
    create_person(&s, "B-3", "");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(two)), "{'warned':true}");
    IS(&s, 200);
    AT_LINE(&s, compute(&s, breach));
    assert_int_equal(scope_says(&s, breach, "people"), 2);
    assert_int_equal(scope_says(&s, breach, "erased_since"), 1);
    assert_int_equal(people(&s, breach, one, &there), 1);
    assert_true(there);
    AT_LINE(&s, look_inside(&s, breach, "CANARY-TAPE", 1, 2));
    assert_int_equal(people(&s, breach, two, &there), 1);
    assert_false(there);
    stage_close(&s);
}

static str customer(struct stage *s, const char *number)
{
    str c = create_person(s, number, "");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(c)));
    IS(s, 201);
    ask(s, 0, "POST", STR("/v1/notices"),
        said(s, "{'type':'acknowledgement','subject':'%.*s','version':'2018-07'}", STR_ARG(c)));
    IS(s, 201);
    collect(s, c, "<intakes.registration>", "<sources.registration>", STR(""),
            "'<fields.identification.name>':'Carla Prøve','<fields.contact.email>':"
            "'carla@canary-breach.example','<fields.address.street>':'Veien 1'");
    IS(s, 201);
    return c;
}

static void look_up(struct stage *s, size_t who, str person)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(person)),
        said(s, "{'purpose':'<purposes.customer_service>','fields':['<fields.contact.email>']}"));
    IS(s, 200);
}

/* A password was guessed: for a day somebody else was the member of the staff. */
static void one_members_access(const struct cast *cast)
{
    struct stage s;
    bool there;
    stage_open(&s, cast, HOSTING, "2026-03-02 09:00");
    size_t support = hire(&s, "<staff.support>");
    ASK(&s, 0, "POST", STR("/v1/evidence"), "{'type':'training','actor':'%.*s'}",
        STR_ARG(s.who[support].staff));
    IS(&s, 201);
    str a = AT_LINE(&s, customer(&s, "B-1")), b = AT_LINE(&s, customer(&s, "B-2"));
    str c = AT_LINE(&s, customer(&s, "B-3"));
    AT_LINE(&s, look_up(&s, support, a));
    clock_to(&s, "2026-03-03 12:00");
    AT_LINE(&s, look_up(&s, support, b));
    AT_LINE(&s, look_up(&s, support, b));
    clock_to(&s, "2026-03-04 09:00");
    AT_LINE(&s, look_up(&s, support, c));
    ASK(&s, 0, "POST", STR("/v1/breaches"),
        "{'from':'2026-03-03T00:00:00+01:00','to':'2026-03-03T23:59:59+01:00',"
        "'nature':['confidentiality'],'description':'CANARY-PASS: a password was guessed',"
        "'staff':['%.*s']}",
        STR_ARG(s.who[support].staff));
    IS(&s, 201);
    str breach = got(&s, "id");
    ask(&s, 0, "GET", said(&s, "/v1/breaches/%.*s/people", STR_ARG(breach)), STR(""));
    IS(&s, 409); /* not computed yet */
    AT_LINE(&s, compute(&s, breach));
    assert_int_equal(people(&s, breach, b, &there), 1);
    assert_true(there);
    assert_int_equal(scope_says(&s, breach, "records"), 1); /* the address, and not the street */
    ASK(&s, 0, "POST", PATH(&s, "/v1/breaches/%.*s/amendments", STR_ARG(breach)),
        "{'from':'2026-03-03T00:00:00+01:00','nature':['confidentiality'],"
        "'description':'CANARY-PASS: it went on','staff':['%.*s']}",
        STR_ARG(s.who[support].staff));
    IS(&s, 200);
    AT_LINE(&s, compute(&s, breach));
    assert_int_equal(people(&s, breach, c, &there), 2);
    assert_true(there);
    stage_close(&s);
}

void own_whom_a_breach_concerned(const struct cast *cast)
{
    all_of_a_register(cast, COBUILDER);
    all_of_a_register(cast, CONFECT);
    one_members_access(cast);
}

/* ---- papers, phases, telling ---- */

static void post(struct stage *s, size_t who, str breach, const char *verb, const char *body)
{
    ask(s, who, "POST", said(s, "/v1/breaches/%.*s/%s", STR_ARG(breach), verb),
        said(s, "%s", body));
}

static bool answers(struct stage *s, const char *part)
{
    return memmem(s->body.ptr, s->body.len, part, strlen(part)) != NULL;
}

static void papers(struct stage *s, str breach)
{
    AT_LINE(s, post(s, 0, breach, "notification", "{'language':'nb'}"));
    IS(s, 409); /* whole or not at all */
    assert_true(answers(s, "/problems/incomplete") && answers(s, "people lacks"));
    AT_LINE(s, post(s, 0, breach, "notification", "{'language':'nb','phased':true}"));
    IS(s, 200);
    assert_true(answers(s, "Ikke kjent ennå"));
    AT_LINE(s, post(s, 0, breach, "phases", "{'language':'nb','reference':'CANARY-REF 26/1'}"));
    IS(s, 200);
    AT_LINE(s, shows(s, breach, "clock", "met"));
    assert_true(answers(s, "\"lacking\":[\"people\",\"contact\",\"consequences\",\"measures\"]"));
    AT_LINE(s, compute(s, breach));
    AT_LINE(s, post(s, 0, breach, "account",
                    "{'language':'nb','contact':'Personvernombudet, 22 00 00 00','consequences':"
                    "'CANARY-CON: noen kan ringe deg','measures':'Vi har byttet nøkler',"
                    "'what':'CANARY-WORDS: en liste kom bort'}"));
    IS(s, 200);
    AT_LINE(s, post(s, 0, breach, "notification", "{'language':'nb','html':true}"));
    IS(s, 200);
    assert_true(answers(s, "CANARY-TOLD") && answers(s, "Omtrent antall registrerte"));
    AT_LINE(s, post(s, 0, breach, "phases", "{'language':'nb'}"));
    IS(s, 200);
    show(s, breach);
    assert_true(answers(s, "\"lacking\":[]"));
    AT_LINE(s, post(s, 0, breach, "message", "{'language':'nn'}"));
    IS(s, 409); /* nothing was said in it */
    AT_LINE(s, post(s, 0, breach, "message", "{'language':'nb'}"));
    IS(s, 200);
    assert_true(answers(s, "CANARY-WORDS") && !answers(s, "CANARY-TOLD"));
}

static void tell_by_task(struct stage *s, str person)
{
    ask(s, 0, "GET", STR("/v1/tasks"), STR(""));
    IS(s, 200);
    for (JSON_EACH(task, got_json(s, "tasks"))) {
        str dossier, record, name = STR("");
        assert_true(json_str(json_get(task, "dossier"), &dossier) &&
                    json_str(json_get(task, "record"), &record));
        (void)json_str(json_get(task, "name"), &name);
        if (!str_equal(dossier, person) || !str_is(name, "breach"))
            continue;
        ask(s, 0, "POST", said(s, "/v1/tasks/%.*s/%.*s/done", STR_ARG(dossier), STR_ARG(record)),
            said(s, "{'proof':'by letter'}"));
        IS(s, 200);
        return;
    }
    fail_msg("line %d: no task to tell", s->line);
}

static void people_are_told(struct stage *s, size_t officer, str breach, const str *persons)
{
    bool there;
    AT_LINE(s, post(s, 0, breach, "telling", "{'language':'nb'}"));
    IS(s, 409); /* nobody has assessed it */
    AT_LINE(s, assess(s, officer, breach, "high"));
    IS(s, 200);
    AT_LINE(s, post(s, 0, breach, "telling", "{'language':'en'}"));
    IS(s, 409);
    AT_LINE(s, post(s, 0, breach, "telling", "{'language':'nb'}"));
    IS(s, 200);
    AT_LINE(s, post(s, 0, breach, "telling", "{'language':'nb'}"));
    IS(s, 200); /* nobody twice */
    show(s, breach);
    assert_true(answers(s, "\"to_tell\":2"));
    AT_LINE(s, tell_by_task(s, persons[0]));
    AT_LINE(s, post(s, officer, breach, "close", "{'reasons':'CANARY-REASON: done'}"));
    IS(s, 409); /* somebody has still to be told */
    AT_LINE(s, tell_by_task(s, persons[1]));
    (void)people(s, breach, persons[0], &there);
    assert_true(there && answers(s, "\"told\":\"told\"") && !answers(s, "to_tell"));
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(persons[0])), said(s, "{}"));
    IS(s, 200);
    assert_true(answers(s, "breach.told") && answers(s, "availability"));
    AT_LINE(s, post(s, officer, breach, "close", "{'reasons':'CANARY-REASON: done'}"));
    IS(s, 200);
}

static void late_and_left_out(struct stage *s, size_t officer)
{
    ASK(s, 0, "POST", STR("/v1/breaches"),
        "{'aware':'2026-02-20T09:00:00Z','nature':['integrity'],'description':'late','all':true}");
    IS(s, 201);
    str late = got(s, "id");
    AT_LINE(s, post(s, 0, late, "phases", "{'language':'en'}"));
    IS(s, 422); /* reasons for the delay */
    AT_LINE(s, post(s, 0, late, "phases", "{'language':'en','delay':'CANARY-DELAY: a holiday'}"));
    IS(s, 200);
    AT_LINE(s, shows(s, late, "clock", "late"));
    AT_LINE(s, assess(s, officer, late, "high"));
    IS(s, 200);
    AT_LINE(s, post(s, officer, late, "close", "{'reasons':'x'}"));
    IS(s, 409);
    AT_LINE(s, post(s, officer, late, "exemption", "{'ground':'tiresome','reasons':'x'}"));
    IS(s, 422);
    AT_LINE(s, post(s, officer, late, "exemption", "{'ground':'disproportionate','reasons':'x'}"));
    IS(s, 422); /* then the public is told */
    AT_LINE(s, post(s, 0, late, "exemption", "{'ground':'protected','reasons':'encrypted'}"));
    IS(s, 403); /* a human's to say */
    AT_LINE(s, post(s, officer, late, "exemption", "{'ground':'protected','reasons':'encrypted'}"));
    IS(s, 200);
    AT_LINE(s, post(s, officer, late, "close", "{'reasons':'x'}"));
    IS(s, 200);
    AT_LINE(s, post(s, 0, late, "phases", "{'language':'en','delay':'x'}"));
    IS(s, 409);
}

static void told_on(const struct cast *cast, enum policy policy, const char *decides,
                    const char *training)
{
    struct stage s;
    stage_open(&s, cast, policy, "2026-03-02 09:00");
    size_t officer = hire(&s, decides);
    if (training != NULL) {
        ASK(&s, 0, "POST", STR("/v1/evidence"), "{'type':'%s','actor':'%.*s'}", training,
            STR_ARG(s.who[officer].staff));
        IS(&s, 201);
    }
    str persons[] = {create_person(&s, "T-1", ""), create_person(&s, "T-2", "")};
    ASK(&s, 0, "POST", STR("/v1/breaches"),
        "{'nature':['confidentiality','availability'],'description':'CANARY-TOLD: a list is gone',"
        "'all':true}");
    IS(&s, 201);
    str breach = got(&s, "id");
    AT_LINE(&s, papers(&s, breach));
    AT_LINE(&s, people_are_told(&s, officer, breach, persons));
    AT_LINE(&s, late_and_left_out(&s, officer));
    AT_LINE(&s, look_inside(&s, breach, "CANARY-", 1, 7));
    stage_close(&s);
}

void own_a_breach_is_told(const struct cast *cast)
{
    told_on(cast, COBUILDER, "<staff.dpo_role>", NULL);
    told_on(cast, HOSTING, "<staff.legal>", "training");
}
