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
static str read_line_of(struct cli *cli, const char *prompt)
{
    struct termios before, silent;
    char room[PASSWORD_ROOM] = {0};
    int terminal = fileno(cli->in);
    bool typed = terminal >= 0 && tcgetattr(terminal, &before) == 0;
    if (typed) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        fputs(prompt, cli->err);
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
    bool whole = text.len < sizeof(room) - 1; /* what is longer would be read on as another line */
    text = whole ? arena_copy(cli->arena, text) : STR("");
    wipe(room, sizeof(room));
    return text;
}

status read_secret(struct cli *cli, const char *prompt, str *text)
{
    *text = read_line_of(cli, prompt);
    if (text->ptr == NULL || text->len == 0)
        return fail(&cli->report, FAULT_USAGE, "what is asked for is one line of the input each");
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
