/* Fixed statistics: how many people a purpose that only counts may count (COB-75, INF-42).
 *
 *   everyone --decide, at midnight and now--> one cell of each table --cube_guard--> kept for the
 * day
 *
 * One pass counts every table of the day, whichever of them was asked for, so that two tables never
 * differ by who came or went between two questions. Nothing is read but facts. */
#include "calendar.h"
#include "cube.h"
#include "engine_internal.h"

enum { PEOPLE_PAGE = 100, MONTHS = 12, TABLE_BYTES = 256 << 10 };

enum dimension {
    DIMENSION_NONE,
    DIMENSION_ROLE,
    DIMENSION_SOURCE,
    DIMENSION_CATEGORY,
    DIMENSION_MONTH,
    DIMENSION_COUNT
};
static const char *const DIMENSIONS[DIMENSION_COUNT] = {"none", "role", "source", "category",
                                                        "month"};

struct table {
    struct cube_cell *cells;
    size_t count;
};

struct counting {
    struct operation op; /* of the purpose, for nobody yet, without whoever asks */
    const struct plan *plan;
    plan_index purpose;
    instant midnight;
    struct table tables[DIMENSION_COUNT];
    uint64_t people, looked;
    dossier_id after;
    bool done;
};

/* ---- who may ask ---- */

static status refuse_by(struct call *call, const struct operation *op, str rule,
                        const struct covers *ids)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason = (struct reason){.rule = rule, .article = STR("GDPR 5(1)(b)")};
    if (ids != NULL)
        decision->reason.ids = *ids;
    return call_refuse(call, NULL, op, decision);
}

/* Staff ask in a role that is for the purpose and has what it needs. */
static status check_staff(struct call *call, const struct operation *op)
{
    struct view view;
    TRY(call_view(call, NULL, op, &view));
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    TRY(decide_staff(&view, op, call->now, call->arena, call->report, decision));
    return decision->verdict == VERDICT_REFUSE ? call_refuse(call, NULL, op, decision) : OK;
}

static status may_ask(struct call *call, const struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->purpose_of, op->purpose);
    TRY(call_purpose_held(call, NULL, op, op->purpose));
    TRY(call_company_named(call, NULL, op));
    if (index == NONE)
        return refuse_by(call, op, STR("purposes"), NULL);
    const struct plan_purpose *purpose = &plan->purpose[index];
    if (purpose->clause.closed)
        return refuse_by(call, op, purpose->clause.path, &purpose->clause.covers);
    if (purpose->counts_only == 0)
        return refuse_by(
            call, op, arena_format(call->arena, "%.*s.counts_only", STR_ARG(purpose->clause.path)),
            &purpose->clause.covers);
    return check_staff(call, op);
}

static status statistics_operation(struct call *call, const struct statistics_ask *request,
                                   struct operation *op, enum dimension *by)
{
    *by = DIMENSION_NONE;
    while (!str_is_empty(request->by) && *by < DIMENSION_COUNT &&
           !str_is(request->by, DIMENSIONS[*by]))
        ++*by;
    if (*by == DIMENSION_COUNT)
        return fail_at(call->report, FAULT_INVALID, "/by",
                       "statistics are by none, role, source, category or month");
    *op = call_operation(call, ACTION_USE, (dossier_id){{0}});
    if (str_is_empty(request->purpose))
        return fail_at(call->report, FAULT_INVALID, "/purpose", "statistics name their purpose");
    TRY(call_purpose(call, request->purpose, &op->purpose));
    return call_controller(call, request->controller, op);
}

/* ---- tables that are kept for their day ---- */

struct kept {
    str day, document;
    uint64_t least;
    str people; /* rounded; "few" when withheld */
};

static str day_text(struct call *call, const struct plan *plan, instant at)
{
    char text[16];
    struct buf buf = buf_over(text, sizeof(text));
    buf_date(&buf, instant_date(plan->zone, at));
    return arena_copy(call->arena, buf_str(&buf));
}

static str month_of(str day)
{
    return str_slice(day, 0, STR("2026-11").len);
}

static str meta_name(struct call *call, const struct operation *op, enum dimension by)
{
    return arena_format(call->arena, "statistics:%.*s:%.*s:%s",
                        STR_ARG(call_text(call, op->purpose)),
                        STR_ARG(call_text(call, op->controller)), DIMENSIONS[by]);
}

/* "2026-11-25 10 120 {...}" */
static bool kept_read(str text, struct kept *kept)
{
    str words[3];
    for (size_t i = 0; i < LENGTH(words); i++) {
        size_t end = 0;
        while (end < text.len && text.ptr[end] != ' ')
            end++;
        if (end == text.len)
            return false;
        words[i] = str_slice(text, 0, end);
        text = str_slice(text, end + 1, text.len);
    }
    *kept = (struct kept){.day = words[0], .people = words[2], .document = text};
    return str_to_u64(words[1], &kept->least);
}

