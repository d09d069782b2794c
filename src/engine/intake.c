/* What a form asks for and why: each field with its purposes, whether it must be given and what
 * follows without it. And the first act of a person who comes through one: all of it or none. */
#include "engine_internal.h"
#include "json.h"

enum { FORM_BYTES = 512 << 10, DECLINED_MOST = 64 };

struct forming {
    const struct plan *plan;
    const struct plan_intake *intake;
    struct bits fields;   /* that are told of */
    struct bits purposes; /* that are among them */
    struct json_out out;
};

static void put_word(struct forming *forming, const char *key, word w)
{
    json_key(&forming->out, key);
    json_put_str(&forming->out, words_text(forming->plan->words, w));
}

/* A purpose of the form that may use the field, whatever it comes from. */
static bool is_for(const struct forming *forming, plan_index purpose, plan_index field)
{
    const struct plan_purpose *p = &forming->plan->purpose[purpose];
    return !p->clause.closed && refs_has(&forming->intake->purposes, purpose) &&
           field_set_has(&p->uses, field);
}

static void put_purposes_of(struct forming *forming, const char *key, plan_index field,
                            bool that_require)
{
    json_key(&forming->out, key);
    json_open_array(&forming->out);
    for (plan_index p = 0; p < forming->plan->purpose_count; p++) {
        const struct plan_purpose *purpose = &forming->plan->purpose[p];
        if (!is_for(forming, p, field) ||
            (that_require && !field_set_has(&purpose->requires, field)))
            continue;
        bits_set(forming->purposes, p);
        json_put_str(&forming->out, words_text(forming->plan->words, purpose->clause.name));
    }
    json_close_array(&forming->out);
}

static void put_field(struct forming *forming, plan_index index)
{
    const struct plan_field *field = &forming->plan->field[index];
    bool required = field_set_has(&forming->intake->required, index);
    json_open_object(&forming->out);
    put_word(forming, "field", field->name);
    says_put(&forming->out, "says", forming->plan,
             &forming->plan->category[field->category].clause.says);
    json_key(&forming->out, "required");
    json_put_bool(&forming->out, required);
    put_purposes_of(forming, "purposes", index, false);
    json_key(&forming->out, "without");
    json_put_text(&forming->out, required ? "nothing_is_taken" : "the_rest_is_taken");
    put_purposes_of(forming, "closes", index, true);
    json_close_object(&forming->out);
}

/* Each purpose that a field is for, on which basis: what the person is told is what counts. */
static void put_purposes(struct forming *forming)
{
    json_key(&forming->out, "purposes");
    json_open_array(&forming->out);
    for (plan_index p = 0; p < forming->plan->purpose_count; p++) {
        const struct plan_purpose *purpose = &forming->plan->purpose[p];
        if (!bits_has(forming->purposes, p))
            continue;
        json_open_object(&forming->out);
        put_word(forming, "purpose", purpose->clause.name);
        says_put(&forming->out, "says", forming->plan, &purpose->clause.says);
        json_key(&forming->out, "basis");
        json_put_text(&forming->out, basis_name(purpose->basis));
        json_key(&forming->out, "article");
        json_put_text(&forming->out, basis_article(purpose->basis));
        if (purpose->law.ptr != NULL) {
            json_key(&forming->out, "law");
            json_put_str(&forming->out, purpose->law);
        }
        json_close_object(&forming->out);
    }
    json_close_array(&forming->out);
}

static void put_refused(struct forming *forming)
{
    json_key(&forming->out, "refuses");
    json_open_array(&forming->out);
    for (plan_index c = 0; c < forming->plan->category_count; c++) {
        if (bits_has(forming->intake->refuses, c))
            json_put_str(&forming->out,
                         words_text(forming->plan->words, forming->plan->category[c].clause.name));
    }
    json_close_array(&forming->out);
}

static void put_form(struct forming *forming)
{
    const struct plan_intake *intake = forming->intake;
    json_open_object(&forming->out);
    put_word(forming, "intake", intake->clause.name);
    if (intake->channel != 0)
        put_word(forming, "channel", intake->channel);
    json_key(&forming->out, "voluntary"); /* nobody is made to; what follows stands by the field */
    json_put_bool(&forming->out, true);
    json_key(&forming->out, "fields");
    json_open_array(&forming->out);
    for (plan_index f = 0; f < forming->plan->field_count; f++) {
        if (bits_has(forming->fields, f))
            put_field(forming, f);
    }
    json_close_array(&forming->out);
    put_purposes(forming);
    put_refused(forming);
    json_close_object(&forming->out);
}

static status start_form(const struct plan *plan, plan_index index, struct arena *arena,
                         struct report *report, struct forming *forming)
{
    forming->plan = plan;
    forming->intake = &plan->intake[index];
    forming->fields = bits_new(arena, plan->field_count);
    forming->purposes = bits_new(arena, plan->purpose_count);
    bool made = (forming->fields.at != NULL || plan->field_count == 0) &&
                (forming->purposes.at != NULL || plan->purpose_count == 0);
    return made ? OK : NO_MEMORY(report);
}

