/* The log as static files, as C2SP tlog-tiles lays them out. */
#include "api_internal.h"
#include "file.h"

enum { TILE_BYTES = 4 << 20, TILE_LEVELS = 63 };

status log_checkpoint(struct ask *ask)
{
    ask->document = audit_note(reg_log(ask->reg));
    ask->media = "text/plain; charset=utf-8";
    if (str_is_empty(ask->document))
        return fail(&ask->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    return OK;
}

status log_key(struct ask *ask)
{
    ask->document = arena_format(ask->arena, "%.*s\n", STR_ARG(reg_verifier(ask->reg)));
    ask->media = "text/plain; charset=utf-8";
    return ask->document.ptr == NULL ? NO_MEMORY(&ask->report) : OK;
}

static bool is_number(str text, size_t digits, uint64_t most)
{
    uint64_t value;
    return text.len <= digits && str_to_u64(text, &value) && value <= most &&
           (digits == 3 || text.len == 1 || text.ptr[0] != '0');
}

/* "x001/x234/067" or "067", then ".p/17" perhaps: nothing else is a path here. */
static bool index_valid(str path, bool *partial)
{
    str rest = path, part;
    *partial = false;
    while (str_next(&rest, '/', &part)) {
        if (part.len == 4 && part.ptr[0] == 'x' && is_number(str_slice(part, 1, 4), 3, 999) &&
            rest.ptr != NULL)
            continue;
        *partial = str_ends(part, STR(".p"));
        str number = *partial ? str_slice(part, 0, part.len - 2) : part;
        if (number.len != 3 || !is_number(number, 3, 999))
            return false;
        return *partial ? rest.ptr != NULL && rest.len <= 3 && is_number(rest, 4, 255)
                        : rest.ptr == NULL;
    }
    return false;
}

static status tile_path(struct ask *ask, bool *entries, bool *partial)
{
    str rest = ask->rest, level;
    *entries = false;
    if (str_next(&rest, '/', &level) && rest.ptr != NULL) {
        *entries = str_is(level, "entries");
        if ((*entries || is_number(level, 2, TILE_LEVELS)) && index_valid(rest, partial))
            return OK;
    }
    return NOT_FOUND_FIXED(&ask->report);
}

status log_tile(struct ask *ask)
{
    bool entries = false, partial = false;
    TRY(tile_path(ask, &entries, &partial));
    bool bound = ask->caller->purpose_count > 0 || ask->caller->controller != 0;
    if (entries && ((scopes_held(ask->caller->scopes) & SCOPE_AUDIT) == 0 || bound))
        return fail(&ask->report, FAULT_FORBIDDEN,
                    "bundles of entries are for officers whose tokens are bound to nothing");
    str path = arena_format(ask->arena, "%s/tile/%.*s", reg_log_dir(ask->reg), STR_ARG(ask->rest));
    const char *text = arena_c_string(ask->arena, path);
    if (text == NULL)
        return NO_MEMORY(&ask->report);
    TRY(file_read(text, ask->arena, TILE_BYTES, &ask->report, &ask->document));
    ask->media = "application/octet-stream";
    ask->cacheable = !partial;
    return OK;
}
