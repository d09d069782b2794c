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
           c == '+';
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

static bool add_word(struct buf *buf, str word)
{
    buf_char(buf, '"');
    buf_add(buf, word);
    buf_char(buf, '"');
    return audit_word_valid(word);
}

static bool add_list(struct buf *buf, const str *words, size_t count, size_t most)
{
    if (count > most)
        return false;
    for (size_t i = 0; i < count; i++) {
        buf_char(buf, i == 0 ? '[' : ',');
        if (!add_word(buf, words[i]))
            return false;
    }
    buf_char(buf, ']');
    return true;
}

static bool add_bytes(struct buf *buf, const void *bytes, size_t count)
{
    buf_char(buf, '"');
    buf_base64url(buf, (str){bytes, count});
    buf_char(buf, '"');
    return true;
}

static bool add_number(struct buf *buf, int64_t number)
{
    buf_i64(buf, number);
    return number > 0 && number < (int64_t)1 << 53;
}

/* False when the value may not stand in the log. */
static bool add_value(struct buf *buf, const struct audit_entry *entry,
                      const struct entry_field *field)
{
    const char *base = (const char *)entry;
    const void *at = base + field->at;
    switch (field->kind) {
    case ENTRY_WORD:
        return add_word(buf, *(const str *)at);
    case ENTRY_WORDS:
        return add_list(buf, at, *(const size_t *)(const void *)(base + field->beside),
                        field->most);
    case ENTRY_ID:
        return add_bytes(buf, at, ID_BYTES);
    case ENTRY_TIME:
        return add_number(buf, ((const instant *)at)->ms);
    case ENTRY_HASH:
        return add_bytes(buf, at, MERKLE_HASH_BYTES);
    case ENTRY_COUNT:
        return add_number(buf, entry->manifest_lines);
    case ENTRY_DECISION:
        return add_word(buf, str_from(audit_decision_name(entry->decision)));
    case ENTRY_FORMAT:
        buf_char(buf, '1');
        return true;
    }
    return false;
}

static status write_fields(struct buf *buf, const struct audit_entry *entry, struct report *report)
{
    char before_key = '{';
    for (size_t i = 0; i < ENTRY_FIELDS; i++) {
        const struct entry_field *field = &entry_fields[i];
        if (!is_there(entry, field)) {
            if (field->required)
                return fail(report, FAULT_INVALID, "an audit entry lacks \"%s\"", field->key);
            continue;
        }
        buf_char(buf, before_key);
        buf_char(buf, '"');
        buf_add(buf, (str){field->key, field->key_length});
        buf_add(buf, STR("\":"));
        if (!add_value(buf, entry, field))
            return fail(report, FAULT_INVALID,
                        "the value of \"%s\" may not stand in an audit entry", field->key);
        before_key = ',';
    }
    buf_char(buf, '}');
    return OK;
}

status entry_write(struct buf *buf, const struct audit_entry *entry, struct report *report)
{
    size_t start = buf->len;
    status written = OK;
    if (entry->made.ms != 0 && !before(entry->made, entry->at))
        written = fail(report, FAULT_INVALID, "an audit entry was made after its own time");
    if (is_ok(written))
        written = write_fields(buf, entry, report);
    if (is_ok(written) && (buf->full || buf->len - start > LIMIT_ENTRY_BYTES))
        written =
            fail(report, FAULT_LIMIT, "an audit entry takes at most %d bytes", LIMIT_ENTRY_BYTES);
    if (!is_ok(written))
        buf->len = start;
    return written;
}
