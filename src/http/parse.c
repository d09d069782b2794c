#include <llhttp.h>
#include <stdlib.h>
#include <strings.h>
#include "parse_internal.h"

/* A request line's longest form around its target: "PROPPATCH " and " HTTP/1.1\r\n". */
enum { LINE_OVERHEAD = 32, KEPT_BYTES = 8 << 10 };

/* Those of the catalogue of faults, and those that only HTTP knows. */
#define REFUSE(name, fault, detail) const struct refusal name = {fault, 0, NULL, NULL, detail};
#define REFUSE_OWN(name, code, type, title, detail)                                                \
    const struct refusal name = {FAULT_NONE, code, type, title, detail};
REFUSE(refuse_bare_line, FAULT_SYNTAX, "a line of the head does not end in CR LF")
REFUSE(refuse_fold, FAULT_SYNTAX, "a header line is folded")
REFUSE(refuse_head_syntax, FAULT_SYNTAX, "the head of the request is malformed")
REFUSE(refuse_target, FAULT_SYNTAX, "the request target is malformed")
REFUSE(refuse_framing, FAULT_SYNTAX, "the length of the body is not stated in exactly one way")
REFUSE(refuse_repeated, FAULT_SYNTAX, "a header that may occur once occurs twice")
REFUSE(refuse_host, FAULT_SYNTAX, "the request needs exactly one Host header")
REFUSE(refuse_chunk, FAULT_SYNTAX, "the chunked body is malformed")
REFUSE(refuse_trailer, FAULT_SYNTAX, "a trailer line is malformed")
REFUSE(refuse_method, FAULT_METHOD, "this server does not know the method")
REFUSE(refuse_slow, FAULT_TIMEOUT, "")
REFUSE(refuse_body_large, FAULT_LIMIT, "the body is too large")
REFUSE(refuse_head_large, FAULT_HEADERS, "the head is too large")
REFUSE(refuse_fields_many, FAULT_HEADERS, "there are too many headers")
REFUSE_OWN(refuse_target_long, 414, "target_long", "the request target is too long", "")
REFUSE_OWN(refuse_expect, 417, "expect", "the expectation cannot be met",
           "only 100-continue can be expected")
REFUSE_OWN(refuse_misdirected, 421, "misdirected", "this server does not answer for that host", "")
REFUSE_OWN(refuse_coding, 501, "coding", "the transfer coding is not known",
           "the only transfer coding is chunked, in HTTP/1.1")
REFUSE_OWN(refuse_busy, 503, "busy", "the server is at its limit of work", "try again later")
REFUSE_OWN(refuse_version, 505, "version", "the protocol version is not known",
           "only HTTP/1.1 and HTTP/1.0 are spoken")

struct problem refusal_problem(const struct refusal *refusal)
{
    if (refusal->fault == FAULT_NONE)
        return (struct problem){.code = refusal->code,
                                .type = refusal->type,
                                .title = refusal->title,
                                .detail = str_from(refusal->detail)};
    return (struct problem){.code = fault_http(refusal->fault),
                            .type = fault_name(refusal->fault),
                            .title = fault_text(refusal->fault),
                            .detail = str_from(refusal->detail)};
}

/* ---- memory ---- */

void bytes_recycle(struct bytes *bytes)
{
    if (bytes->room > KEPT_BYTES) {
        bytes_free(bytes);
        return;
    }
    if (bytes->len > 0)
        wipe(bytes->ptr, bytes->len);
    bytes->len = 0;
}

bool text_is_name(str text, const char *name)
{
    return strlen(name) == text.len && strncasecmp(text.ptr, name, text.len) == 0;
}

/* ---- the head, read by llhttp ---- */

struct reading {
    struct head *head;
    str target;
    bool name_open; /* the last field's name may still grow */
    bool too_many;
};

static int on_target(llhttp_t *parser, const char *at, size_t length)
{
    struct reading *reading = parser->data;
    if (reading->target.ptr == NULL)
        reading->target.ptr = at;
    reading->target.len = (size_t)(at + length - reading->target.ptr);
    return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t length)
{
    struct reading *reading = parser->data;
    struct head *head = reading->head;
    if (reading->name_open) {
        struct http_field *last = &head->fields[head->request.field_count - 1];
        last->name.len = (size_t)(at + length - last->name.ptr);
        return 0;
    }
    if (head->request.field_count == LIMIT_HEADER_FIELDS) {
        reading->too_many = true;
        return -1;
    }
    head->fields[head->request.field_count++] =
        (struct http_field){.name = {at, length}, .value = STR("")};
    reading->name_open = true;
    return 0;
}

