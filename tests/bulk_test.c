/* Many people at once over HTTP, against a real server: bad lists, who may ask, and clients that do
 * not read, or go. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limits.h"
#include "process.h"

static struct process server;

enum { PEOPLE = 260, TEXT_BYTES = 20000, TOO_MANY = LIMIT_MANIFEST_LINES + 1 };

static str ids[PEOPLE]; /* askers, each with an e-mail and a long question */

static str json_of(const char *text)
{
    char *copy = arena_take(server.arena, strlen(text) + 1);
    assert_non_null(copy);
    for (size_t i = 0; text[i] != '\0'; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    return (str){copy, strlen(text)};
}

static struct answer send_to(str token, const char *target, str body)
{
    return ask(&server, token, "POST", str_from(target), body);
}

static void import_people(void)
{
    char *text = malloc(TEXT_BYTES + 1);
    assert_non_null(text);
    memset(text, 'q', TEXT_BYTES);
    text[TEXT_BYTES] = '\0';
    struct buf lines = buf_in(server.arena, (size_t)16 << 20);
    for (int i = 0; i < PEOPLE; i++)
        buf_format(&lines,
                   "{\"number\":\"B-%d\",\"roles\":[\"asker\"],\"collect\":[{\"intake\":"
                   "\"contact_form\",\"source\":\"person\",\"channel\":\"web\",\"values\":{"
                   "\"contact.email\":\"b%d@canary.example\",\"question.text\":\"%d %s\"}}]}\n",
                   i, i, i, text);
    assert_false(lines.full);
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    struct answer answer = ask_with(&server, "POST", STR("/v1/import"), "application/x-ndjson",
                                    buf_str(&lines), &field, 1);
    expect(&answer, 200);
    assert_int_equal(number_of(&answer, "accepted"), PEOPLE);
    free(text);
}

static void find_people(void)
{
    size_t count = 0;
    str next = STR("");
    do {
        str target = next.len == 0
                         ? STR("/v1/subjects")
                         : arena_format(server.arena, "/v1/subjects?cursor=%.*s", STR_ARG(next));
        struct answer page = ask(&server, server.token, "GET", target, STR(""));
        expect(&page, 200);
        for (JSON_EACH(id, json_get(page.json, "ids")))
            assert_true(count < PEOPLE && json_str(id, &ids[count++]));
        next = STR("");
        (void)json_str(json_get(page.json, "next"), &next);
    } while (next.len > 0);
    assert_int_equal(count, PEOPLE);
}

static int start(void **state)
{
    (void)state;
    process_open(&server, NULL);
    import_people();
    find_people();
    struct answer weighed = send_to(server.token, "/v1/evidence",
                                    json_of("{'type':'balancing','purpose':'support',"
                                            "'particulars':{'reference':'w 1'}}"));
    expect(&weighed, 201);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* `count` of the people, `more` behind them; {what,"subjects":[...]} */
static str list_of(const char *what, size_t count, const char *more)
{
    struct buf buf = buf_in(server.arena, 4 << 20);
    buf_char(&buf, '{');
    buf_add(&buf, json_of(what));
    for (size_t i = 0; i < count; i++)
        buf_format(&buf, "%s\"%.*s\"", i == 0 ? ",\"subjects\":[" : ",", STR_ARG(ids[i]));
    buf_add(&buf, json_of(more));
    buf_text(&buf, "]}");
    return buf_str(&buf);
}

static const char *const ROUTES[] = {"/v1/batch/read", "/v1/batch/share", "/v1/batch/messages"};
static const char *const WHATS[] = {"'purpose':'support'",
                                    "'purpose':'orders','recipient':'carrier'",
                                    "'message':'answer','channel':'email'"};

/* ---- bad input ---- */

static void a_list_that_is_none_is_refused_and_nothing_is_logged(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        int code;
        const char *type;
    } bad[] = {
        {",'subjects':[]", 422, "/problems/invalid"},
        {"", 422, "/problems/invalid"},
        {",'everyone':false", 422, "/problems/invalid"},
        {",'subjects':['AAECAwQFBgcICQoLDA0ODw','AAECAwQFBgcICQoLDA0ODw']", 422,
         "/problems/invalid"},
        {",'subjects':['AAECAwQFBgcICQoLDA0ODw'],'everyone':true", 422, "/problems/invalid"},
        {",'subjects':['AAECAwQFBgcICQoLDA0ODw'],'cursor':'AAAA'", 422, "/problems/invalid"},
        {",'everyone':true,'cursor':'AAAA'", 422, "/problems/invalid"},
        {",'subjects':['short']", 422, "/problems/wrong_type"},
        {",'subjects':'AAECAwQFBgcICQoLDA0ODw'", 422, "/problems/wrong_type"},
        {",'subjects':[17]", 422, "/problems/wrong_type"},
        {",'subjects':['AAECAwQFBgcICQoLDA0ODw'],'subject':1", 422, "/problems/unknown_member"},
    };
    int64_t before_it = log_size(&server, server.token);
    for (size_t route = 0; route < LENGTH(ROUTES); route++) {
        for (size_t i = 0; i < LENGTH(bad); i++) {
            str body = arena_format(server.arena, "{%s%s}", WHATS[route], bad[i].more);
            struct answer answer =
                send_to(server.token, ROUTES[route], json_of(arena_c_string(server.arena, body)));
            if (answer.code != bad[i].code || !str_is(text_of(&answer, "type"), bad[i].type))
                fail_msg("%s %.*s: %d %.*s", ROUTES[route], STR_ARG(body), answer.code,
                         STR_ARG(answer.text));
        }
    }
    assert_int_equal(log_size(&server, server.token), before_it);
}

static void wrong_words_are_of_the_whole_request(void **state)
{
    (void)state;
    static const struct {
        const char *route, *what;
        int code;
    } bad[] = {
        {"/v1/batch/read", "'purpose':'no_such'", 422},
        {"/v1/batch/read", "'purpose':'support','fields':['no.such']", 422},
        {"/v1/batch/read", "'purpose':'support','matter':'AAECAwQFBgcICQoLDA0ODw'", 404},
        {"/v1/batch/share", "'purpose':'orders','recipient':'no_such'", 422},
        {"/v1/batch/share",
         "'purpose':'orders','recipient':'carrier','party':'AAECAwQFBgcICQoLDA0ODw'", 404},
        {"/v1/batch/share",
         "'purpose':'orders','recipient':'carrier','case':'AAECAwQFBgcICQoLDA0ODw'", 404},
        {"/v1/batch/messages", "'message':'no_such','channel':'email'", 422},
        {"/v1/batch/messages", "'message':'answer','channel':'email','queue':true,'asking':true",
         422},
        {"/v1/batch/messages",
         "'message':'answer','channel':'email','party':"
         "'AAECAwQFBgcICQoLDA0ODw'",
         404},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer = send_to(server.token, bad[i].route, list_of(bad[i].what, 3, ""));
        if (answer.code != bad[i].code)
            fail_msg("%s %s: %d %.*s", bad[i].route, bad[i].what, answer.code,
                     STR_ARG(answer.text));
    }
    struct answer odd = send_to(server.token, "/v1/export", json_of("{'fields':['contact']}"));
    expect_problem(&odd, 422, "/problems/invalid");
    odd = send_to(server.token, "/v1/export", json_of("{'purpose':'no_such'}"));
    expect_problem(&odd, 422, "/problems/invalid");
    odd = send_to(server.token, "/v1/export", json_of("{'cursor':'AAAA'}"));
    expect_problem(&odd, 422, "/problems/invalid");
    odd = send_to(server.token, "/v1/export", json_of("{'without_values':true}"));
    expect_problem(&odd, 422, "/problems/invalid");
}

/* One more than a manifest takes; the largest that it takes is taken, though nobody is there. */
static void the_largest_list_is_taken_and_one_more_is_not(void **state)
{
    (void)state;
    struct buf buf = buf_in(server.arena, 4 << 20);
    buf_text(&buf, "{\"purpose\":\"support\",\"subjects\":[");
    for (int i = 0; i < TOO_MANY; i++) {
        if (i == TOO_MANY - 1) {
            struct buf most = buf_in(server.arena, 4 << 20);
            buf_add(&most, buf_str(&buf));
            buf_text(&most, "]}");
            struct answer taken = send_to(server.token, "/v1/batch/read", buf_str(&most));
            expect(&taken, 200);
            assert_true(holds(taken.text, STR("\"people\":65536,\"allowed\":0")));
        }
        buf_format(&buf, "%s\"%018dAAAA\"", i == 0 ? "" : ",", i + 1);
    }
    buf_text(&buf, "]}");
    struct answer refused = send_to(server.token, "/v1/batch/read", buf_str(&buf));
    expect_problem(&refused, 413, "/problems/limit");
}

/* ---- who may ---- */

static void lists_and_copies_are_for_those_whose_token_says_so(void **state)
{
    (void)state;
    str reader = new_token(&server, "\"scopes\":[\"read\",\"share\"]");
    str bound = new_token(&server, "\"scopes\":[\"read\",\"share\",\"officer\"],"
                                   "\"purposes\":[\"newsletter\"]");
    str sharer = new_token(&server, "\"scopes\":[\"share\"]");
    struct answer answer = send_to(sharer, "/v1/batch/read", list_of(WHATS[0], 1, ""));
    expect_problem(&answer, 403, "/problems/forbidden");
    for (size_t i = 0; i < LENGTH(ROUTES); i++) {
        str body = arena_format(server.arena, "{%s,'everyone':true}", WHATS[i]);
        body = json_of(arena_c_string(server.arena, body));
        answer = send_to(reader, ROUTES[i], body);
        expect_problem(&answer, 403, "/problems/forbidden");
        answer = send_to(bound, ROUTES[i], body); /* of a purpose that it does not hold */
        expect_problem(&answer, 403, "/problems/forbidden");
    }
    answer = send_to(reader, "/v1/export", STR("{}"));
    expect_problem(&answer, 403, "/problems/forbidden");
    answer = send_to(bound, "/v1/export", STR("{}"));
    expect_problem(&answer, 403, "/problems/forbidden");
    answer = send_to(bound, "/v1/export", json_of("{'purpose':'support'}"));
    expect_problem(&answer, 403, "/problems/forbidden");
    /* Of its own purpose it gets those whom that reaches: nobody. */
    answer = send_to(bound, "/v1/export", json_of("{'purpose':'newsletter'}"));
    expect(&answer, 200);
    assert_true(holds(answer.text, STR("\"people\":0,\"allowed\":0")));
}

static size_t count_in(str text, str what)
{
    size_t count = 0;
    for (const char *at = text.ptr; at != NULL && at < text.ptr + text.len; count++, at++) {
        at = memmem(at, (size_t)(text.ptr + text.len - at), what.ptr, what.len);
        if (at == NULL)
            break;
    }
    return count;
}

/* G1: the same people and items as with values, and no value. Of few in one step, of all in many.
 */
static void what_is_told_without_values_is_what_may_be_read(void **state)
{
    (void)state;
    static const char *const counted[] = {"\"subject\":", "\"id\":", "\"allowed\":true"};
    static const struct {
        const char *route, *what;
        size_t few;
    } asked[] = {{"/v1/batch/read", "'purpose':'support'", 3},
                 {"/v1/batch/read", "'purpose':'support'", PEOPLE},
                 {"/v1/export", "'purpose':'support'", 0}};
    for (size_t i = 0; i < LENGTH(asked); i++) {
        str whole = json_of(
            arena_c_string(server.arena, arena_format(server.arena, "{%s}", asked[i].what)));
        str bare = json_of(arena_c_string(
            server.arena, arena_format(server.arena, "{%s,'without_values':true}", asked[i].what)));
        if (asked[i].few > 0) {
            whole = list_of(asked[i].what, asked[i].few, "");
            bare = list_of("'purpose':'support','without_values':true", asked[i].few, "");
        }
        struct answer with = send_to(server.token, asked[i].route, whole);
        struct answer without = send_to(server.token, asked[i].route, bare);
        expect(&with, 200);
        expect(&without, 200);
        for (size_t j = 0; j < LENGTH(counted); j++)
            assert_int_equal(count_in(without.text, str_from(counted[j])),
                             count_in(with.text, str_from(counted[j])));
        assert_true(count_in(with.text, STR("\"value\":")) > 0);
        assert_int_equal(count_in(without.text, STR("\"value\":")), 0);
        assert_true(count_in(without.text, STR("\"roles\":[\"")) > 0);
        assert_int_equal(count_in(without.text, STR("\"log_index\":")), 1);
    }
}

static struct answer shown_to(str token, str id)
{
    struct answer shown =
        ask(&server, token, "GET", arena_format(server.arena, "/v1/subjects/%.*s", STR_ARG(id)),
            STR(""));
    expect(&shown, 200);
    return shown;
}

static str member_of(const struct json *object, const char *name)
{
    str text = {0};
    (void)json_str(json_get(object, name), &text);
    return text;
}

static const struct json *item_of(const struct answer *answer, str id)
{
    for (JSON_EACH(item, json_get(answer->json, "items"))) {
        if (str_equal(member_of(item, "id"), id))
            return item;
    }
    return NULL;
}

/* What is told of an item without its value is what is held of it, for one person as for many. */
static void an_item_is_described_alike_for_one_and_for_many(void **state)
{
    (void)state;
    static const char *const members[] = {"field", "source", "collected", "end"};
    str body = list_of("'purpose':'support','without_values':true", 1, "");
    struct answer many = send_to(server.token, "/v1/batch/read", body);
    expect(&many, 200);
    struct answer shown = shown_to(server.token, ids[0]);
    str rest = many.text, text;
    const struct json *line;
    struct report report = {0};
    assert_true(str_next(&rest, '\n', &text));
    assert_true(is_ok(json_parse(server.arena, text, &report, &line)));
    size_t count = 0;
    for (JSON_EACH(told, json_get(line, "items"))) {
        const struct json *held = item_of(&shown, member_of(told, "id"));
        assert_non_null(held);
        for (size_t i = 0; i < LENGTH(members); i++)
            assert_true(str_equal(member_of(told, members[i]), member_of(held, members[i])));
        assert_true(member_of(told, "end").len > 0);
        count++;
    }
    assert_int_equal(count, 2);
}

static size_t purposes_shown(const struct answer *shown, const char *but)
{
    size_t count = 0;
    for (JSON_EACH(item, json_get(shown->json, "items"))) {
        for (JSON_EACH(name, json_get(item, "purposes"))) {
            str purpose = {0};
            assert_true(json_str(name, &purpose));
            count += but == NULL || !str_is(purpose, but);
        }
    }
    return count;
}

/* G9: of an item's purposes a token that is bound to some is told of no other. */
static void a_bound_token_is_shown_its_own_purposes_alone(void **state)
{
    (void)state;
    struct answer made = send_to(server.token, "/v1/subjects", json_of("{'roles':['customer']}"));
    expect(&made, 201);
    str id = text_of(&made, "id");
    struct answer agreed =
        send_to(server.token, "/v1/agreements",
                arena_format(server.arena, "{\"subject\":\"%.*s\"}", STR_ARG(id)));
    expect(&agreed, 201);
    str target = arena_format(server.arena, "/v1/subjects/%.*s/collect", STR_ARG(id));
    struct answer bought =
        send_to(server.token, arena_c_string(server.arena, target),
                json_of("{'intake':'checkout','source':'person','channel':'web','values':{"
                        "'contact.name':'A B','contact.email':'ab@canary.example',"
                        "'delivery.street':'Veien 1'}}"));
    expect(&bought, 201);
    struct answer all = shown_to(server.token, id);
    assert_true(purposes_shown(&all, "orders") > 0);
    str bound = new_token(&server, "\"scopes\":[\"read\"],\"purposes\":[\"orders\"]");
    struct answer own = shown_to(bound, id);
    assert_true(purposes_shown(&own, NULL) > 0);
    assert_int_equal(purposes_shown(&own, "orders"), 0);
}

/* G9: who is hidden and who is not there have the same line but for the id that was asked. */
static void same_lines(const char *what)
{
    str bound = new_token(&server, "\"scopes\":[\"read\"],\"purposes\":[\"newsletter\"]");
    static const char nobody[] = "AAECAwQFBgcICQoLDA0ODw";
    str body = list_of(what, 1, ",'AAECAwQFBgcICQoLDA0ODw'");
    struct answer answer = send_to(bound, "/v1/batch/read", body);
    expect(&answer, 200);
    str rest = answer.text, hidden, unknown;
    assert_true(str_next(&rest, '\n', &hidden));
    assert_true(str_next(&rest, '\n', &unknown));
    str wanted = arena_format(server.arena,
                              "{\"subject\":\"%s\",\"allowed\":false,\"unknown\":true}", nobody);
    assert_true(str_equal(unknown, wanted));
    wanted = arena_format(server.arena, "{\"subject\":\"%.*s\",\"allowed\":false,\"unknown\":true}",
                          STR_ARG(ids[0]));
    assert_true(str_equal(hidden, wanted));
}

static void unknown_and_hidden_people_have_the_same_line(void **state)
{
    (void)state;
    same_lines("'purpose':'newsletter'");
    same_lines("'purpose':'newsletter','without_values':true");
}

static str hire(const char *role)
{
    str body = arena_format(server.arena, "{\"role\":\"%s\",\"name\":\"E %s\"}", role, role);
    struct answer made = send_to(server.token, "/v1/staff", body);
    expect(&made, 201);
    str member = text_of(&made, "id");
    body =
        arena_format(server.arena, "{\"type\":\"training\",\"actor\":\"%.*s\",\"particulars\":{}}",
                     STR_ARG(member));
    struct answer trained = send_to(server.token, "/v1/evidence", body);
    expect(&trained, 201);
    str members =
        arena_format(server.arena, "\"scopes\":[\"read\",\"share\",\"officer\"],\"staff\":\"%.*s\"",
                     STR_ARG(member));
    return new_token(&server, arena_c_string(server.arena, members));
}

/* A copy of everyone is two people's, and is had once. */
static void staff_copy_everyone_only_when_another_has_approved_it(void **state)
{
    (void)state;
    str desk = hire("shop_desk"), manager = hire("manager");
    str body = json_of("{'purpose':'support','fields':['contact.email']}");
    struct answer waits = send_to(desk, "/v1/export", body);
    expect(&waits, 202);
    assert_false(holds(waits.text, STR("canary.example")));
    str path = arena_format(server.arena, "/v1/acts/%.*s/approve", STR_ARG(text_of(&waits, "id")));
    struct answer own = ask(&server, desk, "POST", path, STR(""));
    expect_problem(&own, 403, "/problems/refused");
    struct answer still = send_to(desk, "/v1/export", body);
    expect(&still, 202);
    struct answer approved = ask(&server, manager, "POST", path, STR(""));
    expect(&approved, 200);
    struct answer other = send_to(desk, "/v1/export", json_of("{'purpose':'support'}"));
    expect(&other, 202); /* another copy than the one that was approved */
    struct answer done = send_to(desk, "/v1/export", body);
    expect(&done, 200);
    assert_true(holds(done.text, STR("b7@canary.example")));
    struct answer again = send_to(desk, "/v1/export", body);
    expect(&again, 202);
}

/* ---- clients ---- */

static int begin_raw(const char *target, str body)
{
    int small = 8192, socket = raw_connect(&server);
    (void)setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    raw_send(socket,
             arena_format(server.arena,
                          "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %.*s\r\n"
                          "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%.*s",
                          target, STR_ARG(server.token), body.len, STR_ARG(body)));
    return socket;
}

static void hear_some(int socket)
{
    char room[16384];
    size_t length = 0;
    while (memchr(room, '}', length) == NULL) { /* until the first line is there */
        ssize_t got = recv(socket, room + length, sizeof(room) - length, 0);
        assert_true(got > 0);
        length += (size_t)got;
    }
    assert_true(str_starts((str){room, length}, STR("HTTP/1.1 200")));
}

static struct answer ask_all(void)
{
    return send_to(server.token, "/v1/batch/read", list_of(WHATS[0], PEOPLE, ""));
}

/* More than 5 MB for a client that does not read: others are served, and its like are bounded. */
static void who_does_not_read_holds_up_nobody_and_a_few_only_are_served(void **state)
{
    (void)state;
    int slow[LIMIT_BATCHES];
    for (size_t i = 0; i < LENGTH(slow); i++) {
        slow[i] = begin_raw("/v1/batch/read", list_of(WHATS[0], PEOPLE, ""));
        hear_some(slow[i]);
    }
    struct answer one = post_subject(&server, ids[0], "read", "{\"purpose\":\"support\"}");
    expect(&one, 200);
    struct answer full = ask_all();
    expect_problem(&full, 413, "/problems/limit");
    for (size_t i = 0; i < LENGTH(slow); i++)
        close(slow[i]);
    int tries = 0;
    do
        full = ask_all();
    while (full.code == 413 && ++tries < 1000); /* until the server has seen that they went */
    expect(&full, 200);
    assert_true(holds(full.text, STR("\"people\":260,\"allowed\":260")));
}

static size_t disclosed(str id)
{
    str path = arena_format(server.arena, "/v1/subjects/%.*s/disclosures", STR_ARG(id));
    struct answer answer = ask(&server, server.token, "GET", path, STR(""));
    expect(&answer, 200);
    return json_get(answer.json, "disclosures")->count;
}

/* What a client that went was not given is recorded as given to nobody; the log says what was
 * allowed. */
static void who_goes_midway_was_given_no_more_than_is_recorded(void **state)
{
    (void)state;
    struct answer host = send_to(server.token, "/v1/parties",
                                 json_of("{'kind':'web_host','name':'Vert AS','zone':'eea'}"));
    expect(&host, 201);
    str party = text_of(&host, "id");
    str proof = arena_format(server.arena,
                             "{\"type\":\"processing_agreement\",\"party\":\"%.*s\","
                             "\"particulars\":{\"document\":\"dpa 1\"}}",
                             STR_ARG(party));
    struct answer agreed = send_to(server.token, "/v1/evidence", proof);
    expect(&agreed, 201);
    str what = arena_format(
        server.arena, "'purpose':'support','recipient':'web_host','party':'%.*s'", STR_ARG(party));
    str body = list_of(arena_c_string(server.arena, what), PEOPLE, "");
    int64_t before_it = log_size(&server, server.token);
    int socket = begin_raw("/v1/batch/share", body);
    hear_some(socket);
    close(socket);
    struct answer all = ask_all(); /* and the one that went is over */
    expect(&all, 200);
    assert_int_equal(log_size(&server, server.token), before_it + 2);
    assert_int_equal(disclosed(ids[0]), 1);
    assert_int_equal(disclosed(ids[PEOPLE - 1]), 0);
    struct answer shown =
        ask(&server, server.token, "GET",
            arena_format(server.arena, "/v1/subjects/%.*s", STR_ARG(ids[PEOPLE - 1])), STR(""));
    str asked = arena_format(server.arena, "{\"reference\":\"%.*s\"}",
                             STR_ARG(text_of(&shown, "reference")));
    struct answer told = send_to(server.token, "/v1/history", asked);
    expect(&told, 200);
    assert_true(holds(told.text, STR("\"ac\":\"share\"")));
    assert_true(holds(told.text, STR("\"decision\":\"allow\"")));
    str reference = text_of(&shown, "reference");
    str of_entry = arena_format(server.arena, "{\"reference\":\"%.*s\",\"log_index\":%lld}",
                                STR_ARG(reference), (long long)before_it);
    struct answer proved = send_to(server.token, "/v1/log/proof", of_entry);
    expect(&proved, 200);
    assert_true(holds(proved.text, STR("\"manifest\":{\"lines\":260")));
    str bound = new_token(&server, "\"scopes\":[\"officer\"],\"purposes\":[\"support\"]");
    struct answer beyond = send_to(bound, "/v1/log/proof", of_entry);
    expect_problem(&beyond, 403, "/problems/forbidden");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_is_none_is_refused_and_nothing_is_logged),
        cmocka_unit_test(wrong_words_are_of_the_whole_request),
        cmocka_unit_test(the_largest_list_is_taken_and_one_more_is_not),
        cmocka_unit_test(lists_and_copies_are_for_those_whose_token_says_so),
        cmocka_unit_test(what_is_told_without_values_is_what_may_be_read),
        cmocka_unit_test(an_item_is_described_alike_for_one_and_for_many),
        cmocka_unit_test(a_bound_token_is_shown_its_own_purposes_alone),
        cmocka_unit_test(unknown_and_hidden_people_have_the_same_line),
        cmocka_unit_test(staff_copy_everyone_only_when_another_has_approved_it),
        cmocka_unit_test(who_does_not_read_holds_up_nobody_and_a_few_only_are_served),
        cmocka_unit_test(who_goes_midway_was_given_no_more_than_is_recorded),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
