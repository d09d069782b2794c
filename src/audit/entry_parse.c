/* entry_parse.c: reads an entry strictly. Since the keys have one order and each value one
 * spelling, reading is a walk along the table of keys; whatever does not fit is no entry. It runs
 * for each entry that is appended or verified, so it looks at each byte once and takes no memory.
 */
#include "entry_internal.h"

/* What a character is worth: its base64url value, or 64; a bit above says that words may have it.
 */
enum { NOT_BASE64 = 64, IN_WORD = 128 };
#define L(c) [c] = IN_WORD | (unsigned char)((c) - 'a' + 26)
#define U(c) [c] = IN_WORD | (unsigned char)((c) - 'A')
#define D(c) [c] = IN_WORD | (unsigned char)((c) - '0' + 52)
static const unsigned char worth[256] = {U('A'),
                                         U('B'),
                                         U('C'),
                                         U('D'),
                                         U('E'),
                                         U('F'),
                                         U('G'),
                                         U('H'),
                                         U('I'),
                                         U('J'),
                                         U('K'),
                                         U('L'),
                                         U('M'),
                                         U('N'),
                                         U('O'),
                                         U('P'),
                                         U('Q'),
                                         U('R'),
                                         U('S'),
                                         U('T'),
                                         U('U'),
                                         U('V'),
                                         U('W'),
                                         U('X'),
                                         U('Y'),
                                         U('Z'),
                                         L('a'),
                                         L('b'),
                                         L('c'),
                                         L('d'),
                                         L('e'),
                                         L('f'),
                                         L('g'),
                                         L('h'),
                                         L('i'),
                                         L('j'),
                                         L('k'),
                                         L('l'),
                                         L('m'),
                                         L('n'),
                                         L('o'),
                                         L('p'),
                                         L('q'),
                                         L('r'),
                                         L('s'),
                                         L('t'),
                                         L('u'),
                                         L('v'),
                                         L('w'),
                                         L('x'),
                                         L('y'),
                                         L('z'),
                                         D('0'),
                                         D('1'),
                                         D('2'),
                                         D('3'),
                                         D('4'),
                                         D('5'),
                                         D('6'),
                                         D('7'),
                                         D('8'),
                                         D('9'),
                                         ['-'] = IN_WORD | 62,
                                         ['_'] = IN_WORD | 63,
                                         ['.'] = IN_WORD | NOT_BASE64,
                                         [':'] = IN_WORD | NOT_BASE64,
                                         ['/'] = IN_WORD | NOT_BASE64,
                                         ['+'] = IN_WORD | NOT_BASE64,
                                         ['['] = IN_WORD | NOT_BASE64,
                                         [']'] = IN_WORD | NOT_BASE64};
