/* Disclosures: what of a person was given to whom, for what, when. Records beside the person's
 * facts (vault.h, notes), so that there can be thousands; append only.
 *
 * A disclosure lasts as long as something that it gave is held: so long the person may ask where it
 * went (article 15) and whoever got it must be told what becomes of it (article 19). With the last
 * of it the disclosure goes; the log, which names no person, still answers by their reference. */
#include "engine_internal.h"
#include "json.h"

enum { PAGE = 100, PAGE_ARENA = 64 << 20, DISCLOSURE_BYTES = 48 << 10 };

/* ---- writing ---- */

/* Their name for the person: it says nothing to anyone else, and two recipients cannot join what
 * they have by it. The same for all that this recipient gets, and computed, not looked up. */
static record_id recipient_reference(const struct call *call, dossier_id subject, dossier_id party)
{
    unsigned char both[2 * ID_BYTES];
    memcpy(both, subject.bytes, ID_BYTES);
    memcpy(both + ID_BYTES, party.bytes, ID_BYTES);
    blind tag;
    keys_tag(vault_keys(call->reg->vault), STR("recipient"),
             (str){(const char *)both, sizeof(both)}, &tag);
    record_id reference;
    memcpy(reference.bytes, tag.bytes, ID_BYTES);
    return reference;
}

static void put_word(const struct call *call, struct json_out *out, const char *key, word w)
{
    if (w == 0)
        return;
    json_key(out, key);
    json_put_str(out, call_text(call, w));
}

static void put_id(struct json_out *out, const char *key, const unsigned char id[ID_BYTES])
{
    static const unsigned char none[ID_BYTES];
    if (memcmp(id, none, ID_BYTES) == 0)
        return;
    json_key(out, key);
    json_put_id(out, id);
}

/* A field and a matter name what was given through every correction of it. */
static void put_given(struct call *call, const struct facts *facts, const struct decision *decision,
                      struct json_out *out)
{
    json_key(out, "given");
    json_open_array(out);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        const struct fact_item *item = facts_find_item(facts, part->item);
        if (part->verdict == VERDICT_REFUSE)
            continue;
        json_open_object(out);
        put_word(call, out, "field", part->field);
        if (item != NULL)
            put_id(out, "matter", item->matter.bytes);
        json_close_object(out);
    }
    json_close_array(out);
}

