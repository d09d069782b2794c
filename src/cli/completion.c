/* What makes a shell complete: tables printed from commands.def and options.def, and behind them a
 * driver in the shell's own words. Nothing is asked of a server or a folder: ids and values of
 * people are never offered.
 *
 *   a place is FILE, DIR, COMMAND, closed values as nb|en, or none (nothing is offered), and ends
 * in
 *   "..." when it may be repeated */
#include <stdio.h>

#include "cli_internal.h"

enum { SCRIPT_BYTES = 256 << 10, PLACES_MOST = 8 };

/* ---- places ---- */

static bool is_closed(str name)
{
    bool bars = false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '|')
            bars = true;
        else if (name.ptr[i] < 'a' || name.ptr[i] > 'z')
            return false;
    }
    return bars;
}

/* What may be offered for an argument or a value that the tables name so. */
static str offer_of(str name)
{
    static const char *const files[] = {"FILE", "OLD", "NEW", "POLICY", "ARCHIVE"};
    for (size_t i = 0; i < LENGTH(files); i++) {
        if (str_is(name, files[i]))
            return STR("FILE");
    }
    if (str_is(name, "DIR") || str_is(name, "COMMAND") || is_closed(name))
        return name;
    return STR("none");
}

struct place {
    str offer;
    bool repeats;
};

static size_t places_of(const struct command *command, struct place places[PLACES_MOST])
{
    size_t count = 0;
    str rest = str_from(command->arguments), name;
    while (rest.len > 0 && str_next(&rest, ' ', &name)) {
        while (name.len > 0 && name.ptr[0] == '[')
            name = str_slice(name, 1, name.len);
        while (name.len > 0 && name.ptr[name.len - 1] == ']')
            name = str_slice(name, 0, name.len - 1);
        bool repeats = str_ends(name, STR("..."));
        if (repeats)
            name = str_slice(name, 0, name.len - 3);
        assert(count < PLACES_MOST);
        places[count++] = (struct place){offer_of(name), repeats};
    }
    return count;
}

/* ---- pieces ---- */

static str first_word(const char *name, str *second)
{
    str rest = str_from(name), first;
    (void)str_next(&rest, ' ', &first);
    *second = rest;
    return first;
}

/* Was a command that begins with this word printed before the `before`th? */
static bool is_again(size_t before, str first)
{
    str second;
    for (size_t i = 0; i < before; i++) {
        if (str_equal(first_word(command_at(i)->name, &second), first))
            return true;
    }
    return false;
}

/* Of a first word: what its command does, or nothing when there are only commands of two words. */
static const char *what_of(str first)
{
    for (size_t i = 0; i < command_count(); i++) {
        if (str_is(first, command_at(i)->name))
            return command_at(i)->what;
    }
    return "";
}

/* Within single quotes of any of the shells; `colons` are escaped for zsh. */
static void put_quoted(struct buf *out, const char *text, bool colons)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\')
            continue;
        if (*c == ':' && colons)
            buf_char(out, '\\');
        buf_char(out, *c);
    }
}

static void put_places(struct buf *out, const struct command *command)
{
    struct place places[PLACES_MOST];
    size_t count = places_of(command, places);
    for (size_t i = 0; i < count; i++)
        buf_format(out, "%s%.*s%s", i == 0 ? "" : " ", STR_ARG(places[i].offer),
                   places[i].repeats ? "..." : "");
}

/* ---- bash and zsh: functions that print a row of a table ---- */

static void put_rows_of_commands(struct buf *out)
{
    buf_text(out, "_vern_places() {\n    case $1 in\n");
    for (size_t i = 0; i < command_count(); i++) {
        buf_format(out, "    '%s') echo '", command_at(i)->name);
        put_places(out, command_at(i));
        buf_text(out, "' ;;\n");
    }
    buf_text(out, "    *) return 1 ;;\n    esac\n}\n"
                  "_vern_options() {\n    case $1 in\n");
    for (size_t i = 0; i < command_count(); i++) {
        const char *between = "";
        buf_format(out, "    '%s') echo '", command_at(i)->name);
        for (int option = 0; option < OPTION_COUNT; option++) {
            if (!takes(command_at(i), (enum option)option))
                continue;
            buf_format(out, "%s--%s", between, option_row((enum option)option)->name);
            between = " ";
        }
        buf_text(out, "' ;;\n");
    }
    buf_text(out, "    esac\n}\n");
}

static void put_rows_of_values(struct buf *out)
{
    buf_text(out, "_vern_value() {\n    case $1 in\n");
    for (int option = 0; option < OPTION_COUNT; option++) {
        const struct option_row *row = option_row((enum option)option);
        if (row->value != NULL)
            buf_format(out, "    --%s) echo '%.*s' ;;\n", row->name,
                       STR_ARG(offer_of(str_from(row->value))));
    }
    buf_text(out, "    esac\n}\n");
}

