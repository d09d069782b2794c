/* document: the papers that the law asks for, whole or not at all, in nb, nn and en.
 *
 *   plan (and data that the caller was permitted to have)
 *     --builder--> struct paper, a tree --paper_html, paper_json, paper_csv--> text
 *
 *   paper ─ section "purposes" ─ paragraph, list, terms {term: values}, table {columns, rows}
 *
 * A paper is built once and written in as many forms as one likes. What the law wants to see in it
 * is a list of items (papers.def); a paper in which an item was not said, or says nothing, is not
 * issued: paper_finish() fails with INCOMPLETE and names each (law.md, "Contents").
 *
 * Holds: no text stands in a builder: what Vern says is in texts.def, in each language; what things
 * are called comes from the policy (`says`), and where the policy does not say it in the language
 * of the paper, the paper is refused by the place of the clause. What is written is escaped: HTML
 * has no script, and its one style sheet is the one whose hash is PAPER_STYLE_HASH. Does not hold:
 * nothing here asks whether the reader may see what is in a paper. Memory: the paper and all that
 * it says live in the arena that it was begun with; texts given to it are borrowed for as long.
 * Threads: one paper, one owner.
 *
 * To add a document: its row and its items in papers.def, its texts in texts.def, a builder
 * `status x_paper(...)` in a file of its own (begin, sections, finish: notice.c shows it), and a
 * test that asserts each item by its name (notice_test.c).
 */
#ifndef VERN_DOCUMENT_H
#define VERN_DOCUMENT_H
#include "plan.h"

/* ---- languages and texts ---- */

enum language { LANGUAGE_NB, LANGUAGE_NN, LANGUAGE_EN, LANGUAGE_COUNT };
const char *language_tag(enum language language); /* "nb" */
/* "nb", "nn" and "en" with what may follow ("en-GB"), and "no" for nb. False for others. */
bool language_from(str tag, enum language *language);
/* The language of an answer: the one that is asked for, else the first that the browser likes
 * (Accept-Language) and in which the policy speaks, else the policy's first. Faults: INVALID for
 * one that is asked for and is none of the three. */
MUST_CHECK status language_pick(const struct plan *plan, str asked, str accepted,
                                struct report *report, enum language *language);

enum text {
#define TEXT(name, nb, nn, en) TEXT_##name,
#include "texts.def"
#undef TEXT
    TEXT_COUNT
};
const char *text_id(enum text text);
str text_in(enum text text, enum language language); /* as it stands, with {1}, {2} ... */

/* ---- what a paper is ---- */

enum paper_kind {
#define PAPER(kind, title, law) PAPER_##kind,
#define ITEM(kind, path, article)
#include "papers.def"
#undef PAPER
#undef ITEM
    PAPER_COUNT
};
const char *paper_kind_name(enum paper_kind kind); /* "notice" */

struct paper_item { /* of the checklist */
    enum paper_kind kind;
    const char *path;    /* "purposes.basis": keys of parts, from the outside in */
    const char *article; /* "GDPR 13(1)(c)" */
};
const struct paper_item *paper_items(size_t *count); /* of every kind */

struct paper;
struct paper_start {
    enum paper_kind kind;
    const struct plan *plan;
    enum language language;
};
/* An empty paper with the title of its kind. NULL at the arena's budget. */
struct paper *paper_begin(const struct paper_start *start, struct arena *arena);
/* INCOMPLETE with what lacks, LIMIT where the arena was too small; otherwise it may be written. */
MUST_CHECK status paper_finish(struct paper *paper, struct report *report);
/* What lacks, each with the place in the policy that would give it. For lists of findings. */
struct paper_lack {
    str item;   /* "controller.number" */
    str path;   /* "controllers.firm.number"; empty when no clause could give it */
    bool label; /* it has no name in the language of the paper */
};
const struct paper_lack *paper_lacking(const struct paper *paper, size_t *count);

enum language paper_language(const struct paper *paper);
const struct plan *paper_plan(const struct paper *paper);
struct arena *paper_arena(const struct paper *paper);
/* From here on things are called as that plan says; its words may be others. */
void paper_speaks_of(struct paper *paper, const struct plan *plan);

