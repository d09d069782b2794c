/* From a request to its call and back. All requests of one turn of the loop share one engine turn:
 *
 *   api_handle: route, token, scope, type, query, body, [call_begin, handler, call_end, call_hold]
 *   api_turn_end: engine_end (one flush; each call's reply); beside other servers what changes
 *                something has a turn behind that of the uses
 *   api_rest: when the replies have left: the sweep, a log verified, a checkpoint */
#include <stdlib.h>
#include <strings.h>

#include "api_internal.h"
#include "audit.h"
#include "form_body.h"

enum {
    API_ARENA_BYTES = 8 << 20,
    AFTER_ARENA_BYTES = 1 << 20,
    SWEEP_LIMIT = 200,
    FAILURES_PER_MINUTE = 60,
    MINUTE_MS = 60000,
    HOUR_MS = 3600000
};

struct api *api_new(const struct api_config *config)
{
    assert(config->engine != NULL && config->world != NULL && config->data_dir != NULL);
    assert(config->fatal != NULL);
    struct arena *arena = arena_new(API_ARENA_BYTES);
    struct api *api = ARENA_NEW(arena, struct api);
    assert(api != NULL);
    api->config = *config;
    api->arena = arena;
    api->after_arena = arena_new(AFTER_ARENA_BYTES);
    api->parts = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    api->brief = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    if (api->config.sweep_limit == 0)
        api->config.sweep_limit = SWEEP_LIMIT;
    if (api->config.sweep_ticks == 0)
        api->config.sweep_ticks = 1;
    if (api->config.failures_per_minute == 0)
        api->config.failures_per_minute = FAILURES_PER_MINUTE;
    world_random(config->world, &api->limiter_salt, sizeof(api->limiter_salt));
    api->public_register_count = engine_register_count(config->engine);
    api->public_registers = ARENA_ARRAY(arena, struct public_count, api->public_register_count + 1);
    assert(api->public_registers != NULL);
    return api;
}

void api_set_provider(struct api *api, enum api_side side, const struct api_provider *provider)
{
    api->providers[side] = *provider;
}

void api_free(struct api **api)
{
    if (*api == NULL)
        return;
    batches_drop(*api);
    backups_drop(*api);
    consent_scripts_drop(*api);
    for (size_t i = 0; i < (*api)->line_count; i++)
        arena_free(&(*api)->lines[i]);
    arena_free(&(*api)->after_arena);
    arena_free(&(*api)->parts);
    arena_free(&(*api)->brief);
    struct arena *arena = (*api)->arena;
    *api = NULL;
    arena_free(&arena);
}

void api_fatal(struct api *api, const struct report *report)
{
    api->failed = true;
    oplog_fault(api->config.log, "flush_failed", report->fault, STR(""));
    api->config.fatal(api->config.self, report);
}

static bool end_turn(struct api *api)
{
    if (!api->turn_open)
        return true;
    struct report report = {0};
    api->turn_open = false;
    if (is_ok(engine_end(api->config.engine, &report)))
        return true;
    api_fatal(api, &report);
    return false;
}

/* One of uses ends before anything that may change something begins. */
void api_turn(struct api *api)
{
    if (api->turn_open && api->shared && !api->uses && !end_turn(api))
        return;
    if (api->turn_open)
        return;
    api->shared = api->uses;
    if (api->shared)
        engine_begin_uses(api->config.engine);
    else
        engine_begin(api->config.engine);
    api->turn_open = true;
}

/* ---- who asks ---- */

