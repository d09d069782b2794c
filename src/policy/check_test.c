/* Each rule that a plan can show: a policy with nothing wrong, and one change that the rule finds.
 * Then the entries of the file, the holes, the forms. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "check.h"
#include "json.h"
#include "policy_bench.h"
#include "shared_test.h"

static const char SOUND[] =
    "vern: 1\n"
    "policy: firm\n"
    "version: a\n"
    "effective: 2026-01-01\n"
    "timezone: Europe/Oslo\n"
    "languages: [nb, en]\n"
    "controllers:\n"
    "  firm: { name: Firm AS, number: '310000701', address: Road 1, country: 'NO', contacts: "
    "[mail] }\n"
    "contacts:\n"
    "  mail: { kind: email, at: mail@firm.example }\n"
    "  desk: { kind: phone, at: '1' }\n"
    "  page: { kind: self_service, at: https://firm.example/me }\n"
    "  watch: { kind: supervisor, at: datatilsynet.no }\n"
    "roles: [customer, candidate]\n"
    "matters: [vacancy]\n"
    "sources:\n"
    "  person: { kind: person, needs: [notice or known] }\n"
    "  site: { kind: observed }\n"
    "  other: { kind: indirect, needs: [notice] }\n"
    "categories:\n"
    "  contact: { fields: { name: name, email: email } }\n"
    "  paper: { fields: { letter: text } }\n"
    "  offence: { kind: criminal, fields: { act: text } }\n"
    "  visit: { fields: { page: text } }\n"
    "sets: { neutral: [contact.name] }\n"
    "events:\n"
    "  applied: { by: subject }\n"
    "  hired: { of: vacancy }\n"
    "evidence:\n"
    "  known: { as: notice_exception, for: [subject, source], asks: [earlier] }\n"
    "  ground: { as: legal_ground, for: [case], asks: [number, issuer] }\n"
    "  checked: { for: [case], asks: [how] }\n"
    "  contract_with: { as: processor_agreement, for: [recipient], asks: [document] }\n"
    "purposes:\n"
    "  hire:\n"
    "    says: { nb: Ansette, en: Hire }\n"
    "    basis: contract\n"
    "    before_contract: true\n"
    "    roles: [candidate]\n"
    "    starts: applied\n"
    "    uses: [contact, paper]\n"
    "    keep: earliest of hired, 6 months after last applied\n"
    "  serve:\n"
    "    says: { nb: Levere, en: Deliver }\n"
    "    basis: contract\n"
    "    roles: [customer]\n"
    "    uses: [contact]\n"
    "    keep: end of agreement\n"
    "  account:\n"
    "    says: { nb: Regnskap, en: Accounts }\n"
    "    basis: legal_duty\n"
    "    law: bokføringsloven § 13\n"
    "    roles: [customer]\n"
    "    uses: [contact.name]\n"
    "    keep: 5 years after end of year of collected\n"
    "  news:\n"
    "    says: { nb: Nyheter, en: News }\n"
    "    basis: consent\n"
    "    marketing: own\n"
    "    roles: [customer]\n"
    "    uses: [contact.email, visit]\n"
    "    keep: end of consent\n"
    "  look:\n"
    "    says: { nb: Finne folk, en: Find people }\n"
    "    basis: consent\n"
    "    roles: [customer]\n"
    "    uses: [neutral]\n"
    "    keep: end of consent\n"
    "  group_work:\n"
    "    says: { nb: Drift, en: Operation }\n"
    "    basis: legitimate_interest\n"
    "    roles: [customer]\n"
    "    uses: [contact]\n"
    "    keep: 1 year after collected\n"
    "  courts:\n"
    "    says: { nb: Domstoler, en: Courts }\n"
    "    basis: legal_duty\n"
    "    law: straffeprosessloven § 210\n"
    "    reuses: true\n"
    "    roles: all\n"
    "    uses: all\n"
    "    keep: none\n"
    "intakes:\n"
    "  form: { from: [person], channel: web, for: [hire, news, look], optional: [contact, paper] "
    "}\n"
    "  call: { from: [person], channel: phone, live: true, for: [news], optional: [contact.email] "
    "}\n"
    "  visits: { from: [site], channel: web, for: [news], optional: [visit] }\n"
    "cookies:\n"
    "  seen: { kind: cookie, for: [news], reads: [visit], keep: 1 month after collected }\n"
    "messages:\n"
    "  letter: { for: news, needs: [stop_link, consent], channels: { email: {} } }\n"
    "  receipt: { for: serve, channels: { email: {} } }\n"
    "switches:\n"
    "  stop_news: { stops: { purposes: [news] }, at: [stop_link, page] }\n"
    "recipients:\n"
    "  group: { kind: group, named: [Firm Two AS], for: [group_work], gives: [contact], needs: "
    "[balancing] }\n"
    "  finders: { kind: audience, who: [customer], for: [look], gives: [neutral], needs: "
    "[consent], "
    "searchable: true }\n"
    "  worker: { kind: processor, for: all, gives: all, needs: [contract_with] }\n"
    "  police: { kind: authority, for: [courts], gives: all, needs: [ground] }\n"
    "  partner: { kind: controller, for: [news], gives: [contact.email], needs: [consent] }\n"
    "places: { home: eea, outside: { needs: [safeguard or adequacy] } }\n"
    "rights:\n"
    "  all: { at: [mail, page] }\n"
    "  access: {}\n"
    "  rectify: {}\n"
    "  erase: {}\n"
    "  restrict: {}\n"
    "  portability: {}\n"
    "  object: {}\n"
    "  withdraw: {}\n"
    "  complain: { at: [watch] }\n"
    "change: { tell: [email] }\n";

static const struct plan *load(struct bench *bench, str text, str deployment)
{
    struct policy_source source = {STR("policy.yaml"), text};
    struct policy_source second = {STR("deploy.yaml"), deployment};
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    const struct plan *plan = NULL;
    status loaded = plan_load(bench->words, &source, deployment.len > 0 ? &second : NULL, NULL, 0,
                              bench->arena, &problems, &report, &plan);
    if (!is_ok(loaded))
        print_error("%s: %s\n", report.where, report.text);
    assert_true(is_ok(loaded));
    return plan;
}

static struct problems checked(struct bench *bench, str text, str deployment)
{
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    assert_true(is_ok(plan_check(load(bench, text, deployment), &problems, &report)));
    return problems;
}

/* The sound policy with pieces replaced: pairs of from and to, each piece standing there once. */
static str changed(struct bench *bench, const char *const *pairs)
{
    str text = str_from(SOUND);
    for (; pairs[0] != NULL; pairs += 2) {
        const char *whole = arena_c_string(bench->arena, text);
        const char *at = strstr(whole, pairs[0]);
        if (at == NULL || strstr(at + 1, pairs[0]) != NULL)
            print_error("not once in the policy: %s\n", pairs[0]);
        assert_true(at != NULL && strstr(at + 1, pairs[0]) == NULL);
        struct buf out = buf_in(bench->arena, 1 << 16);
        buf_add(&out, (str){whole, (size_t)(at - whole)});
        buf_text(&out, pairs[1]);
        buf_text(&out, at + strlen(pairs[0]));
        text = buf_str(&out);
    }
    return text;
}

