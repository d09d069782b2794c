/* What goes in the days to come: every item whose end is known to lie before the horizon. */
#include "calendar.h"
#include "engine_internal.h"
#include "json.h"

enum {
    FORECAST_PAGE = 100,
    FORECAST_LISTED = 1000,
    FORECAST_BYTES = 8 << 20,
    FORECAST_DAYS = 3660
};

struct day_count {
    struct date date;
    word field;
    str rule;
    uint64_t items;
};

struct forecasting {
    instant from, until;
    struct buf buf;
    struct json_out json;
    struct vault_due_cursor cursor;
    uint64_t looked;
    bool done;
    LIST(struct day_count) days;
    uint64_t items, people;
    struct json_out *out;
    uint64_t overdue, listed;
};

static status count_item(struct call *call, struct forecasting *work,
                         const struct settled_item *item)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct date date = instant_date(plan->zone, item->end);
    for (size_t i = 0; i < work->days.count; i++) {
        struct day_count *there = &work->days.at[i];
        if (date_compare(there->date, date) == 0 && there->field == item->item->field &&
            str_equal(there->rule, item->rule->path)) {
            there->items++;
            return OK;
        }
    }
    struct day_count *added = LIST_ADD(call->arena, &work->days);
    str rule = arena_copy(call->arena, item->rule->path);
    if (added == NULL || rule.ptr == NULL)
        return NO_MEMORY(call->report);
    *added = (struct day_count){date, item->item->field, rule, 1};
    return OK;
}

static void list_item(struct call *call, struct forecasting *work, dossier_id subject,
                      const struct settled_item *item)
{
    if (++work->listed > FORECAST_LISTED)
        return;
    struct json_out *out = work->out;
    json_open_object(out);
    json_key(out, "subject");
    json_put_id(out, subject.bytes);
    json_key(out, "item");
    json_put_id(out, item->item->id.bytes);
    json_key(out, "field");
    json_put_str(out, call_text(call, item->item->field));
    json_key(out, "ends");
    json_put_instant(out, item->end);
    json_key(out, "rule");
    json_put_str(out, item->rule->path);
    json_close_object(out);
}

static status forecast_subject(struct call *call, struct forecasting *work, dossier_id id)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call own = *call;
    own.arena = arena;
    enum presence presence;
    struct subject subject = {0};
    TRY(vault_load(call->reg->vault, id, arena, call->report, &presence, &subject.dossier));
    if (presence != PRESENCE_LIVE || subject.dossier->facts->kind != DOSSIER_SUBJECT)
        return OK;
    TRY(call_view(&own, subject.dossier->facts, NULL, &subject.view));
    TRY(call_settle(&own, &subject));
    bool counted = false;
    for (size_t i = 0; i < subject.settled.count; i++) {
        const struct settled_item *item = &subject.settled.items[i];
        if (item->item->field == 0 || !before(item->end, work->until))
            continue;
        TRY(count_item(call, work, item));
        list_item(call, work, id, item);
        work->items++;
        work->overdue += !before(call->now, item->end);
        counted = true;
    }
    work->people += counted;
    return OK;
}

static void put_days(struct call *call, const struct forecasting *work)
{
    struct json_out *out = work->out;
    json_open_array(out);
    for (size_t i = 0; i < work->days.count; i++) {
        const struct day_count *day = &work->days.at[i];
        char text[16];
        struct buf buf = buf_over(text, sizeof(text));
        buf_date(&buf, day->date);
        json_open_object(out);
        json_key(out, "date");
        json_put_str(out, buf_str(&buf));
        json_key(out, "field");
        json_put_str(out, call_text(call, day->field));
        json_key(out, "rule");
        json_put_str(out, day->rule);
        json_key(out, "items");
        json_put_u64(out, day->items);
        json_close_object(out);
    }
    json_close_array(out);
}

static status forecast_some(struct call *call, struct forecasting *work)
{
    struct step step = step_begin(call->reg);
    size_t page = step.most < FORECAST_PAGE ? step.most : FORECAST_PAGE;
    for (bool goes_on = true; goes_on && !work->done;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        struct vault_due_cursor *due;
        size_t count;
        TRY(vault_due_page(call->reg->vault, work->until, page, work->cursor, arena, call->report,
                           &due, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(forecast_subject(call, work, due[i].id));
            work->cursor = due[i];
            goes_on = step_goes_on(&step);
        }
        work->looked += count;
        work->done = count < page;
    }
    return OK;
}

static status begin_forecast(struct call *call, uint32_t days, struct forecasting **out)
{
    if (days == 0 || days > FORECAST_DAYS)
        return fail(call->report, FAULT_INVALID, "a forecast looks 1 to %d days ahead",
                    FORECAST_DAYS);
    TRY(call_whole_register(call));
    TRY(call_version_lost(call));
    struct forecasting *work = ARENA_NEW(call->arena, struct forecasting);
    if (work == NULL)
        return NO_MEMORY(call->report);
    work->buf = buf_in(call->arena, FORECAST_BYTES);
    work->json = json_out_over(&work->buf);
    work->out = &work->json;
    work->from = call->now;
    work->until = (instant){call->now.ms + (int64_t)days * 86400000};
    json_open_object(work->out);
    json_key(work->out, "from");
    json_put_instant(work->out, work->from);
    json_key(work->out, "until");
    json_put_instant(work->out, work->until);
    json_key(work->out, "items");
    json_open_array(work->out);
    *out = work;
    return OK;
}

static status end_forecast(struct call *call, struct forecasting *work, str *document)
{
    struct json_out *out = work->out;
    json_close_array(out);
    json_key(out, "days");
    put_days(call, work);
    json_key(out, "count");
    json_put_u64(out, work->items);
    json_key(out, "overdue"); /* ended, unreadable, and not yet taken by a sweep */
    json_put_u64(out, work->overdue);
    json_key(out, "people");
    json_put_u64(out, work->people);
    json_key(out, "listed_all");
    json_put_bool(out, work->listed <= FORECAST_LISTED);
    json_close_object(out);
    TRY(buf_finish(&work->buf, call->report, document));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "forecast", decision_by_scope());
}

status engine_forecast_step(struct call *call, uint32_t days, struct forecasting **work,
                            struct progress *progress, str *document)
{
    if (*work == NULL)
        TRY(begin_forecast(call, days, work));
    TRY(forecast_some(call, *work));
    *progress = (struct progress){.looked = (*work)->looked, .done = (*work)->done};
    TRY(vault_count(call->reg->vault, DOSSIER_SUBJECT, call->report, &progress->of));
    return (*work)->done ? end_forecast(call, *work, document) : OK;
}

status engine_forecast(struct call *call, uint32_t days, str *document)
{
    struct forecasting *work = NULL;
    struct progress progress = {0};
    while (!progress.done)
        TRY(engine_forecast_step(call, days, &work, &progress, document));
    return OK;
}
