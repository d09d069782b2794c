/* S01 and S02: how long an application's papers are kept. */
#include "scenario.h"

#define APPLICATION "<intakes.application>", "<sources.person>"
#define RECRUITMENT "<purposes.recruitment>"

static str vacancy(struct stage *s, const char *number)
{
    ask(s, 0, "POST", STR("/v1/matters"),
        said(s, "{'kind':'<matters.vacancy>','number':'%s'}", number));
    IS(s, 201);
    return got(s, "id");
}

/* An application for a vacancy; gives the CV's item. */
static str apply(struct stage *s, str person, str matter, const char *name, const char *email,
                 const char *cv)
{
    happen(s, person, "<events.application_received>", matter);
    str values = said(s,
                      "'<fields.basic.name>':'%s','<fields.basic.email>':'%s',"
                      "'<fields.job_application.application>':'I apply.',"
                      "'<fields.job_application.cv>':'%s'",
                      name, email, cv);
    collect(s, person, APPLICATION, matter, arena_c_string(s->arena, values));
    IS(s, 201);
    return item_of(s, "<fields.job_application.cv>");
}

void s01_a_candidates_cv(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-01-10 09:00");
    size_t recruiter = hire(&s, "<staff.recruiter>");
    str first = vacancy(&s, "V-1"), second = vacancy(&s, "V-2");

    str a = create_person(&s, "A-1", "");
    str cv1 =
        AT_LINE(&s, apply(&s, a, first, "Anna Prøve", "anna@canary-a.example", "CANARY-CV-A-1"));
    clock_to(&s, "2026-03-02 09:00");
    str cv2 =
        AT_LINE(&s, apply(&s, a, second, "Anna Prøve", "anna@canary-a.example", "CANARY-CV-A-2"));

    clock_to(&s, "2026-07-10 00:00"); /* six months after the first one alone */
    AT_LINE(&s, read_is(&s, recruiter, a, cv1, RECRUITMENT, "CANARY-CV-A-1"));
    clock_to(&s, "2026-07-10 00:01");
    AT_LINE(&s, read_is(&s, recruiter, a, cv1, RECRUITMENT, "CANARY-CV-A-1"));

    clock_to(&s, "2026-08-31 10:00");
    str b = create_person(&s, "B-1", "");
    str cvb = AT_LINE(
        &s, apply(&s, b, vacancy(&s, "V-3"), "Bo Prøve", "bo@canary-b.example", "CANARY-CV-B"));

    clock_to(&s, "2026-09-01 23:59:59");
    AT_LINE(&s, read_is(&s, recruiter, a, cv1, RECRUITMENT, "CANARY-CV-A-1"));
    AT_LINE(&s, read_is(&s, recruiter, a, cv2, RECRUITMENT, "CANARY-CV-A-2"));
    assert_string_equal(utc(&s, "2026-09-02 00:00:00"), "2026-09-01T22:00:00Z");
    clock_to(&s, "2026-09-02 00:00:00");
    AT_LINE(&s, gone(&s, recruiter, a, cv1, RECRUITMENT));
    AT_LINE(&s, gone(&s, recruiter, a, cv2, RECRUITMENT));
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "anna@canary-a.example", 0));
    AT_LINE(&s, look_inside(&s, a, "CANARY-CV-A", 0, 0));
    AT_LINE(&s, read_is(&s, recruiter, b, cvb, RECRUITMENT, "CANARY-CV-B"));

    clock_to(&s, "2027-02-27 23:59:59");
    AT_LINE(&s, read_is(&s, recruiter, b, cvb, RECRUITMENT, "CANARY-CV-B"));
    clock_to(&s, "2027-02-28 00:00");
    AT_LINE(&s, gone(&s, recruiter, b, cvb, RECRUITMENT));
    AT_LINE(&s, look_inside(&s, b, "CANARY-CV-B", 0, 0));

    clock_to(&s, "2027-08-31 08:00");
    str c = create_person(&s, "C-1", "");
    str cvc = AT_LINE(
        &s, apply(&s, c, vacancy(&s, "V-4"), "Cato Prøve", "c@canary-c.example", "CANARY-CV-C"));
    clock_to(&s, "2028-02-28 23:59:59");
    AT_LINE(&s, read_is(&s, recruiter, c, cvc, RECRUITMENT, "CANARY-CV-C"));
    clock_to(&s, "2028-02-29 00:00");
    AT_LINE(&s, gone(&s, recruiter, c, cvc, RECRUITMENT));
    AT_LINE(&s, look_inside(&s, c, "CANARY-CV-C", 0, 0));
    stage_close(&s);
}

