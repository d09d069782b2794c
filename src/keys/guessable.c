/* Would a password be among the first that are tried? What is known is counted as one character,
 * however long: words of the list, the login, years, rows of letters or digits, what repeats. What
 * is left over is what whoever guesses does not have. Rules on kinds of characters there are none.
 */
#include "password.h"

enum { LEFT_LEAST = 8, KNOWN_LEAST = 3, YEAR = 4, ROW_LEAST = 3 };

#define KNOWN(text) {text, sizeof(text) - 1},
static const str list[] = {
#include "known_passwords.def"
};
#undef KNOWN

struct word_set {
    const str *known; /* of whoever chooses: the login, the register's name */
    size_t count;
    bool seen[LENGTH(list) + PASSWORD_KNOWN];
};

static str word_of(const struct word_set *words, size_t i)
{
    return i < LENGTH(list) ? list[i] : words->known[i - LENGTH(list)];
}

static bool begins_with(str text, str word)
{
    if (text.len < word.len)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        if (text.ptr[i] != (c >= 'A' && c <= 'Z' ? (char)(c + 32) : c))
            return false;
    }
    return true;
}

/* The longest word that the text begins with; `count` grows by one when it is new. */
static size_t take_word(struct word_set *words, str text, size_t *count)
{
    size_t best = 0, length = 0;
    for (size_t i = 0; i < LENGTH(list) + words->count; i++) {
        str word = word_of(words, i);
        if (word.len < KNOWN_LEAST || word.len <= length || !begins_with(text, word))
            continue;
        best = i;
        length = word.len;
    }
    if (length == 0)
        return 0;
    *count += words->seen[best] ? 0 : 1;
    words->seen[best] = true;
    return length;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t year_at(str text)
{
    bool four = text.len >= YEAR;
    for (size_t i = 0; four && i < YEAR; i++)
        four = is_digit(text.ptr[i]);
    return four && ((text.ptr[0] == '1' && text.ptr[1] == '9') ||
                    (text.ptr[0] == '2' && text.ptr[1] == '0'))
               ? YEAR
               : 0;
}

/* "aaaa", "4567", "zyx" */
static size_t row_at(str text)
{
    if (text.len < ROW_LEAST)
        return 0;
    int step = text.ptr[1] - text.ptr[0];
    size_t length = 2;
    if (step < -1 || step > 1)
        return 0;
    while (length < text.len && text.ptr[length] - text.ptr[length - 1] == step)
        length++;
    return length >= ROW_LEAST ? length : 0;
}

/* "abxabxab" is "abx" */
static str without_repeats(str text)
{
    for (size_t period = 1; period <= text.len / 2; period++) {
        bool repeats = true;
        for (size_t i = period; repeats && i < text.len; i++)
            repeats = text.ptr[i] == text.ptr[i - period];
        if (repeats)
            return str_slice(text, 0, period);
    }
    return text;
}

static size_t kinds_of(str text)
{
    bool there[256] = {false};
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        count += there[c] ? 0 : 1;
        there[c] = true;
    }
    return count;
}

/* Bytes that only go on with a character are none of their own. */
static size_t left_of(str whole, const str *known, size_t known_count)
{
    struct word_set words = {.known = known, .count = known_count};
    str text = without_repeats(whole);
    size_t count = 0;
    for (size_t at = 0; at < text.len;) {
        str rest = str_slice(text, at, text.len);
        size_t taken = take_word(&words, rest, &count);
        if (taken == 0) {
            taken = year_at(rest);
            taken = taken == 0 ? row_at(rest) : taken;
            count += taken > 0 || ((unsigned char)rest.ptr[0] & 0xC0) != 0x80 ? 1 : 0;
        }
        at += taken == 0 ? 1 : taken;
    }
    size_t kinds = 2 * kinds_of(text);
    return count < kinds ? count : kinds;
}

/* "P4$$w0rd" is "password" */
static char as_letter(char c)
{
    static const char signs[] = "0134578@$!", letters[] = "oleastbasi";
    for (size_t i = 0; i < sizeof(signs) - 1; i++) {
        if (c == signs[i])
            return letters[i];
    }
    return c;
}

bool password_guessable(const struct password *password, const str *known, size_t count)
{
    char plain[PASSWORD_MOST], letters[PASSWORD_MOST];
    assert(count <= PASSWORD_KNOWN);
    for (size_t i = 0; i < password->len; i++) {
        char c = password->text[i];
        plain[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        letters[i] = as_letter(plain[i]);
    }
    bool weak = left_of((str){plain, password->len}, known, count) < LEFT_LEAST ||
                left_of((str){letters, password->len}, known, count) < LEFT_LEAST;
    wipe(plain, sizeof(plain));
    wipe(letters, sizeof(letters));
    return weak;
}
