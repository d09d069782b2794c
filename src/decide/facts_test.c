/* Facts and edits: laws on random facts, and bytes that nobody wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "codec_internal.h"
#include "limits.h"

enum { ARENA_BYTES = 4 << 20, ROUNDS = 200 };

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}
/* A new element of a list; the arenas here are large enough. */
#define ADD(list) ((typeof((list)->at))must(LIST_ADD(arena, (list))))

struct dice {
    uint64_t state;
};

static uint64_t roll(struct dice *dice, uint64_t below)
{
    dice->state += 0x9e3779b97f4a7c15u;
    uint64_t z = dice->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static void roll_bytes(struct dice *dice, unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)roll(dice, 256);
}

/* A small set of ids, so that edits meet what is there; sometimes the zero id. */
static void roll_id(struct dice *dice, unsigned char bytes[ID_BYTES])
{
    memset(bytes, (int)roll(dice, 6), ID_BYTES);
}

static word roll_word(struct dice *dice, struct words *words)
{
    char text[32];
    uint64_t which = roll(dice, 30);
    if (which == 0)
        return 0;
    snprintf(text, sizeof(text), "category_%u.field", (unsigned)which);
    return words_intern(words, str_from(text));
}

static instant roll_instant(struct dice *dice)
{
    switch (roll(dice, 8)) {
    case 0:
        return NEVER;
    case 1:
        return ALWAYS;
    case 2:
        return (instant){(int64_t)roll(dice, UINT64_MAX)};
    default:
        return (instant){(int64_t)roll(dice, 4000000000000) - 500000000000};
    }
}

static word *roll_words(struct dice *dice, struct words *words, struct arena *arena,
                        uint16_t *count)
{
    *count = (uint16_t)roll(dice, 4);
    word *at = *count == 0 ? NULL : must(ARENA_ARRAY(arena, word, (size_t)*count));
    for (size_t i = 0; i < *count; i++)
        at[i] = roll_word(dice, words);
    return at;
}

static void roll_evidence(struct dice *dice, struct words *words, struct arena *arena,
                          struct fact_evidence *evidence)
{
    roll_id(dice, evidence->id.bytes);
    evidence->type = roll_word(dice, words);
    evidence->bound_count = (uint16_t)roll(dice, 4);
    if (evidence->bound_count > 0)
        evidence->bound = must(ARENA_ARRAY(arena, struct binding, (size_t)evidence->bound_count));
    for (size_t b = 0; b < evidence->bound_count; b++) {
        evidence->bound[b].slot = (enum slot)roll(dice, SLOT_COUNT);
        evidence->bound[b].name = roll_word(dice, words);
        if (evidence->bound[b].name == 0)
            roll_id(dice, evidence->bound[b].id.bytes);
    }
    evidence->since = roll_instant(dice);
    evidence->until = roll_instant(dice);
    evidence->until_counts = roll(dice, 2) == 1;
    roll_id(dice, evidence->details.bytes);
}

static void roll_item(struct dice *dice, struct words *words, struct arena *arena,
                      struct fact_item *item)
{
    roll_id(dice, item->id.bytes);
    item->field = roll_word(dice, words);
    item->source = roll_word(dice, words);
    item->intake = roll_word(dice, words);
    item->channel = roll_word(dice, words);
    item->controller = roll_word(dice, words);
    item->version = roll_word(dice, words);
    roll_id(dice, item->matter.bytes);
    item->collected = roll_instant(dice);
    item->told = roll_words(dice, words, arena, &item->told_count);
    item->key = (uint32_t)roll(dice, UINT32_MAX);
    item->size = (uint32_t)roll(dice, 70000);
    item->chunks = (uint16_t)roll(dice, 500);
    item->made_from = must(ARENA_ARRAY(arena, record_id, 3));
    item->made_from_count = (uint16_t)roll(dice, 3);
    for (size_t i = 0; i < item->made_from_count; i++)
        roll_id(dice, item->made_from[i].bytes);
    item->external = roll(dice, 2) == 1;
    item->failing = roll(dice, 2) == 1;
}

