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
