/* S24 and the rest about those who work with data: what opens their access and closes it, who is
 * told, and that nobody grants, records or closes anything about themselves. */
#include <string.h>

#include "scenario.h"

#define SERVICE "<purposes.customer_service>"

static void record_training(struct stage *s, size_t who, str employee)
{
    ask(s, who, "POST", STR("/v1/evidence"),
        said(s, "{'type':'training','actor':'%.*s'}", STR_ARG(employee)));
}

/* Open alarms of a kind; `actor` may be empty: about whomever. */
static size_t alarms_open(struct stage *s, const char *kind, str actor)
{
    size_t count = 0;
    ask(s, 0, "GET", STR("/v1/alarms"), STR(""));
    IS(s, 200);
    for (JSON_EACH(alarm, got_json(s, "alarms"))) {
        str text, about = STR("");
        assert_true(json_str(json_get(alarm, "kind"), &text));
        (void)json_str(json_get(alarm, "actor"), &about);
        if (json_get(alarm, "closed") == NULL && str_is(text, kind) &&
            (actor.len == 0 || str_equal(about, actor)))
            count++;
    }
    return count;
}

static str alarm_id(struct stage *s, const char *kind, str actor)
{
    assert_int_equal(alarms_open(s, kind, actor), 1);
    for (JSON_EACH(alarm, got_json(s, "alarms"))) {
        str text, id, about = STR("");
        assert_true(json_str(json_get(alarm, "kind"), &text) &&
                    json_str(json_get(alarm, "id"), &id));
        (void)json_str(json_get(alarm, "actor"), &about);
        if (json_get(alarm, "closed") == NULL && str_is(text, kind) &&
            (actor.len == 0 || str_equal(about, actor)))
            return id;
    }
    return STR("");
}

static bool alarm_goes_to(struct stage *s, const char *kind, const char *to)
{
    str text;
    ask(s, 0, "GET", STR("/v1/alarms"), STR(""));
    for (JSON_EACH(alarm, got_json(s, "alarms"))) {
        const struct json *names = json_get(alarm, "to");
        assert_true(json_str(json_get(alarm, "kind"), &text));
        if (str_is(text, kind) && names != NULL && json_str(names->child, &text))
            return str_is(text, N(s, to));
    }
    return false;
}

static str customer_with_mail(struct stage *s, str *mail)
{
    str c = create_person(s, "C-1", "");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(c)));
    IS(s, 201);
    ask(s, 0, "POST", STR("/v1/notices"),
        said(s, "{'type':'acknowledgement','subject':'%.*s','version':'2018-07'}", STR_ARG(c)));
    IS(s, 201);
    collect(s, c, "<intakes.registration>", "<sources.registration>", STR(""),
            "'<fields.identification.name>':'Carla Prøve','<fields.contact.email>':"
            "'carla@canary-s24.example','<fields.address.street>':'Veien 1'");
    IS(s, 201);
    *mail = item_of(s, "<fields.contact.email>");
    return c;
}

/* ---- S24 ---- */

