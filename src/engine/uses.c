/* Who used a person's data: what the log tells of each use, by role and never by name.
 *
 *   log --entries about the person, or whose manifest has a line of theirs--> that are uses
 *       --> when, for what, who by kind and role, to which kind of recipient, allowed or refused
 *
 * It goes in steps, from where a page before it ended. Whoever acted and is gone is known no more:
 * then it says so, as the handles of those who are erased name nobody. */
#include "engine_internal.h"
#include "json.h"

enum { USES_BYTES = 2 << 20, STAFF_PAGE = 200, STAFF_MOST = 10000 };

struct known { /* a member of the staff */
    dossier_id id;
    audit_id handle;
};

struct using
{
    struct call *call; /* of the present step */
    struct uses_ask ask;
    struct audit_ids handles; /* of the person, and of the dossiers that became part of theirs */
    LIST(struct known) staff;
    LIST(struct known) matters; /* of the person */
    struct step step;
    struct audit_entry *entry;
    uint64_t of;
    size_t found;
    struct buf buf;
    struct json_out out;
    bool done;
    struct uses_page *page; /* of the use case in one go */
};

static bool same(audit_id a, audit_id b)
{
    return memcmp(a.bytes, b.bytes, ID_BYTES) == 0;
}

static bool is_nobody(audit_id id)
{
    return same(id, (audit_id){{0}});
}

/* What opens data, or decides by it; the other entries say what was changed. */
static bool is_use(str action)
{
    static const char *const uses[] = {
        "read",   "use",         "read_broken_glass", "share",   "show_to",
        "send",   "queue",       "ask_send",          "export",  "access",
        "derive", "portability", "access_concerned",  "service", "cookie_read"};
    bool is = false;
    for (size_t i = 0; i < LENGTH(uses); i++)
        is |= str_is(action, uses[i]);
    return is;
}

/* ---- who ---- */

static const struct known *find(const struct known *list, size_t count, audit_id handle)
{
    for (size_t i = 0; i < count; i++) {
        if (same(list[i].handle, handle))
            return &list[i];
    }
    return NULL;
}

/* The roles that the member held when it was done. */
static void put_roles(struct using *using, const struct facts *member, instant at)
{
    struct json_out *out = &using->out;
    json_key(out, "roles");
    json_open_array(out);
    for (size_t i = 0; i < member->roles.count; i++) {
        const struct fact_role *role = &member->roles.at[i];
        if (!before(at, role->since) && before(at, role->until))
            json_put_str(out, call_text(using->call, role->role));
    }
    json_close_array(out);
}

static bool is_application(const struct reg *reg, audit_id handle)
{
    for (size_t i = 0; i < reg->tokens.count; i++) {
        const struct caller *caller = &reg->tokens.at[i]->caller;
        if (ID_IS_ZERO(caller->actor) && same(caller->handle, handle))
            return true;
    }
    return false;
}

/* The member who acted, or whom an application named; NULL: none, or gone. */
static status member_of(struct using *using, const struct facts **member)
{
    const struct audit_entry *entry = using->entry;
    struct reg *reg = using->call->reg;
    const struct known *one = find(using->staff.at, using->staff.count, entry->actor);
    *member = NULL;
    if (one != NULL)
        return reg_facts(reg, one->id, using->call->report, member);
    for (size_t i = 0; !is_nobody(entry->human) && i < using->staff.count; i++) {
        const struct facts *facts;
        TRY(reg_facts(reg, using->staff.at[i].id, using->call->report, &facts));
        if (facts != NULL && staff_is_human(reg, facts, entry->human)) {
            *member = facts;
            return OK;
        }
    }
    return OK;
}

static status put_by(struct using *using)
{
    const struct audit_entry *entry = using->entry;
    struct json_out *out = &using->out;
    const struct facts *member;
    TRY(member_of(using, &member));
    json_key(out, "by");
    json_put_text(out, member != NULL                                   ? "staff"
                       : is_nobody(entry->actor)                        ? "system"
                       : is_application(using->call->reg, entry->actor) ? "application"
                                                                        : "gone");
    if (member != NULL)
        put_roles(using, member, entry->at);
    if (!is_nobody(entry->human)) {
        json_key(out, "asserted"); /* the application says who it was */
        json_put_bool(out, true);
    }
    return OK;
}

