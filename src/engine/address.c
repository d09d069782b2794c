/* A person changes the address that they sign in by: a code goes to the old one and another to the
 * new, and both come back. What changes by itself in a mailbox is not enough, and neither is one
 * mailbox. */
#include "document.h"
#include "engine_internal.h"
#include "sign_in.h"

enum { CHANGES_MOST = 256, CHANGE_TRIES = 5, CODE_LETTERS = 8 };

struct change {
    dossier_id subject;
    record_id item;
    unsigned char value[32], old_code[32], new_code[32]; /* zero: not sent yet */
    instant until;
    uint32_t tries;
    bool live;
};
struct address_changes {
    struct change at[CHANGES_MOST];
};

static struct address_changes *changes_of(struct reg *reg)
{
    if (reg->changes == NULL)
        reg->changes = ARENA_NEW(reg->arena, struct address_changes);
    return reg->changes;
}

struct brief_array reg_changes_brief(struct reg *reg)
{
    struct address_changes *all = changes_of(reg);
    return (struct brief_array){
        "changes", all == NULL ? NULL : all->at, sizeof(struct change), CHANGES_MOST, NULL, NULL};
}

static void tag_of(struct reg *reg, const char *use, str text, unsigned char tag[32])
{
    blind made;
    keys_tag(vault_keys(reg->vault), str_from(use), text, &made);
    memcpy(tag, made.bytes, sizeof(made.bytes));
}

static struct change *find(struct reg *reg, dossier_id subject, record_id item)
{
    for (size_t i = 0; reg->changes != NULL && i < CHANGES_MOST; i++) {
        struct change *change = &reg->changes->at[i];
        if (change->live && ID_EQUAL(change->subject, subject) && ID_EQUAL(change->item, item))
            return change;
    }
    return NULL;
}

static struct change *place_for(struct reg *reg, dossier_id subject, record_id item)
{
    struct change *place = find(reg, subject, item);
    if (changes_of(reg) == NULL)
        return NULL;
    for (size_t i = 0; place == NULL && i < CHANGES_MOST; i++) {
        if (!reg->changes->at[i].live)
            place = &reg->changes->at[i];
    }
    for (size_t i = 0; reg->changes != NULL && place == NULL && i < CHANGES_MOST; i++) {
        if (!before(reg_now(reg), reg->changes->at[i].until))
            place = &reg->changes->at[i];
    }
    return place;
}

static status check_item(struct call *call, const struct address_change *request,
                         struct subject *subject)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    blind odd;
    TRY(call_open(call, call->caller->subject, subject));
    const struct fact_item *item = facts_find_item(subject->dossier->facts, request->item);
    plan_index field =
        item == NULL ? (plan_index)NONE : plan_find(plan, plan->field_of, item->field);
    if (field == NONE || plan->field[field].kind != FIELD_EMAIL)
        return call_not_here(call);
    struct report wrong = {0};
    if (!is_ok(
            keys_blind(vault_keys(call->reg->vault), STR("email"), request->value, &wrong, &odd)))
        return fail_at(call->report, FAULT_INVALID, "/value", "this is no e-mail address");
    return OK;
}

static status letter(struct call *call, struct subject *subject, const struct permit *permit,
                     const struct address_change *request, bool old)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    char id[2 * ID_TEXT];
    struct buf item = buf_over(id, sizeof(id));
    str json;
    buf_id(&item, request->item.bytes);
    json_open_object(&out);
    json_key(&out, "letter");
    json_put_text(&out, old ? "code_old" : "code_new");
    json_key(&out, "language");
    json_put_str(&out, request->language);
    json_key(&out, "item");
    json_put_str(&out, buf_str(&item));
    if (!old) {
        json_key(&out, "to");
        json_put_str(&out, request->value);
    }
    json_close_object(&out);
    TRY(buf_finish(&buf, call->report, &json));
    return call_letter(call, subject->dossier, permit, old ? request->item : (record_id){{0}},
                       json);
}