static str with_findings(struct bench *bench, const char *entries)
{
    return arena_format(bench->arena, "%sfindings:\n%s", SOUND, entries);
}

static void print_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->list.count; i++) {
        const struct problem *p = &problems->list.at[i];
        print_error("  %.*s:%u:%u: %s %.*s %.*s at %.*s: %.*s\n", STR_ARG(p->file), p->line,
                    p->column, severity_name(p->severity), STR_ARG(p->id), STR_ARG(p->rule),
                    STR_ARG(p->path), STR_ARG(p->text));
    }
}

static const struct problem *of_rule(const struct problems *problems, const char *rule)
{
    for (size_t i = 0; i < problems->list.count; i++)
        if (str_is(problems->list.at[i].rule, rule))
            return &problems->list.at[i];
    return NULL;
}

static void a_sound_policy_has_nothing_to_report(void **state)
{
    struct problems problems = checked(*state, str_from(SOUND), STR(""));
    print_problems(&problems);
    assert_int_equal(problems.list.count, 0);
}

/* ---- one change for each rule ---- */

struct flaw {
    enum rule rule;
    enum severity severity;
    const char *path;
    const char *changes[7]; /* from, to, from, to ... NULL */
};

#define E SEVERITY_ERROR
#define W SEVERITY_WARNING
#define I SEVERITY_INFO

