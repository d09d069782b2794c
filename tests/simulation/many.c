/* What takes more than one turn: a file that comes in parts and goes out again, and many people who
 * are read under one entry. */
#include "simulation.h"

enum { SMALL_BYTES = 3000, LARGE_BYTES = 150000 };

/* ---- a file ---- */

/* What is in it follows from its id. */
static str bytes_of_file(struct run *run, record_id id, size_t size)
{
    char *bytes = arena_take(run->checking, size);
    struct chance chance = {.state = 1};
    if (bytes == NULL)
        abort();
    memcpy(&chance.state, id.bytes, sizeof(chance.state));
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)('a' + chance_bits(&chance) % 26);
    return (str){bytes, size};
}

static str some_company(struct run *run)
{
    const struct plan *plan = run_plan(run);
    if (plan->controller_count == 0)
        return STR("");
    size_t which = below(&run->chance, plan->controller_count);
    return words_text(reg_words(run->reg), plan->controller[which].clause.name);
}

struct sending_file {
    struct file_open open;
    struct upload *upload;
    str company;
};

static status open_file(struct call *call, void *request)
{
    struct sending_file *sending = request;
    status known = engine_act_for(call, sending->company);
    return is_ok(known) ? engine_file_open(call, &sending->open) : known;
}

static status add_part(struct call *call, void *request)
{
    struct sending_file *sending = request;
    return engine_upload_part(call, sending->upload);
}

static status end_file(struct call *call, void *request)
{
    struct sending_file *sending = request;
    return engine_upload_end(call, sending->upload);
}

typedef status using(struct call *call, void *request);
static status in_a_turn(struct run *run, struct move *move, using *use, void *request)
{
    move->report = (struct report){0};
    return engine_run(run->engine, run->reg, engine_system(), run->arena, &move->report,
                      &move->call, use, request);
}

static status send_bytes(struct run *run, struct move *move, struct sending_file *sending,
                         str bytes)
{
    while (bytes.len > 0) {
        bool full;
        bytes = str_slice(bytes, engine_upload_bytes(sending->upload, bytes, &full), bytes.len);
        if (full)
            TRY(in_a_turn(run, move, add_part, sending));
    }
    return in_a_turn(run, move, end_file, sending);
}

/* Mostly one that asks for nothing besides. */
static bool asks_for_more(struct run *run, const struct plan_intake *intake, plan_index field)
{
    bool more = false;
    for (plan_index f = 0; f < run_plan(run)->field_count; f++)
        more |= f != field && field_set_has(&intake->required, f);
    return more && in_100(&run->chance, 90);
}

static const struct plan_intake *intake_of_files(struct run *run, plan_index *field)
{
    const struct plan *plan = run_plan(run);
    size_t start = below(&run->chance, plan->intake_count + (size_t)1);
    for (size_t i = 0; i < plan->intake_count; i++) {
        const struct plan_intake *intake = &plan->intake[(start + i) % plan->intake_count];
        for (plan_index f = 0; f < plan->field_count; f++)
            if (plan->field[f].kind == FIELD_FILE && !intake->live &&
                !goes_to_quarantine(run, intake, f) &&
                (field_set_has(&intake->required, f) || field_set_has(&intake->optional, f)) &&
                !field_set_has(&plan->category[plan->field[f].category].external, f) &&
                !plan->category[plan->field[f].category].made_from.stated &&
                !asks_for_more(run, intake, f)) {
                *field = f;
                return intake;
            }
    }
    return NULL;
}

static struct known *some_living(struct run *run)
{
    size_t start = below(&run->chance, PEOPLE_MOST);
    for (size_t i = 0; i < PEOPLE_MOST; i++) {
        struct known *person = &run->model.people[(start + i) % PEOPLE_MOST];
        if (person->arena != NULL)
            return person;
    }
    return NULL;
}