/* ---- building; all of these latch: look at paper_finish() ---- */

/* A text of the catalogue, {1} and on replaced by what follows (each a str). */
#define WORDS(paper, ...) WORDS_(paper, __VA_ARGS__, STR(""))
#define WORDS_(paper, text, ...)                                                                   \
    paper_words((paper), (text), (const str[]){__VA_ARGS__},                                       \
                LENGTH(((const str[]){__VA_ARGS__})) - 1)
str paper_words(struct paper *paper, enum text text, const str *values, size_t count);
str paper_print(struct paper *paper, const char *format, ...) PRINTF_LIKE(2, 3);
/* "a, b og c" */
str paper_join(struct paper *paper, const str *texts, size_t count);

/* What a clause is called in the language of the paper; lacks a label where it does not say. */
str paper_label(struct paper *paper, const struct clause *clause);
str paper_field_label(struct paper *paper, plan_index field);
/* The same, empty where it does not say it. */
str paper_label_if_said(struct paper *paper, const struct clause *clause);

void paper_title(struct paper *paper, str title);
/* Sections end where the next of their level begins. `key` names the part in the JSON form and in
 * the checklist ([a-z_]+, once within the part around it). */
void paper_section(struct paper *paper, const char *key, enum text heading);
void paper_subsection(struct paper *paper, const char *key, str heading);
void paper_each(struct paper *paper, const char *key, str heading); /* one of several of that key */
void paper_paragraph(struct paper *paper, str text);
void paper_list(struct paper *paper, const char *key);
void paper_point(struct paper *paper, str text);        /* of the list */
void paper_terms(struct paper *paper, const char *key); /* NULL: its terms stand in the section */
void paper_term(struct paper *paper, const char *key, enum text label, str value);
/* A table's columns first, then each row with its cells; the first cell of a row heads it. */
void paper_table(struct paper *paper, const char *key, enum text caption);
void paper_column(struct paper *paper, const char *key, enum text head);
void paper_columns(struct paper *paper, const char *key, enum text head); /* of several values */
void paper_row(struct paper *paper);
void paper_cell(struct paper *paper, str value); /* empty: nothing yet, see paper_also() */
void paper_also(struct paper *paper, str value); /* one more value of the last term or cell */
void paper_link(struct paper *paper,
                str href); /* of the last value; http(s), mailto, tel, or here */
/* An input is not there: the paper will not be issued. */
void paper_lacks(struct paper *paper, const char *item, str path);

/* ---- reading and writing ---- */

str paper_said_title(const struct paper *paper);
/* On its page, links to the other languages that the policy speaks and to it as JSON, and a table
 * of contents: "?lang=en", to where it is served. `kept` stays in them: "&controller=firm". */
void paper_link_forms(struct paper *paper, str kept);
/* All text below the part of that path, a line a value; empty when it is not there. For tests. */
str paper_said(const struct paper *paper, const char *path);
bool paper_has(const struct paper *paper,
               const char *path); /* there, and says something throughout */

#define PAPER_STYLE_HASH "sha256-P1+VZUmGKc1sNr48JRpDyAle4Aq9EzmcpMTJpcEDR2w="
extern const char paper_style[]; /* the style sheet itself */
/* A whole page, readable without style, printable. `home` is where relative links begin; empty. */
void paper_html(const struct paper *paper, struct buf *out);
/* {"document", "language", "title", "law", "items": {section: {...}}} */
void paper_json(const struct paper *paper, struct buf *out);
/* Plain text, as it goes into a letter or a record. */
void paper_text(const struct paper *paper, struct buf *out);
/* One table of it, or its sections of one key with a row each, a column a term (RFC 4180); its
 * cells are harmless in a spreadsheet. Faults: NOT_FOUND. */
MUST_CHECK status paper_csv(const struct paper *paper, const char *table, struct report *report,
                            struct buf *out);
void html_text(struct buf *out, str text); /* escaped */

/* ---- words for what a policy says ---- */

