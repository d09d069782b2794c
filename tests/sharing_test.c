/* Recipients, from outside: disclosures by the hundred, whom their end is told to, chains of
 * processors, places, cases; and what bad requests about them are answered. A real server under the
 * example policy, which suggested none of it. */
#include "process.h"

#include <string.h>

static struct process server; /* shared by the tests of this program */

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server, "sweep_seconds = 1\n");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

static str PRINTF_LIKE(1, 2) body(const char *format, ...)
{
    char room[4096];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(room, sizeof(room), format, list);
    va_end(list);
    assert_in_range(length, 0, sizeof(room) - 1);
    for (int i = 0; i < length; i++)
        room[i] = room[i] == '\'' ? '"' : room[i];
    return arena_copy(server.arena, (str){room, (size_t)length});
}

static struct answer send(const char *method, str target, str text, int code)
{
    struct answer answer = ask(&server, server.token, method, target, text);
    if (answer.code != code)
        fail_msg("%s %.*s %.*s: %d %.*s", method, STR_ARG(target), STR_ARG(text), answer.code,
                 STR_ARG(answer.text));
    return answer;
}

static str made(const char *target, str text)
{
    struct answer answer = send("POST", str_from(target), text, 201);
    return text_of(&answer, "id");
}

static size_t rows(const struct answer *answer, const char *member)
{
    const struct json *list = json_get(answer->json, member);
    return list == NULL ? 0 : list->count;
}

static str in(const struct json *object, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(object, member), &text);
    return text;
}

static str about(str id, const char *verb)
{
    return body("/v1/subjects/%.*s/%s", STR_ARG(id), verb);
}

/* A customer with an order: name, e-mail and street. */
static str customer(const char *number)
{
    str id = made("/v1/subjects", body("{'identifiers':[{'kind':'number','value':'%s'}],"
                                       "'roles':['customer']}",
                                       number));
    (void)send("POST", STR("/v1/agreements"), body("{'subject':'%.*s'}", STR_ARG(id)), 201);
    (void)send("POST", about(id, "collect"),
               body("{'intake':'checkout','source':'person','channel':'web','values':"
                    "{'contact.name':'Ola','contact.email':'ola@example.org',"
                    "'delivery.street':'Veien 1'}}"),
               201);
    return id;
}

static str party(const char *kind, const char *more)
{
    return made("/v1/parties", body("{'kind':'%s','name':'Firma AS'%s}", kind, more));
}

static struct answer give(str person, str to, const char *kind, const char *more, int code)
{
    return send(
        "POST", about(person, "share"),
        body("{'purpose':'orders','recipient':'%s','party':'%.*s'%s}", kind, STR_ARG(to), more),
        code);
}

static str agree_with(str to)
{
    struct answer answer = send("POST", STR("/v1/evidence"),
                                body("{'type':'processing_agreement','party':'%.*s','particulars':"
                                     "{'document':'d'}}",
                                     STR_ARG(to)),
                                201);
    return text_of(&answer, "record");
}

static struct answer duties_of(str who)
{
    return send("GET", body("/v1/parties/%.*s/duties", STR_ARG(who)), STR(""), 200);
}

/* COB-71, INF-51: their number is bounded by nothing but the pages that list them. */
static void a_person_has_hundreds_of_disclosures_and_they_are_listed_in_pages(void **state)
{
    (void)state;
    enum { MANY = 450, PAGE = 200 };
    str person = customer("S-1"), carrier = party("carrier", "");
    for (unsigned i = 0; i < MANY; i++)
        (void)give(person, carrier, "carrier", "", 200);
    size_t seen = 0, pages = 0;
    str next = STR(""), before = STR("");
    do {
        struct answer page =
            send("GET",
                 body("/v1/subjects/%.*s/disclosures?limit=%d%s%.*s", STR_ARG(person), PAGE,
                      next.len == 0 ? "" : "&cursor=", STR_ARG(next)),
                 STR(""), 200);
        for (JSON_EACH(row, json_get(page.json, "disclosures"))) {
            str record = in(row, "record");
            assert_false(str_equal(record, before));
            before = record;
            seen++;
        }
        next = in(page.json, "next");
        pages++;
    } while (next.len > 0 && pages < 10);
    assert_int_equal(seen, MANY);
    assert_int_equal(pages, 3);
    struct answer copy = send("POST", about(person, "access"), body("{'by_subject':true}"), 200);
    assert_int_equal(rows(&copy, "disclosures"), MANY);
    assert_int_equal(rows(&copy, "recipients"), 1);
}

