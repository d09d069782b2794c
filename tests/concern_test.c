/* An item that is also about somebody else: a line stands with both people, under one id, and both
 * dossiers agree on it whatever is done, undone or restored; the other sees that the item is there,
 * and what it says once an officer has decided. */
#include "trouble.h"

static struct scene the_scene;

static int set_scene(void **state)
{
    (void)state;
    scene_make(&the_scene, 41);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_end(&the_scene);
    return 0;
}

static dossier_id the_officer; /* whose role may decide what people ask for */

static void begin(struct fixture *f)
{
    char folder[64];
    scene_again(&the_scene, folder);
    fixture_over(f, folder, 17);
    MUST(f, try_open(f, NULL));
    struct staff_create create = {.role = STR("officer"), .name = STR("M")};
    RUN_OK(f, use_staff_create, &create);
    the_officer = f->call.outcome.id;
}

static void end(struct fixture *f)
{
    char folder[64];
    memcpy(folder, f->dir, sizeof(folder));
    fixture_end(f);
    folder_remove(folder);
}

static const struct facts *facts_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    MUST(f, vault_load(f->reg->vault, id, f->arena, &f->report, &presence, &dossier));
    return presence == PRESENCE_LIVE ? dossier->facts : NULL;
}

static const struct fact_concern *line_of(const struct facts *facts, record_id id)
{
    for (size_t i = 0; facts != NULL && i < facts->concerns.count; i++) {
        if (ID_EQUAL(facts->concerns.at[i].id, id))
            return &facts->concerns.at[i];
    }
    return NULL;
}

/* A line as the person has it; of the kind of a quarantine when they have none. */
static struct fact_concern line_with(struct fixture *f, dossier_id who, record_id id)
{
    const struct fact_concern *line = line_of(facts_of(f, who), id);
    return line == NULL ? (struct fact_concern){0} : *line;
}

static struct fact_concern anna_has(struct fixture *f, record_id id)
{
    return line_with(f, the_scene.anna, id);
}

static struct fact_concern cato_has(struct fixture *f, record_id id)
{
    return line_with(f, the_scene.cato, id);
}

/* Anna's CV is about Cato, too. */
static record_id annas_cv_concerns(struct fixture *f, dossier_id other)
{
    struct concern_make make = {the_scene.anna, the_scene.anna_cv, other};
    RUN_OK(f, use_concern, &make);
    return f->call.outcome.record;
}

static status run_as_officer(struct fixture *f, status (*use)(struct call *call, void *request),
                             void *request)
{
    const struct caller officer = {.scopes = SCOPE_ALL,
                                   .actor = the_officer,
                                   .staff = words_find(reg_words(f->reg), STR("officer")),
                                   .authenticated = STR("token")};
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, &officer, f->arena, &f->report, &f->call, use, request);
}

static status decide_as(struct fixture *f, dossier_id whose, record_id line, bool release)
{
    struct concern_decision decision = {
        .subject = whose, .concern = line, .release = release, .reasons = STR("weighed")};
    return run_as_officer(f, use_concern_decide, &decision);
}

static str access_of(struct fixture *f, dossier_id who)
{
    struct export_run export = {.request = {.subject = who, .by_subject = true}};
    RUN_OK(f, use_export, &export);
    return export.document;
}

/* ---- both agree ---- */

static bool restricts(struct fixture *f, const struct facts *facts, word field)
{
    for (size_t i = 0; i < facts->restrictions.count; i++) {
        const struct fact_restriction *restriction = &facts->restrictions.at[i];
        bool named = restriction->field_count == 0;
        for (size_t n = 0; n < restriction->field_count; n++)
            named |= restriction->fields[n] == field;
        if (named)
            return true;
    }
    (void)f;
    return false;
}

static void check_line(struct fixture *f, const struct facts *facts,
                       const struct fact_concern *line)
{
    const struct facts *other = facts_of(f, line->other);
    const struct fact_concern *there = line_of(other, line->id);
    MUST_BE(there != NULL);
    MUST_BE(ID_EQUAL(there->other, facts->id) && ID_EQUAL(there->item, line->item));
    MUST_BE(there->field == line->field && there->source == line->source);
    MUST_BE(there->since.ms == line->since.ms && there->kind != line->kind);
    if (line->kind == CONCERN_THERE) {
        MUST_BE(line->restricted.ms == NEVER.ms);
        return;
    }
    MUST_BE(facts_find_item(facts, line->item) != NULL);
    MUST_BE((line->restricted.ms != NEVER.ms) == restricts(f, other, line->field));
}

/* Every line of every person has its other half; gives how many lines there are. */
static size_t all_agree(struct fixture *f)
{
    dossier_id *ids, none = {{0}};
    size_t count, lines = 0;
    MUST(f,
         vault_list(f->reg->vault, DOSSIER_SUBJECT, none, 100, f->arena, &f->report, &ids, &count));
    for (size_t i = 0; i < count; i++) {
        const struct facts *facts = facts_of(f, ids[i]);
        MUST_BE(facts != NULL && facts->concerns.count <= 2 * LIMIT_CONCERNS);
        for (size_t c = 0; c < facts->concerns.count; c++)
            check_line(f, facts, &facts->concerns.at[c]);
        lines += facts->concerns.count;
    }
    MUST_BE(lines % 2 == 0);
    return lines / 2;
}

/* ---- a line ---- */

