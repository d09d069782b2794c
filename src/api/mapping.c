/* From rows of CSV to lines of an import, see mapping.h. */
#include "mapping.h"

#include "calendar.h"
#include "json.h"
#include "limits.h"
#include "yaml_tree.h"

enum kind_of_cell { CELL_NONE, CELL_TEXT, CELL_DATE, CELL_TIME };

struct column {
    const struct yaml_node *node; /* its name in the mapping */
    str member;                   /* that it gives */
    size_t index;                 /* in the file, from 1; 0: not found yet */
};

struct mapping {
    struct arena *arena;
    char separator;
    str dates;
    size_t width; /* of the first row */
    const struct yaml_node *line;
    LIST(struct column) columns;
};

static status wrong(struct report *report, const struct yaml_node *node, const char *what)
{
    char place[64];
    struct buf buf = buf_over(place, sizeof(place) - 1);
    buf_format(&buf, "%u:%u", node->line, node->column);
    place[buf.len] = '\0';
    return fail_at(report, FAULT_INVALID, place, "mapping: %s", what);
}

/* ---- reading it ---- */

/* Is it `{column: NAME}` or one of its sisters, which stand for a cell? */
static enum kind_of_cell cell_of(const struct yaml_node *node)
{
    if (node->kind != YAML_MAP || node->count != 1 || node->first->kind != YAML_SCALAR)
        return CELL_NONE;
    if (str_is(node->first->key, "column"))
        return CELL_TEXT;
    if (str_is(node->first->key, "date"))
        return CELL_DATE;
    return str_is(node->first->key, "time") ? CELL_TIME : CELL_NONE;
}

static status find_columns(struct mapping *mapping, const struct yaml_node *node, str member,
                           struct report *report)
{
    if (cell_of(node) != CELL_NONE) {
        struct column *column = LIST_ADD(mapping->arena, &mapping->columns);
        if (column == NULL)
            return NO_MEMORY(report);
        *column = (struct column){.node = node->first, .member = member};
        return OK;
    }
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next)
        TRY(find_columns(mapping, child, node->kind == YAML_MAP ? child->key : member, report));
    return OK;
}

static bool is_date_form(str text)
{
    size_t days = 0, months = 0, years = 0;
    for (size_t i = 0; i < text.len; i++) {
        days += text.ptr[i] == 'd';
        months += text.ptr[i] == 'm';
        years += text.ptr[i] == 'y';
    }
    return days == 2 && months == 2 && years == 4 && text.len <= 16;
}

static status take_member(struct mapping *mapping, const struct yaml_node *node,
                          struct report *report)
{
    bool scalar = node->kind == YAML_SCALAR;
    if (str_is(node->key, "mapping"))
        return scalar && str_is(node->text, "1") ? OK : wrong(report, node, "its format is 1");
    if (str_is(node->key, "separator")) {
        if (!scalar || node->text.len != 1 || strchr(",;\t|", node->text.ptr[0]) == NULL)
            return wrong(report, node, "a separator is a comma, semicolon, tab or bar");
        mapping->separator = node->text.ptr[0];
        return OK;
    }
    if (str_is(node->key, "dates")) {
        if (!scalar || !is_date_form(node->text))
            return wrong(report, node, "dates are of dd, mm and yyyy");
        mapping->dates = node->text;
        return OK;
    }
    if (!str_is(node->key, "line"))
        return wrong(report, node, "it has mapping, separator, dates and line");
    if (node->kind != YAML_MAP)
        return wrong(report, node, "line is the object that a row becomes");
    mapping->line = node;
    return OK;
}

static status syntax_of(const struct yaml_faults *faults, struct report *report, status odd)
{
    if (faults->list.count == 0)
        return odd;
    const struct yaml_fault *first = &faults->list.at[0];
    char place[64];
    struct buf buf = buf_over(place, sizeof(place) - 1);
    buf_format(&buf, "%u:%u", first->line, first->column);
    place[buf.len] = '\0';
    *report = (struct report){0};
    return fail_at(report, odd.fault, place, "mapping: %s", first->rule);
}

status mapping_read(str text, struct arena *arena, struct report *report, struct mapping **out)
{
    struct mapping *mapping = ARENA_NEW(arena, struct mapping);
    struct yaml_faults faults = {0};
    struct yaml_node *root;
    if (mapping == NULL)
        return NO_MEMORY(report);
    *mapping = (struct mapping){.arena = arena, .separator = ',', .dates = STR("yyyy-mm-dd")};
    status read = yaml_read(text, arena, &faults, report, &root);
    if (!is_ok(read))
        return syntax_of(&faults, report, read);
    if (root->kind != YAML_MAP)
        return wrong(report, root, "it is an object");
    for (const struct yaml_node *node = root->first; node != NULL; node = node->next)
        TRY(take_member(mapping, node, report));
    if (yaml_get(root, STR("mapping")) == NULL || mapping->line == NULL)
        return wrong(report, root, "it says `mapping: 1` and has a line");
    TRY(find_columns(mapping, mapping->line, STR(""), report));
    if (mapping->columns.count == 0)
        return wrong(report, mapping->line, "it names no column");
    *out = mapping;
    return OK;
}

char mapping_separator(const struct mapping *mapping)
{
    return mapping->separator;
}

