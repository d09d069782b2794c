/* The public notice: who receives data and where it goes, rights, duties to give, machines,
 * children, cookies, messages, and what else is said. */
#include "law.h"
#include "notice_internal.h"

/* ---- recipients and transfers ---- */

static void put_recipient(struct notice *notice, const struct plan_recipient *recipient)
{
    struct paper *paper = notice->paper;
    struct texts purposes = {0}, data = {0};
    bool any = false;
    for (plan_index i = 0; i < notice->plan->purpose_count; i++)
        any |= notice_takes(notice, i) && refs_has(&recipient->purposes, i);
    if (!any)
        return; /* all that it is for is closed, or something else */
    words_purposes(paper, &recipient->purposes, &purposes);
    words_fields(paper, &recipient->gives, &data);
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &recipient->clause));
    paper_cell(paper, words_recipient_kind(paper, recipient->kind));
    paper_cell(paper, STR(""));
    texts_also(paper, &purposes);
    paper_cell(paper, STR(""));
    texts_also(paper, &data);
}

static void put_recipients(struct notice *notice)
{
    struct paper *paper = notice->paper;
    const struct plan *plan = notice->plan;
    struct texts never = {0};
    paper_section(paper, "recipients", TEXT_recipients_heading);
    if (plan->recipient_count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_recipients_none));
        return;
    }
    paper_table(paper, "given", TEXT_none);
    paper_column(paper, "recipient", TEXT_recipient_head);
    paper_column(paper, "kind", TEXT_recipient_kind_head);
    paper_columns(paper, "purposes", TEXT_recipient_for_head);
    paper_columns(paper, "data", TEXT_fields_head);
    for (uint16_t i = 0; i < plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &plan->recipient[i];
        if (recipient->never)
            texts_add(paper, &never, paper_label(paper, &recipient->clause));
        else if (!recipient->clause.closed)
            put_recipient(notice, recipient);
    }
    if (never.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_recipients_never, texts_joined(paper, &never)));
    paper_paragraph(paper, WORDS(paper, TEXT_recipients_ask));
}

/* The ways to us: those of rights.all, else the controllers' own. */
static struct texts ways_to_us(struct notice *notice)
{
    struct texts ways = {0};
    words_contacts(notice->paper, &notice->plan->right[RIGHT_ALL].at, &ways);
    for (plan_index i = 0; ways.list.count == 0 && i < notice->plan->controller_count; i++) {
        if (notice->controller == NONE || notice->controller == i)
            words_contacts(notice->paper, &notice->plan->controller[i].contacts, &ways);
    }
    return ways;
}

static void put_transfers(struct notice *notice)
{
    struct paper *paper = notice->paper;
    const struct plan_places *places = &notice->plan->places;
    static const enum text HOMES[] = {[HOME_ANY] = TEXT_transfers_any,
                                      [HOME_EU] = TEXT_transfers_eu,
                                      [HOME_EEA] = TEXT_transfers_eea};
    bool any = places->home == HOME_ANY;
    struct texts ways = ways_to_us(notice);
    paper_section(paper, "transfers", TEXT_transfers_heading);
    if (any && (places->clause.closed || !places->outside_stated))
        paper_lacks(paper, "transfers", STR("places.home"));
    if (places->outside_needs.hole)
        paper_lacks(paper, "transfers.safeguards", STR("places.outside.needs"));
    paper_paragraph(paper, WORDS(paper, HOMES[places->home]));
    if (!places->outside_stated) {
        paper_paragraph(paper, WORDS(paper, TEXT_transfers_none));
        return;
    }
    paper_list(paper, "safeguards");
    paper_point(paper,
                WORDS(paper, TEXT_transfers_needs, words_needs(paper, &places->outside_needs)));
    paper_paragraph(paper, WORDS(paper, TEXT_transfers_copy, texts_joined(paper, &ways)));
}

/* ---- rights ---- */

static bool same_refs(const struct refs *a, const struct refs *b)
{
    if (a->count != b->count || a->all != b->all)
        return false;
    return a->count == 0 || memcmp(a->at, b->at, a->count * sizeof(*a->at)) == 0;
}

