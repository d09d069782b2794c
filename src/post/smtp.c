/* One message handed to the firm's mail server, over TLS or within this machine. */
#include <stdlib.h>

#include "mail.h"

#include "json.h"

enum { MESSAGE_BYTES = 128 << 10, ADDRESS_BYTES = 512 };
static const char plain[] = "smtp+plain://";

bool smtp_address_valid(str address)
{
    struct webhook_url parts;
    char room[ADDRESS_BYTES];
    static const char *const schemes[] = {"smtps://", "smtp://", plain};
    for (size_t i = 0; i < LENGTH(schemes); i++) {
        str scheme = str_from(schemes[i]);
        if (!str_starts(address, scheme))
            continue;
        int length = snprintf(room, sizeof(room), "https://%.*s", (int)(address.len - scheme.len),
                              address.ptr + scheme.len);
        return length > 0 && (size_t)length < sizeof(room) &&
               memchr(room + 8, '/', (size_t)length - 8) == NULL &&
               memchr(room, '?', (size_t)length) == NULL &&
               webhook_url_parse((str){room, (size_t)length}, &parts) &&
               (parts.loopback || schemes[i] != plain);
    }
    return false;
}

static size_t give_message(char *to, size_t size, size_t count, void *self)
{
    struct hook *hook = self;
    size_t left = hook->message_len - hook->given, room = size * count;
    size_t part = left < room ? left : room;
    memcpy(to, hook->message + hook->given, part);
    hook->given += part;
    return part;
}

static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct hook *hook = self;
    (void)purpose;
    /* A real register's mail goes where the operator says. */
    hook->refused =
        hook->reach == REACH_LOOPBACK && !address_allowed(&address->addr, REACH_LOOPBACK, NULL, 0);
    return hook->refused
               ? CURL_SOCKET_BAD
               : socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- what it says ---- */

/* The whole message, which the try sends from. */
static status smtp_write(struct hook *hook, const struct mail *mail, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(4 * MESSAGE_BYTES);
    struct buf out = buf_in(arena, MESSAGE_BYTES);
    TRY(mail_write(mail, &out, report));
    hook->message_len = out.len;
    hook->message = malloc(out.len);
    if (hook->message == NULL)
        abort();
    memcpy(hook->message, out.ptr, out.len);
    return OK;
}

static str member(const struct json *json, const char *name)
{
    str text = STR("");
    (void)json_str(json_get(json, name), &text);
    return text;
}

static status write_message(struct hook *hook, const struct hook_request *request, str to,
                            struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    const struct json *body;
    char id_room[ID_TEXT];
    struct buf id = buf_over(id_room, sizeof(id_room));
    TRY(json_parse(arena, (str){hook->body, hook->body_len}, report, &body));
    buf_id(&id, request->event.bytes);
    str type = member(body, "type"), of = member(json_get(body, "data"), "id");
    str kind = member(json_get(body, "data"), "kind"), reg = reg_name(request->reg);
    struct mail mail = {.from = str_from(hook->config->smtp_from),
                        .to = to,
                        .id = buf_str(&id),
                        .at = world_now(hook->config->world)};
    mail.subject =
        arena_format(arena, "Vern %.*s: %.*s (%.*s)", STR_ARG(reg), STR_ARG(type), STR_ARG(kind));
    mail.text = arena_format(arena,
                             "Registeret \u00ab%.*s\u00bb melder: %.*s (%.*s), id %.*s, %.*s.\n"
                             "Se etter med vern alarms, vern tasks eller API-et.\n\n"
                             "Register \"%.*s\" tells: %.*s (%.*s), id %.*s, %.*s.\n"
                             "Look with vern alarms, vern tasks or the API.\n",
                             STR_ARG(reg), STR_ARG(type), STR_ARG(kind), STR_ARG(of),
                             STR_ARG(member(body, "timestamp")), STR_ARG(reg), STR_ARG(type),
                             STR_ARG(kind), STR_ARG(of), STR_ARG(member(body, "timestamp")));
    if (mail.subject.ptr == NULL || mail.text.ptr == NULL)
        return NO_MEMORY(report);
    return smtp_write(hook, &mail, report);
}

/* ---- the try ---- */

static bool set_server(CURL *easy, const struct post_config *config)
{
    char url[ADDRESS_BYTES];
    str address = str_from(config->smtp), domain;
    bool open = str_starts(address, str_from(plain));
    const char *host = open ? config->smtp + sizeof(plain) - 1 : config->smtp;
    if (!mail_address_valid(str_from(config->smtp_from), &domain))
        return false;
    /* What stands behind the host is the name by which the server is greeted. */
    int length =
        snprintf(url, sizeof(url), "%s%s/%.*s", open ? "smtp://" : "", host, STR_ARG(domain));
    bool set = length > 0 && (size_t)length < sizeof(url) &&
               curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_USE_SSL,
                                (long)(open ? CURLUSESSL_NONE : CURLUSESSL_ALL)) == CURLE_OK;
    if (set && config->smtp_user != NULL)
        set = curl_easy_setopt(easy, CURLOPT_USERNAME, config->smtp_user) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_PASSWORD, config->smtp_password) == CURLE_OK;
    return set;
}

static bool set_message(CURL *easy, struct hook *hook, str to)
{
    char from[300], rcpt[300];
    (void)snprintf(from, sizeof(from), "<%s>", hook->config->smtp_from);
    (void)snprintf(rcpt, sizeof(rcpt), "<%.*s>", STR_ARG(to));
    hook->headers = curl_slist_append(NULL, rcpt);
    return hook->headers != NULL && curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, hook->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_message) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_READDATA, hook) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, hook) == CURLE_OK;
}

static status begin(struct transfers *transfers, struct hook *hook, str to, struct report *report)
{
    CURL *easy = curl_easy_init();
    hook->given = 0;
    hook->transfer.easy = easy;
    if (easy == NULL || !hook_set_limits(easy, hook) || !set_server(easy, hook->config) ||
        !set_message(easy, hook, to)) {
        hook_let_go(hook);
        return NO_MEMORY(report);
    }
    status added = transfers_add_apart(transfers, &hook->transfer, report);
    if (!is_ok(added))
        hook_let_go(hook);
    return added;
}

status mail_begin(struct transfers *transfers, struct hook *hook,
                  const struct hook_request *request, struct report *report)
{
    struct webhook_url parts;
    bool simulated = reg_simulated(request->reg);
    if (!webhook_url_parse(request->url, &parts) || !parts.mail || hook->config->smtp == NULL ||
        (!simulated && !webhook_host_listed(hook->config->hosts, parts.host)))
        return fail(report, FAULT_FORBIDDEN, "mail is not set up, or not to this domain");
    hook->reach = simulated ? REACH_LOOPBACK : REACH_PUBLIC;
    TRY(write_message(hook, request, parts.address, report));
    return begin(transfers, hook, parts.address, report);
}

status mail_send(struct transfers *transfers, struct hook *hook, const struct reg *reg,
                 const struct mail *mail, struct report *report)
{
    hook->reach = reg_simulated(reg) ? REACH_LOOPBACK : REACH_PUBLIC;
    hook->mail = true;
    hook->refused = hook->over = false;
    hook->code = 0;
    hook->headers = NULL;
    hook->message = NULL;
    TRY(smtp_write(hook, mail, report));
    return begin(transfers, hook, mail->to, report);
}
