/* consent.js: the banner's script, with what the policy says before it.
 *
 *   {const vernPolicy={"hash":...,"choices":[...],"words":{...}};  the script of web/src/consent  }
 *
 * One answer for everyone who asks in that language, made anew each time; a browser may keep it for
 * ten minutes. As brotli or gzip where that is read: brotli takes some 20 ms, so that what was made
 * of the last few scripts is kept. */
#include "api_internal.h"
#include "brotli.h"
#include "gzip.h"
#include "json.h"

enum { SCRIPT_BYTES = 128 << 10, KEPT_BYTES = 2 * SCRIPT_BYTES };

/* ---- texts ---- */

enum tongue { NB, NN, EN, SV, DA, FI, TONGUES };
static const char *const tongues[TONGUES] = {"nb", "nn", "en", "sv", "da", "fi"};

struct consent_word {
    const char *name, *text[TONGUES];
};
static const struct consent_word consent_words[] = {
#define WORD(name, nb, nn, en, sv, da, fi) {#name, {nb, nn, en, sv, da, fi}},
#include "consent.def"
#undef WORD
};

static bool is_tongue(str tag, enum tongue *found)
{
    for (unsigned i = 0; i < TONGUES; i++) {
        if (str_starts(tag, str_from(tongues[i])) &&
            (tag.len == 2 || tag.ptr[2] == '-' || tag.ptr[2] == ';')) {
            *found = (enum tongue)i;
            return true;
        }
    }
    bool norwegian =
        str_is(tag, "no") || str_starts(tag, STR("no-")) || str_starts(tag, STR("no;"));
    if (norwegian)
        *found = NB;
    return norwegian;
}

/* What is asked for; else the first of ours that the browser names; else the policy's own. */
static enum tongue tongue_of(struct ask *ask, str asked)
{
    const struct plan *plan = reg_plan_now(ask->reg);
    str rest = http_header(ask->request, "Accept-Language"), one;
    enum tongue found = NB;
    if (asked.len > 0 && is_tongue(asked, &found))
        return found;
    while (rest.len > 0 && str_next(&rest, ',', &one)) {
        if (is_tongue(str_trim(one), &found))
            return found;
    }
    if (plan->language_count > 0)
        (void)is_tongue(words_text(plan->words, plan->languages[0]), &found);
    return found;
}

/* ---- who asks ---- */

static str controller_name(const struct plan *plan, plan_index controller)
{
    const struct plan_controller *firm = &plan->controller[controller];
    return firm->name.ptr != NULL ? firm->name : words_text(plan->words, firm->clause.name);
}

static str firms(struct ask *ask, plan_index controller)
{
    const struct plan *plan = reg_plan_now(ask->reg);
    str names = controller == NONE ? STR("") : controller_name(plan, controller);
    for (plan_index c = 0; controller == NONE && c < plan->controller_count; c++)
        names = arena_format(ask->arena, "%.*s%s%.*s", STR_ARG(names), c == 0 ? "" : ", ",
                             STR_ARG(controller_name(plan, c)));
    return names;
}

static status controller_of(struct ask *ask, str asked, plan_index *controller)
{
    const struct plan *plan = reg_plan_now(ask->reg);
    *controller = NONE;
    if (asked.ptr == NULL)
        return OK;
    word name = words_find(plan->words, asked);
    *controller = name == 0 ? NONE : plan_find(plan, plan->controller_of, name);
    return *controller != NONE
               ? OK
               : fail(&ask->report, FAULT_NOT_FOUND, "the policy names no such controller");
}

/* ---- the script ---- */

static void put_words(struct ask *ask, struct json_out *out, enum tongue tongue,
                      plan_index controller)
{
    json_key(out, "words");
    json_open_object(out);
    for (size_t i = 0; i < LENGTH(consent_words); i++) {
        const struct consent_word *one = &consent_words[i];
        json_key(out, one->name);
        if (strcmp(one->name, "intro") == 0)
            json_put_str(out, arena_format(ask->arena, "%.*s %s", STR_ARG(firms(ask, controller)),
                                           one->text[tongue]));
        else
            json_put_text(out, one->text[tongue]);
    }
    json_close_object(out);
}

