/* A firm's CSV file comes in by a mapping, and people go out as CSV, over HTTP against the real
 * server: each row goes through collect, what is wrong is told by line and column, a second run
 * adds nothing, and a dry one nothing at all. */
#include "process.h"

#include "limits.h"

static struct process server;

static int open_server(void **state)
{
    (void)state;
    process_open(&server, NULL);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

static const char usual[] = "mapping: 1\n"
                            "separator: \";\"\n"
                            "dates: dd.mm.yyyy\n"
                            "line:\n"
                            "  number: {column: Kundenr}\n"
                            "  roles: [asker]\n"
                            "  collect:\n"
                            "    - intake: contact_form\n"
                            "      source: person\n"
                            "      channel: web\n"
                            "      at: {time: Dato}\n"
                            "      values:\n"
                            "        contact.email: {column: E-post}\n"
                            "        question.text: {column: Spørsmål}\n";

static struct answer send_csv(const char *mapping, const char *dry, str body)
{
    struct buf coded = buf_in(server.arena, 64 << 10);
    buf_base64url(&coded, str_from(mapping));
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))},
        {STR("X-Vern-Mapping"), buf_str(&coded)},
        {STR("X-Vern-Dry-Run"), str_from(dry)}};
    return ask_with(&server, "POST", STR("/v1/import"), "text/csv", body, fields,
                    dry == NULL ? 2 : 3);
}

static size_t people_of(const char *number)
{
    str body = arena_format(server.arena, "{\"kind\":\"number\",\"value\":\"%s\"}", number);
    struct answer answer = ask(&server, server.token, "POST", STR("/v1/subjects/find"), body);
    expect(&answer, 200);
    const struct json *ids = json_get(answer.json, "ids");
    return ids == NULL ? 0 : ids->count;
}

/* "2:3 invalid, 5:0 syntax": line, column and type of each. */
static str bad_of(const struct answer *answer)
{
    struct buf buf = buf_in(server.arena, 64 << 10);
    const struct json *bad = json_get(answer->json, "bad");
    for (const struct json *one = bad == NULL ? NULL : bad->child; one != NULL; one = one->next) {
        int64_t line = 0, column = 0;
        str type = STR("");
        assert_true(json_i64(json_get(one, "line"), &line));
        (void)json_i64(json_get(one, "column"), &column);
        assert_true(json_str(json_get(one, "type"), &type));
        buf_format(&buf, "%s%d:%d %.*s", buf.len > 0 ? ", " : "", (int)line, (int)column,
                   STR_ARG(type));
    }
    return buf_str(&buf);
}

static void expect_rows(const struct answer *answer, int accepted, int known, const char *bad)
{
    expect(answer, 200);
    if (number_of(answer, "accepted") != accepted || number_of(answer, "known") != known ||
        !str_is(bad_of(answer), bad))
        fail_msg("%d taken, %d known, bad %s: %.*s", accepted, known, bad, STR_ARG(answer->text));
}

static const char rows[] = "\xef\xbb\xbfKundenr;Dato;E-post;Spørsmål;Internt\r\n"
                           "K-1;01.02.2026;k1@canary.example;\"Hva; koster\r\ndet?\";x\r\n"
                           "K-2;30.02.2026;k2@canary.example;Når?;x\r\n"
                           "K-3;01.02.2026;ikke en adresse;Når?;x\r\n"
                           "\r\n"
                           "K-4;01.02.2026;k4@canary.example;Når\"?;x\r\n"
                           "K-5;01.02.2026;k5@canary.example;Når?\r\n"
                           "K-6;01.02.2026;k6@canary.example;4111 1111 1111 1111;x\r\n"
                           ";01.02.2026;k7@canary.example;Når?;x\r\n"
                           "K-8;;k8@canary.example;Når?;x\r\n"
                           "K-9;01.02.2099;k9@canary.example;Når?;x";

