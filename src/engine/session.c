/* Sign-ins that live: a table in memory, since what is not written need not be taken back. */
#include <stdlib.h>

#include "engine_internal.h"
#include "session.h"

enum {
    SECRET_BYTES = 32,
    SECRET_TEXT = 43,
    COOKIE_TEXT = ID_TEXT + 1 + SECRET_TEXT,
    HOW_ROOM = 16,
    USED_MS = 60000 /* others hear of a use no more often */
};

struct session {
    unsigned char hash[32]; /* of the secret */
    struct caller caller;   /* its `token` is the session's id */
    record_id address;      /* of a person; zero: */
    blind identifier;
    char how[HOW_ROOM];
    instant since, used;
    bool live;
};

/* ---- for other servers ---- */

static void each_live(struct reg *reg, void (*change)(struct session *session))
{
    for (size_t i = 0; reg->sessions != NULL && i < SESSIONS_MOST; i++) {
        if (reg->sessions[i].live)
            change(&reg->sessions[i]);
    }
}

/* The number of a role is another in each process; it is looked up whenever the session is used. */
static void without_role(struct session *session)
{
    session->caller.staff = 0;
}

static void with_pointers(struct session *session)
{
    session->caller.authenticated = STR("session");
}

static void before_keeping(struct reg *reg)
{
    each_live(reg, without_role);
}

static void after_taking(struct reg *reg)
{
    each_live(reg, with_pointers);
}

static struct session *all_of(struct reg *reg)
{
    if (reg->sessions == NULL)
        reg->sessions = ARENA_ARRAY(reg->arena, struct session, SESSIONS_MOST);
    return reg->sessions;
}

struct brief_array reg_sessions_brief(struct reg *reg)
{
    return (struct brief_array){"sessions",    all_of(reg),    sizeof(struct session),
                                SESSIONS_MOST, before_keeping, after_taking};
}

/* ---- one by one ---- */

static void tag_of(struct reg *reg, const char *use, dossier_id id, str secret_text,
                   unsigned char tag[32])
{
    char room[ID_BYTES + SECRET_TEXT + 16];
    struct buf buf = buf_over(room, sizeof(room));
    blind made;
    buf_field(&buf, ID_STR(id));
    buf_field(&buf, secret_text);
    keys_tag(vault_keys(reg->vault), str_from(use), buf_str(&buf), &made);
    memcpy(tag, made.bytes, sizeof(made.bytes));
    wipe(room, sizeof(room));
}

static bool same_bytes(const unsigned char a[32], const unsigned char b[32])
{
    secret one, two;
    memcpy(one.bytes, a, sizeof(one.bytes));
    memcpy(two.bytes, b, sizeof(two.bytes));
    return secret_equal(&one, &two);
}

static str csrf_text(struct reg *reg, dossier_id id, str secret_text, struct arena *arena)
{
    unsigned char tag[32];
    struct buf buf = buf_in(arena, 64);
    tag_of(reg, "session-csrf", id, secret_text, tag);
    buf_base64url(&buf, (str){(const char *)tag, sizeof(tag)});
    return buf.full ? STR("") : buf_str(&buf);
}

/* ---- which one it is ---- */

static bool read_cookie(str cookie, dossier_id *id, str *secret_text)
{
    if (cookie.len != COOKIE_TEXT || cookie.ptr[ID_TEXT] != '.' ||
        !id_parse(str_slice(cookie, 0, ID_TEXT), id->bytes))
        return false;
    *secret_text = str_slice(cookie, ID_TEXT + 1, cookie.len);
    return true;
}

static struct session *find(const struct reg *reg, dossier_id id)
{
    for (size_t i = 0; reg->sessions != NULL && i < SESSIONS_MOST; i++) {
        if (reg->sessions[i].live && ID_EQUAL(reg->sessions[i].caller.token, id))
            return &reg->sessions[i];
    }
    return NULL;
}

static void end(struct session *session)
{
    wipe(session, sizeof(*session));
}

/* Does the identifier that was proven lead to this person still, and to nobody besides? */
static bool identifier_stands(struct reg *reg, const struct session *session, struct arena *arena)
{
    struct report odd = {0};
    dossier_id *ids;
    size_t count;
    return is_ok(keys_blind_find_some(vault_keys(reg->vault), session->identifier, 2, arena, &odd,
                                      &ids, &count)) &&
           count == 1 && ID_EQUAL(ids[0], session->caller.subject);
}

