/* What a request waits for while others are served: a password that is hashed in another thread (64
 * MB and some 50 ms each), or what a provider says.
 *
 *   handler --ask_wait--> [call ends] --works_park--> start() ... ask_go_on() --> works_step:
 * handler
 *
 * At most WORKS_AT_ONCE hash at a time and WORKS_MOST wait for that, whoever asks: memory has a
 * bound. */
#include "api_internal.h"

status ask_wait(struct ask *ask, void *steps, void (*start)(struct ask *ask))
{
    if (ask->api->waiting_count >= WAITS_MOST)
        return fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    ask->api->waiting_count++;
    ask->steps = steps;
    ask->start = start;
    ask->unfinished = ask->working = true;
    return OK;
}

void works_park(struct ask *ask)
{
    ask->start(ask);
}

void ask_go_on(struct ask *ask)
{
    struct api *api = ask->api;
    assert(api->worked_count < WAITS_MOST);
    api->worked[api->worked_count++] = ask;
    if (api->config.wake != NULL)
        api->config.wake(api->config.self);
}

/* ---- hashing ---- */

static void hash_one(struct http_work *work)
{
    struct hashing *hashing = (struct hashing *)work;
    struct report report = {0};
    if (hashing->checks)
        hashing->fits = password_fits(&hashing->given, hashing->hash);
    if (hashing->makes && (hashing->fits || !hashing->checks))
        hashing->failed =
            !is_ok(password_hash(&hashing->chosen, hashing->salt, hashing->made, &report));
    password_wipe(&hashing->given);
    password_wipe(&hashing->chosen);
}

static void hash_done(struct http_work *work)
{
    struct hashing *hashing = (struct hashing *)work;
    hashing->ask->api->works_running--;
    ask_go_on(hashing->ask);
}

static void start_waiting(struct api *api)
{
    while (api->work_count > 0 && api->works_running < WORKS_AT_ONCE) {
        struct hashing *next = api->works[0];
        api->work_count--;
        memmove(&api->works[0], &api->works[1], api->work_count * sizeof(api->works[0]));
        api->works_running++;
        if (api->config.work != NULL) {
            api->config.work(api->config.self, &next->work);
        } else {
            hash_one(&next->work);
            hash_done(&next->work);
        }
    }
}

static void hash_later(struct ask *ask)
{
    struct api *api = ask->api;
    api->works[api->work_count++] = ask->steps;
    start_waiting(api);
}

status hashing_begin(struct ask *ask, struct hashing *hashing)
{
    const struct api *api = ask->api;
    if (api->work_count + api->works_running >= WORKS_MOST)
        return fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    hashing->work = (struct http_work){.run = hash_one, .done = hash_done};
    hashing->ask = ask;
    return ask_wait(ask, hashing, hash_later);
}

/* ---- going on ---- */

/* A caller who meanwhile is none any more is answered as one. */
static void go_on(struct ask *ask)
{
    ask->working = false;
    ask->api->waiting_count--;
    if ((ask->route->flags & ROUTE_AFTER) != 0 && reg_caller_holds(ask->reg, ask->caller))
        answer_plain(ask);
    else if ((ask->route->flags & ROUTE_OPEN) != 0 || reg_caller_holds(ask->reg, ask->caller))
        run_call(ask);
    else
        answer_fault(ask, fail(&ask->report, FAULT_UNAUTHENTICATED, "%s",
                               fault_text(FAULT_UNAUTHENTICATED)));
}

void works_step(struct api *api)
{
    struct ask *done[WAITS_MOST];
    size_t count = api->worked_count;
    memcpy(done, api->worked, count * sizeof(done[0]));
    api->worked_count = 0;
    for (size_t i = 0; i < count; i++)
        go_on(done[i]);
    start_waiting(api);
}
