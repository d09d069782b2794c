/* The index that users search: keyed hashes of whole values, of words and of their beginnings, for
 * the fields that a searchable audience may see. They lie in keys.db, never in a backup of data,
 * and in the person's facts under a kind of their own, so that what is taken away needs no scan.
 *
 *   contact.work_email  "kari.nordmann@firma.no"
 *      whole  kari.nordmann@firma.no     word  kari, nordmann     beginning  kar, nor, nord, ...
 *
 * What stands in it follows the facts: each storing of a person settles what may be found by now,
 * takes away the rest (an edit: no restore revives it) and adds what is new. */
#include "normalise.h"
#include "search.h"

enum {
    VALUE_WORDS = 4,    /* of one value; the rest is found by the whole value alone */
    FACTS_HASHES = 256, /* of one person: about 9 KB of the 32 */
    KIND_ROOM = 128
};

bool search_has_audience(const struct plan *plan)
{
    for (size_t i = 0; i < plan->recipient_count; i++) {
        if (plan->recipient[i].searchable)
            return true;
    }
    return false;
}

/* The kind under which a field's hashes stand in the facts; no name of a policy has a slash. */
static word kind_of(struct call *call, word field)
{
    char room[KIND_ROOM];
    struct buf buf = buf_over(room, sizeof(room));
    buf_text(&buf, "search/");
    buf_add(&buf, call_text(call, field));
    return buf.full ? 0 : words_intern(call->reg->words, buf_str(&buf));
}

void search_hash(struct call *call, word field, enum search_match match, str piece, blind *hash)
{
    static const char *const KINDS[] = {[SEARCH_WHOLE] = "search:whole",
                                        [SEARCH_WORD] = "search:word",
                                        [SEARCH_PREFIX] = "search:prefix"};
    char room[NORMAL_ROOM + KIND_ROOM];
    struct buf buf = buf_over(room, sizeof(room));
    buf_field(&buf, call_text(call, field));
    buf_field(&buf, piece);
    keys_tag(vault_keys(call->reg->vault), str_from(KINDS[match]), buf_str(&buf), hash);
    wipe(room, sizeof(room));
}

/* ---- pieces of a value ---- */

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

bool search_next_word(str *rest, str *one)
{
    size_t at = 0;
    while (at < rest->len && !in_word(rest->ptr[at]))
        at++;
    size_t to = at;
    while (to < rest->len && in_word(rest->ptr[to]))
        to++;
    *one = str_slice(*rest, at, to);
    *rest = str_slice(*rest, to, rest->len);
    return one->len > 0;
}

size_t search_letters(str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return count;
}

/* The first `letters` letters, whole ones. */
static str beginning(str text, size_t letters)
{
    size_t at = 0;
    for (size_t seen = 0; at < text.len; at++) {
        bool starts = ((unsigned char)text.ptr[at] & 0xc0) != 0x80;
        if (starts && seen++ == letters)
            break;
    }
    return str_slice(text, 0, at);
}

/* What has words: names, texts, addresses and the local part of an e-mail address. */
static str worded(const struct plan *plan, const struct plan_field *field, str normal)
{
    str kind = blind_kind(plan, field);
    if (str_is(kind, "name") || str_is(kind, "text"))
        return normal;
    size_t at = normal.len;
    while (at > 0 && normal.ptr[at - 1] != '@')
        at--;
    return str_is(kind, "email") && at > 0 ? str_slice(normal, 0, at - 1) : STR("");
}

static status add_piece(struct call *call, struct dossier *dossier, word field,
                        enum search_match match, str piece)
{
    blind hash;
    search_hash(call, field, match, piece, &hash);
    return vault_identify(call->reg->vault, dossier, kind_of(call, field), hash, call->arena,
                          call->report);
}

static status add_words(struct call *call, struct dossier *dossier, word field, str text)
{
    str one;
    for (size_t count = 0; count < VALUE_WORDS && search_next_word(&text, &one); count++) {
        size_t letters = search_letters(one);
        TRY(add_piece(call, dossier, field, SEARCH_WORD, one));
        for (size_t n = SEARCH_LETTERS_LEAST; n <= SEARCH_LETTERS_MOST && n <= letters; n++)
            TRY(add_piece(call, dossier, field, SEARCH_PREFIX, beginning(one, n)));
    }
    return OK;
}

status search_normal(const struct plan *plan, const struct plan_field *field, str value,
                     struct buf *normal)
{
    struct report odd = {0};
    return normalise(blind_kind(plan, field), value, normal, &odd);
}

static status add_value(struct call *call, struct dossier *dossier, const struct plan_field *field,
                        str value)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    char room[NORMAL_ROOM];
    struct buf normal = buf_over(room, sizeof(room));
    /* What is no value of its kind, or too long to be looked up, is not found by it. */
    if (!is_ok(search_normal(plan, field, value, &normal))) {
        wipe(room, sizeof(room));
        return OK;
    }
    status added = add_piece(call, dossier, field->name, SEARCH_WHOLE, buf_str(&normal));
    if (is_ok(added) && dossier->facts->hashes.count < FACTS_HASHES)
        added = add_words(call, dossier, field->name, worded(plan, field, buf_str(&normal)));
    wipe(room, sizeof(room));
    return added;
}

