/* simulation: the whole engine in a world that one seed makes, beside a model of what must be so.
 *
 *   seed --draw.c--> step --act.c--> engine (clock, randomness and disk simulated)
 *                      \---judge.c--> model: facts as docs/semantics.md has them, and the second
 *                                     evaluator (tests/reference) over them
 *   after each step:  check.c compares answers, facts, values and the log's entries of the two
 *
 * The model knows what was acknowledged and nothing of seals, fences, indexes, turns or files. A
 * step draws from a chance of its own (seed and number of the step), so that steps can be left out
 * and the others stay what they were: that is how a failing run is made smaller.
 *
 * Holds: the same seed, steps and left-out steps give the same run, byte for byte (G10).
 * Does not hold: power that fails before a flush; that is the durability harness's. Memory: every
 * dossier of the model has an arena of its own. Threads: one.
 */
#ifndef VERN_SIMULATION_H
#define VERN_SIMULATION_H
#include <stdio.h>
#include <stdlib.h>

#include "agree.h"
#include "engine.h"
#include "engine_internal.h"
#include "reference.h"

enum {
    PEOPLE_MOST = 20,
    OTHERS_MOST = 6,
    GONE_KEPT = 16,
    TURN_MOST = 64,
    VERSIONS_MOST = 8,
    REFERENCES_MOST = 1024,
    BACKUPS_MOST = 2,
    STOLEN_MOST = 12,
    TOKENS_MOST = 24,
    SPACES_MOST = 2
};

/* ---- the model ---- */

/* A new element of a list, or the end: the model has memory enough. */
#define ADDED(arena, list)                                                                         \
    ({                                                                                             \
        __typeof__((list)->at) added_ = LIST_ADD((arena), (list));                                 \
        if (added_ == NULL)                                                                        \
            abort();                                                                               \
        added_;                                                                                    \
    })

/* One dossier as the model has it. Of an item the value, too; what a person's dossier holds besides
 * (records of evidence, tasks, lines about others) is not modelled. */
struct known_value {
    record_id id;
    str value;
};
struct known {
    struct arena *arena; /* NULL: there is none here */
    struct facts facts;
    LIST(struct known_value) values;
    uint32_t keys;                      /* how often something was sealed anew */
    LIST(struct fact_restriction) made; /* every restriction there ever was */
    LIST(record_id) dismissed;          /* objections that were so when a merge brought them */
    audit_id handle;                    /* in the log */
    word zone;                          /* of a party, */
    str called;                         /* and its name */
    dossier_id requester;               /* of a case, */
    word *scope;                        /* and the fields that it asks for */
    size_t scope_count;
};

/* A token that was given out; what it is called is what opens. */
struct known_token {
    char text[128];
    dossier_id id;
    bool revoked;    /* or lost by a restore */
    instant expires; /* ms 0: not seen yet */
};

/* Of a value that stays in the firm's own system: what it is called there. */
struct known_reference {
    record_id item;
    str text;
    bool replaced, lost; /* by another reference; by a restore */
    bool done;           /* the firm has erased it */
};

struct model {
    struct known_reference references[REFERENCES_MOST];
    size_t reference_count;
    struct known_token tokens[TOKENS_MOST];
    size_t token_count;
    struct known people[PEOPLE_MOST];
    struct known matters[OTHERS_MOST], parties[OTHERS_MOST], staff[OTHERS_MOST], cases[OTHERS_MOST],
        own;
    dossier_id gone[GONE_KEPT]; /* erased: never served again */
    size_t gone_count;
};

void known_start(struct known *known, enum dossier_kind kind, dossier_id id, word name,
                 instant created);
void known_end(struct known *known);
void known_copy(struct known *to, const struct known *from);
void model_end(struct model *model);
void model_copy(struct model *to, const struct model *from);
/* After a restore: what was there at the backup, with all that was taken away since. */
void model_restore(struct model *now, const struct model *backup);
/* errands.c */
void model_refer(struct model *model, record_id item, str reference);
void model_refer_anew(struct model *model, record_id item);
void model_references_restored(struct model *now, const struct model *was);
/* concerns.c */
void known_item_concerns_nobody(struct known *known, record_id item);
void known_concerns_item(struct known *known, record_id item, record_id next);
void model_concerns_nobody(struct model *model, dossier_id other);
void model_concerns_move(struct model *model, dossier_id from, dossier_id to);
struct known *model_person(struct model *model, dossier_id id);
struct known *model_find(struct model *model, dossier_id id); /* of any kind; NULL */
void model_is_gone(struct model *model, struct known *person);

