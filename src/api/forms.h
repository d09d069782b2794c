/* forms: what requests and replies hold, row by row (bind.h).
 *
 * Requests fill the engine's own structs; where a request holds more than one of those, or a reply
 * is put together, the struct stands here.
 */
#ifndef VERN_FORMS_H
#define VERN_FORMS_H
#include "bind.h"
#include "engine.h"
#include "sign_in.h"

/* ---- requests ---- */

struct collect_body {
    struct collect collect;
    struct collect_value *values; /* a map of field and value */
    size_t value_count;
    struct collect_value *references; /* likewise; they join the values */
    size_t reference_count;
    const str *optional; /* fields that the form called optional */
    size_t optional_count;
};
struct enrol_body {
    struct enrol enrol;
    struct collect_body *collect; /* NULL: none */
};
struct batch_people {
    const dossier_id *subjects;
    size_t subject_count;
    bool everyone;
    str cursor;
};
struct batch_read_body {
    struct read read;
    struct batch_people people;
};
struct batch_share_body {
    struct share share;
    struct batch_people people;
};
struct batch_message_body {
    struct message message;
    struct batch_people people;
};
struct export_body {
    struct read read;
    struct copy copy;
    struct batch_people people;
};
struct explain_body {
    struct read read;
    instant at;
};
struct token_body {
    struct token_create token;
    const str *scopes;
    size_t scope_count;
};
struct staff_in_body {
    str login, password, code;
};
struct password_body {
    str password, chosen, again, code;
};
struct staff_out_body {
    str csrf;
};
struct account_body {
    const str *scopes;
    size_t scope_count;
    str password;
};
struct documents_body {
    instant at;
};
struct version_name_body {
    str version;
};
struct clock_body {
    instant to;
};
struct backup_body {
    str name, recipient;
};

struct stop_body {
    str one_click;
    const str *off;
    size_t off_count;
};

struct sign_in_body {
    str address;
};
struct sign_in_use_body {
    str code, proof;
};

struct choices_body {
    dossier_id receipt;
    const str *accept, *refuse;
    size_t accept_count, refuse_count;
};

/* ---- replies ---- */

