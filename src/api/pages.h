/* pages: the public pages, plain HTML without script.
 *
 *   page_open(&page, TEXT_stop_title) ... page_text, page_said ... page_close(&page) --> document
 *
 * Holds: all text stands in pages.def, in each language; what comes from a policy is escaped, and
 * marked with its language where it is another; a page is the same for everyone who asks in that
 * language (G9). Memory: the buffer's. Threads: one page, one owner.
 */
#ifndef VERN_PAGES_H
#define VERN_PAGES_H
#include "plan.h"

enum page_text {
#define TEXT(name, nb, nn, en) TEXT_##name,
#include "pages.def"
#undef TEXT
    TEXT_COUNT
};
enum page_language { PAGE_NB, PAGE_NN, PAGE_EN, PAGE_LANGUAGES };

struct page {
    struct buf *out;
    enum page_language language;
    const struct words *words;
    bool styled; /* the sheet of web/ is there */
};

/* "en", "nn" and their like; everything else is nb. By ?lang= where it is given, else by what the
 * browser likes better (Accept-Language). */
enum page_language page_language_of(str asked, str accepted);
const char *page_words(enum page_text text, enum page_language language);
void page_html(struct page *page, const char *markup); /* ours, as it stands */
void page_text(struct page *page, enum page_text text);
void page_escaped(struct page *page, str text);
/* What a policy says, in the page's language or else in the first one that it is said in. False
 * when it says nothing. */
bool page_said(struct page *page, const struct says *says);
void page_channel(struct page *page, word channel);
void page_link(struct page *page, const char *path, enum page_text text); /* a paragraph */
void page_open(struct page *page, enum page_text title);
void page_close(struct page *page);

#endif