/* CON-26, CON-08 */
static void a_line_stands_with_both_people_under_one_id(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato);
    assert_int_equal(anna_has(&f, line).kind, CONCERN_HERE);
    assert_int_equal(cato_has(&f, line).kind, CONCERN_THERE);
    assert_int_equal(all_agree(&f), 1);
    /* Said twice it is one line; the answer says that a notice is owed. */
    assert_true(ID_EQUAL(annas_cv_concerns(&f, the_scene.cato), line));
    assert_int_equal(f.call.decision->verdict, VERDICT_DUTY);
    assert_int_equal(all_agree(&f), 1);
    struct concern_end over = {the_scene.cato, line}; /* by either of the two */
    RUN_OK(&f, use_concern_end, &over);
    assert_int_equal(all_agree(&f), 0);
    RUN_FAULT(&f, use_concern_end, &over, FAULT_NOT_FOUND);
    end(&f);
}

static void a_line_goes_with_the_item_and_with_either_person(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato);
    MUST(&f, run_erase_part(&f, &the_scene)); /* the CV */
    assert_int_equal(anna_has(&f, line).kind, CONCERN_QUARANTINE);
    assert_int_equal(cato_has(&f, line).kind, CONCERN_QUARANTINE);
    struct concern_make make = {the_scene.anna, the_scene.anna_mail, the_scene.cato};
    RUN_OK(&f, use_concern, &make);
    make.other = the_scene.berit;
    RUN_OK(&f, use_concern, &make);
    assert_int_equal(all_agree(&f), 2);
    struct erase_run erase = {.request = {.subject = the_scene.cato, .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    assert_true(erase.result.whole);
    assert_int_equal(erase.result.concerned, 1); /* somebody looks at it */
    assert_int_equal(all_agree(&f), 1);
    assert_non_null(facts_find_item(facts_of(&f, the_scene.anna), the_scene.anna_mail));
    erase.request.subject = the_scene.anna;
    RUN_OK(&f, use_erase, &erase);
    assert_true(erase.result.whole);
    assert_int_equal(erase.result.concerned, 0);
    assert_int_equal(all_agree(&f), 0);
    assert_int_equal(facts_of(&f, the_scene.berit)->concerns.count, 0);
    end(&f);
}

static void the_sweep_takes_the_lines_of_what_has_ended(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.berit);
    move_clock(&f, "2026-07-10T00:00:00Z"); /* Anna's application has ended, Berit's has not */
    assert_null(facts_find_item(facts_of(&f, the_scene.anna), the_scene.anna_cv));
    assert_null(line_of(facts_of(&f, the_scene.berit), line));
    assert_int_equal(all_agree(&f), 0);
    end(&f);
}

static void a_corrected_value_takes_the_lines_over_and_no_decision_but_a_no(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato);
    MUST(&f, decide_as(&f, the_scene.cato, line, true));
    MUST(&f, run_rectify(&f, &the_scene));
    record_id cv = f.call.outcome.record;
    const struct facts *cato = facts_of(&f, the_scene.cato);
    assert_int_equal(cato->concerns.count, 1);
    assert_true(ID_EQUAL(cato->concerns.at[0].item, cv));
    assert_false(ID_EQUAL(cato->concerns.at[0].id, line));
    assert_int_equal(cato->concerns.at[0].state, CONCERN_UNDECIDED);
    assert_false(says(access_of(&f, the_scene.cato), NEW_CV));
    MUST(&f, decide_as(&f, the_scene.cato, cato->concerns.at[0].id, false));
    struct rectify again = {
        .subject = the_scene.anna, .item = cv, .value = STR("third"), .by_subject = true};
    RUN_OK(&f, use_rectify, &again);
    assert_int_equal(facts_of(&f, the_scene.cato)->concerns.at[0].state, CONCERN_WITHHELD);
    assert_int_equal(all_agree(&f), 1);
    again.item = f.call.outcome.record;
    again.value = STR(""); /* no value is none */
    RUN_OK(&f, use_rectify, &again);
    assert_int_equal(all_agree(&f), 0);
    end(&f);
}

/* ---- what the copies hold ---- */

/* CON-26, CON-57 */
static void the_other_sees_that_it_is_there_and_its_value_once_that_was_decided(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_true(says(access_of(&f, the_scene.cato), "\"concerns\":[]"));
    record_id line = annas_cv_concerns(&f, the_scene.cato);
    str document = access_of(&f, the_scene.cato);
    assert_true(says(document, "\"category\":\"job_application\""));
    assert_true(says(document, "\"withheld_by\":\"always.rights_of_others\""));
    assert_true(says(document, "\"state\":\"undecided\""));
    assert_false(says(document, ANNA_CV));
    str annas = id_text(&f, the_scene.anna.bytes);
    assert_false(memmem(document.ptr, document.len, annas.ptr, annas.len) != NULL);
    struct tally told = tally_of(&f, "access_concerned");
    assert_int_equal(told.count, 1); /* Anna's own entry */
    MUST(&f, decide_as(&f, the_scene.cato, line, true));
    document = access_of(&f, the_scene.cato);
    assert_true(says(document, ANNA_CV));
    assert_true(says(document, "\"reasons\":\"weighed\""));
    MUST(&f, decide_as(&f, the_scene.cato, line, false));
    document = access_of(&f, the_scene.cato);
    assert_false(says(document, ANNA_CV));
    assert_true(says(document, "\"state\":\"withheld\""));
    end(&f);
}

