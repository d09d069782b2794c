/* Policy tests: reading their form, which needs no plan. */
#include <stdio.h>
#include "testfile_internal.h"
#include "calendar.h"

enum { KEPT_PROBLEMS = 200 };

const char *test_verb_name(enum test_verb verb)
{
    return vocabulary_word_text(LIST_verbs, verb);
}

/* ---- problems ---- */

status test_problem(struct test_load *t, uint32_t line, uint32_t column, const char *rule,
                    str suggestion, const char *format, ...)
{
    if (t->errors >= KEPT_PROBLEMS)
        return fail(t->report, FAULT_INVALID, "more than %d mistakes; only the first are listed",
                    KEPT_PROBLEMS);
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    len = len < 0 ? 0 : len < (int)sizeof(text) ? len : (int)sizeof(text) - 1;
    struct problem problem = {.severity = SEVERITY_ERROR,
                              .rule = str_from(rule),
                              .file = t->file,
                              .line = line,
                              .column = column,
                              .path = t->name,
                              .text = {text, (size_t)len},
                              .suggestion = suggestion};
    TRY(problems_add(t->problems, &problem, t->report));
    t->errors++;
    return OK;
}

static status at_node(struct test_load *t, const struct yaml_node *node, const char *what)
{
    return test_problem(t, node->line, node->column, "wrong-value", STR(""), "%s", what);
}

static status unknown(struct test_load *t, const struct yaml_node *item, const char *what,
                      struct nearest nearest)
{
    return test_problem(t, item->key_line, item->key_column, "unknown-key", nearest.best,
                        "unknown key `%.*s` in %s", STR_ARG(item->key), what);
}

/* ---- values ---- */

static struct test_value value_of(const struct yaml_node *node)
{
    struct test_value value = {.text = node->text, .name = node->text, .id = STR("")};
    value.line = node->line;
    value.column = node->column;
    const char *slash = node->text.len == 0 ? NULL : memchr(node->text.ptr, '/', node->text.len);
    if (slash != NULL) {
        size_t before_it = (size_t)(slash - node->text.ptr);
        value.name = str_slice(node->text, 0, before_it);
        value.id = str_slice(node->text, before_it + 1, node->text.len);
    }
    return value;
}

static status values_read(struct test_load *t, const struct yaml_node *node,
                          struct test_values *values)
{
    values->stated = true;
    size_t count = node->kind == YAML_LIST ? node->count : 1;
    if (node->kind == YAML_MAP || count >= NONE)
        return at_node(t, node, "a name or a list of names should stand here");
    values->at = ARENA_ARRAY(t->arena, struct test_value, count);
    if (values->at == NULL)
        return NO_MEMORY(t->report);
    if (node->kind == YAML_SCALAR) {
        values->at[values->count++] = value_of(node);
        return node->text.len > 0 ? OK : at_node(t, node, "a name should stand here");
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind != YAML_SCALAR || item->text.len == 0)
            TRY(at_node(t, item, "a name should stand here"));
        else
            values->at[values->count++] = value_of(item);
    }
    return OK;
}

static bool two_digits(str text, size_t at, uint8_t limit, uint8_t *value)
{
    uint64_t number;
    if (!str_to_u64(str_slice(text, at, at + 2), &number) || number > limit)
        return false;
    *value = (uint8_t)number;
    return true;
}

/* "2026-09-01" or "2026-09-01T23:59:59", local. */
static bool time_parse(str text, struct test_time *time)
{
    struct date date;
    if (text.len != 10 && text.len != 19)
        return false;
    if (!date_parse(str_slice(text, 0, 10), &date))
        return false;
    time->year = date.year;
    time->month = date.month;
    time->day = date.day;
    time->has_time = text.len == 19;
    if (!time->has_time)
        return true;
    return text.ptr[10] == 'T' && text.ptr[13] == ':' && text.ptr[16] == ':' &&
           two_digits(text, 11, 23, &time->hour) && two_digits(text, 14, 59, &time->minute) &&
           two_digits(text, 17, 59, &time->second);
}

static status time_read(struct test_load *t, const struct yaml_node *node, struct test_time *time)
{
    time->line = node->line;
    time->column = node->column;
    if (node->kind == YAML_SCALAR && time_parse(node->text, time)) {
        time->stated = true;
        return OK;
    }
    return test_problem(t, node->line, node->column, "time", STR(""),
                        "a local time is 2026-09-01 or 2026-09-01T23:59:59");
}