void s24_training_lapses(const struct cast *cast)
{
    struct stage s;
    str mail;
    stage_open(&s, cast, HOSTING, "2026-01-10 09:00");
    size_t r = hire(&s, "<staff.support>"), colleague = hire(&s, "<staff.support>");
    str employee = s.who[r].staff, other = s.who[colleague].staff;
    str c = AT_LINE(&s, customer_with_mail(&s, &mail));
    AT_LINE(&s, read_no(&s, r, c, mail, SERVICE, "HOS-44")); /* no training on record */
    AT_LINE(&s, record_training(&s, 0, employee));
    IS(&s, 201);
    clock_to(&s, "2026-03-01 09:00");
    AT_LINE(&s, record_training(&s, 0, other));
    IS(&s, 201);
    clock_to(&s, "2026-07-09 23:59:59");
    AT_LINE(&s, read_is(&s, r, c, mail, SERVICE, "carla@canary-s24.example"));
    assert_int_equal(alarms_open(&s, "overdue_evidence", employee), 0);

    clock_to(&s, "2026-07-10 00:00");
    AT_LINE(&s, read_no(&s, r, c, mail, SERVICE, "HOS-45"));
    assert_int_equal(alarms_open(&s, "overdue_evidence", employee), 1);
    assert_int_equal(alarms_open(&s, "overdue_evidence", other), 0);
    assert_true(alarm_goes_to(&s, "overdue_evidence", "<staff.security>"));
    AT_LINE(&s, read_is(&s, colleague, c, mail, SERVICE, "carla@canary-s24.example"));
    str alarm = AT_LINE(&s, alarm_id(&s, "overdue_evidence", employee));
    ASK(&s, r, "POST", PATH(&s, "/v1/alarms/%.*s/close", STR_ARG(alarm)), "{'why':'no need'}");
    IS(&s, 403); /* nobody closes what is about themselves */
    clock_to(&s, "2026-07-11 12:00");
    assert_int_equal(alarms_open(&s, "overdue_evidence", employee), 1);

    clock_to(&s, "2026-07-13 09:00");
    AT_LINE(&s, record_training(&s, r, employee)); /* R records own training */
    must_refuse(&s, "HOS-45", NULL);
    AT_LINE(&s, read_no(&s, r, c, mail, SERVICE, "HOS-45"));
    AT_LINE(&s, record_training(&s, 0, employee));
    IS(&s, 201);
    AT_LINE(&s, read_is(&s, r, c, mail, SERVICE, "carla@canary-s24.example"));
    clock_to(&s, "2026-07-13 09:01");
    assert_int_equal(alarms_open(&s, "overdue_evidence", employee), 0);
    AT_LINE(&s, look_inside(&s, c, "canary-s24.example", 1, 5));
    stage_close(&s);
}

/* ---- breaking the glass (C26) ---- */

static void break_glass(struct stage *s, size_t who, str person, const char *reason)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/break-glass", STR_ARG(person)),
        said(s, "{'reason':'%s'}", reason));
}

static void a_restriction_stays_closed(struct stage *s, size_t who, str person, str mail)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/restrictions", STR_ARG(person)),
        said(s, "{'reason':'accuracy','fields':['<fields.contact.email>'],'warned':true}"));
    IS(s, 201);
    read_no(s, who, person, mail, SERVICE, "HOS-51");
}

/* C26, C32: outside one's role for an hour, for a reason, and another looks at it. */
void own_breaking_the_glass(const struct cast *cast)
{
    struct stage s;
    str mail;
    stage_open(&s, cast, HOSTING, "2026-02-02 09:00");
    size_t technician = hire(&s, "<staff.technician>"), officer = hire(&s, "<staff.security>");
    str t = s.who[technician].staff;
    str c = AT_LINE(&s, customer_with_mail(&s, &mail));
    str name = item_of(&s, "<fields.identification.name>");
    AT_LINE(&s, break_glass(&s, technician, c, "the customer is in danger"));
    must_refuse(&s, "LAW-32-4", NULL); /* untrained: no role of theirs is open */
    AT_LINE(&s, record_training(&s, 0, t));
    IS(&s, 201);
    AT_LINE(&s, read_no(&s, technician, c, mail, SERVICE, "HOS-40"));
    AT_LINE(&s, break_glass(&s, 0, c, "an application has no eyes"));
    IS(&s, 403);
    AT_LINE(&s, break_glass(&s, technician, c, " "));
    IS(&s, 422);
    AT_LINE(&s, break_glass(&s, technician, c, "CANARY-REASON: the customer is in danger"));
    IS(&s, 201);
    AT_LINE(&s, read_is(&s, technician, c, mail, SERVICE, "carla@canary-s24.example"));
    AT_LINE(&s, break_glass(&s, technician, c, "and again"));
    IS(&s, 409); /* not before the first was looked at */
    clock_to(&s, "2026-02-02 09:59:59");
    AT_LINE(&s, read_is(&s, technician, c, mail, SERVICE, "carla@canary-s24.example"));
    clock_to(&s, "2026-02-02 10:00");
    AT_LINE(&s, read_no(&s, technician, c, mail, SERVICE, "HOS-40"));

    str alarm = AT_LINE(&s, alarm_id(&s, "break_glass", t));
    ASK(&s, technician, "POST", PATH(&s, "/v1/alarms/%.*s/close", STR_ARG(alarm)), "{'why':'ok'}");
    IS(&s, 403);
    ASK(&s, officer, "POST", PATH(&s, "/v1/alarms/%.*s/close", STR_ARG(alarm)),
        "{'why':'it was needed'}");
    DONE(&s);
    AT_LINE(&s, break_glass(&s, technician, c, "the danger is back"));
    IS(&s, 201);
    AT_LINE(&s, read_is(&s, technician, c, mail, SERVICE, "carla@canary-s24.example"));
    AT_LINE(&s, a_restriction_stays_closed(&s, technician, c, mail));
    AT_LINE(&s, read_is(&s, technician, c, name, SERVICE, "Carla Prøve"));
    alarm = AT_LINE(&s, alarm_id(&s, "break_glass", t));
    ASK(&s, officer, "POST", PATH(&s, "/v1/alarms/%.*s/close", STR_ARG(alarm)), "{'why':'enough'}");
    DONE(&s); /* the review ends it before its hour */
    AT_LINE(&s, read_no(&s, technician, c, name, SERVICE, "HOS-40"));
    AT_LINE(&s, look_inside(&s, c, "CANARY-REASON", 1, 5));
    stage_close(&s);
}

