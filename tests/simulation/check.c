/* What the engine holds beside what the model has, and what stands in the log. */
#include "simulation.h"
#include "keys_internal.h"
#include "vault_internal.h"
#include "verify.h"

enum { LIST_MOST = 512, ENTRIES_OF_A_BUNDLE = 256 };

/* Every one of the engine's has its like in the model, and none is left. Ids that the model was not
 * told are taken over. */
#define SAME_LISTS(run, what, theirs, mine, same)                                                  \
    do {                                                                                           \
        bool used_[LIST_MOST];                                                                     \
        memset(used_, 0, (mine).count < LIST_MOST ? (mine).count : LIST_MOST);                     \
        size_t theirs_ = 0;                                                                        \
        for (size_t t = 0; t < (theirs).count; t++) {                                              \
            if (!counts_##what(run, &(theirs).at[t]))                                              \
                continue;                                                                          \
            theirs_++;                                                                             \
            size_t m = 0;                                                                          \
            while (m < (mine).count && m < LIST_MOST &&                                            \
                   (used_[m] || !same(&(theirs).at[t], &(mine).at[m])))                            \
                m++;                                                                               \
            if (m == (mine).count)                                                                 \
                return wrong((run), "the engine has a%s that the model has not", " " #what);       \
            used_[m] = true;                                                                       \
            adopt_##what(&(mine).at[m], &(theirs).at[t]);                                          \
        }                                                                                          \
        if (theirs_ != (mine).count)                                                               \
            return wrong((run), "%s: the engine has %zu, the model %zu", #what, theirs_,           \
                         (mine).count);                                                            \
    } while (0)
#define ADOPTS_ID(what, type)                                                                      \
    static void adopt_##what(type *mine, const type *theirs)                                       \
    {                                                                                              \
        mine->id = theirs->id;                                                                     \
    }
#define ALL_COUNT(what, type)                                                                      \
    static bool counts_##what(struct run *run, const type *one)                                    \
    {                                                                                              \
        (void)run;                                                                                 \
        (void)one;                                                                                 \
        return true;                                                                               \
    }

static bool same_instant(instant a, instant b)
{
    return a.ms == b.ms;
}

static bool fits_id(record_id theirs, record_id mine)
{
    return ID_IS_ZERO(mine) || ID_EQUAL(theirs, mine);
}

ADOPTS_ID(role, struct fact_role)
ALL_COUNT(role, struct fact_role)
static bool same_role(const struct fact_role *a, const struct fact_role *b)
{
    return fits_id(a->id, b->id) && a->role == b->role && ID_EQUAL(a->matter, b->matter) &&
           same_instant(a->since, b->since) && same_instant(a->until, b->until) &&
           a->opened == b->opened;
}

ADOPTS_ID(evidence, struct fact_evidence)
/* The engine keeps records of its own, of types that no policy has. */
static bool counts_evidence(struct run *run, const struct fact_evidence *one)
{
    const struct plans *plans = reg_plans(run->reg);
    for (size_t v = 0; v < plans->count; v++) {
        const struct plan *plan = plans->at[v].plan;
        if (plan_find(plan, plan->evidence_of, one->type) != NONE)
            return true;
    }
    return false;
}
static bool same_evidence(const struct fact_evidence *a, const struct fact_evidence *b)
{
    if (!fits_id(a->id, b->id) || a->type != b->type || !same_instant(a->since, b->since) ||
        !same_instant(a->until, b->until) || a->bound_count != b->bound_count)
        return false;
    for (size_t i = 0; i < a->bound_count; i++) {
        bool found = false;
        for (size_t j = 0; j < b->bound_count; j++)
            found |= a->bound[i].slot == b->bound[j].slot && a->bound[i].name == b->bound[j].name &&
                     ID_EQUAL(a->bound[i].id, b->bound[j].id);
        if (!found)
            return false;
    }
    return true;
}

bool check_counts_evidence(struct run *run, const struct fact_evidence *one)
{
    return counts_evidence(run, one);
}

ALL_COUNT(event, struct fact_event)
static void adopt_event(struct fact_event *mine, const struct fact_event *theirs)
{
    (void)mine;
    (void)theirs;
}
static bool same_event(const struct fact_event *a, const struct fact_event *b)
{
    return a->event == b->event && ID_EQUAL(a->matter, b->matter) &&
           same_instant(a->first, b->first) && same_instant(a->last, b->last);
}

ADOPTS_ID(item, struct fact_item)
static bool counts_item(struct run *run, const struct fact_item *one)
{
    (void)run;
    return one->field != 0;
}
static bool same_item(const struct fact_item *a, const struct fact_item *b)
{
    if (!fits_id(a->id, b->id) || a->field != b->field || a->source != b->source ||
        a->intake != b->intake || a->channel != b->channel || a->controller != b->controller ||
        a->version != b->version || !ID_EQUAL(a->matter, b->matter) ||
        !same_instant(a->collected, b->collected) || a->told_count != b->told_count ||
        a->external != b->external)
        return false;
    for (size_t i = 0; i < a->told_count; i++) {
        bool found = false;
        for (size_t j = 0; j < b->told_count; j++)
            found |= a->told[i] == b->told[j];
        if (!found)
            return false;
    }
    return true;
}

ADOPTS_ID(objection, struct fact_objection)
ALL_COUNT(objection, struct fact_objection)
static bool same_objection(const struct fact_objection *a, const struct fact_objection *b)
{
    return fits_id(a->id, b->id) && a->purpose == b->purpose && same_instant(a->since, b->since) &&
           a->state == b->state;
}

ADOPTS_ID(stop, struct fact_switch)
ALL_COUNT(stop, struct fact_switch)
static bool same_stop(const struct fact_switch *a, const struct fact_switch *b)
{
    return a->stop == b->stop && a->channel == b->channel && ID_EQUAL(a->recipient, b->recipient) &&
           same_instant(a->since, b->since);
}

ADOPTS_ID(restriction, struct fact_restriction)
ALL_COUNT(restriction, struct fact_restriction)
static bool same_restriction(const struct fact_restriction *a, const struct fact_restriction *b)
{
    if (!fits_id(a->id, b->id) || !same_instant(a->since, b->since) || a->told != b->told ||
        a->field_count != b->field_count)
        return false;
    for (size_t i = 0; i < a->field_count; i++) {
        bool found = false;
        for (size_t j = 0; j < b->field_count; j++)
            found |= a->fields[i] == b->fields[j];
        if (!found)
            return false;
    }
    return true;
}

ADOPTS_ID(concern, struct fact_concern)
static bool counts_concern(struct run *run, const struct fact_concern *one)
{
    return check_counts_concern(run, one);
}
static bool same_concern(const struct fact_concern *a, const struct fact_concern *b)
{
    return fits_id(a->id, b->id) && ID_EQUAL(a->item, b->item) && ID_EQUAL(a->other, b->other) &&
           a->field == b->field && (a->restricted.ms == NEVER.ms) == (b->restricted.ms == NEVER.ms);
}

static bool compare(struct run *run, const struct facts *theirs, struct facts *mine)
{
    SAME_LISTS(run, role, theirs->roles, mine->roles, same_role);
    SAME_LISTS(run, evidence, theirs->evidence, mine->evidence, same_evidence);
    SAME_LISTS(run, event, theirs->events, mine->events, same_event);
    SAME_LISTS(run, item, theirs->items, mine->items, same_item);
    SAME_LISTS(run, objection, theirs->objections, mine->objections, same_objection);
    SAME_LISTS(run, stop, theirs->switches, mine->switches, same_stop);
    SAME_LISTS(run, restriction, theirs->restrictions, mine->restrictions, same_restriction);
    SAME_LISTS(run, concern, theirs->concerns, mine->concerns, same_concern);
    NEED(run, theirs->had_items == mine->had_items, "had_items differs");
    NEED(run, same_instant(theirs->erase_asked, mine->erase_asked), "erase_asked differs");
    NEED(run, same_instant(theirs->created, mine->created), "created differs");
    return true;
}

bool check_known(struct run *run, struct known *known)
{
    struct report report = {0};
    enum presence presence;
    struct dossier *dossier;
    struct arena *arena = run->checking;
    arena_reset(arena);
    status loaded =
        vault_load(reg_vault(run->reg), known->facts.id, arena, &report, &presence, &dossier);
    NEED(run, is_ok(loaded), "a dossier does not load: %s", report.text);
    NEED(run, presence == PRESENCE_LIVE, "G4: a dossier of kind %d is not there any more",
         known->facts.kind);
    if (!compare(run, dossier->facts, &known->facts)) {
        size_t used = strlen(run->why);
        snprintf(run->why + used, sizeof(run->why) - used, " (dossier %02x%02x, kind %d)",
                 known->facts.id.bytes[0], known->facts.id.bytes[1], known->facts.kind);
        return false;
    }
    run->tally->checks++;
    return true;
}

static bool check_gone(struct run *run)
{
    for (size_t i = 0; i < GONE_KEPT && i < run->model.gone_count; i++) {
        struct report report = {0};
        enum presence presence;
        struct dossier *dossier;
        arena_reset(run->checking);
        status loaded = vault_load(reg_vault(run->reg), run->model.gone[i], run->checking, &report,
                                   &presence, &dossier);
        NEED(run, is_ok(loaded) && presence == PRESENCE_ERASED, "G3: somebody erased is back");
    }
    return true;
}

bool check_everything(struct run *run)
{
    struct model *model = &run->model;
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        if (model->people[i].arena != NULL && !check_known(run, &model->people[i]))
            return false;
    for (size_t i = 0; i < OTHERS_MOST; i++) {
        struct known *others[] = {&model->matters[i], &model->parties[i], &model->staff[i],
                                  &model->cases[i]};
        for (size_t j = 0; j < LENGTH(others); j++)
            if (others[j]->arena != NULL && !check_known(run, others[j]))
                return false;
    }
    return check_known(run, &model->own) && check_gone(run) && check_tokens(run);
}

/* ---- a thief: copies sealed bytes, and tries them on later keys ---- */

void steal_from(struct run *run, const struct known *person)
{
    struct report report = {0};
    enum presence presence;
    struct dossier *dossier;
    arena_reset(run->checking);
    if (run->stolen_count == STOLEN_MOST ||
        !is_ok(vault_load(reg_vault(run->reg), person->facts.id, run->checking, &report, &presence,
                          &dossier)) ||
        presence != PRESENCE_LIVE ||
        !is_ok(vault_fetch(reg_vault(run->reg), dossier, run->checking, &report)))
        return;
    for (size_t i = dossier->facts->items.count; i > 0; i--) {
        const struct fact_item *item = &dossier->facts->items.at[i - 1];
        if (item->field == 0 || item->chunks > 0)
            continue;
        struct stolen *stolen = &run->stolen[run->stolen_count];
        for (size_t r = 0; r < dossier->row_count; r++)
            if (ID_EQUAL(dossier->rows[r].item, item->id)) {
                *stolen = (struct stolen){person->facts.id, *item,
                                          arena_copy(run->texts, dossier->rows[r].bytes.bytes)};
                run->stolen_count++;
                return;
            }
    }
}

static bool opens(struct run *run, const struct stolen *stolen)
{
    struct vault *vault = reg_vault(run->reg);
    struct report report = {0};
    struct ring *ring = NULL;
    str value;
    arena_reset(run->checking);
    if (!is_ok(ring_fetch(vault->keys, stolen->dossier, &report, &ring)) || ring == NULL)
        return false;
    struct seal_place place = item_place(vault, stolen->dossier, &stolen->header);
    return is_ok(ring_open(vault->keys, ring, &place, (sealed){stolen->bytes}, run->checking,
                           &report, &value));
}

static bool is_held(struct run *run, const struct stolen *stolen)
{
    const struct known *person = model_person(&run->model, stolen->dossier);
    for (size_t i = 0; person != NULL && i < person->facts.items.count; i++)
        if (ID_EQUAL(person->facts.items.at[i].id, stolen->header.id))
            return true;
    return false;
}

/* G3: what was erased opens for nobody, whoever kept a copy of its bytes. */
bool check_stolen(struct run *run)
{
    size_t kept = 0;
    for (size_t i = 0; i < run->stolen_count; i++) {
        struct stolen stolen = run->stolen[i];
        if (is_held(run, &stolen)) {
            run->stolen[kept++] = stolen;
            continue;
        }
        NEED(run, !opens(run, &stolen), "G3: a copy of what was erased still opens");
        run->tally->checks++;
    }
    run->stolen_count = kept;
    return true;
}

/* G3: what was revoked lets nobody in, also after a restore; what was not still does. */
bool check_tokens(struct run *run)
{
    for (size_t i = 0; i < run->model.token_count; i++) {
        struct known_token *token = &run->model.tokens[i];
        const struct caller *caller;
        struct reg *reg;
        struct report report = {0};
        status let_in =
            engine_authenticate(run->engine, str_from(token->text), &report, &reg, &caller);
        if (is_ok(let_in) && token->expires.ms == 0)
            token->expires = caller->expires;
        bool expected =
            !token->revoked && (token->expires.ms == 0 || before(run_now(run), token->expires));
        NEED(run, is_ok(let_in) == expected, "a token that %s %s", expected ? "lives" : "is over",
             is_ok(let_in) ? "lets somebody in" : "lets nobody in");
    }
    return true;
}

/* ---- the log ---- */

static bool names_someone(str text)
{
    return memmem(text.ptr, text.len, "zq", 2) != NULL &&
           memmem(text.ptr, text.len, "q@example", 9) != NULL;
}

static bool is_a_persons_id(const struct run *run, audit_id subject)
{
    const struct model *model = &run->model;
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        if (model->people[i].arena != NULL &&
            memcmp(subject.bytes, model->people[i].facts.id.bytes, ID_BYTES) == 0)
            return true;
    for (size_t i = 0; i < GONE_KEPT && i < model->gone_count; i++) /* since it was written */
        if (memcmp(subject.bytes, model->gone[i].bytes, ID_BYTES) == 0)
            return true;
    return false;
}

static status look_at_entry(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct run *run = self;
    struct audit_entry entry;
    (void)index;
    status parsed = entry_parse(text, report, &entry);
    run->tally->entries++;
    if (!is_ok(parsed))
        wrong(run, "an entry of the log does not parse");
    else if (entry.decision == AUDIT_REFUSE && entry.rule.len == 0)
        wrong(run, "G5: a refusal stands in the log without its rule: %.*s", STR_ARG(text));
    else if (names_someone(text))
        wrong(run, "G7: a value stands in the log");
    else if (!ID_IS_ZERO(entry.subject) && is_a_persons_id(run, entry.subject))
        wrong(run, "G7: the log names a person by the dossier's id");
    *stop = run->why[0] != '\0';
    return OK;
}

/* The log is read by bundles: each is looked at when it is full, and no less is looked at. */
bool check_entries(struct run *run)
{
    NEED(run, audit_size(run->reg->log) >= run->log_seen, "G6: the log went back");
    if (audit_size(run->reg->log) - run->log_seen < ENTRIES_OF_A_BUNDLE)
        return run->why[0] == '\0';
    return check_all_entries(run);
}

/* G5, G6, G7: what was written since the last look. */
bool check_all_entries(struct run *run)
{
    struct report report = {0};
    NEED(run, audit_size(run->reg->log) >= run->log_seen, "G6: the log went back");
    status scanned = audit_scan(run->reg->log, run->log_seen, look_at_entry, run, &report);
    NEED(run, is_ok(scanned), "the log cannot be read: %s", report.text);
    run->log_seen = audit_size(run->reg->log);
    return run->why[0] == '\0';
}
