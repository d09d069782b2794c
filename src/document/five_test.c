/* Each paper that the law asks for, of each of the five policies as deployed, in nb, nn and en:
 * none refused, none with a blank, none with a word that another language has.
 *
 * What lies with a register alone (people, requests, erasures, breaches) is made up here, so that
 * it names everything that the policy has a name for. VERN_PAGES=FOLDER writes the pages there. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "breach_paper.h"
#include "package.h"
#include "person_bench.h"

static const char *const POLICIES[] = {"cobuilder", "infobric", "cloudberries", "hosting",
                                       "confect"};

struct five {
    struct bench *bench;
    const char *policy;
    const struct plan *plan, *before, *customer;
    enum language language;
    size_t papers;
};

/* ---- policies ---- */

static str file_text(struct bench *bench, const char *name, const char *tail)
{
    struct report report = {0};
    str text, path = arena_format(bench->arena, "policies/%s%s", name, tail);
    if (!is_ok(
            file_read(arena_c_string(bench->arena, path), bench->arena, 1 << 20, &report, &text)))
        fail_msg("%s", report.text);
    return text;
}

static const struct plan *load_one(struct bench *bench, const char *name, const char *tail,
                                   bool deployed, const struct policy_override *with)
{
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    struct policy_source policy = {str_from(name), file_text(bench, name, tail)}, more;
    if (deployed)
        more = (struct policy_source){STR("deploy"), file_text(bench, name, ".deploy.yaml")};
    const struct plan *plan;
    if (!is_ok(plan_load(bench->words, &policy, deployed ? &more : NULL, with, with != NULL,
                         bench->arena, &problems, &report, &plan)))
        fail_msg("%s: %s %s", name, report.text,
                 problems.list.count > 0 ? arena_c_string(bench->arena, problems.list.at[0].text)
                                         : "");
    return plan;
}

/* The version before: one of its purposes kept data for a week. */
static const struct plan *load_before(struct five *five)
{
    static const char *const WEEKLY[] = {"purposes.training.keep", "purposes.surveys.keep",
                                         "purposes.follow_up.keep", "purposes.invoicing.keep",
                                         "purposes.support.keep"};
    struct policy_override with = {.value = STR("7 days after collected")};
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        if (strcmp(POLICIES[i], five->policy) == 0)
            with.path = str_from(WEEKLY[i]);
    }
    return load_one(five->bench, five->policy, ".yaml", true, &with);
}

/* ---- the language of a text ---- */

/* Words that only one of the forms has; a star stands for any beginning. */
static const char *const ONLY_NB[] = {
    "ikke",       "fra",       "hva",         "hvem",      "hvor",      "hvordan",      "hvorfor",
    "hvilke",     "noe",       "noen",        "disse",     "et",        "mer",          "bare",
    "også",       "uten",      "være",        "gjøre",     "selv",      "uke",          "måned",
    "måneder",    "navn",      "formål",      "formålet",  "formålene", "tjenester",    "tjenesten",
    "tjenestene", "slettes",   "lagres",      "brukes",    "gjelder",   "virksomheten", "loven",
    "kunder",     "brukere",   "mottaker",    "mottakere", "kilde",     "kilder",       "nettsted",
    "nettstedet", "myndighet", "myndigheter", "krever",    "behandler", "leverandører", "de",
    "dem",        "*inger",    "*ingene",     "*heter",    "*elsen",    "*ninger"};
static const char *const ONLY_NN[] = {
    "ikkje",    "frå",        "kva",        "kven",         "kvar",       "korleis",   "kvifor",
    "kor",      "noko",       "nokon",      "desse",        "ein",        "eit",       "ei",
    "meir",     "berre",      "òg",         "utan",         "vere",       "gjere",     "gjer",
    "sjølv",    "veke",       "månad",      "månader",      "namn",       "føremål",   "føremålet",
    "føremåla", "tenester",   "tenesta",    "tenestene",    "gjeld",      "verksemda", "dei",
    "lova",     "kundar",     "brukarar",   "mottakar",     "mottakarar", "kjelde",    "kjelder",
    "nettstad", "nettstaden", "styresmakt", "styresmakter", "krev",       "behandlar", "*ingar",
    "*ingane"};
static const char *const ONLY_EN[] = {"the",  "of",    "and",  "with", "which", "you",  "your",
                                      "are",  "not",   "from", "this", "that",  "what", "when",
                                      "they", "their", "has",  "have", "been"};
/* Norwegian of both kinds. */
static const char *const BOTH[] = {"og",    "på",   "til", "av",    "som", "deg",        "når",
                                   "eller", "blir", "ved", "etter", "vi",  "opplysning", "hos"};

