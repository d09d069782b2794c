/* entry.c: the table of keys and the writer. */
#include "entry_internal.h"

#define WORD(key, name, required)                                                                  \
    {                                                                                              \
        key, sizeof(key) - 1, required, ENTRY_WORD, offsetof(struct audit_entry, name), 0, 0       \
    }
#define LIST_OF(key, name, counter, most)                                                          \
    {                                                                                              \
        key, sizeof(key) - 1, false, ENTRY_WORDS, offsetof(struct audit_entry, name),              \
            offsetof(struct audit_entry, counter), most                                            \
    }
#define HANDLE(key, name, required)                                                                \
    {                                                                                              \
        key, sizeof(key) - 1, required, ENTRY_ID, offsetof(struct audit_entry, name), 0, 0         \
    }
#define HASH(key, name, flag)                                                                      \
    {                                                                                              \
        key, sizeof(key) - 1, false, ENTRY_HASH, offsetof(struct audit_entry, name),               \
            offsetof(struct audit_entry, flag), 0                                                  \
    }
#define OTHER(key, name, kind, required)                                                           \
    {                                                                                              \
        key, sizeof(key) - 1, required, kind, offsetof(struct audit_entry, name), 0, 0             \
    }

const struct entry_field entry_fields[ENTRY_FIELDS] = {
    WORD("ac", action, true),
    OTHER("at", at, ENTRY_TIME, true),
    WORD("au", authenticated, true),
    HANDLE("by", actor, false),
    LIST_OF("ca", categories, category_count, AUDIT_CATEGORIES),
    HANDLE("cs", case_handle, false),
    OTHER("de", decision, ENTRY_DECISION, true),
    HANDLE("di", decider, false),
    LIST_OF("ef", effects, effect_count, AUDIT_EFFECTS),
    HANDLE("hu", human, false),
    HANDLE("ma", matter, false),
    OTHER("md", made, ENTRY_TIME, false),
    OTHER("mn", manifest_lines, ENTRY_COUNT, false),
    HASH("mr", manifest, has_manifest),
    LIST_OF("ob", obligations, obligation_count, AUDIT_OBLIGATIONS),
    WORD("ow", controller, false),
    HANDLE("po", policy, false),
    WORD("pu", purpose, false),
    HANDLE("rc", recipient, false),
    WORD("rk", recipient_kind, false),
    HANDLE("rq", request, false),
    WORD("ru", rule, false),
    HASH("sh", reasons, has_reasons),
    HANDLE("su", subject, false),
    OTHER("v", at, ENTRY_FORMAT, true),
    HANDLE("x", random, true),
};

const char *audit_decision_name(enum audit_decision decision)
{
    switch (decision) {
    case AUDIT_REFUSE:
        return "refuse";
    case AUDIT_ALLOW:
        return "allow";
    case AUDIT_DUTY:
        return "duty";
    case AUDIT_DECISION_COUNT:
        break;
    }
    assert(false);
    return "";
}

static bool word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '-' && c <= ':') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '+' || c == '[' || c == ']'; /* a rule's path: purposes.p.keep[0] */
}

bool audit_word_valid(str word)
{
    static_assert('-' + 1 == '.' && '.' + 1 == '/' && '9' + 1 == ':', "one run of characters");
    if (word.len == 0 || word.len > LIMIT_ENTRY_WORD_BYTES)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (!word_character(word.ptr[i]))
            return false;
    return true;
}

/* Is there a value, as struct audit_entry says absence for this kind? */
static bool is_there(const struct audit_entry *entry, const struct entry_field *field)
{
    const char *base = (const char *)entry, *at = base + field->at;
    switch (field->kind) {
    case ENTRY_WORD:
        return ((const str *)(const void *)at)->len > 0;
    case ENTRY_WORDS:
        return *(const size_t *)(const void *)(base + field->beside) > 0;
    case ENTRY_ID:
        return !ID_IS_ZERO(*(const audit_id *)(const void *)at);
    case ENTRY_TIME:
        return ((const instant *)(const void *)at)->ms != 0;
    case ENTRY_HASH:
        return *(const bool *)(const void *)(base + field->beside);
    case ENTRY_COUNT:
        return entry->has_manifest;
    case ENTRY_DECISION:
    case ENTRY_FORMAT:
        return true;
    }
    return false;
}

/* Where the entry is put together: one run of memory, looked at once a value. */
struct line {
    char *at, *end;
    bool full;
};

static char *room_for(struct line *line, size_t count)
{
    if ((size_t)(line->end - line->at) < count) {
        line->full = true;
        line->end = line->at; /* nothing fits from here on, so nothing is left out in the middle */
        return NULL;
    }
    line->at += count;
    return line->at - count;
}

