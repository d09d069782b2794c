/* archive: one file, encrypted to whoever holds an identity, as a stream of any length.
 *
 *   recipient's key (public) --seals--> stream key --seals--> card, chunk, chunk, ... last chunk
 *
 *   bytes    in an archive, format 1
 *      8     "vernarc1"
 *     16     recipient: BLAKE2b of its public key
 *     80     the stream key, sealed to the recipient (X25519, XSalsa20-Poly1305; libsodium's sealed
 * box) 24     header of the stream (XChaCha20-Poly1305; libsodium's secretstream) 4113     the
 * card: text that says what it is, padded with zeros to 4096; bound to all of the above 65553
 * chunks of 65536, in order; the last may be shorter and is marked as the last
 *
 * Holds: a wrong identity, a byte that was changed, a chunk that was moved, an end that was cut off
 * and bytes that were added are all found, before the last byte is trusted: a file is put in place
 * only when the whole of the archive was good. Does not hold: who wrote it. Anyone who has the
 * recipient's key can make an archive; what is in it is judged by itself, its card and its seals.
 * Memory: two chunks. Threads: all independent. Start reading at archive_seal() in archive.c.
 */
#ifndef VERN_ARCHIVE_H
#define VERN_ARCHIVE_H
#include "base.h"

enum { ARCHIVE_CARD_BYTES = 4096, ARCHIVE_CHUNK_BYTES = 65536 };

struct recipient {
    unsigned char key[32];
};

/* Makes an identity at `path` (mode 0600), unless there is one, and gives its recipient. */
MUST_CHECK status identity_make(const struct world *world, const char *path, struct report *report,
                                struct recipient *recipient);
/* Faults: KEY for what is no identity. */
MUST_CHECK status identity_read(const char *path, struct report *report, secret *identity);
/* "vern-recipient-1-..." with a check sum, so that a slip of the hand is no key. */
void recipient_print(const struct recipient *recipient, struct buf *buf);
MUST_CHECK status recipient_parse(str text, struct report *report, struct recipient *recipient);

struct archive_job {
    const struct world *world;
    const char *from, *to;
};
/* Encrypts the file `from` to the new file `to`. LIMIT when the card is longer than its room. */
MUST_CHECK status archive_seal(const struct archive_job *job, const struct recipient *recipient,
                               str card, struct report *report);
/* Decrypts; `to` NULL: only looks whether it could. The card is in the arena. Faults: KEY when it
 * is for another identity, CORRUPT when it is not whole. */
MUST_CHECK status archive_open(const struct archive_job *job, const secret *identity,
                               struct arena *arena, struct report *report, str *card);

#endif