static struct limiter_slot *limiter_slot(struct api *api, char kind, const char *peer)
{
    uint64_t hash = 1469598103934665603u ^ api->limiter_salt ^ (unsigned char)kind;
    for (const char *c = peer; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    struct limiter_slot *slot = &api->limiter[hash % LIMITER_SLOTS];
    int64_t minute = world_now(api->config.world).ms / MINUTE_MS;
    if (slot->peer != hash || slot->minute != minute)
        *slot = (struct limiter_slot){.peer = hash, .minute = minute};
    return slot;
}

bool limiter_take(struct api *api, char kind, const char *peer, uint32_t most)
{
    struct limiter_slot *slot = limiter_slot(api, kind, peer);
    if (slot->count >= most)
        return false;
    slot->count++;
    return true;
}

/* The last hop that a proxy of ours did not add itself; what came before it, anyone may have
 * written. */
const char *api_peer(struct api *api, const struct http_request *request)
{
    const struct api_config *config = &api->config;
    const char *peer = request->peer;
    for (size_t i = request->field_count; i > 0; i--) {
        const struct http_field *field = &request->fields[i - 1];
        str rest = field->value;
        if (field->name.len != 15 || strncasecmp(field->name.ptr, "X-Forwarded-For", 15) != 0)
            continue;
        while (rest.len > 0 && networks_have(config->proxies, config->proxy_count, peer)) {
            size_t comma = rest.len;
            while (comma > 0 && rest.ptr[comma - 1] != ',')
                comma--;
            struct network one;
            str hop = str_trim(str_slice(rest, comma, rest.len));
            const char *said = arena_c_string(request->arena, hop);
            if (said == NULL || !network_parse(hop, &one) || one.bits != 128)
                return peer;
            peer = said;
            rest = str_slice(rest, 0, comma == 0 ? 0 : comma - 1);
        }
    }
    return peer;
}

/* A valid token always passes: the limit is on guesses, not on those who share an address. */
static status count_failure(struct api *api, const char *peer, struct report *report)
{
    api->unauthenticated++;
    if (!limiter_take(api, 't', peer, api->config.failures_per_minute))
        return fail(report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
    return fail(report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED));
}

static str bearer(str authorization)
{
    static const char scheme[] = "Bearer ";
    size_t length = sizeof(scheme) - 1;
    if (authorization.len <= length)
        return STR("");
    for (size_t i = 0; i < length; i++) {
        char c = authorization.ptr[i];
        char lower = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        char want = scheme[i] >= 'A' && scheme[i] <= 'Z' ? (char)(scheme[i] + 32) : scheme[i];
        if (lower != want)
            return STR("");
    }
    return str_slice(authorization, length, authorization.len);
}

status api_authenticate(struct api *api, const struct http_request *request, struct report *report,
                        struct reg **reg, const struct caller **caller)
{
    const char *peer = api_peer(api, request);
    api_turn(api); /* who asks is looked up in it, as others may have changed that */
    if (request->authorization.ptr == NULL && cookie_of(request, SESSION_COOKIE).ptr != NULL)
        return session_authenticate(api, request, 0, report, reg, caller);
    status known = engine_authenticate_from(api->config.engine, bearer(request->authorization),
                                            peer, NULL, reg, caller);
    if (known.fault == FAULT_GONE)
        return fail(report, FAULT_GONE, "this register is retired");
    if (!is_ok(known) && known.fault != FAULT_UNAUTHENTICATED)
        return fail(report, known.fault, "%s", fault_text(known.fault));
    return is_ok(known) ? OK : count_failure(api, peer, report);
}

/* A person's session serves what is made for people, and nothing else does. */
status session_authenticate(struct api *api, const struct http_request *request,
                            uint32_t route_flags, struct report *report, struct reg **reg,
                            const struct caller **caller)
{
    struct session_proof proof = {.cookie = cookie_of(request, SESSION_COOKIE),
                                  .csrf = http_header(request, "X-Vern-CSRF"),
                                  .unsafe = !str_is(request->method, "GET")};
    status known = engine_session_authenticate(api->config.engine, &proof, request->arena, report,
                                               reg, caller);
    if (is_ok(known) && (route_flags & ROUTE_SESSION) == 0 &&
        ID_IS_ZERO((*caller)->subject) != ((route_flags & ROUTE_ME) == 0))
        known = (status){FAULT_UNAUTHENTICATED};
    return known.fault == FAULT_UNAUTHENTICATED ? count_failure(api, api_peer(api, request), report)
                                                : known;
}

str scope_lacking(const struct caller *caller, uint32_t scope)
{
    uint32_t lacking = scope & ~caller->scopes;
    for (uint32_t bit = 1; bit < SCOPE_ALL; bit <<= 1) {
        if ((lacking & bit) != 0)
            return scope_name((enum scope)bit);
    }
    return STR("");
}

/* Who audits looks where an officer may, and changes nothing. */
static str route_lacking(const struct caller *caller, const struct route *route)
{
    bool looks = strcmp(route->method, "GET") == 0 || (route->flags & ROUTE_LOOKS) != 0;
    uint32_t spared = looks && (caller->scopes & SCOPE_AUDIT) != 0 ? SCOPE_OFFICER : 0;
    return scope_lacking(caller, route->scope & ~spared);
}

/* A header of ours: whoever stands in between must not add a second one. Empty: it is absent. */
status api_header(const struct http_request *request, const char *header, struct report *report,
                  str *value)
{
    size_t length = strlen(header), seen = 0;
    *value = STR("");
    for (size_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        if (field->name.len != length || strncasecmp(field->name.ptr, header, length) != 0)
            continue;
        *value = field->value;
        if (++seen > 1)
            return fail(report, FAULT_SYNTAX, "%s is given twice", header);
    }
    return seen == 0 || !str_is_empty(*value)
               ? OK
               : fail(report, FAULT_INVALID, "%s says nothing", header);
}

/* One that says who is meant: what cannot be a name is none. */
static status read_name(const struct http_request *request, const char *header,
                        struct report *report, str *name)
{
    TRY(api_header(request, header, report, name));
    if (!str_is_empty(*name) && !bind_is_vetted(*name))
        return fail(report, FAULT_INVALID,
                    "%s is an id of letters, digits, _ and -, at most 64 long", header);
    return OK;
}

/* The company that the request acts for, where the policy has several. */
static status read_company(const struct http_request *request, struct report *report, str *company)
{
    return read_name(request, "X-Vern-Controller", report, company);
}

/* The person behind an application, as the application says. The name must look like an id; it is
 * not written anywhere, the entry says "asserted" and holds a tag of it. */
static status note_human(const struct http_request *request, struct report *report, struct reg *reg,
                         const struct caller **caller)
{
    str name;
    TRY(read_name(request, "X-Vern-Human", report, &name));
    if (str_is_empty(name))
        return OK;
    if (str_is((*caller)->authenticated, "session"))
        return fail(report, FAULT_INVALID, "whoever is signed in acts for nobody else");
    struct caller *asserted = ARENA_NEW(request->arena, struct caller);
    if (asserted == NULL)
        return NO_MEMORY(report);
    *asserted = **caller;
    asserted->authenticated = STR("asserted");
    asserted->human = engine_human(reg, name);
    *caller = asserted;
    return OK;
}

/* ---- what is asked ---- */

static bool same_word(str text, const char *lower_case)
{
    if (text.len != strlen(lower_case))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != lower_case[i])
            return false;
    }
    return true;
}

