/* Manual pages in mdoc, printed from the tables: `vern manual`, `vern manual log verify`, and with
 * --to all of them as files vern.1, vern-log-verify.1 ... */
#include <ctype.h>
#include <stdio.h>

#include "cli_internal.h"
#include "file.h"
#include "server.h"

enum { PAGE_BYTES = 64 << 10, NAME_ROOM = 64 };

/* Text that no roff reads as a request, an escape or, with two dashes, as typography. */
static void put_text(struct buf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        buf_text(out, "\\&");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\\')
            buf_text(out, "\\e");
        else if (*c == '-' && (c[1] == '-' || (c > text && c[-1] == '-')))
            buf_text(out, "\\-");
        else
            buf_char(out, *c);
    }
}

/* A sentence of a table whose entries begin with small letters. */
static void put_sentence(struct buf *out, const char *text)
{
    char first[2] = {(char)toupper((unsigned char)text[0]), '\0'};
    put_text(out, first);
    if (text[0] != '\0')
        put_text(out, text + 1);
    buf_text(out, ".\n");
}

/* Nothing a table says is the name of a macro, whatever it looks like. */
static void put_words(struct buf *out, const char *macro, const char *text)
{
    str rest = str_from(text), one;
    while (rest.len > 0 && str_next(&rest, ' ', &one))
        buf_format(out, " %s \\&%.*s", macro, STR_ARG(one));
}

static void page_name(const struct command *command, char name[NAME_ROOM])
{
    snprintf(name, NAME_ROOM, "vern-%s", command->name);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == ' ' ? '-' : *c;
}

static void put_head(struct buf *out, const char *name, const char *what)
{
    char large[NAME_ROOM];
    snprintf(large, sizeof(large), "%s", name);
    for (char *c = large; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    buf_format(out, ".Dd %s\n.Dt %s 1\n.Os Vern %s\n.Sh NAME\n.Nm %s\n.Nd ", VERN_DATE, large,
               VERN_VERSION, name);
    put_text(out, what);
    buf_text(out, "\n");
}

static void put_option(struct buf *out, enum option option)
{
    const struct option_row *row = option_row(option);
    buf_format(out, ".It Fl \\-%s", row->name);
    if (row->value != NULL)
        put_words(out, "Ar", row->value);
    buf_text(out, "\n");
    put_sentence(out, row->what);
}

static void put_options(struct buf *out, const struct command *command)
{
    if (!takes_options(command))
        return;
    buf_text(out, ".Sh OPTIONS\n.Bl -tag -width Ds\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (takes(command, (enum option)i))
            put_option(out, (enum option)i);
    }
    buf_text(out, ".El\n");
}

/* ---- environment ---- */

static void put_setting(struct buf *out, enum setting setting)
{
    const struct setting_row *row = setting_row(setting);
    buf_text(out, ".It Ev VERN_");
    for (const char *c = row->name; *c != '\0'; c++)
        buf_char(out, (char)toupper((unsigned char)*c));
    buf_text(out, "\n");
    put_sentence(out, row->what);
    if (row->fallback[0] != '\0')
        buf_format(out, "When left out: %s.\n", row->fallback);
}

static bool is_served(const struct command *command)
{
    return takes(command, OPTION_config);
}

static bool is_client(const struct command *command)
{
    return takes(command, OPTION_server);
}

static void put_environment(struct buf *out, const struct command *command)
{
    if (!is_served(command) && !is_client(command))
        return;
    buf_text(out, ".Sh ENVIRONMENT\n");
    if (is_served(command))
        buf_text(out, "Every setting may also be a line\n.Ql name = value\nof the configuration "
                      "file, or stand in a file that\n.Ev VERN_NAME_FILE\nnames; options win over "
                      "variables, and variables over the file.\n");
    buf_text(out, ".Bl -tag -width Ds\n");
    for (int i = 0; is_served(command) && i < SETTING_COUNT; i++)
        put_setting(out, (enum setting)i);
    if (is_served(command))
        buf_text(out, ".It Ev VERN_CONFIG\nThe configuration file.\n");
    if (is_client(command))
        buf_text(out, ".It Ev VERN_SERVER\nThe server.\n"
                      ".It Ev VERN_TOKEN_FILE\nThe file of the token.\n");
    buf_text(out, ".El\n");
}

/* ---- how it ends ---- */

static void put_codes(struct buf *out)
{
    buf_text(out,
             ".Sh EXIT STATUS\n.Bl -tag -width Ds\n.It 0\nAll is well.\n"
             ".It 1\nThe command did its work, and what it looked at is not as it should be.\n");
    int last = 0, next;
    for (; last < 256; last = next) {
        next = 256;
        for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
            int code = fault_exit((enum fault_class)i);
            next = code > last && code < next ? code : next;
        }
        if (next == 256)
            break;
        buf_format(out, ".It %d\n", next);
        for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
            if (fault_exit((enum fault_class)i) == next)
                put_sentence(out, fault_text((enum fault_class)i));
        }
    }
    buf_text(out, ".El\n");
}

