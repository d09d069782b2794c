/* Making a failing case smaller, and telling it in words. */
#include "agree.h"
#include "instant.h"

/* ---- shrinking ---- */

typedef bool holds_fn(struct agree_case *c);

static bool line_dropped(struct agree_case *c, struct policy_text *policy, size_t at,
                         holds_fn *holds)
{
    static struct policy_text saved;
    size_t end = at + 1;
    saved = *policy;
    while (end < policy->count && policy->line[end].depth > policy->line[at].depth)
        end++;
    memmove(&policy->line[at], &policy->line[end], (policy->count - end) * sizeof(policy->line[0]));
    policy->count -= end - at;
    if (holds(c))
        return true;
    *policy = saved;
    return false;
}

static bool policy_shrunk(struct agree_case *c, struct policy_text *policy, holds_fn *holds)
{
    bool changed = false;
    for (int depth = 0; depth < 5; depth++)
        for (size_t i = policy->count; i-- > 0;)
            if (i < policy->count && policy->line[i].depth == depth)
                changed |= line_dropped(c, policy, i, holds);
    return changed;
}

/* Tries without element `i` of a list; the old array is left as it was. */
static bool element_dropped(struct agree_case *c, void **at, size_t *count, size_t size, size_t i,
                            holds_fn *holds)
{
    void *old = *at;
    char *copy = arena_take(c->arena, *count * size);
    assert(copy != NULL);
    memcpy(copy, old, i * size);
    memcpy(copy + i * size, (char *)old + (i + 1) * size, (*count - i - 1) * size);
    *at = copy;
    *count -= 1;
    if (holds(c))
        return true;
    *at = old;
    *count += 1;
    return false;
}

#define LIST_SHRUNK(c, list, holds)                                                                \
    for (size_t i_ = (list).count; i_-- > 0;)                                                      \
    changed |=                                                                                     \
        element_dropped((c), (void **)&(list).at, &(list).count, sizeof(*(list).at), i_, (holds))

#define ZEROED(c, place, zero, holds)                                                              \
    do {                                                                                           \
        __typeof__(place) saved_ = (place), zero_ = zero;                                          \
        if (memcmp(&saved_, &zero_, sizeof(saved_)) == 0)                                          \
            break;                                                                                 \
        (place) = zero_;                                                                           \
        if (holds(c))                                                                              \
            changed = true;                                                                        \
        else                                                                                       \
            (place) = saved_;                                                                      \
    } while (0)

static bool records_shrunk(struct agree_case *c, struct facts *facts, holds_fn *holds)
{
    bool changed = false;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        struct fact_evidence *record = &facts->evidence.at[i];
        ZEROED(c, record->until, NEVER, holds);
        ZEROED(c, record->details, (record_id){{0}}, holds);
        for (uint16_t k = record->bound_count; k-- > 0;) {
            struct binding dropped = record->bound[k];
            record->bound[k] = record->bound[record->bound_count - 1];
            record->bound_count--;
            if (holds(c)) {
                changed = true;
                continue;
            }
            record->bound[record->bound_count++] = record->bound[k];
            record->bound[k] = dropped;
        }
    }
    return changed;
}

