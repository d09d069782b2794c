/* Who receives data: the kinds of recipients that the policy has, each with what it may get and on
 * which ground; and the parties that the register knows, with their agreements, their places and
 * what makes these safe. Answered from what is in force and on file now, so it is never out of
 * date.
 */
#include "engine_internal.h"
#include "json.h"

enum { DOCUMENT_BYTES = LIMIT_REQUEST_ARENA_BYTES / 4 };

static const char *kind_name(enum recipient_kind kind)
{
    switch (kind) {
    case RECIPIENT_GROUP:
        return "group";
    case RECIPIENT_PROCESSOR:
        return "processor";
    case RECIPIENT_CONTROLLER:
        return "controller";
    case RECIPIENT_PLATFORM:
        return "platform";
    case RECIPIENT_PERSON:
        return "person";
    case RECIPIENT_AUDIENCE:
        return "audience";
    case RECIPIENT_AUTHORITY:
        return "authority";
    }
    return "";
}

static void put_word(const struct call *call, struct json_out *out, const char *key, word w)
{
    if (w == 0)
        return;
    json_key(out, key);
    json_put_str(out, call_text(call, w));
}

static void put_id(struct json_out *out, const char *key, dossier_id id)
{
    if (ID_IS_ZERO(id))
        return;
    json_key(out, key);
    json_put_id(out, id.bytes);
}

/* ---- what is on file about a party ---- */

static bool is_safeguard(enum evidence_kind kind)
{
    return kind == KIND_SAFEGUARD || kind == KIND_ADEQUACY;
}

static bool is_agreement(enum evidence_kind kind)
{
    return kind == KIND_PROCESSOR_AGREEMENT || kind == KIND_AGREEMENT;
}

static void put_proof(struct call *call, const struct facts *facts,
                      bool (*wanted)(enum evidence_kind), struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++) {
        const struct fact_evidence *there = &facts->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, there->type);
        if (type == NONE || !wanted(plan->evidence[type].kind))
            continue;
        instant until = evidence_until(plan, type, there);
        json_open_object(out);
        put_word(call, out, "type", there->type);
        json_key(out, "kind");
        json_put_text(out, evidence_kind_name(plan->evidence[type].kind));
        json_key(out, "since");
        json_put_instant(out, there->since);
        json_key(out, "until");
        json_put_instant(out, until);
        json_key(out, "live");
        json_put_bool(out, !before(call->now, there->since) && before(call->now, until));
        json_close_object(out);
    }
}

/* Where it lies, and by what that may be (articles 13(1)(f) and 15(2)). */
static status put_place(struct call *call, const struct facts *party, struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word zone = party_zone(call, party);
    const struct facts *place;
    TRY(reg_facts(call->reg, party_place(call, party), call->report, &place));
    put_word(call, out, "zone", zone);
    put_id(out, "place", party_place(call, party));
    json_key(out, "outside");
    json_put_bool(out, zone != 0 && !zone_is_home(plan, zone));
    json_key(out, "safeguards");
    json_open_array(out);
    put_proof(call, party, is_safeguard, out);
    put_proof(call, place, is_safeguard, out);
    json_close_array(out);
    return OK;
}

status call_put_party(struct call *call, dossier_id id, word kind, struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index recipient = plan_find(plan, plan->recipient_of, kind);
    const struct facts *party;
    TRY(call_party(call, id, &party));
    json_open_object(out);
    put_word(call, out, "recipient", kind);
    if (recipient != NONE) {
        json_key(out, "kind");
        json_put_text(out, kind_name(plan->recipient[recipient].kind));
    }
    put_id(out, "party", id);
    put_word(call, out, "name", party_name(call, party));
    put_id(out, "under", party_under(call, party));
    if (party != NULL)
        TRY(put_place(call, party, out));
    json_key(out, "agreements");
    json_open_array(out);
    put_proof(call, party, is_agreement, out);
    json_close_array(out);
    json_close_object(out);
    return OK;
}

/* ---- the parties of the register ---- */

status engine_party_list(struct call *call, const struct party_list *request,
                         struct party_page *page)
{
    *page = (struct party_page){0};
    dossier_id *ids;
    size_t count;
    TRY(call_whole_register(call));
    TRY(vault_list(call->reg->vault, DOSSIER_PARTY, request->after, request->limit, call->arena,
                   call->report, &ids, &count));
    struct buf buf = buf_in(call->arena, DOCUMENT_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_array(&out);
    for (size_t i = 0; i < count; i++) {
        const struct facts *party;
        TRY(call_party(call, ids[i], &party));
        page->last = ids[i];
        if (party != NULL)
            TRY(call_put_party(call, ids[i], party->name, &out));
    }
    json_close_array(&out);
    page->more = count == request->limit;
    TRY(buf_finish(&buf, call->report, &page->parties));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "parties", decision_by_scope());
}

/* ---- the kinds that the policy has ---- */

static void put_purposes(struct call *call, const struct plan_recipient *recipient,
                         struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    json_key(out, "purposes");
    json_open_array(out);
    for (size_t i = 0; i < plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &plan->purpose[i];
        if (purpose->clause.closed || !refs_has(&recipient->purposes, (plan_index)i))
            continue;
        json_open_object(out);
        put_word(call, out, "purpose", purpose->clause.name);
        says_put(out, "says", plan, &purpose->clause.says);
        json_key(out, "basis");
        json_put_text(out, basis_name(purpose->basis));
        json_key(out, "article");
        json_put_text(out, basis_article(purpose->basis));
        if (purpose->law.ptr != NULL) {
            json_key(out, "law");
            json_put_str(out, purpose->law);
        }
        json_close_object(out);
    }
    json_close_array(out);
}

/* Categories of which it gets some field for some purpose: `gives` and what a purpose uses. */
static void put_categories(struct call *call, const struct plan_recipient *recipient,
                           struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    json_key(out, "categories");
    json_open_array(out);
    for (size_t c = 0; c < plan->category_count; c++) {
        const struct plan_category *category = &plan->category[c];
        bool given = false;
        for (size_t f = 0; f < category->field_count && !category->never && !given; f++) {
            plan_index field = (plan_index)(category->first_field + f);
            for (size_t p = 0; p < plan->purpose_count && !given; p++)
                given = field_set_has(&recipient->gives, field) &&
                        refs_has(&recipient->purposes, (plan_index)p) &&
                        field_set_has(&plan->purpose[p].uses, field);
        }
        if (given)
            json_put_str(out, call_text(call, category->clause.name));
    }
    json_close_array(out);
}

status engine_recipient_list(struct call *call, str *document)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct buf buf = buf_in(call->arena, DOCUMENT_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "recipients");
    json_open_array(&out);
    for (size_t i = 0; i < plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &plan->recipient[i];
        json_open_object(&out);
        put_word(call, &out, "recipient", recipient->clause.name);
        json_key(&out, "kind");
        json_put_text(&out, kind_name(recipient->kind));
        says_put(&out, "says", plan, &recipient->clause.says);
        json_key(&out, "never");
        json_put_bool(&out, recipient->never);
        json_key(&out, "closed");
        json_put_bool(&out, recipient->clause.closed);
        bool open = !recipient->never && !recipient->clause.closed;
        if (open) {
            put_purposes(call, recipient, &out);
            put_categories(call, recipient, &out);
        }
        json_close_object(&out);
    }
    json_close_array(&out);
    json_close_object(&out);
    TRY(buf_finish(&buf, call->report, document));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "recipients", decision_by_scope());
}
