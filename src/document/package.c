/* The package of article 20: files that another system, and the person, can read. */
#include <sodium.h>

#include "csv.h"
#include "document_internal.h"
#include "package.h"
#include "person_words.h"

enum { FILE_BYTES = 12 << 20 };

struct packing {
    const struct person_ask *ask;
    struct arena *arena;
    struct report *report;
    struct package *package;
    const struct json *items;
};

static status add_file(struct packing *packing, str name, struct buf *buf)
{
    struct package_file *file = LIST_ADD(packing->arena, &packing->package->files);
    str text;
    if (file == NULL || name.ptr == NULL)
        return NO_MEMORY(packing->report);
    TRY(buf_finish(buf, packing->report, &text));
    *file = (struct package_file){.name = name, .text = text, .size = text.len};
    return OK;
}

/* ---- what she gave as a file ---- */

/* As it was given, but for what a file system somewhere takes for something else. */
static void put_name(struct buf *buf, str name)
{
    for (size_t i = 0; i < name.len; i++)
        buf_char(buf, memchr("<>:\"|?*/\\", name.ptr[i], 9) != NULL ? '_' : name.ptr[i]);
}

/* "files/2-cv.pdf": the second of them. */
static str name_of(const struct packing *packing, const struct json *item)
{
    size_t number = 1;
    struct buf buf = buf_in(packing->arena, LIMIT_FILE_NAME_BYTES + 32);
    for (const struct json *other = packing->items->child; other != item; other = other->next)
        number += json_get(other, "file") != NULL;
    buf_format(&buf, "files/%zu-", number);
    put_name(&buf, person_text(json_get(item, "file"), "name"));
    return buf.full ? (str){0} : buf_str(&buf);
}

static status put_files_given(struct packing *packing)
{
    for (JSON_EACH(item, packing->items)) {
        const struct json *file = json_get(item, "file");
        int64_t size;
        if (file == NULL)
            continue;
        struct package_file *added = LIST_ADD(packing->arena, &packing->package->files);
        if (added == NULL)
            return NO_MEMORY(packing->report);
        *added = (struct package_file){.name = name_of(packing, item)};
        if (added->name.ptr == NULL)
            return NO_MEMORY(packing->report);
        bool known = json_i64(json_get(file, "size"), &size) && size > 0 &&
                     id_parse(person_text(item, "item"), added->item.bytes);
        assert(known); /* we wrote it */
        added->size = (uint64_t)size;
    }
    return OK;
}

/* ---- tables ---- */

static str category_of(const struct packing *packing, const struct json *item)
{
    str rest = person_text(item, "field"), category = STR("");
    (void)packing;
    (void)str_next(&rest, '.', &category);
    return category;
}

static void put_row(struct packing *packing, const struct json *item, struct buf *buf)
{
    static const char *const members[] = {"item",    "field",   "value",     "source",
                                          "channel", "version", "collected", "matter"};
    for (size_t i = 0; i < LENGTH(members); i++) {
        if (i > 0)
            buf_char(buf, ',');
        bool is_file = i == 2 && json_get(item, "file") != NULL; /* its value lies beside */
        csv_cell(buf, is_file ? name_of(packing, item) : person_text(item, members[i]));
    }
    buf_text(buf, "\r\n");
}

static bool had_before(const struct packing *packing, const struct json *item, str category)
{
    for (const struct json *other = packing->items->child; other != item; other = other->next) {
        if (str_equal(category_of(packing, other), category))
            return true;
    }
    return false;
}

static status put_tables(struct packing *packing)
{
    for (JSON_EACH(item, packing->items)) {
        str category = category_of(packing, item);
        struct buf buf = buf_in(packing->arena, FILE_BYTES);
        if (had_before(packing, item, category))
            continue;
        buf_text(&buf, "item,field,value,source,channel,version,collected,matter\r\n");
        for (const struct json *other = item; other != NULL; other = other->next) {
            if (str_equal(category_of(packing, other), category))
                put_row(packing, other, &buf);
        }
        TRY(add_file(packing, arena_format(packing->arena, "csv/%.*s.csv", STR_ARG(category)),
                     &buf));
    }
    return OK;
}

/* ---- a line for another register ---- */

static void put_text(struct json_out *out, const char *key, str text)
{
    if (text.len == 0)
        return;
    json_key(out, key);
    json_put_str(out, text);
}