bool media_is(str content_type, str wanted)
{
    str rest = content_type, media;
    if (!str_next(&rest, ';', &media) || !str_equal(str_trim(media), wanted))
        return false;
    str parameter = rest.ptr == NULL ? STR("") : str_trim(rest);
    return parameter.len == 0 || same_word(parameter, "charset=utf-8") ||
           same_word(parameter, "charset=\"utf-8\"");
}

static status read_number(struct ask *ask, const char *name, uint32_t most, uint32_t *number)
{
    str text;
    uint64_t value;
    TRY(http_query(ask->request, name, &ask->report, &text));
    if (text.ptr == NULL)
        return OK;
    if (!str_to_u64(text, &value) || value == 0 || value > most)
        return fail(&ask->report, FAULT_INVALID, "?%s= is a number from 1 to %u", name, most);
    *number = (uint32_t)value;
    return OK;
}

/* Nothing but what the route's row names: personal data in a query would stay in logs of proxies.
 */
static bool provider_says(str name)
{
    static const char *const names[] = {
        "code",      "state", "iss",   "session_state", "error", "error_description",
        "error_uri", "hd",    "scope", "authuser",      "prompt"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (str_is(name, names[i]))
            return true;
    }
    return false;
}

static status check_query_names(struct ask *ask)
{
    uint32_t flags = ask->route->flags;
    str rest = ask->request->query, pair;
    while (rest.len > 0 && str_next(&rest, '&', &pair)) {
        str value = pair, name;
        if (!str_next(&value, '=', &name))
            continue;
        bool days = (flags & ROUTE_DAYS) != 0 && str_is(name, "days");
        bool page = (flags & ROUTE_PAGE) != 0 && (str_is(name, "limit") || str_is(name, "cursor"));
        bool show = (flags & ROUTE_SHOW) != 0 &&
                    (str_is(name, "show") || str_is(name, "kind") || str_is(name, "controller"));
        bool language = (flags & (ROUTE_OPEN | ROUTE_RECORD)) != 0 && str_is(name, "lang");
        bool paper = (flags & ROUTE_PAPER) != 0 &&
                     (str_is(name, "controller") || str_is(name, "version") ||
                      str_is(name, "format") || str_is(name, "since") || str_is(name, "intake"));
        paper = paper || ((flags & ROUTE_RECORD) != 0 &&
                          (str_is(name, "controller") || str_is(name, "format")));
        paper = paper || ((flags & ROUTE_SCRIPT) != 0 && str_is(name, "controller"));
        bool back = (flags & ROUTE_BACK) != 0 && provider_says(name);
        if (!days && !page && !show && !language && !paper && !back)
            return fail(&ask->report, FAULT_INVALID, "this path takes no such query parameter");
    }
    return OK;
}

