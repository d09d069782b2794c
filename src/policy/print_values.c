/* Prints scalars, lists of words and names of clauses. */
#include <stdlib.h>
#include "print_internal.h"

/* ---- small parts ---- */

str print_text_of(const struct printing *p, word w)
{
    return words_text(p->plan->words, w);
}

bool print_has_hole(const struct clause *clause, str path)
{
    for (uint16_t i = 0; i < clause->hole_count; i++)
        if (str_equal(clause->holes[i], path))
            return true;
    return false;
}

int print_compare_texts(const void *left, const void *right)
{
    return str_compare(*(const str *)left, *(const str *)right);
}

void print_names(struct printing *p, str *names, size_t count, bool hole)
{
    if (count > 1)
        qsort(names, count, sizeof(*names), print_compare_texts);
    buf_char(p->out, '[');
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && str_equal(names[i - 1], names[i]))
            continue;
        buf_text(p->out, first ? "" : ", ");
        first = false;
        buf_yaml_scalar(p->out, names[i]);
    }
    if (hole)
        buf_text(p->out, first ? "unspecified" : ", unspecified");
    buf_char(p->out, ']');
}

void *print_scratch(size_t count, size_t size)
{
    void *memory = calloc(count + 4, size);
    if (memory == NULL)
        abort();
    return memory;
}

void print_scratch_free(void *memory)
{
    free(*(void **)memory);
}

void print_texts(struct printing *p, const str *texts, uint16_t count)
{
    buf_char(p->out, '[');
    for (uint16_t i = 0; i < count; i++) {
        buf_text(p->out, i == 0 ? "" : ", ");
        buf_yaml_scalar(p->out, texts[i]);
    }
    buf_char(p->out, ']');
}

/* ---- scalars: each returns false when there is nothing to say ---- */

bool print_text(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const str *text = member;
    if (text->ptr == NULL)
        return false;
    buf_yaml_scalar(p->out, *text);
    return true;
}

bool print_word(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    word w = *(const word *)member;
    if (w != 0)
        buf_yaml_scalar(p->out, print_text_of(p, w));
    return w != 0;
}

/* Optional enums hold 0 when they are not said. */
bool print_enum(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    unsigned value = *(const unsigned *)member;
    const char *text = vocabulary_word_text((enum word_list)key->target, value);
    if (*text == '\0' || (value == 0 && (key->flags & KEY_REQUIRED) == 0))
        return false;
    buf_text(p->out, text);
    return true;
}

bool print_evidence_kind(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    unsigned by_name = KIND_RECORD;
    (void)vocabulary_word(LIST_kinds, print_text_of(p, p->clause->name), &by_name);
    if (*(const unsigned *)member == by_name)
        return false;
    buf_text(p->out, vocabulary_word_text((enum word_list)key->target, *(const unsigned *)member));
    return true;
}

bool print_flag(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    if (*(const bool *)member)
        buf_text(p->out, "true");
    return *(const bool *)member;
}

bool print_count(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    uint32_t count = *(const uint32_t *)member;
    if (count > 0)
        buf_u64(p->out, count);
    return count > 0;
}

bool print_span(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct span *span = member;
    if (!span->stated)
        return false;
    if (span->hole)
        buf_text(p->out, "unspecified");
    else
        buf_span(p->out, *span);
    return true;
}

bool print_within(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct span *span = member, *all = &p->plan->right[RIGHT_ALL].within;
    bool same = span->count == all->count && span->unit == all->unit && span->hole == all->hole;
    bool usual = span->count == 1 && span->unit == UNIT_MONTH && !span->hole;
    bool of_all = p->clause == &p->plan->right[RIGHT_ALL].clause;
    return (of_all ? usual : same) ? false : print_span(p, key, member);
}

/* ---- lists of words ---- */

static void print_mask_of(struct printing *p, enum word_list list, uint32_t mask)
{
    str names[32];
    size_t count = 0;
    for (unsigned bit = 0; bit < 32; bit++)
        if ((mask >> bit & 1) != 0 && *vocabulary_word_text(list, bit) != '\0')
            names[count++] = str_from(vocabulary_word_text(list, bit));
    print_names(p, names, count, false);
}

bool print_mask(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    uint32_t mask = *(const uint32_t *)member;
    bool every_basis = key->target == LIST_bases && mask == (1u << BASIS_COUNT) - 2;
    bool always = key->target == LIST_slots || key->target == LIST_bases;
    if (every_basis || (mask == 0 && !always))
        return false;
    print_mask_of(p, (enum word_list)key->target, mask);
    return true;
}

