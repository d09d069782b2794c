/* A backup that is older than something is put back. What was taken away since stays away; what was
 * added since is lost, and listed by the request that added it; everyone else's data is as it was.
 */
#include "trouble.h"

static struct scene the_scene;

static int set_scene(void **state)
{
    (void)state;
    scene_make(&the_scene, 7);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_end(&the_scene);
    return 0;
}

/* A copy of the scene's register, open. */
static void begin(struct fixture *f)
{
    char folder[64];
    folder_make(folder);
    folder_copy(the_scene.folder, folder);
    fixture_over(f, folder, 11);
    MUST(f, try_open(f, NULL));
}

static void end(struct fixture *f)
{
    char folder[64];
    memcpy(folder, f->dir, sizeof(folder));
    fixture_end(f);
    folder_remove(folder);
}

static void backup(struct fixture *f)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f->dir);
    MUST(f, engine_backup(f->reg, path, &f->report));
}

static status put_back(struct fixture *f)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f->dir);
    struct engine_config config = trouble_config(f, NULL);
    engine_close(&f->engine);
    f->report = (struct report){0};
    return engine_restore(&config, STR("confect"), path, &f->report);
}

static str list_of_lost(struct fixture *f)
{
    char path[192];
    (void)snprintf(path, sizeof(path), "%s/registers/confect/restored.json", f->data);
    return read_text(f, path);
}

static bool lists(struct fixture *f, str text)
{
    str list = list_of_lost(f);
    return memmem(list.ptr, list.len, text.ptr, text.len) != NULL;
}

/* Puts the backup back and opens: Berit is as she was, the log says what happened and verifies, and
 * opening once more finds nothing to do. */
static struct picture restore(struct fixture *f)
{
    MUST(f, put_back(f));
    MUST(f, try_open(f, NULL));
    struct picture now = picture_of(f);
    assert_true(shows(&now, BERIT_CV));
    assert_true(shows(&now, "berit@canary.test"));
    struct tally starts = tally_of(f, "start");
    assert_non_null(memmem(starts.last.ptr, starts.last.len, "\"restored\"", 10));
    str verifier = arena_copy(f->arena, reg_verifier(f->reg));
    engine_close(&f->engine);
    log_verifies(f, "confect", verifier);
    assert_int_equal(rows_of(f, "item"), now.items);
    MUST(f, try_open(f, NULL));
    struct picture again = picture_of(f);
    assert_true(str_equal(now.text, again.text));
    starts = tally_of(f, "start");
    assert_null(memmem(starts.last.ptr, starts.last.len, "\"restored\"", 10));
    return now;
}

static const struct facts *facts_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    MUST(f, vault_load(f->reg->vault, id, f->arena, &f->report, &presence, &dossier));
    assert_int_equal(presence, PRESENCE_LIVE);
    return dossier->facts;
}

static const struct fact_evidence *evidence_of(struct fixture *f, dossier_id id, const char *type)
{
    const struct facts *facts = facts_of(f, id);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (str_is(word_of(f, facts->evidence.at[i].type), type))
            return &facts->evidence.at[i];
    }
    fail_msg("no evidence of type %s", type);
    return NULL;
}

static void a_withdrawn_consent_stays_withdrawn(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    assert_int_equal(evidence_of(&f, the_scene.anna, "consent")->until.ms, NEVER.ms);
    MUST(&f, run_withdraw(&f, &the_scene));
    instant withdrawn = reg_now(f.reg);
    (void)restore(&f);
    assert_int_equal(evidence_of(&f, the_scene.anna, "consent")->until.ms, withdrawn.ms);
    end(&f);
}

static void an_old_value_stays_unreadable_and_the_new_one_is_listed_as_lost(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    MUST(&f, run_rectify(&f, &the_scene));
    str request = id_text(&f, f.call.request.bytes);
    struct picture now = restore(&f);
    assert_false(shows(&now, ANNA_CV));
    assert_false(shows(&now, NEW_CV));
    assert_true(shows(&now, "Anna Canaryname")); /* another category, another key */
    assert_true(lists(&f, request));
    assert_true(lists(&f, STR("\"rectify\"")));
    end(&f);
}

