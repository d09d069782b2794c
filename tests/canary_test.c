/* Planted data is found in the replies of permitted reads and nowhere else: not in a file below the
 * data folder, not in what the server logs, not in any other answer. Card numbers are not even
 * taken. All persons are invented; the identity number is one of a synthetic test person. */
#include "process.h"

static struct process server;

static const char person[] = "Kanari Nordkvist", mail[] = "kanari.nordkvist@canary.example",
                  life[] = "kanarifuglen sang i ti arbeidsliv", number[] = "01819030037",
                  phone[] = "+4799000077", word_[] = "Kanari-Nordkvist",
                  reason[] = "kanarigrunn nevnt av saksbehandler";

/* What any trace of them would hold. */
static const char *const canaries[] = {"anari",       "Nordkvist", "nordkvist",     "arbeidsliv",
                                       "01819030037", "99000077",  "canary.example"};

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server, "sweep_seconds = 60\n");
    return 0;
}

static void expect_silent_text(str text, const char *where)
{
    for (size_t i = 0; i < LENGTH(canaries); i++) {
        if (holds(text, str_from(canaries[i])))
            fail_msg("%s holds %s: %.*s", where, canaries[i], STR_ARG(text));
    }
}

/* Not in the body and not in a header. */
static void expect_silent(const struct answer *answer)
{
    expect_silent_text(answer->text, "an answer");
    for (size_t i = 0; i < answer->response.field_count; i++)
        expect_silent_text(answer->response.fields[i].value, "a header");
}

static struct answer send_quietly(const char *method, str target, str body)
{
    struct answer answer = ask(&server, server.token, method, target, body);
    expect_silent(&answer);
    return answer;
}

