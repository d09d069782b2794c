/* bind: the members of requests and replies, as tables beside their structs.
 *
 *   JSON body --bind_read(form)--> struct          struct --bind_write(form)--> JSON reply
 *                       form --bind_schema--> JSON Schema in the OpenAPI document
 *
 * One table says what a body may hold, how it is read, how it is written and how it is described,
 * so the three cannot differ.
 *
 * Holds: an unknown member, a wrong type and a missing member are each INVALID with a JSON pointer
 * in report->where and, for a misspelt one, the nearest name. What a client wrote is repeated in a
 * report only where it looks like a name (bind_is_name), never a value.
 * Does not hold: whether a word is one of the policy's is the engine's to say.
 * Memory: what is read borrows from the JSON tree or lies in the arena. Threads: all pure.
 */
#ifndef VERN_BIND_H
#define VERN_BIND_H
#include "json.h"

enum bind_type {
    BIND_TEXT,    /* str */
    BIND_ID,      /* any of the 16-byte ids; zero is "none" */
    BIND_INSTANT, /* instant; ms 0 is "none" when reading, NEVER too when writing */
    BIND_BOOL,    /* bool */
    BIND_U32,     /* uint32_t */
    BIND_U64,     /* uint64_t */
    BIND_TEXTS,   /* pointer to str, size_t count */
    BIND_IDS,     /* pointer to ids, size_t count */
    BIND_OBJECT,  /* pointer to a struct of `form`, NULL is "none" */
    BIND_OBJECTS, /* pointer to structs of `form`, size_t count */
    BIND_MAP, /* an object of any names with texts; to structs of `form`, whose first two members
                 take name and text */
    BIND_JSON /* str that is JSON already; replies only */
};

enum bind_need { OPTIONAL, REQUIRED };

struct bind_form;

struct bind_member {
    const char *name; /* in JSON */
    enum bind_type type;
    enum bind_need need;
    size_t offset, count_offset;
    size_t stated_offset; /* of a bool that is set when the member was there; 0: none */
    bool filled;          /* a list that means all when it is left out: so it is not given empty */
    const struct bind_form *form;
    const char *help;
};

struct bind_form {
    const char *name; /* "collect"; the schema's name */
    const char *help;
    size_t size; /* of the struct */
    const struct bind_member *members;
    size_t count;
};

/* Rows: name in JSON, struct, member, need, help. */
#define B_ROW(json, kind, type_, field, need_, help_)                                              \
    {                                                                                              \
        .name = (json), .type = (kind), .need = (need_), .offset = offsetof(type_, field),         \
        .help = (help_)                                                                            \
    }
#define B_TEXT(json, type_, field, need_, help_) B_ROW(json, BIND_TEXT, type_, field, need_, help_)
#define B_ID(json, type_, field, need_, help_)   B_ROW(json, BIND_ID, type_, field, need_, help_)
#define B_INSTANT(json, type_, field, need_, help_)                                                \
    B_ROW(json, BIND_INSTANT, type_, field, need_, help_)
#define B_BOOL(json, type_, field, need_, help_) B_ROW(json, BIND_BOOL, type_, field, need_, help_)
#define B_U32(json, type_, field, need_, help_)  B_ROW(json, BIND_U32, type_, field, need_, help_)
#define B_U64(json, type_, field, need_, help_)  B_ROW(json, BIND_U64, type_, field, need_, help_)
#define B_JSON(json, type_, field, need_, help_) B_ROW(json, BIND_JSON, type_, field, need_, help_)
#define B_LIST(json, kind, type_, field, counter, need_, form_, help_)                             \
    {                                                                                              \
        .name = (json), .type = (kind), .need = (need_), .offset = offsetof(type_, field),         \
        .count_offset = offsetof(type_, counter), .form = (form_), .help = (help_)                 \
    }
#define B_TEXTS(json, type_, field, counter, need_, help_)                                         \
    B_LIST(json, BIND_TEXTS, type_, field, counter, need_, NULL, help_)
#define B_IDS(json, type_, field, counter, need_, help_)                                           \
    B_LIST(json, BIND_IDS, type_, field, counter, need_, NULL, help_)
/* As the two above, for lists that mean all when they are left out. */
#define B_ALL_ROW(json, kind, type_, field, counter, help_)                                        \
    {                                                                                              \
        .name = (json), .type = (kind), .need = OPTIONAL, .offset = offsetof(type_, field),        \
        .count_offset = offsetof(type_, counter), .filled = true, .help = (help_)                  \
    }
#define B_TEXTS_OR_ALL(json, type_, field, counter, help_)                                         \
    B_ALL_ROW(json, BIND_TEXTS, type_, field, counter, help_)
#define B_IDS_OR_ALL(json, type_, field, counter, help_)                                           \
    B_ALL_ROW(json, BIND_IDS, type_, field, counter, help_)
#define B_OBJECTS(json, type_, field, counter, need_, form_, help_)                                \
    B_LIST(json, BIND_OBJECTS, type_, field, counter, need_, form_, help_)
#define B_MAP(json, type_, field, counter, need_, form_, help_)                                    \
    B_LIST(json, BIND_MAP, type_, field, counter, need_, form_, help_)
#define B_OBJECT(json, type_, field, need_, form_, help_)                                          \
    {                                                                                              \
        .name = (json), .type = BIND_OBJECT, .need = (need_), .offset = offsetof(type_, field),    \
        .form = (form_), .help = (help_)                                                           \
    }
#define B_FORM(name_, type_, members_, help_)                                                      \
    {                                                                                              \
        .name = (name_), .help = (help_), .size = sizeof(type_), .members = (members_),            \
        .count = LENGTH(members_)                                                                  \
    }

/* Fills `into`, which has form->size bytes and is zeroed first. Faults: INVALID, LIMIT. */
MUST_CHECK status bind_read(const struct bind_form *form, const struct json *body,
                            struct arena *arena, struct report *report, void *into);
/* The JSON pointer of the text that begins at `text` in what bind_read() filled; false: none does.
 * A map is named as a whole: its names are the client's. */
bool bind_place(const struct bind_form *form, const void *from, const char *text, char *pointer,
                size_t room);
/* Writes the object. Optional members that are empty, zero, false or NEVER are left out. */
void bind_write(const struct bind_form *form, const void *from, struct json_out *out);
/* Writes the JSON Schema of the form; sub-forms as references into components. */
void bind_schema(const struct bind_form *form, struct json_out *out);

/* Letters, digits, '_', '-', '.', at most 64, beginning with a letter, and no long run of digits:
 * what may be repeated to a caller or in a log although a client wrote it. */
bool bind_is_name(str text);
/* An id that another system gave: [A-Za-z0-9_-]{1,64}. */
bool bind_is_vetted(str text);

#endif
