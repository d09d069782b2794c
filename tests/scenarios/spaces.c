/* Customers' data, where the firm is a processor: a space of its own for each (S18). */
#include <dirent.h>
#include <string.h>

#include "scenario.h"
#include "file.h"

static bool tells(const struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static str in_json(struct stage *s, const char *path)
{
    struct report report = {0};
    str text;
    assert_true(is_ok(file_read(path, s->arena, 1 << 20, &report, &text)));
    struct buf buf = buf_in(s->arena, 1 << 20);
    struct json_out out = json_out_over(&buf);
    json_put_str(&out, text);
    return buf_str(&buf);
}

/* Asks for a space; the instruction file goes as it stands. */
static void ask_space(struct stage *s, const char *space, str matter, const char *file)
{
    str body = arena_format(s->arena, "{\"space\":\"%s\",\"matter\":\"%.*s\",\"policy\":%.*s}",
                            N(s, space), STR_ARG(matter), STR_ARG(in_json(s, file)));
    ask(s, 0, "POST", STR("/v1/spaces"), body);
}

static size_t join(struct stage *s, str token)
{
    assert_true(s->who_count < WHO_MOST);
    s->who[s->who_count] = (struct who){.token = token, .name = STR("customer")};
    return s->who_count++;
}

/* The customer's administrator, who makes a token for one of the firm's staff inside. */
static size_t hire_inside(struct stage *s, size_t customer, const char *role)
{
    ask(s, customer, "POST", STR("/v1/staff"), said(s, "{'role':'%s','name':'Desk'}", role));
    IS(s, 201);
    ask(s, customer, "POST", STR("/v1/tokens"),
        said(s, "{'name':'desk','scopes':['read'],'staff':'%.*s'}", STR_ARG(got(s, "id"))));
    IS(s, 201);
    return join(s, got(s, "token"));
}

static str person_inside(struct stage *s, size_t who, const char *role, const char *body)
{
    ask(s, who, "POST", STR("/v1/subjects"), said(s, "{'roles':['%s']}", role));
    IS(s, 201);
    str id = got(s, "id");
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(id)),
        said(s, "{'purpose':'contact_list','wording':'Put me on the list','act':'ticked',"
                "'given_by':'click'}"));
    IS(s, 201);
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(id)), said(s, "%s", body));
    IS(s, 201);
    return id;
}

static str make_matter(struct stage *s, const char *kind, const char *number)
{
    ask(s, 0, "POST", STR("/v1/matters"), said(s, "{'kind':'%s','number':'%s'}", kind, number));
    IS(s, 201);
    return got(s, "id");
}

static void read_inside(struct stage *s, size_t who, str person, const char *purpose)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/read", STR_ARG(person)),
        said(s, "{'purpose':'%s'}", purpose));
}

/* Every line of the history after `action` names the customer. */
static void logged_under_customer(struct stage *s, size_t who, str person)
{
    ask(s, who, "GET", said(s, "/v1/subjects/%.*s", STR_ARG(person)), STR(""));
    IS(s, 200);
    ask(s, who, "POST", STR("/v1/history"),
        said(s, "{'reference':'%.*s'}", STR_ARG(got(s, "reference"))));
    IS(s, 200);
    size_t reads = 0;
    for (JSON_EACH(one, got_json(s, "entries"))) {
        str text;
        const struct json *entry = json_get(one, "entry");
        assert_true(json_str(json_get(entry, "ow"), &text) && str_is(text, "customer"));
        reads += json_str(json_get(entry, "ac"), &text) && str_is(text, "read");
    }
    assert_int_equal(reads, 4); /* three refused, one allowed */
}

/* Passed on, and nothing said of what is held. */
static void request_is_passed_on(struct stage *s, const char *space, str matter,
                                 const char *customer, const char *address)
{
    ask(s, 0, "POST", STR("/v1/spaces/requests"),
        said(s,
             "{'space':'%s','matter':'%.*s','right':'access','channel':'email','text':"
             "'Nina at nina.canary-n.example wants a copy'}",
             space, STR_ARG(matter)));
    IS(s, 201);
    assert_false(tells(s, "canary-n"));
    assert_true(str_is(got(s, "passed_to"), "customer"));
    assert_true(tells(s, customer) && tells(s, address));
    ask(s, 0, "GET", STR("/v1/tasks"), STR(""));
    IS(s, 200);
    assert_true(tells(s, "\"access\""));
    assert_false(tells(s, "canary-n"));
}

