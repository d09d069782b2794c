/* Vern, over HTTP: a user is a person, a record one of their items, a purpose one of the policy's,
 * what a user shares a role. What lives for less than its purpose keeps it is collected as of an
 * earlier instant, so that it ends when it must. By purpose people are found by the server
 * (/v1/export) and changed together (/v1/batch/roles).
 *
 * Environment: VERN_PORT, VERN_TOKEN, VERN_DATA. */
#include <sys/stat.h>

#include "client.h"
#include "gdpr.h"

enum {
    LOG_ENTRIES = 50, /* as many lines as the 16 KB of its log that PostgreSQL gives */
    PEOPLE = 200      /* as many as may be changed under one entry */
};

static struct client client;
static struct world *world;

static void vern_connect(struct world *shared)
{
    world = shared;
    client_dial(&client, (int)strtol(getenv("VERN_PORT"), NULL, 10), getenv("VERN_TOKEN"));
}

static void vern_hang_up(void)
{
    client_close(&client);
}

static void vern_prepare(struct world *shared)
{
    (void)shared;
}

/* ---- ids ---- */

static size_t place_of(const char *item)
{
    uint64_t hash = 1469598103934665603u;
    for (; *item != '\0'; item++)
        hash = (hash ^ (unsigned char)*item) * 1099511628211u;
    return (size_t)(hash ^ hash >> 29) & (world->table - 1);
}