/* CON-57 */
static void her_own_copy_holds_it_until_an_officer_says_no(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato);
    str document = access_of(&f, the_scene.anna);
    assert_true(says(document, ANNA_CV));
    assert_true(says(document, "\"concerns_others\":1"));
    MUST(&f, decide_as(&f, the_scene.anna, line, false));
    document = access_of(&f, the_scene.anna);
    assert_false(says(document, ANNA_CV));
    assert_true(says(document, "\"withheld_by\":\"always.rights_of_others\""));
    struct export_run portable = {
        .request = {.subject = the_scene.anna, .portability = true, .by_subject = true}};
    RUN_OK(&f, use_export, &portable);
    assert_false(says(portable.document, ANNA_CV));
    assert_true(says(portable.document, "Anna Canaryname"));
    MUST(&f, decide_as(&f, the_scene.anna, line, true)); /* and Cato's copy has nothing of that */
    assert_true(says(access_of(&f, the_scene.anna), ANNA_CV));
    assert_false(says(access_of(&f, the_scene.cato), ANNA_CV));
    end(&f);
}

static status restrict_for(struct fixture *f, dossier_id who, record_id *made)
{
    static const str fields[] = {{"job_application.cv", 18}};
    struct restriction restriction = {.subject = who,
                                      .reason = STR("accuracy"),
                                      .fields = fields,
                                      .field_count = 1,
                                      .warned = true};
    TRY(run(f, use_restrict, &restriction));
    *made = f->call.outcome.record;
    return OK;
}

static void lift_for(struct fixture *f, dossier_id who, record_id restriction)
{
    struct restriction_lift lift = {.subject = who, .restriction = restriction};
    RUN_OK(f, use_restriction_tell, &lift);
    RUN_OK(f, use_restriction_lift, &lift);
}

static bool reads_cv(struct fixture *f)
{
    struct read_run read = {.request = {.subject = the_scene.anna,
                                        .purpose = STR("recruitment"),
                                        .controller = STR("confect"),
                                        .items = &the_scene.anna_cv,
                                        .item_count = 1}};
    status result = run(f, use_read, &read);
    MUST_BE(is_ok(result) || result.fault == FAULT_REFUSED);
    if (!is_ok(result))
        MUST_BE(str_is(f->call.decision->reason.rule, "rights.restrict"));
    return is_ok(result);
}

/* CON-60 */
static void what_the_other_restricts_is_stored_and_not_used(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id first = annas_cv_concerns(&f, the_scene.cato), restriction, own;
    assert_true(reads_cv(&f));
    MUST(&f, restrict_for(&f, the_scene.cato, &restriction));
    assert_false(reads_cv(&f));
    assert_int_equal(all_agree(&f), 1);
    MUST(&f, decide_as(&f, the_scene.cato, first, true));
    assert_true(says(access_of(&f, the_scene.cato), ANNA_CV)); /* who restricts it may see it */
    lift_for(&f, the_scene.cato, restriction);
    assert_true(reads_cv(&f));
    MUST(&f, restrict_for(&f, the_scene.anna, &own)); /* Anna's keeps it from Cato */
    str document = access_of(&f, the_scene.cato);
    assert_false(says(document, ANNA_CV));
    assert_true(says(document, "\"withheld_by\":\"always.stores_only_while_restricted\""));
    lift_for(&f, the_scene.anna, own);
    /* A line that comes after the restriction is restricted from the first. */
    MUST(&f, restrict_for(&f, the_scene.berit, &own));
    (void)annas_cv_concerns(&f, the_scene.berit);
    assert_false(reads_cv(&f));
    assert_int_equal(all_agree(&f), 2);
    end(&f);
}

struct explain_run {
    struct read request;
    instant at;
    str document;
};
static status use_explain(struct call *call, void *request)
{
    struct explain_run *explain = request;
    return engine_explain(call, &explain->request, explain->at, &explain->document);
}

static bool is_certain(struct fixture *f, const char *at)
{
    struct explain_run explain = {.request = {.subject = the_scene.anna,
                                              .purpose = STR("recruitment"),
                                              .items = &the_scene.anna_cv,
                                              .item_count = 1},
                                  .at = at_time(at)};
    RUN_OK(f, use_explain, &explain);
    return says(explain.document, "\"certain\":true");
}

static void what_the_other_restricted_once_makes_the_past_uncertain(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id restriction, line = annas_cv_concerns(&f, the_scene.cato); /* 2 March */
    move_clock(&f, "2026-03-10T09:00:00Z");
    MUST(&f, restrict_for(&f, the_scene.cato, &restriction));
    move_clock(&f, "2026-03-12T09:00:00Z");
    assert_true(is_certain(&f, "2026-03-11T09:00:00Z"));
    struct concern_end over = {the_scene.cato, line}; /* and the restriction with it */
    RUN_OK(&f, use_concern_end, &over);
    move_clock(&f, "2026-03-14T09:00:00Z");
    assert_false(is_certain(&f, "2026-03-11T09:00:00Z"));
    assert_true(is_certain(&f, "2026-03-13T09:00:00Z"));
    end(&f);
}

/* ---- notice ---- */

static size_t overdue(struct fixture *f)
{
    return f->reg->alarms[ALARM_OVERDUE_NOTICE];
}

