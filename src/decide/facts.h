/* facts: what a dossier knows at present; what settle and decide read.
 *
 *   sealed row --open--> bytes --facts_read--> struct facts --facts_write--> bytes --seal--> row
 *
 * Current state only. Values of items are not here (they are sealed one by one); what is here about
 * an item is its header: field, times, told purposes. Names are words of the register, so facts of
 * an old policy version compare with the present one.
 * Holds: facts_write then facts_read gives equal facts; unknown formats are refused, never guessed.
 * Memory: facts live in the arena they were read into. Threads: one owner.
 */
#ifndef VERN_FACTS_H
#define VERN_FACTS_H
#include "plan.h"

enum dossier_kind {
    DOSSIER_NONE,
    DOSSIER_SUBJECT,
    DOSSIER_MATTER,
    DOSSIER_CASE,
    DOSSIER_TOKEN,
    DOSSIER_STAFF,
    DOSSIER_PARTY,
    DOSSIER_PLACE,
    DOSSIER_VERSION,
    DOSSIER_REGISTER,
    DOSSIER_ALARM,
    DOSSIER_SUPPRESSION, /* what its hashes lead to may not serve the purposes objected to */
    DOSSIER_QUARANTINE,  /* content that may not be had: its category is the name */
    DOSSIER_ACT,
    DOSSIER_BROWSER, /* what a browser chose, while it is nobody's */
    DOSSIER_WEBHOOK, /* where the firm's own systems are told of events */
    DOSSIER_ACCOUNT, /* by which a member of the staff signs in */
    DOSSIER_ERRAND,  /* what the firm's own system must do with values that it keeps */
    DOSSIER_KIND_COUNT
};

/* One bound slot of a piece of evidence: `name` for what the policy names, `id` for what it does
 * not (subject, party, matter, case, actor, place). Exactly one of the two is set. */
struct binding {
    enum slot slot;
    word name;
    dossier_id id;
};

struct fact_role {
    record_id id;
    word role;
    dossier_id matter; /* zero when the role is not tied to one */
    instant since, until;
    bool opened; /* came with a collection, nobody recorded it: it does not keep the dossier */
};

struct fact_evidence {
    record_id id;
    word type;
    struct binding *bound;
    uint16_t bound_count;
    instant since;
    instant until;     /* NEVER while it is open; the span `valid` is applied by the reader */
    bool until_counts; /* the end was agreed on beforehand (a date), not an act */
    record_id details; /* the record item with its particulars; zero when there are none */
};

struct fact_event {
    word event;
    dossier_id matter; /* zero when of the subject alone */
    instant first, last;
};

struct fact_item {
    record_id id;
    word field; /* of "category.field"; 0 for a record of evidence */
    word source, intake, channel, controller, version;
    dossier_id matter;
    instant collected;
    word *told;
    uint16_t told_count;
    uint32_t key;         /* number of the key in the ring that seals it */
    uint32_t size;        /* bytes of the value */
    uint16_t chunks;      /* 0: in one piece */
    record_id *made_from; /* items that a derived one was made from; none for what was collected */
    uint16_t made_from_count;
    bool external; /* the value is the firm's own reference: what it names lies in their system */
    bool failing;  /* an address: what went there came back for good */
};

enum objection_state { OBJECTION_OPEN, OBJECTION_UPHELD, OBJECTION_DISMISSED };
struct fact_objection {
    record_id id;
    word purpose;
    instant since;
    enum objection_state state;
};

struct fact_switch {
    record_id id;
    word stop; /* the switch */
    word channel;
    dossier_id recipient;
    instant since;
};

struct fact_restriction {
    record_id id;
    word *fields; /* none = every item */
    uint16_t field_count;
    instant since;
    bool told; /* notice before lifting has been given */
};

/* What a merge or a split of dossiers found: these items may serve these purposes no longer than
 * they could where they were, so that putting people together opens nothing and keeps nothing. */
struct fact_limit {
    record_id id;
    record_id *items; /* none: what has no item, as a message or a cookie */
    uint16_t item_count;
    word *purposes; /* none: every one */
    uint16_t purpose_count;
    instant until;
    bool use_only; /* the purpose may not use it, and goes on keeping it */
};

/* An item has one subject, whose keys seal it. Where it is about somebody else besides, a line of
 * the same id stands in both dossiers; it goes when either goes. */
enum concern_kind {
    CONCERN_QUARANTINE, /* content of the person that was put away in a dossier of its own */
    CONCERN_HERE,       /* an item here is also about the other */
    CONCERN_THERE,      /* an item of the other's is also about the person here */
    CONCERN_KIND_COUNT
};
/* Does the copy of the person here hold the value? While nobody has decided: of an item here it
 * does, of one there it does not. */
enum concern_state { CONCERN_UNDECIDED, CONCERN_RELEASED, CONCERN_WITHHELD };
struct fact_concern {
    record_id id;
    enum concern_kind kind;
    enum concern_state state;
    dossier_id other;
    record_id item;
    word field, source; /* of the item; 0 in a quarantine */
    instant since;
    instant restricted; /* HERE: the other restricts it since then; NEVER: she does not */
};

/* Work that the firm's own systems must do and prove, as sending a message that waits in the queue.
 * Those about a person are facts of the person, so that they go with her. */
