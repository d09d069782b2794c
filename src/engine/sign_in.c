/* Signing in by a link that comes by mail. */
#include "always.h"
#include "document.h"
#include "engine_internal.h"
#include "sign_in.h"

enum {
    LINKS_MOST = 1024,
    COUNTED_MOST = 1024,
    SHARING_MOST = 8,
    HOUR_MS = 3600000,
    DAY_MS = 24 * HOUR_MS
};

struct link {
    unsigned char hash[32]; /* of the secret */
    unsigned char browser[32], code[32];
    dossier_id subject;
    record_id item;
    instant until;
    uint32_t tries;
    bool shared; /* the address is several people's: a second proof says whose it is */
    bool live;
};
struct counted { /* when links were asked for at an address, the last times */
    record_id item;
    instant at[LINKS_AN_HOUR];
    uint32_t wrong; /* second proofs, in the day that began then */
    instant wrong_from;
};
struct sign_ins {
    struct link links[LINKS_MOST];
    struct counted counted[COUNTED_MOST];
};

static struct sign_ins *sign_ins_of(struct reg *reg)
{
    if (reg->sign_ins == NULL)
        reg->sign_ins = ARENA_NEW(reg->arena, struct sign_ins);
    return reg->sign_ins;
}

struct brief_array reg_links_brief(struct reg *reg)
{
    struct sign_ins *all = sign_ins_of(reg);
    return (struct brief_array){
        "links", all == NULL ? NULL : all->links, sizeof(struct link), LINKS_MOST, NULL, NULL};
}

struct brief_array reg_counted_brief(struct reg *reg)
{
    struct sign_ins *all = sign_ins_of(reg);
    return (struct brief_array){
        "counted", all == NULL ? NULL : all->counted, sizeof(struct counted), COUNTED_MOST, NULL,
        NULL};
}

static void tag_of(struct reg *reg, const char *use, str text, unsigned char tag[32])
{
    blind made;
    keys_tag(vault_keys(reg->vault), str_from(use), text, &made);
    memcpy(tag, made.bytes, sizeof(made.bytes));
}

static bool same_bytes(const unsigned char a[32], const unsigned char b[32])
{
    secret one, two;
    memcpy(one.bytes, a, sizeof(one.bytes));
    memcpy(two.bytes, b, sizeof(two.bytes));
    return secret_equal(&one, &two);
}

/* ---- the browser that asks ---- */

static status random_text(struct call *call, str *text)
{
    unsigned char random[32];
    struct buf buf = buf_in(call->arena, 64);
    world_random(call->reg->world, random, sizeof(random));
    buf_base64url(&buf, (str){(const char *)random, sizeof(random)});
    wipe(random, sizeof(random));
    return buf_finish(&buf, call->report, text);
}

/* Letters that nobody takes for each other, made from the browser's secret: nothing is kept. */
static void code_of(struct reg *reg, str browser, char code[CODE_TEXT])
{
    static const char LETTERS[] = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char tag[32];
    tag_of(reg, "sign-in-code", browser, tag);
    for (size_t i = 0, at = 0; i < CODE_TEXT; i++)
        code[i] = i == 4 ? '-' : LETTERS[tag[at++] % (sizeof(LETTERS) - 1)];
}

status engine_sign_in_browser(struct call *call, str *browser, str *code)
{
    char room[CODE_TEXT];
    TRY(random_text(call, browser));
    code_of(call->reg, *browser, room);
    *code = arena_copy(call->arena, (str){room, sizeof(room)});
    return code->ptr == NULL ? NO_MEMORY(call->report) : OK;
}

