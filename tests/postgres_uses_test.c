/* Uses of two servers of one register side by side: neither waits for the other, whoever changes
 * something waits for both, and all of it is one log.
 *
 *   a: [uses ........................]            b, alone:  waits ... [changes]
 *   b:     [uses ...........]
 *
 * The turns lie in one process, so that a test says what comes between; who has to wait is another
 * thread, and that it waits is asked of the database. */
#include <fcntl.h>
#include <libpq-fe.h>
#include <pthread.h> /* first: base.h takes the clock away */
#include <sys/socket.h>

#include "two_servers.h"

#include "verify.h"

enum { HOUR_MS = 3600000, READS_MOST = 4, ROUNDS = 60, LOOKS = 100000, SOCKETS_MOST = 256 };

static struct postgres_server database;
static struct fixture a, b, c;
static dossier_id person;
static const char *fails_at;               /* the seam where the first server dies, */
static unsigned fails_after;               /* when it came there so often; */
static void (*comes_to)(const char *seam); /* what happens there meanwhile; NULL: nothing */
static int far_end = -1;                   /* of a session that was lost without a word, */
static pthread_t hearing;                  /* and who hears there that it is used again */
static unsigned registers;
static char name[16];

/* ---- two servers ---- */

static status dies(void *self, const char *seam, struct report *report)
{
    (void)self;
    if (comes_to != NULL)
        comes_to(seam);
    if (fails_at == NULL || strcmp(seam, fails_at) != 0 || fails_after-- > 0)
        return OK;
    fails_at = NULL;
    return fail(report, FAULT_STORE, "the test ends it here");
}

static int begin(void **state)
{
    (void)state;
    (void)snprintf(name, sizeof(name), "uses%u", registers++);
    two_create(&a, &database, name, "policies/example.yaml", false);
    two_begin(&a, &b, dies, name);
    (void)two_asker(&a, &person);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fails_at = NULL;
    comes_to = NULL;
    two_end(&a, &b);
    if (far_end >= 0)
        assert_int_equal(pthread_join(hearing, NULL), 0);
    far_end = -1;
    return 0;
}

static long data_count(const char *sql)
{
    char schema[64];
    (void)snprintf(schema, sizeof(schema), "vern_%s_data", name);
    return postgres_count(database.address, schema, sql, "x", 1);
}

static long entries(void)
{
    return data_count("SELECT count(*) FROM entry WHERE ?1::text <> ''");
}

/* ---- a turn of uses ---- */

struct reading {
    struct call call;
    struct report report;
    struct read_run run;
    status got;
    bool done;
};

struct turn {
    struct fixture *f;
    struct reading reads[READS_MOST];
    size_t count;
};

static void on_done(void *self, struct call *call, status result)
{
    struct reading *reading = self;
    (void)call;
    reading->got = result;
    reading->done = true;
}

static void opens(struct turn *turn, struct fixture *f)
{
    *turn = (struct turn){.f = f};
    engine_begin_uses(f->engine);
}

static void reads(struct turn *turn)
{
    struct fixture *f = turn->f;
    struct reading *reading = &turn->reads[turn->count++];
    *reading = (struct reading){.run.request = {.subject = person, .purpose = STR("support")}};
    status got =
        call_begin(f->engine, f->reg, engine_system(), f->arena, &reading->report, &reading->call);
    if (is_ok(got))
        got = call_end(&reading->call, use_read(&reading->call, &reading->run));
    call_hold(&reading->call, on_done, reading, got);
}

static status ends(struct turn *turn)
{
    struct report report = {0};
    status ended = engine_end(turn->f->engine, &report);
    for (size_t i = 0; i < turn->count; i++)
        assert_true(turn->reads[i].done || !is_ok(ended));
    return ended;
}

/* How many values a turn of one use showed. */
static size_t used(struct fixture *f)
{
    struct turn turn;
    opens(&turn, f);
    reads(&turn);
    return is_ok(ends(&turn)) && is_ok(turn.reads[0].got) ? turn.reads[0].run.result.count : 0;
}

