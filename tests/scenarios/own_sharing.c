/* Giving on, on policies that did not suggest it: events that were arranged together, two requests
 * of authorities at once, a chain of processors, places outside, companies of one group. */
#include <string.h>

#include "scenario.h"

/* ---- steps ---- */

static bool says(struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static size_t rows(struct stage *s, const char *member)
{
    const struct json *list = json_get(s->json, member);
    return list == NULL ? 0 : list->count;
}

static str in(const struct json *object, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(object, member), &text);
    return text;
}

static str new_party(struct stage *s, const char *kind, const char *name, const char *more)
{
    ask(s, 0, "POST", STR("/v1/parties"), said(s, "{'kind':'%s','name':'%s'%s}", kind, name, more));
    IS(s, 201);
    return got(s, "id");
}

static str new_matter(struct stage *s, const char *kind, const char *number)
{
    ask(s, 0, "POST", STR("/v1/matters"), said(s, "{'kind':'%s','number':'%s'}", kind, number));
    IS(s, 201);
    return got(s, "id");
}

static const char *with(struct stage *s, const char *member, str id)
{
    return arena_format(s->arena, ",'%s':'%.*s'", member, STR_ARG(id)).ptr;
}

/* `rest`: further members, each behind a comma. Gives its record. */
static str record(struct stage *s, size_t who, const char *type, const char *particulars,
                  const char *rest)
{
    ask(s, who, "POST", STR("/v1/evidence"),
        said(s, "{'type':'%s','particulars':{%s}%s}", type, particulars, rest));
    IS(s, 201);
    return got(s, "record");
}

static void end_record(struct stage *s, str dossier, str which)
{
    ask(s, 0, "POST", said(s, "/v1/evidence/%.*s/%.*s/end", STR_ARG(dossier), STR_ARG(which)),
        STR("{}"));
    DONE(s);
}

static void share(struct stage *s, size_t who, str person, str party, const char *recipient,
                  const char *purpose, const char *more)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/share", STR_ARG(person)),
        said(s, "{'purpose':'%s','recipient':'%s','party':'%.*s'%s}", purpose, recipient,
             STR_ARG(party), more));
}

/* How many parts of the last share went. */
static size_t went(struct stage *s)
{
    size_t count = 0;
    bool allowed;
    IS(s, 200);
    for (JSON_EACH(item, got_json(s, "items")))
        count += json_bool(json_get(item, "allowed"), &allowed) && allowed;
    return count;
}

static void duties_are(struct stage *s, str party, size_t count, const char *last)
{
    ask(s, 0, "GET", said(s, "/v1/parties/%.*s/duties", STR_ARG(party)), STR(""));
    IS(s, 200);
    if (rows(s, "duties") != count)
        fail_msg("line %d: not %zu duties: %.*s", s->line, count, STR_ARG(s->body));
    const struct json *duty = got_json(s, "duties")->child;
    for (size_t i = 1; i < count; i++)
        duty = duty->next;
    assert_true(count == 0 || str_is(in(duty, "what"), last));
    assert_false(says(s, "CANARY"));
}

/* ---- C15 ---- */

#define TRAINING "<purposes.training_events>"
#define PARTNER  "<recipients.event_partner>"

static str took_part(struct stage *s, str person, str event, const char *activity)
{
    str values = arena_format(s->arena,
                              "'<fields.contact.name>':'Pia CANARY-P','<fields.contact.work_email>'"
                              ":'pia@canary-p.example','<fields.participation.activity>':'%s'",
                              activity);
    collect(s, person, "<intakes.event_signup>", "<sources.person>", event, values.ptr);
    IS(s, 201);
    return item_of(s, "<fields.participation.activity>");
}

static str arrange(struct stage *s, str party, str event)
{
    str bound = arena_format(s->arena, "%s%s", with(s, "party", party), with(s, "matter", event));
    return record(s, 0, "<evidence.co_arrangement>", "'<asks.document>':'contract 7'", bound.ptr);
}

