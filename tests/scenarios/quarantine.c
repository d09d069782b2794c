/* Content that came by e-mail and may not be had: put away, decided on, gone. */
#include <string.h>

#include "scenario.h"

static size_t put_away(struct stage *s)
{
    ask(s, 0, "GET", STR("/v1/quarantine"), STR(""));
    IS(s, 200);
    return got_json(s, "quarantine")->count;
}

/* What was put away of this field: its id, and whose it is. */
static str put_away_of(struct stage *s, const char *field, str person)
{
    str wanted = str_from(N(s, field)), there, id;
    (void)put_away(s);
    for (JSON_EACH(one, got_json(s, "quarantine"))) {
        if (!json_str(json_get(one, "field"), &there) || !str_equal(there, wanted))
            continue;
        assert_true(json_str(json_get(one, "subject"), &there) && str_equal(there, person));
        assert_true(json_str(json_get(one, "id"), &id));
        return id;
    }
    fail_msg("line %d: nothing of %s: %.*s", s->line, field, STR_ARG(s->body));
    return STR("");
}

static void decide(struct stage *s, str id, const char *decision)
{
    ask(s, 0, "POST", said(s, "/v1/quarantine/%.*s/decision", STR_ARG(id)),
        said(s, "{'reasons':'looked at what she wrote about',%s}", decision));
}

/* Nothing gives it back: no list, no view, no copy of her own. */
static void nobody_reads(struct stage *s, str person, const char *value)
{
    static const char *const paths[] = {"access", "portability"};
    for (size_t i = 0; i < LENGTH(paths); i++) {
        ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/%s", STR_ARG(person), paths[i]),
            STR("{\"by_subject\":true}"));
        IS(s, 200);
        assert_null(memmem(s->body.ptr, s->body.len, value, strlen(value)));
    }
    ask(s, 0, "GET", said(s, "/v1/subjects/%.*s", STR_ARG(person)), STR(""));
    IS(s, 200);
    assert_null(memmem(s->body.ptr, s->body.len, value, strlen(value)));
    (void)put_away(s);
    assert_null(memmem(s->body.ptr, s->body.len, value, strlen(value)));
}

static void mail_in(struct stage *s, str person, const char *rest)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(person)),
        said(s,
             "{'intake':'<intakes.mail_in>','source':'<sources.person>','supplied':['notice'],%s}",
             rest));
}

static str someone(struct stage *s, const char *number)
{
    str id = create_person(s, number, "'<roles.candidate>'");
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(id)),
        said(s, "{'purpose':'<purposes.recruitment>','wording':'A job?','given_by':'click'}"));
    IS(s, 201);
    return id;
}

void sensitive_mail_is_put_away(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CLOUDBERRIES, "2026-05-04 09:00");
    str a = someone(&s, "A-1");
    /* What is special goes away; the rest of the mail is taken. */
    AT_LINE(
        &s,
        mail_in(&s, a,
                "'values':{'<fields.contact.phone>':'+47 40 00 00 09','<categories.special>':"
                "'CANARY-HEALTH'},'optional':['<fields.contact.phone>','<categories.special>']"));
    IS(&s, 201);
    assert_non_null(memmem(s.body.ptr, s.body.len, "\"quarantined\":true", 18));
    assert_int_equal(put_away(&s), 1);
    AT_LINE(&s, nobody_reads(&s, a, "CANARY-HEALTH"));
    /* A text of another field that is known to hold it; alone it makes no item at all. */
    AT_LINE(&s, mail_in(&s, a,
                        "'values':{'<fields.contact.address>':'CANARY-ADDRESS, ward 4'},"
                        "'optional':['<fields.contact.address>'],"
                        "'holds':{'<fields.contact.address>':'<categories.special>'}"));
    IS(&s, 202);
    assert_int_equal(put_away(&s), 2);
    AT_LINE(&s, mail_in(&s, a, "'values':{'<fields.contact.phone>':'1'},'holds':{'x':'y'}"));
    IS(&s, 422);
    str health = put_away_of(&s, "<categories.special>", a);
    str address = put_away_of(&s, "<fields.contact.address>", a);
    AT_LINE(&s, decide(&s, health,
                       "'release':true,'intake':'<intakes.mail_in>','field':"
                       "'<categories.special>'"));
    assert_true(s.code >= 400 && s.code < 500); /* no release to where it may not be */
    assert_int_equal(put_away(&s), 2);
    AT_LINE(&s, decide(&s, health, "'release':false"));
    DONE(&s);
    AT_LINE(&s, decide(&s, health, "'release':false"));
    IS(&s, 404);
    /* The other is no health data after all. */
    AT_LINE(&s, decide(&s, address,
                       "'release':true,'intake':'<intakes.mail_in>','field':"
                       "'<fields.contact.address>'"));
    DONE(&s);
    assert_int_equal(put_away(&s), 0);
    size_t recruiter = hire(&s, "<staff.recruiter>");
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','source':'<sources.person>'}",
        STR_ARG(a));
    IS(&s, 201);
    ASK(&s, recruiter, "POST", PATH(&s, "/v1/subjects/%.*s/read", STR_ARG(a)),
        "{'purpose':'<purposes.recruitment>','fields':['<fields.contact.address>']}");
    IS(&s, 200);
    assert_non_null(memmem(s.body.ptr, s.body.len, "CANARY-ADDRESS", 14));
    /* Two weeks, and it goes by itself. */
    str b = someone(&s, "B-1");
    AT_LINE(&s, mail_in(&s, b, "'values':{'<categories.special>':'CANARY-B'},'optional':[]"));
    IS(&s, 202);
    clock_to(&s, "2026-05-18 08:59:59");
    assert_int_equal(put_away(&s), 1);
    clock_to(&s, "2026-05-18 09:00");
    assert_int_equal(put_away(&s), 0);
    AT_LINE(&s, look_inside(&s, b, "CANARY", 1, 1));
    /* What the firm sends obeys the same. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/messages", STR_ARG(a)),
        "{'message':'<messages.recruitment_answer>','channel':'email','carries':"
        "['<categories.special>']}");
    must_refuse(&s, "CLO-17", NULL);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/messages", STR_ARG(a)),
        "{'message':'<messages.recruitment_answer>','channel':'email','carries':"
        "['<categories.contact>']}");
    DONE(&s);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/messages", STR_ARG(a)),
        "{'message':'<messages.recruitment_answer>','channel':'phone','carries':"
        "['<categories.special>']}");
    DONE(&s);
    stage_close(&s);
}
