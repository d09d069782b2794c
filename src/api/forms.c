/* The tables. A row's help is what the manual and the OpenAPI document say of the member. */
#include "forms.h"

#define DEFINE(name, struct_, help)                                                                \
    const struct bind_form name##_form = B_FORM(#name, struct_, name##_members, help)

/* ---- people ---- */

static const struct bind_member identifier_members[] = {
    B_TEXT("kind", struct identifier, kind, REQUIRED,
           "a field of the policy (\"basic.email\"), or \"number\" for the firm's own number"),
    B_TEXT("value", struct identifier, value, REQUIRED, "its value, normalised by its kind"),
};
DEFINE(identifier, struct identifier, "What leads to a person; kept as a keyed hash only.");

static const struct bind_member role_change_members[] = {
    B_TEXT("role", struct role_change, role, REQUIRED, "a role of the policy"),
    B_ID("matter", struct role_change, matter, OPTIONAL, "the matter that the role is tied to"),
    B_INSTANT("at", struct role_change, at, OPTIONAL, "since when; now when it is left out"),
    B_BOOL("ends", struct role_change, ends, OPTIONAL, "the role ends"),
    B_BOOL("warned", struct role_change, warned, OPTIONAL,
           "whoever loses a service by it was told; without it the answer says which"),
};
DEFINE(role_change, struct role_change, "A role that begins or ends.");

static const struct bind_member identify_members[] = {
    B_TEXT("kind", struct identify, identifier.kind, REQUIRED,
           "a field of the policy, or \"number\""),
    B_TEXT("value", struct identify, identifier.value, REQUIRED, "its value"),
};
DEFINE(identify, struct identify, "Another identifier of the same person.");

static const struct bind_member event_members[] = {
    B_TEXT("event", struct event_record, event, REQUIRED, "an event of the policy"),
    B_ID("matter", struct event_record, matter, OPTIONAL, "the matter it happened in"),
    B_INSTANT("at", struct event_record, at, OPTIONAL, "when; never later than now"),
    B_BOOL("by_subject", struct event_record, by_subject, OPTIONAL, "the person did it herself"),
};
DEFINE(event, struct event_record, "Something that happened.");

static const struct bind_member collect_value_members[] = {
    B_TEXT("field", struct collect_value, field, REQUIRED, "a field of the policy"),
    B_TEXT("value", struct collect_value, value, REQUIRED, "its value"),
};
static const struct bind_form collect_value_form =
    B_FORM("collect_value", struct collect_value, collect_value_members, "One value.");

static const struct bind_member collect_reference_members[] = {
    B_TEXT("field", struct collect_value, field, REQUIRED, "an external field of the policy"),
    B_TEXT("reference", struct collect_value, value, REQUIRED,
           "what the firm's own system calls it"),
};
static const struct bind_form collect_reference_form =
    B_FORM("collect_reference", struct collect_value, collect_reference_members, "One reference.");

static const struct bind_member holds_members[] = {
    B_TEXT("field", struct collect_value, field, REQUIRED, "one of the fields in values"),
    B_TEXT("category", struct collect_value, value, REQUIRED, "a category of the policy"),
};
static const struct bind_form holds_form =
    B_FORM("holds", struct collect_value, holds_members, "What a text holds.");

static const struct bind_member concern_of_members[] = {
    B_TEXT("field", struct concern_of, field, REQUIRED, "one of the fields in values"),
    B_ID("subject", struct concern_of, subject, REQUIRED, "whom the value is also about"),
};
static const struct bind_form concern_of_form =
    B_FORM("concern_of", struct concern_of, concern_of_members, "Whom a value concerns besides.");

static const struct bind_member collect_members[] = {
    B_MAP("values", struct collect_body, values, value_count, OPTIONAL, &collect_value_form,
          "fields of the policy (\"basic.email\") and their values"),
    B_MAP("references", struct collect_body, references, reference_count, OPTIONAL,
          &collect_reference_form,
          "external fields of the policy and the firm's own references of their values"),
    B_TEXTS("optional", struct collect_body, optional, optional_count, OPTIONAL,
            "those of the fields that the form called optional"),
    B_MAP("holds", struct collect_body, collect.holds, collect.hold_count, OPTIONAL, &holds_form,
          "fields whose text is known to hold a category, and that category"),
    B_OBJECTS("concerns", struct collect_body, collect.concerns, collect.concern_count, OPTIONAL,
              &concern_of_form, "values that are also about another person, at most 8 each"),
    B_TEXT("intake", struct collect_body, collect.intake, OPTIONAL,
           "the intake of the policy that the values come through"),
    B_TEXT("source", struct collect_body, collect.source, OPTIONAL, "a source of the policy"),
    B_TEXT("channel", struct collect_body, collect.channel, OPTIONAL, "web, email, phone"),
    B_TEXT("cookie", struct collect_body, collect.cookie, OPTIONAL,
           "the cookie or pixel that the values were read by: it passes its own gate, too"),
    B_TEXT("controller", struct collect_body, collect.controller, OPTIONAL,
           "the controller, where the policy has several"),
    B_ID("matter", struct collect_body, collect.matter, OPTIONAL, "the matter they belong to"),
    B_TEXTS("purposes", struct collect_body, collect.purposes, collect.purpose_count, OPTIONAL,
            "the purposes told, through an intake that is for all"),
    B_TEXTS("supplied", struct collect_body, collect.supplied, collect.supplied_count, OPTIONAL,
            "evidence handed over with the act: notice"),
    B_TEXTS("events", struct collect_body, collect.events, collect.event_count, OPTIONAL,
            "events recorded with it, in the same matter"),
    B_INSTANT("at", struct collect_body, collect.at, OPTIONAL, "when; never later than now"),
};
DEFINE(collect, struct collect_body, "Values to collect about one person.");

static const struct bind_member concern_members[] = {
    B_ID("item", struct concern_make, item, REQUIRED, "an item of the person"),
    B_ID("subject", struct concern_make, other, REQUIRED, "whom it is also about"),
};
DEFINE(concern, struct concern_make, "An item that is about two people.");

static const struct bind_member concern_item_members[] = {
    B_ID("id", struct concern_view, id, REQUIRED, "of the line, the same with either person"),
    B_BOOL("theirs", struct concern_view, theirs, REQUIRED,
           "the item is the other's; else it is the person's own"),
    B_ID("subject", struct concern_view, other, REQUIRED, "the other person"),
    B_ID("item", struct concern_view, item, REQUIRED, "the item"),
    B_TEXT("field", struct concern_view, field, REQUIRED, "its field"),
    B_TEXT("source", struct concern_view, source, OPTIONAL, "where it came from"),
    B_TEXT("state", struct concern_view, state, REQUIRED,
           "undecided, released or withheld: as to the copy of the person who is asked about"),
    B_INSTANT("since", struct concern_view, since, REQUIRED, "since when the line stands"),
    B_INSTANT("ends", struct concern_view, ends, OPTIONAL, "when the item goes, where it is known"),
    B_BOOL("restricted", struct concern_view, restricted, OPTIONAL,
           "one of those whom it is about restricts it"),
};
static const struct bind_form concern_item_form =
    B_FORM("concern_item", struct concern_view, concern_item_members, "Never what it says.");

static const struct bind_member concerns_members[] = {
    B_OBJECTS("concerns", struct concern_list, at, count, REQUIRED, &concern_item_form,
              "items that are about the person and somebody else"),
};
DEFINE(concerns, struct concern_list, "What concerns a person and others.");

/* ---- people who are two in the register, and two who are one ---- */

#define B_CONFLICTS(type_)                                                                         \
    {                                                                                              \
        .name = "conflicts", .type = BIND_U64, .need = OPTIONAL,                                   \
        .offset = offsetof(type_, conflicts), .stated_offset = offsetof(type_, conflicts_stated),  \
        .help = "how many things the preview told of: without that number nothing is done"         \
    }

static const struct bind_member merge_members[] = {
    B_ID("from", struct merge, from, REQUIRED, "the other dossier: it becomes part of this one"),
    B_TEXT("reason", struct merge, reason, OPTIONAL,
           "why they are one person; kept sealed; needed unless it is a preview"),
    B_BOOL("preview", struct merge, preview, OPTIONAL, "only tell what it would do"),
    B_CONFLICTS(struct merge),
};
DEFINE(merge, struct merge, "Two dossiers of one person.");

static const struct bind_member split_members[] = {
    B_IDS("items", struct split, items, item_count, REQUIRED, "items that are another person's"),
    B_IDS("evidence", struct split, evidence, evidence_count, OPTIONAL,
          "pieces of evidence that are"),
    B_IDS("roles", struct split, roles, role_count, OPTIONAL, "roles that are"),
    B_TEXT("reason", struct split, reason, OPTIONAL,
           "why they are two people; kept sealed; needed unless it is a preview"),
    B_BOOL("preview", struct split, preview, OPTIONAL, "only tell what it would do"),
    B_CONFLICTS(struct split),
};
DEFINE(split, struct split, "Two people in one dossier.");

static const struct bind_member merge_conflict_members[] = {
    B_TEXT("kind", struct merge_conflict, kind, REQUIRED,
           "values, company, no, consent_ends, child, restriction, claim, erasure_asked, death or "
           "limit"),
    B_TEXT("name", struct merge_conflict, name, OPTIONAL, "of the field, company or purpose"),
    B_U64("count", struct merge_conflict, count, REQUIRED, "of how many"),
};
static const struct bind_form merge_conflict_form =
    B_FORM("merge_conflict", struct merge_conflict, merge_conflict_members,
           "In what they differ, or what is limited.");

static const struct bind_member merge_effect_members[] = {
    B_ID("subject", struct merge_effect, subject, OPTIONAL, "who holds it then"),
    B_BOOL("done", struct merge_effect, done, REQUIRED, "false: a preview"),
    B_U64("items", struct merge_effect, items, REQUIRED, "items that move"),
    B_U64("evidence", struct merge_effect, evidence, REQUIRED, "pieces of evidence that move"),
    B_U64("roles", struct merge_effect, roles, REQUIRED, "roles that move"),
    B_U64("notes", struct merge_effect, notes, REQUIRED,
          "records of what was given and done that moved; counted when it is done"),
    B_U64("limited", struct merge_effect, limited, REQUIRED,
          "items that may serve no more, and live no longer, than where they were"),
    B_U64("ends", struct merge_effect, ends, REQUIRED, "items that end at once"),
    B_OBJECTS("conflicts", struct merge_effect, conflicts, conflict_count, REQUIRED,
              &merge_conflict_form, "in what they differ, and how it comes out"),
};
DEFINE(merge_effect, struct merge_effect, "What becomes of it.");

static const struct bind_member pair_members[] = {
    B_ID("one", struct pair, one, REQUIRED, "a person"),
    B_ID("other", struct pair, other, REQUIRED, "another whom the same identifier leads to"),
    B_TEXT("by", struct pair, by, REQUIRED, "the field, or number"),
};
static const struct bind_form pair_form =
    B_FORM("pair", struct pair, pair_members, "Two who may be one; an identifier proves nothing.");

