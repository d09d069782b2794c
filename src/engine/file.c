/* Files: values in parts. Coming in, they are decided twice, before the first byte and at the last,
 * and are nothing until then; going out, each part is judged by itself. */
#include <stdlib.h>

#include "engine_internal.h"
#include "norway.h"

enum { UPLOAD_ARENA_BYTES = 256 << 10, SWEEP_TURNS = 8, MEDIA_BYTES = 100 };

struct upload {
    record_id id;
    dossier_id token;
    word company;        /* that the request which opened it acted for; 0: not said */
    struct arena *arena; /* of what the request says */
    struct file_open request;
    struct collect_value value; /* the field, without a value */
    struct vault_upload *vault;
    instant touched; /* by the world's clock */
    bool taken;
    char *held,
        *coming; /* the last whole part, searched and not yet written; and the one that comes */
    size_t held_len, coming_len;
    uint64_t seen;
    struct card_file cards, identities;
    bool no_identity; /* an identity number may not stand in it */
};

/* ---- what may come ---- */

static bool is_media_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-';
}

static bool media_valid(str media)
{
    size_t slashes = 0;
    for (size_t i = 0; i < media.len; i++) {
        bool inside = i > 0 && i + 1 < media.len;
        if (media.ptr[i] == '/' && inside)
            slashes++;
        else if (!is_media_char(media.ptr[i]))
            return false;
    }
    return slashes == 1 && media.len <= MEDIA_BYTES;
}

/* A name is shown to people and goes into a header: no path, nothing that turns text around. */
static bool name_valid(str name)
{
    if (name.len > LIMIT_FILE_NAME_BYTES || !utf8_valid(name))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c < 0x20 || c == 0x7F || c == '/' || c == '\\')
            return false;
    }
    return true;
}

static status check_what(struct call *call, const struct file_open *request)
{
    if (request->size == 0)
        return fail_at(call->report, FAULT_INVALID, "/size", "a file has at least one byte");
    if (request->size > LIMIT_FILE_BYTES)
        return fail_at(call->report, FAULT_LIMIT, "/size", "a file is at most %d bytes",
                       LIMIT_FILE_BYTES);
    if (!media_valid(request->media))
        return fail_at(call->report, FAULT_INVALID, "/media",
                       "\"media\" is a type in small letters, as application/pdf");
    if (!name_valid(request->name))
        return fail_at(call->report, FAULT_INVALID, "/name",
                       "a file's name is at most %d bytes of UTF-8, without slashes and control "
                       "characters",
                       LIMIT_FILE_NAME_BYTES);
    return call_check_texts(call, &request->name, 1);
}

static status check_field(struct call *call, word field)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->field_of, field);
    if (index != NONE && plan->field[index].kind == FIELD_FILE)
        return OK;
    return fail(call->report, FAULT_INVALID, "this field is not of kind `file`: collect its value");
}

/* ---- opening ---- */

