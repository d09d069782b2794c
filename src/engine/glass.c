/* Breaking the glass: a member of the staff reads outside their role, for a reason that they state,
 * one person or one matter, for an hour.
 *
 * It sets aside the staff's own gate and no other: what a law, `never`, an end, an erasure or a
 * restriction closes stays closed. Whoever has no role that is open (no training, no delegation)
 * breaks nothing. Each time raises an alarm that stays open until another has looked at it; until
 * then the same member opens the same thing no second time. The reason is a sealed record of the
 * member's dossier, of which the log holds a salted hash. */
#include "engine_internal.h"
#include "json.h"

enum { GLASS_MS = 3600000, REASON_BYTES = 4096, SALT_BYTES = 16 };

/* A free type that no policy can name. */
static word glass_word(const struct call *call)
{
    return words_intern(call->reg->words, STR("glass:broken"));
}

static struct binding bound_to(dossier_id subject, dossier_id matter)
{
    bool person = !ID_IS_ZERO(subject);
    return (struct binding){.slot = person ? SLOT_SUBJECT : SLOT_MATTER,
                            .id = person ? subject : matter};
}

static const struct fact_evidence *live_glass(const struct call *call, const struct facts *member,
                                              struct binding about)
{
    word type = glass_word(call);
    for (size_t i = 0; member != NULL && i < member->evidence.count; i++) {
        const struct fact_evidence *glass = &member->evidence.at[i];
        if (glass->type == type && glass->bound_count == 1 && glass->bound[0].slot == about.slot &&
            ID_EQUAL(glass->bound[0].id, about.id) && before(call->now, glass->until))
            return glass;
    }
    return NULL;
}

/* Salt and words go into the record, the hash of both into the entry. */
static status seal_reason(struct call *call, str reason, str *json)
{
    unsigned char salt[SALT_BYTES];
    char room[2 * SALT_BYTES + 1];
    merkle_hash *hash = ARENA_NEW(call->arena, merkle_hash);
    if (hash == NULL)
        return NO_MEMORY(call->report);
    world_random(call->reg->world, salt, sizeof(salt));
    str pieces[] = {{(const char *)salt, sizeof(salt)}, reason};
    struct hasher *hasher = hasher_new();
    *hash = hasher_sha256_of(hasher, pieces, LENGTH(pieces));
    hasher_free(&hasher);
    call->reasons = hash;
    struct buf hex = buf_over(room, sizeof(room));
    buf_hex(&hex, pieces[0]);
    struct buf buf = buf_in(call->arena, 2 * REASON_BYTES + 256);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "salt");
    json_put_str(&out, buf_str(&hex));
    json_key(&out, "reason");
    json_put_str(&out, reason);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static struct alarm_cause cause_of(dossier_id member, struct binding about)
{
    struct alarm_cause cause = {.kind = ALARM_BREAK_GLASS};
    alarm_about(&cause, SLOT_ACTOR, member);
    alarm_about(&cause, about.slot, about.id);
    return cause;
}

/* The person must be one whom the caller may know of; a matter must be there. */
static status check_there(struct call *call, const struct glass_break *request)
{
    struct subject subject;
    struct dossier *matter;
    if (!ID_IS_ZERO(request->subject))
        return call_open(call, request->subject, &subject);
    return call_open_dossier(call, request->matter, DOSSIER_MATTER, &matter);
}

static status check_member(struct call *call, const struct facts *member, struct binding about)
{
    bool waits;
    struct alarm_cause cause = cause_of(member->id, about);
    if (!staff_may(call, member, UINT32_MAX))
        return call_refuse_always(call, member, ACTION_READ, ALWAYS_staff_by_role);
    TRY(call_alarm_is_open(call, &cause, &waits));
    if (waits)
        return fail(call->report, FAULT_CONFLICT, "the last time has not been reviewed yet");
    return OK;
}

status engine_glass_break(struct call *call, const struct glass_break *request)
{
    struct binding about = bound_to(request->subject, request->matter);
    struct dossier *member;
    const struct permit *permit;
    str json;
    if (str_is_empty(str_trim(request->reason)) || request->reason.len > REASON_BYTES)
        return fail_at(call->report, FAULT_INVALID, "/reason", "say why, in at most %d bytes",
                       REASON_BYTES);
    TRY(call_check_texts(call, &request->reason, 1));
    TRY(check_there(call, request));
    if (ID_IS_ZERO(call->caller->actor))
        return engine_forbid(call, STR("staff"));
    TRY(call_open_dossier(call, call->caller->actor, DOSSIER_STAFF, &member));
    TRY(check_member(call, member->facts, about));
    TRY(seal_reason(call, request->reason, &json));
    struct operation op = call_operation(call, ACTION_READ, request->subject);
    op.matter = request->matter;
    TRY(call_write(call, member->facts, &op, "break_glass", decision_by_scope(), NULL, 0, &permit));
    call->reasons = NULL;
    TRY(call_add_evidence(call, member, permit, glass_word(call), &about, 1, call->now,
                          (instant){call->now.ms + GLASS_MS}, json));
    TRY(call_store_dossier(call, member, permit));
    struct alarm_cause cause = cause_of(member->facts->id, about);
    return call_alarm(call, &cause);
}

status call_glass_is_broken(struct call *call, const struct operation *op, bool *broken,
                            bool *matter)
{
    const struct facts *member;
    *broken = *matter = false;
    if (ID_IS_ZERO(op->actor) || op->action != ACTION_READ)
        return OK;
    TRY(reg_facts(call->reg, op->actor, call->report, &member));
    bool person = live_glass(call, member, bound_to(op->subject, (dossier_id){{0}})) != NULL;
    *matter = !person && !ID_IS_ZERO(op->matter) &&
              live_glass(call, member, bound_to((dossier_id){{0}}, op->matter)) != NULL;
    *broken = person || *matter;
    return OK;
}

/* The review ends it, if the hour has not. */
status call_glass_reviewed(struct call *call, dossier_id who, dossier_id subject, dossier_id matter)
{
    struct dossier *member;
    enum presence presence;
    const struct permit *permit;
    TRY(vault_load(call->reg->vault, who, call->arena, call->report, &presence, &member));
    if (presence != PRESENCE_LIVE || member->facts->kind != DOSSIER_STAFF)
        return OK;
    const struct fact_evidence *glass = live_glass(call, member->facts, bound_to(subject, matter));
    if (glass == NULL)
        return OK;
    record_id id = glass->id;
    struct operation op = call_operation(call, ACTION_RECORD, who);
    TRY(call_write(call, member->facts, &op, "glass_end", decision_by_scope(), NULL, 0, &permit));
    TRY(call_end_evidence(call, member, id, call->now));
    return call_store_dossier(call, member, permit);
}
