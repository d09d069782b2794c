/* Rings from turn to turn: made, undone, forgotten; what a forgotten one leaves behind.
 * Guarantees G3, G7 and G11 of the README rest on these. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "keys_test.h"

static void a_ring_is_there_after_a_restart_with_its_keys_and_handle(void **state)
{
    (void)state;
    unsigned char before_it[16], after[16], salted[32], salted_after[32];
    struct ring *ring = ring_made(1);
    uint32_t basic = key_of(ring, "firm/basic"), facts = key_of(ring, "facts");
    assert_int_not_equal(basic, facts);
    sealed bytes = seal_text(ring, basic, 1, STR("value"));
    ring_handle(ring, before_it);
    ring_salted(ring, STR("a reason"), salted);
    committed();
    reopened();
    ring = ring_of(1);
    str plain = {0};
    assert_int_equal(key_of(ring, "firm/basic"), basic);
    assert_int_equal(key_of(ring, "facts"), facts);
    assert_false(keys_dirty(here.keys));
    assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_NONE);
    assert_true(str_is(plain, "value"));
    ring_handle(ring, after);
    ring_salted(ring, STR("a reason"), salted_after);
    assert_memory_equal(before_it, after, sizeof(after));
    assert_memory_equal(salted, salted_after, sizeof(salted));
}

static void handles_and_salts_differ_between_people(void **state)
{
    (void)state;
    unsigned char a[32], b[32];
    struct ring *one = ring_made(1), *two = ring_made(2);
    ring_handle(one, a);
    ring_handle(two, b);
    assert_memory_not_equal(a, b, 16);
    ring_salted(one, STR("x"), a);
    ring_salted(two, STR("x"), b);
    assert_memory_not_equal(a, b, 32);
}

static void an_unknown_person_is_neither_live_nor_erased(void **state)
{
    (void)state;
    assert_int_equal(presence_of(5), PRESENCE_UNKNOWN);
}

static void a_ring_is_made_once(void **state)
{
    (void)state;
    struct ring *ring = NULL;
    ring_made(1);
    assert_fault(keys_ring_create(here.keys, person(1), &here.report, &ring), FAULT_CONFLICT);
    assert_ok(keys_commit(here.keys, &here.report));
    for (int erased = 0; erased < 2; erased++) {
        reopened();
        ring_made(1);
        assert_fault(keys_commit(here.keys, &here.report), FAULT_CONFLICT);
        keys_rollback(here.keys);
        assert_int_equal(presence_of(1), erased ? PRESENCE_ERASED : PRESENCE_LIVE);
        if (!erased)
            erase_marked(1, 1);
        committed();
    }
}

static void what_was_not_committed_is_not_there(void **state)
{
    (void)state;
    ring_made(1);
    reopened();
    assert_int_equal(presence_of(1), PRESENCE_UNKNOWN);
}

static void an_operation_that_is_undone_leaves_rings_as_they_were(void **state)
{
    (void)state;
    uint32_t number = 0;
    struct ring *ring = ring_made(1);
    uint32_t basic = key_of(ring, "firm/basic");
    assert_ok(keys_savepoint(here.keys, &here.report));
    ring_made(2);
    ring = ring_of(1);
    assert_ok(ring_replace_key(here.keys, ring, STR("firm/basic"), &here.report, &number));
    erase_marked(1, 4);
    assert_int_equal(presence_of(1), PRESENCE_ERASED);
    keys_undo(here.keys);
    assert_int_equal(presence_of(2), PRESENCE_UNKNOWN);
    assert_int_equal(key_of(ring_of(1), "firm/basic"), basic);
    assert_int_equal(ring_fence_version(ring_of(1)), 0);
    committed();
    reopened();
    assert_int_equal(key_of(ring_of(1), "firm/basic"), basic);
    assert_int_equal(presence_of(2), PRESENCE_UNKNOWN);
}

static void operations_of_one_turn_see_each_other_and_are_undone_alone(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        assert_ok(keys_savepoint(here.keys, &here.report));
        ring_made(i);
        if (i > 0)
            key_of(ring_of(i - 1), "later");
        if (i == 3)
            keys_undo(here.keys);
        else
            assert_ok(keys_release(here.keys, &here.report));
    }
    committed();
    reopened();
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ring_of(i)->body->count, i < 2 ? 1 : 0);
    assert_int_equal(presence_of(3), PRESENCE_UNKNOWN);
}

static void a_ring_of_many_keys_spans_parts_and_shrinks_again(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    char slot[64];
    for (unsigned i = 0; i < 300; i++) {
        snprintf(slot, sizeof(slot), "controller/category-%u", i);
        assert_int_equal(key_of(ring, slot), i + 1);
    }
    sealed bytes = seal_text(ring, 300, 1, STR("value"));
    committed();
    reopened();
    ring = ring_of(1);
    str plain = {0};
    assert_int_equal(ring->body->count, 300);
    assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_NONE);
    for (unsigned i = 0; i < 300; i++)
        ring->body->at[i].leaving = i != 299;
    ring_touch(here.keys, ring);
    marks_add(&here.keys->marks, &(struct mark){.id = person(1), .ring = true});
    committed();
    reopened();
    ring = ring_of(1);
    assert_int_equal(ring->body->count, 1);
    assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_NONE);
    assert_int_equal(key_of(ring, "new"), 301);
}

static void a_ring_and_a_slots_name_have_their_limits(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    char slot[RING_SLOT_MAX + 1];
    uint32_t number = 0;
    memset(slot, 's', sizeof(slot));
    assert_fault(ring_key(here.keys, ring, (str){slot, sizeof(slot)}, &here.report, &number),
                 FAULT_LIMIT);
    for (unsigned i = 0; i < RING_KEYS_MAX; i++) {
        snprintf(slot, sizeof(slot), "%u", i);
        key_of(ring, slot);
    }
    assert_fault(ring_key(here.keys, ring, STR("more"), &here.report, &number), FAULT_LIMIT);
    committed();
    reopened();
    assert_int_equal(ring_of(1)->body->count, RING_KEYS_MAX);
}

static void a_replaced_key_opens_until_it_is_forgotten_and_then_no_more(void **state)
{
    (void)state;
    uint32_t fresh = 0;
    str plain = {0};
    struct ring *ring = ring_made(1);
    uint32_t old = key_of(ring, "firm/basic"), other = key_of(ring, "firm/special");
    sealed bytes = seal_text(ring, old, 1, STR("old")), kept = seal_text(ring, other, 1, STR("k"));
    committed();
    struct fence fence = fence_at(1, FENCE_PART, 7);
    ring = ring_of(1);
    assert_ok(keys_fence(here.keys, &fence, &here.report));
    assert_ok(ring_replace_key(here.keys, ring, STR("firm/basic"), &here.report, &fresh));
    assert_true(fresh > other);
    assert_int_equal(key_of(ring, "firm/basic"), fresh);
    struct seal_place place = place_of(1);
    sealed more = {0};
    assert_fault(ring_seal(here.keys, ring, old, &place, STR("x"), here.arena, &here.report, &more),
                 FAULT_INTERNAL);
    assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_NONE);
    sealed survivor = seal_text(ring, fresh, 1, STR("old"));
    assert_ok(keys_commit(here.keys, &here.report));
    assert_int_equal(opening(ring_of(1), 1, bytes, &plain), FAULT_NONE);
    assert_ok(keys_commit_forgotten(here.keys, &here.report));
    for (int again = 0; again < 2; again++) {
        ring = ring_of(1);
        assert_false(ring_has_key(ring, old));
        assert_int_equal(ring_fence_version(ring), 7);
        assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_GONE);
        assert_int_equal(opening(ring, 1, survivor, &plain), FAULT_NONE);
        assert_int_equal(opening(ring, 1, kept, &plain), FAULT_NONE);
        reopened();
    }
}

static void a_key_that_the_ring_never_had_is_a_fault_and_not_an_erasure(void **state)
{
    (void)state;
    str plain = {0};
    struct ring *ring = ring_made(1);
    committed();
    uint32_t number = key_of(ring_of(1), "firm/basic");
    sealed bytes = seal_text(ring_of(1), number, 1, STR("value"));
    reopened(); /* the key was not committed */
    ring = ring_of(1);
    assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_KEY);
}

