/* By libarchive, which knows the format and its limits. */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>

#include "zip.h"

enum { BLOCK_BYTES = 64 << 10, RIGHTS = 0644 };

/* libarchive takes and says of a name that it is UTF-8 only where the locale is. */
static locale_t utf8_new(void)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8 == (locale_t)0)
        abort();
    return utf8;
}

struct zip_out {
    struct archive *archive;
    struct archive_entry *entry;
    locale_t utf8;
    void *self;
    void (*take)(void *self, str bytes);
};

static la_ssize_t give(struct archive *archive, void *self, const void *bytes, size_t len)
{
    const struct zip_out *zip = self;
    (void)archive;
    zip->take(zip->self, (str){bytes, len});
    return (la_ssize_t)len;
}

struct zip_out *zip_new(void *self, void (*take)(void *self, str bytes))
{
    struct zip_out *zip = calloc(1, sizeof(*zip));
    if (zip == NULL)
        abort();
    *zip = (struct zip_out){.archive = archive_write_new(),
                            .entry = archive_entry_new(),
                            .utf8 = utf8_new(),
                            .self = self,
                            .take = take};
    if (zip->archive == NULL || zip->entry == NULL)
        abort();
    if (archive_write_set_format_zip(zip->archive) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(zip->archive, 0) != ARCHIVE_OK ||
        archive_write_open(zip->archive, zip, NULL, give, NULL) != ARCHIVE_OK)
        abort();
    return zip;
}

static status not_written(struct report *report)
{
    return fail(report, FAULT_STORE, "the archive cannot be written");
}

status zip_begin(struct zip_out *zip, const struct zip_entry *entry, struct report *report)
{
    char name[1024];
    struct buf buf = buf_over(name, sizeof(name));
    buf_add(&buf, entry->name);
    buf_char(&buf, '\0');
    if (buf.full)
        return fail(report, FAULT_LIMIT, "a name in the archive is too long");
    archive_entry_clear(zip->entry);
    archive_entry_set_pathname(zip->entry, name);
    archive_entry_set_filetype(zip->entry, AE_IFREG);
    archive_entry_set_perm(zip->entry, RIGHTS);
    archive_entry_set_size(zip->entry, (la_int64_t)entry->size);
    archive_entry_set_mtime(zip->entry, entry->made.ms / 1000, 0);

    locale_t before = uselocale(zip->utf8);
    int set = entry->packed ? archive_write_zip_set_compression_deflate(zip->archive)
                            : archive_write_zip_set_compression_store(zip->archive);
    int begun = archive_write_header(zip->archive, zip->entry);
    (void)uselocale(before);
    return set == ARCHIVE_OK && begun == ARCHIVE_OK ? OK : not_written(report);
}

status zip_add(struct zip_out *zip, str bytes, struct report *report)
{
    while (bytes.len > 0) {
        la_ssize_t count = archive_write_data(zip->archive, bytes.ptr, bytes.len);
        if (count <= 0) /* more than it was begun with */
            return not_written(report);
        bytes = str_slice(bytes, (size_t)count, bytes.len);
    }
    return OK;
}

status zip_end(struct zip_out *zip, struct report *report)
{
    return archive_write_close(zip->archive) == ARCHIVE_OK ? OK : not_written(report);
}

static void take_nothing(void *self, str bytes)
{
    (void)self;
    (void)bytes;
}

/* One that was not ended is not ended now: nothing more goes out. (archive_write_fail() would say
 * so, too, and then libarchive loses its buffer.) */
void zip_free(struct zip_out **zip)
{
    if (*zip == NULL)
        return;
    (*zip)->take = take_nothing;
    (void)archive_write_free((*zip)->archive);
    archive_entry_free((*zip)->entry);
    freelocale((*zip)->utf8);
    free(*zip);
    *zip = NULL;
}

/* ---- reading ---- */

struct zip_in {
    struct archive *archive;
    struct archive_entry *entry; /* the archive's own */
    locale_t utf8;
};

status zip_open(const char *path, struct report *report, struct zip_in **zip)
{
    struct zip_in *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    made->archive = archive_read_new();
    if (made->archive == NULL)
        abort();
    made->utf8 = utf8_new();
    *zip = made;
    if (archive_read_support_format_zip_seekable(made->archive) == ARCHIVE_OK &&
        archive_read_open_filename(made->archive, path, BLOCK_BYTES) == ARCHIVE_OK)
        return OK;
    zip_close(zip);
    return fail(report, FAULT_SYNTAX, "%.200s is no zip", path);
}

static status not_read(struct report *report)
{
    return fail(report, FAULT_CORRUPT, "the archive is not as it was made");
}

status zip_next(struct zip_in *zip, struct report *report, str *name)
{
    *name = (str){0};
    locale_t before = uselocale(zip->utf8);
    int found = archive_read_next_header(zip->archive, &zip->entry);
    const char *path = found == ARCHIVE_OK ? archive_entry_pathname(zip->entry) : NULL;
    (void)uselocale(before);
    if (found == ARCHIVE_EOF)
        return OK;
    if (path == NULL)
        return not_read(report);
    *name = str_from(path);
    return OK;
}

status zip_read(struct zip_in *zip, char *room, size_t size, struct report *report, size_t *count)
{
    la_ssize_t len = archive_read_data(zip->archive, room, size);
    if (len < 0)
        return not_read(report);
    *count = (size_t)len;
    return OK;
}

void zip_close(struct zip_in **zip)
{
    if (*zip == NULL)
        return;
    (void)archive_read_free((*zip)->archive);
    freelocale((*zip)->utf8);
    free(*zip);
    *zip = NULL;
}
