/* S23, and other requests at the rights desk: received, proven, decided, answered. */
#include <string.h>

#include "scenario.h"

#include "file.h"

/* What a request answers, without what is its own: nothing is left that tells of a person. */
static str answer_of(struct stage *s, const char *contact, str *id)
{
    ask(s, 0, "POST", STR("/v1/requests"),
        said(s,
             "{'channel':'email','rights':['portability'],'contact':'%s','text':"
             "'CANARY-ASKS'}",
             contact));
    IS(s, 201);
    *id = got(s, "id");
    str number = got(s, "number");
    struct buf buf = buf_in(s->arena, 4096);
    for (size_t i = 0; i < s->body.len; i++) {
        str rest = {s->body.ptr + i, s->body.len - i};
        bool own = str_starts(rest, *id) || str_starts(rest, number);
        i += own ? (str_starts(rest, *id) ? id->len : number.len) - 1 : 0;
        bool index = !own && s->body.ptr[i] >= '0' && s->body.ptr[i] <= '9' && i > 12 &&
                     memmem(s->body.ptr + i - 12, 12, "log_index", 9) != NULL;
        if (!own && !index)
            buf_char(&buf, s->body.ptr[i]);
    }
    return buf_str(&buf);
}

/* ---- steps of the officer ---- */

static void step(struct stage *s, size_t who, str request, const char *what, str body)
{
    ask(s, who, "POST", said(s, "/v1/requests/%.*s/%s", STR_ARG(request), what), body);
}

static void prove(struct stage *s, size_t who, str request, str person)
{
    step(s, who, request, "identity",
         said(s, "{'outcome':'proven','method':'eid','subject':'%.*s'}", STR_ARG(person)));
    DONE(s);
}

static void decide(struct stage *s, size_t who, str request, const char *right, const char *outcome,
                   const char *rest)
{
    step(s, who, request, "decision",
         said(s, "{'right':'%s','outcome':'%s','reasons':'CANARY-WHY'%s}", right, outcome, rest));
}

static void show(struct stage *s, size_t who, str request)
{
    ask(s, who, "GET", said(s, "/v1/requests/%.*s", STR_ARG(request)), STR(""));
    IS(s, 200);
}

static bool body_holds(const struct stage *s, const char *text);

/* The letter that tells them how it stands: whole, in both languages of the policy, as a page too;
 * never what was written to us. */
static void letter_is(struct stage *s, size_t who, str request, const char *kind)
{
    static const char *const LANGUAGES[] = {"nb", "en"};
    str path = said(s, "/v1/requests/%.*s/letter", STR_ARG(request));
    for (size_t i = 0; i < LENGTH(LANGUAGES); i++) {
        ask(s, who, "POST", path, said(s, "{'format':'json','language':'%s'}", LANGUAGES[i]));
        IS(s, 200);
        assert_true(str_is(got(s, "document"), kind));
        assert_true(body_holds(s, "Datatilsynet"));
        ask(s, who, "POST", path, said(s, "{'language':'%s'}", LANGUAGES[i]));
        IS(s, 200);
        assert_true(body_holds(s, "<!doctype html>"));
        assert_false(body_holds(s, "CANARY-ASKS"));
    }
    ask(s, who, "POST", path, said(s, "{'language':'sv'}"));
    IS(s, 422);
}

static bool body_holds(const struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static size_t trained(struct stage *s, const char *role)
{
    size_t member = hire(s, role);
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s, "{'type':'training','actor':'%.*s'}", STR_ARG(s->who[member].staff)));
    IS(s, 201);
    return member;
}

/* ---- S23 ---- */

struct q {
    str id, domain, order_name, login;
};

static void register_customer(struct stage *s, str person, str matter, const char *name)
{
    collect(s, person, "<intakes.registration>", "<sources.registration>", matter,
            N(s, said(s,
                      "'<fields.identification.name>':'%s','<fields.contact.email>':"
                      "'%s@canary-q.example','<fields.address.street>':'%s Street'",
                      name, name, name)
                     .ptr));
    IS(s, 201);
}