/* COB-71, INF-54: what a recipient has through a correction it still has; with the last of it the
 * disclosure goes, and the recipient knows by its own reference. */
static void a_disclosure_lasts_as_long_as_something_that_it_gave(void **state)
{
    (void)state;
    str person = customer("S-2"), carrier = party("carrier", ""), other = party("carrier", "");
    struct answer given = give(person, carrier, "carrier", ",'fields':['delivery.street']", 200);
    str reference = text_of(&given, "reference");
    str item = in(json_get(given.json, "items")->child, "id");
    given = give(person, other, "carrier", ",'fields':['contact.name']", 200);
    assert_false(str_equal(text_of(&given, "reference"), reference)); /* nobody can join the two */
    struct answer right = send("POST", about(person, "rectify"),
                               body("{'item':'%.*s','value':'Gata 2'}", STR_ARG(item)), 200);
    assert_int_equal(rows(&right, "told"), 1);
    struct answer list = send("GET", about(person, "disclosures"), STR(""), 200);
    assert_int_equal(rows(&list, "disclosures"), 2);
    struct answer gone = send("POST", about(person, "erase"),
                              body("{'fields':['delivery.street'],'warned':true}"), 200);
    assert_int_equal(rows(&gone, "told"), 1);
    list = send("GET", about(person, "disclosures"), STR(""), 200);
    assert_int_equal(rows(&list, "disclosures"), 1);
    struct answer duties = duties_of(carrier);
    assert_int_equal(rows(&duties, "duties"), 2);
    const struct json *first = json_get(duties.json, "duties")->child;
    assert_true(str_is(in(first, "what"), "rectification"));
    assert_true(str_is(in(first->next, "what"), "erasure"));
    assert_true(str_equal(in(first, "reference"), reference));
    assert_false(holds(duties.text, STR("Gata 2")));
    assert_false(holds(duties.text, person)); /* nor by what we call her */
    assert_int_equal(rows(&(struct answer){.json = duties_of(other).json}, "duties"), 0);
    /* Both are told: the second leaves no task. */
    for (const struct json *duty = first; duty != NULL; duty = duty->next) {
        (void)send("POST",
                   body("/v1/parties/%.*s/duties/%.*s/done", STR_ARG(carrier),
                        STR_ARG(in(duty, "record"))),
                   body("{'proof':'mail 1'}"), 200);
        struct answer tasks = send("GET", STR("/v1/tasks"), STR(""), 200);
        assert_int_equal(holds(tasks.text, carrier), duty->next != NULL);
    }
}

/* INF-57, INF-58, HOS-34, CON-45: a chain is as good as its weakest link. */
static void a_sub_processor_gets_data_while_every_agreement_above_it_lives(void **state)
{
    (void)state;
    str person = customer("S-3");
    str host = party("web_host", ""),
        cloud = party("web_host", body(",'under':'%.*s'", STR_ARG(host)).ptr);
    str disk = party("web_host", body(",'under':'%.*s'", STR_ARG(cloud)).ptr);
    (void)agree_with(disk);
    (void)give(person, disk, "web_host", "", 403);
    str above = agree_with(cloud);
    (void)give(person, disk, "web_host", "", 403);
    str top = agree_with(host);
    (void)give(person, disk, "web_host", "", 200);
    (void)give(person, cloud, "web_host", "", 200);
    (void)send("POST", body("/v1/evidence/%.*s/%.*s/end", STR_ARG(cloud), STR_ARG(above)),
               STR("{}"), 200);
    struct answer no = give(person, disk, "web_host", "", 403);
    assert_true(holds(no.text, STR("processing_agreement")));
    (void)give(person, host, "web_host", "", 200);
    (void)send("POST", body("/v1/evidence/%.*s/%.*s/end", STR_ARG(host), STR_ARG(top)), STR("{}"),
               200);
    (void)give(person, host, "web_host", "", 403);
    /* Nor for a purpose that is not the firm's. */
    (void)send("POST", about(person, "share"),
               body("{'purpose':'their_own','recipient':'web_host','party':'%.*s'}", STR_ARG(host)),
               422);
}

