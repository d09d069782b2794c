/* What the pages are sent with, and what is refused; on a table of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "site.h"

#define FORM(text)                                                                                 \
    {                                                                                              \
        (const unsigned char *)(text), (const unsigned char *)(text) + sizeof(text) - 1            \
    }

static const struct site_file files[] = {
    {"/mine",
     "text/html; charset=utf-8",
     "1111",
     "default-src 'none'",
     false,
     {FORM("<html>"), FORM("gz"), FORM("br")}},
    {"/assets/mine-1f2e.js",
     "text/javascript; charset=utf-8",
     "2222",
     NULL,
     true,
     {FORM("let x"), FORM("GZ"), FORM("BR")}},
};
static const struct site site = {files, LENGTH(files)}, none = {NULL, 0};

/* ---- a reply that is kept ---- */

struct http_reply {
    int code;
    str media, body;
    struct http_field fields[16];
    size_t field_count;
};

void http_answer(struct http_reply *reply, int code, str content_type,
                 const struct http_field *extra, size_t extra_count, str body)
{
    assert_int_equal(reply->code, 0);
    assert_true(extra_count <= LENGTH(reply->fields));
    *reply = (struct http_reply){.code = code, .media = content_type, .body = body};
    for (size_t i = 0; i < extra_count; i++)
        reply->fields[reply->field_count++] = extra[i];
}

static struct http_field sent[2];

str http_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->field_count; i++) {
        if (str_is(request->fields[i].name, name))
            return request->fields[i].value;
    }
    return (str){0};
}

static str field(const struct http_reply *reply, const char *name)
{
    str value = {0};
    for (size_t i = 0; i < reply->field_count; i++) {
        if (!str_is(reply->fields[i].name, name))
            continue;
        assert_null(value.ptr); /* each is said once */
        value = reply->fields[i].value;
    }
    return value;
}

static struct arena *arena;

static struct http_reply ask_by(const struct site *of, const char *method, const char *path,
                                const char *accepted, const char *known)
{
    struct http_reply reply = {0};
    sent[0] = (struct http_field){STR("Accept-Encoding"), str_from(accepted)};
    sent[1] = (struct http_field){STR("If-None-Match"), str_from(known)};
    struct http_request request = {.method = str_from(method),
                                   .path = str_from(path),
                                   .arena = arena,
                                   .fields = sent,
                                   .field_count = 2};
    if (!site_handle(of, &request, &reply))
        assert_int_equal(reply.code, 0);
    return reply;
}

static struct http_reply ask(const char *path)
{
    return ask_by(&site, "GET", path, "", "");
}

/* ---- tests ---- */

static void a_page_is_given_with_a_policy_and_asked_for_anew_each_time(void **state)
{
    (void)state;
    struct http_reply page = ask("/mine");
    assert_int_equal(page.code, 200);
    assert_true(str_is(page.body, "<html>"));
    assert_true(str_is(page.media, "text/html; charset=utf-8"));
    assert_true(str_is(field(&page, "Content-Security-Policy"), "default-src 'none'"));
    assert_true(str_is(field(&page, "Cache-Control"), "no-cache"));
    assert_true(str_is(field(&page, "Vary"), "Accept-Encoding"));
    assert_true(str_is(field(&page, "ETag"), "\"1111\""));
    assert_true(str_is(field(&page, "Cross-Origin-Opener-Policy"), "same-origin"));
    assert_true(str_is(field(&page, "Cross-Origin-Resource-Policy"), "same-origin"));
    assert_true(str_is(field(&page, "X-Frame-Options"), "DENY"));
    assert_true(str_is(field(&page, "X-Robots-Tag"), "noindex"));
    assert_true(str_is(field(&page, "Integrity-Policy"), "blocked-destinations=(script)"));
    assert_true(str_starts(field(&page, "Permissions-Policy"), STR("camera=()")));
    assert_true(str_ends(field(&page, "Permissions-Policy"), STR("usb=()")));
}

static void a_file_with_a_hash_in_its_name_is_kept_for_ever(void **state)
{
    (void)state;
    struct http_reply script = ask("/assets/mine-1f2e.js");
    assert_int_equal(script.code, 200);
    assert_true(str_is(field(&script, "Cache-Control"), "public, max-age=31536000, immutable"));
    assert_true(str_is(field(&script, "Cross-Origin-Resource-Policy"), "same-origin"));
    assert_null(field(&script, "Content-Security-Policy").ptr);
}

static void every_path_below_a_page_is_that_page(void **state)
{
    (void)state;
    assert_true(str_is(ask("/mine/requests/7Qx_-a").body, "<html>"));
    assert_true(str_is(ask("/mine/").body, "<html>"));
    assert_int_equal(ask("/minefield").code, 0);
    assert_int_equal(ask("/v1/me").code, 0);
    assert_int_equal(ask("/").code, 0);
}

