/* Who sees whom among users: a directory that is searched, fields shown by consent, and a forum
 * (C17). Nothing here is told of those who were not shown. */
#include <string.h>

#include "scenario.h"

#define SEARCH  "<recipients.users_search>"
#define PROFILE "<recipients.users_profile>"
#define EMAIL   "<fields.contact.work_email>"

static void search(struct stage *s, const char *audience, str viewer, const char *text,
                   const char *match, const char *more)
{
    ask(s, 0, "POST", STR("/v1/search"),
        said(s, "{'audience':'%s','viewer':'%.*s','text':'%s','match':'%s'%s}", audience,
             STR_ARG(viewer), text, match, more));
}

/* So many are shown, and the first of them is this person (empty: nobody). */
static void hits_are(struct stage *s, size_t count, str person)
{
    IS(s, 200);
    const struct json *hits = got_json(s, "hits");
    if (hits->count != count)
        fail_msg("line %d: wanted %zu hits: %.*s", s->line, count, STR_ARG(s->body));
    str id;
    if (count == 1 && (!json_str(json_get(hits->child, "id"), &id) || !str_equal(id, person)))
        fail_msg("line %d: another person is shown: %.*s", s->line, STR_ARG(s->body));
}

static bool shows(const struct stage *s, const char *text)
{
    return memmem(s->body.ptr, s->body.len, text, strlen(text)) != NULL;
}

static str register_user(struct stage *s, const char *number, const char *name, const char *email)
{
    str id = create_person(s, number, "'<roles.user>'");
    ask(s, 0, "POST", STR("/v1/agreements"), said(s, "{'subject':'%.*s'}", STR_ARG(id)));
    IS(s, 201);
    collect(s, id, "<intakes.registration>", "<sources.person>", STR(""),
            arena_c_string(s->arena,
                           said(s,
                                "'<fields.identity.person_name>':'%s','<fields.identity.position>':"
                                "'Welder','" EMAIL "':'%s','<fields.contact.city>':'Tromsø'",
                                name, email)));
    IS(s, 201);
    return id;
}

static void show_position(struct stage *s, str person)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/consents", STR_ARG(person)),
        said(s, "{'purpose':'<purposes.profile_visibility>','field':'<fields.identity.position>',"
                "'wording':'Show my position to others','act':'ticked','given_by':'click'}"));
    IS(s, 201);
}

static void stop_showing_position(struct stage *s, str person)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/withdrawals", STR_ARG(person)),
        said(s, "{'purpose':'<purposes.profile_visibility>','field':"
                "'<fields.identity.position>'}"));
    DONE(s);
}

static void bad_questions_are_refused(struct stage *s, str viewer, str outsider)
{
    AT_LINE(s, search(s, SEARCH, outsider, "kari", "word", ""));
    must_refuse(s, "COB-73", NULL);
    AT_LINE(s, search(s, PROFILE, viewer, "kari", "word", "")); /* shown, and not searched */
    IS(s, 403);
    AT_LINE(s, search(s, "<recipients.manufacturer>", viewer, "kari", "word", ""));
    IS(s, 422);
    AT_LINE(s, search(s, SEARCH, viewer, "ka", "prefix", ""));
    IS(s, 422);
    AT_LINE(s, search(s, SEARCH, viewer, "k ", "whole", ""));
    IS(s, 422);
    AT_LINE(s, search(s, SEARCH, viewer, "nordmannen", "prefix", ""));
    IS(s, 422);
    AT_LINE(s, search(s, SEARCH, viewer, "kari", "like", ""));
    IS(s, 422);
    AT_LINE(s, search(s, SEARCH, viewer, "aaa bbb ccc ddd eee", "word", ""));
    IS(s, 422);
    AT_LINE(s, search(s, SEARCH, STR("AAAAAAAAAAAAAAAAAAAAAA"), "kari", "word", ""));
    IS(s, 404);
}

