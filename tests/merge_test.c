/* Two dossiers of one person become one: what moves, what the stricter wish closes, that nothing
 * gains or lives longer by it, and that neither a crash nor a restore undoes it. */
#include "trouble.h"

static struct scene the_scene;
static dossier_id the_officer;

static int set_scene(void **state)
{
    (void)state;
    scene_make(&the_scene, 47);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_end(&the_scene);
    return 0;
}

static void open_at(struct fixture *f, const char *folder)
{
    static uint64_t seed = 19; /* another each time: no random id comes twice */
    fixture_over(f, folder, seed++);
    MUST(f, try_open(f, NULL));
}

static void begin(struct fixture *f)
{
    char folder[64];
    scene_again(&the_scene, folder);
    open_at(f, folder);
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

struct merge_run {
    struct merge request;
    struct merge_effect effect;
};

static status use_merge(struct call *call, void *request)
{
    struct merge_run *merge = request;
    return engine_merge(call, &merge->request, &merge->effect);
}

struct split_run {
    struct split request;
    struct merge_effect effect;
};

static status use_split(struct call *call, void *request)
{
    struct split_run *split = request;
    return engine_split(call, &split->request, &split->effect);
}

static status use_duplicates(struct call *call, void *request)
{
    return engine_duplicates(call, (dossier_id){{0}}, 100, request);
}

static status as_officer(struct fixture *f, status (*use)(struct call *call, void *request),
                         void *request)
{
    const struct caller officer = {.scopes = SCOPE_ALL,
                                   .actor = the_officer,
                                   .staff = words_find(reg_words(f->reg), STR("officer")),
                                   .authenticated = STR("token")};
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, &officer, f->arena, &f->report, &f->call, use, request);
}

static struct merge_run asked(dossier_id to, dossier_id from)
{
    return (struct merge_run){
        .request = {.subject = to, .from = from, .reason = STR("the same address and name")}};
}

static status preview(struct fixture *f, struct merge_run *merge)
{
    merge->request.preview = true;
    status seen = as_officer(f, use_merge, merge);
    merge->request.preview = false;
    merge->request.conflicts_stated = true;
    merge->request.conflicts = merge->effect.conflict_count;
    return seen;
}

static struct merge_effect merge_into(struct fixture *f, dossier_id to, dossier_id from)
{
    struct merge_run merge = asked(to, from);
    MUST(f, preview(f, &merge));
    MUST(f, as_officer(f, use_merge, &merge));
    return merge.effect;
}

static const struct facts *facts_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    MUST(f, vault_load(f->reg->vault, id, f->arena, &f->report, &presence, &dossier));
    return presence == PRESENCE_LIVE ? dossier->facts : NULL;
}

static bool tells(const struct merge_effect *effect, const char *kind, const char *name)
{
    for (size_t i = 0; i < effect->conflict_count; i++) {
        if (str_is(effect->conflicts[i].kind, kind) && str_is(effect->conflicts[i].name, name))
            return true;
    }
    return false;
}

/* ---- what moves ---- */

/* CON-12 */
static void what_was_in_two_dossiers_is_in_one(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct picture before_ = picture_of(&f);
    struct merge_effect effect = merge_into(&f, the_scene.anna, the_scene.berit);
    struct picture after = picture_of(&f);
    assert_true(effect.done && effect.items == 4 && effect.roles > 0);
    assert_true(tells(&effect, "values", "job_application.cv"));
    assert_true(shows(&after, BERIT_CV) && shows(&after, ANNA_CV));
    assert_int_equal(after.dossiers, before_.dossiers - 1);
    assert_null(facts_of(&f, the_scene.berit));
    assert_int_equal(found_by(&f, "berit@canary.test"), 1);
    assert_int_equal(found_by(&f, "anna@canary.test"), 1);
    const struct fact_item *cv = facts_find_item(facts_of(&f, the_scene.anna), the_scene.berit_cv);
    assert_non_null(cv);
    assert_int_equal(cv->collected.ms, at_time("2026-03-02T09:00:00Z").ms);
    assert_int_equal(tally_of(&f, "merge").count, 1);
    assert_int_equal(tally_of(&f, "merge_from").count, 1);
    end(&f);
}

