/* Where a register's rows lie: database.json beside its files says so when they lie elsewhere.
 *
 *   {"format":1,"pooled":false,"servers":false,
 *    "data":{"address":"postgresql://vern@db.example.no/vern","schema":"vern_shop_data",
 *            "mark":"h3Jx..."},
 *    "keys":{"address":...,"schema":"vern_shop_keys","mark":"h3Jx..."}}
 *
 * What is not named there lies in its file. The mark is in the schema, too: of two that make a
 * register of one name at the same moment, neither takes the other's away. */
#include <stdio.h>
#include "db_internal.h"
#include "driver.h"
#include "file.h"
#include "json.h"

enum { PATH_ROOM = 4096, PLACES_BYTES = 8192 };

static const char *const names[] = {[DB_DATA] = "data", [DB_KEYS] = "keys"};

static status path_of(const char *dir, const char *leaf, char path[PATH_ROOM],
                      struct report *report)
{
    int length = snprintf(path, PATH_ROOM, "%s/%s", dir, leaf);
    if (length < 0 || length >= PATH_ROOM)
        return fail(report, FAULT_LIMIT, "the path of %s is too long", leaf);
    return OK;
}

static bool keep(const struct json *from, const char *name, char *room, size_t size)
{
    str text;
    return json_str(json_get(from, name), &text) && !str_is_empty(text) &&
           memchr(text.ptr, '\0', text.len) == NULL &&
           snprintf(room, size, "%.*s", STR_ARG(text)) < (int)size;
}

static status read_places(str text, const char *leaf, struct arena *arena, struct db_places *places,
                          struct report *report)
{
    const struct json *json;
    struct report odd = {0};
    int64_t format;
    bool pooled = false, servers = false,
         sound = is_ok(json_parse(arena, text, &odd, &json)) &&
                 json_i64(json_get(json, "format"), &format) && format == 1 &&
                 json_bool(json_get(json, "pooled"), &pooled);
    if (sound && json_get(json, "servers") != NULL)
        sound = json_bool(json_get(json, "servers"), &servers);
    for (size_t i = 0; sound && i < LENGTH(names); i++) {
        struct db_place *place = &places->at[i];
        const struct json *one = json_get(json, names[i]);
        place->pooled = pooled;
        place->servers = servers;
        if (one != NULL)
            sound = keep(one, "address", place->address, sizeof(place->address)) &&
                    keep(one, "schema", place->space, sizeof(place->space)) &&
                    keep(one, "mark", place->mark, sizeof(place->mark));
    }
    if (sound && pooled && servers)
        return fail(report, FAULT_CORRUPT,
                    "%s says pooled and servers: several servers want no pooler, through which "
                    "nobody sees whether another server lives",
                    leaf);
    return sound ? OK : fail(report, FAULT_CORRUPT, "%s is damaged", leaf);
}

static status read_leaf(const char *dir, const char *leaf, struct report *report,
                        struct db_places *places)
{
    char path[PATH_ROOM];
    str text;
    *places = (struct db_places){0};
    TRY(path_of(dir, leaf, path, report));
    if (!file_exists(path))
        return OK;
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    TRY(file_read(path, arena, PLACES_BYTES, report, &text));
    return read_places(text, leaf, arena, places, report);
}

status db_places_read(const char *dir, struct report *report, struct db_places *places)
{
    return read_leaf(dir, "database.json", report, places);
}

status db_moving_read(const char *dir, struct report *report, struct db_places *places)
{
    return read_leaf(dir, "moving.json", report, places);
}

status db_void_read(const char *dir, struct report *report, struct db_places *places)
{
    return read_leaf(dir, "moving-void.json", report, places);
}

static status write_leaf(const struct file_change *change, const struct db_places *places,
                         struct report *report)
{
    char room[PLACES_BYTES];
    struct buf buf = buf_over(room, sizeof(room));
    struct json_out out = json_out_over(&buf);
    str text;
    json_open_object(&out);
    json_key(&out, "format");
    json_put_u64(&out, 1);
    json_key(&out, "pooled");
    json_put_bool(&out, places->at[DB_DATA].pooled || places->at[DB_KEYS].pooled);
    json_key(&out, "servers");
    json_put_bool(&out, places->at[DB_DATA].servers);
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (db_place_at(places, (enum db_schema)i) == NULL)
            continue;
        json_key(&out, names[i]);
        json_open_object(&out);
        json_key(&out, "address");
        json_put_text(&out, places->at[i].address);
        json_key(&out, "schema");
        json_put_text(&out, places->at[i].space);
        json_key(&out, "mark");
        json_put_text(&out, places->at[i].mark);
        json_close_object(&out);
    }
    json_close_object(&out);
    buf_char(&buf, '\n');
    TRY(buf_finish(&buf, report, &text));
    return file_write_durable(change, text, 0600, report);
}

status db_places_write(const struct world *world, const char *dir, const struct db_places *places,
                       struct report *report)
{
    char path[PATH_ROOM];
    TRY(path_of(dir, "database.json", path, report));
    return write_leaf(&(struct file_change){world, "register.places", path}, places, report);
}

status db_moving_write(const struct world *world, const char *dir, const struct db_places *places,
                       struct report *report)
{
    char path[PATH_ROOM];
    TRY(path_of(dir, "moving.json", path, report));
    return write_leaf(&(struct file_change){world, "register.moving", path}, places, report);
}

const struct db_place *db_place_at(const struct db_places *places, enum db_schema schema)
{
    const struct db_place *place = &places->at[schema];
    return place->address[0] == '\0' ? NULL : place;
}

void db_places_name(const struct world *world, str name, struct db_places *places)
{
    unsigned char random[ID_BYTES];
    char mark[ID_TEXT];
    struct buf buf = buf_over(mark, sizeof(mark));
    world_random(world, random, sizeof(random));
    buf_id(&buf, random);
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct db_place *place = &places->at[i];
        snprintf(place->space, DB_SPACE_ROOM, "vern_%.*s_%s", STR_ARG(name), names[i]);
        snprintf(place->mark, DB_MARK_ROOM, "%.*s", STR_ARG(buf_str(&buf)));
    }
}

#ifndef VERN_POSTGRES
status db_address_take(str address, struct db_place *place, struct report *report)
{
    (void)address;
    (void)place;
    return fail(report, FAULT_USAGE, "this build is without PostgreSQL");
}

status db_shard_text(const struct db_place *place, enum db_schema schema, struct arena *arena,
                     struct report *report, str *text)
{
    (void)place;
    (void)schema;
    (void)arena;
    (void)text;
    return fail(report, FAULT_STORE, "this build is without PostgreSQL");
}

status db_place_look(const struct db_place *place, struct report *report)
{
    (void)place;
    return fail(report, FAULT_STORE, "this build is without PostgreSQL");
}

status db_place_free(const struct db_place *place, struct report *report)
{
    (void)place;
    return fail(report, FAULT_STORE, "this build is without PostgreSQL");
}

status db_place_drop(const struct db_place *place, struct report *report)
{
    (void)place;
    return fail(report, FAULT_STORE, "this build is without PostgreSQL");
}
#endif
