/* Online commands: requests to a server, and their answers for people to read. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind.h"
#include "cli_internal.h"
#include "client.h"
#include "csv.h"
#include "file.h"
#include "server.h"

enum {
    TOKEN_FILE_BYTES = 4096,
    POLICY_FILE_BYTES = 1 << 20,
    BODY_BYTES = 4 << 20,
    ID_WORDS = 3,
    GET_BYTES = 256 << 20, /* a file, and what its buffer grew through */
    TIMEOUT_MS = 600000
};

/* ---- where and who ---- */

static status server_address(struct cli *cli, const char **address, uint16_t *port)
{
    str url = cli->option[OPTION_server];
    if (url.ptr == NULL)
        url = environment_of(cli, "VERN_SERVER");
    if (url.ptr == NULL)
        url = STR("http://127.0.0.1:8787");
    if (!str_starts(url, STR("http://")))
        return fail(&cli->report, FAULT_USAGE,
                    "--server is http:// with a numeric address and a port");
    url = str_slice(url, sizeof("http://") - 1, url.len);
    if (str_ends(url, STR("/")))
        url.len--;
    return listen_parse(url, cli->arena, &cli->report, address, port);
}

/* Some other file, named by mistake, is not sent anywhere. */
static bool is_token(str text)
{
    bool good = str_starts(text, STR("vern_"));
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '_' || c == '-');
    }
    return good;
}

/* A warning, as secrets that a machine hands over may come with wide permissions. */
static void warn_of_readers(struct cli *cli, const char *path)
{
    struct stat info;
    if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0007) != 0)
        put_line(cli->err, "vern: %.200s holds a token and is open to every user: chmod 600", path);
}

static status read_token(struct cli *cli, str *token)
{
    str path = cli->option[OPTION_token_file];
    if (path.ptr == NULL)
        path = environment_of(cli, "VERN_TOKEN_FILE");
    if (path.ptr == NULL)
        return fail(&cli->report, FAULT_USAGE,
                    "--token-file or VERN_TOKEN_FILE names the file of a token");
    TRY(file_read(c_string(cli, path), cli->arena, TOKEN_FILE_BYTES, &cli->report, token));
    *token = str_trim(*token);
    if (!is_token(*token))
        return fail(&cli->report, FAULT_USAGE, "%.*s holds no token", STR_ARG(path));
    warn_of_readers(cli, c_string(cli, path));
    return OK;
}

/* ---- asking ---- */

struct question {
    const char *method;
    str target, body;
    str media; /* empty: JSON */
    FILE *stream;
    struct http_field more[2]; /* fields of this question alone; their names empty: none */
    bool plain;                /* an answer that is no JSON is what was asked for */
    bool paper;                /* so is a page or a text that bears a request's id: it is ours */
    void (*take)(void *taker, str bytes); /* what comes with 200, as it comes */
    void *taker;
};

static size_t read_stream(void *self, char *room, size_t size)
{
    return fread(room, 1, size, self);
}

/* The exit code of a problem document: that of the fault in its type, else of its status. */
static status fault_of(const struct json *document, int code)
{
    str type = STR("");
    (void)json_str(json_get(document, "type"), &type);
    str name = str_starts(type, STR("/problems/"))
                   ? str_slice(type, sizeof("/problems/") - 1, type.len)
                   : STR("");
    for (int fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++) {
        if (str_is(name, fault_name((enum fault_class)fault)))
            return (status){(enum fault_class)fault};
    }
    for (int fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++) {
        if (fault_http((enum fault_class)fault) == code)
            return (status){(enum fault_class)fault};
    }
    return (status){FAULT_INTERNAL};
}

static void put_part(struct buf *buf, const struct json *document, const char *name,
                     const char *before)
{
    str text;
    if (!json_str(json_get(document, name), &text))
        return;
    buf_text(buf, before);
    buf_add(buf, text);
}

static status explain_problem(struct cli *cli, const struct json *document, int code)
{
    status result = fault_of(document, code);
    char room[sizeof(cli->report.text)];
    struct buf buf = buf_over(room, sizeof(room));
    str detail;
    if (!json_str(json_get(document, "detail"), &detail))
        detail = str_from(fault_text(result.fault));
    buf_add(&buf, detail);
    put_part(&buf, document, "rule", "; rule ");
    put_part(&buf, document, "article", "; ");
    put_part(&buf, document, "would_allow", "; a yes needs ");
    put_part(&buf, document, "where", "; at ");
    return fail(&cli->report, result.fault, "%.*s", STR_ARG(buf_str(&buf)));
}

/* What answered is no Vern, or stands before one. */
static status explain_stranger(struct cli *cli, int code)
{
    enum fault_class fault = code >= 500 ? FAULT_STORE : FAULT_SYNTAX;
    return fail(&cli->report, fault, "the server answered %d, and not as a Vern does", code);
}

/* Any answer but 2xx, as a failure. */
static status explain_refusal(struct cli *cli, const struct http_response *response)
{
    const struct json *document = NULL;
    struct report odd = {0};
    bool is_json = is_ok(json_parse(cli->arena, response->body, &odd, &document));
    if (response->code < 400 || !is_json || !json_is_object(document))
        return explain_stranger(cli, response->code);
    if (cli->given[OPTION_json])
        put_json_text(cli->out, response->body);
    return explain_problem(cli, document, response->code);
}

static bool is_yes(int code)
{
    return code >= 200 && code < 300;
}

static status put_answer(struct cli *cli, const struct question *question,
                         const struct http_response *response)
{
    const struct json *document = NULL;
    struct report odd = {0};
    if (!is_yes(response->code))
        return explain_refusal(cli, response);
    bool is_json = is_ok(json_parse(cli->arena, response->body, &odd, &document));
    bool ours = http_response_header(response, "X-Request-Id").ptr != NULL;
    if (!is_json && !question->plain && !(question->paper && ours))
        return explain_stranger(cli, response->code);
    if (!is_json)
        put_plain(cli, response->body);
    else if (cli->given[OPTION_json])
        put_json_text(cli->out, response->body);
    else
        put_json(cli->out, document);
    return OK;
}

static status exchange(struct cli *cli, const struct question *question, struct arena *arena,
                       struct http_response *response)
{
    const char *address;
    uint16_t port;
    str token;
    TRY(server_address(cli, &address, &port));
    TRY(read_token(cli, &token));
    str bearer = arena_format(cli->arena, "Bearer %.*s", STR_ARG(token));
    str controller = cli->option[OPTION_controller];
    struct http_field fields[2 + LENGTH(question->more)] = {{STR("Authorization"), bearer}};
    size_t field_count = 1;
    if (!str_is_empty(controller))
        fields[field_count++] = (struct http_field){STR("X-Vern-Controller"), controller};
    for (size_t i = 0; i < LENGTH(question->more); i++) {
        if (question->more[i].name.len > 0)
            fields[field_count++] = question->more[i];
    }
    CLEANUP(http_client_close) struct http_client *client = NULL;
    TRY(http_client_open(address, port, TIMEOUT_MS, &cli->report, &client));
    bool has_body = question->body.len > 0 || question->stream != NULL;
    struct http_call call = {.method = question->method,
                             .target = question->target,
                             .fields = fields,
                             .field_count = field_count,
                             .body = question->body,
                             .take = question->take,
                             .taker = question->taker};
    if (has_body)
        call.content_type =
            str_is_empty(question->media) ? STR("application/json") : question->media;
    if (question->stream != NULL) {
        call.more = read_stream;
        call.self = question->stream;
    }
    return http_client_call(client, &call, arena, &cli->report, response);
}

static status ask(struct cli *cli, const struct question *question)
{
    struct http_response response;
    TRY(exchange(cli, question, cli->arena, &response));
    return put_answer(cli, question, &response);
}

/* ---- bodies ---- */

struct body {
    struct buf buf;
    struct json_out out;
    const char *broken; /* the name of a value that is no UTF-8; else NULL */
};

/* The writer points into the struct, so it must not move. */
static void body_open(struct cli *cli, struct body *body)
{
    body->buf = buf_in(cli->arena, BODY_BYTES);
    body->out = json_out_over(&body->buf);
    body->broken = NULL;
    json_open_object(&body->out);
}

/* A letter that is no UTF-8 is not stored as another: the body is not sent. */
static void body_value(struct body *body, const char *name, str text)
{
    if (!utf8_valid(text))
        body->broken = name;
    json_put_str(&body->out, text);
}

