/* What is written about a breach: to the authority, whole or phase by phase (article 33(3), (4)),
 * and to those whom it concerned (article 34(2)). C32
 *
 *   account in words, by language --+
 *   known, scope, clock, phases ----+--> struct breach_paper --> src/document/breach_paper.c
 *
 * A phase that was sent is recorded with what it held and what was still lacking, as they were. */
#include "breach.h"
#include "breach_paper.h"
#include "json.h"

enum { DRAFT_BYTES = 1 << 20 };

/* ---- the account ---- */

static void put_said(struct json_out *out, const char *key, str text)
{
    if (str_is_empty(text))
        return;
    json_key(out, key);
    json_put_str(out, text);
}

static status account_json(struct call *call, const struct breach_account *account,
                           enum language language, str *json)
{
    struct buf buf = buf_in(call->arena, 4 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    breach_put_by(call, &out);
    json_key(&out, "language");
    json_put_text(&out, language_tag(language));
    put_said(&out, "contact", account->contact);
    put_said(&out, "what", account->what);
    put_said(&out, "consequences", account->consequences);
    put_said(&out, "measures", account->measures);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status language_of(struct call *call, str tag, enum language *language)
{
    if (language_from(tag, language))
        return OK;
    return fail_at(call->report, FAULT_INVALID, "/language", "papers are in nb, nn or en");
}

status engine_breach_account(struct call *call, const struct breach_account *request)
{
    const str texts[] = {request->contact, request->what, request->consequences, request->measures};
    struct dossier *dossier;
    const struct permit *permit;
    enum language language;
    size_t said = 0;
    str json;
    TRY(language_of(call, request->language, &language));
    for (size_t i = 0; i < LENGTH(texts); i++)
        said += !str_is_empty(str_trim(texts[i]));
    if (said == 0)
        return fail_at(call->report, FAULT_INVALID, "/contact",
                       "say at least one of contact, what, consequences and measures");
    TRY(call_check_texts(call, texts, LENGTH(texts)));
    TRY(breach_open(call, request->breach, &dossier));
    TRY(account_json(call, request, language, &json));
    TRY(breach_write(call, dossier->facts, "breach_account", STR(""), &permit));
    struct breach_piece piece = {
        .part = BREACH_ACCOUNT, .since = call->now, .until = NEVER, .json = json};
    TRY(breach_add(call, dossier, permit, &piece));
    return breach_store(call, dossier, permit);
}

/* ---- what a paper says ---- */

static str text_of(const struct json *words, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(words, member), &text);
    return text;
}

static status take_account(struct call *call, const struct permit *permit,
                           const struct dossier *dossier, struct breach_paper *paper, bool message)
{
    for (size_t i = dossier->facts->evidence.count; i > 0; i--) {
        const struct fact_evidence *evidence = &dossier->facts->evidence.at[i - 1];
        const struct json *words;
        if (!breach_is(call, evidence, BREACH_ACCOUNT))
            continue;
        TRY(breach_words(call, permit, dossier, evidence, &words));
        if (!str_is(text_of(words, "language"), language_tag(paper->language)))
            continue;
        paper->contact = text_of(words, "contact");
        paper->consequences = text_of(words, "consequences");
        paper->measures = text_of(words, "measures");
        if (message)
            paper->what = text_of(words, "what");
        return OK;
    }
    return OK;
}

static void take_names(const struct call *call, const struct json *list, const char *member,
                       const struct plan *plan, bool roles, plan_index names[BREACH_NAMES],
                       size_t *count)
{
    *count = 0;
    if (!json_is_array(list))
        return;
    for (JSON_EACH(row, list)) {
        word name = words_find(call->reg->words, text_of(row, member));
        plan_index index = plan_find(plan, roles ? plan->role_of : plan->category_of, name);
        if (index != NONE && *count < BREACH_NAMES)
            names[(*count)++] = index;
    }
}

static uint64_t number_of(const struct json *words, const char *member)
{
    int64_t number = 0;
    (void)json_i64(json_get(words, member), &number);
    return (uint64_t)number;
}

static status take_scope(struct call *call, const struct permit *permit,
                         const struct dossier *dossier, struct breach_paper *paper)
{
    const struct fact_evidence *scope = breach_last(call, dossier->facts, BREACH_SCOPE);
    const struct json *words;
    paper->counted = breach_scope_is_current(call, dossier->facts);
    if (!paper->counted)
        return OK;
    TRY(breach_words(call, permit, dossier, scope, &words));
    paper->people = number_of(words, "people");
    paper->erased = number_of(words, "erased_since");
    paper->records = number_of(words, "records");
    take_names(call, json_get(words, "roles"), "role", paper->plan, true, paper->roles,
               &paper->role_count);
    take_names(call, json_get(words, "categories"), "category", paper->plan, false,
               paper->categories, &paper->category_count);
    return OK;
}

static status take_phases(struct call *call, const struct permit *permit,
                          const struct dossier *dossier, struct breach_paper *paper)
{
    for (size_t i = 0; i < dossier->facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &dossier->facts->evidence.at[i];
        const struct json *words;
        if (!breach_is(call, evidence, BREACH_PHASE))
            continue;
        TRY(breach_words(call, permit, dossier, evidence, &words));
        paper->phases++;
        if (str_is_empty(paper->delay))
            paper->delay = text_of(words, "delay");
    }
    return OK;
}

static status gather(struct call *call, const struct permit *permit, const struct dossier *dossier,
                     instant sent, bool message, struct breach_paper *paper)
{
    static const char *const NATURES[BREACH_NATURES] = {"confidentiality", "integrity",
                                                        "availability"};
    const struct fact_evidence *known = breach_last(call, dossier->facts, BREACH_KNOWN);
    struct breach_clock clock = breach_clock_of(call, dossier->facts);
    const struct json *words;
    paper->plan = reg_plan(call->reg, call->now);
    paper->aware = clock.aware;
    paper->deadline = clock.deadline;
    paper->late = before(clock.deadline, earlier(clock.told, sent));
    paper->from = known->since;
    paper->to = known->until;
    TRY(breach_words(call, permit, dossier, known, &words));
    for (JSON_EACH(one, json_get(words, "nature"))) {
        for (size_t n = 0; n < BREACH_NATURES; n++)
            paper->nature[n] |= str_is(one->text, NATURES[n]);
    }
    paper->what = message ? STR("") : text_of(words, "description");
    TRY(take_account(call, permit, dossier, paper, message));
    TRY(take_scope(call, permit, dossier, paper));
    return take_phases(call, permit, dossier, paper);
}

/* ---- drafts ---- */

struct drafting {
    struct breach_draft request;
    struct permit_wait wait;
    str *document;
};

static status write_paper(struct call *call, const struct breach_draft *request,
                          const struct breach_paper *said, str *document)
{
    struct paper *paper;
    struct buf buf = buf_in(call->arena, DRAFT_BYTES);
    TRY(request->message ? breach_message_paper(said, call->arena, call->report, &paper)
                         : breach_notification_paper(said, call->arena, call->report, &paper));
    if (request->html)
        paper_html(paper, &buf);
    else
        paper_json(paper, &buf);
    return buf_finish(&buf, call->report, document);
}

static status draft_finish(struct call *call)
{
    const struct drafting *drafting = call->state;
    const struct permit *permit;
    enum presence presence;
    struct dossier *dossier;
    struct breach_paper paper = {.phased = drafting->request.phased};
    TRY(language_of(call, drafting->request.language, &paper.language));
    TRY(permit_to_read(&drafting->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_load(call->reg->vault, drafting->request.breach, call->arena, call->report, &presence,
                   &dossier));
    if (presence != PRESENCE_LIVE)
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    TRY(gather(call, permit, dossier, call->now, drafting->request.message, &paper));
    if (!str_is_empty(drafting->request.delay))
        paper.delay = drafting->request.delay;
    return write_paper(call, &drafting->request, &paper, drafting->document);
}

status engine_breach_draft(struct call *call, const struct breach_draft *request, str *document)
{
    struct dossier *dossier;
    enum language language;
    struct drafting *drafting = ARENA_NEW(call->arena, struct drafting);
    if (drafting == NULL)
        return NO_MEMORY(call->report);
    TRY(language_of(call, request->language, &language));
    TRY(call_check_texts(call, &request->delay, 1));
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, request->breach, DOSSIER_CASE, &dossier));
    if (!facts_are_breach(call, dossier->facts))
        return call_not_here(call);
    drafting->request = *request;
    drafting->document = document;
    struct operation op = call_operation(call, ACTION_READ, request->breach);
    TRY(call_ask(call, dossier->facts, &op,
                 request->message ? "breach_message" : "breach_notification", decision_by_scope(),
                 &drafting->wait));
    call->state = drafting;
    call->finish = draft_finish;
    return OK;
}