static status read_query(struct ask *ask)
{
    ask->days = FORECAST_DAYS;
    ask->limit = LIMIT_PAGE_ROWS;
    if (str_is_empty(ask->request->query))
        return OK;
    TRY(check_query_names(ask));
    TRY(read_number(ask, "days", FORECAST_DAYS_MOST, &ask->days));
    TRY(read_number(ask, "limit", LIMIT_PAGE_ROWS, &ask->limit));
    str cursor;
    TRY(http_query(ask->request, "show", &ask->report, &ask->show));
    TRY(http_query(ask->request, "kind", &ask->report, &ask->kind));
    TRY(http_query(ask->request, "cursor", &ask->report, &cursor));
    if ((ask->route->flags & ROUTE_SHOW) != 0)
        TRY(http_query(ask->request, "controller", &ask->report, &ask->of));
    return cursor.ptr == NULL ? OK : cursor_read(ask, cursor, &ask->after);
}

static status read_body(struct ask *ask)
{
    const struct bind_form *form = ask->route->request;
    const struct http_request *request = ask->request;
    if (form == NULL) {
        if (request->body.len > 0 && !str_equal(str_trim(request->body), STR("{}")))
            return fail(&ask->report, FAULT_INVALID, "this path takes no body");
        return OK;
    }
    bool open = (ask->route->flags & ROUTE_OPEN) != 0;
    /* A body may be left out; one that is said to come must be there. */
    bool none = request->body.len == 0 && request->content_type.ptr == NULL;
    bool posted = !none && open && form_body_media(request->content_type);
    if (!none && !posted && !media_is(request->content_type, STR("application/json")))
        return fail(&ask->report, FAULT_MEDIA, "the body must be %s",
                    open ? "a form or application/json" : "application/json");
    const struct json *body;
    str text = none ? STR("{}") : request->body;
    if (posted)
        TRY(form_body_read(form, request->content_type, request->body, ask->arena, &ask->report,
                           &text));
    TRY(json_parse(ask->arena, text, &ask->report, &body));
    ask->body = arena_take(ask->arena, form->size);
    if (ask->body == NULL)
        return NO_MEMORY(&ask->report);
    return bind_read(form, body, ask->arena, &ask->report, ask->body);
}

/* ---- the call ---- */

void ask_answer(struct ask *ask, status result)
{
    if (is_ok(result) && ask->fill != NULL)
        result = ask->fill(ask);
    if (is_ok(result))
        answer_ok(ask);
    else
        answer_fault(ask, result);
}

/* Of what is looked up by what a browser says, the time of the answer tells nothing. */
static bool waits_for_tick(const struct ask *ask)
{
    return (ask->route->flags & (ROUTE_OPEN | ROUTE_CALL)) == ROUTE_OPEN;
}

/* Nothing was done and nothing was said, for no reason of the request's own: it is asked again by
 * ourselves, as its sender would. Not what keeps something from step to step, nor what has filled
 * half of its memory: these are answered, and their senders know better. */
static bool may_be_asked_anew(const struct ask *ask, status result)
{
    return result.fault == FAULT_STORE && reg_met(ask->reg) && ask->api->tries < TRIES_MOST &&
           !waits_for_tick(ask) && ask->steps == NULL && ask->drop == NULL && ask->send == NULL &&
           arena_used(ask->arena) < LIMIT_REQUEST_ARENA_BYTES / 2;
}

static void asks_add(struct asks *asks, struct ask *ask)
{
    if (asks->first == NULL)
        asks->end = &asks->first;
    *asks->end = ask;
    asks->end = &ask->next;
    ask->next = NULL;
}

/* The answer of one whose connection is gone takes `ask` with it. */
static void done(void *self, struct call *call, status result)
{
    struct ask *ask = self;
    struct arena *brief = call->brief;
    if (may_be_asked_anew(ask, result)) {
        asks_add(&ask->api->anew, ask);
        if (brief != NULL)
            arena_reset(brief);
        return;
    }
    if (waits_for_tick(ask)) {
        public_later(ask, result);
        return;
    }
    ask->arena = call->arena;
    ask_answer(ask, result);
    if (brief != NULL)
        arena_reset(brief);
}

static status once(struct ask *ask)
{
    const struct http_request *request = ask->request;
    if ((ask->route->flags & ROUTE_IDEMPOTENT) == 0 || request->idempotency_key.ptr == NULL)
        return OK;
    struct buf buf = buf_in(ask->arena, request->path.len + request->body.len + 256);
    buf_field(&buf, request->method);
    buf_field(&buf, request->path);
    buf_field(&buf, request->body);
    buf_field(&buf, ask->company);
    str content;
    TRY(buf_finish(&buf, &ask->report, &content));
    return call_once(&ask->call, request->idempotency_key, content, &ask->again);
}

