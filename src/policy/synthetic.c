/* People who are nobody, see synthetic.h. */
#include "synthetic.h"

#include "json.h"
#include "norway.h"

static const char *const first_names[] = {
    "Kari",   "Ola",   "Ingrid", "Nils",  "Astrid", "Lars",  "Solveig", "Erik",   "Maja",  "Jonas",
    "Sigrid", "Bjørn", "Freja",  "Søren", "Aino",   "Eero",  "Liisa",   "Guðrún", "Ásta",  "Åse",
    "Øyvind", "Tuva",  "Elin",   "Oskar", "Linnéa", "Mikko", "Ronja",   "Espen",  "Hedda", "Aksel"};
static const char *const last_names[] = {"Prøve",      "Testesen", "Eksempel",  "Fiktivsen",
                                         "Utenfor",    "Papirdal", "Blankenes", "Mønsterud",
                                         "Skyggeland", "Tenkt",    "Oppdiktet", "Modellberg",
                                         "Syntetdal",  "Attrapp",  "Vikarsen",  "Lånebakk"};
static const char *const streets[] = {"Eksempelveien", "Prøvegata", "Testbakken", "Modellalléen",
                                      "Blankettveien"};
static const char *const texts[] = {"synthetic entry", "prøvetekst", "sample of nothing",
                                    "tom linje", "for testing"};

static uint32_t draw(struct synthetic *m, uint32_t below)
{
    uint32_t value;
    world_random(&m->world.world, &value, sizeof(value));
    return value % below;
}

static str pick(struct synthetic *m, const char *const *list, size_t count)
{
    return str_from(list[draw(m, (uint32_t)count)]);
}
#define PICK(m, list) pick((m), (list), LENGTH(list))

static str name_of(const struct synthetic *m, word w)
{
    return words_text(m->plan->words, w);
}

/* ---- values ---- */

static str identity_number(struct synthetic *m)
{
    for (;;) {
        str digits = arena_format(m->arena, "%02u%02u%02u%05u", 1 + draw(m, 28), 81 + draw(m, 12),
                                  draw(m, 100), draw(m, 100000));
        if (foedselsnummer_is_synthetic(digits))
            return digits;
    }
}

static str value_of(struct synthetic *m, const struct plan_field *field)
{
    if (m->plan->category[field->category].kind == CATEGORY_NATIONAL_ID)
        return identity_number(m);
    switch (field->kind) {
    case FIELD_NAME: {
        str first = PICK(m, first_names), last = PICK(m, last_names);
        return arena_format(m->arena, "%.*s %.*s", STR_ARG(first), STR_ARG(last));
    }
    case FIELD_EMAIL:
        return arena_format(m->arena, "%.*s%llu@example.test", STR_ARG(m->prefix),
                            (unsigned long long)m->number);
    case FIELD_PHONE:
        return arena_format(m->arena, "+47 9%02u %02u %03u", draw(m, 100), draw(m, 100),
                            draw(m, 1000));
    case FIELD_ADDRESS: {
        str street = PICK(m, streets);
        return arena_format(m->arena, "%.*s %u, 00%02u Oslo", STR_ARG(street), 1 + draw(m, 90),
                            1 + draw(m, 98));
    }
    case FIELD_ID:
        return arena_format(m->arena, "id-%.*s%llu", STR_ARG(m->prefix),
                            (unsigned long long)m->number);
    case FIELD_IP:
        return arena_format(m->arena, "192.0.2.%u", 1 + draw(m, 254));
    case FIELD_DATE:
        return arena_format(m->arena, "20%02u-%02u-%02u", 10 + draw(m, 15), 1 + draw(m, 12),
                            1 + draw(m, 28));
    case FIELD_NUMBER:
        return arena_format(m->arena, "%u", draw(m, 10000));
    case FIELD_FILE:
    case FIELD_TEXT:
        return PICK(m, texts);
    }
    return PICK(m, texts);
}

/* ---- an intake that a line can play ---- */

static bool needs_nothing(const struct needs *needs, enum evidence_kind allowed)
{
    for (size_t i = 0; i < needs->count; i++) {
        bool met = false;
        for (size_t j = 0; j < needs->all[i].count; j++)
            met |= needs->all[i].any[j] == (plan_index)allowed;
        if (!met)
            return false;
    }
    return !needs->hole;
}

static plan_index person_source(const struct synthetic *m, const struct plan_intake *intake)
{
    for (plan_index s = 0; s < m->plan->source_count; s++) {
        if (m->plan->source[s].kind == SOURCE_PERSON && refs_has(&intake->from, s) &&
            needs_nothing(&m->plan->source[s].needs, KIND_NOTICE))
            return s;
    }
    return NONE;
}

