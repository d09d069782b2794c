/* Text, faults, arenas, buffers, encodings, worlds and secrets.
 * G12 of the README rests on these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "base.h"

static void a_slice_never_leaves_its_text(void **state)
{
    (void)state;
    assert_true(str_is(str_slice(STR("abc"), 1, 9), "bc"));
    assert_true(str_is_empty(str_slice(STR("abc"), 7, 9)));
    assert_true(str_is_empty(str_slice(STR("abc"), 2, 1)));
    assert_true(str_is_empty(str_slice((str){NULL, 0}, 0, 5)));
    assert_true(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
    assert_true(str_is(str_trim(STR(" \t a b\r\n")), "a b"));
    assert_true(str_is_empty(str_trim(STR("  "))));
    assert_true(str_equal(str_from(NULL), STR("")));
}

static void texts_are_ordered_by_bytes_and_then_by_length(void **state)
{
    (void)state;
    assert_true(str_compare(STR("a"), STR("b")) < 0);
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("\xC3"), STR("z")) > 0);
    assert_int_equal(str_compare(STR(""), (str){NULL, 0}), 0);
}

static void splitting_gives_every_part_also_the_empty_last_one(void **state)
{
    (void)state;
    str rest = STR("a,,b,"), part;
    const char *expected[] = {"a", "", "b", ""};
    for (size_t i = 0; i < LENGTH(expected); i++) {
        assert_true(str_next(&rest, ',', &part));
        assert_true(str_is(part, expected[i]));
    }
    assert_false(str_next(&rest, ',', &part));
}

static void numbers_are_read_up_to_their_ends_and_not_beyond(void **state)
{
    (void)state;
    uint64_t u;
    int64_t i;
    assert_true(str_to_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_true(str_to_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(str_to_i64(STR("9223372036854775807"), &i) && i == INT64_MAX);
    assert_false(str_to_u64(STR("18446744073709551616"), &u));
    assert_false(str_to_i64(STR("9223372036854775808"), &i));
    assert_false(str_to_i64(STR("-9223372036854775809"), &i));
    const str odd[] = {STR(""), STR("-"), STR("+1"), STR(" 1"), STR("1 "), STR("0x1"), STR("--1")};
    for (size_t n = 0; n < LENGTH(odd); n++) {
        assert_false(str_to_u64(odd[n], &u));
        assert_false(str_to_i64(odd[n], &i));
    }
}

static void utf8_refuses_surrogates_overlong_forms_and_cut_characters(void **state)
{
    (void)state;
    const str good[] = {STR(""),
                        STR("abcdefgh"),
                        STR("12345678\u00e6\u20ac\U0001F600"),
                        STR("\xF4\x8F\xBF\xBF"),
                        STR("\xED\x9F\xBF"),
                        STR("\xEE\x80\x80")};
    const str bad[] = {STR("\x80"),
                       STR("\xC0\x80"),
                       STR("\xC1\xBF"),
                       STR("\xE0\x9F\xBF"),
                       STR("\xED\xA0\x80"),
                       STR("\xF0\x8F\xBF\xBF"),
                       STR("\xF4\x90\x80\x80"),
                       STR("\xF5\x80\x80\x80"),
                       STR("abcdefg\xE2\x82"),
                       STR("abcdefgh\xFF"),
                       STR("\xE2\x28\xA1")};
    for (size_t i = 0; i < LENGTH(good); i++)
        assert_true(utf8_valid(good[i]));
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_false(utf8_valid(bad[i]));
}

static void a_distance_counts_changes_and_swaps_of_neighbours(void **state)
{
    (void)state;
    assert_int_equal(str_distance(STR("purpose"), STR("purpose")), 0);
    assert_int_equal(str_distance(STR("purpose"), STR("prupose")), 1);
    assert_int_equal(str_distance(STR("keep"), STR("keeps")), 1);
    assert_int_equal(str_distance(STR(""), STR("abc")), 3);
    assert_int_equal(str_distance(STR("abc"), STR("xyz")), 3);
    char long_text[100];
    memset(long_text, 'a', sizeof(long_text));
    assert_int_equal(str_distance((str){long_text, 100}, STR("")), 32);
}

static void the_first_explanation_of_a_failure_wins(void **state)
{
    (void)state;
    struct report report = {0};
    status first = fail_at(&report, FAULT_NOT_FOUND, "a:1:2", "no %s", "clause");
    status second = fail(&report, FAULT_STORE, "later");
    assert_int_equal(first.fault, FAULT_NOT_FOUND);
    assert_int_equal(second.fault, FAULT_STORE);
    assert_int_equal(report.fault, FAULT_NOT_FOUND);
    assert_string_equal(report.text, "no clause");
    assert_string_equal(report.where, "a:1:2");
    assert_false(is_ok(fail(NULL, FAULT_STORE, "nobody listens")));
}

static void a_report_is_cut_between_characters(void **state)
{
    (void)state;
    char text[601] = {0};
    for (size_t i = 0; i < 600; i += 2)
        memcpy(text + i, "\u00e6", 2);
    for (int shift = 0; shift < 2; shift++) {
        struct report report = {0};
        status s = fail_at(&report, FAULT_SYNTAX, text, "%.*s%.590s", shift, "x", text);
        assert_false(is_ok(s));
        assert_true(utf8_valid(str_from(report.text)));
        assert_true(utf8_valid(str_from(report.where)));
        assert_in_range(strlen(report.text), 509, 511);
    }
}

static void every_fault_has_a_name_a_status_and_an_exit_code(void **state)
{
    (void)state;
    assert_string_equal(fault_name(FAULT_NOT_FOUND), "not_found");
    assert_int_equal(fault_http(FAULT_FULL), 507);
    assert_int_equal(fault_exit(FAULT_USAGE), 64);
    for (enum fault_class f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
        assert_in_range(fault_http(f), 400, 599);
        assert_in_range(fault_exit(f), 1, 125);
        assert_true(strlen(fault_name(f)) > 0 && strlen(fault_text(f)) > 0);
        for (enum fault_class g = FAULT_NONE; g < f; g++)
            assert_string_not_equal(fault_name(f), fault_name(g));
    }
}

static void an_arena_stops_at_its_budget_and_starts_anew_after_a_reset(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    for (int round = 0; round < 3; round++) {
        size_t taken = 0;
        unsigned char *memory;
        while ((memory = arena_take(arena, 1000)) != NULL) {
            assert_int_equal((uintptr_t)memory % 16, 0);
            for (size_t i = 0; i < 1000; i++)
                assert_int_equal(memory[i], 0);
            memset(memory, 0xAA, 1000);
            taken += 1000;
        }
        assert_in_range(taken, 1000000, 1 << 20);
        assert_true(arena_used(arena) <= 1 << 20);
        assert_null(arena_take(arena, SIZE_MAX));
        assert_null(ARENA_ARRAY(arena, uint64_t, SIZE_MAX / 4));
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
}

static void an_arena_gives_one_large_piece_up_to_its_budget(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(8 << 20);
    assert_non_null(arena_take(arena, 8 << 20));
    assert_null(arena_take(arena, 1));
    arena_reset(arena);
    assert_non_null(arena_take(arena, 0));
    assert_true(arena_copy(arena, STR("")).ptr != NULL);
    assert_string_equal(arena_c_string(arena, STR("abc")), "abc");
    assert_true(str_is(arena_format(arena, "%d-%s", 7, "x"), "7-x"));
}

static void a_list_keeps_its_elements_while_it_grows(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    LIST(int64_t) items = {0};
    for (int64_t i = 0; i < 1000; i++) {
        int64_t *item = LIST_ADD(arena, &items);
        if (item == NULL)
            fail_msg("no room for %d", (int)i);
        assert_int_equal(*item, 0);
        *item = i;
        if (i % 7 == 0)
            assert_non_null(arena_take(arena, 8)); /* so that it cannot always grow in place */
    }
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(items.at[i], i);
    CLEANUP(arena_free) struct arena *small = arena_new(100);
    LIST(int64_t) few = {0};
    while (LIST_ADD(small, &few) != NULL)
        assert_true(few.count < 20);
    assert_int_equal(few.count, 8);
}