/* ---- alarms (C32), on a policy that does not ask for them by itself ---- */

#define MARKETING "<purposes.marketing_material>"

static struct cast with_alarms(const struct cast *cast)
{
    struct cast changed = *cast;
    cast_change(&changed, CONFECT, "\nalways:\n",
                "\nalarms: { raise: [mass_read, refused_reads, overdue_evidence] }\n\nalways:\n");
    cast_change(&changed, CONFECT, "valid: unspecified, covers: [CON-73]",
                "valid: unspecified, standing: true, covers: [CON-73]");
    return changed;
}

static str lead_with_mail(struct stage *s, int number, str *mail)
{
    str id = create_person(s, arena_c_string(s->arena, arena_format(s->arena, "L-%d", number)),
                           "'<roles.lead>','<roles.downloader>'");
    happen(s, id, "<events.interaction>", STR(""));
    happen(s, id, "<events.activity>", STR(""));
    str values = arena_format(s->arena, "'<fields.basic.email>':'l%d@lead.example'", number);
    collect(s, id, "<intakes.interest>", "<sources.person>", STR(""),
            arena_c_string(s->arena, values));
    IS(s, 201);
    *mail = item_of(s, "<fields.basic.email>");
    return id;
}

static void read_for_marketing(struct stage *s, size_t who, str person, str mail)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(person)),
        said(s, "{'purpose':'" MARKETING "','items':['%.*s']}", STR_ARG(mail)));
}

enum { PEOPLE = 101 };

/* HOS-41, C32: who reads more than a hundred people within an hour is seen, and so is who is
 * refused more than twenty times; each is one alarm, and nobody else's. */
