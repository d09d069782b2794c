/* Records of processing activities, in the order of article 30: as controller (30(1)) and as
 * processor (30(2)). What the law wants listed by purpose, or by customer, is one table, so that it
 * is a CSV file too. */
#include "decide.h"
#include "document.h"

struct record {
    struct paper *paper;
    const struct plan *plan;
    const struct record_ask *ask;
    const struct plan_controller *firm;
};

/* ---- (a) who ---- */

static void put_firm(struct record *record)
{
    struct paper *paper = record->paper;
    const struct plan_controller *firm = record->firm;
    struct texts contacts = {0};
    paper_terms(paper, "firm");
    if (firm->name.len == 0 || clause_lacks(&firm->clause, "name"))
        paper_lacks(paper, "responsible.firm.name",
                    paper_print(paper, "%.*s.name", STR_ARG(firm->clause.path)));
    paper_term(paper, "name", TEXT_name_term, firm->name);
    if (firm->number.len > 0 && !clause_lacks(&firm->clause, "number"))
        paper_term(paper, "number", TEXT_number_term, firm->number);
    if (firm->address.len > 0 && !clause_lacks(&firm->clause, "address"))
        paper_term(paper, "address", TEXT_address_term, firm->address);
    if (firm->country.len > 0 && !clause_lacks(&firm->clause, "country"))
        paper_term(paper, "country", TEXT_country_term, firm->country);
    words_contacts(paper, &firm->contacts, &contacts);
    if (contacts.list.count == 0)
        paper_lacks(paper, "responsible.firm.contacts",
                    paper_print(paper, "%.*s.contacts", STR_ARG(firm->clause.path)));
    paper_term(paper, "contacts", TEXT_contacts_term, STR(""));
    texts_also(paper, &contacts);
}

static void put_joint(struct record *record)
{
    struct paper *paper = record->paper;
    const struct plan *plan = record->plan;
    plan_index firm = (plan_index)(record->firm - plan->controller);
    bool any = false;
    paper_subsection(paper, "joint", text_in(TEXT_joint_heading, paper_language(paper)));
    for (uint16_t i = 0; i < plan->joint_count; i++) {
        const struct plan_joint *joint = &plan->joint[i];
        struct texts who = {0}, purposes = {0};
        if (!joint->acting && !refs_has(&joint->who, firm))
            continue;
        for (uint16_t k = 0; k < joint->who.count; k++)
            texts_add(paper, &who, plan->controller[joint->who.at[k]].name);
        if (!refs_has(&joint->who, firm))
            texts_add(paper, &who, record->firm->name);
        words_purposes(paper, &joint->purposes, &purposes);
        if (who.list.count < 2 || purposes.list.count == 0)
            continue;
        paper_paragraph(paper, WORDS(paper, TEXT_record_joint_text, texts_joined(paper, &who),
                                     texts_joined(paper, &purposes)));
        any = true;
    }
    if (!any)
        paper_paragraph(paper, WORDS(paper, TEXT_record_joint_none));
}

/* The contacts of a role. */
static struct texts contacts_as(struct record *record, const char *role)
{
    struct texts at = {0};
    for (plan_index i = 0; i < record->plan->contact_count; i++) {
        struct refs one = {.at = &i, .count = 1};
        if (str_is(record->plan->contact[i].role, role))
            words_contacts(record->paper, &one, &at);
    }
    return at;
}

static void put_points(struct paper *paper, const struct texts *texts)
{
    paper_list(paper, "contacts");
    for (size_t i = 0; i < texts->list.count; i++)
        paper_point(paper, texts->list.at[i]);
}

static void put_representative(struct record *record)
{
    struct paper *paper = record->paper;
    str country = record->firm->country;
    struct texts at = contacts_as(record, "representative");
    paper_subsection(paper, "representative",
                     text_in(TEXT_representative_heading, paper_language(paper)));
    if (at.list.count > 0) {
        put_points(paper, &at);
        return;
    }
    if (country.len > 0 && !zone_is_eea(country))
        paper_lacks(paper, "responsible.representative", STR("contacts"));
    paper_paragraph(paper, WORDS(paper, TEXT_representative_none));
}

