/* The answer of article 15: what is held about a person, why, for how long, whence, and who has
 * it. */
#include "document_internal.h"
#include "person_words.h"

struct access {
    struct paper *paper;
    const struct plan *plan;
    const struct json *data;
    const struct json *items, *purposes, *recipients, *disclosures, *evidence;
};

/* ---- (a), (b), (d): what for, which, how long ---- */

static void put_head(struct access *access)
{
    struct paper *paper = access->paper;
    uint64_t index = 0;
    int64_t number;
    if (json_i64(json_get(access->data, "log_index"), &number) && number > 0)
        index = (uint64_t)number;
    paper_paragraph(paper, WORDS(paper, TEXT_access_intro));
    paper_terms(paper, "issue");
    paper_term(paper, "reference", TEXT_reference_term, person_text(access->data, "reference"));
    paper_term(paper, "made", TEXT_made_term, person_date(paper, access->data, "made"));
    paper_term(paper, "version", TEXT_version_term, access->plan->version);
    paper_term(paper, "entry", TEXT_log_term, person_number(paper, index));
}

static void put_processed(struct access *access)
{
    struct paper *paper = access->paper;
    paper_section(paper, "processed", TEXT_processed_heading);
    if (!json_is_array(json_get(access->data, "items")))
        return;
    str count = person_number(paper, access->items->count);
    paper_paragraph(paper, access->items->count == 0 ? WORDS(paper, TEXT_processed_no)
                                                     : WORDS(paper, TEXT_processed_yes, count));
}

static void put_kept(struct access *access, const struct plan_purpose *purpose)
{
    struct paper *paper = access->paper;
    paper_term(paper, "kept", TEXT_kept_term,
               purpose->keep.none ? WORDS(paper, TEXT_kept_none) : STR(""));
    for (uint16_t i = 0; i < purpose->keep.count && !purpose->keep.none; i++)
        paper_also(paper, words_kept(paper, purpose, &purpose->keep.at[i]));
}

static void put_purposes(struct access *access)
{
    struct paper *paper = access->paper;
    bool stated = json_is_array(json_get(access->data, "purposes"));
    paper_section(paper, "purposes", TEXT_purposes_heading);
    if (stated && access->purposes->count == 0)
        paper_paragraph(paper, WORDS(paper, TEXT_access_no_purpose));
    for (JSON_EACH(one, access->purposes)) {
        str name = person_text(one, "purpose");
        const struct plan_purpose *purpose = person_plan_purpose(paper, name);
        paper_each(paper, "purpose", person_purpose(paper, name));
        paper_terms(paper, NULL);
        if (purpose == NULL) {
            paper_lacks(paper, "purposes.purpose.basis", name);
            continue;
        }
        paper_term(paper, "basis", TEXT_basis_term, words_basis(paper, purpose));
        put_kept(access, purpose);
        if (purpose->profiling)
            paper_term(paper, "profiling", TEXT_profiling_term, WORDS(paper, TEXT_profiling_text));
    }
}

static void put_points(struct paper *paper, const char *key, const struct texts *texts)
{
    if (texts->list.count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_person_none));
        return;
    }
    paper_list(paper, key);
    for (size_t i = 0; i < texts->list.count; i++)
        paper_point(paper, texts->list.at[i]);
}

static void put_categories(struct access *access)
{
    struct paper *paper = access->paper;
    struct texts names = {0};
    paper_section(paper, "categories", TEXT_categories_heading);
    for (JSON_EACH(item, access->items)) {
        str field = person_text(item, "field");
        if (field.len == 0)
            paper_lacks(paper, "categories", STR(""));
        person_once(paper, &names, person_category_of(paper, field));
    }
    put_points(paper, "list", &names);
}

