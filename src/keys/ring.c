/* Key rings: decoded ones in a bounded cache, encoded ones as sealed parts of one length.
 *
 *   format 1 | gone 1 | fence version 8 | next number 4 | handle key 32 | salt key 32 | count 2
 *   then for each key: number 4 | leaving 1 | slot (length 4, text) | key 32
 *
 * with its length (4) before it, cut into pieces of 511 bytes, the last one filled up with zeros.
 */
#include <sodium.h>
#include <stdlib.h>
#include "keys_internal.h"

enum {
    RING_FORMAT = 1,
    BUCKETS = 1 << 14,
    RING_FIXED_BYTES = 1 + 1 + 8 + 4 + 2 * KEY_BYTES + 2,
    RING_KEY_BYTES = 4 + 1 + 4 + RING_SLOT_MAX + KEY_BYTES,
    RING_BYTES_MAX = 4 + RING_FIXED_BYTES + RING_KEYS_MAX * RING_KEY_BYTES,
    RING_PARTS_MAX = RING_BYTES_MAX / RING_PART_PLAIN + 1,
    CACHE_SLACK = 16 /* times the room: what one turn may hold */
};

struct ring_cache {
    struct ring *buckets[BUCKETS];
    struct ring *newest, *oldest;
    size_t count, room;
};

/* ---- the names of slots ---- */

static struct slot_name **slot_bucket(struct slot_names *names, str text)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619U;
    return &names->buckets[(hash ^ hash >> 16) % LENGTH(names->buckets)];
}

const struct slot_name *slot_named(struct slot_names *names, str text)
{
    struct slot_name **bucket = slot_bucket(names, text);
    for (struct slot_name *name = *bucket; name != NULL; name = name->next)
        if (str_equal((str){name->text, name->len}, text))
            return name;
    struct slot_name *made = malloc(sizeof(*made) + text.len);
    if (made == NULL)
        abort();
    made->next = *bucket;
    made->len = text.len;
    if (text.len > 0)
        memcpy(made->text, text.ptr, text.len);
    *bucket = made;
    return made;
}

void slot_names_free(struct slot_names *names)
{
    for (size_t i = 0; i < LENGTH(names->buckets); i++) {
        while (names->buckets[i] != NULL) {
            struct slot_name *next = names->buckets[i]->next;
            free(names->buckets[i]);
            names->buckets[i] = next;
        }
    }
}

/* ---- the cache ---- */

struct ring_cache *cache_new(size_t room)
{
    struct ring_cache *cache = calloc(1, sizeof(*cache));
    if (cache == NULL)
        abort();
    cache->room = room;
    return cache;
}

static struct ring **bucket_of(struct ring_cache *cache, dossier_id id)
{
    uint64_t mixed;
    memcpy(&mixed, id.bytes + 4, sizeof(mixed));
    mixed ^= (uint64_t)id.bytes[0] << 8 | id.bytes[1];
    mixed *= 0x9E3779B97F4A7C15U; /* ids are random, but not in tests */
    return &cache->buckets[mixed >> 32 & (BUCKETS - 1)];
}

static size_t body_size(size_t room)
{
    return sizeof(struct ring_body) + room * sizeof(struct ring_key);
}

void ring_unload(struct keys *keys, struct ring *ring)
{
    if (ring->body != NULL)
        locked_give(keys->locked, ring->body, body_size(ring->body->room));
    ring->body = NULL;
    ring->dirty = false;
}

static void unlink_aged(struct ring_cache *cache, struct ring *ring)
{
    *(ring->newer == NULL ? &cache->newest : &ring->newer->older) = ring->older;
    *(ring->older == NULL ? &cache->oldest : &ring->older->newer) = ring->newer;
    ring->newer = ring->older = NULL;
}

static void link_newest(struct ring_cache *cache, struct ring *ring)
{
    ring->older = cache->newest;
    if (cache->newest != NULL)
        cache->newest->newer = ring;
    cache->newest = ring;
    if (cache->oldest == NULL)
        cache->oldest = ring;
}

static void evict(struct keys *keys, struct ring *ring)
{
    struct ring **at = bucket_of(keys->cache, ring->id);
    while (*at != ring)
        at = &(*at)->next;
    *at = ring->next;
    unlink_aged(keys->cache, ring);
    keys->cache->count--;
    ring_unload(keys, ring);
    free(ring);
}

