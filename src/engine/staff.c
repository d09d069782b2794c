/* Staff: members, the roles that they hold, and what they may. Nobody grants anything to
 * themselves or records evidence about themselves, by whatever token: their own, or that of an
 * application which says that it acts for them. */
#include "engine_internal.h"
#include "json.h"

static const dossier_id no_matter = {{0}};
static const struct {
    uint32_t bit;
    const char *word; /* of the language */
} MAY[] = {
    {MAY_READ, "read"},
    {MAY_CHANGE, "change"},
    {MAY_SHARE, "share"},
    {MAY_DECIDE_REQUESTS, "decide_requests"},
    {MAY_RECORD, "record"},
    {MAY_APPROVE, "approve"},
    {MAY_CHANGE_POLICY, "change_policy"},
    {MAY_CLOSE_COMPLAINTS, "close_complaints"},
};

bool staff_holds(const struct facts *member, word role, instant t)
{
    for (size_t i = 0; i < member->roles.count; i++) {
        const struct fact_role *there = &member->roles.at[i];
        if (there->role == role && !before(t, there->since) && before(t, there->until))
            return true;
    }
    return false;
}

word staff_only_role(const struct facts *member, instant t)
{
    word only = 0;
    for (size_t i = 0; i < member->roles.count; i++) {
        const struct fact_role *there = &member->roles.at[i];
        if (before(t, there->since) || !before(t, there->until) || there->role == only)
            continue;
        if (only != 0)
            return 0; /* in which of them the member acts is decide's to find */
        only = there->role;
    }
    return only;
}

static bool has_what_it_needs(const struct call *call, const struct plan *plan,
                              const struct plan_staff *role, const struct facts *member)
{
    if (role->clause.closed || role->needs.hole)
        return false;
    for (size_t i = 0; i < role->needs.count; i++) {
        const struct need *need = &role->needs.all[i];
        bool met = false;
        for (size_t j = 0; j < need->count; j++)
            met |= before(call->now, standing_end(plan, need->any[j], member, call->now));
        if (!met)
            return false;
    }
    return true;
}

bool staff_may_as(const struct call *call, const struct facts *member, uint32_t may,
                  const struct refs *roles)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < plan->staff_count; i++) {
        const struct plan_staff *role = &plan->staff[i];
        if ((role->may & may) != 0 && refs_has(roles, (plan_index)i) &&
            staff_holds(member, role->clause.name, call->now) &&
            has_what_it_needs(call, plan, role, member))
            return true;
    }
    return false;
}

bool staff_may(const struct call *call, const struct facts *member, uint32_t may)
{
    static const struct refs any = {.all = true};
    return staff_may_as(call, member, may, &any);
}

/* ---- deciding for the firm ---- */

status call_decider(struct call *call, const struct facts *facts, uint32_t may, bool human)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct facts *member = NULL;
    uint32_t offered = 0;
    for (size_t i = 0; i < plan->staff_count; i++)
        offered |= plan->staff[i].may;
    if (!ID_IS_ZERO(call->caller->actor))
        TRY(reg_facts(call->reg, call->caller->actor, call->report, &member));
    if ((offered & may) == 0 ? member != NULL || !human
                             : member != NULL && staff_may(call, member, may))
        return OK;
    return call_refuse_always(call, facts, ACTION_RECORD, ALWAYS_staff_by_role);
}

status call_reasoned(struct call *call, const struct reasoned *decision, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, decision->type);
    if (decision->about != NULL) {
        json_key(&out, decision->about);
        json_put_id(&out, decision->id);
    }
    json_key(&out, decision->word);
    json_put_bool(&out, decision->yes);
    json_key(&out, "reasons");
    json_put_str(&out, decision->reasons);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

/* ---- not oneself ---- */

bool staff_is_human(const struct reg *reg, const struct facts *member, audit_id human)
{
    static const audit_id nobody;
    word kind = words_find(reg->words, STR("human"));
    if (memcmp(&human, &nobody, sizeof(human)) == 0)
        return false;
    for (size_t i = 0; member != NULL && kind != 0 && i < member->hashes.count; i++) {
        if (member->hashes.at[i].kind == kind &&
            memcmp(member->hashes.at[i].bytes, human.bytes, sizeof(human.bytes)) == 0)
            return true;
    }
    return false;
}