static bool draw_file(struct run *run, struct move *move, struct sending_file *sending)
{
    plan_index field = 0;
    const struct plan *plan = run_plan(run);
    const struct plan_intake *intake = intake_of_files(run, &field);
    struct words *words = reg_words(run->reg);
    struct collect_value *value = ARENA_ARRAY(run->arena, struct collect_value, 1);
    str *supplied = ARENA_ARRAY(run->arena, str, 1);
    *move = (struct move){.kind = OP_collect, .person = some_living(run)};
    if (intake == NULL || move->person == NULL || move->person->facts.items.count > 24 ||
        plan->source_count == 0)
        return false;
    move->subject = move->person->facts.id;
    move->caller = *engine_system();
    move->company = some_company(run);
    plan_index source = intake->from.all || intake->from.count == 0
                            ? 0
                            : intake->from.at[below(&run->chance, intake->from.count)];
    *value =
        (struct collect_value){words_text(words, plan->field[field].name), STR("a file"), true};
    *supplied = STR("notice");
    move->ask.collect =
        (struct collect){.subject = move->subject,
                         .intake = words_text(words, intake->clause.name),
                         .source = words_text(words, plan->source[source].clause.name),
                         .values = value,
                         .value_count = 1,
                         .supplied = supplied,
                         .supplied_count = 1,
                         .joins_form = true};
    *sending = (struct sending_file){.open = {.collect = move->ask.collect,
                                              .field = value->field,
                                              .said_optional = true,
                                              .media = STR("application/pdf")},
                                     .company = move->company};
    sending->open.collect.values = NULL;
    sending->open.collect.value_count = 0;
    return true;
}

/* It was judged once more at its end: by then it is an item like others, whose value lies in parts.
 */
static bool keep_file(struct run *run, struct move *move, record_id id)
{
    move->answer.collected = (struct collected){.items = ARENA_NEW(run->arena, record_id)};
    move->answer.collected.items[0] = id;
    move->answer.collected.count = 1;
    move_done(run, move);
    struct known *person = move->person;
    person->facts.items.at[person->facts.items.count - 1].chunks = 1;
    person->values.count--;
    return check_known(run, person) && check_known(run, &run->model.own) && check_entries(run);
}

static bool is_no_answer(status result)
{
    return result.fault == FAULT_STORE || result.fault == FAULT_CORRUPT ||
           result.fault == FAULT_INTERNAL;
}

/* The form that it joins may be allowed, and the file not. */
static void judge_file(struct run *run, struct move *move)
{
    move_judge(run, move);
    if (move->fault != FAULT_NONE || move->decision.parts[0].verdict != VERDICT_REFUSE)
        return;
    move->fault = FAULT_REFUSED;
    move->rule = move->decision.parts[0].reason.rule;
}

bool send_file(struct run *run)
{
    struct move move;
    struct sending_file sending;
    arena_reset(run->arena);
    if (!draw_file(run, &move, &sending))
        return true;
    judge_file(run, &move);
    size_t size = 1 + below(&run->chance, in_100(&run->chance, 10) ? LARGE_BYTES : SMALL_BYTES);
    sending.open.size = size;
    status opened = in_a_turn(run, &move, open_file, &sending);
    trace(run, "a file of %zu bytes for %02x%02x: %s", size, move.subject.bytes[0],
          move.subject.bytes[1], is_ok(opened) ? "opened" : fault_name(opened.fault));
    NEED(run, !is_no_answer(opened), "a file is not opened: %s", move.report.text);
    NEED(run,
         opened.fault == move.fault || opened.fault == FAULT_LIMIT || move_is_stillborn(run, &move),
         "a file: the model says %s %.*s, the engine %s: %s",
         move.fault == FAULT_NONE ? "yes" : fault_name(move.fault), STR_ARG(move.rule),
         is_ok(opened) ? "yes" : fault_name(opened.fault), move.report.text);
    if (!is_ok(opened))
        return check_known(run, move.person);
    record_id id = move.call.outcome.record;
    NEED(run,
         is_ok(engine_upload_take(run->reg, engine_system(), move.subject, id, &move.report,
                                  &sending.upload)),
         "an upload is not there");
    arena_reset(run->checking);
    str bytes = arena_copy(run->arena, bytes_of_file(run, id, size));
    status ended = send_bytes(run, &move, &sending, bytes);
    engine_upload_drop(run->reg, &sending.upload);
    run->tally->files += is_ok(ended);
    if (is_ok(ended))
        return keep_file(run, &move, id);
    NEED(run, !is_no_answer(ended) && (ended.fault == FAULT_LIMIT || ended.fault == FAULT_REFUSED),
         "a file that was opened does not come: %s", move.report.text);
    return check_known(run, move.person);
}

