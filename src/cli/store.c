/* Offline commands: they open the data folder themselves, and so need its locks. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_internal.h"
#include "db.h"
#include "engine.h"
#include "file.h"
#include "server.h"
#include "verify.h"

enum {
    PATH_BYTES = 4096,
    KEY_FILE_BYTES = 4096,
    NOTE_LIMIT = 64 << 10,
    VERIFY_TRIES = 5,
    MOVE_WAIT_MS = 50
};

/* ---- opening ---- */

static status paths(struct cli *cli, const char **data, const char **root)
{
    str text;
    TRY(need_option(cli, OPTION_data, &text));
    *data = c_string(cli, text);
    struct settings settings = {.at[SET_data] = text, .at[SET_root] = cli->option[OPTION_root]};
    *root = settings_root(&settings, cli->arena);
    return *root == NULL ? NO_MEMORY(&cli->report) : OK;
}

static status explain_lock(struct cli *cli, status result)
{
    if (result.fault != FAULT_LOCKED)
        return result;
    cli->report = (struct report){0};
    return fail(&cli->report, FAULT_LOCKED,
                "a server holds this folder; ask it (POST /v1/backup), or stop it first");
}

static status open_engine(struct cli *cli, struct engine **engine)
{
    struct engine_config config = {.world = world_real()};
    TRY(paths(cli, &config.data_dir, &config.root_path));
    return explain_lock(cli, engine_open(&config, &cli->report, engine));
}

static status open_register(struct cli *cli, struct engine **engine, struct reg **reg)
{
    str name;
    TRY(need_option(cli, OPTION_register, &name));
    TRY(open_engine(cli, engine));
    *reg = engine_register(*engine, name);
    if (*reg != NULL)
        return OK;
    return fail(&cli->report, FAULT_NOT_FOUND, "there is no register %.*s in this folder",
                STR_ARG(name));
}

/* ---- init ---- */

static status clock_kind(struct cli *cli, struct register_create *create)
{
    str kind = cli->option[OPTION_clock], start = cli->option[OPTION_start];
    create->simulated = kind.ptr != NULL && str_is(kind, "simulated");
    if (kind.ptr != NULL && !create->simulated && !str_is(kind, "real"))
        return fail(&cli->report, FAULT_USAGE, "--clock is real or simulated");
    if (!create->simulated && start.ptr != NULL)
        return fail(&cli->report, FAULT_USAGE, "--start is for a simulated clock only");
    create->start = world_now(world_real());
    if (start.ptr != NULL && !instant_parse(start, &create->start))
        return fail(&cli->report, FAULT_USAGE, "--start is a moment: 2026-09-01T00:00:00Z");
    return OK;
}

static status read_create(struct cli *cli, struct register_create *create)
{
    str policy_path;
    struct policy_source policy, deployment = {0};
    TRY(need_option(cli, OPTION_register, &create->name));
    TRY(need_option(cli, OPTION_policy, &policy_path));
    TRY(read_source(cli, policy_path, &policy));
    if (cli->option[OPTION_deployment].ptr != NULL)
        TRY(read_source(cli, cli->option[OPTION_deployment], &deployment));
    create->policy_file = policy.name;
    create->policy = policy.text;
    create->deployment_file = deployment.name;
    create->deployment = deployment.text;
    create->strict = cli->given[OPTION_strict];
    return clock_kind(cli, create);
}