#undef L
#undef U
#undef D

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *cursor, char wanted)
{
    if (cursor->at == cursor->end || *cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

static bool take_word(struct cursor *cursor, str *word)
{
    if (!take(cursor, '"'))
        return false;
    const char *start = cursor->at;
    while (cursor->at < cursor->end && (worth[(unsigned char)*cursor->at] & IN_WORD))
        cursor->at++;
    *word = (str){start, (size_t)(cursor->at - start)};
    return word->len > 0 && word->len <= LIMIT_ENTRY_WORD_BYTES && take(cursor, '"');
}

static bool take_list(struct cursor *cursor, str *words, size_t *count, size_t most)
{
    if (!take(cursor, '['))
        return false;
    for (*count = 0; *count < most;) {
        if (!take_word(cursor, &words[*count]))
            return false;
        (*count)++;
        if (take(cursor, ']'))
            return true;
        if (!take(cursor, ','))
            return false;
    }
    return false;
}

/* `count` bytes in base64url, where the last character carries no stray bits. */
static bool take_bytes(struct cursor *cursor, unsigned char *bytes, size_t count)
{
    size_t characters = (count * 8 + 5) / 6, written = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    if (!take(cursor, '"') || (size_t)(cursor->end - cursor->at) < characters)
        return false;
    for (size_t i = 0; i < characters; i++) {
        unsigned char value = worth[(unsigned char)*cursor->at++];
        if ((value & IN_WORD) == 0 || (value & NOT_BASE64) != 0)
            return false;
        bits = bits << 6 | (value & 63U);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[written++] = (unsigned char)(bits >> held);
        }
    }
    return (bits & ((1U << held) - 1)) == 0 && take(cursor, '"');
}

/* A positive integer below 2^53 without leading zeros. */
static bool take_number(struct cursor *cursor, int64_t *number)
{
    const char *start = cursor->at;
    for (*number = 0; cursor->at < cursor->end; cursor->at++) {
        if (*cursor->at < '0' || *cursor->at > '9' || cursor->at - start == 16)
            break;
        *number = *number * 10 + (*cursor->at - '0');
    }
    return cursor->at > start && *start != '0' && *number < (int64_t)1 << 53;
}

static bool take_decision(struct cursor *cursor, enum audit_decision *decision)
{
    str word;
    if (!take_word(cursor, &word))
        return false;
    for (int i = 0; i < AUDIT_DECISION_COUNT; i++) {
        *decision = (enum audit_decision)i;
        if (str_is(word, audit_decision_name(*decision)))
            return true;
    }
    return false;
}

static bool take_count(struct cursor *cursor, uint32_t *count)
{
    int64_t number;
    if (!take_number(cursor, &number) || number > LIMIT_MANIFEST_LINES)
        return false;
    *count = (uint32_t)number;
    return true;
}

static bool take_value(struct cursor *cursor, const struct entry_field *field,
                       struct audit_entry *entry)
{
    char *base = (char *)entry;
    void *at = base + field->at;
    switch (field->kind) {
    case ENTRY_WORD:
        return take_word(cursor, at);
    case ENTRY_WORDS:
        return take_list(cursor, at, (size_t *)(void *)(base + field->beside), field->most);
    case ENTRY_ID:
        return take_bytes(cursor, at, ID_BYTES) && !ID_IS_ZERO(*(audit_id *)at);
    case ENTRY_TIME:
        return take_number(cursor, &((instant *)at)->ms);
    case ENTRY_HASH:
        *(bool *)(base + field->beside) = true;
        return take_bytes(cursor, at, MERKLE_HASH_BYTES);
    case ENTRY_COUNT:
        return take_count(cursor, &entry->manifest_lines);
    case ENTRY_DECISION:
        return take_decision(cursor, &entry->decision);
    case ENTRY_FORMAT:
        return take(cursor, '1');
    }
    return false;
}

/* Is `,"key":` next? Leaves the cursor behind it if so. */
static bool take_key(struct cursor *cursor, char before_key, const struct entry_field *field)
{
    size_t length = field->key_length;
    const char *at = cursor->at;
    if ((size_t)(cursor->end - at) < length + 4 || at[0] != before_key || at[1] != '"' ||
        at[2] != field->key[0] || (length == 2 && at[3] != field->key[1]) ||
        at[2 + length] != '"' || at[3 + length] != ':')
        return false;
    cursor->at += length + 4;
    return true;
}

status entry_parse(str text, struct report *report, struct audit_entry *entry)
{
    struct cursor cursor = {text.ptr, text.ptr + text.len};
    char before_key = '{';
    memset(entry, 0, offsetof(struct audit_entry, categories));
    if (text.len > LIMIT_ENTRY_BYTES)
        return fail(report, FAULT_SYNTAX, "an audit entry is longer than %d bytes",
                    LIMIT_ENTRY_BYTES);
    for (size_t i = 0; i < ENTRY_FIELDS; i++) {
        const struct entry_field *field = &entry_fields[i];
        bool there = take_key(&cursor, before_key, field);
        if (there ? !take_value(&cursor, field, entry) : field->required)
            return fail(report, FAULT_SYNTAX, "an audit entry is malformed at \"%s\", byte %zu",
                        field->key, (size_t)(cursor.at - text.ptr));
        if (there)
            before_key = ',';
    }
    if (!take(&cursor, '}') || cursor.at != cursor.end)
        return fail(report, FAULT_SYNTAX, "an audit entry has an unknown key or an odd end");
    if (entry->has_manifest != (entry->manifest_lines > 0) ||
        (entry->made.ms != 0 && !before(entry->made, entry->at)))
        return fail(report, FAULT_SYNTAX, "the values of an audit entry contradict each other");
    return OK;
}
