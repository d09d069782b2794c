/* Papers, in the form that is asked for: public ones below /r/<register>/, from the policy alone,
 * the same for everyone who asks in that language; and those of the register, for its officer. */
#include "api_internal.h"
#include "document.h"
#include "package.h"
#include "processing.h"

enum { PAPER_BYTES = 4 << 20 };

enum form { FORM_HTML, FORM_JSON, FORM_JSONLD, FORM_CSV };

str paper_content_policy(void)
{
    return STR("default-src 'none'; style-src '" PAPER_STYLE_HASH
               "'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'");
}

static bool accepts(const struct ask *ask, const char *type)
{
    str accepted = http_header(ask->request, "Accept");
    return accepted.len > 0 && memmem(accepted.ptr, accepted.len, type, strlen(type)) != NULL;
}

static status form_of(struct ask *ask, enum form *form)
{
    static const char *const names[] = {"html", "json", "jsonld", "csv"};
    str asked;
    TRY(http_query(ask->request, "format", &ask->report, &asked));
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (str_is(asked, names[i])) {
            *form = (enum form)i;
            return OK;
        }
    }
    if (asked.ptr != NULL)
        return fail(&ask->report, FAULT_INVALID, "format is html, json, jsonld or csv");
    *form = accepts(ask, "text/html")             ? FORM_HTML
            : accepts(ask, "application/ld+json") ? FORM_JSONLD
            : accepts(ask, "application/json")    ? FORM_JSON
            : accepts(ask, "text/csv")            ? FORM_CSV
                                                  : FORM_HTML;
    return OK;
}

/* The version in force, or any that was ever applied: by its name, or by its hash in hex. */
static const struct plan *version_named(const struct reg *reg, str name)
{
    unsigned char hash[32];
    size_t len = 0;
    bool hashed = name.len == 2 * sizeof(hash) && hex_decode(name, hash, sizeof(hash), &len);
    for (size_t i = reg_version_count(reg); i > 0; i--) {
        const struct version_state *version = reg_version_at(reg, i - 1);
        if (str_equal(version->plan->version, name) ||
            (hashed && memcmp(version->plan->hash, hash, sizeof(hash)) == 0))
            return version->plan;
    }
    return NULL;
}

static status plan_of(struct ask *ask, const char *query, const struct plan **plan)
{
    str version;
    TRY(http_query(ask->request, query, &ask->report, &version));
    if (version.ptr == NULL)
        return OK;
    *plan = version_named(ask->reg, version);
    return *plan != NULL ? OK
                         : fail(&ask->report, FAULT_NOT_FOUND, "the register has no such version");
}

/* The versions that were, are or will be in force; not one that was withdrawn before its day. */
static status spans_of(struct ask *ask, const struct version_span **spans, size_t *count)
{
    size_t all = reg_version_count(ask->reg), kept = 0;
    struct version_span *list = ARENA_ARRAY(ask->arena, struct version_span, all);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < all; i++) {
        const struct version_state *version = reg_version_at(ask->reg, i);
        instant until;
        str standing = reg_version_standing(ask->reg, version, reg_now(ask->reg), &until);
        if (!str_is(standing, "withdrawn"))
            list[kept++] = (struct version_span){version->plan, version->effective, until};
    }
    *spans = list;
    *count = kept;
    return OK;
}

/* When that version ceases, or ceased, to be in force. */
static status end_of(struct ask *ask, struct policy_ask *asked)
{
    const struct version_span *spans;
    size_t count;
    TRY(spans_of(ask, &spans, &count));
    for (size_t i = 0; i < count; i++) {
        if (spans[i].plan == asked->plan)
            asked->until = spans[i].until;
    }
    return OK;
}

/* Another language than the three is none: the answer is that of the policy's own. */
static status language_of(struct ask *ask, const struct plan *plan, enum language *language)
{
    str asked;
    TRY(http_query(ask->request, "lang", &ask->report, &asked));
    if (asked.ptr != NULL && language_from(asked, language))
        return OK;
    return language_pick(plan, STR(""), http_header(ask->request, "Accept-Language"), &ask->report,
                         language);
}

