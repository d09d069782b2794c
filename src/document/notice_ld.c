/* The public notice for machines: JSON-LD with terms of the Data Privacy Vocabulary. It says what
 * the page says of purposes, data, recipients, sources and rights, and is refused when the page is.
 */
#include "json.h"
#include "notice_internal.h"

#define DPV "https://w3id.org/dpv#"

struct writing {
    struct notice notice;
    struct json_out json;
};

static void put_member(struct writing *w, const char *key, str value)
{
    if (value.len == 0)
        return;
    json_key(&w->json, key);
    json_put_str(&w->json, value);
}

static void put_id(struct writing *w, const char *key, const char *iri)
{
    json_key(&w->json, key);
    json_open_object(&w->json);
    json_key(&w->json, "@id");
    json_put_text(&w->json, iri);
    json_close_object(&w->json);
}

/* A thing of ours: its place in the policy, its term, and what it is called. */
static void open_thing(struct writing *w, const struct clause *clause, const char *type)
{
    json_open_object(&w->json);
    json_key(&w->json, "@id");
    json_put_str(&w->json, paper_print(w->notice.paper, "#%.*s", STR_ARG(clause->path)));
    json_key(&w->json, "@type");
    json_put_text(&w->json, type);
    put_member(w, "label", paper_label(w->notice.paper, clause));
}

static void put_context(struct writing *w)
{
    static const char *const prefixes[][2] = {
        {"dpv", DPV},
        {"eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#"},
        {"dct", "http://purl.org/dc/terms/"},
        {"label", "http://www.w3.org/2004/02/skos/core#prefLabel"},
    };
    json_key(&w->json, "@context");
    json_open_object(&w->json);
    for (size_t i = 0; i < LENGTH(prefixes); i++) {
        json_key(&w->json, prefixes[i][0]);
        json_put_text(&w->json, prefixes[i][1]);
    }
    json_key(&w->json, "@language");
    json_put_text(&w->json, language_tag(paper_language(w->notice.paper)));
    json_close_object(&w->json);
}

static void put_controllers(struct writing *w)
{
    const struct plan *plan = w->notice.plan;
    json_key(&w->json, "dpv:hasDataController");
    json_open_array(&w->json);
    for (plan_index i = 0; i < plan->controller_count; i++) {
        const struct plan_controller *controller = &plan->controller[i];
        struct texts contacts = {0};
        if (w->notice.controller != NONE && w->notice.controller != i)
            continue;
        words_contacts(w->notice.paper, &controller->contacts, &contacts);
        json_open_object(&w->json);
        json_key(&w->json, "@type");
        json_put_text(&w->json, "dpv:DataController");
        put_member(w, "dpv:hasName", controller->name);
        if (!clause_lacks(&controller->clause, "address"))
            put_member(w, "dpv:hasAddress", controller->address);
        json_key(&w->json, "dpv:hasContact");
        json_open_array(&w->json);
        for (size_t k = 0; k < contacts.list.count; k++)
            json_put_str(&w->json, contacts.list.at[k]);
        json_close_array(&w->json);
        json_close_object(&w->json);
    }
    json_close_array(&w->json);
}

static bool reaches(const struct plan *plan, const struct field_set *set, plan_index category)
{
    const struct plan_category *of = &plan->category[category];
    return !of->never && (set->all || bits_overlap(set->fields, of->fields));
}

static void put_data(struct writing *w, const struct field_set *set)
{
    const struct plan *plan = w->notice.plan;
    json_key(&w->json, "dpv:hasPersonalData");
    json_open_array(&w->json);
    for (plan_index i = 0; i < plan->category_count; i++) {
        bool special = plan->category[i].kind == CATEGORY_SPECIAL;
        if (!reaches(plan, set, i))
            continue;
        open_thing(w, &plan->category[i].clause,
                   special ? "dpv:SpecialCategoryPersonalData" : "dpv:PersonalData");
        json_close_object(&w->json);
    }
    json_close_array(&w->json);
}

static void put_recipients(struct writing *w, plan_index purpose)
{
    static const char *const TYPES[] = {
        [RECIPIENT_GROUP] = "dpv:Recipient",       [RECIPIENT_PROCESSOR] = "dpv:DataProcessor",
        [RECIPIENT_CONTROLLER] = "dpv:ThirdParty", [RECIPIENT_PLATFORM] = "dpv:ThirdParty",
        [RECIPIENT_PERSON] = "dpv:ThirdParty",     [RECIPIENT_AUDIENCE] = "dpv:Recipient",
        [RECIPIENT_AUTHORITY] = "dpv:Authority"};
    const struct plan *plan = w->notice.plan;
    json_key(&w->json, "dpv:hasRecipient");
    json_open_array(&w->json);
    for (uint16_t i = 0; i < plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &plan->recipient[i];
        if (recipient->never || recipient->clause.closed ||
            !refs_has(&recipient->purposes, purpose))
            continue;
        open_thing(w, &recipient->clause, TYPES[recipient->kind]);
        json_close_object(&w->json);
    }
    json_close_array(&w->json);
}

