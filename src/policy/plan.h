/* plan: a policy, compiled to flat arrays that decide and settle read.
 *
 *   YAML text --> tree with positions --> plan        (deployment merged in before compiling)
 *
 * Every name is a word (a small number from the register's word table), so that facts written under
 * one version can be compared with another. Within a plan, clauses are numbered from 0 in the order
 * of the file; NONE says "not there". References to data (category, category.field, set, all) are
 * already resolved to sets of fields.
 *
 * Holds: a plan that loaded has no unknown word and no dangling reference. A clause with a hole
 * (`unspecified`) has `closed` set and names its holes. Plans never change after plan_load().
 * Memory: a plan lives in the arena it was loaded into; its texts are copies. A usual policy takes
 * about 1 MB; give an arena of 64 MB, and what does not fit is refused with LIMIT. Threads:
 * read-only, free to share.
 */
#ifndef VERN_PLAN_H
#define VERN_PLAN_H
#include "base.h"

/* ---- words ---- */

typedef uint32_t word; /* 0 is "no word" */
/* One owner interns; texts stay where they are for as long as the table lives, so a word that was
 * read before may be read by anyone. */
struct words;
struct words *words_new(void);
void words_free(struct words **words);
word words_intern(struct words *words, str text); /* 0 only for the empty text */
/* The same, for texts of which mostly the same ones come in the same order again. */
word words_intern_at(struct words *words, size_t place, str text);
word words_find(const struct words *words, str text); /* 0 when unknown */
str words_text(const struct words *words, word w);
size_t words_count(const struct words *words); /* words are 1..count */

/* ---- small things ---- */

typedef uint16_t plan_index;
enum { NONE = 0xffff };

/* A set of small numbers (fields, purposes, roles ...). `words64` counts the 64-bit words. */
struct bits {
    uint64_t *at;
    uint32_t words64;
};
static inline bool bits_has(struct bits b, plan_index i)
{
    return (uint32_t)(i >> 6) < b.words64 && (b.at[i >> 6] >> (i & 63) & 1) != 0;
}
static inline void bits_set(struct bits b, plan_index i)
{
    assert((uint32_t)(i >> 6) < b.words64);
    b.at[i >> 6] |= (uint64_t)1 << (i & 63);
}
struct bits bits_new(struct arena *arena, size_t count); /* at NULL at the budget when count > 0 */
bool bits_empty(struct bits b);
bool bits_overlap(struct bits a, struct bits b);
bool bits_within(struct bits inner, struct bits outer);

/* A list of clause numbers. `all` is the word `all`; `hole` is `unspecified`; `stated` says that
 * the key stood in the file at all. */
struct refs {
    plan_index *at;
    uint16_t count;
    bool all, hole, stated;
};
/* A set of fields, written as categories, fields, sets or all. */
struct field_set {
    struct bits fields;
    bool all, hole, stated;
};

struct covers { /* obligation ids: "CON-53" */
    str *at;
    uint16_t count;
};

/* What ends something, as it is told: a place in the policy, and the obligations cited there. */
struct end_rule {
    str path; /* "purposes.recruitment.keep[0]" */
    struct covers ids;
};

struct says { /* language -> text */
    struct said {
        word language;
        str text;
    } *at;
    uint16_t count;
};

/* What every clause has. `path` is its place in the policy ("purposes.recruitment"). */
struct clause {
    word name;
    str path;
    uint32_t line, column; /* in the file that `from_deployment` names */
    bool from_deployment;
    bool closed;  /* has a hole that keeps it from being used */
    str *holes;   /* paths of the holes */
    uint16_t hole_count;
    struct covers covers;
    struct says says;
    word dpv; /* optional term of the Data Privacy Vocabulary */
};

/* ---- the closed vocabularies of the language ---- */

enum slot {
    SLOT_NONE, SLOT_SUBJECT, SLOT_ROLE, SLOT_PURPOSE, SLOT_CATEGORY, SLOT_FIELD, SLOT_SOURCE,
    SLOT_INTAKE, SLOT_CHANNEL, SLOT_MESSAGE, SLOT_RECIPIENT, SLOT_PLACE, SLOT_MATTER, SLOT_CASE,
    SLOT_ACTOR, SLOT_CONTROLLER, SLOT_VERSION, SLOT_COOKIE, SLOT_COUNT
};
const char *slot_name(enum slot slot);
bool channel_is_known(str name); /* email, phone ...: the list is closed */

enum basis { BASIS_NONE, BASIS_CONSENT, BASIS_CONTRACT, BASIS_LEGAL_DUTY, BASIS_VITAL_INTEREST,
             BASIS_PUBLIC_TASK, BASIS_LEGITIMATE_INTEREST, BASIS_COUNT };
