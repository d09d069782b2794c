/* norway: numbers of Norway's registers, checked; and card numbers, found in running text.
 *
 * Holds: these functions answer yes or no and keep nothing but what you hand them. They derive no
 * sex, no year of birth and no origin.
 */
#ifndef VERN_NORWAY_H
#define VERN_NORWAY_H

#include "base.h"

/* Eleven digits with both check digits right, by the rule until 2031 or by the one from 2032 (where
 * the first remainder may be 0 to 3), and a day that exists. D-numbers add 40 to the day, numbers
 * of synthetic test persons 80 to the month. */
bool foedselsnummer_is_valid(str digits);
/* Valid, and of a synthetic test person. */
bool foedselsnummer_is_synthetic(str digits);
/* Nine digits with the check digit right. */
bool organisasjonsnummer_is_valid(str digits);

enum { CARD_DIGITS_MOST = 19, CARD_DIGITS_LEAST = 13 };

/* What a search remembers between two pieces of a text. Starts zeroed; holds digits, so wipe it. */
struct card_search {
    char digits[CARD_DIGITS_MOST]; /* the latest ones */
    uint32_t group_starts;         /* a bit for each of them that starts a group */
    unsigned char count;
    unsigned char separators; /* bytes since the latest digit */
    unsigned char wide;       /* bytes of a full-width character that came so far */
    bool identity;            /* an identity number is looked for, and no card number */
    bool found;
};

/* Looks in the next piece of a text for a card number: 13 to 19 digits of a length that their
 * issuer's prefix has, with a right Luhn digit, in whole groups of digits between which stand a
 * few spaces, dots, hyphens, slashes or line ends; full-width digits (U+FF10 on) are digits. A
 * number may begin in one piece and end in another. Answers true from the first find on. A number
 * that only a border cuts to a valid length is found as well: rather one refusal too many. */
bool card_number_find(str text, struct card_search *search);

/* Looks in the next piece of a text for an identity number, real or synthetic: eleven digits, valid
 * as above, that no digit stands beside; whole, or as people part them (17 85 40 10026,
 * 178540-10026, 178540 100 26) by what may stand within a card number. */
bool foedselsnummer_find(str text, struct card_search *search);

/* The same in a file that comes in parts: where a part is text (no control characters; zeros
 * between letters, as in UTF-16, are passed over) all of it is searched, else its two ends only, so
 * that no number hides across an edge. What a format packs or encrypts is not looked into. Starts
 * zeroed. */
struct card_file {
    struct card_search search;
};
bool card_number_find_in_part(str part, struct card_file *file);
bool foedselsnummer_find_in_part(str part, struct card_file *file);

#endif