static void an_erased_person_is_erased_in_this_turn_and_after_a_restart(void **state)
{
    (void)state;
    ring_made(1);
    ring_made(2);
    committed();
    erase_marked(1, 3);
    assert_int_equal(presence_of(1), PRESENCE_ERASED);
    assert_ok(keys_commit(here.keys, &here.report));
    assert_int_equal(presence_of(1), PRESENCE_ERASED);
    assert_ok(keys_commit_forgotten(here.keys, &here.report));
    assert_int_equal(presence_of(1), PRESENCE_ERASED);
    reopened();
    assert_int_equal(presence_of(1), PRESENCE_ERASED);
    assert_int_equal(presence_of(2), PRESENCE_LIVE);
}

static void a_ring_without_its_fence_is_not_forgotten(void **state)
{
    (void)state;
    ring_made(1);
    assert_fault(keys_ring_forget(here.keys, person(1), &here.report), FAULT_INTERNAL);
}

static status collect(void *self, const struct fence *fence, struct report *report)
{
    (void)report;
    struct marks *seen = self;
    assert_true(fence->kind == FENCE_PART || fence->kind == FENCE_WHOLE);
    marks_add(seen, &(struct mark){.id = fence->dossier, .version = fence->version});
    return OK;
}

static size_t fences_seen(bool only_open)
{
    struct marks seen = {0};
    assert_ok(keys_fences_each(here.keys, only_open, collect, &seen, &here.report));
    free(seen.at);
    return seen.count;
}

