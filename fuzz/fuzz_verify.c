/* Target: command_verify(), the file that a person was given and brings back: a package as a zip,
 * a sealed paper, a receipt. Property: it ends with an answer and writes nothing but what it says;
 * what it takes by the register's own key, that key has signed, and no key here has signed any. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli_internal.h"
#include "note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_ROOM = 32, ARENA_BYTES = 64 << 20 };

struct held {
    int fd;
    char path[PATH_ROOM];
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A file of memory, under a path. */
static void hold(struct held *held, const void *bytes, size_t size)
{
    held->fd = memfd_create("verify", MFD_CLOEXEC);
    must(held->fd >= 0 && write(held->fd, bytes, size) == (ssize_t)size);
    must(snprintf(held->path, sizeof(held->path), "/proc/self/fd/%d", held->fd) < PATH_ROOM);
}

static status verify(const char *path, const char *key)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    static FILE *nowhere;
    if (nowhere == NULL)
        must((nowhere = fopen("/dev/null", "we")) != NULL);
    str argument = str_from(path);
    struct cli cli = {.out = nowhere,
                      .err = nowhere,
                      .arena = arena,
                      .arguments = &argument,
                      .argument_count = 1};
    if (key != NULL)
        cli.option[OPTION_key] = str_from(key);
    return command_verify(&cli);
}

static void hold_key(struct held *held)
{
    char room[NOTE_NAME_BYTES + 64];
    struct buf buf = buf_over(room, sizeof(room));
    struct report report = {0};
    static const secret seed = {{1}};
    struct note_signer signer;
    must(is_ok(note_signer_make(STR("fuzz.example"), &seed, &report, &signer)));
    note_verifier_print(&buf, &signer.verifier);
    hold(held, room, buf_str(&buf).len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct held file, key;
    hold(&file, data, size);
    hold_key(&key);
    (void)verify(file.path, NULL).fault; /* by the key that stands in it, whoever's that is */
    must(!is_ok(verify(file.path, key.path)));
    close(file.fd);
    close(key.fd);
    return 0;
}