static bool facts_shrunk(struct agree_case *c, struct facts *facts, holds_fn *holds)
{
    bool changed = false;
    LIST_SHRUNK(c, facts->roles, holds);
    LIST_SHRUNK(c, facts->evidence, holds);
    LIST_SHRUNK(c, facts->events, holds);
    LIST_SHRUNK(c, facts->items, holds);
    LIST_SHRUNK(c, facts->objections, holds);
    LIST_SHRUNK(c, facts->switches, holds);
    LIST_SHRUNK(c, facts->tasks, holds);
    LIST_SHRUNK(c, facts->restrictions, holds);
    LIST_SHRUNK(c, facts->concerns, holds);
    LIST_SHRUNK(c, facts->limits, holds);
    ZEROED(c, facts->erase_asked, NEVER, holds);
    changed |= records_shrunk(c, facts, holds);
    for (size_t i = 0; i < facts->items.count; i++) {
        ZEROED(c, facts->items.at[i].matter, (dossier_id){{0}}, holds);
        ZEROED(c, facts->items.at[i].controller, 0, holds);
        ZEROED(c, facts->items.at[i].told_count, 0, holds);
        ZEROED(c, facts->items.at[i].made_from_count, 0, holds);
        for (uint16_t k = facts->items.at[i].told_count; k-- > 0;) {
            struct fact_item *item = &facts->items.at[i];
            word dropped = item->told[k];
            item->told[k] = item->told[--item->told_count];
            if (holds(c)) {
                changed = true;
                continue;
            }
            item->told[item->told_count++] = item->told[k];
            item->told[k] = dropped;
        }
        ZEROED(c, facts->items.at[i].intake, 0, holds);
    }
    for (size_t i = 0; i < facts->roles.count; i++)
        ZEROED(c, facts->roles.at[i].matter, (dossier_id){{0}}, holds);
    return changed;
}

static bool operation_shrunk(struct agree_case *c, holds_fn *holds)
{
    bool changed = false;
    struct operation *op = &c->op;
    ZEROED(c, op->channel, 0, holds);
    ZEROED(c, op->source, 0, holds);
    ZEROED(c, op->controller, 0, holds);
    ZEROED(c, op->recipient, 0, holds);
    ZEROED(c, op->zone, 0, holds);
    ZEROED(c, op->staff, 0, holds);
    ZEROED(c, op->purpose, 0, holds);
    ZEROED(c, op->party, (dossier_id){{0}}, holds);
    ZEROED(c, op->place, (dossier_id){{0}}, holds);
    ZEROED(c, op->matter, (dossier_id){{0}}, holds);
    ZEROED(c, op->case_, (dossier_id){{0}}, holds);
    ZEROED(c, op->actor, (dossier_id){{0}}, holds);
    ZEROED(c, op->concerned, (dossier_id){{0}}, holds);
    ZEROED(c, op->by_subject, false, holds);
    ZEROED(c, op->asking, false, holds);
    ZEROED(c, op->offered_count, 0, holds);
    ZEROED(c, op->told_count, 0, holds);
    ZEROED(c, op->field_count, 0, holds);
    ZEROED(c, op->item_count, 0, holds);
    ZEROED(c, op->scope_count, 0, holds);
    ZEROED(c, op->supplied_count, 0, holds);
    ZEROED(c, op->particular_count, 0, holds);
    return changed;
}

void case_shrink(struct agree_case *c, bool (*holds)(struct agree_case *c))
{
    bool changed = true;
    for (int round = 0; changed && round < 6; round++) {
        changed = false;
        while (c->policy_count > 1) {
            c->policy_count--;
            if (!holds(c)) {
                c->policy_count++;
                break;
            }
        }
        changed |= operation_shrunk(c, holds);
        struct facts *all[] = {&c->subject, &c->matter[0], &c->matter[1], &c->case_,
                               &c->party,   &c->place,     &c->actor,     &c->register_};
        for (size_t i = 0; i < LENGTH(all); i++)
            changed |= facts_shrunk(c, all[i], holds);
        for (size_t i = 0; i < c->policy_count; i++)
            changed |= policy_shrunk(c, &c->policy[i], holds);
    }
}

/* ---- in words ---- */

static void word_text(const struct agree_case *c, struct buf *out, const char *what, word w)
{
    if (w != 0)
        buf_format(out, " %s=%.*s", what, STR_ARG(words_text(c->words, w)));
}

static void id_text(struct buf *out, const char *what, const unsigned char id[ID_BYTES])
{
    if (id[0] != 0)
        buf_format(out, " %s=%c%d", what, id[0], id[1]);
}

static void instant_text(struct buf *out, const char *what, instant at)
{
    buf_format(out, " %s=", what);
    buf_instant(out, at);
}

