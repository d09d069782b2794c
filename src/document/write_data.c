/* Writes a paper as JSON, and a table of it as CSV. */
#include "csv.h"
#include "document_internal.h"
#include "json.h"

/* ---- JSON ---- */

static void put_values(struct json_out *out, const struct part *part, bool many)
{
    bool single = !many && (part == NULL || part->first == NULL || part->first->next == NULL);
    if (single) {
        json_put_str(out, part == NULL || part->first == NULL ? STR("") : part->first->text);
        return;
    }
    json_open_array(out);
    for (const struct part *value = part == NULL ? NULL : part->first; value != NULL;
         value = value->next)
        json_put_str(out, value->text);
    json_close_array(out);
}

static void put_term_members(struct json_out *out, const struct part *terms)
{
    for (const struct part *term = terms->first; term != NULL; term = term->next) {
        if (term->first == NULL)
            continue;
        json_key(out, term->key);
        put_values(out, term, false);
    }
}

static void put_rows(struct json_out *out, const struct part *table)
{
    json_open_array(out);
    for (const struct part *row = table->first; row != NULL; row = row->next) {
        if (row->kind != PART_ROW)
            continue;
        json_open_object(out);
        for (size_t i = 0; i < part_count(table, PART_COLUMN); i++) {
            const struct part *column = part_at(table, PART_COLUMN, i);
            json_key(out, column->key);
            put_values(out, part_at(row, PART_CELL, i), column->many);
        }
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_paragraphs(struct json_out *out, const struct part *parent)
{
    if (part_count(parent, PART_PARAGRAPH) == 0)
        return;
    json_key(out, "text");
    json_open_array(out);
    for (const struct part *part = parent->first; part != NULL; part = part->next) {
        if (part->kind == PART_PARAGRAPH)
            json_put_str(out, part->text);
    }
    json_close_array(out);
}

static void put_section(struct json_out *out, const struct part *section);

/* Sections of one key stand beside each other: an array of them. */
static const struct part *put_eaches(struct json_out *out, const struct part *first)
{
    const struct part *last = first;
    json_open_array(out);
    for (const struct part *part = first; part != NULL; part = part->next) {
        if (!part->each || strcmp(part->key, first->key) != 0)
            break;
        put_section(out, part);
        last = part;
    }
    json_close_array(out);
    return last;
}

static void put_members(struct json_out *out, const struct part *parent)
{
    put_paragraphs(out, parent);
    for (const struct part *part = parent->first; part != NULL; part = part->next) {
        if (part->kind == PART_TERMS && part->key == NULL) {
            put_term_members(out, part);
            continue;
        }
        if (part->key == NULL)
            continue;
        json_key(out, part->key);
        if (part->kind == PART_LIST) {
            put_values(out, part, true);
        } else if (part->kind == PART_TABLE) {
            put_rows(out, part);
        } else if (part->kind == PART_TERMS) {
            json_open_object(out);
            put_term_members(out, part);
            json_close_object(out);
        } else if (part->each) {
            part = put_eaches(out, part);
        } else {
            put_section(out, part);
        }
    }
}

static void put_section(struct json_out *out, const struct part *section)
{
    json_open_object(out);
    json_key(out, "heading");
    json_put_str(out, section->text);
    put_members(out, section);
    json_close_object(out);
}

void paper_json(const struct paper *paper, struct buf *out)
{
    assert(paper->finished);
    struct json_out json = json_out_over(out);
    json_open_object(&json);
    json_key(&json, "document");
    json_put_text(&json, paper_kind_name(paper->kind));
    json_key(&json, "language");
    json_put_text(&json, language_tag(paper->language));
    json_key(&json, "title");
    json_put_str(&json, paper->root.text);
    json_key(&json, "law");
    json_put_text(&json, paper_law(paper->kind));
    json_key(&json, "items");
    json_open_object(&json);
    put_members(&json, &paper->root);
    json_close_object(&json);
    json_close_object(&json);
}

/* ---- CSV ---- */

static const struct part *find_table(const struct part *parent, const char *key)
{
    for (const struct part *part = parent->first; part != NULL; part = part->next) {
        if (part->kind == PART_TABLE && part->key != NULL && strcmp(part->key, key) == 0)
            return part;
        const struct part *inner = find_table(part, key);
        if (inner != NULL)
            return inner;
    }
    return NULL;
}

static void put_cell(const struct paper *paper, struct buf *out, const struct part *cell)
{
    struct buf joined = buf_in(paper->arena, 1 << 20);
    for (const struct part *value = cell == NULL ? NULL : cell->first; value != NULL;
         value = value->next) {
        if (value != cell->first)
            buf_text(&joined, "; ");
        buf_add(&joined, value->text);
    }
    out->full |= joined.full;
    csv_cell(out, buf_str(&joined));
}

static void put_separator(struct buf *out, size_t column)
{
    if (column > 0)
        buf_char(out, ',');
}

static const struct part *find_each(const struct part *parent, const char *key)
{
    for (const struct part *part = parent->first; part != NULL; part = part->next) {
        if (part->each && strcmp(part->key, key) == 0)
            return part;
        const struct part *inner = find_each(part, key);
        if (inner != NULL)
            return inner;
    }
    return NULL;
}

static const struct part *terms_of(const struct part *section)
{
    for (const struct part *part = section->first; part != NULL; part = part->next) {
        if (part->kind == PART_TERMS && part->key == NULL)
            return part;
    }
    return NULL;
}

/* Sections of one key, a row each: their heading is in their terms, and all have the same ones. */
static void put_sections(const struct paper *paper, struct buf *out, const struct part *first)
{
    size_t columns = part_count(terms_of(first), PART_TERM);
    for (size_t i = 0; i < columns; i++) {
        put_separator(out, i);
        csv_cell(out, part_at(terms_of(first), PART_TERM, i)->text);
    }
    buf_text(out, "\r\n");
    for (const struct part *one = first; one != NULL && one->each; one = one->next) {
        assert(part_count(terms_of(one), PART_TERM) == columns);
        for (size_t i = 0; i < columns; i++) {
            put_separator(out, i);
            put_cell(paper, out, part_at(terms_of(one), PART_TERM, i));
        }
        buf_text(out, "\r\n");
    }
}

static void put_table(const struct paper *paper, struct buf *out, const struct part *table)
{
    size_t columns = part_count(table, PART_COLUMN);
    for (size_t i = 0; i < columns; i++) {
        put_separator(out, i);
        csv_cell(out, part_at(table, PART_COLUMN, i)->text);
    }
    buf_text(out, "\r\n");
    for (const struct part *row = table->first; row != NULL; row = row->next) {
        for (size_t i = 0; row->kind == PART_ROW && i < columns; i++) {
            put_separator(out, i);
            put_cell(paper, out, part_at(row, PART_CELL, i));
        }
        if (row->kind == PART_ROW)
            buf_text(out, "\r\n");
    }
}

status paper_csv(const struct paper *paper, const char *table, struct report *report,
                 struct buf *out)
{
    assert(paper->finished);
    const struct part *found = find_table(&paper->root, table);
    const struct part *first = found == NULL ? find_each(&paper->root, table) : NULL;
    if (first != NULL && terms_of(first) != NULL)
        put_sections(paper, out, first);
    else if (found != NULL)
        put_table(paper, out, found);
    else
        return fail(report, FAULT_NOT_FOUND, "this document has no table of that name");
    return OK;
}
