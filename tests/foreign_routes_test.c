/* A token of another register, and one of another company of the same register, send every request
 * of the crash walk with its real ids, before its own client does; and every GET of routes.def.
 * Each must be answered with the very bytes that ids of nobody are answered with (G9), leave as
 * many entries in the log of whoever asked, and none anywhere else. */
#include "walk_api.h"

#include "api_internal.h"

#undef FORM /* a form of the API; in the trials one that people fill in */
#include "walk_trials.h"

enum { IDS_MOST = 64, ROUTES_MOST = 512 };

static struct scene the_scene;
static char the_folder[64];

/* ---- who attacks, and whom ---- */

enum stranger { STRANGER_NONE, STRANGER_REGISTER, STRANGER_COMPANY };
static struct {
    enum stranger who;
    bool companies;    /* the policy has two; what is not an attack is the first one's */
    str ids[IDS_MOST]; /* the real ones, which the stranger knows */
    size_t count;
    bool routes[ROUTES_MOST]; /* attacked, by their places in the table */
    size_t asked, wrong;
} attack;

static bool is_id(str text)
{
    unsigned char bytes[ID_BYTES];
    return text.len == ID_TEXT && id_parse(text, bytes);
}

static bool is_listed(str id)
{
    for (size_t i = 0; i < attack.count; i++) {
        if (str_equal(attack.ids[i], id))
            return true;
    }
    return false;
}

/* Of a company's stranger the people alone: matters, parties and staff are the register's. */
static void list_ids(void)
{
    attack.count = 0;
    for (size_t i = 0; i < names.count; i++) {
        const struct walk_name *one = &names.at[i];
        str value = str_from(one->value);
        bool person = strcmp(one->name, "anna") == 0 || strcmp(one->name, "berit") == 0;
        if (!is_id(value) || is_listed(value) || (attack.who == STRANGER_COMPANY && !person))
            continue;
        MUST_BE(attack.count < IDS_MOST);
        attack.ids[attack.count++] = value;
    }
}

static bool is_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
}

/* Each of those ids turned into one that nobody has, the same each time. */
static str of_nobody(struct fixture *f, str text, bool *changed)
{
    struct buf buf = buf_in(f->arena, text.len + 1);
    for (size_t i = 0; i < text.len;) {
        size_t end = i;
        while (end < text.len && is_id_char(text.ptr[end]))
            end++;
        str run = str_slice(text, i, end);
        if (run.len > 0 && is_listed(run)) {
            *changed = true;
            buf_format(&buf, "%c%c", run.ptr[0] == 'N' ? 'M' : 'N', run.ptr[1] == 'o' ? 'n' : 'o');
            run = str_slice(run, 2, run.len);
        }
        buf_add(&buf, run);
        if (end < text.len)
            buf_char(&buf, text.ptr[end]);
        i = end + 1;
    }
    return buf_str(&buf);
}

static struct reg *the_other(const struct fixture *f)
{
    size_t i = 0;
    while (!str_is(reg_name(engine_register_at(f->engine, i)), "other"))
        i++;
    return engine_register_at(f->engine, i);
}

struct got {
    int code;
    str body;
    uint64_t here, there; /* entries that came of it, in the register that is asked about */
};

static struct got try_it(struct walk_client *client, const struct http_request *request)
{
    struct fixture *f = client->f;
    struct reg *other = the_other(f);
    uint64_t here = audit_size(reg_log(f->reg)), there = audit_size(reg_log(other));
    send_request(client, request);
    MUST_BE(!client->failed);
    return (struct got){client->reply.code, buf_str(&client->reply.body),
                        audit_size(reg_log(f->reg)) - here, audit_size(reg_log(other)) - there};
}

static void note_route(const struct http_request *request)
{
    struct path_match match;
    route_match(request->method, request->path, &match);
    for (size_t i = 0; i < route_count(); i++) {
        if (match.route == route_at(i))
            attack.routes[i] = true;
    }
}

/* An entry's place in the log, which is one further for whoever asks second. */
static str without_place(struct fixture *f, str text)
{
    static const char mark[] = "\"log_index\":";
    const char *at = memmem(text.ptr, text.len, mark, sizeof(mark) - 1);
    if (at == NULL)
        return text;
    size_t start = (size_t)(at - text.ptr) + sizeof(mark) - 1, end = start;
    while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9')
        end++;
    return arena_format(f->arena, "%.*s%.*s", (int)start, text.ptr, (int)(text.len - end),
                        text.ptr + end);
}

