/* walk_trials: every operation that changes something, as requests (walk_api.h); what is written in
 * words holds "qanary" in one case or another. The walk ends each at its steps, the canaries look
 * for that word where it must not be. */
#ifndef VERN_WALK_TRIALS_H
#define VERN_WALK_TRIALS_H
#include "walk_api.h"

#define SIGNS_IN                                                                                   \
    "eva: POST /v1/staff {'role':'desk','name':'Eva Qanary','login':'qanary-eva'}\n"
#define FORM(optional, values)                                                                     \
    "{'intake':'form','source':'person','channel':'web','optional':[" optional                     \
    "],'values':" values "}"

/* Who is there before each trial: Anna, a customer who consented to all; Berit, who asked once. */
/* clang-format off */
static const char scene_text[] =
    "POST /v1/evidence {'type':'balancing','purpose':'support'}\n"
    "POST /v1/evidence {'type':'balancing','purpose':'quality'}\n"
    "POST /v1/evidence {'type':'balancing','purpose':'showing'}\n"
    "anna: POST /v1/subjects {'roles':['customer','asker'],'identifiers':[{'kind':'number',"
    "'value':'QANARY-1'}]}\n"
    "deal: POST /v1/agreements {'subject':'<anna>'}\n"
    "yes: POST /v1/subjects/<anna>/consents {'purpose':'newsletter','wording':"
    "'May we write, Qanary?','given_by':'click'}\n"
    "POST /v1/subjects/<anna>/consents {'purpose':'statistics','wording':'May we count, Qanary?',"
    "'given_by':'click'}\n"
    "POST /v1/subjects/<anna>/consents {'purpose':'profiling','wording':'May we guess, Qanary?',"
    "'given_by':'click'}\n"
    "got: POST /v1/subjects/<anna>/collect "
    FORM("'contact.name','question.text'",
         "{'contact.email':'anna@qanary.test','contact.name':'Anna Qanaryname',"
         "'question.text':'Why, Qanary?'}") "\n"
    "seen: POST /v1/subjects/<anna>/collect {'intake':'site','source':'site','channel':'web',"
    "'optional':['visit.page'],'cookie':'counter','values':{'visit.page':'/qanary'}}\n"
    "berit: POST /v1/subjects {'roles':['asker'],'identifiers':[{'kind':'number',"
    "'value':'QANARY-2'}]}\n"
    "POST /v1/subjects/<berit>/collect "
    FORM("'question.text'",
         "{'contact.email':'berit@qanary.test','question.text':'When, Qanary?'}") "\n"
    "order: POST /v1/matters {'kind':'order_no','number':'QANARY-7'}\n"
    "service: POST /v1/matters {'kind':'service','number':'QANARY-S'}\n"
    "link: POST /v1/subjects/<anna>/messages {'message':'news','channel':'email','asking':true}\n"
    "reg: GET /v1/register\n"
    "desk: POST /v1/staff {'role':'desk','name':'Dag Qanary'}\n"
    "desk_token: POST /v1/tokens {'name':'Qanary desk','scopes':['all'],'staff':'<desk>'}\n";

/* clang-format on */

static inline void make_register(struct fixture *f)
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

static inline void fill_scene(struct fixture *f)
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

/* The register with its people, in a folder of its own. */
static inline void walk_scene_make(struct scene *scene)
{
    struct fixture f;
    folder_make(scene->folder);
    fixture_over(&f, scene->folder, 31);
    fill_scene(&f);
    fixture_end(&f);
}

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
#define TAKE                                                                                       \
    "POST /v1/requests {'channel':'phone','rights':['access','erase'],"                            \
    "'received':'2026-03-01T10:00:00Z','contact':'anna@qanary.test','text':'All, says Qanary.'}\n"
#define REQUEST "request: " TAKE
#define PROVE                                                                                      \
    "@boss_token POST /v1/requests/<request>/identity {'outcome':'proven','method':'document',"    \
    "'subject':'<anna>','reasons':'I know Qanary.'}\n"
#define DECIDE(right, outcome, rest)                                                               \
    "@boss_token POST /v1/requests/<request>/decision {'right':'" right "','outcome':'" outcome    \
    "','reasons':'So says Qanary.'" rest "}\n"
