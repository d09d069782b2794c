/* Passwords are hashed in other threads: one takes 64 MB and some 50 ms, and nobody else waits for
 * it.
 *
 *   handler --hashing_begin--> [call ends] --works_park--> thread --done--> works_step: handler
 * again
 *
 * At most WORKS_AT_ONCE hash at a time and WORKS_MOST wait, whoever asks: memory has a bound. */
#include "api_internal.h"

static void hash_one(struct http_work *work)
{
    struct hashing *hashing = (struct hashing *)work;
    struct report report = {0};
    if (hashing->makes)
        hashing->failed =
            !is_ok(password_hash(&hashing->given, hashing->salt, hashing->hash, &report));
    else
        hashing->fits = password_fits(&hashing->given, hashing->hash);
    password_wipe(&hashing->given);
}

static void hash_done(struct http_work *work)
{
    struct hashing *hashing = (struct hashing *)work;
    struct api *api = hashing->ask->api;
    api->works_running--;
    api->worked[api->worked_count++] = hashing->ask;
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

status hashing_begin(struct ask *ask, struct hashing *hashing)
{
    const struct api *api = ask->api;
    if (api->work_count + api->works_running + api->worked_count >= WORKS_MOST)
        return fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    hashing->work = (struct http_work){.run = hash_one, .done = hash_done};
    hashing->ask = ask;
    ask->steps = hashing;
    ask->unfinished = ask->working = true;
    return OK;
}

status works_park(struct ask *ask)
{
    struct api *api = ask->api;
    api->works[api->work_count++] = ask->steps;
    start_waiting(api);
    return OK;
}

/* A caller who meanwhile is none any more is answered as one. */
static void go_on(struct ask *ask)
{
    ask->working = false;
    if ((ask->route->flags & ROUTE_OPEN) != 0 || reg_caller_holds(ask->reg, ask->caller))
        run_call(ask);
    else
        answer_fault(ask, fail(&ask->report, FAULT_UNAUTHENTICATED, "%s",
                               fault_text(FAULT_UNAUTHENTICATED)));
}

void works_step(struct api *api)
{
    struct ask *done[WORKS_MOST];
    size_t count = api->worked_count;
    memcpy(done, api->worked, count * sizeof(done[0]));
    api->worked_count = 0;
    for (size_t i = 0; i < count; i++)
        go_on(done[i]);
    start_waiting(api);
}