static void a_buffer_latches_at_its_room_and_reports_a_limit(void **state)
{
    (void)state;
    char memory[8];
    struct report report = {0};
    str text;
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_format(&buf, "%s", "12345678"); /* exactly its room */
    assert_true(is_ok(buf_finish(&buf, &report, &text)) && str_is(text, "12345678"));
    buf_char(&buf, '9');
    buf_add(&buf, STR(""));
    assert_int_equal(buf_finish(&buf, &report, &text).fault, FAULT_LIMIT);
    assert_true(str_is(buf_str(&buf), "12345678"));
}

static void a_buffer_in_an_arena_grows_up_to_its_limit(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct buf buf = buf_in(arena, 10000);
    struct report report = {0};
    str text;
    assert_true(is_ok(buf_finish(&buf, &report, &text)) && text.ptr != NULL && text.len == 0);
    for (int i = 0; i < 1000; i++) {
        buf_format(&buf, "%09d\n", i);
        if (i % 100 == 0)
            assert_non_null(arena_take(arena, 1));
    }
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    assert_int_equal(text.len, 10000);
    assert_memory_equal(text.ptr + 9980, "000000998\n000000999\n", 20);
    buf_char(&buf, 'x');
    assert_int_equal(buf_finish(&buf, &report, &text).fault, FAULT_LIMIT);

    CLEANUP(arena_free) struct arena *small = arena_new(300);
    struct buf broke = buf_in(small, 10000);
    for (int i = 0; i < 100; i++)
        buf_text(&broke, "0123456789");
    assert_true(broke.full);
    assert_int_equal(broke.len, 250);
}