static const struct flaw FLAWS[] = {
    /* consent */
    {RULE_consent_scope,
     W,
     "rights.withdraw",
     {"basis: consent\n    marketing", "basis: contract\n    marketing",
      "basis: consent\n    roles", "basis: contract\n    roles"}},
    {RULE_withdrawal_missing, E, "rights.withdraw", {"  withdraw: {}\n", ""}},
    {RULE_withdrawal_harder, W, "rights.withdraw", {"withdraw: {}", "withdraw: { at: [desk] }"}},
    {RULE_withdrawal_vs_contract,
     E,
     "purposes.look.keep",
     {"uses: [neutral]\n    keep: end of consent",
      "uses: [neutral]\n    keep: latest of end of agreement, end of consent"}},
    /* basis and purpose */
    {RULE_basis_unspecified,
     W,
     "purposes.group_work.basis",
     {"basis: legitimate_interest", "basis: unspecified"}},
    {RULE_purpose_vague, W, "purposes.hire", {"    says: { nb: Ansette, en: Hire }\n", ""}},
    {RULE_purpose_vague,
     W,
     "purposes.news",
     {"uses: [contact.email, visit]", "profiling: true\n    uses: unspecified"}},
    /* data */
    {RULE_category_unspecified,
     W,
     "categories.paper.fields",
     {"paper: { fields: { letter: text } }", "paper: { fields: unspecified }"}},
    {RULE_category_unspecified,
     W,
     "purposes.group_work.uses",
     {"uses: [contact]\n    keep: 1 year", "uses: unspecified\n    keep: 1 year"}},
    {RULE_class_undefined, E, "sets.neutral", {"neutral: [contact.name]", "neutral: unspecified"}},
    {RULE_criminal_data,
     E,
     "purposes.group_work",
     {"uses: [contact]\n    keep: 1 year", "uses: [offence]\n    keep: 1 year"}},
    {RULE_sensitive_in_free_text, W, "categories.paper", {"letter: text", "letter: file"}},
    /* retention */
    {RULE_retention_unspecified,
     W,
     "purposes.group_work.keep",
     {"keep: 1 year after collected", "keep: unspecified"}},
    {RULE_retention_anchor_unclear,
     E,
     "purposes.hire.keep",
     {"hired: { of: vacancy }", "hired: { of: vacancy }\n  deadline: { of: vacancy }"}},
    {RULE_retention_anchor_unclear,
     W,
     "purposes.group_work.keep",
     {"keep: 1 year after collected", "keep: 1 year after hired"}},
    {RULE_anchor_self_extending, W, "events.applied", {"applied: { by: subject }", "applied: {}"}},
    {RULE_statutory_missing,
     W,
     "purposes.serve",
     {"keep: 5 years after end of year of collected", "keep: none"}},
    /* rights */
    {RULE_rights_missing, E, "rights", {"  restrict: {}\n", ""}},
    {RULE_right_inapplicable,
     I,
     "rights.object",
     {"basis: legitimate_interest", "basis: contract", "marketing: own\n", "per: [channel]\n"}},
    {RULE_channel_electronic,
     W,
     "rights.all",
     {"all: { at: [mail, page] }", "all: { at: [desk] }"}},
    {RULE_channel_electronic, W, "rights.erase", {"erase: {}", "erase: { at: [desk] }"}},
    {RULE_automated_decision,
     E,
     "purposes.group_work",
     {"basis: legitimate_interest", "basis: legitimate_interest\n    decides: true"}},
    /* messages, cookies, recordings */
    {RULE_marketing_ground,
     E,
     "messages.letter.channels.email",
     {"needs: [stop_link, consent], channels", "needs: [stop_link], channels"}},
    {RULE_marketing_ground,
     E,
     "messages.letter.channels.email",
     {"needs: [stop_link, consent], channels", "needs: [consent], channels"}},
    {RULE_stop_scope_unclear,
     W,
     "messages.receipt",
     {"for: serve, channels", "for: serve, needs: [stop_link], channels"}},
    {RULE_cookie_optout,
     E,
     "cookies.seen",
     {"kind: cookie, for: [news]", "kind: cookie, for: [group_work]"}},
    {RULE_cookie_missing, W, "cookies.seen", {"reads: [visit], ", ""}},
    {RULE_cookie_missing,
     W,
     "intakes.visits",
     {"cookies:\n  seen: { kind: cookie, for: [news], reads: [visit], keep: 1 month after "
      "collected }\n",
      ""}},
    {RULE_recording_optout,
     W,
     "intakes.call",
     {"live: true, for: [news]", "live: true, for: [group_work]"}},
    {RULE_default_visible,
     W,
     "recipients.finders",
     {"for: [look], gives: [neutral], needs: [consent]", "for: [group_work], gives: [neutral]"}},
    /* recipients and places */
    {RULE_share_broad,
     W,
     "recipients.group",
     {"gives: [contact], needs: [balancing]", "gives: [contact]"}},
    {RULE_recipient_broad,
     W,
     "recipients.partner.gives",
     {"gives: [contact.email], needs", "gives: all, needs"}},
    {RULE_recipient_unspecified, W, "recipients.group", {"named: [Firm Two AS], ", ""}},
    {RULE_register_closed,
     W,
     "rights.processors",
     {"change: {", "always: { processors_registered: [X-1] }\nchange: {"}},
    {RULE_processor_agreement,
     E,
     "recipients.worker",
     {"gives: all, needs: [contract_with]", "gives: all, needs: [checked]"}},
    {RULE_transfer_unspecified,
     E,
     "places.outside",
     {"needs: [safeguard or adequacy]", "needs: [safeguard or consent]"}},
    {RULE_transfer_unspecified, W, "places.home", {"home: eea", "home: unspecified"}},
    {RULE_eu_vs_eea, I, "places.home", {"home: eea", "home: eu"}},
    {RULE_authority_weak, E, "recipients.police", {"needs: [ground]", "needs: [checked]"}},
    {RULE_authority_weak,
     W,
     "recipients.police",
     {"needs: [ground]", "needs: [checked]", "asks: [how]", "asks: [how, statute]"}},
    /* notice */
    {RULE_indirect_notice,
     W,
     "sources.other",
     {"kind: indirect, needs: [notice]", "kind: indirect"}},
    {RULE_notice_exception_wide,
     E,
     "sources.person",
     {"needs: [notice or known]", "needs: [notice or known or notice_exception]"}},
    /* who */
    {RULE_controller_incomplete, E, "controllers.firm.number", {"number: '310000701', ", ""}},
    {RULE_controller_incomplete,
     E,
     "controllers.firm.contacts",
     {"contacts: [mail] }", "contacts: [] }"}},
    {RULE_joint_controller,
     E,
     "joint.shared",
     {"contacts:\n  mail",
      "joint: { shared: { who: [firm], for: [group_work] } }\ncontacts:\n  mail"}},
    {RULE_social_joint,
     W,
     "recipients.partner",
     {"partner: { kind: controller", "partner: { kind: platform"}},
    {RULE_contact_inconsistent,
     W,
     "contacts.post",
     {"  desk:", "  post: { kind: email, at: post@other.example }\n  desk:"}},
    {RULE_contact_missing,
     I,
     "contacts",
     {"mail: { kind: email, at: mail@firm.example }", "mail: { kind: web, at: firm.example }"}},
    {RULE_supervisor,
     W,
     "contacts.watch",
     {"contacts: [mail] }\ncontacts",
      "contacts: [mail] }\n  two: { name: Two AB, number: '5', address: Road 2, country: SE, "
      "contacts: [mail] }\ncontacts"}},
    /* change, versions, dates, languages */
    {RULE_change_without_notice, W, "change", {"tell: [email]", "tell: []"}},
    {RULE_version_missing, W, "version", {"version: a", "version: unspecified"}},
    {RULE_policy_date, I, "effective", {"2026-01-01", "2018-07-19"}},
    {RULE_language, W, "purposes.hire.says", {"nb: Ansette, en: Hire", "nb: Ansette"}},
};

