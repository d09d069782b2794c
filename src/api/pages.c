/* Writes the public pages. */
#include "pages.h"

static const char *const texts[TEXT_COUNT][PAGE_LANGUAGES] = {
#define TEXT(name, nb, nn, en) [TEXT_##name] = {nb, nn, en},
#include "pages.def"
#undef TEXT
};

const char *page_words(enum page_text text, enum page_language language)
{
    return texts[text][language];
}

static bool is_of(str tag, const char *language)
{
    return str_starts(tag, str_from(language)) &&
           (tag.len == 2 || tag.ptr[2] == '-' || tag.ptr[2] == ';');
}

/* The first language of ours that is named: browsers name them in the order of liking. */
static enum page_language liked(str accepted)
{
    str rest = accepted, tag;
    while (rest.len > 0 && str_next(&rest, ',', &tag)) {
        tag = str_trim(tag);
        if (is_of(tag, "en"))
            return PAGE_EN;
        if (is_of(tag, "nn"))
            return PAGE_NN;
        if (is_of(tag, "nb") || is_of(tag, "no"))
            return PAGE_NB;
    }
    return PAGE_NB;
}

enum page_language page_language_of(str asked, str accepted)
{
    if (asked.ptr != NULL)
        return is_of(asked, "en") ? PAGE_EN : is_of(asked, "nn") ? PAGE_NN : PAGE_NB;
    return liked(accepted);
}

void page_html(struct page *page, const char *markup)
{
    buf_text(page->out, markup);
}

void page_text(struct page *page, enum page_text text)
{
    page_escaped(page, str_from(texts[text][page->language]));
}

void page_escaped(struct page *page, str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '<':
            buf_text(page->out, "&lt;");
            break;
        case '>':
            buf_text(page->out, "&gt;");
            break;
        case '&':
            buf_text(page->out, "&amp;");
            break;
        case '"':
            buf_text(page->out, "&quot;");
            break;
        case '\'':
            buf_text(page->out, "&#39;");
            break;
        default:
            buf_char(page->out, text.ptr[i]);
        }
    }
}

bool page_said(struct page *page, const struct says *says)
{
    const char *mine = texts[TEXT_html_lang][page->language];
    for (size_t i = 0; i < says->count; i++) {
        if (str_is(words_text(page->words, says->at[i].language), mine)) {
            page_escaped(page, says->at[i].text);
            return true;
        }
    }
    if (says->count == 0)
        return false;
    page_html(page, "<span lang=\"");
    page_escaped(page, words_text(page->words, says->at[0].language));
    page_html(page, "\">");
    page_escaped(page, says->at[0].text);
    page_html(page, "</span>");
    return true;
}

void page_channel(struct page *page, word channel)
{
    static const enum page_text known[] = {TEXT_email, TEXT_sms,        TEXT_phone,
                                           TEXT_post,  TEXT_in_service, TEXT_web};
    str name = words_text(page->words, channel);
    for (size_t i = 0; i < LENGTH(known); i++) {
        static const char *const names[] = {"email", "sms", "phone", "post", "in_service", "web"};
        if (str_is(name, names[i])) {
            page_text(page, known[i]);
            return;
        }
    }
    page_escaped(page, name);
}

void page_link(struct page *page, const char *path, enum page_text text)
{
    page_html(page, "<p><a href=\"");
    page_html(page, path);
    page_html(page, "\">");
    page_text(page, text);
    page_html(page, "</a></p>\n");
}

void page_open(struct page *page, enum page_text title)
{
    page_html(page, "<!doctype html>\n<html lang=\"");
    page_text(page, TEXT_html_lang);
    page_html(page, "\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    page_text(page, title);
    page_html(page, "</title>\n<meta name=\"viewport\" content=\"width=device-width, "
                    "initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n");
    if (page->styled)
        page_html(page, "<link rel=\"stylesheet\" href=\"/assets/pages.css\">\n");
    page_html(page, "</head>\n<body>\n<main>\n<h1>");
    page_text(page, title);
    page_html(page, "</h1>\n");
}

void page_close(struct page *page)
{
    page_html(page, "</main>\n</body>\n</html>\n");
}
