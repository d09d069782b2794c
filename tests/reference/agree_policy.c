/* Random policies, as text. */
#include <stdio.h>

#include "agree.h"

/* splitmix64 */
uint64_t chance_bits(struct chance *chance)
{
    uint64_t z = chance->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t below(struct chance *chance, size_t count)
{
    return (size_t)(chance_bits(chance) % count);
}

bool in_100(struct chance *chance, unsigned percent)
{
    return below(chance, 100) < percent;
}

/* ---- lines ---- */

struct writing {
    struct policy_text *policy;
    struct chance *chance;
    char moment[LINE_ROOM]; /* the last one: what purposes share is worked out once */
};

PRINTF_LIKE(3, 4)
static void line(struct writing *w, int depth, const char *format, ...)
{
    assert(w->policy->count < LINES_AT_MOST);
    struct line *l = &w->policy->line[w->policy->count++];
    va_list list;
    va_start(list, format);
    l->depth = depth;
    int length = vsnprintf(l->text, LINE_ROOM, format, list);
    assert(length > 0 && length < LINE_ROOM);
    va_end(list);
}

#define PICK(w, list) ((list)[below((w)->chance, LENGTH(list))])

static const char *const PURPOSES[] = {"pa", "pb", "pc", "pd", "pe"};
static const char *const ROLES[] = {"ra", "rb"};
static const char *const SOURCES[] = {"sa", "sb", "sc"};
static const char *const REFS[] = {"ca",    "ca.fa", "ca.fb", "cb",  "cb.fc",
                                   "cb.fd", "cc",    "cd",    "set1"};
static const char *const EVENTS[] = {"ea", "eb", "ec", "ed"};
static const char *const TYPES[] = {"ta",
                                    "tb",
                                    "tc",
                                    "td",
                                    "te",
                                    "tf",
                                    "tg",
                                    "th",
                                    "ti",
                                    "consent",
                                    "agreement",
                                    "notice",
                                    "stop_link",
                                    "identity",
                                    "balancing",
                                    "legal_ground",
                                    "claim",
                                    "approval",
                                    "existing_customer",
                                    "safeguard",
                                    "notice_exception"};
static const char *const CHANNELS[] = {"email", "sms", "phone", "post"};
static const char *const STAFF[] = {"ua", "ub", "uc"};
static const char *const SLOTS[] = {
    "subject",   "purpose", "category", "field", "source", "intake",     "channel", "message",
    "recipient", "place",   "matter",   "case",  "actor",  "controller", "version", "role"};

/* `[a, b]` of 1 to 3 different words; now and then `all` where it is legal, or a hole. */
static const char *list_of(struct writing *w, char room[LINE_ROOM], const char *const *words,
                           size_t count, unsigned all_percent)
{
    size_t used = 0, at = below(w->chance, count), many = 1 + below(w->chance, 3);
    if (in_100(w->chance, all_percent))
        return "all";
    used += (size_t)snprintf(room + used, LINE_ROOM - used, "[");
    for (size_t i = 0; i < many && i < count; i++)
        used += (size_t)snprintf(room + used, LINE_ROOM - used, "%s%s", i == 0 ? "" : ", ",
                                 words[(at + i * (1 + count / 3)) % count]);
    if (all_percent > 0 && in_100(w->chance, 1))
        used += (size_t)snprintf(room + used, LINE_ROOM - used, ", unspecified");
    snprintf(room + used, LINE_ROOM - used, "]");
    return room;
}
#define A_LIST(w, room, words, all_percent)                                                        \
    list_of((w), (room), (words), LENGTH(words), all_percent)

/* `[t or u, v]` */
static const char *needs_of(struct writing *w, char room[LINE_ROOM])
{
    size_t used = 0, many = 1 + below(w->chance, 2);
    if (in_100(w->chance, 10))
        return "none";
    used += (size_t)snprintf(room, LINE_ROOM, "[");
    for (size_t i = 0; i < many; i++) {
        used += (size_t)snprintf(room + used, LINE_ROOM - used, "%s%s", i == 0 ? "" : ", ",
                                 PICK(w, TYPES));
        if (in_100(w->chance, 35))
            used += (size_t)snprintf(room + used, LINE_ROOM - used, " or %s", PICK(w, TYPES));
    }
    snprintf(room + used, LINE_ROOM - used, "]");
    return room;
}

static void some_needs(struct writing *w, unsigned percent)
{
    char room[LINE_ROOM];
    if (in_100(w->chance, percent))
        line(w, 2, "needs: %s", needs_of(w, room));
}

/* ---- moments: the whole grammar ---- */

static const char *span_of(struct writing *w, char room[32])
{
    static const struct {
        const char *unit;
        size_t most;
    } UNITS[] = {{"hour", 60}, {"day", 40}, {"week", 9}, {"month", 14}, {"year", 3}};
    size_t unit = below(w->chance, LENGTH(UNITS));
    size_t count = 1 + below(w->chance, UNITS[unit].most);
    snprintf(room, 32, "%zu %s%s", count, UNITS[unit].unit, count == 1 ? "" : "s");
    return room;
}

static void moment_add(struct writing *w, char room[LINE_ROOM], size_t depth);

/* What does not fit any more is left out; moment_of() then tries again. */
static void text_add(char room[LINE_ROOM], const char *text)
{
    size_t used = strlen(room);
    if (used + strlen(text) < LINE_ROOM)
        memcpy(room + used, text, strlen(text) + 1);
}

static void anchor_add(struct writing *w, char room[LINE_ROOM])
{
    static const char *const ENDS[] = {"ta",        "tc",    "td", "th", "consent",
                                       "agreement", "claim", "ra", "rb"};
    size_t which = below(w->chance, 100);
    if (which < 12) {
        text_add(room, "end of year of ");
        anchor_add(w, room);
    } else if (which < 40) {
        text_add(room, "end of ");
        text_add(room, PICK(w, ENDS));
    } else if (which < 60) {
        text_add(room, "collected");
    } else {
        text_add(room, which < 70 ? "first " : which < 80 ? "last " : "");
        text_add(room, PICK(w, EVENTS));
    }
}

static void operand_add(struct writing *w, char room[LINE_ROOM], size_t depth)
{
    char span[32];
    if (depth < 2 && in_100(w->chance, 15)) {
        text_add(room, "(");
        moment_add(w, room, depth + 1);
        text_add(room, ")");
        return;
    }
    if (in_100(w->chance, 60)) {
        text_add(room, span_of(w, span));
        text_add(room, " after ");
    }
    anchor_add(w, room);
}

static void moment_add(struct writing *w, char room[LINE_ROOM], size_t depth)
{
    size_t operands = in_100(w->chance, 50) ? 1 : 2 + below(w->chance, depth == 0 ? 2 : 1);
    if (operands > 1)
        text_add(room, in_100(w->chance, 50) ? "earliest of " : "latest of ");
    for (size_t i = 0; i < operands; i++) {
        text_add(room, i == 0 ? "" : ", ");
        operand_add(w, room, depth);
    }
}

static const char *moment_of(struct writing *w, char room[LINE_ROOM])
{
    if (w->moment[0] != '\0' && in_100(w->chance, 50)) {
        memcpy(room, w->moment, sizeof(w->moment));
        return room;
    }
    do {
        room[0] = '\0';
        moment_add(w, room, 0);
    } while (strlen(room) > 200);
    memcpy(w->moment, room, sizeof(w->moment));
    return room;
}

static void keep_of(struct writing *w)
{
    char moment[LINE_ROOM], list[LINE_ROOM], needs[LINE_ROOM];
    if (in_100(w->chance, 12)) {
        line(w, 2, "keep: none");
    } else if (in_100(w->chance, 3)) {
        line(w, 2, "keep: unspecified");
    } else if (in_100(w->chance, 55)) {
        line(w, 2, "keep: %s", moment_of(w, moment));
    } else {
        size_t entries = 1 + below(w->chance, 3);
        line(w, 2, "keep:");
        for (size_t i = 0; i < entries; i++) {
            line(w, 3, "- until: %s", moment_of(w, moment));
            if (i + 1 < entries || in_100(w->chance, 40))
                line(w, 4, "of: %s", A_LIST(w, list, REFS, 0));
            if (in_100(w->chance, 30))
                line(w, 4, "needs: %s", needs_of(w, needs));
        }
    }
}

/* ---- sections ---- */

static void write_head(struct writing *w)
{
    line(w, 0, "vern: 1");
    line(w, 0, "policy: p");
    line(w, 0, "version: unspecified");
    line(w, 0, "effective: unspecified");
    line(w, 0, "timezone: Europe/Oslo");
    line(w, 0, "languages: [nb]");
    line(w, 0, "roles: [ra, rb]");
    line(w, 0, "matters: [ma, mb]");
    line(w, 0, "controllers: { xa: {}, xb: {}, xc: {} }");
    line(w, 0, "contacts: { desk: { kind: email, at: a@b.example } }");
}

static void write_data(struct writing *w)
{
    static const char *const KINDS[] = {"special", "payment_card", "national_id", "criminal"};
    char room[LINE_ROOM];
    line(w, 0, "sources:");
    line(w, 1, "sa: { kind: person }");
    line(w, 1, "sb:");
    line(w, 2, "kind: observed");
    some_needs(w, 15);
    line(w, 1, "sc:");
    line(w, 2, "kind: indirect");
    if (in_100(w->chance, 40))
        line(w, 2, "needs: [%s]", in_100(w->chance, 50) ? "notice" : "te or notice_exception");
    else
        some_needs(w, 20);
    line(w, 0, "categories:");
    line(w, 1, "ca: { fields: { fa: text, fb: text } }");
    line(w, 1, "cb:");
    line(w, 2, "fields: { fc: text, fd: file }");
    if (in_100(w->chance, 40))
        line(w, 2, "external: [cb.fc]");
    if (in_100(w->chance, 5))
        line(w, 2, "never: true");
    line(w, 1, "cc:");
    line(w, 2, "kind: %s", in_100(w->chance, 60) ? "normal" : PICK(w, KINDS));
    if (in_100(w->chance, 40))
        line(w, 2, "external: [cc]");
    if (in_100(w->chance, 10))
        line(w, 2, "never: %s", in_100(w->chance, 50) ? "true" : "false");
    line(w, 1, "cd:");
    line(w, 2, "kind: normal");
    if (in_100(w->chance, 60))
        line(w, 2, "made_from: [ca]");
    line(w, 0, "sets:");
    do
        A_LIST(w, room, REFS, 0);
    while (strstr(room, "set1") != NULL);
    line(w, 1, "set1: %s", room);
}

static void write_events(struct writing *w)
{
    line(w, 0, "events:");
    line(w, 1, "ea: {}");
    line(w, 1, "eb: { of: ma }");
    line(w, 1, "ec: { by: %s }", in_100(w->chance, 50) ? "subject" : "staff");
    line(w, 1, "ed:");
    line(w, 2, "of: mb");
    if (in_100(w->chance, 50))
        line(w, 2, "by: subject");
}

static void write_type(struct writing *w, const char *name, const char *as, bool free)
{
    static const char *const BY[] = {"[subject]", "[ua]", "[ub, subject]", "other", "[ua, other]"};
    char room[LINE_ROOM], span[32];
    line(w, 1, "%s:", name);
    bool hole = in_100(w->chance, 2);
    line(w, 2, "as: %s", hole ? "unspecified" : as);
    if (free || hole || in_100(w->chance, 25))
        line(w, 2, "for: %s", A_LIST(w, room, SLOTS, 0));
    if (in_100(w->chance, 35))
        line(w, 2, "valid: %s", span_of(w, span));
    if (in_100(w->chance, 20))
        line(w, 2, "by: %s", PICK(w, BY));
    if (in_100(w->chance, 20))
        line(w, 2, "asks: [%s]", in_100(w->chance, 50) ? "document" : "document, number");
}

static void write_evidence(struct writing *w)
{
    static const struct {
        const char *name, *as;
        bool free;
    } ALL[] = {
        {"ta", "record", true},    {"tb", "record", true},  {"tc", "agreement", false},
        {"td", "consent", false},  {"te", "notice", false}, {"tf", "processor_agreement", false},
        {"tg", "training", false}, {"th", "claim", false},  {"ti", "compatibility", false}};
    line(w, 0, "evidence:");
    for (size_t i = 0; i < LENGTH(ALL); i++)
        write_type(w, ALL[i].name, ALL[i].as, ALL[i].free);
}

static void write_basis(struct writing *w)
{
    static const char *const BASES[] = {"consent",        "contract",    "legal_duty",
                                        "vital_interest", "public_task", "legitimate_interest"};
    static const unsigned PERCENT[] = {25, 22, 15, 6, 7, 25};
    size_t which = below(w->chance, 100), at = 0;
    if (in_100(w->chance, 2)) {
        line(w, 2, "basis: unspecified");
        return;
    }
    while (which >= PERCENT[at])
        which -= PERCENT[at++];
    line(w, 2, "basis: %s", BASES[at]);
    if (at == 2 && in_100(w->chance, 90))
        line(w, 2, "law: %s", in_100(w->chance, 95) ? "law 1" : "unspecified");
    if (at == 1 && in_100(w->chance, 25))
        line(w, 2, "before_contract: true");
    if (at == 0 && in_100(w->chance, 30)) {
        static const char *const UNITS[] = {"recipient", "field", "channel", "matter"};
        line(w, 2, "per: [%s]", PICK(w, UNITS));
    }
}

static void write_purpose(struct writing *w, const char *name)
{
    static const char *const STARTS[] = {"ea", "eb", "ec", "ed", "ta", "claim", "th", "consent"};
    char room[LINE_ROOM];
    line(w, 1, "%s:", name);
    write_basis(w);
    line(w, 2, "roles: %s", A_LIST(w, room, ROLES, 50));
    line(w, 2, "uses: %s", A_LIST(w, room, REFS, 45));
    keep_of(w);
    some_needs(w, 20);
    if (in_100(w->chance, 10))
        line(w, 2, "from: %s", A_LIST(w, room, SOURCES, 20));
    if (in_100(w->chance, 8))
        line(w, 2, "controllers: [%s]", in_100(w->chance, 50) ? "xa" : "xb, xc");
    if (in_100(w->chance, 25))
        line(w, 2, "starts: %s", PICK(w, STARTS));
    if (in_100(w->chance, 8))
        line(w, 2, "requires: %s", A_LIST(w, room, REFS, 0));
    if (in_100(w->chance, 25))
        line(w, 2, "marketing: %s", in_100(w->chance, 70) ? "own" : "partner");
    if (in_100(w->chance, 8))
        line(w, 2, "objection: absolute");
    if (in_100(w->chance, 25))
        line(w, 2, "profiling: true");
    if (in_100(w->chance, 25))
        line(w, 2, "reuses: true");
    if (in_100(w->chance, 6))
        line(w, 2, "counts_only: 10");
}

static void write_purposes(struct writing *w)
{
    size_t many = 2 + below(w->chance, LENGTH(PURPOSES) - 1);
    char room[LINE_ROOM], more[LINE_ROOM];
    line(w, 0, "purposes:");
    for (size_t i = 0; i < many; i++)
        write_purpose(w, PURPOSES[i]);
    if (in_100(w->chance, 40)) {
        line(w, 0, "joint:");
        line(w, 1, "ja: { who: [%s], for: %s }", in_100(w->chance, 50) ? "xa, xb" : "acting, xb",
             list_of(w, room, PURPOSES, 2, 40));
    }
    line(w, 0, "intakes:");
    for (size_t i = 0; i < 2; i++) {
        line(w, 1, "i%c:", "ab"[i]);
        line(w, 2, "from: %s", A_LIST(w, room, SOURCES, 0));
        line(w, 2, "for: %s", list_of(w, room, PURPOSES, 2, 30));
        if (in_100(w->chance, 40))
            line(w, 2, "required: [%s]", PICK(w, REFS));
        line(w, 2, "optional: %s", A_LIST(w, more, REFS, 0));
        if (in_100(w->chance, 30))
            line(w, 2, "channel: %s", PICK(w, CHANNELS));
        if (in_100(w->chance, 15))
            line(w, 2, "refuses: [%s]", in_100(w->chance, 50) ? "cb" : "cc");
        if (in_100(w->chance, 20))
            line(w, 2, "live: true");
        some_needs(w, 15);
    }
}

static void write_contact(struct writing *w)
{
    char room[LINE_ROOM], span[32];
    line(w, 0, "cookies:");
    for (size_t i = 0; i < 2; i++) {
        line(w, 1, "k%c:", "ab"[i]);
        line(w, 2, "kind: cookie");
        line(w, 2, "for: %s", list_of(w, room, PURPOSES, 2, 0));
        line(w, 2, "keep: %s after collected", span_of(w, span));
        if (in_100(w->chance, 30))
            line(w, 2, "necessary: true");
        if (in_100(w->chance, 30))
            line(w, 2, "per: [cookie]");
        if (in_100(w->chance, 20))
            line(w, 2, "roles: %s", A_LIST(w, room, ROLES, 20));
    }
    line(w, 0, "messages:");
    for (size_t i = 0; i < 2; i++) {
        line(w, 1, "n%c:", "ab"[i]);
        line(w, 2, "for: %s", in_100(w->chance, 2) ? "unspecified" : PURPOSES[below(w->chance, 2)]);
        line(w, 2, "channels:");
        for (size_t k = 0; k < 3; k++)
            if (k == 0 || in_100(w->chance, 60))
                line(w, 3, "%s: { needs: %s }", CHANNELS[k],
                     in_100(w->chance, 70)  ? "none"
                     : in_100(w->chance, 5) ? "unspecified"
                                            : needs_of(w, room));
        some_needs(w, 30);
    }
}

static const char *const RECIPIENTS[] = {"ga", "gb", "gc", "gd"};

static void write_switches(struct writing *w)
{
    static const char *const MESSAGES[] = {"na", "nb"};
    char purposes[LINE_ROOM], messages[LINE_ROOM], recipients[LINE_ROOM];
    line(w, 0, "switches:");
    for (size_t i = 0; i < 2; i++) {
        line(w, 1, "w%c:", "ab"[i]);
        size_t kind = below(w->chance, 4);
        if (kind == 0)
            line(w, 2, "stops: { purposes: %s }", list_of(w, purposes, PURPOSES, 2, 20));
        if (kind == 1)
            line(w, 2, "stops: { messages: %s }", A_LIST(w, messages, MESSAGES, 20));
        if (kind == 2)
            line(w, 2, "stops: { recipients: %s }", A_LIST(w, recipients, RECIPIENTS, 20));
        if (kind == 3)
            line(w, 2, "stops: { purposes: %s, messages: %s }",
                 list_of(w, purposes, PURPOSES, 2, 0), A_LIST(w, messages, MESSAGES, 0));
        if (in_100(w->chance, 30))
            line(w, 2, "per: [%s]", in_100(w->chance, 60) ? "channel" : "recipient");
        if (in_100(w->chance, 25))
            line(w, 2, "erases: [%s]", PICK(w, REFS));
        line(w, 2, "at: [desk]");
    }
}

static void write_recipients(struct writing *w)
{
    static const char *const KINDS[] = {"group",  "processor", "controller", "platform",
                                        "person", "audience",  "authority"};
    char room[LINE_ROOM];
    line(w, 0, "recipients:");
    for (size_t i = 0; i < LENGTH(RECIPIENTS); i++) {
        const char *kind = PICK(w, KINDS);
        line(w, 1, "%s:", RECIPIENTS[i]);
        line(w, 2, "kind: %s", in_100(w->chance, 1) ? "unspecified" : kind);
        line(w, 2, "for: %s", list_of(w, room, PURPOSES, 2, 55));
        line(w, 2, "gives: %s", A_LIST(w, room, REFS, 60));
        if (strcmp(kind, "audience") == 0)
            line(w, 2, "who: %s", A_LIST(w, room, ROLES, 10));
        if (in_100(w->chance, 15))
            line(w, 2, "named: [%s]", in_100(w->chance, 50) ? "Alfa" : "Alfa, Beta");
        some_needs(w, 25);
        if (in_100(w->chance, 4))
            line(w, 2, "never: true");
    }
    if (in_100(w->chance, 70)) {
        char more[LINE_ROOM];
        static const char *const HOMES[] = {"eea", "eu", "{ zone: eea, needs: [ta] }"};
        line(w, 0, "places:");
        line(w, 1, "home: %s", PICK(w, HOMES));
        if (in_100(w->chance, 60))
            line(w, 1, "outside: { needs: %s }",
                 in_100(w->chance, 50) ? "[safeguard or td]" : needs_of(w, more));
    }
}

static void write_staff(struct writing *w)
{
    static const char *const MAY[] = {"read",   "change",  "share",
                                      "record", "approve", "decide_requests"};
    static const char *const RIGHTS[] = {"all",   "access",      "rectify",
                                         "erase", "portability", "restrict"};
    char room[LINE_ROOM];
    line(w, 0, "staff:");
    for (size_t i = 0; i < LENGTH(STAFF); i++) {
        line(w, 1, "%s:", STAFF[i]);
        if (i == 0)
            line(w, 2, "may: [read, change, share, record, decide_requests]");
        if (i < 2 || in_100(w->chance, 70))
            line(w, 2, "for: %s", list_of(w, room, PURPOSES, 2, 60));
        if (in_100(w->chance, 25))
            line(w, 2, "sees: %s", A_LIST(w, room, REFS, 20));
        if (i > 0 && (i == 2 || in_100(w->chance, 50)))
            line(w, 2, "may: %s", A_LIST(w, room, MAY, 0));
        some_needs(w, 25);
    }
    line(w, 0, "rights:");
    for (size_t i = 0; i < LENGTH(RIGHTS); i++)
        if (i == 0 || in_100(w->chance, 25))
            line(w, 1, "%s: { at: [desk], needs: %s }", RIGHTS[i],
                 in_100(w->chance, 50) ? "[identity]" : needs_of(w, room));
}

typedef void section_writer(struct writing *w);
static section_writer *const SECTIONS[] = {write_data,       write_events,  write_evidence,
                                           write_purposes,   write_contact, write_switches,
                                           write_recipients, write_staff};

/* ---- versions ---- */

static void mark_fresh(struct policy_text *policy, size_t before, struct chance *chance)
{
    static const char *const FIELDS[] = {"ca.fa", "cb.fc", "cc", "cd"};
    const char *const *const names[] = {PURPOSES, SOURCES, RECIPIENTS, FIELDS};
    const size_t counts[] = {LENGTH(PURPOSES), LENGTH(SOURCES), LENGTH(RECIPIENTS), LENGTH(FIELDS)};
    for (size_t i = 0; i < 4; i++)
        if (in_100(chance, 30))
            policy->fresh[before][i][0] = names[i][below(chance, counts[i])];
}

/* Each section comes from a seed of its own; a later version shares most of them with the first. */
void make_policies(struct agree_case *c, struct chance *chance)
{
    uint64_t seed = chance_bits(chance);
    c->policy_count = 1;
    while (c->policy_count < VERSIONS_AT_MOST && in_100(chance, 30))
        c->policy_count++;
    for (size_t i = 0; i < c->policy_count; i++) {
        struct policy_text *policy = &c->policy[i];
        struct chance of_section;
        struct writing w = {.policy = policy, .chance = &of_section};
        policy->count = 0;
        memset(policy->fresh, 0, sizeof(policy->fresh));
        write_head(&w);
        for (size_t k = 0; k < LENGTH(SECTIONS); k++) {
            of_section.state = seed + k * 7919;
            if (i > 0 && in_100(chance, 40))
                of_section.state = chance_bits(chance);
            SECTIONS[k](&w);
        }
        for (size_t before = 0; before < i; before++)
            mark_fresh(policy, before, chance);
    }
}

str policy_yaml(const struct policy_text *policy, struct arena *arena)
{
    struct buf text = buf_in(arena, 1 << 16);
    for (size_t i = 0; i < policy->count; i++) {
        for (int k = 0; k < policy->line[i].depth; k++)
            buf_text(&text, "  ");
        buf_text(&text, policy->line[i].text);
        buf_char(&text, '\n');
    }
    return buf_str(&text);
}