/* When it ends, or by what that is decided. */
static void put_end(struct access *access, const struct json *item)
{
    struct paper *paper = access->paper;
    const struct json *purposes = json_get(item, "purposes");
    str date = person_date(paper, item, "ends");
    struct texts rules = {0};
    paper_cell(paper, date);
    if (date.len > 0 || !json_is_array(purposes))
        return;
    for (JSON_EACH(ground, purposes)) {
        const struct plan_purpose *purpose =
            person_plan_purpose(paper, person_text(ground, "purpose"));
        for (uint16_t i = 0; purpose != NULL && i < purpose->keep.count; i++)
            person_once(paper, &rules, words_kept(paper, purpose, &purpose->keep.at[i]));
    }
    texts_also(paper, &rules);
    if (rules.list.count == 0)
        paper_also(paper, WORDS(paper, TEXT_access_kept_open));
}

/* ---- the copy ---- */

static bool is_withheld(const struct json *item)
{
    return person_text(item, "withheld_by").len > 0;
}

static void put_value(struct access *access, const struct json *item)
{
    struct paper *paper = access->paper;
    const struct json *file = json_get(item, "file");
    int64_t size = 0;
    if (is_withheld(item)) {
        bool others = str_is(person_text(item, "withheld_by"), "always.rights_of_others");
        paper_cell(paper,
                   WORDS(paper, others ? TEXT_access_withheld_others : TEXT_access_withheld));
    } else if (file != NULL) {
        (void)json_i64(json_get(file, "size"), &size);
        paper_cell(paper, WORDS(paper, TEXT_access_file, person_text(file, "name"),
                                person_number(paper, (uint64_t)size)));
    } else if (json_is_string(json_get(item, "value"))) {
        str value = person_text(item, "value");
        paper_cell(paper, value.len > 0 ? value : WORDS(paper, TEXT_nothing));
    } else {
        paper_cell(paper, STR("")); /* a blank: the paper is not issued */
    }
}

static void put_item(struct access *access, const struct json *item)
{
    struct paper *paper = access->paper;
    struct texts purposes = {0};
    const struct json *grounds = json_get(item, "purposes");
    paper_row(paper);
    paper_cell(paper, person_field(paper, person_text(item, "field")));
    put_value(access, item);
    paper_cell(paper, person_source(paper, person_text(item, "source")));
    paper_cell(paper, person_date(paper, item, "collected"));
    put_end(access, item);
    if (json_is_array(grounds)) {
        for (JSON_EACH(ground, grounds))
            person_once(paper, &purposes, person_purpose(paper, person_text(ground, "purpose")));
    }
    paper_cell(paper, purposes.list.count == 0 ? WORDS(paper, TEXT_nothing) : STR(""));
    texts_also(paper, &purposes);
}

static void put_copy(struct access *access)
{
    struct paper *paper = access->paper;
    paper_section(paper, "copy", TEXT_access_copy_heading);
    paper_paragraph(paper, WORDS(paper, TEXT_access_copy_intro));
    if (access->items->count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_person_none));
        return;
    }
    paper_table(paper, "data", TEXT_none);
    paper_column(paper, "what", TEXT_fields_head);
    paper_column(paper, "value", TEXT_access_value_head);
    paper_column(paper, "source", TEXT_source_head);
    paper_column(paper, "collected", TEXT_access_since_head);
    paper_columns(paper, "ends", TEXT_until_head);
    paper_columns(paper, "purposes", TEXT_recipient_for_head);
    for (JSON_EACH(item, access->items))
        put_item(access, item);
}

/* ---- choices, agreements, requests: what is on file besides ---- */

static bool is_ruling(const struct json *evidence)
{
    return str_is(person_text(evidence, "type"), "automated_decision");
}

static size_t count_rulings(const struct json *list)
{
    size_t count = 0;
    for (JSON_EACH(one, list))
        count += is_ruling(one);
    return count;
}

