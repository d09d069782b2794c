/* Tables out of vocabulary.def, and looking things up in them. */
#include "always.h"
#include "testfile.h"
#include "vocabulary.h"

/* One name for the struct of each section, so that a row can say where its member lies. */
#define SECTION(section, form, type, array, table, explanation) typedef type section_##section;
#include "vocabulary.def"

#define AT(member) offsetof(struct plan, member)
#define NOWHERE    VOCABULARY_NOWHERE

const struct vocabulary_section VOCABULARY_SECTIONS[SECTION_COUNT] = {
#define SECTION(section, form, type, array, table, explanation)                                    \
    {#section, FORM_##form, sizeof(type), array, table, explanation},
#include "vocabulary.def"
};

#define OF(list)    LIST_##list
#define IN(section) SECTION_##section
#define NOTHING     0
#define REQUIRED    KEY_REQUIRED
#define CLOSES      KEY_CLOSES
const struct vocabulary_key VOCABULARY_KEYS[] = {
#define KEY(section, key, type, member, target, flags, fallback, explanation)                      \
    {SECTION_##section,                                                                            \
     #key,                                                                                         \
     VALUE_##type,                                                                                 \
     offsetof(section_##section, member),                                                          \
     target,                                                                                       \
     flags,                                                                                        \
     fallback,                                                                                     \
     explanation},
#include "vocabulary.def"
};
const size_t VOCABULARY_KEY_COUNT = LENGTH(VOCABULARY_KEYS);

const struct vocabulary_word VOCABULARY_WORDS[] = {
#define WORD(list, word, value, explanation) {LIST_##list, #word, value, explanation},
#include "vocabulary.def"
};
const size_t VOCABULARY_WORD_COUNT = LENGTH(VOCABULARY_WORDS);

bool vocabulary_has_common_keys(enum section section)
{
    return section != SECTION_any && section != SECTION_top && section != SECTION_findings &&
           section != SECTION_keep && section != SECTION_channel && section != SECTION_stops;
}

static const struct vocabulary_key *key_in(enum section section, str name)
{
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++)
        if (VOCABULARY_KEYS[i].section == section && str_is(name, VOCABULARY_KEYS[i].name))
            return &VOCABULARY_KEYS[i];
    return NULL;
}

const struct vocabulary_key *vocabulary_key(enum section section, str name)
{
    const struct vocabulary_key *key = key_in(section, name);
    if (key != NULL || !vocabulary_has_common_keys(section))
        return key;
    return key_in(SECTION_any, name);
}

bool vocabulary_is_top_level(enum section section)
{
    return section != SECTION_top && section != SECTION_any && section != SECTION_keep &&
           section != SECTION_channel && section != SECTION_stops;
}

enum section vocabulary_section(str name)
{
    for (enum section s = 0; s < SECTION_COUNT; s++)
        if (vocabulary_is_top_level(s) && str_is(name, VOCABULARY_SECTIONS[s].name))
            return s;
    return SECTION_COUNT;
}

bool vocabulary_word(enum word_list list, str text, unsigned *value)
{
    for (size_t i = 0; i < VOCABULARY_WORD_COUNT; i++) {
        if (VOCABULARY_WORDS[i].list != list || !str_is(text, VOCABULARY_WORDS[i].text))
            continue;
        *value = VOCABULARY_WORDS[i].value;
        return true;
    }
    return false;
}

const char *vocabulary_word_text(enum word_list list, unsigned value)
{
    for (size_t i = 0; i < VOCABULARY_WORD_COUNT; i++)
        if (VOCABULARY_WORDS[i].list == list && VOCABULARY_WORDS[i].value == value)
            return VOCABULARY_WORDS[i].text;
    return "";
}

bool vocabulary_is_reserved(str name)
{
    static const char *const RESERVED[] = {"all",    "none", "unspecified", "or",  "earliest",
                                           "latest", "of",   "after",       "end", "year",
                                           "first",  "last", "collected"};
    for (size_t i = 0; i < LENGTH(RESERVED); i++)
        if (str_is(name, RESERVED[i]))
            return true;
    return false;
}

/* ---- the nearest word ---- */

struct nearest nearest_to(str wanted)
{
    return (struct nearest){.wanted = wanted, .best = STR(""), .distance = UINT32_MAX};
}

void nearest_offer(struct nearest *nearest, str candidate)
{
    size_t a = nearest->wanted.len, b = candidate.len;
    size_t longer = a > b ? a : b, apart = a > b ? a - b : b - a;
    if (apart > 1 + longer / 3)
        return;
    unsigned distance = str_distance(nearest->wanted, candidate);
    if (distance >= nearest->distance || distance > 1 + longer / 3)
        return;
    nearest->distance = distance;
    nearest->best = candidate;
}

void nearest_offer_keys(struct nearest *nearest, enum section section)
{
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++) {
        const struct vocabulary_key *key = &VOCABULARY_KEYS[i];
        bool common = key->section == SECTION_any && vocabulary_has_common_keys(section);
        if (key->section == section || common)
            nearest_offer(nearest, str_from(key->name));
    }
    if (section != SECTION_top)
        return;
    for (enum section s = 0; s < SECTION_COUNT; s++)
        if (vocabulary_is_top_level(s))
            nearest_offer(nearest, str_from(VOCABULARY_SECTIONS[s].name));
}