#undef E
#undef W
#undef I

static bool flaw_is_found(struct bench *bench, const struct flaw *flaw)
{
    const char *code = rule_row(flaw->rule)->code;
    struct problems problems = checked(bench, changed(bench, flaw->changes), STR(""));
    for (size_t i = 0; i < problems.list.count; i++) {
        const struct problem *p = &problems.list.at[i];
        if (str_is(p->rule, code) && str_is(p->path, flaw->path) && p->severity == flaw->severity)
            return p->line > 0 && p->column > 0 && p->text.len > 0 && p->suggestion.len > 0 &&
                   p->article.len > 0 && p->id.len == 0 && str_is(p->file, "policy.yaml");
    }
    print_error("%s is not found at %s\n", code, flaw->path);
    print_problems(&problems);
    return false;
}

static void each_flaw_is_found_at_its_clause(void **state)
{
    size_t missed = 0;
    for (size_t i = 0; i < LENGTH(FLAWS); i++)
        missed += !flaw_is_found(*state, &FLAWS[i]);
    assert_int_equal(missed, 0);
}

static void every_rule_that_a_plan_can_show_has_a_flaw_here(void **state)
{
    (void)state;
    for (unsigned rule = RULE_NONE + 1; rule < RULE_COUNT; rule++) {
        bool here = false;
        for (size_t i = 0; i < LENGTH(FLAWS); i++)
            here |= FLAWS[i].rule == (enum rule)rule;
        const struct rule_row *row = rule_row((enum rule)rule);
        if (here != (row->class != RULE_EDITORIAL))
            print_error("%s\n", row->code);
        assert_int_equal(here, row->class != RULE_EDITORIAL);
    }
}

