/* engine_internal: what the files of the engine share. Not for other modules.
 *
 * A use case reads like this:
 *   TRY(call_open(call, id, &who));                        the subject's dossier, view, settled
 *                                                          state
 *   TRY(call_decide(call, &who, &operation, &decision));   REFUSED is logged here, with its reason
 *   TRY(call_write(call, &who, &operation, decision, effects, &permit));
 *   ... facts change, items are sealed and put ...
 *   TRY(call_store(call, &who, permit));                   settle again, indexes, vault_put
 */
#ifndef VERN_ENGINE_INTERNAL_H
#define VERN_ENGINE_INTERNAL_H
#include "always.h"
#include "engine.h"
#include "json.h"
#include "limits.h"
#include "password.h"

enum {
    REG_VERSIONS = PLANS_MOST,
    REG_CACHE = 4096,
    REG_TOKENS = 8192,       /* made since the register was opened, with those that lived then */
    REG_WORDS = 1 << 18,     /* names of policies and of callers: none is ever forgotten */
    REG_FREE_NAMES = 1 << 16 /* of these, by callers that hold no policy in their hands */
};

/* What an alarm is about: with the kind, what makes it one and the same. */
enum { ALARM_BINDINGS = 3, ALARMS_WAITING = 64, ALARMS_OPEN_OF_KIND = 256 };
struct alarm_cause {
    enum alarm_kind kind;
    word name; /* of the type of evidence, or of what is wrong; may be 0 */
    struct binding bound[ALARM_BINDINGS];
    uint16_t bound_count;
};

struct cached_facts {
    dossier_id id;
    struct arena *arena;
    const struct facts *facts;
};

struct token {
    dossier_id id;
    unsigned char hash[32]; /* of the secret */
    struct caller caller;
    str name; /* of the application */
    bool revoked;
};

/* What a member of the staff signs in by (account.c). */
struct account {
    dossier_id id, staff;
    uint32_t scopes;
    bool local, ended;              /* local: by password and code; else by OpenID Connect */
    bool first;                     /* the password is another's choice, and not for long */
    char hash[PASSWORD_TEXT];       /* of the password */
    secret totp;                    /* its first TOTP_SECRET bytes */
    blind recovery[RECOVERY_CODES]; /* tags of the codes */
    bool used[RECOVERY_CODES];
    int64_t last_step; /* of the clock, whose code was taken last */
    unsigned wrong;    /* tries in a row */
    instant locked_until;
};

struct webhook {
    dossier_id id;
    str url;
    uint32_t events; /* a bit for each kind */
    secret key, old; /* both sign until `old_ends` */
    instant old_ends;
    bool ended;
};

struct search_count { /* how often one person searched in an hour (audience.c) */
    dossier_id viewer;
    int64_t hour;
    uint32_t count;
};

struct lost_version { /* that the log knows and a restored backup does not */
    audit_id text;    /* first half of its hash */
    str name;         /* may be empty */
};

struct upload_place {
    record_id id; /* zero: it is free */
    dossier_id subject, token;
    instant touched; /* by the world's clock */
    uint64_t server; /* that takes it; 0: it may be taken */
};

struct reg {
    struct engine *engine;
    const struct world *world;
    str name, id;
    const char *dir;
    const char *home,
        *log_dir; /* lock and log of this server: in `dir` or in a folder of its own */
    bool simulated;
    instant clock; /* of a simulated register */
    struct words *words;
    struct vault *vault;
    struct audit_log *log;
    struct arena *arena; /* lives as long as the register is open */
    struct plan_version versions[REG_VERSIONS];
    audit_id hashes[REG_VERSIONS]; /* first half of each version's hash */
    instant applied[REG_VERSIONS];
    struct version_state history[REG_VERSIONS]; /* in the order of applying */
    int64_t history_numbers[REG_VERSIONS];      /* while they are loaded */
    size_t history_count;
    struct lost_version lost[REG_VERSIONS]; /* in the order of applying */
    size_t lost_count;
    bool coming; /* the open turn changes the versions; that counts once it is durable */
    struct plans plans;
    dossier_id own;          /* the register's own dossier */
    str space_of;            /* of a customer's space: the id of the firm's register */
    dossier_id space_matter; /* and the matter there that it is for */
    bool retired;            /* it is gone; the struct lives as long as the engine */
    struct reg *moved;       /* likewise, as that one has it open where it lies now; else NULL */
    bool destroyed_wholly;   /* and nothing of it is left but its log */
    struct reg *next_retired;
    struct search_count *searches; /* NULL until the first one */
    struct client_wrong *clients;  /* likewise (client.c) */
    struct cached_facts *cache;    /* REG_CACHE slots by id; facts of what is not a person */
    struct arena **spent;          /* of facts that left the cache in the open turn */
    size_t spent_count, spent_room;
    LIST(struct token *) tokens; /* pointers, since callers are held over turns */
    LIST(struct account *) accounts;
    struct session *sessions;        /* SESSIONS_MOST of them; NULL until the first (session.c) */
    struct sign_ins *sign_ins;       /* links that live; NULL until the first (sign_in.c) */
    struct address_changes *changes; /* that wait for their codes; likewise (address.c) */
    uint64_t account_turn;           /* in which an account was made or ended last */
    LIST(struct webhook *) webhooks;
    bool mail_news;    /* a mail may wait, likewise */
    bool webhook_news; /* something may wait that was not there when it was asked last */
    char verifier[256];
    struct upload_place upload_places[LIMIT_UPLOADS]; /* of all servers (upload.c) */
    struct upload *uploads;                           /* that are in this one's memory */
    uint64_t server;                                  /* a number of its own, once it has one */
    int lock;
    int change_lock;        /* lock-changes, of one in files; else, and while it is still, -1 */
    bool still;             /* another process moves it (register_still.c), */
    unsigned still_looks;   /* since so many looks */
    bool restored;          /* the data came from a backup since it was last open */
    uint64_t restored_size; /* of the log when that backup was made */
    struct vault_mended mended;
    instant marked;    /* when a checkpoint was signed, or asked for, last */
    uint64_t followed; /* the size of the last one that the high-water mark followed */
    status turn;       /* how the last turn ended for this register */
    bool entered;     /* of several servers it is this one's turn (beside.c), */
    bool shared;      /* or one that others have as well, and nothing is changed in it */
    bool stale;       /* what others did was not taken in to the end */
    bool whole_stale; /* nor what they changed of the whole */
    bool on_duty;     /* this server sends, sweeps and watches */
    bool ends;        /* another server ended it: it goes when the turn is over (register_news.c) */
    bool stays;       /* this one is ending it: it is entered, and not left with the turn */
    struct brief *brief;         /* what others know of this one's memory (brief.c) */
    struct account_tries *tries; /* for that alone: of the accounts */
    bool met;                    /* and another's transaction stood in its way */
    struct report turn_report;
    bool destruction_stopped; /* clock guard or brake; reads stay right */
    bool guard_changed;       /* what the guards know is newer than what data.db says */
    bool guard_stored;        /* and is written in the open turn */
    instant confirmed;        /* when an operator last let destruction go on */
    instant today;            /* start of the day that `destroyed` counts */
    uint64_t destroyed;       /* people whom sweeps took something from since then */
    uint64_t share_of; /* people when they were counted, those included; 0: count them */
    bool cut_due;      /* what sweeps took away may still lie in the journal of data.db */
    struct vault_due_cursor sweeping; /* how far the sweep of the due ones has come */
    bool sweep_failed;                /* in the present sweep a dossier did: it is no whole one */
    bool settled_last;                /* the step before was of settling anew */
    bool together;                    /* calls of now are undone as one */
    uint64_t together_from;           /* their first entry */
    bool forgets_later; /* nobody waits for this turn: its keys go with those of later ones */
    struct alarm_cause *found; /* ALARMS_WAITING of them: alarms that are to be written down */
    size_t found_count;
    uint32_t alarms[ALARM_KIND_COUNT]; /* that are open, by kind */
    bool alarms_counted;
    bool settling;         /* everyone is settled anew, since the versions changed */
    dossier_id settled_to; /* how far that has come */
    uint64_t settled_count;

    const struct plan *watched_plan;
    instant watch_next; /* when standing evidence lapses next */
    bool watch_again;   /* what it is about has changed */
    struct watched_caller *callers;
    instant verified;              /* when the log was begun with, by the world's clock */
    struct audit_check *log_check; /* how far it has come; NULL: none is under way */
    struct backup_job *backup;     /* likewise */
    instant swept, sweep_began;    /* when the last whole sweep began, and the present one */
};

struct held {
    struct call *call;
    void (*done)(void *self, struct call *call, status result);
    void *self;
    status result;
};

struct engine {
    const struct world *world;
    str data_dir;
    const char *root_path;
    const char *log_dir; /* NULL: logs lie with their registers */
    const char *vfs;
    bool beside; /* other servers serve the registers at the same time */
    size_t log_segment_bytes, log_unpublished, step_rows, rings_cached;
    size_t batch_people;  /* tests take fewer; 0: as many as a manifest takes */
    size_t breach_people; /* likewise: of whom the log tells; 0: as many as are kept in mind */
    struct arena *arena;
    struct reg **regs;
    size_t reg_count, reg_room;
    struct reg *retired, *moved;
    LIST(dossier_id) gone; /* tokens of registers that were ended */
    bool ending;           /* those go that others ended */
    struct held *held;     /* calls whose replies wait for the flush */
    size_t held_count, held_room;
    bool poisoned; /* a flush failed: nothing more is answered */
    struct engine_tally tally;
    uint64_t turns;   /* so far, with the open one */
    bool shares;      /* what is entered in this turn may be shared with other servers */
    uint64_t rested;  /* registers whose log had its turn */
    bool rests_apart; /* a thread does what the logs do when nobody waits */
};