static struct texts ways_of(struct notice *notice, enum right right)
{
    const struct plan_right *asked = &notice->plan->right[right];
    struct texts ways = {0};
    if (asked->stated && asked->at_stop_link)
        texts_add(notice->paper, &ways, WORDS(notice->paper, TEXT_at_stop_link));
    if (asked->stated && asked->at_portal)
        texts_add(notice->paper, &ways, WORDS(notice->paper, TEXT_at_portal));
    if (asked->stated)
        words_contacts(notice->paper, &asked->at, &ways);
    return ways.list.count == 0 ? ways_to_us(notice) : ways;
}

static void put_right(struct notice *notice, enum right right, enum text name, enum text says)
{
    struct paper *paper = notice->paper;
    const struct plan_right *own = &notice->plan->right[right],
                            *all = &notice->plan->right[RIGHT_ALL];
    str text = WORDS(paper, says);
    if (own->stated && own->at.stated && !same_refs(&own->at, &all->at)) {
        struct texts ways = ways_of(notice, right);
        text = WORDS(paper, TEXT_right_at, text, texts_joined(paper, &ways));
    }
    paper_term(paper, right_name(right), name, text);
}

static bool asks_identity(const struct plan *plan)
{
    const struct needs *needs = &plan->right[RIGHT_ALL].needs;
    for (uint16_t i = 0; i < needs->count; i++) {
        for (uint16_t k = 0; k < needs->all[i].count; k++) {
            if (plan->evidence[needs->all[i].any[k]].kind == KIND_IDENTITY)
                return true;
        }
    }
    return false;
}

/* What the law gives for an answer, under the version that the notice is of. */
static struct span law_span(const struct plan *plan)
{
    static const enum unit UNITS[] = {[SPAN_HOUR] = UNIT_HOUR,
                                      [SPAN_DAY] = UNIT_DAY,
                                      [SPAN_WEEK] = UNIT_WEEK,
                                      [SPAN_MONTH] = UNIT_MONTH,
                                      [SPAN_YEAR] = UNIT_YEAR};
    const struct law_row *row = law_at(LAW_ANSWER, plan->zone, plan->effective);
    return (struct span){.count = (uint32_t)row->count, .unit = UNITS[row->unit]};
}

static void put_rights(struct notice *notice)
{
    struct paper *paper = notice->paper;
    struct span within = notice->plan->right[RIGHT_ALL].within;
    struct texts ways = ways_to_us(notice);
    if (!within.stated || within.hole || within.count == 0)
        within = law_span(notice->plan);
    paper_section(paper, "rights", TEXT_rights_heading);
    paper_paragraph(paper, WORDS(paper, TEXT_rights_intro));
    paper_terms(paper, "list");
    put_right(notice, RIGHT_ACCESS, TEXT_right_access, TEXT_right_access_text);
    put_right(notice, RIGHT_RECTIFY, TEXT_right_rectify, TEXT_right_rectify_text);
    put_right(notice, RIGHT_ERASE, TEXT_right_erase, TEXT_right_erase_text);
    put_right(notice, RIGHT_RESTRICT, TEXT_right_restrict, TEXT_right_restrict_text);
    put_right(notice, RIGHT_PORTABILITY, TEXT_right_portability, TEXT_right_portability_text);
    put_right(notice, RIGHT_OBJECT, TEXT_right_object, TEXT_right_object_text);
    paper_subsection(paper, "how", text_in(TEXT_rights_how, paper_language(paper)));
    paper_list(paper, "at");
    for (size_t i = 0; i < ways.list.count; i++)
        paper_point(paper, ways.list.at[i]);
    if (ways.list.count == 0)
        paper_lacks(paper, "rights.how.at", STR("rights.all.at"));
    paper_paragraph(paper, WORDS(paper, TEXT_rights_within, words_span(paper, within)));
    if (asks_identity(notice->plan))
        paper_paragraph(paper, WORDS(paper, TEXT_rights_identity));
}

static void put_withdrawal(struct notice *notice)
{
    struct paper *paper = notice->paper;
    struct texts consents = notice_resting_on(notice, BASIS_CONSENT);
    paper_section(paper, "withdrawal", TEXT_withdrawal_heading);
    if (consents.list.count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_withdrawal_none));
        return;
    }
    struct texts ways = ways_of(notice, RIGHT_WITHDRAW);
    paper_paragraph(paper, WORDS(paper, TEXT_withdrawal_text, texts_joined(paper, &consents)));
    paper_paragraph(paper, WORDS(paper, TEXT_withdrawal_at, texts_joined(paper, &ways)));
}

