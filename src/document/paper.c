/* Builds papers, and holds them against their checklist. */
#include <stdio.h>

#include "document_internal.h"

static const struct {
    const char *name;
    enum text title;
    const char *law;
} KINDS[PAPER_COUNT] = {
#define PAPER(kind, title, law) [PAPER_##kind] = {#kind, title, law},
#define ITEM(kind, path, article)
#include "papers.def"
#undef PAPER
#undef ITEM
};

static const struct paper_item ITEMS[] = {
#define PAPER(kind, title, law)
#define ITEM(kind, path, article) {PAPER_##kind, path, article},
#include "papers.def"
#undef PAPER
#undef ITEM
};

const char *paper_kind_name(enum paper_kind kind)
{
    assert(kind < PAPER_COUNT);
    return KINDS[kind].name;
}

const char *paper_law(enum paper_kind kind)
{
    assert(kind < PAPER_COUNT);
    return KINDS[kind].law;
}

const struct paper_item *paper_items(size_t *count)
{
    *count = LENGTH(ITEMS);
    return ITEMS;
}

struct paper *paper_begin(const struct paper_start *start, struct arena *arena)
{
    struct paper *paper = ARENA_NEW(arena, struct paper);
    if (paper == NULL)
        return NULL;
    paper->arena = arena;
    paper->plan = start->plan;
    paper->language = start->language;
    paper->kind = start->kind;
    paper->root = (struct part){.kind = PART_PAPER,
                                .text = text_in(KINDS[start->kind].title, start->language)};
    return paper;
}

enum language paper_language(const struct paper *paper)
{
    return paper->language;
}

const struct plan *paper_plan(const struct paper *paper)
{
    return paper->plan;
}

void paper_speaks_of(struct paper *paper, const struct plan *plan)
{
    paper->plan = plan;
}

struct arena *paper_arena(const struct paper *paper)
{
    return paper->arena;
}

str paper_said_title(const struct paper *paper)
{
    return paper->root.text;
}

void paper_link_forms(struct paper *paper, str kept)
{
    paper->links_languages = true;
    paper->kept_query = kept;
}

/* ---- texts ---- */

static str kept(struct paper *paper, const struct buf *buf)
{
    if (buf->full)
        paper->full = true;
    return buf_str(buf);
}

str paper_words(struct paper *paper, enum text text, const str *values, size_t count)
{
    enum { TEXT_BYTES = 1 << 20 };
    str in = text_in(text, paper->language);
    struct buf buf = buf_in(paper->arena, TEXT_BYTES);
    for (size_t i = 0; i < in.len; i++) {
        bool place = i + 2 < in.len && in.ptr[i] == '{' && in.ptr[i + 2] == '}';
        if (!place) {
            buf_char(&buf, in.ptr[i]);
            continue;
        }
        size_t index = (size_t)(in.ptr[i + 1] - '1');
        assert(index < count);
        buf_add(&buf, values[index]);
        i += 2;
    }
    return kept(paper, &buf);
}

str paper_print(struct paper *paper, const char *format, ...)
{
    char line[1024];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    assert(length >= 0 && (size_t)length < sizeof(line));
    str copy = arena_copy(paper->arena, (str){line, (size_t)length});
    paper->full |= copy.ptr == NULL;
    return copy;
}

str paper_join(struct paper *paper, const str *texts, size_t count)
{
    str joined = STR("");
    struct buf buf = buf_in(paper->arena, 1 << 20);
    for (size_t i = 0; i + 1 < count; i++) {
        if (i > 0)
            buf_text(&buf, ", ");
        buf_add(&buf, texts[i]);
    }
    joined = kept(paper, &buf);
    if (count == 0)
        return joined;
    return count == 1 ? texts[0] : WORDS(paper, TEXT_join_and, joined, texts[count - 1]);
}

/* ---- parts ---- */