void cache_trim(struct keys *keys)
{
    struct ring_cache *cache = keys->cache;
    while (cache->count > cache->room) {
        struct ring *oldest = cache->oldest;
        if (!oldest->used) {
            evict(keys, oldest);
            continue;
        }
        oldest->used = false;
        unlink_aged(cache, oldest);
        link_newest(cache, oldest);
    }
}

void cache_drop(struct keys *keys)
{
    while (keys->cache->oldest != NULL)
        evict(keys, keys->cache->oldest);
}

void cache_free(struct keys *keys)
{
    if (keys->cache == NULL)
        return;
    cache_drop(keys);
    free(keys->cache);
    keys->cache = NULL;
}

/* The cache's entry of a dossier; NULL when there is none. */
static struct ring *entry_find(struct ring_cache *cache, dossier_id id)
{
    struct ring *ring = *bucket_of(cache, id);
    while (ring != NULL && !ID_EQUAL(ring->id, id))
        ring = ring->next;
    if (ring != NULL)
        ring->used = true;
    return ring;
}

static status entry_of(struct keys *keys, dossier_id id, struct report *report, struct ring **ring)
{
    struct ring_cache *cache = keys->cache;
    *ring = entry_find(cache, id);
    if (*ring != NULL)
        return OK;
    if (cache->count >= cache->room * CACHE_SLACK)
        return fail(report, FAULT_LIMIT, "one turn loads more than %zu key rings",
                    cache->room * CACHE_SLACK);
    *ring = calloc(1, sizeof(**ring));
    if (*ring == NULL)
        abort();
    struct ring **bucket = bucket_of(cache, id);
    (*ring)->id = id;
    (*ring)->next = *bucket;
    *bucket = *ring;
    link_newest(cache, *ring);
    cache->count++;
    return OK;
}

/* ---- bodies ---- */

static struct ring_body *body_new(struct keys *keys, size_t room)
{
    struct ring_body *body = locked_take(keys->locked, body_size(room));
    body->room = room;
    return body;
}

/* The handle is not the key itself, which stays in the ring. */
static void body_derive(struct ring_body *body)
{
    unsigned char hash[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256(hash, (const unsigned char *)"handle", 6, body->handle_key.bytes);
    memcpy(body->handle, hash, sizeof(body->handle));
}

static struct ring_key *body_add(struct keys *keys, struct ring *ring)
{
    struct ring_body *body = ring->body;
    if (body->count == body->room) {
        struct ring_body *grown = body_new(keys, body->room * 2);
        size_t room = grown->room;
        memcpy(grown, body, body_size(body->count));
        grown->room = room;
        locked_give(keys->locked, body, body_size(body->room));
        ring->body = body = grown;
    }
    return &body->at[body->count++];
}

static void encode(const struct ring_body *body, struct buf *buf)
{
    buf_char(buf, RING_FORMAT);
    buf_char(buf, body->gone);
    buf_be64(buf, body->fence_version);
    buf_be32(buf, body->next_number);
    buf_add(buf, (str){(const char *)body->handle_key.bytes, KEY_BYTES});
    buf_add(buf, (str){(const char *)body->salt_key.bytes, KEY_BYTES});
    buf_be16(buf, (uint16_t)body->count);
    for (size_t i = 0; i < body->count; i++) {
        const struct ring_key *key = &body->at[i];
        buf_be32(buf, key->key.number);
        buf_char(buf, key->leaving);
        buf_field(buf, (str){key->slot->text, key->slot->len});
        buf_add(buf, (str){(const char *)key->key.key.bytes, KEY_BYTES});
    }
}

static size_t encoded_size(const struct ring_body *body)
{
    size_t size = RING_FIXED_BYTES;
    for (size_t i = 0; i < body->count; i++)
        size += (size_t)4 + 1 + 4 + KEY_BYTES + body->at[i].slot->len;
    return size;
}

static void read_secret(struct reader *r, secret *key)
{
    str bytes = read_bytes(r, KEY_BYTES);
    if (bytes.len == KEY_BYTES)
        memcpy(key->bytes, bytes.ptr, KEY_BYTES);
}

static bool decode_key(struct keys *keys, struct reader *r, struct ring_key *key)
{
    key->key.number = read_be32(r);
    key->leaving = read_u8(r) != 0;
    str slot = read_field(r);
    if (r->bad || slot.len > RING_SLOT_MAX)
        return false;
    key->slot = slot_named(&keys->slots, slot);
    read_secret(r, &key->key.key);
    return !r->bad;
}

/* NULL when it is no ring. */
static struct ring_body *decode(struct keys *keys, str bytes)
{
    struct reader r = reader_over(bytes);
    struct ring_body head = {0};
    bool sound = read_u8(&r) == RING_FORMAT;
    head.gone = read_u8(&r) != 0;
    head.fence_version = read_be64(&r);
    head.next_number = read_be32(&r);
    read_secret(&r, &head.handle_key);
    read_secret(&r, &head.salt_key);
    size_t count = read_be16(&r);
    struct ring_body *body = NULL;
    if (sound && !r.bad && count <= RING_KEYS_MAX) {
        body = body_new(keys, count + 2);
        head.room = body->room;
        memcpy(body, &head, sizeof(head));
        while (sound && body->count < count)
            sound = decode_key(keys, &r, &body->at[body->count++]);
        if (!sound || !reader_done(&r)) {
            locked_give(keys->locked, body, body_size(body->room));
            body = NULL;
        }
    }
    wipe(&head, sizeof(head));
    if (body != NULL)
        body_derive(body);
    return body;
}

/* ---- rows ---- */

static str part_data(const struct keys *keys, dossier_id id, uint32_t part,
                     char room[SEAL_DATA_ROOM])
{
    struct buf data = data_start(keys, room, STR("ring"));
    buf_field(&data, ID_STR(id));
    buf_be32(&data, part);
    return buf_str(&data);
}

static bool all_zero(str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.ptr[i] != 0)
            return false;
    return true;
}

