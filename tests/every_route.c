/* Paths and bodies from the tables of the API. */
#include <stdio.h>
#include <stdlib.h>

#include "every_route.h"

const char nobodys_id[] = "AAECAwQFBgcICQoLDA0ODw";

enum { PATH_BYTES = 512, BODY_BYTES = 8192 };

str route_name(struct arena *arena, const struct route *route)
{
    return arena_format(arena, "%s %s", route->method, route->path);
}

static str or_nobody(str id)
{
    return id.len > 0 ? id : str_from(nobodys_id);
}

static str id_in_path(const struct known *known, const struct route *route, str part)
{
    bool about_person = str_starts(str_from(route->path), STR("/v1/subjects/"));
    if (str_is(part, ":register"))
        return or_nobody(known->reg);
    if (str_is(part, ":record"))
        return or_nobody(known->record);
    if (str_starts(str_from(route->path), STR("/v1/matters/")))
        return or_nobody(known->matter);
    if (str_starts(str_from(route->path), STR("/v1/parties/")))
        return or_nobody(known->party);
    if (str_starts(str_from(route->path), STR("/v1/cases/")))
        return or_nobody(known->case_);
    return about_person || str_is(part, ":id") ? or_nobody(known->person) : str_from(nobodys_id);
}

str route_path(const struct known *known, const struct route *route)
{
    struct buf buf = buf_in(known->arena, PATH_BYTES);
    str rest = str_from(route->path), part;
    bool first = true;
    while (str_next(&rest, '/', &part)) {
        if (!first)
            buf_char(&buf, '/');
        first = false;
        if (part.len > 0 && part.ptr[0] == ':')
            buf_add(&buf, id_in_path(known, route, part));
        else
            buf_add(&buf, str_is(part, "*") ? STR("0/000") : part);
    }
    return buf_str(&buf);
}

/* What stands for a member in a form: words of the example policy, as JSON. A member that the form
 * does not require is put in when it has a row of its form here. */
static const struct {
    const char *form, *member, *value; /* form NULL: in any, where it is required */
} usual[] = {
    {"identify", "kind", "\"contact.email\""},
    {"event", "event", "\"question_answered\""},
    {"collect", "values", "{\"contact.email\":\"a@example.org\",\"question.text\":\"When?\"}"},
    {"collect", "intake", "\"contact_form\""},
    {"collect", "source", "\"person\""},
    {"collect", "channel", "\"web\""},
    {"decline", "fields", "[\"contact.name\"]"},
    {"decline", "intake", "\"contact_form\""},
    {"file_open", "field", "\"application.cv\""},
    {"file_open", "intake", "\"job_form\""},
    {"file_open", "source", "\"person\""},
    {"file_open", "channel", "\"web\""},
    {"consent", "purpose", "\"newsletter\""},
    {"cookie", "cookie", "\"statistics\""},
    {"withdrawal", "purpose", "\"newsletter\""},
    {"objection", "purpose", "\"support\""},
    {"read", "purpose", "\"support\""},
    {"batch_read", "purpose", "\"support\""},
    {"party", "kind", "\"carrier\""},
    {"matter", "kind", "\"order_no\""},
    {"case", "kind", "\"request\""},
    {"case", "requester", "@party"},
    {"evidence", "type", "\"balancing\""},
    {"notice", "subject", "@subject"},
    {"place", "zone", "\"eea\""},
    {"staff", "role", "\"shop_desk\""},
    {"staff_role", "role", "\"accountant\""},
    {"token", "scopes", "[\"read\"]"},
    {"space_create", "policy", "\"vern: 1\""},
    {"version", "policy", "\"vern: 1\""},
    {"version_name", "version", "\"2026-01\""},
    {"view", "audience", "\"carrier\""},
    {NULL, "purpose", "\"orders\""},
    {NULL, "event", "\"question_answered\""},
    {NULL, "role", "\"customer\""},
    {NULL, "switch", "\"newsletter\""},
    {NULL, "recipient", "\"carrier\""},
    {NULL, "message", "\"newsletter\""},
    {NULL, "channel", "\"email\""},
    {NULL, "media", "\"application/pdf\""},
    {NULL, "kind", "\"contact.email\""},
    {NULL, "value", "\"a@example.org\""},
    {NULL, "reason", "\"accuracy\""},
    {NULL, "given_by", "\"click\""},
    {NULL, "type", "\"claim\""},
    {NULL, "audience", "\"carrier\""},
};

static const char *usual_value(const struct bind_form *form, const struct bind_member *member)
{
    for (size_t i = 0; i < LENGTH(usual); i++) {
        bool here = usual[i].form == NULL ? member->need == REQUIRED
                                          : strcmp(usual[i].form, form->name) == 0;
        if (here && strcmp(usual[i].member, member->name) == 0)
            return usual[i].value;
    }
    return NULL;
}

static bool is_put(const struct bind_form *form, const struct bind_member *member)
{
    return member->need == REQUIRED || usual_value(form, member) != NULL;
}