static void put_officer(struct record *record)
{
    struct paper *paper = record->paper;
    struct texts at = contacts_as(record, "dpo");
    paper_subsection(paper, "officer", text_in(TEXT_officer_heading, paper_language(paper)));
    if (at.list.count > 0)
        put_points(paper, &at);
    else
        paper_paragraph(paper, WORDS(paper, TEXT_record_officer_none));
}

static void put_responsible(struct record *record)
{
    bool processor = record->ask->processor;
    paper_section(record->paper, "responsible",
                  processor ? TEXT_record_a_processor : TEXT_record_a);
    put_firm(record);
    if (!processor)
        put_joint(record);
    put_representative(record);
    put_officer(record);
}

/* ---- (b) to (f): what is done ---- */

static bool is_open(const struct plan_recipient *recipient)
{
    return !recipient->never && !recipient->clause.closed;
}

static str abroad(struct paper *paper, bool given)
{
    const struct plan_places *places = &paper_plan(paper)->places;
    if (!given || !places->outside_stated)
        return WORDS(paper, TEXT_record_only_home);
    return WORDS(paper, TEXT_record_some_abroad, words_needs(paper, &places->outside_needs));
}

static plan_index firm_index(const struct record *record)
{
    return (plan_index)(record->firm - record->plan->controller);
}

static void put_activity(struct record *record, plan_index index)
{
    struct paper *paper = record->paper;
    const struct plan_purpose *purpose = &record->plan->purpose[index];
    struct texts roles = {0}, data = {0}, recipients = {0};
    words_roles(paper, &purpose->roles, &roles);
    words_fields(paper, &purpose->uses, &data);
    for (uint16_t i = 0; i < record->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &record->plan->recipient[i];
        if (is_open(recipient) && refs_has(&recipient->purposes, index))
            texts_add(paper, &recipients, paper_label(paper, &recipient->clause));
    }
    bool given = recipients.list.count > 0;
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &purpose->clause));
    paper_cell(paper, STR(""));
    texts_also(paper, &roles);
    paper_cell(paper, STR(""));
    texts_also(paper, &data);
    paper_cell(paper, given ? STR("") : WORDS(paper, TEXT_record_nobody));
    texts_also(paper, &recipients);
    paper_cell(paper, abroad(paper, given));
    paper_cell(paper, purpose->keep.none ? WORDS(paper, TEXT_kept_none) : STR(""));
    for (uint16_t i = 0; i < purpose->keep.count && !purpose->keep.none; i++)
        paper_also(paper, words_kept(paper, purpose, &purpose->keep.at[i]));
    paper_cell(paper, words_basis(paper, purpose));
}

/* Categories of articles 9 and 10, national numbers and cards, that an open purpose uses. */
static void put_special(struct record *record)
{
    static const enum text KINDS[] = {
        [CATEGORY_NORMAL] = TEXT_category_normal,
        [CATEGORY_SPECIAL] = TEXT_category_special,
        [CATEGORY_PAYMENT_CARD] = TEXT_category_payment_card,
        [CATEGORY_NATIONAL_ID] = TEXT_category_national_id,
        [CATEGORY_CRIMINAL] = TEXT_category_criminal,
    };
    struct paper *paper = record->paper;
    struct texts special = {0};
    for (uint16_t c = 0; c < record->plan->category_count; c++) {
        const struct plan_category *category = &record->plan->category[c];
        bool used = false;
        for (uint16_t i = 0; i < record->plan->purpose_count; i++) {
            const struct plan_purpose *purpose = &record->plan->purpose[i];
            used |= !purpose->clause.closed &&
                    (purpose->uses.all || bits_overlap(purpose->uses.fields, category->fields));
        }
        if (used && !category->never && category->kind != CATEGORY_NORMAL)
            texts_add(paper, &special,
                      WORDS(paper, TEXT_record_one_special, paper_label(paper, &category->clause),
                            WORDS(paper, KINDS[category->kind])));
    }
    if (special.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_record_special, texts_joined(paper, &special)));
}

