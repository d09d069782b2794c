/* large_plan: a policy of 200 purposes and 10,000 rules, and a person of 50 items with 200 grounds,
 * for decide and settle alone. Each purpose names 25 fields that it uses and 25 rules of keeping.
 * Memory: all lives in the arena that is given.
 */
#ifndef VERN_LARGE_PLAN_H
#define VERN_LARGE_PLAN_H
#include "measure.h" /* first: base.h takes the clock away */

#include "decide.h"

enum {
    LARGE_PURPOSES = 200,
    LARGE_CATEGORIES = 10,
    LARGE_FIELDS = 25, /* of each category; each purpose uses one category's */
    LARGE_ITEMS = 50,
    LARGE_TOLD = 4, /* of each item */
};

struct large {
    struct words *words;
    struct plan_version version;
    struct plans plans;
    struct facts person, alike;
    struct view view, view_alike;
    instant now;
};

static inline void large_categories(struct buf *out)
{
    buf_text(out, "categories:\n");
    for (int c = 0; c < LARGE_CATEGORIES; c++) {
        buf_format(out, "  c%d:\n    fields: {", c);
        for (int f = 0; f < LARGE_FIELDS; f++)
            buf_format(out, "%s f%d: text", f == 0 ? "" : ",", f);
        buf_text(out, " }\n");
    }
}

static inline void large_purposes(struct buf *out)
{
    buf_text(out, "purposes:\n");
    for (int p = 0; p < LARGE_PURPOSES; p++) {
        int c = p % LARGE_CATEGORIES;
        buf_format(out,
                   "  p%d:\n    basis: contract\n    before_contract: true\n    roles: [person]\n"
                   "    uses: [",
                   p);
        for (int f = 0; f < LARGE_FIELDS; f++)
            buf_format(out, "%sc%d.f%d", f == 0 ? "" : ", ", c, f);
        buf_text(out, "]\n    keep:\n");
        for (int f = 0; f < LARGE_FIELDS - 1; f++)
            buf_format(out, "      - { of: [c%d.f%d], until: \"%d months after last met\" }\n", c,
                       f, 12 + f);
        buf_text(out, "      - { until: \"60 months after last met\" }\n");
    }
}

static inline str large_text(struct arena *arena)
{
    struct buf out = buf_in(arena, 1 << 20);
    struct report report = {0};
    str text;
    buf_text(&out, "vern: 1\npolicy: large\nversion: \"1\"\neffective: 2020-01-01\n"
                   "timezone: Europe/Oslo\nlanguages: [en]\ncontrollers:\n"
                   "  firm: { name: Firm AS, number: \"310000809\", address: Veien 1, "
                   "country: \"NO\", contacts: [post] }\n"
                   "contacts:\n  post: { kind: email, at: post@firm.example }\n"
                   "roles: [person]\nsources:\n  person: { kind: person }\nevents:\n"
                   "  met: { by: subject }\n");
    large_categories(&out);
    large_purposes(&out);
    BENCH_MUST(is_ok(buf_finish(&out, &report, &text)), "large policy: %s", report.text);
    return text;
}

/* `alike`: every item is told the same four purposes, as those of one form are; else each its own.
 */
static inline void large_person(struct large *large, struct facts *person, bool alike,
                                struct arena *arena)
{
    char name[32];
    instant met = {.ms = large->now.ms - 86400000};
    *person = (struct facts){.kind = DOSSIER_SUBJECT, .created = met, .erase_asked = NEVER};
    person->id.bytes[0] = 1;
    struct fact_role *role = LIST_ADD(arena, &person->roles);
    struct fact_event *event = LIST_ADD(arena, &person->events);
    BENCH_MUST(role != NULL && event != NULL, "no memory");
    *role = (struct fact_role){
        .role = words_find(large->words, STR("person")), .since = met, .until = NEVER};
    *event = (struct fact_event){
        .event = words_find(large->words, STR("met")), .first = met, .last = met};
    for (int i = 0; i < LARGE_ITEMS; i++) {
        struct fact_item *item = LIST_ADD(arena, &person->items);
        BENCH_MUST(item != NULL, "no memory");
        int c = alike ? 0 : i % LARGE_CATEGORIES;
        (void)snprintf(name, sizeof(name), "c%d.f%d", c, i / LARGE_CATEGORIES);
        *item = (struct fact_item){.field = words_find(large->words, str_from(name)),
                                   .controller = words_find(large->words, STR("firm")),
                                   .source = words_find(large->words, STR("person")),
                                   .version = large->version.version,
                                   .collected = met,
                                   .told = ARENA_ARRAY(arena, word, LARGE_TOLD)};
        item->id.bytes[0] = (unsigned char)(i + 1);
        BENCH_MUST(item->told != NULL && item->field != 0, "no memory");
        for (int t = 0; t < LARGE_TOLD; t++) {
            (void)snprintf(name, sizeof(name), "p%d",
                           c + LARGE_CATEGORIES * ((alike ? 0 : i / 10 * 4) + t));
            item->told[item->told_count++] = words_find(large->words, str_from(name));
        }
    }
    person->had_items = true;
}

static inline void large_make(struct large *large, struct arena *arena)
{
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct policy_source source = {.name = STR("large.yaml"), .text = large_text(arena)};
    *large = (struct large){.words = words_new(), .now = {1770000000000}};
    status loaded = plan_load(large->words, &source, NULL, NULL, 0, arena, &problems, &report,
                              &large->version.plan);
    for (size_t i = 0; !is_ok(loaded) && i < problems.list.count && i < 5; i++)
        fprintf(stderr, "%u: %.*s\n", problems.list.at[i].line, STR_ARG(problems.list.at[i].text));
    BENCH_MUST(is_ok(loaded), "large policy: %s", report.text);
    large->version.version = words_find(large->words, STR("1"));
    large->version.effective = ALWAYS;
    large->plans = (struct plans){&large->version, 1};
    large_person(large, &large->person, false, arena);
    large_person(large, &large->alike, true, arena);
    large->view = (struct view){.plans = &large->plans, .subject = &large->person};
    large->view_alike = (struct view){.plans = &large->plans, .subject = &large->alike};
}
#endif
