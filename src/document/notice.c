/* The public notice: who, what for, what data, whence. The rest is in notice_more.c. */
#include "notice_internal.h"

bool notice_takes(const struct notice *notice, plan_index purpose)
{
    const struct plan *plan = notice->plan;
    return !plan->purpose[purpose].clause.closed &&
           purpose_is_of(&plan->purpose[purpose], notice->controller) &&
           (notice->intake == NONE || refs_has(&plan->intake[notice->intake].purposes, purpose));
}

bool notice_takes_intake(const struct notice *notice, plan_index intake)
{
    return !notice->plan->intake[intake].clause.closed &&
           (notice->intake == NONE || notice->intake == intake);
}

/* ---- who ---- */

static void put_controller(struct paper *paper, const struct plan_controller *controller)
{
    const struct clause *clause = &controller->clause;
    struct texts contacts = {0};
    paper_each(paper, "controller", controller->name);
    paper_terms(paper, NULL);
    if (controller->name.len == 0 || clause_lacks(clause, "name"))
        paper_lacks(paper, "responsible.controller.name",
                    paper_print(paper, "%.*s.name", STR_ARG(clause->path)));
    paper_term(paper, "name", TEXT_name_term, controller->name);
    if (controller->number.len > 0 && !clause_lacks(clause, "number"))
        paper_term(paper, "number", TEXT_number_term, controller->number);
    if (controller->address.len > 0 && !clause_lacks(clause, "address"))
        paper_term(paper, "address", TEXT_address_term, controller->address);
    if (controller->country.len > 0 && !clause_lacks(clause, "country"))
        paper_term(paper, "country", TEXT_country_term, controller->country);
    words_contacts(paper, &controller->contacts, &contacts);
    if (contacts.list.count == 0)
        paper_lacks(paper, "responsible.controller.contacts",
                    paper_print(paper, "%.*s.contacts", STR_ARG(clause->path)));
    paper_term(paper, "contacts", TEXT_contacts_term, STR(""));
    texts_also(paper, &contacts);
}

/* Who answers together with whom, and for what (article 26). */
static void put_joint(struct paper *paper, const struct plan *plan)
{
    paper_subsection(paper, "joint", text_in(TEXT_joint_heading, paper_language(paper)));
    for (uint16_t i = 0; i < plan->joint_count; i++) {
        const struct plan_joint *joint = &plan->joint[i];
        struct texts who = {0}, purposes = {0};
        for (uint16_t k = 0; k < joint->who.count; k++)
            texts_add(paper, &who, plan->controller[joint->who.at[k]].name);
        if (joint->acting)
            texts_add(paper, &who, WORDS(paper, TEXT_joint_acting));
        words_purposes(paper, &joint->purposes, &purposes);
        if (purposes.list.count > 0)
            paper_paragraph(paper, WORDS(paper, TEXT_joint_text, texts_joined(paper, &who),
                                         texts_joined(paper, &purposes)));
    }
}

static void put_controllers(struct notice *notice)
{
    struct paper *paper = notice->paper;
    paper_section(paper, "responsible", TEXT_controller_heading);
    for (plan_index i = 0; i < notice->plan->controller_count; i++) {
        if (notice->controller == NONE || notice->controller == i)
            put_controller(paper, &notice->plan->controller[i]);
    }
    if (notice->plan->joint_count > 0)
        put_joint(paper, notice->plan);
}

static void put_officer(struct notice *notice)
{
    struct paper *paper = notice->paper;
    struct texts at = {0};
    paper_section(paper, "officer", TEXT_officer_heading);
    for (plan_index i = 0; i < notice->plan->contact_count; i++) {
        struct refs one = {.at = &i, .count = 1};
        if (str_is(notice->plan->contact[i].role, "dpo"))
            words_contacts(paper, &one, &at);
    }
    if (at.list.count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_officer_none));
        return;
    }
    paper_paragraph(paper, WORDS(paper, TEXT_officer_text));
    paper_list(paper, "contacts");
    for (size_t i = 0; i < at.list.count; i++)
        paper_point(paper, at.list.at[i]);
}