static void put_evidence(struct access *access)
{
    struct paper *paper = access->paper;
    const struct json *list = access->evidence;
    paper_section(paper, "record", TEXT_access_record_heading);
    if (!json_is_array(json_get(access->data, "evidence")))
        return;
    if (list->count == count_rulings(list)) {
        paper_paragraph(paper, WORDS(paper, TEXT_person_none));
        return;
    }
    paper_table(paper, "evidence", TEXT_none);
    paper_column(paper, "what", TEXT_thing_head);
    paper_column(paper, "purpose", TEXT_purpose_head);
    paper_column(paper, "since", TEXT_access_since_head);
    paper_column(paper, "until", TEXT_access_until_head);
    paper_column(paper, "wording", TEXT_access_wording_head);
    for (JSON_EACH(one, list)) {
        str until = person_date(paper, one, "until"), purpose = person_text(one, "purpose");
        str wording = person_text(json_get(one, "details"), "wording");
        if (is_ruling(one)) /* stands with what machines decide */
            continue;
        paper_row(paper);
        paper_cell(paper, person_evidence(paper, person_text(one, "type")));
        paper_cell(paper,
                   purpose.len > 0 ? person_purpose(paper, purpose) : WORDS(paper, TEXT_nothing));
        paper_cell(paper, person_date(paper, one, "since"));
        paper_cell(paper, until.len > 0 ? until : WORDS(paper, TEXT_nothing));
        paper_cell(paper, wording.len > 0 ? wording : WORDS(paper, TEXT_nothing));
    }
}

static void put_roles(struct access *access)
{
    struct paper *paper = access->paper;
    const struct json *roles = json_get(access->data, "roles");
    struct texts names = {0};
    if (!json_is_array(roles))
        return;
    for (JSON_EACH(role, roles))
        person_once(paper, &names, person_role(paper, person_text(role, "role")));
    paper_section(paper, "roles", TEXT_access_roles_heading);
    put_points(paper, "list", &names);
}

/* ---- (c) and article 15(2): who has it, and where ---- */

static void put_recipient_table(struct access *access)
{
    struct paper *paper = access->paper;
    paper_table(paper, "who", TEXT_none);
    paper_column(paper, "name", TEXT_name_term);
    paper_column(paper, "recipient", TEXT_recipient_head);
    paper_column(paper, "place", TEXT_record_place_head);
    for (JSON_EACH(one, access->recipients)) {
        str name = person_text(one, "name"), zone = person_text(one, "zone");
        str kind = person_recipient(paper, person_text(one, "recipient"));
        paper_row(paper);
        paper_cell(paper, name.len > 0 ? name : kind);
        paper_cell(paper, kind);
        paper_cell(paper, zone.len > 0 ? zone : WORDS(paper, TEXT_record_place_none));
    }
}

static void put_disclosures(struct access *access)
{
    struct paper *paper = access->paper;
    paper_table(paper, "disclosures", TEXT_access_given_caption);
    paper_column(paper, "at", TEXT_when_head);
    paper_column(paper, "to", TEXT_recipient_head);
    paper_column(paper, "purpose", TEXT_purpose_head);
    paper_columns(paper, "data", TEXT_fields_head);
    for (JSON_EACH(one, access->disclosures)) {
        str name = person_text(one, "name");
        const struct json *fields = json_get(one, "fields");
        struct texts given = {0};
        paper_row(paper);
        paper_cell(paper, person_date(paper, one, "at"));
        paper_cell(paper,
                   name.len > 0 ? name : person_recipient(paper, person_text(one, "recipient")));
        paper_cell(paper, person_purpose(paper, person_text(one, "purpose")));
        if (json_is_array(fields)) {
            for (JSON_EACH(field, fields))
                person_once(paper, &given, person_field(paper, field->text));
        }
        paper_cell(paper, STR(""));
        texts_also(paper, &given);
    }
    if (person_truth(access->data, "more_disclosures"))
        paper_paragraph(paper, WORDS(paper, TEXT_access_more_given));
}

