/* engine: the use cases; the one place where policy, keys, log and rows meet.
 *
 *   call --decide--> permit --vault--> outcome        one turn of the loop carries many calls:
 *                                                     their keys, rows and entries are flushed
 *   engine_begin ... calls ... engine_end             once, then reads are opened and replies
 *                                                     released
 *
 * A call runs in two phases. Phase one decides, logs and changes (inside the open turn). Phase two,
 * `finish`, runs after the flush: it opens what was permitted to be read. No reply leaves before
 * engine_end() has returned OK; when that fails, the process stops answering (G1).
 *
 * Holds: the guarantees G1 to G12 of the README, each with its tests.
 * Memory: results live in the call's arena. Threads: one.
 * Start reading at engine_end() in turn.c, then read.c and collect.c.
 */
#ifndef VERN_ENGINE_H
#define VERN_ENGINE_H
#include "always.h"
#include "archive.h"
#include "network.h"
#include "vault.h"
#include "webhook.h"

struct engine;
struct reg; /* one register */

/* ---- opening ---- */

struct engine_config {
    const struct world *world;
    const char *data_dir;  /* holds registers/<name>/ */
    const char *log_dir;   /* of several servers: <name>/log of this one; NULL: with the register */
    const char *root_path; /* the root key; not inside data_dir */
    const char *vfs;       /* SQLite's file layer by name, for tests; NULL for the usual */
    bool beside;     /* other servers serve at the same time, where registers are for several */
    size_t log_segment_bytes; /* tests take less than the usual; 0 for that */
    size_t log_unpublished;   /* likewise */
    size_t step_rows;         /* of work that goes step by step; 0: 1,000 */
    size_t rings_cached;      /* of each register, from turn to turn; 0: as keys.h says */
};
MUST_CHECK status engine_open(const struct engine_config *config, struct report *report,
                              struct engine **engine);
void engine_close(struct engine **engine);

struct register_create {
    str name;              /* [a-z][a-z0-9_-]* up to 40 */
    str policy_file, policy;         /* name as shown in messages, and text */
    str deployment_file, deployment; /* empty when there is none */
    bool simulated;
    instant start; /* of a simulated clock */
    bool strict;   /* refuse when the linter has errors */
    const struct db_places *places; /* NULL: in files, or of a space where its firm's rows lie */
    str space_of;  /* a customer's space: the id of the firm's register, else empty */
    dossier_id space_matter;
};
/* A register whose rows lie in files gets them into PostgreSQL: copied, all rows compared, and then
 * switched by one file. A server that serves it meanwhile is asked to hold still
 * (reg_mind_move()), and waited for until it has opened the register there. Whatever ends it
 * before the switch, the one in files is as it was; where nobody served it, the next try goes on.
 * Afterwards the one in PostgreSQL is the register; the files go when it has been opened. Faults:
 * NOT_FOUND, LOCKED (somebody has it who does not hold still), INVALID (it is there already),
 * CONFLICT (another register is), CORRUPT (a row did not come out as it was). */
struct register_move {
    str name;
    struct db_places *places; /* addresses; schemas get their names here */
    void (*wait)(void *self); /* for a moment, about 50 ms; NULL: no server is asked */
    void *self;
    uint64_t data_rows, key_rows; /* given: as many were moved and compared; */
    bool served;                  /* a server has opened it where it lies now */
};
MUST_CHECK status engine_register_move(const struct engine_config *config, struct arena *arena,
                                       struct report *report, struct register_move *move);
/* Of a register that is served: once a second, between turns. While it is still, whatever changes
 * something is MOVING, and nobody sends or sweeps. MOVE_DONE: it was opened where it lies now, as
 * another `struct reg` in the place of this one, in which calls are MOVING. A fault while nothing
 * was given away is tried again; engine_failed(): only a start helps. */
enum move_step { MOVE_NONE, MOVE_STILL, MOVE_VOID, MOVE_DONE };
MUST_CHECK status reg_mind_move(struct reg *reg, struct report *report, enum move_step *step);
bool reg_is_still(const struct reg *reg);
struct reg *reg_current(struct reg *reg); /* as it is open now: itself, where it did not move */
/* Creates and opens a register; gives the first administrator's token (show it once).
 * Faults: CONFLICT when the name is taken; those of plan_load; STORE. */
MUST_CHECK status engine_register_create(struct engine *engine,
                                         const struct register_create *create,
                                         struct arena *arena, struct problems *problems,
                                         struct report *report, str *token);
struct reg *engine_register(struct engine *engine, str name); /* NULL when there is none */
size_t engine_register_count(const struct engine *engine);
struct reg *engine_register_at(struct engine *engine, size_t index);
str reg_name(const struct reg *reg);
/* Lets several servers serve it, one after the other: from its next opening on. INVALID for one in
 * files, or behind a pooler; of one that is such already nothing changes. */
MUST_CHECK status register_share(struct reg *reg, struct report *report, bool *changed);
/* ---- several servers that serve a register at the same time (beside.c) ---- */
/* Is it this one that sends, sweeps and watches?
 * Each looks now and then, and takes the duty where nobody has it. */
/* What others did counts from here to the end of the turn: for what looks at policies without a
 * call. */
MUST_CHECK status engine_enter(struct reg *reg, struct report *report);
bool reg_on_duty(const struct reg *reg);
MUST_CHECK status reg_take_duty(struct reg *reg, struct report *report);
const char *reg_log_dir(const struct reg *reg); /* where the files of its log lie */
bool reg_simulated(const struct reg *reg);
instant reg_now(const struct reg *reg);
const struct plans *reg_plans(const struct reg *reg);
/* Every version that was ever applied, in the order in which that was done. One that was announced
 * and withdrawn before its day stays in this list and is in no other. */
struct version_state {
    dossier_id id;
    const struct plan *plan;
    instant effective, applied;
    instant withdrawn; /* NEVER: it was not */
};
size_t reg_version_count(const struct reg *reg);
const struct version_state *reg_version_at(const struct reg *reg, size_t index);
/* In force, announced, past or withdrawn at t; `until`: when the next comes or came into force. */
str reg_version_standing(const struct reg *reg, const struct version_state *version, instant t,
                         instant *until);
struct words *reg_words(const struct reg *reg);
struct audit_log *reg_log(const struct reg *reg);
struct vault *reg_vault(const struct reg *reg);
str reg_verifier(const struct reg *reg); /* verifier key of the log, as text */

/* ---- callers ---- */

/* What a token may ask for. */
enum scope {
    SCOPE_COLLECT = 1 << 0,  /* create subjects and matters, collect, events, roles */
    SCOPE_READ = 1 << 1,
    SCOPE_RECORD = 1 << 2,   /* evidence, agreements, consents, notices */
    SCOPE_RIGHTS = 1 << 3,   /* withdraw, object, restrict, rectify, erase, export */
    SCOPE_SHARE = 1 << 4,    /* share, messages */
    SCOPE_OFFICER = 1 << 5,  /* forecast, explain, log, holds */
    SCOPE_IMPORT = 1 << 6,
    SCOPE_ADMIN = 1 << 7,    /* tokens, staff, parties, places, versions, clock */
    SCOPE_AUDIT = 1 << 8,    /* look where an officer may, and change nothing */
    SCOPE_ALL = (1 << 9) - 1
};
/* What these scopes hold besides: an officer may look. */
uint32_t scopes_held(uint32_t scopes);
str scope_name(enum scope scope); /* "collect" */
MUST_CHECK status scopes_parse(str list, struct report *report, uint32_t *scopes);

struct caller {
    dossier_id token;
    dossier_id actor;     /* staff member; zero: the application itself */
    audit_id handle;      /* in the log: of the staff member, else of the token */
    word staff;           /* staff role; 0: none */
    word controller;      /* 0: the policy has one, or the call names it */
    uint32_t scopes;
    const word *purposes; /* empty: every purpose */
    size_t purpose_count;
    const struct network *networks; /* whence it may come; empty: from anywhere */
    size_t network_count;
    instant expires;
    str authenticated;    /* how: "token", "asserted", "session" */
    audit_id human;       /* whom the application says it acts for, as a tag (engine_human) */
    dossier_id subject;   /* the person who is signed in, and acts on nobody else; zero: none is */
    instant fresh_until;  /* of a session: from when it must sign in anew (session.h) */
    bool first;           /* of a session: it waits for a password of the member's own */
};
/* Finds the register and caller of a token text. UNAUTHENTICATED for anything else, by the same
 * path and in constant time for the secret. */
MUST_CHECK status engine_authenticate(struct engine *engine, str token, struct report *report,
                                      struct reg **reg, const struct caller **caller);
/* The same for a caller at a numeric address: one outside the token's networks has no valid token,
 * nor has one at no known address (NULL) where the token is bound to any. */
MUST_CHECK status engine_authenticate_from(struct engine *engine, str token, const char *address,
                                           struct report *report, struct reg **reg,
                                           const struct caller **caller);

/* The tag by which the log recognises, and does not name, the human whom an application names. */
audit_id engine_human(struct reg *reg, str name);

/* ---- calls ---- */

struct outcome { /* what a write answers; all that a repeated write needs */
    dossier_id id;      /* zero when there is none */
    record_id record;
    uint64_t log_index; /* of its entry */
    uint64_t count;     /* of things done, where that is the answer */
    int http;           /* 0: 200 */
    const record_id *items; /* of a collection, by value; zero where that was refused */
    size_t item_count;
};

/* Who was given data of the person, and is now to be told (duty.c). */
struct told {
    dossier_id party;
    str recipient, name, what;
    record_id reference;
};

struct asked { /* the request as it came, where it came over HTTP */
    str method, path, body;
};

struct call {
    struct engine *engine;
    struct reg *reg;
    const struct caller *caller;
    struct arena *arena;
    struct report *report;
    instant now;
    record_id request;
    word company; /* that the request says it acts for (engine_act_for); 0: not said */
    /* Filled by the use case: */
    struct outcome outcome;
    const struct decision *decision; /* of a refusal (fault REFUSED) or a duty */
    LIST(struct told) told;
    const str *expire;               /* cookies that must go, after a withdrawal */
    size_t expire_count;
    status (*finish)(struct call *call); /* phase two, NULL when there is none */
    void *state;
    struct arena *brief; /* of one phase alone, used again by the next; NULL: `arena` */
    /* The engine's own: */
    uint64_t log_mark;     /* entries appended before this call */
    bool has_written;      /* an entry of it is in the outbox */
    str because;           /* of a read: why, for its entry */
    bool logged_refusal;   /* an entry of a refusal must stay although the call failed */
    dossier_id touched[8]; /* dossiers other than people that this call changed */
    size_t touched_count;
    bool touched_more;     /* and others besides */
    LIST(record_id) told_of; /* disclosures */
    blind once_key, once_request;
    bool once;
    bool enrolling; /* a refusal undoes the person: its entry names no one */
    bool values_follow; /* of an import: whom it makes is stored with their first values */
    struct dossier *unstored; /* who was made so */
    struct batch_work *batch; /* one person of many: nothing is logged, a line is noted (batch.c) */
    struct asked asked; /* what an approval is for */
    const merkle_hash *reasons; /* in the next entry: of a sealed record of words */
    audit_id decider; /* in the entries of this call: who approved it */
    str wrong; /* of an import: the field whose value failed; empty: not that */
};

/* A turn: begin, any number of calls, end. Between calls the engine is consistent: a call that
 * fails is undone alone. engine_end() flushes once and runs each call's `finish`, in order, its
 * status given to `done`. */
void engine_begin(struct engine *engine);
/* The same of a turn of uses, which change nothing but the log: where several servers serve a
 * register at the same time, they have such turns together. A call that would change something
 * fails with STORE, and reg_met(): it may be made again, in a turn that was begun the other way. */
void engine_begin_uses(struct engine *engine);
bool engine_is_beside(const struct engine *engine); /* do others serve at the same time? */
/* A call of this turn will load that dossier. Where rows come from the other end of a wire, those
 * of all calls of a turn that say so first come in one round trip; false: here they do not. */
bool reg_ahead(struct reg *reg, dossier_id id);
/* Prepares a call (time, request id, arena) and opens its savepoint. */
MUST_CHECK status call_begin(struct engine *engine, struct reg *reg, const struct caller *caller,
                             struct arena *arena, struct report *report, struct call *call);
/* Ends phase one: keeps the changes when `result` is OK or REFUSED (its entry stays), undoes them
 * otherwise. Gives back `result`, or the store's fault. */
MUST_CHECK status call_end(struct call *call, status result);
/* Calls of one register between the two are one operation, for which less is copied than for each:
 * kept when `result` is OK, and else undone with their refusals; then each is made alone. None of
 * them is held before. calls_apart() gives back `result`, or the store's fault. */
