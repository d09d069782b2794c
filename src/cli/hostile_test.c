/* The command line against bad words, bad files and servers that are none. Every command comes from
 * the table, with arguments made from the words of its usage. */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "cli_internal.h"
#include "file.h"

enum { WORDS = 24, ROOM = 160, LONG_BYTES = 100000, REQUEST_BYTES = 4096 };

static const char ID[] = "AAECAwQFBgcICQoLDA0ODw";
static const char SECRET[] = "vern_SecretThatNobodySees_0123456789";
static const char PERSON[] = "kari@example.org";

struct fixture {
    char dir[64], home[ROOM], policy[2 * ROOM], bad[2 * ROOM], token[ROOM], url[64], to[ROOM];
    char *words[WORDS];
    int count;
    char *out, *err;
    size_t out_size, err_size;
    /* The stand-in answers each connection with `reply`, then `more` for as long as it is taken. */
    int socket;
    pthread_t thread;
    str reply;
    bool more;
    int hits;
};

/* ---- a stand-in for a server ---- */

static void answer_one(struct fixture *f, int client)
{
    static char room[REQUEST_BYTES], filler[64 << 10];
    ssize_t got = recv(client, room, sizeof(room), 0);
    __atomic_add_fetch(&f->hits, got > 0, __ATOMIC_SEQ_CST);
    (void)send(client, f->reply.ptr, f->reply.len, MSG_NOSIGNAL);
    memset(filler, 'a', sizeof(filler));
    while (f->more && send(client, filler, sizeof(filler), MSG_NOSIGNAL) > 0) {
    }
    shutdown(client, SHUT_WR);
    while (recv(client, room, sizeof(room), 0) > 0) {
    }
    close(client);
}

static void *stand_in(void *self)
{
    struct fixture *f = self;
    int client;
    while ((client = accept(f->socket, NULL, NULL)) >= 0)
        answer_one(f, client);
    return NULL;
}

static void listen_now(struct fixture *f)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    f->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->socket, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(f->socket, 16), 0);
    assert_int_equal(getsockname(f->socket, (struct sockaddr *)&address, &length), 0);
    snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&f->thread, NULL, stand_in, f), 0);
}

/* ---- a folder to stand in ---- */