/* health.c: counts a decision that is written into the log. */
void engine_count(struct engine *engine, const struct decision *decision);
/* A backup of the data was made now. Where that cannot be marked the backup counts as older than it
 * is, which errs on the side of the alarm. */
void reg_backed_up(struct reg *reg);
/* backup.c: begins a copy of the data; and, where one is under way, leaves it to fail. */
MUST_CHECK status backup_begin(struct reg *reg, const struct backup *backup, struct report *report,
                               struct backup_job **made);
void reg_let_backup_go(struct reg *reg);
/* alarm.c: those that are open, by kind. */
MUST_CHECK status reg_alarms_open(struct reg *reg, struct report *report,
                                  uint32_t counts[ALARM_KIND_COUNT]);

/* ---- registers ---- */
/* kept_log.c, of a register that several servers may serve (of others nothing is done): what was
 * appended to the log goes into the open turn; and what the files of a log lack is taken from
 * there. */
MUST_CHECK status reg_keep_entries(struct reg *reg, struct report *report);
/* The same in a turn that others share: behind what they have appended meanwhile. */
MUST_CHECK status reg_append_entries(struct reg *reg, struct report *report);
/* turn.c: with that, and the files of the log. */
MUST_CHECK status reg_flush_uses(struct reg *reg, struct report *report);
MUST_CHECK status reg_take_entries(struct reg *reg, struct audit_log *log, struct report *report);
/* What a log that takes in all along lacks. */
MUST_CHECK status reg_take_more(struct reg *reg, struct report *report);
/* beside.c: while a register is opened, and nothing of it is in memory yet, others have a turn. */
MUST_CHECK status reg_breathe(struct reg *reg, struct report *report);
/* CORRUPT unless files and database have the same entry before `end`: then all before it are. */
MUST_CHECK status reg_check_entry(struct reg *reg, struct audit_log *log, uint64_t end,
                                  struct report *report);
/* beside.c: of a register that several servers serve at the same time, this one's turn begins: what
 * others did is known from here on. Whoever looks at what is kept in memory or in the vault enters
 * first; calls do, and reg_facts(). What is entered is left with the turn, or by who entered. In
 * a turn of uses (engine_begin_uses()) it is shared with other servers. */
MUST_CHECK status reg_enter(struct reg *reg, struct report *report);
MUST_CHECK status reg_leave(struct reg *reg, struct report *report);
/* All of them. A fault: what was answered may rest on what is no more. */
MUST_CHECK status engine_leave(struct engine *engine, struct report *report);
/* brief.c: what lives in memory and not for long, as an array of slots that hold no pointers but
 * such as `taken` makes anew; `settle` brings it up to date before it is compared. */
struct brief_array {
    const char *name;
    void *at; /* NULL: there was no memory */
    size_t slot, count;
    void (*settle)(struct reg *reg), (*taken)(struct reg *reg);
};
struct brief_array reg_sessions_brief(struct reg *reg);
struct brief_array reg_links_brief(struct reg *reg);
struct brief_array reg_counted_brief(struct reg *reg);
struct brief_array reg_changes_brief(struct reg *reg);
struct brief_array reg_searches_brief(struct reg *reg);
struct brief_array reg_tries_brief(struct reg *reg);
struct brief_array reg_uploads_brief(struct reg *reg);
struct brief_array reg_clients_brief(struct reg *reg);
/* What this turn changed of them goes to the others; and what others changed comes. */
MUST_CHECK status reg_brief_keep(struct reg *reg, struct report *report);
MUST_CHECK status reg_brief_take(struct reg *reg, struct report *report);
/* register_news.c: what other servers made or ended is opened, or marked as ending; entered. */
MUST_CHECK status reg_hear(struct reg *reg, struct report *report);
/* How one that ends answers; and whether it was gone that it could not be entered. */
MUST_CHECK status reg_has_ended(const struct reg *reg, struct report *report);
MUST_CHECK status reg_not_entered(struct reg *reg, status why, struct report *report);
/* Nobody else has a turn in it from here on, until it is gone; or it is. */
MUST_CHECK status reg_enter_to_end(struct reg *reg, struct report *report, bool *gone);
/* It does not end: `why`, or that it is left. */
MUST_CHECK status reg_goes_on(struct reg *reg, status why, struct report *report);
/* Those that are marked, between two turns; what fails is tried again. */
void engine_end_registers(struct engine *engine);
/* Of which firm's register it is a space, by its card; empty: of none. */
str register_space_of(const struct engine *engine, const char *name, struct arena *arena);
/* register.c: one more is open. */
MUST_CHECK status engine_open_register(struct engine *engine, str name, struct report *report);
/* own.c: what others changed of it, in place; token.c and others, of one that is known already. */
MUST_CHECK status reg_load_own_anew(struct reg *reg, struct report *report);
MUST_CHECK status reg_token_anew(struct reg *reg, struct token *token, bool there,
                                 struct report *report);
MUST_CHECK status reg_account_anew(struct reg *reg, struct account *account, bool there,
                                   struct report *report);
/* register.c */
MUST_CHECK status reg_read_clock(struct reg *reg, struct report *report);
/* Makes the log durable outside of a turn. */
MUST_CHECK status reg_flush_log(struct reg *reg, struct report *report);
/* register.c: the log of a register that ends stays in its folder, wherever this server had it. */
MUST_CHECK status reg_leave_log(struct reg *reg, struct report *report);
MUST_CHECK status reg_open(struct engine *engine, str name, struct report *report,
                           struct reg **reg);
void reg_close(struct reg *reg);
/* The same with a lock that is held already, and is the register's, or given back. */
MUST_CHECK status reg_open_held(struct engine *engine, str name, int lock, struct report *report,
                                struct reg **reg);
/* Closes its files and lock, and keeps the struct. */
void reg_shut(struct reg *reg);
/* retire.c: a register goes for good, its keys first; its log stays. Between two turns. */
struct retirement { /* what its mark and certificate say */
    instant at;
    str choice, counts;   /* counts: JSON */
    uint64_t unconfirmed; /* values in the firm's own systems */
    str *certificate;
};
/* `how`: NULL of a space, whose firm's log says it. */
MUST_CHECK status reg_retire(struct reg *reg, const struct retirement *how, struct arena *arena,
                             struct report *report);
/* register_end.c: the texts of retired.json and of the certificate, once the log is signed. */
MUST_CHECK status register_end_texts(const struct reg *reg, const struct retirement *how,
                                     struct arena *arena, struct report *report, str *mark,
                                     str *certificate);
/* Remembers whose tokens are answered that the register of this folder is gone. */
MUST_CHECK status register_end_load(struct engine *engine, const char *dir, struct report *report);
/* elsewhere.c: before a register ends, what lies in the firm's own systems is told, in turns of
 * their own; how many values of it no confirmation came of; CONFLICT unless that is the number
 * said. */
bool reg_has_external(const struct reg *reg);
MUST_CHECK status reg_tell_elsewhere(struct reg *reg, struct report *report);
MUST_CHECK status reg_unconfirmed(struct reg *reg, struct report *report, uint64_t *open);
MUST_CHECK status reg_all_confirmed(struct reg *reg, uint64_t said, struct report *report);
/* At a start: goes on with those whose end was begun; and with one of them, later. */
MUST_CHECK status registers_end_resume(struct engine *engine, struct report *report);
MUST_CHECK status register_end_go_on(struct reg *reg, struct arena *arena, struct report *report);
MUST_CHECK status register_end_say(struct reg *reg, str choice, struct report *report);
MUST_CHECK status register_end_was_said(const struct reg *reg, struct report *report, bool *said);
bool engine_token_is_gone(const struct engine *engine, dossier_id id);
bool register_is_retired(const char *dir);
/* Goes on with the destruction of one that is retired; and of each. */
MUST_CHECK status reg_destroy(struct reg *reg, struct report *report);
MUST_CHECK status engine_destroy_retired(struct engine *engine, struct report *report);
/* register_move.c: what a move left over. One that had not come to its end is void, as that in
 * files may go on from here; after one that had, the files go. */
MUST_CHECK status register_move_settle(const struct world *world, const char *dir,
                                       struct report *report);
/* register_folder.c: what lies in a register's folder, by name. */
enum { REGISTER_PATH = 4096 };
MUST_CHECK status register_path(const char *dir, const char *leaf, char path[REGISTER_PATH],
                                struct report *report);
bool register_has(const char *dir, const char *leaf);
MUST_CHECK status register_remove(const struct world *world, const char *dir, const char *leaf,
                                  const char *seam, struct report *report); /* durably */
/* register_still.c: the lock of who may change the files; is there one (a server of an older
 * version has none)? And what asks a server for it. */
MUST_CHECK status register_changes_take(const char *dir, struct report *report, int *fd);
bool register_changes_known(const char *dir);
MUST_CHECK status register_move_ask(const struct world *world, const char *dir,
                                    struct report *report);
MUST_CHECK status register_move_asked_end(const struct world *world, const char *dir,
                                          struct report *report);
