/* Whom a breach concerned: from the log, where access was misused or a recipient had the data, else
 * from who holds what was reached. C32; article 33(3)(a)
 *
 *   resumed lines --> entries of the log --> everyone in the register --> lines, sealed, in the
 * case handles, categories    handle known? what is held?
 *
 * A line names somebody who is there by their random id. Who has been erased since is a handle that
 * nobody bears any more: counted, and not named. The lines are notes of the case, each under the
 * computation that it belongs to; one that broke off goes on where its lines end, and one after
 * more became known begins anew. Works in steps. */
#include "breach.h"
#include "json.h"
#include "manifest.h"

enum {
    MET_SLOTS = 1 << 17,
    MET_MOST = MET_SLOTS / 4 * 3,
    BITS = 64, /* the last stands for whatever has no bit of its own */
    LINES_BYTES = 20 << 10,
    LINE_BYTES = 80,
    PAGE = 100,
    NOTES_PAGE = 16
};

/* Somebody of whom the log tells. */
struct met {
    audit_id handle; /* zero: a free slot */
    uint64_t categories;
    bool had;  /* by the log, it was theirs before the breach ended */
    bool went; /* something was erased since it began */
    bool here; /* somebody in the register bears the handle */
};

struct totals {
    uint64_t people, records, erased;
    uint64_t categories[BITS], roles[BITS];
};

enum stage { STAGE_RESUME, STAGE_LOG, STAGE_PEOPLE, STAGE_SWEEP };

struct scoping {
    dossier_id breach;
    record_id generation;
    instant from, to, through; /* the log is read up to what stood in it by then */
    const struct plan *plan;
    const struct binding *where, *handles;
    size_t where_count, handle_count;
    bool by_access; /* the log says whom it concerned; else, who holds it */
    bool named[SLOT_COUNT];
    enum stage stage;
    struct met *met;
    size_t met_count, met_most;
    bool overfull; /* more people in the log than can be kept in mind */
    uint64_t next;
    record_id note;
    uint64_t seq; /* of the notes written */
    dossier_id after;
    uint64_t looked;
    struct totals totals;
    bool more, done;
    char lines[LINES_BYTES];
    size_t used, line_count; /* that wait: tests write them sooner (step_rows) */
};

/* ---- bits for what the policy names ---- */

static uint64_t bit_of(plan_index index)
{
    return (uint64_t)1 << (index == NONE || index >= BITS - 1 ? BITS - 1 : index);
}

static uint64_t category_bit(const struct scoping *work, word field)
{
    plan_index index = plan_find(work->plan, work->plan->field_of, field);
    return bit_of(index == NONE ? NONE : work->plan->field[index].category);
}

static void count_bits(uint64_t counts[BITS], uint64_t bits)
{
    for (unsigned i = 0; i < BITS; i++)
        counts[i] += bits >> i & 1;
}

/* ---- where ---- */

static bool names(const struct scoping *work, enum slot slot, word name)
{
    for (size_t i = 0; i < work->where_count; i++) {
        if (work->where[i].slot == slot && work->where[i].name == name && name != 0)
            return true;
    }
    return false;
}

static bool names_id(const struct scoping *work, enum slot slot, dossier_id id)
{
    for (size_t i = 0; i < work->where_count; i++) {
        if (work->where[i].slot == slot && ID_EQUAL(work->where[i].id, id))
            return true;
    }
    return false;
}

static bool names_handle(const struct scoping *work, enum slot slot, audit_id handle)
{
    for (size_t i = 0; i < work->handle_count; i++) {
        if (work->handles[i].slot == slot &&
            memcmp(work->handles[i].id.bytes, handle.bytes, ID_BYTES) == 0)
            return true;
    }
    return false;
}

/* ---- the log ---- */

static bool is_free(const struct met *met)
{
    static const audit_id none;
    return memcmp(&met->handle, &none, sizeof(none)) == 0;
}

