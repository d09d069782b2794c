/* What the officer sees of requests: the list, open ones by deadline; one of them, with what was
 * sealed; and the one whose number somebody quotes. */
#include <stdlib.h>

#include "desk.h"
#include "person.h"

enum { LIST_PAGE = 256, SOON_DAYS = 7 };

/* ---- one line ---- */

static str identity_of(const struct call *call, const struct facts *facts)
{
    if (desk_find(call, facts, "identity:proven") != NULL)
        return STR("proven");
    if (desk_find(call, facts, "identity:refused") != NULL)
        return STR("refused");
    if (desk_find(call, facts, "identity:asked") != NULL)
        return STR("asked");
    return desk_find(call, facts, "identity:mailbox") != NULL ? STR("mailbox") : STR("none");
}

static status rights_of(struct call *call, const struct facts *facts, struct request_view *view)
{
    str *rights = ARENA_ARRAY(call->arena, str, RIGHT_COUNT);
    if (rights == NULL)
        return NO_MEMORY(call->report);
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        if (desk_asks(call, facts, (enum right)i))
            rights[view->right_count++] = str_from(right_name((enum right)i));
    }
    view->rights = rights;
    return OK;
}

static status view_of(struct call *call, const struct facts *facts, struct request_view *view)
{
    const struct fact_evidence *came = desk_find(call, facts, "request:received");
    const char *how = "open";
    const struct fact_evidence *closed = desk_closed(call, facts, &how);
    struct due due = desk_due(call, facts);
    char number[REQUEST_NUMBER];
    desk_number(facts->id, number);
    *view = (struct request_view){.id = facts->id,
                                  .number = arena_format(call->arena, "%s", number),
                                  .state = str_from(how),
                                  .identity = identity_of(call, facts),
                                  .received = came->since,
                                  .created = facts->created,
                                  .closed = closed == NULL ? NEVER : closed->since,
                                  .overdue_from = due.passed,
                                  .extended = desk_find(call, facts, "extension:told") != NULL,
                                  .subject = desk_subject(call, facts),
                                  .signed_in = desk_claimed(call, facts)};
    if (view->number.ptr == NULL)
        return NO_MEMORY(call->report);
    if (came->bound_count > 0)
        view->channel = call_text(call, came->bound[0].name);
    if (desk_company(call, facts) != 0)
        view->controller = call_text(call, desk_company(call, facts));
    view->due = closed == NULL && !before(call->now, due.safe_passed);
    view->overdue = closed == NULL && !before(call->now, due.passed);
    TRY(rights_of(call, facts, view));
    TRY(desk_owner(call, facts, &view->owner));
    TRY(desk_date(call, due.date.safe, &view->safe));
    return desk_date(call, due.date.legal, &view->legal);
}

status engine_request_view(struct call *call, dossier_id id, struct request_view *view)
{
    const struct facts *facts;
    TRY(reg_facts(call->reg, id, call->report, &facts));
    return desk_is_request(call, facts) ? view_of(call, facts, view) : call_not_here(call);
}

/* ---- the list ---- */

struct place {
    instant passed;
    dossier_id id;
};

struct places {
    LIST(struct place) at;
};

static int by_deadline(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    if (a->passed.ms != b->passed.ms)
        return a->passed.ms < b->passed.ms ? -1 : 1;
    return memcmp(a->id.bytes, b->id.bytes, ID_BYTES);
}

enum show { SHOW_OPEN, SHOW_DUE, SHOW_OVERDUE, SHOW_CLOSED };

static status show_of(struct call *call, str text, enum show *show)
{
    static const char *const SHOWS[] = {[SHOW_OPEN] = "open",
                                        [SHOW_DUE] = "due",
                                        [SHOW_OVERDUE] = "overdue",
                                        [SHOW_CLOSED] = "closed"};
    *show = SHOW_OPEN;
    for (unsigned i = 0; i < LENGTH(SHOWS); i++) {
        if (str_is_empty(text) || str_is(text, SHOWS[i])) {
            *show = (enum show)i;
            return OK;
        }
    }
    return fail(call->report, FAULT_INVALID, "?show= is open, due, overdue or closed");
}

/* What a list is asked for; RIGHT_ALL and company 0: any. */
struct sieve {
    enum show show;
    enum right right;
    word company;
};