static void fences_are_open_until_their_turn_is_over_and_stay_for_ever(void **state)
{
    (void)state;
    ring_made(1);
    committed();
    for (uint64_t version = 2; version <= 4; version++) {
        struct fence fence = fence_at(1, FENCE_PART, version);
        assert_ok(keys_fence(here.keys, &fence, &here.report));
        assert_ok(keys_commit(here.keys, &here.report));
        assert_true(fences_seen(true) >= 1);
        assert_ok(keys_commit_forgotten(here.keys, &here.report));
    }
    assert_int_equal(fences_seen(false), 3);
    reopened(); /* closing writes what is done */
    assert_int_equal(fences_seen(true), 0);
    struct fence *fences = NULL;
    size_t count = 0;
    assert_ok(keys_fences(here.keys, person(1), 2, here.arena, &here.report, &fences, &count));
    assert_int_equal(count, 2);
    assert_int_equal(fences[0].version, 3);
    assert_int_equal(fences[1].version, 4);
    assert_int_equal(fences[1].at.ms, 1000);
    assert_true(str_is(fences[1].act.bytes, "act"));
    struct fence late = fence_at(1, FENCE_PART, 4);
    assert_fault(keys_fence(here.keys, &late, &here.report), FAULT_INTERNAL);
}

static void many_fences_are_all_visited(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 600; i++) {
        ring_made(i);
        struct fence fence = fence_at(i, FENCE_PART, 1);
        assert_ok(keys_fence(here.keys, &fence, &here.report));
    }
    assert_ok(keys_commit(here.keys, &here.report));
    assert_int_equal(fences_seen(true), 600);
    assert_int_equal(fences_seen(false), 600);
}

/* What start-up does with a fence that a crash left open. */
static status finish(void *self, const struct fence *fence, struct report *report)
{
    (void)self;
    return keys_fence_finish(here.keys, fence, report);
}

static void what_a_crash_left_marked_goes_when_its_fence_is_finished(void **state)
{
    (void)state;
    uint32_t fresh = 0;
    struct ring *ring = ring_made(1);
    uint32_t old = key_of(ring, "firm/basic");
    ring_made(2);
    committed();
    struct fence fence = fence_at(1, FENCE_PART, 2);
    assert_ok(keys_fence(here.keys, &fence, &here.report));
    assert_ok(ring_replace_key(here.keys, ring_of(1), STR("firm/basic"), &here.report, &fresh));
    erase_marked(2, 2);
    assert_ok(keys_commit(here.keys, &here.report));
    keys_abandon(here.keys);
    assert_ok(keys_commit_forgotten(here.keys, &here.report)); /* of another turn */
    assert_true(ring_has_key(ring_of(1), old));
    reopened();
    assert_true(ring_has_key(ring_of(1), old));
    assert_int_equal(presence_of(2), PRESENCE_ERASED);
    assert_int_equal(fences_seen(true), 2);
    assert_ok(keys_fences_each(here.keys, true, finish, NULL, &here.report));
    committed();
    assert_false(ring_has_key(ring_of(1), old));
    assert_true(ring_has_key(ring_of(1), fresh));
    reopened();
    assert_int_equal(fences_seen(true), 0);
    assert_false(ring_has_key(ring_of(1), old));
}

