/* Links that stop messages: in every mail, good for ever, and good for nothing else. */
#include "engine_internal.h"

/*   1 byte   version of the key and of this layout
 *  16 bytes  the person's random id
 *   4 bytes  which message and channel (a checksum of their names)
 *  16 bytes  MAC over all of that, the register and the names */
enum { LINK_VERSION = 1, LINK_MAC = 16, LINK_BYTES = 1 + ID_BYTES + 4 + LINK_MAC };

static uint32_t checksum(str message, str channel)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < message.len; i++)
        hash = (hash ^ (unsigned char)message.ptr[i]) * 16777619u;
    hash = (hash ^ 0xff) * 16777619u;
    for (size_t i = 0; i < channel.len; i++)
        hash = (hash ^ (unsigned char)channel.ptr[i]) * 16777619u;
    return hash;
}

static void link_bytes(struct reg *reg, dossier_id subject, str message, str channel,
                       unsigned char out[LINK_BYTES])
{
    enum { ROOM = 1024 };
    char head[1 + ID_BYTES + 4], room[ROOM];
    struct buf buf = buf_over(head, sizeof(head));
    buf_char(&buf, LINK_VERSION);
    buf_add(&buf, ID_STR(subject));
    buf_be32(&buf, checksum(message, channel));
    struct buf whole = buf_over(room, sizeof(room));
    buf_field(&whole, buf_str(&buf));
    buf_field(&whole, reg->id);
    buf_field(&whole, message);
    buf_field(&whole, channel);
    assert(!whole.full); /* names are short (LIMIT_POLICY, call_name) */
    blind mac;
    keys_tag(vault_keys(reg->vault), STR("stop_link/1"), buf_str(&whole), &mac);
    memcpy(out, head, sizeof(head));
    memcpy(out + sizeof(head), mac.bytes, LINK_MAC);
}

status engine_link(struct reg *reg, dossier_id subject, str message, str channel,
                   struct arena *arena, struct report *report, str *text)
{
    unsigned char bytes[LINK_BYTES];
    link_bytes(reg, subject, message, channel, bytes);
    struct buf buf = buf_in(arena, 2 * LINK_BYTES);
    buf_base64url(&buf, (str){(const char *)bytes, sizeof(bytes)});
    return buf_finish(&buf, report, text);
}

/* In constant time: a link is not a place to guess at. */
static bool same(const unsigned char a[LINK_BYTES], const unsigned char b[LINK_BYTES])
{
    unsigned char different = 0;
    for (size_t i = 0; i < LINK_BYTES; i++)
        different |= (unsigned char)(a[i] ^ b[i]);
    return different == 0;
}

struct reading {
    struct reg *reg;
    unsigned char given[LINK_BYTES];
    uint32_t names;
    struct stop_link *link;
    bool proven;
};

static void try_names(struct reading *reading, word message, word channel)
{
    str names[2] = {words_text(reading->reg->words, message),
                    words_text(reading->reg->words, channel)};
    if (reading->proven || checksum(names[0], names[1]) != reading->names)
        return;
    unsigned char made[LINK_BYTES];
    link_bytes(reading->reg, reading->link->subject, names[0], names[1], made);
    reading->proven = same(made, reading->given);
    if (reading->proven) {
        reading->link->message = message;
        reading->link->channel = channel;
    }
}

/* Links outlive versions of the policy: the names of any will do, those of today first. */
static void try_versions(struct reading *reading)
{
    const struct plans *plans = &reading->reg->plans;
    for (size_t v = plans->count; v > 0 && !reading->proven; v--) {
        const struct plan *plan = plans->at[v - 1].plan;
        for (size_t m = 0; m < plan->message_count; m++) {
            const struct plan_message *message = &plan->message[m];
            for (size_t c = 0; c < message->channel_count; c++)
                try_names(reading, message->clause.name, message->channels[c].name);
        }
    }
}

bool engine_link_read(struct reg *reg, str text, struct stop_link *link)
{
    struct reading reading = {.reg = reg, .link = link};
    size_t length;
    *link = (struct stop_link){0};
    if (!base64url_decode(text, reading.given, LINK_BYTES, &length) || length != LINK_BYTES ||
        reading.given[0] != LINK_VERSION)
        return false;
    memcpy(link->subject.bytes, reading.given + 1, ID_BYTES);
    struct reader names = reader_over((str){(const char *)reading.given + 1 + ID_BYTES, 4});
    reading.names = read_be32(&names);
    try_versions(&reading);
    return reading.proven;
}