enum task_kind {
    TASK_NONE,
    TASK_SEND,
    TASK_TELL,
    TASK_REVIEW,
    TASK_ERRAND,
    TASK_LETTER, /* mail of Vern's own, sent by itself: to `item`, or as its particulars say */
    TASK_KIND_COUNT
};
struct fact_task {
    record_id id;
    enum task_kind kind;
    word name;        /* the message; of TELL: what happened ("erasure", "withdrawal") */
    word channel;     /* 0: none; of ERRAND: the field */
    word controller;  /* who sends, or whose system it is; 0: not said */
    record_id item;   /* of SEND: the item that it goes to or tells of; zero: none */
    dossier_id other; /* of whom it speaks, or to whom it goes; zero: nobody else. Of ERRAND: the
                       * person's handle in the log */
    instant since;
    instant due;       /* late from then on; NEVER */
    record_id details; /* the record item with its particulars; zero when there are none */
    str reference;     /* of ERRAND: what the firm's own system calls the value */
};

/* This dossier's own entries in the blind index, so that erasure needs no scan. */
struct fact_hash {
    word kind;
    unsigned char bytes[32];
};

struct facts {
    enum dossier_kind kind;
    dossier_id id;
    uint64_t version;
    word name; /* matter, alarm, act: kind; party: its kind; staff: role; place: zone; else 0 */
    instant created;
    instant
        erase_asked; /* NEVER, or when the person asked to be erased (grounds other than law end) */
    bool had_items;
    LIST(struct fact_role) roles;
    LIST(struct fact_evidence) evidence;
    LIST(struct fact_event) events;
    LIST(struct fact_item) items;
    LIST(struct fact_objection) objections;
    LIST(struct fact_switch) switches;
    LIST(struct fact_restriction) restrictions;
    LIST(struct fact_limit) limits;
    LIST(struct fact_concern) concerns;
    LIST(struct fact_hash) hashes;
    LIST(struct fact_task) tasks; /* open ones */
};

/* Does the limit have the item (NULL: has none) and name the purpose? */
bool limit_has(const struct fact_limit *limit, const struct fact_item *item, word purpose);
/* Another item takes the place of this one: its limits are those of the other. */
void facts_limits_follow(struct facts *facts, record_id from, record_id to);

/* Writes at most LIMIT_FACTS_BYTES; past that the fault is LIMIT. Names are written as text, so the
 * bytes outlive the word table. */
MUST_CHECK status facts_write(const struct facts *facts, const struct words *words, struct buf *out,
                              struct report *report);
/* Faults: CORRUPT for odd bytes or an unknown format; LIMIT. Interns names that no plan knows. */
MUST_CHECK status facts_read(str bytes, struct words *words, struct arena *arena,
                             struct report *report, struct facts **facts);

/* ---- edits: the only way in which facts lose something ----
 *
 * Each taking-away is an edit. The same edit is applied when it happens and, from the fence that
 * carries it, again when an older copy of the dossier comes back from a backup. Applying an edit
 * twice, or to facts that never had the thing, changes nothing. */
enum { LIMIT_REFERENCE_BYTES = 128 };
enum edit_kind {
    EDIT_END_EVIDENCE = 1, /* id: ends at `at` */
    EDIT_END_ROLE,         /* id: ends at `at` */
    EDIT_DROP_ITEM,        /* id: the item is gone */
    EDIT_OBJECT,           /* objection added: purpose `name`, since `at`, state */
    EDIT_SWITCH,           /* switch set: `name`, channel, recipient, since `at` */
    EDIT_RESTRICT,         /* restriction added: fields */
    EDIT_CUT_TOLD,         /* id: told purposes reduced to `names` */
    EDIT_ERASE_ASKED,      /* erase_asked = at */
    EDIT_DROP_HASH,        /* hash leaves the index; all zero: those of kind `name` */
    EDIT_END_TASK,         /* id: done or dropped, and open no more */
    EDIT_SUPPRESS,         /* the dossier is a suppression since `at`, and `hash` of kind `name`
                              leads to it: it takes away by being there */
    EDIT_END_CONCERN,      /* id: the line is gone */
    EDIT_WITHHOLD_CONCERN, /* id: not, or no longer, released */
    EDIT_RESTRICT_CONCERN, /* id: the other restricts the item since `at` */
    EDIT_ERRAND,           /* the dossier is an errand, and the task is open: by being there it sees
                              to it that what was taken away here goes elsewhere, too */
    EDIT_LEADS_HERE,       /* the hash of kind `name` leads to the dossier, too */
    EDIT_MOVE_CONCERN,     /* id: the line leads to `other`, who its person became */
    EDIT_KIND_END
};
struct edit {
    enum edit_kind kind;
    record_id id;
    word name, channel;
    dossier_id other;
    instant at;
    enum objection_state state;
    word *names;
    uint16_t name_count;
    unsigned char hash[32];
    struct fact_task task; /* of EDIT_ERRAND */
};
/* Returns LIMIT at the arena's budget only. */
MUST_CHECK status facts_edit(struct facts *facts, const struct edit *edit, struct arena *arena,
                             struct report *report);
MUST_CHECK status edits_write(const struct edit *edits, size_t count, const struct words *words,
                              struct buf *out, struct report *report);
MUST_CHECK status edits_read(str bytes, struct words *words, struct arena *arena,
                             struct report *report, struct edit **edits, size_t *count);

#endif
