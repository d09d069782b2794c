/* Another's transaction stands in the way (40001, 40P01) of each row that a request writes, in the
 * turn's data, in its keys and in its mark: the request is asked again by the server itself, and
 * its sender sees one answer and one effect.
 *
 *   trigger on every table: the nth row that is written since --> RAISE '40001', once
 */
#include "postgres_shop.h"

enum { ROWS_MOST = 60, TABLES = 6 };

static const char way[] =
    "CREATE SEQUENCE hits; CREATE TABLE way (stands BIGINT, code TEXT);"
    "INSERT INTO way VALUES (0, '40001');"
    "CREATE FUNCTION stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "  IF (SELECT stands FROM public.way) IN (-1, nextval('public.hits')) THEN "
    "    RAISE EXCEPTION 'canary' USING ERRCODE = (SELECT code FROM public.way); END IF; "
    "  RETURN coalesce(NEW, OLD); END $$;"
    "DO $$ DECLARE one regclass; BEGIN FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND "
    "relnamespace IN ('vern_shop_data'::regnamespace, 'vern_shop_keys'::regnamespace) LOOP "
    "EXECUTE format('CREATE TRIGGER way BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW "
    "EXECUTE FUNCTION public.stand()', one); END LOOP; END $$";

/* At the nth row that is written from now; 0: nowhere; -1: at each. */
static void stand_at(int nth, const char *code)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT setval('hits', 1, false); UPDATE way SET stands = %d, code = '%s'", nth,
                   code);
    postgres_run(server.database, sql);
}

static bool stood(unsigned nth)
{
    return counted("SELECT last_value FROM hits WHERE is_called") >= (long)nth;
}

/* What there is of each kind, in one number each. */
static void count_all(long counts[TABLES])
{
    static const char *const of[TABLES] = {"data.dossier", "data.item",  "data.live",
                                           "keys.ring",    "keys.blind", "keys.fence"};
    for (size_t i = 0; i < TABLES; i++) {
        char sql[128];
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM vern_shop_%s", of[i]);
        counts[i] = counted(sql);
    }
}

/* ---- what is asked ---- */

static str person; /* whom the next one is about */

static struct answer make(void)
{
    struct answer made = send_to(
        STR("/v1/subjects"),
        "{'roles':['asker'],'identifiers':[{'kind':'contact.email','value':'a@canary.example'}],"
        "'collect':{'intake':'contact_form','source':'person','channel':'web','values':"
        "{'contact.email':'a@canary.example','question.text':'Hei'}}}");
    person = made.code == 201 ? text_of(&made, "id") : person;
    return made;
}

static struct answer erase(void)
{
    return about(person, "erase", "{'warned':true}");
}

static struct answer read_it(void)
{
    return about(person, "read", "{'purpose':'support'}");
}

/* So much more of each, and of the log, is the effect of one. */
struct effect {
    long more[TABLES];
    int64_t entries;
};

static struct effect effect_of(struct answer (*what)(void), int code)
{
    struct effect effect;
    long there[TABLES], then[TABLES];
    int64_t entries = log_size(&server, server.token);
    count_all(there);
    struct answer answer = what();
    expect(&answer, code);
    count_all(then);
    for (size_t i = 0; i < TABLES; i++)
        effect.more[i] = then[i] - there[i];
    effect.entries = log_size(&server, server.token) - entries;
    return effect;
}

/* Gives how many times somebody stood there. */
static unsigned stand_at_each_row(struct answer (*prepare)(void), struct answer (*what)(void),
                                  int code, const char *sqlstate)
{
    (void)prepare();
    struct effect once = effect_of(what, code);
    for (unsigned nth = 1; nth < ROWS_MOST; nth++) {
        stand_at(0, sqlstate);
        (void)prepare();
        stand_at((int)nth, sqlstate);
        struct effect effect = effect_of(what, code);
        bool has = stood(nth);
        stand_at(0, sqlstate);
        assert_memory_equal(&effect, &once, sizeof(effect));
        assert_true(process_runs(&server));
        if (!has)
            return nth - 1;
    }
    fail_msg("a request has no end of rows");
}

static void a_request_whose_row_met_another_transaction_has_one_answer_and_one_effect(void **state)
{
    (void)state;
    unsigned made = stand_at_each_row(read_it, make, 201, "40P01");
    unsigned erased = stand_at_each_row(make, erase, 200, "40001");
    print_message("stood at each of %u rows of a new person, of %u of an erasure\n", made, erased);
    assert_true(made > 6 && erased > 6);
}

static void who_stands_in_the_way_without_end_is_told_of(void **state)
{
    (void)state;
    stand_at(-1, "40001");
    struct answer answer = make();
    expect_problem(&answer, 503, "/problems/store");
    stand_at(0, "40001");
    answer = make();
    expect(&answer, 201);
}

static int opened(void **state)
{
    (void)state;
    shop_open("sweep_seconds = 60\n");
    postgres_run(server.database, way);
    struct answer made = make();
    expect(&made, 201);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_whose_row_met_another_transaction_has_one_answer_and_one_effect),
        cmocka_unit_test(who_stands_in_the_way_without_end_is_told_of),
    };
    if (!postgres_server_start(&postgres, ""))
        return 77;
    return cmocka_run_group_tests(tests, opened, shop_close);
}
