/* The chunked coding, strictly: hexadecimal size, optional extension, CR LF, data, CR LF. */
#include "parse_internal.h"

/* Extensions are skipped, trailers dropped; both are bounded so that they cannot carry the load. */
enum { EXTENSION_BYTES = 256, SIZE_DIGITS = 15 };

static enum parse_event refuse_with(struct parser *parser, const struct refusal *refusal)
{
    parser->refusal = refusal;
    return PARSE_REFUSED;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static enum parse_event size_byte(struct parser *parser, char c)
{
    int value = hex_value(c);
    if (value >= 0 && parser->digits < SIZE_DIGITS) {
        parser->left = parser->left * 16 + (unsigned)value;
        parser->digits++;
        return PARSE_MORE;
    }
    if (parser->digits == 0 || (c != '\r' && c != ';'))
        return refuse_with(parser, &refuse_chunk);
    parser->chunk = c == '\r' ? CHUNK_SIZE_LF : CHUNK_EXTENSION;
    return PARSE_MORE;
}

static enum parse_event extension_byte(struct parser *parser, char c)
{
    if (c == '\r') {
        parser->chunk = CHUNK_SIZE_LF;
        return PARSE_MORE;
    }
    if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f || ++parser->overhead > EXTENSION_BYTES)
        return refuse_with(parser, &refuse_chunk);
    return PARSE_MORE;
}

static enum parse_event trailer_byte(struct parser *parser, char c)
{
    bool first = parser->chunk == CHUNK_TRAILER_START;
    if (++parser->overhead > parser->header_limit)
        return refuse_with(parser, &refuse_head_large);
    if (c == '\r') {
        parser->chunk = first ? CHUNK_LAST_LF : CHUNK_TRAILER_LF;
        return PARSE_MORE;
    }
    bool control = ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
    if (control || (first && (c == ' ' || c == '\t' || c == ':')))
        return refuse_with(parser, &refuse_trailer);
    parser->chunk = CHUNK_TRAILER;
    return PARSE_MORE;
}

/* Takes `c` if it is `wanted` and goes on to `next`. */
static enum parse_event expect_byte(struct parser *parser, char c, char wanted,
                                    enum chunk_state next)
{
    if (c != wanted)
        return refuse_with(parser, &refuse_chunk);
    parser->chunk = next;
    return PARSE_MORE;
}

static void begin_size(struct parser *parser)
{
    parser->left = 0;
    parser->digits = 0;
    parser->overhead = 0;
}

static enum parse_event frame_byte(struct parser *parser, char c)
{
    enum parse_event event = PARSE_MORE;
    switch (parser->chunk) {
    case CHUNK_SIZE:
        return size_byte(parser, c);
    case CHUNK_EXTENSION:
        return extension_byte(parser, c);
    case CHUNK_SIZE_LF:
        parser->overhead = 0;
        return expect_byte(parser, c, '\n', parser->left > 0 ? CHUNK_DATA : CHUNK_TRAILER_START);
    case CHUNK_DATA:
    case CHUNK_DATA_CR:
        return expect_byte(parser, c, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF:
        begin_size(parser);
        return expect_byte(parser, c, '\n', CHUNK_SIZE);
    case CHUNK_TRAILER_START:
    case CHUNK_TRAILER:
        return trailer_byte(parser, c);
    case CHUNK_TRAILER_LF:
        return expect_byte(parser, c, '\n', CHUNK_TRAILER_START);
    case CHUNK_LAST_LF:
        event = expect_byte(parser, c, '\n', CHUNK_LAST_LF);
        return event == PARSE_MORE ? PARSE_END : event;
    }
    return event;
}

enum parse_event chunk_next(struct parser *parser, str *input, str *piece)
{
    while (input->len > 0) {
        if (parser->chunk == CHUNK_DATA) {
            size_t take = input->len < parser->left ? input->len : (size_t)parser->left;
            *piece = str_slice(*input, 0, take);
            *input = str_slice(*input, take, input->len);
            parser->left -= take;
            if (parser->left == 0)
                parser->chunk = CHUNK_DATA_CR;
            return PARSE_BODY;
        }
        char c = input->ptr[0];
        *input = str_slice(*input, 1, input->len);
        enum parse_event event = frame_byte(parser, c);
        if (event != PARSE_MORE)
            return event;
    }
    return PARSE_MORE;
}
