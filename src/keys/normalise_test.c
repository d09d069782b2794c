/* The table of cases: what two spellings of one identifier have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <idn2.h>
#include "normalise.h"

static const struct {
    const char *kind, *value, *normal; /* NULL: refused */
} cases[] = {
    /* e-mail: one case, compatible letters, the domain in its ASCII form */
    {"email", "ola@example.no", "ola@example.no"},
    {"email", "  Ola.Nordmann@EXAMPLE.NO\n", "ola.nordmann@example.no"},
    {"email", "ola@blåbær.no", "ola@xn--blbr-roah.no"},
    {"email", "ola@BLÅBÆR.no", "ola@xn--blbr-roah.no"},
    {"email", "ola@bl\x61\xCC\x8A\x62\xC3\xA6r.no", "ola@xn--blbr-roah.no"},
    {"email", "ola@xn--blbr-roah.no", "ola@xn--blbr-roah.no"},
    {"email", "ola@XN--BLBR-ROAH.no", "ola@xn--blbr-roah.no"},
    {"email", "Åse@example.no", "åse@example.no"},
    {"email", "A\xCC\x8Ase@example.no", "åse@example.no"},
    {"email", "ｏｌａ＠ｅｘａｍｐｌｅ．ｎｏ", "ola@example.no"},
    {"email", "ola@example.no.", "ola@example.no"},
    {"email", "ola\xE2\x80\x8B@example.no", "ola@example.no"},
    {"email", "ola+tag@example.no", "ola+tag@example.no"},
    {"email", "o'hara@example.no", "o'hara@example.no"},
    {"email", "ola@straße.de", "ola@xn--strae-oqa.de"},
    {"email", "ola", NULL},
    {"email", "@example.no", NULL},
    {"email", "ola@", NULL},
    {"email", "ola@.", NULL},
    {"email", "ola@a@example.no", NULL},
    {"email", "ola @example.no", NULL},
    {"email", "ola@example.no kari@example.no", NULL},
    {"email", "Ola <ola@example.no>", NULL},
    {"email", "\"ola x\"@example.no", NULL},
    {"email", "ola@exa\x01mple.no", NULL},
    {"email", "ola@ex/ample.no", NULL},
    {"email", "ola@-example.no", NULL},
    /* telephone: +47, 0047 and eight digits are one number; digits of any script */
    {"phone", "+47 22 33 44 55", "+4722334455"},
    {"phone", "0047 22334455", "+4722334455"},
    {"phone", "22 33 44 55", "+4722334455"},
    {"phone", "22334455", "+4722334455"},
    {"phone", "4722334455", "+4722334455"},
    {"phone", "(+47) 22-33-44-55", "+4722334455"},
    {"phone", "+47 (22) 33.44/55", "+4722334455"},
    {"phone",
     "+47\xC2\xA0"
     "22\xE2\x80\x91"
     "33\xE2\x80\x93"
     "44 55",
     "+4722334455"},
    {"phone", "２２３３４４５５", "+4722334455"},
    {"phone", "＋４７ ２２ ３３ ４４ ５５", "+4722334455"},
    {"phone", "٢٢٣٣٤٤٥٥", "+4722334455"},
    {"phone", "\xE2\x80\xAA+47 22 33 44 55\xE2\x80\xAC", "+4722334455"},
    {"phone", "+44 (0)20 7946 0000", "+442079460000"},
    {"phone", "0044 (0) 20 7946 0000", "+442079460000"},
    {"phone", "+46 70 123 45 67", "+46701234567"},
    {"phone", "070-123 45 67", "0701234567"},
    {"phone", "02800", "02800"},
    {"phone", "113", "113"},
    {"phone", "12", NULL},
    {"phone", "22 33 44 55 x 12", NULL},
    {"phone", "22+334455", NULL},
    {"phone", "call me", NULL},
    {"phone", "123456789012345678901", NULL},
    /* identity numbers */
    {"national_id", "018190 12345", "01819012345"},
    {"national_id", "018190-12345", "01819012345"},
    {"national_id", "０１８１９０１２３４５", "01819012345"},
    {"national_id", "01819012345a", NULL},
    {"national_id", "123", NULL},
    /* a firm's own numbers */
    {"id", " ab-17 ", "ab-17"},
    {"id", "AB-17", "ab-17"},
    {"id", "AB 17", "ab17"},
    {"id", "12-34", "12-34"},
    {"id", "018190 12345", "01819012345"},
    {"id", "018190-12345", "01819012345"},
    {"id", "   ", NULL},
    /* network addresses */
    {"ip", "192.0.2.1", "192.0.2.1"},
    {"ip", " 192.0.2.1 ", "192.0.2.1"},
    {"ip", "::ffff:192.0.2.1", "192.0.2.1"},
    {"ip", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
    {"ip", "[2001:db8::1]", "2001:db8::1"},
    {"ip", "192.0.2.01", NULL},
    {"ip", "192.0.2", NULL},
    {"ip", "fe80::1%eth0", NULL},
    {"ip", "example.no", NULL},
    /* domains */
    {"domain", "Blåbær.NO", "xn--blbr-roah.no"},
    {"domain", "example.no.", "example.no"},
    {"domain", "exa mple..no", NULL},
    /* names and all other text: one case, compatible letters, single spaces */
    {"name", "Ola  Nordmann", "ola nordmann"},
    {"name", " OLA\tNORDMANN ", "ola nordmann"},
    {"name", "Åse", "åse"},
    {"name", "A\xCC\x8Ase", "åse"},
    {"name", "Straße", "strasse"},
    {"name", "STRASSE", "strasse"},
    {"name", "ﬁne", "fine"},
    {"name", "Ola\xC2\xADNordmann", "olanordmann"},
    {"text", "x\xC2\xA0y", "x y"},
    {"text", "\xEF\xBB\xBFx", "x"},
    {"text",
     "a\x01"
     "b",
     NULL},
    {"text", "\xE2\x80\x8B", NULL},
    {"text", "\xFF", NULL},
    {"text", "\xED\xA0\x80", NULL},
    {"text", "", NULL},
    {"a kind of tomorrow", "Some Text", "some text"},
};

static str normal_of(const char *kind, str value, char room[NORMAL_ROOM], enum fault_class *fault)
{
    struct report report = {0};
    struct buf buf = buf_over(room, NORMAL_ROOM);
    *fault = normalise(str_from(kind), value, &buf, &report).fault;
    if (*fault != FAULT_NONE && value.len > 3)
        assert_null(memmem(report.text, strlen(report.text), value.ptr, value.len));
    return buf_str(&buf);
}

static void every_case_of_the_table_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char room[NORMAL_ROOM];
        enum fault_class fault;
        str normal = normal_of(cases[i].kind, str_from(cases[i].value), room, &fault);
        enum fault_class expected = cases[i].normal == NULL ? FAULT_INVALID : FAULT_NONE;
        if (fault != expected || (fault == FAULT_NONE && !str_is(normal, cases[i].normal)))
            fail_msg("%s \"%s\": %s \"%.*s\"", cases[i].kind, cases[i].value, fault_name(fault),
                     STR_ARG(normal));
    }
}