static status count_ring(void *self, dossier_id id, struct report *report)
{
    (void)id;
    (void)report;
    ++*(size_t *)self;
    return OK;
}

static void every_living_ring_is_visited_and_no_erased_one(void **state)
{
    (void)state;
    size_t seen = 0;
    for (unsigned i = 0; i < 600; i++)
        ring_made(i);
    assert_ok(keys_commit(here.keys, &here.report));
    for (unsigned i = 0; i < 600; i += 6)
        erase_marked(i, 1);
    committed();
    assert_ok(keys_rings_each(here.keys, count_ring, &seen, &here.report));
    assert_int_equal(seen, 500);
}

static void the_cache_is_bounded_and_forgets_nothing_that_matters(void **state)
{
    (void)state;
    struct keys_config config = test_config();
    config.rings_cached = 16;
    keys_close(&here.keys);
    assert_ok(keys_open(&config, &here.report, &here.keys));
    uint32_t numbers[200];
    for (unsigned i = 0; i < 200; i++) {
        numbers[i] = key_of(ring_made(i), "firm/basic");
        if (i % 50 == 0)
            committed();
    }
    committed();
    struct ring *ring = NULL;
    enum presence presence;
    unsigned loaded = 0;
    status result = OK;
    for (unsigned i = 0; i < 600 && is_ok(result); i++, loaded++) {
        result = keys_ring_load(here.keys, person(i % 200), &here.report, &presence, &ring);
        if (is_ok(result))
            assert_true(ring_has_key(ring, numbers[i % 200]));
    }
    assert_ok(result); /* 200 rings fit in a turn of 16 * 16 */
    assert_ok(keys_commit_forgotten(here.keys, &here.report));
    for (unsigned i = 200; i < 500; i++) {
        result = keys_ring_create(here.keys, person(i), &here.report, &ring);
        if (!is_ok(result))
            break;
    }
    assert_fault(result, FAULT_LIMIT);
}

/* Whom somebody asks for stays, whatever comes between. */
static void a_ring_that_is_used_outlives_those_that_are_not(void **state)
{
    (void)state;
    enum { ROOM = 16, OTHERS = 200 };
    struct keys_config config = test_config();
    config.rings_cached = ROOM;
    for (unsigned i = 0; i < OTHERS; i++)
        key_of(ring_made(i), "firm/basic");
    committed();
    keys_close(&here.keys);
    assert_ok(keys_open(&config, &here.report, &here.keys));
    const struct ring *first = ring_of(0);
    const struct ring_body *body = first->body;
    for (unsigned i = 1; i < OTHERS; i++) {
        (void)ring_of(i);
        assert_ok(keys_commit_forgotten(here.keys, &here.report));
        assert_ptr_equal(ring_of(0), first);
        assert_ptr_equal(first->body, body);
    }
}

/* However much a turn adds, the note of it is written whole: 133 people once were too many. */
static void what_a_turn_adds_is_noted_whole_at_every_size(void **state)
{
    (void)state;
    for (size_t size = 1; size < 700; size += 3) {
        here.keys->born.count = 0;
        for (size_t i = 0; i < size; i++)
            born_add(here.keys, &(struct keys_born){.id = person((unsigned)i),
                                                    .has_hash = i % 8 > 0,
                                                    .hash = {{7}}});
        assert_ok(born_write(here.keys, &here.report));
        struct keys_born *born = NULL;
        size_t count = 0;
        assert_ok(keys_born(here.keys, here.arena, &here.report, &born, &count));
        assert_int_equal(count, size);
        for (size_t i = 0; i < size; i++) {
            dossier_id expected = person((unsigned)i);
            assert_memory_equal(born[i].id.bytes, expected.bytes, sizeof(expected.bytes));
            assert_int_equal(born[i].has_hash, i % 8 > 0);
        }
    }
}

/* ---- what is left on the disk ---- */

struct traces {
    str row;    /* the sealed ring as it lay in keys.db */
    secret key; /* a key of it */
};