static int on_name_end(llhttp_t *parser)
{
    struct reading *reading = parser->data;
    reading->name_open = false;
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t length)
{
    struct reading *reading = parser->data;
    struct head *head = reading->head;
    struct http_field *last = &head->fields[head->request.field_count - 1];
    if (last->value.len == 0)
        last->value.ptr = at;
    last->value.len = (size_t)(at + length - last->value.ptr);
    return 0;
}

static int on_head_end(llhttp_t *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

static const llhttp_settings_t head_settings = {
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_field_complete = on_name_end,
    .on_header_value = on_value,
    .on_headers_complete = on_head_end,
};

static const struct refusal *refusal_of(const struct reading *reading, llhttp_errno_t error)
{
    if (reading->too_many)
        return &refuse_fields_many;
    if (error == HPE_INVALID_METHOD)
        return &refuse_method;
    if (error == HPE_INVALID_VERSION)
        return &refuse_version;
    if (error == HPE_INVALID_URL)
        return &refuse_target;
    if (error == HPE_UNEXPECTED_CONTENT_LENGTH || error == HPE_INVALID_CONTENT_LENGTH ||
        error == HPE_INVALID_TRANSFER_ENCODING)
        return &refuse_framing;
    return &refuse_head_syntax;
}

/* ---- the request line ---- */

/* Takes scheme and authority off an absolute-form target. */
static bool strip_authority(str *target, str *authority)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < LENGTH(schemes); i++) {
        size_t n = strlen(schemes[i]);
        if (target->len < n || strncasecmp(target->ptr, schemes[i], n) != 0)
            continue;
        str rest = str_slice(*target, n, target->len);
        size_t end = 0;
        while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?')
            end++;
        *authority = str_slice(rest, 0, end);
        *target = str_slice(rest, end, rest.len);
        return end > 0;
    }
    return false;
}

static const struct refusal *read_target(struct head *head, str target)
{
    struct http_request *request = &head->request;
    if (str_equal(target, STR("*"))) {
        request->path = target;
        return str_equal(request->method, STR("OPTIONS")) ? NULL : &refuse_target;
    }
    bool absolute = !str_starts(target, STR("/"));
    if (absolute && !strip_authority(&target, &head->authority))
        return &refuse_target;
    if (!http_target_valid(target))
        return &refuse_target;
    const char *mark = target.len == 0 ? NULL : memchr(target.ptr, '?', target.len);
    size_t path_end = mark == NULL ? target.len : (size_t)(mark - target.ptr);
    request->path = path_end == 0 ? STR("/") : str_slice(target, 0, path_end);
    request->query = mark == NULL ? STR("") : str_slice(target, path_end + 1, target.len);
    return NULL;
}

/* llhttp forgives here what we do not: the line is METHOD SP target SP version CR LF, no more. */
static const struct refusal *read_line(struct head *head, str target, size_t target_limit)
{
    const char *line = head->raw.ptr;
    const char *space = memchr(line, ' ', head->raw.len);
    if (space == NULL || target.ptr != space + 1)
        return &refuse_head_syntax;
    head->request.method = (str){line, (size_t)(space - line)};
    head->is_head = str_equal(head->request.method, STR("HEAD"));
    if (str_equal(head->request.method, STR("CONNECT")) ||
        str_equal(head->request.method, STR("TRACE")))
        return &refuse_method;
    if (target.len > target_limit)
        return &refuse_target_long;
    str rest = {target.ptr + target.len, head->raw.len - (size_t)(target.ptr + target.len - line)};
    head->old = str_starts(rest, STR(" HTTP/1.0\r\n"));
    if (!head->old && !str_starts(rest, STR(" HTTP/1.1\r\n")))
        return str_starts(rest, STR(" HTTP/")) ? &refuse_version : &refuse_head_syntax;
    return read_target(head, target);
}

/* ---- the headers that mean something here ---- */

struct framing {
    unsigned hosts, lengths, codings;
    str length, coding;
    const struct refusal *refusal;
};

