#include "problem.h"

/* How many bytes of `text` form one valid UTF-8 character at its start; 0 when none does. */
static size_t character_length(str text)
{
    for (size_t n = 1; n <= 4 && n <= text.len; n++) {
        if (utf8_valid(str_slice(text, 0, n)))
            return n;
    }
    return 0;
}

static void write_escaped(struct buf *buf, unsigned char c)
{
    if (c == '"' || c == '\\') {
        buf_char(buf, '\\');
        buf_char(buf, (char)c);
        return;
    }
    buf_format(buf, "\\u%04x", c);
}

void problem_string(struct buf *buf, str text)
{
    buf_char(buf, '"');
    for (size_t i = 0; i < text.len;) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
            write_escaped(buf, c);
            i++;
            continue;
        }
        size_t n = c < 0x80 ? 1 : character_length(str_slice(text, i, text.len));
        buf_add(buf, n == 0 ? STR("\xef\xbf\xbd") : str_slice(text, i, i + n));
        i += n == 0 ? 1 : n;
    }
    buf_char(buf, '"');
}

static void write_member(struct buf *buf, const char *name, str text)
{
    buf_char(buf, ',');
    problem_string(buf, str_from(name));
    buf_char(buf, ':');
    problem_string(buf, text);
}

void problem_write(struct buf *buf, const struct problem *problem)
{
    assert(problem->type != NULL);
    assert(problem->title != NULL);

    buf_text(buf, "{\"type\":\"/problems/");
    buf_text(buf, problem->type);
    buf_char(buf, '"');
    write_member(buf, "title", str_from(problem->title));
    buf_text(buf, ",\"status\":");
    buf_i64(buf, problem->code);
    if (problem->detail.len > 0)
        write_member(buf, "detail", problem->detail);
    if (problem->where.len > 0)
        write_member(buf, "where", problem->where);
    for (size_t i = 0; i < problem->member_count; i++) {
        buf_char(buf, ',');
        problem_string(buf, str_from(problem->members[i].name));
        buf_char(buf, ':');
        buf_add(buf, problem->members[i].json);
    }
    buf_text(buf, "}\n");
}

struct problem problem_of(const struct report *report)
{
    assert(report->fault != FAULT_NONE);
    return (struct problem){
        .code = fault_http(report->fault),
        .type = report->type[0] != '\0' ? report->type : fault_name(report->fault),
        .title = fault_text(report->fault),
        .detail = str_from(report->text),
        .where = str_from(report->where),
    };
}
