/* Clients whose sign-ins went wrong, by their address: who goes on guessing waits longer and
 * longer, at whichever server. Where two share a place, the later one has it. */
#include "engine_internal.h"

enum {
    CLIENTS_MOST = 1024,
    TRIES = 10, /* wrong ones, each within an hour of the last, before a client waits */
    WAIT_MS = 60000,
    WAIT_MS_MOST = 3600000
};

struct client_wrong {
    uint64_t client; /* of the keyed hash of its address; no address is kept */
    uint64_t wrong;
    instant last, until; /* by the world's clock */
};

static struct client_wrong *all_of(struct reg *reg)
{
    if (reg->clients == NULL)
        reg->clients = ARENA_ARRAY(reg->arena, struct client_wrong, CLIENTS_MOST);
    return reg->clients;
}

struct brief_array reg_clients_brief(struct reg *reg)
{
    return (struct brief_array){"clients",    all_of(reg), sizeof(struct client_wrong),
                                CLIENTS_MOST, NULL,        NULL};
}

/* Its place; `makes` takes it for who is not found there. */
static struct client_wrong *client_of(struct reg *reg, str address, bool makes, bool *found)
{
    blind tag;
    uint64_t hash;
    instant now = world_now(reg->world);
    if (all_of(reg) == NULL)
        return NULL;
    keys_tag(vault_keys(reg->vault), STR("client"), address, &tag);
    memcpy(&hash, tag.bytes, sizeof(hash));
    struct client_wrong *client = &reg->clients[hash % CLIENTS_MOST];
    *found = client->client == hash && now.ms - client->last.ms <= WAIT_MS_MOST;
    if (!*found && makes)
        *client = (struct client_wrong){.client = hash};
    return client;
}

bool reg_client_waits(struct reg *reg, str address)
{
    bool found = false;
    const struct client_wrong *client = client_of(reg, address, false, &found);
    return found && before(world_now(reg->world), client->until);
}

void reg_client_went_wrong(struct reg *reg, str address)
{
    bool found;
    struct client_wrong *client = client_of(reg, address, true, &found);
    int64_t wait = WAIT_MS;
    if (client == NULL)
        return;
    client->last = world_now(reg->world);
    client->wrong++;
    for (uint64_t i = TRIES; i < client->wrong && wait < WAIT_MS_MOST; i++)
        wait *= 2;
    if (client->wrong >= TRIES)
        client->until = (instant){client->last.ms + (wait < WAIT_MS_MOST ? wait : WAIT_MS_MOST)};
}
