/* Uploads: their places, what of them is kept for other servers, and who takes them. */
#include <stdio.h>
#include <stdlib.h>

#include "upload.h"

enum {
    UPLOAD_ARENA_BYTES = 256 << 10,
    TOUCHED_MS = 60000, /* others hear of it no more often */
    NAME_ROOM = 32
};

/* ---- what the request says ---- */

enum { ONE_COUNT = 7, MANY_COUNT = 3 };

/* Its texts, all of them. */
struct upload_texts {
    str *one[ONE_COUNT];
    struct {
        const str **at;
        size_t *count;
    } many[MANY_COUNT];
};

static struct upload_texts said_by(struct file_open *request)
{
    struct collect *collect = &request->collect;
    return (struct upload_texts){.one = {&collect->intake, &collect->source, &collect->channel,
                                         &collect->controller, &request->field, &request->media,
                                         &request->name},
                                 .many = {{&collect->purposes, &collect->purpose_count},
                                          {&collect->supplied, &collect->supplied_count},
                                          {&collect->events, &collect->event_count}}};
}

static status copy_texts(struct arena *arena, const str **texts, size_t count)
{
    str *made = ARENA_ARRAY(arena, str, count + 1);
    if (made == NULL)
        return (status){FAULT_LIMIT};
    for (size_t i = 0; i < count; i++)
        made[i] = arena_copy(arena, (*texts)[i]);
    *texts = made;
    return OK;
}

/* What follows from the rest of it. */
static void settle_request(struct upload *upload)
{
    struct file_open *kept = &upload->request;
    upload->value =
        (struct collect_value){.field = kept->field, .said_optional = kept->said_optional};
    kept->collect.values = &upload->value;
    kept->collect.value_count = 1;
    kept->collect.joins_form = true;
}

static status keep_concerns(struct upload *upload, const dossier_id *concerns, size_t count)
{
    struct file_open *kept = &upload->request;
    struct concern_of *made = ARENA_ARRAY(upload->arena, struct concern_of, count + 1);
    if (made == NULL)
        return (status){FAULT_LIMIT};
    for (size_t i = 0; i < count; i++)
        made[i] = (struct concern_of){kept->field, concerns[i]};
    kept->collect.concerns = made;
    kept->collect.concern_count = count;
    return OK;
}

static status copy_said(struct upload *upload)
{
    struct upload_texts said = said_by(&upload->request);
    for (size_t i = 0; i < ONE_COUNT; i++)
        *said.one[i] = arena_copy(upload->arena, *said.one[i]);
    for (size_t i = 0; i < MANY_COUNT; i++)
        TRY(copy_texts(upload->arena, said.many[i].at, *said.many[i].count));
    return OK;
}

/* What the request says must outlive it. */
static status keep_request(struct call *call, struct upload *upload,
                           const struct file_open *request)
{
    if (request->concern_count > LIMIT_CONCERNS_ITEM)
        return fail_at(call->report, FAULT_LIMIT, "/concerns", "an item concerns at most %d others",
                       LIMIT_CONCERNS_ITEM);
    upload->request = *request;
    status copied = copy_said(upload);
    settle_request(upload);
    if (is_ok(copied))
        copied = keep_concerns(upload, request->concerns, request->concern_count);
    return is_ok(copied)
               ? OK
               : fail(call->report, FAULT_LIMIT, "what an upload says of itself is too long");
}

void upload_about(struct report *report, const struct upload *upload,
                  const struct file_open *request)
{
    struct file_open of = *request, kept = upload->request;
    struct upload_texts copy = said_by(&kept), said = said_by(&of);
    for (size_t i = 0; i < ONE_COUNT; i++) {
        if (report->about == NULL || copy.one[i]->len == 0 || report->about != copy.one[i]->ptr)
            continue;
        report->about = said.one[i]->ptr;
        return;
    }
    for (size_t i = 0; i < MANY_COUNT; i++) {
        for (size_t j = 0; report->about != NULL && j < *copy.many[i].count; j++) {
            if (report->about != (*copy.many[i].at)[j].ptr)
                continue;
            report->about = (*said.many[i].at)[j].ptr;
            return;
        }
    }
}

/* ---- in memory ---- */

