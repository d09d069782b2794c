/* Every route that changes something, ended at its steps (crash_walk.h), through the api in
 * process; and routes.def beside the list, so that a route that is in neither the walk nor the
 * exceptions fails.
 *
 * Which steps: all trials together reach every seam call there is, and each trial some of its own:
 * a kill at every third, a failure at every fourth, a full disk at every fifth, SQLite's writes
 * more seldom, from a place that moves from trial to trial. VERN_WALK=whole takes each. */
#include "crash_walk.h"
#include "walk_api.h"

#define FORM(optional, values)                                                                     \
    "{'intake':'form','source':'person','channel':'web','optional':[" optional                     \
    "],'values':" values "}"

/* Who is there before each trial: Anna, a customer who consented to all; Berit, who asked once. */
static const char scene_text[] =
    "POST /v1/evidence {'type':'balancing','purpose':'support'}\n"
    "POST /v1/evidence {'type':'balancing','purpose':'quality'}\n"
    "POST /v1/evidence {'type':'balancing','purpose':'showing'}\n"
    "anna: POST /v1/subjects {'roles':['customer','asker'],'identifiers':[{'kind':'number',"
    "'value':'A-1'}]}\n"
    "deal: POST /v1/agreements {'subject':'<anna>'}\n"
    "yes: POST /v1/subjects/<anna>/consents {'purpose':'newsletter','wording':'May we write?',"
    "'given_by':'click'}\n"
    "POST /v1/subjects/<anna>/consents {'purpose':'statistics','wording':'May we count?',"
    "'given_by':'click'}\n"
    "POST /v1/subjects/<anna>/consents {'purpose':'profiling','wording':'May we guess?',"
    "'given_by':'click'}\n"
    "got: POST /v1/subjects/<anna>/collect " FORM(
        "'contact.name','question.text'",
        "{'contact.email':'anna@walk.test','contact.name':'Anna "
        "Walkname','question.text':'Why?'}") "\n"
                                             "seen: POST /v1/subjects/<anna>/collect "
                                             "{'intake':'site','source':'site','channel':'web',"
                                             "'optional':['visit.page'],'cookie':'counter','"
                                             "values':{'visit.page':'/prices'}}\n"
                                             "berit: POST /v1/subjects "
                                             "{'roles':['asker'],'identifiers':[{'kind':'"
                                             "number','value':'B-1'}]}\n"
                                             "POST /v1/subjects/<berit>/collect " FORM(
                                                 "'question.text'",
                                                 "{'contact.email':'berit@walk.test','question."
                                                 "text':'When?'}") "\n"
                                                                   "order: POST /v1/matters "
                                                                   "{'kind':'order_no','number'"
                                                                   ":'7'}\n"
                                                                   "service: POST /v1/matters "
                                                                   "{'kind':'service','number':"
                                                                   "'S'}\n"
                                                                   "link: POST "
                                                                   "/v1/subjects/<anna>/"
                                                                   "messages "
                                                                   "{'message':'news','channel'"
                                                                   ":'email','asking':true}\n"
                                                                   "reg: GET /v1/register\n"
                                                                   "desk: POST /v1/staff "
                                                                   "{'role':'desk','name':'Dag'"
                                                                   "}\n"
                                                                   "desk_token: POST "
                                                                   "/v1/tokens "
                                                                   "{'name':'desk','scopes':['"
                                                                   "all'],'staff':'<desk>'}\n";

/* ---- the trials ---- */

#define TRIAL(name_, before_, act_)                                                                \
    {                                                                                              \
        .name = name_, .before = before_, .act = act_                                              \
    }
/* Several turns, each whole: what was begun goes on when it is asked for again. */
#define IN_TURNS(name_, before_, act_)                                                             \
    {                                                                                              \
        .name = name_, .before = before_, .act = act_, .resumable = true                           \
    }
