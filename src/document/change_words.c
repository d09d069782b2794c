/* What a clause of one version says, in the words of people: the two sides of a change. What has no
 * words here is told without a value. */
#include "change_words.h"
#include "document_internal.h"

static void say(struct paper *paper, struct texts *texts, str text)
{
    if (text.len > 0)
        texts_add(paper, texts, text);
}

static void say_truth(struct paper *paper, struct texts *texts, bool truth)
{
    texts_add(paper, texts, WORDS(paper, truth ? TEXT_yes : TEXT_no));
}

static void say_needs(struct paper *paper, struct texts *texts, const struct needs *needs)
{
    if (needs->count > 0)
        texts_add(paper, texts, words_needs(paper, needs));
}

/* The person and what is seen of them are called alike everywhere; others have their own names. */
static str source_name(struct paper *paper, const struct plan_source *source)
{
    if (source->kind == SOURCE_INDIRECT)
        return paper_label(paper, &source->clause);
    return WORDS(paper, source->kind == SOURCE_PERSON ? TEXT_source_you : TEXT_source_use);
}

static void say_sources(struct paper *paper, const struct refs *sources, struct texts *texts)
{
    for (uint16_t i = 0; i < sources->count; i++)
        texts_add(paper, texts, source_name(paper, &paper->plan->source[sources->at[i]]));
}

static void say_companies(struct paper *paper, const struct refs *companies, struct texts *texts)
{
    const struct plan *plan = paper->plan;
    for (plan_index i = 0; i < plan->controller_count; i++) {
        if (!companies->stated || refs_has(companies, i))
            say(paper, texts, plan->controller[i].name);
    }
}

/* ---- each section ---- */

static void keep_words(struct paper *paper, const struct plan_purpose *purpose, struct texts *texts)
{
    if (purpose->keep.none)
        texts_add(paper, texts, WORDS(paper, TEXT_kept_none));
    for (uint16_t i = 0; i < purpose->keep.count && !purpose->keep.none; i++)
        texts_add(paper, texts, words_kept(paper, purpose, &purpose->keep.at[i]));
}

static void purpose_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_purpose *purpose = &paper->plan->purpose[index];
    bool whole = key.len == 0;
    if (purpose->clause.closed) {
        texts_add(paper, texts, WORDS(paper, TEXT_unused_title));
        return;
    }
    if (whole || str_is(key, "basis") || str_is(key, "law"))
        texts_add(paper, texts, words_basis(paper, purpose));
    if (whole || str_is(key, "uses"))
        words_fields(paper, &purpose->uses, texts);
    if (whole || str_is(key, "keep"))
        keep_words(paper, purpose, texts);
    if (str_is(key, "roles"))
        words_roles(paper, &purpose->roles, texts);
    else if (str_is(key, "requires"))
        words_fields(paper, &purpose->requires, texts);
    else if (str_is(key, "from"))
        say_sources(paper, &purpose->from, texts);
    else if (str_is(key, "controllers"))
        say_companies(paper, &purpose->controllers, texts);
    else if (str_is(key, "needs"))
        say_needs(paper, texts, &purpose->needs);
    else if (str_is(key, "profiling"))
        say_truth(paper, texts, purpose->profiling);
    else if (str_is(key, "decides"))
        say_truth(paper, texts, purpose->decides);
    else if (str_is(key, "reuses"))
        say_truth(paper, texts, purpose->reuses);
    else if (str_is(key, "marketing"))
        say_truth(paper, texts, purpose->marketing != MARKETING_NONE);
}

static void recipient_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_recipient *recipient = &paper->plan->recipient[index];
    bool whole = key.len == 0;
    if (whole || str_is(key, "for"))
        words_purposes(paper, &recipient->purposes, texts);
    if (whole || str_is(key, "gives"))
        words_fields(paper, &recipient->gives, texts);
    if (str_is(key, "kind"))
        texts_add(paper, texts, words_recipient_kind(paper, recipient->kind));
    else if (str_is(key, "needs"))
        say_needs(paper, texts, &recipient->needs);
    else if (str_is(key, "never"))
        say_truth(paper, texts, recipient->never);
}