void nearest_offer_words(struct nearest *nearest, enum word_list list)
{
    for (size_t i = 0; i < VOCABULARY_WORD_COUNT; i++)
        if (VOCABULARY_WORDS[i].list == list)
            nearest_offer(nearest, str_from(VOCABULARY_WORDS[i].text));
}

/* ---- names of enum values ---- */

bool channel_is_known(str name)
{
    unsigned value;
    return vocabulary_word(LIST_channels, name, &value);
}

const char *slot_name(enum slot slot)
{
    return slot == SLOT_COOKIE ? "cookie" : vocabulary_word_text(LIST_slots, slot);
}

const char *field_kind_name(enum field_kind kind)
{
    return vocabulary_word_text(LIST_field_kinds, kind);
}

const char *basis_name(enum basis basis)
{
    return vocabulary_word_text(LIST_bases, basis);
}

const char *basis_article(enum basis basis)
{
    static const char *const ARTICLES[BASIS_COUNT] = {
        [BASIS_NONE] = "",
        [BASIS_CONSENT] = "GDPR 6(1)(a)",
        [BASIS_CONTRACT] = "GDPR 6(1)(b)",
        [BASIS_LEGAL_DUTY] = "GDPR 6(1)(c)",
        [BASIS_VITAL_INTEREST] = "GDPR 6(1)(d)",
        [BASIS_PUBLIC_TASK] = "GDPR 6(1)(e)",
        [BASIS_LEGITIMATE_INTEREST] = "GDPR 6(1)(f)",
    };
    assert(basis < BASIS_COUNT);
    return ARTICLES[basis];
}

#define DPV_GDPR "https://w3id.org/dpv/legal/eu/gdpr#"

const char *basis_dpv(enum basis basis)
{
    static const char *const TERMS[BASIS_COUNT] = {
        [BASIS_NONE] = "",
        [BASIS_CONSENT] = DPV_GDPR "A6-1-a",
        [BASIS_CONTRACT] = DPV_GDPR "A6-1-b",
        [BASIS_LEGAL_DUTY] = DPV_GDPR "A6-1-c",
        [BASIS_VITAL_INTEREST] = DPV_GDPR "A6-1-d",
        [BASIS_PUBLIC_TASK] = DPV_GDPR "A6-1-e",
        [BASIS_LEGITIMATE_INTEREST] = DPV_GDPR "A6-1-f",
    };
    assert(basis < BASIS_COUNT);
    return TERMS[basis];
}

bool basis_gives_portability(enum basis basis)
{
    return basis == BASIS_CONSENT || basis == BASIS_CONTRACT;
}

const char *right_dpv(enum right right)
{
    static const char *const TERMS[RIGHT_COUNT] = {
        [RIGHT_ALL] = "",
        [RIGHT_ACCESS] = DPV_GDPR "A15",
        [RIGHT_RECTIFY] = DPV_GDPR "A16",
        [RIGHT_ERASE] = DPV_GDPR "A17",
        [RIGHT_RESTRICT] = DPV_GDPR "A18",
        [RIGHT_PORTABILITY] = DPV_GDPR "A20",
        [RIGHT_OBJECT] = DPV_GDPR "A21",
        [RIGHT_WITHDRAW] = DPV_GDPR "A7-3",
        [RIGHT_COMPLAIN] = DPV_GDPR "A77",
        [RIGHT_PROCESSORS] = "",
    };
    assert(right < RIGHT_COUNT);
    return TERMS[right];
}

const char *evidence_kind_name(enum evidence_kind kind)
{
    return vocabulary_word_text(LIST_kinds, kind);
}

const char *right_name(enum right right)
{
    return vocabulary_word_text(LIST_rights, right);
}

/* ---- printing ---- */