/* ---- one use ---- */

static void put_word_of(struct json_out *out, const char *key, str text)
{
    if (str_is_empty(text))
        return;
    json_key(out, key);
    json_put_str(out, text);
}

static status put_matter(struct using *using)
{
    struct json_out *out = &using->out;
    const struct known *matter =
        find(using->matters.at, using->matters.count, using->entry->matter);
    if (is_nobody(using->entry->matter))
        return OK;
    json_key(out, "matter");
    if (matter == NULL)
        json_put_null(out); /* one that nothing of the person's is of any more */
    else
        json_put_id(out, matter->id.bytes);
    return OK;
}

/* Why, where whoever looked said it. */
static void put_because(const struct audit_entry *entry, struct json_out *out)
{
    str why = entry->effect_count > 0 ? entry->effects[0] : STR(""), key;
    if (!str_next(&why, ':', &key) || !str_is(key, "because"))
        return;
    json_key(out, "because");
    json_put_str(out, why);
}

static status put_use(struct using *using, uint64_t index, enum audit_decision decision)
{
    const struct audit_entry *entry = using->entry;
    struct json_out *out = &using->out;
    json_open_object(out);
    json_key(out, "index");
    json_put_u64(out, index);
    json_key(out, "at");
    json_put_instant(out, entry->at);
    json_key(out, "action");
    json_put_str(out, entry->action);
    json_key(out, "decision");
    json_put_text(out, audit_decision_name(decision));
    put_word_of(out, "purpose", entry->purpose);
    put_word_of(out, "controller", entry->controller);
    put_word_of(out, "recipient", entry->recipient_kind);
    put_because(entry, out);
    TRY(put_by(using));
    TRY(put_matter(using));
    json_key(out, "categories");
    json_open_array(out);
    for (size_t i = 0; i < entry->category_count; i++)
        json_put_str(out, entry->categories[i]);
    json_close_array(out);
    if (decision == AUDIT_REFUSE)
        put_word_of(out, "rule", entry->rule);
    json_close_object(out);
    return OK;
}

static bool names_them(const struct using *using, str text)
{
    for (size_t i = 0; i < using->handles.count; i++) {
        char room[ID_TEXT];
        struct buf buf = buf_over(room, sizeof(room));
        buf_id(&buf, using->handles.at[i].bytes);
        if (memmem(text.ptr, text.len, room, ID_TEXT) != NULL)
            return true;
    }
    return false;
}

/* Cheap first: a handle's text must stand in the entry at all, or the entry have a manifest. */
static status look(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct using *using = self;
    *stop = !step_goes_on(&using->step);
    if (!names_them(using, text) && memmem(text.ptr, text.len, "\"mr\":", 5) == NULL)
        return OK;
    struct audit_entry *entry = using->entry;
    TRY(entry_parse(text, report, entry));
    enum audit_decision decision = entry->decision;
    bool theirs = false;
    struct manifest_name name = {entry->manifest, entry->manifest_lines};
    for (size_t i = 0; i < using->handles.count && !theirs; i++) {
        theirs = same(entry->subject, using->handles.at[i]);
        if (is_use(entry->action) && !theirs && entry->has_manifest)
            TRY(audit_manifest_find(using->call->reg->log, &name, using->handles.at[i], report,
                                    &theirs, &decision));
    }
    if (!theirs || !is_use(entry->action))
        return OK;
    *stop |= ++using->found >= using->ask.limit;
    return put_use(using, index, decision);
}

/* ---- steps ---- */

static status know(struct call *call, dossier_id id, struct known *known)
{
    known->id = id;
    return vault_handle(call->reg->vault, id, call->report, known->handle.bytes);
}