static status disclosure_json(struct call *call, const struct facts *facts,
                              const struct operation *op, const struct decision *decision,
                              record_id reference, str *json)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct buf buf = buf_in(call->arena, DISCLOSURE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "at");
    json_put_instant(&out, call->now);
    put_word(call, &out, "purpose", op->purpose);
    plan_index purpose = plan_find(plan, plan->purpose_of, op->purpose);
    if (purpose != NONE) {
        json_key(&out, "basis");
        json_put_text(&out, basis_name(plan->purpose[purpose].basis));
    }
    put_word(call, &out, "recipient", op->recipient);
    put_word(call, &out, "controller", op->controller);
    put_word(call, &out, "zone", op->zone);
    put_id(&out, "party", op->party.bytes);
    put_id(&out, "case", op->case_.bytes);
    put_id(&out, "reference", reference.bytes);
    put_id(&out, "request", batch_request(call).bytes);
    put_given(call, facts, decision, &out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

status call_disclose(struct call *call, const struct facts *facts, const struct operation *op,
                     const struct decision *decision, const struct permit *permit,
                     struct disclosed *disclosed)
{
    *disclosed = (struct disclosed){.record = vault_note_id(call->reg->vault, call->now)};
    if (!ID_IS_ZERO(op->party))
        disclosed->reference = recipient_reference(call, facts->id, op->party);
    str json;
    TRY(disclosure_json(call, facts, op, decision, disclosed->reference, &json));
    return vault_note_put(call->reg->vault, permit, facts->id, disclosed->record, json, call->arena,
                          call->report);
}

/* ---- reading ---- */

static word read_word(const struct call *call, const struct json *object, const char *name)
{
    str text;
    if (!json_str(json_get(object, name), &text))
        return 0;
    return words_intern(call->reg->words, text);
}

static void read_id(const struct json *object, const char *name, unsigned char id[ID_BYTES])
{
    str text;
    if (!json_str(json_get(object, name), &text) || !id_parse(text, id))
        memset(id, 0, ID_BYTES);
}

static status parse_given(struct call *call, const struct json *given, struct arena *arena,
                          struct disclosure *out)
{
    size_t most = given == NULL ? 0 : given->count;
    out->given = ARENA_ARRAY(arena, struct given, most + 1);
    if (out->given == NULL)
        return NO_MEMORY(call->report);
    if (most == 0)
        return OK;
    for (JSON_EACH(part, given)) {
        struct given *there = &out->given[out->count++];
        there->field = read_word(call, part, "field");
        read_id(part, "matter", there->matter.bytes);
    }
    return OK;
}

static status parse(struct call *call, const struct note *note, struct arena *arena,
                    struct disclosure *out)
{
    const struct json *json;
    *out = (struct disclosure){.id = note->id};
    TRY(json_parse(arena, note->text, call->report, &json));
    if (!json_instant(json_get(json, "at"), &out->at))
        return fail(call->report, FAULT_CORRUPT, "a disclosure does not say when it was");
    out->purpose = read_word(call, json, "purpose");
    out->recipient = read_word(call, json, "recipient");
    out->controller = read_word(call, json, "controller");
    out->zone = read_word(call, json, "zone");
    out->basis = read_word(call, json, "basis");
    read_id(json, "party", out->party.bytes);
    read_id(json, "case", out->case_.bytes);
    read_id(json, "reference", out->reference.bytes);
    read_id(json, "request", out->request.bytes);
    return parse_given(call, json_get(json, "given"), arena, out);
}

status call_each_disclosure(struct call *call, const struct permit *permit, dossier_id subject,
                            record_id after, size_t limit,
                            status (*each)(void *self, struct call *call,
                                           const struct disclosure *disclosure),
                            void *self)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_ARENA);
    size_t count = PAGE;
    while (limit > 0 && count == PAGE) {
        struct note *notes;
        size_t wanted = limit < PAGE ? limit : PAGE;
        arena_reset(arena);
        TRY(vault_notes(call->reg->vault, permit, subject, after, wanted, arena, call->report,
                        &notes, &count));
        for (size_t i = 0; i < count; i++) {
            struct disclosure disclosure;
            if (note_is_done(notes[i].id))
                return OK; /* what follows are proofs of work done (task.c) */
            TRY(parse(call, &notes[i], arena, &disclosure));
            TRY(each(self, call, &disclosure));
            after = notes[i].id;
        }
        limit -= count;
    }
    return OK;
}

bool disclosure_gave(const struct disclosure *disclosure, const struct fact_item *item)
{
    if (before(disclosure->at, item->collected))
        return false;
    for (size_t i = 0; i < disclosure->count; i++) {
        if (disclosure->given[i].field == item->field &&
            ID_EQUAL(disclosure->given[i].matter, item->matter))
            return true;
    }
    return false;
}

bool disclosure_counts(const struct disclosure *disclosure, const struct facts *facts)
{
    for (size_t i = 0; i < facts->items.count; i++) {
        if (facts->items.at[i].field != 0 && disclosure_gave(disclosure, &facts->items.at[i]))
            return true;
    }
    return false;
}

/* ---- ending ---- */

struct ending {
    const struct facts *facts;
    LIST(record_id) ended;
};

static status note_ended(void *self, struct call *call, const struct disclosure *disclosure)
{
    struct ending *ending = self;
    if (disclosure_counts(disclosure, ending->facts))
        return OK;
    record_id *added = LIST_ADD(call->arena, &ending->ended);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = disclosure->id;
    return OK;
}

