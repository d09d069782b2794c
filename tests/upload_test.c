/* Files over HTTP, against a real server: streams in and out, clients that go, are slow or lie. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limits.h"
#include "process.h"
#include "zip.h"

#include "instant.h"

static struct process server;
static str person; /* a candidate who has sent the form */

enum { CV = 5 << 20, MOST = LIMIT_FILE_BYTES };

static const char marker[] = "CANARY-FILE-BYTES-7f31";

static int start(void **state)
{
    (void)state;
    process_open(&server, NULL);
    struct answer made = post(&server, "/v1/subjects",
                              "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"U-1\"}],"
                              "\"roles\":[\"candidate\"]}");
    expect(&made, 201);
    person = arena_copy(server.arena, text_of(&made, "id"));
    struct answer event = post_subject(&server, person, "events",
                                       "{\"event\":\"application_received\",\"by_subject\":true}");
    expect(&event, 200 + 1);
    struct answer form = post_subject(
        &server, person, "collect",
        "{\"intake\":\"job_form\",\"source\":\"person\",\"channel\":\"web\",\"values\":"
        "{\"contact.name\":\"Ada\",\"contact.email\":\"ada@example.org\"}}");
    expect(&form, 201);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* ---- steps ---- */

/* Not of the arena, which would keep every one of them. */
static str file_of(size_t size)
{
    char *bytes = malloc(size);
    assert_non_null(bytes);
    uint64_t seed = size;
    for (size_t i = 0; i < size; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (char)(seed >> 56);
    }
    if (size > 2 * sizeof(marker)) {
        memcpy(bytes + 5, marker, sizeof(marker) - 1);
        memcpy(bytes + size / 2, marker, sizeof(marker) - 1);
    }
    return (str){bytes, size};
}

static void give_back(str bytes)
{
    free((char *)(uintptr_t)bytes.ptr);
}

static str open_upload(size_t size)
{
    char body[300];
    (void)snprintf(body, sizeof(body),
                   "{\"field\":\"application.cv\",\"optional\":true,\"intake\":\"job_form\","
                   "\"source\":\"person\",\"channel\":\"web\",\"media\":\"application/pdf\","
                   "\"name\":\"Ada \\u00f8 cv.pdf\",\"size\":%zu}",
                   size);
    struct answer opened = post_subject(&server, person, "files", body);
    expect(&opened, 201);
    return arena_copy(server.arena, text_of(&opened, "record"));
}

static str path_of(str record, const char *verb)
{
    return arena_format(server.arena, "/v1/subjects/%.*s/files/%.*s%s", STR_ARG(person),
                        STR_ARG(record), verb);
}

static struct answer put_with(str record, str bytes, const char *media)
{
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    return ask_with(&server, "PUT", path_of(record, "/bytes"), media, bytes, &field, 1);
}

static str put_file(str bytes)
{
    str record = open_upload(bytes.len);
    struct answer put = put_with(record, bytes, "application/octet-stream");
    expect(&put, 201);
    assert_true(str_equal(text_of(&put, "record"), record));
    return record;
}

static struct http_response get_file(str record, struct arena *arena)
{
    CLEANUP(http_client_close) struct http_client *client = NULL;
    struct report report = {0};
    struct http_response response = {0};
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    struct http_call call = {.method = "POST",
                             .target = path_of(record, "/read"),
                             .fields = &field,
                             .field_count = 1,
                             .content_type = STR("application/json"),
                             .body = STR("{\"purpose\":\"recruitment\"}")};
    assert_true(is_ok(http_client_open("127.0.0.1", server.port, 0, &report, &client)));
    status got = http_client_call(client, &call, arena, &report, &response);
    if (!is_ok(got))
        fail_msg("%s", report.text);
    return response;
}

static void is_not_there(str record)
{
    struct answer read = ask(&server, server.token, "POST", path_of(record, "/read"),
                             STR("{\"purpose\":\"recruitment\"}"));
    assert_true(read.code == 404 || read.code == 403);
}

static str head_of(const char *method, str path, const char *rest)
{
    return arena_format(server.arena,
                        "%s %.*s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %.*s\r\n%s",
                        method, STR_ARG(path), STR_ARG(server.token), rest);
}

/* ---- tests ---- */

static void a_file_goes_out_as_bytes_to_be_saved_and_never_to_be_shown(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)64 << 20);
    str bytes = file_of(CV);
    str record = put_file(bytes);
    struct http_response response = get_file(record, arena);
    assert_int_equal(response.code, 200);
    assert_true(str_equal(response.body, bytes));
    assert_true(str_is(response.content_type, "application/octet-stream"));
    assert_true(str_is(http_response_header(&response, "Content-Disposition"),
                       "attachment; filename*=UTF-8''Ada%20%C3%B8%20cv.pdf"));
    assert_true(str_is(http_response_header(&response, "X-Content-Type-Options"), "nosniff"));
    assert_true(str_is(http_response_header(&response, "Cache-Control"), "no-store"));
    assert_true(str_is(http_response_header(&response, "Content-Security-Policy"),
                       "default-src 'none'; sandbox"));
    /* Her own copy is the same bytes, and the access answer says where they are. */
    struct answer access = post_subject(&server, person, "access", "{}");
    expect(&access, 200);
    assert_true(holds(access.text, path_of(record, "/copy")));
    struct answer shown =
        ask(&server, server.token, "GET",
            arena_format(server.arena, "/v1/subjects/%.*s", STR_ARG(person)), STR(""));
    assert_true(holds(shown.text, STR("\"file_bytes\":5242880")));
    give_back(bytes);
}