void own_mass_reads_and_refusals(const struct cast *cast)
{
    struct cast changed = with_alarms(cast);
    struct stage s;
    str people[PEOPLE], mails[PEOPLE];
    stage_open(&s, &changed, CONFECT, "2026-03-02 09:10");
    size_t marketer = hire(&s, "<staff.marketer>"), recruiter = hire(&s, "<staff.recruiter>");
    str m = s.who[marketer].staff, r = s.who[recruiter].staff;
    AT_LINE(&s, weigh(&s, MARKETING));
    for (int i = 0; i < PEOPLE; i++)
        people[i] = AT_LINE(&s, lead_with_mail(&s, i, &mails[i]));
    for (int i = 0; i < PEOPLE - 1; i++) {
        AT_LINE(&s, read_for_marketing(&s, marketer, people[i], mails[i]));
        IS(&s, 200);
    }
    clock_to(&s, "2026-03-02 09:20");
    assert_int_equal(alarms_open(&s, "mass_read", m), 0);
    AT_LINE(&s, read_for_marketing(&s, marketer, people[PEOPLE - 1], mails[PEOPLE - 1]));
    IS(&s, 200);
    clock_to(&s, "2026-03-02 09:21");
    assert_int_equal(alarms_open(&s, "mass_read", m), 1);
    assert_int_equal(alarms_open(&s, "mass_read", STR("")), 1);
    for (int i = 0; i < 20; i++) {
        AT_LINE(&s, read_for_marketing(&s, recruiter, people[i], mails[i]));
        IS(&s, 403);
    }
    clock_to(&s, "2026-03-02 09:22");
    assert_int_equal(alarms_open(&s, "refused_reads", r), 0);
    for (int i = 0; i < 30; i++) {
        AT_LINE(&s, read_for_marketing(&s, recruiter, people[i], mails[i]));
        IS(&s, 403);
    }
    clock_to(&s, "2026-03-02 09:23");
    assert_int_equal(alarms_open(&s, "refused_reads", r), 1);
    assert_int_equal(alarms_open(&s, "refused_reads", m), 0);
    stage_close(&s);
}

/* ---- the same, on the policy that asks for these alarms, as it is ---- */

/* Does the list of what lapses hold this type as overdue, or as missing? */
static bool is_due(struct stage *s, const char *type, const char *how)
{
    str text;
    bool is;
    ask(s, 0, "GET", STR("/v1/evidence/due?days=30"), STR(""));
    IS(s, 200);
    for (JSON_EACH(due, got_json(s, "evidence"))) {
        if (json_str(json_get(due, "type"), &text) && str_is(text, N(s, type)))
            return str_is(str_from(how), "listed") || (json_bool(json_get(due, how), &is) && is);
    }
    return false;
}

#define TRAFFIC "<purposes.third_visitor_log>"

static str visitor_with_address(struct stage *s, int number, str *address)
{
    str id = create_person(s, arena_c_string(s->arena, arena_format(s->arena, "V-%d", number)),
                           "'<roles.third_visitor>'");
    collect(s, id, "<intakes.internet_traffic>", "<sources.use_of_service>", STR(""),
            "'<fields.history.ip_address>':'192.0.2.7'");
    IS(s, 201);
    *address = item_of(s, "<fields.history.ip_address>");
    return id;
}

static void read_traffic(struct stage *s, size_t who, str person, str item, int code)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(person)),
        said(s, "{'purpose':'" TRAFFIC "','items':['%.*s']}", STR_ARG(item)));
    IS(s, code);
}

/* Twenty refusals are within what happens to anyone; a hundred people are, too. One more is not. */
void security_sees_who_reads_too_much(const struct cast *cast)
{
    struct stage s;
    str people[PEOPLE], items[PEOPLE];
    stage_open(&s, cast, HOSTING, "2026-03-02 09:10");
    size_t technician = hire(&s, "<staff.technician>"), support = hire(&s, "<staff.support>");
    str t = s.who[technician].staff, u = s.who[support].staff;
    AT_LINE(&s, record_training(&s, 0, t));
    AT_LINE(&s, record_training(&s, 0, u));
    AT_LINE(&s, weigh(&s, TRAFFIC));
    for (int i = 0; i < PEOPLE; i++) {
        people[i] = AT_LINE(&s, visitor_with_address(&s, i, &items[i]));
        if (i < PEOPLE - 1)
            AT_LINE(&s, read_traffic(&s, technician, people[i], items[i], 200));
    }
    for (int i = 0; i < 20; i++)
        AT_LINE(&s, read_traffic(&s, support, people[i], items[i], 403));
    clock_to(&s, "2026-03-02 09:20");
    assert_int_equal(alarms_open(&s, "mass_read", STR("")), 0);
    assert_int_equal(alarms_open(&s, "refused_reads", STR("")), 0);
    AT_LINE(&s, read_traffic(&s, technician, people[PEOPLE - 1], items[PEOPLE - 1], 200));
    for (int i = 0; i < 30; i++)
        AT_LINE(&s, read_traffic(&s, support, people[i], items[i], 403));
    clock_to(&s, "2026-03-02 09:21");
    assert_int_equal(alarms_open(&s, "mass_read", t), 1);
    assert_int_equal(alarms_open(&s, "refused_reads", u), 1);
    assert_int_equal(alarms_open(&s, "mass_read", STR("")), 1);
    assert_int_equal(alarms_open(&s, "refused_reads", STR("")), 1);
    assert_true(alarm_goes_to(&s, "mass_read", "<staff.security>"));
    assert_true(alarm_goes_to(&s, "refused_reads", "<staff.security>"));
    stage_close(&s);
}

