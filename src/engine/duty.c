/* Onward duties (article 19): what becomes of data that was given on is told to each who has it.
 * A duty is a note beside the party, by the party's own reference of the person and without data,
 * so it outlives the person's erasure; the party has a task while any is open. Whoever told says
 * how, and that proof is kept for three years.
 *
 * An authority that asked in a particular inquiry is no recipient in this sense (article 4(9)). */
#include "calendar.h"
#include "engine_internal.h"
#include "json.h"

enum { PROOF_YEARS = 3, OLD_AT_ONCE = 50, DONE_BIT = 0x80, DUTY_BYTES = 64 << 10 };

/* Done ones lie behind the open ones: the list of what is open ends where they begin. */
record_id note_done_id(record_id open)
{
    open.bytes[0] |= DONE_BIT;
    return open;
}

record_id note_open_id(record_id done)
{
    done.bytes[0] &= (unsigned char)~DONE_BIT;
    return done;
}

bool note_is_done(record_id id)
{
    return (id.bytes[0] & DONE_BIT) != 0;
}

/* ---- who is to be told ---- */

struct holder {
    dossier_id party;
    word recipient, purpose;
    record_id reference;
    LIST(word) fields;
};

struct holders {
    const struct telling *telling;
    const struct facts *facts;
    LIST(struct holder) at;
};

bool telling_is_about(const struct telling *telling, const struct fact_item *item)
{
    bool named = telling->item_count == 0 && telling->field_count == 0;
    for (size_t i = 0; i < telling->item_count && !named; i++)
        named = ID_EQUAL(telling->items[i], item->id);
    for (size_t i = 0; i < telling->field_count && !named; i++)
        named = telling->fields[i] == item->field;
    return named;
}

static bool is_recipient(const struct call *call, const struct disclosure *disclosure)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index kind = plan_find(plan, plan->recipient_of, disclosure->recipient);
    return !ID_IS_ZERO(disclosure->party) &&
           (kind == NONE || plan->recipient[kind].kind != RECIPIENT_AUTHORITY);
}

static bool was_told(const struct call *call, record_id disclosure)
{
    for (size_t i = 0; i < call->told_of.count; i++) {
        if (ID_EQUAL(call->told_of.at[i], disclosure))
            return true;
    }
    return false;
}

static status add_field(struct call *call, struct holder *holder, word field)
{
    for (size_t i = 0; i < holder->fields.count; i++) {
        if (holder->fields.at[i] == field)
            return OK;
    }
    word *added = LIST_ADD(call->arena, &holder->fields);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = field;
    return OK;
}

static status holder_of(struct call *call, struct holders *holders,
                        const struct disclosure *disclosure, struct holder **holder)
{
    record_id *told = LIST_ADD(call->arena, &call->told_of);
    if (told == NULL)
        return NO_MEMORY(call->report);
    *told = disclosure->id;
    for (size_t i = 0; i < holders->at.count; i++) {
        *holder = &holders->at.at[i];
        if (ID_EQUAL((*holder)->party, disclosure->party))
            return OK;
    }
    *holder = LIST_ADD(call->arena, &holders->at);
    if (*holder == NULL)
        return NO_MEMORY(call->report);
    **holder =
        (struct holder){.party = disclosure->party,
                        .recipient = disclosure->recipient,
                        .purpose = holders->telling->purposes == NULL ? 0 : disclosure->purpose,
                        .reference = disclosure->reference};
    return OK;
}

static bool is_for(const struct telling *telling, const struct disclosure *disclosure)
{
    if (!ID_IS_ZERO(telling->party) && !ID_EQUAL(telling->party, disclosure->party))
        return false;
    for (size_t i = 0; i < telling->purpose_count; i++) {
        if (telling->purposes[i] == disclosure->purpose)
            return true;
    }
    return telling->purpose_count == 0;
}

static status note_holder(void *self, struct call *call, const struct disclosure *disclosure)
{
    struct holders *holders = self;
    const struct facts *facts = holders->facts;
    struct holder *holder = NULL;
    if (!is_recipient(call, disclosure) || !is_for(holders->telling, disclosure) ||
        was_told(call, disclosure->id))
        return OK;
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        if (item->field == 0 || !telling_is_about(holders->telling, item) ||
            !disclosure_gave(disclosure, item))
            continue;
        if (holder == NULL)
            TRY(holder_of(call, holders, disclosure, &holder));
        if (holder == NULL)
            return NO_MEMORY(call->report);
        TRY(add_field(call, holder, item->field));
    }
    return OK;
}

/* ---- opening a duty ---- */