static void put_recipients(struct access *access)
{
    struct paper *paper = access->paper;
    bool stated = json_is_array(json_get(access->data, "recipients")) &&
                  json_is_array(json_get(access->data, "disclosures"));
    for (plan_index i = 0; i < access->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &access->plan->recipient[i];
        if (!recipient->clause.closed && !recipient->never)
            (void)paper_label(paper, &recipient->clause); /* lacks before anything is opened */
    }
    paper_section(paper, "recipients", TEXT_recipients_heading);
    if (stated && access->disclosures->count == 0)
        paper_paragraph(paper, WORDS(paper, TEXT_access_not_given));
    if (access->recipients->count > 0)
        put_recipient_table(access);
    if (access->disclosures->count > 0)
        put_disclosures(access);
}

static void put_safeguards(struct access *access, const struct json *recipient)
{
    struct paper *paper = access->paper;
    const struct json *list = json_get(recipient, "safeguards");
    struct texts names = {0};
    str name = person_text(recipient, "name");
    paper_row(paper);
    paper_cell(paper,
               name.len > 0 ? name : person_recipient(paper, person_text(recipient, "recipient")));
    paper_cell(paper, person_text(recipient, "zone"));
    if (json_is_array(list)) {
        for (JSON_EACH(one, list)) {
            if (person_truth(one, "live"))
                person_once(paper, &names, person_evidence(paper, person_text(one, "type")));
        }
    }
    paper_cell(paper, names.list.count == 0 ? WORDS(paper, TEXT_record_agreements_none) : STR(""));
    texts_also(paper, &names);
}

static void put_abroad(struct access *access)
{
    struct paper *paper = access->paper;
    struct texts ways = person_ways(paper);
    size_t abroad = 0;
    for (JSON_EACH(one, access->recipients))
        abroad += person_truth(one, "outside");
    if (abroad == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_access_not_abroad));
        return;
    }
    paper_table(paper, "abroad", TEXT_none);
    paper_column(paper, "who", TEXT_recipient_head);
    paper_column(paper, "place", TEXT_record_place_head);
    paper_columns(paper, "safeguards", TEXT_record_agreements_head);
    for (JSON_EACH(one, access->recipients)) {
        if (person_truth(one, "outside"))
            put_safeguards(access, one);
    }
    paper_paragraph(paper, WORDS(paper, TEXT_transfers_copy, texts_joined(paper, &ways)));
}

static void put_transfers(struct access *access)
{
    static const enum text HOMES[] = {[HOME_ANY] = TEXT_transfers_any,
                                      [HOME_EU] = TEXT_transfers_eu,
                                      [HOME_EEA] = TEXT_transfers_eea};
    struct paper *paper = access->paper;
    const struct plan_places *places = &access->plan->places;
    paper_section(paper, "transfers", TEXT_transfers_heading);
    if (places->home == HOME_ANY && (places->clause.closed || !places->outside_stated))
        paper_lacks(paper, "transfers", STR("places.home"));
    if (json_is_array(json_get(access->data, "recipients"))) {
        paper_paragraph(paper, WORDS(paper, HOMES[places->home]));
        put_abroad(access);
    }
}

/* ---- (e) to (h) ---- */

static void put_rights(struct access *access)
{
    static const struct {
        enum right right;
        enum text name, text;
    } ROWS[] = {
        {RIGHT_RECTIFY, TEXT_right_rectify, TEXT_right_rectify_text},
        {RIGHT_ERASE, TEXT_right_erase, TEXT_right_erase_text},
        {RIGHT_RESTRICT, TEXT_right_restrict, TEXT_right_restrict_text},
        {RIGHT_OBJECT, TEXT_right_object, TEXT_right_object_text},
        {RIGHT_PORTABILITY, TEXT_right_portability, TEXT_right_portability_text},
    };
    struct paper *paper = access->paper;
    const struct json *rights = person_list(paper, access->data, "rights", "rights");
    struct texts ways = person_ways(paper);
    paper_section(paper, "rights", TEXT_rights_heading);
    paper_terms(paper, "list");
    for (JSON_EACH(named, rights)) {
        for (size_t i = 0; i < LENGTH(ROWS); i++) {
            if (str_is(named->text, right_name(ROWS[i].right)))
                paper_term(paper, right_name(ROWS[i].right), ROWS[i].name,
                           WORDS(paper, ROWS[i].text));
        }
    }
    paper_subsection(paper, "how", text_in(TEXT_rights_how, paper_language(paper)));
    paper_list(paper, "at");
    for (size_t i = 0; i < ways.list.count; i++)
        paper_point(paper, ways.list.at[i]);
    if (ways.list.count == 0)
        paper_lacks(paper, "rights.how", STR("rights.all.at"));
}