/* The message to people as a mail, whole in this language; else names what lacks. */
status breach_message_mail(struct call *call, const struct permit *permit,
                           const struct dossier *dossier, str language, str *heading, str *text)
{
    struct breach_paper said = {.phased = false};
    struct paper *paper;
    TRY(language_of(call, language, &said.language));
    TRY(gather(call, permit, dossier, call->now, true, &said));
    TRY(breach_message_paper(&said, call->arena, call->report, &paper));
    return call_paper_mail(call, paper, heading, text);
}

/* ---- phases ---- */

static status phase_json(struct call *call, const struct breach_phase *request,
                         const struct breach_paper *paper, str *json)
{
    static const char *const ITEMS[] = {"nature",       "people",   "contact",
                                        "consequences", "measures", "delay"};
    const char *lacking[5];
    size_t count = breach_lacking(paper, lacking);
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "recorded");
    json_put_instant(&out, call->now);
    breach_put_by(call, &out);
    json_key(&out, "language");
    json_put_text(&out, language_tag(paper->language));
    json_key(&out, "holds");
    json_open_array(&out);
    for (size_t i = 0; i < LENGTH(ITEMS); i++) {
        bool lacks = false;
        for (size_t l = 0; l < count; l++)
            lacks |= strcmp(lacking[l], ITEMS[i]) == 0;
        if (!lacks && (paper->late || strcmp(ITEMS[i], "delay") != 0))
            json_put_text(&out, ITEMS[i]);
    }
    json_close_array(&out);
    json_key(&out, "lacking");
    json_open_array(&out);
    for (size_t i = 0; i < count; i++)
        json_put_text(&out, lacking[i]);
    json_close_array(&out);
    put_said(&out, "delay", request->delay);
    put_said(&out, "reference", request->reference);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

