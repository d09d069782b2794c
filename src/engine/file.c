/* Files: values in parts. Coming in, they are decided twice, before the first byte and at the last,
 * and are nothing until then; going out, each part is judged by itself. */
#include "upload.h"

enum { SWEEP_TURNS = 8, MEDIA_BYTES = 100 };

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

static status begin(struct call *call, struct upload *upload, const struct subject *subject,
                    const struct operation *op, const struct decision *decision,
                    const struct fact_item *header)
{
    const struct permit *permit;
    str effect;
    upload->header = *header;
    upload->no_identity = call_looks_for_identity(call, header->field);
    TRY(call_check_identity(call, header->field, upload->request.name));
    TRY(call_effect(call, "item", header->id.bytes, &effect));
    TRY(call_write(call, subject->dossier->facts, op, "upload", decision, &effect, 1, &permit));
    TRY(vault_upload_begin(call->reg->vault, permit, subject->dossier, header, call->report));
    call->outcome.id = upload->request.collect.subject;
    call->outcome.record = header->id;
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
    struct upload *upload;
    TRY(check_what(call, request));
    TRY(upload_room(call));
    TRY(upload_new(call, request, &upload));
    status opened =
        ID_IS_ZERO(request->replaces) ? open_new(call, upload) : open_rectifying(call, upload);
    if (is_ok(opened))
        opened = upload_announce(call, upload);
    if (is_ok(opened))
        return OK;
    upload_about(call->report, upload, request);
    upload_free(upload);
    return opened;
}

/* ---- coming in ---- */

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
    upload_touch(call->reg, upload);
    if (upload->seen > upload->request.size)
        return fail(call->report, FAULT_INVALID, "more bytes came than the upload was opened for");
    return end_part(call, upload);
}

static status become_item(struct call *call, struct upload *upload)
{
    struct whole_file file = {upload->vault, upload->header.id, upload->request.media,
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
    call->outcome.record = upload->header.id;
    call->outcome.items = NULL;
    call->outcome.item_count = 0;
    call->outcome.http = 201;
    return OK;
}

/* ---- the sweep ---- */

static status sweep_turn(struct call *call, void *request)
{
    record_id busy[LIMIT_UPLOADS];
    struct vault_loose *loose = request;
    loose->busy = busy;
    loose->busy_count = uploads_busy(call->reg, busy);
    return vault_sweep_loose(call->reg->vault, loose, call->arena, call->report);
}

status reg_sweep_files(struct reg *reg, struct report *report, bool *more)
{
    struct vault_loose loose = {.more = true};
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
    if (call.reg->retired)
        return fail(report, FAULT_GONE, "the file may be given no further");
    call.now = reg_now(call.reg);
    if (call.engine->poisoned)
        return fail(report, FAULT_STORE, "nothing more is answered until a new start");
    TRY(still_allowed(&call, out, dossier));
    *header = facts_find_item((*dossier)->facts, out->item);
    if (*header == NULL)
        return fail(report, FAULT_GONE, "the file may be given no further");
    return OK;
}

static status open_part(struct download *download, uint32_t part, struct arena *scratch,
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

static status turn_to(struct download *download, record_id item, struct arena *scratch,
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

/* Parts go out as the client takes them, within a turn or between two: then in one of their own,
 * as other servers may have taken the file away. */
static status leave_again(struct reg *reg, bool within, status result, struct report *report)
{
    struct report other = {0};
    if (within)
        return result;
    status left = reg_leave(reg, is_ok(result) ? report : &other);
    return is_ok(result) ? left : result;
}

status engine_file_part(struct download *download, uint32_t part, struct arena *scratch,
                        struct report *report, str *bytes)
{
    struct reg *reg = ((const struct file_going_out *)download->own)->call.reg;
    bool within = reg->entered;
    TRY(reg_enter(reg, report));
    return leave_again(reg, within, open_part(download, part, scratch, report, bytes), report);
}

status engine_download_turn(struct download *download, record_id item, struct arena *scratch,
                            struct report *report)
{
    struct reg *reg = ((const struct file_going_out *)download->own)->call.reg;
    bool within = reg->entered;
    TRY(reg_enter(reg, report));
    return leave_again(reg, within, turn_to(download, item, scratch, report), report);
}

void engine_download_end(struct download *download)
{
    if (download->own != NULL)
        vault_file_wipe(&download->own->file);
}
