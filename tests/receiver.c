#include "receiver.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
enum { WORDS_MOST = 16, ARENA_BYTES = 64 << 20 };
static const char python[] = "/usr/bin/python3"; /* Debian's, which sees Debian's packages */

void receiver_open_by(struct receiver *receiver, const char *program, const char *script,
                      const char *const *words)
{
    int in[2], out[2];
    char *list[WORDS_MOST + 3] = {(char *)(uintptr_t)program, (char *)(uintptr_t)script};
    for (size_t i = 0; words[i] != NULL; i++) {
        assert_true(i < WORDS_MOST);
        list[i + 2] = (char *)(uintptr_t)words[i];
    }
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO), 0);
    *receiver = (struct receiver){.input = in[1], .arena = arena_new(ARENA_BYTES)};
    if (posix_spawnp(&receiver->pid, program, &actions, NULL, list, environ) != 0)
        fail_msg("%s does not start", program);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    receiver->output = fdopen(out[0], "r");
    int64_t port;
    assert_true(json_i64(json_get(receiver_next(receiver, "port"), "port"), &port));
    receiver->port = (uint16_t)port;
}

void receiver_open(struct receiver *receiver, const char *script, const char *const *words)
{
    receiver_open_by(receiver, python, script, words);
}

void receiver_close(struct receiver *receiver)
{
    int state;
    close(receiver->input);
    assert_int_equal(waitpid(receiver->pid, &state, 0), receiver->pid);
    (void)fclose(receiver->output);
    arena_free(&receiver->arena);
}

const struct json *receiver_next(struct receiver *receiver, const char *member)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, receiver->output)) > 0) {
        struct report report = {0};
        const struct json *json;
        str text = arena_copy(receiver->arena, (str){line, (size_t)length});
        if (!is_ok(json_parse(receiver->arena, text, &report, &json)))
            fail_msg("the receiver says: %s", line);
        if (json_get(json, member) != NULL) {
            free(line);
            return json;
        }
    }
    free(line);
    fail_msg("the receiver ended before it said %s", member);
}

str receiver_text(const struct json *line, const char *member)
{
    str text = STR("");
    if (!json_str(json_get(line, member), &text))
        fail_msg("no text %s from the receiver", member);
    return text;
}
