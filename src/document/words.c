/* Says what a policy names: data, purposes, contacts, channels, needs, periods. */
#include "document_internal.h"

void texts_add(struct paper *paper, struct texts *texts, str text)
{
    str *made = LIST_ADD(paper->arena, &texts->list);
    if (made == NULL)
        paper->full = true;
    else
        *made = text;
}

str texts_joined(struct paper *paper, const struct texts *texts)
{
    return paper_join(paper, texts->list.at, texts->list.count);
}

void texts_also(struct paper *paper, const struct texts *texts)
{
    for (size_t i = 0; i < texts->list.count; i++)
        paper_also(paper, texts->list.at[i]);
}

bool clause_lacks(const struct clause *clause, const char *key)
{
    size_t len = strlen(key);
    for (uint16_t i = 0; i < clause->hole_count; i++) {
        str hole = clause->holes[i];
        if (hole.len == clause->path.len + 1 + len && str_ends(hole, str_from(key)))
            return true;
    }
    return false;
}

/* ---- data ---- */

static void add_category(struct paper *paper, const struct field_set *set, plan_index index,
                         struct texts *texts)
{
    const struct plan_category *category = &paper->plan->category[index];
    struct texts fields = {0};
    bool whole = true, any = false;
    for (uint16_t i = 0; i < category->field_count; i++) {
        bool has = bits_has(set->fields, (plan_index)(category->first_field + i));
        whole = whole && has;
        any = any || has;
    }
    if (!any)
        return;
    str label = paper_label(paper, &category->clause);
    for (uint16_t i = 0; i < category->field_count && !whole; i++) {
        plan_index field = (plan_index)(category->first_field + i);
        if (bits_has(set->fields, field))
            texts_add(paper, &fields, paper_field_label(paper, field));
    }
    if (!whole)
        label = paper_words(paper, TEXT_of_these,
                            (const str[]){label, texts_joined(paper, &fields)}, 2);
    texts_add(paper, texts, label);
}

void words_fields(struct paper *paper, const struct field_set *set, struct texts *texts)
{
    if (set->all) {
        texts_add(paper, texts, WORDS(paper, TEXT_all_data));
        return;
    }
    for (plan_index i = 0; i < paper->plan->category_count; i++)
        add_category(paper, set, i, texts);
}

/* ---- law ---- */

/* "GDPR 17(3)(b)", as decisions and the log name it, in words; of another law as it stands. */
str words_article(struct paper *paper, str article)
{
    str rest = article, part, said;
    if (!str_starts(rest, STR("GDPR ")))
        return article;
    rest = str_slice(rest, 5, rest.len);
    if (!str_next(&rest, '(', &said) || said.len == 0 || said.len > 3)
        return article;
    while (rest.ptr != NULL && str_next(&rest, '(', &part)) {
        if (part.len < 2 || part.ptr[part.len - 1] != ')')
            return article;
        part = str_slice(part, 0, part.len - 1);
        bool number = part.ptr[0] >= '0' && part.ptr[0] <= '9';
        said = WORDS(paper, number ? TEXT_article_number : TEXT_article_letter, said, part);
    }
    return WORDS(paper, TEXT_article_of_gdpr, said);
}

/* ---- lists of names ---- */

void words_purposes(struct paper *paper, const struct refs *purposes, struct texts *texts)
{
    if (purposes->all) {
        texts_add(paper, texts, WORDS(paper, TEXT_all_purposes));
        return;
    }
    for (uint16_t i = 0; i < purposes->count; i++) {
        const struct clause *purpose = &paper->plan->purpose[purposes->at[i]].clause;
        if (!purpose->closed)
            texts_add(paper, texts, paper_label(paper, purpose));
    }
}

void words_roles(struct paper *paper, const struct refs *roles, struct texts *texts)
{
    if (roles->all) {
        texts_add(paper, texts, WORDS(paper, TEXT_everyone));
        return;
    }
    for (uint16_t i = 0; i < roles->count; i++)
        texts_add(paper, texts, words_role(paper, roles->at[i]));
}

