/* The catalogue of texts, and the languages. */
#include "document_internal.h"

static const struct text_row {
    const char *id;
    str in[LANGUAGE_COUNT];
} TEXTS[TEXT_COUNT] = {
#define TEXT(name, nb, nn, en)                                                                     \
    [TEXT_##name] = {#name, {{nb, sizeof(nb) - 1}, {nn, sizeof(nn) - 1}, {en, sizeof(en) - 1}}},
#include "texts.def"
#undef TEXT
};

const char *text_id(enum text text)
{
    assert(text < TEXT_COUNT);
    return TEXTS[text].id;
}

str text_in(enum text text, enum language language)
{
    assert(text < TEXT_COUNT && language < LANGUAGE_COUNT);
    return TEXTS[text].in[language];
}

const char *language_tag(enum language language)
{
    static const char *const tags[] = {"nb", "nn", "en"};
    assert(language < LANGUAGE_COUNT);
    return tags[language];
}

bool language_from(str tag, enum language *language)
{
    static const struct {
        const char *name;
        enum language language;
    } known[] = {
        {"nb", LANGUAGE_NB}, {"no", LANGUAGE_NB}, {"nn", LANGUAGE_NN}, {"en", LANGUAGE_EN}};
    if (tag.len > 2 && tag.ptr[2] != '-' && tag.ptr[2] != ';')
        return false;
    for (size_t i = 0; i < LENGTH(known); i++) {
        if (str_is(str_slice(tag, 0, 2), known[i].name)) {
            *language = known[i].language;
            return true;
        }
    }
    return false;
}

static bool speaks(const struct plan *plan, enum language language)
{
    for (uint16_t i = 0; i < plan->language_count; i++) {
        if (str_is(words_text(plan->words, plan->languages[i]), language_tag(language)))
            return true;
    }
    return false;
}

/* Browsers name languages in the order of liking. */
static bool liked(const struct plan *plan, str accepted, enum language *language)
{
    str tag;
    while (accepted.len > 0 && str_next(&accepted, ',', &tag)) {
        if (language_from(str_trim(tag), language) && speaks(plan, *language))
            return true;
    }
    return false;
}

status language_pick(const struct plan *plan, str asked, str accepted, struct report *report,
                     enum language *language)
{
    if (asked.len > 0) {
        if (!language_from(asked, language))
            return fail_about(report, FAULT_INVALID, asked, "language is nb, nn or en");
        return OK;
    }
    if (liked(plan, accepted, language))
        return OK;
    for (uint16_t i = 0; i < plan->language_count; i++) {
        if (language_from(words_text(plan->words, plan->languages[i]), language))
            return OK;
    }
    *language = LANGUAGE_NB;
    return OK;
}
