/* Sealed records: what they are bound to, how they are padded, sealing and opening. */
#include "keys_internal.h"

enum { PAD_END = 0x80, POWERS_UP_TO = 64 << 10 };

/* Lengths say little: powers of two, and past 64 KB steps of an eighth, which cost at most 12.5 %.
 */
size_t padded_size(size_t len)
{
    size_t size = 16, wanted = len + 1;
    while (size < wanted)
        size *= 2;
    if (size <= POWERS_UP_TO)
        return size;
    size_t step = size / 16;
    return (wanted + step - 1) / step * step;
}

static void put_be32(unsigned char *to, uint32_t value)
{
    for (size_t i = 4; i-- > 0; value >>= 8)
        to[i] = (unsigned char)value;
}

struct buf data_start(const struct keys *keys, char room[SEAL_DATA_ROOM], str what)
{
    struct buf data = buf_over(room, SEAL_DATA_ROOM);
    buf_add(&data, STR("vern"));
    buf_char(&data, SEAL_FORMAT);
    buf_char(&data, keys->simulated ? 's' : 'l');
    buf_field(&data, str_from(keys->register_id));
    buf_field(&data, what);
    return data;
}

status seal_bytes(struct keys *keys, struct numbered_key *key, str data, str plain,
                  unsigned char *out, struct report *report)
{
    size_t size = padded_size(plain.len);
    if (plain.len > SEAL_PLAIN_MAX)
        return fail(report, FAULT_LIMIT, "a value of more than %d bytes cannot be sealed",
                    SEAL_PLAIN_MAX);
    if (key->messages == UINT32_MAX)
        return fail(report, FAULT_LIMIT, "a key has sealed as many records as it may");
    key->messages++;
    unsigned char *nonce = out + 6, *cipher = out + SEAL_HEADER_BYTES;
    out[0] = SEAL_FORMAT;
    out[1] = SEAL_AES_256_GCM;
    put_be32(out + 2, key->number);
    world_random(keys->world, nonce, NONCE_BYTES);
    if (plain.len > 0)
        memmove(cipher, plain.ptr, plain.len);
    memset(cipher + plain.len, 0, size - plain.len);
    cipher[plain.len] = PAD_END;
    aead_seal(keys->crypto, &key->key, nonce, data, (str){(const char *)cipher, size}, cipher,
              cipher + size);
    return OK;
}

static status not_sealed(struct report *report)
{
    return fail(report, FAULT_CORRUPT, "a sealed record is damaged or lies in another's place");
}

/* Which key sealed it, when it looks like a sealed record at all. */
static bool seal_header(str bytes, uint32_t *number)
{
    struct reader r = reader_over(bytes);
    uint8_t format = read_u8(&r), algorithm = read_u8(&r);
    *number = read_be32(&r);
    return !r.bad && format == SEAL_FORMAT && algorithm == SEAL_AES_256_GCM &&
           bytes.len >= SEAL_EXTRA_BYTES + 16 && bytes.len <= SEAL_EXTRA_BYTES + 2 * SEAL_PLAIN_MAX;
}

status sealed_key(sealed bytes, struct report *report, uint32_t *number)
{
    assert(number != NULL);
    return seal_header(bytes.bytes, number) ? OK : not_sealed(report);
}

/* The length before the padding; SIZE_MAX when it is not padded as we do. */
static size_t unpadded(const unsigned char *plain, size_t size)
{
    size_t len = size;
    uint64_t eight = 0;
    for (; len >= sizeof(eight); len -= sizeof(eight)) { /* half of what is padded is zeros */
        memcpy(&eight, plain + len - sizeof(eight), sizeof(eight));
        if (eight != 0)
            break;
    }
    while (len > 0 && plain[len - 1] == 0)
        len--;
    if (len == 0 || plain[len - 1] != PAD_END || padded_size(len - 1) != size)
        return SIZE_MAX;
    return len - 1;
}

status open_bytes(struct keys *keys, const struct numbered_key *key, str data, str bytes,
                  unsigned char *plain, struct report *report, size_t *len)
{
    uint32_t number = 0;
    if (!seal_header(bytes, &number) || number != key->number)
        return not_sealed(report);
    size_t size = bytes.len - SEAL_EXTRA_BYTES;
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    if (!aead_open(keys->crypto, &key->key, at + 6, data,
                   (str){bytes.ptr + SEAL_HEADER_BYTES, size}, at + SEAL_HEADER_BYTES + size,
                   plain))
        return not_sealed(report);
    *len = unpadded(plain, size);
    if (*len == SIZE_MAX) {
        wipe(plain, size);
        return not_sealed(report);
    }
    return OK;
}

/* ---- records of a dossier ---- */

static status place_data(const struct keys *keys, uint32_t number, const struct seal_place *place,
                         char room[SEAL_DATA_ROOM], struct report *report, str *data)
{
    struct buf buf = data_start(keys, room, place->kind);
    buf_field(&buf, place->controller);
    buf_field(&buf, ID_STR(place->dossier));
    buf_field(&buf, place->category);
    buf_field(&buf, ID_STR(place->matter));
    buf_field(&buf, ID_STR(place->item));
    buf_be64(&buf, place->version);
    buf_be32(&buf, place->part);
    buf_be32(&buf, number);
    return buf_finish(&buf, report, data);
}

