/* manifest.c: see manifest.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_internal.h"
#include "manifest.h"

enum { MANIFEST_BYTES_MOST = LIMIT_MANIFEST_LINES * MANIFEST_LINE_BYTES };

void manifest_path(char path[128], const merkle_hash *root)
{
    struct buf buf = buf_over(path, 127);
    buf_text(&buf, "manifest/");
    buf_hex(&buf, (str){(const char *)root->bytes, MERKLE_HASH_BYTES});
    path[buf.len] = 0;
}

static int compare_lines(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES);
}

static merkle_hash line_leaf(struct hasher *hasher, const struct manifest_line *line)
{
    return merkle_leaf(hasher, (str){(const char *)line, sizeof(*line)});
}

static const struct manifest_line *lines_of(str file)
{
    return (const struct manifest_line *)(const void *)file.ptr;
}

bool manifest_pass(struct manifest_pass *pass, struct hasher *hasher, str file, size_t to)
{
    const struct manifest_line *lines = lines_of(file);
    assert(to * sizeof(*lines) <= file.len);
    for (; pass->line < to; pass->line++) {
        const struct manifest_line *line = &lines[pass->line];
        if (line->decision >= AUDIT_DECISION_COUNT ||
            (pass->line > 0 && compare_lines(line - 1, line) >= 0))
            return false;
        merkle_hash leaf = line_leaf(hasher, line);
        merkle_range_add(&pass->range, hasher, &leaf);
    }
    return true;
}

bool manifest_root(struct hasher *hasher, str file, merkle_hash *root)
{
    struct manifest_pass pass = {0};
    if (file.len == 0 || file.len > MANIFEST_BYTES_MOST ||
        file.len % sizeof(struct manifest_line) != 0 ||
        !manifest_pass(&pass, hasher, file, file.len / sizeof(struct manifest_line)))
        return false;
    *root = merkle_range_root(&pass.range, hasher);
    return true;
}

/* The flush that makes its entry durable comes to it first. */
static void await_flush(struct audit_log *log, const merkle_hash *root)
{
    if (log->manifest_count == log->manifest_room) {
        log->manifest_room = log->manifest_room == 0 ? 8 : log->manifest_room * 2;
        log->manifests = realloc(log->manifests, log->manifest_room * sizeof(*log->manifests));
        if (log->manifests == NULL)
            abort();
    }
    log->manifests[log->manifest_count++] = *root;
}

static status keep(struct audit_log *log, const merkle_hash *root, str file, struct report *report)
{
    char path[SHELF_PATH];
    if (known_kept(&log->known, root))
        return OK;
    manifest_path(path, root);
    TRY(shelf_keep(&log->shelf, "log.manifest", path, file, false, report));
    shelf_start(&log->shelf, path);
    await_flush(log, root);
    known_written(&log->known, root, lines_of(file), file.len / MANIFEST_LINE_BYTES);
    return OK;
}

status audit_manifest_write(struct audit_log *log, struct manifest_line *lines, size_t count,
                            struct report *report, merkle_hash *root)
{
    TRY(log_alive(log, report));
    if (count > LIMIT_MANIFEST_LINES)
        return fail(report, FAULT_LIMIT, "a manifest takes at most %d people",
                    LIMIT_MANIFEST_LINES);
    if (count > 1)
        qsort(lines, count, sizeof(*lines), compare_lines);
    str file = {(const char *)lines, count * sizeof(*lines)};
    if (!manifest_root(log->hasher, file, root))
        return fail(report, FAULT_INVALID,
                    "a manifest must list somebody, nobody twice, each with a decision");
    return keep(log, root, file, report);
}

status audit_manifest_take(struct audit_log *log, const merkle_hash *root, str lines,
                           struct report *report)
{
    char path[SHELF_PATH];
    merkle_hash got;
    TRY(log_alive(log, report));
    manifest_path(path, root);
    if (!manifest_root(log->hasher, lines, &got) || !MERKLE_EQUAL(got, *root))
        return fail(report, FAULT_CORRUPT, "the log's %s is damaged where it is kept", path);
    return keep(log, root, lines, report);
}