static struct met *slot_of(const struct scoping *work, const unsigned char handle[ID_BYTES])
{
    uint64_t at;
    memcpy(&at, handle, sizeof(at));
    for (size_t i = (size_t)at & (MET_SLOTS - 1);; i = (i + 1) & (MET_SLOTS - 1)) {
        struct met *met = &work->met[i];
        if (is_free(met) || memcmp(met->handle.bytes, handle, ID_BYTES) == 0)
            return met;
    }
}

/* What is past the room for it is said in the result, and refuses where nothing else would tell. */
static struct met *meet(struct scoping *work, const unsigned char handle[ID_BYTES])
{
    struct met *met = slot_of(work, handle);
    if (!is_free(met))
        return met;
    work->overfull |= work->met_count == work->met_most;
    if (work->overfull)
        return NULL;
    work->met_count++;
    memcpy(met->handle.bytes, handle, ID_BYTES);
    return met;
}

static uint64_t entry_bits(const struct scoping *work, const struct audit_entry *entry,
                           bool *matches)
{
    uint64_t bits = 0;
    *matches = !work->named[SLOT_CATEGORY];
    for (size_t i = 0; i < entry->category_count; i++) {
        word name = words_find(work->plan->words, entry->categories[i]);
        plan_index index = plan_find(work->plan, work->plan->category_of, name);
        bool wanted = !work->named[SLOT_CATEGORY] || names(work, SLOT_CATEGORY, name);
        *matches |= wanted;
        bits |= wanted ? bit_of(index) : 0;
    }
    return bits;
}

/* Misused access counts while the breach lasted; what a recipient was given, from ever before. */
static bool by_their_access(const struct scoping *work, const struct audit_entry *entry, instant at)
{
    if (before(work->to, at))
        return false;
    return names_handle(work, SLOT_RECIPIENT, entry->recipient) ||
           (names_handle(work, SLOT_ACTOR, entry->actor) && !before(at, work->from));
}

static bool is_erasure(const struct audit_entry *entry)
{
    return str_is(entry->action, "erase") || str_is(entry->action, "erase_part") ||
           str_is(entry->action, "erase_whole");
}

static void note_entry(struct scoping *work, const unsigned char handle[ID_BYTES], uint64_t bits,
                       bool matches, bool went)
{
    struct met *met = matches || went ? meet(work, handle) : NULL;
    if (met == NULL)
        return;
    met->categories |= matches ? bits : 0;
    met->had |= matches;
    met->went |= went;
}

static status note_lines(struct scoping *work, struct audit_log *log,
                         const struct audit_entry *entry, uint64_t bits, bool matches,
                         struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)4 << 20);
    const struct manifest_line *lines;
    struct manifest_name name = {entry->manifest, entry->manifest_lines};
    if (!matches)
        return OK;
    TRY(audit_manifest_load(log, &name, arena, report, &lines));
    for (uint32_t i = 0; i < name.lines; i++) {
        if (lines[i].decision != AUDIT_REFUSE)
            note_entry(work, lines[i].handle, bits, true, false);
    }
    return OK;
}

struct reading {
    struct scoping *work;
    struct audit_log *log;
    struct audit_entry *entry;
    struct step step;
    bool over;
};