#define PARTY                                                                                      \
    "helper: POST /v1/parties {'kind':'helper','name':'Hjelp AS'}\n"                               \
    "POST /v1/evidence {'type':'processing_agreement','party':'<helper>','particulars':"           \
    "{'document':'dpa 1'}}\n"
#define SHARE                                                                                      \
    "POST /v1/subjects/<anna>/share "                                                              \
    "{'purpose':'support','recipient':'helper','party':'<helper>'}\n"
#define BOSS                                                                                       \
    "boss: POST /v1/staff {'role':'boss','name':'Bo'}\n"                                           \
    "boss_token: POST /v1/tokens {'name':'boss','scopes':['all'],'staff':'<boss>'}\n"
#define QUEUE                                                                                      \
    "queued: POST /v1/subjects/<anna>/messages {'message':'news','channel':'email',"               \
    "'stop_link':'<link.stop_link>','queue':true}\n"
#define CALLER                                                                                     \
    "call: POST /v1/matters {'kind':'call','number':'c1'}\n"                                       \
    "POST /v1/subjects/<anna>/roles {'role':'caller','matter':'<call>'}\n"                         \
    "POST /v1/evidence {'type':'call_notice','subject':'<anna>','matter':'<call>','particulars':"  \
    "{'wording':'This is recorded.'}}\n"
#define RECORDING                                                                                  \
    CALLER "tape: POST /v1/subjects/<anna>/recordings {'intake':'phone_call','source':'person',"   \
           "'channel':'phone','matter':'<call>'}\n"
#define SOUND                                                                                      \
    RECORDING "POST /v1/subjects/<anna>/collect {'intake':'phone_call','source':'person',"         \
              "'channel':'phone','matter':'<call>','optional':['sound.take'],"                     \
              "'values':{'sound.take':'Hello?'}}\n"
#define RULING                                                                                     \
    "ruled: POST /v1/subjects/<anna>/decisions {'purpose':'scoring','items':['<got.item>'],"       \
    "'outcome':'yes','logic':'those who ask are let in'}\n"
#define PUT_AWAY                                                                                   \
    "POST /v1/subjects/<anna>/collect {'intake':'form','source':'person','channel':'web',"         \
    "'optional':['question.text'],'holds':{'question.text':'health'},"                             \
    "'values':{'contact.email':'anna@walk.test','question.text':'I am ill'}}\n"
#define QUARANTINED PUT_AWAY "put: GET /v1/quarantine\n"
#define CONCERN                                                                                    \
    "line: POST /v1/subjects/<anna>/concerns {'item':'<got.item>','subject':'<berit>'}\n"
#define CASE "case: POST /v1/cases {'kind':'complain','channel':'phone','number':'C-1'}\n"
#define SPACE                                                                                      \
    "terms: POST /v1/agreements {'matter':'<service>'}\n"                                          \
    "space: POST /v1/spaces {'matter':'<service>','space':'keeping','policy':"                     \
    "<file:walk/customer.yaml>}\n"
#define FILE_OPEN                                                                                  \
    "file: POST /v1/subjects/<anna>/files {'field':'paper.cv','intake':'form','optional':true,"    \
    "'source':'person','channel':'web','media':'application/pdf','size':150000}\n"
#define CONCERN                                                                                    \
    "line: POST /v1/subjects/<anna>/concerns {'item':'<got.item>','subject':'<berit>'}\n"
#define RELEASE                                                                                    \
    "@boss_token POST /v1/subjects/<berit>/concerns/<line>/decision {'released':true,"             \
    "'reasons':'nobody is harmed'}\n"
#define FILE_BYTES "PUT /v1/subjects/<anna>/files/<file>/bytes bytes:150000\n"