static status run_handler(struct ask *ask)
{
    if (!str_is_empty(ask->lacking))
        return engine_forbid(&ask->call, ask->lacking);
    if ((ask->route->flags & ROUTE_OPEN) == 0)
        TRY(engine_act_for(&ask->call, ask->company));
    ask->call.asked = (struct asked){ask->request->method, ask->request->path, ask->request->body};
    TRY(once(ask));
    if (ask->again && ask->call.outcome.item_count > 0 && ask->route->reply == &collected_form)
        return collect_again(ask);
    if (ask->again && ask->route->reply == &consented_form)
        return consent_receipt(ask);
    if (ask->again && ask->route->reply == &request_taken_form)
        return request_again(ask);
    if (ask->again)
        return (ask->route->flags & ROUTE_RECEIPT) != 0 ? erase_again(ask) : OK;
    ask->unfinished = false;
    TRY(ask->route->handler(ask));
    return ask->unfinished ? OK : call_remember(&ask->call);
}

/* The request waits, and with it its arena; others are served between its steps. */
static status wait_for_more(struct ask *ask)
{
    struct api *api = ask->api;
    for (size_t i = 0; i < api->long_count; i++) {
        if (api->longs[i] == ask)
            return OK;
    }
    if (api->long_count == LONGS_MOST)
        return fail(&ask->report, FAULT_LIMIT,
                    "%d requests that take long are being worked on: try again later", LONGS_MOST);
    api->longs[api->long_count++] = ask;
    return OK;
}

static void no_longer(struct ask *ask)
{
    struct api *api = ask->api;
    for (size_t i = 0; i < api->long_count; i++) {
        if (api->longs[i] != ask)
            continue;
        api->long_count--;
        memmove(&api->longs[i], &api->longs[i + 1], (api->long_count - i) * sizeof(api->longs[0]));
        return;
    }
}

void run_call(struct ask *ask)
{
    bool open = waits_for_tick(ask);
    if (open && ask->api->late_owed == LATE_MOST) {
        answer_fault(ask, fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE)));
        return;
    }
    api_turn(ask->api);
    ask->api->served = world_now(ask->api->config.world);
    status begun = call_begin(ask->api->config.engine, ask->reg, ask->caller, ask->arena,
                              &ask->report, &ask->call);
    if (!is_ok(begun)) {
        no_longer(ask);
        answer_fault(ask, begun);
        return;
    }
    ask->api->late_owed += open ? 1 : 0;
    status result = call_end(&ask->call, run_handler(ask));
    if (ask->call.brief != NULL)
        arena_reset(ask->call.brief);
    if (is_ok(result) && ask->unfinished)
        result = ask->working ? OK : wait_for_more(ask);
    if (is_ok(result) && ask->unfinished) {
        ask->api->late_owed -= open ? 1 : 0;
        if (ask->working)
            works_park(ask);
        return;
    }
    no_longer(ask);
    call_hold(&ask->call, done, ask, result);
}

/* Of one who waited: the token may have ended meanwhile. */
static void run_if_held(struct ask *ask)
{
    if (reg_caller_holds(ask->reg, ask->caller)) {
        run_call(ask);
        return;
    }
    no_longer(ask);
    answer_fault(
        ask, fail(&ask->report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED)));
}

/* One step of the work that has waited longest, the others move up; where that was short, of those
 * behind it, too: a look at what little the log has of somebody need not wait for a turn of its
 * own. */
static void step_longs(struct api *api)
{
    int64_t from = world_now(api->config.world).ms;
    size_t left = api->long_count;
    bool more = left > 0;
    while (more) {
        struct ask *ask = api->longs[0];
        memmove(&api->longs[0], &api->longs[1], (api->long_count - 1) * sizeof(api->longs[0]));
        api->longs[api->long_count - 1] = ask;
        run_if_held(ask);
        more = --left > 0 && api->long_count > 0 && !api->failed &&
               world_now(api->config.world).ms - from < LONGS_MS;
    }
    if (api->long_count > 0 && api->config.wake != NULL)
        api->config.wake(api->config.self);
}

/* ---- requests ---- */