static void roll_limit(struct dice *dice, struct words *words, struct arena *arena,
                       struct fact_limit *limit)
{
    roll_id(dice, limit->id.bytes);
    limit->items = must(ARENA_ARRAY(arena, record_id, 3));
    limit->item_count = (uint16_t)roll(dice, 3);
    for (size_t i = 0; i < limit->item_count; i++)
        roll_id(dice, limit->items[i].bytes);
    limit->purposes = roll_words(dice, words, arena, &limit->purpose_count);
    limit->until = roll_instant(dice);
    limit->use_only = roll(dice, 2) == 1;
}

static struct facts *roll_facts(struct dice *dice, struct words *words, struct arena *arena)
{
    struct facts *facts = must(ARENA_NEW(arena, struct facts));
    facts->kind = (enum dossier_kind)roll(dice, DOSSIER_KIND_COUNT);
    roll_id(dice, facts->id.bytes);
    facts->version = roll(dice, UINT64_MAX);
    facts->name = roll_word(dice, words);
    facts->created = roll_instant(dice);
    facts->erase_asked = roll_instant(dice);
    facts->had_items = roll(dice, 2) == 1;
    for (uint64_t n = roll(dice, 5); n > 0; n--) {
        struct fact_role *role = ADD(&facts->roles);
        roll_id(dice, role->id.bytes);
        role->role = roll_word(dice, words);
        roll_id(dice, role->matter.bytes);
        role->since = roll_instant(dice);
        role->until = roll_instant(dice);
        role->opened = roll(dice, 2) == 1;
    }
    for (uint64_t n = roll(dice, 6); n > 0; n--)
        roll_evidence(dice, words, arena, ADD(&facts->evidence));
    for (uint64_t n = roll(dice, 5); n > 0; n--) {
        struct fact_event *event = ADD(&facts->events);
        event->event = roll_word(dice, words);
        roll_id(dice, event->matter.bytes);
        event->first = roll_instant(dice);
        event->last = roll_instant(dice);
    }
    for (uint64_t n = roll(dice, 8); n > 0; n--)
        roll_item(dice, words, arena, ADD(&facts->items));
    for (uint64_t n = roll(dice, 3); n > 0; n--) {
        struct fact_objection *objection = ADD(&facts->objections);
        roll_id(dice, objection->id.bytes);
        objection->purpose = roll_word(dice, words);
        objection->since = roll_instant(dice);
        objection->state = (enum objection_state)roll(dice, 3);
    }
    for (uint64_t n = roll(dice, 3); n > 0; n--) {
        struct fact_switch *stop = ADD(&facts->switches);
        roll_id(dice, stop->id.bytes);
        stop->stop = roll_word(dice, words);
        stop->channel = roll_word(dice, words);
        roll_id(dice, stop->recipient.bytes);
        stop->since = roll_instant(dice);
    }
    for (uint64_t n = roll(dice, 3); n > 0; n--) {
        struct fact_restriction *restriction = ADD(&facts->restrictions);
        roll_id(dice, restriction->id.bytes);
        restriction->fields = roll_words(dice, words, arena, &restriction->field_count);
        restriction->since = roll_instant(dice);
        restriction->told = roll(dice, 2) == 1;
    }
    for (uint64_t n = roll(dice, 3); n > 0; n--)
        roll_limit(dice, words, arena, ADD(&facts->limits));
    for (uint64_t n = roll(dice, 3); n > 0; n--) {
        struct fact_concern *concern = ADD(&facts->concerns);
        roll_id(dice, concern->id.bytes);
        concern->kind = (enum concern_kind)roll(dice, CONCERN_KIND_COUNT);
        concern->state = (enum concern_state)roll(dice, CONCERN_WITHHELD + 1);
        roll_id(dice, concern->other.bytes);
        roll_id(dice, concern->item.bytes);
        concern->field = roll_word(dice, words);
        concern->source = roll_word(dice, words);
        concern->since = roll_instant(dice);
        concern->restricted = roll_instant(dice);
    }
    for (uint64_t n = roll(dice, 3); n > 0; n--) {
        struct fact_hash *hash = ADD(&facts->hashes);
        hash->kind = roll_word(dice, words);
        roll_bytes(dice, hash->bytes, sizeof(hash->bytes));
    }
    for (uint64_t n = roll(dice, 3); n > 0; n--) {
        struct fact_task *task = ADD(&facts->tasks);
        roll_id(dice, task->id.bytes);
        task->kind = (enum task_kind)roll(dice, TASK_KIND_COUNT);
        task->name = roll_word(dice, words);
        task->channel = roll_word(dice, words);
        task->controller = roll_word(dice, words);
        roll_id(dice, task->item.bytes);
        roll_id(dice, task->other.bytes);
        task->since = roll_instant(dice);
        task->due = roll_instant(dice);
        roll_id(dice, task->details.bytes);
    }
    return facts;
}

