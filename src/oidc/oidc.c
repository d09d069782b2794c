/* The relying party: documents of the provider, kept for an hour, and one exchange for each
 * sign-in. */
#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "claims.h"
#include "oidc.h"
#include "post_internal.h"
#include "webhook.h"

enum {
    ANSWER_BYTES = 64 << 10,
    BODY_BYTES = 8 << 10,
    JOB_ARENA_BYTES = 2 << 20,
    KEPT_MS = 3600000,
    ISSUER_BYTES = 512
};

enum stage { STAGE_FREE, STAGE_DISCOVERY, STAGE_TOKEN, STAGE_KEYS };

struct job {
    struct transfer transfer; /* the first member */
    struct oidc *oidc;
    struct oidc_ask *ask;
    enum stage stage;
    bool finishes, keys_again;
    struct curl_slist *headers;
    char url[CLAIMS_URL], body[BODY_BYTES];
    char *answer; /* ANSWER_BYTES */
    size_t answered;
    struct arena *arena;
    str id_token, access_token;
};

struct oidc {
    struct oidc_config config;
    struct transfers *transfers;
    bool local;
    struct provider provider;
    instant provider_until, keys_until;
    struct arena *keys_arena;
    const struct json *keys;
    struct job jobs[OIDC_ASKS_MOST];
};

/* ---- fetching ---- */

static size_t take_body(char *bytes, size_t size, size_t count, void *self)
{
    struct job *job = self;
    size_t length = size * count;
    if (length > ANSWER_BYTES - job->answered)
        return 0;
    memcpy(job->answer + job->answered, bytes, length);
    job->answered += length;
    return length;
}

static size_t take_head(char *bytes, size_t size, size_t count, void *self)
{
    (void)bytes;
    (void)self;
    return size * count;
}

static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct job *job = self;
    const struct oidc_config *config = &job->oidc->config;
    (void)purpose;
    if (!address_allowed(&address->addr, job->oidc->local ? REACH_LOOPBACK : REACH_PUBLIC,
                         config->networks, config->network_count))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool set_limits(CURL *easy, const struct oidc *oidc)
{
    const struct oidc_config *config = &oidc->config;
    return curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, (long)ANSWER_BYTES) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, oidc->local ? "http,https" : "https") ==
               CURLE_OK &&
           (config->ca_file == NULL ||
            curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file) == CURLE_OK);
}

static bool set_request(CURL *easy, struct job *job)
{
    bool posts = job->stage == STAGE_TOKEN;
    bool set = curl_easy_setopt(easy, CURLOPT_URL, job->url) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_USERAGENT, "Vern") == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_HTTPHEADER, job->headers) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_WRITEDATA, job) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, job) == CURLE_OK;
    return set && (!posts || (curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
                              curl_easy_setopt(easy, CURLOPT_POSTFIELDS, job->body) == CURLE_OK));
}

static void let_go(struct job *job)
{
    curl_easy_cleanup(job->transfer.easy);
    curl_slist_free_all(job->headers);
    job->transfer.easy = NULL;
    job->headers = NULL;
    wipe(job->body, sizeof(job->body));
}

static void on_done(struct transfer *transfer, CURLcode result);

static status fetch(struct job *job, enum stage stage, const char *url)
{
    struct report *report = &job->ask->report;
    job->stage = stage;
    job->answered = 0;
    if (url != job->url)
        (void)snprintf(job->url, sizeof(job->url), "%s", url);
    CURL *easy = curl_easy_init();
    job->transfer = (struct transfer){.easy = easy, .done = on_done};
    if (easy == NULL || !set_limits(easy, job->oidc) || !set_request(easy, job)) {
        let_go(job);
        return NO_MEMORY(report);
    }
    status added = transfers_add(job->oidc->transfers, &job->transfer, report);
    if (!is_ok(added))
        let_go(job);
    return added;
}

static status fetch_discovery(struct job *job)
{
    str issuer = job->oidc->config.issuer;
    if (str_ends(issuer, STR("/")))
        issuer.len--;
    (void)snprintf(job->url, sizeof(job->url), "%.*s/.well-known/openid-configuration",
                   STR_ARG(issuer));
    return fetch(job, STAGE_DISCOVERY, job->url);
}