/* `renamed`: what each word is called now. */
void model_rename(struct model *model, const word *renamed);

/* What the semantics say of these facts, by the second evaluator. */
void model_view(struct model *model, const struct plans *plans, const struct facts *subject,
                const struct operation *op, struct arena *arena, struct view *view);
void model_settle(struct model *model, const struct plans *plans, const struct facts *subject,
                  instant now, struct arena *arena, struct settled *settled);
/* Takes away what has ended; the whole person when nothing is left. */
void model_purge(struct model *model, const struct plans *plans, struct known *person, instant now,
                 struct arena *arena);

/* Small changes of facts. */
void known_add_role(struct known *known, word role, dossier_id matter, instant since, bool opened);
void known_add_event(struct known *known, word event, dossier_id matter, instant at);
struct fact_evidence *known_add_evidence(struct known *known, word type,
                                         const struct binding *bound, size_t count, instant since,
                                         instant until);
/* As they are, copied. */
void known_add_same_evidence(struct known *known, const struct fact_evidence *evidence);
/* There was once such a restriction: no restore takes it back. */
void known_note_restriction(struct known *known, const struct fact_restriction *restriction);
void known_restrict(struct known *known, const struct fact_restriction *restriction);
void known_drop_item(struct known *known, record_id id);
void known_set_value(struct known *known, record_id id, str value);
str known_value_of(const struct known *known, record_id id);

/* By which key of a dossier a value is sealed (a company's, a category's), and the newest of it. */
struct run;
uint32_t known_slot(const struct run *run, word controller, word field);
uint32_t known_present_key(const struct known *known, uint32_t slot);

/* ---- a run ---- */

enum op_kind {
#define OP(name, weight) OP_##name,
#include "operations.def"
#undef OP
    OP_KIND_COUNT
};
extern const char *const op_names[OP_KIND_COUNT];
extern const unsigned op_weights[OP_KIND_COUNT];

struct tally {
    uint64_t asked[OP_KIND_COUNT], allowed[OP_KIND_COUNT], refused[OP_KIND_COUNT],
        faults[OP_KIND_COUNT];
    uint64_t versions, files, batches, merges, splits, errands, concerns, spaces;
    uint64_t steps, turns, checks, values, entries, crashes, undone, restores;
    int64_t simulated_ms;
};

struct backup_taken {
    bool there;
    uint64_t step;
    struct model model;
    size_t versions;
};

/* A customer's space: what is in it is no part of the firm's register, nor of its backups. */
struct known_space {
    dossier_id matter, person; /* the firm's; who is in it */
    str name, token;
    bool ended;
};

/* What a thief copied from the files while it lived. */
struct stolen {
    dossier_id dossier;
    struct fact_item header;
    str bytes;
};

struct run {
    struct stolen stolen[STOLEN_MOST];
    size_t stolen_count;
    struct known_space spaces[SPACES_MOST];
    size_t space_count;
    uint64_t seed, step;
    const uint64_t *skip; /* numbers of steps to leave out, in order */
    size_t skip_count, skip_at;
    bool trace;
    char folder[64], data[128], root[128];
    struct sim_world world;
    struct engine *engine;
    struct reg *reg;
    struct model model;
    struct backup_taken backups[BACKUPS_MOST];
    struct chance chance;         /* of the step */
    struct arena *arena;          /* of the turn */
    struct arena *texts;          /* of the run */
    struct arena *checking;       /* of one dossier */
    struct agree_case *generated; /* NULL: one of the five policies */
    size_t generated_next;
    const char *policy;
    uint64_t values_made;
    dossier_id requests[OTHERS_MOST], breaches[OTHERS_MOST]; /* of which the model knows no more */
    size_t request_count, breach_count;
    struct policy_pair {
        str policy, deployment;
    } versions[VERSIONS_MOST]; /* in the order of applying */
    size_t version_count;
    uint64_t log_seen;
    str earlier_note;            /* an earlier checkpoint, held by somebody else */
    uint64_t digest;             /* of every answer: the same seed gives the same */
    word wanted;                 /* what the last refusal lacked, */
    struct operation wanted_for; /* what was asked, */
    enum op_kind wanted_kind;
    bool again; /* and it is there now: it may be asked again */
    str *names; /* of words 1 to name_count, when the engine was closed */
    size_t name_count;
    struct tally *tally;
    bool quiet;     /* what is wrong is not said, only seen */
    char why[2048]; /* what went wrong; empty: nothing */
};