/* Data and keys lie in one database, or each in its own, or the keys stay in their file. */
static status read_places(struct cli *cli, struct db_places *places)
{
    str data = cli->option[OPTION_database], keys = cli->option[OPTION_keys_database];
    bool servers = cli->given[OPTION_servers];
    if (data.ptr == NULL && keys.ptr == NULL && !cli->given[OPTION_keys_file] &&
        !cli->given[OPTION_pooled] && !servers)
        return OK;
    if (data.ptr == NULL || (keys.ptr != NULL && cli->given[OPTION_keys_file]))
        return fail(
            &cli->report, FAULT_USAGE,
            "--keys-database, --keys-file, --pooled or --servers go with --database, and not the "
            "first two of them together");
    if (servers && (cli->given[OPTION_keys_file] || cli->given[OPTION_pooled]))
        return fail(&cli->report, FAULT_USAGE,
                    "--servers wants data and keys in databases, and no pooler: through one nobody "
                    "sees whether another server lives");
    TRY(db_address_take(data, &places->at[DB_DATA], &cli->report));
    if (!cli->given[OPTION_keys_file])
        TRY(db_address_take(keys.ptr == NULL ? data : keys, &places->at[DB_KEYS], &cli->report));
    places->at[DB_DATA].servers = places->at[DB_KEYS].servers = servers;
    places->at[DB_DATA].pooled = places->at[DB_KEYS].pooled = cli->given[OPTION_pooled];
    return OK;
}

static status ready_folder(struct cli *cli, const char *data, const char *root)
{
    char path[PATH_BYTES];
    TRY(dir_make(data, 0700, &cli->report));
    if (snprintf(path, sizeof(path), "%s/registers", data) >= (int)sizeof(path))
        return fail(&cli->report, FAULT_LIMIT, "the path of --data is too long");
    TRY(dir_make(path, 0700, &cli->report));
    return file_exists(root) ? OK : keys_root_create(world_real(), root, &cli->report);
}

static str token_path(struct cli *cli, str name)
{
    if (cli->option[OPTION_token_file].ptr != NULL)
        return cli->option[OPTION_token_file];
    return arena_format(cli->arena, "%.*s/%.*s.token", STR_ARG(cli->option[OPTION_data]),
                        STR_ARG(name));
}

static status write_token(struct cli *cli, str name, str token, const char *what)
{
    str path = token_path(cli, name);
    str text = arena_format(cli->arena, "%.*s\n", STR_ARG(token));
    if (path.ptr == NULL || text.ptr == NULL)
        return NO_MEMORY(&cli->report);
    struct file_change change = {world_real(), "init.token", c_string(cli, path)};
    TRY(file_write_durable(&change, text, 0600, &cli->report));
    put_line(cli->out, "register %.*s %s in %.*s", STR_ARG(name), what, STR_ARG(path));
    return OK;
}

/* Before a token is made: nobody has one that could not be written down. */
static status check_token_place(struct cli *cli, str name)
{
    str path = token_path(cli, name);
    size_t end = path.len;
    struct stat info;
    while (end > 0 && path.ptr[end - 1] != '/')
        end--;
    const char *file = c_string(cli, path);
    const char *folder = end == 0 ? "." : c_string(cli, str_slice(path, 0, end));
    if (end == path.len || (stat(file, &info) == 0 && !S_ISREG(info.st_mode)))
        return fail(&cli->report, FAULT_USAGE, "--token-file %.*s is no file", STR_ARG(path));
    if (access(folder, W_OK | X_OK) != 0)
        return fail(&cli->report, FAULT_NOT_FOUND, "no file can be made in the folder %s", folder);
    return OK;
}

status command_init(struct cli *cli)
{
    struct register_create create = {0};
    const char *data, *root;
    str token;
    struct db_places places = {0};
    TRY(read_create(cli, &create));
    TRY(read_places(cli, &places));
    create.places = &places;
    TRY(paths(cli, &data, &root));
    if (cli->option[OPTION_token_file].ptr != NULL)
        TRY(check_token_place(cli, create.name));
    TRY(ready_folder(cli, data, root));
    CLEANUP(engine_close) struct engine *engine = NULL;
    TRY(open_engine(cli, &engine));
    struct problems problems = {.arena = cli->arena};
    status created =
        engine_register_create(engine, &create, cli->arena, &problems, &cli->report, &token);
    if (!is_ok(created)) {
        put_problems(cli, &problems);
        return created;
    }
    return write_token(cli, create.name, token, "is created; its first token is");
}

/* ---- move ---- */