/* Came by the same collection: then a form's required fields stand together. */
static bool came_together(const struct json *a, const struct json *b)
{
    static const char *const members[] = {"intake", "source", "channel", "collected", "matter"};
    for (size_t i = 0; i < LENGTH(members); i++) {
        if (!str_equal(person_text(a, members[i]), person_text(b, members[i])))
            return false;
    }
    return true;
}

/* Is it the first of its collection with this field? A field that came twice stands once more. */
static bool is_repeated(const struct packing *packing, const struct json *item)
{
    for (const struct json *other = packing->items->child; other != item; other = other->next) {
        if (came_together(other, item) &&
            str_equal(person_text(other, "field"), person_text(item, "field")))
            return true;
    }
    return false;
}

static bool is_first(const struct packing *packing, const struct json *item)
{
    for (const struct json *other = packing->items->child; other != item; other = other->next) {
        if (json_is_string(json_get(other, "value")) && came_together(other, item))
            return false;
    }
    return true;
}

/* A collection as it was: intake, source, channel and time stand with its values. What lies in a
 * file lies in files/ and is not in the line. */
static void put_collected(struct packing *packing, struct json_out *out, const struct json *item)
{
    bool alone = is_repeated(packing, item);
    if (!json_is_string(json_get(item, "value")) || (!alone && !is_first(packing, item)))
        return;
    json_open_object(out);
    put_text(out, "intake", person_text(item, "intake"));
    put_text(out, "source", person_text(item, "source"));
    put_text(out, "channel", person_text(item, "channel"));
    put_text(out, "at", person_text(item, "collected"));
    json_key(out, "said_optional");
    json_put_bool(out, true);
    json_key(out, "values");
    json_open_object(out);
    for (const struct json *one = item; one != NULL; one = alone ? NULL : one->next) {
        bool taken = one == item || (came_together(item, one) && !is_repeated(packing, one));
        if (!taken || !json_is_string(json_get(one, "value")))
            continue;
        json_key_str(out, person_text(one, "field"));
        json_put_str(out, person_text(one, "value"));
    }
    json_close_object(out);
    json_close_object(out);
}

static status put_line(struct packing *packing)
{
    const struct json *data = packing->ask->data, *roles = json_get(data, "roles");
    struct buf buf = buf_in(packing->arena, FILE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    put_text(&out, "number", person_text(data, "reference"));
    json_key(&out, "roles");
    json_open_array(&out);
    if (json_is_array(roles)) {
        for (JSON_EACH(role, roles))
            json_put_str(&out, person_text(role, "role"));
    }
    json_close_array(&out);
    json_key(&out, "collect");
    json_open_array(&out);
    for (JSON_EACH(item, packing->items))
        put_collected(packing, &out, item);
    json_close_array(&out);
    json_close_object(&out);
    buf_char(&buf, '\n');
    return add_file(packing, STR("import.ndjson"), &buf);
}

/* ---- the page that people read ---- */

static void put_files(struct packing *packing, struct paper *paper)
{
    paper_section(paper, "files", TEXT_package_files);
    paper_table(paper, "list", TEXT_none);
    paper_column(paper, "name", TEXT_package_file_head);
    paper_column(paper, "what", TEXT_package_what_head);
    for (size_t i = 0; i < packing->package->files.count; i++) {
        const struct package_file *file = &packing->package->files.at[i];
        str category = file->name;
        enum text what = str_is(file->name, "data.json")         ? TEXT_package_data
                         : str_starts(file->name, STR("files/")) ? TEXT_package_given
                                                                 : TEXT_package_line;
        paper_row(paper);
        paper_cell(paper, file->name);
        if (!str_starts(file->name, STR("csv/"))) {
            paper_cell(paper, WORDS(paper, what));
            continue;
        }
        category = str_slice(category, 4, category.len - 4);

        word known = words_find(packing->ask->plan->words, category);
        plan_index index = plan_find(packing->ask->plan, packing->ask->plan->category_of, known);
        paper_cell(paper, index == NONE
                              ? category
                              : paper_label(paper, &packing->ask->plan->category[index].clause));
    }
}

static status put_page(struct packing *packing)
{
    static const char *const NAMES[] = {"les-meg.html", "les-meg.html", "read-me.html"};
    const struct json *data = packing->ask->data;
    struct paper_start start = {PAPER_package, packing->ask->plan, packing->ask->language};
    struct paper *paper = paper_begin(&start, packing->arena);
    struct buf buf = buf_in(packing->arena, FILE_BYTES);
    if (paper == NULL)
        return NO_MEMORY(packing->report);
    paper_paragraph(paper, WORDS(paper, TEXT_package_intro));
    paper_terms(paper, "issue");
    paper_term(paper, "reference", TEXT_reference_term, person_text(data, "reference"));
    paper_term(paper, "made", TEXT_made_term, person_date(paper, data, "made"));
    paper_section(paper, "holds", TEXT_package_holds);
    if (json_is_array(json_get(data, "items")))
        paper_paragraph(paper, WORDS(paper, TEXT_package_holds_text,
                                     person_number(paper, packing->items->count)));
    put_files(packing, paper);
    paper_section(paper, "use", TEXT_package_use);
    paper_paragraph(paper, WORDS(paper, TEXT_package_use_text));
    paper_section(paper, "check", TEXT_package_check);
    paper_paragraph(paper, WORDS(paper, TEXT_package_check_text));
    person_put_complaint(paper, data);
    paper_section(paper, "responsible", TEXT_controller_heading);
    person_put_controllers(paper, person_list(paper, data, "controllers", "responsible"));
    TRY(paper_finish(paper, packing->report));
    paper_html(paper, &buf);
    return add_file(packing, str_from(NAMES[packing->ask->language]), &buf);
}

/* ---- the manifest ---- */

static void put_hash(struct json_out *out, const struct package_file *file, str said)
{
    str text = file->text;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof(hash) + 1];
    struct buf buf = buf_over(hex, sizeof(hex));
    crypto_hash_sha256(hash, (const unsigned char *)text.ptr, text.len);
    buf_hex(&buf, (str){(const char *)hash, sizeof(hash)});
    json_key(out, "sha256");
    json_put_str(out, ID_IS_ZERO(file->item) ? buf_str(&buf) : said);
}