/* ---- what for ---- */

static void put_kept(struct paper *paper, const struct plan_purpose *purpose)
{
    paper_term(paper, "kept", TEXT_kept_term,
               purpose->keep.none ? WORDS(paper, TEXT_kept_none) : STR(""));
    for (uint16_t i = 0; i < purpose->keep.count && !purpose->keep.none; i++)
        paper_also(paper, words_kept(paper, purpose, &purpose->keep.at[i]));
}

static void put_purpose(struct paper *paper, const struct plan_purpose *purpose)
{
    struct texts roles = {0}, data = {0};
    str label = paper_label(paper, &purpose->clause);
    paper_each(paper, "purpose", label);
    paper_terms(paper, NULL);
    paper_term(paper, "basis", TEXT_basis_term, words_basis(paper, purpose));
    words_roles(paper, &purpose->roles, &roles);
    paper_term(paper, "people", TEXT_people_term, STR(""));
    texts_also(paper, &roles);
    words_fields(paper, &purpose->uses, &data);
    paper_term(paper, "categories", TEXT_data_term, STR(""));
    texts_also(paper, &data);
    put_kept(paper, purpose);
    if (purpose->profiling)
        paper_term(paper, "profiling", TEXT_profiling_term, WORDS(paper, TEXT_profiling_text));
    if (purpose->counts_only > 0)
        paper_term(paper, "counts", TEXT_counts_term,
                   WORDS(paper, TEXT_counts_text, paper_print(paper, "%u", purpose->counts_only)));
}

static void put_purposes(struct notice *notice)
{
    struct paper *paper = notice->paper;
    struct texts unused = {0};
    paper_section(paper, "purposes", TEXT_purposes_heading);
    paper_paragraph(paper, WORDS(paper, TEXT_purposes_intro));
    for (uint16_t i = 0; i < notice->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &notice->plan->purpose[i];
        if (notice_takes(notice, i))
            put_purpose(paper, purpose);
        else if (notice->intake == NONE && purpose->clause.closed && purpose->clause.says.count > 0)
            texts_add(paper, &unused, paper_label(paper, &purpose->clause));
    }
    if (unused.list.count == 0)
        return;
    paper_subsection(paper, "unused", text_in(TEXT_unused_title, paper_language(paper)));
    paper_paragraph(paper, WORDS(paper, TEXT_unused_text, texts_joined(paper, &unused)));
}

struct texts notice_resting_on(struct notice *notice, enum basis basis)
{
    struct texts texts = {0};
    for (uint16_t i = 0; i < notice->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &notice->plan->purpose[i];
        if (notice_takes(notice, i) && purpose->basis == basis)
            texts_add(notice->paper, &texts, paper_label(notice->paper, &purpose->clause));
    }
    return texts;
}

static void put_interests(struct notice *notice)
{
    struct paper *paper = notice->paper;
    struct texts interests = notice_resting_on(notice, BASIS_LEGITIMATE_INTEREST);
    paper_section(paper, "interests", TEXT_interests_heading);
    paper_paragraph(paper, interests.list.count == 0 ? WORDS(paper, TEXT_interests_none)
                                                     : WORDS(paper, TEXT_interests_text,
                                                             texts_joined(paper, &interests)));
    paper_list(paper, "stated");
    for (plan_index i = 0; i < notice->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &notice->plan->purpose[i];
        const struct clause *stated = purpose_states(notice->plan, purpose, STATED_INTEREST);
        if (stated != NULL && notice_takes(notice, i) &&
            purpose->basis == BASIS_LEGITIMATE_INTEREST)
            paper_point(paper, WORDS(paper, TEXT_colon, paper_label(paper, &purpose->clause),
                                     paper_label(paper, stated)));
    }
}

/* ---- which data, and whence ---- */

static bool is_used(const struct notice *notice, const struct plan_category *category)
{
    for (uint16_t i = 0; i < notice->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &notice->plan->purpose[i];
        if (notice_takes(notice, i) && !purpose->uses.all &&
            bits_overlap(purpose->uses.fields, category->fields))
            return true;
    }
    return false;
}