/* Is what was proven the person's still? An address is an item of theirs. */
static bool proof_stands(struct reg *reg, const struct session *session)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    struct report odd = {0};
    enum presence presence;
    struct dossier *dossier;
    return is_ok(
               vault_load(reg->vault, session->caller.subject, arena, &odd, &presence, &dossier)) &&
           presence == PRESENCE_LIVE && dossier->facts->kind == DOSSIER_SUBJECT &&
           (ID_IS_ZERO(session->address)
                ? identifier_stands(reg, session, arena)
                : facts_find_item(dossier->facts, session->address) != NULL);
}

/* The role is that of the moment; one that lives no more ends here. */
static bool lives(struct reg *reg, struct session *session)
{
    struct report odd = {0};
    instant now = reg_now(reg);
    bool here = true;
    bool in_time = !reg->retired && before(now, session->caller.expires) &&
                   now.ms - session->used.ms < SESSION_IDLE_MS;
    if (in_time && ID_IS_ZERO(session->caller.subject))
        in_time = is_ok(caller_staff(reg, &session->caller, &odd, &here)) && here;
    else if (in_time)
        in_time = proof_stands(reg, session);
    if (!in_time)
        end(session);
    return in_time;
}

static struct session *find_living(struct reg *reg, dossier_id id)
{
    struct session *session = find(reg, id);
    return session != NULL && lives(reg, session) ? session : NULL;
}

/* Where it is, as others know it by now, too: one that is known here may have ended, one that is
 * not may be new. */
static struct session *find_anywhere(struct engine *engine, dossier_id id, struct reg **home)
{
    struct session *session = NULL;
    struct report odd = {0};
    for (size_t i = 0; i < engine->reg_count && session == NULL; i++)
        session = find(*home = engine->regs[i], id);
    if (session != NULL)
        return is_ok(reg_enter(*home, &odd)) ? find(*home, id) : NULL;
    for (size_t i = 0; i < engine->reg_count && session == NULL; i++) {
        *home = engine->regs[i];
        session = is_ok(reg_enter(*home, &odd)) ? find(*home, id) : NULL;
    }
    return session;
}

/* By its cookie, wherever it is; NULL for anything else. */
static struct session *find_by_cookie(struct engine *engine, str cookie, struct reg **home,
                                      str *secret_text)
{
    dossier_id id;
    unsigned char hash[32];
    if (!read_cookie(cookie, &id, secret_text))
        return NULL;
    struct session *session = find_anywhere(engine, id, home);
    if (session == NULL)
        return NULL;
    tag_of(*home, "session", id, *secret_text, hash);
    return same_bytes(hash, session->hash) && lives(*home, session) ? session : NULL;
}

bool reg_session_holds(struct reg *reg, const struct caller *caller)
{
    struct session *session = find_living(reg, caller->token);
    return session != NULL && session->caller.staff == caller->staff;
}

/* ---- beginning ---- */

static bool same_holder(const struct session *session, const struct session_open *request)
{
    return ID_EQUAL(session->caller.subject, request->subject) &&
           ID_EQUAL(session->caller.actor, request->staff);
}

/* A free place; where the holder or the register has too many, that of the longest unused. */
static struct session *place_for(struct reg *reg, const struct session_open *request)
{
    struct session *free_ = NULL, *oldest = NULL, *own = NULL;
    size_t count = 0;
    for (size_t i = 0; i < SESSIONS_MOST; i++) {
        struct session *there = &reg->sessions[i];
        if (!there->live) {
            free_ = there;
            continue;
        }
        if (oldest == NULL || before(there->used, oldest->used))
            oldest = there;
        if (!same_holder(there, request))
            continue;
        count++;
        if (own == NULL || before(there->used, own->used))
            own = there;
    }
    return count >= SESSIONS_OF_ONE ? own : free_ != NULL ? free_ : oldest;
}

static status cookie_text(struct call *call, dossier_id id, str *cookie, str *secret_text)
{
    unsigned char random[SECRET_BYTES];
    struct buf buf = buf_in(call->arena, COOKIE_TEXT + 1);
    world_random(call->reg->world, random, sizeof(random));
    buf_id(&buf, id.bytes);
    buf_char(&buf, '.');
    buf_base64url(&buf, (str){(const char *)random, sizeof(random)});
    wipe(random, sizeof(random));
    TRY(buf_finish(&buf, call->report, cookie));
    *secret_text = str_slice(*cookie, ID_TEXT + 1, cookie->len);
    return OK;
}

