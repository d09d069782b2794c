/* vocabulary: the words of the policy language, as tables that vocabulary.def fills.
 *
 * The loader walks these rows to fill a plan, the printer walks them to write one, and
 * vocabulary_print() writes them out for the manual and for the JSON Schema of editors. A word is
 * added by one row.
 */
#ifndef VERN_VOCABULARY_H
#define VERN_VOCABULARY_H
#include "plan.h"

/* What a key's value looks like, and the type of the member that takes it. */
enum value_type {
    VALUE_TEXT,      /* str */
    VALUE_WORD,      /* word: any name */
    VALUE_CHANNEL,   /* word of a closed list */
    VALUE_ENUM,      /* an enum, by a closed list */
    VALUE_FLAG,      /* bool: true, false */
    VALUE_COUNT,     /* uint32_t: a whole number from 1 */
    VALUE_SPAN,      /* struct span: 6 months */
    VALUE_MASK,      /* uint32_t: a list of words, 1 << value each */
    VALUE_MAY,       /* the same, for staff */
    VALUE_WORDS,     /* word * and count: a list of names */
    VALUE_WORD_LIST, /* word * and count: a list of words of a closed list */
    VALUE_CHANNEL_LIST,
    VALUE_REF,      /* plan_index: the name of a clause */
    VALUE_REFS,     /* struct refs: a list of names of clauses */
    VALUE_REFS_ALL, /* the same; `all` is legal */
    VALUE_FIELDS,   /* struct field_set: categories, fields, sets */
    VALUE_FIELDS_ALL,
    VALUE_CATEGORIES, /* struct bits of categories */
    VALUE_NEEDS,
    VALUE_KEEP,
    VALUE_MOMENT,
    VALUE_SAYS,
    VALUE_COVERS,
    VALUE_PATH,
    /* values with a form of their own */
    VALUE_VERN,
    VALUE_POLICY,
    VALUE_EFFECTIVE,
    VALUE_TIMEZONE,
    VALUE_LANGUAGES,
    VALUE_ACTING,
    VALUE_WHO,
    VALUE_CATEGORY_FIELDS,
    VALUE_EVENT_OF,
    VALUE_EVIDENCE_BY,
    VALUE_STARTS,
    VALUE_OBJECTION,
    VALUE_COOKIE_PER,
    VALUE_CHANNELS,
    VALUE_STOPS,
    VALUE_SWITCH_AT,
    VALUE_RIGHT_AT,
    VALUE_NAMED,
    VALUE_HOME,
    VALUE_OUTSIDE,
    VALUE_REQUESTS_TO,
    VALUE_ON_END,
    VALUE_ALARM_TO,
    VALUE_FINDING_SAYS,
    VALUE_SAYS_OF,
    VALUE_TYPE_COUNT
};

enum section {
#define SECTION(section, form, type, array, table, explanation) SECTION_##section,
#include "vocabulary.def"
    SECTION_COUNT
};

enum word_list {
#define WORDS(list) LIST_##list,
#include "vocabulary.def"
    LIST_COUNT
};

enum section_form { FORM_CLAUSES, FORM_NAMES, FORM_VALUES, FORM_ITEMS, FORM_SINGLE, FORM_RIGHTS };

enum key_flags { KEY_REQUIRED = 1, KEY_CLOSES = 2 };

#define VOCABULARY_NOWHERE SIZE_MAX

struct vocabulary_section {
    const char *name;
    enum section_form form;
    size_t size;  /* of one clause */
    size_t array; /* offset in struct plan of the pointer, which the count follows */
    size_t table; /* offset in struct plan of the table from words to clauses */
    const char *explanation;
};
struct vocabulary_key {
    enum section section;
    const char *name;
    enum value_type type;
    size_t offset; /* in the clause */
    int target;    /* an enum word_list or an enum section, as the type wants */
    unsigned flags;
    const char *fallback;
    const char *explanation;
};
struct vocabulary_word {
    enum word_list list;
    const char *text;
    unsigned value;
    const char *explanation;
};

extern const struct vocabulary_section VOCABULARY_SECTIONS[SECTION_COUNT];
extern const struct vocabulary_key VOCABULARY_KEYS[];
extern const size_t VOCABULARY_KEY_COUNT;
extern const struct vocabulary_word VOCABULARY_WORDS[];
extern const size_t VOCABULARY_WORD_COUNT;

/* A key of a section or of every clause; NULL when there is none. */
const struct vocabulary_key *vocabulary_key(enum section section, str name);
/* True when the keys of every clause (`says`, `covers`, `dpv`) may stand in this section. */
bool vocabulary_has_common_keys(enum section section);
/* A top-level section by its name; SECTION_COUNT when there is none. */
enum section vocabulary_section(str name);
bool vocabulary_is_top_level(enum section section);
bool vocabulary_word(enum word_list list, str text, unsigned *value);
const char *vocabulary_word_text(enum word_list list, unsigned value);
/* A word that no clause may have as its id, since an expression would read it otherwise. */
bool vocabulary_is_reserved(str name);

/* The nearest of the words offered one by one: start with {0}. Nothing far away is kept. */
struct nearest {
    str wanted, best;
    unsigned distance;
};
struct nearest nearest_to(str wanted);
void nearest_offer(struct nearest *nearest, str candidate);
void nearest_offer_keys(struct nearest *nearest, enum section section);
void nearest_offer_words(struct nearest *nearest, enum word_list list);

/* Writes every section, key and closed list with its explanation, one row a line, tab-separated:
 *   section  NAME  FORM  explanation
 *   key      SECTION  NAME  TYPE  required|optional  fallback  explanation
 *   word     LIST  NAME  explanation */
void plan_vocabulary_print(struct buf *out);

#endif