/* Says what is wrong, once; gives false. */
PRINTF_LIKE(2, 3) bool wrong(struct run *run, const char *format, ...);
PRINTF_LIKE(2, 3) void trace(struct run *run, const char *format, ...);
#define NEED(run, truth, ...)                                                                      \
    do {                                                                                           \
        if (!(truth))                                                                              \
            return wrong((run), __VA_ARGS__);                                                      \
    } while (0)

/* ---- one step ---- */

struct move {
    enum op_kind kind;
    struct known *person, *other; /* other: matter, party ... */
    dossier_id subject;           /* of the request; may be nobody's */
    struct caller caller;
    str company;
    bool again; /* what was refused for lack of something that has come */
    union {
        struct subject_create create;
        struct role_change role;
        struct matter_create matter;
        struct event_record event;
        struct evidence_record evidence;
        struct evidence_end evidence_end;
        struct consent consent;
        struct withdrawal withdraw;
        struct objection_make object;
        struct objection_decision objection;
        struct switch_set stop;
        struct restriction restrict_;
        struct restriction_lift lift;
        struct collect collect;
        struct read read;
        struct share share;
        struct message message;
        struct cookie_ask cookie;
        struct rectify rectify;
        struct erase erase;
        struct export_request export;
        struct party_create party;
        struct staff_create staff;
        struct case_create case_;
        struct token_create token;
        dossier_id revoke;
        struct request_take request;
        struct request_decide decide;
        struct breach_said breach;
        struct breach_assessment assess;
    } ask;
    union {
        struct collected collected;
        struct read_result read;
        struct shared shared;
        struct sending sending;
        struct erase_result erased;
        str document, text;
    } answer;
    struct operation op;
    struct decision decision; /* of the second evaluator */
    str rule;                 /* of a refusal that is expected; empty: whichever */
    enum fault_class fault;   /* that is expected; FAULT_NONE: it is done */
    bool unjudged;            /* the model knows only that it does no harm */
    const char *loose;        /* a rule around decide that may refuse besides, or NULL */
    struct known_value *may;  /* items that may be read, with their values */
    size_t may_count;
    struct call call;
    struct report report;
    status result;
    uint64_t log_before; /* entries, pending ones included */
    bool done;
};

/* Draws what is to be asked; false: there is nothing to ask it of. */
bool move_draw(struct run *run, struct move *move);
/* Such a value is put away and not kept, which is not modelled: nobody offers it here. */
bool goes_to_quarantine(const struct run *run, const struct plan_intake *intake, plan_index field);
/* What the model says of it, before it is asked. */
void move_judge(struct run *run, struct move *move);
/* Asks the engine, in the open turn. */
status move_ask(struct run *run, struct move *move);
/* The engine's answer against the model's; then the model does the same. */
bool move_check(struct run *run, struct move *move);
void move_done(struct run *run, struct move *move);
bool move_is_stillborn(struct run *run, const struct move *move);
/* What was given of a person: nothing but what may be, and all of that. */
bool check_read(struct run *run, const struct move *move, const struct read_result *read);
/* Once the turn is durable: what was read. */
bool move_values(struct run *run, const struct move *move);

/* check.c */
/* The engine keeps records of its own, of types that no policy has. */
bool check_counts_evidence(struct run *run, const struct fact_evidence *one);
bool check_known(struct run *run, struct known *known);
bool check_everything(struct run *run);
void steal_from(struct run *run, const struct known *person);
bool check_stolen(struct run *run);
bool check_tokens(struct run *run);
bool check_entries(struct run *run); /* once there are many that nobody has looked at */
bool check_all_entries(struct run *run);
bool check_errands(struct run *run);
bool check_spaces(struct run *run);
bool check_counts_concern(struct run *run, const struct fact_concern *line);
/* After what changes the restrictions of `other`. */
void concerns_follow(struct run *run, const struct known *other);
void concerns_restored(struct run *run);
bool concerns_moved_since(const struct model *backup, const struct model *now);
bool check_log(struct run *run); /* as anyone may, from its files */

/* world.c, versions.c, many.c, concerns.c, spaces.c: what befalls the world between turns. */
#define BETWEEN(name, weight) bool name(struct run *run);
#include "between.def"
#undef BETWEEN
/* versions.c: again all but so many, which a backup lost. */
bool versions_again(struct run *run, size_t held);

/* world.c */
str generated_policy(struct run *run, size_t index);
bool run_begin(struct run *run);
void run_end(struct run *run);
/* Goes on until so many steps are done; false: something is wrong (run->why). */
bool run_steps(struct run *run, uint64_t steps);
const struct plan *run_plan(const struct run *run);
instant run_now(const struct run *run);

#endif