static void wait_a_moment(void *self)
{
    (void)self;
    poll(NULL, 0, MOVE_WAIT_MS);
}

static void say_rows(struct cli *cli, const struct register_move *move, const char *rest)
{
    put_line(cli->out,
             "register %.*s lies in PostgreSQL: %llu rows of data and %llu of keys, each compared; "
             "%s",
             STR_ARG(move->name), (unsigned long long)move->data_rows,
             (unsigned long long)move->key_rows, rest);
}

/* It is opened where it lies now, by the server that serves it or here: its keys, its log against
 * what the keys know of it, its own records. After that the files are gone. */
status command_move(struct cli *cli)
{
    struct db_places places = {0};
    struct register_move move = {.places = &places, .wait = wait_a_moment};
    struct engine_config config = {.world = world_real()};
    struct reg *reg;
    str address;
    TRY(need_option(cli, OPTION_register, &move.name));
    TRY(need_option(cli, OPTION_database, &address));
    TRY(read_places(cli, &places));
    TRY(paths(cli, &config.data_dir, &config.root_path));
    TRY(engine_register_move(&config, cli->arena, &cli->report, &move));
    if (move.served) {
        say_rows(cli, &move, "its server has opened it there");
        return OK;
    }
    CLEANUP(engine_close) struct engine *engine = NULL;
    TRY(open_register(cli, &engine, &reg));
    say_rows(cli, &move,
             c_string(cli, arena_format(cli->arena, "its log of %llu entries is the same",
                                        (unsigned long long)audit_size(reg_log(reg)))));
    return OK;
}

/* ---- several servers ---- */

/* Several servers have one folder, so that all registers in it must be for them. */
status command_servers(struct cli *cli)
{
    bool changed;
    CLEANUP(engine_close) struct engine *engine = NULL;
    TRY(open_engine(cli, &engine));
    if (engine_register_count(engine) == 0)
        return fail(&cli->report, FAULT_NOT_FOUND, "there is no register in this folder");
    for (size_t i = 0; i < engine_register_count(engine); i++) {
        struct reg *reg = engine_register_at(engine, i);
        TRY(register_share(reg, &cli->report, &changed));
        put_line(cli->out, "register %.*s %s for several servers", STR_ARG(reg_name(reg)),
                 changed ? "is" : "was");
    }
    return OK;
}

/* ---- db shard ---- */

static status shard(struct cli *cli, const struct db_places *places, enum db_schema schema)
{
    str text;
    static const char *const names[] = {[DB_DATA] = "data", [DB_KEYS] = "keys"};
    struct db_options options = {
        .schema = schema, .seam = names[schema], .place = db_place_at(places, schema)};
    CLEANUP(db_close) struct db *db = NULL;
    if (options.place == NULL)
        return OK; /* the key rings stay in their file */
    TRY(db_shard_text(options.place, schema, cli->arena, &cli->report, &text));
    put_line(cli->out, "%.*s", STR_ARG(str_trim(text)));
    if (!cli->given[OPTION_apply])
        return OK;
    TRY(db_open(world_real(), options.place->space, &options, &cli->report, &db));
    return db_shard(db, &cli->report);
}

status command_db_shard(struct cli *cli)
{
    str data, name;
    struct db_places places;
    TRY(need_option(cli, OPTION_data, &data));
    TRY(need_option(cli, OPTION_register, &name));
    str dir = arena_format(cli->arena, "%.*s/registers/%.*s", STR_ARG(data), STR_ARG(name));
    TRY(db_places_read(c_string(cli, dir), &cli->report, &places));
    if (db_place_at(&places, DB_DATA) == NULL)
        return fail(&cli->report, FAULT_INVALID,
                    "there is no register %.*s that lies in PostgreSQL in this folder",
                    STR_ARG(name));
    TRY(shard(cli, &places, DB_DATA));
    return shard(cli, &places, DB_KEYS);
}

/* ---- serve ---- */