void words_contacts(struct paper *paper, const struct refs *contacts, struct texts *texts)
{
    static const enum text TEXTS[] = {
        [CONTACT_EMAIL] = TEXT_contact_email,
        [CONTACT_PHONE] = TEXT_contact_phone,
        [CONTACT_POST] = TEXT_contact_post,
        [CONTACT_WEB] = TEXT_contact_web,
        [CONTACT_SELF_SERVICE] = TEXT_contact_self_service,
        [CONTACT_SUPERVISOR] = TEXT_contact_supervisor,
    };
    uint16_t count = contacts->all ? paper->plan->contact_count : contacts->count;
    for (uint16_t i = 0; i < count; i++) {
        plan_index index = contacts->all ? i : contacts->at[i];
        const struct plan_contact *contact = &paper->plan->contact[index];
        if (!clause_lacks(&contact->clause, "at") && contact->at.len > 0)
            texts_add(paper, texts, WORDS(paper, TEXTS[contact->kind], contact->at));
    }
}

str words_channel(struct paper *paper, word channel)
{
    static const struct {
        const char *name;
        enum text text;
    } known[] = {{"email", TEXT_channel_email},
                 {"phone", TEXT_channel_phone},
                 {"sms", TEXT_channel_sms},
                 {"post", TEXT_channel_post},
                 {"web", TEXT_channel_web},
                 {"social", TEXT_channel_social},
                 {"in_service", TEXT_channel_in_service},
                 {"push", TEXT_channel_push},
                 {"chat", TEXT_channel_chat},
                 {"in_person", TEXT_channel_in_person},
                 {"api", TEXT_channel_api}};
    str name = words_text(paper->plan->words, channel);
    for (size_t i = 0; i < LENGTH(known); i++) {
        if (str_is(name, known[i].name))
            return WORDS(paper, known[i].text);
    }
    return WORDS(paper, TEXT_channel_other);
}

str words_needs(struct paper *paper, const struct needs *needs)
{
    struct texts all = {0};
    for (uint16_t i = 0; i < needs->count; i++) {
        str any = STR("");
        for (uint16_t k = 0; k < needs->all[i].count; k++) {
            str one = words_evidence(paper, needs->all[i].any[k]);
            any = k == 0 ? one : WORDS(paper, TEXT_need_or, any, one);
        }
        texts_add(paper, &all, any);
    }
    return texts_joined(paper, &all);
}

str words_recipient_kind(struct paper *paper, enum recipient_kind kind)
{
    static const enum text TEXTS[] = {
        [RECIPIENT_GROUP] = TEXT_recipient_group,
        [RECIPIENT_PROCESSOR] = TEXT_recipient_processor,
        [RECIPIENT_CONTROLLER] = TEXT_recipient_controller,
        [RECIPIENT_PLATFORM] = TEXT_recipient_platform,
        [RECIPIENT_PERSON] = TEXT_recipient_person,
        [RECIPIENT_AUDIENCE] = TEXT_recipient_audience,
        [RECIPIENT_AUTHORITY] = TEXT_recipient_authority,
    };
    return WORDS(paper, TEXTS[kind]);
}

/* ---- periods ---- */

static bool ends_with_consent(const struct plan *plan, const struct moment *moment)
{
    if (moment->op == MOMENT_END_OF)
        return !moment->of_role && plan->evidence[moment->ref].builtin &&
               plan->evidence[moment->ref].kind == KIND_CONSENT;
    for (const struct moment *one = moment->op == MOMENT_EARLIEST ? moment->child : NULL;
         one != NULL; one = one->next) {
        if (ends_with_consent(plan, one))
            return true;
    }
    return false;
}

str words_kept(struct paper *paper, const struct plan_purpose *purpose,
               const struct keep_entry *entry)
{
    str until = words_moment(paper, entry->until);
    if (purpose->basis == BASIS_CONSENT && !ends_with_consent(paper->plan, entry->until))
        until = WORDS(paper, TEXT_kept_also_consent, until);
    if (!entry->of.stated)
        return until;
    struct texts of = {0};
    words_fields(paper, &entry->of, &of);
    return WORDS(paper, TEXT_colon, texts_joined(paper, &of), until);
}
