/* Entries: what is written is canonical, what is read is exact, and no free text gets in. */
#include "audit_test.h"
#include "entry.h"
#include "json.h"

static audit_id id_of(unsigned char seed)
{
    audit_id id;
    for (size_t i = 0; i < ID_BYTES; i++)
        id.bytes[i] = (unsigned char)(seed * 31 + i * 7);
    return id;
}

static struct audit_entry small(void)
{
    return (struct audit_entry){.at = {1764054000123},
                                .authenticated = STR("token"),
                                .action = STR("read"),
                                .decision = AUDIT_ALLOW,
                                .random = id_of(9)};
}

static struct audit_entry typical(void)
{
    struct audit_entry entry = small();
    entry.actor = id_of(1);
    entry.subject = id_of(2);
    entry.policy = id_of(3);
    entry.request = id_of(4);
    entry.purpose = STR("customer-care");
    entry.rule = STR("purposes.customer-care.keep[0]");
    entry.controller = STR("shop");
    entry.category_count = 2;
    entry.categories[0] = STR("contact");
    entry.categories[1] = STR("orders");
    return entry;
}

static struct audit_entry full(void)
{
    struct audit_entry entry = typical();
    entry.decision = AUDIT_DUTY;
    entry.made = (instant){1764054000000};
    entry.recipient = id_of(5);
    entry.recipient_kind = STR("authority");
    entry.matter = id_of(6);
    entry.case_handle = id_of(7);
    entry.decider = id_of(8);
    entry.human = id_of(9);
    entry.has_reasons = entry.has_manifest = true;
    memset(entry.reasons.bytes, 0xA5, MERKLE_HASH_BYTES);
    memset(entry.manifest.bytes, 0x5A, MERKLE_HASH_BYTES);
    entry.manifest_lines = 65536;
    entry.obligation_count = 1;
    entry.obligations[0] = STR("gdpr:6(1)");
    entry.obligations[0] = STR("gdpr-6.1.b");
    entry.effect_count = 3;
    for (size_t i = 0; i < 3; i++)
        entry.effects[i] = STR("erased:Zm9vYmFy_-+/x");
    return entry;
}

static str written(struct arena *arena, const struct audit_entry *entry)
{
    struct report report = {0};
    struct buf buf = buf_in(arena, 1 << 16);
    assert_ok(entry_write(&buf, entry, &report), &report);
    return buf_str(&buf);
}

static void an_entry_reads_back_to_the_same_bytes(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct audit_entry samples[] = {small(), typical(), full()};
    for (size_t i = 0; i < LENGTH(samples); i++) {
        struct report report = {0};
        struct audit_entry got;
        str text = written(arena, &samples[i]);
        assert_ok(entry_parse(text, &report, &got), &report);
        assert_true(str_equal(written(arena, &got), text));
    }
}

static void every_field_survives(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct audit_entry made = full(), got;
    struct report report = {0};
    assert_ok(entry_parse(written(arena, &made), &report, &got), &report);
    assert_int_equal(got.at.ms, made.at.ms);
    assert_int_equal(got.made.ms, made.made.ms);
    assert_int_equal(got.decision, AUDIT_DUTY);
    assert_int_equal(got.manifest_lines, 65536);
    assert_int_equal(got.category_count, 2);
    assert_int_equal(got.effect_count, 3);
    assert_true(str_is(got.categories[1], "orders"));
    assert_true(str_is(got.recipient_kind, "authority"));
    assert_true(ID_EQUAL(got.case_handle, made.case_handle));
    assert_true(ID_EQUAL(got.human, made.human));
    assert_true(ID_EQUAL(got.random, made.random));
    assert_true(MERKLE_EQUAL(got.reasons, made.reasons));
    assert_true(MERKLE_EQUAL(got.manifest, made.manifest));
}

static void what_is_written_is_canonical_json(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct audit_entry made = full();
    struct report report = {0};
    const struct json *tree = NULL;
    struct buf again = buf_in(arena, 1 << 16);
    str text = written(arena, &made);
    assert_ok(json_parse(arena, text, &report, &tree), &report);
    assert_ok(json_canonical(arena, tree, &again, &report), &report);
    assert_true(str_equal(buf_str(&again), text));
}

static void a_typical_entry_takes_250_to_400_bytes(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct audit_entry made = typical();
    assert_in_range(written(arena, &made).len, 250, 400);
}

/* G7 */
static void free_text_is_refused_and_never_repeated(void **state)
{
    (void)state;
    static const char *const odd[] = {"Kari Nordmann", "a\"b", "a\\b", "bl\xc3\xa5",
                                      "a,b",           "a@b",  "\x01", "a(b)"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct report report = {0};
        char memory[4096];
        struct buf buf = buf_over(memory, sizeof(memory));
        struct audit_entry entry = typical();
        entry.purpose = str_from(odd[i]);
        assert_fault(entry_write(&buf, &entry, &report), FAULT_INVALID);
        assert_null(strstr(report.text, odd[i]));
        assert_int_equal(buf.len, 0);
    }
}