static const char *folder_of(struct stage *s, str name)
{
    return arena_c_string(s->arena,
                          arena_format(s->arena, "%s/registers/%.*s", s->data, STR_ARG(name)));
}

static bool is_left(const char *name)
{
    static const char *const left[] = {"log", "log.key", "retired.json", "lock", "epoch"};
    for (size_t i = 0; i < LENGTH(left); i++) {
        if (strcmp(left[i], name) == 0)
            return true;
    }
    return name[0] == '.';
}

/* Of the register its log is left, and no key. */
static void nothing_is_left(struct stage *s, str name)
{
    DIR *dir = opendir(folder_of(s, name));
    assert_non_null(dir);
    for (const struct dirent *one = readdir(dir); one != NULL; one = readdir(dir)) {
        if (!is_left(one->d_name))
            fail_msg("line %d: %s is left", s->line, one->d_name);
    }
    closedir(dir);
    const char *key =
        arena_c_string(s->arena, arena_format(s->arena, "%s/epoch/1.key", folder_of(s, name)));
    assert_false(file_exists(key));
}

static void end_space(struct stage *s, const char *space, str matter, const char *choice)
{
    ask(s, 0, "POST", STR("/v1/spaces/end"),
        said(s, "{'space':'%s','matter':'%.*s',%s}", space, STR_ARG(matter), choice));
}

#define SPACE "<spaces.customer_data>"

static void firm_may_not(struct stage *s, size_t desk, str nina)
{
    AT_LINE(s, read_inside(s, desk, nina, "<purposes.improve_services>"));
    must_refuse_by(s, "purposes");
    AT_LINE(s, read_inside(s, desk, nina, "<purposes.newsletter_general_email>"));
    must_refuse_by(s, "purposes");
    AT_LINE(s, read_inside(s, desk, nina, "contact_list")); /* no instruction yet */
    IS(s, 403);
    assert_true(tells(s, "instruction"));
}

void s18_customers_own_data(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, HOSTING, "2026-02-01 10:00");
    s.company = NULL;
    str service = AT_LINE(&s, make_matter(&s, "<matters.service>", "N-1"));
    AT_LINE(&s, ask_space(&s, SPACE, service, "policies/hosting.customer.yaml"));
    must_refuse(&s, "HOS-19", "agreement");
    ASK(&s, 0, "POST", STR("/v1/agreements"), "{'matter':'%.*s'}", STR_ARG(service));
    IS(&s, 201);
    str agreement = got(&s, "record");
    AT_LINE(&s, ask_space(&s, SPACE, service, "policies/example.yaml"));
    IS(&s, 422); /* no instruction file */
    AT_LINE(&s, ask_space(&s, SPACE, service, "policies/hosting.customer.yaml"));
    IS(&s, 200);
    str name = got(&s, "name");
    size_t n = join(&s, got(&s, "token"));
    AT_LINE(&s, ask_space(&s, SPACE, service, "policies/hosting.customer.yaml"));
    IS(&s, 409);

    str nina = AT_LINE(&s, person_inside(&s, n, "list_member",
                                         "{'intake':'sign_up','values':{'entry.email':"
                                         "'nina@canary-n.example'}}"));
    size_t desk = AT_LINE(&s, hire_inside(&s, n, "instructed"));
    AT_LINE(&s, firm_may_not(&s, desk, nina));
    ASK(&s, n, "POST", STR("/v1/evidence"),
        "{'type':'instruction','purpose':'contact_list','particulars':{'reference':'N 7',"
        "'given_by':'the head of N'}}");
    IS(&s, 201);
    AT_LINE(&s, read_inside(&s, desk, nina, "contact_list"));
    IS(&s, 200);
    assert_true(tells(&s, "nina@canary-n.example"));
    AT_LINE(&s, logged_under_customer(&s, n, nina));

    /* Neither register's tokens reach into the other. */
    str own = create_person(&s, "H-1", "'<roles.customer>'");
    AT_LINE(&s, read_inside(&s, 0, nina, "<purposes.improve_services>"));
    IS(&s, 404);
    ask(&s, n, "GET", PATH(&s, "/v1/subjects/%.*s", STR_ARG(own)), STR(""));
    IS(&s, 404);
    clock_to(&s, "2026-03-01 09:00");
    AT_LINE(&s, request_is_passed_on(&s, SPACE, service, "310000302", "personvern@kunde.example"));

    AT_LINE(&s, end_space(&s, SPACE, service, "'choice':'erase'"));
    IS(&s, 409); /* the agreement runs */
    ASK(&s, 0, "POST", PATH(&s, "/v1/evidence/%.*s/%.*s/end", STR_ARG(service), STR_ARG(agreement)),
        "{}");
    DONE(&s);
    AT_LINE(&s, end_space(&s, SPACE, service, "'choice':'return','returned':2"));
    IS(&s, 409); /* one person, not two */
    ASK(&s, n, "POST", PATH(&s, "/v1/subjects/%.*s/access", STR_ARG(nina)), "{'by_subject':true}");
    IS(&s, 200);
    AT_LINE(&s, end_space(&s, SPACE, service, "'choice':'return','returned':1"));
    IS(&s, 200);
    AT_LINE(&s, read_inside(&s, desk, nina, "contact_list"));
    IS(&s, 401);
    AT_LINE(&s, end_space(&s, SPACE, service, "'choice':'return','returned':1"));
    IS(&s, 404);
    AT_LINE(&s, nothing_is_left(&s, name));
    server_kill(&s);
    server_start(&s);
    ask(&s, n, "GET", STR("/v1/register"), STR(""));
    IS(&s, 401);
    AT_LINE(&s, look_inside(&s, own, "canary-n", 1, 0));
    stage_close(&s);
}