static bool is_shown(const struct call *call, const struct facts *facts, const struct sieve *sieve)
{
    bool open = desk_closed(call, facts, NULL) == NULL;
    if (sieve->right != RIGHT_ALL && !desk_asks(call, facts, sieve->right))
        return false;
    if (sieve->company != 0 && desk_company(call, facts) != sieve->company)
        return false;
    struct due due = desk_due(call, facts);
    instant soon = {call->now.ms + (int64_t)SOON_DAYS * 24 * 3600 * 1000};
    switch (sieve->show) {
    case SHOW_OPEN:
        return open;
    case SHOW_DUE:
        return open && !before(soon, due.safe_passed);
    case SHOW_OVERDUE:
        return open && !before(call->now, due.passed);
    case SHOW_CLOSED:
        return !open;
    }
    return false;
}

/* Open ones are few enough to be sorted whole: what is answered leaves. */
static status gather(struct call *call, const struct sieve *sieve, struct places *places)
{
    blind tag;
    dossier_id after = {{0}};
    size_t count = LIST_PAGE;
    keys_tag(vault_keys(call->reg->vault), STR("request"),
             sieve->show == SHOW_CLOSED ? STR("closed") : STR("open"), &tag);
    while (count == LIST_PAGE) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        TRY(vault_live(call->reg->vault, tag, after, LIST_PAGE, arena, call->report, &ids, &count));
        for (size_t i = 0; i < count; i++) {
            const struct facts *facts;
            after = ids[i];
            TRY(reg_facts(call->reg, ids[i], call->report, &facts));
            if (!desk_is_request(call, facts) || !is_shown(call, facts, sieve))
                continue;
            struct place *place = LIST_ADD(call->arena, &places->at);
            if (place == NULL)
                return NO_MEMORY(call->report);
            *place = (struct place){desk_due(call, facts).passed, ids[i]};
        }
    }
    if (places->at.count > 0)
        qsort(places->at.at, places->at.count, sizeof(struct place), by_deadline);
    return OK;
}

/* Where the page begins: after the place of the last one of the page before, be that one closed
 * meanwhile. */
static status first_after(struct call *call, dossier_id after, const struct places *places,
                          size_t *first)
{
    const struct facts *facts;
    *first = 0;
    if (ID_IS_ZERO(after))
        return OK;
    TRY(reg_facts(call->reg, after, call->report, &facts));
    if (!desk_is_request(call, facts))
        return OK;
    struct place last = {desk_due(call, facts).passed, after};
    while (*first < places->at.count && by_deadline(&places->at.at[*first], &last) <= 0)
        (*first)++;
    return OK;
}

status engine_request_list(struct call *call, const struct request_query *query,
                           struct request_list *list)
{
    struct sieve sieve = {.right = RIGHT_ALL};
    struct operation of = {.action = ACTION_NONE};
    struct places places = {0};
    size_t first;
    *list = (struct request_list){0};
    TRY(call_whole_register(call));
    TRY(show_of(call, query->show, &sieve.show));
    if (!str_is_empty(query->kind))
        TRY(desk_right(call, query->kind, &sieve.right));
    if (!str_is_empty(query->controller))
        TRY(call_controller(call, query->controller, &of));
    sieve.company = of.controller;
    TRY(gather(call, &sieve, &places));
    TRY(first_after(call, query->after, &places, &first));
    list->at = ARENA_ARRAY(call->arena, struct request_view, query->limit + 1);
    if (list->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = first; i < places.at.count && list->count < query->limit; i++) {
        list->last = places.at.at[i].id;
        TRY(engine_request_view(call, list->last, &list->at[list->count++]));
    }
    list->more = first + list->count < places.at.count;
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "requests", decision_by_scope());
}

/* ---- by its number ---- */

/* As people write it: small letters, blanks, O for 0, I and L for 1. */
static str plain_number(str text, char number[REQUEST_NUMBER])
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '-' || c == ' ')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (count == 10)
            return STR("");
        number[count + (count >= 5)] = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        count++;
    }
    if (count != 10)
        return STR("");
    number[5] = '-';
    number[REQUEST_NUMBER - 1] = '\0';
    return str_from(number);
}

status engine_request_find(struct call *call, str number, struct found *found)
{
    char room[REQUEST_NUMBER];
    blind hash;
    *found = (struct found){0};
    TRY(call_whole_register(call));
    str plain = plain_number(number, room);
    if (str_is_empty(plain))
        return fail_at(call->report, FAULT_INVALID, "/number",
                       "a request's number is ten letters and digits: 7K3M9-QXTPB");
    keys_tag(vault_keys(call->reg->vault), STR("request-number"), plain, &hash);
    dossier_id *ids;
    size_t count;
    TRY(keys_blind_find(vault_keys(call->reg->vault), hash, call->arena, call->report, &ids,
                        &count));
    found->ids = ids;
    for (size_t i = 0; i < count; i++) {
        bool there; /* a restore may have lost what its keys are still for */
        TRY(vault_exists(call->reg->vault, ids[i], call->report, &there));
        if (there)
            ids[found->count++] = ids[i];
    }
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "find", decision_by_scope());
}

