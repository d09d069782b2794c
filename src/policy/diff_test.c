/* Laws of the comparison, each change of one key in both directions, and the marks that close what
 * is materially new. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "diff.h"
#include "json.h"
#include "policy_bench.h"
#include "shared_test.h"

static const char BASE[] =
    "vern: 1\n"
    "policy: firm\n"
    "version: a\n"
    "effective: 2026-01-01\n"
    "timezone: Europe/Oslo\n"
    "languages: [nb]\n"
    "bases: [consent, contract, legal_duty, legitimate_interest]\n"
    "controllers: { firm: { name: Firm, number: '310000701', address: Road 1, contacts: [mail] } "
    "}\n"
    "contacts: { mail: { kind: email, at: mail@firm.example }, desk: { kind: phone, at: '1' } }\n"
    "roles: { customer: {}, candidate: {}, pupil: { under: 13 } }\n"
    "matters: [vacancy]\n"
    "sources:\n"
    "  person: { kind: person }\n"
    "  other: { kind: indirect, needs: [notice] }\n"
    "categories:\n"
    "  contact: { fields: { name: name, email: email } }\n"
    "  paper: { fields: { cv: file } }\n"
    "  card: { kind: payment_card, never: true }\n"
    "sets: { neutral: [contact.name] }\n"
    "events:\n"
    "  applied: { by: subject }\n"
    "  closed: {}\n"
    "evidence:\n"
    "  ground: { as: legal_ground, for: [case], asks: [number, issuer] }\n"
    "  pledge: { for: [subject, purpose], asks: [text], valid: 1 year }\n"
    "  trained: { as: training, for: [actor], valid: 6 months, by: other, standing: true }\n"
    "purposes:\n"
    "  hire:\n"
    "    says: { nb: Ansette }\n"
    "    basis: contract\n"
    "    before_contract: true\n"
    "    roles: [candidate]\n"
    "    from: [person]\n"
    "    starts: applied\n"
    "    uses: [contact, paper]\n"
    "    requires: [contact.email]\n"
    "    needs: [pledge]\n"
    "    keep: earliest of 6 months after last applied, 1 year after collected\n"
    "  news:\n"
    "    says: { nb: Nyheter }\n"
    "    basis: consent\n"
    "    marketing: own\n"
    "    per: [channel]\n"
    "    roles: [customer]\n"
    "    uses: [contact.email]\n"
    "    keep: end of consent\n"
    "  share: { basis: legitimate_interest, roles: all, uses: [neutral], keep: none }\n"
    "  count: { basis: legitimate_interest, roles: all, uses: [contact], counts_only: 10, keep: "
    "none }\n"
    "intakes:\n"
    "  form: { from: [person], channel: web, for: [hire], required: [contact.email],\n"
    "          optional: [paper], refuses: [card], needs: [notice] }\n"
    "cookies:\n"
    "  seen: { kind: cookie, for: [news], reads: [contact.name], keep: 1 month after collected }\n"
    "messages:\n"
    "  letter: { for: news, needs: [stop_link, consent], channels: { email: {}, sms: { needs: "
    "[pledge] } } }\n"
    "switches:\n"
    "  stop_news: { stops: { purposes: [news], recipients: [partner] }, per: [channel], "
    "erases: [contact.email], at: [stop_link, mail] }\n"
    "recipients:\n"
    "  partner: { kind: controller, named: [Alfa], for: [share], gives: [contact.name], needs: "
    "[ground] }\n"
    "  police: { kind: authority, for: [share], gives: all, needs: [ground] }\n"
    "  broker: { kind: controller, never: true }\n"
    "places: { home: { zone: eea }, outside: { needs: [safeguard] } }\n"
    "staff:\n"
    "  clerk: { for: [hire], may: [read], needs: [trained] }\n"
    "rights:\n"
    "  all: { at: [mail, desk] }\n"
    "  access: {}\n"
    "  erase: { within: 1 month }\n"
    "  portability: { to_others: true }\n"
    "change: { by: [clerk], tell: [email, web] }\n"
    "alarms: { raise: [mass_read, broken_log], to: [mail] }\n";

static const struct plan *load(struct bench *bench, str text, const struct policy_override *with,
                               size_t with_count)
{
    struct policy_source source = {STR("policy.yaml"), text};
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    const struct plan *plan = NULL;
    status loaded = plan_load(bench->words, &source, NULL, with, with_count, bench->arena,
                              &problems, &report, &plan);
    if (!is_ok(loaded))
        print_error("%s: %s\n%.*s\n", report.where, report.text, STR_ARG(text));
    assert_true(is_ok(loaded));
    return plan;
}

static struct plan_differences differences_of(struct bench *bench, const struct plan *old,
                                              const struct plan *new)
{
    struct plan_differences differences = {0};
    struct report report = {0};
    assert_true(is_ok(plan_diff(old, new, bench->arena, &report, &differences)));
    return differences;
}

/* The base with one piece of text replaced; it must stand there once. */
static str replaced(struct bench *bench, const char *from, const char *to)
{
    const char *at = strstr(BASE, from);
    if (at == NULL || strstr(at + 1, from) != NULL)
        print_error("not once in the base: %s\n", from);
    assert_true(at != NULL && strstr(at + 1, from) == NULL);
    struct buf text = buf_in(bench->arena, 1 << 16);
    buf_add(&text, (str){BASE, (size_t)(at - BASE)});
    buf_text(&text, to);
    buf_text(&text, at + strlen(from));
    return buf_str(&text);
}

