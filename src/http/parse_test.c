/* The parser alone: what it accepts, what it refuses, and that cuts between reads do not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "parse_internal.h"

/* What came out of some bytes, as text: "head GET /x|body abc|end|". */
struct trace {
    char text[4096];
    struct buf buf;
    int code;
    struct head head;
};

static void note_piece(struct trace *trace, str piece, bool *in_body)
{
    if (!*in_body)
        buf_text(&trace->buf, "body ");
    *in_body = true;
    buf_add(&trace->buf, piece);
}

static void note_head(struct trace *trace)
{
    const struct http_request *request = &trace->head.request;
    buf_format(&trace->buf, "head %.*s %.*s", STR_ARG(request->method), STR_ARG(request->path));
    if (request->query.len > 0)
        buf_format(&trace->buf, "?%.*s", STR_ARG(request->query));
    buf_text(&trace->buf, trace->head.keep_alive ? "|" : " close|");
}

/* Feeds `input` in pieces of at most `step` bytes. */
static void run(struct trace *trace, str input, size_t step)
{
    trace->buf = buf_over(trace->text, sizeof(trace->text));
    trace->code = 0;
    struct parser parser = {.header_limit = 2048, .target_limit = 256};
    parser_begin(&parser, &trace->head);
    bool in_body = false;
    for (size_t at = 0; at < input.len; at += step) {
        str part = str_slice(input, at, at + step), piece = {0};
        enum parse_event event;
        while ((event = parser_next(&parser, &part, &piece)) != PARSE_MORE) {
            if (event == PARSE_BODY) {
                note_piece(trace, piece, &in_body);
                continue;
            }
            if (in_body)
                buf_char(&trace->buf, '|');
            in_body = false;
            if (event == PARSE_HEAD)
                note_head(trace);
            if (event == PARSE_REFUSED) {
                trace->code = refusal_problem(parser.refusal).code;
                buf_format(&trace->buf, "refused %d|", trace->code);
                return;
            }
            if (event == PARSE_END) {
                buf_text(&trace->buf, "end|");
                parser_begin(&parser, &trace->head);
            }
        }
    }
}

static void expect_trace(const char *input, const char *expected)
{
    static const size_t steps[] = {SIZE_MAX / 2, 1, 2, 3, 7, 64};
    for (size_t i = 0; i < LENGTH(steps); i++) {
        struct trace trace = {0};
        run(&trace, str_from(input), steps[i]);
        assert_false(trace.buf.full);
        buf_char(&trace.buf, '\0');
        assert_string_equal(trace.text, expected);
        bytes_free(&trace.head.raw);
    }
}

static void expect_code(const char *input, int code)
{
    char expected[32];
    snprintf(expected, sizeof(expected), "refused %d|", code);
    expect_trace(input, expected);
}

#define GET  "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"