static struct edit roll_edit(struct dice *dice, struct words *words, struct arena *arena)
{
    struct edit edit = {.kind = (enum edit_kind)(1 + roll(dice, EDIT_KIND_END - 1))};
    roll_id(dice, edit.id.bytes);
    edit.name = roll_word(dice, words);
    edit.channel = roll_word(dice, words);
    roll_id(dice, edit.other.bytes);
    edit.at = roll_instant(dice);
    edit.state = (enum objection_state)roll(dice, 3);
    edit.names = roll_words(dice, words, arena, &edit.name_count);
    if (edit.kind == EDIT_DROP_HASH || edit.kind == EDIT_SUPPRESS)
        roll_bytes(dice, edit.hash, sizeof(edit.hash));
    return edit;
}

static str written(const struct facts *facts, const struct words *words, struct arena *arena)
{
    struct report report = {0};
    struct buf out = buf_in(arena, LIMIT_FACTS_BYTES);
    assert_true(is_ok(facts_write(facts, words, &out, &report)));
    return buf_str(&out);
}

#define SAME(list, field)      assert_true(a->list.at[i].field == b->list.at[i].field)
#define SAME_TIME(list, field) assert_true(a->list.at[i].field.ms == b->list.at[i].field.ms)
#define SAME_ID(list, field)   assert_true(ID_EQUAL(a->list.at[i].field, b->list.at[i].field))

static void same_words(const word *a, size_t a_count, const word *b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++)
        assert_int_equal(a[i], b[i]);
}

static void same_evidence(const struct fact_evidence *a, const struct fact_evidence *b)
{
    assert_true(ID_EQUAL(a->id, b->id) && a->type == b->type);
    assert_int_equal(a->bound_count, b->bound_count);
    for (size_t i = 0; i < a->bound_count; i++) {
        assert_true(a->bound[i].slot == b->bound[i].slot && a->bound[i].name == b->bound[i].name);
        assert_true(ID_EQUAL(a->bound[i].id, b->bound[i].id));
    }
    assert_true(a->since.ms == b->since.ms && a->until.ms == b->until.ms);
    assert_true(a->until_counts == b->until_counts && ID_EQUAL(a->details, b->details));
}

static void same_item(const struct fact_item *a, const struct fact_item *b)
{
    assert_true(ID_EQUAL(a->id, b->id) && ID_EQUAL(a->matter, b->matter));
    assert_true(a->field == b->field && a->source == b->source && a->intake == b->intake);
    assert_true(a->channel == b->channel && a->controller == b->controller);
    assert_true(a->version == b->version && a->collected.ms == b->collected.ms);
    assert_true(a->key == b->key && a->size == b->size && a->chunks == b->chunks);
    same_words(a->told, a->told_count, b->told, b->told_count);
    assert_int_equal(a->made_from_count, b->made_from_count);
    for (size_t i = 0; i < a->made_from_count; i++)
        assert_true(ID_EQUAL(a->made_from[i], b->made_from[i]));
    assert_true(a->external == b->external && a->failing == b->failing);
}