static void put_activities(struct record *record)
{
    struct paper *paper = record->paper;
    struct texts unused = {0};
    paper_section(paper, "activities", TEXT_record_activities);
    paper_table(paper, "processing", TEXT_none);
    paper_column(paper, "purpose", TEXT_record_purpose_head);
    paper_columns(paper, "people", TEXT_record_people_head);
    paper_columns(paper, "data", TEXT_record_data_head);
    paper_columns(paper, "recipients", TEXT_record_d);
    paper_column(paper, "transfers", TEXT_record_transfers_head);
    paper_columns(paper, "until", TEXT_record_until_head);
    paper_column(paper, "basis", TEXT_record_basis_head);
    for (plan_index i = 0; i < record->plan->purpose_count; i++) {
        const struct clause *clause = &record->plan->purpose[i].clause;
        if (!purpose_is_of(&record->plan->purpose[i], firm_index(record)))
            continue;
        if (!clause->closed)
            put_activity(record, i);
        else if (clause->says.count > 0)
            texts_add(paper, &unused, paper_label(paper, clause));
    }
    put_special(record);
    if (unused.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_unused_text, texts_joined(paper, &unused)));
}

/* ---- (a) and (b) of a processor: for whom ---- */

static void customer_lacks(struct record *record, const struct plan_controller *customer,
                           const char *key)
{
    paper_lacks(record->paper,
                arena_c_string(paper_arena(record->paper),
                               paper_print(record->paper, "customers.processing.%s", key)),
                paper_print(record->paper, "%.*s.%s", STR_ARG(customer->clause.path), key));
}

static void put_processing(struct record *record, struct texts *purposes, struct texts *people,
                           struct texts *data, struct texts *until)
{
    struct paper *paper = record->paper;
    const struct plan *theirs = paper_plan(paper);
    for (uint16_t i = 0; i < theirs->purpose_count; i++) {
        const struct plan_purpose *purpose = &theirs->purpose[i];
        if (purpose->clause.closed)
            continue;
        texts_add(paper, purposes, paper_label(paper, &purpose->clause));
        words_roles(paper, &purpose->roles, people);
        words_fields(paper, &purpose->uses, data);
        for (uint16_t k = 0; k < purpose->keep.count && !purpose->keep.none; k++)
            texts_add(paper, until, words_kept(paper, purpose, &purpose->keep.at[k]));
    }
}

static void put_once(struct paper *paper, const struct texts *texts)
{
    for (size_t i = 0; i < texts->list.count; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= str_equal(texts->list.at[i], texts->list.at[k]);
        if (!again)
            paper_also(paper, texts->list.at[i]);
    }
}

/* Other processors: their kinds by the instructions, and by name those that the space knows. */
static void take_processors(struct paper *paper, const struct record_customer *customer,
                            struct texts *processors)
{
    const struct plan *plan = customer->plan;
    for (uint16_t i = 0; i < plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &plan->recipient[i];
        if (!is_open(recipient) || recipient->kind != RECIPIENT_PROCESSOR)
            continue;
        size_t named = 0;
        for (size_t k = 0; k < customer->party_count; k++) {
            const struct record_party *party = &customer->parties[k];
            if (party->recipient != i)
                continue;
            named++;
            texts_add(
                paper, processors,
                WORDS(paper, TEXT_of_these, party->name, paper_label(paper, &recipient->clause)));
        }
        if (named == 0)
            texts_add(paper, processors, paper_label(paper, &recipient->clause));
    }
}

/* One controller on whose behalf the firm acts: what its own instructions say. */
static void put_customer(struct record *record, const struct record_customer *of,
                         const struct plan_controller *customer)
{
    struct paper *paper = record->paper;
    struct texts contacts = {0}, purposes = {0}, people = {0}, data = {0}, until = {0};
    struct texts processors = {0};
    words_contacts(paper, &customer->contacts, &contacts);
    if (customer->name.len == 0 || clause_lacks(&customer->clause, "name"))
        customer_lacks(record, customer, "name");
    if (contacts.list.count == 0)
        customer_lacks(record, customer, "contacts");
    put_processing(record, &purposes, &people, &data, &until);
    take_processors(paper, of, &processors);
    paper_row(paper);
    paper_cell(paper, customer->name);
    paper_cell(paper, STR(""));
    texts_also(paper, &contacts);
    paper_cell(paper, STR(""));
    put_once(paper, &purposes);
    paper_cell(paper, STR(""));
    put_once(paper, &people);
    paper_cell(paper, STR(""));
    put_once(paper, &data);
    paper_cell(paper,
               processors.list.count > 0 ? STR("") : WORDS(paper, TEXT_record_no_processors));
    texts_also(paper, &processors);
    paper_cell(paper, abroad(paper, true));
    paper_cell(paper, until.list.count > 0 ? STR("") : WORDS(paper, TEXT_kept_none));
    put_once(paper, &until);
}