/* A register that is being made: in doubt until it is confirmed; discarded, nothing of it stays. */
bool register_is_unconfirmed(const char *dir);
MUST_CHECK status register_doubt(const struct world *world, const char *dir, struct report *report);
MUST_CHECK status register_confirm(const struct world *world, const char *dir,
                                   struct report *report);
MUST_CHECK status register_discard(const struct world *world, const char *dir,
                                   struct report *report);
MUST_CHECK status reg_discard(struct reg *reg, struct report *report); /* one that is open */
/* space.c: at a start, spaces that a crash left half made are finished or discarded by what their
 * firm's data says, and those whose end was noted are retired. */
MUST_CHECK status spaces_resume(struct engine *engine, struct report *report);
/* Goes on with what a crash cut short. */
MUST_CHECK status register_destroy(const struct world *world, const char *dir,
                                   struct report *report);
/* space.c: "made" or "ended", by its firm's data; empty: neither. */
MUST_CHECK status space_state(struct reg *firm, str space, struct arena *arena,
                              struct report *report, str *state);
/* The space of a matter of this register; NULL when there is none. */
struct reg *space_of_matter(const struct reg *firm, dossier_id matter);
/* Compiles a version (its effective date and version must be set) without adding it. */
MUST_CHECK status reg_compile(struct reg *reg, const struct policy_source *policy,
                              const struct policy_source *deployment, struct arena *arena,
                              struct problems *problems, struct report *report,
                              const struct plan **plan);
/* From when a version counts: its own date, or the moment of its applying if that is later; a
 * register's first is asked about its own date alone. */
instant reg_effective(const struct reg *reg, instant wanted, instant applied);
/* Adds a version to those that decide reads, or takes one off; the plan must live as long as the
 * register. */
MUST_CHECK status reg_add_version(struct reg *reg, const struct version_state *version,
                                  struct report *report);
MUST_CHECK status reg_order_versions(struct reg *reg, struct report *report);
/* The versions that are not withdrawn, in the order of `effective`, with what is new in each. */
MUST_CHECK status versions_order(struct reg *reg, const struct version_state *list, size_t count,
                                 struct arena *arena, struct report *report,
                                 struct plan_version *versions, size_t *order, size_t *there);
audit_id reg_policy_hash(const struct reg *reg, instant t);
bool register_name_valid(str name);
/* The register's own records: its dossier, versions, tokens (own.c). Loaded at open, under the
 * entry "open". */
MUST_CHECK status reg_load_own(struct reg *reg, struct report *report);
MUST_CHECK status call_create_own_dossier(struct call *call);
MUST_CHECK status call_store_version(struct call *call, const struct policy_source *policy,
                                     const struct policy_source *deployment,
                                     const struct plan *plan, instant effective, dossier_id *id);
/* Adds a token's record to those that engine_authenticate() knows. */
MUST_CHECK status reg_add_token(struct reg *reg, dossier_id id, str json, struct report *report);
MUST_CHECK status reg_add_account(struct reg *reg, dossier_id id, str json, struct report *report);
/* The tag by which a member is found: of a login, or of an address in any of its spellings.
 * INVALID for what has an @ and is no address. */
MUST_CHECK status reg_login_tag(struct reg *reg, str login, struct report *report, blind *tag);
/* The member's account goes with them; and once that is durable. */
MUST_CHECK status call_accounts_end(struct call *call, dossier_id staff);
void reg_accounts_ended(struct reg *reg, dossier_id staff);
/* token.c: may whoever holds the one not make the other? */
bool token_wider(const struct caller *maker, const struct caller *made);
/* The plan in force at the call's time, or the newest when none is yet. */
const struct plan *reg_plan(const struct reg *reg, instant t);
/* Facts of a dossier that is not a person (matter, party, staff, place, register), from the cache
 * or the vault; NULL when unknown or erased. Valid until the next turn begins, also
 * when the cache forgets them meanwhile. */
MUST_CHECK status reg_facts(struct reg *reg, dossier_id id, struct report *report,
                            const struct facts **facts);
void reg_facts_forget(struct reg *reg, dossier_id id);
void reg_facts_forget_all(struct reg *reg);
void reg_facts_let_go(struct reg *reg); /* what left the cache before this turn */
/* Signs a checkpoint of what is durable and moves the high-water mark. */
MUST_CHECK status reg_checkpoint(struct reg *reg, struct report *report);

/* The clock guard: before anything is logged under a new time, for that time hides a leap. */
void reg_guard_clock(struct reg *reg);
/* The brake: from how many more people a sweep may take something today; pulling it; counting. */
MUST_CHECK status reg_brake(struct reg *reg, struct report *report, uint64_t *room);
void reg_brake_pull(struct reg *reg);
void reg_brake_count(struct reg *reg);
MUST_CHECK status reg_guard_load(struct reg *reg, struct report *report);
MUST_CHECK status reg_guard_store(struct reg *reg, struct report *report); /* in the open turn */
void reg_guard_kept(struct reg *reg);                                      /* the turn is durable */
/* step.c: a step of long work ends after so many rows or milliseconds. */
struct step {
    const struct reg *reg;
    size_t rows, most;
    int64_t ms;
    instant from;
};
enum { STEP_MS = 20 };
struct step step_within(const struct reg *reg, const struct step_room *room);
struct step step_begin(const struct reg *reg);
bool step_goes_on(struct step *step); /* counts a row */
/* settle_anew.c: everyone is settled again, a step at a time, also after a restart. */
MUST_CHECK status call_settle_anew(struct call *call); /* to begin once this call is durable, */
void reg_settle_begin(struct reg *reg);                /* by its `finish` */
MUST_CHECK status reg_settle_step(struct reg *reg, const struct step_room *room,
                                  struct report *report); /* one turn */
MUST_CHECK status reg_settle_load(struct reg *reg, struct report *report);
/* restored.c: the first entry at or after an instant. */
MUST_CHECK status log_first_at(struct audit_log *log, instant at, struct report *report,
                               uint64_t *index);
/* restored.c: does the log know this request, made at `at`? */
MUST_CHECK status reg_logged(void *reg, record_id request, instant at, struct report *report,
                             bool *known);
/* lost_version.c: after a restore, finds the versions that it lost; at every start, those that are
 * still to be applied again. */
MUST_CHECK status reg_find_lost_versions(struct reg *reg, struct report *report);
MUST_CHECK status reg_load_lost_versions(struct reg *reg, struct report *report);
/* BEHIND while there is one. */
MUST_CHECK status call_version_lost(struct call *call);
/* CONFLICT when another version than this one must be applied again first. */
MUST_CHECK status call_lost_comes_first(struct call *call, const struct plan *plan);
/* The first of them comes again in this call; and when that is durable. */
MUST_CHECK status call_lost_is_back(struct call *call);
void reg_lost_is_back(struct reg *reg);
/* What the entries about a version say of it: its text's hash, its name, that it comes again. */
enum { VERSION_EFFECTS = 3 };
MUST_CHECK status call_version_effects(struct call *call, const struct plan *plan,
                                       str effects[VERSION_EFFECTS], size_t *count);
/* verifier.c: keeps the log's verifier key in log.key beside the log. */
MUST_CHECK status reg_keep_verifier(struct reg *reg, struct report *report);
/* Lists what a restore lost, by request id, in restored.json beside the data. */
MUST_CHECK status reg_list_lost(struct reg *reg, struct report *report);

/* session.c: does this caller's session live? False for a token's. */
bool reg_session_holds(struct reg *reg, const struct caller *caller);
/* Every session of the member ends: what they sign in by is another, or none. */
void reg_sessions_end(struct reg *reg, dossier_id staff);
/* The member has a password of their own now: their sessions end but for the one that asked, which
 * may ask for all that the account may. */
void reg_sessions_renew(struct reg *reg, dossier_id staff, dossier_id kept, uint32_t scopes);
/* token.c: a staff member's role as it is now; `here`: they have not left. */
MUST_CHECK status caller_staff(struct reg *reg, struct caller *caller, struct report *report,
                               bool *here);

/* sign_in.c: mail of Vern's own to a person, of which no policy speaks: a link to sign in by, that
 * an address was changed. Waits as a task beside the person; `json` says which, in what language,
 * and where it goes when that is no item of theirs any more ("to"). The caller stores. */
struct mail_content;
MUST_CHECK status call_letter(struct call *call, struct dossier *dossier,
                              const struct permit *permit, record_id item, str json);
MUST_CHECK status call_letter_text(struct call *call, const struct json *json, dossier_id subject,
                                   const struct fact_task *task, str url,
                                   struct mail_content *content);
bool letter_is_late(const struct call *call, const struct fact_task *task);
instant letter_over(const struct fact_task *task); /* NEVER: it is none */
/* Did the person sign in by this item? It took the place of another: the caller stores. */
bool call_signs_in_by(const struct call *call, const struct facts *facts, record_id item);
MUST_CHECK status call_address_changed(struct call *call, struct dossier *dossier, record_id item);
bool address_changed_lately(const struct call *call, const struct facts *facts);
/* Counts a link or a code; false past three an hour of this address. */
bool sign_in_count(struct call *call, record_id item);
/* myself.c: does the policy ask for proof of who asks, for this right? */
bool call_asks_identity(const struct call *call, enum right right);
/* death.c */
bool facts_are_dead(const struct call *call, const struct facts *facts);

/* ---- mail to people (mail.c) ---- */

/* The record of a message that comes with its text; empty for one that comes without. INVALID where
 * Vern cannot send it. */