static void normalising_twice_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char room[NORMAL_ROOM];
        enum fault_class fault;
        if (cases[i].normal == NULL)
            continue;
        str again = normal_of(cases[i].kind, str_from(cases[i].normal), room, &fault);
        if (fault != FAULT_NONE || !str_is(again, cases[i].normal))
            fail_msg("%s \"%s\" becomes \"%.*s\"", cases[i].kind, cases[i].normal, STR_ARG(again));
    }
}

static void a_long_value_is_refused(void **state)
{
    (void)state;
    char text[NORMAL_INPUT_MAX + 1], room[NORMAL_ROOM];
    enum fault_class fault;
    memset(text, 'a', sizeof(text));
    normal_of("text", (str){text, NORMAL_INPUT_MAX}, room, &fault);
    assert_int_equal(fault, FAULT_NONE);
    normal_of("text", (str){text, sizeof(text)}, room, &fault);
    assert_int_equal(fault, FAULT_INVALID);
}

static str drawn(struct sim_world *chance, str letters, struct buf *buf)
{
    unsigned char draw[16];
    world_random(&chance->world, draw, sizeof(draw));
    for (size_t i = 0; i < 1 + draw[0] % 15u; i++)
        buf_char(buf, letters.ptr[draw[i + 1 < 16 ? i + 1 : 15] % letters.len]);
    return buf_str(buf);
}