static void restore_it(struct stage *s, const char *name)
{
    server_stop(s);
    str registered = s->cast->name[s->policy];
    str from = arena_format(s->arena, "%s/%.*s/%s", s->backups, STR_ARG(registered), name);
    const char *words[] = {"restore",
                           "--data",
                           s->data,
                           "--root",
                           s->root,
                           "--register",
                           arena_c_string(s->arena, registered),
                           "--from",
                           arena_c_string(s->arena, from),
                           NULL};
    if (vern(s, words) != 0)
        fail_msg("restore: %.*s", STR_ARG(s->body));
    server_start(s);
}

void users_find_each_other(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-01-10 10:00");
    AT_LINE(&s, weigh(&s, "<purposes.user_directory>"));
    str viewer = AT_LINE(&s, register_user(&s, "V-1", "Vera CANARY-V", "vera@firm.example"));
    str kari =
        AT_LINE(&s, register_user(&s, "K-1", "Kari CANARY-K", "Kari.Nordmann@canary-k.example"));
    str outsider = create_person(&s, "O-1", "'<roles.newsletter_reader>'");
    AT_LINE(&s, bad_questions_are_refused(&s, viewer, outsider));

    AT_LINE(&s, search(&s, SEARCH, viewer, "kari.nordmann@canary-k.example", "whole", ""));
    AT_LINE(&s, hits_are(&s, 1, kari));
    assert_true(shows(&s, "Kari.Nordmann@canary-k.example") && shows(&s, "Tromsø"));
    assert_false(shows(&s, "CANARY-K") || shows(&s, "Welder")); /* contact data and no more */
    AT_LINE(&s, search(&s, SEARCH, viewer, "NORD", "prefix", ""));
    AT_LINE(&s, hits_are(&s, 1, kari));
    AT_LINE(&s, search(&s, SEARCH, viewer, "nordmann tromsø", "word", ""));
    AT_LINE(&s, hits_are(&s, 1, kari));
    AT_LINE(&s, search(&s, SEARCH, viewer, "tromsø", "word", ""));
    AT_LINE(&s, hits_are(&s, 2, kari));
    AT_LINE(&s, search(&s, SEARCH, viewer, "canary", "prefix", "")); /* a name, and a domain */
    AT_LINE(&s, hits_are(&s, 0, kari));
    assert_true(json_str(json_get(last_entry(&s, kari, "show_to"), "rk"), &(str){0}));

    /* Her position is seen while she consents to that field, and her name never. */
    AT_LINE(&s, show_position(&s, kari));
    AT_LINE(&s, search(&s, SEARCH, viewer, "nordmann", "word", ",'also':'" PROFILE "'"));
    AT_LINE(&s, hits_are(&s, 1, kari));
    assert_true(shows(&s, "Welder") && !shows(&s, "CANARY-K"));
    AT_LINE(&s, stop_showing_position(&s, kari));
    AT_LINE(&s, search(&s, SEARCH, viewer, "nordmann", "word", ",'also':'" PROFILE "'"));
    AT_LINE(&s, hits_are(&s, 1, kari));
    assert_false(shows(&s, "Welder"));

    /* What she restricts leaves the index at once; neither a kill nor a restore brings it back. */
    ASK(&s, 0, "POST", STR("/v1/backup"), "{'name':'before'}");
    DONE(&s);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/restrictions", STR_ARG(kari)),
        "{'fields':['" EMAIL "'],'reason':'accuracy','warned':true}");
    IS(&s, 201);
    server_kill(&s);
    server_start(&s);
    AT_LINE(&s, search(&s, SEARCH, viewer, "nordmann", "word", ""));
    AT_LINE(&s, hits_are(&s, 0, kari));
    AT_LINE(&s, search(&s, SEARCH, viewer, "tromsø", "word", ""));
    AT_LINE(&s, hits_are(&s, 2, kari));
    assert_false(shows(&s, "nordmann") || shows(&s, "Nordmann"));
    AT_LINE(&s, restore_it(&s, "before"));
    AT_LINE(&s, search(&s, SEARCH, viewer, "nordmann", "word", ""));
    AT_LINE(&s, hits_are(&s, 0, kari));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/erase", STR_ARG(kari)), "{'warned':true}");
    DONE(&s);
    AT_LINE(&s, search(&s, SEARCH, viewer, "tromsø", "word", ""));
    AT_LINE(&s, hits_are(&s, 1, viewer));

    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/switches", STR_ARG(viewer)),
        "{'switch':'<switches.directory>'}");
    IS(&s, 201);
    AT_LINE(&s, search(&s, SEARCH, viewer, "tromsø", "word", ""));
    AT_LINE(&s, hits_are(&s, 0, viewer));

    /* Nobody lists the directory by asking for it letter by letter. */
    int code = 200;
    for (int i = 0; i < 64 && code == 200; i++) {
        search(&s, SEARCH, viewer, "tro", "prefix", "");
        code = s.code;
    }
    assert_int_equal(code, 429);
    clock_to(&s, "2026-01-10 12:00");
    AT_LINE(&s, search(&s, SEARCH, viewer, "tro", "prefix", ""));
    AT_LINE(&s, hits_are(&s, 0, viewer));
    AT_LINE(&s, look_inside(&s, kari, "canary-k", 0, 0));
    stage_close(&s);
}