static size_t shown(const struct turn *turn, size_t i)
{
    return is_ok(turn->reads[i].got) ? turn->reads[i].run.result.count : 0;
}

static void erases(struct fixture *f)
{
    struct erase_run erase = {.request = {.subject = person}};
    RUN_OK(f, use_erase, &erase);
}

/* ---- the log ---- */

static void verify(const char *folder)
{
    struct audit_verdict verdict = {0};
    struct report report = {0};
    char dir[192], path[192];
    str key;
    (void)snprintf(dir, sizeof(dir), "%s/%s/%s/log", a.dir, folder, name);
    (void)snprintf(path, sizeof(path), "%s/registers/%s/log.key", a.data, name);
    assert_true(is_ok(file_read(path, a.arena, 4096, &report, &key)));
    if (!is_ok(audit_verify(world_real(), dir, str_trim(key), STR(""), &report, &verdict)))
        fail_msg("%s: %s", folder, report.text);
    assert_int_equal(verdict.size, entries());
}

/* Both take in what they lack, and close. */
static void one_log(void)
{
    assert_int_equal(entries(), data_count("SELECT count(DISTINCT bytes) FROM entry "
                                           "WHERE ?1::text <> ''"));
    struct report report = {0};
    struct fixture *both[] = {&a, &b};
    for (size_t i = 0; i < LENGTH(both); i++) {
        engine_begin(both[i]->engine);
        assert_true(is_ok(engine_enter(both[i]->reg, &report)));
        assert_true(is_ok(engine_end(both[i]->engine, &report)));
        assert_int_equal(audit_size(both[i]->reg->log), entries());
    }
    engine_close(&b.engine);
    engine_close(&a.engine);
    long size = entries();
    two_serve(&a, "a", name); /* a start takes in the last word of the other */
    assert_true(entries() > size);
    engine_close(&a.engine);
    verify("a");
}

static void
two_servers_use_data_at_the_same_time_and_their_entries_are_one_after_the_other(void **state)
{
    struct turn first, second;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4); /* what is not about people is in memory */
    uint64_t size = (uint64_t)entries();
    b.sim.clock.ms += HOUR_MS;
    opens(&first, &a);
    reads(&first);
    opens(&second, &b);
    reads(&second);
    reads(&second);
    assert_true(is_ok(ends(&second)));
    reads(&first);
    assert_true(is_ok(ends(&first)));
    assert_int_equal(shown(&first, 0) + shown(&first, 1), 4);
    assert_int_equal(shown(&second, 0) + shown(&second, 1), 4);
    assert_int_equal(second.reads[0].call.outcome.log_index, size);
    assert_int_equal(second.reads[1].call.outcome.log_index, size + 1);
    assert_int_equal(first.reads[0].call.outcome.log_index, size + 2);
    assert_int_equal(first.reads[1].call.outcome.log_index, size + 3);
    one_log();
}

static void turns_that_overlap_in_any_way_leave_each_entry_once_in_one_log(void **state)
{
    (void)state;
    srandom(1);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct turn turns[2];
        struct fixture *both[] = {&a, &b};
        size_t last = (size_t)random() % 2;
        b.sim.clock.ms += random() % 2000;
        a.sim.clock.ms += random() % 2000;
        for (size_t j = 0; j < 2; j++)
            opens(&turns[j], both[j]);
        for (size_t j = 0; j < (size_t)random() % (2 * READS_MOST); j++)
            if (turns[j % 2].count < READS_MOST)
                reads(&turns[j % 2]);
        assert_true(is_ok(ends(&turns[1 - last])));
        assert_true(is_ok(ends(&turns[last])));
        for (size_t j = 0; j < 2; j++)
            for (size_t k = 0; k < turns[j].count; k++)
                assert_int_equal(shown(&turns[j], k), 2);
    }
    one_log();
}

/* ---- who waits for whom ---- */

static void *erases_alone(void *result)
{
    struct erase_run erase = {.request = {.subject = person}};
    *(status *)result = run(&b, use_erase, &erase);
    return NULL;
}

static void *uses_later(void *result)
{
    *(size_t *)result = used(&c);
    return NULL;
}

