/* Replies: what was asked for, or a problem document that says as much as the caller may know. */
#include <stdio.h>

#include "api_internal.h"
#include "check.h"

enum { REPLY_BYTES = LIMIT_REQUEST_ARENA_BYTES / 2 };

/* ---- small conversions ---- */

status words_to_texts(struct ask *ask, const word *words, size_t count, const str **texts)
{
    str *out = ARENA_ARRAY(ask->arena, str, count + 1);
    if (out == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < count; i++)
        out[i] = words_text(reg_words(ask->reg), words[i]);
    *texts = out;
    return OK;
}

/* What lacks are alternatives: of roles the person needs one, of evidence one must be on file. */
static str would_allow(struct ask *ask, str rule, const str *lacks, size_t count)
{
    struct buf buf = buf_in(ask->arena, 4096);
    const char *what = str_ends(rule, STR(".roles"))  ? "a role of the person: "
                       : str_ends(rule, STR(".asks")) ? "particulars of the record: "
                                                      : "on file: ";
    for (size_t i = 0; i < count; i++) {
        buf_text(&buf, i == 0 ? what : " or ");
        buf_add(&buf, lacks[i]);
    }
    return buf.full ? STR("") : buf_str(&buf);
}

const struct reason_reply *reason_reply_of(struct ask *ask, const struct reason *reason)
{
    if (reason == NULL || str_is_empty(reason->rule))
        return NULL;
    struct reason_reply *out = ARENA_NEW(ask->arena, struct reason_reply);
    const str *lacks;
    if (out == NULL || !is_ok(words_to_texts(ask, reason->lacks, reason->lack_count, &lacks)))
        return NULL;
    *out = (struct reason_reply){.rule = reason->rule,
                                 .article = reason->article,
                                 .ids = reason->ids.at,
                                 .id_count = reason->ids.count,
                                 .lacks = lacks,
                                 .lack_count = reason->lack_count,
                                 .would_allow =
                                     would_allow(ask, reason->rule, lacks, reason->lack_count)};
    return out;
}

/* Every duty once, of the decision as a whole. */
static void add_duties(struct ask *ask, const struct decision *decision, struct written *written)
{
    size_t most = 0;
    for (size_t i = 0; i < decision->count; i++)
        most += decision->parts[i].duty_count;
    str *duties = ARENA_ARRAY(ask->arena, str, most + 1);
    if (duties == NULL)
        return;
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        for (size_t j = 0; j < part->duty_count; j++) {
            str text = words_text(reg_words(ask->reg), part->duties[j]);
            bool there = false;
            for (size_t k = 0; k < written->duty_count; k++)
                there |= str_equal(duties[k], text);
            if (!there)
                duties[written->duty_count++] = text;
        }
    }
    written->duties = duties;
}

/* The person is the one in the path, or the one that was made. An erased one has no reference. */
static str reference_of(struct ask *ask)
{
    if ((ask->route->flags & ROUTE_REFERENCE) == 0)
        return STR("");
    str reference;
    dossier_id person = ID_IS_ZERO(ask->id) ? ask->call.outcome.id : ask->id;
    struct report quiet = {0};
    struct report *kept = ask->call.report;
    ask->call.report = &quiet;
    status found = engine_reference(&ask->call, person, &reference);
    ask->call.report = kept;
    return is_ok(found) ? reference : STR("");
}

struct written written_of(struct ask *ask)
{
    const struct outcome *outcome = &ask->call.outcome;
    struct written written = {.id = outcome->id,
                              .record = outcome->record,
                              .log_index = outcome->log_index,
                              .count = outcome->count,
                              .reference = reference_of(ask),
                              .repeated = ask->again};
    if (!ask->again) {
        written.told = ask->call.told.at;
        written.told_count = ask->call.told.count;
    }
    const struct decision *decision = ask->call.decision;
    if (!ask->again && decision != NULL && decision->verdict == VERDICT_DUTY)
        add_duties(ask, decision, &written);
    return written;
}

/* ---- what was asked for ---- */

static str media_of(const struct ask *ask)
{
    return ask->media == NULL ? STR("application/json") : str_from(ask->media);
}