/* ---- pages ---- */

static void put_page(struct buf *out, const struct command *command)
{
    char name[NAME_ROOM];
    page_name(command, name);
    put_head(out, name, command->what);
    buf_format(out, ".Sh SYNOPSIS\n.Nm vern %s\n", command->name);
    if (takes_options(command))
        buf_text(out, ".Op Ar option ...\n");
    if (command->arguments[0] != '\0') {
        str rest = str_from(command->arguments), one;
        while (rest.len > 0 && str_next(&rest, ' ', &one))
            buf_format(out, ".Ar \\&%.*s\n", STR_ARG(one));
    }
    buf_text(out, ".Sh DESCRIPTION\n");
    put_text(out, command->what);
    buf_text(out, ".\n");
    if (is_client(command))
        buf_text(out, ".Pp\nThe command is a client of a server that runs; it needs a token.\n");
    else if (takes(command, OPTION_data))
        buf_text(out, ".Pp\nThe command opens the folder of registers itself, under its lock.\n");
    put_options(out, command);
    put_environment(out, command);
    put_codes(out);
    buf_text(out, ".Sh SEE ALSO\n.Xr vern 1\n");
}

static void put_pages_by_name(struct buf *out)
{
    char last[NAME_ROOM] = "", least[NAME_ROOM], name[NAME_ROOM];
    buf_text(out, ".Sh SEE ALSO\n");
    for (size_t done = 0; done < command_count(); done++) {
        least[0] = '\0';
        for (size_t i = 0; i < command_count(); i++) {
            page_name(command_at(i), name);
            if (strcmp(name, last) > 0 && (least[0] == '\0' || strcmp(name, least) < 0))
                memcpy(least, name, sizeof(least));
        }
        buf_format(out, ".Xr %s 1%s\n", least, done + 1 < command_count() ? " ," : "");
        memcpy(last, least, sizeof(last));
    }
}

static void put_overview(struct buf *out)
{
    put_head(out, "vern", "personal data under a policy that is a file");
    buf_text(out,
             ".Sh SYNOPSIS\n.Nm vern\n.Ar command\n.Op Ar option ...\n.Op Ar argument ...\n"
             ".Sh DESCRIPTION\nVern keeps personal data under a policy.\nThe policy says which "
             "data may be held\nabout whom, why, for how long, and who else may get it.\n"
             "Options may stand anywhere behind the command; what follows\n.Fl \\-\n"
             "is taken as arguments.\nAn id is an argument, however it begins.\nEach command has a "
             "page of its own:\n"
             ".Xr vern-check 1\nfor the first of them.\n"
             ".Sh COMMANDS\n.Bl -tag -width Ds\n");
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);
        buf_format(out, ".It Cm \\&%s", command->name);
        put_words(out, "Ar", command->arguments);
        buf_text(out, "\n");
        put_text(out, command->what);
        buf_text(out, ".\n");
    }
    buf_text(out, ".El\n.Sh OPTIONS\nA command takes those that its own page lists.\n"
                  ".Bl -tag -width Ds\n");
    for (int i = 0; i < OPTION_COUNT; i++)
        put_option(out, (enum option)i);
    buf_text(out, ".El\n");
    put_codes(out);
    put_pages_by_name(out);
}

static status page_of(struct cli *cli, const struct command *command, str *text)
{
    struct buf out = buf_in(cli->arena, PAGE_BYTES);
    if (command == NULL)
        put_overview(&out);
    else
        put_page(&out, command);
    return buf_finish(&out, &cli->report, text);
}

static status write_page(struct cli *cli, str folder, const struct command *command)
{
    char name[NAME_ROOM] = "vern";
    str text;
    if (command != NULL)
        page_name(command, name);
    TRY(page_of(cli, command, &text));
    str path = arena_format(cli->arena, "%.*s/%s.1", STR_ARG(folder), name);
    struct file_change change = {world_real(), "manual", c_string(cli, path)};
    return file_write_durable(&change, text, 0644, &cli->report);
}

status command_manual(struct cli *cli)
{
    str folder = cli->option[OPTION_to], text;
    const struct command *command = NULL;
    if (cli->argument_count > 0)
        TRY(command_of_words(cli, &command));
    if (folder.ptr == NULL) {
        TRY(page_of(cli, command, &text));
        fwrite(text.ptr, 1, text.len, cli->out);
        return OK;
    }
    if (command != NULL)
        return write_page(cli, folder, command);
    TRY(write_page(cli, folder, NULL));
    for (size_t i = 0; i < command_count(); i++)
        TRY(write_page(cli, folder, command_at(i)));
    return OK;
}
