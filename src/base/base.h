/* base: what every module stands on.
 *
 *   str    borrowed text {ptr, len}          status  how a call ended; must be looked at
 *   buf    bounded writer that latches       report  the first explanation of a failure
 *   arena  memory of one event, budgeted     world   the only clock and the only random bytes
 *
 * Holds: no function here allocates without a budget; text is never assumed NUL-terminated.
 * Does not hold: nothing here knows people, policies or files (files are in file.h, calendars in
 * calendar.h, JSON in json.h).
 * Memory: results live in the arena you pass. Threads: values are free; an arena has one owner.
 */
#ifndef VERN_BASE_H
#define VERN_BASE_H

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define CLEANUP(f)        __attribute__((cleanup(f)))
#define LENGTH(a)         (sizeof(a) / sizeof((a)[0]))

/* ---- text ---- */

/* Borrowed bytes. Passed by value; never NUL-terminated by promise. */
typedef struct {
    const char *ptr;
    size_t len;
} str;

/* A str of a literal; refuses anything else at compile time. */
#define STR(literal) ((str){"" literal "", sizeof(literal) - 1})
/* printf: "%.*s" with STR_ARG(s). */
#define STR_ARG(s) (int)(s).len, (s).ptr

str str_from(const char *c_string); /* NULL gives the empty str */
bool str_equal(str a, str b);
bool str_is(str a, const char *c_string);
int str_compare(str a, str b); /* bytewise order: <0, 0, >0 */
bool str_starts(str text, str prefix);
bool str_ends(str text, str suffix);
bool str_is_empty(str a);
str str_slice(str text, size_t from, size_t to); /* clamps both ends */
str str_trim(str text);                          /* spaces, tabs, CR, LF */
/* Splits `*rest` at the first `separator`: returns what stood before it, leaves the rest after it.
 * Returns false when `*rest` was already used up (ptr NULL). */
bool str_next(str *rest, char separator, str *part);
bool str_to_u64(str text, uint64_t *value); /* digits only, no sign, no overflow */
bool str_to_i64(str text, int64_t *value);
bool utf8_valid(str text); /* RFC 3629: no surrogates, no overlong forms */
/* Damerau-Levenshtein-like distance, capped at 32 characters a side; for "did you mean". */
unsigned str_distance(str a, str b);

/* ---- failing ---- */

enum fault_class {
    FAULT_NONE = 0,
#define FAULT(name, http, exit, text) FAULT_##name,
#include "faults.def"
#undef FAULT
    FAULT_COUNT
};

typedef struct {
    enum fault_class fault;
} status;

#define OK ((status){FAULT_NONE})
#define TRY(call)                                                                                  \
    do {                                                                                           \
        status try_status_ = (call);                                                               \
        if (!is_ok(try_status_))                                                                   \
            return try_status_;                                                                    \
    } while (0)

static inline bool is_ok(status s)
{
    return s.fault == FAULT_NONE;
}

/* Where the first explanation of a failure is kept. One per request or command; it names the thing
 * and the place and never carries personal data. `type` may refine the fault's name in a problem
 * document (a stable word such as "unknown-word"). */
struct report {
    enum fault_class fault;
    char text[512];
    char type[48];
    char where[256];   /* file:line:column or a JSON pointer; empty when there is none */
    const char *about; /* where the text at fault begins: to find its place by, never to read */
};

#ifdef fail /* cmocka has a macro of this name, which its fail_msg() uses */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                              \
    (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__), __builtin_trap())
#endif
MUST_CHECK status fail(struct report *report, enum fault_class fault, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* As fail(), with a place. */
MUST_CHECK status fail_at(struct report *report, enum fault_class fault, const char *where,
                          const char *format, ...) PRINTF_LIKE(4, 5);
/* As fail(), about a text that came with the request: whoever bound it finds its place. */
MUST_CHECK status fail_about(struct report *report, enum fault_class fault, str about,
                             const char *format, ...) PRINTF_LIKE(4, 5);
const char *fault_name(enum fault_class fault); /* "not_found" */
int fault_http(enum fault_class fault);
int fault_exit(enum fault_class fault);
const char *fault_text(enum fault_class fault);

/* ---- memory ---- */

struct arena;

/* A new arena that gives at most `budget` bytes. Aborts when the OS has no memory. */
struct arena *arena_new(size_t budget);
void arena_free(struct arena **arena); /* fits CLEANUP; takes NULL */
void arena_reset(struct arena *arena); /* forgets all, wipes, keeps one block */
/* Zeroed memory aligned for anything, or NULL at the budget (which the caller turns into LIMIT). */
void *arena_take(struct arena *arena, size_t size);
size_t arena_used(const struct arena *arena);
#define ARENA_NEW(arena, type) ((type *)arena_take((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count)                                                            \
    ((type *)((size_t)(count) > SIZE_MAX / sizeof(type)                                            \
                  ? NULL                                                                           \
                  : arena_take((arena), (size_t)(count) * sizeof(type))))
/* Copies; ptr NULL in the result means the budget was reached (an empty text gives ptr != NULL). */
str arena_copy(struct arena *arena, str text);
const char *arena_c_string(struct arena *arena, str text); /* NUL-terminated, NULL at the budget */
str arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
#define NO_MEMORY(report)                                                                          \
    fail((report), FAULT_LIMIT, "the memory budget of this request is used up")

/* A growing array in an arena: `LIST(struct item) items;` then `LIST_ADD(arena, &items)` gives a
 * pointer to a zeroed new element, or NULL at the budget. Old blocks stay in the arena. */
#define LIST(type)                                                                                 \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t count, room;                                                                        \
    }
