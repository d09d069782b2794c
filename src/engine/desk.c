/* The rights desk: what persons ask for, by whichever way it came, as cases with a clock.
 *
 *   received --identity proven--> decided, right by right --acts, answer--> closed --kept--> gone
 *      |  the month runs from the day of receipt (Regulation 1182/71); nothing stops it
 *
 * The answer to a request is the same whoever asks: it is made from what was asked alone, and
 * nobody is looked for until somebody has proven who asks (HOS-58). Claimed contact and text are
 * sealed in the request's own dossier. */
#include <stdio.h>

#include "desk.h"
#include "law.h"

enum { CONTACT_BYTES = 1024, TEXT_BYTES = 32768, PAGE = 256, REMINDER_DAYS = 7 };
static const int64_t DAY_MS = (int64_t)24 * 3600 * 1000;

/* ---- what the facts say ---- */

const struct fact_evidence *desk_find(const struct call *call, const struct facts *facts,
                                      const char *type)
{
    word wanted = words_find(call->reg->words, str_from(type));
    for (size_t i = facts->evidence.count; wanted != 0 && i > 0; i--) {
        if (facts->evidence.at[i - 1].type == wanted)
            return &facts->evidence.at[i - 1];
    }
    return NULL;
}

const struct fact_evidence *desk_find_of(const struct call *call, const struct facts *facts,
                                         const char *step, enum right right)
{
    char type[64];
    (void)snprintf(type, sizeof(type), "%s:%s", step, right_name(right));
    return desk_find(call, facts, type);
}

bool call_is_request(const struct call *call, const struct facts *facts)
{
    return desk_is_request(call, facts);
}

bool desk_is_request(const struct call *call, const struct facts *facts)
{
    return facts != NULL && facts->kind == DOSSIER_CASE &&
           desk_find(call, facts, "request:received") != NULL;
}

const struct fact_evidence *desk_closed(const struct call *call, const struct facts *facts,
                                        const char **how)
{
    static const char *const WAYS[] = {"answered", "identity", "passed_on", "joined"};
    for (size_t i = 0; i < LENGTH(WAYS); i++) {
        char type[64];
        (void)snprintf(type, sizeof(type), "closed:%s", WAYS[i]);
        const struct fact_evidence *closed = desk_find(call, facts, type);
        if (closed == NULL)
            continue;
        if (how != NULL)
            *how = WAYS[i];
        return closed;
    }
    return NULL;
}

dossier_id desk_subject(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *proven = desk_find(call, facts, "identity:proven");
    for (size_t i = 0; proven != NULL && i < proven->bound_count; i++) {
        if (proven->bound[i].slot == SLOT_SUBJECT)
            return proven->bound[i].id;
    }
    return (dossier_id){{0}};
}

instant desk_received(const struct call *call, const struct facts *facts)
{
    return desk_find(call, facts, "request:received")->since;
}

word desk_company(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *came = desk_find(call, facts, "request:received");
    return came->bound_count > 1 ? came->bound[1].name : 0;
}

bool desk_asks(const struct call *call, const struct facts *facts, enum right right)
{
    return desk_find_of(call, facts, "ask", right) != NULL;
}

const struct fact_evidence *desk_outcome(const struct call *call, const struct facts *facts,
                                         enum right right, const char **outcome)
{
    static const char *const OUTCOMES[] = {"granted", "partly", "refused", "joined"};
    for (size_t i = 0; i < LENGTH(OUTCOMES); i++) {
        const struct fact_evidence *there = desk_find_of(call, facts, OUTCOMES[i], right);
        if (there == NULL)
            continue;
        if (outcome != NULL)
            *outcome = OUTCOMES[i];
        return there;
    }
    return NULL;
}

status desk_open(struct call *call, dossier_id id, struct dossier **dossier)
{
    TRY(call_open_dossier(call, id, DOSSIER_CASE, dossier));
    return desk_is_request(call, (*dossier)->facts) ? OK : call_not_here(call);
}

status desk_open_live(struct call *call, dossier_id id, struct dossier **dossier)
{
    TRY(call_whole_register(call));
    TRY(desk_open(call, id, dossier));
    if (desk_closed(call, (*dossier)->facts, NULL) != NULL)
        return fail(call->report, FAULT_CONFLICT, "this request is closed");
    return OK;
}