/* Those that wait for the flush are in no cache: each was written a moment ago. */
static status show_manifests(struct audit_log *log, const struct audit_keeper *keeper,
                             struct report *report)
{
    CLEANUP(bytes_free) struct bytes bytes = {0};
    char path[SHELF_PATH];
    bool found = false;
    for (size_t i = 0; i < log->manifest_count; i++) {
        manifest_path(path, &log->manifests[i]);
        TRY(shelf_read(&log->shelf, path, MANIFEST_BYTES_MOST, report, &bytes, &found));
        if (!found)
            return fail(report, FAULT_CORRUPT, "the log's %s is missing or damaged", path);
        TRY(keeper->manifest(keeper->self, &log->manifests[i], bytes_str(&bytes), report));
    }
    return OK;
}

status audit_each_pending(struct audit_log *log, const struct audit_keeper *keeper,
                          struct report *report)
{
    struct record record;
    str pending = bytes_str(&log->pending);
    size_t at = 0;
    TRY(log_alive(log, report));
    TRY(show_manifests(log, keeper, report));
    for (uint64_t index = log->size; index < log->appended; index++) {
        if (record_next(log->hasher, pending, index, &at, &record) != RECORD_GOOD)
            return fail(report, FAULT_CORRUPT, "an entry of the audit log is damaged in memory");
        TRY(keeper->entry(keeper->self, index, record.entry, report));
    }
    return OK;
}

status audit_manifest_flush(struct audit_log *log, struct report *report)
{
    char path[SHELF_PATH];
    if (log->manifest_count == 0)
        return OK;
    TRY(world_seam(log->world, "log.manifest", report));
    for (size_t i = 0; i < log->manifest_count; i++) {
        manifest_path(path, &log->manifests[i]);
        TRY(shelf_sync(&log->shelf, path, false, report));
    }
    TRY(shelf_sync_folder(&log->shelf, "manifest", report)); /* which was made at opening */
    log->manifest_count = 0;
    return OK;
}

static status damaged(const char *path, struct report *report)
{
    return fail(report, FAULT_CORRUPT, "the log's %s is missing or damaged", path);
}

status manifest_read(const struct shelf *shelf, struct hasher *hasher,
                     const struct manifest_name *name, struct bytes *bytes, struct report *report,
                     str *file)
{
    char path[SHELF_PATH];
    bool found = false;
    merkle_hash got;
    manifest_path(path, &name->root);
    TRY(shelf_read(shelf, path, MANIFEST_BYTES_MOST, report, bytes, &found));
    *file = found ? bytes_str(bytes) : STR("");
    if (file->len != name->lines * sizeof(struct manifest_line) ||
        !manifest_root(hasher, *file, &got) || !MERKLE_EQUAL(got, name->root))
        return damaged(path, report);
    return OK;
}

/* Into bytes of the caller's: the log's own may hold the bundle of a scan that asks for this
 * manifest. */
static status load(struct audit_log *log, const struct manifest_name *name, struct bytes *bytes,
                   struct report *report, str *file)
{
    TRY(log_alive(log, report));
    return manifest_read(&log->shelf, log->hasher, name, bytes, report, file);
}

status audit_manifest_load(struct audit_log *log, const struct manifest_name *name,
                           struct arena *arena, struct report *report,
                           const struct manifest_line **lines)
{
    CLEANUP(bytes_free) struct bytes bytes = {0};
    str file = {0};
    TRY(load(log, name, &bytes, report, &file));
    str copy = arena_copy(arena, file);
    if (copy.ptr == NULL)
        return NO_MEMORY(report);
    *lines = lines_of(copy);
    return OK;
}

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

/* One that is short is known from now on. */
static status know(struct audit_log *log, const struct manifest_name *name, struct report *report)
{
    CLEANUP(bytes_free) struct bytes bytes = {0};
    char path[SHELF_PATH];
    bool found;
    manifest_path(path, &name->root);
    TRY(shelf_read(&log->shelf, path, KNOWN_LINES * MANIFEST_LINE_BYTES, report, &bytes, &found));
    if (!found || bytes.len != name->lines * sizeof(struct manifest_line))
        return damaged(path, report);
    known_add(&log->known, &name->root, lines_of(bytes_str(&bytes)), name->lines);
    return OK;
}

