/* merge: two dossiers of one person become one, and what was put together wrongly is taken apart.
 *
 *   merge   from --its items, evidence, wishes--> subject      split   subject --some of it--> new
 *
 * Each dossier has keys of its own, so what moves is opened and sealed anew, and the dossier that
 * it leaves is destroyed as a whole (merge) or loses it by edits (split). All of it is one call: a
 * crash leaves what was before, or what is after.
 *
 * Holds: the stricter wish wins (wishes.c); no item serves a purpose, or lives on by one, that it
 * could not where it was (limits.c); what each dossier was told and gave on goes along.
 */
#ifndef VERN_MERGE_H
#define VERN_MERGE_H
#include "engine_internal.h"

/* merge.c: an id, or a reference, that was merged into the one names the other from now on. */
MUST_CHECK status merge_former_moves(struct call *call, struct dossier *from, struct dossier *to,
                                     dossier_id former);

/* What an officer looks at before: a fact in which the two differ, and how it comes out. */
struct conflicts {
    LIST(struct merge_conflict) list;
};
MUST_CHECK status conflict_add(struct call *call, struct conflicts *conflicts, const char *kind,
                               str name, uint64_t count);

/* wishes.c: what the person of a dossier wants, by purpose of the plan in force. */
struct wishes {
    bool *yes; /* a consent that lives */
    bool *no;  /* an objection that stands, a switch, a consent withdrawn and not given again */
    bool child;
};
/* A consent to the purpose, whether it lives or not. */
bool wishes_consent(const struct call *call, const struct fact_evidence *evidence, word purpose);
MUST_CHECK status wishes_of(struct call *call, const struct facts *facts, struct wishes *wishes);
/* Ends in `dossier` every consent that the wishes of the other refuse. */
MUST_CHECK status wishes_impose(struct call *call, struct dossier *dossier,
                                const struct wishes *own, const struct wishes *others,
                                struct conflicts *conflicts);
/* Objections, switches, restrictions and the request to erase, as edits: no restore takes them
 * back. */
MUST_CHECK status wishes_copy(struct call *call, const struct facts *from, struct dossier *to);

/* limits.c: compares what every item of `after` may serve, and how long, with what it might in the
 * dossier of `before` that has it, and limits what is more. Settles `after` anew. `limited`: how
 * many items. */
struct limiting {
    struct subject *after;
    const struct subject *before[2];
    size_t before_count;
    size_t limited;
};
MUST_CHECK status limits_find(struct call *call, struct limiting *limiting,
                              struct conflicts *conflicts);

/* move.c: what lies sealed. The value of an item, of one piece or in parts, is opened in the one
 * dossier and sealed in the other, under the same id; the caller takes it away from the first. */
struct moving {
    struct dossier *from, *to;
    const struct permit *open, *write;
};
MUST_CHECK status move_item(struct call *call, const struct moving *moving,
                            const struct fact_item *item);
/* Notes of what was given and done; `wanted` NULL: all. They stay in `from`. */
MUST_CHECK status move_notes(struct call *call, const struct moving *moving,
                             bool (*wanted)(void *self, const struct note *note), void *self,
                             uint64_t *count);

#endif
