/* whose_scan.c: runs are made of the log's entries, and people's entries are found by them. */
#include <stdlib.h>

#include "file.h"
#include "log_internal.h"
#include "manifest.h"

static const audit_id everybody;

/* ---- making a run ---- */

struct making {
    struct audit_log *log;
    struct whose_made *made;
    size_t lines; /* rows that are to be read */
    struct audit_entry entry;
};

static bool is_full(const struct making *making)
{
    return making->made->rows.count + making->lines >= WHOSE_ROWS_MOST;
}

static void add_many(struct making *making, uint64_t index, const merkle_hash *root, uint32_t lines)
{
    whose_many_add(&making->made->many, index, root, lines);
    making->lines += lines;
}

static status add_entry(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct making *making = self;
    const struct audit_entry *entry = &making->entry;
    TRY(entry_parse(text, report, &making->entry));
    if (!ID_IS_ZERO(entry->subject))
        whose_rows_add(&making->made->rows, &entry->subject, index);
    if (entry->has_manifest)
        add_many(making, index, &entry->manifest, entry->manifest_lines);
    *stop = is_full(making);
    return OK;
}

/* Takes what is in memory of the entries up to *to, which is moved back where they are of many. */
static void take_recent(struct making *making, uint64_t *to)
{
    const struct whose *whose = &making->log->whose;
    for (size_t i = 0; i < whose->many.count && whose->many.at[i].number < *to; i++) {
        const struct whose_many *many = &whose->many.at[i];
        add_many(making, many->number, &many->root, many->lines);
        if (is_full(making))
            *to = many->number + 1;
    }
    for (size_t i = 0; i < whose->recent.count && whose_number(&whose->recent.at[i]) < *to; i++)
        whose_rows_add(&making->made->rows, &whose->recent.at[i].handle,
                       whose_number(&whose->recent.at[i]));
}

static status gather_hole(struct making *making, uint64_t from, uint64_t end, struct report *report,
                          uint64_t *to)
{
    struct whose *whose = &making->log->whose;
    struct log_visitor by = {add_entry, making};
    uint64_t stop_at = end - from < whose->entries ? end : from + whose->entries;
    bool stop = false;
    *to = from;
    return log_scan(making->log, to, stop_at, &by, report, &stop);
}

/* The first entry that neither a run nor a row in memory covers; false when there is none. */
static bool find_hole(const struct whose *whose, uint64_t size, uint64_t *from, uint64_t *end)
{
    for (*from = 0; *from < size && *from < whose->recent_from; *from = *end) {
        if (whose_covers(whose, *from, size, end) == NULL)
            return true;
    }
    return false;
}

static status gather(struct making *making, struct report *report, struct whose_run *run, bool *has)
{
    const struct whose *whose = &making->log->whose;
    uint64_t size = making->log->size, end;
    bool hole = find_hole(whose, size, &run->from, &end);
    bool recent = size >= whose->recent_from && size - whose->recent_from >= whose->entries;
    *has = hole || recent;
    if (!*has)
        return OK;
    if (!recent)
        return gather_hole(making, run->from, end, report, &run->to);
    run->from = whose->recent_from; /* first, so that memory is let go of */
    run->to = run->from + whose->entries;
    take_recent(making, &run->to);
    return OK;
}

status log_whose_begin(struct audit_log *log, struct whose_made *made, struct report *report,
                       bool *has)
{
    struct making *making = calloc(1, sizeof(*making));
    if (making == NULL)
        abort();
    *made = (struct whose_made){0};
    making->log = log;
    making->made = made;
    status gathered = gather(making, report, &made->run, has);
    free(making);
    if (!is_ok(gathered) || !*has)
        whose_made_free(made);
    return gathered;
}

/* A row for each line. A manifest that cannot be read stays everybody's: whoever asks is told. */
static void add_lines(const struct shelf *shelf, struct hasher *hasher,
                      const struct whose_many *many, struct whose_rows *rows)
{
    CLEANUP(bytes_free) struct bytes bytes = {0};
    struct manifest_name name = {many->root, many->lines};
    struct report report = {0};
    str file;
    if (!is_ok(manifest_read(shelf, hasher, &name, &bytes, &report, &file))) {
        whose_rows_add(rows, &everybody, many->number);
        return;
    }
    for (uint32_t i = 0; i < many->lines; i++) {
        audit_id handle;
        memcpy(handle.bytes, file.ptr + (size_t)i * MANIFEST_LINE_BYTES, sizeof(handle.bytes));
        whose_rows_add(rows, &handle, many->number);
    }
}