status call_refuse_always(struct call *call, const struct facts *facts, enum action action,
                          enum always rule)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word name = words_find(call->reg->words, str_from(always_rule(rule)->name));
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    str *law = ARENA_NEW(call->arena, str);
    if (decision == NULL || law == NULL)
        return NO_MEMORY(call->report);
    *law = str_from(always_rule(rule)->law);
    decision->reason.rule = str_from(always_rule(rule)->path);
    decision->reason.article = str_from(always_rule(rule)->article);
    decision->reason.ids = (struct covers){law, 1};
    for (size_t i = 0; i < plan->always_count; i++) {
        if (plan->always[i].clause.name == name && plan->always[i].clause.covers.count > 0)
            decision->reason.ids = plan->always[i].clause.covers;
    }
    struct operation op = call_operation(call, action, facts->id);
    return call_refuse(call, facts, &op, decision);
}

status call_not_oneself(struct call *call, dossier_id member)
{
    const struct facts *facts;
    TRY(reg_facts(call->reg, member, call->report, &facts));
    if (facts == NULL || facts->kind != DOSSIER_STAFF)
        return OK;
    bool oneself = ID_EQUAL(call->caller->actor, member) ||
                   staff_is_human(call->reg, facts, call->caller->human);
    return oneself ? call_refuse_always(call, facts, ACTION_RECORD, ALWAYS_no_self_record) : OK;
}

/* ---- members ---- */

/* A name by which the member is known, as a tag alone: to applications, so that it is seen whom
 * they act for, and to a provider of sign-in. */
static status put_tag(struct call *call, struct dossier *dossier, str login)
{
    blind tag;
    dossier_id *ids;
    size_t count;
    TRY(reg_login_tag(call->reg, login, call->report, &tag));
    TRY(keys_blind_find(vault_keys(call->reg->vault), tag, call->arena, call->report, &ids,
                        &count));
    if (count > 0)
        return fail(call->report, FAULT_CONFLICT, "another member of the staff has this login");
    return vault_identify(call->reg->vault, dossier, words_intern(call->reg->words, STR("human")),
                          tag, call->arena, call->report);
}

static status put_logins(struct call *call, struct dossier *dossier,
                         const struct staff_create *request)
{
    if (!str_is_empty(request->login)) {
        TRY(call_check_name(call, "login", request->login));
        TRY(put_tag(call, dossier, request->login));
    }
    if (str_is_empty(request->email))
        return OK;
    if (memchr(request->email.ptr, '@', request->email.len) == NULL)
        return fail_at(call->report, FAULT_INVALID, "/email", "this is no address");
    TRY(call_check_texts(call, &request->email, 1));
    return put_tag(call, dossier, request->email);
}

status engine_staff_create(struct call *call, const struct staff_create *request)
{
    word role;
    TRY(call_check_texts(call, &request->name, 1));
    TRY(call_word(call, NAME_STAFF, request->role, &role));
    if (role == 0)
        return fail_at(call->report, FAULT_INVALID, "/role", "a staff member has a staff role");
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_create_numbered(call, DOSSIER_STAFF, role, STR(""), "staff", &dossier, &permit));
    TRY(put_logins(call, dossier, request));
    TRY(facts_add_role(call, dossier->facts, role, no_matter, call->now));
    return call_store_named(call, dossier, permit, request->name);
}

static status end_role(struct call *call, struct dossier *dossier, word role)
{
    bool ended = false;
    for (size_t i = 0; i < dossier->facts->roles.count; i++) {
        const struct fact_role *there = &dossier->facts->roles.at[i];
        struct edit edit = {.kind = EDIT_END_ROLE, .id = there->id, .at = call->now};
        if (there->role != role || !before(call->now, there->until))
            continue;
        ended = true;
        TRY(vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report));
    }
    if (!ended)
        return fail(call->report, FAULT_CONFLICT, "the member does not hold this role");
    return OK;
}

status engine_staff_role(struct call *call, const struct staff_role *request)
{
    struct dossier *dossier;
    word role;
    TRY(call_word(call, NAME_STAFF, request->role, &role));
    if (role == 0)
        return fail_at(call->report, FAULT_INVALID, "/role", "name a staff role of the policy");
    TRY(call_open_dossier(call, request->staff, DOSSIER_STAFF, &dossier));
    if (!request->ends)
        TRY(call_not_oneself(call, request->staff));
    str effect = arena_format(call->arena, "role:%.*s", STR_ARG(call_text(call, role)));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    struct operation op = call_operation(call, ACTION_RECORD, request->staff);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, request->ends ? "staff_role_end" : "staff_role",
                   decision_by_scope(), &effect, audit_word_valid(effect) ? 1 : 0, &permit));
    if (request->ends)
        TRY(end_role(call, dossier, role));
    else
        TRY(facts_add_role(call, dossier->facts, role, no_matter, call->now));
    call->outcome.id = request->staff;
    return call_store_dossier(call, dossier, permit);
}