static status find_kept(struct call *call, const struct operation *op, enum dimension by,
                        struct kept *kept, bool *found)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    str text;
    TRY(vault_meta(call->reg->vault, meta_name(call, op, by), call->arena, call->report, &text));
    *found = false;
    if (str_is_empty(text))
        return OK;
    if (!kept_read(text, kept))
        return fail(call->report, FAULT_CORRUPT, "kept statistics are not what was kept");
    *found = str_equal(kept->day, day_text(call, plan, call->now));
    return OK;
}

/* The answer is the same all day, and each asking has its entry. */
static status answer_kept(struct call *call, const struct operation *op, enum dimension by,
                          const struct kept *kept, bool first, str *document)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index purpose = plan_find(plan, plan->purpose_of, op->purpose);
    if (purpose != NONE && kept->least < cube_least(plan->purpose[purpose].counts_only))
        return fail(call->report, FAULT_CONFLICT,
                    "this day's tables were counted for smaller groups than the policy now asks: "
                    "ask again tomorrow");
    str effects[] = {arena_format(call->arena, "by:%s", DIMENSIONS[by]),
                     arena_format(call->arena, "people:%.*s", STR_ARG(kept->people)),
                     STR("published")};
    *document = kept->document;
    return call_log_effects(call, NULL, op, "statistics", decision_by_scope(), effects,
                            LENGTH(effects) - (first ? 0 : 1));
}

/* ---- the cells of each table: names of the policy, whoever is counted ---- */

static status put_cell(struct call *call, struct table *table, str value)
{
    if (value.ptr == NULL)
        return NO_MEMORY(call->report);
    table->cells[table->count++] = (struct cube_cell){.value = value};
    return OK;
}

static bool is_role_of(const struct counting *work, plan_index role)
{
    return refs_has(&work->plan->purpose[work->purpose].roles, role);
}

static bool is_source_of(const struct counting *work, plan_index source)
{
    const struct refs *from = &work->plan->purpose[work->purpose].from;
    return !from->stated || refs_has(from, source);
}

static bool is_category_of(const struct counting *work, plan_index category)
{
    const struct field_set *uses = &work->plan->purpose[work->purpose].uses;
    for (size_t f = 0; f < work->plan->field_count; f++) {
        if (work->plan->field[f].category == category && field_set_has(uses, (plan_index)f))
            return true;
    }
    return false;
}

static status name_cells(struct call *call, struct counting *work)
{
    const struct plan *plan = work->plan;
    struct table *tables = work->tables;
    for (size_t i = 0; i < plan->role_count; i++) {
        if (is_role_of(work, (plan_index)i))
            TRY(put_cell(call, &tables[DIMENSION_ROLE],
                         call_text(call, plan->role[i].clause.name)));
    }
    TRY(put_cell(call, &tables[DIMENSION_ROLE], STR("(several)")));
    TRY(put_cell(call, &tables[DIMENSION_ROLE], STR("(none)")));
    for (size_t i = 0; i < plan->source_count; i++) {
        if (is_source_of(work, (plan_index)i))
            TRY(put_cell(call, &tables[DIMENSION_SOURCE],
                         call_text(call, plan->source[i].clause.name)));
    }
    TRY(put_cell(call, &tables[DIMENSION_SOURCE], STR("(other)")));
    for (size_t i = 0; i < plan->category_count; i++) {
        if (is_category_of(work, (plan_index)i))
            TRY(put_cell(call, &tables[DIMENSION_CATEGORY],
                         call_text(call, plan->category[i].clause.name)));
    }
    TRY(put_cell(call, &tables[DIMENSION_CATEGORY], STR("(other)")));
    struct date month = instant_date(plan->zone, work->midnight);
    month.day = 1;
    for (int i = 0; i < MONTHS; i++) {
        str day = day_text(call, plan, date_start(plan->zone, date_add_months(month, -i)));
        TRY(put_cell(call, &tables[DIMENSION_MONTH], month_of(day)));
    }
    return put_cell(call, &tables[DIMENSION_MONTH], STR("(earlier)"));
}

static status begin_tables(struct call *call, struct counting *work)
{
    work->plan = reg_plan(call->reg, call->now);
    work->purpose = plan_find(work->plan, work->plan->purpose_of, work->op.purpose);
    work->midnight = date_start(work->plan->zone, instant_date(work->plan->zone, call->now));
    work->people = 0;
    work->looked = 0;
    work->after = (dossier_id){{0}};
    size_t most = (size_t)work->plan->role_count + work->plan->source_count +
                  work->plan->category_count + MONTHS + 4;
    for (size_t by = 0; by < DIMENSION_COUNT; by++) {
        struct cube_cell *cells = ARENA_ARRAY(call->arena, struct cube_cell, most);
        if (cells == NULL)
            return NO_MEMORY(call->report);
        work->tables[by] = (struct table){.cells = cells};
    }
    return name_cells(call, work);
}