static void words_list(const struct agree_case *c, struct buf *out, const char *what,
                       const word *list, size_t count)
{
    if (count == 0)
        return;
    buf_format(out, " %s=[", what);
    for (size_t i = 0; i < count; i++)
        buf_format(out, "%s%.*s", i == 0 ? "" : ",", STR_ARG(words_text(c->words, list[i])));
    buf_char(out, ']');
}

static void evidence_text(const struct agree_case *c, struct buf *out,
                          const struct fact_evidence *record)
{
    buf_format(out, "  evidence %.*s for", STR_ARG(words_text(c->words, record->type)));
    for (uint16_t i = 0; i < record->bound_count; i++) {
        word_text(c, out, slot_name(record->bound[i].slot), record->bound[i].name);
        id_text(out, slot_name(record->bound[i].slot), record->bound[i].id.bytes);
    }
    instant_text(out, "since", record->since);
    instant_text(out, "until", record->until);
    id_text(out, "details", record->details.bytes);
    buf_char(out, '\n');
}

static void item_text(const struct agree_case *c, struct buf *out, const struct fact_item *item)
{
    buf_text(out, "  item");
    id_text(out, "id", item->id.bytes);
    word_text(c, out, "field", item->field);
    word_text(c, out, "source", item->source);
    word_text(c, out, "intake", item->intake);
    word_text(c, out, "controller", item->controller);
    word_text(c, out, "version", item->version);
    id_text(out, "matter", item->matter.bytes);
    instant_text(out, "collected", item->collected);
    words_list(c, out, "told", item->told, item->told_count);
    for (uint16_t i = 0; i < item->made_from_count; i++)
        id_text(out, "made_from", item->made_from[i].bytes);
    buf_char(out, '\n');
}

static void other_facts_text(const struct agree_case *c, struct buf *out, const struct facts *facts)
{
    static const char *const STATES[] = {"open", "upheld", "dismissed"};
    for (size_t i = 0; i < facts->tasks.count; i++) {
        buf_text(out, "  task");
        id_text(out, "details", facts->tasks.at[i].details.bytes);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < facts->objections.count; i++) {
        buf_format(out, "  objection %s", STATES[facts->objections.at[i].state]);
        word_text(c, out, "purpose", facts->objections.at[i].purpose);
        instant_text(out, "since", facts->objections.at[i].since);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < facts->switches.count; i++) {
        word_text(c, out, " switch", facts->switches.at[i].stop);
        word_text(c, out, "channel", facts->switches.at[i].channel);
        id_text(out, "recipient", facts->switches.at[i].recipient.bytes);
        instant_text(out, "since", facts->switches.at[i].since);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < facts->restrictions.count; i++) {
        buf_format(out, "  restriction told=%d", facts->restrictions.at[i].told);
        words_list(c, out, "fields", facts->restrictions.at[i].fields,
                   facts->restrictions.at[i].field_count);
        instant_text(out, "since", facts->restrictions.at[i].since);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < facts->limits.count; i++) {
        const struct fact_limit *limit = &facts->limits.at[i];
        buf_format(out, "  limit use_only=%d", limit->use_only);
        for (uint16_t n = 0; n < limit->item_count; n++)
            id_text(out, "item", limit->items[n].bytes);
        words_list(c, out, "purposes", limit->purposes, limit->purpose_count);
        instant_text(out, "until", limit->until);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < facts->concerns.count; i++) {
        buf_format(out, "  concern kind=%d", facts->concerns.at[i].kind);
        id_text(out, "item", facts->concerns.at[i].item.bytes);
        instant_text(out, "restricted", facts->concerns.at[i].restricted);
        buf_char(out, '\n');
    }
}

