/* A role of many people under one entry: who is changed, what the log and the feed tell of each. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

enum { PEOPLE = 5 };

struct roles_run {
    struct roles_change request;
    struct role_lines lines;
};

static status use_roles(struct call *call, void *request)
{
    struct roles_run *roles = request;
    return engine_roles(call, &roles->request, &roles->lines);
}

struct feed_run {
    uint64_t from;
    struct feed feed;
};

static status use_feed(struct call *call, void *request)
{
    struct feed_run *run = request;
    return engine_feed(call, run->from, 1, &run->feed);
}

static void start(struct fixture *f, dossier_id people[PEOPLE])
{
    fixture_start(f, 91, "2026-03-01T09:00:00Z");
    fixture_register(f, "example", "2026-03-01T09:00:00Z");
    for (int i = 0; i < PEOPLE; i++) {
        RUN_OK(f, make_asker, NULL);
        people[i] = f->call.outcome.id;
    }
}

static struct roles_run of(const char *role, bool ends, const dossier_id *people, size_t count)
{
    return (struct roles_run){
        .request = {.change = {.role = str_from(role), .ends = ends, .warned = true},
                    .subjects = people,
                    .subject_count = count}};
}

static bool has_role(struct fixture *f, dossier_id person, const char *role)
{
    enum presence presence;
    struct dossier *dossier;
    assert_true(
        is_ok(vault_load(f->reg->vault, person, f->arena, &f->report, &presence, &dossier)));
    const struct facts *facts = dossier->facts;
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *there = &facts->roles.at[i];
        if (str_is(words_text(f->reg->words, there->role), role) &&
            before(reg_now(f->reg), there->until))
            return true;
    }
    return false;
}

/* What a person's history tells of it, by their reference. */
static bool history_tells(struct fixture *f, dossier_id person, const char *words)
{
    char reference[ID_TEXT + 1] = "";
    unsigned char handle[ID_BYTES];
    struct buf buf = buf_over(reference, ID_TEXT);
    assert_true(is_ok(vault_handle(f->reg->vault, person, &f->report, handle)));
    buf_id(&buf, handle);
    struct history_run history = {.reference = buf_str(&buf)};
    RUN_OK(f, use_history, &history);
    str told = history.document;
    return memmem(told.ptr, told.len, words, strlen(words)) != NULL;
}

static void many_get_a_role_under_one_entry_and_each_is_told_of_it(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    uint64_t entries = audit_size(f.reg->log);
    struct roles_run give = of("candidate", false, people, 3);
    RUN_OK(&f, use_roles, &give);
    assert_int_equal(audit_size(f.reg->log), entries + 1);
    assert_int_equal(f.call.outcome.log_index, entries);
    assert_int_equal(give.lines.allowed, 3);
    for (int i = 0; i < PEOPLE; i++) {
        assert_int_equal(has_role(&f, people[i], "candidate"), i < 3);
        assert_int_equal(history_tells(&f, people[i], "role:candidate"), i < 3);
    }
    struct feed_run feed = {.from = entries}; /* a page of one, and yet all of the entry's people */
    RUN_OK(&f, use_feed, &feed);
    assert_int_equal(feed.feed.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(str_is(feed.feed.at[i].change, "role_given"));
        assert_int_equal(feed.feed.at[i].index, entries);
    }
    fixture_stop(&f);
}

static void who_is_unknown_or_does_not_hold_it_stays_and_has_no_line(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    struct roles_run give = of("candidate", false, people, 2);
    RUN_OK(&f, use_roles, &give);
    people[3] = (dossier_id){{7, 7}};
    struct roles_run end = of("candidate", true, people, PEOPLE);
    RUN_OK(&f, use_roles, &end);
    assert_int_equal(end.lines.allowed, 2);
    assert_true(end.lines.at[1].allowed && end.lines.at[2].lacking && end.lines.at[3].unknown);
    assert_false(end.lines.at[2].allowed || end.lines.at[3].allowed || end.lines.at[3].lacking);
    assert_false(has_role(&f, people[0], "candidate"));
    uint64_t entries = audit_size(f.reg->log);
    RUN_FAULT(&f, use_roles, &end, FAULT_CONFLICT); /* nobody holds it any more */
    assert_int_equal(audit_size(f.reg->log), entries);
    struct roles_run nobody = of("candidate", false, &people[3], 1);
    RUN_FAULT(&f, use_roles, &nobody, FAULT_NOT_FOUND);
    assert_int_equal(audit_size(f.reg->log), entries + 1); /* that somebody asked */
    assert_false(history_tells(&f, people[2], "role:candidate"));
    fixture_stop(&f);
}

/* Roles that have ended stay among the facts. */
static void fill(struct fixture *f, dossier_id person)
{
    bool ends = false;
    for (status got = OK; is_ok(got); ends = !ends) {
        struct role_change change = {.subject = person, .role = STR("candidate"), .ends = ends};
        arena_reset(f->arena);
        f->report = (struct report){0};
        got = engine_run(f->engine, f->reg, engine_system(), f->arena, &f->report, &f->call,
                         use_role, &change);
    }
    assert_int_equal(f->report.fault, FAULT_LIMIT);
}

static void where_one_has_no_room_nobody_is_changed_and_it_is_said_who(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    fill(&f, people[2]);
    struct roles_run give = of("candidate", false, people, PEOPLE);
    RUN_FAULT(&f, use_roles, &give, FAULT_LIMIT);
    assert_string_equal(f.report.where, "/subjects/2");
    assert_false(has_role(&f, people[0], "candidate"));
    people[2] = people[PEOPLE - 1];
    give = of("candidate", false, people, PEOPLE - 1);
    RUN_OK(&f, use_roles, &give);
    assert_true(has_role(&f, people[0], "candidate"));
    fixture_stop(&f);
}

static void what_is_asked_wrongly_changes_nobody(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    static dossier_id crowd[LIMIT_PAGE_ROWS + 1];
    start(&f, people);
    struct roles_run roles = of("candidate", false, people, 0);
    RUN_FAULT(&f, use_roles, &roles, FAULT_INVALID);
    for (size_t i = 0; i < LENGTH(crowd); i++)
        crowd[i].bytes[0] = (unsigned char)i, crowd[i].bytes[1] = 1;
    roles = of("candidate", false, crowd, LENGTH(crowd));
    RUN_SAYS(&f, use_roles, &roles, FAULT_INVALID, "200");
    people[1] = people[0];
    roles = of("candidate", false, people, PEOPLE);
    RUN_SAYS(&f, use_roles, &roles, FAULT_INVALID, "twice");
    roles = of("no_such", false, people, 1);
    RUN_FAULT(&f, use_roles, &roles, FAULT_INVALID);
    assert_false(has_role(&f, people[0], "candidate"));
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_get_a_role_under_one_entry_and_each_is_told_of_it),
        cmocka_unit_test(who_is_unknown_or_does_not_hold_it_stays_and_has_no_line),
        cmocka_unit_test(where_one_has_no_room_nobody_is_changed_and_it_is_said_who),
        cmocka_unit_test(what_is_asked_wrongly_changes_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