static const char *const TYPE_NAMES[VALUE_TYPE_COUNT] = {
    [VALUE_TEXT] = "text",
    [VALUE_WORD] = "name",
    [VALUE_CHANNEL] = "one of",
    [VALUE_ENUM] = "one of",
    [VALUE_FLAG] = "true or false",
    [VALUE_COUNT] = "number",
    [VALUE_SPAN] = "span",
    [VALUE_MASK] = "list of",
    [VALUE_MAY] = "list of",
    [VALUE_WORDS] = "list of names",
    [VALUE_WORD_LIST] = "list of",
    [VALUE_CHANNEL_LIST] = "list of",
    [VALUE_REF] = "name in",
    [VALUE_REFS] = "list of names in",
    [VALUE_REFS_ALL] = "all, or list of names in",
    [VALUE_FIELDS] = "list of data",
    [VALUE_FIELDS_ALL] = "all, or list of data",
    [VALUE_CATEGORIES] = "list of names in",
    [VALUE_NEEDS] = "needs",
    [VALUE_KEEP] = "keep",
    [VALUE_MOMENT] = "moment",
    [VALUE_SAYS] = "language -> text",
    [VALUE_COVERS] = "list of obligation ids",
    [VALUE_PATH] = "path",
    [VALUE_VERN] = "number",
    [VALUE_POLICY] = "id",
    [VALUE_EFFECTIVE] = "date",
    [VALUE_TIMEZONE] = "zone",
    [VALUE_LANGUAGES] = "list of languages",
    [VALUE_ACTING] = "one of",
    [VALUE_WHO] = "acting, or list of names in",
    [VALUE_CATEGORY_FIELDS] = "field -> one of",
    [VALUE_EVENT_OF] = "subject, or name in",
    [VALUE_EVIDENCE_BY] = "subject, other, or list of names in",
    [VALUE_STARTS] = "evidence, or name in",
    [VALUE_OBJECTION] = "one of",
    [VALUE_COOKIE_PER] = "list of",
    [VALUE_CHANNELS] = "channel -> clause, of",
    [VALUE_STOPS] = "clause",
    [VALUE_SWITCH_AT] = "stop_link, or list of names in",
    [VALUE_RIGHT_AT] = "stop_link, portal, or list of names in",
    [VALUE_NAMED] = "list of texts",
    [VALUE_HOME] = "zone, or clause; of",
    [VALUE_OUTSIDE] = "clause",
    [VALUE_REQUESTS_TO] = "customer, or name in",
    [VALUE_ON_END] = "list of",
    [VALUE_SAYS_OF] = "path -> language -> text",
    [VALUE_FINDING_SAYS] = "text, or language -> text",
    [VALUE_ALARM_TO] = "staff, or list of names in",
};

/* What the type's last word, "of" or "in", goes on with. */
static const char *target_name(const struct vocabulary_key *key)
{
    static const char *const LISTS[LIST_COUNT] = {
#define WORDS(list) #list,
#include "vocabulary.def"
    };
    str type = str_from(TYPE_NAMES[key->type]);
    if (str_ends(type, STR(" in")))
        return VOCABULARY_SECTIONS[key->target].name;
    return str_ends(type, STR(" of")) ? LISTS[key->target] : "";
}

void plan_vocabulary_print(struct buf *out)
{
    static const char *const FORMS[] = {"id -> clause", "ids, or id -> clause",
                                        "id -> value",  "list of clauses",
                                        "one clause",   "right -> clause"};
    static const char *const LISTS[LIST_COUNT] = {
#define WORDS(list) #list,
#include "vocabulary.def"
    };
    for (enum section s = 0; s < SECTION_COUNT; s++)
        buf_format(out, "section\t%s\t%s\t%s\n", VOCABULARY_SECTIONS[s].name,
                   FORMS[VOCABULARY_SECTIONS[s].form], VOCABULARY_SECTIONS[s].explanation);
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++) {
        const struct vocabulary_key *key = &VOCABULARY_KEYS[i];
        const char *target = target_name(key);
        buf_format(out, "key\t%s\t%s\t%s%s%s\t%s\t%s\t%s\n", VOCABULARY_SECTIONS[key->section].name,
                   key->name, TYPE_NAMES[key->type], *target == '\0' ? "" : " ", target,
                   (key->flags & KEY_REQUIRED) != 0 ? "required" : "optional", key->fallback,
                   key->explanation);
    }
    for (size_t i = 0; i < VOCABULARY_WORD_COUNT; i++)
        buf_format(out, "word\t%s\t%s\t%s\n", LISTS[VOCABULARY_WORDS[i].list],
                   VOCABULARY_WORDS[i].text, VOCABULARY_WORDS[i].explanation);
}