/* INF-51, INF-59: GDPR 30(1)(d) and (e), of those who in fact receive */
static void the_record_names_who_receives_with_agreement_and_place(void **state)
{
    (void)state;
    str host =
        made("/v1/parties", body("{'kind':'web_host','name':'Protokollverten AS','zone':'US'}"));
    struct answer none = send("GET", STR("/v1/papers/record?format=json&lang=en"), STR(""), 200);
    assert_true(holds(none.text, STR("\"name\":\"Protokollverten AS\"")));
    assert_true(holds(none.text, STR("US (third country)")));
    assert_true(holds(none.text, STR("none in force")));
    (void)agree_with(host);
    struct answer page = send("GET", STR("/v1/papers/record?lang=nb"), STR(""), 200);
    assert_true(str_is(page.media, "text/html; charset=utf-8"));
    assert_true(holds(page.text, STR("databehandleravtalen, uten sluttdato")));
    struct answer table =
        send("GET", STR("/v1/papers/record?format=csv&controller=shop"), STR(""), 200);
    assert_true(str_is(table.media, "text/csv; charset=utf-8"));
    assert_true(str_starts(table.text, STR("Formål,Registrerte,")));
}

static void a_record_that_cannot_be_given_is_refused_with_what_lacks(void **state)
{
    (void)state;
    struct answer nn = send("GET", STR("/v1/papers/record?lang=nn"), STR(""), 409);
    assert_true(holds(nn.text, STR("has no name in nn")));
    struct answer spaceless = send("GET", STR("/v1/papers/record/processor"), STR(""), 409);
    assert_true(holds(spaceless.text, STR("customers lacks (spaces)")));
    struct answer nobody = send("GET", STR("/v1/papers/record?controller=kanari"), STR(""), 404);
    assert_false(holds(nobody.text, STR("kanari")));
    (void)send("GET", STR("/v1/papers/record?format=jsonld"), STR(""), 422);
    (void)send("GET", STR("/v1/papers/record?format=kanari"), STR(""), 422);
    (void)send("GET", STR("/v1/papers/record?version=1"), STR(""), 422);
}

/* HOS-59: whoever asked can show that it came in, and when */
static void a_request_is_answered_with_a_receipt_when_one_is_asked_for(void **state)
{
    (void)state;
    str asked = body("{'channel':'post','rights':['access'],'text':'CANARY-LETTER'}");
    struct answer plain = send("POST", STR("/v1/requests"), asked, 201);
    assert_null(json_get(plain.json, "receipt"));
    asked = body("{'channel':'post','rights':['access'],'text':'CANARY-LETTER','receipt':true}");
    struct answer taken = send("POST", STR("/v1/requests"), asked, 201);
    const struct json *receipt = json_get(taken.json, "receipt");
    assert_non_null(receipt);
    assert_true(str_is(in(receipt, "receipt"), "request"));
    assert_true(holds(in(receipt, "entry"), STR("right:access")));
    assert_non_null(json_get(receipt, "proof"));
    assert_true(in(receipt, "checkpoint").len > 0 && in(receipt, "key").len > 0);
    assert_false(holds(taken.text, STR("CANARY")));
    (void)send("POST", STR("/v1/requests"),
               body("{'channel':'post','rights':['access'],'receipt':'yes'}"), 422);
    struct answer list = send("GET", STR("/v1/requests?controller=shop"), STR(""), 200);
    assert_int_equal(rows(&list, "requests"), 0); /* nobody said to whom */
    struct answer odd = send("GET", STR("/v1/requests?controller=kanari"), STR(""), 422);
    assert_false(holds(odd.text, STR("kanari")));
    (void)send("GET", STR("/v1/alarms?controller=shop"), STR(""), 422);
}

static struct answer paper_of(const char *path, const char *query, const char *media)
{
    struct answer answer = send("GET", body("%s?%s", path, query), STR(""), 200);
    assert_true(str_is(answer.media, media));
    return answer;
}