static void body_text(struct body *body, const char *name, str text)
{
    if (text.ptr == NULL)
        return;
    json_key(&body->out, name);
    body_value(body, name, text);
}

static void body_list(struct body *body, const char *name, const str *texts, size_t count)
{
    if (count == 0)
        return;
    json_key(&body->out, name);
    json_open_array(&body->out);
    for (size_t i = 0; i < count; i++)
        body_value(body, name, texts[i]);
    json_close_array(&body->out);
}

static void body_flag(struct body *body, const char *name, bool given)
{
    if (!given)
        return;
    json_key(&body->out, name);
    json_put_bool(&body->out, true);
}

/* Digits, as they were looked at before. */
static void body_number(struct body *body, const char *name, str digits)
{
    uint64_t number;
    if (digits.ptr == NULL || !str_to_u64(digits, &number))
        return;
    json_key(&body->out, name);
    json_put_u64(&body->out, number);
}

static status check_body(struct cli *cli, const struct body *body)
{
    if (body->broken == NULL)
        return OK;
    return fail(&cli->report, FAULT_USAGE, "what is given as %s is not UTF-8", body->broken);
}

static status post_as(struct cli *cli, struct body *body, str target, bool paper)
{
    TRY(check_body(cli, body));
    json_close_object(&body->out);
    struct question question = {.method = "POST", .target = target, .paper = paper};
    TRY(buf_finish(&body->buf, &cli->report, &question.body));
    return ask(cli, &question);
}

static status post(struct cli *cli, struct body *body, str target)
{
    return post_as(cli, body, target, false);
}

/* The answer may be a page or a text of the server's. */
static status post_paper_of(struct cli *cli, struct body *body, str target)
{
    return post_as(cli, body, target, true);
}

/* Only an id may enter a path: what is asked about stays out of logs of servers on the way. */
static status subject_target(struct cli *cli, const char *verb, str *target)
{
    unsigned char id[ID_BYTES];
    if (!id_parse(cli->arguments[0], id))
        return fail(&cli->report, FAULT_USAGE,
                    "ID is the person's id of %d characters; `vern find` "
                    "gives it",
                    ID_TEXT);
    *target = arena_format(cli->arena, "/v1/subjects/%.*s%s", STR_ARG(cli->arguments[0]), verb);
    return target->ptr == NULL ? NO_MEMORY(&cli->report) : OK;
}

static status split_pair(struct cli *cli, str pair, str *name, str *value)
{
    *value = pair;
    if (str_next(value, '=', name) && value->ptr != NULL && name->len > 0)
        return OK;
    return fail(&cli->report, FAULT_USAGE, "write NAME=VALUE");
}

/* ---- commands ---- */

status command_create(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    json_key(&body.out, "identifiers");
    json_open_array(&body.out);
    for (size_t i = 0; i < cli->argument_count; i++) {
        str name, value;
        TRY(split_pair(cli, cli->arguments[i], &name, &value));
        json_open_object(&body.out);
        body_text(&body, "kind", name);
        body_text(&body, "value", value);
        json_close_object(&body.out);
    }
    json_close_array(&body.out);
    body_list(&body, "roles", &cli->option[OPTION_role],
              cli->option[OPTION_role].ptr == NULL ? 0 : 1);
    return post(cli, &body, STR("/v1/subjects"));
}

status command_find(struct cli *cli)
{
    struct body body;
    str value = cli->arguments[1];
    if (str_is(value, "-")) {
        TRY(read_input(cli, &value));
        value = str_trim(value);
    }
    body_open(cli, &body);
    body_text(&body, "kind", cli->arguments[0]);
    body_text(&body, "value", value);
    return post(cli, &body, STR("/v1/subjects/find"));
}

status command_show(struct cli *cli)
{
    struct question question = {.method = "GET"};
    TRY(subject_target(cli, "", &question.target));
    return ask(cli, &question);
}

/* FIELD=ID,FIELD=ID */
static status body_concerns(struct cli *cli, struct body *body)
{
    str rest = cli->option[OPTION_concerns], pair, field, id;
    if (rest.ptr == NULL)
        return OK;
    json_key(&body->out, "concerns");
    json_open_array(&body->out);
    while (str_next(&rest, ',', &pair)) {
        TRY(split_pair(cli, pair, &field, &id));
        json_open_object(&body->out);
        body_text(body, "field", field);
        body_text(body, "subject", id);
        json_close_object(&body->out);
    }
    json_close_array(&body->out);
    return OK;
}

/* FIELD=VALUE, and FIELD:=REFERENCE of what lies in the firm's own system. */
static status body_fields(struct cli *cli, struct body *body, const char *member, bool references)
{
    json_key(&body->out, member);
    json_open_object(&body->out);
    for (size_t i = 2; i < cli->argument_count; i++) {
        str name, value;
        TRY(split_pair(cli, cli->arguments[i], &name, &value));
        bool reference = name.len > 1 && name.ptr[name.len - 1] == ':';
        if (reference != references)
            continue;
        name = str_slice(name, 0, name.len - reference);
        if (!utf8_valid(name))
            body->broken = "a field's name";
        json_key_str(&body->out, name);
        body_value(body, "a field's value", value);
    }
    json_close_object(&body->out);
    return OK;
}

status command_collect(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/collect", &target));
    body_open(cli, &body);
    body_text(&body, "intake", cli->arguments[1]);
    body_text(&body, "source", cli->option[OPTION_source]);
    body_text(&body, "channel", cli->option[OPTION_channel]);
    body_text(&body, "matter", cli->option[OPTION_matter]);
    TRY(body_concerns(cli, &body));
    TRY(body_fields(cli, &body, "values", false));
    TRY(body_fields(cli, &body, "references", true));
    return post(cli, &body, target);
}

status command_read(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/read", &target));
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[1]);
    body_text(&body, "matter", cli->option[OPTION_matter]);
    body_list(&body, "fields", cli->arguments + 2, cli->argument_count - 2);
    return post(cli, &body, target);
}

status command_concern(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/concerns", &target));
    body_open(cli, &body);
    body_text(&body, "item", cli->arguments[1]);
    body_text(&body, "subject", cli->arguments[2]);
    return post(cli, &body, target);
}

status command_concerns(struct cli *cli)
{
    struct question question = {.method = "GET"};
    TRY(subject_target(cli, "/concerns", &question.target));
    return ask(cli, &question);
}

status command_duplicates(struct cli *cli)
{
    return ask(cli, &(struct question){.method = "GET", .target = STR("/v1/duplicates")});
}

status command_merge_preview(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/merge", &target));
    body_open(cli, &body);
    body_text(&body, "from", cli->arguments[1]);
    body_flag(&body, "preview", true);
    return post(cli, &body, target);
}

/* What a preview counted, as it is said again. */
static status body_conflicts(struct cli *cli, struct body *body, str text)
{
    uint64_t count;
    if (!str_to_u64(text, &count))
        return fail(&cli->report, FAULT_USAGE,
                    "N is the number of conflicts that the preview listed");
    json_key(&body->out, "conflicts");
    json_put_u64(&body->out, count);
    return OK;
}

status command_merge(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/merge", &target));
    body_open(cli, &body);
    body_text(&body, "from", cli->arguments[1]);
    TRY(body_conflicts(cli, &body, cli->arguments[2]));
    body_text(&body, "reason", cli->arguments[3]);
    return post(cli, &body, target);
}

status command_split_preview(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/split", &target));
    body_open(cli, &body);
    body_list(&body, "items", cli->arguments + 1, cli->argument_count - 1);
    body_flag(&body, "preview", true);
    return post(cli, &body, target);
}

status command_split(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/split", &target));
    body_open(cli, &body);
    TRY(body_conflicts(cli, &body, cli->arguments[1]));
    body_text(&body, "reason", cli->arguments[2]);
    body_list(&body, "items", cli->arguments + 3, cli->argument_count - 3);
    return post(cli, &body, target);
}