/* ---- a forum ---- */

static void view(struct stage *s, str person, str viewer)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/view", STR_ARG(person)),
        said(s, "{'audience':'<recipients.forum_readers>','viewer':'%.*s'}", STR_ARG(viewer)));
}

void a_forum_is_read_by_its_members(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, CONFECT, "2026-02-01 10:00");
    AT_LINE(&s, weigh(&s, "<purposes.user_forum>"));
    str poster = create_person(&s, "P-1", "'<roles.forum_user>'");
    str reader = create_person(&s, "R-1", "'<roles.forum_user>'");
    str lead = create_person(&s, "L-1", "'<roles.lead>'");
    /* Told before posting, or nothing is posted. */
    static const char POST[] =
        "'<fields.user_web.username>':'canary-poster','<fields.content.comment>'"
        ":'CANARY-POST how do I weld'";
    AT_LINE(&s, collect(&s, poster, "<intakes.forum_post>", "<sources.person>", STR(""), POST));
    IS(&s, 403);
    ASK(&s, 0, "POST", STR("/v1/notices"), "{'subject':'%.*s','purpose':'<purposes.user_forum>'}",
        STR_ARG(poster));
    IS(&s, 201);
    AT_LINE(&s, collect(&s, poster, "<intakes.forum_post>", "<sources.person>", STR(""), POST));
    IS(&s, 201);
    AT_LINE(&s, happen(&s, poster, "<events.post_made>", STR("")));
    AT_LINE(&s, view(&s, poster, reader));
    IS(&s, 200);
    assert_true(shows(&s, "CANARY-POST") && shows(&s, "canary-poster"));
    AT_LINE(&s, view(&s, poster, lead));
    must_refuse(&s, "CON-40", NULL);
    assert_false(shows(&s, "CANARY"));
    AT_LINE(&s, search(&s, "<recipients.forum_readers>", reader, "canary", "prefix", ""));
    must_refuse(&s, "CON-40", NULL); /* read, and not searched */
    AT_LINE(&s, view(&s, STR("BAAAAAAAAAAAAAAAAAAAAA"), reader));
    IS(&s, 404);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/roles", STR_ARG(reader)),
        "{'role':'<roles.forum_user>','ends':true}");
    DONE(&s);
    AT_LINE(&s, view(&s, poster, reader));
    must_refuse(&s, "CON-40", NULL);
    stage_close(&s);
}

/* ---- a directory of two companies ---- */

#define PARTICIPANTS "fellow_participants"

