/* Recipient parties and staff: the register's own records about others. What they are called is
 * sealed; where a party lies is a fact, since decide asks for it. */
#include "engine_internal.h"
#include "json.h"

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
            return fail(call->report, FAULT_INVALID, "the place lies in another zone");
        bound[0].name = place->facts->name;
    }
    if (bound[0].name == 0)
        return OK;
    word type = words_intern(call->reg->words, STR("zone"));
    return call_add_evidence(call, dossier, NULL, type, bound, of_its_own ? 2 : 1, call->now, NEVER,
                             STR(""));
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

static status store_named(struct call *call, struct dossier *dossier, const struct permit *permit,
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
        return fail(call->report, FAULT_INVALID, "a party names its kind of recipient");
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_create_numbered(call, DOSSIER_PARTY, kind, request->number, "party", &dossier,
                             &permit));
    TRY(put_zone(call, dossier, request));
    return store_named(call, dossier, permit, request->name);
}

static const struct fact_evidence *where_it_lies(const struct call *call, const struct facts *party)
{
    word type = words_find(call->reg->words, STR("zone"));
    for (size_t i = 0; party != NULL && i < party->evidence.count; i++) {
        const struct fact_evidence *there = &party->evidence.at[i];
        if (there->type == type && there->bound_count > 0 && before(call->now, there->until))
            return there;
    }
    return NULL;
}

word party_zone(const struct call *call, const struct facts *party)
{
    const struct fact_evidence *where = where_it_lies(call, party);
    return where == NULL ? 0 : where->bound[0].name;
}

dossier_id party_place(const struct call *call, const struct facts *party)
{
    const struct fact_evidence *where = where_it_lies(call, party);
    return where == NULL || where->bound_count < 2 ? (dossier_id){{0}} : where->bound[1].id;
}

status engine_place_create(struct call *call, const struct place_create *request)
{
    word zone;
    TRY(call_check_texts(call, &request->name, 1));
    TRY(call_name(call, "zone", request->zone, &zone));
    if (zone == 0)
        return fail(call->report, FAULT_INVALID, "a place names its zone: eea, eu, a country");
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_create_numbered(call, DOSSIER_PLACE, zone, STR(""), "place", &dossier, &permit));
    return store_named(call, dossier, permit, request->name);
}

status engine_staff_create(struct call *call, const struct staff_create *request)
{
    word role;
    TRY(call_check_texts(call, &request->name, 1));
    TRY(call_word(call, NAME_STAFF, request->role, &role));
    if (role == 0)
        return fail(call->report, FAULT_INVALID, "a staff member has a staff role");
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_create_numbered(call, DOSSIER_STAFF, role, STR(""), "staff", &dossier, &permit));
    return store_named(call, dossier, permit, request->name);
}