struct message;
MUST_CHECK status call_mail_text(struct call *call, const struct message *request, str *details);
/* bounce.c: as engine_bounce(), by subject and item. */
MUST_CHECK status call_bounced(struct call *call, const struct bounce *request);
/* engine_message_take(), also of what Vern sends itself when `ours`. */
MUST_CHECK status call_take_message(struct call *call, const struct task_done *request, bool ours,
                                    struct sending *sending);

/* letter.c: a paper as mail; an address that mail may go to; a letter about a breach to the first
 * such address of the field; and what follows once the mail server took one. The caller stores. */
struct paper;
MUST_CHECK status call_paper_mail(struct call *call, const struct paper *paper, str *heading,
                                  str *text);
/* A letter about a request: to an item of the dossier's person, else to that address; the caller
 * stores. And to an address of that person's, stored. */
struct letter_mail {
    record_id item;
    str to, heading, text;
};
MUST_CHECK status call_letter_task(struct call *call, struct dossier *dossier,
                                   const struct permit *permit, const struct letter_mail *mail);
MUST_CHECK status call_request_letter(struct call *call, dossier_id id,
                                      const struct letter_mail *mail);
struct breach_mail {
    dossier_id breach;
    word field;
    str heading, text;
};
struct subject;
bool call_address_works(const struct call *call, const struct settled_item *settled);
MUST_CHECK status call_breach_letter(struct call *call, struct subject *subject,
                                     const struct permit *permit, const struct breach_mail *mail,
                                     bool *queued);
MUST_CHECK status call_letter_came(struct call *call, struct subject *subject,
                                   const struct permit *permit, const struct fact_task *task,
                                   str proof);
/* evidence.c: may the caller record this notice, and is it whole? It was given, with that text. */
MUST_CHECK status call_notice_asked(struct call *call, const struct evidence_record *request,
                                    struct subject *subject);
MUST_CHECK status call_notice_given(struct call *call, const struct evidence_record *request,
                                    str text, struct subject *subject, const struct permit *permit);
/* task.c: what was done for the person, kept three years. */
MUST_CHECK status call_keep_proof(struct call *call, const struct permit *permit,
                                  dossier_id dossier, const struct fact_task *task, str proof);

/* ---- events (webhook.c) ---- */

/* Of whom or what: ids and a word of ours or of the policy's. `record` may be zero. */
struct event_of {
    dossier_id id;
    record_id record;
    const char *kind;
};
/* It happened in this call: queued for every webhook that wants it, with the call or not at all. */
MUST_CHECK status call_event(struct call *call, enum event event, const struct event_of *of);
/* Adds a webhook's record to those that call_event() knows, or brings it up to date. */
MUST_CHECK status reg_add_webhook(struct reg *reg, dossier_id id, str record,
                                  struct report *report);

/* ---- alarms (alarm.c) ---- */

/* Names what a cause is about; a zero id and a zero word name nothing. */
void alarm_about(struct alarm_cause *cause, enum slot slot, dossier_id id);
void alarm_of(struct alarm_cause *cause, enum slot slot, word name);
/* Opens the alarm in this call, which must come to a good end; nothing when it is open already, or
 * when no law asks for it and the policy does not list it under `alarms.raise`. */
MUST_CHECK status call_alarm(struct call *call, const struct alarm_cause *cause);
/* The same for whoever has no call, or one that fails: it is written down in the next turn. */
void reg_alarm(struct reg *reg, const struct alarm_cause *cause);
MUST_CHECK status call_alarm_is_open(struct call *call, const struct alarm_cause *cause,
                                     bool *open);
/* What made it is over: closes it, if it is open. */
MUST_CHECK status call_alarm_over(struct call *call, const struct alarm_cause *cause);
bool alarm_is_raised(const struct reg *reg, instant t, enum alarm_kind kind);
/* A closed alarm whose year is over goes; one call of the sweep's. */
MUST_CHECK status call_alarm_due(struct call *call, struct dossier *dossier);

/* death.c: refuses what nobody does in the name of the dead. */
MUST_CHECK status call_living(struct call *call, const struct facts *facts,
                              const struct operation *op);

/* notice.c: is a notice about data from others overdue, and when will one next be (NEVER)? */
void call_notice_dues(const struct call *call, const struct facts *facts, bool *overdue,
                      instant *next);
/* Opens the alarm where one is overdue; closes it where none is, or the person goes as a whole. */
MUST_CHECK status call_notice_overdue(struct call *call, const struct facts *facts);
MUST_CHECK status call_notice_over(struct call *call, const struct facts *facts, bool whole);
/* Refuses an exception that comes after the month. */
/* The notice of the intake `told` in that language, as text that bears `reference`. INVALID for an
 * intake or a language that is none, INCOMPLETE for a notice that lacks an item. CON-08, CLO-30 */
MUST_CHECK status call_notice_text(struct call *call, const struct evidence_record *request,
                                   str reference, str *heading, str *text);
/* INVALID where an exception links to no notice of hers (article 13(4)). */
MUST_CHECK status call_notice_known(struct call *call, const struct facts *facts,
                                    const struct evidence_record *request);
MUST_CHECK status call_notice_late(struct call *call, const struct facts *facts,
                                   const struct operation *op);

/* directory.c: one company with its number, address and contacts, as the policy has them. */
void directory_put_complaint(const struct plan *plan, struct json_out *out);
void directory_put_how_to_see(const struct plan *plan, struct json_out *out);
void directory_put_contact(const struct plan *plan, const struct plan_contact *contact,
                           struct json_out *out);
void directory_put_controller(const struct plan *plan, const struct plan_controller *controller,
                              struct json_out *out);

/* ---- the watch (watch.c) ---- */

/* What must always be on file: a type, what it is about, and until when it counts (ALWAYS: there
 * never was any). */
struct standing {
    word type;
    struct binding about; /* SLOT_NONE: the register as a whole */
    instant end;
};
/* When evidence of the type in these facts ends; ALWAYS: there never was any. */
instant standing_end(const struct plan *plan, plan_index type, const struct facts *home, instant t);
instant standing_end_about(const struct plan *plan, plan_index type, const struct facts *home,
                           const struct binding *about, instant t);
MUST_CHECK status call_standing(struct call *call, const struct standing **at, size_t *count);
/* Raises and closes the alarms of standing evidence when one lapses or its dossiers changed; its
 * own turn. */
MUST_CHECK status reg_watch(struct engine *engine, struct reg *reg, struct report *report);
void reg_watch_changed(struct reg *reg, enum dossier_kind kind);
/* Whom standing evidence was about is gone: nothing of it is overdue any more. */
MUST_CHECK status call_watch_ended(struct call *call, enum slot slot, dossier_id id);
void reg_watch_lag(struct reg *reg); /* raises when the sweep is later than G2 allows */
/* Counts that the call opens so many people, of whom `last` is the last; a caller who opens more
 * than 100 and more than 5 % of the register's people in a clock hour raises an alarm. */
void watch_reads(struct call *call, dossier_id last, uint64_t people);
/* Counts a refusal of a look; more than 20 of a caller in a clock hour raise an alarm. */
void watch_refusal(struct call *call, enum action action);

/* ---- staff (staff.c) ---- */
bool staff_holds(const struct facts *member, word role, instant t);
/* The one role that the member holds; 0 when it is none or several. */
word staff_only_role(const struct facts *member, instant t);
/* Is this the human whom an application names (struct caller, human)? */
bool staff_is_human(const struct reg *reg, const struct facts *member, audit_id human);
/* REFUSED and logged when whoever asks is the member, or acts for them. */
MUST_CHECK status call_not_oneself(struct call *call, dossier_id member);
/* Refuses by a built-in rule that is the engine's own to ask; logged. */
MUST_CHECK status call_refuse_always(struct call *call, const struct facts *facts,
                                     enum action action, enum always rule);
/* May the member do this (MAY_APPROVE ...) in a role that is open and has what it needs? */
bool staff_may(const struct call *call, const struct facts *member, uint32_t may);
/* The same, in one of these roles. */
bool staff_may_as(const struct call *call, const struct facts *member, uint32_t may,
                  const struct refs *roles);
/* Refuses, logged against `facts`, whoever may not decide for the firm: where the policy has staff
 * who `may`, only they do. `human`: and a member of the staff in any case, no application. */
MUST_CHECK status call_decider(struct call *call, const struct facts *facts, uint32_t may,
                               bool human);
/* What was decided, as it is kept: sealed, and never without reasons (the callers see to that). */
struct reasoned {
    const char *type;        /* of the record */
    const char *about;       /* the member that names what it is about; may be NULL */
    const unsigned char *id; /* of that; ID_BYTES of it */
    const char *word;        /* the member that says yes or no */
    bool yes;
    str reasons;
};
MUST_CHECK status call_reasoned(struct call *call, const struct reasoned *decision, str *json);

/* ---- acts that need a second pair of eyes (act.c) ---- */
enum act {
    ACT_POLICY_APPLY,
    ACT_POLICY_WITHDRAW,
    ACT_ERASE_WHOLE,
    ACT_HOLD_RELEASE,
    ACT_EXPORT, /* of everyone, by name of a purpose or none */
    ACT_REGISTER_END,
    ACT_COUNT
};
/* `waits`: the call is answered 202 and must change nothing. Asked when all else is in order. */
MUST_CHECK status call_second_pair(struct call *call, enum act act, dossier_id about, bool *waits);
MUST_CHECK status call_act_due(struct call *call, struct dossier *dossier);

