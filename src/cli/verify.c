/* Checks offline what the register gave away: a receipt, and a sealed paper with one. Nothing is
 * asked of a server, and nothing is believed but the key. */
#include <sodium.h>
#include <stdio.h>

#include "cli_internal.h"
#include "entry.h"
#include "file.h"
#include "json.h"
#include "seal.h"
#include "zip.h"

enum { VERIFY_BYTES = 16 << 20, MANIFEST_BYTES = 1 << 20, ZIP_FILES_MOST = 2000 };

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

/* ---- a package: the zip that `vern package` wrote, or the folder that it was unpacked to ---- */

struct seen_file {
    str name;
    uint64_t size;
    unsigned char hash[crypto_hash_sha256_BYTES];
};
/* What is there. Of a folder a file is looked at when the manifest names it; of a zip all are. */
struct seen {
    LIST(struct seen_file) files;
    str manifest, seal;
    bool zip;
};

/* Bytes from wherever they come: none is the end. */
typedef status next_bytes(struct cli *cli, void *self, char *room, size_t size, size_t *count);

static status see(struct cli *cli, next_bytes *next, void *self, struct seen_file *file)
{
    crypto_hash_sha256_state state;
    char room[16 << 10];
    size_t count;
    crypto_hash_sha256_init(&state);
    do {
        TRY(next(cli, self, room, sizeof(room), &count));
        crypto_hash_sha256_update(&state, (const unsigned char *)room, count);
        file->size += count;
    } while (count > 0);
    crypto_hash_sha256_final(&state, file->hash);
    return OK;
}

static status next_of_file(struct cli *cli, void *self, char *room, size_t size, size_t *count)
{
    FILE *file = self;
    *count = fread(room, 1, size, file);
    return ferror(file) == 0 ? OK : fail(&cli->report, FAULT_STORE, "a file cannot be read");
}

static status next_of_zip(struct cli *cli, void *self, char *room, size_t size, size_t *count)
{
    return zip_read(self, room, size, &cli->report, count);
}

static const char *path_in(struct cli *cli, str name)
{
    return c_string(
        cli, arena_format(cli->arena, "%.*s/%.*s", STR_ARG(cli->arguments[0]), STR_ARG(name)));
}

static status see_in_folder(struct cli *cli, str name, struct seen_file *seen)
{
    if (name.len == 0 || name.ptr[0] == '/' || memmem(name.ptr, name.len, "..", 2) != NULL)
        return fail(&cli->report, FAULT_SYNTAX, "the manifest names a file that is none");
    FILE *file = fopen(path_in(cli, name), "re");
    if (file == NULL)
        return fail(&cli->report, FAULT_CORRUPT, "%.*s is not there", STR_ARG(name));
    status looked = see(cli, next_of_file, file, seen);
    (void)fclose(file);
    return looked;
}

static struct seen_file *seen_find(struct seen *seen, str name)
{
    for (size_t i = 0; i < seen->files.count; i++) {
        if (str_equal(seen->files.at[i].name, name))
            return &seen->files.at[i];
    }
    return NULL;
}

static status read_in_zip(struct cli *cli, struct zip_in *zip, str *text)
{
    struct buf buf = buf_in(cli->arena, MANIFEST_BYTES);
    char room[4096];
    size_t count;
    do {
        TRY(zip_read(zip, room, sizeof(room), &cli->report, &count));
        buf_add(&buf, (str){room, count});
    } while (count > 0 && !buf.full);
    return buf_finish(&buf, &cli->report, text);
}

/* Two of one name would let a reader see another file than we did. A folder, which some who pack
 * name, holds nothing. */