/* First words, and the second ones of those that have any. */
static void put_rows_of_words(struct buf *out)
{
    str first, second, other;
    buf_text(out, "_vern_first='");
    for (size_t i = 0; i < command_count(); i++) {
        first = first_word(command_at(i)->name, &second);
        if (!is_again(i, first))
            buf_format(out, "%s%.*s", i == 0 ? "" : " ", STR_ARG(first));
    }
    buf_text(out, "'\n_vern_second() {\n    case $1 in\n");
    for (size_t i = 0; i < command_count(); i++) {
        first = first_word(command_at(i)->name, &second);
        if (is_again(i, first))
            continue;
        buf_format(out, "    %.*s) echo '", STR_ARG(first));
        const char *between = "";
        for (size_t j = 0; j < command_count(); j++) {
            if (!str_equal(first_word(command_at(j)->name, &other), first) || other.len == 0)
                continue;
            buf_format(out, "%s%.*s", between, STR_ARG(other));
            between = " ";
        }
        buf_text(out, "' ;;\n");
    }
    buf_text(out, "    esac\n}\n");
}

static const char bash_driver[] =
    "# Offers what a place takes.\n"
    "_vern_offer() {\n"
    "    local found\n"
    "    case $1 in\n"
    "    FILE) compopt -o filenames 2>/dev/null; mapfile -t found < <(compgen -f -- \"$2\") ;;\n"
    "    DIR) compopt -o filenames 2>/dev/null; mapfile -t found < <(compgen -d -- \"$2\") ;;\n"
    "    COMMAND) mapfile -t found < <(compgen -W \"$_vern_first\" -- \"$2\") ;;\n"
    "    *'|'*) mapfile -t found < <(compgen -W \"${1//|/ }\" -- \"$2\") ;;\n"
    "    esac\n"
    "    COMPREPLY+=(\"${found[@]}\")\n"
    "}\n"
    "_vern() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} wants='' only='' command used=1 at i one\n"
    "    local -a plain=() places=() found=()\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        one=${COMP_WORDS[i]}\n"
    "        if [[ $one == = && -n $wants ]]; then :\n"
    "        elif [[ -n $wants ]]; then wants=''\n"
    "        elif [[ $one == -- ]]; then only=yes\n"
    "        elif [[ $one == --* && -z $only ]]; then wants=$(_vern_value \"$one\")\n"
    "        else plain+=(\"$one\"); fi\n"
    "    done\n"
    "    [[ $word == = && -n $wants ]] && word=''\n"
    "    if [[ -n $wants ]]; then _vern_offer \"$wants\" \"$word\"; return; fi\n"
    "    if ((${#plain[@]} == 0)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$_vern_first\" -- \"$word\")\n"
    "        return\n"
    "    fi\n"
    "    command=${plain[0]}\n"
    "    if ((${#plain[@]} > 1)) && _vern_places \"${plain[0]} ${plain[1]}\" >/dev/null; then\n"
    "        command=\"${plain[0]} ${plain[1]}\" used=2\n"
    "    fi\n"
    "    if [[ $word == -* && -z $only ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_vern_options \"$command\")\" -- \"$word\")\n"
    "        return\n"
    "    fi\n"
    "    if ((${#plain[@]} == 1)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_vern_second \"$command\")\" -- \"$word\")\n"
    "    fi\n"
    "    read -ra places < <(_vern_places \"$command\")\n"
    "    ((${#places[@]} > 0)) || return\n"
    "    at=$((${#plain[@]} - used))\n"
    "    if ((at >= ${#places[@]})); then\n"
    "        at=$((${#places[@]} - 1))\n"
    "        [[ ${places[at]} == *... ]] || return\n"
    "    fi\n"
    "    _vern_offer \"${places[at]%...}\" \"$word\"\n"
    "}\n"
    "complete -F _vern vern\n";

static void put_bash(struct buf *out)
{
    buf_text(out, "# bash completion of vern, printed by `vern completion bash`\n");
    put_rows_of_words(out);
    put_rows_of_commands(out);
    put_rows_of_values(out);
    buf_text(out, bash_driver);
}

/* ---- zsh ---- */

static void put_zsh_words(struct buf *out)
{
    str first, second;
    buf_text(out, "_vern_described=(\n");
    for (size_t i = 0; i < command_count(); i++) {
        first = first_word(command_at(i)->name, &second);
        if (is_again(i, first))
            continue;
        buf_format(out, "    '%.*s:", STR_ARG(first));
        put_quoted(out, what_of(first), true);
        buf_text(out, "'\n");
    }
    buf_text(out, ")\ntypeset -A _vern_says=(\n");
    for (int option = 0; option < OPTION_COUNT; option++) {
        buf_format(out, "    --%s '", option_row((enum option)option)->name);
        put_quoted(out, option_row((enum option)option)->what, true);
        buf_text(out, "'\n");
    }
    buf_text(out, ")\n");
}