void upload_free(struct upload *upload)
{
    if (upload->held != NULL)
        wipe(upload->held, VAULT_PART_BYTES);
    if (upload->coming != NULL)
        wipe(upload->coming, VAULT_PART_BYTES);
    free(upload->held);
    free(upload->coming);
    wipe(&upload->cards, sizeof(upload->cards));
    wipe(&upload->identities, sizeof(upload->identities));
    vault_upload_free(&upload->vault);
    arena_free(&upload->arena);
    free(upload);
}

static struct upload *empty_upload(void)
{
    struct upload *upload = calloc(1, sizeof(*upload));
    if (upload == NULL)
        abort();
    upload->arena = arena_new(UPLOAD_ARENA_BYTES);
    return upload;
}

status upload_new(struct call *call, const struct file_open *request, struct upload **upload)
{
    struct upload *made = empty_upload();
    made->token = call->caller->token;
    made->company = call->company;
    *upload = made;
    status kept = keep_request(call, made, request);
    if (is_ok(kept))
        return OK;
    upload_free(made);
    return kept;
}

static struct upload **link_of(struct reg *reg, record_id id)
{
    struct upload **link = &reg->uploads;
    while (*link != NULL && !ID_EQUAL((*link)->header.id, id))
        link = &(*link)->next;
    return link;
}

static void take_out(struct reg *reg, record_id id)
{
    struct upload **link = link_of(reg, id), *upload = *link;
    if (upload == NULL)
        return;
    *link = upload->next;
    upload_free(upload);
}

static void put_in(struct reg *reg, struct upload *upload)
{
    upload->next = reg->uploads;
    reg->uploads = upload;
}

/* ---- for other servers ---- */

static void put_bool(struct buf *buf, bool is)
{
    buf_char(buf, is ? 1 : 0);
}

static bool read_bool(struct reader *r)
{
    return read_u8(r) != 0;
}

static void read_id(struct reader *r, unsigned char bytes[ID_BYTES])
{
    str read = read_bytes(r, ID_BYTES);
    if (read.len == ID_BYTES)
        memcpy(bytes, read.ptr, ID_BYTES);
}

static void put_said(struct buf *buf, struct file_open *request)
{
    struct upload_texts said = said_by(request);
    for (size_t i = 0; i < ONE_COUNT; i++)
        buf_field(buf, *said.one[i]);
    for (size_t i = 0; i < MANY_COUNT; i++) {
        buf_be32(buf, (uint32_t)*said.many[i].count);
        for (size_t j = 0; j < *said.many[i].count; j++)
            buf_field(buf, (*said.many[i].at)[j]);
    }
    buf_be32(buf, (uint32_t)request->concern_count);
    for (size_t i = 0; i < request->concern_count; i++)
        buf_add(buf, ID_STR(request->concerns[i]));
}

static void put_upload(struct buf *buf, const struct words *words, struct upload *upload)
{
    struct file_open *request = &upload->request;
    put_said(buf, request);
    buf_add(buf, ID_STR(request->collect.matter));
    buf_be64(buf, (uint64_t)request->collect.at.ms);
    put_bool(buf, request->said_optional);
    buf_be64(buf, request->size);
    buf_add(buf, ID_STR(request->replaces));
    buf_add(buf, ID_STR(request->case_));
    put_bool(buf, request->by_subject);
    buf_field(buf, words_text(words, upload->company));
    buf_field(buf, words_text(words, upload->header.field));
    buf_field(buf, words_text(words, upload->header.controller));
    buf_add(buf, ID_STR(upload->header.matter));
    put_bool(buf, upload->no_identity);
}

static status read_texts(struct reader *r, struct arena *arena, const str **texts, size_t *count)
{
    *count = read_be32(r);
    str *made = *count > (size_t)(r->end - r->at) ? NULL : ARENA_ARRAY(arena, str, *count + 1);
    if (made == NULL)
        return (status){FAULT_LIMIT};
    for (size_t i = 0; i < *count; i++)
        made[i] = read_field(r);
    *texts = made;
    return OK;
}