/* C15: a partner gets the participation in the event that both arranged, and nothing of another
 * event that is asked for in the same breath; what becomes of it follows to them alone. */
void a_partner_gets_its_own_event_alone(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-02-02 09:00");
    AT_LINE(&s, weigh(&s, TRAINING));
    str autumn = new_matter(&s, "<matters.event>", "E-1");
    str spring = new_matter(&s, "<matters.event>", "E-2");
    str p = create_person(&s, "P-1", "'<roles.participant>'");
    str first = AT_LINE(&s, took_part(&s, p, autumn, "CANARY-AUTUMN"));
    str second = AT_LINE(&s, took_part(&s, p, spring, "CANARY-SPRING"));
    str ours = new_party(&s, PARTNER, "Kurs AS", ""),
        other = new_party(&s, PARTNER, "Lokale AS", "");
    const char *of_spring = with(&s, "matter", spring);
    static const char what[] = "%s,'fields':['<fields.participation.activity>']";
    const char *spring_only = arena_format(s.arena, what, of_spring).ptr;
    const char *autumn_only = arena_format(s.arena, what, with(&s, "matter", autumn)).ptr;
    AT_LINE(&s, share(&s, 0, p, ours, PARTNER, TRAINING, spring_only));
    must_refuse(&s, "INF-53", "<evidence.co_arrangement>");
    str together = AT_LINE(&s, arrange(&s, ours, spring));
    AT_LINE(&s, share(&s, 0, p, ours, PARTNER, TRAINING, autumn_only));
    assert_int_equal(went(&s), 1);
    assert_false(says(&s, "CANARY-AUTUMN"));
    AT_LINE(&s, share(&s, 0, p, other, PARTNER, TRAINING, spring_only));
    must_refuse(&s, "INF-53", "<evidence.co_arrangement>");
    /* The other event's, named or not, does not pass under this one's paper. */
    AT_LINE(&s, share(&s, 0, p, ours, PARTNER, TRAINING, of_spring));
    assert_int_equal(went(&s), 1);
    assert_true(says(&s, "CANARY-SPRING") && !says(&s, "CANARY-AUTUMN") && !says(&s, "CANARY-P"));
    str reference = got(&s, "reference");
    str named = arena_format(s.arena, "%s,'items':['%.*s']", of_spring, STR_ARG(first));
    AT_LINE(&s, share(&s, 0, p, ours, PARTNER, TRAINING, named.ptr));
    must_refuse(&s, "INF-53", NULL);
    AT_LINE(&s, share(&s, 0, p, ours, PARTNER, "<purposes.offers>", of_spring));
    IS(&s, 403); /* a partner is for the event, not for what we sell */
    /* Put right for the event that they had, and for the other: they are told of the one. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/rectify", STR_ARG(p)),
        "{'item':'%.*s','value':'CANARY-AUTUMN-2'}", STR_ARG(first));
    DONE(&s);
    AT_LINE(&s, duties_are(&s, ours, 0, ""));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/rectify", STR_ARG(p)),
        "{'item':'%.*s','value':'CANARY-SPRING-2'}", STR_ARG(second));
    DONE(&s);
    AT_LINE(&s, duties_are(&s, ours, 1, "rectification"));
    assert_true(says(&s, arena_c_string(s.arena, reference)));
    AT_LINE(&s, duties_are(&s, other, 0, ""));
    /* The paper ends: nothing goes any more, and what went is still theirs to be told of. */
    AT_LINE(&s, end_record(&s, spring, together));
    AT_LINE(&s, share(&s, 0, p, ours, PARTNER, TRAINING, spring_only));
    must_refuse(&s, "INF-53", "<evidence.co_arrangement>");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/access", STR_ARG(p)), "{'by_subject':true}");
    IS(&s, 200);
    assert_int_equal(rows(&s, "disclosures"), 2);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(p)), "{'warned':true}");
    DONE(&s);
    AT_LINE(&s, duties_are(&s, ours, 2, "erasure"));
    AT_LINE(&s, duties_are(&s, other, 0, ""));
    AT_LINE(&s, look_inside(&s, p, "CANARY", 0, 0));
    stage_close(&s);
}