static void a_long_formatted_text_arrives_whole(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct buf buf = buf_in(arena, 10000);
    buf_format(&buf, "%2000d|", 5);
    assert_int_equal(buf.len, 2001);
    assert_memory_equal(buf.ptr + 1999, "5|", 2);
}

static void whole_numbers_are_written_as_they_are(void **state)
{
    (void)state;
    char memory[100];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_u64(&buf, UINT64_MAX);
    buf_char(&buf, ' ');
    buf_i64(&buf, INT64_MIN);
    buf_char(&buf, ' ');
    buf_i64(&buf, 0);
    assert_true(str_is(buf_str(&buf), "18446744073709551615 -9223372036854775808 0"));
}

static void what_the_binary_writers_write_the_reader_reads(void **state)
{
    (void)state;
    char memory[100];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_be16(&buf, 0x0102);
    buf_be32(&buf, 0xFFFEFDFC);
    buf_be64(&buf, UINT64_C(0x8000000000000001));
    buf_field(&buf, STR("abc"));
    buf_char(&buf, 7);
    struct reader r = reader_over(buf_str(&buf));
    assert_int_equal(read_be16(&r), 0x0102);
    assert_int_equal(read_be32(&r), 0xFFFEFDFC);
    assert_true(read_be64(&r) == UINT64_C(0x8000000000000001));
    assert_true(str_is(read_field(&r), "abc"));
    assert_false(reader_done(&r));
    assert_int_equal(read_u8(&r), 7);
    assert_true(reader_done(&r));
    assert_int_equal(read_u8(&r), 0);
    assert_true(r.bad);
    for (size_t len = 0; len < buf.len; len++) {
        r = reader_over((str){memory, len});
        read_bytes(&r, 14);
        read_field(&r);
        read_u8(&r);
        assert_false(reader_done(&r));
    }
}

