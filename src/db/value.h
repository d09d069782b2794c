/* What goes into a statement and comes out of a row. */
#ifndef VERN_VALUE_H
#define VERN_VALUE_H
#include "base.h"

enum value_kind { VALUE_INTEGER, VALUE_BYTES, VALUE_TEXT };
struct value {
    enum value_kind kind;
    int64_t integer;
    str bytes; /* of bytes and text */
};

/* A keyed hash of 32 bytes. */
typedef struct {
    unsigned char bytes[32];
} hash32;

static inline struct value value_integer(int64_t integer)
{
    return (struct value){.kind = VALUE_INTEGER, .integer = integer};
}
static inline struct value value_bytes(const void *bytes, size_t len)
{
    return (struct value){.kind = VALUE_BYTES, .bytes = {bytes, len}};
}
static inline struct value value_text(str text)
{
    return (struct value){.kind = VALUE_TEXT, .bytes = text};
}

/* Of several servers one is there alone, or some share a turn, in which nothing is changed (db.h).
 */
enum db_stay { DB_ALONE, DB_SHARED };

#endif
