/* Names that callers use, turned into words of the policy; what is not there is answered with the
 * nearest that is. */
#include "engine_internal.h"

struct name_table {
    const char *what; /* for the reader */
    const plan_index *(*table)(const struct plan *plan);
};

#define TABLE(kind)                                                                                \
    static const plan_index *table_##kind(const struct plan *p)                                    \
    {                                                                                              \
        return p->kind##_of;                                                                       \
    }
TABLE(role)
TABLE(purpose)
TABLE(field)
TABLE(category)
TABLE(source)
TABLE(intake)
TABLE(event)
TABLE(evidence)
TABLE(recipient)
TABLE(message)
TABLE(cookie)
TABLE(stop)
TABLE(staff)
TABLE(controller)
TABLE(matter)
#undef TABLE

static const struct name_table names[NAME_KIND_COUNT] = {
    [NAME_ROLE] = {"role", table_role},
    [NAME_PURPOSE] = {"purpose", table_purpose},
    [NAME_FIELD] = {"field", table_field},
    [NAME_CATEGORY] = {"category", table_category},
    [NAME_SOURCE] = {"source", table_source},
    [NAME_INTAKE] = {"intake", table_intake},
    [NAME_EVENT] = {"event", table_event},
    [NAME_EVIDENCE] = {"evidence", table_evidence},
    [NAME_RECIPIENT] = {"recipient kind", table_recipient},
    [NAME_MESSAGE] = {"message", table_message},
    [NAME_COOKIE] = {"cookie", table_cookie},
    [NAME_SWITCH] = {"switch", table_stop},
    [NAME_STAFF] = {"staff role", table_staff},
    [NAME_CONTROLLER] = {"controller", table_controller},
    [NAME_MATTER] = {"kind of matter", table_matter},
};

static str nearest(const struct plan *plan, const plan_index *table, str text)
{
    str best = STR("");
    unsigned least = 4; /* farther than three changes is no suggestion */
    for (word w = 1; w < plan->word_room; w++) {
        if (table[w] == NONE)
            continue;
        unsigned distance = str_distance(text, words_text(plan->words, w));
        if (distance < least) {
            least = distance;
            best = words_text(plan->words, w);
        }
    }
    return best;
}

/* What the caller wrote is not repeated: it may be anything. */
static status unknown_name(struct call *call, enum name_kind kind, const struct plan *plan,
                           str text)
{
    str best = nearest(plan, names[kind].table(plan), text);
    if (str_is_empty(best))
        return fail_about(call->report, FAULT_INVALID, text, "the policy has no such %s",
                          names[kind].what);
    return fail_about(call->report, FAULT_INVALID, text,
                      "the policy has no such %s; did you mean \"%.*s\"?", names[kind].what,
                      STR_ARG(best));
}

status call_word(struct call *call, enum name_kind kind, str text, word *w)
{
    *w = 0;
    if (str_is_empty(text))
        return OK;
    const struct plan *plan = reg_plan(call->reg, call->now);
    word found = words_find(call->reg->words, text);
    if (found == 0 || plan_find(plan, names[kind].table(plan), found) == NONE)
        return unknown_name(call, kind, plan, text);
    *w = found;
    return OK;
}

status call_purpose(struct call *call, str text, word *w)
{
    word found = words_find(call->reg->words, text);
    for (size_t i = 0; i < call->reg->plans.count && found != 0 && !str_is_empty(text); i++) {
        const struct plan *plan = call->reg->plans.at[i].plan;
        if (plan_find(plan, plan->purpose_of, found) == NONE)
            continue;
        *w = found;
        return OK;
    }
    *w = 0;
    if (reg_plan(call->reg, call->now)->processor)
        return OK;
    return call_word(call, NAME_PURPOSE, text, w);
}

status call_words(struct call *call, enum name_kind kind, const str *texts, size_t count,
                  const word **words)
{
    *words = NULL;
    if (count == 0)
        return OK;
    word *list = ARENA_ARRAY(call->arena, word, count);
    if (list == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++) {
        if (str_is_empty(texts[i]))
            return fail_about(call->report, FAULT_INVALID, texts[i], "a %s has a name",
                              names[kind].what);
        TRY(call_word(call, kind, texts[i], &list[i]));
    }
    *words = list;
    return OK;
}

/* A category names all its fields, a field itself. */
status call_fields(struct call *call, const str *texts, size_t count, const word **fields,
                   size_t *field_count)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    LIST(word) list = {0};
    for (size_t i = 0; i < count; i++) {
        word w = words_find(call->reg->words, texts[i]);
        plan_index field = plan_find(plan, plan->field_of, w);
        plan_index category = plan_find(plan, plan->category_of, w);
        if (w == 0 || (field == NONE && category == NONE))
            return unknown_name(call, NAME_FIELD, plan, texts[i]);
        size_t first = field != NONE ? field : plan->category[category].first_field;
        size_t fields_here = field != NONE ? 1 : plan->category[category].field_count;
        for (size_t f = 0; f < fields_here; f++) {
            word *added = LIST_ADD(call->arena, &list);
            if (added == NULL)
                return NO_MEMORY(call->report);
            *added = plan->field[first + f].name;
        }
    }
    *fields = list.at;
    *field_count = list.count;
    return OK;
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

status call_check_name(struct call *call, const char *what, str text)
{
    if (text.len > 64)
        return fail_about(call->report, FAULT_INVALID, text, "a %s is at most 64 characters long",
                          what);
    for (size_t i = 0; i < text.len; i++) {
        if (!name_char(text.ptr[i]))
            return fail_about(call->report, FAULT_INVALID, text,
                              "a %s consists of A-Z, a-z, 0-9, _, - and .", what);
    }
    return call_check_texts(call, &text, 1); /* names stay in the clear for ever */
}

status call_name(struct call *call, const char *what, str text, word *w)
{
    *w = 0;
    TRY(call_check_name(call, what, text));
    *w = words_find(call->reg->words, text);
    if (*w != 0 || str_is_empty(text))
        return OK;
    if (words_count(call->reg->words) >= REG_FREE_NAMES)
        return fail(call->report, FAULT_LIMIT, "the register knows too many names");
    *w = words_intern(call->reg->words, text);
    return OK;
}

/* Every way that there is; one that is not would be told apart from all others, and mean nothing.
 */
status call_channel(struct call *call, str text, word *w)
{
    *w = 0;
    if (!str_is_empty(text) && !channel_is_known(text))
        return fail_about(call->report, FAULT_INVALID, text,
                          "there is no such channel: email, phone, sms, post, web, social, "
                          "in_service, push, chat, in_person, api, other");
    return call_name(call, "channel", text, w);
}

status call_said(struct call *call, const char *what, str text)
{
    if (str_is_empty(str_trim(text)))
        return fail_about(call->report, FAULT_INVALID, text, "%s is not said", what);
    return OK;
}

str call_text(const struct call *call, word w)
{
    return words_text(call->reg->words, w);
}
