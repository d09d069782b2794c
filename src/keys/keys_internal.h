/* What the files of keys share and no other module sees. */
#ifndef VERN_KEYS_INTERNAL_H
#define VERN_KEYS_INTERNAL_H
#include "db.h"
#include "keys.h"

/* ---- memory for key material (locked.c) ---- */

/* Zeroed memory that is locked where the system allows it, kept out of core files, and wiped when
 * given back. */
struct locked;
struct locked *locked_new(void);
void locked_free(struct locked **locked);
void *locked_take(struct locked *locked, size_t size);
void locked_give(struct locked *locked, void *memory, size_t size);

/* ---- algorithms (crypto.c) ---- */

enum { NONCE_BYTES = 12, TAG_BYTES = 16, HMAC_BYTES = 32 };

struct crypto;
MUST_CHECK status crypto_new(struct report *report, struct crypto **crypto);
void crypto_free(struct crypto **crypto);
/* No key schedule stays behind. */
void crypto_cleanse(struct crypto *crypto);
/* Whether libsodium seals, by the processor's AES; else, and where it has none, OpenSSL does. It is
 * so from the start; a test asks for both. */
void crypto_by_processor(struct crypto *crypto, bool yes);
/* AES-256-GCM, in place allowed. Opening false means that the tag does not fit. */
void aead_seal(struct crypto *crypto, const secret *key, const unsigned char nonce[NONCE_BYTES],
               str data, str plain, unsigned char *cipher, unsigned char tag[TAG_BYTES]);
MUST_CHECK bool aead_open(struct crypto *crypto, const secret *key,
                          const unsigned char nonce[NONCE_BYTES], str data, str cipher,
                          const unsigned char tag[TAG_BYTES], unsigned char *plain);
void hmac_sha256(struct crypto *crypto, const secret *key, str bytes,
                 unsigned char hash[HMAC_BYTES]);
/* RFC 5869; at most 255 * 32 bytes. */
void hkdf_sha256(struct crypto *crypto, str material, str salt, str info, unsigned char *out,
                 size_t count);

/* ---- sealed records (seal.c) ---- */

/*   0       1          2            6        18
 *   +-------+----------+------------+--------+----------------+--------+
 *   | format| algorithm| key number | nonce  | padded, sealed | tag 16 |
 *   +-------+----------+------------+--------+----------------+--------+
 */
enum {
    SEAL_FORMAT = 1,
    SEAL_AES_256_GCM = 1,
    SEAL_HEADER_BYTES = 18,
    SEAL_EXTRA_BYTES = SEAL_HEADER_BYTES + TAG_BYTES,
    SEAL_PLAIN_MAX = 16 << 20,
    SEAL_DATA_ROOM = 1024 /* associated data */
};
static_assert(SEAL_HEADER_BYTES == 1 + 1 + 4 + NONCE_BYTES, "the header holds what it says");

/* A key by its number, and how many messages it has sealed in this process. */
struct numbered_key {
    uint32_t number;
    uint32_t messages;
    secret key;
};
/* 16, 32, 64 ... 65,536 bytes, from there on to an eighth of the power of two below; always room
 * for the end mark. */
size_t padded_size(size_t len);
/* Seals into `out`, which has SEAL_EXTRA_BYTES + padded_size(plain.len) bytes. LIMIT past 2^32
 * messages of a key, or for a text that is too long. */
MUST_CHECK status seal_bytes(struct keys *keys, struct numbered_key *key, str data, str plain,
                             unsigned char *out, struct report *report);
/* Opens into `plain`, which has bytes.len - SEAL_EXTRA_BYTES bytes. CORRUPT; on a fault nothing of
 * the plaintext stays. */
MUST_CHECK status open_bytes(struct keys *keys, const struct numbered_key *key, str data, str bytes,
                             unsigned char *plain, struct report *report, size_t *len);
/* The start of associated data of this register: format, register, kind of clock, what it is. */
struct buf data_start(const struct keys *keys, char room[SEAL_DATA_ROOM], str what);

/* ---- root and epoch files (root.c) ---- */

enum { EPOCHS_MAX = 4, EPOCH_PATH_ROOM = 4096 };

MUST_CHECK status root_read(const char *path, struct report *report, secret *root);
void epoch_path(const struct keys *keys, uint32_t number, char path[EPOCH_PATH_ROOM]);
MUST_CHECK status epoch_write(struct keys *keys, const struct numbered_key *epoch,
                              struct report *report);
/* Reads every epoch file of the folder into keys->epochs. A file that cannot be opened is KEY, save
 * for one that says an older number than `current` and is being overwritten. */
MUST_CHECK status epochs_load(struct keys *keys, uint32_t current, struct report *report);
MUST_CHECK status epoch_new(struct keys *keys, uint32_t number, struct report *report,
                            struct numbered_key **epoch);
struct numbered_key *epoch_find(struct keys *keys, uint32_t number);
bool is_epoch_file(const char *path);

/* ---- rings (ring.c) ---- */

