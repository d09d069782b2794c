/* entry_internal: the one table of an entry's keys, in canonical order, that writing and parsing
 * both follow. */
#ifndef VERN_ENTRY_INTERNAL_H
#define VERN_ENTRY_INTERNAL_H
#include "entry.h"

enum entry_kind {
    ENTRY_WORD,
    ENTRY_WORDS,
    ENTRY_ID,
    ENTRY_TIME,
    ENTRY_HASH,
    ENTRY_COUNT,
    ENTRY_DECISION,
    ENTRY_FORMAT
};

struct entry_field {
    char key[3];
    unsigned char key_length;
    bool required;
    enum entry_kind kind;
    size_t at;     /* where the value lies in struct audit_entry */
    size_t beside; /* of a list: its count; of a hash: whether it is there */
    size_t most;   /* of a list */
};

enum { ENTRY_FIELDS = 26 };
extern const struct entry_field entry_fields[ENTRY_FIELDS];
#endif