MUST_CHECK status calls_together(struct reg *reg, struct report *report);
MUST_CHECK status calls_apart(struct reg *reg, status result, struct report *report);
/* The company of the policy that the call acts for, by its name; empty: not said. Faults: INVALID
 * for a name that the policy does not have, FORBIDDEN (logged) where the token acts for another. */
MUST_CHECK status engine_act_for(struct call *call, str company);
/* Registers phase two and the reply. The call must stay where it is until engine_end(). */
void call_hold(struct call *call, void (*done)(void *self, struct call *call, status result),
               void *self, status result);
/* In the turn that ended, or ends, another's transaction stood in the way: a call of it that failed
 * with STORE did nothing, and may be made again. */
bool reg_met(struct reg *reg);
MUST_CHECK status engine_end(struct engine *engine, struct report *report);
/* When the replies have left: a piece of what the logs do when nobody waits, and once a second a
 * signed checkpoint. */
void engine_rest(struct engine *engine);
/* The same for whoever has another thread: the piece is a chore of one of the logs (audit.h), or
 * NULL, and the checkpoint is one, too. From then on engine_run() leaves both to this. */
struct audit_chore;
struct audit_chore *engine_rest_apart(struct engine *engine);
bool engine_failed(const struct engine *engine); /* a flush failed: nothing may be answered */
/* Idempotency (24 hours). `content` is method, path and body. With `again` set the same request was
 * answered before: call->outcome says what, and the use case must not run. Faults: REUSED when the
 * key came with another request. */
MUST_CHECK status call_once(struct call *call, str key, str content, bool *again);
/* After a write that succeeded, before call_end(): keeps what call_once() will answer. */
MUST_CHECK status call_remember(struct call *call);
/* The three together for one call, for the command line and tests: runs `use` and its finish. */
MUST_CHECK status engine_run(struct engine *engine, struct reg *reg, const struct caller *caller,
                             struct arena *arena, struct report *report, struct call *call,
                             status (*use)(struct call *call, void *request), void *request);
/* The caller for offline work and tests: every scope, no staff role. */
const struct caller *engine_system(void);

/* ---- use cases; each file of this module is one ---- */
struct evidence_record;

/* subject.c */
struct identifier {
    str kind;  /* a field ("basic.email") or "number" for the firm's own number */
    str value;
};
struct subject_create {
    const struct identifier *identifiers;
    size_t identifier_count;
    const str *roles;
    size_t role_count;
};
MUST_CHECK status engine_subject_create(struct call *call, const struct subject_create *request);
/* The person's reference, printed on all that they get: their handle as text. */
MUST_CHECK status engine_reference(struct call *call, dossier_id subject, str *reference);
struct found {
    dossier_id *ids;
    size_t count;
};
/* Only subjects with a live ground, role or item within the caller's purposes are found (G9). */
MUST_CHECK status engine_subject_find(struct call *call, const struct identifier *request,
                                      struct found *found);
struct role_change {
    dossier_id subject;
    str role;
    dossier_id matter;
    instant at; /* ms 0: now */
    bool ends;
    bool warned; /* the person was told which service stops */
};
MUST_CHECK status engine_role(struct call *call, const struct role_change *request);
/* The same of many under one entry, whose manifest says who. */
struct roles_change {
    struct role_change change; /* of nobody: `subject` is not looked at */
    const dossier_id *subjects;
    size_t subject_count;
};
struct role_line {
    dossier_id subject;
    bool allowed, unknown; /* unknown: nobody that the caller may know of */
    bool lacking;          /* does not hold the role that was to end: stays as they are */
    const struct reason *refused;
};
struct role_lines {
    struct role_line *at;
    size_t count, allowed;
};
/* Whoever is allowed is changed, or on a fault nobody is. Faults: INVALID for none, too many, or
 * somebody twice; NOT_FOUND when the caller may know of none; those of engine_role(). */
MUST_CHECK status engine_roles(struct call *call, const struct roles_change *request,
                               struct role_lines *lines);
struct identify {
    dossier_id subject;
    struct identifier identifier;
};
MUST_CHECK status engine_identify(struct call *call, const struct identify *request);

/* show.c: what is held about a person without the values, as far as the caller's purposes reach:
 * JSON, there at once. */
MUST_CHECK status engine_subject_show(struct call *call, dossier_id id, str *document);
/* overview.c: the same for the person who is signed in, or for an officer, with what each item is
 * for, whence it came, what an erasure would leave of it, and their choices. */
MUST_CHECK status engine_overview(struct call *call, dossier_id id, str *document);
/* Ids of people after `after`, in id order, at most `limit`. */
MUST_CHECK status engine_subject_list(struct call *call, dossier_id after, size_t limit,
                                      struct found *found);
/* Logs that the token does not reach what was asked, and fails with FORBIDDEN. */
MUST_CHECK status engine_forbid(struct call *call, str lacking);

/* matter.c */
struct matter_create {
    str kind, number;
};
MUST_CHECK status engine_matter_create(struct call *call, const struct matter_create *request);
MUST_CHECK status engine_matter_find(struct call *call, const struct matter_create *request,
                                     struct found *found);

/* event.c: of a subject (in a matter or not), or of a matter alone. */
struct event_record {
    dossier_id subject, matter;
    str event;
    instant at; /* ms 0: now; never later than now */
    bool by_subject;
};
MUST_CHECK status engine_event(struct call *call, const struct event_record *request);

/* concern.c: an item that is also about somebody else than its subject (the referee in a reference,
 * a colleague in a recording). A line stands in both dossiers and goes when either goes, or the
 * item. Whom it concerns is told of it within a month (article 14), sees in their own copy that it
 * is there, and has its value once an officer has decided that the rights of others do not stand in
 * the way (article 15(4)); their restriction holds for it. CON-26, CON-08 */
struct concern_of { /* in a collection */
    str field;
    dossier_id subject;
};
/* outcome.record is the line's id; a line that is there already is answered as if new. Faults:
 * NOT_FOUND, the same for a person and an item that are not there and that the token does not
 * reach; INVALID for the subject herself; LIMIT. */
struct concern_make {
    dossier_id subject; /* whose item it is */
    record_id item;
    dossier_id other; /* whom it concerns as well */
};
MUST_CHECK status engine_concern(struct call *call, const struct concern_make *request);
struct concern_end {
    dossier_id subject; /* either of the two */
    record_id concern;
};
/* It is not about them after all. */
MUST_CHECK status engine_concern_end(struct call *call, const struct concern_end *request);
/* Whether the copy of this person (either of the two) holds the value. REFUSED for staff whose role
 * may not answer people. */
struct concern_decision {
    dossier_id subject;
    record_id concern;
    bool release;
    str reasons; /* kept sealed with this person, and in their access answer */
};
MUST_CHECK status engine_concern_decide(struct call *call, const struct concern_decision *request);
struct concern_view {
    record_id id;
    bool theirs; /* the item is the other's; else it is the person's own */
    dossier_id other;
    record_id item;
    str field, source, state; /* undecided, released, withheld */
    instant since, ends; /* of the item, as it stands; NEVER: pending */
    bool restricted;
};
struct concern_list {
    struct concern_view *at;
    size_t count;
};
MUST_CHECK status engine_concern_list(struct call *call, dossier_id subject,
                                      struct concern_list *list);

/* collect.c */
struct collect_value {
    str field, value;
    bool said_optional;
};
struct collect {
    dossier_id subject, matter;
    str intake, source, channel, controller;
    str cookie; /* that the values were read by; it passes its own gate, too (CON-70) */
    const str *purposes; /* through an intake `for: all` */
    size_t purpose_count;
    const struct collect_value *values;
    size_t value_count;
    size_t reference_count; /* the last of them: the firm's own references, of external fields */
    const struct collect_value *holds; /* of fields: the category that the text is known to hold */
    size_t hold_count;
    const struct concern_of *concerns; /* of values that are also about somebody else */
    size_t concern_count;
    const str *supplied; /* notice, ... */
    size_t supplied_count;
    instant at; /* ms 0: now; import may say earlier */
    const str *events; /* recorded with it, in the same matter */
    size_t event_count;
    bool joins_form; /* a file: what the intake took of the person before counts as given with it */
    const struct whole_file *file; /* the engine's own: the one value came in parts */
};
struct collected {
    record_id *items; /* per value; zero when that value was refused */
    size_t count;
    const word *held; /* per value: its category, when it went to quarantine; else 0 */
};
MUST_CHECK status engine_collect(struct call *call, const struct collect *request,
                                 struct collected *result);

/* death.c: the person has died (CON-02). Nothing opens by it: nobody consents, is written to or
 * takes a copy in their name any more; all else goes on under the same gates. */
struct death {
    dossier_id subject;
    instant at; /* ms 0: now */
};
MUST_CHECK status engine_death(struct call *call, const struct death *request);

/* quarantine.c: content that may not be had (CLO-17): there to be decided on, never to be read. */
struct quarantine_view {
    dossier_id id, subject;
    str category, field, intake, channel;
    instant since, ends;
};
struct quarantine_list {
    struct quarantine_view *at;
    size_t count;
    bool more;
    dossier_id last;
};
MUST_CHECK status engine_quarantine_list(struct call *call, dossier_id after, size_t limit,
                                         struct quarantine_list *list);
struct quarantine_decision {
    dossier_id id;
    bool release; /* through `intake` into `field`, by the gates of any collection; else erased */
    str intake, source, field;
    str reasons; /* kept sealed with the person */
};
MUST_CHECK status engine_quarantine_decide(struct call *call,
                                           const struct quarantine_decision *request);

/* intake.c */
/* What the form of an intake asks for and why (COB-13, COB-42, COB-43): JSON in `arena`. Of one
 * collection, the fields that are required or were offered; empty where there is no such intake. */
MUST_CHECK status engine_form(const struct reg *reg, const struct collect *collect,
                              struct arena *arena, struct report *report, str *json);
/* Of every intake that is open, all of its fields. */
MUST_CHECK status engine_forms(const struct reg *reg, struct arena *arena, struct report *report,
                               str *json);
/* says.c: what the policy in force calls its purposes, categories and fields, in each of its
 * languages: JSON in `arena`. */
MUST_CHECK status engine_says(const struct reg *reg, struct arena *arena, struct report *report,
                              str *json);
/* A person with their agreements and first values, all or none: where a collection is refused as a
 * whole nobody was made, and the log tells of no one (COB-14). */
struct enrol {
    struct subject_create create;
    const struct evidence_record *agreements;
    size_t agreement_count;
    const struct collect *collect; /* NULL: nothing yet */
};
MUST_CHECK status engine_enrol(struct call *call, const struct enrol *request,
                               struct collected *result);
/* The person does not want to give these (COB-82). */
struct decline {
    dossier_id subject;
    str intake; /* may be empty */
    const str *fields;
    size_t field_count;
};
MUST_CHECK status engine_decline(struct call *call, const struct decline *request);
/* live.c: a recording through a `live` intake. It begins once all that the intake needs is on file
 * (a notice handed over with the act does not do), and ends after 24 hours at the latest. While it
 * runs, pieces are collected as ever. Faults: REFUSED for an intake that is not live (CLO-11) and
 * as a collection would be; CONFLICT when one runs through it in this matter (INF-43, INF-44). */
struct recording_start {
    dossier_id subject, matter;
    str intake, source, channel, controller;
};
MUST_CHECK status engine_recording_start(struct call *call,
                                         const struct recording_start *request);
struct recording_end {
    dossier_id subject;
    record_id recording;
};
MUST_CHECK status engine_recording_stop(struct call *call, const struct recording_end *request);
/* The person's no: it ends, what it took goes at once (outcome.count), and its purposes are
 * objected to or their consents ended (INF-45). Also after it has stopped. */
MUST_CHECK status engine_recording_veto(struct call *call, const struct recording_end *request);

/* derive.c: values made of other items of the person, as a profile (article 4(4)). Each names the
 * items that it was made from, goes with the last of them, and serves purposes that use it alone.
 * Faults: REFUSED when the purpose does not profile or use the field, when an item is of a field
 * outside the category's `made_from`, or may not be used for the purpose now (INF-31, CON-69). */
struct derive {
    dossier_id subject, matter;
    str purpose, controller;
    const record_id *items;
    size_t item_count;
    const struct collect_value *values;
    size_t value_count;
};
MUST_CHECK status engine_derive(struct call *call, const struct derive *request,
                                struct collected *result);

/* ruling.c: what a machine decided about a person, alone (article 22). Faults: REFUSED when the
 * purpose does not decide, has no ground that allows it, or an item may not be used for it now;
 * CONFLICT for a review that is open already, or was not asked for (HOS-61, HOS-62). */
