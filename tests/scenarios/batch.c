/* Many people under one entry: each is decided for themselves, the right ones get it, and each
 * one's own history shows what was decided of them. */
#include <string.h>

#include "scenario.h"

#define MARKETING "<purposes.marketing_material>"

enum { PEOPLE = 40, OBJECTED = 3, RESTRICTED = 5, SILENT = 7, ERASED = 9, TOO_MANY = 65537 };

static str lead(struct stage *s, int i)
{
    char number[16], values[96];
    (void)snprintf(number, sizeof(number), "B-%d", i);
    (void)snprintf(values, sizeof(values),
                   "'<fields.basic.email>':'b%d@canary.example','<fields.basic.name>':'Bo %d'", i,
                   i);
    str id = create_person(s, number, "'<roles.lead>','<roles.downloader>'");
    happen(s, id, "<events.interaction>", STR(""));
    happen(s, id, "<events.activity>", STR(""));
    collect(s, id, "<intakes.interest>", "<sources.person>", STR(""), values);
    IS(s, 201);
    if (i == SILENT)
        return id;
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(id)),
        said(s, "{'purpose':'" MARKETING "','wording':'News by e-mail?','given_by':'click',"
                "'channel':'email'}"));
    IS(s, 201);
    return id;
}

static str ids_of(struct stage *s, const str *people, size_t count)
{
    struct buf buf = buf_in(s->arena, 4 << 20);
    for (size_t i = 0; i < count; i++) {
        buf_text(&buf, i == 0 ? "\"" : ",\"");
        buf_add(&buf, people[i]);
        buf_char(&buf, '"');
    }
    return buf_str(&buf);
}

static void batch(struct stage *s, const char *path, const char *what, str ids)
{
    struct buf buf = buf_in(s->arena, 4 << 20);
    buf_add(&buf, said(s, "{%s,'subjects':[", what));
    buf_add(&buf, ids);
    buf_text(&buf, "]}");
    ask(s, 0, "POST", str_from(path), buf_str(&buf));
}

/* The line of the answer at this place holds this text. */
static void line_has(struct stage *s, size_t place, const char *text)
{
    str rest = s->body, line = {0};
    for (size_t i = 0; i <= place; i++)
        assert_true(str_next(&rest, '\n', &line));
    if (memmem(line.ptr, line.len, text, strlen(text)) == NULL)
        fail_msg("line %d: no %s in %.*s", s->line, text, STR_ARG(line));
}

static void decision_is(struct stage *s, str person, const char *action, const char *decision)
{
    (void)last_entry(s, person, action);
    const struct json *last = NULL;
    for (JSON_EACH(one, got_json(s, "entries"))) {
        str text;
        if (json_str(json_get(one, "decision"), &text))
            last = json_get(one, "decision");
        if (last != NULL && json_str(last, &text) && !str_is(text, decision))
            fail_msg("line %d: the log says %.*s", s->line, STR_ARG(text));
    }
    assert_non_null(last);
}

static void odd_batches_are_refused(struct stage *s, const str *people)
{
    batch(s, "/v1/batch/read", "'purpose':'" MARKETING "'", STR(""));
    IS(s, 422);
    const str twice[] = {people[1], people[2], people[1]};
    batch(s, "/v1/batch/read", "'purpose':'" MARKETING "'", ids_of(s, twice, 3));
    IS(s, 422);
    batch(s, "/v1/batch/read", "'purpose':'no_such_purpose'", ids_of(s, people, 2));
    IS(s, 422);
    str *many = ARENA_ARRAY(s->arena, str, TOO_MANY);
    for (int i = 0; i < TOO_MANY; i++)
        many[i] = arena_format(s->arena, "%018dAAAA", i + 1);
    batch(s, "/v1/batch/read", "'purpose':'" MARKETING "'", ids_of(s, many, TOO_MANY));
    IS(s, 413);
}

/* Whom a token does not reach answers as nobody does. */
static void hidden_people_are_unknown(struct stage *s, str ids)
{
    ask(s, 0, "POST", STR("/v1/tokens"),
        said(s, "{'name':'hiring','scopes':['read'],'purposes':['<purposes.recruitment>']}"));
    IS(s, 201);
    size_t hiring = s->who_count++;
    s->who[hiring].token = got(s, "token");
    ask(s, hiring, "POST", STR("/v1/batch/read"),
        said(s, "{'purpose':'<purposes.recruitment>','subjects':[%.*s]}", STR_ARG(ids)));
    IS(s, 200);
    line_has(s, 0, "\"unknown\":true");
    line_has(s, ERASED, "\"unknown\":true");
    line_has(s, PEOPLE, "\"allowed\":0");
}

void a_mailing_reaches_those_who_may_get_it(const struct cast *cast)
{
    struct stage s;
    str people[PEOPLE];
    stage_open(&s, cast, CONFECT, "2024-05-10 10:00");
    AT_LINE(&s, weigh(&s, MARKETING));
    for (int i = 0; i < PEOPLE; i++)
        people[i] = AT_LINE(&s, lead(&s, i));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(people[OBJECTED])),
        "{'purpose':'" MARKETING "'}");
    DONE(&s);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/restrictions", STR_ARG(people[RESTRICTED])),
        "{'reason':'accuracy','warned':true}");
    DONE(&s);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/restrictions", STR_ARG(people[SILENT])),
        "{'reason':'accuracy','warned':true}");
    DONE(&s);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(people[ERASED])),
        "{'warned':true}");
    DONE(&s);
    s.line = __LINE__;
    batch(&s, "/v1/batch/messages",
          "'message':'<messages.marketing>','channel':'email','supplied':['stop_link']",
          ids_of(&s, people, PEOPLE));
    IS(&s, 200);
    line_has(&s, 0, "\"allowed\":true");
    line_has(&s, OBJECTED, "\"refused\":{\"rule\"");
    line_has(&s, SILENT, "\"refused\":{\"rule\"");
    line_has(&s, ERASED, "\"unknown\":true");
    line_has(&s, PEOPLE, "\"people\":40");
    s.line = __LINE__;
    batch(&s, "/v1/batch/read", "'purpose':'" MARKETING "'", ids_of(&s, people, PEOPLE));
    IS(&s, 200);
    line_has(&s, 0, "b0@canary.example");
    line_has(&s, RESTRICTED, "b5@canary.example"); /* she consented to it: GDPR 18(2) */
    line_has(&s, SILENT, "\"allowed\":false");
    line_has(&s, OBJECTED, "\"allowed\":false");
    line_has(&s, PEOPLE - 1, "b39@canary.example");
    AT_LINE(&s, decision_is(&s, people[0], "read", "allow"));
    AT_LINE(&s, decision_is(&s, people[OBJECTED], "read", "refuse"));
    AT_LINE(&s, odd_batches_are_refused(&s, people));
    AT_LINE(&s, hidden_people_are_unknown(&s, ids_of(&s, people, PEOPLE)));
    stage_close(&s);
}
