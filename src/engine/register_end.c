/* A whole register is ended by an administrator: everything in it is erased, what was to be handed
 * over has been, its log stays and proves it.
 *
 *   name and number of people said, a second person where the policy has one who approves
 *     --> what lies in the firm's own systems told (entry "register_end_begin"), and confirmed
 *     --> entry "register_end", and `ending` in data.db, one turn --> reg_retire() (retire.c)
 *
 * From that turn on there is no way back: a start that finds it goes on. What is left says in
 * retired.json what was erased, as counts, and which tokens are answered that it is gone. */
#include "engine_internal.h"
#include "file.h"
#include "json.h"

enum { CERTIFICATE_BYTES = 1 << 20, MARK_BYTES = 1 << 20 };

/* "ending": the choice, from where there is no way back. "end_begun": choice and number of people
 * that were agreed to, where something lies elsewhere. */
static const char ending[] = "ending", begun[] = "end_begun";

/* ---- the certificate ---- */

static const struct {
    enum dossier_kind kind;
    const char *name;
} COUNTED[] = {{DOSSIER_SUBJECT, "people"}, {DOSSIER_MATTER, "matters"}, {DOSSIER_CASE, "cases"},
               {DOSSIER_PARTY, "parties"},  {DOSSIER_STAFF, "staff"},    {DOSSIER_TOKEN, "tokens"}};

static status count_all(struct reg *reg, struct arena *arena, struct report *report, str *counts)
{
    struct buf buf = buf_in(arena, 4096);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    for (size_t i = 0; i < LENGTH(COUNTED); i++) {
        uint64_t count;
        TRY(vault_count(reg->vault, COUNTED[i].kind, report, &count));
        json_key(&out, COUNTED[i].name);
        json_put_u64(&out, count);
    }
    json_close_object(&out);
    return buf_finish(&buf, report, counts);
}

static void put_certificate(const struct reg *reg, const struct retirement *how,
                            struct json_out *out)
{
    json_key(out, "format");
    json_put_u64(out, 1);
    json_key(out, "register");
    json_put_str(out, reg->name);
    json_key(out, "retired");
    json_put_instant(out, how->at);
    json_key(out, "choice");
    json_put_str(out, how->choice);
    json_key(out, "erased");
    json_put_raw(out, how->counts);
    json_key(out, "unconfirmed");
    json_put_u64(out, how->unconfirmed);
    json_key(out, "log_size");
    json_put_u64(out, audit_size(reg->log));
    json_key(out, "checkpoint");
    json_put_str(out, audit_note(reg->log));
}

status register_end_texts(const struct reg *reg, const struct retirement *how, struct arena *arena,
                          struct report *report, str *mark, str *certificate)
{
    struct buf buf = buf_in(arena, CERTIFICATE_BYTES), file = buf_in(arena, MARK_BYTES);
    struct json_out out = json_out_over(&buf), kept = json_out_over(&file);
    json_open_object(&out);
    put_certificate(reg, how, &out);
    json_close_object(&out);
    json_open_object(&kept);
    put_certificate(reg, how, &kept);
    json_key(&kept, "ids"); /* of its tokens: who comes with one is told that it is gone */
    json_open_array(&kept);
    for (size_t i = 0; i < reg->tokens.count; i++)
        json_put_id(&kept, reg->tokens.at[i]->id.bytes);
    json_close_array(&kept);
    json_close_object(&kept);
    buf_char(&file, '\n');
    TRY(buf_finish(&buf, report, certificate));
    return buf_finish(&file, report, mark);
}

/* ---- those who come afterwards ---- */

static status add_gone(struct engine *engine, dossier_id id, struct report *report)
{
    dossier_id *added = LIST_ADD(engine->arena, &engine->gone);
    if (added == NULL)
        return NO_MEMORY(report);
    *added = id;
    return OK;
}

bool engine_token_is_gone(const struct engine *engine, dossier_id id)
{
    for (size_t i = 0; i < engine->gone.count; i++) {
        if (ID_EQUAL(engine->gone.at[i], id))
            return true;
    }
    return false;
}

status register_end_load(struct engine *engine, const char *dir, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(4 * MARK_BYTES);
    struct report odd = {0};
    const struct json *json;
    str text;
    dossier_id id;
    const char *path = arena_c_string(arena, arena_format(arena, "%s/retired.json", dir));
    if (path == NULL || !is_ok(file_read(path, arena, MARK_BYTES, &odd, &text)) ||
        !is_ok(json_parse(arena, text, &odd, &json)))
        return OK; /* that it is there is what counts */
    const struct json *ids = json_get(json, "ids");
    for (const struct json *one = ids == NULL ? NULL : ids->child; one != NULL; one = one->next) {
        if (id_parse(one->text, id.bytes))
            TRY(add_gone(engine, id, report));
    }
    return OK;
}

/* ---- the end ---- */

static status go_on(struct reg *reg, str choice, struct arena *arena, struct report *report,
                    str *certificate)
{
    struct retirement how = {.at = reg_now(reg), .choice = choice, .certificate = certificate};
    TRY(count_all(reg, arena, report, &how.counts));
    TRY(reg_unconfirmed(reg, report, &how.unconfirmed));
    for (size_t i = 0; i < reg->tokens.count; i++)
        TRY(add_gone(reg->engine, reg->tokens.at[i]->id, report));
    return reg_retire(reg, &how, arena, report);
}

static bool has_spaces(const struct reg *firm)
{
    for (size_t i = 0; i < firm->engine->reg_count; i++) {
        if (str_equal(firm->engine->regs[i]->space_of, firm->id))
            return true;
    }
    return false;
}

