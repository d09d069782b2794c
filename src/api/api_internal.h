/* api_internal: what the files of the api share. */
#ifndef VERN_API_INTERNAL_H
#define VERN_API_INTERNAL_H
#include "api.h"
#include "bind.h"
#include "forms.h"
#include "limits.h"
#include "oplog.h"
#include "password.h"
#include "session.h"

struct ask;

/* ---- routes ---- */

enum {
    ROUTE_PLAIN = 1 << 0,      /* opens nothing and changes nothing: no call, answered at once */
    ROUTE_PUBLIC = 1 << 1,     /* PLAIN, and no token is needed */
    ROUTE_IDEMPOTENT = 1 << 2, /* a write that takes an Idempotency-Key */
    ROUTE_AFTER = 1 << 3,      /* runs between two turns */
    ROUTE_STREAM = 1 << 4,     /* the body is NDJSON, taken line by line */
    ROUTE_LARGE = 1 << 5,      /* bodies up to LARGE_BODY_BYTES */
    ROUTE_DAYS = 1 << 6,       /* ?days= */
    ROUTE_PAGE = 1 << 7,       /* ?limit= and ?cursor= */
    ROUTE_TEXT = 1 << 8,       /* the reply is no JSON */
    ROUTE_REFERENCE = 1 << 9,  /* the reply holds the person's reference */
    ROUTE_RECEIPT = 1 << 10,   /* an erasure: its receipt is made anew when it is repeated */
    ROUTE_OPEN = 1 << 11,      /* below /r/:register/: no token, see public.c; GET shows what is the
                                  same for everyone, POST is a call, answered on a tick; ?lang= */
    ROUTE_LINK = 1 << 12,      /* what '*' takes is a stop link */
    ROUTE_BYTES = 1 << 13,     /* with STREAM: the body is a file and no NDJSON */
    ROUTE_BANNER = 1 << 14,    /* of ROUTE_OPEN: scripts of the sites in `origins` may ask */
    ROUTE_SHOW = 1 << 15,      /* ?show= and ?kind=, words of a closed list */
    ROUTE_PAPER = 1 << 16,     /* of ROUTE_OPEN: a paper; ?controller=, ?version= and ?format= */
    ROUTE_RECORD = 1 << 17,    /* a paper of the register; ?lang=, ?controller= and ?format= */
    ROUTE_ME = 1 << 18,        /* for the person who is signed in, about themselves: no token */
    ROUTE_SESSION = 1 << 19,   /* for whoever is signed in: no token */
    ROUTE_FRESH = 1 << 20,     /* of a session: a sign-in of the last minutes (session.h) */
    ROUTE_CALL = 1 << 21,      /* of ROUTE_OPEN: GET is a call, too */
    ROUTE_BACK = 1 << 22,      /* what a provider of OpenID Connect adds to our address */
    ROUTE_FIRST = 1 << 23,     /* also of a session that waits for a password of one's own */
    ROUTE_SCRIPT = 1 << 24,    /* of ROUTE_BANNER: may be kept for ten minutes; ?controller= */
    ROUTE_LOOKS = 1 << 25,     /* a POST that changes nothing: also for who audits */
    ROUTE_USE = 1 << 26, /* changes nothing but the log: servers of one register do it together */
    ROUTE_SIGNED_IN = ROUTE_ME | ROUTE_SESSION
};
enum {
    LARGE_BODY_BYTES = 4 << 20,
    OPEN_BODY_BYTES = 16 << 10,
    LATE_MOST = 2048, /* public answers that wait for their tick */
    FORECAST_DAYS = 90,
    FORECAST_DAYS_MOST = 3660
};

struct route {
    const char *method, *path; /* segments that begin with ':' are ids; '*' takes the rest */
    status (*handler)(struct ask *ask);
    uint32_t scope;                          /* every bit is needed; 0: any token */
    const struct bind_form *request, *reply; /* NULL: none */
    uint32_t flags;
    const char *what;
};
size_t route_count(void);
const struct route *route_at(size_t index);