/* CON-26, CON-08 */
static void whom_it_concerns_is_told_within_a_month(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato); /* 2 March */
    move_clock(&f, "2026-04-01T09:00:00Z");
    size_t before_it = overdue(&f);
    move_clock(&f, "2026-04-09T09:00:00Z"); /* after Easter */
    assert_int_equal(overdue(&f), before_it + 1);
    struct evidence_record notice = {.type = STR("notice"), .subject = the_scene.cato};
    RUN_OK(&f, use_evidence, &notice);
    assert_int_equal(overdue(&f), before_it);
    /* Taken over by a new value it is owed anew; with the line the duty goes. */
    move_clock(&f, "2026-04-10T09:00:00Z");
    MUST(&f, run_rectify(&f, &the_scene));
    move_clock(&f, "2026-05-13T09:00:00Z");
    assert_int_equal(overdue(&f), before_it + 1);
    struct concern_end over = {the_scene.cato, facts_of(&f, the_scene.cato)->concerns.at[0].id};
    RUN_OK(&f, use_concern_end, &over);
    assert_int_equal(overdue(&f), before_it);
    assert_int_equal(cato_has(&f, line).kind, CONCERN_QUARANTINE);
    end(&f);
}

/* ---- attacks ---- */

static void strangers_ended_items_and_wrong_ids_are_answered_alike(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    dossier_id nobody = {{9, 9, 9}};
    record_id nothing = {{7, 7}};
    struct concern_make wrong[] = {
        {the_scene.anna, the_scene.anna_cv, nobody},
        {the_scene.anna, the_scene.anna_cv, the_scene.vacancy}, /* no person */
        {the_scene.anna, the_scene.cato_cv, the_scene.berit},   /* another's item */
        {the_scene.anna, nothing, the_scene.berit},
        {nobody, the_scene.anna_cv, the_scene.berit},
    };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        RUN_FAULT(&f, use_concern, &wrong[i], FAULT_NOT_FOUND);
        assert_string_equal(f.report.text, fault_text(FAULT_NOT_FOUND));
    }
    struct concern_make oneself = {the_scene.anna, the_scene.anna_cv, the_scene.anna};
    RUN_FAULT(&f, use_concern, &oneself, FAULT_INVALID);
    record_id line = annas_cv_concerns(&f, the_scene.cato);
    struct concern_decision lone = {
        .subject = the_scene.cato, .concern = line, .release = true, .reasons = STR("me")};
    RUN_FAULT(&f, use_concern_decide, &lone, FAULT_REFUSED); /* an application decides nothing */
    assert_int_equal(decide_as(&f, the_scene.berit, line, true).fault, FAULT_NOT_FOUND);
    assert_int_equal(decide_as(&f, the_scene.cato, nothing, true).fault, FAULT_NOT_FOUND);
    struct concern_decision mute = {.subject = the_scene.cato, .concern = line, .release = true};
    RUN_FAULT(&f, use_concern_decide, &mute, FAULT_INVALID);
    assert_int_equal(all_agree(&f), 1);
    assert_int_equal(cato_has(&f, line).state, CONCERN_UNDECIDED);
    end(&f);
}

/* A token that is bound to a purpose that does not reach him knows nothing of Cato. */
static void who_is_hidden_from_a_token_is_nobody_to_it(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    word purposes[] = {words_find(reg_words(f.reg), STR("elearning_webinars_reports"))};
    const struct caller narrow = {.scopes = SCOPE_ALL,
                                  .purposes = purposes,
                                  .purpose_count = 1,
                                  .authenticated = STR("token")};
    dossier_id others[] = {the_scene.cato, {{9, 9, 9}}};
    for (size_t i = 0; i < LENGTH(others); i++) {
        struct concern_make make = {the_scene.anna, the_scene.anna_mail, others[i]};
        f.report = (struct report){0};
        status result =
            engine_run(f.engine, f.reg, &narrow, f.arena, &f.report, &f.call, use_concern, &make);
        assert_int_equal(result.fault, FAULT_NOT_FOUND);
        assert_string_equal(f.report.text, fault_text(FAULT_NOT_FOUND));
    }
    assert_int_equal(all_agree(&f), 0);
    end(&f);
}

static void an_item_concerns_at_most_eight_others(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < LIMIT_CONCERNS_ITEM; i++)
        (void)annas_cv_concerns(&f, make_subject(&f));
    struct concern_make ninth = {the_scene.anna, the_scene.anna_cv, make_subject(&f)};
    RUN_FAULT(&f, use_concern, &ninth, FAULT_LIMIT);
    assert_int_equal(all_agree(&f), LIMIT_CONCERNS_ITEM);
    assert_int_equal(facts_of(&f, ninth.other)->concerns.count, 0); /* nothing half-done */
    end(&f);
}

/* ---- collecting ---- */

