/* Import: one line of NDJSON is one person, known by the firm's own number, through the same gates
 * as everything else. A line whose number is known adds nothing: an import can be run again.
 *
 *   {"number":"K-17","identifiers":[{"kind":"basic.email","value":"..."}],"roles":["lead"],
 *    "evidence":[{"type":"agreement","since":"2025-01-01T00:00:00Z","asks":{}}],
 *    "consents":[{"purpose":"newsletter","wording":"...","given_by":"click","channel":"web"}],
 *    "collect":[{"intake":"registration","source":"person","channel":"web","at":"...",
 *                "matter":{"kind":"service","number":"S-9"},"said_optional":true,
 *                "values":{"basic.email":"..."},"purposes":[],"events":[],
 *                "concerns":[{"field":"...","number":"K-2"}]}],
 *    "events":[{"event":"visit","at":"...","by_subject":true,"matter":{...}}]}
 */
#include "engine_internal.h"
#include "json.h"

static status odd(struct call *call, const char *what)
{
    return fail(call->report, FAULT_INVALID, "%s", what);
}

static str text_of(const struct json *object, const char *name)
{
    str text = STR("");
    (void)json_str(json_get(object, name), &text);
    return text;
}

static instant instant_of(const struct json *object, const char *name)
{
    instant at = {0};
    (void)json_instant(json_get(object, name), &at);
    return at;
}

static bool truth_of(const struct json *object, const char *name)
{
    bool truth = false;
    (void)json_bool(json_get(object, name), &truth);
    return truth;
}

static status texts_of(struct call *call, const struct json *list, const str **texts, size_t *count)
{
    *texts = NULL;
    *count = 0;
    if (list == NULL)
        return OK;
    if (!json_is_array(list))
        return odd(call, "a list of names is an array");
    str *made = ARENA_ARRAY(call->arena, str, list->count + 1);
    if (made == NULL)
        return NO_MEMORY(call->report);
    for (JSON_EACH(one, list)) {
        if (!json_str(one, &made[*count]))
            return odd(call, "a list of names holds texts");
        (*count)++;
    }
    *texts = made;
    return OK;
}

static bool has_type(const struct json *value, char type)
{
    instant at;
    bool truth;
    switch (type) {
    case 't':
        return json_is_string(value);
    case 'i':
        return json_instant(value, &at);
    case 'b':
        return json_bool(value, &truth);
    case 'a':
        return json_is_array(value);
    default:
        return json_is_object(value);
    }
}

/* Only these members may stand in an object, each with its type: "t:name" a text, "i:" a moment,
 * "b:" true or false, "a:" an array, "o:" an object. */
static status only(struct call *call, const struct json *object, const char *const *names,
                   size_t count)
{
    if (!json_is_object(object))
        return odd(call, "an object was expected");
    for (JSON_EACH(member, object)) {
        const char *known = NULL;
        for (size_t i = 0; i < count; i++) {
            if (str_is(member->name, names[i] + 2))
                known = names[i];
        }
        if (known == NULL)
            return odd(call, "a member of the line is not known; see the manual of the import");
        if (!has_type(member, known[0]))
            return fail(call->report, FAULT_INVALID, "\"%s\" is of another type; see the manual",
                        known + 2);
    }
    return OK;
}
#define ONLY(call, object, ...)                                                                    \
    only((call), (object), (const char *const[]){__VA_ARGS__},                                     \
         LENGTH(((const char *const[]){__VA_ARGS__})))

/* The matter of that kind and number; made when it is not there. */
static status matter_of(struct call *call, const struct json *object, dossier_id *id)
{
    *id = (dossier_id){{0}};
    if (object == NULL)
        return OK;
    TRY(ONLY(call, object, "t:kind", "t:number"));
    struct matter_create matter = {text_of(object, "kind"), text_of(object, "number")};
    struct found found;
    TRY(engine_matter_find(call, &matter, &found));
    if (found.count > 0) {
        *id = found.ids[0];
        return OK;
    }
    TRY(engine_matter_create(call, &matter));
    *id = call->outcome.id;
    return OK;
}

