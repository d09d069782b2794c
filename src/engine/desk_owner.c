/* Who deals with a request. It gives nobody a right and takes none away: whoever may decide may
 * still do so, and a member who leaves owns nothing any more. */
#include "desk.h"

status desk_owner(struct call *call, const struct facts *facts, dossier_id *owner)
{
    const struct fact_evidence *named = desk_find(call, facts, "owner:named");
    const struct fact_evidence *none = desk_find(call, facts, "owner:none");
    const struct facts *member;
    *owner = (dossier_id){{0}};
    bool back = none != NULL && none > named; /* they lie in the order in which they were said */
    if (named == NULL || back)
        return OK;
    TRY(reg_facts(call->reg, named->bound[0].id, call->report, &member));
    if (member != NULL && member->kind == DOSSIER_STAFF)
        *owner = named->bound[0].id;
    return OK;
}

static bool is_about(const struct call *call, const struct facts *facts, dossier_id member)
{
    word type = words_find(call->reg->words, STR("case.member"));
    for (size_t i = 0; type != 0 && i < facts->evidence.count; i++) {
        const struct fact_evidence *there = &facts->evidence.at[i];
        if (there->type == type && ID_EQUAL(there->bound[0].id, member))
            return true;
    }
    return false;
}

static status check_member(struct call *call, const struct facts *facts, dossier_id id)
{
    const struct facts *member;
    TRY(reg_facts(call->reg, id, call->report, &member));
    if (member == NULL || member->kind != DOSSIER_STAFF)
        return fail_at(call->report, FAULT_INVALID, "/member",
                       "the member is one of the staff of this register");
    if (is_about(call, facts, id))
        return fail_at(call->report, FAULT_INVALID, "/member",
                       "nobody deals with a request of their own");
    return OK;
}

status engine_request_own(struct call *call, const struct request_own *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    dossier_id owner;
    bool named = !ID_IS_ZERO(request->member);
    TRY(desk_open_live(call, request->request, &dossier));
    TRY(desk_owner(call, dossier->facts, &owner));
    if (ID_EQUAL(owner, request->member))
        return fail(call->report, FAULT_CONFLICT,
                    named ? "this member deals with it already" : "nobody deals with it");
    if (named)
        TRY(check_member(call, dossier->facts, request->member));
    struct binding bound[] = {{.slot = SLOT_ACTOR, .id = request->member}, desk_who(call)};
    TRY(desk_write(call, dossier, "request_own", named ? "owner:named" : "owner:none", &permit));
    TRY(desk_add(call, dossier, permit, named ? "owner:named" : "owner:none",
                 named ? bound : bound + 1, named ? 2 : 1, call->now, STR("")));
    return desk_store(call, dossier, permit);
}