static const struct trial trials[] = {
    TRIAL("create a person with all", NULL,
          "POST /v1/subjects {'roles':['asker'],'identifiers':[{'kind':'number','value':'D-1'},"
          "{'kind':'contact.email','value':'dina@walk.test'}],'agreements':[{}],'collect':" FORM(
              "", "{'contact.email':'dina@walk.test'}") "}"),
    TRIAL("give a role", NULL, "POST /v1/subjects/<anna>/roles {'role':'caller'}"),
    TRIAL("identify", NULL, "POST /v1/subjects/<anna>/identifiers {'kind':'number','value':'A-2'}"),
    TRIAL("record an event", NULL,
          "POST /v1/subjects/<anna>/events {'event':'asked','by_subject':true}"),
    TRIAL("collect", NULL,
          "POST /v1/subjects/<anna>/collect " FORM("", "{'contact.email':'a2@walk.test'}")),
    TRIAL("collect what concerns another", NULL,
          "POST /v1/subjects/<anna>/collect {'intake':'form','source':'person','channel':'web',"
          "'values':{'contact.email':'a3@walk.test'},"
          "'concerns':[{'field':'contact.email','subject':'<berit>'}]}"),
    TRIAL("say whom an item concerns", NULL, CONCERN),
    TRIAL("release what concerns another", BOSS CONCERN, RELEASE),
    TRIAL("withhold what was released", BOSS CONCERN RELEASE,
          "@boss_token POST /v1/subjects/<berit>/concerns/<line>/decision {'released':false,"
          "'reasons':'somebody is harmed'}"),
    TRIAL("copy of what concerns another", BOSS CONCERN RELEASE,
          "POST /v1/subjects/<berit>/access {'by_subject':true}"),
    TRIAL("restrict what concerns another", CONCERN,
          "POST /v1/subjects/<berit>/restrictions {'reason':'accuracy','warned':true}"),
    TRIAL("an item concerns nobody else", CONCERN,
          "POST /v1/subjects/<berit>/concerns/<line>/end"),
    TRIAL("put into quarantine", NULL, PUT_AWAY),
    TRIAL("say whom an item concerns", NULL, CONCERN),
    TRIAL("decide on another's item", BOSS CONCERN,
          "@boss_token POST /v1/subjects/<berit>/concerns/<line>/decision {'released':false,"
          "'reasons':'It is hers.'}"),
    TRIAL("end a concern", CONCERN, "POST /v1/subjects/<anna>/concerns/<line>/end"),
    TRIAL("record a death", NULL, "POST /v1/subjects/<anna>/death {}"),
    TRIAL("decline", NULL,
          "POST /v1/subjects/<anna>/declines {'fields':['contact.name'],'intake':'form'}"),
    TRIAL("start a recording", CALLER,
          "POST /v1/subjects/<anna>/recordings {'intake':'phone_call','source':'person',"
          "'channel':'phone','matter':'<call>'}"),
    TRIAL("stop a recording", SOUND, "POST /v1/subjects/<anna>/recordings/<tape>/stop"),
    TRIAL("veto a recording", SOUND, "POST /v1/subjects/<anna>/recordings/<tape>/veto"),
    TRIAL("derive", NULL,
          "POST /v1/subjects/<anna>/derive {'purpose':'profiling','items':['<seen.item>'],"
          "'values':{'taste.likes':'bargains'}}"),
    TRIAL("read", NULL, "POST /v1/subjects/<anna>/read {'purpose':'support'}"),
    TRIAL("read of many", NULL,
          "POST /v1/batch/read {'purpose':'support','subjects':['<anna>','<berit>']}"),
    TRIAL("write to many", NULL,
          "POST /v1/batch/messages {'message':'answer','channel':'email','subjects':['<anna>',"
          "'<berit>']}"),
    IN_TURNS(
        "queue for many", NULL,
        "POST /v1/batch/messages {'message':'answer','channel':'email','queue':true,'subjects':"
        "['<anna>','<berit>']}"),
    IN_TURNS("give many", PARTY,
             "POST /v1/batch/share {'purpose':'support','recipient':'helper','party':'<helper>',"
             "'subjects':['<anna>','<berit>']}"),
    TRIAL("export", NULL, "POST /v1/export {'purpose':'support'}"),
    TRIAL("use", NULL, "POST /v1/subjects/<anna>/use {'purpose':'support'}"),
    TRIAL("ask for a service", NULL, "POST /v1/subjects/<anna>/service {'purpose':'orders'}"),
    TRIAL("open an upload", NULL, FILE_OPEN),
    {.name = "upload a file", .act = FILE_OPEN FILE_BYTES, .resumable = true},
    TRIAL("read a file", FILE_OPEN FILE_BYTES,
          "POST /v1/subjects/<anna>/files/<file>/read {'purpose':'support'}"),
    TRIAL("copy a file", FILE_OPEN FILE_BYTES, "POST /v1/subjects/<anna>/files/<file>/copy {}"),
    {.name = "put a file right",
     .before = FILE_OPEN FILE_BYTES,
     .act = "new: POST /v1/subjects/<anna>/files/<file>/rectify {'media':'application/pdf',"
            "'size':70000}\nPUT /v1/subjects/<anna>/files/<new>/bytes bytes:70000",
     .resumable = true},
    TRIAL("erase a file", FILE_OPEN FILE_BYTES,
          "POST /v1/subjects/<anna>/erase {'fields':['paper'],'warned':true}"),
    TRIAL("consent", NULL,
          "POST /v1/subjects/<berit>/consents {'purpose':'newsletter','wording':'May we?',"
          "'given_by':'click'}"),
    TRIAL("ask for a cookie", NULL, "POST /v1/subjects/<anna>/cookies {'cookie':'counter'}"),
    TRIAL("decide by a machine", NULL, RULING),
    TRIAL("ask for a human", RULING, "POST /v1/subjects/<anna>/decisions/<ruled>/review"),
    TRIAL("look at a machine's decision",
          BOSS RULING "POST /v1/subjects/<anna>/decisions/<ruled>/review\n",
          "@boss_token POST /v1/subjects/<anna>/decisions/<ruled>/reviewed {'upheld':false,"
          "'reasons':'It was wrong.'}"),
    TRIAL("withdraw", QUEUE, "POST /v1/subjects/<anna>/withdrawals {'purpose':'newsletter'}"),
    TRIAL("object", PARTY SHARE QUEUE,
          "POST /v1/subjects/<anna>/objections {'purpose':'marketing'}"),
    TRIAL(
        "decide an objection", "no: POST /v1/subjects/<anna>/objections {'purpose':'support'}\n",
        "POST /v1/subjects/<anna>/objections/<no>/decision {'upheld':true,'reasons':'So it is.'}"),
    TRIAL("set a switch", QUEUE, "POST /v1/subjects/<anna>/switches {'switch':'news'}"),
    TRIAL("restrict", PARTY SHARE,
          "POST /v1/subjects/<anna>/restrictions {'reason':'accuracy','warned':true}"),
    TRIAL("tell that a restriction ends",
          "bound: POST /v1/subjects/<anna>/restrictions {'reason':'accuracy','warned':true}\n",
          "POST /v1/subjects/<anna>/restrictions/<bound>/tell"),
    TRIAL("lift a restriction",
          "bound: POST /v1/subjects/<anna>/restrictions {'reason':'accuracy','warned':true}\n"
          "POST /v1/subjects/<anna>/restrictions/<bound>/tell\n",
          "POST /v1/subjects/<anna>/restrictions/<bound>/lift"),
    TRIAL("rectify", PARTY SHARE,
          "POST /v1/subjects/<anna>/rectify {'item':'<got.item>','value':'new@walk.test',"
          "'by_subject':true}"),
    TRIAL("erase a person and suppress her", PARTY SHARE QUEUE,
          "POST /v1/subjects/<anna>/erase {'warned':true,'suppress':true}"),
    TRIAL("copy of everything", NULL, "POST /v1/subjects/<anna>/access {'by_subject':true}"),
    TRIAL("portable copy", NULL, "POST /v1/subjects/<anna>/portability {'by_subject':true}"),
    TRIAL("hold", NULL, "POST /v1/subjects/<anna>/holds {'particulars':{'reference':'suit 1'}}"),
    TRIAL("share", PARTY, SHARE),
    TRIAL("tell a recipient",
          PARTY SHARE "POST /v1/subjects/<anna>/erase {'warned':true}\n"
                      "duty: GET /v1/parties/<helper>/duties\n",
          "POST /v1/parties/<helper>/duties/<duty.item>/done {'proof':'mail of today'}"),
    TRIAL("send a message", NULL,
          "POST /v1/subjects/<anna>/messages {'message':'answer','channel':'email'}"),
    TRIAL("queue a message", NULL, QUEUE),
    TRIAL("take a message", QUEUE, "POST /v1/tasks/<anna>/<queued>/send"),
    TRIAL("say that work is done", QUEUE, "POST /v1/tasks/<anna>/<queued>/done"),
    TRIAL("show to an audience", NULL,
          "POST /v1/subjects/<anna>/view {'viewer':'<anna>','audience':'users'}"),
    TRIAL("search", NULL,
          "POST /v1/search {'viewer':'<anna>','audience':'users','text':'Anna Walkname'}"),
    TRIAL("create a matter", NULL, "POST /v1/matters {'kind':'order_no','number':'8'}"),
    TRIAL("event of a matter", NULL, "POST /v1/matters/<order>/events {'event':'shipped'}"),
    TRIAL("record evidence", NULL,
          "POST /v1/evidence {'type':'dispute','subject':'<anna>','particulars':{'reference':"
          "'suit'}}"),
    TRIAL("end evidence", NULL, "POST /v1/evidence/<anna>/<deal.record>/end {'warned':true}"),
    TRIAL("agree", NULL, "POST /v1/agreements {'subject':'<berit>'}"),
    TRIAL("tell a notice", NULL, "POST /v1/notices {'subject':'<anna>'}"),
    TRIAL("open a case", NULL,
          "POST /v1/cases {'kind':'complain','channel':'phone','number':'C-1','subject':'<anna>'}"),
    TRIAL("say whom a case is about", CASE, "POST /v1/cases/<case>/subject {'subject':'<anna>'}"),
    TRIAL("decide a case", BOSS CASE,
          "@boss_token POST /v1/cases/<case>/decision {'granted':true,'reasons':'She is right.'}"),
    TRIAL("name a party", NULL,
          "POST /v1/parties {'kind':'helper','name':'Hjelp AS','number':'12'}"),
    TRIAL("name a place", NULL, "POST /v1/places {'zone':'eea','name':'Kjelleren'}"),
    TRIAL("name a member", NULL, "POST /v1/staff {'role':'desk','name':'Eva','login':'eva'}"),
    TRIAL("a member leaves", NULL, "DELETE /v1/staff/<desk>"),
    TRIAL("give a member a role", NULL, "POST /v1/staff/<desk>/roles {'role':'boss'}"),
    IN_TURNS("make a space", "POST /v1/agreements {'matter':'<service>'}\n",
             "POST /v1/spaces {'matter':'<service>','space':'keeping','policy':"
             "<file:walk/customer.yaml>}"),
    TRIAL("pass on a request", SPACE,
          "POST /v1/spaces/requests {'matter':'<service>','space':'keeping','right':'access',"
          "'channel':'phone','text':'Give me mine.'}"),
    IN_TURNS("end a space", SPACE "POST /v1/evidence/<service>/<terms.record>/end {}\n",
             "POST /v1/spaces/end {'matter':'<service>','space':'keeping','choice':'erase'}"),
    TRIAL("make a token", NULL, "POST /v1/tokens {'name':'shop','scopes':['read']}"),
    TRIAL("rotate a token", NULL, "POST /v1/tokens/<desk_token>/rotate {}"),
    TRIAL("revoke a token", NULL, "DELETE /v1/tokens/<desk_token>"),
    TRIAL("announce a version", NULL,
          "POST /v1/policy/apply {'policy':<version:later 2026-12-01>,'erases':0}"),
    TRIAL("a version in force", NULL,
          "POST /v1/policy/apply {'policy':<version:next 2026-03-01>,'erases':0}"),
    TRIAL("back to the version before",
          "POST /v1/policy/apply {'policy':<version:next 2026-03-01>,'erases':0}\n",
          "POST /v1/policy/apply {'policy':<file:walk/walk.yaml>,'erases':0}"),
    TRIAL("withdraw a version",
          "POST /v1/policy/apply {'policy':<version:later 2026-12-01>,'erases':0}\n",
          "POST /v1/policy/withdraw {'version':'later'}"),
    TRIAL("import", NULL,
          "POST /v1/import lines:{'number':'I-1','roles':['asker'],'collect':[" FORM(
              "", "{'contact.email':'i@walk.test'}") "]}"),
    {.name = "move the clock",
     .act = "POST /v1/clock {'to':'2026-03-02T10:00:00Z'}",
     .resumable = true},
    TRIAL("let destruction go on", NULL, "POST /v1/destruction/confirm"),
    {.name = "back up", .act = "POST /v1/backup {'name':'one'}", .resumable = true},
    TRIAL(
        "release from quarantine", QUARANTINED,
        "POST /v1/quarantine/<put.item>/decision {'release':true,'intake':'note','source':'person',"
        "'field':'question.text','reasons':'Not ill.'}"),
    TRIAL("drop from quarantine", QUARANTINED,
          "POST /v1/quarantine/<put.item>/decision {'release':false,'reasons':'Ill.'}"),
    TRIAL("close an alarm",
          BOSS "@desk_token POST /v1/matters/<order>/break-glass {'reason':'A fire.'}\n"
               "sweep\nalarm: GET /v1/alarms\n",
          "@boss_token POST /v1/alarms/<alarm.item>/close {'why':'There was one.'}"),
    TRIAL("break the glass of a person", NULL,
          "@desk_token POST /v1/subjects/<anna>/break-glass {'reason':'A fire.'}"),
    TRIAL("break the glass of a matter", NULL,
          "@desk_token POST /v1/matters/<order>/break-glass {'reason':'A fire.'}"),
    TRIAL("ask for what needs two", BOSS,
          "@desk_token POST /v1/subjects/<berit>/erase {'warned':true}"),
    TRIAL("approve", BOSS "act: @desk_token POST /v1/subjects/<berit>/erase {'warned':true}\n",
          "@boss_token POST /v1/acts/<act>/approve"),
    TRIAL("do what was approved",
          BOSS "act: @desk_token POST /v1/subjects/<berit>/erase {'warned':true}\n"
               "@boss_token POST /v1/acts/<act>/approve\n",
          "@desk_token POST /v1/subjects/<berit>/erase {'warned':true}"),
    TRIAL("follow a stop link", QUEUE, "POST <link.stop_link> {'off':['all']}"),
    TRIAL("choose in a browser", NULL, "POST /r/<reg.public>/choices {'accept':['all']}"),
    TRIAL("ask the gate of a browser", "choice: POST /r/<reg.public>/choices {'accept':['all']}\n",
          "POST /r/<reg.public>/gate {'receipt':'<choice.receipt>'}"),
    {.name = "sweep what is due",
     .before = SOUND QUARANTINED QUEUE "clock 2027-09-01T12:00:00Z\n",
     .act = "sweep",
     .resumable = true},
};