static void save(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* What a command makes of an odd name falls into the folder of the test. */
static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(getcwd(f->home, sizeof(f->home)));
    snprintf(f->dir, sizeof(f->dir), "/tmp/vern-hostile-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->policy, sizeof(f->policy), "%s/policies/example.yaml", f->home);
    snprintf(f->bad, sizeof(f->bad), "%s/tests/bad-policies", f->home);
    snprintf(f->token, sizeof(f->token), "%s/token", f->dir);
    snprintf(f->to, sizeof(f->to), "%s/to", f->dir);
    save(f->token, SECRET, 0600);
    assert_int_equal(chdir(f->dir), 0);
    f->reply = STR("");
    listen_now(f);
    *state = f;
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    shutdown(f->socket, SHUT_RDWR);
    pthread_join(f->thread, NULL);
    close(f->socket);
    assert_int_equal(chdir(f->home), 0);
    nftw(f->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    for (int i = 0; i < f->count; i++)
        free(f->words[i]);
    free(f->out);
    free(f->err);
    free(f);
    return 0;
}

/* ---- words ---- */

static void begin(struct fixture *f)
{
    for (int i = 0; i < f->count; i++)
        free(f->words[i]);
    f->count = 0;
}

static void add(struct fixture *f, const char *typed)
{
    assert_true(f->count < WORDS);
    f->words[f->count++] = strdup(typed);
}

static void add_words(struct fixture *f, const char *text)
{
    char one[ROOM];
    int used;
    for (; sscanf(text, " %159s%n", one, &used) == 1; text += used)
        add(f, one);
}

/* A word of the usage as something that fits: FILE, KIND=VALUE..., release|withhold. */
static void add_sample(struct fixture *f, const char *typed)
{
    static const char *const files[] = {"FILE", "FILE...", "OLD", "NEW", "POLICY", "ARCHIVE"};
    char one[ROOM];
    for (size_t i = 0; i < LENGTH(files); i++) {
        if (strcmp(typed, files[i]) == 0) {
            add(f, f->policy);
            return;
        }
    }
    snprintf(one, sizeof(one), "%.*s", (int)strcspn(typed, "|."), typed);
    bool alone = strpbrk(typed, "=|") == NULL;
    if (strcmp(typed, "METHOD") == 0)
        add(f, "POST");
    else if (strcmp(typed, "PATH") == 0)
        add(f, "/v1/x");
    else if (strcmp(typed, "PEOPLE") == 0)
        add(f, "1");
    else
        add(f, alone ? ID : one); /* an id is also a name */
}

/* The command with the least that it takes. Gives where its arguments begin. */
static int begin_command(struct fixture *f, const struct command *command)
{
    const char *text = command->arguments;
    char one[ROOM];
    int used, first;
    begin(f);
    add_words(f, command->name);
    first = f->count;
    for (int i = 0; i < command->least; i++, text += used) {
        assert_int_equal(sscanf(text, " %159s%n", one, &used), 1);
        add_sample(f, one);
    }
    return first;
}

static bool is_online(const struct command *command)
{
    return takes(command, OPTION_server);
}

static void add_server(struct fixture *f, const struct command *command)
{
    if (!is_online(command))
        return;
    add(f, "--server");
    add(f, f->url);
    add(f, "--token-file");
    add(f, f->token);
    if (takes(command, OPTION_wording))
        add_words(f, "--wording x");
    if (takes(command, OPTION_everyone))
        add(f, "--everyone");
    if (strcmp(command->name, "get") == 0 || strcmp(command->name, "package") == 0) {
        add(f, "--to");
        add(f, f->to);
    }
}

/* ---- what must hold of every run ---- */

static bool is_exit(int code)
{
    bool known = code == 0 || code == 1;
    for (int fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++)
        known = known || fault_exit((enum fault_class)fault) == code;
    return known;
}

/* Nothing that moves a cursor, turns text around or is no text. */
static bool is_safe(str text)
{
    static const str marks[] = {{"\xe2\x80\xae", 3}, {"\xe2\x81\xa6", 3}, {"\xe2\x80\x8b", 3}};
    bool safe = utf8_valid(text);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i], next = 0;
        if (i + 1 < text.len)
            next = (unsigned char)text.ptr[i + 1];
        safe = safe && (c >= 0x20 || c == '\n' || c == '\t') && c != 0x7f;
        safe = safe && !(c == 0xc2 && next >= 0x80 && next < 0xa0);
    }
    for (size_t i = 0; i < LENGTH(marks); i++)
        safe = safe && memmem(text.ptr, text.len, marks[i].ptr, marks[i].len) == NULL;
    return safe;
}

static void run_fails(const struct fixture *f, int code, const char *why)
{
    char typed[1000] = "";
    for (int i = 0; i < f->count; i++) {
        size_t length = strlen(typed);
        snprintf(typed + length, sizeof(typed) - length, " %.60s", f->words[i]);
    }
    fail_msg("%s: vern%s: %d: %.500s|%.500s", why, typed, code, f->out, f->err);
}

static int run_in(struct fixture *f, const char *input, size_t length)
{
    free(f->out);
    free(f->err);
    f->out = f->err = NULL;
    FILE *out = open_memstream(&f->out, &f->out_size);
    FILE *err = open_memstream(&f->err, &f->err_size);
    char *typed = calloc(1, length + 1);
    memcpy(typed, input, length);
    FILE *in = length == 0 ? fopen("/dev/null", "r") : fmemopen(typed, length, "r");
    int code = cli_run(f->count, f->words, NULL, in, out, err);
    fclose(in);
    free(typed);
    fclose(out);
    fclose(err);
    if (!is_exit(code))
        run_fails(f, code, "not an exit code of the catalogue");
    if (code > 1 && f->err_size + f->out_size < 8)
        run_fails(f, code, "no word on what is wrong");
    if (strstr(f->err, SECRET) != NULL || strstr(f->out, SECRET) != NULL)
        run_fails(f, code, "the token is printed");
    if (strstr(f->err, PERSON) != NULL)
        run_fails(f, code, "what may be anyone's data is repeated");
    return code;
}

static int run(struct fixture *f)
{
    int code = run_in(f, " \n \n \n", 6); /* of as many lines as a command asks for */
    if (!is_safe((str){f->out, f->out_size}) || !is_safe((str){f->err, f->err_size}))
        run_fails(f, code, "not safe to print");
    return code;
}

static void ends(struct fixture *f, int wanted, const char *says)
{
    int code = run(f);
    if (code != wanted)
        run_fails(f, code, "another exit code");
    if (strstr(f->err, says) == NULL)
        run_fails(f, code, says);
}

#define EACH_COMMAND(command)                                                                      \
    const struct command *command = command_at(0);                                                 \
    command < command_at(0) + command_count();                                                     \
    command++