/* As it was shown, however it was typed. */
static void typed_tag(struct reg *reg, str typed, unsigned char tag[32])
{
    char room[CODE_TEXT];
    struct buf buf = buf_over(room, sizeof(room));
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.ptr[i];
        if (c == ' ' || c == '-')
            continue;
        if (buf.len == 4)
            buf_char(&buf, '-');
        buf_char(&buf, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    tag_of(reg, "sign-in-typed", buf.full ? STR("") : buf_str(&buf), tag);
}

/* ---- who it is ---- */

struct asking {
    const struct sign_in_ask *request;
    struct subject subject;
    record_id item;
    bool shared;
};

/* What is none of ours, is nobody's or several people's leaves a refusal in the log, so that trying
 * is seen. */
static status nobody(struct call *call, const char *action)
{
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    static const struct decision refuse = {.verdict = VERDICT_REFUSE,
                                           .reason = {.rule = {"always.existence", 16}}};
    return call_log(call, NULL, &op, action, &refuse);
}

static status open_quietly(struct call *call, dossier_id id, struct subject *subject, bool *there)
{
    struct report quiet = {0}, *kept = call->report;
    bool exists, nobody_ = true;
    *there = false;
    TRY(vault_exists(call->reg->vault, id, call->report, &exists));
    if (exists)
        TRY(call_is_suppression(call, id, &nobody_));
    if (nobody_)
        return OK;
    call->report = &quiet;
    status opened = call_open_found(call, id, subject);
    call->report = kept;
    *there = is_ok(opened);
    bool hidden = opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE;
    return *there || hidden ? OK : fail(kept, opened.fault, "%s", quiet.text);
}

/* Those whom the address leads to; nobody where they are too many to tell apart. */
struct sharing {
    struct subject people[SHARING_MOST];
    size_t count;
};

static status find_people(struct call *call, blind hash, struct sharing *sharing)
{
    dossier_id *ids;
    size_t count;
    sharing->count = 0;
    TRY(keys_blind_find_some(vault_keys(call->reg->vault), hash, SHARING_MOST, call->arena,
                             call->report, &ids, &count));
    for (size_t i = 0; i < count; i++) {
        struct subject *found = &sharing->people[sharing->count];
        bool there;
        TRY(open_quietly(call, ids[i], found, &there));
        sharing->count += there;
    }
    if (count == SHARING_MOST)
        sharing->count = 0;
    return OK;
}

bool sign_in_has_second_proof(const struct plan *plan)
{
    for (size_t c = 0; c < plan->category_count; c++) {
        if (plan->category[c].second_proof.stated)
            return true;
    }
    return false;
}

static bool proves(const struct plan *plan, word field)
{
    plan_index index = plan_find(plan, plan->field_of, field);
    return index != NONE && plan->category[plan->field[index].category].second_proof.stated &&
           field_set_has(&plan->category[plan->field[index].category].second_proof, index);
}

static bool is_address(const struct call *call, const struct settled_item *settled)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index field = plan_find(plan, plan->field_of, settled->item->field);
    return settled->alive && field != NONE && plan->field[field].kind == FIELD_EMAIL &&
           settled->item->chunks == 0 && !settled->item->external;
}

/* Which of the person's items holds it: the index leads to people, and may be behind. */
static status find_item(struct call *call, struct asking *asking, blind hash,
                        const struct permit *permit)
{
    struct subject *subject = &asking->subject;
    for (size_t i = 0; i < subject->settled.count && ID_IS_ZERO(asking->item); i++) {
        const struct fact_item *item = subject->settled.items[i].item;
        struct report odd = {0};
        str value;
        blind its;
        if (!is_address(call, &subject->settled.items[i]))
            continue;
        TRY(vault_open_item(call->reg->vault, permit, subject->dossier, item, call->arena,
                            call->report, &value));
        if (is_ok(keys_blind(vault_keys(call->reg->vault), STR("email"), value, &odd, &its)) &&
            memcmp(its.bytes, hash.bytes, sizeof(its.bytes)) == 0)
            asking->item = item->id;
    }
    return OK;
}

/* ---- addresses that took the place of others ---- */

static const char changed_type[] = "address:changed", used_type[] = "address:signed_in";

static const struct fact_evidence *mark_of(const struct call *call, const struct facts *facts,
                                           const char *type, record_id item)
{
    word wanted = words_find(call->reg->words, str_from(type));
    for (size_t i = 0; wanted != 0 && i < facts->evidence.count; i++) {
        if (facts->evidence.at[i].type == wanted && ID_EQUAL(facts->evidence.at[i].id, item))
            return &facts->evidence.at[i];
    }
    return NULL;
}