static status create_person(struct call *call, const struct json *line, str number, dossier_id *id)
{
    const struct json *list = json_get(line, "identifiers");
    size_t room = list == NULL ? 1 : list->count + 1;
    struct identifier *identifiers = ARENA_ARRAY(call->arena, struct identifier, room);
    if (identifiers == NULL)
        return NO_MEMORY(call->report);
    struct subject_create create = {.identifiers = identifiers};
    identifiers[create.identifier_count++] = (struct identifier){STR("number"), number};
    if (list != NULL) {
        for (JSON_EACH(one, list)) {
            TRY(ONLY(call, one, "t:kind", "t:value"));
            identifiers[create.identifier_count++] =
                (struct identifier){text_of(one, "kind"), text_of(one, "value")};
        }
    }
    TRY(texts_of(call, json_get(line, "roles"), &create.roles, &create.role_count));
    TRY(engine_subject_create(call, &create));
    *id = call->outcome.id;
    return OK;
}

static status asks_of(struct call *call, const struct json *asks, struct evidence_record *record)
{
    if (asks == NULL)
        return OK;
    struct particular *list = ARENA_ARRAY(call->arena, struct particular, asks->count + 1);
    if (list == NULL)
        return NO_MEMORY(call->report);
    for (JSON_EACH(one, asks)) {
        str value;
        if (!json_str(one, &value))
            return odd(call, "particulars are texts");
        list[record->ask_count++] = (struct particular){one->name, value};
    }
    record->asks = list;
    return OK;
}

static status one_evidence(struct call *call, const struct json *one, dossier_id subject)
{
    TRY(ONLY(call, one, "t:type", "o:matter", "t:purpose", "t:category", "t:field", "t:source",
             "t:intake", "t:channel", "t:message", "t:controller", "t:version", "o:asks", "i:since",
             "t:until", "b:by_subject"));
    struct evidence_record record = {.type = text_of(one, "type"),
                                     .subject = subject,
                                     .purpose = text_of(one, "purpose"),
                                     .category = text_of(one, "category"),
                                     .field = text_of(one, "field"),
                                     .source = text_of(one, "source"),
                                     .intake = text_of(one, "intake"),
                                     .channel = text_of(one, "channel"),
                                     .message = text_of(one, "message"),
                                     .controller = text_of(one, "controller"),
                                     .version = text_of(one, "version"),
                                     .since = instant_of(one, "since"),
                                     .until = text_of(one, "until"),
                                     .by_subject = truth_of(one, "by_subject")};
    TRY(matter_of(call, json_get(one, "matter"), &record.matter));
    TRY(asks_of(call, json_get(one, "asks"), &record));
    return engine_evidence(call, &record);
}

/* A list that says that she consented does not end her objection: only she does. */
static status not_objected(struct call *call, dossier_id id, str purpose)
{
    struct subject subject;
    TRY(call_open(call, id, &subject));
    const struct facts *facts = subject.dossier->facts;
    for (size_t i = 0; i < facts->objections.count; i++) {
        if (!str_equal(call_text(call, facts->objections.at[i].purpose), purpose))
            continue;
        struct decision *refused = ARENA_NEW(call->arena, struct decision);
        if (refused == NULL)
            return NO_MEMORY(call->report);
        refused->reason.rule = STR("rights.object");
        refused->reason.article = STR("GDPR 21(3)");
        struct operation op = call_operation(call, ACTION_RECORD, id);
        op.purpose = facts->objections.at[i].purpose;
        return call_refuse(call, facts, &op, refused);
    }
    return OK;
}

static status one_consent(struct call *call, const struct json *one, dossier_id subject)
{
    TRY(ONLY(call, one, "t:purpose", "t:field", "t:channel", "t:wording", "t:given_by", "t:until",
             "t:guardian"));
    struct consent consent = {.subject = subject,
                              .purpose = text_of(one, "purpose"),
                              .field = text_of(one, "field"),
                              .channel = text_of(one, "channel"),
                              .wording = text_of(one, "wording"),
                              .given_by = text_of(one, "given_by"),
                              .guardian = text_of(one, "guardian"),
                              .until = text_of(one, "until")};
    TRY(not_objected(call, subject, consent.purpose));
    return engine_consent(call, &consent);
}

static status add_values(struct call *call, const struct json *map, const struct collect_value *as,
                         struct collect_value *list, struct collect *collect)
{
    for (JSON_EACH(value, map)) {
        struct collect_value *one = &list[collect->value_count++];
        *one = *as;
        one->field = value->name;
        if (!json_str(value, &one->value))
            return odd(call, "values are texts");
    }
    return OK;
}