/* change.c: may the caller bring this version of the policy, and must it wait for approval? */
MUST_CHECK status call_may_change(struct call *call, const struct plan *coming, bool *waits);
/* The same for taking back this announced version, for which nothing need be on file. */
MUST_CHECK status call_may_withdraw(struct call *call, dossier_id version, bool *waits);

/* ---- breaking the glass (glass.c) ---- */
MUST_CHECK status call_glass_is_broken(struct call *call, const struct operation *op, bool *broken,
                                       bool *matter); /* matter: it, and not the person */
MUST_CHECK status call_glass_reviewed(struct call *call, dossier_id who, dossier_id subject,
                                      dossier_id matter);

/* Stores a dossier with a sealed record of its name. */
MUST_CHECK status call_store_named(struct call *call, struct dossier *dossier,
                                   const struct permit *permit, str name);

/* ---- what a call works on ---- */
struct subject {
    struct dossier *dossier;
    struct view view;
    struct settled settled;
};
/* Opens a subject's dossier, gathers its view and settles it. Unknown, erased and not-yours give
 * the same NOT_FOUND (G9); an officer is told GONE. */
MUST_CHECK status call_open(struct call *call, dossier_id id, struct subject *subject);
/* The answer for what is not there, logged like any other refusal. */
MUST_CHECK status call_not_here(struct call *call);
/* As call_open(), for someone whom the caller did not name: not knowing is not logged. */
MUST_CHECK status call_open_found(struct call *call, dossier_id id, struct subject *subject);
/* Opens any other dossier to change it. NOT_FOUND unless it is live and of that kind. */
MUST_CHECK status call_open_dossier(struct call *call, dossier_id id, enum dossier_kind kind,
                                    struct dossier **dossier);
/* Puts what the operation names (matter, party, place, case, actor) into the view. */
MUST_CHECK status call_view(struct call *call, const struct facts *facts,
                            const struct operation *op, struct view *view);
MUST_CHECK status call_settle(struct call *call, struct subject *subject);

/* Turns a name of the policy into its word; INVALID naming `what` and the nearest word when the
 * plan's table does not have it. An empty text gives 0. */
enum name_kind {
    NAME_ROLE,
    NAME_PURPOSE,
    NAME_FIELD,
    NAME_CATEGORY,
    NAME_SOURCE,
    NAME_INTAKE,
    NAME_EVENT,
    NAME_EVIDENCE,
    NAME_RECIPIENT,
    NAME_MESSAGE,
    NAME_COOKIE,
    NAME_SWITCH,
    NAME_STAFF,
    NAME_CONTROLLER,
    NAME_MATTER,
    NAME_KIND_COUNT
};
MUST_CHECK status call_word(struct call *call, enum name_kind kind, str text, word *w);
/* A purpose of any version, announced ones and past ones too: where the one in force does not have
 * it, that is decide's to refuse. In a customer's space one that no instructions name, such as the
 * firm's own, is no slip of the pen: it gives 0, which decide refuses, and the log has it. */
MUST_CHECK status call_purpose(struct call *call, str text, word *w);
MUST_CHECK status call_words(struct call *call, enum name_kind kind, const str *texts, size_t count,
                             const word **words);
/* Categories and fields, to fields. */
MUST_CHECK status call_fields(struct call *call, const str *texts, size_t count,
                              const word **fields, size_t *field_count);
/* The kind by which values of a field are normalised for the blind index. */
str blind_kind(const struct plan *plan, const struct plan_field *field);
/* Zones, the ways that cases come in and other free names: vetted, then interned. */
MUST_CHECK status call_check_name(struct call *call, const char *what, str text);
MUST_CHECK status call_name(struct call *call, const char *what, str text, word *w);
/* One of the channels that the language has; none when the text is empty. */
MUST_CHECK status call_channel(struct call *call, str text, word *w);
/* Slots that a kind of evidence may leave open: an agreement may stand without a matter, a
 * safeguard without a place. */
uint32_t evidence_optional_slots(enum evidence_kind kind);
/* INVALID at the member that names the slot: "NAME is WHAT a SLOT: name it". */
MUST_CHECK status call_unnamed(struct call *call, enum slot slot, const char *what, word name);
/* INVALID when nothing but blanks is said: `what` begins the sentence. */
MUST_CHECK status call_said(struct call *call, const char *what, str text);
str call_text(const struct call *call, word w);

/* An operation with what the caller brings already in it (controller, staff, actor). */
struct operation call_operation(const struct call *call, enum action action, dossier_id subject);

/* Decides. A refusal is logged and comes back as fault REFUSED with call->decision set; when the
 * caller may not know of the subject, as NOT_FOUND. Purposes outside the token are FORBIDDEN. */
MUST_CHECK status call_decide(struct call *call, struct subject *subject,
                              const struct operation *op, const struct decision **decision);
/* Is the token bound to purposes or to a controller, so that it does not reach everything? */
bool call_is_bound(const struct call *call);
/* Does a purpose of the token, for its controller, still reach this item; this role? */
bool call_reaches(const struct call *call, const struct settled_item *item);
bool call_reaches_role(const struct call *call, const struct fact_role *role);
/* What the token is not made for: logged, and FORBIDDEN. `facts` may be NULL. */
MUST_CHECK status call_beyond_token(struct call *call, const struct facts *facts,
                                    const struct operation *op, const char *what);
MUST_CHECK status call_purpose_held(struct call *call, const struct facts *facts,
                                    const struct operation *op, word purpose);
MUST_CHECK status call_whole_register(struct call *call); /* FORBIDDEN for a bound token */
MUST_CHECK status call_whole_person(struct call *call, const struct facts *facts,
                                    const struct operation *op); /* for one bound to purposes */
MUST_CHECK status call_scope_held(struct call *call, enum scope scope);
/* The company that the call acts for: the token's, the request's, or the only one that the policy
 * has; 0: nobody named one. */
word call_company(const struct call *call);
/* Is it another company's alone: neither the acting company's nor joint with it? */
bool call_is_others(const struct call *call, const struct part *part, word controller);
/* Refuses, and logs it, what uses data where the policy has several companies and none is named.
 * `facts` may be NULL. */
MUST_CHECK status call_company_named(struct call *call, const struct facts *facts,
                                     const struct operation *op);
/* The controller that the caller names, if any: none but the token's own. */
MUST_CHECK status call_controller(struct call *call, str named, struct operation *op);
/* Matter, case, party and staff member that an operation names are there and of their kinds; else
 * NOT_FOUND. call_decide() asks this. */
MUST_CHECK status call_check_named(struct call *call, const struct operation *op);
/* The two halves of it, for what goes on in spite of a no: nothing is logged by the first. */
MUST_CHECK status call_judge(struct call *call, struct subject *subject, const struct operation *op,
                             const struct decision **decision);
MUST_CHECK status call_refuse(struct call *call, const struct facts *facts,
                              const struct operation *op, const struct decision *decision);
/* Does the person act herself? Not through a token of the staff, whatever the request says. */
bool call_by_subject(const struct call *call, bool said);
/* May who asks answer a request of the person? Staff need a role that may; REFUSED and logged. */
MUST_CHECK status call_may_answer(struct call *call, struct subject *subject, dossier_id case_);
/* A decision that needs no policy: the token's scope was the rule. */
const struct decision *decision_by_scope(void);

/* The entry of an operation, filled from the call; `effects` are words for "ef". */
MUST_CHECK status call_entry(struct call *call, const struct facts *subject,
                             const struct operation *op, const struct decision *decision,
                             struct audit_entry *entry);
/* Logs and permits a change to one dossier. `action` names it in the log ("consent", "erase"). */
MUST_CHECK status call_write(struct call *call, const struct facts *facts,
                             const struct operation *op, const char *action,
                             const struct decision *decision, const str *effects,
                             size_t effect_count, const struct permit **permit);
/* Logs what comes with a change that asks for no permit of its own ("clock"): the entry lies in the
 * outbox with it, so that a crash does not part them. */
MUST_CHECK status call_log_change(struct call *call, const struct facts *facts,
                                  const struct operation *op, const char *action,
                                  const struct decision *decision);
/* Logs what changes nothing and opens nothing ("find"). */
MUST_CHECK status call_log(struct call *call, const struct facts *facts, const struct operation *op,
                           const char *action, const struct decision *decision);
/* The same, with words for "ef". */
MUST_CHECK status call_log_effects(struct call *call, const struct facts *facts,
                                   const struct operation *op, const char *action,
                                   const struct decision *decision, const str *effects,
                                   size_t count);
/* Logs a refusal (not in the outbox: nothing changed); it stays although the call fails. */
MUST_CHECK status call_log_refusal(struct call *call, const struct facts *facts,
                                   const struct operation *op, const char *action,
                                   const struct decision *decision);
/* Logs a read; the permit comes in phase two. */
MUST_CHECK status call_ask(struct call *call, const struct facts *facts, const struct operation *op,
                           const char *action, const struct decision *decision,
                           struct permit_wait *wait);

/* batch.c, when call->batch is set. Notes a refusal, or what was allowed; the latter ends the first
 * pass by a fault, and in the other gives the permit, to read or to write. Takes from a decision
 * what was not allowed when the entry was made. */
MUST_CHECK status batch_refused(struct call *call, const struct facts *facts,
                                const struct operation *op, const struct decision *decision);
