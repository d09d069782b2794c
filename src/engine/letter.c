/* Papers of the policy's texts that Vern writes and mails to a person itself, so that no caller
 * brings the words: the notice of a point of collection or of a source, what a version changes, the
 * message about a breach.
 *
 *   asked --whole? (document)--> LETTER task, its text sealed --mail server took it--> notice on
 * file, INCOMPLETE, naming what lacks                     --given up--> alarm       breach told of
 *
 * What the law orders to be said asks for no purpose of the policy: the letter goes to an address
 * that the token reaches, that is held still and that works. Who may record the notice may mail it,
 * judged when it is asked for. The text is the one of that moment, also on file. */
#include "breach.h"
#include "document.h"
#include "json.h"

static const char *const NAMES[] = {"notice", "changes", "breach", "request"};
/* The last is the rights desk's (desk_view.c). */
enum letter_paper { LETTER_NOTICE, LETTER_CHANGES, LETTER_BREACH, LETTER_REQUEST };
enum { LETTER_ASKED = LETTER_REQUEST };

/* ---- where it goes ---- */

bool call_address_works(const struct call *call, const struct settled_item *settled)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct fact_item *item = settled->item;
    plan_index field = plan_find(plan, plan->field_of, item->field);
    return field != NONE && plan->field[field].kind == FIELD_EMAIL && settled->alive &&
           !item->external && !item->failing;
}

static status find_address(struct call *call, const struct subject *subject, record_id id)
{
    const struct settled_item *found = NULL;
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *settled = &subject->settled.items[i];
        if (ID_EQUAL(settled->item->id, id) && settled->alive && call_reaches(call, settled))
            found = settled;
    }
    if (found == NULL)
        return call_not_here(call);
    if (found->item->failing)
        return call_refuse_always(call, subject->dossier->facts, ACTION_SEND,
                                  ALWAYS_working_address);
    return call_address_works(call, found)
               ? OK
               : fail_at(call->report, FAULT_INVALID, "/item",
                         "a letter goes to an item that is an e-mail address kept here");
}

/* ---- what it says ---- */

struct letter {
    enum letter_paper kind;
    enum language language;
    str heading, text;
};

status call_paper_mail(struct call *call, const struct paper *paper, str *heading, str *text)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES / 2);
    paper_text(paper, &buf);
    *heading = paper_said_title(paper);
    return buf_finish(&buf, call->report, text);
}

static status write_notice(struct call *call, const struct letter_ask *request,
                           struct letter *letter)
{
    str reference;
    struct evidence_record told = request->notice;
    told.language = str_from(language_tag(letter->language));
    TRY(call_said(call, "the intake whose notice it is", told.told));
    TRY(engine_reference(call, request->subject, &reference));
    return call_notice_text(call, &told, reference, &letter->heading, &letter->text);
}

/* The version that was applied before that one; itself when it is the first. */
static const struct plan *version_before(const struct reg *reg, const struct plan *plan)
{
    const struct plan *found = plan;
    for (size_t i = 0; i < reg_version_count(reg); i++) {
        const struct version_state *version = reg_version_at(reg, i);
        if (version->plan == plan)
            return found;
        if (version->withdrawn.ms == NEVER.ms)
            found = version->plan;
    }
    return plan;
}

static status write_changes(struct call *call, const struct letter_ask *request,
                            struct letter *letter)
{
    struct policy_ask ask = {.language = letter->language};
    struct paper *paper;
    TRY(call_said(call, "the version whose changes are told", request->notice.version));
    for (size_t i = 0; i < reg_version_count(call->reg); i++) {
        const struct version_state *version = reg_version_at(call->reg, i);
        if (version->withdrawn.ms == NEVER.ms &&
            str_equal(version->plan->version, request->notice.version))
            ask.plan = version->plan;
    }
    if (ask.plan == NULL)
        return fail_at(call->report, FAULT_INVALID, "/version", "the register has no such version");
    TRY(changes_paper(&ask, version_before(call->reg, ask.plan), call->arena, call->report,
                      &paper));
    return call_paper_mail(call, paper, &letter->heading, &letter->text);
}

static status write_breach(struct call *call, const struct letter_ask *request,
                           const struct facts *person, struct letter *letter)
{
    struct dossier *dossier;
    const struct permit *permit;
    instant at;
    TRY(breach_open(call, request->breach, &dossier));
    if (breach_told_of(call, person, request->breach, &at) != BREACH_TO_TELL)
        return fail(call->report, FAULT_CONFLICT,
                    "no task waits to tell this person of the breach");
    TRY(breach_write(call, dossier->facts, "breach_letter", STR(""), &permit));
    return breach_message_mail(call, permit, dossier, str_from(language_tag(letter->language)),
                               &letter->heading, &letter->text);
}

