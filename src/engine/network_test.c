/* Blocks of addresses: what is one, what lies in one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network.h"

static struct network parsed(const char *text)
{
    struct network network;
    if (!network_parse(str_from(text), &network))
        fail_msg("%s is no network", text);
    return network;
}

static void an_address_lies_in_its_block_and_in_no_other(void **state)
{
    (void)state;
    static const struct {
        const char *block, *address;
        bool in;
    } cases[] = {
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.0/24", "::ffff:192.0.2.1", true},
        {"::ffff:192.0.2.0/120", "192.0.2.1", true},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.6", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "203.0.113.9", true},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"fe80::/10", "fe80::1%eth0", true},
        {"192.0.2.0/24", "", false},
        {"192.0.2.0/24", "localhost", false},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct network block = parsed(cases[i].block);
        if (networks_have(&block, 1, cases[i].address) != cases[i].in)
            fail_msg("%s in %s", cases[i].address, cases[i].block);
    }
    assert_false(networks_have(NULL, 0, "192.0.2.1"));
}

static void what_is_no_block_is_refused(void **state)
{
    (void)state;
    static const char *const none[] = {"",
                                       "/",
                                       "10.0.0.0/",
                                       "10.0.0.0/33",
                                       "10.0.0/8",
                                       "10.1.2.3/8",
                                       "::1/129",
                                       "2001:db8::1/64",
                                       "10.0.0.0/8/8",
                                       "10.0.0.0/-1",
                                       "example.org",
                                       "10.0.0.0/+8",
                                       " 10.0.0.0/8",
                                       "fe80::1%eth0"};
    for (size_t i = 0; i < LENGTH(none); i++) {
        struct network network;
        if (network_parse(str_from(none[i]), &network))
            fail_msg("%s was taken", none[i]);
    }
}

static void a_block_holds_narrower_ones_and_never_wider(void **state)
{
    (void)state;
    struct network wide = parsed("10.0.0.0/8"), narrow = parsed("10.2.0.0/16"),
                   other = parsed("11.0.0.0/16"), all = parsed("::/0");
    assert_true(network_within(&narrow, &wide));
    assert_true(network_within(&wide, &wide));
    assert_true(network_within(&wide, &all));
    assert_false(network_within(&wide, &narrow));
    assert_false(network_within(&other, &wide));
    assert_false(network_within(&all, &wide));
}

static void a_block_prints_as_it_is_written(void **state)
{
    (void)state;
    static const char *const texts[] = {"10.0.0.0/8", "192.0.2.7/32", "2001:db8::/33", "::/0",
                                        "0.0.0.0/0"};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        char room[64];
        struct buf buf = buf_over(room, sizeof(room));
        struct network network = parsed(texts[i]);
        network_print(&network, &buf);
        if (!str_is(buf_str(&buf), texts[i]))
            fail_msg("%.*s instead of %s", STR_ARG(buf_str(&buf)), texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_lies_in_its_block_and_in_no_other),
        cmocka_unit_test(what_is_no_block_is_refused),
        cmocka_unit_test(a_block_holds_narrower_ones_and_never_wider),
        cmocka_unit_test(a_block_prints_as_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
