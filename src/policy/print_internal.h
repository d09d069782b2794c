/* What the files that print a plan share. A printer writes one type of value, and returns false
 * when the value says nothing and its key is to be left out. */
#ifndef VERN_PRINT_INTERNAL_H
#define VERN_PRINT_INTERNAL_H
#include "load_internal.h"

struct printing {
    const struct plan *plan;
    struct buf *out;
    const struct clause *clause; /* whose keys are being printed */
    bool in_flow;                /* inside { } */
    bool first;                  /* no key of this map yet */
};

typedef bool printer(struct printing *p, const struct vocabulary_key *key, const void *member);

str print_clause_name(const struct printing *p, enum section section, plan_index index);
int print_compare_texts(const void *left, const void *right);
void print_covers_list(struct printing *p, const struct covers *covers);
void print_field_set(struct printing *p, const struct field_set *set);
bool print_has_hole(const struct clause *clause, str path);
/* In the order of the alphabet, each once. */
void print_names(struct printing *p, str *names, size_t count, bool hole);
void print_needs_list(struct printing *p, const struct needs *needs);
void print_says_map(struct printing *p, const struct says *says);
/* Memory for sorting, given back by CLEANUP(print_scratch_free); aborts when the OS has none. */
void *print_scratch(size_t count, size_t size);
void print_scratch_free(void *memory);
str print_text_of(const struct printing *p, word w);
void print_texts(struct printing *p, const str *texts, uint16_t count);

printer print_acting, print_categories, print_category_fields, print_channel_list, print_channels,
    print_cookie_per, print_count, print_covers, print_effective, print_enum, print_event_of,
    print_evidence_by, print_evidence_kind, print_fields, print_finding_says, print_flag,
    print_home, print_keep, print_mask, print_may, print_named, print_needs, print_objection,
    print_on_end, print_outside, print_ref, print_refs, print_right_at, print_says, print_says_of,
    print_span, print_starts, print_stops, print_switch_at, print_text, print_vern, print_who,
    print_within, print_word, print_words;

#endif
