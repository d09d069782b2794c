/* parse: bytes of a connection to the events of its requests, without sockets.
 *
 *   bytes --> HEAD, BODY*, END, HEAD, ...      or  REFUSED, after which nothing follows
 *
 * Holds: the events depend on the bytes alone and never on how they were cut into reads; only lines
 * that end in CR LF are lines. llhttp reads each head whole; framing of bodies is decided here, by
 * exactly one of one Content-Length or "chunked".
 */
#ifndef VERN_PARSE_INTERNAL_H
#define VERN_PARSE_INTERNAL_H
#include "bytes.h"
#include "http.h"
#include "limits.h"
#include "problem.h"

void bytes_recycle(struct bytes *bytes); /* wipes what was used; gives back what is large */

/* One way to refuse a request; all of them stand in parse.c. */
struct refusal {
    enum fault_class fault; /* NONE: the next three say what it is */
    int code;
    const char *type, *title;
    const char *detail;
};
struct problem refusal_problem(const struct refusal *refusal);
extern const struct refusal refuse_bare_line, refuse_fold, refuse_target_long, refuse_head_large,
    refuse_fields_many, refuse_head_syntax, refuse_method, refuse_version, refuse_target,
    refuse_framing, refuse_coding, refuse_repeated, refuse_host, refuse_misdirected, refuse_expect,
    refuse_chunk, refuse_trailer, refuse_body_large, refuse_slow, refuse_busy;

/* What one head says. `request` points into `raw`. */
struct head {
    struct bytes raw;
    struct http_request request;
    struct http_field fields[LIMIT_HEADER_FIELDS];
    str authority;   /* of an absolute-form target; empty otherwise */
    uint64_t length; /* of the body, when not chunked */
    bool chunked;
    bool keep_alive; /* the client means to go on */
    bool old;        /* HTTP/1.0 */
    bool expects;    /* Expect: 100-continue */
    bool is_head;    /* method HEAD */
};

enum parse_event { PARSE_MORE, PARSE_HEAD, PARSE_BODY, PARSE_END, PARSE_REFUSED };

enum parse_phase { PHASE_HEAD, PHASE_LENGTH, PHASE_CHUNKS, PHASE_END, PHASE_REFUSED };

enum chunk_state {
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_TRAILER_START,
    CHUNK_TRAILER,
    CHUNK_TRAILER_LF,
    CHUNK_LAST_LF
};

struct parser {
    size_t header_limit, target_limit;
    struct head *head;
    enum parse_phase phase;
    size_t line;   /* where the unfinished line begins in head->raw */
    bool began;    /* the request line is there */
    bool skipped;  /* the one empty line before a request was seen */
    uint64_t left; /* bytes of body, or of this chunk, to come */
    enum chunk_state chunk;
    unsigned digits; /* of the chunk size */
    size_t overhead; /* bytes of this chunk line, or of all trailers */
    const struct refusal *refusal;
};

/* Begins a request whose head goes to `head`, which is emptied. */
void parser_begin(struct parser *parser, struct head *head);
/* Takes bytes off `input` and says what they were. BODY gives a `piece` of the input itself. After
 * MORE the input is empty; after END begin anew. */
enum parse_event parser_next(struct parser *parser, str *input, str *piece);

/* The pieces that parser_next() is made of. */
const struct refusal *head_read(struct head *head, size_t target_limit);
enum parse_event chunk_next(struct parser *parser, str *input, str *piece);
bool text_is_name(str text, const char *name); /* ASCII case is ignored */
#endif