static status finish(struct ask *ask, struct buf *buf, const char *media)
{
    ask->media = media;
    return buf_finish(buf, &ask->report, &ask->document);
}

/* What the links to other languages and forms of a page keep of what was asked. */
static status kept_query(struct ask *ask, str *kept)
{
    static const char *const names[] = {"controller", "intake", "version", "since"};
    struct buf buf = buf_in(ask->arena, 4 << 10);
    str rest = ask->request->query, pair;
    while (rest.len > 0 && str_next(&rest, '&', &pair)) {
        str value = pair, name;
        bool named = str_next(&value, '=', &name);
        for (size_t i = 0; named && i < LENGTH(names); i++) {
            if (str_is(name, names[i]))
                buf_format(&buf, "&%.*s", STR_ARG(pair)); /* as it came: URI characters alone */
        }
    }
    return buf_finish(&buf, &ask->report, kept);
}

/* `table`: the one that is written as CSV; NULL when there is none. */
static status give(struct ask *ask, struct paper *paper, enum form form, const char *table)
{
    struct buf buf = buf_in(ask->arena, PAPER_BYTES);
    if (form == FORM_JSON) {
        paper_json(paper, &buf);
        return finish(ask, &buf, "application/json");
    }
    if (form == FORM_CSV && table != NULL) {
        TRY(paper_csv(paper, table, &ask->report, &buf));
        return finish(ask, &buf, "text/csv; charset=utf-8");
    }
    if (form != FORM_HTML)
        return fail(&ask->report, FAULT_INVALID, "this document has no such form");
    str kept;
    TRY(kept_query(ask, &kept));
    paper_link_forms(paper, kept);
    paper_html(paper, &buf);
    return finish(ask, &buf, "text/html; charset=utf-8");
}

status notice_show(struct ask *ask)
{
    struct notice_ask asked = {.plan = reg_plan_now(ask->reg)};
    struct paper *paper;
    enum form form = FORM_HTML;
    TRY(form_of(ask, &form));
    TRY(plan_of(ask, "version", &asked.plan));
    TRY(language_of(ask, asked.plan, &asked.language));
    TRY(http_query(ask->request, "controller", &ask->report, &asked.controller));
    TRY(http_query(ask->request, "intake", &ask->report, &asked.intake));
    if (form == FORM_JSONLD) {
        struct buf buf = buf_in(ask->arena, PAPER_BYTES);
        TRY(notice_jsonld(&asked, ask->arena, &ask->report, &buf));
        return finish(ask, &buf, "application/ld+json");
    }
    TRY(spans_of(ask, &asked.versions, &asked.version_count));
    asked.changes = STR("./changes"); /* beside it, wherever a firm's own server puts both */
    str public_url = ask->api->config.public_url;
    if (ask->api->config.pages && ask->api->config.mails && public_url.len > 0)
        asked.portal = arena_format(ask->arena, "%.*s/mine/in/%.*s", STR_ARG(public_url),
                                    STR_ARG(reg_public_id(ask->reg)));
    TRY(notice_paper(&asked, ask->arena, &ask->report, &paper));
    return give(ask, paper, form, NULL);
}

status processors_show(struct ask *ask)
{
    struct policy_ask asked = {.plan = reg_plan_now(ask->reg)};
    struct paper *paper;
    enum form form = FORM_HTML;
    TRY(form_of(ask, &form));
    TRY(plan_of(ask, "version", &asked.plan));
    TRY(language_of(ask, asked.plan, &asked.language));
    TRY(end_of(ask, &asked));
    TRY(engine_processors(ask->reg, &asked, ask->arena, &ask->report, &paper));
    return give(ask, paper, form, "named");
}