static status bad_ring(struct report *report)
{
    return fail(report, FAULT_CORRUPT, "keys.db: a key ring is damaged");
}

/* One part's plaintext, under whichever epoch sealed it. */
static status part_open(struct keys *keys, dossier_id id, const struct db_ring_get_row *row,
                        unsigned char plain[RING_PART_BYTES], struct report *report, size_t *len)
{
    char room[SEAL_DATA_ROOM];
    uint32_t number = 0;
    if (row->sealed.len != RING_PART_BYTES)
        return bad_ring(report);
    TRY(sealed_key((sealed){row->sealed}, report, &number));
    const struct numbered_key *epoch = number == 0 ? NULL : epoch_find(keys, number);
    if (epoch == NULL)
        return fail(report, FAULT_KEY, "the epoch key %u, which seals a key ring, is missing",
                    number);
    return open_bytes(keys, epoch, part_data(keys, id, (uint32_t)row->part, room), row->sealed,
                      plain, report, len);
}

static size_t parts_of(size_t size)
{
    return (size + RING_PART_PLAIN - 1) / RING_PART_PLAIN;
}

/* Puts the parts together again, as far as the length says; parts past it are spent. */
static status parts_join(struct keys *keys, dossier_id id, const struct db_ring_get_row *rows,
                         size_t count, struct buf *whole, struct report *report)
{
    size_t needed = 1;
    for (size_t i = 0; i < needed; i++) {
        unsigned char plain[RING_PART_BYTES];
        size_t len = 0;
        if (i >= count || rows[i].part != (int64_t)i)
            return bad_ring(report);
        TRY(part_open(keys, id, &rows[i], plain, report, &len));
        buf_add(whole, (str){(const char *)plain, len});
        wipe(plain, sizeof(plain));
        struct reader r = reader_over(buf_str(whole));
        size_t size = 4 + (size_t)read_be32(&r);
        needed = parts_of(size);
        if (len != RING_PART_PLAIN || whole->full || needed > RING_PARTS_MAX)
            return bad_ring(report);
        if (i + 1 == needed)
            whole->len = size;
    }
    return OK;
}

/* Room for an encoded ring, in locked memory; parts of all sizes end with the same function. */
static struct buf scratch_take(struct keys *keys, size_t size)
{
    return buf_over(locked_take(keys->locked, size), size);
}

static void scratch_give(struct keys *keys, const struct buf *scratch)
{
    locked_give(keys->locked, scratch->ptr, scratch->room);
}

static status body_load(struct keys *keys, struct ring *ring, const struct db_ring_get_row *rows,
                        size_t count, struct report *report)
{
    struct buf whole = scratch_take(keys, count * RING_PART_PLAIN);
    status result = parts_join(keys, ring->id, rows, count, &whole, report);
    if (is_ok(result)) {
        ring->body = decode(keys, str_slice(buf_str(&whole), 4, whole.len));
        if (ring->body == NULL)
            result = bad_ring(report);
        else
            ring->body->part_count = (uint32_t)count;
    }
    scratch_give(keys, &whole);
    return result;
}