static status values_of(struct call *call, const struct json *one, struct collect *collect)
{
    const struct json *values = json_get(one, "values"), *references = json_get(one, "references");
    if (!json_is_object(values) && !json_is_object(references))
        return odd(call, "collect has values: an object of field and text");
    struct collect_value as = {.said_optional = truth_of(one, "said_optional")};
    size_t count = (json_is_object(values) ? values->count : 0) +
                   (json_is_object(references) ? references->count : 0);
    struct collect_value *list = ARENA_ARRAY(call->arena, struct collect_value, count + 1);
    if (list == NULL)
        return NO_MEMORY(call->report);
    collect->values = list;
    if (json_is_object(values))
        TRY(add_values(call, values, &as, list, collect));
    size_t kept = collect->value_count;
    if (json_is_object(references))
        TRY(add_values(call, references, &as, list, collect));
    collect->reference_count = collect->value_count - kept;
    return OK;
}

/* A line stands or falls whole: a value that is refused alone would be lost without a word. */
static status all_taken(struct call *call, const struct collect *collect,
                        const struct collected *collected)
{
    for (size_t i = 0; i < collected->count; i++) {
        if (!ID_IS_ZERO(collected->items[i]))
            continue;
        struct decision *refused = ARENA_NEW(call->arena, struct decision);
        if (refused == NULL)
            return NO_MEMORY(call->report);
        if (call->decision != NULL && i < call->decision->count)
            refused->reason = call->decision->parts[i].reason;
        call->decision = refused;
        struct operation op = call_operation(call, ACTION_COLLECT, (dossier_id){{0}});
        TRY(call_log_refusal(call, NULL, &op, "collect", refused));
        call->wrong = collect->values[i].field;
        return fail(call->report, FAULT_REFUSED, "value %zu of %zu is refused by %.*s", i + 1,
                    collect->value_count, STR_ARG(refused->reason.rule));
    }
    return OK;
}

/* Whose value is it that the report is about, or that alone was refused? */
static void note_wrong(struct call *call, const struct collect *collect, status odd)
{
    const struct decision *no = call->decision;
    size_t refused = 0;
    for (size_t i = 0; i < collect->value_count; i++) {
        bool this =
            call->report->about != NULL && call->report->about == collect->values[i].value.ptr;
        bool part = odd.fault == FAULT_REFUSED && no != NULL && i < no->count &&
                    no->parts[i].verdict == VERDICT_REFUSE;
        refused += part ? 1 : 0;
        if (this || (part && refused == 1))
            call->wrong = collect->values[i].field;
    }
    if (refused > 1)
        call->wrong = STR("");
}

/* A person by the firm's own number; a suppression of that number is nobody. */
static status find_number(struct call *call, str number, dossier_id *id, bool *known)
{
    blind hash;
    dossier_id *ids;
    size_t count;
    TRY(keys_blind(vault_keys(call->reg->vault), STR("number"), number, call->report, &hash));
    TRY(keys_blind_find(vault_keys(call->reg->vault), hash, call->arena, call->report, &ids,
                        &count));
    *known = false;
    for (size_t i = 0; i < count && !*known; i++) {
        bool nobody;
        TRY(call_is_suppression(call, ids[i], &nobody));
        *known = !nobody;
        *id = ids[i];
    }
    return OK;
}

/* Whom a value concerns besides is a person of the register, by number. */
static status concerns_of_line(struct call *call, const struct json *list, struct collect *collect)
{
    if (list == NULL)
        return OK;
    struct concern_of *made = ARENA_ARRAY(call->arena, struct concern_of, list->count + 1);
    if (made == NULL)
        return NO_MEMORY(call->report);
    collect->concerns = made;
    for (JSON_EACH(one, list)) {
        struct concern_of *concern = &made[collect->concern_count++];
        bool known;
        TRY(ONLY(call, one, "t:field", "t:number"));
        concern->field = text_of(one, "field");
        TRY(find_number(call, text_of(one, "number"), &concern->subject, &known));
        if (!known)
            return odd(call, "a value concerns somebody whose number is not known: import that "
                             "person first");
    }
    return OK;
}