static void compare(struct fixture *f, const struct http_request *request, const struct got *real,
                    const struct got *nobodys)
{
    bool changed;
    str said = without_place(f, of_nobody(f, real->body, &changed));
    bool elsewhere = attack.who == STRANGER_REGISTER && (real->here != 0 || nobodys->here != 0);
    if (real->code == nobodys->code && str_equal(said, without_place(f, nobodys->body)) &&
        !elsewhere && real->here == nobodys->here && real->there == nobodys->there)
        return;
    attack.wrong++;
    print_message("  %.*s %.*s %.*s\n    %d %.*s    nobody's: %d %.*s    entries %u+%u, %u+%u\n",
                  STR_ARG(request->method), STR_ARG(request->path),
                  (int)(request->body.len > 300 ? 300 : request->body.len), request->body.ptr,
                  real->code, STR_ARG(real->body), nobodys->code, STR_ARG(nobodys->body),
                  (unsigned)real->here, (unsigned)real->there, (unsigned)nobodys->here,
                  (unsigned)nobodys->there);
}

static void as_stranger(struct walk_client *client, const struct http_request *request)
{
    struct fixture *f = client->f;
    bool changed = false;
    struct http_request theirs = *request;
    theirs.authorization =
        arena_format(f->arena, "Bearer %.*s", STR_ARG(name_get(STR("stranger.token"))));
    theirs.fields = NULL;
    theirs.field_count = 0;
    struct http_request nobodys = theirs;
    list_ids();
    nobodys.path = of_nobody(f, request->path, &changed);
    nobodys.body = of_nobody(f, request->body, &changed);
    if (!changed)
        return;
    note_route(request);
    struct got real = try_it(client, &theirs), none = try_it(client, &nobodys);
    compare(f, request, &real, &none);
    attack.asked++;
}

/* By a token of a customer's space, where the firm's companies are none. */
static bool is_inside(const struct http_request *request)
{
    for (size_t i = 0; i < names.count; i++) {
        if (strcmp(names.at[i].name, "space.token") == 0)
            return str_ends(request->authorization, str_from(names.at[i].value));
    }
    return false;
}

/* The requests of the walk are the first company's. */
static void before_each(struct walk_client *client, struct http_request *request)
{
    static const struct http_field company = {{"X-Vern-Controller", 17}, {"firm", 4}};
    if (attack.companies && !is_inside(request)) {
        request->fields = &company;
        request->field_count = 1;
    }
    if (attack.who != STRANGER_NONE && !str_starts(request->path, STR("/r/")))
        as_stranger(client, request);
}

/* ---- the scene: two companies, and another register ---- */

static str two_companies(struct fixture *f, str policy)
{
    return replaced(f, policy, "contacts:\n",
                    STR("  sister: { name: Søsteren AS, number: \"310000702\", country: \"NO\", "
                        "contacts: [post] }\ncontacts:\n"));
}

static void make_one(struct fixture *f, const char *name, str policy, const char *token)
{
    struct problems problems = {.arena = f->arena};
    str made;
    struct register_create create = {.name = str_from(name),
                                     .policy_file = STR("walk.yaml"),
                                     .policy = policy,
                                     .simulated = true,
                                     .start = at_time("2026-03-02T09:00:00Z")};
    MUST(f, engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &made));
    name_set(token, "token", made);
}

static void fill_scene_for(struct fixture *f)
{
    char registers[160];
    (void)snprintf(registers, sizeof(registers), "%s/registers", f->data);
    MUST(f, dir_make(f->data, 0700, &f->report));
    MUST(f, dir_make(registers, 0700, &f->report));
    MUST(f, keys_root_create(&f->sim.world, f->root, &f->report));
    struct engine_config config = trouble_config(f, NULL);
    MUST(f, engine_open(&config, &f->report, &f->engine));
    str policy = read_text(f, "tests/walk/walk.yaml");
    names.count = 0;
    make_one(f, "firm", attack.companies ? two_companies(f, policy) : policy, "admin");
    make_one(f, "other", policy, "stranger");
    f->reg = engine_register_at(f->engine, 0);
    MUST(f, play(f, scene_text));
    if (attack.companies)
        MUST(f, play(f, "stranger: POST /v1/tokens {'name':'sister','scopes':['all'],"
                        "'controller':'sister'}\n"));
}

static void begin(enum stranger who)
{
    struct fixture f;
    memset(&attack, 0, sizeof(attack));
    attack.companies = who == STRANGER_COMPANY;
    watch.request = before_each;
    watch.policy = attack.companies ? two_companies : NULL;
    folder_make(the_scene.folder);
    folder_make(the_folder);
    fixture_over(&f, the_scene.folder, 31);
    fill_scene_for(&f);
    fixture_end(&f);
}