/* Without the customers' instructions nobody can say for whom it is done. */
static void customers_lack(struct record *record)
{
    struct paper *paper = record->paper;
    if (record->plan->space_count == 0)
        paper_lacks(paper, "customers", STR("spaces"));
    for (uint16_t i = 0; i < record->plan->space_count; i++)
        paper_lacks(
            paper, "customers",
            paper_print(paper, "%.*s.instructions", STR_ARG(record->plan->space[i].clause.path)));
}

static void put_customers(struct record *record)
{
    struct paper *paper = record->paper;
    const struct record_ask *ask = record->ask;
    paper_section(paper, "customers", TEXT_record_customers);
    if (ask->customer_count == 0 && (!ask->live || record->plan->space_count == 0))
        customers_lack(record);
    if (ask->customer_count == 0)
        paper_paragraph(paper, WORDS(paper, TEXT_record_customers_none));
    paper_table(paper, "processing", TEXT_none);
    paper_column(paper, "controller", TEXT_record_customer_head);
    paper_columns(paper, "contacts", TEXT_contacts_term);
    paper_columns(paper, "categories", TEXT_record_processing_head);
    paper_columns(paper, "people", TEXT_record_people_head);
    paper_columns(paper, "data", TEXT_record_data_head);
    paper_columns(paper, "processors", TEXT_record_subprocessors);
    paper_column(paper, "transfers", TEXT_record_transfers_head);
    paper_columns(paper, "until", TEXT_record_until_head);
    for (size_t i = 0; i < ask->customer_count; i++) {
        const struct plan *theirs = ask->customers[i].plan;
        paper_speaks_of(paper, theirs); /* by the names of its own instructions */
        for (uint16_t k = 0; k < theirs->controller_count; k++)
            put_customer(record, &ask->customers[i], &theirs->controller[k]);
        if (theirs->controller_count == 0)
            paper_lacks(paper, "customers.processing.controller", STR("controllers"));
        paper_speaks_of(paper, record->plan);
    }
}

/* ---- (d) recipients ---- */

static bool is_listed(const struct record *record, const struct plan_recipient *recipient)
{
    return is_open(recipient) &&
           (!record->ask->processor || recipient->kind == RECIPIENT_PROCESSOR);
}

/* Of the company that the record is of. */
static void take_purposes(struct record *record, const struct refs *of, struct texts *purposes)
{
    if (of->all) {
        words_purposes(record->paper, of, purposes);
        return;
    }
    for (uint16_t i = 0; i < of->count; i++) {
        const struct plan_purpose *purpose = &record->plan->purpose[of->at[i]];
        if (!purpose->clause.closed && purpose_is_of(purpose, firm_index(record)))
            texts_add(record->paper, purposes, paper_label(record->paper, &purpose->clause));
    }
}

static void put_kind(struct record *record, const struct plan_recipient *recipient)
{
    struct paper *paper = record->paper;
    struct texts purposes = {0}, data = {0};
    take_purposes(record, &recipient->purposes, &purposes);
    if (purposes.list.count == 0)
        return; /* all that it is for is closed, or of another company */
    words_fields(paper, &recipient->gives, &data);
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &recipient->clause));
    paper_cell(paper, words_recipient_kind(paper, recipient->kind));
    paper_cell(paper, STR(""));
    texts_also(paper, &purposes);
    paper_cell(paper, STR(""));
    texts_also(paper, &data);
    paper_cell(paper, recipient->needs.count == 0 ? WORDS(paper, TEXT_record_terms_none)
                                                  : words_needs(paper, &recipient->needs));
}

static void put_kinds(struct record *record)
{
    struct paper *paper = record->paper;
    size_t count = 0;
    for (uint16_t i = 0; i < record->plan->recipient_count; i++)
        count += is_listed(record, &record->plan->recipient[i]);
    if (count == 0) {
        paper_paragraph(paper, WORDS(paper, record->ask->processor ? TEXT_record_no_processors
                                                                   : TEXT_recipients_none));
        return;
    }
    paper_table(paper, "kinds", TEXT_none);
    paper_column(paper, "recipient", TEXT_recipient_head);
    paper_column(paper, "kind", TEXT_recipient_kind_head);
    paper_columns(paper, "purposes", TEXT_recipient_for_head);
    paper_columns(paper, "data", TEXT_record_data_head);
    paper_column(paper, "terms", TEXT_record_terms_head);
    for (uint16_t i = 0; i < record->plan->recipient_count; i++) {
        if (is_listed(record, &record->plan->recipient[i]))
            put_kind(record, &record->plan->recipient[i]);
    }
}

