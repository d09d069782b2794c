/* What users have in their hands beside the binary: manual pages and completion, printed by the
 * binary, read by the programs that they are for. A program that is not on the machine is left out.
 */
#include <ctype.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "cli_internal.h"
#include "file.h"
#include "server.h"

#define VERN VERN_BUILD "/vern"
enum { ARENA_BYTES = 128 << 20, OUT_BYTES = 512 << 10 };

static struct arena *arena;
static char folder[64];

static int setup(void **state)
{
    (void)state;
    arena = arena_new(ARENA_BYTES);
    snprintf(folder, sizeof(folder), "/tmp/vern-hands-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int teardown(void **state)
{
    (void)state;
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(&arena);
    return 0;
}

static const char *text_of(str text)
{
    return arena_c_string(arena, text);
}

/* What a line of shell prints, standard error included; it must end with 0. */
static str shell(const char *line)
{
    char *text = arena_take(arena, OUT_BYTES);
    FILE *pipe = popen(text_of(arena_format(arena, "{ %s ; } 2>&1", line)), "r");
    assert_non_null(text);
    assert_non_null(pipe);
    size_t length = fread(text, 1, OUT_BYTES, pipe);
    int code = pclose(pipe);
    if (code != 0)
        fail_msg("%s ended with %d: %.*s", line, code, (int)length, text);
    return (str){text, length};
}

static bool is_on_this_machine(const char *program)
{
    return system(text_of(arena_format(arena, "command -v %s >/dev/null", program))) == 0;
}

static bool holds(str text, str part)
{
    return memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

static void hold(str text, str part)
{
    if (!holds(text, part))
        fail_msg("no \"%.*s\" in: %.*s", STR_ARG(part), STR_ARG(text));
}

/* ---- manual pages ---- */

static str page_of(const struct command *command)
{
    str text;
    struct report report = {0};
    char name[64];
    snprintf(name, sizeof(name), "%s", command->name);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == ' ' ? '-' : *c;
    const char *path = text_of(arena_format(arena, "%s/vern-%s.1", folder, name));
    if (!is_ok(file_read(path, arena, OUT_BYTES, &report, &text)))
        fail_msg("%s: %s", path, report.text);
    return text;
}

static str option_item(enum option option)
{
    return arena_format(arena, "\n.It Fl \\-%s%s", option_row(option)->name,
                        option_row(option)->value == NULL ? "\n" : " Ar \\&");
}

static void manual_pages_have_every_command_and_every_option(void **state)
{
    (void)state;
    shell(text_of(arena_format(arena, VERN " manual --to %s", folder)));
    str all = shell(VERN " manual");
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);
        str page = page_of(command);
        assert_true(
            str_equal(page, shell(text_of(arena_format(arena, VERN " manual %s", command->name)))));
        hold(all, arena_format(arena, "\n.It Cm \\&%s", command->name));
        for (int option = 0; option < OPTION_COUNT; option++) {
            assert_int_equal(holds(page, option_item((enum option)option)),
                             takes(command, (enum option)option));
            hold(all, option_item((enum option)option));
        }
    }
}

static void manual_pages_are_read_without_a_warning(void **state)
{
    (void)state;
    shell(text_of(arena_format(arena, VERN " manual --to %s", folder)));
    if (is_on_this_machine("mandoc"))
        shell(text_of(arena_format(arena, "mandoc -T lint -W warning %s/*.1", folder)));
    if (!is_on_this_machine("man") || !is_on_this_machine("groff"))
        return;
    str said = shell(text_of(arena_format(arena,
                                          "cd %s; for page in vern.1 vern-serve.1 "
                                          "vern-log-verify.1; do MANROFFSEQ= LC_ALL=C.UTF-8 man "
                                          "--warnings -l -Tutf8 -Z $page 2>&1 >/dev/null; done",
                                          folder)));
    if (said.len > 0)
        fail_msg("man says: %.*s", STR_ARG(said));
}

/* ---- completion ---- */

/* Runs a script of which each line of the form `ask WORD...` prints what the last word may become
 * on one line. */
static str complete(const char *name, const char *prelude, str script)
{
    str path = arena_format(arena, "%s/script.%s", folder, name);
    str text = arena_format(arena, "%s\n%.*s", prelude, STR_ARG(script));
    FILE *file = fopen(text_of(path), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    fclose(file);
    shell(text_of(arena_format(arena, VERN " completion %s > %s/vern.%s", name, folder, name)));
    return shell(
        text_of(arena_format(arena, "cd %s && HOME=%s %s script.%s", folder, folder, name, name)));
}

static const char bash_prelude[] = "source ./vern.bash\n"
                                   "ask() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _vern\n"
                                   "    echo \"${COMPREPLY[*]}\"; }\n";

/* zsh's own drawing is replaced by words that print what they were given. */
static const char zsh_prelude[] =
    "source ./vern.zsh\n"
    "compadd() { shift; for w in $@; do [[ $w == $asked* ]] && found+=($w); done; true }\n"
    "_describe() { for w in ${(P)2}; do [[ ${w%%:*} == $asked* ]] && found+=(${w%%:*}); done; true "
    "}\n"
    "_files() { for w in *$1(N); do [[ $w == $asked* ]] && found+=($w); done; true }\n"
    "compset() { asked=${asked#$~2} }\n"
    "ask() { words=(\"$@\"); CURRENT=$#; found=(); asked=$words[CURRENT]; _vern\n"
    "    echo \"$found\"; }\n";

static const char fish_prelude[] =
    "source ./vern.fish\n"
    "function ask\n"
    "    set -l found (complete -C $argv[1] | string replace -r '\\t.*' '')\n"
    "    echo \" $found\"\n"
    "end\n";

static int by_bytes(const void *a, const void *b)
{
    const str *one = a, *other = b;
    size_t least = one->len < other->len ? one->len : other->len;
    int order = memcmp(one->ptr, other->ptr, least);
    return order != 0 ? order : one->len < other->len ? -1 : one->len > other->len;
}

static str sorted_line(str *words, size_t count)
{
    struct buf out = buf_in(arena, 64 << 10);
    qsort(words, count, sizeof(*words), by_bytes);
    for (size_t i = 0; i < count; i++)
        buf_format(&out, "%.*s ", STR_ARG(words[i]));
    buf_text(&out, count == 0 ? " \n" : "\n");
    return buf_str(&out);
}

static str first_words(void)
{
    str found[128], rest, first;
    size_t count = 0;
    for (size_t i = 0; i < command_count(); i++) {
        rest = str_from(command_at(i)->name);
        (void)str_next(&rest, ' ', &first);
        bool again = false;
        for (size_t j = 0; j < count; j++)
            again |= str_equal(found[j], first);
        if (!again)
            found[count++] = first;
    }
    return sorted_line(found, count);
}

static str options_of(const struct command *command)
{
    str found[OPTION_COUNT];
    size_t count = 0;
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (takes(command, (enum option)i))
            found[count++] = arena_format(arena, "--%s", option_row((enum option)i)->name);
    }
    return sorted_line(found, count);
}

struct question {
    const char *ask, *answer;
};
static const struct question questions[] = {
    {"vern lo", "log "},
    {"vern log ''", "verify "},
    {"vern explain per", "person "},
    {"vern check --language ''", "en nb nn "},
    {"vern check --language e", "en "},
    {"vern init --data x --clock ''", "real simulated "},
    {"vern completion ''", "bash fish zsh "},
    {"vern concern decide A B rel", "release "},
    {"vern concern decide A B release ''", " "},
    {"vern space end --server x A B er", "erase "},
    {"vern help lo", "log "},
    {"vern check --policy ''", ""}, /* no such option there: files, as for an argument */
    {"vern check poli", "policy-a.yaml "},
    {"vern check policy-a.yaml poli", "policy-a.yaml "},
    {"vern init --policy poli", "policy-a.yaml "},
    {"vern find ''", " "},
    {"vern read ''", " "},
};

/* fish is asked with the whole line in one word, the others word by word. */
static str ask_all(bool whole)
{
    const char *open = whole ? "\"" : "", *empty = whole ? "" : "''";
    struct buf out = buf_in(arena, 64 << 10);
    buf_format(&out, "ask %svern %s%s\n", open, empty, open);
    for (size_t i = 0; i < command_count(); i++)
        buf_format(&out, "ask %svern %s --%s\n", open, command_at(i)->name, open);
    for (size_t i = 0; i < LENGTH(questions); i++) {
        str line = str_from(questions[i].ask);
        if (whole && str_ends(line, STR("''")))
            line = str_slice(line, 0, line.len - 2);
        buf_format(&out, "ask %s%.*s%s\n", open, STR_ARG(line), open);
    }
    return buf_str(&out);
}

static void hold_line(str *rest, const char *asked, str wanted)
{
    str line;
    str found[256], one;
    size_t count = 0;
    assert_true(str_next(rest, '\n', &line));
    for (str left = str_trim(line); left.len > 0 && str_next(&left, ' ', &one);) {
        assert_true(count < LENGTH(found));
        found[count++] = one;
    }
    line = sorted_line(found, count);
    if (wanted.len > 0 && !str_equal(str_trim(line), str_trim(wanted)))
        fail_msg("%s: \"%.*s\" instead of \"%.*s\"", asked, STR_ARG(line), STR_ARG(wanted));
}

static void hold_completion(const char *name, const char *prelude)
{
    if (!is_on_this_machine(name))
        return;
    shell(text_of(arena_format(arena, "touch %s/policy-a.yaml", folder)));
    str rest = complete(name, prelude, ask_all(strcmp(name, "fish") == 0));
    hold_line(&rest, "vern", first_words());
    for (size_t i = 0; i < command_count(); i++)
        hold_line(&rest, command_at(i)->name, options_of(command_at(i)));
    for (size_t i = 0; i < LENGTH(questions); i++)
        hold_line(&rest, questions[i].ask, str_from(questions[i].answer));
    assert_int_equal(rest.len, 0);
}

static void bash_completes_commands_options_and_closed_values(void **state)
{
    (void)state;
    hold_completion("bash", bash_prelude);
}

static void bash_completes_behind_an_equals_sign(void **state)
{
    (void)state;
    str said = complete("bash", bash_prelude,
                        STR("ask vern check --language = e\nask vern check --language =\n"
                            "ask vern check -- --lang\nask vern check --language = nb --str\n"));
    assert_true(str_equal(said, STR("en\nnb nn en\n\n--strict\n")));
}

static void zsh_completes_the_same(void **state)
{
    (void)state;
    hold_completion("zsh", zsh_prelude);
}

static void fish_completes_the_same(void **state)
{
    (void)state;
    hold_completion("fish", fish_prelude);
}

/* ---- the service ---- */

static str read_text(const char *path)
{
    str text;
    struct report report = {0};
    if (!is_ok(file_read(path, arena, OUT_BYTES, &report, &text)))
        fail_msg("%s: %s", path, report.text);
    return text;
}

static bool serve_takes(str option)
{
    for (size_t i = 0; i < command_count(); i++) {
        if (strcmp(command_at(i)->name, "serve") != 0)
            continue;
        for (int j = 0; j < OPTION_COUNT; j++) {
            if (takes(command_at(i), (enum option)j) &&
                str_is(option, option_row((enum option)j)->name))
                return true;
        }
    }
    return false;
}

static bool is_setting(str variable)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *name = setting_row((enum setting)i)->name;
        bool same = variable.len == strlen(name) + 5 && str_starts(variable, STR("VERN_"));
        for (size_t j = 0; same && name[j] != '\0'; j++)
            same = tolower((unsigned char)variable.ptr[5 + j]) == name[j];
        if (same)
            return true;
    }
    return false;
}