static const struct bind_member pairs_members[] = {
    B_OBJECTS("pairs", struct pairs_reply, pairs, pair_count, REQUIRED, &pair_form,
              "among the people of this page, each pair once"),
    B_TEXT("next", struct pairs_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(pairs, struct pairs_reply, "Who may be one person.");

static const struct bind_member ledger_row_members[] = {
    B_ID("subject", struct ledger_row, subject, REQUIRED, "whose it is"),
    B_ID("record", struct ledger_row, record, REQUIRED, "of the evidence"),
    B_TEXT("type", struct ledger_row, type, REQUIRED, "the policy's type of evidence"),
    B_TEXT("purpose", struct ledger_row, purpose, OPTIONAL, "what it is for"),
    B_TEXT("state", struct ledger_row, state, REQUIRED,
           "in_force, expired (as was agreed on) or ended (by an act)"),
    B_INSTANT("since", struct ledger_row, since, REQUIRED, "from when it counts"),
    B_INSTANT("until", struct ledger_row, until, OPTIONAL, "when it ends or ended"),
};
static const struct bind_form ledger_row_form =
    B_FORM("ledger_row", struct ledger_row, ledger_row_members, "A consent, or a hold.");

static const struct bind_member ledger_members[] = {
    B_OBJECTS("rows", struct ledger_reply, rows, row_count, REQUIRED, &ledger_row_form,
              "of the people of this page; a page may have none"),
    B_TEXT("next", struct ledger_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(ledger, struct ledger_reply, "Consents, or holds, of the people of a page.");

static const struct bind_member concern_decision_members[] = {
    B_BOOL("released", struct concern_decision, release, REQUIRED,
           "the person's own copy holds the value; else it says that there is one"),
    B_TEXT("reasons", struct concern_decision, reasons, REQUIRED,
           "why; kept sealed, and in this person's copy"),
};
DEFINE(concern_decision, struct concern_decision, "Whether others' rights stand in the way.");

static const struct bind_member subject_create_members[] = {
    B_OBJECTS("identifiers", struct enrol_body, enrol.create.identifiers,
              enrol.create.identifier_count, OPTIONAL, &identifier_form,
              "what leads to the person"),
    B_TEXTS("roles", struct enrol_body, enrol.create.roles, enrol.create.role_count, OPTIONAL,
            "roles that the person has from now on"),
    B_OBJECTS("agreements", struct enrol_body, enrol.agreements, enrol.agreement_count, OPTIONAL,
              &agreement_form, "agreements made with it; takes the scope record"),
    B_OBJECT("collect", struct enrol_body, collect, OPTIONAL, &collect_form,
             "what is collected with it: where that is refused as a whole, nobody is made"),
};
DEFINE(subject_create, struct enrol_body, "A new person.");

static const struct bind_member death_members[] = {
    B_INSTANT("at", struct death, at, OPTIONAL, "when; never later than now"),
};
DEFINE(death, struct death, "A death.");

static const struct bind_member decline_members[] = {
    B_TEXTS("fields", struct decline, fields, field_count, REQUIRED,
            "fields of the policy that the person does not want to give"),
    B_TEXT("intake", struct decline, intake, OPTIONAL, "the intake that asked for them"),
};
DEFINE(decline, struct decline, "What a person does not want to give.");

static const struct bind_member recording_members[] = {
    B_TEXT("intake", struct recording_start, intake, REQUIRED, "a `live` intake of the policy"),
    B_TEXT("source", struct recording_start, source, OPTIONAL,
           "a source of the policy, where the intake takes several"),
    B_TEXT("channel", struct recording_start, channel, OPTIONAL, "phone, web"),
    B_TEXT("controller", struct recording_start, controller, OPTIONAL,
           "the controller, where the policy has several"),
    B_ID("matter", struct recording_start, matter, OPTIONAL, "the call or visit that is captured"),
};
DEFINE(recording, struct recording_start, "A live capture to be started.");
#define FILE_ROWS(type)                                                                            \
    B_TEXT("media", type, media, REQUIRED, "its type, as application/pdf; kept and never served"), \
        B_TEXT("name", type, name, OPTIONAL, "its name, as the person gave it"),                   \
        B_U64("size", type, size, REQUIRED, "in bytes, 1 to 33554432; what comes must be as long")

static const struct bind_member file_open_members[] = {
    B_TEXT("field", struct file_open, field, REQUIRED, "a field of the policy of kind file"),
    B_BOOL("optional", struct file_open, said_optional, OPTIONAL,
           "the form called the field optional"),
    FILE_ROWS(struct file_open),
    B_TEXT("intake", struct file_open, collect.intake, OPTIONAL,
           "the intake of the policy that it comes through"),
    B_TEXT("source", struct file_open, collect.source, OPTIONAL, "a source of the policy"),
    B_TEXT("channel", struct file_open, collect.channel, OPTIONAL, "web, email, phone"),
    B_TEXT("controller", struct file_open, collect.controller, OPTIONAL,
           "the controller, where the policy has several"),
    B_ID("matter", struct file_open, collect.matter, OPTIONAL, "the matter it belongs to"),
    B_TEXTS("purposes", struct file_open, collect.purposes, collect.purpose_count, OPTIONAL,
            "the purposes told, through an intake that is for all"),
    B_TEXTS("supplied", struct file_open, collect.supplied, collect.supplied_count, OPTIONAL,
            "evidence handed over with the act: notice"),
    B_TEXTS("events", struct file_open, collect.events, collect.event_count, OPTIONAL,
            "events recorded with it, in the same matter"),
    B_INSTANT("at", struct file_open, collect.at, OPTIONAL, "when; never later than now"),
    B_IDS("concerns", struct file_open, concerns, concern_count, OPTIONAL,
          "people whom the file is also about, at most 8"),
};
DEFINE(file_open, struct file_open, "A file that is to come.");

static const struct bind_member file_rectify_members[] = {
    FILE_ROWS(struct file_open),
    B_ID("case", struct file_open, case_, OPTIONAL, "the case of the request"),
    B_BOOL("by_subject", struct file_open, by_subject, OPTIONAL, "the person did it herself"),
};
DEFINE(file_rectify, struct file_open, "A file that is to take the place of an item.");

static const struct bind_member file_read_members[] = {
    B_TEXT("purpose", struct file_read, purpose, REQUIRED, "the purpose that it is for"),
    B_TEXT("controller", struct file_read, controller, OPTIONAL,
           "the controller, where the policy has several"),
    B_ID("matter", struct file_read, matter, OPTIONAL, "the matter that it is for"),
};
DEFINE(file_read, struct file_read, "A file to read.");

static const struct bind_member service_members[] = {
    B_TEXT("purpose", struct service_ask, purpose, REQUIRED, "the purpose that delivers it"),
    B_ID("matter", struct service_ask, matter, OPTIONAL,
         "the organisation, or whatever the role and the agreement are tied to"),
    B_TEXT("controller", struct service_ask, controller, OPTIONAL,
           "the controller, where the policy has several"),
};
DEFINE(service, struct service_ask, "Whether a service is open to the person.");

static const struct bind_member service_reply_members[] = {
    B_BOOL("open", struct service_reply, open, REQUIRED, "she may come in"),
    B_OBJECT("closed_by", struct service_reply, closed_by, OPTIONAL, &reason_form,
             "what is missing: a role, an agreement, data, an acknowledgement"),
    B_U64("log_index", struct service_reply, log_index, REQUIRED, "of its entry in the log"),
};
DEFINE(service_reply, struct service_reply, "Open or closed.");

static const struct bind_member file_copy_members[] = {
    B_BOOL("portability", struct file_read, portability, OPTIONAL,
           "as a part of the portability answer; else of the access answer"),
    B_ID("case", struct file_read, case_, OPTIONAL, "the case of the request"),
};
DEFINE(file_copy, struct file_read, "A file for the person herself.");

static const struct bind_member derive_members[] = {
    B_TEXT("purpose", struct derive, purpose, REQUIRED, "a purpose that profiles"),
    B_IDS("items", struct derive, items, item_count, REQUIRED,
          "what the values were made from, at most 64"),
    B_MAP("values", struct derive, values, value_count, REQUIRED, &collect_value_form,
          "fields of derived categories and their values"),
    B_ID("matter", struct derive, matter, OPTIONAL, "the matter they belong to"),
    B_TEXT("controller", struct derive, controller, OPTIONAL,
           "the controller, where the policy has several"),
};
DEFINE(derive, struct derive, "Values made of other data about the person.");

static const struct bind_member ruling_members[] = {
    B_TEXT("purpose", struct ruling_make, purpose, REQUIRED, "a purpose that `decides`"),
    B_IDS("items", struct ruling_make, items, item_count, REQUIRED,
          "what it rests on, at most 64; each must be usable for the purpose now"),
    B_TEXT("outcome", struct ruling_make, outcome, REQUIRED, "what was decided; kept sealed"),
    B_TEXT("logic", struct ruling_make, logic, REQUIRED,
           "by which logic, in words for the person; kept sealed"),
    B_ID("matter", struct ruling_make, matter, OPTIONAL, "the matter"),
    B_TEXT("controller", struct ruling_make, controller, OPTIONAL,
           "the controller, where the policy has several"),
};
DEFINE(ruling, struct ruling_make, "What a machine decided, alone.");

static const struct bind_member review_members[] = {
    B_BOOL("upheld", struct ruling_end, upheld, REQUIRED, "the decision stands; else it is over"),
    B_TEXT("reasons", struct ruling_end, reasons, REQUIRED, "why; kept sealed"),
};
DEFINE(review, struct ruling_end, "What a human found.");

static const struct bind_member cookie_members[] = {
    B_TEXT("cookie", struct cookie_ask, cookie, REQUIRED, "a cookie of the policy"),
    B_TEXT("purpose", struct cookie_ask, purpose, OPTIONAL, "where the cookie has several"),
    B_BOOL("reads", struct cookie_ask, reads, OPTIONAL, "it is to be read, not set"),
    B_BOOL("browser_refuses", struct cookie_ask, browser_refuses, OPTIONAL,
           "the browser sends Sec-GPC: 1 or DNT: 1, which overrides an old yes"),
};
DEFINE(cookie, struct cookie_ask, "A cookie, pixel or device identifier, before it is used.");

static const struct bind_member choices_members[] = {
    B_ID("receipt", struct choices_body, receipt, OPTIONAL, "of the choice before this one"),
    B_TEXTS("accept", struct choices_body, accept, accept_count, OPTIONAL,
            "units of the register of cookies, or all"),
    B_TEXTS("refuse", struct choices_body, refuse, refuse_count, OPTIONAL,
            "likewise; what is named nowhere is refused, what is named twice too"),
};
DEFINE(choices, struct choices_body, "What a browser accepts and refuses.");

static const struct bind_member gate_members[] = {
    B_ID("receipt", struct choices_body, receipt, OPTIONAL, "of the choice"),
};
DEFINE(gate, struct choices_body, "A browser that comes.");

/* ---- replies of writes ---- */

static const struct bind_member told_members[] = {
    B_ID("party", struct told, party, REQUIRED, "who has data of the person"),
    B_TEXT("recipient", struct told, recipient, OPTIONAL, "which kind of recipient that is"),
    B_TEXT("name", struct told, name, OPTIONAL, "what they are called"),
    B_TEXT("what", struct told, what, REQUIRED,
           "erasure, rectification, restriction, restriction_lifted, withdrawal or objection"),
    B_ID("reference", struct told, reference, OPTIONAL, "their own reference of the person"),
};
static const struct bind_form told_form =
    B_FORM("told", struct told, told_members, "A recipient that is to be told.");

#define WRITTEN_ROWS(type, at)                                                                     \
    B_ID("id", type, at id, OPTIONAL, "of what was made, where it is a dossier"),                  \
        B_ID("record", type, at record, OPTIONAL, "of what was recorded"),                         \
        B_U64("log_index", type, at log_index, REQUIRED, "of its entry in the log"),               \
        B_U64("count", type, at count, OPTIONAL, "of things done, where that is the answer"),      \
        B_TEXT("reference", type, at reference, OPTIONAL,                                          \
               "the person's reference: print it on what they get; it asks the log later"),        \
        B_TEXTS("duties", type, at duties, duty_counter, OPTIONAL, "evidence that is now owed"),   \
        B_OBJECTS("told", type, at told, at told_count, OPTIONAL, &told_form,                      \
                  "who holds the data and is now to be told; left out when repeated"),             \
        B_BOOL("repeated", type, at repeated, OPTIONAL,                                            \
               "true when an idempotency key had this request before")

static const struct bind_member written_members[] = {
#define duty_counter duty_count
    WRITTEN_ROWS(struct written, ),
#undef duty_counter
};
DEFINE(written, struct written, "What a write answers.");

static const struct bind_member reason_members[] = {
    B_TEXT("rule", struct reason_reply, rule, REQUIRED, "the clause or built-in rule that says no"),
    B_TEXTS("ids", struct reason_reply, ids, id_count, OPTIONAL, "the obligations that it covers"),
    B_TEXT("article", struct reason_reply, article, OPTIONAL, "the article of law"),
    B_TEXTS("lacks", struct reason_reply, lacks, lack_count, OPTIONAL,
            "evidence or slots that are missing"),
    B_TEXT("would_allow", struct reason_reply, would_allow, OPTIONAL,
           "what would make it a yes, in words"),
};
DEFINE(reason, struct reason_reply, "Why not.");

static const struct bind_member consented_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct consented_reply, written.),
#undef duty_counter
    B_JSON("receipt", struct consented_reply, receipt, OPTIONAL,
           "reference, entry, inclusion proof and checkpoint, where it was asked for"),
};
DEFINE(consented, struct consented_reply, "What a consent answers.");

static const struct bind_member withdrawn_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct withdrawn_reply, written.),
#undef duty_counter
    B_TEXTS("expire", struct withdrawn_reply, expire, expire_count, OPTIONAL,
            "cookies that rested on it: expire them; left out when repeated"),
};
DEFINE(withdrawn, struct withdrawn_reply, "What a withdrawal answers.");

static const struct bind_member browser_members[] = {
    B_ID("receipt", struct browser_reply, receipt, OPTIONAL,
         "of the choice that stands: show it the next time"),
    B_BOOL("ask", struct browser_reply, ask, REQUIRED,
           "no choice stands for some unit: the banner may ask"),
    B_TEXTS("allowed", struct browser_reply, allowed, allowed_count, REQUIRED,
            "cookies that may be set and read now, and no other"),
    B_TEXTS("expire", struct browser_reply, expire, expire_count, REQUIRED,
            "cookies that must go, if they are there"),
};
DEFINE(browser, struct browser_reply, "What may be kept in a browser.");

static const struct bind_member collected_item_members[] = {
    B_TEXT("field", struct collected_item, field, REQUIRED, "the field"),
    B_ID("id", struct collected_item, id, OPTIONAL, "of the item; absent when it was refused"),
    B_OBJECT("refused", struct collected_item, refused, OPTIONAL, &reason_form, "why not"),
    B_BOOL("quarantined", struct collected_item, quarantined, OPTIONAL,
           "it was put away where nobody reads it, until an officer decides or two weeks are over; "
           "ask for it by a safe channel"),
};
static const struct bind_form collected_item_form =
    B_FORM("collected_item", struct collected_item, collected_item_members, "One value's answer.");

static const struct bind_member collected_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct collected_reply, written.),
#undef duty_counter
    B_OBJECTS("items", struct collected_reply, items, item_count, OPTIONAL, &collected_item_form,
              "one per value, in the order given; left out when repeated"),
    B_JSON("form", struct collected_reply, form, OPTIONAL,
           "why each field is needed: its purposes on their bases, whether it must be given, and "
           "what follows without it"),
};
DEFINE(collected, struct collected_reply, "What was collected.");

/* A person who was made; a repetition answers as every write does. */
const struct bind_form enrolled_form =
    B_FORM("enrolled", struct collected_reply, collected_members, "Who was made.");

/* ---- reading ---- */

#define READ_ROWS(type, at, fields_counter, items_counter)                                         \
    B_TEXT("purpose", type, at purpose, REQUIRED, "the purpose that it is for"),                   \
        B_TEXTS_OR_ALL("fields", type, at fields, fields_counter,                                  \
                       "categories or fields; all when left out"),                                 \
        B_IDS_OR_ALL("items", type, at items, items_counter, "these items only"),                  \
        B_ID("matter", type, at matter, OPTIONAL, "in this matter"),                               \
        B_TEXT("controller", type, at controller, OPTIONAL,                                        \
               "the controller, where the policy has several")

static const struct bind_member read_members[] = {
    READ_ROWS(struct read, , field_count, item_count),
    B_TEXT("because", struct read, because, OPTIONAL,
           "why somebody looks, for the log and for the person: request, question, complaint, "
           "mistake, check or other"),
};
DEFINE(read, struct read, "A use of items for a purpose.");

static const struct bind_member explain_members[] = {
    READ_ROWS(struct explain_body, read., read.field_count, read.item_count),
    B_BOOL("use", struct explain_body, read.use, OPTIONAL, "a use that shows nothing"),
    B_INSTANT("at", struct explain_body, at, OPTIONAL, "as of when; now when it is left out"),
};
DEFINE(explain, struct explain_body, "A read to be explained.");

static const struct bind_member file_members[] = {
    B_U64("size", struct file_reply, size, REQUIRED, "in bytes"),
    B_TEXT("media", struct file_reply, media, REQUIRED, "its type, as it was said"),
    B_TEXT("name", struct file_reply, name, OPTIONAL, "its name, as it was said"),
};
static const struct bind_form file_form =
    B_FORM("file", struct file_reply, file_members, "What a file is.");

static const struct bind_member read_item_members[] = {
    B_ID("id", struct read_reply_item, id, REQUIRED, "of the item"),
    B_TEXT("field", struct read_reply_item, field, REQUIRED, "its field"),
    B_BOOL("allowed", struct read_reply_item, allowed, REQUIRED, "whether it may be used"),
    B_TEXT("value", struct read_reply_item, value, OPTIONAL, "its value, when it may be"),
    B_TEXT("reference", struct read_reply_item, reference, OPTIONAL,
           "instead of the value of an external field: the firm's own name for it"),
    B_ID("matter", struct read_reply_item, matter, OPTIONAL, "the matter it belongs to"),
    B_INSTANT("collected", struct read_reply_item, collected, OPTIONAL, "when it was collected"),
    B_INSTANT("end", struct read_reply_item, end, OPTIONAL,
              "without values: when it goes, where that is known"),
    B_TEXT("source", struct read_reply_item, source, OPTIONAL, "where it came from"),
    B_TEXT("version", struct read_reply_item, version, OPTIONAL,
           "the policy's version under which it was collected"),
    B_TEXT("purpose", struct read_reply_item, purpose, OPTIONAL,
           "of a copy of the register: the purpose that lets it be read"),
    B_OBJECT("file", struct read_reply_item, file, OPTIONAL, &file_form,
             "instead of the value: POST .../files/<id>/read gives the bytes"),
    B_OBJECT("refused", struct read_reply_item, refused, OPTIONAL, &reason_form, "why not"),
};
static const struct bind_form read_item_form =
    B_FORM("read_item", struct read_reply_item, read_item_members, "One item.");

static const struct bind_member read_reply_members[] = {
    B_U64("log_index", struct read_reply, log_index, REQUIRED, "of its entry in the log"),
    B_OBJECTS("items", struct read_reply, items, item_count, REQUIRED, &read_item_form,
              "the items, allowed or refused"),
    B_TEXTS("duties", struct read_reply, duties, duty_count, OPTIONAL, "evidence that is now owed"),
};
DEFINE(read_reply, struct read_reply, "Items that were opened.");

static const struct bind_member view_members[] = {
    B_ID("viewer", struct view_request, viewer, REQUIRED, "the person who looks"),
    B_TEXT("audience", struct view_request, audience, REQUIRED,
           "a recipient of the policy, of the kind audience"),
    B_TEXT("purpose", struct view_request, purpose, OPTIONAL,
           "its purpose, where the audience is for several"),
    B_TEXTS_OR_ALL("fields", struct view_request, fields, field_count, "categories or fields"),
    B_IDS_OR_ALL("items", struct view_request, items, item_count, "these items only"),
};
DEFINE(view, struct view_request, "What a person shows to an audience.");

static const struct bind_member search_members[] = {
    B_ID("viewer", struct search, viewer, REQUIRED, "the person who searches"),
    B_TEXT("audience", struct search, audience, REQUIRED, "a recipient that is searchable"),
    B_TEXT("text", struct search, text, REQUIRED, "three letters a word at the least"),
    B_TEXT("match", struct search, match, OPTIONAL,
           "whole: the whole value, when left out; word: each word; prefix: how each word begins"),
    B_TEXTS_OR_ALL(
        "fields", struct search, fields, field_count,
        "categories or fields to search in; all that the audience may see when left out"),
    B_TEXT("purpose", struct search, purpose, OPTIONAL,
           "its purpose, where the audience is for several"),
    B_TEXT("also", struct search, also, OPTIONAL,
           "another audience of the person's: what hits show to that one, too"),
};
DEFINE(search, struct search, "A question to the directory.");

static const struct bind_member search_value_members[] = {
    B_TEXT("field", struct search_reply_value, field, REQUIRED, "its field"),
    B_TEXT("value", struct search_reply_value, value, REQUIRED, "its value"),
};
static const struct bind_form search_value_form =
    B_FORM("search_value", struct search_reply_value, search_value_members, "One value.");
static const struct bind_member search_hit_members[] = {
    B_ID("id", struct search_reply_hit, id, REQUIRED, "of the person"),
    B_OBJECTS("values", struct search_reply_hit, values, value_count, REQUIRED, &search_value_form,
              "what is shown of them"),
};
static const struct bind_form search_hit_form =
    B_FORM("search_hit", struct search_reply_hit, search_hit_members, "One person.");