/* ---- C16 ---- */

#define DISCLOSE "<purposes.authority_disclosure>"
#define TAX      "<recipients.tax_authority>"
#define POLICE   "<recipients.police>"

static str request_of(struct stage *s, str party, const char *scope)
{
    ask(s, 0, "POST", STR("/v1/cases"),
        said(s, "{'kind':'authority','requester':'%.*s','reference':'CANARY-26','scope':[%s]}",
             STR_ARG(party), scope));
    IS(s, 201);
    return got(s, "id");
}

static str customer(struct stage *s)
{
    str q = create_person(s, "Q-1", "'<roles.customer>'");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(q)));
    IS(s, 201);
    collect(s, q, "<intakes.registration>", "<sources.registration>", STR(""),
            "'<fields.identification.name>':'Quentin CANARY-Q','<fields.contact.email>':"
            "'q@canary-q.example','<fields.address.street>':'CANARY-STREET'");
    IS(s, 201);
    collect(s, q, "<intakes.service_use>", "<sources.use_of_service>", STR(""),
            "'<fields.history.login>':'CANARY-LOGIN'");
    IS(s, 201);
    return q;
}

/* C16: of two requests about one person neither opens, narrows or closes the other; what was
 * restricted goes to nobody; and a no closes its own case alone. */
void two_authorities_ask_at_once(const struct cast *cast)
{
    static const char law[] = "'<asks.law>':'ligningsloven','<asks.paragraph>':'6'";
    struct stage s;
    stage_open(&s, cast, HOSTING, "2026-03-02 09:00");
    str q = AT_LINE(&s, customer(&s));
    str tax = new_party(&s, TAX, "Skatteetaten", ""), police = new_party(&s, POLICE, "Oslo", "");
    str theirs = AT_LINE(&s, request_of(&s, tax,
                                        "'<fields.identification.name>',"
                                        "'<fields.contact.email>'"));
    str other = AT_LINE(&s, request_of(&s, police, "'<categories.history>'"));
    const char *by_tax = with(&s, "case", theirs), *by_police = with(&s, "case", other);
    str statute = AT_LINE(&s, record(&s, 0, "<evidence.statute>", law, by_tax));
    AT_LINE(&s, share(&s, 0, q, tax, TAX, DISCLOSE, by_tax));
    assert_int_equal(went(&s), 2);
    assert_true(says(&s, "Quentin CANARY-Q") && !says(&s, "CANARY-LOGIN"));
    AT_LINE(&s, share(&s, 0, q, police, POLICE, DISCLOSE, by_police));
    must_refuse(&s, "HOS-31", "<evidence.statute>");
    AT_LINE(&s, share(&s, 0, q, police, POLICE, DISCLOSE, by_tax)); /* by the other's paper */
    must_refuse_by(&s, "always.authority_by_case");
    AT_LINE(&s, share(&s, 0, q, tax, TAX, DISCLOSE, "")); /* and by none */
    IS(&s, 403);
    AT_LINE(&s, record(&s, 0, "<evidence.statute>", law, by_police));
    AT_LINE(&s, share(&s, 0, q, police, POLICE, DISCLOSE, by_police));
    assert_int_equal(went(&s), 1);
    assert_true(says(&s, "CANARY-LOGIN") && !says(&s, "CANARY-Q"));
    /* What she contests is stored and no more, whoever asks for it. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/restrictions", STR_ARG(q)),
        "{'fields':['<fields.identification.name>'],'reason':'accuracy','warned':true}");
    IS(&s, 201);
    AT_LINE(&s, share(&s, 0, q, tax, TAX, DISCLOSE, by_tax));
    assert_int_equal(went(&s), 1);
    assert_true(says(&s, "q@canary-q.example") && says(&s, "rights.restrict"));
    /* One is quashed: its case gives nothing any more, to whoever names it, and all else goes on.
     */
    ASK(&s, 0, "POST", PATH(&s, "/v1/cases/%.*s/decision", STR_ARG(other)),
        "{'granted':false,'reasons':'CANARY: the order was quashed'}");
    IS(&s, 201);
    AT_LINE(&s, share(&s, 0, q, police, POLICE, DISCLOSE, by_police));
    must_refuse_by(&s, "always.decision_recorded");
    AT_LINE(&s, share(&s, 0, q, tax, TAX, DISCLOSE, by_police));
    must_refuse_by(&s, "always.authority_by_case");
    AT_LINE(&s, share(&s, 0, q, tax, TAX, DISCLOSE, by_tax));
    assert_int_equal(went(&s), 1);
    /* They come again with a new request: the old paper is not its paper. */
    str again = AT_LINE(&s, request_of(&s, police, "'<fields.contact.email>'"));
    static const char mail[] = "%s,'fields':['<fields.contact.email>']";
    str by_again = arena_format(s.arena, mail, with(&s, "case", again));
    AT_LINE(&s, share(&s, 0, q, police, POLICE, DISCLOSE, by_again.ptr));
    must_refuse(&s, "HOS-31", "<evidence.statute>");
    AT_LINE(&s, end_record(&s, theirs, statute));
    AT_LINE(&s, share(&s, 0, q, tax, TAX, DISCLOSE, arena_format(s.arena, mail, by_tax).ptr));
    must_refuse(&s, "HOS-31", "<evidence.statute>");
    /* Neither is told when she is gone, and her copy has told of both. */
    ASK(&s, 0, "GET", PATH(&s, "/v1/subjects/%.*s/disclosures", STR_ARG(q)), "%s", "");
    IS(&s, 200);
    assert_int_equal(rows(&s, "disclosures"), 4);
    assert_false(says(&s, "CANARY"));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(q)), "{'warned':true}");
    DONE(&s);
    AT_LINE(&s, duties_are(&s, tax, 0, ""));
    AT_LINE(&s, duties_are(&s, police, 0, ""));
    AT_LINE(&s, look_inside(&s, q, "CANARY", 0, 0));
    stage_close(&s);
}