static status collect_about(struct fixture *f, dossier_id who, const struct concern_of *concerns,
                            size_t count)
{
    struct collect_value values[] = {{STR("basic.name"), STR("Somebody"), true},
                                     {STR("basic.email"), STR("somebody@canary.test"), true},
                                     {STR("job_application.application"), STR("I apply"), true},
                                     {STR("job_application.reference"), STR("Ask them"), true}};
    str events[] = {STR("application_received")};
    struct collect_run collect = {.request = {.subject = who,
                                              .matter = the_scene.vacancy,
                                              .intake = STR("application"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = LENGTH(values),
                                              .concerns = concerns,
                                              .concern_count = count,
                                              .events = events,
                                              .event_count = 1}};
    return run(f, use_collect, &collect);
}

/* CON-26 */
static void a_collection_says_whom_its_values_concern_or_is_not_taken_at_all(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct concern_of concerns[] = {{STR("job_application.reference"), the_scene.cato},
                                    {STR("job_application.reference"), the_scene.berit},
                                    {STR("job_application.application"), the_scene.cato}};
    MUST(&f, collect_about(&f, the_scene.anna, concerns, LENGTH(concerns)));
    assert_int_equal(all_agree(&f), 3);
    assert_int_equal(facts_of(&f, the_scene.cato)->concerns.count, 2);
    size_t items = facts_of(&f, the_scene.anna)->items.count;
    concerns[1].subject = (dossier_id){{9, 9, 9}};
    assert_int_equal(collect_about(&f, the_scene.anna, concerns, LENGTH(concerns)).fault,
                     FAULT_NOT_FOUND);
    assert_int_equal(all_agree(&f), 3);
    assert_int_equal(facts_of(&f, the_scene.anna)->items.count, items);
    end(&f);
}

/* CON-08 */
static void an_item_leads_nobody_to_whom_it_concerns(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct concern_make make = {the_scene.anna, the_scene.anna_mail, the_scene.cato};
    RUN_OK(&f, use_concern, &make);
    struct find_run find = {.request = {STR("basic.email"), STR("anna@canary.test")}};
    RUN_OK(&f, use_find, &find);
    assert_int_equal(find.result.count, 1);
    assert_true(ID_EQUAL(find.result.ids[0], the_scene.anna));
    end(&f);
}

/* ---- files ---- */

#define FILE_TEXT "Cato was there, canary-file-18c2"

static status use_file_open(struct call *call, void *request)
{
    return engine_file_open(call, request);
}

static status use_upload_end(struct call *call, void *request)
{
    return engine_upload_end(call, request);
}

/* A second CV of Anna's, as a file. */
static status open_file(struct fixture *f, const dossier_id *concerns, size_t count)
{
    struct file_open request = {.concerns = concerns,
                                .concern_count = count,
                                .collect = {.subject = the_scene.anna,
                                            .matter = the_scene.vacancy,
                                            .intake = STR("application"),
                                            .source = STR("person"),
                                            .channel = STR("web"),
                                            .controller = STR("confect")},
                                .field = STR("job_application.cv"),
                                .said_optional = true,
                                .media = STR("application/pdf"),
                                .name = STR("annas-own-name.pdf"),
                                .size = sizeof(FILE_TEXT) - 1};
    return run(f, use_file_open, &request);
}

static record_id upload(struct fixture *f, const dossier_id *concerns, size_t count)
{
    MUST(f, open_file(f, concerns, count));
    record_id id = f->call.outcome.record;
    struct upload *upload = NULL;
    bool full;
    MUST(f, engine_upload_take(f->reg, engine_system(), the_scene.anna, id, &f->report, &upload));
    (void)engine_upload_bytes(upload, STR(FILE_TEXT), &full);
    RUN_OK(f, use_upload_end, upload);
    engine_upload_drop(f->reg, &upload);
    return id;
}

struct download_run {
    struct file_read request;
    struct download result;
};
static status use_download(struct call *call, void *request)
{
    struct download_run *run = request;
    return engine_file_read(call, &run->request, &run->result);
}

/* CON-57 */
static void a_file_that_concerns_her_is_hers_by_the_line_once_released(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id file = upload(&f, &the_scene.cato, 1);
    const struct facts *cato = facts_of(&f, the_scene.cato);
    assert_int_equal(all_agree(&f), 1);
    record_id line = cato->concerns.at[0].id;
    struct download_run copy = {.request = {.subject = the_scene.cato, .item = line}};
    RUN_FAULT(&f, use_download, &copy, FAULT_REFUSED);
    assert_true(str_is(f.call.decision->reason.rule, "always.rights_of_others"));
    copy.request.item = file; /* the item itself is not his */
    RUN_FAULT(&f, use_download, &copy, FAULT_REFUSED);
    copy.request.item = line;
    MUST(&f, decide_as(&f, the_scene.cato, line, true));
    str document = access_of(&f, the_scene.cato);
    str at =
        arena_format(f.arena, "/v1/subjects/%.*s/files/%.*s/copy",
                     STR_ARG(id_text(&f, the_scene.cato.bytes)), STR_ARG(id_text(&f, line.bytes)));
    assert_non_null(memmem(document.ptr, document.len, at.ptr, at.len));
    assert_false(says(document, "annas-own-name"));
    RUN_OK(&f, use_download, &copy);
    str bytes;
    MUST(&f, engine_file_part(&copy.result, 0, f.arena, &f.report, &bytes));
    assert_true(str_is(bytes, FILE_TEXT));
    MUST(&f, decide_as(&f, the_scene.cato, line, false)); /* while it goes out */
    assert_int_equal(engine_file_part(&copy.result, 0, f.arena, &f.report, &bytes).fault,
                     FAULT_GONE);
    engine_download_end(&copy.result);
    RUN_FAULT(&f, use_download, &copy, FAULT_REFUSED);
    /* Anna's own copy, by the item, until that was decided otherwise. */
    struct download_run own = {.request = {.subject = the_scene.anna, .item = file}};
    RUN_OK(&f, use_download, &own);
    engine_download_end(&own.result);
    MUST(&f, decide_as(&f, the_scene.anna, line, false));
    RUN_FAULT(&f, use_download, &own, FAULT_REFUSED);
    end(&f);
}

static void a_file_about_nobody_is_not_opened(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    dossier_id others[LIMIT_CONCERNS_ITEM + 1] = {the_scene.cato, {{9, 9, 9}}};
    assert_int_equal(open_file(&f, others, 2).fault, FAULT_NOT_FOUND);
    assert_int_equal(open_file(&f, others, LENGTH(others)).fault, FAULT_LIMIT);
    others[0] = the_scene.anna; /* whose file it is */
    assert_int_equal(open_file(&f, others, 1).fault, FAULT_INVALID);
    end(&f);
}

/* ---- many ---- */

/* In the memory of one request, whatever the others hold. */
static status run_small(struct fixture *f, status (*use)(struct call *call, void *request),
                        void *request)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    f->report = (struct report){0};
    struct for_company one = {use, request, company_of(f)};
    return engine_run(f->engine, f->reg, engine_system(), arena, &f->report, &f->call,
                      use_for_company, &one);
}

