/* What the files of the loader share. A load walks one merged tree:
 *
 *   policy.yaml --+
 *   deploy.yaml --+--> merge.c --> tree --> load.c (declares names, walks clauses)
 *   with values --+                           |--> load_values.c (one function a type of value)
 *                                             +--> load_rules.c  (what holds between clauses)
 *                                             +--> load_ends.c   (what settle reads of them)
 */
#ifndef VERN_LOAD_INTERNAL_H
#define VERN_LOAD_INTERNAL_H
#include "moment.h"
#include "vocabulary.h"
#include "yaml_tree.h"

enum { FILE_POLICY, FILE_DEPLOYMENT, FILE_WITH /* and the ones after it */ };

struct load {
    struct words *words;
    struct arena *arena;
    struct problems *problems;
    struct report *report;
    struct plan *plan;
    struct policy_source *files; /* by yaml_node.file */
    size_t file_count;
    struct yaml_node *root;
    plan_index *set_of;       /* of plan->word_room */
    unsigned char *set_state; /* 0 not yet, 1 being resolved, 2 done */
    unsigned set_depth;       /* of sets being resolved within each other */
    size_t errors;
};

/* Where a value of a clause stands. */
struct value_at {
    struct clause *clause;
    str path; /* "purposes.support.keep" */
    const struct vocabulary_key *key;
};

struct place {
    uint16_t file;
    uint32_t line, column;
};
struct place place_of(const struct yaml_node *node);
struct place place_of_key(const struct yaml_node *node);
struct place place_inside(const struct load *l, const struct yaml_node *scalar, size_t offset);

/* Lists an error. Returns LIMIT when there is no memory, or when far too many were listed. */
MUST_CHECK status load_problem(struct load *l, struct place place, const char *rule, str path,
                               str suggestion, const char *format, ...) PRINTF_LIKE(6, 7);

MUST_CHECK status load_path(struct load *l, str path, str name, str *joined);
bool node_is_hole(const struct yaml_node *node);
MUST_CHECK status load_hole(struct load *l, const struct value_at *at);

/* Loads a map's keys into `base`, a struct of the section. `place` is where the clause begins. */
MUST_CHECK status load_clause(struct load *l, enum section section, const struct yaml_node *map,
                              void *base, struct clause *clause, str path, struct place place);
MUST_CHECK status load_value(struct load *l, const struct value_at *at,
                             const struct yaml_node *node, void *member);

/* Number of the clause that a text names in a section, or NONE. */
plan_index load_find(const struct load *l, enum section section, str name);
void nearest_offer_clauses(struct nearest *nearest, const struct load *l, enum section section);
struct clause *section_clause(const struct plan *plan, enum section section, uint16_t index);
uint16_t section_count(const struct plan *plan, enum section section);

MUST_CHECK status load_sets(struct load *l, const struct yaml_node *sets);
MUST_CHECK status load_refs_to(struct load *l, const struct value_at *at,
                               const struct yaml_node *node, enum section target,
                               struct refs *refs);
MUST_CHECK status load_rules(struct load *l);
/* Of a plan without errors. */
MUST_CHECK status load_ends(struct plan *plan, struct arena *arena, struct report *report);

/* Writes "key: value" as plan_print() does, or nothing when the value says nothing. `base` is the
 * clause's struct, or the plan for a key of the file. */
void plan_print_key(const struct plan *plan, const struct vocabulary_key *key,
                    const struct clause *clause, const void *base, struct buf *out);

/* Merges a deployment file and overrides into the policy's tree. */
MUST_CHECK status merge_deployment(struct load *l, struct yaml_node *deployment);
MUST_CHECK status merge_with(struct load *l, const struct policy_override *with,
                             struct yaml_node *value, uint16_t file);
/* Takes what `says` calls things to the clauses themselves; NULL does nothing. */
MUST_CHECK status merge_says(struct load *l, struct yaml_node *says);
/* `roles: [a, b]` becomes `roles: { a: {}, b: {} }`, so that more can be said of them. */
void merge_names_to_map(struct yaml_node *section);
/* Reads one file of the load and lists what is wrong with its YAML. */
MUST_CHECK status load_file(struct load *l, uint16_t file, struct yaml_node **root);

/* The struct whose member `name` lies at `member`. */
#define OWNER_OF(member, type, name) ((type *)(void *)((char *)(member)-offsetof(type, name)))
#define OWNER_CONST(member, type, name)                                                            \
    ((const type *)(const void *)((const char *)(member)-offsetof(type, name)))
#define MEMBER_CONST(base, offset, type)                                                           \
    ((const type *)(const void *)((const char *)(base) + (offset)))
#define MEMBER_AT(base, offset, type) ((type *)(void *)((char *)(base) + (offset)))

#endif
