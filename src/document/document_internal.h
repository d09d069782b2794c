/* The tree of a paper, for those who build and write it. */
#ifndef VERN_DOCUMENT_INTERNAL_H
#define VERN_DOCUMENT_INTERNAL_H
#include "calendar.h"
#include "document.h"

enum part_kind {
    PART_PAPER,
    PART_SECTION,   /* text: its heading */
    PART_PARAGRAPH, /* text */
    PART_LIST,      /* of values */
    PART_TERMS,     /* of terms */
    PART_TERM,      /* text: its label; of values */
    PART_TABLE,     /* text: its caption; columns, then rows */
    PART_COLUMN,    /* text: its head */
    PART_ROW,       /* of cells */
    PART_CELL,      /* of values */
    PART_VALUE,     /* text, link */
};
struct part {
    enum part_kind kind;
    const char *key; /* NULL where it has none */
    str text;
    str link;
    bool each; /* a section: one of several of that key */
    bool many; /* a column: its cells are lists */
    struct part *first, *last, *next;
};

struct paper {
    struct arena *arena;
    const struct plan *plan;
    enum language language;
    enum paper_kind kind;
    struct part root;                                       /* text: the title */
    struct part *section, *subsection, *block, *row, *slot; /* what is added to */
    struct part *value;                                     /* the last one */
    LIST(struct paper_lack) lacks;
    bool full; /* the arena's budget was reached */
    bool finished;
    bool links_languages;
    str kept_query; /* "&controller=firm": stays in those links */
};

const char *paper_law(enum paper_kind kind);
/* The nth cell of a row, NULL when it has fewer. */
const struct part *part_at(const struct part *parent, enum part_kind kind, size_t index);
size_t part_count(const struct part *parent, enum part_kind kind);

/* ---- what a firm says of one of its purposes: `statements.<purpose>_<about>` ---- */

enum stated {
    STATED_INTEREST, /* the weighing of a legitimate interest */
    STATED_NECESSITY,
    STATED_BALANCE,
    STATED_SAFEGUARDS,
    STATED_LAW,        /* what the law is called in each language */
    STATED_EVALUATION, /* from here: the criteria of an assessment, in the order of WP 248 */
    STATED_DECISION,
    STATED_MONITORING,
    STATED_SENSITIVE,
    STATED_SCALE,
    STATED_COMBINING,
    STATED_VULNERABLE,
    STATED_TECHNOLOGY,
    STATED_EXCLUSION,
    STATED_CRITERIA_END, /* from here: what the authority has listed, by its names there */
#define DECIDED(year, month, day, source)
#define LISTED(name, with, text) STATED_##name,
#include "assessed.def"
#undef DECIDED
#undef LISTED
    STATED_COUNT
};
/* NULL when it says nothing of that. */
const struct clause *purpose_states(const struct plan *plan, const struct plan_purpose *purpose,
                                    enum stated stated);
str purpose_stated_path(struct paper *paper, const struct plan_purpose *purpose,
                        enum stated stated); /* "statements.answers_interest" */
/* It stands in papers of its own, and not among what the notice says besides. */
bool statement_is_of_purpose(const struct plan *plan, const struct plan_statement *statement);

/* ---- what papers of a policy begin with ---- */

/* The paper, with the version that it is made from and since when that holds; lacks them. */
MUST_CHECK status plan_paper(enum paper_kind kind, const struct policy_ask *ask,
                             struct arena *arena, struct report *report, struct paper **paper);
/* Purposes that are closed, as a paragraph; nothing when there are none. */
void put_unused(struct paper *paper);
/* Ways to the firm: those of the right, of rights.all, else of its controllers. */
void words_ways(struct paper *paper, enum right right, struct texts *texts);
/* The latest that is on file for the purpose of that kind or name; NULL when there is none. */
const struct purpose_proof *proof_of(const struct policy_ask *ask, plan_index purpose,
                                     enum evidence_kind kind, const char *name);
/* Since when it is on file, and until when. */
str words_on_file(struct paper *paper, const struct purpose_proof *proof);
str words_cookie_life(struct paper *paper, const struct plan_cookie *cookie); /* "6 måneder" */
str words_day(struct paper *paper, struct date day);                          /* "16. mars 2019" */

#endif
