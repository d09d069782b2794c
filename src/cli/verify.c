/* Checks offline what the register gave away: a receipt, and a sealed paper with one. Nothing is
 * asked of a server, and nothing is believed but the key. */
#include <stdio.h>

#include "cli_internal.h"
#include "entry.h"
#include "file.h"
#include "json.h"
#include "seal.h"

enum { VERIFY_BYTES = 16 << 20 };

static str text_of(const struct json *object, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(object, member), &text);
    return text;
}

static bool number_of(const struct json *object, const char *member, uint64_t *number)
{
    int64_t value;
    if (!json_i64(json_get(object, member), &value) || value < 0)
        return false;
    *number = (uint64_t)value;
    return true;
}

/* The key that was brought; else the one that the paper itself names, which proves less. */
static status key_of(struct cli *cli, const struct json *receipt, struct note_verifier *verifier)
{
    str key = cli->option[OPTION_key];
    if (key.ptr != NULL)
        TRY(file_read(c_string(cli, key), cli->arena, NOTE_BYTES, &cli->report, &key));
    else
        key = text_of(receipt, "key");
    return note_verifier_parse(str_trim(key), &cli->report, verifier);
}

static status proof_of(struct cli *cli, const struct json *receipt, struct merkle_proof *proof)
{
    const struct json *list = json_get(receipt, "proof");
    if (!json_is_array(list) || list->count > MERKLE_PROOF_MAX)
        return fail(&cli->report, FAULT_SYNTAX, "the receipt has no proof");
    for (JSON_EACH(hash, list)) {
        size_t len = 0;
        if (!json_is_string(hash) ||
            !base64_decode(hash->text, proof->at[proof->count].bytes, MERKLE_HASH_BYTES, &len) ||
            len != MERKLE_HASH_BYTES)
            return fail(&cli->report, FAULT_SYNTAX, "a hash of the proof is none");
        proof->count++;
    }
    return OK;
}

static status check_receipt(struct cli *cli, const struct json *receipt,
                            const struct note_verifier *verifier, struct audit_entry *entry)
{
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    struct checkpoint checkpoint;
    struct merkle_proof proof = {0};
    uint64_t index, size;
    str text = text_of(receipt, "entry");
    if (!number_of(receipt, "index", &index) || !number_of(receipt, "size", &size))
        return fail(&cli->report, FAULT_SYNTAX, "the receipt does not say which entry it proves");
    TRY(proof_of(cli, receipt, &proof));
    TRY(checkpoint_open(text_of(receipt, "checkpoint"), verifier, &cli->report, &checkpoint));
    TRY(entry_parse(text, &cli->report, entry));
    merkle_hash leaf = merkle_leaf(hasher, text);
    if (checkpoint.size != size ||
        !merkle_included(hasher, index, size, &leaf, &proof, &checkpoint.root))
        return fail(&cli->report, FAULT_CORRUPT, "the entry is not in the log that was signed");
    fprintf(cli->out, "entry %llu, %.*s, is in the log of %llu entries that %.*s signed\n",
            (unsigned long long)index, STR_ARG(entry->action), (unsigned long long)size,
            STR_ARG(note_verifier_name(verifier)));
    return OK;
}

/* Is it about the one whom the paper names, and about that entry? */
static status check_named(struct cli *cli, const struct json *paper, const struct json *receipt,
                          const struct audit_entry *entry)
{
    const struct json *items = json_get(paper, "items"), *issue = json_get(items, "issue");
    unsigned char named[ID_BYTES];
    if (!id_parse(text_of(issue, "reference"), named) ||
        memcmp(named, entry->subject.bytes, ID_BYTES) != 0)
        return fail(&cli->report, FAULT_CORRUPT, "paper and receipt are of two references");
    uint64_t index, said;
    if (!number_of(receipt, "index", &index) ||
        !str_to_u64(text_of(json_get(items, "proof"), "entry"), &said) || said != index)
        return fail(&cli->report, FAULT_CORRUPT, "paper and receipt name two entries");
    return OK;
}

