/* What people with access to a service see of each other: a directory that is searched, and what a
 * person shows to an audience (C17). Who looks holds a role that the audience is made of; each hit
 * is settled and decided like any other disclosure before it is shown, and what was not shown
 * leaves no trace in the answer. One entry tells of the search, one of each person who was shown.
 */
#include "search.h"

enum {
    HITS_MOST = 20,
    LOOKED_AT_MOST = 64,   /* people who fit, before deciding */
    SEARCHES_AN_HOUR = 60, /* of one person */
    ASKERS = 1024          /* whose searches are counted at a time */
};

/* ---- who looks ---- */

static status refuse_by(struct call *call, const struct facts *facts, const struct operation *op,
                        const struct plan_recipient *audience, const char *tail)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason = (struct reason){
        .rule = arena_format(call->arena, "%.*s%s", STR_ARG(audience->clause.path), tail),
        .ids = audience->clause.covers,
        .article = STR("GDPR 25(2)")};
    if (decision->reason.rule.ptr == NULL)
        return NO_MEMORY(call->report);
    return call_refuse(call, facts, op, decision);
}

static bool belongs(const struct call *call, const struct plan_recipient *audience,
                    const struct facts *viewer)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < viewer->roles.count; i++) {
        const struct fact_role *role = &viewer->roles.at[i];
        plan_index index = plan_find(plan, plan->role_of, role->role);
        if (index != NONE && !audience->who.hole && refs_has(&audience->who, index) &&
            !before(call->now, role->since) && before(call->now, role->until))
            return true;
    }
    return false;
}

/* The audience as a recipient, with its purpose: the one named, or its only one. */
static status audience_operation(struct call *call, str name, str purpose, struct operation *op,
                                 const struct plan_recipient **audience)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    *op = call_operation(call, ACTION_SHARE, (dossier_id){{0}});
    TRY(call_word(call, NAME_RECIPIENT, name, &op->recipient));
    if (op->recipient == 0)
        return fail_at(call->report, FAULT_INVALID, "/audience", "name the audience");
    *audience = &plan->recipient[plan_find(plan, plan->recipient_of, op->recipient)];
    if ((*audience)->kind != RECIPIENT_AUDIENCE)
        return fail_at(call->report, FAULT_INVALID, "/audience",
                       "this recipient is no audience of people who look");
    TRY(call_word(call, NAME_PURPOSE, purpose, &op->purpose));
    const struct refs *purposes = &(*audience)->purposes;
    if (op->purpose == 0 && !purposes->all && purposes->count == 1)
        op->purpose = plan->purpose[purposes->at[0]].clause.name;
    if (op->purpose == 0)
        return fail_at(call->report, FAULT_INVALID, "/purpose",
                       "this audience is for several purposes: name one");
    return OK;
}

static status open_viewer(struct call *call, dossier_id id, const struct operation *op,
                          const struct plan_recipient *audience, const struct facts **viewer)
{
    struct subject who;
    TRY(call_open(call, id, &who));
    *viewer = who.dossier->facts;
    TRY(call_purpose_held(call, *viewer, op, op->purpose));
    TRY(call_company_named(call, *viewer, op));
    if (audience->clause.closed || audience->never)
        return refuse_by(call, *viewer, op, audience, "");
    return belongs(call, audience, *viewer) ? OK : refuse_by(call, *viewer, op, audience, ".who");
}

/* ---- how often ---- */

/* So many searches an hour for one person: enough to find people, too few to list them. */
static struct search_count *searches_of(struct reg *reg)
{
    if (reg->searches == NULL)
        reg->searches = ARENA_ARRAY(reg->arena, struct search_count, ASKERS);
    return reg->searches;
}

struct brief_array reg_searches_brief(struct reg *reg)
{
    return (struct brief_array){
        "searches", searches_of(reg), sizeof(struct search_count), ASKERS, NULL, NULL};
}

static status count_search(struct call *call, dossier_id viewer)
{
    struct reg *reg = call->reg;
    if (searches_of(reg) == NULL)
        return NO_MEMORY(call->report);
    int64_t hour = call->now.ms / 3600000;
    uint32_t from;
    memcpy(&from, viewer.bytes, sizeof(from));
    for (uint32_t i = 0; i < 8; i++) {
        struct search_count *slot = &reg->searches[(from + i) % ASKERS];
        bool other = slot->hour == hour && !ID_EQUAL(slot->viewer, viewer);
        if (other)
            continue;
        if (slot->hour != hour || !ID_EQUAL(slot->viewer, viewer))
            *slot = (struct search_count){.viewer = viewer, .hour = hour};
        if (slot->count++ < SEARCHES_AN_HOUR)
            return OK;
        break;
    }
    return fail(call->report, FAULT_RATE, "one person searches at most %d times an hour",
                SEARCHES_AN_HOUR);
}

