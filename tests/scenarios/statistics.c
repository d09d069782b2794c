/* Counts of people, and nothing of anybody (C37): own scenario, on a policy whose usage purpose is
 * made to count only. */
#include <string.h>

#include "scenario.h"

#define USAGE "<purposes.usage_follow_up>"
#define PAGE  "<fields.usage.page>"

enum { VISITORS = 24, HOLDERS = 21 };

static str visitor(struct stage *s, int number, const char *role)
{
    char name[16];
    (void)snprintf(name, sizeof(name), "V-%d", number);
    str person = create_person(s, name, role);
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        said(s, "{'intake':'<intakes.site_visit>','source':'<sources.person>','channel':'web',"
                "'optional':['" PAGE "'],'values':{'" PAGE "':'/canary-c37'}}"));
    IS(s, 201);
    return person;
}

static void count(struct stage *s, const char *dimension)
{
    ask(s, 0, "POST", STR("/v1/statistics"),
        said(s, "{'purpose':'" USAGE "','by':'%s'}", dimension));
}

/* What the table says of all, or of a cell; -1: nothing. */
static int people_in(struct stage *s, const char *cell)
{
    const struct json *people = json_get(s->json, "people");
    int64_t number;
    IS(s, 200);
    for (JSON_EACH(one, got_json(s, "cells"))) {
        str value;
        if (cell != NULL && json_str(json_get(one, "value"), &value) && str_is(value, N(s, cell)))
            people = json_get(one, "people");
    }
    return json_i64(people, &number) ? (int)number : -1;
}

static void roles_are(struct stage *s, int all, int visitors, int holders)
{
    count(s, "role");
    assert_int_equal(people_in(s, NULL), all);
    assert_int_equal(people_in(s, "<roles.site_user>"), visitors);
    assert_int_equal(people_in(s, "<roles.account_holder>"), holders);
}

static void nothing_else_is_answered(struct stage *s, str person)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(person)),
        said(s, "{'purpose':'" USAGE "'}"));
    must_refuse_by(s, N(s, "purposes." USAGE ".counts_only"));
    count(s, "email");
    IS(s, 422);
    ask(s, 0, "POST", STR("/v1/statistics"), said(s, "{'purpose':'<purposes.offers>'}"));
    must_refuse_by(s, N(s, "purposes.<purposes.offers>.counts_only"));
    ask(s, 0, "POST", STR("/v1/statistics"), said(s, "{'purpose':'" USAGE "','where':'age=30'}"));
    IS(s, 422);
}

/* Twenty-four came as visitors and twenty-one hold accounts; then two of these say no. */
void only_numbers_come_out_of_a_purpose_that_counts(const struct cast *cast)
{
    struct cast changed = *cast;
    struct stage s;
    str visitors[VISITORS], holders[HOLDERS];
    cast_change(&changed, INFOBRIC, "\n    covers: [INF-42]\n",
                "\n    counts_only: 10\n    covers: [INF-42]\n");
    stage_open(&s, &changed, INFOBRIC, "2026-02-01 09:00");
    s.company = "<controllers.infobric_ab>";
    AT_LINE(&s, weigh(&s, USAGE));
    for (int i = 0; i < VISITORS; i++)
        visitors[i] = AT_LINE(&s, visitor(&s, i, "'<roles.site_user>'"));
    for (int i = 0; i < HOLDERS; i++)
        holders[i] = AT_LINE(&s, visitor(&s, VISITORS + i, "'<roles.account_holder>'"));
    AT_LINE(&s, roles_are(&s, -1, -1, -1)); /* as of midnight, when nobody was there */

    clock_to(&s, "2026-02-02 09:00");
    AT_LINE(&s, roles_are(&s, 45, 25, -1)); /* and not 25 and 20, which tell of those without */
    AT_LINE(&s, nothing_else_is_answered(&s, holders[0]));
    for (int i = 0; i < 2; i++) {
        ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(holders[i])),
            "{'purpose':'" USAGE "'}");
        IS(&s, 201);
    }
    AT_LINE(&s, roles_are(&s, 45, 25, -1)); /* the day's table: who said no is not found by it */
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, roles_are(&s, 45, 25, -1));

    clock_to(&s, "2026-02-03 00:00");
    AT_LINE(&s, roles_are(&s, 45, -1, -1)); /* what is withheld would be 19 people, too few */
    count(&s, "none");
    assert_int_equal(people_in(&s, NULL), 45);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(visitors[0])),
        "{'warned':true}");
    IS(&s, 200);
    count(&s, "none");
    assert_int_equal(people_in(&s, NULL), 45);
    AT_LINE(&s, look_inside(&s, visitors[1], "canary-c37", 1, 1));
    stage_close(&s);
}