static void whom_sixty_four_items_concern_is_answered_and_erased_in_one_request(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct concern_of concern = {STR("job_application.reference"), the_scene.cato};
    for (size_t i = 0; i < LIMIT_CONCERNS; i++) {
        dossier_id other = make_subject(&f);
        for (size_t n = 0; n < 12; n++)
            MUST(&f, collect_about(&f, other, NULL, 0));
        MUST(&f, collect_about(&f, other, &concern, 1));
    }
    dossier_id more = make_subject(&f);
    assert_int_equal(collect_about(&f, more, &concern, 1).fault, FAULT_LIMIT);
    assert_int_equal(facts_of(&f, more)->items.count, 0); /* nothing half-done */
    record_id restriction;
    MUST(&f, restrict_for(&f, the_scene.cato, &restriction));
    struct export_run export = {.request = {.subject = the_scene.cato, .by_subject = true}};
    MUST(&f, run_small(&f, use_export, &export));
    struct erase_run erase = {.request = {.subject = the_scene.cato, .warned = true}};
    MUST(&f, run_small(&f, use_erase, &erase));
    assert_int_equal(erase.result.concerned, LIMIT_CONCERNS);
    assert_int_equal(all_agree(&f), 0);
    end(&f);
}

/* ---- restore ---- */

static void backup(struct fixture *f)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f->dir);
    MUST(f, engine_backup(f->reg, path, &f->report));
}

static void restore(struct fixture *f)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f->dir);
    struct engine_config config = trouble_config(f, NULL);
    engine_close(&f->engine);
    f->report = (struct report){0};
    MUST(f, engine_restore(&config, STR("confect"), path, &f->report));
    MUST(f, try_open(f, NULL));
    MUST(f, run_sweep(f, &the_scene));
}

static void what_was_taken_from_a_line_stays_away_after_a_restore(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato), restriction;
    record_id with_berit = annas_cv_concerns(&f, the_scene.berit);
    MUST(&f, decide_as(&f, the_scene.cato, line, true));
    backup(&f);
    MUST(&f, decide_as(&f, the_scene.cato, line, false));
    struct concern_end over = {the_scene.anna, with_berit};
    RUN_OK(&f, use_concern_end, &over);
    MUST(&f, restrict_for(&f, the_scene.cato, &restriction));
    restore(&f);
    assert_int_equal(cato_has(&f, line).state, CONCERN_WITHHELD);
    assert_int_equal(all_agree(&f), 1);
    assert_int_equal(anna_has(&f, with_berit).kind, CONCERN_QUARANTINE);
    assert_null(line_of(facts_of(&f, the_scene.berit), with_berit));
    assert_false(reads_cv(&f));
    assert_false(says(access_of(&f, the_scene.cato), ANNA_CV));
    backup(&f);
    MUST(&f, run_erase_whole(&f, &the_scene)); /* Cato */
    restore(&f);
    assert_int_equal(all_agree(&f), 0);
    end(&f);
}

/* An item that a restore cannot open any more, since its category's key was replaced. */
static void what_only_a_restore_took_away_leaves_no_half_line(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    begin(&f);
    struct concern_of concerns[] = {{STR("job_application.reference"), the_scene.cato}};
    MUST(&f, collect_about(&f, the_scene.anna, concerns, 1));
    backup(&f);
    MUST(&f, run_erase_part(&f, &the_scene)); /* the CV: the reference is sealed anew */
    assert_int_equal(all_agree(&f), 1);
    restore(&f);
    assert_int_equal(all_agree(&f), 0);
    end(&f);
}

struct merge_run {
    struct merge request;
    struct merge_effect effect;
};

static status use_merge(struct call *call, void *request)
{
    struct merge_run *merge = request;
    return engine_merge(call, &merge->request, &merge->effect);
}

static void merge_into(struct fixture *f, dossier_id to, dossier_id from)
{
    struct merge_run merge = {
        .request = {.subject = to, .from = from, .reason = STR("one person"), .preview = true}};
    MUST(f, run_as_officer(f, use_merge, &merge));
    merge.request.preview = false;
    merge.request.conflicts_stated = true;
    merge.request.conflicts = merge.effect.conflict_count;
    MUST(f, run_as_officer(f, use_merge, &merge));
}