/* ---- C21 ---- */

#define SUB       "<recipients.subcontractor>"
#define MARKETING "<purposes.marketing_material>"
#define DPA       "<evidence.processing_agreement>"
#define PAPER     "'<asks.document>':'dpa 4'"

static str lead(struct stage *s)
{
    str e = create_person(s, "E-1", "'<roles.lead>','<roles.downloader>'");
    happen(s, e, "<events.interaction>", STR(""));
    happen(s, e, "<events.activity>", STR(""));
    collect(s, e, "<intakes.interest>", "<sources.person>", STR(""),
            "'<fields.basic.email>':'eva@canary-e.example','<fields.basic.name>':'Eva CANARY-E'");
    IS(s, 201);
    return e;
}

/* The row of a party in the overview. */
static const struct json *row_of(struct stage *s, str party)
{
    ask(s, 0, "GET", STR("/v1/parties"), STR(""));
    IS(s, 200);
    for (JSON_EACH(row, got_json(s, "parties"))) {
        if (str_equal(in(row, "party"), party))
            return row;
    }
    fail_msg("line %d: %.*s is not in the overview", s->line, STR_ARG(party));
    return NULL;
}

static bool agreement_lives(struct stage *s, str party)
{
    bool live = false;
    const struct json *agreements = json_get(row_of(s, party), "agreements");
    for (JSON_EACH(one, agreements)) {
        bool this_one = false;
        live |= json_bool(json_get(one, "live"), &this_one) && this_one;
    }
    return live;
}

/* C21: three processors in a row, each under the one before. The day on which a middle agreement
 * ends closes what lies below it and nothing above; the overview says so on that day; and an
 * objection is passed on to each of them that has the data. */
