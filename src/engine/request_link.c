/* The link by which whoever made a request follows it: state and dates, and nothing of what was
 * asked, of whom it is about or of what was decided. Good for 180 days after the request came in,
 * for every request, signed in or not, unless it is taken back before; kept nowhere. That it was
 * taken back is a switch of the request's dossier, so that no restore brings it to life again. */
#include "desk.h"

/*   1 byte   version of the key and of this layout
 *  16 bytes  the request's random id
 *  16 bytes  MAC over that and the register */
enum { LINK_VERSION = 1, LINK_MAC = 16, LINK_BYTES = 1 + ID_BYTES + LINK_MAC, LINK_DAYS = 180 };

static void link_bytes(struct reg *reg, dossier_id id, unsigned char out[LINK_BYTES])
{
    char room[256];
    struct buf whole = buf_over(room, sizeof(room));
    blind mac;
    out[0] = LINK_VERSION;
    memcpy(out + 1, id.bytes, ID_BYTES);
    buf_field(&whole, (str){(const char *)out, 1 + ID_BYTES});
    buf_field(&whole, reg->id);
    assert(!whole.full);
    keys_tag(vault_keys(reg->vault), STR("request_link/1"), buf_str(&whole), &mac);
    memcpy(out + 1 + ID_BYTES, mac.bytes, LINK_MAC);
}

status engine_request_link(struct reg *reg, dossier_id request, struct arena *arena,
                           struct report *report, str *text)
{
    unsigned char bytes[LINK_BYTES];
    struct buf buf = buf_in(arena, 2 * LINK_BYTES);
    link_bytes(reg, request, bytes);
    buf_base64url(&buf, (str){(const char *)bytes, sizeof(bytes)});
    return buf_finish(&buf, report, text);
}

static bool read_link(struct reg *reg, str text, dossier_id *id)
{
    unsigned char given[LINK_BYTES], made[LINK_BYTES], different = 0;
    size_t length;
    if (!base64url_decode(text, given, LINK_BYTES, &length) || length != LINK_BYTES)
        return false;
    memcpy(id->bytes, given + 1, ID_BYTES);
    link_bytes(reg, *id, made);
    for (size_t i = 0; i < LINK_BYTES; i++)
        different |= (unsigned char)(given[i] ^ made[i]);
    return different == 0;
}

static word off_word(struct call *call)
{
    return words_intern(call->reg->words, STR("request:link"));
}

static bool is_off(struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->switches.count; i++) {
        if (facts->switches.at[i].stop == off_word(call))
            return true;
    }
    return false;
}

status engine_request_unfollow(struct call *call, dossier_id request)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(desk_open(call, request, &dossier));
    struct edit edit = {
        .kind = EDIT_SWITCH, .id = call_record_id(call), .name = off_word(call), .at = call->now};
    TRY(desk_write(call, dossier, "request_unfollow", "", &permit));
    if (!is_off(call, dossier->facts))
        TRY(vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report));
    return desk_store(call, dossier, permit);
}

status engine_request_follow(struct call *call, str link, struct request_followed *followed)
{
    const struct facts *facts = NULL;
    const char *how = "open";
    dossier_id id;
    *followed = (struct request_followed){.closed = NEVER};
    if (!read_link(call->reg, link, &id))
        return OK;
    TRY(reg_facts(call->reg, id, call->report, &facts));
    if (!desk_is_request(call, facts) || is_off(call, facts) ||
        call->now.ms - facts->created.ms >= (int64_t)LINK_DAYS * 24 * 3600 * 1000)
        return OK;
    const struct fact_evidence *closed = desk_closed(call, facts, &how);
    const struct fact_evidence *asked = desk_find(call, facts, "identity:asked");
    struct due due = desk_due(call, facts);
    followed->is = true;
    followed->state = str_from(how);
    followed->proof =
        closed == NULL && asked != NULL && desk_find(call, facts, "identity:proven") == NULL;
    followed->extended = desk_find(call, facts, "extension:told") != NULL;
    followed->received = desk_received(call, facts);
    if (closed != NULL)
        followed->closed = closed->since;
    TRY(desk_date(call, due.date.legal, &followed->legal));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    op.case_ = id;
    return call_log(call, NULL, &op, "request_follow", decision_by_scope());
}