/* ---- counting one person ---- */

/* The last cell is for whoever is in none of those that have a name. */
static void count_in(struct table *table, str value)
{
    size_t i = 0;
    while (i + 1 < table->count && !str_equal(table->cells[i].value, value))
        i++;
    table->cells[i].people++;
}

static void count_role(struct call *call, struct counting *work, const struct facts *facts)
{
    word only = 0;
    bool several = false;
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        plan_index index = plan_find(work->plan, work->plan->role_of, role->role);
        bool live = !before(work->midnight, role->since) && before(work->midnight, role->until);
        if (!live || index == NONE || !is_role_of(work, index) || role->role == only)
            continue;
        several |= only != 0;
        only = role->role;
    }
    count_in(&work->tables[DIMENSION_ROLE], several ? STR("(several)") : call_text(call, only));
}

/* Of items that came together, the one whose field comes first in the policy. */
static bool is_earlier(const struct counting *work, const struct fact_item *a,
                       const struct fact_item *b)
{
    if (a->collected.ms != b->collected.ms)
        return before(a->collected, b->collected);
    return plan_find(work->plan, work->plan->field_of, a->field) <
           plan_find(work->plan, work->plan->field_of, b->field);
}

static void count_item(struct call *call, struct counting *work, const struct fact_item *item)
{
    const struct plan *plan = work->plan;
    plan_index field = plan_find(plan, plan->field_of, item->field);
    str category = field == NONE
                       ? STR("")
                       : call_text(call, plan->category[plan->field[field].category].clause.name);
    count_in(&work->tables[DIMENSION_SOURCE], call_text(call, item->source));
    count_in(&work->tables[DIMENSION_CATEGORY], category);
    str day = day_text(call, plan, item->collected);
    count_in(&work->tables[DIMENSION_MONTH], month_of(day));
}

static bool allows(const struct decision *decision, record_id item)
{
    for (size_t i = 0; i < decision->count; i++) {
        if (ID_EQUAL(decision->parts[i].item, item))
            return decision->parts[i].verdict != VERDICT_REFUSE;
    }
    return false;
}

static status decide_at(struct call *call, struct subject *subject, const struct operation *op,
                        instant t, struct decision *decision)
{
    TRY(settle(&subject->view, t, call->arena, call->report, &subject->settled));
    return decide(&subject->view, &subject->settled, op, t, call->arena, call->report, decision);
}

/* The item that the purpose has had for longest, of those that it might use at midnight and may
 * use still; NULL: the person is not counted. */
static status find_item(struct call *call, const struct counting *work, struct subject *subject,
                        const struct fact_item **first)
{
    const struct facts *facts = subject->dossier->facts;
    struct operation op = work->op;
    struct decision then = {0}, now = {0};
    *first = NULL;
    op.subject = facts->id;
    TRY(call_view(call, facts, &op, &subject->view));
    TRY(decide_at(call, subject, &op, work->midnight, &then));
    if (then.verdict == VERDICT_REFUSE)
        return OK;
    TRY(decide_at(call, subject, &op, call->now, &now));
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        if (!before(work->midnight, item->collected) && allows(&then, item->id) &&
            allows(&now, item->id) && (*first == NULL || is_earlier(work, item, *first)))
            *first = item;
    }
    return OK;
}

static status count_person(struct call *call, struct counting *work, dossier_id id)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call own = *call;
    own.arena = arena;
    enum presence presence;
    struct subject subject = {0};
    TRY(vault_load(call->reg->vault, id, arena, call->report, &presence, &subject.dossier));
    if (presence != PRESENCE_LIVE || subject.dossier->facts->kind != DOSSIER_SUBJECT ||
        before(work->midnight, subject.dossier->facts->created))
        return OK;
    const struct fact_item *first;
    TRY(find_item(&own, work, &subject, &first));
    if (first == NULL)
        return OK;
    work->people++;
    count_role(&own, work, subject.dossier->facts);
    count_item(&own, work, first);
    return OK;
}

/* ---- publishing ---- */

static void put_people(struct json_out *out, uint64_t people, bool shown)
{
    if (shown)
        json_put_u64(out, cube_rounded(people));
    else
        json_put_null(out);
}

