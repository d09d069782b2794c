/* bench write: durable writes over N connections, each with one write under way, against Vern and
 * against PostgreSQL doing the same work.
 *
 *   bench_write vern CONNECTIONS SECONDS PORT TOKEN IDS
 *   bench_write postgres CONNECTIONS SECONDS IDS      PG_CONNECT in the environment
 *   bench_write erase CONNECTIONS SECONDS PORT TOKEN IDS
 *
 * Prints writes a second, p50 and p99 in microseconds; ends with 1 when what was acknowledged is
 * not all there afterwards. The last erases the second half of the people one after another over a
 * connection of its own, beside writes to the first half, and prints the same of erasing before. */
#include <libpq-fe.h>
#include <sys/epoll.h>

#include "client.h"

enum { CONNECTIONS_MOST = 1024, IDS_MOST = 1 << 17 };

struct line { /* one connection */
    struct client client;
    PGconn *postgres;
    uint64_t sent;
};
static struct line lines[CONNECTIONS_MOST + 1];
static char ids[IDS_MOST][24];
static size_t people, erased, erasable; /* the latter behind the people that are written to */
static uint64_t dice = 7;

static uint64_t roll(uint64_t below)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (dice >> 33) % below;
}

/* ---- Vern: one item collected through an intake ---- */

static void vern_dial(struct line *line, char **words)
{
    client_dial(&line->client, (int)strtol(words[4], NULL, 10), words[5]);
    line->client.controller = "confect";
}

static void vern_send(struct line *line)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "/v1/subjects/%s/collect", ids[roll(people)]);
    client_ask(
        &line->client, "POST", path,
        "{\"intake\":\"forum_post\",\"source\":\"person\",\"channel\":\"web\",\"controller\":"
        "\"confect\",\"values\":{\"content.comment\":\"Et innlegg om ingenting.\"},"
        "\"optional\":[\"content.comment\"],\"supplied\":[\"notice\"]}");
    client_send(&line->client);
}

static bool vern_heard(struct line *line)
{
    struct answer answer;
    client_answer(&line->client, &answer);
    BENCH_MUST(answer.code == 201 &&
                   strstr(answer.body, "\"items\":[{\"field\":\"content.comment\","
                                       "\"id\":\"") != NULL,
               "a write: %d %s", answer.code, answer.body);
    return true;
}

static uint64_t vern_count(void)
{
    struct answer answer;
    client_ask(&lines[0].client, "GET", "/v1/register", NULL);
    client_send(&lines[0].client);
    client_answer(&lines[0].client, &answer);
    const char *at = strstr(answer.body, "\"log_size\":");
    BENCH_MUST(at != NULL, "no size of the log: %s", answer.body);
    return strtoull(at + 11, NULL, 10);
}

/* ---- Vern: the last line erases, the others write ---- */

static const struct line *eraser;

static void erase_dial(struct line *line, char **words)
{
    vern_dial(line, words);
    eraser = line;
}

static void erase_send(struct line *line)
{
    char path[96];
    if (line != eraser) {
        vern_send(line);
        return;
    }
    (void)snprintf(path, sizeof(path), "/v1/subjects/%s/erase", ids[people + erased++]);
    client_ask(&line->client, "POST", path, "{\"warned\":true}");
    client_send(&line->client);
}

static bool erase_heard(struct line *line)
{
    struct answer answer;
    if (line != eraser)
        return vern_heard(line);
    client_answer(&line->client, &answer);
    BENCH_MUST(answer.code == 200 && strstr(answer.body, "\"receipt\":") != NULL,
               "an erasure: %d %s", answer.code, answer.body);
    return true;
}

/* ---- PostgreSQL: a row, its metadata, an audit row, two indexes, one statement ---- */

static void sql(PGconn *postgres, const char *text)
{
    PGresult *result = PQexec(postgres, text);
    BENCH_MUST(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(postgres));
    PQclear(result);
}