/* Names the request, as its entries in the log do: a restore that lost something lists these. */
static size_t add_request_id(const struct ask *ask, struct http_field *fields, size_t count)
{
    if (ask == NULL || ID_IS_ZERO(ask->call.request) || (ask->route->flags & ROUTE_OPEN) != 0)
        return count;
    struct buf buf = buf_in(ask->arena, 2 * ID_TEXT);
    buf_id(&buf, ask->call.request.bytes);
    if (!buf.full)
        fields[count++] = (struct http_field){STR("X-Request-Id"), buf_str(&buf)};
    return count;
}

static void send_text(struct ask *ask, int code, str media, str body)
{
    struct http_field fields[11];
    size_t count = add_request_id(ask, fields, 0);
    if (ask->location.len > 0)
        fields[count++] = (struct http_field){STR("Location"), ask->location};
    for (size_t i = 0; i < ask->cookie_count; i++)
        fields[count++] = (struct http_field){STR("Set-Cookie"), ask->cookies[i]};
    if ((ask->route->flags & ROUTE_OPEN) != 0)
        count = public_fields(ask, fields, count);
    if (ask->cacheable)
        fields[count++] =
            (struct http_field){STR("Cache-Control"), STR("private, max-age=31536000, immutable")};
    http_answer(ask->reply, code, media, fields, count, body);
}

/* A repeated write has only what outlives its first answer, whatever the route's reply is. */
static const struct bind_form *reply_form(const struct ask *ask)
{
    return ask->again && ask->fill == NULL ? &written_form : ask->route->reply;
}

void answer_ok(struct ask *ask)
{
    int code = ask->call.outcome.http == 0 ? 200 : ask->call.outcome.http;
    if (ask->send != NULL) {
        ask->send(ask);
        return;
    }
    if (ask->document.ptr != NULL) {
        send_text(ask, code, media_of(ask), ask->document);
        return;
    }
    struct written written;
    if (ask->answer == NULL) {
        written = written_of(ask);
        ask->answer = &written;
        assert(reply_form(ask) == &written_form);
    }
    struct buf buf = buf_in(ask->arena, REPLY_BYTES);
    struct json_out out = json_out_over(&buf);
    bind_write(reply_form(ask), ask->answer, &out);
    buf_char(&buf, '\n');
    str body;
    status finished = buf_finish(&buf, &ask->report, &body);
    if (!is_ok(finished)) {
        answer_fault(ask, finished);
        return;
    }
    send_text(ask, code, media_of(ask), body);
}

/* ---- problems ---- */

const struct problem_reply *problems_reply_of(struct ask *ask)
{
    size_t count = ask->problems.list.count;
    struct problem_reply *out = ARENA_ARRAY(ask->arena, struct problem_reply, count + 1);
    for (size_t i = 0; out != NULL && i < count; i++) {
        const struct problem *problem = &ask->problems.list.at[i];
        out[i] = (struct problem_reply){.severity = str_from(severity_name(problem->severity)),
                                        .rule = problem->rule,
                                        .id = problem->id,
                                        .file = problem->file,
                                        .line = problem->line,
                                        .column = problem->column,
                                        .path = problem->path,
                                        .text = problem->text,
                                        .suggestion = problem->suggestion,
                                        .article = problem->article};
    }
    return out;
}

/* What does not exist and what the caller may not know of answer with the very same bytes. */
static struct problem_document document_of(struct arena *arena, const struct report *report,
                                           enum fault_class fault)
{
    bool told = report->fault == fault && fault != FAULT_NOT_FOUND;
    str word_ = str_from(told && report->type[0] != '\0' ? report->type : fault_name(fault));
    return (struct problem_document){
        .type = arena_format(arena, "/problems/%.*s", STR_ARG(word_)),
        .title = str_from(fault_text(fault)),
        .status = (uint32_t)fault_http(fault),
        .detail = told ? str_from(report->text) : STR(""),
        .where = told ? str_from(report->where) : STR(""),
    };
}

