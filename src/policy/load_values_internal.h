/* What the files that load values share. Each loader takes one type of value: it lists what is
 * wrong with it, or stores it in `member`. */
#ifndef VERN_LOAD_VALUES_INTERNAL_H
#define VERN_LOAD_VALUES_INTERNAL_H
#include "load_internal.h"

typedef status loader(struct load *l, const struct value_at *at, const struct yaml_node *node,
                      void *member);

/* "`keep` takes ..." */
MUST_CHECK status load_wrong_shape(struct load *l, const struct value_at *at,
                                   const struct yaml_node *node, const char *wanted,
                                   str suggestion);
MUST_CHECK status load_need_scalar(struct load *l, const struct value_at *at,
                                   const struct yaml_node *node, const char *wanted, bool *is);
MUST_CHECK status load_need_list(struct load *l, const struct value_at *at,
                                 const struct yaml_node *node, const char *wanted, bool *is);
MUST_CHECK status load_unknown_word(struct load *l, const struct value_at *at,
                                    const struct yaml_node *node, const char *what,
                                    struct nearest nearest);
MUST_CHECK status load_expression_wrong(struct load *l, const struct value_at *at,
                                        const struct yaml_node *node,
                                        const struct expression_fault *fault);
MUST_CHECK status load_closed_word(struct load *l, const struct value_at *at,
                                   const struct yaml_node *node, unsigned *value, bool *found);
const char *load_singular(enum section section);
bool load_is_language(str text);

loader load_acting, load_alarm_to, load_categories, load_category_fields, load_channel,
    load_channel_list, load_channels, load_cookie_per, load_count, load_covers, load_effective,
    load_enum, load_event_of, load_evidence_by, load_fields, load_finding_says, load_flag,
    load_home, load_keep, load_languages, load_mask, load_moment, load_named, load_needs,
    load_on_end, load_outside, load_path_text, load_policy, load_ref, load_refs, load_requests_to,
    load_right_at, load_says, load_says_of, load_span, load_starts, load_stops, load_switch_at,
    load_text, load_timezone, load_vern, load_who, load_word, load_word_list, load_words;

#endif
