/* Values in parts: coming in, opened part by part, and taken away some at a time. */
#include <stdlib.h>

#include "vault_internal.h"

enum { FILE_FORMAT = 2, FILE_ROOM = 1024, SWEEP_PARTS = 32, SWEEP_FILES = 16 };

struct vault_upload {
    struct fact_item header; /* id, field, controller, matter; size and parts as they come */
    dossier_id dossier;
    struct part_key key;
    struct hasher *digest; /* of the parts so far */
};

static struct seal_place part_place(const struct vault *vault, dossier_id dossier,
                                    const struct fact_item *header, uint32_t part)
{
    struct seal_place place = item_place(vault, dossier, header);
    place.kind = STR("chunk");
    place.part = part;
    return place;
}

/* ---- coming in ---- */

status vault_upload_begin(struct vault *vault, const struct permit *permit,
                          const struct dossier *dossier, const struct fact_item *header,
                          struct report *report)
{
    assert(permit != NULL && permit_writes(permit));
    assert(ID_EQUAL(permit_dossier(permit), dossier->facts->id));

    struct db_loose_put_in loose = {dossier->facts->id, header->id};
    return db_loose_put(vault->data, &loose, report);
}

void vault_upload_start(struct vault *vault, dossier_id dossier, const struct fact_item *header,
                        struct vault_upload **upload)
{
    struct vault_upload *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    made->dossier = dossier;
    made->header = (struct fact_item){.id = header->id,
                                      .field = header->field,
                                      .controller = header->controller,
                                      .matter = header->matter};
    keys_part_key(vault->keys, &made->key);
    made->digest = hasher_new();
    hasher_start(made->digest);
    *upload = made;
}

/* Nothing is stored for one who was erased meanwhile. */
status vault_upload_part(struct vault *vault, struct vault_upload *upload, str plain,
                         struct arena *arena, struct report *report)
{
    struct fact_item *header = &upload->header;
    assert(plain.len <= VAULT_PART_BYTES && header->chunks < UINT16_MAX);
    struct ring *ring;
    TRY(load_ring(vault, upload->dossier, report, &ring));
    struct seal_place place = part_place(vault, upload->dossier, header, header->chunks);
    sealed bytes;
    TRY(keys_part_seal(vault->keys, &upload->key, &place, plain, arena, report, &bytes));
    struct db_loose_put_in loose = {upload->dossier,
                                    header->id}; /* with every part: none is lost */
    TRY(db_loose_put(vault->data, &loose, report));
    struct db_chunk_put_in in = {upload->dossier, header->id, header->chunks, bytes.bytes};
    TRY(db_chunk_put(vault->data, &in, report));
    hasher_add(upload->digest, plain);
    header->chunks++;
    header->size += (uint32_t)plain.len;
    return OK;
}

/* What lies in the row of the item: format, key, digest, media type, name. */
static status write_head(const struct vault_upload *upload, str media, str name, struct buf *buf,
                         struct report *report, str *head)
{
    buf_char(buf, FILE_FORMAT);
    buf_field(buf, (str){(const char *)upload->key.key.bytes, KEY_BYTES});
    merkle_hash digest = hasher_end(upload->digest);
    buf_field(buf, (str){(const char *)digest.bytes, MERKLE_HASH_BYTES});
    buf_field(buf, media);
    buf_field(buf, name);
    return buf_finish(buf, report, head);
}

status vault_upload_end(struct vault *vault, const struct permit *permit, struct dossier *dossier,
                        const struct fact_item *header, struct vault_upload *upload, str media,
                        str name, struct arena *arena, struct report *report)
{
    assert(ID_EQUAL(upload->dossier, dossier->facts->id));
    assert(ID_EQUAL(upload->header.id, header->id) && upload->header.field == header->field);
    assert(upload->header.controller == header->controller &&
           ID_EQUAL(upload->header.matter, header->matter));

    char room[FILE_ROOM];
    struct buf buf = buf_over(room, sizeof(room));
    struct fact_item made = *header;
    sealed bytes;
    str head;
    status sealed_ = write_head(upload, media, name, &buf, report, &head);
    if (is_ok(sealed_))
        sealed_ = vault_seal(vault, dossier, &made, head, arena, report, &bytes);
    wipe(room, sizeof(room));
    TRY(sealed_);
    made.size = upload->header.size;
    made.chunks = upload->header.chunks;
    uint64_t changed;
    struct db_loose_drop_in loose = {upload->dossier, made.id};
    TRY(db_loose_drop(vault->data, &loose, report, &changed));
    if (changed != 1)
        return fail(report, FAULT_GONE, "the upload was taken away before it ended");
    return vault_put_item(vault, permit, dossier, &made, bytes, arena, report);
}