/* ---- routes.def beside the list ---- */

/* Routes that are no GET and are not walked, each with its reason. */
static const struct {
    const char *route, *reason;
} unwalked[] = {
    {"POST /v1/subjects/find", "an entry alone, as a read's"},
    {"POST /v1/matters/find", "an entry alone, as a read's"},
    {"POST /v1/subjects/:id/explain", "an entry alone, as a read's"},
    {"POST /v1/subjects/:id/documents", "an entry alone, as a read's"},
    {"POST /v1/history", "an entry alone, as a read's"},
    {"POST /v1/policy/preview", "counts, and changes nothing"},
    {"POST /v1/policy/untold", "an entry alone, as a read's"},
};

/* "/v1/cases/<case>/decision" is "/v1/cases/:id/decision". */
static bool path_fits(str route, str path)
{
    str a, b;
    while (str_next(&route, '/', &a)) {
        if (str_is(a, "*"))
            return true;
        if (!str_next(&path, '/', &b))
            return false;
        bool hole = a.len > 0 && a.ptr[0] == ':';
        if (hole ? !(b.len > 0 && b.ptr[0] == '<') : !str_equal(a, b))
            return false;
    }
    return path.ptr == NULL;
}

static bool act_asks(const char *requests, str method, str route)
{
    str rest = str_from(requests), line;
    while (str_next(&rest, '\n', &line)) {
        struct walk_request asked = parse_request(line);
        str path = str_is(asked.path, "<link.stop_link>") ? STR("/r/<reg.public>/stop/<link>")
                                                          : asked.path;
        if (str_equal(asked.method, method) && path_fits(route, path))
            return true;
    }
    return false;
}