/* In `format`, ' stands for ". */
static str json_text(const char *format, ...) PRINTF_LIKE(1, 2);
static str json_text(const char *format, ...)
{
    char room[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(room, sizeof(room), format, arguments);
    va_end(arguments);
    assert_true(length > 0 && (size_t)length < sizeof(room));
    for (int i = 0; i < length; i++) {
        if (room[i] == '\'')
            room[i] = '"';
    }
    return arena_copy(server.arena, (str){room, (size_t)length});
}

static str about(str id, const char *verb)
{
    return arena_format(server.arena, "/v1/subjects/%.*s/%s", STR_ARG(id), verb);
}

static void must(str target, str body, int code)
{
    struct answer answer = send_quietly("POST", target, body);
    if (answer.code != code)
        fail_msg("%.*s %.*s: %d %.*s", STR_ARG(target), STR_ARG(body), answer.code,
                 STR_ARG(answer.text));
}

static str plant_person(const char *firm_number)
{
    struct answer made = send_quietly(
        "POST", STR("/v1/subjects"),
        json_text("{'identifiers':[{'kind':'number','value':'%s'},"
                  "{'kind':'contact.email','value':'%s'}],'roles':['asker','candidate']}",
                  firm_number, mail));
    expect(&made, 201);
    return text_of(&made, "id");
}

static void plant_values(str id)
{
    must(about(id, "collect"),
         json_text("{'intake':'contact_form','source':'person','channel':'web',"
                   "'optional':['contact.name','contact.phone'],"
                   "'values':{'contact.email':'%s','contact.name':'%s','contact.phone':'%s',"
                   "'question.text':'%s, og nummeret er %s'}}",
                   mail, person, phone, life, number),
         201);
    must(about(id, "collect"),
         json_text("{'intake':'job_form','source':'person','channel':'web',"
                   "'events':['application_received'],"
                   "'optional':['application.cv','application.letter'],"
                   "'values':{'contact.email':'%s','contact.name':'%s','application.cv':'%s',"
                   "'application.letter':'%s'}}",
                   mail, person, life, life),
         201);
}

static void plant_records(str id)
{
    must(STR("/v1/evidence"),
         json_text("{'type':'balancing','purpose':'support','particulars':{'reference':'%s'}}",
                   person),
         201);
    must(about(id, "consents"),
         json_text("{'purpose':'newsletter','wording':'%s','given_by':'click','act':'%s'}", life,
                   person),
         201);
    must(STR("/v1/staff"), json_text("{'role':'recruiter','name':'%s'}", person), 201);
    must(STR("/v1/parties"),
         json_text("{'kind':'carrier','name':'%s','number':'%s'}", person, word_), 201);
    must(STR("/v1/matters"), json_text("{'kind':'vacancy','number':'%s'}", word_), 201);
    struct answer token = ask(&server, server.token, "POST", STR("/v1/tokens"),
                              json_text("{'name':'%s','scopes':['read']}", person));
    expect(&token, 201);
    expect_silent(&token);
    struct answer objection =
        send_quietly("POST", about(id, "objections"), json_text("{'purpose':'support'}"));
    expect(&objection, 201);
    must(arena_format(server.arena, "/v1/subjects/%.*s/objections/%.*s/decision", STR_ARG(id),
                      STR_ARG(text_of(&objection, "record"))),
         json_text("{'upheld':false,'reasons':'%s'}", reason), 200);
}

/* A request of the person, and the words with which it was decided. */
static void plant_case(str id)
{
    struct answer opened = ask(&server, server.token, "POST", STR("/v1/cases"),
                               json_text("{'kind':'request','channel':'phone','number':'%s',"
                                         "'subject':'%.*s'}",
                                         word_, STR_ARG(id)));
    expect(&opened, 201);
    expect_silent(&opened);
    must(arena_format(server.arena, "/v1/cases/%.*s/decision", STR_ARG(text_of(&opened, "id"))),
         json_text("{'granted':false,'reasons':'%s'}", reason), 201);
}

/* A question that is about somebody else besides, who asks for a copy; and the words with which an
 * application would have it released. */
static void plant_concern(str id)
{
    struct answer other =
        ask(&server, server.token, "POST", STR("/v1/subjects"), json_text("{'roles':['asker']}"));
    expect(&other, 201);
    str who = text_of(&other, "id");
    must(about(id, "collect"),
         json_text("{'intake':'contact_form','source':'person','channel':'web','values':"
                   "{'contact.email':'%s','question.text':'%s'},'concerns':[{'field':"
                   "'question.text','subject':'%.*s'}]}",
                   mail, life, STR_ARG(who)),
         201);
    struct answer lines = send_quietly("GET", about(who, "concerns"), STR(""));
    expect(&lines, 200);
    const char *line = strstr(lines.text.ptr, "{\"id\":\"");
    assert_non_null(line);
    must(arena_format(server.arena, "/v1/subjects/%.*s/concerns/%.22s/decision", STR_ARG(who),
                      line + 7),
         json_text("{'released':true,'reasons':'%s %s'}", reason, person), 403);
    must(about(who, "access"), json_text("{'by_subject':true}"), 200);
    must(about(id, "concerns"), json_text("{'item':'%.22s','subject':'%s'}", line + 7, word_), 422);
}

/* Planted where nothing of the kind belongs: every answer is a problem that keeps still. */
static void plant_errors(str id)
{
    const struct {
        const char *method;
        str target, body;
    } bad[] = {
        {"POST", STR("/v1/subjects"), json_text("{'%s':1}", word_)},
        {"POST", STR("/v1/subjects"), json_text("{'roles':['%s']}", person)},
        {"POST", STR("/v1/subjects"), json_text("{'roles':{'%s':'%s'}}", word_, person)},
        {"POST", STR("/v1/subjects"), json_text("{'roles':['asker']} %s", person)},
        {"POST", STR("/v1/subjects"), json_text("{'roles':[\"%s", person)},
        {"POST", STR("/v1/subjects/find"), json_text("{'kind':'%s','value':'%s'}", word_, mail)},
        {"POST", STR("/v1/subjects/find"),
         json_text("{'kind':'contact.email','value':'%s %s'}", person, number)},
        {"POST", about(id, "collect"),
         json_text("{'intake':'%s','values':{'contact.email':'%s'}}", word_, mail)},
        {"POST", about(id, "collect"),
         json_text("{'intake':'contact_form','values':{'%s':'%s'}}", mail, person)},
        {"POST", about(id, "collect"),
         json_text("{'intake':'contact_form','values':{'contact.email':17},'%s':1}", word_)},
        {"POST", about(id, "collect"),
         json_text("{'intake':'contact_form','source':'person','channel':'%s',"
                   "'values':{'contact.email':'%s','question.text':'a'}}",
                   word_, mail)},
        {"POST", about(id, "read"), json_text("{'purpose':'%s'}", person)},
        {"POST", about(id, "read"), json_text("{'purpose':'support','fields':['%s']}", word_)},
        {"POST", about(id, "events"), json_text("{'event':'%s'}", word_)},
        {"POST", about(id, "roles"), json_text("{'role':'%s'}", word_)},
        {"POST", about(id, "switches"), json_text("{'switch':'%s'}", word_)},
        {"POST", about(id, "restrictions"), json_text("{'reason':'%s'}", person)},
        {"POST", about(id, "consents"),
         json_text("{'purpose':'newsletter','wording':'%s','given_by':'implied'}", life)},
        {"POST", about(id, "share"), json_text("{'purpose':'orders','recipient':'%s'}", word_)},
        {"POST", STR("/v1/batch/read"),
         json_text("{'purpose':'%s','subjects':['%.*s']}", person, STR_ARG(id))},
        {"POST", STR("/v1/batch/read"), json_text("{'purpose':'support','subjects':['%s']}", mail)},
        {"POST", STR("/v1/batch/share"),
         json_text("{'purpose':'orders','recipient':'%s','everyone':true}", word_)},
        {"POST", STR("/v1/batch/messages"),
         json_text("{'message':'%s','channel':'email','subjects':['%.*s']}", word_, STR_ARG(id))},
        {"POST", STR("/v1/export"), json_text("{'purpose':'support','cursor':'%s'}", mail)},
        {"POST", STR("/v1/log/proof"), json_text("{'reference':'%s','log_index':1}", word_)},
        {"POST", STR("/v1/evidence"), json_text("{'type':'%s'}", word_)},
        {"POST", STR("/v1/evidence"),
         json_text("{'type':'balancing','purpose':'%s','particulars':{'%s':'%s'}}", person, word_,
                   life)},
        {"POST", STR("/v1/tokens"), json_text("{'name':'a','scopes':['%s']}", word_)},
        {"POST", STR("/v1/matters"), json_text("{'kind':'%s','number':'%s'}", word_, mail)},
        {"POST", STR("/v1/history"), json_text("{'reference':'%s'}", word_)},
        {"POST", STR("/v1/backup"), json_text("{'name':'%s/..'}", word_)},
        {"POST", STR("/v1/clock"), json_text("{'to':'%s'}", person)},
        {"GET", STR("/v1/subjects/Kanari-Nordkvist"), STR("")},
        {"GET", STR("/v1/Kanari-Nordkvist/01819030037"), STR("")},
        {"GET", STR("/v1/subjects?email=kanari.nordkvist@canary.example"), STR("")},
        {"GET", STR("/v1/subjects?cursor=Kanari-Nordkvist"), STR("")},
        {"GET", STR("/v1/forecast?days=01819030037"), STR("")},
        {"GET", STR("/v1/log/tile/Kanari-Nordkvist"), STR("")},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer = send_quietly(bad[i].method, bad[i].target, bad[i].body);
        if (answer.code < 400 && !str_is(bad[i].target, "/v1/subjects/find"))
            fail_msg("%.*s %.*s: %d %.*s", STR_ARG(bad[i].target), STR_ARG(bad[i].body),
                     answer.code, STR_ARG(answer.text));
    }
}

static void plant_headers(void)
{
    static const char *const names[] = {"User-Agent", "X-Vern-Human", "Idempotency-Key", "Cookie",
                                        "Referer",    "X-Request-Id", "Accept-Language"};
    static const char *const values[] = {mail, word_, number};
    str bearer = arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token));
    for (size_t i = 0; i < LENGTH(names); i++) {
        for (size_t j = 0; j < LENGTH(values); j++) {
            struct http_field fields[] = {{STR("Authorization"), bearer},
                                          {str_from(names[i]), str_from(values[j])}};
            struct answer answer =
                ask_with(&server, "POST", STR("/v1/subjects"), "application/json",
                         STR("{\"roles\":[\"asker\"]}"), fields, 2);
            expect_silent(&answer);
        }
    }
    struct http_field token = {STR("Authorization"),
                               arena_format(server.arena, "Bearer vern_%s", word_)};
    struct answer no = ask_with(&server, "GET", STR("/v1/register"), "", STR(""), &token, 1);
    expect(&no, 401);
    expect_silent(&no);
    int socket = raw_connect(&server);
    raw_send(socket, STR("GET / HTTP/1.1\r\nHost: kanari.nordkvist.example\r\n\r\n"));
    expect_silent_text(raw_read_all(&server, socket), "an answer to another Host");
    socket = raw_connect(&server);
    raw_send(socket, STR("Kanari Nordkvist 01819030037\r\n\r\n"));
    expect_silent_text(raw_read_all(&server, socket), "an answer to no HTTP");
}