/* "6 måneder etter siste gang du søker": a moment, in words. */
str words_moment(struct paper *paper, const struct moment *moment);
str words_span(struct paper *paper, struct span span); /* "6 måneder" */
str words_date(struct paper *paper, instant at);       /* "2. januar 2026", in the policy's zone */
str words_instant(struct paper *paper, instant at);    /* "2. januar 2026 kl. 10:15 (UTC+01:00)" */
str words_basis(struct paper *paper, const struct plan_purpose *purpose); /* with its article */
str words_evidence(struct paper *paper, plan_index evidence);             /* "avtalen med deg" */
str words_role(struct paper *paper, plan_index role);                     /* "jobbsøker" */
/* Texts of a paper, gathered to be joined or listed. */
struct texts {
    LIST(str) list;
};
void texts_add(struct paper *paper, struct texts *texts, str text);
str texts_joined(struct paper *paper, const struct texts *texts); /* "a, b og c" */
/* As values of the last term or cell, or of a list. */
void texts_also(struct paper *paper, const struct texts *texts);
/* Of several companies: is it that one's? NONE: of any. */
bool purpose_is_of(const struct plan_purpose *purpose, plan_index controller);
/* Has the clause a hole at that key? ("name" of controllers.firm) */
bool clause_lacks(const struct clause *clause, const char *key);
/* Data by category; a category of which only some fields are in the set with these in brackets. */
void words_fields(struct paper *paper, const struct field_set *set, struct texts *texts);
/* Names of the purposes that are open; of `all` one text for all. */
void words_purposes(struct paper *paper, const struct refs *purposes, struct texts *texts);
void words_roles(struct paper *paper, const struct refs *roles, struct texts *texts);
/* "E-post: a@firm.example"; those with a hole are left out. */
void words_contacts(struct paper *paper, const struct refs *contacts, struct texts *texts);
str words_channel(struct paper *paper, word channel);
str words_needs(struct paper *paper, const struct needs *needs); /* "a eller b og c" */
str words_article(struct paper *paper, str article); /* "... artikkel 17 nr. 3 bokstav b" */
str words_recipient_kind(struct paper *paper, enum recipient_kind kind);
str words_kept(struct paper *paper, const struct plan_purpose *purpose,
               const struct keep_entry *entry);

/* ---- the papers ---- */

/* The public notice (articles 13 and 14) of one version, of one controller or of all that the
 * policy names. A purpose, recipient, source or cookie with a hole is closed at run time; purposes
 * of that kind are named as not in use, the rest is left out. COB-01, CON-01, CLO-01, HOS-01,
 * INF-01 Faults: INCOMPLETE with what lacks, NOT_FOUND for a controller that the policy does not
 * name. */
struct version_span { /* of a register: a version, and when it was, is or will be in force */
    const struct plan *plan;
    instant since, until; /* NEVER: no end is known */
};
struct notice_ask {
    const struct plan *plan;
    enum language language;
    str controller; /* its id in the policy; empty: all */
    str intake;     /* empty: the whole; else what is told at this point of collection (13, 14) */
    str reference;  /* of the person who is told, printed on what they get; may be empty */
    const struct version_span *versions; /* of the register, in their order; listed with links */
    size_t version_count;
    str changes; /* where what a version changed is served: "./changes" */
    str portal;  /* where people see their own data; empty: nowhere */
};
/* The same for machines: JSON-LD with terms of the Data Privacy Vocabulary. Faults as below. */
MUST_CHECK status notice_jsonld(const struct notice_ask *ask, struct arena *arena,
                                struct report *report, struct buf *out);
MUST_CHECK status notice_paper(const struct notice_ask *ask, struct arena *arena,
                               struct report *report, struct paper **paper);

/* Papers of a policy, and of what a register knows besides when it is `live`. Each says the version
 * that it is made from, and refuses without one. Faults: INCOMPLETE, LIMIT. */