/* ---- the question ---- */

struct question {
    const struct plan_recipient *audience;
    enum search_match match;
    str words[SEARCH_WORDS]; /* as they were asked; each must be found in some field */
    size_t word_count;
    const word *fields; /* asked for; none: all that the audience may see */
    size_t field_count;
};

static status read_match(struct call *call, const struct search *request, struct question *question)
{
    if (str_is_empty(request->match) || str_is(request->match, "whole"))
        question->match = SEARCH_WHOLE;
    else if (str_is(request->match, "word"))
        question->match = SEARCH_WORD;
    else if (str_is(request->match, "prefix"))
        question->match = SEARCH_PREFIX;
    else
        return fail_at(call->report, FAULT_INVALID, "/match", "whole, word or prefix");
    return OK;
}

/* A whole value is one piece, whatever its kind makes of it; words are cut here. */
static status read_words(struct call *call, const struct search *request, struct question *question)
{
    TRY(read_match(call, request, question));
    str text = str_trim(request->text), one;
    if (search_letters(text) < SEARCH_LETTERS_LEAST || text.len > 256)
        return fail_at(call->report, FAULT_INVALID, "/text",
                       "%d letters at the least, 256 bytes at most", SEARCH_LETTERS_LEAST);
    if (question->match == SEARCH_WHOLE) {
        question->words[question->word_count++] = text;
        return OK;
    }
    while (search_next_word(&text, &one)) {
        size_t letters = search_letters(one);
        bool fits = letters >= SEARCH_LETTERS_LEAST &&
                    (question->match == SEARCH_WORD || letters <= SEARCH_LETTERS_MOST);
        if (!fits)
            return fail_at(call->report, FAULT_INVALID, "/text",
                           "each word has %d letters at the least; a beginning has %d at most",
                           SEARCH_LETTERS_LEAST, SEARCH_LETTERS_MOST);
        if (question->word_count == SEARCH_WORDS)
            return fail_at(call->report, FAULT_INVALID, "/text", "at most %d words", SEARCH_WORDS);
        question->words[question->word_count++] = one;
    }
    return question->word_count > 0 ? OK
                                    : fail_at(call->report, FAULT_INVALID, "/text", "no words");
}

static bool asks_for(const struct question *question, word field)
{
    for (size_t i = 0; i < question->field_count; i++) {
        if (question->fields[i] == field)
            return true;
    }
    return question->field_count == 0;
}

/* ---- whom it leads to ---- */

struct hit {
    dossier_id id;
    struct bits_of_words {
        const word *fields; /* in which a word was found */
        size_t count;
    } found[SEARCH_WORDS];
};

struct hits {
    LIST(struct hit) at;
};

static status note_field(struct call *call, struct hit *hit, size_t nth, word field)
{
    struct bits_of_words *found = &hit->found[nth];
    word *fields = ARENA_ARRAY(call->arena, word, found->count + 1);
    if (fields == NULL)
        return NO_MEMORY(call->report);
    if (found->count > 0)
        memcpy(fields, found->fields, found->count * sizeof(word));
    fields[found->count++] = field;
    found->fields = fields;
    return OK;
}

static struct hit *hit_of(struct hits *hits, dossier_id id)
{
    for (size_t i = 0; i < hits->at.count; i++) {
        if (ID_EQUAL(hits->at.at[i].id, id))
            return &hits->at.at[i];
    }
    return NULL;
}

static status note_people(struct call *call, struct hits *hits, size_t nth, word field,
                          const blind *hash)
{
    dossier_id *ids;
    size_t count;
    TRY(keys_blind_find_some(vault_keys(call->reg->vault), *hash, LOOKED_AT_MOST, call->arena,
                             call->report, &ids, &count));
    for (size_t i = 0; i < count; i++) {
        struct hit *hit = hit_of(hits, ids[i]);
        if (hit == NULL && (nth > 0 || hits->at.count >= LOOKED_AT_MOST))
            continue; /* a later word only narrows */
        if (hit == NULL) {
            hit = LIST_ADD(call->arena, &hits->at);
            if (hit == NULL)
                return NO_MEMORY(call->report);
            *hit = (struct hit){.id = ids[i]};
        }
        TRY(note_field(call, hit, nth, field));
    }
    return OK;
}