/* ---- the same clauses where another end is chosen, and where another firm says them ---- */

static str agree_on(struct stage *s, str matter)
{
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'matter':'%.*s'}", STR_ARG(matter)));
    IS(s, 201);
    return got(s, "record");
}

static void agreement_ends(struct stage *s, str matter, str agreement)
{
    ask(s, 0, "POST", said(s, "/v1/evidence/%.*s/%.*s/end", STR_ARG(matter), STR_ARG(agreement)),
        STR("{}"));
    DONE(s);
}

/* A customer who leaves and wants nothing back. */
void a_customer_leaves_its_data_to_be_erased(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, HOSTING, "2026-02-01 10:00");
    s.company = NULL;
    str service = AT_LINE(&s, make_matter(&s, "<matters.service>", "N-2"));
    str agreement = AT_LINE(&s, agree_on(&s, service));
    AT_LINE(&s, ask_space(&s, SPACE, service, "policies/hosting.customer.yaml"));
    IS(&s, 200);
    str name = got(&s, "name");
    size_t n = join(&s, got(&s, "token"));
    (void)AT_LINE(&s, person_inside(&s, n, "list_member",
                                    "{'intake':'sign_up','values':{'entry.email':"
                                    "'nils@canary-e.example'}}"));
    AT_LINE(&s, agreement_ends(&s, service, agreement));
    AT_LINE(&s, end_space(&s, SPACE, service, "'choice':'keep'"));
    IS(&s, 422);
    AT_LINE(&s, end_space(&s, SPACE, service, "'choice':'erase'"));
    IS(&s, 200);
    ask(&s, n, "GET", STR("/v1/register"), STR(""));
    IS(&s, 401);
    AT_LINE(&s, nothing_is_left(&s, name));
    stage_close(&s);
}

static str worker_at_the_gate(struct stage *s, size_t who)
{
    ask(s, who, "POST", STR("/v1/subjects"), said(s, "{'roles':['site_worker']}"));
    IS(s, 201);
    str id = got(s, "id");
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(id)),
        said(s, "{'intake':'gate','values':{'check_in.name':'Ola CANARY-N'}}"));
    IS(s, 201);
    return id;
}

