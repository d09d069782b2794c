/* Reading and writing go by one table of parts: head, card, chunks. Keys, boxes and headers take
 * their randomness from libsodium itself, which offers no other source for them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "file.h"

enum {
    MAGIC_BYTES = 8,
    MARK_BYTES = 16,
    BOX_BYTES = crypto_box_SEALBYTES + crypto_secretstream_xchacha20poly1305_KEYBYTES,
    HEAD_BYTES = MAGIC_BYTES + MARK_BYTES + BOX_BYTES,
    STREAM_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    TAG_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
    CHECK_BYTES = 4,
    NAME_ROOM = 4096,
    IDENTITY_BYTES = 256
};

static const char magic[MAGIC_BYTES] = {'v', 'e', 'r', 'n', 'a', 'r', 'c', '1'};
static const char identity_name[] = "vern-identity-1-", recipient_name[] = "vern-recipient-1-";

/* ---- identities and recipients, as text ---- */

static void print_key(const char *name, const unsigned char key[32], struct buf *buf)
{
    unsigned char bytes[32 + CHECK_BYTES], sum[16];
    memcpy(bytes, key, 32);
    crypto_generichash(sum, sizeof(sum), key, 32, (const unsigned char *)name, strlen(name));
    memcpy(bytes + 32, sum, CHECK_BYTES);
    buf_text(buf, name);
    buf_base64url(buf, (str){(const char *)bytes, sizeof(bytes)});
    wipe(bytes, sizeof(bytes));
}

static bool parse_key(const char *name, str text, unsigned char key[32])
{
    unsigned char bytes[32 + CHECK_BYTES], sum[16];
    size_t length = 0;
    bool good =
        str_starts(text, str_from(name)) &&
        base64url_decode(str_slice(text, strlen(name), text.len), bytes, sizeof(bytes), &length) &&
        length == sizeof(bytes);
    if (good) {
        crypto_generichash(sum, sizeof(sum), bytes, 32, (const unsigned char *)name, strlen(name));
        good = memcmp(sum, bytes + 32, CHECK_BYTES) == 0;
        memcpy(key, bytes, 32);
    }
    wipe(bytes, sizeof(bytes));
    return good;
}

static void start_sodium(void)
{
    if (sodium_init() < 0)
        abort();
}

static void recipient_of(const secret *identity, struct recipient *recipient)
{
    start_sodium();
    if (crypto_scalarmult_base(recipient->key, identity->bytes) != 0)
        abort();
}

status identity_read(const char *path, struct report *report, secret *identity)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(8 * IDENTITY_BYTES);
    str text;
    start_sodium();
    TRY(file_read(path, arena, IDENTITY_BYTES, report, &text));
    bool good = parse_key(identity_name, str_trim(text), identity->bytes);
    wipe((void *)(uintptr_t)text.ptr, text.len);
    if (!good)
        return fail(report, FAULT_KEY, "this file holds no identity");
    return OK;
}

static status identity_new(const struct world *world, const char *path, struct report *report,
                           secret *identity)
{
    char room[IDENTITY_BYTES];
    struct buf buf = buf_over(room, sizeof(room));
    start_sodium();
    world_random(world, identity->bytes, sizeof(identity->bytes));
    print_key(identity_name, identity->bytes, &buf);
    buf_char(&buf, '\n');
    struct file_change change = {world, "archive.identity", path};
    status written = file_write_durable(&change, buf_str(&buf), 0600, report);
    wipe(room, sizeof(room));
    return written;
}

status identity_make(const struct world *world, const char *path, struct report *report,
                     struct recipient *recipient)
{
    CLEANUP(secret_wipe) secret identity = {{0}};
    TRY(file_exists(path) ? identity_read(path, report, &identity)
                          : identity_new(world, path, report, &identity));
    recipient_of(&identity, recipient);
    return OK;
}

void recipient_print(const struct recipient *recipient, struct buf *buf)
{
    start_sodium();
    print_key(recipient_name, recipient->key, buf);
}

status recipient_parse(str text, struct report *report, struct recipient *recipient)
{
    start_sodium();
    if (parse_key(recipient_name, str_trim(text), recipient->key))
        return OK;
    return fail(report, FAULT_KEY, "this is no recipient (vern keys recipient prints one)");
}

/* ---- files ---- */

static status read_some(int fd, unsigned char *room, size_t size, const char *path,
                        struct report *report, size_t *count)
{
    *count = 0;
    while (*count < size) {
        ssize_t got = read(fd, room + *count, size - *count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_fault(report, errno, "read", path);
        if (got == 0)
            break;
        *count += (size_t)got;
    }
    return OK;
}

static status write_some(int fd, const unsigned char *bytes, size_t size, const char *path,
                         struct report *report)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return file_fault(report, put < 0 ? errno : ENOSPC, "write", path);
        bytes += put;
        size -= (size_t)put;
    }
    return OK;
}