struct path_match {
    const struct route *route; /* NULL: no path like this, or none with this method */
    bool path_known;           /* then `allowed` lists the methods */
    char allowed[64];
    bool ids_valid;
    dossier_id id;    /* of :id or :dossier */
    record_id record; /* of :record */
    str rest;         /* of '*' */
};
void route_match(str method, str path, struct path_match *match);
unsigned route_class(const struct route *route); /* of api_class_name(); `route` may be NULL */

/* ---- one request ---- */

struct ask {
    struct api *api;
    const struct route *route;
    const struct http_request *request;
    struct http_reply *reply;
    struct arena *arena;
    struct report report;
    struct reg *reg;
    const struct caller *caller;
    str company; /* that the request says it acts for; empty: not said */
    str lacking; /* a scope that the token does not hold; the call then only logs that */
    struct call call;
    dossier_id id;
    record_id record;
    str rest;
    uint32_t days, limit;
    str show, kind, of; /* of ROUTE_SHOW; of: ?controller= */
    dossier_id after; /* of the cursor; zero: from the start */
    void *body;       /* what route->request describes */
    /* After the flush `fill` makes the answer; NULL: the answer is that of a write. */
    status (*fill)(struct ask *ask);
    void *result;             /* from phase one, for fill */
    const struct collect *collect; /* the answer says why each of its fields is needed */
    const void *answer;       /* what route->reply describes */
    uint64_t tick;            /* of ROUTE_OPEN: when it came */
    status ended;             /* and how its call ended */
    int language;             /* of its pages (pages.h) */
    str origin;               /* of ROUTE_BANNER: the site that asks, when it is one of ours */
    str cookies[2];           /* Set-Cookie, of a sign-in or sign-out */
    size_t cookie_count;
    str document;             /* instead: a document as it stands */
    const char *media;        /* of the document; NULL: JSON */
    str policy;               /* of its content, where it is not that of public pages */
    void (*send)(struct ask *ask); /* instead: an answer that comes piece by piece, of these: */
    struct download *download; /* a file, part by part */
    struct batching *batching; /* a line for each of many people (batch.c) */
    void (*drop)(struct ask *ask); /* what it holds, when it is answered by a problem */
    const char *coding;       /* of the document; NULL: as it is */
    bool cacheable;           /* may be kept: it never changes */
    bool again;               /* answered from what the first one did */
    void *steps;              /* what a handler goes on from in its next step */
    struct progress progress; /* of such a handler; `done` when it has come to its end */
    bool unfinished;          /* set by a handler that wants another step before its answer */
    bool working;             /* and that step comes when what it waits for is done (work.c) */
    void (*start)(struct ask *ask); /* begins that, once its first call has ended */
    str location;             /* where the browser goes from here (303) */
    struct problems problems; /* of a policy */
    struct ask *next;         /* in one of the lists of those that wait within a turn */
};

#define ROUTE(method, path, handler, scope, request, reply, flags, what)                           \
    status handler(struct ask *ask);
#include "routes.def"
#undef ROUTE

/* ---- the parts of the dispatcher ---- */

struct limiter_slot {
    uint64_t peer; /* hash */
    int64_t minute;
    uint32_t count;
};
struct public_count {
    int64_t minute;
    uint32_t count;
};
enum {
    LIMITER_SLOTS = 4096,
    LONGS_MOST = 16,
    LONGS_MS = 2, /* after which a turn makes no further step of theirs */
    TRIES_MOST = 3, /* of a request whose turn met another's transaction, after the first */
    WORKS_AT_ONCE = 2,
    WORKS_MOST = 16,
    WAITS_MOST = 32 /* that wait for a thread or for a provider */
};
/* A script of the banner, and what went out instead (consent_script.c). */
struct packed_script {
    struct arena *arena; /* of both; NULL: the place is free */
    str script, packed;
};
enum { SCRIPTS_KEPT = 32 };

/* In their order. */
struct asks {
    struct ask *first, **end;
};

/* A piece of what the logs do when nobody waits. */
struct tending {
    struct http_work work;
    struct audit_chore *chore; /* a thread has it, or NULL */
    bool failed;               /* the last; the next comes after a tick */
};

