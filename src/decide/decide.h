/* decide: one pure function answers every use of data; settle says what time has ended.
 *
 *   plans + facts + operation + instant --decide--> allow / refuse / allow with duties, per part
 *   plans + facts + instant             --settle--> what is alive, what is gone, when to look again
 *
 * docs/semantics.md says what the answers mean; rules are named there by gate.
 * Holds: same plans, facts, instant and zone data give the same answer on any machine. Zero is
 * refuse. A refusal always carries a rule. No clock, no I/O, no memory but the arena's. Threads:
 * free. Start reading at decide() in decide.c and settle() in settle.c.
 */
#ifndef VERN_DECIDE_H
#define VERN_DECIDE_H
#include "facts.h"

enum { PLANS_MOST = 256 };

/* Clauses of a version that are materially new to someone who knows an earlier one. */
struct plan_news {
    struct bits purposes, sources, recipients, fields;
};
/* The versions of one register's policy, oldest first. A version may come again (a roll-back): the
 * same plan and word under a later date. */
struct plan_version {
    const struct plan *plan;
    word version;                 /* the word of plan->version; items carry it */
    instant effective;            /* ALWAYS in tests of an undeployed file */
    const struct plan_news *news; /* compared with each version before it, by its index; NULL for
                                   * the first */
};
struct plans {
    const struct plan_version *at;
    size_t count;
};
/* The version in force at t, or NULL when none is yet. */
const struct plan_version *plans_in_force(const struct plans *plans, instant t);
const struct plan_version *plans_by_word(const struct plans *plans, word version);

/* Which versions a person knows: the one under which the dossier was made, and those up to the one
 * in force at t of which there is a notice. Fills `known` by index of version. Facts may be NULL:
 * nobody in particular, who knows the first. */
void plans_known(const struct plans *plans, const struct facts *person, instant t, bool *known);
enum news_kind { NEWS_PURPOSE, NEWS_SOURCE, NEWS_RECIPIENT, NEWS_FIELD, NEWS_KIND_COUNT };
/* Is the clause of this version materially new to who knows these: compared with all of them? */
bool plans_is_news(const struct plans *plans, size_t version, const bool *known,
                   enum news_kind kind, plan_index clause);
bool plans_have_news(const struct plans *plans, size_t version, const bool *known); /* any */

/* What is known about everyone and everything that the operation touches. Any may be NULL. */
struct view {
    const struct plans *plans;
    const struct facts *subject;
    const struct facts *const *matters; /* every matter that the subject's facts mention */
    size_t matter_count;
    const struct facts *case_;
    const struct facts *party, *place, *actor;
    const struct facts *register_;
};

/* ---- settle ---- */

extern const struct end_rule rule_none;

struct ground {         /* one purpose that reaches one item */
    plan_index purpose; /* of the version in force */
    bool started;       /* what starts the purpose has happened */
    bool keeps;         /* holds the item alive; a purpose with `keep: none` only uses it */
    instant end;        /* NEVER: pending */
    instant least;      /* by `keep` alone, before what it needs is on file; NEVER: not known */
    const struct end_rule *rule; /* what ends it */
};
struct settled_item {
    const struct fact_item *item;
    bool alive, restricted, held;
    instant end;                  /* when it is gone if nothing else happens; NEVER when pending */
    const struct ground *grounds; /* items that nothing tells apart share theirs */
    uint16_t ground_count;
    const struct end_rule *rule; /* of the last ground to end; with none its path is empty */
};
struct settled {
    struct settled_item *items; /* one per fact_item, same order */
    size_t count;
    bool whole;   /* the dossier itself has nothing left to live for */
    instant next; /* earliest instant after t at which anything here can change; NEVER */
};
MUST_CHECK status settle(const struct view *view, instant t, struct arena *arena,
                         struct report *report, struct settled *settled);

/* ---- decide ---- */

enum action {
    ACTION_NONE,
    ACTION_COLLECT,
    ACTION_READ,
    ACTION_USE, /* inside the firm without showing: profile, analyse */
    ACTION_SHARE,
    ACTION_SEND,
    ACTION_COOKIE_SET,
    ACTION_COOKIE_READ,
    ACTION_EXPORT, /* the person's own copy */
    ACTION_ERASE,  /* asked for */
    ACTION_RECTIFY,
    ACTION_RECORD, /* evidence, an event, a role */
    ACTION_STORE,
    ACTION_LIFT, /* a restriction on `fields` is taken away */
    ACTION_COUNT
};
const char *action_name(enum action action);