/* A policy that says nothing of the kind anywhere is worse than one open clause. */
static void a_policy_without_any_basis_data_or_period_has_errors(void **state)
{
    struct bench *bench = *state;
    struct problems problems =
        checked(bench,
                STR("vern: 1\npolicy: p\nversion: a\neffective: 2026-01-01\ntimezone: UTC\n"
                    "languages: [nb]\nroles: [r]\ncategories: { c: { fields: unspecified } }\n"
                    "purposes: { p: { says: { nb: x }, basis: unspecified, roles: [r], uses: [c], "
                    "keep: unspecified } }\n"),
                STR(""));
    const struct problem *basis = of_rule(&problems, "basis-unspecified");
    const struct problem *data = of_rule(&problems, "category-unspecified");
    assert_true(basis != NULL && basis->severity == SEVERITY_ERROR);
    assert_true(data != NULL && data->severity == SEVERITY_ERROR);
    assert_true(str_is(basis->text, "purposes.p: basis and keep are unspecified, so the clause is "
                                    "closed"));
    assert_null(of_rule(&problems, "retention-unspecified")); /* it is in the line above */
}

/* ---- entries of the file ---- */

static void an_entry_lends_its_id_to_what_is_found_at_and_below_its_path(void **state)
{
    struct bench *bench = *state;
    static const char *const CHANGES[] = {
        "number: '310000701', address: Road 1, ", "", "change: {",
        "findings: [{ id: X-1, rule: controller-incomplete, at: controllers }]\nchange: {", NULL};
    struct problems problems = checked(bench, changed(bench, CHANGES), STR(""));
    assert_int_equal(problems.list.count, 1);
    const struct problem *problem = &problems.list.at[0];
    assert_true(str_is(problem->id, "X-1"));
    assert_true(str_is(problem->path, "controllers"));
    assert_true(str_is(problem->text, "controllers.firm.number is unspecified; "
                                      "controllers.firm.address is unspecified"));
    assert_int_equal(problem->line, 8);
    assert_int_equal(problem->column, 3);
}