struct api {
    struct api_config config;
    struct api_provider providers[SIDES]; /* one whose oidc is NULL: none */
    bool turn_open, failed;
    bool minds_moves; /* a second has gone: does another process want to move a register? */
    LIST(struct ask *) after; /* ROUTE_AFTER requests of this turn */
    struct asks anew;     /* whose turn met another's transaction */
    struct asks together; /* whose rows are asked for together, at the turn's end */
    struct asks changes;  /* beside other servers: that come when the uses are answered */
    bool changing;        /* these have their turn, */
    bool uses, shared;    /* or what is handled now is a use; the open turn is one of uses */
    unsigned tries;                /* how often these were asked anew already */
    struct ask *longs[LONGS_MOST]; /* whose work goes on, a step each in a turn that is short */
    size_t long_count;
    struct ask *worked[WAITS_MOST];    /* that need wait no more */
    struct hashing *works[WORKS_MOST]; /* that wait for a thread */
    size_t worked_count, work_count, works_running, waiting_count;
    struct ask *backups[WAITS_MOST]; /* that are asked for, the first one under way */
    size_t backup_count;
    bool backup_works; /* a thread has it */
    struct tending tending;
    struct batching *batches[LIMIT_BATCHES]; /* that make a piece each in a turn, if it is short */
    size_t batch_turn;
    struct arena *after_arena;
    uint64_t limiter_salt;
    struct limiter_slot limiter[LIMITER_SLOTS];
    uint64_t ticks;
    struct ask *late[LATE_MOST]; /* public answers that wait for their tick */
    size_t late_count, late_owed; /* owed: with those whose call runs */
    struct public_count *public_registers; /* public writes by register */
    size_t public_register_count;
    uint64_t unauthenticated; /* since the last line of the log about it */
    int64_t told_minute, beat_hour;
    instant served; /* when the last call began */
    size_t sweep_left;      /* registers that the sweep has not been to since it was asked for */
    bool sweep_again;       /* one that it has been to has more */
    size_t log_checks_left; /* logs that have not been verified since that was asked for */
    size_t aside_next;      /* row of asides[] whose turn it is */
    instant aside_ended;    /* the last step of any of them, and how long that was */
    int64_t aside_took_ms;
    str openapi; /* printed once */
    struct packed_script scripts[SCRIPTS_KEPT];
    size_t scripts_packed; /* since the start */
    struct arena *arena;
    struct arena *parts;     /* of the part of a download that is going out */
    struct arena *brief;     /* of the read that is being answered */
    struct arena *lines[64]; /* spare arenas of import lines */
    size_t line_count;
};

/* aside.c: one step of what is done beside answering, if any is asked for and its time has come;
 * and how much that may take up, which is little while others are served. */
void api_aside(struct api *api);
struct step_room api_aside_room(const struct api *api);
/* Of each such thing: asks for it, is it asked for, one step. sweep.c: what has ended; aside.c: the
 * logs, to be verified; backup.c: copies of the data. */
void sweep_ask(struct api *api);
bool sweep_is_asked(const struct api *api);
void sweep_step(struct api *api, const struct step_room *room);
void log_check_ask(struct api *api);
bool log_check_is_asked(const struct api *api);
void log_check_step(struct api *api, const struct step_room *room);
bool backup_is_asked(const struct api *api);
void backup_step(struct api *api, const struct step_room *room);
void backups_drop(struct api *api);
/* Nothing more is answered. */
void api_fatal(struct api *api, const struct report *report);

/* Opens the engine's turn unless it is open. */
void api_turn(struct api *api);
/* UNAUTHENTICATED, or RATE past the limit of the address. Fills reg and caller. */
MUST_CHECK status api_authenticate(struct api *api, const struct http_request *request,
                                   struct report *report, struct reg **reg,
                                   const struct caller **caller);
/* The same by the cookie of a session alone: of a person or, unless `person`, of a member of the
 * staff. FORBIDDEN without its CSRF value on what is no GET. api_authenticate() takes that of a
 * member as well as a token. */
MUST_CHECK status session_authenticate(struct api *api, const struct http_request *request,
                                       uint32_t route_flags, struct report *report,
                                       struct reg **reg, const struct caller **caller);