/* Of what was agreed to before there may be fewer people by now, and never more. */
static status check_end(struct call *call, const struct register_ending *work)
{
    const struct register_end *request = work->request;
    struct reg *reg = call->reg;
    uint64_t people;
    TRY(call_whole_register(call));
    if (!str_is_empty(reg->space_of))
        return fail(call->report, FAULT_CONFLICT, "a customer's space is ended by its firm");
    if (has_spaces(reg))
        return fail(call->report, FAULT_CONFLICT, "end the spaces of its customers first");
    if (!str_equal(request->name, reg->name))
        return fail_at(call->report, FAULT_CONFLICT, "/name",
                       "to confirm, say the name of the register");
    if (!str_is(request->choice, "erase") && !str_is(request->choice, "return"))
        return fail_at(call->report, FAULT_INVALID, "/choice", "erase, or return: it was exported");
    TRY(vault_count(reg->vault, DOSSIER_SUBJECT, call->report, &people));
    if (work->begun ? people > request->people : people != request->people)
        return fail_at(call->report, FAULT_CONFLICT, "/people",
                       "to confirm, say how many people are in the register");
    return OK;
}

static status log_end(struct call *call, const struct register_end *request, const char *action)
{
    struct operation op = call_operation(call, ACTION_ERASE, call->reg->own);
    str effects[] = {
        arena_format(call->arena, "choice:%.*s", STR_ARG(request->choice)),
        arena_format(call->arena, "people:%llu", (unsigned long long)request->people),
        arena_format(call->arena, "unconfirmed:%llu", (unsigned long long)request->unconfirmed)};
    return call_log_effects(call, NULL, &op, action, decision_by_scope(), effects, LENGTH(effects));
}

static str agreed(const struct register_ending *work)
{
    return arena_format(work->arena, "%.*s %llu", STR_ARG(work->request->choice),
                        (unsigned long long)work->request->people);
}

static status agree(struct call *call, struct register_ending *work)
{
    call->asked = work->asked;
    TRY(check_end(call, work));
    return work->begun ? OK
                       : call_second_pair(call, ACT_REGISTER_END, call->reg->own, &work->waits);
}

static status use_begin(struct call *call, void *self)
{
    struct register_ending *work = self;
    TRY(agree(call, work));
    if (work->waits)
        return OK;
    TRY(log_end(call, work->request, "register_end_begin"));
    return vault_meta_set(call->reg->vault, str_from(begun), agreed(work), call->report);
}

static status use_go_on(struct call *call, void *self)
{
    return check_end(call, self);
}

status register_end_say(struct reg *reg, str choice, struct report *report)
{
    TRY(vault_meta_set(reg->vault, str_from(ending), choice, report));
    return vault_count_whole(reg->vault, report);
}

static status use_end(struct call *call, void *self)
{
    struct register_ending *work = self;
    TRY(agree(call, work));
    if (work->waits)
        return OK;
    TRY(reg_all_confirmed(call->reg, work->request->unconfirmed, call->report));
    TRY(log_end(call, work->request, "register_end"));
    return register_end_say(call->reg, work->request->choice, call->report);
}

static status run(struct register_ending *work, status (*use)(struct call *call, void *self))
{
    struct call call;
    TRY(engine_run(work->reg->engine, work->reg, work->caller, work->arena, work->report, &call,
                   use, work));
    work->outcome = call.outcome;
    return OK;
}

/* Once it was agreed to, and again until all is confirmed. */
static status tell_elsewhere(struct register_ending *work)
{
    str was;
    TRY(reg_enter(work->reg, work->report));
    TRY(vault_meta(work->reg->vault, str_from(begun), work->arena, work->report, &was));
    work->begun = str_equal(was, agreed(work));
    TRY(run(work, work->begun ? use_go_on : use_begin));
    if (work->waits)
        return OK;
    work->begun = true;
    return reg_tell_elsewhere(work->reg, work->report);
}

static status end_it(struct register_ending *work)
{
    bool gone;
    TRY(reg_enter_to_end(work->reg, work->report, &gone));
    if (gone)
        return reg_has_ended(work->reg, work->report);
    status ended = run(work, use_end);
    return is_ok(ended) && !work->waits ? OK : reg_goes_on(work->reg, ended, work->report);
}

status engine_register_end(struct register_ending *work)
{
    if (!work->reg->retired && reg_has_external(work->reg))
        TRY(tell_elsewhere(work));
    if (!work->waits)
        TRY(end_it(work));
    if (work->waits)
        return OK;
    return go_on(work->reg, work->request->choice, work->arena, work->report, &work->certificate);
}

status register_end_was_said(const struct reg *reg, struct report *report, bool *said)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    str choice;
    TRY(vault_meta(reg->vault, str_from(ending), arena, report, &choice));
    *said = !str_is_empty(choice);
    return OK;
}

status register_end_go_on(struct reg *reg, struct arena *arena, struct report *report)
{
    bool gone;
    str choice = STR(""), certificate;
    TRY(reg_enter_to_end(reg, report, &gone));
    if (!gone)
        TRY(vault_meta(reg->vault, str_from(ending), arena, report, &choice));
    return gone ? reg_retire(reg, NULL, arena, report)
                : go_on(reg, choice, arena, report, &certificate);
}

status registers_end_resume(struct engine *engine, struct report *report)
{
    for (size_t i = engine->reg_count; i > 0; i--) { /* one that goes moves those behind it */
        CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
        struct reg *reg = engine->regs[i - 1];
        str choice, certificate;
        TRY(vault_meta(reg->vault, str_from(ending), arena, report, &choice));
        if (!str_is_empty(choice))
            TRY(go_on(reg, choice, arena, report, &certificate));
    }
    return OK;
}