static void facts_text(const struct agree_case *c, struct buf *out, const char *name,
                       const struct facts *facts)
{
    buf_format(out, "%s", name);
    id_text(out, "id", facts->id.bytes);
    word_text(c, out, "name", facts->name);
    if (facts->created.ms != ALWAYS.ms)
        instant_text(out, "created", facts->created);
    if (facts->erase_asked.ms != NEVER.ms)
        instant_text(out, "erase_asked", facts->erase_asked);
    buf_char(out, '\n');
    for (size_t i = 0; i < facts->roles.count; i++) {
        buf_format(out, "  role opened=%d", facts->roles.at[i].opened);
        word_text(c, out, "role", facts->roles.at[i].role);
        id_text(out, "matter", facts->roles.at[i].matter.bytes);
        instant_text(out, "since", facts->roles.at[i].since);
        instant_text(out, "until", facts->roles.at[i].until);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < facts->evidence.count; i++)
        evidence_text(c, out, &facts->evidence.at[i]);
    for (size_t i = 0; i < facts->events.count; i++) {
        word_text(c, out, " event", facts->events.at[i].event);
        id_text(out, "matter", facts->events.at[i].matter.bytes);
        instant_text(out, "first", facts->events.at[i].first);
        instant_text(out, "last", facts->events.at[i].last);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < facts->items.count; i++)
        item_text(c, out, &facts->items.at[i]);
    other_facts_text(c, out, facts);
}

static void operation_text(const struct agree_case *c, struct buf *out)
{
    const struct operation *op = &c->op;
    buf_format(out, "operation %s%s%s", action_name(op->action), op->asking ? " asking" : "",
               op->by_subject ? " by_subject" : "");
    word_text(c, out, "purpose", op->purpose);
    word_text(c, out, "source", op->source);
    word_text(c, out, "intake", op->intake);
    word_text(c, out, "channel", op->channel);
    word_text(c, out, "message", op->message);
    word_text(c, out, "recipient", op->recipient);
    word_text(c, out, "cookie", op->cookie);
    word_text(c, out, "controller", op->controller);
    word_text(c, out, "staff", op->staff);
    word_text(c, out, "zone", op->zone);
    word_text(c, out, "evidence", op->evidence);
    id_text(out, "party", op->party.bytes);
    id_text(out, "place", op->place.bytes);
    id_text(out, "matter", op->matter.bytes);
    id_text(out, "case", op->case_.bytes);
    id_text(out, "actor", op->actor.bytes);
    id_text(out, "concerned", op->concerned.bytes);
    for (size_t i = 0; i < op->offered_count; i++) {
        word_text(c, out, "offered", op->offered[i].field);
        buf_text(out, op->offered[i].said_optional ? "(optional)" : "");
    }
    for (size_t i = 0; i < op->item_count; i++)
        id_text(out, "item", op->items[i].bytes);
    words_list(c, out, "told", op->told, op->told_count);
    words_list(c, out, "fields", op->fields, op->field_count);
    words_list(c, out, "scope", op->scope, op->scope_count);
    words_list(c, out, "supplied", op->supplied, op->supplied_count);
    words_list(c, out, "particulars", op->particulars, op->particular_count);
    if (op->party_name.len > 0)
        buf_format(out, " party_name=%.*s", STR_ARG(op->party_name));
    instant_text(out, "at", c->t);
    buf_char(out, '\n');
}

void case_text(const struct agree_case *c, struct buf *out)
{
    static const char *const KINDS[] = {"purpose", "source", "recipient", "field"};
    for (size_t i = 0; i < c->policy_count; i++) {
        buf_format(out, "---- policy v%zu", i + 1);
        instant_text(out, "effective", c->policy[i].effective);
        for (size_t k = 0; k < 4 * i; k++)
            if (c->policy[i].fresh[k / 4][k % 4][0] != NULL)
                buf_format(out, " new_%s_since_v%zu=%s", KINDS[k % 4], k / 4 + 1,
                           c->policy[i].fresh[k / 4][k % 4][0]);
        buf_char(out, '\n');
        buf_add(out, policy_yaml(&c->policy[i], c->arena));
    }
    facts_text(c, out, "---- facts: subject", &c->subject);
    for (size_t i = 0; i < MATTERS; i++)
        facts_text(c, out, "matter", &c->matter[i]);
    facts_text(c, out, "case", &c->case_);
    facts_text(c, out, "party", &c->party);
    facts_text(c, out, "place", &c->place);
    facts_text(c, out, "actor", &c->actor);
    facts_text(c, out, "register", &c->register_);
    operation_text(c, out);
}