/* As many rows of each person as Vern has items of theirs, once, and nothing left to do. */
static void fill(PGconn *postgres)
{
    size_t room = people * sizeof(ids[0]) + 3, at = 0;
    char *list = malloc(room);
    BENCH_MUST(list != NULL, "no memory");
    for (size_t i = 0; i < people; i++)
        at += (size_t)snprintf(list + at, room - at, "%c%s", i == 0 ? '{' : ',', ids[i]);
    (void)snprintf(list + at, room - at, "}");
    const char *values[] = {list, "Et innlegg om ingenting."};
    PGresult *result = PQexecParams(
        postgres,
        "WITH p AS (SELECT unnest($1::text[]) AS person WHERE NOT EXISTS (SELECT FROM items)), "
        "i AS (INSERT INTO items SELECT gen_random_uuid(), person, $2 "
        "FROM p, generate_series(1, 8) RETURNING id, person), "
        "m AS (INSERT INTO metadata SELECT id, 'content.comment', 'user_forum', 'person', 'web', "
        "now() FROM i) "
        "INSERT INTO audit SELECT now(), 'token', 'collect', id, person, 'user_forum' FROM i",
        2, NULL, values, NULL, NULL, 0);
    BENCH_MUST(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(postgres));
    if (strcmp(PQcmdTuples(result), "0") != 0) {
        sql(postgres, "VACUUM ANALYZE");
        sql(postgres, "CHECKPOINT");
    }
    PQclear(result);
    free(list);
}

static void postgres_dial(struct line *line, char **words)
{
    (void)words;
    line->postgres = PQconnectdb(getenv("PG_CONNECT"));
    BENCH_MUST(PQstatus(line->postgres) == CONNECTION_OK, "%s", PQerrorMessage(line->postgres));
    if (line == lines) {
        sql(line->postgres,
            "SET client_min_messages = warning;"
            "CREATE TABLE IF NOT EXISTS items (id uuid PRIMARY KEY, person text, value text);"
            "CREATE INDEX IF NOT EXISTS by_person ON items (person);"
            "CREATE TABLE IF NOT EXISTS metadata (item uuid, field text, purpose text, source text,"
            " channel text, collected timestamptz);"
            "CREATE TABLE IF NOT EXISTS audit (at timestamptz, actor text, action text, item uuid,"
            " person text, purpose text)");
        fill(line->postgres);
    }
    PGresult *made = PQprepare(
        line->postgres, "write",
        "WITH i AS (INSERT INTO items VALUES (gen_random_uuid(), $1, $2) RETURNING id), "
        "m AS (INSERT INTO metadata SELECT id, 'content.comment', 'user_forum', 'person', 'web', "
        "now() FROM i) "
        "INSERT INTO audit SELECT now(), 'token', 'collect', id, $1, 'user_forum' FROM i",
        0, NULL);
    BENCH_MUST(PQresultStatus(made) == PGRES_COMMAND_OK, "%s", PQerrorMessage(line->postgres));
    PQclear(made);
}

static void postgres_send(struct line *line)
{
    const char *values[] = {ids[roll(people)], "Et innlegg om ingenting."};
    BENCH_MUST(PQsendQueryPrepared(line->postgres, "write", 2, values, NULL, NULL, 0) == 1, "%s",
               PQerrorMessage(line->postgres));
}

static bool postgres_heard(struct line *line)
{
    BENCH_MUST(PQconsumeInput(line->postgres) == 1, "%s", PQerrorMessage(line->postgres));
    PGresult *result;
    while (PQisBusy(line->postgres) == 0) {
        if ((result = PQgetResult(line->postgres)) == NULL)
            return true;
        BENCH_MUST(strcmp(PQcmdTuples(result), "1") == 0, "%s", PQerrorMessage(line->postgres));
        PQclear(result);
    }
    return false;
}

static uint64_t postgres_count(void)
{
    PGresult *result = PQexec(lines[0].postgres,
                              "SELECT count(*) FROM items JOIN metadata ON item = id JOIN audit "
                              "ON audit.item = id");
    uint64_t count = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return count;
}

