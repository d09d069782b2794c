/* Asking the engine, and its answer beside the model's. */
#include "simulation.h"

const char *const op_names[OP_KIND_COUNT] = {
#define OP(name, weight) #name,
#include "operations.def"
#undef OP
};
const unsigned op_weights[OP_KIND_COUNT] = {
#define OP(name, weight) weight,
#include "operations.def"
#undef OP
};

static status use(struct call *call, struct move *move)
{
    switch (move->kind) {
    case OP_create:
        return engine_subject_create(call, &move->ask.create);
    case OP_role:
    case OP_role_end:
        return engine_role(call, &move->ask.role);
    case OP_matter:
        return engine_matter_create(call, &move->ask.matter);
    case OP_event:
        return engine_event(call, &move->ask.event);
    case OP_evidence:
        return engine_evidence(call, &move->ask.evidence);
    case OP_evidence_end:
        return engine_evidence_end(call, &move->ask.evidence_end);
    case OP_consent:
        return engine_consent(call, &move->ask.consent);
    case OP_withdraw:
        return engine_withdraw(call, &move->ask.withdraw);
    case OP_object:
        return engine_object(call, &move->ask.object);
    case OP_objection_decide:
        return engine_objection_decide(call, &move->ask.objection);
    case OP_stop:
        return engine_switch(call, &move->ask.stop);
    case OP_restrict:
        return engine_restrict(call, &move->ask.restrict_);
    case OP_tell:
        return engine_restriction_tell(call, &move->ask.lift);
    case OP_lift:
        return engine_restriction_lift(call, &move->ask.lift);
    case OP_collect:
        return engine_collect(call, &move->ask.collect, &move->answer.collected);
    case OP_read:
    case OP_use:
    case OP_stranger:
        return engine_read(call, &move->ask.read, &move->answer.read);
    case OP_share:
        return engine_share(call, &move->ask.share, &move->answer.shared);
    case OP_message:
        return engine_message(call, &move->ask.message, &move->answer.sending);
    case OP_cookie:
        return engine_cookie(call, &move->ask.cookie);
    case OP_rectify:
        return engine_rectify(call, &move->ask.rectify);
    case OP_erase:
        return engine_erase(call, &move->ask.erase, &move->answer.erased);
    case OP_export:
        return engine_export(call, &move->ask.export, &move->answer.document);
    case OP_party:
        return engine_party_create(call, &move->ask.party);
    case OP_staff:
        return engine_staff_create(call, &move->ask.staff);
    case OP_open_case:
        return engine_case_create(call, &move->ask.case_);
    case OP_token:
        return engine_token_create(call, &move->ask.token, &move->answer.text);
    case OP_token_revoke:
        return engine_token_revoke(call, move->ask.revoke);
    case OP_request:
        return engine_request_take(call, &move->ask.request);
    case OP_request_decide:
        return engine_request_decide(call, &move->ask.decide);
    case OP_breach:
        return engine_breach(call, &move->ask.breach);
    case OP_breach_assess:
        return engine_breach_assess(call, &move->ask.assess);
    case OP_KIND_COUNT:
        break;
    }
    return OK;
}

static void move_released(void *self, struct call *call, status result)
{
    struct move *move = self;
    (void)call;
    move->result = result;
    move->done = true;
}

status move_ask(struct run *run, struct move *move)
{
    struct call *call = &move->call;
    move->report = (struct report){0};
    status result =
        call_begin(run->engine, run->reg, &move->caller, run->arena, &move->report, call);
    if (!is_ok(result))
        return result;
    status known = engine_act_for(call, move->company);
    result = call_end(call, is_ok(known) ? use(call, move) : known);
    move->result = result;
    call_hold(call, move_released, move, result);
    return result;
}

static void digest(struct run *run, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++)
        run->digest = (run->digest ^ at[i]) * 0x100000001b3u;
}

static str refused_by(const struct move *move)
{
    return move->call.decision == NULL ? STR("") : move->call.decision->reason.rule;
}

/* What a refusal lacks is what comes next. */
static void learn(struct run *run, const struct move *move)
{
    const struct decision *decision = move->call.decision;
    if (decision == NULL || decision->reason.lack_count == 0)
        return;
    run->wanted = decision->reason.lacks[below(&run->chance, decision->reason.lack_count)];
    run->wanted_for = move->op;
    run->wanted_kind = move->kind;
    run->again = false;
    run->wanted_for.supplied = NULL;
    run->wanted_for.offered = NULL;
    run->wanted_for.fields = run->wanted_for.told = NULL;
    run->wanted_for.items = NULL;
}