/* The other became somebody else since the backup, who lifts what came with them. */
static void whom_an_item_concerned_is_who_they_became_after_a_restore(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato), restriction;
    MUST(&f, decide_as(&f, the_scene.cato, line, true));
    MUST(&f, restrict_for(&f, the_scene.cato, &restriction));
    backup(&f);
    merge_into(&f, the_scene.berit, the_scene.cato);
    assert_int_equal(all_agree(&f), 1);
    restore(&f);
    assert_int_equal(all_agree(&f), 1);
    assert_true(ID_EQUAL(anna_has(&f, line).other, the_scene.berit));
    assert_int_equal(line_with(&f, the_scene.berit, line).state, CONCERN_UNDECIDED);
    assert_false(reads_cv(&f));
    lift_for(&f, the_scene.berit, facts_of(&f, the_scene.berit)->restrictions.at[0].id);
    assert_true(reads_cv(&f));
    struct concern_end over = {the_scene.berit, line};
    RUN_OK(&f, use_concern_end, &over);
    assert_int_equal(all_agree(&f), 0);
    end(&f);
}

/* What was lifted before they became another is restricted by nobody, also where a restore brings
 * the line of before that back. */
static void nobody_restricts_what_was_lifted_before_a_merge_and_a_restore(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato), restriction;
    MUST(&f, restrict_for(&f, the_scene.cato, &restriction));
    backup(&f);
    lift_for(&f, the_scene.cato, restriction);
    merge_into(&f, the_scene.berit, the_scene.cato);
    restore(&f);
    assert_int_equal(all_agree(&f), 1);
    assert_true(ID_EQUAL(anna_has(&f, line).other, the_scene.berit));
    assert_true(reads_cv(&f));
    end(&f);
}

/* Whom they became came after the backup, and is lost by it. */
static void a_line_to_whom_a_restore_lost_restricts_nothing(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    begin(&f);
    record_id line = annas_cv_concerns(&f, the_scene.cato), restriction;
    MUST(&f, restrict_for(&f, the_scene.cato, &restriction));
    backup(&f);
    merge_into(&f, make_subject(&f), the_scene.cato);
    assert_false(reads_cv(&f));
    restore(&f);
    assert_int_equal(all_agree(&f), 0);
    assert_int_equal(anna_has(&f, line).kind, CONCERN_QUARANTINE);
    assert_true(reads_cv(&f));
    end(&f);
}

/* ---- whatever is done ---- */

struct dice {
    uint64_t state;
};

static size_t roll(struct dice *dice, size_t below)
{
    dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(dice->state >> 33) % below;
}

static dossier_id any_person(struct fixture *f, struct dice *dice)
{
    dossier_id *ids, none = {{0}};
    size_t count;
    MUST(f,
         vault_list(f->reg->vault, DOSSIER_SUBJECT, none, 100, f->arena, &f->report, &ids, &count));
    return count < 3 ? make_subject(f) : ids[roll(dice, count)];
}

static record_id any_item(struct dice *dice, const struct facts *facts)
{
    record_id none = {{1}};
    return facts->items.count == 0 ? none : facts->items.at[roll(dice, facts->items.count)].id;
}

static record_id any_line(struct dice *dice, const struct facts *facts)
{
    record_id none = {{1}};
    return facts->concerns.count == 0 ? none
                                      : facts->concerns.at[roll(dice, facts->concerns.count)].id;
}

static status change_restrictions(struct fixture *f, struct dice *dice, dossier_id who)
{
    const struct facts *facts = facts_of(f, who);
    record_id made;
    if (facts->restrictions.count == 0 || roll(dice, 2) == 0)
        return roll(dice, 2) == 0
                   ? restrict_for(f, who, &made)
                   : run(f, use_restrict,
                         &(struct restriction){
                             .subject = who, .reason = STR("accuracy"), .warned = true});
    struct restriction_lift lift = {
        .subject = who,
        .restriction = facts->restrictions.at[roll(dice, facts->restrictions.count)].id};
    status told = run(f, use_restriction_tell, &lift);
    return is_ok(told) ? run(f, use_restriction_lift, &lift) : told;
}

static status erase_something(struct fixture *f, struct dice *dice, dossier_id who)
{
    static const char *const fields[] = {"job_application.cv", "job_application.reference",
                                         "job_application", "basic.email"};
    str field = str_from(fields[roll(dice, LENGTH(fields))]);
    struct erase_run erase = {.request = {.subject = who, .warned = true}};
    if (roll(dice, 3) != 0) {
        erase.request.fields = &field;
        erase.request.field_count = 1;
    }
    return run(f, use_erase, &erase);
}

static status do_something(struct fixture *f, struct dice *dice, instant *clock)
{
    dossier_id who = any_person(f, dice), other = any_person(f, dice);
    const struct facts *facts = facts_of(f, who);
    struct concern_of concerns[] = {{STR("job_application.reference"), other},
                                    {STR("job_application.application"), any_person(f, dice)}};
    struct concern_make make = {who, any_item(dice, facts), other};
    struct rectify rectify = {.subject = who,
                              .item = any_item(dice, facts),
                              .value = roll(dice, 4) == 0 ? STR("") : STR("x@canary.test"),
                              .by_subject = true,
                              .warned = true};
    struct concern_end over = {who, any_line(dice, facts)};
    switch (roll(dice, 12)) {
    case 0:
    case 1:
        return collect_about(f, who, concerns, LENGTH(concerns));
    case 2:
    case 3:
    case 4:
        return run(f, use_concern, &make);
    case 5:
        return run(f, use_rectify, &rectify);
    case 6:
        return erase_something(f, dice, who);
    case 7:
    case 8:
        return change_restrictions(f, dice, who);
    case 9:
        return decide_as(f, who, any_line(dice, facts), roll(dice, 2) == 0);
    case 10:
        return run(f, use_concern_end, &over);
    default:
        clock->ms += (int64_t)roll(dice, 20) * 24 * 3600 * 1000;
        struct swept swept;
        return engine_clock_set(f->engine, f->reg, *clock, &f->report, &swept);
    }
}