/* A customer with a service that runs, one that ended and was invoiced, and what they logged. */
static struct q customer(struct stage *s)
{
    struct q q = {.id = create_person(s, "Q-1", "")};
    ask(s, 0, "POST", STR("/v1/matters"), said(s, "{'kind':'<matters.service>','number':'S-1'}"));
    str old = got(s, "id");
    ask(s, 0, "POST", STR("/v1/matters"), said(s, "{'kind':'<matters.service>','number':'S-2'}"));
    str now = got(s, "id");
    ask(s, 0, "POST", STR("/v1/agreements"),
        said(s, "{'subject':'%.*s','matter':'%.*s','until':'2026-01-20'}", STR_ARG(q.id),
             STR_ARG(old)));
    IS(s, 201);
    ask(s, 0, "POST", STR("/v1/agreements"),
        said(s, "{'subject':'%.*s','matter':'%.*s'}", STR_ARG(q.id), STR_ARG(now)));
    IS(s, 201);
    register_customer(s, q.id, old, "Bookkept");
    happen(s, q.id, "<events.invoice_issued>", old);
    register_customer(s, q.id, now, "Quentin");
    return q;
}

static const char *plain(struct stage *s, str text)
{
    return arena_c_string(s->arena, text);
}

/* The copy as the values of a collection. */
static const char *values_of(struct stage *s, const struct json *items)
{
    struct buf buf = buf_in(s->arena, 1 << 16);
    for (JSON_EACH(item, items)) {
        str field, value;
        assert_true(json_str(json_get(item, "field"), &field));
        assert_true(json_str(json_get(item, "value"), &value));
        buf_add(&buf, said(s, "%s'%.*s':'%.*s'", item == items->child ? "" : ",", STR_ARG(field),
                           STR_ARG(value)));
    }
    return plain(s, buf_str(&buf));
}

/* A second engine, of the same policy, takes the copy in and gives the same back. */
static void loads_elsewhere(struct stage *s, const struct json *items, size_t count)
{
    str name = s->cast->name[HOSTING], token;
    struct report report = {0};
    const char *data = plain(s, said(s, "%s/second", s->dir)),
               *root = plain(s, said(s, "%s/second.key", s->dir)),
               *file = plain(s, said(s, "%s/second.token", s->dir));
    const char *words[] = {"init",
                           "--data",
                           data,
                           "--root",
                           root,
                           "--register",
                           "second",
                           "--policy",
                           plain(s, said(s, "%s/%.*s.yaml", s->dir, STR_ARG(name))),
                           "--deployment",
                           plain(s, said(s, "%s/%.*s.deploy.yaml", s->dir, STR_ARG(name))),
                           "--clock",
                           "simulated",
                           "--start",
                           utc(s, "2026-02-05 12:00"),
                           "--token-file",
                           file,
                           NULL};
    server_stop(s);
    if (vern(s, words) != 0)
        fail_msg("%.*s", STR_ARG(s->body));
    assert_true(is_ok(file_read(file, s->arena, 4096, &report, &token)));
    const char *values = values_of(s, items);
    char first_data[sizeof(s->data)], first_root[sizeof(s->root)];
    memcpy(first_data, s->data, sizeof(first_data));
    memcpy(first_root, s->root, sizeof(first_root));
    (void)snprintf(s->data, sizeof(s->data), "%s", data);
    (void)snprintf(s->root, sizeof(s->root), "%s", root);
    str first_token = s->who[0].token;
    s->who[0].token = str_trim(token);
    server_start(s);
    str person = create_person(s, "Q-2", "");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(person)));
    IS(s, 201);
    collect(s, person, "<intakes.registration>", "<sources.registration>", STR(""), values);
    IS(s, 201);
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/portability", STR_ARG(person)),
        STR("{\"by_subject\":true}"));
    IS(s, 200);
    assert_int_equal(got_json(s, "items")->count, count);
    for (JSON_EACH(item, items)) {
        str field, value;
        assert_true(json_str(json_get(item, "field"), &field));
        assert_true(json_str(json_get(item, "value"), &value));
        assert_true(body_holds(s, plain(s, field)));
        assert_true(body_holds(s, plain(s, value)));
    }
    server_stop(s);
    memcpy(s->data, first_data, sizeof(first_data));
    memcpy(s->root, first_root, sizeof(first_root));
    s->who[0].token = first_token;
    server_start(s);
}