static status see_next(struct cli *cli, struct seen *seen, struct zip_in *zip, str name)
{
    struct seen_file *file;
    bool manifest = str_is(name, "manifest.json"), seal = str_is(name, "manifest.seal");
    str *text = manifest ? &seen->manifest : &seen->seal;
    if (str_ends(name, STR("/")))
        return OK;
    if (seen_find(seen, name) != NULL || ((manifest || seal) && text->ptr != NULL))
        return fail(&cli->report, FAULT_CORRUPT, "the zip has two files of one name");
    if (manifest || seal)
        return read_in_zip(cli, zip, text);
    if (seen->files.count >= ZIP_FILES_MOST)
        return fail(&cli->report, FAULT_LIMIT, "the zip has more than %d files", ZIP_FILES_MOST);
    file = LIST_ADD(cli->arena, &seen->files);
    if (file == NULL)
        return NO_MEMORY(&cli->report);
    *file = (struct seen_file){.name = arena_copy(cli->arena, name)};
    return see(cli, next_of_zip, zip, file);
}

static status see_zip(struct cli *cli, struct seen *seen)
{
    CLEANUP(zip_close) struct zip_in *zip = NULL;
    str name;
    seen->zip = true;
    TRY(zip_open(c_string(cli, cli->arguments[0]), &cli->report, &zip));
    for (;;) {
        TRY(zip_next(zip, &cli->report, &name));
        if (name.ptr == NULL)
            break;
        TRY(see_next(cli, seen, zip, name));
    }
    if (seen->manifest.ptr == NULL || seen->seal.ptr == NULL)
        return fail(&cli->report, FAULT_CORRUPT, "the zip has no manifest with its seal");
    return OK;
}

static status see_folder(struct cli *cli, struct seen *seen)
{
    TRY(file_read(path_in(cli, STR("manifest.json")), cli->arena, MANIFEST_BYTES, &cli->report,
                  &seen->manifest));
    return file_read(path_in(cli, STR("manifest.seal")), cli->arena, NOTE_BYTES, &cli->report,
                     &seen->seal);
}

static status check_file(struct cli *cli, struct seen *seen, const struct json *said)
{
    str name = text_of(said, "name");
    uint64_t size;
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    struct buf buf = buf_over(hex, sizeof(hex));
    struct seen_file looked = {0}, *file = &looked;
    if (!seen->zip)
        TRY(see_in_folder(cli, name, &looked));
    else
        file = seen_find(seen, name);
    if (file == NULL)
        return fail(&cli->report, FAULT_CORRUPT, "%.*s is not there", STR_ARG(name));
    buf_hex(&buf, (str){(const char *)file->hash, sizeof(file->hash)});
    if (!number_of(said, "bytes", &size) || size != file->size ||
        !str_equal(buf_str(&buf), text_of(said, "sha256")))
        return fail(&cli->report, FAULT_CORRUPT, "%.*s is not as it was made", STR_ARG(name));
    return OK;
}

static status verify_package(struct cli *cli, struct seen *seen)
{
    const struct json *manifest;
    struct note_verifier verifier;
    TRY(json_parse(cli->arena, seen->manifest, &cli->report, &manifest));
    TRY(key_of(cli, manifest, &verifier));
    TRY(seal_open(seen->seal, &verifier, seen->manifest, &cli->report));
    const struct json *files = json_get(manifest, "files");
    if (!json_is_array(files))
        return fail(&cli->report, FAULT_SYNTAX, "the manifest names no files");
    for (JSON_EACH(file, files))
        TRY(check_file(cli, seen, file));
    if (seen->zip && seen->files.count != files->count)
        return fail(&cli->report, FAULT_CORRUPT, "the zip has files that the manifest has not");
    fprintf(cli->out, "%zu files are as %.*s sealed them\n", files->count,
            STR_ARG(note_verifier_name(&verifier)));
    return OK;
}

/* A zip begins with the head of its first file. */
static bool is_zip(struct cli *cli)
{
    char start[4] = "";
    FILE *file = fopen(c_string(cli, cli->arguments[0]), "re");
    if (file == NULL)
        return false;
    size_t count = fread(start, 1, sizeof(start), file);
    (void)fclose(file);
    return count == sizeof(start) && memcmp(start, "PK\3\4", sizeof(start)) == 0;
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
    struct seen seen = {0};
    bool zip = is_zip(cli);
    if (zip || file_exists(path_in(cli, STR("manifest.json")))) {
        TRY(zip ? see_zip(cli, &seen) : see_folder(cli, &seen));
        TRY(verify_package(cli, &seen));
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