static status read_said(struct reader *r, struct upload *upload)
{
    struct upload_texts said = said_by(&upload->request);
    dossier_id concerns[LIMIT_CONCERNS_ITEM] = {{{0}}};
    for (size_t i = 0; i < ONE_COUNT; i++)
        *said.one[i] = read_field(r);
    for (size_t i = 0; i < MANY_COUNT; i++)
        TRY(read_texts(r, upload->arena, said.many[i].at, said.many[i].count));
    size_t count = read_be32(r);
    if (count > LIMIT_CONCERNS_ITEM)
        return (status){FAULT_LIMIT};
    for (size_t i = 0; i < count; i++)
        read_id(r, concerns[i].bytes);
    return keep_concerns(upload, concerns, count);
}

static status read_upload(struct reader *r, struct words *words, struct upload *upload)
{
    struct file_open *request = &upload->request;
    TRY(read_said(r, upload));
    read_id(r, request->collect.matter.bytes);
    request->collect.at.ms = (int64_t)read_be64(r);
    request->said_optional = read_bool(r);
    request->size = read_be64(r);
    read_id(r, request->replaces.bytes);
    read_id(r, request->case_.bytes);
    request->by_subject = read_bool(r);
    upload->company = words_intern(words, read_field(r));
    upload->header.field = words_intern(words, read_field(r));
    upload->header.controller = words_intern(words, read_field(r));
    read_id(r, upload->header.matter.bytes);
    upload->no_identity = read_bool(r);
    settle_request(upload);
    return reader_done(r) ? OK : (status){FAULT_CORRUPT};
}

static const char *row_name(const struct reg *reg, const struct upload_place *place,
                            char name[NAME_ROOM])
{
    (void)snprintf(name, NAME_ROOM, "upload/%zu", (size_t)(place - reg->upload_places));
    return name;
}

static status keep_row(struct call *call, const struct upload_place *place, struct upload *upload)
{
    char name[NAME_ROOM];
    str plain;
    struct buf buf = buf_in(call->arena, UPLOAD_ARENA_BYTES);
    put_upload(&buf, call->reg->words, upload);
    TRY(buf_finish(&buf, call->report, &plain));
    return vault_upload_keep(call->reg->vault, place->subject, &upload->header,
                             str_from(row_name(call->reg, place, name)), plain, call->arena,
                             call->report);
}