static void remember(uint32_t n, const char *item)
{
    memcpy(world->item[n], item, strlen(item) + 1);
    for (size_t i = place_of(item);; i = (i + 1) & (world->table - 1)) {
        uint32_t none = 0;
        if (__atomic_compare_exchange_n(&world->record_of[i], &none, n + 1, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
            return;
    }
}

static bool record_of(const char *item, uint32_t *n)
{
    for (size_t i = place_of(item); world->record_of[i] != 0; i = (i + 1) & (world->table - 1)) {
        *n = world->record_of[i] - 1;
        if (strcmp(world->item[*n], item) == 0)
            return true;
    }
    return false;
}

/* ---- asking ---- */

static void ask(const char *method, const char *path, const char *body, struct answer *answer)
{
    client_ask(&client, method, path, body);
    client_send(&client);
    client_answer(&client, answer);
    BENCH_MUST(answer->code < 500, "%s %s: %d %s", method, path, answer->code, answer->body);
}

static void subject_path(char path[96], uint32_t user, const char *what)
{
    (void)snprintf(path, 96, "/v1/subjects/%s%s", world->subject[user], what);
}

static void person_body(uint32_t user, char body[128])
{
    (void)snprintf(body, 128,
                   "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"user%u\"}],"
                   "\"roles\":[\"user\"]}",
                   user);
}

static void person_made(uint32_t user, const struct answer *answer)
{
    BENCH_MUST(answer->code < 300 && json_member(answer->body, "id", world->subject[user], 24) &&
                   json_member(answer->body, "reference", world->reference[user], 24),
               "a person is not made: %d %s", answer->code, answer->body);
}

/* As of which instant: so that the hours that its category is kept end with its life. */
static void collect_body(uint32_t n, const char *value, char body[512])
{
    static const uint32_t HOURS[] = {1, 3, 4, 4, 5, 5, 6, 7, 7, 278};
    uint64_t now = real_ms(), life = life_of(world, n);
    uint64_t at = now + life - HOURS[n % 10] * 3600000ull;
    time_t seconds = (time_t)(at / 1000);
    struct tm day;
    char text[32];
    gmtime_r(&seconds, &day);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &day);
    (void)snprintf(body, 512,
                   "{\"intake\":\"form%u\",\"source\":\"src%u\",\"channel\":\"web\","
                   "\"values\":{\"cat%u.data\":\"%s\"},\"optional\":[\"cat%u.data\"],"
                   "\"at\":\"%s.%03uZ\"}",
                   purpose_of(n), n % 10, n % 10, value, n % 10, text, (unsigned)(at % 1000));
    world->expires[n] = now + life;
}

static void collected(uint32_t n, const struct answer *answer)
{
    char item[24];
    const char *items = strstr(answer->body, "\"items\":");
    BENCH_MUST(answer->code < 300 && json_member(items, "id", item, sizeof(item)),
               "key%u is not taken: %d %s", n, answer->code, answer->body);
    remember(n, item);
}

static void load_people(uint32_t worker, uint32_t workers)
{
    struct answer answer;
    char body[128];
    uint32_t most = world->records < USERS ? (uint32_t)world->records : USERS;
    uint32_t waiting[DEPTH];
    for (uint32_t user = 0, count = 0; user <= most; user++) {
        if (user < most && purpose_of(user) % workers == worker) {
            person_body(user, body);
            client_ask(&client, "POST", "/v1/subjects", body);
            waiting[count++] = user;
        }
        if (count < DEPTH && user < most)
            continue;
        client_send(&client);
        for (uint32_t i = 0; i < count; i++) {
            client_answer(&client, &answer);
            person_made(waiting[i], &answer);
        }
        count = 0;
    }
}

static void vern_load(struct world *shared, uint32_t worker, uint32_t workers)
{
    struct answer answer;
    char body[512], path[96], value[VALUE_BYTES + 1];
    uint32_t waiting[DEPTH];
    load_people(worker, workers);
    for (uint32_t n = 0, count = 0; n <= shared->records; n++) {
        if (n < shared->records && purpose_of(n) % workers == worker) {
            value_of(n, 0, value);
            collect_body(n, value, body);
            subject_path(path, user_of(n), "/collect");
            client_ask(&client, "POST", path, body);
            waiting[count++] = n;
        }
        if (count < DEPTH && n < shared->records)
            continue;
        client_send(&client);
        for (uint32_t i = 0; i < count; i++) {
            client_answer(&client, &answer);
            collected(waiting[i], &answer);
        }
        count = 0;
    }
}

/* ---- operations ---- */

static bool vern_read(uint32_t n, uint32_t purpose, char value[VALUE_BYTES + 1])
{
    struct answer answer;
    char path[96], body[128];
    subject_path(path, user_of(n), "/read");
    (void)snprintf(body, sizeof(body), "{\"purpose\":\"purpose%u\",\"items\":[\"%s\"]}", purpose,
                   world->item[n]);
    ask("POST", path, body, &answer);
    return answer.code == 200 && json_member(answer.body, "value", value, VALUE_BYTES + 1);
}

/* ---- metadata ---- */

static uint32_t two_digits(const char *text)
{
    return (uint32_t)(text[0] - '0') * 10 + (uint32_t)(text[1] - '0');
}

/* "2026-11-27T10:11:12.345Z", or without the part of a second; ms since 1970. */
static uint64_t ms_of(const char *text, size_t length)
{
    uint64_t year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 5);
    uint64_t day = two_digits(text + 8), march = month > 2 ? month - 3 : month + 9;
    year -= month <= 2;
    uint64_t days =
        year * 365 + year / 4 - year / 100 + year / 400 + (153 * march + 2) / 5 + day - 1 - 719468;
    uint64_t seconds = days * 86400 + two_digits(text + 11) * 3600 + two_digits(text + 14) * 60 +
                       two_digits(text + 17);
    return seconds * 1000 +
           (length == 24 ? two_digits(text + 20) * 10 + (uint64_t)(text[22] - '0') : 0);
}

/* The next member of an object, a text; false at its end. What is no text is passed over. */
static bool next_text(const char **at, const char **name, const char **text, size_t *length)
{
    for (const char *c = *at; *c != '\0' && *c != '}'; c++) {
        if (*c == '[')
            c = strchr(c, ']');
        if (*c != '"')
            continue;
        const char *end = strchr(c + 1, '"');
        *name = c + 1;
        c = end + 1;
        if (c[0] != ':' || c[1] != '"')
            continue;
        *text = c + 2;
        end = strchr(*text, '"');
        *length = (size_t)(end - *text);
        *at = end + 1;
        return true;
    }
    return false;
}

/* An item as an answer tells of it: its record, its category, where it came from and when it
 * goes. */