static void add_char(struct line *line, char c)
{
    char *place = room_for(line, 1);
    if (place != NULL)
        *place = c;
}

static bool add_word(struct line *line, str word)
{
    char *place = audit_word_valid(word) ? room_for(line, word.len + 2) : NULL;
    if (place == NULL)
        return line->full;
    place[0] = '"';
    memcpy(place + 1, word.ptr, word.len);
    place[1 + word.len] = '"';
    return true;
}

static bool add_list(struct line *line, const str *words, size_t count, size_t most)
{
    if (count > most)
        return false;
    for (size_t i = 0; i < count; i++) {
        add_char(line, i == 0 ? '[' : ',');
        if (!add_word(line, words[i]))
            return false;
    }
    add_char(line, ']');
    return true;
}

/* base64url. Handles and hashes of the log are no secrets, so a table may be looked into; base's
 * constant-time encoder takes half of the time of an entry. */
static bool add_bytes(struct line *line, const unsigned char *bytes, size_t count)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t characters = (count * 8 + 5) / 6;
    char *place = room_for(line, characters + 2);
    uint32_t bits = 0;
    unsigned held = 0;
    if (place == NULL)
        return true;
    *place++ = '"';
    for (size_t i = 0; i < count; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; *place++ = alphabet[bits >> held & 63])
            held -= 6;
    }
    if (held > 0)
        *place++ = alphabet[bits << (6 - held) & 63];
    *place = '"';
    return true;
}

static bool add_number(struct line *line, int64_t number)
{
    char digits[24];
    struct buf buf = buf_over(digits, sizeof(digits));
    buf_i64(&buf, number);
    char *place = room_for(line, buf.len);
    if (place != NULL)
        memcpy(place, digits, buf.len);
    return number > 0 && number < (int64_t)1 << 53;
}

/* False when the value may not stand in the log. */
static bool add_value(struct line *line, const struct audit_entry *entry,
                      const struct entry_field *field)
{
    const char *base = (const char *)entry;
    const void *at = base + field->at;
    switch (field->kind) {
    case ENTRY_WORD:
        return add_word(line, *(const str *)at);
    case ENTRY_WORDS:
        return add_list(line, at, *(const size_t *)(const void *)(base + field->beside),
                        field->most);
    case ENTRY_ID:
        return add_bytes(line, at, ID_BYTES);
    case ENTRY_TIME:
        return add_number(line, ((const instant *)at)->ms);
    case ENTRY_HASH:
        return add_bytes(line, at, MERKLE_HASH_BYTES);
    case ENTRY_COUNT:
        return add_number(line, entry->manifest_lines);
    case ENTRY_DECISION:
        return add_word(line, str_from(audit_decision_name(entry->decision)));
    case ENTRY_FORMAT:
        add_char(line, '1');
        return true;
    }
    return false;
}

static void add_key(struct line *line, char before_key, const struct entry_field *field)
{
    char *place = room_for(line, (size_t)field->key_length + 4);
    if (place == NULL)
        return;
    place[0] = before_key;
    place[1] = '"';
    memcpy(place + 2, field->key, field->key_length);
    memcpy(place + 2 + field->key_length, "\":", 2);
}

static status write_fields(struct line *line, const struct audit_entry *entry,
                           struct report *report)
{
    char before_key = '{';
    for (size_t i = 0; i < ENTRY_FIELDS; i++) {
        const struct entry_field *field = &entry_fields[i];
        if (!is_there(entry, field)) {
            if (field->required)
                return fail(report, FAULT_INVALID, "an audit entry lacks \"%s\"", field->key);
            continue;
        }
        add_key(line, before_key, field);
        if (!add_value(line, entry, field))
            return fail(report, FAULT_INVALID,
                        "the value of \"%s\" may not stand in an audit entry", field->key);
        before_key = ',';
    }
    add_char(line, '}');
    return OK;
}

status entry_write(struct buf *buf, const struct audit_entry *entry, struct report *report)
{
    char memory[LIMIT_ENTRY_BYTES];
    struct line line = {memory, memory + sizeof(memory), false};
    size_t start = buf->len;
    if (entry->made.ms != 0 && !before(entry->made, entry->at))
        return fail(report, FAULT_INVALID, "an audit entry was made after its own time");
    TRY(write_fields(&line, entry, report));
    if (!line.full)
        buf_add(buf, (str){memory, (size_t)(line.at - memory)});
    if (line.full || buf->full) {
        buf->len = start;
        return fail(report, FAULT_LIMIT, "an audit entry takes at most %d bytes",
                    LIMIT_ENTRY_BYTES);
    }
    return OK;
}
