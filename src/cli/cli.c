/* The table, the parser of words, usage. */
#include <stdio.h>

#include "cli_internal.h"

enum { CLI_ARENA = 512 << 20, NEAR_MOST = 3, NAME_WIDTH = 18, OPTION_WIDTH = 24 };

static const struct option_row options[] = {
#define OPTION(id, name, value, what) {name, value, what},
#include "options.def"
#undef OPTION
};

static const struct command commands[] = {
#define COMMAND(name, function, arguments, least, most, options, what)                             \
    {name, function, arguments, least, most, options, what},
#include "commands.def"
#undef COMMAND
};

const struct option_row *option_row(enum option option)
{
    return &options[option];
}

size_t command_count(void)
{
    return LENGTH(commands);
}

const struct command *command_at(size_t index)
{
    return &commands[index];
}

bool takes_options(const struct command *command)
{
    return command->options[0] != OPTION_COUNT;
}

bool takes(const struct command *command, enum option option)
{
    const enum option *at = command->options;
    while (*at != option && *at != OPTION_COUNT)
        at++;
    return *at == option;
}

/* ---- usage ---- */

void put_usage(FILE *out)
{
    fprintf(out, "usage: vern COMMAND [OPTION...] [ARGUMENT...]\n\n");
    for (size_t i = 0; i < LENGTH(commands); i++)
        fprintf(out, "  %-*s %s\n", NAME_WIDTH, commands[i].name, commands[i].what);
    fprintf(out, "\n`vern help COMMAND` explains one of them.\n");
}

void put_command_usage(FILE *out, const struct command *command)
{
    fprintf(out, "usage: vern %s%s%s%s\n\n%s.\n", command->name,
            takes_options(command) ? " [OPTION...]" : "", command->arguments[0] != '\0' ? " " : "",
            command->arguments, command->what);
    if (takes_options(command))
        fprintf(out, "\n");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!takes(command, (enum option)i))
            continue;
        char text[64];
        snprintf(text, sizeof(text), "--%s%s%s", options[i].name,
                 options[i].value != NULL ? " " : "",
                 options[i].value != NULL ? options[i].value : "");
        fprintf(out, "  %-*s %s\n", OPTION_WIDTH, text, options[i].what);
    }
}

/* ---- words ---- */

static const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < LENGTH(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* Of two that fit the one of two words is meant: `explain person`, not `explain` of a file. */
static const struct command *find_command(int count, char *const *words, int *used)
{
    char two[64];
    const struct command *found = NULL;
    if (count >= 2) {
        snprintf(two, sizeof(two), "%.30s %.30s", words[0], words[1]);
        found = command_named(two);
    }
    *used = found == NULL ? 1 : 2;
    return found != NULL ? found : command_named(words[0]);
}

/* What may follow `first` in the name of a command; the text is empty when nothing does. */
static void put_second_words(const char *first, char *room, size_t size)
{
    size_t length = strlen(first);
    room[0] = '\0';
    for (size_t i = 0; i < LENGTH(commands); i++) {
        const char *name = commands[i].name;
        size_t used = strlen(room);
        if (strncmp(name, first, length) == 0 && name[length] == ' ')
            snprintf(room + used, size - used, "%s%s", used > 0 ? ", " : "", name + length + 1);
    }
}

/* The word behind the first may be anyone's data, and is not repeated. */
static status unknown_command(struct cli *cli, const char *word_)
{
    char seconds[512];
    str best = STR("");
    unsigned least = NEAR_MOST + 1;
    put_second_words(word_, seconds, sizeof(seconds));
    if (seconds[0] != '\0')
        return fail(&cli->report, FAULT_USAGE, "`vern %s` is followed by %s", word_, seconds);
    for (size_t i = 0; i < LENGTH(commands); i++) {
        str first = {commands[i].name, strcspn(commands[i].name, " ")};
        unsigned distance = str_distance(str_from(word_), first);
        if (distance < least) {
            least = distance;
            best = first;
        }
    }
    if (!str_is_empty(best))
        return fail(&cli->report, FAULT_USAGE, "there is no command %s; did you mean `vern %.*s`?",
                    word_, STR_ARG(best));
    return fail(&cli->report, FAULT_USAGE, "there is no command %s; see `vern help`", word_);
}

static status unknown_option(struct cli *cli, const char *word_)
{
    const char *best = NULL;
    unsigned least = NEAR_MOST + 1;
    int length = (int)strcspn(word_, "="); /* a value may be anyone's data, and is not repeated */
    str name = {word_ + 2, (size_t)length - 2};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!takes(cli->command, (enum option)i))
            continue;
        unsigned distance = str_distance(name, str_from(options[i].name));
        if (distance < least) {
            least = distance;
            best = options[i].name;
        }
    }
    if (best != NULL)
        return fail(&cli->report, FAULT_USAGE, "`vern %s` has no option %.*s; did you mean --%s?",
                    cli->command->name, length, word_, best);
    return fail(&cli->report, FAULT_USAGE, "`vern %s` has no option %.*s; see `vern help %s`",
                cli->command->name, length, word_, cli->command->name);
}