void a_site_keeps_its_own_list(const struct cast *cast)
{
    struct stage s;
    static const char file[] = "policies/infobric.customer.yaml";
    stage_open(&s, cast, INFOBRIC, "2026-02-01 10:00");
    s.company = NULL;
    str site = AT_LINE(&s, make_matter(&s, "<matters.customer>", "B-1"));
    str other = AT_LINE(&s, make_matter(&s, "<matters.customer>", "B-2"));
    (void)AT_LINE(&s, agree_on(&s, other)); /* what that one signed makes no space for this one */
    AT_LINE(&s, ask_space(&s, SPACE, site, file));
    must_refuse(&s, "INF-03", "agreement");
    str agreement = AT_LINE(&s, agree_on(&s, site));
    AT_LINE(&s, ask_space(&s, SPACE, site, file));
    IS(&s, 200);
    size_t n = join(&s, got(&s, "token"));
    str ola = AT_LINE(&s, worker_at_the_gate(&s, n));
    size_t desk = AT_LINE(&s, hire_inside(&s, n, "instructed"));
    AT_LINE(&s, read_inside(&s, desk, ola, "attendance_list"));
    IS(&s, 200);
    assert_true(tells(&s, "Ola CANARY-N"));
    AT_LINE(&s, read_inside(&s, desk, ola, "<purposes.offers>"));
    must_refuse_by(&s, "purposes");
    AT_LINE(&s, read_inside(&s, 0, ola, "<purposes.offers>"));
    IS(&s, 404);
    AT_LINE(&s,
            request_is_passed_on(&s, SPACE, site, "310000310", "personvern@byggeplass.example"));
    AT_LINE(&s, end_space(&s, SPACE, site, "'choice':'erase'"));
    IS(&s, 409); /* the agreement runs */
    AT_LINE(&s, agreement_ends(&s, site, agreement));
    AT_LINE(&s, end_space(&s, SPACE, site, "'choice':'erase'"));
    IS(&s, 200);
    AT_LINE(&s, read_inside(&s, desk, ola, "attendance_list"));
    IS(&s, 401);
    stage_close(&s);
}

/* ---- two customers of another firm, side by side ---- */

#define SERVICE_SPACE "<spaces.customer_service>"

struct customer {
    str service, agreement, name, person, item;
    size_t who;
};

static void agree(struct stage *s, struct customer *customer)
{
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.customer_agreement>','matter':'%.*s','particulars':{"
             "'<asks.document>':'DPA'}}",
             STR_ARG(customer->service)));
    IS(s, 201);
    customer->agreement = got(s, "record");
}

/* The same person, enrolled by this customer. */
static void enrol(struct stage *s, struct customer *customer)
{
    ask(s, customer->who, "POST", STR("/v1/evidence"),
        STR("{\"type\":\"balancing\",\"purpose\":\"run_course\"}"));
    DONE(s);
    ask(s, customer->who, "POST", STR("/v1/subjects"),
        said(s, "{'identifiers':[{'kind':'member.email','value':'tone@canary-t.example'}],"
                "'roles':['course_member']}"));
    IS(s, 201);
    customer->person = got(s, "id");
    ask(s, customer->who, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(customer->person)),
        said(s, "{'intake':'enrolment','values':{'member.name':'Tone','member.email':"
                "'tone@canary-t.example'}}"));
    IS(s, 201);
}

static void open_space(struct stage *s, struct customer *customer)
{
    ask_space(s, SERVICE_SPACE, customer->service, "policies/confect.customer.yaml");
    IS(s, 200);
    customer->name = got(s, "name");
    customer->who = join(s, got(s, "token"));
    enrol(s, customer);
}

static void lives(struct stage *s, const struct customer *customer)
{
    read_inside(s, customer->who, customer->person, "run_course");
    IS(s, 200);
    assert_true(tells(s, "tone@canary-t.example"));
    ask(s, customer->who, "POST", STR("/v1/subjects/find"),
        said(s, "{'kind':'member.email','value':'tone@canary-t.example'}"));
    IS(s, 200);
    assert_int_equal(got_json(s, "ids")->count, 1);
    assert_true(tells(s, arena_c_string(s->arena, customer->person)));
}

/* By whatever route: as someone who never was. */
static void never_reaches(struct stage *s, size_t who, str person, const char *purpose)
{
    ask(s, who, "GET", said(s, "/v1/subjects/%.*s", STR_ARG(person)), STR(""));
    IS(s, 404);
    read_inside(s, who, person, purpose);
    IS(s, 404);
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(person)),
        said(s, "{'by_subject':true}"));
    IS(s, 404);
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/erase", STR_ARG(person)),
        said(s, "{'warned':true}"));
    IS(s, 404);
}