static status duty_json(struct call *call, const struct holder *holder, const char *what,
                        const unsigned char handle[ID_BYTES], str *json)
{
    struct buf buf = buf_in(call->arena, DUTY_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "what");
    json_put_text(&out, what);
    json_key(&out, "since");
    json_put_instant(&out, call->now);
    json_key(&out, "reference");
    json_put_id(&out, holder->reference.bytes);
    json_key(&out, "handle");
    json_put_id(&out, handle);
    if (holder->purpose != 0) {
        json_key(&out, "purpose");
        json_put_str(&out, call_text(call, holder->purpose));
    }
    json_key(&out, "fields");
    json_open_array(&out);
    for (size_t i = 0; i < holder->fields.count; i++)
        json_put_str(&out, call_text(call, holder->fields.at[i]));
    json_close_array(&out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

/* The entry names the person by their handle and the party, so the log answers the person's
 * question whom we told; the change that it permits is the party's. */
static status permit_for(struct call *call, dossier_id party, const unsigned char handle[ID_BYTES],
                         const char *action, const char *what, const struct permit **permit)
{
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(call->report);
    struct operation op = call_operation(call, ACTION_RECORD, (dossier_id){{0}});
    op.party = party;
    TRY(call_entry(call, NULL, &op, decision_by_scope(), entry));
    memcpy(entry->subject.bytes, handle, ID_BYTES);
    entry->action = str_from(action);
    str effect = arena_format(call->arena, "duty:%s", what);
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    entry->effects[entry->effect_count++] = effect;
    struct permit_scope scope = {
        .dossier = party, .action = ACTION_RECORD, .decision = decision_by_scope()};
    struct permit_sink sink = vault_sink(call->reg->vault);
    uint64_t index = call->outcome.log_index; /* the answer names the person's entry */
    TRY(permit_to_write(&scope, &sink, call->reg->log, entry, call->arena, call->report, permit));
    call->outcome.log_index = index == 0 ? permit_index(*permit) : index;
    return OK;
}

static const struct fact_task *open_task(const struct facts *facts)
{
    for (size_t i = 0; i < facts->tasks.count; i++) {
        if (facts->tasks.at[i].kind == TASK_TELL)
            return &facts->tasks.at[i];
    }
    return NULL;
}

/* One task stands for all that this party is to be told. */
static status open_party_task(struct call *call, struct dossier *party, const struct permit *permit,
                              const char *what)
{
    if (open_task(party->facts) != NULL)
        return OK;
    struct fact_task task = {
        .kind = TASK_TELL, .name = words_intern(call->reg->words, str_from(what)), .due = NEVER};
    struct outcome kept = call->outcome; /* is the person's */
    TRY(call_task_add(call, party, permit, &task, STR("")));
    call->outcome = kept;
    return call_store_dossier(call, party, permit);
}

static status answer_with(struct call *call, const struct telling *telling,
                          const struct holder *holder, const struct facts *party)
{
    if (call_is_bound(call) && telling->purpose_count == 0)
        return OK; /* who else has the data is not this token's to know */
    struct told *told = LIST_ADD(call->arena, &call->told);
    if (told == NULL)
        return NO_MEMORY(call->report);
    *told = (struct told){.party = holder->party,
                          .recipient = call_text(call, holder->recipient),
                          .name = call_text(call, party_name(call, party)),
                          .what = str_from(telling->what),
                          .reference = holder->reference};
    return OK;
}

static status open_duty(struct call *call, const struct telling *telling,
                        const struct holder *holder, const unsigned char handle[ID_BYTES])
{
    struct vault *vault = call->reg->vault;
    bool exists; /* a restore may have lost the party: nothing waits for that */
    TRY(vault_exists(vault, holder->party, call->report, &exists));
    if (!exists)
        return OK;
    enum presence presence;
    struct dossier *party;
    TRY(vault_load(vault, holder->party, call->arena, call->report, &presence, &party));
    if (presence != PRESENCE_LIVE || party->facts->kind != DOSSIER_PARTY)
        return OK;
    str json;
    const struct permit *permit;
    TRY(duty_json(call, holder, telling->what, handle, &json));
    TRY(permit_for(call, holder->party, handle, "tell", telling->what, &permit));
    record_id id = vault_note_id(vault, call->now);
    TRY(vault_note_put(vault, permit, holder->party, id, json, call->arena, call->report));
    struct event_of of = {holder->party, id, telling->what};
    TRY(call_event(call, EVENT_duty_made, &of));
    TRY(answer_with(call, telling, holder, party->facts));
    return open_party_task(call, party, permit, telling->what);
}

status call_tell(struct call *call, const struct facts *facts, const struct permit *permit,
                 const struct telling *telling)
{
    struct holders holders = {.telling = telling, .facts = facts};
    unsigned char handle[ID_BYTES];
    TRY(call_errands(call, facts, permit, telling));
    TRY(call_each_disclosure(call, permit, facts->id, (record_id){{0}}, SIZE_MAX, note_holder,
                             &holders));
    if (holders.at.count == 0)
        return OK;
    TRY(vault_handle(call->reg->vault, facts->id, call->report, handle));
    for (size_t i = 0; i < holders.at.count; i++)
        TRY(open_duty(call, telling, &holders.at.at[i], handle));
    return OK;
}

/* ---- what the person stopped ---- */

static word bound_name(const struct fact_evidence *evidence, enum slot slot, dossier_id *id)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        if (evidence->bound[i].slot == slot) {
            *id = evidence->bound[i].id;
            return evidence->bound[i].name;
        }
    }
    return 0;
}