#define LIST_ADD(arena, list)                                                                      \
    (list_grow_((arena), (void **)&(list)->at, &(list)->count, &(list)->room, sizeof(*(list)->at)) \
         ? &(list)->at[(list)->count - 1]                                                          \
         : NULL)
bool list_grow_(struct arena *arena, void **at, size_t *count, size_t *room, size_t size);

/* ---- building text ---- */

/* A bounded writer. Append freely: past the room it latches, and buf_finish() reports LIMIT once.
 */
struct buf {
    char *ptr;
    size_t len, room;
    bool full;
    struct arena *arena; /* when set, the buffer grows inside it up to `limit` */
    size_t limit;
};

struct buf buf_over(char *memory, size_t room);       /* fixed memory */
struct buf buf_in(struct arena *arena, size_t limit); /* grows in the arena */
void buf_add(struct buf *buf, str text);
void buf_char(struct buf *buf, char c);
void buf_text(struct buf *buf, const char *c_string);
void buf_u64(struct buf *buf, uint64_t value);
void buf_i64(struct buf *buf, int64_t value);
void buf_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_be16(struct buf *buf, uint16_t value);
void buf_be32(struct buf *buf, uint32_t value);
void buf_be64(struct buf *buf, uint64_t value);
/* A length-prefixed field (be32 length, then the bytes); unambiguous for associated data. */
void buf_field(struct buf *buf, str bytes);
str buf_str(const struct buf *buf); /* what is there so far */
MUST_CHECK status buf_finish(const struct buf *buf, struct report *report, str *text);

/* Reads what the buf_be and buf_field writers wrote. `bad` latches on a short or odd input. */
struct reader {
    const unsigned char *at, *end;
    bool bad;
};
struct reader reader_over(str bytes);
uint8_t read_u8(struct reader *r);
uint16_t read_be16(struct reader *r);
uint32_t read_be32(struct reader *r);
uint64_t read_be64(struct reader *r);
str read_bytes(struct reader *r, size_t count); /* borrowed */
str read_field(struct reader *r);
bool reader_done(const struct reader *r); /* all read and nothing was bad */

/* ---- encodings ---- */

void buf_hex(struct buf *buf, str bytes);       /* lower case */
void buf_base64(struct buf *buf, str bytes);    /* standard alphabet, padded */
void buf_base64url(struct buf *buf, str bytes); /* no padding */
/* Strict: exact alphabet, no whitespace, no stray bits. Writes at most `room`, gives the length. */
bool hex_decode(str text, void *out, size_t room, size_t *len);
bool base64_decode(str text, void *out, size_t room, size_t *len);
bool base64url_decode(str text, void *out, size_t room, size_t *len);

/* ---- ids ---- */

enum { ID_BYTES = 16, ID_TEXT = 22 };

/* 128 random bits, printed as 22 base64url characters. Kinds do not mix: each has its own struct.
 */
#define ID_TYPE(name)                                                                              \
    typedef struct {                                                                               \
        unsigned char bytes[ID_BYTES];                                                             \
    } name
ID_TYPE(dossier_id); /* a person, matter, case, token, staff member, party, place, the register */
ID_TYPE(record_id);  /* an item, an evidence record, a restriction: anything within a dossier */
ID_TYPE(request_id); /* one request, made by the server */

#define ID_STR(id)     ((str){(const char *)(id).bytes, ID_BYTES})
#define ID_EQUAL(a, b) (memcmp((a).bytes, (b).bytes, ID_BYTES) == 0)
#define ID_IS_ZERO(id) (memcmp((id).bytes, (unsigned char[ID_BYTES]){0}, ID_BYTES) == 0)
void buf_id(struct buf *buf, const unsigned char bytes[ID_BYTES]);
bool id_parse(str text, unsigned char bytes[ID_BYTES]);

/* ---- time and chance ---- */

/* Milliseconds since 1970-01-01T00:00:00Z. */
typedef struct {
    int64_t ms;
} instant;

#define NEVER  ((instant){INT64_MAX}) /* pending: later than all */
#define ALWAYS ((instant){INT64_MIN}) /* before all */
static inline bool before(instant a, instant b)
{
    return a.ms < b.ms;
}
static inline instant earlier(instant a, instant b)
{
    return b.ms < a.ms ? b : a;
}
static inline instant later(instant a, instant b)
{
    return b.ms > a.ms ? b : a;
}

/* The world outside: the only reader of a clock and of random bytes, and the seam that tests fail.
 * `seam` is called before each durable effect with its name ("keys.commit", "log.flush"); a fault
 * from it stands for the effect's failure. */
struct world {
    void *self;
    instant (*now)(void *self);
    void (*random)(void *self, void *bytes, size_t count);
    status (*seam)(void *self, const char *name, struct report *report);
};
const struct world *world_real(void);
/* A world that a seed replays. The caller owns it; `start` is where its clock stands. */
struct sim_world {
    struct world world;
    instant clock;
    uint64_t state[4];
};
void world_sim(struct sim_world *sim, uint64_t seed, instant start);
static inline instant world_now(const struct world *w)
{
    return w->now(w->self);
}
static inline void world_random(const struct world *w, void *bytes, size_t count)
{
    w->random(w->self, bytes, count);
}
MUST_CHECK status world_seam(const struct world *w, const char *name, struct report *report);

/* ---- secrets ---- */

enum { KEY_BYTES = 32 };
/* Key material. Never printed, compared in constant time only, wiped on scope exit:
 *   CLEANUP(secret_wipe) secret key = {0}; */
typedef struct {
    unsigned char bytes[KEY_BYTES];
} secret;
void secret_wipe(secret *key);
bool secret_equal(const secret *a, const secret *b); /* constant time */
void wipe(void *memory, size_t size);                /* not optimised away */

#include "banned.h"
#endif