static const char *const PAPERS[] = {"/v1/papers/retention", "/v1/papers/transfers",
                                     "/v1/papers/processors", "/v1/papers/balancing",
                                     "/v1/papers/assessment"};

/* CON-47, INF-77: GDPR 6(1)(f), 28, 30(1)(f), 35, 44 */
static void every_paper_of_the_firm_is_a_page_json_and_a_table_in_each_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(PAPERS); i++) {
        (void)paper_of(PAPERS[i], "lang=nb", "text/html; charset=utf-8");
        struct answer json = paper_of(PAPERS[i], "lang=en&format=json", "application/json");
        assert_true(str_is(text_of(&json, "document"), PAPERS[i] + strlen("/v1/papers/")));
        (void)paper_of(PAPERS[i], "lang=en&format=csv", "text/csv; charset=utf-8");
        str target = str_from(PAPERS[i]);
        struct answer nn = send("GET", body("%.*s?lang=nn", STR_ARG(target)), STR(""), 409);
        assert_true(holds(nn.text, STR("has no name in nn")));
        (void)send("GET", body("%.*s?format=jsonld", STR_ARG(target)), STR(""), 422);
        (void)send("GET", body("%.*s?format=kanari", STR_ARG(target)), STR(""), 422);
        (void)send("GET", body("%.*s?controller=shop", STR_ARG(target)), STR(""), 422);
        (void)send("GET", body("%.*s?version=1", STR_ARG(target)), STR(""), 422);
    }
}

static void what_is_on_file_for_a_purpose_stands_in_its_papers(void **state)
{
    (void)state;
    struct answer before =
        paper_of("/v1/papers/balancing", "lang=en&format=json", "application/json");
    assert_true(holds(before.text, STR("not on file: the purpose opens nothing")));
    (void)send("POST", STR("/v1/evidence"),
               body("{'type':'balancing','purpose':'support','particulars':{}}"), 201);
    (void)send("POST", STR("/v1/evidence"),
               body("{'type':'impact_assessment','purpose':'support','particulars':"
                    "{'document':'d-1'}}"),
               201);
    struct answer weighed =
        paper_of("/v1/papers/balancing", "lang=en&format=json", "application/json");
    assert_true(holds(weighed.text, STR("\"on_file\":\"on file since")));
    struct answer found =
        paper_of("/v1/papers/assessment", "lang=en&format=csv", "text/csv; charset=utf-8");
    assert_true(holds(found.text, STR("Answer questions,none,0,none,no,on file since")));
}

/* CON-47 */
static void a_processor_is_named_to_everyone_only_while_it_may_be(void **state)
{
    (void)state;
    str host = made("/v1/parties", body("{'kind':'web_host','name':'=Sidevert AS','zone':'NO'}"));
    (void)made("/v1/parties", body("{'kind':'web_host','name':'Hemmeligvert AS'}"));
    struct answer reg = send("GET", STR("/v1/register"), STR(""), 200);
    str target = body("/r/%.*s/processors?format=csv&lang=en", STR_ARG(text_of(&reg, "public")));
    struct answer page = ask(&server, STR(""), "GET", target, STR(""));
    assert_int_equal(page.code, 200);
    assert_false(holds(page.text, STR("vert AS")));
    struct answer made =
        send("POST", STR("/v1/evidence"),
             body("{'type':'may_be_named','party':'%.*s','particulars':{}}", STR_ARG(host)), 201);
    page = ask(&server, STR(""), "GET", target, STR(""));
    assert_true(holds(page.text, STR("\"'=Sidevert AS\",The host of the shop,us,NO\r\n")));
    assert_false(holds(page.text, STR("Hemmeligvert")));
    struct answer same =
        paper_of("/v1/papers/processors", "lang=en&format=csv", "text/csv; charset=utf-8");
    assert_true(str_equal(same.text, page.text));
    (void)send("POST",
               body("/v1/evidence/%.*s/%.*s/end", STR_ARG(host), STR_ARG(text_of(&made, "record"))),
               STR("{}"), 200);
    page = ask(&server, STR(""), "GET", target, STR(""));
    assert_false(holds(page.text, STR("vert AS")));
    struct answer list =
        paper_of("/v1/papers/transfers", "lang=en&format=csv", "text/csv; charset=utf-8");
    assert_true(holds(list.text, STR("Hemmeligvert AS,The host of the shop,not stated")));
}

