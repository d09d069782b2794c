/* Mail to people: the engine says what is due, hands it out, and keeps what came of it. What failed
 * for now is due again when the engine's ten minutes are over, for three days. */
#include <stdlib.h>

#include "letters.h"

#include "limits.h"

enum { FLYING_MOST = 8, REGISTERS_MOST = 256 };
static const int64_t TRIED_MS = (int64_t)3 * 24 * 3600 * 1000;

enum phase { FREE, FLYING, ENDED };

struct letter {
    struct hook hook; /* the first member */
    struct letters *letters;
    struct reg *reg;
    struct mail_request request;
    instant since;
    enum phase phase;
    bool delivered;
};

struct box { /* of a register */
    const struct reg *reg;
    instant next; /* when something is due */
};

struct letters {
    struct post_config config;
    struct transfers *transfers;
    struct letter at[FLYING_MOST];
    struct box boxes[REGISTERS_MOST];
    size_t box_count;
};

struct letters *letters_new(const struct post_config *config, struct transfers *transfers)
{
    struct letters *letters = calloc(1, sizeof(*letters));
    if (letters == NULL)
        abort();
    letters->config = *config;
    letters->transfers = transfers;
    return letters;
}

void letters_free(struct letters **letters)
{
    if (*letters == NULL)
        return;
    for (size_t i = 0; i < FLYING_MOST; i++) {
        if ((*letters)->at[i].phase == FLYING)
            hook_drop((*letters)->transfers, &(*letters)->at[i].hook);
    }
    free(*letters);
    *letters = NULL;
}

static struct letter *free_letter(struct letters *letters)
{
    for (size_t i = 0; i < FLYING_MOST; i++) {
        if (letters->at[i].phase == FREE)
            return &letters->at[i];
    }
    return NULL;
}

static struct box *box_of(struct letters *letters, const struct reg *reg)
{
    for (size_t i = 0; i < letters->box_count; i++) {
        if (letters->boxes[i].reg == reg)
            return &letters->boxes[i];
    }
    if (letters->box_count == REGISTERS_MOST)
        return NULL;
    letters->boxes[letters->box_count] = (struct box){reg, NEVER};
    return &letters->boxes[letters->box_count++];
}

static bool run(struct letters *letters, struct reg *reg, struct arena *arena,
                status (*use)(struct call *call, void *request), void *request)
{
    struct call call;
    struct report report = {0};
    status done = engine_run(letters->config.engine, reg, engine_system(), arena, &report, &call,
                             use, request);
    if (engine_failed(letters->config.engine) && letters->config.fatal != NULL)
        letters->config.fatal(letters->config.self, &report);
    return is_ok(done);
}

static void say(const struct letters *letters, const struct letter *letter)
{
    if (letters->config.say != NULL)
        letters->config.say(letters->config.self,
                            letter->hook.refused ? "mail_refused" : "mail_failed",
                            reg_name(letter->reg));
}

/* ---- one try ---- */

static void on_done(struct transfer *transfer, CURLcode result)
{
    struct letter *letter = (struct letter *)(void *)transfer;
    struct letters *letters = letter->letters;
    letter->delivered = hook_end(&letter->hook, result);
    bool late = reg_now(letter->reg).ms - letter->since.ms >= TRIED_MS;
    letter->phase = letter->delivered || letter->hook.over || late ? ENDED : FREE;
    if (!letter->delivered)
        say(letters, letter);
    if (letters->config.wake != NULL)
        letters->config.wake(letters->config.self);
}

struct taking {
    struct mail_request request;
    struct mail_content content;
};

static status use_take(struct call *call, void *self)
{
    struct taking *taking = self;
    return engine_mail_take(call, &taking->request, &taking->content);
}

/* What stands in the message besides its text: an address of ours that stops it, by its Message-ID
 * the same message at every try. */