/* A firm with existing systems can start on Monday. */
static void rows_become_people_and_what_is_wrong_is_told_by_line_and_column(void **state)
{
    (void)state;
    struct answer dry = send_csv(usual, "true", str_from(rows));
    static const char bad[] = "4:2 invalid, 5:3 invalid, 7:4 syntax, 8:0 invalid, 9:0 refused, "
                              "10:0 invalid, 12:0 invalid";
    expect_rows(&dry, 2, 0, bad);
    assert_true(holds(dry.text, STR("\"dry_run\":true")));
    assert_int_equal(people_of("K-1"), 0);
    struct answer first = send_csv(usual, NULL, str_from(rows));
    expect_rows(&first, 2, 0, bad);
    assert_int_equal(people_of("K-1"), 1);
    assert_int_equal(people_of("K-8"), 1);
    assert_int_equal(people_of("K-6"), 0);
    int64_t size = log_size(&server, server.token);
    struct answer again = send_csv(usual, NULL,
                                   str_from("Kundenr;Dato;E-post;Spørsmål\n"
                                            "K-1;02.02.2026;ny@canary.example;Ny?\n"
                                            "K-8;;k8@canary.example;Når?\n"));
    expect_rows(&again, 2, 2, "");
    assert_int_equal(log_size(&server, server.token), size);
    assert_int_equal(people_of("K-1"), 1);
    assert_false(holds(first.text, STR("canary.example")));
}

static void what_a_row_became_is_read_as_what_was_in_its_cells(void **state)
{
    (void)state;
    struct answer made = send_csv(usual, NULL,
                                  str_from("Spørsmål;E-post;Dato;Kundenr\n"
                                           "\"Han sa \"\"=1+1\"\"\";r1@canary.example;;R-1\n"));
    expect_rows(&made, 1, 0, "");
    struct answer found = post(&server, "/v1/subjects/find",
                               "{\"kind\":\"contact.email\",\"value\":\"r1@canary.example\"}");
    const struct json *ids = json_get(found.json, "ids");
    str id = STR("");
    assert_true(ids != NULL && ids->count == 1 && json_str(ids->child, &id));
    struct answer copy = post_subject(&server, id, "access", "{}");
    expect(&copy, 200);
    assert_true(holds(copy.text, STR("\"Han sa \\\"=1+1\\\"\"")));
}

static void nothing_is_taken_when_the_file_or_the_mapping_is_another(void **state)
{
    (void)state;
    static const char *const mappings[] = {
        "",
        "{",
        "a: b",
        "mapping: 2\nline: {number: {column: A}}",
        "mapping: 1",
        "mapping: 1\nline: {number: \"1\"}",
        "mapping: 1\nline: [{column: A}]",
        "mapping: 1\nseparator: x\nline: {number: {column: A}}",
        "mapping: 1\ndates: d.m.y\nline: {number: {column: A}}",
        "mapping: 1\nline: {number: {column: A}}\nline: {number: {column: B}}",
        "mapping: 1\nlines: {number: {column: A}}",
        "mapping: 1\nline: {number: {column: Borte}}"};
    for (size_t i = 0; i < LENGTH(mappings); i++) {
        struct answer answer = send_csv(mappings[i], NULL, STR("A,B\nN-1,x\n"));
        if (answer.code != 400 && answer.code != 422)
            fail_msg("%s: %d", mappings[i], answer.code);
    }
    struct answer twice =
        send_csv("mapping: 1\nline: {number: {column: A}}", NULL, STR("A,A\nN-1,N-1\n"));
    expect_problem(&twice, 422, "/problems/invalid");
    assert_true(holds(twice.text, STR("2:25")));
    struct answer dry = send_csv(usual, "yes", STR("A\n"));
    expect_problem(&dry, 422, "/problems/invalid");
    assert_int_equal(people_of("N-1"), 0);
}

static void a_mapping_and_a_csv_file_go_together(void **state)
{
    (void)state;
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))},
        {STR("X-Vern-Mapping"), STR("bWFwcGluZzogMQ")}};
    struct answer alone =
        ask_with(&server, "POST", STR("/v1/import"), "text/csv", STR("A\n1\n"), fields, 1);
    expect_problem(&alone, 422, "/problems/invalid");
    struct answer lines = ask_with(&server, "POST", STR("/v1/import"), "application/x-ndjson",
                                   STR("{\"number\":\"1\"}\n"), fields, 2);
    expect_problem(&lines, 422, "/problems/invalid");
    fields[1].value = STR("***");
    struct answer odd =
        ask_with(&server, "POST", STR("/v1/import"), "text/csv", STR("A\n1\n"), fields, 2);
    expect_problem(&odd, 422, "/problems/invalid");
}