static void an_entry_that_points_below_what_is_found_lends_its_id_too(void **state)
{
    struct bench *bench = *state;
    static const char *const CHANGES[] = {
        "  complain: { at: [watch] }\n", "", "change: {",
        "findings: [{ id: X-1, rule: rights-missing, at: rights.complain }]\nchange: {", NULL};
    struct problems problems = checked(bench, changed(bench, CHANGES), STR(""));
    assert_int_equal(problems.list.count, 1);
    assert_true(str_is(problems.list.at[0].id, "X-1"));
    assert_true(str_is(problems.list.at[0].text, "not named: complain"));
}

static void an_entry_that_nothing_matches_is_stale(void **state)
{
    struct bench *bench = *state;
    str text = with_findings(
        bench, "  - { id: X-1, rule: retention-unspecified, at: purposes.hire.keep }\n");
    struct problems problems = checked(bench, text, STR(""));
    assert_int_equal(problems.list.count, 1);
    assert_true(str_is(problems.list.at[0].rule, "stale"));
    assert_int_equal(problems.list.at[0].severity, SEVERITY_WARNING);
    assert_int_equal(problems.list.at[0].id.len, 0);
}

/* With a deployment file it has been answered, which is no fault of the policy. */
static void an_entry_that_the_deployment_answers_is_told_as_such(void **state)
{
    struct bench *bench = *state;
    static const char *const CHANGES[] = {
        "keep: 1 year after collected", "keep: unspecified", "change: {",
        "findings: [{ id: X-1, rule: retention-unspecified, at: purposes.group_work.keep }]\n"
        "change: {",
        NULL};
    str deployment = STR("vern: 1\ndeploys: { policy: firm, version: a }\n"
                         "by: { name: Operator, date: 2026-01-02 }\n"
                         "set:\n  purposes.group_work.keep: 2 years after collected\n");
    struct problems problems = checked(bench, changed(bench, CHANGES), deployment);
    assert_int_equal(problems.list.count, 1);
    assert_true(str_is(problems.list.at[0].rule, "stale"));
    assert_int_equal(problems.list.at[0].severity, SEVERITY_INFO);
}

static void editorial_entries_are_asserted_with_the_severity_of_their_place(void **state)
{
    static const struct {
        const char *rule, *at;
        enum severity severity;
    } ENTRIES[] = {
        {"contradiction", "recipients.partner", SEVERITY_ERROR},
        {"contradiction", "intakes.form", SEVERITY_WARNING},
        {"contradiction", "rights.erase", SEVERITY_INFO},
        {"basis-invalid", "purposes.serve", SEVERITY_WARNING},
        {"contract-party", "purposes.serve.basis", SEVERITY_WARNING},
        {"disclaimer", "purposes.serve", SEVERITY_WARNING},
        {"consent-by-use", "places.outside", SEVERITY_ERROR},
        {"indirect-notice", "sources",
         SEVERITY_WARNING}, /* lawful in the file, asserted of the text */
        {"marketing-ground", "messages.letter", SEVERITY_ERROR},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(ENTRIES); i++) {
        str entry = arena_format(bench->arena, "  - { id: X-1, rule: %s, at: %s, says: sagt }\n",
                                 ENTRIES[i].rule, ENTRIES[i].at);
        struct problems problems = checked(bench, with_findings(bench, entry.ptr), STR(""));
        assert_int_equal(problems.list.count, 1);
        const struct problem *problem = &problems.list.at[0];
        assert_true(str_is(problem->rule, ENTRIES[i].rule));
        assert_true(str_is(problem->id, "X-1"));
        assert_true(str_is(problem->text, "sagt"));
        assert_int_equal(problem->severity, ENTRIES[i].severity);
    }
}