/* A mark without a shape takes a text the long way, and out again on it. */
static void what_is_plain_becomes_what_it_becomes_with_something_invisible_in_it(void **state)
{
    (void)state;
    struct sim_world chance;
    world_sim(&chance, 8, (instant){0});
    const char *kinds[] = {"email", "phone", "id", "domain", "name"};
    for (unsigned round = 0; round < 5000; round++) {
        char text[64], other[64], room[NORMAL_ROOM], room_other[NORMAL_ROOM];
        struct buf buf = buf_over(text, sizeof(text)), with = buf_over(other, sizeof(other));
        enum fault_class fault, fault_other;
        const char *kind = kinds[round % LENGTH(kinds)];
        str plain = drawn(&chance, STR("aBz09-.@_+~!"), &buf);
        buf_text(&with, "\xE2\x80\x8B");
        buf_add(&with, plain);
        str normal = normal_of(kind, plain, room, &fault);
        str same = normal_of(kind, buf_str(&with), room_other, &fault_other);
        if (fault != fault_other || (fault == FAULT_NONE && !str_equal(normal, same)))
            fail_msg("%s \"%.*s\"", kind, STR_ARG(plain));
    }
}

static void a_domain_of_plain_letters_is_what_libidn2_makes_of_it(void **state)
{
    (void)state;
    struct sim_world chance;
    world_sim(&chance, 9, (instant){0});
    for (unsigned round = 0; round < 5000; round++) {
        char text[64], room[NORMAL_ROOM], *ascii = NULL;
        struct buf buf = buf_over(text, sizeof(text));
        enum fault_class fault;
        str domain = drawn(&chance, STR("abx0n7--."), &buf);
        str normal = normal_of("domain", domain, room, &fault);
        text[domain.len] = '\0';
        int code = idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
        if (fault == FAULT_NONE)
            assert_int_equal(code, IDN2_OK);
        str wanted = code == IDN2_OK ? str_from(ascii) : STR("");
        while (str_ends(wanted, STR(".")))
            wanted.len--;
        if (fault == FAULT_NONE && !str_equal(normal, wanted))
            fail_msg("\"%s\" becomes \"%.*s\"", text, STR_ARG(normal));
        if (fault != FAULT_NONE && code == IDN2_OK && !str_is_empty(wanted) &&
            memmem(wanted.ptr, wanted.len, "..", 2) == NULL && wanted.ptr[0] != '.')
            fail_msg("\"%s\" is refused", text);
        idn2_free(ascii);
    }
}

/* Bytes that are drawn at random, from letters that matter here: no crash, and what comes out is
 * UTF-8 and normal already. */
static void any_text_is_refused_or_becomes_normal(void **state)
{
    (void)state;
    const char *pieces[] = {"a",       "B",        "@",
                            ".",       "+",        "0",
                            "٣",       "å",        "A\xCC\x8A",
                            "ß",       " ",        "\xC2\xA0",
                            "-",       "(0)",      "\xE2\x80\x8B",
                            "＠",      "ﬁ",        "ſ",
                            "İ",       "Σ",        "\xF0\x9F\x98\x80",
                            "ﷺ",       "\xCC\x81", "xn--",
                            "。",      "/",        "\"",
                            "\xCD\x85"};
    const char *kinds[] = {"email", "phone", "national_id", "id", "ip", "domain", "name"};
    struct sim_world chance;
    world_sim(&chance, 7, (instant){0});
    size_t accepted = 0;
    for (unsigned round = 0; round < 20000; round++) {
        unsigned char draw[12];
        char text[128], room[NORMAL_ROOM], room_again[NORMAL_ROOM];
        struct buf buf = buf_over(text, sizeof(text));
        enum fault_class fault;
        world_random(&chance.world, draw, sizeof(draw));
        for (size_t i = 0; i < 1 + draw[0] % 10u; i++)
            buf_text(&buf, pieces[draw[i + 1] % LENGTH(pieces)]);
        const char *kind = kinds[round % LENGTH(kinds)];
        str normal = normal_of(kind, buf_str(&buf), room, &fault);
        if (fault != FAULT_NONE)
            continue;
        accepted++;
        assert_true(utf8_valid(normal));
        str again = normal_of(kind, normal, room_again, &fault);
        if (fault != FAULT_NONE || !str_equal(normal, again))
            fail_msg("%s \"%.*s\" becomes \"%.*s\" and then \"%.*s\"", kind, STR_ARG(buf_str(&buf)),
                     STR_ARG(normal), STR_ARG(again));
    }
    assert_true(accepted > 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_table_holds),
        cmocka_unit_test(normalising_twice_changes_nothing),
        cmocka_unit_test(a_long_value_is_refused),
        cmocka_unit_test(what_is_plain_becomes_what_it_becomes_with_something_invisible_in_it),
        cmocka_unit_test(a_domain_of_plain_letters_is_what_libidn2_makes_of_it),
        cmocka_unit_test(any_text_is_refused_or_becomes_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