struct change {
    const char *from, *to, *path;
    bool material, back; /* forwards and backwards */
};

static const struct change CHANGES[] = {
    /* texts, contacts, the version: never */
    {"nb: Ansette", "nb: Hyre", "purposes.hire.says", false, false},
    {"at: mail@firm.example", "at: post@firm.example", "contacts.mail.at", false, false},
    {"version: a", "version: b", "version", false, false},
    {"address: Road 1", "address: Road 2", "controllers.firm.address", false, false},
    {"uses: [neutral]", "uses: [neutral], covers: [X-1]", "purposes.share.covers", false, false},
    /* what a purpose may */
    {"basis: consent\n", "basis: contract\n", "purposes.news.basis", true, true},
    {"roles: [candidate]\n", "roles: [candidate, customer]\n", "purposes.hire.roles", true, false},
    {"from: [person]\n", "from: [person, other]\n", "purposes.hire.from", true, false},
    {"    from: [person]\n", "", "purposes.hire.from", true, false},
    {"uses: [contact, paper]", "uses: [contact]", "purposes.hire.uses", false, true},
    {"uses: [contact.email]\n", "uses: [contact]\n", "purposes.news.uses", true, false},
    {"requires: [contact.email]", "requires: [contact]", "purposes.hire.requires", false, true},
    {"needs: [pledge]\n", "needs: [pledge or notice]\n", "purposes.hire.needs", true, false},
    {"needs: [pledge]\n", "needs: [pledge, notice]\n", "purposes.hire.needs", false, true},
    {"    starts: applied\n", "    starts: closed\n", "purposes.hire.starts", true, true},
    {"per: [channel]\n", "per: [channel, recipient]\n", "purposes.news.per", false, true},
    {"before_contract: true", "before_contract: false", "purposes.hire.before_contract", false,
     true},
    {"under: 13", "under: 12", "roles.pupil.under", true, false},
    {"counts_only: 10", "counts_only: 5", "purposes.count.counts_only", true, false},
    {"keep: end of consent", "keep: none", "purposes.news.keep", false, true},
    /* clocks */
    {"6 months after last applied", "5 months after last applied", "purposes.hire.keep", false,
     true},
    {"6 months after last applied", "6 months after first applied", "purposes.hire.keep", false,
     true},
    {"6 months after last applied", "26 weeks after last applied", "purposes.hire.keep", true,
     true},
    {"6 months after last applied", "20 weeks after last applied", "purposes.hire.keep", false,
     true},
    {"6 months after last applied", "6 months after last closed", "purposes.hire.keep", true, true},
    {"earliest of 6 months after last applied, 1 year after collected", "1 year after collected",
     "purposes.hire.keep", true, false},
    {"1 year after collected", "12 months after collected", "purposes.hire.keep", false, false},
    {"1 year after collected", "end of year of collected", "purposes.hire.keep", true, true},
    /* data, sources */
    {"email: email } }", "email: email, phone: phone } }", "categories.contact.fields", true,
     false},
    {"never: true }\nsets", "never: false }\nsets", "categories.card.never", true, false},
    {"other: { kind: indirect, needs: [notice] }", "other: { kind: indirect }",
     "sources.other.needs", true, false},
    /* evidence, events */
    {"asks: [number, issuer]", "asks: [number]", "evidence.ground.asks", true, false},
    {"valid: 1 year", "valid: 2 years", "evidence.pledge.valid", true, false},
    {"for: [subject, purpose], asks: [text]", "for: [subject], asks: [text]", "evidence.pledge.for",
     true, false},
    {"by: other, standing: true", "by: other, standing: false", "evidence.trained.standing", true,
     false},
    {"by: other, standing", "by: [other, clerk], standing", "evidence.trained.by", true, false},
    {"applied: { by: subject }", "applied: { by: any }", "events.applied.by", true, false},
    /* intakes, cookies, messages, switches */
    {"for: [hire], required", "for: [hire, news], required", "intakes.form.for", true, false},
    {"refuses: [card]", "refuses: []", "intakes.form.refuses", true, false},
    {"kind: cookie, for: [news]", "kind: cookie, necessary: true, for: [news]",
     "cookies.seen.necessary", true, false},
    {"keep: 1 month after collected", "keep: 2 months after collected", "cookies.seen.keep", true,
     false},
    {"email: {}, sms", "email: {}, push: {}, sms", "messages.letter.channels", true, false},
    {"sms: { needs: [pledge] }", "sms: {}", "messages.letter.channels", true, false},
    {"needs: [stop_link, consent]", "needs: [consent]", "messages.letter.needs", true, false},
    {"per: [channel], erases", "per: [channel, recipient], erases", "switches.stop_news.per", false,
     true},
    {"purposes: [news], recipients: [partner]", "purposes: [news]", "switches.stop_news.stops",
     true, false},
    {"erases: [contact.email]", "erases: [contact]", "switches.stop_news.erases", false, true},
    {"at: [stop_link, mail]", "at: [mail]", "switches.stop_news.at", true, false},
    /* recipients, places, staff */
    {"named: [Alfa]", "named: [Alfa, Beta]", "recipients.partner.named", true, false},
    {"named: [Alfa], ", "", "recipients.partner.named", true, false},
    {"gives: [contact.name]", "gives: [contact]", "recipients.partner.gives", true, false},
    {"for: [share], gives: all", "for: [share, hire], gives: all", "recipients.police.for", true,
     false},
    {"zone: eea", "zone: eu", "places.home", false, true},
    {"outside: { needs: [safeguard] }", "outside: { needs: [safeguard or adequacy] }",
     "places.outside", true, false},
    {", outside: { needs: [safeguard] }", "", "places.outside", false, true},
    {"may: [read]", "may: [read, change]", "staff.clerk.may", true, false},
    {"may: [read], needs: [trained]", "may: [read]", "staff.clerk.needs", true, false},
    /* rights, change, alarms, the file */
    {"at: [mail, desk]", "at: [mail]", "rights.all.at", true, false},
    {"within: 1 month", "within: 2 months", "rights.erase.within", true, false},
    {"to_others: true", "to_others: false", "rights.portability.to_others", true, false},
    {"tell: [email, web]", "tell: [email]", "change.tell", true, false},
    {"raise: [mass_read, broken_log]", "raise: [mass_read]", "alarms.raise", true, false},
    {"timezone: Europe/Oslo", "timezone: UTC", "timezone", true, true},
    {"bases: [consent, contract, legal_duty, legitimate_interest]",
     "bases: [consent, contract, legitimate_interest]", "bases", false, true},
    /* whole clauses */
    {"  count: {", "  tally: { basis: consent, roles: all, uses: [paper], keep: none }\n  count: {",
     "purposes.tally", true, false},
    {"  broker: { kind: controller, never: true }\n", "", "recipients.broker", true, false},
    {"  access: {}\n", "", "rights.access", true, false},
    {"  card: {", "  hat: { fields: { size: number } }\n  card: {", "categories.hat", true, false},
    {"  closed: {}", "  closed: {}\n  opened: {}", "events.opened", false, false},
    {"staff:\n", "staff:\n  boss: { for: [news] }\n", "staff.boss", true, false},
};

