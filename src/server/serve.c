/* Wires the parts and runs the loop. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "limits.h"
#include "monitor.h"
#include "oidc.h"
#include "oplog.h"
#include "post.h"
#include "server.h"
#include "sign_in.h"
#include "site.h"

enum {
    HOSTS_MOST = 64,
    TICK_MS = 250, /* public answers leave on these */
    SECOND_TICKS = 4,
    NETWORKS_MOST = 64,
    SECONDS_MOST = 60,
    DEADLINE_MS_MOST = 3600000,
    ADDRESS_ROOM = 16,
    WAIT_MS = 200 /* between two looks whether another server still serves */
};

struct server {
    const struct settings *settings;
    struct arena *arena;
    struct oplog log;
    struct engine *engine;
    struct api *api;
    struct http_server *http;
    struct post *post;
    struct monitor monitor;
    struct oidc *oidc[SIDES];
};

/* The only state that a signal handler can reach. */
static struct http_server *running, *watched;

static void on_signal(int number)
{
    (void)number;
    if (running != NULL)
        http_server_stop(running);
    if (watched != NULL)
        http_server_stop(watched);
}

static void on_fatal(void *self, const struct report *report)
{
    (void)self;
    _exit(fault_exit(report->fault)); /* nothing more is answered; the next start mends */
}

static void on_wake(void *self)
{
    struct server *server = self;
    http_wake(server->http);
}

static void on_work(void *self, struct http_work *work)
{
    struct server *server = self;
    http_work(server->http, work);
}

static void on_batch_end(void *self)
{
    struct server *server = self;
    api_turn_end(server->api);
}

/* What is told to others comes after the turn that it tells of. */
static void on_rest(void *self)
{
    struct server *server = self;
    api_rest(server->api);
    if (server->post != NULL)
        post_turn(server->post);
}

static void on_handle(void *self, const struct http_request *request, struct http_reply *reply)
{
    struct server *server = self;
    if (!site_handle(&site_built, request, reply))
        api_handle(server->api, request, reply);
}

static bool on_admit(void *self, const struct http_request *request, struct http_reply *reply,
                     struct http_admission *admission)
{
    struct server *server = self;
    return api_admit(server->api, request, reply, admission);
}

static void on_answered(void *self, unsigned class, int code)
{
    struct server *server = self;
    metrics_answered(&server->monitor.metrics, class, code);
}

static void on_turned(void *self, uint64_t nanoseconds)
{
    struct server *server = self;
    metrics_turned(&server->monitor.metrics, nanoseconds);
}

static void on_tick(void *self)
{
    struct server *server = self;
    api_tick(server->api);
}

static void on_say(void *self, const char *event, str register_name)
{
    struct server *server = self;
    struct oplog_pair pair = {"register", register_name};
    oplog(&server->log, "warning", event, &pair, 1);
}

static status number_setting(const struct server *server, enum setting setting, uint64_t most,
                             struct report *report, uint64_t *number)
{
    if (!str_to_u64(server->settings->at[setting], number) || *number == 0 || *number > most)
        return fail(report, FAULT_USAGE, "%s is a number from 1 to %llu",
                    setting_row(setting)->name, (unsigned long long)most);
    return OK;
}

static status read_hosts(struct server *server, struct report *report, struct http_config *config)
{
    str rest = server->settings->at[SET_hosts], host;
    if (rest.len == 0)
        return OK;
    str *hosts = ARENA_ARRAY(server->arena, str, HOSTS_MOST);
    if (hosts == NULL)
        return NO_MEMORY(report);
    while (str_next(&rest, ',', &host)) {
        if (config->host_count == HOSTS_MOST)
            return fail(report, FAULT_USAGE, "hosts names at most %d", HOSTS_MOST);
        hosts[config->host_count++] = str_trim(host);
    }
    config->hosts = hosts;
    return OK;
}

/* As many as there are files for; fewer than were wanted is said. */
static status fit_connections(struct server *server, struct report *report,
                              struct http_config *config)
{
    char room[ADDRESS_ROOM];
    struct buf number = buf_over(room, sizeof(room));
    struct oplog_pair pair = {"connections", {0}};
    uint64_t fit = connections_within(config->connections, files_allowed(),
                                      engine_register_count(server->engine));
    if (fit == 0)
        return fail(report, FAULT_USAGE, "the limit of open files leaves room for no connection");
    if (fit == config->connections)
        return OK;
    config->connections = (size_t)fit;
    buf_u64(&number, fit);
    pair.value = buf_str(&number);
    oplog(&server->log, "warning", "limit_of_open_files_lowers_connections", &pair, 1);
    return OK;
}