static str id_for(const struct known *known, const char *member)
{
    const struct {
        const char *name;
        str id;
    } ids[] = {
        {"subject", known->person}, {"subjects", known->person}, {"requester", known->person},
        {"viewer", known->person},  {"item", known->item},       {"items", known->item},
        {"matter", known->matter},  {"party", known->party},     {"place", known->place},
        {"actor", known->staff},    {"staff", known->staff},     {"case", known->case_}};
    for (size_t i = 0; i < LENGTH(ids); i++) {
        if (strcmp(ids[i].name, member) == 0)
            return or_nobody(ids[i].id);
    }
    return str_from(nobodys_id);
}

static void put_value(const struct known *known, struct json_out *out, const struct bind_form *form,
                      const struct bind_member *member);

static void put_object(const struct known *known, struct json_out *out,
                       const struct bind_form *form)
{
    json_open_object(out);
    for (size_t i = 0; i < form->count; i++) {
        if (!is_put(form, &form->members[i]))
            continue;
        json_key(out, form->members[i].name);
        put_value(known, out, form, &form->members[i]);
    }
    json_close_object(out);
}

static void put_value(const struct known *known, struct json_out *out, const struct bind_form *form,
                      const struct bind_member *member)
{
    const char *value = usual_value(form, member);
    if (value != NULL && value[0] == '@') {
        json_put_str(out, id_for(known, value + 1));
        return;
    }
    if (value != NULL) {
        json_put_raw(out, str_from(value));
        return;
    }
    switch (member->type) {
    case BIND_TEXT:
        json_put_text(out, "x");
        return;
    case BIND_ID:
        json_put_str(out, id_for(known, member->name));
        return;
    case BIND_INSTANT:
        json_put_text(out, "2026-03-01T09:00:00Z");
        return;
    case BIND_BOOL:
        json_put_bool(out, true);
        return;
    case BIND_U32:
    case BIND_U64:
        json_put_u64(out, 1);
        return;
    case BIND_IDS:
        json_open_array(out);
        if (known->person.len > 0)
            json_put_str(out, id_for(known, member->name));
        json_close_array(out);
        return;
    case BIND_TEXTS:
    case BIND_OBJECTS:
        json_open_array(out);
        json_close_array(out);
        return;
    case BIND_MAP:
        json_open_object(out);
        json_key(out, "contact.email");
        json_put_text(out, "a@example.org");
        json_close_object(out);
        return;
    case BIND_OBJECT:
        put_object(known, out, member->form);
        return;
    case BIND_JSON:
        break;
    }
    assert(false); /* a request holds a member that only replies may hold */
}

str least_body(const struct known *known, const struct route *route)
{
    if (route->request == NULL)
        return STR("");
    struct buf buf = buf_in(known->arena, BODY_BYTES);
    struct json_out out = json_out_over(&buf);
    put_object(known, &out, route->request);
    return buf_str(&buf);
}

/* ---- members at any depth ---- */

struct walking {
    const struct known *known;
    const struct route *route;
    void (*visit)(void *self, const struct place_in_body *place);
    void *self;
};

/* `{` and every required member but the one that is attacked, with a comma after each. */
static str others(const struct known *known, const struct bind_form *form, size_t but)
{
    struct buf buf = buf_in(known->arena, BODY_BYTES);
    buf_char(&buf, '{');
    for (size_t i = 0; i < form->count; i++) {
        if (i == but || !is_put(form, &form->members[i]))
            continue;
        struct json_out out = json_out_over(&buf);
        json_put_text(&out, form->members[i].name);
        buf_char(&buf, ':');
        struct json_out value = json_out_over(&buf);
        put_value(known, &value, form, &form->members[i]);
        buf_char(&buf, ',');
    }
    return buf_str(&buf);
}

static void walk_form(const struct walking *walking, const struct bind_form *form, str before,
                      str after, str pointer)
{
    struct arena *arena = walking->known->arena;
    for (size_t i = 0; i < form->count; i++) {
        const struct bind_member *member = &form->members[i];
        bool list = member->type == BIND_OBJECTS;
        struct place_in_body place = {
            .route = walking->route,
            .member = member,
            .pointer = arena_format(arena, "%.*s/%s", STR_ARG(pointer), member->name),
            .before = arena_format(arena, "%.*s%.*s\"%s\":", STR_ARG(before),
                                   STR_ARG(others(walking->known, form, i)), member->name),
            .after = arena_format(arena, "}%.*s", STR_ARG(after))};
        walking->visit(walking->self, &place);
        if (list || member->type == BIND_OBJECT)
            walk_form(walking, member->form,
                      arena_format(arena, "%.*s%s", STR_ARG(place.before), list ? "[" : ""),
                      arena_format(arena, "%s%.*s", list ? "]" : "", STR_ARG(place.after)),
                      arena_format(arena, "%.*s%s", STR_ARG(place.pointer), list ? "/0" : ""));
    }
}

void each_member(const struct known *known, const struct route *route,
                 void (*visit)(void *self, const struct place_in_body *place), void *self)
{
    struct walking walking = {known, route, visit, self};
    if (route->request != NULL)
        walk_form(&walking, route->request, STR(""), STR(""), STR(""));
}