/* ---- the run ---- */

struct target {
    void (*dial)(struct line *line, char **words);
    void (*send)(struct line *line);
    bool (*heard)(struct line *line);
    uint64_t (*count)(void);
};
static const struct target VERN = {vern_dial, vern_send, vern_heard, vern_count};
static const struct target ERASE = {erase_dial, erase_send, erase_heard, vern_count};
static const struct target POSTGRES = {postgres_dial, postgres_send, postgres_heard,
                                       postgres_count};

static int fd_of(const struct line *line)
{
    return line->postgres != NULL ? PQsocket(line->postgres) : line->client.fd;
}

static void send_on(const struct target *target, struct line *line)
{
    line->sent = now_ns();
    target->send(line);
}

/* Samples of writes, and of erasures. */
static size_t run(const struct target *target, size_t connections, uint64_t until, int poll,
                  struct samples samples[2])
{
    struct epoll_event events[64];
    size_t under_way = connections;
    for (size_t i = 0; i < connections; i++)
        send_on(target, &lines[i]);
    while (under_way > 0) {
        int count = epoll_wait(poll, events, 64, 10000);
        BENCH_MUST(count > 0, "no answer in ten seconds");
        for (int i = 0; i < count; i++) {
            struct line *line = events[i].data.ptr;
            if (!target->heard(line))
                continue;
            bool one_erased = line == eraser;
            samples_add(&samples[one_erased], now_ns() - line->sent);
            if (now_ns() < until && (!one_erased || erased < erasable))
                send_on(target, line);
            else
                under_way--;
        }
    }
    return samples[0].count + samples[1].count;
}

static void print_samples(struct samples *samples, double seconds)
{
    samples_sort(samples);
    printf("%.0f %.0f %.0f\n", (double)samples->count / seconds,
           (double)samples_at(samples, 0.5) / 1e3, (double)samples_at(samples, 0.99) / 1e3);
    free(samples->at);
}

static void read_ids(const char *path)
{
    FILE *file = fopen(path, "r");
    while (file != NULL && people < IDS_MOST && fscanf(file, "%23s", ids[people]) == 1)
        people++;
    BENCH_MUST(people > 0 && people < IDS_MOST, "no people in %s, or too many", path);
    fclose(file);
}

int main(int count, char **words)
{
    BENCH_MUST(count >= 5, "vern|postgres|erase CONNECTIONS SECONDS ...");
    const struct target *target = strcmp(words[1], "vern") == 0    ? &VERN
                                  : strcmp(words[1], "erase") == 0 ? &ERASE
                                                                   : &POSTGRES;
    size_t connections = strtoul(words[2], NULL, 10) + (target == &ERASE);
    uint64_t length = (uint64_t)(strtod(words[3], NULL) * 1e9);
    int poll = epoll_create1(0);
    BENCH_MUST(connections >= 1 && connections <= sizeof(lines) / sizeof(lines[0]),
               "too many connections");
    read_ids(words[count - 1]);
    if (target == &ERASE) {
        erasable = people / 2;
        people -= erasable;
    }
    for (size_t i = 0; i < connections; i++) {
        target->dial(&lines[i], words);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &lines[i]};
        BENCH_MUST(epoll_ctl(poll, EPOLL_CTL_ADD, fd_of(&lines[i]), &event) == 0, "no epoll");
    }
    struct samples samples[2] = {samples_new(1 << 16), samples_new(IDS_MOST)};
    uint64_t before = target->count(), from = now_ns();
    size_t done = run(target, connections, from + length, poll, samples);
    double seconds = (double)(now_ns() - from) / 1e9;
    uint64_t now_there = target->count() - before;
    BENCH_MUST(now_there >= done, "%zu were acknowledged, %llu are there", done,
               (unsigned long long)now_there);
    if (target == &ERASE)
        print_samples(&samples[1], seconds);
    print_samples(&samples[0], seconds);
    return 0;
}