static status not_found(struct report *report)
{
    return fail(report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
}

static status read_row(struct reg *reg, const struct upload_place *place, struct upload *upload,
                       struct report *report)
{
    char name[NAME_ROOM];
    str row = str_from(row_name(reg, place, name)), plain;
    TRY(vault_upload_kept(reg->vault, place->subject, place->id, row, upload->arena, report,
                          &plain));
    struct reader reader = reader_over(plain);
    if (!is_ok(read_upload(&reader, reg->words, upload)))
        return fail(report, FAULT_CORRUPT, "what an upload says of itself is damaged");
    return vault_meta_set(reg->vault, row, STR(""), report);
}

/* It is this server's from here on. Where its key is gone, so is the person, or what they gave of
 * this kind. */
static status take_row(struct reg *reg, const struct upload_place *place, struct report *report)
{
    struct report own = {0};
    struct upload *upload = empty_upload();
    upload->header.id = place->id;
    upload->token = place->token;
    upload->request.collect.subject = place->subject;
    status taken = read_row(reg, place, upload, &own);
    if (is_ok(taken)) {
        put_in(reg, upload);
        return OK;
    }
    upload_free(upload);
    return taken.fault == FAULT_GONE ? not_found(report)
                                     : fail(report, taken.fault, "%s", own.text);
}

/* This one's that ended between two turns, while others wrote that it goes on. */
static void free_ended(struct reg *reg)
{
    for (size_t i = 0; i < LIMIT_UPLOADS; i++) {
        struct upload_place *place = &reg->upload_places[i];
        if (place->server != 0 && place->server == reg->server && *link_of(reg, place->id) == NULL)
            *place = (struct upload_place){0};
    }
}

struct brief_array reg_uploads_brief(struct reg *reg)
{
    return (struct brief_array){
        "uploads", reg->upload_places, sizeof(struct upload_place), LIMIT_UPLOADS,
        NULL,      free_ended};
}

/* ---- places ---- */

static struct upload_place *place_of(struct reg *reg, record_id id)
{
    for (size_t i = 0; i < LIMIT_UPLOADS; i++) {
        if (ID_EQUAL(reg->upload_places[i].id, id))
            return &reg->upload_places[i];
    }
    return NULL;
}

static struct upload_place *free_place(struct reg *reg)
{
    return place_of(reg, (record_id){{0}});
}

status upload_room(struct call *call)
{
    if (free_place(call->reg) != NULL)
        return OK;
    return fail(call->report, FAULT_RATE, "%d uploads are open: wait for one to end",
                LIMIT_UPLOADS);
}

status upload_announce(struct call *call, struct upload *upload)
{
    struct reg *reg = call->reg;
    struct upload_place *place = free_place(reg);
    struct upload_place made = {.id = upload->header.id,
                                .subject = upload->request.collect.subject,
                                .token = upload->token,
                                .touched = world_now(reg->world)};
    assert(place != NULL);
    *place = made;
    status kept = vault_beside(reg->vault) ? keep_row(call, place, upload) : OK;
    if (!is_ok(kept)) {
        *place = (struct upload_place){0};
        return kept;
    }
    if (vault_beside(reg->vault))
        upload_free(upload);
    else
        put_in(reg, upload);
    return OK;
}

void upload_touch(struct reg *reg, const struct upload *upload)
{
    struct upload_place *place = place_of(reg, upload->header.id);
    instant now = world_now(reg->world);
    if (place != NULL && now.ms - place->touched.ms > TOUCHED_MS)
        place->touched = now;
}

static void start(struct reg *reg, struct upload_place *place, struct upload *upload)
{
    while (reg->server == 0) /* another number in each server, and after each start */
        world_random(reg->world, &reg->server, sizeof(reg->server));
    place->server = reg->server;
    vault_upload_start(reg->vault, place->subject, &upload->header, &upload->vault);
    upload->held = malloc(VAULT_PART_BYTES);
    upload->coming = malloc(VAULT_PART_BYTES);
    if (upload->held == NULL || upload->coming == NULL)
        abort();
}

status engine_upload_take(struct reg *reg, const struct caller *caller, dossier_id subject,
                          record_id record, struct report *report, struct upload **taken)
{
    TRY(reg_enter(reg, report));
    struct upload_place *place = ID_IS_ZERO(record) ? NULL : place_of(reg, record);
    if (place == NULL || place->server != 0 || !ID_EQUAL(place->subject, subject) ||
        !ID_EQUAL(place->token, caller->token))
        return not_found(report);
    if (*link_of(reg, record) == NULL)
        TRY(take_row(reg, place, report));
    *taken = *link_of(reg, record);
    assert(*taken != NULL);
    start(reg, place, *taken);
    return OK;
}

void engine_upload_drop(struct reg *reg, struct upload **upload)
{
    if (*upload == NULL)
        return;
    struct upload_place *place = place_of(reg, (*upload)->header.id);
    if (place != NULL)
        *place = (struct upload_place){0};
    take_out(reg, (*upload)->header.id);
    *upload = NULL;
}

void reg_drop_uploads(struct reg *reg, bool taken)
{
    for (struct upload *upload = reg->uploads, *next; upload != NULL; upload = next) {
        next = upload->next;
        if (taken || upload->vault == NULL)
            engine_upload_drop(reg, &upload);
    }
}

/* What streams is in the hands of who took it; a place that another server left is not. */
static bool is_idle(struct reg *reg, const struct upload_place *place)
{
    bool streams = place->server != 0 && *link_of(reg, place->id) != NULL;
    return !streams && world_now(reg->world).ms - place->touched.ms > LIMIT_UPLOAD_IDLE_MS;
}

size_t uploads_busy(struct reg *reg, record_id busy[LIMIT_UPLOADS])
{
    size_t count = 0;
    for (size_t i = 0; i < LIMIT_UPLOADS; i++) {
        struct upload_place *place = &reg->upload_places[i];
        if (ID_IS_ZERO(place->id))
            continue;
        if (is_idle(reg, place)) {
            take_out(reg, place->id);
            *place = (struct upload_place){0};
        } else {
            busy[count++] = place->id;
        }
    }
    return count;
}