static void end(void)
{
    attack.who = STRANGER_NONE;
    folder_remove(the_scene.folder);
    folder_remove(the_folder);
}

/* ---- what is asked ---- */

/* Beside the walk, whose requests change something: an entry alone comes of these. */
static const char reads[] = "POST /v1/subjects/<anna>/explain {'purpose':'support'}\n"
                            "POST /v1/subjects/<anna>/documents {}\n"
                            "POST /v1/history {'reference':'<agreed.reference>'}\n";
/* These may be refused to their own client too: no such entry, no whole account of the breach. */
static const char *const attempts[] = {
    "POST /v1/log/proof {'reference':'<agreed.reference>','log_index':0}\n",
    "POST /v1/breaches/<breach.id>/scope\n",
    "POST /v1/breaches/<breach.id>/notification {'language':'nb'}\n",
    "POST /v1/breaches/<breach.id>/message {'language':'nb'}\n",
    "POST /v1/breaches/<breach.id>/telling {}\n",
    "POST /v1/sessions/<anna>/end\n",
    "POST /v1/subjects/<anna>/package {'by_subject':true}\n",
    "POST /v1/requests/<request>/letter {}\n",
};

/* Each GET of the table with each id in its path. */
static void ask_gets(struct fixture *f)
{
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        const char *hole = strstr(route->path, "/:id");
        if (strcmp(route->method, "GET") != 0 || hole == NULL)
            continue;
        for (size_t j = 0; j < names.count; j++) {
            if (!is_id(str_from(names.at[j].value)))
                continue;
            str line = arena_format(f->arena, "GET %.*s/<%s>%s\n", (int)(hole - route->path),
                                    route->path, names.at[j].name, hole + 4);
            (void)!is_ok(play(f, arena_c_string(f->arena, line))); /* ours may be no such thing */
        }
    }
}

static void play_all(enum stranger who)
{
    char work[96];
    (void)snprintf(work, sizeof(work), "%s/played", the_folder);
    struct names scene_names = names;
    for (size_t i = 0; i < LENGTH(trials); i++) {
        struct fixture f;
        folder_copy(the_scene.folder, work);
        fixture_over(&f, work, 2);
        names = scene_names;
        MUST(&f, try_open(&f, NULL));
        if (trials[i].before != NULL)
            MUST(&f, play(&f, trials[i].before));
        attack.who = who;
        MUST(&f, play(&f, trials[i].act));
        attack.who = STRANGER_NONE;
        fixture_end(&f);
    }
}

static void play_reads(enum stranger who)
{
    struct fixture f;
    char work[96];
    (void)snprintf(work, sizeof(work), "%s/read", the_folder);
    folder_copy(the_scene.folder, work);
    fixture_over(&f, work, 2);
    MUST(&f, try_open(&f, NULL));
    MUST(
        &f,
        play(
            &f, BOSS PARTY SHARE QUEUE RULING QUARANTINED CASE CONCERN BREACH REQUEST
            "agreed: POST /v1/subjects/<anna>/restrictions {'reason':'accuracy','warned':true}\n"));
    attack.who = who;
    MUST(&f, play(&f, reads));
    for (size_t i = 0; i < LENGTH(attempts); i++)
        (void)!is_ok(play(&f, attempts[i]));
    ask_gets(&f);
    attack.who = STRANGER_NONE;
    fixture_end(&f);
}

/* ---- tests ---- */

static size_t left_out(void)
{
    size_t count = 0;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        bool open = (route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) != 0;
        if (open || strstr(route->path, "/:") == NULL || attack.routes[i])
            continue;
        print_message("  %s %s was not attacked\n", route->method, route->path);
        count++;
    }
    return count;
}

/* G9 */
static void a_token_of_another_register_finds_nothing_by_any_id_of_this_one(void **state)
{
    (void)state;
    begin(STRANGER_REGISTER);
    play_all(STRANGER_REGISTER);
    play_reads(STRANGER_REGISTER);
    print_message("  %zu requests\n", attack.asked);
    assert_int_equal(attack.wrong + left_out(), 0);
    assert_true(attack.asked > 200);
    end();
}

/* G9, INF-13 */
static void a_token_of_another_company_knows_nobody_of_whom_it_holds_nothing(void **state)
{
    (void)state;
    begin(STRANGER_COMPANY);
    play_all(STRANGER_COMPANY);
    play_reads(STRANGER_COMPANY);
    print_message("  %zu requests\n", attack.asked);
    assert_int_equal(attack.wrong, 0);
    assert_true(attack.asked > 80);
    end();
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_of_another_register_finds_nothing_by_any_id_of_this_one),
        cmocka_unit_test(a_token_of_another_company_knows_nobody_of_whom_it_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