static void same_limit(const struct fact_limit *a, const struct fact_limit *b)
{
    assert_true(ID_EQUAL(a->id, b->id) && a->until.ms == b->until.ms);
    assert_true(a->use_only == b->use_only);
    same_words(a->purposes, a->purpose_count, b->purposes, b->purpose_count);
    assert_int_equal(a->item_count, b->item_count);
    for (size_t i = 0; i < a->item_count; i++)
        assert_true(ID_EQUAL(a->items[i], b->items[i]));
}

static void same_facts(const struct facts *a, const struct facts *b)
{
    assert_true(a->kind == b->kind && ID_EQUAL(a->id, b->id) && a->version == b->version);
    assert_true(a->name == b->name && a->created.ms == b->created.ms);
    assert_true(a->erase_asked.ms == b->erase_asked.ms && a->had_items == b->had_items);
    assert_int_equal(a->roles.count, b->roles.count);
    for (size_t i = 0; i < a->roles.count; i++) {
        SAME_ID(roles, id);
        SAME(roles, role);
        SAME_ID(roles, matter);
        SAME_TIME(roles, since);
        SAME_TIME(roles, until);
        SAME(roles, opened);
    }
    assert_int_equal(a->evidence.count, b->evidence.count);
    for (size_t i = 0; i < a->evidence.count; i++)
        same_evidence(&a->evidence.at[i], &b->evidence.at[i]);
    assert_int_equal(a->events.count, b->events.count);
    for (size_t i = 0; i < a->events.count; i++) {
        SAME(events, event);
        SAME_ID(events, matter);
        SAME_TIME(events, first);
        SAME_TIME(events, last);
    }
    assert_int_equal(a->items.count, b->items.count);
    for (size_t i = 0; i < a->items.count; i++)
        same_item(&a->items.at[i], &b->items.at[i]);
    assert_int_equal(a->objections.count, b->objections.count);
    for (size_t i = 0; i < a->objections.count; i++) {
        SAME_ID(objections, id);
        SAME(objections, purpose);
        SAME_TIME(objections, since);
        SAME(objections, state);
    }
    assert_int_equal(a->switches.count, b->switches.count);
    for (size_t i = 0; i < a->switches.count; i++) {
        SAME_ID(switches, id);
        SAME(switches, stop);
        SAME(switches, channel);
        SAME_ID(switches, recipient);
        SAME_TIME(switches, since);
    }
    assert_int_equal(a->restrictions.count, b->restrictions.count);
    for (size_t i = 0; i < a->restrictions.count; i++) {
        SAME_ID(restrictions, id);
        same_words(a->restrictions.at[i].fields, a->restrictions.at[i].field_count,
                   b->restrictions.at[i].fields, b->restrictions.at[i].field_count);
        SAME_TIME(restrictions, since);
        SAME(restrictions, told);
    }
    assert_int_equal(a->limits.count, b->limits.count);
    for (size_t i = 0; i < a->limits.count; i++)
        same_limit(&a->limits.at[i], &b->limits.at[i]);
    assert_int_equal(a->concerns.count, b->concerns.count);
    for (size_t i = 0; i < a->concerns.count; i++) {
        SAME_ID(concerns, id);
        SAME(concerns, kind);
        SAME(concerns, state);
        SAME_ID(concerns, other);
        SAME_ID(concerns, item);
        SAME(concerns, field);
        SAME(concerns, source);
        SAME_TIME(concerns, since);
        SAME_TIME(concerns, restricted);
    }
    assert_int_equal(a->hashes.count, b->hashes.count);
    for (size_t i = 0; i < a->hashes.count; i++) {
        SAME(hashes, kind);
        assert_memory_equal(a->hashes.at[i].bytes, b->hashes.at[i].bytes, 32);
    }
    assert_int_equal(a->tasks.count, b->tasks.count);
    for (size_t i = 0; i < a->tasks.count; i++) {
        SAME_ID(tasks, id);
        SAME(tasks, kind);
        SAME(tasks, name);
        SAME(tasks, channel);
        SAME(tasks, controller);
        SAME_ID(tasks, item);
        SAME_ID(tasks, other);
        SAME_TIME(tasks, since);
        SAME_TIME(tasks, due);
        SAME_ID(tasks, details);
    }
}

