/* cli_internal: what the commands share. */
#ifndef VERN_CLI_INTERNAL_H
#define VERN_CLI_INTERNAL_H
#include <stdio.h>

#include "cli.h"
#include "json.h"
#include "plan.h"

enum option {
#define OPTION(id, name, value, what) OPTION_##id,
#include "options.def"
#undef OPTION
    OPTION_COUNT
};
/* A command's options: OPTION_COUNT ends the list. */
#define TAKES(...)                                                                                 \
    (const enum option[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, OPTION_COUNT                                                                  \
    }
#define NO_OPTIONS                                                                                 \
    (const enum option[])                                                                          \
    {                                                                                              \
        OPTION_COUNT                                                                               \
    }

struct option_row {
    const char *name, *value, *what;
};
const struct option_row *option_row(enum option option);

struct cli;
struct command {
    const char *name;
    status (*run)(struct cli *cli);
    const char *arguments;
    int least, most;
    const enum option *options; /* what TAKES makes */
    const char *what;
};
bool takes_options(const struct command *command);
bool takes(const struct command *command, enum option option);
size_t command_count(void);
const struct command *command_at(size_t index);

struct cli {
    const struct command *command;
    FILE *in, *out, *err;
    char *const *environment;
    struct arena *arena;
    struct report report;
    bool given[OPTION_COUNT];
    str option[OPTION_COUNT]; /* ptr NULL: not given, or a flag */
    str *arguments;
    size_t argument_count;
    int code; /* the exit code when there is no fault */
};

#define COMMAND(name, function, arguments, least, most, options, what)                             \
    status function(struct cli *cli);
#include "commands.def"
#undef COMMAND

/* ---- printing (print.c) ---- */

/* Prints text with control and bidirectional characters escaped as \u{202e}. */
void put_safe(FILE *out, str text);
void put_line(FILE *out, const char *format, ...) PRINTF_LIKE(2, 3); /* safe, and a newline */
/* JSON as it came, the same to a reader of JSON: what put_safe escapes is written \u202e. */
void put_json_text(FILE *out, str text);
/* Text that is no JSON: as it came, but to a terminal line by line and safe. */
void put_plain(struct cli *cli, str text);
/* A JSON value for people to read. */
void put_json(FILE *out, const struct json *value);

/* ---- small things ---- */

/* A required option; USAGE naming it. */
MUST_CHECK status need_option(struct cli *cli, enum option option, str *value);
const char *c_string(struct cli *cli, str text); /* never NULL: the arena is large */
MUST_CHECK status read_source(struct cli *cli, str path, struct policy_source *source);
MUST_CHECK status read_input(struct cli *cli, str *text); /* USAGE when there is none */
/* One line of the input, unseen where that is a terminal. USAGE when there is none. */
MUST_CHECK status read_secret(struct cli *cli, const char *prompt, str *text);
void put_problems(struct cli *cli, const struct problems *problems);
str environment_of(const struct cli *cli, const char *name); /* ptr NULL when unset */
void put_usage(FILE *out);
void put_command_usage(FILE *out, const struct command *command);
/* The command that one or two arguments name. Faults: USAGE with the nearest. */
MUST_CHECK status command_of_words(struct cli *cli, const struct command **command);

#define VERN_VERSION "0.1"
#define VERN_DATE    "November 25, 2026" /* of that version, for manual pages */

#endif
