/* Many people given on at once: what is recorded is as good as if each had been given alone. */
#include <string.h>

#include "scenario.h"

#define INFO "<purposes.third_party_product_info>"

enum { PEOPLE = 130, SILENT = 3, STOPPED = 5, FIRST = 0, LEAVES = 7 };

static str user(struct stage *s, str service, int i)
{
    char number[16], values[160];
    (void)snprintf(number, sizeof(number), "U-%d", i);
    (void)snprintf(values, sizeof(values),
                   "'<fields.identity.person_name>':'Una CANARY-%d',"
                   "'<fields.contact.work_email>':'u%d@canary.example'",
                   i, i);
    str id = create_person(s, number, "'<roles.user>'");
    ask(s, 0, "POST", STR("/v1/agreements"),
        said(s, "{'subject':'%.*s','matter':'%.*s'}", STR_ARG(id), STR_ARG(service)));
    IS(s, 201);
    collect(s, id, "<intakes.registration>", "<sources.person>", service, values);
    IS(s, 201);
    return id;
}

static void consent_to(struct stage *s, str person, str party)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(person)),
        said(s,
             "{'purpose':'" INFO "','party':'%.*s','wording':'Product information from them',"
             "'given_by':'click'}",
             STR_ARG(party)));
    IS(s, 201);
}

static str new_manufacturer(struct stage *s, size_t manager, const char *name)
{
    ask(s, 0, "POST", STR("/v1/parties"),
        said(s, "{'kind':'<recipients.manufacturer>','name':'%s'}", name));
    IS(s, 201);
    str party = got(s, "id");
    ask(s, manager, "POST", STR("/v1/evidence"),
        said(s,
             "{'type':'<evidence.sole_purpose>','party':'%.*s','purpose':'" INFO "',"
             "'particulars':{'<asks.document>':'letter 2'}}",
             STR_ARG(party)));
    IS(s, 201);
    return party;
}

/* The people of the list, or everyone (`people` NULL). */
static void share_all(struct stage *s, size_t who, str party, const str *people)
{
    struct buf buf = buf_in(s->arena, 1 << 20);
    buf_add(&buf, said(s,
                       "{'purpose':'" INFO "','recipient':'<recipients.manufacturer>',"
                       "'party':'%.*s',",
                       STR_ARG(party)));
    if (people == NULL)
        buf_text(&buf, "\"everyone\":true}");
    for (int i = 0; people != NULL && i < PEOPLE; i++)
        buf_format(&buf, "%s\"%.*s\"%s", i == 0 ? "\"subjects\":[" : ",", STR_ARG(people[i]),
                   i + 1 == PEOPLE ? "]}" : "");
    ask(s, who, "POST", STR("/v1/batch/share"), buf_str(&buf));
}

