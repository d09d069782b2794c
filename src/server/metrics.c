/* Counters become text. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "metrics.h"

enum { TEN = 10, SECOND_MS = 1000, STATM_BYTES = 256 };

/* Upper ends, in microseconds. */
static const uint64_t BUCKET_US[TURN_BUCKETS] = {500,   1000,   2500,   5000,   10000,   25000,
                                                 50000, 100000, 250000, 500000, 1000000, 2500000};

/* ---- counting ---- */

void metrics_answered(struct metrics *metrics, unsigned class, int code)
{
    assert(class < API_CLASSES && code >= 0 && code < METRIC_CODES);
    metrics->answers[class][code]++;
}

void metrics_turned(struct metrics *metrics, uint64_t nanoseconds)
{
    size_t bucket = 0;
    while (bucket < TURN_BUCKETS && nanoseconds > BUCKET_US[bucket] * 1000)
        bucket++;
    metrics->turns[bucket]++;
    metrics->turn_ns += nanoseconds;
}

/* ---- asking ---- */

static int64_t older(int64_t a, int64_t b)
{
    if (a == HEALTH_NEVER || b == HEALTH_NEVER)
        return HEALTH_NEVER;
    return a > b ? a : b;
}

static void add_health(struct reg_health *all, const struct reg_health *one)
{
    all->log_entries += one->log_entries;
    all->due += one->due;
    all->tasks += one->tasks;
    all->data_bytes += one->data_bytes;
    all->keys_bytes += one->keys_bytes;
    if (one->sweep_lag_ms > all->sweep_lag_ms)
        all->sweep_lag_ms = one->sweep_lag_ms;
    all->checkpoint_age_ms = older(all->checkpoint_age_ms, one->checkpoint_age_ms);
    all->epoch_age_ms = older(all->epoch_age_ms, one->epoch_age_ms);
    all->backup_age_ms = older(all->backup_age_ms, one->backup_age_ms);
    all->stopped |= one->stopped;
    all->behind |= one->behind;
    for (size_t i = 0; i < ALARM_KIND_COUNT; i++)
        all->alarms[i] += one->alarms[i];
}

/* The second number of /proc/self/statm: pages. */
static uint64_t resident(void)
{
    char text[STATM_BYTES + 1];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, text, STATM_BYTES);
    if (fd >= 0)
        close(fd);
    str rest = {text, length < 0 ? 0 : (size_t)length}, word_;
    uint64_t pages = 0;
    if (!str_next(&rest, ' ', &word_) || !str_next(&rest, ' ', &word_) ||
        !str_to_u64(word_, &pages))
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void metrics_gather(struct metrics *metrics, struct engine *engine, instant now)
{
    if (metrics->gathered.ms != 0 && now.ms >= metrics->gathered.ms &&
        now.ms - metrics->gathered.ms < SECOND_MS)
        return;
    metrics->gathered = now;
    metrics->state = (struct metrics_state){.resident_bytes = resident()};
    for (size_t i = 0; i < engine_register_count(engine); i++) {
        struct report report = {0};
        struct reg_health health;
        if (is_ok(reg_health(engine_register_at(engine, i), &report, &health)))
            add_health(&metrics->state.health, &health);
        else
            metrics->state.failed = true;
    }
}

/* ---- writing ---- */

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_format(out, "# HELP vern_%s %s\n# TYPE vern_%s %s\n", name, help, name, type);
}

static uint64_t tens(uint64_t count)
{
    return count - count % TEN;
}

static void number(struct buf *out, const char *name, uint64_t value)
{
    buf_format(out, "vern_%s %llu\n", name, (unsigned long long)value);
}

static void labelled(struct buf *out, const char *name, const char *label, str word_,
                     uint64_t value)
{
    buf_format(out, "vern_%s{%s=\"%.*s\"} %llu\n", name, label, STR_ARG(word_),
               (unsigned long long)value);
}

static void seconds(struct buf *out, const char *name, int64_t ms)
{
    if (ms == HEALTH_NEVER)
        buf_format(out, "vern_%s +Inf\n", name);
    else
        buf_format(out, "vern_%s %lld.%03lld\n", name, (long long)ms / 1000, (long long)ms % 1000);
}

static void write_answers(const struct metrics *metrics, struct buf *out)
{
    head(out, "answers_total", "counter",
         "Answers by what the route needs and by status, in whole tens.");
    for (unsigned class = 0; class < API_CLASSES; class ++) {
        for (int code = 0; code < METRIC_CODES; code++) {
            if (tens(metrics->answers[class][code]) > 0)
                buf_format(out, "vern_answers_total{class=\"%.*s\",code=\"%d\"} %llu\n",
                           STR_ARG(api_class_name(class)), code,
                           (unsigned long long)tens(metrics->answers[class][code]));
        }
    }
}

