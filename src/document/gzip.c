/* By libarchive, whose filter for gzip stands over its format for bytes as they are. */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "gzip.h"

static la_ssize_t take(struct archive *archive, void *self, const void *bytes, size_t len)
{
    (void)archive;
    buf_add(self, (str){bytes, len});
    return (la_ssize_t)len;
}

static void drop_archive(struct archive **archive)
{
    (void)archive_write_free(*archive);
}

static void drop_entry(struct archive_entry **entry)
{
    archive_entry_free(*entry);
}

bool gzip_pack(str text, struct buf *buf)
{
    CLEANUP(drop_archive) struct archive *archive = archive_write_new();
    CLEANUP(drop_entry) struct archive_entry *entry = archive_entry_new();
    if (archive == NULL || entry == NULL)
        abort();
    archive_entry_set_filetype(entry, AE_IFREG);
    return archive_write_set_format_raw(archive) == ARCHIVE_OK &&
           archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
           archive_write_set_filter_option(archive, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
           archive_write_set_filter_option(archive, "gzip", "compression-level", "9") ==
               ARCHIVE_OK &&
           archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK &&
           archive_write_open(archive, buf, NULL, take, NULL) == ARCHIVE_OK &&
           archive_write_header(archive, entry) == ARCHIVE_OK &&
           archive_write_data(archive, text.ptr, text.len) == (la_ssize_t)text.len &&
           archive_write_close(archive) == ARCHIVE_OK && !buf->full;
}