status desk_add(struct call *call, struct dossier *dossier, const struct permit *permit,
                const char *type, const struct binding *bound, size_t count, instant at,
                str details)
{
    return call_add_evidence(call, dossier, permit, words_intern(call->reg->words, str_from(type)),
                             bound, (uint16_t)count, at, NEVER, details);
}

status desk_right(struct call *call, str name, enum right *right)
{
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        *right = (enum right)i;
        if (str_is(name, right_name(*right)))
            return OK;
    }
    return fail_about(call->report, FAULT_INVALID, name,
                      "a right is access, rectify, erase, restrict, portability, object, "
                      "withdraw, complain or processors");
}

/* Ten letters of the id that nobody takes for each other: to be quoted by phone. */
void desk_number(dossier_id id, char text[REQUEST_NUMBER])
{
    static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t bits = 0;
    for (size_t i = 0; i < 7; i++)
        bits = bits << 8 | id.bytes[i];
    size_t at = 0;
    for (size_t i = 0; i < 10; i++) {
        if (i == 5)
            text[at++] = '-';
        text[at++] = LETTERS[bits >> (51 - 5 * i) & 31];
    }
    text[at] = '\0';
}

/* ---- its clock ---- */

static struct date first_date(struct date a, struct date b)
{
    return date_compare(a, b) < 0 ? a : b;
}

/* What the policy promises by itself, where that is a period. */
static bool own_due(const struct zone *zone, const struct span *span, instant from, struct due *due)
{
    if (!span->stated || span->hole)
        return false;
    if (span->unit == UNIT_HOUR) {
        due->passed = deadline_hours(from, span->count);
        due->date.safe = due->date.legal = instant_date(zone, due->passed);
        due->safe_passed = due->passed;
        return true;
    }
    if (span->unit == UNIT_DAY || span->unit == UNIT_WEEK)
        due->date =
            deadline_days(zone, from, (int64_t)span->count * (span->unit == UNIT_WEEK ? 7 : 1));
    else
        due->date =
            deadline_months(zone, from, (int64_t)span->count * (span->unit == UNIT_YEAR ? 12 : 1));
    due->safe_passed = date_passed(zone, due->date.safe);
    due->passed = date_passed(zone, due->date.legal);
    return true;
}

struct due desk_due_from(const struct call *call, const struct facts *facts, enum right right,
                         instant from)
{
    /* The promise is that of the version in force when it came in, the period the law's of then. */
    instant received = desk_received(call, facts);
    const struct plan *plan = reg_plan(call->reg, received);
    bool extended = desk_find(call, facts, "extension:told") != NULL;
    struct due own;
    struct law_end law =
        law_end(extended ? LAW_ANSWER_EXTENDED : LAW_ANSWER, plan->zone, received, from);
    struct due due = {law.date, law.safe_passed, law.passed};
    if (extended || !own_due(plan->zone, &plan->right[right].within, from, &own))
        return due;
    due.date.safe = first_date(due.date.safe, own.date.safe);
    due.date.legal = first_date(due.date.legal, own.date.legal);
    due.safe_passed = earlier(due.safe_passed, own.safe_passed);
    due.passed = earlier(due.passed, own.passed);
    return due;
}

struct due desk_due_as_of(const struct call *call, const struct facts *facts, instant from)
{
    struct due first = {.safe_passed = NEVER, .passed = NEVER};
    for (unsigned pass = 0; pass < 2 && first.passed.ms == NEVER.ms; pass++) {
        for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
            enum right right = (enum right)i;
            if (!desk_asks(call, facts, right) ||
                (pass == 0 && desk_outcome(call, facts, right, NULL) != NULL))
                continue;
            struct due due = desk_due_from(call, facts, right, from);
            if (before(due.passed, first.passed))
                first = due;
        }
    }
    return first;
}

struct due desk_due(const struct call *call, const struct facts *facts)
{
    return desk_due_as_of(call, facts, desk_received(call, facts));
}

status desk_date(struct call *call, struct date date, str *text)
{
    struct buf buf = buf_in(call->arena, 16);
    buf_date(&buf, date);
    return buf_finish(&buf, call->report, text);
}

/* ---- the indexes, and what happens when its time comes ---- */

static struct alarm_cause cause_of(struct call *call, dossier_id id, const char *name)
{
    struct alarm_cause cause = {.kind = ALARM_OVERDUE_REQUEST,
                                .name = words_intern(call->reg->words, str_from(name))};
    alarm_about(&cause, SLOT_CASE, id);
    return cause;
}