static void a_corrected_address_leads_to_nobody_by_either_value(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    MUST(&f, run_rectify_mail(&f, &the_scene));
    assert_int_equal(found_by(&f, "anna.new@canary.test"), 1);
    (void)restore(&f);
    assert_int_equal(found_by(&f, "anna.new@canary.test"), 0);
    assert_int_equal(found_by(&f, "berit@canary.test"), 1);
    end(&f);
}

/* The sealed bytes of an item as they lie in a data.db. */
static str sealed_bytes(struct fixture *f, dossier_id id, record_id item)
{
    struct db_item_get_in in = {id, item};
    struct db_item_get_row row;
    bool found;
    MUST(f, db_item_get(f->reg->vault->data, &in, f->arena, &f->report, &found, &row));
    assert_true(found);
    return row.sealed;
}

static void bytes_are_gone(struct fixture *f, str bytes)
{
    static const char *const names[] = {"data.db", "data.db-wal"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        char path[192];
        (void)snprintf(path, sizeof(path), "%s/registers/confect/%s", f->data, names[i]);
        assert_false(file_holds(f, path, bytes));
    }
}

static void what_was_erased_in_part_stays_erased_and_its_bytes_are_gone(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    str bytes = sealed_bytes(&f, the_scene.anna, the_scene.anna_cv);
    MUST(&f, run_erase_part(&f, &the_scene));
    struct picture now = restore(&f);
    assert_false(shows(&now, ANNA_CV));
    assert_true(shows(&now, "Anna Canaryname"));
    assert_true(shows(&now, CATO_CV));
    bytes_are_gone(&f, bytes);
    end(&f);
}

static void an_erased_person_stays_erased_and_the_bytes_are_gone(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    str bytes = sealed_bytes(&f, the_scene.cato, the_scene.cato_cv);
    MUST(&f, run_erase_whole(&f, &the_scene));
    struct picture now = restore(&f);
    assert_false(shows(&now, CATO_CV));
    assert_true(shows(&now, ANNA_CV));
    enum presence presence;
    struct dossier *dossier;
    MUST(&f, vault_load(f.reg->vault, the_scene.cato, f.arena, &f.report, &presence, &dossier));
    assert_int_equal(presence, PRESENCE_ERASED);
    assert_int_equal(found_by(&f, "cato@canary.test"), 0);
    bytes_are_gone(&f, bytes);
    end(&f);
}

static void a_rotation_since_takes_nothing_from_a_backup(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct picture before_it = picture_of(&f);
    backup(&f);
    MUST(&f, run_rotate(&f, &the_scene));
    struct picture now = restore(&f);
    assert_true(str_equal(now.text, before_it.text));
    uint32_t epoch;
    bool exported;
    MUST(&f, keys_epoch(vault_keys(reg_vault(f.reg)), &f.report, &epoch, &exported));
    assert_int_equal(epoch, 2);
    end(&f);
}

/* The deployment as filed, one version later. */
static str later_deployment(struct fixture *f)
{
    str text = read_text(f, "policies/confect.deploy.yaml");
    char *copy = arena_take(f->arena, text.len);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    char *version = memmem(copy, text.len, "version: \"2024-01\"", 18);
    char *from = memmem(copy, text.len, "effective: 2024-01-01", 21);
    assert_non_null(version);
    assert_non_null(from);
    memcpy(version, "version: \"2026-05\"", 18);
    memcpy(from, "effective: 2026-05-01", 21);
    return (str){copy, text.len};
}

/* What the policy needs of a version: management's decision, by one of them. */
static void decide_on_version(struct fixture *f)
{
    struct staff_create create = {.role = STR("management"), .name = STR("M")};
    RUN_OK(f, use_staff_create, &create);
    const struct particular asks[] = {{STR("approver"), STR("M")}, {STR("minutes"), STR("26-4")}};
    struct evidence_record record = {.type = STR("management_decision"),
                                     .version = STR("2026-05"),
                                     .asks = asks,
                                     .ask_count = LENGTH(asks)};
    const struct caller manager = {.scopes = SCOPE_ALL,
                                   .actor = f->call.outcome.id,
                                   .staff = words_find(reg_words(f->reg), STR("management")),
                                   .authenticated = STR("token")};
    MUST(f, engine_run(f->engine, f->reg, &manager, f->arena, &f->report, &f->call, use_evidence,
                       &record));
}