static const struct plan_difference *at_path(const struct plan_differences *differences,
                                             const char *path)
{
    for (size_t i = 0; i < differences->list.count; i++)
        if (str_is(differences->list.at[i].path, path))
            return &differences->list.at[i];
    return NULL;
}

static bool any_material(const struct plan_differences *differences)
{
    for (size_t i = 0; i < differences->list.count; i++)
        if (differences->list.at[i].material)
            return true;
    return false;
}

static void differences_print(const struct plan_differences *differences)
{
    for (size_t i = 0; i < differences->list.count; i++)
        print_error("  %.*s: %.*s (%s: %.*s)\n", STR_ARG(differences->list.at[i].path),
                    STR_ARG(differences->list.at[i].what),
                    differences->list.at[i].material ? "material" : "not material",
                    STR_ARG(differences->list.at[i].why));
}

static size_t wrong_ways(const struct change *change, const struct plan_differences *differences,
                         bool material, const char *way)
{
    const struct plan_difference *found = at_path(differences, change->path);
    if (found != NULL && found->material == material && found->what.len > 0 && found->why.len > 0 &&
        any_material(differences) == material)
        return 0;
    print_error("%s, %s: %s\n", change->path, way, change->to);
    differences_print(differences);
    return 1;
}

static void each_change_is_material_in_the_direction_that_allows_more(void **state)
{
    struct bench *bench = *state;
    const struct plan *base = load(bench, str_from(BASE), NULL, 0);
    size_t wrong = 0;
    for (size_t i = 0; i < LENGTH(CHANGES); i++) {
        const struct change *change = &CHANGES[i];
        const struct plan *changed =
            load(bench, replaced(bench, change->from, change->to), NULL, 0);
        struct plan_differences there = differences_of(bench, base, changed);
        struct plan_differences back = differences_of(bench, changed, base);
        wrong += wrong_ways(change, &there, change->material, "forwards");
        wrong += wrong_ways(change, &back, change->back, "backwards");
    }
    assert_int_equal(wrong, 0);
}