static status tell_withdrawal(struct call *call, const struct facts *facts,
                              const struct permit *permit, record_id ended)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *consent = &facts->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, consent->type);
        if (!ID_EQUAL(consent->id, ended) || type == NONE ||
            plan->evidence[type].kind != KIND_CONSENT)
            continue;
        dossier_id ignored;
        struct telling telling = {.what = "withdrawal"};
        (void)bound_name(consent, SLOT_RECIPIENT, &telling.party);
        word purpose = bound_name(consent, SLOT_PURPOSE, &ignored);
        word field = bound_name(consent, SLOT_FIELD, &ignored);
        telling.purposes = &purpose;
        telling.purpose_count = purpose != 0;
        telling.fields = &field;
        telling.field_count = field != 0;
        if (purpose != 0)
            return call_tell(call, facts, permit, &telling);
    }
    return OK;
}

status call_tell_stopped(struct call *call, const struct dossier *dossier,
                         const struct permit *permit)
{
    for (size_t i = 0; i < dossier->edits.count; i++) {
        const struct edit *edit = &dossier->edits.at[i];
        struct telling objection = {
            .what = "objection", .purposes = &edit->name, .purpose_count = 1};
        if (edit->kind == EDIT_OBJECT && edit->at.ms == call->now.ms)
            TRY(call_tell(call, dossier->facts, permit, &objection));
        if (edit->kind == EDIT_END_EVIDENCE && !before(call->now, edit->at))
            TRY(tell_withdrawal(call, dossier->facts, permit, edit->id));
    }
    return OK;
}

/* ---- the list ---- */

struct duty_work {
    struct duty_list request;
    struct permit_wait wait;
    struct duty_page *page;
};

static status put_duty(struct call *call, const struct note *note, struct json_out *out)
{
    const struct json *json;
    TRY(json_parse(call->arena, note->text, call->report, &json));
    json_open_object(out);
    json_key(out, "record");
    json_put_id(out, note->id.bytes);
    for (JSON_EACH(member, json)) {
        if (str_is(member->name, "handle"))
            continue;
        json_key_str(out, member->name);
        json_put_tree(out, member);
    }
    json_close_object(out);
    return OK;
}

static status duties_finish(struct call *call)
{
    struct duty_work *work = call->state;
    const struct permit *permit;
    struct note *notes;
    size_t count;
    TRY(permit_to_read(&work->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_notes(call->reg->vault, permit, work->request.party, work->request.after,
                    work->request.limit, call->arena, call->report, &notes, &count));
    struct buf buf = buf_in(call->arena, LIMIT_REQUEST_ARENA_BYTES / 4);
    struct json_out out = json_out_over(&buf);
    json_open_array(&out);
    for (size_t i = 0; i < count; i++)
        TRY(put_duty(call, &notes[i], &out));
    json_close_array(&out);
    work->page->more = count == work->request.limit;
    if (count > 0)
        work->page->last = notes[count - 1].id;
    return buf_finish(&buf, call->report, &work->page->duties);
}

status engine_duties(struct call *call, const struct duty_list *request, struct duty_page *page)
{
    *page = (struct duty_page){0};
    struct duty_work *work = ARENA_NEW(call->arena, struct duty_work);
    struct dossier *party;
    if (work == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, request->party, DOSSIER_PARTY, &party));
    work->request = *request;
    work->page = page;
    struct operation op = call_operation(call, ACTION_READ, request->party);
    op.party = request->party;
    TRY(call_ask(call, party->facts, &op, "duties", decision_by_scope(), &work->wait));
    call->state = work;
    call->finish = duties_finish;
    return OK;
}

