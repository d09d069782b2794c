/* every_route: for each row of src/api/routes.def a path, and bodies that bind, made from the
 * tables alone, so that what is added tomorrow is attacked tomorrow.
 *
 *   routes.def + forms.c --each_member()--> a place: before + VALUE + after is a whole body
 *
 * Memory: all texts lie in the arena that is given.
 */
#ifndef VERN_TEST_EVERY_ROUTE_H
#define VERN_TEST_EVERY_ROUTE_H
#include "api_internal.h"

/* What stands in the paths and bodies; an empty id is one that nobody has. */
struct known {
    struct arena *arena;
    str reg;    /* the register's public id */
    str person; /* of :id, and of members that ask for a person */
    str record; /* of :record */
    str item, matter, party, place, staff, case_;
};

/* A member at any depth of the body of a route. */
struct place_in_body {
    const struct route *route;
    const struct bind_member *member;
    str pointer;       /* "/identifiers/0/kind" */
    str before, after; /* of its value, in a body that has every required member */
};

extern const char nobodys_id[]; /* 22 characters */

str route_name(struct arena *arena, const struct route *route);
str route_path(const struct known *known, const struct route *route);
/* Every required member; empty when the route takes no body. */
str least_body(const struct known *known, const struct route *route);
void each_member(const struct known *known, const struct route *route,
                 void (*visit)(void *self, const struct place_in_body *place), void *self);
#endif