/* Pairs of clocks: whether the second is surely no longer than the first. */
static void only_a_clock_that_is_surely_no_longer_passes(void **state)
{
    static const struct {
        const char *old, *new;
        bool within;
    } CLOCKS[] = {
        {"closed", "closed", true},
        {"closed", "applied", false},
        {"closed", "earliest of closed, applied", true},
        {"earliest of closed, applied", "earliest of applied, closed", true},
        {"earliest of closed, applied", "closed", false},
        {"earliest of closed, applied", "earliest of closed, applied, collected", true},
        {"latest of closed, applied", "latest of closed, applied, collected", false},
        {"latest of closed, applied, collected", "latest of closed, applied", true},
        {"latest of closed, applied", "closed", true},
        {"latest of closed, end of pledge", "closed", true},
        /* a pledge that was never made is absent, and the clock would then never run out */
        {"latest of closed, end of pledge", "end of pledge", false},
        {"latest of end of pledge, end of consent, closed",
         "latest of end of pledge, end of consent", false},
        {"latest of end of pledge, closed", "latest of closed, end of pledge", true},
        {"1 month after closed", "closed", true},
        {"closed", "1 month after closed", false},
        {"end of year of closed", "closed", true},
        {"closed", "end of year of closed", false},
        {"5 years after end of year of last applied", "3 years after end of year of last applied",
         true},
        {"2 years after closed", "24 months after closed", true},
        {"24 months after closed", "2 years after closed", true},
        {"2 weeks after closed", "14 days after closed", true},
        {"1 month after closed", "28 days after closed", true},
        {"1 month after closed", "29 days after closed", false},
        {"31 days after closed", "1 month after closed", true},
        {"30 days after closed", "1 month after closed", false},
        {"1 year after closed", "365 days after closed", true},
        {"1 year after closed", "366 days after closed", false},
        /* two days after noon end at midnight, 36 hours later */
        {"2 days after closed", "24 hours after closed", false},
        {"2 days after closed", "23 hours after closed", true},
        {"3 hours after closed", "2 hours after closed", true},
        {"48 hours after closed", "2 days after closed", false},
        {"49 hours after closed", "2 days after closed", true},
        {"last applied", "first applied", true},
        {"first applied", "last applied", false},
        {"latest of (earliest of closed, 6 months after collected), end of pledge",
         "latest of (earliest of closed, 5 months after collected), end of pledge", true},
        {"latest of (earliest of closed, 6 months after collected), end of pledge",
         "latest of (earliest of closed, 7 months after collected), end of pledge", false},
        {"end of candidate", "end of candidate", true},
        {"end of candidate", "end of customer", false},
        {"none", "collected", false},
        {"collected", "none", true},
    };
    struct bench *bench = *state;
    size_t wrong = 0;
    for (size_t i = 0; i < LENGTH(CLOCKS); i++) {
        struct policy_override old = {STR("purposes.hire.keep"), str_from(CLOCKS[i].old)};
        struct policy_override new = {STR("purposes.hire.keep"), str_from(CLOCKS[i].new)};
        struct plan_differences found = differences_of(bench, load(bench, str_from(BASE), &old, 1),
                                                       load(bench, str_from(BASE), &new, 1));
        if (any_material(&found) != CLOCKS[i].within)
            continue;
        print_error("%s -> %s\n", CLOCKS[i].old, CLOCKS[i].new);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static str policy_text(struct bench *bench, const char *policy)
{
    str path = arena_format(bench->arena, "policies/%s.yaml", policy);
    str text = shared_bytes(bench->arena, path.ptr);
    assert_non_null(text.ptr);
    return text;
}

static const char *const POLICIES[] = {"cobuilder", "infobric", "cloudberries",
                                       "hosting",   "confect",  "example"};

static void no_policy_differs_from_itself(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        str text = policy_text(bench, POLICIES[i]);
        const struct plan *one = load(bench, text, NULL, 0);
        const struct plan *two = load(bench, text, NULL, 0);
        struct plan_differences differences = differences_of(bench, one, two);
        differences_print(&differences);
        assert_int_equal(differences.list.count, 0);
        assert_int_equal(differences_of(bench, one, one).list.count, 0);
    }
}

static void one_line_of_each_policy_gives_one_difference(void **state)
{
    static const struct {
        const char *policy, *path, *value;
        bool material, back;
    } LINES[] = {
        {"cobuilder", "purposes.product_development.keep",
         "earliest of account_closed, end of consent", true, false},
        {"infobric", "recipients.group.for", "[orders, offers]", false, true},
        {"cloudberries", "messages.follow_up.needs", "[stop_link]", true, false},
        {"hosting", "evidence.training.valid", "12 months", true, false},
        {"confect", "purposes.marketing_material.keep", "12 months after last activity", false,
         true},
        {"confect", "purposes.support.says", "{ nb: Hjelp, en: Help }", false, false},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(LINES); i++) {
        str text = policy_text(bench, LINES[i].policy);
        struct policy_override with = {str_from(LINES[i].path), str_from(LINES[i].value)};
        const struct plan *old = load(bench, text, NULL, 0);
        const struct plan *new = load(bench, text, &with, 1);
        struct plan_differences there = differences_of(bench, old, new);
        struct plan_differences back = differences_of(bench, new, old);
        assert_int_equal(there.list.count, 1);
        assert_int_equal(back.list.count, 1);
        assert_true(str_equal(there.list.at[0].path, with.path));
        assert_int_equal(there.list.at[0].material, LINES[i].material);
        assert_int_equal(back.list.at[0].material, LINES[i].back);
    }
}

/* A hole keeps its clause closed: filling it opens, making it closes. */
static void filling_a_hole_is_material_and_making_one_is_not(void **state)
{
    struct bench *bench = *state;
    str text = policy_text(bench, "confect");
    struct policy_override with = {STR("purposes.support.keep"), STR("1 year after collected")};
    const struct plan *open = load(bench, text, NULL, 0);
    const struct plan *filled = load(bench, text, &with, 1);
    struct plan_differences there = differences_of(bench, open, filled);
    struct plan_differences back = differences_of(bench, filled, open);
    assert_int_equal(there.list.count, 1);
    assert_true(there.list.at[0].material);
    assert_int_equal(back.list.count, 1);
    assert_false(back.list.at[0].material);
}

struct news {
    struct bits purposes, sources, recipients, fields;
};

static struct news news_of(struct bench *bench, const struct plan *old, const struct plan *new)
{
    struct news news;
    struct report report = {0};
    assert_true(is_ok(plan_materially_new(old, new, bench->arena, &report, &news.purposes,
                                          &news.sources, &news.recipients, &news.fields)));
    return news;
}

static unsigned bits_counted(struct bits bits, uint16_t count)
{
    unsigned set = 0;
    for (plan_index i = 0; i < count; i++)
        set += bits_has(bits, i);
    return set;
}

/* Each change marks just what it opens, in the numbers of the new plan. */
static void marks_name_the_clauses_of_the_new_plan(void **state)
{
    static const struct {
        const char *from, *to;
        const char *purpose, *source, *recipient, *field; /* the only one that is marked */
    } MARKS[] = {
        {"uses: [contact.email]\n", "uses: [contact]\n", "news", NULL, NULL, NULL},
        {"  hire:\n",
         "  early: { basis: consent, roles: all, uses: [paper], keep: none }\n  hire:\n", "early",
         NULL, NULL, NULL},
        {"needs: [stop_link, consent]", "needs: [consent]", "news", NULL, NULL, NULL},
        {"applied: { by: subject }", "applied: { by: any }", "hire", NULL, NULL, NULL},
        {"  person: { kind: person }", "  site: { kind: observed }\n  person: { kind: person }",
         NULL, "site", NULL, NULL},
        {"gives: [contact.name]", "gives: [contact]", NULL, NULL, "partner", NULL},
        {"cv: file }", "letter: file, cv: file }", "hire", NULL, NULL, "paper.letter"},
        {"within: 1 month", "within: 2 months", NULL, NULL, NULL, NULL},
        {"nb: Ansette", "nb: Hyre", NULL, NULL, NULL, NULL},
    };
    struct bench *bench = *state;
    const struct plan *base = load(bench, str_from(BASE), NULL, 0);
    for (size_t i = 0; i < LENGTH(MARKS); i++) {
        const struct plan *new = load(bench, replaced(bench, MARKS[i].from, MARKS[i].to), NULL, 0);
        struct news news = news_of(bench, base, new);
        const struct {
            const char *name;
            const plan_index *table;
            struct bits bits;
            uint16_t count;
        } sets[] = {
            {MARKS[i].purpose, new->purpose_of, news.purposes, new->purpose_count},
            {MARKS[i].source, new->source_of, news.sources, new->source_count},
            {MARKS[i].recipient, new->recipient_of, news.recipients, new->recipient_count},
            {MARKS[i].field, new->field_of, news.fields, new->field_count},
        };
        for (size_t k = 0; k < LENGTH(sets); k++) {
            assert_int_equal(bits_counted(sets[k].bits, sets[k].count), sets[k].name != NULL);
            if (sets[k].name == NULL)
                continue;
            word name = words_find(new->words, str_from(sets[k].name));
            if (!bits_has(sets[k].bits, plan_find(new, sets[k].table, name)))
                print_error("%s is not marked\n", sets[k].name);
            assert_true(bits_has(sets[k].bits, plan_find(new, sets[k].table, name)));
        }
    }
}

static void weaker_evidence_marks_all_that_needs_it(void **state)
{
    struct bench *bench = *state;
    const struct plan *base = load(bench, str_from(BASE), NULL, 0);
    const struct plan *new =
        load(bench, replaced(bench, "asks: [number, issuer]", "asks: [number]"), NULL, 0);
    struct news news = news_of(bench, base, new);
    assert_int_equal(bits_counted(news.recipients, new->recipient_count), 2);
    assert_true(bits_empty(news.purposes));
}

static void a_lost_switch_marks_what_it_stopped(void **state)
{
    struct bench *bench = *state;
    const struct plan *base = load(bench, str_from(BASE), NULL, 0);
    const struct plan *new =
        load(bench, replaced(bench, "purposes: [news], recipients: [partner]", "purposes: [hire]"),
             NULL, 0);
    struct news news = news_of(bench, base, new);
    word partner = words_find(new->words, STR("partner")),
         name = words_find(new->words, STR("news"));
    assert_true(bits_has(news.recipients, plan_find(new, new->recipient_of, partner)));
    assert_true(bits_has(news.purposes, plan_find(new, new->purpose_of, name)));
}

static void differences_are_readable_json(void **state)
{
    struct bench *bench = *state;
    const struct plan *base = load(bench, str_from(BASE), NULL, 0);
    const struct plan *new =
        load(bench, replaced(bench, "gives: [contact.name]", "gives: [contact]"), NULL, 0);
    struct plan_differences differences = differences_of(bench, base, new);
    struct buf text = buf_in(bench->arena, 1 << 16);
    struct report report = {0};
    const struct json *root = NULL;
    diff_json(&differences, &text);
    assert_true(is_ok(json_parse(bench->arena, buf_str(&text), &report, &root)));
    assert_int_equal(root->count, 1);
    str path, what;
    bool material = false;
    assert_true(json_str(json_get(root->child, "path"), &path));
    assert_true(json_str(json_get(root->child, "what"), &what));
    assert_true(json_bool(json_get(root->child, "material"), &material));
    assert_true(str_is(path, "recipients.partner.gives"));
    assert_true(str_is(what, "adds contact.email"));
    assert_true(material);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_is_material_in_the_direction_that_allows_more),
        cmocka_unit_test(only_a_clock_that_is_surely_no_longer_passes),
        cmocka_unit_test(no_policy_differs_from_itself),
        cmocka_unit_test(one_line_of_each_policy_gives_one_difference),
        cmocka_unit_test(filling_a_hole_is_material_and_making_one_is_not),
        cmocka_unit_test(marks_name_the_clauses_of_the_new_plan),
        cmocka_unit_test(weaker_evidence_marks_all_that_needs_it),
        cmocka_unit_test(a_lost_switch_marks_what_it_stopped),
        cmocka_unit_test(differences_are_readable_json),
    };
    return cmocka_run_group_tests(tests, bench_open, bench_close);
}
