/* The register of breaches as it is read: each with its clock, and one with all that was said of
 * it. What is in words is opened behind the durable entry of the reading. */
#include "breach.h"
#include "json.h"

enum { DOCUMENT_BYTES = 8 << 20 };

struct showing {
    struct permit_wait wait;
    dossier_id id;   /* of the one; */
    dossier_id *ids; /* or of the page's */
    size_t count;
    str *document;
};

static void put_instant(struct json_out *out, const char *key, instant at)
{
    if (!instant_has_text(at))
        return;
    json_key(out, key);
    json_put_instant(out, at);
}

static void put_clock(const struct call *call, const struct facts *facts, struct json_out *out)
{
    struct breach_clock clock = breach_clock_of(call, facts);
    put_instant(out, "aware", clock.aware);
    put_instant(out, "deadline", clock.deadline);
    json_key(out, "clock");
    json_put_text(out, clock.state);
    put_instant(out, "notified", clock.told);
}

static const char *risk_name(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *risk = breach_risk(call, facts);
    if (risk == NULL)
        return "not_assessed";
    if (breach_is(call, risk, BREACH_NONE))
        return "none";
    return breach_is(call, risk, BREACH_RISK) ? "risk" : "high";
}

/* ---- where ---- */

static void put_slot(const struct call *call, const struct fact_evidence *known, enum slot slot,
                     const char *key, struct json_out *out)
{
    bool any = false;
    for (size_t i = 0; i < known->bound_count; i++) {
        if (known->bound[i].slot != slot)
            continue;
        if (!any) {
            json_key(out, key);
            json_open_array(out);
        }
        any = true;
        if (known->bound[i].name != 0)
            json_put_str(out, call_text(call, known->bound[i].name));
        else
            json_put_id(out, known->bound[i].id.bytes);
    }
    if (any)
        json_close_array(out);
}

static void put_where(const struct call *call, const struct fact_evidence *known,
                      const struct fact_evidence *actors, struct json_out *out)
{
    json_key(out, "where");
    json_open_object(out);
    json_key(out, "all");
    json_put_bool(out, known->bound_count == 0 && actors->bound_count == 0);
    put_slot(call, known, SLOT_CATEGORY, "categories", out);
    put_slot(call, known, SLOT_PURPOSE, "purposes", out);
    put_slot(call, known, SLOT_RECIPIENT, "recipients", out);
    put_slot(call, known, SLOT_MATTER, "matters", out);
    put_slot(call, known, SLOT_ACTOR, "access", out); /* staff and tokens that were named */
    put_slot(call, actors, SLOT_ACTOR, "actors", out);
    json_close_object(out);
}

/* ---- what was said ---- */

status breach_words(struct call *call, const struct permit *permit, const struct dossier *dossier,
                    const struct fact_evidence *evidence, const struct json **json)
{
    const struct fact_item *record = facts_find_item(dossier->facts, evidence->details);
    str text;
    *json = NULL;
    if (ID_IS_ZERO(evidence->details) || record == NULL)
        return OK;
    TRY(vault_open_item(call->reg->vault, permit, dossier, record, call->arena, call->report,
                        &text));
    return json_parse(call->arena, text, call->report, json);
}

static void put_words(const struct json *words, struct json_out *out)
{
    if (words == NULL)
        return;
    for (JSON_EACH(member, words)) {
        json_key_str(out, member->name);
        json_put_tree(out, member);
    }
}

static status put_known(struct call *call, const struct permit *permit,
                        const struct dossier *dossier, const struct fact_evidence *known,
                        struct json_out *out)
{
    const struct json *words;
    TRY(breach_words(call, permit, dossier, known, &words));
    put_words(words, out);
    put_instant(out, "from", known->since);
    put_instant(out, "to", known->until);
    put_where(call, known, known + 1, out); /* its actors were recorded with it */
    return OK;
}

