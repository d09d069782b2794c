/* Target: the HTTP request parser, as a connection drives it, without sockets.
 * Property: no input breaks it, and the events depend on the bytes alone: cut into reads at places
 * that the input chooses, they are those of one single read. */
#include <stdlib.h>
#include "parse_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A digest of all events, with pieces of one body run together. */
struct outcome {
    uint64_t digest;
    uint64_t body_bytes, requests;
    const struct refusal *refusal;
};

static void mix(struct outcome *outcome, str text)
{
    for (size_t i = 0; i < text.len; i++)
        outcome->digest = (outcome->digest ^ (unsigned char)text.ptr[i]) * 1099511628211u;
}

static void mix_number(struct outcome *outcome, uint64_t number)
{
    mix(outcome, (str){(const char *)&number, sizeof(number)});
}

static void mix_head(struct outcome *outcome, const struct head *head)
{
    const struct http_request *request = &head->request;
    mix(outcome, request->method);
    mix(outcome, request->path);
    mix(outcome, request->query);
    mix(outcome, request->host);
    mix(outcome, head->authority);
    for (size_t i = 0; i < request->field_count; i++) {
        mix(outcome, request->fields[i].name);
        mix(outcome, request->fields[i].value);
    }
    mix_number(outcome, head->length);
    mix_number(outcome, (uint64_t)head->chunked << 3 | (uint64_t)head->keep_alive << 2 |
                            (uint64_t)head->old << 1 | (uint64_t)head->expects);
    assert(request->path.len > 0);
    assert(!(head->chunked && head->length > 0));
}

static void note(struct outcome *outcome, const struct parser *parser, enum parse_event event,
                 str piece)
{
    if (event == PARSE_BODY) {
        assert(piece.len > 0);
        outcome->body_bytes += piece.len;
        mix(outcome, piece);
        return;
    }
    mix_number(outcome, (uint64_t)event);
    if (event == PARSE_HEAD)
        mix_head(outcome, parser->head);
    if (event == PARSE_END)
        outcome->requests++;
    if (event == PARSE_REFUSED)
        outcome->refusal = parser->refusal;
}

/* The length of the next read: all of it, or what the seed says. */
static size_t next_cut(uint32_t *seed, size_t left)
{
    if (*seed == 0)
        return left;
    *seed = *seed * 1664525u + 1013904223u;
    size_t cut = 1 + (*seed >> 24) % 29;
    return cut < left ? cut : left;
}

static struct outcome run(str input, uint32_t seed)
{
    struct outcome outcome = {.digest = 14695981039346656037u};
    struct head *head = calloc(1, sizeof(*head));
    if (head == NULL)
        abort();
    struct parser parser = {.header_limit = 1024, .target_limit = 128};
    parser_begin(&parser, head);
    while (input.len > 0 && outcome.refusal == NULL) {
        size_t cut = next_cut(&seed, input.len);
        str part = str_slice(input, 0, cut), piece = {0};
        input = str_slice(input, cut, input.len);
        enum parse_event event;
        while ((event = parser_next(&parser, &part, &piece)) != PARSE_MORE) {
            note(&outcome, &parser, event, piece);
            if (event == PARSE_END)
                parser_begin(&parser, head);
            if (event == PARSE_REFUSED)
                break;
        }
        assert(event == PARSE_REFUSED || part.len == 0);
    }
    bytes_free(&head->raw);
    free(head);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str input = {(const char *)data, size};
    struct outcome whole = run(input, 0);
    uint32_t seed = 1;
    for (size_t i = 0; i < size && i < 8; i++)
        seed = seed * 31 + data[size - 1 - i];
    for (uint32_t i = 0; i < 3; i++) {
        struct outcome cut = run(input, (seed + i) | 1);
        assert(cut.refusal == whole.refusal);
        assert(cut.requests == whole.requests);
        assert(cut.body_bytes == whole.body_bytes);
        assert(cut.digest == whole.digest);
    }
    return 0;
}