static bool is_record(const char *at, uint32_t *n)
{
    const char *name, *text;
    char id[24];
    size_t length;
    bool found = false, field = false, source = false, end = false;
    while (next_text(&at, &name, &text, &length)) {
        if (memcmp(name, "id\"", 3) == 0 && length < sizeof(id)) {
            memcpy(id, text, length);
            id[length] = '\0';
            found = record_of(id, n);
        } else if (found && memcmp(name, "field\"", 6) == 0 && length > 5) {
            field = is_field(text, length - 5, "cat", *n % 10);
        } else if (found && memcmp(name, "source\"", 7) == 0) {
            source = is_field(text, length, "src", *n % 10);
        } else if (found && memcmp(name, "end\"", 4) == 0) {
            end = ms_of(text, length) == world->expires[*n];
        }
    }
    return field && source && end;
}

/* Every item that an answer names of a person, who shares what they should. */
static void see_items(const char *at, const char *subject, bool shared, struct seen *seen)
{
    for (at = strstr(at, "{\"id\":\""); at != NULL; at = strstr(at + 1, "{\"id\":\"")) {
        uint32_t n = 0;
        bool right = is_record(at + 1, &n);
        const char *owner = world->subject[user_of(n)];
        seen->wrong |= !right || strncmp(subject, owner, strlen(owner)) != 0 ||
                       shared != world->shared[user_of(n)];
        seen_add(seen, n);
    }
}

static void vern_by_user(uint32_t user, struct seen *seen)
{
    struct answer answer;
    char path[96], told[32];
    subject_path(path, user, "");
    ask("GET", path, NULL, &answer);
    BENCH_MUST(answer.code == 200, "user%u: %d", user, answer.code);
    const char *items = strstr(answer.body, "\"items\"");
    bool shared = strstr(answer.body, "\"role\":\"shr\"") != NULL;
    seen->wrong |= shared != world->shared[user];
    see_items(items, world->subject[user], shared, seen);
    (void)snprintf(told, sizeof(told), "[\"purpose%u\"]", purpose_of(user));
    for (size_t i = 0; i < seen->count && items != NULL; i++) {
        items = strstr(items + 1, told);
        seen->wrong |= items == NULL;
    }
}