MUST_CHECK status batch_write(struct call *call, const struct facts *facts,
                              const struct operation *op, const struct decision *decision,
                              const struct permit **permit);
MUST_CHECK status batch_allowed(struct call *call, const struct facts *facts,
                                const struct operation *op, const struct decision *decision,
                                struct permit_wait *wait);
void batch_narrow(const struct call *call, struct decision *decision);
record_id batch_request(const struct call *call); /* that the entry names; of any call */

/* Settles, computes due and tags, stores. For subjects and for every other kind. */
MUST_CHECK status call_store(struct call *call, struct subject *subject,
                             const struct permit *permit);
MUST_CHECK status call_store_dossier(struct call *call, struct dossier *dossier,
                                     const struct permit *permit);
/* This call changed the facts of what is not a person: the cache forgets them. */
void call_touched(struct call *call, dossier_id id);
/* People tagged with this matter are settled by the next sweep. */
MUST_CHECK status call_touch_matter(struct call *call, dossier_id matter);

/* A new random id. */
record_id call_record_id(struct call *call);
/* A short word for "ef": kind and the id's text. */
MUST_CHECK status call_effect(struct call *call, const char *kind, const unsigned char id[ID_BYTES],
                              str *effect);
/* Adds a record of particulars (JSON) to a dossier, sealed under the "record" key. */
MUST_CHECK status call_record(struct call *call, struct dossier *dossier,
                              const struct permit *permit, str json, record_id *id);
/* The first record of a dossier (a member of the staff, an act that waits), opened under the
 * durable entry of `wait`; NULL when there is none. */
MUST_CHECK status call_own_record(struct call *call, struct permit_wait wait, dossier_id id,
                                  const struct json **json);
/* Values that may not land whatever the policy says: too long, no text, card numbers (COB-81). */
MUST_CHECK status call_check_values(struct call *call, const struct collect_value *values,
                                    size_t count);
/* Opens the person of whom `count` values are to be stored; INVALID when there are none, which is
 * said only of a person whom the token may know (G9). */
MUST_CHECK status call_open_to_store(struct call *call, dossier_id id, size_t count,
                                     struct subject *subject);
/* identity.c: refuses an identity number in a field that is not for one, where the policy has a
 * category for them, be it `never`. */
MUST_CHECK status call_check_identity(struct call *call, word field, str value);
MUST_CHECK status call_check_identities(struct call *call, const struct operation *op,
                                        const struct collect *request);
bool call_looks_for_identity(const struct call *call, word field);
MUST_CHECK status call_refuse_identity(struct call *call);
/* The same for texts that are kept beside items: wordings, reasons, particulars, names. */
MUST_CHECK status call_check_texts(struct call *call, const str *texts, size_t count);
/* quarantine.c: refuses special categories on an open channel (e-mail, SMS). */
MUST_CHECK status call_secure_channel(struct call *call, const struct facts *facts,
                                      const struct operation *op, word channel, const word *fields,
                                      size_t count);
/* Looks at what the values of a collection hold: those that may not be had are refused in
 * `decided`, and those that go to quarantine have their category in `held`. REFUSED and logged
 * where nothing is taken and nothing put away. */
MUST_CHECK status call_hold_back(struct call *call, const struct facts *facts,
                                 const struct operation *op, const struct collect *request,
                                 const struct decision **decided, word **held);
/* Puts one value away; the caller stores the subject. */
MUST_CHECK status call_quarantine(struct call *call, struct subject *subject,
                                  const struct operation *op, const struct collect_value *value,
                                  word category);
MUST_CHECK status call_quarantine_due(struct call *call, struct dossier *dossier);
/* Erases what is in quarantine of a person who goes as a whole. */
MUST_CHECK status call_quarantines_gone(struct call *call, const struct facts *facts);
/* The person of these lines is the one of `to` by now, whose facts get them. */
MUST_CHECK status call_concerns_move(struct call *call, const struct facts *from,
                                     struct dossier *to);
MUST_CHECK status call_quarantine_move(struct call *call, dossier_id quarantine, dossier_id to);
/* Whoever this came with was merged into somebody whom a restore brought back from before: they get
 * the line to it. */
MUST_CHECK status call_quarantine_mend(struct call *call, const struct facts *quarantine);
/* merge.c: whom the id of a dossier that was merged names now; zero: nobody. */
MUST_CHECK status call_merged_into(struct call *call, dossier_id id, dossier_id *into);
/* Does the concern lead to content in quarantine? Then `view` tells of it. */
MUST_CHECK status call_quarantine_of(struct call *call, const struct fact_concern *concern,
                                     struct quarantine_view *view, bool *is);

/* concern.c. Adds the lines of an item that is also about `other`; the caller stores the subject.
 */
MUST_CHECK status call_concern_add(struct call *call, struct subject *subject, record_id item,
                                   dossier_id other, record_id *line);
/* An item goes, or another takes its place (zero: none does): so do its lines, in both dossiers.
 * Asked while it is still among the facts; the caller stores its dossier. */
MUST_CHECK status call_concerns_of_item(struct call *call, struct dossier *dossier, record_id item,
                                        record_id next);
/* The person goes as a whole: the lines of others that lead here go. */
MUST_CHECK status call_concerns_gone(struct call *call, const struct facts *facts);
/* After a restore: lines of items that only it took away end, and so do those that lead to nobody;
 * whoever another was merged into gets the other side back. Gives what the log is to say; NULL: the
 * dossier is as it was. The caller stores. */
MUST_CHECK status call_concerns_mend(struct call *call, struct dossier *dossier,
                                     const char **action);
/* What the person restricts by now holds for what concerns her in the dossiers of others. */
MUST_CHECK status call_concerns_restrict(struct call *call, const struct facts *facts);
/* How many items of others speak of the person. */
size_t concerns_there(const struct facts *facts);
/* Whom else the item concerns; and may the subject's own copy not hold it? */
size_t concerns_of(const struct facts *facts, record_id item, bool *withheld);
/* The part of the access answer about items of others: each is asked for in phase one, under an
 * entry of its own for the person whose item it is, and written in phase two. */
struct concern_answer {
    record_id line;
    bool released;
    struct permit_wait wait;
};
struct concern_answers {
    LIST(struct concern_answer) list;
};
struct json_out;
MUST_CHECK status call_concerns_ask(struct call *call, const struct facts *facts,
                                    const struct operation *op, struct concern_answers *answers);
MUST_CHECK status call_concerns_put(struct call *call, const struct facts *facts,
                                    struct concern_answers *answers, struct json_out *out);
/* Another's item that is in her copy by this line of hers: whose, and which. Not one: `concerns` is
 * false. REFUSED and logged where nobody has released it or somebody else restricts it. */
MUST_CHECK status call_concerned_item(struct call *call, const struct facts *facts, record_id line,
                                      struct subject *home, record_id *item, bool *concerns);
/* Is it, at this instant? */
MUST_CHECK status call_concern_released(struct call *call, dossier_id subject, record_id line,
                                        bool *released);
/* says.c: what the policy calls something, by language, as the member `key`. */
void says_put(struct json_out *out, const char *key, const struct plan *plan,
              const struct says *says);

/* export.c: each live purpose of an item, with its basis and its end. */
void call_put_grounds(struct call *call, const struct settled_item *settled, struct json_out *out);

/* suppress.c: whoever comes by a hash that a suppression is kept for objects from the first moment
 * on, before anything else is decided; `inherited` is set when she did not.
 * The caller stores. */
MUST_CHECK status call_inherit(struct call *call, struct dossier *dossier, blind hash,
                               bool *inherited);
/* The same for a value that is to be stored, and settles again. */
MUST_CHECK status call_inherit_by_value(struct call *call, struct subject *subject, word field,
                                        str value);
/* Is it a suppression, and nobody? */
MUST_CHECK status call_is_suppression(struct call *call, dossier_id id, bool *is);
/* Keeps, under the person's present hashes, what she objects to in marketing; with `all`, every
 * purpose of marketing. Nothing when she objects to none or nothing leads to her. */
MUST_CHECK status call_suppress(struct call *call, const struct facts *facts, bool all);
/* Her own new consent to a purpose ends the suppression of it. */
MUST_CHECK status call_unsuppress(struct call *call, const struct facts *facts, word purpose);
/* A value that came in parts, about to become an item. */
struct whole_file {
    struct vault_upload *upload;
    record_id id;
    str media, name;
};
/* The first half of engine_collect(): opens, decides. REFUSED is logged here. With `held`, what may
 * not be had is put there by its category (call_hold_back); without, it is refused. */
MUST_CHECK status call_judge_collect(struct call *call, const struct collect *request, instant at,
                                     struct subject *subject, struct operation *op,
                                     const struct decision **decision, word **held);
/* A card number stands in what was given: logged, and REFUSED. */
MUST_CHECK status call_refuse_card(struct call *call);
/* The bytes of the files of a package, by the permit of the whole. */
MUST_CHECK status call_files_along(struct call *call, const struct permit *permit,
                                   const struct operation *op, struct download *download);
/* Refuses by the reason of one part of a decision, as if it were of the whole. */
MUST_CHECK status call_refuse_part(struct call *call, const struct facts *facts,
                                   const struct operation *op, const struct part *part);
/* file.c: for the sweeper. Drops what was opened and never came, and takes parts away that belong
 * to no item; `more` when there are more. Its own turns, at most a few. */
