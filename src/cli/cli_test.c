/* Commands as they are typed: what they print, how they end, offline and against a server that runs
 * in a thread of the test. */
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>
#include "cli_internal.h"
#include "file.h"
#include "server.h"

enum { WORDS = 24, OUT_BYTES = 1 << 20 };

struct fixture {
    char dir[64], data[80], root[96], token[96], url[64];
    struct arena *arena;
    char *out, *err; /* of the last command */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int port, served; /* 0: not yet */
    struct settings settings;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->arena = arena_new(OUT_BYTES);
    snprintf(f->dir, sizeof(f->dir), "/tmp/vern-cli-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->data, sizeof(f->data), "%s/data", f->dir);
    snprintf(f->root, sizeof(f->root), "%s/data.root", f->dir);
    snprintf(f->token, sizeof(f->token), "%s/token", f->dir);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    *state = f;
    return 0;
}

static int remove_entry(const char *path, const struct stat *stat_, int kind, struct FTW *walk)
{
    (void)stat_;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    nftw(f->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(f->out);
    free(f->err);
    arena_free(&f->arena);
    free(f);
    return 0;
}

/* Runs `vern` with these words and keeps what it printed. */
static int vern_in(struct fixture *f, const char *input, const char *const *words)
{
    char *copies[WORDS] = {NULL};
    int count = 0;
    for (; words[count] != NULL; count++) {
        assert_true(count < WORDS);
        copies[count] = strdup(words[count]);
    }
    free(f->out);
    free(f->err);
    f->out = f->err = NULL;
    size_t out_size, err_size;
    FILE *out = open_memstream(&f->out, &out_size), *err = open_memstream(&f->err, &err_size);
    char *typed = strdup(input);
    FILE *in = fmemopen(typed, strlen(input), "r");
    int code = cli_run(count, copies, NULL, in, out, err);
    fclose(in);
    free(typed);
    fclose(out);
    fclose(err);
    for (int i = 0; i < count; i++)
        free(copies[i]);
    return code;
}
#define VERN(f, ...) vern_in((f), " ", (const char *const[]){__VA_ARGS__, NULL})

static void expect(struct fixture *f, int code, int wanted)
{
    if (code != wanted)
        fail_msg("%d instead of %d: %s%s", code, wanted, f->out, f->err);
}

static void says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in: %s", part, text);
}

static int init(struct fixture *f)
{
    return VERN(f, "init", "--data", f->data, "--register", "shop", "--policy",
                "policies/example.yaml", "--clock", "simulated", "--start", "2026-03-01T09:00:00Z",
                "--token-file", f->token);
}

/* ---- words ---- */

static void help_names_every_command_and_its_options(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "help"), 0);
    for (size_t i = 0; i < command_count(); i++)
        says(f->out, command_at(i)->name);
    expect(f, VERN(f, "help", "log", "verify"), 0);
    says(f->out, "--checkpoint FILE");
    expect(f, VERN(f, "log", "verify", "--help"), 0);
    says(f->out, "--checkpoint FILE");
    expect(f, VERN(f, "merge", "-h"), 0);
    says(f->out, "usage: vern merge [OPTION...] ID OTHER");
    expect(f, VERN(f, "duplicates", "x"), 64);
    says(f->err, "usage: vern duplicates\n");
}

static void a_wrong_word_is_answered_with_the_nearest(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "chek", "x"), 64);
    says(f->err, "vern check");
    expect(f, VERN(f, "db", "shrad"), 64);
    says(f->err, "`vern db` is followed by shard\n");
    expect(f, VERN(f, "key", "export-epoch"), 64);
    says(f->err, "there is no command key; did you mean `vern keys`?");
    expect(f, VERN(f, "archive"), 64);
    says(f->err, "`vern archive` is followed by open\n");
    expect(f, VERN(f, "check", "--strikt", "x"), 64);
    says(f->err, "--strict");
    expect(f, VERN(f, "check"), 64);
    says(f->err, "usage: vern check FILE...");
    expect(f, VERN(f, "check", "--deployment"), 64);
    says(f->err, "wants FILE");
    expect(f, VERN(f, "check", "--json", "--json", "x"), 64);
    says(f->err, "twice");
}

static void every_command_states_its_options_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);
        assert_true(command->least <= command->most);
        assert_true(command->what[0] >= 'A' && command->what[0] <= 'Z');
        for (const enum option *at = command->options; *at != OPTION_COUNT; at++) {
            for (const enum option *other = command->options; other != at; other++)
                assert_int_not_equal(*at, *other);
        }
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(command->name, command_at(j)->name);
    }
}

/* ---- what a terminal gets ---- */

static void nothing_printed_can_move_the_cursor_or_turn_text_around(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    put_safe(out, STR("a\x1b[2Jb\xe2\x80\xae"
                      "c\x7f\xc2\x9b"
                      "d\xff\xc3\xa5\n"));
    fclose(out);
    assert_string_equal(text, "a\\u{1b}[2Jb\\u{202e}c\\u{7f}\\u{9b}d\\u{fffd}\xc3\xa5\\u{a}");
    free(text);
}

static void json_is_laid_out_for_people(void **state)
{
    struct fixture *f = *state;
    const struct json *json;
    struct report report = {0};
    str source = STR("{\"a\":1,\"b\":[\"x\",\"y\"],\"c\":[{\"d\":true,\"e\":null}],\"f\":{},"
                     "\"g\":[{\"h\":1,\"i\":[{\"j\":2}]}]}");
    assert_true(is_ok(json_parse(f->arena, source, &report, &json)));
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    put_json(out, json);
    fclose(out);
    assert_string_equal(text, "a: 1\nb: x, y\nc:\n  - d: yes  e: -\nf: none\n"
                              "g:\n  - h: 1\n    i:\n      - j: 2\n");
    free(text);
}

/* ---- policies ---- */

static void check_ends_by_what_it_found(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "check", "--strict", "policies/example.yaml"), 0);
    expect(f, VERN(f, "check", "policies/confect.yaml"), 1);
    says(f->out, "policies/confect.yaml:");
    says(f->out, "CON-F01");
    says(f->out, "GDPR 13(1)(a)");
    expect(f, VERN(f, "check", "CMakeLists.txt"), 2);
    says(f->out, "CMakeLists.txt:");
    expect(f, VERN(f, "check", "no/such/file.yaml"), 4);
    says(f->err, "file.yaml");
}

/* The papers of a policy, offline: whole, or every item that lacks. */
static void notice_prints_the_page_or_all_that_lacks(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "notice", "policies/example.yaml", "--language", "en"), 0);
    says(f->out, "<html lang=\"en\">");
    says(f->out, "Privacy notice of Eksempelbutikken AS");
    expect(f, VERN(f, "notice", "policies/example.yaml", "--format", "jsonld"), 0);
    says(f->out, "dpv:PrivacyNotice");
    expect(f,
           VERN(f, "notice", "policies/example.yaml", "--intake", "job_form", "--format", "json"),
           0);
    says(f->out, "Du søker jobb hos oss");
    expect(f, VERN(f, "notice", "policies/confect.yaml"), 4);
    says(f->err, "responsible.controller.name lacks: controllers.confect.name");
    says(f->err, "responsible.controller.name lacks: controllers.subsidiary.name");
    expect(f, VERN(f, "notice", "policies/example.yaml", "--language", "nn"), 4);
    says(f->err, "roles.customer has no name in nn");
    expect(f, VERN(f, "notice", "policies/example.yaml", "--language", "sv"), 2);
    expect(f, VERN(f, "notice", "policies/example.yaml", "--format", "csv"), 64);
    expect(f, VERN(f, "notice", "policies/example.yaml", "--controller", "nobody"), 4);
    expect(f, VERN(f, "notice", "CMakeLists.txt"), 2);
}

/* GDPR 30(1), 30(2) */
static void record_prints_the_record_of_a_controller_or_of_a_processor(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "record", "policies/example.yaml", "--language", "en"), 0);
    says(f->out, "Record of processing activities: Eksempelbutikken AS");
    expect(f, VERN(f, "record", "policies/example.yaml", "--format", "csv"), 0);
    says(f->out, "Formål,Registrerte,");
    expect(f,
           VERN(f, "record", "policies/confect.yaml", "policies/confect.customer.yaml",
                "--deployment", "policies/confect.deploy.yaml", "--controller", "confect", "--as",
                "processor", "--format", "json"),
           0);
    says(f->out, "Kunde Eksempel AS");
    expect(f, VERN(f, "record", "policies/example.yaml", "--as", "processor"), 4);
    says(f->err, "customers lacks: spaces");
    expect(f, VERN(f, "record", "policies/example.yaml", "--as", "poet"), 64);
    expect(f, VERN(f, "record", "policies/example.yaml", "policies/confect.customer.yaml"), 64);
    expect(f, VERN(f, "record", "policies/confect.yaml"), 2);
    expect(f, VERN(f, "record", "policies/example.yaml", "--controller", "nobody"), 4);
}

