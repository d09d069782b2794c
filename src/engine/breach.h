/* breach: what the files about breaches share.
 *
 *   case dossier "breach":  aware | known, known, ... | none, risk, high, ... | phase ... | closed
 *                           each a piece of evidence, its words in a sealed record; none is ended
 *
 * The last piece of a kind counts. What is decided by the hour (since when it is known, how it was
 * last assessed, when the authority was told) stands in the facts, so that the clock runs without
 * opening anything.
 */
#ifndef VERN_BREACH_H
#define VERN_BREACH_H
#include "engine_internal.h"

enum breach_part {
    BREACH_AWARE,  /* since: when the firm became aware */
    BREACH_KNOWN,  /* since, until: when it happened; bound: where */
    BREACH_ACTORS, /* bound: handles in the log, of whose access was misused, and of
                      recipients and matters; goes with KNOWN */
    BREACH_NONE,   /* assessments */
    BREACH_RISK,
    BREACH_HIGH,
    BREACH_PHASE,   /* since: when the authority was told */
    BREACH_SCOPE,   /* since: until when the log is read; without words: not computed yet */
    BREACH_ACCOUNT, /* words for papers, in one language */
    BREACH_EXEMPT,  /* why people are not told */
    BREACH_TELLING, /* tasks were made for them */
    BREACH_CONTROLLER, /* since: when the firm, a processor, told the controller */
    BREACH_CLOSED,
    BREACH_PART_COUNT
};
bool breach_is(const struct call *call, const struct fact_evidence *evidence,
               enum breach_part part);
/* The last of its kind; NULL: there is none. */
const struct fact_evidence *breach_last(const struct call *call, const struct facts *facts,
                                        enum breach_part part);
/* The last assessment; NULL: there is none. */
const struct fact_evidence *breach_risk(const struct call *call, const struct facts *facts);

/* Seventy-two hours from when the firm became aware, as elapsed hours. */
struct breach_clock {
    instant aware, near, deadline;
    instant told;      /* the authority, first; NEVER */
    const char *state; /* "running", "near", "passed"; "met", "late"; "not_needed" */
};
struct breach_clock breach_clock_of(const struct call *call, const struct facts *facts);

/* Opens one for a change of it. NOT_FOUND; CONFLICT when it is closed. */
MUST_CHECK status breach_open(struct call *call, dossier_id id, struct dossier **dossier);
/* The change is one of the staff's whom it is not about. REFUSED. */
MUST_CHECK status breach_judge(struct call *call, const struct facts *facts);
/* An entry for a change, with one word on its effect (may be empty). */
MUST_CHECK status breach_write(struct call *call, const struct facts *facts, const char *action,
                               str effect, const struct permit **permit);
struct breach_piece {
    enum breach_part part;
    const struct binding *bound;
    size_t bound_count;
    instant since, until;
    str json; /* may be empty */
};
MUST_CHECK status breach_add(struct call *call, struct dossier *dossier,
                             const struct permit *permit, const struct breach_piece *piece);
/* Raises and closes the alarms of its clock, and stores it. */
MUST_CHECK status breach_store(struct call *call, struct dossier *dossier,
                               const struct permit *permit);
/* ---- whom it concerned ---- */

/* Was it computed since the last that became known? */
bool breach_scope_is_current(const struct call *call, const struct facts *facts);
struct breach_line { /* one of them: bits of categories and roles, how many records */
    uint64_t categories, roles, records;
    bool concerned;
};
/* Is the note of this computation (the id of its piece)? Then its lines, one after another. */
bool breach_note_is_of(const struct note *note, record_id generation, str *lines);
bool breach_line_read(str *text, dossier_id *id, struct breach_line *line);

enum breach_told { BREACH_UNTOLD, BREACH_TO_TELL, BREACH_TOLD };
enum breach_told breach_told_of(const struct call *call, const struct facts *facts,
                                dossier_id breach, instant *at);
/* How many tasks to tell somebody are open. */
MUST_CHECK status breach_count_open(struct call *call, dossier_id breach, uint64_t *open);
/* Article 33(2): it is recorded (`kind`: "recorded") or more is known ("amended"). Whoever asked to
 * be told of it is, and in a customer's space a task waits until the controller was. */
MUST_CHECK status breach_became_known(struct call *call, struct dossier *dossier,
                                      const struct permit *permit, const char *kind);
bool breach_controller_waits(const struct call *call, const struct facts *facts);
/* The message to people as a mail; INCOMPLETE, naming what it lacks in this language. */
MUST_CHECK status breach_message_mail(struct call *call, const struct permit *permit,
                                      const struct dossier *dossier, str language, str *heading,
                                      str *text);
/* What was said with a piece; NULL: nothing. */
MUST_CHECK status breach_words(struct call *call, const struct permit *permit,
                               const struct dossier *dossier, const struct fact_evidence *evidence,
                               const struct json **json);

/* {"reasons": ..., "by": ...}; and who acts: the member of the staff, else the token. */
MUST_CHECK status breach_reasons(struct call *call, str reasons, str *json);
void breach_put_by(const struct call *call, struct json_out *out);
#endif