enum { ROWS_BUDGET = 4 << 20 };

/* From its rows; *ring NULL when there are none, or only zeros. */
static status ring_read(struct keys *keys, dossier_id id, struct report *report, struct ring **ring)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ROWS_BUDGET);
    struct db_ring_get_row *rows = NULL;
    size_t count = 0;
    struct ring *made = NULL;
    TRY(db_ring_get_all(keys->db, &(struct db_ring_get_in){.subject = id}, arena, report, &rows,
                        &count));
    if (count == 0 || all_zero(rows[0].sealed))
        return OK;
    TRY(entry_of(keys, id, report, &made));
    TRY(body_load(keys, made, rows, count, report));
    *ring = made;
    return OK;
}

status ring_fetch(struct keys *keys, dossier_id id, struct report *report, struct ring **ring)
{
    struct ring *found = entry_find(keys->cache, id);
    *ring = NULL;
    if (found == NULL || found->body == NULL)
        return ring_read(keys, id, report, ring);
    *ring = found;
    return OK;
}

void keys_ring_ahead(struct keys *keys, dossier_id id)
{
    assert(keys != NULL);

    struct ring *found = entry_find(keys->cache, id);
    if (found == NULL || found->body == NULL)
        db_ring_get_ahead(keys->db, &(struct db_ring_get_in){.subject = id});
}

void keys_ahead_end(struct keys *keys)
{
    assert(keys != NULL);
    db_ahead_end(keys->db);
}

static status part_put(struct keys *keys, struct ring *ring, uint32_t part, str bytes,
                       struct report *report)
{
    if (part >= ring->body->part_count) {
        TRY(db_ring_add(
            keys->db, &(struct db_ring_add_in){.subject = ring->id, .part = part, .sealed = bytes},
            report));
        ring->body->part_count = part + 1;
        return OK;
    }
    uint64_t changed = 0;
    TRY(db_ring_set(keys->db,
                    &(struct db_ring_set_in){.subject = ring->id, .part = part, .sealed = bytes},
                    report, &changed));
    return changed == 1 ? OK : bad_ring(report);
}

static status part_seal(struct keys *keys, struct ring *ring, uint32_t part, str plain,
                        struct report *report)
{
    char room[SEAL_DATA_ROOM];
    unsigned char padded[RING_PART_PLAIN] = {0}, bytes[RING_PART_BYTES];
    static_assert(SEAL_EXTRA_BYTES + RING_PART_PLAIN + 1 == RING_PART_BYTES, "parts fill a step");
    memcpy(padded, plain.ptr, plain.len);
    status result =
        seal_bytes(keys, epoch_find(keys, keys->epoch), part_data(keys, ring->id, part, room),
                   (str){(const char *)padded, sizeof(padded)}, bytes, report);
    wipe(padded, sizeof(padded));
    return is_ok(result)
               ? part_put(keys, ring, part, (str){(const char *)bytes, sizeof(bytes)}, report)
               : result;
}

/* All parts, and zeros over those that are no longer needed. */
static status ring_write(struct keys *keys, struct ring *ring, struct report *report)
{
    static const unsigned char zeros[RING_PART_BYTES];
    size_t size = 4 + encoded_size(ring->body), parts = parts_of(size);
    struct buf whole = scratch_take(keys, size);
    buf_be32(&whole, (uint32_t)(size - 4));
    encode(ring->body, &whole);
    assert(!whole.full && whole.len == size);
    status result = OK;
    for (size_t i = 0; i < parts && is_ok(result); i++)
        result = part_seal(
            keys, ring, (uint32_t)i,
            str_slice(buf_str(&whole), i * RING_PART_PLAIN, (i + 1) * RING_PART_PLAIN), report);
    for (size_t i = parts; i < ring->body->part_count && is_ok(result); i++)
        result =
            part_put(keys, ring, (uint32_t)i, (str){(const char *)zeros, sizeof(zeros)}, report);
    scratch_give(keys, &whole);
    if (is_ok(result))
        ring->dirty = false;
    return result;
}

