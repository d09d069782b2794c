/* Writes a paper as a page: no script, one style sheet, headings in order, tables with heads. */
#include "document_internal.h"

const char paper_style[] =
    ":root{color-scheme:light dark;--ink:#1b2426;--quiet:#4d585a;--ground:#fff;--card:#f3f4f4;"
    "--line:#b9bebf;--accent:#0e5a4f}@media(prefers-color-scheme:dark){:root{--ink:#eef1f1;"
    "--quiet:#b4bcbd;--ground:#1b2022;--card:#23292b;--line:#4a5456;--accent:#83aaa3}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);"
    "font:1.0625rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}"
    "main{max-width:52rem;margin:0 auto;padding:clamp(1rem,5vw,3rem) 1rem 4rem}"
    "h1{font-size:clamp(1.4rem,5vw,2.3rem);font-weight:600;line-height:1.2;margin:0 0 1rem;"
    "text-wrap:balance}"
    "h2{font-size:1.35rem;font-weight:600;line-height:1.3;margin:2.5rem 0 .5rem;"
    "border-top:1px solid var(--line);padding-top:1.25rem}"
    "h3{font-size:1.1rem;margin:1.5rem 0 .5rem}a{color:var(--accent);text-underline-offset:.2em}"
    ":focus-visible{outline:3px solid var(--ink);outline-offset:2px}"
    "nav a{display:inline-block;padding:.15rem 0;margin-right:1.25rem}"
    "nav ol{columns:16rem;margin:.5rem 0;padding:0;list-style:none}"
    ".contents,#summary{background:var(--card);border:1px solid var(--line);border-radius:12px;"
    "padding:1rem 1.25rem;margin:1.5rem 0}"
    "#summary{border-left:5px solid var(--accent)}#summary h2,.contents h2{margin:0 0 "
    ".5rem;border:0;"
    "padding:0;font-size:1.2rem}"
    "#purposes>section{border:1px solid var(--line);border-radius:12px;padding:.25rem 1.25rem;"
    "margin:1rem 0}#purposes>section h3{margin-top:.75rem}"
    "dl{margin:.5rem 0}dt{font-weight:600}dd{margin:0}"
    "@media(min-width:40rem){dl{display:grid;grid-template-columns:13.5rem minmax(0,1fr);"
    "gap:.3rem 1rem}dt{grid-column:1}dd{grid-column:2}}"
    "ul{margin:.4rem 0;padding-left:1.3rem}.wide{overflow-x:auto;margin:1rem 0}"
    "table{border-collapse:collapse;width:100%;font-size:.95rem}"
    "caption{text-align:left;font-weight:600;padding-bottom:.4rem}"
    "th,td{text-align:left;vertical-align:top;padding:.55rem .75rem;min-width:7rem;"
    "overflow-wrap:break-word;border-bottom:1px solid var(--line)}"
    "thead th{color:var(--quiet);font-size:.9rem;border-bottom-width:2px}"
    "tbody th{font-weight:600}td ul,th ul{margin:0;padding-left:1.1rem}"
    "@media "
    "print{:root{--ink:#000;--quiet:#333;--ground:#fff;--card:#fff;--line:#999;--accent:#000}"
    "body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}"
    "h2,h3{break-after:avoid}tr,#purposes>section{break-inside:avoid}thead{display:table-header-"
    "group}"
    ".wide{overflow:visible}a{text-decoration:none}}";

void html_text(struct buf *out, str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '<':
            buf_text(out, "&lt;");
            break;
        case '>':
            buf_text(out, "&gt;");
            break;
        case '&':
            buf_text(out, "&amp;");
            break;
        case '"':
            buf_text(out, "&quot;");
            break;
        case '\'':
            buf_text(out, "&#39;");
            break;
        default: /* control characters have no place on a page */
            buf_char(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
        }
    }
}

static void put_value(struct buf *out, const struct part *value)
{
    if (value->link.len > 0) {
        buf_text(out, "<a href=\"");
        html_text(out, value->link);
        buf_text(out, "\">");
    }
    html_text(out, value->text);
    if (value->link.len > 0)
        buf_text(out, "</a>");
}

static void put_list(struct buf *out, const struct part *list)
{
    buf_text(out, "<ul>\n");
    for (const struct part *value = list->first; value != NULL; value = value->next) {
        buf_text(out, "<li>");
        put_value(out, value);
        buf_text(out, "</li>\n");
    }
    buf_text(out, "</ul>\n");
}

static void put_terms(struct buf *out, const struct part *terms)
{
    buf_text(out, "<dl>\n");
    for (const struct part *term = terms->first; term != NULL; term = term->next) {
        if (term->first == NULL)
            continue;
        buf_text(out, "<dt>");
        html_text(out, term->text);
        buf_text(out, "</dt>\n");
        for (const struct part *value = term->first; value != NULL; value = value->next) {
            buf_text(out, "<dd>");
            put_value(out, value);
            buf_text(out, "</dd>\n");
        }
    }
    buf_text(out, "</dl>\n");
}

static void put_cell(struct buf *out, const struct part *cell, bool heads)
{
    buf_text(out, heads ? "<th scope=\"row\">" : "<td>");
    if (cell->first != NULL && cell->first->next == NULL)
        put_value(out, cell->first);
    else if (cell->first != NULL)
        put_list(out, cell);
    buf_text(out, heads ? "</th>" : "</td>");
}

