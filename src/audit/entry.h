/* entry: one line of the audit log, as canonical JSON (RFC 8785) with short keys.
 *
 *   {"ac":"read","at":1764054000123,"au":"token","by":"…22…","ca":["contact"],"de":"allow",…,
 *    "v":1,"x":"…22…"}
 *
 *   key  meaning                                        value              when
 *   ac   action                                         word               always
 *   at   time that the log gave the entry               integer, ms        always
 *   au   how the actor was authenticated                word               always
 *   by   actor: a handle; without it, the system itself id                 if any
 *   ca   categories                                     list of words      if any
 *   cs   case                                           id                 if any
 *   de   decision: allow, refuse, duty                  word               always
 *   di   decider: a person's handle                     id                 if any
 *   ef   effect: what was made, changed or erased       list of words      if any
 *   hu   human behind an application, as it says: a tag id                 if any
 *   ma   matter                                         id                 if any
 *   md   time when the decision was made                integer, ms        if before `at`
 *   mn   manifest: number of lines                      integer, from 1    with mr
 *   mr   manifest: its root                             hash               with mn
 *   ob   obligations that the rule fulfils              list of words      if any
 *   ow   controller                                     word               if any
 *   po   policy: first half of its version's hash       id                 if any
 *   pu   purpose                                        word               if any
 *   rc   recipient                                      id                 if any
 *   rk   kind of recipient                              word               if any
 *   rq   request                                        id                 if any
 *   ru   rule that decided                              word               if any
 *   sh   salted hash of a sealed record of reasons      hash               if any
 *   su   subject: a handle                              id                 if any
 *   v    format                                         1                  always
 *   x    16 random bytes, so that hashes reveal nothing id                 always
 *
 * An id is 16 bytes as 22 characters of base64url, a hash 32 bytes as 43, a word 1 to 96 of
 * A-Z a-z 0-9 _ . : / + - [ ]. Keys stand in this order; an absent value has no key.
 *
 * Holds: what entry_parse() takes, entry_write() writes back to the same bytes; there is no room
 * for free text. Does not hold: that a handle is known or a rule exists; the caller says what is
 * so. Memory: words are borrowed, from the caller or from the parsed text. Threads: all pure.
 */
#ifndef VERN_ENTRY_H
#define VERN_ENTRY_H
#include "limits.h"
#include "merkle.h"

enum audit_decision { AUDIT_REFUSE = 0, AUDIT_ALLOW, AUDIT_DUTY, AUDIT_DECISION_COUNT };

enum { AUDIT_CATEGORIES = 64, AUDIT_OBLIGATIONS = 32, AUDIT_EFFECTS = 128, AUDIT_HASH_TEXT = 43 };

typedef struct {
    unsigned char bytes[ID_BYTES];
} audit_id; /* a handle or another 128 bits; all zero means absent */

/* Lists: `at` has room for the number that the field's enum above says. */
struct audit_entry {
    instant at;
    instant made; /* ms 0: the same as `at` */
    audit_id actor;
    str authenticated;
    str action;
    str purpose;
    enum audit_decision decision;
    str rule;
    str controller;
    audit_id subject;
    audit_id recipient;
    str recipient_kind;
    audit_id matter;
    audit_id case_handle;
    audit_id decider;
    audit_id human; /* asserted by the application that `actor` names */
    audit_id policy; /* the first 16 bytes of the version's hash */
    audit_id request;
    audit_id random;
    bool has_reasons, has_manifest;
    merkle_hash reasons;
    merkle_hash manifest;
    uint32_t manifest_lines;
    size_t category_count, obligation_count, effect_count;
    str categories[AUDIT_CATEGORIES];
    str obligations[AUDIT_OBLIGATIONS];
    str effects[AUDIT_EFFECTS];
};

const char *audit_decision_name(enum audit_decision decision);
bool audit_word_valid(str word);

/* Writes the entry. The caller has set at least at, authenticated, action, decision and random.
 * Faults: INVALID for a word that may not stand in the log (the report names the key, never the
 * word) or a missing value; LIMIT when the buffer or LIMIT_ENTRY_BYTES is too small. */
MUST_CHECK status entry_write(struct buf *buf, const struct audit_entry *entry,
                              struct report *report);
/* Strict: the canonical bytes and nothing else. Faults: SYNTAX. */
MUST_CHECK status entry_parse(str text, struct report *report, struct audit_entry *entry);
#endif