static status read_entry(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct reading *reading = self;
    struct scoping *work = reading->work;
    struct audit_entry *entry = reading->entry;
    *stop = !step_goes_on(&reading->step);
    TRY(entry_parse(text, report, entry));
    work->next = index + 1;
    instant at = entry->made.ms == 0 ? entry->at : entry->made;
    if (before(work->through, entry->at)) {
        reading->over = *stop = true;
        return OK;
    }
    bool matches, went = !work->by_access && is_erasure(entry) && !before(at, work->from);
    uint64_t bits = entry_bits(work, entry, &matches);
    bool refused = entry->decision == AUDIT_REFUSE && !entry->has_manifest;
    if (work->named[SLOT_PURPOSE] && work->by_access)
        matches &= names(work, SLOT_PURPOSE, words_find(work->plan->words, entry->purpose));
    if (work->named[SLOT_MATTER])
        matches &= names_handle(work, SLOT_MATTER, entry->matter);
    matches &= work->by_access ? by_their_access(work, entry, at)
                               : !before(work->to, at) && !is_erasure(entry);
    if (refused || (work->by_access && !matches))
        return OK;
    if (entry->has_manifest)
        TRY(note_lines(work, reading->log, entry, bits, matches, report));
    static const audit_id nobody;
    if (memcmp(&entry->subject, &nobody, sizeof(nobody)) != 0)
        note_entry(work, entry->subject.bytes, bits, matches, went);
    return OK;
}

static status former_of(struct call *call, const struct met *met, dossier_id *into)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(1 << 20);
    struct arena *kept = call->arena;
    dossier_id former;
    memcpy(former.bytes, met->handle.bytes, ID_BYTES);
    call->arena = scratch;
    status found = call_merged_into(call, former, into);
    call->arena = kept;
    return found;
}

/* Of whom the log tells by the reference of a dossier that was merged is who has it now. */
static status find_former(struct call *call, struct scoping *work)
{
    for (size_t i = 0; i < MET_SLOTS; i++) {
        struct met *met = &work->met[i];
        dossier_id into = {{0}};
        unsigned char handle[ID_BYTES];
        if (!is_free(met))
            TRY(former_of(call, met, &into));
        if (ID_IS_ZERO(into))
            continue;
        TRY(vault_handle(call->reg->vault, into, call->report, handle));
        met->here = true;
        note_entry(work, handle, met->categories, met->had, met->went);
    }
    return OK;
}

static status read_log(struct call *call, struct scoping *work)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct reading reading = {.work = work,
                              .log = call->reg->log,
                              .entry = ARENA_NEW(arena, struct audit_entry),
                              .step = step_begin(call->reg)};
    if (reading.entry == NULL)
        return NO_MEMORY(call->report);
    TRY(audit_scan(call->reg->log, work->next, read_entry, &reading, call->report));
    if (work->overfull && work->by_access)
        return fail(call->report, FAULT_LIMIT,
                    "more than %d people were met in the log: say a shorter time, or fewer places",
                    (int)work->met_most);
    if (!reading.over && work->next < audit_size(call->reg->log))
        return OK;
    work->stage = STAGE_PEOPLE;
    return find_former(call, work);
}

/* ---- who is there ---- */

static bool purpose_reaches(const struct scoping *work, const struct settled_item *settled)
{
    for (size_t i = 0; i < settled->item->told_count; i++) {
        if (names(work, SLOT_PURPOSE, settled->item->told[i]))
            return true;
    }
    for (size_t i = 0; i < settled->ground_count; i++) {
        plan_index purpose = settled->grounds[i].purpose;
        if (names(work, SLOT_PURPOSE, work->plan->purpose[purpose].clause.name))
            return true;
    }
    return false;
}

static bool was_reached(const struct scoping *work, const struct settled_item *settled)
{
    const struct fact_item *item = settled->item;
    plan_index field = plan_find(work->plan, work->plan->field_of, item->field);
    word category =
        field == NONE ? 0 : work->plan->category[work->plan->field[field].category].clause.name;
    if (item->field == 0 || before(work->to, item->collected))
        return false;
    return (!work->named[SLOT_CATEGORY] || names(work, SLOT_CATEGORY, category)) &&
           (!work->named[SLOT_PURPOSE] || purpose_reaches(work, settled)) &&
           (!work->named[SLOT_MATTER] || names_id(work, SLOT_MATTER, item->matter));
}