static void a_former_id_tells_who_it_is_now_also_after_another_merge(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    merge_into(&f, the_scene.anna, the_scene.berit);
    struct read_run reading = {
        .request = {.subject = the_scene.berit, .purpose = STR("recruitment")}};
    RUN_FAULT(&f, use_read, &reading, FAULT_MERGED);
    assert_true(ID_EQUAL(f.call.outcome.id, the_scene.anna));
    merge_into(&f, the_scene.cato, the_scene.anna);
    RUN_FAULT(&f, use_read, &reading, FAULT_MERGED);
    assert_true(ID_EQUAL(f.call.outcome.id, the_scene.cato));
    struct erase_run erase = {.request = {.subject = the_scene.cato, .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    RUN_FAULT(&f, use_read, &reading, FAULT_GONE);
    end(&f);
}

struct uses_run {
    struct uses_ask ask;
    struct uses_page page;
};

static status use_uses(struct call *call, void *request)
{
    struct uses_run *uses = request;
    return engine_uses(call, &uses->ask, &uses->page);
}

static size_t uses_of(struct fixture *f, dossier_id who)
{
    struct uses_run uses = {.ask = {.subject = who, .limit = 100}};
    const struct json *list;
    RUN_OK(f, use_uses, &uses);
    MUST(f, json_parse(f->arena, uses.page.uses, &f->report, &list));
    return list->count;
}

static void uses_of_before_are_told_of_the_one_person(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct read_run reading = {
        .request = {.subject = the_scene.berit, .purpose = STR("recruitment")}};
    RUN_OK(&f, use_read, &reading);
    size_t hers = uses_of(&f, the_scene.berit), others = uses_of(&f, the_scene.anna);
    assert_true(hers > 0);
    merge_into(&f, the_scene.anna, the_scene.berit);
    assert_int_equal(uses_of(&f, the_scene.anna), hers + others);
    end(&f);
}

static void who_shares_an_identifier_may_be_one_person(void **state)
{
    (void)state;
    struct fixture f;
    struct pairs pairs;
    begin(&f);
    MUST(&f, as_officer(&f, use_duplicates, &pairs));
    assert_int_equal(pairs.list.count, 0);
    take_part(&f, the_scene.cato, "Anna@canary.test");
    MUST(&f, as_officer(&f, use_duplicates, &pairs));
    assert_int_equal(pairs.list.count, 1);
    assert_true(str_is(pairs.list.at[0].by, "basic.email"));
    merge_into(&f, the_scene.cato, the_scene.anna);
    MUST(&f, as_officer(&f, use_duplicates, &pairs));
    assert_int_equal(pairs.list.count, 0);
    end(&f);
}

/* ---- the stricter wish ---- */

/* CON-62 */
static void a_no_of_either_is_a_no_of_both(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 2; way++) {
        struct fixture f;
        begin(&f);
        dossier_id to = way == 0 ? the_scene.anna : the_scene.berit;
        dossier_id from = way == 0 ? the_scene.berit : the_scene.anna;
        give_consent(&f, the_scene.berit);
        MUST(&f, run_withdraw(&f, &the_scene)); /* Anna's */
        struct restriction restrict_ = {
            .subject = the_scene.anna, .reason = STR("accuracy"), .warned = true};
        RUN_OK(&f, use_restrict, &restrict_);
        struct merge_effect effect = merge_into(&f, to, from);
        assert_true(tells(&effect, "consent_ends", "partner_sharing"));
        assert_true(tells(&effect, "restriction", ""));
        const struct facts *facts = facts_of(&f, to);
        assert_int_equal(facts->restrictions.count, 1);
        for (size_t i = 0; i < facts->evidence.count; i++) {
            str type = word_of(&f, facts->evidence.at[i].type);
            assert_true(!str_is(type, "consent") ||
                        facts->evidence.at[i].until.ms <= reg_now(f.reg).ms);
        }
        end(&f);
    }
}

/* ---- nothing is gained ---- */

struct dice {
    uint64_t state;
};

static size_t roll(struct dice *dice, size_t below)
{
    dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(dice->state >> 33) % below;
}

static const char *const PURPOSES[] = {"orders_agreements_payments",
                                       "elearning_webinars_reports",
                                       "quotes_to_customers",
                                       "user_accounts",
                                       "improvement",
                                       "mail_tracking",
                                       "support",
                                       "handle_requests",
                                       "user_forum",
                                       "security_maintenance",
                                       "marketing_material",
                                       "interest_profiles",
                                       "recruitment",
                                       "call_referees",
                                       "group_overview",
                                       "partner_sharing"};

static status do_something(struct fixture *f, struct dice *dice, dossier_id who)
{
    str purpose = str_from(PURPOSES[roll(dice, LENGTH(PURPOSES))]);
    struct consent consent = {.subject = who,
                              .purpose = purpose,
                              .wording = STR("May we?"),
                              .given_by = STR("click"),
                              .channel = STR("email")};
    struct withdrawal withdrawal = {.subject = who, .purpose = purpose};
    struct objection_make objection = {.subject = who, .purpose = purpose};
    struct restriction restrict_ = {.subject = who, .reason = STR("accuracy"), .warned = true};
    struct role_change role = {.subject = who,
                               .role = roll(dice, 2) == 0 ? STR("lead") : STR("customer_contact"),
                               .ends = roll(dice, 3) == 0,
                               .warned = true};
    struct event_record event = {.subject = who, .event = STR("interaction"), .by_subject = true};
    struct evidence_record keep = {
        .type = STR("keep_agreement"), .subject = who, .by_subject = true};
    record_id mail, cv;
    switch (roll(dice, 12)) {
    case 0:
        apply(f, who, the_scene.vacancy, &cato_applies, &mail, &cv);
        return OK;
    case 1:
    case 2:
        take_part(f, who, roll(dice, 2) == 0 ? "x@canary.test" : "y@canary.test");
        return OK;
    case 3:
    case 4:
    case 5:
        return run(f, use_consent, &consent);
    case 6:
        return run(f, use_withdraw, &withdrawal);
    case 7:
        return run(f, use_object, &objection);
    case 8:
        return roll(dice, 4) == 0 ? run(f, use_restrict, &restrict_) : OK;
    case 9:
        return run(f, use_role, &role);
    case 10:
        return run(f, use_event, &event);
    default:
        return run(f, use_evidence, &keep);
    }
}

/* What each purpose opens of the person: item and purpose. */
struct opened {
    struct {
        record_id item;
        size_t purpose;
    } at[4096];
    size_t count, there;
};

static void look(struct fixture *f, dossier_id who, struct opened *opened)
{
    const struct facts *facts = facts_of(f, who);
    opened->there += facts == NULL ? 0 : facts->items.count;
    for (size_t p = 0; facts != NULL && p < LENGTH(PURPOSES); p++) {
        struct read_run reading = {.request = {.subject = who, .purpose = str_from(PURPOSES[p])}};
        if (!is_ok(run(f, use_read, &reading)))
            continue;
        for (size_t i = 0; i < reading.result.count; i++) {
            if (reading.result.items[i].verdict == VERDICT_REFUSE)
                continue;
            assert_true(opened->count < LENGTH(opened->at));
            opened->at[opened->count].item = reading.result.items[i].id;
            opened->at[opened->count++].purpose = p;
        }
    }
}

static bool has(const struct opened *opened, record_id item, size_t purpose)
{
    for (size_t i = 0; i < opened->count; i++) {
        if (ID_EQUAL(opened->at[i].item, item) && opened->at[i].purpose == purpose)
            return true;
    }
    return false;
}

static bool holds_item(struct fixture *f, dossier_id who, record_id item)
{
    const struct facts *facts = facts_of(f, who);
    return facts != NULL && facts_find_item(facts, item) != NULL;
}

/* What one dossier opens and holds, the two did by themselves at the same time. */
static size_t gains_nothing(struct fixture *one, struct fixture *two, uint64_t seed)
{
    static struct opened now, then;
    now = then = (struct opened){.count = 0};
    look(one, the_scene.anna, &now);
    look(two, the_scene.anna, &then);
    look(two, the_scene.berit, &then);
    for (size_t i = 0; i < now.count; i++) {
        if (!has(&then, now.at[i].item, now.at[i].purpose))
            fail_msg("seed %llu: %s opens what it did not", (unsigned long long)seed,
                     PURPOSES[now.at[i].purpose]);
    }
    const struct facts *facts = facts_of(one, the_scene.anna);
    bool stores = facts != NULL && facts->restrictions.count > 0;
    for (size_t i = 0; facts != NULL && !stores && i < facts->items.count; i++) {
        record_id item = facts->items.at[i].id;
        if (facts->items.at[i].field != 0 && !holds_item(two, the_scene.anna, item) &&
            !holds_item(two, the_scene.berit, item))
            fail_msg("seed %llu: an item outlives its dossier", (unsigned long long)seed);
    }
    return now.count;
}

static void two_folders(struct fixture *f, char twin[64])
{
    char folder[64];
    folder_make(twin);
    memcpy(folder, f->dir, sizeof(folder));
    fixture_end(f);
    folder_copy(folder, twin);
    open_at(f, folder);
}

/* CON-37, CON-51 */
static void nothing_opens_or_lives_longer_by_a_merge(void **state)
{
    (void)state;
    only_in_files();
    static const char *const times[] = {"2026-05-02T09:00:00Z", "2026-09-12T09:00:00Z",
                                        "2027-04-01T09:00:00Z", "2028-06-01T09:00:00Z"};
    size_t opened = 0, limited = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct fixture f, other;
        char twin[64];
        struct dice dice = {seed * 131};
        begin(&f);
        for (size_t i = 0; i < 14; i++)
            (void)do_something(&f, &dice, roll(&dice, 2) == 0 ? the_scene.anna : the_scene.berit);
        two_folders(&f, twin);
        open_at(&other, twin);
        limited += merge_into(&f, the_scene.anna, the_scene.berit).limited;
        (void)picture_of(&f);
        opened += gains_nothing(&f, &other, seed);
        for (size_t t = 0; t < LENGTH(times); t++) {
            move_clock(&f, times[t]);
            move_clock(&other, times[t]);
            opened += gains_nothing(&f, &other, seed);
        }
        (void)picture_of(&f);
        end(&other);
        end(&f);
    }
    print_message("%zu uses compared, %zu items limited\n", opened, limited);
    assert_true(opened > 500 && limited > 50);
}