MUST_CHECK status reg_sweep_files(struct reg *reg, struct report *report, bool *more);
/* upload.c: what nobody took; and with `taken` what streams, which its taker has in hand. */
void reg_drop_uploads(struct reg *reg, bool taken);
/* A value of an identifying kind leads to the person. */
MUST_CHECK status call_index_value(struct call *call, struct subject *subject, word field,
                                   str value);
/* An item is about to go: its value leads to the person no more. `permit` opens what must be
 * compared. */
MUST_CHECK status call_forget_value(struct call *call, struct dossier *dossier,
                                    const struct permit *permit, const struct fact_item *going);
/* index.c: what users may find of the person by now stands in their index, and nothing else does.
 * Called when the person is stored, after settling. */
MUST_CHECK status call_search_index(struct call *call, struct subject *subject);
/* Nothing of this field is found any more; what is still to be found comes back when the person is
 * stored. */
MUST_CHECK status call_search_forget(struct call *call, struct dossier *dossier, word field);
/* No value of this field leads to the person any more. */
MUST_CHECK status call_unindex(struct call *call, struct dossier *dossier, word field);
/* CONFLICT when taking these fields (none: all) away would stop a purpose that requires one of them
 * and the person was not warned. */
MUST_CHECK status call_check_warning(struct call *call, const struct subject *subject,
                                     const word *fields, size_t count, bool warned);
/* service.c: the services (purposes with `requires`) that are open to the person, by the matters of
 * her roles; and CONFLICT when one of them is open no more, which whoever acts must be warned of.
 */
struct service {
    plan_index purpose;
    dossier_id matter;
};
struct services {
    LIST(struct service) list;
};
MUST_CHECK status call_services(struct call *call, const struct subject *subject,
                                struct services *services);
MUST_CHECK status call_services_warn(struct call *call, struct subject *subject,
                                     const struct services *before_);
/* The same for the people of a matter, of whom the first 64 are looked at. */
struct matter_person {
    dossier_id id;
    struct services services;
};
struct matter_services {
    struct matter_person *people;
    size_t count;
};
MUST_CHECK status call_matter_services(struct call *call, dossier_id matter,
                                       struct matter_services *found);
MUST_CHECK status call_matter_services_warn(struct call *call, const struct matter_services *found);
/* Phase two: a signed statement about an entry, with the proof that the log holds it. */
MUST_CHECK status call_receipt(struct call *call, uint64_t index, audit_id handle, const char *what,
                               str *receipt);
/* Adds a piece of evidence with its sealed particulars (JSON, may be empty); outcome.record is its
 * id. */
MUST_CHECK status call_add_evidence(struct call *call, struct dossier *dossier,
                                    const struct permit *permit, word type,
                                    const struct binding *bound, uint16_t bound_count,
                                    instant since, instant until, str details);
MUST_CHECK status call_end_evidence(struct call *call, struct dossier *dossier, record_id id,
                                    instant at);
word evidence_word(const struct call *call, enum evidence_kind kind);
const struct fact_evidence *facts_find_evidence(const struct facts *facts, record_id id);
/* Objects on the person's behalf, unless an objection stands already; ends every consent for it. */
MUST_CHECK status call_add_objection(struct call *call, struct subject *subject,
                                     const struct plan_purpose *purpose);
MUST_CHECK status call_end_consents(struct call *call, struct subject *subject, word purpose);
/* The intake's only source, when the operation names none; INVALID when it has several. */
MUST_CHECK status call_source_of_intake(struct call *call, struct operation *op);

/* What no ground holds from its first instant on is not taken in (COB-30). */
MUST_CHECK status call_refuse_stillborn(struct call *call, struct subject *subject,
                                        const struct operation *op, const struct collected *result);
/* read.c: a purpose that only counts gives nobody's data out, not even to be used (COB-75). */
MUST_CHECK status call_refuse_counted(struct call *call, const struct facts *facts,
                                      const struct operation *op);
/* The reason of that; false: nothing of it is in the way of this operation under this plan. */
bool counted_reason(const struct plan *plan, const struct operation *op, struct arena *arena,
                    struct reason *reason);
/* derive.c: as call_decide(), and REFUSED when one of the items is. */
MUST_CHECK status call_decide_all(struct call *call, struct subject *subject,
                                  const struct operation *op, const struct decision **decision);
/* REFUSED by what a derived category may be made from. */
MUST_CHECK status call_refuse_making(struct call *call, const struct operation *op,
                                     plan_index category);

/* cookie.c: may this cookie be read for one of its purposes? */
MUST_CHECK status call_may_cookie(struct call *call, const struct view *view, plan_index cookie,
                                  bool *may);
/* What a cookie or a pixel tells is collected only while that one may be read, and only what it
 * `reads`. No name: nothing is asked. */
MUST_CHECK status call_check_cookie(struct call *call, struct subject *subject, str cookie,
                                    const struct operation *collect);
/* call->expire: the cookies of a purpose that may not be read any more. */
MUST_CHECK status call_expire(struct call *call, const struct facts *facts, word purpose);
/* browser.c: is this cookie for whoever comes, and by which unit is it chosen? */
bool browser_may_choose(const struct plan_cookie *cookie);
str browser_unit(const struct plan *plan, const struct plan_cookie *cookie, plan_index purpose);
/* A receipt whose time is over goes; one call of the sweep's. */
MUST_CHECK status call_browser_due(struct call *call, struct dossier *dossier);

/* live.c: is this intake one that captures live? */
bool call_is_live(const struct call *call, word intake);
/* REFUSED unless a recording runs for what comes through a live intake, and began before `at`. */
MUST_CHECK status call_check_live(struct call *call, const struct facts *facts,
                                  const struct operation *op, instant at);
/* Ends the recordings whose every purpose has been stopped, and takes away what they took. */
MUST_CHECK status call_end_recordings(struct call *call, struct subject *subject);
const struct fact_task *facts_find_task(const struct facts *facts, record_id id);
/* Would a message that waits be allowed now, whoever sends it? `op` is what was asked. */
MUST_CHECK status call_message_waits(struct call *call, const struct facts *facts,
                                     const struct fact_task *task, struct operation *op,
                                     struct decision *decision);
/* Drops the messages that wait and may no longer be sent, each with its entry. The caller stores;
 * call_store() does this by itself. */
MUST_CHECK status call_drop_messages(struct call *call, struct subject *subject, size_t *count);
/* Does one click on its link turn this message off? Not a service message. */
bool message_stoppable(const struct plan *plan, plan_index message);
/* Objects to a purpose; for marketing to all of it (NONE: all of that). The caller stores. */
MUST_CHECK status call_object(struct call *call, struct subject *subject, const struct plan *plan,
                              plan_index purpose);
/* As call_store(), and what ended by this change goes in the same operation. */
MUST_CHECK status call_store_and_purge(struct call *call, struct subject *subject,
                                       const struct permit *permit);
/* A new dossier known by a number of its own (may be empty), and the permit to store it. */
MUST_CHECK status call_create_numbered(struct call *call, enum dossier_kind kind, word name,
                                       str number, const char *action, struct dossier **dossier,
                                       const struct permit **permit);
/* The facts of a party; NULL when there is none, or it was lost. */
MUST_CHECK status call_party(struct call *call, dossier_id id, const struct facts **party);
/* Where a party lies: the word of its zone, 0 when not said. What it is called; which party it
 * works for (zero: for us). `party` may be NULL. */
word party_zone(const struct call *call, const struct facts *party);
dossier_id party_place(const struct call *call, const struct facts *party); /* zero: none named */
word party_name(const struct call *call, const struct facts *party);
dossier_id party_under(const struct call *call, const struct facts *party);

/* case.c: the case's scope into the operation; REFUSED for another party than the one that asks,
 * and when the case was decided with a no. Who decided it; zero when nobody has. */
MUST_CHECK status call_take_case(struct call *call, const struct facts *subject,
                                 struct operation *op);
MUST_CHECK status call_case_decider(struct call *call, dossier_id case_, dossier_id *decider);

/* breach.c: is it a breach? Its tag in the register of them, and when to look at it again. */
bool facts_are_breach(const struct call *call, const struct facts *facts);
void call_breach_index(const struct call *call, const struct facts *facts, blind *tag,
                       instant *next);
/* The clock of one that is due, and its end; one call of the sweep's. */
MUST_CHECK status call_breach_due(struct call *call, struct dossier *dossier);
/* desk.c: the indexes of a request; nothing for other cases. */
MUST_CHECK status call_request_index(struct call *call, const struct facts *facts,
                                     struct vault_index *index);
/* A case is due: alarms of a request whose dates have passed; one that was kept long enough
 * goes. */
MUST_CHECK status call_request_due(struct call *call, struct dossier *dossier);
/* An act under this case: under a request, nothing is done but what was granted there, and to
 * whoever asked; the request knows that it was done. Other cases and none: nothing is asked. The
 * act must follow in the same call. */
/* What an entry of an erasure says in words, each once (purge.c): "category:NAME",
 * "kept:CATEGORY:WHY", "epoch:N" of the keys that went, and "more" where there was no room for all.
 */
struct erasure_words {
    str at[64];
    size_t count, bytes;
    bool full;
};
MUST_CHECK status call_erasure_word(struct call *call, struct erasure_words *words,
                                    const char *what, str name, str why);
MUST_CHECK status call_erasure_epoch(struct call *call, struct erasure_words *words);
word call_category_of(const struct call *call, word field); /* 0: of none */
MUST_CHECK status call_request_act(struct call *call, dossier_id case_, enum right right,
                                   dossier_id subject);