static void write_port(void *self, uint16_t port)
{
    struct cli *cli = self;
    str path = cli->option[OPTION_port_file];
    if (path.ptr == NULL)
        return;
    char room[16];
    struct buf buf = buf_over(room, sizeof(room));
    buf_u64(&buf, port);
    buf_char(&buf, '\n');
    struct report report = {0};
    struct file_change change = {world_real(), "serve.port", c_string(cli, path)};
    if (!is_ok(file_write_durable(&change, buf_str(&buf), 0600, &report)))
        put_line(cli->err, "vern: %s", report.text);
}

status command_serve(struct cli *cli)
{
    str given[SETTING_COUNT] = {[SET_data] = cli->option[OPTION_data],
                                [SET_root] = cli->option[OPTION_root],
                                [SET_listen] = cli->option[OPTION_listen],
                                [SET_hosts] = cli->option[OPTION_hosts],
                                [SET_public_url] = cli->option[OPTION_public_url],
                                [SET_backup_dir] = cli->option[OPTION_backup_dir],
                                [SET_user] = cli->option[OPTION_user]};
    str file = cli->option[OPTION_config];
    if (file.ptr == NULL)
        file = environment_of(cli, "VERN_CONFIG");
    struct settings settings;
    TRY(settings_read(given, file.ptr == NULL ? NULL : c_string(cli, file), cli->environment,
                      cli->arena, &cli->report, &settings));
    int code = server_run(&settings, cli->arena, write_port, cli, &cli->report);
    return code == 0 ? OK : (status){cli->report.fault};
}

/* ---- backups and keys ---- */

static status read_small(struct cli *cli, enum option option, str *text)
{
    *text = STR("");
    if (cli->option[option].ptr == NULL)
        return OK;
    return file_read(c_string(cli, cli->option[option]), cli->arena, NOTE_LIMIT, &cli->report,
                     text);
}

status command_backup(struct cli *cli)
{
    str to, text;
    struct reg *reg;
    TRY(need_option(cli, OPTION_to, &to));
    CLEANUP(engine_close) struct engine *engine = NULL;
    TRY(open_register(cli, &engine, &reg));
    struct backup backup = {.dir = c_string(cli, to), .keys = cli->given[OPTION_keys]};
    struct recipient recipient;
    if (cli->option[OPTION_recipient].ptr != NULL) {
        TRY(read_small(cli, OPTION_recipient, &text));
        TRY(recipient_parse(text, &cli->report, &recipient));
        backup.recipient = &recipient;
    }
    TRY(engine_backup_by(reg, engine_system(), &backup, &cli->report));
    put_line(cli->out, "%s of register %.*s are in %.*s",
             cli->given[OPTION_keys] ? "the key rings" : "the data", STR_ARG(reg_name(reg)),
             STR_ARG(to));
    return OK;
}

static status read_identity(struct cli *cli, secret *identity, bool *given)
{
    *given = cli->option[OPTION_identity].ptr != NULL;
    if (!*given)
        return OK;
    return identity_read(c_string(cli, cli->option[OPTION_identity]), &cli->report, identity);
}

status command_restore(struct cli *cli)
{
    str from, name;
    bool given;
    CLEANUP(secret_wipe) secret identity = {{0}};
    struct engine_config config = {.world = world_real()};
    TRY(need_option(cli, OPTION_register, &name));
    TRY(need_option(cli, OPTION_from, &from));
    TRY(paths(cli, &config.data_dir, &config.root_path));
    TRY(read_identity(cli, &identity, &given));
    struct restore restore = {.dir = c_string(cli, from), .identity = given ? &identity : NULL};
    if (cli->given[OPTION_check]) {
        TRY(engine_restore_check(&config, name, &restore, &cli->report));
        put_line(cli->out, "this is a whole backup of the data of register %.*s", STR_ARG(name));
        return OK;
    }
    TRY(explain_lock(cli, engine_restore_from(&config, name, &restore, &cli->report)));
    put_line(cli->out, "the data of register %.*s is restored; the next start brings it forward",
             STR_ARG(name));
    return OK;
}