static const struct bind_member search_reply_members[] = {
    B_U64("log_index", struct search_reply, log_index, REQUIRED, "of the search's entry"),
    B_OBJECTS("hits", struct search_reply, hits, hit_count, REQUIRED, &search_hit_form,
              "at most 20 people"),
};
DEFINE(search_reply, struct search_reply, "Whom the search shows.");

static const struct bind_member space_create_members[] = {
    B_ID("matter", struct space_create, matter, REQUIRED, "the customer's service"),
    B_TEXT("space", struct space_create, space, REQUIRED, "a clause under `spaces`"),
    B_TEXT("policy", struct space_create, policy, REQUIRED,
           "the customer's instruction file, as text"),
    B_TEXT("deployment", struct space_create, deployment, OPTIONAL, "its deployment file"),
};
DEFINE(space_create, struct space_create, "A customer's space.");

static const struct bind_member space_made_members[] = {
    B_TEXT("name", struct space_made_reply, name, REQUIRED, "of its register"),
    B_TEXT("token", struct space_made_reply, token, REQUIRED,
           "the customer's first token; shown once"),
    B_U64("log_index", struct space_made_reply, log_index, REQUIRED, "of its entry in the log"),
};
DEFINE(space_made, struct space_made_reply, "A space that was made.");

static const struct bind_member space_request_members[] = {
    B_ID("matter", struct space_request, matter, REQUIRED, "the customer's service"),
    B_TEXT("space", struct space_request, space, REQUIRED, "a clause under `spaces`"),
    B_TEXT("right", struct space_request, right, REQUIRED, "access, erase, rectify, ..."),
    B_TEXT("channel", struct space_request, channel, OPTIONAL, "email, phone, post, web"),
    B_TEXT("text", struct space_request, text, OPTIONAL, "what was asked; kept sealed"),
};
DEFINE(space_request, struct space_request, "A person's request about data in a space.");

static const struct bind_member space_end_members[] = {
    B_ID("matter", struct space_end, matter, REQUIRED, "the customer's service"),
    B_TEXT("space", struct space_end, space, REQUIRED, "a clause under `spaces`"),
    B_TEXT("choice", struct space_end, choice, REQUIRED, "the customer's: return or erase"),
    B_U64("returned", struct space_end, returned, OPTIONAL,
          "with return: how many people were handed over"),
    B_U64("unconfirmed", struct space_end, unconfirmed, OPTIONAL,
          "of values in systems outside, told at this end: how many may stay unconfirmed"),
};
DEFINE(space_end, struct space_end, "The end of a space.");

static const struct bind_member found_members[] = {
    B_IDS("ids", struct found_reply, ids, id_count, REQUIRED, "the ids found"),
    B_TEXT("next", struct found_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(found, struct found_reply, "Ids, never data.");

/* ---- choices and rights ---- */

static const struct bind_member consent_members[] = {
    B_TEXT("purpose", struct consent, purpose, REQUIRED, "the purpose consented to"),
    B_TEXT("wording", struct consent, wording, REQUIRED, "the words that were shown"),
    B_TEXT("given_by", struct consent, given_by, REQUIRED,
           "how: click, signature, spoken or written; refused: prefilled, implied, silence, use, "
           "bundled, terms, other"),
    B_TEXT("language", struct consent, language, OPTIONAL, "of the words: nb, en"),
    B_TEXT("act", struct consent, act, OPTIONAL, "what proves the act"),
    B_TEXT("field", struct consent, field, OPTIONAL, "the field, where consent is per field"),
    B_TEXT("channel", struct consent, channel, OPTIONAL, "the channel"),
    B_TEXT("cookie", struct consent, cookie, OPTIONAL, "the cookie, where consent is per cookie"),
    B_ID("party", struct consent, party, OPTIONAL, "the recipient, where consent is per recipient"),
    B_ID("matter", struct consent, matter, OPTIONAL, "the matter"),
    B_TEXT("guardian", struct consent, guardian, OPTIONAL,
           "for a child: who consents, and by what that is known; kept sealed"),
    B_TEXT("until", struct consent, until, OPTIONAL, "a date or a moment; open when left out"),
    B_BOOL("required_for_other", struct consent, required_for_other, OPTIONAL,
           "it was a condition for something else, and is then refused"),
    B_BOOL("receipt", struct consent, receipt, OPTIONAL,
           "answer with a receipt that verifies from the log"),
};
DEFINE(consent, struct consent, "A consent.");

static const struct bind_member withdrawal_members[] = {
    B_TEXT("purpose", struct withdrawal, purpose, REQUIRED, "the purpose withdrawn from"),
    B_TEXT("field", struct withdrawal, field, OPTIONAL, "the field"),
    B_TEXT("channel", struct withdrawal, channel, OPTIONAL, "the channel"),
    B_TEXT("cookie", struct withdrawal, cookie, OPTIONAL, "the cookie"),
    B_ID("case", struct withdrawal, case_, OPTIONAL, "the request that it is done for"),
    B_ID("party", struct withdrawal, party, OPTIONAL, "the recipient"),
};
DEFINE(withdrawal, struct withdrawal, "A consent taken back.");

static const struct bind_member objection_members[] = {
    B_TEXT("purpose", struct objection_make, purpose, REQUIRED,
           "the purpose; \"marketing\" stands for all marketing"),
    B_ID("case", struct objection_make, case_, OPTIONAL, "the request that it is done for"),
};
DEFINE(objection, struct objection_make, "An objection.");

static const struct bind_member objection_decision_members[] = {
    B_BOOL("upheld", struct objection_decision, upheld, REQUIRED, "the person is right"),
    B_TEXT("reasons", struct objection_decision, reasons, REQUIRED, "why; kept sealed"),
};
DEFINE(objection_decision, struct objection_decision, "The answer to an objection.");

static const struct bind_member switch_members[] = {
    B_TEXT("switch", struct switch_set, stop, REQUIRED, "a switch of the policy"),
    B_TEXT("channel", struct switch_set, channel, OPTIONAL, "the channel, where it is per channel"),
    B_ID("party", struct switch_set, party, OPTIONAL, "the recipient, where it is per recipient"),
};
DEFINE(switch, struct switch_set, "A switch that the person sets.");

static const struct bind_member restriction_members[] = {
    B_TEXT("reason", struct restriction, reason, REQUIRED,
           "accuracy, unlawful, claims or objection"),
    B_ID("case", struct restriction, case_, OPTIONAL, "the request that it is done for"),
    B_TEXTS_OR_ALL("fields", struct restriction, fields, field_count,
                   "categories or fields; all when left out"),
    B_BOOL("warned", struct restriction, warned, OPTIONAL,
           "the person was told which service stops"),
};
DEFINE(restriction, struct restriction, "A restriction of use.");

static const struct bind_member rectify_members[] = {
    B_ID("item", struct rectify, item, REQUIRED, "the item that is wrong"),
    B_TEXT("value", struct rectify, value, REQUIRED, "the right value; empty: there is none"),
    B_TEXT("reference", struct rectify, reference, OPTIONAL,
           "of an external item, with an empty value: where the right value lies, also the same"),
    B_BOOL("warned", struct rectify, warned, OPTIONAL,
           "whoever loses a service by it was told; without it the answer says which"),
    B_BOOL("by_subject", struct rectify, by_subject, OPTIONAL, "the person says so herself"),
    B_ID("case", struct rectify, case_, OPTIONAL,
         "the case of the person's request: what the right needs, such as identity, must be on "
         "file"),
};
DEFINE(rectify, struct rectify, "A wrong value put right.");

static const struct bind_member erase_members[] = {
    B_TEXTS_OR_ALL("fields", struct erase, fields, field_count,
                   "categories or fields; everything when left out"),
    B_BOOL("warned", struct erase, warned, OPTIONAL,
           "the person was told that an account may close"),
    B_BOOL("suppress", struct erase, suppress, OPTIONAL,
           "she wants no marketing to find her again: keyed hashes and the purposes stay, until "
           "she consents anew"),
    B_ID("case", struct erase, case_, OPTIONAL,
         "the case of the person's request: what the right needs, such as identity, must be on "
         "file"),
};
DEFINE(erase, struct erase, "An erasure.");

static const struct bind_member erase_item_members[] = {
    B_ID("id", struct erase_reply_item, id, REQUIRED, "of the item"),
    B_TEXT("field", struct erase_reply_item, field, REQUIRED, "its field"),
    B_BOOL("erased", struct erase_reply_item, erased, REQUIRED, "gone, or kept"),
    B_BOOL("external", struct erase_reply_item, external, OPTIONAL,
           "its value lies in the firm's own system: gone there when the errand is confirmed"),
    B_OBJECT("kept_by", struct erase_reply_item, kept_by, OPTIONAL, &reason_form, "what keeps it"),
    B_TEXT("law", struct erase_reply_item, law, OPTIONAL, "the law that keeps it"),
    B_INSTANT("until", struct erase_reply_item, until, OPTIONAL,
              "until when at the least, where it is known"),
};
static const struct bind_form erase_item_form =
    B_FORM("erase_item", struct erase_reply_item, erase_item_members, "One item's fate.");

static const struct bind_member erase_reply_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct erase_reply, written.),
#undef duty_counter
    B_BOOL("whole", struct erase_reply, whole, OPTIONAL, "nothing of the person is left"),
    B_OBJECTS("items", struct erase_reply, items, item_count, OPTIONAL, &erase_item_form,
              "what became of each item; left out when repeated"),
    B_U64(
        "concerned", struct erase_reply, concerned, OPTIONAL,
        "items of others that were also about the person: look whether they may stay as they are"),
    B_JSON("receipt", struct erase_reply, receipt, OPTIONAL,
           "reference, entry, inclusion proof and checkpoint"),
};
DEFINE(erase_reply, struct erase_reply, "What an erasure did.");

static const struct bind_member access_members[] = {
    B_BOOL("by_subject", struct export_request, by_subject, OPTIONAL,
           "the person asks herself, not an officer for her"),
    B_ID("case", struct export_request, case_, OPTIONAL,
         "the case of the person's request: what the right needs, such as identity, must be on "
         "file"),
    B_TEXT(
        "format", struct export_request, format, OPTIONAL,
        "html, json or text: the answer of article 15 as a paper, whole or refused with what "
        "lacks; consents: the consents alone, as records by ISO/IEC TS 27560 in JSON-LD; the data "
        "when left out"),
    B_TEXT("language", struct export_request, language, OPTIONAL,
           "of the paper: nb, nn or en; the policy's first when left out"),
};
DEFINE(access, struct export_request, "A person's own copy, as data or as a paper.");

static const struct bind_member package_members[] = {
    B_BOOL("by_subject", struct export_request, by_subject, OPTIONAL,
           "the person asks herself, not an officer for her"),
    B_ID("case", struct export_request, case_, OPTIONAL, "the case of the person's request"),
    B_TEXT("language", struct export_request, language, OPTIONAL,
           "of the pages: nb, nn or en; the policy's first when left out"),
};
DEFINE(package, struct export_request, "What a person takes along.");

static const struct bind_member export_members[] = {
    B_BOOL("by_subject", struct export_request, by_subject, OPTIONAL,
           "the person asks herself, not an officer for her"),
    B_ID("case", struct export_request, case_, OPTIONAL,
         "the case of the person's request: what the right needs, such as identity, must be on "
         "file"),
};
DEFINE(export, struct export_request, "A person's own copy.");

static const struct bind_member history_members[] = {
    B_TEXT("reference", struct history_ask, reference, REQUIRED, "the person's reference"),
    B_INSTANT("at", struct history_ask, at, OPTIONAL,
              "what the log told by then; now when left out"),
    B_BOOL("newest", struct history_ask, newest, OPTIONAL,
           "the newest entry first, not the oldest"),
    B_U64("limit", struct history_ask, limit, OPTIONAL, "entries of the answer: at most 10000"),
    B_U64("from", struct history_ask, from, OPTIONAL,
          "where to go on, as `next` of the answer before it says"),
};
DEFINE(history, struct history_ask, "A question to the log.");

static const struct bind_member erasure_ask_members[] = {
    B_TEXT("reference", struct erasure_ask, reference, REQUIRED, "the person's reference"),
    B_TEXT("language", struct erasure_ask, language, OPTIONAL,
           "nb, nn or en; the policy's first when left out"),
    B_TEXT("format", struct erasure_ask, format, OPTIONAL,
           "html, text, or json: `paper`, `receipt` and `seal`; json when left out"),
};
DEFINE(erasure_ask, struct erasure_ask, "Whose erasure is certified.");

static const struct bind_member proof_members[] = {
    B_TEXT("reference", struct proof_ask, reference, REQUIRED, "the person's reference"),
    B_U64("log_index", struct proof_ask, log_index, REQUIRED,
          "of the entry, as history or the answer of a batch says"),
};
DEFINE(proof, struct proof_ask, "Which entry is to be proved, and about whom.");

static const struct bind_member statistics_members[] = {
    B_TEXT("purpose", struct statistics_ask, purpose, REQUIRED,
           "a purpose of the policy that only counts (`counts_only`)"),
    B_TEXT("by", struct statistics_ask, by, OPTIONAL,
           "none, role, source, category or month; none when it is left out"),
    B_TEXT("controller", struct statistics_ask, controller, OPTIONAL,
           "the controller, where the policy has several"),
};
DEFINE(statistics, struct statistics_ask, "A question for one table of counts.");

static const struct bind_member documents_members[] = {
    B_INSTANT("at", struct documents_body, at, OPTIONAL, "as of when; now when it is left out"),
};
DEFINE(documents, struct documents_body, "Which texts applied to a person.");

/* ---- giving on ---- */

#define SHARE_ROWS(type, at, fields_counter, supplied_counter)                                     \
    B_TEXT("purpose", type, at purpose, REQUIRED, "the purpose that it is for"),                   \
        B_TEXT("recipient", type, at recipient, REQUIRED, "a recipient of the policy"),            \
        B_ID("party", type, at party, OPTIONAL, "which one of that kind"),                         \
        B_TEXTS_OR_ALL("fields", type, at fields, fields_counter, "categories or fields"),         \
        B_ID("matter", type, at matter, OPTIONAL, "in this matter"),                               \
        B_ID("case", type, at case_, OPTIONAL, "the case that asks for it"),                       \
        B_TEXT("controller", type, at controller, OPTIONAL,                                        \
               "the controller, where the policy has several"),                                    \
        B_TEXTS("supplied", type, at supplied, supplied_counter, OPTIONAL,                         \
                "evidence handed over with the act"),                                              \
        B_TEXT("channel", type, at channel, OPTIONAL,                                              \
               "by which it goes: nothing special goes by email or sms")

static const struct bind_member share_members[] = {
    SHARE_ROWS(struct share, , field_count, supplied_count),
    B_IDS_OR_ALL("items", struct share, items, item_count, "these items only"),
};
DEFINE(share, struct share, "A disclosure.");

static const struct bind_member share_reply_members[] = {
    B_U64("log_index", struct share_reply, read.log_index, REQUIRED, "of its entry in the log"),
    B_ID("record", struct share_reply, record, REQUIRED, "of the disclosure"),
    B_ID("reference", struct share_reply, reference, OPTIONAL,
         "give it along: by it this party is told later what becomes of the data"),
    B_OBJECTS("items", struct share_reply, read.items, read.item_count, REQUIRED, &read_item_form,
              "the items, allowed or refused"),
    B_TEXTS("duties", struct share_reply, read.duties, read.duty_count, OPTIONAL,
            "evidence that is now owed"),
};
DEFINE(share_reply, struct share_reply, "What was given.");

#define ROWS_FORM(name_, help_, rows_help)                                                         \
    static const struct bind_member name_##_members[] = {                                          \
        B_JSON(#name_, struct rows_reply, rows, REQUIRED, rows_help),                              \
        B_TEXT("next", struct rows_reply, next, OPTIONAL, "the cursor of the next page"),          \
    };                                                                                             \
    DEFINE(name_, struct rows_reply, help_)
static const struct bind_member register_end_members[] = {
    B_TEXT("name", struct register_end, name, REQUIRED, "of the register, to confirm"),
    B_U64("people", struct register_end, people, REQUIRED, "how many it holds, to confirm"),
    B_TEXT("choice", struct register_end, choice, REQUIRED,
           "erase, or return where it was handed over before"),
    B_U64("unconfirmed", struct register_end, unconfirmed, OPTIONAL,
          "of values in systems outside, told at this end: how many may stay unconfirmed"),
};
DEFINE(register_end, struct register_end, "The end of a whole register.");

