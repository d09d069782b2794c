/* Settings: options, environment, files named by it, the configuration file, defaults. */
#include <stdio.h>
#include <stdlib.h>

#include "file.h"
#include "limits.h"
#include "server.h"

enum { FILE_BYTES = 64 << 10, NEAR_MOST = 3, NAME_ROOM = 64 };

static const struct setting_row rows[] = {
#define SETTING(name, fallback, what) {#name, fallback, what},
#include "settings.def"
#undef SETTING
};

const struct setting_row *setting_row(enum setting setting)
{
    assert(setting < SETTING_COUNT);
    return &rows[setting];
}

/* ---- environment ---- */

static str environment_value(char *const *environment, const char *name)
{
    size_t length = strlen(name);
    for (; environment != NULL && *environment != NULL; environment++) {
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            return str_from(*environment + length + 1);
    }
    return (str){NULL, 0};
}

static void variable_name(const char *setting, const char *suffix, char name[NAME_ROOM])
{
    struct buf buf = buf_over(name, NAME_ROOM);
    buf_text(&buf, "VERN_");
    for (const char *c = setting; *c != '\0'; c++)
        buf_char(&buf, *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c);
    buf_text(&buf, suffix);
    buf_char(&buf, '\0');
    assert(!buf.full);
}

static status from_environment(enum setting setting, char *const *environment, struct arena *arena,
                               struct report *report, str *value)
{
    char plain[NAME_ROOM], by_file[NAME_ROOM];
    variable_name(rows[setting].name, "", plain);
    variable_name(rows[setting].name, "_FILE", by_file);
    str text = environment_value(environment, plain);
    str path = environment_value(environment, by_file);
    if (text.ptr != NULL && path.ptr != NULL)
        return fail(report, FAULT_USAGE, "%s and %s are both set", plain, by_file);
    if (text.ptr != NULL)
        *value = text;
    if (path.ptr == NULL)
        return OK;
    const char *path_text = arena_c_string(arena, path);
    if (path_text == NULL)
        return NO_MEMORY(report);
    TRY(file_read(path_text, arena, FILE_BYTES, report, value));
    *value = str_trim(*value);
    return OK;
}

/* ---- the configuration file ---- */

static status unknown_key(struct report *report, const char *where, str key)
{
    const char *best = NULL;
    unsigned least = NEAR_MOST + 1;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        unsigned distance = str_distance(key, str_from(rows[i].name));
        if (distance < least) {
            least = distance;
            best = rows[i].name;
        }
    }
    if (best != NULL)
        return fail_at(report, FAULT_USAGE, where,
                       "there is no setting of this name; did you "
                       "mean \"%s\"?",
                       best);
    return fail_at(report, FAULT_USAGE, where, "there is no setting of this name");
}

static status take_line(str line, const char *where, struct report *report, str *values)
{
    str rest = line, key;
    if (!str_next(&rest, '=', &key) || rest.ptr == NULL)
        return fail_at(report, FAULT_USAGE, where, "a line is `name = value`");
    key = str_trim(key);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (!str_is(key, rows[i].name))
            continue;
        if (values[i].ptr != NULL)
            return fail_at(report, FAULT_USAGE, where, "%s is set a second time", rows[i].name);
        values[i] = str_trim(rest);
        return OK;
    }
    return unknown_key(report, where, key);
}

static status read_file(const char *path, struct arena *arena, struct report *report, str *values)
{
    str rest, line;
    TRY(file_read(path, arena, FILE_BYTES, report, &rest));
    const char *leaf = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    for (unsigned number = 1; str_next(&rest, '\n', &line); number++) {
        str text = str_trim(line);
        if (text.len == 0 || text.ptr[0] == '#')
            continue;
        char where[300];
        snprintf(where, sizeof(where), "%.200s:%u:%zu", leaf, number,
                 (size_t)(text.ptr - line.ptr) + 1);
        TRY(take_line(text, where, report, values));
    }
    return OK;
}

status settings_read(const str given[SETTING_COUNT], const char *file, char *const *environment,
                     struct arena *arena, struct report *report, struct settings *settings)
{
    str in_file[SETTING_COUNT] = {{NULL, 0}};
    if (file != NULL)
        TRY(read_file(file, arena, report, in_file));
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        str value = {NULL, 0};
        TRY(from_environment((enum setting)i, environment, arena, report, &value));
        if (value.ptr == NULL)
            value = in_file[i].ptr != NULL ? in_file[i] : str_from(rows[i].fallback);
        settings->at[i] = given[i].ptr != NULL ? given[i] : value;
    }
    return OK;
}

const char *settings_root(const struct settings *settings, struct arena *arena)
{
    if (settings->at[SET_root].len > 0)
        return arena_c_string(arena, settings->at[SET_root]);
    str data = settings->at[SET_data];
    while (data.len > 1 && data.ptr[data.len - 1] == '/')
        data.len--;
    return arena_c_string(arena, arena_format(arena, "%.*s.root", STR_ARG(data)));
}

status listen_parse(str text, struct arena *arena, struct report *report, const char **address,
                    uint16_t *port)
{
    size_t colon = text.len;
    for (size_t i = 0; i < text.len; i++)
        colon = text.ptr[i] == ':' ? i : colon;
    str host = str_slice(text, 0, colon);
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = str_slice(host, 1, host.len - 1);
    uint64_t number;
    if (colon == text.len || host.len == 0 ||
        !str_to_u64(str_slice(text, colon + 1, text.len), &number) || number > UINT16_MAX)
        return fail(report, FAULT_USAGE, "an address is written 127.0.0.1:8787 or [::1]:8787");
    *port = (uint16_t)number;
    *address = arena_c_string(arena, host);
    return *address == NULL ? NO_MEMORY(report) : OK;
}
