/* The port for those who watch the process: three paths, to GET and HEAD. It shares the loop of the
 * public one and nothing else: its own connections, limits and Host names. */
#include "monitor.h"

enum {
    CONNECTIONS = 32,
    DEADLINE_MS = 5000,
    HEADER_BYTES = 4096,
    TARGET_BYTES = 128,
    STOP_MS = 1000,
    HOSTS_MOST = 64,
    TEXT_BYTES = 128 << 10
};

static void say(struct http_reply *reply, int code, str text)
{
    http_answer(reply, code, STR("text/plain; charset=utf-8"), NULL, 0, text);
}

static void refuse(struct http_reply *reply, enum fault_class fault)
{
    struct report report = {0};
    if (!is_ok(fail(&report, fault, "%s", fault_text(fault))))
        http_answer_problem(reply, &report);
}

static void give_metrics(struct monitor *monitor, const struct http_request *request,
                         struct http_reply *reply)
{
    struct buf buf = buf_in(request->arena, TEXT_BYTES);
    struct report report = {0};
    str text;
    metrics_gather(&monitor->metrics, monitor->engine, world_now(monitor->world));
    monitor->metrics.load = http_load(monitor->beside);
    metrics_write(&monitor->metrics, engine_tally(monitor->engine), &buf);
    if (is_ok(buf_finish(&buf, &report, &text)))
        http_answer(reply, 200, STR("text/plain; version=0.0.4; charset=utf-8"), NULL, 0, text);
    else
        refuse(reply, FAULT_INTERNAL);
}

/* Ready: what is asked is answered. A register that lacks a version answers almost nothing. */
static void give_ready(struct monitor *monitor, struct http_reply *reply)
{
    for (size_t i = 0; i < engine_register_count(monitor->engine); i++) {
        if (reg_lost_versions(engine_register_at(monitor->engine, i)) > 0) {
            say(reply, 503, STR("behind\n"));
            return;
        }
    }
    if (engine_failed(monitor->engine))
        say(reply, 503, STR("failed\n"));
    else
        say(reply, 200, STR("ready\n"));
}

static void on_handle(void *self, const struct http_request *request, struct http_reply *reply)
{
    struct monitor *monitor = self;
    bool metrics = str_is(request->path, "/metrics"), health = str_is(request->path, "/healthz");
    struct http_field allow = {STR("Allow"), STR("GET, HEAD")};
    if ((!metrics && !health && !str_is(request->path, "/readyz")) || request->query.len > 0)
        refuse(reply, FAULT_NOT_FOUND);
    else if (!str_is(request->method, "GET") && !str_is(request->method, "HEAD"))
        http_answer(reply, 405, STR("text/plain; charset=utf-8"), &allow, 1, STR("GET, HEAD\n"));
    else if (request->body.len > 0)
        refuse(reply, FAULT_INVALID);
    else if (metrics)
        give_metrics(monitor, request, reply);
    else if (health)
        say(reply, 200, STR("ok\n"));
    else
        give_ready(monitor, reply);
}

/* Whoever asks by the address that it was told to ask is answered, and by the names of `hosts`. */
static status read_names(struct arena *arena, str hosts, struct report *report,
                         struct http_config *config)
{
    str *names = ARENA_ARRAY(arena, str, HOSTS_MOST + 1), rest = hosts, host;
    str address = str_from(config->address);
    if (names == NULL)
        return NO_MEMORY(report);
    if (str_starts(address, STR("127.")) || str_is(address, "::1"))
        return OK; /* loopback names alone */
    bool six = memchr(address.ptr, ':', address.len) != NULL;
    names[config->host_count++] = six ? arena_format(arena, "[%.*s]", STR_ARG(address)) : address;
    while (hosts.len > 0 && str_next(&rest, ',', &host)) {
        if (config->host_count > HOSTS_MOST)
            return fail(report, FAULT_USAGE, "hosts names at most %d", HOSTS_MOST);
        names[config->host_count++] = str_trim(host);
    }
    config->hosts = names;
    return OK;
}

status monitor_start(struct monitor *monitor, const struct settings *settings,
                     struct http_server *beside, struct arena *arena, struct report *report)
{
    if (str_is_empty(settings->at[SET_metrics]))
        return OK;
    monitor->beside = beside;
    struct http_config config = {.loop = http_loop(beside),
                                 .connections = CONNECTIONS,
                                 .connections_per_address = CONNECTIONS,
                                 .header_limit = HEADER_BYTES,
                                 .target_limit = TARGET_BYTES,
                                 .body_limit = 1,
                                 .header_ms = DEADLINE_MS,
                                 .body_ms = DEADLINE_MS,
                                 .stop_ms = STOP_MS,
                                 .self = monitor,
                                 .handle = on_handle};
    TRY(listen_parse(settings->at[SET_metrics], arena, report, &config.address, &config.port));
    TRY(read_names(arena, settings->at[SET_hosts], report, &config));
    return http_server_start(&config, report, &monitor->http);
}

void monitor_free(struct monitor *monitor)
{
    http_server_free(&monitor->http);
}
