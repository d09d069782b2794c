#include <unistd.h>

#include "json.h"
#include "oplog.h"

enum { LINE_BYTES = 2048, VALUE_BYTES = 128 };

static bool may_be_written(str value)
{
    if (value.len > VALUE_BYTES)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && memchr("_-./: ", c, 6) == NULL)
            return false;
    }
    return true;
}

static void write_line(int fd, str line)
{
    while (line.len > 0) {
        ssize_t count = write(fd, line.ptr, line.len);
        if (count <= 0)
            return; /* a log that cannot be written must not stop the work */
        line = str_slice(line, (size_t)count, line.len);
    }
}

void oplog(const struct oplog *log, const char *level, const char *event,
           const struct oplog_pair *pairs, size_t count)
{
    if (log == NULL || log->fd < 0)
        return;
    char room[LINE_BYTES];
    struct buf buf = buf_over(room, sizeof(room));
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "t");
    json_put_instant(&out, world_now(log->world));
    json_key(&out, "level");
    json_put_text(&out, level);
    json_key(&out, "event");
    json_put_text(&out, event);
    for (size_t i = 0; i < count && i < OPLOG_PAIRS; i++) {
        json_key(&out, pairs[i].name);
        json_put_str(&out, may_be_written(pairs[i].value) ? pairs[i].value : STR("(withheld)"));
    }
    json_close_object(&out);
    buf_char(&buf, '\n');
    if (!buf.full)
        write_line(log->fd, buf_str(&buf));
}

void oplog_fault(const struct oplog *log, const char *event, enum fault_class fault,
                 str register_name)
{
    struct oplog_pair pairs[] = {{"fault", str_from(fault_name(fault))},
                                 {"register", register_name}};
    oplog(log, "error", event, pairs, str_is_empty(register_name) ? 1 : 2);
}