static status concern_target(struct cli *cli, const char *verb, str *target)
{
    unsigned char id[ID_BYTES];
    str end;
    TRY(subject_target(cli, "/concerns/", &end));
    if (!id_parse(cli->arguments[1], id))
        return fail(&cli->report, FAULT_USAGE,
                    "CONCERN is an id of %d characters; `vern concerns` gives it", ID_TEXT);
    *target =
        arena_format(cli->arena, "%.*s%.*s%s", STR_ARG(end), STR_ARG(cli->arguments[1]), verb);
    return target->ptr == NULL ? NO_MEMORY(&cli->report) : OK;
}

status command_concern_decide(struct cli *cli)
{
    str target, what = cli->arguments[2];
    struct body body;
    TRY(concern_target(cli, "/decision", &target));
    if (!str_is(what, "release") && !str_is(what, "withhold"))
        return fail(&cli->report, FAULT_USAGE, "write release or withhold, then why");
    body_open(cli, &body);
    json_key(&body.out, "released");
    json_put_bool(&body.out, str_is(what, "release"));
    body_text(&body, "reasons", cli->arguments[3]);
    return post(cli, &body, target);
}

status command_concern_end(struct cli *cli)
{
    struct question question = {.method = "POST"};
    TRY(concern_target(cli, "/end", &question.target));
    return ask(cli, &question);
}

status command_explain_person(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/explain", &target));
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[1]);
    body_text(&body, "matter", cli->option[OPTION_matter]);
    body_text(&body, "at", cli->option[OPTION_at]);
    body_list(&body, "fields", cli->arguments + 2, cli->argument_count - 2);
    return post(cli, &body, target);
}

status command_consent(struct cli *cli)
{
    str target, wording, by = cli->option[OPTION_by];
    struct body body;
    TRY(need_option(cli, OPTION_wording, &wording));
    TRY(subject_target(cli, "/consents", &target));
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[1]);
    body_text(&body, "wording", wording);
    body_text(&body, "given_by", by.ptr == NULL ? STR("click") : by);
    body_text(&body, "channel", cli->option[OPTION_channel]);
    body_text(&body, "guardian", cli->option[OPTION_guardian]);
    body_flag(&body, "receipt", cli->given[OPTION_receipt]);
    return post(cli, &body, target);
}

status command_withdraw(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/withdrawals", &target));
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[1]);
    body_text(&body, "channel", cli->option[OPTION_channel]);
    return post(cli, &body, target);
}

status command_erase(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/erase", &target));
    body_open(cli, &body);
    body_list(&body, "fields", cli->arguments + 1, cli->argument_count - 1);
    body_flag(&body, "warned", cli->given[OPTION_warned]);
    return post(cli, &body, target);
}

status command_access(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/access", &target));
    body_open(cli, &body);
    body_text(&body, "case", cli->option[OPTION_case]);
    body_text(&body, "format", cli->option[OPTION_format]);
    body_text(&body, "language", cli->option[OPTION_language]);
    return post_paper_of(cli, &body, target);
}

static status ask_days(struct cli *cli, const char *path)
{
    str days = cli->option[OPTION_days];
    uint64_t number = 90;
    if (days.ptr != NULL && !str_to_u64(days, &number))
        return fail(&cli->report, FAULT_USAGE, "--days is a number");
    struct question question = {.method = "GET"};
    question.target = arena_format(cli->arena, "%s?days=%llu", path, (unsigned long long)number);
    return ask(cli, &question);
}

status command_forecast(struct cli *cli)
{
    return ask_days(cli, "/v1/forecast");
}

status command_due(struct cli *cli)
{
    return ask_days(cli, "/v1/evidence/due");
}

status command_staff(struct cli *cli)
{
    struct question question = {.method = "GET", .target = STR("/v1/staff")};
    return ask(cli, &question);
}

static status account_target(struct cli *cli, str *target)
{
    unsigned char id[ID_BYTES];
    if (!id_parse(cli->arguments[0], id))
        return fail(&cli->report, FAULT_USAGE, "MEMBER is the id that `vern staff` gives");
    *target = arena_format(cli->arena, "/v1/staff/%.*s/account", STR_ARG(cli->arguments[0]));
    return OK;
}

status command_staff_password(struct cli *cli)
{
    struct body body;
    str target, password;
    TRY(account_target(cli, &target));
    TRY(read_secret(cli, "Password: ", &password));
    body_open(cli, &body);
    body_list(&body, "scopes", cli->arguments + 1, cli->argument_count - 1);
    body_text(&body, "password", password);
    return post(cli, &body, target);
}

/* Three lines: a token alone is no second factor. */
status command_password(struct cli *cli)
{
    struct body body;
    str given, chosen, code;
    TRY(read_secret(cli, "Password that you have: ", &given));
    TRY(read_secret(cli, "New password: ", &chosen));
    TRY(read_secret(cli, "Code of your authenticator, or a recovery code: ", &code));
    body_open(cli, &body);
    body_text(&body, "password", given);
    body_text(&body, "new", chosen);
    body_text(&body, "code", code);
    return post(cli, &body, STR("/v1/account/password"));
}

status command_staff_openid(struct cli *cli)
{
    struct body body;
    str target;
    TRY(account_target(cli, &target));
    body_open(cli, &body);
    body_list(&body, "scopes", cli->arguments + 1, cli->argument_count - 1);
    return post(cli, &body, target);
}

status command_staff_account_end(struct cli *cli)
{
    struct question question = {.method = "POST", .body = STR("{}")};
    str target;
    TRY(account_target(cli, &target));
    question.target = arena_format(cli->arena, "%.*s/end", STR_ARG(target));
    return ask(cli, &question);
}

status command_sessions(struct cli *cli)
{
    struct question question = {.method = "GET", .target = STR("/v1/sessions")};
    return ask(cli, &question);
}

status command_session_end(struct cli *cli)
{
    unsigned char id[ID_BYTES];
    if (!id_parse(cli->arguments[0], id))
        return fail(&cli->report, FAULT_USAGE, "SESSION is the id that `vern sessions` gives");
    struct question question = {
        .method = "POST",
        .target = arena_format(cli->arena, "/v1/sessions/%.*s/end", STR_ARG(cli->arguments[0]))};
    return question.target.ptr == NULL ? NO_MEMORY(&cli->report) : ask(cli, &question);
}

status command_statistics(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[0]);
    body_text(&body, "by", cli->option[OPTION_by]);
    return post(cli, &body, STR("/v1/statistics"));
}

status command_history(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "reference", cli->arguments[0]);
    body_text(&body, "at", cli->option[OPTION_at]);
    return post(cli, &body, STR("/v1/history"));
}

status command_who_used(struct cli *cli)
{
    struct question question = {.method = "GET"};
    TRY(subject_target(cli, "/uses?limit=200", &question.target));
    if (cli->argument_count > 1) {
        if (!bind_is_vetted(cli->arguments[1]))
            return fail(&cli->report, FAULT_USAGE, "CURSOR is `next` of the page before");
        question.target = arena_format(cli->arena, "%.*s&cursor=%.*s", STR_ARG(question.target),
                                       STR_ARG(cli->arguments[1]));
    }
    return ask(cli, &question);
}

status command_certificate(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "reference", cli->arguments[0]);
    body_text(&body, "format", cli->option[OPTION_format]);
    body_text(&body, "language", cli->option[OPTION_language]);
    return post_paper_of(cli, &body, STR("/v1/papers/erasure"));
}

status command_text(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "version", cli->arguments[0]);
    return post(cli, &body, STR("/v1/policy/text"));
}

status command_contacts(struct cli *cli)
{
    struct question question = {.method = "GET", .target = STR("/v1/contacts")};
    return ask(cli, &question);
}

status command_space_create(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "matter", cli->arguments[0]);
    body_text(&body, "space", cli->arguments[1]);
    str text;
    TRY(file_read(c_string(cli, cli->arguments[2]), cli->arena, POLICY_FILE_BYTES, &cli->report,
                  &text));
    body_text(&body, "policy", text);
    return post(cli, &body, STR("/v1/spaces"));
}

status command_space_end(struct cli *cli)
{
    struct body body;
    str returned = cli->option[OPTION_returned], unconfirmed = cli->option[OPTION_unconfirmed];
    uint64_t number;
    if (returned.ptr != NULL && !str_to_u64(returned, &number))
        return fail(&cli->report, FAULT_USAGE, "--returned is a number of people");
    if (unconfirmed.ptr != NULL && !str_to_u64(unconfirmed, &number))
        return fail(&cli->report, FAULT_USAGE, "--unconfirmed is a number of values");
    body_open(cli, &body);
    body_text(&body, "matter", cli->arguments[0]);
    body_text(&body, "space", cli->arguments[1]);
    body_text(&body, "choice", cli->arguments[2]);
    body_number(&body, "returned", returned);
    body_number(&body, "unconfirmed", unconfirmed);
    return post(cli, &body, STR("/v1/spaces/end"));
}