static void plans_and_changes_print_as_tables_too(void **state)
{
    struct fixture *f = *state;
    expect(f,
           VERN(f, "paper", "retention", "policies/example.yaml", "--format", "csv", "--language",
                "en"),
           0);
    says(f->out, "Purpose,Data,Period,Counts from,Erased,Legal basis,What then happens");
    expect(f, VERN(f, "paper", "processors", "policies/example.yaml"), 0);
    says(f->out, "Leverandøren av nettbutikken");
    expect(f, VERN(f, "paper", "transfers", "policies/example.yaml", "--format", "json"), 0);
    says(f->out, "\"document\":\"transfers\"");
    expect(f, VERN(f, "paper", "balancing", "policies/example.yaml"), 0);
    says(f->out, "Et svar krever spørsmålet");
    expect(f, VERN(f, "paper", "assessment", "policies/example.yaml", "--language", "en"), 0);
    says(f->out, "Criteria met");
    expect(f,
           VERN(f, "paper", "balancing", "policies/cobuilder.yaml", "--deployment",
                "policies/cobuilder.deploy.yaml"),
           0);
    says(f->out, "Vi vil kunne hevde og forsvare krav i en tvist.");
    expect(f, VERN(f, "paper", "balancing", "policies/cobuilder.yaml"), 4);
    says(f->err, "purposes.purpose.interest lacks: statements.disputes_interest");
    says(f->err, "purposes.purpose.safeguards lacks: statements.disputes_safeguards");
    expect(f,
           VERN(f, "paper", "retention", "policies/example.yaml", "--deployment",
                "policies/example.nn.deploy.yaml", "--language", "nn"),
           0);
    says(f->out, "Slettefristar");
    expect(f, VERN(f, "paper", "poems", "policies/example.yaml"), 64);
    expect(f, VERN(f, "changes", "policies/example.yaml", "policies/example.yaml"), 0);
    says(f->out, "Ingenting som betyr noe for deg, er endret");
}

static void check_prints_json_that_parses(void **state)
{
    struct fixture *f = *state;
    const struct json *json;
    struct report report = {0};
    CLEANUP(arena_free) struct arena *arena = arena_new(16 << 20);
    expect(f, VERN(f, "check", "--json", "policies/confect.yaml", "policies/hosting.yaml"), 1);
    assert_true(is_ok(json_parse(arena, str_from(f->out), &report, &json)));
    assert_true(json_is_array(json));
    assert_int_equal(json->count, 2);
    assert_true(json_is_string(json_get(json->child->child, "rule")));
}

/* C38: what is found is said in Norwegian when asked for. */
static void check_speaks_norwegian_when_asked(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "check", "--language", "nb", "policies/confect.yaml"), 1);
    says(f->out, "grunnlag mangler");
    says(f->out, "ett av de seks i GDPR 6(1)");
    says(f->out, "CON-F01");
    expect(f, VERN(f, "check", "--language", "sv", "policies/confect.yaml"), 64);
}

/* C38: what is found comes as SARIF with rule, level and place, for all files in one run. */
static void check_prints_sarif_with_rules_levels_and_places(void **state)
{
    struct fixture *f = *state;
    const struct json *json;
    struct report report = {0};
    CLEANUP(arena_free) struct arena *arena = arena_new(16 << 20);
    expect(f, VERN(f, "check", "--sarif", "policies/confect.yaml", "CMakeLists.txt"), 2);
    assert_true(is_ok(json_parse(arena, str_from(f->out), &report, &json)));
    assert_true(json_is_string(json_get(json, "version")));
    const struct json *run = json_get(json, "runs")->child;
    const struct json *rules = json_get(json_get(json_get(run, "tool"), "driver"), "rules");
    const struct json *results = json_get(run, "results");
    assert_true(rules->count > 5 && results->count > rules->count);
    says(f->out, "\"uri\":\"CMakeLists.txt\"");
    for (JSON_EACH(result, results)) {
        str id = STR(""), own = STR(""), level = STR("");
        bool known = false;
        assert_true(json_str(json_get(result, "ruleId"), &id));
        for (JSON_EACH(rule, rules))
            known |= json_str(json_get(rule, "id"), &own) && str_equal(own, id);
        assert_true(known && json_str(json_get(result, "level"), &level));
        assert_true(str_is(level, "error") || str_is(level, "warning") || str_is(level, "note"));
        const struct json *place = json_get(result, "locations")->child;
        assert_non_null(json_get(json_get(place, "physicalLocation"), "artifactLocation"));
    }
}

static void tests_of_a_policy_are_run_and_explained(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "test", "policies/tests/example.yaml"), 0);
    says(f->out, " 0 failed");
    expect(f,
           VERN(f, "explain", "policies/tests/confect.yaml",
                "six months end on the last day of a shorter month"),
           0);
    says(f->out, "read: allow");
    says(f->out, "yes alive");
    expect(f, VERN(f, "explain", "policies/tests/confect.yaml", "no such test"), 4);
}

static void a_policy_does_not_differ_from_itself(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "diff", "policies/example.yaml", "policies/example.yaml"), 0);
    assert_string_equal(f->out, "");
}

/* A copy of a deployment file with one text in the place of another. */
static void copy_with(struct fixture *f, const char *from, const char *what, const char *with,
                      const char *to)
{
    struct report report = {0};
    str text;
    assert_true(is_ok(file_read(from, f->arena, 1 << 20, &report, &text)));
    const char *at = memmem(text.ptr, text.len, what, strlen(what));
    assert_non_null(at);
    FILE *file = fopen(to, "w");
    fwrite(text.ptr, 1, (size_t)(at - text.ptr), file);
    fputs(with, file);
    at += strlen(what);
    fwrite(at, 1, text.len - (size_t)(at - text.ptr), file);
    fclose(file);
}

static void a_diff_sees_what_the_deployments_change(void **state)
{
    struct fixture *f = *state;
    static const char policy[] = "policies/confect.yaml",
                      deployment[] = "policies/confect.deploy.yaml";
    char other[96];
    snprintf(other, sizeof(other), "%s/other.yaml", f->dir);
    copy_with(f, deployment, "improvement.keep: 12", "improvement.keep: 24", other);
    expect(f, VERN(f, "diff", policy, policy, "--deployment", deployment), 0);
    assert_string_equal(f->out, "");
    expect(f,
           VERN(f, "diff", policy, policy, "--deployment", deployment, "--new-deployment", other),
           1);
    says(f->out, "material");
    /* The deployment fills holes: with it on one side only, they differ. */
    expect(f, VERN(f, "diff", policy, policy, "--new-deployment", deployment), 1);
}

static void a_printed_policy_loads_and_is_the_same(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "print", "policies/example.yaml"), 0);
    char path[96];
    snprintf(path, sizeof(path), "%s/printed.yaml", f->dir);
    FILE *file = fopen(path, "w");
    fputs(f->out, file);
    fclose(file);
    expect(f, VERN(f, "diff", "policies/example.yaml", path), 0);
}

/* ---- a server in a thread ---- */

