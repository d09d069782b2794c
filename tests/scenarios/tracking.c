/* S14 and S10: what is captured while it happens, what is kept in browsers, and what is made of it.
 */
#include <string.h>

#include "scenario.h"

/* ---- S14 ---- */

#define TRAINING "<purposes.training_quality>"
#define ANSWERS  "<purposes.answer_questions>"

static void start(struct stage *s, str person, const char *intake, const char *controller,
                  str matter)
{
    str of = matter.len == 0 ? STR("") : said(s, ",'matter':'%.*s'", STR_ARG(matter));
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/recordings", STR_ARG(person)),
        said(s, "{'intake':'%s','controller':'%s'%.*s}", intake, controller, STR_ARG(of)));
}

static void end_by(struct stage *s, const char *how, str person, str recording)
{
    ask(s, 0, "POST",
        said(s, "/v1/subjects/%.*s/recordings/%.*s/%s", STR_ARG(person), STR_ARG(recording), how),
        STR(""));
}

static void tell_caller(struct stage *s, str person, str matter)
{
    ask(s, 0, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.call_notice>','subject':'%.*s','matter':'%.*s','particulars':"
             "{'<asks.wording>':'this call may be recorded'}}",
             STR_ARG(person), STR_ARG(matter)));
    IS(s, 201);
}

static str open_call(struct stage *s, const char *number)
{
    ask(s, 0, "POST", STR("/v1/matters"),
        said(s, "{'kind':'<matters.call>','number':'%s'}", number));
    IS(s, 201);
    return got(s, "id");
}

static void record_piece(struct stage *s, str caller, str matter, const char *sound)
{
    collect(s, caller, "<intakes.incoming_call>", "<sources.person>", matter,
            arena_c_string(s->arena, said(s, "'<fields.call_recording.sound>':'%s'", sound)));
}

static void used_no(struct stage *s, str person, str item, const char *purpose, const char *id)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/use", STR_ARG(person)),
        said(s, "{'purpose':'%s','items':['%.*s']}", purpose, STR_ARG(item)));
    must_refuse(s, id, NULL);
}

/* Another caller, whose call is recorded to its end; the no comes when she has hung up. */
static void a_no_after_the_call(struct stage *s, size_t quality)
{
    str other = create_person(s, "C-2", "'<roles.caller>'");
    str call = open_call(s, "call-2");
    tell_caller(s, other, call);
    AT_LINE(s, start(s, other, "<intakes.incoming_call>", "<controllers.infobric_as>", call));
    IS(s, 201);
    str recording = got(s, "record");
    AT_LINE(s, start(s, other, "<intakes.incoming_call>", "<controllers.infobric_as>", call));
    IS(s, 409);
    AT_LINE(s, record_piece(s, other, call, "CANARY-OTHER"));
    str piece = item_of(s, "<fields.call_recording.sound>");
    AT_LINE(s, end_by(s, "stop", other, recording));
    DONE(s);
    AT_LINE(s, end_by(s, "stop", other, recording));
    IS(s, 409); /* it has ended */
    AT_LINE(s, record_piece(s, other, call, "CANARY-LATE"));
    must_refuse_by(s, "intakes.<intakes.incoming_call>.live");
    AT_LINE(s, read_is(s, quality, other, piece, TRAINING, "CANARY-OTHER"));
    AT_LINE(s, end_by(s, "veto", other, recording));
    DONE(s);
    AT_LINE(s, gone(s, quality, other, piece, TRAINING));
}