/* One quote that nobody closes takes no more with it than its megabyte. */
static void a_row_without_an_end_is_cut_off_and_the_rest_stands(void **state)
{
    (void)state;
    struct buf buf = buf_in(server.arena, 8 << 20);
    buf_text(&buf, "Kundenr;Dato;E-post;Spørsmål\nL-1;;\"");
    for (int i = 0; i < 2 * LIMIT_IMPORT_LINE_BYTES; i++)
        buf_char(&buf, i % 100 == 99 ? '\n' : 'x');
    buf_text(&buf, "\nL-2;;l2@canary.example;Når?\n");
    struct answer answer = send_csv(usual, NULL, buf_str(&buf));
    expect(&answer, 200);
    assert_true(str_starts(bad_of(&answer), STR("2:0 limit")));
    assert_int_equal(people_of("L-1"), 0);
    assert_int_equal(people_of("L-2"), 1);
}

static void the_rows_of_one_file_come_in_any_pieces(void **state)
{
    (void)state;
    static const char head[] = "Kundenr;Dato;E-post;Spørsmål\n";
    struct buf buf = buf_in(server.arena, 1 << 20);
    buf_text(&buf, head);
    for (int i = 0; i < 3000; i++)
        buf_format(&buf, "P-%d;;p%d@canary.example;\"Når\n%d?\"\n", i, i, i);
    struct answer answer = send_csv(usual, NULL, buf_str(&buf));
    expect_rows(&answer, 3000, 0, "");
    assert_int_equal(number_of(&answer, "lines"), 6001);
    assert_int_equal(people_of("P-2999"), 1);
}

/* A row of the table, from the text between two of its ends. */
static str row_with(const struct answer *answer, const char *part)
{
    str rest = answer->text, row;
    while (str_next(&rest, '\n', &row)) {
        if (holds(row, str_from(part)))
            return str_trim(row);
    }
    return STR("");
}

static struct answer table_of(const char *body)
{
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))},
        {STR("Accept"), STR("text/csv")}};
    return ask_with(&server, "POST", STR("/v1/export"), "application/json", str_from(body), fields,
                    2);
}

/* People go out as a table that no spreadsheet calculates, each decided for their own. */
static void a_purpose_is_exported_as_a_table_for_reading(void **state)
{
    (void)state;
    struct answer weighed = post(&server, "/v1/evidence",
                                 "{\"type\":\"balancing\",\"purpose\":\"support\","
                                 "\"particulars\":{\"reference\":\"w 1\"}}");
    expect(&weighed, 201);
    struct answer came = send_csv(usual, NULL,
                                  str_from("Kundenr;Dato;E-post;Spørsmål\n"
                                           "T-1;;t1@canary.example;\"=1+1;\"\"a\"\"\"\n"
                                           "T-2;;t2@canary.example;Nei\n"));
    expect_rows(&came, 2, 0, "");
    struct answer found =
        post(&server, "/v1/subjects/find", "{\"kind\":\"number\",\"value\":\"T-2\"}");
    str id = STR("");
    assert_true(json_str(json_get(found.json, "ids")->child, &id));
    struct answer objected = post_subject(&server, id, "restrictions", "{\"reason\":\"accuracy\"}");
    expect(&objected, 201);
    struct answer table = table_of("{\"purpose\":\"support\",\"fields\":[\"question\","
                                   "\"contact.email\"]}");
    expect(&table, 200);
    assert_true(holds(table.media, STR("text/csv")));
    assert_true(
        str_starts(table.text, STR("subject,allowed,refused,contact.email,question.text\r\n")));
    assert_true(str_ends(row_with(&table, "t1@canary.example"),
                         STR(",true,,t1@canary.example,\"'=1+1;\"\"a\"\"\"")));
    assert_false(holds(table.text, STR("t2@canary.example")));
    assert_true(holds(row_with(&table, arena_c_string(server.arena, id)), STR(",false,")));
    assert_true(str_starts(row_with(&table, "end,"), STR("end,")));
    struct answer whole = table_of("{}");
    expect_problem(&whole, 422, "/problems/invalid");
    struct answer unknown = table_of("{\"purpose\":\"support\",\"fields\":[\"borte\"]}");
    expect_problem(&unknown, 422, "/problems/invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_people_and_what_is_wrong_is_told_by_line_and_column),
        cmocka_unit_test(what_a_row_became_is_read_as_what_was_in_its_cells),
        cmocka_unit_test(nothing_is_taken_when_the_file_or_the_mapping_is_another),
        cmocka_unit_test(a_mapping_and_a_csv_file_go_together),
        cmocka_unit_test(a_row_without_an_end_is_cut_off_and_the_rest_stands),
        cmocka_unit_test(the_rows_of_one_file_come_in_any_pieces),
        cmocka_unit_test(a_purpose_is_exported_as_a_table_for_reading),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