static void no_trace_is_on_disk(const struct traces *traces)
{
    for (size_t at = 0; at + 16 <= traces->row.len; at += 16)
        assert_false(on_disk(str_slice(traces->row, at, at + 16)));
    assert_false(on_disk((str){(const char *)traces->key.bytes, 16}));
}

static struct traces traces_of(unsigned who)
{
    struct db_ring_get_row *rows = NULL;
    size_t count = 0;
    struct traces traces = {0};
    assert_ok(db_ring_get_all(here.keys->db, &(struct db_ring_get_in){.subject = person(who)},
                              here.arena, &here.report, &rows, &count));
    assert_int_equal(count, 1);
    traces.row = str_slice(rows[0].sealed, 6, rows[0].sealed.len);
    traces.key = ring_of(who)->body->at[0].key.key;
    return traces;
}

static void a_forgotten_rings_bytes_are_in_no_file_when_stage_four_is_over(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        key_of(ring_made(i), "firm/basic");
    committed();
    struct traces traces = traces_of(7);
    assert_true(on_disk(str_slice(traces.row, 0, 16)));
    erase_marked(7, 1);
    assert_ok(keys_commit(here.keys, &here.report));
    assert_ok(keys_commit_forgotten(here.keys, &here.report));
    no_trace_is_on_disk(&traces);
    assert_int_equal(file_bytes("keys.db-wal").len, 0);
}

static void a_replaced_rings_bytes_are_in_no_file_when_stage_four_is_over(void **state)
{
    (void)state;
    uint32_t fresh = 0;
    key_of(ring_made(1), "firm/basic");
    committed();
    struct traces traces = traces_of(1);
    struct fence fence = fence_at(1, FENCE_PART, 1);
    assert_ok(keys_fence(here.keys, &fence, &here.report));
    assert_ok(ring_replace_key(here.keys, ring_of(1), STR("firm/basic"), &here.report, &fresh));
    assert_ok(keys_commit(here.keys, &here.report));
    struct traces between = traces_of(1); /* it still holds the old key */
    assert_ok(keys_commit_forgotten(here.keys, &here.report));
    no_trace_is_on_disk(&traces);
    no_trace_is_on_disk(&between);
}

/* Rings are made, grow, are replaced and go in random order, so that pages split, fill and are used
 * again: nothing that was ever forgotten may be left in a corner of a page. */
static void no_corner_of_a_page_keeps_a_ring_that_was_forgotten(void **state)
{
    (void)state;
    enum { PEOPLE = 400, GROWTH = 12 };
    static bool lives[PEOPLE];
    static unsigned born;
    LIST(struct traces) gone = {0};
    struct sim_world chance;
    world_sim(&chance, 20260902, (instant){0});
    memset(lives, 0, sizeof(lives));
    born = 0;
    for (unsigned step = 0; step < 3000; step++) {
        uint32_t draw = 0, fresh = 0;
        world_random(&chance.world, &draw, sizeof(draw));
        unsigned who = draw % PEOPLE;
        char slot[64];
        snprintf(slot, sizeof(slot), "firm/category-with-a-name-%u", draw / PEOPLE % GROWTH);
        if (who >= born && born < PEOPLE) {
            key_of(ring_made(born), "firm/basic");
            lives[born++] = true;
        } else if (who < born && lives[who] && draw % 7 == 0) {
            committed();
            struct traces *traces = LIST_ADD(here.arena, &gone);
            *traces = (struct traces){.key = ring_of(who)->body->at[0].key.key};
            struct db_ring_get_row *rows = NULL;
            size_t count = 0;
            assert_ok(db_ring_get_all(here.keys->db,
                                      &(struct db_ring_get_in){.subject = person(who)}, here.arena,
                                      &here.report, &rows, &count));
            traces->row = str_slice(rows[0].sealed, 18, rows[0].sealed.len);
            erase_marked(who, 1000);
            lives[who] = false;
        } else if (who < born && lives[who]) {
            key_of(ring_of(who), slot);
            if (draw % 5 == 0)
                assert_ok(ring_replace_key(here.keys, ring_of(who), str_from(slot), &here.report,
                                           &fresh));
        }
        if (step % 20 == 19)
            committed();
    }
    committed();
    assert_true(gone.count > 100);
    str file = file_bytes("keys.db");
    assert_true(file.len > 200000);
    for (size_t i = 0; i < gone.count; i++)
        for (size_t at = 0; at + 16 <= gone.at[i].row.len; at += 128)
            assert_false(holds_bytes(file, str_slice(gone.at[i].row, at, at + 16)));
}