/* Numbers beside each other may look like a card's: that is asked before anything else. */
static bool looks_like_a_card(struct run *run, const struct move *move)
{
    const struct plan *plan = run_plan(run);
    str rule = refused_by(move);
    bool is = str_is(rule, "always.no_card_numbers");
    for (size_t i = 0; i < plan->category_count; i++)
        is |= plan->category[i].kind == CATEGORY_PAYMENT_CARD &&
              str_equal(rule, plan->category[i].clause.path);
    return is && (move->kind == OP_collect || move->kind == OP_rectify);
}

/* Rules around decide that the model leaves out, where it says so. */
static bool is_loose(struct run *run, const struct move *move)
{
    if (move->result.fault != FAULT_REFUSED)
        return false;
    if (looks_like_a_card(run, move))
        return true;
    if (move->loose != NULL && str_is(refused_by(move), move->loose))
        return true;
    return move->fault == FAULT_NONE && move_is_stillborn(run, move);
}

static bool fault_fits(struct run *run, struct move *move)
{
    if (move->result.fault == move->fault)
        return true;
    if (move->unjudged)
        return move->result.fault != FAULT_STORE && move->result.fault != FAULT_CORRUPT &&
               move->result.fault != FAULT_INTERNAL;
    if (move->result.fault == FAULT_LIMIT && move->fault == FAULT_NONE)
        return true; /* 32 KB a dossier: nothing has changed, which is looked at below */
    return is_loose(run, move);
}

/* G1, G5: whoever is known is answered from the log; a no has its rule there. */
static bool check_logged(struct run *run, const struct move *move, uint64_t before)
{
    uint64_t after = audit_pending(run->reg->log);
    enum fault_class fault = move->result.fault;
    bool logs = fault == FAULT_NONE || fault == FAULT_REFUSED || fault == FAULT_GONE ||
                fault == FAULT_NOT_FOUND;
    NEED(run, !logs || after > before, "G1: %s left no entry", op_names[move->kind]);
    NEED(run, fault != FAULT_REFUSED || refused_by(move).len > 0, "G5: a refusal without a rule");
    return true;
}

static void count(struct run *run, const struct move *move)
{
    struct tally *tally = run->tally;
    tally->asked[move->kind]++;
    if (is_ok(move->result))
        tally->allowed[move->kind]++;
    else if (move->result.fault == FAULT_REFUSED)
        tally->refused[move->kind]++;
    else
        tally->faults[move->kind]++;
}

bool move_check(struct run *run, struct move *move)
{
    str rule = refused_by(move);
    uint64_t log_before = move->log_before;
    count(run, move);
    digest(run, &move->result.fault, sizeof(move->result.fault));
    digest(run, rule.ptr, rule.len);
    trace(run, "%s%s of %02x%02x: %s %.*s%s", op_names[move->kind],
          move->caller.staff != 0 ? " by staff" : "", move->subject.bytes[0],
          move->subject.bytes[1], is_ok(move->result) ? "done" : fault_name(move->result.fault),
          STR_ARG(rule), is_ok(move->result) || rule.len > 0 ? "" : move->report.text);
    NEED(run, fault_fits(run, move), "%s: the model says %s %.*s, the engine %s %.*s: %s",
         op_names[move->kind], move->fault == FAULT_NONE ? "yes" : fault_name(move->fault),
         STR_ARG(move->rule), is_ok(move->result) ? "yes" : fault_name(move->result.fault),
         STR_ARG(rule), move->report.text);
    if (move->result.fault == FAULT_REFUSED && move->fault == FAULT_REFUSED && move->rule.len > 0 &&
        !looks_like_a_card(run, move))
        NEED(run, str_equal(rule, move->rule), "%s: refused by %.*s, by the model %.*s",
             op_names[move->kind], STR_ARG(rule), STR_ARG(move->rule));
    if (!check_logged(run, move, log_before))
        return false;
    if (move->result.fault == FAULT_REFUSED)
        learn(run, move);
    if (is_ok(move->result))
        move_done(run, move);
    if (move->again || run->wanted == 0)
        run->again = !move->again && is_ok(move->result) && run->wanted_for.subject.bytes[0] != 0;
    return true;
}

