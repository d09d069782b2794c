/* Identity numbers against the published cases, organisation numbers, card numbers in text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base.h"
#include "norway.h"
#include "shared_test.h"

static void the_published_identity_numbers_are_judged_as_they_say(void **state)
{
    (void)state;
    if (shared_folder() == NULL)
        skip();
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    str rest = shared_file(arena, "vectors/norway/foedselsnummer.csv"), line;
    if (rest.ptr == NULL)
        skip();
    size_t rows = 0;
    str_next(&rest, '\n', &line); /* the names of the columns */
    while (str_next(&rest, '\n', &line)) {
        str number = {0}, synthetic = {0}, valid = {0};
        line = str_trim(line);
        if (line.len == 0)
            continue;
        assert_true(str_next(&line, ';', &number) && str_next(&line, ';', &synthetic) &&
                    str_next(&line, ';', &valid));
        if (foedselsnummer_is_valid(number) != str_is(valid, "true"))
            fail_msg("row %zu: %.*s", rows + 1, STR_ARG(line));
        if (str_is(valid, "true"))
            assert_int_equal(foedselsnummer_is_synthetic(number), str_is(synthetic, "true"));
        rows++;
    }
    assert_int_equal(rows, 10);
}

static void one_wrong_digit_makes_an_identity_number_invalid(void **state)
{
    (void)state;
    static const char number[] = "03851598730"; /* synthetic */
    size_t valid = 0;
    assert_true(foedselsnummer_is_synthetic(STR("03851598730")));
    for (size_t at = 0; at < 11; at++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            char copy[11];
            memcpy(copy, number, sizeof(copy));
            copy[at] = digit;
            valid += digit != number[at] && foedselsnummer_is_valid((str){copy, 11});
        }
    }
    assert_int_equal(valid, 0);
    const str odd[] = {STR(""),
                       STR("0385159873"),
                       STR("038515987300"),
                       STR("03851598 30"),
                       STR("00000000000"),
                       STR("03851598730 ")};
    for (size_t i = 0; i < LENGTH(odd); i++)
        assert_false(foedselsnummer_is_valid(odd[i]));
}

static void organisation_numbers_are_checked_by_modulus_eleven(void **state)
{
    (void)state;
    /* 974760673 is the register's own; the other fits by arithmetic. */
    assert_true(organisasjonsnummer_is_valid(STR("974760673")));
    assert_true(organisasjonsnummer_is_valid(STR("123456785")));
    size_t valid = 0;
    for (unsigned last = 0; last < 10; last++) { /* remainder 1: no digit fits */
        char number[10];
        snprintf(number, sizeof(number), "10000013%u", last);
        valid += organisasjonsnummer_is_valid(str_from(number));
    }
    assert_int_equal(valid, 0);
    assert_false(organisasjonsnummer_is_valid(STR("974760674")));
    assert_false(organisasjonsnummer_is_valid(STR("97476067")));
    assert_false(organisasjonsnummer_is_valid(STR("97476067a")));
}

static bool finds(const char *text)
{
    struct card_search search = {0};
    return card_number_find(str_from(text), &search);
}

static void card_numbers_are_found_across_separators(void **state)
{
    (void)state;
    static const char *const cards[] = {
        "4111111111111111",
        "my card is 4111 1111 1111 1111, thanks",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111 1111\n1111 1111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "\xEF\xBC\x94\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91" /* in full-width digits */
        "\xE3\x80\x80"
        "\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91"
        "\xEF\xBC\x8D"
        "1111 \xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91",
        "4111\xC2\xAD"
        "1111\xC2\xA0"
        "1111\xE2\x80\x8B"
        "1111",
        "4111 1111 \r\n 1111 1111",
        "4111 - 1111 - 1111 - 1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111\u20131111\u20131111\u20131111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "order 12 4111 1111 1111 1111 7",
        "card:4111111111111111x",
        "12345678901234567890 4111111111111111",
        "4222222222222",       /* Visa of 13 */
        "378282246310005",     /* American Express */
        "3782 822463 10005",   /* in its own groups */
        "5555 5555 5555 4444", /* Mastercard */
        "2223003122003222",    /* Mastercard's second range */
        "30569309025904",      /* Diners */
        "6011111111111117",    /* Discover */
        "3530111333300000",    /* JCB */
        "6304000000000000",    /* Maestro */
    };
    for (size_t i = 0; i < LENGTH(cards); i++)
        if (!finds(cards[i]))
            fail_msg("not found: %s", cards[i]);
}