status call_end_disclosures(struct call *call, const struct facts *facts,
                            const struct permit *permit)
{
    struct ending ending = {.facts = facts};
    TRY(call_each_disclosure(call, permit, facts->id, (record_id){{0}}, SIZE_MAX, note_ended,
                             &ending));
    for (size_t i = 0; i < ending.ended.count; i++)
        TRY(vault_note_drop(call->reg->vault, permit, facts->id, ending.ended.at[i], call->report));
    return OK;
}

/* ---- telling ---- */

status call_put_disclosure(struct call *call, const struct disclosure *disclosure,
                           struct json_out *out)
{
    json_open_object(out);
    json_key(out, "record");
    json_put_id(out, disclosure->id.bytes);
    json_key(out, "at");
    json_put_instant(out, disclosure->at);
    put_word(call, out, "recipient", disclosure->recipient);
    put_id(out, "party", disclosure->party.bytes);
    const struct facts *party;
    TRY(call_party(call, disclosure->party, &party));
    put_word(call, out, "name", party_name(call, party));
    put_word(call, out, "zone", disclosure->zone);
    put_word(call, out, "purpose", disclosure->purpose);
    put_word(call, out, "basis", disclosure->basis);
    put_word(call, out, "controller", disclosure->controller);
    put_id(out, "case", disclosure->case_.bytes);
    put_id(out, "reference", disclosure->reference.bytes);
    put_id(out, "request", disclosure->request.bytes);
    json_key(out, "fields");
    json_open_array(out);
    for (size_t i = 0; i < disclosure->count; i++)
        json_put_str(out, call_text(call, disclosure->given[i].field));
    json_close_array(out);
    json_close_object(out);
    return OK;
}

struct listing {
    const struct disclosure_list *request;
    struct dossier *dossier;
    struct permit_wait wait;
    struct json_out out;
    struct disclosure_page *page;
    size_t seen;
};

static status list_one(void *self, struct call *call, const struct disclosure *disclosure)
{
    struct listing *listing = self;
    listing->seen++;
    listing->page->last = disclosure->id;
    if (!disclosure_counts(disclosure, listing->dossier->facts))
        return OK;
    return call_put_disclosure(call, disclosure, &listing->out);
}

static status list_finish(struct call *call)
{
    struct listing *listing = call->state;
    const struct disclosure_list *request = listing->request;
    const struct permit *permit;
    TRY(permit_to_read(&listing->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(call_again(call, &listing->dossier));
    struct buf buf = buf_in(call->arena, LIMIT_REQUEST_ARENA_BYTES / 4);
    listing->out = json_out_over(&buf);
    json_open_array(&listing->out);
    TRY(call_each_disclosure(call, permit, request->subject, request->after, request->limit,
                             list_one, listing));
    json_close_array(&listing->out);
    listing->page->more = listing->seen == request->limit;
    return buf_finish(&buf, call->report, &listing->page->disclosures);
}

status engine_disclosures(struct call *call, const struct disclosure_list *request,
                          struct disclosure_page *page)
{
    *page = (struct disclosure_page){0};
    struct listing *listing = ARENA_NEW(call->arena, struct listing);
    struct disclosure_list *kept = ARENA_NEW(call->arena, struct disclosure_list);
    if (listing == NULL || kept == NULL)
        return NO_MEMORY(call->report);
    *kept = *request;
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct operation op = call_operation(call, ACTION_READ, request->subject);
    TRY(call_whole_person(call, subject.dossier->facts, &op));
    listing->request = kept;
    listing->dossier = subject.dossier;
    listing->page = page;
    TRY(call_ask(call, subject.dossier->facts, &op, "disclosures", decision_by_scope(),
                 &listing->wait));
    call->state = listing;
    call->finish = list_finish;
    return OK;
}