static struct upload **free_place(struct reg *reg)
{
    for (size_t i = 0; i < LENGTH(reg->uploads); i++) {
        if (reg->uploads[i] == NULL)
            return &reg->uploads[i];
    }
    return NULL;
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

static status keep_concerns(struct call *call, struct upload *upload,
                            const struct file_open *request)
{
    struct file_open *kept = &upload->request;
    if (request->concern_count > LIMIT_CONCERNS_ITEM)
        return fail_at(call->report, FAULT_LIMIT, "/concerns", "an item concerns at most %d others",
                       LIMIT_CONCERNS_ITEM);
    struct concern_of *made =
        ARENA_ARRAY(upload->arena, struct concern_of, request->concern_count + 1);
    if (made == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < request->concern_count; i++)
        made[i] = (struct concern_of){kept->field, request->concerns[i]};
    kept->collect.concerns = made;
    kept->collect.concern_count = request->concern_count;
    return OK;
}

/* What the request says must outlive it. */
static status keep_request(struct call *call, struct upload *upload,
                           const struct file_open *request)
{
    struct file_open *kept = &upload->request;
    *kept = *request;
    str *const texts[] = {&kept->collect.intake,
                          &kept->collect.source,
                          &kept->collect.channel,
                          &kept->collect.controller,
                          &kept->field,
                          &kept->media,
                          &kept->name};
    for (size_t i = 0; i < LENGTH(texts); i++)
        *texts[i] = arena_copy(upload->arena, *texts[i]);
    status copied = copy_texts(upload->arena, &kept->collect.purposes, kept->collect.purpose_count);
    if (is_ok(copied))
        copied = copy_texts(upload->arena, &kept->collect.supplied, kept->collect.supplied_count);
    if (is_ok(copied))
        copied = copy_texts(upload->arena, &kept->collect.events, kept->collect.event_count);
    if (!is_ok(copied))
        return fail(call->report, FAULT_LIMIT, "what an upload says of itself is too long");
    upload->value =
        (struct collect_value){.field = kept->field, .said_optional = kept->said_optional};
    kept->collect.values = &upload->value;
    kept->collect.value_count = 1;
    kept->collect.joins_form = true;
    return keep_concerns(call, upload, request);
}

/* A fault about a copy is about what it was copied from, which the caller knows. */
static void about_request(struct report *report, const struct file_open *kept,
                          const struct file_open *request)
{
    enum { SINGLE_TEXTS = 5 };
    const struct {
        const str *copy, *of;
        size_t count;
    } texts[] = {{&kept->collect.intake, &request->collect.intake, 1},
                 {&kept->collect.source, &request->collect.source, 1},
                 {&kept->collect.channel, &request->collect.channel, 1},
                 {&kept->collect.controller, &request->collect.controller, 1},
                 {&kept->field, &request->field, 1},
                 {kept->collect.purposes, request->collect.purposes, kept->collect.purpose_count},
                 {kept->collect.supplied, request->collect.supplied, kept->collect.supplied_count},
                 {kept->collect.events, request->collect.events, kept->collect.event_count}};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        for (size_t j = 0; report->about != NULL && j < texts[i].count; j++) {
            bool left_out = i < SINGLE_TEXTS && texts[i].copy[j].len == 0;
            if (left_out || report->about != texts[i].copy[j].ptr)
                continue;
            report->about = texts[i].of[j].ptr;
            return;
        }
    }
}

static void upload_free(struct upload *upload)
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

static struct upload *upload_new(const struct call *call)
{
    struct upload *upload = calloc(1, sizeof(*upload));
    if (upload == NULL)
        abort();
    upload->arena = arena_new(UPLOAD_ARENA_BYTES);
    upload->token = call->caller->token;
    upload->company = call->company;
    upload->touched = world_now(call->reg->world);
    return upload;
}

static status begin(struct call *call, struct upload *upload, const struct subject *subject,
                    const struct operation *op, const struct decision *decision,
                    const struct fact_item *header)
{
    const struct permit *permit;
    str effect;
    upload->id = header->id;
    upload->no_identity = call_looks_for_identity(call, header->field);
    TRY(call_check_identity(call, header->field, upload->request.name));
    TRY(call_effect(call, "item", header->id.bytes, &effect));
    TRY(call_write(call, subject->dossier->facts, op, "upload", decision, &effect, 1, &permit));
    TRY(vault_upload_begin(call->reg->vault, permit, subject->dossier, header, call->report,
                           &upload->vault));
    call->outcome.id = upload->request.collect.subject;
    call->outcome.record = upload->id;
    call->outcome.http = 201;
    return OK;
}

status call_refuse_part(struct call *call, const struct facts *facts, const struct operation *op,
                        const struct part *part)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason = part->reason;
    return call_refuse(call, facts, op, decision);
}

static status open_new(struct call *call, struct upload *upload)
{
    struct subject subject;
    struct operation op;
    const struct decision *decision;
    instant at;
    TRY(call_instant(call, "/at", upload->request.collect.at, &at));
    TRY(call_judge_collect(call, &upload->request.collect, at, &subject, &op, &decision, NULL));
    if (decision->count > 0 && decision->parts[0].verdict == VERDICT_REFUSE)
        return call_refuse_part(call, subject.dossier->facts, &op, &decision->parts[0]);
    TRY(check_field(call, op.offered[0].field));
    for (size_t i = 0; i < upload->request.collect.concern_count; i++) {
        struct subject other; /* before a byte comes */
        if (ID_EQUAL(upload->request.collect.concerns[i].subject, op.subject))
            return fail_at(call->report, FAULT_INVALID, "/concerns",
                           "an item concerns its own person in any case");
        TRY(call_open(call, upload->request.collect.concerns[i].subject, &other));
    }
    struct fact_item header = {.id = call_record_id(call),
                               .field = op.offered[0].field,
                               .controller = op.controller,
                               .matter = op.matter};
    return begin(call, upload, &subject, &op, decision, &header);
}