static void another_type_length_or_path_is_refused(void **state)
{
    (void)state;
    str bytes = file_of(3000), record = open_upload(3000);
    static const char *const media[] = {"application/pdf", "text/html", "multipart/form-data", ""};
    for (size_t i = 0; i < LENGTH(media); i++) {
        struct answer put = put_with(record, bytes, media[i]);
        expect_problem(&put, 415, "/problems/media");
    }
    /* It is still open: nothing of it was taken. Longer than said is refused by its head. */
    str longer = file_of(3001);
    struct answer put = put_with(record, longer, "application/octet-stream");
    assert_int_equal(put.code, 413);
    is_not_there(record);
    put = put_with(record, bytes, "application/octet-stream");
    expect_problem(&put, 404, "/problems/not_found"); /* one try */
    record = open_upload(3000);
    put = put_with(record, str_slice(bytes, 0, 2999), "application/octet-stream");
    expect_problem(&put, 422, "/problems/invalid");
    is_not_there(record);
    struct answer large = post_subject(&server, person, "files",
                                       "{\"field\":\"application.cv\",\"media\":\"a/b\","
                                       "\"intake\":\"job_form\",\"size\":34603008}");
    expect_problem(&large, 413, "/problems/limit");
    give_back(bytes);
    give_back(longer);
}

/* S01's CV taken in chunks of any size, and a token that is not the opener's. */
static void chunked_bodies_are_taken_and_measured(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)8 << 20);
    str bytes = file_of(200000), record = open_upload(bytes.len);
    int socket = raw_connect(&server);
    raw_send(socket, head_of("PUT", path_of(record, "/bytes"),
                             "Content-Type: application/octet-stream\r\nConnection: close\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n"));
    for (size_t at = 0, size = 1; at < bytes.len; at += size, size = size * 3 % 4097 + 1) {
        size_t end = at + size < bytes.len ? at + size : bytes.len;
        char line[16];
        int length = snprintf(line, sizeof(line), "%zx\r\n", end - at);
        raw_send(socket, (str){line, (size_t)length});
        raw_send(socket, str_slice(bytes, at, end));
        raw_send(socket, STR("\r\n"));
    }
    raw_send(socket, STR("0\r\n\r\n"));
    str reply = raw_read_all(&server, socket);
    assert_true(str_starts(reply, STR("HTTP/1.1 201")));
    struct http_response response = get_file(record, arena);
    assert_true(str_equal(response.body, bytes));
    /* One byte too many is refused while it comes. */
    record = open_upload(10);
    socket = raw_connect(&server);
    raw_send(socket, head_of("PUT", path_of(record, "/bytes"),
                             "Content-Type: application/octet-stream\r\nConnection: close\r\n"
                             "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"));
    reply = raw_read_all(&server, socket);
    assert_true(str_starts(reply, STR("HTTP/1.1 413")));
    is_not_there(record);
    str other = new_token(&server, "\"scopes\":[\"collect\"]");
    record = open_upload(4);
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(other))};
    struct answer put = ask_with(&server, "PUT", path_of(record, "/bytes"),
                                 "application/octet-stream", STR("abcd"), &field, 1);
    expect_problem(&put, 404, "/problems/not_found");
    give_back(bytes);
}

