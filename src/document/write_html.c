/* Writes a paper as a page: no script, one style sheet, headings in order, tables with heads. */
#include "document_internal.h"

const char paper_style[] =
    "body{margin:0;background:#fff;color:#1b1b1b;font:1rem/1.6 system-ui,sans-serif}"
    "main{max-width:52rem;margin:0 auto;padding:1.5rem 1rem 4rem}"
    "h1{font-size:1.9rem;line-height:1.25}h2{font-size:1.35rem;margin:2.5rem 0 .5rem;"
    "border-top:1px solid #ccc;padding-top:1.25rem}h3{font-size:1.1rem;margin:1.75rem 0 .25rem}"
    "a{color:#0b4f8a}dl{margin:.5rem 0}dt{font-weight:600}dd{margin:0}"
    "@media(min-width:40rem){dl{display:grid;grid-template-columns:13.5rem 1fr;gap:.15rem 1rem}"
    "dt{grid-column:1}dd{grid-column:2}}"
    "ul{margin:.4rem 0;padding-left:1.3rem}.wide{overflow-x:auto;margin:1rem 0}"
    "table{border-collapse:collapse;width:100%;font-size:.95rem}"
    "caption{text-align:left;font-weight:600;padding-bottom:.4rem}"
    "th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border:1px solid #ccc}"
    "thead th{background:#f1f3f5}tbody th{font-weight:600}td ul,th ul{margin:0;padding-left:1.1rem}"
    "@media print{main{max-width:none;padding:0}h2,h3{break-after:avoid}tr{break-inside:avoid}"
    ".wide{overflow:visible}a{color:inherit;text-decoration:none}}";

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
    buf_text(out, "<div class=\"wide\">\n<table>\n");
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

/* To the same page in the other languages of the policy, each named in itself. */
static void put_languages(const struct paper *paper, struct buf *out)
{
    buf_format(out, "<nav aria-label=\"%.*s\"><p lang=\"%s\">",
               STR_ARG(text_in(TEXT_languages, paper->language)), language_tag(paper->language));
    for (uint16_t i = 0; i < paper->plan->language_count; i++) {
        enum language other;
        if (!language_from(words_text(paper->plan->words, paper->plan->languages[i]), &other) ||
            other == paper->language)
            continue;
        const char *tag = language_tag(other);
        buf_format(out, "<a href=\"?lang=%s\" hreflang=\"%s\" lang=\"%s\">", tag, tag, tag);
        html_text(out, text_in(TEXT_own_name, other));
        buf_text(out, "</a> ");
    }
    buf_text(out, "</p></nav>\n");
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
    if (paper->links_languages && paper->plan->language_count > 1)
        put_languages(paper, out);
    for (const struct part *part = paper->root.first; part != NULL; part = part->next)
        put_part(out, part, '2');
    buf_text(out, "</main>\n</body>\n</html>\n");
}