static void read_connection(struct head *head, str value)
{
    str part;
    while (str_next(&value, ',', &part)) {
        part = str_trim(part);
        if (text_is_name(part, "close"))
            head->keep_alive = false;
        if (head->old && text_is_name(part, "keep-alive"))
            head->keep_alive = true;
    }
}

static void keep_once(str *slot, str value, struct framing *framing)
{
    if (slot->ptr != NULL)
        framing->refusal = &refuse_repeated;
    *slot = value;
}

static void note_field(struct head *head, const struct http_field *field, struct framing *framing)
{
    struct http_request *request = &head->request;
    str name = field->name, value = field->value;
    switch (name.len) {
    case 4:
        if (text_is_name(name, "host")) {
            framing->hosts++;
            request->host = value;
        }
        break;
    case 6:
        if (text_is_name(name, "expect")) {
            head->expects = true;
            if (!text_is_name(value, "100-continue"))
                framing->refusal = &refuse_expect;
        }
        break;
    case 10:
        if (text_is_name(name, "connection"))
            read_connection(head, value);
        break;
    case 12:
        if (text_is_name(name, "content-type"))
            keep_once(&request->content_type, value, framing);
        break;
    case 13:
        if (text_is_name(name, "authorization"))
            keep_once(&request->authorization, value, framing);
        break;
    case 14:
        if (text_is_name(name, "content-length")) {
            framing->lengths++;
            framing->length = value;
        }
        break;
    case 15:
        if (text_is_name(name, "idempotency-key"))
            keep_once(&request->idempotency_key, value, framing);
        break;
    case 17:
        if (text_is_name(name, "transfer-encoding")) {
            framing->codings++;
            framing->coding = value;
        }
        break;
    default:
        break;
    }
}

static const struct refusal *read_framing(struct head *head, const struct framing *framing)
{
    if (framing->hosts != 1)
        return &refuse_host;
    if (framing->lengths + framing->codings > 1)
        return &refuse_framing;
    if (framing->refusal != NULL)
        return framing->refusal;
    if (framing->codings == 1) {
        head->chunked = true;
        return head->old || !text_is_name(framing->coding, "chunked") ? &refuse_coding : NULL;
    }
    if (framing->lengths == 1 && !str_to_u64(framing->length, &head->length))
        return &refuse_framing;
    return NULL;
}

/* A token of RFC 9110; llhttp lets some more pass in names. */
static bool name_valid(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i], lower = c | 0x20;
        bool letter = lower >= 'a' && lower <= 'z', digit = c >= '0' && c <= '9';
        if (!letter && !digit && (c == '\0' || strchr("-_!#$%&'*+.^`|~", c) == NULL))
            return false;
    }
    return name.len > 0;
}

static bool value_valid(str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static const struct refusal *read_fields(struct head *head)
{
    struct framing framing = {0};
    head->keep_alive = !head->old;
    for (size_t i = 0; i < head->request.field_count; i++) {
        struct http_field *field = &head->fields[i];
        field->value = str_trim(field->value);
        if (!name_valid(field->name) || !value_valid(field->value))
            return &refuse_head_syntax;
        note_field(head, field, &framing);
    }
    const struct refusal *refusal = read_framing(head, &framing);
    bool has_body = head->chunked || head->length > 0;
    head->expects = head->expects && has_body && !head->old;
    return refusal;
}

const struct refusal *head_read(struct head *head, size_t target_limit)
{
    struct reading reading = {.head = head};
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, &head_settings);
    parser.data = &reading;
    head->request.fields = head->fields;
    llhttp_errno_t error = llhttp_execute(&parser, head->raw.ptr, head->raw.len);
    if (error != HPE_PAUSED)
        return refusal_of(&reading, error);
    const struct refusal *refusal = read_line(head, reading.target, target_limit);
    return refusal != NULL ? refusal : read_fields(head);
}

/* ---- lines of the head, before llhttp sees them ---- */

void parser_begin(struct parser *parser, struct head *head)
{
    head->raw.len = 0;
    head->request = (struct http_request){.query = STR(""), .body = STR("")};
    head->authority = STR("");
    head->length = 0;
    head->chunked = head->keep_alive = head->old = head->expects = head->is_head = false;
    *parser = (struct parser){
        .header_limit = parser->header_limit, .target_limit = parser->target_limit, .head = head};
}