void vault_upload_free(struct vault_upload **upload)
{
    if (*upload == NULL)
        return;
    secret_wipe(&(*upload)->key.key);
    hasher_free(&(*upload)->digest);
    free(*upload);
    *upload = NULL;
}

/* ---- for another server, which may take it ---- */

static struct seal_place kept_place(dossier_id dossier, record_id record)
{
    return (struct seal_place){.dossier = dossier, .kind = STR("upload"), .item = record};
}

status vault_upload_keep(struct vault *vault, dossier_id dossier, const struct fact_item *header,
                         str name, str plain, struct arena *arena, struct report *report)
{
    struct ring *ring;
    uint32_t key;
    str slot;
    sealed bytes;
    struct seal_place place = kept_place(dossier, header->id);
    TRY(load_ring(vault, dossier, report, &ring));
    TRY(slot_name_of(vault, header, arena, report, &slot));
    TRY(ring_key(vault->keys, ring, slot, report, &key));
    TRY(ring_seal(vault->keys, ring, key, &place, plain, arena, report, &bytes));
    return vault_meta_set(vault, name, bytes.bytes, report);
}

status vault_upload_kept(struct vault *vault, dossier_id dossier, record_id record, str name,
                         struct arena *arena, struct report *report, str *plain)
{
    struct ring *ring;
    str bytes;
    struct seal_place place = kept_place(dossier, record);
    *plain = STR("");
    TRY(vault_meta(vault, name, arena, report, &bytes));
    if (str_is_empty(bytes))
        return fail(report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    TRY(load_ring(vault, dossier, report, &ring));
    return ring_open(vault->keys, ring, &place, (sealed){bytes}, arena, report, plain);
}

/* ---- opening ---- */

void vault_file_wipe(struct vault_file *file)
{
    secret_wipe(&file->key.key);
}

status vault_open_file(struct vault *vault, const struct permit *permit,
                       const struct dossier *dossier, const struct fact_item *header,
                       struct arena *arena, struct report *report, struct vault_file *file)
{
    assert(header->chunks > 0);
    if (permit == NULL || !permit_covers(permit, dossier->facts->id, header->id))
        return fail(report, FAULT_REFUSED, "the permit does not cover this item");
    str head;
    TRY(open_row(vault, dossier, header, arena, report, &head));
    struct reader reader = reader_over(head);
    uint8_t format = read_u8(&reader);
    str key = read_field(&reader);
    str digest = read_field(&reader), media = read_field(&reader), name = read_field(&reader);
    *file = (struct vault_file){.media = media, .name = name};
    if (!reader_done(&reader) || format != FILE_FORMAT || key.len != KEY_BYTES ||
        digest.len != MERKLE_HASH_BYTES)
        return fail(report, FAULT_CORRUPT, "what an item in parts says of itself is damaged");
    memcpy(file->sha256, digest.ptr, MERKLE_HASH_BYTES);
    memcpy(file->key.key.bytes, key.ptr, KEY_BYTES);
    wipe((char *)(uintptr_t)key.ptr, KEY_BYTES); /* our own copy, in the arena */
    return OK;
}

/* Every part but the last is full. */
static size_t part_size(const struct fact_item *header, uint32_t part)
{
    size_t before_ = (size_t)part * VAULT_PART_BYTES;
    size_t left = header->size - before_;
    return left < VAULT_PART_BYTES ? left : VAULT_PART_BYTES;
}

status vault_open_part(struct vault *vault, const struct permit *permit,
                       const struct dossier *dossier, const struct fact_item *header,
                       const struct vault_file *file, uint32_t part, struct arena *arena,
                       struct report *report, str *plain)
{
    dossier_id id = dossier->facts->id;
    assert(part < header->chunks);
    if (permit == NULL || !permit_covers(permit, id, header->id))
        return fail(report, FAULT_REFUSED, "the permit does not cover this item");
    struct ring *ring; /* the person is there, and so is the key that the head lies under */
    TRY(load_ring(vault, id, report, &ring));
    if (!ring_has_key(ring, header->key))
        return fail(report, FAULT_GONE, "the key of a record has been erased");
    struct db_chunk_get_in in = {id, header->id, part};
    struct db_chunk_get_row row;
    bool found;
    TRY(db_chunk_get(vault->data, &in, arena, report, &found, &row));
    if (!found)
        return fail(report, FAULT_CORRUPT, "a part of an item is not there");
    struct seal_place place = part_place(vault, id, header, part);
    TRY(keys_part_open(vault->keys, &file->key, &place, (sealed){row.sealed}, arena, report,
                       plain));
    if (plain->len != part_size(header, part))
        return fail(report, FAULT_CORRUPT, "a part of an item is of another length");
    return OK;
}

/* ---- taken away ---- */

static bool is_busy(const struct vault_loose *loose, record_id record)
{
    for (size_t i = 0; i < loose->busy_count; i++) {
        if (ID_EQUAL(loose->busy[i], record))
            return true;
    }
    return false;
}

/* The last parts first: what is left begins at the start, and an end can be told by what is there.
 */
static status sweep_one(struct vault *vault, const struct db_loose_list_row *row,
                        struct vault_loose *loose, struct arena *arena, struct report *report)
{
    struct db_loose_drop_in taken = {row->subject, row->record};
    struct db_loose_put_in again = {row->subject, row->record};
    struct db_chunk_last_in in = {row->subject, row->record, SWEEP_PARTS};
    struct db_chunk_last_row *parts;
    size_t count;
    uint64_t changed;
    TRY(db_loose_drop(vault->data, &taken, report, &changed));
    if (changed == 0)
        return OK; /* the list was older than the item that has them */
    TRY(db_chunk_last_all(vault->data, &in, arena, report, &parts, &count));
    if (count > 0) {
        struct db_chunk_drop_in drop = {row->subject, row->record, parts[count - 1].part};
        TRY(db_chunk_drop(vault->data, &drop, report, NULL));
        loose->rows += count;
    }
    return count == SWEEP_PARTS ? db_loose_put(vault->data, &again, report) : OK;
}

status vault_sweep_loose(struct vault *vault, struct vault_loose *loose, struct arena *arena,
                         struct report *report)
{
    struct db_loose_list_in in = {.limit = (int64_t)(loose->busy_count + SWEEP_FILES)};
    struct db_loose_list_row *rows;
    size_t count;
    TRY(db_loose_list_all(vault->data, &in, arena, report, &rows, &count));
    loose->rows = 0;
    size_t done = 0;
    for (size_t i = 0; i < count && loose->rows < SWEEP_PARTS; i++) {
        if (is_busy(loose, rows[i].record))
            continue;
        TRY(sweep_one(vault, &rows[i], loose, arena, report));
        done++;
    }
    loose->more = done > 0;
    return OK;
}

/* ---- counting ---- */

static status count_file(struct vault *vault, dossier_id dossier, const struct fact_item *item,
                         struct vault_parts *parts, struct report *report)
{
    struct db_chunk_count_in in = {dossier, item->id};
    struct db_chunk_count_row row = {0};
    bool found;
    TRY(db_chunk_count(vault->data, &in, report, &found, &row));
    uint64_t there = found ? (uint64_t)row.count : 0;
    parts->files++;
    parts->parts += there;
    if (there == item->chunks)
        return OK;
    parts->lacking++;
    if (parts->lacks != NULL)
        parts->lacks(parts->self, dossier, item->id, there, item->chunks);
    return OK;
}

static status count_files(struct vault *vault, dossier_id id, struct vault_parts *parts,
                          struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(vault, id, arena, report, &presence, &dossier));
    for (size_t i = 0; presence == PRESENCE_LIVE && i < dossier->facts->items.count; i++) {
        const struct fact_item *item = &dossier->facts->items.at[i];
        if (item->chunks > 0)
            TRY(count_file(vault, id, item, parts, report));
    }
    return OK;
}

status vault_count_parts(struct vault *vault, struct vault_parts *parts, struct report *report)
{
    enum { PAGE = 200 };
    dossier_id after = {{0}};
    size_t count = PAGE;
    while (count == PAGE) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        TRY(vault_list(vault, DOSSIER_SUBJECT, after, PAGE, arena, report, &ids, &count));
        for (size_t i = 0; i < count; i++)
            TRY(count_files(vault, ids[i], parts, report));
        if (count > 0)
            after = ids[count - 1];
    }
    struct db_chunk_total_row all = {0};
    bool found;
    TRY(db_chunk_total(vault->data, report, &found, &all));
    parts->loose = (uint64_t)all.count > parts->parts ? (uint64_t)all.count - parts->parts : 0;
    return OK;
}
