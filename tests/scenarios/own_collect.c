/* Of our own, harder than the written ones: collecting, roles that come and go, and sensitive
 * content, under a policy that none of these was written for. */
#include <string.h>

#include "scenario.h"

#define APPLY(s, rest)                                                                             \
    ASK(s, 0, "POST", STR("/v1/subjects"),                                                         \
        "{'identifiers':[{'kind':'number','value':'K-1'}],'collect':{'intake':"                    \
        "'<intakes.application>','events':['<events.application_received>']," rest "}}")
#define WHO  "'<fields.basic.name>':'Kim CANARY-K','<fields.basic.email>':'kim@canary-k.example'"
#define TEXT "'<fields.job_application.application>':'CANARY-TEXT'"

static void nobody_came(struct stage *s)
{
    found_is(s, "number", "K-1", 0);
    found_is(s, "<fields.basic.email>", "kim@canary-k.example", 0);
    ask(s, 0, "GET", STR("/v1/subjects"), STR(""));
    IS(s, 200);
    assert_int_equal(got_json(s, "ids")->count, 0);
    ask(s, 0, "GET", STR("/v1/quarantine"), STR(""));
    IS(s, 200);
    assert_int_equal(got_json(s, "quarantine")->count, 0);
}

void a_form_takes_all_of_a_person_or_nothing(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    APPLY(&s, "'source':'<sources.person>','values':{" WHO "}");
    must_refuse_by(&s, "intakes.<intakes.application>.required");
    AT_LINE(&s, nobody_came(&s));
    APPLY(&s, "'source':'<sources.social_network>','values':{" WHO "," TEXT "}");
    must_refuse(&s, "CON-07", NULL); /* the intake's closed list of sources */
    AT_LINE(&s, nobody_came(&s));
    APPLY(&s, "'source':'<sources.person>','values':{" WHO "," TEXT
              ",'<fields.job_application.cv>':'4111 1111 1111 1111'},'optional':"
              "['<fields.job_application.cv>']");
    IS(&s, 403);
    AT_LINE(&s, nobody_came(&s));
    /* What the form has no place for is refused alone; the person is made. */
    APPLY(&s,
          "'source':'<sources.person>','values':{" WHO "," TEXT
          ",'<fields.behaviour.click>':'CANARY-CLICK'},'optional':['<fields.behaviour.click>']");
    IS(&s, 201);
    str kim = got(&s, "id");
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "kim@canary-k.example", 1));
    AT_LINE(&s, look_inside(&s, kim, "CANARY", 1, 3));
    stage_close(&s);
}

