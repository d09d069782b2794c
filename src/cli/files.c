/* Reading what the command line names. */
#include <stdio.h>
#include <termios.h>

#include "check.h"
#include "cli_internal.h"
#include "file.h"
#include "limits.h"

enum { INPUT_BYTES = 4 << 20, PASSWORD_ROOM = 512 };

/* A file beyond the limit is read so far that the loader can say that it is too large. */
status read_source(struct cli *cli, str path, struct policy_source *source)
{
    source->name = path;
    return file_read(c_string(cli, path), cli->arena, 32u << 20, &cli->report, &source->text);
}

status read_input(struct cli *cli, str *text)
{
    struct buf buf = buf_in(cli->arena, INPUT_BYTES);
    char chunk[4096];
    size_t count;
    while ((count = fread(chunk, 1, sizeof(chunk), cli->in)) > 0)
        buf_add(&buf, (str){chunk, count});
    TRY(buf_finish(&buf, &cli->report, text));
    if (!ferror(cli->in) && text->len > 0)
        return OK;
    return fail(&cli->report, FAULT_USAGE, "nothing came from the input");
}

/* A terminal shows nothing of what is typed; its settings come back whatever happened. */
static str read_line_of(struct cli *cli)
{
    struct termios before, silent;
    char room[PASSWORD_ROOM] = {0};
    int terminal = fileno(cli->in);
    bool typed = terminal >= 0 && tcgetattr(terminal, &before) == 0;
    if (typed) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        fputs("Password: ", cli->err);
        fflush(cli->err);
        (void)tcsetattr(terminal, TCSAFLUSH, &silent);
    }
    char *line = fgets(room, sizeof(room), cli->in);
    if (typed) {
        (void)tcsetattr(terminal, TCSAFLUSH, &before);
        fputc('\n', cli->err);
    }
    str text = line == NULL ? STR("") : str_from(room);
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    text = arena_copy(cli->arena, text);
    wipe(room, sizeof(room));
    return text;
}

status read_password(struct cli *cli, str *password)
{
    *password = read_line_of(cli);
    if (password->ptr == NULL || password->len == 0)
        return fail(&cli->report, FAULT_USAGE, "the password is one line of the input");
    return OK;
}

static void put_problem(struct cli *cli, const struct problem *problem)
{
    FILE *out = cli->out;
    put_safe(out, problem->file);
    if (problem->line > 0)
        fprintf(out, ":%u:%u", problem->line, problem->column);
    fprintf(out, ": %s: ", severity_name(problem->severity));
    put_safe(out, problem->rule);
    if (!str_is_empty(problem->id) || !str_is_empty(problem->article)) {
        fputs(" (", out);
        put_safe(out, problem->id);
        fputs(!str_is_empty(problem->id) && !str_is_empty(problem->article) ? ", " : "", out);
        put_safe(out, problem->article);
        fputs(")", out);
    }
    fputs(": ", out);
    put_safe(out, problem->text);
    if (!str_is_empty(problem->suggestion)) {
        bool nearest = str_starts(problem->rule, STR("unknown-"));
        fputs(nearest ? "; did you mean `" : "; ", out);
        put_safe(out, problem->suggestion);
        fputs(nearest ? "`?" : "", out);
    }
    fputc('\n', out);
}

void put_problems(struct cli *cli, const struct problems *problems)
{
    for (size_t i = 0; i < problems->list.count; i++)
        put_problem(cli, &problems->list.at[i]);
}