/* Erased in a turn that nobody waits for. */
static struct traces erased_for_later(unsigned who)
{
    struct traces traces = traces_of(who);
    erase_marked(who, 1);
    assert_ok(keys_commit(here.keys, &here.report));
    keys_forget_later(here.keys);
    assert_int_equal(presence_of(who), PRESENCE_ERASED);
    return traces;
}

static void three_people(void)
{
    for (unsigned who = 1; who <= 3; who++)
        key_of(ring_made(who), "firm/basic");
    committed();
}

static void what_waits_to_be_forgotten_is_erased_and_goes_with_all_that_waits(void **state)
{
    (void)state;
    three_people();
    struct traces first = erased_for_later(1), second = erased_for_later(2);
    ring_made(4);
    committed(); /* a turn that marks nothing */
    assert_int_equal(keys_waiting(here.keys), 2);
    assert_int_equal(fences_seen(true), 2);
    assert_true(on_disk(str_slice(first.row, 16, 32)));
    assert_ok(keys_forget_waiting(here.keys, &here.report));
    assert_int_equal(keys_waiting(here.keys), 0);
    assert_int_equal(fences_seen(true), 0);
    no_trace_is_on_disk(&first);
    no_trace_is_on_disk(&second);
    assert_int_equal(file_bytes("keys.db-wal").len, 0);
    assert_int_equal(presence_of(3), PRESENCE_LIVE);
}

static void what_waits_to_be_forgotten_goes_with_a_turn_that_somebody_waits_for(void **state)
{
    (void)state;
    three_people();
    struct traces first = erased_for_later(1), second = traces_of(2);
    erase_marked(2, 1);
    committed();
    no_trace_is_on_disk(&first);
    no_trace_is_on_disk(&second);
}

static void what_waits_goes_when_keys_are_closed_and_what_was_abandoned_stays(void **state)
{
    (void)state;
    three_people();
    struct traces first = erased_for_later(1), second = traces_of(2);
    erase_marked(2, 1);
    assert_ok(keys_commit(here.keys, &here.report));
    keys_abandon(here.keys); /* the data could not be changed: it still needs the key */
    assert_int_equal(keys_waiting(here.keys), 1);
    reopened();
    no_trace_is_on_disk(&first);
    assert_int_equal(fences_seen(true), 1);
    assert_false(on_disk((str){(const char *)second.key.bytes, 16}));
    struct db_ring_get_row *rows = NULL;
    size_t count = 0;
    assert_ok(db_ring_get_all(here.keys->db, &(struct db_ring_get_in){.subject = person(2)},
                              here.arena, &here.report, &rows, &count));
    assert_true(rows[0].sealed.ptr[0] != 0);
}

static void many_that_wait_outlive_a_cache_that_is_full(void **state)
{
    (void)state;
    three_people();
    (void)erased_for_later(1);
    for (unsigned who = 10; who < 10 + 2 * 64; who++) {
        ring_made(who);
        committed();
    }
    assert_int_equal(presence_of(1), PRESENCE_ERASED);
    assert_ok(keys_forget_waiting(here.keys, &here.report));
    assert_int_equal(presence_of(1), PRESENCE_ERASED);
}

static void no_key_is_on_disk_in_clear(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    key_of(ring, "firm/basic");
    secret key = ring->body->at[0].key.key, handle = ring->body->handle_key;
    committed();
    assert_false(on_disk((str){(const char *)key.bytes, 16}));
    assert_false(on_disk((str){(const char *)handle.bytes, 16}));
    assert_false(on_disk((str){(const char *)here.keys->master->index.bytes, 16}));
    assert_false(on_disk((str){(const char *)here.keys->epochs[0].key.bytes, 16}));
    assert_false(on_disk(STR("firm/basic")));
}

static void a_forgotten_key_is_in_the_memory_of_no_ring(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    key_of(ring, "firm/basic");
    committed();
    const struct ring_body *body = ring_of(1)->body;
    assert_non_null(body);
    erase_marked(1, 1);
    committed();
    assert_null(ring->body);
    const unsigned char *bytes = (const unsigned char *)body; /* given back, not unmapped */
    for (size_t i = sizeof(void *); i < sizeof(*body) + sizeof(struct ring_key); i++)
        assert_int_equal(bytes[i], 0);
}