static void portability_of(struct stage *s, size_t who, str person, str request)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/portability", STR_ARG(person)),
        said(s, "{'case':'%.*s'}", STR_ARG(request)));
}

static str registry(struct stage *s, str domain)
{
    ask(s, 0, "POST", STR("/v1/parties"),
        said(s, "{'kind':'<recipients.registrar>','name':'Norid Eksempel','zone':'eea'}"));
    str party = got(s, "id");
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.supplies>','party':'%.*s','matter':'%.*s',"
             "'particulars':{'<asks.document>':'contract-9'}}",
             STR_ARG(party), STR_ARG(domain)));
    IS(s, 201);
    return party;
}

/* The .no domain: name, e-mail and address go to the registry, nothing else, and only ordered. */
static void orders_a_domain(struct stage *s, const struct q *q)
{
    size_t clerk = trained(s, "<staff.administration>");
    ask(s, 0, "POST", STR("/v1/matters"), said(s, "{'kind':'<matters.domain>','number':'q.no'}"));
    str domain = got(s, "id"), party = registry(s, domain);
    str share = said(s, "/v1/subjects/%.*s/share", STR_ARG(q->id));
    str gives = said(s,
                     "{'purpose':'<purposes.registrar_ssl_supply>','recipient':"
                     "'<recipients.registrar>','party':'%.*s','matter':'%.*s','items':",
                     STR_ARG(party), STR_ARG(domain));
    static const char *const wanted[] = {"<fields.identification.name>", "<fields.contact.email>",
                                         "<fields.address.street>"};
    ask(s, 0, "POST", STR("/v1/agreements"),
        said(s, "{'subject':'%.*s','matter':'%.*s'}", STR_ARG(q->id), STR_ARG(domain)));
    IS(s, 201);
    collect(s, q->id, "<intakes.domain_order>", "<sources.registration>", domain,
            "'<fields.identification.name>':'Quentin','<fields.contact.email>':"
            "'Quentin@canary-q.example','<fields.address.street>':'Quentin Street'");
    IS(s, 201);
    str items[LENGTH(wanted)];
    for (size_t i = 0; i < LENGTH(wanted); i++)
        items[i] = item_of(s, wanted[i]);
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        ask(s, clerk, "POST", share, said(s, "%.*s['%.*s']}", STR_ARG(gives), STR_ARG(items[i])));
        must_refuse(s, "HOS-27", "<evidence.order>");
    }
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.order>','subject':'%.*s','matter':'%.*s',"
             "'particulars':{'<asks.number>':'26-18'}}",
             STR_ARG(q->id), STR_ARG(domain)));
    IS(s, 201);
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        ask(s, clerk, "POST", share, said(s, "%.*s['%.*s']}", STR_ARG(gives), STR_ARG(items[i])));
        IS(s, 200);
    }
    collect(s, q->id, "<intakes.service_use>", "<sources.use_of_service>", domain,
            "'<fields.history.login>':'logged in'");
    IS(s, 201);
    str login = item_of(s, "<fields.history.login>");
    ask(s, 0, "POST", share, said(s, "%.*s['%.*s']}", STR_ARG(gives), STR_ARG(login)));
    must_refuse(s, "HOS-27", NULL);
}

static str unproven_request(struct stage *s, size_t legal)
{
    str known, unknown;
    str to_known = answer_of(s, "quentin@canary-q.example", &known);
    assert_true(str_is(got(s, "safe"), "2026-02-28"));
    assert_true(str_is(got(s, "legal"), "2026-03-02"));
    str to_unknown = answer_of(s, "nobody@canary-n.example", &unknown);
    if (!str_equal(to_known, to_unknown))
        fail_msg("%.*s\n%.*s", STR_ARG(to_known), STR_ARG(to_unknown));
    ask(s, legal, "GET", STR("/v1/requests?show=open&kind=portability"), STR(""));
    IS(s, 200);
    assert_int_equal(got_json(s, "requests")->count, 2);
    show(s, legal, known);
    assert_true(str_is(got(s, "state"), "open"));
    assert_true(str_is(got(s, "identity"), "none"));
    assert_true(body_holds(s, "CANARY-ASKS"));
    return known;
}