enum {
    RING_PART_PLAIN = 511, /* and the end mark make 512 */
    RING_PART_BYTES = SEAL_EXTRA_BYTES + 512,
    RING_KEYS_MAX = 1000,
    RING_SLOT_MAX = 200
};

/* What a key is for: "controller/category". There are as many as the policies have of them, so that
 * each name is held once and known by its address. */
struct slot_name {
    struct slot_name *next;
    size_t len;
    char text[];
};
struct slot_names {
    struct slot_name *buckets[64];
};
/* Takes the name in when it is new. */
const struct slot_name *slot_named(struct slot_names *names, str text);
void slot_names_free(struct slot_names *names);

struct ring_key {
    struct numbered_key key;
    const struct slot_name *slot;
    bool leaving;
};
static_assert(sizeof(struct ring_key) <= 56, "16,384 rings are kept in memory");
/* In locked memory. */
struct ring_body {
    uint64_t fence_version;
    uint32_t next_number;
    uint32_t part_count; /* rows that it has; never fewer again */
    bool gone;           /* a fence says that the dossier is erased */
    secret handle_key, salt_key;
    unsigned char handle[16];
    size_t count, room;
    struct ring_key at[];
};
struct ring {
    dossier_id id;
    struct ring_body *body; /* NULL: to be read again */
    bool dirty;             /* the row is older than the body */
    bool used;              /* since its age was looked at */
    struct ring *newer, *older, *next;
};
struct ring_cache;

struct ring_cache *cache_new(size_t room);
void cache_free(struct keys *keys);
/* Forgets decoded rings: this one, or all beyond the room, the oldest first that were not used
 * since they were passed over last. */
void ring_unload(struct keys *keys, struct ring *ring);
void cache_trim(struct keys *keys);
void cache_drop(struct keys *keys); /* all of them */
/* Is there a fence that is not done? (fence.c) */
MUST_CHECK status fences_open(struct keys *keys, struct report *report, bool *open);
/* The ring whatever a fence says of it; *ring NULL when there is no row or only zeros. */
MUST_CHECK status ring_fetch(struct keys *keys, dossier_id id, struct report *report,
                             struct ring **ring);
void ring_touch(struct keys *keys, struct ring *ring);
MUST_CHECK status rings_flush(struct keys *keys, struct report *report);
/* Stage 4, within the transaction: leaving keys, or the whole ring. */
MUST_CHECK status ring_drop_leaving(struct keys *keys, dossier_id id, struct report *report);
/* The other way: what was leaving stays, and what took its place goes. */
void ring_keep_leaving(struct ring *ring);
MUST_CHECK status ring_erase(struct keys *keys, dossier_id id, struct report *report);
/* Sealed anew under the present epoch; without effect when it is. */
MUST_CHECK status ring_rewrap(struct keys *keys, dossier_id id, struct report *report,
                              bool *changed);

/* ---- the whole ---- */

/* What is to be taken away at stage 4, and fences that are then done. */
struct mark {
    dossier_id id;
    uint64_t version; /* of a fence */
    bool ring, whole;
};
/* A growing array outside arenas; `settled` marks were committed, the rest are of this turn. Of
 * those the first `waiting` are of turns whose stage 4 waits. */
struct marks {
    struct mark *at;
    size_t count, room, settled, operation, waiting;
};

/* What the turn adds; written beside the additions, so that a crash leaves none unseen. */
struct born {
    struct keys_born *at;
    size_t count, room, operation;
};

struct master {
    secret index, derive, log_seed;
};

struct keys {
    const struct world *world;
    struct db *db;
    struct crypto *crypto;
    struct locked *locked;
    struct ring_cache *cache;
    struct slot_names slots; /* of all rings that were decoded */
    char dir[EPOCH_PATH_ROOM / 2], root_path[EPOCH_PATH_ROOM / 2];
    char register_id[128];
    bool simulated;
    bool operation;
    bool beside;                 /* other servers have them open */
    bool truncate_due;           /* forgotten bytes may still lie in the journal */
    struct numbered_key *epochs; /* EPOCHS_MAX, number 0 = free; locked */
    uint32_t epoch;              /* the present one */
    struct master *master;       /* locked */
    struct marks marks;          /* rings and keys to go */
    struct marks fences;         /* fences that are then done */
    struct marks done;           /* done, to be written with the next change */
    struct born born;            /* added in this turn */
    bool born_written;           /* keys.db names what an earlier turn added */
    struct ring **touched;       /* rings changed in this turn */
    size_t touched_count, touched_room, touched_operation;
    size_t touched_written; /* those before are in the open transaction */
};

void marks_add(struct marks *marks, const struct mark *mark);
void born_add(struct keys *keys, const struct keys_born *born);
/* With the turn's commit; and when a key is forgotten, so that no hash of its dossier stays here.
 */
MUST_CHECK status born_write(struct keys *keys, struct report *report);
MUST_CHECK status born_clear(struct keys *keys, struct report *report);
MUST_CHECK status master_write(struct keys *keys, struct report *report);
/* Goes on with a rotation to `target`: re-wraps, removes older epoch files. */
MUST_CHECK status rotation_finish(struct keys *keys, uint32_t target, struct report *report);

#endif