static void plant_import(void)
{
    str body = json_text(
        "{'number':'I-%s','identifiers':[{'kind':'contact.email','value':'i%s'}],"
        "'roles':['candidate']}\n"
        "Kanari Nordkvist\n"
        "{'number':'%s','%s':1}\n"
        "{'number':'%s','roles':['%s']}\n"
        "{'number':'%s','roles':'%s'}\n"
        "{'number':'%s','identifiers':[{'kind':'%s','value':'%s'}]}\n"
        "{'number':'%s','collect':[{'intake':'%s','values':{'%s':'%s'}}]}\n"
        "{'number':'%s','collect':[{'intake':'job_form','source':'person','channel':'web',"
        "'values':{'contact.email':'%s','contact.name':'%s','question.text':'%s'}}]}\n"
        "{'number':'E-%s','evidence':[{'type':'%s'}]}\n",
        word_, mail, word_, word_, word_, person, word_, person, word_, word_, mail, word_, word_,
        mail, person, word_, mail, person, life, word_, word_);
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    struct answer answer =
        ask_with(&server, "POST", STR("/v1/import"), "application/x-ndjson", body, &field, 1);
    expect(&answer, 200);
    expect_silent(&answer);
    assert_int_equal(number_of(&answer, "accepted"), 1);
    assert_int_equal(number_of(&answer, "rejected"), 8); /* a value refused refuses its line */
}