static const char zsh_driver[] =
    "_vern_offer() {\n"
    "    case $1 in\n"
    "    FILE) _files ;;\n"
    "    DIR) _files -/ ;;\n"
    "    COMMAND) compadd -- ${=_vern_first} ;;\n"
    "    *'|'*) compadd -- ${(s:|:)1} ;;\n"
    "    esac\n"
    "}\n"
    "_vern() {\n"
    "    local wants='' only='' command used=1 at i one\n"
    "    local -a plain places options\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        one=$words[i]\n"
    "        if [[ -n $wants ]]; then wants=''\n"
    "        elif [[ $one == -- ]]; then only=yes\n"
    "        elif [[ $one == --* && -z $only ]]; then wants=$(_vern_value $one)\n"
    "        else plain+=($one); fi\n"
    "    done\n"
    "    one=$words[CURRENT]\n"
    "    if [[ -z $wants && -z $only && $one == --*=* ]]; then\n"
    "        wants=$(_vern_value ${one%%=*})\n"
    "        compset -P '*='\n"
    "    fi\n"
    "    if [[ -n $wants ]]; then _vern_offer $wants; return; fi\n"
    "    if (($#plain == 0)); then _describe command _vern_described; return; fi\n"
    "    command=$plain[1]\n"
    "    if (($#plain > 1)) && _vern_places \"$plain[1] $plain[2]\" >/dev/null; then\n"
    "        command=\"$plain[1] $plain[2]\" used=2\n"
    "    fi\n"
    "    if [[ $one == -* && -z $only ]]; then\n"
    "        for at in ${=\"$(_vern_options $command)\"}; do options+=(\"$at:$_vern_says[$at]\"); "
    "done\n"
    "        _describe option options\n"
    "        return\n"
    "    fi\n"
    "    (($#plain == 1)) && compadd -- ${=\"$(_vern_second $command)\"}\n"
    "    places=(${=\"$(_vern_places $command)\"})\n"
    "    (($#places > 0)) || return\n"
    "    at=$(($#plain - used + 1))\n"
    "    if ((at > $#places)); then\n"
    "        at=$#places\n"
    "        [[ $places[at] == *... ]] || return\n"
    "    fi\n"
    "    _vern_offer ${places[at]%...}\n"
    "}\n"
    "[[ $funcstack[1] == _vern ]] && _vern\n"
    "(( $+functions[compdef] )) && compdef _vern vern\n"
    "true\n";

static void put_zsh(struct buf *out)
{
    buf_text(out, "#compdef vern\n# zsh completion of vern, printed by `vern completion zsh`\n");
    put_rows_of_words(out);
    put_rows_of_commands(out);
    put_rows_of_values(out);
    put_zsh_words(out);
    buf_text(out, zsh_driver);
}

/* ---- fish: a line for each thing that may be offered ---- */

static void put_fish_place(struct buf *out, const struct command *command, size_t at,
                           const struct place *place)
{
    if (str_is(place->offer, "none"))
        return;
    buf_format(out, "complete -c vern -n '__vern_at \"%s\" %zu%s' ", command->name, at,
               place->repeats ? " more" : "");
    if (str_is(place->offer, "FILE"))
        buf_text(out, "-F\n");
    else if (str_is(place->offer, "DIR"))
        buf_text(out, "-a '(__fish_complete_directories)'\n");
    else if (str_is(place->offer, "COMMAND"))
        buf_text(out, "-a \"$__vern_first\"\n");
    else {
        str rest = place->offer, one;
        buf_text(out, "-a '");
        while (rest.len > 0 && str_next(&rest, '|', &one))
            buf_format(out, "%.*s ", STR_ARG(one));
        buf_text(out, "'\n");
    }
}

static void put_fish_option(struct buf *out, const struct command *command,
                            const struct option_row *row)
{
    buf_format(out, "complete -c vern -n '__vern_in \"%s\"' -l %s ", command->name, row->name);
    str offer = row->value == NULL ? STR("") : offer_of(str_from(row->value));
    if (str_is(offer, "FILE")) {
        buf_text(out, "-r -F ");
    } else if (str_is(offer, "DIR")) {
        buf_text(out, "-x -a '(__fish_complete_directories)' ");
    } else if (str_is(offer, "none")) {
        buf_text(out, "-x ");
    } else if (offer.len > 0) {
        str one;
        buf_text(out, "-x -a '");
        while (offer.len > 0 && str_next(&offer, '|', &one))
            buf_format(out, "%.*s ", STR_ARG(one));
        buf_text(out, "' ");
    }
    buf_text(out, "-d '");
    put_quoted(out, row->what, false);
    buf_text(out, "'\n");
}