const char *basis_name(enum basis basis);
const char *basis_article(enum basis basis); /* "GDPR 6(1)(a)" */
/* Terms of the Data Privacy Vocabulary, for other tools; the empty text where it has none. */
const char *basis_dpv(enum basis basis); /* "https://w3id.org/dpv/legal/eu/gdpr#A6-1-a" */
bool basis_gives_portability(enum basis basis); /* article 20: consent and contract */

/* Kinds of evidence (language 1.4). The first KIND_COUNT entries of plan->evidence are the built-in
 * types of the same number, so a policy may name a kind directly. */
enum evidence_kind {
    KIND_RECORD, KIND_CONSENT, KIND_AGREEMENT, KIND_NOTICE, KIND_ACKNOWLEDGEMENT,
    KIND_NOTICE_EXCEPTION, KIND_IDENTITY, KIND_STOP_LINK, KIND_EXISTING_CUSTOMER, KIND_BALANCING,
    KIND_LEGAL_GROUND, KIND_CLAIM, KIND_PROCESSOR_AGREEMENT, KIND_SAFEGUARD, KIND_ADEQUACY,
    KIND_TRAINING, KIND_APPROVAL, KIND_COMPATIBILITY, KIND_COUNT
};
const char *evidence_kind_name(enum evidence_kind kind);

enum category_kind { CATEGORY_NORMAL, CATEGORY_SPECIAL, CATEGORY_PAYMENT_CARD,
                     CATEGORY_NATIONAL_ID, CATEGORY_CRIMINAL };
enum field_kind { FIELD_TEXT, FIELD_NAME, FIELD_ADDRESS, FIELD_PHONE, FIELD_EMAIL, FIELD_ID,
                  FIELD_IP, FIELD_DATE, FIELD_FILE, FIELD_NUMBER };
const char *field_kind_name(enum field_kind kind); /* "email" */
enum source_kind { SOURCE_PERSON, SOURCE_OBSERVED, SOURCE_INDIRECT };
enum by { BY_ANY, BY_SUBJECT, BY_STAFF };
enum objection { OBJECTION_WEIGHED, OBJECTION_ABSOLUTE, OBJECTION_NONE };
enum marketing { MARKETING_NONE, MARKETING_OWN, MARKETING_PARTNER };
enum recipient_kind { RECIPIENT_GROUP, RECIPIENT_PROCESSOR, RECIPIENT_CONTROLLER,
                      RECIPIENT_PLATFORM, RECIPIENT_PERSON, RECIPIENT_AUDIENCE,
                      RECIPIENT_AUTHORITY };
enum cookie_kind { COOKIE_COOKIE, COOKIE_PIXEL, COOKIE_STORAGE, COOKIE_DEVICE_ID };
enum contact_kind { CONTACT_EMAIL, CONTACT_PHONE, CONTACT_POST, CONTACT_WEB, CONTACT_SELF_SERVICE,
                    CONTACT_SUPERVISOR };
enum document_kind { DOCUMENT_TERMS, DOCUMENT_AGREEMENT, DOCUMENT_ANNEX };
enum home_zone { HOME_ANY, HOME_EU, HOME_EEA };
enum staff_may { MAY_READ = 1, MAY_CHANGE = 2, MAY_SHARE = 4, MAY_DECIDE_REQUESTS = 8,
                 MAY_RECORD = 16, MAY_APPROVE = 32, MAY_CHANGE_POLICY = 64,
                 MAY_CLOSE_COMPLAINTS = 128 };
enum right { RIGHT_ALL, RIGHT_ACCESS, RIGHT_RECTIFY, RIGHT_ERASE, RIGHT_RESTRICT,
             RIGHT_PORTABILITY, RIGHT_OBJECT, RIGHT_WITHDRAW, RIGHT_COMPLAIN, RIGHT_PROCESSORS,
             RIGHT_COUNT };
const char *right_name(enum right right);
const char *right_dpv(enum right right);

/* ---- spans and moments (language 1.3) ---- */

enum unit { UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR };
struct span {
    uint32_t count;
    enum unit unit;
    bool stated, hole;
};