static void on_ready(void *self, uint16_t port)
{
    struct fixture *f = self;
    pthread_mutex_lock(&f->lock);
    f->port = port;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void *serve(void *self)
{
    struct fixture *f = self;
    CLEANUP(arena_free) struct arena *arena = arena_new(16 << 20);
    struct report report = {0};
    f->served = server_run(&f->settings, arena, on_ready, f, &report);
    on_ready(f, 1);
    return NULL;
}

static void start(struct fixture *f)
{
    struct report report = {0};
    str given[SETTING_COUNT] = {[SET_data] = str_from(f->data), [SET_listen] = STR("127.0.0.1:0")};
    assert_true(is_ok(settings_read(given, NULL, NULL, f->arena, &report, &f->settings)));
    assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
    pthread_mutex_lock(&f->lock);
    while (f->port == 0)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
    snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d", f->port);
}

static void stop(struct fixture *f)
{
    kill(getpid(), SIGTERM); /* as an operator would */
    pthread_join(f->thread, NULL);
    assert_int_equal(f->served, 0);
}

/* ---- a folder ---- */

static void a_register_is_created_and_its_token_is_the_owners_alone(void **state)
{
    struct fixture *f = *state;
    expect(f, init(f), 0);
    struct stat stat_;
    assert_int_equal(stat(f->token, &stat_), 0);
    assert_int_equal(stat_.st_mode & 0777, 0600);
    assert_int_equal(stat(f->root, &stat_), 0);
    assert_int_equal(stat_.st_mode & 0777, 0600);
    str token;
    struct report report = {0};
    assert_true(is_ok(file_read(f->token, f->arena, 4096, &report, &token)));
    assert_true(str_starts(token, STR("vern_")));
    assert_null(strstr(f->out, "vern_"));
    expect(f, init(f), 4);
    says(f->err, "exists already");
    expect(f, VERN(f, "doctor", "--data", f->data), 0);
    says(f->out, "shop: well; simulated clock");
}

static int init_at(struct fixture *f, const char *option, const char *address)
{
    return VERN(f, "init", "--data", f->data, "--register", "shop", "--policy",
                "policies/example.yaml", "--clock", "simulated", option, address);
}

static void several_servers_want_databases_and_no_pooler(void **state)
{
    struct fixture *f = *state;
    expect(f, init_at(f, "--servers", NULL), 64);
    says(f->err, "go with --database");
    expect(f,
           VERN(f, "init", "--data", f->data, "--register", "shop", "--policy",
                "policies/example.yaml", "--database", "postgresql://vern@localhost/vern",
                "--servers", "--pooled"),
           64);
#ifdef VERN_POSTGRES
    says(f->err, "no pooler");
#endif
}

static void a_folder_without_a_register_is_said_to_have_none_for_several_servers(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "servers", "--data", "/nonexistent/vern"), 4);
    says(f->err, "there is no register in this folder");
}

static void a_databases_address_that_cannot_be_is_refused_before_anything_is_made(void **state)
{
    struct fixture *f = *state;
    struct stat stat_;
    expect(f, init_at(f, "--database", "postgresql://vern:canary-word@localhost/vern"), 64);
#ifdef VERN_POSTGRES
    says(f->err, "passfile");
    assert_null(strstr(f->err, "canary-word"));
    expect(f, init_at(f, "--database", "shop = vern ="), 64);
    says(f->err, "postgresql://USER@HOST/DATABASE");
#endif
    expect(f, init_at(f, "--keys-database", "postgresql://vern@localhost/vern"), 64);
    says(f->err, "go with --database");
    assert_int_equal(stat(f->data, &stat_), -1);
}

static void a_folder_is_backed_up_restored_rotated_and_verified(void **state)
{
    struct fixture *f = *state;
    char backup[96], epoch_dir[96], epoch[112];
    snprintf(backup, sizeof(backup), "%s/backup", f->dir);
    snprintf(epoch_dir, sizeof(epoch_dir), "%s/elsewhere", f->dir);
    snprintf(epoch, sizeof(epoch), "%s/epoch", epoch_dir);
    assert_int_equal(mkdir(epoch_dir, 0700), 0);
    expect(f, init(f), 0);
    expect(f, VERN(f, "backup", "--data", f->data, "--register", "shop", "--to", backup), 0);
    expect(f, VERN(f, "token", "--data", f->data, "--register", "shop"), 0);
    says(f->out, "has a new administrator's token in ");
    expect(f, VERN(f, "rotate", "--data", f->data, "--register", "shop"), 0);
    expect(f,
           VERN(f, "keys", "export-epoch", "--data", f->data, "--register", "shop", "--to", epoch),
           0);
    assert_true(file_exists(epoch));
    expect(f, VERN(f, "restore", "--data", f->data, "--register", "shop", "--from", backup), 0);
    expect(f, VERN(f, "doctor", "--data", f->data), 0);
    expect(f, VERN(f, "log", "verify", "--data", f->data, "--register", "shop"), 0);
    says(f->out, "the log is whole");
    says(f->out, "no earlier checkpoint");
    expect(f, VERN(f, "backup", "--data", f->data, "--register", "nobody", "--to", backup), 4);
}

static void save(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void flip_a_byte(const char *path);

#define OF_SHOP "--data", f->data, "--register", "shop"

static void an_archive_is_opened_by_its_identity_alone(void **state)
{
    struct fixture *f = *state;
    char rings[96], archive[128], identity[96], other[96], recipient[96], plain[96];
    snprintf(rings, sizeof(rings), "%s/rings", f->dir);
    snprintf(archive, sizeof(archive), "%s/keys.db.archive", rings);
    snprintf(identity, sizeof(identity), "%s/identity", f->dir);
    snprintf(other, sizeof(other), "%s/other", f->dir);
    snprintf(recipient, sizeof(recipient), "%s/recipient", f->dir);
    snprintf(plain, sizeof(plain), "%s/plain.db", f->dir);
    expect(f, init(f), 0);
    expect(f, VERN(f, "keys", "recipient", "--identity", other), 0);
    expect(f, VERN(f, "keys", "recipient", "--identity", identity), 0);
    save(recipient, f->out);
    expect(f, VERN(f, "backup", OF_SHOP, "--to", rings, "--keys", "--recipient", recipient), 0);
    expect(f, VERN(f, "archive", "open", archive, "--identity", other, "--to", plain),
           fault_exit(FAULT_KEY));
    assert_false(file_exists(plain));
    expect(f, VERN(f, "archive", "open", archive, "--identity", identity, "--to", plain), 0);
    says(f->out, "\"register\"");
    assert_true(file_exists(plain));
    expect(f, VERN(f, "archive", "open", archive, "--identity", identity, "--to", plain), 4);
    /* Beside encrypted rings there is no place for an epoch, nor for them beside one. */
    char epoch[128];
    snprintf(epoch, sizeof(epoch), "%s/epoch-1", rings);
    expect(f, VERN(f, "keys", "export-epoch", OF_SHOP, "--to", epoch), 2);
    snprintf(epoch, sizeof(epoch), "%s/epoch-1", f->dir);
    unlink(plain);
    expect(f, VERN(f, "keys", "export-epoch", OF_SHOP, "--to", epoch), 0);
    expect(f, VERN(f, "backup", OF_SHOP, "--to", f->dir, "--keys", "--recipient", recipient), 2);
}

static void a_backup_is_encrypted_to_a_recipient_checked_and_restored(void **state)
{
    struct fixture *f = *state;
    char backup[96], archive[128], identity[96], recipient[96], other[96], path[160];
    snprintf(backup, sizeof(backup), "%s/backup", f->dir);
    snprintf(archive, sizeof(archive), "%s/data.db.archive", backup);
    snprintf(identity, sizeof(identity), "%s/identity", f->dir);
    snprintf(other, sizeof(other), "%s/other", f->dir);
    snprintf(recipient, sizeof(recipient), "%s/recipient", f->dir);
    expect(f, init(f), 0);
    expect(f, VERN(f, "keys", "recipient", "--identity", other), 0);
    expect(f, VERN(f, "keys", "recipient", "--identity", identity), 0);
    save(recipient, f->out);
    expect(f, VERN(f, "backup", OF_SHOP, "--to", backup, "--recipient", recipient), 0);
    assert_true(file_exists(archive));
    snprintf(path, sizeof(path), "%s/data.db", backup);
    assert_false(file_exists(path));
    snprintf(path, sizeof(path), "%s/registers/shop/outgoing/data.db", f->data);
    assert_false(file_exists(path)); /* what was encrypted does not stay behind */
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--check", "--identity", other),
           fault_exit(FAULT_KEY));
    start(f); /* a server is no hindrance to a check */
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--check", "--identity", identity), 0);
    says(f->out, "whole");
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--identity", identity),
           fault_exit(FAULT_LOCKED));
    stop(f);
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--identity", other),
           fault_exit(FAULT_KEY));
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--identity", identity), 0);
    expect(f, VERN(f, "doctor", "--data", f->data), 0);
    flip_a_byte(archive);
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--check", "--identity", identity),
           fault_exit(FAULT_CORRUPT));
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--identity", identity),
           fault_exit(FAULT_CORRUPT));
    expect(f, VERN(f, "doctor", "--data", f->data), 0); /* what was there is there */
    says(f->out, "shop: well");
}