/* Manifests of 65,536 lines take some 20 ms each, so this is for whoever nobody waits for. */
void log_whose_fill(const struct shelf *shelf, struct whose_made *made)
{
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    for (size_t i = 0; i < made->many.count; i++)
        add_lines(shelf, hasher, &made->many.at[i], &made->rows);
    made->run.rows = made->rows.count;
}

/* ---- finding ---- */

struct finding {
    const struct audit_people *people;
    struct log_visitor by;
    struct whose_numbers numbers;
};

/* The numbers of one handle; *end is where they stop short. */
static bool find_one(struct audit_log *log, struct finding *finding, const struct whose_run *run,
                     int *file, const audit_id *handle, uint64_t from, uint64_t *end)
{
    struct whose_numbers *numbers = &finding->numbers;
    size_t already = numbers->count, most = already + log->whose.entries / 2;
    if (!whose_run_find(&log->whose, run, file, handle, from, most, numbers))
        return false;
    if (numbers->count == most && numbers->at[most - 1] + 1 < *end)
        *end = numbers->at[most - 1] + 1;
    return true;
}

/* Of a run that is damaged nothing is used: it goes, and the hole is read. */
static void find_in_run(struct audit_log *log, struct finding *finding, uint64_t from,
                        const struct whose_run *run, uint64_t *end)
{
    CLEANUP(fd_close) int file = -1;
    bool whole = true;
    if (run->everybody)
        whole = find_one(log, finding, run, &file, &everybody, from, end);
    for (size_t i = 0; whole && i < finding->people->count; i++)
        whole = find_one(log, finding, run, &file, &finding->people->handles[i], from, end);
    if (whole)
        return;
    finding->numbers.count = 0;
    *end = from;
    whose_forget(&log->whose, run);
}

static bool is_theirs(const struct audit_people *people, const audit_id *handle)
{
    bool theirs = false;
    for (size_t i = 0; !theirs && i < people->count; i++)
        theirs = ID_EQUAL(people->handles[i], *handle);
    return theirs;
}

/* One that cannot be looked into is everybody's: whoever asks is told. */
static bool names_them(struct audit_log *log, const struct whose_many *many,
                       const struct audit_people *people)
{
    struct manifest_name name = {many->root, many->lines};
    bool named = false;
    for (size_t i = 0; !named && i < people->count; i++) {
        struct report report = {0};
        enum audit_decision decision;
        if (!is_ok(audit_manifest_find(log, &name, people->handles[i], &report, &named, &decision)))
            return true;
    }
    return named;
}

static void find_in_recent(struct audit_log *log, struct finding *finding, uint64_t from,
                           uint64_t to)
{
    const struct whose *whose = &log->whose;
    for (size_t i = 0; i < whose->recent.count; i++) {
        uint64_t number = whose_number(&whose->recent.at[i]);
        if (number >= from && number < to &&
            is_theirs(finding->people, &whose->recent.at[i].handle))
            (void)numbers_add(&finding->numbers, number, SIZE_MAX);
    }
    for (size_t i = 0; i < whose->many.count; i++) {
        const struct whose_many *many = &whose->many.at[i];
        if (many->number >= from && many->number < to && names_them(log, many, finding->people))
            (void)numbers_add(&finding->numbers, many->number, SIZE_MAX);
    }
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
    return one < two ? -1 : one > two;
}

/* Shows what was found before `end`, each once, and moves *next there. */
static status show_found(struct audit_log *log, struct finding *finding, uint64_t *next,
                         uint64_t end, struct report *report, bool *stop)
{
    struct whose_numbers *numbers = &finding->numbers;
    if (numbers->count > 1)
        qsort(numbers->at, numbers->count, sizeof(*numbers->at), compare_numbers);
    for (size_t i = 0; i < numbers->count && !*stop; i++) {
        uint64_t number = numbers->at[i];
        str text = {0};
        if (number < *next || number >= end)
            continue;
        TRY(log_entry(log, number, report, &text));
        TRY(finding->by.visit(finding->by.self, number, text, report, stop));
        *next = number + 1;
    }
    if (!*stop)
        *next = end;
    numbers->count = 0;
    return OK;
}

static status find_on(struct audit_log *log, struct finding *finding, uint64_t *next,
                      struct report *report)
{
    bool stop = false;
    while (*next < log->size && !stop) {
        uint64_t end;
        const struct whose_run *run = whose_covers(&log->whose, *next, log->size, &end);
        if (run == NULL && *next < log->whose.recent_from) {
            TRY(log_scan(log, next, end, &finding->by, report, &stop));
            continue;
        }
        if (run == NULL)
            find_in_recent(log, finding, *next, log->size);
        else
            find_in_run(log, finding, *next, run, &end);
        TRY(show_found(log, finding, next, end, report, &stop));
    }
    return OK;
}