static void put_sources(struct access *access)
{
    struct paper *paper = access->paper;
    struct texts names = {0};
    paper_section(paper, "sources", TEXT_sources_heading);
    for (JSON_EACH(item, access->items)) {
        str source = person_text(item, "source");
        if (source.len == 0)
            paper_lacks(paper, "sources", STR(""));
        person_once(paper, &names, person_source(paper, source));
    }
    put_points(paper, "list", &names);
}

/* The logic, the significance and the consequences stand in the statement of the purpose's name. */
static void put_logic(struct access *access, const struct plan_purpose *purpose)
{
    for (uint16_t i = 0; i < access->plan->statement_count; i++) {
        const struct clause *statement = &access->plan->statement[i].clause;
        if (statement->name != purpose->clause.name)
            continue;
        paper_paragraph(access->paper, paper_label(access->paper, statement));
        return;
    }
    paper_lacks(access->paper, "automated.logic",
                paper_print(access->paper, "statements.%.*s",
                            STR_ARG(words_text(access->plan->words, purpose->clause.name))));
}

/* What a machine has decided about this person, and by which logic. */
static void put_rulings(struct access *access)
{
    struct paper *paper = access->paper;
    if (count_rulings(access->evidence) == 0)
        return;
    paper_table(paper, "taken", TEXT_access_rulings_caption);
    paper_column(paper, "at", TEXT_when_head);
    paper_column(paper, "purpose", TEXT_purpose_head);
    paper_column(paper, "outcome", TEXT_access_outcome_head);
    paper_column(paper, "logic", TEXT_access_logic_head);
    for (JSON_EACH(one, access->evidence)) {
        const struct json *said = json_get(one, "details");
        if (!is_ruling(one))
            continue;
        paper_row(paper);
        paper_cell(paper, person_date(paper, one, "since"));
        str purpose = person_text(said, "purpose");
        if (said == NULL) /* a draft opens nothing */
            purpose = person_text(one, "purpose");
        paper_cell(paper, person_purpose(paper, purpose));
        paper_cell(paper, person_text(said, "outcome"));
        paper_cell(paper, person_text(said, "logic"));
    }
}

static void put_automated(struct access *access)
{
    struct paper *paper = access->paper;
    struct texts decides = {0}, profiles = {0};
    paper_section(paper, "automated", TEXT_automated_heading);
    for (JSON_EACH(one, access->purposes)) {
        const struct plan_purpose *purpose =
            person_plan_purpose(paper, person_text(one, "purpose"));
        if (purpose != NULL && purpose->profiling)
            texts_add(paper, &profiles, paper_label(paper, &purpose->clause));
        if (purpose == NULL || !purpose->decides)
            continue;
        texts_add(paper, &decides, paper_label(paper, &purpose->clause));
        put_logic(access, purpose);
    }
    if (json_is_array(json_get(access->data, "purposes")))
        paper_paragraph(paper, decides.list.count == 0 ? WORDS(paper, TEXT_automated_none)
                                                       : WORDS(paper, TEXT_automated_some,
                                                               texts_joined(paper, &decides)));
    if (profiles.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_profiling_some, texts_joined(paper, &profiles)));
    put_rulings(access);
}

