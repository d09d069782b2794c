/* The certificate of an erasure: what went and when, what became of its keys and of old copies of
 * them, who had it and was told (article 19), what stays and by which exception. It names nobody:
 * only who holds the reference knows whom it is about. */
#include "document_internal.h"
#include "person_words.h"

struct certificate {
    struct paper *paper;
    const struct plan *plan, *then; /* of now, and of when it was erased */
    const struct json *data;
};

static const struct clause *category_in(const struct plan *plan, str name)
{
    word known = name.len == 0 ? 0 : words_find(plan->words, name);
    plan_index index = known == 0 ? (plan_index)NONE : plan_find(plan, plan->category_of, known);
    return index == NONE ? NULL : &plan->category[index].clause;
}

/* As the policy called it when it was erased; where that said nothing in this language, or has been
 * lost, as it is called now. */
static str category_words(const struct certificate *certificate, str name)
{
    struct paper *paper = certificate->paper;
    const struct clause *then = category_in(certificate->then, name),
                        *now = category_in(certificate->plan, name);
    str called = then == NULL ? STR("") : paper_label_if_said(paper, then);
    if (called.len > 0)
        return called;
    if (now != NULL)
        return paper_label(paper, now);
    return then == NULL ? name : paper_label(paper, then);
}

static void put_head(struct certificate *certificate)
{
    struct paper *paper = certificate->paper;
    paper_paragraph(paper, WORDS(paper, TEXT_erasure_intro));
    paper_terms(paper, "issue");
    paper_term(paper, "reference", TEXT_reference_term,
               person_text(certificate->data, "reference"));
    paper_term(paper, "made", TEXT_made_term, person_date(paper, certificate->data, "made"));
}

static void put_erased(struct certificate *certificate)
{
    struct paper *paper = certificate->paper;
    const struct json *names =
        person_list(paper, certificate->data, "categories", "erased.categories");
    bool whole = person_truth(certificate->data, "whole");
    paper_section(paper, "erased", TEXT_erasure_what);
    paper_terms(paper, NULL);
    paper_term(paper, "at", TEXT_erasure_at, person_date(paper, certificate->data, "at"));
    paper_term(paper, "extent", TEXT_erasure_extent,
               WORDS(paper, whole ? TEXT_erasure_whole : TEXT_erasure_part));
    if (!person_truth(certificate->data, "complete")) /* the log had no room for all names */
        paper_lacks(paper, "erased.categories", STR(""));
    paper_list(paper, "categories");
    for (JSON_EACH(name, names))
        paper_point(paper, category_words(certificate, name->text));
    if (names->count == 0)
        paper_point(paper, WORDS(paper, TEXT_erasure_no_data));
}

/* Old copies of keys open until the epoch that wraps them has ended. */
static void put_keys(struct certificate *certificate)
{
    struct paper *paper = certificate->paper;
    const struct json *epoch = json_get(certificate->data, "epoch");
    int64_t erased_in, present;
    paper_section(paper, "keys", TEXT_erasure_keys);
    if (!json_i64(json_get(epoch, "erased_in"), &erased_in) ||
        !json_i64(json_get(epoch, "present"), &present)) {
        paper_lacks(paper, "keys", STR(""));
        return;
    }
    str number = person_number(paper, (uint64_t)erased_in);
    paper_paragraph(paper, WORDS(paper, TEXT_erasure_keys_gone));
    paper_terms(paper, NULL);
    paper_term(paper, "backups", TEXT_erasure_backups,
               present > erased_in ? WORDS(paper, TEXT_erasure_epoch_over, number)
                                   : WORDS(paper, TEXT_erasure_epoch_runs, number));
}

static void put_recipients(struct certificate *certificate)
{
    struct paper *paper = certificate->paper;
    const struct json *list = person_list(paper, certificate->data, "recipients", "recipients");
    paper_section(paper, "recipients", TEXT_erasure_recipients);
    if (!json_is_array(json_get(certificate->data, "recipients")))
        return;
    if (list->count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_erasure_nobody));
        return;
    }
    paper_table(paper, "who", TEXT_none);
    paper_column(paper, "name", TEXT_recipient_head);
    paper_column(paper, "kind", TEXT_recipient_kind_head);
    paper_column(paper, "told", TEXT_erasure_told_head);
    for (JSON_EACH(one, list)) {
        str name = person_text(one, "name"), kind = person_text(one, "recipient");
        str told = person_date(paper, one, "told");
        paper_row(paper);
        paper_cell(paper, name.len > 0 ? name : WORDS(paper, TEXT_erasure_party_gone));
        paper_cell(paper,
                   kind.len > 0 ? person_recipient(paper, kind) : WORDS(paper, TEXT_nothing));
        paper_cell(paper, told.len > 0 ? told
                                       : WORDS(paper, TEXT_erasure_to_tell,
                                               person_date(paper, one, "since")));
    }
}

/* As it is now, since it keeps by that; one that is gone, as it was. The paper then speaks of the
 * plan that has it. */
static const struct plan_purpose *purpose_of(struct certificate *certificate, str by)
{
    paper_speaks_of(certificate->paper, certificate->plan);
    const struct plan_purpose *purpose = person_plan_purpose(certificate->paper, by);
    if (purpose != NULL)
        return purpose;
    paper_speaks_of(certificate->paper, certificate->then);
    return person_plan_purpose(certificate->paper, by);
}