static bool is_walked(str method, str route)
{
    for (size_t i = 0; i < LENGTH(trials); i++) {
        if (act_asks(trials[i].act, method, route))
            return true;
    }
    return false;
}

static bool is_excepted(str method, str route)
{
    for (size_t i = 0; i < LENGTH(unwalked); i++) {
        str rest = str_from(unwalked[i].route), its;
        if (str_next(&rest, ' ', &its) && str_equal(its, method) && str_equal(rest, route))
            return true;
    }
    return false;
}

static const struct {
    const char *method, *path;
} routes[] = {
#define ROUTE(method, path, handler, scope, request, reply, flags, what) {method, path},
#include "routes.def"
#undef ROUTE
};

static void every_route_that_changes_something_is_walked(void **state)
{
    (void)state;
    unsigned lacking = 0, excepted = 0;
    for (size_t i = 0; i < LENGTH(routes); i++) {
        str method = str_from(routes[i].method), path = str_from(routes[i].path);
        if (str_is(method, "GET"))
            continue;
        bool except = is_excepted(method, path), there = is_walked(method, path);
        excepted += except;
        if (except == there) {
            print_message("%s %s: %s\n", routes[i].method, routes[i].path,
                          there ? "is excepted and walked" : "is not walked");
            lacking++;
        }
    }
    assert_int_equal(lacking, 0);
    assert_int_equal(excepted, LENGTH(unwalked));
}