static enum parse_event refuse(struct parser *parser, const struct refusal *refusal)
{
    parser->phase = PHASE_REFUSED;
    parser->refusal = refusal;
    return PARSE_REFUSED;
}

/* The longest that the head may be while its present line goes on. */
static size_t head_room(const struct parser *parser)
{
    size_t first = parser->target_limit + LINE_OVERHEAD;
    return !parser->began && first < parser->header_limit ? first : parser->header_limit;
}

/* What is wrong with the present line as far as it has come. */
static const struct refusal *line_fault(const struct parser *parser, bool complete)
{
    str line = {parser->head->raw.ptr + parser->line, parser->head->raw.len - parser->line};
    if (line.len == 0)
        return NULL;
    if (parser->began && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
        return &refuse_fold;
    const char *cr = memchr(line.ptr, '\r', line.len);
    size_t at = cr == NULL ? line.len : (size_t)(cr - line.ptr);
    size_t expected = complete ? line.len - 2 : line.len - 1;
    if (at < line.len ? at != expected : complete)
        return &refuse_bare_line;
    return NULL;
}

static enum parse_event head_complete(struct parser *parser)
{
    const struct refusal *refusal = head_read(parser->head, parser->target_limit);
    if (refusal != NULL)
        return refuse(parser, refusal);
    parser->left = parser->head->length;
    parser->phase = PHASE_LENGTH;
    if (parser->head->chunked) {
        parser->phase = PHASE_CHUNKS;
        parser->chunk = CHUNK_SIZE;
        parser->left = 0;
    }
    return PARSE_HEAD;
}

/* After a complete line: one empty line may stand before a request, the next empty one ends it. */
static enum parse_event line_complete(struct parser *parser)
{
    struct bytes *raw = &parser->head->raw;
    bool empty = raw->len - parser->line == 2;
    if (empty && parser->began)
        return head_complete(parser);
    if (empty) {
        if (parser->skipped)
            return refuse(parser, &refuse_head_syntax);
        parser->skipped = true;
        raw->len = 0;
        return PARSE_MORE;
    }
    parser->began = true;
    parser->line = raw->len;
    return PARSE_MORE;
}

static enum parse_event head_next(struct parser *parser, str *input)
{
    struct bytes *raw = &parser->head->raw;
    while (input->len > 0) {
        size_t room = head_room(parser);
        if (raw->len >= room)
            return refuse(parser, parser->began ? &refuse_head_large : &refuse_target_long);
        size_t take = input->len < room - raw->len ? input->len : room - raw->len;
        const char *feed = memchr(input->ptr, '\n', take);
        if (feed != NULL)
            take = (size_t)(feed - input->ptr) + 1;
        bytes_add(raw, str_slice(*input, 0, take));
        *input = str_slice(*input, take, input->len);
        const struct refusal *fault = line_fault(parser, feed != NULL);
        if (fault != NULL)
            return refuse(parser, fault);
        enum parse_event event = feed != NULL ? line_complete(parser) : PARSE_MORE;
        if (event != PARSE_MORE)
            return event;
    }
    return PARSE_MORE;
}

/* ---- the body ---- */

static enum parse_event length_next(struct parser *parser, str *input, str *piece)
{
    if (parser->left == 0) {
        parser->phase = PHASE_END;
        return PARSE_END;
    }
    if (input->len == 0)
        return PARSE_MORE;
    size_t take = input->len < parser->left ? input->len : (size_t)parser->left;
    *piece = str_slice(*input, 0, take);
    *input = str_slice(*input, take, input->len);
    parser->left -= take;
    return PARSE_BODY;
}

enum parse_event parser_next(struct parser *parser, str *input, str *piece)
{
    enum parse_event event = PARSE_REFUSED;
    switch (parser->phase) {
    case PHASE_HEAD:
        return head_next(parser, input);
    case PHASE_LENGTH:
        return length_next(parser, input, piece);
    case PHASE_CHUNKS:
        event = chunk_next(parser, input, piece);
        if (event == PARSE_END)
            parser->phase = PHASE_END;
        return event == PARSE_REFUSED ? refuse(parser, parser->refusal) : event;
    case PHASE_END:
        return PARSE_END;
    case PHASE_REFUSED:
        return PARSE_REFUSED;
    }
    return event;
}