static void what_is_written_is_read_back_by_any_word_table(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        CLEANUP(words_free) struct words *words = words_new();
        CLEANUP(words_free) struct words *other = words_new();
        struct dice dice = {seed};
        struct report report = {0};
        struct facts *facts = roll_facts(&dice, words, arena), *back;
        str bytes = written(facts, words, arena);
        if (!is_ok(facts_read(bytes, words, arena, &report, &back)))
            fail_msg("seed %u: %s", (unsigned)seed, report.text);
        same_facts(facts, back);
        words_intern(other, STR("elsewhere"));
        assert_true(is_ok(facts_read(bytes, other, arena, &report, &back)));
        str again = written(back, other, arena);
        assert_int_equal(bytes.len, again.len);
        assert_memory_equal(bytes.ptr, again.ptr, bytes.len);
    }
}

static void each_name_is_written_once(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct facts facts = {.erase_asked = NEVER};
    word name = words_intern(words, STR("a_rather_long_category.with_a_long_field"));
    for (int i = 0; i < 50; i++)
        ADD(&facts.items)->field = name;
    assert_true(written(&facts, words, arena).len < 50 * 20);
}

static void damaged_bytes_are_corrupt_and_never_a_crash(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        CLEANUP(words_free) struct words *words = words_new();
        struct dice dice = {seed};
        struct facts *facts = roll_facts(&dice, words, arena), *back;
        str bytes = written(facts, words, arena);
        for (int i = 0; i < 20; i++) {
            char copy[LIMIT_FACTS_BYTES];
            struct report report = {0};
            memcpy(copy, bytes.ptr, bytes.len);
            size_t cut = (size_t)roll(&dice, bytes.len);
            status short_read = facts_read((str){copy, cut}, words, arena, &report, &back);
            if (short_read.fault != FAULT_CORRUPT)
                fail_msg("seed %u: cut at %u gave %s", (unsigned)seed, (unsigned)cut,
                         fault_name(short_read.fault));
            copy[roll(&dice, bytes.len)] = (char)roll(&dice, 256);
            status odd = facts_read((str){copy, bytes.len}, words, arena, &report, &back);
            if (!is_ok(odd) && odd.fault != FAULT_CORRUPT)
                fail_msg("seed %u gave %s", (unsigned)seed, fault_name(odd.fault));
        }
    }
}

static void bytes_that_nobody_wrote_are_refused(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct dice dice = {7};
    struct report report = {0};
    struct facts *facts;
    struct edit *edits;
    size_t count;
    assert_int_equal(facts_read(STR(""), words, arena, &report, &facts).fault, FAULT_CORRUPT);
    assert_int_equal(facts_read(STR("\x02"), words, arena, &report, &facts).fault, FAULT_CORRUPT);
    for (int i = 0; i < 2000; i++) {
        unsigned char noise[80];
        roll_bytes(&dice, noise, sizeof(noise));
        noise[0] = 1;
        str bytes = {(const char *)noise, sizeof(noise)};
        (void)facts_read(bytes, words, arena, &report, &facts).fault;
        (void)edits_read(bytes, words, arena, &report, &edits, &count).fault;
    }
    facts = roll_facts(&dice, words, arena);
    str bytes = written(facts, words, arena);
    char room[LIMIT_FACTS_BYTES];
    memcpy(room, bytes.ptr, bytes.len);
    room[bytes.len] = 0;
    str longer = {room, bytes.len + 1};
    assert_int_equal(facts_read(longer, words, arena, &report, &facts).fault, FAULT_CORRUPT);
}

