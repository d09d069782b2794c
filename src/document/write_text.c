/* Writes a paper as plain text: a heading a line, what stands below it, a blank line between. */
#include "document_internal.h"

static void put_values(struct buf *out, const struct part *part)
{
    for (const struct part *value = part->first; value != NULL; value = value->next) {
        buf_text(out, value == part->first ? "" : "; ");
        buf_add(out, value->text);
    }
}

static void put_rows(struct buf *out, const struct part *table)
{
    for (const struct part *row = table->first; row != NULL; row = row->next) {
        size_t column = 0;
        for (const struct part *cell = row->kind == PART_ROW ? row->first : NULL; cell != NULL;
             cell = cell->next) {
            buf_text(out, column == 0 ? "- " : "  ");
            buf_add(out, part_at(table, PART_COLUMN, column++)->text);
            buf_text(out, ": ");
            put_values(out, cell);
            buf_char(out, '\n');
        }
    }
}

static void put_terms(struct buf *out, const struct part *terms)
{
    for (const struct part *term = terms->first; term != NULL; term = term->next) {
        if (term->first == NULL)
            continue;
        buf_add(out, term->text);
        buf_text(out, ": ");
        put_values(out, term);
        buf_char(out, '\n');
    }
}

static void put_list(struct buf *out, const struct part *list)
{
    for (const struct part *value = list->first; value != NULL; value = value->next) {
        buf_text(out, "- ");
        buf_add(out, value->text);
        buf_char(out, '\n');
    }
}

static void put_parts(struct buf *out, const struct part *parent)
{
    for (const struct part *part = parent->first; part != NULL; part = part->next) {
        if (part->kind == PART_SECTION)
            buf_char(out, '\n');
        if (part->kind == PART_SECTION || part->kind == PART_PARAGRAPH) {
            buf_add(out, part->text);
            buf_char(out, '\n');
        }
        if (part->kind == PART_SECTION)
            put_parts(out, part);
        else if (part->kind == PART_TABLE)
            put_rows(out, part);
        else if (part->kind == PART_TERMS)
            put_terms(out, part);
        else if (part->kind == PART_LIST)
            put_list(out, part);
    }
}

void paper_text(const struct paper *paper, struct buf *out)
{
    assert(paper->finished);
    buf_add(out, paper->root.text);
    buf_char(out, '\n');
    put_parts(out, &paper->root);
}