/* ---- blind index ---- */

static blind hash_of(const char *kind, const char *value)
{
    blind hash = {{0}};
    assert_ok(keys_blind(here.keys, str_from(kind), str_from(value), &here.report, &hash));
    return hash;
}

static size_t found_by(blind hash, dossier_id **ids)
{
    size_t count = 0;
    assert_ok(keys_blind_find(here.keys, hash, here.arena, &here.report, ids, &count));
    return count;
}

static void one_identifier_may_lead_to_several_people_and_to_each_until_removed(void **state)
{
    (void)state;
    dossier_id *ids = NULL;
    blind hash = hash_of("email", "Shared@Example.no");
    for (unsigned i = 0; i < 3; i++)
        assert_ok(keys_blind_add(here.keys, hash, person(i), &here.report));
    assert_ok(keys_blind_add(here.keys, hash, person(1), &here.report));
    committed();
    reopened();
    assert_int_equal(found_by(hash_of("email", " shared@example.NO "), &ids), 3);
    assert_ok(keys_blind_remove(here.keys, hash, person(1), &here.report));
    assert_int_equal(found_by(hash, &ids), 2);
    assert_false(ID_EQUAL(ids[0], person(1)) || ID_EQUAL(ids[1], person(1)));
    assert_int_equal(found_by(hash_of("email", "other@example.no"), &ids), 0);
}

static void a_hash_depends_on_register_kind_and_use(void **state)
{
    (void)state;
    blind text = hash_of("text", "12345678"), name = hash_of("name", "12345678"), tag = {{0}};
    assert_memory_not_equal(text.bytes, name.bytes, BLIND_BYTES);
    keys_tag(here.keys, STR("text"), STR("12345678"), &tag);
    assert_memory_not_equal(text.bytes, tag.bytes, BLIND_BYTES);
    here.keys->register_id[0] = 'R';
    blind other = hash_of("text", "12345678");
    assert_memory_not_equal(text.bytes, other.bytes, BLIND_BYTES);
}

static void a_value_that_is_not_of_its_kind_is_refused_without_being_told(void **state)
{
    (void)state;
    blind hash;
    status result = keys_blind(here.keys, STR("email"), STR("secretvalue"), &here.report, &hash);
    assert_int_equal(result.fault, FAULT_INVALID);
    assert_null(strstr(here.report.text, "secretvalue"));
}

static void tags_of_any_length_differ(void **state)
{
    (void)state;
    char text[10000];
    blind a, b;
    memset(text, 'x', sizeof(text));
    keys_tag(here.keys, STR("k"), (str){text, sizeof(text)}, &a);
    keys_tag(here.keys, STR("k"), (str){text, sizeof(text) - 1}, &b);
    assert_memory_not_equal(a.bytes, b.bytes, BLIND_BYTES);
    keys_tag(here.keys, STR("k"), (str){text, sizeof(text)}, &b);
    assert_memory_equal(a.bytes, b.bytes, BLIND_BYTES);
}

/* The context for keyed hashes keeps its key between two of them. */
static void a_tag_is_the_same_after_another_key_was_hashed_with(void **state)
{
    (void)state;
    blind before, after;
    secret derived, again;
    keys_tag(here.keys, STR("k"), STR("text"), &before);
    assert_ok(keys_derive(here.keys, STR("cursor"), &here.report, &derived));
    keys_tag(here.keys, STR("k"), STR("text"), &after);
    assert_memory_equal(before.bytes, after.bytes, BLIND_BYTES);
    keys_tag(here.keys, STR("k"), STR("text"), &after);
    assert_memory_equal(before.bytes, after.bytes, BLIND_BYTES);
    assert_ok(keys_derive(here.keys, STR("cursor"), &here.report, &again));
    assert_true(secret_equal(&derived, &again));
    crypto_cleanse(here.keys->crypto);
    keys_tag(here.keys, STR("k"), STR("text"), &after);
    assert_memory_equal(before.bytes, after.bytes, BLIND_BYTES);
}

/* ---- small values ---- */