struct reason_reply {
    str rule, article;
    const str *ids, *lacks;
    size_t id_count, lack_count;
    str would_allow;
};
/* Of every write. Only these outlive the first answer of an idempotency key. */
struct written {
    dossier_id id;
    record_id record;
    uint64_t log_index, count;
    str reference;
    const str *duties;
    size_t duty_count;
    const struct told *told; /* who has data of the person and is now to be told */
    size_t told_count;
    bool repeated;
};
struct sending_reply {
    struct written written;
    str message, channel;
    record_id item;
    str stop_link, list_unsubscribe, list_unsubscribe_post;
};
struct consented_reply {
    struct written written;
    str receipt; /* JSON */
};
struct withdrawn_reply {
    struct written written;
    const str *expire;
    size_t expire_count;
};
struct browser_reply {
    dossier_id receipt;
    bool ask;
    const str *allowed, *expire;
    size_t allowed_count, expire_count;
};
struct collected_item {
    str field;
    record_id id;
    const struct reason_reply *refused;
    bool quarantined;
};
struct collected_reply {
    struct written written;
    const struct collected_item *items;
    size_t item_count;
    str form; /* JSON */
};
struct read_reply_item {
    record_id id;
    str field, value, source, version;
    dossier_id matter;
    instant collected, end;
    bool allowed;
    const struct reason_reply *refused;
    const struct file_reply *file;
    str purpose;
    str reference;
};
struct service_reply {
    bool open;
    const struct reason_reply *closed_by;
    uint64_t log_index;
};
struct file_reply {
    uint64_t size;
    str media, name;
};
struct batch_line_reply {
    dossier_id subject;
    bool allowed, unknown, changed, queued;
    const struct read_reply_item *items;
    size_t item_count;
    const str *roles;
    size_t role_count;
    const struct reason_reply *refused;
    str stop_link, problem;
    record_id record, reference;
};
struct role_line_reply {
    dossier_id subject;
    bool allowed, unknown, lacking;
    const struct reason_reply *refused;
};
struct roles_reply {
    const struct role_line_reply *people;
    size_t person_count;
    uint64_t log_index, allowed;
};
struct batch_end_reply {
    uint64_t log_index, people, allowed;
    str next;
};
struct read_reply {
    uint64_t log_index;
    const struct read_reply_item *items;
    size_t item_count;
    const str *duties;
    size_t duty_count;
};
struct search_reply_value {
    str field, value;
};
struct search_reply_hit {
    dossier_id id;
    const struct search_reply_value *values;
    size_t value_count;
};
struct search_reply {
    uint64_t log_index;
    const struct search_reply_hit *hits;
    size_t hit_count;
};
struct share_reply {
    struct read_reply read;
    record_id record, reference;
};
struct rows_reply {
    str rows; /* JSON, an array */
    str next;
};
struct space_made_reply {
    str name, token;
    uint64_t log_index;
};
struct erase_reply_item {
    record_id id;
    str field;
    bool erased, external;
    instant until;
    str law;
    const struct reason_reply *kept_by;
};
struct erase_reply {
    struct written written;
    bool whole;
    const struct erase_reply_item *items;
    size_t item_count;
    uint64_t concerned;
    str receipt; /* JSON */
};
struct found_reply {
    const dossier_id *ids;
    size_t id_count;
    str next;
};
struct account_reply {
    struct written written;
    str totp, uri;
    const str *recovery;
    size_t recovery_count;
};
struct token_reply {
    struct written written;
    str token;
    instant expires, old_ends;
};
struct sessions_reply {
    const struct session_view *sessions;
    size_t session_count;
    str next;
};
struct tokens_reply {
    const struct token_view *tokens;
    size_t token_count;
    str next;
};
struct webhook_reply {
    struct written written;
    str secret;
    instant old_ends;
};
struct webhooks_reply {
    const struct webhook_view *webhooks;
    size_t webhook_count;
};
struct webhook_events_reply {
    const struct webhook_event_view *events;
    size_t event_count;
    str next;
};
struct staff_reply {
    const struct staff_view *staff;
    size_t staff_count;
    str next;
};
struct acts_reply {
    const struct act_view *acts;
    size_t act_count;
};
struct alarms_reply {
    const struct alarm_view *alarms;
    size_t alarm_count;
    str next;
};
struct request_number_body {
    str number;
};
struct request_taken_reply {
    struct written written;
    str number, safe, legal, say;
    instant received;
    str receipt; /* JSON */
    str follow;  /* an address */
};
struct requests_reply {
    const struct request_view *requests;
    size_t request_count;
    str next;
};
struct quarantines_reply {
    const struct quarantine_view *quarantine;
    size_t quarantine_count;
    str next;
};
struct feed_reply {
    const struct feed_change *changes;
    size_t change_count;
    str next;
    bool more;
};
struct tasks_reply {
    const struct task_view *tasks;
    size_t task_count;
    str next;
};
struct problem_reply {
    str severity, rule, id, file, path, text, suggestion, article;
    uint32_t line, column;
};
struct version_clause_reply {
    str clause;
    uint64_t people, closes, opens, erases, untold, fewer_than;
};
struct version_effect_reply {
    struct written written;
    uint64_t people, closes, opens, erases, untold;
    instant effective;
    bool again;
    const struct version_clause_reply *clauses;
    size_t clause_count;
    str diff; /* JSON */
    const struct problem_reply *problems;
    size_t problem_count;
};
struct version_reply {
    str policy, version, hash, standing;
    instant effective, applied, until;
    bool in_force, deployed;
};
struct policy_reply {
    const struct version_reply *versions;
    size_t version_count;
};
struct work_reply {
    str what;
    uint64_t looked, of;
};
struct register_reply {
    str name, public_id, clock, version, log_key;
    instant now;
    uint64_t log_size;
    uint64_t sweep_lag_ms;
    bool destruction_stopped;
    const str *lost_versions;
    size_t lost_version_count;
    const str *scopes;
    size_t scope_count;
    const struct work_reply *works;
    size_t work_count;
};
struct health_reply {
    str status;
    uint64_t registers, sweep_lag_ms;
};
struct clock_reply {
    instant now;
    uint64_t settled, items, dossiers;
    bool braked;
};
struct backup_reply {
    str name;
};
struct bad_line {
    uint64_t line, column; /* of CSV; 0: none */
    str type, detail, where, rule;
};
struct import_reply {
    uint64_t lines, accepted, known, rejected;
    const struct bad_line *bad;
    size_t bad_count;
    bool more_bad; /* than are listed */
    bool dry_run;
};
/* For the description only: problem.c and answer.c write it. */
struct problem_document {
    str type, title, detail, where, rule, article, would_allow;
    uint32_t status;
    const str *ids, *lacks;
    size_t id_count, lack_count;
    const struct problem_reply *problems;
    size_t problem_count;
    str form; /* JSON: of a collection */
    dossier_id subject;
};
struct ledger_reply {
    const struct ledger_row *rows;
    size_t row_count;
    str next;
};
struct pairs_reply {
    const struct pair *pairs;
    size_t pair_count;
    str next;
};