static instant kept_until(const struct call *call, const struct fact_evidence *closed)
{
    const struct zone *zone = reg_plan(call->reg, call->now)->zone;
    const struct law_row *kept = law_at(LAW_REQUEST_KEPT, zone, closed->since);
    assert(kept->unit == SPAN_DAY);
    return (instant){closed->since.ms + kept->count * DAY_MS};
}

/* A week before the safe date; nobody is reminded of what came in later than that. */
static instant remind_at(const struct call *call, const struct facts *facts, const struct due *due)
{
    instant at = {due->safe_passed.ms - REMINDER_DAYS * DAY_MS};
    return before(desk_received(call, facts), at) ? at : due->safe_passed;
}

static instant look_again(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *closed = desk_closed(call, facts, NULL);
    if (closed != NULL)
        return kept_until(call, closed);
    struct due due = desk_due(call, facts);
    instant reminder = remind_at(call, facts, &due);
    if (before(call->now, reminder))
        return reminder;
    if (before(call->now, due.safe_passed))
        return due.safe_passed;
    return before(call->now, due.passed) ? due.passed : NEVER;
}

static void open_tag(const struct call *call, bool open, blind *tag)
{
    keys_tag(vault_keys(call->reg->vault), STR("request"), open ? STR("open") : STR("closed"), tag);
}

static void person_tag(const struct call *call, dossier_id subject, blind *tag)
{
    keys_tag(vault_keys(call->reg->vault), STR("request-of"), ID_STR(subject), tag);
}

static void claimed_tag(const struct call *call, dossier_id subject, blind *tag)
{
    keys_tag(vault_keys(call->reg->vault), STR("request-claimed"), ID_STR(subject), tag);
}

dossier_id desk_claimed(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *claimed = desk_find(call, facts, "identity:mailbox");
    return claimed != NULL && claimed->bound_count > 0 ? claimed->bound[0].id : (dossier_id){{0}};
}

status desk_claimed_by(struct call *call, dossier_id subject, dossier_id **ids, size_t *count)
{
    enum { MOST = 1024 };
    blind tag;
    claimed_tag(call, subject, &tag);
    return vault_live(call->reg->vault, tag, (dossier_id){{0}}, MOST, call->arena, call->report,
                      ids, count);
}

struct request_ids {
    LIST(dossier_id) list;
};

static status add_requests(struct call *call, dossier_id subject, struct request_ids *found)
{
    enum { MOST = 1024 };
    blind tag;
    dossier_id *ids;
    size_t count;
    person_tag(call, subject, &tag);
    TRY(vault_live(call->reg->vault, tag, (dossier_id){{0}}, MOST, call->arena, call->report, &ids,
                   &count));
    for (size_t i = 0; i < count; i++) {
        dossier_id *added = LIST_ADD(call->arena, &found->list);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = ids[i];
    }
    return OK;
}

/* What was answered before a merge names the person by the id of that time. */
status call_requests_by(struct call *call, const struct facts *person, dossier_id **ids,
                        size_t *count)
{
    word merged = words_intern(call->reg->words, STR("merged"));
    struct request_ids found = {0};
    TRY(add_requests(call, person->id, &found));
    for (size_t i = 0; i < person->evidence.count; i++) {
        const struct fact_evidence *one = &person->evidence.at[i];
        if (one->type == merged && one->bound_count == 1)
            TRY(add_requests(call, one->bound[0].id, &found));
    }
    *ids = found.list.at;
    *count = found.list.count;
    return OK;
}

status call_requests_of(struct call *call, dossier_id subject, dossier_id **ids, size_t *count)
{
    const struct facts nobody = {.id = subject};
    enum presence presence = PRESENCE_ERASED;
    struct dossier *dossier;
    bool exists;
    TRY(vault_exists(call->reg->vault, subject, call->report, &exists));
    if (exists)
        TRY(vault_load(call->reg->vault, subject, call->arena, call->report, &presence, &dossier));
    return call_requests_by(call, presence == PRESENCE_LIVE ? dossier->facts : &nobody, ids, count);
}