/* ---- what was read ---- */

static bool may(const struct move *move, record_id id, str value)
{
    for (size_t i = 0; i < move->may_count; i++)
        if (ID_EQUAL(move->may[i].id, id))
            return str_equal(move->may[i].value, value);
    return false;
}

static bool is_still_there(struct run *run, const struct move *move, record_id id)
{
    const struct known *person = model_person(&run->model, move->subject);
    for (size_t i = 0; person != NULL && i < person->facts.items.count; i++)
        if (ID_EQUAL(person->facts.items.at[i].id, id))
            return true;
    return false;
}

/* G2, G3: nothing but what lives and is allowed, and all of that, each with its value. */
bool check_read(struct run *run, const struct move *move, const struct read_result *read)
{
    size_t given = 0, there = 0;
    for (size_t i = 0; i < read->count; i++) {
        const struct read_item *item = &read->items[i];
        if (item->verdict == VERDICT_REFUSE) {
            NEED(run, item->value.len == 0, "a refused item came with a value");
            continue;
        }
        if (item->in_parts) /* a file: what is in it is read by itself (many.c) */
            continue;
        given++;
        NEED(run, may(move, item->id, item->value),
             "%s gave %.*s, which may not be read or is another value", op_names[move->kind],
             STR_ARG(item->value));
        digest(run, item->value.ptr, item->value.len);
        run->tally->values++;
    }
    for (size_t i = 0; i < move->may_count; i++)
        there += is_still_there(run, move, move->may[i].id);
    NEED(run, given >= there, "%s gave %zu of %zu values", op_names[move->kind], given, there);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Every value that is to be found in a text ("zq17q") is one of those. */
static bool check_document(struct run *run, const struct move *move)
{
    str document = move->answer.document;
    size_t found = 0;
    for (size_t i = 0; i + 3 < document.len; i++) {
        bool begins =
            i > 0 && document.ptr[i - 1] == '"'; /* a reference may look like one inside */
        if (!begins || document.ptr[i] != 'z' || document.ptr[i + 1] != 'q')
            continue;
        size_t end = i + 2;
        while (end < document.len && is_digit(document.ptr[end]))
            end++;
        if (end == i + 2 || end == document.len || document.ptr[end] != 'q')
            continue;
        str token = str_slice(document, i, end + 1);
        bool known = false;
        for (size_t m = 0; m < move->may_count; m++)
            known |= str_starts(move->may[m].value, token);
        NEED(run, known, "a copy holds %.*s, which may not be read", STR_ARG(token));
        found++;
    }
    for (size_t m = 0; m < move->may_count; m++)
        if (str_starts(move->may[m].value, STR("zq")) && is_still_there(run, move, move->may[m].id))
            NEED(run,
                 memmem(document.ptr, document.len, move->may[m].value.ptr,
                        move->may[m].value.len) != NULL,
                 "a copy lacks %.*s", STR_ARG(move->may[m].value));
    run->tally->values += found;
    return true;
}

bool move_values(struct run *run, const struct move *move)
{
    bool gone = move->result.fault == FAULT_NOT_FOUND && move->person != NULL &&
                model_person(&run->model, move->subject) == NULL;
    if (gone) /* erased by a later call of the same turn */
        return true;
    NEED(run, move->done, "no reply was released");
    if (!is_ok(move->result))
        return true;
    switch (move->kind) {
    case OP_read:
    case OP_use:
        return check_read(run, move, &move->answer.read);
    case OP_share:
        return check_read(run, move, &move->answer.shared.read);
    case OP_export:
        return check_document(run, move);
    case OP_create:
    case OP_role:
    case OP_role_end:
    case OP_matter:
    case OP_event:
    case OP_evidence:
    case OP_evidence_end:
    case OP_consent:
    case OP_withdraw:
    case OP_object:
    case OP_objection_decide:
    case OP_stop:
    case OP_restrict:
    case OP_tell:
    case OP_lift:
    case OP_collect:
    case OP_message:
    case OP_cookie:
    case OP_rectify:
    case OP_erase:
    case OP_party:
    case OP_staff:
    case OP_open_case:
    case OP_token:
    case OP_token_revoke:
    case OP_request:
    case OP_request_decide:
    case OP_breach:
    case OP_breach_assess:
    case OP_stranger:
    case OP_KIND_COUNT:
        break;
    }
    return true;
}