enum moment_op {
    MOMENT_EARLIEST,    /* of children */
    MOMENT_LATEST,      /* of children */
    MOMENT_AFTER,       /* span after child */
    MOMENT_YEAR_END,    /* end of year of child */
    MOMENT_END_OF,      /* end of a fact: evidence `ref`, or role `ref` when `of_role` */
    MOMENT_COLLECTED,
    MOMENT_EVENT,       /* event `ref`; `which` says own, first or last */
    MOMENT_UNSPECIFIED
};
enum moment_which { WHICH_OWN, WHICH_FIRST, WHICH_LAST };
struct moment {
    enum moment_op op;
    enum moment_which which;
    struct span span;
    plan_index ref;
    bool of_role;
    const struct moment *child; /* first operand */
    const struct moment *next;  /* next operand of the parent */
};

/* All of `all`, each of which is any of `any` (types of evidence). A stated empty list (`none`) has
 * count 0 and stated true. */
struct need {
    plan_index *any;
    uint16_t count;
    str path; /* "recipients.police.needs.legal_decision"; of `a or b`: "...needs.a_or_b" */
};
struct needs {
    struct need *all;
    uint16_t count;
    bool stated, hole; /* a hole never holds, whatever stands beside it */
};

/* ---- clauses ---- */

struct plan_document {
    struct clause clause;
    enum document_kind kind;
    str version;
    plan_index per;
};
struct plan_controller {
    struct clause clause;
    /* ptr NULL when not stated; the hole "unspecified" is kept apart */
    str name, number, address, country;
    struct refs contacts;
};
struct plan_joint { struct clause clause; struct refs who; bool acting; struct refs purposes; };
struct plan_contact { struct clause clause; enum contact_kind kind; str at; str role; };
struct plan_role { struct clause clause; uint32_t under; /* 0: no child */ };
struct plan_matter { struct clause clause; };
struct plan_source { struct clause clause; enum source_kind kind; struct needs needs; };
struct plan_field {
    word name;             /* the word of "category.field" (or of the category when it has none) */
    word short_name;       /* the word of "field" */
    plan_index category;
    plan_index like;       /* fields that each purpose uses and keeps alike share a number */
    bool derived;          /* of a category that is made from others */
    enum field_kind kind;
    struct says says;      /* what people call it */
};
struct plan_category {
    struct clause clause;
    enum category_kind kind;
    bool never;
    struct bits fields;            /* its own */
    plan_index first_field;
    uint16_t field_count;
    struct field_set made_from;
    struct field_set external;    /* values that stay in the firm's own system */
    struct span external_within;
    struct field_set second_proof; /* tells people apart who share an address */
};
struct plan_set { struct clause clause; struct field_set fields; };
struct plan_event {
    struct clause clause;
    plan_index of; /* matter kind, NONE = subject */
    enum by by;
};
struct plan_evidence {
    struct clause clause;
    enum evidence_kind kind;      /* `as` */
    bool builtin;                 /* one of the KIND_COUNT */
    uint32_t binds;               /* 1 << slot of each slot in `for` */
    word *asks;                   /* required particulars */
    uint16_t ask_count;
    struct span valid;            /* from its date; not stated = until ended */
    bool by_subject, by_other;
    struct refs by_staff;
    bool standing;
};
struct keep_entry {
    struct field_set of;          /* not stated = all of uses */
    const struct moment *until;   /* NULL only with `keep: none` */
    struct needs needs;           /* must be on file before the end may happen */
    uint32_t moment;              /* entries whose `until` says the same share a number */
    bool by_evidence;             /* `until` looks at when evidence ends */
    bool by_collected;            /* `until` looks at when the item was collected */
    struct covers covers;
    str path;
    struct end_rule rule;
};
enum { KEEP_NOTHING = NONE - 1 }; /* uses the field, and has no entry for it */
struct keep {
    bool none;                    /* opens use, keeps nothing alive */
    bool hole;                    /* unspecified */
    struct keep_entry *at;        /* the first entry whose `of` matches applies */
    uint16_t count;
};
struct plan_purpose {
    struct clause clause;
    str law;                      /* legal_duty */
    struct refs roles;
    struct field_set uses;
    struct refs from;             /* sources; not stated = all */
    struct refs controllers;      /* whose purpose it is; not stated = all */
    struct field_set requires;
    struct needs needs;
    uint32_t per;                 /* consent unit: 1 << SLOT_RECIPIENT ... */
    enum objection objection; /* resolved: legitimate_interest and public_task weighed, marketing
                                 own absolute, other bases none, unless the file says stricter */
    enum marketing marketing;
    uint32_t counts_only;         /* least group; 0 = not a statistics purpose */
    /* What settle looks at for each item, together. */
    enum basis basis;
    bool profiling, decides, reuses, before_contract;
    plan_index starts_event, starts_evidence;
    struct keep keep;
    struct end_rule rule, rule_of_basis;
};
struct plan_intake {
    struct clause clause;
    struct refs from;             /* sources */
    word channel;
    struct refs purposes;         /* for */
    struct field_set required, optional;
    struct bits refuses;          /* categories: quarantine */
    bool live;
    struct needs needs;
};
struct plan_cookie {
    struct clause clause;
    enum cookie_kind kind;
    struct refs purposes, roles;
    struct field_set reads;
    bool necessary;
    bool per_cookie;              /* consent per cookie, not per purpose */
    struct keep keep;
};
struct plan_channel { word name; struct needs needs; struct covers covers; str path; };
struct plan_message {
    struct clause clause;
    plan_index purpose;
    struct plan_channel *channels;
    uint16_t channel_count;
    struct needs needs;
};
struct plan_switch {
    struct clause clause;
    struct refs stops_purposes, stops_messages, stops_recipients;
    uint32_t per;                 /* 1 << SLOT_CHANNEL, 1 << SLOT_RECIPIENT */
    struct field_set erases;
    struct refs at;               /* contacts */
    bool at_stop_link;
    struct end_rule rule;
};
struct plan_recipient {
    struct clause clause;
    enum recipient_kind kind;
    struct refs who;              /* roles of an audience */
    str *named;                   /* closed list of parties */
    uint16_t named_count;
    bool named_stated, named_hole;
    struct refs purposes;         /* for */
    struct field_set gives;
    struct needs needs;
    bool searchable, never;
};
struct plan_places {
    struct clause clause;
    enum home_zone home;
    struct needs home_needs;
    struct needs outside_needs;
    bool outside_stated;
    struct covers home_covers, outside_covers; /* `clause.covers` stands for both */
    struct says home_says, outside_says;
};
struct plan_staff {
    struct clause clause;
    struct refs purposes;         /* for */
    struct field_set sees;        /* not stated = all that its purposes use */
    uint32_t may;                 /* enum staff_may; read and change when not stated and `for` is */
    struct needs needs;
};
struct plan_right {
    struct clause clause;
    bool stated;
    struct refs at;
    bool at_stop_link, at_portal;
    struct needs needs;           /* of this right, or those of `all` */
    struct span within;
    bool to_others, open;
    struct refs closed_by;
    struct end_rule rule;
};
struct plan_space {
    struct clause clause;
    plan_index of;
    str instructions;
    struct needs needs;
    word requests_to;
    bool on_end_return, on_end_erase;
};
struct plan_change {
    struct clause clause;
    struct refs by;
    struct needs needs;
    word *tell;
    uint16_t tell_count;
    bool tell_stated;
};
struct plan_alarms {
    struct clause clause;
    word *raise;
    uint16_t raise_count;
    word *to;
    uint16_t to_count;
};
struct plan_statement { struct clause clause; };
struct plan_always { struct clause clause; };
/* `says` when one text stands there; `clause.says` when there is one for each language. */
struct plan_finding { struct clause clause; str id, rule, at, says; };

