/* Plans and lists that come from the policy and from the parties of a register: where data may go
 * and goes, and who processes it. */
#include "document_internal.h"

/* ---- what papers of a policy share ---- */

status plan_paper(enum paper_kind kind, const struct policy_ask *ask, struct arena *arena,
                  struct report *report, struct paper **paper)
{
    struct paper_start start = {kind, ask->plan, ask->language};
    *paper = paper_begin(&start, arena);
    if (*paper == NULL)
        return NO_MEMORY(report);
    paper_terms(*paper, "issue");
    if (ask->plan->version.len == 0)
        paper_lacks(*paper, "issue.version", STR("version"));
    paper_term(*paper, "version", TEXT_version_term, ask->plan->version);
    if (ask->plan->effective.ms == NEVER.ms)
        paper_lacks(*paper, "issue.since", STR("effective"));
    else
        paper_term(*paper, "since", TEXT_since_term, words_date(*paper, ask->plan->effective));
    if (ask->until.ms != 0 && ask->until.ms != NEVER.ms)
        paper_term(*paper, "until", TEXT_until_term, words_date(*paper, ask->until));
    return OK;
}

void put_unused(struct paper *paper)
{
    struct texts unused = {0};
    for (uint16_t i = 0; i < paper->plan->purpose_count; i++) {
        const struct clause *clause = &paper->plan->purpose[i].clause;
        if (clause->closed && clause->says.count > 0)
            texts_add(paper, &unused, paper_label(paper, clause));
    }
    if (unused.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_unused_text, texts_joined(paper, &unused)));
}

void words_ways(struct paper *paper, enum right right, struct texts *texts)
{
    const struct plan *plan = paper->plan;
    if (plan->right[right].stated)
        words_contacts(paper, &plan->right[right].at, texts);
    if (texts->list.count == 0)
        words_contacts(paper, &plan->right[RIGHT_ALL].at, texts);
    for (uint16_t i = 0; texts->list.count == 0 && i < plan->controller_count; i++)
        words_contacts(paper, &plan->controller[i].contacts, texts);
}

/* ---- where it may go ---- */

static void put_home(struct paper *paper)
{
    static const enum text HOMES[] = {[HOME_ANY] = TEXT_transfers_any,
                                      [HOME_EU] = TEXT_transfers_eu,
                                      [HOME_EEA] = TEXT_transfers_eea};
    const struct plan_places *places = &paper->plan->places;
    if (places->home == HOME_ANY && (places->clause.closed || !places->outside_stated))
        paper_lacks(paper, "home", STR("places.home"));
    paper_section(paper, "home", TEXT_home_heading);
    paper_paragraph(paper, WORDS(paper, HOMES[places->home]));
}

static void put_given(struct paper *paper, const struct plan_recipient *recipient)
{
    struct texts purposes = {0}, data = {0};
    words_purposes(paper, &recipient->purposes, &purposes);
    if (purposes.list.count == 0)
        return;
    words_fields(paper, &recipient->gives, &data);
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &recipient->clause));
    paper_cell(paper, words_recipient_kind(paper, recipient->kind));
    paper_cell(paper, STR(""));
    texts_also(paper, &purposes);
    paper_cell(paper, STR(""));
    texts_also(paper, &data);
    paper_cell(paper, recipient->needs.count == 0 ? WORDS(paper, TEXT_terms_none)
                                                  : words_needs(paper, &recipient->needs));
}

static bool is_given(const struct plan_recipient *recipient, bool processors)
{
    return !recipient->never && !recipient->clause.closed &&
           (!processors || recipient->kind == RECIPIENT_PROCESSOR);
}

static bool put_recipients(struct paper *paper, bool processors)
{
    const struct plan *plan = paper->plan;
    bool any = false;
    for (uint16_t i = 0; i < plan->recipient_count; i++)
        any |= is_given(&plan->recipient[i], processors);
    if (!any)
        return false;
    paper_table(paper, "given", TEXT_none);
    paper_column(paper, "recipient", TEXT_recipient_head);
    paper_column(paper, "kind", TEXT_recipient_kind_head);
    paper_columns(paper, "purposes", TEXT_recipient_for_head);
    paper_columns(paper, "data", TEXT_fields_head);
    paper_column(paper, "terms", TEXT_terms_head);
    for (uint16_t i = 0; i < plan->recipient_count; i++) {
        if (is_given(&plan->recipient[i], processors))
            put_given(paper, &plan->recipient[i]);
    }
    return true;
}