struct ruling_make {
    dossier_id subject, matter;
    str purpose, controller, outcome, logic; /* the last two in words for the person; sealed */
    const record_id *items;
    size_t item_count;
};
MUST_CHECK status engine_ruling(struct call *call, const struct ruling_make *request);
/* JSON: each with its state and whether it has effect now; no text of theirs. */
MUST_CHECK status engine_ruling_list(struct call *call, dossier_id person, str *document);
struct ruling_end {
    dossier_id subject;
    record_id ruling;
    bool upheld; /* of a review that is closed */
    str reasons;
};
/* The person asks for a human: from now on the decision has no effect until one has looked. */
MUST_CHECK status engine_ruling_review(struct call *call, const struct ruling_end *request);
/* By a member of the staff whose role may answer people; what is not upheld is over. */
MUST_CHECK status engine_ruling_close(struct call *call, const struct ruling_end *request);

/* cookie.c: may this cookie (pixel, storage, identifier of a device) be set, or read, for a person
 * who is known? REFUSED before consent (COB-100, CON-09, CON-10, HOS-64), and where the browser
 * says no by a header (`Sec-GPC: 1`), which overrides an old yes. */
struct cookie_ask {
    dossier_id subject;
    str cookie, purpose; /* purpose: where the cookie has several */
    bool reads;          /* it is there and is to be read; else it is to be set */
    bool browser_refuses;
};
MUST_CHECK status engine_cookie(struct call *call, const struct cookie_ask *request);
/* The register of cookies of the policy in force, as JSON; no data is looked at (COB-96). */
MUST_CHECK status engine_cookie_register(struct reg *reg, struct arena *arena,
                                         struct report *report, str *document);

/* banner.c: what a banner asks on the firm's site, as members of the object that is open in `out`;
 * of one controller or, NONE, of all. No data is looked at. */
struct banner_ask {
    str language; /* of the texts; what is not said in it comes in the first that it is said in */
    plan_index controller;
};
struct json_out;
MUST_CHECK status engine_banner(struct reg *reg, const struct banner_ask *ask, struct arena *arena,
                                struct report *report, struct json_out *out);

/* browser.c: the same gate for a browser that is nobody yet, and its choices. What `accept` does
 * not name is refused. A receipt that is unknown or over answers as none. Faults: INVALID for a
 * unit that is not in the register of cookies. */
struct browser_ask {
    dossier_id receipt; /* zero: none */
    bool chooses;       /* else: only what may be set now */
    bool browser_refuses;
    const str *accept, *refuse; /* units of the register of cookies, or "all" */
    size_t accept_count, refuse_count;
};
struct browser_answer {
    dossier_id receipt;
    bool ask; /* no choice stands for some unit */
    str *allowed, *expire; /* cookies by name */
    size_t allowed_count, expire_count;
};
MUST_CHECK status engine_browser(struct call *call, const struct browser_ask *request,
                                 struct browser_answer *answer);

/* read.c */
struct read {
    dossier_id subject, matter;
    str purpose, controller;
    const str *fields;
    size_t field_count;
    const record_id *items;
    size_t item_count;
    bool use;            /* ACTION_USE */
    bool without_values; /* names what may be read, and opens nothing */
    str because; /* why somebody looks: a word of a closed list, for the log; empty: unsaid */
};
struct read_item {
    record_id id;
    str field, value;
    dossier_id matter;
    instant collected;
    instant end; /* without values: when it goes; NEVER when that is not known */
    str source, version;
    enum verdict verdict; /* allow, or refuse with the reason and no value */
    const struct reason *reason;
    word purpose;  /* of a copy: that lets it be read */
    bool external; /* the value is the firm's own reference, and lies in its own system */
    bool in_parts; /* a file: no value here, engine_file_read() gives its bytes */
    uint64_t size;
    str media, name;
};
struct read_result {
    struct read_item *items;
    size_t count;
};
MUST_CHECK status engine_read(struct call *call, const struct read *request,
                              struct read_result *result); /* values are there after finish */

/* file.c: values in parts, from 1 byte to LIMIT_FILE_BYTES, for fields of kind `file`.
 *
 *   open (decided, logged) -> bytes, bytes, bytes ... -> end (decided again, logged; the item is)
 *
 * Until its end an upload is nowhere readable: its key lies in memory only. Where it breaks off, is
 * refused, times out or the person is erased, its parts go with the next sweep. Memory: two parts
 * (128 KB) an upload, of at most LIMIT_UPLOADS. */
struct file_open {
    struct collect collect; /* without values */
    str field;
    bool said_optional;
    str media;          /* "application/pdf"; kept, never served by */
    str name;           /* may be empty */
    uint64_t size;      /* in bytes; what comes must be as long */
    record_id replaces; /* zero, or the item that it takes the place of (article 16) */
    dossier_id case_;   /* of that request */
    bool by_subject;
    const dossier_id *concerns; /* whom the file is also about */
    size_t concern_count;
};
/* outcome.record is the id of the upload, and of the item that it becomes. Faults: LIMIT (too
 * large, too many open), INVALID, REFUSED. */
MUST_CHECK status engine_file_open(struct call *call, const struct file_open *request);
struct upload;
/* The upload that this caller opened and nobody streams into yet; NOT_FOUND otherwise. From now on
 * it is the taker's, who drops it at the end. */
MUST_CHECK status engine_upload_take(struct reg *reg, const struct caller *caller,
                                     dossier_id subject, record_id record, struct report *report,
                                     struct upload **upload);
/* How long the file must be. */
uint64_t engine_upload_size(const struct upload *upload);
/* Takes bytes until a part is full, and says how many; with `full`, engine_upload_part() is due. */
size_t engine_upload_bytes(struct upload *upload, str bytes, bool *full);
/* A full part has come. It is searched for card numbers, and the one before it is written. REFUSED,
 * INVALID (longer than said), NOT_FOUND (erased meanwhile): nothing more may be added. A turn that
 * was not kept loses its parts: drop the upload then. */
MUST_CHECK status engine_upload_part(struct call *call, struct upload *upload);
MUST_CHECK status engine_upload_end(struct call *call, struct upload *upload);
void engine_upload_drop(struct reg *reg, struct upload **upload); /* takes NULL */

/* For a purpose; or the person's own copy of it (access, portability). */
struct file_read {
    dossier_id subject, matter, case_;
    record_id item; /* in her own copy also the line of another's that concerns her */
    str purpose, controller; /* without a purpose: her own copy */
    bool portability;
};
struct download {
    uint64_t size;
    uint32_t parts;
    str media, name, field;
    instant collected;
    struct file_going_out *own; /* the engine's own */
};
/* Complete after finish; lives in the call's arena, and wants engine_download_end(). */
MUST_CHECK status engine_file_read(struct call *call, const struct file_read *request,
                                   struct download *download);
/* One part, in `scratch`. Judged anew each time: what has ended, was erased, restricted or objected
 * to meanwhile, and what the token no longer reaches, is given no further. */
MUST_CHECK status engine_file_part(struct download *download, uint32_t part, struct arena *scratch,
                                   struct report *report, str *bytes);
/* Of a package: goes on to that file of it, judged anew. */
MUST_CHECK status engine_download_turn(struct download *download, record_id item,
                                       struct arena *scratch, struct report *report);
void engine_download_end(struct download *download); /* wipes the key */

/* service.c: may this person use the service that a purpose delivers, now; of an organisation, its
 * matter? Answered from the policy and the facts alone, and logged. */
struct service_ask {
    dossier_id subject, matter;
    str purpose, controller;
};
struct service_answer {
    bool open;
    const struct reason *reason; /* what is missing; NULL when it is open */
};
MUST_CHECK status engine_service(struct call *call, const struct service_ask *request,
                                 struct service_answer *answer);

/* evidence.c */
struct particular {
    str name, value;
};
struct evidence_record {
    str type;
    dossier_id subject, matter, case_, party, place, actor;
    str purpose, category, field, source, intake, channel, message, controller, version, cookie;
    const struct particular *asks;
    size_t ask_count;
    instant since; /* ms 0: now */
    str until;     /* a date or an instant; empty: open */
    bool by_subject;
    bool bounced; /* a notice that did not arrive: it is logged, and is none */
    /* Of a notice to a person: the intake whose notice was given, and in which language (the
     * policy's first when empty). The text, with the reference, is kept sealed with the record. */
    str told, language;
};
MUST_CHECK status engine_evidence(struct call *call, const struct evidence_record *request);
struct evidence_end {
    dossier_id dossier;
    record_id record;
    str on; /* a date; empty: now */
    bool warned; /* those whose service stops were told */
};
MUST_CHECK status engine_evidence_end(struct call *call, const struct evidence_end *request);

/* consent.c */
struct consent {
    dossier_id subject, matter, party;
    str purpose, field, channel, wording, language, act, cookie;
    str given_by; /* click, signature, spoken, written; what is no act of the person's is refused */
    bool required_for_other; /* a condition for something else: refused */
    str guardian; /* who consents for a child, and by what that is known; kept sealed */
    str until;
    bool receipt; /* engine_receipt() is asked for, too */
};
MUST_CHECK status engine_consent(struct call *call, const struct consent *request);
/* receipt.c: after a write without a phase two of its own, new or repeated: the receipt of its
 * entry, which verifies from the log; there after finish, empty where no checkpoint could be
 * written. */
MUST_CHECK status engine_receipt(struct call *call, const char *what, str *receipt);
/* The same for any entry that is about the person of this reference, alone or as one of many, with
 * the proof of their one line of its manifest and nobody else's; JSON, after finish. NOT_FOUND
 * where the entry is not about them, CORRUPT where its manifest is damaged. */
struct proof_ask {
    str reference;
    uint64_t log_index;
};
MUST_CHECK status engine_prove(struct call *call, const struct proof_ask *request, str *document);
/* The same for the person who is signed in, of any entry that is about them. */
MUST_CHECK status engine_my_receipt(struct call *call, uint64_t log_index, str *document);
struct withdrawal {
    dossier_id subject, party;
    str purpose, field, channel, cookie;
    dossier_id case_;
};
MUST_CHECK status engine_withdraw(struct call *call, const struct withdrawal *request);

/* object.c */
struct objection_make {
    dossier_id subject;
    str purpose; /* "marketing" stands for all marketing purposes */
    dossier_id case_;
};
MUST_CHECK status engine_object(struct call *call, const struct objection_make *request);
struct objection_decision {
    dossier_id subject;
    record_id objection;
    bool upheld;
    str reasons;
};
MUST_CHECK status engine_objection_decide(struct call *call,
                                          const struct objection_decision *request);
struct switch_set {
    dossier_id subject, party;
    str stop, channel;
};
MUST_CHECK status engine_switch(struct call *call, const struct switch_set *request);

/* link.c: links in messages that stop them. A MAC by a key of the register over the person, the
 * message and the channel; good for ever, also after erasure, and for stopping only. A general
 * link, as of a preference page, has the message that it stood in, too. */
struct stop_link {
    dossier_id subject;
    word message, channel;
};
MUST_CHECK status engine_link(struct reg *reg, dossier_id subject, str message, str channel,
                              struct arena *arena, struct report *report, str *text);
/* Is this a link that the register made? Looks at no data. */
bool engine_link_read(struct reg *reg, str text, struct stop_link *link);

/* stop.c: who comes without a token. The caller holds no scope; the log says "public". */
const struct caller *engine_public(void);
struct reg *engine_register_public(struct engine *engine, dossier_id id); /* NULL: none */
const struct plan *reg_plan_now(const struct reg *reg); /* in force, or the newest */
str reg_public_id(const struct reg *reg); /* random, in the paths of public pages */
/* What a link can turn off: each switch that the policy offers there, by channel where it may be,
 * and whole (channel 0). The same for everyone. */
struct stop_choice {
    word stop, channel;
};
struct stop_choices {
    struct stop_choice *at;
    size_t count;
};
MUST_CHECK status engine_stop_choices(struct reg *reg, struct arena *arena, struct report *report,
                                      struct stop_choices *choices);
struct stop {
    str link;
    bool one_click;  /* RFC 8058: the message that the link stood in */
    const str *off;  /* "this", "all", "news", "news.email" */
    size_t off_count;
};
/* OK whatever the link is: what is none, or nobody's, turns nothing off (G9). COB-34, INF-30. */
MUST_CHECK status engine_stop(struct call *call, const struct stop *request);

/* restrict.c */
struct restriction {
    dossier_id subject;
    const str *fields;
    size_t field_count;
    str reason; /* "accuracy", "unlawful", "claims", "objection" */
    bool warned; /* the person was told which service stops */
    dossier_id case_;
};
MUST_CHECK status engine_restrict(struct call *call, const struct restriction *request);
struct restriction_lift {
    dossier_id subject;
    record_id restriction;
};
/* The notice that a restriction will be lifted (article 18(3)); lifting without it is refused. */
MUST_CHECK status engine_restriction_tell(struct call *call,
                                          const struct restriction_lift *request);