static void a_backup_as_it_lies_is_checked_without_putting_it_in_place(void **state)
{
    struct fixture *f = *state;
    char backup[96], path[128];
    snprintf(backup, sizeof(backup), "%s/backup", f->dir);
    expect(f, init(f), 0);
    expect(f, VERN(f, "backup", OF_SHOP, "--to", backup), 0);
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--check"), 0);
    snprintf(path, sizeof(path), "%s/registers/shop/data.checked", f->data);
    assert_false(file_exists(path));
    snprintf(path, sizeof(path), "%s/data.db", backup);
    assert_int_equal(truncate(path, 5000), 0);
    expect(f, VERN(f, "restore", OF_SHOP, "--from", backup, "--check"), fault_exit(FAULT_CORRUPT));
    snprintf(path, sizeof(path), "%s/recipient", f->dir);
    save(path, "vern-recipient-1-AAAA\n");
    expect(f, VERN(f, "backup", OF_SHOP, "--to", backup, "--recipient", path),
           fault_exit(FAULT_KEY));
}
#undef OF_SHOP

static void a_wrong_root_key_keeps_everything_shut(void **state)
{
    struct fixture *f = *state;
    char other[96];
    snprintf(other, sizeof(other), "%s/other.root", f->dir);
    struct report report = {0};
    expect(f, init(f), 0);
    assert_true(is_ok(keys_root_create(world_real(), other, &report)));
    expect(f, VERN(f, "doctor", "--data", f->data, "--root", other), fault_exit(FAULT_KEY));
}

/* ---- a server ---- */

#define ONLINE "--server", f->url, "--token-file", f->token

/* The example under another version, in a file of its own. */
static const char *next_version(struct fixture *f)
{
    str text;
    struct report report = {0};
    assert_true(is_ok(file_read("policies/example.yaml", f->arena, 1 << 20, &report, &text)));
    const char *line = memmem(text.ptr, text.len, "\nversion:", 9);
    if (line == NULL)
        fail_msg("the example has no version");
    size_t from = (size_t)(line - text.ptr) + 1, to = from;
    while (text.ptr[to] != '\n')
        to++;
    const char *path = arena_c_string(f->arena, arena_format(f->arena, "%s/next.yaml", f->dir));
    FILE *file = fopen(path, "w");
    if (file == NULL)
        fail_msg("no file for the next version");
    fprintf(file, "%.*sversion: \"next\"%.*s", (int)from, text.ptr, (int)(text.len - to),
            text.ptr + to);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void people_are_explained_as_of_a_time(struct fixture *f, const char *id)
{
    expect(f, VERN(f, "explain", "person", id, "support", ONLINE), 0);
    says(f->out, "purposes.support.basis");
    expect(f,
           VERN(f, "explain", "person", id, "support", "--at", "2026-02-28T09:00:00Z", "--json",
                ONLINE),
           0);
    says(f->out, "\"at\":\"2026-02-28T09:00:00Z\"");
    says(f->out, "\"certain\":");
    expect(f, VERN(f, "explain", "person", id, "support", "--at", "yesterday", ONLINE), 2);
    says(f->err, "this must be a moment");
    expect(f, VERN(f, "history", "no-such", "--at", "yesterday", ONLINE), 2);
    says(f->err, "this must be a moment");
    expect(f, VERN(f, "explain", "person", id, ONLINE), 64);
}

static void people_are_served_from_the_command_line(void **state)
{
    struct fixture *f = *state;
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "create", "number=K-1", "--role", "asker", ONLINE), 0);
    says(f->out, "reference: ");
    char id[ID_TEXT + 1];
    assert_int_equal(sscanf(f->out, "id: %22s", id), 1);
    expect(f,
           VERN(f, "collect", id, "contact_form", "contact.email=ola@example.org",
                "question.text=When?", "--source", "person", "--channel", "web", ONLINE),
           0);
    expect(f, vern_in(f, "K-1\n", (const char *const[]){"find", "number", "-", ONLINE, NULL}), 0);
    says(f->out, id);
    expect(f, VERN(f, "read", id, "support", ONLINE), 3);
    says(f->err, "purposes.support.basis");
    says(f->err, "a yes needs on file: balancing");
    people_are_explained_as_of_a_time(f, id);
    expect(f, VERN(f, "erase", id, "--warned", "--json", ONLINE), 0);
    says(f->out, "\"receipt\":");
    expect(f, VERN(f, "forecast", "--days", "30", ONLINE), 0);
    expect(f, VERN(f, "text", "no-such-version", ONLINE), 2);
    expect(f, VERN(f, "apply", "policies/example.yaml", ONLINE), 4);
    says(f->err, "already in the register");
    expect(f, VERN(f, "contacts", ONLINE), 0);
    says(f->out, "310000701");
    static const char MATTER[] = "AAAAAAAAAAAAAAAAAAAAAQ";
    expect(f, VERN(f, "space", "create", MATTER, "none", "policies/hosting.customer.yaml", ONLINE),
           2);
    expect(f, VERN(f, "space", "end", MATTER, "none", "erase", "--returned", "all", ONLINE), 64);
    expect(f, VERN(f, "space", "end", MATTER, "none", "erase", ONLINE), 2);
    const char *next = next_version(f);
    expect(f, VERN(f, "apply", next, ONLINE), 0);
    says(f->out, "erases: 0");
    expect(f, VERN(f, "apply", next, "--erases", "7", ONLINE), 4);
    says(f->err, "would erase 0 items");
    expect(f, VERN(f, "apply", next, "--erases", "0", ONLINE), 0);
    expect(f, VERN(f, "apply", next, "--erases", "all", ONLINE), 64);
    expect(f, VERN(f, "show", "kari@example.org", ONLINE), 64);
    expect(f, VERN(f, "call", "GET", "/v1/register", ONLINE), 0);
    says(f->out, "name: shop");
    /* The folder is held while the server runs. */
    expect(f, VERN(f, "backup", "--data", f->data, "--register", "shop", "--to", "/tmp/x"),
           fault_exit(FAULT_LOCKED));
    says(f->err, "POST /v1/backup");
    stop(f);
    expect(f, VERN(f, "log", "verify", "--data", f->data, "--register", "shop"), 0);
}

/* Writes what the last command printed, with one part of it replaced, and gives the file. */
static const char *printed(struct fixture *f, const char *name, const char *from, const char *to)
{
    const char *path = arena_c_string(f->arena, arena_format(f->arena, "%s/%s", f->dir, name));
    const char *at = from == NULL ? f->out + strlen(f->out) : strstr(f->out, from);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_non_null(at);
    fprintf(file, "%.*s%s%s", (int)(at - f->out), f->out, to,
            at + (from == NULL ? 0 : strlen(from)));
    assert_int_equal(fclose(file), 0);
    return path;
}

static void is_forged(struct fixture *f, const char *name, const char *from, const char *to,
                      const char *key)
{
    char *kept = strdup(f->out);
    const char *path = printed(f, name, from, to);
    int code = VERN(f, "verify", path, "--key", key);
    if (code == 0)
        fail_msg("%s verified: %s", name, f->out);
    free(f->out);
    f->out = kept;
}