status command_acts(struct cli *cli)
{
    struct question question = {.method = "GET", .target = STR("/v1/acts")};
    return ask(cli, &question);
}

status command_approve(struct cli *cli)
{
    unsigned char id[ID_BYTES];
    struct body body;
    if (!id_parse(cli->arguments[0], id))
        return fail(&cli->report, FAULT_USAGE, "ACT is the id that `vern acts` gives");
    body_open(cli, &body);
    return post(cli, &body,
                arena_format(cli->arena, "/v1/acts/%.*s/approve", STR_ARG(cli->arguments[0])));
}

/* ---- the rights desk ---- */

status command_requests(struct cli *cli)
{
    static const char *const kept[] = {"show", "kind"};
    struct buf buf = buf_in(cli->arena, 256);
    buf_text(&buf, "/v1/requests");
    for (size_t i = 0; i < cli->argument_count; i++) {
        for (size_t c = 0; c < cli->arguments[i].len; c++) {
            char letter = cli->arguments[i].ptr[c];
            if ((letter < 'a' || letter > 'z') && letter != '_')
                return fail(&cli->report, FAULT_USAGE,
                            "open, due, overdue or closed; and a right, as access");
        }
        buf_text(&buf, i == 0 ? "?" : "&");
        buf_text(&buf, kept[i]);
        buf_char(&buf, '=');
        buf_add(&buf, cli->arguments[i]);
    }
    str company = cli->option[OPTION_controller];
    for (size_t c = 0; c < company.len; c++) {
        char letter = company.ptr[c];
        if ((letter < 'a' || letter > 'z') && (letter < '0' || letter > '9') && letter != '_')
            return fail(&cli->report, FAULT_USAGE, "--controller is a name of the policy");
    }
    if (company.len > 0) {
        buf_text(&buf, cli->argument_count == 0 ? "?controller=" : "&controller=");
        buf_add(&buf, company);
    }
    struct question question = {.method = "GET"};
    TRY(buf_finish(&buf, &cli->report, &question.target));
    return ask(cli, &question);
}

status command_request_take(struct cli *cli)
{
    struct body body;
    str text = cli->option[OPTION_text];
    if (str_is(text, "-"))
        TRY(read_input(cli, &text));
    else if (text.ptr != NULL)
        TRY(file_read(c_string(cli, text), cli->arena, LIMIT_VALUE_BYTES, &cli->report, &text));
    body_open(cli, &body);
    body_text(&body, "channel", cli->arguments[0]);
    body_list(&body, "rights", cli->arguments + 1, cli->argument_count - 1);
    body_text(&body, "received", cli->option[OPTION_at]);
    body_text(&body, "contact", cli->option[OPTION_contact]);
    body_text(&body, "text", text);
    body_flag(&body, "receipt", cli->given[OPTION_receipt]);
    return post(cli, &body, STR("/v1/requests"));
}

status command_request_find(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "number", cli->arguments[0]);
    return post(cli, &body, STR("/v1/requests/find"));
}

/* REQUEST is the first argument. */
static status request_target(struct cli *cli, const char *step, str *target)
{
    unsigned char id[ID_BYTES];
    if (!id_parse(cli->arguments[0], id))
        return fail(&cli->report, FAULT_USAGE, "REQUEST is the id that `vern requests` gives");
    *target = arena_format(cli->arena, "/v1/requests/%.*s%s", STR_ARG(cli->arguments[0]), step);
    return target->ptr == NULL ? NO_MEMORY(&cli->report) : OK;
}

status command_request_show(struct cli *cli)
{
    struct question question = {.method = "GET"};
    TRY(request_target(cli, "", &question.target));
    return ask(cli, &question);
}

/* A step of a request: members and their texts, the empty ones left out. */
static status request_step(struct cli *cli, const char *step, const char *const *names,
                           const str *texts, size_t count)
{
    str target;
    struct body body;
    TRY(request_target(cli, step, &target));
    body_open(cli, &body);
    for (size_t i = 0; i < count; i++)
        body_text(&body, names[i], texts[i]);
    return post(cli, &body, target);
}

status command_request_letter(struct cli *cli)
{
    str target;
    struct body body;
    TRY(request_target(cli, "/letter", &target));
    body_open(cli, &body);
    body_text(&body, "format", cli->option[OPTION_format]);
    body_text(&body, "language", cli->option[OPTION_language]);
    return post_paper_of(cli, &body, target);
}

status command_request_mail(struct cli *cli)
{
    str target;
    struct body body;
    TRY(request_target(cli, "/mail", &target));
    body_open(cli, &body);
    if (cli->argument_count > 1)
        body_text(&body, "item", cli->arguments[1]);
    body_text(&body, "language", cli->option[OPTION_language]);
    return post(cli, &body, target);
}

status command_request_prove(struct cli *cli)
{
    static const char *const names[] = {"outcome", "subject", "method"};
    str texts[] = {STR("proven"), cli->arguments[1], cli->arguments[2]};
    return request_step(cli, "/identity", names, texts, LENGTH(texts));
}

static status identity_is(struct cli *cli, const char *outcome)
{
    static const char *const names[] = {"outcome", "reasons"};
    str texts[] = {str_from(outcome), cli->arguments[1]};
    return request_step(cli, "/identity", names, texts, LENGTH(texts));
}

status command_request_ask_proof(struct cli *cli)
{
    return identity_is(cli, "asked");
}

status command_request_unproven(struct cli *cli)
{
    return identity_is(cli, "refused");
}

status command_request_unfollow(struct cli *cli)
{
    struct question question = {.method = "POST"};
    TRY(request_target(cli, "/unfollow", &question.target));
    return ask(cli, &question);
}

status command_request_own(struct cli *cli)
{
    static const char *const names[] = {"member"};
    str member = cli->argument_count > 1 ? cli->arguments[1] : (str){NULL, 0};
    return request_step(cli, "/owner", names, &member, 1);
}

status command_request_extend(struct cli *cli)
{
    static const char *const names[] = {"reasons", "told"};
    str texts[] = {cli->arguments[1], cli->option[OPTION_at]};
    return request_step(cli, "/extension", names, texts, LENGTH(texts));
}

status command_request_decide(struct cli *cli)
{
    static const char *const names[] = {"right", "outcome", "reasons", "exception"};
    str texts[4] = {{NULL, 0}};
    for (size_t i = 1; i < cli->argument_count; i++)
        texts[i - 1] = cli->arguments[i];
    return request_step(cli, "/decision", names, texts, LENGTH(texts));
}

status command_request_pass_on(struct cli *cli)
{
    static const char *const names[] = {"space", "matter"};
    return request_step(cli, "/pass-on", names, cli->arguments + 1, LENGTH(names));
}

status command_request_close(struct cli *cli)
{
    static const char *const names[] = {"answered"};
    return request_step(cli, "/close", names, &cli->option[OPTION_at], 1);
}

status command_tasks(struct cli *cli)
{
    struct question question = {.method = "GET", .target = STR("/v1/tasks")};
    return ask(cli, &question);
}

status command_task_done(struct cli *cli)
{
    unsigned char id[ID_BYTES];
    struct body body;
    if (!id_parse(cli->arguments[0], id) || !id_parse(cli->arguments[1], id))
        return fail(&cli->report, FAULT_USAGE,
                    "DOSSIER and RECORD are the ids that `vern tasks` gives");
    body_open(cli, &body);
    if (cli->argument_count == 3)
        body_text(&body, "proof", cli->arguments[2]);
    return post(cli, &body,
                arena_format(cli->arena, "/v1/tasks/%.*s/%.*s/done", STR_ARG(cli->arguments[0]),
                             STR_ARG(cli->arguments[1])));
}

status command_held(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_list(&body, "subjects", cli->arguments, cli->argument_count);
    return post(cli, &body, STR("/v1/subjects/held"));
}

