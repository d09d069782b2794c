/* Two dossiers that are one person's, put together over HTTP, on a policy that speaks of none. */
#include <string.h>

#include "scenario.h"

#define TELL  "<purposes.marketing_material>"
#define HIRE  "<purposes.recruitment>"
#define SHARE "<purposes.partner_sharing>"

static bool says(struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static void post(struct stage *s, size_t who, str person, const char *verb, const char *text)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/%s", STR_ARG(person), verb),
        said(s, "%s", text));
}

static str applies(struct stage *s, str person, str vacancy, const char *cv)
{
    collect(s, person, "<intakes.application>", "<sources.person>", vacancy, said_text(s, cv));
    return item_of(s, "<fields.job_application.application>");
}

static size_t conflicts(struct stage *s)
{
    const struct json *list = got_json(s, "conflicts");
    return list == NULL ? 0 : list->count;
}

static void merge(struct stage *s, size_t who, str to, str from, const char *rest)
{
    ask(s, who, "POST", said(s, "/v1/subjects/%.*s/merge", STR_ARG(to)),
        said(s, "{'from':'%.*s',%s}", STR_ARG(from), rest));
}

static str anna_and_ann(struct stage *s, const char *number, str vacancy, const char *cv, str *item)
{
    str person = create_person(s, number, "'<roles.candidate>'");
    *item = applies(s, person, vacancy, cv);
    happen(s, person, "<events.application_received>", vacancy);
    return person;
}

/* The old id: whoever may know of her is told the new one, a stranger's gets what nobody's gets. */
static void goes_by(struct stage *s, str old, str new_, size_t stranger)
{
    post(s, 0, old, "read", "{'purpose':'" HIRE "'}");
    IS(s, 410);
    if (!str_equal(got(s, "subject"), new_) || !says(s, "/problems/merged"))
        fail_msg("line %d: %.*s", s->line, STR_ARG(s->body));
    post(s, stranger, old, "read", "{'purpose':'<purposes.user_forum>'}");
    IS(s, 404);
    str there = s->body;
    ask(s, stranger, "POST", STR("/v1/subjects/AAAAAAAAAAAAAAAAAAAAAA/read"),
        said(s, "{'purpose':'<purposes.user_forum>'}"));
    IS(s, 404);
    assert_true(str_equal(there, s->body));
}

static size_t forum_token(struct stage *s)
{
    ask(s, 0, "POST", STR("/v1/tokens"),
        said(s, "{'name':'forum','scopes':['read','officer'],"
                "'purposes':['<purposes.user_forum>']}"));
    IS(s, 201);
    s->who[s->who_count] = (struct who){.token = got(s, "token"), .name = STR("forum")};
    return s->who_count++;
}

/* She applied twice, once with a no: whoever puts that together looks first; the no is hers, and no
 * crash parts what was put together. */
void own_two_dossiers_of_one_applicant(const struct cast *cast)
{
    struct stage s;
    str mine, yours;
    stage_open(&s, cast, CONFECT, "2026-03-02 09:00");
    s.company = "<controllers.confect>";
    size_t officer = hire(&s, "<staff.officer>"), stranger = forum_token(&s);
    ask(&s, 0, "POST", STR("/v1/matters"), said(&s, "{'kind':'<matters.vacancy>','number':'V-1'}"));
    IS(&s, 201);
    str vacancy = got(&s, "id");
    str anna = AT_LINE(
        &s,
        anna_and_ann(&s, "M-1", vacancy,
                     "'<fields.basic.name>':'Ann One','<fields.basic.email>':'ann@canary.example',"
                     "'<fields.job_application.application>':'canary letter one'",
                     &mine));
    str ann = AT_LINE(
        &s,
        anna_and_ann(&s, "M-2", vacancy,
                     "'<fields.basic.name>':'Ann Two','<fields.basic.email>':'Ann@canary.example',"
                     "'<fields.job_application.application>':'canary letter two'",
                     &yours));
    AT_LINE(&s, post(&s, 0, anna, "consents",
                     "{'purpose':'" SHARE "','wording':'May we?','given_by':'click'}"));
    IS(&s, 201);
    AT_LINE(&s, post(&s, 0, ann, "consents",
                     "{'purpose':'" SHARE "','wording':'May we?','given_by':'click'}"));
    IS(&s, 201);
    AT_LINE(&s, post(&s, 0, ann, "withdrawals", "{'purpose':'" SHARE "'}"));
    DONE(&s);
    AT_LINE(&s, ask(&s, officer, "GET", STR("/v1/duplicates"), STR("")));
    IS(&s, 200);
    assert_int_equal(got_json(&s, "pairs")->count, 1);
    AT_LINE(&s, ask(&s, stranger, "GET", STR("/v1/duplicates"), STR("")));
    IS(&s, 403);

    AT_LINE(&s, merge(&s, officer, anna, ann, "'preview':true"));
    IS(&s, 200);
    size_t count = conflicts(&s);
    assert_true(count > 2 && says(&s, "consent_ends") && says(&s, "values"));
    AT_LINE(&s, read_is(&s, 0, ann, yours, HIRE, "canary letter two")); /* only looked at */
    AT_LINE(&s, merge(&s, officer, anna, ann, "'reason':'same address','conflicts':0"));
    IS(&s, 409);
    AT_LINE(&s, merge(&s, stranger, anna, ann, "'preview':true"));
    IS(&s, 403);
    AT_LINE(&s, merge(&s, officer, anna, anna, "'preview':true"));
    IS(&s, 422);
    AT_LINE(&s, merge(&s, officer, anna, ann,
                      arena_c_string(
                          s.arena, arena_format(s.arena, "'reason':'same address','conflicts':%zu",
                                                count))));
    IS(&s, 200);
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, goes_by(&s, ann, anna, stranger));
    AT_LINE(&s, read_is(&s, 0, anna, mine, HIRE, "canary letter one"));
    AT_LINE(&s, read_is(&s, 0, anna, yours, HIRE, "canary letter two"));
    AT_LINE(&s, found_is(&s, "<fields.basic.email>", "ann@canary.example", 1));
    AT_LINE(&s, post(&s, 0, anna, "share",
                     "{'purpose':'" SHARE "','recipient':'<recipients.partner>'}"));
    IS(&s, 403);
    AT_LINE(&s, merge(&s, officer, anna, ann, "'preview':true"));
    IS(&s, 410);
    AT_LINE(&s, look_inside(&s, anna, "canary letter two", 1, 9));
    stage_close(&s);
}