/* The control: what is searched for is there, and permitted reads give it. */
static void read_it(str id)
{
    struct answer read = post_subject(&server, id, "read",
                                      "{\"purpose\":\"recruitment\",\"fields\":[\"application\"]}");
    expect(&read, 200);
    assert_true(holds(read.text, str_from(life)));
    read = post_subject(&server, id, "read", "{\"purpose\":\"support\",\"fields\":[\"question\"]}");
    expect(&read, 200);
    assert_true(holds(read.text, str_from(number)));
    struct answer many =
        ask(&server, server.token, "POST", STR("/v1/batch/read"),
            json_text("{'purpose':'recruitment','subjects':['%.*s']}", STR_ARG(id)));
    expect(&many, 200);
    assert_true(holds(many.text, str_from(life)));
    must(STR("/v1/batch/messages"),
         json_text("{'message':'answer','channel':'email','queue':true,'everyone':true}"), 200);
    struct answer everyone = ask(&server, server.token, "POST", STR("/v1/export"), STR("{}"));
    expect(&everyone, 200);
    assert_true(holds(everyone.text, str_from(life)));
    struct answer copy = post_subject(&server, id, "access", "{\"by_subject\":true}");
    expect(&copy, 200);
    assert_true(holds(copy.text, str_from(person)));
}

static void look_around(str id)
{
    static const char *const quiet[] = {
        "/v1/subjects", "/v1/forecast",       "/v1/register", "/v1/policy",
        "/v1/health",   "/v1/log/checkpoint", "/v1/log/key",  "/v1/log/tile/0/000.p/1"};
    for (size_t i = 0; i < LENGTH(quiet); i++)
        (void)send_quietly("GET", str_from(quiet[i]), STR(""));
    struct answer shown =
        send_quietly("GET", arena_format(server.arena, "/v1/subjects/%.*s", STR_ARG(id)), STR(""));
    expect(&shown, 200);
    must(STR("/v1/history"),
         json_text("{'reference':'%.*s'}", STR_ARG(text_of(&shown, "reference"))), 200);
    must(about(id, "explain"), json_text("{'purpose':'recruitment'}"), 200);
    must(STR("/v1/subjects/find"), json_text("{'kind':'contact.email','value':'%s'}", mail), 200);
    must(STR("/v1/subjects/find"), json_text("{'kind':'contact.email','value':'x%s'}", mail), 200);
    must(STR("/v1/backup"), json_text("{'name':'canary'}"), 200);
}

