/* Decisions: each right that is asked is judged by itself, by a member of the staff who may and
 * whom it is not about; a no, or a part of one, names its exception and gives its reasons
 * (HOS-59, CON-65, CON-66). What is granted is done under the request, and the request knows. */
#include <stdio.h>

#include "desk.h"

#define OF(right) (1u << RIGHT_##right)

/* Why something may be refused, and by which article. */
static const struct {
    const char *name, *article;
    uint32_t rights; /* for which it is one */
} EXCEPTIONS[] = {
    {"unfounded", "GDPR 12(5)", UINT32_MAX},
    {"excessive", "GDPR 12(5)", UINT32_MAX},
    {"national_law", "GDPR 23", UINT32_MAX},
    {"nothing_held", "GDPR 12(4)", ~OF(ACCESS)},
    {"rights_of_others", "GDPR 15(4)", OF(ACCESS)},
    {"rights_of_others", "GDPR 20(4)", OF(PORTABILITY)},
    {"not_wrong", "GDPR 16", OF(RECTIFY)},
    {"no_ground", "GDPR 17(1)", OF(ERASE)},
    {"expression", "GDPR 17(3)(a)", OF(ERASE)},
    {"legal_duty", "GDPR 17(3)(b)", OF(ERASE)},
    {"public_health", "GDPR 17(3)(c)", OF(ERASE)},
    {"archiving", "GDPR 17(3)(d)", OF(ERASE)},
    {"legal_claims", "GDPR 17(3)(e)", OF(ERASE)},
    {"no_ground", "GDPR 18(1)", OF(RESTRICT)},
    {"other_basis", "GDPR 20(1)", OF(PORTABILITY)},
    {"no_ground", "GDPR 21(1)", OF(OBJECT)},
    {"compelling_grounds", "GDPR 21(1)", OF(OBJECT)},
    {"legal_claims", "GDPR 21(1)", OF(OBJECT)},
    {"no_consent", "GDPR 7(3)", OF(WITHDRAW)},
    {"not_upheld", "GDPR 12(4)", OF(COMPLAIN)},
};

const char *desk_article(str exception, enum right right)
{
    for (size_t i = 0; i < LENGTH(EXCEPTIONS); i++) {
        if (str_is(exception, EXCEPTIONS[i].name) && (EXCEPTIONS[i].rights & 1u << right) != 0)
            return EXCEPTIONS[i].article;
    }
    return NULL;
}

/* A human of the staff, signed in by a token of their own: no application decides. */
status desk_may_decide(struct call *call, struct dossier *dossier, enum right right)
{
    if (ID_IS_ZERO(call->caller->actor))
        return call_refuse_always(call, dossier->facts, ACTION_RECORD, ALWAYS_staff_by_role);
    return call_may_decide(call, dossier->facts, right);
}

static status check_identity(struct call *call, struct dossier *dossier, enum right right)
{
    const struct plan_right *plan = &reg_plan(call->reg, call->now)->right[right];
    bool open = plan->open || right == RIGHT_COMPLAIN;
    if (open || desk_find(call, dossier->facts, "identity:proven") != NULL)
        return OK;
    return call_refuse_always(call, dossier->facts, ACTION_RECORD, ALWAYS_identity_first);
}

static status check_outcome(struct call *call, const struct request_decide *request,
                            enum right right, const char **outcome, const char **article)
{
    static const char *const OUTCOMES[] = {"granted", "partly", "refused"};
    *outcome = NULL;
    *article = "";
    for (size_t i = 0; i < LENGTH(OUTCOMES); i++) {
        if (str_is(request->outcome, OUTCOMES[i]))
            *outcome = OUTCOMES[i];
    }
    if (*outcome == NULL)
        return fail_at(call->report, FAULT_INVALID, "/outcome", "granted, partly or refused");
    TRY(call_said(call, "why it was decided so", request->reasons));
    if ((*outcome)[0] == 'g')
        return str_is_empty(request->exception) ? OK
                                                : fail_at(call->report, FAULT_INVALID, "/exception",
                                                          "what is granted has no exception");
    *article = desk_article(request->exception, right);
    if (*article == NULL)
        return fail_at(call->report, FAULT_INVALID, "/exception",
                       "what is not granted names the exception of the law: unfounded, excessive, "
                       "national_law, or one of this right");
    return OK;
}

status engine_request_decide(struct call *call, const struct request_decide *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    enum right right;
    const char *outcome, *article;
    char type[64], effect[64];
    str json;
    TRY(desk_open_live(call, request->request, &dossier));
    TRY(desk_right(call, request->right, &right));
    if (!desk_asks(call, dossier->facts, right))
        return fail_at(call->report, FAULT_INVALID, "/right", "this request does not ask that");
    if (desk_outcome(call, dossier->facts, right, NULL) != NULL)
        return fail(call->report, FAULT_CONFLICT, "this right is decided already");
    TRY(check_outcome(call, request, right, &outcome, &article));
    TRY(check_identity(call, dossier, right));
    TRY(desk_may_decide(call, dossier, right));
    struct desk_word words[] = {{"reasons", request->reasons},
                                {"exception", request->exception},
                                {"article", str_from(article)}};
    TRY(desk_words(call, words, LENGTH(words), &json));
    (void)snprintf(type, sizeof(type), "%s:%s", outcome, right_name(right));
    (void)snprintf(effect, sizeof(effect), "%s:%s", outcome, right_name(right));
    TRY(desk_write(call, dossier, "request_decide", effect, &permit));
    struct binding who = desk_who(call);
    TRY(desk_add(call, dossier, permit, type, &who, 1, call->now, json));
    return desk_store(call, dossier, permit);
}

