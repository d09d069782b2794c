/* The tree of a paper, for those who build and write it. */
#ifndef VERN_DOCUMENT_INTERNAL_H
#define VERN_DOCUMENT_INTERNAL_H
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
};

const char *paper_law(enum paper_kind kind);
/* The nth cell of a row, NULL when it has fewer. */
const struct part *part_at(const struct part *parent, enum part_kind kind, size_t index);
size_t part_count(const struct part *parent, enum part_kind kind);

#endif
