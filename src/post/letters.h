/* letters: mail to the people of the registers, a few at a time, each opened when it is sent and
 * wiped when that try is over. */
#ifndef VERN_LETTERS_H
#define VERN_LETTERS_H
#include "mail.h"

struct letters;
struct letters *letters_new(const struct post_config *config, struct transfers *transfers);
void letters_turn(struct letters *letters); /* between turns of the engine */
void letters_free(struct letters **letters);

#endif