static void a_later_version_of_the_policy_is_lost_and_listed(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    decide_on_version(&f);
    backup(&f);
    struct version_run version = {.request = {.policy_file = STR("confect.yaml"),
                                              .policy = read_text(&f, "policies/confect.yaml"),
                                              .deployment_file = STR("confect.deploy.yaml"),
                                              .deployment = later_deployment(&f),
                                              .preview = true},
                                  .problems = {.arena = f.arena}};
    RUN_OK(&f, use_version, &version);
    version.request.preview = false;
    version.request.erases_stated = true;
    version.request.erases = version.effect.erases;
    RUN_OK(&f, use_version, &version);
    assert_int_equal(reg_plans(f.reg)->count, 2);
    MUST(&f, put_back(&f));
    MUST(&f, try_open(&f, NULL));
    assert_int_equal(reg_plans(f.reg)->count, 1); /* to be applied again, which needs its file */
    assert_int_equal(f.reg->mended.lost, 1);
    assert_true(lists(&f, STR("\"version\"")));
    RUN_OK(&f, use_version, &version);
    assert_int_equal(reg_plans(f.reg)->count, 2);
    end(&f);
}

static dossier_id make_party(struct fixture *f, record_id *agreement)
{
    struct party_create create = {
        .kind = STR("subcontractor"), .name = STR("Cloud AS"), .zone = STR("eea")};
    RUN_OK(f, use_party_create, &create);
    dossier_id party = f->call.outcome.id;
    struct particular document = {STR("document"), STR("dpa 1")};
    struct evidence_record evidence = {
        .type = STR("processing_agreement"), .party = party, .asks = &document, .ask_count = 1};
    RUN_OK(f, use_evidence, &evidence);
    *agreement = f->call.outcome.record;
    return party;
}

static void an_ended_processor_agreement_stays_ended(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    record_id agreement;
    dossier_id party = make_party(&f, &agreement);
    backup(&f);
    assert_int_equal(evidence_of(&f, party, "processing_agreement")->until.ms, NEVER.ms);
    struct evidence_end ending = {.dossier = party, .record = agreement};
    RUN_OK(&f, use_evidence_end, &ending);
    instant ended = reg_now(f.reg);
    (void)restore(&f);
    assert_int_equal(evidence_of(&f, party, "processing_agreement")->until.ms, ended.ms);
    end(&f);
}

static void a_new_person_is_counted_as_lost_never_as_erased(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    MUST(&f, run_create(&f, &the_scene));
    dossier_id dina = f.call.outcome.id;
    str request = id_text(&f, f.call.request.bytes);
    assert_int_equal(found_by(&f, "dina@canary.test"), 1);
    MUST(&f, put_back(&f));
    MUST(&f, try_open(&f, NULL));
    assert_int_equal(f.reg->mended.lost, 1);
    assert_true(lists(&f, request));
    assert_true(lists(&f, STR("\"dossiers_lost\":1")));
    enum presence presence;
    struct dossier *dossier;
    status loaded = vault_load(f.reg->vault, dina, f.arena, &f.report, &presence, &dossier);
    assert_int_equal(loaded.fault, FAULT_STORE);
    assert_int_equal(found_by(&f, "dina@canary.test"), 0);
    /* Whoever comes again under the same address is somebody new, and is found. */
    MUST(&f, run_create(&f, &the_scene));
    assert_int_equal(found_by(&f, "dina@canary.test"), 1);
    end(&f);
}

static void a_restriction_stays(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    struct restriction restriction = {
        .subject = the_scene.anna, .reason = STR("accuracy"), .warned = true};
    RUN_OK(&f, use_restrict, &restriction);
    (void)restore(&f);
    assert_int_equal(facts_of(&f, the_scene.anna)->restrictions.count, 1);
    end(&f);
}