/* Who signs in, as the log and the use cases are to see it. */
static status caller_of(struct call *call, const struct session_open *request,
                        const struct facts *facts, struct caller *caller)
{
    bool person = !ID_IS_ZERO(request->subject), here = true;
    record_id id = call_record_id(call);
    *caller = (struct caller){.subject = request->subject,
                              .actor = request->staff,
                              .scopes = person           ? SCOPE_READ | SCOPE_RECORD | SCOPE_RIGHTS
                                        : request->first ? 0
                                                         : request->scopes,
                              .first = request->first,
                              .expires = {call->now.ms + SESSION_MS},
                              .fresh_until = {call->now.ms + SESSION_FRESH_MS},
                              .authenticated = STR("session")};
    memcpy(caller->token.bytes, id.bytes, ID_BYTES);
    if (!person)
        TRY(caller_staff(call->reg, caller, call->report, &here));
    if (!here)
        return call_not_here(call);
    return vault_handle(call->reg->vault, facts->id, call->report, caller->handle.bytes);
}

/* The person who signs in, or the member; an application signs nobody in. */
static status holder(struct call *call, const struct session_open *request,
                     const struct facts **facts)
{
    struct dossier *dossier;
    bool person = !ID_IS_ZERO(request->subject);
    assert(person != !ID_IS_ZERO(request->staff) && request->how != NULL);
    TRY(call_open_dossier(call, person ? request->subject : request->staff,
                          person ? DOSSIER_SUBJECT : DOSSIER_STAFF, &dossier));
    *facts = dossier->facts;
    return OK;
}

status engine_session_open(struct call *call, const struct session_open *request,
                           struct session_opened *opened)
{
    struct reg *reg = call->reg, *home;
    const struct facts *facts;
    struct session fresh = {.address = request->address,
                            .identifier = request->identifier,
                            .since = call->now,
                            .used = call->now,
                            .live = true};
    str secret_text, effect = arena_format(call->arena, "how:%s", request->how);
    TRY(holder(call, request, &facts));
    TRY(caller_of(call, request, facts, &fresh.caller));
    TRY(cookie_text(call, fresh.caller.token, &opened->cookie, &secret_text));
    tag_of(reg, "session", fresh.caller.token, secret_text, fresh.hash);
    opened->csrf = csrf_text(reg, fresh.caller.token, secret_text, call->arena);
    opened->expires = fresh.caller.expires;
    struct operation op = call_operation(call, ACTION_NONE, facts->id);
    TRY(call_log_effects(call, facts, &op, "sign_in", decision_by_scope(), &effect, 1));
    assert(strlen(request->how) < sizeof(fresh.how));
    memcpy(fresh.how, request->how, strlen(request->how));
    if (all_of(reg) == NULL || effect.ptr == NULL || str_is_empty(opened->csrf))
        return NO_MEMORY(call->report);
    struct session *before_ = find_by_cookie(call->engine, request->replaces, &home, &secret_text);
    if (before_ != NULL)
        end(before_);
    /* Where this call is undone after all, nobody ever holds the secret. */
    *place_for(reg, request) = fresh;
    return OK;
}

/* ---- using ---- */

status engine_session_authenticate(struct engine *engine, const struct session_proof *proof,
                                   struct arena *arena, struct report *report, struct reg **reg,
                                   const struct caller **caller)
{
    struct reg *home;
    str secret_text;
    struct session *session = find_by_cookie(engine, proof->cookie, &home, &secret_text);
    if (session == NULL)
        return fail(report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED));
    unsigned char given[32] = {0}, wanted[32];
    size_t length;
    tag_of(home, "session-csrf", session->caller.token, secret_text, wanted);
    bool right = base64url_decode(proof->csrf, given, sizeof(given), &length) && length == 32 &&
                 same_bytes(given, wanted);
    if (proof->unsafe && !right)
        return fail(report, FAULT_FORBIDDEN,
                    "what changes something by a session needs its X-Vern-CSRF");
    struct caller *copy = ARENA_NEW(arena, struct caller); /* the session may end meanwhile */
    if (copy == NULL)
        return NO_MEMORY(report);
    if (!vault_beside(home->vault) || reg_now(home).ms - session->used.ms >= USED_MS)
        session->used = reg_now(home);
    *copy = session->caller;
    *caller = copy;
    *reg = home;
    return OK;
}