static void look_at_items(const struct scoping *work, const struct subject *subject,
                          const struct met *met, struct breach_line *person)
{
    bool named = work->named[SLOT_CATEGORY] || work->named[SLOT_MATTER];
    bool lost = met != NULL && met->had && met->went && named && !work->by_access;
    person->concerned = work->by_access || lost || (!named && !work->named[SLOT_PURPOSE]);
    person->categories = met != NULL && (work->by_access || lost) ? met->categories : 0;
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *settled = &subject->settled.items[i];
        uint64_t bit = category_bit(work, settled->item->field);
        bool theirs = work->by_access ? settled->item->field != 0 && (met->categories & bit) != 0 &&
                                            !before(work->to, settled->item->collected)
                                      : was_reached(work, settled);
        if (!theirs)
            continue;
        person->concerned = true;
        person->records++;
        person->categories |= bit;
    }
}

static status look_at(struct call *call, const struct scoping *work, dossier_id id,
                      const struct met *met, struct breach_line *person)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call own = *call;
    own.arena = arena;
    enum presence presence;
    struct subject subject = {0};
    *person = (struct breach_line){0};
    TRY(vault_load(call->reg->vault, id, arena, call->report, &presence, &subject.dossier));
    if (presence != PRESENCE_LIVE || subject.dossier->facts->kind != DOSSIER_SUBJECT ||
        before(work->to, subject.dossier->facts->created))
        return OK;
    const struct facts *facts = subject.dossier->facts;
    TRY(call_view(&own, facts, NULL, &subject.view));
    TRY(call_settle(&own, &subject));
    look_at_items(work, &subject, met, person);
    for (size_t i = 0; i < facts->roles.count; i++) {
        if (!before(work->to, facts->roles.at[i].since))
            person->roles |=
                bit_of(plan_find(work->plan, work->plan->role_of, facts->roles.at[i].role));
    }
    return OK;
}

static void add_line(struct scoping *work, dossier_id id, const struct breach_line *person)
{
    struct buf buf = buf_over(work->lines + work->used, LINE_BYTES);
    buf_id(&buf, id.bytes);
    buf_format(&buf, " %llu %llu %llu\n", (unsigned long long)person->categories,
               (unsigned long long)person->roles, (unsigned long long)person->records);
    work->used += buf_str(&buf).len;
    work->line_count++;
}

static void count_person(struct totals *totals, const struct breach_line *person)
{
    totals->people++;
    totals->records += person->records;
    count_bits(totals->categories, person->categories);
    count_bits(totals->roles, person->roles);
}

/* The nth note of a computation: in this order among its own. */
static record_id note_id(const struct scoping *work, uint64_t seq)
{
    record_id id = work->generation;
    for (unsigned i = 0; i < 8; i++)
        id.bytes[i] = (unsigned char)(seq >> (56 - 8 * i));
    return id;
}

static status scoping_open(struct call *call, const struct scoping *work, struct dossier **dossier);

static status write_lines(struct call *call, struct scoping *work)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(scoping_open(call, work, &dossier));
    TRY(breach_write(call, dossier->facts, "breach_people", STR(""), &permit));
    struct buf buf = buf_in(call->arena, LINES_BYTES + ID_TEXT + 1);
    buf_id(&buf, work->generation.bytes);
    buf_char(&buf, '\n');
    buf_add(&buf, (str){work->lines, work->used});
    str text;
    TRY(buf_finish(&buf, call->report, &text));
    TRY(vault_note_put(call->reg->vault, permit, work->breach, note_id(work, work->seq + 1), text,
                       call->arena, call->report));
    work->seq++;
    work->used = 0;
    work->line_count = 0;
    return OK;
}

/* The call's arena lasts until the last step: what a step needs alone lies in another. */
static status aside(struct call *call, struct scoping *work,
                    status (*what)(struct call *call, struct scoping *work))
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct arena *kept = call->arena;
    call->arena = arena;
    status done = what(call, work);
    call->arena = kept;
    return done;
}

static status flush_lines(struct call *call, struct scoping *work)
{
    return work->used == 0 ? OK : aside(call, work, write_lines);
}