static void the_service_names_only_options_and_settings_that_exist(void **state)
{
    (void)state;
    size_t options = 0, settings = 0;
    str rest = read_text("debian/vern.service"), line, word_;
    while (str_next(&rest, '\n', &line)) {
        bool starts = str_starts(line, STR("ExecStart="));
        while (line.len > 0 && str_next(&line, ' ', &word_)) {
            if (starts && str_starts(word_, STR("--"))) {
                if (!serve_takes(str_slice(word_, 2, word_.len)))
                    fail_msg("vern serve has no %.*s", STR_ARG(word_));
                options++;
            }
            str value = word_, name;
            if (str_starts(word_, STR("VERN_")) && str_next(&value, '=', &name)) {
                if (!is_setting(name))
                    fail_msg("there is no setting %.*s", STR_ARG(name));
                settings++;
            }
        }
    }
    assert_true(options >= 2 && settings >= 1);
}

static void the_service_is_started_again_for_as_long_as_it_takes(void **state)
{
    (void)state;
    static const char *const lines[] = {"Restart=on-failure", "StartLimitIntervalSec=0"};
    str text = read_text("debian/vern.service");
    for (size_t i = 0; i < LENGTH(lines); i++)
        hold(text, arena_format(arena, "\n%s\n", lines[i]));
}