static void a_client_that_goes_in_the_middle_leaves_no_file(void **state)
{
    (void)state;
    str bytes = file_of(1 << 20), record = open_upload(bytes.len);
    int socket = raw_connect(&server);
    raw_send(socket, head_of("PUT", path_of(record, "/bytes"),
                             "Content-Type: application/octet-stream\r\n"
                             "Content-Length: 1048576\r\n\r\n"));
    raw_send(socket, str_slice(bytes, 0, 700000));
    shutdown(socket, SHUT_WR);
    (void)raw_read_all(&server, socket);
    is_not_there(record);
    struct answer put = put_with(record, bytes, "application/octet-stream");
    expect_problem(&put, 404, "/problems/not_found");
    give_back(bytes);
}

/* COB-81 */
static void a_card_number_in_a_text_file_is_refused_over_http(void **state)
{
    (void)state;
    char *text = malloc(150000);
    assert_non_null(text);
    memset(text, 'a', 150000);
    memcpy(text + 65530, " 4111 1111 1111 1111 ", 21);
    str record = open_upload(150000);
    struct answer put = put_with(record, (str){text, 150000}, "application/octet-stream");
    expect_problem(&put, 403, "/problems/refused");
    assert_true(str_is(text_of(&put, "rule"), "categories.card.never") ||
                holds(text_of(&put, "rule"), STR("card")));
    assert_false(holds(put.text, STR("4111")));
    is_not_there(record);
    free(text);
}

static const struct json *file_in(const struct answer *copy, str record)
{
    str id;
    for (JSON_EACH(item, json_get(copy->json, "items"))) {
        if (json_str(json_get(item, "item"), &id) && str_equal(id, record))
            return json_get(item, "file");
    }
    fail_msg("no file in %.*s", STR_ARG(copy->text));
    return NULL;
}

static void digest_is(str record, const char *verb, const char *sha256)
{
    struct answer copy = post_subject(&server, person, verb, "{\"by_subject\":true}");
    expect(&copy, 200);
    const struct json *file = file_in(&copy, record);
    str text;
    assert_true(json_str(json_get(file, "sha256"), &text) && str_is(text, sha256));
    assert_true(json_str(json_get(file, "at"), &text) && str_equal(text, path_of(record, "/copy")));
    struct answer bytes = ask(&server, server.token, "POST", text, STR("{\"portability\":true}"));
    expect(&bytes, 200);
}

/* CON-61, INF-71, INF-72, HOS-54: the portable copy names each file, the address of its bytes and
 * by what whoever takes them over knows that they are whole. The digests are published ones. */
static void the_portable_copy_says_where_a_file_is_and_by_what_it_is_known(void **state)
{
    (void)state;
    enum { MILLION = 1000000 };
    char *many = malloc(MILLION);
    assert_non_null(many);
    memset(many, 'a', MILLION);
    str one = put_file(STR("abc")), parts = put_file((str){many, MILLION});
    free(many);
    static const char *const verbs[] = {"portability", "access"};
    for (size_t i = 0; i < LENGTH(verbs); i++) {
        digest_is(one, verbs[i],
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        digest_is(parts, verbs[i],
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

/* Who reads nothing holds up nobody, and who goes is forgotten. */
static void a_slow_reader_holds_up_nobody(void **state)
{
    (void)state;
    str bytes = file_of(20 << 20);
    str record = put_file(bytes);
    give_back(bytes);
    int slow[3];
    for (size_t i = 0; i < LENGTH(slow); i++) {
        slow[i] = raw_connect(&server);
        raw_send(slow[i], head_of("POST", path_of(record, "/read"),
                                  "Content-Type: application/json\r\nContent-Length: 25\r\n\r\n"
                                  "{\"purpose\":\"recruitment\"}"));
    }
    for (int i = 0; i < 20; i++) {
        struct answer health = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
        expect(&health, 200);
    }
    for (size_t i = 0; i < LENGTH(slow); i++)
        close(slow[i]);
    struct answer erased = post_subject(&server, person, "rectify",
                                        "{\"item\":\"AAECAwQFBgcICQoLDA0ODw\",\"value\":\"x\"}");
    assert_int_equal(erased.code, 404);
    assert_true(process_runs(&server));
}

/* What the process holds for itself; pages of data.db that the system lends it are none of that. */
static long own_kilobytes(void)
{
    char path[64], line[256];
    long held = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)server.server);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "RssAnon:", 8) == 0)
            held = strtol(line + 8, NULL, 10);
    }
    fclose(file);
    return held;
}

static void receive(int socket, size_t bytes)
{
    char room[16384];
    while (bytes > 0) {
        ssize_t count = recv(socket, room, bytes < sizeof(room) ? bytes : sizeof(room), 0);
        assert_true(count > 0);
        bytes -= (size_t)count;
    }
}

