/* site: the pages of the portal and the console, and what they load, from a table in the binary.
 *
 *   GET /mine/...  /admin/...  --> the one document of each; its script reads the rest of the path
 *   GET /assets/NAME           --> a file of the table, as brotli, gzip or as it is
 *   /consent.js                --> given by the api, with a policy before it (consent_script.c)
 *
 * Holds: only what stands in the table is given, so that no path leads anywhere else; a file with a
 * hash in its name may be kept for ever, a page is asked for anew each time and says by its policy
 * which scripts may run. The table is made from web/ when the binary is built with Node; without it
 * it is empty, and the pages say so.
 * Does not hold: nothing here knows people, tokens or routes, nor looks at a cookie: what a page
 * shows it asks of the API, as anyone may.
 * Memory: the table's bytes are the binary's. Threads: the server's.
 */
#ifndef VERN_SITE_H
#define VERN_SITE_H
#include "http.h"

enum site_form { SITE_PLAIN, SITE_GZIP, SITE_BROTLI, SITE_FORMS };

struct site_file {
    const char *path;   /* "/assets/mine-1f2e.js"; of a page its first part, "/mine" */
    const char *media;  /* with its character set */
    const char *digest; /* of the plain bytes; the entity tags are made of it */
    const char *policy; /* the Content-Security-Policy of a page; NULL: it is none */
    bool immutable;     /* its name changes with its content */
    struct {
        const unsigned char *at, *end;
    } form[SITE_FORMS];
};
struct site {
    const struct site_file *files;
    size_t count;
};
extern const struct site site_built; /* what this binary holds */

/* Answers what lies below /mine, /admin or /assets; false for every other path. */
bool site_handle(const struct site *site, const struct http_request *request,
                 struct http_reply *reply);

/* A file of the table as it is, wherever it is given; empty where there is none. */
str site_plain(const struct site *site, const char *path);

#endif
