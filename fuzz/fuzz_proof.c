/* Target: what an auditor or the log reads from outside: proofs, notes, checkpoints, verifier keys,
 * entries, bundles, segments, manifests.
 * Property: nothing is read past its end; what is taken as an entry, a checkpoint or a verifier key
 * prints back to the same bytes; a proof that no tree made does not hold.
 *
 * The first byte says which of them it is, the rest is the input. */
#include <stdlib.h>

#include "manifest.h"
#include "segment_internal.h"
#include "tiles_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* An entry prints back to what it was read from. */
static void try_entry(str input)
{
    static struct audit_entry entry;
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    struct buf buf = buf_over(memory, sizeof(memory));
    if (!is_ok(entry_parse(input, &report, &entry)))
        return;
    must(is_ok(entry_write(&buf, &entry, &report)));
    must(str_equal(buf_str(&buf), input));
}

static void try_note(str input)
{
    struct report report = {0};
    static const secret seed = {{1}};
    struct note_signer signer;
    str text;
    must(is_ok(note_signer_make(STR("fuzz.example"), &seed, &report, &signer)));
    (void)is_ok(note_open(input, &signer.verifier, &report, &text));
}

static void try_checkpoint(str input)
{
    char memory[CHECKPOINT_BYTES];
    struct report report = {0};
    struct buf buf = buf_over(memory, sizeof(memory));
    struct checkpoint checkpoint;
    if (!is_ok(checkpoint_parse(input, &report, &checkpoint)))
        return;
    checkpoint_print(&buf, &checkpoint);
    must(str_equal(buf_str(&buf), input));
}

static void try_verifier_key(str input)
{
    char memory[NOTE_NAME_BYTES + 64];
    struct report report = {0};
    struct buf buf = buf_over(memory, sizeof(memory));
    struct note_verifier verifier;
    if (!is_ok(note_verifier_parse(input, &report, &verifier)))
        return;
    note_verifier_print(&buf, &verifier);
    must(str_equal(buf_str(&buf), input));
}

/* Two numbers and hashes: a proof of anything under a root that no leaf here has. */
static void try_proof(struct hasher *hasher, str input, bool consistency)
{
    struct reader reader = reader_over(input);
    struct merkle_proof proof = {0};
    merkle_hash leaf = merkle_empty(hasher), root = merkle_leaf(hasher, STR("root"));
    uint64_t one = read_be64(&reader), two = read_be64(&reader);
    for (; proof.count < MERKLE_PROOF_MAX; proof.count++) {
        str hash = read_bytes(&reader, MERKLE_HASH_BYTES);
        if (reader.bad)
            break;
        memcpy(proof.at[proof.count].bytes, hash.ptr, MERKLE_HASH_BYTES);
    }
    if (consistency)
        must(!merkle_consistent(hasher, one, two, &leaf, &root, &proof));
    else
        must(!merkle_included(hasher, one, two, &leaf, &proof, &root));
}

static void try_segment(struct hasher *hasher, str input)
{
    struct record record;
    size_t at = SEGMENT_HEAD_BYTES;
    uint64_t index = 0;
    if (!segment_head_is(input, 0))
        return;
    while (record_next(hasher, input, index, &at, &record) == RECORD_GOOD)
        index++;
    must(at <= input.len);
    (void)segment_attests(hasher, input, at, index);
}

static void try_bundle(str input)
{
    str rest = input, entry;
    size_t used = 0;
    while (bundle_next(&rest, &entry))
        used += 2 + entry.len;
    must(used + rest.len == input.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    str input = {(const char *)data + 1, size - 1};
    merkle_hash root;
    switch (data[0]) {
    case 'e':
        try_entry(input);
        break;
    case 'n':
        try_note(input);
        break;
    case 'c':
        try_checkpoint(input);
        break;
    case 'k':
        try_verifier_key(input);
        break;
    case 'i':
        try_proof(hasher, input, false);
        break;
    case 'p':
        try_proof(hasher, input, true);
        break;
    case 's':
        try_segment(hasher, input);
        break;
    case 'b':
        try_bundle(input);
        break;
    case 'm':
        must(!manifest_root(hasher, input, &root) || input.len % MANIFEST_LINE_BYTES == 0);
        break;
    default: /* other kinds are none */
        break;
    }
    return 0;
}
