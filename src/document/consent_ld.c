/* A person's consents as records that other systems read: ISO/IEC TS 27560, in JSON-LD with the
 * terms of the Data Privacy Vocabulary. What a record must say and does not refuses all of them. */
#include "document_internal.h"
#include "person_words.h"

#define DPV "https://w3id.org/dpv#"

struct records {
    struct paper *paper; /* for words and for what lacks; it is not issued */
    const struct plan *plan;
    const struct json *data;
    struct json_out json;
};

static void put_text(struct records *r, const char *key, str value)
{
    if (value.len == 0)
        return;
    json_key(&r->json, key);
    json_put_str(&r->json, value);
}

/* What each record must say. */
static void put_must(struct records *r, const char *key, str value, const char *item)
{
    if (value.len == 0)
        paper_lacks(r->paper, item, STR(""));
    put_text(r, key, value);
}

static void put_type(struct records *r, const char *type)
{
    json_key(&r->json, "@type");
    json_put_text(&r->json, type);
}

static void put_iri(struct records *r, const char *key, const char *iri)
{
    json_key(&r->json, key);
    json_open_object(&r->json);
    json_key(&r->json, "@id");
    json_put_text(&r->json, iri);
    json_close_object(&r->json);
}

static void put_context(struct records *r)
{
    static const char *const prefixes[][2] = {
        {"dpv", DPV},
        {"eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#"},
        {"dct", "http://purl.org/dc/terms/"},
        {"xsd", "http://www.w3.org/2001/XMLSchema#"},
        {"label", "http://www.w3.org/2004/02/skos/core#prefLabel"},
    };
    json_key(&r->json, "@context");
    json_open_object(&r->json);
    for (size_t i = 0; i < LENGTH(prefixes); i++) {
        json_key(&r->json, prefixes[i][0]);
        json_put_text(&r->json, prefixes[i][1]);
    }
    json_key(&r->json, "@language");
    json_put_text(&r->json, language_tag(paper_language(r->paper)));
    json_close_object(&r->json);
}

/* ---- what it was for ---- */

static void put_data(struct records *r, const struct plan_purpose *purpose)
{
    json_key(&r->json, "dpv:hasPersonalData");
    json_open_array(&r->json);
    for (plan_index i = 0; i < r->plan->category_count; i++) {
        const struct plan_category *category = &r->plan->category[i];
        bool uses = purpose->uses.all || bits_overlap(purpose->uses.fields, category->fields);
        if (category->never || !uses)
            continue;
        json_open_object(&r->json);
        put_type(r, category->kind == CATEGORY_SPECIAL ? "dpv:SpecialCategoryPersonalData"
                                                       : "dpv:PersonalData");
        put_text(r, "label", paper_label(r->paper, &category->clause));
        json_close_object(&r->json);
    }
    json_close_array(&r->json);
}

static void put_kept(struct records *r, const struct plan_purpose *purpose)
{
    json_key(&r->json, "dpv:hasStorageCondition");
    json_open_array(&r->json);
    for (uint16_t i = 0; i < purpose->keep.count && !purpose->keep.none; i++) {
        json_open_object(&r->json);
        put_type(r, "dpv:StorageDuration");
        put_text(r, "label", words_kept(r->paper, purpose, &purpose->keep.at[i]));
        json_close_object(&r->json);
    }
    json_close_array(&r->json);
}

static void put_process(struct records *r, str name)
{
    const struct plan_purpose *purpose = person_plan_purpose(r->paper, name);
    json_key(&r->json, "dpv:hasProcess");
    json_open_object(&r->json);
    put_type(r, "dpv:Process");
    json_key(&r->json, "dpv:hasPurpose");
    json_open_object(&r->json);
    put_must(r, "dct:identifier", name, "consents.purpose");
    put_type(r, "dpv:Purpose");
    put_text(r, "label", person_purpose(r->paper, name));
    json_close_object(&r->json);
    put_iri(r, "dpv:hasLegalBasis", basis_dpv(BASIS_CONSENT));
    if (purpose != NULL) {
        put_data(r, purpose);
        put_kept(r, purpose);
    }
    json_close_object(&r->json);
}

/* ---- what became of it ---- */