MUST_CHECK status engine_restriction_lift(struct call *call,
                                          const struct restriction_lift *request);

/* rectify.c */
struct rectify {
    dossier_id subject, case_;
    record_id item;
    str value; /* empty: there is none, and the item goes */
    str reference; /* of an external item, instead of the value */
    bool by_subject;
    bool warned;                   /* the person was told which service stops */
    bool proven; /* the engine's own: both addresses are the person's (address.c) */
    const struct whole_file *file; /* the engine's own: instead of the value */
};
MUST_CHECK status engine_rectify(struct call *call, const struct rectify *request);

/* erase.c */
struct erase {
    dossier_id subject, case_; /* with a case, what its right needs (identity) must be on file */
    const str *fields; /* none: everything */
    size_t field_count;
    bool warned;       /* the person was told that an account may close */
    bool suppress;     /* she wants no marketing to find her again */
};
struct erased_item {
    record_id id;
    str field;
    bool erased;
    bool external;               /* its value lies in the firm's own system, which is told */
    const struct reason *reason; /* what keeps it */
    str law;                     /* the statute, where a legal duty keeps it */
    instant until;               /* at the least; NEVER when not known */
};
struct erase_result {
    bool whole;
    struct erased_item *items;
    size_t count;
    size_t concerned; /* items of others that speak of the person: they stay, with no line to her */
    str receipt; /* JSON: reference, entry, inclusion proof, checkpoint; after finish. Empty when no
                  * checkpoint could be written: the erasure stands all the same */
};
MUST_CHECK status engine_erase(struct call *call, const struct erase *request,
                               struct erase_result *result);
/* again.c: the receipt anew, for an erasure that call_once() has answered; after finish. */
MUST_CHECK status engine_erase_again(struct call *call, struct erase_result *result);

/* share.c */
struct share {
    dossier_id subject, party, matter, case_;
    str purpose, recipient, controller;
    const str *fields;
    size_t field_count;
    const record_id *items;
    size_t item_count;
    const str *supplied;
    size_t supplied_count;
    str channel; /* by which it goes; special categories name one that nobody else reads */
};
struct shared {
    struct read_result read;
    record_id record;    /* of the disclosure */
    record_id reference; /* by which this party is told later what becomes of it; zero: no party */
};
/* The disclosure is recorded beside the subject's facts; values are there after finish. */
MUST_CHECK status engine_share(struct call *call, const struct share *request,
                               struct shared *shared);
/* disclose.c: to whom a person's data was given, oldest first. */
struct disclosure_list {
    dossier_id subject;
    record_id after; /* zero: from the first */
    size_t limit;
};
struct disclosure_page {
    str disclosures; /* JSON, an array; after finish */
    bool more;
    record_id last; /* looked at; those that have ended are left out */
};
MUST_CHECK status engine_disclosures(struct call *call, const struct disclosure_list *request,
                                     struct disclosure_page *page);
/* duty.c: what a party is to be told (article 19), open ones first; and that it was. */
struct duty_list {
    dossier_id party;
    record_id after;
    size_t limit;
};
struct duty_page {
    str duties; /* JSON, an array; after finish */
    bool more;
    record_id last;
};
MUST_CHECK status engine_duties(struct call *call, const struct duty_list *request,
                                struct duty_page *page);
struct duty_done {
    dossier_id party;
    record_id duty;
    str proof; /* in words: which message, when, what they answered; never data of the person */
};
/* NOT_FOUND for one that is not open. outcome.record is its record from then on. */
MUST_CHECK status engine_duty_done(struct call *call, const struct duty_done *request);
struct message {
    dossier_id subject, party;
    str message, channel;
    const str *supplied; /* stop_link */
    size_t supplied_count;
    const str *carries; /* categories or fields that its content holds */
    size_t carry_count;
    str stop_link; /* the one that goes with it, as an answer gave it; checked */
    bool has_links; /* links of ours work: one that is only said to be there is none */
    record_id item; /* what it goes to or tells of, or zero: must be usable for it */
    bool asking;
    bool queue; /* not now: a task, handed out to who sends */
    str heading, text; /* with both Vern sends it itself, by e-mail to the item (mail.c) */
};
struct sending {
    str message, channel;
    record_id item;
    str link;       /* the text of the stop link for this person, message and channel */
    bool one_click; /* following it turns the message off */
};
/* message.c: may this be sent? An allowed send is logged. COB-33, INF-30. */
MUST_CHECK status engine_message(struct call *call, const struct message *request,
                                 struct sending *sending);

/* task.c: work that waits for the firm's own systems, as messages that are queued; open ones, of
 * at most `limit` dossiers after `after`, in id order. */
struct task_view {
    dossier_id dossier, other;
    record_id record;
    str kind; /* "send", "tell", "errand" */
    str name, channel;
    str field, reference; /* of an errand; its record is the item's id */
    instant since, due;
    instant taken_until; /* a message that somebody is sending; NEVER */
};
struct task_list {
    struct task_view *at;
    size_t count;
    dossier_id last; /* of the page */
    bool more;
};
MUST_CHECK status engine_task_list(struct call *call, dossier_id after, size_t limit,
                                   struct task_list *list);
struct task_done {
    dossier_id dossier;
    record_id task;
    str proof; /* in words, or empty: kept three years, shown in the person's copy */
};
/* Hands out a message that waits: decided again, logged as sent. For ten minutes it is then the
 * taker's alone. NOT_FOUND when it was dropped; CONFLICT while another has it. */
MUST_CHECK status engine_message_take(struct call *call, const struct task_done *request,
                                      struct sending *sending);
/* Faults: NOT_FOUND; CONFLICT for what is closed otherwise: a review, what a recipient is to be
 * told. */
MUST_CHECK status engine_task_done(struct call *call, const struct task_done *request);
/* A message that waits is not sent any more. Faults: NOT_FOUND; CONFLICT for work that is no
 * message, and while somebody is sending it. */
MUST_CHECK status engine_message_drop(struct call *call, const struct task_done *request);

/* mail.c: messages that wait and that Vern sends itself, for whoever owns the network. Those that
 * are due, by facts alone: nothing is opened or logged. */
struct mail_due {
    struct task_done *at; /* without proof */
    size_t count;
    instant next; /* when another one is due; NEVER */
};
MUST_CHECK status engine_mail_due(struct call *call, size_t limit, struct mail_due *due);
bool reg_mail_news(struct reg *reg); /* may something wait that was not there when asked last? */
struct mail_request {
    dossier_id dossier;
    record_id task;
    str url; /* of public pages, for the links in what Vern says itself */
};
struct mail_content { /* all but `sending` there after finish */
    str to, heading, text;
    record_id item; /* the address */
    instant since;
    struct sending sending;
};
/* As engine_message_take(): decided again, and for ten minutes nobody else's. Opens address and
 * text. Faults: those, GONE. */
MUST_CHECK status engine_mail_take(struct call *call, const struct mail_request *request,
                                   struct mail_content *content);
/* By an officer's word it is tried now and not after its ten minutes. Faults: NOT_FOUND; CONFLICT
 * for what is no mail of ours. */
MUST_CHECK status engine_mail_retry(struct call *call, const struct task_done *request);
struct mail_result {
    struct mail_request request;
    bool delivered; /* else given up: raises an alarm */
    uint32_t code;  /* the mail server's reply: kept as proof, with the time */
};
MUST_CHECK status engine_mail_settle(struct call *call, const struct mail_result *result);

/* letter.c: a paper that Vern writes from the policy's texts and mails itself. "notice": of an
 * intake; "changes": of a version; on file as evidence of kind notice once the mail server took it.
 * "breach": the message to whom it concerned, whose task is then done. Faults: INCOMPLETE, naming
 * what the text lacks; INVALID; REFUSED for an address that fails, and to who may not record the
 * notice; CONFLICT where no task waits to tell of the breach. */
struct letter_ask {
    dossier_id subject, breach;
    record_id item; /* the address */
    str paper, language;
    struct evidence_record notice; /* its type, told (the intake), purpose, source, version */
};
MUST_CHECK status engine_letter(struct call *call, const struct letter_ask *asked);

/* ledger.c: of whom there are consents (KIND_CONSENT) or holds (KIND_CLAIM), page by page, without
 * opening anything; then of one person all that is on file, with its particulars. FORBIDDEN for a
 * token that is bound. */
struct ledger_row {
    dossier_id subject;
    record_id record;
    str type, purpose, state; /* state: in_force, expired (as agreed on), ended (by an act) */
    instant since, until;
};
struct ledger {
    enum evidence_kind kind;
    LIST(struct ledger_row) rows;
    dossier_id last;
    bool more;
};
MUST_CHECK status engine_ledger(struct call *call, dossier_id after, size_t limit,
                                struct ledger *ledger);
MUST_CHECK status engine_filed(struct call *call, dossier_id id, str *document);

/* feed.c: what happened to whom, from that entry of the log on, in its order; there after finish.
 * FORBIDDEN for a token that is bound. */
struct feed_change {
    uint64_t index; /* of the entry */
    instant at;
    str change, purpose;
    record_id reference; /* the person's */
    const record_id *items;
    size_t item_count;
};
struct feed {
    struct feed_change *at;
    size_t count;
    uint64_t next; /* entry to go on from */
    bool more;
};
MUST_CHECK status engine_feed(struct call *call, uint64_t from, size_t limit, struct feed *feed);

/* held.c: what a system that holds these ids may still see of each, in their order. */
struct held_ask {
    const dossier_id *subjects;
    size_t subject_count;
};
struct held_copy {
    dossier_id subject, goes_by; /* goes_by: since a merge; zero: the same, or nobody to know of */
    bool held;
    record_id *items, *restricted; /* restricted: kept, and not to be used now */
    size_t item_count, restricted_count;
};
struct held_people {
    struct held_copy *at;
    size_t count;
};
/* Faults: INVALID for none or too many. */
MUST_CHECK status engine_held(struct call *call, const struct held_ask *request,
                              struct held_people *people);

/* bounce.c: what was sent and came back. The proof of the notice falls as if it had never been; an
 * address that is permanently bad is failing: nothing is sent there until it is put right or
 * cleared.
 * Faults: NOT_FOUND; INVALID. */
struct bounce {
    str message; /* the Message-ID of a mail that Vern sent; else the next two */
    dossier_id subject;
    record_id item;   /* the address; zero: none that is an item */
    record_id notice; /* evidence of kind notice that it was the proof of; zero: none, but that of
                       * a notice that Vern mailed (letter.c) is known by the Message-ID */
    bool permanent;
};
MUST_CHECK status engine_bounce(struct call *call, const struct bounce *request);
struct bounce_clear {
    dossier_id subject;
    record_id item;
};
/* CONFLICT when it is not failing. */
MUST_CHECK status engine_bounce_clear(struct call *call, const struct bounce_clear *request);

/* copy.c: what of a person may be read now, for whichever purpose lets it; each item says which. Of
 * the whole register only: not for a token that is bound to purposes. */
struct copy {
    dossier_id subject;
    str controller;
};
MUST_CHECK status engine_copy(struct call *call, const struct copy *request,
                              struct read_result *result); /* values are there after finish */

/* batch.c: one entry for up to 65,536 people. Each is decided for themselves, a step at a time;
 * then the manifest of who was decided on is written, then the entry that names it. In later turns
 * each is given what the entry allows and what then still holds: values are opened, disclosures and
 * messages that wait are recorded. Unknown and hidden people answer alike and have no line (G9). */
struct batch_line {
    dossier_id subject;
    bool known, allowed;
    bool changed; /* it was allowed when the entry was made, and is no more: nothing is given */
    const struct decision *refused; /* its reason, of a refusal */
    struct read_result read;        /* of a read, a share or a copy */
    const str *roles; /* of a read without values: those that are held now */
    size_t role_count;
    struct shared shared;
    struct sending sending;
    bool queued;
    uint64_t bytes; /* of the values that will be opened */
};
/* Without values, what is decided in one step is told as it is decided, a line at a time, which is
 * borrowed; it is kept back until the entry is durable, and thrown away when another step follows:
 * then each is given as with values. */
struct batch_early {
    void (*tell)(void *self, struct arena *scratch, const struct batch_line *line);
    void *self;
};
struct batch {
    const struct read *read; /* one of these; its subject does not count */
    const struct share *share;
    const struct message *message;
    const struct copy *copy;
    const dossier_id *subjects; /* these; or */
    size_t subject_count;
    bool everyone;            /* everyone whom the purpose reaches; of a copy, everyone */
    struct batch_early early; /* of a read without values; NULL: nobody listens */
    dossier_id after;         /* in the order of ids after this one */
};
struct batch_work;
struct progress;
/* Called again, with the same work (NULL at first), until progress->done, each time in a turn of
 * its own; the request must live as long. Then the entry is there. `everyone` takes an officer, and
 * a second pair of eyes from the staff (outcome.http 202 and no work: it waits). Faults: INVALID
 * for nobody or somebody twice, LIMIT for too many; those of a single read, share or message that
 * are no answer about one person. outcome.count: how many were allowed. */
