/* Cursors: the last id of a page and a keyed hash over it, the token and the route, so that a
 * cursor works only where it was given and holds nothing but an id. */
#include "api_internal.h"

enum { CURSOR_MAC = 16 };

static status cursor_mac(struct ask *ask, dossier_id last, unsigned char mac[CURSOR_MAC])
{
    char room[256];
    struct buf buf = buf_over(room, sizeof(room));
    dossier_id token = ask->caller->token;
    if (str_is(str_from(ask->route->path), "/v1/feed")) /* outlives the token that got it */
        token = (dossier_id){{0}};
    buf_field(&buf, ID_STR(token));
    buf_field(&buf, str_from(ask->route->path));
    buf_field(&buf, ID_STR(last));
    str bytes;
    TRY(buf_finish(&buf, &ask->report, &bytes));
    blind tag;
    keys_tag(vault_keys(reg_vault(ask->reg)), STR("cursor"), bytes, &tag);
    memcpy(mac, tag.bytes, CURSOR_MAC);
    return OK;
}

status cursor_write(struct ask *ask, dossier_id last, str *text)
{
    unsigned char bytes[CURSOR_BYTES];
    memcpy(bytes, last.bytes, ID_BYTES);
    TRY(cursor_mac(ask, last, bytes + ID_BYTES));
    struct buf buf = buf_in(ask->arena, 64);
    buf_base64url(&buf, (str){(const char *)bytes, sizeof(bytes)});
    return buf_finish(&buf, &ask->report, text);
}

/* Compared in constant time: a cursor is not a place to guess at. */
static bool same(const unsigned char *a, const unsigned char *b, size_t size)
{
    unsigned char different = 0;
    for (size_t i = 0; i < size; i++)
        different |= (unsigned char)(a[i] ^ b[i]);
    return different == 0;
}

status cursor_read(struct ask *ask, str text, dossier_id *after)
{
    unsigned char bytes[CURSOR_BYTES], mac[CURSOR_MAC];
    size_t length;
    dossier_id last;
    if (base64url_decode(text, bytes, sizeof(bytes), &length) && length == sizeof(bytes)) {
        memcpy(last.bytes, bytes, ID_BYTES);
        TRY(cursor_mac(ask, last, mac));
        if (same(mac, bytes + ID_BYTES, CURSOR_MAC)) {
            *after = last;
            return OK;
        }
    }
    return fail_about(&ask->report, FAULT_INVALID, text,
                      "?cursor= is not one that this path gave");
}