/* session.c: what the browser sent under this name; ptr NULL when it sent none or several. */
str cookie_of(const struct http_request *request, const char *name);
#define SESSION_COOKIE "__Host-vern-session"
/* The answer gives the browser this session's cookie; takes it away. */
MUST_CHECK status ask_set_session(struct ask *ask, str cookie);
MUST_CHECK status ask_drop_session(struct ask *ask);
/* Any cookie of ours, for so long. */
MUST_CHECK status ask_set_cookie(struct ask *ask, const char *name, str value, uint32_t seconds);
/* FORBIDDEN where the route asks for a sign-in that is newer than the session's. */
MUST_CHECK status session_fresh(const struct ask *ask, struct report *report);
/* FORBIDDEN for a session that waits for a password of one's own, but where the route is for it. */
MUST_CHECK status session_first(const struct ask *ask, struct report *report);
/* The name of a scope that the caller does not hold; empty: it holds every bit. */
str scope_lacking(const struct caller *caller, uint32_t scope);
/* A header of ours, which may stand once and then says something; empty: it is absent. */
MUST_CHECK status api_header(const struct http_request *request, const char *header,
                             struct report *report, str *value);
/* "application/json", "application/x-ndjson": exact, with charset=utf-8 at most. */
bool media_is(str content_type, str wanted);

/* The address that asks: of the other end, or what a proxy of ours says. */
const char *api_peer(struct api *api, const struct http_request *request);
/* Counts one of this kind from this address in this minute; false past `most`. */
bool limiter_take(struct api *api, char kind, const char *peer, uint32_t most);

/* openid.c: signing in by a provider. Two handlers, each of which runs twice: the first time
 * ask->steps is NULL. */
bool openid_is_on(const struct ask *ask, enum api_side side);
/* Sends the browser to the provider. */
MUST_CHECK status openid_begin(struct ask *ask, enum api_side side);
/* The first time; unless it waits, this is no answer to what this browser began here. */
MUST_CHECK status openid_read_back(struct ask *ask, enum api_side side, bool *waits);
/* The second time; false where the provider says no or is not believed. */
bool openid_vouched(const struct ask *ask, str *name);

/* ---- public pages (public.c) ---- */

void consent_scripts_drop(struct api *api);

/* Papers of one person (people.c): the form by its name, and the paper in it as the answer. */
enum person_form { PERSON_HTML, PERSON_JSON, PERSON_TEXT };
struct paper;
/* What a handler keeps for person_paper_fill(). */
struct person_papering {
    str document, data;
    struct paper *paper;
    enum person_form form;
};
MUST_CHECK status person_paper_fill(struct ask *ask);
MUST_CHECK status person_form_of(struct ask *ask, str name, enum person_form *form);
MUST_CHECK status person_paper_give(struct ask *ask, const struct paper *paper,
                                    enum person_form form);
str paper_content_policy(void); /* of papers: their one style sheet, nothing else (paper.c) */
/* Is it sent by a page of ours, as far as the browser says? (Sec-Fetch-Site, Origin.) */
bool public_from_here(const struct ask *ask);
/* Register, caller, limits and language of a ROUTE_OPEN. */
MUST_CHECK status public_check(struct ask *ask);
/* Strict headers, at most 7. */
size_t public_fields(const struct ask *ask, struct http_field *fields, size_t count);
struct page;
struct buf;
/* A page in the language that is asked for; who sends it and, of one that is asked for again by
 * GET, the other languages; its end. */
struct page public_page(struct ask *ask, struct buf *buf);
void public_page_foot(struct ask *ask, struct page *page, bool languages);
MUST_CHECK status public_page_give(struct ask *ask, struct page *page);
void public_later(struct ask *ask, status result);             /* the answer waits */
void public_release(struct api *api);                          /* those whose tick has come */

/* ---- answers ---- */