static void vern_by_purpose(uint32_t purpose, struct seen *seen)
{
    struct answer answer;
    char body[64];
    (void)snprintf(body, sizeof(body), "{\"purpose\":\"purpose%u\",\"without_values\":true}",
                   purpose);
    ask("POST", "/v1/export", body, &answer);
    BENCH_MUST(answer.code == 200 && strstr(answer.body, "\"people\":") != NULL,
               "purpose%u: %d %.200s", purpose, answer.code, answer.body);
    char *rest = NULL;
    for (char *line = strtok_r(answer.body, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        if (strncmp(line, "{\"subject\":\"", 12) == 0)
            see_items(line, line + 12, strstr(line, "\"shr\"") != NULL, seen);
}

static bool vern_update(uint32_t n, const char *value)
{
    struct answer answer;
    char path[96], body[256], item[24];
    subject_path(path, user_of(n), "/rectify");
    (void)snprintf(body, sizeof(body), "{\"item\":\"%s\",\"value\":\"%s\"%s}", world->item[n],
                   value, value[0] == '\0' ? ",\"warned\":true" : "");
    ask("POST", path, body, &answer);
    if (answer.code != 200)
        return false;
    if (value[0] != '\0') {
        BENCH_MUST(json_member(answer.body, "record", item, sizeof(item)), "no new item");
        remember(n, item);
    }
    return true;
}

static bool vern_delete(uint32_t n)
{
    return vern_update(n, "");
}

static const char *share_body(bool shared)
{
    return shared ? "{\"role\":\"shr\"}" : "{\"role\":\"shr\",\"ends\":true,\"warned\":true}";
}

static void vern_share_user(uint32_t user, bool shared)
{
    struct answer answer;
    char path[96];
    subject_path(path, user, "/roles");
    ask("POST", path, share_body(shared), &answer);
    BENCH_MUST(answer.code == 200, "user%u: %d %s", user, answer.code, answer.body);
}

/* Of those whose role there was none to end nothing is changed; 409: of nobody. */
static void vern_share_purpose(uint32_t purpose, bool shared)
{
    struct answer answer;
    char body[PEOPLE * 25 + 128];
    const char *ends = shared ? "" : "\"ends\":true,\"warned\":true,";
    uint32_t most = world->records < USERS ? (uint32_t)world->records : USERS;
    for (uint32_t user = purpose; user < most;) {
        int length = snprintf(body, sizeof(body), "{\"role\":\"shr\",%s\"subjects\":[", ends);
        for (uint32_t count = 0; count < PEOPLE && user < most; count++, user += PURPOSES)
            length += snprintf(body + length, sizeof(body) - (size_t)length, "%s\"%s\"",
                               count == 0 ? "" : ",", world->subject[user]);
        (void)snprintf(body + length, sizeof(body) - (size_t)length, "]}");
        ask("POST", "/v1/batch/roles", body, &answer);
        BENCH_MUST(answer.code == 200 || (!shared && answer.code == 409), "purpose%u: %d %s",
                   purpose, answer.code, answer.body);
    }
}

static void vern_insert(uint32_t n, const char *value)
{
    struct answer answer;
    char path[96], body[512];
    if (world->subject[user_of(n)][0] == '\0') {
        person_body(user_of(n), body);
        ask("POST", "/v1/subjects", body, &answer);
        person_made(user_of(n), &answer);
    }
    collect_body(n, value, body);
    subject_path(path, user_of(n), "/collect");
    ask("POST", path, body, &answer);
    collected(n, &answer);
}

/* As many of the newest entries as the other store gives of its log, but of this person alone. */
static bool vern_read_log(uint32_t user)
{
    struct answer answer;
    char body[128];
    (void)snprintf(body, sizeof(body), "{\"reference\":\"%s\",\"newest\":true,\"limit\":%d}",
                   world->reference[user], LOG_ENTRIES);
    ask("POST", "/v1/history", body, &answer);
    return answer.code == 200 && strstr(answer.body, "\"entries\":[{\"index\":") != NULL &&
           strstr(answer.body, world->reference[user]) != NULL;
}

static bool vern_is_gone(uint32_t n)
{
    struct answer answer;
    char path[96];
    subject_path(path, user_of(n), "");
    ask("GET", path, NULL, &answer);
    return strstr(answer.body, world->item[n]) == NULL;
}

static void vern_space(void)
{
    static const char *const FILES[][2] = {{"data.db", "sealed dossiers, items, their indexes"},
                                           {"data.db-wal", "their journal"},
                                           {"keys.db", "keys, index of identifiers"},
                                           {"keys.db-wal", "their journal"}};
    char path[512];
    struct stat info;
    for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/registers/bench/%s", getenv("VERN_DATA"),
                       FILES[i][0]);
        if (stat(path, &info) == 0)
            printf("| Vern | %s (`%s`) | %lld |\n", FILES[i][1], FILES[i][0],
                   (long long)info.st_size / 1024);
    }
    (void)snprintf(path, sizeof(path), "du -sk '%s/registers/bench/log' | cut -f1",
                   getenv("VERN_DATA"));
    FILE *log = popen(path, "r");
    char size[32] = "?";
    BENCH_MUST(log != NULL && fgets(size, sizeof(size), log) != NULL, "no log");
    pclose(log);
    printf("| Vern | audit log, with its tree (`log/`) | %lld |\n", atoll(size));
}

const struct store store_vern = {
    .name = "Vern",
    .slack_ms = 0,
    .prepare = vern_prepare,
    .connect = vern_connect,
    .hang_up = vern_hang_up,
    .load = vern_load,
    .read = vern_read,
    .by_user = vern_by_user,
    .by_purpose = vern_by_purpose,
    .update = vern_update,
    .share_user = vern_share_user,
    .share_purpose = vern_share_purpose,
    .insert = vern_insert,
    .delete = vern_delete,
    .read_log = vern_read_log,
    .is_gone = vern_is_gone,
    .space = vern_space,
};
