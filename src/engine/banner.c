/* What a banner on the firm's site asks, from the policy in force: the units of choice with their
 * cookies, for whom, and what waits for no choice. In one language; no data is looked at.
 *
 *   {"choices":[{"unit":...,"says":...,"to":[...],"signals":[...],"cookies":[...]}],
 *    "hash":"9f0c...", "needed":[...]}
 *
 * The hash is of what a choice is about, and of no wording: a browser is asked again when there is
 * another purpose, cookie, life, datum or recipient, and not when a sentence is put better. */
#include <inttypes.h>
#include <sodium.h>

#include "document.h"
#include "engine_internal.h"

enum { HASH_BYTES = 8, MATTER_BYTES = 64 << 10 };

struct banner {
    const struct plan *plan;
    const struct banner_ask *ask;
    struct json_out *out;
    struct buf *matter; /* what the hash is of */
    struct arena *arena;
};

/* ---- words ---- */

static const struct said *said_in(const struct plan *plan, const struct says *says, str language)
{
    for (uint16_t i = 0; i < says->count; i++) {
        if (str_equal(words_text(plan->words, says->at[i].language), language))
            return &says->at[i];
    }
    return says->count == 0 ? NULL : &says->at[0];
}

static str text_of(const struct banner *banner, const struct says *says, word otherwise)
{
    const struct said *said = said_in(banner->plan, says, banner->ask->language);
    return said != NULL ? said->text : words_text(banner->plan->words, otherwise);
}

static void about(const struct banner *banner, str text)
{
    buf_add(banner->matter, text);
    buf_char(banner->matter, '\n');
}

/* ---- which units ---- */

static bool is_asked(const struct banner *banner, const struct plan_cookie *cookie,
                     plan_index purpose)
{
    return !cookie->necessary && browser_may_choose(cookie) &&
           purpose_is_of(&banner->plan->purpose[purpose], banner->ask->controller);
}

static bool has_unit(const struct banner *banner, const struct plan_cookie *cookie, str unit)
{
    for (uint16_t i = 0; i < cookie->purposes.count; i++) {
        plan_index purpose = cookie->purposes.at[i];
        if (is_asked(banner, cookie, purpose) &&
            str_equal(browser_unit(banner->plan, cookie, purpose), unit))
            return true;
    }
    return false;
}

static bool is_first(const struct banner *banner, plan_index cookie, uint16_t at)
{
    const struct plan_cookie *this_one = &banner->plan->cookie[cookie];
    str unit = browser_unit(banner->plan, this_one, this_one->purposes.at[at]);
    for (plan_index c = 0; c < cookie; c++) {
        if (has_unit(banner, &banner->plan->cookie[c], unit))
            return false;
    }
    for (uint16_t i = 0; i < at; i++) {
        plan_index purpose = this_one->purposes.at[i];
        if (is_asked(banner, this_one, purpose) &&
            str_equal(browser_unit(banner->plan, this_one, purpose), unit))
            return false;
    }
    return true;
}

/* ---- cookies ---- */

static void put_keep(const struct banner *banner, const struct plan_cookie *cookie)
{
    static const char *const units[] = {[UNIT_HOUR] = "hour",
                                        [UNIT_DAY] = "day",
                                        [UNIT_WEEK] = "week",
                                        [UNIT_MONTH] = "month",
                                        [UNIT_YEAR] = "year"};
    const struct moment *until = cookie->keep.count == 0 ? NULL : cookie->keep.at[0].until;
    if (until == NULL || until->op != MOMENT_AFTER)
        return;
    json_key(banner->out, "keep");
    json_open_array(banner->out);
    json_put_u64(banner->out, (uint64_t)until->span.count);
    json_put_text(banner->out, units[until->span.unit]);
    json_close_array(banner->out);
    buf_format(banner->matter, "keep %" PRIu64 " %s\n", (uint64_t)until->span.count,
               units[until->span.unit]);
}

static void put_reads(const struct banner *banner, const struct plan_cookie *cookie)
{
    bool any = false;
    for (plan_index f = 0; f < banner->plan->field_count; f++) {
        const struct plan_field *field = &banner->plan->field[f];
        if (!field_set_has(&cookie->reads, f))
            continue;
        if (!any) {
            json_key(banner->out, "reads");
            json_open_array(banner->out);
        }
        any = true;
        json_put_str(banner->out, text_of(banner, &field->says, field->short_name));
        about(banner, words_text(banner->plan->words, field->name));
    }
    if (any)
        json_close_array(banner->out);
}

static void put_cookie(const struct banner *banner, const struct plan_cookie *cookie)
{
    json_open_object(banner->out);
    json_key(banner->out, "name");
    json_put_str(banner->out, words_text(banner->plan->words, cookie->clause.name));
    about(banner, cookie->clause.path);
    buf_format(banner->matter, "kind %d\n", (int)cookie->kind);
    put_keep(banner, cookie);
    put_reads(banner, cookie);
    json_close_object(banner->out);
}

static void put_cookies(const struct banner *banner, str unit)
{
    json_key(banner->out, "cookies");
    json_open_array(banner->out);
    for (plan_index c = 0; c < banner->plan->cookie_count; c++) {
        if (has_unit(banner, &banner->plan->cookie[c], unit))
            put_cookie(banner, &banner->plan->cookie[c]);
    }
    json_close_array(banner->out);
}

/* ---- a unit ---- */

/* What the consent mode of Google calls it. From the policy, so that nobody says of an
 * advertisement that it is statistics. */
