/* Preloaded into a server (LD_PRELOAD), it makes each of its turns in PostgreSQL serializable,
 * where Vern asks for READ COMMITTED: conflicts that no isolation of ours raises are then raised by
 * the database itself. */
#include <dlfcn.h>
#include <libpq-fe.h>
#include <string.h>

typedef int query(PGconn *, const char *, int, const Oid *, const char *const *, const int *,
                  const int *, int);

__attribute__((visibility("default"))) int
PQsendQueryParams(PGconn *to, const char *sql, int count, const Oid *types,
                  const char *const *values, const int *lengths, const int *formats, int as)
{
    static const char weaker[] = "BEGIN ISOLATION LEVEL READ COMMITTED ";
    query *real = NULL;
    void *found = dlsym(RTLD_NEXT, "PQsendQueryParams");
    memcpy(&real, &found, sizeof(real)); /* C has no cast from an object to a function */
    if (strncmp(sql, weaker, sizeof(weaker) - 1) == 0)
        sql = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
    return real(to, sql, count, types, values, lengths, formats, as);
}