void s23_no_identity_no_answer(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, HOSTING, "2026-01-10 09:00");
    size_t legal = trained(&s, "<staff.legal>");
    struct q q = AT_LINE(&s, customer(&s));
    clock_to(&s, "2026-01-31 10:00");
    str request = AT_LINE(&s, unproven_request(&s, legal));

    /* Until it is proven who asks, nothing is decided and nothing given. */
    AT_LINE(&s, decide(&s, legal, request, "portability", "granted", ""));
    must_refuse(&s, "HOS-58", NULL);
    AT_LINE(&s, portability_of(&s, legal, q.id, request));
    must_refuse(&s, "HOS-58", NULL);

    clock_to(&s, "2026-02-05 10:00");
    AT_LINE(&s, prove(&s, legal, request, q.id));
    AT_LINE(&s, portability_of(&s, legal, q.id, request));
    IS(&s, 403); /* not decided */
    AT_LINE(&s, decide(&s, 0, request, "portability", "granted", ""));
    IS(&s, 403); /* an application is no decider */
    AT_LINE(&s, decide(&s, legal, request, "portability", "granted", ""));
    IS(&s, 201);
    AT_LINE(&s, step(&s, legal, request, "close", STR("{}")));
    IS(&s, 409); /* granted, and not done */
    AT_LINE(&s, portability_of(&s, legal, q.id, request));
    IS(&s, 200);
    assert_false(body_holds(&s, "Bookkept"));
    const struct json *items = got_json(&s, "items");
    assert_int_equal(items->count, 3);
    AT_LINE(&s, step(&s, legal, request, "close", STR("{}")));
    IS(&s, 200);
    AT_LINE(&s, show(&s, legal, request));
    assert_true(str_is(got(&s, "state"), "answered"));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/access", STR_ARG(q.id)), "{'by_subject':true}");
    IS(&s, 200);
    assert_true(body_holds(&s, "Bookkept")); /* it is held, by law alone */
    AT_LINE(&s, loads_elsewhere(&s, items, 3));

    clock_to(&s, "2026-02-06 10:00");
    AT_LINE(&s, orders_a_domain(&s, &q));
    stage_close(&s);
}

/* ---- own: a letter with three wishes ---- */

static bool alarmed(struct stage *s, const char *name)
{
    ask(s, 0, "GET", STR("/v1/alarms"), STR(""));
    IS(s, 200);
    for (JSON_EACH(alarm, got_json(s, "alarms"))) {
        str text;
        if (json_str(json_get(alarm, "name"), &text) && str_is(text, name) &&
            !json_str(json_get(alarm, "closed"), &text))
            return true;
    }
    return false;
}

static str letter(struct stage *s)
{
    ask(s, 0, "POST", STR("/v1/requests"),
        said(s,
             "{'channel':'post','rights':['access','erase','complain'],'received':'%s',"
             "'contact':'G, Storgata 1','text':'CANARY-LETTER'}",
             utc(s, "2026-03-05 11:00")));
    IS(s, 201);
    assert_true(str_is(got(s, "safe"), "2026-04-05"));
    assert_true(str_is(got(s, "legal"), "2026-04-07"));
    return got(s, "id");
}

/* Late by the safe date, in time by the law; then extended, from the receipt. */
static void takes_longer(struct stage *s, size_t officer, str request)
{
    assert_false(alarmed(s, "safe_date"));
    clock_to(s, "2026-04-06 00:00");
    assert_true(alarmed(s, "safe_date"));
    clock_to(s, "2026-04-07 23:00");
    assert_false(alarmed(s, "legal_date"));
    ask(s, officer, "POST", said(s, "/v1/requests/%.*s/extension", STR_ARG(request)),
        said(s, "{'reasons':'Many systems','told':'%s'}", utc(s, "2026-04-07 12:00")));
    IS(s, 201);
    letter_is(s, officer, request, "letter_extension");
    clock_to(s, "2026-04-08 00:00");
    assert_false(alarmed(s, "safe_date") || alarmed(s, "legal_date"));
    ask(s, officer, "GET", STR("/v1/requests?show=overdue"), STR(""));
    IS(s, 200);
    assert_int_equal(got_json(s, "requests")->count, 0);
    show(s, officer, request);
    assert_true(body_holds(s, "\"legal\":\"2026-06-05\""));
}

