/* Of our own: a message that speaks of somebody else, under a policy of four companies. */
#include <string.h>

#include "scenario.h"

#define AS      "<controllers.infobric_as>"
#define BLAST   "<controllers.blastmanager>"
#define ANSWERS "<purposes.answer_questions>"
#define MESSAGE "<fields.correspondence.message>"

static bool tells(const struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

/* Her copy from one of the companies names so many items of others, with the value or without. */
static void copy_names(struct stage *s, const char *company, str person, size_t count, bool value)
{
    const char *kept = s->company;
    s->company = company;
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(person)),
        STR("{\"by_subject\":true}"));
    IS(s, 200);
    s->company = kept;
    assert_int_equal(got_json(s, "concerns")->count, count);
    assert_int_equal(tells(s, "CANARY-TEXT"), value);
}

static size_t lines_of(struct stage *s, str person)
{
    ask(s, 0, "GET", said(s, "/v1/subjects/%.*s/concerns", STR_ARG(person)), STR(""));
    IS(s, 200);
    return got_json(s, "concerns")->count;
}

static void decide(struct stage *s, size_t who, str person, str line, const char *released)
{
    ask(s, who, "POST",
        said(s, "/v1/subjects/%.*s/concerns/%.*s/decision", STR_ARG(person), STR_ARG(line)),
        said(s, "{'released':%s,'reasons':'CANARY-REASON'}", released));
}

static size_t overdue(struct stage *s, str person)
{
    size_t count = 0;
    ask(s, 0, "GET", STR("/v1/alarms"), STR(""));
    IS(s, 200);
    for (JSON_EACH(one, got_json(s, "alarms"))) {
        str kind, subject;
        count += json_str(json_get(one, "kind"), &kind) && str_is(kind, "overdue_notice") &&
                 json_str(json_get(one, "subject"), &subject) && str_equal(subject, person) &&
                 json_get(one, "closed") == NULL;
    }
    return count;
}

static void ask_about(struct stage *s, str asker, str text, const char *other)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(asker)),
        said(s,
             "{'intake':'<intakes.question>','source':'<sources.person>','values':"
             "{'" MESSAGE "':'%.*s'},'optional':['" MESSAGE "'],"
             "'concerns':[{'field':'" MESSAGE "','subject':'%s'}]}",
             STR_ARG(text), other));
}

/* What the colleague restricts waits, though it is the asker's. */
static void restricts_and_lifts(struct stage *s, size_t service, str ola, str kim, str message)
{
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/restrictions", STR_ARG(ola)),
        "{'reason':'accuracy','fields':['" MESSAGE "']}");
    IS(s, 201);
    str restriction = got(s, "record");
    AT_LINE(s, read_no(s, service, kim, message, ANSWERS, "INF-69"));
    AT_LINE(s, copy_names(s, AS, ola, 1, true)); /* who restricts it may see it */
    static const char *const steps[] = {"tell", "lift"};
    for (size_t i = 0; i < LENGTH(steps); i++) {
        ASK(s, 0, "POST",
            PATH(s, "/v1/subjects/%.*s/restrictions/%.*s/%s", STR_ARG(ola), STR_ARG(restriction),
                 steps[i]),
            "%s", "");
        DONE(s);
    }
    AT_LINE(s, read_is(s, service, kim, message, ANSWERS, "CANARY-TEXT about Ola"));
}

/* Nobody, a matter and an id that is none are told apart from nobody by nothing. */
static void strangers_are_alike(struct stage *s, str kim, str message)
{
    ASK(s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.customer>','number':'M-1'}");
    IS(s, 201);
    str matter = got(s, "id"), first = {0};
    const char *others[] = {"AAECAwQFBgcICQoLDA0ODw", arena_c_string(s->arena, matter)};
    for (size_t i = 0; i < LENGTH(others); i++) {
        ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/concerns", STR_ARG(kim)),
            "{'item':'%.*s','subject':'%s'}", STR_ARG(message), others[i]);
        IS(s, 404);
        if (i > 0)
            assert_true(str_equal(s->body, first));
        first = s->body;
        ask_about(s, kim, STR("and again"), others[i]);
        IS(s, 404);
        assert_true(str_equal(s->body, first));
    }
}

void a_question_that_speaks_of_a_colleague(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-01-12 10:00");
    size_t service = hire(&s, "<staff.service>"), legal = hire(&s, "<staff.legal>");
    AT_LINE(&s, weigh(&s, ANSWERS));
    str kim = create_person(&s, "K-1", "'<roles.outsider>'");
    str ola = create_person(&s, "O-1", "'<roles.outsider>'");
    s.line = __LINE__;
    ask_about(&s, kim, STR("CANARY-TEXT about Ola"), arena_c_string(s.arena, ola));
    IS(&s, 201);
    str message = item_of(&s, MESSAGE);
    AT_LINE(&s, strangers_are_alike(&s, kim, message));
    AT_LINE(&s, read_is(&s, service, kim, message, ANSWERS, "CANARY-TEXT about Ola"));
    assert_int_equal(lines_of(&s, kim), 1);
    assert_int_equal(lines_of(&s, ola), 1);
    str line;
    assert_true(json_str(json_get(got_json(&s, "concerns")->child, "id"), &line));
    AT_LINE(&s, copy_names(&s, AS, ola, 1, false));
    assert_true(tells(&s, "always.rights_of_others"));
    assert_false(memmem(s.body.ptr, s.body.len, kim.ptr, kim.len) != NULL); /* nor who wrote it */
    AT_LINE(&s, copy_names(&s, BLAST, ola, 0, false)); /* is not theirs to tell of */

    clock_to(&s, "2026-02-11 10:00");
    assert_int_equal(overdue(&s, ola), 0);
    clock_to(&s, "2026-02-13 10:00");
    assert_int_equal(overdue(&s, ola), 1);
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s'}", STR_ARG(ola));
    DONE(&s);
    assert_int_equal(overdue(&s, ola), 0);

    AT_LINE(&s, decide(&s, service, ola, line, "true")); /* not theirs to decide */
    IS(&s, 403);
    AT_LINE(&s, decide(&s, legal, ola, STR("AAECAwQFBgcICQoLDA0ODw"), "true"));
    IS(&s, 404);
    AT_LINE(&s, decide(&s, legal, ola, line, "true"));
    IS(&s, 201);
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, copy_names(&s, AS, ola, 1, true));
    AT_LINE(&s, copy_names(&s, BLAST, ola, 0, false));
    AT_LINE(&s, restricts_and_lifts(&s, service, ola, kim, message));
    AT_LINE(&s, decide(&s, legal, ola, line, "false"));
    IS(&s, 201);
    AT_LINE(&s, copy_names(&s, AS, ola, 1, false));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(kim)), "{'warned':true}");
    IS(&s, 200);
    AT_LINE(&s, copy_names(&s, AS, ola, 0, false));
    assert_int_equal(lines_of(&s, ola), 0);
    AT_LINE(&s, look_inside(&s, kim, "CANARY", 0, 0));
    stage_close(&s);
}