/* ---- what may be found by now ---- */

static bool switched_off(const struct plan *plan, const struct facts *facts, plan_index recipient)
{
    for (size_t i = 0; i < facts->switches.count; i++) {
        for (size_t s = 0; s < plan->stop_count; s++) {
            const struct plan_switch *stop = &plan->stop[s];
            if (stop->clause.name == facts->switches.at[i].stop && stop->stops_recipients.stated &&
                refs_has(&stop->stops_recipients, recipient))
                return true;
        }
    }
    return false;
}

static bool serves(const struct call *call, const struct plan *plan, plan_index recipient,
                   const struct settled_item *item)
{
    for (size_t g = 0; g < item->ground_count; g++) {
        const struct ground *ground = &item->grounds[g];
        if (ground->started && before(call->now, ground->end) &&
            refs_has(&plan->recipient[recipient].purposes, ground->purpose))
            return true;
    }
    return false;
}

static bool is_listed(const struct call *call, const struct subject *subject,
                      const struct settled_item *item)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index field = plan_find(plan, plan->field_of, item->item->field);
    if (field == NONE || !item->alive || item->restricted || item->item->external ||
        plan->field[field].kind == FIELD_FILE)
        return false;
    for (size_t r = 0; r < plan->recipient_count; r++) {
        const struct plan_recipient *recipient = &plan->recipient[r];
        if (recipient->searchable && !recipient->clause.closed && !recipient->never &&
            field_set_has(&recipient->gives, field) && serves(call, plan, (plan_index)r, item) &&
            !switched_off(plan, subject->dossier->facts, (plan_index)r))
            return true;
    }
    return false;
}

static bool is_indexed(const struct facts *facts, word kind)
{
    for (size_t i = 0; i < facts->hashes.count; i++) {
        if (facts->hashes.at[i].kind == kind)
            return true;
    }
    return false;
}

status call_search_forget(struct call *call, struct dossier *dossier, word field)
{
    struct facts *facts = dossier->facts;
    struct keys *keys = vault_keys(call->reg->vault);
    if (facts->hashes.count == 0 || field == 0)
        return OK;
    word kind = kind_of(call, field);
    bool any = false;
    for (size_t i = 0; i < facts->hashes.count; i++) {
        if (facts->hashes.at[i].kind != kind)
            continue;
        blind hash;
        memcpy(hash.bytes, facts->hashes.at[i].bytes, sizeof(hash.bytes));
        TRY(keys_blind_remove(keys, hash, facts->id, call->report));
        any = true;
    }
    struct edit edit = {.kind = EDIT_DROP_HASH, .name = kind}; /* no hash: all of the kind */
    return any ? vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report) : OK;
}

/* What stands in the index of fields of which nothing may be found any more. */
static status forget_unlisted(struct call *call, struct subject *subject)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t f = 0; f < plan->field_count && subject->dossier->facts->hashes.count > 0; f++) {
        word field = plan->field[f].name;
        bool listed = false;
        for (size_t i = 0; i < subject->settled.count && !listed; i++) {
            const struct settled_item *item = &subject->settled.items[i];
            listed = item->item->field == field && is_listed(call, subject, item);
        }
        if (!listed)
            TRY(call_search_forget(call, subject->dossier, field));
    }
    return OK;
}

/* The values that are to be found and are not yet; they are opened under an entry of their own. */
static status open_new(struct call *call, struct subject *subject, const struct decision *decision)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct dossier *dossier = subject->dossier;
    struct operation op = call_operation(call, ACTION_STORE, dossier->facts->id);
    uint64_t index = call->outcome.log_index;
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "index", decision, NULL, 0, &permit));
    call->outcome.log_index = index; /* the answer tells of the act itself */
    for (size_t i = 0; i < decision->count; i++) {
        const struct fact_item *item = facts_find_item(dossier->facts, decision->parts[i].item);
        plan_index field = plan_find(plan, plan->field_of, decision->parts[i].field);
        str value;
        TRY(vault_open_item(call->reg->vault, permit, dossier, item, call->arena, call->report,
                            &value));
        TRY(add_value(call, dossier, &plan->field[field], value));
    }
    return OK;
}

status call_search_index(struct call *call, struct subject *subject)
{
    struct facts *facts = subject->dossier->facts;
    if (!search_has_audience(reg_plan(call->reg, call->now)))
        return OK;
    TRY(forget_unlisted(call, subject));
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    struct part *parts = ARENA_ARRAY(call->arena, struct part, subject->settled.count + 1);
    if (decision == NULL || parts == NULL)
        return NO_MEMORY(call->report);
    *decision = (struct decision){.verdict = VERDICT_ALLOW, .parts = parts};
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *item = &subject->settled.items[i];
        if (is_listed(call, subject, item) && !is_indexed(facts, kind_of(call, item->item->field)))
            parts[decision->count++] = (struct part){
                .item = item->item->id, .field = item->item->field, .verdict = VERDICT_ALLOW};
    }
    return decision->count == 0 ? OK : open_new(call, subject, decision);
}