/* Reads no more of the file than it must. */
static status find_in_file(struct audit_log *log, const struct manifest_name *name, audit_id handle,
                           struct report *report, struct manifest_line *line, bool *found)
{
    char path[SHELF_PATH];
    struct stat facts;
    manifest_path(path, &name->root);
    CLEANUP(close_file) int file = openat(log->shelf.dir, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? damaged(path, report) : shelf_fail(report, "open", path);
    if (fstat(file, &facts) != 0)
        return shelf_fail(report, "read", path);
    size_t low = 0, high = name->lines;
    if ((uint64_t)facts.st_size != high * sizeof(*line))
        return damaged(path, report);
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        if (pread(file, line, sizeof(*line), (off_t)(middle * sizeof(*line))) != sizeof(*line))
            return shelf_fail(report, "read", path);
        int order = memcmp(handle.bytes, line->handle, ID_BYTES);
        *found = order == 0;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return OK;
}

static status find_known(struct audit_log *log, const struct manifest_name *name, audit_id handle,
                         struct report *report, struct manifest_line *line, bool *found)
{
    if (known_find(&log->known, &name->root) == NULL)
        TRY(know(log, name, report));
    const struct known_manifest *known = known_find(&log->known, &name->root);
    if (known->count != name->lines)
        return fail(report, FAULT_CORRUPT, "a manifest has %u lines, and its entry says %u",
                    (unsigned)known->count, (unsigned)name->lines);
    const struct manifest_line *at = known_line(known, &handle);
    *found = at != NULL;
    if (*found)
        *line = *at;
    return OK;
}

status audit_manifest_find(struct audit_log *log, const struct manifest_name *name, audit_id handle,
                           struct report *report, bool *found, enum audit_decision *decision)
{
    struct manifest_line line = {0};
    char path[SHELF_PATH];
    *found = false;
    TRY(log_alive(log, report));
    TRY(name->lines <= KNOWN_LINES ? find_known(log, name, handle, report, &line, found)
                                   : find_in_file(log, name, handle, report, &line, found));
    manifest_path(path, &name->root);
    if (*found && line.decision >= AUDIT_DECISION_COUNT)
        return damaged(path, report);
    if (*found)
        *decision = (enum audit_decision)line.decision;
    return OK;
}

/* A manifest's file as a source of nodes: each made anew from its lines, which are few. */
struct line_source {
    struct hasher *hasher;
    const struct manifest_line *lines;
};

static status line_node(void *self, unsigned level, uint64_t n, struct report *report,
                        merkle_hash *hash)
{
    (void)report;
    const struct line_source *source = self;
    struct merkle_range range = {0};
    for (uint64_t i = n << level; i < (n + 1) << level; i++) {
        merkle_hash leaf = line_leaf(source->hasher, &source->lines[i]);
        merkle_range_add(&range, source->hasher, &leaf);
    }
    *hash = merkle_range_root(&range, source->hasher);
    return OK;
}

status audit_manifest_prove(struct audit_log *log, const struct manifest_name *name,
                            audit_id handle, struct report *report, struct manifest_proof *proof)
{
    CLEANUP(bytes_free) struct bytes bytes = {0};
    str file = {0};
    TRY(load(log, name, &bytes, report, &file));
    const struct manifest_line *lines = lines_of(file);
    size_t count = file.len / sizeof(*lines);
    const struct manifest_line *line =
        bsearch(handle.bytes, lines, count, sizeof(*lines), compare_lines);
    if (line == NULL)
        return fail(report, FAULT_NOT_FOUND, "the manifest has no such handle");
    *proof =
        (struct manifest_proof){.line = *line, .index = (uint64_t)(line - lines), .count = count};
    struct line_source lent = {log->hasher, lines};
    struct merkle_source source = {&lent, log->hasher, line_node};
    return merkle_prove_inclusion(&source, proof->index, count, report, &proof->path);
}

bool manifest_proved(struct hasher *hasher, const struct manifest_proof *proof,
                     const merkle_hash *root)
{
    merkle_hash leaf = line_leaf(hasher, &proof->line);
    return merkle_included(hasher, proof->index, proof->count, &leaf, &proof->path, root);
}
