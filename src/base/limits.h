/* Every limit in the program, in one place. Units are in the names. At a limit the answer is a
 * clear refusal (LIMIT) and nothing is lost. */
#ifndef VERN_LIMITS_H
#define VERN_LIMITS_H
enum {
    LIMIT_POLICY_BYTES = 1 << 20,
    LIMIT_POLICY_DEPTH = 32,
    LIMIT_POLICY_EVENTS = 100000,
    LIMIT_JSON_DEPTH = 32,
    LIMIT_BODY_BYTES = 1 << 20,
    LIMIT_HEADER_BYTES = 16 << 10,
    LIMIT_VALUE_BYTES = 64 << 10,
    LIMIT_FACTS_BYTES = 32 << 10,
    LIMIT_IMPORT_LINE_BYTES = 1 << 20,
    LIMIT_REQUEST_ARENA_BYTES = 16 << 20,
    LIMIT_CONNECTIONS = 4096,
    LIMIT_BATCH_REQUESTS = 1000,
    LIMIT_PAGE_ROWS = 200,
    LIMIT_HEADER_DEADLINE_MS = 10000,
    LIMIT_BODY_DEADLINE_MS = 30000,
    LIMIT_IDLE_MS = 75000
};
#endif