static struct part *add(struct paper *paper, struct part *parent, struct part part)
{
    assert(!paper->finished);
    struct part *made = ARENA_NEW(paper->arena, struct part);
    if (made == NULL) {
        paper->full = true;
        return NULL;
    }
    for (const struct part *other = parent->first; part.key != NULL && other != NULL;
         other = other->next)
        assert(other->key == NULL || strcmp(other->key, part.key) != 0 ||
               (other->each && part.each));
    *made = part;
    if (parent->last == NULL)
        parent->first = made;
    else
        parent->last->next = made;
    parent->last = made;
    return made;
}

/* Where a block goes: the innermost section. At the budget there may be none of the level. */
static struct part *around(struct paper *paper)
{
    if (paper->subsection != NULL)
        return paper->subsection;
    return paper->section != NULL ? paper->section : &paper->root;
}

static void open_block(struct paper *paper, struct part part)
{
    paper->block = add(paper, around(paper), part);
    paper->row = paper->slot = paper->value = NULL;
}

void paper_title(struct paper *paper, str title)
{
    paper->root.text = title;
}

void paper_section(struct paper *paper, const char *key, enum text heading)
{
    paper->subsection = NULL;
    paper->section = add(
        paper, &paper->root,
        (struct part){.kind = PART_SECTION, .key = key, .text = text_in(heading, paper->language)});
    paper->block = paper->row = paper->slot = paper->value = NULL;
}

static void open_subsection(struct paper *paper, const char *key, str heading, bool each)
{
    struct part part = {.kind = PART_SECTION, .key = key, .text = heading, .each = each};
    paper->subsection = add(paper, paper->section == NULL ? &paper->root : paper->section, part);
    paper->block = paper->row = paper->slot = paper->value = NULL;
}

void paper_subsection(struct paper *paper, const char *key, str heading)
{
    open_subsection(paper, key, heading, false);
}

void paper_each(struct paper *paper, const char *key, str heading)
{
    open_subsection(paper, key, heading, true);
}

void paper_paragraph(struct paper *paper, str text)
{
    open_block(paper, (struct part){.kind = PART_PARAGRAPH, .text = text});
    paper->value = paper->block;
}

void paper_list(struct paper *paper, const char *key)
{
    open_block(paper, (struct part){.kind = PART_LIST, .key = key});
}

static void add_value(struct paper *paper, struct part *parent, str text)
{
    if (parent == NULL) {
        assert(paper->full);
        return;
    }
    paper->value = add(paper, parent, (struct part){.kind = PART_VALUE, .text = text});
}

void paper_point(struct paper *paper, str text)
{
    assert(paper->full || (paper->block != NULL && paper->block->kind == PART_LIST));
    add_value(paper, paper->block, text);
}

void paper_terms(struct paper *paper, const char *key)
{
    open_block(paper, (struct part){.kind = PART_TERMS, .key = key});
}

void paper_term(struct paper *paper, const char *key, enum text label, str value)
{
    assert(paper->full || (paper->block != NULL && paper->block->kind == PART_TERMS));
    if (paper->block == NULL)
        return;
    struct part part = {.kind = PART_TERM, .key = key, .text = text_in(label, paper->language)};
    paper->slot = add(paper, paper->block, part);
    if (value.len > 0)
        add_value(paper, paper->slot, value);
}

void paper_table(struct paper *paper, const char *key, enum text caption)
{
    open_block(
        paper,
        (struct part){.kind = PART_TABLE, .key = key, .text = text_in(caption, paper->language)});
}

static void add_column(struct paper *paper, const char *key, enum text head, bool many)
{
    assert(paper->full || (paper->block != NULL && paper->block->kind == PART_TABLE));
    assert(paper->row == NULL);
    struct part part = {
        .kind = PART_COLUMN, .key = key, .text = text_in(head, paper->language), .many = many};
    if (paper->block != NULL)
        (void)add(paper, paper->block, part);
}

void paper_column(struct paper *paper, const char *key, enum text head)
{
    add_column(paper, key, head, false);
}

void paper_columns(struct paper *paper, const char *key, enum text head)
{
    add_column(paper, key, head, true);
}