void a_chain_breaks_in_the_middle_on_its_day(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-02-02 09:00");
    AT_LINE(&s, weigh(&s, MARKETING));
    str e = AT_LINE(&s, lead(&s));
    str host = new_party(&s, SUB, "Vert AS", ""),
        cloud = new_party(&s, SUB, "Sky AS", with(&s, "under", host)),
        disk = new_party(&s, SUB, "Disk AS", with(&s, "under", cloud));
    AT_LINE(&s, record(&s, 0, DPA, PAPER, with(&s, "party", disk)));
    AT_LINE(&s, record(&s, 0, DPA, PAPER, with(&s, "party", host)));
    AT_LINE(&s, share(&s, 0, e, disk, SUB, MARKETING, ""));
    must_refuse(&s, "CON-45", DPA);
    str rest = arena_format(s.arena, "%s,'until':'2026-06-30'", with(&s, "party", cloud));
    AT_LINE(&s, record(&s, 0, DPA, PAPER, rest.ptr));
    AT_LINE(&s, share(&s, 0, e, disk, SUB, MARKETING, ""));
    assert_int_equal(went(&s), 2);
    AT_LINE(&s, share(&s, 0, e, host, SUB, MARKETING, ""));
    assert_int_equal(went(&s), 2);
    AT_LINE(&s, share(&s, 0, e, disk, SUB, "<purposes.support>", ""));
    IS(&s, 403); /* for what the firm itself may not, no processor may */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/share", STR_ARG(e)),
        "{'purpose':'their_own_product','recipient':'" SUB "','party':'%.*s'}", STR_ARG(host));
    IS(&s, 422);
    ASK(&s, 0, "POST", STR("/v1/parties"),
        "{'kind':'<recipients.partner>','name':'Partner AS','under':'%.*s'}", STR_ARG(host));
    IS(&s, 422); /* what a processor engages is a processor */

    clock_to(&s, "2026-06-29 23:59:59");
    AT_LINE(&s, share(&s, 0, e, disk, SUB, MARKETING, ""));
    assert_int_equal(went(&s), 2);
    clock_to(&s, "2026-06-30 00:00");
    AT_LINE(&s, share(&s, 0, e, disk, SUB, MARKETING, ""));
    must_refuse(&s, "CON-45", DPA);
    AT_LINE(&s, share(&s, 0, e, cloud, SUB, MARKETING, ""));
    must_refuse(&s, "CON-45", DPA);
    AT_LINE(&s, share(&s, 0, e, host, SUB, MARKETING, ""));
    assert_int_equal(went(&s), 2);
    assert_true(agreement_lives(&s, host) && agreement_lives(&s, disk));
    assert_false(agreement_lives(&s, cloud));
    assert_true(str_equal(in(row_of(&s, disk), "under"), cloud));
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, share(&s, 0, e, disk, SUB, MARKETING, ""));
    must_refuse(&s, "CON-45", DPA);
    AT_LINE(&s, record(&s, 0, DPA, PAPER, with(&s, "party", cloud))); /* a new one */
    AT_LINE(&s, share(&s, 0, e, disk, SUB, MARKETING, ""));
    assert_int_equal(went(&s), 2);

    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(e)),
        "{'purpose':'" MARKETING "'}");
    IS(&s, 201);
    AT_LINE(&s, duties_are(&s, host, 1, "objection"));
    AT_LINE(&s, duties_are(&s, disk, 1, "objection"));
    AT_LINE(&s, duties_are(&s, cloud, 0, "")); /* was given nothing itself */
    AT_LINE(&s, share(&s, 0, e, host, SUB, MARKETING, ""));
    IS(&s, 403);
    stage_close(&s);
}

/* ---- C22 ---- */

#define ICT   "<recipients.ict_supplier>"
#define SALES "<purposes.sales>"
#define SCC   "<evidence.eu_clauses>"

static str interested(struct stage *s)
{
    str i = create_person(s, "I-1", "'<roles.interested>'");
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(i)),
        said(s, "{'purpose':'" SALES "','wording':'May we call you?','given_by':'click'}"));
    IS(s, 201);
    collect(s, i, "<intakes.web_form>", "<sources.person>", STR(""),
            "'<fields.contact.email>':'ida@canary-i.example','<fields.contact.address>':"
            "'CANARY-STREET'");
    IS(s, 201);
    ask(s, 0, "POST", STR("/v1/notices"), said(s, "{'subject':'%.*s'}", STR_ARG(i)));
    IS(s, 201);
    return i;
}

