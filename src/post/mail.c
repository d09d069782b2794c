/* A message as it goes over the wire. */
#include "mail.h"

#include "instant.h"

enum { WORD_BYTES = 39, LINE_BYTES = 57 }; /* 52 and 76 characters of base64 */

static bool has_control(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 127)
            return true;
    }
    return false;
}

static bool is_ascii(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] > 126)
            return false;
    }
    return true;
}

/* What looks like an encoded word would be read as one. */
static bool encoded_already(str text)
{
    return memmem(text.ptr, text.len, "=?", 2) != NULL;
}

/* Encoded words of RFC 2047, none of which cuts a character. */
static void put_encoded(struct buf *out, str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = at + WORD_BYTES < text.len ? at + WORD_BYTES : text.len;
        while (end < text.len && end > at + 1 && ((unsigned char)text.ptr[end] & 0xc0) == 0x80)
            end--;
        buf_text(out, at > 0 ? "\r\n =?utf-8?B?" : "=?utf-8?B?");
        buf_base64(out, str_slice(text, at, end));
        buf_text(out, "?=");
        at = end;
    }
}

static void put_field(struct buf *out, const char *name, str before_, str value, str after)
{
    buf_text(out, name);
    buf_text(out, ": ");
    buf_add(out, before_);
    buf_add(out, value);
    buf_add(out, after);
    buf_text(out, "\r\n");
}

static void put_date(struct buf *out, instant at)
{
    static const char days[] = "ThuFriSatSunMonTueWed",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char room[32];
    struct buf iso = buf_over(room, sizeof(room)); /* 2026-03-01T09:00:00Z */
    buf_instant(&iso, (instant){at.ms / 1000 * 1000});
    str text = buf_str(&iso);
    uint64_t month = 1;
    (void)str_to_u64(str_slice(text, 5, 7), &month);
    size_t day = (size_t)(at.ms / 86400000 % 7);
    buf_format(out, "Date: %.3s, %.2s %.3s %.4s %.8s +0000\r\n", days + 3 * day, text.ptr + 8,
               months + 3 * (month - 1), text.ptr, text.ptr + 11);
}

static void put_text(struct buf *out, str text)
{
    for (size_t at = 0; at < text.len; at += LINE_BYTES) {
        buf_base64(out, str_slice(text, at, at + LINE_BYTES));
        buf_text(out, "\r\n");
    }
}

static bool url_fits(str url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || url.ptr[i] == '<' || url.ptr[i] == '>')
            return false;
    }
    return str_is_empty(url) || (url.len < 900 && str_starts(url, STR("https://")));
}

status mail_write(const struct mail *mail, struct buf *out, struct report *report)
{
    str domain, ignored;
    if (!mail_address_valid(mail->from, &domain) || !mail_address_valid(mail->to, &ignored))
        return fail(report, FAULT_INVALID, "this is no address for mail");
    if (has_control(mail->subject) || mail->subject.len > 500 || has_control(mail->id) ||
        !url_fits(mail->unsubscribe) || mail->at.ms < 0)
        return fail(report, FAULT_INVALID, "this cannot stand in the head of a message");
    put_date(out, mail->at);
    put_field(out, "From", STR("<"), mail->from, STR(">"));
    put_field(out, "To", STR("<"), mail->to, STR(">"));
    buf_format(out, "Message-ID: <%.*s@%.*s>\r\n", STR_ARG(mail->id), STR_ARG(domain));
    buf_text(out, "MIME-Version: 1.0\r\n");
    buf_text(out, "Subject: ");
    if (is_ascii(mail->subject) && !encoded_already(mail->subject))
        buf_add(out, mail->subject);
    else
        put_encoded(out, mail->subject);
    buf_text(out, "\r\n");
    buf_text(out, "Auto-Submitted: auto-generated\r\n");
    if (!str_is_empty(mail->unsubscribe))
        put_field(out, "List-Unsubscribe", STR("<"), mail->unsubscribe, STR(">"));
    if (!str_is_empty(mail->unsubscribe) && mail->one_click)
        buf_text(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    buf_text(out, "Content-Type: text/plain; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n");
    put_text(out, mail->text);
    str whole;
    return buf_finish(out, report, &whole);
}