static void put_status(struct records *r, const char *status_, const char *at, str by, str how)
{
    json_open_object(&r->json);
    put_type(r, status_);
    json_key(&r->json, "dpv:isIndicatedAtTime");
    json_open_object(&r->json);
    json_key(&r->json, "@type");
    json_put_text(&r->json, "xsd:dateTime");
    json_key(&r->json, "@value");
    json_put_text(&r->json, at);
    json_close_object(&r->json);
    put_text(r, "dpv:hasIndicationMethod", how);
    put_text(r, "dpv:isIndicatedBy", by);
    json_close_object(&r->json);
}

/* Given, and withdrawn or run out once that is so. */
static void put_statuses(struct records *r, const struct json *consent)
{
    const struct json *said = json_get(consent, "details");
    str since = person_text(consent, "since"), until = person_text(consent, "until");
    str by = person_text(said, "guardian"), how = person_text(said, "act");
    instant end, made;
    struct arena *arena = paper_arena(r->paper);
    json_key(&r->json, "dpv:hasConsentStatus");
    json_open_array(&r->json);
    if (since.len == 0)
        paper_lacks(r->paper, "consents.given", STR(""));
    if (how.len == 0)
        paper_lacks(r->paper, "consents.how", STR(""));
    put_status(r, "dpv:ConsentGiven", arena_c_string(arena, since),
               by.len > 0 ? by : STR("DataSubject"), how);
    if (json_instant(json_get(consent, "until"), &end) &&
        json_instant(json_get(r->data, "made"), &made) && !before(made, end))
        put_status(r,
                   str_equal(until, person_text(said, "until")) ? "dpv:ConsentExpired"
                                                                : "dpv:ConsentWithdrawn",
                   arena_c_string(arena, until), STR(""), STR(""));
    json_close_array(&r->json);
}

static void put_notice(struct records *r, const struct json *said)
{
    json_key(&r->json, "dpv:hasNotice");
    json_open_object(&r->json);
    put_type(r, "dpv:ConsentNotice");
    put_must(r, "dct:hasVersion", person_text(said, "policy"), "consents.notice");
    put_must(r, "dct:description", person_text(said, "wording"), "consents.wording");
    put_text(r, "dct:language", person_text(said, "language"));
    json_close_object(&r->json);
}

static void put_record(struct records *r, const struct json *consent)
{
    const struct json *said = json_get(consent, "details");
    str purpose = person_text(consent, "purpose");
    json_open_object(&r->json);
    put_type(r, "dpv:ConsentRecord");
    put_notice(r, said);
    put_process(r, purpose.len > 0 ? purpose : person_text(said, "purpose"));
    put_statuses(r, consent);
    put_text(r, "dpv:hasRecipient", person_text(consent, "recipient"));
    put_text(r, "dct:medium", person_text(said, "channel"));
    json_close_object(&r->json);
}

static void put_controllers(struct records *r)
{
    const struct json *list = person_list(r->paper, r->data, "controllers", "consents.controller");
    json_key(&r->json, "dpv:hasDataController");
    json_open_array(&r->json);
    for (JSON_EACH(one, list)) {
        json_open_object(&r->json);
        put_type(r, "dpv:DataController");
        put_must(r, "dpv:hasName", person_text(one, "name"), "consents.controller");
        json_close_object(&r->json);
    }
    json_close_array(&r->json);
}

status consents_jsonld(const struct person_ask *ask, struct arena *arena, struct report *report,
                       struct buf *out)
{
    struct paper_start start = {PAPER_consents, ask->plan, ask->language};
    struct records r = {.paper = paper_begin(&start, arena),
                        .plan = ask->plan,
                        .data = ask->data,
                        .json = json_out_over(out)};
    if (r.paper == NULL)
        return NO_MEMORY(report);
    const struct json *evidence = person_list(r.paper, ask->data, "evidence", "consents");
    json_open_object(&r.json);
    put_context(&r);
    json_key(&r.json, "dct:conformsTo");
    json_put_text(&r.json, "ISO/IEC TS 27560:2023");
    json_key(&r.json, "dpv:hasDataSubject");
    json_open_object(&r.json);
    put_type(&r, "dpv:DataSubject");
    put_must(&r, "dpv:hasIdentifier", person_text(ask->data, "reference"), "consents.reference");
    json_close_object(&r.json);
    put_must(&r, "dct:created", person_text(ask->data, "made"), "consents.made");
    put_controllers(&r);
    json_key(&r.json, "dct:hasPart");
    json_open_array(&r.json);
    for (JSON_EACH(one, evidence)) {
        if (str_is(person_text(one, "type"), "consent"))
            put_record(&r, one);
    }
    json_close_array(&r.json);
    json_close_object(&r.json);
    return paper_finish(r.paper, report);
}