/* The version that was applied before that one; itself when it is the first. */
static const struct plan *version_before(const struct reg *reg, const struct plan *plan)
{
    const struct plan *before = plan;
    for (size_t i = 0; i < reg_version_count(reg); i++) {
        const struct version_state *version = reg_version_at(reg, i);
        if (version->plan == plan)
            return before;
        if (version->withdrawn.ms == NEVER.ms)
            before = version->plan;
    }
    return plan;
}

status changes_show(struct ask *ask)
{
    struct policy_ask asked = {.plan = reg_plan_now(ask->reg)};
    struct paper *paper;
    enum form form = FORM_HTML;
    TRY(form_of(ask, &form));
    TRY(plan_of(ask, "version", &asked.plan));
    const struct plan *since = version_before(ask->reg, asked.plan);
    TRY(plan_of(ask, "since", &since));
    TRY(language_of(ask, asked.plan, &asked.language));
    TRY(end_of(ask, &asked));
    TRY(changes_paper(&asked, since, ask->arena, &ask->report, &paper));
    return give(ask, paper, form, "list");
}

/* ---- papers of the register, for the officer ---- */

/* Reading it is logged; it is answered once that is. */
static status give_record(struct ask *ask, bool processor)
{
    struct processing asked = {.processor = processor};
    struct paper *paper = NULL;
    enum form form = FORM_HTML;
    str *document;
    TRY(ask_new_document(ask, &document));
    TRY(form_of(ask, &form));
    if (form == FORM_JSONLD)
        return fail(&ask->report, FAULT_INVALID, "this document has no such form");
    TRY(language_of(ask, reg_plan_now(ask->reg), &asked.language));
    TRY(http_query(ask->request, "controller", &ask->report, &asked.controller));
    TRY(engine_processing(&ask->call, &asked, &paper));
    TRY(give(ask, paper, form, "processing"));
    *document = ask->document;
    ask->document = (str){0}; /* it waits for the entry to be flushed */
    return OK;
}

status record_show(struct ask *ask)
{
    return give_record(ask, false);
}

status record_processor_show(struct ask *ask)
{
    return give_record(ask, true);
}

static status give_paper(struct ask *ask, enum register_paper kind, const char *table)
{
    struct paper *paper = NULL;
    enum form form = FORM_HTML;
    enum language language;
    str *document, controller;
    TRY(ask_new_document(ask, &document));
    TRY(form_of(ask, &form));
    TRY(http_query(ask->request, "controller", &ask->report, &controller));
    if (form == FORM_JSONLD)
        return fail(&ask->report, FAULT_INVALID, "this document has no such form");
    if (controller.ptr != NULL)
        return fail(&ask->report, FAULT_INVALID, "this document is of the whole register");
    TRY(language_of(ask, reg_plan_now(ask->reg), &language));
    TRY(engine_paper(&ask->call, kind, language, &paper));
    TRY(give(ask, paper, form, table));
    *document = ask->document;
    ask->document = (str){0}; /* it waits for the entry to be flushed */
    return OK;
}

status retention_show(struct ask *ask)
{
    return give_paper(ask, REGISTER_RETENTION, "plan");
}

status transfers_show(struct ask *ask)
{
    return give_paper(ask, REGISTER_TRANSFERS, "parties");
}

status processors_paper_show(struct ask *ask)
{
    return give_paper(ask, REGISTER_PROCESSORS, "named");
}

status balancing_show(struct ask *ask)
{
    return give_paper(ask, REGISTER_BALANCING, "purpose");
}

status assessment_show(struct ask *ask)
{
    return give_paper(ask, REGISTER_ASSESSMENT, "found");
}

/* The same for everyone, and no paper of the policy's: its script may run, by its hash. */
status verify_show(struct ask *ask)
{
    enum language language;
    struct buf policy = buf_in(ask->arena, 1024), page = buf_in(ask->arena, PAPER_BYTES);
    TRY(language_of(ask, reg_plan_now(ask->reg), &language));
    verify_page_policy(&policy);
    TRY(buf_finish(&policy, &ask->report, &ask->policy));
    verify_page(language, ask->arena, &page);
    return finish(ask, &page, "text/html; charset=utf-8");
}