/* ---- the scene ---- */

static struct scene the_scene;
static struct {
    char base[96];
    struct states states;
    struct names names; /* of what was made before it */
} ready[LENGTH(trials)];
static char the_folder[64];

static void make_register(struct fixture *f)
{
    struct problems problems = {.arena = f->arena};
    struct register_create create = {.name = STR("firm"),
                                     .policy_file = STR("walk.yaml"),
                                     .policy = read_text(f, "tests/walk/walk.yaml"),
                                     .simulated = true,
                                     .start = at_time("2026-03-02T09:00:00Z")};
    MUST(f, engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin));
    f->reg = engine_register_at(f->engine, 0);
    name_set("admin", "token", f->admin);
}

static void fill_scene(struct fixture *f)
{
    char registers[160];
    (void)snprintf(registers, sizeof(registers), "%s/registers", f->data);
    MUST(f, dir_make(f->data, 0700, &f->report));
    MUST(f, dir_make(registers, 0700, &f->report));
    MUST(f, keys_root_create(&f->sim.world, f->root, &f->report));
    struct engine_config config = trouble_config(f, NULL);
    MUST(f, engine_open(&config, &f->report, &f->engine));
    make_register(f);
    MUST(f, play(f, scene_text));
}

static int set_scene(void **state)
{
    struct fixture f;
    (void)state;
    crash_vfs_install();
    walked.play = play;
    walked.name = "firm";
    walked.whole_log = true;
    folder_make(the_scene.folder);
    fixture_over(&f, the_scene.folder, 31);
    fill_scene(&f);
    fixture_end(&f);
    folder_make(the_folder);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    folder_remove(the_scene.folder);
    folder_remove(the_folder);
    return 0;
}

