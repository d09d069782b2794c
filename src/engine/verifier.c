/* The log's verifier key as a file beside the log, so that the log can be verified while a server
 * holds the register. It says no more than the folder does: whoever can write there can put another
 * key. */
#include <stdio.h>

#include "engine_internal.h"
#include "file.h"

enum { VERIFIER_PATH = 4096, VERIFIER_BYTES = 1024 };

status reg_keep_verifier(struct reg *reg, struct report *report)
{
    char path[VERIFIER_PATH], room[VERIFIER_BYTES];
    if (snprintf(path, sizeof(path), "%s/log.key", reg->dir) >= VERIFIER_PATH)
        return fail(report, FAULT_LIMIT, "a path is too long");
    struct buf buf = buf_over(room, sizeof(room));
    buf_text(&buf, reg->verifier);
    buf_char(&buf, '\n');
    CLEANUP(arena_free) struct arena *arena = arena_new(4 * VERIFIER_BYTES);
    struct report odd = {0};
    str there;
    if (is_ok(file_read(path, arena, VERIFIER_BYTES, &odd, &there)) &&
        str_equal(there, buf_str(&buf)))
        return OK;
    struct file_change change = {reg->world, "register.verifier", path};
    return file_write_durable(&change, buf_str(&buf), 0600, report);
}
