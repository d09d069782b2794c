/* What lies sealed goes from one dossier to another: opened under an entry of the one, sealed under
 * keys of the other. Nothing of it is kept in between. */
#include "merge.h"

enum { MOVE_ARENA = 8 << 20, NOTES_AT_ONCE = 100 };

/* The header as the other has it; what is bound to keys is filled in anew. */
static struct fact_item header_of(const struct fact_item *item)
{
    struct fact_item header = *item;
    header.key = 0;
    header.chunks = 0;
    header.size = 0;
    return header;
}

static status move_value(struct call *call, const struct moving *moving,
                         const struct fact_item *item, struct arena *scratch)
{
    struct vault *vault = call->reg->vault;
    struct fact_item header = header_of(item);
    str value;
    sealed bytes;
    TRY(vault_open_item(vault, moving->open, moving->from, item, scratch, call->report, &value));
    TRY(vault_seal(vault, moving->to, &header, value, scratch, call->report, &bytes));
    return vault_put_item(vault, moving->write, moving->to, &header, bytes, call->arena,
                          call->report);
}

static status move_parts(struct call *call, const struct moving *moving,
                         const struct fact_item *item, const struct vault_file *file,
                         struct vault_upload *upload)
{
    for (uint32_t part = 0; part < item->chunks; part++) {
        CLEANUP(arena_free) struct arena *scratch = arena_new(MOVE_ARENA);
        str plain;
        TRY(vault_open_part(call->reg->vault, moving->open, moving->from, item, file, part, scratch,
                            call->report, &plain));
        TRY(vault_upload_part(call->reg->vault, upload, plain, scratch, call->report));
    }
    return OK;
}

static status move_file(struct call *call, const struct moving *moving,
                        const struct fact_item *item, struct arena *scratch)
{
    struct vault *vault = call->reg->vault;
    struct fact_item header = header_of(item);
    struct vault_file file;
    struct vault_upload *upload;
    TRY(vault_open_file(vault, moving->open, moving->from, item, scratch, call->report, &file));
    status moved = vault_upload_begin(vault, moving->write, moving->to, &header, call->report);
    if (is_ok(moved)) {
        vault_upload_start(vault, moving->to->facts->id, &header, &upload);
        moved = move_parts(call, moving, item, &file, upload);
        if (is_ok(moved))
            moved = vault_upload_end(vault, moving->write, moving->to, &header, upload, file.media,
                                     file.name, call->arena, call->report);
        vault_upload_free(&upload);
    }
    vault_file_wipe(&file);
    return moved;
}

status move_item(struct call *call, const struct moving *moving, const struct fact_item *item)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(MOVE_ARENA);
    return item->chunks > 0 ? move_file(call, moving, item, scratch)
                            : move_value(call, moving, item, scratch);
}

status move_notes(struct call *call, const struct moving *moving,
                  bool (*wanted)(void *self, const struct note *note), void *self, uint64_t *count)
{
    struct vault *vault = call->reg->vault;
    dossier_id from = moving->from->facts->id, to = moving->to->facts->id;
    record_id after = {{0}};
    size_t here = NOTES_AT_ONCE;
    *count = 0;
    while (here == NOTES_AT_ONCE) {
        CLEANUP(arena_free) struct arena *scratch = arena_new(MOVE_ARENA);
        struct note *notes;
        TRY(vault_notes(vault, moving->open, from, after, NOTES_AT_ONCE, scratch, call->report,
                        &notes, &here));
        for (size_t i = 0; i < here; i++) {
            after = notes[i].id;
            if (wanted != NULL && !wanted(self, &notes[i]))
                continue;
            TRY(vault_note_put(vault, moving->write, to, notes[i].id, notes[i].text, scratch,
                               call->report));
            (*count)++;
        }
    }
    return OK;
}