static status put_pieces(struct call *call, const struct permit *permit,
                         const struct dossier *dossier, const char *key, enum breach_part first,
                         enum breach_part last, struct json_out *out)
{
    static const char *const NAMES[BREACH_PART_COUNT] = {
        [BREACH_NONE] = "none", [BREACH_RISK] = "risk", [BREACH_HIGH] = "high"};
    json_key(out, key);
    json_open_array(out);
    for (size_t i = 0; i < dossier->facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &dossier->facts->evidence.at[i];
        enum breach_part part = first;
        while (part <= last && !breach_is(call, evidence, part))
            part++;
        if (part > last)
            continue;
        const struct json *words;
        TRY(breach_words(call, permit, dossier, evidence, &words));
        json_open_object(out);
        put_instant(out, "at", evidence->since);
        if (NAMES[part] != NULL) {
            json_key(out, "risk");
            json_put_text(out, NAMES[part]);
        }
        put_words(words, out);
        json_close_object(out);
    }
    json_close_array(out);
    return OK;
}

/* Whom it concerned, by what was known then. The names of bits are for the lines alone. */
static status put_scope(struct call *call, const struct permit *permit,
                        const struct dossier *dossier, struct json_out *out)
{
    const struct fact_evidence *scope = breach_last(call, dossier->facts, BREACH_SCOPE);
    const struct json *words = NULL;
    bool computed = scope != NULL && !ID_IS_ZERO(scope->details);
    json_key(out, "scope");
    json_open_object(out);
    json_key(out, "state");
    if (scope == NULL || (!computed && scope < breach_last(call, dossier->facts, BREACH_KNOWN)))
        json_put_text(out, "not_computed");
    else if (!computed)
        json_put_text(out, "begun");
    else
        json_put_text(out, breach_scope_is_current(call, dossier->facts) ? "computed" : "outdated");
    if (computed) {
        put_instant(out, "through", scope->since);
        TRY(breach_words(call, permit, dossier, scope, &words));
        for (JSON_EACH(member, words)) {
            if (str_is(member->name, "names"))
                continue;
            json_key_str(out, member->name);
            json_put_tree(out, member);
        }
    }
    json_close_object(out);
    return OK;
}

static status put_history(struct call *call, const struct permit *permit,
                          const struct dossier *dossier, struct json_out *out)
{
    json_key(out, "known");
    json_open_array(out);
    for (size_t i = 0; i < dossier->facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &dossier->facts->evidence.at[i];
        if (!breach_is(call, evidence, BREACH_KNOWN))
            continue;
        json_open_object(out);
        TRY(put_known(call, permit, dossier, evidence, out));
        json_close_object(out);
    }
    json_close_array(out);
    TRY(put_pieces(call, permit, dossier, "assessments", BREACH_NONE, BREACH_HIGH, out));
    TRY(put_pieces(call, permit, dossier, "phases", BREACH_PHASE, BREACH_PHASE, out));
    TRY(put_pieces(call, permit, dossier, "accounts", BREACH_ACCOUNT, BREACH_ACCOUNT, out));
    TRY(put_pieces(call, permit, dossier, "exemptions", BREACH_EXEMPT, BREACH_EXEMPT, out));
    TRY(put_pieces(call, permit, dossier, "tellings", BREACH_TELLING, BREACH_TELLING, out));
    TRY(put_pieces(call, permit, dossier, "controller_told", BREACH_CONTROLLER, BREACH_CONTROLLER,
                   out));
    return put_pieces(call, permit, dossier, "closings", BREACH_CLOSED, BREACH_CLOSED, out);
}

/* ---- one ---- */