struct record_party;
struct purpose_proof { /* evidence bound to a purpose, that is in force */
    plan_index evidence, purpose;
    instant since, until; /* NEVER: no end */
};
struct policy_ask {
    const struct plan *plan;
    enum language language;
    bool live;     /* a register answers: parties and proofs are all that there are */
    instant now;   /* of the register; zero: not known, the law of these days */
    instant until; /* the version holds; zero or NEVER: no end is known */
    const struct record_party *parties;
    size_t party_count;
    const struct purpose_proof *proofs;
    size_t proof_count;
};
/* When data go: each clock of each open purpose, what it counts from, and what then happens; each
 * category with all that keeps it; what is not settled, and how that is read (articles 5(1)(e),
 * 30(1)(f)). */
MUST_CHECK status retention_paper(const struct policy_ask *ask, struct arena *arena,
                                  struct report *report, struct paper **paper);
/* Where data are, on which terms they leave, and to whom (30(1)(e), 44 to 49); live, each party
 * with its country, safeguard and what it may get. */
MUST_CHECK status transfers_paper(const struct policy_ask *ask, struct arena *arena,
                                  struct report *report, struct paper **paper);
/* Those who process for the firm (28; CON-47), for everyone to read: kinds, and by name those that
 * `party->public` says may be named. */
MUST_CHECK status processors_paper(const struct policy_ask *ask, struct arena *arena,
                                   struct report *report, struct paper **paper);
/* The weighing of each open purpose on legitimate interest (6(1)(f)): the interest, necessity,
 * balance and safeguards, which the policy says in `statements.<purpose>_interest`, `_necessity`,
 * `_balance` and `_safeguards`, and how one objects (21); live, since when the weighing is on file.
 * As CSV: the key "purpose". */
MUST_CHECK status balancing_paper(const struct policy_ask *ask, struct arena *arena,
                                  struct report *report, struct paper **paper);
/* Which purposes need an impact assessment (35): the nine criteria of WP 248 rev. 01, of which two
 * flag a purpose, and the authority's list of the day (35(4)), of which one row does. Those that a
 * policy shows are computed, and each may be stated (`statements.<purpose>_large_scale`). Live,
 * whether evidence `impact_assessment` of it is on file. */
MUST_CHECK status assessment_paper(const struct policy_ask *ask, struct arena *arena,
                                   struct report *report, struct paper **paper);
/* What `ask->plan` changes in `old`, for people: thing, change, before, now, whether it waits until
 * they are told. Both plans share their words. CON-80, CON-81 */
MUST_CHECK status changes_paper(const struct policy_ask *ask, const struct plan *old,
                                struct arena *arena, struct report *report, struct paper **paper);

/* ---- records of processing (article 30) ---- */

struct record_proof { /* that is in force */
    plan_index evidence;
    instant until; /* NEVER: no end */
};
struct record_party { /* whom a register knows */
    str name;
    plan_index recipient;              /* its kind */
    str under;                         /* who engages it; empty: we do */
    str zone;                          /* where it lies; empty: not stated */
    bool outside;                      /* of the policy's home */
    bool public;                       /* may be named to everyone */
    const struct record_proof *proofs; /* agreements and safeguards */
    size_t proof_count;
};
struct record_customer {                /* on whose behalf the firm acts, in a space of theirs */
    const struct plan *plan;            /* instructions, with the customer as controller */
    const struct record_party *parties; /* that are known in the space; by its plan's kinds */
    size_t party_count;
};
struct record_ask {
    const struct plan *plan;
    enum language language;
    str controller; /* its id in the policy; may be empty where there is one */
    bool processor; /* article 30(2) instead of 30(1) */
    bool live;      /* a register answers: parties and customers are all that there are */
    const struct record_party *parties;
    size_t party_count;
    const struct record_customer *customers;
    size_t customer_count;
};
/* The record of one controller, or as processor for its customers, in the order of the article. Its
 * table `processing` is a row a purpose, or a row a customer. GDPR 30(1), 30(2). Faults: INCOMPLETE
 * with what lacks, NOT_FOUND for a controller that the policy does not name, INVALID when it has
 * several and none is named. `paper` is NULL unless it was built. */
MUST_CHECK status record_paper(const struct record_ask *ask, struct arena *arena,
                               struct report *report, struct paper **paper);

#endif