void s14_call_recording(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, INFOBRIC, "2026-04-07 09:59:00");
    size_t quality = hire(&s, "<staff.quality>"), service = hire(&s, "<staff.service>");
    const char *weighed[] = {TRAINING, ANSWERS, "<purposes.legal_claims>", "<purposes.offers>"};
    for (size_t i = 0; i < LENGTH(weighed); i++)
        weigh(&s, weighed[i]);
    str caller = create_person(&s, "C-1", "'<roles.caller>'"), call = open_call(&s, "call-1");

    clock_to(&s, "2026-04-07 10:00:00");
    AT_LINE(&s, start(&s, caller, "<intakes.incoming_call>", "<controllers.infobric_as>", call));
    must_refuse(&s, "INF-44", "<evidence.call_notice>");
    AT_LINE(&s, record_piece(&s, caller, call, "CANARY-EARLY"));
    must_refuse(&s, "INF-44", "<evidence.call_notice>");
    clock_to(&s, "2026-04-07 10:00:05");
    AT_LINE(&s, tell_caller(&s, caller, call));
    AT_LINE(&s, record_piece(&s, caller, call, "CANARY-UNSTARTED"));
    must_refuse(&s, "INF-43", NULL); /* told, and still nobody has started it */
    AT_LINE(&s, start(&s, caller, "<intakes.incoming_call>", "<controllers.infobric_as>", call));
    IS(&s, 201);
    clock_to(&s, "2026-04-07 10:01:00");
    AT_LINE(&s, record_piece(&s, caller, call, "CANARY-SOUND"));
    IS(&s, 201);
    str sound = item_of(&s, "<fields.call_recording.sound>");
    AT_LINE(&s, read_is(&s, quality, caller, sound, TRAINING, "CANARY-SOUND"));
    AT_LINE(&s, used_no(&s, caller, sound, "<purposes.legal_claims>", "INF-47"));
    AT_LINE(&s, used_no(&s, caller, sound, "<purposes.offers>", "INF-29"));

    clock_to(&s, "2026-04-07 10:03:00");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(caller)),
        "{'purpose':'" TRAINING "'}");
    IS(&s, 201);
    AT_LINE(&s, gone(&s, quality, caller, sound, TRAINING));
    AT_LINE(&s, record_piece(&s, caller, call, "CANARY-AFTER"));
    must_refuse(&s, "INF-45", NULL);
    AT_LINE(&s, start(&s, caller, "<intakes.incoming_call>", "<controllers.infobric_as>", call));
    must_refuse(&s, "INF-45", NULL);
    AT_LINE(&s, collect(&s, caller, "<intakes.question>", "<sources.person>", call,
                        "'<fields.correspondence.message>':'how do I log in'"));
    IS(&s, 201);
    str question = item_of(&s, "<fields.correspondence.message>");
    AT_LINE(&s, read_is(&s, service, caller, question, ANSWERS, "how do I log in"));
    AT_LINE(&s, a_no_after_the_call(&s, quality));
    AT_LINE(&s, look_inside(&s, caller, "CANARY", 1, 2)); /* the notice's wording, the question */
    stage_close(&s);
}

/* ---- S10 ---- */

/* As a browser that sends this header (NULL: none) and no token. */
static void browse(struct stage *s, const char *method, str target, const char *header,
                   const char *value, str body)
{
    struct http_field field = {header == NULL ? STR("Accept") : str_from(header),
                               header == NULL ? STR("*/*") : str_from(value)};
    struct http_call call = {.method = method,
                             .target = target,
                             .content_type = body.len == 0 ? (str){0} : STR("application/json"),
                             .fields = &field,
                             .field_count = 1,
                             .body = body};
    struct http_response response;
    struct report report = {0};
    if (!is_ok(http_client_call(s->client, &call, s->arena, &report, &response)))
        fail_msg("line %d: %s", s->line, report.text);
    s->code = response.code;
    s->body = response.body;
    if (!is_ok(json_parse(s->arena, response.body, &report, &s->json)))
        fail_msg("line %d: an answer is no JSON: %s", s->line, report.text);
}

static str public_path(struct stage *s, const char *rest)
{
    ask(s, 0, "GET", STR("/v1/register"), STR(""));
    return said(s, "/r/%.*s/%s", STR_ARG(got(s, "public")), rest);
}

static void gate(struct stage *s, str receipt, const char *header, const char *value)
{
    str path = public_path(s, "gate");
    browse(s, "POST", path, header, value,
           receipt.len == 0 ? STR("{}") : said(s, "{'receipt':'%.*s'}", STR_ARG(receipt)));
    IS(s, 200);
}

static str choose(struct stage *s, str receipt, const char *choice)
{
    str path = public_path(s, "choices");
    str shown = receipt.len == 0 ? STR("") : said(s, ",'receipt':'%.*s'", STR_ARG(receipt));
    browse(s, "POST", path, NULL, NULL, said(s, "{%s%.*s}", N(s, choice), STR_ARG(shown)));
    IS(s, 201);
    return got(s, "receipt");
}