static status add_mark(struct call *call, struct dossier *dossier, const char *type, record_id item)
{
    struct fact_evidence *added = LIST_ADD(call->arena, &dossier->facts->evidence);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = (struct fact_evidence){.id = item,
                                    .type = words_intern(call->reg->words, str_from(type)),
                                    .since = call->now,
                                    .until = NEVER};
    return OK;
}

bool call_signs_in_by(const struct call *call, const struct facts *facts, record_id item)
{
    return mark_of(call, facts, used_type, item) != NULL;
}

status call_address_changed(struct call *call, struct dossier *dossier, record_id item)
{
    return add_mark(call, dossier, changed_type, item);
}

bool address_changed_lately(const struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_evidence *changed =
            mark_of(call, facts, changed_type, facts->items.at[i].id);
        if (changed != NULL && call->now.ms - changed->since.ms < ADDRESS_WAITS_MS)
            return true;
    }
    return false;
}

/* Has one by which they signed in been taken away? Then whoever did that may have put the next. */
static bool signed_in_by_one_that_is_gone(const struct call *call, const struct facts *facts)
{
    word used = words_find(call->reg->words, str_from(used_type));
    for (size_t i = 0; used != 0 && i < facts->evidence.count; i++) {
        if (facts->evidence.at[i].type == used &&
            facts_find_item(facts, facts->evidence.at[i].id) == NULL)
            return true;
    }
    return false;
}

instant sign_in_waits(const struct call *call, const struct facts *facts, record_id item)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct fact_evidence *changed = mark_of(call, facts, changed_type, item);
    const struct fact_item *mine = facts_find_item(facts, item);
    instant from = changed == NULL ? ALWAYS : changed->since;
    /* Another that came beside an older one is as good as a change. */
    for (size_t i = 0; mine != NULL && i < facts->items.count; i++) {
        const struct fact_item *other = &facts->items.at[i];
        plan_index field = plan_find(plan, plan->field_of, other->field);
        if (field != NONE && plan->field[field].kind == FIELD_EMAIL &&
            before(other->collected, mine->collected))
            from = later(from, mine->collected);
    }
    if (mine != NULL && signed_in_by_one_that_is_gone(call, facts))
        from = later(from, mine->collected);
    if (from.ms == ALWAYS.ms || call->now.ms - from.ms >= ADDRESS_WAITS_MS)
        return ALWAYS;
    return (instant){from.ms + ADDRESS_WAITS_MS};
}

/* ---- asking ---- */

/* Where too many addresses are counted: NULL. */
static struct counted *counted_of(struct call *call, record_id item)
{
    struct sign_ins *all = sign_ins_of(call->reg);
    struct counted *place = NULL;
    for (size_t i = 0; all != NULL && i < COUNTED_MOST; i++) {
        struct counted *here = &all->counted[i];
        bool spent = call->now.ms - here->at[LINKS_AN_HOUR - 1].ms >= HOUR_MS &&
                     call->now.ms - here->wrong_from.ms >= DAY_MS;
        if (ID_EQUAL(here->item, item)) {
            place = here;
            break;
        }
        if (place == NULL && (ID_IS_ZERO(here->item) || spent))
            place = here;
    }
    if (place != NULL && !ID_EQUAL(place->item, item))
        *place = (struct counted){.item = item};
    return place;
}

/* Whoever guesses second proofs at an address guesses no more that day. */
static bool guessed_too_often(struct call *call, record_id item, bool wrong)
{
    struct counted *place = counted_of(call, item);
    if (place == NULL)
        return true;
    if (call->now.ms - place->wrong_from.ms >= DAY_MS)
        place->wrong = 0;
    if (wrong && place->wrong++ == 0)
        place->wrong_from = call->now;
    return place->wrong >= WRONG_PROOFS_A_DAY;
}

