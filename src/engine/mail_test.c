/* Letters of ours on their way: whose they are meanwhile, when they are no more, what they must
 * say. */
#include "engine_fixture.h"

#include "engine_internal.h"

#define START "2026-03-01T09:00:00Z"

static dossier_id begin(struct fixture *f)
{
    struct subject_create nobody = {0};
    fixture_start(f, 93, START);
    fixture_register(f, "example", START);
    RUN_OK(f, use_subject_create, &nobody);
    return f->call.outcome.id;
}

struct letter_put {
    dossier_id person;
    record_id item;   /* zero: to an address that the letter names */
    const char *name; /* of a paper; "" for a link, a code */
    const char *json;
    record_id task;
};

static status put_letter(struct call *call, void *request)
{
    struct letter_put *letter = request;
    struct subject subject;
    const struct permit *permit;
    struct fact_task task = {.kind = TASK_LETTER, .item = letter->item, .due = NEVER};
    TRY(call_open(call, letter->person, &subject));
    struct operation op = call_operation(call, ACTION_RECORD, letter->person);
    TRY(call_write(call, subject.dossier->facts, &op, "letter", decision_by_scope(), NULL, 0,
                   &permit));
    if (letter->name[0] != '\0')
        task.name = words_intern(call->reg->words, str_from(letter->name));
    TRY(call_task_add(call, subject.dossier, permit, &task, str_from(letter->json)));
    letter->task = task.id;
    return call_store(call, &subject, permit);
}

static status try_mail_take(struct call *call, void *request)
{
    const struct letter_put *letter = request;
    static struct mail_content content; /* filled once the turn has ended */
    struct mail_request mail = {.dossier = letter->person, .task = letter->task};
    return engine_mail_take(call, &mail, &content);
}

static status try_mail_settle(struct call *call, void *request)
{
    const struct letter_put *letter = request;
    struct mail_result result = {.request = {.dossier = letter->person, .task = letter->task},
                                 .delivered = true,
                                 .code = 250};
    return engine_mail_settle(call, &result);
}

static void a_mail_that_waits_says_what_it_is(void **state)
{
    (void)state;
    static struct letter_put rows[] = {
        {.name = "", .json = "{\"item\":\"AAAAAAAAAAAAAAAAAAAAAA\"}"},
        {.name = "", .json = "{\"letter\":\"link\",\"browser\":\"x\"}"},
        {.name = "notice", .json = "{\"text\":\"What we hold\"}"},
    };
    struct fixture f;
    dossier_id person = begin(&f);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        rows[i].person = person;
        RUN_OK(&f, put_letter, &rows[i]);
        RUN_SAYS(&f, try_mail_take, &rows[i], FAULT_CORRUPT, "a mail that waits is damaged");
    }
    struct letter_put told = {.person = person, .name = "breach", .json = "{}"};
    RUN_OK(&f, put_letter, &told);
    RUN_SAYS(&f, try_mail_settle, &told, FAULT_CORRUPT, "a mail that waits is damaged");
    fixture_stop(&f);
}

#define CHANGED "{\"letter\":\"changed\",\"to\":\"kari@example.test\"}"

static void a_letter_is_its_takers_for_ten_minutes(void **state)
{
    (void)state;
    struct fixture f;
    struct letter_put letter = {.person = begin(&f), .name = "", .json = CHANGED};
    RUN_OK(&f, put_letter, &letter);
    RUN_OK(&f, try_mail_take, &letter);
    RUN_SAYS(&f, try_mail_take, &letter, FAULT_CONFLICT, "another is sending this");
    move_clock(&f, "2026-03-01T09:10:00Z");
    RUN_OK(&f, try_mail_take, &letter);
    fixture_stop(&f);
}

static void a_letter_that_is_late_or_goes_nowhere_is_not_sent(void **state)
{
    (void)state;
    struct fixture f;
    struct letter_put late = {.person = begin(&f), .name = "", .json = CHANGED};
    struct letter_put lost = late;
    lost.item = (record_id){{7}}; /* an address that was taken away */
    RUN_OK(&f, put_letter, &lost);
    RUN_FAULT(&f, try_mail_take, &lost, FAULT_GONE);
    RUN_OK(&f, put_letter, &late);
    f.reg->clock = at_time("2026-03-11T09:00:00Z"); /* before a sweep */
    uint64_t entries = audit_size(reg_log(f.reg));
    RUN_FAULT(&f, try_mail_take, &late, FAULT_GONE);
    assert_int_equal(audit_size(reg_log(f.reg)), entries); /* nobody takes it */
    fixture_stop(&f);
}

/* The entry is not durable before the turn ends, and nothing is opened before that. */
static void a_letter_of_one_who_is_erased_in_the_same_turn_is_not_opened(void **state)
{
    (void)state;
    struct fixture f;
    struct letter_put letter = {.person = begin(&f), .name = "", .json = CHANGED};
    RUN_OK(&f, put_letter, &letter);
    struct erase_run erase = {.request = {.subject = letter.person, .warned = true}};
    assert_int_equal(run_meanwhile(&f, try_mail_take, &letter, use_erase, &erase).fault,
                     FAULT_GONE);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_that_waits_says_what_it_is),
        cmocka_unit_test(a_letter_is_its_takers_for_ten_minutes),
        cmocka_unit_test(a_letter_that_is_late_or_goes_nowhere_is_not_sent),
        cmocka_unit_test(a_letter_of_one_who_is_erased_in_the_same_turn_is_not_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