/* ---- taking apart ---- */

static struct split_run asked_apart(const record_id *items, size_t count)
{
    return (struct split_run){.request = {.subject = the_scene.anna,
                                          .items = items,
                                          .item_count = count,
                                          .reason = STR("two of one name")}};
}

static dossier_id split_off(struct fixture *f, struct split_run *split)
{
    split->request.preview = true;
    MUST(f, as_officer(f, use_split, split));
    split->request.preview = false;
    split->request.conflicts_stated = true;
    split->request.conflicts = split->effect.conflict_count;
    MUST(f, as_officer(f, use_split, split));
    return split->effect.subject;
}

/* CON-12 */
static void what_is_anothers_becomes_a_new_persons(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    MUST(&f, run_object(&f, &the_scene));
    struct picture before_ = picture_of(&f);
    const record_id items[] = {the_scene.anna_cv, the_scene.anna_mail};
    struct split_run split = asked_apart(items, LENGTH(items));
    record_id role = facts_of(&f, the_scene.anna)->roles.at[0].id; /* of an applicant */
    split.request.roles = &role;
    split.request.role_count = 1;
    dossier_id made = split_off(&f, &split);
    struct picture after = picture_of(&f);
    assert_int_equal(after.dossiers, before_.dossiers + 1);
    assert_true(shows(&after, ANNA_CV));
    assert_true(facts_find_item(facts_of(&f, made), the_scene.anna_cv) != NULL);
    assert_null(facts_find_item(facts_of(&f, the_scene.anna), the_scene.anna_cv));
    assert_int_equal(facts_of(&f, made)->objections.count,
                     facts_of(&f, the_scene.anna)->objections.count);
    /* The address is with both: each has an item of it. */
    assert_int_equal(found_by(&f, "anna@canary.test"), 2);
    struct read_run reading = {.request = {.subject = made, .purpose = STR("recruitment")}};
    RUN_OK(&f, use_read, &reading);
    end(&f);
}