static bool is_word(str token, const char *known)
{
    return known[0] == '*' ? str_ends(token, str_from(known + 1)) : str_is(token, known);
}

static bool is_letter(char at)
{
    return (at >= 'a' && at <= 'z') || (at & 0x80) != 0;
}

/* What stands between spaces, small, without what surrounds it; a path or an address is no word. */
static bool next_token(str *rest, char room[64], str *token)
{
    str piece;
    while (str_next(rest, ' ', &piece)) {
        size_t len = 0, from = 0, to = piece.len < 63 ? piece.len : 63;
        for (size_t i = 0; i < to; i++)
            room[len++] = (char)(piece.ptr[i] >= 'A' && piece.ptr[i] <= 'Z' ? piece.ptr[i] + 32
                                                                            : piece.ptr[i]);
        while (from < len && !is_letter(room[from]))
            from++;
        while (len > from && !is_letter(room[len - 1]))
            len--;
        *token = (str){room + from, len - from};
        if (token->len > 0)
            return true;
    }
    return false;
}

static const char *foreign_word(str token, enum language language)
{
    static const struct {
        const char *const *words;
        size_t count;
        bool in[LANGUAGE_COUNT]; /* where it is at home */
    } LISTS[] = {{ONLY_NB, LENGTH(ONLY_NB), {[LANGUAGE_NB] = true}},
                 {ONLY_NN, LENGTH(ONLY_NN), {[LANGUAGE_NN] = true}},
                 {ONLY_EN, LENGTH(ONLY_EN), {[LANGUAGE_EN] = true}},
                 {BOTH, LENGTH(BOTH), {[LANGUAGE_NB] = true, [LANGUAGE_NN] = true}}};
    for (size_t i = 0; i < LENGTH(LISTS); i++) {
        for (size_t k = 0; !LISTS[i].in[language] && k < LISTS[i].count; k++) {
            if (is_word(token, LISTS[i].words[k]))
                return LISTS[i].words[k];
        }
    }
    return NULL;
}

/* How many words of the text another language has alone. Each is printed. */
static unsigned foreign_words(const struct five *five, const char *paper, str text)
{
    unsigned found = 0;
    char room[64];
    str rest = text, token;
    while (next_token(&rest, room, &token)) {
        if (foreign_word(token, five->language) == NULL)
            continue;
        found++;
        print_error("%s in %s, %s: \"%.*s\" in \"%.*s\"\n", five->policy,
                    language_tag(five->language), paper, STR_ARG(token), STR_ARG(text));
    }
    return found;
}

/* ---- a paper ---- */

static unsigned blanks_below(const struct five *five, const char *paper, const struct part *part)
{
    bool text = part->kind == PART_VALUE || part->kind == PART_PARAGRAPH;
    bool holder = part->kind == PART_TERM || part->kind == PART_CELL;
    unsigned found = (text && part->text.len == 0) || (holder && part->first == NULL);
    if (found > 0)
        print_error("%s in %s, %s: a blank at %s\n", five->policy, language_tag(five->language),
                    paper, part->key == NULL ? "a cell" : part->key);
    for (const struct part *inner = part->first; inner != NULL; inner = inner->next)
        found += blanks_below(five, paper, inner);
    return found;
}

static unsigned foreign_below(const struct five *five, const char *paper, const struct part *part)
{
    unsigned found = foreign_words(five, paper, part->text);
    for (const struct part *inner = part->first; inner != NULL; inner = inner->next)
        found += foreign_below(five, paper, inner);
    return found;
}

static void keep_page(const struct five *five, const char *name, str page)
{
    const char *folder = getenv("VERN_PAGES");
    char path[512];
    if (folder == NULL)
        return;
    (void)snprintf(path, sizeof(path), "%s/%s-%s-%zu-%s.html", folder, five->policy,
                   language_tag(five->language), five->papers, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(page.ptr, 1, page.len, file), page.len);
    assert_int_equal(fclose(file), 0);
}

static void is_refused_nowhere(const struct five *five, const char *name, const struct paper *paper,
                               status issued, const struct report *report)
{
    size_t count = 0;
    const struct paper_lack *lacks = paper == NULL ? NULL : paper_lacking(paper, &count);
    for (size_t i = 0; i < count; i++)
        print_error("%s in %s, %s lacks %.*s (%.*s)\n", five->policy, language_tag(five->language),
                    name, STR_ARG(lacks[i].item), STR_ARG(lacks[i].path));
    if (!is_ok(issued))
        fail_msg("%s in %s, %s: %s", five->policy, language_tag(five->language), name,
                 report->text);
}

