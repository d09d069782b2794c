/* brotli: a text in fewer bytes than gzip takes, by libbrotli: the same text gives the same bytes.
 * Memory: the buffer's, and the library's own while it works. Threads: pure. */
#ifndef VERN_BROTLI_H
#define VERN_BROTLI_H
#include "base.h"

/* False, and nothing to use in `buf`, where it has no room. */
bool brotli_pack(str text, struct buf *buf);

#endif
