/* gzip: a text in fewer bytes, by libarchive: the same text gives the same bytes, as no time and no
 * name is in them. Memory: the buffer's. Threads: pure. */
#ifndef VERN_GZIP_H
#define VERN_GZIP_H
#include "base.h"

/* False, and nothing to use in `buf`, where it has no room. */
bool gzip_pack(str text, struct buf *buf);

#endif