static void other_numbers_are_no_card_numbers(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "4111111111111112",   /* Luhn fails */
        "4111 1111 1111 111", /* no such length of this issuer */
        "9111111111111111",   /* no issuer */
        "1234567812345670",   /* Luhn fits, no issuer */
        "+47 22 33 44 55, +47 99 88 77 66",
        "41111111111111110000000", /* one long number */
        "4111 1111 and 1111 1111",
        "4111 1111          1111 1111", /* too far apart */
        "03851598730",
        "2026-09-01T22:00:00.000Z",
    };
    for (size_t i = 0; i < LENGTH(others); i++)
        if (finds(others[i]))
            fail_msg("found: %s", others[i]);
}

static void a_card_number_cut_anywhere_in_two_pieces_is_found(void **state)
{
    (void)state;
    const str text = STR("see 4111 1111-1111\n1111.");
    for (size_t cut = 0; cut <= text.len; cut++) {
        struct card_search search = {0};
        card_number_find(str_slice(text, 0, cut), &search);
        assert_true(card_number_find(str_slice(text, cut, text.len), &search));
    }
    struct card_search bytewise = {0};
    for (size_t i = 0; i < text.len; i++)
        card_number_find(str_slice(text, i, i + 1), &bytewise);
    assert_true(bytewise.found);
}

static bool has_identity(const char *text)
{
    struct card_search search = {0};
    return foedselsnummer_find(str_from(text), &search);
}

static void an_identity_number_is_found_in_running_text(void **state)
{
    (void)state;
    static const char *const parted[] = {"born 17854010026.",
                                         "178540 10026",
                                         "178540-10026",
                                         "17.85.40 10026",
                                         "17 85 40 100 26",
                                         "178540\n10026",
                                         "178540\xC2\xA0"
                                         "10026",
                                         "1 17854010026",
                                         "178540  10026",
                                         "\xEF\xBC\x91\xEF\xBC\x97" /* full-width 17 */
                                         "854010026"};
    for (size_t i = 0; i < LENGTH(parted); i++) {
        if (!has_identity(parted[i]))
            fail_msg("not found: %s", parted[i]);
    }
    static const char *const others[] = {"",
                                         "17854010027",
                                         "117854010026",
                                         "178540100261",
                                         "1785401002",
                                         "17854 010026",
                                         "178540x10026",
                                         "178540, 10026",
                                         "1785 4010 026"};
    for (size_t i = 0; i < LENGTH(others); i++) {
        if (has_identity(others[i]))
            fail_msg("found: %s", others[i]);
    }
}

static void an_identity_number_does_not_hide_across_pieces_or_parts(void **state)
{
    (void)state;
    const str text = STR("number 178540-10026!");
    for (size_t cut = 0; cut <= text.len; cut++) {
        struct card_search search = {0};
        struct card_file file = {0};
        (void)foedselsnummer_find(str_slice(text, 0, cut), &search);
        assert_true(foedselsnummer_find(str_slice(text, cut, text.len), &search));
        (void)foedselsnummer_find_in_part(str_slice(text, 0, cut), &file);
        assert_true(foedselsnummer_find_in_part(str_slice(text, cut, text.len), &file));
    }
    struct card_file file = {0};
    static const char utf_16[] = "1\0007\0008\0005\0004\0000\0001\0000\0000\0002\0006";
    assert_true(foedselsnummer_find_in_part((str){utf_16, sizeof(utf_16)}, &file));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_identity_numbers_are_judged_as_they_say),
        cmocka_unit_test(one_wrong_digit_makes_an_identity_number_invalid),
        cmocka_unit_test(organisation_numbers_are_checked_by_modulus_eleven),
        cmocka_unit_test(card_numbers_are_found_across_separators),
        cmocka_unit_test(other_numbers_are_no_card_numbers),
        cmocka_unit_test(an_identity_number_is_found_in_running_text),
        cmocka_unit_test(an_identity_number_does_not_hide_across_pieces_or_parts),
        cmocka_unit_test(a_card_number_cut_anywhere_in_two_pieces_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