status engine_breach_phase(struct call *call, const struct breach_phase *request)
{
    const str texts[] = {request->delay, request->reference};
    struct dossier *dossier;
    const struct permit *permit;
    struct breach_paper paper = {.phased = true};
    str json;
    instant sent = request->sent.ms == 0 ? call->now : request->sent;
    TRY(language_of(call, request->language, &paper.language));
    TRY(call_check_texts(call, texts, LENGTH(texts)));
    TRY(breach_open(call, request->breach, &dossier));
    if (before(call->now, sent) || before(sent, breach_clock_of(call, dossier->facts).aware))
        return fail_at(call->report, FAULT_INVALID, "/sent",
                       "it was sent after the firm became aware, and no later than now");
    TRY(breach_write(call, dossier->facts, "breach_phase", STR(""), &permit));
    TRY(gather(call, permit, dossier, sent, false, &paper));
    if (!str_is_empty(str_trim(request->delay)))
        paper.delay = request->delay;
    if (paper.late && str_is_empty(paper.delay))
        return fail_at(call->report, FAULT_INVALID, "/delay",
                       "the 72 hours were over: say why it was delayed");
    TRY(phase_json(call, request, &paper, &json));
    struct breach_piece piece = {.part = BREACH_PHASE, .since = sent, .until = NEVER, .json = json};
    TRY(breach_add(call, dossier, permit, &piece));
    return breach_store(call, dossier, permit);
}