static void too_many_facts_are_a_limit(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct report report = {0};
    struct facts facts = {0};
    for (int i = 0; i < 2000; i++)
        memset(ADD(&facts.items)->id.bytes, 1, ID_BYTES);
    struct buf out = buf_in(arena, 1 << 20);
    assert_int_equal(facts_write(&facts, words, &out, &report).fault, FAULT_LIMIT);
}

static void another_format_and_longer_facts_are_refused_by_name(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct dice dice = {11};
    struct report report = {0};
    struct facts *back;
    struct edit edit = roll_edit(&dice, words, arena), *edits;
    size_t count;
    str facts = written(roll_facts(&dice, words, arena), words, arena);
    struct buf out = buf_in(arena, LIMIT_FACTS_BYTES);
    assert_true(is_ok(edits_write(&edit, 1, words, &out, &report)));
    char odd[LIMIT_FACTS_BYTES];
    memcpy(odd, facts.ptr, facts.len);
    odd[0] ^= 0x40;
    assert_int_equal(facts_read((str){odd, facts.len}, words, arena, &report, &back).fault,
                     FAULT_CORRUPT);
    assert_non_null(strstr(report.text, "unknown format"));
    report = (struct report){0};
    memcpy(odd, out.ptr, out.len);
    odd[0] ^= 0x40;
    assert_int_equal(edits_read((str){odd, out.len}, words, arena, &report, &edits, &count).fault,
                     FAULT_CORRUPT);
    assert_non_null(strstr(report.text, "unknown format"));
    static const char longer[LIMIT_FACTS_BYTES + 1];
    assert_int_equal(facts_read((str){longer, sizeof(longer)}, words, arena, &report, &back).fault,
                     FAULT_LIMIT);
}

static void too_many_names_are_a_limit(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct report report = {0};
    struct edit edit = {.kind = EDIT_CUT_TOLD, .name_count = CODEC_WORDS};
    word *names = ARENA_ARRAY(arena, word, edit.name_count);
    assert_non_null(names);
    for (size_t i = 0; i < edit.name_count; i++)
        names[i] = words_intern(words, arena_format(arena, "n%u", (unsigned)i));
    edit.names = names;
    struct buf out = buf_in(arena, 1 << 20);
    assert_int_equal(edits_write(&edit, 1, words, &out, &report).fault, FAULT_LIMIT);
    assert_non_null(strstr(report.text, "names"));
}

static void an_edit_applied_twice_changes_nothing_more(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS * 5; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        CLEANUP(words_free) struct words *words = words_new();
        struct dice dice = {seed};
        struct report report = {0};
        struct facts *facts = roll_facts(&dice, words, arena);
        struct edit edit = roll_edit(&dice, words, arena);
        assert_true(is_ok(facts_edit(facts, &edit, arena, &report)));
        str once = written(facts, words, arena);
        assert_true(is_ok(facts_edit(facts, &edit, arena, &report)));
        str twice = written(facts, words, arena);
        if (!str_equal(once, twice))
            fail_msg("seed %u: edit %d is not idempotent", (unsigned)seed, (int)edit.kind);
    }
}