/* CON-47, HOS-33, INF-51, INF-59: the overview is made when it is asked for. */
static void the_register_lists_processors_with_agreements_and_places(void **state)
{
    (void)state;
    str host = party("web_host", ",'zone':'US'");
    str cloud = party("web_host", body(",'under':'%.*s','zone':'SE'", STR_ARG(host)).ptr);
    (void)agree_with(host);
    (void)send("POST", STR("/v1/evidence"),
               body("{'type':'safeguard','party':'%.*s','particulars':{}}", STR_ARG(host)), 201);
    bool saw_host = false, saw_cloud = false;
    struct answer list = send("GET", STR("/v1/parties?limit=200"), STR(""), 200);
    for (JSON_EACH(row, json_get(list.json, "parties"))) {
        bool outside = false;
        (void)json_bool(json_get(row, "outside"), &outside);
        if (str_equal(in(row, "party"), host)) {
            saw_host = true;
            assert_true(outside && str_is(in(row, "zone"), "US"));
            assert_int_equal(json_get(row, "agreements")->count, 1);
            assert_int_equal(json_get(row, "safeguards")->count, 1);
        }
        if (str_equal(in(row, "party"), cloud)) {
            saw_cloud = true;
            assert_true(!outside && str_equal(in(row, "under"), host));
            assert_int_equal(json_get(row, "agreements")->count, 0);
        }
    }
    assert_true(saw_host && saw_cloud);
    struct answer kinds = send("GET", STR("/v1/recipients"), STR(""), 200);
    assert_int_equal(rows(&kinds, "recipients"), 3);
    assert_true(holds(kinds.text, STR("\"basis\":\"contract\"")) &&
                holds(kinds.text, STR("\"categories\":[\"contact\",\"delivery\"]")));
}

/* INF-77, HOS-36, CON-46: outside the zone nothing goes without a safeguard, and the person is told
 * of country and safeguard. */
static void the_copy_names_countries_outside_and_what_makes_them_safe(void **state)
{
    (void)state;
    str person = customer("S-4"), host = party("web_host", ",'zone':'US'");
    (void)agree_with(host);
    struct answer no = give(person, host, "web_host", "", 403);
    assert_true(holds(no.text, STR("safeguard")));
    (void)send("POST", STR("/v1/evidence"),
               body("{'type':'safeguard','party':'%.*s','particulars':{}}", STR_ARG(host)), 201);
    (void)give(person, host, "web_host", "", 200);
    struct answer copy = send("POST", about(person, "access"), body("{'by_subject':true}"), 200);
    const struct json *row = json_get(copy.json, "recipients")->child;
    bool outside = false;
    assert_true(json_bool(json_get(row, "outside"), &outside) && outside);
    assert_true(str_is(in(row, "zone"), "US") && str_is(in(row, "kind"), "processor"));
    assert_true(str_is(in(row, "name"), "Firma AS"));
    assert_true(str_is(in(json_get(row, "safeguards")->child, "type"), "safeguard"));
}

/* Article 4(9), COB-63: an authority gets what its case asked for, is no recipient to be told
 * later, and a case is decided once. */