static void put_complaint(struct notice *notice)
{
    struct paper *paper = notice->paper;
    const struct plan_right *right = &notice->plan->right[RIGHT_COMPLAIN];
    struct texts own = {0};
    paper_section(paper, "complaint", TEXT_complaint_heading);
    paper_paragraph(paper, WORDS(paper, TEXT_complaint_text));
    for (uint16_t i = 0; right->stated && i < right->at.count; i++) {
        struct refs one = {.at = &right->at.at[i], .count = 1};
        if (notice->plan->contact[right->at.at[i]].kind != CONTACT_SUPERVISOR)
            words_contacts(paper, &one, &own);
    }
    if (own.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_complaint_at, texts_joined(paper, &own)));
}

/* ---- must it be given? ---- */

static enum text refusal_of(const struct plan *plan, const struct plan_intake *intake)
{
    bool contract = false, law = false;
    for (plan_index i = 0; i < plan->purpose_count; i++) {
        if (!refs_has(&intake->purposes, i) || plan->purpose[i].clause.closed)
            continue;
        contract |= plan->purpose[i].basis == BASIS_CONTRACT;
        law |= plan->purpose[i].basis == BASIS_LEGAL_DUTY && !plan->purpose[i].reuses;
    }
    if (contract)
        return TEXT_refusal_contract;
    return law ? TEXT_refusal_law : TEXT_refusal_other;
}

static bool demands(const struct notice *notice, plan_index index)
{
    const struct plan_intake *intake = &notice->plan->intake[index];
    return notice_takes_intake(notice, index) && intake->required.stated &&
           !bits_empty(intake->required.fields);
}

static void put_demand(struct paper *paper, const struct plan *plan,
                       const struct plan_intake *intake)
{
    struct texts fields = {0}, purposes = {0};
    for (plan_index f = 0; f < plan->field_count; f++) {
        if (field_set_has(&intake->required, f))
            texts_add(paper, &fields, paper_field_label(paper, f));
    }
    words_purposes(paper, &intake->purposes, &purposes);
    if (purposes.list.count == 0)
        return;
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &intake->clause));
    paper_cell(paper, STR(""));
    texts_also(paper, &fields);
    paper_cell(paper, STR(""));
    texts_also(paper, &purposes);
    paper_cell(paper, WORDS(paper, refusal_of(plan, intake)));
}

static void put_required(struct notice *notice)
{
    struct paper *paper = notice->paper;
    const struct plan *plan = notice->plan;
    bool any = false;
    for (uint16_t i = 0; i < plan->intake_count; i++)
        any |= demands(notice, i);
    paper_section(paper, "required", TEXT_required_heading);
    paper_paragraph(paper, WORDS(paper, any ? TEXT_required_intro : TEXT_required_none));
    if (!any)
        return;
    paper_table(paper, "given", TEXT_none);
    paper_column(paper, "when", TEXT_when_head);
    paper_columns(paper, "fields", TEXT_must_head);
    paper_columns(paper, "purposes", TEXT_why_head);
    paper_column(paper, "refusal", TEXT_refusal_head);
    for (uint16_t i = 0; i < plan->intake_count; i++) {
        if (demands(notice, i))
            put_demand(paper, plan, &plan->intake[i]);
    }
}

/* ---- machines and children ---- */

/* Of what a machine decides alone, the logic, the significance and the consequences (article
 * 13(2)(f)): the statement that bears the purpose's name. */
static void put_logic(struct notice *notice, const struct plan_purpose *purpose)
{
    const struct plan *plan = notice->plan;
    if (!notice_takes(notice, (plan_index)(purpose - plan->purpose)) || !purpose->decides)
        return;
    for (uint16_t i = 0; i < plan->statement_count; i++) {
        if (plan->statement[i].clause.name != purpose->clause.name)
            continue;
        paper_paragraph(notice->paper, paper_label(notice->paper, &plan->statement[i].clause));
        return;
    }
    str name = words_text(plan->words, purpose->clause.name);
    paper_lacks(notice->paper, "automated.logic",
                paper_print(notice->paper, "statements.%.*s", STR_ARG(name)));
}