/* Remembers that the turn changed it, so that undoing reads it anew. */
void ring_touch(struct keys *keys, struct ring *ring)
{
    ring->dirty = true;
    if (keys->touched_count == keys->touched_room) {
        keys->touched_room = keys->touched_room == 0 ? 64 : keys->touched_room * 2;
        keys->touched = realloc(keys->touched, keys->touched_room * sizeof(*keys->touched));
        if (keys->touched == NULL)
            abort();
    }
    keys->touched[keys->touched_count++] = ring;
}

status rings_flush(struct keys *keys, struct report *report)
{
    for (size_t i = keys->touched_written; i < keys->touched_count; i++)
        if (keys->touched[i]->dirty)
            TRY(ring_write(keys, keys->touched[i], report));
    keys->touched_written = keys->touched_count;
    return OK;
}

/* ---- what callers do with rings ---- */

status keys_ring_create(struct keys *keys, dossier_id id, struct report *report, struct ring **ring)
{
    assert(keys != NULL && ring != NULL);

    struct ring *made = entry_find(keys->cache, id);
    if (made != NULL && made->body != NULL)
        return fail(report, FAULT_CONFLICT, "there is or was a dossier of this id");
    TRY(entry_of(keys, id, report, &made));
    made->body = body_new(keys, 4);
    made->body->next_number = 1;
    world_random(keys->world, made->body->handle_key.bytes, KEY_BYTES);
    world_random(keys->world, made->body->salt_key.bytes, KEY_BYTES);
    body_derive(made->body);
    ring_touch(keys, made);
    born_add(keys, &(struct keys_born){.id = id});
    *ring = made;
    return OK;
}

status keys_ring_load(struct keys *keys, dossier_id id, struct report *report,
                      enum presence *presence, struct ring **ring)
{
    assert(keys != NULL && presence != NULL && ring != NULL);

    *presence = PRESENCE_UNKNOWN;
    TRY(ring_fetch(keys, id, report, ring));
    if (*ring != NULL && !(*ring)->body->gone) {
        *presence = PRESENCE_LIVE;
        return OK;
    }
    bool gone = *ring != NULL, fenced = false;
    struct db_fence_whole_row fence;
    *ring = NULL;
    TRY(db_fence_whole(keys->db, &(struct db_fence_whole_in){.subject = id}, report, &fenced,
                       &fence));
    if (gone && !fenced)
        return fail(report, FAULT_CORRUPT, "keys.db: a key ring says erased and no fence does");
    *presence = fenced ? PRESENCE_ERASED : PRESENCE_UNKNOWN;
    return OK;
}

uint64_t ring_fence_version(const struct ring *ring)
{
    assert(ring != NULL && ring->body != NULL);
    return ring->body->fence_version;
}

static struct ring_key *present_key(const struct ring *ring, const struct slot_name *slot)
{
    for (size_t i = 0; i < ring->body->count; i++) {
        struct ring_key *key = &ring->body->at[i];
        if (!key->leaving && key->slot == slot)
            return key;
    }
    return NULL;
}

static status key_add(struct keys *keys, struct ring *ring, const struct slot_name *slot,
                      struct report *report, uint32_t *number)
{
    if (ring->body->count == RING_KEYS_MAX || ring->body->next_number == UINT32_MAX)
        return fail(report, FAULT_LIMIT, "a key ring holds at most %d keys", RING_KEYS_MAX);
    struct ring_key *key = body_add(keys, ring);
    key->key.number = *number = ring->body->next_number++;
    key->slot = slot;
    world_random(keys->world, key->key.key.bytes, KEY_BYTES);
    ring_touch(keys, ring);
    return OK;
}

static status check_slot(str slot, struct report *report)
{
    return slot.len <= RING_SLOT_MAX
               ? OK
               : fail(report, FAULT_LIMIT, "a key's slot has a name of more than %d bytes",
                      RING_SLOT_MAX);
}

status ring_key(struct keys *keys, struct ring *ring, str slot, struct report *report,
                uint32_t *number)
{
    assert(keys != NULL && ring != NULL && ring->body != NULL);
    assert(number != NULL);

    TRY(check_slot(slot, report));
    const struct slot_name *name = slot_named(&keys->slots, slot);
    const struct ring_key *key = present_key(ring, name);
    if (key == NULL)
        return key_add(keys, ring, name, report, number);
    *number = key->key.number;
    return OK;
}