static void asks_support(struct stage *s, str service)
{
    ask(s, 0, "POST", STR("/v1/spaces/requests"),
        said(s,
             "{'space':'" SERVICE_SPACE "','matter':'%.*s','right':'access','channel':'email',"
             "'text':'Tone at tone@canary-t.example asks'}",
             STR_ARG(service)));
    IS(s, 201);
    if (!str_is(got(s, "passed_to"), N(s, "<contacts.service_support>")))
        fail_msg("line %d: %.*s", s->line, STR_ARG(s->body));
    assert_true(tells(s, "support@confect.example"));
    assert_false(tells(s, "canary-t"));
}

/* One agreement a service: what one customer signed makes no space for the other. */
static void each_needs_its_own_agreement(struct stage *s, struct customer *a, struct customer *b)
{
    a->service = make_matter(s, "<matters.service>", "K-1");
    b->service = make_matter(s, "<matters.service>", "K-2");
    str vacancy = make_matter(s, "<matters.vacancy>", "K-1");
    ask_space(s, SERVICE_SPACE, a->service, "policies/confect.customer.yaml");
    must_refuse(s, "CON-27", "<evidence.customer_agreement>");
    agree(s, a);
    ask_space(s, SERVICE_SPACE, b->service, "policies/confect.customer.yaml");
    must_refuse(s, "CON-27", "<evidence.customer_agreement>");
    ask_space(s, SERVICE_SPACE, vacancy, "policies/confect.customer.yaml");
    assert_true(s->code >= 400 && s->code < 500); /* of another kind than the policy says */
    agree(s, b);
}

void two_customers_side_by_side(const struct cast *cast)
{
    struct stage s;
    struct customer a, b;
    stage_open(&s, cast, CONFECT, "2026-02-01 10:00");
    s.company = NULL;
    AT_LINE(&s, each_needs_its_own_agreement(&s, &a, &b));
    AT_LINE(&s, open_space(&s, &a));
    AT_LINE(&s, open_space(&s, &b));
    AT_LINE(&s, ask_space(&s, SERVICE_SPACE, a.service, "policies/confect.customer.yaml"));
    IS(&s, 409);
    assert_false(str_equal(a.name, b.name));
    str own = create_person(&s, "C-1", "'<roles.customer_contact>'");
    AT_LINE(&s, lives(&s, &a));
    AT_LINE(&s, lives(&s, &b));
    AT_LINE(&s, never_reaches(&s, a.who, b.person, "run_course"));
    AT_LINE(&s, never_reaches(&s, b.who, a.person, "run_course"));
    AT_LINE(&s, never_reaches(&s, 0, a.person, "<purposes.support>"));
    AT_LINE(&s, never_reaches(&s, b.who, own, "run_course"));
    AT_LINE(&s, read_inside(&s, a.who, a.person, "<purposes.improvement>")); /* the firm's own */
    must_refuse_by(&s, "purposes");
    AT_LINE(&s, asks_support(&s, a.service));

    /* Restricted by the one, and then that customer leaves: the other is untouched. */
    ASK(&s, b.who, "POST", PATH(&s, "/v1/subjects/%.*s/restrictions", STR_ARG(b.person)),
        "{'reason':'accuracy'}");
    DONE(&s);
    AT_LINE(&s, read_inside(&s, b.who, b.person, "run_course"));
    IS(&s, 403);
    AT_LINE(&s, lives(&s, &a));
    AT_LINE(&s, end_space(&s, SERVICE_SPACE, b.service, "'choice':'erase'"));
    IS(&s, 409); /* its agreement runs */
    ASK(&s, 0, "POST",
        PATH(&s, "/v1/evidence/%.*s/%.*s/end", STR_ARG(b.service), STR_ARG(b.agreement)), "{}");
    DONE(&s);
    AT_LINE(&s, end_space(&s, SERVICE_SPACE, a.service, "'choice':'erase'"));
    IS(&s, 409); /* the agreement of the other has ended, not this one's */
    AT_LINE(&s, end_space(&s, SERVICE_SPACE, b.service, "'choice':'erase'"));
    IS(&s, 200);
    server_kill(&s);
    server_start(&s);
    ask(&s, b.who, "GET", STR("/v1/register"), STR(""));
    IS(&s, 401);
    AT_LINE(&s, nothing_is_left(&s, b.name));
    AT_LINE(&s, lives(&s, &a));
    AT_LINE(&s, never_reaches(&s, a.who, b.person, "run_course"));
    AT_LINE(&s, look_inside(&s, own, "canary-t", 1, 0));
    AT_LINE(&s, lives(&s, &a));
    stage_close(&s);
}