bool call_is_request(const struct call *call, const struct facts *facts);
/* The requests of a person, open and closed, in id order. */
MUST_CHECK status call_requests_of(struct call *call, dossier_id subject, dossier_id **ids,
                                   size_t *count);
MUST_CHECK status call_requests_by(struct call *call, const struct facts *person, dossier_id **ids,
                                   size_t *count); /* the same, with their facts at hand */
/* desk_view.c: what the person asked for and what became of it, for their copy. */
struct json_out;
MUST_CHECK status call_put_requests(struct call *call, dossier_id subject, struct json_out *out);
/* The person goes as a whole: what was written in requests that are closed goes too; what proves
 * that they were answered stays. Of open ones it goes when they are closed. */
MUST_CHECK status call_requests_gone(struct call *call, const struct facts *person);
/* case.c: may the caller decide this right (RIGHT_ALL: none by name) in the case? REFUSED. */
MUST_CHECK status call_may_decide(struct call *call, const struct facts *facts, enum right right);
/* Opens and closes the alarms of a request, as its clock stands. */
MUST_CHECK status call_request_alarms(struct call *call, const struct facts *facts);

/* breach_tell.c: the tag of whom such a task waits for; and a task that is done. */
bool call_is_breach_task(const struct call *call, const struct fact_task *task);
void breach_task_tag(const struct call *call, dossier_id breach, blind *tag);
MUST_CHECK status call_breach_told(struct call *call, struct dossier *dossier,
                                   const struct permit *permit, const struct fact_task *task);

/* ---- disclosures (disclose.c) ---- */
struct given { /* a field of a matter: it names an item through its corrections */
    word field;
    dossier_id matter;
};
struct disclosure {
    record_id id;
    instant at;
    word purpose, recipient, controller, zone, basis;
    dossier_id party, case_;
    record_id reference, request;
    struct given *given;
    size_t count;
};
/* Records what `decision` allowed to be given. */
struct disclosed {
    record_id record, reference; /* the recipient's own name for the person; zero without a party */
};
MUST_CHECK status call_disclose(struct call *call, const struct facts *facts,
                                const struct operation *op, const struct decision *decision,
                                const struct permit *permit, struct disclosed *disclosed);
struct audit_ids {
    LIST(audit_id);
};
/* uses.c: the references of a person in the log: their own, and those of the dossiers that became
 * part of theirs. */
MUST_CHECK status call_handles(struct call *call, const struct facts *facts,
                               struct audit_ids *handles);
/* duty.c: notes of what was done, with what proves it, lie behind a dossier's other notes; they go
 * after three years, as no claim is older than that. */
/* consent.c: does the person hold a role of a child now? Then a guardian consents (article 8); what
 * she consented to before that was known counts no more. */
bool call_is_child(const struct call *call, const struct facts *facts);
MUST_CHECK status call_check_guardian(struct call *call, const struct facts *facts, str guardian);
MUST_CHECK status call_becomes_child(struct call *call, struct subject *subject, word role);
bool task_is_taken(const struct fact_task *task, instant now);
record_id note_done_id(record_id open);
record_id note_open_id(record_id done);
bool note_is_done(record_id id);
MUST_CHECK status call_forget_proofs(struct call *call, const struct permit *permit,
                                     dossier_id dossier);
/* task.c: an array of what was done for the person and proved, for their copy. */
MUST_CHECK status call_put_done(struct call *call, const struct permit *permit, dossier_id subject,
                                struct json_out *out);
/* Those after `after`, in the order of time, at most `limit`; `each` must keep nothing of them. The
 * permit is one of the person's dossier. */
MUST_CHECK status call_each_disclosure(struct call *call, const struct permit *permit,
                                       dossier_id subject, record_id after, size_t limit,
                                       status (*each)(void *self, struct call *call,
                                                      const struct disclosure *disclosure),
                                       void *self);
bool disclosure_gave(const struct disclosure *disclosure, const struct fact_item *item);
/* Is something that it gave still held? Else it has ended, whether or not its row is there. */
bool disclosure_counts(const struct disclosure *disclosure, const struct facts *facts);
/* Drops those that have ended. */
MUST_CHECK status call_end_disclosures(struct call *call, const struct facts *facts,
                                       const struct permit *permit);
struct json_out;
/* recipients.c: one party, what kind of recipient it is, where it lies, what makes that safe. */
MUST_CHECK status call_put_party(struct call *call, dossier_id id, word kind, struct json_out *out);
MUST_CHECK status call_put_disclosure(struct call *call, const struct disclosure *disclosure,
                                      struct json_out *out);

/* ---- onward duties (duty.c) ---- */
struct telling {
    const char *what; /* "erasure", "rectification", "restriction", "withdrawal", "objection" */
    const record_id *items; /* about these items, */
    size_t item_count;
    const word *fields; /* and items of these fields; neither: about all */
    size_t field_count;
    const word *purposes; /* only what was given for one of these; none: for whatever */
    size_t purpose_count;
    dossier_id party; /* only this one; zero: each */
    bool gone;        /* nothing takes the place of what is put right */
};
/* A duty for each party that holds what this is about, which is still among the facts: tell before
 * it goes. A disclosure is told of once in a call. call->told names the parties. */
MUST_CHECK status call_tell(struct call *call, const struct facts *facts,
                            const struct permit *permit, const struct telling *telling);
/* The same for every consent that this operation ended and every objection that it made. */
MUST_CHECK status call_tell_stopped(struct call *call, const struct dossier *dossier,
                                    const struct permit *permit);
bool telling_is_about(const struct telling *telling, const struct fact_item *item);
/* errand.c: values that stay in the firm's own system. Is this field one of those? */
bool call_is_external(const struct call *call, word field);
/* INVALID where a reference comes for what is kept here, or a value for what is not. */
MUST_CHECK status call_check_reference(struct call *call, word field, str reference, bool is,
                                       const char *where);
/* What becomes of such items here is to be done there: an errand for each. call_tell() asks. */
MUST_CHECK status call_errands(struct call *call, const struct facts *facts,
                               const struct permit *permit, const struct telling *telling);
bool call_knows_errand(const struct call *call, const struct fact_task *task);
MUST_CHECK status call_errand_done(struct call *call, const struct task_done *request,
                                   struct dossier *dossier);
/* It is late, or a restore brought it back: told of again. One call of the sweep's. */
MUST_CHECK status call_errand_due(struct call *call, struct dossier *dossier);
/* When the next task of an errand is late; NEVER, and for whatever else. */
instant errand_next(const struct facts *facts, instant now);
/* Phase two: the dossier of phase one, or as it is now when something changed in between; NOT_FOUND
 * when it was erased. */
MUST_CHECK status call_again(struct call *call, struct dossier **dossier);
/* What a decision was about, item by item, without the values. */
MUST_CHECK status call_describe(struct call *call, const struct facts *facts,
                                const struct decision *decision, struct read_result *result);
/* Phase two of a read or share: opens the parts that were allowed. */
MUST_CHECK status call_open_parts(struct call *call, struct dossier *dossier,
                                  const struct permit_wait *wait, const struct decision *decision,
                                  struct read_result *result);

/* Opens a task of the dossier; the caller stores. What it needs in words stands in `details` (JSON,
 * may be empty), a sealed record that goes with it. task->id and ->since are set. */
MUST_CHECK status call_task_add(struct call *call, struct dossier *dossier,
                                const struct permit *permit, struct fact_task *task, str details);
/* It is open no more, also on a copy that a restore brings back. The caller stores. */
MUST_CHECK status call_task_end(struct call *call, struct dossier *dossier, record_id task);

/* Checks that `at` is not later than now and gives the instant to record (0: now). */
MUST_CHECK status call_instant(struct call *call, const char *where, instant at, instant *when);
/* A date ("2027-06-30": 00:00 local of that day) or an RFC 3339 instant. */
MUST_CHECK status call_until(struct call *call, str text, instant *until);

/* Roles: adds one when it is not live already. */
MUST_CHECK status facts_add_role(struct call *call, struct facts *facts, word role,
                                 dossier_id matter, instant since);
MUST_CHECK status facts_add_event(struct call *call, struct facts *facts, word event,
                                  dossier_id matter, instant at);
struct fact_item *facts_find_item(const struct facts *facts, record_id id);

/* When the sweeper must look again: now when something may go, else when something changes. */
instant call_next(struct call *call, const struct subject *subject);
/* What may be destroyed of what is gone: a version that was applied less than 72 hours ago makes
 * unreadable and destroys nothing yet (design 11). */
struct going {
    bool *items; /* by settled item */
    size_t count;
    bool whole;
    instant look_again; /* for what is spared; NEVER */
};
MUST_CHECK status call_going(struct call *call, const struct subject *subject, struct going *going);
/* Erases what `settled` says is gone; the whole dossier when nothing is left. Used by sweeps, and
 * by use cases after which something ended at once. Counts what went. */
MUST_CHECK status call_purge(struct call *call, struct subject *subject,
                             const struct permit **permit, uint64_t *items, bool *whole);
/* Logs and drops these items; `permit` then permits the storing. The caller stores. */
MUST_CHECK status call_erase_items(struct call *call, struct dossier *dossier, const record_id *ids,
                                   size_t count, const struct permit **permit);
/* Logs and erases the whole dossier; nothing is left to store. */
MUST_CHECK status call_erase_whole(struct call *call, struct dossier *dossier);

#endif