static void the_service_is_locked_in(void **state)
{
    (void)state;
    static const char *const lines[] = {"ProtectSystem=strict",
                                        "MemoryDenyWriteExecute=yes",
                                        "NoNewPrivileges=yes",
                                        "CapabilityBoundingSet=",
                                        "SystemCallFilter=@system-service",
                                        "IPAddressDeny=any",
                                        "LoadCredential=root.key:/etc/vern/root.key",
                                        "User=vern",
                                        "LimitCORE=0"};
    str text = read_text("debian/vern.service");
    for (size_t i = 0; i < LENGTH(lines); i++)
        hold(text, arena_format(arena, "\n%s\n", lines[i]));
    if (!is_on_this_machine("systemd-analyze"))
        return;
    shell("systemd-analyze security --offline=yes --threshold=15 $PWD/debian/vern.service");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(manual_pages_have_every_command_and_every_option),
        TEST(manual_pages_are_read_without_a_warning),
        TEST(bash_completes_commands_options_and_closed_values),
        TEST(bash_completes_behind_an_equals_sign),
        TEST(zsh_completes_the_same),
        TEST(fish_completes_the_same),
        TEST(the_service_names_only_options_and_settings_that_exist),
        TEST(the_service_is_started_again_for_as_long_as_it_takes),
        TEST(the_service_is_locked_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