/* ---- and out again ---- */

static bool find_file(struct run *run, struct known **person, record_id *item)
{
    size_t start = below(&run->chance, PEOPLE_MOST);
    for (size_t i = 0; i < PEOPLE_MOST; i++) {
        *person = &run->model.people[(start + i) % PEOPLE_MOST];
        for (size_t k = 0; (*person)->arena != NULL && k < (*person)->facts.items.count; k++)
            if ((*person)->facts.items.at[k].chunks > 0) {
                *item = (*person)->facts.items.at[k].id;
                return true;
            }
    }
    return false;
}

struct reading_file {
    struct file_read ask;
    str company;
    struct download download;
};

static status take_file(struct call *call, void *request)
{
    struct reading_file *reading = request;
    status known = engine_act_for(call, reading->company);
    return is_ok(known) ? engine_file_read(call, &reading->ask, &reading->download) : known;
}

static bool is_whole(struct run *run, struct reading_file *reading, record_id id)
{
    struct buf all = buf_in(run->arena, LARGE_BYTES + 1);
    struct report report = {0};
    for (uint32_t i = 0; i < reading->download.parts; i++) {
        str part;
        arena_reset(run->checking);
        NEED(run, is_ok(engine_file_part(&reading->download, i, run->checking, &report, &part)),
             "a part of a file is not given: %s", report.text);
        buf_add(&all, part);
    }
    arena_reset(run->checking);
    str wanted = bytes_of_file(run, id, (size_t)reading->download.size);
    NEED(run, str_equal(buf_str(&all), wanted), "a file is not what it was");
    run->tally->values++;
    return true;
}

bool read_file(struct run *run)
{
    struct move move = {.kind = OP_read};
    const struct plan *plan = run_plan(run);
    record_id item;
    arena_reset(run->arena);
    if (plan->purpose_count == 0 || !find_file(run, &move.person, &item))
        return true;
    plan_index purpose = (plan_index)below(&run->chance, plan->purpose_count);
    move.subject = move.person->facts.id;
    move.caller = *engine_system();
    move.company = some_company(run);
    move.ask.read = (struct read){
        .subject = move.subject,
        .purpose = words_text(reg_words(run->reg), plan->purpose[purpose].clause.name),
        .items = &item,
        .item_count = 1};
    move_judge(run, &move);
    struct reading_file reading = {
        .ask = {.subject = move.subject, .item = item, .purpose = move.ask.read.purpose},
        .company = move.company};
    uint64_t before_ = audit_size(run->reg->log);
    status given = in_a_turn(run, &move, take_file, &reading);
    trace(run, "a file of %02x%02x is read: %s", move.subject.bytes[0], move.subject.bytes[1],
          is_ok(given) ? "given" : fault_name(given.fault));
    NEED(run, given.fault == move.fault, "a file is read: the model says %s, the engine %s: %s",
         move.fault == FAULT_NONE ? "yes" : fault_name(move.fault),
         is_ok(given) ? "yes" : fault_name(given.fault), move.report.text);
    NEED(run, audit_size(run->reg->log) > before_, "G1: a file is read without an entry");
    bool good = !is_ok(given) || is_whole(run, &reading, item);
    if (is_ok(given))
        engine_download_end(&reading.download);
    return good && check_entries(run);
}