/* GDPR 19: CON-58 */
static void whoever_has_what_moves_is_told_to_put_it_right(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    make_disclosed(&f, &the_scene);
    struct split_run split = asked_apart(&the_scene.anna_cv, 1);
    dossier_id made = split_off(&f, &split);
    assert_int_equal(split.effect.notes, 1);
    assert_true(facts_of(&f, the_party)->tasks.count == 1);
    assert_int_equal(tally_of(&f, "split_new").count, 1);
    assert_non_null(facts_of(&f, made));
    end(&f);
}

static void what_was_merged_wrongly_is_taken_apart_with_its_id(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    merge_into(&f, the_scene.anna, the_scene.berit);
    const struct facts *facts = facts_of(&f, the_scene.anna);
    record_id record = facts->evidence.at[facts->evidence.count - 1].id;
    struct split_run split = asked_apart(&the_scene.berit_cv, 1);
    split.request.evidence = &record;
    split.request.evidence_count = 1;
    dossier_id made = split_off(&f, &split);
    struct read_run reading = {
        .request = {.subject = the_scene.berit, .purpose = STR("recruitment")}};
    RUN_FAULT(&f, use_read, &reading, FAULT_MERGED);
    assert_true(ID_EQUAL(f.call.outcome.id, made));
    (void)picture_of(&f);
    end(&f);
}

