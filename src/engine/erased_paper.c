/* The certificate of an erasure, made from what the log tells of a reference, so that it can be
 * made at any time and says nothing that is not proved: the entry of the erasure names categories,
 * what stays and by what, and the epoch of the keys; "tell" and "told" entries name whom it was
 * passed on to. It knows no person: the reference leads to nobody any more. */
#include "engine_internal.h"
#include "person.h"
#include "seal.h"

enum { DATA_BYTES = 1 << 20, PAGE = 200, PARTIES_MOST = 1000 };

struct known_party {
    audit_id handle;
    word name, kind;
};

struct erasing_paper {
    struct history *history;
    enum language language;
    struct erasure_papers *papers;
    audit_id handle;
    uint64_t index;
    const struct json *entries, *main; /* of the log; the entry of the erasure */
    uint32_t epoch;
    LIST(struct known_party) parties;
};

static str text_of(const struct json *object, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(object, member), &text);
    return text;
}

static bool has_effect(const struct json *entry, const char *effect)
{
    const struct json *effects = json_get(entry, "ef");
    if (!json_is_array(effects))
        return false;
    for (JSON_EACH(one, effects)) {
        if (str_is(one->text, effect))
            return true;
    }
    return false;
}

/* The last erasure of theirs. */
static status find_main(struct call *call, struct erasing_paper *work)
{
    for (JSON_EACH(found, work->entries)) {
        const struct json *entry = json_get(found, "entry");
        str action = text_of(entry, "ac");
        int64_t index;
        bool erases = str_is(action, "erase_whole") || str_is(action, "erase_part");
        if (!erases || str_is(text_of(entry, "de"), "refuse") ||
            !json_i64(json_get(found, "index"), &index))
            continue;
        work->main = entry;
        work->index = (uint64_t)index;
    }
    return work->main != NULL
               ? OK
               : fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
}

/* ---- who was told ---- */

static status know_party(struct call *call, struct erasing_paper *work, dossier_id id)
{
    const struct facts *party;
    TRY(call_party(call, id, &party));
    if (party == NULL)
        return OK;
    struct known_party *known = LIST_ADD(call->arena, &work->parties);
    if (known == NULL)
        return NO_MEMORY(call->report);
    *known = (struct known_party){.name = party_name(call, party), .kind = party->name};
    return vault_handle(call->reg->vault, id, call->report, known->handle.bytes);
}

static status know_parties(struct call *call, struct erasing_paper *work)
{
    dossier_id after = {{0}}, *ids;
    for (size_t count = PAGE, all = 0; count == PAGE && all < PARTIES_MOST; all += count) {
        TRY(vault_list(call->reg->vault, DOSSIER_PARTY, after, PAGE, call->arena, call->report,
                       &ids, &count));
        for (size_t i = 0; i < count; i++)
            TRY(know_party(call, work, ids[i]));
        if (count > 0)
            after = ids[count - 1];
    }
    return OK;
}

/* When this party was told of an erasure of theirs, from there on; null: not yet. */
static void put_told(struct json_out *out, const struct json *tell, str party)
{
    int64_t at;
    json_key(out, "told");
    for (const struct json *later = tell->next; later != NULL; later = later->next) {
        const struct json *entry = json_get(later, "entry");
        if (!str_is(text_of(entry, "ac"), "told") || !str_equal(text_of(entry, "rc"), party) ||
            !has_effect(entry, "duty:erasure") || !json_i64(json_get(entry, "at"), &at))
            continue;
        json_put_instant(out, (instant){at});
        return;
    }
    json_put_null(out);
}

static void put_recipient(struct call *call, const struct erasing_paper *work,
                          const struct json *tell, struct json_out *out)
{
    const struct json *entry = json_get(tell, "entry");
    str party = text_of(entry, "rc");
    audit_id handle;
    int64_t at = 0;
    bool is = id_parse(party, handle.bytes);
    json_open_object(out);
    for (size_t i = 0; is && i < work->parties.count; i++) {
        const struct known_party *known = &work->parties.at[i];
        if (memcmp(known->handle.bytes, handle.bytes, ID_BYTES) != 0)
            continue;
        json_key(out, "name");
        json_put_str(out, known->name == 0 ? STR("") : call_text(call, known->name));
        json_key(out, "recipient");
        json_put_str(out, call_text(call, known->kind));
    }
    (void)json_i64(json_get(entry, "at"), &at);
    json_key(out, "party");
    json_put_str(out, party);
    json_key(out, "since");
    json_put_instant(out, (instant){at});
    put_told(out, tell, party);
    json_close_object(out);
}