/* ---- showing and ending ---- */

static struct session_view view_of(const struct call *call, const struct session *session)
{
    return (struct session_view){.id = session->caller.token,
                                 .subject = session->caller.subject,
                                 .staff = session->caller.actor,
                                 .how = str_from(session->how),
                                 .since = session->since,
                                 .used = session->used,
                                 .fresh_until = session->caller.fresh_until,
                                 .expires = session->caller.expires,
                                 .first = session->caller.first,
                                 .own = ID_EQUAL(session->caller.token, call->caller->token)};
}

/* Whose sessions a caller may know of: a person and a member their own, an officer all. */
static bool may_know(const struct call *call, const struct session *session)
{
    const struct caller *caller = call->caller;
    if (!ID_IS_ZERO(caller->subject))
        return ID_EQUAL(caller->subject, session->caller.subject);
    bool own = !ID_IS_ZERO(caller->actor) && ID_EQUAL(caller->actor, session->caller.actor);
    return own || ((scopes_held(caller->scopes) & SCOPE_AUDIT) != 0 && !call_is_bound(call));
}

status engine_session_show(struct call *call, str cookie, struct session_view *view)
{
    struct reg *home;
    str secret_text;
    struct session *session = find_by_cookie(call->engine, cookie, &home, &secret_text);
    if (session == NULL || home != call->reg)
        return fail(call->report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    *view = view_of(call, session);
    view->public_id = reg_public_id(home);
    view->csrf = csrf_text(home, session->caller.token, secret_text, call->arena);
    return call_log(call, NULL, &op, "session", decision_by_scope());
}

static int by_id(const void *a, const void *b)
{
    const struct session *const *one = a, *const *two = b;
    return memcmp((*one)->caller.token.bytes, (*two)->caller.token.bytes, ID_BYTES);
}

status engine_session_list(struct call *call, dossier_id after, size_t limit,
                           struct session_list *list)
{
    struct reg *reg = call->reg;
    size_t count = 0, most = reg->sessions == NULL ? 0 : SESSIONS_MOST;
    struct session **there = ARENA_ARRAY(call->arena, struct session *, most + 1);
    *list = (struct session_list){.at = ARENA_ARRAY(call->arena, struct session_view, limit)};
    if (there == NULL || list->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < most; i++) {
        struct session *session = &reg->sessions[i];
        if (session->live && may_know(call, session) && lives(reg, session) &&
            memcmp(session->caller.token.bytes, after.bytes, ID_BYTES) > 0)
            there[count++] = session;
    }
    qsort(there, count, sizeof(struct session *), by_id);
    for (size_t i = 0; i < count && i < limit; i++)
        list->at[list->count++] = view_of(call, there[i]);
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "sessions", decision_by_scope());
}

status engine_session_end(struct call *call, dossier_id id)
{
    struct session *session = find_living(call->reg, id);
    struct dossier *dossier;
    if (session == NULL || !may_know(call, session))
        return call_not_here(call);
    bool person = !ID_IS_ZERO(session->caller.subject);
    TRY(call_open_dossier(call, person ? session->caller.subject : session->caller.actor,
                          person ? DOSSIER_SUBJECT : DOSSIER_STAFF, &dossier));
    struct operation op = call_operation(call, ACTION_NONE, dossier->facts->id);
    TRY(call_log(call, dossier->facts, &op, "sign_out", decision_by_scope()));
    /* Before its entry is durable, too: a session that has ended wrongly is the lesser harm. */
    end(session);
    return OK;
}

void reg_sessions_end(struct reg *reg, dossier_id staff)
{
    for (size_t i = 0; reg->sessions != NULL && i < SESSIONS_MOST; i++) {
        if (reg->sessions[i].live && ID_EQUAL(reg->sessions[i].caller.actor, staff))
            end(&reg->sessions[i]);
    }
}

void reg_sessions_renew(struct reg *reg, dossier_id staff, dossier_id kept, uint32_t scopes)
{
    for (size_t i = 0; reg->sessions != NULL && i < SESSIONS_MOST; i++) {
        struct session *session = &reg->sessions[i];
        if (!session->live || !ID_EQUAL(session->caller.actor, staff))
            continue;
        if (!ID_EQUAL(session->caller.token, kept)) {
            end(session);
            continue;
        }
        session->caller.first = false;
        session->caller.scopes = scopes;
    }
}
