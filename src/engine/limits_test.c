/* A register holds so much and no more: at each limit there is a refusal that names it. */
#include "library.h"

#include "engine_internal.h"
#include "processing.h"

#define START "2026-03-01T09:00:00Z"

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    fixture_start(f, 92, START);
    fixture_register(f, "example", START);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fixture_stop(f);
    free(f);
    return 0;
}

#define PAST(f, use, request, words) RUN_SAYS(f, use, request, FAULT_LIMIT, words)

/* Past a limit, in a text that holds these words. */
static void is_past(status got, const struct report *report, const char *words)
{
    if (got.fault != FAULT_LIMIT || strstr(report->text, words) == NULL)
        fail_msg("wanted \"%s\", got %s: %s", words, fault_name(got.fault), report->text);
}

/* ---- what is counted while the register is open ---- */

/* With others than the one that is stored: what is known already is not loaded again. */
static void fill_versions(struct reg *reg)
{
    struct version_state other = reg->history[0];
    other.id = (dossier_id){{1}};
    for (size_t i = 0; i < REG_VERSIONS; i++)
        reg->history[i] = other;
    reg->history_count = REG_VERSIONS;
}

static void a_register_holds_so_many_versions(void **state)
{
    struct fixture *f = *state;
    struct report report = {0};
    struct version_state one = f->reg->history[0];
    fill_versions(f->reg);
    is_past(reg_add_version(f->reg, &one, &report), &report, "at most 256 versions");
    report = (struct report){0};
    is_past(reg_load_own(f->reg, &report), &report, "at most 256 versions");
    str policy = read_text(f, "policies/example.yaml"), name = STR("\nversion: ");
    const char *at = memmem(policy.ptr, policy.len, name.ptr, name.len);
    assert_non_null(at);
    str before_it = {policy.ptr, (size_t)(at - policy.ptr)};
    str from = str_slice(policy, before_it.len + name.len, policy.len);
    str rest = str_slice(from, (size_t)((const char *)memchr(from.ptr, '\n', from.len) - from.ptr),
                         from.len);
    struct version_run version = {
        .request = {.policy_file = STR("example.yaml"),
                    .policy = arena_format(f->arena, "%.*s\nversion: \"next\"%.*s",
                                           STR_ARG(before_it), STR_ARG(rest)),
                    .preview = true},
        .problems = {.arena = f->arena}};
    PAST(f, use_version, &version, "at most 256 versions");
    f->reg->lost_count = REG_VERSIONS;
    report = (struct report){0};
    is_past(reg_find_lost_versions(f->reg, &report), &report, "at most 256 versions");
    f->reg->history[0] = one;
    f->reg->history_count = 1;
    f->reg->lost_count = 0;
}

static void know_names(struct fixture *f, size_t count)
{
    for (size_t i = words_count(f->reg->words); i < count; i++) {
        char name[24];
        (void)snprintf(name, sizeof(name), "name-%zu", i);
        assert_int_not_equal(words_intern(f->reg->words, str_from(name)), 0);
    }
}

static void a_register_knows_so_many_names(void **state)
{
    struct fixture *f = *state;
    struct party_create party = {.kind = STR("carrier"), .name = STR("Post AS")};
    know_names(f, REG_FREE_NAMES);
    PAST(f, use_party_create, &party, "knows too many names");
    party.name = STR("name-40000"); /* one that it knows */
    RUN_OK(f, use_party_create, &party);
    know_names(f, REG_WORDS);
    struct policy_source policy = {STR("example.yaml"), read_text(f, "policies/example.yaml")};
    struct problems problems = {.arena = f->arena};
    struct report report = {0};
    const struct plan *plan;
    is_past(reg_compile(f->reg, &policy, NULL, f->arena, &problems, &report, &plan), &report,
            "open it anew");
}

static void a_register_holds_so_many_tokens_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct token_run run_ = {.request = {.name = STR("shop"), .scopes = STR("read")}};
    struct token **all = calloc(REG_TOKENS, sizeof(struct token *)), **kept = f->reg->tokens.at;
    size_t count = f->reg->tokens.count;
    assert_non_null(all);
    for (size_t i = 0; i < REG_TOKENS; i++)
        all[i] = kept[0];
    f->reg->tokens.at = all;
    f->reg->tokens.count = REG_TOKENS;
    status made = run(f, use_token, &run_);
    f->reg->tokens.at = kept;
    f->reg->tokens.count = count;
    free(all);
    is_past(made, &f->report, "at most 8192 tokens");
    RUN_OK(f, use_token, &run_);
}

static status rotate_webhook(struct call *call, void *request)
{
    struct webhook_rotated rotated;
    struct webhook_rotate rotate = {.webhook = *(const dossier_id *)request};
    return engine_webhook_rotate(call, &rotate, &rotated);
}

