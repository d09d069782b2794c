#include <arpa/inet.h>
#include <cjose/cjose.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "provider.h"

enum { ROOM = 8192, ANSWER = 16384, ENDLESS_PIECES = 4096 };

static cjose_jwk_t *new_key(void)
{
    cjose_err error;
    uint8_t exponent[] = {1, 0, 1};
    cjose_jwk_t *key = cjose_jwk_create_RSA_random(2048, exponent, sizeof(exponent), &error);
    if (key == NULL)
        abort();
    return key;
}

static void send_all(int client, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(client, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        count -= (size_t)sent;
    }
}

static void answer(int client, const char *line, const char *body)
{
    char head[512];
    int length = snprintf(head, sizeof(head),
                          "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                          line, strlen(body));
    send_all(client, head, (size_t)length);
    send_all(client, body, strlen(body));
}

/* ---- tokens ---- */

static void put_claims(const struct provider_double *provider, char *out, size_t size)
{
    enum trick trick = provider->trick;
    int64_t expires = provider->now + (trick == TRICK_EXPIRED ? -3600 : 300);
    int64_t proven = provider->now - (trick == TRICK_OLD_PROOF ? 86400 : 1);
    char nonce[96] = "";
    if (trick != TRICK_NO_NONCE)
        (void)snprintf(nonce, sizeof(nonce), "\"nonce\":\"%s%s\",", provider->nonce,
                       trick == TRICK_NONCE ? "x" : "");
    (void)snprintf(out, size,
                   "{\"iss\":\"%s%s\",\"sub\":\"17\",\"aud\":\"%s\",\"exp\":%lld,\"iat\":%lld,%s"
                   "\"auth_time\":%lld,\"preferred_username\":\"%s\"}",
                   provider->issuer, trick == TRICK_ISSUER ? "/other" : "",
                   trick == TRICK_AUDIENCE ? "other" : "vern", (long long)expires,
                   (long long)provider->now, nonce, (long long)proven,
                   trick == TRICK_LOGIN ? "olga@example.org" : provider->login);
}

static void put_signed(const struct provider_double *provider, const char *claims, char *out,
                       size_t size)
{
    cjose_err error;
    const char *text;
    cjose_header_t *header = cjose_header_new(&error);
    const char *kid = provider->trick == TRICK_KID ? "nowhere" : provider->kid;
    if (!cjose_header_set(header, CJOSE_HDR_ALG, "RS256", &error) ||
        !cjose_header_set(header, CJOSE_HDR_KID, kid, &error))
        abort();
    cjose_jws_t *jws =
        cjose_jws_sign(provider->trick == TRICK_SIGNATURE ? provider->other : provider->key, header,
                       (const uint8_t *)claims, strlen(claims), &error);
    if (jws == NULL || !cjose_jws_export(jws, &text, &error))
        abort();
    (void)snprintf(out, size, "%s", text);
    cjose_jws_release(jws);
    cjose_header_release(header);
}

static void put_unsigned(const char *claims, char *out, size_t size)
{
    struct buf buf = buf_over(out, size - 1);
    buf_base64url(&buf, STR("{\"alg\":\"none\"}"));
    buf_char(&buf, '.');
    buf_base64url(&buf, str_from(claims));
    buf_char(&buf, '.');
    out[buf.len] = '\0';
}

static void endless(int client)
{
    static char filler[64 << 10];
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"";
    memset(filler, 'a', sizeof(filler));
    send_all(client, head, sizeof(head) - 1);
    for (int i = 0; i < ENDLESS_PIECES; i++) {
        if (send(client, filler, sizeof(filler), MSG_NOSIGNAL) <= 0)
            return;
    }
}

static void give_token(struct provider_double *provider, int client)
{
    char claims[1024], token[4096], body[ANSWER];
    provider->tokens++;
    put_claims(provider, claims, sizeof(claims));
    if (provider->trick == TRICK_ALG_NONE)
        put_unsigned(claims, token, sizeof(token));
    else
        put_signed(provider, claims, token, sizeof(token));
    (void)snprintf(body, sizeof(body),
                   "{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"%s\":\"%s\"}",
                   provider->trick == TRICK_NO_TOKEN ? "no_token" : "id_token", token);
    if (provider->trick == TRICK_FAULT)
        answer(client, "500 No", body);
    else if (provider->trick == TRICK_NO_JSON)
        answer(client, "200 OK", "<html>");
    else if (provider->trick == TRICK_REDIRECT)
        answer(client, "302 Found\r\nLocation: /elsewhere", body);
    else if (provider->trick == TRICK_ENDLESS)
        endless(client);
    else if (strstr(provider->asked, "code=used") != NULL)
        answer(client, "400 Bad Request", "{\"error\":\"invalid_grant\"}");
    else
        answer(client, "200 OK", body);
}

static void give_keys(struct provider_double *provider, int client)
{
    static char body[256 << 10];
    cjose_err error;
    char *text = cjose_jwk_to_json(provider->key, false, &error);
    provider->keys++;
    if (provider->trick == TRICK_HUGE_KEYS) {
        memset(body, ' ', sizeof(body) - 1);
        memcpy(body, "{\"keys\":[", 9);
        memcpy(body + sizeof(body) - 3, "]}", 3);
    } else {
        (void)snprintf(body, sizeof(body), "{\"keys\":[%.*s,\"kid\":\"%s\",\"use\":\"sig\"}]}",
                       (int)strlen(text) - 1, text, provider->kid);
    }
    free(text);
    answer(client, "200 OK", body);
}

static void give_discovery(struct provider_double *provider, int client)
{
    char body[1024];
    const char *at = provider->issuer;
    provider->discoveries++;
    (void)snprintf(body, sizeof(body),
                   "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/auth\","
                   "\"token_endpoint\":\"%s/token\",\"jwks_uri\":\"%s/keys\","
                   "\"code_challenge_methods_supported\":[\"S256\"]}",
                   at, at, at, at);
    answer(client, "200 OK", body);
}

/* ---- connections ---- */

/* The head, and as much of a body as it says. */
static void read_request(int client, char *room, size_t size)
{
    size_t count = 0;
    for (;;) {
        ssize_t got = recv(client, room + count, size - 1 - count, 0);
        if (got <= 0)
            return;
        count += (size_t)got;
        room[count] = '\0';
        const char *end = strstr(room, "\r\n\r\n"), *length = strstr(room, "Content-Length: ");
        size_t body = length == NULL ? 0 : strtoul(length + 16, NULL, 10);
        if (end != NULL && count >= (size_t)(end - room) + 4 + body)
            return;
    }
}

static void serve_one(struct provider_double *provider, int client)
{
    char room[ROOM] = "";
    read_request(client, room, sizeof(room));
    if (strncmp(room, "POST /token ", 12) == 0) {
        memcpy(provider->asked, room, sizeof(room));
        if (provider->trick == TRICK_SILENT)
            (void)recv(client, room, sizeof(room), 0); /* until it gives up */
        else
            give_token(provider, client);
    } else if (strncmp(room, "GET /keys ", 10) == 0) {
        give_keys(provider, client);
    } else if (strncmp(room, "GET /.well-known/openid-configuration ", 38) == 0) {
        give_discovery(provider, client);
    } else if (room[0] != '\0') {
        provider->elsewhere++;
        answer(client, "404 Not Found", "{}");
    }
}

static void *serve(void *self)
{
    struct provider_double *provider = self;
    int client;
    while ((client = accept(provider->socket, NULL, NULL)) >= 0) {
        serve_one(provider, client);
        close(client);
    }
    return NULL;
}

void provider_open(struct provider_double *provider)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    memset(provider, 0, sizeof(*provider));
    provider->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (provider->socket < 0 ||
        bind(provider->socket, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(provider->socket, 16) != 0 ||
        getsockname(provider->socket, (struct sockaddr *)&address, &length) != 0)
        abort();
    provider->port = ntohs(address.sin_port);
    (void)snprintf(provider->issuer, sizeof(provider->issuer), "http://127.0.0.1:%u",
                   provider->port);
    provider->key = new_key();
    provider->other = new_key();
    (void)snprintf(provider->kid, sizeof(provider->kid), "key-1");
    if (pthread_create(&provider->thread, NULL, serve, provider) != 0)
        abort();
}

void provider_rotate(struct provider_double *provider)
{
    cjose_jwk_release(provider->key);
    provider->key = new_key();
    (void)snprintf(provider->kid, sizeof(provider->kid), "key-2");
}

void provider_close(struct provider_double *provider)
{
    shutdown(provider->socket, SHUT_RDWR);
    pthread_join(provider->thread, NULL);
    close(provider->socket);
    cjose_jwk_release(provider->key);
    cjose_jwk_release(provider->other);
}