status command_feed(struct cli *cli)
{
    struct question question = {.method = "GET", .target = STR("/v1/feed")};
    bool good = true;
    if (cli->argument_count == 1) {
        str cursor = cli->arguments[0];
        for (size_t i = 0; i < cursor.len; i++) {
            char c = cursor.ptr[i];
            good &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_';
        }
        question.target = arena_format(cli->arena, "/v1/feed?cursor=%.*s", STR_ARG(cursor));
    }
    if (!good)
        return fail(&cli->report, FAULT_USAGE, "CURSOR is what `next` of the last page was");
    return ask(cli, &question);
}

static void body_address(struct cli *cli, struct body *body)
{
    body_open(cli, body);
    body_text(body, "subject", cli->arguments[0]);
    body_text(body, "item", cli->arguments[1]);
}

status command_letter(struct cli *cli)
{
    static const char *const papers[] = {"notice", "changes", "breach"};
    static const char *const members[] = {"intake", "version", "breach"};
    struct body body;
    str target;
    TRY(subject_target(cli, "/letters", &target));
    for (size_t i = 0; i < LENGTH(papers); i++) {
        if (!str_is(cli->arguments[2], papers[i]))
            continue;
        body_open(cli, &body);
        body_text(&body, "item", cli->arguments[1]);
        body_text(&body, "paper", cli->arguments[2]);
        body_text(&body, members[i], cli->arguments[3]);
        body_text(&body, "language", cli->option[OPTION_language]);
        return post(cli, &body, target);
    }
    return fail(&cli->report, FAULT_USAGE, "a letter is notice, changes or breach");
}

status command_bounce(struct cli *cli)
{
    struct body body;
    bool permanent = str_is(cli->arguments[2], "permanent");
    if (!permanent && !str_is(cli->arguments[2], "passing"))
        return fail(&cli->report, FAULT_USAGE, "say passing or permanent");
    body_address(cli, &body);
    if (cli->argument_count == 4)
        body_text(&body, "notice", cli->arguments[3]);
    json_key(&body.out, "permanent");
    json_put_bool(&body.out, permanent);
    return post(cli, &body, STR("/v1/bounces"));
}

status command_bounce_clear(struct cli *cli)
{
    struct body body;
    body_address(cli, &body);
    return post(cli, &body, STR("/v1/bounces/clear"));
}

status command_alarms(struct cli *cli)
{
    struct question question = {.method = "GET", .target = STR("/v1/alarms")};
    return ask(cli, &question);
}

status command_close(struct cli *cli)
{
    unsigned char id[ID_BYTES];
    struct body body;
    if (!id_parse(cli->arguments[0], id))
        return fail(&cli->report, FAULT_USAGE, "ALARM is the id that `vern alarms` gives");
    body_open(cli, &body);
    body_text(&body, "why", cli->arguments[1]);
    return post(cli, &body,
                arena_format(cli->arena, "/v1/alarms/%.*s/close", STR_ARG(cli->arguments[0])));
}

/* ---- what waits ---- */

/* A path of ids that stand in the arguments. */
static status queue_target(struct cli *cli, const char *format, size_t ids, const char *whence,
                           str *target)
{
    char path[160];
    struct buf buf = buf_over(path, sizeof(path));
    size_t next = 0;
    for (const char *c = format; *c != '\0'; c++) {
        unsigned char id[ID_BYTES];
        if (*c != ':') {
            buf_char(&buf, *c);
            continue;
        }
        assert(next < ids);
        if (!id_parse(cli->arguments[next], id))
            return fail(&cli->report, FAULT_USAGE, "ids are those that `vern %s` gives", whence);
        buf_add(&buf, cli->arguments[next++]);
    }
    assert(!buf.full);
    *target = arena_copy(cli->arena, buf_str(&buf));
    return target->ptr == NULL ? NO_MEMORY(&cli->report) : OK;
}

static status ask_plainly(struct cli *cli, const char *method, str target)
{
    struct question question = {.method = method, .target = target};
    return ask(cli, &question);
}

status command_task_retry(struct cli *cli)
{
    str target;
    TRY(queue_target(cli, "/v1/tasks/:/:/retry", 2, "tasks", &target));
    return ask_plainly(cli, "POST", target);
}

status command_task_drop(struct cli *cli)
{
    str target;
    TRY(queue_target(cli, "/v1/tasks/:/:/drop", 2, "tasks", &target));
    return ask_plainly(cli, "POST", target);
}

status command_webhooks(struct cli *cli)
{
    return ask_plainly(cli, "GET", STR("/v1/webhooks"));
}

status command_webhook_events(struct cli *cli)
{
    str target;
    TRY(queue_target(cli, "/v1/webhooks/:/events", 1, "webhooks", &target));
    return ask_plainly(cli, "GET", target);
}

status command_webhook_replay(struct cli *cli)
{
    struct body body;
    str target;
    unsigned char id[ID_BYTES];
    TRY(queue_target(cli, "/v1/webhooks/:/replay", 1, "webhooks", &target));
    if (!id_parse(cli->arguments[1], id))
        return fail(&cli->report, FAULT_USAGE, "EVENT is the id that `vern webhook events` gives");
    body_open(cli, &body);
    body_text(&body, "event", cli->arguments[1]);
    return post(cli, &body, target);
}

/* ---- breaches ---- */

static status breach_target(struct cli *cli, const char *verb, str *target)
{
    unsigned char id[ID_BYTES];
    if (!id_parse(cli->arguments[0], id))
        return fail(&cli->report, FAULT_USAGE, "BREACH is the id that `vern breaches` gives");
    *target = arena_format(cli->arena, "/v1/breaches/%.*s%s", STR_ARG(cli->arguments[0]), verb);
    return target->ptr == NULL ? NO_MEMORY(&cli->report) : OK;
}

/* Words that a shell would keep in its history are read from the input. */
static status words_of(struct cli *cli, size_t index, str *words)
{
    *words = cli->arguments[index];
    if (!str_is(*words, "-"))
        return OK;
    TRY(read_input(cli, words));
    *words = str_trim(*words);
    return OK;
}

static void body_nature(struct body *body, str rest)
{
    str one;
    json_key(&body->out, "nature");
    json_open_array(&body->out);
    while (str_next(&rest, ',', &one))
        body_value(body, "nature", one);
    json_close_array(&body->out);
}

/* "all", or KIND=NAME as often as there are places; each kind is one list of the body. */
static status body_where(struct cli *cli, struct body *body, size_t from)
{
    static const char *const KINDS[] = {"categories", "purposes", "recipients", "matters",
                                        "tokens",     "staff",    "actors"};
    str names[64], name, value;
    size_t taken = 0, count = cli->argument_count - from;
    if (count == 1 && str_is(cli->arguments[from], "all")) {
        body_flag(body, "all", true);
        return OK;
    }
    for (size_t k = 0; k < LENGTH(KINDS); k++) {
        size_t found = 0;
        for (size_t i = from; i < cli->argument_count && found < LENGTH(names); i++) {
            TRY(split_pair(cli, cli->arguments[i], &name, &value));
            if (str_is(name, KINDS[k]))
                names[found++] = value;
        }
        body_list(body, KINDS[k], names, found);
        taken += found;
    }
    if (taken == count)
        return OK;
    return fail(&cli->report, FAULT_USAGE,
                "where: all, or categories=, purposes=, recipients=, matters=, tokens=, staff=, "
                "actors=");
}

static status post_breach(struct cli *cli, size_t first, str target)
{
    struct body body;
    str description;
    TRY(words_of(cli, first + 1, &description));
    body_open(cli, &body);
    body_nature(&body, cli->arguments[first]);
    body_text(&body, "description", description);
    body_text(&body, "aware", cli->option[OPTION_aware]);
    body_text(&body, "from", cli->option[OPTION_since]);
    body_text(&body, "to", cli->option[OPTION_until]);
    TRY(body_where(cli, &body, first + 2));
    return post(cli, &body, target);
}

status command_breaches(struct cli *cli)
{
    struct question question = {.method = "GET", .target = STR("/v1/breaches")};
    return ask(cli, &question);
}

status command_breach_show(struct cli *cli)
{
    struct question question = {.method = "GET"};
    TRY(breach_target(cli, "", &question.target));
    return ask(cli, &question);
}

status command_breach_report(struct cli *cli)
{
    return post_breach(cli, 0, STR("/v1/breaches"));
}

status command_breach_amend(struct cli *cli)
{
    str target;
    TRY(breach_target(cli, "/amendments", &target));
    return post_breach(cli, 1, target);
}