static status check_ask(struct ask *ask)
{
    if ((ask->route->flags & ROUTE_OPEN) != 0) {
        TRY(public_check(ask));
    } else if ((ask->route->flags & ROUTE_PUBLIC) == 0) {
        if ((ask->route->flags & ROUTE_SIGNED_IN) != 0)
            TRY(session_authenticate(ask->api, ask->request, ask->route->flags, &ask->report,
                                     &ask->reg, &ask->caller));
        else
            TRY(api_authenticate(ask->api, ask->request, &ask->report, &ask->reg, &ask->caller));
        if ((ask->route->flags & ROUTE_ME) != 0)
            ask->id = ask->caller->subject;
        else
            TRY(note_human(ask->request, &ask->report, ask->reg, &ask->caller));
        TRY(session_first(ask, &ask->report));
        TRY(session_fresh(ask, &ask->report));
        TRY(read_company(ask->request, &ask->report, &ask->company));
        ask->lacking = route_lacking(ask->caller, ask->route);
        if (!str_is_empty(ask->lacking))
            return OK; /* the refusal is logged by a call of its own */
    }
    TRY(read_query(ask));
    return read_body(ask);
}

void answer_plain(struct ask *ask)
{
    ask->unfinished = false;
    status result = ask->route->handler(ask);
    if (is_ok(result) && ask->unfinished)
        works_park(ask);
    else if (is_ok(result))
        answer_ok(ask);
    else
        answer_fault(ask, result);
}

/* Whoever names a dossier whose rows come from the other end of a wire waits until all requests of
 * the turn have said theirs. */
static bool waits_for_rows(struct ask *ask)
{
    if (ID_IS_ZERO(ask->id) || (ask->route->flags & (ROUTE_OPEN | ROUTE_AFTER)) != 0)
        return false;
    api_turn(ask->api); /* what is said before a turn is forgotten with its begin */
    return reg_ahead(ask->reg, ask->id);
}

static void run_ask(struct ask *ask)
{
    if (!str_is_empty(ask->lacking)) {
        run_call(ask);
        return;
    }
    bool shows = (ask->route->flags & (ROUTE_OPEN | ROUTE_CALL)) == ROUTE_OPEN &&
                 ask->route->request == NULL;
    if (shows || (ask->route->flags & (ROUTE_PUBLIC | ROUTE_PLAIN)) != 0) {
        answer_plain(ask);
        return;
    }
    if (waits_for_rows(ask)) {
        asks_add(&ask->api->together, ask);
        return;
    }
    if ((ask->route->flags & ROUTE_AFTER) == 0) {
        run_call(ask);
        return;
    }
    struct ask **added = LIST_ADD(ask->api->after_arena, &ask->api->after);
    if (added == NULL)
        answer_fault(ask, NO_MEMORY(&ask->report));
    else
        *added = ask;
}

static void refuse_path(const struct http_request *request, struct http_reply *reply,
                        const struct path_match *match)
{
    struct report report = {0};
    if (!match->path_known) {
        answer_report(reply, request->arena, &report, NOT_FOUND_FIXED(&report));
        return;
    }
    struct http_field allow = {STR("Allow"), str_from(match->allowed)};
    status no = fail(&report, FAULT_METHOD, "%s", fault_text(FAULT_METHOD));
    str body =
        arena_format(request->arena, "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d}\n",
                     fault_name(no.fault), fault_text(no.fault), fault_http(no.fault));
    http_answer(reply, fault_http(no.fault), STR("application/problem+json"), &allow, 1, body);
}

/* Looked up once a request: api_admit() has it from here, and leaves it for api_handle(). */
static const struct path_match *match_of(const struct http_request *request)
{
    if (request->found != NULL)
        return request->found;
    struct path_match *match = ARENA_NEW(request->arena, struct path_match);
    assert(match != NULL); /* the first thing that the arena gives */
    route_match(request->method, request->path, match);
    return match;
}

static void handle_ask(struct ask *ask, const struct path_match *match)
{
    status checked = check_ask(ask);
    if (is_ok(checked) && !match->ids_valid)
        checked = NOT_FOUND_FIXED(&ask->report);
    if (is_ok(checked))
        run_ask(ask);
    else
        answer_fault(ask, checked);
}

/* Uses by a token, beside other servers; to be signed in is to change something: when one was here
 * last. */
static bool is_use(const struct ask *ask)
{
    return engine_is_beside(ask->api->config.engine) && !ask->api->changing &&
           (ask->route->flags & ROUTE_USE) != 0 && ask->request->authorization.ptr != NULL;
}

/* Whatever may change something waits there until the uses that came with it are answered. */
static bool waits_for_uses(const struct ask *ask)
{
    return engine_is_beside(ask->api->config.engine) && !ask->api->changing && !is_use(ask) &&
           (ask->route->flags & ROUTE_PUBLIC) == 0;
}

