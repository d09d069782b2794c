/* Where the rows of a test's register lie. */
#ifndef VERN_TEST_PLACES_H
#define VERN_TEST_PLACES_H
#include <stdio.h>
#include <stdlib.h>

#include "db.h"

/* In files, or where VERN_TEST_DATABASE says (tests/with_postgres.c), in schemas that are new, and
 * with VERN_TEST_SERVERS for several servers. */
static inline struct db_places fixture_places(str name)
{
    struct db_places places = {0};
    struct report report = {0};
    const char *address = getenv("VERN_TEST_DATABASE");
    for (size_t i = 0; address != NULL && i < LENGTH(places.at); i++) {
        snprintf(places.at[i].space, DB_SPACE_ROOM, "vern_%.*s_%s", STR_ARG(name),
                 i == DB_DATA ? "data" : "keys");
        places.at[i].servers = getenv("VERN_TEST_SERVERS") != NULL;
        if (!is_ok(db_address_take(str_from(address), &places.at[i], &report)) ||
            !is_ok(db_place_drop(&places.at[i], &report)))
            fail_msg("places: %s", report.text);
    }
    return places;
}

/* For what PostgreSQL does with tools of its own: copies of a register, and putting them back. */
static inline bool in_postgres(void)
{
    return getenv("VERN_TEST_DATABASE") != NULL;
}
static inline void only_in_files(void)
{
    if (in_postgres())
        skip();
}

#endif
