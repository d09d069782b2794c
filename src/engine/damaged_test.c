/* What the engine wrote itself and finds otherwise: nothing is guessed, and each is named. */
#include "engine_fixture.h"

#include "engine_internal.h"

#define START "2026-03-01T09:00:00Z"

static void begin(struct fixture *f)
{
    fixture_start(f, 91, START);
    fixture_register(f, "example", START);
}

/* What has these words does not open. */
static void does_not_open(struct fixture *f, const char *words)
{
    fixture_close(f);
    struct engine_config config = fixture_config(f);
    f->report = (struct report){0};
    status opened = engine_open(&config, &f->report, &f->engine);
    if (opened.fault != FAULT_CORRUPT || strstr(f->report.text, words) == NULL)
        fail_msg("wanted \"%s\", got %s: %s", words, fault_name(opened.fault), f->report.text);
    fixture_stop(f);
}

static void what_data_db_says_of_the_register_is_whole_or_it_does_not_open(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *words;
    } rows[] = {
        {"own", "", "the own dossier of example is not there"},
        {"clock", "noon", "the simulated clock of example is not there"},
        {"guard", "0 1", "what the guards know is damaged"},
        {"restored", "lately", "says oddly that it was restored"},
        {"settling", "halfway", "says oddly how far settling has come"},
        {"lost_versions", "[{\"version\":\"1\"}]", "says oddly which versions were lost"},
        {"lost_versions", "[{\"version\":\"1\",\"text\":\"x\"}]", "which versions were lost"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct fixture f;
        begin(&f);
        assert_true(is_ok(vault_meta_set(f.reg->vault, str_from(rows[i].name),
                                         str_from(rows[i].value), &f.report)));
        assert_true(is_ok(vault_commit(f.reg->vault, &f.report)));
        does_not_open(&f, rows[i].words);
    }
}

struct own_record {
    enum dossier_kind kind;
    const char *text, *words;
};