/* GDPR 17, 5(2): whoever holds a certificate checks it without a server; any change is found. */
static void a_certificate_of_an_erasure_is_checked_offline(void **state)
{
    struct fixture *f = *state;
    char id[ID_TEXT + 1], reference[ID_TEXT + 1];
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "create", "number=K-1", "--role", "asker", "--json", ONLINE), 0);
    const char *at = strstr(f->out, "\"id\":\"");
    assert_int_equal(sscanf(at, "\"id\":\"%22s", id), 1);
    at = strstr(f->out, "\"reference\":\"");
    assert_int_equal(sscanf(at, "\"reference\":\"%22s", reference), 1);
    expect(f,
           VERN(f, "collect", id, "contact_form", "contact.email=ola@example.org",
                "question.text=When?", "--source", "person", "--channel", "web", ONLINE),
           0);
    expect(f, VERN(f, "certificate", reference, ONLINE), 4); /* nothing was erased */
    expect(f, VERN(f, "erase", id, "--warned", "--json", ONLINE), 0);
    expect(f, VERN(f, "certificate", reference, "--format", "html", "--language", "nb", ONLINE), 0);
    says(f->out, "Bekreftelse på sletting");
    expect(f, VERN(f, "certificate", reference, "--language", "en", "--json", ONLINE), 0);
    const char *whole = printed(f, "certificate.json", NULL, "");
    const char *key =
        arena_c_string(f->arena, arena_format(f->arena, "%s/registers/shop/log.key", f->data));
    static const char *const CHANGES[][2] = {
        {"Contact", "Health"},         {"Name, e-mail and phone", "Everything"},
        {"erase_whole", "erase_part"}, {"All that we held", "A part"},
        {"\"index\":", "\"index\":1"}, {"sha256", "sha255"},
        {"Nothing.", "Nothing!"},      {"\"proof\":[\"", "\"proof\":[\"A"}};
    for (size_t i = 0; i < LENGTH(CHANGES); i++) {
        if (strstr(f->out, CHANGES[i][0]) != NULL)
            is_forged(f, "forged.json", CHANGES[i][0], CHANGES[i][1], key);
        else
            assert_int_equal(i, 0);
    }
    stop(f);
    expect(f, VERN(f, "verify", whole, "--key", key), 0);
    says(f->out, "the paper is as");
    says(f->out, "erase_whole, is in the log");
    expect(f, VERN(f, "verify", whole), 0);
    says(f->out, "by the key that stands in it");
    expect(f, VERN(f, "verify", key), 2);
    expect(f, VERN(f, "verify", whole, "--key", whole), 2);
}

static str text_at(struct fixture *f, const char *folder, const char *name)
{
    struct report report = {0};
    str text;
    const char *path = arena_c_string(f->arena, arena_format(f->arena, "%s/%s", folder, name));
    if (!is_ok(file_read(path, f->arena, 1 << 20, &report, &text)))
        fail_msg("%s", report.text);
    return text;
}

static bool text_says(str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* What the page's own script says of the folder, by Node: a line for each thing that is wrong. */
static void page_says(struct fixture *f, const char *folder, const char *wanted)
{
    char said[256] = "";
    str command = arena_format(f->arena, "node tests/verify_package.cjs '%s' 2>/dev/null", folder);
    FILE *node = popen(arena_c_string(f->arena, command), "r");
    assert_non_null(node);
    size_t len = fread(said, 1, sizeof(said) - 1, node);
    said[len] = '\0';
    int code = pclose(node);
    assert_int_equal(code, 0);
    if (strcmp(said, wanted) != 0)
        fail_msg("the page says: %s", said);
}

static void change_file(struct fixture *f, const char *folder, const char *name, const char *more)
{
    const char *path = arena_c_string(f->arena, arena_format(f->arena, "%s/%s", folder, name));
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs(more, file);
    assert_int_equal(fclose(file), 0);
}

/* By a tool that others wrote. */
static void unpack(struct fixture *f, const char *zip, const char *folder)
{
    str command =
        arena_format(f->arena, "/usr/bin/python3 -m zipfile -e '%s' '%s' 2>&1", zip, folder);
    assert_int_equal(system(arena_c_string(f->arena, command)), 0);
}

/* Packs the folder again as it is now. */
static void pack(struct fixture *f, const char *zip, const char *folder)
{
    str command = arena_format(
        f->arena, "cd '%s' && rm -f '%s' && /usr/bin/python3 -m zipfile -c '%s' * 2>&1", folder,
        zip, zip);
    assert_int_equal(system(arena_c_string(f->arena, command)), 0);
}

/* A line of the package, with what the receiving firm was told itself, goes into another register
 * and comes out the same. */
static void loads_into_another(struct fixture *f, const char *folder, const char *token)
{
    str line = text_at(f, folder, "import.ndjson");
    char number[ID_TEXT + 1], id[ID_TEXT + 1];
    const char *path = arena_c_string(f->arena, arena_format(f->arena, "%s/line", f->dir));
    const char *at = memmem(line.ptr, line.len, "\"number\":\"", 10);
    assert_int_equal(sscanf(at, "\"number\":\"%22s", number), 1);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "{\"consents\":[{\"purpose\":\"newsletter\",\"wording\":\"May we too?\","
            "\"given_by\":\"click\",\"channel\":\"web\"}],%.*s",
            (int)line.len - 1, line.ptr + 1);
    assert_int_equal(fclose(file), 0);
    expect(f, VERN(f, "import", path, "--json", "--server", f->url, "--token-file", token), 0);
    says(f->out, "\"accepted\":1");
    expect(f,
           VERN(f, "find", "number", number, "--json", "--server", f->url, "--token-file", token),
           0);
    at = strstr(f->out, "\"ids\":[\"");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "\"ids\":[\"%22s", id), 1);
    expect(f, VERN(f, "access", id, "--json", "--server", f->url, "--token-file", token), 0);
    says(f->out, "\"value\":\"=1+1\"");
    says(f->out, "\"value\":\"ola@example.org\"");
}

/* GDPR 20(1), 20(2): structured, machine-readable, loaded by another; checked offline; any change
 * is found, by the command and by the page's own script. */
static void a_package_is_taken_along_checked_and_loaded_elsewhere(void **state)
{
    struct fixture *f = *state;
    char id[ID_TEXT + 1];
    const char *other = arena_c_string(f->arena, arena_format(f->arena, "%s/other", f->dir));
    const char *folder = arena_c_string(f->arena, arena_format(f->arena, "%s/package", f->dir));
    const char *zip = arena_c_string(f->arena, arena_format(f->arena, "%s/package.zip", f->dir));
    const char *key =
        arena_c_string(f->arena, arena_format(f->arena, "%s/registers/shop/log.key", f->data));
    expect(f, init(f), 0);
    expect(f,
           VERN(f, "init", "--data", f->data, "--register", "other", "--policy",
                "policies/example.yaml", "--clock", "simulated", "--start", "2026-03-02T09:00:00Z",
                "--token-file", other),
           0);
    start(f);
    expect(f, VERN(f, "create", "number=K-1", "--role", "subscriber", "--json", ONLINE), 0);
    assert_int_equal(sscanf(strstr(f->out, "\"id\":\""), "\"id\":\"%22s", id), 1);
    expect(f, VERN(f, "consent", id, "newsletter", "--wording", "May we?", ONLINE), 0);
    const char *path =
        arena_c_string(f->arena, arena_format(f->arena, "/v1/subjects/%s/collect", id));
    expect(f,
           VERN(f, "call", "POST", path,
                "{\"intake\":\"newsletter_form\",\"source\":\"person\",\"channel\":\"web\","
                "\"optional\":[\"contact.name\"],\"values\":{\"contact.email\":"
                "\"ola@example.org\",\"contact.name\":\"=1+1\"}}",
                ONLINE),
           0);
    expect(f, VERN(f, "access", id, "--format", "consents", "--language", "en", ONLINE), 0);
    says(f->out, "dpv:ConsentGiven");
    expect(f, VERN(f, "package", id, "--language", "nn", "--to", zip, ONLINE), 4);
    assert_false(file_exists(zip)); /* the policy speaks no nn: nothing is half done */
    expect(f, VERN(f, "package", id, "--language", "nb", "--to", zip, ONLINE), 0);
    expect(f, VERN(f, "package", id, "--to", zip, ONLINE), 4); /* never over one that is there */
    unpack(f, zip, folder);
    str table = text_at(f, folder, "csv/contact.csv");
    if (!text_says(table, ",\"'=1+1\","))
        fail_msg("%.*s", STR_ARG(table));
    assert_true(text_says(text_at(f, folder, "les-meg.html"), "Opplysningene dine, til å ta med"));
    loads_into_another(f, folder, other);
    stop(f);
    expect(f, VERN(f, "verify", zip, "--key", key), 0);
    expect(f, VERN(f, "verify", folder, "--key", key), 0);
    page_says(f, folder, "");
    pack(f, zip, folder); /* as it was */
    expect(f, VERN(f, "verify", zip, "--key", key), 0);
    change_file(f, folder, "more.html", "x");
    pack(f, zip, folder);
    expect(f, VERN(f, "verify", zip, "--key", key), fault_exit(FAULT_CORRUPT));
    says(f->err, "files that the manifest has not");
    page_says(f, folder, "more.html\n");
    const char *more = arena_c_string(f->arena, arena_format(f->arena, "%s/more.html", folder));
    assert_int_equal(unlink(more), 0);
    change_file(f, folder, "csv/contact.csv", "x");
    pack(f, zip, folder);
    expect(f, VERN(f, "verify", zip, "--key", key), fault_exit(FAULT_CORRUPT));
    expect(f, VERN(f, "verify", folder, "--key", key), fault_exit(FAULT_CORRUPT));
    page_says(f, folder, "csv/contact.csv\n");
    change_file(f, folder, "manifest.json", " ");
    expect(f, VERN(f, "verify", folder), fault_exit(FAULT_CORRUPT));
    page_says(f, folder, "seal\ncsv/contact.csv\n");
}

