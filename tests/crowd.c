/* Many clients at once; see crowd.h. */
#include "crowd.h"

#include <poll.h>
#include <time.h>

uint64_t number_said(const char *name, uint64_t usual)
{
    const char *said = getenv(name);
    uint64_t number = usual;
    if (said != NULL && !str_to_u64(str_from(said), &number))
        fail_msg("%s is no number: %s", name, said);
    return number;
}

void crowd_seed(struct crowd *crowd, const char *name)
{
    uint32_t random;
    world_random(world_real(), &random, sizeof(random));
    crowd->seed = crowd->drawn = number_said(name, random);
}

void pass(uint64_t microseconds)
{
    struct timespec span = {.tv_sec = (time_t)(microseconds / 1000000),
                            .tv_nsec = (long)(microseconds % 1000000) * 1000};
    (void)ppoll(NULL, 0, &span, NULL);
}

uint64_t crowd_draw(struct crowd *crowd, uint64_t below)
{
    uint64_t z = crowd->drawn += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (z ^ z >> 31) % below;
}

static void weigh(struct process *server, const char *purpose)
{
    char body[128];
    (void)snprintf(body, sizeof(body),
                   "{\"type\":\"balancing\",\"purpose\":\"%s\",\"particulars\":"
                   "{\"reference\":\"w 1\"}}",
                   purpose);
    struct answer weighed = post(server, "/v1/evidence", body);
    expect(&weighed, 201);
}

void crowd_begin(struct crowd *crowd, size_t count, uint64_t life, struct process *server)
{
    static char token[256];
    assert_true(count <= CROWD_MOST);
    weigh(server, "support");
    weigh(server, "visiting");
    (void)snprintf(token, sizeof(token), "%.*s", STR_ARG(server->token));
    crowd->count = count;
    crowd->dir = server->dir;
    for (unsigned i = 0; i < count; i++)
        client_begin(&crowd->clients[i], i, crowd->seed + life, token);
}

bool client_may_ask_again(struct client *client)
{
    if (strstr(client->wrong, " is answered 503") == NULL)
        return false;
    client->wrong[0] = '\0';
    client->refused++;
    pass(10000);
    return client->open.op != OP_FILE_OPEN && client->open.op != OP_FILE_SEND;
}

void crowd_start(struct crowd *crowd, void *(*what)(void *client))
{
    for (size_t i = 0; i < crowd->count; i++)
        assert_int_equal(pthread_create(&crowd->threads[i], NULL, what, &crowd->clients[i]), 0);
}

void crowd_join(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++)
        assert_int_equal(pthread_join(crowd->threads[i], NULL), 0);
    for (size_t i = 0; i < crowd->count; i++)
        if (crowd->clients[i].wrong[0] != '\0')
            fail_msg("%s; seed %llu, in %s", crowd->clients[i].wrong,
                     (unsigned long long)crowd->seed, crowd->dir);
}

void crowd_end(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++) {
        struct client *client = &crowd->clients[i];
        crowd->requests += client->requests;
        crowd->acknowledged += client->acknowledged;
        crowd->refused += client->refused;
        crowd->found_done += client->found_done;
        crowd->found_undone += client->found_undone;
        client_end(client);
    }
}
