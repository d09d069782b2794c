/* Redis: a hash is a record and ends by itself; sets are the indexes that it does not have; a
 * stream is its audit log, to which every operation adds, reads too. Values lie in the clear.
 *
 * Environment: REDIS_PORT. */
#include <hiredis/hiredis.h>

#include "gdpr.h"

static redisContext *connection;
static struct world *world;
static unsigned owed; /* answers that have not been read */

static void redis_connect(struct world *shared)
{
    world = shared;
    connection = redisConnect("127.0.0.1", (int)strtol(getenv("REDIS_PORT"), NULL, 10));
    BENCH_MUST(connection != NULL && connection->err == 0, "no Redis");
}

static void redis_hang_up(void)
{
    redisFree(connection);
}

static void redis_prepare(struct world *shared)
{
    (void)shared;
}

static redisReply *answer_next(void)
{
    void *reply = NULL;
    BENCH_MUST(redisGetReply(connection, &reply) == REDIS_OK, "Redis: %s", connection->errstr);
    redisReply *answer = reply;
    BENCH_MUST(answer->type != REDIS_REPLY_ERROR, "Redis: %s", answer->str);
    owed--;
    return answer;
}

static void drain(void)
{
    while (owed > 0)
        freeReplyObject(answer_next());
}

#define SAY(...)            (owed++, (void)redisAppendCommand(connection, __VA_ARGS__))
#define LOGGED(what, about) SAY("XADD log * do %s about %u", what, (unsigned)(about))

static const char *share_text(bool shared)
{
    return shared ? "shared" : "kept";
}

static void say_insert(uint32_t n, const char *value)
{
    world->expires[n] = real_ms() + life_of(world, n);
    SAY("HSET key%u pur purpose%u ttl %u usr user%u obj obj%u dec dec%u acl acl%u shr %s src src%u "
        "cat cat%u data %s",
        n, purpose_of(n), (unsigned)(life_of(world, n) / 1000), user_of(n), n % 100, n % 2, n % 10,
        share_text(world->shared[user_of(n)]), n % 10, n % 10, value);
    SAY("PEXPIREAT key%u %llu", n, (unsigned long long)world->expires[n]);
    SAY("SADD user%u %u", user_of(n), n);
    SAY("SADD purpose%u %u", purpose_of(n), n);
    LOGGED("insert", n);
}

static void redis_insert(uint32_t n, const char *value)
{
    say_insert(n, value);
    drain();
}

static void redis_load(struct world *shared, uint32_t worker, uint32_t workers)
{
    char value[VALUE_BYTES + 1];
    for (uint32_t n = 0; n < shared->records; n++) {
        if (purpose_of(n) % workers != worker)
            continue;
        value_of(n, 0, value);
        say_insert(n, value);
        if (owed > DEPTH * 5)
            drain();
    }
    drain();
}

static bool redis_read(uint32_t n, uint32_t purpose, char value[VALUE_BYTES + 1])
{
    char wanted[32];
    (void)snprintf(wanted, sizeof(wanted), "purpose%u", purpose);
    SAY("HMGET key%u pur data", n);
    LOGGED("read", n);
    redisReply *reply = answer_next();
    bool found = reply->element[0]->type == REDIS_REPLY_STRING &&
                 strcmp(reply->element[0]->str, wanted) == 0;
    if (found)
        (void)snprintf(value, VALUE_BYTES + 1, "%s", reply->element[1]->str);
    freeReplyObject(reply);
    drain();
    return found;
}

static bool is_told(const redisReply *told, const char *name, uint32_t number)
{
    return told->type == REDIS_REPLY_STRING && is_field(told->str, told->len, name, number);
}

static bool is_record(redisReply *const *told, uint32_t n)
{
    return is_told(told[0], "purpose", purpose_of(n)) &&
           is_told(told[1], "", (uint32_t)(life_of(world, n) / 1000)) &&
           is_told(told[2], "user", user_of(n)) && told[3]->type == REDIS_REPLY_STRING &&
           strcmp(told[3]->str, share_text(world->shared[user_of(n)])) == 0 &&
           is_told(told[4], "src", n % 10) && is_told(told[5], "cat", n % 10);
}