static void source_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    if (str_is(key, "needs"))
        say_needs(paper, texts, &paper->plan->source[index].needs);
}

static void category_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_category *category = &paper->plan->category[index];
    if (key.len == 0 || str_is(key, "fields")) {
        for (uint16_t i = 0; i < category->field_count; i++)
            texts_add(paper, texts,
                      paper_field_label(paper, (plan_index)(category->first_field + i)));
    } else if (str_is(key, "never")) {
        say_truth(paper, texts, category->never);
    } else if (str_is(key, "made_from")) {
        words_fields(paper, &category->made_from, texts);
    }
}

static void intake_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_intake *intake = &paper->plan->intake[index];
    if (key.len == 0 || str_is(key, "for"))
        words_purposes(paper, &intake->purposes, texts);
    else if (str_is(key, "required"))
        words_fields(paper, &intake->required, texts);
    else if (str_is(key, "optional"))
        words_fields(paper, &intake->optional, texts);
    else if (str_is(key, "from"))
        say_sources(paper, &intake->from, texts);
    else if (str_is(key, "channel") && intake->channel != 0)
        texts_add(paper, texts, words_channel(paper, intake->channel));
    else if (str_is(key, "needs"))
        say_needs(paper, texts, &intake->needs);
}

static void cookie_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_cookie *cookie = &paper->plan->cookie[index];
    bool whole = key.len == 0;
    if (whole || str_is(key, "for"))
        words_purposes(paper, &cookie->purposes, texts);
    if (whole || str_is(key, "keep"))
        texts_add(paper, texts, words_cookie_life(paper, cookie));
    if (whole || str_is(key, "necessary"))
        texts_add(paper, texts,
                  WORDS(paper, cookie->necessary ? TEXT_cookie_necessary : TEXT_cookie_consent));
    if (str_is(key, "reads"))
        words_fields(paper, &cookie->reads, texts);
}

static void message_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_message *message = &paper->plan->message[index];
    if (str_is(key, "needs")) {
        say_needs(paper, texts, &message->needs);
        return;
    }
    for (uint16_t c = 0; c < message->channel_count; c++)
        texts_add(paper, texts, words_channel(paper, message->channels[c].name));
}

static void switch_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_switch *stop = &paper->plan->stop[index];
    if (key.len == 0 || str_is(key, "stops"))
        words_purposes(paper, &stop->stops_purposes, texts);
    if (key.len == 0 || str_is(key, "at")) {
        if (stop->at_stop_link)
            texts_add(paper, texts, WORDS(paper, TEXT_at_stop_link));
        words_contacts(paper, &stop->at, texts);
    }
    if (str_is(key, "erases"))
        words_fields(paper, &stop->erases, texts);
}

static void right_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_right *right = &paper->plan->right[index];
    if (!right->stated)
        return;
    if (key.len == 0 || str_is(key, "at")) {
        if (right->at_stop_link)
            texts_add(paper, texts, WORDS(paper, TEXT_at_stop_link));
        if (right->at_portal)
            texts_add(paper, texts, WORDS(paper, TEXT_at_portal));
        words_contacts(paper, &right->at, texts);
    } else if (str_is(key, "within") && right->within.stated && !right->within.hole) {
        texts_add(paper, texts, words_span(paper, right->within));
    } else if (str_is(key, "needs")) {
        say_needs(paper, texts, &right->needs);
    }
}

static void controller_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    const struct plan_controller *controller = &paper->plan->controller[index];
    if (str_is(key, "name"))
        say(paper, texts, controller->name);
    else if (str_is(key, "number"))
        say(paper, texts, controller->number);
    else if (str_is(key, "address"))
        say(paper, texts, controller->address);
    else if (str_is(key, "country"))
        say(paper, texts, controller->country);
    else if (key.len == 0 || str_is(key, "contacts"))
        words_contacts(paper, &controller->contacts, texts);
}