status command_breach_assess(struct cli *cli)
{
    struct body body;
    str target, reasons;
    TRY(breach_target(cli, "/assessments", &target));
    TRY(words_of(cli, 2, &reasons));
    body_open(cli, &body);
    body_text(&body, "risk", cli->arguments[1]);
    body_text(&body, "reasons", reasons);
    return post(cli, &body, target);
}

status command_breach_scope(struct cli *cli)
{
    struct question question = {.method = "POST"};
    TRY(breach_target(cli, "/scope", &question.target));
    return ask(cli, &question);
}

status command_breach_people(struct cli *cli)
{
    struct question question = {.method = "GET"};
    TRY(breach_target(cli, "/people", &question.target));
    return ask(cli, &question);
}

status command_breach_account(struct cli *cli)
{
    struct body body;
    str target;
    TRY(breach_target(cli, "/account", &target));
    body_open(cli, &body);
    body_text(&body, "language", cli->arguments[1]);
    for (size_t i = 2; i < cli->argument_count; i++) {
        static const char *const KINDS[] = {"contact", "consequences", "measures", "what"};
        str name, value;
        size_t kind = 0;
        TRY(split_pair(cli, cli->arguments[i], &name, &value));
        while (kind < LENGTH(KINDS) && !str_is(name, KINDS[kind]))
            kind++;
        if (kind == LENGTH(KINDS))
            return fail(&cli->report, FAULT_USAGE,
                        "say contact=, consequences=, measures= or what=");
        body_text(&body, KINDS[kind], value);
    }
    return post(cli, &body, target);
}

/* BREACH LANGUAGE, and what else the command takes. */
static status post_paper(struct cli *cli, const char *verb)
{
    struct body body;
    str target, delay = {0}, format = cli->option[OPTION_format];
    bool html = str_is(format, "html");
    if (format.ptr != NULL && !html && !str_is(format, "json"))
        return fail(&cli->report, FAULT_USAGE, "a draft is html or json");
    TRY(breach_target(cli, verb, &target));
    if (cli->argument_count > 2)
        TRY(words_of(cli, 2, &delay));
    body_open(cli, &body);
    body_text(&body, "language", cli->arguments[1]);
    body_text(&body, "delay", delay);
    body_text(&body, "sent", cli->option[OPTION_at]);
    body_flag(&body, "phased", cli->given[OPTION_phased]);
    body_flag(&body, "html", html);
    return post_as(cli, &body, target, html);
}

status command_breach_notification(struct cli *cli)
{
    return post_paper(cli, "/notification");
}

status command_breach_message(struct cli *cli)
{
    return post_paper(cli, "/message");
}

status command_breach_sent(struct cli *cli)
{
    return post_paper(cli, "/phases");
}

status command_breach_tell(struct cli *cli)
{
    struct body body;
    str target;
    TRY(breach_target(cli, "/telling", &target));
    body_open(cli, &body);
    body_text(&body, "language", cli->arguments[1]);
    if (cli->argument_count > 2)
        body_text(&body, "mail", cli->arguments[2]);
    return post(cli, &body, target);
}

status command_breach_exempt(struct cli *cli)
{
    struct body body;
    str target, reasons;
    TRY(breach_target(cli, "/exemption", &target));
    TRY(words_of(cli, 2, &reasons));
    body_open(cli, &body);
    body_text(&body, "ground", cli->arguments[1]);
    body_text(&body, "reasons", reasons);
    if (cli->argument_count > 3)
        body_text(&body, "instead", cli->arguments[3]);
    return post(cli, &body, target);
}

status command_breach_close(struct cli *cli)
{
    struct body body;
    str target, reasons;
    TRY(breach_target(cli, "/close", &target));
    TRY(words_of(cli, 1, &reasons));
    body_open(cli, &body);
    body_text(&body, "reasons", reasons);
    return post(cli, &body, target);
}

status command_clock(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "to", cli->arguments[0]);
    return post(cli, &body, STR("/v1/clock"));
}

/* The name and the number are said to the server, which knows whether they are right. */
status command_retire(struct cli *cli)
{
    struct body body;
    uint64_t people;
    if (!str_to_u64(cli->arguments[1], &people))
        return fail(&cli->report, FAULT_USAGE, "PEOPLE is how many people the register holds");
    body_open(cli, &body);
    body_text(&body, "name", cli->arguments[0]);
    json_key(&body.out, "people");
    json_put_u64(&body.out, people);
    body_text(&body, "choice", cli->arguments[2]);
    return post(cli, &body, STR("/v1/register/end"));
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

/* A folder opens like a file, and reads like an empty one. */
static status open_file(struct cli *cli, str path, FILE **file)
{
    struct stat info;
    *file = fopen(c_string(cli, path), "rb");
    if (*file == NULL)
        return fail(&cli->report, FAULT_NOT_FOUND, "%.*s cannot be read", STR_ARG(path));
    if (fstat(fileno(*file), &info) != 0 || S_ISDIR(info.st_mode))
        return fail(&cli->report, FAULT_NOT_FOUND, "%.*s is a folder", STR_ARG(path));
    return OK;
}

static status check_read(struct cli *cli, str path, FILE *file)
{
    if (!ferror(file))
        return OK;
    return fail(&cli->report, FAULT_STORE, "%.*s could not be read to its end", STR_ARG(path));
}

/* In a header of the request, as its body is the file. */
static status take_mapping(struct cli *cli, struct question *question)
{
    enum { MAPPING_BYTES = 8 << 10 };
    str path = cli->option[OPTION_map], text;
    if (path.ptr == NULL)
        return OK;
    TRY(file_read(c_string(cli, path), cli->arena, MAPPING_BYTES, &cli->report, &text));
    struct buf coded = buf_in(cli->arena, 2 * MAPPING_BYTES);
    buf_base64url(&coded, text);
    question->media = STR("text/csv");
    question->more[0].name = STR("X-Vern-Mapping");
    return buf_finish(&coded, &cli->report, &question->more[0].value);
}

status command_import(struct cli *cli)
{
    CLEANUP(close_file) FILE *file = NULL;
    TRY(open_file(cli, cli->arguments[0], &file));
    struct question question = {.method = "POST",
                                .target = STR("/v1/import"),
                                .media = STR("application/x-ndjson"),
                                .stream = file};
    TRY(take_mapping(cli, &question));
    if (cli->given[OPTION_dry_run])
        question.more[1] = (struct http_field){STR("X-Vern-Dry-Run"), STR("true")};
    TRY(ask(cli, &question));
    return check_read(cli, cli->arguments[0], file);
}

/* The last step of a path; where it is no name that a server repeats, the server says its own. */
static void body_file_name(struct body *body, const char *name, str path)
{
    str step, last = STR("");
    while (str_next(&path, '/', &step))
        last = step;
    if (bind_is_name(last))
        body_text(body, name, last);
}

static status body_file(struct cli *cli, struct body *body, const char *name, const char *file_name,
                        str path)
{
    str text;
    if (path.ptr == NULL)
        return OK;
    TRY(file_read(c_string(cli, path), cli->arena, POLICY_FILE_BYTES, &cli->report, &text));
    body_text(body, name, text);
    body_file_name(body, file_name, path);
    return OK;
}

/* Without --erases it only shows what the version would close and erase. */
status command_apply(struct cli *cli)
{
    struct body body;
    str erases = cli->option[OPTION_erases];
    uint64_t number = 0;
    if (erases.ptr != NULL && !str_to_u64(erases, &number))
        return fail(&cli->report, FAULT_USAGE,
                    "--erases is a number: the one that the preview says");
    body_open(cli, &body);
    TRY(body_file(cli, &body, "policy", "policy_file", cli->arguments[0]));
    TRY(body_file(cli, &body, "deployment", "deployment_file", cli->option[OPTION_deployment]));
    if (erases.ptr != NULL) {
        json_key(&body.out, "erases");
        json_put_u64(&body.out, number);
    }
    return post(cli, &body,
                erases.ptr == NULL ? STR("/v1/policy/preview") : STR("/v1/policy/apply"));
}

status command_call(struct cli *cli)
{
    struct question question = {
        .method = c_string(cli, cli->arguments[0]), .target = cli->arguments[1], .plain = true};
    if (cli->argument_count == 3)
        question.body = cli->arguments[2];
    if (str_is(question.body, "-"))
        TRY(read_input(cli, &question.body));
    return ask(cli, &question);
}

status command_service(struct cli *cli)
{
    str target;
    struct body body;
    TRY(subject_target(cli, "/service", &target));
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[1]);
    body_text(&body, "matter", cli->option[OPTION_matter]);
    return post(cli, &body, target);
}

