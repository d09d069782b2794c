/* Holds a page against what every page of ours must be: well formed, one h1, headings in order,
 * ids once, one main landmark, a language, table heads with scope, no script and no style but one
 * style sheet. For tests; include it after cmocka.h and base.h. */
#ifndef VERN_PAGE_CHECK_H
#define VERN_PAGE_CHECK_H

struct page_check {
    str open[64]; /* elements that are open */
    size_t depth;
    str ids[256];
    size_t id_count;
    unsigned h1, main, style, title, level;
    str text; /* of the page */
};

static bool page_tag_is(str tag, const char *name)
{
    size_t len = strlen(name);
    return str_starts(tag, str_from(name)) &&
           (tag.len == len || tag.ptr[len] == ' ' || tag.ptr[len] == '/');
}

static str page_attribute(str tag, const char *name)
{
    char wanted[64];
    int len = snprintf(wanted, sizeof(wanted), " %s=\"", name);
    const char *at = memmem(tag.ptr, tag.len, wanted, (size_t)len);
    if (at == NULL)
        return (str){0};
    str value = str_slice(tag, (size_t)(at - tag.ptr) + (size_t)len, tag.len), inner;
    return str_next(&value, '"', &inner) ? inner : (str){0};
}

static void page_opens(struct page_check *check, str tag)
{
    static const char *const alone[] = {"meta", "link", "br", "input", "hr", "!doctype"};
    str id = page_attribute(tag, "id");
    for (size_t i = 0; id.ptr != NULL && i < check->id_count; i++)
        assert_false(str_equal(check->ids[i], id));
    if (id.ptr != NULL) {
        assert_true(check->id_count < LENGTH(check->ids));
        check->ids[check->id_count++] = id;
    }
    assert_null(page_attribute(tag, "style").ptr);
    assert_null(memmem(tag.ptr, tag.len, " on", 3)); /* onclick and its like */
    assert_false(page_tag_is(tag, "script"));
    check->main += page_tag_is(tag, "main");
    check->style += page_tag_is(tag, "style");
    check->title += page_tag_is(tag, "title");
    if (page_tag_is(tag, "th"))
        assert_non_null(page_attribute(tag, "scope").ptr);
    if (tag.len == 2 && tag.ptr[0] == 'h' && tag.ptr[1] >= '1' && tag.ptr[1] <= '6') {
        unsigned level = (unsigned)(tag.ptr[1] - '0');
        check->h1 += level == 1;
        assert_true(level <= check->level + 1);
        check->level = level;
    }
    for (size_t i = 0; i < LENGTH(alone); i++) {
        if (page_tag_is(tag, alone[i]))
            return;
    }
    assert_true(check->depth < LENGTH(check->open));
    check->open[check->depth++] = tag;
}

static void page_closes(struct page_check *check, str name)
{
    assert_true(check->depth > 0);
    char wanted[32];
    (void)snprintf(wanted, sizeof(wanted), "%.*s", STR_ARG(name));
    assert_true(page_tag_is(check->open[--check->depth], wanted));
}

static inline void page_is_sound(str page, const char *language)
{
    struct page_check check = {.text = page};
    assert_true(utf8_valid(page));
    assert_true(str_starts(page, STR("<!doctype html>\n<html lang=\"")));
    assert_true(str_starts(str_slice(page, 28, page.len), str_from(language)));
    for (size_t i = 0; i < page.len; i++) {
        if (page.ptr[i] != '<') {
            assert_true(page.ptr[i] != '>' || check.depth == 0 ||
                        page_tag_is(check.open[check.depth - 1], "style"));
            continue;
        }
        const char *end = memchr(page.ptr + i, '>', page.len - i);
        assert_non_null(end);
        size_t stop = (size_t)(end - page.ptr);
        str tag = str_slice(page, i + 1, stop);
        if (tag.ptr[0] == '/')
            page_closes(&check, str_slice(tag, 1, tag.len));
        else
            page_opens(&check, tag);
        i = stop;
    }
    assert_int_equal(check.depth, 0);
    assert_int_equal(check.h1, 1);
    assert_int_equal(check.main, 1);
    assert_int_equal(check.title, 1);
    assert_true(check.style <= 1);
}

#endif