static bool playable(const struct synthetic *m, const struct plan_intake *intake)
{
    if (intake->clause.closed || intake->live || intake->purposes.all ||
        intake->purposes.count == 0 || !needs_nothing(&intake->needs, KIND_NOTICE) ||
        person_source(m, intake) == NONE)
        return false;
    for (size_t i = 0; i < intake->purposes.count; i++) {
        const struct plan_purpose *p = &m->plan->purpose[intake->purposes.at[i]];
        if (!p->clause.closed && (p->per == 0 || p->basis != BASIS_CONSENT) &&
            (p->basis == BASIS_CONTRACT || p->basis == BASIS_LEGITIMATE_INTEREST ||
             p->basis == BASIS_CONSENT))
            return true;
    }
    return false;
}

static const struct plan_intake *choose_intake(struct synthetic *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->plan->intake_count; i++)
        count += playable(m, &m->plan->intake[i]);
    if (count == 0)
        return NULL;
    size_t nth = draw(m, (uint32_t)count);
    for (size_t i = 0; i < m->plan->intake_count; i++) {
        if (playable(m, &m->plan->intake[i]) && nth-- == 0)
            return &m->plan->intake[i];
    }
    return NULL;
}

/* ---- the parts of a line ---- */

static void put_instant(struct synthetic *m, const char *key, int64_t days_ago)
{
    json_key(m->out, key);
    json_put_instant(m->out, (instant){m->now.ms - days_ago * 86400000});
}

static void put_agreements(struct synthetic *m, const struct plan_intake *intake, int64_t days)
{
    bool contract = false;
    for (size_t i = 0; i < intake->purposes.count; i++)
        contract |= m->plan->purpose[intake->purposes.at[i]].basis == BASIS_CONTRACT;
    json_key(m->out, "evidence");
    json_open_array(m->out);
    for (int i = 0; contract && i < 1; i++) {
        json_open_object(m->out);
        json_key(m->out, "type");
        json_put_text(m->out, "agreement");
        put_instant(m, "since", days);
        json_close_object(m->out);
    }
    json_close_array(m->out);
}

static void put_consents(struct synthetic *m, const struct plan_intake *intake)
{
    json_key(m->out, "consents");
    json_open_array(m->out);
    for (size_t i = 0; i < intake->purposes.count; i++) {
        const struct plan_purpose *p = &m->plan->purpose[intake->purposes.at[i]];
        if (p->basis != BASIS_CONSENT || p->clause.closed || p->per != 0)
            continue;
        json_open_object(m->out);
        json_key(m->out, "purpose");
        json_put_str(m->out, name_of(m, p->clause.name));
        json_key(m->out, "wording");
        json_put_text(m->out, "Jeg samtykker til dette formålet.");
        json_key(m->out, "given_by");
        json_put_text(m->out, "click");
        json_key(m->out, "channel");
        json_put_text(m->out, "web");
        json_close_object(m->out);
    }
    json_close_array(m->out);
}

static bool some_purpose_uses(const struct synthetic *m, const struct plan_intake *intake,
                              plan_index field)
{
    for (size_t i = 0; i < intake->purposes.count; i++) {
        const struct plan_purpose *p = &m->plan->purpose[intake->purposes.at[i]];
        if (!p->clause.closed && field_set_has(&p->uses, field) &&
            (p->basis != BASIS_CONSENT || p->per == 0))
            return true;
    }
    return false;
}

static bool takes(const struct synthetic *m, const struct plan_intake *intake, plan_index field)
{
    bool optional = intake->optional.stated && field_set_has(&intake->optional, field);
    return optional && m->plan->field[field].kind != FIELD_FILE &&
           some_purpose_uses(m, intake, field) &&
           !m->plan->category[m->plan->field[field].category].made_from.stated;
}

static void put_value(struct synthetic *m, plan_index field)
{
    json_key_str(m->out, name_of(m, m->plan->field[field].name));
    json_put_str(m->out, value_of(m, &m->plan->field[field]));
}

