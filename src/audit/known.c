/* known.c: see known_internal.h. */
#include <stdlib.h>

#include "known_internal.h"

/* The place of `root`, or the free one where it belongs. A root is a hash already. */
static struct known_manifest *place_of(const struct known *known, const merkle_hash *root)
{
    uint64_t hash;
    memcpy(&hash, root->bytes, sizeof(hash));
    size_t at = (size_t)hash % KNOWN_PLACES;
    while (known->places[at].lines != NULL && !MERKLE_EQUAL(known->places[at].root, *root))
        at = (at + 1) % KNOWN_PLACES;
    return &known->places[at];
}

const struct known_manifest *known_find(const struct known *known, const merkle_hash *root)
{
    if (known->places == NULL)
        return NULL;
    const struct known_manifest *place = place_of(known, root);
    return place->lines == NULL ? NULL : place;
}

static void *room_for(size_t count, size_t bytes)
{
    void *room = calloc(count, bytes);
    if (room == NULL)
        abort();
    return room;
}

static void let_go(struct known *known)
{
    for (size_t i = 0; known->places != NULL && i < KNOWN_PLACES; i++) {
        free(known->places[i].lines);
        known->places[i] = (struct known_manifest){0};
    }
    known->count = known->bytes = 0;
}

static bool fits(struct known *known, size_t count)
{
    size_t bytes = count * sizeof(struct manifest_line);
    if (count > KNOWN_LINES)
        return false;
    if (known->places == NULL)
        known->places = room_for(KNOWN_PLACES, sizeof(*known->places));
    if (known->count >= KNOWN_PLACES / 2 || known->bytes + bytes > KNOWN_BYTES)
        let_go(known);
    return true;
}

static struct known_manifest *add(struct known *known, const merkle_hash *root,
                                  const struct manifest_line *lines, size_t count)
{
    struct known_manifest *place = place_of(known, root);
    if (place->lines != NULL)
        return place;
    *place = (struct known_manifest){*root, room_for(count, sizeof(*lines)), (uint32_t)count, 0};
    memcpy(place->lines, lines, count * sizeof(*lines));
    known->count++;
    known->bytes += count * sizeof(*lines);
    return place;
}

void known_add(struct known *known, const merkle_hash *root, const struct manifest_line *lines,
               size_t count)
{
    if (fits(known, count))
        (void)add(known, root, lines, count);
}

void known_written(struct known *known, const merkle_hash *root, const struct manifest_line *lines,
                   size_t count)
{
    if (!fits(known, count))
        return;
    add(known, root, lines, count)->flush = known->flush + 1;
    known->waiting = true;
}

static int compare_handle(const void *handle, const void *line)
{
    return memcmp(handle, line, ID_BYTES);
}

const struct manifest_line *known_line(const struct known_manifest *manifest,
                                       const audit_id *handle)
{
    return bsearch(handle->bytes, manifest->lines, manifest->count, MANIFEST_LINE_BYTES,
                   compare_handle);
}

bool known_kept(const struct known *known, const merkle_hash *root)
{
    const struct known_manifest *manifest = known_find(known, root);
    return manifest != NULL && manifest->flush > 0;
}

void known_flushed(struct known *known)
{
    known->flush++;
    known->waiting = false;
}

void known_doubt(struct known *known)
{
    for (size_t i = 0; known->waiting && i < KNOWN_PLACES; i++)
        if (known->places[i].flush > known->flush)
            known->places[i].flush = 0;
    known->waiting = false;
}

void known_free(struct known *known)
{
    let_go(known);
    free(known->places);
}
