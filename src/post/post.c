/* The queue of the webhooks in memory: a window on what waits on disk, and what is under way.
 *
 *   target (a webhook) --> deliveries: resting until `next` --> flying --> ended: delivered, given
 * up
 *                              ^------------- failed, tried again ----'       |
 *   the window is filled again from disk as it empties                     settled, in a turn */
#include <stdlib.h>

#include "letters.h"

enum { WINDOW = 256, FLYING_MOST = 4, SETTLED_AT_ONCE = 64 };

enum phase { RESTING, FLYING, ENDED };

struct delivery {
    struct hook hook; /* the first member */
    struct target *target;
    record_id event;
    enum phase phase;
    instant from, next, until;
    unsigned tries, code;
    bool delivered;
};

struct target {
    struct post *post;
    struct reg *reg;
    dossier_id webhook;
    str url; /* the register's */
    struct delivery *deliveries[WINDOW];
    size_t count, flying;
    bool load; /* there may be more on disk */
};

struct post {
    struct post_config config;
    struct transfers *transfers;
    struct letters *letters;
    struct target **targets;
    size_t target_count, target_room;
};

static void say(const struct post *post, const char *event, const struct reg *reg)
{
    if (post->config.say != NULL)
        post->config.say(post->config.self, event, reg_name(reg));
}

static void fatal(struct post *post, const struct report *report)
{
    if (post->config.fatal != NULL)
        post->config.fatal(post->config.self, report);
}

/* ---- targets ---- */

static void forget_delivery(struct target *target, size_t index)
{
    free(target->deliveries[index]);
    target->deliveries[index] = target->deliveries[--target->count];
}

static void drop_target(struct post *post, size_t index)
{
    struct target *target = post->targets[index];
    while (target->count > 0) {
        if (target->deliveries[0]->phase == FLYING)
            hook_drop(post->transfers, &target->deliveries[0]->hook);
        forget_delivery(target, 0);
    }
    free(target);
    post->targets[index] = post->targets[--post->target_count];
}

static struct target *find_target(const struct post *post, const struct reg *reg, dossier_id id)
{
    for (size_t i = 0; i < post->target_count; i++) {
        if (post->targets[i]->reg == reg && ID_EQUAL(post->targets[i]->webhook, id))
            return post->targets[i];
    }
    return NULL;
}

static struct target *add_target(struct post *post, struct reg *reg, dossier_id id)
{
    if (post->target_count == post->target_room) {
        post->target_room = post->target_room == 0 ? 16 : post->target_room * 2;
        post->targets = realloc(post->targets, post->target_room * sizeof(*post->targets));
        if (post->targets == NULL)
            abort();
    }
    struct target *target = calloc(1, sizeof(*target));
    if (target == NULL)
        abort();
    *target = (struct target){.post = post, .reg = reg, .webhook = id};
    post->targets[post->target_count++] = target;
    return target;
}

static void take_news(struct post *post)
{
    for (size_t i = 0; i < engine_register_count(post->config.engine); i++) {
        struct reg *reg = engine_register_at(post->config.engine, i);
        if (!reg_on_duty(reg) || !reg_webhook_news(reg))
            continue;
        for (size_t j = 0; j < reg_webhook_count(reg); j++) {
            dossier_id id;
            str url;
            if (!reg_webhook_at(reg, j, &id, &url))
                continue;
            struct target *target = find_target(post, reg, id);
            if (target == NULL)
                target = add_target(post, reg, id);
            target->load = true;
            target->url = url;
        }
    }
}

static bool is_there(const struct target *target)
{
    for (size_t i = 0; i < reg_webhook_count(target->reg); i++) {
        dossier_id id;
        str url;
        if (reg_webhook_at(target->reg, i, &id, &url) && ID_EQUAL(id, target->webhook))
            return true;
    }
    return false;
}

/* What another server sends now is no business of this one; what is under way while the register is
 * still is settled when it goes on. */
static void drop_ended(struct post *post)
{
    for (size_t i = post->target_count; i > 0; i--) {
        const struct target *target = post->targets[i - 1];
        if (!is_there(target) || !(reg_on_duty(target->reg) || reg_is_still(target->reg)))
            drop_target(post, i - 1);
    }
}

/* ---- what waits on disk ---- */

struct loading {
    struct target *target;
    struct webhook_events list;
};