static status look_one(struct call *call, struct scoping *work, dossier_id id)
{
    unsigned char handle[ID_BYTES];
    struct breach_line person;
    TRY(vault_handle(call->reg->vault, id, call->report, handle));
    struct met *met = slot_of(work, handle);
    if (is_free(met))
        met = NULL;
    else
        met->here = true;
    if (work->by_access && met == NULL)
        return OK;
    TRY(look_at(call, work, id, met, &person));
    if (!person.concerned)
        return OK;
    if (work->used + LINE_BYTES > LINES_BYTES || work->line_count == call->engine->step_rows)
        TRY(flush_lines(call, work));
    add_line(work, id, &person);
    count_person(&work->totals, &person);
    return OK;
}

static void count_erased(struct scoping *work)
{
    for (size_t i = 0; i < MET_SLOTS; i++) {
        const struct met *met = &work->met[i];
        if (!is_free(met) && !met->here && met->had && (work->by_access || met->went))
            work->totals.erased++;
    }
}

static status look_at_people(struct call *call, struct scoping *work)
{
    struct step step = step_begin(call->reg);
    size_t page = step.most < PAGE ? step.most : PAGE;
    for (bool goes_on = true; goes_on && work->stage == STAGE_PEOPLE;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        size_t count, i = 0;
        TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, work->after, page, arena, call->report,
                       &ids, &count));
        for (; i < count && goes_on; i++) {
            TRY(look_one(call, work, ids[i]));
            work->after = ids[i];
            work->looked++;
            goes_on = step_goes_on(&step);
        }
        if (count == page || i < count)
            continue;
        TRY(flush_lines(call, work));
        count_erased(work);
        work->stage = STAGE_SWEEP;
        work->note = (record_id){{0}};
    }
    return OK;
}

/* ---- lines that are there ---- */

bool breach_line_read(str *text, dossier_id *id, struct breach_line *person)
{
    str line, first, categories, roles;
    *person = (struct breach_line){.concerned = true};
    return str_next(text, '\n', &line) && str_next(&line, ' ', &first) &&
           id_parse(first, id->bytes) && str_next(&line, ' ', &categories) &&
           str_to_u64(categories, &person->categories) && str_next(&line, ' ', &roles) &&
           str_to_u64(roles, &person->roles) && str_to_u64(line, &person->records);
}

/* Is it of this computation? Then `lines` are what it says. */
bool breach_note_is_of(const struct note *note, record_id generation, str *lines)
{
    record_id id;
    str first;
    *lines = note->text;
    return str_next(lines, '\n', &first) && id_parse(first, id.bytes) && ID_EQUAL(id, generation);
}

/* A few notes a step; goes on where the last one ended. */
static status next_notes(struct call *call, struct scoping *work)
{
    struct dossier *dossier;
    const struct permit *permit;
    struct note *notes;
    size_t count;
    bool drop = work->stage == STAGE_SWEEP;
    TRY(scoping_open(call, work, &dossier));
    TRY(breach_write(call, dossier->facts, "breach_people", STR(""), &permit));
    TRY(vault_notes(call->reg->vault, permit, work->breach, work->note, NOTES_PAGE, call->arena,
                    call->report, &notes, &count));
    for (size_t i = 0; i < count; i++) {
        str lines;
        struct breach_line person;
        bool ours = breach_note_is_of(&notes[i], work->generation, &lines);
        if (drop && !ours)
            TRY(vault_note_drop(call->reg->vault, permit, work->breach, notes[i].id, call->report));
        work->seq += !drop && ours;
        while (!drop && ours && breach_line_read(&lines, &work->after, &person))
            count_person(&work->totals, &person);
        work->note = notes[i].id;
    }
    work->more = count == NOTES_PAGE;
    return OK;
}

/* ---- beginning and ending ---- */

