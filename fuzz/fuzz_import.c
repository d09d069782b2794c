/* Target: engine_import_line(), on lines that another system wrote.
 * Property: a line that is not taken changes nothing: nobody is there afterwards who was not there
 * before, and the log holds its refusal at most. A line that was taken is taken again without any
 * effect. */
#include "small_register.h"

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE_ROOM = 1 << 16 };

static struct report report;

static status use_import(struct call *call, void *request)
{
    return engine_import_line(call, request);
}

struct finding {
    struct identifier identifier;
    struct found found;
};

static status use_find(struct call *call, void *request)
{
    struct finding *finding = request;
    return engine_subject_find(call, &finding->identifier, &finding->found);
}

static status run(status (*use)(struct call *call, void *request), void *request)
{
    static struct call call;
    report = (struct report){0};
    return engine_run(small.engine, small.reg, engine_system(), small.arena, &report, &call, use,
                      request);
}

static bool is_known(str number)
{
    struct finding finding = {.identifier = {STR("number"), number}};
    status found = run(use_find, &finding);
    return is_ok(found) && finding.found.count > 0;
}

/* The number that the line gives, if it is a line at all. */
static str number_of(str line)
{
    const struct json *json;
    struct report odd = {0};
    str number = STR("");
    if (is_ok(json_parse(small.arena, line, &odd, &json)))
        (void)json_str(json_get(json, "number"), &number);
    return number;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    small_open();
    if (size > LINE_ROOM)
        return 0;
    arena_reset(small.arena);
    str text = {(const char *)data, size};
    str number = number_of(text);
    bool before_ = !str_is_empty(number) && is_known(number);
    struct import_line line = {1, text};
    uint64_t entries = audit_size(reg_log(small.reg));
    status taken = run(use_import, &line);
    uint64_t grown = audit_size(reg_log(small.reg)) - entries;
    if (engine_failed(small.engine) || taken.fault == FAULT_INTERNAL ||
        taken.fault == FAULT_STORE || taken.fault == FAULT_CORRUPT)
        abort();
    if (is_ok(taken) && (str_is_empty(number) || !is_known(number)))
        abort();
    if (!is_ok(taken)) {
        if (grown > (taken.fault == FAULT_REFUSED ? 1 : 0))
            abort();
        if (!str_is_empty(number) && is_known(number) != before_)
            abort();
        return 0;
    }
    entries = audit_size(reg_log(small.reg));
    if (!is_ok(run(use_import, &line)) || audit_size(reg_log(small.reg)) != entries)
        abort();
    return 0;
}