static status http_settings(struct server *server, struct report *report,
                            struct http_config *config)
{
    const struct settings *settings = server->settings;
    uint64_t connections, per_address, header_ms, body_ms, idle_ms;
    TRY(number_setting(server, SET_connections, LIMIT_CONNECTIONS, report, &connections));
    TRY(number_setting(server, SET_connections_per_address, LIMIT_CONNECTIONS, report,
                       &per_address));
    TRY(number_setting(server, SET_header_ms, DEADLINE_MS_MOST, report, &header_ms));
    TRY(number_setting(server, SET_body_ms, DEADLINE_MS_MOST, report, &body_ms));
    TRY(number_setting(server, SET_idle_ms, DEADLINE_MS_MOST, report, &idle_ms));
    *config = (struct http_config){.connections = (size_t)connections,
                                   .connections_per_address = (size_t)per_address,
                                   .header_ms = header_ms,
                                   .body_ms = body_ms,
                                   .idle_ms = idle_ms,
                                   .tick_ms = TICK_MS,
                                   .self = server,
                                   .handle = on_handle,
                                   .batch_end = on_batch_end,
                                   .rest = on_rest,
                                   .admit = on_admit,
                                   .tick = on_tick,
                                   .answered = on_answered,
                                   .turned = on_turned};
    TRY(fit_connections(server, report, config));
    TRY(listen_parse(settings->at[SET_listen], server->arena, report, &config->address,
                     &config->port));
    return read_hosts(server, report, config);
}

static const char *text_setting(struct server *server, enum setting setting)
{
    str text = str_trim(server->settings->at[setting]);
    return text.len > 0 ? arena_c_string(server->arena, text) : NULL;
}

static str manager_socket(void)
{
    const char *name = getenv("NOTIFY_SOCKET");
    return str_from(name == NULL ? "" : name);
}

/* Of several servers one serves; the others ask again until it is gone. Nobody waits for them, so
 * that they may be ended meanwhile as anything else. */
static status await_turn(struct server *server, const struct engine_config *config,
                         struct report *report)
{
    str manager = manager_socket();
    status opened = engine_open(config, report, &server->engine);
    if (opened.fault != FAULT_LOCKED)
        return opened;
    oplog(&server->log, "info", "waits_while_another_server_serves", NULL, 0);
    notify_manager(manager, STR("READY=1\nSTATUS=waits while another server serves"));
    while (opened.fault == FAULT_LOCKED) {
        poll(NULL, 0, WAIT_MS);
        *report = (struct report){0};
        opened = engine_open(config, report, &server->engine);
    }
    if (is_ok(opened))
        notify_manager(manager, STR("STATUS=serves"));
    return opened;
}

/* Beside others, or alone while others wait. */
static status read_together(struct server *server, struct report *report,
                            struct engine_config *config)
{
    str together = str_trim(server->settings->at[SET_together]);
    config->beside = str_is(together, "yes");
    if (!config->beside && !str_is(together, "no"))
        return fail(report, FAULT_USAGE, "together is yes or no");
    if (config->beside && config->log_dir == NULL)
        return fail(report, FAULT_USAGE,
                    "together = yes wants log_dir, a folder of this server's own");
    return OK;
}

static status open_engine(struct server *server, const char *data, struct report *report)
{
    struct engine_config config = {.world = world_real(),
                                   .data_dir = data,
                                   .root_path = settings_root(server->settings, server->arena),
                                   .log_dir = text_setting(server, SET_log_dir)};
    if (config.root_path == NULL)
        return NO_MEMORY(report);
    TRY(read_together(server, report, &config));
    return config.log_dir == NULL ? engine_open(&config, report, &server->engine)
                                  : await_turn(server, &config, report);
}

/* An origin, and nothing behind it: what stands there goes into mail headers as it is. */
static status check_public_url(str url, struct report *report)
{
    bool fits = str_is_empty(url) || str_starts(url, STR("https://")) ||
                str_starts(url, STR("http://127.0.0.1")) ||
                str_starts(url, STR("http://localhost"));
    for (size_t i = 0, slashes = 0; fits && i < url.len; i++) {
        char c = url.ptr[i];
        slashes += c == '/' ? 1 : 0;
        fits = slashes <= 2 &&
               ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || memchr(".-:/", c, 4) != NULL);
    }
    return fits ? OK
                : fail(report, FAULT_USAGE,
                       "public_url is an origin, as https://privacy.example.no, without a path");
}

static status read_networks(struct server *server, enum setting setting, struct report *report,
                            const struct network **networks, size_t *count)
{
    str rest = server->settings->at[setting], one;
    *count = 0;
    if (rest.len == 0)
        return OK;
    struct network *list = ARENA_ARRAY(server->arena, struct network, NETWORKS_MOST);
    if (list == NULL)
        return NO_MEMORY(report);
    while (str_next(&rest, ',', &one)) {
        if (*count == NETWORKS_MOST || !network_parse(str_trim(one), &list[*count]))
            return fail(report, FAULT_USAGE, "%s are at most %d addresses or blocks",
                        setting_row(setting)->name, NETWORKS_MOST);
        ++*count;
    }
    *networks = list;
    return OK;
}