void s01_with_the_deadline_as_anchor(const struct cast *cast)
{
    struct cast changed = *cast;
    struct stage names = {.cast = cast, .policy = CONFECT, .arena = cast->arena};
    cast_change(&changed, CONFECT, N(&names, "6 months after last <events.application_received>"),
                N(&names, "6 months after <events.application_deadline>"));
    struct stage s;
    stage_open(&s, &changed, CONFECT, "2026-01-10 09:00");
    size_t recruiter = hire(&s, "<staff.recruiter>");
    str first = vacancy(&s, "V-1"), second = vacancy(&s, "V-2");
    str a = create_person(&s, "A-1", "");
    str cv1 =
        AT_LINE(&s, apply(&s, a, first, "Anna Prøve", "anna@canary-a.example", "CANARY-CV-A-1"));
    clock_to(&s, "2026-02-15 00:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/matters/%.*s/events", STR_ARG(first)),
        "{'event':'<events.application_deadline>'}");
    DONE(&s);
    clock_to(&s, "2026-03-02 09:00");
    str cv2 =
        AT_LINE(&s, apply(&s, a, second, "Anna Prøve", "anna@canary-a.example", "CANARY-CV-A-2"));
    clock_to(&s, "2026-03-20 12:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/matters/%.*s/events", STR_ARG(second)),
        "{'event':'<events.application_deadline>'}");
    DONE(&s);

    clock_to(&s, "2026-08-14 23:59:59");
    AT_LINE(&s, read_is(&s, recruiter, a, cv1, RECRUITMENT, "CANARY-CV-A-1"));
    clock_to(&s, "2026-08-15 00:00");
    AT_LINE(&s, gone(&s, recruiter, a, cv1, RECRUITMENT));
    AT_LINE(&s, read_is(&s, recruiter, a, cv2, RECRUITMENT, "CANARY-CV-A-2"));
    clock_to(&s, "2026-09-19 23:59:59");
    AT_LINE(&s, read_is(&s, recruiter, a, cv2, RECRUITMENT, "CANARY-CV-A-2"));
    clock_to(&s, "2026-09-20 00:00");
    AT_LINE(&s, gone(&s, recruiter, a, cv2, RECRUITMENT));
    AT_LINE(&s, look_inside(&s, a, "CANARY-CV-A", 0, 0));
    stage_close(&s);
}

static void agree_to_be_kept(struct stage *s, size_t who, str person, const char *particulars,
                             bool by_subject)
{
    ask(s, who, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.keep_agreement>','subject':'%.*s','purpose':'" RECRUITMENT
             "','particulars':{%s},'by_subject':%s}",
             STR_ARG(person), particulars, by_subject ? "true" : "false"));
}

void s02_unless_otherwise_agreed(const struct cast *cast)
{
    static const char whole[] = "'until':'2027-06-30','<asks.act>':'signed letter of 15 July'";
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    size_t recruiter = hire(&s, "<staff.recruiter>");
    str matter = vacancy(&s, "V-1");
    str d = create_person(&s, "D-1", ""), other = create_person(&s, "D-2", "");
    str cv =
        AT_LINE(&s, apply(&s, d, matter, "Dina Prøve", "dina@canary-d.example", "CANARY-CV-D"));
    str kept =
        AT_LINE(&s, apply(&s, other, matter, "Dan Prøve", "dan@canary-e.example", "CANARY-CV-O"));
    clock_to(&s, "2026-07-15 10:00");
    /* Without proof of the person's act; and by an act that is not the person's. */
    AT_LINE(&s, agree_to_be_kept(&s, 0, d, "'until':'2027-06-30'", true));
    must_refuse(&s, "CON-54", "<asks.act>");
    AT_LINE(&s, agree_to_be_kept(&s, recruiter, d, whole, false));
    must_refuse(&s, "CON-54", NULL);
    AT_LINE(&s, agree_to_be_kept(&s, 0, d, whole, true));
    IS(&s, 201);
    str record = got(&s, "record");
    AT_LINE(&s, agree_to_be_kept(&s, 0, other, whole, true));
    IS(&s, 201);

    clock_to(&s, "2026-09-02 00:00");
    AT_LINE(&s, read_is(&s, recruiter, d, cv, RECRUITMENT, "CANARY-CV-D"));
    clock_to(&s, "2026-10-01 10:59:59");
    AT_LINE(&s, read_is(&s, recruiter, d, cv, RECRUITMENT, "CANARY-CV-D"));
    clock_to(&s, "2026-10-01 11:00");
    AT_LINE(&s, read_is(&s, recruiter, d, cv, RECRUITMENT, "CANARY-CV-D"));
    ASK(&s, 0, "POST", PATH(&s, "/v1/evidence/%.*s/%.*s/end", STR_ARG(d), STR_ARG(record)), "{}");
    DONE(&s);
    AT_LINE(&s, gone(&s, recruiter, d, cv, RECRUITMENT));
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "dina@canary-d.example", 0));
    AT_LINE(&s, look_inside(&s, d, "CANARY-CV-D", 0, 0));

    clock_to(&s, "2027-06-29 23:59:59");
    AT_LINE(&s, read_is(&s, recruiter, other, kept, RECRUITMENT, "CANARY-CV-O"));
    clock_to(&s, "2027-06-30 00:00");
    AT_LINE(&s, gone(&s, recruiter, other, kept, RECRUITMENT));
    AT_LINE(&s, look_inside(&s, other, "CANARY-CV-O", 0, 0));
    stage_close(&s);
}