/* ---- many under one entry ---- */

struct reading_many {
    struct batch ask;
    struct read read;
    struct batch_work *work;
    struct progress progress;
    struct batch_line line;
    str company;
};

static status decide_many(struct call *call, void *request)
{
    struct reading_many *many = request;
    status known = engine_act_for(call, many->company);
    return is_ok(known) ? engine_batch_step(call, &many->ask, &many->work, &many->progress) : known;
}

static status give_next(struct call *call, void *request)
{
    struct reading_many *many = request;
    return engine_batch_give(call, many->work, &many->line);
}

/* Each as if read alone (G2): the same answer, the same values. */
static bool line_is_right(struct run *run, struct reading_many *many, struct move *move)
{
    const struct batch_line *line = &many->line;
    move->subject = line->subject;
    move->person = model_person(&run->model, line->subject);
    NEED(run, line->known == (move->person != NULL), "of many, one is %s",
         line->known ? "known who is not there" : "not known who is there");
    if (!line->known)
        return true;
    move->caller = *engine_system();
    move->company = many->company;
    move->ask.read = many->read;
    move->ask.read.subject = line->subject;
    move_judge(run, move);
    bool allowed = move->fault == FAULT_NONE;
    NEED(run, line->allowed == allowed, "of many, one is %s, and by the model not",
         line->allowed ? "allowed" : "refused");
    NEED(run, allowed || line->refused != NULL, "G5: of many, one is refused without a rule");
    if (!allowed)
        NEED(run, str_equal(line->refused->reason.rule, move->rule),
             "of many, one is refused by %.*s, by the model %.*s",
             STR_ARG(line->refused->reason.rule), STR_ARG(move->rule));
    return !allowed || check_read(run, move, &line->read);
}

static bool give_all(struct run *run, struct reading_many *many)
{
    while (engine_batch_left(many->work) > 0) {
        struct move move = {.kind = OP_read};
        status given = in_a_turn(run, &move, give_next, many);
        NEED(run, is_ok(given) || engine_batch_answer(given), "of many, one is not given: %s",
             move.report.text);
        struct move judged = {.kind = OP_read};
        if (!line_is_right(run, many, &judged))
            return false;
    }
    return true;
}

bool read_many(struct run *run)
{
    const struct plan *plan = run_plan(run);
    struct words *words = reg_words(run->reg);
    struct move move = {.kind = OP_read};
    struct reading_many many = {.ask = {.read = &many.read}};
    arena_reset(run->arena);
    dossier_id *ids = ARENA_ARRAY(run->arena, dossier_id, PEOPLE_MOST + 1);
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        if (run->model.people[i].arena != NULL)
            ids[many.ask.subject_count++] = run->model.people[i].facts.id;
    if (plan->purpose_count == 0 || many.ask.subject_count == 0)
        return true;
    if (run->model.gone_count > 0) /* and one who is not there: G9 */
        ids[many.ask.subject_count++] = run->model.gone[0];
    many.ask.subjects = ids;
    many.company = some_company(run);
    many.read.purpose =
        words_text(words, plan->purpose[below(&run->chance, plan->purpose_count)].clause.name);
    uint64_t entries = audit_size(run->reg->log);
    status decided = OK;
    while (is_ok(decided) && !many.progress.done)
        decided = in_a_turn(run, &move, decide_many, &many);
    trace(run, "%zu are read for %.*s: %s", many.ask.subject_count, STR_ARG(many.read.purpose),
          is_ok(decided) ? "decided" : fault_name(decided.fault));
    NEED(run, is_ok(decided), "many are not decided on: %s", move.report.text);
    NEED(run, audit_size(run->reg->log) == entries + 1, "G1: many are read under %llu entries",
         (unsigned long long)(audit_size(run->reg->log) - entries));
    bool good = give_all(run, &many);
    engine_batch_end(&many.work);
    run->tally->batches++;
    return good && check_entries(run);
}