status call_request_index(struct call *call, const struct facts *facts, struct vault_index *index)
{
    if (!desk_is_request(call, facts))
        return OK;
    blind *tags = ARENA_ARRAY(call->arena, blind, index->tag_count + 3);
    if (tags == NULL)
        return NO_MEMORY(call->report);
    if (index->tag_count > 0)
        memcpy(tags, index->tags, index->tag_count * sizeof(*tags));
    open_tag(call, desk_closed(call, facts, NULL) == NULL, &tags[index->tag_count++]);
    dossier_id subject = desk_subject(call, facts);
    if (!ID_IS_ZERO(subject))
        person_tag(call, subject, &tags[index->tag_count++]);
    dossier_id claimed = desk_claimed(call, facts);
    if (!ID_IS_ZERO(claimed))
        claimed_tag(call, claimed, &tags[index->tag_count++]);
    index->tags = tags;
    index->next = look_again(call, facts);
    return OK;
}

static status erase_request(struct call *call, struct dossier *dossier)
{
    struct operation op = call_operation(call, ACTION_ERASE, dossier->facts->id);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "request_end", decision_by_scope(), NULL, 0,
                   &permit));
    call_touched(call, dossier->facts->id);
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

status call_request_alarms(struct call *call, const struct facts *facts)
{
    bool open = desk_closed(call, facts, NULL) == NULL;
    struct due due = desk_due(call, facts);
    struct alarm_cause reminder = cause_of(call, facts->id, "reminder"),
                       safe = cause_of(call, facts->id, "safe_date"),
                       legal = cause_of(call, facts->id, "legal_date");
    bool late = open && !before(call->now, due.passed);
    bool soon = open && !late && !before(call->now, due.safe_passed);
    bool near = open && before(call->now, due.safe_passed) &&
                !before(call->now, remind_at(call, facts, &due));
    TRY(near ? call_alarm(call, &reminder) : call_alarm_over(call, &reminder));
    TRY(soon ? call_alarm(call, &safe) : call_alarm_over(call, &safe));
    return late ? call_alarm(call, &legal) : call_alarm_over(call, &legal);
}

status call_request_due(struct call *call, struct dossier *dossier)
{
    const struct facts *facts = dossier->facts;
    if (!desk_is_request(call, facts))
        return vault_not_due(call->reg->vault, facts->id, call->report);
    const struct fact_evidence *closed = desk_closed(call, facts, NULL);
    if (closed != NULL && !before(call->now, kept_until(call, closed)))
        return erase_request(call, dossier);
    TRY(call_request_alarms(call, facts));
    return vault_due_again(call->reg->vault, facts->id, look_again(call, facts), call->report);
}

/* ---- receiving ---- */

/* Any way is a way in (HOS-69, INF-73): what the policy lists, the channels of the language, and
 * the desks that have no channel of their own. */
static status channel_of(struct call *call, str text, word *channel)
{
    static const char *const DESKS[] = {"support", "portal", "stop_link"};
    const struct plan *plan = reg_plan(call->reg, call->now);
    TRY(call_said(call, "the way it came in", text));
    for (size_t i = 0; i < plan->contact_count; i++) {
        *channel = plan->contact[i].clause.name;
        if (str_equal(call_text(call, *channel), text))
            return OK;
    }
    for (size_t i = 0; i < LENGTH(DESKS); i++) {
        if (str_is(text, DESKS[i]))
            return call_name(call, "channel", text, channel);
    }
    struct report other = {0};
    struct report *kept = call->report;
    call->report = &other;
    status known = call_channel(call, text, channel);
    call->report = kept;
    if (is_ok(known))
        return OK;
    return fail_about(call->report, FAULT_INVALID, text,
                      "a request comes in by a contact of the policy, by support, portal or "
                      "stop_link, or by phone, post, email, web, sms, chat, in_person, ...");
}

static status rights_of(struct call *call, const struct request_take *request,
                        bool asked[RIGHT_COUNT])
{
    if (request->right_count == 0)
        return fail_at(call->report, FAULT_INVALID, "/rights", "say which rights are asked");
    for (size_t i = 0; i < request->right_count; i++) {
        enum right right;
        TRY(desk_right(call, request->rights[i], &right));
        if (asked[right])
            return fail_about(call->report, FAULT_INVALID, request->rights[i],
                              "this right stands there twice");
        asked[right] = true;
    }
    return OK;
}

static status check_texts(struct call *call, const struct request_take *request)
{
    str texts[] = {request->contact, request->text};
    if (request->contact.len > CONTACT_BYTES)
        return fail_at(call->report, FAULT_INVALID, "/contact", "at most %d bytes", CONTACT_BYTES);
    if (request->text.len > TEXT_BYTES)
        return fail_at(call->report, FAULT_INVALID, "/text", "at most %d bytes", TEXT_BYTES);
    return call_check_texts(call, texts, LENGTH(texts));
}