status command_recipient(struct cli *cli)
{
    str path;
    struct recipient recipient;
    char room[128];
    struct buf buf = buf_over(room, sizeof(room));
    TRY(need_option(cli, OPTION_identity, &path));
    TRY(identity_make(world_real(), c_string(cli, path), &cli->report, &recipient));
    recipient_print(&recipient, &buf);
    put_line(cli->out, "%.*s", STR_ARG(buf_str(&buf)));
    return OK;
}

status command_archive_open(struct cli *cli)
{
    str path, to, card;
    bool given;
    CLEANUP(secret_wipe) secret identity = {{0}};
    TRY(need_option(cli, OPTION_identity, &path));
    TRY(need_option(cli, OPTION_to, &to));
    TRY(read_identity(cli, &identity, &given));
    if (file_exists(c_string(cli, to)))
        return fail(&cli->report, FAULT_CONFLICT, "--to names a file that is there already");
    struct archive_job job = {world_real(), c_string(cli, cli->arguments[0]), c_string(cli, to)};
    TRY(archive_open(&job, &identity, cli->arena, &cli->report, &card));
    put_safe(cli->out, str_trim(card));
    fputc('\n', cli->out);
    return OK;
}

status command_rotate(struct cli *cli)
{
    struct reg *reg;
    CLEANUP(engine_close) struct engine *engine = NULL;
    TRY(open_register(cli, &engine, &reg));
    TRY(keys_rotate(vault_keys(reg_vault(reg)), &cli->report));
    put_line(cli->out,
             "register %.*s has a new key epoch: export it (vern keys export-epoch), and "
             "back up the key rings anew",
             STR_ARG(reg_name(reg)));
    return OK;
}

static status make_administrator(struct call *call, void *request)
{
    struct token_create create = {.name = STR("administrator"), .scopes = STR("all")};
    return engine_token_create(call, &create, request);
}

status command_token(struct cli *cli)
{
    struct reg *reg;
    CLEANUP(engine_close) struct engine *engine = NULL;
    TRY(open_register(cli, &engine, &reg));
    TRY(check_token_place(cli, reg_name(reg)));
    struct call call;
    str token;
    TRY(engine_run(engine, reg, engine_system(), cli->arena, &cli->report, &call,
                   make_administrator, &token));
    return write_token(cli, reg_name(reg), token, "has a new administrator's token");
}

status command_export_epoch(struct cli *cli)
{
    str to;
    struct reg *reg;
    TRY(need_option(cli, OPTION_to, &to));
    CLEANUP(engine_close) struct engine *engine = NULL;
    TRY(open_register(cli, &engine, &reg));
    TRY(keys_export_epoch(vault_keys(reg_vault(reg)), c_string(cli, to), &cli->report));
    put_line(cli->out, "the epoch key of register %.*s is in %.*s; keep it apart from all backups",
             STR_ARG(reg_name(reg)), STR_ARG(to));
    return OK;
}

/* ---- the log ---- */

/* The key that the register itself names. Whoever holds the folder could have put another: --key,
 * from elsewhere, is better. While a server holds the register, it is the one in log.key. */
static status own_key(struct cli *cli, str *key)
{
    struct reg *reg;
    str data, name;
    CLEANUP(engine_close) struct engine *engine = NULL;
    status opened = open_register(cli, &engine, &reg);
    if (is_ok(opened))
        *key = arena_copy(cli->arena, reg_verifier(reg));
    if (opened.fault != FAULT_LOCKED)
        return opened;
    cli->report = (struct report){0};
    TRY(need_option(cli, OPTION_data, &data));
    TRY(need_option(cli, OPTION_register, &name));
    str path =
        arena_format(cli->arena, "%.*s/registers/%.*s/log.key", STR_ARG(data), STR_ARG(name));
    TRY(file_read(c_string(cli, path), cli->arena, NOTE_LIMIT, &cli->report, key));
    *key = str_trim(*key);
    return OK;
}