static void put_category(struct paper *paper, const struct plan_category *category)
{
    static const enum text KINDS[] = {
        [CATEGORY_NORMAL] = TEXT_category_normal,
        [CATEGORY_SPECIAL] = TEXT_category_special,
        [CATEGORY_PAYMENT_CARD] = TEXT_category_payment_card,
        [CATEGORY_NATIONAL_ID] = TEXT_category_national_id,
        [CATEGORY_CRIMINAL] = TEXT_category_criminal,
    };
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &category->clause));
    paper_cell(paper, STR(""));
    for (uint16_t i = 0; i < category->field_count; i++)
        paper_also(paper, paper_field_label(paper, (plan_index)(category->first_field + i)));
    paper_cell(paper, WORDS(paper, KINDS[category->kind]));
}

static void put_made(struct paper *paper, const struct plan_category *category)
{
    struct texts from = {0};
    words_fields(paper, &category->made_from, &from);
    paper_paragraph(paper, WORDS(paper, TEXT_categories_made, paper_label(paper, &category->clause),
                                 texts_joined(paper, &from)));
}

static void put_categories(struct notice *notice)
{
    struct paper *paper = notice->paper;
    const struct plan *plan = notice->plan;
    struct texts never = {0};
    paper_section(paper, "categories", TEXT_categories_heading);
    paper_table(paper, "held", TEXT_none);
    paper_column(paper, "category", TEXT_category_head);
    paper_columns(paper, "fields", TEXT_fields_head);
    paper_column(paper, "protection", TEXT_category_kind_head);
    for (uint16_t i = 0; i < plan->category_count; i++) {
        if (plan->category[i].never)
            texts_add(paper, &never, paper_label(paper, &plan->category[i].clause));
        else if (is_used(notice, &plan->category[i]))
            put_category(paper, &plan->category[i]);
    }
    for (uint16_t i = 0; i < plan->category_count; i++) {
        if (plan->category[i].made_from.stated && is_used(notice, &plan->category[i]))
            put_made(paper, &plan->category[i]);
    }
    if (never.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_categories_never, texts_joined(paper, &never)));
}

static void join_fields(struct paper *paper, const struct plan *plan, struct field_set *all,
                        const struct field_set *more)
{
    (void)paper;
    for (plan_index f = 0; f < plan->field_count; f++) {
        if (more->stated && field_set_has(more, f))
            bits_set(all->fields, f);
    }
}

static void put_source(struct notice *notice, plan_index index)
{
    static const enum text NAMES[] =
        {[SOURCE_PERSON] = TEXT_source_you, [SOURCE_OBSERVED] = TEXT_source_use},
                           KINDS[] = {[SOURCE_PERSON] = TEXT_source_given,
                                      [SOURCE_OBSERVED] = TEXT_source_seen,
                                      [SOURCE_INDIRECT] = TEXT_source_told};
    struct paper *paper = notice->paper;
    const struct plan_source *source = &notice->plan->source[index];
    struct field_set gives = {.fields = bits_new(paper_arena(paper), notice->plan->field_count)};
    struct texts data = {0};
    if (gives.fields.at == NULL)
        return; /* no field, or the budget, which the rows below latch */
    for (uint16_t i = 0; i < notice->plan->intake_count; i++) {
        const struct plan_intake *intake = &notice->plan->intake[i];
        if (!notice_takes_intake(notice, i) || !refs_has(&intake->from, index))
            continue;
        join_fields(paper, notice->plan, &gives, &intake->required);
        join_fields(paper, notice->plan, &gives, &intake->optional);
    }
    words_fields(paper, &gives, &data);
    if (notice->intake != NONE && data.list.count == 0)
        return;
    bool indirect = source->kind == SOURCE_INDIRECT;
    paper_row(paper);
    paper_cell(paper,
               indirect ? paper_label(paper, &source->clause) : WORDS(paper, NAMES[source->kind]));
    paper_cell(paper, WORDS(paper, KINDS[source->kind]));
    paper_cell(paper, data.list.count == 0 ? WORDS(paper, TEXT_source_nothing) : STR(""));
    texts_also(paper, &data);
}