/* ---- cards (COB-81, scenario S11) ---- */

static const char *const cards[] = {"4111111111111111", "4111 1111 1111 1111",
                                    "4111-1111-1111-1111", "4111\\n1111\\n1111 1111",
                                    "kort 5500.0000.0000.0004 takk"};

static void expect_refused(str target, str body)
{
    struct answer answer = ask(&server, server.token, "POST", target, body);
    if (answer.code != 403 || !str_is(text_of(&answer, "type"), "/problems/refused"))
        fail_msg("%.*s %.*s: %d %.*s", STR_ARG(target), STR_ARG(body), answer.code,
                 STR_ARG(answer.text));
    assert_true(str_is(text_of(&answer, "rule"), "categories.card"));
    assert_false(holds(answer.text, STR("1111")));
}

/* COB-81: refused in any field, free text and records included, also split over two values. */
static void card_numbers_are_refused_in_every_text(void **state)
{
    (void)state;
    str id = plant_person("C-1");
    plant_values(id);
    struct answer objection =
        send_quietly("POST", about(id, "objections"), json_text("{'purpose':'support'}"));
    expect(&objection, 201);
    struct answer shown =
        send_quietly("GET", arena_format(server.arena, "/v1/subjects/%.*s", STR_ARG(id)), STR(""));
    str item = STR("");
    assert_true(json_str(json_get(json_get(shown.json, "items")->child, "id"), &item));
    for (size_t i = 0; i < LENGTH(cards); i++) {
        expect_refused(about(id, "collect"),
                       json_text("{'intake':'contact_form','source':'person','channel':'web',"
                                 "'values':{'contact.email':'a@example.org',"
                                 "'question.text':'%s'}}",
                                 cards[i]));
        expect_refused(about(id, "rectify"),
                       json_text("{'item':'%.*s','value':'%s'}", STR_ARG(item), cards[i]));
        expect_refused(
            about(id, "consents"),
            json_text("{'purpose':'newsletter','wording':'%s','given_by':'click'}", cards[i]));
        expect_refused(STR("/v1/evidence"), json_text("{'type':'balancing','purpose':'support',"
                                                      "'particulars':{'reference':'%s'}}",
                                                      cards[i]));
        expect_refused(arena_format(server.arena, "/v1/subjects/%.*s/objections/%.*s/decision",
                                    STR_ARG(id), STR_ARG(text_of(&objection, "record"))),
                       json_text("{'upheld':true,'reasons':'%s'}", cards[i]));
        expect_refused(STR("/v1/staff"), json_text("{'role':'recruiter','name':'%s'}", cards[i]));
        expect_refused(STR("/v1/parties"), json_text("{'kind':'carrier','name':'%s'}", cards[i]));
        expect_refused(STR("/v1/tokens"), json_text("{'name':'%s','scopes':['read']}", cards[i]));
    }
    expect_refused(about(id, "collect"),
                   json_text("{'intake':'contact_form','source':'person','channel':'web',"
                             "'optional':['contact.name'],'values':{"
                             "'contact.name':'4111 1111','question.text':'1111 1111',"
                             "'contact.email':'a@example.org'}}"));
    expect_refused(STR("/v1/evidence"),
                   json_text("{'type':'balancing','purpose':'support','particulars':"
                             "{'reference':'4111 1111','note':'1111 1111'}}"));
}

/* COB-81, S11: what only looks like one is stored. */
static void a_number_that_fails_the_check_is_no_card_number(void **state)
{
    (void)state;
    str id = plant_person("C-2");
    must(about(id, "collect"),
         json_text("{'intake':'contact_form','source':'person','channel':'web',"
                   "'values':{'contact.email':'a@example.org',"
                   "'question.text':'order 4111111111111112'}}"),
         201);
}

