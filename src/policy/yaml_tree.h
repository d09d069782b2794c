/* yaml_tree: the text of a policy as a tree that knows where everything stood.
 *
 *   bytes --libyaml events--> map { key: value, ... }, list [ value, ... ], scalar
 *
 * Scalars stay text: NO is a country and 2018-04 is a version. The tree holds what the language
 * allows and nothing more: one document, UTF-8, no anchors, aliases, tags, merge keys, directives,
 * tabs, control or bidirectional characters, no key twice in one map, depth, size and count of
 * events within limits.h.
 *
 * Does not hold: nothing here knows a word of the policy language.
 * Memory: the tree lives in the arena you pass; texts are copies. Threads: a tree has one owner.
 */
#ifndef VERN_YAML_TREE_H
#define VERN_YAML_TREE_H
#include "base.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

/* A value with its key, when it stands in a map. Lines and columns count from 1, in characters. */
struct yaml_node {
    enum yaml_kind kind;
    uint32_t line, column;
    uint32_t key_line, key_column;
    uint16_t file;                  /* caller's number of the file; 0 from yaml_read() */
    bool quoted;                    /* a scalar in quotes, or a block */
    str key;                        /* ptr NULL when the parent is a list */
    str text;                       /* of a scalar */
    struct yaml_node *first, *last; /* children, in the order of the file */
    struct yaml_node *next;
    uint32_t count; /* of children */
};

/* What is wrong with the text, and where. */
struct yaml_fault {
    const char *rule; /* "duplicate-key" */
    uint32_t line, column;
    str text;
    bool limit; /* a limit was reached, not a rule broken */
};
struct yaml_faults {
    LIST(struct yaml_fault) list;
};

/* Reads one document. A text that says nothing gives an empty map. Faults: SYNTAX, with what is
 * wrong in `faults`; LIMIT. Duplicate keys are all listed; after anything else reading stops. */
MUST_CHECK status yaml_read(str text, struct arena *arena, struct yaml_faults *faults,
                            struct report *report, struct yaml_node **root);

/* The value of `key` in a map, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *map, str key);

/* Where character `offset` (in bytes) of a scalar's text stood in the file. */
void yaml_place(str file_text, const struct yaml_node *scalar, size_t offset, uint32_t *line,
                uint32_t *column);

/* A text as a scalar that reads back as itself: plain when that is safe, else in double quotes. */
void buf_yaml_scalar(struct buf *out, str text);
/* A tree on one line, in flow style. */
void buf_yaml_flow(struct buf *out, const struct yaml_node *node);

#endif