void paper_row(struct paper *paper)
{
    assert(paper->full || (paper->block != NULL && paper->block->kind == PART_TABLE));
    if (paper->block != NULL)
        paper->row = add(paper, paper->block, (struct part){.kind = PART_ROW});
}

void paper_cell(struct paper *paper, str value)
{
    assert(paper->full || paper->row != NULL);
    if (paper->row == NULL)
        return;
    paper->slot = add(paper, paper->row, (struct part){.kind = PART_CELL});
    if (value.len > 0)
        add_value(paper, paper->slot, value);
}

void paper_also(struct paper *paper, str value)
{
    add_value(paper, paper->slot, value);
}

static bool link_is_harmless(str href)
{
    static const char *const schemes[] = {
        "https://", "http://", "mailto:", "tel:", "?", "#", "/", "./"};
    for (size_t i = 0; i < LENGTH(schemes); i++) {
        if (str_starts(href, str_from(schemes[i])))
            return true;
    }
    return false;
}

void paper_link(struct paper *paper, str href)
{
    assert(paper->full || paper->value != NULL);
    if (paper->value != NULL && link_is_harmless(href))
        paper->value->link = href;
}

/* ---- the checklist ---- */

static void lack(struct paper *paper, str item, str path, bool label)
{
    for (size_t i = 0; i < paper->lacks.count; i++) {
        if (str_equal(paper->lacks.at[i].item, item) && str_equal(paper->lacks.at[i].path, path))
            return;
    }
    struct paper_lack *made = LIST_ADD(paper->arena, &paper->lacks);
    if (made == NULL)
        paper->full = true;
    else
        *made = (struct paper_lack){.item = item, .path = path, .label = label};
}

void paper_lacks(struct paper *paper, const char *item, str path)
{
    lack(paper, str_from(item), path, false);
}

const struct paper_lack *paper_lacking(const struct paper *paper, size_t *count)
{
    *count = paper->lacks.count;
    return paper->lacks.at;
}

static str said_in(const struct paper *paper, const struct says *says)
{
    for (uint16_t i = 0; i < says->count; i++) {
        str tag = words_text(paper->plan->words, says->at[i].language);
        if (str_is(tag, language_tag(paper->language)))
            return says->at[i].text;
    }
    return STR("");
}

str paper_label_if_said(struct paper *paper, const struct clause *clause)
{
    return said_in(paper, &clause->says);
}

str paper_label(struct paper *paper, const struct clause *clause)
{
    str label = said_in(paper, &clause->says);
    if (label.len > 0)
        return label;
    lack(paper, STR("says"), clause->path, true);
    return words_text(paper->plan->words, clause->name);
}

/* A category of one field that bears its name is called as the category is. */
str paper_field_label(struct paper *paper, plan_index index)
{
    const struct plan_field *field = &paper->plan->field[index];
    const struct clause *category = &paper->plan->category[field->category].clause;
    if (field->name == category->name)
        return paper_label(paper, category);
    str label = said_in(paper, &field->says);
    if (label.len > 0)
        return label;
    str path = paper_print(paper, "%.*s.fields.%.*s", STR_ARG(category->path),
                           STR_ARG(words_text(paper->plan->words, field->short_name)));
    lack(paper, STR("says"), path, true);
    return words_text(paper->plan->words, field->short_name);
}

size_t part_count(const struct part *parent, enum part_kind kind)
{
    size_t count = 0;
    for (const struct part *part = parent->first; part != NULL; part = part->next)
        count += part->kind == kind;
    return count;
}

const struct part *part_at(const struct part *parent, enum part_kind kind, size_t index)
{
    for (const struct part *part = parent->first; part != NULL; part = part->next) {
        if (part->kind == kind && index-- == 0)
            return part;
    }
    return NULL;
}

static bool says_something(const struct part *part)
{
    bool holds_text = part->kind == PART_VALUE || part->kind == PART_PARAGRAPH;
    if (holds_text && part->text.len > 0)
        return true;
    for (const struct part *inner = part->first; inner != NULL; inner = inner->next) {
        if (says_something(inner))
            return true;
    }
    return false;
}