status mapping_take_header(struct mapping *mapping, const struct csv_row *header,
                           struct report *report)
{
    mapping->width = header->count;
    for (size_t i = 0; i < mapping->columns.count; i++) {
        struct column *column = &mapping->columns.at[i];
        column->index = 0; /* a row that was refused before says nothing of this one */
        for (size_t j = 0; j < header->count; j++) {
            if (!str_equal(str_trim(header->cells[j]), column->node->text))
                continue;
            if (column->index != 0)
                return wrong(report, column->node, "the first row has this column twice");
            column->index = j + 1;
        }
        if (column->index == 0)
            return wrong(report, column->node, "the first row has no such column");
    }
    return OK;
}

size_t mapping_column_of(const struct mapping *mapping, str name)
{
    size_t found = 0;
    for (size_t i = 0; i < mapping->columns.count; i++) {
        const struct column *column = &mapping->columns.at[i];
        if (!str_equal(column->member, name))
            continue;
        if (found != 0 && found != column->index)
            return 0;
        found = column->index;
    }
    return found;
}

/* ---- a row ---- */

struct filling {
    const struct mapping *mapping;
    const struct csv_row *row;
    struct report *report;
    struct json_out out;
    size_t column;
};

static size_t index_of(const struct mapping *mapping, const struct yaml_node *name)
{
    for (size_t i = 0; i < mapping->columns.count; i++) {
        if (mapping->columns.at[i].node == name)
            return mapping->columns.at[i].index;
    }
    return 0;
}

static str cell_text(const struct filling *filling, const struct yaml_node *node, size_t *column)
{
    *column = index_of(filling->mapping, node->first);
    assert(*column > 0 && *column <= filling->row->count);
    return str_trim(filling->row->cells[*column - 1]);
}

/* Does it come to nothing in this row? A text that is the same in every line never does. */
static bool is_left_out(const struct filling *filling, const struct yaml_node *node, bool *cells)
{
    bool inner = false, all = true;
    size_t column;
    if (cell_of(node) != CELL_NONE) {
        *cells = true;
        return str_is_empty(cell_text(filling, node, &column));
    }
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        bool has = false;
        bool out = is_left_out(filling, child, &has);
        inner |= has;
        all &= out || !has;
        if (out && has && node->key.ptr == NULL && str_is(child->key, "values"))
            return *cells = true; /* a part of a list without its values */
    }
    *cells |= inner;
    return inner && all;
}

static bool read_form(str form, str text, struct date *date)
{
    int32_t day = 0, month = 0, year = 0;
    if (form.len != text.len)
        return false;
    for (size_t i = 0; i < form.len; i++) {
        char f = form.ptr[i], c = text.ptr[i];
        int32_t *part = f == 'd' ? &day : f == 'm' ? &month : f == 'y' ? &year : NULL;
        if (part == NULL ? c != f : c < '0' || c > '9')
            return false;
        if (part != NULL)
            *part = *part * 10 + (c - '0');
    }
    *date = (struct date){year, (uint8_t)month, (uint8_t)day};
    return date_is_valid(*date);
}

static status put_date(struct filling *filling, str text, bool time)
{
    char room[40];
    struct buf buf = buf_over(room, sizeof(room));
    struct date date;
    if (!read_form(filling->mapping->dates, text, &date))
        return fail(filling->report, FAULT_INVALID,
                    "a date is not written as the mapping says, or there is no such day");
    buf_date(&buf, date);
    if (time)
        buf_text(&buf, "T00:00:00Z");
    json_put_str(&filling->out, buf_str(&buf));
    return OK;
}

static status put_cell(struct filling *filling, const struct yaml_node *node)
{
    size_t column;
    str text = cell_text(filling, node, &column);
    filling->column = column;
    switch (cell_of(node)) {
    case CELL_DATE:
        TRY(put_date(filling, text, false));
        break;
    case CELL_TIME:
        TRY(put_date(filling, text, true));
        break;
    case CELL_NONE:
    case CELL_TEXT:
        json_put_str(&filling->out, text);
        break;
    }
    filling->column = 0;
    return OK;
}

static void put_scalar(struct json_out *out, const struct yaml_node *node)
{
    bool yes = str_is(node->text, "true"), no = str_is(node->text, "false");
    if (!node->quoted && (yes || no))
        json_put_bool(out, yes);
    else
        json_put_str(out, node->text);
}

static status put_node(struct filling *filling, const struct yaml_node *node)
{
    struct json_out *out = &filling->out;
    if (cell_of(node) != CELL_NONE)
        return put_cell(filling, node);
    if (node->kind == YAML_SCALAR) {
        put_scalar(out, node);
        return OK;
    }
    bool map = node->kind == YAML_MAP, cells = false;
    if (map)
        json_open_object(out);
    else
        json_open_array(out);
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        if (is_left_out(filling, child, &cells))
            continue;
        if (map)
            json_key_str(out, child->key);
        TRY(put_node(filling, child));
    }
    if (map)
        json_close_object(out);
    else
        json_close_array(out);
    return OK;
}

status mapping_line(const struct mapping *mapping, const struct csv_row *row, struct arena *arena,
                    struct report *report, str *line, size_t *column)
{
    *column = 0;
    if (row->count != mapping->width)
        return fail(report, FAULT_INVALID, "the row has %zu cells, and the first row %zu",
                    row->count, mapping->width);
    struct buf buf = buf_in(arena, 2 * LIMIT_IMPORT_LINE_BYTES);
    struct filling filling = {
        .mapping = mapping, .row = row, .report = report, .out = json_out_over(&buf)};
    status filled = put_node(&filling, mapping->line);
    *column = filling.column;
    TRY(filled);
    return buf_finish(&buf, report, line);
}