/* At most three an hour; where too many addresses are counted, no more are written to. */
bool sign_in_count(struct call *call, record_id item)
{
    struct counted *place = counted_of(call, item);
    if (place == NULL)
        return false;
    if (place->at[0].ms != 0 && call->now.ms - place->at[0].ms < HOUR_MS)
        return false;
    memmove(&place->at[0], &place->at[1], (LINKS_AN_HOUR - 1) * sizeof(place->at[0]));
    place->at[LINKS_AN_HOUR - 1] = call->now;
    return true;
}

static void put_tag(struct json_out *out, const char *name, const unsigned char tag[32])
{
    char room[64];
    struct buf buf = buf_over(room, sizeof(room));
    buf_base64url(&buf, (str){(const char *)tag, 32});
    json_key(out, name);
    json_put_str(out, buf_str(&buf));
}

static status letter_json(struct call *call, const struct sign_in_ask *request, bool shared,
                          str *json)
{
    unsigned char browser[32], code[32];
    char shown[CODE_TEXT];
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    tag_of(call->reg, "sign-in-browser", request->browser, browser);
    code_of(call->reg, request->browser, shown);
    typed_tag(call->reg, (str){shown, sizeof(shown)}, code);
    json_open_object(&out);
    json_key(&out, "letter");
    json_put_text(&out, "link");
    json_key(&out, "language");
    json_put_str(&out, request->language);
    put_tag(&out, "browser", browser);
    put_tag(&out, "code", code);
    if (shared) {
        json_key(&out, "shared");
        json_put_bool(&out, true);
    }
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

status call_letter(struct call *call, struct dossier *dossier, const struct permit *permit,
                   record_id item, str json)
{
    struct fact_task task = {.kind = TASK_LETTER,
                             .channel = words_intern(call->reg->words, STR("email")),
                             .item = item,
                             .due = NEVER};
    call->reg->mail_news = true;
    return call_task_add(call, dossier, permit, &task, json);
}

static status ask_one(struct call *call, struct asking *asking, blind hash)
{
    struct dossier *dossier = asking->subject.dossier;
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    const struct permit *permit;
    str json;
    op.by_subject = true;
    TRY(call_write(call, dossier->facts, &op, "sign_in_ask", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(find_item(call, asking, hash, permit));
    if (!ID_IS_ZERO(asking->item) && !facts_are_dead(call, dossier->facts) &&
        sign_in_waits(call, dossier->facts, asking->item).ms == ALWAYS.ms &&
        !guessed_too_often(call, asking->item, false) && sign_in_count(call, asking->item)) {
        TRY(letter_json(call, asking->request, asking->shared, &json));
        TRY(call_letter(call, dossier, permit, asking->item, json));
    }
    return call_store(call, &asking->subject, permit);
}

status engine_sign_in_ask(struct call *call, const struct sign_in_ask *request)
{
    struct asking asking = {.request = request};
    struct sharing sharing = {.count = 0};
    struct report odd = {0};
    blind hash;
    if (is_ok(keys_blind(vault_keys(call->reg->vault), STR("email"), str_trim(request->address),
                         &odd, &hash)))
        TRY(find_people(call, hash, &sharing));
    asking.shared = sharing.count > 1;
    if (sharing.count == 0 ||
        (asking.shared && !sign_in_has_second_proof(reg_plan(call->reg, call->now))))
        return nobody(call, "sign_in_ask");
    /* The letter lies with one of them, whoever it is from: nobody knows yet. */
    asking.subject = sharing.people[0];
    return ask_one(call, &asking, hash);
}

/* ---- the mail ---- */

static struct link *place_for(struct sign_ins *all)
{
    struct link *place = &all->links[0];
    for (size_t i = 0; i < LINKS_MOST; i++) {
        struct link *here = &all->links[i];
        if (!here->live)
            return here;
        if (before(here->until, place->until))
            place = here;
    }
    return place;
}

static bool get_tag(const struct json *json, const char *name, unsigned char tag[32])
{
    str text;
    size_t length;
    return json_str(json_get(json, name), &text) && base64url_decode(text, tag, 32, &length) &&
           length == 32;
}

/* Made as the mail leaves: its secret was nowhere before. */
static status make_link(struct call *call, const struct json *json, dossier_id subject,
                        const struct fact_task *task, str *text)
{
    struct sign_ins *all = sign_ins_of(call->reg);
    struct link link = {
        .subject = subject, .item = task->item, .until = {task->since.ms + LINK_MS}, .live = true};
    (void)json_bool(json_get(json, "shared"), &link.shared);
    if (all == NULL)
        return NO_MEMORY(call->report);
    if (!get_tag(json, "browser", link.browser) || !get_tag(json, "code", link.code))
        return fail(call->report, FAULT_CORRUPT, "a mail that waits is damaged");
    TRY(random_text(call, text));
    tag_of(call->reg, "sign-in-link", *text, link.hash);
    *place_for(all) = link;
    return OK;
}

static status link_text(struct call *call, str url, str secret_text, enum language language,
                        struct mail_content *content)
{
    struct buf buf = buf_in(call->arena, 4096);
    content->heading = text_in(TEXT_sign_in_heading, language);
    buf_add(&buf, text_in(TEXT_sign_in_before, language));
    buf_text(&buf, "\n\n");
    buf_add(&buf, url);
    buf_text(&buf, "/r/");
    buf_add(&buf, reg_public_id(call->reg));
    buf_text(&buf, "/sign-in/");
    buf_add(&buf, secret_text);
    buf_text(&buf, "\n\n");
    buf_add(&buf, text_in(TEXT_sign_in_after, language));
    buf_char(&buf, '\n');
    return buf_finish(&buf, call->report, &content->text);
}

status call_letter_text(struct call *call, const struct json *json, dossier_id subject,
                        const struct fact_task *task, str url, struct mail_content *content)
{
    str letter, tag = STR(""), secret_text;
    enum language language;
    if (!json_str(json_get(json, "letter"), &letter))
        return fail(call->report, FAULT_CORRUPT, "a mail that waits is damaged");
    (void)json_str(json_get(json, "language"), &tag);
    TRY(language_pick(reg_plan(call->reg, call->now), tag, STR(""), call->report, &language));
    if (str_is(letter, "link")) {
        TRY(make_link(call, json, subject, task, &secret_text));
        return link_text(call, url, secret_text, language, content);
    }
    (void)json_str(json_get(json, "to"), &content->to);
    if (!str_is(letter, "changed"))
        return call_code_text(call, json, subject, str_is(letter, "code_old"), language, content);
    content->heading = text_in(TEXT_address_changed_heading, language);
    content->text = text_in(TEXT_address_changed, language);
    return OK;
}

/* A link that was not sent in its time is not sent; other letters wait for three days. A paper
 * (letter.c) has a name and waits until it was sent or given up. */
instant letter_over(const struct fact_task *task)
{
    if (task->name != 0)
        return NEVER;
    int64_t most = ID_IS_ZERO(task->item) ? ADDRESS_WAITS_MS : LINK_MS;
    return task->kind == TASK_LETTER ? (instant){task->since.ms + most} : NEVER;
}

bool letter_is_late(const struct call *call, const struct fact_task *task)
{
    return !before(call->now, letter_over(task));
}

/* ---- using ---- */

static struct link *find_link(struct reg *reg, str text)
{
    unsigned char hash[32];
    struct link *found = NULL;
    tag_of(reg, "sign-in-link", text, hash);
    for (size_t i = 0; reg->sign_ins != NULL && i < LINKS_MOST; i++) {
        if (reg->sign_ins->links[i].live && same_bytes(reg->sign_ins->links[i].hash, hash))
            found = &reg->sign_ins->links[i];
    }
    return found;
}

/* By the browser that asked, or by the code that was shown there. */
static bool is_bound(struct reg *reg, const struct link *link, const struct sign_in_use *request)
{
    unsigned char browser[32], code[32];
    tag_of(reg, "sign-in-browser", request->browser, browser);
    typed_tag(reg, request->code, code);
    bool same_browser = !str_is_empty(request->browser) && same_bytes(browser, link->browser);
    return same_browser || (!str_is_empty(request->code) && same_bytes(code, link->code));
}

/* That the address signs somebody in, so that it is not changed by whoever may rectify. */
static status note_use(struct call *call, struct subject *subject, record_id item)
{
    struct operation op = call_operation(call, ACTION_RECORD, subject->dossier->facts->id);
    const struct permit *permit;
    if (call_signs_in_by(call, subject->dossier->facts, item))
        return OK;
    op.by_subject = true;
    TRY(call_write(call, subject->dossier->facts, &op, "sign_in_first", decision_by_scope(), NULL,
                   0, &permit));
    TRY(add_mark(call, subject->dossier, used_type, item));
    return call_store(call, subject, permit);
}

/* ---- the second proof ---- */

struct proving {
    struct sharing sharing;
    blind address;
    str typed;
    dossier_id subject; /* whom it proves; zero: nobody, or several */
    record_id item;     /* of theirs: the address */
};

/* Is what was typed the value of a field that proves? Each is held against it, whatever the last
 * one gave; nothing is compared but keyed hashes. */
static status proves_one(struct call *call, struct proving *proving, struct subject *person,
                         const struct permit *permit, bool *proven)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct keys *keys = vault_keys(call->reg->vault);
    *proven = false;
    for (size_t i = 0; i < person->settled.count; i++) {
        const struct fact_item *item = person->settled.items[i].item;
        struct report odd = {0};
        blind theirs, typed;
        str value;
        if (!person->settled.items[i].alive || item->chunks > 0 || item->external ||
            !proves(plan, item->field))
            continue;
        str kind = blind_kind(plan, &plan->field[plan_find(plan, plan->field_of, item->field)]);
        TRY(vault_open_item(call->reg->vault, permit, person->dossier, item, call->arena,
                            call->report, &value));
        bool made = is_ok(keys_blind(keys, kind, value, &odd, &theirs)) &&
                    is_ok(keys_blind(keys, kind, proving->typed, &odd, &typed));
        *proven |= made && same_bytes(theirs.bytes, typed.bytes);
    }
    return OK;
}

static status try_one(struct call *call, struct proving *proving, struct subject *person,
                      size_t *proven)
{
    const struct facts *facts = person->dossier->facts;
    struct asking asking = {.subject = *person};
    struct operation op = call_operation(call, ACTION_RECORD, facts->id);
    const struct permit *permit;
    bool is;
    op.by_subject = true;
    TRY(call_write(call, facts, &op, "sign_in_proof", decision_by_scope(), NULL, 0, &permit));
    TRY(find_item(call, &asking, proving->address, permit));
    TRY(proves_one(call, proving, person, permit, &is));
    if (!is || ID_IS_ZERO(asking.item))
        return OK;
    (*proven)++;
    proving->subject = facts->id;
    proving->item = asking.item;
    return OK;
}

/* Whose address it is, by the item that the link went to. */
static status address_of(struct call *call, const struct link *link, blind *hash, bool *there)
{
    struct subject home;
    const struct permit *permit;
    str value;
    TRY(open_quietly(call, link->subject, &home, there));
    const struct fact_item *item = *there ? facts_find_item(home.dossier->facts, link->item) : NULL;
    *there = item != NULL;
    if (item == NULL)
        return OK;
    struct operation op = call_operation(call, ACTION_RECORD, link->subject);
    op.by_subject = true;
    TRY(call_write(call, home.dossier->facts, &op, "sign_in_proof", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(vault_open_item(call->reg->vault, permit, home.dossier, item, call->arena, call->report,
                        &value));
    struct report odd = {0};
    *there = is_ok(keys_blind(vault_keys(call->reg->vault), STR("email"), value, &odd, hash));
    return OK;
}

/* The one of them whom the proof is of: `link` becomes theirs, else nobody's. */
static status prove(struct call *call, struct link *link, str typed)
{
    struct proving proving = {.typed = str_trim(typed)};
    record_id home = link->item;
    size_t proven = 0;
    bool there = false;
    if (!guessed_too_often(call, home, false))
        TRY(address_of(call, link, &proving.address, &there));
    if (there && !str_is_empty(proving.typed))
        TRY(find_people(call, proving.address, &proving.sharing));
    for (size_t i = 0; i < proving.sharing.count; i++)
        TRY(try_one(call, &proving, &proving.sharing.people[i], &proven));
    link->subject = proven == 1 ? proving.subject : (dossier_id){{0}};
    link->item = proving.item;
    if (proven != 1)
        (void)guessed_too_often(call, home, true);
    return OK;
}

status engine_sign_in_use(struct call *call, const struct sign_in_use *request, bool *in,
                          struct session_opened *opened)
{
    struct link *there = find_link(call->reg, request->link), link;
    struct subject subject;
    *in = false;
    if (there == NULL)
        return nobody(call, "sign_in");
    link = *there;
    bool bound = is_bound(call->reg, there, request);
    bool late = !before(call->now, link.until);
    if (bound && !late && link.shared)
        TRY(prove(call, &link, request->proof));
    bool proven = !ID_IS_ZERO(link.subject);
    if ((bound && proven) || late || ++there->tries >= LINK_TRIES)
        wipe(there, sizeof(*there));
    if (!bound || late || !proven)
        return nobody(call, "sign_in");
    TRY(open_quietly(call, link.subject, &subject, in));
    *in = *in && facts_find_item(subject.dossier->facts, link.item) != NULL &&
          !facts_are_dead(call, subject.dossier->facts) &&
          sign_in_waits(call, subject.dossier->facts, link.item).ms == ALWAYS.ms;
    if (!*in)
        return nobody(call, "sign_in");
    TRY(note_use(call, &subject, link.item));
    struct session_open open = {.subject = link.subject,
                                .address = link.item,
                                .how = "link",
                                .replaces = request->replaces};
    return engine_session_open(call, &open, opened);
}

/* ---- by what a provider vouches for ---- */

bool sign_in_is_provable(str kind)
{
    return str_is(kind, "number") || str_is(kind, "email") || str_is(kind, "national_id");
}

static bool leads_here(const struct facts *facts, blind hash)
{
    for (size_t i = 0; i < facts->hashes.count; i++) {
        if (same_bytes(facts->hashes.at[i].bytes, hash.bytes))
            return true;
    }
    return false;
}

/* The item of the address, as for a link; zero where it does not sign in. */
static status address_item(struct call *call, struct subject *person, blind hash, record_id *item)
{
    struct asking asking = {.subject = *person};
    struct operation op = call_operation(call, ACTION_RECORD, person->dossier->facts->id);
    const struct permit *permit;
    op.by_subject = true;
    TRY(call_write(call, person->dossier->facts, &op, "sign_in_proof", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(find_item(call, &asking, hash, permit));
    bool signs_in = !ID_IS_ZERO(asking.item) &&
                    sign_in_waits(call, person->dossier->facts, asking.item).ms == ALWAYS.ms;
    *item = signs_in ? asking.item : (record_id){{0}};
    return signs_in ? note_use(call, person, asking.item) : OK;
}

status engine_sign_in_vouched(struct call *call, const struct sign_in_vouched *request, bool *in,
                              struct session_opened *opened)
{
    struct sharing sharing = {.count = 0};
    struct report odd = {0};
    record_id item = {{0}};
    blind hash;
    bool address = str_is(request->kind, "email");
    *in = false;
    assert(sign_in_is_provable(request->kind));
    if (!str_is_empty(request->value) &&
        is_ok(keys_blind(vault_keys(call->reg->vault), request->kind, request->value, &odd, &hash)))
        TRY(find_people(call, hash, &sharing));
    struct subject *person = &sharing.people[0];
    if (sharing.count != 1 || facts_are_dead(call, person->dossier->facts) ||
        !leads_here(person->dossier->facts, hash))
        return nobody(call, "sign_in");
    if (address)
        TRY(address_item(call, person, hash, &item));
    if (address && ID_IS_ZERO(item))
        return nobody(call, "sign_in");
    struct session_open open = {.subject = person->dossier->facts->id,
                                .address = item,
                                .identifier = hash,
                                .how = "openid",
                                .replaces = request->replaces};
    *in = true;
    return engine_session_open(call, &open, opened);
}
