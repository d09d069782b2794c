/* Values that stay in the firm's own system: an applicant's letter lies where the recruiters work,
 * and goes there when it goes here. */
#include "scenario.h"

#define RECRUITMENT "<purposes.recruitment>"
#define LETTER      "<fields.job_application.application>"

static str apply(struct stage *s, str person, const char *name, const char *reference)
{
    ask(s, 0, "POST", STR("/v1/matters"),
        said(s, "{'kind':'<matters.vacancy>','number':'V-%s'}", reference));
    IS(s, 201);
    str vacancy = got(s, "id");
    happen(s, person, "<events.application_received>", vacancy);
    ask(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        said(s,
             "{'intake':'<intakes.application>','source':'<sources.person>','matter':'%.*s',"
             "'optional':['" LETTER "'],'values':{'<fields.basic.name>':'%s',"
             "'<fields.basic.email>':'%s@canary.example'},'references':{'" LETTER "':'%s'}}",
             STR_ARG(vacancy), name, name, reference));
    IS(s, 201);
    return item_of(s, LETTER);
}

static size_t tasks(struct stage *s)
{
    ask(s, 0, "GET", STR("/v1/tasks"), STR(""));
    IS(s, 200);
    return got_json(s, "tasks")->count;
}

/* The only errand: what it asks for, of which item, and where that lies. Gives its path. */
static str errand(struct stage *s, const char *name, str item, const char *reference)
{
    str there, dossier;
    if (tasks(s) != 1)
        fail_msg("line %d: wanted one task: %.*s", s->line, STR_ARG(s->body));
    const struct json *task = got_json(s, "tasks")->child;
    assert_true(json_str(json_get(task, "kind"), &there) && str_is(there, "errand"));
    assert_true(json_str(json_get(task, "name"), &there) && str_is(there, name));
    assert_true(json_str(json_get(task, "record"), &there) && str_equal(there, item));
    assert_true(json_str(json_get(task, "field"), &there) && str_equal(there, said(s, LETTER)));
    assert_true(json_str(json_get(task, "reference"), &there) && str_is(there, reference));
    assert_true(json_str(json_get(task, "dossier"), &dossier));
    return PATH(s, "/v1/tasks/%.*s/%.*s/done", STR_ARG(dossier), STR_ARG(item));
}

static size_t late(struct stage *s)
{
    size_t count = 0;
    ask(s, 0, "GET", STR("/v1/alarms"), STR(""));
    IS(s, 200);
    for (JSON_EACH(alarm, got_json(s, "alarms"))) {
        str kind;
        instant closed;
        count += json_str(json_get(alarm, "kind"), &kind) && str_is(kind, "overdue_erasure") &&
                 !json_instant(json_get(alarm, "closed"), &closed);
    }
    return count;
}

static bool tells(struct stage *s, const char *what)
{
    bool told = false;
    for (JSON_EACH(change, got_json(s, "changes"))) {
        str there;
        told |= json_str(json_get(change, "change"), &there) && str_is(there, what);
        assert_null(json_get(change, "value"));
    }
    assert_null(memmem(s->body.ptr, s->body.len, "canary", 6));
    return told;
}

static bool fed(struct stage *s, const char *what)
{
    ask(s, 0, "GET", STR("/v1/feed?limit=200"), STR(""));
    IS(s, 200);
    return tells(s, what);
}

void own_a_letter_lies_in_the_recruiters_system(const struct cast *cast)
{
    struct cast changed = *cast;
    struct stage s, names = {.cast = cast, .policy = CONFECT, .arena = cast->arena};
    cast_change(&changed, CONFECT, "en: Application papers }",
                N(&names, "en: Application papers }\n    external: [" LETTER "]\n"
                          "    external_within: 3 days"));
    stage_open(&s, &changed, CONFECT, "2026-01-10 09:00");
    size_t recruiter = hire(&s, "<staff.recruiter>");
    str a = create_person(&s, "A-1", ""), b = create_person(&s, "B-1", "");
    str letter_a = AT_LINE(&s, apply(&s, a, "anna", "ats/17")),
        letter_b = AT_LINE(&s, apply(&s, b, "bo", "ats/18"));

    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/collect", STR_ARG(a)),
        "{'intake':'<intakes.application>','source':'<sources.person>','optional':['" LETTER "'],"
        "'values':{'" LETTER "':'CANARY I apply.'}}");
    IS(&s, 422); /* the letter itself is not taken */
    ASK(&s, recruiter, "POST", PATH(&s, "/v1/subjects/%.*s/read", STR_ARG(a)),
        "{'purpose':'" RECRUITMENT "','items':['%.*s']}", STR_ARG(letter_a));
    IS(&s, 200);
    const struct json *item = got_json(&s, "items")->child;
    str reference;
    assert_true(json_str(json_get(item, "reference"), &reference) && str_is(reference, "ats/17"));
    assert_null(json_get(item, "value"));

    /* Anna asks to be forgotten: here at once, there when they say so, and a kill changes nothing.
     */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(a)), "{'warned':true}");
    IS(&s, 200);
    server_kill(&s);
    server_start(&s);
    str done = AT_LINE(&s, errand(&s, "erase", letter_a, "ats/17"));
    clock_to(&s, "2026-01-13 00:00");
    assert_int_equal(late(&s), 1);
    ASK(&s, 0, "POST", done, "{}");
    IS(&s, 200);
    assert_int_equal(tasks(&s), 0);
    assert_int_equal(late(&s), 0);

    assert_true(fed(&s, "created") && fed(&s, "kept") && fed(&s, "erased"));
    assert_true(fed(&s, "erased_elsewhere") && !fed(&s, "withdrawn"));
    str next = got(&s, "next");

    /* Bo's goes by itself, six months after. */
    clock_to(&s, "2026-07-09 23:59:59");
    assert_int_equal(tasks(&s), 0);
    clock_to(&s, "2026-07-10 00:00");
    AT_LINE(&s, gone(&s, recruiter, b, letter_b, RECRUITMENT));
    done = AT_LINE(&s, errand(&s, "erase", letter_b, "ats/18"));
    ASK(&s, 0, "POST", done, "{}");
    IS(&s, 200);
    ASK(&s, 0, "POST", done, "{}");
    must_be(&s, 410);
    ask(&s, 0, "GET", PATH(&s, "/v1/feed?cursor=%.*s", STR_ARG(next)), STR(""));
    IS(&s, 200);
    assert_true(tells(&s, "ended") && tells(&s, "erased_elsewhere") && !tells(&s, "created"));
    ask(&s, 0, "GET", PATH(&s, "/v1/tasks?cursor=%.*s", STR_ARG(next)), STR(""));
    IS(&s, 422); /* a cursor is its path's */
    AT_LINE(&s, look_inside(&s, b, "ats/18", 0, 0));
    stage_close(&s);
}