static void a_case_gives_what_it_asked_for_to_whoever_asked(void **state)
{
    (void)state;
    str person = customer("S-5"), court = party("court", ""), other = party("court", "");
    str request = made("/v1/cases", body("{'kind':'authority','requester':'%.*s','reference':'1',"
                                         "'scope':['contact.email']}",
                                         STR_ARG(court)));
    const char *under = body("{'purpose':'authority_disclosure','recipient':'court','case':'%.*s',"
                             "'party':'%.*s'}",
                             STR_ARG(request), STR_ARG(court))
                            .ptr;
    (void)send("POST", about(person, "share"), str_from(under), 403);
    (void)send("POST", STR("/v1/evidence"),
               body("{'type':'court_order','case':'%.*s','particulars':{'number':'1','issuer':'x',"
                    "'decided_by':'y'}}",
                    STR_ARG(request)),
               201);
    struct answer given = send("POST", about(person, "share"), str_from(under), 200);
    assert_true(holds(given.text, STR("ola@example.org")) && !holds(given.text, STR("Veien 1")));
    (void)send("POST", about(person, "share"),
               body("{'purpose':'authority_disclosure','recipient':'court','case':'%.*s',"
                    "'party':'%.*s'}",
                    STR_ARG(request), STR_ARG(other)),
               403);
    str decision = body("/v1/cases/%.*s/decision", STR_ARG(request));
    (void)send("POST", decision, body("{'granted':true,'reasons':'by order'}"), 201);
    (void)send("POST", decision, body("{'granted':false,'reasons':'no'}"), 409);
    (void)send("POST", about(person, "erase"), body("{'warned':true}"), 200);
    assert_int_equal(rows(&(struct answer){.json = duties_of(court).json}, "duties"), 0);
}

/* CLO-23: one person, one record; and who is hidden from a token is as nobody to it (G9). */
static void the_firms_own_number_leads_to_one_person(void **state)
{
    (void)state;
    str first = customer("S-7"), second = customer("S-8");
    static const char once[] = "{'identifiers':[{'kind':'number','value':'%s'}],"
                               "'roles':['customer']}";
    struct answer no = send("POST", STR("/v1/subjects"), body(once, "S-7"), 409);
    assert_false(holds(no.text, first));
    (void)send("POST", about(second, "identifiers"), body("{'kind':'number','value':'S-7'}"), 409);
    (void)send("POST", about(first, "identifiers"), body("{'kind':'number','value':'S-7'}"), 200);
    struct answer found =
        send("POST", STR("/v1/subjects/find"), body("{'kind':'number','value':'S-7'}"), 200);
    assert_int_equal(rows(&found, "ids"), 1);
    /* Who works for another purpose is told of her no more than of nobody. */
    str narrow =
        new_token(&server, "\"scopes\":[\"collect\",\"read\"],\"purposes\":[\"recruitment\"]");
    const char *const numbers[] = {"S-7", "S-9"};
    struct answer told[2];
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        told[i] = ask(&server, narrow, "POST", STR("/v1/subjects"),
                      body("{'identifiers':[{'kind':'number','value':'%s'}],'roles':['candidate']}",
                           numbers[i]));
        assert_int_equal(told[i].code, 201);
    }
    assert_int_equal(told[0].text.len, told[1].text.len);
    assert_false(str_equal(text_of(&told[0], "id"), first));
    /* With the person the number goes, and serves the next. */
    (void)send("POST", about(second, "erase"), body("{'warned':true}"), 200);
    (void)send("POST", STR("/v1/subjects"), body(once, "S-8"), 201);
}

/* ---- bad requests ---- */

static void what_is_no_party_case_or_duty_is_answered_as_nothing(void **state)
{
    (void)state;
    static const char nobody[] = "AAECAwQFBgcICQoLDA0ODw";
    str carrier = party("carrier", "");
    const struct {
        const char *method;
        str target, text;
        int code;
    } bad[] = {
        {"GET", body("/v1/subjects/%s/disclosures", nobody), STR(""), 404},
        {"GET", body("/v1/parties/%s/duties", nobody), STR(""), 404},
        {"POST", body("/v1/parties/%.*s/duties/%s/done", STR_ARG(carrier), nobody),
         body("{'proof':'x'}"), 404},
        {"POST", body("/v1/parties/%.*s/duties/%s/done", STR_ARG(carrier), nobody),
         body("{'proof':''}"), 422},
        {"POST", body("/v1/parties/%.*s/duties/%s/done", STR_ARG(carrier), nobody), STR("{}"), 422},
        {"POST", body("/v1/parties/%.*s/duties/%s/done", STR_ARG(carrier), nobody),
         body("{'proof':'4111 1111 1111 1111'}"), 403},
        {"POST", body("/v1/cases/%.*s/decision", STR_ARG(carrier)),
         body("{'granted':true,'reasons':'x'}"), 404},
        {"POST", STR("/v1/cases"), body("{'kind':'authority','requester':'%s'}", nobody), 422},
        {"POST", STR("/v1/cases"), body("{'kind':'authority','reference':'26-1'}"), 422},
        {"POST", STR("/v1/cases"), body("{'kind':'authority','scope':['contact.emial']}"), 422},
        {"POST", STR("/v1/cases"), body("{'kind':'authority','scope':'contact'}"), 422},
        {"POST", STR("/v1/parties"),
         body("{'kind':'web_host','name':'x','under':'%.*s'}", STR_ARG(carrier)), 422},
        {"POST", STR("/v1/parties"), body("{'kind':'carrier','name':'x','under':'%s'}", nobody),
         404},
        {"POST", STR("/v1/parties"), body("{'kind':'carrier','name':''}"), 422},
        {"GET", STR("/v1/parties?limit=0"), STR(""), 422},
        {"GET", STR("/v1/parties?cursor=abc"), STR(""), 422},
        {"GET", STR("/v1/recipients?limit=1"), STR(""), 422},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer =
            ask(&server, server.token, bad[i].method, bad[i].target, bad[i].text);
        if (answer.code != bad[i].code)
            fail_msg("%.*s %.*s: %d %.*s", STR_ARG(bad[i].target), STR_ARG(bad[i].text),
                     answer.code, STR_ARG(answer.text));
    }
}