/* ---- files ---- */

static str leaf_of(str path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return str_slice(path, from, path.len);
}

static status size_of(struct cli *cli, FILE *file, const char *path, uint64_t *size)
{
    long end = -1;
    if (fseek(file, 0, SEEK_END) == 0)
        end = ftell(file);
    rewind(file);
    if (end < 0)
        return fail(&cli->report, FAULT_STORE, "%.200s cannot be measured", path);
    *size = (uint64_t)end;
    return OK;
}

/* Opens the upload; its record is named in the answer. */
/* ID,ID: whom the file is also about. */
static void body_others(struct cli *cli, struct body *body)
{
    str rest = cli->option[OPTION_concerns], id;
    if (rest.ptr == NULL)
        return;
    json_key(&body->out, "concerns");
    json_open_array(&body->out);
    while (str_next(&rest, ',', &id))
        body_value(body, "concerns", id);
    json_close_array(&body->out);
}

static status open_upload(struct cli *cli, uint64_t size, str *record)
{
    str target, media = cli->option[OPTION_media];
    struct body body;
    TRY(subject_target(cli, "/files", &target));
    body_open(cli, &body);
    body_text(&body, "intake", cli->arguments[1]);
    body_text(&body, "field", cli->arguments[2]);
    body_flag(&body, "optional", true);
    body_text(&body, "name", leaf_of(cli->arguments[3]));
    body_text(&body, "media", media.ptr == NULL ? STR("application/octet-stream") : media);
    json_key(&body.out, "size");
    json_put_u64(&body.out, size);
    body_text(&body, "source", cli->option[OPTION_source]);
    body_text(&body, "channel", cli->option[OPTION_channel]);
    body_text(&body, "matter", cli->option[OPTION_matter]);
    body_others(cli, &body);
    TRY(check_body(cli, &body));
    json_close_object(&body.out);
    struct question question = {.method = "POST", .target = target};
    TRY(buf_finish(&body.buf, &cli->report, &question.body));
    struct http_response response;
    TRY(exchange(cli, &question, cli->arena, &response));
    if (!is_yes(response.code))
        return explain_refusal(cli, &response);
    const struct json *document;
    struct report odd = {0};
    unsigned char id[ID_BYTES];
    if (is_ok(json_parse(cli->arena, response.body, &odd, &document)) &&
        json_str(json_get(document, "record"), record) && id_parse(*record, id))
        return OK;
    return explain_stranger(cli, response.code);
}

status command_put(struct cli *cli)
{
    const char *path = c_string(cli, cli->arguments[3]);
    CLEANUP(close_file) FILE *file = NULL;
    uint64_t size = 0;
    str record, target;
    TRY(open_file(cli, cli->arguments[3], &file));
    TRY(size_of(cli, file, path, &size));
    TRY(open_upload(cli, size, &record));
    TRY(subject_target(cli, "/files/", &target));
    struct question question = {
        .method = "PUT", .media = STR("application/octet-stream"), .stream = file};
    question.target = arena_format(cli->arena, "%.*s%.*s/bytes", STR_ARG(target), STR_ARG(record));
    TRY(ask(cli, &question));
    return check_read(cli, cli->arguments[3], file);
}

/* Never over a file that is there, and readable by its owner alone. */
static status write_new(struct cli *cli, const char *path, str bytes)
{
    int handle = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (handle < 0)
        return fail(&cli->report, FAULT_CONFLICT, "%.200s cannot be made, or is there already",
                    path);
    while (bytes.len > 0) {
        ssize_t count = write(handle, bytes.ptr, bytes.len);
        if (count <= 0)
            break;
        bytes = str_slice(bytes, (size_t)count, bytes.len);
    }
    if (close(handle) != 0 || bytes.len > 0)
        return fail(&cli->report, FAULT_STORE, "%.200s cannot be written", path);
    return OK;
}

status command_get(struct cli *cli)
{
    str target, to;
    struct body body;
    unsigned char id[ID_BYTES];
    TRY(need_option(cli, OPTION_to, &to));
    if (!id_parse(cli->arguments[1], id))
        return fail(&cli->report, FAULT_USAGE, "ITEM is the item's id of %d characters", ID_TEXT);
    TRY(subject_target(cli, "/files/", &target));
    target = arena_format(cli->arena, "%.*s%.*s/read", STR_ARG(target), STR_ARG(cli->arguments[1]));
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[2]);
    body_text(&body, "matter", cli->option[OPTION_matter]);
    TRY(check_body(cli, &body));
    json_close_object(&body.out);
    struct question question = {.method = "POST", .target = target};
    TRY(buf_finish(&body.buf, &cli->report, &question.body));
    CLEANUP(arena_free) struct arena *arena = arena_new(GET_BYTES);
    struct http_response response;
    TRY(exchange(cli, &question, arena, &response));
    if (!is_yes(response.code))
        return explain_refusal(cli, &response);
    if (!str_is(response.content_type, "application/octet-stream"))
        return explain_stranger(cli, response.code);
    return write_new(cli, c_string(cli, to), response.body);
}

/* ---- many people ---- */

/* Lines go out as they come; the last of them says whether there is more. */
struct lines {
    FILE *to;
    bool plain;   /* what is read by people: nothing in it may move a cursor */
    char part[4]; /* of a character whose end has not come */
    size_t parts;
    char tail[1024];
    size_t length;
    bool failed;
    bool csv;
};

/* How many bytes at the end are the beginning of a character. */
static size_t cut_character(str text)
{
    for (size_t n = 1; n < 4 && n <= text.len; n++) {
        unsigned char c = (unsigned char)text.ptr[text.len - n];
        size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        if (c >= 0xc0)
            return whole > n ? n : 0;
        if (c < 0x80)
            return 0;
    }
    return 0;
}

static void put_lines(struct lines *lines, str bytes)
{
    while (lines->parts > 0 && bytes.len > 0) {
        lines->part[lines->parts++] = bytes.ptr[0];
        bytes = str_slice(bytes, 1, bytes.len);
        if (cut_character((str){lines->part, lines->parts}) > 0)
            continue;
        put_json_text(lines->to, (str){lines->part, lines->parts});
        lines->parts = 0;
    }
    lines->parts += cut_character(bytes);
    if (bytes.len == 0)
        return;
    size_t whole = bytes.len - lines->parts;
    put_json_text(lines->to, str_slice(bytes, 0, whole));
    if (lines->parts > 0)
        memcpy(lines->part, bytes.ptr + whole, lines->parts);
}

static void take_lines(void *self, str bytes)
{
    struct lines *lines = self;
    if (lines->plain)
        put_lines(lines, bytes);
    else
        lines->failed |= fwrite(bytes.ptr, 1, bytes.len, lines->to) != bytes.len;
    if (bytes.len > sizeof(lines->tail))
        bytes = str_slice(bytes, bytes.len - sizeof(lines->tail), bytes.len);
    size_t keep = sizeof(lines->tail) - bytes.len;
    if (lines->length > keep) {
        memmove(lines->tail, lines->tail + lines->length - keep, keep);
        lines->length = keep;
    }
    if (bytes.len > 0)
        memcpy(lines->tail + lines->length, bytes.ptr, bytes.len);
    lines->length += bytes.len;
}

/* "end,PEOPLE,ALLOWED,NEXT": a table is one batch, as its header stands once. */
static status last_row(struct cli *cli, str text)
{
    struct csv_row row;
    size_t column;
    struct report odd = {0};
    bool is_row = is_ok(csv_read_row(text, ',', cli->arena, &odd, &row, &column));
    if (!is_row || row.count < 4 || !str_is(row.cells[0], "end"))
        return fail(&cli->report, FAULT_STORE, "the answer was cut off: its last row is missing");
    if (row.cells[3].len == 0)
        return OK;
    return fail(&cli->report, FAULT_LIMIT,
                "there are more people than a table takes: export them as NDJSON");
}

