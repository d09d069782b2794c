/* json: a strict reader and a careful writer.
 *
 *   text --json_parse--> struct json (a tree)      calls on struct json_out --> struct buf
 *
 * Holds: what json_parse() takes is RFC 8259 in valid UTF-8 with no name twice in one object, no
 * depth past LIMIT_JSON_DEPTH, no lone surrogate and no number beyond 2^53 (where doubles lose
 * integers). What the writer makes, the reader takes. Reports name a place, never the content.
 * Does not hold: the tree borrows from the text that was read; keep the text as long as the tree.
 * A string may hold U+0000 (its escape is legal JSON): mind it before making a C string of one.
 * Memory: the tree lives in the arena that you pass. Threads: values are free.
 */
#ifndef VERN_JSON_H
#define VERN_JSON_H

#include "base.h"
#include "instant.h"

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_kind kind;
    bool truth;               /* of a bool */
    str name;                 /* of a member, decoded; else empty */
    str text;                 /* a string's value, decoded; a number's literal */
    const struct json *child; /* first element or member, in the order of the text */
    const struct json *next;  /* the next element or member of the same parent */
    size_t count;             /* of elements or members */
    size_t offset;            /* where the value starts in the text, in bytes */
};

/* Reads one value and nothing after it but blanks. Faults: SYNTAX with "line:column" (from 1, in
 * characters) in report->where, LIMIT when the arena's budget is reached. */
MUST_CHECK status json_parse(struct arena *arena, str text, struct report *report,
                             const struct json **root);

/* All of these take NULL, as an absent value, and answer NULL or false for what does not fit. */
const struct json *json_get(const struct json *object, const char *name);
bool json_is(const struct json *value, enum json_kind kind);
bool json_is_string(const struct json *value);
bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
bool json_str(const struct json *value, str *text);       /* strings */
bool json_i64(const struct json *value, int64_t *number); /* numbers without point and exponent */
bool json_bool(const struct json *value, bool *truth);
bool json_instant(const struct json *value, instant *at); /* strings of RFC 3339 */

/* `for (JSON_EACH(member, object))` */
#define JSON_EACH(item, parent)                                                                    \
    const struct json *item = (parent)->child;                                                     \
    (item) != NULL;                                                                                \
    (item) = (item)->next

/* Writes into a buffer; commas and colons come by themselves. Closing what was not opened, a key
 * outside an object and a value without its key are errors of the caller and assert. Bytes that are
 * no UTF-8 come out as U+FFFD. */
struct json_out {
    struct buf *buf;
    uint64_t objects; /* a bit for each open level: it is an object */
    uint64_t filled;  /* a bit for each open level: it has something in it */
    unsigned depth;
    bool keyed; /* a key waits for its value */
};
struct json_out json_out_over(struct buf *buf);
void json_open_object(struct json_out *out);
void json_close_object(struct json_out *out);
void json_open_array(struct json_out *out);
void json_close_array(struct json_out *out);
void json_key(struct json_out *out, const char *name); /* a literal: it is not escaped */
void json_key_str(struct json_out *out, str name);
void json_put_str(struct json_out *out, str text);
void json_put_text(struct json_out *out, const char *c_string); /* NULL gives null */
void json_put_i64(struct json_out *out, int64_t value);
void json_put_u64(struct json_out *out, uint64_t value);
void json_put_bool(struct json_out *out, bool value);
void json_put_null(struct json_out *out);
void json_put_instant(struct json_out *out, instant at); /* null when it has no text (NEVER) */
void json_put_id(struct json_out *out, const unsigned char bytes[ID_BYTES]);
void json_put_raw(struct json_out *out, str json); /* a value that is JSON already */
void json_put_tree(struct json_out *out, const struct json *value); /* as it was read */

/* A tree in the canonical form of RFC 8785: names in the order of their UTF-16 code units, no
 * blanks. Numbers must be integers. Faults: INVALID for another number, LIMIT. The arena holds what
 * sorting needs. */
MUST_CHECK status json_canonical(struct arena *arena, const struct json *value, struct buf *buf,
                                 struct report *report);

#endif