/* ---- one, with what was sealed ---- */

struct showing {
    dossier_id id;
    struct permit_wait wait;
    str *document;
    enum language language;
    struct paper **paper; /* the letter, instead */
};

static void put_date(struct json_out *out, const char *key, struct date date)
{
    char room[16];
    struct buf buf = buf_over(room, sizeof(room));
    buf_date(&buf, date);
    json_key(out, key);
    json_put_str(out, buf_str(&buf));
}

static void put_due(struct json_out *out, const char *key, const struct due *due)
{
    json_key(out, key);
    json_open_object(out);
    put_date(out, "safe", due->date.safe);
    put_date(out, "legal", due->date.legal);
    json_key(out, "overdue_from");
    json_put_instant(out, due->passed);
    json_close_object(out);
}

static void put_instant(struct json_out *out, const char *key, instant at)
{
    json_key(out, key);
    json_put_instant(out, at);
}

static void put_text(struct json_out *out, const char *key, str text)
{
    json_key(out, key);
    json_put_str(out, text);
}

/* The sealed words of a step, as they were written. */
static status put_record(struct call *call, const struct dossier *dossier,
                         const struct permit *permit, const struct fact_evidence *step,
                         struct json_out *out)
{
    const struct fact_item *item =
        ID_IS_ZERO(step->details) ? NULL : facts_find_item(dossier->facts, step->details);
    str json;
    if (item == NULL)
        return OK;
    TRY(vault_open_item(call->reg->vault, permit, dossier, item, call->arena, call->report, &json));
    json_key(out, "said");
    json_put_raw(out, json);
    return OK;
}

/* Who did it; of a step that names an owner, whom it names first. */
static void put_actors(const struct fact_evidence *step, bool owns, struct json_out *out)
{
    for (size_t b = 0; b < step->bound_count; b++) {
        if (step->bound[b].slot != SLOT_ACTOR)
            continue;
        json_key(out, owns ? "owner" : "by");
        json_put_id(out, step->bound[b].id.bytes);
        owns = false;
    }
}

static status put_steps(struct call *call, const struct dossier *dossier,
                        const struct permit *permit, struct json_out *out)
{
    json_key(out, "steps");
    json_open_array(out);
    for (size_t i = 0; i < dossier->facts->evidence.count; i++) {
        const struct fact_evidence *step = &dossier->facts->evidence.at[i];
        str type = call_text(call, step->type);
        if (str_starts(type, STR("ask:")))
            continue;
        json_open_object(out);
        put_text(out, "step", type);
        put_instant(out, "at", step->since);
        put_actors(step, str_is(type, "owner:named"), out);
        TRY(put_record(call, dossier, permit, step, out));
        json_close_object(out);
    }
    json_close_array(out);
    return OK;
}

static void put_rights(struct call *call, const struct facts *facts, struct json_out *out)
{
    json_key(out, "rights");
    json_open_array(out);
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        enum right right = (enum right)i;
        const char *outcome = "open";
        if (!desk_asks(call, facts, right))
            continue;
        (void)desk_outcome(call, facts, right, &outcome);
        struct due due = desk_due_from(call, facts, right, desk_received(call, facts));
        json_open_object(out);
        put_text(out, "right", str_from(right_name(right)));
        put_text(out, "outcome", str_from(outcome));
        json_key(out, "done");
        json_put_bool(out, desk_find_of(call, facts, "done", right) != NULL);
        put_due(out, "due", &due);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_view(struct call *call, const struct facts *facts, const struct request_view *view,
                     struct json_out *out)
{
    struct due due = desk_due(call, facts);
    json_key(out, "id");
    json_put_id(out, view->id.bytes);
    put_text(out, "number", view->number);
    put_text(out, "state", view->state);
    put_text(out, "channel", view->channel);
    if (!str_is_empty(view->controller))
        put_text(out, "controller", view->controller);
    put_text(out, "identity", view->identity);
    if (!ID_IS_ZERO(view->subject)) {
        json_key(out, "subject");
        json_put_id(out, view->subject.bytes);
    }
    if (!ID_IS_ZERO(view->owner)) {
        json_key(out, "owner");
        json_put_id(out, view->owner.bytes);
    }
    put_instant(out, "received", view->received);
    put_instant(out, "created", view->created);
    put_instant(out, "closed", view->closed);
    put_due(out, "due", &due);
    json_key(out, "is_due");
    json_put_bool(out, view->due);
    json_key(out, "is_overdue");
    json_put_bool(out, view->overdue);
    json_key(out, "extended");
    json_put_bool(out, view->extended);
}

/* When proof was asked for, the time as counted from the proof stands beside the one that runs. */
static void put_proof(struct call *call, const struct facts *facts, struct json_out *out)
{
    const struct fact_evidence *asked = desk_find(call, facts, "identity:asked");
    const struct fact_evidence *proven = desk_find(call, facts, "identity:proven");
    if (asked == NULL)
        return;
    json_key(out, "proof");
    json_open_object(out);
    put_instant(out, "asked", asked->since);
    put_instant(out, "came", proven == NULL ? NEVER : proven->since);
    if (proven != NULL) {
        struct due due = desk_due_as_of(call, facts, proven->since);
        put_due(out, "due_from_proof", &due);
    }
    json_close_object(out);
}

static bool says_no(const struct call *call, const struct facts *facts)
{
    bool no = desk_find(call, facts, "identity:refused") != NULL;
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        const char *outcome = "";
        (void)desk_outcome(call, facts, (enum right)i, &outcome);
        no |= outcome[0] == 'p' || outcome[0] == 'r';
    }
    return no;
}