void run_call(struct ask *ask); /* its handler, within the turn */
void answer_plain(struct ask *ask); /* its handler, outside of any */
void ask_answer(struct ask *ask, status result); /* fills and sends, or sends the fault */
status
collect_again(struct ask *ask); /* people.c: what was collected has ids that outlive its answer */
status erase_again(struct ask *ask);     /* rights.c: for ROUTE_RECEIPT */
status consent_receipt(struct ask *ask); /* rights.c: the same for consents */
status requests_fill(struct ask *ask);   /* desk.c: a list of requests, whoever asked for it */
/* people.c: an answer that the engine writes as one document. */
status ask_new_document(struct ask *ask, str **document);
status request_again(struct ask *ask);   /* desk.c: a request's number outlives its answer */
void answer_ok(struct ask *ask);
void answer_fault(struct ask *ask, status result);
/* Without an ask: what is refused before there is one. */
void answer_report(struct http_reply *reply, struct arena *arena, const struct report *report,
                   status result);
const struct problem_reply *problems_reply_of(struct ask *ask); /* NULL at the budget */
struct written written_of(struct ask *ask);
/* "a,b,c" */
MUST_CHECK status join_texts(struct ask *ask, const str *texts, size_t count, str *list);
/* people.c: the reply of a read or a share */
MUST_CHECK status read_reply_of(struct ask *ask, const struct read_result *result,
                                struct read_reply *reply);
const struct reason_reply *reason_reply_of(struct ask *ask, const struct reason *reason);
MUST_CHECK status words_to_texts(struct ask *ask, const word *words, size_t count,
                                 const str **texts);

/* ---- streamed bodies ---- */

/* Arenas of calls that last until their turn's flush. */
struct arena *api_take_arena(struct api *api);
void api_give_arena(struct api *api, struct arena *arena);
/* file.c; NOT_FOUND unless this caller opened that upload. */
MUST_CHECK status file_admit(struct api *api, const struct path_match *match,
                             struct http_reply *reply, struct reg *reg, const struct caller *caller,
                             struct report *report, struct http_admission *admission);
/* What is saved and never shown: the file's name in it. */
str disposition_of(struct ask *ask, str name);

/* work.c: what a request waits for. The first call of its handler says what (ask_wait) and returns
 * OK; once that is done the handler is called again and finds it in ask->steps. RATE where too many
 * wait. */
MUST_CHECK status ask_wait(struct ask *ask, void *steps, void (*start)(struct ask *ask));
void ask_go_on(struct ask *ask); /* by whoever start() began; also within it */
void works_park(struct ask *ask); /* after its first call ended */
void works_step(struct api *api); /* goes on with those that need wait no more */
/* Hashes a password in another thread, at most two at a time. */
struct hashing {
    struct http_work work;
    struct ask *ask;
    struct password given, chosen;
    char hash[PASSWORD_TEXT];          /* checks: what is given is held against it */
    char made[PASSWORD_TEXT];          /* makes: of what is chosen, if what is given fits */
    unsigned char salt[PASSWORD_SALT]; /* of the one that is made */
    bool checks, makes, fits, failed;
};
MUST_CHECK status hashing_begin(struct ask *ask, struct hashing *hashing);
/* account.c: a password of the caller's own, in two steps. INVALID, at /new, for one that is none,
 * too short or tried among the first; then as engine_account_change(). */
struct changing {
    struct hashing hashing; /* the first member */
    struct account_try tried;
};
MUST_CHECK status changing_begin(struct ask *ask, const struct caller *caller, str given,
                                 str chosen);
MUST_CHECK status changing_end(struct ask *ask, str code);

/* batch.c: a piece of one of those whose client wants more; all of them go with the api. */
void batches_step(struct api *api);
void batches_drop(struct api *api);

struct import_of {
    str company; /* that the request says it acts for; empty: not said */
    const struct http_request *request;
    struct reg *reg;
    const struct caller *token, *caller;
};
/* Faults: what is wrong with the headers of ours, or with the mapping in one. */
MUST_CHECK status import_admit(struct api *api, const struct import_of *of,
                               struct http_reply *reply, struct report *report,
                               struct http_admission *admission);

/* ---- cursors: an id and a MAC over it, the token and the route ---- */

enum { CURSOR_BYTES = 32 };
MUST_CHECK status cursor_read(struct ask *ask, str text, dossier_id *after);
MUST_CHECK status cursor_write(struct ask *ask, dossier_id last, str *text);

#define NOT_FOUND_FIXED(report) fail((report), FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND))

#endif