static void a_register_has_so_many_webhooks_and_each_so_many_secrets(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 64; i++)
        RUN_OK(f, make_webhook, NULL);
    dossier_id last = f->call.outcome.id;
    PAST(f, make_webhook, NULL, "at most 64 webhooks");
    for (int i = 0; i < 64; i++)
        RUN_OK(f, rotate_webhook, &last);
    PAST(f, rotate_webhook, &last, "changes at most 64 times");
}

enum { PURPOSES = 4200 };

/* A policy of that many purposes for one loan. */
static str many_purposes(struct fixture *f, str names[PURPOSES])
{
    struct buf buf = buf_in(f->arena, 1 << 20);
    buf_text(&buf, HEAD("1", "2026-01-01"));
    for (int i = 0; i < PURPOSES; i++) {
        names[i] = arena_format(f->arena, "p%04d", i);
        buf_format(&buf,
                   "  %.*s: { basis: public_task, roles: [reader], uses: [loan], keep: 24 months "
                   "after collected }\n",
                   STR_ARG(names[i]));
    }
    return buf_str(&buf);
}

static void a_version_changes_so_many_clauses_at_a_time(void **state)
{
    struct fixture *f = *state;
    static str names[PURPOSES];
    struct register_create create = {.name = STR("library"),
                                     .policy_file = STR("library.yaml"),
                                     .policy = many_purposes(f, names),
                                     .simulated = true,
                                     .start = at_time(START)};
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("register: %s", f->report.text);
    f->reg = engine_register(f->engine, STR("library"));
    for (size_t k = 0; k < 3; k++) { /* who were told of a third of them each */
        struct borrower someone = borrower_for(f, "p0000");
        struct collect_value value = {STR("loan.book"), STR("Sult"), true};
        struct collect_run collect = {.request = {.subject = someone.id,
                                                  .intake = STR("desk"),
                                                  .source = STR("person"),
                                                  .values = &value,
                                                  .value_count = 1,
                                                  .purposes = names + k * PURPOSES / 3,
                                                  .purpose_count = PURPOSES / 3}};
        RUN_OK(f, use_collect, &collect);
    }
    struct version_run other = version(f, WIDER); /* which has none of them */
    PAST(f, use_version, &other, "changes more than 4096 clauses");
}

/* ---- what one call may do ---- */

static status remember_much(struct call *call, void *request)
{
    static record_id items[5000];
    (void)request;
    call->once = true;
    call->outcome.items = items;
    call->outcome.item_count = LENGTH(items);
    return call_remember(call);
}

static void a_write_that_can_be_repeated_is_of_a_size(void **state)
{
    struct fixture *f = *state;
    PAST(f, remember_much, NULL, "too much for one write");
}

static status make_parties(struct call *call, void *request)
{
    size_t count = *(const size_t *)request;
    for (size_t i = 0; i < count; i++) {
        struct party_create party = {.kind = STR("carrier"), .name = STR("Post AS")};
        TRY(engine_party_create(call, &party));
    }
    return OK;
}

static status use_record(struct call *call, void *request)
{
    struct processing ask = {0};
    struct paper *paper;
    (void)request;
    return engine_processing(call, &ask, &paper);
}

static void a_record_of_processing_tells_of_so_many_parties(void **state)
{
    struct fixture *f = *state;
    size_t count = 200;
    for (int i = 0; i < 5; i++)
        RUN_OK(f, make_parties, &count);
    RUN_OK(f, use_record, NULL);
    count = 1;
    RUN_OK(f, make_parties, &count);
    PAST(f, use_record, NULL, "at most 1000 parties");
}

/* ---- folders ---- */

static void a_folder_whose_path_is_too_long_is_none(void **state)
{
    struct fixture *f = *state;
    const char *dir = f->reg->dir;
    char longer[4096];
    struct report report = {0};
    memset(longer, '/', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0'; /* cut off, anything below it is the root of all folders */
    f->reg->dir = longer;
    is_past(reg_keep_verifier(f->reg, &report), &report, "a path is too long");
    report = (struct report){0};
    is_past(reg_list_lost(f->reg, &report), &report, "a path is too long");
    f->reg->dir = dir;
    assert_false(register_is_retired(longer));
}

static void a_chain_has_so_many_parties(void **state)
{
    struct fixture *f = *state;
    f->reg = fixture_register(f, "confect", START);
    struct party_create party = {.kind = STR("subcontractor"), .name = STR("Vert AS")};
    for (int i = 0; i < 8; i++) {
        RUN_OK(f, use_party_create, &party);
        party.under = f->call.outcome.id;
    }
    PAST(f, use_party_create, &party, "at most 8 parties");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_register_holds_so_many_versions),
        TEST(a_register_knows_so_many_names),
        TEST(a_register_holds_so_many_tokens_at_a_time),
        TEST(a_register_has_so_many_webhooks_and_each_so_many_secrets),
        TEST(a_version_changes_so_many_clauses_at_a_time),
        TEST(a_write_that_can_be_repeated_is_of_a_size),
        TEST(a_record_of_processing_tells_of_so_many_parties),
        TEST(a_folder_whose_path_is_too_long_is_none),
        TEST(a_chain_has_so_many_parties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