static status asks_read(struct test_load *t, const struct yaml_node *node, struct test_step *step)
{
    if (node->kind != YAML_MAP || node->count >= NONE)
        return at_node(t, node, "`asks` takes a map: particular -> value");
    step->asks = ARENA_ARRAY(t->arena, struct test_pair, node->count);
    if (step->asks == NULL)
        return NO_MEMORY(t->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind != YAML_SCALAR) {
            TRY(at_node(t, item, "a particular is one text"));
            continue;
        }
        step->asks[step->ask_count++] =
            (struct test_pair){item->key, item->text, item->key_line, item->key_column};
    }
    return OK;
}

/* ---- what is expected ---- */

static status outcome_unknown(struct test_load *t, uint32_t line, uint32_t column, str text)
{
    struct nearest nearest = nearest_to(text);
    nearest_offer_words(&nearest, LIST_outcomes);
    return test_problem(t, line, column, "unknown-word", nearest.best, "there is no answer `%.*s`",
                        STR_ARG(text));
}

static status then_read(struct test_load *t, const struct yaml_node *node, struct test_then *then)
{
    unsigned value = 0;
    then->line = node->line;
    then->column = node->column;
    if (node->kind == YAML_SCALAR) {
        bool known = vocabulary_word(LIST_outcomes, node->text, &value);
        if (!known || (value != THEN_ALLOW && value != THEN_GONE))
            return outcome_unknown(t, node->line, node->column, node->text);
        then->outcome = (enum test_outcome)value;
        return OK;
    }
    if (node->kind != YAML_MAP)
        return at_node(t, node, "`then` takes allow, gone, { refuse: ... } or { duty: [...] }");
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (!vocabulary_word(LIST_outcomes, item->key, &value) || value == THEN_ALLOW ||
            value == THEN_GONE) {
            TRY(outcome_unknown(t, item->key_line, item->key_column, item->key));
            continue;
        }
        if (value == THEN_NONE) {
            TRY(values_read(t, item, &then->lacks));
            continue;
        }
        if (then->outcome != THEN_NONE)
            TRY(test_problem(t, item->key_line, item->key_column, "two-answers", STR(""),
                             "a step has one answer"));
        then->outcome = (enum test_outcome)value;
        TRY(values_read(t, item, value == THEN_DUTY ? &then->duties : &then->refuse));
    }
    if (then->outcome == THEN_NONE)
        return at_node(t, node, "`then` takes allow, gone, { refuse: ... } or { duty: [...] }");
    return OK;
}

/* ---- steps ---- */

/* `role` and `item` are slots too: they are the verb only when no other is there. */
static status verb_find(struct test_load *t, const struct yaml_node *map, struct test_step *step,
                        const struct yaml_node **found)
{
    const struct yaml_node *role = NULL, *item_verb = NULL;
    *found = NULL;
    for (const struct yaml_node *item = map->first; item != NULL; item = item->next) {
        unsigned verb;
        if (!vocabulary_word(LIST_verbs, item->key, &verb))
            continue;
        if (verb == TEST_ROLE) {
            role = item;
        } else if (verb == TEST_ITEM) {
            item_verb = item;
        } else if (*found != NULL) {
            TRY(test_problem(t, item->key_line, item->key_column, "two-verbs", STR(""),
                             "a step does one thing: `%s` or `%.*s`", test_verb_name(step->verb),
                             STR_ARG(item->key)));
        } else {
            *found = item;
            step->verb = (enum test_verb)verb;
        }
    }
    if (*found != NULL)
        return OK;
    *found = role != NULL ? role : item_verb;
    step->verb = role != NULL ? TEST_ROLE : item_verb != NULL ? TEST_ITEM : TEST_NONE;
    if (*found != NULL)
        return OK;
    return test_problem(t, map->line, map->column, "no-verb", STR(""),
                        "this step does nothing: a verb such as `read` is missing");
}

static status step_unknown(struct test_load *t, const struct yaml_node *item)
{
    struct nearest nearest = nearest_to(item->key);
    nearest_offer_words(&nearest, LIST_step_keys);
    nearest_offer_words(&nearest, LIST_step_slots);
    nearest_offer_words(&nearest, LIST_verbs);
    return unknown(t, item, "a step", nearest);
}