static status last_line(struct cli *cli, const struct lines *lines, str *next)
{
    str text = {lines->tail, lines->length};
    const struct json *json;
    struct report odd = {0};
    if (str_ends(text, STR("\n")))
        text.len--;
    for (size_t i = text.len; i > 0; i--) {
        if (text.ptr[i - 1] != '\n')
            continue;
        text = str_slice(text, i, text.len);
        break;
    }
    *next = STR("");
    if (lines->failed)
        return fail(&cli->report, FAULT_STORE, "the answer cannot be written");
    if (lines->csv)
        return last_row(cli, text);
    if (!is_ok(json_parse(cli->arena, arena_copy(cli->arena, text), &odd, &json)) ||
        json_get(json, "people") == NULL)
        return fail(&cli->report, FAULT_STORE, "the answer was cut off: its last line is missing");
    (void)json_str(json_get(json, "next"), next);
    if (next->len == 0 || bind_is_name(*next))
        return OK;
    return fail(&cli->report, FAULT_SYNTAX, "the answer names a next page that cannot be");
}

static status put_subjects(struct cli *cli, struct body *body, str path)
{
    enum { IDS_BYTES = BODY_BYTES };
    str text, line;
    if (str_is(path, "-"))
        TRY(read_input(cli, &text));
    else
        TRY(file_read(c_string(cli, path), cli->arena, IDS_BYTES, &cli->report, &text));
    json_key(&body->out, "subjects");
    json_open_array(&body->out);
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.len > 0)
            body_value(body, "subjects", line);
    }
    json_close_array(&body->out);
    return OK;
}

static status ask_lines(struct cli *cli, str target, str body, struct lines *lines, str *next)
{
    struct question question = {
        .method = "POST", .target = target, .body = body, .take = take_lines, .taker = lines};
    struct http_response response;
    if (lines->csv)
        question.more[0] = (struct http_field){STR("Accept"), STR("text/csv")};
    lines->length = 0;
    *next = STR("");
    TRY(exchange(cli, &question, cli->arena, &response));
    return response.code == 200 ? last_line(cli, lines, next) : explain_refusal(cli, &response);
}

/* The same question with each cursor that an answer gives, until one gives none. */
static status ask_pages(struct cli *cli, struct body *body, str target, FILE *to)
{
    bool csv = str_is(cli->option[OPTION_format], "csv");
    struct lines lines = {.to = to, .plain = to == cli->out, .csv = csv};
    str question, next;
    TRY(check_body(cli, body));
    TRY(buf_finish(&body->buf, &cli->report, &question)); /* without its closing brace */
    str asked = arena_format(cli->arena, "%.*s}", STR_ARG(question));
    do {
        if (asked.ptr == NULL)
            return NO_MEMORY(&cli->report);
        TRY(ask_lines(cli, target, asked, &lines, &next));
        const char *comma = question.len > 1 ? "," : "";
        asked = arena_format(cli->arena, "%.*s%s\"cursor\":\"%.*s\"}", STR_ARG(question), comma,
                             STR_ARG(next));
    } while (next.len > 0);
    return OK;
}

/* To the new file, which its owner alone may read, or to the output. */
static status bulk(struct cli *cli, struct body *body, str target)
{
    str path = cli->option[OPTION_to];
    if (path.ptr == NULL)
        return ask_pages(cli, body, target, cli->out);
    int handle = open(c_string(cli, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *to = handle < 0 ? NULL : fdopen(handle, "w");
    if (to == NULL)
        return fail(&cli->report, FAULT_CONFLICT, "%.*s cannot be made, or is there already",
                    STR_ARG(path));
    status asked = ask_pages(cli, body, target, to);
    bool nothing = !is_ok(asked) && ftell(to) == 0;
    if (nothing)
        (void)unlink(c_string(cli, path));
    if (fclose(to) == 0 || !is_ok(asked))
        return asked;
    return fail(&cli->report, FAULT_STORE, "%.*s cannot be written", STR_ARG(path));
}

static status batch(struct cli *cli, struct body *body, str target)
{
    bool named = cli->option[OPTION_subjects].ptr != NULL;
    if (named == cli->given[OPTION_everyone])
        return fail(&cli->report, FAULT_USAGE, "say who: --subjects FILE, or --everyone");
    body_flag(body, "everyone", !named);
    if (named)
        TRY(put_subjects(cli, body, cli->option[OPTION_subjects]));
    return bulk(cli, body, target);
}

status command_batch_read(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[0]);
    body_list(&body, "fields", cli->arguments + 1, cli->argument_count - 1);
    return batch(cli, &body, STR("/v1/batch/read"));
}

status command_batch_share(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "purpose", cli->arguments[0]);
    body_text(&body, "recipient", cli->arguments[1]);
    if (cli->argument_count > 2)
        body_text(&body, "party", cli->arguments[2]);
    return batch(cli, &body, STR("/v1/batch/share"));
}

status command_batch_message(struct cli *cli)
{
    struct body body;
    body_open(cli, &body);
    body_text(&body, "message", cli->arguments[0]);
    body_text(&body, "channel", cli->arguments[1]);
    body_list(&body, "supplied", &cli->option[OPTION_supplied],
              cli->option[OPTION_supplied].ptr == NULL ? 0 : 1);
    body_flag(&body, "asking", cli->given[OPTION_asking]);
    body_flag(&body, "queue", cli->given[OPTION_queue]);
    return batch(cli, &body, STR("/v1/batch/messages"));
}

status command_export(struct cli *cli)
{
    struct body body;
    str format = cli->option[OPTION_format];
    if (format.ptr != NULL && !str_is(format, "csv"))
        return fail(&cli->report, FAULT_USAGE, "an export is NDJSON, or --format csv");
    if (format.ptr != NULL && cli->option[OPTION_to].ptr == NULL)
        return fail(&cli->report, FAULT_USAGE, "--to names the new file for the table");
    body_open(cli, &body);
    if (cli->argument_count > 0) {
        body_text(&body, "purpose", cli->arguments[0]);
        body_list(&body, "fields", cli->arguments + 1, cli->argument_count - 1);
    }
    return bulk(cli, &body, STR("/v1/export"));
}

/* ---- the package that a person takes along ---- */

/* Written as it comes; nothing is made before the first byte is there. */
struct saving {
    const char *path;
    FILE *file;
    bool failed;
};

static void save_bytes(void *self, str bytes)
{
    struct saving *saving = self;
    if (saving->file == NULL && !saving->failed) {
        int handle = open(saving->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        saving->file = handle < 0 ? NULL : fdopen(handle, "w");
    }
    if (saving->file == NULL || fwrite(bytes.ptr, 1, bytes.len, saving->file) != bytes.len)
        saving->failed = true;
}

/* What did not come whole is no package. */
static status save_end(struct cli *cli, struct saving *saving, status came)
{
    bool there = saving->file != NULL;
    if (there && fclose(saving->file) != 0)
        saving->failed = true;
    if (is_ok(came) && (saving->failed || !there))
        came = fail(&cli->report, FAULT_STORE, "%.200s cannot be written", saving->path);
    if (there && !is_ok(came))
        (void)unlink(saving->path);
    return came;
}

static status save_package(struct cli *cli, const struct question *question)
{
    struct http_response response;
    TRY(exchange(cli, question, cli->arena, &response));
    if (!is_yes(response.code))
        return explain_refusal(cli, &response);
    if (!str_is(response.content_type, "application/zip"))
        return explain_stranger(cli, response.code);
    return OK;
}

status command_package(struct cli *cli)
{
    str target, to;
    struct body body;
    TRY(need_option(cli, OPTION_to, &to));
    TRY(subject_target(cli, "/package", &target));
    body_open(cli, &body);
    body_text(&body, "case", cli->option[OPTION_case]);
    body_text(&body, "language", cli->option[OPTION_language]);
    TRY(check_body(cli, &body));
    json_close_object(&body.out);
    struct saving saving = {.path = c_string(cli, to)};
    if (file_exists(saving.path))
        return fail(&cli->report, FAULT_CONFLICT, "%.200s is there already", saving.path);
    struct question question = {
        .method = "POST", .target = target, .take = save_bytes, .taker = &saving};
    TRY(buf_finish(&body.buf, &cli->report, &question.body));
    TRY(save_end(cli, &saving, save_package(cli, &question)));
    put_line(cli->out, "%s", saving.path);
    return OK;
}