static void put_cells(struct json_out *out, const struct table *table)
{
    json_open_array(out);
    for (size_t i = 0; i < table->count; i++) {
        const struct cube_cell *cell = &table->cells[i];
        json_open_object(out);
        json_key(out, "value");
        json_put_str(out, cell->value);
        json_key(out, "people");
        put_people(out, cell->people, cell->shown);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_document(const struct call *call, const struct counting *work, enum dimension by,
                         uint64_t least, str day, struct json_out *out)
{
    json_open_object(out);
    json_key(out, "purpose");
    json_put_str(out, call_text(call, work->op.purpose));
    json_key(out, "controller");
    json_put_str(out, call_text(call, work->op.controller));
    json_key(out, "day");
    json_put_str(out, day);
    json_key(out, "as_of");
    json_put_instant(out, work->midnight);
    json_key(out, "by");
    json_put_text(out, DIMENSIONS[by]);
    json_key(out, "least");
    json_put_u64(out, least);
    json_key(out, "people");
    put_people(out, work->people, work->people >= least);
    json_key(out, "cells");
    put_cells(out, &work->tables[by]);
    json_close_object(out);
}

static status keep_table(struct call *call, struct counting *work, enum dimension by,
                         uint64_t least)
{
    struct table *table = &work->tables[by];
    cube_guard(table->cells, table->count, work->people, least);
    str day = day_text(call, work->plan, work->midnight);
    struct buf buf = buf_in(call->arena, TABLE_BYTES);
    buf_format(&buf, "%.*s %llu ", STR_ARG(day), (unsigned long long)least);
    if (work->people < least)
        buf_text(&buf, "few ");
    else
        buf_format(&buf, "%llu ", (unsigned long long)cube_rounded(work->people));
    struct json_out out = json_out_over(&buf);
    put_document(call, work, by, least, day, &out);
    str text;
    TRY(buf_finish(&buf, call->report, &text));
    return vault_meta_set(call->reg->vault, meta_name(call, &work->op, by), text, call->report);
}

static status publish(struct call *call, struct counting *work)
{
    uint64_t least = cube_least(work->plan->purpose[work->purpose].counts_only);
    for (size_t by = 0; by < DIMENSION_COUNT; by++)
        TRY(keep_table(call, work, (enum dimension)by, least));
    return OK;
}

/* ---- step by step ---- */

static status count_some(struct call *call, struct counting *work)
{
    struct step step = step_begin(call->reg);
    size_t page = step.most < PEOPLE_PAGE ? step.most : PEOPLE_PAGE;
    for (bool goes_on = true; goes_on && !work->done;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        size_t count;
        TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, work->after, page, arena, call->report,
                       &ids, &count));
        size_t i = 0;
        for (; i < count && goes_on; i++) {
            TRY(count_person(call, work, ids[i]));
            work->after = ids[i];
            work->looked++;
            goes_on = step_goes_on(&step);
        }
        work->done = count < page && i == count;
    }
    return OK;
}

/* What was counted before midnight, or under an older version, is no part of this day's tables. */
static bool is_stale(const struct call *call, const struct counting *work)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    return plan != work->plan ||
           date_start(plan->zone, instant_date(plan->zone, call->now)).ms != work->midnight.ms;
}

static status begin_counting(struct call *call, const struct operation *op, struct counting **out)
{
    struct counting *work = ARENA_NEW(call->arena, struct counting);
    if (work == NULL)
        return NO_MEMORY(call->report);
    work->op = *op;
    work->op.staff = 0; /* who asks has been asked about; people are counted for nobody */
    work->op.actor = (dossier_id){{0}};
    *out = work;
    return begin_tables(call, work);
}

status engine_statistics_step(struct call *call, const struct statistics_ask *request,
                              struct counting **work, struct progress *progress, str *document)
{
    struct operation op;
    enum dimension by;
    struct kept kept;
    bool found;
    *progress = (struct progress){.done = true};
    TRY(statistics_operation(call, request, &op, &by));
    TRY(call_version_lost(call));
    TRY(may_ask(call, &op));
    TRY(find_kept(call, &op, by, &kept, &found)); /* perhaps by another who asked meanwhile */
    if (found)
        return answer_kept(call, &op, by, &kept, false, document);
    if (*work == NULL)
        TRY(begin_counting(call, &op, work));
    else if (is_stale(call, *work))
        TRY(begin_tables(call, *work));
    TRY(count_some(call, *work));
    *progress = (struct progress){.looked = (*work)->looked, .done = (*work)->done};
    TRY(vault_count(call->reg->vault, DOSSIER_SUBJECT, call->report, &progress->of));
    if (!(*work)->done)
        return OK;
    TRY(publish(call, *work));
    TRY(find_kept(call, &op, by, &kept, &found));
    assert(found);
    return answer_kept(call, &op, by, &kept, true, document);
}

status engine_statistics(struct call *call, const struct statistics_ask *request, str *document)
{
    struct counting *work = NULL;
    struct progress progress = {0};
    while (!progress.done)
        TRY(engine_statistics_step(call, request, &work, &progress, document));
    return OK;
}