static status kind_of(struct call *call, str name, enum letter_paper *kind)
{
    for (size_t i = 0; i < LETTER_ASKED; i++) {
        if (str_is(name, NAMES[i])) {
            *kind = (enum letter_paper)i;
            return OK;
        }
    }
    return fail_at(call->report, FAULT_INVALID, "/paper", "a letter is notice, changes or breach");
}

/* What belongs to another paper is not left unread. */
static status check_members(struct call *call, const struct letter_ask *request,
                            enum letter_paper kind)
{
    const struct evidence_record *notice = &request->notice;
    bool of_notice = notice->told.len + notice->purpose.len + notice->source.len > 0;
    if (kind != LETTER_NOTICE && of_notice)
        return fail_at(call->report, FAULT_INVALID, "/intake",
                       "intake, purpose and source are of a notice");
    if (kind == LETTER_BREACH && notice->type.len + notice->version.len > 0)
        return fail_at(call->report, FAULT_INVALID, "/type",
                       "type and version are of a notice or of changes");
    if ((kind == LETTER_BREACH) == ID_IS_ZERO(request->breach))
        return fail_at(call->report, FAULT_INVALID, "/breach", "of paper breach, and of no other");
    return OK;
}

static status write_letter(struct call *call, const struct letter_ask *request,
                           const struct subject *subject, struct letter *letter)
{
    if (letter->kind == LETTER_BREACH)
        return write_breach(call, request, subject->dossier->facts, letter);
    return letter->kind == LETTER_NOTICE ? write_notice(call, request, letter)
                                         : write_changes(call, request, letter);
}

/* ---- queued ---- */

static void put_text(struct json_out *out, const char *key, str text)
{
    if (str_is_empty(text))
        return;
    json_key(out, key);
    json_put_str(out, text);
}

static status letter_json(struct call *call, const struct letter_ask *request,
                          const struct letter *letter, str *json)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    put_text(&out, "letter", STR("paper"));
    put_text(&out, "heading", letter->heading);
    put_text(&out, "text", letter->text);
    put_text(&out, "type", request->notice.type);
    put_text(&out, "purpose", request->notice.purpose);
    put_text(&out, "source", request->notice.source);
    put_text(&out, "version", request->notice.version);
    if (!ID_IS_ZERO(request->breach)) {
        json_key(&out, "breach");
        json_put_id(&out, request->breach.bytes);
    }
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status queue_letter(struct call *call, struct dossier *dossier, const struct permit *permit,
                           record_id item, const struct letter_ask *request,
                           const struct letter *letter)
{
    str json;
    TRY(letter_json(call, request, letter, &json));
    struct fact_task task = {.kind = TASK_LETTER,
                             .name = words_intern(call->reg->words, str_from(NAMES[letter->kind])),
                             .channel = words_intern(call->reg->words, STR("email")),
                             .item = item,
                             .due = NEVER};
    call->reg->mail_news = true;
    return call_task_add(call, dossier, permit, &task, json);
}

status call_letter_task(struct call *call, struct dossier *dossier, const struct permit *permit,
                        const struct letter_mail *mail)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    str json;
    json_open_object(&out);
    put_text(&out, "letter", STR("paper"));
    put_text(&out, "to", mail->to);
    put_text(&out, "heading", mail->heading);
    put_text(&out, "text", mail->text);
    json_close_object(&out);
    TRY(buf_finish(&buf, call->report, &json));
    struct fact_task task = {.kind = TASK_LETTER,
                             .name =
                                 words_intern(call->reg->words, str_from(NAMES[LETTER_REQUEST])),
                             .channel = words_intern(call->reg->words, STR("email")),
                             .item = mail->item,
                             .due = NEVER};
    call->reg->mail_news = true;
    return call_task_add(call, dossier, permit, &task, json);
}

status call_request_letter(struct call *call, dossier_id id, const struct letter_mail *mail)
{
    struct subject subject;
    const struct permit *permit;
    str effect = STR("letter:request");
    TRY(call_open(call, id, &subject));
    TRY(find_address(call, &subject, mail->item));
    struct operation op = call_operation(call, ACTION_SEND, id);
    TRY(call_living(call, subject.dossier->facts, &op));
    op = call_operation(call, ACTION_NONE, id);
    TRY(call_write(call, subject.dossier->facts, &op, "letter_queue", decision_by_scope(), &effect,
                   1, &permit));
    TRY(call_letter_task(call, subject.dossier, permit, mail));
    call->outcome.http = 202;
    return call_store(call, &subject, permit);
}

