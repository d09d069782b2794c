/* Many people under one entry: what changes between the entry and the opening, what is recorded,
 * who is found, and permits. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"
#include "manifest.h"
#include "note.h"

enum { PEOPLE = 7, FIRST = 0, LAST = PEOPLE - 1 };

struct batch_run {
    struct batch request;
    struct batch_work *work;
    struct progress progress;
    size_t steps, lines, allowed, changed, unknown, refused;
    uint64_t index; /* of the entry */
    record_id asked;
    struct batch_line line; /* the last */
};

static status step_batch(struct call *call, void *request)
{
    struct batch_run *all = request;
    all->steps++;
    return engine_batch_step(call, &all->request, &all->work, &all->progress);
}

static status give_one(struct call *call, void *request)
{
    struct batch_run *all = request;
    return engine_batch_give(call, all->work, &all->line);
}

static status make_person(struct call *call, void *request)
{
    (void)request;
    const str roles[] = {STR("subscriber"), STR("customer")};
    struct subject_create create = {.roles = roles, .role_count = 2};
    return engine_subject_create(call, &create);
}

static void make_customer(struct fixture *f, dossier_id person)
{
    struct evidence_record agreement = {.type = STR("agreement"), .subject = person};
    const struct collect_value values[] = {{STR("contact.name"), STR("Kari"), false},
                                           {STR("contact.email"), STR("kari@example.test"), false},
                                           {STR("delivery.street"), STR("Veien 1"), false}};
    struct collect_run collect = {.request = {.subject = person,
                                              .intake = STR("checkout"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = 3}};
    RUN_OK(f, use_evidence, &agreement);
    RUN_OK(f, use_collect, &collect);
}

/* All are customers; all but the first consented. */
static void start(struct fixture *f, dossier_id people[PEOPLE])
{
    fixture_start(f, 61, "2026-03-01T09:00:00Z");
    fixture_register(f, "example", "2026-03-01T09:00:00Z");
    f->engine->step_rows = 2;
    for (int i = 0; i < PEOPLE; i++) {
        RUN_OK(f, make_person, NULL);
        people[i] = f->call.outcome.id;
        make_customer(f, people[i]);
        struct consent consent = {.subject = people[i],
                                  .purpose = STR("newsletter"),
                                  .wording = STR("Yes please"),
                                  .given_by = STR("click")};
        if (i != FIRST)
            RUN_OK(f, use_consent, &consent);
    }
}

static dossier_id carrier(struct fixture *f)
{
    struct party_create party = {.kind = STR("carrier"), .name = STR("Bil AS"), .zone = STR("eea")};
    RUN_OK(f, use_party_create, &party);
    return f->call.outcome.id;
}

static void decide_batch(struct fixture *f, struct batch_run *all)
{
    while (!all->progress.done)
        RUN_OK(f, step_batch, all);
    all->index = f->call.outcome.log_index;
    all->asked = f->call.request;
}

static void give_batch(struct fixture *f, struct batch_run *all)
{
    while (engine_batch_left(all->work) > 0) {
        f->report = (struct report){0};
        status given = run(f, give_one, all);
        assert_true(is_ok(given) || engine_batch_answer(given));
        all->lines++;
        all->allowed += all->line.allowed && is_ok(given);
        all->changed += all->line.changed || !is_ok(given);
        all->unknown += !all->line.known;
        all->refused += all->line.refused != NULL;
    }
}

static void end_batch(struct batch_run *all)
{
    engine_batch_end(&all->work);
    assert_null(all->work);
}

static const str supplied[] = {{"stop_link", 9}};
static const struct message news = {.message = {"newsletter", 10},
                                    .channel = {"email", 5},
                                    .supplied = supplied,
                                    .supplied_count = 1};
static const struct message queued_news = {.message = {"newsletter", 10},
                                           .channel = {"email", 5},
                                           .supplied = supplied,
                                           .supplied_count = 1,
                                           .queue = true};
static const struct read orders = {.purpose = {"orders", 6}};

static struct batch_run of(const struct batch *what, const dossier_id *people, size_t count)
{
    struct batch_run all = {.request = *what};
    all.request.subjects = people;
    all.request.subject_count = count;
    return all;
}

static void entry_at(struct fixture *f, uint64_t index, struct audit_entry *entry)
{
    str text;
    assert_true(is_ok(audit_read(reg_log(f->reg), index, f->arena, &f->report, &text)));
    assert_true(is_ok(entry_parse(text, &f->report, entry)));
}

/* ---- without values ---- */

struct early_lines {
    size_t lines, allowed, refused, unknown, items, roles;
};

static void count_line(struct early_lines *told, const struct batch_line *line)
{
    told->lines++;
    told->allowed += line->allowed;
    told->refused += line->refused != NULL;
    told->unknown += !line->known;
    told->items += line->read.count;
    told->roles += line->role_count;
    for (size_t i = 0; i < line->read.count; i++) {
        assert_true(str_is_empty(line->read.items[i].value));
        assert_false(str_is_empty(line->read.items[i].field));
    }
}

static void tell(void *self, struct arena *scratch, const struct batch_line *line)
{
    (void)scratch;
    count_line(self, line);
}

static const struct read bare_orders = {.purpose = {"orders", 6}, .without_values = true};

/* G1, G2: one decision each, one entry, and nothing opened */
static void without_values_each_is_told_as_decided_under_one_entry(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE + 1] = {0}, stranger = {{1, 2, 3}};
    struct early_lines told = {0};
    struct audit_entry entry;
    start(&f, people);
    f.engine->step_rows = 0;
    people[PEOPLE] = stranger;
    struct erase_run erase = {.request = {.subject = people[LAST], .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    uint64_t entries = audit_size(reg_log(f.reg));
    struct batch_run all = of(&(struct batch){.read = &bare_orders}, people, PEOPLE + 1);
    all.request.early = (struct batch_early){tell, &told};
    decide_batch(&f, &all);
    assert_true(engine_batch_is_early(all.work));
    assert_int_equal(engine_batch_left(all.work), 0);
    assert_int_equal(told.lines, PEOPLE + 1);
    assert_int_equal(told.unknown, 2);
    assert_int_equal(told.allowed, PEOPLE - 1);
    assert_int_equal(told.items, 3 * (PEOPLE - 1));
    assert_int_equal(told.roles, 2 * (PEOPLE - 1));
    assert_int_equal(audit_size(reg_log(f.reg)), entries + 1);
    entry_at(&f, all.index, &entry);
    assert_true(str_is(entry.action, "show") && entry.has_manifest);
    assert_int_equal(entry.manifest_lines, PEOPLE - 1);
    end_batch(&all);
    fixture_stop(&f);
}

/* G2: what a later step followed was told too early; each is decided once more */
static void without_values_in_several_steps_each_is_decided_again(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    struct early_lines told = {0}, given = {0};
    start(&f, people);
    struct batch_run all = of(&(struct batch){.read = &bare_orders}, people, PEOPLE);
    all.request.early = (struct batch_early){tell, &told};
    decide_batch(&f, &all);
    assert_false(engine_batch_is_early(all.work));
    assert_int_equal(told.lines, 2);
    struct erase_run erase = {.request = {.subject = people[FIRST], .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    while (engine_batch_left(all.work) > 0) {
        f.report = (struct report){0};
        status result = run(&f, give_one, &all);
        assert_true(is_ok(result) || engine_batch_answer(result));
        if (is_ok(result))
            count_line(&given, &all.line);
    }
    assert_int_equal(given.lines, PEOPLE - 1); /* all but whom was erased meanwhile */
    assert_int_equal(given.items, 3 * (PEOPLE - 1));
    assert_int_equal(given.roles, 2 * (PEOPLE - 1));
    end_batch(&all);
    fixture_stop(&f);
}

/* ---- decided ---- */

static void each_is_decided_in_steps_and_one_entry_is_made(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    uint64_t before_it = audit_size(reg_log(f.reg));
    struct batch_run all = of(&(struct batch){.message = &news}, people, PEOPLE);
    decide_batch(&f, &all);
    give_batch(&f, &all);
    assert_int_equal(all.steps, 4);
    assert_int_equal(all.lines, PEOPLE);
    assert_int_equal(all.allowed, PEOPLE - 1);
    assert_int_equal(all.refused, 1);
    assert_int_equal(audit_size(reg_log(f.reg)), before_it + 1);
    end_batch(&all);
    fixture_stop(&f);
}

/* CON-59 */
static void who_was_erased_after_the_entry_gets_nothing_and_it_is_said(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    struct batch_run all = of(&(struct batch){.read = &orders}, people, PEOPLE);
    decide_batch(&f, &all);
    struct erase_run erase = {.request = {.subject = people[LAST], .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    give_batch(&f, &all);
    assert_int_equal(all.allowed, PEOPLE - 1);
    assert_int_equal(all.changed, 1);
    assert_int_equal(all.line.read.count, 0); /* hers is the last line */
    end_batch(&all);
    fixture_stop(&f);
}

static void what_opened_after_the_entry_is_not_given(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    struct batch_run all = of(&(struct batch){.read = &orders}, people, PEOPLE);
    decide_batch(&f, &all);
    make_customer(&f, people[LAST]); /* the same fields anew: other items */
    give_batch(&f, &all);
    assert_int_equal(all.allowed, PEOPLE);
    assert_int_equal(all.line.read.count, 3);
    end_batch(&all);
    fixture_stop(&f);
}

static void who_is_not_here_is_in_no_manifest(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE], nobody = {{1, 2, 3}};
    struct audit_entry entry;
    start(&f, people);
    struct batch_run all = of(&(struct batch){.message = &news}, &nobody, 1);
    decide_batch(&f, &all);
    give_batch(&f, &all);
    assert_int_equal(all.unknown, 1);
    entry_at(&f, all.index, &entry);
    assert_false(entry.has_manifest);
    assert_int_equal(entry.decision, AUDIT_REFUSE);
    end_batch(&all);
    fixture_stop(&f);
}

static void odd_lists_of_people_are_refused_before_anybody_is_looked_at(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE + 1];
    start(&f, people);
    people[PEOPLE] = people[FIRST];
    uint64_t before_it = audit_size(reg_log(f.reg));
    struct batch_run twice = of(&(struct batch){.message = &news}, people, PEOPLE + 1);
    RUN_FAULT(&f, step_batch, &twice, FAULT_INVALID);
    struct batch_run none = of(&(struct batch){.message = &news}, people, 0);
    RUN_FAULT(&f, step_batch, &none, FAULT_INVALID);
    struct batch_run both = of(&(struct batch){.message = &news, .everyone = true}, people, 1);
    RUN_FAULT(&f, step_batch, &both, FAULT_INVALID);
    f.engine->batch_people = PEOPLE - 1;
    struct batch_run many = of(&(struct batch){.message = &news}, people, PEOPLE);
    RUN_FAULT(&f, step_batch, &many, FAULT_LIMIT);
    assert_int_equal(audit_size(reg_log(f.reg)), before_it);
    end_batch(&twice);
    end_batch(&none);
    end_batch(&both);
    end_batch(&many);
    fixture_stop(&f);
}

/* ---- given ---- */

static size_t disclosures(struct fixture *f, dossier_id person, str *text)
{
    struct disclosure_list request = {.subject = person, .limit = 10};
    struct disclosure_page page;
    struct call call;
    size_t count = 0;
    engine_begin(f->engine);
    assert_true(is_ok(call_begin(f->engine, f->reg, engine_system(), f->arena, &f->report, &call)));
    assert_true(is_ok(call_end(&call, engine_disclosures(&call, &request, &page))));
    struct report ending = {0};
    assert_true(is_ok(engine_end(f->engine, &ending)));
    assert_true(is_ok(call.finish(&call)));
    *text = page.disclosures;
    for (str rest = page.disclosures; rest.len > 0; rest = str_slice(rest, 1, rest.len))
        count += str_starts(rest, STR("\"record\""));
    return count;
}

/* COB-59, CON-39: each disclosure is recorded with the person, and nothing is opened without it */
static void what_is_shared_is_recorded_with_each_person_under_one_entry(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    char asked[32];
    str text;
    start(&f, people);
    struct share share = {
        .purpose = STR("orders"), .recipient = STR("carrier"), .party = carrier(&f)};
    uint64_t before_it = audit_size(reg_log(f.reg));
    struct batch_run all = of(&(struct batch){.share = &share}, people, PEOPLE);
    decide_batch(&f, &all);
    assert_int_equal(audit_size(reg_log(f.reg)), before_it + 1);
    assert_int_equal(disclosures(&f, people[FIRST], &text), 0); /* not given yet */
    struct restriction restriction = {
        .subject = people[LAST], .reason = STR("accuracy"), .warned = true};
    RUN_OK(&f, use_restrict, &restriction);
    give_batch(&f, &all);
    assert_int_equal(all.allowed, PEOPLE - 1);
    assert_int_equal(all.changed, 1);
    assert_int_equal(disclosures(&f, people[LAST], &text), 0);
    assert_int_equal(disclosures(&f, people[FIRST], &text), 1);
    struct buf buf = buf_over(asked, sizeof(asked));
    buf_id(&buf, all.asked.bytes);
    assert_non_null(memmem(text.ptr, text.len, asked, buf.len)); /* the entry's request */
    end_batch(&all);
    fixture_stop(&f);
}

static size_t waiting(struct fixture *f, dossier_id person)
{
    const struct facts *facts;
    struct dossier *dossier;
    enum presence presence;
    assert_true(
        is_ok(vault_load(reg_vault(f->reg), person, f->arena, &f->report, &presence, &dossier)));
    facts = dossier->facts;
    return facts->tasks.count;
}

/* INF-30, CON-63 */
static void messages_to_many_wait_once_and_go_with_an_objection(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    for (int again = 0; again < 2; again++) {
        uint64_t before_it = audit_size(reg_log(f.reg));
        struct batch_run all = of(&(struct batch){.message = &queued_news}, people, PEOPLE);
        decide_batch(&f, &all);
        give_batch(&f, &all);
        assert_int_equal(all.allowed, PEOPLE - 1);
        assert_true(all.line.queued);
        assert_int_equal(audit_size(reg_log(f.reg)), before_it + 1);
        for (int i = 0; i < PEOPLE; i++)
            assert_int_equal(waiting(&f, people[i]), i == FIRST ? 0 : 1);
        end_batch(&all);
    }
    struct objection_make objection = {.subject = people[LAST], .purpose = STR("newsletter")};
    RUN_OK(&f, use_object, &objection);
    assert_int_equal(waiting(&f, people[LAST]), 0);
    fixture_stop(&f);
}

static void nothing_is_given_before_the_entry_is_durable(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    struct call call, early;
    struct batch_line line;
    start(&f, people);
    struct share share = {
        .purpose = STR("orders"), .recipient = STR("carrier"), .party = carrier(&f)};
    struct batch_run all = of(&(struct batch){.share = &share}, people, 1);
    struct report report = {0};
    engine_begin(f.engine);
    assert_true(is_ok(call_begin(f.engine, f.reg, engine_system(), f.arena, &report, &call)));
    assert_true(is_ok(call_end(&call, step_batch(&call, &all))));
    assert_true(all.progress.done);
    assert_true(is_ok(call_begin(f.engine, f.reg, engine_system(), f.arena, &report, &early)));
    assert_int_equal(call_end(&early, engine_batch_give(&early, all.work, &line)).fault,
                     FAULT_INTERNAL);
    assert_true(is_ok(engine_end(f.engine, &report)));
    end_batch(&all);
    fixture_stop(&f);
}

/* ---- everyone ---- */

/* HOS-41: who nobody named is found by purpose, by officers alone */
static void everyone_of_a_purpose_is_found_page_by_page(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE], last = {{0}};
    size_t lines = 0, pages = 0;
    start(&f, people);
    RUN_OK(&f, make_person, NULL); /* whom no purpose reaches */
    f.engine->batch_people = 3;
    bool more = true;
    while (more) {
        struct batch_run all = {.request = {.read = &orders, .everyone = true, .after = last}};
        decide_batch(&f, &all);
        give_batch(&f, &all);
        assert_int_equal(all.unknown, 0);
        assert_int_equal(all.allowed, all.lines);
        lines += all.lines;
        pages++;
        more = engine_batch_more(all.work, &last);
        end_batch(&all);
    }
    assert_int_equal(lines, PEOPLE);
    assert_int_equal(pages, 3);
    fixture_stop(&f);
}

static void everyone_without_a_purpose_or_scope_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    struct caller reader = *engine_system();
    reader.scopes = SCOPE_READ | SCOPE_SHARE;
    struct batch_run all = {.request = {.read = &orders, .everyone = true}};
    struct report report = {0};
    assert_int_equal(
        engine_run(f.engine, f.reg, &reader, f.arena, &report, &f.call, step_batch, &all).fault,
        FAULT_FORBIDDEN);
    end_batch(&all);
    struct read no_purpose = {.use = false};
    struct batch_run odd = {.request = {.read = &no_purpose, .everyone = true}};
    RUN_FAULT(&f, step_batch, &odd, FAULT_INVALID);
    assert_string_equal(f.report.where, "/purpose");
    assert_non_null(strstr(f.report.text, "everyone of which purpose?"));
    end_batch(&odd);
    fixture_stop(&f);
}

struct reasons_run {
    struct batch_work *work;
    const struct facts *facts;
    size_t count;
};

static status refuse_for_many(struct call *call, void *request)
{
    const struct reasons_run *many = request;
    struct operation op = call_operation(call, ACTION_READ, many->facts->id);
    call->batch = many->work;
    status refused = OK;
    for (size_t i = 0; is_ok(refused) && i < many->count; i++) {
        struct decision decision = {
            .reason = {.rule = arena_format(call->arena, "purposes.p%zu", i)}};
        refused = batch_refused(call, many->facts, &op, &decision);
    }
    call->batch = NULL;
    return refused;
}

/* Each line names its reason, and there is room for so many. */
static void a_batch_is_refused_for_at_most_so_many_reasons(void **state)
{
    (void)state;
    enum { REASONS = 256 };
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    struct batch_run all = of(&(struct batch){.read = &orders}, people, PEOPLE);
    RUN_OK(&f, step_batch, &all);
    enum presence presence;
    struct dossier *dossier;
    assert_true(
        is_ok(vault_load(reg_vault(f.reg), people[LAST], f.arena, &f.report, &presence, &dossier)));
    struct reasons_run many = {all.work, dossier->facts, REASONS};
    RUN_OK(&f, refuse_for_many, &many); /* those of before count once */
    many.count = REASONS + 1;
    RUN_FAULT(&f, refuse_for_many, &many, FAULT_LIMIT);
    assert_non_null(strstr(f.report.text, "too many reasons"));
    end_batch(&all);
    fixture_stop(&f);
}

/* The copy names the purpose that lets each be read; what none lets be read has no value */
static void a_copy_of_the_register_gives_each_item_under_a_purpose(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    struct audit_entry entry;
    size_t values = 0;
    start(&f, people);
    struct restriction restriction = {
        .subject = people[FIRST], .reason = STR("accuracy"), .warned = true};
    RUN_OK(&f, use_restrict, &restriction);
    struct batch_run all = {
        .request = {.copy = &(const struct copy){.controller = {0}}, .everyone = true}};
    decide_batch(&f, &all);
    entry_at(&f, all.index, &entry);
    assert_true(str_is(entry.action, "export"));
    assert_int_equal(entry.manifest_lines, PEOPLE);
    while (engine_batch_left(all.work) > 0) {
        RUN_OK(&f, give_one, &all);
        assert_int_equal(all.line.allowed, !ID_EQUAL(all.line.subject, people[FIRST]));
        for (size_t i = 0; i < all.line.read.count; i++) {
            const struct read_item *item = &all.line.read.items[i];
            assert_true(item->purpose != 0 && item->value.len > 0);
            values++;
        }
    }
    assert_int_equal(values, 3 * (PEOPLE - 1));
    end_batch(&all);
    fixture_stop(&f);
}

/* ---- proof ---- */

struct proof_run {
    struct proof_ask ask;
    str document;
};

static status use_prove(struct call *call, void *request)
{
    struct proof_run *proof = request;
    return engine_prove(call, &proof->ask, &proof->document);
}

static void read_path(const struct json *list, struct merkle_proof *path)
{
    *path = (struct merkle_proof){0};
    for (JSON_EACH(hash, list)) {
        str text;
        size_t length;
        assert_true(json_str(hash, &text) &&
                    base64_decode(text, &path->at[path->count++], MERKLE_HASH_BYTES, &length) &&
                    length == MERKLE_HASH_BYTES);
    }
}

/* As an outsider would, who has the document and the log's key. */
static void check_proof(struct fixture *f, str document, audit_id handle,
                        enum audit_decision decision)
{
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    const struct json *json;
    struct note_verifier key;
    struct checkpoint checkpoint;
    struct audit_entry entry;
    struct merkle_proof path;
    str text, note;
    int64_t index, line, lines;
    assert_true(is_ok(json_parse(f->arena, document, &f->report, &json)));
    assert_true(json_str(json_get(json, "entry"), &text));
    assert_true(json_str(json_get(json, "checkpoint"), &note));
    assert_true(json_i64(json_get(json, "index"), &index));
    assert_true(is_ok(note_verifier_parse(reg_verifier(f->reg), &f->report, &key)));
    assert_true(is_ok(checkpoint_open(note, &key, &f->report, &checkpoint)));
    read_path(json_get(json, "proof"), &path);
    merkle_hash leaf = merkle_leaf(hasher, text);
    assert_true(
        merkle_included(hasher, (uint64_t)index, checkpoint.size, &leaf, &path, &checkpoint.root));
    assert_true(is_ok(entry_parse(text, &f->report, &entry)));
    const struct json *manifest = json_get(json, "manifest");
    assert_true(json_i64(json_get(manifest, "line"), &line));
    assert_true(json_i64(json_get(manifest, "lines"), &lines));
    assert_int_equal(lines, entry.manifest_lines);
    struct manifest_proof proof = {.index = (uint64_t)line, .count = (uint64_t)lines};
    memcpy(proof.line.handle, handle.bytes, ID_BYTES);
    proof.line.decision = (unsigned char)decision;
    read_path(json_get(manifest, "proof"), &proof.path);
    assert_true(manifest_proved(hasher, &proof, &entry.manifest));
    proof.line.decision ^= 1;
    assert_false(manifest_proved(hasher, &proof, &entry.manifest));
}

/* C32: what was decided of one person among many is proved to anybody, and nobody else is shown */
static void one_line_is_proved_without_the_others(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    struct batch_run all = of(&(struct batch){.message = &news}, people, PEOPLE);
    decide_batch(&f, &all);
    end_batch(&all);
    for (int i = 0; i < PEOPLE; i++) {
        audit_id handle;
        struct proof_run proof = {.ask = {.log_index = all.index}};
        assert_true(is_ok(vault_handle(reg_vault(f.reg), people[i], &f.report, handle.bytes)));
        char room[ID_TEXT];
        struct buf buf = buf_over(room, sizeof(room));
        buf_id(&buf, handle.bytes);
        proof.ask.reference = buf_str(&buf);
        RUN_OK(&f, use_prove, &proof);
        check_proof(&f, proof.document, handle, i == FIRST ? AUDIT_REFUSE : AUDIT_ALLOW);
        proof.ask.log_index = all.index - 1; /* about one, who is another or nobody */
        if (i != LAST)
            RUN_FAULT(&f, use_prove, &proof, FAULT_NOT_FOUND);
        proof.ask.log_index = UINT64_MAX;
        RUN_FAULT(&f, use_prove, &proof, FAULT_NOT_FOUND);
    }
    struct proof_run stranger = {
        .ask = {.log_index = all.index, .reference = STR("AAECAwQFBgcICQoLDA0ODw")}};
    RUN_FAULT(&f, use_prove, &stranger, FAULT_NOT_FOUND);
    stranger.ask.reference = STR("none");
    RUN_FAULT(&f, use_prove, &stranger, FAULT_INVALID);
    fixture_stop(&f);
}

/* ---- permits ---- */

static status permits_of_a_manifest(struct call *call, void *request)
{
    (void)request;
    struct manifest_line lines[] = {{{2}, AUDIT_REFUSE}, {{1}, AUDIT_ALLOW}};
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    struct audit_entry entry;
    const struct permit_many *many;
    const struct permit *permit;
    struct permit_wait wait;
    TRY(call_entry(call, NULL, &op, decision_by_scope(), &entry));
    entry.action = STR("read");
    struct permit_list list = {lines, 2};
    TRY(permit_ask_many(NULL, call->reg->log, &entry, list, call->arena, call->report, &many));
    struct permit_scope scope = {.dossier = {{9}}, .decision = decision_by_scope()};
    lines[1].decision = AUDIT_ALLOW; /* what was written counts */
    const audit_id allowed = {{1}}, refused = {{2}}, other = {{3}};
    assert_int_equal(permit_ask_line(&scope, many, refused, call->report, &wait).fault,
                     FAULT_REFUSED);
    assert_int_equal(permit_ask_line(&scope, many, other, call->report, &wait).fault,
                     FAULT_REFUSED);
    TRY(permit_ask_line(&scope, many, allowed, call->report, &wait));
    assert_int_equal(
        permit_to_read(&wait, call->reg->log, call->arena, call->report, &permit).fault,
        FAULT_INTERNAL); /* the entry is not durable yet */
    assert_int_equal(
        permit_write_line(&scope, many, allowed, call->reg->log, call->arena, call->report, &permit)
            .fault,
        FAULT_INTERNAL);
    assert_int_equal(
        permit_write_line(&scope, many, refused, call->reg->log, call->arena, call->report, &permit)
            .fault,
        FAULT_REFUSED);
    return OK;
}

static void a_manifest_permits_whom_its_line_allows_and_not_before_it_is_durable(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    RUN_OK(&f, permits_of_a_manifest, NULL);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_decided_in_steps_and_one_entry_is_made),
        cmocka_unit_test(without_values_each_is_told_as_decided_under_one_entry),
        cmocka_unit_test(without_values_in_several_steps_each_is_decided_again),
        cmocka_unit_test(who_was_erased_after_the_entry_gets_nothing_and_it_is_said),
        cmocka_unit_test(what_opened_after_the_entry_is_not_given),
        cmocka_unit_test(who_is_not_here_is_in_no_manifest),
        cmocka_unit_test(odd_lists_of_people_are_refused_before_anybody_is_looked_at),
        cmocka_unit_test(what_is_shared_is_recorded_with_each_person_under_one_entry),
        cmocka_unit_test(messages_to_many_wait_once_and_go_with_an_objection),
        cmocka_unit_test(nothing_is_given_before_the_entry_is_durable),
        cmocka_unit_test(everyone_of_a_purpose_is_found_page_by_page),
        cmocka_unit_test(everyone_without_a_purpose_or_scope_is_refused),
        cmocka_unit_test(a_batch_is_refused_for_at_most_so_many_reasons),
        cmocka_unit_test(a_copy_of_the_register_gives_each_item_under_a_purpose),
        cmocka_unit_test(one_line_is_proved_without_the_others),
        cmocka_unit_test(a_manifest_permits_whom_its_line_allows_and_not_before_it_is_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