static void is_good(struct five *five, struct paper *paper, status issued,
                    const struct report *report)
{
    const char *name = paper == NULL ? "no paper" : paper_kind_name(paper->kind);
    is_refused_nowhere(five, name, paper, issued, report);
    str page = page_of(five->bench, paper);
    page_is_sound(page, language_tag(five->language));
    keep_page(five, name, page);
    assert_int_equal(blanks_below(five, name, &paper->root), 0);
    assert_int_equal(foreign_below(five, name, &paper->root), 0);
    five->papers++;
}

/* A text of many: every string of a document for machines that a person reads. */
static unsigned foreign_labels(const struct five *five, const char *name, const struct json *json)
{
    unsigned found = 0;
    bool label = str_is(json->name, "label") || str_is(json->name, "dct:title") ||
                 str_is(json->name, "title") || str_is(json->name, "text");
    if (label && json_is_string(json))
        found += foreign_words(five, name, json->text);
    for (const struct json *one = json->child; one != NULL; one = one->next)
        found += foreign_labels(five, name, one);
    return found;
}

static void is_good_data(struct five *five, const char *name, status issued,
                         const struct report *report, const struct buf *buf)
{
    struct report parsing = {0};
    const struct json *root;
    is_refused_nowhere(five, name, NULL, issued, report);
    assert_true(is_ok(json_parse(five->bench->arena, buf_str(buf), &parsing, &root)));
    assert_int_equal(foreign_labels(five, name, root), 0);
    five->papers++;
}

/* ---- papers of the policy alone ---- */

static void notices(struct five *five)
{
    struct notice_ask ask = {.plan = five->plan, .language = five->language};
    struct report report = {0};
    struct paper *paper = NULL;
    status issued = notice_paper(&ask, five->bench->arena, &report, &paper);
    is_good(five, paper, issued, &report);
    struct buf buf = buf_in(five->bench->arena, PAGE_ROOM);
    issued = notice_jsonld(&ask, five->bench->arena, &report, &buf);
    is_good_data(five, "notice as JSON-LD", issued, &report, &buf);
    for (uint16_t i = 0; i < five->plan->controller_count; i++) {
        ask.controller = words_text(five->plan->words, five->plan->controller[i].clause.name);
        issued = notice_paper(&ask, five->bench->arena, &report, &paper);
        is_good(five, paper, issued, &report);
    }
    ask.controller = STR("");
    ask.reference = STR("AAAAAAAAAAAAAAAAAAAAAA");
    for (uint16_t i = 0; i < five->plan->intake_count; i++) {
        if (five->plan->intake[i].clause.closed)
            continue;
        ask.intake = words_text(five->plan->words, five->plan->intake[i].clause.name);
        issued = notice_paper(&ask, five->bench->arena, &report, &paper);
        is_good(five, paper, issued, &report);
    }
}

/* One of each kind of recipient, here and abroad. */
static size_t parties_of(const struct plan *plan, struct record_party *parties, size_t room)
{
    static const struct record_proof PROOFS[] = {{KIND_PROCESSOR_AGREEMENT, NEVER},
                                                 {KIND_SAFEGUARD, {1798758000000}}};
    size_t count = 0;
    for (plan_index i = 0; i < plan->recipient_count && count + 2 <= room; i++) {
        if (plan->recipient[i].clause.closed || plan->recipient[i].never)
            continue;
        parties[count++] = (struct record_party){
            .name = STR("Alfa AS"), .recipient = i, .zone = STR("NO"), .public = true};
        parties[count++] = (struct record_party){.name = STR("Beta Inc"),
                                                 .recipient = i,
                                                 .under = STR("Alfa AS"),
                                                 .zone = STR("US"),
                                                 .outside = true,
                                                 .proofs = PROOFS,
                                                 .proof_count = LENGTH(PROOFS)};
    }
    return count;
}

/* GDPR 35: where a purpose needs an assessment, one can be put on file. */
static void has_its_evidence(struct five *five, const struct paper *paper)
{
    static const char lacks[] = "evidence.impact_assessment";
    struct buf buf = buf_in(five->bench->arena, PAGE_ROOM);
    paper_json(paper, &buf);
    assert_null(memmem(buf_str(&buf).ptr, buf_str(&buf).len, lacks, sizeof(lacks) - 1));
}