static status step_key(struct test_load *t, const struct yaml_node *item, struct test_step *step)
{
    enum { AT, UNTIL, ASKS, WITH_ACT, THEN };
    unsigned value;
    if (vocabulary_word(LIST_step_slots, item->key, &value))
        return values_read(t, item, &step->slots[value]);
    if (!vocabulary_word(LIST_step_keys, item->key, &value))
        return vocabulary_word(LIST_verbs, item->key, &value) ? OK : step_unknown(t, item);
    switch (value) {
    case AT:
        return time_read(t, item, &step->at);
    case UNTIL:
        return time_read(t, item, &step->until);
    case ASKS:
        return asks_read(t, item, step);
    case WITH_ACT:
        return values_read(t, item, &step->with_act);
    default:
        return then_read(t, item, &step->then);
    }
}

static status party_take(struct test_load *t, struct test_step *step)
{
    const struct test_values *to = &step->slots[SLOT_RECIPIENT];
    struct test_values *party = &step->slots[TEST_SLOT_PARTY];
    if (to->count != 1 || to->at[0].id.len == 0)
        return OK;
    party->at = ARENA_NEW(t->arena, struct test_value);
    if (party->at == NULL)
        return NO_MEMORY(t->report);
    *party->at = to->at[0];
    party->at->text = party->at->name = to->at[0].id;
    party->count = 1;
    party->stated = true;
    return OK;
}

static status step_read(struct test_load *t, const struct yaml_node *map, struct test_step *step)
{
    step->line = map->line;
    step->column = map->column;
    if (map->kind != YAML_MAP)
        return at_node(t, map, "a step is a map of keys");
    const struct yaml_node *verb;
    TRY(verb_find(t, map, step, &verb));
    for (const struct yaml_node *item = map->first; item != NULL; item = item->next) {
        if (item == verb)
            TRY(values_read(t, item, &step->object));
        else
            TRY(step_key(t, item, step));
    }
    if (yaml_get(map, STR("at")) == NULL)
        TRY(test_problem(t, map->line, map->column, "missing-key", STR("at"),
                         "a step says when it is: `at`"));
    return party_take(t, step);
}

static status steps_read(struct test_load *t, const struct yaml_node *list,
                         struct test_step **steps, uint16_t *count)
{
    if (list->kind != YAML_LIST || list->count >= NONE)
        return at_node(t, list, "a list of steps should stand here");
    *steps = ARENA_ARRAY(t->arena, struct test_step, list->count);
    if (*steps == NULL)
        return NO_MEMORY(t->report);
    for (const struct yaml_node *item = list->first; item != NULL; item = item->next)
        TRY(step_read(t, item, &(*steps)[(*count)++]));
    return OK;
}

/* ---- tests ---- */

static status with_read(struct test_load *t, const struct yaml_node *map, struct test *test)
{
    if (map->kind != YAML_MAP || map->count > 1000)
        return at_node(t, map, "`with` takes a map: path -> value");
    test->with = ARENA_ARRAY(t->arena, struct policy_override, map->count);
    if (test->with == NULL)
        return NO_MEMORY(t->report);
    for (const struct yaml_node *item = map->first; item != NULL; item = item->next) {
        struct buf text = buf_in(t->arena, 1 << 20);
        struct policy_override *with = &test->with[test->with_count++];
        buf_yaml_flow(&text, item);
        with->path = item->key;
        TRY(buf_finish(&text, t->report, &with->value));
    }
    return OK;
}

static status covers_read(struct test_load *t, const struct yaml_node *list, struct test *test)
{
    struct test_values values = {0};
    TRY(values_read(t, list, &values));
    test->covers.at = ARENA_ARRAY(t->arena, str, values.count);
    if (test->covers.at == NULL)
        return NO_MEMORY(t->report);
    for (uint16_t i = 0; i < values.count; i++)
        test->covers.at[test->covers.count++] = values.at[i].text;
    return OK;
}

static status text_read(struct test_load *t, const struct yaml_node *node, str *text)
{
    if (node->kind != YAML_SCALAR || node->text.len == 0)
        return at_node(t, node, "a text should stand here");
    *text = node->text;
    return OK;
}

