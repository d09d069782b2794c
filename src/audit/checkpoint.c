/* checkpoint.c: the text of a checkpoint: origin, size and root, a line each. */
#include "note.h"

void checkpoint_print(struct buf *buf, const struct checkpoint *checkpoint)
{
    buf_add(buf, checkpoint->origin);
    buf_char(buf, '\n');
    buf_u64(buf, checkpoint->size);
    buf_char(buf, '\n');
    buf_base64(buf, (str){(const char *)checkpoint->root.bytes, MERKLE_HASH_BYTES});
    buf_char(buf, '\n');
}

status checkpoint_parse(str text, struct report *report, struct checkpoint *checkpoint)
{
    str rest = text, size, root;
    size_t root_length = 0;
    bool good = text.ptr != NULL && str_next(&rest, '\n', &checkpoint->origin) &&
                str_next(&rest, '\n', &size) && str_next(&rest, '\n', &root) && rest.ptr != NULL &&
                rest.len == 0 && note_name_valid(checkpoint->origin) &&
                str_to_u64(size, &checkpoint->size) && (size.len == 1 || size.ptr[0] != '0') &&
                base64_decode(root, checkpoint->root.bytes, MERKLE_HASH_BYTES, &root_length) &&
                root_length == MERKLE_HASH_BYTES;
    if (!good)
        return fail(report, FAULT_SYNTAX,
                    "the note is no checkpoint of three lines: origin, "
                    "size, root");
    return OK;
}

status checkpoint_open(str note, const struct note_verifier *verifier, struct report *report,
                       struct checkpoint *checkpoint)
{
    str text;
    TRY(note_open(note, verifier, report, &text));
    TRY(checkpoint_parse(text, report, checkpoint));
    if (!str_equal(checkpoint->origin, note_verifier_name(verifier)))
        return fail(report, FAULT_KEY, "the checkpoint is of the log %.*s, the key is of %.*s",
                    STR_ARG(checkpoint->origin), STR_ARG(note_verifier_name(verifier)));
    return OK;
}
