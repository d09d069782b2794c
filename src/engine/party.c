/* Recipient parties and places: the register's own records about others. What a party is called,
 * where it lies and which party engages it are facts, since decide and the person's copy ask for
 * them. */
#include "engine_internal.h"
#include "json.h"

enum { NAME_BYTES = 200, CHAIN_MOST = 8 };

static status put_fact(struct call *call, struct dossier *dossier, const char *what,
                       const struct binding *bound, uint16_t count)
{
    word type = words_intern(call->reg->words, str_from(what));
    return call_add_evidence(call, dossier, NULL, type, bound, count, call->now, NEVER, STR(""));
}

/* Where a party lies is a record of the free type "zone", bound to the place by its zone's name,
 * and once more by its id where it is a place of its own: a binding keeps the one or the other. */
static status put_zone(struct call *call, struct dossier *dossier,
                       const struct party_create *request)
{
    struct binding bound[2] = {{.slot = SLOT_PLACE}, {.slot = SLOT_PLACE, .id = request->place}};
    bool of_its_own = !ID_IS_ZERO(request->place);
    TRY(call_name(call, "zone", request->zone, &bound[0].name));
    if (of_its_own) {
        struct dossier *place;
        TRY(call_open_dossier(call, request->place, DOSSIER_PLACE, &place));
        if (bound[0].name != 0 && bound[0].name != place->facts->name)
            return fail_at(call->report, FAULT_INVALID, "/place", "the place lies in another zone");
        bound[0].name = place->facts->name;
    }
    if (bound[0].name == 0)
        return OK;
    return put_fact(call, dossier, "zone", bound, of_its_own ? 2 : 1);
}

/* What it is called is a fact too: lists of the policy (`named`) and the person's own copy name it.
 */
static status put_name(struct call *call, struct dossier *dossier, str name)
{
    if (name.len > NAME_BYTES)
        return fail_at(call->report, FAULT_INVALID, "/name", "a party's name has at most %d bytes",
                       NAME_BYTES);
    if (words_find(call->reg->words, name) == 0 && words_count(call->reg->words) >= REG_FREE_NAMES)
        return fail(call->report, FAULT_LIMIT, "the register knows too many names");
    struct binding bound = {.slot = SLOT_RECIPIENT, .name = words_intern(call->reg->words, name)};
    return put_fact(call, dossier, "party.name", &bound, 1);
}

/* Only a processor engages others, and only as processors (article 28(2) and (4)). */
static status put_under(struct call *call, struct dossier *dossier, dossier_id above)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct dossier *parent;
    if (ID_IS_ZERO(above))
        return OK;
    TRY(call_open_dossier(call, above, DOSSIER_PARTY, &parent));
    const word kinds[] = {dossier->facts->name, parent->facts->name};
    for (size_t i = 0; i < LENGTH(kinds); i++) {
        plan_index kind = plan_find(plan, plan->recipient_of, kinds[i]);
        if (kind == NONE || plan->recipient[kind].kind != RECIPIENT_PROCESSOR)
            return fail_at(call->report, FAULT_INVALID, "/under",
                           "a processor engages processors; one of the two is none");
    }
    unsigned depth = 0;
    for (const struct facts *up = parent->facts; !ID_IS_ZERO(party_under(call, up)); depth++) {
        TRY(call_party(call, party_under(call, up), &up));
        if (depth + 2 >= CHAIN_MOST)
            return fail(call->report, FAULT_LIMIT, "a chain has at most %d parties", CHAIN_MOST);
    }
    struct binding bound = {.slot = SLOT_RECIPIENT, .id = above};
    return put_fact(call, dossier, "party.under", &bound, 1);
}

static status name_record(struct call *call, str name, str *json)
{
    struct buf buf = buf_in(call->arena, 4096);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "name");
    json_put_str(&out, name);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

status call_store_named(struct call *call, struct dossier *dossier, const struct permit *permit,
                        str name)
{
    str json;
    TRY(name_record(call, name, &json));
    record_id record;
    TRY(call_record(call, dossier, permit, json, &record));
    return call_store_dossier(call, dossier, permit);
}

status engine_party_create(struct call *call, const struct party_create *request)
{
    word kind;
    TRY(call_check_texts(call, &request->name, 1));
    TRY(call_word(call, NAME_RECIPIENT, request->kind, &kind));
    if (kind == 0)
        return fail_at(call->report, FAULT_INVALID, "/kind", "a party names its kind of recipient");
    TRY(call_said(call, "the name of the party", request->name));
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_create_numbered(call, DOSSIER_PARTY, kind, request->number, "party", &dossier,
                             &permit));
    TRY(put_name(call, dossier, request->name));
    TRY(put_zone(call, dossier, request));
    TRY(put_under(call, dossier, request->under));
    call->outcome.record = (record_id){{0}}; /* what the facts are called is nobody's to name */
    return call_store_dossier(call, dossier, permit);
}

status call_party(struct call *call, dossier_id id, const struct facts **party)
{
    bool exists = false;
    *party = NULL;
    if (!ID_IS_ZERO(id))
        TRY(vault_exists(call->reg->vault, id, call->report, &exists));
    if (exists)
        TRY(reg_facts(call->reg, id, call->report, party));
    if (*party != NULL && (*party)->kind != DOSSIER_PARTY)
        *party = NULL;
    return OK;
}

static const struct fact_evidence *fact_of(const struct call *call, const struct facts *party,
                                           const char *what)
{
    word type = words_find(call->reg->words, str_from(what));
    for (size_t i = 0; party != NULL && i < party->evidence.count; i++) {
        const struct fact_evidence *there = &party->evidence.at[i];
        if (there->type == type && there->bound_count > 0 && before(call->now, there->until))
            return there;
    }
    return NULL;
}

word party_name(const struct call *call, const struct facts *party)
{
    const struct fact_evidence *name = fact_of(call, party, "party.name");
    return name == NULL ? 0 : name->bound[0].name;
}

dossier_id party_under(const struct call *call, const struct facts *party)
{
    const struct fact_evidence *under = fact_of(call, party, "party.under");
    return under == NULL ? (dossier_id){{0}} : under->bound[0].id;
}

word party_zone(const struct call *call, const struct facts *party)
{
    const struct fact_evidence *where = fact_of(call, party, "zone");
    return where == NULL ? 0 : where->bound[0].name;
}

dossier_id party_place(const struct call *call, const struct facts *party)
{
    const struct fact_evidence *where = fact_of(call, party, "zone");
    return where == NULL || where->bound_count < 2 ? (dossier_id){{0}} : where->bound[1].id;
}

status engine_place_create(struct call *call, const struct place_create *request)
{
    word zone;
    TRY(call_check_texts(call, &request->name, 1));
    TRY(call_said(call, "the name of the place", request->name));
    TRY(call_said(call, "the zone of the place (eea, eu, a country)", request->zone));
    TRY(call_name(call, "zone", request->zone, &zone));
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_create_numbered(call, DOSSIER_PLACE, zone, STR(""), "place", &dossier, &permit));
    return call_store_named(call, dossier, permit, request->name);
}