/* Who writes: the company that acts, or all that the policy has. */
static void put_controllers(struct call *call, struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word mine = call_company(call);
    json_key(out, "controllers");
    json_open_array(out);
    for (size_t i = 0; i < plan->controller_count; i++) {
        if (mine == 0 || plan->controller[i].clause.name == mine)
            directory_put_controller(plan, &plan->controller[i], out);
    }
    json_close_array(out);
}

static status put_request(struct call *call, const struct showing *showing,
                          const struct dossier *dossier, const struct permit *permit, str *document)
{
    struct request_view view;
    TRY(view_of(call, dossier->facts, &view));
    struct buf buf = buf_in(call->arena, LIMIT_REQUEST_ARENA_BYTES / 4);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    put_view(call, dossier->facts, &view, &out);
    put_rights(call, dossier->facts, &out);
    put_proof(call, dossier->facts, &out);
    if (says_no(call, dossier->facts) || showing->paper != NULL)
        directory_put_complaint(reg_plan(call->reg, call->now), &out);
    if (showing->paper != NULL) {
        put_instant(&out, "made", call->now);
        put_controllers(call, &out);
    }
    TRY(put_steps(call, dossier, permit, &out));
    json_close_object(&out);
    buf_char(&buf, '\n');
    return buf_finish(&buf, call->report, document);
}

static status put_letter(struct call *call, const struct showing *showing, str document)
{
    struct person_ask ask = {.plan = reg_plan(call->reg, call->now), .language = showing->language};
    TRY(json_parse(call->arena, document, call->report, &ask.data));
    return letter_paper(&ask, call->arena, call->report, showing->paper);
}

static status show_finish(struct call *call)
{
    struct showing *showing = call->state;
    const struct permit *permit;
    struct dossier *dossier;
    enum presence presence;
    TRY(permit_to_read(&showing->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_load(call->reg->vault, showing->id, call->arena, call->report, &presence, &dossier));
    if (presence != PRESENCE_LIVE || !desk_is_request(call, dossier->facts))
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    if (showing->paper == NULL)
        return put_request(call, showing, dossier, permit, showing->document);
    str document;
    TRY(put_request(call, showing, dossier, permit, &document));
    return put_letter(call, showing, document);
}

static status show(struct call *call, const struct showing *wanted)
{
    struct showing *showing = ARENA_NEW(call->arena, struct showing);
    struct dossier *dossier;
    if (showing == NULL)
        return NO_MEMORY(call->report);
    *showing = *wanted;
    TRY(call_whole_register(call));
    TRY(desk_open(call, wanted->id, &dossier));
    struct operation op = call_operation(call, ACTION_READ, wanted->id);
    TRY(call_ask(call, dossier->facts, &op, "request_read", decision_by_scope(), &showing->wait));
    call->state = showing;
    call->finish = show_finish;
    return OK;
}

status engine_request_show(struct call *call, dossier_id id, str *document)
{
    return show(call, &(struct showing){.id = id, .document = document});
}

status engine_request_letter(struct call *call, const struct request_letter *request,
                             struct paper **paper)
{
    struct showing showing = {.id = request->request, .paper = paper};
    TRY(language_pick(reg_plan(call->reg, call->now), request->language, STR(""), call->report,
                      &showing.language));
    return show(call, &showing);
}

/* ---- the same letter, mailed ---- */

/* To whom nobody has shown who they are, nothing is said that was decided. */
static status may_go(struct call *call, const struct facts *facts)
{
    if (desk_find(call, facts, "identity:proven") != NULL)
        return OK;
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        if (desk_outcome(call, facts, (enum right)i, NULL) != NULL)
            return fail(call->report, FAULT_CONFLICT,
                        "what was decided is told once it is proven who asks");
    }
    return OK;
}