static status check_paper(struct cli *cli, const struct json *root,
                          const struct note_verifier *verifier, const struct audit_entry *entry)
{
    const struct json *paper = json_get(root, "paper");
    struct buf buf = buf_in(cli->arena, VERIFY_BYTES);
    str canonical;
    TRY(json_canonical(cli->arena, paper, &buf, &cli->report));
    TRY(buf_finish(&buf, &cli->report, &canonical));
    TRY(seal_open(text_of(root, "seal"), verifier, canonical, &cli->report));
    TRY(check_named(cli, paper, json_get(root, "receipt"), entry));
    fprintf(cli->out, "the paper is as %.*s sealed it\n", STR_ARG(note_verifier_name(verifier)));
    return OK;
}

/* ---- a package: the folder that `vern package` wrote ---- */

static status read_of(struct cli *cli, const char *name, str *bytes)
{
    str path = arena_format(cli->arena, "%.*s/%s", STR_ARG(cli->arguments[0]), name);
    return file_read(c_string(cli, path), cli->arena, VERIFY_BYTES, &cli->report, bytes);
}

static status check_file(struct cli *cli, struct hasher *hasher, const struct json *file)
{
    str name = text_of(file, "name"), bytes;
    uint64_t size;
    char hex[2 * MERKLE_HASH_BYTES + 1];
    struct buf buf = buf_over(hex, sizeof(hex));
    if (name.len == 0 || name.ptr[0] == '/' || memmem(name.ptr, name.len, "..", 2) != NULL)
        return fail(&cli->report, FAULT_SYNTAX, "the manifest names a file that is none");
    TRY(read_of(cli, c_string(cli, name), &bytes));
    merkle_hash hash = hasher_sha256(hasher, bytes);
    buf_hex(&buf, (str){(const char *)hash.bytes, sizeof(hash.bytes)});
    if (!number_of(file, "bytes", &size) || size != bytes.len ||
        !str_equal(buf_str(&buf), text_of(file, "sha256")))
        return fail(&cli->report, FAULT_CORRUPT, "%.*s is not as it was made", STR_ARG(name));
    return OK;
}

static status verify_package(struct cli *cli)
{
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    const struct json *manifest;
    struct note_verifier verifier;
    str text, seal;
    TRY(read_of(cli, "manifest.json", &text));
    TRY(read_of(cli, "manifest.seal", &seal));
    TRY(json_parse(cli->arena, text, &cli->report, &manifest));
    TRY(key_of(cli, manifest, &verifier));
    TRY(seal_open(seal, &verifier, text, &cli->report));
    const struct json *files = json_get(manifest, "files");
    if (!json_is_array(files))
        return fail(&cli->report, FAULT_SYNTAX, "the manifest names no files");
    for (JSON_EACH(file, files))
        TRY(check_file(cli, hasher, file));
    fprintf(cli->out, "%zu files are as %.*s sealed them\n", files->count,
            STR_ARG(note_verifier_name(&verifier)));
    return OK;
}

static bool is_package(struct cli *cli)
{
    str path = arena_format(cli->arena, "%.*s/manifest.json", STR_ARG(cli->arguments[0]));
    return file_exists(c_string(cli, path));
}

static void put_advice(struct cli *cli)
{
    if (cli->option[OPTION_key].ptr == NULL)
        fputs("by the key that stands in it: give --key FILE with the register's own, had "
              "elsewhere\n",
              cli->out);
}

status command_verify(struct cli *cli)
{
    if (is_package(cli)) {
        TRY(verify_package(cli));
        put_advice(cli);
        return OK;
    }
    str text;
    const struct json *root;
    struct note_verifier verifier;
    struct audit_entry *entry = ARENA_NEW(cli->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(&cli->report);
    TRY(file_read(c_string(cli, cli->arguments[0]), cli->arena, VERIFY_BYTES, &cli->report, &text));
    TRY(json_parse(cli->arena, text, &cli->report, &root));
    bool alone = json_get(root, "paper") == NULL;
    const struct json *receipt = json_get(root, "receipt");
    receipt = json_is_object(receipt) ? receipt : root;
    TRY(key_of(cli, receipt, &verifier));
    TRY(check_receipt(cli, receipt, &verifier, entry));
    if (!alone)
        TRY(check_paper(cli, root, &verifier, entry));
    put_advice(cli);
    return OK;
}
