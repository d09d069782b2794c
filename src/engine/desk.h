/* desk: what the files of the rights desk share. Not for other modules.
 *
 * A request is a case. What became of it stands in its facts as pieces of evidence whose types no
 * policy can name, since they hold a colon:
 *
 *   request:received     bound to the channel, and to the company if one was said; its record:
 *                        claimed contact, text
 *   ask:RIGHT            one for each right that is asked
 *   identity:asked, identity:proven (bound to the person), identity:refused
 *   identity:mailbox     bound to who asked while signed in by a mailbox: less than proven
 *   extension:reasoned, extension:told
 *   owner:named          bound to the member who deals with it, then to who said so; owner:none
 *   granted:RIGHT, partly:RIGHT, refused:RIGHT, joined:RIGHT (bound to the other request)
 *   done:RIGHT           the act was done under this request
 *   closed:HOW           answered, identity, passed_on, joined
 */
#ifndef VERN_ENGINE_DESK_H
#define VERN_ENGINE_DESK_H
#include "calendar.h"
#include "engine_internal.h"

enum { REQUEST_NUMBER = 12 }; /* "7K3M9-QXTPB" and the end mark */

/* The latest evidence of this type; NULL when there is none. */
const struct fact_evidence *desk_find(const struct call *call, const struct facts *facts,
                                      const char *type);
/* The same of "STEP:RIGHT". */
const struct fact_evidence *desk_find_of(const struct call *call, const struct facts *facts,
                                         const char *step, enum right right);
bool desk_is_request(const struct call *call, const struct facts *facts);
/* How it was closed; NULL while it is open. */
const struct fact_evidence *desk_closed(const struct call *call, const struct facts *facts,
                                        const char **how);
/* Opens a request's dossier; NOT_FOUND for any other. */
MUST_CHECK status desk_open(struct call *call, dossier_id id, struct dossier **dossier);
/* The same, CONFLICT when it is closed. */
MUST_CHECK status desk_open_live(struct call *call, dossier_id id, struct dossier **dossier);
/* Adds evidence of the type; `details` may be empty. */
MUST_CHECK status desk_add(struct call *call, struct dossier *dossier, const struct permit *permit,
                           const char *type, const struct binding *bound, size_t count, instant at,
                           str details);
void desk_number(dossier_id id, char text[REQUEST_NUMBER]);
/* Takes in what somebody asks who is signed in by a mailbox, where that proves too little. */
MUST_CHECK status desk_take_by_mailbox(struct call *call, const struct request_take *request);
/* Who that was; zero: nobody. And what such a person asked. */
dossier_id desk_claimed(const struct call *call, const struct facts *facts);
MUST_CHECK status desk_claimed_by(struct call *call, dossier_id subject, dossier_id **ids,
                                  size_t *count);
/* desk_owner.c: the member who deals with it; zero: nobody does, or whoever did has left. */
MUST_CHECK status desk_owner(struct call *call, const struct facts *facts, dossier_id *owner);
/* The person whom it is about; zero before identity is proven. */
dossier_id desk_subject(const struct call *call, const struct facts *facts);
instant desk_received(const struct call *call, const struct facts *facts);
/* The company that it was made to; 0 when nobody said. */
word desk_company(const struct call *call, const struct facts *facts);

/* The date as counted and the date that the law gives, and the instant at which it has passed. */
struct due {
    struct deadline date;
    instant safe_passed, passed;
};
/* Of one right that is asked, with a valid extension; as if received at `from`. */
struct due desk_due_from(const struct call *call, const struct facts *facts, enum right right,
                         instant from);
/* Of the whole request, as if received at `from`. */
struct due desk_due_as_of(const struct call *call, const struct facts *facts, instant from);
/* Of the whole request: the first of those that are not decided; of a closed one, of all. */
struct due desk_due(const struct call *call, const struct facts *facts);
bool desk_asks(const struct call *call, const struct facts *facts, enum right right);
/* "granted", "partly", "refused", "joined"; NULL while it is open. */
const struct fact_evidence *desk_outcome(const struct call *call, const struct facts *facts,
                                         enum right right, const char **outcome);
/* Words that are sealed with a step; empty ones are left out. Card numbers are refused. */
struct desk_word {
    const char *name;
    str text;
};
MUST_CHECK status desk_words(struct call *call, const struct desk_word *words, size_t count,
                             str *json);
/* Who acts: the member of the staff, else the token; zero for the system. */
struct binding desk_who(const struct call *call);
/* The entry of a step, about the person too once that is known; `effect` may be empty. */
MUST_CHECK status desk_write(struct call *call, struct dossier *dossier, const char *action,
                             const char *effect, const struct permit **permit);
/* Stores it, and its alarms follow; outcome: its id, the entry, 201. */
MUST_CHECK status desk_store(struct call *call, struct dossier *dossier,
                             const struct permit *permit);
MUST_CHECK status desk_close(struct call *call, struct dossier *dossier,
                             const struct permit *permit, const char *how, instant at, str details);
/* REFUSED unless a member of the staff acts who may decide this right (RIGHT_ALL: any) and whom the
 * request is not about. */
MUST_CHECK status desk_may_decide(struct call *call, struct dossier *dossier, enum right right);
/* Links the person, by a method that is checked; with the proof that the policy needs. */
MUST_CHECK status desk_prove(struct call *call, const struct request_identity *request);
/* Joins it with what else is open of the person, right by right. */
MUST_CHECK status desk_join(struct call *call, dossier_id id);
/* The article of an exception; NULL when it is none of this right. */
const char *desk_article(str exception, enum right right);
MUST_CHECK status desk_right(struct call *call, str name, enum right *right);
MUST_CHECK status desk_date(struct call *call, struct date date, str *text);

#endif