/* One stream from a file to a file beside its last place. */
struct stream {
    const struct archive_job *job;
    int in, out; /* out -1: nothing is written */
    char beside[NAME_ROOM];
    crypto_secretstream_xchacha20poly1305_state state;
    unsigned char head[HEAD_BYTES];
    unsigned char plain[ARCHIVE_CHUNK_BYTES];
    unsigned char sealed[ARCHIVE_CHUNK_BYTES + TAG_BYTES];
};

static void stream_free(struct stream **stream)
{
    fd_close(&(*stream)->in);
    fd_close(&(*stream)->out);
    wipe(*stream, sizeof(**stream));
    free(*stream);
}

static status stream_start(const struct archive_job *job, struct stream *stream,
                           struct report *report)
{
    *stream = (struct stream){.job = job, .in = -1, .out = -1};
    start_sodium();
    stream->in = open(job->from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (stream->in < 0)
        return file_fault(report, errno, "read", job->from);
    if (job->to == NULL)
        return OK;
    if (snprintf(stream->beside, NAME_ROOM, "%s.new", job->to) >= NAME_ROOM)
        return fail(report, FAULT_LIMIT, "a path is too long");
    TRY(world_seam(job->world, "archive.write", report));
    stream->out = open(stream->beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    return stream->out < 0 ? file_fault(report, errno, "write", job->to) : OK;
}

static status put(struct stream *stream, const unsigned char *bytes, size_t size,
                  struct report *report)
{
    if (stream->out < 0)
        return OK;
    return write_some(stream->out, bytes, size, stream->job->to, report);
}

/* Puts the whole file in place, or takes away what there is of it. */
static status stream_end(struct stream *stream, status result, struct report *report)
{
    const struct archive_job *job = stream->job;
    if (stream->out < 0)
        return result;
    if (is_ok(result))
        result = world_seam(job->world, "archive.flush", report);
    if (is_ok(result) && fsync(stream->out) != 0)
        result = file_fault(report, errno, "flush", job->to);
    struct file_change change = {job->world, "archive.move", stream->beside};
    if (is_ok(result))
        return file_rename_durable(&change, job->to, report);
    struct report ignored = {0};
    (void)is_ok(file_remove_durable(&change, &ignored)); /* half of a plain text may be there */
    return result;
}

/* ---- sealing ---- */

static void mark_of(const struct recipient *recipient, unsigned char mark[MARK_BYTES])
{
    crypto_generichash(mark, MARK_BYTES, recipient->key, sizeof(recipient->key), NULL, 0);
}

static status put_head(struct stream *stream, const struct recipient *recipient, str card,
                       struct report *report)
{
    CLEANUP(secret_wipe) secret key;
    unsigned char header[STREAM_BYTES], padded[ARCHIVE_CARD_BYTES] = {0};
    if (card.len >= sizeof(padded))
        return fail(report, FAULT_LIMIT, "the card of an archive is too long");
    memcpy(padded, card.ptr, card.len);
    crypto_secretstream_xchacha20poly1305_keygen(key.bytes);
    memcpy(stream->head, magic, MAGIC_BYTES);
    mark_of(recipient, stream->head + MAGIC_BYTES);
    if (crypto_box_seal(stream->head + MAGIC_BYTES + MARK_BYTES, key.bytes, sizeof(key.bytes),
                        recipient->key) != 0)
        return fail(report, FAULT_KEY, "nothing can be sealed to this recipient");
    crypto_secretstream_xchacha20poly1305_init_push(&stream->state, header, key.bytes);
    crypto_secretstream_xchacha20poly1305_push(&stream->state, stream->sealed, NULL, padded,
                                               sizeof(padded), stream->head, HEAD_BYTES, 0);
    TRY(put(stream, stream->head, HEAD_BYTES, report));
    TRY(put(stream, header, sizeof(header), report));
    return put(stream, stream->sealed, sizeof(padded) + TAG_BYTES, report);
}

/* The last chunk is shorter than a whole one, if only by being empty. */
static status put_chunks(struct stream *stream, struct report *report)
{
    for (size_t count = ARCHIVE_CHUNK_BYTES; count == ARCHIVE_CHUNK_BYTES;) {
        TRY(read_some(stream->in, stream->plain, ARCHIVE_CHUNK_BYTES, stream->job->from, report,
                      &count));
        unsigned char tag = count < ARCHIVE_CHUNK_BYTES
                                ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
        crypto_secretstream_xchacha20poly1305_push(&stream->state, stream->sealed, NULL,
                                                   stream->plain, count, NULL, 0, tag);
        TRY(put(stream, stream->sealed, count + TAG_BYTES, report));
    }
    return OK;
}

static status seal_all(struct stream *stream, const struct recipient *recipient, str card,
                       struct report *report)
{
    TRY(put_head(stream, recipient, card, report));
    return put_chunks(stream, report);
}

status archive_seal(const struct archive_job *job, const struct recipient *recipient, str card,
                    struct report *report)
{
    assert(job->to != NULL);
    CLEANUP(stream_free) struct stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL)
        abort();
    TRY(stream_start(job, stream, report));
    return stream_end(stream, seal_all(stream, recipient, card, report), report);
}

/* ---- opening ---- */

static status damaged(struct report *report)
{
    return fail(report, FAULT_CORRUPT, "this archive is damaged or not whole");
}

static status open_head(struct stream *stream, const secret *identity, struct report *report)
{
    CLEANUP(secret_wipe) secret key;
    struct recipient recipient;
    unsigned char mark[MARK_BYTES], header[STREAM_BYTES];
    size_t count;
    TRY(read_some(stream->in, stream->head, HEAD_BYTES, stream->job->from, report, &count));
    if (count < MAGIC_BYTES || memcmp(stream->head, magic, MAGIC_BYTES) != 0)
        return fail(report, FAULT_CORRUPT, "this is no archive that this version knows");
    if (count < HEAD_BYTES)
        return damaged(report);
    recipient_of(identity, &recipient);
    mark_of(&recipient, mark);
    if (memcmp(mark, stream->head + MAGIC_BYTES, MARK_BYTES) != 0)
        return fail(report, FAULT_KEY, "this archive is for another identity");
    if (crypto_box_seal_open(key.bytes, stream->head + MAGIC_BYTES + MARK_BYTES, BOX_BYTES,
                             recipient.key, identity->bytes) != 0)
        return damaged(report);
    TRY(read_some(stream->in, header, sizeof(header), stream->job->from, report, &count));
    if (count < sizeof(header) ||
        crypto_secretstream_xchacha20poly1305_init_pull(&stream->state, header, key.bytes) != 0)
        return damaged(report);
    return OK;
}

/* One part of at most `size` bytes into stream->plain. */
static status pull(struct stream *stream, size_t size, str bound, struct report *report,
                   size_t *count, unsigned char *tag)
{
    unsigned long long length = 0;
    TRY(read_some(stream->in, stream->sealed, size + TAG_BYTES, stream->job->from, report, count));
    if (*count < TAG_BYTES || crypto_secretstream_xchacha20poly1305_pull(
                                  &stream->state, stream->plain, &length, tag, stream->sealed,
                                  *count, (const unsigned char *)bound.ptr, bound.len) != 0)
        return damaged(report);
    *count = (size_t)length;
    return OK;
}

static status open_card(struct stream *stream, struct arena *arena, struct report *report,
                        str *card)
{
    size_t count;
    unsigned char tag;
    str head = {(const char *)stream->head, HEAD_BYTES};
    TRY(pull(stream, ARCHIVE_CARD_BYTES, head, report, &count, &tag));
    if (count != ARCHIVE_CARD_BYTES || tag != 0 || stream->plain[ARCHIVE_CARD_BYTES - 1] != 0)
        return damaged(report);
    *card = arena_copy(arena, str_from((const char *)stream->plain));
    return card->ptr == NULL ? NO_MEMORY(report) : OK;
}

static status open_chunks(struct stream *stream, struct report *report)
{
    size_t count = ARCHIVE_CHUNK_BYTES;
    unsigned char tag = 0;
    while (count == ARCHIVE_CHUNK_BYTES) {
        TRY(pull(stream, ARCHIVE_CHUNK_BYTES, STR(""), report, &count, &tag));
        bool last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
        if (last != (count < ARCHIVE_CHUNK_BYTES))
            return damaged(report);
        TRY(put(stream, stream->plain, count, report));
    }
    TRY(read_some(stream->in, stream->sealed, 1, stream->job->from, report, &count));
    return count == 0 ? OK : damaged(report);
}

static status open_all(struct stream *stream, const secret *identity, struct arena *arena,
                       struct report *report, str *card)
{
    TRY(open_head(stream, identity, report));
    TRY(open_card(stream, arena, report, card));
    return open_chunks(stream, report);
}

status archive_open(const struct archive_job *job, const secret *identity, struct arena *arena,
                    struct report *report, str *card)
{
    CLEANUP(stream_free) struct stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL)
        abort();
    TRY(stream_start(job, stream, report));
    return stream_end(stream, open_all(stream, identity, arena, report, card), report);
}