MUST_CHECK status engine_batch_step(struct call *call, const struct batch *request,
                                    struct batch_work **work, struct progress *progress);
/* How many people have still to be given what is theirs; how many there are in all; with
 * `everyone`, whether there are more, and after whom. */
size_t engine_batch_left(const struct batch_work *work);
size_t engine_batch_people(const struct batch_work *work);
bool engine_batch_more(const struct batch_work *work, dossier_id *last);
bool engine_batch_is_early(const struct batch_work *work); /* all was told; nobody is left */
/* The next person, in a call of its own after the entry's turn; complete after finish. A fault that
 * engine_batch_answer() knows is about this person, and `line` says it. */
MUST_CHECK status engine_batch_give(struct call *call, struct batch_work *work,
                                    struct batch_line *line);
bool engine_batch_answer(status result);
void engine_batch_end(struct batch_work **work); /* takes NULL */

/* export.c: JSON, complete after finish. With `paper`, the answer of article 15 is made of it as
 * well, in that language: INCOMPLETE, naming the item, before anything is opened or recorded. */
struct paper;
struct package;
struct export_request {
    dossier_id subject, case_;
    bool portability;
    bool by_subject;
    str format;   /* of the paper: html, json or text; consents; empty: the data alone */
    str *consents; /* instead of a paper: their records in JSON-LD */
    struct package *package; /* of portability: the files to take along (package.h), sealed */
    struct download *given;  /* with it: the bytes of what she gave as files, one after the other;
                                wants engine_download_turn() first, engine_download_end() last */
    str language; /* of the paper */
    struct paper **paper;
};
MUST_CHECK status engine_export(struct call *call, const struct export_request *request,
                                str *document);

/* space.c: customers' spaces, where the firm is a processor (HOS-19, INF-03, CON-27, CON-28).
 * Making and ending one runs between turns. */
struct space_work {
    struct reg *firm;
    const struct caller *caller;
    struct arena *arena;
    struct report *report;
    const struct decision *decision; /* of a refusal */
};
struct space_create {
    dossier_id matter; /* of the firm's register: the customer's service */
    str space;         /* a clause under `spaces` */
    str policy, deployment; /* the customer's instruction file: `acting: processor` */
};
struct space_made {
    str name, token; /* the first administrator's, for the customer; shown once */
    uint64_t log_index;
};
/* Faults: REFUSED without what the clause needs (an agreement of this very matter), CONFLICT when
 * the matter has one, those of engine_register_create(). */
MUST_CHECK status engine_space_create(struct space_work *work, const struct space_create *request,
                                      struct problems *problems, struct space_made *made);
struct space_request {
    dossier_id matter;
    str space, right, channel, text;
};
/* A person asked the firm: nothing is revealed, the request becomes a case and a task to pass it
 * on, and the answer says so. JSON. */
MUST_CHECK status engine_space_request(struct call *call, const struct space_request *request,
                                       str *document);
struct space_end {
    dossier_id matter;
    str space, choice; /* the customer's: "return" or "erase", as far as the policy offers it */
    uint64_t returned; /* with "return": how many people were handed over */
    uint64_t unconfirmed; /* of what lies in systems outside, told and not confirmed */
};
/* The space goes for good. What its external items stand for is told first. Faults: CONFLICT while
 * the agreement runs, when not all was returned, or when another number is unconfirmed. */
MUST_CHECK status engine_space_end(struct space_work *work, const struct space_end *request,
                                   uint64_t *log_index);

/* register_end.c: the whole register is erased, for good; its log stays. Between turns. Whoever
 * asks says its name, how many people it holds, and whether it was handed over (`choice`: "erase",
 * "return"); where the policy has staff who approve, one of them does. Faults: CONFLICT for
 * another name or number, while it has spaces, and for a space; INVALID; FORBIDDEN. Values in the
 * firm's own systems are told first, and until they are confirmed, or as many are said to be
 * unconfirmed, it is CONFLICT too. What broke off goes on with the next start. */
struct register_end {
    str name, choice;
    uint64_t people, unconfirmed;
};
struct register_ending {
    struct reg *reg;
    const struct caller *caller;
    struct arena *arena;
    struct report *report;
    const struct register_end *request;
    struct asked asked;
    struct outcome outcome;
    bool begun;      /* agreed to before: what lies elsewhere was told */
    bool waits;      /* for a second person; nothing was done */
    str certificate; /* JSON */
};
MUST_CHECK status engine_register_end(struct register_ending *work);

/* audience.c: what people with access to a service see of each other (COB-73, COB-74, CON-40). Who
 * looks is a person of the register who holds a role of the audience; else REFUSED. */
struct search {
    dossier_id viewer;
    str audience; /* a recipient of the policy that is searchable */
    str purpose;  /* where the audience is for several */
    str also;     /* another audience of the viewer's: what hits show to that, too */
    str text;     /* three letters a word at the least */
    str match;    /* "whole" (when empty), "word", "prefix" */
    const str *fields;
    size_t field_count;
};
struct search_hit {
    dossier_id id;
    struct read_result shown; /* what may be shown, and nothing else */
};
struct search_result {
    struct search_hit *hits; /* at most 20; complete after finish */
    size_t count;
};
/* Faults: INVALID for a question too short; RATE past 60 an hour of one person. */
MUST_CHECK status engine_search(struct call *call, const struct search *request,
                                struct search_result *result);
struct view_request {
    dossier_id subject, viewer;
    str audience, purpose;
    const str *fields;
    size_t field_count;
    const record_id *items;
    size_t item_count;
};
MUST_CHECK status engine_view(struct call *call, const struct view_request *request,
                              struct read_result *result);

/* directory.c: whom to ask for what: companies, the points of contact of each right and of each
 * customer's service, the supervisors; JSON. It tells of the policy alone (COB-110, CON-29, INF-14,
 * INF-82). */
MUST_CHECK status engine_directory(const struct reg *reg, struct arena *arena,
                                   struct report *report, str *document);

/* forecast.c: what goes between now and `days` from now; JSON. */
MUST_CHECK status engine_forecast(struct call *call, uint32_t days, str *document);
struct forecasting;
struct progress;
MUST_CHECK status engine_forecast_step(struct call *call, uint32_t days, struct forecasting **work,
                                       struct progress *progress, str *document);
MUST_CHECK status engine_explain(struct call *call, const struct read *request, instant at,
                                 str *document);
/* explain.c: each gate's answer to a read at an instant. For one that is past, with what the log
 * decided then, under which version, and what is not known any more; in steps. */
struct explaining;
MUST_CHECK status engine_explain_step(struct call *call, const struct read *request, instant at,
                                      struct explaining **state, struct progress *progress,
                                      str *document);

/* alarm.c: what somebody must look at. An alarm is a dossier of its own: it is open until somebody
 * closes it, is there once for one cause however often that recurs, and goes a year after it was
 * closed. Kinds are the vocabulary's. (HOS-41, COB-54) */
enum alarm_kind {
    ALARM_MASS_READ,
    ALARM_REFUSED_READS,
    ALARM_BROKEN_LOG,
    ALARM_OVERDUE_EVIDENCE,
    ALARM_OVERDUE_REQUEST,
    ALARM_OVERDUE_NOTICE,
    ALARM_OVERDUE_ERASURE,
    ALARM_BREAK_GLASS,
    ALARM_UNDELIVERED,
    ALARM_KIND_COUNT
};
str alarm_kind_name(enum alarm_kind kind); /* "mass_read" */
struct alarm_view {
    dossier_id id;
    str kind, name;     /* name: of what is overdue, or where there are more than are kept */
    str rule; /* the clause that raises it; empty: it is raised whatever a policy says */
    str purpose, version;
    dossier_id actor, subject, matter, case_, party; /* actor: of the staff, or a token */
    const str *to;      /* contacts and staff of the policy */
    size_t to_count;
    instant since, closed; /* closed: NEVER while it is open */
    dossier_id closed_by;  /* of the staff, or the token */
};
struct alarm_list {
    struct alarm_view *at;
    size_t count;
    bool more;
    dossier_id last;
};
/* Alarms after `after` in id order, open ones and those closed in the last year. */
MUST_CHECK status engine_alarm_list(struct call *call, dossier_id after, size_t limit,
                                    struct alarm_list *list);
struct alarm_close {
    dossier_id alarm;
    str why; /* kept sealed */
};
/* Faults: NOT_FOUND; CONFLICT when it is closed; REFUSED to the one whom it is about; INVALID. */
MUST_CHECK status engine_alarm_close(struct call *call, const struct alarm_close *request);
/* watch.c: verifies the log, if it was not in the last hour (of a long one: day). A fault, which is
 * CORRUPT where it does not verify, raises an alarm, written down by the next sweep. */
MUST_CHECK status engine_log_check(struct reg *reg, struct report *report);
/* The same in steps, each of as many pieces of the log as there is room for, of some 0.3 ms each;
 * `more`: it is not verified yet. Other calls may come between two of them. */
struct step_room;
MUST_CHECK status engine_log_check_step(struct reg *reg, const struct step_room *room,
                                        struct report *report, bool *more);
/* How long ago the last sweep began that looked at everything due: what ended before is destroyed
 * (G2). */
uint64_t reg_sweep_lag_ms(const struct reg *reg);
/* Writes down what was found since the last time, each in a call of the system's; its own turn. */
MUST_CHECK status engine_alarms(struct engine *engine, struct reg *reg, struct report *report);

/* health.c: what an operator watches; nothing of it is about a person. Not within a call. */
enum { HEALTH_NEVER = -1 };
struct reg_health {
    uint64_t log_entries, due, tasks; /* due: dossiers to look at; tasks: dossiers with open ones */
    uint64_t sweep_lag_ms, data_bytes, keys_bytes;
    int64_t checkpoint_age_ms, epoch_age_ms, backup_age_ms; /* or HEALTH_NEVER */
    bool stopped, behind;              /* destruction waits for a word; a version was lost */
    uint32_t alarms[ALARM_KIND_COUNT]; /* that are open */
};
MUST_CHECK status reg_health(struct reg *reg, struct report *report, struct reg_health *health);
/* Decisions under a policy since the start, as they were written into the log: one of many people
 * is one. Of refusals the built-in rule (ALWAYS_NONE: none that is known) or the section of the
 * policy. */
enum { TALLY_SECTIONS = 15 };
struct engine_tally {
    uint64_t outcomes[VERDICT_DUTY + 1];
    uint64_t always[ALWAYS_COUNT], sections[TALLY_SECTIONS];
};
str tally_section(size_t index); /* "purposes" */
const struct engine_tally *engine_tally(const struct engine *engine);

/* webhook.c: where the firm's own systems are told what happened, by the kinds of events.def. The
 * queue is notes beside the webhook, in the operation that they tell of. */
enum event {
#define EVENT(name, text, what) EVENT_##name,
#include "events.def"
#undef EVENT
    EVENT_COUNT
};
str event_name(enum event event); /* "task.made" */
struct webhook_create {
    str url;
    const str *events;
    size_t event_count;
};
/* The secret ("whsec_...") is given once. Faults: INVALID; FORBIDDEN for a bound token; LIMIT. */
MUST_CHECK status engine_webhook_create(struct call *call, const struct webhook_create *request,
                                        str *secret_text);
struct webhook_rotate {
    dossier_id webhook;
    uint64_t overlap_hours; /* unless stated: 24 */
    bool overlap_stated;
};
struct webhook_rotated {
    str text; /* given once */
    instant old_ends;
};
/* A new secret; until `old_ends` all that is sent is signed with both. */
MUST_CHECK status engine_webhook_rotate(struct call *call, const struct webhook_rotate *request,
                                        struct webhook_rotated *rotated);
/* It is gone with all that waits for it. */
MUST_CHECK status engine_webhook_end(struct call *call, dossier_id webhook);
struct webhook_view {
    dossier_id id;
    str url;
    const str *events;
    size_t event_count;
    instant old_ends; /* of the secret before; ms 0: there is none */
};
struct webhook_list {
    struct webhook_view *at;
    size_t count;
};
MUST_CHECK status engine_webhook_list(struct call *call, struct webhook_list *list);

enum webhook_state { WEBHOOK_WAITING, WEBHOOK_DELIVERED, WEBHOOK_FAILED };
struct webhook_event_view {
    record_id id; /* what the receiver sees as webhook-id, however often it is sent */
    str event, state, body;
    instant from;  /* queued, or to be sent again */
    instant until; /* while it waits: tried until then */
    instant done;  /* ms 0 while it waits */
    uint32_t code; /* the last answer of the receiver; 0: none came */
};
struct webhook_events { /* there after finish */
    struct webhook_event_view *at;
    size_t count;
    bool more;
    record_id last;
};
/* Those that wait, then those that are done, the oldest first; kept 30 days. */
MUST_CHECK status engine_webhook_events(struct call *call, dossier_id webhook, record_id after,
                                        size_t limit, struct webhook_events *list);