static void plain_requests_are_read_one_after_another(void **state)
{
    (void)state;
    expect_trace(GET "\r\n" GET "\r\n", "head GET /|end|head GET /|end|");
    expect_trace("\r\n" GET "\r\n", "head GET /|end|");
    expect_trace("GET /a%20b?q=1&r=?/ HTTP/1.1\r\nHost: a\r\n\r\n",
                 "head GET /a%20b?q=1&r=?/|end|");
    expect_trace("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "head GET / close|end|");
    expect_trace("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", "head GET /|end|");
    expect_trace(GET "Connection: x, Close\r\n\r\n", "head GET / close|end|");
}

static void bodies_come_by_length_or_in_chunks(void **state)
{
    (void)state;
    expect_trace(POST "Content-Length: 3\r\n\r\nabc" GET "\r\n",
                 "head POST /|body abc|end|head GET /|end|");
    expect_trace(POST "Content-Length: 0\r\n\r\n", "head POST /|end|");
    expect_trace(POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n"
                      "0\r\nTrailer: x\r\n\r\n" GET "\r\n",
                 "head POST /|body abc0123456789|end|head GET /|end|");
}

static void targets_are_taken_in_origin_absolute_and_asterisk_form(void **state)
{
    (void)state;
    expect_trace("GET http://b:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n", "head GET /x?y|end|");
    expect_trace("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "head GET /|end|");
    expect_trace("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "head OPTIONS *|end|");
    expect_code("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 405);
    expect_code("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405);
    expect_code("NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n", 405);
}

static void bad_escapes_and_odd_characters_in_targets_are_refused(void **state)
{
    (void)state;
    expect_code("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("GET /\xc3\xa6 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    expect_code("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400);
}

static void lines_end_in_cr_lf_and_are_not_folded(void **state)
{
    (void)state;
    expect_code("GET / HTTP/1.1\nHost: a\n\n", 400);
    expect_code("GET / HTTP/1.1\r\nHost: a\n\r\n", 400);
    expect_code(GET "X: a\rb\r\n\r\n", 400);
    expect_code(GET "X: a\r\r\n\r\n", 400);
    expect_code(GET "X: a\r\n b\r\n\r\n", 400);
    expect_code(GET "X: a\r\n\tb\r\n\r\n", 400);
    expect_code("\r\n\r\n" GET "\r\n", 400);
}

static void a_body_is_framed_in_exactly_one_way(void **state)
{
    (void)state;
    expect_code(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
    expect_code(POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400);
    expect_code(POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400);
    expect_code(POST "Content-Length: 3, 3\r\n\r\nabc", 400);
    expect_code(POST "Content-Length: +3\r\n\r\nabc", 400);
    expect_code(POST "Content-Length: \r\n\r\nabc", 400);
    expect_code(POST "Content-Length: 99999999999999999999\r\n\r\n", 400);
    expect_code(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    expect_code(POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501);
    expect_code("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 501);
}

static void broken_chunks_are_refused(void **state)
{
    (void)state;
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
    expect_trace(CHUNKED "g\r\n", "head POST /|refused 400|");
    expect_trace(CHUNKED "\r\n", "head POST /|refused 400|");
    expect_trace(CHUNKED "3\nabc\n0\n\n", "head POST /|refused 400|");
    expect_trace(CHUNKED "3 \r\nabc\r\n", "head POST /|refused 400|");
    expect_trace(CHUNKED "0x3\r\nabc\r\n", "head POST /|refused 400|");
    expect_trace(CHUNKED "ffffffffffffffffff\r\n", "head POST /|refused 400|");
    expect_trace(CHUNKED "3\r\nabcX\r\n", "head POST /|body abc|refused 400|");
    expect_trace(CHUNKED "3\r\nabc\n", "head POST /|body abc|refused 400|");
    expect_trace(CHUNKED "0\r\n folded\r\n\r\n", "head POST /|refused 400|");
    expect_trace(CHUNKED "0\r\nA: b\n\r\n", "head POST /|refused 400|");
}

static void one_host_and_one_of_each_known_header_is_demanded(void **state)
{
    (void)state;
    expect_code("GET / HTTP/1.1\r\n\r\n", 400);
    expect_code("GET / HTTP/1.0\r\n\r\n", 400);
    expect_code(GET "Host: a\r\n\r\n", 400);
    expect_code(GET "Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n", 400);
    expect_code(GET "Idempotency-Key: a\r\nIdempotency-Key: a\r\n\r\n", 400);
    expect_code(GET "Expect: tea\r\n\r\n", 417);
    expect_code("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505);
    expect_code("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505);
    expect_code("GET /\r\n\r\n", 400);
    expect_code(GET "X : a\r\n\r\n", 400);
    expect_code(GET "nocolon\r\n\r\n", 400);
    expect_code(GET ": a\r\n\r\n", 400);
    expect_code(GET "X: a\x01\r\n\r\n", 400);
}

static void heads_are_bounded_in_target_bytes_and_fields(void **state)
{
    (void)state;
    char input[8192];
    struct buf buf = buf_over(input, sizeof(input));
    buf_text(&buf, "GET /");
    for (int i = 0; i < 256; i++)
        buf_char(&buf, 'x');
    buf_text(&buf, " HTTP/1.1\r\nHost: a\r\n\r\n");
    buf_char(&buf, '\0');
    expect_code(input, 414);
    memset(input, 'x', 4096);
    input[4096] = '\0';
    expect_code(input, 414);

    buf = buf_over(input, sizeof(input));
    buf_text(&buf, GET "X: ");
    for (int i = 0; i < 2048; i++)
        buf_char(&buf, 'x');
    buf_text(&buf, "\r\n\r\n");
    buf_char(&buf, '\0');
    expect_code(input, 431);

    buf = buf_over(input, sizeof(input));
    buf_text(&buf, GET);
    for (int i = 0; i < LIMIT_HEADER_FIELDS; i++)
        buf_text(&buf, "X: y\r\n");
    buf_text(&buf, "\r\n");
    buf_char(&buf, '\0');
    expect_code(input, 431);
}

static void values_are_trimmed_and_found_by_name_in_any_case(void **state)
{
    (void)state;
    struct head head = {0};
    struct parser parser = {.header_limit = 2048, .target_limit = 256};
    parser_begin(&parser, &head);
    str input = STR(GET "X-One: \t a b \t \r\nEmpty:\r\nContent-Type: text/plain\r\n\r\n"), piece;
    assert_int_equal(parser_next(&parser, &input, &piece), PARSE_HEAD);
    assert_true(str_is(http_header(&head.request, "x-one"), "a b"));
    assert_non_null(http_header(&head.request, "EMPTY").ptr);
    assert_int_equal(http_header(&head.request, "EMPTY").len, 0);
    assert_null(http_header(&head.request, "absent").ptr);
    assert_true(str_is(head.request.content_type, "text/plain"));
    assert_true(str_is(head.request.host, "a"));
    bytes_free(&head.raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_requests_are_read_one_after_another),
        cmocka_unit_test(bodies_come_by_length_or_in_chunks),
        cmocka_unit_test(targets_are_taken_in_origin_absolute_and_asterisk_form),
        cmocka_unit_test(bad_escapes_and_odd_characters_in_targets_are_refused),
        cmocka_unit_test(lines_end_in_cr_lf_and_are_not_folded),
        cmocka_unit_test(a_body_is_framed_in_exactly_one_way),
        cmocka_unit_test(broken_chunks_are_refused),
        cmocka_unit_test(one_host_and_one_of_each_known_header_is_demanded),
        cmocka_unit_test(heads_are_bounded_in_target_bytes_and_fields),
        cmocka_unit_test(values_are_trimmed_and_found_by_name_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