static void put_automated(struct notice *notice)
{
    struct paper *paper = notice->paper;
    struct texts decides = {0}, profiles = {0};
    paper_section(paper, "automated", TEXT_automated_heading);
    for (uint16_t i = 0; i < notice->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &notice->plan->purpose[i];
        if (notice_takes(notice, i) && purpose->decides)
            texts_add(paper, &decides, paper_label(paper, &purpose->clause));
        if (notice_takes(notice, i) && purpose->profiling)
            texts_add(paper, &profiles, paper_label(paper, &purpose->clause));
    }
    for (uint16_t i = 0; i < notice->plan->purpose_count; i++)
        put_logic(notice, &notice->plan->purpose[i]);
    paper_paragraph(paper, decides.list.count == 0
                               ? WORDS(paper, TEXT_automated_none)
                               : WORDS(paper, TEXT_automated_some, texts_joined(paper, &decides)));
    if (profiles.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_profiling_some, texts_joined(paper, &profiles)));
}

static void put_children(struct notice *notice)
{
    struct paper *paper = notice->paper;
    bool any = false;
    paper_section(paper, "children", TEXT_children_heading);
    for (plan_index i = 0; i < notice->plan->role_count; i++) {
        uint32_t under = notice->plan->role[i].under;
        if (under > 0)
            paper_paragraph(paper, WORDS(paper, TEXT_children_text, paper_print(paper, "%u", under),
                                         words_role(paper, i)));
        any |= under > 0;
    }
    if (!any)
        paper_paragraph(paper, WORDS(paper, TEXT_children_none));
}

/* ---- cookies and messages ---- */

str words_cookie_life(struct paper *paper, const struct plan_cookie *cookie)
{
    const struct moment *until = cookie->keep.count > 0 ? cookie->keep.at[0].until : NULL;
    if (until == NULL)
        return WORDS(paper, TEXT_cookie_session);
    bool span = until->op == MOMENT_AFTER && until->child->op == MOMENT_COLLECTED;
    return span ? words_span(paper, until->span) : words_moment(paper, until);
}

static void put_cookie(struct paper *paper, const struct plan_cookie *cookie)
{
    static const enum text KINDS[] = {[COOKIE_COOKIE] = TEXT_cookie_cookie,
                                      [COOKIE_PIXEL] = TEXT_cookie_pixel,
                                      [COOKIE_STORAGE] = TEXT_cookie_storage,
                                      [COOKIE_DEVICE_ID] = TEXT_cookie_device_id};
    struct texts purposes = {0};
    words_purposes(paper, &cookie->purposes, &purposes);
    paper_row(paper);
    paper_cell(paper, words_text(paper_plan(paper)->words, cookie->clause.name));
    paper_cell(paper, WORDS(paper, KINDS[cookie->kind]));
    paper_cell(paper, STR(""));
    texts_also(paper, &purposes);
    paper_cell(paper, words_cookie_life(paper, cookie));
    paper_cell(paper,
               WORDS(paper, cookie->necessary ? TEXT_cookie_necessary : TEXT_cookie_consent));
}

static void put_cookies(struct notice *notice)
{
    struct paper *paper = notice->paper;
    const struct plan *plan = notice->plan;
    bool any = false;
    for (uint16_t i = 0; i < plan->cookie_count; i++)
        any |= !plan->cookie[i].clause.closed;
    paper_section(paper, "cookies", TEXT_cookies_heading);
    paper_paragraph(paper, WORDS(paper, any ? TEXT_cookies_intro : TEXT_cookies_none));
    if (!any)
        return;
    paper_table(paper, "set", TEXT_none);
    paper_column(paper, "name", TEXT_cookie_head);
    paper_column(paper, "kind", TEXT_cookie_kind_head);
    paper_columns(paper, "purposes", TEXT_recipient_for_head);
    paper_column(paper, "lasts", TEXT_cookie_life_head);
    paper_column(paper, "consent", TEXT_cookie_necessary_head);
    for (uint16_t i = 0; i < plan->cookie_count; i++) {
        if (!plan->cookie[i].clause.closed)
            put_cookie(paper, &plan->cookie[i]);
    }
}

static str stop_of(struct paper *paper, plan_index index)
{
    const struct plan *plan = paper_plan(paper);
    const struct plan_message *message = &plan->message[index];
    struct texts ways = {0};
    for (uint16_t i = 0; i < plan->stop_count; i++) {
        const struct plan_switch *stop = &plan->stop[i];
        if (stop->clause.closed || (!refs_has(&stop->stops_messages, index) &&
                                    !refs_has(&stop->stops_purposes, message->purpose)))
            continue;
        if (stop->at_stop_link && ways.list.count == 0)
            texts_add(paper, &ways, WORDS(paper, TEXT_at_stop_link));
        if (ways.list.count < 2)
            words_contacts(paper, &stop->at, &ways);
    }
    if (ways.list.count > 0)
        return WORDS(paper, TEXT_stop_yes, texts_joined(paper, &ways));
    bool marketing = plan->purpose[message->purpose].marketing != MARKETING_NONE;
    return WORDS(paper, marketing ? TEXT_stop_marketing : TEXT_stop_no);
}

