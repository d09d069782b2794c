#include "load_internal.h"
void plan_print(const struct plan *plan, struct buf *out)
{
    buf_add(out, plan->file);
}
