/* S17: a new purpose and a new source come by a change of the policy: announced, in force, told,
 * and gone back on. */
#include "scenario.h"

#define AS      "<controllers.infobric_as>"
#define SCORING "usage_scoring"
#define FOLLOW  "<purposes.usage_follow_up>"

/* ---- the versions ---- */

static str replaced(struct stage *s, str text, const char *from, const char *to)
{
    const char *there = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(there);
    size_t at = (size_t)(there - text.ptr);
    return arena_format(s->arena, "%.*s%s%.*s", (int)at, text.ptr, to,
                        STR_ARG(str_slice(text, at + strlen(from), text.len)));
}

/* The first version's deployment, and what the second adds to it. */
static str second(struct stage *s)
{
    str text = s->cast->deployment[s->policy];
    text = replaced(s, text, "version: \"2026-01\"", "version: \"2026-09\"");
    text = replaced(s, text, "effective: 2026-01-02", "effective: 2026-09-01");
    str added =
        said(s, "  purposes." SCORING ": { basis: legitimate_interest, roles: [<roles.site_user>],"
                " uses: [<categories.usage>], keep: 6 months after collected }\n"
                "  sources.public_source_x: { kind: indirect, needs: [notice] }\n"
                "  intakes.usage_panel: { from: [<sources.person>, public_source_x],"
                " for: [" SCORING "], optional: [<categories.usage>] }\n");
    return arena_format(s->arena, "%.*s\n%.*s", STR_ARG(text), STR_ARG(added));
}

static void offer_version(struct stage *s, const char *path, str deployment, const char *erases)
{
    struct buf body = buf_in(s->arena, 1 << 20);
    struct json_out out = json_out_over(&body);
    json_open_object(&out);
    json_key(&out, "policy");
    json_put_str(&out, s->cast->text[s->policy]);
    json_key(&out, "deployment");
    json_put_str(&out, deployment);
    if (erases != NULL) {
        json_key(&out, "erases");
        json_put_raw(&out, str_from(erases));
    }
    json_close_object(&out);
    ask(s, 0, "POST", str_from(path), buf_str(&body));
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

static void untold_are(struct stage *s, size_t count)
{
    ask(s, 0, "POST", STR("/v1/policy/untold"), STR("{\"version\":\"2026-09\"}"));
    IS(s, 200);
    if (got_json(s, "ids")->count != count)
        fail_msg("line %d: %.*s", s->line, STR_ARG(s->body));
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

/* ---- the scenario ---- */

static void announce(struct stage *s, str l, str m)
{
    static const char *const wanted[] = {"in_force", "announced"};
    AT_LINE(s, offer_version(s, "/v1/policy/preview", second(s), NULL));
    IS(s, 200);
    assert_int_equal(number(s, "erases"), 0);
    assert_int_equal(number(s, "untold"), 2);
    AT_LINE(s, offer_version(s, "/v1/policy/apply", second(s), "0"));
    IS(s, 201);
    AT_LINE(s, policy_is(s, wanted, 2));
    AT_LINE(s, untold_are(s, 2));
    clock_to(s, "2026-08-15 09:00");
    ASK(s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','version':'2026-09'}", STR_ARG(l));
    IS(s, 201);
    ASK(s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','version':'2026-09','bounced':true}",
        STR_ARG(m));
    DONE(s);
    AT_LINE(s, untold_are(s, 1));
}

void s17_a_new_purpose(const struct cast *cast)
{
    static const char *const in_force[] = {"past", "in_force"};
    static const char *const back[] = {"past", "past", "in_force"};
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
    AT_LINE(&s, use(&s, l, old, SCORING));
    must_refuse_by(&s, "purposes");
    clock_to(&s, "2026-09-01 00:00");
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
    AT_LINE(&s, offer_version(&s, "/v1/policy/apply", cast->deployment[INFOBRIC], "2"));
    IS(&s, 201);
    AT_LINE(&s, policy_is(&s, back, 3));
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