static status use_waiting(struct call *call, void *self)
{
    struct loading *loading = self;
    return engine_webhook_waiting(call, loading->target->webhook, WINDOW, &loading->list);
}

static struct delivery *find_held(const struct target *target, record_id event)
{
    for (size_t i = 0; i < target->count; i++) {
        if (ID_EQUAL(target->deliveries[i]->event, event))
            return target->deliveries[i];
    }
    return NULL;
}

/* Somebody asked for it to be tried now. */
static void bring_forward(struct delivery *delivery, const struct webhook_event_view *event)
{
    if (!before(delivery->from, event->from) || delivery->phase == ENDED)
        return;
    delivery->from = event->from;
    delivery->next = ALWAYS;
    delivery->until = event->until;
    delivery->tries = 0;
}

static void on_done(struct transfer *transfer, CURLcode result);

static void hold(struct target *target, const struct webhook_event_view *event)
{
    struct delivery *delivery = find_held(target, event->id);
    if (delivery != NULL)
        bring_forward(delivery, event);
    if (delivery != NULL || target->count == WINDOW || event->body.len > HOOK_BODY_BYTES)
        return;
    delivery = calloc(1, sizeof(*delivery));
    if (delivery == NULL)
        abort();
    delivery->target = target;
    delivery->event = event->id;
    delivery->from = delivery->next = event->from;
    delivery->until = event->until;
    delivery->hook.transfer.done = on_done;
    delivery->hook.config = &target->post->config;
    delivery->hook.body_len = event->body.len;
    memcpy(delivery->hook.body, event->body.ptr, event->body.len);
    target->deliveries[target->count++] = delivery;
}

/* What fails is tried on the next turn; a flush that fails ends the process. */
static void load(struct post *post, struct target *target)
{
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)4 << 20);
    struct loading loading = {.target = target};
    struct call call;
    struct report report = {0};
    if (!target->load || target->count > WINDOW / 2)
        return;
    status read = engine_run(post->config.engine, target->reg, engine_system(), arena, &report,
                             &call, use_waiting, &loading);
    if (engine_failed(post->config.engine)) {
        fatal(post, &report);
        return;
    }
    if (!is_ok(read) || !reg_on_duty(target->reg))
        return;
    for (size_t i = 0; i < loading.list.count; i++)
        hold(target, &loading.list.at[i]);
    target->load = loading.list.count == WINDOW;
}

/* ---- one try ---- */

static void end_try(struct delivery *delivery, bool delivered)
{
    struct target *target = delivery->target;
    struct post *post = target->post;
    instant now = reg_now(target->reg);
    uint32_t chance;
    world_random(post->config.world, &chance, sizeof(chance));
    delivery->tries++;
    delivery->code = delivery->hook.code;
    delivery->delivered = delivered;
    bool over = delivered || delivery->hook.over || !before(now, delivery->until);
    delivery->phase = over ? ENDED : RESTING;
    delivery->next =
        earlier((instant){now.ms + retry_after_ms(delivery->tries, chance)}, delivery->until);
    if (!delivered)
        say(post, delivery->hook.refused ? "webhook_refused" : "webhook_failed", target->reg);
}

static void on_done(struct transfer *transfer, CURLcode result)
{
    struct delivery *delivery = (struct delivery *)(void *)transfer;
    struct post *post = delivery->target->post;
    delivery->target->flying--;
    end_try(delivery, hook_end(&delivery->hook, result));
    if (post->config.wake != NULL)
        post->config.wake(post->config.self);
}

static void begin(struct post *post, struct target *target)
{
    for (size_t i = 0;
         i < target->count && target->flying < FLYING_MOST && reg_on_duty(target->reg); i++) {
        struct delivery *delivery = target->deliveries[i];
        if (delivery->phase != RESTING || before(reg_now(target->reg), delivery->next))
            continue;
        struct hook_request request = {.reg = target->reg,
                                       .webhook = target->webhook,
                                       .event = delivery->event,
                                       .url = target->url};
        struct report report = {0};
        status begun = hook_begin(post->transfers, &delivery->hook, &request, &report);
        if (is_ok(begun)) {
            delivery->phase = FLYING;
            target->flying++;
            continue;
        }
        delivery->hook.refused = begun.fault == FAULT_FORBIDDEN;
        end_try(delivery, false);
    }
}

/* ---- what came of it ---- */

struct settling {
    struct delivery *delivery;
    struct arena *arena;
    struct report report;
    struct call call;
    bool settled;
};