static void put_kept(struct writing *w, const struct plan_purpose *purpose)
{
    json_key(&w->json, "dpv:hasStorageCondition");
    json_open_array(&w->json);
    for (uint16_t i = 0; i < purpose->keep.count && !purpose->keep.none; i++) {
        json_open_object(&w->json);
        json_key(&w->json, "@type");
        json_put_text(&w->json, "dpv:StorageDuration");
        put_member(w, "label", words_kept(w->notice.paper, purpose, &purpose->keep.at[i]));
        json_close_object(&w->json);
    }
    json_close_array(&w->json);
}

static void put_process(struct writing *w, plan_index index)
{
    const struct plan_purpose *purpose = &w->notice.plan->purpose[index];
    str term = words_text(w->notice.plan->words, purpose->clause.dpv);
    json_open_object(&w->json);
    json_key(&w->json, "@type");
    json_put_text(&w->json, "dpv:Process");
    json_key(&w->json, "dpv:hasPurpose");
    open_thing(w, &purpose->clause, "dpv:Purpose");
    if (term.len > 0)
        put_id(w, "dct:subject",
               arena_c_string(paper_arena(w->notice.paper),
                              paper_print(w->notice.paper, DPV "%.*s", STR_ARG(term))));
    json_close_object(&w->json);
    put_id(w, "dpv:hasLegalBasis", basis_dpv(purpose->basis));
    put_data(w, &purpose->uses);
    put_recipients(w, index);
    put_kept(w, purpose);
    json_close_object(&w->json);
}

static void put_processes(struct writing *w)
{
    json_key(&w->json, "dpv:hasProcess");
    json_open_array(&w->json);
    for (plan_index i = 0; i < w->notice.plan->purpose_count; i++) {
        if (!w->notice.plan->purpose[i].clause.closed)
            put_process(w, i);
    }
    json_close_array(&w->json);
}

static void put_sources(struct writing *w)
{
    const struct plan *plan = w->notice.plan;
    json_key(&w->json, "dpv:hasDataSource");
    json_open_array(&w->json);
    for (uint16_t i = 0; i < plan->source_count; i++) {
        if (plan->source[i].clause.closed || plan->source[i].kind != SOURCE_INDIRECT)
            continue;
        open_thing(w, &plan->source[i].clause, "dpv:DataSource");
        json_close_object(&w->json);
    }
    json_close_array(&w->json);
}

static void put_rights(struct writing *w)
{
    json_key(&w->json, "dpv:hasRight");
    json_open_array(&w->json);
    for (enum right right = RIGHT_ACCESS; right < RIGHT_PROCESSORS; right++) {
        json_open_object(&w->json);
        json_key(&w->json, "@id");
        json_put_text(&w->json, right_dpv(right));
        json_close_object(&w->json);
    }
    json_close_array(&w->json);
}

status notice_jsonld(const struct notice_ask *ask, struct arena *arena, struct report *report,
                     struct buf *out)
{
    struct writing w = {.notice = {.plan = ask->plan, .controller = NONE, .intake = NONE},
                        .json = json_out_over(out)};
    struct paper_start start = {PAPER_notice, ask->plan, ask->language};
    struct paper *whole;
    TRY(notice_paper(ask, arena, report, &whole)); /* what it lacks, this lacks */
    if (ask->controller.len > 0)
        w.notice.controller = plan_find(ask->plan, ask->plan->controller_of,
                                        words_find(ask->plan->words, ask->controller));
    w.notice.paper = paper_begin(&start, arena);
    if (w.notice.paper == NULL)
        return NO_MEMORY(report);
    json_open_object(&w.json);
    put_context(&w);
    put_member(&w, "@type", STR("dpv:PrivacyNotice"));
    put_member(&w, "dct:title", paper_said_title(whole));
    put_member(&w, "dct:hasVersion", ask->plan->version);
    put_member(&w, "dct:valid", ask->plan->effective_text);
    put_controllers(&w);
    put_processes(&w);
    put_sources(&w);
    put_rights(&w);
    json_close_object(&w.json);
    return OK;
}
