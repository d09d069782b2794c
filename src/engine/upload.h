/* upload: a value in parts that was asked for, and comes (file.c).
 *
 *   place    id, whose, of which token, since when      LIMIT_UPLOADS of them, known to all servers
 *   row      what the request said, sealed              where another server may take it
 *   upload   what the request said, bytes that come     in the memory of the one that takes it
 *
 * All bytes of a file come in one request, to one server, which makes the key of its parts then:
 * that key lies in its memory only. The row is sealed as the item will be, so that it can be read
 * no longer than that; of a register that one server serves there is none.
 * Holds: one request alone takes an upload. A place whose server died is free again after
 * LIMIT_UPLOAD_IDLE_MS. Start reading at upload_announce(). */
#ifndef VERN_UPLOAD_H
#define VERN_UPLOAD_H
#include "engine_internal.h"
#include "norway.h"

struct upload {
    struct upload *next;     /* of the register's, in this server's memory */
    struct fact_item header; /* its id, field, controller, matter */
    dossier_id token;
    word company;        /* that the request which opened it acted for; 0: not said */
    struct arena *arena; /* of what the request says */
    struct file_open request;
    struct collect_value value; /* the field, without a value */
    struct vault_upload *vault; /* once it was taken */
    char *held,
        *coming; /* the last whole part, searched and not yet written; and the one that comes */
    size_t held_len, coming_len;
    uint64_t seen;
    struct card_file cards, identities;
    bool no_identity; /* an identity number may not stand in it */
};

/* Of this call, with a copy of what the request says. */
MUST_CHECK status upload_new(struct call *call, const struct file_open *request,
                             struct upload **upload);
void upload_free(struct upload *upload);
/* A fault about the copy is about what it was copied from, which the caller knows. */
void upload_about(struct report *report, const struct upload *upload,
                  const struct file_open *request);

MUST_CHECK status upload_room(struct call *call); /* RATE: there is none */
/* It may be taken from now on, at any server; after a fault it is the caller's still. */
MUST_CHECK status upload_announce(struct call *call, struct upload *upload);
/* A part of it came. */
void upload_touch(struct reg *reg, const struct upload *upload);
/* Those that nobody asked after for long are dropped; gives the ids of the others. */
size_t uploads_busy(struct reg *reg, record_id busy[LIMIT_UPLOADS]);
#endif