static void an_objection_stays(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    struct objection_make objection = {.subject = the_scene.anna, .purpose = STR("marketing")};
    RUN_OK(&f, use_object, &objection);
    size_t made = facts_of(&f, the_scene.anna)->objections.count;
    assert_true(made > 0);
    (void)restore(&f);
    assert_int_equal(facts_of(&f, the_scene.anna)->objections.count, made);
    end(&f);
}

static void an_ended_role_stays_ended(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct role_change role = {.subject = the_scene.anna, .role = STR("forum_user")};
    RUN_OK(&f, use_role, &role);
    backup(&f);
    role.ends = true;
    RUN_OK(&f, use_role, &role);
    instant ended = reg_now(f.reg);
    (void)restore(&f);
    const struct facts *facts = facts_of(&f, the_scene.anna);
    bool seen = false;
    for (size_t i = 0; i < facts->roles.count; i++) {
        if (!str_is(word_of(&f, facts->roles.at[i].role), "forum_user"))
            continue;
        seen = true;
        assert_int_equal(facts->roles.at[i].until.ms, ended.ms);
    }
    assert_true(seen);
    end(&f);
}

static status use_revoke(struct call *call, void *request)
{
    return engine_token_revoke(call, *(const dossier_id *)request);
}

static enum fault_class authenticate(struct fixture *f, str token)
{
    struct reg *reg;
    const struct caller *caller;
    struct report report = {0};
    return engine_authenticate(f->engine, token, &report, &reg, &caller).fault;
}

static void a_revoked_token_stays_revoked(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct token_run token = {.request = {.name = STR("shop"), .scopes = STR("read")}};
    RUN_OK(&f, use_token, &token);
    str text = arena_copy(f.arena, token.text);
    dossier_id id = f.call.outcome.id;
    assert_int_equal(authenticate(&f, text), FAULT_NONE);
    backup(&f);
    RUN_OK(&f, use_revoke, &id);
    assert_int_equal(authenticate(&f, text), FAULT_UNAUTHENTICATED);
    (void)restore(&f);
    assert_int_equal(authenticate(&f, text), FAULT_UNAUTHENTICATED);
    assert_int_equal(authenticate(&f, the_scene.admin), FAULT_NONE);
    end(&f);
}

/* ---- how the staff sign in ---- */

struct account_run {
    struct account_make request;
    struct account_made made;
};

static status use_account(struct call *call, void *request)
{
    struct account_run *account = request;
    return engine_account_make(call, &account->request, &account->made);
}

static status use_enter(struct call *call, void *request)
{
    struct account_let_in in;
    return engine_account_enter(call, request, &in);
}

static status use_change(struct call *call, void *request)
{
    return engine_account_change(call, request);
}

/* A member with an account whose password needs no hashing here: that it fits is said. */
static struct account_made account_of(struct fixture *f, const char *login, dossier_id *staff)
{
    struct staff_create create = {
        .role = STR("officer"), .name = STR("S"), .login = str_from(login)};
    RUN_OK(f, use_staff_create, &create);
    *staff = f->call.outcome.id;
    struct account_run one = {
        .request = {.staff = *staff, .scopes = STR("read"), .hash = "$argon2id$first"}};
    RUN_OK(f, use_account, &one);
    return one.made;
}

static enum fault_class enter(struct fixture *f, const char *login, const char *hash, str code)
{
    struct account_try tried;
    reg_account_try(f->reg, str_from(login), &tried);
    struct account_enter request = {
        .account = tried.account, .fits = strcmp(tried.hash, hash) == 0, .code = code};
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, engine_public(), f->arena, &f->report, &f->call, use_enter,
                      &request)
        .fault;
}