/* ---- texts ---- */

static void put_encoded(struct buf *buf, str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            buf_char(buf, (char)c);
        else
            buf_format(buf, "%%%02X", c);
    }
}

static void put_pair(struct buf *buf, const char *name, str value)
{
    buf_text(buf, name);
    put_encoded(buf, value);
}

static void put_challenge(struct buf *buf, str verifier)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)verifier.ptr, verifier.len);
    buf_base64url(buf, (str){(const char *)hash, sizeof(hash)});
}

/* Separated by spaces, as the request has them. */
static void put_classes(struct buf *buf, str list)
{
    str rest = list, one;
    const char *before_ = "&acr_values=";
    while (rest.len > 0 && str_next(&rest, ',', &one)) {
        put_pair(buf, before_, str_trim(one));
        before_ = "%20";
    }
}

static status where_to_go(struct job *job)
{
    struct oidc_ask *ask = job->ask;
    const struct oidc_config *config = &job->oidc->config;
    const struct provider *provider = &job->oidc->provider;
    struct buf buf = buf_over(ask->url, sizeof(ask->url) - 1);
    str done;
    buf_text(&buf, provider->authorization);
    buf_text(&buf, strchr(provider->authorization, '?') == NULL ? "?" : "&");
    buf_text(&buf, "response_type=code&scope=openid%20profile");
    if (str_is(config->claim, CLAIMS_EMAIL))
        buf_text(&buf, "%20email");
    put_pair(&buf, "&client_id=", config->client);
    put_pair(&buf, "&redirect_uri=", ask->redirect);
    put_pair(&buf, "&state=", ask->state);
    put_pair(&buf, "&nonce=", ask->nonce);
    buf_text(&buf, "&code_challenge_method=S256&code_challenge=");
    put_challenge(&buf, ask->verifier);
    buf_format(&buf, "&max_age=%d", OIDC_PROVEN_SECONDS);
    put_classes(&buf, config->acr);
    TRY(buf_finish(&buf, &ask->report, &done));
    ask->url[done.len] = '\0';
    return OK;
}

static status put_secret(struct job *job)
{
    const struct oidc_config *config = &job->oidc->config;
    char pair[1024], line[1600];
    struct buf plain = buf_over(pair, sizeof(pair)), field = buf_over(line, sizeof(line) - 1);
    str text;
    put_encoded(&plain, config->client);
    buf_char(&plain, ':');
    put_encoded(&plain, config->secret_text);
    buf_text(&field, "Authorization: Basic ");
    buf_base64(&field, buf_str(&plain));
    status fits = buf_finish(&field, &job->ask->report, &text);
    if (is_ok(fits)) {
        line[text.len] = '\0';
        job->headers = curl_slist_append(NULL, line);
        fits = job->headers == NULL ? NO_MEMORY(&job->ask->report) : OK;
    }
    wipe(pair, sizeof(pair));
    wipe(line, sizeof(line));
    return fits;
}

static status fetch_token(struct job *job)
{
    const struct oidc_config *config = &job->oidc->config;
    const struct oidc_ask *ask = job->ask;
    bool basic = config->secret_text.len > 0 && !job->oidc->provider.by_post;
    struct buf buf = buf_over(job->body, sizeof(job->body) - 1);
    str text;
    put_pair(&buf, "grant_type=authorization_code&code=", ask->code);
    put_pair(&buf, "&redirect_uri=", ask->redirect);
    put_pair(&buf, "&code_verifier=", ask->verifier);
    if (!basic)
        put_pair(&buf, "&client_id=", config->client);
    if (!basic && config->secret_text.len > 0)
        put_pair(&buf, "&client_secret=", config->secret_text);
    TRY(buf_finish(&buf, &job->ask->report, &text));
    job->body[text.len] = '\0';
    if (basic)
        TRY(put_secret(job));
    return fetch(job, STAGE_TOKEN, job->oidc->provider.token);
}

