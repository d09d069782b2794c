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
