/* Failing: the catalogue of faults and the first explanation. */
#include <pthread.h>
#include <stdio.h>
#include "base.h"

static const struct {
    const char *name; /* as in the catalogue: upper case */
    int http, exit;
    const char *text;
} faults[FAULT_COUNT] = {
    [FAULT_NONE] = {"NONE", 200, 0, "nothing failed"},
#define FAULT(name, http, exit, text) [FAULT_##name] = {#name, http, exit, text},
#include "faults.def"
#undef FAULT
};

enum { NAME_ROOM = 24 };

/* The names in lower case, made once: the preprocessor cannot fold letters. */
static char lower_names[FAULT_COUNT][NAME_ROOM];
static pthread_once_t lower_once = PTHREAD_ONCE_INIT;

static void lower_all(void)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        const char *name = faults[i].name;
        assert(strlen(name) < NAME_ROOM);
        for (size_t j = 0; name[j] != '\0'; j++)
            lower_names[i][j] = name[j] == '_' ? '_' : (char)(name[j] | 0x20);
    }
}

const char *fault_name(enum fault_class fault)
{
    assert(fault < FAULT_COUNT);
    pthread_once(&lower_once, lower_all);
    return lower_names[fault];
}

int fault_http(enum fault_class fault)
{
    assert(fault < FAULT_COUNT);
    return faults[fault].http;
}

int fault_exit(enum fault_class fault)
{
    assert(fault < FAULT_COUNT);
    return faults[fault].exit;
}

const char *fault_text(enum fault_class fault)
{
    assert(fault < FAULT_COUNT);
    return faults[fault].text;
}

/* Cutting a text at its room must not leave half a UTF-8 sequence at its end. */
static void drop_half_character(char *text)
{
    size_t len = strlen(text);
    size_t start = len;
    while (start > 0 && len - start < 4 && (text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (text[start - 1] & 0x80) != 0)
        start--;
    if (!utf8_valid((str){text + start, len - start}))
        text[start] = '\0';
}

static PRINTF_LIKE(4, 0) status fail_with(struct report *report, enum fault_class fault,
                                          const char *where, const char *format, va_list arguments)
{
    assert(fault > FAULT_NONE && fault < FAULT_COUNT);
    assert(format != NULL);

    if (report != NULL && report->fault == FAULT_NONE) {
        report->fault = fault;
        if (vsnprintf(report->text, sizeof(report->text), format, arguments) >=
            (int)sizeof(report->text))
            drop_half_character(report->text);
        if (snprintf(report->where, sizeof(report->where), "%s", where) >=
            (int)sizeof(report->where))
            drop_half_character(report->where);
    }
    return (status){fault};
}

status fail(struct report *report, enum fault_class fault, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    status result = fail_with(report, fault, "", format, arguments);
    va_end(arguments);
    return result;
}

status fail_about(struct report *report, enum fault_class fault, str about, const char *format, ...)
{
    bool first = report != NULL && report->fault == FAULT_NONE;
    va_list arguments;
    va_start(arguments, format);
    status result = fail_with(report, fault, "", format, arguments);
    va_end(arguments);
    if (first)
        report->about = about.ptr;
    return result;
}

status fail_at(struct report *report, enum fault_class fault, const char *where, const char *format,
               ...)
{
    va_list arguments;
    va_start(arguments, format);
    status result = fail_with(report, fault, where == NULL ? "" : where, format, arguments);
    va_end(arguments);
    return result;
}