#define FORM(name) extern const struct bind_form name##_form
FORM(subject_create);
FORM(identifier);
FORM(role_change);
FORM(identify);
FORM(event);
FORM(collect);
FORM(collected);
FORM(enrolled);
FORM(recording);
FORM(derive);
FORM(file_open);
FORM(file_rectify);
FORM(file_read);
FORM(file_copy);
FORM(service);
FORM(service_reply);
FORM(cookie);
FORM(ruling);
FORM(review);
FORM(choices);
FORM(gate);
FORM(browser);
FORM(consented);
FORM(withdrawn);
FORM(read);
FORM(view);
FORM(batch_read);
FORM(batch_share);
FORM(batch_messages);
FORM(batch_roles);
FORM(roles_reply);
FORM(export_all);
FORM(batch_line);
FORM(batch_end);
FORM(search);
FORM(search_reply);
FORM(space_create);
FORM(space_made);
FORM(space_request);
FORM(space_end);
FORM(explain);
FORM(consent);
FORM(withdrawal);
FORM(objection);
FORM(objection_decision);
FORM(switch);
FORM(restriction);
FORM(rectify);
FORM(erase);
FORM(erase_reply);
FORM(export);
FORM(access);
FORM(package);
FORM(hold);
FORM(history);
FORM(erasure_ask);
FORM(proof);
FORM(share);
FORM(share_reply);
FORM(disclosures);
FORM(register_end);
FORM(uses);
FORM(duties);
FORM(duty_done);
FORM(parties);
FORM(case);
FORM(case_link);
FORM(case_decision);
FORM(message);
FORM(matter);
FORM(letter);
FORM(request_mail);
FORM(evidence);
FORM(evidence_end);
FORM(decline);
FORM(death);
FORM(concern);
FORM(concerns);
FORM(concern_decision);
FORM(merge);
FORM(split);
FORM(merge_effect);
FORM(pairs);
FORM(ledger);
FORM(staff_item);
FORM(quarantines);
FORM(quarantine_decision);
FORM(agreement);
FORM(notice);
FORM(party);
FORM(place);
FORM(staff);
FORM(staff_role);
FORM(staff_list);
FORM(colleagues);
FORM(evidence_due);
FORM(staff_in);
FORM(staff_out);
FORM(account);
FORM(password);
FORM(staff_password);
FORM(account_reply);
FORM(token);
FORM(token_reply);
FORM(token_rotate);
FORM(tokens);
FORM(sign_in);
FORM(sign_in_use);
FORM(my_request);
FORM(my_consent);
FORM(my_receipt);
FORM(my_address);
FORM(my_address_confirm);
FORM(session);
FORM(sessions);
FORM(webhook);
FORM(webhook_reply);
FORM(webhook_rotate);
FORM(webhooks);
FORM(webhook_events);
FORM(webhook_replay);
FORM(stop);
FORM(sending);
FORM(task_done);
FORM(tasks);
FORM(feed);
FORM(held_ask);
FORM(held);
FORM(bounce);
FORM(bounce_clear);
FORM(alarms);
FORM(breach);
FORM(breaches);
FORM(breach_people);
FORM(breach_account);
FORM(breach_draft);
FORM(breach_message);
FORM(breach_phase);
FORM(breach_telling);
FORM(breach_exemption);
FORM(breach_assessment);
FORM(breach_close);
FORM(request_take);
FORM(request_taken);
FORM(request_number);
FORM(requests);
FORM(request_identity);
FORM(request_own);
FORM(request_extend);
FORM(request_decide);
FORM(request_pass_on);
FORM(request_letter);
FORM(request_close);
FORM(acts);
FORM(glass);
FORM(alarm_close);
FORM(version);
FORM(version_effect);
FORM(version_name);
FORM(documents);
FORM(statistics);
FORM(policy);
FORM(register);
FORM(health);
FORM(clock);
FORM(clock_reply);
FORM(backup);
FORM(backup_reply);
FORM(import_reply);
FORM(found);
FORM(written);
FORM(read_reply);
FORM(reason);
FORM(problem);
FORM(problem_document);
#undef FORM

/* Every form, for the description and for tests. */
size_t form_count(void);
const struct bind_form *form_at(size_t index);

#endif