static status one_collect(struct call *call, const struct json *one, dossier_id subject)
{
    TRY(ONLY(call, one, "t:intake", "t:source", "t:channel", "t:controller", "i:at", "o:matter",
             "b:said_optional", "o:values", "o:references", "a:purposes", "a:supplied", "a:events",
             "a:concerns"));
    struct collect collect = {.subject = subject,
                              .intake = text_of(one, "intake"),
                              .source = text_of(one, "source"),
                              .channel = text_of(one, "channel"),
                              .controller = text_of(one, "controller"),
                              .at = instant_of(one, "at")};
    TRY(matter_of(call, json_get(one, "matter"), &collect.matter));
    TRY(values_of(call, one, &collect));
    TRY(texts_of(call, json_get(one, "purposes"), &collect.purposes, &collect.purpose_count));
    TRY(texts_of(call, json_get(one, "supplied"), &collect.supplied, &collect.supplied_count));
    TRY(texts_of(call, json_get(one, "events"), &collect.events, &collect.event_count));
    TRY(concerns_of_line(call, json_get(one, "concerns"), &collect));
    struct collected collected;
    status taken = engine_collect(call, &collect, &collected);
    if (!is_ok(taken))
        note_wrong(call, &collect, taken);
    TRY(taken);
    return all_taken(call, &collect, &collected);
}

static status one_event(struct call *call, const struct json *one, dossier_id subject)
{
    TRY(ONLY(call, one, "t:event", "i:at", "b:by_subject", "o:matter", "b:of_matter"));
    struct event_record record = {.subject = subject,
                                  .event = text_of(one, "event"),
                                  .at = instant_of(one, "at"),
                                  .by_subject = truth_of(one, "by_subject")};
    TRY(matter_of(call, json_get(one, "matter"), &record.matter));
    if (truth_of(one, "of_matter"))
        record.subject = (dossier_id){{0}};
    return engine_event(call, &record);
}

static status each(struct call *call, const struct json *line, const char *name, dossier_id subject,
                   status (*use)(struct call *call, const struct json *one, dossier_id subject))
{
    const struct json *list = json_get(line, name);
    if (list == NULL)
        return OK;
    if (!json_is_array(list))
        return odd(call, "the parts of a line are arrays");
    for (JSON_EACH(one, list))
        TRY(use(call, one, subject));
    return OK;
}

/* Then the person's facts are written once, with them. Whom a value concerns besides may be the
 * person again, who has to be found for that. */
static bool values_come_first(const struct json *line)
{
    const struct json *list = json_get(line, "collect");
    return json_get(line, "evidence") == NULL && json_get(line, "consents") == NULL &&
           list != NULL && json_is_array(list) && list->count > 0 &&
           json_get(list->child, "concerns") == NULL;
}

status engine_import_line(struct call *call, const struct import_line *line)
{
    if (line->text.len > LIMIT_IMPORT_LINE_BYTES)
        return fail(call->report, FAULT_LIMIT, "a line is at most %d bytes",
                    LIMIT_IMPORT_LINE_BYTES);
    const struct json *json;
    TRY(call_whole_register(call)); /* whether a number is known tells who is here */
    TRY(json_parse(call->arena, line->text, call->report, &json));
    TRY(ONLY(call, json, "t:number", "a:identifiers", "a:roles", "a:evidence", "a:consents",
             "a:collect", "a:events"));
    str number = text_of(json, "number");
    if (str_is_empty(number))
        return odd(call, "a line has the firm's own number of the person: \"number\"");
    bool known;
    dossier_id subject;
    TRY(find_number(call, number, &subject, &known));
    if (known)
        call->outcome = (struct outcome){.id = subject};
    if (known)
        return OK;
    call->enrolling = true; /* a line that is refused made nobody */
    call->values_follow = values_come_first(json);
    TRY(create_person(call, json, number, &subject));
    TRY(each(call, json, "evidence", subject, one_evidence));
    TRY(each(call, json, "consents", subject, one_consent));
    TRY(each(call, json, "collect", subject, one_collect));
    TRY(each(call, json, "events", subject, one_event));
    assert(call->unstored == NULL);
    call->outcome = (struct outcome){.id = subject, .count = 1, .http = 201};
    return OK;
}