/* HOS-41: a breach is recorded, amended and looked at; nobody but the staff assesses it. */
static void a_breach_is_recorded_from_the_command_line(void **state)
{
    struct fixture *f = *state;
    expect(f, init(f), 0);
    start(f);
    char id[ID_TEXT + 1];
    expect(f,
           vern_in(f, "A laptop was lost.\n",
                   (const char *const[]){"breach", "report", "confidentiality,availability", "-",
                                         "categories=contact", ONLINE, NULL}),
           0);
    assert_int_equal(sscanf(f->out, "id: %22s", id), 1);
    expect(f, VERN(f, "breaches", ONLINE), 0);
    says(f->out, "clock: running");
    expect(f, VERN(f, "breach", "amend", id, "confidentiality", "It was found.", "all", ONLINE), 0);
    expect(f, VERN(f, "breach", "show", id, ONLINE), 0);
    says(f->out, "A laptop was lost.");
    says(f->out, "It was found.");
    expect(f, VERN(f, "breach", "people", id, ONLINE), 4);
    says(f->err, "still to be computed");
    expect(f, VERN(f, "breach", "scope", id, ONLINE), 0);
    expect(f, VERN(f, "breach", "people", id, ONLINE), 0);
    expect(f, VERN(f, "breach", "scope", "all", ONLINE), 64);
    expect(f, VERN(f, "breach", "assess", id, "none", "It was encrypted.", ONLINE), 3);
    says(f->err, "always.staff_by_role");
    expect(f, VERN(f, "breach", "close", id, "Done.", ONLINE), 3);
    expect(f, VERN(f, "breach", "report", "theft", "x", "all", ONLINE), 2);
    expect(f, VERN(f, "breach", "report", "integrity", "x", "people=3", ONLINE), 64);
    expect(f, VERN(f, "breach", "report", "integrity", "x", "all", "--aware", "soon", ONLINE), 2);
    expect(f, VERN(f, "breach", "show", "../tokens", ONLINE), 64);
    expect(f, VERN(f, "breach", "notification", id, "en", ONLINE), 4);
    says(f->err, "contact lacks");
    expect(f,
           VERN(f, "breach", "account", id, "en", "contact=The officer", "what=A list was lost.",
                "measures=New keys", ONLINE),
           0);
    expect(f, VERN(f, "breach", "notification", id, "en", "--phased", ONLINE), 0);
    says(f->out, "Not known yet");
    expect(f, VERN(f, "breach", "message", id, "en", ONLINE), 4);
    says(f->err, "consequences lacks");
    expect(f, VERN(f, "breach", "sent", id, "en", ONLINE), 0);
    expect(f, VERN(f, "breach", "sent", id, "en", "--at", "2020-01-01T00:00:00Z", ONLINE), 2);
    expect(f, VERN(f, "breach", "tell", id, "en", ONLINE), 4);
    expect(f, VERN(f, "breach", "exempt", id, "protected", "It was encrypted.", ONLINE), 3);
    expect(f, VERN(f, "breach", "account", id, "en", "who=me", ONLINE), 64);
    stop(f);
}

/* HOS-69, INF-73: a request that came by phone is typed in, and nobody but the staff decides it. */
static void a_request_is_handled_from_the_command_line(void **state)
{
    struct fixture *f = *state;
    char id[ID_TEXT + 1], person[ID_TEXT + 1];
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "create", "number=K-9", "--role", "asker", ONLINE), 0);
    assert_int_equal(sscanf(f->out, "id: %22s", person), 1);
    expect(f,
           vern_in(f, "Erase it all.\n",
                   (const char *const[]){"request", "take", "phone", "erase", "access", "--contact",
                                         "call me", "--text", "-", ONLINE, NULL}),
           0);
    assert_int_equal(sscanf(f->out, "id: %22s", id), 1);
    says(f->out, "safe: ");
    expect(f, VERN(f, "requests", ONLINE), 0);
    says(f->out, id);
    expect(f, VERN(f, "requests", "overdue", "erase", ONLINE), 0);
    expect(f, VERN(f, "requests", "soon", ONLINE), 2);
    expect(f, VERN(f, "requests", "open&cursor=x", ONLINE), 64);
    expect(f, VERN(f, "request", "show", id, ONLINE), 0);
    says(f->out, "Erase it all.");
    expect(f, VERN(f, "request", "show", "../tokens", ONLINE), 64);
    expect(f, VERN(f, "request", "unfollow", id, ONLINE), 0);
    expect(f, VERN(f, "request", "own", id, ONLINE), 4);
    says(f->err, "nobody deals with it");
    expect(f, VERN(f, "request", "own", id, person, ONLINE), 2);
    expect(f, VERN(f, "request", "find", "0", ONLINE), 2);
    expect(f, VERN(f, "request", "take", "pigeon", "erase", ONLINE), 2);
    expect(f, VERN(f, "request", "decide", id, "erase", "granted", "So be it.", ONLINE), 3);
    says(f->err, "always.identity_first");
    expect(f, VERN(f, "request", "ask-proof", id, "A document.", ONLINE), 0);
    expect(f, VERN(f, "request", "prove", id, person, "hearsay", ONLINE), 2);
    expect(f, VERN(f, "request", "prove", id, person, "document", ONLINE), 0);
    expect(f, VERN(f, "request", "unproven", id, "It is not.", ONLINE), 4);
    expect(f, VERN(f, "request", "decide", id, "erase", "granted", "So be it.", ONLINE), 3);
    says(f->err, "always.staff_by_role");
    expect(f, VERN(f, "request", "extend", id, "Much to look at.", ONLINE), 3);
    expect(f, VERN(f, "request", "close", id, ONLINE), 4);
    says(f->err, "is not decided yet");
    expect(f, VERN(f, "request", "pass-on", id, "nowhere", person, ONLINE), 2);
    stop(f);
}

static void an_item_about_two_people_is_listed_and_ended(void **state)
{
    struct fixture *f = *state;
    char id[ID_TEXT + 1], other[ID_TEXT + 1], line[ID_TEXT + 1], concerns[64];
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "create", "number=K-3", "--role", "asker", ONLINE), 0);
    assert_int_equal(sscanf(f->out, "id: %22s", id), 1);
    expect(f, VERN(f, "create", "number=K-4", "--role", "asker", ONLINE), 0);
    assert_int_equal(sscanf(f->out, "id: %22s", other), 1);
    snprintf(concerns, sizeof(concerns), "question.text=%s", other);
    expect(f,
           VERN(f, "collect", id, "contact_form", "contact.email=ola@example.org",
                "question.text=When?", "--source", "person", "--channel", "web", "--concerns",
                concerns, ONLINE),
           0);
    expect(f, VERN(f, "concerns", other, ONLINE), 0);
    says(f->out, "state: undecided");
    const char *at = strstr(f->out, "id: ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "id: %22s", line), 1);
    expect(f, VERN(f, "concern", "decide", other, line, "release", "why not", ONLINE), 3);
    says(f->err, "staff"); /* an application decides nothing */
    expect(f, VERN(f, "concern", "decide", other, line, "maybe", "why", ONLINE), 64);
    expect(f, VERN(f, "concern", "decide", other, "x", "release", "why", ONLINE), 64);
    expect(f, VERN(f, "concern", id, "AAAAAAAAAAAAAAAAAAAAAQ", other, ONLINE), 4);
    expect(f, VERN(f, "concern", "end", id, line, ONLINE), 0);
    expect(f, VERN(f, "concern", "end", id, line, ONLINE), 4);
    expect(f,
           VERN(f, "collect", id, "contact_form", "contact.email=ola@example.org", "--source",
                "person", "--concerns", "question.text", ONLINE),
           64);
    stop(f);
}

