/* schema: the policy language as JSON Schema (draft 7), for completion and checks in editors.
 *
 *   vocabulary.def --policy_schema_print()--> docs/policy.schema.json
 *
 * Does not hold: a file that fits the schema may still name what is not there; vern check says so.
 */
#ifndef VERN_SCHEMA_H
#define VERN_SCHEMA_H
#include "base.h"

/* Writes the whole document; about 100 KB. */
void policy_schema_print(struct buf *out);

#endif