/* ---- words that do not fit ---- */

static void too_few_and_too_many_arguments_are_answered_with_the_usage(void **state)
{
    struct fixture *f = *state;
    for (EACH_COMMAND(command)) {
        char usage[ROOM];
        snprintf(usage, sizeof(usage), "usage: vern %s", command->name);
        if (command->least > 0) {
            begin(f);
            add_words(f, command->name);
            ends(f, 64, usage);
        }
        if (command->most >= WORDS - 4)
            continue;
        begin(f);
        add_words(f, command->name);
        for (int i = 0; i <= command->most; i++)
            add(f, "x");
        ends(f, 64, usage);
    }
}

static void an_unknown_option_is_named_without_its_value(void **state)
{
    struct fixture *f = *state;
    for (EACH_COMMAND(command)) {
        (void)begin_command(f, command);
        char typed[ROOM];
        snprintf(typed, sizeof(typed), "--xyzzy-xyzzy=%s", PERSON);
        add(f, typed);
        ends(f, 64, "has no option --xyzzy-xyzzy; see `vern help");
        for (enum option o = 0; o < OPTION_COUNT; o++) {
            if (!takes(command, o))
                continue;
            (void)begin_command(f, command);
            snprintf(typed, sizeof(typed), "--%sq=%s", option_row(o)->name, PERSON);
            add(f, typed);
            snprintf(typed, sizeof(typed), "did you mean --%s?", option_row(o)->name);
            ends(f, 64, typed);
        }
    }
}

static void an_option_twice_or_without_its_value_is_refused(void **state)
{
    struct fixture *f = *state;
    char typed[ROOM];
    for (EACH_COMMAND(command)) {
        for (enum option o = 0; o < OPTION_COUNT; o++) {
            if (!takes(command, o))
                continue;
            bool flag = option_row(o)->value == NULL;
            snprintf(typed, sizeof(typed), "--%s%s", option_row(o)->name, flag ? "" : "=x");
            (void)begin_command(f, command);
            add(f, typed);
            add(f, typed);
            ends(f, 64, "is given twice");
            snprintf(typed, sizeof(typed), "--%s%s", option_row(o)->name, flag ? "=x" : "");
            (void)begin_command(f, command);
            add(f, typed);
            ends(f, 64, flag ? "takes no value" : "wants ");
        }
    }
}

/* ---- values that nobody means ---- */

static const char *odd_value(size_t index)
{
    static char long_value[LONG_BYTES + 1];
    static const char *const odd[] = {"",
                                      "\x1b[2J\x1b]0;x\x07",
                                      "\xff\xfe\xc3",
                                      "a\nb\r",
                                      "\xe2\x80\xae"
                                      "gpj.exe",
                                      "-",
                                      "../../../etc/passwd",
                                      "%s%n%n",
                                      long_value};
    memset(long_value, 'A', LONG_BYTES);
    return index < LENGTH(odd) ? odd[index] : NULL;
}

static void odd_values_of_options_end_in_order(void **state)
{
    struct fixture *f = *state;
    f->reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    for (EACH_COMMAND(command)) {
        for (enum option o = 0; o < OPTION_COUNT; o++) {
            if (!takes(command, o) || option_row(o)->value == NULL)
                continue;
            for (size_t i = 0; odd_value(i) != NULL; i++) {
                char name[ROOM];
                (void)begin_command(f, command);
                if (o != OPTION_server && o != OPTION_token_file && o != OPTION_wording &&
                    o != OPTION_to)
                    add_server(f, command);
                snprintf(name, sizeof(name), "--%s", option_row(o)->name);
                add(f, name);
                add(f, odd_value(i));
                (void)run(f);
            }
        }
    }
}

static void odd_arguments_end_in_order(void **state)
{
    struct fixture *f = *state;
    f->reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    for (EACH_COMMAND(command)) {
        for (int at = 0; at < command->least; at++) {
            for (size_t i = 0; odd_value(i) != NULL; i++) {
                int first = begin_command(f, command);
                free(f->words[first + at]);
                f->words[first + at] = strdup(odd_value(i));
                add_server(f, command);
                (void)run(f);
            }
        }
    }
}

/* A letter that is no UTF-8 would be stored as another. */
static void a_value_that_is_no_utf_8_is_not_sent(void **state)
{
    struct fixture *f = *state;
    int before_ = f->hits;
    begin(f);
    add_words(f, "create");
    add(f, "contact.name=Ols\xe9n");
    add(f, "--server");
    add(f, f->url);
    add(f, "--token-file");
    add(f, f->token);
    ends(f, 64, "given as value is not UTF-8");
    assert_int_equal(f->hits, before_);
}