/* ---- where it goes now ---- */

static str place_of(struct paper *paper, const struct record_party *party)
{
    if (party->zone.len == 0)
        return WORDS(paper, TEXT_record_place_none);
    return party->outside ? WORDS(paper, TEXT_record_place_abroad, party->zone) : party->zone;
}

/* What is on file for it; outside home without a safeguard nothing is given (article 44). */
static void put_proofs(struct paper *paper, const struct record_party *party)
{
    const struct plan *plan = paper->plan;
    bool safe = false;
    paper_cell(paper, STR(""));
    for (size_t i = 0; i < party->proof_count; i++) {
        const struct record_proof *proof = &party->proofs[i];
        enum evidence_kind kind = plan->evidence[proof->evidence].kind;
        str what = words_evidence(paper, proof->evidence);
        safe |= kind == KIND_SAFEGUARD || kind == KIND_ADEQUACY;
        paper_also(paper, proof->until.ms == NEVER.ms ? WORDS(paper, TEXT_record_proof, what)
                                                      : WORDS(paper, TEXT_record_proof_until, what,
                                                              words_date(paper, proof->until)));
    }
    if (party->outside && !safe)
        paper_also(paper, WORDS(paper, TEXT_transfers_unsafe));
    else if (party->proof_count == 0)
        paper_also(paper, WORDS(paper, TEXT_record_agreements_none));
}

static void put_receiver(struct paper *paper, const struct record_party *party)
{
    const struct plan_recipient *recipient = &paper->plan->recipient[party->recipient];
    struct texts purposes = {0}, data = {0};
    words_purposes(paper, &recipient->purposes, &purposes);
    words_fields(paper, &recipient->gives, &data);
    paper_row(paper);
    paper_cell(paper, party->name);
    paper_cell(paper, paper_label(paper, &recipient->clause));
    paper_cell(paper, place_of(paper, party));
    put_proofs(paper, party);
    paper_cell(paper, purposes.list.count == 0 ? WORDS(paper, TEXT_nothing) : STR(""));
    texts_also(paper, &purposes);
    paper_cell(paper, STR(""));
    texts_also(paper, &data);
}

static void put_abroad(struct paper *paper, const struct policy_ask *ask)
{
    struct texts abroad = {0};
    for (size_t i = 0; i < ask->party_count; i++) {
        const struct record_party *party = &ask->parties[i];
        if (party->outside && is_given(&ask->plan->recipient[party->recipient], false))
            texts_add(paper, &abroad, WORDS(paper, TEXT_of_these, party->name, party->zone));
    }
    paper_paragraph(paper, abroad.list.count == 0
                               ? WORDS(paper, TEXT_transfers_nobody_abroad)
                               : WORDS(paper, TEXT_record_abroad, texts_joined(paper, &abroad)));
}

static void put_receivers(struct paper *paper, const struct policy_ask *ask)
{
    size_t count = 0;
    paper_section(paper, "present", TEXT_record_parties);
    for (size_t i = 0; i < ask->party_count; i++)
        count += is_given(&ask->plan->recipient[ask->parties[i].recipient], false);
    if (count == 0)
        paper_paragraph(paper, WORDS(paper, TEXT_record_parties_none));
    else
        put_abroad(paper, ask);
    paper_table(paper, "parties", TEXT_none);
    paper_column(paper, "name", TEXT_record_party_head);
    paper_column(paper, "recipient", TEXT_recipient_head);
    paper_column(paper, "place", TEXT_record_place_head);
    paper_columns(paper, "safeguards", TEXT_record_agreements_head);
    paper_columns(paper, "purposes", TEXT_recipient_for_head);
    paper_columns(paper, "data", TEXT_fields_head);
    for (size_t i = 0; i < ask->party_count; i++) {
        if (is_given(&ask->plan->recipient[ask->parties[i].recipient], false))
            put_receiver(paper, &ask->parties[i]);
    }
}