/* ---- what came ---- */

static void job_end(struct job *job, status result)
{
    struct oidc_ask *ask = job->ask;
    job->stage = STAGE_FREE;
    job->ask = NULL;
    free(job->answer);
    job->answer = NULL;
    arena_free(&job->arena);
    ask->result = result;
    ask->done(ask);
}

static status take_discovery(struct job *job, str answer)
{
    struct oidc *oidc = job->oidc;
    struct provider_rules rules = {.issuer = oidc->config.issuer, .hosts = oidc->config.hosts};
    struct provider fresh;
    TRY(provider_read(answer, &rules, job->arena, &job->ask->report, &fresh));
    oidc->provider = fresh;
    oidc->provider_until = (instant){world_now(oidc->config.world).ms + KEPT_MS};
    return OK;
}

static status take_keys(struct job *job, str answer)
{
    struct oidc *oidc = job->oidc;
    struct arena *arena = arena_new(JOB_ARENA_BYTES);
    const struct json *keys;
    str kept = arena_copy(arena, answer);
    status result = kept.ptr == NULL ? NO_MEMORY(&job->ask->report)
                                     : keys_read(kept, arena, &job->ask->report, &keys);
    if (!is_ok(result)) {
        arena_free(&arena);
        return result;
    }
    arena_free(&oidc->keys_arena);
    oidc->keys_arena = arena;
    oidc->keys = keys;
    oidc->keys_until = (instant){world_now(oidc->config.world).ms + KEPT_MS};
    return OK;
}

static status take_token(struct job *job, str answer)
{
    str kept = arena_copy(job->arena, answer);
    if (kept.ptr == NULL)
        return NO_MEMORY(&job->ask->report);
    return tokens_read(kept, job->arena, &job->ask->report, &job->id_token, &job->access_token);
}

static status check_token(struct job *job, bool *again)
{
    struct oidc *oidc = job->oidc;
    struct oidc_ask *ask = job->ask;
    struct id_rules rules = {.issuer = oidc->config.issuer,
                             .client = oidc->config.client,
                             .nonce = ask->nonce,
                             .claim = oidc->config.claim,
                             .acr = oidc->config.acr,
                             .amr = oidc->config.amr,
                             .access_token = job->access_token,
                             .now = world_now(oidc->config.world),
                             .since = ask->since,
                             .proven_ms = OIDC_PROVEN_SECONDS * 1000};
    str login;
    bool unknown = false;
    status result = id_token_check(job->id_token, oidc->keys, &rules, job->arena, &ask->report,
                                   &unknown, &login);
    *again = unknown && !job->keys_again;
    if (is_ok(result))
        (void)snprintf(ask->login, sizeof(ask->login), "%.*s", STR_ARG(login));
    return result;
}

static bool keys_there(const struct oidc *oidc)
{
    return oidc->keys != NULL && before(world_now(oidc->config.world), oidc->keys_until);
}

/* An answer that says by whom it is (RFC 9207) is by our provider, or its code is not sent there.
 */
static bool of_our_issuer(const struct job *job)
{
    str said = job->ask->issuer;
    return str_is_empty(said) || str_equal(said, job->oidc->config.issuer);
}

static status not_ours(struct job *job)
{
    return fail(&job->ask->report, FAULT_UNAUTHENTICATED, "the answer is another provider's");
}

/* The next fetch, or the end. */
static void go_on(struct job *job)
{
    struct oidc *oidc = job->oidc;
    bool again = false;
    status result;
    if (!job->finishes) {
        job_end(job, where_to_go(job));
        return;
    }
    if (job->id_token.len == 0) {
        result = of_our_issuer(job) ? fetch_token(job) : not_ours(job);
    } else if (!keys_there(oidc)) {
        job->keys_again = true; /* they are as new as can be */
        result = fetch(job, STAGE_KEYS, oidc->provider.keys);
    } else {
        result = check_token(job, &again);
        if (again) {
            job->keys_again = true;
            job->ask->report = (struct report){0};
            result = fetch(job, STAGE_KEYS, oidc->provider.keys);
        } else {
            job_end(job, result);
            return;
        }
    }
    if (!is_ok(result))
        job_end(job, result);
}