ROWS_FORM(disclosures, "To whom a person's data was given.",
          "oldest first: record, at, recipient, party, name, zone, purpose, basis, fields, "
          "reference, case, request");
ROWS_FORM(
    uses, "Who used a person's data.",
    "oldest first: index, at, action, decision, purpose, controller, recipient (its kind), by "
    "(staff, application, system, gone), roles (of staff), asserted, matter, categories, rule");
ROWS_FORM(duties, "What a party is to be told.",
          "open ones first: record, what, since, reference, fields, purpose; done and proof");
ROWS_FORM(parties, "The recipients that the register knows.",
          "in the order of their ids: party, recipient, kind, name, under, zone, place, outside, "
          "safeguards, agreements");

static const struct bind_member duty_done_members[] = {
    B_TEXT("proof", struct duty_done, proof, REQUIRED,
           "which message, when, what they answered; no data of the person"),
};
DEFINE(duty_done, struct duty_done, "A recipient was told.");

static const struct bind_member message_members[] = {
    B_TEXT("message", struct message, message, REQUIRED, "a message of the policy"),
    B_TEXT("channel", struct message, channel, REQUIRED, "email, sms, phone, post"),
    B_TEXTS("supplied", struct message, supplied, supplied_count, OPTIONAL,
            "what the message carries: stop_link"),
    B_TEXTS("carries", struct message, carries, carry_count, OPTIONAL,
            "categories or fields that its content holds: nothing special goes by e-mail or SMS"),
    B_TEXT("stop_link", struct message, stop_link, OPTIONAL,
           "the stop link that the message carries, as an answer of this route gave it"),
    B_ID("party", struct message, party, OPTIONAL, "on whose behalf"),
    B_ID("item", struct message, item, OPTIONAL,
         "the item that it goes to, or tells of: refused when that may not be used for it"),
    B_BOOL("asking", struct message, asking, OPTIONAL, "only a question: it is not being sent"),
    B_BOOL("queue", struct message, queue, OPTIONAL,
           "it waits among the tasks until a sending system takes it; then it is decided again"),
    B_TEXT("heading", struct message, heading, OPTIONAL,
           "of a mail that Vern sends itself: queued, to an item that is an address"),
    B_TEXT("text", struct message, text, OPTIONAL, "and its text; both are kept sealed until then"),
};
DEFINE(message, struct message, "A message to the person.");

static const struct bind_member letter_members[] = {
    B_TEXT("paper", struct letter_ask, paper, REQUIRED,
           "notice: of an intake; changes: of a version; breach: the message about it"),
    B_ID("item", struct letter_ask, item, REQUIRED, "the item that is the e-mail address"),
    B_TEXT("language", struct letter_ask, language, OPTIONAL,
           "nb, nn or en; the policy's first when left out"),
    B_TEXT("intake", struct letter_ask, notice.told, OPTIONAL, "of a notice: whose notice it is"),
    B_TEXT("version", struct letter_ask, notice.version, OPTIONAL,
           "of changes: which version; of a notice: which one it tells of"),
    B_TEXT("source", struct letter_ask, notice.source, OPTIONAL,
           "of a notice: the source that it tells of"),
    B_TEXT("purpose", struct letter_ask, notice.purpose, OPTIONAL,
           "of a notice: the purpose that it tells of"),
    B_TEXT("type", struct letter_ask, notice.type, OPTIONAL,
           "as what it is on file once it was sent; \"notice\" when left out"),
    B_ID("breach", struct letter_ask, breach, OPTIONAL, "of the message about a breach: which"),
};
DEFINE(letter, struct letter_ask, "A paper that Vern writes and mails.");

/* ---- many people ---- */

#define PEOPLE_ROWS(type, counter)                                                                 \
    B_IDS("subjects", type, people.subjects, counter, OPTIONAL,                                    \
          "up to 65,536 people, nobody twice"),                                                    \
        B_BOOL("everyone", type, people.everyone, OPTIONAL,                                        \
               "instead: everyone whom the purpose reaches; for officers"),                        \
        B_TEXT("cursor", type, people.cursor, OPTIONAL,                                            \
               "of everyone: who follows after 65,536, as `next` of the last line says")

static const struct bind_member batch_read_members[] = {
    READ_ROWS(struct batch_read_body, read., read.field_count, read.item_count),
    B_BOOL("use", struct batch_read_body, read.use, OPTIONAL, "a use that shows nothing"),
    B_BOOL("without_values", struct batch_read_body, read.without_values, OPTIONAL,
           "only which items and roles there are: no value is opened"),
    PEOPLE_ROWS(struct batch_read_body, people.subject_count),
};
DEFINE(batch_read, struct batch_read_body, "A read of many people under one entry.");

static const struct bind_member batch_share_members[] = {
    SHARE_ROWS(struct batch_share_body, share., share.field_count, share.supplied_count),
    PEOPLE_ROWS(struct batch_share_body, people.subject_count),
};
DEFINE(batch_share, struct batch_share_body, "A disclosure of many people under one entry.");

static const struct bind_member batch_messages_members[] = {
    B_TEXT("message", struct batch_message_body, message.message, REQUIRED,
           "a message of the policy"),
    B_TEXT("channel", struct batch_message_body, message.channel, REQUIRED,
           "email, sms, phone, post"),
    B_TEXTS("supplied", struct batch_message_body, message.supplied, message.supplied_count,
            OPTIONAL,
            "what each message carries: stop_link, the one of its line where links of "
            "ours work"),
    B_TEXTS("carries", struct batch_message_body, message.carries, message.carry_count, OPTIONAL,
            "categories or fields that its content holds: nothing special goes by e-mail or SMS"),
    B_ID("party", struct batch_message_body, message.party, OPTIONAL, "on whose behalf"),
    B_BOOL("asking", struct batch_message_body, message.asking, OPTIONAL,
           "only a question: it is not being sent"),
    B_BOOL("queue", struct batch_message_body, message.queue, OPTIONAL,
           "each waits among the tasks until a sending system takes it; who has it waiting already "
           "gets no second one"),
    PEOPLE_ROWS(struct batch_message_body, people.subject_count),
};
DEFINE(batch_messages, struct batch_message_body, "A message to many people under one entry.");

static const struct bind_member batch_roles_members[] = {
    B_TEXT("role", struct roles_change, change.role, REQUIRED, "a role of the policy"),
    B_ID("matter", struct roles_change, change.matter, OPTIONAL,
         "the matter that the role is tied to"),
    B_INSTANT("at", struct roles_change, change.at, OPTIONAL,
              "since when; now when it is left out"),
    B_BOOL("ends", struct roles_change, change.ends, OPTIONAL, "the role ends"),
    B_BOOL("warned", struct roles_change, change.warned, OPTIONAL,
           "whoever loses a service by it was told; without it nobody may lose one"),
    B_IDS("subjects", struct roles_change, subjects, subject_count, REQUIRED,
          "up to 200 people, nobody twice"),
};
DEFINE(batch_roles, struct roles_change, "A role of many people that begins or ends.");

static const struct bind_member role_line_members[] = {
    B_ID("subject", struct role_line_reply, subject, REQUIRED, "as it was asked"),
    B_BOOL("allowed", struct role_line_reply, allowed, REQUIRED, "it was done"),
    B_BOOL("unknown", struct role_line_reply, unknown, OPTIONAL,
           "there is nobody that you may know of"),
    B_BOOL("lacking", struct role_line_reply, lacking, OPTIONAL,
           "does not hold the role that was to end"),
    B_OBJECT("refused", struct role_line_reply, refused, OPTIONAL, &reason_form, "why not"),
};
static const struct bind_form role_line_form =
    B_FORM("role_line", struct role_line_reply, role_line_members, "One person of a batch.");

static const struct bind_member roles_reply_members[] = {
    B_U64("log_index", struct roles_reply, log_index, REQUIRED, "of the one entry"),
    B_U64("allowed", struct roles_reply, allowed, REQUIRED, "of whom it was done"),
    B_OBJECTS("people", struct roles_reply, people, person_count, REQUIRED, &role_line_form,
              "in the order asked"),
};
DEFINE(roles_reply, struct roles_reply, "What became of each.");

static const struct bind_member export_all_members[] = {
    B_TEXT("purpose", struct export_body, read.purpose, OPTIONAL,
           "everyone whom it reaches, as a read for it; left out: everyone, each item under "
           "whatever purpose lets it be read"),
    B_TEXTS("fields", struct export_body, read.fields, read.field_count, OPTIONAL,
            "of a purpose: categories or fields; all when left out"),
    B_BOOL("without_values", struct export_body, read.without_values, OPTIONAL,
           "of a purpose: only which items and roles there are; no value is opened"),
    B_TEXT("controller", struct export_body, read.controller, OPTIONAL,
           "the controller, where the policy has several"),
    B_TEXT("cursor", struct export_body, people.cursor, OPTIONAL,
           "who follows after 65,536, as `next` of the last line says"),
};
DEFINE(export_all, struct export_body, "A copy of everyone, as NDJSON.");

static const struct bind_member batch_line_members[] = {
    B_ID("subject", struct batch_line_reply, subject, REQUIRED, "as it was asked"),
    B_BOOL("allowed", struct batch_line_reply, allowed, REQUIRED, "something is"),
    B_BOOL("unknown", struct batch_line_reply, unknown, OPTIONAL,
           "there is nobody that you may know of"),
    B_BOOL("changed", struct batch_line_reply, changed, OPTIONAL,
           "allowed when it was decided and no more when it was to be given: nothing was"),
    B_TEXTS("roles", struct batch_line_reply, roles, role_count, OPTIONAL,
            "without values: the roles that the person holds"),
    B_OBJECTS("items", struct batch_line_reply, items, item_count, OPTIONAL, &read_item_form,
              "the items, allowed or refused"),
    B_OBJECT("refused", struct batch_line_reply, refused, OPTIONAL, &reason_form, "why not"),
    B_TEXT("stop_link", struct batch_line_reply, stop_link, OPTIONAL,
           "the address that turns this message off; for its text"),
    B_BOOL("queued", struct batch_line_reply, queued, OPTIONAL, "it waits among the tasks"),
    B_ID("record", struct batch_line_reply, record, OPTIONAL, "of the disclosure"),
    B_ID("reference", struct batch_line_reply, reference, OPTIONAL,
         "give it along: by it this party is told later what becomes of the data"),
    B_TEXT("problem", struct batch_line_reply, problem, OPTIONAL,
           "limit: more than one person's facts or answer may hold"),
};
DEFINE(batch_line, struct batch_line_reply, "One person of a batch.");

static const struct bind_member batch_end_members[] = {
    B_U64("log_index", struct batch_end_reply, log_index, REQUIRED, "of the one entry"),
    B_U64("people", struct batch_end_reply, people, REQUIRED, "that were asked for"),
    B_U64("allowed", struct batch_end_reply, allowed, REQUIRED, "of these, by the entry"),
    B_TEXT("next", struct batch_end_reply, next, OPTIONAL,
           "of everyone: there are more; give it back as `cursor`"),
};
DEFINE(batch_end, struct batch_end_reply, "The last line of a batch.");

static const struct bind_member sending_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct sending_reply, written.),
#undef duty_counter
    B_TEXT("message", struct sending_reply, message, OPTIONAL, "the message"),
    B_TEXT("channel", struct sending_reply, channel, OPTIONAL, "by which channel"),
    B_ID("item", struct sending_reply, item, OPTIONAL, "the item that it goes to, or tells of"),
    B_TEXT("stop_link", struct sending_reply, stop_link, OPTIONAL,
           "the address that turns this message off without a sign-in; for its text"),
    B_TEXT("list_unsubscribe", struct sending_reply, list_unsubscribe, OPTIONAL,
           "for the header field List-Unsubscribe (RFC 2369)"),
    B_TEXT("list_unsubscribe_post", struct sending_reply, list_unsubscribe_post, OPTIONAL,
           "for the header field List-Unsubscribe-Post (RFC 8058), where one click turns it off"),
};
DEFINE(sending, struct sending_reply, "May it be sent, and what goes with it.");

/* ---- matters, evidence, those around ---- */

static const struct bind_member matter_members[] = {
    B_TEXT("kind", struct matter_create, kind, REQUIRED, "a kind of the policy"),
    B_TEXT("number", struct matter_create, number, OPTIONAL, "the firm's own number"),
};
DEFINE(matter, struct matter_create, "A matter or a case.");

static const struct bind_member case_members[] = {
    B_TEXT("kind", struct case_create, kind, REQUIRED,
           "what it is: a right of the policy (complain, access, ...), or request, question, "
           "authority, claim"),
    B_TEXT("number", struct case_create, number, OPTIONAL, "the firm's own number"),
    B_ID("requester", struct case_create, requester, OPTIONAL,
         "the party that asks; nobody else gets anything under this case"),
    B_TEXT("reference", struct case_create, reference, OPTIONAL, "theirs; kept sealed"),
    B_TEXTS("scope", struct case_create, scope, scope_count, OPTIONAL,
            "categories or fields asked for; nothing else is given under this case"),
    B_TEXT("channel", struct case_create, channel, OPTIONAL,
           "by which way it came: phone, post, email, ..."),
    B_ID("subject", struct case_create, subject, OPTIONAL,
         "who asks, or whom it is about; may be said later"),
    B_ID("member", struct case_create, member, OPTIONAL,
         "the member of the staff whom it is by or about: they never decide it"),
};
DEFINE(case, struct case_create, "A case.");

static const struct bind_member case_link_members[] = {
    B_ID("subject", struct case_link, subject, REQUIRED, "who asks, or whom it is about"),
};
DEFINE(case_link, struct case_link, "Whom a case is about.");

static const struct bind_member case_decision_members[] = {
    B_BOOL("granted", struct case_decision, granted, REQUIRED, "what is asked for may be given"),
    B_TEXT("reasons", struct case_decision, reasons, REQUIRED, "why; kept sealed"),
};
DEFINE(case_decision, struct case_decision, "The decision of a case.");

static const struct bind_member request_take_members[] = {
    B_TEXT("channel", struct request_take, channel, REQUIRED,
           "by which way it came: a contact of the policy, support, portal, stop_link, or phone, "
           "post, email, in_person, ..."),
    B_TEXTS("rights", struct request_take, rights, right_count, REQUIRED,
            "what is asked: access, rectify, erase, restrict, portability, object, withdraw, "
            "complain, processors"),
    B_INSTANT("received", struct request_take, received, OPTIONAL,
              "when it came; now if left out, never later"),
    B_TEXT("contact", struct request_take, contact, OPTIONAL,
           "how the one who asks is to be reached, as they say; kept sealed"),
    B_TEXT("text", struct request_take, text, OPTIONAL, "what they wrote or said; kept sealed"),
    B_ID("subject", struct request_take, subject, OPTIONAL,
         "who is signed in and asks, from an application that also holds the scope rights: that "
         "proves who asks"),
    B_BOOL("receipt", struct request_take, receipt, OPTIONAL,
           "answer with a receipt that verifies from the log: that it came in, and when"),
};
DEFINE(request_take, struct request_take, "A person's request.");

static const struct bind_member request_taken_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct request_taken_reply, written.),
#undef duty_counter
    B_TEXT("number", struct request_taken_reply, number, REQUIRED, "to be quoted"),
    B_INSTANT("received", struct request_taken_reply, received, REQUIRED, "when it came"),
    B_TEXT("safe", struct request_taken_reply, safe, REQUIRED, "the last day, as counted"),
    B_TEXT("legal", struct request_taken_reply, legal, REQUIRED,
           "the same, moved past weekends and public holidays (Regulation 1182/71)"),
    B_TEXT("say", struct request_taken_reply, say, REQUIRED,
           "what may be said to whoever asks, known or not"),
    B_TEXT("follow", struct request_taken_reply, follow, OPTIONAL,
           "the address of a page that shows whoever asked how the request stands; for 180 days, "
           "and only where the server has a public address"),
    B_JSON("receipt", struct request_taken_reply, receipt, OPTIONAL,
           "the entry of the log with the proof that it is there, signed (docs/log-format.md)"),
};
DEFINE(request_taken, struct request_taken_reply, "A request that was taken in.");

static const struct bind_member request_number_members[] = {
    B_TEXT("number", struct request_number_body, number, REQUIRED, "as it was given"),
};
DEFINE(request_number, struct request_number_body, "The number of a request.");