/* Items 4 and 12 of the security requirements */
static void an_old_password_and_a_spent_code_are_not_revived(void **state)
{
    (void)state;
    struct fixture f;
    struct reg *reg;
    const struct caller *caller;
    struct account_try tried;
    dossier_id mona, otto;
    begin(&f);
    struct account_made monas = account_of(&f, "mona-1", &mona);
    struct account_made ottos = account_of(&f, "otto-2", &otto);
    backup(&f);
    assert_int_equal(enter(&f, "otto-2", "$argon2id$first", ottos.recovery[0]), FAULT_NONE);
    struct token_run token = {.request = {.name = STR("m"), .scopes = STR("read"), .staff = mona}};
    RUN_OK(&f, use_token, &token);
    assert_true(is_ok(engine_authenticate(f.engine, token.text, &f.report, &reg, &caller)));
    reg_account_own(f.reg, caller, &tried);
    struct account_change change = {.account = tried.account,
                                    .fits = true,
                                    .code = monas.recovery[0],
                                    .hash = "$argon2id$second"};
    assert_true(is_ok(
        engine_run(f.engine, f.reg, caller, f.arena, &f.report, &f.call, use_change, &change)));
    assert_int_equal(enter(&f, "mona-1", "$argon2id$second", monas.recovery[1]), FAULT_NONE);
    (void)restore(&f);
    assert_int_equal(enter(&f, "mona-1", "$argon2id$first", monas.recovery[2]),
                     FAULT_UNAUTHENTICATED);
    assert_int_equal(enter(&f, "mona-1", "$argon2id$second", monas.recovery[2]),
                     FAULT_UNAUTHENTICATED); /* the new one came after: an account is made anew */
    assert_int_equal(enter(&f, "otto-2", "$argon2id$first", ottos.recovery[0]),
                     FAULT_UNAUTHENTICATED);
    assert_int_equal(enter(&f, "otto-2", "$argon2id$first", ottos.recovery[1]), FAULT_NONE);
    end(&f);
}

static status take_request(struct call *call, void *request)
{
    return engine_request_take(call, request);
}

static status alarms_now(struct call *call, void *request)
{
    return engine_alarm_list(call, (dossier_id){{0}}, 200, request);
}

static size_t overdue_requests(struct fixture *f)
{
    struct alarm_list list;
    size_t count = 0;
    RUN_OK(f, alarms_now, &list);
    for (size_t i = 0; i < list.count; i++)
        count += str_is(list.at[i].kind, "overdue_request") && list.at[i].closed.ms == NEVER.ms;
    return count;
}

/* HOS-59: the alarm is younger than the backup, the request is not */
static void a_late_request_is_late_again_after_a_restore(void **state)
{
    (void)state;
    struct fixture f;
    struct swept swept;
    str rights[] = {STR("access")};
    begin(&f);
    struct request_take take = {.channel = STR("phone"), .rights = rights, .right_count = 1};
    RUN_OK(&f, take_request, &take);
    backup(&f);
    instant late = {reg_now(f.reg).ms + (int64_t)40 * 24 * 3600 * 1000};
    MUST(&f, engine_clock_set(f.engine, f.reg, late, &f.report, &swept));
    assert_int_equal(overdue_requests(&f), 1);
    MUST(&f, put_back(&f));
    MUST(&f, try_open(&f, NULL));
    late.ms += 3600000;
    MUST(&f, engine_clock_set(f.engine, f.reg, late, &f.report, &swept));
    assert_int_equal(overdue_requests(&f), 1);
    end(&f);
}

static void only_a_backup_of_this_register_and_clock_fits(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    backup(&f);
    struct scene other;
    scene_make(&other, 8);
    struct fixture g;
    fixture_over(&g, other.folder, 12);
    MUST(&g, try_open(&g, NULL));
    struct picture before_it = picture_of(&g);
    engine_close(&g.engine);
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/backup", f.dir);
    struct engine_config config = trouble_config(&g, NULL);
    g.report = (struct report){0};
    status result = engine_restore(&config, STR("confect"), path, &g.report);
    assert_int_equal(result.fault, FAULT_CONFLICT);
    assert_non_null(strstr(g.report.text, "another register"));
    MUST(&g, try_open(&g, NULL));
    struct picture now = picture_of(&g);
    assert_true(str_equal(now.text, before_it.text));
    fixture_end(&g);
    scene_end(&other);

    (void)snprintf(path, sizeof(path), "%s/backup/backup.json", f.dir);
    str card = read_text(&f, path);
    char *clock = memmem(card.ptr, card.len, "\"simulated\"", 11);
    assert_non_null(clock);
    memcpy(clock, "\"real\"     ", 11);
    struct file_change change = {&f.sim.world, "test", path};
    MUST(&f, file_write_durable(&change, card, 0600, &f.report));
    assert_int_equal(put_back(&f).fault, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "clock"));
    end(&f);
}