static void a_split_that_is_none_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct picture before_ = picture_of(&f);
    record_id strange = {{3}};
    struct split_run split = asked_apart(&strange, 1);
    assert_int_equal(as_officer(&f, use_split, &split).fault, FAULT_NOT_FOUND);
    split = asked_apart(&the_scene.berit_cv, 1); /* another's */
    assert_int_equal(as_officer(&f, use_split, &split).fault, FAULT_NOT_FOUND);
    split = asked_apart(NULL, 0);
    assert_int_equal(as_officer(&f, use_split, &split).fault, FAULT_INVALID);
    split = asked_apart(&the_scene.anna_cv, 1);
    split.request.roles = &strange;
    split.request.role_count = 1;
    assert_int_equal(as_officer(&f, use_split, &split).fault, FAULT_NOT_FOUND);
    split = asked_apart(&the_scene.anna_cv, 1);
    assert_int_equal(as_officer(&f, use_split, &split).fault, FAULT_CONFLICT);
    assert_string_equal(arena_c_string(f.arena, before_.text),
                        arena_c_string(f.arena, picture_of(&f).text));
    end(&f);
}

/* CON-37, CON-51 */
static void nothing_opens_or_lives_longer_by_a_split(void **state)
{
    (void)state;
    only_in_files();
    static const char *const times[] = {"2026-05-02T09:00:00Z", "2027-04-01T09:00:00Z"};
    size_t opened = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct fixture f, other;
        char twin[64];
        struct dice dice = {seed * 173};
        begin(&f);
        for (size_t i = 0; i < 14; i++)
            (void)do_something(&f, &dice, the_scene.anna);
        two_folders(&f, twin);
        open_at(&other, twin);
        const struct facts *facts = facts_of(&f, the_scene.anna);
        record_id items[64];
        size_t count = 0;
        for (size_t i = 0; i < facts->items.count && count < LENGTH(items); i++) {
            if (facts->items.at[i].field != 0 && (count == 0 || roll(&dice, 2) == 0))
                items[count++] = facts->items.at[i].id;
        }
        struct split_run split = asked_apart(items, count);
        dossier_id made = split_off(&f, &split);
        for (size_t t = 0; t <= LENGTH(times); t++) {
            static struct opened now, then;
            now = then = (struct opened){.count = 0};
            look(&f, the_scene.anna, &now);
            look(&f, made, &now);
            look(&other, the_scene.anna, &then);
            for (size_t i = 0; i < now.count; i++) {
                if (!has(&then, now.at[i].item, now.at[i].purpose))
                    fail_msg("seed %llu: %s opens what it did not", (unsigned long long)seed,
                             PURPOSES[now.at[i].purpose]);
            }
            opened += now.count;
            (void)picture_of(&f);
            if (t < LENGTH(times)) {
                move_clock(&f, times[t]);
                move_clock(&other, times[t]);
            }
        }
        end(&other);
        end(&f);
    }
    print_message("%zu uses compared\n", opened);
    assert_true(opened > 100);
}

