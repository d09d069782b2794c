/* One request of a webhook (Standard Webhooks): what is sent, and what may come back. */
#include <stdio.h>
#include <stdlib.h>

#include "mail.h"

enum { CODE_GONE = 410, ANSWER_BYTES = 64 << 10, FIELD_BYTES = 512 };

/* ---- what may come back ---- */

static size_t take_answer(char *bytes, size_t size, size_t count, void *self)
{
    struct hook *hook = self;
    (void)bytes;
    hook->taken += size * count;
    return hook->taken > ANSWER_BYTES ? 0 : size * count;
}

static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct hook *hook = self;
    (void)purpose;
    if (!address_allowed(&address->addr, hook->reach, hook->config->networks,
                         hook->config->network_count)) {
        hook->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- what is sent ---- */

static bool add_field(struct hook *hook, const char *field)
{
    struct curl_slist *longer = curl_slist_append(hook->headers, field);
    if (longer != NULL)
        hook->headers = longer;
    return longer != NULL;
}

static status sign(struct hook *hook, const struct hook_request *request, struct report *report)
{
    char signed_room[HOOK_BODY_BYTES + FIELD_BYTES], room[FIELD_BYTES];
    char id_room[ID_TEXT + 1] = {0};
    struct buf id = buf_over(id_room, ID_TEXT), text = buf_over(signed_room, sizeof(signed_room));
    struct buf field = buf_over(room, sizeof(room) - 1);
    long long seconds = world_now(hook->config->world).ms / 1000;
    str signature;
    buf_id(&id, request->event.bytes);
    buf_format(&text, "%s.%lld.", id_room, seconds);
    buf_add(&text, (str){hook->body, hook->body_len});
    TRY(reg_webhook_sign(request->reg, request->webhook, buf_str(&text), &field, report));
    TRY(buf_finish(&field, report, &signature));
    char line[FIELD_BYTES + 64];
    (void)snprintf(line, sizeof(line), "webhook-id: %s", id_room);
    bool added = add_field(hook, line);
    (void)snprintf(line, sizeof(line), "webhook-timestamp: %lld", seconds);
    added = added && add_field(hook, line);
    (void)snprintf(line, sizeof(line), "webhook-signature: %.*s", STR_ARG(signature));
    added = added && add_field(hook, line) && add_field(hook, "Content-Type: application/json") &&
            add_field(hook, "Expect:");
    return added ? OK : NO_MEMORY(report);
}

bool hook_set_limits(CURL *easy, const struct hook *hook)
{
    return curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)hook->config->timeout_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           (hook->config->ca_file == NULL ||
            curl_easy_setopt(easy, CURLOPT_CAINFO, hook->config->ca_file) == CURLE_OK);
}

static bool set_request(CURL *easy, struct hook *hook, const char *url, bool https)
{
    return curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, https ? "https" : "http") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, hook->body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)hook->body_len) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, hook->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "Vern") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, hook) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_answer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, hook) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, hook) == CURLE_OK;
}

void hook_let_go(struct hook *hook)
{
    curl_easy_cleanup(hook->transfer.easy);
    curl_slist_free_all(hook->headers);
    free(hook->message);
    hook->transfer.easy = NULL;
    hook->headers = NULL;
    hook->message = NULL;
}

static status check_reach(struct hook *hook, const struct hook_request *request,
                          struct report *report, bool *https)
{
    struct webhook_url parts;
    bool simulated = reg_simulated(request->reg);
    bool known = webhook_url_parse(request->url, &parts);
    hook->reach = simulated ? REACH_LOOPBACK : REACH_PUBLIC;
    *https = parts.https;
    if (!known || (!simulated && !webhook_host_listed(hook->config->hosts, parts.host)))
        return fail(report, FAULT_FORBIDDEN, "post_hosts does not name this host");
    return OK;
}

status hook_begin(struct transfers *transfers, struct hook *hook,
                  const struct hook_request *request, struct report *report)
{
    char url[2048] = {0};
    bool https;
    hook->taken = 0;
    hook->refused = false;
    hook->code = 0;
    hook->headers = NULL;
    hook->message = NULL;
    hook->mail = str_starts(request->url, STR("mailto:"));
    if (hook->mail)
        return mail_begin(transfers, hook, request, report);
    TRY(check_reach(hook, request, report, &https));
    if (request->url.len >= sizeof(url))
        return fail(report, FAULT_LIMIT, "an address is too long");
    memcpy(url, request->url.ptr, request->url.len);
    status signed_ = sign(hook, request, report);
    CURL *easy = is_ok(signed_) ? curl_easy_init() : NULL;
    hook->transfer.easy = easy;
    if (!is_ok(signed_)) {
        hook_let_go(hook);
        return signed_;
    }
    if (easy == NULL || !hook_set_limits(easy, hook) || !set_request(easy, hook, url, https)) {
        hook_let_go(hook);
        return NO_MEMORY(report);
    }
    status added = transfers_add(transfers, &hook->transfer, report);
    if (!is_ok(added))
        hook_let_go(hook);
    return added;
}

/* What the status line said counts, also where what followed was too much to read. A mail server's
 * no to this very message is for good (RFC 5321: 5yz); all else of it may be otherwise later. */
bool hook_end(struct hook *hook, CURLcode result)
{
    long code = 0;
    (void)curl_easy_getinfo(hook->transfer.easy, CURLINFO_RESPONSE_CODE, &code);
    hook->code = code > 0 && code < 1000 ? (unsigned)code : 0;
    hook_let_go(hook);
    if (hook->mail) {
        bool about_it = result == CURLE_SEND_ERROR || result == CURLE_WEIRD_SERVER_REPLY;
        hook->over = about_it && hook->code >= 500;
        return result == CURLE_OK && hook->code >= 200 && hook->code < 300;
    }
    hook->over = result == CURLE_OK && hook->code == CODE_GONE;
    return (result == CURLE_OK || result == CURLE_WRITE_ERROR) && hook->code >= 200 &&
           hook->code < 300;
}

void hook_drop(struct transfers *transfers, struct hook *hook)
{
    transfers_drop(transfers, &hook->transfer);
    hook_let_go(hook);
}