static bool has(str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* The line about this person. */
static str line_of(struct stage *s, str person)
{
    str rest = s->body, line = {0};
    while (str_next(&rest, '\n', &line)) {
        if (memmem(line.ptr, line.len, person.ptr, person.len) != NULL)
            return line;
    }
    return STR("");
}

static str text_of(struct stage *s, str line, const char *member)
{
    const struct json *json;
    struct report report = {0};
    str text = STR("");
    if (line.len > 0 && is_ok(json_parse(s->arena, line, &report, &json)))
        (void)json_str(json_get(json, member), &text);
    return text;
}

/* The manifest is damage when it is gone, wherever one looks. */
static void a_lost_manifest_is_told(struct stage *s, str reference)
{
    char log[256];
    (void)snprintf(log, sizeof(log), "%s/registers/%.*s/log/manifest", s->data,
                   STR_ARG(s->cast->name[s->policy]));
    str register_ = s->cast->name[s->policy];
    const char *name = arena_c_string(s->arena, register_);
    const char *verify[] = {"log",   "verify",     "--data", s->data, "--root",
                            s->root, "--register", name,     NULL};
    const char *doctor[] = {"doctor", "--data", s->data, "--root", s->root, NULL};
    server_stop(s);
    assert_int_equal(vern(s, verify), 0);
    assert_int_equal(vern(s, doctor), 0);
    remove_tree(s, log);
    assert_int_not_equal(vern(s, verify), 0);
    assert_true(has(s->body, "manifest"));
    assert_int_not_equal(vern(s, doctor), 0);
    assert_true(has(s->body, "manifest"));
    server_start(s);
    ask(s, 0, "POST", STR("/v1/history"), said(s, "{'reference':'%.*s'}", STR_ARG(reference)));
    IS(s, 500);
}

/* Nobody is listed for whom the token is not, and no list is had without the right to one. */
static void lists_are_for_officers(struct stage *s, str party)
{
    ask(s, 0, "POST", STR("/v1/tokens"),
        said(s, "{'name':'mailer','scopes':['share','read'],'purposes':['" INFO "']}"));
    IS(s, 201);
    size_t mailer = s->who_count++;
    s->who[mailer].token = got(s, "token");
    share_all(s, mailer, party, NULL);
    IS(s, 403);
    ask(s, mailer, "POST", STR("/v1/export"), said(s, "{'purpose':'" INFO "'}"));
    IS(s, 403);
}

/* COB-59, COB-67, COB-70, COB-71, COB-72, C15 */
void own_a_list_goes_to_a_manufacturer(const struct cast *cast)
{
    struct stage s;
    str people[PEOPLE];
    stage_open(&s, cast, COBUILDER, "2026-02-02 09:00");
    size_t manager = hire(&s, "<staff.recipient_manager>");
    ASK(&s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.service>','number':'S-1'}");
    str service = got(&s, "id");
    str alfa = AT_LINE(&s, new_manufacturer(&s, manager, "Alfa AS"));
    str beta = AT_LINE(&s, new_manufacturer(&s, manager, "Beta AS"));
    for (int i = 0; i < PEOPLE; i++) {
        people[i] = AT_LINE(&s, user(&s, service, i));
        if (i != SILENT)
            AT_LINE(&s, consent_to(&s, people[i], alfa));
    }
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/switches", STR_ARG(people[STOPPED])),
        "{'switch':'<switches.third_parties>'}");
    DONE(&s);
    AT_LINE(&s, share_all(&s, 0, beta, people)); /* to whom nobody consented */
    IS(&s, 200);
    assert_true(has(s.body, "\"allowed\":0"));
    assert_false(has(s.body, "CANARY"));
    AT_LINE(&s, share_all(&s, 0, alfa, people));
    IS(&s, 200);
    assert_true(has(s.body, "\"people\":130,\"allowed\":128"));
    assert_true(has(line_of(&s, people[SILENT]), "COB-70"));
    assert_true(has(line_of(&s, people[STOPPED]), "COB-72"));
    assert_true(has(line_of(&s, people[FIRST]), "Una CANARY-0"));
    str reference = text_of(&s, line_of(&s, people[LEAVES]), "reference");
    assert_int_equal(reference.len, ID_TEXT);
    /* Recorded with each; who was refused has nothing to be told of. */
    ASK(&s, 0, "GET", PATH(&s, "/v1/subjects/%.*s/disclosures", STR_ARG(people[FIRST])), "%s", "");
    assert_true(has(s.body, "Alfa AS"));
    ASK(&s, 0, "GET", PATH(&s, "/v1/subjects/%.*s/disclosures", STR_ARG(people[SILENT])), "%s", "");
    assert_false(has(s.body, "AS\""));
    /* Who withdraws is told of to whom it was given, by the name that they got. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/withdrawals", STR_ARG(people[LEAVES])),
        "{'purpose':'" INFO "','party':'%.*s'}", STR_ARG(alfa));
    DONE(&s);
    assert_true(has(s.body, "Alfa AS"));
    ASK(&s, 0, "GET", PATH(&s, "/v1/parties/%.*s/duties", STR_ARG(alfa)), "%s", "");
    assert_non_null(memmem(s.body.ptr, s.body.len, reference.ptr, reference.len));
    /* Everyone, without a name: the same people decided anew, by who may have the list. */
    AT_LINE(&s, lists_are_for_officers(&s, alfa));
    AT_LINE(&s, share_all(&s, 0, alfa, NULL));
    IS(&s, 200);
    assert_true(has(s.body, "\"allowed\":127"));
    assert_false(has(line_of(&s, people[LEAVES]), "CANARY"));
    ASK(&s, 0, "POST", STR("/v1/export"), "%s", "{}");
    IS(&s, 200);
    assert_true(has(line_of(&s, people[SILENT]), "Una CANARY-3"));
    ASK(&s, 0, "GET", PATH(&s, "/v1/subjects/%.*s", STR_ARG(people[FIRST])), "%s", "");
    AT_LINE(&s, a_lost_manifest_is_told(&s, got(&s, "reference")));
    stage_close(&s);
}