static status open_api(struct server *server, const char *data, struct report *report)
{
    uint64_t sweep_limit, seconds, public_per_minute;
    TRY(number_setting(server, SET_public_per_minute, UINT32_MAX, report, &public_per_minute));
    TRY(number_setting(server, SET_sweep_seconds, SECONDS_MOST, report, &seconds));
    TRY(number_setting(server, SET_sweep_limit, UINT32_MAX, report, &sweep_limit));
    str backup_dir = server->settings->at[SET_backup_dir];
    struct api_config config = {.engine = server->engine,
                                .world = world_real(),
                                .data_dir = data,
                                .log = &server->log,
                                .sweep_limit = (size_t)sweep_limit,
                                .sweep_ticks = (uint32_t)seconds * SECOND_TICKS,
                                .public_per_minute = (uint32_t)public_per_minute,
                                .public_url = server->settings->at[SET_public_url],
                                .pages = site_built.count > 0,
                                .consent_script = site_plain(&site_built, "/consent.js"),
                                .mails = server->settings->at[SET_smtp].len > 0,
                                .post_hosts = server->settings->at[SET_post_hosts],
                                .origins = server->settings->at[SET_origins],
                                .fatal = on_fatal,
                                .wake = on_wake,
                                .work = on_work,
                                .self = server};
    TRY(check_public_url(config.public_url, report));
    TRY(read_networks(server, SET_proxies, report, &config.proxies, &config.proxy_count));
    if (backup_dir.len > 0)
        config.backup_dir = arena_c_string(server->arena, backup_dir);
    server->api = api_new(&config);
    return OK;
}

static status open_post(struct server *server, struct report *report)
{
    struct post_config config = {.engine = server->engine,
                                 .world = world_real(),
                                 .loop = http_loop(server->http),
                                 .hosts = server->settings->at[SET_post_hosts],
                                 .public_url = server->settings->at[SET_public_url],
                                 .wake = on_wake,
                                 .say = on_say,
                                 .fatal = on_fatal,
                                 .self = server};
    config.ca_file = text_setting(server, SET_post_ca);
    config.smtp = text_setting(server, SET_smtp);
    config.smtp_from = text_setting(server, SET_smtp_from);
    config.smtp_user = text_setting(server, SET_smtp_user);
    config.smtp_password = text_setting(server, SET_smtp_password);
    TRY(number_setting(server, SET_post_ms, DEADLINE_MS_MOST, report, &config.timeout_ms));
    TRY(read_networks(server, SET_post_networks, report, &config.networks, &config.network_count));
    return post_new(&config, report, &server->post);
}

/* The settings of a provider, in common: that of people has one more. */
struct provider_settings {
    const char *issuer_name;
    int issuer, client, secret, claim, acr, amr, hosts;
};
static const struct provider_settings provider_of[SIDES] = {
    [SIDE_STAFF] = {"oidc_issuer", SET_oidc_issuer, SET_oidc_client, SET_oidc_secret,
                    SET_oidc_claim, SET_oidc_acr, SET_oidc_amr, SET_oidc_hosts},
    [SIDE_PEOPLE] = {"people_oidc_issuer", SET_people_oidc_issuer, SET_people_oidc_client,
                     SET_people_oidc_secret, SET_people_oidc_claim, SET_people_oidc_acr,
                     SET_people_oidc_amr, SET_people_oidc_hosts},
};

/* What a provider vouches for is an address by the claim of that name alone, which email_verified
 * is about; in any other nobody has said that it is theirs. */
static status check_people_oidc(const struct server *server, str *proves, struct report *report)
{
    str claim = str_trim(server->settings->at[SET_people_oidc_claim]);
    *proves = str_trim(server->settings->at[SET_people_oidc_proves]);
    if (str_is_empty(str_trim(server->settings->at[SET_people_oidc_client])) ||
        str_is_empty(claim) || str_is_empty(*proves))
        return fail(report, FAULT_USAGE,
                    "people_oidc_client, people_oidc_claim and people_oidc_proves are needed with "
                    "people_oidc_issuer");
    if (!sign_in_is_provable(*proves))
        return fail(report, FAULT_USAGE,
                    "people_oidc_proves is one of number, email and national_id");
    if (str_is(*proves, "email") != str_is(claim, "email"))
        return fail(report, FAULT_USAGE,
                    "an address is proven by people_oidc_claim = email, and that proves nothing "
                    "else");
    return OK;
}