static void register_wide_keys_and_the_high_water_mark_outlive_a_restart(void **state)
{
    (void)state;
    secret seed, again, cursor, other;
    struct high_water mark = {.size = 7, .root = {1, 2, 3}}, read = {0};
    assert_ok(keys_high_water(here.keys, &here.report, &read));
    assert_int_equal(read.size, 0);
    assert_ok(keys_high_water_set(here.keys, &mark, &here.report));
    assert_ok(keys_log_seed(here.keys, &here.report, &seed));
    assert_ok(keys_derive(here.keys, STR("cursor"), &here.report, &cursor));
    assert_ok(keys_derive(here.keys, STR("unsubscribe"), &here.report, &other));
    assert_false(secret_equal(&cursor, &other));
    committed();
    reopened();
    assert_ok(keys_high_water(here.keys, &here.report, &read));
    assert_int_equal(read.size, 7);
    assert_memory_equal(read.root, mark.root, sizeof(mark.root));
    assert_ok(keys_log_seed(here.keys, &here.report, &again));
    assert_true(secret_equal(&seed, &again));
    assert_ok(keys_derive(here.keys, STR("cursor"), &here.report, &again));
    assert_true(secret_equal(&cursor, &again));
}

#define WITH_KEYS(test) cmocka_unit_test_setup_teardown(test, new_keys, place_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_KEYS(a_ring_is_there_after_a_restart_with_its_keys_and_handle),
        WITH_KEYS(handles_and_salts_differ_between_people),
        WITH_KEYS(an_unknown_person_is_neither_live_nor_erased),
        WITH_KEYS(a_ring_is_made_once),
        WITH_KEYS(what_was_not_committed_is_not_there),
        WITH_KEYS(an_operation_that_is_undone_leaves_rings_as_they_were),
        WITH_KEYS(operations_of_one_turn_see_each_other_and_are_undone_alone),
        WITH_KEYS(a_ring_of_many_keys_spans_parts_and_shrinks_again),
        WITH_KEYS(a_ring_and_a_slots_name_have_their_limits),
        WITH_KEYS(a_replaced_key_opens_until_it_is_forgotten_and_then_no_more),
        WITH_KEYS(a_key_that_the_ring_never_had_is_a_fault_and_not_an_erasure),
        WITH_KEYS(an_erased_person_is_erased_in_this_turn_and_after_a_restart),
        WITH_KEYS(a_ring_without_its_fence_is_not_forgotten),
        WITH_KEYS(fences_are_open_until_their_turn_is_over_and_stay_for_ever),
        WITH_KEYS(many_fences_are_all_visited),
        WITH_KEYS(what_a_crash_left_marked_goes_when_its_fence_is_finished),
        WITH_KEYS(every_living_ring_is_visited_and_no_erased_one),
        WITH_KEYS(the_cache_is_bounded_and_forgets_nothing_that_matters),
        WITH_KEYS(a_ring_that_is_used_outlives_those_that_are_not),
        WITH_KEYS(what_a_turn_adds_is_noted_whole_at_every_size),
        WITH_KEYS(a_forgotten_rings_bytes_are_in_no_file_when_stage_four_is_over),
        WITH_KEYS(a_replaced_rings_bytes_are_in_no_file_when_stage_four_is_over),
        WITH_KEYS(what_waits_to_be_forgotten_is_erased_and_goes_with_all_that_waits),
        WITH_KEYS(what_waits_to_be_forgotten_goes_with_a_turn_that_somebody_waits_for),
        WITH_KEYS(what_waits_goes_when_keys_are_closed_and_what_was_abandoned_stays),
        WITH_KEYS(many_that_wait_outlive_a_cache_that_is_full),
        WITH_KEYS(no_corner_of_a_page_keeps_a_ring_that_was_forgotten),
        WITH_KEYS(no_key_is_on_disk_in_clear),
        WITH_KEYS(a_forgotten_key_is_in_the_memory_of_no_ring),
        WITH_KEYS(one_identifier_may_lead_to_several_people_and_to_each_until_removed),
        WITH_KEYS(a_hash_depends_on_register_kind_and_use),
        WITH_KEYS(a_value_that_is_not_of_its_kind_is_refused_without_being_told),
        WITH_KEYS(tags_of_any_length_differ),
        WITH_KEYS(a_tag_is_the_same_after_another_key_was_hashed_with),
        WITH_KEYS(register_wide_keys_and_the_high_water_mark_outlive_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
