/* What the gates of the reference share. */
#ifndef VERN_REFERENCE_GATES_H
#define VERN_REFERENCE_GATES_H
#include "reference_internal.h"

enum { LACKS_AT_MOST = 64, DUTIES_AT_MOST = 64, TOLD_AT_MOST = 64, RECORDS_AT_MOST = 512 };

/* One part of an operation on its way through the gates. */
struct act {
    struct question q;              /* under the version that is asked: q.plan, q.version */
    const struct plan_version *now; /* the version in force */
    const struct settled *settled;
    const struct operation *op;
    const struct fact_item *item; /* NULL when the part is no item */
    word field;
    word source;        /* named, or in a collection the intake's only one */
    word recipient;     /* named, or that of a group share */
    plan_index purpose; /* in q.plan */
    word told[TOLD_AT_MOST];
    uint16_t told_count;
    /* the answer */
    str rule;
    word lacks[LACKS_AT_MOST];
    uint16_t lack_count;
    word duties[DUTIES_AT_MOST];
    uint16_t duty_count;
};

void say_no(struct act *a, str rule);
void lack(struct act *a, word type);
void owe(struct act *a, word type);
bool is_own_view(const struct operation *op);
dossier_id matter_in_question(const struct act *a);
word source_in_question(const struct act *a);
size_t records_looked_at(const struct act *a, const struct fact_evidence *out[RECORDS_AT_MOST]);
bool slot_equals(const struct act *a, const struct binding *bound);
bool kind_is_on_file(const struct act *a, enum evidence_kind kind, bool of_source);
bool needs_refuse(struct act *a, const struct needs *needs, bool of_source);
bool consent_is_live(const struct act *a); /* gate 5 */
bool gate_needs_refuses(struct act *a);    /* gate 10 */
bool gate_alive_refuses(struct act *a);
bool gate_never_refuses(struct act *a);
bool gate_controller_refuses(struct act *a);
bool gate_role_refuses(struct act *a);
bool gate_purpose_refuses(struct act *a, bool older);
bool gate_basis_refuses(struct act *a);
bool gate_version_refuses(struct act *a);
bool gate_restriction_refuses(struct act *a);
bool is_stopped(struct act *a, plan_index p);
bool gate_objection_refuses(struct act *a);
bool gate_list_refuses(struct act *a);

#endif
