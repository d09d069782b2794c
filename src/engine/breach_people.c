/* Those whom a breach concerned, one by one. */
#include "breach.h"
#include "json.h"

enum { NOTES_PAGE = 16, PEOPLE_BYTES = 1 << 20 };

struct paging {
    const struct breach_people *request;
    struct breach_people_page *page;
    struct permit_wait wait;
    record_id generation, details;
    const struct json *names; /* of the bits */
    struct json_out out;
    size_t count;
};

static void put_categories(const struct paging *paging, uint64_t bits, struct json_out *out)
{
    unsigned bit = 0;
    json_key(out, "categories");
    json_open_array(out);
    for (JSON_EACH(name, paging->names)) {
        if ((bits >> bit++ & 1) != 0)
            json_put_tree(out, name);
    }
    json_close_array(out);
}

static status put_person(struct call *call, struct paging *paging, dossier_id id,
                         const struct breach_line *line)
{
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &dossier));
    paging->page->last = id;
    paging->count++;
    if (presence != PRESENCE_LIVE)
        return OK; /* erased since: counted, and not named */
    json_open_object(&paging->out);
    json_key(&paging->out, "subject");
    json_put_id(&paging->out, id.bytes);
    put_categories(paging, line->categories, &paging->out);
    json_key(&paging->out, "records");
    json_put_u64(&paging->out, line->records);
    static const char *const TOLD[] = {
        [BREACH_UNTOLD] = "no", [BREACH_TO_TELL] = "to_tell", [BREACH_TOLD] = "told"};
    instant at;
    json_key(&paging->out, "told");
    json_put_text(&paging->out,
                  TOLD[breach_told_of(call, dossier->facts, paging->request->breach, &at)]);
    if (at.ms != NEVER.ms) {
        json_key(&paging->out, "told_at");
        json_put_instant(&paging->out, at);
    }
    json_close_object(&paging->out);
    return OK;
}

static status put_note(struct call *call, struct paging *paging, const struct note *note)
{
    str lines;
    dossier_id id;
    struct breach_line line;
    if (!breach_note_is_of(note, paging->generation, &lines))
        return OK;
    while (paging->count < paging->request->limit && breach_line_read(&lines, &id, &line)) {
        if (memcmp(id.bytes, paging->request->after.bytes, ID_BYTES) > 0)
            TRY(put_person(call, paging, id, &line));
    }
    return OK;
}

static status put_people(struct call *call, struct paging *paging, const struct permit *permit)
{
    record_id after = {{0}};
    size_t count = NOTES_PAGE;
    while (count == NOTES_PAGE && paging->count < paging->request->limit) {
        CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
        struct note *notes;
        TRY(vault_notes(call->reg->vault, permit, paging->request->breach, after, NOTES_PAGE, arena,
                        call->report, &notes, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(put_note(call, paging, &notes[i]));
            after = notes[i].id;
        }
    }
    return OK;
}

static status people_finish(struct call *call)
{
    struct paging *paging = call->state;
    const struct permit *permit;
    enum presence presence;
    struct dossier *dossier;
    const struct json *words;
    str text;
    TRY(permit_to_read(&paging->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_load(call->reg->vault, paging->request->breach, call->arena, call->report, &presence,
                   &dossier));
    const struct fact_item *record =
        presence == PRESENCE_LIVE ? facts_find_item(dossier->facts, paging->details) : NULL;
    if (record == NULL)
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    TRY(vault_open_item(call->reg->vault, permit, dossier, record, call->arena, call->report,
                        &text));
    TRY(json_parse(call->arena, text, call->report, &words));
    paging->names = json_get(words, "names");
    if (!json_is_array(paging->names))
        return fail(call->report, FAULT_CORRUPT, "a breach's scope is damaged");
    struct buf buf = buf_in(call->arena, PEOPLE_BYTES);
    paging->out = json_out_over(&buf);
    json_open_array(&paging->out);
    TRY(put_people(call, paging, permit));
    json_close_array(&paging->out);
    paging->page->more = paging->count == paging->request->limit;
    return buf_finish(&buf, call->report, &paging->page->people);
}

status engine_breach_people(struct call *call, const struct breach_people *request,
                            struct breach_people_page *page)
{
    struct dossier *dossier;
    struct paging *paging = ARENA_NEW(call->arena, struct paging);
    struct breach_people *kept = ARENA_NEW(call->arena, struct breach_people);
    if (paging == NULL || kept == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, request->breach, DOSSIER_CASE, &dossier));
    if (!facts_are_breach(call, dossier->facts))
        return call_not_here(call);
    if (!breach_scope_is_current(call, dossier->facts))
        return fail(call->report, FAULT_CONFLICT, "whom it concerned is still to be computed");
    const struct fact_evidence *scope = breach_last(call, dossier->facts, BREACH_SCOPE);
    *kept = *request;
    *paging = (struct paging){
        .request = kept, .page = page, .generation = scope->id, .details = scope->details};
    struct operation op = call_operation(call, ACTION_READ, request->breach);
    TRY(call_ask(call, dossier->facts, &op, "breach_people", decision_by_scope(), &paging->wait));
    call->state = paging;
    call->finish = people_finish;
    return OK;
}