void a_letter_is_answered_wish_by_wish(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-03-02 09:00");
    size_t officer = hire(&s, "<staff.dpo_role>"), helper = hire(&s, "<staff.helper>");
    str g = create_person(&s, "G-1", "'<roles.user>'");
    clock_to(&s, "2026-03-12 09:00");
    str request = AT_LINE(&s, letter(&s));
    AT_LINE(&s, letter_is(&s, officer, request, "letter_receipt"));
    AT_LINE(&s, takes_longer(&s, officer, request));

    AT_LINE(&s, decide(&s, officer, request, "access", "granted", ""));
    IS(&s, 403);
    AT_LINE(&s, prove(&s, officer, request, g));
    AT_LINE(&s, decide(&s, helper, request, "access", "granted", ""));
    IS(&s, 403);
    AT_LINE(&s, decide(&s, helper, request, "complain", "granted", ""));
    must_refuse(&s, "COB-38", NULL);
    AT_LINE(&s, decide(&s, officer, request, "access", "granted", ""));
    IS(&s, 201);
    AT_LINE(&s, decide(&s, officer, request, "erase", "refused", ""));
    IS(&s, 422);
    AT_LINE(&s, decide(&s, officer, request, "erase", "refused", ",'exception':'legal_duty'"));
    IS(&s, 201);
    AT_LINE(&s, decide(&s, officer, request, "complain", "granted", ""));
    IS(&s, 201);
    AT_LINE(&s, letter_is(&s, officer, request, "letter_outcome"));
    ASK(&s, officer, "POST", PATH(&s, "/v1/requests/%.*s/letter", STR_ARG(request)),
        "{'format':'text','language':'nb'}");
    assert_true(body_holds(&s, "artikkel 17 nr. 3 bokstav b") && body_holds(&s, "CANARY-WHY"));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(g)),
        "{'case':'%.*s','warned':true}", STR_ARG(request));
    IS(&s, 403); /* it was refused */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/access", STR_ARG(g)), "{'case':'%.*s'}",
        STR_ARG(request));
    IS(&s, 200);
    assert_false(body_holds(&s, "CANARY-WHY"));
    AT_LINE(&s, step(&s, officer, request, "close", STR("{}")));
    IS(&s, 200);
    AT_LINE(&s, show(&s, officer, request));
    assert_true(body_holds(&s, "GDPR 17(3)(b)"));
    assert_true(body_holds(&s, "\"complaint\":") && body_holds(&s, "courts"));
    AT_LINE(&s, look_inside(&s, g, "CANARY-LETTER", 1, 0));
    AT_LINE(&s, look_inside(&s, g, "CANARY-WHY", 1, 0));
    stage_close(&s);
}

/* ---- own: what a customer's people ask the firm ---- */

void a_request_about_a_customers_space_is_the_customers(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, HOSTING, "2026-03-02 09:00");
    size_t legal = trained(&s, "<staff.legal>");
    ASK(&s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.service>','number':'S-1'}");
    str service = got(&s, "id");
    ASK(&s, 0, "POST", STR("/v1/requests"),
        "{'channel':'phone','rights':['access'],'text':'What do you hold of CANARY-NINA?'}");
    IS(&s, 201);
    str request = got(&s, "id"), path = PATH(&s, "/v1/requests/%.*s/pass-on", STR_ARG(request));
    ASK(&s, legal, "POST", path, "{'space':'no_such','matter':'%.*s'}", STR_ARG(service));
    IS(&s, 422);
    ASK(&s, legal, "POST", path, "{'space':'<spaces.customer_data>','matter':'%.*s'}",
        STR_ARG(service));
    IS(&s, 200);
    assert_true(str_is(got(&s, "passed_to"), "customer"));
    assert_false(body_holds(&s, "CANARY"));
    ASK(&s, 0, "GET", STR("/v1/tasks"), "%s", "");
    assert_true(body_holds(&s, "\"tell\""));
    AT_LINE(&s, show(&s, legal, request));
    assert_true(str_is(got(&s, "state"), "passed_on"));
    AT_LINE(&s, letter_is(&s, legal, request, "letter_passed_on"));
    ASK(&s, legal, "POST", path, "{'space':'<spaces.customer_data>','matter':'%.*s'}",
        STR_ARG(service));
    IS(&s, 409);
    stage_close(&s);
}
