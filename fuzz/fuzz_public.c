/* Target: what comes to the public pages: links, and the bodies of forms.
 * Property: nothing is a link but the text that was given out, whole and unchanged; a form that is
 * taken is JSON that the api's reader takes, and no text breaks it.
 *
 * The first byte says which: 0 a link as it stands, 1 changes (XOR) to a genuine one, 2 a form, 3 a
 * multipart form with the boundary "x". */
#include "small_register.h"

#include "form_body.h"
#include "forms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 256 };

static void read_link(str text, str genuine)
{
    struct stop_link link;
    if (engine_link_read(small.reg, text, &link) != str_equal(text, genuine))
        abort();
}

static void try_link(const uint8_t *data, size_t size)
{
    char room[ROOM];
    struct report report = {0};
    str genuine;
    must(engine_link(small.reg, (dossier_id){{9}}, STR("newsletter"), STR("email"), small.arena,
                     &report, &genuine));
    if (data[0] == 0) {
        read_link((str){(const char *)data + 1, size - 1}, genuine);
        return;
    }
    for (size_t i = 0; i < genuine.len; i++)
        room[i] = (char)(genuine.ptr[i] ^ (i + 1 < size ? data[i + 1] : 0));
    read_link((str){room, genuine.len}, genuine);
}

static void try_form(str media, str body)
{
    struct report report = {0};
    const struct json *json;
    str text;
    struct stop_body stop;
    if (!is_ok(form_body_read(&stop_form, media, body, small.arena, &report, &text)))
        return;
    must(json_parse(small.arena, text, &report, &json));
    (void)is_ok(bind_read(&stop_form, json, small.arena, &report, &stop));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    small_open();
    if (size == 0 || size > 1 << 16)
        return 0;
    arena_reset(small.arena);
    str body = {(const char *)data + 1, size - 1};
    if (data[0] < 2)
        try_link(data, size);
    else if (data[0] == 2)
        try_form(STR("application/x-www-form-urlencoded"), body);
    else
        try_form(STR("multipart/form-data; boundary=x"), body);
    return 0;
}