/* ---- the walks ---- */

static status play_trial(struct fixture *f, const struct trial *trial)
{
    MUST(f, try_open(f, NULL));
    if (trial->before != NULL)
        TRY(play(f, trial->before));
    return play(f, trial->act);
}

static void every_trial_does_what_it_is_called(void **state)
{
    (void)state;
    char work[96];
    unsigned failed = 0;
    (void)snprintf(work, sizeof(work), "%s/played", the_folder);
    for (size_t i = 0; i < LENGTH(trials); i++) {
        struct fixture f;
        folder_copy(the_scene.folder, work);
        fixture_over(&f, work, 2);
        if (!is_ok(play_trial(&f, &trials[i]))) {
            print_message("%s: %s\n", trials[i].name, f.report.text);
            failed++;
        }
        fixture_end(&f);
    }
    assert_int_equal(failed, 0);
}

/* Each trial is prepared once, for all the walks. */
static void get_ready(size_t i)
{
    char work[96];
    if (ready[i].base[0] != '\0') {
        names = ready[i].names;
        return;
    }
    (void)snprintf(ready[i].base, sizeof(ready[i].base), "%s/base-%zu", the_folder, i);
    (void)snprintf(work, sizeof(work), "%s/work", the_folder);
    prepare(&trials[i], &the_scene, ready[i].base);
    ready[i].names = names;
    find_states(&ready[i].states, &trials[i], &the_scene, ready[i].base, work);
}