#define PARTY                                                                                      \
    "helper: POST /v1/parties {'kind':'helper','name':'Qanary AS'}\n"                              \
    "POST /v1/evidence {'type':'processing_agreement','party':'<helper>','particulars':"           \
    "{'document':'dpa of Qanary'}}\n"
#define SHARE                                                                                      \
    "POST /v1/subjects/<anna>/share "                                                              \
    "{'purpose':'support','recipient':'helper','party':'<helper>'}\n"
#define BOSS                                                                                       \
    "boss: POST /v1/staff {'role':'boss','name':'Bo Qanary'}\n"                                    \
    "boss_token: POST /v1/tokens {'name':'Qanary boss','scopes':['all'],'staff':'<boss>'}\n"
#define QUEUE                                                                                      \
    "queued: POST /v1/subjects/<anna>/messages {'message':'news','channel':'email',"               \
    "'stop_link':'<link.stop_link>','queue':true}\n"
#define TICKET                                                                                     \
    "kept: POST /v1/subjects/<anna>/collect {'intake':'form','source':'person','channel':'web',"   \
    "'optional':['question.ticket'],'values':{'contact.email':'anna@qanary.test'},"                \
    "'references':{'question.ticket':'desk/qanary'}}\n"
#define ERRAND                                                                                     \
    TICKET "POST /v1/subjects/<anna>/erase {'warned':true,'fields':['question']}\n"                \
           "errand: GET /v1/tasks\n"
#define WEBHOOK                                                                                    \
    "hook: POST /v1/webhooks {'url':'https://127.0.0.1/told','events':['task.made',"               \
    "'duty.made','alarm.raised']}\n"
#define CALLER                                                                                     \
    "call: POST /v1/matters {'kind':'call','number':'QANARY-c'}\n"                                 \
    "POST /v1/subjects/<anna>/roles {'role':'caller','matter':'<call>'}\n"                         \
    "POST /v1/evidence {'type':'call_notice','subject':'<anna>','matter':'<call>','particulars':"  \
    "{'wording':'This is recorded, Qanary.'}}\n"
#define RECORDING                                                                                  \
    CALLER "tape: POST /v1/subjects/<anna>/recordings {'intake':'phone_call','source':'person',"   \
           "'channel':'phone','matter':'<call>'}\n"
#define SOUND                                                                                      \
    RECORDING "POST /v1/subjects/<anna>/collect {'intake':'phone_call','source':'person',"         \
              "'channel':'phone','matter':'<call>','optional':['sound.take'],"                     \
              "'values':{'sound.take':'Hello, Qanary?'}}\n"
#define RULING                                                                                     \
    "ruled: POST /v1/subjects/<anna>/decisions {'purpose':'scoring','items':['<got.item>'],"       \
    "'outcome':'yes to Qanary','logic':'Qanary who asks is let in'}\n"
#define PUT_AWAY                                                                                   \
    "POST /v1/subjects/<anna>/collect {'intake':'form','source':'person','channel':'web',"         \
    "'optional':['question.text'],'holds':{'question.text':'health'},"                             \
    "'values':{'contact.email':'anna@qanary.test','question.text':'Qanary is ill'}}\n"
#define QUARANTINED PUT_AWAY "put: GET /v1/quarantine\n"
#define BREACH                                                                                     \
    "breach: POST /v1/breaches {'nature':['confidentiality'],'description':'Qanary lost it.',"     \
    "'all':true}\n"
#define CASE                                                                                       \
    "case: POST /v1/cases {'kind':'complain','channel':'phone',"                                   \
    "'number':'QANARY-C'}\n"
#define SPACE                                                                                      \
    "terms: POST /v1/agreements {'matter':'<service>'}\n"                                          \
    "space: POST /v1/spaces {'matter':'<service>','space':'keeping','policy':"                     \
    "<file:walk/customer.yaml>}\n"
#define INSIDE                                                                                     \
    "worker: @space POST /v1/subjects {'roles':['worker']}\n"                                      \
    "@space POST /v1/subjects/<worker>/collect {'intake':'gate','source':'person','channel':"      \
    "'in_person','optional':['check_in.card'],'values':{'check_in.name':'Ola Qanary'},"            \
    "'references':{'check_in.card':'gate/qanary'}}\n"