static const char fish_driver[] =
    "# Plain words before the cursor, without options and their values.\n"
    "function __vern_plain\n"
    "    set -l skip 0\n"
    "    set -l only 0\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        if test $skip = 1\n"
    "            set skip 0\n"
    "        else if test $only = 1\n"
    "            echo -- $word\n"
    "        else if test \"$word\" = --\n"
    "            set only 1\n"
    "        else if string match -q -- '--*' $word\n"
    "            contains -- $word $__vern_with_value; and set skip 1\n"
    "        else\n"
    "            echo -- $word\n"
    "        end\n"
    "    end\n"
    "end\n"
    "# Is this the command? Of two that fit the one of two words is meant.\n"
    "function __vern_in\n"
    "    set -l plain (__vern_plain)\n"
    "    set -l two \"$plain[1] $plain[2]\"\n"
    "    if contains -- $two $__vern_commands\n"
    "        test $two = $argv[1]\n"
    "    else\n"
    "        test \"$plain[1]\" = $argv[1]\n"
    "    end\n"
    "end\n"
    "# Is this the command, and the cursor at its nth argument (or a later one)?\n"
    "function __vern_at\n"
    "    __vern_in $argv[1]; or return 1\n"
    "    set -l at (math (count (__vern_plain)) - (count (string split ' ' $argv[1])))\n"
    "    test $at -eq $argv[2]; and return 0\n"
    "    test \"$argv[3]\" = more -a $at -gt $argv[2]\n"
    "end\n"
    "function __vern_has\n"
    "    test (count (__vern_plain)) -eq $argv[1]; or return 1\n"
    "    test $argv[1] -eq 0; and return 0\n"
    "    test (__vern_plain)[1] = $argv[2]\n"
    "end\n"
    "complete -c vern -f\n";

static void put_fish_lists(struct buf *out)
{
    str first, second;
    buf_text(out, "set -g __vern_commands");
    for (size_t i = 0; i < command_count(); i++)
        buf_format(out, " '%s'", command_at(i)->name);
    buf_text(out, "\nset -g __vern_first");
    for (size_t i = 0; i < command_count(); i++) {
        first = first_word(command_at(i)->name, &second);
        if (!is_again(i, first))
            buf_format(out, " %.*s", STR_ARG(first));
    }
    buf_text(out, "\nset -g __vern_with_value");
    for (int option = 0; option < OPTION_COUNT; option++) {
        if (option_row((enum option)option)->value != NULL)
            buf_format(out, " --%s", option_row((enum option)option)->name);
    }
    buf_text(out, "\n");
}

static void put_fish_words(struct buf *out, size_t i)
{
    str second, first = first_word(command_at(i)->name, &second);
    if (!is_again(i, first)) {
        buf_format(out, "complete -c vern -n '__vern_has 0' -a %.*s -d '", STR_ARG(first));
        put_quoted(out, what_of(first), false);
        buf_text(out, "'\n");
    }
    if (second.len > 0) {
        buf_format(out, "complete -c vern -n '__vern_has 1 %.*s' -a %.*s -d '", STR_ARG(first),
                   STR_ARG(second));
        put_quoted(out, command_at(i)->what, false);
        buf_text(out, "'\n");
    }
}

static void put_fish(struct buf *out)
{
    buf_text(out, "# fish completion of vern, printed by `vern completion fish`\n");
    put_fish_lists(out);
    buf_text(out, fish_driver);
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);
        struct place places[PLACES_MOST];
        size_t count = places_of(command, places);
        put_fish_words(out, i);
        for (int option = 0; option < OPTION_COUNT; option++) {
            if (takes(command, (enum option)option))
                put_fish_option(out, command, option_row((enum option)option));
        }
        for (size_t at = 0; at < count; at++)
            put_fish_place(out, command, at, &places[at]);
    }
}

status command_completion(struct cli *cli)
{
    static const struct {
        const char *name;
        void (*put)(struct buf *out);
    } shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};
    for (size_t i = 0; i < LENGTH(shells); i++) {
        if (!str_is(cli->arguments[0], shells[i].name))
            continue;
        struct buf out = buf_in(cli->arena, SCRIPT_BYTES);
        str text;
        shells[i].put(&out);
        TRY(buf_finish(&out, &cli->report, &text));
        fwrite(text.ptr, 1, text.len, cli->out);
        return OK;
    }
    return fail(&cli->report, FAULT_USAGE, "completion is for bash, zsh or fish");
}