static status test_key(struct test_load *t, const struct yaml_node *item, struct test *test)
{
    enum { NAME, POLICY, DEPLOY, WITH, COVERS, GIVEN, WHEN };
    unsigned value;
    if (!vocabulary_word(LIST_test_keys, item->key, &value)) {
        struct nearest nearest = nearest_to(item->key);
        nearest_offer_words(&nearest, LIST_test_keys);
        return unknown(t, item, "a test", nearest);
    }
    switch (value) {
    case NAME:
        return text_read(t, item, &test->name);
    case POLICY:
        return text_read(t, item, &test->policy);
    case DEPLOY:
        test->deploy_stated = true;
        test->deploy = item->kind != YAML_SCALAR || !str_is(item->text, "false");
        if (item->kind == YAML_SCALAR && (!test->deploy || str_is(item->text, "true")))
            return OK;
        return at_node(t, item, "`deploy` takes true or false");
    case WITH:
        return with_read(t, item, test);
    case COVERS:
        return covers_read(t, item, test);
    case GIVEN:
        return steps_read(t, item, &test->given, &test->given_count);
    default:
        return steps_read(t, item, &test->when, &test->when_count);
    }
}

static status test_read(struct test_load *t, const struct yaml_node *map, struct test *test)
{
    test->line = map->line;
    test->column = map->column;
    test->deploy = true;
    t->name = STR("");
    if (map->kind != YAML_MAP)
        return at_node(t, map, "a test is a map of keys");
    for (const struct yaml_node *item = map->first; item != NULL; item = item->next)
        TRY(test_key(t, item, test));
    static const char *const REQUIRED[] = {"name", "policy", "when"};
    for (size_t i = 0; i < LENGTH(REQUIRED); i++)
        if (yaml_get(map, str_from(REQUIRED[i])) == NULL)
            TRY(test_problem(t, map->line, map->column, "missing-key", str_from(REQUIRED[i]),
                             "a test has `%s`", REQUIRED[i]));
    return OK;
}

static status file_load(struct test_load *t, const struct yaml_node *root, struct test_file *file)
{
    const struct yaml_node *vern = yaml_get(root, STR("vern"));
    const struct yaml_node *tests = yaml_get(root, STR("tests"));
    if (vern == NULL || vern->kind != YAML_SCALAR || !str_is(vern->text, "1"))
        TRY(test_problem(t, 1, 1, "missing-key", STR("vern: 1"), "a file of tests has `vern: 1`"));
    if (tests == NULL || tests->kind != YAML_LIST || tests->count >= NONE)
        return test_problem(t, 1, 1, "missing-key", STR("tests"), "a file of tests has `tests`");
    for (const struct yaml_node *item = root->first; item != NULL; item = item->next) {
        if (item == vern || item == tests)
            continue;
        struct nearest nearest = nearest_to(item->key);
        nearest_offer(&nearest, STR("vern"));
        nearest_offer(&nearest, STR("tests"));
        TRY(unknown(t, item, "a file of tests", nearest));
    }
    file->at = ARENA_ARRAY(t->arena, struct test, tests->count);
    if (file->at == NULL)
        return NO_MEMORY(t->report);
    for (const struct yaml_node *item = tests->first; item != NULL; item = item->next)
        TRY(test_read(t, item, &file->at[file->count++]));
    return OK;
}

status testfile_read(const struct policy_source *source, struct arena *arena,
                     struct problems *problems, struct report *report, struct test_file **file)
{
    assert(source != NULL && arena != NULL && problems != NULL && file != NULL);

    if (problems->arena == NULL)
        problems->arena = arena;
    struct test_load t = {.arena = arena,
                          .problems = problems,
                          .report = report,
                          .file = arena_copy(arena, source->name),
                          .name = STR("")};
    struct yaml_faults faults = {0};
    struct yaml_node *root = NULL;
    status read = yaml_read(source->text, arena, &faults, report, &root);
    for (size_t i = 0; i < faults.list.count; i++) {
        const struct yaml_fault *fault = &faults.list.at[i];
        TRY(test_problem(&t, fault->line, fault->column, fault->rule, STR(""), "%.*s",
                         STR_ARG(fault->text)));
    }
    TRY(read);
    *file = ARENA_NEW(arena, struct test_file);
    if (*file == NULL)
        return NO_MEMORY(report);
    (*file)->file = t.file;
    TRY(file_load(&t, root, *file));
    return t.errors == 0 ? OK : fail(report, FAULT_INVALID, "%zu mistakes in the tests", t.errors);
}
