/* Requests and complaints that come by phone, post, e-mail or support, as cases. */
#include <string.h>

#include "scenario.h"

static str open_case(struct stage *s, const char *rest)
{
    ask(s, 0, "POST", STR("/v1/cases"), said(s, "{'kind':'complain',%s}", rest));
    IS(s, 201);
    return got(s, "id");
}

static void about(struct stage *s, str complaint, str person)
{
    ask(s, 0, "POST", said(s, "/v1/cases/%.*s/subject", STR_ARG(complaint)),
        said(s, "{'subject':'%.*s'}", STR_ARG(person)));
}

static void close_case(struct stage *s, size_t who, str complaint, const char *reasons)
{
    ask(s, who, "POST", said(s, "/v1/cases/%.*s/decision", STR_ARG(complaint)),
        said(s, "{'granted':true,'reasons':'%s'}", reasons));
}

/* As of nobody. */
static void not_here(struct stage *s, str complaint, str other)
{
    about(s, complaint, STR("4TsVrAwQyzFlC3Qpk0m6Wg"));
    IS(s, 404);
    str first = s->body;
    about(s, complaint, other);
    IS(s, 404);
    str second = s->body;
    assert_int_equal(first.len, second.len);
}

void a_complaint_is_the_officers(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-03-02 10:00");
    size_t helper = hire(&s, "<staff.helper>"), legal = hire(&s, "<staff.legal>");
    size_t officer = hire(&s, "<staff.dpo_role>"), other = hire(&s, "<staff.dpo_role>");
    str person = create_person(&s, "A-1", "");
    str by_phone = AT_LINE(&s, open_case(&s, "'channel':'phone','number':'K-1'"));
    str by_mail = AT_LINE(&s, open_case(&s, "'channel':'email','number':'K-2'"));
    str by_support = AT_LINE(&s, open_case(&s, "'channel':'support'"));
    AT_LINE(&s, not_here(&s, by_phone, by_mail));
    AT_LINE(&s, about(&s, by_phone, person));
    IS(&s, 200);
    AT_LINE(&s, about(&s, by_phone, person));
    IS(&s, 409);

    for (size_t i = 0; i < 3; i++) {
        const size_t nobody[] = {0, helper, legal};
        AT_LINE(&s, close_case(&s, nobody[i], by_phone, "CANARY-WHY because"));
        must_refuse(&s, "COB-38", NULL);
    }
    AT_LINE(&s, close_case(&s, officer, by_phone, ""));
    IS(&s, 422);
    AT_LINE(&s, close_case(&s, officer, by_phone, "CANARY-WHY because"));
    IS(&s, 201);
    assert_null(memmem(s.body.ptr, s.body.len, "CANARY", 6));
    AT_LINE(&s, close_case(&s, other, by_phone, "CANARY-WHY otherwise"));
    IS(&s, 409);
    AT_LINE(&s, close_case(&s, other, by_mail, "CANARY-WHY each on its own"));
    IS(&s, 201);

    /* About the officer: another one's to close, before and after a crash. */
    ASK(&s, 0, "POST", STR("/v1/cases"), "{'kind':'complain','member':'%.*s'}",
        STR_ARG(s.who[officer].staff));
    IS(&s, 201);
    str about_her = got(&s, "id");
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, close_case(&s, officer, about_her, "CANARY-WHY mine"));
    must_refuse_by(&s, "always.no_self_record");
    AT_LINE(&s, close_case(&s, other, about_her, "CANARY-WHY hers"));
    IS(&s, 201);
    AT_LINE(&s, close_case(&s, officer, by_phone, "CANARY-WHY again"));
    IS(&s, 409);
    AT_LINE(&s, close_case(&s, officer, by_support, "CANARY-WHY last"));
    IS(&s, 201);
    AT_LINE(&s, look_inside(&s, person, "CANARY-WHY", 1, 0));
    stage_close(&s);
}
