/* exposition: a strict reader of the text in which Prometheus is told numbers (format 0.0.4). It
 * fails the test at what that does not allow, and at what it allows and we never write. */
#ifndef VERN_TEST_EXPOSITION_H
#define VERN_TEST_EXPOSITION_H
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base.h"

enum { EXPOSITION_MOST = 8192 };
struct exposition_sample {
    str name, labels; /* labels as they stand between the braces */
    double value;
};
struct exposition {
    struct exposition_sample at[EXPOSITION_MOST];
    size_t count;
};

#define EXPOSITION_MUST(holds, line)                                                               \
    do {                                                                                           \
        if (!(holds))                                                                              \
            fail_msg("%s: %.*s", #holds, STR_ARG(line));                                           \
    } while (0)

static size_t exposition_name(str text)
{
    size_t i = 0;
    while (i < text.len && ((text.ptr[i] >= 'a' && text.ptr[i] <= 'z') || text.ptr[i] == '_' ||
                            (i > 0 && text.ptr[i] >= '0' && text.ptr[i] <= '9')))
        i++;
    return i;
}

/* name="value",name="value": no escapes, and no name twice in a row. */
static void exposition_labels(str labels, str line)
{
    str before_ = STR("");
    EXPOSITION_MUST(labels.len > 0, line);
    while (labels.len > 0) {
        size_t name = exposition_name(labels), end = name + 2;
        EXPOSITION_MUST(name > 0 && labels.len > name + 2, line);
        EXPOSITION_MUST(labels.ptr[name] == '=' && labels.ptr[name + 1] == '"', line);
        EXPOSITION_MUST(!str_equal(before_, str_slice(labels, 0, name)), line);
        before_ = str_slice(labels, 0, name);
        while (end < labels.len && labels.ptr[end] != '"') {
            EXPOSITION_MUST(labels.ptr[end] >= ' ' && labels.ptr[end] != '\\', line);
            end++;
        }
        EXPOSITION_MUST(end < labels.len, line);
        labels = str_slice(labels, end + 1, labels.len);
        EXPOSITION_MUST(labels.len == 0 || (labels.ptr[0] == ',' && labels.len > 1), line);
        labels = str_slice(labels, labels.len > 0 ? 1 : 0, labels.len);
    }
}

static double exposition_value(str text, str line)
{
    char room[64], *end;
    EXPOSITION_MUST(text.len > 0 && text.len < sizeof(room), line);
    memcpy(room, text.ptr, text.len);
    room[text.len] = '\0';
    if (strcmp(room, "+Inf") == 0)
        return INFINITY;
    EXPOSITION_MUST(strspn(room, "0123456789.") == text.len, line);
    double value = strtod(room, &end);
    EXPOSITION_MUST(*end == '\0', line);
    return value;
}

/* Is it of this family: the name itself, or one of a histogram's? */
static bool exposition_fits(str name, str family, str type)
{
    str tail = str_starts(name, family) ? str_slice(name, family.len, name.len) : STR("-");
    if (str_is(type, "histogram"))
        return str_is(tail, "_bucket") || str_is(tail, "_sum") || str_is(tail, "_count");
    return tail.len == 0;
}

static void exposition_sample(str line, str family, str type, struct exposition *out)
{
    size_t name = exposition_name(line);
    struct exposition_sample *sample = &out->at[out->count];
    str rest = str_slice(line, name, line.len);
    EXPOSITION_MUST(name > 0 && out->count < EXPOSITION_MOST, line);
    *sample = (struct exposition_sample){.name = str_slice(line, 0, name), .labels = STR("")};
    EXPOSITION_MUST(exposition_fits(sample->name, family, type), line);
    if (rest.len > 0 && rest.ptr[0] == '{') {
        const char *end = memchr(rest.ptr, '}', rest.len);
        EXPOSITION_MUST(end != NULL, line);
        sample->labels = str_slice(rest, 1, (size_t)(end - rest.ptr));
        exposition_labels(sample->labels, line);
        rest = str_slice(rest, (size_t)(end - rest.ptr) + 1, rest.len);
    }
    EXPOSITION_MUST(rest.len > 1 && rest.ptr[0] == ' ', line);
    sample->value = exposition_value(str_slice(rest, 1, rest.len), line);
    for (size_t i = 0; i < out->count; i++)
        EXPOSITION_MUST(!str_equal(out->at[i].name, sample->name) ||
                            !str_equal(out->at[i].labels, sample->labels),
                        line);
    out->count++;
}

/* HELP, then TYPE, then the samples of each family, which comes once. */
static void exposition_read(str text, struct exposition *out)
{
    str line, families[64], family = STR(""), type = STR(""), helped = STR("");
    size_t family_count = 0;
    out->count = 0;
    assert_true(text.len > 0 && text.ptr[text.len - 1] == '\n');
    text.len--;
    while (str_next(&text, '\n', &line)) {
        if (str_starts(line, STR("# HELP "))) {
            str rest = str_slice(line, 7, line.len);
            helped = str_slice(rest, 0, exposition_name(rest));
            EXPOSITION_MUST(helped.len > 0 && rest.len > helped.len + 1, line);
            for (size_t i = 0; i < family_count; i++)
                EXPOSITION_MUST(!str_equal(families[i], helped), line);
            EXPOSITION_MUST(family_count < LENGTH(families), line);
            families[family_count++] = helped;
        } else if (str_starts(line, STR("# TYPE "))) {
            str rest = str_slice(line, 7, line.len);
            family = str_slice(rest, 0, exposition_name(rest));
            type = str_slice(rest, family.len + 1, rest.len);
            EXPOSITION_MUST(str_equal(family, helped), line);
            EXPOSITION_MUST(str_is(type, "counter") || str_is(type, "gauge") ||
                                str_is(type, "histogram"),
                            line);
            EXPOSITION_MUST(!str_is(type, "counter") || str_ends(family, STR("_total")), line);
        } else {
            exposition_sample(line, family, type, out);
        }
    }
}

static bool exposition_find(const struct exposition *text, const char *name, const char *labels,
                            double *value)
{
    for (size_t i = 0; i < text->count; i++) {
        if (str_is(text->at[i].name, name) && str_is(text->at[i].labels, labels)) {
            *value = text->at[i].value;
            return true;
        }
    }
    return false;
}
#endif
