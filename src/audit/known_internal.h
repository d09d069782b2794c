/* known: manifests that were written or looked into lately, in memory.
 *
 *   root --> lines, sorted, as in its file;  durable: since which flush of the log
 *
 * Whoever looks for one person in what was done to many looks into the same few again and again,
 * and what is asked for the same people every night has the same manifest every night: it is
 * neither opened nor written anew.
 *
 * Holds: what is known lies in a file of the log, too. It is bounded: when it is full it begins
 * anew, and so nothing is lost but time. Handles stand here as they do in the file.
 * Memory: its own. What known_find() gives is valid until the next manifest comes. */
#ifndef VERN_KNOWN_INTERNAL_H
#define VERN_KNOWN_INTERNAL_H
#include "manifest.h"

enum {
    KNOWN_PLACES = 8192, /* at most half of them taken */
    KNOWN_LINES = 4096,  /* of one; longer ones stay in their file */
    KNOWN_BYTES = 4 << 20
};

struct known_manifest {
    merkle_hash root;
    struct manifest_line *lines; /* NULL: the place is free */
    uint32_t count;
    uint64_t flush; /* of the log, by which it is durable with an entry; 0: nobody knows */
};

struct known {
    struct known_manifest *places; /* NULL until the first one */
    size_t count, bytes;
    uint64_t flush; /* the last */
    bool waiting;   /* something for it */
};

/* NULL when it is not known. */
const struct known_manifest *known_find(const struct known *known, const merkle_hash *root);
/* It lies in its file; known_written(): it was written there now, for the next flush. */
void known_add(struct known *known, const merkle_hash *root, const struct manifest_line *lines,
               size_t count);
void known_written(struct known *known, const merkle_hash *root, const struct manifest_line *lines,
                   size_t count);
/* The line of a handle, or NULL. */
const struct manifest_line *known_line(const struct known_manifest *manifest,
                                       const audit_id *handle);
/* It is durable, or the next flush makes it so: it need not be written. */
bool known_kept(const struct known *known, const merkle_hash *root);
/* What was written is durable, with the entries that name it. */
void known_flushed(struct known *known);
/* Entries were taken back, and with them maybe the flush of what they name. */
void known_doubt(struct known *known);
void known_free(struct known *known);
#endif