/* Does a server hold the register of this log? A copy of a log has no lock beside it. */
static bool is_written(struct cli *cli, str dir)
{
    str path = arena_format(cli->arena, "%.*s/../lock", STR_ARG(dir));
    const char *lock = c_string(cli, path);
    struct report held = {0};
    CLEANUP(fd_close) int fd = -1;
    return file_exists(lock) && lock_take(lock, &held, &fd).fault == FAULT_LOCKED;
}

/* A server moves on while the files are read: what it changes in between looks like damage once,
 * and damage looks like damage each time. */
static status verify(struct cli *cli, str dir, str key, str earlier, bool written,
                     struct audit_verdict *verdict)
{
    status result = {FAULT_CORRUPT};
    for (int tries = 0; result.fault == FAULT_CORRUPT && tries < (written ? VERIFY_TRIES : 1);
         tries++) {
        cli->report = (struct report){0};
        *verdict = (struct audit_verdict){0};
        result =
            audit_verify(world_real(), c_string(cli, dir), key, earlier, &cli->report, verdict);
    }
    return result;
}

static status log_dir(struct cli *cli, str *dir)
{
    if (cli->argument_count == 1) {
        *dir = cli->arguments[0];
        return OK;
    }
    str data, name;
    TRY(need_option(cli, OPTION_data, &data));
    TRY(need_option(cli, OPTION_register, &name));
    *dir = arena_format(cli->arena, "%.*s/registers/%.*s/log", STR_ARG(data), STR_ARG(name));
    return OK;
}

static void put_verdict_json(struct cli *cli, status result, bool written,
                             const struct audit_verdict *verdict)
{
    char room[1024];
    struct buf buf = buf_over(room, sizeof(room));
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "valid");
    json_put_bool(&out, is_ok(result));
    json_key(&out, "size");
    json_put_u64(&out, verdict->size);
    json_key(&out, "outside");
    json_put_bool(&out, verdict->outside);
    json_key(&out, "written");
    json_put_bool(&out, written);
    if (verdict->names_entry) {
        json_key(&out, "entry");
        json_put_u64(&out, verdict->entry);
    }
    json_close_object(&out);
    fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&buf)));
}

static void put_verdict(struct cli *cli, const struct audit_verdict *verdict)
{
    fprintf(cli->out, "the log is whole: %llu entries, signed", (unsigned long long)verdict->size);
    if (verdict->unsigned_entries > 0)
        fprintf(cli->out, "; %llu behind the last checkpoint",
                (unsigned long long)verdict->unsigned_entries);
    fputc('\n', cli->out);
    if (verdict->outside)
        fprintf(cli->out, "it extends the checkpoint of %llu entries\n",
                (unsigned long long)verdict->outside_size);
    else
        fprintf(cli->out, "no earlier checkpoint was given: whoever holds the key could have made "
                          "the whole log anew\n");
}

status command_log_verify(struct cli *cli)
{
    str dir, key, earlier;
    TRY(log_dir(cli, &dir));
    TRY(read_small(cli, OPTION_checkpoint, &earlier));
    TRY(read_small(cli, OPTION_key, &key));
    key = str_trim(key);
    if (str_is_empty(key) && cli->argument_count == 1)
        return fail(&cli->report, FAULT_USAGE, "a folder alone is checked with --key FILE");
    if (str_is_empty(key))
        TRY(own_key(cli, &key));
    struct audit_verdict verdict = {0};
    bool written = is_written(cli, dir);
    status result = verify(cli, dir, key, earlier, written, &verdict);
    if (written && !cli->given[OPTION_json])
        fputs("a server is writing: this is the log as of its latest checkpoint\n", cli->out);
    if (cli->given[OPTION_json])
        put_verdict_json(cli, result, written, &verdict);
    else if (is_ok(result))
        put_verdict(cli, &verdict);
    else if (verdict.names_entry)
        fprintf(cli->out, "damaged at entry %llu\n", (unsigned long long)verdict.entry);
    return result;
}