static status take(struct job *job, str answer)
{
    if (job->stage == STAGE_DISCOVERY)
        return take_discovery(job, answer);
    if (job->stage == STAGE_KEYS)
        return take_keys(job, answer);
    return take_token(job, answer);
}

static void on_done(struct transfer *transfer, CURLcode result)
{
    struct job *job = (struct job *)transfer;
    struct report *report = &job->ask->report;
    long code = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
    let_go(job);
    status taken;
    if (result != CURLE_OK)
        taken = fail(report, FAULT_STORE, "the provider cannot be reached, or says too much");
    else if (code != 200)
        taken = fail(report, FAULT_UNAUTHENTICATED, "the provider says no");
    else
        taken = take(job, (str){job->answer, job->answered});
    if (is_ok(taken))
        go_on(job);
    else
        job_end(job, taken);
}

/* ---- asking ---- */

static struct job *free_job(struct oidc *oidc)
{
    for (size_t i = 0; i < OIDC_ASKS_MOST; i++) {
        if (oidc->jobs[i].ask == NULL)
            return &oidc->jobs[i];
    }
    return NULL;
}

static void start(struct oidc *oidc, struct oidc_ask *ask, bool finishes)
{
    struct job *job = free_job(oidc);
    ask->report = (struct report){0};
    char *answer = job == NULL ? NULL : malloc(ANSWER_BYTES);
    if (answer == NULL) {
        ask->result = fail(&ask->report, FAULT_RATE, "%s", fault_text(FAULT_RATE));
        ask->done(ask);
        return;
    }
    *job = (struct job){.oidc = oidc,
                        .ask = ask,
                        .finishes = finishes,
                        .answer = answer,
                        .arena = arena_new(JOB_ARENA_BYTES)};
    if (before(world_now(oidc->config.world), oidc->provider_until)) {
        go_on(job);
        return;
    }
    status begun = fetch_discovery(job);
    if (!is_ok(begun))
        job_end(job, begun);
}

void oidc_begin(struct oidc *oidc, struct oidc_ask *ask)
{
    start(oidc, ask, false);
}

void oidc_finish(struct oidc *oidc, struct oidc_ask *ask)
{
    start(oidc, ask, true);
}

bool oidc_is_local(const struct oidc *oidc)
{
    return oidc->local;
}

/* ---- the whole ---- */

status oidc_new(const struct oidc_config *config, struct report *report, struct oidc **oidc)
{
    struct webhook_url parts;
    if (config->issuer.len >= ISSUER_BYTES || !webhook_url_parse(config->issuer, &parts) ||
        parts.mail || memchr(config->issuer.ptr, '?', config->issuer.len) != NULL)
        return fail(report, FAULT_USAGE,
                    "oidc_issuer is an https address without a query, or http of this machine");
    if (config->client.len == 0 || config->client.len > 256 || config->secret_text.len > 256 ||
        config->claim.len == 0)
        return fail(report, FAULT_USAGE, "oidc_client and oidc_claim are needed with oidc_issuer");
    struct oidc *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    made->config = *config;
    made->local = parts.loopback;
    made->provider_until = made->keys_until = ALWAYS;
    status result = transfers_new(config->loop, report, &made->transfers);
    if (!is_ok(result)) {
        free(made);
        return result;
    }
    *oidc = made;
    return OK;
}

void oidc_free(struct oidc **oidc)
{
    struct oidc *gone = *oidc;
    if (gone == NULL)
        return;
    for (size_t i = 0; i < OIDC_ASKS_MOST; i++) {
        struct job *job = &gone->jobs[i];
        if (job->ask == NULL)
            continue;
        transfers_drop(gone->transfers, &job->transfer);
        let_go(job);
        free(job->answer);
        arena_free(&job->arena);
    }
    transfers_free(&gone->transfers);
    arena_free(&gone->keys_arena);
    free(gone);
    *oidc = NULL;
}