status transfers_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                       struct paper **paper)
{
    const struct plan_places *places = &ask->plan->places;
    TRY(plan_paper(PAPER_transfers, ask, arena, report, paper));
    put_home(*paper);
    paper_section(*paper, "outside", TEXT_outside_heading);
    if (places->outside_needs.hole)
        paper_lacks(*paper, "outside", STR("places.outside.needs"));
    paper_paragraph(*paper, places->outside_stated
                                ? WORDS(*paper, TEXT_transfers_needs,
                                        words_needs(*paper, &places->outside_needs))
                                : WORDS(*paper, TEXT_transfers_none));
    paper_section(*paper, "recipients", TEXT_may_receive_heading);
    if (!put_recipients(*paper, false))
        paper_paragraph(*paper, WORDS(*paper, TEXT_recipients_none));
    if (ask->live)
        put_receivers(*paper, ask);
    return paper_finish(*paper, report);
}

/* ---- who processes it ---- */

static bool is_named(const struct policy_ask *ask, const struct record_party *party)
{
    return party->public && is_given(&ask->plan->recipient[party->recipient], true);
}

/* Who engages it, when that one may be named too. */
static str engaged_by(struct paper *paper, const struct policy_ask *ask, str under)
{
    if (under.len == 0)
        return WORDS(paper, TEXT_record_under_us);
    for (size_t i = 0; i < ask->party_count; i++) {
        if (is_named(ask, &ask->parties[i]) && str_equal(ask->parties[i].name, under))
            return under;
    }
    return WORDS(paper, TEXT_processors_under_other);
}

static void put_name(struct paper *paper, str name, const struct plan_recipient *recipient)
{
    paper_row(paper);
    paper_cell(paper, name);
    paper_cell(paper, paper_label(paper, &recipient->clause));
}

static bool is_listed(const struct policy_ask *ask, plan_index recipient, str name)
{
    for (size_t i = 0; i < ask->party_count; i++) {
        if (is_named(ask, &ask->parties[i]) && ask->parties[i].recipient == recipient &&
            str_equal(ask->parties[i].name, name))
            return true;
    }
    return false;
}

/* The policy is public, and so are the names that it lists; of a register, those that it says may
 * be published. */
static size_t put_policy_names(struct paper *paper, const struct policy_ask *ask)
{
    size_t count = 0;
    for (plan_index i = 0; i < ask->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &ask->plan->recipient[i];
        for (uint16_t k = 0; is_given(recipient, true) && k < recipient->named_count; k++) {
            if (is_listed(ask, i, recipient->named[k]))
                continue;
            put_name(paper, recipient->named[k], recipient);
            paper_cell(paper, WORDS(paper, TEXT_record_under_us));
            paper_cell(paper, WORDS(paper, TEXT_record_place_none));
            count++;
        }
    }
    return count;
}

static void put_named(struct paper *paper, const struct policy_ask *ask)
{
    paper_section(paper, "names", TEXT_processors_names);
    paper_table(paper, "named", TEXT_none);
    paper_column(paper, "name", TEXT_record_party_head);
    paper_column(paper, "kind", TEXT_recipient_head);
    paper_column(paper, "under", TEXT_record_under_head);
    paper_column(paper, "place", TEXT_record_place_head);
    size_t count = put_policy_names(paper, ask);
    for (size_t i = 0; i < ask->party_count; i++) {
        const struct record_party *party = &ask->parties[i];
        if (!is_named(ask, party))
            continue;
        put_name(paper, party->name, &ask->plan->recipient[party->recipient]);
        paper_cell(paper, engaged_by(paper, ask, party->under));
        paper_cell(paper, place_of(paper, party));
        count++;
    }
    paper_paragraph(paper,
                    WORDS(paper, count == 0 ? TEXT_processors_no_names : TEXT_processors_some));
}

status processors_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                        struct paper **paper)
{
    struct texts ways = {0};
    TRY(plan_paper(PAPER_processors, ask, arena, report, paper));
    paper_section(*paper, "used", TEXT_processors_title);
    paper_paragraph(*paper, WORDS(*paper, TEXT_processors_intro));
    if (!put_recipients(*paper, true))
        paper_paragraph(*paper, WORDS(*paper, TEXT_processors_none));
    put_named(*paper, ask);
    put_home(*paper);
    words_ways(*paper, RIGHT_PROCESSORS, &ways);
    paper_section(*paper, "contact", TEXT_contact_heading);
    if (ways.list.count == 0)
        paper_lacks(*paper, "contact", STR("rights.all.at"));
    paper_paragraph(*paper, WORDS(*paper, TEXT_processors_ask, texts_joined(*paper, &ways)));
    return paper_finish(*paper, report);
}