/* One that was computed, or is being computed, after the last that became known. */
static const struct fact_evidence *current_scope(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *scope = breach_last(call, facts, BREACH_SCOPE);
    return scope != NULL && scope > breach_last(call, facts, BREACH_KNOWN) ? scope : NULL;
}

bool breach_scope_is_current(const struct call *call, const struct facts *facts)
{
    const struct fact_evidence *scope = current_scope(call, facts);
    return scope != NULL && !ID_IS_ZERO(scope->details);
}

static status scoping_open(struct call *call, const struct scoping *work, struct dossier **dossier)
{
    TRY(breach_open(call, work->breach, dossier));
    const struct fact_evidence *scope = current_scope(call, (*dossier)->facts);
    if (scope == NULL || !ID_EQUAL(scope->id, work->generation))
        return fail(call->report, FAULT_CONFLICT,
                    "more became known meanwhile: ask for the scope again");
    return OK;
}

static status copy_bound(struct call *call, const struct fact_evidence *evidence,
                         const struct binding **bound, size_t *count)
{
    struct binding *copy = ARENA_ARRAY(call->arena, struct binding, evidence->bound_count + 1);
    if (copy == NULL)
        return NO_MEMORY(call->report);
    if (evidence->bound_count > 0)
        memcpy(copy, evidence->bound, evidence->bound_count * sizeof(*copy));
    *bound = copy;
    *count = evidence->bound_count;
    return OK;
}

static status take_where(struct call *call, const struct facts *facts, struct scoping *work)
{
    const struct fact_evidence *known = breach_last(call, facts, BREACH_KNOWN);
    work->from = known->since;
    work->to = known->until;
    TRY(copy_bound(call, known, &work->where, &work->where_count));
    TRY(copy_bound(call, breach_last(call, facts, BREACH_ACTORS), &work->handles,
                   &work->handle_count));
    for (size_t i = 0; i < work->where_count; i++)
        work->named[work->where[i].slot] = true;
    for (size_t i = 0; i < work->handle_count; i++)
        work->named[work->handles[i].slot] = true;
    work->by_access = work->named[SLOT_ACTOR] || work->named[SLOT_RECIPIENT];
    return OK;
}

static status begin(struct call *call, dossier_id id, struct scoping **out)
{
    struct dossier *dossier;
    const struct permit *permit;
    struct scoping *work = ARENA_NEW(call->arena, struct scoping);
    TRY(breach_open(call, id, &dossier));
    if (work == NULL)
        return NO_MEMORY(call->report);
    work->met = ARENA_ARRAY(call->arena, struct met, MET_SLOTS);
    if (work->met == NULL)
        return NO_MEMORY(call->report);
    size_t most = call->engine->breach_people;
    work->met_most = most == 0 ? MET_MOST : most;
    const struct fact_evidence *unfinished = current_scope(call, dossier->facts);
    bool resumed = unfinished != NULL && ID_IS_ZERO(unfinished->details);
    TRY(breach_write(call, dossier->facts, "breach_scope", resumed ? STR("resumed") : STR("begun"),
                     &permit));
    work->breach = id;
    work->plan = reg_plan(call->reg, call->now);
    TRY(take_where(call, dossier->facts, work));
    struct breach_piece piece = {.part = BREACH_SCOPE, .since = call->now, .until = NEVER};
    if (!resumed)
        TRY(breach_add(call, dossier, permit, &piece));
    work->generation = resumed ? unfinished->id : call->outcome.record;
    work->through = resumed ? unfinished->since : call->now;
    work->stage = resumed ? STAGE_RESUME : STAGE_LOG;
    *out = work;
    return breach_store(call, dossier, permit);
}

