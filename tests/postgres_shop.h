/* What tests of a real server over a PostgreSQL of its own share.
 *
 *   shop_open(settings) --> vern serve (`server`) --> PostgreSQL (`postgres`)   shop_close
 *
 * A body is JSON in single quotes. What a count is asked of is the server's own database. */
#ifndef VERN_TEST_POSTGRES_SHOP_H
#define VERN_TEST_POSTGRES_SHOP_H
#include "process.h"

#include "postgres_server.h"

static struct postgres_server postgres;
static struct process server;

static inline str json_of(const char *text)
{
    char *copy = arena_take(server.arena, strlen(text) + 1);
    assert_non_null(copy);
    for (size_t i = 0; text[i] != '\0'; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    return (str){copy, strlen(text)};
}

static inline struct answer send_to(str target, const char *body)
{
    return ask(&server, server.token, "POST", target, json_of(body));
}

static inline struct answer about(str id, const char *verb, const char *body)
{
    return send_to(arena_format(server.arena, "/v1/subjects/%.*s/%s", STR_ARG(id), verb), body);
}

/* `sql` asks for one number, and names each table with its schema. */
static inline long counted(const char *sql)
{
    char whole[1024];
    (void)snprintf(whole, sizeof(whole), "SELECT (%s) WHERE ?1::text <> ''", sql);
    return postgres_count(server.database, "public", whole, "x", 1);
}

/* Under policies/example.yaml, whose purpose "support" is weighed already. */
static inline void shop_open(const char *settings)
{
    assert_int_equal(setenv("VERN_TEST_DATABASE", postgres.address, 1), 0);
    process_open(&server, settings);
    struct answer weighed = send_to(STR("/v1/evidence"), "{'type':'balancing','purpose':'support',"
                                                         "'particulars':{'reference':'w 1'}}");
    expect(&weighed, 201);
}

static inline int shop_close(void **state)
{
    (void)state;
    process_close(&server);
    postgres_server_stop(&postgres);
    return 0;
}
#endif