static status look_up(struct call *call, const struct question *question, size_t nth,
                      struct hits *hits)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    char room[4096];
    for (size_t f = 0; f < plan->field_count; f++) {
        const struct plan_field *field = &plan->field[f];
        struct buf normal = buf_over(room, sizeof(room));
        if (!field_set_has(&question->audience->gives, (plan_index)f) ||
            !asks_for(question, field->name))
            continue;
        bool whole = question->match == SEARCH_WHOLE;
        struct plan_field text = {.kind = FIELD_TEXT, .category = field->category};
        if (!is_ok(search_normal(plan, whole ? field : &text, question->words[nth], &normal)))
            continue; /* no value of this field could be that */
        blind hash;
        search_hash(call, field->name, question->match, buf_str(&normal), &hash);
        TRY(note_people(call, hits, nth, field->name, &hash));
    }
    wipe(room, sizeof(room));
    return OK;
}

/* ---- what is shown ---- */

struct showing {
    struct dossier *dossier;
    struct permit_wait wait;
    const struct decision *decision;
    struct read_result *result;
};

struct searching {
    struct showing shown[HITS_MOST];
    size_t count;
    struct search_result *result;
};

static bool part_allowed(const struct decision *decision, word field)
{
    for (size_t i = 0; i < decision->count; i++) {
        if (decision->parts[i].field == field && decision->parts[i].verdict != VERDICT_REFUSE)
            return true;
    }
    return false;
}

/* Every word was found in a field that may be shown: a value that may not leads to nobody. */
static bool found_in_the_open(const struct question *question, const struct hit *hit,
                              const struct decision *decision)
{
    for (size_t w = 0; w < question->word_count; w++) {
        bool open = false;
        for (size_t f = 0; f < hit->found[w].count && !open; f++)
            open = part_allowed(decision, hit->found[w].fields[f]);
        if (!open)
            return false;
    }
    return true;
}

/* Only what may be shown; who looks is not told what else there is. */
static status only_allowed(struct call *call, const struct decision *all,
                           const struct decision *also, const struct decision **out)
{
    struct decision *shown = ARENA_NEW(call->arena, struct decision);
    struct part *parts = ARENA_ARRAY(call->arena, struct part, all->count + also->count + 1);
    if (shown == NULL || parts == NULL)
        return NO_MEMORY(call->report);
    *shown = (struct decision){.verdict = VERDICT_ALLOW, .parts = parts};
    for (size_t i = 0; i < all->count; i++) {
        if (all->parts[i].verdict != VERDICT_REFUSE)
            parts[shown->count++] = all->parts[i];
    }
    for (size_t i = 0; i < also->count; i++) {
        bool twice = false;
        for (size_t j = 0; j < shown->count; j++)
            twice |= ID_EQUAL(parts[j].item, also->parts[i].item);
        if (also->parts[i].verdict != VERDICT_REFUSE && !twice)
            parts[shown->count++] = also->parts[i];
    }
    *out = shown;
    return OK;
}

static status show_one(struct call *call, struct subject *subject, const struct operation *op,
                       const struct decision *decision, struct showing *showing)
{
    *showing = (struct showing){.dossier = subject->dossier, .decision = decision};
    return call_ask(call, subject->dossier->facts, op, "show_to", decision, &showing->wait);
}

/* Judged without a word in the log about who is not shown (G9). */
static status judge_hit(struct call *call, const struct question *question,
                        const struct search *request, struct operation op, const struct hit *hit,
                        struct searching *searching)
{
    static const struct decision nothing;
    struct subject subject;
    bool exists;
    TRY(vault_exists(call->reg->vault, hit->id, call->report, &exists));
    struct report quiet = {0}, *kept = call->report;
    call->report = &quiet;
    status opened = exists ? call_open_found(call, hit->id, &subject) : (status){FAULT_NOT_FOUND};
    call->report = kept;
    if (opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE)
        return OK;
    if (!is_ok(opened))
        return fail(kept, opened.fault, "%s", quiet.text);
    op.subject = hit->id;
    const struct decision *decision, *also = &nothing, *shown;
    TRY(call_judge(call, &subject, &op, &decision));
    if (!found_in_the_open(question, hit, decision))
        return OK;
    if (!str_is_empty(request->also)) {
        struct operation more;
        const struct plan_recipient *audience;
        TRY(audience_operation(call, request->also, STR(""), &more, &audience));
        more.subject = hit->id;
        TRY(call_judge(call, &subject, &more, &also));
    }
    TRY(only_allowed(call, decision, also, &shown));
    return show_one(call, &subject, &op, shown, &searching->shown[searching->count++]);
}