/* What can be said when a request has used up its memory; the text lies in the buffer's room. */
static str short_document(struct buf buf, enum fault_class fault)
{
    char type[64];
    snprintf(type, sizeof(type), "/problems/%s", fault_name(fault));
    struct problem_document document = {.type = str_from(type),
                                        .title = str_from(fault_text(fault)),
                                        .status = (uint32_t)fault_http(fault)};
    struct json_out out = json_out_over(&buf);
    bind_write(&problem_document_form, &document, &out);
    buf_char(&buf, '\n');
    return buf.full ? STR("{}") : buf_str(&buf);
}

/* `ask` may be NULL, where there is none yet. */
static void send_document(struct http_reply *reply, struct arena *arena, const struct ask *ask,
                          enum fault_class fault, const struct problem_document *document)
{
    struct buf buf = buf_in(arena, REPLY_BYTES);
    struct json_out out = json_out_over(&buf);
    bind_write(&problem_document_form, document, &out);
    buf_char(&buf, '\n');
    struct http_field fields[2];
    size_t count = add_request_id(ask, fields, 0);
    if (fault == FAULT_UNAUTHENTICATED)
        fields[count++] = (struct http_field){STR("WWW-Authenticate"), STR("Bearer")};
    if (fault == FAULT_RATE || fault == FAULT_MOVING)
        fields[count++] = (struct http_field){STR("Retry-After"), STR("60")};
    char room[512];
    http_answer(reply, fault_http(fault), STR("application/problem+json"), fields, count,
                buf.full ? short_document(buf_over(room, sizeof(room)), fault) : buf_str(&buf));
}

void answer_report(struct http_reply *reply, struct arena *arena, const struct report *report,
                   status result)
{
    struct problem_document document = document_of(arena, report, result.fault);
    send_document(reply, arena, NULL, result.fault, &document);
}

static void add_reason(struct ask *ask, struct problem_document *document)
{
    const struct decision *decision = ask->call.decision;
    const struct reason_reply *reason =
        decision == NULL ? NULL : reason_reply_of(ask, &decision->reason);
    if (reason == NULL)
        return;
    document->rule = reason->rule;
    document->article = reason->article;
    document->ids = reason->ids;
    document->id_count = reason->id_count;
    document->lacks = reason->lacks;
    document->lack_count = reason->lack_count;
    document->would_allow = reason->would_allow;
    struct report quiet = {0};
    if (ask->collect != NULL &&
        !is_ok(engine_form(ask->reg, ask->collect, ask->arena, &quiet, &document->form)))
        document->form = STR("");
}

/* Faults of ours, by name and route; what they say is for the caller, not for the log. */
static void log_fault(struct ask *ask, enum fault_class fault)
{
    if (fault_http(fault) < 500 || ask->reg == NULL)
        return;
    struct oplog_pair pairs[] = {{"fault", str_from(fault_name(fault))},
                                 {"register", reg_name(ask->reg)},
                                 {"method", str_from(ask->route->method)},
                                 {"route", str_from(ask->route->path)}};
    oplog(ask->api->config.log, "error", "request_failed", pairs, LENGTH(pairs));
}

/* What the engine says of a text, it says without knowing where that stood. */
static void find_place(struct ask *ask)
{
    struct report *report = &ask->report;
    if (report->where[0] == '\0' && report->about != NULL && ask->body != NULL)
        (void)bind_place(ask->route->request, ask->body, report->about, report->where,
                         sizeof(report->where));
}

void answer_fault(struct ask *ask, status result)
{
    assert(!is_ok(result));
    find_place(ask);
    if (ask->drop != NULL)
        ask->drop(ask);
    log_fault(ask, result.fault);
    struct problem_document document = document_of(ask->arena, &ask->report, result.fault);
    if (result.fault == FAULT_REFUSED)
        add_reason(ask, &document);
    if (result.fault == FAULT_MERGED)
        document.subject = ask->call.outcome.id;
    if (ask->problems.list.count > 0) {
        document.problems = problems_reply_of(ask);
        document.problem_count = document.problems == NULL ? 0 : ask->problems.list.count;
    }
    send_document(ask->reply, ask->arena, ask, result.fault, &document);
}