/* Of a file's bytes: known since they came. */
static str hash_of(const struct packing *packing, const struct package_file *file)
{
    for (JSON_EACH(item, packing->items)) {
        record_id id;
        if (id_parse(person_text(item, "item"), id.bytes) && ID_EQUAL(id, file->item))
            return person_text(json_get(item, "file"), "sha256");
    }
    return STR("");
}

static status put_manifest(struct packing *packing, str key)
{
    const struct json *data = packing->ask->data;
    struct buf buf = buf_in(packing->arena, FILE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    put_text(&out, "package", STR("vern portability"));
    json_key(&out, "format");
    json_put_u64(&out, 1);
    put_text(&out, "reference", person_text(data, "reference"));
    put_text(&out, "made", person_text(data, "made"));
    put_text(&out, "key", key);
    json_key(&out, "files");
    json_open_array(&out);
    for (size_t i = 0; i < packing->package->files.count; i++) {
        const struct package_file *file = &packing->package->files.at[i];
        json_open_object(&out);
        put_text(&out, "name", file->name);
        json_key(&out, "bytes");
        json_put_u64(&out, file->size);
        put_hash(&out, file, hash_of(packing, file));
        if (!ID_IS_ZERO(file->item)) {
            json_key(&out, "item");
            json_put_id(&out, file->item.bytes);
        }
        json_close_object(&out);
    }
    json_close_array(&out);
    json_close_object(&out);
    buf_char(&buf, '\n');
    return add_file(packing, STR("manifest.json"), &buf);
}

status package_make(const struct person_ask *ask, str text, str key, struct arena *arena,
                    struct report *report, struct package *package)
{
    static const struct json none = {.kind = JSON_ARRAY};
    struct packing packing = {ask, arena, report, package, json_get(ask->data, "items")};
    struct buf data = buf_in(arena, FILE_BYTES), page = buf_in(arena, FILE_BYTES);
    *package = (struct package){0};
    if (!json_is_array(packing.items))
        packing.items = &none;
    buf_add(&data, text);
    TRY(add_file(&packing, STR("data.json"), &data));
    TRY(put_line(&packing));
    TRY(put_tables(&packing));
    TRY(put_files_given(&packing));
    TRY(put_page(&packing));
    verify_page(ask->language, arena, &page);
    TRY(add_file(&packing, STR("verify.html"), &page));
    return put_manifest(&packing, key);
}