void api_handle(void *self, const struct http_request *request, struct http_reply *reply)
{
    struct api *api = self;
    if (api->failed)
        return; /* nothing more is answered (G1) */
    const struct path_match *match = match_of(request);
    if (match->route == NULL) {
        refuse_path(request, reply, match);
        return;
    }
    struct ask *ask = ARENA_NEW(request->arena, struct ask);
    assert(ask != NULL); /* among the first things that the arena gives */
    *ask = (struct ask){.api = api,
                        .route = match->route,
                        .request = request,
                        .reply = reply,
                        .arena = request->arena,
                        .id = match->id,
                        .record = match->record,
                        .rest = match->rest};
    ask->problems.arena = ask->arena;
    if (waits_for_uses(ask)) {
        asks_add(&api->changes, ask);
        return;
    }
    api->uses = is_use(ask);
    handle_ask(ask, match);
    api->uses = false;
}

/* What streams is of one type; the others are looked at with their bodies. */
static status check_media(const struct http_request *request, const struct route *route,
                          struct report *report)
{
    if ((route->flags & ROUTE_STREAM) == 0)
        return OK;
    if ((route->flags & ROUTE_BYTES) != 0)
        return media_is(request->content_type, STR("application/octet-stream"))
                   ? OK
                   : fail(report, FAULT_MEDIA, "a file comes as application/octet-stream");
    return media_is(request->content_type, STR("application/x-ndjson")) ||
                   media_is(request->content_type, STR("text/csv"))
               ? OK
               : fail(report, FAULT_MEDIA, "an import is application/x-ndjson or text/csv");
}

/* Who sends it, and of a stream what it is for; a refusal is logged and answered by api_handle().
 */
static status admit(struct api *api, const struct http_request *request,
                    const struct path_match *match, struct http_reply *reply, struct report *report,
                    struct http_admission *admission, bool *refused)
{
    struct import_of of = {.request = request};
    uint32_t flags = match->route->flags;
    TRY(api_authenticate(api, request, report, &of.reg, &of.token));
    of.caller = of.token;
    *refused = !str_is_empty(route_lacking(of.caller, match->route));
    if (*refused)
        return OK;
    TRY(note_human(request, report, of.reg, &of.caller));
    TRY(read_company(request, report, &of.company));
    TRY(check_media(request, match->route, report));
    if ((flags & ROUTE_BYTES) != 0)
        return file_admit(api, match, reply, of.reg, of.caller, report, admission);
    return (flags & ROUTE_STREAM) != 0 ? import_admit(api, &of, reply, report, admission) : OK;
}

bool api_admit(void *self, const struct http_request *request, struct http_reply *reply,
               struct http_admission *admission)
{
    struct api *api = self;
    const struct path_match *match = match_of(request);
    admission->found = match;
    http_class(reply, route_class(match->route));
    if (match->route != NULL && (match->route->flags & ROUTE_OPEN) != 0)
        admission->body_limit = OPEN_BODY_BYTES;
    if (match->route == NULL || (match->route->flags & (ROUTE_STREAM | ROUTE_LARGE)) == 0)
        return true;
    struct report report = {0};
    bool within = api->turn_open, refused = false;
    status known = admit(api, request, match, reply, &report, admission, &refused);
    if (!within && !end_turn(api)) /* the body is not there yet, and others may have theirs */
        return true;
    if (!is_ok(known)) {
        answer_report(reply, request->arena, &report, known);
        return false;
    }
    if (!refused && (match->route->flags & ROUTE_STREAM) == 0)
        admission->body_limit = LARGE_BODY_BYTES;
    return true;
}

/* ---- the end of a turn ---- */

static void run_together(struct api *api)
{
    struct ask *ask = api->together.first;
    api->together.first = NULL;
    api->uses = engine_is_beside(api->config.engine) && !api->changing;
    for (struct ask *next; ask != NULL && !api->failed; ask = next) {
        next = ask->next;
        run_if_held(ask);
    }
    api->uses = false;
}

static void handle_all(struct api *api, struct asks *asks)
{
    struct ask *ask = asks->first;
    asks->first = NULL;
    for (struct ask *next; ask != NULL; ask = next) {
        next = ask->next;
        api_handle(api, ask->request, ask->reply);
    }
    run_together(api);
}

/* Beside other servers the uses of the turn are answered, in one that is shared with theirs; then
 * whatever changes something has one in which this server is alone. */
static void run_changes(struct api *api)
{
    if (!engine_is_beside(api->config.engine) || api->failed || !end_turn(api))
        return;
    api->changing = true;
    handle_all(api, &api->changes);
}

/* From the start: who asks, whether they may, and what is decided may be something else by now. */
static bool run_anew(struct api *api)
{
    bool well = true;
    for (api->tries = 1; well && api->anew.first != NULL; api->tries++) {
        handle_all(api, &api->anew);
        well = !api->failed && end_turn(api);
    }
    api->tries = 0;
    return well;
}