status engine_address_ask(struct call *call, const struct address_change *request)
{
    struct subject subject;
    const struct permit *permit;
    TRY(check_item(call, request, &subject));
    if (!sign_in_count(call, request->item))
        return fail(call->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    struct change *change = place_for(call->reg, subject.dossier->facts->id, request->item);
    if (change == NULL)
        return fail(call->report, FAULT_LIMIT, "too many addresses are being changed");
    *change = (struct change){.subject = subject.dossier->facts->id,
                              .item = request->item,
                              .until = {call->now.ms + LINK_MS},
                              .live = true};
    tag_of(call->reg, "address-value", request->value, change->value);
    struct operation op = call_operation(call, ACTION_RECORD, subject.dossier->facts->id);
    op.by_subject = true;
    TRY(call_write(call, subject.dossier->facts, &op, "address_ask", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(letter(call, &subject, permit, request, true));
    TRY(letter(call, &subject, permit, request, false));
    call->outcome.http = 202;
    call->outcome.record = request->item;
    return call_store(call, &subject, permit);
}

/* A code is made as its mail leaves; what it is for may be over by then. */
status call_code_text(struct call *call, const struct json *json, dossier_id subject, bool old,
                      unsigned said_in, struct mail_content *content)
{
    static const char LETTERS[] = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char random[CODE_LETTERS];
    char room[CODE_LETTERS];
    enum language language = (enum language)said_in;
    record_id item;
    str text;
    if (!json_str(json_get(json, "item"), &text) || !id_parse(text, item.bytes))
        return fail(call->report, FAULT_CORRUPT, "a mail that waits is damaged");
    struct change *change = find(call->reg, subject, item);
    if (change == NULL || !before(call->now, change->until))
        return fail(call->report, FAULT_GONE, "%s", fault_text(FAULT_GONE));
    world_random(call->reg->world, random, sizeof(random));
    for (size_t i = 0; i < CODE_LETTERS; i++)
        room[i] = LETTERS[random[i] % (sizeof(LETTERS) - 1)];
    tag_of(call->reg, "address-code", (str){room, sizeof(room)},
           old ? change->old_code : change->new_code);
    struct buf buf = buf_in(call->arena, 2048);
    content->heading = text_in(TEXT_address_code_heading, language);
    buf_add(&buf, text_in(TEXT_address_code, language));
    buf_text(&buf, "\n\n");
    buf_add(&buf, (str){room, sizeof(room)});
    buf_char(&buf, '\n');
    return buf_finish(&buf, call->report, &content->text);
}

static bool is_code(struct reg *reg, str code, const unsigned char wanted[32])
{
    static const unsigned char none[32];
    secret a, b;
    unsigned char tag[32];
    tag_of(reg, "address-code", code, tag);
    memcpy(a.bytes, tag, sizeof(a.bytes));
    memcpy(b.bytes, wanted, sizeof(b.bytes));
    return memcmp(wanted, none, sizeof(none)) != 0 && secret_equal(&a, &b);
}

status engine_address_confirm(struct call *call, const struct address_change *request)
{
    struct subject subject;
    unsigned char value[32];
    TRY(check_item(call, request, &subject));
    struct change *change = find(call->reg, subject.dossier->facts->id, request->item);
    tag_of(call->reg, "address-value", request->value, value);
    bool right = change != NULL && before(call->now, change->until) &&
                 memcmp(change->value, value, sizeof(value)) == 0;
    right = right && is_code(call->reg, request->old_code, change->old_code) &&
            is_code(call->reg, request->new_code, change->new_code);
    if (change != NULL && (right || ++change->tries >= CHANGE_TRIES))
        wipe(change, sizeof(*change));
    if (!right)
        return fail(call->report, FAULT_CONFLICT,
                    "these are not the codes that both addresses got in the last quarter of an "
                    "hour");
    struct rectify rectify = {.subject = subject.dossier->facts->id,
                              .item = request->item,
                              .value = request->value,
                              .by_subject = true,
                              .proven = true};
    return engine_rectify(call, &rectify);
}
