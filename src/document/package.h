/* package: what a person takes along (article 20), as files that stand by themselves.
 *
 *   data.json        the document "portability", as the API gives it (docs/package-format.md)
 *   import.ndjson    the same as one line that another register imports
 *   csv/CATEGORY.csv one table a category; no cell is a formula
 *   les-meg.html     what this is, in the language (read-me.html)
 *   verify.html      checks manifest, seal and files offline: its script lies in it, asks nobody
 *   files/N-NAME     what she gave as a file: named here, its bytes come part by part (zip.h)
 *   manifest.json    names, sizes and SHA-256 of all of these; sealed by the log's key
 *   manifest.seal    that seal (src/audit/seal.h); the caller makes it
 *
 * Memory: all in the arena.
 */
#ifndef VERN_PACKAGE_H
#define VERN_PACKAGE_H
#include "person.h"

struct package_file {
    str name; /* "csv/contact.csv" */
    str text;
    record_id item; /* of files/: the item whose bytes it is; `text` is empty */
    uint64_t size;
};
struct package {
    LIST(struct package_file) files;
};
/* All but the seal; the manifest is the last. `data` is the document, `text` the same as it stands,
 * `key` the log's verifier key. Faults: INCOMPLETE with what the page lacks, LIMIT. GDPR 20(1) */
MUST_CHECK status package_make(const struct person_ask *ask, str text, str key, struct arena *arena,
                               struct report *report, struct package *package);
/* The page that verifies a receipt or a package, in that language; and the content policy that it
 * is sent with: its one script by its hash, and no connection. */
void verify_page(enum language language, struct arena *arena, struct buf *out);
void verify_page_policy(struct buf *out);

#endif
