/* Routes about recipients: giving to them, who they are, what went where, what they are to be told,
 * the cases of those who ask with the force of law. */
#include "api_internal.h"

static status fill_shared(struct ask *ask)
{
    const struct shared *shared = ask->result;
    struct share_reply *reply = ARENA_NEW(ask->arena, struct share_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    TRY(read_reply_of(ask, &shared->read, &reply->read));
    reply->record = shared->record;
    reply->reference = shared->reference;
    ask->answer = reply;
    return OK;
}

status subject_share(struct ask *ask)
{
    struct share *share = ask->body;
    struct shared *shared = ARENA_NEW(ask->arena, struct shared);
    if (shared == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = shared;
    ask->fill = fill_shared;
    share->subject = ask->id;
    return engine_share(&ask->call, share, shared);
}

/* ---- pages of documents ---- */

static dossier_id dossier_of(record_id record)
{
    dossier_id id;
    memcpy(id.bytes, record.bytes, ID_BYTES);
    return id;
}

static record_id record_of(dossier_id dossier)
{
    record_id id;
    memcpy(id.bytes, dossier.bytes, ID_BYTES);
    return id;
}

static status answer_page(struct ask *ask, str rows, bool more, dossier_id last)
{
    struct rows_reply *reply = ARENA_NEW(ask->arena, struct rows_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    reply->rows = rows;
    if (more)
        TRY(cursor_write(ask, last, &reply->next));
    ask->answer = reply;
    return OK;
}

static status fill_disclosures(struct ask *ask)
{
    const struct disclosure_page *page = ask->result;
    return answer_page(ask, page->disclosures, page->more, dossier_of(page->last));
}

status disclosure_list(struct ask *ask)
{
    struct disclosure_page *page = ARENA_NEW(ask->arena, struct disclosure_page);
    if (page == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = page;
    ask->fill = fill_disclosures;
    const struct disclosure_list list = {
        .subject = ask->id, .after = record_of(ask->after), .limit = ask->limit};
    return engine_disclosures(&ask->call, &list, page);
}

/* The cursor of a page of the log holds an index where others hold an id. */
static status fill_uses(struct ask *ask)
{
    const struct uses_page *page = ask->result;
    dossier_id last = {{0}};
    for (size_t i = 0; i < sizeof(page->next); i++)
        last.bytes[i] = (unsigned char)(page->next >> (8 * i));
    return answer_page(ask, page->uses, page->more, last);
}

status subject_uses(struct ask *ask)
{
    struct uses_page *page = ask->result;
    struct using *state = ask->steps;
    struct uses_ask asked = {.subject = ask->id, .limit = ask->limit};
    if (page == NULL)
        page = ARENA_NEW(ask->arena, struct uses_page);
    if (page == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < sizeof(asked.after); i++)
        asked.after |= (uint64_t)ask->after.bytes[i] << (8 * i);
    ask->result = page;
    ask->fill = fill_uses;
    status result = engine_uses_step(&ask->call, &asked, &state, &ask->progress, page);
    ask->steps = state;
    ask->unfinished = !ask->progress.done;
    return result;
}

status subject_letter(struct ask *ask)
{
    struct letter_ask *letter = ask->body;
    letter->subject = ask->id;
    return engine_letter(&ask->call, letter);
}

static status fill_duties(struct ask *ask)
{
    const struct duty_page *page = ask->result;
    return answer_page(ask, page->duties, page->more, dossier_of(page->last));
}

status duty_list(struct ask *ask)
{
    struct duty_page *page = ARENA_NEW(ask->arena, struct duty_page);
    if (page == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = page;
    ask->fill = fill_duties;
    const struct duty_list list = {
        .party = ask->id, .after = record_of(ask->after), .limit = ask->limit};
    return engine_duties(&ask->call, &list, page);
}

status duty_done(struct ask *ask)
{
    struct duty_done *done = ask->body;
    done->party = ask->id;
    done->duty = ask->record;
    return engine_duty_done(&ask->call, done);
}

/* ---- who they are ---- */

static status fill_parties(struct ask *ask)
{
    const struct party_page *page = ask->result;
    return answer_page(ask, page->parties, page->more, page->last);
}

status party_list(struct ask *ask)
{
    struct party_page *page = ARENA_NEW(ask->arena, struct party_page);
    if (page == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = page;
    ask->fill = fill_parties;
    const struct party_list list = {.after = ask->after, .limit = ask->limit};
    return engine_party_list(&ask->call, &list, page);
}

status recipient_list(struct ask *ask)
{
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_recipient_list(&ask->call, document);
}

status party_create(struct ask *ask)
{
    return engine_party_create(&ask->call, ask->body);
}

status place_create(struct ask *ask)
{
    return engine_place_create(&ask->call, ask->body);
}

/* ---- cases ---- */

status case_create(struct ask *ask)
{
    return engine_case_create(&ask->call, ask->body);
}

status case_link(struct ask *ask)
{
    struct case_link *link = ask->body;
    link->case_ = ask->id;
    return engine_case_link(&ask->call, link);
}

status case_decide(struct ask *ask)
{
    struct case_decision *decision = ask->body;
    decision->case_ = ask->id;
    return engine_case_decide(&ask->call, decision);
}