static void edits_are_read_back_as_written(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        CLEANUP(words_free) struct words *words = words_new();
        struct dice dice = {seed};
        struct report report = {0};
        struct edit edits[5], *back;
        size_t count;
        for (size_t i = 0; i < LENGTH(edits); i++)
            edits[i] = roll_edit(&dice, words, arena);
        struct buf out = buf_in(arena, LIMIT_FACTS_BYTES);
        assert_true(is_ok(edits_write(edits, LENGTH(edits), words, &out, &report)));
        assert_true(is_ok(edits_read(buf_str(&out), words, arena, &report, &back, &count)));
        assert_int_equal(count, LENGTH(edits));
        for (size_t i = 0; i < count; i++) {
            assert_true(edits[i].kind == back[i].kind && edits[i].name == back[i].name);
            assert_true(ID_EQUAL(edits[i].id, back[i].id) && edits[i].channel == back[i].channel);
            assert_true(ID_EQUAL(edits[i].other, back[i].other));
            assert_true(edits[i].at.ms == back[i].at.ms && edits[i].state == back[i].state);
            same_words(edits[i].names, edits[i].name_count, back[i].names, back[i].name_count);
            assert_memory_equal(edits[i].hash, back[i].hash, sizeof(edits[i].hash));
        }
        assert_int_equal(edits_read(str_slice(buf_str(&out), 0, out.len - 1), words, arena, &report,
                                    &back, &count)
                             .fault,
                         FAULT_CORRUPT);
    }
}

/* Names what each kind takes, on one dossier. */
static void each_edit_takes_what_it_names(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct report report = {0};
    struct facts facts = {.erase_asked = NEVER};
    word told[] = {1, 2, 3}, kept[] = {2, 9};
    const record_id one = {{1}}, two = {{2}};
    *ADD(&facts.evidence) = (struct fact_evidence){.id = one, .until = NEVER};
    *ADD(&facts.roles) = (struct fact_role){.id = one, .until = NEVER};
    *ADD(&facts.items) = (struct fact_item){.id = one, .told = told, .told_count = 3};
    *ADD(&facts.items) = (struct fact_item){.id = two};
    *ADD(&facts.hashes) = (struct fact_hash){.bytes = {5}};
    *ADD(&facts.hashes) = (struct fact_hash){.kind = 9, .bytes = {6}};
    *ADD(&facts.hashes) = (struct fact_hash){.kind = 9, .bytes = {7}};
    *ADD(&facts.hashes) = (struct fact_hash){.kind = 8, .bytes = {8}};
    *ADD(&facts.tasks) = (struct fact_task){.id = one};
    *ADD(&facts.tasks) = (struct fact_task){.id = two};
    *ADD(&facts.concerns) = (struct fact_concern){.id = one, .restricted = NEVER};
    *ADD(&facts.concerns) =
        (struct fact_concern){.id = two, .state = CONCERN_RELEASED, .restricted = NEVER};
    const struct edit edits[] = {
        {.kind = EDIT_END_EVIDENCE, .id = one, .at = {50}},
        {.kind = EDIT_END_EVIDENCE, .id = one, .at = {70}},
        {.kind = EDIT_END_ROLE, .id = one, .at = {60}},
        {.kind = EDIT_CUT_TOLD, .id = one, .names = kept, .name_count = 2},
        {.kind = EDIT_DROP_ITEM, .id = two},
        {.kind = EDIT_OBJECT, .id = one, .name = 4, .at = {5}},
        {.kind = EDIT_OBJECT, .id = one, .name = 4, .at = {6}, .state = OBJECTION_UPHELD},
        {.kind = EDIT_SWITCH, .id = one, .name = 4, .channel = 3, .at = {5}},
        {.kind = EDIT_RESTRICT, .id = one, .names = told, .name_count = 3, .at = {5}},
        {.kind = EDIT_ERASE_ASKED, .at = {7}},
        {.kind = EDIT_DROP_HASH, .hash = {5}},
        {.kind = EDIT_DROP_HASH, .name = 9}, /* no hash: all of that kind */
        {.kind = EDIT_END_TASK, .id = one},
        {.kind = EDIT_END_CONCERN, .id = one},
        {.kind = EDIT_WITHHOLD_CONCERN, .id = two},
        {.kind = EDIT_RESTRICT_CONCERN, .id = two, .at = {8}},
        {.kind = EDIT_RESTRICT_CONCERN, .id = two, .at = {9}},
        {.kind = EDIT_MOVE_CONCERN, .id = two, .other = {{5}}},
        {.kind = EDIT_MOVE_CONCERN, .id = two, .other = {{6}}},
    };
    for (size_t i = 0; i < LENGTH(edits); i++)
        assert_true(is_ok(facts_edit(&facts, &edits[i], arena, &report)));
    assert_int_equal(facts.evidence.at[0].until.ms, 50);
    assert_int_equal(facts.roles.at[0].until.ms, 60);
    assert_int_equal(facts.items.count, 1);
    assert_int_equal(facts.items.at[0].told_count, 1);
    assert_int_equal(facts.items.at[0].told[0], 2);
    assert_int_equal(facts.objections.count, 1);
    assert_int_equal(facts.objections.at[0].since.ms, 5);
    assert_int_equal(facts.objections.at[0].state, OBJECTION_UPHELD);
    assert_int_equal(facts.switches.count, 1);
    assert_int_equal(facts.restrictions.at[0].field_count, 3);
    assert_int_equal(facts.erase_asked.ms, 7);
    assert_int_equal(facts.hashes.count, 1);
    assert_int_equal(facts.hashes.at[0].kind, 8);
    assert_int_equal(facts.tasks.count, 1);
    assert_true(ID_EQUAL(facts.tasks.at[0].id, two));
    assert_int_equal(facts.concerns.count, 1);
    assert_true(ID_EQUAL(facts.concerns.at[0].id, two));
    assert_int_equal(facts.concerns.at[0].state, CONCERN_WITHHELD);
    assert_int_equal(facts.concerns.at[0].other.bytes[0], 6);
    assert_int_equal(facts.concerns.at[0].restricted.ms, 8);
}