/* All that were to be told of an erasure, up to the one that is certified. */
static void put_recipients(struct call *call, const struct erasing_paper *work,
                           struct json_out *out)
{
    json_key(out, "recipients");
    json_open_array(out);
    for (JSON_EACH(found, work->entries)) {
        int64_t index = 0;
        const struct json *entry = json_get(found, "entry");
        (void)json_i64(json_get(found, "index"), &index);
        if ((uint64_t)index <= work->index && str_is(text_of(entry, "ac"), "tell") &&
            has_effect(entry, "duty:erasure"))
            put_recipient(call, work, found, out);
    }
    json_close_array(out);
}

/* ---- what lay in the firm's own system ---- */

/* When the firm said that it erased this item there; null: not yet. */
static void put_confirmed(struct json_out *out, const struct json *errand, str item)
{
    int64_t at;
    json_key(out, "confirmed");
    for (const struct json *later = errand->next; later != NULL; later = later->next) {
        const struct json *entry = json_get(later, "entry");
        if (!str_is(text_of(entry, "ac"), "errand_done") || !has_effect(entry, "erase") ||
            !has_effect(entry, item.ptr) || !json_i64(json_get(entry, "at"), &at))
            continue;
        json_put_instant(out, (instant){at});
        return;
    }
    json_put_null(out);
}

/* Each item of an errand, with its field: they stand one after the other. */
static status put_errand(struct call *call, const struct json *found, struct json_out *out)
{
    const struct json *entry = json_get(found, "entry"), *effects = json_get(entry, "ef");
    int64_t at = 0;
    (void)json_i64(json_get(entry, "at"), &at);
    for (JSON_EACH(one, effects)) {
        str field = one->next == NULL ? STR("") : one->next->text;
        const char *item = arena_c_string(call->arena, one->text);
        if (item == NULL)
            return NO_MEMORY(call->report);
        if (!str_starts(one->text, STR("item:")) || !str_starts(field, STR("field:")))
            continue;
        json_open_object(out);
        json_key(out, "field");
        json_put_str(out, str_slice(field, 6, field.len));
        json_key(out, "since");
        json_put_instant(out, (instant){at});
        put_confirmed(out, found, str_from(item));
        json_close_object(out);
    }
    return OK;
}

static status put_elsewhere(struct call *call, const struct erasing_paper *work,
                            struct json_out *out)
{
    json_key(out, "elsewhere");
    json_open_array(out);
    for (JSON_EACH(found, work->entries)) {
        int64_t index = 0;
        const struct json *entry = json_get(found, "entry");
        (void)json_i64(json_get(found, "index"), &index);
        if ((uint64_t)index <= work->index && str_is(text_of(entry, "ac"), "errand") &&
            has_effect(entry, "erase"))
            TRY(put_errand(call, found, out));
    }
    json_close_array(out);
    return OK;
}

/* ---- what went and what stays ---- */

static void put_kept(struct json_out *out, str said)
{
    str category, why = said;
    (void)str_next(&why, ':', &category);
    json_open_object(out);
    json_key(out, "category");
    json_put_str(out, category);
    json_key(out, "by");
    json_put_str(out, why.ptr == NULL ? STR("") : why);
    json_close_object(out);
}

static void put_words(const struct json *entry, const char *key, const char *prefix,
                      struct json_out *out)
{
    const struct json *effects = json_get(entry, "ef");
    json_key(out, key);
    json_open_array(out);
    if (json_is_array(effects)) {
        for (JSON_EACH(one, effects)) {
            str said = one->text;
            if (!str_starts(said, str_from(prefix)))
                continue;
            said = str_slice(said, strlen(prefix), said.len);
            if (prefix[0] == 'k')
                put_kept(out, said);
            else
                json_put_str(out, said);
        }
    }
    json_close_array(out);
}

static void put_epoch(const struct erasing_paper *work, struct json_out *out)
{
    const struct json *effects = json_get(work->main, "ef");
    uint64_t number = 0;
    json_key(out, "epoch");
    json_open_object(out);
    for (const struct json *one = json_is_array(effects) ? effects->child : NULL; one != NULL;
         one = one->next) {
        if (str_starts(one->text, STR("epoch:")) &&
            str_to_u64(str_slice(one->text, 6, one->text.len), &number)) {
            json_key(out, "erased_in");
            json_put_u64(out, number);
        }
    }
    json_key(out, "present");
    json_put_u64(out, work->epoch);
    json_close_object(out);
}

static void put_proof(const struct json *receipt, struct json_out *out)
{
    static const char *const members[] = {"index", "size", "checkpoint", "key"};
    json_key(out, "proof");
    json_open_object(out);
    for (size_t i = 0; i < LENGTH(members); i++) {
        const struct json *member = json_get(receipt, members[i]);
        if (member == NULL)
            continue;
        json_key(out, members[i]);
        json_put_tree(out, member);
    }
    json_close_object(out);
}