struct disclosures_run {
    struct disclosure_list request;
    struct disclosure_page page;
};
static status use_disclosures(struct call *call, void *request)
{
    struct disclosures_run *list = request;
    return engine_disclosures(call, &list->request, &list->page);
}

static str disclosures_of(struct fixture *f, dossier_id subject)
{
    struct disclosures_run list = {.request = {.subject = subject, .limit = 10}};
    MUST(f, run(f, use_disclosures, &list));
    return list.page.disclosures;
}

/* COB-71: what a recipient was given comes back with a backup; what was given of an erased item is
 * told of no more, be its row there or not. */
static void disclosures_come_back_save_those_of_what_was_erased_since(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    make_disclosed(&f, &the_scene);
    record_id cv = the_scene.anna_cv;
    struct share_run share = {.request = {.subject = the_scene.anna,
                                          .party = the_party,
                                          .purpose = STR("recruitment"),
                                          .recipient = STR("subcontractor"),
                                          .controller = STR("confect"),
                                          .items = &cv,
                                          .item_count = 1}};
    MUST(&f, run(&f, use_share, &share));
    str both = disclosures_of(&f, the_scene.anna);
    backup(&f);
    MUST(&f, run_erase_part(&f, &the_scene));
    str one = disclosures_of(&f, the_scene.anna);
    assert_true(one.len < both.len && one.len > 2);
    (void)restore(&f);
    assert_true(str_equal(disclosures_of(&f, the_scene.anna), one));
    end(&f);
}

static void an_erased_persons_disclosures_stay_erased(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    make_processor(&f, &the_scene);
    struct share_run share = {.request = {.subject = the_scene.cato,
                                          .party = the_party,
                                          .purpose = STR("recruitment"),
                                          .recipient = STR("subcontractor"),
                                          .controller = STR("confect")}};
    MUST(&f, run(&f, use_share, &share));
    backup(&f);
    MUST(&f, run_erase_whole(&f, &the_scene));
    struct picture now = picture_of(&f);
    assert_true(shows(&now, "notes 1 done 0 tasks 1")); /* what the party is to be told */
    now = restore(&f);
    assert_false(shows(&now, "notes"));
    end(&f);
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawn_consent_stays_withdrawn),
        cmocka_unit_test(an_old_value_stays_unreadable_and_the_new_one_is_listed_as_lost),
        cmocka_unit_test(a_corrected_address_leads_to_nobody_by_either_value),
        cmocka_unit_test(what_was_erased_in_part_stays_erased_and_its_bytes_are_gone),
        cmocka_unit_test(an_erased_person_stays_erased_and_the_bytes_are_gone),
        cmocka_unit_test(a_rotation_since_takes_nothing_from_a_backup),
        cmocka_unit_test(a_later_version_of_the_policy_is_lost_and_listed),
        cmocka_unit_test(an_ended_processor_agreement_stays_ended),
        cmocka_unit_test(a_new_person_is_counted_as_lost_never_as_erased),
        cmocka_unit_test(a_restriction_stays),
        cmocka_unit_test(an_objection_stays),
        cmocka_unit_test(an_ended_role_stays_ended),
        cmocka_unit_test(a_revoked_token_stays_revoked),
        cmocka_unit_test(an_old_password_and_a_spent_code_are_not_revived),
        cmocka_unit_test(disclosures_come_back_save_those_of_what_was_erased_since),
        cmocka_unit_test(an_erased_persons_disclosures_stay_erased),
        cmocka_unit_test(a_late_request_is_late_again_after_a_restore),
        cmocka_unit_test(only_a_backup_of_this_register_and_clock_fits),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