static status know_staff(struct call *call, struct using *using)
{
    dossier_id *ids, after = {{0}};
    size_t count = STAFF_PAGE;
    while (count == STAFF_PAGE && using->staff.count < STAFF_MOST) {
        TRY(vault_list(call->reg->vault, DOSSIER_STAFF, after, STAFF_PAGE, call->arena,
                       call->report, &ids, &count));
        for (size_t i = 0; i < count; i++) {
            struct known *added = LIST_ADD(call->arena, &using->staff);
            if (added == NULL)
                return NO_MEMORY(call->report);
            TRY(know(call, ids[i], added));
            after = ids[i];
        }
    }
    return OK;
}

static status know_matters(struct call *call, struct using *using, const struct view *view)
{
    for (size_t i = 0; i < view->matter_count; i++) {
        struct known *added = LIST_ADD(call->arena, &using->matters);
        if (added == NULL)
            return NO_MEMORY(call->report);
        TRY(know(call, view->matters[i]->id, added));
    }
    return OK;
}

/* The record of a merge has the reference of that time as its id (merge.c). */
status call_handles(struct call *call, const struct facts *facts, struct audit_ids *handles)
{
    word merged = words_find(call->reg->words, STR("merged"));
    audit_id *own = LIST_ADD(call->arena, handles);
    if (own == NULL)
        return NO_MEMORY(call->report);
    TRY(vault_handle(call->reg->vault, facts->id, call->report, own->bytes));
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (merged == 0 || facts->evidence.at[i].type != merged)
            continue;
        audit_id *added = LIST_ADD(call->arena, handles);
        if (added == NULL)
            return NO_MEMORY(call->report);
        memcpy(added->bytes, facts->evidence.at[i].id.bytes, ID_BYTES);
    }
    return OK;
}

static status begin_uses(struct call *call, const struct uses_ask *ask, struct using **out)
{
    struct using *using = ARENA_NEW(call->arena, struct using);
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    struct subject subject;
    if (using == NULL || entry == NULL)
        return NO_MEMORY(call->report);
    TRY(call_open(call, ask->subject, &subject));
    const struct facts *facts = subject.dossier->facts;
    struct operation op = call_operation(call, ACTION_NONE, ask->subject);
    TRY(call_whole_person(call, facts, &op));
    TRY(call_log(call, facts, &op, "uses", decision_by_scope()));
    *using = (struct using){.ask = *ask, .entry = entry, .of = audit_size(call->reg->log)};
    TRY(call_handles(call, facts, &using->handles));
    TRY(know_staff(call, using));
    TRY(know_matters(call, using, &subject.view));
    using->buf = buf_in(call->arena, USES_BYTES);
    using->out = json_out_over(&using->buf);
    json_open_array(&using->out);
    *out = using;
    return OK;
}

static status look_on(struct call *call, struct using *using)
{
    using->call = call;
    using->step = step_begin(call->reg);
    const struct audit_people people = {using->handles.at, using->handles.count};
    TRY(audit_scan_whose(call->reg->log, &people, &using->ask.after, look, using, call->report));
    using->done = using->found >= using->ask.limit || using->ask.after >= using->of;
    return OK;
}

static status end_uses(struct call *call, struct using *using, struct uses_page *page)
{
    json_close_array(&using->out);
    page->more = using->ask.after < using->of;
    page->next = using->ask.after;
    return buf_finish(&using->buf, call->report, &page->uses);
}

status engine_uses_step(struct call *call, const struct uses_ask *ask, struct using **state,
                        struct progress *progress, struct uses_page *page)
{
    if (*state == NULL) {
        TRY(begin_uses(call, ask, state));
        *progress = (struct progress){.of = (*state)->of};
        return OK;
    }
    TRY(look_on(call, *state));
    *progress = (struct progress){(*state)->ask.after, (*state)->of, (*state)->done};
    return (*state)->done ? end_uses(call, *state, page) : OK;
}

static status uses_finish(struct call *call)
{
    struct using *using = call->state;
    while (!using->done)
        TRY(look_on(call, using));
    return end_uses(call, using, using->page);
}

status engine_uses(struct call *call, const struct uses_ask *ask, struct uses_page *page)
{
    struct using *using;
    TRY(begin_uses(call, ask, &using));
    using->page = page;
    call->state = using;
    call->finish = uses_finish;
    return OK;
}