struct webhook_replay {
    dossier_id webhook;
    record_id event;
};
/* One that is done waits again; one that waits is tried now, and for three days from now. */
MUST_CHECK status engine_webhook_replay(struct call *call, const struct webhook_replay *request);

/* For whoever sends: the webhooks of a register (false: this one has ended); whether something may
 * wait since this was asked last; the oldest that wait; what came of one. */
size_t reg_webhook_count(const struct reg *reg);
bool reg_webhook_at(const struct reg *reg, size_t index, dossier_id *id, str *url);
bool reg_webhook_news(struct reg *reg);
MUST_CHECK status engine_webhook_waiting(struct call *call, dossier_id webhook, size_t limit,
                                         struct webhook_events *list);
/* Appends "v1,BASE64" of HMAC-SHA256 over the text, by the secret and, for a while, the one before.
 */
MUST_CHECK status reg_webhook_sign(const struct reg *reg, dossier_id webhook, str text,
                                   struct buf *out, struct report *report);
struct webhook_result {
    dossier_id webhook;
    record_id event;
    bool delivered; /* else given up: raises an alarm */
    uint32_t code;
};
MUST_CHECK status engine_webhook_settle(struct call *call, const struct webhook_result *result);

/* staff.c: members of the staff and their roles. Nobody grants a role to themselves: neither by a
 * token of their own nor by that of an application which says that it acts for them. */
struct staff_create {
    str role, name;
    str login; /* by which applications name the member (X-Vern-Human); may be empty */
    str email; /* by which a provider of OpenID Connect may vouch for them; likewise */
};
MUST_CHECK status engine_staff_create(struct call *call, const struct staff_create *request);
struct staff_role {
    dossier_id staff;
    str role;
    bool ends;
};
/* Faults: NOT_FOUND; REFUSED to the member themselves; CONFLICT when a role that ends is not there.
 */
MUST_CHECK status engine_staff_role(struct call *call, const struct staff_role *request);
struct staff_view {
    dossier_id id;
    str name; /* there after finish */
    const str *roles, *may, *purposes, *lacks; /* lacks: evidence that keeps a role closed */
    size_t role_count, may_count, purpose_count, lack_count;
    instant since, lapses; /* lapses: when the first of what the roles need does; NEVER */
};
struct staff_list {
    struct staff_view *at;
    size_t count;
    bool more;
};
MUST_CHECK status engine_staff_list(struct call *call, dossier_id after, size_t limit,
                                    struct staff_list *list);
/* The member who asks, without the name. NOT_FOUND for an application's own token. */
MUST_CHECK status engine_staff_own(struct call *call, struct staff_view *view);

/* act.c: acts that need a second pair of eyes. The first call is answered 202 with the id of a
 * pending act and changes nothing; when another member of the staff has approved it, the same call
 * by the same caller goes through, once, within fifteen minutes of the first. */
struct act_view {
    dossier_id id, asker; /* of the staff, or the token */
    str act, path, body_sha256; /* the last two are there after finish */
    instant since, until;
    bool approved;
};
struct act_list {
    struct act_view *at;
    size_t count;
};
MUST_CHECK status engine_act_list(struct call *call, struct act_list *list);
/* Faults: NOT_FOUND; REFUSED to whoever asked, under whichever token, and to who may not approve;
 * CONFLICT when it is too late or approved. */
MUST_CHECK status engine_act_approve(struct call *call, dossier_id act);

/* glass.c: the member of the staff who asks reads one person or one matter outside their role, for
 * an hour and a stated reason; another reviews it by closing its alarm. What a law closes stays so.
 * Faults: FORBIDDEN to an application; REFUSED to a member none of whose roles is open; CONFLICT
 * while the last time waits for its review. */
struct glass_break {
    dossier_id subject, matter; /* one of them */
    str reason;                 /* kept sealed */
};
MUST_CHECK status engine_glass_break(struct call *call, const struct glass_break *request);

/* due.c: evidence that is missing or ends within so many days, what is overdue first. */
struct evidence_due {
    str type, purpose, version;
    dossier_id actor, party, place;
    instant end; /* NEVER: there never was any */
    bool standing, missing, overdue;
};
struct evidence_due_list {
    struct evidence_due *at;
    size_t count;
    bool more; /* than are listed */
};
MUST_CHECK status engine_evidence_due(struct call *call, uint32_t days,
                                      struct evidence_due_list *list);

/* party.c: recipient parties, places. */
struct party_create {
    str kind;   /* recipient kind of the policy */
    str name;   /* of an organisation; a person's name is sealed all the same */
    str number, zone; /* where it lies: "eea", "eu", a country */
    dossier_id place; /* instead of a zone: a place of its own, of which there may be evidence */
    dossier_id under; /* the processor that engages it; zero: we do */
};
MUST_CHECK status engine_party_create(struct call *call, const struct party_create *request);
/* recipients.c: parties in id order, with agreements, places and safeguards; JSON. */
struct party_list {
    dossier_id after;
    size_t limit;
};
struct party_page {
    str parties; /* an array */
    bool more;
    dossier_id last;
};
MUST_CHECK status engine_party_list(struct call *call, const struct party_list *request,
                                    struct party_page *page);
/* The kinds of recipients of the version in force, with purposes, grounds and categories; JSON. */
MUST_CHECK status engine_recipient_list(struct call *call, str *document);
/* A place in a zone, so that evidence (a safeguard, an adequacy decision) can be bound to it. */
struct place_create {
    str zone, name;
};
MUST_CHECK status engine_place_create(struct call *call, const struct place_create *request);

/* case.c */
struct case_create {
    str kind, number;
    dossier_id requester; /* the party that asks; only it gets anything under this case */
    str reference;        /* theirs, in words; kept sealed */
    const str *scope;     /* categories and fields asked for; none: the case sets no bound */
    size_t scope_count;
    str channel;        /* by which way it came */
    dossier_id subject; /* who asks, or whom it is about; zero: not known yet */
    dossier_id member;  /* of the staff, whom it is by or about: they never decide it */
};
/* `kind` is a right of the policy ("complain", "access", ...), or free. HOS-69, INF-73. */
MUST_CHECK status engine_case_create(struct call *call, const struct case_create *request);
struct case_link {
    dossier_id case_, subject;
};
/* Who it was that asked, once that is known. CONFLICT where that is said or the case is decided. */
MUST_CHECK status engine_case_link(struct call *call, const struct case_link *request);
struct case_decision {
    dossier_id case_;
    bool granted;
    str reasons; /* kept sealed */
};
/* Once for each case, which it closes; whoever decides stands in every entry under it. A case of a
 * right: by staff who may decide requests; a complaint: by `closed_by` (COB-38, HOS-59). REFUSED
 * for others, CONFLICT the second time. */
MUST_CHECK status engine_case_decide(struct call *call, const struct case_decision *request);

/* breach.c: breaches of personal data (articles 33 and 34), each a case of its own. What is known
 * of one grows: nothing that was said is taken away. All of it takes an officer whose token reaches
 * the whole register. C32 */
struct breach_said {
    dossier_id breach; /* that is amended; zero: a new one */
    str number;        /* the firm's own, of a new one */
    instant aware;     /* ms 0: now; of an amendment, as before: it may move back, never on */
    instant from, to;  /* when it happened; ms 0: not known, or going on */
    const str *nature; /* "confidentiality", "integrity", "availability" */
    size_t nature_count;
    str description; /* kept sealed */
    bool all;        /* everyone in the register; else what follows, at least one of it */
    const str *categories, *purposes;
    size_t category_count, purpose_count;
    const dossier_id *recipients, *matters;
    size_t recipient_count, matter_count;
    const dossier_id *tokens, *staff; /* whose access was misused, */
    size_t token_count, staff_count;
    const record_id *actors; /* or their handles, as the log has them, when they are gone */
    size_t actor_count;
};
/* Faults: INVALID for what lies in the future, ends before it begins, or was known before it began;
 * for a nature or a place that there is not; NOT_FOUND; CONFLICT for an amendment of what is
 * closed. */
MUST_CHECK status engine_breach(struct call *call, const struct breach_said *request);
/* How likely it is that people are harmed, by a member of the staff whom it is not about; as often
 * as more is known. With "none" nothing is notified, and the reasons stand in the register. */
struct breach_assessment {
    dossier_id breach;
    str risk; /* "none", "risk", "high" */
    str reasons;
};
MUST_CHECK status engine_breach_assess(struct call *call, const struct breach_assessment *request);
/* breach_scope.c: whom it concerned, by what is known now, in steps (struct progress), which go on
 * where an earlier asking broke off. By misused access or a recipient: whom the log tells of in
 * that time; else, who holds what was reached, and whose was erased since. outcome.count: how many
 * people. Faults: LIMIT where the log tells of too many; CONFLICT when more became known meanwhile.
 */
struct scoping;
MUST_CHECK status engine_breach_scope_step(struct call *call, dossier_id id,
                                           struct scoping **work, struct progress *progress);
MUST_CHECK status engine_breach_scope(struct call *call, dossier_id id); /* in one go */
/* breach_draft.c: what a paper says beside what is known, in one language; the last in each counts,
 * as a whole. Left out: not known yet. */
struct breach_account {
    dossier_id breach;
    str language; /* "nb", "nn", "en" */
    str contact, consequences, measures; /* article 33(3)(b) to (d) */
    str what; /* in plain words, for those whom it concerned (article 34(2)) */
};
MUST_CHECK status engine_breach_account(struct call *call, const struct breach_account *request);
/* The notification to the authority, or the message to people; after finish. INCOMPLETE, naming
 * what lacks; a phase says what is not known yet. */
struct breach_draft {
    dossier_id breach;
    str language;
    str delay; /* reasons, past the 72 hours */
    bool phased, html, message;
};
MUST_CHECK status engine_breach_draft(struct call *call, const struct breach_draft *request,
                                      str *document);
/* A part of the notification was sent: kept with what it held and what was lacking. INVALID past
 * the 72 hours without reasons. */
struct breach_phase {
    dossier_id breach;
    instant sent; /* ms 0: now */
    str language, delay, reference; /* the authority's own; both kept sealed */
};
MUST_CHECK status engine_breach_phase(struct call *call, const struct breach_phase *request);
/* breach_tell.c: a task for each of those whom it concerned, in steps; who has one or was told gets
 * no second. outcome.count: how many were made. CONFLICT without an assessment, without risk, or
 * without a scope; INCOMPLETE where the message is. Done, it stands in the person's own copy. */
struct breach_tell {
    dossier_id breach;
    str language; /* in which the message is whole */
    str mail;     /* a field: whose address of it works gets the message by mail; empty: nobody */
};
struct telling_all;
MUST_CHECK status engine_breach_tell_step(struct call *call, const struct breach_tell *request,
                                          struct telling_all **work, struct progress *progress);
MUST_CHECK status engine_breach_tell(struct call *call, const struct breach_tell *request);
/* Why they are not told (article 34(3)): "protected", "risk_averted", or "disproportionate" and
 * what the public is told instead. */
struct breach_exemption {
    dossier_id breach;
    str ground, reasons, instead;
};
MUST_CHECK status engine_breach_exempt(struct call *call, const struct breach_exemption *request);
/* Nothing more is done about it: five years later it goes. CONFLICT without an assessment, while
 * the authority has still to be told, or at a high risk somebody whom it concerned. */
struct breach_close {
    dossier_id breach;
    str reasons;
};
MUST_CHECK status engine_breach_close(struct call *call, const struct breach_close *request);
/* The register of all of them (article 33(5)), in id order; and one with its whole history. JSON,
 * after finish. */
struct breach_list {
    dossier_id after;
    size_t limit;
};
struct breach_page {
    str breaches; /* an array */
    bool more;
    dossier_id last;
};
MUST_CHECK status engine_breach_list(struct call *call, const struct breach_list *request,
                                     struct breach_page *page);
MUST_CHECK status engine_breach_show(struct call *call, dossier_id id, str *document);
/* breach_people.c: those whom it concerned and who are there, in id order: categories, how many
 * records, whether they were told. CONFLICT while that is not computed. */
struct breach_people {
    dossier_id breach, after;
    size_t limit;
};
struct breach_people_page {
    str people; /* an array; after finish */
    bool more;
    dossier_id last;
};
MUST_CHECK status engine_breach_people(struct call *call, const struct breach_people *request,
                                       struct breach_people_page *page);