/* G12: of 32 MB the server never holds more than a few parts, in or out. */
static void the_largest_file_takes_no_more_memory_than_a_small_one(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)256 << 20);
    str bytes = file_of(MOST);
    str record = put_file(bytes); /* fills the database's own cache */
    struct http_response response = get_file(record, arena);
    assert_true(str_equal(response.body, bytes));
    long before_ = own_kilobytes();
    record = open_upload(MOST);
    int socket = raw_connect(&server);
    raw_send(socket, head_of("PUT", path_of(record, "/bytes"),
                             "Content-Type: application/octet-stream\r\nConnection: close\r\n"
                             "Content-Length: 33554432\r\n\r\n"));
    raw_send(socket, str_slice(bytes, 0, MOST - 1));
    long within = own_kilobytes();
    raw_send(socket, str_slice(bytes, MOST - 1, MOST));
    assert_true(str_starts(raw_read_all(&server, socket), STR("HTTP/1.1 201")));
    socket = raw_connect(&server);
    raw_send(socket, head_of("POST", path_of(record, "/read"),
                             "Content-Type: application/json\r\nContent-Length: 25\r\n\r\n"
                             "{\"purpose\":\"recruitment\"}"));
    receive(socket, MOST / 2);
    long out = own_kilobytes();
    close(socket);
    print_message("32 MB: %ld KB more while they come, %ld KB while they go\n", within - before_,
                  out - before_);
    assert_true(within - before_ < 4 << 10 && out - before_ < 4 << 10);
    give_back(bytes);
}

/* ---- the package that she takes along ---- */

static int ask_package(void)
{
    int socket = raw_connect(&server);
    raw_send(socket,
             head_of("POST",
                     arena_format(server.arena, "/v1/subjects/%.*s/package", STR_ARG(person)),
                     "Content-Type: application/json\r\nConnection: close\r\n"
                     "Content-Length: 2\r\n\r\n{}"));
    return socket;
}

static void save_bytes(void *self, str bytes)
{
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, self), bytes.len);
}

static const char *package_saved(struct arena *arena)
{
    const char *path = arena_c_string(arena, arena_format(arena, "%s/package.zip", server.dir));
    FILE *file = fopen(path, "w");
    CLEANUP(http_client_close) struct http_client *client = NULL;
    struct report report = {0};
    struct http_response response = {0};
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    struct http_call call = {.method = "POST",
                             .target =
                                 arena_format(arena, "/v1/subjects/%.*s/package", STR_ARG(person)),
                             .fields = &field,
                             .field_count = 1,
                             .content_type = STR("application/json"),
                             .body = STR("{}"),
                             .take = save_bytes,
                             .taker = file};
    assert_non_null(file);
    assert_true(is_ok(http_client_open("127.0.0.1", server.port, 0, &report, &client)));
    if (!is_ok(http_client_call(client, &call, arena, &report, &response)))
        fail_msg("%s", report.text);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(response.code, 200);
    assert_true(str_is(response.content_type, "application/zip"));
    assert_true(str_is(http_response_header(&response, "Content-Disposition"),
                       "attachment; filename*=UTF-8''vern-package.zip"));
    return path;
}

/* By another reader than the one whose library wrote it; it looks at every sum. */
static void others_can_open(struct arena *arena, const char *path)
{
    str command = arena_format(arena, "/usr/bin/python3 -m zipfile -t '%s' >/dev/null 2>&1", path);
    assert_int_equal(system(arena_c_string(arena, command)), 0);
}

static uint64_t size_in_zip(struct zip_in *zip)
{
    struct report report = {0};
    char room[16384];
    uint64_t size = 0;
    size_t count;
    do {
        assert_true(is_ok(zip_read(zip, room, sizeof(room), &report, &count)));
        size += count;
    } while (count > 0);
    return size;
}

/* GDPR 20(1): the files themselves, by the names that she gave them. */
static void the_package_holds_her_files_as_they_are(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)8 << 20);
    CLEANUP(zip_close) struct zip_in *zip = NULL;
    struct report report = {0};
    size_t files = 0, largest = 0;
    str name;
    const char *path = package_saved(arena);
    others_can_open(arena, path);
    assert_true(is_ok(zip_open(path, &report, &zip)));
    for (;;) {
        assert_true(is_ok(zip_next(zip, &report, &name)));
        if (name.ptr == NULL)
            break;
        if (!str_starts(name, STR("files/")))
            continue;
        files++;
        assert_true(str_ends(name, STR("-Ada \xC3\xB8 cv.pdf")));
        largest += size_in_zip(zip) == MOST;
    }
    assert_true(files > 4);
    assert_int_equal(largest, 2);
    assert_int_equal(unlink(path), 0);
}

