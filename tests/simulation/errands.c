/* Values that stay in the firm's own system: of each the model keeps the firm's reference, and what
 * became of the item. Where an item went, by whichever cause, the firm must have been told to
 * erase, once, until it says that it has; where it is there still, it must not. */
#include "simulation.h"

enum { PAGE = 64 };

void model_refer(struct model *model, record_id item, str reference)
{
    if (model->reference_count < REFERENCES_MOST)
        model->references[model->reference_count++] =
            (struct known_reference){.item = item, .text = reference};
}

void model_refer_anew(struct model *model, record_id item)
{
    for (size_t i = 0; i < model->reference_count; i++)
        model->references[i].replaced |= ID_EQUAL(model->references[i].item, item);
}

static bool is_there(const struct model *model, const struct known_reference *reference)
{
    for (size_t i = 0; i < PEOPLE_MOST; i++) {
        const struct facts *facts = &model->people[i].facts;
        for (size_t k = 0; model->people[i].arena != NULL && k < facts->items.count; k++)
            if (ID_EQUAL(facts->items.at[k].id, reference->item))
                return true;
    }
    return false;
}

/* What a restore lost never came, as far as anybody knows: nobody is told to erase it. */
void model_references_restored(struct model *now, const struct model *was)
{
    for (size_t i = 0; i < now->reference_count; i++)
        now->references[i].lost |=
            is_there(was, &was->references[i]) && !is_there(now, &now->references[i]);
}

/* ---- what the firm is told ---- */

struct listing {
    dossier_id after;
    struct task_list page;
};

static status list_tasks(struct call *call, void *request)
{
    struct listing *listing = request;
    return engine_task_list(call, listing->after, PAGE, &listing->page);
}

static bool is_erasure(const struct task_view *task)
{
    return str_is(task->kind, "errand") && str_is(task->name, "erase");
}

/* Every open one, in the order of their dossiers. */
static bool open_erasures(struct run *run, struct task_view **tasks, size_t *count)
{
    struct listing listing = {.page = {.more = true}};
    *tasks = ARENA_ARRAY(run->arena, struct task_view, REFERENCES_MOST);
    *count = 0;
    while (listing.page.more) {
        struct report report = {0};
        struct call call;
        NEED(run,
             is_ok(engine_run(run->engine, run->reg, engine_system(), run->arena, &report, &call,
                              list_tasks, &listing)),
             "no tasks: %s", report.text);
        for (size_t i = 0; i < listing.page.count; i++)
            if (is_erasure(&listing.page.at[i]) && *count < REFERENCES_MOST)
                (*tasks)[(*count)++] = listing.page.at[i];
        listing.after = listing.page.last;
    }
    return true;
}

static size_t times_in(const struct task_view *tasks, size_t count, str reference)
{
    size_t times = 0;
    for (size_t i = 0; i < count; i++)
        times += str_equal(tasks[i].reference, reference);
    return times;
}

/* G3: what is erased here is erased there. After a restore the next sweep lists it again. */
bool check_errands(struct run *run)
{
    struct task_view *tasks;
    size_t count, expected = 0;
    struct model *model = &run->model;
    if (model->reference_count == 0)
        return true;
    arena_reset(run->arena);
    if (!open_erasures(run, &tasks, &count))
        return false;
    for (size_t i = 0; i < model->reference_count; i++) {
        const struct known_reference *one = &model->references[i];
        size_t due = !is_there(model, one) && !one->replaced && !one->lost && !one->done;
        expected += due;
        NEED(run, times_in(tasks, count, one->text) == due,
             "the firm is told %zu times to erase %.*s, and not %zu times",
             times_in(tasks, count, one->text), STR_ARG(one->text), due);
    }
    NEED(run, model->reference_count == REFERENCES_MOST || expected == count,
         "the firm is told to erase %zu values, and not %zu", count, expected);
    return true;
}

/* ---- it says that it has ---- */

static status say_done(struct call *call, void *request)
{
    return engine_task_done(call, request);
}

bool errand_is_done(struct run *run)
{
    struct task_view *tasks;
    size_t count;
    struct report report = {0};
    struct call call;
    arena_reset(run->arena);
    if (run->model.reference_count == 0 || !open_erasures(run, &tasks, &count))
        return run->why[0] == '\0';
    if (count == 0)
        return true;
    const struct task_view *task = &tasks[below(&run->chance, count)];
    struct task_done done = {.dossier = task->dossier, .task = task->record};
    trace(run, "%.*s is erased in the firm's own system", STR_ARG(task->reference));
    NEED(run,
         is_ok(engine_run(run->engine, run->reg, engine_system(), run->arena, &report, &call,
                          say_done, &done)),
         "an errand is not done: %s", report.text);
    for (size_t i = 0; i < run->model.reference_count; i++)
        run->model.references[i].done |=
            str_equal(run->model.references[i].text, task->reference);
    run->tally->errands++;
    return check_entries(run);
}