/* An id is typed as it was printed: it may begin with a hyphen or two. */
static void an_id_is_no_option_however_it_begins(void **state)
{
    struct fixture *f = *state;
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "concerns", "--_AAAAAAAAAAAAAAAAAAw", ONLINE), 4);
    says(f->err, fault_text(FAULT_NOT_FOUND));
    expect(f, VERN(f, "concern", "end", "-_AAAAAAAAAAAAAAAAAAAw", "----AAAAAAAAAAAAAAAAAQ", ONLINE),
           4);
    expect(f, VERN(f, "concerns", "--_AAAAAAAAAAAAAAAAAA", ONLINE), 64); /* is none */
    says(f->err, "has no option");
    stop(f);
    for (int i = 0; i < OPTION_COUNT; i++) /* nor does any look like one */
        assert_true(strlen("--") + strlen(option_row((enum option)i)->name) < ID_TEXT);
}

static void a_file_is_put_and_got_and_a_service_asked_for(void **state)
{
    struct fixture *f = *state;
    char path[96], back[96], id[ID_TEXT + 1], item[ID_TEXT + 1];
    snprintf(path, sizeof(path), "%s/cv.txt", f->dir);
    snprintf(back, sizeof(back), "%s/back.txt", f->dir);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 20000; i++)
        fputs("a line of it\n", file);
    fclose(file);
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "create", "number=K-2", "--role", "candidate", ONLINE), 0);
    assert_int_equal(sscanf(f->out, "id: %22s", id), 1);
    expect(f, VERN(f, "service", id, "recruitment", ONLINE), 0);
    says(f->out, "open: no");
    char events[64];
    snprintf(events, sizeof(events), "/v1/subjects/%s/events", id);
    expect(f,
           VERN(f, "call", "POST", events,
                "{\"event\":\"application_received\",\"by_subject\":true}", ONLINE),
           0);
    expect(f,
           VERN(f, "collect", id, "job_form", "contact.name=Ola", "contact.email=ola@example.org",
                "--source", "person", "--channel", "web", ONLINE),
           0);
    expect(f,
           VERN(f, "put", id, "job_form", "application.cv", path, "--source", "person", "--channel",
                "web", "--media", "text/plain", ONLINE),
           0);
    const char *record = strstr(f->out, "record: ");
    assert_non_null(record);
    assert_int_equal(sscanf(record, "record: %22s", item), 1);
    char other[ID_TEXT + 1];
    expect(f, VERN(f, "create", "number=K-9", "--role", "asker", "--json", ONLINE), 0);
    assert_int_equal(sscanf(strstr(f->out, "\"id\":\""), "\"id\":\"%22s", other), 1);
    expect(f,
           VERN(f, "put", id, "job_form", "application.cv", path, "--source", "person", "--channel",
                "web", "--concerns", other, ONLINE),
           0);
    expect(f, VERN(f, "concerns", other, "--json", ONLINE), 0);
    says(f->out, "\"field\":\"application.cv\"");
    expect(f,
           VERN(f, "put", id, "job_form", "application.cv", path, "--source", "person", "--channel",
                "web", "--concerns", id, ONLINE),
           2); /* her own it is in any case */
    expect(f, VERN(f, "get", id, item, "recruitment", "--to", back, ONLINE), 0);
    struct report report = {0};
    str sent, got;
    assert_true(is_ok(file_read(path, f->arena, 1 << 20, &report, &sent)));
    assert_true(is_ok(file_read(back, f->arena, 1 << 20, &report, &got)));
    assert_true(str_equal(sent, got));
    expect(f, VERN(f, "get", id, item, "recruitment", "--to", back, ONLINE), 4); /* never over it */
    expect(f, VERN(f, "get", id, item, "support", "--to", "/nowhere/x", ONLINE), 3);
    expect(f, VERN(f, "get", id, "x", "support", "--to", back, ONLINE), 64);
    expect(f, VERN(f, "put", id, "job_form", "application.cv", "no/such/file", ONLINE), 4);
    expect(f,
           VERN(f, "put", id, "job_form", "contact.phone", path, "--source", "person", "--channel",
                "web", ONLINE),
           2);
    expect(f, VERN(f, "service", id, "recruitment", ONLINE), 0);
    says(f->out, "open: yes");
    stop(f);
    expect(f, VERN(f, "doctor", "--data", f->data), 0);
    says(f->out, "shop: 2 files in ");
    says(f->out, "shop: well");
    char data[256];
    sqlite3 *db;
    snprintf(data, sizeof(data), "%s/registers/shop/data.db", f->data);
    assert_int_equal(sqlite3_open(data, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM chunk WHERE part = 1", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    expect(f, VERN(f, "doctor", "--data", f->data), fault_exit(FAULT_CORRUPT));
    says(f->out, item);
}

static void lines_are_imported_from_a_file(void **state)
{
    struct fixture *f = *state;
    char path[96];
    snprintf(path, sizeof(path), "%s/people.ndjson", f->dir);
    FILE *file = fopen(path, "w");
    fputs("{\"number\":\"I-1\",\"roles\":[\"asker\"]}\nno\n", file);
    fclose(file);
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "import", path, ONLINE), 0);
    says(f->out, "accepted: 1");
    says(f->out, "rejected: 1");
    expect(f, VERN(f, "import", "no/such/file", ONLINE), 4);
    stop(f);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_csv_file_is_imported_by_a_mapping_and_first_only_looked_at(void **state)
{
    struct fixture *f = *state;
    char rows[96], map[96];
    snprintf(rows, sizeof(rows), "%s/people.csv", f->dir);
    snprintf(map, sizeof(map), "%s/map.yaml", f->dir);
    write_text(rows, "Nr;Navn\nC-1;Ola\nC-2\n");
    write_text(map, "mapping: 1\nseparator: \";\"\nline: {number: {column: Nr}, roles: [asker]}\n");
    expect(f, init(f), 0);
    start(f);
    for (int dry = 1; dry >= 0; dry--) {
        const char *option = dry == 1 ? "--dry-run" : "--json";
        expect(f, VERN(f, "import", rows, "--map", map, option, ONLINE), 0);
        says(f->out, dry == 1 ? "known: 0" : "\"known\":0");
    }
    expect(f, VERN(f, "import", rows, "--map", map, ONLINE), 0);
    says(f->out, "known: 1");
    says(f->out, "line: 3");
    write_text(map, "mapping: 1\nline: {number: {column: Nr}}\n");
    expect(f, VERN(f, "import", rows, "--map", map, ONLINE), fault_exit(FAULT_INVALID));
    says(f->err, "2:25");
    expect(f, VERN(f, "import", rows, "--map", "no/such/map", ONLINE), 4);
    stop(f);
}

static void a_register_is_retired_and_its_log_verifies_still(void **state)
{
    struct fixture *f = *state;
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "create", ONLINE), 0);
    expect(f, VERN(f, "retire", "shop", "many", "erase", ONLINE), 64);
    expect(f, VERN(f, "retire", "shop", "0", "erase", ONLINE), fault_exit(FAULT_CONFLICT));
    expect(f, VERN(f, "retire", "shop", "1", "erase", ONLINE), 0);
    says(f->out, "people: 1");
    says(f->out, "checkpoint:");
    expect(f, VERN(f, "call", "GET", "/v1/register", ONLINE), fault_exit(FAULT_GONE));
    stop(f);
    char log[160], key[160];
    snprintf(log, sizeof(log), "%s/registers/shop/log", f->data);
    snprintf(key, sizeof(key), "%s/registers/shop/log.key", f->data);
    expect(f, VERN(f, "log", "verify", log, "--key", key), 0);
    expect(f, VERN(f, "token", "--data", f->data, "--register", "shop"),
           fault_exit(FAULT_NOT_FOUND));
}