static void on_settled(void *self, struct call *call, status result)
{
    struct settling *settling = self;
    (void)call;
    settling->settled = is_ok(result);
}

static void settle_one(struct post *post, struct settling *settling)
{
    struct delivery *delivery = settling->delivery;
    struct target *target = delivery->target;
    struct webhook_result result = {target->webhook, delivery->event, delivery->delivered,
                                    delivery->code};
    status begun = call_begin(post->config.engine, target->reg, engine_system(), settling->arena,
                              &settling->report, &settling->call);
    if (!is_ok(begun))
        return;
    status ended = call_end(&settling->call, engine_webhook_settle(&settling->call, &result));
    call_hold(&settling->call, on_settled, settling, ended);
}

static bool has_ended(const struct post *post)
{
    for (size_t i = 0; i < post->target_count; i++) {
        const struct target *target = post->targets[i];
        for (size_t j = 0; j < target->count; j++) {
            if (target->deliveries[j]->phase == ENDED)
                return true;
        }
    }
    return false;
}

static size_t collect_ended(struct post *post, struct settling *settling)
{
    size_t count = 0;
    for (size_t i = 0; i < post->target_count; i++) {
        struct target *target = post->targets[i];
        for (size_t j = 0; j < target->count && count < SETTLED_AT_ONCE; j++) {
            if (target->deliveries[j]->phase == ENDED)
                settling[count++] = (struct settling){.delivery = target->deliveries[j],
                                                      .arena = arena_new(1 << 20)};
        }
    }
    return count;
}

static void forget_settled(const struct delivery *delivery)
{
    struct target *target = delivery->target;
    for (size_t i = 0; i < target->count; i++) {
        if (target->deliveries[i] == delivery) {
            forget_delivery(target, i);
            return;
        }
    }
}

/* What cannot be kept now is kept in a later turn; until then it is not sent again. */
static void settle_ended(struct post *post)
{
    if (!has_ended(post))
        return;
    struct settling *settling = calloc(SETTLED_AT_ONCE, sizeof(*settling));
    struct report report = {0};
    if (settling == NULL)
        abort();
    size_t count = collect_ended(post, settling);
    if (count > 0) {
        engine_begin(post->config.engine);
        for (size_t i = 0; i < count; i++)
            settle_one(post, &settling[i]);
        if (!is_ok(engine_end(post->config.engine, &report)))
            fatal(post, &report);
    }
    for (size_t i = 0; i < count; i++) {
        arena_free(&settling[i].arena);
        if (settling[i].settled)
            forget_settled(settling[i].delivery);
    }
    free(settling);
    if (count == SETTLED_AT_ONCE && post->config.wake != NULL)
        post->config.wake(post->config.self);
}

/* ---- the whole ---- */

status post_new(const struct post_config *config, struct report *report, struct post **post)
{
    assert(config->engine != NULL && config->world != NULL && config->loop != NULL);
    str domain;
    if (config->smtp != NULL &&
        (!smtp_address_valid(str_from(config->smtp)) || config->smtp_from == NULL ||
         !mail_address_valid(str_from(config->smtp_from), &domain)))
        return fail(report, FAULT_USAGE,
                    "smtp is smtps://host:465, smtp://host:587 or, on this machine, "
                    "smtp+plain://127.0.0.1:25, and smtp_from an address of mail");
    struct post *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    made->config = *config;
    status set_up = transfers_new(config->loop, report, &made->transfers);
    if (!is_ok(set_up)) {
        free(made);
        return set_up;
    }
    made->letters = letters_new(config, made->transfers);
    *post = made;
    return OK;
}

void post_turn(struct post *post)
{
    if (engine_failed(post->config.engine))
        return;
    drop_ended(post);
    settle_ended(post);
    take_news(post);
    for (size_t i = 0; i < post->target_count && !engine_failed(post->config.engine); i++) {
        load(post, post->targets[i]);
        begin(post, post->targets[i]);
    }
    if (!engine_failed(post->config.engine))
        letters_turn(post->letters);
}

void post_free(struct post **post)
{
    if (*post == NULL)
        return;
    transfers_end((*post)->transfers);
    while ((*post)->target_count > 0)
        drop_target(*post, 0);
    letters_free(&(*post)->letters);
    transfers_free(&(*post)->transfers);
    free((*post)->targets);
    free(*post);
    *post = NULL;
}
