/* What is held about a person, without the values; who there is; and what a token does not reach.
 */
#include "engine_internal.h"
#include "json.h"

bool engine_failed(const struct engine *engine)
{
    return engine->poisoned;
}

static bool token_holds(const struct call *call, word purpose)
{
    const struct caller *caller = call->caller;
    for (size_t i = 0; i < caller->purpose_count; i++) {
        if (caller->purposes[i] == purpose)
            return true;
    }
    return caller->purpose_count == 0;
}

static void put_word(struct call *call, struct json_out *out, const char *name, word w)
{
    if (w == 0)
        return;
    json_key(out, name);
    json_put_str(out, call_text(call, w));
}

static void put_id(struct json_out *out, const char *name, const unsigned char id[ID_BYTES])
{
    static const unsigned char none[ID_BYTES];
    if (memcmp(id, none, ID_BYTES) == 0)
        return;
    json_key(out, name);
    json_put_id(out, id);
}

static void put_instant(struct json_out *out, const char *name, instant at)
{
    if (!instant_has_text(at))
        return;
    json_key(out, name);
    json_put_instant(out, at);
}

static void put_roles(struct call *call, const struct facts *facts, struct json_out *out)
{
    json_key(out, "roles");
    json_open_array(out);
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        if (!call_reaches_role(call, role))
            continue;
        json_open_object(out);
        put_word(call, out, "role", role->role);
        put_id(out, "matter", role->matter.bytes);
        put_instant(out, "since", role->since);
        json_close_object(out);
    }
    json_close_array(out);
}

/* What the person was told that it is for. */
static void put_told(struct call *call, const struct fact_item *item, struct json_out *out)
{
    json_key(out, "purposes");
    json_open_array(out);
    for (size_t i = 0; i < item->told_count; i++) {
        if (token_holds(call, item->told[i]))
            json_put_str(out, call_text(call, item->told[i]));
    }
    json_close_array(out);
}

static void put_items(struct call *call, const struct settled *settled, struct json_out *out)
{
    json_key(out, "items");
    json_open_array(out);
    for (size_t i = 0; i < settled->count; i++) {
        const struct settled_item *item = &settled->items[i];
        if (item->item->field == 0 || !call_reaches(call, item))
            continue;
        json_open_object(out);
        put_id(out, "id", item->item->id.bytes);
        put_word(call, out, "field", item->item->field);
        put_id(out, "matter", item->item->matter.bytes);
        if (item->item->chunks > 0) {
            json_key(out, "file_bytes");
            json_put_u64(out, item->item->size);
        }
        put_word(call, out, "source", item->item->source);
        put_instant(out, "collected", item->item->collected);
        put_told(call, item->item, out);
        put_instant(out, "end", item->end);
        json_key(out, "restricted");
        json_put_bool(out, item->restricted);
        if (item->item->external) {
            json_key(out, "external");
            json_put_bool(out, true);
        }
        if (item->item->failing) {
            json_key(out, "failing");
            json_put_bool(out, true);
        }
        json_close_object(out);
    }
    json_close_array(out);
}

static const char *state_name(enum objection_state state)
{
    switch (state) {
    case OBJECTION_OPEN:
        return "open";
    case OBJECTION_UPHELD:
        return "upheld";
    case OBJECTION_DISMISSED:
        return "dismissed";
    }
    return "open";
}

static void put_objections(struct call *call, const struct facts *facts, struct json_out *out)
{
    json_key(out, "objections");
    json_open_array(out);
    for (size_t i = 0; i < facts->objections.count; i++) {
        const struct fact_objection *objection = &facts->objections.at[i];
        if (!token_holds(call, objection->purpose))
            continue;
        json_open_object(out);
        put_id(out, "record", objection->id.bytes);
        put_word(call, out, "purpose", objection->purpose);
        put_instant(out, "since", objection->since);
        json_key(out, "state");
        json_put_text(out, state_name(objection->state));
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_restrictions(const struct facts *facts, struct json_out *out)
{
    json_key(out, "restrictions");
    json_open_array(out);
    for (size_t i = 0; i < facts->restrictions.count; i++) {
        const struct fact_restriction *restriction = &facts->restrictions.at[i];
        json_open_object(out);
        put_id(out, "record", restriction->id.bytes);
        put_instant(out, "since", restriction->since);
        json_key(out, "told");
        json_put_bool(out, restriction->told);
        json_close_object(out);
    }
    json_close_array(out);
}

/* Evidence tells of purposes that a narrow token may not know of. */
static void put_evidence(struct call *call, const struct facts *facts, struct json_out *out)
{
    if (call_is_bound(call))
        return;
    json_key(out, "evidence");
    json_open_array(out);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        json_open_object(out);
        put_id(out, "record", evidence->id.bytes);
        put_word(call, out, "type", evidence->type);
        put_instant(out, "since", evidence->since);
        put_instant(out, "until", evidence->until);
        json_close_object(out);
    }
    json_close_array(out);
}

status engine_subject_show(struct call *call, dossier_id id, str *document)
{
    struct subject subject;
    TRY(call_open(call, id, &subject));
    const struct facts *facts = subject.dossier->facts;
    struct operation op = call_operation(call, ACTION_READ, id);
    TRY(call_log(call, facts, &op, "show", decision_by_scope()));
    str reference;
    TRY(engine_reference(call, id, &reference));
    struct buf buf = buf_in(call->arena, LIMIT_REQUEST_ARENA_BYTES / 4);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    put_id(&out, "id", id.bytes);
    json_key(&out, "reference");
    json_put_str(&out, reference);
    put_instant(&out, "created", facts->created);
    put_roles(call, facts, &out);
    put_items(call, &subject.settled, &out);
    put_objections(call, facts, &out);
    put_restrictions(facts, &out);
    put_evidence(call, facts, &out);
    json_close_object(&out);
    buf_char(&buf, '\n');
    return buf_finish(&buf, call->report, document);
}

status engine_subject_list(struct call *call, dossier_id after, size_t limit,
                           struct found *found)
{
    *found = (struct found){0};
    TRY(call_whole_register(call));
    TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, after, limit, call->arena, call->report,
                   &found->ids, &found->count));
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "list", decision_by_scope());
}

status engine_forbid(struct call *call, str lacking)
{
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    static const struct decision refuse = {.verdict = VERDICT_REFUSE,
                                           .reason = {.rule = {"always.token_scope", 18}}};
    TRY(call_log_refusal(call, NULL, &op, "scope", &refuse));
    return fail(call->report, FAULT_FORBIDDEN, "the token does not hold the scope %.*s",
                STR_ARG(lacking));
}
