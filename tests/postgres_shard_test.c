/* `vern db shard`: what it prints is what it runs, a register goes on when it is spread, and where
 * there is no cluster nothing happens. Citus is not in Debian; tests/citus_stand_in.sql has its two
 * functions as far as partitions are like it. What runs on such a schema besides is
 * over_spread_suite.
 */
#include "postgres_shop.h"

enum { PEOPLE = 12, SAID_ROOM = 16384 };

static str people[PEOPLE];

static str make_asker(size_t number)
{
    struct answer made = send_to(STR("/v1/subjects"), "{'roles':['asker']}");
    expect(&made, 201);
    str id = text_of(&made, "id");
    str body = arena_format(server.arena,
                            "{'intake':'contact_form','source':'person','channel':'web','values':"
                            "{'contact.email':'s%zu@canary.example','question.text':'Hei'}}",
                            number);
    struct answer got = about(id, "collect", arena_c_string(server.arena, body));
    expect(&got, 201);
    return id;
}

static bool reads(str id, size_t number)
{
    struct answer read = about(id, "read", "{'purpose':'support'}");
    return read.code == 200 && holds(read.text, arena_format(server.arena, "s%zu@canary", number));
}

static str found_by(size_t number)
{
    str body = arena_format(server.arena, "{'kind':'contact.email','value':'s%zu@canary.example'}",
                            number);
    struct answer found = send_to(STR("/v1/subjects/find"), arena_c_string(server.arena, body));
    expect(&found, 200);
    return found.text;
}

/* What the command says; *well: it ended with 0. */
static const char *shard(const char *more, bool *well)
{
    static char said[SAID_ROOM];
    char command[512];
    (void)snprintf(command, sizeof(command), "%s/vern db shard --data %s --register shop %s 2>&1",
                   VERN_BUILD, server.data, more);
    FILE *from = popen(command, "re");
    assert_non_null(from);
    said[fread(said, 1, sizeof(said) - 1, from)] = '\0';
    *well = pclose(from) == 0;
    return said;
}

static void expect_said(const char *said, const char *words)
{
    if (strstr(said, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", said, words);
}

static long partitions(void)
{
    return counted("SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r' AND "
                   "relnamespace = to_regnamespace('vern_shop_data')");
}

static void where_there_is_no_cluster_it_says_so_and_all_is_as_it_was(void **state)
{
    (void)state;
    bool well;
    const char *said = shard("", &well);
    assert_true(well); /* to print them, the server may run */
    expect_said(said, "create_distributed_table('\"vern_shop_data\".dossier', 'subject');");
    expect_said(said, "create_distributed_table('\"vern_shop_keys\".blind', 'hash'");
    said = shard("--apply", &well);
    assert_false(well);
    expect_said(said, "held by another server");
    process_kill(&server);
    said = shard("--apply", &well);
    assert_false(well);
    expect_said(said, "citus");
    assert_int_equal(partitions(), 0);
    process_start(&server);
    assert_true(reads(people[0], 0));
}

static void goes_on(void)
{
    for (size_t i = 0; i < PEOPLE; i++)
        assert_true(reads(people[i], i));
    assert_true(holds(found_by(3), people[3]));
    struct answer erased = about(people[0], "erase", "{'warned':true}");
    expect(&erased, 200);
    assert_false(reads(people[0], 0));
    assert_false(holds(found_by(0), people[0]));
    people[0] = make_asker(0);
    struct answer uses =
        ask(&server, server.token, "GET",
            arena_format(server.arena, "/v1/subjects/%.*s/uses", STR_ARG(people[1])), STR(""));
    expect(&uses, 200);
    struct answer swept = send_to(STR("/v1/clock"), "{'to':'2026-03-02T09:00:00Z'}");
    expect(&swept, 200);
}

static void a_register_that_is_spread_goes_on_and_each_person_lies_in_one_part(void **state)
{
    (void)state;
    bool well;
    postgres_run_file(server.database, "tests/citus_stand_in.sql");
    process_kill(&server);
    const char *said = shard("--apply", &well);
    if (!well)
        fail_msg("%s", said);
    assert_int_equal(partitions(), 9 * 4);
    assert_true(counted("SELECT count(DISTINCT tableoid) FROM vern_shop_data.dossier") > 1);
    process_start(&server);
    goes_on();
    process_kill(&server);
    said = shard("--apply", &well);
    assert_false(well);
    expect_said(said, "spread already");
    process_start(&server);
    for (size_t i = 0; i < PEOPLE; i++)
        assert_true(reads(people[i], i));
}

static int opened(void **state)
{
    (void)state;
    shop_open(NULL);
    for (size_t i = 0; i < PEOPLE; i++)
        people[i] = make_asker(i);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_there_is_no_cluster_it_says_so_and_all_is_as_it_was),
        cmocka_unit_test(a_register_that_is_spread_goes_on_and_each_person_lies_in_one_part),
    };
    if (!postgres_server_start(&postgres, ""))
        return 77;
    return cmocka_run_group_tests(tests, opened, shop_close);
}