static void many_people_are_asked_about_from_a_file_or_by_purpose(void **state)
{
    struct fixture *f = *state;
    char people[96], ids[96], copy[96], lines[600];
    snprintf(people, sizeof(people), "%s/many.ndjson", f->dir);
    snprintf(ids, sizeof(ids), "%s/ids", f->dir);
    snprintf(copy, sizeof(copy), "%s/copy.ndjson", f->dir);
    snprintf(lines, sizeof(lines),
             "{\"number\":\"M-1\",\"roles\":[\"asker\"],\"collect\":[{\"intake\":\"contact_form\","
             "\"source\":\"person\",\"channel\":\"web\",\"values\":{\"contact.email\":"
             "\"m1@example.org\",\"question.text\":\"Hei\"}}]}\n");
    write_text(people, lines);
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "import", people, ONLINE), 0);
    expect(f,
           VERN(f, "call", "POST", "/v1/evidence",
                "{\"type\":\"balancing\",\"purpose\":\"support\",\"particulars\":"
                "{\"reference\":\"w 1\"}}",
                ONLINE),
           0);
    write_text(ids, "AAECAwQFBgcICQoLDA0ODw\n\n");
    expect(f, VERN(f, "batch", "read", "support", "--subjects", ids, ONLINE), 0);
    says(f->out, "\"unknown\":true");
    expect(f, VERN(f, "batch", "read", "support", "contact.email", "--everyone", ONLINE), 0);
    says(f->out, "m1@example.org");
    says(f->out, "\"people\":1,\"allowed\":1");
    expect(f, VERN(f, "batch", "message", "answer", "email", "--everyone", "--queue", ONLINE), 0);
    says(f->out, "\"queued\":true");
    expect(f, VERN(f, "batch", "share", "orders", "carrier", "--everyone", ONLINE), 0);
    says(f->out, "\"people\":0");
    expect(f, VERN(f, "export", "--to", copy, ONLINE), 0);
    assert_int_equal(f->out[0], '\0');
    expect(f, VERN(f, "export", "--to", copy, ONLINE), fault_exit(FAULT_CONFLICT));
    snprintf(copy, sizeof(copy), "%s/copy.csv", f->dir);
    expect(f, VERN(f, "export", "support", "--format", "csv", ONLINE), 64);
    expect(f, VERN(f, "export", "support", "--format", "html", "--to", copy, ONLINE), 64);
    expect(f, VERN(f, "export", "--format", "csv", "--to", copy, ONLINE), 2);
    expect(f, VERN(f, "export", "support", "--format", "csv", "--to", copy, ONLINE), 0);
    expect(f, VERN(f, "batch", "read", "support", ONLINE), 64);
    expect(f, VERN(f, "batch", "read", "support", "--everyone", "--subjects", ids, ONLINE), 64);
    expect(f, VERN(f, "batch", "read", "no_such", "--everyone", ONLINE), 2);
    write_text(ids, "AAECAwQFBgcICQoLDA0ODw\nAAECAwQFBgcICQoLDA0ODw\n");
    expect(f, VERN(f, "batch", "read", "support", "--subjects", ids, ONLINE), 2);
    stop(f);
}

static void a_server_that_is_not_there_is_said_so(void **state)
{
    struct fixture *f = *state;
    expect(f, init(f), 0);
    expect(f, VERN(f, "forecast", "--server", "http://127.0.0.1:1", "--token-file", f->token), 5);
    expect(f, VERN(f, "forecast", "--server", "ftp://x", "--token-file", f->token), 64);
    expect(f, VERN(f, "forecast", "--server", "http://127.0.0.1:1"), 64);
}

/* ---- the log's files ---- */

static char bundle[256]; /* the path of a bundle of entries */

static int find_bundle(const char *path, const struct stat *stat_, int kind, struct FTW *walk)
{
    (void)walk;
    if (kind == FTW_F && stat_->st_size > 0 && strstr(path, "/tile/entries/") != NULL)
        snprintf(bundle, sizeof(bundle), "%.250s", path);
    return 0;
}

static void flip_a_byte(const char *path)
{
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, 40, SEEK_SET);
    int c = fgetc(file);
    fseek(file, 40, SEEK_SET);
    fputc(c ^ 1, file);
    fclose(file);
}

static void a_log_is_verified_while_a_server_writes_it(void **state)
{
    struct fixture *f = *state;
    char path[160];
    expect(f, init(f), 0);
    start(f);
    for (int i = 0; i < 3; i++) {
        char number[32];
        snprintf(number, sizeof(number), "number=K-%d", i);
        expect(f, VERN(f, "create", number, ONLINE), 0);
        expect(f,
               VERN(f, "log", "verify", "--data", f->data, "--root", f->root, "--register", "shop"),
               0);
        says(f->out, "a server is writing");
        says(f->out, "the log is whole");
    }
    /* What is damaged is damaged, server or not. */
    snprintf(path, sizeof(path), "%s/registers/shop/log", f->data);
    bundle[0] = '\0';
    nftw(path, find_bundle, 16, FTW_PHYS);
    assert_true(bundle[0] != '\0');
    flip_a_byte(bundle);
    expect(f, VERN(f, "log", "verify", "--data", f->data, "--root", f->root, "--register", "shop"),
           fault_exit(FAULT_CORRUPT));
    flip_a_byte(bundle);
    stop(f);
    expect(f, VERN(f, "log", "verify", "--data", f->data, "--root", f->root, "--register", "shop"),
           0);
    assert_null(strstr(f->out, "a server is writing"));
}

static void a_damaged_entry_of_the_log_is_named(void **state)
{
    struct fixture *f = *state;
    char path[160], key[96];
    expect(f, init(f), 0);
    start(f);
    expect(f, VERN(f, "call", "GET", "/v1/log/key", ONLINE), 0);
    stop(f);
    snprintf(key, sizeof(key), "%s/key", f->dir);
    FILE *file = fopen(key, "w");
    fputs(f->out, file);
    fclose(file);
    snprintf(path, sizeof(path), "%s/registers/shop/log", f->data);
    expect(f, VERN(f, "log", "verify", path), 64);
    says(f->err, "--key");
    expect(f, VERN(f, "log", "verify", path, "--key", key), 0);
    bundle[0] = '\0';
    nftw(path, find_bundle, 16, FTW_PHYS);
    assert_true(bundle[0] != '\0');
    flip_a_byte(bundle);
    expect(f, VERN(f, "log", "verify", path, "--key", key), fault_exit(FAULT_CORRUPT));
    says(f->out, "damaged at entry 0");
}

static void the_api_is_printed(void **state)
{
    struct fixture *f = *state;
    expect(f, VERN(f, "api", "--openapi"), 0);
    says(f->out, "\"openapi\": \"3.1.0\"");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(help_names_every_command_and_its_options),
        TEST(a_wrong_word_is_answered_with_the_nearest),
        TEST(every_command_states_its_options_once),
        TEST(nothing_printed_can_move_the_cursor_or_turn_text_around),
        TEST(json_is_laid_out_for_people),
        TEST(check_ends_by_what_it_found),
        TEST(notice_prints_the_page_or_all_that_lacks),
        TEST(record_prints_the_record_of_a_controller_or_of_a_processor),
        TEST(plans_and_changes_print_as_tables_too),
        TEST(check_prints_json_that_parses),
        TEST(check_speaks_norwegian_when_asked),
        TEST(check_prints_sarif_with_rules_levels_and_places),
        TEST(tests_of_a_policy_are_run_and_explained),
        TEST(a_policy_does_not_differ_from_itself),
        TEST(a_diff_sees_what_the_deployments_change),
        TEST(a_printed_policy_loads_and_is_the_same),
        TEST(a_register_is_created_and_its_token_is_the_owners_alone),
        TEST(several_servers_want_databases_and_no_pooler),
        TEST(a_folder_without_a_register_is_said_to_have_none_for_several_servers),
        TEST(a_databases_address_that_cannot_be_is_refused_before_anything_is_made),
        TEST(a_folder_is_backed_up_restored_rotated_and_verified),
        TEST(an_archive_is_opened_by_its_identity_alone),
        TEST(a_backup_is_encrypted_to_a_recipient_checked_and_restored),
        TEST(a_backup_as_it_lies_is_checked_without_putting_it_in_place),
        TEST(a_wrong_root_key_keeps_everything_shut),
        TEST(a_breach_is_recorded_from_the_command_line),
        TEST(people_are_served_from_the_command_line),
        TEST(a_certificate_of_an_erasure_is_checked_offline),
        TEST(a_package_is_taken_along_checked_and_loaded_elsewhere),
        TEST(a_request_is_handled_from_the_command_line),
        TEST(an_item_about_two_people_is_listed_and_ended),
        TEST(an_id_is_no_option_however_it_begins),
        TEST(a_file_is_put_and_got_and_a_service_asked_for),
        TEST(lines_are_imported_from_a_file),
        TEST(a_csv_file_is_imported_by_a_mapping_and_first_only_looked_at),
        TEST(a_register_is_retired_and_its_log_verifies_still),
        TEST(many_people_are_asked_about_from_a_file_or_by_purpose),
        TEST(a_server_that_is_not_there_is_said_so),
        TEST(a_log_is_verified_while_a_server_writes_it),
        TEST(a_damaged_entry_of_the_log_is_named),
        TEST(the_api_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