static str supplier(struct stage *s, const char *name, const char *rest)
{
    str party = new_party(s, ICT, name, rest);
    record(s, 0, "<evidence.processor_agreement>", PAPER, with(s, "party", party));
    return party;
}

/* C22: the policy says nothing of places outside; the law does. A safeguard is its own party's,
 * counts from its day to its day, and no consent to sales stands for it. */
void a_silent_policy_lets_nothing_out_of_the_zone(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CLOUDBERRIES, "2026-02-02 09:00");
    str i = AT_LINE(&s, interested(&s));
    str near = AT_LINE(&s, supplier(&s, "Fjord AS", ",'zone':'IS'"));
    str far = AT_LINE(&s, supplier(&s, "Pacific Inc", ",'zone':'US'"));
    str other = AT_LINE(&s, supplier(&s, "Atlantic Inc", ",'zone':'US'"));
    str rest = arena_format(s.arena, ",'zone':'IN'%s", with(&s, "under", near));
    str under = AT_LINE(&s, supplier(&s, "Ganges Ltd", rest.ptr));
    AT_LINE(&s, share(&s, 0, i, near, ICT, SALES, ""));
    assert_int_equal(went(&s), 2);
    const str outside[] = {far, other, under};
    for (size_t n = 0; n < LENGTH(outside); n++) {
        AT_LINE(&s, share(&s, 0, i, outside[n], ICT, SALES, ""));
        IS(&s, 403);
        assert_true(says(&s, N(&s, SCC)));
    }
    rest = arena_format(s.arena, "%s,'since':'%s','until':'2026-08-01'", with(&s, "party", far),
                        utc(&s, "2026-02-02 09:00"));
    AT_LINE(&s, record(&s, 0, SCC, PAPER, rest.ptr));
    AT_LINE(&s, share(&s, 0, i, far, ICT, SALES, ""));
    assert_int_equal(went(&s), 2);
    AT_LINE(&s, share(&s, 0, i, other, ICT, SALES, "")); /* the same country, another party */
    IS(&s, 403);
    /* Hers is told of the country and of what makes it safe. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/access", STR_ARG(i)), "{'by_subject':true}");
    IS(&s, 200);
    assert_int_equal(rows(&s, "recipients"), 2);
    for (JSON_EACH(row, got_json(&s, "recipients"))) {
        bool is_out = str_equal(in(row, "party"), far), outside_said = false;
        assert_true(json_bool(json_get(row, "outside"), &outside_said) && outside_said == is_out);
        assert_int_equal(json_get(row, "safeguards")->count, is_out ? 1 : 0);
    }
    clock_to(&s, "2026-07-31 23:59:59");
    AT_LINE(&s, share(&s, 0, i, far, ICT, SALES, ""));
    assert_int_equal(went(&s), 2);
    clock_to(&s, "2026-08-01 00:00");
    AT_LINE(&s, share(&s, 0, i, far, ICT, SALES, ""));
    IS(&s, 403);
    assert_true(says(&s, N(&s, SCC)));
    bool live = true;
    const struct json *guard = json_get(row_of(&s, far), "safeguards")->child;
    assert_true(json_bool(json_get(guard, "live"), &live) && !live);
    AT_LINE(&s, share(&s, 0, i, near, ICT, SALES, ""));
    assert_int_equal(went(&s), 2);
    /* She takes her consent back: both that have it are told, wherever they are. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/withdrawals", STR_ARG(i)),
        "{'purpose':'" SALES "'}");
    DONE(&s);
    assert_int_equal(rows(&s, "told"), 2);
    AT_LINE(&s, duties_are(&s, other, 0, ""));
    stage_close(&s);
}

/* ---- C36 in what goes out ---- */

#define CARE   "care_by_others"
#define CLINIC "clinic"