/* Values that the firm keeps in a system of its own: was it said that they are gone there? */
static void put_elsewhere(struct certificate *certificate)
{
    struct paper *paper = certificate->paper;
    const struct json *list = person_list(paper, certificate->data, "elsewhere", "elsewhere");
    paper_section(paper, "elsewhere", TEXT_erasure_elsewhere);
    if (!json_is_array(json_get(certificate->data, "elsewhere")))
        return;
    if (list->count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_erasure_elsewhere_none));
        return;
    }
    paper_table(paper, "fields", TEXT_none);
    paper_column(paper, "field", TEXT_erasure_field_head);
    paper_column(paper, "confirmed", TEXT_erasure_confirmed_head);
    for (JSON_EACH(one, list)) {
        str name = person_text(one, "field"), confirmed = person_date(paper, one, "confirmed");
        word known = words_find(certificate->plan->words, name);
        plan_index field = known == 0
                               ? (plan_index)NONE
                               : plan_find(certificate->plan, certificate->plan->field_of, known);
        paper_row(paper);
        paper_cell(paper, field == NONE ? name : paper_field_label(paper, field));
        paper_cell(paper, confirmed.len > 0 ? confirmed
                                            : WORDS(paper, TEXT_erasure_to_confirm,
                                                    person_date(paper, one, "since")));
    }
}

static str why_of(struct certificate *certificate, str by)
{
    struct paper *paper = certificate->paper;
    const struct plan_purpose *purpose = purpose_of(certificate, by);
    if (str_is(by, "always.hold_limits_use"))
        return WORDS(paper, TEXT_of_these, WORDS(paper, TEXT_exception_legal_claims),
                     words_article(paper, STR("GDPR 17(3)(e)")));
    if (purpose == NULL)
        return by;
    str basis = words_basis(paper, purpose);
    if (purpose->basis == BASIS_LEGAL_DUTY)
        basis = WORDS(paper, TEXT_of_these, basis, words_article(paper, STR("GDPR 17(3)(b)")));
    return WORDS(paper, TEXT_colon, paper_label(paper, &purpose->clause), basis);
}

static void put_kept(struct certificate *certificate)
{
    struct paper *paper = certificate->paper;
    const struct json *list = person_list(paper, certificate->data, "kept", "kept");
    paper_section(paper, "kept", TEXT_erasure_kept);
    if (!json_is_array(json_get(certificate->data, "kept")))
        return;
    if (list->count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_erasure_kept_none));
        return;
    }
    paper_table(paper, "what", TEXT_none);
    paper_column(paper, "category", TEXT_category_head);
    paper_column(paper, "exception", TEXT_letter_exception);
    paper_columns(paper, "until", TEXT_until_head);
    for (JSON_EACH(one, list)) {
        str by = person_text(one, "by");
        const struct plan_purpose *purpose = purpose_of(certificate, by);
        paper_row(paper);
        paper_cell(paper, category_words(certificate, person_text(one, "category")));
        paper_cell(paper, why_of(certificate, by));
        paper_cell(paper, purpose == NULL ? WORDS(paper, TEXT_access_kept_open) : STR(""));
        for (uint16_t i = 0; purpose != NULL && i < purpose->keep.count; i++)
            paper_also(paper, words_kept(paper, purpose, &purpose->keep.at[i]));
        if (purpose != NULL && purpose->keep.count == 0)
            paper_also(paper, WORDS(paper, TEXT_access_kept_open));
    }
    paper_speaks_of(paper, certificate->plan);
}

/* The root of the log that the receipt leads to: the third line of the checkpoint. */
static str root_of(str checkpoint)
{
    str rest = checkpoint, line = STR("");
    for (int i = 0; i < 3; i++) {
        if (!str_next(&rest, '\n', &line))
            return STR("");
    }
    return line;
}

static void put_proof(struct certificate *certificate)
{
    struct paper *paper = certificate->paper;
    const struct json *proof = json_get(certificate->data, "proof");
    int64_t index = -1;
    (void)json_i64(json_get(proof, "index"), &index);
    paper_section(paper, "proof", TEXT_erasure_proof);
    paper_paragraph(paper, WORDS(paper, TEXT_erasure_proof_text));
    paper_terms(paper, NULL);
    paper_term(paper, "entry", TEXT_log_term,
               index < 0 ? STR("") : person_number(paper, (uint64_t)index));
    paper_term(paper, "root", TEXT_erasure_root, root_of(person_text(proof, "checkpoint")));
    paper_term(paper, "key", TEXT_erasure_key, person_text(proof, "key"));
}

status erasure_paper(const struct person_ask *ask, struct arena *arena, struct report *report,
                     struct paper **paper)
{
    struct paper_start start = {PAPER_erasure, ask->plan, ask->language};
    struct certificate certificate = {.paper = paper_begin(&start, arena),
                                      .plan = ask->plan,
                                      .then = ask->then == NULL ? ask->plan : ask->then,
                                      .data = ask->data};
    if (certificate.paper == NULL)
        return NO_MEMORY(report);
    put_head(&certificate);
    put_erased(&certificate);
    put_keys(&certificate);
    put_recipients(&certificate);
    put_elsewhere(&certificate);
    put_kept(&certificate);
    person_put_complaint(certificate.paper, ask->data);
    paper_section(certificate.paper, "responsible", TEXT_controller_heading);
    person_put_controllers(certificate.paper,
                           person_list(certificate.paper, ask->data, "controllers", "responsible"));
    put_proof(&certificate);
    *paper = certificate.paper;
    return paper_finish(certificate.paper, report);
}