static status received_json(struct call *call, const struct request_take *request, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "contact");
    json_put_str(&out, request->contact);
    json_key(&out, "text");
    json_put_str(&out, request->text);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status new_request(struct call *call, const bool asked[RIGHT_COUNT],
                          struct dossier **dossier, const struct permit **permit)
{
    str effects[RIGHT_COUNT];
    size_t count = 0;
    char number[REQUEST_NUMBER];
    blind hash;
    word kind = words_intern(call->reg->words, STR("request"));
    TRY(vault_new(call->reg->vault, DOSSIER_CASE, kind, call->now, call->arena, call->report,
                  dossier));
    desk_number((*dossier)->facts->id, number);
    keys_tag(vault_keys(call->reg->vault), STR("request-number"), str_from(number), &hash);
    TRY(vault_identify(call->reg->vault, *dossier, kind, hash, call->arena, call->report));
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        if (!asked[i])
            continue;
        effects[count] = arena_format(call->arena, "right:%s", right_name((enum right)i));
        if (effects[count++].ptr == NULL)
            return NO_MEMORY(call->report);
    }
    struct operation op = call_operation(call, ACTION_RECORD, (*dossier)->facts->id);
    return call_write(call, (*dossier)->facts, &op, "request", decision_by_scope(), effects, count,
                      permit);
}

static status take_in(struct call *call, const struct request_take *request)
{
    bool asked[RIGHT_COUNT] = {false};
    word company = call->company != 0 ? call->company : call->caller->controller;
    struct binding came[] = {{.slot = SLOT_CHANNEL}, {.slot = SLOT_CONTROLLER, .name = company}};
    instant received;
    struct dossier *dossier;
    const struct permit *permit;
    str json = STR("");
    TRY(channel_of(call, request->channel, &came[0].name));
    TRY(rights_of(call, request, asked));
    TRY(check_texts(call, request));
    TRY(call_instant(call, "/received", request->received, &received));
    TRY(new_request(call, asked, &dossier, &permit));
    if (!str_is_empty(request->contact) || !str_is_empty(request->text))
        TRY(received_json(call, request, &json));
    TRY(desk_add(call, dossier, permit, "request:received", came, company == 0 ? 1 : 2, received,
                 json));
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        char type[64];
        (void)snprintf(type, sizeof(type), "ask:%s", right_name((enum right)i));
        if (asked[i])
            TRY(desk_add(call, dossier, permit, type, NULL, 0, received, STR("")));
    }
    return desk_store(call, dossier, permit);
}

/* Who is signed in has proven who asks by that. */
static status prove_sign_in(struct call *call, dossier_id subject)
{
    struct outcome kept = call->outcome;
    struct request_identity identity = {
        .request = kept.id, .subject = subject, .method = STR("signed_in"), .signed_in = true};
    TRY(desk_prove(call, &identity));
    TRY(desk_join(call, kept.id));
    call->outcome = kept;
    return OK;
}

status engine_request_take(struct call *call, const struct request_take *request)
{
    struct subject subject;
    if (ID_IS_ZERO(request->subject))
        return take_in(call, request);
    TRY(call_scope_held(call, SCOPE_RIGHTS));
    if (!call_by_subject(call, true))
        return fail_at(call->report, FAULT_INVALID, "/subject",
                       "staff say who asks once it is proven, by the step identity");
    TRY(call_open(call, request->subject, &subject));
    TRY(take_in(call, request));
    return prove_sign_in(call, request->subject);
}

status desk_take_by_mailbox(struct call *call, const struct request_take *request)
{
    struct binding bound = {.slot = SLOT_SUBJECT, .id = request->subject};
    struct subject subject;
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_open(call, request->subject, &subject));
    TRY(take_in(call, request));
    struct outcome kept = call->outcome;
    TRY(desk_open(call, kept.id, &dossier));
    TRY(desk_write(call, dossier, "request_mailbox", "identity:mailbox", &permit));
    TRY(desk_add(call, dossier, permit, "identity:mailbox", &bound, 1, call->now, STR("")));
    TRY(desk_store(call, dossier, permit));
    call->outcome = kept;
    return OK;
}