static void base64_and_hex_follow_rfc_4648(void **state)
{
    (void)state;
    static const char *const rows[][4] = {
        /* bytes, base64, base64url, hex */
        {"", "", "", ""},
        {"f", "Zg==", "Zg", "66"},
        {"fo", "Zm8=", "Zm8", "666f"},
        {"foo", "Zm9v", "Zm9v", "666f6f"},
        {"foob", "Zm9vYg==", "Zm9vYg", "666f6f62"},
        {"\xFB\xFF\xBF", "+/+/", "-_-_", "fbffbf"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char memory[100], out[100];
        size_t len;
        struct buf buf = buf_over(memory, sizeof(memory));
        str bytes = str_from(rows[i][0]);
        buf_base64(&buf, bytes);
        buf_char(&buf, ' ');
        buf_base64url(&buf, bytes);
        buf_char(&buf, ' ');
        buf_hex(&buf, bytes);
        char expected[100];
        snprintf(expected, sizeof(expected), "%s %s %s", rows[i][1], rows[i][2], rows[i][3]);
        assert_true(str_is(buf_str(&buf), expected));
        assert_true(base64_decode(str_from(rows[i][1]), out, sizeof(out), &len));
        assert_true(str_equal((str){out, len}, bytes));
        assert_true(base64url_decode(str_from(rows[i][2]), out, sizeof(out), &len));
        assert_true(str_equal((str){out, len}, bytes));
        assert_true(hex_decode(str_from(rows[i][3]), out, sizeof(out), &len));
        assert_true(str_equal((str){out, len}, bytes));
    }
}

static void decoders_refuse_stray_bits_wrong_alphabets_and_small_rooms(void **state)
{
    (void)state;
    char out[4];
    size_t len;
    const str bad64[] = {STR("Zg"),    STR("Zh=="), STR("Zm9="),     STR("Z==="), STR("===="),
                         STR("Zm9\n"), STR("-_-_"), STR("Zg==Zg=="), STR("Zm 9"), STR("Zm9vZm9v")};
    const str bad_url[] = {STR("Zh"), STR("Zg=="), STR("Z"), STR("+/+/"), STR("Zm9vZm9v")};
    const str bad_hex[] = {STR("6"), STR("6g"), STR("G6"), STR(" 6"), STR("6666666666")};
    for (size_t i = 0; i < LENGTH(bad64); i++)
        assert_false(base64_decode(bad64[i], out, sizeof(out), &len));
    for (size_t i = 0; i < LENGTH(bad_url); i++)
        assert_false(base64url_decode(bad_url[i], out, sizeof(out), &len));
    for (size_t i = 0; i < LENGTH(bad_hex); i++)
        assert_false(hex_decode(bad_hex[i], out, sizeof(out), &len));
    assert_true(hex_decode(STR("AbCd"), out, sizeof(out), &len) && out[0] == '\xAB');
}

static void every_byte_but_the_alphabet_is_refused_by_the_decoders(void **state)
{
    (void)state;
    int url = 0, standard = 0, hex = 0;
    for (int c = 0; c < 256; c++) {
        char four[4] = {(char)c, 'A', 'A', 'A'}, two[2] = {(char)c, '0'}, out[4];
        size_t len;
        url += base64url_decode((str){four, 4}, out, sizeof(out), &len);
        standard += base64_decode((str){four, 4}, out, sizeof(out), &len);
        hex += hex_decode((str){two, 2}, out, sizeof(out), &len);
    }
    assert_int_equal(url, 64);
    assert_int_equal(standard, 64);
    assert_int_equal(hex, 22);
}

static void an_id_is_twenty_two_characters_and_comes_back(void **state)
{
    (void)state;
    struct sim_world sim;
    world_sim(&sim, 1, (instant){0});
    dossier_id id, back;
    world_random(&sim.world, id.bytes, sizeof(id.bytes));
    char memory[ID_TEXT];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_id(&buf, id.bytes);
    assert_int_equal(buf.len, ID_TEXT);
    assert_true(id_parse(buf_str(&buf), back.bytes));
    assert_true(ID_EQUAL(id, back) && !ID_IS_ZERO(id));
    assert_false(id_parse(str_slice(buf_str(&buf), 0, 21), back.bytes));
    assert_false(id_parse(STR("AAAAAAAAAAAAAAAAAAAAAB"), back.bytes)); /* stray bits */
}

static void every_byte_but_the_alphabet_is_refused_in_an_id(void **state)
{
    (void)state;
    int good = 0;
    for (int c = 0; c < 256; c++) {
        char text[ID_TEXT], again[ID_TEXT];
        unsigned char id[ID_BYTES], same[ID_BYTES];
        size_t len = 0;
        memset(text, 'A', sizeof(text));
        text[9] = (char)c;
        bool parsed = id_parse((str){text, ID_TEXT}, id);
        assert_int_equal(parsed, base64url_decode((str){text, ID_TEXT}, same, ID_BYTES, &len));
        if (!parsed)
            continue;
        good++;
        struct buf buf = buf_over(again, sizeof(again));
        buf_id(&buf, id);
        assert_memory_equal(again, text, ID_TEXT);
    }
    assert_int_equal(good, 64);
}

static void a_simulated_world_is_replayed_by_its_seed(void **state)
{
    (void)state;
    struct sim_world a, b, c;
    unsigned char x[100], y[100], z[100];
    world_sim(&a, 42, (instant){5});
    world_sim(&b, 42, (instant){5});
    world_sim(&c, 43, (instant){5});
    world_random(&a.world, x, sizeof(x));
    world_random(&b.world, y, sizeof(y));
    world_random(&c.world, z, sizeof(z));
    assert_memory_equal(x, y, sizeof(x));
    assert_memory_not_equal(x, z, sizeof(x));
    assert_int_equal(world_now(&a.world).ms, 5);
    a.clock.ms = 9;
    assert_int_equal(world_now(&a.world).ms, 9);
    assert_true(is_ok(world_seam(&a.world, "keys.commit", NULL)));
}

static void the_real_world_never_gives_the_same_bytes_twice(void **state)
{
    (void)state;
    const struct world *world = world_real();
    unsigned char a[32], b[32], large[5000], zero[16] = {0};
    for (int i = 0; i < 300; i++) { /* past the pool's end and over it */
        world_random(world, a, sizeof(a));
        world_random(world, b, sizeof(b));
        assert_memory_not_equal(a, b, sizeof(a));
    }
    world_random(world, large, sizeof(large));
    assert_memory_not_equal(large + 4984, zero, sizeof(zero));
    assert_true(world_now(world).ms > INT64_C(1700000000000));
    assert_true(is_ok(world_seam(world, "log.flush", NULL)));
}

static void a_child_process_draws_other_random_bytes_than_its_parent(void **state)
{
    (void)state;
    const struct world *world = world_real();
    unsigned char mine[16], theirs[16];
    int ends[2];
    world_random(world, mine, sizeof(mine)); /* the pool is filled before the fork */
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        world_random(world, mine, sizeof(mine));
        _exit(write(ends[1], mine, sizeof(mine)) == sizeof(mine) ? 0 : 1);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    assert_int_equal(read(ends[0], theirs, sizeof(theirs)), sizeof(theirs));
    world_random(world, mine, sizeof(mine));
    assert_memory_not_equal(mine, theirs, sizeof(mine));
    close(ends[0]);
    close(ends[1]);
}

static void a_secret_is_compared_and_wiped(void **state)
{
    (void)state;
    secret a = {{1, 2, 3}}, b = {{1, 2, 3}}, none = {{0}};
    assert_true(secret_equal(&a, &b));
    b.bytes[KEY_BYTES - 1] = 1;
    assert_false(secret_equal(&a, &b));
    secret_wipe(&a);
    assert_true(secret_equal(&a, &none));
    wipe(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slice_never_leaves_its_text),
        cmocka_unit_test(texts_are_ordered_by_bytes_and_then_by_length),
        cmocka_unit_test(splitting_gives_every_part_also_the_empty_last_one),
        cmocka_unit_test(numbers_are_read_up_to_their_ends_and_not_beyond),
        cmocka_unit_test(utf8_refuses_surrogates_overlong_forms_and_cut_characters),
        cmocka_unit_test(a_distance_counts_changes_and_swaps_of_neighbours),
        cmocka_unit_test(the_first_explanation_of_a_failure_wins),
        cmocka_unit_test(a_report_is_cut_between_characters),
        cmocka_unit_test(every_fault_has_a_name_a_status_and_an_exit_code),
        cmocka_unit_test(an_arena_stops_at_its_budget_and_starts_anew_after_a_reset),
        cmocka_unit_test(an_arena_gives_one_large_piece_up_to_its_budget),
        cmocka_unit_test(a_list_keeps_its_elements_while_it_grows),
        cmocka_unit_test(a_buffer_latches_at_its_room_and_reports_a_limit),
        cmocka_unit_test(a_buffer_in_an_arena_grows_up_to_its_limit),
        cmocka_unit_test(a_long_formatted_text_arrives_whole),
        cmocka_unit_test(whole_numbers_are_written_as_they_are),
        cmocka_unit_test(what_the_binary_writers_write_the_reader_reads),
        cmocka_unit_test(base64_and_hex_follow_rfc_4648),
        cmocka_unit_test(decoders_refuse_stray_bits_wrong_alphabets_and_small_rooms),
        cmocka_unit_test(every_byte_but_the_alphabet_is_refused_by_the_decoders),
        cmocka_unit_test(an_id_is_twenty_two_characters_and_comes_back),
        cmocka_unit_test(every_byte_but_the_alphabet_is_refused_in_an_id),
        cmocka_unit_test(a_simulated_world_is_replayed_by_its_seed),
        cmocka_unit_test(the_real_world_never_gives_the_same_bytes_twice),
        cmocka_unit_test(a_child_process_draws_other_random_bytes_than_its_parent),
        cmocka_unit_test(a_secret_is_compared_and_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