/* A consent of one's own for each clinic, to what is sensitive: clauses of the test's own. */
static void add_clinic(struct cast *cast)
{
    const struct names *names = &cast->names[HOSTING];
    str source = names_find(names, STR("sources"), STR("registration"));
    str contact = names_find(names, STR("categories"), STR("contact"));
    str uses = arena_format(cast->arena, "[health_note, %.*s]", STR_ARG(contact));
    cast_change(cast, HOSTING, "\nevents:\n",
                "  health_note: { says: { nb: Helse }, kind: special, fields: { note: text } }\n"
                "\nevents:\n");
    str purpose = arena_format(cast->arena,
                               "\npurposes:\n  " CARE ": { says: { nb: Stell }, basis: consent, "
                               "roles: all, uses: %.*s, keep: end of consent }\n",
                               STR_ARG(uses));
    cast_change(cast, HOSTING, "\npurposes:\n", arena_c_string(cast->arena, purpose));
    str intake = arena_format(cast->arena,
                              "\nintakes:\n  care_form: { from: [%.*s], channel: web, for: [" CARE
                              "], optional: %.*s }\n",
                              STR_ARG(source), STR_ARG(uses));
    cast_change(cast, HOSTING, "\nintakes:\n", arena_c_string(cast->arena, intake));
    str recipient = arena_format(cast->arena,
                                 "\nrecipients:\n  " CLINIC ": { says: { nb: Klinikk }, kind: "
                                 "controller, for: [" CARE "], gives: %.*s, needs: [consent] }\n",
                                 STR_ARG(uses));
    cast_change(cast, HOSTING, "\nrecipients:\n", arena_c_string(cast->arena, recipient));
}

/* C36: what is sensitive goes out by a way that is named and is not open, whoever agreed to the
 * sharing itself; what is not goes by any. */
void special_data_go_out_by_a_secure_channel(const struct cast *cast)
{
    struct cast own = *cast;
    add_clinic(&own);
    struct stage s;
    stage_open(&s, &own, HOSTING, "2026-02-02 09:00");
    str p = create_person(&s, "P-1", "'<roles.customer>'");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/consents", STR_ARG(p)),
        "{'purpose':'" CARE "','wording':'May the clinic know?','given_by':'signature'}");
    IS(&s, 201);
    AT_LINE(&s, collect(&s, p, "care_form", "<sources.registration>", STR(""),
                        "'health_note.note':'CANARY-ILL','<fields.contact.email>':"
                        "'p@canary-p.example'"));
    IS(&s, 201);
    str clinic = new_party(&s, CLINIC, "Klinikk AS", "");
    static const char *const open[] = {"", ",'channel':'email'", ",'channel':'sms'",
                                       ",'channel':'social'", ",'channel':'other'"};
    for (size_t i = 0; i < LENGTH(open); i++) {
        AT_LINE(&s, share(&s, 0, p, clinic, CLINIC, CARE, open[i]));
        must_refuse_by(&s, "always.secure_channel_for_special");
        assert_false(says(&s, "CANARY"));
    }
    AT_LINE(&s, share(&s, 0, p, clinic, CLINIC, CARE, ",'channel':'E-mail'"));
    IS(&s, 422); /* no other name gets around it */
    AT_LINE(&s, share(&s, 0, p, clinic, CLINIC, CARE, ",'channel':'carrier_pigeon'"));
    IS(&s, 422);
    ASK(&s, 0, "GET", PATH(&s, "/v1/subjects/%.*s/disclosures", STR_ARG(p)), "%s", "");
    assert_int_equal(rows(&s, "disclosures"), 0); /* what was refused is no disclosure */
    AT_LINE(&s, share(&s, 0, p, clinic, CLINIC, CARE,
                      ",'channel':'email','fields':['<fields.contact.email>']"));
    assert_int_equal(went(&s), 1);
    AT_LINE(&s, share(&s, 0, p, clinic, CLINIC, CARE, ",'channel':'post'"));
    assert_int_equal(went(&s), 2);
    assert_true(says(&s, "CANARY-ILL"));
    stage_close(&s);
}