static void a_missing_value_is_refused(void **state)
{
    (void)state;
    struct audit_entry broken[4] = {small(), small(), small(), small()};
    broken[0].action = (str){0};
    broken[1].at.ms = 0;
    broken[2].random = (audit_id){{0}};
    broken[3].made.ms = broken[3].at.ms;
    for (size_t i = 0; i < LENGTH(broken); i++) {
        struct report report = {0};
        char memory[1024];
        struct buf buf = buf_over(memory, sizeof(memory));
        assert_fault(entry_write(&buf, &broken[i], &report), FAULT_INVALID);
    }
}

static void an_entry_too_large_is_a_limit(void **state)
{
    (void)state;
    struct report report = {0};
    static char memory[1 << 16], word[LIMIT_ENTRY_WORD_BYTES];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct audit_entry entry = small();
    memset(word, 'w', sizeof(word));
    entry.effect_count = AUDIT_EFFECTS;
    for (size_t i = 0; i < AUDIT_EFFECTS; i++)
        entry.effects[i] = (str){word, sizeof(word)};
    assert_fault(entry_write(&buf, &entry, &report), FAULT_LIMIT);
    entry.effect_count++;
    assert_fault(entry_write(&buf, &entry, &report), FAULT_INVALID);
}

/* Cutting, doubling or changing any byte gives no entry, or one that says something else. */
static void no_two_texts_are_the_same_entry(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 20);
    struct audit_entry made = full(), got;
    str text = written(arena, &made);
    for (size_t at = 0; at < text.len; at++) {
        for (int bit = 0; bit < 8; bit++) {
            struct report report = {0};
            str changed = arena_copy(arena, text);
            ((char *)(uintptr_t)changed.ptr)[at] ^= (char)(1 << bit);
            if (is_ok(entry_parse(changed, &report, &got)))
                assert_true(str_equal(written(arena, &got), changed));
        }
        struct report report = {0};
        assert_fault(entry_parse(str_slice(text, 0, at), &report, &got), FAULT_SYNTAX);
    }
}

static void unknown_keys_other_orders_and_blanks_are_refused(void **state)
{
    (void)state;
#define X "\"x\":\"AQIDBAUGBwgJCgsMDQ4PEA\"}"
    static const char *const good =
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"allow\",\"v\":1," X;
    static const char *const odd[] = {
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"allow\",\"v\":1,\"w\":\"q\"," X,
        "{\"at\":5,\"ac\":\"a\",\"au\":\"t\",\"de\":\"allow\",\"v\":1," X,
        "{\"ac\":\"a\",\"at\":05,\"au\":\"t\",\"de\":\"allow\",\"v\":1," X,
        "{\"ac\":\"a\",\"at\":-5,\"au\":\"t\",\"de\":\"allow\",\"v\":1," X,
        "{\"ac\":\"a\",\"at\":5.0,\"au\":\"t\",\"de\":\"allow\",\"v\":1," X,
        "{\"ac\":\"a\",\"at\":9007199254740992,\"au\":\"t\",\"de\":\"allow\",\"v\":1," X,
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"maybe\",\"v\":1," X,
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"allow\",\"v\":2," X,
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"ca\":[],\"de\":\"allow\",\"v\":1," X,
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"allow\",\"mn\":3,\"v\":1," X,
        "{\"ac\":\"a\",\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"allow\",\"v\":1," X,
        "{\"ac\":\"a\", \"at\":5,\"au\":\"t\",\"de\":\"allow\",\"v\":1," X,
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"allow\",\"v\":1," X " ",
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"allow\",\"v\":1,\"x\":"
        "\"AAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"ac\":\"a\",\"at\":5,\"au\":\"t\",\"de\":\"allow\",\"v\":1,\"x\":"
        "\"AQIDBAUGBwgJCgsMDQ4PEB\"}",
        "{}",
        "",
        "[]",
        "{\"ac\":\"a b\"}"};
    struct audit_entry got;
    struct report report = {0};
    assert_ok(entry_parse(str_from(good), &report, &got), &report);
    for (size_t i = 0; i < LENGTH(odd); i++)
        if (is_ok(entry_parse(str_from(odd[i]), &report, &got)))
            fail_msg("odd entry %zu was taken", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_reads_back_to_the_same_bytes),
        cmocka_unit_test(every_field_survives),
        cmocka_unit_test(what_is_written_is_canonical_json),
        cmocka_unit_test(a_typical_entry_takes_250_to_400_bytes),
        cmocka_unit_test(free_text_is_refused_and_never_repeated),
        cmocka_unit_test(a_missing_value_is_refused),
        cmocka_unit_test(an_entry_too_large_is_a_limit),
        cmocka_unit_test(no_two_texts_are_the_same_entry),
        cmocka_unit_test(unknown_keys_other_orders_and_blanks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