status ring_replace_key(struct keys *keys, struct ring *ring, str slot, struct report *report,
                        uint32_t *number)
{
    assert(keys != NULL && ring != NULL && ring->body != NULL);
    assert(number != NULL);

    TRY(check_slot(slot, report));
    const struct slot_name *name = slot_named(&keys->slots, slot);
    const struct ring_key *old = present_key(ring, name);
    uint32_t old_number = old == NULL ? 0 : old->key.number;
    TRY(key_add(keys, ring, name, report, number)); /* may move the keys */
    for (size_t i = 0; i < ring->body->count; i++)
        if (ring->body->at[i].key.number == old_number)
            ring->body->at[i].leaving = true;
    marks_add(&keys->marks, &(struct mark){.id = ring->id, .ring = true});
    return OK;
}

void ring_handle(const struct ring *ring, unsigned char handle[16])
{
    assert(ring != NULL && ring->body != NULL);
    memcpy(handle, ring->body->handle, sizeof(ring->body->handle));
}

void ring_salted(const struct ring *ring, str text, unsigned char hash[32])
{
    assert(ring != NULL && ring->body != NULL);
    static_assert(crypto_auth_hmacsha256_BYTES == 32, "a hash of 32 bytes");
    crypto_auth_hmacsha256(hash, (const unsigned char *)(text.ptr == NULL ? "" : text.ptr),
                           text.len, ring->body->salt_key.bytes);
}

/* ---- stage 4 and rotation ---- */

status ring_drop_leaving(struct keys *keys, dossier_id id, struct report *report)
{
    struct ring *ring = NULL;
    TRY(ring_fetch(keys, id, report, &ring));
    if (ring == NULL)
        return OK; /* a whole erasure came after */
    size_t kept = 0;
    for (size_t i = 0; i < ring->body->count; i++)
        if (!ring->body->at[i].leaving)
            ring->body->at[kept++] = ring->body->at[i];
    if (kept == ring->body->count)
        return OK; /* an earlier mark of the same ring took them */
    wipe(&ring->body->at[kept], (ring->body->count - kept) * sizeof(struct ring_key));
    ring->body->count = kept;
    ring_touch(keys, ring);
    return ring_write(keys, ring, report);
}

static const struct ring_key *first_leaving(const struct ring_body *body,
                                            const struct slot_name *slot)
{
    const struct ring_key *first = NULL;
    for (size_t i = 0; i < body->count; i++) {
        const struct ring_key *key = &body->at[i];
        if (key->leaving && key->slot == slot &&
            (first == NULL || key->key.number < first->key.number))
            first = key;
    }
    return first;
}

/* The oldest leaving key of a slot is the one that the data still has; what replaced it goes. */
void ring_keep_leaving(struct ring *ring)
{
    struct ring_body *body = ring->body;
    bool stays[RING_KEYS_MAX];
    for (size_t i = 0; i < body->count; i++) {
        const struct ring_key *first = first_leaving(body, body->at[i].slot);
        stays[i] = first == NULL || first == &body->at[i];
    }
    size_t kept = 0;
    for (size_t i = 0; i < body->count; i++) {
        if (!stays[i])
            continue;
        body->at[kept] = body->at[i];
        body->at[kept++].leaving = false;
    }
    wipe(&body->at[kept], (body->count - kept) * sizeof(struct ring_key));
    body->count = kept;
}

status ring_erase(struct keys *keys, dossier_id id, struct report *report)
{
    static const unsigned char zeros[RING_PART_BYTES];
    struct ring *ring = NULL;
    TRY(ring_fetch(keys, id, report, &ring));
    if (ring == NULL)
        return OK;
    ring_touch(keys, ring);
    ring->dirty = false;
    for (uint32_t part = 0; part < ring->body->part_count; part++)
        TRY(part_put(keys, ring, part, (str){(const char *)zeros, sizeof(zeros)}, report));
    ring_unload(keys, ring);
    return OK;
}

status ring_rewrap(struct keys *keys, dossier_id id, struct report *report, bool *changed)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ROWS_BUDGET);
    struct db_ring_get_row *rows = NULL;
    size_t count = 0;
    uint32_t number = 0;
    struct ring *ring = NULL;
    TRY(db_ring_get_all(keys->db, &(struct db_ring_get_in){.subject = id}, arena, report, &rows,
                        &count));
    *changed = false;
    if (count == 0 || all_zero(rows[0].sealed))
        return OK;
    TRY(sealed_key((sealed){rows[0].sealed}, report, &number));
    if (number == keys->epoch)
        return OK;
    TRY(ring_fetch(keys, id, report, &ring));
    *changed = true;
    return ring_write(keys, ring, report);
}
