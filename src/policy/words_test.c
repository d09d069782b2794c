/* Words and sets of small numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "plan.h"
#include "vocabulary.h"

static void a_text_has_one_word_for_as_long_as_the_table_lives(void **state)
{
    (void)state;
    CLEANUP(words_free) struct words *words = words_new();
    char text[16];
    for (unsigned i = 0; i < 5000; i++) {
        int len = snprintf(text, sizeof(text), "w%u", i);
        assert_int_equal(words_intern(words, (str){text, (size_t)len}), i + 1);
    }
    for (unsigned i = 0; i < 5000; i++) {
        int len = snprintf(text, sizeof(text), "w%u", i);
        assert_int_equal(words_intern(words, (str){text, (size_t)len}), i + 1);
        assert_int_equal(words_find(words, (str){text, (size_t)len}), i + 1);
        assert_true(str_equal(words_text(words, i + 1), (str){text, (size_t)len}));
    }
    assert_int_equal(words_count(words), 5000);
    assert_int_equal(words_find(words, STR("none of them")), 0);
}

static void the_empty_text_is_no_word(void **state)
{
    (void)state;
    CLEANUP(words_free) struct words *words = words_new();
    assert_int_equal(words_intern(words, STR("")), 0);
    assert_int_equal(words_count(words), 0);
    assert_int_equal(words_text(words, 0).len, 0);
    assert_int_equal(words_text(words, 7).len, 0);
}

/* Whatever stood there before, and whichever places are looked after together. */
static void a_text_is_the_same_word_in_each_place(void **state)
{
    (void)state;
    CLEANUP(words_free) struct words *words = words_new();
    static const char *const TEXTS[] = {"a", "b", "ab", ""};
    for (size_t round = 0; round < 3; round++)
        for (size_t place = 0; place < 1000; place++)
            for (size_t i = 0; i < LENGTH(TEXTS); i++) {
                str text = str_from(TEXTS[(i + place * round) % LENGTH(TEXTS)]);
                assert_int_equal(words_intern_at(words, place, text), words_intern(words, text));
            }
    assert_int_equal(words_count(words), 3);
}

static void sets_of_other_lengths_compare_as_sets(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
    struct bits small = bits_new(arena, 10), large = bits_new(arena, 200);
    struct bits none = bits_new(arena, 0);
    assert_true(bits_empty(small) && bits_empty(none));
    bits_set(small, 3);
    bits_set(large, 3);
    assert_true(bits_within(small, large) && bits_within(large, small));
    bits_set(large, 190);
    assert_true(bits_within(small, large));
    assert_false(bits_within(large, small));
    assert_true(bits_overlap(small, large));
    assert_true(bits_has(large, 190));
    assert_false(bits_has(small, 190));
    assert_true(bits_within(none, small));
    assert_false(bits_overlap(none, small));
}

static void the_nearest_word_is_near_or_none(void **state)
{
    (void)state;
    struct nearest nearest = nearest_to(STR("purpos"));
    nearest_offer_keys(&nearest, SECTION_top);
    assert_true(str_is(nearest.best, "purposes"));
    nearest = nearest_to(STR("qqqqqq"));
    nearest_offer_keys(&nearest, SECTION_top);
    assert_int_equal(nearest.best.len, 0);
}

static void names_of_closed_lists_are_those_of_the_vocabulary(void **state)
{
    (void)state;
    assert_string_equal(basis_name(BASIS_LEGAL_DUTY), "legal_duty");
    assert_string_equal(basis_article(BASIS_LEGITIMATE_INTEREST), "GDPR 6(1)(f)");
    assert_string_equal(slot_name(SLOT_CHANNEL), "channel");
    assert_string_equal(slot_name(SLOT_COOKIE), "cookie");
    assert_true(channel_is_known(STR("in_person")));
    assert_false(channel_is_known(STR("newsletter")) || channel_is_known(STR("")));
    assert_string_equal(right_name(RIGHT_PORTABILITY), "portability");
    for (enum evidence_kind kind = 0; kind < KIND_COUNT; kind++)
        assert_true(strlen(evidence_kind_name(kind)) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_has_one_word_for_as_long_as_the_table_lives),
        cmocka_unit_test(the_empty_text_is_no_word),
        cmocka_unit_test(a_text_is_the_same_word_in_each_place),
        cmocka_unit_test(sets_of_other_lengths_compare_as_sets),
        cmocka_unit_test(the_nearest_word_is_near_or_none),
        cmocka_unit_test(names_of_closed_lists_are_those_of_the_vocabulary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