static void until_waiting(long count)
{
    for (unsigned i = 0; data_count("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation "
                                    "= 'baton'::regclass AND ?1::text <> ''") != count;
         i++)
        assert_true(i < LOOKS);
}

/* Nor is whoever changes something passed by those who come later to use. */
static void who_changes_something_waits_for_uses_and_later_uses_wait_for_that(void **state)
{
    struct turn turn;
    pthread_t changing, using;
    status changed = OK;
    size_t later = 1;
    (void)state;
    c = b;
    world_sim(&c.sim, 9, b.sim.clock);
    c.arena = arena_new((size_t)512 << 20);
    two_serve(&c, "c", name);
    assert_int_equal(used(&c), 2);
    opens(&turn, &a);
    reads(&turn);
    assert_int_equal(pthread_create(&changing, NULL, erases_alone, &changed), 0);
    until_waiting(1);
    assert_int_equal(pthread_create(&using, NULL, uses_later, &later), 0);
    until_waiting(2);
    assert_true(is_ok(ends(&turn)));
    assert_int_equal(shown(&turn, 0), 2);
    assert_int_equal(pthread_join(changing, NULL) + pthread_join(using, NULL), 0);
    assert_true(is_ok(changed));
    assert_int_equal(later, 0);
    assert_int_equal(used(&a), 0);
    engine_close(&c.engine);
    arena_free(&c.arena);
}

/* Else each server would be alone once a second, to hear that it is another. */
static void who_is_on_duty_is_asked_while_another_uses(void **state)
{
    struct turn turn;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4);
    opens(&turn, &a);
    reads(&turn);
    assert_true(is_ok(reg_take_duty(b.reg, &b.report)));
    assert_true(reg_on_duty(b.reg));
    assert_true(is_ok(ends(&turn)));
    assert_true(is_ok(reg_take_duty(a.reg, &a.report)));
    assert_false(reg_on_duty(a.reg));
}

/* ---- nothing is changed ---- */

static void what_would_be_changed_in_a_turn_of_uses_is_refused_and_may_be_asked_again(void **state)
{
    struct erase_run erase = {.request = {.subject = person}};
    struct report report = {0};
    struct call call;
    (void)state;
    assert_int_equal(used(&a), 2);
    long before = entries();
    engine_begin_uses(a.engine);
    assert_true(is_ok(call_begin(a.engine, a.reg, engine_system(), a.arena, &report, &call)));
    status refused = call_end(&call, use_erase(&call, &erase));
    assert_int_equal(refused.fault, FAULT_STORE);
    assert_non_null(strstr(report.text, "nothing is changed in a turn that others share"));
    assert_true(is_ok(engine_end(a.engine, &report)));
    assert_true(reg_met(a.reg));
    assert_int_equal(entries(), before);
    assert_int_equal(used(&b), 2);
    erases(&a);
    assert_false(reg_met(a.reg));
    assert_int_equal(used(&b), 0);
}

/* ---- bad days ---- */

/* Its entry is there, as it was kept, and nobody was told anything. */
static void who_dies_between_database_and_files_has_shown_nothing_and_its_entry_stays(void **state)
{
    struct turn turn;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4);
    long before = entries();
    opens(&turn, &a);
    reads(&turn);
    fails_at = "log.append";
    fails_after = 0;
    assert_false(is_ok(ends(&turn)));
    assert_true(engine_failed(a.engine));
    assert_false(turn.reads[0].done);
    assert_int_equal(entries(), before + 1);
    engine_close(&a.engine);
    assert_int_equal(used(&b), 2);
    two_serve(&a, "a", name);
    assert_int_equal(used(&a), 2);
    one_log();
}

static void a_turn_of_uses_that_is_not_kept_shows_nothing_and_the_next_goes_on(void **state)
{
    struct turn turn;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4);
    long before = entries();
    opens(&turn, &a);
    reads(&turn);
    fails_at = "data.commit";
    fails_after = 0;
    assert_true(is_ok(ends(&turn)));
    assert_int_equal(turn.reads[0].got.fault, FAULT_STORE);
    assert_int_equal(entries(), before);
    assert_int_equal(used(&b) + used(&a), 4);
    one_log();
}

