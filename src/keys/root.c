/* The root key file and the epoch files: small texts of one header line and one line of key.
 *
 *   vern-root-1                        vern-epoch-1 7
 *   <64 hex digits>                    <base64url of the key, sealed by the root key>
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "keys_internal.h"

enum { FILE_ROOM = 512 };
#define ROOT_HEADER  "vern-root-1\n"
#define EPOCH_HEADER "vern-epoch-1 "

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static status bad_key_file(const char *path, const char *what, struct report *report)
{
    return fail(report, FAULT_KEY, "the key file %s %s", last_component(path), what);
}

/* Open to its owner only; or to root and root's group, as a credential that systemd hands to one
 * more user by an access list, of which the mode shows the mask. */
static bool is_closed_to_others(const struct stat *about)
{
    bool handed = about->st_uid == 0 && about->st_gid == 0 && (about->st_mode & 0777) == 0440;
    return handed || (about->st_mode & 077) == 0;
}

/* Reads a small file that none but its owner may read. */
static status key_file_read(const char *path, char room[FILE_ROOM], struct report *report,
                            str *bytes)
{
    struct stat about;
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return bad_key_file(path, errno == ENOENT ? "is missing" : "cannot be read", report);
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return bad_key_file(path, "is no plain file", report);
    if (!is_closed_to_others(&about))
        return bad_key_file(path, "is open to others than its owner (its mode must be 0600)",
                            report);
    size_t len = 0;
    while (len < FILE_ROOM) {
        ssize_t got = read(fd, room + len, FILE_ROOM - len);
        if (got < 0 && errno != EINTR)
            return bad_key_file(path, "cannot be read", report);
        if (got == 0)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    *bytes = (str){room, len};
    return OK;
}

/* ---- the root key ---- */

status keys_root_create(const struct world *world, const char *path, struct report *report)
{
    assert(world != NULL && path != NULL);

    char text[FILE_ROOM];
    CLEANUP(secret_wipe) secret root = {0};
    if (file_exists(path))
        return fail(report, FAULT_CONFLICT, "the key file %s is there already",
                    last_component(path));
    world_random(world, root.bytes, KEY_BYTES);
    struct buf buf = buf_over(text, sizeof(text));
    buf_text(&buf, ROOT_HEADER);
    buf_hex(&buf, (str){(const char *)root.bytes, KEY_BYTES});
    buf_char(&buf, '\n');
    struct file_change change = {world, "root.write", path};
    status result = file_write_durable(&change, buf_str(&buf), 0600, report);
    wipe(text, sizeof(text));
    return result;
}

static bool root_parse(str text, secret *root)
{
    size_t len = 0;
    if (!str_starts(text, STR(ROOT_HEADER)))
        return false;
    str hex = str_trim(str_slice(text, strlen(ROOT_HEADER), text.len));
    return hex.len == 2 * (size_t)KEY_BYTES && hex_decode(hex, root->bytes, KEY_BYTES, &len) &&
           len == KEY_BYTES;
}

status root_read(const char *path, struct report *report, secret *root)
{
    char room[FILE_ROOM];
    str text;
    TRY(key_file_read(path, room, report, &text));
    bool sound = root_parse(text, root);
    wipe(room, sizeof(room));
    return sound ? OK : bad_key_file(path, "is damaged", report);
}

/* ---- epoch files ---- */

void epoch_path(const struct keys *keys, uint32_t number, char path[EPOCH_PATH_ROOM])
{
    snprintf(path, EPOCH_PATH_ROOM, "%s/epoch/%u.key", keys->dir, number);
}

static str epoch_data(const struct keys *keys, uint32_t number, char room[SEAL_DATA_ROOM])
{
    struct buf data = data_start(keys, room, STR("epoch"));
    buf_be32(&data, number);
    return buf_str(&data);
}

/* The root seals it under the number of the epoch, which is in the associated data too. */
static status root_as_key(const struct keys *keys, uint32_t number, struct report *report,
                          struct numbered_key *root)
{
    root->number = number;
    return root_read(keys->root_path, report, &root->key);
}

static void numbered_key_wipe(struct numbered_key *key)
{
    wipe(key, sizeof(*key));
}

status epoch_write(struct keys *keys, const struct numbered_key *epoch, struct report *report)
{
    char path[EPOCH_PATH_ROOM], data[SEAL_DATA_ROOM], text[FILE_ROOM];
    unsigned char bytes[SEAL_EXTRA_BYTES + 64];
    CLEANUP(numbered_key_wipe) struct numbered_key root = {0};
    TRY(root_as_key(keys, epoch->number, report, &root));
    TRY(seal_bytes(keys, &root, epoch_data(keys, epoch->number, data),
                   (str){(const char *)epoch->key.bytes, KEY_BYTES}, bytes, report));
    struct buf buf = buf_over(text, sizeof(text));
    buf_format(&buf, EPOCH_HEADER "%u\n", epoch->number);
    buf_base64url(&buf, (str){(const char *)bytes, sizeof(bytes)});
    buf_char(&buf, '\n');
    epoch_path(keys, epoch->number, path);
    struct file_change change = {keys->world, "epoch.write", path};
    return file_write_durable(&change, buf_str(&buf), 0600, report);
}

/* The text of an epoch file; false when it is not that of this number. */
static bool epoch_parse(str text, uint32_t number, unsigned char *bytes, size_t room, size_t *len)
{
    uint64_t said = 0;
    str line = {NULL, 0};
    if (!str_starts(text, STR(EPOCH_HEADER)))
        return false;
    str rest = str_slice(text, strlen(EPOCH_HEADER), text.len);
    return str_next(&rest, '\n', &line) && str_to_u64(line, &said) && said == number &&
           base64url_decode(str_trim(rest), bytes, room, len);
}

struct numbered_key *epoch_find(struct keys *keys, uint32_t number)
{
    for (size_t i = 0; i < EPOCHS_MAX; i++)
        if (keys->epochs[i].number == number)
            return &keys->epochs[i];
    return NULL;
}

static status epoch_slot(struct keys *keys, uint32_t number, struct report *report,
                         struct numbered_key **epoch)
{
    *epoch = epoch_find(keys, 0);
    if (*epoch == NULL)
        return fail(report, FAULT_KEY, "there are more than %d epoch files", EPOCHS_MAX);
    (*epoch)->number = number;
    (*epoch)->messages = 0;
    return OK;
}

static status epoch_read(struct keys *keys, uint32_t number, struct report *report)
{
    char path[EPOCH_PATH_ROOM], data[SEAL_DATA_ROOM], room[FILE_ROOM];
    unsigned char bytes[FILE_ROOM], plain[FILE_ROOM];
    size_t len = 0;
    str text;
    struct numbered_key *epoch;
    CLEANUP(numbered_key_wipe) struct numbered_key root = {0};
    epoch_path(keys, number, path);
    TRY(root_as_key(keys, number, report, &root));
    TRY(key_file_read(path, room, report, &text));
    if (!epoch_parse(text, number, bytes, sizeof(bytes), &len))
        return bad_key_file(path, "is damaged", report);
    status opened = open_bytes(keys, &root, epoch_data(keys, number, data),
                               (str){(const char *)bytes, len}, plain, NULL, &len);
    if (!is_ok(opened) || len != KEY_BYTES)
        return bad_key_file(path, "is damaged or belongs to another root key or register", report);
    status result = epoch_slot(keys, number, report, &epoch);
    if (is_ok(result))
        memcpy(epoch->key.bytes, plain, KEY_BYTES);
    wipe(plain, sizeof(plain));
    return result;
}

/* "7.key" gives 7, anything else 0. */
static uint32_t epoch_number(const char *name)
{
    uint64_t number = 0;
    str text = str_from(name);
    if (!str_ends(text, STR(".key")) || !str_to_u64(str_slice(text, 0, text.len - 4), &number) ||
        number > UINT32_MAX)
        return 0;
    return (uint32_t)number;
}

static void dir_close(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
}

status epochs_load(struct keys *keys, uint32_t current, struct report *report)
{
    char path[EPOCH_PATH_ROOM];
    snprintf(path, sizeof(path), "%s/epoch", keys->dir);
    CLEANUP(dir_close) DIR *dir = opendir(path);
    const struct dirent *entry;
    if (dir == NULL)
        return bad_key_file(path, "(the folder of epochs) cannot be read", report);
    while ((entry = readdir(dir)) != NULL) {
        uint32_t number = epoch_number(entry->d_name);
        if (number == 0)
            continue;
        bool old = number < current; /* may be on its way out, its bytes zeros already */
        status result = epoch_read(keys, number, old ? NULL : report);
        if (!is_ok(result) && !old)
            return result;
    }
    return OK;
}

status epoch_new(struct keys *keys, uint32_t number, struct report *report,
                 struct numbered_key **epoch)
{
    TRY(epoch_slot(keys, number, report, epoch));
    world_random(keys->world, (*epoch)->key.bytes, KEY_BYTES);
    status written = epoch_write(keys, *epoch, report);
    if (!is_ok(written))
        numbered_key_wipe(*epoch);
    return written;
}

bool is_epoch_file(const char *path)
{
    char start[sizeof(EPOCH_HEADER) - 1];
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd >= 0 && read(fd, start, sizeof(start)) == (ssize_t)sizeof(start) &&
           memcmp(start, EPOCH_HEADER, sizeof(start)) == 0;
}