static void place_words(struct paper *paper, plan_index index, str key, struct texts *texts)
{
    static const enum text HOMES[] = {[HOME_ANY] = TEXT_transfers_any,
                                      [HOME_EU] = TEXT_transfers_eu,
                                      [HOME_EEA] = TEXT_transfers_eea};
    const struct plan_places *places = &paper->plan->places;
    (void)index;
    if (str_is(key, "home"))
        texts_add(paper, texts, WORDS(paper, HOMES[places->home]));
    else if (str_is(key, "outside"))
        texts_add(paper, texts,
                  places->outside_stated ? WORDS(paper, TEXT_transfers_needs,
                                                 words_needs(paper, &places->outside_needs))
                                         : WORDS(paper, TEXT_transfers_none));
}

static const struct {
    const char *section;
    void (*put)(struct paper *paper, plan_index index, str key, struct texts *texts);
} SECTIONS[] = {
    {"purposes", purpose_words},       {"recipients", recipient_words}, {"sources", source_words},
    {"categories", category_words},    {"intakes", intake_words},       {"cookies", cookie_words},
    {"messages", message_words},       {"switches", switch_words},      {"rights", right_words},
    {"controllers", controller_words}, {"places", place_words},
};

void change_words(struct paper *paper, str section, plan_index index, str key, struct texts *texts)
{
    for (size_t i = 0; i < LENGTH(SECTIONS); i++) {
        if (str_is(section, SECTIONS[i].section))
            SECTIONS[i].put(paper, index, key, texts);
    }
}

/* ---- what it is called ---- */

static str clause_name(struct paper *paper, const struct clause *clause)
{
    return clause->says.count == 0 ? STR("") : paper_label(paper, clause);
}

static str right_name_of(struct paper *paper, plan_index index)
{
    static const enum text RIGHTS[RIGHT_COUNT] = {
        [RIGHT_ALL] = TEXT_rights_heading,         [RIGHT_ACCESS] = TEXT_right_access,
        [RIGHT_RECTIFY] = TEXT_right_rectify,      [RIGHT_ERASE] = TEXT_right_erase,
        [RIGHT_RESTRICT] = TEXT_right_restrict,    [RIGHT_PORTABILITY] = TEXT_right_portability,
        [RIGHT_OBJECT] = TEXT_right_object,        [RIGHT_WITHDRAW] = TEXT_withdrawal_heading,
        [RIGHT_COMPLAIN] = TEXT_complaint_heading, [RIGHT_PROCESSORS] = TEXT_processors_title};
    return WORDS(paper, RIGHTS[index]);
}

str change_name(struct paper *paper, str section, plan_index index)
{
    const struct plan *plan = paper->plan;
    if (str_is(section, "purposes"))
        return clause_name(paper, &plan->purpose[index].clause);
    if (str_is(section, "recipients"))
        return clause_name(paper, &plan->recipient[index].clause);
    if (str_is(section, "categories"))
        return clause_name(paper, &plan->category[index].clause);
    if (str_is(section, "sources"))
        return plan->source[index].kind == SOURCE_INDIRECT
                   ? clause_name(paper, &plan->source[index].clause)
                   : source_name(paper, &plan->source[index]);
    if (str_is(section, "intakes"))
        return clause_name(paper, &plan->intake[index].clause);
    if (str_is(section, "switches"))
        return clause_name(paper, &plan->stop[index].clause);
    if (str_is(section, "messages"))
        return plan->message[index].purpose == NONE
                   ? STR("")
                   : clause_name(paper, &plan->purpose[plan->message[index].purpose].clause);
    if (str_is(section, "cookies"))
        return words_text(plan->words, plan->cookie[index].clause.name);
    if (str_is(section, "controllers"))
        return plan->controller[index].name;
    return str_is(section, "rights") ? right_name_of(paper, index) : STR("");
}