static struct ring_key *ring_find(const struct ring *ring, uint32_t number)
{
    for (size_t i = 0; i < ring->body->count; i++)
        if (ring->body->at[i].key.number == number)
            return &ring->body->at[i];
    return NULL;
}

/* A number that was given out and is no more is gone; one that never was is a lost key. */
static status no_key(const struct ring *ring, uint32_t number, struct report *report)
{
    if (number == 0 || number >= ring->body->next_number)
        return fail(report, FAULT_KEY, "a record was sealed under a key that the ring never had");
    return fail(report, FAULT_GONE, "the key of a record has been erased");
}

status ring_seal(struct keys *keys, const struct ring *ring, uint32_t number,
                 const struct seal_place *place, str plain, struct arena *arena,
                 struct report *report, sealed *out)
{
    assert(keys != NULL && ring != NULL && ring->body != NULL);
    assert(place != NULL && out != NULL && ID_EQUAL(ring->id, place->dossier));

    char room[SEAL_DATA_ROOM];
    str data;
    struct ring_key *key = ring_find(ring, number);
    if (key == NULL)
        return no_key(ring, number, report);
    if (key->leaving)
        return fail(report, FAULT_INTERNAL, "nothing new is sealed under a key that is to go");
    if (plain.len > SEAL_PLAIN_MAX)
        return fail(report, FAULT_LIMIT, "a value of more than %d bytes cannot be sealed",
                    SEAL_PLAIN_MAX);
    TRY(place_data(keys, number, place, room, report, &data));
    size_t size = SEAL_EXTRA_BYTES + padded_size(plain.len);
    unsigned char *bytes = arena_take(arena, size);
    if (bytes == NULL)
        return NO_MEMORY(report);
    TRY(seal_bytes(keys, &key->key, data, plain, bytes, report));
    *out = (sealed){{(const char *)bytes, size}};
    return OK;
}

status ring_open(struct keys *keys, const struct ring *ring, const struct seal_place *place,
                 sealed bytes, struct arena *arena, struct report *report, str *plain)
{
    assert(keys != NULL && ring != NULL && ring->body != NULL);
    assert(place != NULL && plain != NULL && ID_EQUAL(ring->id, place->dossier));

    char room[SEAL_DATA_ROOM];
    str data;
    uint32_t number = 0;
    size_t len = 0;
    TRY(sealed_key(bytes, report, &number));
    const struct ring_key *key = ring_find(ring, number);
    if (key == NULL)
        return no_key(ring, number, report);
    TRY(place_data(keys, number, place, room, report, &data));
    unsigned char *out = arena_take(arena, bytes.bytes.len - SEAL_EXTRA_BYTES);
    if (out == NULL)
        return NO_MEMORY(report);
    TRY(open_bytes(keys, &key->key, data, bytes.bytes, out, report, &len));
    *plain = (str){(const char *)out, len};
    return OK;
}

bool ring_has_key(const struct ring *ring, uint32_t number)
{
    assert(ring != NULL && ring->body != NULL);
    return ring_find(ring, number) != NULL;
}

/* ---- parts of a large value ---- */

void keys_part_key(struct keys *keys, struct part_key *key)
{
    *key = (struct part_key){0};
    world_random(keys->world, key->key.bytes, sizeof(key->key.bytes));
}

status keys_part_seal(struct keys *keys, struct part_key *key, const struct seal_place *place,
                      str plain, struct arena *arena, struct report *report, sealed *out)
{
    char room[SEAL_DATA_ROOM];
    str data;
    TRY(place_data(keys, 0, place, room, report, &data));
    size_t size = SEAL_EXTRA_BYTES + padded_size(plain.len);
    unsigned char *bytes = arena_take(arena, size);
    if (bytes == NULL)
        return NO_MEMORY(report);
    struct numbered_key numbered = {.messages = key->messages, .key = key->key};
    status made = seal_bytes(keys, &numbered, data, plain, bytes, report);
    key->messages = numbered.messages;
    wipe(&numbered, sizeof(numbered));
    TRY(made);
    *out = (sealed){{(const char *)bytes, size}};
    return OK;
}

status keys_part_open(struct keys *keys, const struct part_key *key, const struct seal_place *place,
                      sealed bytes, struct arena *arena, struct report *report, str *plain)
{
    char room[SEAL_DATA_ROOM];
    str data;
    size_t len = 0;
    if (bytes.bytes.len < SEAL_EXTRA_BYTES)
        return not_sealed(report);
    TRY(place_data(keys, 0, place, room, report, &data));
    unsigned char *out = arena_take(arena, bytes.bytes.len - SEAL_EXTRA_BYTES);
    if (out == NULL)
        return NO_MEMORY(report);
    struct numbered_key numbered = {.key = key->key};
    status opened = open_bytes(keys, &numbered, data, bytes.bytes, out, report, &len);
    wipe(&numbered, sizeof(numbered));
    TRY(opened);
    *plain = (str){(const char *)out, len};
    return OK;
}