static status hand_over(struct letters *letters, struct letter *letter, struct taking *taking,
                        struct arena *arena)
{
    struct report report = {0};
    char id_room[3 * ID_TEXT + 2];
    struct buf id = buf_over(id_room, sizeof(id_room));
    const struct mail_content *content = &taking->content;
    buf_id(&id, letter->request.task.bytes); /* by which a bounce is told (engine/bounce.c) */
    buf_char(&id, '.');
    buf_id(&id, letter->request.dossier.bytes);
    buf_char(&id, '.');
    buf_id(&id, content->item.bytes);
    struct mail mail = {.from = str_from(letters->config.smtp_from),
                        .to = str_trim(content->to),
                        .subject = content->heading,
                        .text = content->text,
                        .id = buf_str(&id),
                        .at = world_now(letters->config.world),
                        .one_click = content->sending.one_click,
                        .unsubscribe = STR("")};
    str url = letters->config.public_url;
    if (str_starts(url, STR("https://")) && content->sending.link.len > 0)
        mail.unsubscribe =
            arena_format(arena, "%.*s/r/%.*s/stop/%.*s", STR_ARG(url),
                         STR_ARG(reg_public_id(letter->reg)), STR_ARG(content->sending.link));
    letter->hook.transfer.done = on_done;
    letter->hook.config = &letters->config;
    return mail_send(letters->transfers, &letter->hook, letter->reg, &mail, &report);
}

/* Asked for again by hand while it is under way. */
static bool under_way(const struct letters *letters, const struct reg *reg,
                      const struct task_done *due)
{
    for (size_t i = 0; i < FLYING_MOST; i++) {
        const struct letter *letter = &letters->at[i];
        if (letter->phase != FREE && letter->reg == reg &&
            ID_EQUAL(letter->request.dossier, due->dossier) &&
            ID_EQUAL(letter->request.task, due->task))
            return true;
    }
    return false;
}

static void begin(struct letters *letters, struct reg *reg, const struct task_done *due)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct letter *letter = free_letter(letters);
    struct taking taking = {.request = {due->dossier, due->task, letters->config.public_url}};
    if (letter == NULL || under_way(letters, reg, due) ||
        !run(letters, reg, arena, use_take, &taking) || !reg_on_duty(reg))
        return; /* dropped, erased, or refused by now; or another server's to send */
    *letter = (struct letter){
        .letters = letters, .reg = reg, .request = taking.request, .since = taking.content.since};
    status begun = hand_over(letters, letter, &taking, arena);
    if (is_ok(begun)) {
        letter->phase = FLYING;
        return;
    }
    /* An address that is none will be none tomorrow. */
    letter->phase = begun.fault == FAULT_INVALID ? ENDED : FREE;
    say(letters, letter);
}

/* ---- what is due, and what came of it ---- */

struct looking {
    size_t limit;
    struct mail_due due;
};

static status use_due(struct call *call, void *self)
{
    struct looking *looking = self;
    return engine_mail_due(call, looking->limit, &looking->due);
}

static void look(struct letters *letters, struct reg *reg)
{
    struct box *box = box_of(letters, reg);
    struct looking looking = {0};
    if (!reg_on_duty(reg))
        return;
    for (size_t i = 0; i < FLYING_MOST; i++)
        looking.limit += letters->at[i].phase == FREE;
    bool news = looking.limit > 0 && reg_mail_news(reg);
    if (box == NULL || looking.limit == 0 || (!news && before(reg_now(reg), box->next)))
        return;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)8 << 20);
    if (!run(letters, reg, arena, use_due, &looking))
        return;
    for (size_t i = 0; i < looking.due.count; i++)
        begin(letters, reg, &looking.due.at[i]);
    box->next = looking.due.next;
    if (looking.due.count > 0) /* those are taken now; when they are due again is looked up later */
        box->next = earlier(box->next, (instant){reg_now(reg).ms + 60000});
}

static status use_settle(struct call *call, void *result)
{
    return engine_mail_settle(call, result);
}

static void settle_ended(struct letters *letters)
{
    for (size_t i = 0; i < FLYING_MOST; i++) {
        struct letter *letter = &letters->at[i];
        letter->reg = letter->phase == FREE ? NULL : reg_current(letter->reg);
        if (letter->phase != ENDED || reg_is_still(letter->reg))
            continue;
        CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
        struct mail_result result = {letter->request, letter->delivered, letter->hook.code};
        /* Where it cannot be kept (the person is erased, the disk full) it is due again or gone. */
        (void)run(letters, letter->reg, arena, use_settle, &result);
        letter->phase = FREE;
    }
}

void letters_turn(struct letters *letters)
{
    if (letters->config.smtp == NULL)
        return;
    settle_ended(letters);
    for (size_t i = 0; i < engine_register_count(letters->config.engine); i++) {
        if (engine_failed(letters->config.engine))
            return;
        look(letters, engine_register_at(letters->config.engine, i));
    }
}
