/* What lives in memory and not for long, shared with the other servers of a register: sessions,
 * links, codes, counts of tries and of searches.
 *
 *   array in memory   [slot slot ... | slot slot ... | ...]      pages of some slots
 *   as it was kept    [              |               | ...]      what differs is written, sealed,
 *   versions            7              2               ...       when the turn's answers are made
 *
 * Another server reads the versions when it enters, and the pages whose version it has not. Slots
 * are kept as they lie in memory: the servers of a register are of one build (BRIEF_FORMAT). Of a
 * register that one server serves nothing of it is ever written (sessions-live-in-memory). */
#include <stdio.h>

#include "engine_internal.h"

enum { BRIEF_FORMAT = 1, PAGE_SLOTS = 16, PAGES_MOST = 512, BRIEF_ARENA = 1 << 20, NAME_ROOM = 48 };

static struct brief_array (*const arrays[])(struct reg *reg) = {
    reg_sessions_brief, reg_links_brief, reg_counted_brief, reg_changes_brief,
    reg_searches_brief, reg_tries_brief, reg_uploads_brief, reg_clients_brief};

struct brief {
    unsigned char *kept[LENGTH(arrays)];
    uint64_t versions[PAGES_MOST];
};

/* One page of one array. */
struct page {
    char name[NAME_ROOM];
    unsigned char *here, *kept;
    size_t bytes;
};

static size_t pages_of(const struct brief_array *array)
{
    return (array->count + PAGE_SLOTS - 1) / PAGE_SLOTS;
}

static status brief_of(struct reg *reg, struct report *report, struct brief **brief)
{
    if (reg->brief == NULL)
        reg->brief = ARENA_NEW(reg->arena, struct brief);
    *brief = reg->brief;
    for (size_t i = 0; *brief != NULL && i < LENGTH(arrays); i++) {
        struct brief_array array = arrays[i](reg);
        if ((*brief)->kept[i] == NULL)
            (*brief)->kept[i] = ARENA_ARRAY(reg->arena, unsigned char, array.slot *array.count);
        if (array.at == NULL || (*brief)->kept[i] == NULL)
            return NO_MEMORY(report);
    }
    return *brief == NULL ? NO_MEMORY(report) : OK;
}

static struct page page_at(const struct brief *brief, size_t kind, const struct brief_array *array,
                           size_t number)
{
    size_t from = number * PAGE_SLOTS, left = array->count - from;
    struct page page = {.here = (unsigned char *)array->at + from * array->slot,
                        .kept = brief->kept[kind] + from * array->slot,
                        .bytes = (left < PAGE_SLOTS ? left : PAGE_SLOTS) * array->slot};
    (void)snprintf(page.name, sizeof(page.name), "brief/%d/%s/%zu/%zu", BRIEF_FORMAT, array->name,
                   array->slot, number);
    return page;
}

/* ---- each page, with its place among the versions ---- */

struct walk {
    struct reg *reg;
    struct brief *brief;
    struct arena *arena;
    uint64_t found[PAGES_MOST]; /* versions that are in the database */
    bool changed;
};

static status each_page(struct walk *walk, struct report *report,
                        status (*use)(struct walk *walk, const struct page *page, size_t at,
                                      struct report *report))
{
    size_t at = 0;
    for (size_t kind = 0; kind < LENGTH(arrays); kind++) {
        struct brief_array array = arrays[kind](walk->reg);
        for (size_t i = 0; i < pages_of(&array); i++, at++) {
            struct page page = page_at(walk->brief, kind, &array, i);
            assert(at < PAGES_MOST);
            arena_reset(walk->arena);
            TRY(use(walk, &page, at, report));
        }
        if (array.taken != NULL)
            array.taken(walk->reg);
    }
    return OK;
}

static str versions_name(void)
{
    return STR("brief");
}

/* ---- keeping ---- */

static status keep_page(struct walk *walk, const struct page *page, size_t at,
                        struct report *report)
{
    struct reg *reg = walk->reg;
    if (memcmp(page->here, page->kept, page->bytes) == 0)
        return OK;
    walk->changed = true;
    memcpy(page->kept, page->here, page->bytes);
    return vault_brief_put(reg->vault, reg->own, str_from(page->name), ++walk->brief->versions[at],
                           (str){(const char *)page->kept, page->bytes}, walk->arena, report);
}

static status keep_versions(const struct walk *walk, struct report *report)
{
    char room[PAGES_MOST * 8];
    struct buf buf = buf_over(room, sizeof(room));
    for (size_t i = 0; i < PAGES_MOST; i++)
        buf_be64(&buf, walk->brief->versions[i]);
    return vault_brief_put(walk->reg->vault, walk->reg->own, versions_name(), 0, buf_str(&buf),
                           walk->arena, report);
}

static status keep(struct walk *walk, struct report *report)
{
    struct vault *vault = walk->reg->vault;
    for (size_t i = 0; i < LENGTH(arrays); i++) {
        struct brief_array array = arrays[i](walk->reg);
        if (array.settle != NULL)
            array.settle(walk->reg);
    }
    TRY(each_page(walk, report, keep_page));
    if (!walk->changed)
        return OK;
    TRY(keep_versions(walk, report));
    TRY(vault_commit(vault, report));
    return vault_forget(vault, report);
}

status reg_brief_keep(struct reg *reg, struct report *report)
{
    struct walk walk = {.reg = reg};
    CLEANUP(arena_free) struct arena *arena = arena_new(BRIEF_ARENA);
    walk.arena = arena;
    TRY(brief_of(reg, report, &walk.brief));
    return keep(&walk, report);
}

/* ---- taking ---- */

static status take_page(struct walk *walk, const struct page *page, size_t at,
                        struct report *report)
{
    struct reg *reg = walk->reg;
    str plain;
    if (walk->found[at] == walk->brief->versions[at])
        return OK;
    TRY(vault_brief(reg->vault, reg->own, str_from(page->name), walk->found[at], walk->arena,
                    report, &plain));
    if (plain.len != page->bytes)
        return fail(report, FAULT_CORRUPT, "data.db: what servers share of sessions is damaged");
    memcpy(page->here, plain.ptr, page->bytes);
    walk->brief->versions[at] = walk->found[at];
    walk->changed = true;
    return OK;
}

static status find_versions(struct walk *walk, struct report *report, bool *found)
{
    str plain;
    TRY(vault_brief(walk->reg->vault, walk->reg->own, versions_name(), 0, walk->arena, report,
                    &plain));
    *found = plain.len == PAGES_MOST * 8;
    struct reader r = reader_over(plain);
    for (size_t i = 0; *found && i < PAGES_MOST; i++)
        walk->found[i] = read_be64(&r);
    return OK;
}

/* What was taken has the pointers of this process again, and is what was kept. */
static status settle_taken(struct walk *walk, const struct page *page, size_t at,
                           struct report *report)
{
    (void)walk;
    (void)at;
    (void)report;
    memcpy(page->kept, page->here, page->bytes);
    return OK;
}

status reg_brief_take(struct reg *reg, struct report *report)
{
    bool found;
    struct walk walk = {.reg = reg};
    CLEANUP(arena_free) struct arena *arena = arena_new(BRIEF_ARENA);
    walk.arena = arena;
    TRY(brief_of(reg, report, &walk.brief));
    TRY(find_versions(&walk, report, &found));
    if (!found)
        return OK;
    TRY(each_page(&walk, report, take_page));
    return walk.changed ? each_page(&walk, report, settle_taken) : OK;
}