status engine_form(const struct reg *reg, const struct collect *collect, struct arena *arena,
                   struct report *report, str *json)
{
    const struct plan *plan = reg_plan(reg, reg_now(reg));
    plan_index index = plan_find(plan, plan->intake_of, words_find(plan->words, collect->intake));
    *json = STR("");
    if (index == NONE || plan->intake[index].clause.closed)
        return OK;
    struct forming forming;
    TRY(start_form(plan, index, arena, report, &forming));
    for (plan_index f = 0; f < plan->field_count; f++) {
        bool offered = field_set_has(&forming.intake->required, f);
        for (size_t i = 0; i < collect->value_count && !offered; i++)
            offered =
                str_equal(collect->values[i].field, words_text(plan->words, plan->field[f].name)) &&
                field_set_has(&forming.intake->optional, f);
        if (offered)
            bits_set(forming.fields, f);
    }
    struct buf buf = buf_in(arena, FORM_BYTES);
    forming.out = json_out_over(&buf);
    put_form(&forming);
    return buf_finish(&buf, report, json);
}

status engine_forms(const struct reg *reg, struct arena *arena, struct report *report, str *json)
{
    const struct plan *plan = reg_plan(reg, reg_now(reg));
    struct buf buf = buf_in(arena, FORM_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "intakes");
    json_open_array(&out);
    for (plan_index i = 0; i < plan->intake_count; i++) {
        if (plan->intake[i].clause.closed)
            continue;
        struct forming forming;
        TRY(start_form(plan, i, arena, report, &forming));
        for (plan_index f = 0; f < plan->field_count; f++) {
            if (field_set_has(&forming.intake->required, f) ||
                field_set_has(&forming.intake->optional, f))
                bits_set(forming.fields, f);
        }
        forming.out = out;
        put_form(&forming);
        out = forming.out;
    }
    json_close_array(&out);
    json_close_object(&out);
    return buf_finish(&buf, report, json);
}

/* ---- the first act ---- */

/* The place is one in a part of the request. */
static status within(struct call *call, status made, const char *part, size_t index)
{
    char inner[sizeof(call->report->where)];
    struct buf buf = buf_over(call->report->where, sizeof(call->report->where) - 1);
    if (is_ok(made) || call->report->where[0] != '/')
        return made;
    memcpy(inner, call->report->where, sizeof(inner));
    buf_text(&buf, part);
    if (index != SIZE_MAX) {
        buf_char(&buf, '/');
        buf_u64(&buf, index);
    }
    buf_text(&buf, inner);
    call->report->where[buf_str(&buf).len] = '\0';
    return made;
}

status engine_enrol(struct call *call, const struct enrol *request, struct collected *result)
{
    *result = (struct collected){0};
    TRY(engine_subject_create(call, &request->create));
    dossier_id person = call->outcome.id;
    if (request->agreement_count > 0)
        TRY(call_scope_held(call, SCOPE_RECORD));
    call->enrolling = true; /* who is refused now leaves an entry that tells of nobody */
    for (size_t i = 0; i < request->agreement_count; i++) {
        struct evidence_record agreement = request->agreements[i];
        if (!ID_IS_ZERO(agreement.subject))
            return within(call,
                          fail_at(call->report, FAULT_INVALID, "/subject",
                                  "these agreements are the new person's: leave out the subject"),
                          "/agreements", i);
        agreement.subject = person;
        if (str_is_empty(agreement.type))
            agreement.type = STR("agreement");
        TRY(within(call, engine_evidence(call, &agreement), "/agreements", i));
    }
    if (request->collect != NULL) {
        struct collect collect = *request->collect;
        collect.subject = person;
        TRY(within(call, engine_collect(call, &collect, result), "/collect", SIZE_MAX));
    }
    call->outcome = (struct outcome){.id = person,
                                     .log_index = call->outcome.log_index,
                                     .count = call->outcome.count,
                                     .http = 201,
                                     .items = result->items,
                                     .item_count = result->count};
    return OK;
}

/* ---- what a person does not want to give ---- */

static bool has_declined(const struct facts *facts, word type, word field, word intake)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *there = &facts->evidence.at[i];
        word through = there->bound_count == 2 ? there->bound[1].name : 0;
        if (there->type == type && there->bound[0].name == field && through == intake)
            return true;
    }
    return false;
}

/* The record binds field and intake and is of a type that no policy knows: nothing asks for it, so
 * it can take nothing away. What needs the field lacks the field, and no more. */
status engine_decline(struct call *call, const struct decline *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    if (request->field_count == 0 || request->field_count > DECLINED_MOST)
        return fail_at(call->report, FAULT_INVALID, "/fields",
                       "1 to %d fields are declined at a time", DECLINED_MOST);
    word intake;
    const word *fields;
    TRY(call_word(call, NAME_INTAKE, request->intake, &intake));
    TRY(call_words(call, NAME_FIELD, request->fields, request->field_count, &fields));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.intake = intake;
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "decline", decision_by_scope(), NULL, 0,
                   &permit));
    word type = words_intern(call->reg->words, STR("declined"));
    for (size_t i = 0; i < request->field_count; i++) {
        struct binding bound[] = {{.slot = SLOT_FIELD, .name = fields[i]},
                                  {.slot = SLOT_INTAKE, .name = intake}};
        if (has_declined(subject.dossier->facts, type, fields[i], intake))
            continue;
        TRY(call_add_evidence(call, subject.dossier, permit, type, bound, intake == 0 ? 1 : 2,
                              call->now, NEVER, STR("")));
        call->outcome.count++;
    }
    call->outcome.id = request->subject;
    call->outcome.http = 201;
    return call_store(call, &subject, permit);
}