static bool is_sent(const struct plan *plan, const struct plan_message *message)
{
    return !message->clause.closed && message->purpose != NONE &&
           !plan->purpose[message->purpose].clause.closed;
}

static void put_message(struct paper *paper, plan_index index)
{
    const struct plan *plan = paper_plan(paper);
    const struct plan_message *message = &plan->message[index];
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &plan->purpose[message->purpose].clause));
    paper_cell(paper, STR(""));
    for (uint16_t c = 0; c < message->channel_count; c++)
        paper_also(paper, words_channel(paper, message->channels[c].name));
    paper_cell(paper, stop_of(paper, index));
}

static void put_messages(struct notice *notice)
{
    struct paper *paper = notice->paper;
    const struct plan *plan = notice->plan;
    bool any = false;
    for (uint16_t i = 0; i < plan->message_count; i++)
        any |= is_sent(plan, &plan->message[i]);
    paper_section(paper, "messages", TEXT_messages_heading);
    if (!any) {
        paper_paragraph(paper, WORDS(paper, TEXT_messages_none));
        return;
    }
    paper_table(paper, "sent", TEXT_none);
    paper_column(paper, "purpose", TEXT_recipient_for_head);
    paper_columns(paper, "channels", TEXT_channels_head);
    paper_column(paper, "stop", TEXT_stop_head);
    for (plan_index i = 0; i < plan->message_count; i++) {
        if (is_sent(plan, &plan->message[i]))
            put_message(paper, i);
    }
}

/* ---- what else is said ---- */

/* Rules that hold for everyone and that a policy rests an obligation on, as people should read
 * them. */
static const struct {
    const char *rule;
    const char *key;
    enum text text;
} SAID[] = {
    {"least_intrusive_default", "least_intrusive", TEXT_said_least},
    {"linked_sites_outside", "linked_sites", TEXT_said_linked},
    {"email_warning", "email_warning", TEXT_said_email},
    {"processor_notice_linked", "as_processor", TEXT_said_processor},
};

static bool rests_on(const struct plan *plan, const char *rule)
{
    for (uint16_t i = 0; i < plan->always_count; i++) {
        if (str_is(words_text(plan->words, plan->always[i].clause.name), rule))
            return true;
    }
    return false;
}

static void put_said(struct notice *notice)
{
    struct paper *paper = notice->paper;
    const struct plan *plan = notice->plan;
    paper_section(paper, "security", TEXT_security_heading);
    paper_paragraph(paper, WORDS(paper, TEXT_security_text));
    paper_list(paper, "said");
    for (size_t i = 0; i < LENGTH(SAID); i++) {
        if (rests_on(plan, SAID[i].rule) ||
            (SAID[i].text == TEXT_said_processor && plan->space_count > 0))
            paper_point(paper, WORDS(paper, SAID[i].text));
    }
    for (uint16_t i = 0; i < plan->statement_count; i++) {
        if (!statement_is_of_purpose(plan, &plan->statement[i]))
            paper_point(paper, paper_label(paper, &plan->statement[i].clause));
    }
}

/* All points of contact, at the end where people look for them. */
static void put_contacts(struct notice *notice)
{
    struct paper *paper = notice->paper;
    struct refs all = {.all = true};
    struct texts contacts = {0};
    paper_section(paper, "contact", TEXT_contact_heading);
    words_contacts(paper, &all, &contacts);
    paper_list(paper, "points");
    for (size_t i = 0; i < contacts.list.count; i++)
        paper_point(paper, contacts.list.at[i]);
}

void notice_put_more(struct notice *notice)
{
    put_recipients(notice);
    put_transfers(notice);
    put_rights(notice);
    put_withdrawal(notice);
    put_complaint(notice);
    put_required(notice);
    put_automated(notice);
    put_children(notice);
    if (notice->intake == NONE) {
        put_cookies(notice);
        put_messages(notice);
        put_said(notice);
    }
    put_contacts(notice);
}