/* Other operations and other people in each; the number that is printed replays it. */
static void both_sides_agree_whatever_is_done_and_restored(void **state)
{
    (void)state;
    only_in_files();
    size_t lines = 0, done = 0;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct fixture f;
        struct dice dice = {seed * 77};
        begin(&f);
        instant clock = reg_now(f.reg);
        size_t at = 5 + roll(&dice, 25);
        print_message("seed %llu\n", (unsigned long long)seed);
        for (size_t step = 0; step < 50; step++) {
            if (step == at)
                backup(&f);
            f.report = (struct report){0};
            status result = do_something(&f, &dice, &clock);
            if (result.fault == FAULT_CORRUPT || result.fault == FAULT_STORE ||
                result.fault == FAULT_INTERNAL)
                fail_msg("step %zu: %s", step, f.report.text);
            done += is_ok(result);
            lines += all_agree(&f);
        }
        restore(&f);
        lines += all_agree(&f);
        clock = reg_now(f.reg);
        for (size_t step = 0; step < 20; step++) {
            (void)do_something(&f, &dice, &clock);
            lines += all_agree(&f);
        }
        end(&f);
    }
    print_message("%zu operations, %zu lines seen\n", done, lines);
    assert_true(done > 500 && lines > 2000);
}

/* CLO-32: what is about two people says so when it comes by a list, too. */
static void an_import_says_whom_a_value_concerns_besides(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 83, "2026-03-02T09:00:00Z");
    fixture_register(&f, "example", "2026-03-02T09:00:00Z");
#define LINE(number_, concerns_)                                                                   \
    "{\"number\":\"" number_ "\",\"roles\":[\"asker\"],\"collect\":[{\"intake\":"                  \
    "\"contact_form\",\"source\":\"person\",\"channel\":\"web\",\"values\":"                       \
    "{\"contact.email\":\"" number_ "@list.test\",\"question.text\":\"Why?\"}" concerns_ "}]}"
    struct import_line first = {.text = STR(LINE("L-1", ""))},
                       second = {.text =
                                     STR(LINE("L-2", ",\"concerns\":[{\"field\":\"question.text\","
                                                     "\"number\":\"L-1\"}]"))},
                       nobody = {.text =
                                     STR(LINE("L-3", ",\"concerns\":[{\"field\":\"question.text\","
                                                     "\"number\":\"L-9\"}]"))};
    RUN_OK(&f, use_import, &first);
    dossier_id one = f.call.outcome.id;
    RUN_OK(&f, use_import, &second);
    dossier_id two = f.call.outcome.id;
    assert_int_equal(facts_of(&f, one)->concerns.count, 1);
    assert_int_equal(facts_of(&f, one)->concerns.at[0].kind, CONCERN_THERE);
    assert_int_equal(facts_of(&f, two)->concerns.count, 1);
    RUN_FAULT(&f, use_import, &nobody, FAULT_INVALID);
    RUN_OK(&f, use_import, &second); /* known already: nothing is added */
    assert_int_equal(facts_of(&f, one)->concerns.count, 1);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_stands_with_both_people_under_one_id),
        cmocka_unit_test(a_line_goes_with_the_item_and_with_either_person),
        cmocka_unit_test(the_sweep_takes_the_lines_of_what_has_ended),
        cmocka_unit_test(a_corrected_value_takes_the_lines_over_and_no_decision_but_a_no),
        cmocka_unit_test(the_other_sees_that_it_is_there_and_its_value_once_that_was_decided),
        cmocka_unit_test(her_own_copy_holds_it_until_an_officer_says_no),
        cmocka_unit_test(what_the_other_restricts_is_stored_and_not_used),
        cmocka_unit_test(what_the_other_restricted_once_makes_the_past_uncertain),
        cmocka_unit_test(whom_it_concerns_is_told_within_a_month),
        cmocka_unit_test(strangers_ended_items_and_wrong_ids_are_answered_alike),
        cmocka_unit_test(who_is_hidden_from_a_token_is_nobody_to_it),
        cmocka_unit_test(an_item_concerns_at_most_eight_others),
        cmocka_unit_test(a_collection_says_whom_its_values_concern_or_is_not_taken_at_all),
        cmocka_unit_test(an_item_leads_nobody_to_whom_it_concerns),
        cmocka_unit_test(a_file_that_concerns_her_is_hers_by_the_line_once_released),
        cmocka_unit_test(a_file_about_nobody_is_not_opened),
        cmocka_unit_test(whom_sixty_four_items_concern_is_answered_and_erased_in_one_request),
        cmocka_unit_test(what_was_taken_from_a_line_stays_away_after_a_restore),
        cmocka_unit_test(what_only_a_restore_took_away_leaves_no_half_line),
        cmocka_unit_test(whom_an_item_concerned_is_who_they_became_after_a_restore),
        cmocka_unit_test(nobody_restricts_what_was_lifted_before_a_merge_and_a_restore),
        cmocka_unit_test(a_line_to_whom_a_restore_lost_restricts_nothing),
        cmocka_unit_test(both_sides_agree_whatever_is_done_and_restored),
        cmocka_unit_test(an_import_says_whom_a_value_concerns_besides),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