/* ---- the list ---- */

static status add_text(struct call *call, const str **list, size_t *count, str text)
{
    str *texts = ARENA_ARRAY(call->arena, str, *count + 1);
    if (texts == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < *count; i++) {
        if (str_equal((*list)[i], text))
            return OK;
        texts[i] = (*list)[i];
    }
    texts[(*count)++] = text;
    *list = texts;
    return OK;
}

/* What the role needs and the member lacks keeps it closed; what is there says until when. */
static status view_needs(struct call *call, const struct plan *plan, const struct facts *member,
                         const struct needs *needs, struct staff_view *view)
{
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->all[i];
        instant end = ALWAYS;
        for (size_t j = 0; j < need->count; j++)
            end = later(end, standing_end(plan, need->any[j], member, call->now));
        if (before(call->now, end))
            view->lapses = earlier(view->lapses, end);
        else if (need->count > 0)
            TRY(add_text(call, &view->lacks, &view->lack_count,
                         call_text(call, plan->evidence[need->any[0]].clause.name)));
    }
    return OK;
}

static status view_role(struct call *call, const struct facts *member, word name,
                        struct staff_view *view)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->staff_of, name);
    TRY(add_text(call, &view->roles, &view->role_count, call_text(call, name)));
    if (index == NONE)
        return OK;
    const struct plan_staff *role = &plan->staff[index];
    for (size_t i = 0; i < LENGTH(MAY); i++) {
        if ((role->may & MAY[i].bit) != 0)
            TRY(add_text(call, &view->may, &view->may_count, str_from(MAY[i].word)));
    }
    for (plan_index p = 0; p < plan->purpose_count; p++) {
        if (refs_has(&role->purposes, p))
            TRY(add_text(call, &view->purposes, &view->purpose_count,
                         call_text(call, plan->purpose[p].clause.name)));
    }
    return view_needs(call, plan, member, &role->needs, view);
}

static status view_of(struct call *call, dossier_id id, struct staff_view *view)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(call->reg->vault, id, arena, call->report, &presence, &dossier));
    *view = (struct staff_view){.id = id, .lapses = NEVER};
    if (presence != PRESENCE_LIVE)
        return OK;
    view->since = dossier->facts->created;
    for (size_t i = 0; i < dossier->facts->roles.count; i++) {
        word role = dossier->facts->roles.at[i].role;
        if (staff_holds(dossier->facts, role, call->now))
            TRY(view_role(call, dossier->facts, role, view));
    }
    return OK;
}

status engine_staff_own(struct call *call, struct staff_view *view)
{
    if (ID_IS_ZERO(call->caller->actor))
        return call_not_here(call);
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    TRY(view_of(call, call->caller->actor, view));
    return call_log(call, NULL, &op, "account_show", decision_by_scope());
}

struct listing_staff {
    struct staff_list *list;
    struct permit_wait wait;
};

static status open_name(struct call *call, struct permit_wait wait, struct staff_view *view)
{
    const struct json *json;
    TRY(call_own_record(call, wait, view->id, &json));
    (void)json_str(json_get(json, "name"), &view->name);
    return OK;
}

static status list_finish(struct call *call)
{
    const struct listing_staff *listing = call->state;
    for (size_t i = 0; i < listing->list->count; i++)
        TRY(open_name(call, listing->wait, &listing->list->at[i]));
    return OK;
}

status engine_staff_list(struct call *call, dossier_id after, size_t limit, struct staff_list *list)
{
    *list = (struct staff_list){0};
    dossier_id *ids;
    size_t count;
    const struct facts *own;
    TRY(call_whole_register(call));
    TRY(vault_list(call->reg->vault, DOSSIER_STAFF, after, limit, call->arena, call->report, &ids,
                   &count));
    struct listing_staff *listing = ARENA_NEW(call->arena, struct listing_staff);
    list->at = ARENA_ARRAY(call->arena, struct staff_view, count + 1);
    if (listing == NULL || list->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++)
        TRY(view_of(call, ids[i], &list->at[list->count++]));
    list->more = count == limit;
    listing->list = list;
    TRY(reg_facts(call->reg, call->reg->own, call->report, &own));
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    TRY(call_ask(call, own, &op, "staff_list", decision_by_scope(), &listing->wait));
    call->state = listing;
    call->finish = list_finish;
    return OK;
}