static bool whole_walk(void)
{
    const char *said = getenv("VERN_WALK");
    return said != NULL && strcmp(said, "whole") == 0;
}

static void walk_all(enum walk how, unsigned stride)
{
    const char *only = getenv("VERN_TRIAL");
    char work[96];
    unsigned all = 0;
    (void)snprintf(work, sizeof(work), "%s/work", the_folder);
    for (size_t i = 0; i < LENGTH(trials); i++) {
        if (only != NULL && strcmp(only, trials[i].name) != 0)
            continue;
        get_ready(i);
        unsigned step = whole_walk() ? 1 : stride;
        all += walk(&trials[i], &the_scene, how, ready[i].base, work, &ready[i].states,
                    1 + (unsigned)i % step, step);
    }
    print_message("  %s: %zu trials, %u points.\n", walk_names[how], LENGTH(trials), all);
    walk_over();
}

static void a_kill_at_a_step_of_any_route_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_KILL, 3);
}

static void a_failing_step_of_any_route_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FAIL, 4);
}

static void a_full_disk_in_any_route_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FULL, 5);
}

static void a_kill_at_a_write_of_any_route_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_KILL, 23);
}

static void a_torn_write_of_any_route_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_TEAR, 37);
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_that_changes_something_is_walked),
        cmocka_unit_test(every_trial_does_what_it_is_called),
        cmocka_unit_test(a_kill_at_a_step_of_any_route_leaves_all_or_nothing),
        cmocka_unit_test(a_failing_step_of_any_route_is_answered_and_changes_nothing),
        cmocka_unit_test(a_full_disk_in_any_route_is_answered_and_changes_nothing),
        cmocka_unit_test(a_kill_at_a_write_of_any_route_leaves_all_or_nothing),
        cmocka_unit_test(a_torn_write_of_any_route_leaves_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