/* ---- bad days ---- */

static void backup(struct fixture *f, char folder[96])
{
    (void)snprintf(folder, 96, "%s/backup", f->dir);
    MUST(f, engine_backup(f->reg, folder, &f->report));
}

static void restore(struct fixture *f, const char *folder)
{
    struct engine_config config = trouble_config(f, NULL);
    engine_close(&f->engine);
    MUST(f, engine_restore(&config, STR("confect"), folder, &f->report));
    MUST(f, try_open(f, NULL));
}

static void a_restore_brings_back_nobody_and_keeps_what_was_closed(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    char folder[96];
    begin(&f);
    struct objection_make objection = {.subject = the_scene.berit, .purpose = STR("marketing")};
    RUN_OK(&f, use_object, &objection);
    backup(&f, folder);
    merge_into(&f, the_scene.anna, the_scene.berit);
    restore(&f, folder);
    struct picture after = picture_of(&f);
    assert_false(shows(&after, BERIT_CV));
    assert_true(shows(&after, ANNA_CV));
    assert_true(facts_of(&f, the_scene.anna)->objections.count > 0);
    struct read_run reading = {
        .request = {.subject = the_scene.berit, .purpose = STR("recruitment")}};
    RUN_FAULT(&f, use_read, &reading, FAULT_MERGED);
    end(&f);
}

static status use_quarantine_decide(struct call *call, void *request)
{
    return engine_quarantine_decide(call, request);
}

/* What Berit writes about her health is put away. */
static dossier_id put_away(struct fixture *f)
{
    struct collect_value values[] = {{STR("basic.name"), STR("Berit Canaryname"), true},
                                     {STR("basic.email"), STR("berit@canary.test"), true},
                                     {STR("job_application.application"), STR("I apply"), true},
                                     {STR("job_application.reference"), STR("She was ill"), true}};
    struct collect_value held = {STR("job_application.reference"), STR("special"), false};
    struct collect_run collect = {.request = {.subject = the_scene.berit,
                                              .matter = the_scene.vacancy,
                                              .intake = STR("application"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = LENGTH(values),
                                              .holds = &held,
                                              .hold_count = 1}};
    RUN_OK(f, use_collect, &collect);
    const struct facts *berit = facts_of(f, the_scene.berit);
    assert_int_equal(berit->concerns.count, 1);
    return berit->concerns.at[0].other;
}

static void what_was_put_away_is_whose_it_became_after_a_restore(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    char folder[96];
    begin(&f);
    dossier_id quarantine = put_away(&f);
    backup(&f, folder);
    merge_into(&f, the_scene.anna, the_scene.berit);
    restore(&f, folder);
    MUST(&f, run_sweep(&f, &the_scene));
    const struct facts *anna = facts_of(&f, the_scene.anna);
    assert_int_equal(anna->concerns.count, 1); /* hers to be told of, and to be erased with her */
    assert_true(ID_EQUAL(anna->concerns.at[0].other, quarantine));
    struct quarantine_decision decision = {.id = quarantine, .reasons = STR("not ours to have")};
    MUST(&f, as_officer(&f, use_quarantine_decide, &decision));
    assert_null(facts_of(&f, quarantine));
    assert_int_equal(facts_of(&f, the_scene.anna)->concerns.count, 0);
    end(&f);
}

/* ---- attacks ---- */

static void a_merge_that_is_none_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct picture before_ = picture_of(&f);
    struct merge_run merge = asked(the_scene.anna, the_scene.anna);
    assert_int_equal(as_officer(&f, use_merge, &merge).fault, FAULT_INVALID);
    merge = asked(the_scene.anna, the_scene.berit);
    merge.request.reason = STR(" ");
    assert_int_equal(as_officer(&f, use_merge, &merge).fault, FAULT_INVALID);
    merge = asked(the_scene.anna, the_scene.vacancy);
    assert_int_equal(as_officer(&f, use_merge, &merge).fault, FAULT_NOT_FOUND);
    merge = asked((dossier_id){{7}}, the_scene.berit);
    assert_int_equal(as_officer(&f, use_merge, &merge).fault, FAULT_NOT_FOUND);
    merge = asked(the_scene.anna, the_scene.berit);
    assert_int_equal(as_officer(&f, use_merge, &merge).fault, FAULT_CONFLICT);
    merge.request.conflicts_stated = true;
    assert_int_equal(as_officer(&f, use_merge, &merge).fault, FAULT_CONFLICT);
    assert_string_equal(arena_c_string(f.arena, before_.text),
                        arena_c_string(f.arena, picture_of(&f).text));
    end(&f);
}