/* A field in a purpose, as settle looks at it for each item. */
struct plan_reach {
    const struct end_rule *rule;  /* of its entry of `keep`; NULL: it has none */
    uint32_t moment;              /* of the entry */
    plan_index entry;             /* of `keep`, or KEEP_NOTHING; NONE: a field that the purpose does
                                     not use, as of a closed one is each */
    bool plain;                   /* the entry's `until` alone says when it ends, whoever it is
                                     about: no start, consent, contract or what is on file */
    bool by_collected;            /* as the entry's */
};

#define PLAN_LIST(type, name) struct type *name; uint16_t name##_count

struct plan {
    struct words *words;
    word policy;                  /* its id */
    str version;                  /* ptr NULL: unspecified */
    instant effective;            /* 00:00 local of the date; NEVER when unspecified */
    str effective_text;
    str timezone;
    const struct zone *zone;
    word *languages;
    uint16_t language_count;
    bool processor;               /* acting: processor */
    uint32_t bases;               /* 1 << enum basis of each admitted basis */
    struct clause top;            /* covers of the file itself */
    unsigned char hash[32];       /* SHA-256 of what plan_print() writes */
    str file;                     /* as shown in messages */
    bool deployed;                /* a deployment file is merged in */
    str deployment_file;          /* its name as shown in messages; empty without one */
    str deployed_by;