static void put_table(struct buf *out, const struct part *table)
{
    if (part_count(table, PART_ROW) == 0)
        return; /* what stands around it says so */
    /* Wider than a phone it scrolls by itself, also by the keyboard. */
    const struct part *head = part_at(table, PART_COLUMN, 0);
    buf_text(out, "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"");
    html_text(out, table->text.len > 0 ? table->text : head->text);
    buf_text(out, "\">\n<table>\n");
    if (table->text.len > 0) {
        buf_text(out, "<caption>");
        html_text(out, table->text);
        buf_text(out, "</caption>\n");
    }
    buf_text(out, "<thead>\n<tr>");
    for (size_t i = 0; i < part_count(table, PART_COLUMN); i++) {
        buf_text(out, "<th scope=\"col\">");
        html_text(out, part_at(table, PART_COLUMN, i)->text);
        buf_text(out, "</th>");
    }
    buf_text(out, "</tr>\n</thead>\n<tbody>\n");
    for (const struct part *row = table->first; row != NULL; row = row->next) {
        if (row->kind != PART_ROW)
            continue;
        buf_text(out, "<tr>");
        for (const struct part *cell = row->first; cell != NULL; cell = cell->next)
            put_cell(out, cell, cell == row->first);
        buf_text(out, "</tr>\n");
    }
    buf_text(out, "</tbody>\n</table>\n</div>\n");
}

static void put_part(struct buf *out, const struct part *part, char level);

static void put_section(struct buf *out, const struct part *section, char level)
{
    buf_format(out, "<section%s%s%s>\n<h%c>", level == '2' ? " id=\"" : "",
               level == '2' ? section->key : "", level == '2' ? "\"" : "", level);
    html_text(out, section->text);
    buf_format(out, "</h%c>\n", level);
    for (const struct part *part = section->first; part != NULL; part = part->next)
        put_part(out, part, (char)(level + 1));
    buf_text(out, "</section>\n");
}

static void put_part(struct buf *out, const struct part *part, char level)
{
    switch (part->kind) {
    case PART_SECTION:
        put_section(out, part, level);
        break;
    case PART_PARAGRAPH:
        buf_text(out, "<p>");
        put_value(out, part);
        buf_text(out, "</p>\n");
        break;
    case PART_LIST:
        put_list(out, part);
        break;
    case PART_TERMS:
        put_terms(out, part);
        break;
    case PART_TABLE:
        put_table(out, part);
        break;
    case PART_PAPER:
    case PART_TERM:
    case PART_COLUMN:
    case PART_ROW:
    case PART_CELL:
    case PART_VALUE:
        assert(part->kind == PART_SECTION); /* these stand in blocks, which write them */
    }
}

/* To the same page in the other languages of the policy, each named in itself, and to it as data.
 */
static void put_forms(const struct paper *paper, struct buf *out)
{
    buf_text(out, "<nav aria-label=\"");
    html_text(out, text_in(TEXT_forms, paper->language));
    buf_text(out, "\">");
    for (uint16_t i = 0; i < paper->plan->language_count; i++) {
        enum language other;
        if (!language_from(words_text(paper->plan->words, paper->plan->languages[i]), &other) ||
            other == paper->language)
            continue;
        const char *tag = language_tag(other);
        buf_format(out, "<a href=\"?lang=%s", tag);
        html_text(out, paper->kept_query);
        buf_format(out, "\" hreflang=\"%s\" lang=\"%s\">", tag, tag);
        html_text(out, text_in(TEXT_own_name, other));
        buf_text(out, "</a> ");
    }
    buf_format(out, "<a href=\"?format=json&amp;lang=%s", language_tag(paper->language));
    html_text(out, paper->kept_query);
    buf_text(out, "\">JSON</a></nav>\n");
}

enum { CONTENTS_LEAST = 8 }; /* sections of a paper that one would get lost in */

static void put_contents(const struct paper *paper, struct buf *out)
{
    if (part_count(&paper->root, PART_SECTION) < CONTENTS_LEAST)
        return;
    buf_text(out, "<nav class=\"contents\" aria-labelledby=\"contents\">\n<h2 id=\"contents\">");
    html_text(out, text_in(TEXT_contents, paper->language));
    buf_text(out, "</h2>\n<ol>\n");
    for (const struct part *part = paper->root.first; part != NULL; part = part->next) {
        if (part->kind != PART_SECTION || strcmp(part->key, "summary") == 0)
            continue;
        buf_format(out, "<li><a href=\"#%s\">", part->key);
        html_text(out, part->text);
        buf_text(out, "</a></li>\n");
    }
    buf_text(out, "</ol>\n</nav>\n");
}

/* The summary first, then what there is, then all of it. */
static void put_body(const struct paper *paper, struct buf *out)
{
    bool told = false;
    for (const struct part *part = paper->root.first; part != NULL; part = part->next) {
        bool first = part->kind == PART_SECTION && strcmp(part->key, "summary") != 0;
        if (first && !told && paper->links_languages)
            put_contents(paper, out);
        told |= first;
        put_part(out, part, '2');
    }
}

void paper_html(const struct paper *paper, struct buf *out)
{
    assert(paper->finished);
    buf_format(out,
               "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
               language_tag(paper->language));
    html_text(out, paper->root.text);
    buf_format(out,
               "</title>\n<meta name=\"viewport\" content=\"width=device-width, "
               "initial-scale=1\">\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>",
               paper_style);
    html_text(out, paper->root.text);
    buf_text(out, "</h1>\n");
    if (paper->links_languages)
        put_forms(paper, out);
    put_body(paper, out);
    buf_text(out, "</main>\n</body>\n</html>\n");
}
