/* Who used a person's data, from the log: over HTTP against the real server. */
#include "process.h"

static struct process server;
static str person, other;

static str json_of(const char *text)
{
    char *copy = arena_take(server.arena, strlen(text) + 1);
    assert_non_null(copy);
    for (size_t i = 0; text[i] != '\0'; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    return (str){copy, strlen(text)};
}

static struct answer send_by(str token, str target, const char *body)
{
    return ask(&server, token, "POST", target, json_of(body));
}

static str make_asker(const char *email)
{
    struct answer made = send_by(server.token, STR("/v1/subjects"), "{'roles':['asker']}");
    expect(&made, 201);
    str id = text_of(&made, "id");
    str body = arena_format(server.arena,
                            "{'intake':'contact_form','source':'person','channel':'web','values':"
                            "{'contact.email':'%s','question.text':'Hei'}}",
                            email);
    struct answer got =
        send_by(server.token, arena_format(server.arena, "/v1/subjects/%.*s/collect", STR_ARG(id)),
                arena_c_string(server.arena, body));
    expect(&got, 201);
    return id;
}

static int open_server(void **state)
{
    (void)state;
    process_open(&server, NULL);
    struct answer weighed = send_by(server.token, STR("/v1/evidence"),
                                    "{'type':'balancing','purpose':'support',"
                                    "'particulars':{'reference':'w 1'}}");
    expect(&weighed, 201);
    person = make_asker("bruk@canary.example");
    other = make_asker("annen@canary.example");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

static struct answer uses_of(str token, str id, const char *query)
{
    return ask(&server, token, "GET",
               arena_format(server.arena, "/v1/subjects/%.*s/uses%s", STR_ARG(id), query), STR(""));
}

static str verb(str id, const char *what)
{
    return arena_format(server.arena, "/v1/subjects/%.*s/%s", STR_ARG(id), what);
}

/* "read allow support staff desk; ..." */
static str told(const struct answer *answer)
{
    struct buf buf = buf_in(server.arena, 64 << 10);
    static const char *const parts[] = {"action", "decision", "purpose", "by", "recipient"};
    for (JSON_EACH(one, json_get(answer->json, "uses"))) {
        buf_text(&buf, buf.len > 0 ? "; " : "");
        for (size_t i = 0; i < LENGTH(parts); i++) {
            str text = STR("");
            if (json_str(json_get(one, parts[i]), &text))
                buf_format(&buf, "%s%.*s", i > 0 ? " " : "", STR_ARG(text));
        }
        const struct json *roles = json_get(one, "roles");
        for (const struct json *role = roles == NULL ? NULL : roles->child; role != NULL;
             role = role->next)
            buf_format(&buf, " %.*s", STR_ARG(role->text));
    }
    return buf_str(&buf);
}

static str staff_token(str *member)
{
    struct answer made =
        send_by(server.token, STR("/v1/staff"), "{'role':'shop_desk','name':'Kari Kanarinavn'}");
    expect(&made, 201);
    *member = text_of(&made, "id");
    str body = arena_format(server.arena, "{'name':'desk','scopes':['read'],'staff':'%.*s'}",
                            STR_ARG(*member));
    struct answer token =
        send_by(server.token, STR("/v1/tokens"), arena_c_string(server.arena, body));
    expect(&token, 201);
    return text_of(&token, "token");
}

static void each_use_is_told_by_role_and_purpose_also_out_of_many(void **state)
{
    (void)state;
    str member;
    str desk = staff_token(&member);
    struct answer read = send_by(desk, verb(person, "read"), "{'purpose':'support'}");
    expect(&read, 403); /* the member lacks the training that the role needs */
    struct answer by_app = send_by(server.token, verb(person, "read"), "{'purpose':'support'}");
    expect(&by_app, 200);
    struct answer no = send_by(server.token, verb(person, "read"), "{'purpose':'newsletter'}");
    expect(&no, 403);
    struct answer many =
        send_by(server.token, STR("/v1/batch/read"), "{'purpose':'support','everyone':true}");
    expect(&many, 200);
    struct answer elsewhere = send_by(server.token, verb(other, "read"), "{'purpose':'support'}");
    expect(&elsewhere, 200);
    struct answer copy = send_by(server.token, verb(person, "access"), "{}");
    expect(&copy, 200);
    struct answer uses = uses_of(server.token, person, "");
    expect(&uses, 200);
    static const char want[] =
        "read refuse support staff shop_desk; read allow support application; "
        "read refuse newsletter application; read allow support application; "
        "access allow application";
    if (!str_is(told(&uses), want))
        fail_msg("%.*s", STR_ARG(told(&uses)));
    assert_false(holds(uses.text, STR("Kanarinavn")));
    assert_false(holds(uses.text, member));
    assert_false(holds(uses.text, STR("canary.example")));
    struct answer end = ask(&server, server.token, "DELETE",
                            arena_format(server.arena, "/v1/staff/%.*s", STR_ARG(member)), STR(""));
    expect(&end, 200);
    struct answer after = uses_of(server.token, person, "");
    assert_true(holds(told(&after), STR("support gone; ")));
}

/* The log holds a word of a closed list, and never what somebody would write. */
static void why_somebody_looked_is_told_by_a_word_of_the_list(void **state)
{
    (void)state;
    struct answer text = send_by(server.token, verb(other, "read"),
                                 "{'purpose':'support','because':'Canary asked'}");
    expect_problem(&text, 422, "/problems/invalid");
    struct answer read = send_by(server.token, verb(other, "read"),
                                 "{'purpose':'support','because':'complaint'}");
    expect(&read, 200);
    struct answer refused = send_by(server.token, verb(other, "read"),
                                    "{'purpose':'newsletter','because':'check'}");
    expect(&refused, 403);
    struct answer uses = uses_of(server.token, other, "");
    expect(&uses, 200);
    assert_true(holds(uses.text, STR("\"because\":\"complaint\"")));
    assert_true(holds(uses.text, STR("\"because\":\"check\"")));
    assert_false(holds(uses.text, STR("Canary")));
}

static void pages_go_on_where_the_last_one_ended_and_miss_nothing(void **state)
{
    (void)state;
    struct answer whole = uses_of(server.token, person, "");
    struct buf all = buf_in(server.arena, 64 << 10);
    str cursor = STR("");
    size_t pages = 0;
    do {
        const char *query =
            cursor.len == 0
                ? "?limit=1"
                : arena_c_string(server.arena, arena_format(server.arena, "?limit=1&cursor=%.*s",
                                                            STR_ARG(cursor)));
        struct answer page = uses_of(server.token, person, query);
        expect(&page, 200);
        str text = told(&page);
        buf_text(&all, all.len > 0 && text.len > 0 ? "; " : "");
        buf_add(&all, text);
        cursor = STR("");
        (void)json_str(json_get(page.json, "next"), &cursor);
    } while (cursor.len > 0 && ++pages < 20);
    assert_true(pages >= 4 && pages < 20);
    assert_true(str_equal(buf_str(&all), told(&whole)));
}

static void it_is_for_the_officer_of_the_whole_register_and_logged(void **state)
{
    (void)state;
    int64_t size = log_size(&server, server.token);
    struct answer uses = uses_of(server.token, person, "");
    expect(&uses, 200);
    assert_int_equal(log_size(&server, server.token), size + 1);
    str reader = new_token(&server, "\"scopes\":[\"read\"]");
    struct answer refused = uses_of(reader, person, "");
    expect_problem(&refused, 403, "/problems/forbidden");
    str bound = new_token(&server, "\"scopes\":[\"officer\"],\"purposes\":[\"support\"]");
    struct answer beyond = uses_of(bound, person, "");
    expect_problem(&beyond, 403, "/problems/forbidden");
    struct answer foreign = uses_of(server.other, person, "");
    expect_problem(&foreign, 404, "/problems/not_found");
    struct answer nobody = uses_of(server.token, STR("AAECAwQFBgcICQoLDA0ODw"), "");
    expect_problem(&nobody, 404, "/problems/not_found");
    struct answer odd = uses_of(server.token, person, "?cursor=AAAA");
    expect_problem(&odd, 422, "/problems/invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_use_is_told_by_role_and_purpose_also_out_of_many),
        cmocka_unit_test(why_somebody_looked_is_told_by_a_word_of_the_list),
        cmocka_unit_test(pages_go_on_where_the_last_one_ended_and_miss_nothing),
        cmocka_unit_test(it_is_for_the_officer_of_the_whole_register_and_logged),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