static void put_signals(const struct banner *banner, const struct plan_purpose *purpose)
{
    bool sells = purpose->marketing != MARKETING_NONE;
    json_key(banner->out, "signals");
    json_open_array(banner->out);
    json_put_text(banner->out, sells ? "ad_storage" : "analytics_storage");
    if (sells)
        json_put_text(banner->out, "ad_user_data");
    if (sells && purpose->profiling)
        json_put_text(banner->out, "ad_personalization");
    json_close_array(banner->out);
    buf_format(banner->matter, "marketing %d profiling %d\n", (int)purpose->marketing,
               (int)purpose->profiling);
}

static bool gives_of(const struct plan_recipient *recipient, const struct plan_cookie *cookie,
                     const struct plan *plan)
{
    for (plan_index f = 0; f < plan->field_count; f++) {
        if (field_set_has(&cookie->reads, f) && field_set_has(&recipient->gives, f))
            return true;
    }
    return false;
}

/* Who gets what is read for it: the kinds of recipient, as the notice names them. */
static void put_recipients(const struct banner *banner, const struct plan_cookie *cookie,
                           plan_index purpose)
{
    bool any = false;
    for (plan_index r = 0; r < banner->plan->recipient_count; r++) {
        const struct plan_recipient *recipient = &banner->plan->recipient[r];
        if (recipient->clause.closed || recipient->never ||
            !refs_has(&recipient->purposes, purpose) || !gives_of(recipient, cookie, banner->plan))
            continue;
        if (!any) {
            json_key(banner->out, "to");
            json_open_array(banner->out);
        }
        any = true;
        json_put_str(banner->out, text_of(banner, &recipient->clause.says, recipient->clause.name));
        about(banner, recipient->clause.path);
    }
    if (any)
        json_close_array(banner->out);
}

/* A choice of one cookie is called by what that is for, and by its name if nothing better. */
static void put_says(const struct banner *banner, const struct plan_cookie *cookie,
                     const struct plan_purpose *purpose, str unit)
{
    bool alone = str_equal(unit, cookie->clause.path);
    bool named = alone && cookie->clause.says.count > 0;
    const struct says *says = named ? &cookie->clause.says : &purpose->clause.says;
    const struct said *said = said_in(banner->plan, says, banner->ask->language);
    str text = text_of(banner, says, purpose->clause.name);
    str name = words_text(banner->plan->words, cookie->clause.name);
    json_key(banner->out, "says");
    json_put_str(banner->out, alone && !named ? arena_format(banner->arena, "%.*s (%.*s)",
                                                             STR_ARG(text), STR_ARG(name))
                                              : text);
    str language = said == NULL ? STR("") : words_text(banner->plan->words, said->language);
    if (language.len > 0 && !str_equal(language, banner->ask->language)) {
        json_key(banner->out, "lang");
        json_put_str(banner->out, language);
    }
}

static void put_choice(const struct banner *banner, const struct plan_cookie *cookie,
                       plan_index purpose)
{
    str unit = browser_unit(banner->plan, cookie, purpose);
    json_open_object(banner->out);
    json_key(banner->out, "unit");
    json_put_str(banner->out, unit);
    about(banner, unit);
    put_says(banner, cookie, &banner->plan->purpose[purpose], unit);
    put_recipients(banner, cookie, purpose);
    put_signals(banner, &banner->plan->purpose[purpose]);
    put_cookies(banner, unit);
    json_close_object(banner->out);
}

static void put_choices(const struct banner *banner)
{
    json_key(banner->out, "choices");
    json_open_array(banner->out);
    for (plan_index c = 0; c < banner->plan->cookie_count; c++) {
        const struct plan_cookie *cookie = &banner->plan->cookie[c];
        for (uint16_t i = 0; i < cookie->purposes.count; i++) {
            if (is_asked(banner, cookie, cookie->purposes.at[i]) && is_first(banner, c, i))
                put_choice(banner, cookie, cookie->purposes.at[i]);
        }
    }
    json_close_array(banner->out);
}

static void put_hash(const struct banner *banner)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    struct buf text = buf_in(banner->arena, 2 * HASH_BYTES + 1);
    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)banner->matter->ptr,
                             banner->matter->len, NULL, 0);
    buf_hex(&text, (str){(const char *)hash, HASH_BYTES});
    json_key(banner->out, "hash");
    json_put_str(banner->out, buf_str(&text));
}

/* What is necessary is told, and is no matter of choice. */
static void put_needed(struct banner *banner)
{
    json_key(banner->out, "needed");
    json_open_array(banner->out);
    for (plan_index c = 0; c < banner->plan->cookie_count; c++) {
        const struct plan_cookie *cookie = &banner->plan->cookie[c];
        if (cookie->necessary && browser_may_choose(cookie))
            put_cookie(banner, cookie);
    }
    json_close_array(banner->out);
}

status engine_banner(struct reg *reg, const struct banner_ask *ask, struct arena *arena,
                     struct report *report, struct json_out *out)
{
    struct buf matter = buf_in(arena, MATTER_BYTES);
    struct banner banner = {
        .plan = reg_plan_now(reg), .ask = ask, .out = out, .matter = &matter, .arena = arena};
    str written;
    about(&banner, words_text(banner.plan->words, banner.plan->policy));
    put_choices(&banner);
    put_hash(&banner);
    TRY(buf_finish(&matter, report, &written));
    put_needed(&banner);
    return OK;
}