static void plans_and_lists(struct five *five)
{
    static status (*const papers[])(const struct policy_ask *ask, struct arena *arena,
                                    struct report *report, struct paper **paper) = {
        retention_paper, transfers_paper, processors_paper, balancing_paper, assessment_paper};
    enum { ROOM = 64 };
    struct record_party parties[ROOM];
    struct policy_ask ask = {.plan = five->plan, .language = five->language, .parties = parties};
    ask.party_count = parties_of(five->plan, parties, ROOM);
    for (size_t i = 0; i < LENGTH(papers) * 2; i++) {
        struct report report = {0};
        struct paper *paper = NULL;
        ask.live = i % 2 == 1;
        status issued = papers[i / 2](&ask, five->bench->arena, &report, &paper);
        is_good(five, paper, issued, &report);
        if (papers[i / 2] == assessment_paper)
            has_its_evidence(five, paper);
    }
    struct report report = {0};
    struct paper *paper = NULL;
    status issued = changes_paper(&ask, five->before, five->bench->arena, &report, &paper);
    is_good(five, paper, issued, &report);
    assert_true(paper_has(paper, "changed.list.now"));
}

/* JSON, CSV and HTML. */
static void is_good_in_each_form(struct five *five, struct paper *paper, const char *table)
{
    struct report report = {0};
    struct buf json = buf_in(five->bench->arena, PAGE_ROOM),
               csv = buf_in(five->bench->arena, PAGE_ROOM);
    const struct json *root;
    paper_json(paper, &json);
    assert_true(is_ok(json_parse(five->bench->arena, buf_str(&json), &report, &root)));
    assert_true(str_is(json_get(root, "language")->text, language_tag(five->language)));
    assert_true(is_ok(paper_csv(paper, table, &report, &csv)));
    assert_null(memmem(csv.ptr, csv.len, ",,", 2));
}

static void records(struct five *five)
{
    enum { ROOM = 64 };
    struct record_party parties[ROOM];
    const struct record_customer customer = {.plan = five->customer};
    struct record_ask ask = {.plan = five->plan,
                             .language = five->language,
                             .live = true,
                             .parties = parties,
                             .party_count = parties_of(five->plan, parties, ROOM),
                             .customers = &customer,
                             .customer_count = five->customer != NULL};
    for (uint16_t i = 0; i < five->plan->controller_count; i++) {
        struct report report = {0};
        struct paper *paper = NULL;
        ask.controller = words_text(five->plan->words, five->plan->controller[i].clause.name);
        for (int processor = 0; processor < 2; processor++) {
            ask.processor = processor == 1;
            if (ask.processor && five->plan->space_count == 0)
                continue; /* it processes for nobody, and says so by refusing */
            status issued = record_paper(&ask, five->bench->arena, &report, &paper);
            is_good(five, paper, issued, &report);
            is_good_in_each_form(five, paper, "processing");
        }
    }
}

/* ---- papers of a person ---- */

static void put_controllers(struct json_out *out)
{
    json_key(out, "controllers");
    json_open_array(out);
    json_open_object(out);
    json_key(out, "name");
    json_put_text(out, "Alfa AS");
    json_key(out, "contacts");
    json_open_array(out);
    json_open_object(out);
    json_key(out, "kind");
    json_put_text(out, "email");
    json_key(out, "at");
    json_put_text(out, "a@alfa.example");
    json_close_object(out);
    json_close_array(out);
    json_close_object(out);
    json_close_array(out);
}

static void put_member(struct json_out *out, const char *key, const char *value)
{
    json_key(out, key);
    json_put_text(out, value);
}

static void put_name(struct json_out *out, const struct five *five, const char *key, word name)
{
    json_key(out, key);
    json_put_str(out, words_text(five->plan->words, name));
}

static void open_document(struct json_out *out)
{
    json_open_object(out);
    put_member(out, "made", "2026-11-25T10:00:00Z");
    put_member(out, "reference", "AAAAAAAAAAAAAAAAAAAAAA");
    put_controllers(out);
}