/* The names under a member of the last answer, with a space after each. */
static void names_are(struct stage *s, const char *member, const char *wanted)
{
    struct buf buf = buf_in(s->arena, 4096);
    str one;
    for (JSON_EACH(name, got_json(s, member))) {
        assert_true(json_str(name, &one));
        buf_format(&buf, "%.*s ", STR_ARG(one));
    }
    if (!str_is(buf_str(&buf), N(s, wanted)))
        fail_msg("line %d: %s: wanted %s, got %.*s", s->line, member, N(s, wanted),
                 STR_ARG(s->body));
}

static void must_ask(struct stage *s, bool wanted)
{
    bool asks = !wanted;
    assert_true(json_bool(got_json(s, "ask"), &asks));
    if (asks != wanted)
        fail_msg("line %d: asked anew: %d", s->line, asks);
}

static void cookie(struct stage *s, str person, const char *name, const char *rest)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/cookies", STR_ARG(person)),
        said(s, "{'cookie':'%s'%s}", name, rest));
}

#define EVERY_COOKIE                                                                               \
    "<cookies.recognise> <cookies.country> <cookies.locale> <cookies.prefill> <cookies.usage> "    \
    "<cookies.other_tracking> "
#define BUT_LOCALE                                                                                 \
    "<cookies.recognise> <cookies.country> <cookies.prefill> <cookies.usage> "                     \
    "<cookies.other_tracking> "

/* A browser that is nobody: one yes is no other yes, no header is a yes, and one is a no. */
static void a_browser_chooses(struct stage *s)
{
    static const char *const noes[] = {"0", "true", "11", "1, 1", "1;q=1", "yes", ""};
    AT_LINE(s, gate(s, STR(""), NULL, NULL));
    AT_LINE(s, names_are(s, "allowed", ""));
    AT_LINE(s, names_are(s, "expire", EVERY_COOKIE));
    AT_LINE(s, must_ask(s, true));
    AT_LINE(s, gate(s, STR(""), "Cookie-Consent", "accept"));
    AT_LINE(s, names_are(s, "allowed", ""));
    str receipt = AT_LINE(s, choose(s, STR(""), "'accept':['cookies.<cookies.locale>']"));
    for (size_t i = 0; i < LENGTH(noes); i++) {
        AT_LINE(s, gate(s, receipt, "Sec-GPC", noes[i]));
        AT_LINE(s, names_are(s, "allowed", "<cookies.locale> "));
        AT_LINE(s, names_are(s, "expire", BUT_LOCALE));
        AT_LINE(s, must_ask(s, false));
    }
    AT_LINE(s, gate(s, receipt, "Sec-GPC", "1"));
    AT_LINE(s, names_are(s, "allowed", ""));
    AT_LINE(s, gate(s, receipt, "DNT", "1"));
    AT_LINE(s, names_are(s, "allowed", ""));
    AT_LINE(s, gate(s, receipt, NULL, NULL)); /* it said no while it said so, and not for ever */
    AT_LINE(s, names_are(s, "allowed", "<cookies.locale> "));
    str later = AT_LINE(s, choose(s, receipt, "'refuse':['all']"));
    AT_LINE(s, names_are(s, "expire", EVERY_COOKIE));
    AT_LINE(s, gate(s, receipt, NULL, NULL)); /* what it held before opens nothing */
    AT_LINE(s, names_are(s, "allowed", ""));
    AT_LINE(s, must_ask(s, true));
    AT_LINE(s, gate(s, later, NULL, NULL));
    AT_LINE(s, must_ask(s, false));
}

