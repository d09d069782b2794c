/* Recursive descent over moment.ebnf, one function a production. */
#include "moment.h"
#include "vocabulary.h"

enum { MOMENT_DEPTH = 32 }; /* brackets and "end of year of" within each other */

struct tokens {
    str text;
    size_t at; /* where the token starts */
    str token; /* empty at the end */
    unsigned depth;
    const struct plan *plan;
    struct arena *arena;
    struct report *report;
    struct expression_fault *fault;
};

/* ---- tokens ---- */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

bool plan_is_id(str text)
{
    if (text.len == 0 || text.ptr[0] < 'a' || text.ptr[0] > 'z')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

static void next(struct tokens *t)
{
    size_t at = t->at + t->token.len;
    while (at < t->text.len && (t->text.ptr[at] == ' ' || t->text.ptr[at] == '\n'))
        at++;
    size_t end = at;
    while (end < t->text.len && is_word_byte(t->text.ptr[end]))
        end++;
    if (end == at && end < t->text.len)
        end++;
    t->at = at;
    t->token = str_slice(t->text, at, end);
}

static struct tokens tokens_over(str text, const struct plan *plan, struct arena *arena,
                                 struct report *report, struct expression_fault *fault)
{
    struct tokens t = {.text = text.ptr == NULL ? STR("") : text,
                       .plan = plan,
                       .arena = arena,
                       .report = report,
                       .fault = fault,
                       .token = STR("")};
    next(&t);
    return t;
}

static bool is_token(const struct tokens *t, const char *token)
{
    return str_is(t->token, token);
}

static bool take(struct tokens *t, const char *token)
{
    if (!is_token(t, token))
        return false;
    next(t);
    return true;
}

/* Looks one token ahead. */
static str token_after(const struct tokens *t)
{
    struct tokens ahead = *t;
    next(&ahead);
    return ahead.token;
}

/* The first fault stays. */
static void wrong(struct tokens *t, const char *rule, size_t offset, str text, str suggestion)
{
    if (t->fault->found)
        return;
    *t->fault = (struct expression_fault){true, rule, offset, text, suggestion};
}

static void expected(struct tokens *t, const char *what)
{
    if (t->token.len == 0)
        wrong(t, "moment", t->at,
              arena_format(t->arena, "the text ends where %s should follow", what), STR(""));
    else
        wrong(t, "moment", t->at,
              arena_format(t->arena, "expected %s, not `%.*s`", what, STR_ARG(t->token)), STR(""));
}

static bool demand(struct tokens *t, const char *token)
{
    if (take(t, token))
        return true;
    struct nearest nearest = nearest_to(t->token);
    if (t->token.len > 0)
        nearest_offer(&nearest, str_from(token));
    wrong(t, "moment", t->at,
          t->token.len == 0
              ? arena_format(t->arena, "the text ends where `%s` should follow", token)
              : arena_format(t->arena, "expected `%s`, not `%.*s`", token, STR_ARG(t->token)),
          nearest.best);
    return false;
}

static status done(struct tokens *t, struct report *report)
{
    if (!t->fault->found && t->token.len > 0)
        wrong(t, "moment", t->at,
              arena_format(t->arena, "`%.*s` does not belong here", STR_ARG(t->token)), STR(""));
    if (t->fault->found && t->fault->text.ptr == NULL)
        return NO_MEMORY(report);
    return OK;
}

/* ---- names ---- */

static plan_index find(const struct tokens *t, const plan_index *table)
{
    return plan_find(t->plan, table, words_find(t->plan->words, t->token));
}

static void offer_clauses(struct nearest *nearest, const struct plan *plan, const void *array,
                          uint16_t count, size_t size)
{
    for (uint16_t i = 0; i < count; i++) {
        const struct clause *clause =
            (const struct clause *)((const char *)array + (size_t)i * size);
        nearest_offer(nearest, words_text(plan->words, clause->name));
    }
}

static void offer_events(struct nearest *nearest, const struct plan *plan)
{
    offer_clauses(nearest, plan, plan->event, plan->event_count, sizeof(*plan->event));
}

static void offer_evidence(struct nearest *nearest, const struct plan *plan)
{
    offer_clauses(nearest, plan, plan->evidence, plan->evidence_count, sizeof(*plan->evidence));
}

static void offer_roles(struct nearest *nearest, const struct plan *plan)
{
    offer_clauses(nearest, plan, plan->role, plan->role_count, sizeof(*plan->role));
}

static void unknown(struct tokens *t, const char *what, struct nearest nearest)
{
    wrong(t, "unknown-word", t->at,
          arena_format(t->arena, "there is no %s `%.*s`", what, STR_ARG(t->token)), nearest.best);
}

static struct moment *moment_new(struct tokens *t, enum moment_op op)
{
    struct moment *moment = ARENA_NEW(t->arena, struct moment);
    if (moment != NULL)
        moment->op = op;
    return moment;
}

/* ---- productions ---- */

static status parse_moment(struct tokens *t, const struct moment **out);

/* unit = ( "hour" | "day" | "week" | "month" | "year" ) [ "s" ] ; */
static bool parse_unit(struct tokens *t, enum unit *unit)
{
    static const char *const UNITS[] = {"hour", "day", "week", "month", "year"};
    str name = t->token;
    if (name.len > 1 && str_ends(name, STR("s")))
        name.len--;
    struct nearest nearest = nearest_to(name);
    for (size_t i = 0; i < LENGTH(UNITS); i++) {
        if (str_is(name, UNITS[i])) {
            *unit = (enum unit)i;
            next(t);
            return true;
        }
        nearest_offer(&nearest, str_from(UNITS[i]));
    }
    wrong(t, "unknown-unit", t->at,
          arena_format(t->arena, "`%.*s` is no unit: hour, day, week, month or year",
                       STR_ARG(t->token)),
          nearest.best);
    return false;
}

/* span = number unit ; */
static bool parse_span(struct tokens *t, struct span *span)
{
    uint64_t count;
    if (!str_to_u64(t->token, &count)) {
        expected(t, "a number");
        return false;
    }
    if (count == 0 || count > 100000) {
        wrong(t, "span", t->at, STR("a number from 1 to 100000"), STR(""));
        return false;
    }
    next(t);
    *span = (struct span){.count = (uint32_t)count, .stated = true};
    return parse_unit(t, &span->unit);
}

/* fact = evidence | role ; */
static status parse_fact(struct tokens *t, struct moment *moment)
{
    plan_index evidence = find(t, t->plan->evidence_of);
    plan_index role = find(t, t->plan->role_of);
    if (evidence == NONE && role == NONE) {
        struct nearest nearest = nearest_to(t->token);
        offer_evidence(&nearest, t->plan);
        offer_roles(&nearest, t->plan);
        unknown(t, "evidence or role", nearest);
        return OK;
    }
    moment->of_role = evidence == NONE;
    moment->ref = moment->of_role ? role : evidence;
    next(t);
    return OK;
}

static void parse_event_name(struct tokens *t, struct moment *moment)
{
    plan_index event = find(t, t->plan->event_of);
    if (event != NONE) {
        moment->ref = event;
        next(t);
        return;
    }
    if (find(t, t->plan->evidence_of) != NONE || find(t, t->plan->role_of) != NONE) {
        wrong(t, "moment", t->at,
              arena_format(t->arena, "`%.*s` lasts; a moment is its end", STR_ARG(t->token)),
              arena_format(t->arena, "end of %.*s", STR_ARG(t->token)));
        return;
    }
    struct nearest nearest = nearest_to(t->token);
    offer_events(&nearest, t->plan);
    static const char *const WORDS[] = {"earliest", "latest", "end",        "collected",
                                        "last",     "first",  "unspecified"};
    for (size_t i = 0; i < LENGTH(WORDS); i++)
        nearest_offer(&nearest, str_from(WORDS[i]));
    unknown(t, "event", nearest);
}

/* anchor = "end of year of" anchor | "end of" fact | "collected" | [ "first" | "last" ] event
 *        | "unspecified" ; */
static status parse_anchor(struct tokens *t, const struct moment **out)
{
    struct moment *moment = moment_new(t, MOMENT_EVENT);
    if (moment == NULL)
        return NO_MEMORY(t->report);
    *out = moment;
    if (t->token.len == 0) {
        expected(t, "an event, `end of` or `collected`");
        return OK;
    }
    if (take(t, "unspecified")) {
        moment->op = MOMENT_UNSPECIFIED;
        return OK;
    }
    if (take(t, "collected")) {
        moment->op = MOMENT_COLLECTED;
        return OK;
    }
    if (take(t, "end")) {
        if (!demand(t, "of"))
            return OK;
        if (is_token(t, "year") && str_is(token_after(t), "of")) {
            next(t);
            next(t);
            moment->op = MOMENT_YEAR_END;
            if (++t->depth > MOMENT_DEPTH) {
                wrong(t, "moment", t->at, STR("nested more than 32 deep"), STR(""));
                return OK;
            }
            return parse_anchor(t, &moment->child);
        }
        moment->op = MOMENT_END_OF;
        return parse_fact(t, moment);
    }
    if (take(t, "first"))
        moment->which = WHICH_FIRST;
    else if (take(t, "last"))
        moment->which = WHICH_LAST;
    parse_event_name(t, moment);
    return OK;
}

/* operand = "(" moment ")" | [ span "after" ] anchor ; */
static status parse_operand(struct tokens *t, const struct moment **out)
{
    if (take(t, "(")) {
        if (++t->depth > MOMENT_DEPTH) {
            wrong(t, "moment", t->at, STR("nested more than 32 deep"), STR(""));
            return OK;
        }
        TRY(parse_moment(t, out));
        if (!t->fault->found)
            demand(t, ")");
        t->depth--;
        return OK;
    }
    if (t->token.len == 0 || t->token.ptr[0] < '0' || t->token.ptr[0] > '9')
        return parse_anchor(t, out);
    struct moment *moment = moment_new(t, MOMENT_AFTER);
    if (moment == NULL)
        return NO_MEMORY(t->report);
    *out = moment;
    if (!parse_span(t, &moment->span) || !demand(t, "after"))
        return OK;
    return parse_anchor(t, &moment->child);
}

/* moment = ( "earliest" | "latest" ) "of" operand "," operand { "," operand } | operand ; */
static status parse_moment(struct tokens *t, const struct moment **out)
{
    bool earliest = is_token(t, "earliest");
    if (!earliest && !is_token(t, "latest"))
        return parse_operand(t, out);
    next(t);
    struct moment *moment = moment_new(t, earliest ? MOMENT_EARLIEST : MOMENT_LATEST);
    if (moment == NULL)
        return NO_MEMORY(t->report);
    *out = moment;
    if (!demand(t, "of"))
        return OK;
    const struct moment **last = &moment->child;
    size_t count = 0;
    do {
        if (is_token(t, "earliest") || is_token(t, "latest"))
            wrong(t, "moment", t->at,
                  STR("put brackets around what is inside `earliest` or `latest`"), STR("( ... )"));
        const struct moment *operand = NULL;
        TRY(parse_operand(t, &operand));
        if (t->fault->found)
            return OK;
        /* The operand was made here, for this parent alone: its link to the next is ours to set. */
        struct moment *copy = ARENA_NEW(t->arena, struct moment);
        if (copy == NULL)
            return NO_MEMORY(t->report);
        *copy = *operand;
        *last = copy;
        last = &copy->next;
        count++;
    } while (take(t, ","));
    if (count < 2)
        expected(t, "`,` and one more moment");
    return OK;
}

/* keep = "unspecified" | "none" | moment ; */
static status parse_keep(struct tokens *t, struct keep_read *keep)
{
    if (is_token(t, "none") && token_after(t).len == 0) {
        next(t);
        keep->none = true;
        return OK;
    }
    if (is_token(t, "unspecified") && token_after(t).len == 0) {
        next(t);
        keep->hole = true;
        return OK;
    }
    return parse_moment(t, &keep->moment);
}

/* alt = evidence { "or" evidence } ; */
static status parse_alt(struct tokens *t, plan_index **any, uint16_t *count)
{
    LIST(plan_index) list = {0};
    do {
        plan_index evidence = find(t, t->plan->evidence_of);
        if (t->token.len == 0) {
            expected(t, "a type of evidence");
            return OK;
        }
        if (evidence == NONE) {
            struct nearest nearest = nearest_to(t->token);
            offer_evidence(&nearest, t->plan);
            unknown(t, "evidence", nearest);
            return OK;
        }
        plan_index *added = LIST_ADD(t->arena, &list);
        if (added == NULL || list.count >= NONE)
            return NO_MEMORY(t->report);
        *added = evidence;
        next(t);
    } while (take(t, "or"));
    *any = list.at;
    *count = (uint16_t)list.count;
    return OK;
}

/* path = id { "." id | "[" number "]" } ; */
static status parse_path(struct tokens *t, struct path_part **parts, size_t *count)
{
    LIST(struct path_part) list = {0};
    for (bool first = true; first || t->token.len > 0; first = false) {
        struct path_part part = {.name = STR("")};
        uint64_t index = 0;
        if (!first && take(t, "[")) {
            if (!str_to_u64(t->token, &index) || index > UINT32_MAX) {
                expected(t, "a number");
                return OK;
            }
            next(t);
            part.index = (uint32_t)index;
            if (!demand(t, "]"))
                return OK;
        } else {
            if (!first && !demand(t, "."))
                return OK;
            if (!plan_is_id(t->token)) {
                expected(t, "a name");
                return OK;
            }
            part.name = t->token;
            next(t);
        }
        struct path_part *added = LIST_ADD(t->arena, &list);
        if (added == NULL)
            return NO_MEMORY(t->report);
        *added = part;
    }
    *parts = list.at;
    *count = list.count;
    return OK;
}

/* ---- entries ---- */

status expression_keep(str text, const struct plan *plan, struct arena *arena,
                       struct report *report, struct expression_fault *fault,
                       struct keep_read *keep)
{
    struct tokens t = tokens_over(text, plan, arena, report, fault);
    *keep = (struct keep_read){0};
    TRY(parse_keep(&t, keep));
    return done(&t, report);
}

status expression_span(str text, struct arena *arena, struct report *report,
                       struct expression_fault *fault, struct span *span)
{
    struct tokens t = tokens_over(text, NULL, arena, report, fault);
    *span = (struct span){0};
    parse_span(&t, span);
    return done(&t, report);
}

status expression_alt(str text, const struct plan *plan, struct arena *arena, struct report *report,
                      struct expression_fault *fault, plan_index **any, uint16_t *count)
{
    struct tokens t = tokens_over(text, plan, arena, report, fault);
    *count = 0;
    TRY(parse_alt(&t, any, count));
    return done(&t, report);
}

status expression_path(str text, struct arena *arena, struct report *report,
                       struct expression_fault *fault, struct path_part **parts, size_t *count)
{
    struct tokens t = tokens_over(text, NULL, arena, report, fault);
    *count = 0;
    TRY(parse_path(&t, parts, count));
    return done(&t, report);
}

/* ---- holes ---- */

bool moment_has_hole(const struct moment *moment)
{
    for (const struct moment *m = moment; m != NULL; m = m->next)
        if (m->op == MOMENT_UNSPECIFIED || (m->child != NULL && moment_has_hole(m->child)))
            return true;
    return false;
}

/* The tokens that may stand for one hole: up to a comma or bracket that closes what is around it.
 */
static void skip_operand(struct tokens *t)
{
    int open = 0;
    while (t->token.len > 0) {
        if (is_token(t, "("))
            open++;
        if (open == 0 && (is_token(t, ",") || is_token(t, ")")))
            return;
        if (is_token(t, ")"))
            open--;
        next(t);
    }
}

bool expression_fills(str holed, str filled, struct arena *arena)
{
    struct expression_fault fault = {0};
    struct report report = {0};
    struct tokens a = tokens_over(holed, NULL, arena, &report, &fault);
    struct tokens b = tokens_over(filled, NULL, arena, &report, &fault);
    bool filled_any = false;
    while (a.token.len > 0) {
        if (take(&a, "unspecified")) {
            if (b.token.len == 0)
                return false;
            skip_operand(&b);
            filled_any = true;
            continue;
        }
        if (!str_equal(a.token, b.token))
            return false;
        next(&a);
        next(&b);
    }
    return filled_any && b.token.len == 0;
}

/* ---- printing ---- */

void buf_span(struct buf *out, struct span span)
{
    static const char *const UNITS[] = {"hour", "day", "week", "month", "year"};
    buf_format(out, "%u %s%s", span.count, UNITS[span.unit], span.count == 1 ? "" : "s");
}

static void buf_operands(struct buf *out, const struct plan *plan, const struct moment *moment)
{
    buf_text(out, moment->op == MOMENT_EARLIEST ? "earliest of " : "latest of ");
    for (const struct moment *child = moment->child; child != NULL; child = child->next) {
        bool brackets = child->op == MOMENT_EARLIEST || child->op == MOMENT_LATEST;
        buf_text(out, brackets ? "(" : "");
        buf_moment(out, plan, child);
        buf_text(out, brackets ? ")" : "");
        buf_text(out, child->next == NULL ? "" : ", ");
    }
}

void buf_moment(struct buf *out, const struct plan *plan, const struct moment *moment)
{
    static const char *const WHICH[] = {"", "first ", "last "};
    switch (moment->op) {
    case MOMENT_EARLIEST:
    case MOMENT_LATEST:
        buf_operands(out, plan, moment);
        return;
    case MOMENT_AFTER:
        buf_span(out, moment->span);
        buf_text(out, " after ");
        buf_moment(out, plan, moment->child);
        return;
    case MOMENT_YEAR_END:
        buf_text(out, "end of year of ");
        buf_moment(out, plan, moment->child);
        return;
    case MOMENT_END_OF:
        buf_text(out, "end of ");
        buf_add(out,
                words_text(plan->words, moment->of_role ? plan->role[moment->ref].clause.name
                                                        : plan->evidence[moment->ref].clause.name));
        return;
    case MOMENT_COLLECTED:
        buf_text(out, "collected");
        return;
    case MOMENT_EVENT:
        buf_text(out, WHICH[moment->which]);
        buf_add(out, words_text(plan->words, plan->event[moment->ref].clause.name));
        return;
    case MOMENT_UNSPECIFIED:
        buf_text(out, "unspecified");
        return;
    }
}