/* All required fields and about half of the optional ones; at least one in all. */
static void put_values(struct synthetic *m, const struct plan_intake *intake)
{
    size_t put = 0;
    plan_index spare = NONE;
    json_key(m->out, "values");
    json_open_object(m->out);
    for (plan_index f = 0; f < m->plan->field_count; f++) {
        bool required = intake->required.stated && field_set_has(&intake->required, f);
        bool optional = takes(m, intake, f);
        if (optional && spare == NONE)
            spare = f;
        if (!required && (!optional || draw(m, 2) == 0))
            continue;
        put_value(m, f);
        put++;
    }
    if (put == 0 && spare != NONE)
        put_value(m, spare);
    json_close_object(m->out);
}

static void put_collect(struct synthetic *m, const struct plan_intake *intake, int64_t days)
{
    json_key(m->out, "collect");
    json_open_array(m->out);
    json_open_object(m->out);
    json_key(m->out, "intake");
    json_put_str(m->out, name_of(m, intake->clause.name));
    json_key(m->out, "source");
    json_put_str(m->out, name_of(m, m->plan->source[person_source(m, intake)].clause.name));
    json_key(m->out, "channel");
    json_put_str(m->out, intake->channel == 0 ? STR("web") : name_of(m, intake->channel));
    json_key(m->out, "controller");
    json_put_str(m->out, name_of(m, m->plan->controller[0].clause.name));
    put_instant(m, "at", days);
    json_key(m->out, "said_optional");
    json_put_bool(m->out, true);
    json_key(m->out, "supplied");
    json_open_array(m->out);
    json_put_text(m->out, "notice");
    json_close_array(m->out);
    put_values(m, intake);
    json_close_object(m->out);
    json_close_array(m->out);
}

static void put_events(struct synthetic *m, const struct plan_intake *intake, int64_t days)
{
    json_key(m->out, "events");
    json_open_array(m->out);
    for (plan_index e = 0; e < m->plan->event_count; e++) {
        bool starts = false;
        for (size_t i = 0; i < intake->purposes.count; i++)
            starts |= m->plan->purpose[intake->purposes.at[i]].starts_event == e;
        if (!starts || m->plan->event[e].of != NONE)
            continue;
        json_open_object(m->out);
        json_key(m->out, "event");
        json_put_str(m->out, name_of(m, m->plan->event[e].clause.name));
        put_instant(m, "at", days);
        json_key(m->out, "by_subject");
        json_put_bool(m->out, true);
        json_close_object(m->out);
    }
    json_close_array(m->out);
}

static void put_roles(struct synthetic *m, const struct plan_intake *intake)
{
    json_key(m->out, "roles");
    json_open_array(m->out);
    for (plan_index r = 0; r < m->plan->role_count; r++) {
        bool plays = false;
        for (size_t i = 0; i < intake->purposes.count; i++) {
            const struct refs *roles = &m->plan->purpose[intake->purposes.at[i]].roles;
            plays |= !roles->all && roles->count > 0 && roles->at[0] == r;
        }
        if (plays)
            json_put_str(m->out, name_of(m, m->plan->role[r].clause.name));
    }
    json_close_array(m->out);
}

void synthetic_start(struct synthetic *m, const struct plan *plan, uint64_t seed, instant now,
                     str prefix)
{
    *m = (struct synthetic){.plan = plan, .now = now, .prefix = prefix};
    world_sim(&m->world, seed, now);
}

bool synthetic_person(struct synthetic *m, struct arena *arena, struct buf *line)
{
    struct json_out out = json_out_over(line);
    m->arena = arena;
    m->out = &out;
    const struct plan_intake *intake = choose_intake(m);
    if (intake == NULL)
        return false;
    int64_t days = draw(m, 170);
    m->number++;
    json_open_object(m->out);
    json_key(m->out, "number");
    json_put_str(m->out, arena_format(m->arena, "%.*s%llu", STR_ARG(m->prefix),
                                      (unsigned long long)m->number));
    put_roles(m, intake);
    put_agreements(m, intake, days);
    put_consents(m, intake);
    put_collect(m, intake, days);
    put_events(m, intake, days);
    json_close_object(m->out);
    m->out = NULL;
    return !line->full;
}

bool synthetic_balancing(struct synthetic *m, size_t *at, struct buf *line)
{
    struct json_out out = json_out_over(line);
    for (; *at < m->plan->purpose_count; (*at)++) {
        const struct plan_purpose *p = &m->plan->purpose[*at];
        if (p->basis != BASIS_LEGITIMATE_INTEREST || p->clause.closed)
            continue;
        json_open_object(&out);
        json_key(&out, "type");
        json_put_text(&out, "balancing");
        json_key(&out, "purpose");
        json_put_str(&out, name_of(m, p->clause.name));
        json_close_object(&out);
        (*at)++;
        return true;
    }
    return false;
}