static status use_take(struct call *call, void *request)
{
    return engine_request_take(call, request);
}

static status use_identity(struct call *call, void *request)
{
    return engine_request_identity(call, request);
}

static void whoever_is_owed_an_answer_keeps_the_id_that_it_goes_to(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    str right = STR("access");
    struct request_take take = {.channel = STR("phone"), .rights = &right, .right_count = 1};
    RUN_OK(&f, use_take, &take);
    struct request_identity identity = {.request = f.call.outcome.id,
                                        .outcome = STR("proven"),
                                        .subject = the_scene.berit,
                                        .method = STR("eid")};
    RUN_OK(&f, use_identity, &identity);
    struct merge_run merge = asked(the_scene.anna, the_scene.berit);
    assert_int_equal(preview(&f, &merge).fault, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "a request of this person is open"));
    merge = asked(the_scene.berit, the_scene.anna); /* the other way round */
    MUST(&f, preview(&f, &merge));
    end(&f);
}

/* G9 */
static void a_bound_token_merges_nobody_and_learns_of_no_former_id(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    word forum[] = {words_find(reg_words(f.reg), STR("user_forum"))};
    const struct caller bound = {
        .scopes = SCOPE_ALL, .purposes = forum, .purpose_count = 1, .authenticated = STR("token")};
    dossier_id nobody = {{9}}, *whom[] = {&the_scene.anna, &nobody};
    for (size_t i = 0; i < LENGTH(whom); i++) {
        struct merge_run merge = asked(*whom[i], the_scene.berit);
        f.report = (struct report){0};
        assert_int_equal(
            engine_run(f.engine, f.reg, &bound, f.arena, &f.report, &f.call, use_merge, &merge)
                .fault,
            FAULT_FORBIDDEN);
    }
    merge_into(&f, the_scene.anna, the_scene.berit);
    struct read_run reading = {
        .request = {.subject = the_scene.berit, .purpose = STR("user_forum")}};
    f.report = (struct report){0};
    assert_int_equal(
        engine_run(f.engine, f.reg, &bound, f.arena, &f.report, &f.call, use_read, &reading).fault,
        FAULT_NOT_FOUND);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_in_two_dossiers_is_in_one),
        cmocka_unit_test(a_former_id_tells_who_it_is_now_also_after_another_merge),
        cmocka_unit_test(uses_of_before_are_told_of_the_one_person),
        cmocka_unit_test(who_shares_an_identifier_may_be_one_person),
        cmocka_unit_test(a_no_of_either_is_a_no_of_both),
        cmocka_unit_test(nothing_opens_or_lives_longer_by_a_merge),
        cmocka_unit_test(what_is_anothers_becomes_a_new_persons),
        cmocka_unit_test(whoever_has_what_moves_is_told_to_put_it_right),
        cmocka_unit_test(what_was_merged_wrongly_is_taken_apart_with_its_id),
        cmocka_unit_test(a_split_that_is_none_changes_nothing),
        cmocka_unit_test(nothing_opens_or_lives_longer_by_a_split),
        cmocka_unit_test(a_restore_brings_back_nobody_and_keeps_what_was_closed),
        cmocka_unit_test(what_was_put_away_is_whose_it_became_after_a_restore),
        cmocka_unit_test(a_merge_that_is_none_changes_nothing),
        cmocka_unit_test(whoever_is_owed_an_answer_keeps_the_id_that_it_goes_to),
        cmocka_unit_test(a_bound_token_merges_nobody_and_learns_of_no_former_id),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