#define FILE_OPEN                                                                                  \
    "file: POST /v1/subjects/<anna>/files {'field':'paper.cv','intake':'form','optional':true,"    \
    "'source':'person','channel':'web','media':'application/"                                      \
    "pdf','name':'qanary.pdf','size':150000}\n"
#define CONCERN                                                                                    \
    "line: POST /v1/subjects/<anna>/concerns {'item':'<got.item>','subject':'<berit>'}\n"
#define RELEASE                                                                                    \
    "@boss_token POST /v1/subjects/<berit>/concerns/<line>/decision {'released':true,"             \
    "'reasons':'no Qanary is harmed'}\n"
#define FILE_BYTES "PUT /v1/subjects/<anna>/files/<file>/bytes bytes:150000\n"

static const struct trial trials[] = {
    TRIAL(
        "create a person with all", NULL,
        "POST /v1/subjects {'roles':['asker'],'identifiers':[{'kind':'number','value':'QANARY-4'},"
        "{'kind':'contact.email','value':'dina@qanary.test'}],'agreements':[{}],'collect':" FORM(
            "", "{'contact.email':'dina@qanary.test'}") "}"),
    TRIAL("give a role", NULL, "POST /v1/subjects/<anna>/roles {'role':'caller'}"),
    TRIAL("give many a role", NULL,
          "POST /v1/batch/roles {'role':'caller','subjects':['<anna>','<berit>']}"),
    TRIAL("end a role of many", NULL,
          "POST /v1/batch/roles {'role':'asker','ends':true,'warned':true,'subjects':['<anna>',"
          "'<berit>']}"),
    TRIAL("identify", NULL,
          "POST /v1/subjects/<anna>/identifiers {'kind':'number','value':'QANARY-3'}"),
    TRIAL("record an event", NULL,
          "POST /v1/subjects/<anna>/events {'event':'asked','by_subject':true}"),
    TRIAL("collect", NULL,
          "POST /v1/subjects/<anna>/collect " FORM("", "{'contact.email':'a2@qanary.test'}")),
    TRIAL("collect what concerns another", NULL,
          "POST /v1/subjects/<anna>/collect {'intake':'form','source':'person','channel':'web',"
          "'values':{'contact.email':'a3@qanary.test'},"
          "'concerns':[{'field':'contact.email','subject':'<berit>'}]}"),
    TRIAL("say whom an item concerns", NULL, CONCERN),
    TRIAL("take apart what is two people's", BOSS CONCERN PARTY SHARE,
          "@boss_token POST /v1/subjects/<anna>/split {'items':['<got.item>'],'conflicts':0,"
          "'reason':'They are two, says Qanary.'}"),
    TRIAL("make two dossiers of one person one", BOSS CONCERN,
          "@boss_token POST /v1/subjects/<anna>/merge {'from':'<berit>','conflicts':5,"
          "'reason':'They are one, says Qanary.'}"),
    TRIAL("make whom another's item concerns one with a third",
          BOSS CONCERN "third: POST /v1/subjects {'roles':['asker']}\n",
          "@boss_token POST /v1/subjects/<third>/merge {'from':'<berit>','conflicts':1,"
          "'reason':'They are one, says Qanary.'}"),
    TRIAL("release what concerns another", BOSS CONCERN, RELEASE),
    TRIAL("withhold what was released", BOSS CONCERN RELEASE,
          "@boss_token POST /v1/subjects/<berit>/concerns/<line>/decision {'released':false,"
          "'reasons':'a Qanary is harmed'}"),
    TRIAL("copy of what concerns another", BOSS CONCERN RELEASE,
          "POST /v1/subjects/<berit>/access {'by_subject':true}"),
    TRIAL("restrict what concerns another", CONCERN,
          "POST /v1/subjects/<berit>/restrictions {'reason':'accuracy','warned':true}"),
    TRIAL("an item concerns nobody else", CONCERN, "POST /v1/subjects/<berit>/concerns/<line>/end"),
    TRIAL("put into quarantine", NULL, PUT_AWAY),
    TRIAL("record a death", NULL, "POST /v1/subjects/<anna>/death {}"),
    TRIAL("count", "POST /v1/evidence {'type':'balancing','purpose':'counting'}\n",
          "POST /v1/statistics {'purpose':'counting','by':'role'}"),
    TRIAL("decline", NULL,
          "POST /v1/subjects/<anna>/declines {'fields':['contact.name'],'intake':'form'}"),
    TRIAL("start a recording", CALLER,
          "POST /v1/subjects/<anna>/recordings {'intake':'phone_call','source':'person',"
          "'channel':'phone','matter':'<call>'}"),
    TRIAL("stop a recording", SOUND, "POST /v1/subjects/<anna>/recordings/<tape>/stop"),
    TRIAL("veto a recording", SOUND, "POST /v1/subjects/<anna>/recordings/<tape>/veto"),
    TRIAL("derive", NULL,
          "POST /v1/subjects/<anna>/derive {'purpose':'profiling','items':['<seen.item>'],"
          "'values':{'taste.likes':'bargains of Qanary'}}"),
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
          "POST /v1/subjects/<berit>/consents {'purpose':'newsletter','wording':'May we, Qanary?',"
          "'given_by':'click'}"),
    TRIAL("ask for a cookie", NULL, "POST /v1/subjects/<anna>/cookies {'cookie':'counter'}"),
    TRIAL("decide by a machine", NULL, RULING),
    TRIAL("ask for a human", RULING, "POST /v1/subjects/<anna>/decisions/<ruled>/review"),
    TRIAL("look at a machine's decision",
          BOSS RULING "POST /v1/subjects/<anna>/decisions/<ruled>/review\n",
          "@boss_token POST /v1/subjects/<anna>/decisions/<ruled>/reviewed {'upheld':false,"
          "'reasons':'Qanary was wronged.'}"),
    TRIAL("withdraw", QUEUE, "POST /v1/subjects/<anna>/withdrawals {'purpose':'newsletter'}"),
    TRIAL("object", PARTY SHARE QUEUE,
          "POST /v1/subjects/<anna>/objections {'purpose':'marketing'}"),
    TRIAL("decide an objection", "no: POST /v1/subjects/<anna>/objections {'purpose':'support'}\n",
          "POST /v1/subjects/<anna>/objections/<no>/decision {'upheld':true,'reasons':'So it is, "
          "Qanary.'}"),
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
          "POST /v1/subjects/<anna>/rectify {'item':'<got.item>','value':'new@qanary.test',"
          "'by_subject':true}"),
    TRIAL("erase a person and suppress her", PARTY SHARE QUEUE,
          "POST /v1/subjects/<anna>/erase {'warned':true,'suppress':true}"),
    TRIAL("copy of everything", NULL, "POST /v1/subjects/<anna>/access {'by_subject':true}"),
    TRIAL("portable copy", NULL, "POST /v1/subjects/<anna>/portability {'by_subject':true}"),
    TRIAL("hold", NULL,
          "POST /v1/subjects/<anna>/holds {'particulars':{'reference':'suit of Qanary'}}"),
    TRIAL("share", PARTY, SHARE),
    TRIAL("tell a recipient",
          PARTY SHARE "POST /v1/subjects/<anna>/erase {'warned':true}\n"
                      "duty: GET /v1/parties/<helper>/duties\n",
          "POST /v1/parties/<helper>/duties/<duty.item>/done {'proof':'mail to Qanary'}"),
    TRIAL("send a message", NULL,
          "POST /v1/subjects/<anna>/messages {'message':'answer','channel':'email'}"),
    TRIAL("queue a message", NULL, QUEUE),
    TRIAL("queue a mail with its text", NULL,
          "POST /v1/subjects/<anna>/messages {'message':'answer','channel':'email','queue':true,"
          "'item':'<got.item>','heading':'To Qanary','text':'Hello, Qanary.'}"),
    TRIAL("queue a paper of ours", NULL,
          "POST /v1/subjects/<anna>/letters {'paper':'changes','version':'1',"
          "'item':'<got.item>'}"),
    TRIAL("mail the letter of a request",
          "asked: POST /v1/requests {'channel':'email','rights':['access'],"
          "'contact':'anna@qanary.test'}\n",
          "POST /v1/requests/<asked.id>/mail {}"),
    TRIAL("try a mail again",
          "paper: POST /v1/subjects/<anna>/letters {'paper':'changes','version':'1',"
          "'item':'<got.item>'}\n",
          "POST /v1/tasks/<anna>/<paper>/retry"),
    TRIAL("take a message", QUEUE, "POST /v1/tasks/<anna>/<queued>/send"),
    TRIAL("say that work is done", QUEUE, "POST /v1/tasks/<anna>/<queued>/done"),
    TRIAL("drop a message", QUEUE, "POST /v1/tasks/<anna>/<queued>/drop"),
    TRIAL("say that mail came back", QUEUE,
          "POST /v1/bounces {'subject':'<anna>','item':'<got.item>','permanent':true}"),
    TRIAL("clear an address",
          "POST /v1/bounces {'subject':'<anna>','item':'<got.item>','permanent':true}\n",
          "POST /v1/bounces/clear {'subject':'<anna>','item':'<got.item>'}"),
    TRIAL("collect what stays elsewhere", NULL, TICKET),
    TRIAL("erase what stays elsewhere", TICKET,
          "POST /v1/subjects/<anna>/erase {'warned':true,'fields':['question']}"),
    TRIAL("erase a person with what stays elsewhere", TICKET,
          "POST /v1/subjects/<anna>/erase {'warned':true}"),
    TRIAL("restrict what stays elsewhere", TICKET,
          "POST /v1/subjects/<anna>/restrictions {'reason':'accuracy','fields':['question'],"
          "'warned':true}"),
    TRIAL("say that it is erased elsewhere", ERRAND,
          "POST /v1/tasks/<errand.dossier>/<errand.item>/done"),
    TRIAL("show to an audience", NULL,
          "POST /v1/subjects/<anna>/view {'viewer':'<anna>','audience':'users'}"),
    TRIAL("search", NULL,
          "POST /v1/search {'viewer':'<anna>','audience':'users','text':'Anna Qanaryname'}"),
    TRIAL("create a matter", NULL, "POST /v1/matters {'kind':'order_no','number':'QANARY-8'}"),
    TRIAL("event of a matter", NULL, "POST /v1/matters/<order>/events {'event':'shipped'}"),
    TRIAL("record evidence", NULL,
          "POST /v1/evidence {'type':'dispute','subject':'<anna>','particulars':{'reference':"
          "'suit Qanary'}}"),
    TRIAL("end evidence", NULL, "POST /v1/evidence/<anna>/<deal.record>/end {'warned':true}"),
    TRIAL("agree", NULL, "POST /v1/agreements {'subject':'<berit>'}"),
    TRIAL("tell a notice", NULL, "POST /v1/notices {'subject':'<anna>'}"),
    TRIAL("open a case", NULL,
          "POST /v1/cases "
          "{'kind':'complain','channel':'phone','number':'QANARY-C','subject':'<anna>'}"),
    TRIAL("say whom a case is about", CASE, "POST /v1/cases/<case>/subject {'subject':'<anna>'}"),
    TRIAL(
        "decide a case", BOSS CASE,
        "@boss_token POST /v1/cases/<case>/decision {'granted':true,'reasons':'Qanary is right.'}"),
    TRIAL("take in a request", NULL, REQUEST),
    TRIAL("prove who asks", BOSS REQUEST, PROVE),
    TRIAL("join a request", BOSS REQUEST PROVE "request: " TAKE, PROVE),
    TRIAL("take a link back", REQUEST, "POST /v1/requests/<request>/unfollow"),
    TRIAL("own a request", REQUEST, "POST /v1/requests/<request>/owner {'member':'<desk>'}"),
    TRIAL("extend a request", BOSS REQUEST,
          "@boss_token POST /v1/requests/<request>/extension {'reasons':'Much, says Qanary.',"
          "'told':'2026-03-01T12:00:00Z'}"),
    TRIAL("decide a right", BOSS REQUEST PROVE, DECIDE("erase", "granted", "")),
    TRIAL("erase for a request", BOSS REQUEST PROVE DECIDE("erase", "granted", ""),
          "POST /v1/subjects/<anna>/erase {'case':'<request>','warned':true}"),
    TRIAL("copy for a request", BOSS REQUEST PROVE DECIDE("access", "granted", ""),
          "@boss_token POST /v1/subjects/<anna>/access {'case':'<request>'}"),
    TRIAL("close a request",
          BOSS REQUEST PROVE DECIDE("access", "refused", ",'exception':'excessive'")
              DECIDE("erase", "refused", ",'exception':'no_ground'"),
          "@boss_token POST /v1/requests/<request>/close {}"),
    TRIAL("pass a request on", SPACE REQUEST,
          "POST /v1/requests/<request>/pass-on {'matter':'<service>','space':'keeping'}"),
    TRIAL("name a party", NULL,
          "POST /v1/parties {'kind':'helper','name':'Qanary AS','number':'QANARY-12'}"),
    TRIAL("name a place", NULL, "POST /v1/places {'zone':'eea','name':'Qanary-kjelleren'}"),
    TRIAL("name a member", NULL,
          "POST /v1/staff {'role':'desk','name':'Eva Qanary','login':'qanary-eva'}"),
    TRIAL("a member leaves", NULL, "DELETE /v1/staff/<desk>"),
    TRIAL("let a member sign in", SIGNS_IN "POST /v1/staff/<eva>/account {'scopes':['read']}\n",
          "POST /v1/staff/<eva>/account {'scopes':['read','officer']}"),
    TRIAL("end an account", SIGNS_IN "POST /v1/staff/<eva>/account {'scopes':['read']}\n",
          "POST /v1/staff/<eva>/account/end {}"),
    TRIAL("give a member a role", NULL, "POST /v1/staff/<desk>/roles {'role':'boss'}"),
    IN_TURNS("make a space", "POST /v1/agreements {'matter':'<service>'}\n",
             "POST /v1/spaces {'matter':'<service>','space':'keeping','policy':"
             "<file:walk/customer.yaml>}"),
    TRIAL("pass on a request", SPACE,
          "POST /v1/spaces/requests {'matter':'<service>','space':'keeping','right':'access',"
          "'channel':'phone','text':'Give me Qanary.'}"),
    IN_TURNS("end a space", SPACE "POST /v1/evidence/<service>/<terms.record>/end {}\n",
             "POST /v1/spaces/end {'matter':'<service>','space':'keeping','choice':'erase'}"),
    IN_TURNS("end a space of which something lies elsewhere",
             SPACE INSIDE "POST /v1/evidence/<service>/<terms.record>/end {}\n",
             "POST /v1/spaces/end {'matter':'<service>','space':'keeping','choice':'erase',"
             "'unconfirmed':1}"),
    TRIAL("make a token", NULL, "POST /v1/tokens {'name':'Qanary shop','scopes':['read']}"),
    TRIAL("rotate a token", NULL, "POST /v1/tokens/<desk_token>/rotate {}"),
    TRIAL("revoke a token", NULL, "DELETE /v1/tokens/<desk_token>"),
    TRIAL("name a webhook", NULL,
          "POST /v1/webhooks {'url':'https://127.0.0.1/told','events':['task.made']}"),
    TRIAL("rotate a webhook's secret", WEBHOOK, "POST /v1/webhooks/<hook>/rotate {}"),
    TRIAL("end a webhook", WEBHOOK, "DELETE /v1/webhooks/<hook>"),
    TRIAL("queue a message and an event", WEBHOOK, QUEUE),
    TRIAL("send an event again", WEBHOOK QUEUE "delivered\nevent: GET /v1/webhooks/<hook>/events\n",
          "POST /v1/webhooks/<hook>/replay {'event':'<event.item>'}"),
    IN_TURNS("an event is delivered", WEBHOOK QUEUE, "delivered"),
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
          "POST /v1/import lines:{'number':'QANARY-I','roles':['asker'],'collect':[" FORM(
              "", "{'contact.email':'i@qanary.test'}") "]}"),
    {.name = "move the clock",
     .act = "POST /v1/clock {'to':'2026-03-02T10:00:00Z'}",
     .resumable = true},
    TRIAL("let destruction go on", NULL, "POST /v1/destruction/confirm"),
    {.name = "back up", .act = "POST /v1/backup {'name':'one'}", .resumable = true},
    TRIAL(
        "release from quarantine", QUARANTINED,
        "POST /v1/quarantine/<put.item>/decision {'release':true,'intake':'note','source':'person',"
        "'field':'question.text','reasons':'Qanary is not ill.'}"),
    TRIAL("drop from quarantine", QUARANTINED,
          "POST /v1/quarantine/<put.item>/decision {'release':false,'reasons':'Qanary is ill.'}"),
    TRIAL("close an alarm",
          BOSS "@desk_token POST /v1/matters/<order>/break-glass {'reason':'A fire at Qanary.'}\n"
               "sweep\nalarm: GET /v1/alarms\n",
          "@boss_token POST /v1/alarms/<alarm.item>/close {'why':'Qanary burnt.'}"),
    TRIAL("record a breach", NULL,
          "POST /v1/breaches {'number':'QANARY-B','nature':['confidentiality','integrity'],"
          "'description':'Qanary lost a list.','aware':'2026-03-01T09:00:00Z','all':true}"),
    TRIAL("amend a breach", BREACH,
          "POST /v1/breaches/<breach.id>/amendments {'nature':['availability'],"
          "'description':'Qanary found it.','aware':'2026-02-20T09:00:00Z',"
          "'categories':['contact'],'tokens':['<desk_token.id>']}"),
    TRIAL("assess a breach", BOSS BREACH,
          "@boss_token POST /v1/breaches/<breach.id>/assessments {'risk':'high','reasons':"
          "'Qanary is harmed.'}"),
    TRIAL("say what the papers say of a breach", BREACH,
          "POST /v1/breaches/<breach.id>/account {'language':'nb','contact':'Qanary officer',"
          "'consequences':'Qanary is called.','measures':'Qanary moves.',"
          "'what':'Qanary lost it.'}"),
    TRIAL("record a phase of a notification", BREACH,
          "POST /v1/breaches/<breach.id>/phases {'language':'en','reference':'QANARY-26',"
          "'delay':'Qanary slept.'}"),
    TRIAL("leave out telling", BOSS BREACH,
          "@boss_token POST /v1/breaches/<breach.id>/exemption {'ground':'disproportionate',"
          "'reasons':'Qanary is many.','instead':'The paper of Qanary.'}"),
    TRIAL("close a breach",
          BOSS BREACH "@boss_token POST /v1/breaches/<breach.id>/assessments {'risk':'none',"
                      "'reasons':'Qanary is well.'}\n",
          "@boss_token POST /v1/breaches/<breach.id>/close {'reasons':'Qanary is well.'}"),
    TRIAL("break the glass of a person", NULL,
          "@desk_token POST /v1/subjects/<anna>/break-glass {'reason':'A fire at Qanary.'}"),
    TRIAL("break the glass of a matter", NULL,
          "@desk_token POST /v1/matters/<order>/break-glass {'reason':'A fire at Qanary.'}"),
    TRIAL("ask for what needs two", BOSS,
          "@desk_token POST /v1/subjects/<berit>/erase {'warned':true}"),
    TRIAL("approve", BOSS "act: @desk_token POST /v1/subjects/<berit>/erase {'warned':true}\n",
          "@boss_token POST /v1/acts/<act>/approve"),
    TRIAL("do what was approved",
          BOSS "act: @desk_token POST /v1/subjects/<berit>/erase {'warned':true}\n"
               "@boss_token POST /v1/acts/<act>/approve\n",
          "@desk_token POST /v1/subjects/<berit>/erase {'warned':true}"),
    TRIAL("ask for a link to sign in", NULL,
          "POST /r/<reg.public>/sign-in {'address':'anna@qanary.test'}"),
    TRIAL("follow a stop link", QUEUE, "POST <link.stop_link> {'off':['all']}"),
    TRIAL("choose in a browser", NULL, "POST /r/<reg.public>/choices {'accept':['all']}"),
    TRIAL("ask the gate of a browser", "choice: POST /r/<reg.public>/choices {'accept':['all']}\n",
          "POST /r/<reg.public>/gate {'receipt':'<choice.receipt>'}"),
    {.name = "sweep what is due",
     .before = SOUND QUARANTINED QUEUE "clock 2027-09-01T12:00:00Z\n",
     .act = "sweep",
     .resumable = true},
};
#endif