void one_record_through_roles_that_come_and_go(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    size_t recruiter = hire(&s, "<staff.recruiter>"), marketer = hire(&s, "<staff.marketer>");
    AT_LINE(&s, weigh(&s, "<purposes.marketing_material>"));
    APPLY(&s, "'source':'<sources.person>','values':{" WHO "," TEXT "}");
    IS(&s, 201);
    str kim = got(&s, "id"), text = item_of(&s, "<fields.job_application.application>");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/roles", STR_ARG(kim)),
        "{'role':'<roles.lead>'}");
    DONE(&s);
    AT_LINE(&s, happen(&s, kim, "<events.interaction>", STR("")));
    AT_LINE(&s, happen(&s, kim, "<events.activity>", STR("")));
    AT_LINE(&s, collect(&s, kim, "<intakes.interest>", "<sources.person>", STR(""),
                        "'<fields.basic.email>':'kim@canary-k.example'"));
    IS(&s, 201);
    str mail = item_of(&s, "<fields.basic.email>");
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "kim@canary-k.example", 1));
    AT_LINE(&s, read_is(&s, marketer, kim, mail, "<purposes.marketing_material>",
                        "kim@canary-k.example"));
    clock_to(&s, "2026-04-01 09:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/roles", STR_ARG(kim)),
        "{'role':'<roles.lead>','ends':true}");
    DONE(&s);
    s.line = __LINE__;
    ask(&s, marketer, "POST", PATH(&s, "/v1/subjects/%.*s/read", STR_ARG(kim)),
        said(&s, "{'purpose':'<purposes.marketing_material>','items':['%.*s']}", STR_ARG(mail)));
    must_refuse_by(&s, "purposes.<purposes.marketing_material>.roles");
    AT_LINE(&s, read_is(&s, recruiter, kim, text, "<purposes.recruitment>", "CANARY-TEXT"));
    /* She wants no marketing, is erased, and applies again: as a candidate she is taken. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(kim)),
        "{'purpose':'marketing'}");
    IS(&s, 201);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(kim)), "{'warned':true}");
    IS(&s, 200);
    AT_LINE(&s, look_inside(&s, kim, "CANARY", 0, 0));
    APPLY(&s, "'source':'<sources.person>','values':{" WHO "," TEXT "}");
    IS(&s, 201);
    str again = got(&s, "id");
    text = item_of(&s, "<fields.job_application.application>");
    AT_LINE(&s, read_is(&s, recruiter, again, text, "<purposes.recruitment>", "CANARY-TEXT"));
    AT_LINE(&s, collect(&s, again, "<intakes.interest>", "<sources.person>", STR(""),
                        "'<fields.basic.email>':'KIM@canary-k.example'"));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/messages", STR_ARG(again)),
        "{'message':'<messages.marketing>','channel':'email','supplied':['stop_link']}");
    IS(&s, 403);
    stage_close(&s);
}

void sensitive_parts_of_an_application_are_put_away(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    /* Without the part that the form cannot do without there is nothing to put away. */
    APPLY(&s, "'source':'<sources.person>','values':{" WHO "," TEXT "},'holds':"
              "{'<fields.job_application.application>':'<categories.special>'}");
    must_refuse(&s, "CON-07", NULL);
    AT_LINE(&s, nobody_came(&s));
    APPLY(&s, "'source':'<sources.person>','values':{" WHO "," TEXT
              ",'<fields.job_application.reference>':'CANARY-SICK'},'optional':"
              "['<fields.job_application.reference>'],'holds':"
              "{'<fields.job_application.reference>':'<categories.special>'}");
    IS(&s, 201);
    str kim = got(&s, "id");
    s.line = __LINE__;
    ask(&s, 0, "GET", STR("/v1/quarantine"), STR(""));
    assert_int_equal(got_json(&s, "quarantine")->count, 1);
    s.line = __LINE__;
    ask(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/access", STR_ARG(kim)),
        STR("{\"by_subject\":true}"));
    IS(&s, 200);
    assert_int_equal(got_json(&s, "quarantine")->count, 1); /* she learns that it is there */
    assert_null(memmem(s.body.ptr, s.body.len, "CANARY-SICK", 11));
    /* It goes with her. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(kim)), "{'warned':true}");
    IS(&s, 200);
    AT_LINE(&s, nobody_came(&s));
    AT_LINE(&s, look_inside(&s, kim, "CANARY", 0, 0));
    stage_close(&s);
}

/* A death opens nothing, and nobody acts in her name. */
void a_death_on_record_opens_nothing(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    size_t recruiter = hire(&s, "<staff.recruiter>"), marketer = hire(&s, "<staff.marketer>");
    AT_LINE(&s, weigh(&s, "<purposes.marketing_material>"));
    APPLY(&s, "'source':'<sources.person>','values':{" WHO "," TEXT "}");
    IS(&s, 201);
    str kim = got(&s, "id"), text = item_of(&s, "<fields.job_application.application>");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/death", STR_ARG(kim)), "{}");
    IS(&s, 201);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/death", STR_ARG(kim)), "{}");
    IS(&s, 409);
    AT_LINE(&s, read_is(&s, recruiter, kim, text, "<purposes.recruitment>", "CANARY-TEXT"));
    AT_LINE(&s, read_no(&s, marketer, kim, text, "<purposes.marketing_material>", "CON-22"));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/consents", STR_ARG(kim)),
        "{'purpose':'<purposes.marketing_material>','wording':'News?','given_by':'click'}");
    must_refuse(&s, "CON-02", NULL);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/access", STR_ARG(kim)), "{'by_subject':true}");
    must_refuse(&s, "CON-02", NULL);
    clock_to(&s, "2026-09-02 00:00");
    AT_LINE(&s, gone(&s, recruiter, kim, text, "<purposes.recruitment>"));
    stage_close(&s);
}