bool print_may(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_staff *staff = OWNER_CONST(member, struct plan_staff, may);
    uint32_t usual = staff->purposes.stated ? MAY_READ | MAY_CHANGE : 0;
    if (staff->may == usual)
        return false;
    print_mask_of(p, (enum word_list)key->target, staff->may);
    return true;
}

bool print_cookie_per(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    if (*(const bool *)member)
        buf_text(p->out, "[cookie]");
    return *(const bool *)member;
}

bool print_on_end(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const bool *ends = member;
    uint32_t mask = (ends[0] ? 1u : 0) | (ends[1] ? 2u : 0);
    if (mask == 0)
        return false;
    print_mask_of(p, (enum word_list)key->target, mask);
    return true;
}

bool print_words(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const word *list = *(const word *const *)member;
    uint16_t count = *MEMBER_CONST(member, sizeof(list), uint16_t);
    if (count == 0)
        return false;
    buf_char(p->out, '[');
    for (uint16_t i = 0; i < count; i++) {
        buf_text(p->out, i == 0 ? "" : ", ");
        buf_yaml_scalar(p->out, print_text_of(p, list[i]));
    }
    buf_char(p->out, ']');
    return true;
}

bool print_channel_list(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    if (print_words(p, key, member))
        return true;
    bool stated = *MEMBER_CONST(member, sizeof(word *) + sizeof(uint16_t), bool);
    if (stated)
        buf_text(p->out, "[]");
    return stated;
}

/* ---- references ---- */

str print_clause_name(const struct printing *p, enum section section, plan_index index)
{
    return print_text_of(p, section_clause(p->plan, section, index)->name);
}

static bool print_refs_with(struct printing *p, const struct vocabulary_key *key,
                            const struct refs *refs, const char *own, const char *other)
{
    if (!refs->stated)
        return false;
    if (refs->all) {
        buf_text(p->out, "all");
        return true;
    }
    if (refs->hole && refs->count == 0 && own == NULL && other == NULL) {
        buf_text(p->out, "unspecified");
        return true;
    }
    CLEANUP(print_scratch_free) str *names = print_scratch(refs->count, sizeof(str));
    size_t count = 0;
    for (uint16_t i = 0; i < refs->count; i++)
        names[count++] = print_clause_name(p, (enum section)key->target, refs->at[i]);
    if (own != NULL)
        names[count++] = str_from(own);
    if (other != NULL)
        names[count++] = str_from(other);
    print_names(p, names, count, refs->hole);
    return true;
}

bool print_refs(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    return print_refs_with(p, key, member, NULL, NULL);
}

bool print_ref(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    plan_index index = *(const plan_index *)member;
    if (index != NONE)
        buf_add(p->out, print_clause_name(p, (enum section)key->target, index));
    return index != NONE;
}

bool print_starts(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const plan_index *starts = member;
    if (starts[0] != NONE)
        buf_add(p->out, print_clause_name(p, SECTION_events, starts[0]));
    else if (starts[1] != NONE)
        buf_add(p->out, print_clause_name(p, SECTION_evidence, starts[1]));
    return starts[0] != NONE || starts[1] != NONE;
}

bool print_who(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_joint *joint = OWNER_CONST(member, struct plan_joint, who);
    return print_refs_with(p, key, &joint->who, joint->acting ? "acting" : NULL, NULL);
}

bool print_evidence_by(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_evidence *e = OWNER_CONST(member, struct plan_evidence, by_staff);
    return print_refs_with(p, key, &e->by_staff, e->by_subject ? "subject" : NULL,
                           e->by_other ? "other" : NULL);
}

bool print_switch_at(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_switch *stop = OWNER_CONST(member, struct plan_switch, at);
    return print_refs_with(p, key, &stop->at, stop->at_stop_link ? "stop_link" : NULL, NULL);
}

bool print_right_at(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_right *right = OWNER_CONST(member, struct plan_right, at);
    const struct plan_right *all = &p->plan->right[RIGHT_ALL];
    if (right != all && right->at.at == all->at.at && right->at.hole == all->at.hole &&
        right->at_stop_link == all->at_stop_link && right->at_portal == all->at_portal)
        return false;
    return print_refs_with(p, key, &right->at, right->at_stop_link ? "stop_link" : NULL,
                           right->at_portal ? "portal" : NULL);
}

bool print_event_of(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    return print_ref(p, key, member);
}