status audit_scan_whose(struct audit_log *log, const struct audit_people *people, uint64_t *next,
                        audit_visit *visit, void *self, struct report *report)
{
    struct finding finding = {.people = people, .by = {visit, self}};
    TRY(log_alive(log, report));
    status found = find_on(log, &finding, next, report);
    free(finding.numbers.at);
    return found;
}

/* ---- finding, the newest first ---- */

/* The numbers of one handle before `to`; *from is where they stop short. */
static bool find_one_back(struct audit_log *log, struct finding *finding,
                          const struct whose_run *run, int *file, const audit_id *handle,
                          uint64_t to, uint64_t *from)
{
    struct whose_numbers *numbers = &finding->numbers;
    size_t most = numbers->count + log->whose.entries / 2;
    if (!whose_run_find_back(&log->whose, run, file, handle, to, most, numbers))
        return false;
    if (numbers->count == most && numbers->at[most - 1] > *from)
        *from = numbers->at[most - 1];
    return true;
}

static void find_in_run_back(struct audit_log *log, struct finding *finding, uint64_t to,
                             const struct whose_run *run, uint64_t *from)
{
    CLEANUP(fd_close) int file = -1;
    bool whole = true;
    if (run->everybody)
        whole = find_one_back(log, finding, run, &file, &everybody, to, from);
    for (size_t i = 0; whole && i < finding->people->count; i++)
        whole = find_one_back(log, finding, run, &file, &finding->people->handles[i], to, from);
    if (whole)
        return;
    finding->numbers.count = 0;
    *from = to;
    whose_forget(&log->whose, run);
}

static status add_theirs(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct finding *finding = self;
    struct audit_entry entry;
    (void)stop;
    TRY(entry_parse(text, report, &entry));
    if (entry.has_manifest ||
        (!ID_IS_ZERO(entry.subject) && is_theirs(finding->people, &entry.subject)))
        (void)numbers_add(&finding->numbers, index, SIZE_MAX);
    return OK;
}

/* A hole is read from its end, a piece at a time. */
static status find_in_hole_back(struct audit_log *log, struct finding *finding, uint64_t to,
                                uint64_t *from, struct report *report)
{
    struct log_visitor by = {add_theirs, finding};
    bool stop = false;
    if (to - *from > log->whose.entries)
        *from = to - log->whose.entries;
    uint64_t next = *from;
    return log_scan(log, &next, to, &by, report, &stop);
}

/* Shows what was found from `from` on, each once, the last first, and moves *before there. */
static status show_found_back(struct audit_log *log, struct finding *finding, uint64_t *before,
                              uint64_t from, struct report *report, bool *stop)
{
    struct whose_numbers *numbers = &finding->numbers;
    if (numbers->count > 1)
        qsort(numbers->at, numbers->count, sizeof(*numbers->at), compare_numbers);
    for (size_t i = numbers->count; i > 0 && !*stop; i--) {
        uint64_t number = numbers->at[i - 1];
        str text = {0};
        if (number >= *before || number < from)
            continue;
        TRY(log_entry(log, number, report, &text));
        TRY(finding->by.visit(finding->by.self, number, text, report, stop));
        *before = number;
    }
    if (!*stop)
        *before = from;
    numbers->count = 0;
    return OK;
}

static status find_back(struct audit_log *log, struct finding *finding, uint64_t *before,
                        struct report *report)
{
    bool stop = false;
    while (*before > 0 && !stop) {
        uint64_t from;
        const struct whose_run *run = whose_covers_before(&log->whose, *before, &from);
        if (run != NULL)
            find_in_run_back(log, finding, *before, run, &from);
        else if (*before > log->whose.recent_from)
            find_in_recent(log, finding, from, *before);
        else
            TRY(find_in_hole_back(log, finding, *before, &from, report));
        TRY(show_found_back(log, finding, before, from, report, &stop));
    }
    return OK;
}

status audit_scan_whose_back(struct audit_log *log, const struct audit_people *people,
                             uint64_t *before, audit_visit *visit, void *self,
                             struct report *report)
{
    struct finding finding = {.people = people, .by = {visit, self}};
    TRY(log_alive(log, report));
    if (*before > log->size)
        *before = log->size;
    status found = find_back(log, &finding, before, report);
    free(finding.numbers.at);
    return found;
}