/* The session that adds to the log holds the row of turns. */
static const char whose[] = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE relation "
                            "= 'turn'::regclass AND mode = 'RowShareLock' AND ?1::text <> ''";

static void cut_before_commit(const char *seam)
{
    if (strcmp(seam, "data.commit") == 0)
        assert_int_equal(data_count(whose), 1);
}

static void a_session_that_is_lost_before_its_entries_were_kept_shows_nothing(void **state)
{
    struct turn turn;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4);
    long before = entries();
    opens(&turn, &a);
    reads(&turn);
    comes_to = cut_before_commit;
    assert_true(is_ok(ends(&turn)));
    comes_to = NULL;
    assert_int_equal(turn.reads[0].got.fault, FAULT_STORE);
    assert_int_equal(entries(), before);
    assert_int_equal(used(&b) + used(&a), 4);
    one_log();
}

/* The COMMIT waits for a standby that is not there, and its session is ended when it was kept. */
static void *cuts_what_waits(void *self)
{
    static const char waits[] = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                "WHERE wait_event = 'SyncRep' AND query = 'COMMIT' AND "
                                "?1::text <> ''";
    unsigned looks = 0;
    while (data_count(waits) == 0 && ++looks < LOOKS)
        ;
    postgres_server_set(&database, "ALTER SYSTEM RESET synchronous_standby_names");
    *(bool *)self = looks < LOOKS;
    return NULL;
}

/* A while passes until commits do wait: one is tried after the other. */
static void wait_for_nobody(const char *seam)
{
    bool waits = false;
    if (strcmp(seam, "data.commit") != 0)
        return;
    postgres_server_set(&database, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    for (unsigned i = 0; !waits; i++) {
        PGconn *tries = PQconnectdb(database.address);
        assert_int_equal(PQsendQuery(tries, "CREATE TABLE tried (it bigint); DROP TABLE tried"), 1);
        while (!waits && PQconsumeInput(tries) && PQisBusy(tries))
            waits = data_count("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' "
                               "AND ?1::text <> ''") > 0;
        PQfinish(tries);
        assert_true(i < LOOKS);
    }
}

static void a_session_that_is_lost_while_its_entries_are_kept_finds_them_again(void **state)
{
    struct turn turn;
    pthread_t cutting;
    bool cut = false;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4);
    long before = entries();
    opens(&turn, &a);
    reads(&turn);
    comes_to = wait_for_nobody;
    assert_int_equal(pthread_create(&cutting, NULL, cuts_what_waits, &cut), 0);
    assert_true(is_ok(ends(&turn)));
    comes_to = NULL;
    assert_int_equal(pthread_join(cutting, NULL), 0);
    assert_true(cut);
    assert_int_equal(shown(&turn, 0), 2);
    assert_int_equal(entries(), before + 1);
    assert_int_equal(used(&b) + used(&a), 4);
    one_log();
}

static void end_batons(void)
{
    assert_true(data_count("SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE relation = "
                           "'baton'::regclass AND mode = 'RowShareLock' AND ?1::text <> ''") > 0);
}

static void end_batons_after_commit(const char *seam)
{
    if (strcmp(seam, "log.append") == 0)
        end_batons();
}

static void who_lost_the_baton_when_its_entries_were_kept_sends_nothing_and_ends(void **state)
{
    struct turn turn;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4);
    opens(&turn, &a);
    reads(&turn);
    comes_to = end_batons_after_commit;
    assert_false(is_ok(ends(&turn)));
    assert_true(engine_failed(a.engine));
}

/* Nothing of the turn is told, nothing is in the log, and its uses are asked for again. */
static void assert_to_be_asked_again(const struct turn *turn)
{
    assert_int_equal(turn->reads[0].got.fault, FAULT_STORE);
    assert_true(reg_met(turn->f->reg));
}

/* ---- a baton that is lost, and another one is alone ---- */

struct change {
    struct call call;
    struct report report;
    struct erase_run run;
    status got;
};

static void change_told(void *self, struct call *call, status result)
{
    (void)call;
    ((struct change *)self)->got = result;
}

