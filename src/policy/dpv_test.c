/* Terms of the Data Privacy Vocabulary: each that we emit is one of its own, and what it says about
 * which rights go with which basis is what the plan does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "plan.h"
#include "policy_bench.h"

enum { FILE_BYTES = 8 << 20 };

/* The published file of that name; without it the test counts as skipped. */
static str published(struct bench *bench, const char *name)
{
    const char *shared = getenv("VERN_SHARED");
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/vectors/dpv/%s", shared == NULL ? "" : shared, name);
    if (!file_exists(path))
        skip();
    str text;
    struct report report = {0};
    if (!is_ok(file_read(path, bench->arena, FILE_BYTES, &report, &text)))
        fail_msg("%s: %s", name, report.text);
    return text;
}

/* Does the quoted text stand in the file? */
static bool has(str text, const char *quoted)
{
    char wanted[256];
    int length = snprintf(wanted, sizeof(wanted), "\"%s\"", quoted);
    return memmem(text.ptr, text.len, wanted, (size_t)length) != NULL;
}

static bool maps(str text, const char *basis, const char *right)
{
    char wanted[256];
    int length = snprintf(wanted, sizeof(wanted), "\"%s\",\"%s\"", basis, right);
    return memmem(text.ptr, text.len, wanted, (size_t)length) != NULL;
}

static void every_term_that_we_emit_is_published(void **state)
{
    struct bench *bench = *state;
    str terms = published(bench, "eu-gdpr.csv");
    for (unsigned basis = BASIS_CONSENT; basis < BASIS_COUNT; basis++)
        assert_true(has(terms, basis_dpv((enum basis)basis)));
    for (unsigned right = RIGHT_ACCESS; right < RIGHT_PROCESSORS; right++)
        assert_true(has(terms, right_dpv((enum right)right)));
}

static const struct plan *plan_of(struct bench *bench, const char *name, str text)
{
    struct policy_source source = {str_from(name), text};
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    const struct plan *plan;
    if (!is_ok(plan_load(bench->words, &source, NULL, NULL, 0, bench->arena, &problems, &report,
                         &plan)))
        fail_msg("%s: %s", name, report.text);
    return plan;
}

static const struct plan *with_basis(struct bench *bench, enum basis basis)
{
    str text = arena_format(
        bench->arena,
        "vern: 1\npolicy: firm\nversion: \"1\"\neffective: 2026-01-01\ntimezone: Europe/Oslo\n"
        "languages: [nb]\ncontrollers:\n  firm: { name: Firm AS }\nroles: [client]\n"
        "categories:\n  contact: { fields: { email: email } }\npurposes:\n"
        "  work: { basis: %s, law: a law, roles: [client], uses: [contact], "
        "keep: 1 year after collected }\n",
        basis_name(basis));
    return plan_of(bench, "basis.yaml", text);
}

static void rights_go_with_the_bases_that_the_vocabulary_says(void **state)
{
    struct bench *bench = *state;
    str mapping = published(bench, "legal_basis_rights_mapping.csv");
    for (unsigned b = BASIS_CONSENT; b < BASIS_COUNT; b++) {
        enum basis basis = (enum basis)b;
        const struct plan *plan = with_basis(bench, basis);
        assert_int_equal(plan->purpose[0].objection != OBJECTION_NONE,
                         maps(mapping, basis_dpv(basis), right_dpv(RIGHT_OBJECT)));
        assert_int_equal(basis_gives_portability(basis),
                         maps(mapping, basis_dpv(basis), right_dpv(RIGHT_PORTABILITY)));
        assert_int_equal(basis == BASIS_CONSENT,
                         maps(mapping, basis_dpv(basis), right_dpv(RIGHT_WITHDRAW)));
    }
}

static void the_terms_of_the_example_policy_are_published(void **state)
{
    struct bench *bench = *state;
    str purposes = published(bench, "purposes.csv");
    struct report report = {0};
    str text;
    if (!is_ok(file_read("policies/example.yaml", bench->arena, FILE_BYTES, &report, &text)))
        fail_msg("%s", report.text);
    const struct plan *plan = plan_of(bench, "policies/example.yaml", text);
    size_t named = 0;
    for (size_t i = 0; i < plan->purpose_count; i++) {
        str term = words_text(plan->words, plan->purpose[i].clause.dpv);
        if (str_is_empty(term))
            continue;
        char iri[128];
        (void)snprintf(iri, sizeof(iri), "https://w3id.org/dpv#%.*s", STR_ARG(term));
        assert_true(has(purposes, iri));
        named++;
    }
    assert_true(named >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_term_that_we_emit_is_published, bench_open,
                                        bench_close),
        cmocka_unit_test_setup_teardown(rights_go_with_the_bases_that_the_vocabulary_says,
                                        bench_open, bench_close),
        cmocka_unit_test_setup_teardown(the_terms_of_the_example_policy_are_published, bench_open,
                                        bench_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