static void what_no_basis_is_left_for_is_graver_or_lighter_by_its_rule(void **state)
{
    static const struct {
        const char *rule, *at;
        enum severity severity;
    } ENTRIES[] = {
        {"basis-invalid", "purposes.group_work", SEVERITY_ERROR},
        {"basis-invalid", "recipients.group", SEVERITY_ERROR},
        {"contract-party", "purposes.group_work", SEVERITY_INFO},
        {"marketing-ground", "purposes.group_work", SEVERITY_WARNING},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(ENTRIES); i++) {
        str entry =
            arena_format(bench->arena, "findings: [{ id: X-1, rule: %s, at: %s }]\nchange: {",
                         ENTRIES[i].rule, ENTRIES[i].at);
        const char *const changes[] = {"basis: legitimate_interest", "basis: unspecified",
                                       "change: {", entry.ptr, NULL};
        struct problems problems = checked(bench, changed(bench, changes), STR(""));
        const struct problem *problem = of_rule(&problems, ENTRIES[i].rule);
        if (problem == NULL)
            fail_msg("%s is not reported", ENTRIES[i].rule);
        assert_int_equal(problem->severity, ENTRIES[i].severity);
    }
}

static void an_unknown_rule_gives_the_nearest_code(void **state)
{
    struct bench *bench = *state;
    struct problems problems = checked(
        bench, with_findings(bench, "  - { id: X-1, rule: retention-unspecifed, at: bases }\n"),
        STR(""));
    assert_int_equal(problems.list.count, 1);
    assert_true(str_is(problems.list.at[0].rule, "unknown-rule"));
    assert_int_equal(problems.list.at[0].severity, SEVERITY_ERROR);
    assert_true(str_is(problems.list.at[0].suggestion, "retention-unspecified"));
}

/* ---- forms ---- */

static void holes_stand_one_line_for_each_clause(void **state)
{
    struct bench *bench = *state;
    static const char *const CHANGES[] = {
        "    roles: [customer]\n    uses: [contact]\n    keep: 1 year after collected",
        "    roles: unspecified\n    uses: unspecified\n    keep: unspecified",
        "basis: legitimate_interest", "basis: unspecified", NULL};
    struct problems problems = checked(bench, changed(bench, CHANGES), STR(""));
    assert_int_equal(problems.list.count, 1);
    assert_true(str_is(problems.list.at[0].path, "purposes.group_work"));
    assert_true(str_is(problems.list.at[0].text,
                       "purposes.group_work: basis, uses, keep and roles are unspecified, so the "
                       "clause is closed"));
}

static void a_clause_that_is_one_hole_is_told_once(void **state)
{
    static const char *const WHOLE[] = {"purposes", "intakes",    "cookies", "messages",
                                        "switches", "recipients", "staff",   "spaces"};
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(WHOLE); i++) {
        str deployment = arena_format(bench->arena,
                                      "vern: 1\ndeploys: { policy: firm, version: a }\n"
                                      "by: { name: Operator, date: 2026-01-02 }\n"
                                      "add:\n  %s:\n    extra: unspecified\n",
                                      WHOLE[i]);
        str path = arena_format(bench->arena, "%s.extra", WHOLE[i]);
        struct problems problems = checked(bench, str_from(SOUND), deployment);
        size_t lines = 0;
        for (size_t k = 0; k < problems.list.count; k++)
            lines += str_starts(problems.list.at[k].path, path);
        if (lines != 1)
            print_problems(&problems);
        assert_int_equal(lines, 1);
        assert_true(str_is(problems.list.at[0].file, "deploy.yaml"));
        assert_int_equal(problems.list.at[0].line, 6);
        assert_true(str_equal(
            problems.list.at[0].text,
            arena_format(bench->arena, "%.*s: everything is unspecified, so the clause is closed",
                         STR_ARG(path))));
    }
}

static void problems_come_in_the_order_of_the_file(void **state)
{
    struct bench *bench = *state;
    static const char *const CHANGES[] = {
        "tell: [email]", "tell: []", "home: eea", "home: eu", "number: '310000701', ", "", NULL};
    struct problems problems = checked(bench, changed(bench, CHANGES), STR(""));
    assert_int_equal(problems.list.count, 3);
    for (size_t i = 1; i < problems.list.count; i++)
        assert_true(problems.list.at[i - 1].line <= problems.list.at[i].line);
}