/* ---- (d) what only a register knows ---- */

static bool is_party_listed(const struct record *record, const struct record_party *party)
{
    return is_listed(record, &record->plan->recipient[party->recipient]);
}

static str place_of(struct paper *paper, const struct record_party *party)
{
    if (party->zone.len == 0)
        return WORDS(paper, TEXT_record_place_none);
    return party->outside ? WORDS(paper, TEXT_record_place_abroad, party->zone) : party->zone;
}

static void put_party(struct paper *paper, const struct record_party *party)
{
    paper_row(paper);
    paper_cell(paper, party->name);
    paper_cell(paper, paper_label(paper, &paper_plan(paper)->recipient[party->recipient].clause));
    paper_cell(paper, party->under.len > 0 ? party->under : WORDS(paper, TEXT_record_under_us));
    paper_cell(paper, place_of(paper, party));
    paper_cell(paper,
               party->proof_count == 0 ? WORDS(paper, TEXT_record_agreements_none) : STR(""));
    for (size_t i = 0; i < party->proof_count; i++) {
        const struct record_proof *proof = &party->proofs[i];
        str what = words_evidence(paper, proof->evidence);
        paper_also(paper, proof->until.ms == NEVER.ms ? WORDS(paper, TEXT_record_proof, what)
                                                      : WORDS(paper, TEXT_record_proof_until, what,
                                                              words_date(paper, proof->until)));
    }
}

static void put_parties(struct record *record)
{
    struct paper *paper = record->paper;
    const struct record_ask *ask = record->ask;
    size_t count = 0;
    for (size_t i = 0; i < ask->party_count; i++)
        count += is_party_listed(record, &ask->parties[i]);
    paper_subsection(paper, "present", text_in(TEXT_record_parties, paper_language(paper)));
    if (count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_record_parties_none));
        return;
    }
    paper_table(paper, "parties", TEXT_none);
    paper_column(paper, "name", TEXT_record_party_head);
    paper_column(paper, "recipient", TEXT_recipient_head);
    paper_column(paper, "under", TEXT_record_under_head);
    paper_column(paper, "place", TEXT_record_place_head);
    paper_columns(paper, "agreements", TEXT_record_agreements_head);
    for (size_t i = 0; i < ask->party_count; i++) {
        if (is_party_listed(record, &ask->parties[i]))
            put_party(paper, &ask->parties[i]);
    }
}

static void put_recipients(struct record *record)
{
    paper_section(record->paper, "recipients",
                  record->ask->processor ? TEXT_record_subprocessors : TEXT_record_d);
    put_kinds(record);
    if (record->ask->live)
        put_parties(record);
}

/* ---- transfers ---- */

static void put_abroad(struct record *record)
{
    struct paper *paper = record->paper;
    struct texts abroad = {0};
    for (size_t i = 0; i < record->ask->party_count; i++) {
        const struct record_party *party = &record->ask->parties[i];
        if (party->outside && is_party_listed(record, party))
            texts_add(paper, &abroad, WORDS(paper, TEXT_of_these, party->name, party->zone));
    }
    if (abroad.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_record_abroad, texts_joined(paper, &abroad)));
}

static void put_transfers(struct record *record)
{
    static const enum text HOMES[] = {[HOME_ANY] = TEXT_transfers_any,
                                      [HOME_EU] = TEXT_transfers_eu,
                                      [HOME_EEA] = TEXT_transfers_eea};
    struct paper *paper = record->paper;
    const struct plan_places *places = &record->plan->places;
    paper_section(paper, "transfers", record->ask->processor ? TEXT_record_c : TEXT_record_e);
    if (places->home == HOME_ANY && (places->clause.closed || !places->outside_stated))
        paper_lacks(paper, "transfers.home", STR("places.home"));
    if (places->outside_needs.hole)
        paper_lacks(paper, "transfers.outside", STR("places.outside.needs"));
    paper_subsection(paper, "home", text_in(TEXT_record_home_heading, paper_language(paper)));
    paper_paragraph(paper, WORDS(paper, HOMES[places->home]));
    paper_subsection(paper, "outside", text_in(TEXT_record_outside_heading, paper_language(paper)));
    paper_paragraph(paper, places->outside_stated
                               ? WORDS(paper, TEXT_record_outside_terms,
                                       words_needs(paper, &places->outside_needs))
                               : WORDS(paper, TEXT_record_outside_none));
    put_abroad(record);
}