    PLAN_LIST(plan_document, document);
    PLAN_LIST(plan_controller, controller);
    PLAN_LIST(plan_joint, joint);
    PLAN_LIST(plan_contact, contact);
    PLAN_LIST(plan_role, role);
    PLAN_LIST(plan_matter, matter);
    PLAN_LIST(plan_source, source);
    PLAN_LIST(plan_category, category);
    PLAN_LIST(plan_field, field);
    PLAN_LIST(plan_set, set);
    PLAN_LIST(plan_event, event);
    PLAN_LIST(plan_evidence, evidence);
    PLAN_LIST(plan_purpose, purpose);
    PLAN_LIST(plan_intake, intake);
    PLAN_LIST(plan_cookie, cookie);
    PLAN_LIST(plan_message, message);
    PLAN_LIST(plan_switch, stop);          /* switches */
    PLAN_LIST(plan_recipient, recipient);
    PLAN_LIST(plan_staff, staff);
    PLAN_LIST(plan_space, space);
    PLAN_LIST(plan_statement, statement);
    PLAN_LIST(plan_always, always);
    PLAN_LIST(plan_finding, finding);
    struct plan_right right[RIGHT_COUNT];
    struct plan_places places;
    struct plan_change change;
    struct plan_alarms alarms;
    struct plan_reach *reach; /* by field, then by purpose; plan_reach() below */
    struct refs reusing; /* purposes that take up what was collected for others, but closed ones */

    /* word -> clause number, NONE when the word names no such clause; arrays of `word_room`. Use
     * the functions below: words made after the load are beyond the arrays. */
    plan_index *role_of, *purpose_of, *field_of, *category_of, *source_of, *intake_of, *event_of,
        *evidence_of, *recipient_of, *message_of, *cookie_of, *stop_of, *staff_of, *controller_of,
        *matter_of, *contact_of;
    uint32_t word_room;
};

static inline plan_index plan_find(const struct plan *plan, const plan_index *table, word w)
{
    return w < plan->word_room ? table[w] : (plan_index)NONE;
}

/* Fields of a set, with `all` meaning every field of the plan. */
static inline bool field_set_has(const struct field_set *set, plan_index field)
{
    return set->all || bits_has(set->fields, field);
}
bool refs_has(const struct refs *refs, plan_index index); /* true for all */

static inline struct plan_reach *plan_reach(const struct plan *plan, plan_index purpose,
                                            plan_index field)
{
    return &plan->reach[(size_t)field * plan->purpose_count + purpose];
}

/* The entry of `keep` that has the field; NULL: none, or a field that the purpose does not use. */
static inline const struct keep_entry *keep_entry_of(const struct plan *plan, plan_index purpose,
                                                     plan_index field)
{
    plan_index entry = plan_reach(plan, purpose, field)->entry;
    return entry < KEEP_NOTHING ? &plan->purpose[purpose].keep.at[entry] : NULL;
}

/* ---- loading ---- */

/* One input file: its name as shown in messages, and its bytes. */
struct policy_source {
    str name, text;
};

/* One thing wrong or worth saying, with its place. */
enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO };
struct problem {
    enum severity severity;
    str rule;       /* "unknown-word", "duplicate-key", or a linter code */
    str id;         /* "CON-F04" when an entry of `findings` names it */
    str file;
    uint32_t line, column;
    str path;       /* clause path when known */
    str text;
    str suggestion; /* the nearest valid word, or what to write; may be empty */
    str article;    /* "GDPR 13(2)(a)"; may be empty */
};
struct problems {
    LIST(struct problem) list;
    struct arena *arena;
};

/* Adds a copy of `problem`, texts included, so that it outlives the words and the plan that it was
 * found in. A text that is {NULL} with a length of 0 counts as empty. Faults: NO_MEMORY. */
MUST_CHECK status problems_add(struct problems *problems, const struct problem *problem,
                               struct report *report);

/* Loads a policy, merged with a deployment file when `deployment` is not NULL and with the values
 * of `with` (path -> text, for tests; may be NULL). Faults: SYNTAX or INVALID with every problem
 * found listed in `problems`, each with its place; LIMIT. */
struct policy_override {
    str path, value; /* value is YAML text of one node */
};
MUST_CHECK status plan_load(struct words *words, const struct policy_source *policy,
                            const struct policy_source *deployment,
                            const struct policy_override *with, size_t with_count,
                            struct arena *arena, struct problems *problems, struct report *report,
                            const struct plan **plan);

/* The linter: every computed finding, plus the file's own `findings`; see check.h for the rules. */
MUST_CHECK status plan_check(const struct plan *plan, struct problems *problems,
                             struct report *report);

/* Prints the plan as canonical YAML, one line a clause, names in the order of the alphabet: two
 * files that say the same print the same, and what is printed loads to the same plan (its clauses
 * numbered in that order). What a deployment filled is printed as filled. */
void plan_print(const struct plan *plan, struct buf *out);

#endif