/* What a cookie tells is taken in after its yes, and goes with it. */
static void a_known_visitor_takes_it_back(struct stage *s)
{
    str v = create_person(s, "V-1", "'<roles.visitor>'");
    str path = said(s, "/v1/subjects/%.*s/collect", STR_ARG(v));
    const char *language =
        "{'intake':'<intakes.recognised>','values':{'<fields.technical.language>':'CANARY-NB'},"
        "'optional':['<fields.technical.language>'],'cookie':'<cookies.locale>'}";
    AT_LINE(s, cookie(s, v, "<cookies.locale>", ""));
    must_refuse(s, "COB-97", "consent");
    AT_LINE(s, cookie(s, v, "<cookies.usage>", ",'purpose':'<purposes.gui_improvement>'"));
    must_refuse(s, "COB-96", "consent");
    weigh(s, "<purposes.gui_improvement>");
    ASK(s, 0, "POST", path,
        "{'intake':'<intakes.use>','values':{'<fields.browsing.page>':'CANARY-PAGE'},"
        "'optional':['<fields.browsing.page>'],'cookie':'<cookies.usage>'}");
    must_refuse(s, "COB-96", "consent"); /* the cookie's gate, though the purpose is weighed */
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/consents", STR_ARG(v)),
        "{'purpose':'<purposes.recognition>','cookie':'<cookies.locale>','given_by':'click',"
        "'wording':'remember my language'}");
    DONE(s);
    AT_LINE(s, cookie(s, v, "<cookies.locale>", ""));
    DONE(s);
    AT_LINE(s, cookie(s, v, "<cookies.country>", ""));
    must_refuse(s, "COB-97", "consent");
    AT_LINE(s, cookie(s, v, "<cookies.locale>", ",'browser_refuses':true"));
    must_refuse(s, "COB-97", NULL);
    AT_LINE(s, ask(s, 0, "POST", path, said(s, "%s", N(s, language))));
    IS(s, 201);
    str item = item_of(s, "<fields.technical.language>");
    clock_to(s, "2026-02-03 12:00");
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/withdrawals", STR_ARG(v)),
        "{'purpose':'<purposes.recognition>','cookie':'<cookies.locale>'}");
    DONE(s);
    AT_LINE(s, names_are(s, "expire",
                         "<cookies.recognise> <cookies.country> <cookies.locale> "
                         "<cookies.prefill> "));
    AT_LINE(s, gone(s, 0, v, item, "<purposes.recognition>"));
    AT_LINE(s, cookie(s, v, "<cookies.locale>", ""));
    must_refuse(s, "COB-97", "consent");
    AT_LINE(s, look_inside(s, v, "CANARY", 1, 1)); /* the wording */
}

/* Signing in rests on the agreement and on nothing in the browser. */
static void signing_in_needs_no_cookie(struct stage *s)
{
    str g = create_person(s, "G-1", "");
    ASK(s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.service>','number':'S-1'}");
    str service = got(s, "id");
    ASK(s, 0, "POST", STR("/v1/agreements"), "{'subject':'%.*s','matter':'%.*s'}", STR_ARG(g),
        STR_ARG(service));
    IS(s, 201);
    AT_LINE(s, collect(s, g, "<intakes.registration>", "<sources.person>", service,
                       "'<fields.identity.person_name>':'Gro','<fields.contact.work_email>':"
                       "'gro@example.org'"));
    IS(s, 201);
    str name = item_of(s, "<fields.identity.person_name>");
    ASK(s, 0, "POST", PATH(s, "/v1/subjects/%.*s/use", STR_ARG(g)),
        "{'purpose':'<purposes.identify_and_authorise>','items':['%.*s'],'matter':'%.*s'}",
        STR_ARG(name), STR_ARG(service));
    DONE(s);
    AT_LINE(s, cookie(s, g, "<cookies.prefill>", ""));
    must_refuse(s, "COB-98", "consent");
}

/* Where a cookie is necessary it alone passes, and a pixel in a mail is asked about as a cookie. */
static void only_what_is_necessary_passes(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-02-01 10:00");
    AT_LINE(&s, gate(&s, STR(""), NULL, NULL));
    AT_LINE(&s, names_are(&s, "allowed", "<cookies.session> "));
    AT_LINE(&s, names_are(&s, "expire",
                          "<cookies.statistics> <cookies.interests> <cookies.mail_opens> "));
    str reader = create_person(&s, "R-1", "'<roles.mail_reader>'");
    AT_LINE(&s, cookie(&s, reader, "<cookies.mail_opens>", ",'reads':true"));
    must_refuse(&s, "CON-10", "consent");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/collect", STR_ARG(reader)),
        "{'intake':'<intakes.mail_use>','values':{'<fields.behaviour.mail_open>':'CANARY-OPEN'},"
        "'optional':['<fields.behaviour.mail_open>'],'cookie':'<cookies.mail_opens>'}");
    must_refuse(&s, "CON-10", NULL);
    AT_LINE(&s, look_inside(&s, reader, "CANARY", 1, 0));
    stage_close(&s);
}

void s10_no_cookies(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-02-01 10:00");
    AT_LINE(&s, a_browser_chooses(&s));
    AT_LINE(&s, a_known_visitor_takes_it_back(&s));
    AT_LINE(&s, signing_in_needs_no_cookie(&s));
    stage_close(&s);
    only_what_is_necessary_passes(cast);
}