static void a_suppression_is_made_anew_by_its_edits_alone(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct report report = {0};
    struct facts facts = {0};
    const struct edit edits[] = {
        {.kind = EDIT_SUPPRESS, .name = 3, .at = {9}, .hash = {5}},
        {.kind = EDIT_SUPPRESS, .name = 3, .at = {11}, .hash = {6}},
        {.kind = EDIT_SUPPRESS, .name = 3, .at = {12}, .hash = {5}},
        {.kind = EDIT_OBJECT, .id = {{1}}, .name = 4, .at = {9}, .state = OBJECTION_UPHELD},
    };
    for (size_t i = 0; i < LENGTH(edits); i++)
        assert_true(is_ok(facts_edit(&facts, &edits[i], arena, &report)));
    assert_int_equal(facts.kind, DOSSIER_SUPPRESSION);
    assert_int_equal(facts.created.ms, 9);
    assert_true(facts.erase_asked.ms == NEVER.ms);
    assert_int_equal(facts.hashes.count, 2);
    assert_int_equal(facts.objections.count, 1);
    /* Nobody else becomes one. */
    struct facts person = {.kind = DOSSIER_SUBJECT, .created = {1}};
    assert_true(is_ok(facts_edit(&person, &edits[0], arena, &report)));
    assert_int_equal(person.kind, DOSSIER_SUBJECT);
    assert_int_equal(person.created.ms, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back_by_any_word_table),
        cmocka_unit_test(each_name_is_written_once),
        cmocka_unit_test(damaged_bytes_are_corrupt_and_never_a_crash),
        cmocka_unit_test(bytes_that_nobody_wrote_are_refused),
        cmocka_unit_test(too_many_facts_are_a_limit),
        cmocka_unit_test(another_format_and_longer_facts_are_refused_by_name),
        cmocka_unit_test(too_many_names_are_a_limit),
        cmocka_unit_test(an_edit_applied_twice_changes_nothing_more),
        cmocka_unit_test(edits_are_read_back_as_written),
        cmocka_unit_test(each_edit_takes_what_it_names),
        cmocka_unit_test(a_suppression_is_made_anew_by_its_edits_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