static struct rectify rectification(const struct upload *upload, const struct whole_file *file)
{
    const struct file_open *request = &upload->request;
    return (struct rectify){.subject = request->collect.subject,
                            .case_ = request->case_,
                            .item = request->replaces,
                            .by_subject = request->by_subject,
                            .file = file};
}

static status open_rectifying(struct call *call, struct upload *upload)
{
    struct subject subject;
    const struct file_open *request = &upload->request;
    TRY(call_open(call, request->collect.subject, &subject));
    const struct fact_item *there = facts_find_item(subject.dossier->facts, request->replaces);
    if (there == NULL || there->field == 0)
        return call_not_here(call);
    struct operation op = call_operation(call, ACTION_RECTIFY, request->collect.subject);
    op.by_subject = call_by_subject(call, request->by_subject);
    op.case_ = request->case_;
    op.items = &request->replaces;
    op.item_count = 1;
    const struct decision *decision;
    TRY(call_decide(call, &subject, &op, &decision));
    TRY(check_field(call, there->field));
    struct fact_item header = {.id = call_record_id(call),
                               .field = there->field,
                               .controller = there->controller,
                               .matter = there->matter};
    return begin(call, upload, &subject, &op, decision, &header);
}

status engine_file_open(struct call *call, const struct file_open *request)
{
    TRY(check_what(call, request));
    struct upload **place = free_place(call->reg);
    if (place == NULL)
        return fail(call->report, FAULT_RATE, "%d uploads are open: wait for one to end",
                    LIMIT_UPLOADS);
    struct upload *upload = upload_new(call);
    status opened = keep_request(call, upload, request);
    if (is_ok(opened))
        opened =
            ID_IS_ZERO(request->replaces) ? open_new(call, upload) : open_rectifying(call, upload);
    if (is_ok(opened)) {
        *place = upload;
        return OK;
    }
    about_request(call->report, &upload->request, request);
    upload_free(upload);
    return opened;
}

/* ---- coming in ---- */

