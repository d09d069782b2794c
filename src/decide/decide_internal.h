/* What the files of decide share: the scene that is looked at, and the question that is asked.
 *
 *   scene = view + instant + version      ask = scene + operation + one part (item or field)
 *
 * Only facts with `since` <= t are there; what lies ahead is looked at by settle's `next` alone.
 */
#ifndef VERN_DECIDE_INTERNAL_H
#define VERN_DECIDE_INTERNAL_H
#include "always.h"
#include "calendar.h"
#include "decide.h"

/* ---- scene.c: finding facts ---- */

/* What "so long after an instant" comes to, within one evaluation: the items of a dossier mostly
 * count the same spans from the same instants, and a calendar is dear. Zeroed: nothing yet. */
struct spans {
    struct remembered_span {
        const struct zone *zone; /* NULL: free */
        instant after, end;
        struct span span;
    } at[32];
    const struct zone *zone; /* NULL: free */
    instant dated;           /* the last one that a span was counted from */
    struct date date;        /* there */
};

struct scene {
    const struct view *view;
    instant t;
    const struct plan_version *version;
    const struct plan *plan; /* of that version */
    struct spans *spans;     /* NULL: nothing is remembered */
};

/* The type under this plan; NONE when unknown or closed by a hole. */
plan_index evidence_type(const struct plan *plan, const struct fact_evidence *evidence);
bool evidence_is_live(const struct scene *scene, const struct plan *plan, plan_index type,
                      const struct fact_evidence *evidence);
const struct binding *evidence_binding(const struct fact_evidence *evidence, enum slot slot);
const struct facts *scene_matter(const struct scene *scene, dossier_id id);
bool role_is_live(const struct fact_role *role, instant t);
static inline bool is_there(instant since, instant t)
{
    return since.ms <= t.ms;
}

/* ---- moments.c: when a purpose ends for an item ---- */

/* A moment's value is an instant, NEVER (pending) or ABSENT. */
#define ABSENT ALWAYS

/* One item as one purpose of one plan sees it. */
struct about {
    const struct plan *plan;
    plan_index purpose;
    plan_index field;
    const struct fact_item *item;
};
instant moment_value(const struct scene *scene, const struct about *about,
                     const struct moment *moment);
/* The latest end of a consent of the subject for the purpose, given after `after`; ABSENT for none.
 */
instant consent_end(const struct scene *scene, const struct about *about, instant after);
/* The latest end of an agreement that carries the item; `type` NONE: of any type of that kind. */
instant agreement_end(const struct scene *scene, const struct about *about, plan_index type);
/* Bindings of `evidence` against the item: a slot that the item does not have counts for nothing.
 */
bool evidence_fits(const struct about *about, const struct fact_evidence *evidence);
/* When the needs of a keep entry were met; NEVER while one is not. `missing` names it. */
instant keep_needs_met(const struct scene *scene, const struct about *about,
                       const struct needs *needs, const struct need **missing);

/* ---- settle.c ---- */

bool purpose_started(const struct scene *scene, const struct plan *plan, plan_index purpose,
                     const struct fact_item *item);
/* A decision of compatibility, or a consent of the subject, live and bound to the purpose. */
bool has_compatibility(const struct scene *scene, const struct plan *plan, plan_index purpose);
bool has_consent(const struct scene *scene, const struct plan *plan, plan_index purpose);
bool is_restricted(const struct scene *scene, const struct fact_item *item, plan_index field,
                   const struct plan *plan);
bool objection_counts(const struct plan *plan, plan_index purpose,
                      const struct fact_objection *objection, bool only_ended);

/* ---- decide.c: the question ---- */

/* Actions as gates see them: the person's own view is a reading without a purpose. */
enum act { ACT_OWN_VIEW = ACTION_COUNT, ACT_COUNT };
#define DOES(action) (1u << (action))

enum { DUTIES = 8 };

struct ask {
    struct scene scene;
    const struct operation *op;
    const struct settled *settled;
    struct arena *arena;
    unsigned act;
    plan_index purpose, source, intake, message, recipient, cookie, staff;
    const struct plan_channel *channel;
    bool by_group; /* the recipient is the group, since another company asks */
    /* the part */
    const struct settled_item *item; /* NULL: none */
    const struct ground *ground;     /* of the purpose; NULL: it does not reach the item */
    plan_index field;
    word field_word;
    const struct offered *offered;
    word *told;
    uint16_t told_count;
    bool told_stopped; /* a purpose would have been told of, had the person not stopped it */
    word duties[DUTIES];
    uint16_t duty_count;
    bool no_memory;
};

typedef bool gate_fn(struct ask *ask, struct reason *reason);
struct gate {
    const char *name;
    gate_fn *passes;
    uint32_t acts; /* DOES(...) of each act that it applies to */
    bool older;    /* asked again under the version that the item was collected under */
};
extern const struct gate gates[];
extern const size_t gate_count;

gate_fn gate_alive, gate_never, gate_controller, gate_role, gate_purpose, gate_told, gate_basis,
    gate_version, gate_restriction, gate_objection, gate_list, gate_needs, gate_minimum, gate_erase,
    gate_portable, gate_lift, gate_staff;

bool purpose_is_stopped(const struct ask *ask, plan_index purpose);

void ask_begin(struct ask *ask, const struct view *view, const struct operation *op, instant t,
               const struct plan_version *version, const struct settled *settled,
               struct arena *arena);
/* The part that is asked about next: an item, an offered field, or neither. */
void ask_part(struct ask *ask, const struct settled_item *item, const struct offered *offered);
/* Resolves the words of the operation under the ask's plan. */
void ask_resolve(struct ask *ask);
/* The same question under another version, for the same part. */
struct ask ask_under(const struct ask *ask, const struct plan_version *version);

/* ---- reason.c: why not ---- */

/* Both give false, so that a gate can return them. `near` and `parent` may be NULL; the ids are the
 * nearest of the two, then those of `rule`. */
bool refuse(struct ask *ask, struct reason *reason, str path, enum always rule,
            const struct covers *near, const struct covers *parent);
bool refuse_lacking(struct ask *ask, struct reason *reason, str path, enum always rule,
                    const struct covers *near, const struct covers *parent, word lack);
void add_lack(struct ask *ask, struct reason *reason, word lack);
str path_with(struct ask *ask, str path, const char *tail); /* "purposes.p" + ".roles" */
str path_of_always(enum always rule);
word word_of(const struct ask *ask, const char *text); /* 0 when the register has no such word */

/* ---- needs.c: does a need hold? ---- */

/* What a need is looked for besides the operation's own slots. */
struct need_where {
    const struct covers *near, *parent; /* ids of the clause that has the needs */
    enum always rule;
    bool of_source; /* notices count since the item was collected */
};
bool needs_hold(struct ask *ask, const struct needs *needs, const struct need_where *where,
                struct reason *reason);
/* A live record of the type whose bound slots all equal the operation's. */
bool type_holds(struct ask *ask, plan_index type, bool of_source);
/* The same for any type of the kind; `bound` is a slot that it must be bound to, or SLOT_NONE. */
bool kind_holds(struct ask *ask, enum evidence_kind kind, enum slot bound, bool of_source);
/* Consent of the subject for the asked purpose, with what it is consented `per`. */
bool consent_holds(struct ask *ask);
bool is_supplied(const struct ask *ask, plan_index type);
bool can_be_supplied(const struct plan *plan, plan_index type);
void add_duty(struct ask *ask, word type);

#endif