/* Within a turn that the second server has alone. */
static void changes(struct change *change)
{
    *change = (struct change){.run.request = {.subject = person}};
    assert_true(is_ok(
        call_begin(b.engine, b.reg, engine_system(), b.arena, &change->report, &change->call)));
    status got = call_end(&change->call, use_erase(&change->call, &change->run));
    assert_true(is_ok(got));
    call_hold(&change->call, change_told, change, got);
}

static void is_alone(struct fixture *f)
{
    engine_begin(f->engine);
    assert_true(is_ok(engine_enter(f->reg, &f->report)));
}

/* Which of this process's sockets is the session of the first server's baton: the one that is made
 * when the last one was ended. */
static int baton_socket(void)
{
    struct turn turn;
    bool open[SOCKETS_MOST];
    int found = -1;
    assert_int_equal(used(&a) + used(&b), 4);
    opens(&turn, &a);
    assert_true(is_ok(engine_enter(a.reg, &a.report)));
    end_batons();
    assert_true(is_ok(ends(&turn)));
    for (int i = 0; i < SOCKETS_MOST; i++)
        open[i] = fcntl(i, F_GETFD) >= 0;
    assert_int_equal(used(&a), 2);
    for (int i = 0; i < SOCKETS_MOST; i++) {
        if (open[i] || fcntl(i, F_GETFD) < 0)
            continue;
        assert_int_equal(found, -1);
        found = i;
    }
    assert_true(found >= 0);
    return found;
}

static void *hears_once(void *end)
{
    char said[64];
    (void)!read(*(int *)end, said, sizeof(said));
    close(*(int *)end);
    return NULL;
}

/* The database sees the end of that session. To the server it is a line on which nothing comes,
 * until something is said there. */