static status put_own_record(struct call *call, void *request)
{
    const struct own_record *own = request;
    struct dossier *dossier;
    const struct permit *permit;
    record_id id;
    TRY(vault_new(call->reg->vault, own->kind, 0, call->now, call->arena, call->report, &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    TRY(call_write(call, dossier->facts, &op, "token", decision_by_scope(), NULL, 0, &permit));
    TRY(call_record(call, dossier, permit, str_from(own->text), &id));
    call->outcome.id = dossier->facts->id;
    return call_store_dossier(call, dossier, permit);
}

#define HASH   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define NOBODY "AAAAAAAAAAAAAAAAAAAAAA"

static void records_of_the_register_itself_are_whole_or_it_does_not_open(void **state)
{
    (void)state;
    static struct own_record rows[] = {
        {DOSSIER_VERSION, "{\"number\":1,\"effective\":0}",
         "the record of a policy version is damaged"},
        {DOSSIER_VERSION,
         "{\"policy_file\":\"\",\"policy\":\"\",\"deployment_file\":\"\",\"deployment\":\"\"}",
         "the record of a policy version is damaged"},
        {DOSSIER_TOKEN, "{}", "a token's record is damaged"},
        {DOSSIER_TOKEN,
         "{\"name\":\"shop\",\"scopes\":1,\"expires\":0,\"hash\":\"" HASH "\",\"staff\":\"" NOBODY
         "\",\"controller\":\"\",\"networks\":[\"nowhere\"]}",
         "a token's record is damaged"},
        {DOSSIER_WEBHOOK, "{\"url\":\"https://x.example/\"}", "a webhook's record is damaged"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct fixture f;
        begin(&f);
        RUN_OK(&f, put_own_record, &rows[i]);
        does_not_open(&f, rows[i].words);
    }
}

static void the_card_of_a_space_says_for_what_it_is(void **state)
{
    (void)state;
    struct fixture f;
    char path[200];
    begin(&f);
    str card = read_text(&f, arena_format(f.arena, "%s/register.json", f.reg->dir).ptr);
    (void)snprintf(path, sizeof(path), "%s/register.json", f.reg->dir);
    str there =
        arena_format(f.arena, "{\"space_of\":\"firm\",%.*s", (int)card.len - 1, card.ptr + 1);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(there.ptr, 1, there.len, file), there.len);
    assert_int_equal(fclose(file), 0);
    does_not_open(&f, "register.json of example is damaged");
}

/* ---- what lies beside a dossier ---- */

struct note_put {
    dossier_id dossier;
    const char *text;
    record_id id;
};

static status put_note(struct call *call, void *request)
{
    struct note_put *note = request;
    struct dossier *dossier;
    enum presence presence;
    const struct permit *permit;
    TRY(vault_load(call->reg->vault, note->dossier, call->arena, call->report, &presence,
                   &dossier));
    assert_int_equal(presence, PRESENCE_LIVE);
    struct operation op = call_operation(call, ACTION_RECORD, note->dossier);
    TRY(call_write(call, dossier->facts, &op, "note", decision_by_scope(), NULL, 0, &permit));
    note->id = vault_note_id(call->reg->vault, call->now);
    return vault_note_put(call->reg->vault, permit, note->dossier, note->id, str_from(note->text),
                          call->arena, call->report);
}

static status try_disclosures(struct call *call, void *request)
{
    const struct note_put *note = request;
    static struct disclosure_page page; /* filled once the turn has ended */
    struct disclosure_list list = {.subject = note->dossier, .limit = 10};
    return engine_disclosures(call, &list, &page);
}

static status try_duty_done(struct call *call, void *request)
{
    const struct note_put *note = request;
    struct duty_done done = {.party = note->dossier, .duty = note->id, .proof = STR("letter 7")};
    return engine_duty_done(call, &done);
}

static status try_events(struct call *call, void *request)
{
    const struct note_put *note = request;
    static struct webhook_events list;
    return engine_webhook_events(call, note->dossier, (record_id){{0}}, 10, &list);
}

static void notes_beside_a_dossier_say_what_they_must(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct subject_create nobody = {0};
    struct party_create party = {.kind = STR("carrier"), .name = STR("Post AS")};
    struct note_put note = {.text = "{}"};
    RUN_OK(&f, use_subject_create, &nobody);
    note.dossier = f.call.outcome.id;
    RUN_OK(&f, put_note, &note);
    RUN_SAYS(&f, try_disclosures, &note, FAULT_CORRUPT, "a disclosure does not say when it was");
    RUN_OK(&f, use_party_create, &party);
    note.dossier = f.call.outcome.id;
    RUN_OK(&f, put_note, &note);
    RUN_SAYS(&f, try_duty_done, &note, FAULT_CORRUPT,
             "a duty does not say whom and what it is about");
    RUN_OK(&f, make_webhook, NULL);
    note.dossier = f.call.outcome.id;
    RUN_OK(&f, put_note, &note);
    RUN_SAYS(&f, try_events, &note, FAULT_CORRUPT, "an event that waits is damaged");
    fixture_stop(&f);
}

/* ---- what was kept to be answered again ---- */

static status keep_part(struct call *call, void *request)
{
    struct vault_once once = {
        .http = 201, .ids = STR("half"), .expires = {call->now.ms + 3600000}};
    blind key;
    (void)request;
    keys_tag(vault_keys(call->reg->vault), STR("once-key"), STR("order-7"), &key);
    keys_tag(vault_keys(call->reg->vault), STR("once-request"), STR("body"), &once.request);
    return vault_once_put(call->reg->vault, call->caller->token, key, &once, call->report);
}

static status try_again(struct call *call, void *request)
{
    bool again;
    (void)request;
    return call_once(call, STR("order-7"), STR("body"), &again);
}

static void what_was_kept_of_a_first_request_is_whole(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    RUN_OK(&f, keep_part, NULL);
    RUN_SAYS(&f, try_again, NULL, FAULT_CORRUPT, "what was kept of the first request is damaged");
    fixture_stop(&f);
}

/* ---- a version of the policy that is not there any more ---- */

static status take_away(struct call *call, void *request)
{
    struct dossier *dossier;
    enum presence presence;
    const struct permit *permit;
    dossier_id id = *(const dossier_id *)request;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, id);
    TRY(call_write(call, dossier->facts, &op, "gone", decision_by_scope(), NULL, 0, &permit));
    call_touched(call, id);
    return vault_erase(call->reg->vault, permit, dossier, (record_id){{0}}, call->now, call->arena,
                       call->report);
}

static status try_version_text(struct call *call, void *request)
{
    return engine_version_text(call, STR("2026-01"), request);
}

static void a_version_that_is_gone_or_no_version_is_not_told(void **state)
{
    (void)state;
    struct fixture f;
    static str document; /* filled once the turn has ended */
    begin(&f);
    dossier_id version = f.reg->history[0].id;
    static struct own_record empty = {.kind = DOSSIER_VERSION, .text = "{}"};
    RUN_OK(&f, put_own_record, &empty);
    f.reg->history[0].id = f.call.outcome.id;
    RUN_SAYS(&f, try_version_text, &document, FAULT_CORRUPT, "a policy version is damaged");
    RUN_OK(&f, take_away, &f.reg->history[0].id);
    RUN_SAYS(&f, try_version_text, &document, FAULT_CORRUPT, "of example does not open");
    f.reg->history[0].id = version;
    assert_int_equal(run_meanwhile(&f, try_version_text, &document, take_away, &version).fault,
                     FAULT_CORRUPT);
    does_not_open(&f, "register example has no policy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_data_db_says_of_the_register_is_whole_or_it_does_not_open),
        cmocka_unit_test(records_of_the_register_itself_are_whole_or_it_does_not_open),
        cmocka_unit_test(the_card_of_a_space_says_for_what_it_is),
        cmocka_unit_test(notes_beside_a_dossier_say_what_they_must),
        cmocka_unit_test(what_was_kept_of_a_first_request_is_whole),
        cmocka_unit_test(a_version_that_is_gone_or_no_version_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