static void a_request_cannot_be_split(void **state)
{
    struct fixture *f = *state;
    int before_ = f->hits;
    static const char *const bad[][2] = {{"GET /x HTTP/1.1\r\nA:", "/v1/x"},
                                         {"GET", "/v1/x HTTP/1.1\r\nA: b"},
                                         {"get", "/v1/x"},
                                         {"GET", "/v1/\xc3\xa5"},
                                         {"", "/v1/x"}};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        begin(f);
        add(f, "call");
        add(f, bad[i][0]);
        add(f, bad[i][1]);
        add(f, "--server");
        add(f, f->url);
        add(f, "--token-file");
        add(f, f->token);
        ends(f, 64, "malformed");
    }
    assert_int_equal(f->hits, before_);
}

/* ---- files ---- */

static bool is_file_word(const char *typed)
{
    return strcmp(typed, "FILE") == 0 || strcmp(typed, "FILE...") == 0 ||
           strcmp(typed, "POLICY") == 0 || strcmp(typed, "OLD") == 0 || strcmp(typed, "NEW") == 0;
}

/* A file that is not there, a folder, and one whose reading fails, for whoever reads it. */
static void files_that_cannot_be_read_are_named_and_nothing_is_done(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"no-such.yaml", "/proc", "/proc/self/mem"};
    static const char *const named[] = {"no-such.yaml", "proc", "mem"};
    f->reply = STR("HTTP/1.1 200 OK\r\n\r\n"
                   "{\"record\":\"AAECAwQFBgcICQoLDA0ODw\"}\n");
    for (EACH_COMMAND(command)) {
        const char *text = command->arguments;
        char one[ROOM];
        int used;
        for (int at = 0; at < command->least; at++, text += used) {
            assert_int_equal(sscanf(text, " %159s%n", one, &used), 1);
            for (size_t i = 0; i < LENGTH(bad) && is_file_word(one); i++) {
                int first = begin_command(f, command), before_ = f->hits;
                free(f->words[first + at]);
                f->words[first + at] = strdup(bad[i]);
                add_server(f, command);
                int code = run(f);
                if (code != 4 && code != 5)
                    run_fails(f, code, "a file that cannot be read");
                if (strstr(f->err, named[i]) == NULL)
                    run_fails(f, code, "the file is not named");
                if (i < 2 && f->hits != before_)
                    run_fails(f, code, "the server is asked all the same");
            }
        }
    }
}

static void an_empty_input_is_not_sent(void **state)
{
    struct fixture *f = *state;
    static const char *const typed[] = {"find number -", "call POST /v1/x -",
                                        "batch read x --subjects -"};
    int before_ = f->hits;
    for (size_t i = 0; i < LENGTH(typed); i++) {
        begin(f);
        add_words(f, typed[i]);
        add(f, "--server");
        add(f, f->url);
        add(f, "--token-file");
        add(f, f->token);
        int code = run_in(f, "", 0);
        if (code != 64 || strstr(f->err, "nothing came from the input") == NULL)
            run_fails(f, code, "an empty input");
    }
    assert_int_equal(f->hits, before_);
}

static void show_with_token(struct fixture *f, const char *token)
{
    begin(f);
    add_words(f, "show");
    add(f, ID);
    add(f, "--server");
    add(f, f->url);
    add(f, "--token-file");
    add(f, token);
}

static void what_is_no_token_is_sent_nowhere(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {
        "", "\n", "root:x:0:0", "vern_a b", "vern_a\r\nX: y", "vern_\x1b[2J"};
    int before_ = f->hits;
    show_with_token(f, "no-such-token");
    ends(f, 4, "no-such-token");
    show_with_token(f, f->dir);
    ends(f, 5, "vern-hostile-");
    for (size_t i = 0; i < LENGTH(texts); i++) {
        save("other", texts[i], 0600);
        show_with_token(f, "other");
        ends(f, 64, "other holds no token");
    }
    assert_int_equal(f->hits, before_);
}

static void a_token_that_every_user_can_read_is_warned_of(void **state)
{
    struct fixture *f = *state;
    f->reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    show_with_token(f, f->token);
    ends(f, 0, "");
    assert_string_equal(f->err, "");
    save("wide", SECRET, 0644);
    show_with_token(f, "wide");
    ends(f, 0, "wide holds a token and is open to every user: chmod 600");
}