/* ---- acts under a request ---- */

status call_request_act(struct call *call, dossier_id case_, enum right right, dossier_id subject)
{
    struct outcome kept = call->outcome;
    const struct facts *facts;
    struct dossier *dossier;
    const struct permit *permit;
    const char *outcome = "";
    char type[64];
    if (ID_IS_ZERO(case_))
        return OK;
    TRY(reg_facts(call->reg, case_, call->report, &facts));
    if (facts == NULL || facts->kind != DOSSIER_CASE)
        return call_not_here(call);
    if (!desk_is_request(call, facts))
        return OK;
    TRY(desk_open_live(call, case_, &dossier));
    if (!ID_EQUAL(desk_subject(call, dossier->facts), subject))
        return call_refuse_always(call, dossier->facts, ACTION_RECORD, ALWAYS_identity_first);
    bool at_once = right == RIGHT_WITHDRAW || right == RIGHT_OBJECT; /* articles 7(3), 21(3) */
    (void)desk_outcome(call, dossier->facts, right, &outcome);
    bool granted = outcome[0] == 'g' || outcome[0] == 'p' || (at_once && outcome[0] == '\0');
    if (!granted || !desk_asks(call, dossier->facts, right))
        return call_refuse_always(call, dossier->facts, ACTION_RECORD, ALWAYS_decision_recorded);
    (void)snprintf(type, sizeof(type), "done:%s", right_name(right));
    TRY(desk_write(call, dossier, "request_done", type, &permit));
    if (desk_find(call, dossier->facts, type) == NULL)
        TRY(desk_add(call, dossier, permit, type, NULL, 0, call->now, STR("")));
    TRY(call_store_dossier(call, dossier, permit));
    call->outcome = kept;
    return OK;
}

/* ---- the same person asks the same while one is open ---- */

static bool comes_first(const struct call *call, const struct facts *a, const struct facts *b)
{
    instant one = desk_received(call, a), other = desk_received(call, b);
    if (one.ms != other.ms)
        return before(one, other);
    return memcmp(a->id.bytes, b->id.bytes, ID_BYTES) < 0;
}

static bool all_joined(const struct call *call, const struct facts *facts)
{
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        const char *outcome = "";
        if (!desk_asks(call, facts, (enum right)i))
            continue;
        (void)desk_outcome(call, facts, (enum right)i, &outcome);
        if (outcome[0] != 'j')
            return false;
    }
    return true;
}

/* What both ask is answered in the first; the other's receipt stands. */
static status join_to(struct call *call, dossier_id later, const struct facts *first)
{
    struct dossier *dossier;
    const struct permit *permit = NULL;
    struct binding bound = {.slot = SLOT_CASE, .id = first->id};
    TRY(desk_open(call, later, &dossier));
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        enum right right = (enum right)i;
        char type[64];
        bool both = desk_asks(call, dossier->facts, right) && desk_asks(call, first, right) &&
                    desk_outcome(call, dossier->facts, right, NULL) == NULL &&
                    desk_outcome(call, first, right, NULL) == NULL;
        if (!both)
            continue;
        (void)snprintf(type, sizeof(type), "joined:%s", right_name(right));
        TRY(desk_write(call, dossier, "request_join", type, &permit));
        TRY(desk_add(call, dossier, permit, type, &bound, 1, call->now, STR("")));
    }
    if (permit == NULL)
        return OK;
    if (all_joined(call, dossier->facts))
        TRY(desk_close(call, dossier, permit, "joined", call->now, STR("")));
    TRY(call_store_dossier(call, dossier, permit));
    return call_request_alarms(call, dossier->facts);
}

static status join_pair(struct call *call, dossier_id id, dossier_id other)
{
    const struct facts *mine, *theirs;
    TRY(reg_facts(call->reg, id, call->report, &mine));
    TRY(reg_facts(call->reg, other, call->report, &theirs));
    if (!desk_is_request(call, mine) || !desk_is_request(call, theirs) ||
        desk_closed(call, mine, NULL) != NULL || desk_closed(call, theirs, NULL) != NULL ||
        !ID_EQUAL(desk_subject(call, mine), desk_subject(call, theirs)))
        return OK;
    return comes_first(call, mine, theirs) ? join_to(call, other, mine) : join_to(call, id, theirs);
}

status desk_join(struct call *call, dossier_id id)
{
    struct outcome kept = call->outcome;
    const struct facts *facts;
    dossier_id *ids;
    size_t count;
    TRY(reg_facts(call->reg, id, call->report, &facts));
    TRY(call_requests_of(call, desk_subject(call, facts), &ids, &count));
    for (size_t i = 0; i < count; i++) {
        if (!ID_EQUAL(ids[i], id))
            TRY(join_pair(call, id, ids[i]));
    }
    call->outcome = kept;
    return OK;
}