static status search_finish(struct call *call)
{
    struct searching *searching = call->state;
    struct search_result *result = searching->result;
    result->hits = ARENA_ARRAY(call->arena, struct search_hit, searching->count + 1);
    if (result->hits == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < searching->count; i++) {
        struct showing *showing = &searching->shown[i];
        struct search_hit *hit = &result->hits[result->count];
        hit->id = showing->dossier->facts->id;
        status shown =
            call_open_parts(call, showing->dossier, &showing->wait, showing->decision, &hit->shown);
        if (shown.fault == FAULT_NOT_FOUND) /* erased by a later call of this turn */
            continue;
        TRY(shown);
        result->count++;
    }
    return OK;
}

static status find_people(struct call *call, const struct question *question,
                          const struct search *request, const struct operation *op,
                          struct searching *searching)
{
    struct hits hits = {0};
    for (size_t w = 0; w < question->word_count; w++)
        TRY(look_up(call, question, w, &hits));
    for (size_t i = 0; i < hits.at.count && searching->count < HITS_MOST; i++)
        TRY(judge_hit(call, question, request, *op, &hits.at.at[i], searching));
    return OK;
}

/* Other fields than those of the directory, for those whom they are shown to. */
static status may_see_also(struct call *call, const struct search *request,
                           const struct facts *viewer)
{
    struct operation op;
    const struct plan_recipient *audience;
    if (str_is_empty(request->also))
        return OK;
    TRY(audience_operation(call, request->also, STR(""), &op, &audience));
    TRY(call_purpose_held(call, viewer, &op, op.purpose));
    return belongs(call, audience, viewer) ? OK : refuse_by(call, viewer, &op, audience, ".who");
}

status engine_search(struct call *call, const struct search *request, struct search_result *result)
{
    *result = (struct search_result){0};
    struct question question = {0};
    struct operation op;
    TRY(audience_operation(call, request->audience, request->purpose, &op, &question.audience));
    TRY(call_fields(call, request->fields, request->field_count, &question.fields,
                    &question.field_count));
    TRY(read_words(call, request, &question));
    const struct facts *viewer;
    TRY(open_viewer(call, request->viewer, &op, question.audience, &viewer));
    if (!question.audience->searchable)
        return refuse_by(call, viewer, &op, question.audience, ".searchable");
    TRY(may_see_also(call, request, viewer));
    TRY(count_search(call, request->viewer));
    struct searching *searching = ARENA_NEW(call->arena, struct searching);
    if (searching == NULL)
        return NO_MEMORY(call->report);
    searching->result = result;
    TRY(call_log(call, viewer, &op, "search", decision_by_scope()));
    uint64_t index = call->outcome.log_index;
    TRY(find_people(call, &question, request, &op, searching));
    call->outcome.log_index = index;
    call->decision = NULL;
    call->state = searching;
    call->finish = search_finish;
    return OK;
}

/* ---- one person, shown to one of an audience ---- */

static status view_finish(struct call *call)
{
    struct showing *showing = call->state;
    return call_open_parts(call, showing->dossier, &showing->wait, showing->decision,
                           showing->result);
}

status engine_view(struct call *call, const struct view_request *request,
                   struct read_result *result)
{
    *result = (struct read_result){0};
    struct operation op;
    const struct plan_recipient *audience;
    const struct facts *viewer;
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    TRY(audience_operation(call, request->audience, request->purpose, &op, &audience));
    TRY(open_viewer(call, request->viewer, &op, audience, &viewer));
    op.subject = request->subject;
    TRY(call_fields(call, request->fields, request->field_count, &op.fields, &op.field_count));
    op.items = request->items;
    op.item_count = request->item_count;
    static const struct decision nothing;
    const struct decision *decision, *shown;
    struct showing *showing = ARENA_NEW(call->arena, struct showing);
    if (showing == NULL)
        return NO_MEMORY(call->report);
    TRY(call_decide(call, &subject, &op, &decision));
    TRY(only_allowed(call, decision, &nothing, &shown));
    TRY(show_one(call, &subject, &op, shown, showing));
    showing->result = result;
    call->state = showing;
    call->finish = view_finish;
    return OK;
}