static void run_after(struct api *api)
{
    for (size_t i = 0; i < api->after.count && !api->failed; i++)
        answer_plain(api->after.at[i]);
    if (api->after.count > 0)
        arena_reset(api->after_arena);
    memset(&api->after, 0, sizeof(api->after));
}

static void heartbeat(struct api *api)
{
    int64_t hour = world_now(api->config.world).ms / HOUR_MS;
    if (api->failed || hour == api->beat_hour)
        return;
    api->beat_hour = hour;
    log_check_ask(api);
    for (size_t i = 0; i < engine_register_count(api->config.engine); i++) {
        struct reg *reg = engine_register_at(api->config.engine, i);
        struct report report = {0};
        if (reg_simulated(reg) || !reg_on_duty(reg) ||
            is_ok(engine_heartbeat(api->config.engine, reg, &report)))
            continue;
        oplog_fault(api->config.log, "heartbeat_failed", report.fault, reg_name(reg));
        if (engine_failed(api->config.engine))
            api_fatal(api, &report);
    }
}

/* Callers without a valid token are counted, not named. */
static void tell_unauthenticated(struct api *api)
{
    int64_t minute = world_now(api->config.world).ms / MINUTE_MS;
    if (api->unauthenticated == 0 || minute == api->told_minute)
        return;
    char room[24];
    struct buf count = buf_over(room, sizeof(room));
    buf_u64(&count, api->unauthenticated);
    struct oplog_pair pair = {"count", buf_str(&count)};
    oplog(api->config.log, "info", "without_valid_token", &pair, 1);
    api->unauthenticated = 0;
    api->told_minute = minute;
}

void api_turn_end(void *self)
{
    struct api *api = self;
    run_together(api);
    run_changes(api);
    if (!api->failed)
        works_step(api);
    if (!api->failed)
        step_longs(api);
    if (!api->failed)
        batches_step(api);
    if (api->failed || !end_turn(api) || !run_anew(api))
        return;
    api->changing = false;
    public_release(api);
    run_after(api);
}

/* ---- what the logs do when nobody waits, in another thread where there is one ---- */

static void chore_run(struct http_work *work)
{
    audit_chore_run(((struct tending *)work)->chore);
}

/* The turn that follows begins the next. What failed is tried again, after a tick. */
static void chore_done(struct http_work *work)
{
    struct tending *tending = (struct tending *)work;
    struct report later_again = {0};
    tending->failed = !is_ok(audit_chore_end(tending->chore, &later_again));
    tending->chore = NULL;
}

static void tend(struct api *api)
{
    struct tending *tending = &api->tending;
    if (api->config.work == NULL) {
        engine_rest(api->config.engine);
        return;
    }
    if (tending->chore != NULL || tending->failed)
        return;
    tending->chore = engine_rest_apart(api->config.engine);
    tending->work = (struct http_work){chore_run, chore_done};
    if (tending->chore != NULL)
        api->config.work(api->config.self, &tending->work);
}

/* Once a second, with nothing of a turn open. */
static void mind_moves(struct api *api)
{
    static const char *const events[] = {[MOVE_STILL] = "register_is_still",
                                         [MOVE_VOID] = "register_did_not_move",
                                         [MOVE_DONE] = "register_has_moved"};
    if (!api->minds_moves)
        return;
    api->minds_moves = false;
    for (size_t i = 0; i < engine_register_count(api->config.engine); i++) {
        struct reg *reg = engine_register_at(api->config.engine, i);
        struct oplog_pair pair = {"register", reg_name(reg)};
        struct report report = {0};
        enum move_step step;
        if (!is_ok(reg_mind_move(reg, &report, &step)))
            oplog_fault(api->config.log, "move_failed", report.fault, reg_name(reg));
        else if (step != MOVE_NONE)
            oplog(api->config.log, "info", events[step], &pair, 1);
        if (engine_failed(api->config.engine)) {
            api_fatal(api, &report);
            return;
        }
    }
}

void api_rest(void *self)
{
    struct api *api = self;
    if (api->failed)
        return;
    mind_moves(api);
    if (api->failed)
        return;
    heartbeat(api);
    api_aside(api);
    tell_unauthenticated(api);
    if (!api->failed)
        tend(api);
}

void api_batch_end(void *self)
{
    api_turn_end(self);
    api_rest(self);
}

/* An empty turn signs a checkpoint of what the last busy one left unsigned. */
void api_tick(void *self)
{
    struct api *api = self;
    api->ticks++;
    api->tending.failed = false;
    if (api->failed || api->ticks % api->config.sweep_ticks != 0)
        return;
    api->minds_moves = true;
    api_turn(api);
    sweep_ask(api);
}