static status open_oidc(struct server *server, enum api_side side, struct report *report)
{
    const struct settings *settings = server->settings;
    const struct provider_settings *from = &provider_of[side];
    struct oidc_config config = {.world = world_real(),
                                 .loop = http_loop(server->http),
                                 .issuer = str_trim(settings->at[from->issuer]),
                                 .client = str_trim(settings->at[from->client]),
                                 .secret_text = str_trim(settings->at[from->secret]),
                                 .claim = str_trim(settings->at[from->claim]),
                                 .acr = str_trim(settings->at[from->acr]),
                                 .amr = str_trim(settings->at[from->amr]),
                                 .hosts = settings->at[from->hosts]};
    str proves = {NULL, 0};
    if (config.issuer.len == 0)
        return OK;
    if (settings->at[SET_public_url].len == 0)
        return fail(report, FAULT_USAGE, "%s needs public_url, where browsers come back to",
                    from->issuer_name);
    if (side == SIDE_PEOPLE)
        TRY(check_people_oidc(server, &proves, report));
    config.ca_file = text_setting(server, SET_post_ca);
    TRY(number_setting(server, SET_post_ms, DEADLINE_MS_MOST, report, &config.timeout_ms));
    TRY(read_networks(server, SET_post_networks, report, &config.networks, &config.network_count));
    TRY(oidc_new(&config, report, &server->oidc[side]));
    struct api_provider provider = {server->oidc[side], oidc_is_local(server->oidc[side]),
                                    oidc_begin, oidc_finish, proves};
    api_set_provider(server->api, side, &provider);
    return OK;
}

static status open_all(struct server *server, struct report *report)
{
    str data = server->settings->at[SET_data];
    if (data.len == 0)
        return fail(report, FAULT_USAGE, "--data says where the registers lie");
    TRY(become_user(server->settings->at[SET_user], server->arena, report));
    const char *path = arena_c_string(server->arena, data);
    if (path == NULL)
        return NO_MEMORY(report);
    TRY(open_engine(server, path, report));
    if (engine_register_count(server->engine) == 0)
        return fail(report, FAULT_USAGE, "there is no register in %s; `vern init` makes one", path);
    TRY(open_api(server, path, report));
    struct http_config http;
    TRY(http_settings(server, report, &http));
    TRY(http_server_start(&http, report, &server->http));
    server->monitor.engine = server->engine;
    server->monitor.world = world_real();
    TRY(monitor_start(&server->monitor, server->settings, server->http, server->arena, report));
    for (int side = 0; side < SIDES; side++)
        TRY(open_oidc(server, (enum api_side)side, report));
    return open_post(server, report);
}

static void handle_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

static void say_started(struct server *server)
{
    char room[3][ADDRESS_ROOM];
    struct buf port = buf_over(room[0], ADDRESS_ROOM), count = buf_over(room[1], ADDRESS_ROOM);
    struct buf metrics = buf_over(room[2], ADDRESS_ROOM);
    bool watches = server->monitor.http != NULL;
    buf_u64(&port, http_port(server->http));
    buf_u64(&count, engine_register_count(server->engine));
    if (watches)
        buf_u64(&metrics, http_port(server->monitor.http));
    struct oplog_pair pairs[] = {
        {"port", buf_str(&port)}, {"registers", buf_str(&count)}, {"metrics", buf_str(&metrics)}};
    oplog(&server->log, "info", "serving", pairs, watches ? 3 : 2);
}

/* Registers sign a checkpoint of what is durable when they close. */
static void close_all(struct server *server)
{
    running = watched = NULL;
    monitor_free(&server->monitor);
    for (int side = 0; side < SIDES; side++)
        oidc_free(&server->oidc[side]);
    post_free(&server->post);
    http_server_free(&server->http);
    api_free(&server->api);
    engine_close(&server->engine);
}

int server_run(const struct settings *settings, struct arena *arena,
               void (*ready)(void *self, uint16_t port), void *self, struct report *report)
{
    struct server server = {
        .settings = settings, .arena = arena, .log = {.world = world_real(), .fd = STDERR_FILENO}};
    harden(&server.log);
    status opened = open_all(&server, report);
    if (!is_ok(opened)) {
        oplog_fault(&server.log, "not_started", opened.fault, STR(""));
        close_all(&server);
        return fault_exit(opened.fault);
    }
    running = server.http;
    watched = server.monitor.http;
    handle_signals();
    say_started(&server);
    if (ready != NULL)
        ready(self, http_port(server.http));
    str socket_name = manager_socket();
    notify_manager(socket_name, STR("READY=1"));
    http_server_run(server.http);
    notify_manager(socket_name, STR("STOPPING=1"));
    close_all(&server);
    oplog(&server.log, "info", "stopped", NULL, 0);
    return 0;
}
