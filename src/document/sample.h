/* sample: what comes out, as it stands in docs/papers for whoever wants to read it before it is
 * theirs. Nothing of it can be left out or put in unseen. VERN_WRITE=1 writes the files anew: read
 * the difference. For tests; include it after cmocka.h and document_internal.h. */
#ifndef VERN_SAMPLE_H
#define VERN_SAMPLE_H
#include "file.h"

enum { SAMPLE_ROOM = 1 << 20 };

static inline void write_sample(const char *path, str text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

/* `name`: of the file in docs/papers, "access.html". */
static inline void reads_as(struct arena *arena, const char *name, str text)
{
    char path[128];
    struct report report = {0};
    str kept = STR("");
    (void)snprintf(path, sizeof(path), "docs/papers/%s", name);
    if (getenv("VERN_WRITE") != NULL)
        write_sample(path, text);
    if (!is_ok(file_read(path, arena, SAMPLE_ROOM, &report, &kept)) || !str_equal(kept, text))
        fail_msg("%s is not what comes out; VERN_WRITE=1 writes it anew: read the difference",
                 path);
}

static inline void paper_reads_as(struct arena *arena, const char *name, const struct paper *paper)
{
    struct buf buf = buf_in(arena, SAMPLE_ROOM);
    struct report report = {0};
    str page;
    paper_html(paper, &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &page)));
    reads_as(arena, name, page);
}

#endif