/* What is to be collected: one field of a form. */
struct offered {
    word field;
    bool said_optional; /* the form said that it is optional */
};

struct operation {
    enum action action;
    bool asking; /* what would be needed? false: it is being done */
    word purpose, source, intake, channel, message, recipient, cookie, controller, version, staff;
    dossier_id subject, party, place, matter, case_, actor;
    word zone;                     /* country or zone of the place; 0 = inside home */
    word evidence;                 /* ACTION_RECORD: the type, event or role */
    dossier_id concerned;          /* ACTION_RECORD: the staff member whom the evidence is about */
    bool by_subject;               /* the person acts herself: own view, own consent */
    const struct offered *offered; /* ACTION_COLLECT */
    size_t offered_count;
    const word *told; /* ACTION_COLLECT through an intake `for: all`: purposes named */
    size_t told_count;
    const word *fields; /* READ, SHARE, EXPORT, ERASE: fields wanted; none = all */
    size_t field_count;
    const record_id *items; /* or these items only */
    size_t item_count;
    const word *scope; /* fields that the case or request asked for; none = no scope */
    size_t scope_count;
    const word *supplied; /* types of evidence supplied with the act: stop_link, notice */
    size_t supplied_count;
    const word *particulars; /* ACTION_RECORD: which particulars come with the evidence */
    size_t particular_count;
    str party_name; /* SHARE: the party as a policy's closed list (`named`) would spell it */
};

enum verdict { VERDICT_REFUSE = 0, VERDICT_ALLOW, VERDICT_DUTY };

struct reason {
    str rule; /* path of the clause, always there on a refusal */
    struct covers ids;
    str article;
    word *lacks; /* evidence types (or slot names) that would make it a yes */
    uint16_t lack_count;
};

/* One answer: about an item, a field, or (both empty) the operation as a whole. */
struct part {
    record_id item;
    word field;
    enum verdict verdict;
    instant end;          /* of the item, as settled; NEVER when pending, ALWAYS with none */
    struct reason reason; /* of a refusal */
    word *duties;         /* types owed; on VERDICT_DUTY */
    word *told;           /* ACTION_COLLECT: told purposes of the new item */
    uint16_t duty_count, told_count;
};

struct decision {
    enum verdict verdict; /* ALLOW when some part is allowed; DUTY when a duty is owed */
    struct reason reason; /* the first refusal when nothing is allowed */
    struct part *parts;
    size_t count;
    word *roles; /* ACTION_COLLECT: roles that the collection opens */
    uint16_t role_count;
};

/* Answers `op` at `t`. `settled` may be NULL (then it is computed). Faults: LIMIT only; a no is an
 * answer, not a fault. */
MUST_CHECK status decide(const struct view *view, const struct settled *settled,
                         const struct operation *op, instant t, struct arena *arena,
                         struct report *report, struct decision *decision);

/* May what a clause opens be opened that no gate asks about (a customer's space): is it not closed,
 * and do its needs hold for the operation? */
MUST_CHECK status decide_clause(const struct view *view, const struct clause *clause,
                                const struct needs *needs, const struct operation *op, instant t,
                                struct arena *arena, struct report *report,
                                struct decision *decision);

/* May who acts (the operation's staff role or actor) do this for its purpose, whomever it is about?
 * The gate of the staff alone. */
MUST_CHECK status decide_staff(const struct view *view, const struct operation *op, instant t,
                               struct arena *arena, struct report *report,
                               struct decision *decision);

/* Every gate's answer, not just the first refusal: why, why not, and what would make it a yes. */
struct gate_answer {
    const char *gate;
    record_id item;
    word field;
    bool passed;
    struct reason reason;
};
struct explanation {
    LIST(struct gate_answer) gates;
    struct decision decision;
};
MUST_CHECK status decide_explain(const struct view *view, const struct operation *op, instant t,
                                 struct arena *arena, struct report *report,
                                 struct explanation *explanation);
/* When a piece of evidence ends: as it says, or earlier when its type is `valid` for less. */
instant evidence_until(const struct plan *plan, plan_index type,
                       const struct fact_evidence *evidence);
/* Does a zone (a country's code, "eu", "eea") lie within the plan's home zone? */
bool zone_is_home(const struct plan *plan, word zone);
bool zone_is_eea(str zone); /* "NO", "eu", "eea" */
/* Forecast: what goes between two instants is read from settled->items[].end. */

#endif