status engine_upload_take(struct reg *reg, const struct caller *caller, dossier_id subject,
                          record_id record, struct report *report, struct upload **upload)
{
    for (size_t i = 0; i < LENGTH(reg->uploads); i++) {
        struct upload *there = reg->uploads[i];
        if (there == NULL || there->taken || !ID_EQUAL(there->id, record) ||
            !ID_EQUAL(there->request.collect.subject, subject) ||
            !ID_EQUAL(there->token, caller->token))
            continue;
        there->taken = true;
        there->held = malloc(VAULT_PART_BYTES);
        there->coming = malloc(VAULT_PART_BYTES);
        if (there->held == NULL || there->coming == NULL)
            abort();
        *upload = there;
        return OK;
    }
    return fail(report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
}

/* Of one who was erased meanwhile there is nothing to be known. */
static status write_part(struct call *call, struct upload *upload, const char *part, size_t len)
{
    if (len == 0)
        return OK;
    status written = vault_upload_part(call->reg->vault, upload->vault, (str){part, len},
                                       call->arena, call->report);
    return written.fault == FAULT_GONE ? call_not_here(call) : written;
}

/* The part that came is searched; only then is the one before it written, so that nothing of a
 * number which lies across the edge of the two is. */
static status end_part(struct call *call, struct upload *upload)
{
    str part = {upload->coming, upload->coming_len};
    if (card_number_find_in_part(part, &upload->cards))
        return call_refuse_card(call);
    if (upload->no_identity && foedselsnummer_find_in_part(part, &upload->identities))
        return call_refuse_identity(call);
    TRY(write_part(call, upload, upload->held, upload->held_len));
    char *spare = upload->held;
    upload->held = upload->coming;
    upload->held_len = upload->coming_len;
    upload->coming = spare;
    upload->coming_len = 0;
    return OK;
}

uint64_t engine_upload_size(const struct upload *upload)
{
    return upload->request.size;
}

size_t engine_upload_bytes(struct upload *upload, str bytes, bool *full)
{
    size_t room = VAULT_PART_BYTES - upload->coming_len;
    size_t take = bytes.len < room ? bytes.len : room;
    if (take > 0)
        memcpy(upload->coming + upload->coming_len, bytes.ptr, take);
    upload->coming_len += take;
    upload->seen += take;
    *full = upload->coming_len == VAULT_PART_BYTES;
    return take;
}

status engine_upload_part(struct call *call, struct upload *upload)
{
    upload->touched = world_now(call->reg->world);
    if (upload->seen > upload->request.size)
        return fail(call->report, FAULT_INVALID, "more bytes came than the upload was opened for");
    return end_part(call, upload);
}

static status become_item(struct call *call, struct upload *upload)
{
    struct whole_file file = {upload->vault, upload->id, upload->request.media,
                              upload->request.name};
    if (!ID_IS_ZERO(upload->request.replaces)) {
        struct rectify rectify = rectification(upload, &file);
        return engine_rectify(call, &rectify);
    }
    struct collect collect = upload->request.collect;
    struct collected collected;
    collect.file = &file;
    TRY(engine_collect(call, &collect, &collected));
    if (!ID_IS_ZERO(collected.items[0]))
        return OK;
    struct operation op = call_operation(call, ACTION_COLLECT, collect.subject);
    return call_refuse_part(call, NULL, &op, &call->decision->parts[0]);
}

status engine_upload_end(struct call *call, struct upload *upload)
{
    if (upload->seen != upload->request.size)
        return fail(call->report, FAULT_INVALID, "fewer bytes came than the upload was opened for");
    if (upload->coming_len > 0)
        TRY(end_part(call, upload));
    TRY(write_part(call, upload, upload->held, upload->held_len));
    upload->held_len = 0;
    call->company = upload->company;
    TRY(become_item(call, upload));
    call->outcome.id = upload->request.collect.subject;
    call->outcome.record = upload->id;
    call->outcome.items = NULL;
    call->outcome.item_count = 0;
    call->outcome.http = 201;
    return OK;
}

void engine_upload_drop(struct reg *reg, struct upload **upload)
{
    for (size_t i = 0; *upload != NULL && i < LENGTH(reg->uploads); i++) {
        if (reg->uploads[i] != *upload)
            continue;
        reg->uploads[i] = NULL;
        upload_free(*upload);
    }
    *upload = NULL;
}

void reg_drop_uploads(struct reg *reg)
{
    for (size_t i = 0; i < LENGTH(reg->uploads); i++) {
        struct upload *upload = reg->uploads[i];
        engine_upload_drop(reg, &upload);
    }
}

/* ---- the sweep ---- */

static void drop_idle(struct reg *reg)
{
    int64_t now = world_now(reg->world).ms;
    for (size_t i = 0; i < LENGTH(reg->uploads); i++) {
        struct upload *upload = reg->uploads[i];
        if (upload != NULL && !upload->taken && now - upload->touched.ms > LIMIT_UPLOAD_IDLE_MS)
            engine_upload_drop(reg, &upload);
    }
}

static status sweep_turn(struct call *call, void *request)
{
    struct vault_loose *loose = request;
    return vault_sweep_loose(call->reg->vault, loose, call->arena, call->report);
}

status reg_sweep_files(struct reg *reg, struct report *report, bool *more)
{
    record_id busy[LIMIT_UPLOADS];
    struct vault_loose loose = {.busy = busy, .more = true};
    drop_idle(reg);
    for (size_t i = 0; i < LENGTH(reg->uploads); i++) {
        if (reg->uploads[i] != NULL)
            busy[loose.busy_count++] = reg->uploads[i]->id;
    }
    for (int turn = 0; turn < SWEEP_TURNS && loose.more; turn++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        struct call call;
        TRY(engine_run(reg->engine, reg, engine_system(), arena, report, &call, sweep_turn,
                       &loose));
        reg->cut_due |= loose.rows > 0;
    }
    *more = loose.more;
    return OK;
}

/* ---- going out ---- */

struct file_going_out {
    struct call call; /* as it was decided; each part is judged by a copy of it */
    struct download *download;
    struct operation op;
    record_id item;
    dossier_id subject;
    struct permit_wait wait;
    const struct permit *permit;
    struct vault_file file;
    struct dossier *dossier;
    dossier_id concerned; /* zero, or whose copy of another's file it is, */
    record_id concern;    /* by this line */
};

static status read_finish(struct call *call)
{
    struct file_going_out *out = call->state;
    struct vault *vault = call->reg->vault;
    TRY(permit_to_read(&out->wait, call->reg->log, call->arena, call->report, &out->permit));
    TRY(call_again(call, &out->dossier));
    const struct fact_item *header = facts_find_item(out->dossier->facts, out->item);
    if (header == NULL)
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    TRY(vault_open_file(vault, out->permit, out->dossier, header, call->arena, call->report,
                        &out->file));
    *out->download = (struct download){.size = header->size,
                                       .parts = header->chunks,
                                       .media = out->file.media,
                                       .name = ID_IS_ZERO(out->concern) ? out->file.name : STR(""),
                                       .field = call_text(call, header->field),
                                       .collected = header->collected,
                                       .own = out};
    return OK;
}

/* Her own copy, answered as the access and the portability answer are. */
static status judge_copy(struct call *call, const struct file_read *request,
                         struct subject *subject, struct operation *op)
{
    *op =
        call_operation(call, request->portability ? ACTION_EXPORT : ACTION_READ, request->subject);
    op->by_subject = true;
    op->case_ = request->case_;
    TRY(call_whole_person(call, subject->dossier->facts, op));
    return call_may_answer(call, subject, request->case_);
}

static status judge_read(struct call *call, const struct file_read *request, struct operation *op)
{
    *op = call_operation(call, ACTION_READ, request->subject);
    op->matter = request->matter;
    TRY(call_word(call, NAME_PURPOSE, request->purpose, &op->purpose));
    return call_controller(call, request->controller, op);
}

static const char *action_of(const struct file_read *request)
{
    return !str_is_empty(request->purpose) ? "read"
           : request->portability          ? "portability"
                                           : "access";
}

/* From her own copy, for the sake of others whom it concerns. */
static bool is_withheld(const struct facts *facts, const struct file_going_out *out)
{
    bool withheld;
    (void)concerns_of(facts, out->item, &withheld);
    return withheld && out->op.purpose == 0 && ID_IS_ZERO(out->concern);
}

/* Her own copy of what is another's and concerns her: from here on it is the other's file. */
static status turn_to_home(struct call *call, const struct file_read *request,
                           struct file_going_out *out, struct subject *subject)
{
    struct subject home;
    record_id item;
    bool concerns;
    if (out->op.purpose != 0 || request->portability)
        return OK;
    TRY(call_concerned_item(call, subject->dossier->facts, request->item, &home, &item, &concerns));
    if (!concerns)
        return OK;
    TRY(call_log(call, subject->dossier->facts, &out->op, "access", decision_by_scope()));
    out->concerned = out->subject;
    out->concern = request->item;
    out->item = item;
    out->subject = home.dossier->facts->id;
    out->dossier = home.dossier;
    out->op.subject = out->subject;
    out->op.case_ = (dossier_id){{0}};
    *subject = home;
    return OK;
}

status engine_file_read(struct call *call, const struct file_read *request,
                        struct download *download)
{
    *download = (struct download){0};
    struct file_going_out *out = ARENA_NEW(call->arena, struct file_going_out);
    struct subject subject;
    const struct decision *decision;
    if (out == NULL)
        return NO_MEMORY(call->report);
    TRY(call_open(call, request->subject, &subject));
    TRY(str_is_empty(request->purpose) ? judge_copy(call, request, &subject, &out->op)
                                       : judge_read(call, request, &out->op));
    *out = (struct file_going_out){.download = download,
                                   .op = out->op,
                                   .item = request->item,
                                   .subject = request->subject,
                                   .dossier = subject.dossier};
    TRY(turn_to_home(call, request, out, &subject));
    out->op.items = &out->item;
    out->op.item_count = 1;
    TRY(call_decide(call, &subject, &out->op, &decision));
    const struct facts *facts = subject.dossier->facts;
    const struct fact_item *header = facts_find_item(facts, out->item);
    if (header == NULL || decision->count == 0)
        return call_not_here(call);
    assert(decision->parts[0].verdict != VERDICT_REFUSE); /* of one part: refused as a whole */
    if (header->chunks == 0)
        return fail(call->report, FAULT_INVALID, "this item is a value and no file: read it");
    if (is_withheld(facts, out))
        return call_refuse_always(call, facts, ACTION_READ, ALWAYS_rights_of_others);
    TRY(call_ask(call, facts, &out->op,
                 ID_IS_ZERO(out->concern) ? action_of(request) : "access_concerned", decision,
                 &out->wait));
    out->call = *call;
    call->state = out;
    call->finish = read_finish;
    return OK;
}

status call_files_along(struct call *call, const struct permit *permit, const struct operation *op,
                        struct download *download)
{
    struct file_going_out *out = ARENA_NEW(call->arena, struct file_going_out);
    if (out == NULL)
        return NO_MEMORY(call->report);
    *out = (struct file_going_out){
        .call = *call, .download = download, .op = *op, .subject = op->subject, .permit = permit};
    out->op.items = &out->item;
    out->op.item_count = 1;
    *download = (struct download){.own = out};
    return OK;
}

static status still_allowed(struct call *call, const struct file_going_out *out,
                            struct dossier **dossier)
{
    enum presence presence;
    struct subject subject = {0};
    struct decision decision = {0};
    bool token = ID_IS_ZERO(call->caller->token) || reg_caller_holds(call->reg, call->caller);
    TRY(vault_load(call->reg->vault, out->subject, call->arena, call->report, &presence,
                   &subject.dossier));
    if (!token || presence != PRESENCE_LIVE)
        return fail(call->report, FAULT_GONE, "the file may be given no further");
    TRY(call_view(call, subject.dossier->facts, &out->op, &subject.view));
    TRY(call_settle(call, &subject));
    TRY(decide(&subject.view, &subject.settled, &out->op, call->now, call->arena, call->report,
               &decision));
    *dossier = subject.dossier;
    bool released = true;
    if (!ID_IS_ZERO(out->concern))
        TRY(call_concern_released(call, out->concerned, out->concern, &released));
    if (decision.count == 1 && decision.parts[0].verdict != VERDICT_REFUSE &&
        !is_withheld(subject.dossier->facts, out) && released)
        return OK;
    return fail(call->report, FAULT_GONE, "the file may be given no further");
}

/* Its dossier and header as they are now, in `scratch`. */
static status judge_again(const struct file_going_out *out, struct arena *scratch,
                          struct report *report, struct dossier **dossier,
                          const struct fact_item **header)
{
    struct call call = out->call;
    call.arena = scratch;
    call.report = report;
    call.now = reg_now(call.reg);
    if (call.engine->poisoned)
        return fail(report, FAULT_STORE, "nothing more is answered until a new start");
    TRY(still_allowed(&call, out, dossier));
    *header = facts_find_item((*dossier)->facts, out->item);
    if (*header == NULL)
        return fail(report, FAULT_GONE, "the file may be given no further");
    return OK;
}

status engine_file_part(struct download *download, uint32_t part, struct arena *scratch,
                        struct report *report, str *bytes)
{
    const struct file_going_out *out = download->own;
    struct dossier *dossier;
    const struct fact_item *header;
    TRY(judge_again(out, scratch, report, &dossier, &header));
    if (header->size != download->size)
        return fail(report, FAULT_GONE, "the file may be given no further");
    return vault_open_part(out->call.reg->vault, out->permit, dossier, header, &out->file, part,
                           scratch, report, bytes);
}

status engine_download_turn(struct download *download, record_id item, struct arena *scratch,
                            struct report *report)
{
    struct file_going_out *out = download->own;
    struct dossier *dossier;
    const struct fact_item *header;
    vault_file_wipe(&out->file);
    out->item = item;
    TRY(judge_again(out, scratch, report, &dossier, &header));
    TRY(vault_open_file(out->call.reg->vault, out->permit, dossier, header, scratch, report,
                        &out->file));
    download->size = header->size;
    download->parts = header->chunks;
    return OK;
}

void engine_download_end(struct download *download)
{
    if (download->own != NULL)
        vault_file_wipe(&download->own->file);
}