/* What a search for a path has found. */
struct search {
    size_t found, empty;
    struct buf *out; /* NULL: only count */
};

static void put_texts(const struct part *part, struct buf *out)
{
    bool holds_text = part->kind == PART_VALUE || part->kind == PART_PARAGRAPH;
    if (holds_text && part->text.len > 0) {
        buf_add(out, part->text);
        buf_char(out, '\n');
    }
    for (const struct part *inner = part->first; inner != NULL; inner = inner->next)
        put_texts(inner, out);
}

static void take(struct search *search, const struct part *part)
{
    search->found++;
    search->empty += part == NULL || !says_something(part);
    if (search->out != NULL && part != NULL)
        put_texts(part, search->out);
}

/* A column is its cells, of every row; a table without rows has said nothing. */
static void take_column(struct search *search, const struct part *table, size_t column)
{
    for (const struct part *row = table->first; row != NULL; row = row->next) {
        if (row->kind == PART_ROW)
            take(search, part_at(row, PART_CELL, column));
    }
}

static void look(struct search *search, const struct part *parent, str path)
{
    str rest = path, key;
    if (!str_next(&rest, '.', &key))
        return;
    size_t column = 0;
    for (const struct part *part = parent->first; part != NULL; part = part->next) {
        bool named = part->key != NULL && str_is(key, part->key);
        if (part->kind == PART_COLUMN && named && rest.ptr == NULL)
            take_column(search, parent, column);
        else if (part->kind != PART_COLUMN && named && rest.ptr == NULL)
            take(search, part);
        else if (part->kind != PART_COLUMN)
            look(search, part, named ? rest : path);
        column += part->kind == PART_COLUMN;
    }
}

bool paper_has(const struct paper *paper, const char *path)
{
    struct search search = {0};
    look(&search, &paper->root, str_from(path));
    return search.found > 0 && search.empty == 0;
}

str paper_said(const struct paper *paper, const char *path)
{
    struct buf buf = buf_in(paper->arena, 1 << 20);
    struct search search = {.out = &buf};
    look(&search, &paper->root, str_from(path));
    return buf_str(&buf);
}

static status refuse(const struct paper *paper, struct report *report)
{
    const struct paper_lack *first = &paper->lacks.at[0];
    char more[40] = "";
    if (paper->lacks.count > 1)
        (void)snprintf(more, sizeof(more), "; %zu more lack", paper->lacks.count - 1);
    const char *name = paper_kind_name(paper->kind);
    if (first->label)
        return fail(report, FAULT_INCOMPLETE,
                    "the document `%s` is not issued: %.*s has no name in %s%s", name,
                    STR_ARG(first->path), language_tag(paper->language), more);
    if (first->path.len > 0)
        return fail(report, FAULT_INCOMPLETE,
                    "the document `%s` is not issued: %.*s lacks (%.*s)%s", name,
                    STR_ARG(first->item), STR_ARG(first->path), more);
    return fail(report, FAULT_INCOMPLETE, "the document `%s` is not issued: %.*s lacks%s", name,
                STR_ARG(first->item), more);
}

static bool is_lacking(const struct paper *paper, const char *item)
{
    for (size_t i = 0; i < paper->lacks.count; i++) {
        if (str_is(paper->lacks.at[i].item, item))
            return true;
    }
    return false;
}

status paper_finish(struct paper *paper, struct report *report)
{
    if (paper->full)
        return NO_MEMORY(report);
    for (size_t i = 0; i < LENGTH(ITEMS); i++) {
        if (ITEMS[i].kind == paper->kind && !paper_has(paper, ITEMS[i].path) &&
            !is_lacking(paper, ITEMS[i].path))
            lack(paper, str_from(ITEMS[i].path), STR(""), false);
    }
    if (paper->full)
        return NO_MEMORY(report);
    if (paper->lacks.count > 0)
        return refuse(paper, report);
    paper->finished = true;
    return OK;
}