/* ---- measures ---- */

static void put_measures(struct record *record)
{
    static const enum text EVERYWHERE[] = {TEXT_measure_keys, TEXT_measure_decided,
                                           TEXT_measure_log, TEXT_measure_erased};
    struct paper *paper = record->paper;
    const struct plan *plan = record->plan;
    paper_section(paper, "measures",
                  record->ask->processor ? TEXT_record_g_processor : TEXT_record_g);
    paper_list(paper, "list");
    for (size_t i = 0; i < LENGTH(EVERYWHERE); i++)
        paper_point(paper, WORDS(paper, EVERYWHERE[i]));
    if (plan->staff_count > 0)
        paper_point(paper, WORDS(paper, TEXT_measure_staff,
                                 paper_print(paper, "%u", (unsigned)plan->staff_count)));
    for (plan_index i = KIND_COUNT; i < plan->evidence_count; i++) {
        const struct plan_evidence *type = &plan->evidence[i];
        if (!type->standing)
            continue;
        bool renewed = type->valid.stated && !type->valid.hole;
        str what = words_evidence(paper, i);
        paper_point(paper, renewed ? WORDS(paper, TEXT_measure_kept_valid, what,
                                           words_span(paper, type->valid))
                                   : WORDS(paper, TEXT_measure_kept, what));
    }
}

/* ---- the whole ---- */

static void put_head(struct record *record)
{
    struct paper *paper = record->paper;
    const struct plan *plan = record->plan;
    bool processor = record->ask->processor;
    paper_title(paper, WORDS(paper, processor ? TEXT_record_processor_of : TEXT_record_of,
                             record->firm->name));
    paper_paragraph(paper,
                    WORDS(paper, processor ? TEXT_record_processor_intro : TEXT_record_intro));
    paper_terms(paper, "issue");
    if (plan->version.len == 0)
        paper_lacks(paper, "issue.version", STR("version"));
    paper_term(paper, "version", TEXT_version_term, plan->version);
    if (plan->effective.ms == NEVER.ms)
        paper_lacks(paper, "issue.since", STR("effective"));
    paper_term(paper, "since", TEXT_since_term,
               plan->effective.ms == NEVER.ms ? STR("") : words_date(paper, plan->effective));
}

/* The one that is asked for; the only one when none is. */
static status find_firm(const struct record_ask *ask, struct report *report,
                        const struct plan_controller **firm)
{
    const struct plan *plan = ask->plan;
    plan_index found = plan->controller_count == 1 ? 0 : NONE;
    if (ask->controller.len > 0)
        found = plan_find(plan, plan->controller_of, words_find(plan->words, ask->controller));
    if (found == NONE && ask->controller.len > 0)
        return fail(report, FAULT_NOT_FOUND, "the policy names no controller of that name");
    if (found == NONE)
        return fail(report, FAULT_INVALID,
                    plan->controller_count == 0 ? "the policy names no controller"
                                                : "the policy has several controllers; a record is "
                                                  "of one: say which");
    *firm = &plan->controller[found];
    return OK;
}

status record_paper(const struct record_ask *ask, struct arena *arena, struct report *report,
                    struct paper **paper)
{
    struct record record = {.plan = ask->plan, .ask = ask};
    struct paper_start start = {ask->processor ? PAPER_record_processor : PAPER_record, ask->plan,
                                ask->language};
    *paper = NULL;
    TRY(find_firm(ask, report, &record.firm));
    record.paper = *paper = paper_begin(&start, arena);
    if (*paper == NULL)
        return NO_MEMORY(report);
    put_head(&record);
    put_responsible(&record);
    if (ask->processor)
        put_customers(&record);
    else
        put_activities(&record);
    put_recipients(&record);
    put_transfers(&record);
    put_measures(&record);
    return paper_finish(*paper, report);
}