/* ---- servers that are none ---- */

struct odd_reply {
    str reply;
    int code, bulk, plain; /* of most commands; of those that stream lines; of `call` */
};
#define REPLY(text, code, bulk, plain)                                                             \
    {                                                                                              \
        {text, sizeof(text) - 1}, code, bulk, plain                                                \
    }
#define WILD                                                                                       \
    "\\u001b[2J\xc2\x9b"                                                                           \
    "31m\xe2\x80\xae"                                                                              \
    "fdp\\u0007\xe2\x81\xa6"

static const struct odd_reply replies[] = {
    REPLY("", 5, 5, 5),
    REPLY("HTTP/1.1 200 OK\r\nContent-Le", 5, 5, 5),
    REPLY("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":1", 5, 5, 5),
    REPLY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n", 5, 5, 5),
    REPLY("\x1b[2J SSH-2.0\0\xff\r\n\r\n", 2, 2, 2),
    REPLY("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 2, 2, 2),
    REPLY("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", 2, 2,
          2),
    REPLY("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html>Sign in",
          2, 5, 0),
    REPLY("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"a\":", 2, 5, 0),
    REPLY("HTTP/1.1 500 No\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<h1>\x1b[2J\n", 5,
          5, 5),
    REPLY("HTTP/1.1 502 No\r\nContent-Length: 2\r\n\r\n[]", 5, 5, 5),
    REPLY("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n\"\"", 2, 2, 2),
    REPLY("HTTP/1.1 401 No\r\n\r\n"
          "{\"type\":\"/problems/unauthenticated\",\"detail\":\"" WILD "\",\"where\":\"" WILD "\"}",
          3, 3, 3),
    REPLY("HTTP/1.1 200 OK\r\n\r\n{\"" WILD "\":[\"" WILD "\"]}", 0, 5, 0),
};

static void against(struct fixture *f, const struct command *command, const struct odd_reply *odd,
                    bool json)
{
    bool bulk = takes(command, OPTION_everyone) || strcmp(command->name, "export") == 0;
    bool plain = strcmp(command->name, "call") == 0;
    bool file = strcmp(command->name, "put") == 0 || strcmp(command->name, "get") == 0 ||
                strcmp(command->name, "package") == 0;
    (void)begin_command(f, command);
    add_server(f, command);
    if (json)
        add(f, "--json");
    int code = run(f), wanted = plain ? odd->plain : bulk ? odd->bulk : odd->code;
    if (code != (file && wanted == 0 ? 2 : wanted))
        run_fails(f, code, "another exit code");
    if (code != 0 && strstr(f->err, "vern: ") != f->err)
        run_fails(f, code, "no word on what is wrong");
    if (file_exists(f->to))
        run_fails(f, code, "a file is left");
}

static void a_server_that_is_none_is_never_a_success(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < LENGTH(replies); i++) {
        f->reply = replies[i].reply;
        for (EACH_COMMAND(command)) {
            if (!is_online(command))
                continue;
            against(f, command, &replies[i], false);
            against(f, command, &replies[i], true);
        }
    }
}

static void a_server_that_is_not_there_is_said_so(void **state)
{
    struct fixture *f = *state;
    snprintf(f->url, sizeof(f->url), "http://127.0.0.1:1");
    for (EACH_COMMAND(command)) {
        if (!is_online(command))
            continue;
        (void)begin_command(f, command);
        add_server(f, command);
        ends(f, 5, "the server cannot be reached");
    }
}

static void an_answer_without_an_end_is_let_go(void **state)
{
    struct fixture *f = *state;
    f->more = true;
    f->reply = STR("HTTP/1.1 200 OK\r\nX: ");
    show_with_token(f, f->token);
    ends(f, 4, "too large");
    f->reply = STR("HTTP/1.1 200 OK\r\n\r\n");
    show_with_token(f, f->token);
    ends(f, 4, "too large");
}

/* What is printed as it came to a file is printed safely to a terminal. */
static void a_terminal_gets_no_sequence_of_a_server(void **state)
{
    struct fixture *f = *state;
    char room[512] = "";
    int own = posix_openpt(O_RDWR | O_NOCTTY);
    if (own < 0 || grantpt(own) != 0 || unlockpt(own) != 0)
        skip(); /* no terminals on this machine */
    FILE *out = fopen(ptsname(own), "w"), *in = fopen("/dev/null", "r");
    assert_non_null(out);
    f->reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<b>\x1b[2J\nx\xc2\x9b\xff\n");
    begin(f);
    add_words(f, "call GET /v1/x --server");
    add(f, f->url);
    add(f, "--token-file");
    add(f, f->token);
    assert_int_equal(cli_run(f->count, f->words, NULL, in, out, out), 0);
    fclose(in);
    static const char wanted[] = "<b>\\u{1b}[2J\r\nx\\u{9b}\\u{fffd}\r\n";
    size_t length = 0;
    ssize_t got = 1;
    while (got > 0 && length < strlen(wanted)) { /* it comes in pieces */
        got = read(own, room + length, sizeof(room) - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    fclose(out);
    close(own);
    assert_string_equal(room, wanted);
}

/* ---- half-done ---- */

static void no_register_is_made_whose_token_cannot_be_written(void **state)
{
    struct fixture *f = *state;
    static const char *const places[] = {"no/such/folder/token", "folder", "folder/"};
    assert_int_equal(mkdir("folder", 0700), 0);
    for (size_t i = 0; i < LENGTH(places); i++) {
        begin(f);
        add_words(f, "init --data d --register shop --policy");
        add(f, f->policy);
        add(f, "--token-file");
        add(f, places[i]);
        int code = run(f);
        if ((code != 4 && code != 64) || file_exists("d"))
            run_fails(f, code, "a token without a place");
    }
    begin(f);
    add_words(f, "init --data d --register shop --policy");
    add(f, f->policy);
    ends(f, 0, "");
    struct stat info;
    assert_int_equal(stat("d/shop.token", &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    begin(f);
    add_words(f, "token --data d --register shop --token-file no/such/place");
    ends(f, 4, "no/such");
    begin(f);
    add_words(f, "token --data d --register shpo");
    ends(f, 4, "there is no register shpo");
}

/* ---- bad policies ---- */

static void bad_policy(struct fixture *f, const char *name)
{
    char path[4 * ROOM], good[4 * ROOM], line[400], place[5 * ROOM];
    unsigned at, column;
    bool deployment = strncmp(name, "deploy-", 7) == 0;
    snprintf(path, sizeof(path), "%s/%s", f->bad, name);
    snprintf(good, sizeof(good), "%s/good.yaml", f->bad);
    FILE *file = fopen(path, "r");
    assert_non_null(fgets(line, sizeof(line), file));
    fclose(file);
    if (sscanf(line, "# %u:%u ", &at, &column) != 2)
        return; /* good.yaml */
    snprintf(place, sizeof(place), "%s:%u:%u: error: ", path, at, column);
    for (int init = 0; init < 2; init++) {
        begin(f);
        add_words(f, init ? "init --data d --register shop --policy" : "check");
        add(f, deployment ? good : path);
        if (deployment)
            add(f, "--deployment");
        if (deployment)
            add(f, path);
        int code = run(f);
        if (code != 2 && code != 4)
            run_fails(f, code, "a bad policy");
        if (strstr(f->out, place) == NULL)
            run_fails(f, code, place);
        assert_false(file_exists("d/registers/shop"));
        assert_false(file_exists("d/shop.token"));
    }
}

static void every_bad_policy_is_refused_at_its_place_and_makes_no_register(void **state)
{
    struct fixture *f = *state;
    struct dirent *entry;
    size_t count = 0;
    DIR *folder = opendir(f->bad);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        bad_policy(f, entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count > 100);
    begin(f);
    add_words(f, "init --data d --register shop --policy");
    add(f, f->policy);
    ends(f, 0, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(too_few_and_too_many_arguments_are_answered_with_the_usage),
        TEST(an_unknown_option_is_named_without_its_value),
        TEST(an_option_twice_or_without_its_value_is_refused),
        TEST(odd_values_of_options_end_in_order),
        TEST(odd_arguments_end_in_order),
        TEST(a_value_that_is_no_utf_8_is_not_sent),
        TEST(a_request_cannot_be_split),
        TEST(files_that_cannot_be_read_are_named_and_nothing_is_done),
        TEST(an_empty_input_is_not_sent),
        TEST(what_is_no_token_is_sent_nowhere),
        TEST(a_token_that_every_user_can_read_is_warned_of),
        TEST(a_server_that_is_none_is_never_a_success),
        TEST(a_server_that_is_not_there_is_said_so),
        TEST(an_answer_without_an_end_is_let_go),
        TEST(a_terminal_gets_no_sequence_of_a_server),
        TEST(no_register_is_made_whose_token_cannot_be_written),
        TEST(every_bad_policy_is_refused_at_its_place_and_makes_no_register),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