/* Every purpose that is open, as {"purpose": name} or with an end. */
static void put_purposes(struct json_out *out, const struct five *five)
{
    json_key(out, "purposes");
    json_open_array(out);
    for (uint16_t i = 0; i < five->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &five->plan->purpose[i];
        if (purpose->clause.closed || purpose->decides)
            continue;
        json_open_object(out);
        put_name(out, five, "purpose", purpose->clause.name);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_items(struct json_out *out, const struct five *five)
{
    json_key(out, "items");
    json_open_array(out);
    for (plan_index f = 0; f < five->plan->field_count; f++) {
        const struct plan_field *field = &five->plan->field[f];
        json_open_object(out);
        put_name(out, five, "field", field->name);
        put_member(out, "value", "XYZ");
        put_name(out, five, "source", five->plan->source[f % five->plan->source_count].clause.name);
        put_member(out, "intake", "x");
        put_member(out, "channel", "web");
        put_member(out, "collected", "2026-11-01T10:00:00Z");
        put_purposes(out, five);
        json_close_object(out);
    }
    json_close_array(out);
}

/* Evidence of every type that the policy declares, and a consent to every purpose that rests on it.
 */
static void put_evidence(struct json_out *out, const struct five *five)
{
    json_key(out, "evidence");
    json_open_array(out);
    for (plan_index i = 0; i < five->plan->evidence_count; i++) {
        json_open_object(out);
        put_name(out, five, "type", five->plan->evidence[i].clause.name);
        put_member(out, "since", "2026-11-01T10:00:00Z");
        put_name(out, five, "purpose", five->plan->purpose[0].clause.name);
        json_key(out, "details");
        json_open_object(out);
        put_member(out, "wording", "XYZ?");
        put_member(out, "act", "click");
        put_member(out, "policy", "2026-01");
        json_close_object(out);
        json_close_object(out);
    }
    for (uint16_t i = 0; i < five->plan->purpose_count; i++) {
        if (five->plan->purpose[i].basis != BASIS_CONSENT)
            continue;
        json_open_object(out);
        put_member(out, "type", "consent");
        put_name(out, five, "purpose", five->plan->purpose[i].clause.name);
        put_member(out, "since", "2026-11-01T10:00:00Z");
        json_key(out, "details");
        json_open_object(out);
        put_member(out, "wording", "XYZ?");
        put_member(out, "act", "click");
        put_member(out, "policy", "2026-01");
        json_close_object(out);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_receivers(struct json_out *out, const struct five *five, bool disclosed)
{
    json_key(out, disclosed ? "disclosures" : "recipients");
    json_open_array(out);
    for (uint16_t i = 0; i < five->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &five->plan->recipient[i];
        if (recipient->clause.closed || recipient->never)
            continue;
        json_open_object(out);
        put_name(out, five, "recipient", recipient->clause.name);
        put_member(out, "at", "2026-11-05T10:00:00Z");
        put_member(out, "since", "2026-11-05T10:00:00Z");
        put_name(out, five, "purpose", five->plan->purpose[0].clause.name);
        put_member(out, "zone", "US");
        json_key(out, "outside");
        json_put_bool(out, true);
        json_key(out, "fields");
        json_open_array(out);
        json_put_str(out, words_text(five->plan->words, five->plan->field[0].name));
        json_close_array(out);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_names(struct json_out *out, const char *key, const char *const *names, size_t count)
{
    json_key(out, key);
    json_open_array(out);
    for (size_t i = 0; i < count; i++)
        json_put_text(out, names[i]);
    json_close_array(out);
}

static void put_person(struct json_out *out, const struct five *five)
{
    static const char *const RIGHTS[] = {"access",   "rectify",     "erase",
                                         "restrict", "portability", "object"};
    open_document(out);
    put_items(out, five);
    put_purposes(out, five);
    put_evidence(out, five);
    put_receivers(out, five, false);
    put_receivers(out, five, true);
    json_key(out, "roles");
    json_open_array(out);
    for (uint16_t i = 0; i < five->plan->role_count; i++) {
        json_open_object(out);
        put_name(out, five, "role", five->plan->role[i].clause.name);
        json_close_object(out);
    }
    json_close_array(out);
    put_names(out, "rights", RIGHTS, LENGTH(RIGHTS));
    put_names(out, "concerns", NULL, 0);
    put_member(out, "complaint", "datatilsynet.no");
    json_close_object(out);
}

static const struct json *document(struct five *five,
                                   void (*put)(struct json_out *out, const struct five *five))
{
    struct buf buf = buf_in(five->bench->arena, PAGE_ROOM);
    struct json_out out = json_out_over(&buf);
    struct report report = {0};
    const struct json *data;
    put(&out, five);
    if (!is_ok(json_parse(five->bench->arena, buf_str(&buf), &report, &data)))
        fail_msg("%s", report.text);
    return data;
}

static void person_papers(struct five *five)
{
    struct arena *arena = five->bench->arena;
    struct report report = {0};
    struct paper *paper = NULL;
    struct person_ask ask = {
        .plan = five->plan, .language = five->language, .data = document(five, put_person)};
    status issued = access_paper(&ask, arena, &report, &paper);
    is_good(five, paper, issued, &report);
    struct buf buf = buf_in(arena, PAGE_ROOM);
    issued = consents_jsonld(&ask, arena, &report, &buf);
    is_good_data(five, "consents", issued, &report, &buf);
    struct package package;
    issued = package_make(&ask, STR("{}"), STR("log+1+k"), arena, &report, &package);
    is_refused_nowhere(five, "package", NULL, issued, &report);
    for (size_t i = 0; i < package.files.count; i++) {
        const struct package_file *file = &package.files.at[i];
        if (!str_ends(file->name, STR(".html")) || str_is(file->name, "verify.html"))
            continue;
        page_is_sound(file->text, language_tag(five->language));
        keep_page(five, "package", file->text);
        five->papers++;
    }
}

/* One value of the firm's own systems that they say is gone, and one that they say nothing of. */
static void put_elsewhere(struct json_out *out, const struct five *five)
{
    json_key(out, "elsewhere");
    json_open_array(out);
    for (int i = 0; i < 2; i++) {
        json_open_object(out);
        put_name(out, five, "field", five->plan->field[i].name);
        put_member(out, "since", "2026-11-20T10:00:00Z");
        json_key(out, "confirmed");
        if (i == 0)
            json_put_text(out, "2026-11-23T10:00:00Z");
        else
            json_put_null(out);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_erasure(struct json_out *out, const struct five *five)
{
    open_document(out);
    put_member(out, "at", "2026-11-20T10:00:00Z");
    json_key(out, "whole");
    json_put_bool(out, false);
    json_key(out, "complete");
    json_put_bool(out, true);
    json_key(out, "categories");
    json_open_array(out);
    for (uint16_t i = 0; i < five->plan->category_count; i++)
        json_put_str(out, words_text(five->plan->words, five->plan->category[i].clause.name));
    json_close_array(out);
    json_key(out, "kept");
    json_open_array(out);
    for (uint16_t i = 0; i < five->plan->purpose_count; i++) {
        if (five->plan->purpose[i].clause.closed)
            continue;
        json_open_object(out);
        put_name(out, five, "category", five->plan->category[0].clause.name);
        put_name(out, five, "by", five->plan->purpose[i].clause.name);
        json_close_object(out);
    }
    json_close_array(out);
    put_receivers(out, five, false);
    put_elsewhere(out, five);
    json_key(out, "epoch");
    json_open_object(out);
    json_key(out, "erased_in");
    json_put_u64(out, 3);
    json_key(out, "present");
    json_put_u64(out, 3);
    json_close_object(out);
    json_key(out, "proof");
    json_open_object(out);
    json_key(out, "index");
    json_put_u64(out, 41);
    put_member(out, "checkpoint", "log\n50\nROOT=\n\n- x");
    put_member(out, "key", "log+1234+abc");
    json_close_object(out);
    put_member(out, "complaint", "datatilsynet.no");
    json_close_object(out);
}

static void certificates(struct five *five)
{
    struct report report = {0};
    struct paper *paper = NULL;
    struct person_ask ask = {
        .plan = five->plan, .language = five->language, .data = document(five, put_erasure)};
    status issued = erasure_paper(&ask, five->bench->arena, &report, &paper);
    is_good(five, paper, issued, &report);
}

/* ---- letters ---- */

#define HEAD(state)                                                                                \
    "{'number':'7K3M9-QXTPB','state':'" state "','received':'2026-03-05T11:00:00Z','due':{'safe':" \
    "'2026-04-05','legal':'2026-04-07'},'made':'2026-03-20T10:00:00Z','controllers':[{'name':"     \
    "'Alfa AS','contacts':[{'kind':'email','at':'a@alfa.example'}]}],'complaint':{'supervisors':[" \
    "'datatilsynet.no'],'contacts':[]},"
#define RIGHT(name, outcome)                                                                       \
    "{'right':'" name "','outcome':'" outcome "','due':{'safe':'2026-04-05','legal':"              \
    "'2026-04-07'}}"
#define STEP(name, said) "{'step':'" name "','at':'2026-03-19T10:00:00Z','said':{" said "}}"
#define CAME             STEP("request:received", "'text':'XYZ'")

/* clang-format off */
static const char *const LETTERS[] = {
    HEAD("open") "'rights':[" RIGHT("access", "open") "],'steps':[" CAME "]}",
    HEAD("open") "'rights':[" RIGHT("access", "open") "],'steps':[" CAME ","
    STEP("identity:asked", "'reasons':'XYZ'") "]}",
    HEAD("identity") "'rights':[" RIGHT("portability", "open") "],'steps':[" CAME ","
    STEP("identity:asked", "'reasons':'XYZ'") "," STEP("identity:refused", "'reasons':'XYZ'") ","
    STEP("closed:identity", "") "]}",
    HEAD("open") "'rights':[" RIGHT("erase", "open") "],'steps':[" CAME ","
    STEP("identity:proven", "'method':'eid'") ","
    STEP("extension:reasoned", "'reasons':'XYZ'") "]}",
    HEAD("passed_on") "'rights':[" RIGHT("access", "open") "],'steps':[" CAME ","
    STEP("closed:passed_on", "'space':'customer_data'") "]}",
    HEAD("open") "'rights':[" RIGHT("access", "granted") "," RIGHT("erase", "partly") ","
    RIGHT("object", "refused") "," RIGHT("rectify", "joined") "," RIGHT("withdraw", "open") ","
    RIGHT("complain", "refused") "," RIGHT("processors", "granted") ","
    RIGHT("restrict", "refused") "," RIGHT("portability", "refused") "],"
    "'steps':[" CAME "," STEP("granted:access", "'reasons':'XYZ'") ","
    STEP("granted:processors", "'reasons':'XYZ'") ","
    STEP("partly:erase", "'reasons':'XYZ','exception':'legal_duty','article':'GDPR 17(3)(b)'") ","
    STEP("refused:complain", "'reasons':'XYZ','exception':'not_upheld','article':'GDPR 77'") ","
    STEP("refused:restrict", "'reasons':'XYZ','exception':'no_ground','article':'GDPR 18(1)'") ","
    STEP("refused:portability", "'reasons':'XYZ','exception':'other_basis','article':'GDPR 20(1)'")
    "," STEP("refused:object", "'reasons':'XYZ','exception':'legal_claims','article':'GDPR 21(1)'")
    "]}",
};
/* clang-format on */

static void letters(struct five *five)
{
    for (size_t i = 0; i < LENGTH(LETTERS); i++) {
        struct report report = {0};
        struct paper *paper = NULL;
        struct person_ask ask = {.plan = five->plan,
                                 .language = five->language,
                                 .data = parsed(five->bench, LETTERS[i])};
        status issued = letter_paper(&ask, five->bench->arena, &report, &paper);
        is_good(five, paper, issued, &report);
    }
}

/* ---- a breach ---- */

static void breaches(struct five *five)
{
    struct breach_paper breach = {.plan = five->plan,
                                  .language = five->language,
                                  .nature = {true, true, true},
                                  .what = STR("XYZ"),
                                  .from = ALWAYS,
                                  .to = NEVER,
                                  .aware = {1771405200000},
                                  .deadline = {1771664400000},
                                  .counted = true,
                                  .people = 12,
                                  .records = 30,
                                  .contact = STR("XYZ"),
                                  .consequences = STR("XYZ"),
                                  .measures = STR("XYZ")};
    for (plan_index i = 0; i < five->plan->role_count && i < BREACH_NAMES; i++)
        breach.roles[breach.role_count++] = i;
    for (plan_index i = 0; i < five->plan->category_count && i < BREACH_NAMES; i++)
        breach.categories[breach.category_count++] = i;
    struct report report = {0};
    struct paper *paper = NULL;
    status issued = breach_message_paper(&breach, five->bench->arena, &report, &paper);
    is_good(five, paper, issued, &report);
    for (int phase = 0; phase < 2; phase++) {
        breach.phased = phase == 1;
        issued = breach_notification_paper(&breach, five->bench->arena, &report, &paper);
        is_good(five, paper, issued, &report);
    }
}

/* ---- all of them ---- */

static void each_paper_of(struct bench *bench, const char *policy)
{
    struct five five = {.bench = bench, .policy = policy};
    char customer[64];
    (void)snprintf(customer, sizeof(customer), "policies/%s.customer.yaml", policy);
    five.plan = load_one(bench, policy, ".yaml", true, NULL);
    five.before = load_before(&five);
    if (file_exists(customer))
        five.customer = load_one(bench, policy, ".customer.yaml", false, NULL);
    assert_true((five.customer != NULL) == (five.plan->space_count > 0));
    for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
        five.language = language;
        five.papers = 0;
        notices(&five);
        plans_and_lists(&five);
        records(&five);
        person_papers(&five);
        certificates(&five);
        letters(&five);
        breaches(&five);
        assert_true(five.papers > 30);
    }
}

/* GDPR 12(1), 13, 14, 15, 20, 30, 33, 34: the five policies in the three languages */
static void each_paper_of_each_policy_comes_out_whole_in_each_language(void **state)
{
    for (size_t i = 0; i < LENGTH(POLICIES); i++)
        each_paper_of(*state, POLICIES[i]);
}

/* ---- what the policies say ---- */

static unsigned says_badly(const struct five *five, str path, const struct says *says)
{
    struct five in = *five;
    unsigned found = 0;
    for (in.language = LANGUAGE_NB; in.language < LANGUAGE_COUNT; in.language++) {
        const struct said *there = NULL;
        for (uint16_t i = 0; i < says->count; i++) {
            if (str_is(words_text(five->plan->words, says->at[i].language),
                       language_tag(in.language)))
                there = &says->at[i];
        }
        if (there == NULL || there->text.len == 0) {
            print_error("%s: %.*s says nothing in %s\n", five->policy, STR_ARG(path),
                        language_tag(in.language));
            found++;
        } else {
            found += foreign_words(&in, arena_c_string(five->bench->arena, path), there->text);
        }
    }
    return found;
}

#define EACH_SAYS(list)                                                                            \
    for (uint16_t i = 0; i < plan->list##_count; i++) {                                            \
        if (plan->list[i].clause.says.count > 0 || !plan->list[i].clause.closed)                   \
            found += says_badly(five, plan->list[i].clause.path, &plan->list[i].clause.says);      \
    }

/* What a paper may have to name: all of it, whether a paper of today does or not. */
static unsigned bad_names(const struct five *five)
{
    const struct plan *plan = five->plan;
    unsigned found = 0;
    EACH_SAYS(role)
    EACH_SAYS(category)
    EACH_SAYS(event)
    EACH_SAYS(purpose)
    EACH_SAYS(intake)
    EACH_SAYS(stop)
    EACH_SAYS(recipient)
    EACH_SAYS(space)
    EACH_SAYS(statement)
    for (uint16_t i = 0; i < plan->source_count; i++) {
        if (plan->source[i].kind == SOURCE_INDIRECT)
            found += says_badly(five, plan->source[i].clause.path, &plan->source[i].clause.says);
    }
    for (uint16_t i = 0; i < plan->evidence_count; i++) {
        const struct plan_evidence *type = &plan->evidence[i];
        if (!type->builtin && (type->kind == KIND_RECORD || type->clause.says.count > 0))
            found += says_badly(five, type->clause.path, &type->clause.says);
    }
    for (plan_index i = 0; i < plan->field_count; i++) {
        const struct plan_field *field = &plan->field[i];
        if (field->name != plan->category[field->category].clause.name) /* called as that is */
            found += says_badly(five, words_text(plan->words, field->name), &field->says);
    }
    return found;
}

static void whatever_has_a_name_has_it_in_each_language_and_in_its_words(void **state)
{
    unsigned found = 0;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        struct five five = {.bench = *state, .policy = POLICIES[i]};
        char customer[64];
        (void)snprintf(customer, sizeof(customer), "policies/%s.customer.yaml", POLICIES[i]);
        five.plan = load_one(five.bench, five.policy, ".yaml", true, NULL);
        assert_int_equal(five.plan->language_count, LANGUAGE_COUNT);
        found += bad_names(&five);
        if (!file_exists(customer))
            continue;
        five.plan = load_one(five.bench, five.policy, ".customer.yaml", false, NULL);
        assert_int_equal(five.plan->language_count, LANGUAGE_COUNT);
        found += bad_names(&five);
    }
    assert_int_equal(found, 0);
}

/* ---- the check itself ---- */

static void a_text_in_another_language_is_seen(void **state)
{
    static const struct {
        const char *text;
        bool foreign[LANGUAGE_COUNT];
    } ROWS[] = {
        {"Dette gjelder ikke deg.", {false, true, true}},
        {"Opplysningar om deg", {true, false, true}},
        {"(Opplysninger)", {false, true, true}},
        {"What we hold: of you.", {true, true, false}},
        {"Avtalen, og deg", {false, false, true}},
        {"IP-adresse", {false, false, false}},
        {"purposes.the_of_and.keep", {false, false, false}},
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(ROWS); i++) {
        for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
            str rest = str_from(ROWS[i].text), token;
            char room[64];
            bool found = false;
            while (next_token(&rest, room, &token))
                found |= foreign_word(token, language) != NULL;
            assert_int_equal(found, ROWS[i].foreign[language]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_paper_of_each_policy_comes_out_whole_in_each_language,
                                        start, stop),
        cmocka_unit_test_setup_teardown(
            whatever_has_a_name_has_it_in_each_language_and_in_its_words, start, stop),
        cmocka_unit_test_setup_teardown(a_text_in_another_language_is_seen, start, stop),
    };
    return cmocka_run_group_tests_name("five", tests, NULL, NULL);
}
