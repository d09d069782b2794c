/* The table that web/scripts/build.mjs wrote, or none. */
#include "site.h"

#ifdef VERN_PAGES
#include "pages.inc"
#else
const struct site site_built = {NULL, 0};
#endif