static void what_is_another_registers_or_beyond_a_token_is_not_told(void **state)
{
    (void)state;
    str person = customer("S-6"), carrier = party("carrier", "");
    (void)give(person, carrier, "carrier", "", 200);
    struct answer answer = ask(&server, server.other, "GET", about(person, "disclosures"), STR(""));
    assert_int_equal(answer.code, 404);
    answer = ask(&server, server.other, "GET", body("/v1/parties/%.*s/duties", STR_ARG(carrier)),
                 STR(""));
    assert_int_equal(answer.code, 404);
    answer = ask(&server, server.other, "GET", STR("/v1/parties"), STR(""));
    assert_false(holds(answer.text, carrier));
    str narrow = new_token(&server, "\"scopes\":[\"share\",\"officer\",\"rights\"],"
                                    "\"purposes\":[\"support\"]");
    const str targets[] = {about(person, "disclosures"), STR("/v1/parties"),
                           body("/v1/parties/%.*s/duties", STR_ARG(carrier))};
    for (size_t i = 0; i < LENGTH(targets); i++) {
        answer = ask(&server, narrow, "GET", targets[i], STR(""));
        assert_true(answer.code == 403 || answer.code == 404);
    }
    str reader = new_token(&server, "\"scopes\":[\"read\"]");
    for (size_t i = 0; i < LENGTH(targets); i++) {
        answer = ask(&server, reader, "GET", targets[i], STR(""));
        assert_int_equal(answer.code, 403);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_has_hundreds_of_disclosures_and_they_are_listed_in_pages),
        cmocka_unit_test(a_disclosure_lasts_as_long_as_something_that_it_gave),
        cmocka_unit_test(a_sub_processor_gets_data_while_every_agreement_above_it_lives),
        cmocka_unit_test(the_record_names_who_receives_with_agreement_and_place),
        cmocka_unit_test(a_record_that_cannot_be_given_is_refused_with_what_lacks),
        cmocka_unit_test(a_request_is_answered_with_a_receipt_when_one_is_asked_for),
        cmocka_unit_test(every_paper_of_the_firm_is_a_page_json_and_a_table_in_each_language),
        cmocka_unit_test(what_is_on_file_for_a_purpose_stands_in_its_papers),
        cmocka_unit_test(a_processor_is_named_to_everyone_only_while_it_may_be),
        cmocka_unit_test(the_register_lists_processors_with_agreements_and_places),
        cmocka_unit_test(the_copy_names_countries_outside_and_what_makes_them_safe),
        cmocka_unit_test(a_case_gives_what_it_asked_for_to_whoever_asked),
        cmocka_unit_test(the_firms_own_number_leads_to_one_person),
        cmocka_unit_test(what_is_no_party_case_or_duty_is_answered_as_nothing),
        cmocka_unit_test(what_is_another_registers_or_beyond_a_token_is_not_told),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
