/* S23, and other requests at the rights desk: received, proven, decided, answered. */
#include <string.h>

#include "scenario.h"

/* What a request answers, without what is its own: nothing is left that tells of a person. */
static str answer_of(struct stage *s, const char *contact, str *id)
{
    ask(s, 0, "POST", STR("/v1/requests"),
        said(s,
             "{'channel':'email','rights':['portability'],'contact':'%s','text':"
             "'CANARY-ASKS'}",
             contact));
    IS(s, 201);
    *id = got(s, "id");
    str number = got(s, "number");
    struct buf buf = buf_in(s->arena, 4096);
    for (size_t i = 0; i < s->body.len; i++) {
        str rest = {s->body.ptr + i, s->body.len - i};
        bool own = str_starts(rest, *id) || str_starts(rest, number);
        i += own ? (str_starts(rest, *id) ? id->len : number.len) - 1 : 0;
        bool index = !own && s->body.ptr[i] >= '0' && s->body.ptr[i] <= '9' && i > 12 &&
                     memmem(s->body.ptr + i - 12, 12, "log_index", 9) != NULL;
        if (!own && !index)
            buf_char(&buf, s->body.ptr[i]);
    }
    return buf_str(&buf);
}

void s23_no_identity_no_answer(const struct cast *cast)
{
    struct stage s;
    str known, unknown;
    stage_open(&s, cast, HOSTING, "2026-01-10 09:00");
    size_t legal = hire(&s, "<staff.legal>");
    clock_to(&s, "2026-01-31 10:00");
    s.line = __LINE__;
    str to_known = answer_of(&s, "quentin@canary-q.example", &known);
    assert_true(str_is(got(&s, "safe"), "2026-02-28"));
    assert_true(str_is(got(&s, "legal"), "2026-03-02"));
    str to_unknown = answer_of(&s, "nobody@canary-n.example", &unknown);
    if (!str_equal(to_known, to_unknown))
        fail_msg("%.*s\n%.*s", STR_ARG(to_known), STR_ARG(to_unknown));

    ASK(&s, legal, "GET", STR("/v1/requests?show=open&kind=portability"), "%s", "");
    IS(&s, 200);
    assert_int_equal(got_json(&s, "requests")->count, 2);
    ASK(&s, legal, "GET", PATH(&s, "/v1/requests/%.*s", STR_ARG(known)), "%s", "");
    IS(&s, 200);
    assert_true(str_is(got(&s, "state"), "open"));
    assert_true(str_is(got(&s, "identity"), "none"));
    assert_non_null(memmem(s.body.ptr, s.body.len, "CANARY-ASKS", 11));
    stage_close(&s);
}