/* A course's participants may search for each other; a clause of the test's own. */
static void add_directory(struct cast *cast)
{
    const struct names *names = &cast->names[INFOBRIC];
    str role = names_find(names, STR("roles"), STR("participant"));
    str purpose = names_find(names, STR("purposes"), STR("training_events"));
    str contact = names_find(names, STR("categories"), STR("contact"));
    str clause = arena_format(cast->arena,
                              "\nrecipients:\n  " PARTICIPANTS
                              ":\n    { says: { nb: Andre deltakere }, kind: audience, who: "
                              "[%.*s], for: [%.*s], gives: [%.*s], searchable: true }\n",
                              STR_ARG(role), STR_ARG(purpose), STR_ARG(contact));
    cast_change(cast, INFOBRIC, "\nrecipients:\n", arena_c_string(cast->arena, clause));
}

static str sign_up(struct stage *s, const char *number, const char *company, const char *name,
                   const char *email)
{
    str id = create_person(s, number, "");
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/collect", STR_ARG(id)),
        said(s,
             "{'intake':'<intakes.event_signup>','source':'<sources.person>','controller':'%s',"
             "'values':{'<fields.contact.name>':'%s','<fields.contact.work_email>':'%s'}}",
             company, name, email));
    IS(s, 201);
    return id;
}

void participants_of_one_company_find_no_others(const struct cast *cast)
{
    struct cast own = *cast;
    add_directory(&own);
    struct stage s;
    stage_open(&s, &own, INFOBRIC, "2026-02-01 10:00");
    AT_LINE(&s, weigh(&s, "<purposes.training_events>"));
    str viewer = AT_LINE(
        &s, sign_up(&s, "V-1", "<controllers.infobric_as>", "Vera Vik", "vera@course.example"));
    str ours = AT_LINE(&s, sign_up(&s, "A-1", "<controllers.infobric_as>", "Åse CANARY Bjørk",
                                   "ase@course.example"));
    str theirs = AT_LINE(
        &s, sign_up(&s, "B-1", "<controllers.infobric_time>", "Bo Bjørk", "bo@course.example"));
    AT_LINE(&s, search(&s, PARTICIPANTS, viewer, "BJØ", "prefix", ""));
    AT_LINE(&s, hits_are(&s, 1, ours));
    assert_true(shows(&s, "CANARY") && !shows(&s, "bo@course"));
    s.company = "<controllers.infobric_time>";
    AT_LINE(&s, search(&s, PARTICIPANTS, viewer, "bjørk", "word", ""));
    AT_LINE(&s, hits_are(&s, 1, theirs));
    s.company = NULL; /* a search for which no company answers */
    AT_LINE(&s, search(&s, PARTICIPANTS, viewer, "bjørk", "word", ""));
    must_refuse_by(&s, "controllers");
    s.company = "<controllers.infobric_as>";

    /* A name put right is found by the new one alone, and a second address beside the first. */
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/read", STR_ARG(ours)),
        "{'purpose':'<purposes.training_events>','fields':['<fields.contact.name>']}");
    IS(&s, 200);
    str item;
    assert_true(json_str(json_get(got_json(&s, "items")->child, "id"), &item));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/rectify", STR_ARG(ours)),
        "{'item':'%.*s','value':'Åse Lind'}", STR_ARG(item));
    DONE(&s);
    AT_LINE(&s, search(&s, PARTICIPANTS, viewer, "bjørk", "word", ""));
    AT_LINE(&s, hits_are(&s, 0, ours));
    AT_LINE(&s, search(&s, PARTICIPANTS, viewer, "lind", "word", ""));
    AT_LINE(&s, hits_are(&s, 1, ours));
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/objections", STR_ARG(ours)),
        "{'purpose':'<purposes.training_events>'}");
    DONE(&s);
    AT_LINE(&s, search(&s, PARTICIPANTS, viewer, "lind", "word", ""));
    AT_LINE(&s, hits_are(&s, 0, ours));
    /* A year after collecting the directory ends by itself, whatever else keeps the data. */
    clock_to(&s, "2027-02-01 00:00");
    AT_LINE(&s, search(&s, PARTICIPANTS, viewer, "vera", "word", ""));
    assert_true(s.code == 403 || s.code == 404 || !shows(&s, "vera@"));
    AT_LINE(&s, look_inside(&s, ours, "CANARY", 1, 2));
    stage_close(&s);
}