status engine_letter(struct call *call, const struct letter_ask *asked)
{
    struct letter_ask request = *asked;
    struct letter letter = {0};
    struct subject subject;
    const struct permit *permit;
    /* First: whoever is nobody's gets one answer (G9). */
    TRY(call_open(call, request.subject, &subject));
    TRY(kind_of(call, request.paper, &letter.kind));
    bool breach = letter.kind == LETTER_BREACH;
    TRY(call_scope_held(call, breach ? SCOPE_OFFICER : SCOPE_RECORD));
    TRY(check_members(call, &request, letter.kind));
    TRY(language_pick(reg_plan(call->reg, call->now), request.language, STR(""), call->report,
                      &letter.language));
    if (!breach && str_is_empty(request.notice.type))
        request.notice.type = STR("notice");
    request.notice.subject = request.subject;
    TRY(find_address(call, &subject, request.item));
    struct operation op = call_operation(call, ACTION_SEND, request.subject);
    TRY(call_living(call, subject.dossier->facts, &op));
    if (!breach)
        TRY(call_notice_asked(call, &request.notice, &subject));
    TRY(write_letter(call, &request, &subject, &letter));
    str effect = arena_format(call->arena, "letter:%s", NAMES[letter.kind]);
    op = call_operation(call, ACTION_NONE, request.subject);
    TRY(call_write(call, subject.dossier->facts, &op, "letter_queue", decision_by_scope(), &effect,
                   1, &permit));
    TRY(queue_letter(call, subject.dossier, permit, request.item, &request, &letter));
    call->outcome.http = 202;
    return call_store(call, &subject, permit);
}

status call_breach_letter(struct call *call, struct subject *subject, const struct permit *permit,
                          const struct breach_mail *mail, bool *queued)
{
    const struct letter_ask request = {.breach = mail->breach};
    const struct letter letter = {
        .kind = LETTER_BREACH, .heading = mail->heading, .text = mail->text};
    *queued = false;
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    TRY(call_settle(call, subject));
    for (size_t i = 0; i < subject->settled.count && !*queued; i++) {
        const struct settled_item *settled = &subject->settled.items[i];
        if (settled->item->field != mail->field || !call_address_works(call, settled) ||
            facts_are_dead(call, subject->dossier->facts))
            continue;
        *queued = true;
        TRY(queue_letter(call, subject->dossier, permit, settled->item->id, &request, &letter));
    }
    return OK;
}

/* ---- taken by the mail server, or given up ---- */

static str text_of(const struct json *json, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(json, member), &text);
    return text;
}

/* What the notice was bound to may be gone from the policy meanwhile: then it proves nothing, and
 * the letter is over all the same. */
static status keep_notice(struct call *call, const struct json *json, record_id mailed,
                          struct subject *subject, const struct permit *permit)
{
    struct evidence_record notice = {.type = text_of(json, "type"),
                                     .subject = subject->dossier->facts->id,
                                     .purpose = text_of(json, "purpose"),
                                     .source = text_of(json, "source"),
                                     .version = text_of(json, "version")};
    struct report odd = {0}, *kept = call->report;
    call->report = &odd;
    status given = call_notice_given(call, &notice, text_of(json, "text"), subject, permit);
    call->report = kept;
    if (!is_ok(given) && given.fault != FAULT_INVALID) {
        *kept = odd;
        return given;
    }
    struct facts *facts = subject->dossier->facts;
    for (size_t i = 0; is_ok(given) && i < facts->evidence.count; i++) {
        if (ID_EQUAL(facts->evidence.at[i].id, call->outcome.record))
            facts->evidence.at[i].id = mailed; /* by which a bounce finds it (bounce.c) */
    }
    return OK;
}

static status keep_told(struct call *call, const struct json *json, struct subject *subject,
                        const struct permit *permit)
{
    const struct facts *facts = subject->dossier->facts;
    dossier_id breach;
    if (!id_parse(text_of(json, "breach"), breach.bytes))
        return fail(call->report, FAULT_CORRUPT, "a mail that waits is damaged");
    for (size_t i = 0; i < facts->tasks.count; i++) {
        struct fact_task task = facts->tasks.at[i];
        if (!call_is_breach_task(call, &task) || !ID_EQUAL(task.other, breach))
            continue;
        TRY(call_breach_told(call, subject->dossier, permit, &task));
        return call_task_end(call, subject->dossier, task.id);
    }
    return OK;
}

status call_letter_came(struct call *call, struct subject *subject, const struct permit *permit,
                        const struct fact_task *task, str proof)
{
    const struct facts *facts = subject->dossier->facts;
    const struct fact_item *record = facts_find_item(facts, task->details);
    struct fact_task kept = *task;
    const struct json *json;
    str text;
    if (record == NULL)
        return OK;
    TRY(vault_open_item(call->reg->vault, permit, subject->dossier, record, call->arena,
                        call->report, &text));
    TRY(json_parse(call->arena, text, call->report, &json));
    TRY(call_keep_proof(call, permit, facts->id, &kept, proof));
    if (str_is(call_text(call, kept.name), NAMES[LETTER_REQUEST]))
        return OK;
    return str_is(call_text(call, kept.name), NAMES[LETTER_BREACH])
               ? keep_told(call, json, subject, permit)
               : keep_notice(call, json, kept.id, subject, permit);
}