static status put_data(struct call *call, const struct erasing_paper *work,
                       const struct json *receipt, str *data)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct buf buf = buf_in(call->arena, DATA_BYTES);
    struct json_out out = json_out_over(&buf);
    int64_t at = 0;
    json_open_object(&out);
    json_key(&out, "reference");
    json_put_id(&out, work->handle.bytes);
    json_key(&out, "made");
    json_put_instant(&out, call->now);
    (void)json_i64(json_get(work->main, "at"), &at);
    json_key(&out, "at");
    json_put_instant(&out, (instant){at});
    json_key(&out, "whole");
    json_put_bool(&out, str_is(text_of(work->main, "ac"), "erase_whole"));
    json_key(&out, "complete");
    json_put_bool(&out, !has_effect(work->main, "more"));
    put_words(work->main, "categories", "category:", &out);
    put_words(work->main, "kept", "kept:", &out);
    put_epoch(work, &out);
    put_recipients(call, work, &out);
    TRY(put_elsewhere(call, work, &out));
    put_proof(receipt, &out);
    json_key(&out, "controllers");
    json_open_array(&out);
    for (size_t i = 0; i < plan->controller_count; i++)
        directory_put_controller(plan, &plan->controller[i], &out);
    json_close_array(&out);
    directory_put_complaint(plan, &out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, data);
}

/* ---- in steps ---- */

/* What came newest first, as it happened. */
static status in_order(struct call *call, const struct json *newest, const struct json **entries)
{
    struct json *list = ARENA_NEW(call->arena, struct json);
    struct json *rows = ARENA_ARRAY(call->arena, struct json, newest->count + 1);
    if (list == NULL || rows == NULL)
        return NO_MEMORY(call->report);
    *list = *newest;
    list->child = NULL;
    for (JSON_EACH(one, newest)) {
        *rows = *one;
        rows->next = list->child;
        list->child = rows++;
    }
    *entries = list;
    return OK;
}

static status finish(struct call *call)
{
    struct erasing_paper *work = call->state;
    struct erasure_papers *papers = work->papers;
    int64_t at = call->now.ms;
    (void)json_i64(json_get(work->main, "at"), &at);
    struct person_ask ask = {.plan = reg_plan(call->reg, call->now),
                             .then = reg_plan(call->reg, (instant){at}),
                             .language = work->language};
    const struct json *receipt;
    const char *what =
        str_is(text_of(work->main, "ac"), "erase_whole") ? "erased" : "erased_in_part";
    str data;
    TRY(call_receipt(call, work->index, work->handle, what, &papers->receipt));
    TRY(json_parse(call->arena, papers->receipt, call->report, &receipt));
    TRY(put_data(call, work, receipt, &data));
    TRY(json_parse(call->arena, data, call->report, &ask.data));
    TRY(erasure_paper(&ask, call->arena, call->report, &papers->paper));
    struct buf json = buf_in(call->arena, DATA_BYTES), seal = buf_in(call->arena, 4096),
               canonical = buf_in(call->arena, DATA_BYTES);
    paper_json(papers->paper, &json);
    TRY(buf_finish(&json, call->report, &data));
    TRY(json_parse(call->arena, data, call->report, &ask.data));
    TRY(json_canonical(call->arena, ask.data, &canonical, call->report));
    TRY(buf_finish(&canonical, call->report, &papers->document));
    audit_seal(call->reg->log, papers->document, &seal);
    return buf_finish(&seal, call->report, &papers->seal);
}

static status begin(struct call *call, const struct erasure_ask *request,
                    struct erasing_paper **state)
{
    *state = ARENA_NEW(call->arena, struct erasing_paper);
    if (*state == NULL)
        return NO_MEMORY(call->report);
    **state = (struct erasing_paper){0};
    return language_pick(reg_plan(call->reg, call->now), request->language, STR(""), call->report,
                         &(*state)->language);
}

status engine_erasure_step(struct call *call, const struct erasure_ask *request,
                           struct erasing_paper **state, struct progress *progress,
                           struct erasure_papers *papers)
{
    const struct history_ask asked = {.reference = request->reference, .newest = true};
    const struct json *document, *newest;
    str text = STR("");
    bool exported;
    if (*state == NULL)
        TRY(begin(call, request, state));
    struct erasing_paper *work = *state;
    TRY(engine_history_step(call, &asked, &work->history, progress, &text));
    if (!progress->done)
        return OK;
    TRY(json_parse(call->arena, text, call->report, &document));
    newest = json_get(document, "entries");
    work->papers = papers;
    if (!id_parse(request->reference, work->handle.bytes) || !json_is_array(newest))
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    TRY(in_order(call, newest, &work->entries));
    TRY(find_main(call, work));
    TRY(know_parties(call, work));
    TRY(keys_epoch(vault_keys(call->reg->vault), call->report, &work->epoch, &exported));
    call->state = work;
    call->finish = finish;
    return OK;
}
