/* S20: what others told about a person waits until she was told of it, and not for ever. */
#include "scenario.h"

#define RECRUITMENT "<purposes.recruitment>"

struct candidate {
    str id, mail;
};

static struct candidate taken_from_others(struct stage *s, const char *number, const char *mail)
{
    struct candidate who = {.id = create_person(s, number, "'<roles.candidate>'")};
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(who.id)),
        said(s, "{'purpose':'" RECRUITMENT "','wording':'May we look at you for a job?',"
                "'given_by':'click'}"));
    IS(s, 201);
    collect(s, who.id, "<intakes.from_others>", "<sources.other>", STR(""),
            arena_c_string(s->arena, said(s, "'<fields.contact.email>':'%s'", mail)));
    IS(s, 201);
    who.mail = item_of(s, "<fields.contact.email>");
    return who;
}

static void notify(struct stage *s, str person)
{
    ask(s, 0, "POST", STR("/v1/notices"),
        said(s, "{'subject':'%.*s','source':'<sources.other>'}", STR_ARG(person)));
    IS(s, 201);
}

static void except(struct stage *s, str person, const char *type, const char *particulars)
{
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s, "{'type':'%s','subject':'%.*s','source':'<sources.other>','particulars':{%s}}",
             type, STR_ARG(person), particulars));
}

/* How many alarms about an overdue notice are open for the person. */
static size_t alarms_about(struct stage *s, str person)
{
    size_t count = 0;
    ask(s, 0, "GET", STR("/v1/alarms"), STR(""));
    IS(s, 200);
    for (JSON_EACH(one, got_json(s, "alarms"))) {
        str kind, subject;
        if (json_str(json_get(one, "kind"), &kind) && str_is(kind, "overdue_notice") &&
            json_str(json_get(one, "subject"), &subject) && str_equal(subject, person) &&
            json_get(one, "closed") == NULL)
            count++;
    }
    return count;
}

static void exceptions_are_whole(struct stage *s, str person)
{
    except(s, person, "<evidence.not_possible>", "'<asks.reason>':'no address'");
    must_refuse(s, "CLO-14", "<asks.approver>");
    except(s, person, "<evidence.not_possible>", "'<asks.approver>':'the delegate'");
    must_refuse(s, "CLO-14", "<asks.reason>");
    except(s, person, "<evidence.known_already>", "");
    must_refuse(s, "CLO-15", "<asks.earlier_notice>");
    except(s, person, "<evidence.set_by_law>", "");
    must_refuse(s, "CLO-13", "<asks.law>");
}

void s20_indirect_source(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CLOUDBERRIES, "2026-03-02 10:00");
    size_t recruiter = hire(&s, "<staff.recruiter>");
    struct candidate o = AT_LINE(&s, taken_from_others(&s, "O-1", "o@canary-o.example"));
    struct candidate p = AT_LINE(&s, taken_from_others(&s, "P-1", "p@canary-p.example"));
    struct candidate q = AT_LINE(&s, taken_from_others(&s, "Q-1", "q@canary-q.example"));
    struct candidate r = AT_LINE(&s, taken_from_others(&s, "R-1", "r@canary-r.example"));
    clock_to(&s, "2026-03-05 10:00");
    AT_LINE(&s, read_no(&s, recruiter, o.id, o.mail, RECRUITMENT, "CLO-13"));
    clock_to(&s, "2026-03-06 10:00");
    AT_LINE(&s, notify(&s, o.id));
    AT_LINE(&s, read_is(&s, recruiter, o.id, o.mail, RECRUITMENT, "o@canary-o.example"));
    AT_LINE(&s, exceptions_are_whole(&s, q.id));
    AT_LINE(&s, read_no(&s, recruiter, q.id, q.mail, RECRUITMENT, "CLO-13"));
    AT_LINE(&s, except(&s, q.id, "<evidence.set_by_law>", "'<asks.law>':'a named law'"));
    IS(&s, 201);
    AT_LINE(&s, read_is(&s, recruiter, q.id, q.mail, RECRUITMENT, "q@canary-q.example"));

    clock_to(&s, "2026-04-02 23:59:59");
    assert_int_equal(alarms_about(&s, p.id), 0);
    clock_to(&s, "2026-04-03 00:00");
    assert_int_equal(alarms_about(&s, p.id), 1);
    assert_int_equal(alarms_about(&s, r.id), 1);
    assert_int_equal(alarms_about(&s, o.id) + alarms_about(&s, q.id), 0);
    /* It may only be erased or told of: a late exception opens nothing. */
    AT_LINE(&s, read_no(&s, recruiter, p.id, p.mail, RECRUITMENT, "CLO-13"));
    AT_LINE(&s, except(&s, p.id, "<evidence.set_by_law>", "'<asks.law>':'a named law'"));
    must_refuse_by(&s, "always.indirect_notice");
    AT_LINE(&s, read_no(&s, recruiter, p.id, p.mail, RECRUITMENT, "CLO-13"));
    clock_to(&s, "2026-04-07 09:00");
    assert_int_equal(alarms_about(&s, p.id), 1);
    AT_LINE(&s, notify(&s, p.id));
    assert_int_equal(alarms_about(&s, p.id), 0);
    AT_LINE(&s, read_is(&s, recruiter, p.id, p.mail, RECRUITMENT, "p@canary-p.example"));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(r.id)), "{'warned':true}");
    IS(&s, 200);
    assert_int_equal(alarms_about(&s, r.id), 0);
    AT_LINE(&s, look_inside(&s, r.id, "canary-r.example", 0, 0));
    stage_close(&s);
}