static const struct bind_member my_request_members[] = {
    B_TEXTS("rights", struct request_take, rights, right_count, REQUIRED,
            "what is asked: access, rectify, erase, restrict, portability, object, withdraw, "
            "complain, processors"),
    B_TEXT("text", struct request_take, text, OPTIONAL, "in one's own words; kept sealed"),
    B_BOOL("receipt", struct request_take, receipt, OPTIONAL,
           "answer with a receipt that verifies from the log"),
};
DEFINE(my_request, struct request_take, "What the person who is signed in asks for.");

static const struct bind_member my_consent_members[] = {
    B_TEXT("purpose", struct consent, purpose, REQUIRED, "the purpose consented to"),
    B_TEXT("wording", struct consent, wording, REQUIRED, "the words that were shown"),
    B_TEXT("language", struct consent, language, OPTIONAL, "of the words: nb, en"),
    B_TEXT("field", struct consent, field, OPTIONAL, "the field, where consent is per field"),
    B_TEXT("channel", struct consent, channel, OPTIONAL,
           "the channel, where consent is per channel"),
    B_TEXT("cookie", struct consent, cookie, OPTIONAL, "the cookie, where consent is per cookie"),
    B_ID("party", struct consent, party, OPTIONAL, "the recipient, where consent is per recipient"),
    B_TEXT("until", struct consent, until, OPTIONAL, "a date or a moment; open when left out"),
    B_BOOL("receipt", struct consent, receipt, OPTIONAL,
           "answer with a receipt that verifies from the log"),
};
DEFINE(my_consent, struct consent, "A consent that the person gives by a click of their own.");

static const struct bind_member my_receipt_members[] = {
    B_U64("log_index", struct proof_ask, log_index, REQUIRED,
          "of the entry, as the answer to an act of one's own or /v1/me/uses says"),
};
DEFINE(my_receipt, struct proof_ask, "Which entry about oneself is to be proved.");

static const struct bind_member my_address_members[] = {
    B_ID("item", struct address_change, item, REQUIRED, "the item that holds the address now"),
    B_TEXT("value", struct address_change, value, REQUIRED, "the new address"),
    B_TEXT("language", struct address_change, language, OPTIONAL, "of the mails: nb, nn, en"),
};
DEFINE(my_address, struct address_change, "An address that the person changes.");

static const struct bind_member my_address_confirm_members[] = {
    B_ID("item", struct address_change, item, REQUIRED, "the item that holds the address now"),
    B_TEXT("value", struct address_change, value, REQUIRED, "the new address, as before"),
    B_TEXT("old_code", struct address_change, old_code, REQUIRED, "that went to the old address"),
    B_TEXT("new_code", struct address_change, new_code, REQUIRED, "that went to the new one"),
};
DEFINE(my_address_confirm, struct address_change, "Proof of both addresses.");

static const struct bind_member request_item_members[] = {
    B_ID("id", struct request_view, id, REQUIRED, "of the request"),
    B_TEXT("number", struct request_view, number, REQUIRED, "to be quoted"),
    B_TEXT("state", struct request_view, state, REQUIRED,
           "open, answered, identity (not proven), passed_on, joined"),
    B_TEXTS("rights", struct request_view, rights, right_count, REQUIRED, "what is asked"),
    B_TEXT("channel", struct request_view, channel, OPTIONAL, "by which way it came"),
    B_TEXT("controller", struct request_view, controller, OPTIONAL,
           "the company that it was made to, if one was named"),
    B_TEXT("identity", struct request_view, identity, REQUIRED,
           "none, mailbox (signed in by one, which proves less than is asked), asked, proven, "
           "refused"),
    B_ID("signed_in", struct request_view, signed_in, OPTIONAL,
         "who asked while signed in by a mailbox"),
    B_ID("subject", struct request_view, subject, OPTIONAL, "who asks, once that is proven"),
    B_ID("owner", struct request_view, owner, OPTIONAL,
         "the member of the staff who deals with it"),
    B_INSTANT("received", struct request_view, received, REQUIRED, "when it came"),
    B_TEXT("safe", struct request_view, safe, REQUIRED, "the last day, as counted"),
    B_TEXT("legal", struct request_view, legal, REQUIRED,
           "the same, moved past weekends and public holidays"),
    B_INSTANT("overdue_from", struct request_view, overdue_from, REQUIRED,
              "00:00 local of the day after the legal one"),
    B_BOOL("due", struct request_view, due, OPTIONAL, "the safe day has passed"),
    B_BOOL("overdue", struct request_view, overdue, OPTIONAL, "the legal day has passed"),
    B_BOOL("extended", struct request_view, extended, OPTIONAL, "to three months from receipt"),
    B_INSTANT("closed", struct request_view, closed, OPTIONAL, "when it was answered or ended"),
};
static const struct bind_form request_item_form =
    B_FORM("request_item", struct request_view, request_item_members, "A request.");