/* ---- a breach in a customer's space (article 33(2)) ---- */

/* A member of the staff inside whose token reaches breaches. */
static size_t officer_inside(struct stage *s, size_t customer)
{
    ask(s, customer, "POST", STR("/v1/staff"), said(s, "{'role':'instructed','name':'Officer'}"));
    IS(s, 201);
    ask(s, customer, "POST", STR("/v1/tokens"),
        said(s, "{'name':'officer','scopes':['officer','share'],'staff':'%.*s'}",
             STR_ARG(got(s, "id"))));
    IS(s, 201);
    return join(s, got(s, "token"));
}

/* How many events about this breach wait for the customer's own system. */
static size_t told_of(struct stage *s, size_t who, str hook, str breach)
{
    size_t count = 0;
    ask(s, who, "GET", said(s, "/v1/webhooks/%.*s/events", STR_ARG(hook)), STR(""));
    IS(s, 200);
    assert_false(tells(s, "CANARY"));
    for (JSON_EACH(event, got_json(s, "events"))) {
        str body = STR("");
        (void)json_str(json_get(event, "body"), &body);
        count += memmem(body.ptr, body.len, breach.ptr, breach.len) != NULL;
    }
    return count;
}

/* Closes the task that waits with the breach; false: none does. */
static bool controller_is_told(struct stage *s, size_t who, str breach)
{
    ask(s, who, "GET", STR("/v1/tasks"), STR(""));
    IS(s, 200);
    for (JSON_EACH(task, got_json(s, "tasks"))) {
        str dossier = STR(""), name = STR(""), record = STR("");
        (void)json_str(json_get(task, "dossier"), &dossier);
        (void)json_str(json_get(task, "name"), &name);
        (void)json_str(json_get(task, "record"), &record);
        if (!str_equal(dossier, breach) || !str_is(name, "controller"))
            continue;
        ask(s, who, "POST", said(s, "/v1/tasks/%.*s/%.*s/done", STR_ARG(dossier), STR_ARG(record)),
            STR("{}"));
        DONE(s);
        return true;
    }
    return false;
}

static void close_breach(struct stage *s, size_t who, str breach)
{
    ask(s, who, "POST", said(s, "/v1/breaches/%.*s/close", STR_ARG(breach)),
        said(s, "{'reasons':'CANARY-B: nothing was read'}"));
}

static void breach_in_space(const struct cast *cast, enum policy policy, const char *kind,
                            const char *space, const char *file)
{
    struct stage s;
    stage_open(&s, cast, policy, "2026-02-01 10:00");
    s.company = NULL;
    str service = AT_LINE(&s, make_matter(&s, kind, "P-1"));
    (void)AT_LINE(&s, agree_on(&s, service));
    AT_LINE(&s, ask_space(&s, space, service, file));
    IS(&s, 200);
    size_t n = join(&s, got(&s, "token")), officer = AT_LINE(&s, officer_inside(&s, n));
    ASK(&s, n, "POST", STR("/v1/webhooks"),
        "{'url':'http://127.0.0.1:9/told','events':['breach.known']}");
    IS(&s, 201);
    str hook = got(&s, "id");
    ASK(&s, officer, "POST", STR("/v1/breaches"),
        "{'nature':['confidentiality'],'description':'CANARY-B: a disk was lost','all':true}");
    IS(&s, 201);
    str breach = got(&s, "id");
    assert_int_equal(told_of(&s, n, hook, breach), 1);
    ASK(&s, officer, "POST", PATH(&s, "/v1/breaches/%.*s/assessments", STR_ARG(breach)),
        "{'risk':'none','reasons':'CANARY-B: it was encrypted'}");
    IS(&s, 200);
    AT_LINE(&s, close_breach(&s, officer, breach));
    IS(&s, 409);
    assert_true(tells(&s, "controller"));
    assert_true(controller_is_told(&s, officer, breach));
    assert_false(controller_is_told(&s, officer, breach));
    /* More is known: they are told anew, and once. */
    for (int i = 0; i < 2; i++) {
        ASK(&s, officer, "POST", PATH(&s, "/v1/breaches/%.*s/amendments", STR_ARG(breach)),
            "{'nature':['confidentiality'],'description':'CANARY-B: two disks','all':true}");
        IS(&s, 200);
    }
    assert_int_equal(told_of(&s, n, hook, breach), 3);
    AT_LINE(&s, close_breach(&s, officer, breach));
    IS(&s, 409);
    assert_true(controller_is_told(&s, officer, breach));
    assert_false(controller_is_told(&s, officer, breach));
    AT_LINE(&s, close_breach(&s, officer, breach));
    IS(&s, 200);
    ask(&s, n, "GET", PATH(&s, "/v1/breaches/%.*s", STR_ARG(breach)), STR(""));
    IS(&s, 200);
    assert_int_equal(got_json(&s, "controller_told")->count, 2);
    ask(&s, 0, "GET", PATH(&s, "/v1/breaches/%.*s", STR_ARG(breach)), STR(""));
    IS(&s, 404); /* it is not the firm's register's */
    stage_close(&s);
}

