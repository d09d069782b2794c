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
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/messages", STR_ARG(person)),
        STR("{\"message\":\"usage_news\",\"channel\":\"email\"}"));
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
    struct stage s, names = {.cast = &changed, .policy = INFOBRIC, .arena = changed.arena};
    str visitors[VISITORS], holders[HOLDERS];
    cast_change(&changed, INFOBRIC, "\n    covers: [INF-42]\n",
                "\n    counts_only: 10\n    covers: [INF-42]\n");
    cast_change(
        &changed, INFOBRIC, "\nmessages:\n",
        N(&names, "\nmessages:\n  usage_news: { for: " USAGE ", channels: { email: {} } }\n"));
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

/* ---- on the policy that has such a purpose, as it is: every other way to ask for it ---- */

#define ANONYMOUS "<purposes.anonymous_statistics>"
#define SEEN      "<fields.browsing.page>"

static void asks_for_it(struct stage *s, size_t who, str person, const char *verb, const char *more)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/%s", STR_ARG(person), verb),
        said(s, "{'purpose':'" ANONYMOUS "'%s}", more));
    must_refuse_by(s, "purposes." ANONYMOUS ".counts_only");
    must_refuse(s, "COB-75", NULL);
}

static void explained(struct stage *s, str person, const char *purpose, const char *how,
                      bool wanted)
{
    bool allowed = !wanted;
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/explain", STR_ARG(person)),
        said(s, "{'purpose':'%s','fields':['" SEEN "']%s}", purpose, how));
    IS(s, 200);
    assert_true(json_bool(got_json(s, "allowed"), &allowed));
    if (allowed != wanted)
        fail_msg("line %d: %.*s", s->line, STR_ARG(s->body));
}

static void serves_nobody(struct stage *s, str person)
{
    str rule;
    bool open = true;
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/service", STR_ARG(person)),
        said(s, "{'purpose':'" ANONYMOUS "'}"));
    IS(s, 200);
    assert_true(json_bool(got_json(s, "open"), &open));
    assert_false(open);
    assert_true(json_str(json_get(got_json(s, "closed_by"), "rule"), &rule));
    assert_true(str_is(rule, N(s, "purposes." ANONYMOUS ".counts_only")));
}

/* In a batch or an export one line says it of each person. */
static void nobody_is_in(struct stage *s, const char *path, str body)
{
    ask(s, 0, "POST", str_from(path), body);
    if (s->code != 403)
        IS(s, 200);
    if (memmem(s->body.ptr, s->body.len, "canary-s75", 10) != NULL ||
        memmem(s->body.ptr, s->body.len, "counts_only", 11) == NULL)
        fail_msg("line %d: %s: %.*s", s->line, path, STR_ARG(s->body));
}

static str provider(struct stage *s)
{
    ask(s, 0, "POST", STR("/v1/parties"),
        said(s, "{'kind':'<recipients.service_provider>','name':'Counting AS'}"));
    IS(s, 201);
    return got(s, "id");
}

void a_purpose_that_counts_opens_no_other_way(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-02-01 09:00");
    size_t analyst = hire(&s, "<staff.analyst>");
    AT_LINE(&s, weigh(&s, ANONYMOUS));
    AT_LINE(&s, weigh(&s, "<purposes.gui_improvement>"));
    str g = create_person(&s, "G-1", "'<roles.user>'");
    AT_LINE(&s, collect(&s, g, "<intakes.use>", "<sources.use_of_service>", STR(""),
                        "'" SEEN "':'/canary-s75'"));
    IS(&s, 201);
    str item = item_of(&s, SEEN);
    const char *items =
        arena_c_string(s.arena, arena_format(s.arena, ",'items':['%.*s']", STR_ARG(item)));
    AT_LINE(&s, read_is(&s, analyst, g, item, "<purposes.gui_improvement>", "/canary-s75"));
    const size_t asking[] = {0, analyst};
    for (size_t i = 0; i < LENGTH(asking); i++) {
        AT_LINE(&s, asks_for_it(&s, asking[i], g, "read", items));
        AT_LINE(&s, asks_for_it(&s, asking[i], g, "use", items));
        AT_LINE(&s, asks_for_it(&s, asking[i], g, "use", ",'fields':['" SEEN "']"));
    }
    str to = provider(&s);
    const char *given = arena_c_string(
        s.arena,
        arena_format(s.arena, "%s,'recipient':'<recipients.service_provider>','party':'%.*s'",
                     items, STR_ARG(to)));
    AT_LINE(&s, asks_for_it(&s, 0, g, "share", given));
    const char *made = arena_c_string(
        s.arena,
        arena_format(s.arena, "%s,'values':{'<fields.suggestions.product>':'doors'}", items));
    AT_LINE(&s, asks_for_it(&s, 0, g, "derive", made));
    const char *ruled = arena_c_string(
        s.arena, arena_format(s.arena, "%s,'outcome':'no','logic':'few pages'", items));
    AT_LINE(&s, asks_for_it(&s, 0, g, "decisions", ruled));
    AT_LINE(&s, serves_nobody(&s, g));
    AT_LINE(&s, explained(&s, g, ANONYMOUS, "", false));
    AT_LINE(&s, explained(&s, g, ANONYMOUS, ",'use':true", false));
    AT_LINE(&s, explained(&s, g, "<purposes.gui_improvement>", ",'use':true", true));
    AT_LINE(&s,
            nobody_is_in(&s, "/v1/batch/read",
                         said(&s, "{'purpose':'" ANONYMOUS "','subjects':['%.*s']}", STR_ARG(g))));
    AT_LINE(&s, nobody_is_in(&s, "/v1/batch/share",
                             said(&s,
                                  "{'purpose':'" ANONYMOUS
                                  "','recipient':'<recipients.service_provider>',"
                                  "'party':'%.*s','subjects':['%.*s']}",
                                  STR_ARG(to), STR_ARG(g))));
    AT_LINE(&s, nobody_is_in(&s, "/v1/export", said(&s, "{'purpose':'" ANONYMOUS "'}")));
    stage_close(&s);
}