/* Who has never been trained is missed from the day on which they come. */
void training_is_missed_before_it_lapses(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, HOSTING, "2026-03-02 09:00");
    assert_false(is_due(&s, "<evidence.training>", "listed"));
    size_t manager = hire(&s, "<staff.management>");
    clock_to(&s, "2026-03-02 09:01");
    assert_false(is_due(&s, "<evidence.training>", "listed")); /* a role that reads nothing */
    size_t member = hire(&s, "<staff.support>");
    clock_to(&s, "2026-03-02 09:02");
    assert_true(is_due(&s, "<evidence.training>", "missing"));
    assert_int_equal(alarms_open(&s, "overdue_evidence", s.who[member].staff), 1);
    assert_int_equal(alarms_open(&s, "overdue_evidence", s.who[manager].staff), 0);
    AT_LINE(&s, record_training(&s, manager, s.who[member].staff));
    IS(&s, 201);
    clock_to(&s, "2026-03-02 09:03");
    assert_false(is_due(&s, "<evidence.training>", "listed"));
    assert_int_equal(alarms_open(&s, "overdue_evidence", s.who[member].staff), 0);
    stage_close(&s);
}

/* ---- governance (C33), on a policy whose evidence is of purposes and versions ---- */

static void review(struct stage *s)
{
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s, "{'type':'<evidence.work_tool_review>','purpose':'<purposes.interest_profiles>',"
                "'particulars':{'<asks.reason>':'reviewed'}}"));
    IS(s, 201);
}

/* C33, CON-73, CON-35: a review that must stand is missed at once, lapses on its day, and both the
 * use that needs it and the alarm follow. */
void own_a_review_that_must_stand(const struct cast *cast)
{
    struct cast changed = with_alarms(cast);
    struct stage s;
    stage_open(&s, &changed, CONFECT, "2026-03-02 09:00");
    clock_to(&s, "2026-03-02 09:01");
    assert_int_equal(alarms_open(&s, "overdue_evidence", STR("")), 1);
    assert_true(is_due(&s, "<evidence.work_tool_review>", "missing"));
    AT_LINE(&s, review(&s));
    clock_to(&s, "2026-03-02 09:02");
    assert_int_equal(alarms_open(&s, "overdue_evidence", STR("")), 0);
    assert_false(is_due(&s, "<evidence.work_tool_review>", "listed"));
    clock_to(&s, "2027-02-15 09:00");
    assert_true(is_due(&s, "<evidence.work_tool_review>", "listed"));
    assert_false(is_due(&s, "<evidence.work_tool_review>", "overdue"));
    clock_to(&s, "2027-03-01 23:59:59");
    assert_int_equal(alarms_open(&s, "overdue_evidence", STR("")), 0);
    clock_to(&s, "2027-03-02 00:00");
    assert_int_equal(alarms_open(&s, "overdue_evidence", STR("")), 1);
    assert_true(is_due(&s, "<evidence.work_tool_review>", "overdue"));
    AT_LINE(&s, review(&s));
    clock_to(&s, "2027-03-02 00:01");
    assert_int_equal(alarms_open(&s, "overdue_evidence", STR("")), 0);
    server_kill(&s);
    server_start(&s);
    clock_to(&s, "2028-03-02 00:00");
    assert_int_equal(alarms_open(&s, "overdue_evidence", STR("")), 1);
    stage_close(&s);
}