void own_a_processor_tells_its_controller(const struct cast *cast)
{
    breach_in_space(cast, HOSTING, "<matters.service>", SPACE, "policies/hosting.customer.yaml");
    breach_in_space(cast, INFOBRIC, "<matters.customer>", SPACE, "policies/infobric.customer.yaml");
}

/* ---- own: the processors that a customer's space knows stand in the firm's record ---- */

static const char ENGAGES[] = "\nrecipients:\n"
                              "  host:  { says: { nb: Drift, nn: Drift, en: Hosts }, kind: "
                              "processor, for: all, gives: all }\n"
                              "  court: { says: { nb: Rett, nn: Rett, en: Courts }, kind: "
                              "authority, for: all, gives: all }\n";

static void ask_space_that_engages(struct stage *s, str matter, const char *file)
{
    struct report report = {0};
    struct buf body = buf_in(s->arena, 1 << 20);
    struct json_out out = json_out_over(&body);
    str text;
    assert_true(is_ok(file_read(file, s->arena, 1 << 20, &report, &text)));
    json_open_object(&out);
    json_key(&out, "space");
    json_put_text(&out, N(s, SPACE));
    json_key(&out, "matter");
    json_put_str(&out, matter);
    json_key(&out, "policy");
    json_put_str(&out, arena_format(s->arena, "%.*s%s", STR_ARG(text), ENGAGES));
    json_close_object(&out);
    ask(s, 0, "POST", STR("/v1/spaces"), buf_str(&body));
    IS(s, 200);
}

static void engage(struct stage *s, size_t customer, const char *kind, const char *name)
{
    ask(s, customer, "POST", STR("/v1/parties"), said(s, "{'kind':'%s','name':'%s'}", kind, name));
    IS(s, 201);
}

void own_sub_processors_of_a_space_are_in_the_record(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-02-01 10:00");
    s.company = NULL;
    str record = said(&s, "/v1/papers/record/processor?format=csv&lang=en&controller=%s",
                      "<controllers.infobric_as>");
    str site = AT_LINE(&s, make_matter(&s, "<matters.customer>", "B-1"));
    (void)AT_LINE(&s, agree_on(&s, site));
    AT_LINE(&s, ask_space_that_engages(&s, site, "policies/infobric.customer.yaml"));
    size_t customer = join(&s, got(&s, "token"));
    ask(&s, 0, "GET", record, STR(""));
    IS(&s, 200);
    assert_true(tells(&s, "Byggeplass Eksempel AS"));
    assert_true(tells(&s, ",Hosts,"));
    AT_LINE(&s, engage(&s, customer, "host", "Disken AS"));
    AT_LINE(&s, engage(&s, customer, "court", "Retten"));
    (void)AT_LINE(&s, worker_at_the_gate(&s, customer));
    ask(&s, 0, "GET", record, STR(""));
    IS(&s, 200);
    assert_true(tells(&s, ",Disken AS (Hosts),"));
    assert_false(tells(&s, "Retten") || tells(&s, "CANARY"));
    ask(&s, customer, "GET", record, STR("")); /* whose register is another one */
    IS(&s, 404);
    stage_close(&s);
}