/* desk.c, desk_view.c: the rights desk. A request is a case that came in by any way; its clock runs
 * from the day of receipt (Regulation 1182/71), and nothing about anybody is said before it is
 * proven who asks. HOS-58, HOS-59, HOS-69, INF-73, COB-35, COB-37 */
struct request_take {
    str channel; /* a contact of the policy, support, portal, stop_link, or a channel */
    const str *rights;
    size_t right_count;
    instant received;  /* ms 0: now; in the past where it was typed in later */
    dossier_id subject; /* who is signed in and asks; zero: somebody not known yet */
    str contact, text; /* what is claimed; sealed in the request's own dossier */
    bool receipt; /* engine_receipt() is asked for, too */
};
/* outcome.id is the request's. What it answers depends on nothing but what is asked. Faults:
 * INVALID for a way that is none, no right, a right twice, a receipt in the future. */
MUST_CHECK status engine_request_take(struct call *call, const struct request_take *request);
struct request_view {
    dossier_id id;
    str number;          /* to be quoted */
    str state;           /* open, answered, identity, passed_on, joined */
    str identity;        /* none, mailbox, asked, proven, refused */
    dossier_id signed_in; /* who asked while signed in by a mailbox, which proves too little */
    str channel;
    str controller;      /* the company that it was made to; empty when nobody said */
    const str *rights;
    size_t right_count;
    instant received, created, closed; /* closed: NEVER while it is open */
    str safe, legal;     /* dates: as counted; rolled past weekends and holidays */
    instant overdue_from;
    bool due, overdue, extended; /* due: the safe date has passed */
    dossier_id subject;  /* once identity is proven */
    dossier_id owner;    /* the member of the staff who deals with it; zero: nobody */
};
MUST_CHECK status engine_request_view(struct call *call, dossier_id id, struct request_view *view);
/* request_link.c: the text of the link by which a request is followed, always the same; and what it
 * shows. What is none, or over, is answered like any other: `is` is false. */
MUST_CHECK status engine_request_link(struct reg *reg, dossier_id request, struct arena *arena,
                                      struct report *report, str *text);
struct request_followed {
    bool is, proof, extended; /* proof: it waits for proof of who asks */
    str state, legal;         /* open, answered, identity, passed_on, joined; a date */
    instant received, closed; /* closed: NEVER */
};
/* Takes it back, for good. */
MUST_CHECK status engine_request_unfollow(struct call *call, dossier_id request);
MUST_CHECK status engine_request_follow(struct call *call, str link,
                                        struct request_followed *followed);
struct request_query {
    str show, kind; /* open (or empty), due, overdue, closed; a right, or empty */
    str controller; /* those made to that company; empty: all */
    dossier_id after;
    size_t limit;
};
struct request_list {
    struct request_view *at;
    size_t count;
    bool more;
    dossier_id last;
};
/* Open ones by deadline; closed ones in id order. `due`: the safe date has passed or comes within
 * seven days. */
MUST_CHECK status engine_request_list(struct call *call, const struct request_query *query,
                                      struct request_list *list);
/* All of one, with what was sealed; JSON, there after the flush. */
MUST_CHECK status engine_request_show(struct call *call, dossier_id id, str *document);
/* The letter that tells the person how it stands with it (person.h), complete after finish. Reading
 * it is logged as reading the request is. Faults: INCOMPLETE with what lacks. GDPR 12(3), 12(4) */
struct request_letter {
    dossier_id request;
    str language, format; /* format: for whoever writes it */
};
MUST_CHECK status engine_request_letter(struct call *call, const struct request_letter *request,
                                        struct paper **paper);
/* The same letter, mailed: to an address of the person's who is proven to ask, or (no item) to the
 * contact that came with the request; what was decided only once it is proven who asks. Faults:
 * INCOMPLETE; INVALID; CONFLICT; those of a letter. */
struct request_mail {
    dossier_id request;
    record_id item;
    str language;
};
MUST_CHECK status engine_request_mail(struct call *call, const struct request_mail *request);
/* desk_steps.c: who asks. More proof may be asked for, which stops no clock; a refusal ends the
 * request. Proven: links the person, and puts the proof that the policy needs on file. Faults:
 * INVALID; NOT_FOUND for a person who is not there or not the caller's to know; CONFLICT when it is
 * proven or closed. HOS-58 */
struct request_identity {
    dossier_id request;
    str outcome; /* "proven", "asked", "refused" */
    dossier_id subject;
    str method;         /* evidence of the policy of kind identity, or a word of a closed list */
    dossier_id member;  /* of the staff, when it is one of them who asks: they never decide it */
    const struct particular *particulars; /* of the evidence */
    size_t particular_count;
    str reasons;    /* sealed; of a refusal, and what more is asked for */
    bool signed_in; /* the person's own sign-in */
};
MUST_CHECK status engine_request_identity(struct call *call,
                                          const struct request_identity *request);
/* desk_owner.c: which member of the staff deals with it; zero: nobody any more. Faults: INVALID for
 * nobody of the staff and for whose own request it is; CONFLICT when it is so already or closed. */
struct request_own {
    dossier_id request, member;
};
MUST_CHECK status engine_request_own(struct call *call, const struct request_own *request);
/* To three months from receipt: counts once the person has been told, with reasons, before the
 * first deadline has passed (article 12(3)). CONFLICT after that. */
struct request_extend {
    dossier_id request;
    str reasons;
    instant told; /* ms 0: not yet */
};
MUST_CHECK status engine_request_extend(struct call *call, const struct request_extend *request);
/* desk_decide.c: one right, by a member of the staff. What is not wholly granted names an exception
 * of the right. HOS-59, CON-65, CON-66, COB-39 */
struct request_decide {
    dossier_id request;
    str right, outcome, exception, reasons;
};
MUST_CHECK status engine_request_decide(struct call *call, const struct request_decide *request);
/* It is about a customer's space: passed on, as space requests are; the document says to whom. */
struct request_pass_on {
    dossier_id request, matter;
    str space;
};
MUST_CHECK status engine_request_pass_on(struct call *call, const struct request_pass_on *request,
                                         str *document);
/* The answer was given. CONFLICT while a right is not decided, or what was granted is not done. */
struct request_close {
    dossier_id request;
    instant answered; /* ms 0: now */
};
MUST_CHECK status engine_request_close(struct call *call, const struct request_close *request);
/* By the number that was given, however it was written; none: an empty list. */
MUST_CHECK status engine_request_find(struct call *call, str number, struct found *found);

/* token.c */
struct token_create {
    str name; /* of the application */
    str scopes, controller;
    const str *purposes;
    size_t purpose_count;
    dossier_id staff; /* a staff member, or zero */
    uint32_t days;    /* 0: 90 */
    const str *networks; /* CIDR blocks; none: from anywhere */
    size_t network_count;
};
/* The text is given once. A token never makes a wider one. */
MUST_CHECK status engine_token_create(struct call *call, const struct token_create *request,
                                      str *text);
MUST_CHECK status engine_token_revoke(struct call *call, dossier_id token);
/* A successor of the same width; the old one ends after the overlap, or when it would have anyway.
 * Faults: NOT_FOUND, CONFLICT when it has ended, FORBIDDEN when it is wider than the caller's. */
struct token_rotate {
    dossier_id token;
    uint64_t overlap_hours; /* unless stated: 24 */
    bool overlap_stated;
    uint32_t days; /* of the successor; 0: 90 */
};
struct token_rotated {
    str text; /* given once */
    instant expires, old_ends;
};
MUST_CHECK status engine_token_rotate(struct call *call, const struct token_rotate *request,
                                      struct token_rotated *rotated);
/* Tokens that live and are no wider than the caller's, in id order after `after`; never a secret.
 */
struct token_view {
    dossier_id id, staff;
    str name, controller;
    const str *scopes, *purposes, *networks;
    size_t scope_count, purpose_count, network_count;
    instant expires;
};
struct token_list {
    struct token_view *at;
    size_t count;
};
MUST_CHECK status engine_token_list(struct call *call, dossier_id after, size_t limit,
                                    struct token_list *list);
/* account.c: how a member of the staff signs in: by password and code, or as a provider of OpenID
 * Connect vouches for. The password's hash is made outside (password.h): that takes long. Whoever
 * could not make a token for the member makes no account for them either. */
struct account_make {
    dossier_id staff;
    str scopes;       /* of its sessions, as of a token */
    const char *hash; /* of the password; NULL: by OpenID Connect alone */
};
struct account_made {
    str totp; /* the secret of the codes in base 32, this once */
    const str *recovery;
    size_t recovery_count;
};
/* In the place of the one that there was. Faults: NOT_FOUND; FORBIDDEN; CONFLICT for a member who
 * has no login. */
MUST_CHECK status engine_account_make(struct call *call, const struct account_make *request,
                                      struct account_made *made);
struct password;
/* INVALID, at /password, for what would be tried among the first as a password of this member. */
MUST_CHECK status reg_password_check(struct reg *reg, dossier_id staff,
                                     const struct password *password, struct report *report);
/* A member who is signed in, or holds a token of their own, changes their password. Faults:
 * FORBIDDEN for whoever is no member, and for a wrong password or code, which counts as a try
 * (below); CONFLICT where there is no password; RATE. The account is a new one with the same codes;
 * the member's other sessions end. */
struct account_change {
    dossier_id account; /* whose password was held against `fits` (reg_account_own) */
    bool fits;
    str code;         /* one to sign in by; needed but in a session of the last minutes */
    const char *hash; /* of the new password; there where `fits` */
};
MUST_CHECK status engine_account_change(struct call *call, const struct account_change *request);
/* CONFLICT where there is none. */
MUST_CHECK status engine_account_end(struct call *call, dossier_id staff);
/* What a password is to be held against (password_fits()), also for a login that is nobody's. */
struct account_try {
    dossier_id account;
    char hash[128];
};
void reg_account_try(struct reg *reg, str login, struct account_try *out);
/* The same of the caller's own; of nobody's where they have none. */
void reg_account_own(struct reg *reg, const struct caller *caller, struct account_try *out);
struct account_enter {
    dossier_id account; /* of the try */
    bool fits;          /* the password */
    str code;           /* of now, or one to fall back on; each is taken once */
};
struct account_let_in {
    dossier_id staff;
    uint32_t scopes;
    bool first; /* by a password that another has chosen: it is changed before anything else */
};
/* UNAUTHENTICATED, and nothing else, for whoever is not let in: unknown, wrong, locked or gone.
 * Five wrong ones in a row lock the account for 30 seconds, each more for twice as long, to an
 * hour. */
MUST_CHECK status engine_account_enter(struct call *call, const struct account_enter *request,
                                       struct account_let_in *in);
/* client.c: one whose sign-ins go wrong waits, the longer the more; at any server, from its first
 * try past ten. `address`: bytes that stay the same while it is the same. Within a call. */
bool reg_client_waits(struct reg *reg, str address);
void reg_client_went_wrong(struct reg *reg, str address);
/* What belongs to one sign-in of one browser with this register, from a value that only the browser
 * holds: nothing of it is kept. `use` tells one from another. */
enum { SIGN_IN_TAG = 43 };
void reg_sign_in_tag(struct reg *reg, const char *use, str value, char text[SIGN_IN_TAG + 1]);
/* Who was vouched for under this login; likewise. */
MUST_CHECK status engine_account_vouched(struct call *call, str login, struct account_let_in *in);
/* The member leaves: the dossier goes, and every token and the account that was the member's. */
MUST_CHECK status engine_staff_end(struct call *call, dossier_id staff);
/* Is the token still what it was when the caller came? For work that outlives a turn. */
bool reg_caller_holds(struct reg *reg, const struct caller *caller);

/* Work that looks at everyone or at the whole log goes in steps, each in a turn of its own, so that
 * others are served between them. Such a use case is called again, with the same state (NULL at
 * first), until `done`; its arena must live as long. The state is the caller's to drop. */
struct progress {
    uint64_t looked, of; /* people, or entries of the log */
    bool done;
};

/* settle_anew.c: after the versions changed, everyone's due date is found anew. Is that going on,
 * and how far has it come since the register was opened? */
bool reg_settling(struct reg *reg, struct progress *progress);

/* version.c */
struct version_apply {
    str policy_file, policy, deployment_file, deployment;
    instant effective; /* of a version that comes again (a roll-back); ms 0: now */
    bool preview;
    bool erases_stated;
    uint64_t erases; /* must equal what is counted */
};
/* What one clause gains or loses; people are counted once each. */
struct version_clause {
    str clause; /* "purposes.newsletter", or of an erasure the rule that ends the item */
    uint64_t closes, opens, erases; /* items */
    uint64_t people;                /* whom one of these touches */
    uint64_t untold;                /* to whom it stays closed until they are told */
    uint64_t person;                /* who was counted last */
};
struct version_effect {
    uint64_t people, closes, opens, erases; /* items that lose a ground, gain one, lose every one */
    uint64_t untold; /* people who must be told before all that is new opens for them */
    instant effective;
    bool again; /* a roll-back to a version that was in force before */
    const struct version_clause *clauses;
    size_t clause_count;
    str diff; /* JSON */
};
struct weighing;
/* Counts and, unless it is a preview, applies: in force from its date, or from now if that is
 * later. The text of an earlier version, word for word, is that version again. Faults: CONFLICT
 * when the name was used for another text, the version is the newest already, the number is not
 * the one counted, or another version came in between. COB-108 INF-78 INF-79 */