static void card_numbers_in_an_import_are_refused_with_their_line(void **state)
{
    (void)state;
    str body = json_text("{'number':'IC-1','collect':[{'intake':'contact_form','source':'person',"
                         "'channel':'web','values':{'contact.email':'a@example.org',"
                         "'question.text':'4111-1111-1111-1111'}}]}\n"
                         "{'number':'IC-2','roles':['asker']}\n");
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    int64_t size = log_size(&server, server.token);
    struct answer answer =
        ask_with(&server, "POST", STR("/v1/import"), "application/x-ndjson", body, &field, 1);
    expect(&answer, 200);
    assert_int_equal(number_of(&answer, "rejected"), 1);
    assert_int_equal(number_of(&answer, "accepted"), 1);
    assert_true(holds(answer.text, STR("categories.card")));
    assert_false(holds(answer.text, STR("1111")));
    /* The refused line leaves its refusal and nobody; the other its person. */
    assert_int_equal(log_size(&server, server.token), size + 2);
    struct answer found =
        post(&server, "/v1/subjects/find", "{\"kind\":\"number\",\"value\":\"IC-1\"}");
    expect(&found, 200);
    assert_int_equal(json_get(found.json, "ids")->count, 0);
}

/* Card numbers where they are only hashed or only looked at. */
static void card_numbers_elsewhere_leave_no_byte(void **state)
{
    (void)state;
    (void)ask(&server, server.token, "POST", STR("/v1/subjects/find"),
              STR("{\"kind\":\"number\",\"value\":\"4111111111111111\"}"));
    (void)ask(&server, server.token, "POST", STR("/v1/matters"),
              STR("{\"kind\":\"order_no\",\"number\":\"4111111111111111\"}"));
    (void)ask(&server, server.token, "GET", STR("/v1/subjects/4111111111111111"), STR(""));
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))},
        {STR("Idempotency-Key"), STR("4111111111111111")},
        {STR("X-Vern-Human"), STR("4111111111111111")}};
    struct answer answer = ask_with(&server, "POST", STR("/v1/subjects"), "application/json",
                                    STR("{\"roles\":[\"asker\"]}"), fields, LENGTH(fields));
    expect(&answer, 201);
    struct answer kind = ask(&server, server.token, "POST", STR("/v1/cases"),
                             STR("{\"kind\":\"4111111111111111\"}"));
    assert_true(kind.code >= 400);
}

/* ---- the search ---- */

static void planted_data_stands_in_no_answer_but_those_of_permitted_reads(void **state)
{
    (void)state;
    str id = plant_person("K-1");
    plant_values(id);
    plant_records(id);
    plant_case(id);
    plant_concern(id);
    plant_errors(id);
    plant_headers();
    plant_import();
    read_it(id);
    look_around(id);
    struct answer erased = send_quietly("POST", about(id, "erase"), json_text("{'warned':true}"));
    expect(&erased, 200);
}

/* COB-106, COB-64: at rest all is sealed */
static void planted_data_stands_in_no_file_and_in_no_line_of_the_log(void **state)
{
    (void)state;
    process_end(&server);
    size_t found = 0;
    for (size_t i = 0; i < LENGTH(canaries); i++)
        found += tree_search(server.dir, str_from(canaries[i]));
    static const char *const traces[] = {"4111111111111111", "4111 1111", "4111-1111", "1111 1111",
                                         "5500.0000"};
    for (size_t i = 0; i < LENGTH(traces); i++)
        found += tree_search(server.dir, str_from(traces[i]));
    assert_int_equal(found, 0);
    str log = {server.log, server.log_len};
    assert_true(holds(log, STR("\"event\":\"serving\"")));
    expect_silent_text(log, "the log");
    for (size_t i = 0; i < LENGTH(traces); i++)
        assert_false(holds(log, str_from(traces[i])));
    process_remove(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_data_stands_in_no_answer_but_those_of_permitted_reads),
        cmocka_unit_test(card_numbers_are_refused_in_every_text),
        cmocka_unit_test(a_number_that_fails_the_check_is_no_card_number),
        cmocka_unit_test(card_numbers_in_an_import_are_refused_with_their_line),
        cmocka_unit_test(card_numbers_elsewhere_leave_no_byte),
        cmocka_unit_test(planted_data_stands_in_no_file_and_in_no_line_of_the_log),
    };
    return cmocka_run_group_tests_name("canary", tests, open_server, NULL);
}
