/* What the files of the reference share: one question, and the words of section 3. */
#ifndef VERN_REFERENCE_INTERNAL_H
#define VERN_REFERENCE_INTERNAL_H
#include "reference.h"

/* A version of the policy, asked about a view at an instant. */
struct question {
    const struct view *view;
    const struct plan *plan;
    const struct plan_version *version;
    instant t;
    struct arena *arena;
};

struct ending {
    bool keeps;
    instant end;
    instant value; /* of the keep entry, before its needs */
    str rule;
};

bool same_id(dossier_id a, dossier_id b);
bool is_nobody(dossier_id id);
const struct facts *matter_of(const struct view *view, dossier_id id);

/* sections 1 and 2 */
bool is_there(const struct question *q, instant since);
const struct plan_evidence *type_of(const struct question *q, const struct fact_evidence *record);
instant end_of_record(const struct question *q, const struct fact_evidence *record);
bool is_live(const struct question *q, const struct fact_evidence *record);
const struct binding *bound_to(const struct fact_evidence *record, enum slot slot);
const struct plan_version *in_force(const struct plans *plans, instant t);
struct question ask_of(const struct question *q, const struct plan_version *version);
const struct plan_version *older_version(const struct question *q, const struct fact_item *item);
plan_index purpose_in(const struct plan *plan, word name);

/* section 3 */
bool compatibility_for(const struct question *q, plan_index p);
bool consent_for(const struct question *q, plan_index p);
bool has_started(const struct question *q, plan_index p, dossier_id matter);
bool starts_with_claim(const struct question *q, plan_index p);
bool reaches(const struct question *q, plan_index p, const struct fact_item *item);
word category_of(const struct question *q, word field);
instant end_of_agreement(const struct question *q, plan_index p, const struct fact_item *item);
instant end_of_consent(const struct question *q, plan_index p, const struct fact_item *item,
                       instant after);
const struct keep_entry *keep_entry_for(const struct question *q, plan_index p,
                                        const struct fact_item *item);
instant need_met(const struct question *q, const struct need *need, plan_index p,
                 const struct fact_item *item);
struct ending end_by_keep(const struct question *q, plan_index p, const struct fact_item *item);
bool limit_is_of(const struct question *q, const struct fact_limit *limit,
                 const struct fact_item *item, plan_index p);
bool objection_names(const struct question *q, const struct fact_objection *objection,
                     plan_index p);
struct ending end_of_purpose(const struct question *q, plan_index p, const struct fact_item *item);
struct ending end_in_both(const struct question *q, plan_index p, const struct fact_item *item);
bool restriction_covers(const struct question *q, const struct fact_restriction *restriction,
                        word field);
bool restriction_is_on(const struct question *q, const struct fact_item *item);
instant end_of_claims(const struct question *q, dossier_id matter);

#endif
