/* Which addresses may be connected to, and when a try comes again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "post_internal.h"

static bool allowed(const char *text, enum reach reach, const char *network)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct network list;
    size_t count = network != NULL && network_parse(str_from(network), &list);
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return address_allowed((const struct sockaddr *)&four, reach, &list, count);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return address_allowed((const struct sockaddr *)&six, reach, &list, count);
}

static void what_is_not_of_the_public_internet_is_not_reached(void **state)
{
    (void)state;
    static const char *const closed[] = {"127.0.0.1",
                                         "127.8.8.8",
                                         "0.0.0.0",
                                         "10.1.2.3",
                                         "100.64.0.1",
                                         "169.254.169.254",
                                         "172.16.0.1",
                                         "172.31.255.255",
                                         "192.168.1.1",
                                         "192.0.0.1",
                                         "198.18.0.1",
                                         "224.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "::1",
                                         "::ffff:10.0.0.1",
                                         "::ffff:127.0.0.1",
                                         "::10.0.0.1",
                                         "64:ff9b::a00:1",
                                         "2002:a00:1::",
                                         "2001:0:1::",
                                         "fc00::1",
                                         "fd12:3456::1",
                                         "fe80::1",
                                         "ff02::1"};
    static const char *const open[] = {"1.1.1.1", "172.32.0.1", "192.169.0.1", "2606:4700::1111",
                                       "::ffff:1.1.1.1"};
    for (size_t i = 0; i < LENGTH(closed); i++) {
        if (allowed(closed[i], REACH_PUBLIC, NULL))
            fail_msg("%s is reached", closed[i]);
    }
    for (size_t i = 0; i < LENGTH(open); i++) {
        if (!allowed(open[i], REACH_PUBLIC, NULL))
            fail_msg("%s is not reached", open[i]);
    }
}

static void a_private_network_is_reached_once_the_operator_names_it(void **state)
{
    (void)state;
    assert_true(allowed("10.1.2.3", REACH_PUBLIC, "10.1.0.0/16"));
    assert_true(allowed("::ffff:10.1.2.3", REACH_PUBLIC, "10.1.0.0/16"));
    assert_false(allowed("10.2.2.3", REACH_PUBLIC, "10.1.0.0/16"));
    assert_true(allowed("127.0.0.1", REACH_PUBLIC, "127.0.0.1"));
}

static void a_simulated_register_reaches_loopback_alone(void **state)
{
    (void)state;
    assert_true(allowed("127.0.0.1", REACH_LOOPBACK, NULL));
    assert_true(allowed("::1", REACH_LOOPBACK, NULL));
    assert_false(allowed("1.1.1.1", REACH_LOOPBACK, NULL));
    assert_false(allowed("10.1.2.3", REACH_LOOPBACK, "10.0.0.0/8"));
}

static void each_wait_is_longer_up_to_six_hours_and_a_quarter_is_chance(void **state)
{
    (void)state;
    static const int64_t middle[] = {5000, 20000, 80000, 320000, 1280000, 5120000, 20480000};
    for (unsigned i = 0; i < LENGTH(middle); i++) {
        assert_int_equal(retry_after_ms(i + 1, 0), middle[i] * 3 / 4);
        assert_int_equal(retry_after_ms(i + 1, 999), middle[i] * 5 / 4);
    }
    for (unsigned tries = 8; tries < 1000; tries++) {
        assert_int_equal(retry_after_ms(tries, 0), 21600000 * 3 / 4);
        assert_int_equal(retry_after_ms(tries, UINT32_MAX - 296), 21600000 * 5 / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_of_the_public_internet_is_not_reached),
        cmocka_unit_test(a_private_network_is_reached_once_the_operator_names_it),
        cmocka_unit_test(a_simulated_register_reaches_loopback_alone),
        cmocka_unit_test(each_wait_is_longer_up_to_six_hours_and_a_quarter_is_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