/* What they gave when they asked. */
static status contact_of(struct call *call, const struct dossier *dossier,
                         const struct permit *permit, str *contact)
{
    const struct fact_evidence *came = desk_find(call, dossier->facts, "request:received");
    const struct fact_item *item =
        ID_IS_ZERO(came->details) ? NULL : facts_find_item(dossier->facts, came->details);
    struct report odd = {0};
    const struct json *json;
    blind hash;
    str said;
    *contact = STR("");
    if (item != NULL) {
        TRY(vault_open_item(call->reg->vault, permit, dossier, item, call->arena, call->report,
                            &said));
        TRY(json_parse(call->arena, said, call->report, &json));
        (void)json_str(json_get(json, "contact"), contact);
    }
    *contact = str_trim(*contact);
    if (is_ok(keys_blind(vault_keys(call->reg->vault), STR("email"), *contact, &odd, &hash)))
        return OK;
    return fail_at(call->report, FAULT_INVALID, "/item",
                   "the contact that came with the request is no e-mail address: name an item of "
                   "the person's");
}

static status mail_text(struct call *call, const struct dossier *dossier,
                        const struct permit *permit, const struct request_mail *request,
                        struct letter_mail *mail)
{
    struct paper *paper = NULL;
    struct showing showing = {.id = request->request, .paper = &paper};
    str document;
    TRY(language_pick(reg_plan(call->reg, call->now), request->language, STR(""), call->report,
                      &showing.language));
    TRY(put_request(call, &showing, dossier, permit, &document));
    TRY(put_letter(call, &showing, document));
    return call_paper_mail(call, paper, &mail->heading, &mail->text);
}

status engine_request_mail(struct call *call, const struct request_mail *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    struct letter_mail mail = {.item = request->item};
    TRY(call_whole_register(call));
    TRY(desk_open(call, request->request, &dossier));
    TRY(may_go(call, dossier->facts));
    dossier_id subject = desk_subject(call, dossier->facts);
    if (!ID_IS_ZERO(request->item) && ID_IS_ZERO(subject))
        return fail(call->report, FAULT_CONFLICT,
                    "it is not proven whose request this is: leave item out, and the letter goes "
                    "to the contact that came with it");
    TRY(desk_write(call, dossier, "request_mail", "", &permit));
    TRY(mail_text(call, dossier, permit, request, &mail));
    if (!ID_IS_ZERO(request->item))
        return call_request_letter(call, subject, &mail);
    TRY(contact_of(call, dossier, permit, &mail.to));
    TRY(call_letter_task(call, dossier, permit, &mail));
    call->outcome.http = 202;
    return call_store_dossier(call, dossier, permit);
}

/* ---- in the person's own copy ---- */

static void put_outcomes(struct call *call, const struct facts *facts, struct json_out *out)
{
    json_key(out, "rights");
    json_open_array(out);
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        const char *outcome = "open";
        if (!desk_asks(call, facts, (enum right)i))
            continue;
        (void)desk_outcome(call, facts, (enum right)i, &outcome);
        json_open_object(out);
        put_text(out, "right", str_from(right_name((enum right)i)));
        put_text(out, "outcome", str_from(outcome));
        json_close_object(out);
    }
    json_close_array(out);
}

status call_put_requests(struct call *call, dossier_id subject, struct json_out *out)
{
    dossier_id *ids;
    size_t count;
    TRY(call_requests_of(call, subject, &ids, &count));
    json_key(out, "requests");
    json_open_array(out);
    for (size_t i = 0; i < count; i++) {
        const struct facts *facts;
        struct request_view view;
        TRY(reg_facts(call->reg, ids[i], call->report, &facts));
        if (!desk_is_request(call, facts) || !ID_EQUAL(desk_subject(call, facts), subject))
            continue;
        TRY(view_of(call, facts, &view));
        json_open_object(out);
        put_text(out, "number", view.number);
        put_text(out, "state", view.state);
        put_text(out, "channel", view.channel);
        put_instant(out, "received", view.received);
        put_text(out, "safe", view.safe);
        put_text(out, "legal", view.legal);
        put_instant(out, "closed", view.closed);
        put_outcomes(call, facts, out);
        json_close_object(out);
    }
    json_close_array(out);
    return OK;
}