/* G12: of all her files no more is held than of one. */
static void the_package_takes_no_more_memory_than_a_small_one(void **state)
{
    (void)state;
    long before_ = own_kilobytes();
    int socket = ask_package();
    receive(socket, MOST);
    long out = own_kilobytes();
    close(socket);
    print_message("a package: %ld KB more while it goes\n", out - before_);
    assert_true(out - before_ < 4 << 10);
}

static void clock_to(const char *to)
{
    struct answer moved =
        post(&server, "/v1/clock",
             arena_c_string(server.arena, arena_format(server.arena, "{\"to\":\"%s\"}", to)));
    expect(&moved, 200);
}

/* What is on its way when a file ends has no end: neither the zip's nor that of the answer. */
static void is_cut(int socket)
{
    char last[64] = "", room[16384];
    ssize_t count;
    size_t kept = 0;
    while ((count = recv(socket, room, sizeof(room), 0)) > 0) {
        kept = (size_t)count < sizeof(last) ? (size_t)count : sizeof(last);
        memcpy(last, room + count - kept, kept);
    }
    close(socket);
    assert_null(memmem(last, kept, "PK\5\6", 4));
    assert_null(memmem(last, kept, "0\r\n\r\n", 5));
}

/* S01, G2: a CV of 5 MB is read to its last second, and then nothing of it, by no one. */
static void a_cv_of_five_megabytes_is_gone_at_its_instant(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)64 << 20);
    str bytes = file_of(CV), record = put_file(bytes);
    server.token = new_token(&server, "\"scopes\":[\"collect\",\"read\",\"rights\",\"officer\","
                                      "\"administer\"],\"days\":365");
    struct answer shown =
        ask(&server, server.token, "GET",
            arena_format(server.arena, "/v1/subjects/%.*s", STR_ARG(person)), STR(""));
    str end = {0};
    for (JSON_EACH(item, json_get(shown.json, "items"))) {
        str id;
        if (json_str(json_get(item, "id"), &id) && str_equal(id, record))
            assert_true(json_str(json_get(item, "end"), &end));
    }
    instant at;
    assert_true(instant_parse(end, &at));
    char text[64];
    struct buf buf = buf_over(text, sizeof(text));
    buf_instant(&buf, (instant){at.ms - 1000});
    buf_char(&buf, '\0');
    clock_to(text);
    struct http_response response = get_file(record, arena);
    assert_int_equal(response.code, 200);
    assert_true(str_equal(response.body, bytes));
    int socket = ask_package();
    receive(socket, CV);
    clock_to(arena_c_string(server.arena, end));
    is_cut(socket);
    is_not_there(record);
    struct answer copy = ask(&server, server.token, "POST", path_of(record, "/copy"), STR("{}"));
    assert_true(copy.code == 404 || copy.code == 403);
    give_back(bytes);
}

/* G11 */
static void no_byte_of_a_file_stands_in_the_clear(void **state)
{
    (void)state;
    process_end(&server);
    assert_int_equal(tree_search(server.dir, STR("CANARY-FILE")), 0);
    assert_int_equal(tree_search(server.dir, STR("application/pdf")), 0);
    process_remove(&server);
    process_open(&server, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_goes_out_as_bytes_to_be_saved_and_never_to_be_shown),
        cmocka_unit_test(another_type_length_or_path_is_refused),
        cmocka_unit_test(chunked_bodies_are_taken_and_measured),
        cmocka_unit_test(a_client_that_goes_in_the_middle_leaves_no_file),
        cmocka_unit_test(a_card_number_in_a_text_file_is_refused_over_http),
        cmocka_unit_test(the_portable_copy_says_where_a_file_is_and_by_what_it_is_known),
        cmocka_unit_test(a_slow_reader_holds_up_nobody),
        cmocka_unit_test(the_largest_file_takes_no_more_memory_than_a_small_one),
        cmocka_unit_test(the_package_holds_her_files_as_they_are),
        cmocka_unit_test(the_package_takes_no_more_memory_than_a_small_one),
        cmocka_unit_test(a_cv_of_five_megabytes_is_gone_at_its_instant),
        cmocka_unit_test(no_byte_of_a_file_stands_in_the_clear),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
