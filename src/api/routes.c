/* Finds a request's route in the table. */
#include <pthread.h> /* first: base.h takes the clock away */

#include "api_internal.h"

static const struct route routes[] = {
#define ROUTE(method, path, handler, scope, request, reply, flags, what)                           \
    {method, path, handler, scope, request, reply, flags, what},
#include "routes.def"
#undef ROUTE
};

size_t route_count(void)
{
    return LENGTH(routes);
}

const struct route *route_at(size_t index)
{
    assert(index < LENGTH(routes));
    return &routes[index];
}

/* One segment against one of the table; ids are looked at, and judged later: a path with a bad id
 * answers like one with an unknown id. */
static bool segment_fits(str pattern, str segment, struct path_match *match)
{
    if (pattern.len == 0 || pattern.ptr[0] != ':')
        return str_equal(pattern, segment);
    bool is_record = str_is(pattern, ":record");
    if (!id_parse(segment, is_record ? match->record.bytes : match->id.bytes))
        match->ids_valid = false;
    return segment.len > 0;
}

/* What is looked at first, and says no for nearly every row: how many parts there are, and the last
 * of them. */
struct shape {
    uint32_t parts; /* 0: any number, for it ends in a rest */
    uint32_t last;  /* a hash; 0: an id or a rest */
};

static struct shape shape_of(str path)
{
    struct shape shape = {.parts = 1, .last = 2166136261U};
    for (size_t i = 0; i < path.len; i++) {
        bool begins = path.ptr[i] == '/';
        shape.parts += begins;
        shape.last = begins ? 2166136261U : (shape.last ^ (unsigned char)path.ptr[i]) * 16777619U;
    }
    shape.last |= 1;
    return shape;
}

static struct shape shapes[LENGTH(routes)];
static pthread_once_t shaped = PTHREAD_ONCE_INIT;

static void shape_all(void)
{
    for (size_t i = 0; i < LENGTH(routes); i++) {
        const char *last = strrchr(routes[i].path, '/') + 1;
        shapes[i] = shape_of(str_from(routes[i].path));
        if (*last == '*')
            shapes[i].parts = 0;
        if (*last == '*' || *last == ':')
            shapes[i].last = 0;
    }
}

static bool may_fit(const struct shape *pattern, const struct shape *path)
{
    return (pattern->parts == 0 || pattern->parts == path->parts) &&
           (pattern->last == 0 || pattern->last == path->last);
}

static bool path_fits(const char *pattern_text, str path, struct path_match *match)
{
    str pattern = str_from(pattern_text), want, have;
    match->ids_valid = true;
    while (str_next(&pattern, '/', &want)) {
        if (str_is(want, "*")) {
            match->rest = path;
            return path.ptr != NULL && path.len > 0;
        }
        if (!str_next(&path, '/', &have) || !segment_fits(want, have, match))
            return false;
    }
    return path.ptr == NULL;
}

static void allow(struct path_match *match, const char *method)
{
    size_t used = strlen(match->allowed);
    if (strstr(match->allowed, method) != NULL ||
        used + strlen(method) + 3 > sizeof(match->allowed))
        return;
    struct buf buf = buf_over(match->allowed + used, sizeof(match->allowed) - used);
    buf_text(&buf, used > 0 ? ", " : "");
    buf_text(&buf, method);
    buf_char(&buf, '\0');
}

static bool find_route(str method, str path, const struct shape *shape, struct path_match *match)
{
    for (size_t i = 0; i < LENGTH(routes); i++) {
        if (!may_fit(&shapes[i], shape) || !str_is(method, routes[i].method))
            continue;
        struct path_match found = {0};
        if (!path_fits(routes[i].path, path, &found))
            continue;
        *match = found;
        match->route = &routes[i];
        match->path_known = true;
        return true;
    }
    return false;
}

void route_match(str method, str path, struct path_match *match)
{
    pthread_once(&shaped, shape_all);
    struct shape shape = shape_of(path);
    *match = (struct path_match){0};
    if (find_route(str_is(method, "HEAD") ? STR("GET") : method, path, &shape, match))
        return;
    for (size_t i = 0; i < LENGTH(routes); i++) {
        struct path_match ignored = {0};
        if (!may_fit(&shapes[i], &shape) || !path_fits(routes[i].path, path, &ignored))
            continue;
        match->path_known = true;
        allow(match, routes[i].method);
    }
}

/* ---- what it is counted as ---- */

enum { CLASS_NONE, CLASS_PUBLIC, CLASS_SESSION, CLASS_ANY, CLASS_SCOPES };

/* A route of several scopes counts as the first of them. */
unsigned route_class(const struct route *route)
{
    if (route == NULL)
        return CLASS_NONE;
    if ((route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) != 0)
        return CLASS_PUBLIC;
    if ((route->flags & ROUTE_SIGNED_IN) != 0)
        return CLASS_SESSION;
    for (unsigned i = 0; CLASS_SCOPES + i < API_CLASSES; i++) {
        if ((route->scope >> i & 1) != 0)
            return CLASS_SCOPES + i;
    }
    return CLASS_ANY;
}

str api_class_name(unsigned class)
{
    static const char *const names[] = {"none", "public", "session", "any"};
    static_assert((1u << (API_CLASSES - CLASS_SCOPES)) - 1 == SCOPE_ALL, "a class for each scope");
    assert(class < API_CLASSES);
    return class < CLASS_SCOPES ? str_from(names[class])
                                : scope_name((enum scope)(1u << (class - CLASS_SCOPES)));
}