static void put_sources(struct notice *notice)
{
    struct paper *paper = notice->paper;
    paper_section(paper, "sources", TEXT_sources_heading);
    paper_table(paper, "from", TEXT_none);
    paper_column(paper, "source", TEXT_source_head);
    paper_column(paper, "kind", TEXT_source_kind_head);
    paper_columns(paper, "data", TEXT_fields_head);
    for (plan_index i = 0; i < notice->plan->source_count; i++) {
        if (!notice->plan->source[i].clause.closed)
            put_source(notice, i);
    }
}

/* ---- versions ---- */

/* "?lang=en&version=2026%2001" */
static str link_to(struct paper *paper, str version)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct buf buf = buf_in(paper_arena(paper), 4096);
    buf_format(&buf, "?lang=%s&version=", language_tag(paper_language(paper)));
    for (size_t i = 0; i < version.len; i++) {
        if (memchr(PLAIN, version.ptr[i], sizeof(PLAIN) - 1) != NULL)
            buf_char(&buf, version.ptr[i]);
        else
            buf_format(&buf, "%%%02X", (unsigned)(unsigned char)version.ptr[i]);
    }
    return buf_str(&buf);
}

/* By its hash the page can be had for as long as the register lasts, and is never another's. The
 * log's entries say the first half of it. */
static void put_hash(struct paper *paper, const struct plan *plan)
{
    struct buf buf = buf_in(paper_arena(paper), 128);
    buf_hex(&buf, (str){(const char *)plan->hash, sizeof(plan->hash)});
    str hash = buf_str(&buf);
    paper_paragraph(paper, paper_print(paper, "%.*s: %.*s",
                                       STR_ARG(WORDS(paper, TEXT_versions_hash)), STR_ARG(hash)));
    paper_link(paper, link_to(paper, hash));
}

static void put_versions(struct paper *paper, const struct notice_ask *ask)
{
    if (ask->version_count == 0)
        return;
    paper_section(paper, "versions", TEXT_versions_heading);
    paper_table(paper, "list", TEXT_none);
    paper_column(paper, "version", TEXT_version_term);
    paper_column(paper, "since", TEXT_since_term);
    paper_column(paper, "until", TEXT_until_term);
    for (size_t i = 0; i < ask->version_count; i++) {
        const struct version_span *one = &ask->versions[i];
        paper_row(paper);
        paper_cell(paper, one->plan->version);
        paper_link(paper, link_to(paper, one->plan->version));
        paper_cell(paper, words_date(paper, one->since));
        paper_cell(paper, one->until.ms == NEVER.ms ? WORDS(paper, TEXT_versions_open)
                                                    : words_date(paper, one->until));
    }
    put_hash(paper, ask->plan);
    if (ask->changes.len == 0 || ask->version_count == 1)
        return;
    paper_paragraph(paper, WORDS(paper, TEXT_versions_changes));
    paper_link(paper, paper_print(paper, "%.*s?lang=%s", STR_ARG(ask->changes),
                                  language_tag(paper_language(paper))));
}

/* ---- the whole ---- */

/* When the version ceases, or ceased, to be in force: the last time, if it was there twice. */
static instant end_of(const struct notice_ask *ask)
{
    instant until = NEVER;
    for (size_t i = 0; i < ask->version_count; i++) {
        if (ask->versions[i].plan == ask->plan)
            until = ask->versions[i].until;
    }
    return until;
}

static status find(const struct plan *plan, const plan_index *table, str name, const char *what,
                   struct report *report, plan_index *index)
{
    *index = NONE;
    if (name.len == 0)
        return OK;
    *index = plan_find(plan, table, words_find(plan->words, name));
    return *index != NONE
               ? OK
               : fail(report, FAULT_NOT_FOUND, "the policy names no %s of that name", what);
}