static void write_turns(const struct metrics *metrics, struct buf *out)
{
    uint64_t sum = 0;
    head(out, "turn_seconds", "histogram",
         "How long the requests of one turn waited for its flush, in whole tens of turns.");
    for (size_t i = 0; i < TURN_BUCKETS; i++) {
        sum += metrics->turns[i];
        buf_format(out, "vern_turn_seconds_bucket{le=\"%llu.%04llu\"} %llu\n",
                   (unsigned long long)BUCKET_US[i] / 1000000,
                   (unsigned long long)BUCKET_US[i] % 1000000 / 100, (unsigned long long)tens(sum));
    }
    sum += metrics->turns[TURN_BUCKETS];
    buf_format(out, "vern_turn_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)tens(sum));
    buf_format(out, "vern_turn_seconds_sum %llu.%06llu\n",
               (unsigned long long)metrics->turn_ns / 1000000000,
               (unsigned long long)metrics->turn_ns % 1000000000 / 1000);
    buf_format(out, "vern_turn_seconds_count %llu\n", (unsigned long long)tens(sum));
}

static void write_decisions(const struct engine_tally *tally, struct buf *out)
{
    head(out, "decisions_total", "counter", "Decisions under a policy, in whole tens.");
    labelled(out, "decisions_total", "outcome", STR("allow"), tens(tally->outcomes[VERDICT_ALLOW]));
    labelled(out, "decisions_total", "outcome", STR("duty"), tens(tally->outcomes[VERDICT_DUTY]));
    labelled(out, "decisions_total", "outcome", STR("refuse"),
             tens(tally->outcomes[VERDICT_REFUSE]));
    head(out, "refusals_total", "counter",
         "Refusals by built-in rule or by section of the policy, in whole tens.");
    for (size_t i = 0; i < ALWAYS_COUNT; i++) {
        str name = i == ALWAYS_NONE ? STR("other") : str_from(always_rule((enum always)i)->path);
        if (tens(tally->always[i]) > 0)
            labelled(out, "refusals_total", "rule", name, tens(tally->always[i]));
    }
    for (size_t i = 0; i < TALLY_SECTIONS; i++) {
        if (tens(tally->sections[i]) > 0)
            labelled(out, "refusals_total", "rule", tally_section(i), tens(tally->sections[i]));
    }
}

static void write_alarms(const struct reg_health *health, struct buf *out)
{
    head(out, "alarm", "gauge", "1 while an alarm of the kind is open.");
    for (size_t i = 0; i < ALARM_KIND_COUNT; i++)
        labelled(out, "alarm", "kind", alarm_kind_name((enum alarm_kind)i), health->alarms[i] > 0);
    head(out, "alarms_open", "gauge", "Open alarms by kind, in whole tens.");
    for (size_t i = 0; i < ALARM_KIND_COUNT; i++)
        labelled(out, "alarms_open", "kind", alarm_kind_name((enum alarm_kind)i),
                 tens(health->alarms[i]));
}

static void write_load(const struct http_load *load, struct buf *out)
{
    head(out, "connections", "gauge", "Open connections of the public port, in whole tens.");
    number(out, "connections", tens(load->connections));
    head(out, "connections_refused_total", "counter",
         "Connections that were one too many, in whole tens.");
    number(out, "connections_refused_total", tens(load->refused));
    head(out, "body_bytes", "gauge", "Memory that requests' bodies hold.");
    number(out, "body_bytes", load->body_bytes);
}

static void write_health(const struct metrics_state *state, struct buf *out)
{
    const struct reg_health *health = &state->health;
    head(out, "log_entries", "gauge", "Entries of the audit logs, in whole tens.");
    number(out, "log_entries", tens(health->log_entries));
    head(out, "checkpoint_age_seconds", "gauge", "Since the oldest last checkpoint was signed.");
    seconds(out, "checkpoint_age_seconds", health->checkpoint_age_ms);
    head(out, "sweep_lag_seconds", "gauge", "Since the last whole sweep began; the longest.");
    seconds(out, "sweep_lag_seconds", (int64_t)health->sweep_lag_ms);
    head(out, "due", "gauge", "Dossiers that a sweep is to look at now, in whole tens.");
    number(out, "due", tens(health->due));
    head(out, "tasks_waiting", "gauge", "Dossiers with an open task, in whole tens.");
    number(out, "tasks_waiting", tens(health->tasks));
    head(out, "epoch_age_seconds", "gauge", "Age of the oldest epoch key in use.");
    seconds(out, "epoch_age_seconds", health->epoch_age_ms);
    head(out, "backup_age_seconds", "gauge",
         "Since the last backup of data, of the register that waits longest; +Inf: never.");
    seconds(out, "backup_age_seconds", health->backup_age_ms);
    head(out, "store_bytes", "gauge", "Size of the stores.");
    labelled(out, "store_bytes", "store", STR("data"), health->data_bytes);
    labelled(out, "store_bytes", "store", STR("keys"), health->keys_bytes);
    head(out, "destruction_stopped", "gauge", "1 while a register waits for an operator's word.");
    number(out, "destruction_stopped", health->stopped);
    head(out, "behind", "gauge", "1 while a register lacks a version that a restore lost.");
    number(out, "behind", health->behind);
    head(out, "unread", "gauge", "1 while a register could not be asked for these numbers.");
    number(out, "unread", state->failed);
    head(out, "resident_bytes", "gauge", "Memory of the process.");
    number(out, "resident_bytes", state->resident_bytes);
}

void metrics_write(const struct metrics *metrics, const struct engine_tally *tally, struct buf *out)
{
    write_answers(metrics, out);
    write_turns(metrics, out);
    write_load(&metrics->load, out);
    write_decisions(tally, out);
    write_alarms(&metrics->state.health, out);
    write_health(&metrics->state, out);
}