static void put_counts(const struct call *call, struct json_out *out, const char *key,
                       const char *name, const uint64_t counts[BITS], bool roles,
                       const struct plan *plan)
{
    size_t count = roles ? plan->role_count : plan->category_count;
    json_key(out, key);
    json_open_array(out);
    for (unsigned i = 0; i < BITS; i++) {
        const struct clause *clause = i >= count || i == BITS - 1 ? NULL
                                      : roles                     ? &plan->role[i].clause
                                                                  : &plan->category[i].clause;
        if (counts[i] == 0)
            continue;
        json_open_object(out);
        json_key(out, name);
        json_put_str(out, clause == NULL ? STR("(other)") : call_text(call, clause->name));
        json_key(out, "people");
        json_put_u64(out, counts[i]);
        json_close_object(out);
    }
    json_close_array(out);
}

/* What each bit of a line stands for, as the policy named it then. */
static void put_names(const struct call *call, const struct plan *plan, struct json_out *out)
{
    json_key(out, "names");
    json_open_array(out);
    for (size_t i = 0; i < plan->category_count && i < BITS - 1; i++)
        json_put_str(out, call_text(call, plan->category[i].clause.name));
    json_close_array(out);
}

static status result_json(struct call *call, const struct scoping *work, str *json)
{
    const struct totals *totals = &work->totals;
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "people");
    json_put_u64(&out, totals->people + totals->erased);
    json_key(&out, "erased_since");
    json_put_u64(&out, totals->erased);
    json_key(&out, "records");
    json_put_u64(&out, totals->records);
    put_counts(call, &out, "categories", "category", totals->categories, false, work->plan);
    put_counts(call, &out, "roles", "role", totals->roles, true, work->plan);
    json_key(&out, "from_log");
    json_put_bool(&out, work->by_access);
    json_key(&out, "erased_counted_in_part");
    json_put_bool(&out, work->overfull);
    put_names(call, work->plan, &out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status finish(struct call *call, struct scoping *work)
{
    struct dossier *dossier;
    const struct permit *permit;
    record_id details;
    str json;
    uint64_t people = work->totals.people + work->totals.erased;
    TRY(scoping_open(call, work, &dossier));
    TRY(result_json(call, work, &json));
    str effect = arena_format(call->arena, "people:%llu", (unsigned long long)people);
    TRY(breach_write(call, dossier->facts, "breach_scope", effect, &permit));
    TRY(call_record(call, dossier, permit, json, &details));
    for (size_t i = 0; i < dossier->facts->evidence.count; i++) {
        if (ID_EQUAL(dossier->facts->evidence.at[i].id, work->generation))
            dossier->facts->evidence.at[i].details = details;
    }
    call->outcome.record = work->generation;
    call->outcome.count = people;
    work->done = true;
    return breach_store(call, dossier, permit);
}

static status go_on(struct call *call, struct scoping *work)
{
    switch (work->stage) {
    case STAGE_RESUME:
        TRY(aside(call, work, next_notes));
        work->stage = work->more ? STAGE_RESUME : STAGE_LOG;
        return OK;
    case STAGE_LOG:
        return read_log(call, work);
    case STAGE_PEOPLE:
        return look_at_people(call, work);
    case STAGE_SWEEP:
        TRY(aside(call, work, next_notes));
        return work->more ? OK : aside(call, work, finish);
    }
    return OK;
}

status engine_breach_scope_step(struct call *call, dossier_id id, struct scoping **work,
                                struct progress *progress)
{
    TRY(call_version_lost(call));
    if (*work == NULL) {
        TRY(begin(call, id, work));
        *progress = (struct progress){.of = audit_size(call->reg->log)};
        return OK;
    }
    TRY(go_on(call, *work));
    *progress = (struct progress){.looked = (*work)->looked, .done = (*work)->done};
    return vault_count(call->reg->vault, DOSSIER_SUBJECT, call->report, &progress->of);
}

status engine_breach_scope(struct call *call, dossier_id id)
{
    struct scoping *work = NULL;
    struct progress progress = {0};
    while (!progress.done)
        TRY(engine_breach_scope_step(call, id, &work, &progress));
    return OK;
}