/* ---- doctor ---- */

static void put_lacking(void *self, dossier_id dossier, record_id item, uint64_t there, uint64_t of)
{
    struct cli *cli = self;
    char room[2 * ID_TEXT + 8];
    struct buf buf = buf_over(room, sizeof(room));
    buf_id(&buf, item.bytes);
    buf_text(&buf, " of ");
    buf_id(&buf, dossier.bytes);
    fprintf(cli->out, "  the file %.*s has %llu of its %llu parts\n", STR_ARG(buf_str(&buf)),
            (unsigned long long)there, (unsigned long long)of);
}

/* Each file's parts, which no check of the pages counts. */
static status examine_files(struct cli *cli, struct reg *reg)
{
    struct vault_parts parts = {.lacks = put_lacking, .self = cli};
    TRY(vault_count_parts(reg_vault(reg), &parts, &cli->report));
    if (parts.files > 0 || parts.loose > 0)
        fprintf(cli->out,
                "%.*s: %llu files in %llu parts; %llu parts of no file wait for a sweep\n",
                STR_ARG(reg_name(reg)), (unsigned long long)parts.files,
                (unsigned long long)parts.parts, (unsigned long long)parts.loose);
    if (parts.lacking > 0)
        return fail(&cli->report, FAULT_CORRUPT,
                    "%llu files of %.*s lack parts: restore an older backup beside it and compare",
                    (unsigned long long)parts.lacking, STR_ARG(reg_name(reg)));
    return OK;
}

static status examine(struct cli *cli, struct reg *reg)
{
    uint64_t people;
    TRY(vault_check(reg_vault(reg), &cli->report));
    TRY(keys_check(vault_keys(reg_vault(reg)), &cli->report));
    TRY(vault_check_dossiers(reg_vault(reg), &cli->report));
    TRY(engine_log_check(reg, &cli->report));
    TRY(examine_files(cli, reg));
    TRY(vault_count(reg_vault(reg), DOSSIER_SUBJECT, &cli->report, &people));
    fprintf(cli->out, "%.*s: well; %s clock, %zu versions, %llu people, %llu log entries%s\n",
            STR_ARG(reg_name(reg)), reg_simulated(reg) ? "simulated" : "real",
            reg_plans(reg)->count, (unsigned long long)people,
            (unsigned long long)audit_size(reg_log(reg)),
            reg_destruction_stopped(reg) ? "; destruction waits for an operator" : "");
    for (size_t i = 0; i < reg_lost_versions(reg); i++)
        put_line(cli->out, "a restore lost version %.*s: apply it again, before data is used",
                 STR_ARG(reg_lost_version(reg, i)));
    return OK;
}

static void examine_swap(struct cli *cli)
{
    struct report missing = {0};
    str swaps;
    if (is_ok(file_read("/proc/swaps", cli->arena, NOTE_LIMIT, &missing, &swaps)) &&
        swap_is_on(swaps))
        fputs("swap is on: it must be encrypted, or keys may be written to it\n", cli->out);
}

status command_doctor(struct cli *cli)
{
    CLEANUP(engine_close) struct engine *engine = NULL;
    TRY(open_engine(cli, &engine)); /* which says what keeps a register from opening */
    for (size_t i = 0; i < engine_register_count(engine); i++)
        TRY(examine(cli, engine_register_at(engine, i)));
    examine_swap(cli);
    if (engine_register_count(engine) == 0)
        fputs("there is no register in this folder\n", cli->out);
    return OK;
}

status command_api(struct cli *cli)
{
    str text;
    if (!cli->given[OPTION_openapi])
        return fail(&cli->report, FAULT_USAGE, "`vern api` prints with --openapi");
    TRY(api_openapi(cli->arena, &cli->report, &text));
    fwrite(text.ptr, 1, text.len, cli->out);
    return OK;
}