/* The members of an index, and the metadata of each; what has ended is in the index still. */
static void see_members(const char *index, struct seen *seen)
{
    SAY("SMEMBERS %s", index);
    redisReply *members = answer_next();
    for (size_t i = 0; i < members->elements; i++)
        SAY("HMGET key%s pur ttl usr shr src cat", members->element[i]->str);
    SAY("XADD log * do list about %s", index);
    for (size_t i = 0; i < members->elements; i++) {
        redisReply *fields = answer_next();
        uint32_t n = (uint32_t)strtoul(members->element[i]->str, NULL, 10);
        if (fields->element[0]->type == REDIS_REPLY_STRING) {
            seen->wrong |= !is_record(fields->element, n);
            seen_add(seen, n);
        }
        freeReplyObject(fields);
    }
    freeReplyObject(members);
    drain();
}

static void redis_by_user(uint32_t user, struct seen *seen)
{
    char index[32];
    (void)snprintf(index, sizeof(index), "user%u", user);
    see_members(index, seen);
}

static void redis_by_purpose(uint32_t purpose, struct seen *seen)
{
    char index[32];
    (void)snprintf(index, sizeof(index), "purpose%u", purpose);
    see_members(index, seen);
}

static bool exists(uint32_t n)
{
    SAY("EXISTS key%u", n);
    redisReply *reply = answer_next();
    bool there = reply->integer == 1;
    freeReplyObject(reply);
    return there;
}

/* What is not there must not come to be by a change. */
#define IF_THERE                                                                                   \
    "if redis.call('EXISTS',KEYS[1])==1 then redis.call('HSET',KEYS[1],ARGV[1],ARGV[2]) "
static bool redis_update(uint32_t n, const char *value)
{
    SAY("EVAL %s 1 key%u data %s", IF_THERE "return 1 end return 0", n, value);
    LOGGED("update", n);
    redisReply *reply = answer_next();
    bool changed = reply->integer == 1;
    freeReplyObject(reply);
    drain();
    return changed;
}

static bool redis_delete(uint32_t n)
{
    SAY("DEL key%u", n);
    SAY("SREM user%u %u", user_of(n), n);
    SAY("SREM purpose%u %u", purpose_of(n), n);
    LOGGED("delete", n);
    redisReply *reply = answer_next();
    bool deleted = reply->integer == 1;
    freeReplyObject(reply);
    drain();
    return deleted;
}

static void share_members(const char *index, bool shared)
{
    SAY("SMEMBERS %s", index);
    redisReply *members = answer_next();
    for (size_t i = 0; i < members->elements; i++)
        SAY("EVAL %s 1 key%s shr %s", IF_THERE "end", members->element[i]->str, share_text(shared));
    SAY("XADD log * do share about %s", index);
    drain();
    freeReplyObject(members);
}

static void redis_share_user(uint32_t user, bool shared)
{
    char index[32];
    (void)snprintf(index, sizeof(index), "user%u", user);
    share_members(index, shared);
}

static void redis_share_purpose(uint32_t purpose, bool shared)
{
    char index[32];
    (void)snprintf(index, sizeof(index), "purpose%u", purpose);
    share_members(index, shared);
}

static bool redis_read_log(uint32_t user)
{
    (void)user;
    SAY("XREVRANGE log + - COUNT 100");
    redisReply *reply = answer_next();
    bool some = reply->elements > 0;
    freeReplyObject(reply);
    return some;
}

static bool redis_is_gone(uint32_t n)
{
    bool there = exists(n);
    LOGGED("verify", n);
    drain();
    return !there;
}

static long long info(const char *section, const char *name)
{
    SAY("INFO %s", section);
    redisReply *reply = answer_next();
    const char *at = strstr(reply->str, name);
    long long value = at == NULL ? 0 : atoll(at + strlen(name) + 1);
    freeReplyObject(reply);
    return value / 1024;
}

static void redis_space(void)
{
    printf("| Redis | everything, in memory | %lld |\n", info("memory", "used_memory"));
    printf("| Redis | append-only file | %lld |\n", info("persistence", "aof_current_size"));
}

const struct store store_redis = {
    .name = "Redis",
    .slack_ms = 0,
    .prepare = redis_prepare,
    .connect = redis_connect,
    .hang_up = redis_hang_up,
    .load = redis_load,
    .read = redis_read,
    .by_user = redis_by_user,
    .by_purpose = redis_by_purpose,
    .update = redis_update,
    .share_user = redis_share_user,
    .share_purpose = redis_share_purpose,
    .insert = redis_insert,
    .delete = redis_delete,
    .read_log = redis_read_log,
    .is_gone = redis_is_gone,
    .space = redis_space,
};