MUST_CHECK status engine_version_step(struct call *call, const struct version_apply *request,
                                      struct problems *problems, struct weighing **weighing,
                                      struct version_effect *effect, struct progress *progress);
/* The same in one go, for offline work and tests. */
MUST_CHECK status engine_version_apply(struct call *call, const struct version_apply *request,
                                       struct problems *problems, struct version_effect *effect);
/* People who do not know a version and to whom something in it is new: who has still to be told.
 * Looks at one step's people after `after`; `more`: there are others after `last`. INF-80 CON-81 */
struct untold {
    str version;
    dossier_id after, last;
    size_t limit;
    bool more;
    struct found found;
};
MUST_CHECK status engine_version_untold(struct call *call, struct untold *untold);
/* version_text.c: the files of a version, the last that bears the name, as they were applied, as
 * JSON; whatever came after it, and whether or not it was withdrawn. INVALID: none bears it.
 * CON-80 INF-78 */
MUST_CHECK status engine_version_text(struct call *call, str version, str *document);
/* documents.c: the policy and the documents beside it that applied to a person at a time, as JSON:
 * those of the register, and those of each matter of theirs. COB-03 HOS-02 */
MUST_CHECK status engine_documents(struct call *call, dossier_id subject, instant at,
                                   str *document);
/* Takes back a version that is announced and not in force yet. CONFLICT for any other. */
MUST_CHECK status engine_version_withdraw(struct call *call, str version);

/* import.c: one NDJSON line is one person with roles, matters, evidence, items, events. */
struct import_line {
    uint64_t number;
    str text;
};
/* outcome.count is 0 for someone who was known already; call->wrong is the field whose value was
 * refused or no value. */
MUST_CHECK status engine_import_line(struct call *call, const struct import_line *line);

/* merge.c: two dossiers of one person become one. Candidates share an identifier; whether they are
 * one person is an officer's to say, with a reason. First a preview: what moves, in what they
 * differ and how that comes out. What `from` holds is sealed anew under the keys of `subject`, and
 * its own are destroyed; its id is told of as MERGED to whoever may know of the person. The
 * stricter wish wins, and nothing serves, or lives by, what it could not where it was
 * (always.merge_opens_nothing, docs/semantics.md 10). Faults: FORBIDDEN for a bound token;
 * NOT_FOUND, GONE; INVALID; REFUSED for staff who may not decide requests; CONFLICT when a request
 * of `from` is open, or `conflicts` is not the number that was counted; LIMIT. */
struct merge {
    dossier_id subject, from;
    str reason;
    bool preview;
    bool conflicts_stated;
    uint64_t conflicts;
};
struct merge_conflict {
    str kind; /* values, company, no, consent_ends, child, restriction, claim, erasure_asked,
                 death, limit */
    str name; /* of a field, a company, a purpose; may be empty */
    uint64_t count;
};
struct merge_effect {
    dossier_id subject; /* who has it afterwards; of a split, who is new: zero before */
    uint64_t items, evidence, roles, notes; /* that move; notes: of what was given and done */
    uint64_t limited;                       /* items that gain nothing by it */
    uint64_t ends;                          /* items that end at once */
    const struct merge_conflict *conflicts;
    size_t conflict_count;
    bool done;
};
MUST_CHECK status engine_merge(struct call *call, const struct merge *request,
                               struct merge_effect *effect);
/* split.c: these items, evidence and roles of a dossier become a new person's, with keys of its
 * own; `effect->subject` is who that is. Both have every wish and claim; what happened counts for
 * both, and limits are found as for a merge. Recipients of what moves have a duty to put it right,
 * and what was given on stays on record with both where both are concerned. An identifier moves
 * with the item that holds it; a former id with the record `merged`. Faults as above; NOT_FOUND for
 * an item, record or role that is not there. */
struct split {
    dossier_id subject;
    const record_id *items, *evidence, *roles;
    size_t item_count, evidence_count, role_count;
    str reason;
    bool preview;
    bool conflicts_stated;
    uint64_t conflicts;
};
MUST_CHECK status engine_split(struct call *call, const struct split *request,
                               struct merge_effect *effect);
/* Pairs of people whom one identifier leads to, among `limit` people after `after`. */
enum { PAIRS_OF_ONE = 16 };
struct pair {
    dossier_id one, other;
    str by; /* the field, or "number" */
};
struct pairs {
    LIST(struct pair) list;
    dossier_id last;
    bool more;
};
MUST_CHECK status engine_duplicates(struct call *call, dossier_id after, size_t limit,
                                    struct pairs *pairs);

/* sweep.c */
struct swept {
    uint64_t settled, items, dossiers;
    bool more, braked;
};
/* How much a step of long work may take up while others wait for its end. */
struct step_room {
    size_t rows;
    int64_t ms;
};
/* One step, in turns of its own: settles what is due and destroys what has ended, or settles some
 * anew after a change of versions. A dossier that fails stays due: its fault is answered, and the
 * next step goes on behind it. */
MUST_CHECK status engine_sweep_step(struct engine *engine, struct reg *reg,
                                    const struct step_room *room, struct report *report,
                                    struct swept *swept);
/* The same with at most `limit` dossiers, for 20 ms. */
MUST_CHECK status engine_sweep(struct engine *engine, struct reg *reg, size_t limit,
                               struct report *report, struct swept *swept);
/* Clock guard and brake (design 11): reads stay right, destruction waits for an operator's word.
 * Both the stop and the word outlive a restart (the word from the next turn on). */
bool reg_destruction_stopped(const struct reg *reg);
/* Versions that a restored backup has lost and that must be applied again, in this order; until
 * then everything that uses people's data is BEHIND. A name may be empty. */
size_t reg_lost_versions(const struct reg *reg);
str reg_lost_version(const struct reg *reg, size_t index);
void reg_confirm_destruction(struct reg *reg);
/* The operator's word, logged under who gave it. */
MUST_CHECK status engine_confirm_destruction(struct call *call);
/* An entry that says only that the register runs; once an hour on a real clock. Its own turn. */
MUST_CHECK status engine_heartbeat(struct engine *engine, struct reg *reg, struct report *report);
/* Moves a simulated clock and sweeps until nothing is due. Faults: FORBIDDEN for a real one. */
MUST_CHECK status engine_clock_set(struct engine *engine, struct reg *reg, instant to,
                                   struct report *report, struct swept *swept);

/* The same, logged under whoever moves it. */
MUST_CHECK status engine_clock_set_by(struct engine *engine, struct reg *reg,
                                      const struct caller *caller, instant to,
                                      struct report *report, struct swept *swept);

/* statistics.c: how many people a purpose that only counts (`counts_only`) may count, one table by
 * one dimension of a closed list; JSON. Each stands in one cell. Counted is as of the last local
 * midnight, who may be counted still; all tables of a day are counted together, by whoever asks
 * first, and kept, so that all that day get the same. Small groups and what gives them away are
 * withheld (cube.h), the rest is rounded. Faults: INVALID; FORBIDDEN outside the token's purposes;
 * REFUSED for any other purpose, and to staff who may not; CONFLICT on a day whose tables were
 * counted for smaller groups than the policy now asks. COB-75 INF-42 */
struct statistics_ask {
    str purpose, controller;
    str by; /* "none", "role", "source", "category", "month"; empty: none */
};
struct counting;
MUST_CHECK status engine_statistics_step(struct call *call, const struct statistics_ask *request,
                                         struct counting **work, struct progress *progress,
                                         str *document);
MUST_CHECK status engine_statistics(struct call *call, const struct statistics_ask *request,
                                    str *document);

/* history.c: what the log tells of a reference, whether or not anything is held now; JSON. */
MUST_CHECK status engine_history(struct call *call, str reference, str *document);
struct history_ask {
    str reference;
    instant at;     /* what the log told by then; ms 0: now */
    bool newest;    /* the newest first; else the oldest */
    uint64_t from;  /* where the page before it ended; 0: at the beginning, or the end */
    uint64_t limit; /* entries of the answer; 0: as many as there may be */
};
/* erased_paper.c: the certificate of an erasure, in steps, from the log by the reference that the
 * person holds: what went and when, by which exception the rest stays, who had it and was told
 * (article 19), until when old copies of keys could open it. `proof`, after finish: the receipt of
 * the entry. Also of what time ended. NOT_FOUND when nothing was erased. GDPR 5(2), 17, 19 */
struct erasure_ask {
    str reference, language, format;
};
struct erasing_paper;
struct erasure_papers {
    struct paper *paper;
    str receipt;  /* JSON */
    str document; /* the paper as JSON, in its canonical form (RFC 8785) */
    str seal;     /* of that, by the log's key (seal.h) */
};
MUST_CHECK status engine_erasure_step(struct call *call, const struct erasure_ask *request,
                                      struct erasing_paper **state, struct progress *progress,
                                      struct erasure_papers *papers);
struct history;
MUST_CHECK status engine_history_step(struct call *call, const struct history_ask *request,
                                      struct history **state, struct progress *progress,
                                      str *document);

/* uses.c: who used the person's data, from the log's entries from `after` on, at most `limit` uses:
 * when, for what, by which role of the staff or that an application did it, to which kind of
 * recipient, of which matter, allowed or refused; people asked about by name and in bulk alike.
 * Names nobody. JSON, an array. Faults: NOT_FOUND; FORBIDDEN for a token bound to purposes. */
struct uses_ask {
    dossier_id subject;
    uint64_t after; /* an index of the log */
    size_t limit;
};
struct uses_page {
    str uses;
    uint64_t next; /* where to go on, when there may be more */
    bool more;
};
struct using;
MUST_CHECK status engine_uses_step(struct call *call, const struct uses_ask *ask,
                                   struct using **state, struct progress *progress,
                                   struct uses_page *page);
MUST_CHECK status engine_uses(struct call *call, const struct uses_ask *ask,
                              struct uses_page *page);

/* backup.c */
/* Is there a whole backup in this folder? One that broke off has no card and is none. */
bool engine_backup_there(const char *dir);
/* The data, as sealed bytes; and the rings, to a place of their own. */
MUST_CHECK status engine_backup(struct reg *reg, const char *dir, struct report *report);
MUST_CHECK status engine_backup_keys(struct reg *reg, const char *dir, struct report *report);
struct backup {
    const char *dir;
    const struct recipient *recipient; /* NULL: the files as they lie, sealed as ever */
    bool keys;                         /* the rings, not the data */
};
/* One archive in the folder, encrypted to the recipient. */
MUST_CHECK status engine_backup_sealed(struct reg *reg, const struct backup *backup,
                                       struct report *report);
/* admin.c: any of the three, with an entry of who asked for it before anything is copied. A turn
 * of its own. */
MUST_CHECK status engine_backup_by(struct reg *reg, const struct caller *caller,
                                   const struct backup *backup, struct report *report);
/* The same of the data in steps, between which other calls come: begin, step until there is no
 * more, finish, which may be done by another thread, and end, whatever came of them; what failed is
 * then no backup. It is of what was committed at the last step. CONFLICT while another one is under
 * way, and where the register ended meanwhile. */
struct backup_job;
MUST_CHECK status engine_backup_begin(struct reg *reg, const struct caller *caller,
                                      const struct backup *backup, struct report *report,
                                      struct backup_job **job);
MUST_CHECK status engine_backup_step(struct backup_job *job, const struct step_room *room,
                                     struct report *report, bool *more);
MUST_CHECK status engine_backup_finish(struct backup_job *job, struct report *report);
void engine_backup_end(struct backup_job **job, status made); /* takes NULL */
/* Offline: puts a data backup in place of the present one; the next open mends. */
MUST_CHECK status engine_restore(const struct engine_config *config, str name, const char *dir,
                                 struct report *report);
struct restore {
    const char *dir;
    const secret *identity; /* of an archive's recipient; NULL: the files as they lie */
};
MUST_CHECK status engine_restore_from(const struct engine_config *config, str name,
                                      const struct restore *restore, struct report *report);
/* Could this backup be put in place? Reads all of it and changes nothing; a server may run
 * meanwhile. */
MUST_CHECK status engine_restore_check(const struct engine_config *config, str name,
                                       const struct restore *restore, struct report *report);

#endif