static status put_head(struct call *call, const struct permit *permit,
                       const struct dossier *dossier, struct json_out *out)
{
    const struct facts *facts = dossier->facts;
    const struct fact_evidence *known = breach_last(call, facts, BREACH_KNOWN);
    const struct fact_evidence *closed = breach_last(call, facts, BREACH_CLOSED);
    const struct json *words;
    json_key(out, "id");
    json_put_id(out, facts->id.bytes);
    put_instant(out, "recorded", facts->created);
    put_clock(call, facts, out);
    TRY(breach_words(call, permit, dossier, known, &words));
    json_key(out, "nature");
    json_put_tree(out, json_get(words, "nature"));
    put_instant(out, "from", known->since);
    put_instant(out, "to", known->until);
    json_key(out, "risk");
    json_put_text(out, risk_name(call, facts));
    if (closed != NULL)
        put_instant(out, "closed", closed->since);
    uint64_t untold;
    TRY(breach_count_open(call, facts->id, &untold));
    json_key(out, "to_tell");
    json_put_u64(out, untold);
    return put_scope(call, permit, dossier, out);
}

static status load(struct call *call, struct permit_wait wait, dossier_id id,
                   struct dossier **dossier, const struct permit **permit)
{
    enum presence presence;
    wait.scope.dossier = id;
    TRY(permit_to_read(&wait, call->reg->log, call->arena, call->report, permit));
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, dossier));
    if (presence != PRESENCE_LIVE || !facts_are_breach(call, (*dossier)->facts))
        *dossier = NULL;
    return OK;
}

static status show_finish(struct call *call)
{
    const struct showing *showing = call->state;
    struct dossier *dossier;
    const struct permit *permit;
    struct buf buf = buf_in(call->arena, DOCUMENT_BYTES);
    struct json_out out = json_out_over(&buf);
    TRY(load(call, showing->wait, showing->id, &dossier, &permit));
    if (dossier == NULL)
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    json_open_object(&out);
    TRY(put_head(call, permit, dossier, &out));
    TRY(put_history(call, permit, dossier, &out));
    json_close_object(&out);
    return buf_finish(&buf, call->report, showing->document);
}

static status new_showing(struct call *call, str *document, struct showing **showing)
{
    *showing = ARENA_NEW(call->arena, struct showing);
    if (*showing == NULL)
        return NO_MEMORY(call->report);
    (*showing)->document = document;
    call->state = *showing;
    return OK;
}

status engine_breach_show(struct call *call, dossier_id id, str *document)
{
    struct showing *showing;
    struct dossier *dossier;
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, id, DOSSIER_CASE, &dossier));
    if (!facts_are_breach(call, dossier->facts))
        return call_not_here(call);
    TRY(new_showing(call, document, &showing));
    showing->id = id;
    struct operation op = call_operation(call, ACTION_READ, id);
    TRY(call_ask(call, dossier->facts, &op, "breach_show", decision_by_scope(), &showing->wait));
    call->finish = show_finish;
    return OK;
}

/* ---- all ---- */

static status list_finish(struct call *call)
{
    const struct showing *showing = call->state;
    struct buf buf = buf_in(call->arena, DOCUMENT_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_array(&out);
    for (size_t i = 0; i < showing->count; i++) {
        struct dossier *dossier;
        const struct permit *permit;
        TRY(load(call, showing->wait, showing->ids[i], &dossier, &permit));
        if (dossier == NULL)
            continue;
        json_open_object(&out);
        TRY(put_head(call, permit, dossier, &out));
        json_close_object(&out);
    }
    json_close_array(&out);
    return buf_finish(&buf, call->report, showing->document);
}

status engine_breach_list(struct call *call, const struct breach_list *request,
                          struct breach_page *page)
{
    struct showing *showing;
    const struct facts *own;
    blind tag;
    TRY(call_whole_register(call));
    TRY(new_showing(call, &page->breaches, &showing));
    keys_tag(vault_keys(call->reg->vault), STR("breach"), STR("register"), &tag);
    TRY(vault_live(call->reg->vault, tag, request->after, request->limit, call->arena, call->report,
                   &showing->ids, &showing->count));
    page->more = showing->count == request->limit;
    if (showing->count > 0)
        page->last = showing->ids[showing->count - 1];
    TRY(reg_facts(call->reg, call->reg->own, call->report, &own));
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    TRY(call_ask(call, own, &op, "breaches", decision_by_scope(), &showing->wait));
    call->finish = list_finish;
    return OK;
}