static const struct bind_member requests_members[] = {
    B_OBJECTS("requests", struct requests_reply, requests, request_count, REQUIRED,
              &request_item_form, "in the order of their deadlines"),
    B_TEXT("next", struct requests_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(requests, struct requests_reply, "Requests of persons.");

static const struct bind_member request_own_members[] = {
    B_ID("member", struct request_own, member, OPTIONAL,
         "of the staff, who deals with it from now on; nobody when left out"),
};
DEFINE(request_own, struct request_own, "Who deals with a request.");

static const struct bind_member request_extend_members[] = {
    B_TEXT("reasons", struct request_extend, reasons, OPTIONAL,
           "why it takes longer; kept sealed. Left out when they were given before"),
    B_INSTANT("told", struct request_extend, told, OPTIONAL,
              "when the person was told; until then nothing is extended"),
};
DEFINE(request_extend, struct request_extend, "More time for a request.");

static const struct bind_member request_decide_members[] = {
    B_TEXT("right", struct request_decide, right, REQUIRED, "one of those that are asked"),
    B_TEXT("outcome", struct request_decide, outcome, REQUIRED, "granted, partly or refused"),
    B_TEXT("exception", struct request_decide, exception, OPTIONAL,
           "of what is not wholly granted: unfounded, excessive, national_law, nothing_held, "
           "rights_of_others, not_wrong, no_ground, expression, legal_duty, public_health, "
           "archiving, legal_claims, other_basis, compelling_grounds, no_consent, not_upheld; "
           "each of its rights"),
    B_TEXT("reasons", struct request_decide, reasons, REQUIRED, "why; kept sealed"),
};
DEFINE(request_decide, struct request_decide, "The decision of one right.");

static const struct bind_member request_pass_on_members[] = {
    B_TEXT("space", struct request_pass_on, space, REQUIRED, "a space of the policy"),
    B_ID("matter", struct request_pass_on, matter, REQUIRED, "the customer's service"),
};
DEFINE(request_pass_on, struct request_pass_on, "Whose space a request is about.");

static const struct bind_member request_letter_members[] = {
    B_TEXT("language", struct request_letter, language, OPTIONAL,
           "nb, nn or en; the policy's first when left out"),
    B_TEXT("format", struct request_letter, format, OPTIONAL,
           "html, json or text; html when left out"),
};
DEFINE(request_letter, struct request_letter, "In which language and form.");

static const struct bind_member request_mail_members[] = {
    B_ID("item", struct request_mail, item, OPTIONAL,
         "an item that is an e-mail address of the person's, once it is proven who asks; to the "
         "contact that came with the request when left out"),
    B_TEXT("language", struct request_mail, language, OPTIONAL,
           "nb, nn or en; the policy's first when left out"),
};
DEFINE(request_mail, struct request_mail, "To whom the letter goes, and in which language.");

static const struct bind_member request_close_members[] = {
    B_INSTANT("answered", struct request_close, answered, OPTIONAL,
              "when the answer was given; now if left out"),
};
DEFINE(request_close, struct request_close, "That a request was answered.");

static const struct bind_member particular_members[] = {
    B_TEXT("name", struct particular, name, REQUIRED, "its name"),
    B_TEXT("value", struct particular, value, REQUIRED, "its value"),
};
static const struct bind_form particular_form =
    B_FORM("particular", struct particular, particular_members, "One particular.");

static const struct bind_member request_identity_members[] = {
    B_TEXT("outcome", struct request_identity, outcome, REQUIRED,
           "proven; asked: more proof is asked for, which stops no clock; refused: it ends so"),
    B_ID("subject", struct request_identity, subject, OPTIONAL, "who asks, when it is proven"),
    B_TEXT("method", struct request_identity, method, OPTIONAL,
           "by which it is proven: evidence of the policy of kind identity, or eid, document, "
           "in_person, known_contact, call_back"),
    B_MAP("particulars", struct request_identity, particulars, particular_count, OPTIONAL,
          &particular_form, "what that evidence asks for; kept sealed"),
    B_ID("member", struct request_identity, member, OPTIONAL,
         "the member of the staff, where it is one of them who asks: they never decide it"),
    B_TEXT("reasons", struct request_identity, reasons, OPTIONAL,
           "what more is asked for, or why it is not proven; kept sealed"),
};
DEFINE(request_identity, struct request_identity, "Who asks, and how that is known.");

#define EVIDENCE_ROWS                                                                              \
    B_ID("matter", struct evidence_record, matter, OPTIONAL, "the matter it is bound to"),         \
        B_ID("case", struct evidence_record, case_, OPTIONAL, "the case"),                         \
        B_ID("party", struct evidence_record, party, OPTIONAL, "the recipient party"),             \
        B_ID("place", struct evidence_record, place, OPTIONAL, "the place"),                       \
        B_ID("actor", struct evidence_record, actor, OPTIONAL, "the member of the staff"),         \
        B_TEXT("purpose", struct evidence_record, purpose, OPTIONAL, "the purpose"),               \
        B_TEXT("category", struct evidence_record, category, OPTIONAL, "the category"),            \
        B_TEXT("field", struct evidence_record, field, OPTIONAL, "the field"),                     \
        B_TEXT("source", struct evidence_record, source, OPTIONAL, "the source"),                  \
        B_TEXT("intake", struct evidence_record, intake, OPTIONAL, "the intake"),                  \
        B_TEXT("channel", struct evidence_record, channel, OPTIONAL, "the channel"),               \
        B_TEXT("message", struct evidence_record, message, OPTIONAL, "the message"),               \
        B_TEXT("controller", struct evidence_record, controller, OPTIONAL, "the controller"),      \
        B_TEXT("version", struct evidence_record, version, OPTIONAL, "the policy's version"),      \
        B_TEXT("cookie", struct evidence_record, cookie, OPTIONAL, "the cookie"),                  \
        B_MAP("particulars", struct evidence_record, asks, ask_count, OPTIONAL, &particular_form,  \
              "what the type asks for; kept sealed"),                                              \
        B_INSTANT("since", struct evidence_record, since, OPTIONAL,                                \
                  "since when; now if left out"),                                                  \
        B_TEXT("until", struct evidence_record, until, OPTIONAL,                                   \
               "a date (00:00 local of it) or a moment; open if left out"),                        \
        B_BOOL("by_subject", struct evidence_record, by_subject, OPTIONAL, "the person's own act")

static const struct bind_member evidence_members[] = {
    B_TEXT("type", struct evidence_record, type, REQUIRED, "a type of evidence of the policy"),
    B_ID("subject", struct evidence_record, subject, OPTIONAL, "the person"),
    EVIDENCE_ROWS,
};
DEFINE(evidence, struct evidence_record, "Evidence that something is so.");

static const struct bind_member agreement_members[] = {
    B_TEXT("type", struct evidence_record, type, OPTIONAL,
           "a type of the policy; \"agreement\" when left out"),
    B_ID("subject", struct evidence_record, subject, OPTIONAL, "the person"),
    EVIDENCE_ROWS,
};
DEFINE(agreement, struct evidence_record, "An agreement.");

static const struct bind_member notice_members[] = {
    B_TEXT("type", struct evidence_record, type, OPTIONAL,
           "a type of the policy; \"notice\" when left out"),
    B_ID("subject", struct evidence_record, subject, OPTIONAL, "the person"),
    B_BOOL("bounced", struct evidence_record, bounced, OPTIONAL,
           "it did not arrive: that is logged, and it is no notice"),
    B_TEXT("told", struct evidence_record, told, OPTIONAL,
           "the intake whose notice was given; its text, with the reference, is kept"),
    B_TEXT("language", struct evidence_record, language, OPTIONAL,
           "of that text: nb, nn or en; the policy's first when left out"),
    EVIDENCE_ROWS,
};
DEFINE(notice, struct evidence_record, "A notice that was given.");

static const struct bind_member hold_members[] = {
    B_TEXT("type", struct evidence_record, type, OPTIONAL,
           "a type of the policy; \"claim\" when left out"),
    EVIDENCE_ROWS,
};
DEFINE(hold, struct evidence_record, "A claim that keeps a person's items.");

static const struct bind_member evidence_end_members[] = {
    B_TEXT("on", struct evidence_end, on, OPTIONAL, "a date; now when it is left out"),
    B_BOOL("warned", struct evidence_end, warned, OPTIONAL,
           "whoever loses a service by it was told; without it the answer says which"),
};
DEFINE(evidence_end, struct evidence_end, "The end of evidence.");

static const struct bind_member party_members[] = {
    B_TEXT("kind", struct party_create, kind, REQUIRED, "a recipient of the policy"),
    B_TEXT("name", struct party_create, name, REQUIRED, "what it is called"),
    B_TEXT("number", struct party_create, number, OPTIONAL, "its number"),
    B_TEXT("zone", struct party_create, zone, OPTIONAL, "where it lies: eea, eu, a country"),
    B_ID("place", struct party_create, place, OPTIONAL,
         "where it lies, as a place of which there may be evidence"),
    B_ID("under", struct party_create, under, OPTIONAL,
         "the processor that engages it; left out when the firm itself does"),
};
DEFINE(party, struct party_create, "A recipient party.");

static const struct bind_member place_members[] = {
    B_TEXT("zone", struct place_create, zone, REQUIRED, "in which it lies: eea, eu, a country"),
    B_TEXT("name", struct place_create, name, REQUIRED, "its name; kept sealed"),
};
DEFINE(place, struct place_create, "A place.");

static const struct bind_member staff_members[] = {
    B_TEXT("role", struct staff_create, role, REQUIRED, "a staff role of the policy"),
    B_TEXT("name", struct staff_create, name, REQUIRED, "the name; kept sealed"),
    B_TEXT("login", struct staff_create, login, OPTIONAL,
           "by which applications name the member (X-Vern-Human); kept as a keyed hash"),
    B_TEXT("email", struct staff_create, email, OPTIONAL,
           "an address by which a provider may vouch for the member; kept as a keyed hash"),
};
DEFINE(staff, struct staff_create, "A member of the staff.");

static const struct bind_member staff_role_members[] = {
    B_TEXT("role", struct staff_role, role, REQUIRED, "a staff role of the policy"),
    B_BOOL("ends", struct staff_role, ends, OPTIONAL, "the role ends"),
};
DEFINE(staff_role, struct staff_role, "A role of a member of the staff.");

static const struct bind_member staff_item_members[] = {
    B_ID("id", struct staff_view, id, REQUIRED, "of the member"),
    B_TEXT("name", struct staff_view, name, OPTIONAL, "the name"),
    B_TEXTS("roles", struct staff_view, roles, role_count, REQUIRED, "roles that the member holds"),
    B_TEXTS("may", struct staff_view, may, may_count, OPTIONAL, "what these roles may do"),
    B_TEXTS("purposes", struct staff_view, purposes, purpose_count, OPTIONAL,
            "purposes that they work on"),
    B_TEXTS("lacks", struct staff_view, lacks, lack_count, OPTIONAL,
            "evidence without which a role stays closed"),
    B_INSTANT("since", struct staff_view, since, REQUIRED, "when the member was named"),
    B_INSTANT("lapses", struct staff_view, lapses, OPTIONAL,
              "when the first of what the roles need lapses"),
};
DEFINE(staff_item, struct staff_view, "A member of the staff.");

static const struct bind_member staff_list_members[] = {
    B_OBJECTS("staff", struct staff_reply, staff, staff_count, REQUIRED, &staff_item_form,
              "in the order of their ids"),
    B_TEXT("next", struct staff_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(staff_list, struct staff_reply, "The staff and what they may.");

static const struct bind_member colleague_members[] = {
    B_ID("id", struct staff_view, id, REQUIRED, "of the member"),
    B_TEXT("name", struct staff_view, name, OPTIONAL, "the name"),
    B_TEXTS("may", struct staff_view, may, may_count, OPTIONAL, "what the member's roles may do"),
};
static const struct bind_form colleague_form =
    B_FORM("colleague", struct staff_view, colleague_members, "A member of the staff, by name.");

static const struct bind_member colleagues_members[] = {
    B_OBJECTS("staff", struct staff_reply, staff, staff_count, REQUIRED, &colleague_form,
              "in the order of their ids"),
    B_TEXT("next", struct staff_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(colleagues, struct staff_reply, "The staff by name.");

static const struct bind_member due_item_members[] = {
    B_TEXT("type", struct evidence_due, type, REQUIRED, "the type of evidence"),
    B_INSTANT("ends", struct evidence_due, end, OPTIONAL, "when it lapses or lapsed"),
    B_BOOL("missing", struct evidence_due, missing, OPTIONAL, "there never was any"),
    B_BOOL("overdue", struct evidence_due, overdue, REQUIRED, "it does not count now"),
    B_BOOL("standing", struct evidence_due, standing, OPTIONAL, "it must always be on file"),
    B_ID("actor", struct evidence_due, actor, OPTIONAL, "the member of the staff"),
    B_ID("party", struct evidence_due, party, OPTIONAL, "the recipient party"),
    B_ID("place", struct evidence_due, place, OPTIONAL, "the place"),
    B_TEXT("purpose", struct evidence_due, purpose, OPTIONAL, "the purpose"),
    B_TEXT("version", struct evidence_due, version, OPTIONAL, "the policy's version"),
};
static const struct bind_form due_item_form =
    B_FORM("due_item", struct evidence_due, due_item_members, "Evidence that lapses.");

static const struct bind_member evidence_due_members[] = {
    B_OBJECTS("evidence", struct evidence_due_list, at, count, REQUIRED, &due_item_form,
              "what is missing first, then by the end"),
    B_BOOL("more", struct evidence_due_list, more, OPTIONAL, "there are more than are listed"),
};
DEFINE(evidence_due, struct evidence_due_list, "What lapses when.");

static const struct bind_member staff_in_members[] = {
    B_TEXT("login", struct staff_in_body, login, REQUIRED, "the login of the member of the staff"),
    B_TEXT("password", struct staff_in_body, password, REQUIRED, "the password"),
    B_TEXT("code", struct staff_in_body, code, REQUIRED,
           "what the authenticator shows, or a recovery code"),
};
DEFINE(staff_in, struct staff_in_body, "A sign-in by password and code.");

static const struct bind_member staff_out_members[] = {
    B_TEXT("csrf", struct staff_out_body, csrf, REQUIRED, "as the page that signed in has it"),
};
DEFINE(staff_out, struct staff_out_body, "A sign-out by a page.");

static const struct bind_member account_members[] = {
    B_TEXTS("scopes", struct account_body, scopes, scope_count, REQUIRED,
            "of its sessions, as of a token: collect, read, record, rights, share, officer, "
            "import, administer, audit, all"),
    B_TEXT("password", struct account_body, password, OPTIONAL,
           "at least 12 characters; left out, the member signs in by OpenID Connect alone"),
};
DEFINE(account, struct account_body, "How a member of the staff signs in.");

static const struct bind_member password_members[] = {
    B_TEXT("password", struct password_body, password, REQUIRED, "the one that there is"),
    B_TEXT("new", struct password_body, chosen, REQUIRED,
           "at least 12 characters of any kind; none that is tried among the first"),
    B_TEXT("code", struct password_body, code, OPTIONAL,
           "what the authenticator shows, or a recovery code; needed but within ten minutes of a "
           "sign-in"),
};
DEFINE(password, struct password_body, "A password of one's own in the place of another.");

static const struct bind_member staff_password_members[] = {
    B_TEXT("password", struct password_body, password, REQUIRED, "the one that there is"),
    B_TEXT("new", struct password_body, chosen, REQUIRED, "the new one"),
    B_TEXT("again", struct password_body, again, REQUIRED, "and once more"),
    B_TEXT("code", struct password_body, code, OPTIONAL,
           "what the authenticator shows, or a recovery code"),
};
DEFINE(staff_password, struct password_body, "The same, from a page.");

static const struct bind_member account_reply_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct account_reply, written.),
#undef duty_counter
    B_TEXT("totp", struct account_reply, totp, OPTIONAL,
           "the secret of the codes that an authenticator makes, in base 32, this once"),
    B_TEXT("uri", struct account_reply, uri, OPTIONAL, "the same for an authenticator to read"),
    B_TEXTS("recovery", struct account_reply, recovery, recovery_count, OPTIONAL,
            "codes for when there is no authenticator, each for one use, this once"),
};
DEFINE(account_reply, struct account_reply, "A new account.");

/* ---- the register ---- */

static const struct bind_member token_members[] = {
    B_TEXT("name", struct token_body, token.name, REQUIRED, "of the application"),
    B_TEXTS("scopes", struct token_body, scopes, scope_count, REQUIRED,
            "collect, read, record, rights, share, officer, import, administer, audit, all"),
    B_TEXTS("purposes", struct token_body, token.purposes, token.purpose_count, OPTIONAL,
            "purposes that it may name; every one when left out"),
    B_TEXT("controller", struct token_body, token.controller, OPTIONAL, "its controller"),
    B_ID("staff", struct token_body, token.staff, OPTIONAL, "the member of the staff who holds it"),
    B_U32("days", struct token_body, token.days, OPTIONAL, "it lives; 90 when left out"),
    B_TEXTS("networks", struct token_body, token.networks, token.network_count, OPTIONAL,
            "whence it may be used: 192.0.2.0/24, 2001:db8::/32; from anywhere when left out"),
};
DEFINE(token, struct token_body, "A token to be made.");

static const struct bind_member token_reply_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct token_reply, written.),
#undef duty_counter
    B_TEXT("token", struct token_reply, token, OPTIONAL, "its text, this once"),
    B_INSTANT("expires", struct token_reply, expires, OPTIONAL, "of a successor: when it ends"),
    B_INSTANT("old_ends", struct token_reply, old_ends, OPTIONAL,
              "of a successor: when its forerunner ends"),
};
DEFINE(token_reply, struct token_reply, "A new token.");

static const struct bind_member token_rotate_members[] = {
    {.name = "overlap_hours",
     .type = BIND_U64,
     .offset = offsetof(struct token_rotate, overlap_hours),
     .stated_offset = offsetof(struct token_rotate, overlap_stated),
     .help = "for so long both pass, at most 720; 24 when left out"},
    B_U32("days", struct token_rotate, days, OPTIONAL, "the successor lives; 90 when left out"),
};
DEFINE(token_rotate, struct token_rotate, "How a token is succeeded.");

static const struct bind_member token_item_members[] = {
    B_ID("id", struct token_view, id, REQUIRED, "its id, which is in its text too"),
    B_TEXT("name", struct token_view, name, REQUIRED, "of the application"),
    B_TEXTS("scopes", struct token_view, scopes, scope_count, REQUIRED, "what it may ask for"),
    B_TEXTS("purposes", struct token_view, purposes, purpose_count, OPTIONAL,
            "purposes that it may name; every one when left out"),
    B_TEXT("controller", struct token_view, controller, OPTIONAL, "its controller"),
    B_ID("staff", struct token_view, staff, OPTIONAL, "the member of the staff who holds it"),
    B_TEXTS("networks", struct token_view, networks, network_count, OPTIONAL,
            "whence it may be used; from anywhere when left out"),
    B_INSTANT("expires", struct token_view, expires, REQUIRED, "when it ends"),
};
static const struct bind_form token_item_form =
    B_FORM("token_item", struct token_view, token_item_members, "A token, without its secret.");

static const struct bind_member tokens_members[] = {
    B_OBJECTS("tokens", struct tokens_reply, tokens, token_count, REQUIRED, &token_item_form,
              "in the order of their ids"),
    B_TEXT("next", struct tokens_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(tokens, struct tokens_reply, "Tokens that live.");

#define SESSION_MEMBERS                                                                            \
    B_ID("id", struct session_view, id, REQUIRED, "its id; never its secret"),                     \
        B_ID("subject", struct session_view, subject, OPTIONAL, "the person who is signed in"),    \
        B_ID("staff", struct session_view, staff, OPTIONAL, "the member of the staff who is"),     \
        B_TEXT("how", struct session_view, how, REQUIRED, "link, password, openid"),               \
        B_INSTANT("since", struct session_view, since, REQUIRED, "when they signed in"),           \
        B_INSTANT("used", struct session_view, used, REQUIRED, "when it was used last"),           \
        B_INSTANT("fresh_until", struct session_view, fresh_until, REQUIRED,                       \
                  "after that, some acts ask for signing in anew"),                                \
        B_BOOL("first", struct session_view, first, OPTIONAL,                                      \
               "it waits for a password of the member's own"),                                     \
        B_INSTANT("expires", struct session_view, expires, REQUIRED, "when it ends at the latest")

static const struct bind_member session_members[] = {
    SESSION_MEMBERS,
    B_TEXT("csrf", struct session_view, csrf, REQUIRED,
           "goes into X-Vern-CSRF with whatever is no GET"),
    B_TEXT("register", struct session_view, public_id, REQUIRED,
           "the register's public id, as in the paths of its public pages"),
};
DEFINE(session, struct session_view, "The session that asks.");

static const struct bind_member session_item_members[] = {
    SESSION_MEMBERS,
    B_BOOL("own", struct session_view, own, OPTIONAL, "it is the one that asks"),
};
static const struct bind_form session_item_form =
    B_FORM("session_item", struct session_view, session_item_members, "Somebody who is signed in.");

static const struct bind_member sessions_members[] = {
    B_OBJECTS("sessions", struct sessions_reply, sessions, session_count, REQUIRED,
              &session_item_form, "in the order of their ids"),
    B_TEXT("next", struct sessions_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(sessions, struct sessions_reply, "Sessions that live.");

static const struct bind_member webhook_members[] = {
    B_TEXT("url", struct webhook_create, url, REQUIRED,
           "https://host/path, of a host that the server's `post_hosts` names; of a simulated "
           "register on loopback"),
    B_TEXTS("events", struct webhook_create, events, event_count, REQUIRED,
            "task.made, duty.made, alarm.raised"),
};
DEFINE(webhook, struct webhook_create, "A webhook to be made.");

static const struct bind_member webhook_reply_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct webhook_reply, written.),
#undef duty_counter
    B_TEXT("secret", struct webhook_reply, secret, OPTIONAL, "whsec_..., this once"),
    B_INSTANT("old_ends", struct webhook_reply, old_ends, OPTIONAL,
              "until then the secret before signs, too"),
};
DEFINE(webhook_reply, struct webhook_reply, "A webhook's secret.");

static const struct bind_member webhook_rotate_members[] = {
    {.name = "overlap_hours",
     .type = BIND_U64,
     .offset = offsetof(struct webhook_rotate, overlap_hours),
     .stated_offset = offsetof(struct webhook_rotate, overlap_stated),
     .help = "for so long both sign, at most 720; 24 when left out"},
};
DEFINE(webhook_rotate, struct webhook_rotate, "How a webhook's secret is succeeded.");

static const struct bind_member webhook_item_members[] = {
    B_ID("id", struct webhook_view, id, REQUIRED, "of the webhook"),
    B_TEXT("url", struct webhook_view, url, REQUIRED, "where events go"),
    B_TEXTS("events", struct webhook_view, events, event_count, REQUIRED, "kinds of them"),
    B_INSTANT("old_ends", struct webhook_view, old_ends, OPTIONAL,
              "until then the secret before signs, too"),
};
static const struct bind_form webhook_item_form =
    B_FORM("webhook_item", struct webhook_view, webhook_item_members, "A webhook.");

static const struct bind_member webhooks_members[] = {
    B_OBJECTS("webhooks", struct webhooks_reply, webhooks, webhook_count, REQUIRED,
              &webhook_item_form, "in the order of their ids"),
};
DEFINE(webhooks, struct webhooks_reply, "Webhooks of the register.");

static const struct bind_member webhook_event_members[] = {
    B_ID("id", struct webhook_event_view, id, REQUIRED, "its webhook-id, whenever it is sent"),
    B_TEXT("event", struct webhook_event_view, event, REQUIRED, "its kind"),
    B_TEXT("state", struct webhook_event_view, state, REQUIRED, "waiting, delivered or failed"),
    B_TEXT("body", struct webhook_event_view, body, REQUIRED, "what is sent, as it stands"),
    B_INSTANT("from", struct webhook_event_view, from, REQUIRED, "since when it waits or waited"),
    B_INSTANT("until", struct webhook_event_view, until, REQUIRED, "tried until then"),
    B_INSTANT("done", struct webhook_event_view, done, OPTIONAL, "when it waited no more"),
    B_U32("code", struct webhook_event_view, code, OPTIONAL,
          "the receiver's last answer; 0: none came"),
};
static const struct bind_form webhook_event_form =
    B_FORM("webhook_event", struct webhook_event_view, webhook_event_members,
           "An event and how far it has come.");

static const struct bind_member webhook_events_members[] = {
    B_OBJECTS("events", struct webhook_events_reply, events, event_count, REQUIRED,
              &webhook_event_form, "those that wait, then those that are done, the oldest first"),
    B_TEXT("next", struct webhook_events_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(webhook_events, struct webhook_events_reply, "Events of one webhook.");

static const struct bind_member webhook_replay_members[] = {
    B_ID("event", struct webhook_replay, event, REQUIRED, "one that is done"),
};
DEFINE(webhook_replay, struct webhook_replay, "An event to be sent again.");

static const struct bind_member task_item_members[] = {
    B_ID("dossier", struct task_view, dossier, REQUIRED, "of the person, or of the recipient"),
    B_ID("record", struct task_view, record, REQUIRED, "of the task"),
    B_TEXT("kind", struct task_view, kind, REQUIRED, "send, tell, review or errand"),
    B_TEXT("name", struct task_view, name, OPTIONAL,
           "the message; of a recipient what to tell; of an errand erase, rectify, restrict, lift"),
    B_TEXT("field", struct task_view, field, OPTIONAL, "of an errand; its record is the item"),
    B_TEXT("reference", struct task_view, reference, OPTIONAL,
           "of an errand: what the firm's own system calls the value"),
    B_TEXT("channel", struct task_view, channel, OPTIONAL, "of the message"),
    B_ID("other", struct task_view, other, OPTIONAL, "whom else it concerns"),
    B_INSTANT("since", struct task_view, since, REQUIRED, "when it was opened"),
    B_INSTANT("due", struct task_view, due, OPTIONAL, "from when on it is late"),
    B_INSTANT("taken_until", struct task_view, taken_until, OPTIONAL,
              "somebody is sending it; from then on it may be taken again"),
};
static const struct bind_form task_item_form =
    B_FORM("task_item", struct task_view, task_item_members, "A piece of work.");

static const struct bind_member task_done_members[] = {
    B_TEXT("proof", struct task_done, proof, OPTIONAL,
           "what proves it, in words: kept three years and shown in the person's copy"),
};
DEFINE(task_done, struct task_done, "That a piece of work has been done.");

static const struct bind_member feed_change_members[] = {
    B_U64("index", struct feed_change, index, REQUIRED, "of its entry in the log"),
    B_INSTANT("at", struct feed_change, at, REQUIRED, "when it happened"),
    B_TEXT("change", struct feed_change, change, REQUIRED, "created, kept, ended, erased, ..."),
    B_ID("reference", struct feed_change, reference, REQUIRED, "of the person, as `show` gives it"),
    B_TEXT("purpose", struct feed_change, purpose, OPTIONAL, "that it was about"),
    B_IDS("items", struct feed_change, items, item_count, OPTIONAL, "that it was about, by id"),
};
static const struct bind_form feed_change_form =
    B_FORM("feed_change", struct feed_change, feed_change_members, "What happened to a person.");

static const struct bind_member feed_members[] = {
    B_OBJECTS("changes", struct feed_reply, changes, change_count, REQUIRED, &feed_change_form,
              "in the order of the log"),
    B_TEXT("next", struct feed_reply, next, REQUIRED, "the cursor to go on from, now or later"),
    B_BOOL("more", struct feed_reply, more, OPTIONAL, "there is more already"),
};
DEFINE(feed, struct feed_reply, "Changes since a cursor.");

static const struct bind_member held_ask_members[] = {
    B_IDS("subjects", struct held_ask, subjects, subject_count, REQUIRED,
          "whose ids the system holds; 1 to 200"),
};
DEFINE(held_ask, struct held_ask, "Of whom a system holds copies.");

static const struct bind_member held_one_members[] = {
    B_ID("subject", struct held_copy, subject, REQUIRED, "the person"),
    B_BOOL("held", struct held_copy, held, REQUIRED,
           "the token may know of this person; else the copy is to go"),
    B_IDS("items", struct held_copy, items, item_count, OPTIONAL,
          "that it may still see; what it holds of others is to go"),
    B_IDS("restricted", struct held_copy, restricted, restricted_count, OPTIONAL,
          "that it may keep, and not use now"),
    B_ID("goes_by", struct held_copy, goes_by, OPTIONAL, "the id of the person since a merge"),
};
static const struct bind_form held_one_form =
    B_FORM("held_one", struct held_copy, held_one_members, "What may still be seen of a person.");

static const struct bind_member held_members[] = {
    B_OBJECTS("people", struct held_people, at, count, REQUIRED, &held_one_form,
              "in the order in which they were named"),
};
DEFINE(held, struct held_people, "What a system may still hold.");

static const struct bind_member bounce_members[] = {
    B_TEXT("message", struct bounce, message, OPTIONAL,
           "the Message-ID of a mail that Vern sent to a person"),
    B_ID("subject", struct bounce, subject, OPTIONAL, "the person, of any other mail"),
    B_ID("item", struct bounce, item, OPTIONAL, "the item of theirs that is the address"),
    B_ID("notice", struct bounce, notice, OPTIONAL,
         "the record of the notice that it was: its proof falls"),
    B_BOOL("permanent", struct bounce, permanent, OPTIONAL,
           "the address is bad: nothing more is sent there"),
};
DEFINE(bounce, struct bounce, "What was sent and came back.");

static const struct bind_member bounce_clear_members[] = {
    B_ID("subject", struct bounce_clear, subject, REQUIRED, "the person"),
    B_ID("item", struct bounce_clear, item, REQUIRED, "the item of theirs that is the address"),
};
DEFINE(bounce_clear, struct bounce_clear, "That an address is good after all.");

static const struct bind_member tasks_members[] = {
    B_OBJECTS("tasks", struct tasks_reply, tasks, task_count, REQUIRED, &task_item_form,
              "in the order of their dossiers"),
    B_TEXT("next", struct tasks_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(tasks, struct tasks_reply, "Work that waits.");

static const struct bind_member alarm_item_members[] = {
    B_ID("id", struct alarm_view, id, REQUIRED, "of the alarm"),
    B_TEXT("kind", struct alarm_view, kind, REQUIRED, "a kind of alarm of the language"),
    B_TEXT("name", struct alarm_view, name, OPTIONAL,
           "what is overdue or wrong; more: there are more than are kept one by one"),
    B_INSTANT("since", struct alarm_view, since, REQUIRED, "when it was raised"),
    B_TEXT("rule", struct alarm_view, rule, OPTIONAL,
           "what asks for it; absent where a law or a guarantee does"),
    B_ID("actor", struct alarm_view, actor, OPTIONAL, "the member of the staff, or the token"),
    B_ID("subject", struct alarm_view, subject, OPTIONAL, "the person"),
    B_ID("matter", struct alarm_view, matter, OPTIONAL, "the matter"),
    B_ID("case", struct alarm_view, case_, OPTIONAL, "the case"),
    B_ID("party", struct alarm_view, party, OPTIONAL, "the recipient party"),
    B_TEXT("purpose", struct alarm_view, purpose, OPTIONAL, "the purpose"),
    B_TEXT("version", struct alarm_view, version, OPTIONAL, "the policy's version"),
    B_TEXTS("to", struct alarm_view, to, to_count, OPTIONAL,
            "whom the policy names: contacts, roles of the staff"),
    B_INSTANT("closed", struct alarm_view, closed, OPTIONAL, "when it was closed, if it is"),
    B_ID("closed_by", struct alarm_view, closed_by, OPTIONAL,
         "the member of the staff, or the token; absent where its cause went"),
};
static const struct bind_form alarm_item_form =
    B_FORM("alarm_item", struct alarm_view, alarm_item_members, "Something to look at.");

static const struct bind_member alarms_members[] = {
    B_OBJECTS("alarms", struct alarms_reply, alarms, alarm_count, REQUIRED, &alarm_item_form,
              "open ones, and those that were closed in the last year"),
    B_TEXT("next", struct alarms_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(alarms, struct alarms_reply, "What somebody must look at.");

static const struct bind_member quarantine_item_members[] = {
    B_ID("id", struct quarantine_view, id, REQUIRED, "of what was put away"),
    B_ID("subject", struct quarantine_view, subject, OPTIONAL, "the person whom it is about"),
    B_TEXT("category", struct quarantine_view, category, REQUIRED, "what it holds"),
    B_TEXT("field", struct quarantine_view, field, OPTIONAL, "the field that it came in"),
    B_TEXT("intake", struct quarantine_view, intake, OPTIONAL, "through which intake"),
    B_TEXT("channel", struct quarantine_view, channel, OPTIONAL, "by which channel"),
    B_INSTANT("since", struct quarantine_view, since, REQUIRED, "when it came"),
    B_INSTANT("ends", struct quarantine_view, ends, REQUIRED, "when it goes by itself"),
};
static const struct bind_form quarantine_item_form = B_FORM(
    "quarantine_item", struct quarantine_view, quarantine_item_members, "Never what it says.");

static const struct bind_member quarantines_members[] = {
    B_OBJECTS("quarantine", struct quarantines_reply, quarantine, quarantine_count, REQUIRED,
              &quarantine_item_form, "what is put away"),
    B_TEXT("next", struct quarantines_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(quarantines, struct quarantines_reply, "What came in and may not be had.");

static const struct bind_member quarantine_decision_members[] = {
    B_BOOL("release", struct quarantine_decision, release, OPTIONAL,
           "to where it belongs, through an intake and its gates; else it is erased"),
    B_TEXT("intake", struct quarantine_decision, intake, OPTIONAL, "the intake that takes it"),
    B_TEXT("source", struct quarantine_decision, source, OPTIONAL, "a source of the policy"),
    B_TEXT("field", struct quarantine_decision, field, OPTIONAL, "the field that it belongs in"),
    B_TEXT("reasons", struct quarantine_decision, reasons, REQUIRED, "why; kept sealed"),
};
DEFINE(quarantine_decision, struct quarantine_decision, "What becomes of it.");
static const struct bind_member glass_members[] = {
    B_TEXT("reason", struct glass_break, reason, REQUIRED, "why; kept sealed, to be reviewed"),
};
DEFINE(glass, struct glass_break, "A look outside one's role.");

static const struct bind_member act_item_members[] = {
    B_ID("id", struct act_view, id, REQUIRED, "of the act"),
    B_TEXT("act", struct act_view, act, REQUIRED,
           "policy_apply, policy_withdraw, erase_whole or hold_release"),
    B_ID("asker", struct act_view, asker, REQUIRED, "the member of the staff, or the token"),
    B_TEXT("path", struct act_view, path, OPTIONAL, "what was asked for"),
    B_TEXT("body_sha256", struct act_view, body_sha256, OPTIONAL,
           "of the request's body, which is not kept: compare it with the body you were shown"),
    B_INSTANT("since", struct act_view, since, REQUIRED, "when it was asked for"),
    B_INSTANT("until", struct act_view, until, REQUIRED, "it lapses then"),
    B_BOOL("approved", struct act_view, approved, REQUIRED, "somebody has approved it"),
};
static const struct bind_form act_item_form =
    B_FORM("act_item", struct act_view, act_item_members, "An act that waits for approval.");

static const struct bind_member acts_members[] = {
    B_OBJECTS("acts", struct acts_reply, acts, act_count, REQUIRED, &act_item_form,
              "in the order of their ids, the first 200"),
};
DEFINE(acts, struct acts_reply, "Acts that wait for a second pair of eyes.");

/* ---- breaches ---- */

static const struct bind_member breach_members[] = {
    B_TEXT("number", struct breach_said, number, OPTIONAL, "the firm's own number, of a new one"),
    B_INSTANT("aware", struct breach_said, aware, OPTIONAL,
              "when the firm became aware of it: now when it is left out, never later; an "
              "amendment may say an earlier time, never a later one"),
    B_INSTANT("from", struct breach_said, from, OPTIONAL, "when it began, where that is known"),
    B_INSTANT("to", struct breach_said, to, OPTIONAL,
              "when it ended; left out while it goes on or nobody knows"),
    B_TEXTS("nature", struct breach_said, nature, nature_count, REQUIRED,
            "what was broken: confidentiality, integrity, availability"),
    B_TEXT("description", struct breach_said, description, REQUIRED, "what happened; kept sealed"),
    B_BOOL("all", struct breach_said, all, OPTIONAL,
           "everyone in the register; without it, at least one of the following"),
    B_TEXTS("categories", struct breach_said, categories, category_count, OPTIONAL,
            "categories of the policy"),
    B_TEXTS("purposes", struct breach_said, purposes, purpose_count, OPTIONAL,
            "purposes of the policy"),
    B_IDS("recipients", struct breach_said, recipients, recipient_count, OPTIONAL,
          "parties that were given the data"),
    B_IDS("matters", struct breach_said, matters, matter_count, OPTIONAL, "matters"),
    B_IDS("tokens", struct breach_said, tokens, token_count, OPTIONAL,
          "tokens that were misused; the log knows a member's token by the member"),
    B_IDS("staff", struct breach_said, staff, staff_count, OPTIONAL,
          "members of the staff whose access was misused"),
    B_IDS("actors", struct breach_said, actors, actor_count, OPTIONAL,
          "the same by their handles in the log, when they are gone"),
};
DEFINE(breach, struct breach_said, "What is known of a breach.");

ROWS_FORM(breaches, "The register of breaches.",
          "in the order of their ids: id, recorded, aware, deadline, clock (running, near, passed, "
          "met, late, not_needed), notified, nature, from, to, risk, closed, to_tell, "
          "scope");

static const struct bind_member breach_people_members[] = {
    B_JSON("people", struct rows_reply, rows, REQUIRED,
           "in the order of their ids: subject, categories, records, told (no, to_tell, told), "
           "told_at"),
    B_TEXT("next", struct rows_reply, next, OPTIONAL, "the cursor of the next page"),
};
DEFINE(breach_people, struct rows_reply, "Those whom a breach concerned.");

static const struct bind_member breach_assessment_members[] = {
    B_TEXT("risk", struct breach_assessment, risk, REQUIRED,
           "to the rights and freedoms of people: none, risk, high"),
    B_TEXT("reasons", struct breach_assessment, reasons, REQUIRED, "why; kept sealed"),
};
DEFINE(breach_assessment, struct breach_assessment, "How likely it is that people are harmed.");

static const struct bind_member breach_account_members[] = {
    B_TEXT("language", struct breach_account, language, REQUIRED, "nb, nn or en"),
    B_TEXT("contact", struct breach_account, contact, OPTIONAL,
           "whom to ask: name and how to reach them"),
    B_TEXT("consequences", struct breach_account, consequences, OPTIONAL,
           "what is likely to follow"),
    B_TEXT("measures", struct breach_account, measures, OPTIONAL, "what was done or is proposed"),
    B_TEXT("what", struct breach_account, what, OPTIONAL,
           "what happened, in plain words, for those whom it concerned"),
};
DEFINE(breach_account, struct breach_account,
       "What the papers say, in one language; all of it kept sealed.");

static const struct bind_member breach_draft_members[] = {
    B_TEXT("language", struct breach_draft, language, REQUIRED, "nb, nn or en"),
    B_BOOL("phased", struct breach_draft, phased, OPTIONAL,
           "a phase: what is not known yet is said to follow"),
    B_TEXT("delay", struct breach_draft, delay, OPTIONAL, "the reasons, past the 72 hours"),
    B_BOOL("html", struct breach_draft, html, OPTIONAL, "a page; JSON when it is left out"),
};
DEFINE(breach_draft, struct breach_draft, "A notification to draft.");

static const struct bind_member breach_message_members[] = {
    B_TEXT("language", struct breach_draft, language, REQUIRED, "nb, nn or en"),
    B_BOOL("html", struct breach_draft, html, OPTIONAL, "a page; JSON when it is left out"),
};
DEFINE(breach_message, struct breach_draft, "A message to people to draft.");

static const struct bind_member breach_phase_members[] = {
    B_TEXT("language", struct breach_phase, language, REQUIRED, "nb, nn or en"),
    B_INSTANT("sent", struct breach_phase, sent, OPTIONAL, "when; now when it is left out"),
    B_TEXT("delay", struct breach_phase, delay, OPTIONAL,
           "the reasons, past the 72 hours: required then; kept sealed"),
    B_TEXT("reference", struct breach_phase, reference, OPTIONAL,
           "the authority's own; kept sealed"),
};
DEFINE(breach_phase, struct breach_phase, "A part of the notification that was sent.");

static const struct bind_member breach_telling_members[] = {
    B_TEXT("language", struct breach_tell, language, REQUIRED,
           "nb, nn or en: in which the message is whole"),
    B_TEXT("mail", struct breach_tell, mail, OPTIONAL,
           "a field of kind email: whoever has an address there that works gets the message by "
           "mail, which does their task"),
};
DEFINE(breach_telling, struct breach_tell, "Those whom a breach concerned are to be told.");

static const struct bind_member breach_exemption_members[] = {
    B_TEXT("ground", struct breach_exemption, ground, REQUIRED,
           "protected, risk_averted, disproportionate (article 34(3)(a), (b), (c))"),
    B_TEXT("reasons", struct breach_exemption, reasons, REQUIRED, "why; kept sealed"),
    B_TEXT("instead", struct breach_exemption, instead, OPTIONAL,
           "of what is disproportionate: the public communication; kept sealed"),
};
DEFINE(breach_exemption, struct breach_exemption, "Why people are not told.");

static const struct bind_member breach_close_members[] = {
    B_TEXT("reasons", struct breach_close, reasons, REQUIRED, "why; kept sealed"),
};
DEFINE(breach_close, struct breach_close, "The end of the work on a breach.");

static const struct bind_member alarm_close_members[] = {
    B_TEXT("why", struct alarm_close, why, REQUIRED, "what was found and done; kept sealed"),
};
DEFINE(alarm_close, struct alarm_close, "The end of an alarm.");

static const struct bind_member version_members[] = {
    B_TEXT("policy", struct version_apply, policy, REQUIRED, "the policy file's text"),
    B_TEXT("policy_file", struct version_apply, policy_file, OPTIONAL,
           "its name, for messages: letters, digits, _, - and ."),
    B_TEXT("deployment", struct version_apply, deployment, OPTIONAL, "the deployment file's text"),
    B_TEXT("deployment_file", struct version_apply, deployment_file, OPTIONAL, "its name"),
    B_INSTANT("effective", struct version_apply, effective, OPTIONAL,
              "of a version that comes again: when; now when it is left out"),
    {.name = "erases",
     .type = BIND_U64,
     .offset = offsetof(struct version_apply, erases),
     .stated_offset = offsetof(struct version_apply, erases_stated),
     .help = "the number that the preview said it erases"},
};
DEFINE(version, struct version_apply, "A version of the policy.");

static const struct bind_member problem_members[] = {
    B_TEXT("severity", struct problem_reply, severity, REQUIRED, "error, warning or info"),
    B_TEXT("rule", struct problem_reply, rule, REQUIRED, "what it breaks"),
    B_TEXT("id", struct problem_reply, id, OPTIONAL, "the finding that the policy names"),
    B_TEXT("file", struct problem_reply, file, OPTIONAL, "the file"),
    B_U32("line", struct problem_reply, line, OPTIONAL, "from 1"),
    B_U32("column", struct problem_reply, column, OPTIONAL, "from 1"),
    B_TEXT("path", struct problem_reply, path, OPTIONAL, "the clause"),
    B_TEXT("article", struct problem_reply, article, OPTIONAL, "the article of law"),
    B_TEXT("text", struct problem_reply, text, REQUIRED, "what is wrong"),
    B_TEXT("suggestion", struct problem_reply, suggestion, OPTIONAL, "what to write"),
};
DEFINE(problem, struct problem_reply, "Something about a policy file.");

static const struct bind_member version_name_members[] = {
    B_TEXT("version", struct version_name_body, version, REQUIRED, "the version's name"),
};
DEFINE(version_name, struct version_name_body, "Which version of the policy.");

static const struct bind_member version_clause_members[] = {
    B_TEXT("clause", struct version_clause_reply, clause, REQUIRED, "its path in the policy"),
    B_U64("people", struct version_clause_reply, people, OPTIONAL, "whom it touches"),
    B_U64("closes", struct version_clause_reply, closes, OPTIONAL, "items that lose this ground"),
    B_U64("opens", struct version_clause_reply, opens, OPTIONAL, "items that gain this ground"),
    B_U64("erases", struct version_clause_reply, erases, OPTIONAL,
          "items that lose their last ground by it"),
    B_U64("untold", struct version_clause_reply, untold, OPTIONAL,
          "people for whom it stays closed until they are told"),
    B_U64("fewer_than", struct version_clause_reply, fewer_than, OPTIONAL,
          "instead of numbers, for a token without the scope officer"),
};
static const struct bind_form version_clause_form =
    B_FORM("version_clause", struct version_clause_reply, version_clause_members,
           "What one clause gains or loses.");

static const struct bind_member version_effect_members[] = {
#define duty_counter written.duty_count
    WRITTEN_ROWS(struct version_effect_reply, written.),
#undef duty_counter
    B_U64("people", struct version_effect_reply, people, REQUIRED, "whom it touches"),
    B_U64("closes", struct version_effect_reply, closes, REQUIRED, "items that lose a ground"),
    B_U64("opens", struct version_effect_reply, opens, REQUIRED, "items that gain a ground"),
    B_U64("erases", struct version_effect_reply, erases, REQUIRED, "items that lose every ground"),
    B_U64("untold", struct version_effect_reply, untold, REQUIRED,
          "people who must be told before all that is new opens for them"),
    B_INSTANT("effective", struct version_effect_reply, effective, REQUIRED, "in force from"),
    B_BOOL("again", struct version_effect_reply, again, OPTIONAL, "it was in force before"),
    B_OBJECTS("clauses", struct version_effect_reply, clauses, clause_count, REQUIRED,
              &version_clause_form, "what each clause closes, opens and erases"),
    B_JSON("diff", struct version_effect_reply, diff, OPTIONAL,
           "clause by clause, with what is material and why"),
    B_OBJECTS("problems", struct version_effect_reply, problems, problem_count, OPTIONAL,
              &problem_form, "what the checker says of it"),
};
DEFINE(version_effect, struct version_effect_reply, "What a version does.");

static const struct bind_member version_item_members[] = {
    B_TEXT("policy", struct version_reply, policy, REQUIRED, "the policy's id"),
    B_TEXT("version", struct version_reply, version, REQUIRED, "its version"),
    B_TEXT("hash", struct version_reply, hash, REQUIRED, "of the compiled plan"),
    B_TEXT("standing", struct version_reply, standing, REQUIRED,
           "in_force, announced, past or withdrawn"),
    B_INSTANT("effective", struct version_reply, effective, OPTIONAL, "in force from"),
    B_INSTANT("applied", struct version_reply, applied, OPTIONAL, "when it was applied"),
    B_INSTANT("until", struct version_reply, until, OPTIONAL,
              "when the next one comes or came, or it was withdrawn"),
    B_BOOL("in_force", struct version_reply, in_force, REQUIRED, "it is the one in force"),
    B_BOOL("deployed", struct version_reply, deployed, REQUIRED, "a deployment file is merged in"),
};
static const struct bind_form version_item_form =
    B_FORM("version_item", struct version_reply, version_item_members, "One version.");

static const struct bind_member policy_members[] = {
    B_OBJECTS("versions", struct policy_reply, versions, version_count, REQUIRED,
              &version_item_form, "oldest first"),
};
DEFINE(policy, struct policy_reply, "The versions of the policy.");

static const struct bind_member stop_members[] = {
    B_TEXT("List-Unsubscribe", struct stop_body, one_click, OPTIONAL,
           "One-Click (RFC 8058): the messages that the link came with"),
    B_TEXTS("off", struct stop_body, off, off_count, OPTIONAL,
            "what to turn off: this, all, or a switch with or without a channel (news.email)"),
};
DEFINE(stop, struct stop_body, "What a person turns off by a link, without a sign-in.");

static const struct bind_member sign_in_members[] = {
    B_TEXT("address", struct sign_in_body, address, REQUIRED,
           "the email address to which the link goes, if it can sign somebody in"),
};
DEFINE(sign_in, struct sign_in_body, "Who wants to sign in.");

static const struct bind_member sign_in_use_members[] = {
    B_TEXT("code", struct sign_in_use_body, code, OPTIONAL,
           "what the page showed where the link was asked for, if that is another browser"),
    B_TEXT("proof", struct sign_in_use_body, proof, OPTIONAL,
           "where several people share the address: the value of a field that the policy names"),
};
DEFINE(sign_in_use, struct sign_in_use_body, "How a link is used.");

static const struct bind_member work_members[] = {
    B_TEXT("what", struct work_reply, what, REQUIRED, "the route, or settling after a version"),
    B_U64("looked", struct work_reply, looked, REQUIRED, "people or entries looked at"),
    B_U64("of", struct work_reply, of, REQUIRED, "of how many"),
};
static const struct bind_form work_form =
    B_FORM("work", struct work_reply, work_members, "Work that goes on step by step.");

static const struct bind_member register_members[] = {
    B_TEXT("name", struct register_reply, name, REQUIRED, "its name"),
    B_TEXT("public", struct register_reply, public_id, REQUIRED,
           "its random id in the addresses of public pages: /r/<public>/"),
    B_TEXT("clock", struct register_reply, clock, REQUIRED, "real or simulated"),
    B_INSTANT("now", struct register_reply, now, REQUIRED, "its time"),
    B_TEXT("version", struct register_reply, version, OPTIONAL, "the policy's version in force"),
    B_TEXT("log_key", struct register_reply, log_key, REQUIRED, "verifier key of its log"),
    B_U64("log_size", struct register_reply, log_size, REQUIRED, "entries in its log"),
    B_BOOL("destruction_stopped", struct register_reply, destruction_stopped, REQUIRED,
           "the clock guard, the brake or a lost version waits for an operator"),
    B_TEXTS("lost_versions", struct register_reply, lost_versions, lost_version_count, OPTIONAL,
            "that a restore lost: they must be applied again, in this order, before data is used"),
    B_U64("sweep_lag_ms", struct register_reply, sweep_lag_ms, REQUIRED,
          "how long ago the last whole sweep began"),
    B_TEXTS("scopes", struct register_reply, scopes, scope_count, REQUIRED,
            "what this token may ask for"),
    B_OBJECTS("works", struct register_reply, works, work_count, OPTIONAL, &work_form,
              "what goes on step by step"),
};
DEFINE(register, struct register_reply, "A register, seen by a token.");

static const struct bind_member health_members[] = {
    B_TEXT("status", struct health_reply, status, REQUIRED, "ok"),
    B_U64("registers", struct health_reply, registers, OPTIONAL, "open"),
    B_U64("sweep_lag_ms", struct health_reply, sweep_lag_ms, OPTIONAL,
          "of the register whose last whole sweep began longest ago"),
};
DEFINE(health, struct health_reply, "The process's health.");

static const struct bind_member clock_members[] = {
    B_INSTANT("to", struct clock_body, to, REQUIRED, "later than now"),
};
DEFINE(clock, struct clock_body, "A simulated clock's next time.");

static const struct bind_member clock_reply_members[] = {
    B_INSTANT("now", struct clock_reply, now, REQUIRED, "the register's time"),
    B_U64("settled", struct clock_reply, settled, REQUIRED, "dossiers looked at"),
    B_U64("items", struct clock_reply, items, REQUIRED, "items that went"),
    B_U64("dossiers", struct clock_reply, dossiers, REQUIRED, "people who went"),
    B_BOOL("braked", struct clock_reply, braked, OPTIONAL, "the brake on destruction stopped it"),
};
DEFINE(clock_reply, struct clock_reply, "What ended meanwhile.");

static const struct bind_member backup_members[] = {
    B_TEXT("name", struct backup_body, name, REQUIRED, "of the folder: letters, digits, _ and -"),
    B_TEXT("recipient", struct backup_body, recipient, OPTIONAL,
           "to whom it is encrypted, as vern keys recipient prints it"),
};
DEFINE(backup, struct backup_body, "A backup.");

static const struct bind_member backup_reply_members[] = {
    B_TEXT("name", struct backup_reply, name, REQUIRED, "of the folder that was made"),
};
DEFINE(backup_reply, struct backup_reply, "A backup that was made.");

static const struct bind_member bad_line_members[] = {
    B_U64("line", struct bad_line, line, REQUIRED, "its number, from 1"),
    B_U64("column", struct bad_line, column, OPTIONAL, "of CSV: the cell that is wrong, from 1"),
    B_TEXT("type", struct bad_line, type, REQUIRED, "the problem's type"),
    B_TEXT("detail", struct bad_line, detail, OPTIONAL, "what is wrong"),
    B_TEXT("where", struct bad_line, where, OPTIONAL, "where in the line"),
    B_TEXT("rule", struct bad_line, rule, OPTIONAL, "the rule of a refusal"),
};
static const struct bind_form bad_line_form =
    B_FORM("bad_line", struct bad_line, bad_line_members, "A line that was not taken.");

static const struct bind_member import_reply_members[] = {
    B_U64("lines", struct import_reply, lines, REQUIRED, "lines that came"),
    B_U64("accepted", struct import_reply, accepted, REQUIRED, "lines that stand"),
    B_U64("known", struct import_reply, known, REQUIRED,
          "of these, lines of people who were there already: they added nothing"),
    B_U64("rejected", struct import_reply, rejected, REQUIRED, "lines that were not taken"),
    B_OBJECTS("bad", struct import_reply, bad, bad_count, OPTIONAL, &bad_line_form,
              "those not taken, the first thousand"),
    B_BOOL("more_bad", struct import_reply, more_bad, OPTIONAL, "there were more"),
    B_BOOL("dry_run", struct import_reply, dry_run, OPTIONAL, "none of it was taken"),
};
DEFINE(import_reply, struct import_reply, "What an import did.");

static const struct bind_member problem_document_members[] = {
    B_TEXT("type", struct problem_document, type, REQUIRED, "a stable path: /problems/<word>"),
    B_TEXT("title", struct problem_document, title, REQUIRED, "the same for every such problem"),
    B_U32("status", struct problem_document, status, REQUIRED, "the HTTP status"),
    B_TEXT("detail", struct problem_document, detail, OPTIONAL, "this case"),
    B_TEXT("where", struct problem_document, where, OPTIONAL,
           "a JSON pointer into the body, or file:line:column"),
    B_TEXT("rule", struct problem_document, rule, OPTIONAL, "of a refusal: the rule"),
    B_TEXTS("ids", struct problem_document, ids, id_count, OPTIONAL, "of a refusal: obligations"),
    B_TEXT("article", struct problem_document, article, OPTIONAL, "of a refusal: the article"),
    B_TEXTS("lacks", struct problem_document, lacks, lack_count, OPTIONAL,
            "of a refusal: what is missing"),
    B_TEXT("would_allow", struct problem_document, would_allow, OPTIONAL,
           "of a refusal: what would make it a yes"),
    B_JSON("form", struct problem_document, form, OPTIONAL,
           "of a collection: why each field is needed"),
    B_OBJECTS("problems", struct problem_document, problems, problem_count, OPTIONAL, &problem_form,
              "of a policy: everything wrong with it"),
    B_ID("subject", struct problem_document, subject, OPTIONAL,
         "of one who was merged: by which id the person goes now"),
};
DEFINE(problem_document, struct problem_document, "A problem (RFC 9457).");

/* Forms of the elements of maps are not here: a map of texts describes itself. */
static const struct bind_form *const all[] = {
    &identifier_form,
    &subject_create_form,
    &role_change_form,
    &identify_form,
    &event_form,
    &collect_form,
    &concern_form,
    &concern_of_form,
    &concern_item_form,
    &concerns_form,
    &concern_decision_form,
    &merge_form,
    &split_form,
    &merge_conflict_form,
    &merge_effect_form,
    &pair_form,
    &pairs_form,
    &ledger_row_form,
    &ledger_form,
    &recording_form,
    &derive_form,
    &cookie_form,
    &ruling_form,
    &review_form,
    &choices_form,
    &gate_form,
    &consented_form,
    &withdrawn_form,
    &browser_form,
    &written_form,
    &reason_form,
    &collected_item_form,
    &collected_form,
    &enrolled_form,
    &file_open_form,
    &file_rectify_form,
    &file_read_form,
    &file_copy_form,
    &service_form,
    &service_reply_form,
    &file_form,
    &read_form,
    &batch_read_form,
    &batch_share_form,
    &batch_messages_form,
    &batch_roles_form,
    &role_line_form,
    &roles_reply_form,
    &export_all_form,
    &batch_line_form,
    &batch_end_form,
    &view_form,
    &search_form,
    &search_value_form,
    &search_hit_form,
    &search_reply_form,
    &explain_form,
    &read_item_form,
    &read_reply_form,
    &found_form,
    &consent_form,
    &withdrawal_form,
    &objection_form,
    &objection_decision_form,
    &switch_form,
    &restriction_form,
    &rectify_form,
    &erase_form,
    &erase_item_form,
    &erase_reply_form,
    &access_form,
    &package_form,
    &export_form,
    &history_form,
    &erasure_ask_form,
    &proof_form,
    &share_form,
    &share_reply_form,
    &told_form,
    &disclosures_form,
    &register_end_form,
    &uses_form,
    &duties_form,
    &duty_done_form,
    &parties_form,
    &case_form,
    &case_link_form,
    &case_decision_form,
    &message_form,
    &letter_form,
    &matter_form,
    &evidence_form,
    &agreement_form,
    &decline_form,
    &death_form,
    &notice_form,
    &hold_form,
    &evidence_end_form,
    &party_form,
    &place_form,
    &staff_form,
    &staff_role_form,
    &staff_item_form,
    &staff_list_form,
    &colleague_form,
    &colleagues_form,
    &due_item_form,
    &evidence_due_form,
    &staff_in_form,
    &staff_out_form,
    &account_form,
    &password_form,
    &staff_password_form,
    &account_reply_form,
    &token_form,
    &token_reply_form,
    &token_rotate_form,
    &token_item_form,
    &sign_in_form,
    &sign_in_use_form,
    &my_request_form,
    &my_consent_form,
    &my_receipt_form,
    &my_address_form,
    &my_address_confirm_form,
    &session_form,
    &session_item_form,
    &sessions_form,
    &webhook_form,
    &webhook_reply_form,
    &webhook_rotate_form,
    &webhook_item_form,
    &webhooks_form,
    &webhook_event_form,
    &webhook_events_form,
    &webhook_replay_form,
    &tokens_form,
    &task_item_form,
    &task_done_form,
    &tasks_form,
    &feed_change_form,
    &feed_form,
    &held_ask_form,
    &held_one_form,
    &held_form,
    &bounce_form,
    &bounce_clear_form,
    &glass_form,
    &act_item_form,
    &acts_form,
    &alarm_item_form,
    &alarms_form,
    &alarm_close_form,
    &breach_form,
    &breaches_form,
    &breach_people_form,
    &breach_account_form,
    &breach_draft_form,
    &breach_message_form,
    &breach_phase_form,
    &breach_telling_form,
    &breach_exemption_form,
    &breach_assessment_form,
    &breach_close_form,
    &quarantine_item_form,
    &quarantines_form,
    &quarantine_decision_form,
    &holds_form,
    &stop_form,
    &sending_form,
    &version_form,
    &problem_form,
    &version_effect_form,
    &version_clause_form,
    &version_name_form,
    &documents_form,
    &statistics_form,
    &work_form,
    &version_item_form,
    &policy_form,
    &register_form,
    &health_form,
    &clock_form,
    &clock_reply_form,
    &backup_form,
    &backup_reply_form,
    &bad_line_form,
    &import_reply_form,
    &problem_document_form,
    &space_create_form,
    &space_made_form,
    &space_request_form,
    &space_end_form,
    &request_take_form,
    &request_taken_form,
    &request_number_form,
    &request_item_form,
    &requests_form,
    &request_identity_form,
    &request_own_form,
    &request_extend_form,
    &request_decide_form,
    &request_pass_on_form,
    &request_letter_form,
    &request_mail_form,
    &request_close_form,
};

size_t form_count(void)
{
    return LENGTH(all);
}

const struct bind_form *form_at(size_t index)
{
    return all[index];
}