/* Beside the script, wherever the firm's own server puts both. */
static void put_notice(struct ask *ask, struct json_out *out, enum tongue tongue, str controller)
{
    bool ours = tongue == NB || tongue == NN || tongue == EN; /* what notices are written in */
    json_key(out, "notice");
    json_put_str(out, arena_format(ask->arena, "notice%s%s%s%.*s", ours ? "?lang=" : "",
                                   ours ? tongues[tongue] : "",
                                   controller.ptr == NULL ? ""
                                   : ours                 ? "&controller="
                                                          : "?controller=",
                                   STR_ARG(controller)));
}

static status put_policy(struct ask *ask, struct buf *buf)
{
    str language, name;
    TRY(http_query(ask->request, "lang", &ask->report, &language));
    TRY(http_query(ask->request, "controller", &ask->report, &name));
    enum tongue tongue = tongue_of(ask, language);
    struct banner_ask asked = {.language = str_from(tongues[tongue])};
    TRY(controller_of(ask, name, &asked.controller));
    struct json_out out = json_out_over(buf);
    json_open_object(&out);
    json_key(&out, "language");
    json_put_str(&out, asked.language);
    put_notice(ask, &out, tongue, name);
    put_words(ask, &out, tongue, asked.controller);
    TRY(engine_banner(ask->reg, &asked, ask->arena, &ask->report, &out));
    json_close_object(&out);
    return OK;
}

/* ---- in few bytes ---- */

/* By the whole of its text: a policy that changed has another. NULL: it was not packed lately. */
static const struct packed_script *kept_of(const struct api *api, str script)
{
    for (size_t i = 0; i < LENGTH(api->scripts); i++) {
        if (api->scripts[i].arena != NULL && str_equal(api->scripts[i].script, script))
            return &api->scripts[i];
    }
    return NULL;
}

/* In the place of the oldest; NULL, and that place empty, where it cannot be packed. */
static const struct packed_script *keep(struct api *api, str script)
{
    struct packed_script *kept = &api->scripts[api->scripts_packed++ % LENGTH(api->scripts)];
    arena_free(&kept->arena);
    kept->arena = arena_new(KEPT_BYTES);
    struct buf packed = buf_in(kept->arena, SCRIPT_BYTES);
    kept->script = arena_copy(kept->arena, script);
    if (kept->script.ptr == NULL || !brotli_pack(script, &packed)) {
        arena_free(&kept->arena);
        return NULL;
    }
    kept->packed = buf_str(&packed);
    return kept;
}

void consent_scripts_drop(struct api *api)
{
    for (size_t i = 0; i < LENGTH(api->scripts); i++)
        arena_free(&api->scripts[i].arena);
}

/* A copy: the place may be another's before the answer is sent. */
static bool pack_brotli(struct ask *ask)
{
    const struct packed_script *kept = kept_of(ask->api, ask->document);
    if (kept == NULL)
        kept = keep(ask->api, ask->document);
    str packed = kept == NULL ? (str){NULL, 0} : arena_copy(ask->arena, kept->packed);
    if (packed.ptr == NULL)
        return false;
    ask->document = packed;
    ask->coding = "br";
    return true;
}

static void pack_gzip(struct ask *ask)
{
    struct buf packed = buf_in(ask->arena, SCRIPT_BYTES);
    if (!gzip_pack(ask->document, &packed))
        return;
    ask->document = buf_str(&packed);
    ask->coding = "gzip";
}

/* What is held back on a site stays so without the script; whoever made the site reads why. */
#define NO_SCRIPT "console.warn('this build of Vern has no banner: it was made without Node')"

status consent_script(struct ask *ask)
{
    struct buf buf = buf_in(ask->arena, SCRIPT_BYTES);
    str script = ask->api->config.consent_script;
    buf_text(&buf, "{const vernPolicy=");
    TRY(put_policy(ask, &buf));
    buf_char(&buf, ';');
    buf_add(&buf, str_is_empty(script) ? STR(NO_SCRIPT) : script);
    buf_char(&buf, '}');
    ask->media = "text/javascript; charset=utf-8";
    TRY(buf_finish(&buf, &ask->report, &ask->document));
    if (http_reads(ask->request, "br") && pack_brotli(ask))
        return OK;
    if (http_reads(ask->request, "gzip"))
        pack_gzip(ask);
    return OK;
}