/* ---- others, and what is put aside ---- */

static void put_concerning(struct access *access, const struct json *concerns)
{
    struct paper *paper = access->paper;
    paper_table(paper, "concerning", TEXT_access_concerning_caption);
    paper_column(paper, "category", TEXT_category_head);
    paper_column(paper, "value", TEXT_access_value_head);
    paper_column(paper, "source", TEXT_source_head);
    paper_column(paper, "collected", TEXT_access_since_head);
    for (JSON_EACH(one, concerns)) {
        plan_index index = plan_find(access->plan, access->plan->category_of,
                                     words_find(access->plan->words, person_text(one, "category")));
        paper_row(paper);
        paper_cell(paper, index == NONE
                              ? person_text(one, "category")
                              : paper_label(paper, &access->plan->category[index].clause));
        put_value(access, one);
        paper_cell(paper, person_source(paper, person_text(one, "source")));
        paper_cell(paper, person_date(paper, one, "collected"));
    }
}

static void put_others(struct access *access)
{
    struct paper *paper = access->paper;
    const struct json *concerns = person_list(paper, access->data, "concerns", "others");
    const struct json *aside = json_get(access->data, "quarantine");
    size_t withheld = 0;
    for (JSON_EACH(item, access->items))
        withheld += is_withheld(item);
    paper_section(paper, "others", TEXT_access_others_heading);
    if (json_is_array(json_get(access->data, "concerns")))
        paper_paragraph(paper, WORDS(paper, TEXT_access_others_text));
    if (withheld > 0)
        paper_paragraph(paper,
                        WORDS(paper, TEXT_access_others_some, person_number(paper, withheld)));
    if (concerns->count > 0)
        put_concerning(access, concerns);
    if (json_is_array(aside) && aside->count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_access_aside, person_number(paper, aside->count)));
}

/* ---- the whole ---- */

static void put_responsible(struct access *access)
{
    struct paper *paper = access->paper;
    const struct json *all = person_list(paper, access->data, "controllers", "responsible");
    const struct json *others = json_get(access->data, "answer_for_themselves");
    paper_section(paper, "responsible", TEXT_controller_heading);
    person_put_controllers(paper, all);
    if (!json_is_array(others) || others->count == 0)
        return;
    paper_subsection(paper, "apart", text_in(TEXT_access_apart, paper_language(paper)));
    paper_list(paper, "names");
    for (JSON_EACH(one, others))
        paper_point(paper, person_text(one, "name"));
}

status access_paper(const struct person_ask *ask, struct arena *arena, struct report *report,
                    struct paper **paper)
{
    struct paper_start start = {PAPER_access, ask->plan, ask->language};
    struct access access = {
        .paper = paper_begin(&start, arena), .plan = ask->plan, .data = ask->data};
    if (access.paper == NULL)
        return NO_MEMORY(report);
    access.items = person_list(access.paper, ask->data, "items", "processed");
    access.purposes = person_list(access.paper, ask->data, "purposes", "purposes");
    access.recipients = person_list(access.paper, ask->data, "recipients", "recipients");
    access.disclosures = person_list(access.paper, ask->data, "disclosures", "recipients");
    access.evidence = person_list(access.paper, ask->data, "evidence", "record");
    put_head(&access);
    put_processed(&access);
    put_responsible(&access);
    person_put_officer(access.paper);
    put_purposes(&access);
    put_categories(&access);
    put_copy(&access);
    put_roles(&access);
    put_evidence(&access);
    put_others(&access);
    put_recipients(&access);
    put_transfers(&access);
    put_sources(&access);
    put_automated(&access);
    put_rights(&access);
    person_put_complaint(access.paper, ask->data);
    paper_section(access.paper, "form", TEXT_access_form_heading);
    paper_paragraph(access.paper, WORDS(access.paper, TEXT_access_form));
    *paper = access.paper;
    return paper_finish(access.paper, report);
}