static void lost_without_a_word(int session)
{
    int line[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line), 0);
    assert_int_equal(fcntl(line[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(dup2(line[0], session), session);
    close(line[0]);
    far_end = line[1];
    assert_int_equal(pthread_create(&hearing, NULL, hears_once, &far_end), 0);
}

static void
who_lost_the_baton_adds_nothing_to_the_log_in_the_turn_of_whoever_has_it_now(void **state)
{
    struct turn turn;
    struct change change;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4);
    opens(&turn, &a);
    reads(&turn);
    end_batons();
    is_alone(&b);
    long before = entries();
    assert_true(is_ok(ends(&turn)));
    assert_to_be_asked_again(&turn);
    assert_int_equal(entries(), before);
    changes(&change);
    assert_true(is_ok(engine_end(b.engine, &b.report)));
    assert_true(is_ok(change.got));
    assert_int_equal(used(&a), 0);
    one_log();
}

/* Of two that give a number, since one of them does not know that it is not alone any more, one is
 * kept; whoever was alone asks again. */
static void
an_entry_whose_number_was_given_within_a_turn_alone_makes_that_turn_be_asked_again(void **state)
{
    struct turn turn;
    struct change change;
    (void)state;
    int session = baton_socket();
    opens(&turn, &a);
    reads(&turn);
    long before = entries();
    lost_without_a_word(session);
    is_alone(&b);
    assert_false(is_ok(ends(&turn)));
    assert_true(engine_failed(a.engine));
    assert_int_equal(entries(), before + 1);
    changes(&change);
    assert_true(is_ok(engine_end(b.engine, &b.report)));
    assert_int_equal(change.got.fault, FAULT_STORE);
    assert_true(reg_met(b.reg));
    assert_int_equal(used(&b), 2);
    erases(&b);
    engine_close(&a.engine);
    two_serve(&a, "a", name);
    assert_int_equal(used(&a), 0);
    one_log();
}

static void *ends_meanwhile(void *turn)
{
    if (!is_ok(ends(turn)))
        return NULL;
    return turn;
}

static void until_row_is_awaited(void)
{
    for (unsigned i = 0;
         data_count("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid' AND "
                    "query LIKE '%FOR UPDATE%' AND ?1::text <> ''") != 1;
         i++)
        assert_true(i < LOOKS);
}

/* What was written and not waited for is there, too, when something is read after it. */
static void reaches_the_database(struct fixture *f)
{
    str value;
    assert_true(is_ok(vault_meta(f->reg->vault, STR("whole"), f->arena, &f->report, &value)));
}

/* It is not known that the baton was lost, and the other's turn is under way. */
static void who_lost_the_baton_waits_for_a_turn_that_is_under_way_and_asks_again(void **state)
{
    struct turn turn;
    struct change change;
    pthread_t ending;
    void *ended = NULL;
    (void)state;
    int session = baton_socket();
    opens(&turn, &a);
    reads(&turn);
    lost_without_a_word(session);
    is_alone(&b);
    changes(&change);
    reaches_the_database(&b);
    assert_int_equal(pthread_create(&ending, NULL, ends_meanwhile, &turn), 0);
    until_row_is_awaited();
    assert_true(is_ok(engine_end(b.engine, &b.report)));
    assert_int_equal(pthread_join(ending, &ended), 0);
    assert_ptr_equal(ended, &turn);
    assert_to_be_asked_again(&turn);
    assert_true(is_ok(change.got));
    assert_int_equal(used(&a), 0);
    one_log();
}

/* ---- a baton that is lost by whoever is alone, and another one uses ---- */

static int lost_session;
static struct turn used_meanwhile;
static pthread_t using_meanwhile;

static void *uses_meanwhile(void *turn)
{
    opens(turn, &b);
    reads(turn);
    return is_ok(ends(turn)) ? turn : NULL;
}

/* The first one's fence is kept, its data is written and not kept yet; the other one has read, and
 * would number its entry. */
static void another_uses(const char *seam)
{
    if (strcmp(seam, "data.commit") != 0)
        return;
    comes_to = NULL;
    lost_without_a_word(lost_session);
    assert_int_equal(pthread_create(&using_meanwhile, NULL, uses_meanwhile, &used_meanwhile), 0);
    until_row_is_awaited();
}

static void erases_alone_and_loses_the_baton(const char *dies_at)
{
    struct erase_run erase = {.request = {.subject = person}};
    void *ended = NULL;
    lost_session = baton_socket();
    engine_close(&b.engine);
    two_serve(&b, "b", name); /* it knows nobody yet */
    comes_to = another_uses;
    fails_at = dies_at;
    fails_after = 0;
    assert_false(is_ok(run(&a, use_erase, &erase)));
    assert_true(engine_failed(a.engine));
    assert_int_equal(pthread_join(using_meanwhile, &ended), 0);
    assert_ptr_equal(ended, &used_meanwhile);
    engine_close(&a.engine);
}

static void a_use_within_a_change_that_is_kept_after_all_is_asked_again(void **state)
{
    (void)state;
    erases_alone_and_loses_the_baton(NULL);
    assert_to_be_asked_again(&used_meanwhile);
    assert_int_equal(used(&b), 0);
    two_serve(&a, "a", name);
    one_log();
}

static void a_use_within_a_change_that_is_not_kept_is_of_what_was_before_it(void **state)
{
    (void)state;
    erases_alone_and_loses_the_baton("data.commit");
    assert_true(is_ok(used_meanwhile.reads[0].got));
    assert_int_equal(shown(&used_meanwhile, 0), 2);
    assert_int_equal(used(&b), 2);
    two_serve(&a, "a", name);
    one_log();
}

/* Another one was alone meanwhile, and its change was acknowledged. */
static void who_lost_the_baton_to_a_change_shows_nothing_of_what_it_read_before(void **state)
{
    struct turn turn;
    (void)state;
    int session = baton_socket();
    opens(&turn, &a);
    reads(&turn);
    lost_without_a_word(session);
    erases(&b);
    long before = entries();
    assert_true(is_ok(ends(&turn)));
    assert_to_be_asked_again(&turn);
    assert_int_equal(entries(), before);
    assert_int_equal(used(&a), 0);
    one_log();
}

/* As what a dead one had on its way may come: it is kept when the entries of uses were. */
static void change_unseen(const char *seam)
{
    if (strcmp(seam, "log.append") == 0)
        assert_int_equal(data_count("WITH late AS (UPDATE turn SET number = number + 1 RETURNING 1)"
                                    " SELECT count(*) FROM late WHERE ?1::text <> ''"),
                         1);
}

static void what_changes_before_a_turn_of_uses_is_left_is_noticed_and_nothing_sent(void **state)
{
    struct turn turn;
    (void)state;
    assert_int_equal(used(&a) + used(&b), 4);
    opens(&turn, &a);
    reads(&turn);
    comes_to = change_unseen;
    assert_false(is_ok(ends(&turn)));
    assert_true(engine_failed(a.engine));
}

/* What a dead one left in the keys alone is put right by who is alone, before anybody uses. */
static void a_turn_that_died_between_keys_and_data_is_undone_before_anybody_uses(void **state)
{
    struct erase_run erase = {.request = {.subject = person}};
    struct turn turn;
    (void)state;
    assert_int_equal(used(&a), 2);
    opens(&turn, &b); /* it knows the number, and has no keys of hers in memory */
    assert_true(is_ok(engine_enter(b.reg, &b.report)));
    assert_true(is_ok(ends(&turn)));
    fails_at = "data.commit";
    fails_after = 0;
    assert_false(is_ok(run(&a, use_erase, &erase)));
    assert_true(engine_failed(a.engine));
    engine_close(&a.engine);
    for (unsigned i = 0; data_count("SELECT count(*) FROM turn, pg_stat_activity AS session "
                                    "WHERE session.pid = turn.pid AND ?1::text <> ''") > 0;
         i++) /* until the database has seen the end of a session */
        assert_true(i < LOOKS);
    assert_int_equal(used(&b), 2);
    two_serve(&a, "a", name);
    assert_int_equal(used(&a), 2);
    one_log();
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&database);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* A session that stands in a turn for 20 seconds is ended (beside.postgres.sql). On a machine that
 * stands still for as long, which virtual ones do, that is any turn, and of that these tests know
 * nothing. All of them take a few seconds. */
enum { STOOD_STILL_MS = 25000 };

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_servers_use_data_at_the_same_time_and_their_entries_are_one_after_the_other),
        TEST(turns_that_overlap_in_any_way_leave_each_entry_once_in_one_log),
        TEST(who_changes_something_waits_for_uses_and_later_uses_wait_for_that),
        TEST(who_is_on_duty_is_asked_while_another_uses),
        TEST(what_would_be_changed_in_a_turn_of_uses_is_refused_and_may_be_asked_again),
        TEST(who_dies_between_database_and_files_has_shown_nothing_and_its_entry_stays),
        TEST(a_turn_of_uses_that_is_not_kept_shows_nothing_and_the_next_goes_on),
        TEST(a_session_that_is_lost_before_its_entries_were_kept_shows_nothing),
        TEST(a_session_that_is_lost_while_its_entries_are_kept_finds_them_again),
        TEST(who_lost_the_baton_when_its_entries_were_kept_sends_nothing_and_ends),
        TEST(who_lost_the_baton_adds_nothing_to_the_log_in_the_turn_of_whoever_has_it_now),
        TEST(an_entry_whose_number_was_given_within_a_turn_alone_makes_that_turn_be_asked_again),
        TEST(who_lost_the_baton_waits_for_a_turn_that_is_under_way_and_asks_again),
        TEST(who_lost_the_baton_to_a_change_shows_nothing_of_what_it_read_before),
        TEST(a_use_within_a_change_that_is_kept_after_all_is_asked_again),
        TEST(a_use_within_a_change_that_is_not_kept_is_of_what_was_before_it),
        TEST(what_changes_before_a_turn_of_uses_is_left_is_noticed_and_nothing_sent),
        TEST(a_turn_that_died_between_keys_and_data_is_undone_before_anybody_uses),
    };
    if (!postgres_server_start(&database, ""))
        return 77;
    instant began = world_now(world_real());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed > 0 && world_now(world_real()).ms - began.ms >= STOOD_STILL_MS) {
        print_message("The machine stood still, so that sessions were ended: once more.\n");
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    }
    (void)stopped(NULL);
    return failed;
}