/* ---- done ---- */

/* The note again, with what proves that it was done. */
static status done_json(struct call *call, const struct note *note, str proof, str *json,
                        unsigned char handle[ID_BYTES], const char **what)
{
    const struct json *old;
    str text;
    TRY(json_parse(call->arena, note->text, call->report, &old));
    if (!json_str(json_get(old, "handle"), &text) || !id_parse(text, handle) ||
        !json_str(json_get(old, "what"), &text))
        return fail(call->report, FAULT_CORRUPT, "a duty does not say whom and what it is about");
    *what = arena_format(call->arena, "%.*s", STR_ARG(text)).ptr;
    if (*what == NULL)
        return NO_MEMORY(call->report);
    struct buf buf = buf_in(call->arena, DUTY_BYTES + LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    for (JSON_EACH(member, old)) {
        json_key_str(&out, member->name);
        json_put_tree(&out, member);
    }
    json_key(&out, "done");
    json_put_instant(&out, call->now);
    json_key(&out, "proof");
    json_put_str(&out, proof);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status find_duty(struct call *call, const struct permit *permit,
                        const struct duty_done *request, struct note **note)
{
    record_id before_it = request->duty;
    for (size_t i = ID_BYTES; i > 0 && before_it.bytes[i - 1]-- == 0; i--) {
    }
    size_t count;
    TRY(vault_notes(call->reg->vault, permit, request->party, before_it, 1, call->arena,
                    call->report, note, &count));
    bool there = count == 1 && ID_EQUAL((*note)->id, request->duty) && !note_is_done(request->duty);
    return there ? OK : call_not_here(call);
}

status call_forget_proofs(struct call *call, const struct permit *permit, dossier_id dossier)
{
    struct note *notes;
    size_t count;
    static const record_id first_done = {{DONE_BIT}};
    TRY(vault_notes(call->reg->vault, permit, dossier, first_done, OLD_AT_ONCE, call->arena,
                    call->report, &notes, &count));
    const struct zone *zone = reg_plan(call->reg, call->now)->zone;
    for (size_t i = 0; i < count; i++) {
        const struct json *json;
        instant done;
        TRY(json_parse(call->arena, notes[i].text, call->report, &json));
        if (!json_instant(json_get(json, "done"), &done) ||
            before(call->now, instant_add_span(zone, done, PROOF_YEARS, SPAN_YEAR)))
            continue;
        TRY(vault_note_drop(call->reg->vault, permit, dossier, notes[i].id, call->report));
    }
    return OK;
}

static status end_party_task(struct call *call, struct dossier *party, const struct permit *permit)
{
    struct note *first;
    size_t count;
    TRY(vault_notes(call->reg->vault, permit, party->facts->id, (record_id){{0}}, 1, call->arena,
                    call->report, &first, &count));
    const struct fact_task *task = open_task(party->facts);
    if (task == NULL || (count > 0 && !note_is_done(first->id)))
        return OK;
    TRY(call_task_end(call, party, task->id));
    return call_store_dossier(call, party, permit);
}

status engine_duty_done(struct call *call, const struct duty_done *request)
{
    struct dossier *party;
    struct note *note;
    const struct permit *permit;
    const char *what = NULL;
    unsigned char handle[ID_BYTES] = {0};
    str json;
    TRY(call_whole_register(call));
    TRY(call_check_texts(call, &request->proof, 1));
    if (str_is_empty(request->proof))
        return fail_at(call->report, FAULT_INVALID, "/proof",
                       "say by what it is proved that they were told");
    TRY(call_open_dossier(call, request->party, DOSSIER_PARTY, &party));
    /* The entry says whom it is about, and only the note knows that: this opens it. */
    struct operation op = call_operation(call, ACTION_RECORD, request->party);
    op.party = request->party;
    TRY(call_write(call, party->facts, &op, "duty_done", decision_by_scope(), NULL, 0, &permit));
    TRY(find_duty(call, permit, request, &note));
    TRY(done_json(call, note, request->proof, &json, handle, &what));
    TRY(permit_for(call, request->party, handle, "told", what, &permit));
    TRY(vault_note_drop(call->reg->vault, permit, request->party, note->id, call->report));
    TRY(vault_note_put(call->reg->vault, permit, request->party, note_done_id(note->id), json,
                       call->arena, call->report));
    TRY(call_forget_proofs(call, permit, request->party));
    TRY(end_party_task(call, party, permit));
    call->outcome.id = request->party;
    call->outcome.record = note_done_id(note->id);
    return OK;
}