static void no_path_leads_out_of_the_table(void **state)
{
    (void)state;
    static const char *const paths[] = {"/mine/../v1/me",
                                        "/mine/%2e%2e/etc",
                                        "/mine/a.b",
                                        "/assets",
                                        "/assets/",
                                        "/assets/../mine",
                                        "/assets/mine-1f2e.js/",
                                        "/assets/mine-1f2e.js%00",
                                        "/assets//mine-1f2e.js",
                                        "/assets/MINE-1f2e.js",
                                        "/admin",
                                        "/mine/\xc3\xb8",
                                        "/assets/..%2fmine-1f2e.js"};
    for (size_t i = 0; i < LENGTH(paths); i++) {
        struct http_reply reply = ask(paths[i]);
        assert_int_equal(reply.code, 404);
        assert_true(str_is(reply.media, "text/plain; charset=utf-8"));
    }
}

static void the_smallest_form_that_a_client_reads_is_given(void **state)
{
    (void)state;
    static const struct {
        const char *accepted, *body, *coding, *tag;
    } cases[] = {
        {"gzip, deflate, br", "br", "br", "\"1111-br\""},
        {"BR", "br", "br", "\"1111-br\""},
        {"gzip;q=1.0, br;q=0", "gz", "gzip", "\"1111-gz\""},
        {"gzip ; q=0.5", "gz", "gzip", "\"1111-gz\""},
        {"br;q=0.000, gzip;Q=0", "<html>", NULL, "\"1111\""},
        {"br;q=0.001", "br", "br", "\"1111-br\""},
        {"", "<html>", NULL, "\"1111\""},
        {"*", "<html>", NULL, "\"1111\""},
        {"brotli, x-gzip, ;;,,q=", "<html>", NULL, "\"1111\""},
        {"identity", "<html>", NULL, "\"1111\""},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct http_reply page = ask_by(&site, "GET", "/mine", cases[i].accepted, "");
        str coding = field(&page, "Content-Encoding");
        assert_true(str_is(page.body, cases[i].body));
        assert_true(str_is(field(&page, "ETag"), cases[i].tag));
        assert_true(cases[i].coding == NULL ? coding.ptr == NULL : str_is(coding, cases[i].coding));
    }
}

static void whoever_has_it_is_told_so_by_form(void **state)
{
    (void)state;
    struct http_reply same = ask_by(&site, "GET", "/mine", "br", "\"0\", \"1111-br\"");
    assert_int_equal(same.code, 304);
    assert_int_equal(same.body.len, 0);
    assert_true(str_is(field(&same, "ETag"), "\"1111-br\""));
    assert_true(str_is(field(&same, "Content-Security-Policy"), "default-src 'none'"));
    assert_int_equal(ask_by(&site, "GET", "/mine", "br", "W/\"1111-br\"").code, 304);
    assert_int_equal(ask_by(&site, "GET", "/mine", "br", "*").code, 304);
    assert_int_equal(ask_by(&site, "GET", "/mine", "gzip", "\"1111-br\"").code, 200);
    assert_int_equal(ask_by(&site, "GET", "/mine", "br", "1111-br").code, 200);
}

static void a_page_is_read_and_nothing_else(void **state)
{
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"};
    for (size_t i = 0; i < LENGTH(methods); i++) {
        struct http_reply reply = ask_by(&site, methods[i], "/mine", "", "");
        assert_int_equal(reply.code, 405);
        assert_true(str_is(field(&reply, "Allow"), "GET, HEAD"));
    }
    assert_int_equal(ask_by(&site, "HEAD", "/mine", "", "").code, 200);
}

static void a_binary_without_pages_says_so(void **state)
{
    (void)state;
    struct http_reply reply = ask_by(&none, "GET", "/mine", "", "");
    assert_int_equal(reply.code, 404);
    assert_true(str_ends(reply.body, STR("it was made without Node\n")));
    assert_int_equal(ask_by(&none, "GET", "/v1/me", "", "").code, 0);
}

/* Either this build has its pages, whole in each form, or it has nothing. */
static void this_binary_has_all_pages_or_none(void **state)
{
    (void)state;
    if (site_built.count == 0)
        return;
    struct http_reply mine = ask_by(&site_built, "GET", "/mine", "", "");
    struct http_reply admin = ask_by(&site_built, "GET", "/admin/requests", "", "");
    assert_int_equal(mine.code, 200);
    assert_int_equal(admin.code, 200);
    for (size_t i = 0; i < site_built.count; i++) {
        const struct site_file *file = &site_built.files[i];
        for (size_t form = 0; form < SITE_FORMS; form++)
            assert_true(file->form[form].end > file->form[form].at);
        assert_true(!file->immutable || file->policy == NULL);
    }
}

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_given_with_a_policy_and_asked_for_anew_each_time),
        cmocka_unit_test(a_file_with_a_hash_in_its_name_is_kept_for_ever),
        cmocka_unit_test(every_path_below_a_page_is_that_page),
        cmocka_unit_test(no_path_leads_out_of_the_table),
        cmocka_unit_test(the_smallest_form_that_a_client_reads_is_given),
        cmocka_unit_test(whoever_has_it_is_told_so_by_form),
        cmocka_unit_test(a_page_is_read_and_nothing_else),
        cmocka_unit_test(a_binary_without_pages_says_so),
        cmocka_unit_test(this_binary_has_all_pages_or_none),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