/* "--name VALUE" or "--name=VALUE". Gives how many words it took by *used. */
static status take_option(struct cli *cli, int count, char *const *words, int *used)
{
    str text = str_from(words[0] + 2), name, value = {NULL, 0};
    str rest = text;
    (void)str_next(&rest, '=', &name);
    if (rest.ptr != NULL)
        value = rest;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!takes(cli->command, (enum option)i) || !str_is(name, options[i].name))
            continue;
        if (cli->given[i])
            return fail(&cli->report, FAULT_USAGE, "--%s is given twice", options[i].name);
        cli->given[i] = true;
        *used = 1;
        if (options[i].value == NULL && value.ptr == NULL)
            return OK;
        if (options[i].value == NULL)
            return fail(&cli->report, FAULT_USAGE, "--%s takes no value", options[i].name);
        if (value.ptr == NULL && count < 2)
            return fail(&cli->report, FAULT_USAGE, "--%s wants %s", options[i].name,
                        options[i].value);
        *used = value.ptr == NULL ? 2 : 1;
        cli->option[i] = value.ptr == NULL ? str_from(words[1]) : value;
        return OK;
    }
    return unknown_option(cli, words[0]);
}

/* One in 4096 begins with two hyphens. */
static bool is_id(const char *word_)
{
    unsigned char bytes[ID_BYTES];
    return id_parse(str_from(word_), bytes);
}

static status take_words(struct cli *cli, int count, char *const *words)
{
    bool only_arguments = false;
    cli->arguments = ARENA_ARRAY(cli->arena, str, count + 1);
    if (cli->arguments == NULL)
        return NO_MEMORY(&cli->report);
    for (int i = 0; i < count;) {
        int used = 1;
        if (!only_arguments && strcmp(words[i], "--") == 0)
            only_arguments = true;
        else if (!only_arguments && strncmp(words[i], "--", 2) == 0 && !is_id(words[i]))
            TRY(take_option(cli, count - i, words + i, &used));
        else
            cli->arguments[cli->argument_count++] = str_from(words[i]);
        i += used;
    }
    int given = (int)cli->argument_count;
    if (given < cli->command->least || given > cli->command->most)
        return fail(&cli->report, FAULT_USAGE, "usage: vern %s%s%s", cli->command->name,
                    cli->command->arguments[0] != '\0' ? " " : "", cli->command->arguments);
    return OK;
}

/* What people try first with any program and any of its commands. */
static bool is_help(const char *word_)
{
    return strcmp(word_, "--help") == 0 || strcmp(word_, "-h") == 0;
}

static const char *asked_as_an_option(const char *word_)
{
    if (strcmp(word_, "--version") == 0)
        return "version";
    return is_help(word_) ? "help" : NULL;
}

static status run(struct cli *cli, int count, char *const *words)
{
    int used = 1;
    const char *asked = asked_as_an_option(words[0]);
    cli->command = asked != NULL ? command_named(asked) : find_command(count, words, &used);
    if (cli->command == NULL)
        return unknown_command(cli, words[0]);
    if (used < count && is_help(words[used])) {
        put_command_usage(cli->out, cli->command);
        return OK;
    }
    TRY(take_words(cli, count - used, words + used));
    return cli->command->run(cli);
}

int cli_run(int count, char *const *words, char *const *environment, FILE *in, FILE *out, FILE *err)
{
    if (count == 0) {
        put_usage(err);
        return fault_exit(FAULT_USAGE);
    }
    CLEANUP(arena_free) struct arena *arena = arena_new(CLI_ARENA);
    struct cli cli = {.in = in, .out = out, .err = err, .environment = environment, .arena = arena};
    status result = run(&cli, count, words);
    fflush(out);
    if (is_ok(result))
        return cli.code;
    const char *text = cli.report.text[0] != '\0' ? cli.report.text : fault_text(result.fault);
    if (cli.report.where[0] != '\0')
        put_line(err, "vern: %s: %s", cli.report.where, text);
    else
        put_line(err, "vern: %s", text);
    return fault_exit(result.fault);
}

/* ---- small things ---- */

status need_option(struct cli *cli, enum option option, str *value)
{
    *value = cli->option[option];
    if (value->ptr != NULL)
        return OK;
    return fail(&cli->report, FAULT_USAGE, "`vern %s` needs --%s %s", cli->command->name,
                options[option].name, options[option].value);
}

str environment_of(const struct cli *cli, const char *name)
{
    size_t length = strlen(name);
    for (char *const *at = cli->environment; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return str_from(*at + length + 1);
    }
    return (str){NULL, 0};
}

const char *c_string(struct cli *cli, str text)
{
    const char *copy = arena_c_string(cli->arena, text);
    assert(copy != NULL);
    return copy;
}

status command_of_words(struct cli *cli, const struct command **command)
{
    char *words[2];
    char room[2][64];
    for (size_t i = 0; i < cli->argument_count; i++) {
        snprintf(room[i], sizeof(room[i]), "%.60s", c_string(cli, cli->arguments[i]));
        words[i] = room[i];
    }
    int used;
    *command = find_command((int)cli->argument_count, words, &used);
    return *command != NULL ? OK : unknown_command(cli, words[0]);
}

status command_help(struct cli *cli)
{
    if (cli->argument_count == 0) {
        put_usage(cli->out);
        return OK;
    }
    const struct command *command;
    TRY(command_of_words(cli, &command));
    put_command_usage(cli->out, command);
    return OK;
}

status command_version(struct cli *cli)
{
    fprintf(cli->out, "vern %s\n", VERN_VERSION);
    return OK;
}
