/* Backups, one after the other: copied a step at a time between turns, then flushed and summed up,
 * or encrypted, by a thread.
 *
 *   backup_make --ask_wait--> backup_step ... backup_step --> thread --> backup_make: the answer */
#include "api_internal.h"
#include "file.h"

struct backing_up {
    struct http_work work; /* first: what the thread is given */
    struct ask *ask;
    struct backup backup;
    struct recipient recipient;
    struct backup_job *job; /* NULL: it has not begun */
    status made;
    struct report report; /* of the thread */
};

static status read_recipient(struct ask *ask, str text, struct backing_up *steps)
{
    struct report odd = {0};
    if (str_is_empty(text))
        return OK;
    if (!is_ok(recipient_parse(text, &odd, &steps->recipient)))
        return fail_at(&ask->report, FAULT_INVALID, "/recipient",
                       "this is no recipient (vern keys recipient prints one)");
    steps->backup.recipient = &steps->recipient;
    return OK;
}

/* BACKUP_DIR/REGISTER/NAME, which must be new. */
static status choose_folder(struct ask *ask, str name, struct backing_up *steps)
{
    str parent = arena_format(ask->arena, "%s/%.*s", ask->api->config.backup_dir,
                              STR_ARG(reg_name(ask->reg)));
    str path = arena_format(ask->arena, "%.*s/%.*s", STR_ARG(parent), STR_ARG(name));
    const char *parent_text = arena_c_string(ask->arena, parent);
    steps->backup.dir = arena_c_string(ask->arena, path);
    if (parent_text == NULL || steps->backup.dir == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < ask->api->backup_count; i++) {
        const struct backing_up *other = ask->api->backups[i]->steps;
        if (strcmp(other->backup.dir, steps->backup.dir) == 0)
            return fail_at(&ask->report, FAULT_CONFLICT, "/name",
                           "a backup of this name is being made");
    }
    if (engine_backup_there(steps->backup.dir))
        return fail_at(&ask->report, FAULT_CONFLICT, "/name", "there is a backup of this name");
    return dir_make(parent_text, 0700, &ask->report);
}

static void wait_in_line(struct ask *ask)
{
    struct api *api = ask->api;
    api->backups[api->backup_count++] = ask; /* ask_wait() saw that there is room */
    if (api->config.wake != NULL)
        api->config.wake(api->config.self);
}

static status begin(struct ask *ask, const struct backup_body *body)
{
    if (ask->api->config.backup_dir == NULL)
        return fail(&ask->report, FAULT_FORBIDDEN,
                    "the server has no folder for backups: start it with --backup-dir");
    if (!bind_is_vetted(body->name))
        return fail_at(&ask->report, FAULT_INVALID, "/name",
                       "a backup's name is letters, digits, _ and -, at most 64 long");
    struct backing_up *steps = ARENA_NEW(ask->arena, struct backing_up);
    if (steps == NULL)
        return NO_MEMORY(&ask->report);
    steps->ask = ask;
    TRY(read_recipient(ask, body->recipient, steps));
    TRY(choose_folder(ask, body->name, steps));
    return ask_wait(ask, steps, wait_in_line);
}

status backup_make(struct ask *ask)
{
    const struct backup_body *body = ask->body;
    if (ask->steps == NULL)
        return begin(ask, body);
    TRY(((struct backing_up *)ask->steps)->made);
    struct backup_reply *reply = ARENA_NEW(ask->arena, struct backup_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    reply->name = body->name;
    ask->answer = reply;
    return OK;
}

/* ---- steps ---- */

bool backup_is_asked(const struct api *api)
{
    return api->backup_count > 0 && !api->backup_works;
}

/* The first in line has come to its end. */
static void ended(struct api *api, status made)
{
    struct ask *ask = api->backups[0];
    struct backing_up *steps = ask->steps;
    engine_backup_end(&steps->job, made);
    steps->made = made;
    api->backup_count--;
    memmove(&api->backups[0], &api->backups[1], api->backup_count * sizeof(api->backups[0]));
    ask_go_on(ask);
}

static void finish(struct http_work *work)
{
    struct backing_up *steps = (struct backing_up *)work;
    steps->made = engine_backup_finish(steps->job, &steps->report);
}

static void finished(struct http_work *work)
{
    struct backing_up *steps = (struct backing_up *)work;
    struct api *api = steps->ask->api;
    api->backup_works = false;
    steps->ask->report = steps->report;
    ended(api, steps->made);
}

static void finish_beside(struct api *api, struct backing_up *steps)
{
    steps->work = (struct http_work){.run = finish, .done = finished};
    api->backup_works = true;
    if (api->config.work != NULL) {
        api->config.work(api->config.self, &steps->work);
    } else {
        finish(&steps->work);
        finished(&steps->work);
    }
}

static status step(struct backing_up *steps, const struct step_room *room, bool *more)
{
    struct ask *ask = steps->ask;
    if (steps->job == NULL && !reg_caller_holds(ask->reg, ask->caller))
        return fail(&ask->report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED));
    if (steps->job == NULL)
        TRY(engine_backup_begin(ask->reg, ask->caller, &steps->backup, &ask->report, &steps->job));
    return engine_backup_step(steps->job, room, &ask->report, more);
}

void backup_step(struct api *api, const struct step_room *room)
{
    struct backing_up *steps = api->backups[0]->steps;
    bool more = false;
    status made = step(steps, room, &more);
    if (engine_failed(api->config.engine))
        api_fatal(api, &steps->ask->report);
    else if (!is_ok(made))
        ended(api, made);
    else if (!more)
        finish_beside(api, steps);
}

/* The server stops, and with it whoever waits: what is not whole is no backup. */
void backups_drop(struct api *api)
{
    static const status stopped = {FAULT_INTERNAL};
    for (size_t i = 0; i < api->backup_count; i++) {
        struct backing_up *steps = api->backups[i]->steps;
        engine_backup_end(&steps->job, stopped);
    }
    api->backup_count = 0;
}