static void put_head(struct notice *notice, str reference)
{
    struct paper *paper = notice->paper;
    const struct plan *plan = notice->plan;
    struct texts names = {0};
    for (plan_index i = 0; i < plan->controller_count; i++) {
        if (notice->controller == NONE || notice->controller == i)
            texts_add(paper, &names, plan->controller[i].name);
    }
    paper_title(paper, WORDS(paper, TEXT_notice_of, texts_joined(paper, &names)));
    paper_paragraph(paper, WORDS(paper, TEXT_notice_intro));
    if (notice->intake != NONE)
        paper_title(paper, WORDS(paper, TEXT_collection_of,
                                 paper_label(paper, &plan->intake[notice->intake].clause)));
    paper_terms(paper, "issue");
    if (plan->version.len == 0)
        paper_lacks(paper, "issue.version", STR("version"));
    paper_term(paper, "version", TEXT_version_term, plan->version);
    if (plan->effective.ms == NEVER.ms)
        paper_lacks(paper, "issue.since", STR("effective"));
    paper_term(paper, "since", TEXT_since_term,
               plan->effective.ms == NEVER.ms ? STR("") : words_date(paper, plan->effective));
    if (notice->until.ms != NEVER.ms)
        paper_term(paper, "until", TEXT_until_term, words_date(paper, notice->until));
    if (reference.len > 0)
        paper_term(paper, "reference", TEXT_reference_term, reference);
    paper_paragraph(paper, WORDS(paper, TEXT_notice_review));
}

/* What most people want to know, before the rest. */
static void put_summary(struct notice *notice, str portal)
{
    struct paper *paper = notice->paper;
    struct texts purposes = {0}, recipients = {0};
    struct texts consents = notice_resting_on(notice, BASIS_CONSENT);
    for (plan_index i = 0; i < notice->plan->purpose_count; i++) {
        if (notice_takes(notice, i))
            texts_add(paper, &purposes, paper_label(paper, &notice->plan->purpose[i].clause));
    }
    for (plan_index i = 0; i < notice->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &notice->plan->recipient[i];
        if (!recipient->never && !recipient->clause.closed)
            texts_add(paper, &recipients, paper_label(paper, &recipient->clause));
    }
    paper_section(paper, "summary", TEXT_summary_heading);
    paper_list(paper, "points");
    if (purposes.list.count > 0)
        paper_point(paper, WORDS(paper, TEXT_summary_purposes, texts_joined(paper, &purposes)));
    if (consents.list.count > 0)
        paper_point(paper, WORDS(paper, TEXT_summary_consents, texts_joined(paper, &consents)));
    if (recipients.list.count > 0)
        paper_point(paper, WORDS(paper, TEXT_summary_recipients, texts_joined(paper, &recipients)));
    paper_point(paper, WORDS(paper, TEXT_summary_rights));
    if (portal.len == 0)
        return;
    paper_paragraph(paper, WORDS(paper, TEXT_summary_portal));
    paper_link(paper, portal);
}

status notice_paper(const struct notice_ask *ask, struct arena *arena, struct report *report,
                    struct paper **paper)
{
    const struct plan *plan = ask->plan;
    struct notice notice = {.plan = plan, .until = end_of(ask)};
    TRY(find(plan, plan->controller_of, ask->controller, "controller", report, &notice.controller));
    TRY(find(plan, plan->intake_of, ask->intake, "intake", report, &notice.intake));
    bool whole = notice.intake == NONE;
    struct paper_start start = {whole ? PAPER_notice : PAPER_collection, plan, ask->language};
    notice.paper = paper_begin(&start, arena);
    if (notice.paper == NULL)
        return NO_MEMORY(report);
    put_head(&notice, ask->reference);
    if (whole)
        put_summary(&notice, ask->portal);
    put_controllers(&notice);
    put_officer(&notice);
    put_purposes(&notice);
    put_interests(&notice);
    put_categories(&notice);
    put_sources(&notice);
    notice_put_more(&notice);
    put_versions(notice.paper, ask);
    *paper = notice.paper;
    return paper_finish(notice.paper, report);
}