static void problems_are_readable_json(void **state)
{
    struct bench *bench = *state;
    static const char *const CHANGES[] = {"home: eea", "home: eu", NULL};
    struct problems problems = checked(bench, changed(bench, CHANGES), STR(""));
    struct buf text = buf_in(bench->arena, 1 << 16);
    struct report report = {0};
    const struct json *root = NULL;
    problems_json(&problems, &text);
    assert_true(is_ok(json_parse(bench->arena, buf_str(&text), &report, &root)));
    assert_int_equal(root->count, 1);
    str rule, severity;
    int64_t line = 0;
    assert_true(json_str(json_get(root->child, "rule"), &rule));
    assert_true(json_str(json_get(root->child, "severity"), &severity));
    assert_true(json_i64(json_get(root->child, "line"), &line));
    assert_true(str_is(rule, "eu-vs-eea"));
    assert_true(str_is(severity, "info"));
    assert_int_equal(line, problems.list.at[0].line);
    assert_null(json_get(root->child, "id"));
}

static void cited_once(void *context, str id, str path)
{
    struct buf *out = context;
    buf_format(out, "%.*s at %.*s\n", STR_ARG(id), STR_ARG(path));
}

static void obligations_are_listed_with_the_clauses_that_cite_them(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = load(
        bench,
        STR("vern: 1\npolicy: p\nversion: a\neffective: 2026-01-01\ntimezone: UTC\n"
            "languages: [nb]\ncovers: [A-1]\nroles: [r]\ncategories: { c: { covers: [A-2] } }\n"
            "purposes:\n  p:\n    basis: consent\n    roles: [r]\n    uses: [c]\n"
            "    keep: [{ until: end of consent, covers: [A-3] }]\n"
            "messages: { m: { for: p, channels: { email: { covers: [A-4] } } } }\n"
            "places: { home: eea, outside: { needs: [safeguard], covers: [A-5] } }\n"
            "rights: { access: { covers: [A-6] } }\n"
            "always: { closed_fields: [A-7, A-8] }\n"),
        STR(""));
    struct buf out = buf_in(bench->arena, 1 << 16);
    plan_covers(plan, cited_once, &out);
    assert_string_equal(arena_c_string(bench->arena, buf_str(&out)),
                        "A-1 at policy\n"
                        "A-2 at categories.c\n"
                        "A-6 at rights.access\n"
                        "A-7 at always.closed_fields\n"
                        "A-8 at always.closed_fields\n"
                        "A-3 at purposes.p.keep[0]\n"
                        "A-4 at messages.m.channels.email\n"
                        "A-5 at places.outside\n");
}

static void too_little_memory_is_a_limit(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan =
        load(bench, with_findings(bench, "  - { id: X, rule: disclaimer, at: bases }\n"), STR(""));
    CLEANUP(arena_free) struct arena *small = arena_new(64);
    struct problems problems = {.arena = small};
    struct report report = {0};
    assert_int_equal(plan_check(plan, &problems, &report).fault, FAULT_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_policy_has_nothing_to_report),
        cmocka_unit_test(each_flaw_is_found_at_its_clause),
        cmocka_unit_test(every_rule_that_a_plan_can_show_has_a_flaw_here),
        cmocka_unit_test(a_policy_without_any_basis_data_or_period_has_errors),
        cmocka_unit_test(an_entry_lends_its_id_to_what_is_found_at_and_below_its_path),
        cmocka_unit_test(an_entry_that_points_below_what_is_found_lends_its_id_too),
        cmocka_unit_test(an_entry_that_nothing_matches_is_stale),
        cmocka_unit_test(an_entry_that_the_deployment_answers_is_told_as_such),
        cmocka_unit_test(editorial_entries_are_asserted_with_the_severity_of_their_place),
        cmocka_unit_test(what_no_basis_is_left_for_is_graver_or_lighter_by_its_rule),
        cmocka_unit_test(an_unknown_rule_gives_the_nearest_code),
        cmocka_unit_test(holes_stand_one_line_for_each_clause),
        cmocka_unit_test(a_clause_that_is_one_hole_is_told_once),
        cmocka_unit_test(problems_come_in_the_order_of_the_file),
        cmocka_unit_test(problems_are_readable_json),
        cmocka_unit_test(obligations_are_listed_with_the_clauses_that_cite_them),
        cmocka_unit_test(too_little_memory_is_a_limit),
    };
    return cmocka_run_group_tests(tests, bench_open, bench_close);
}
