/* S11 and S12: what no form takes; and forms that say what they need and why, and that take all or
 * nothing. */
#include <string.h>

#include "scenario.h"

/* The form's row about a field, in the last answer. */
static const struct json *field_of(struct stage *s, const char *field)
{
    str name = str_from(N(s, field)), there;
    for (JSON_EACH(one, json_get(got_json(s, "form"), "fields"))) {
        if (json_str(json_get(one, "field"), &there) && str_equal(there, name))
            return one;
    }
    fail_msg("line %d: the form does not tell of %.*s: %.*s", s->line, STR_ARG(name),
             STR_ARG(s->body));
    return NULL;
}

static bool names(struct stage *s, const struct json *list, const char *name)
{
    str wanted = str_from(N(s, name)), there;
    for (JSON_EACH(one, list)) {
        if (json_str(one, &there) && str_equal(there, wanted))
            return true;
    }
    return false;
}

/* Why a field is needed: for this purpose, whether it must be given, and what follows without. */
static void form_says(struct stage *s, const char *field, bool required, const char *purpose,
                      const char *basis)
{
    const struct json *row = field_of(s, field);
    bool must = false;
    str text, wanted = str_from(N(s, purpose));
    assert_true(json_bool(json_get(row, "required"), &must));
    assert_int_equal(must, required);
    assert_true(json_str(json_get(row, "without"), &text));
    assert_true(str_is(text, required ? "nothing_is_taken" : "the_rest_is_taken"));
    if (!names(s, json_get(row, "purposes"), purpose))
        fail_msg("line %d: not for %.*s: %.*s", s->line, STR_ARG(wanted), STR_ARG(s->body));
    bool voluntary = false;
    assert_true(json_bool(json_get(got_json(s, "form"), "voluntary"), &voluntary) && voluntary);
    for (JSON_EACH(one, json_get(got_json(s, "form"), "purposes"))) {
        if (json_str(json_get(one, "purpose"), &text) && str_equal(text, wanted)) {
            assert_true(json_str(json_get(one, "basis"), &text));
            assert_true(str_is(text, basis));
            return;
        }
    }
    fail_msg("line %d: no basis of %.*s is told", s->line, STR_ARG(wanted));
}

static int64_t log_size(struct stage *s)
{
    ask(s, 0, "GET", STR("/v1/register"), STR(""));
    IS(s, 200);
    int64_t size;
    assert_true(json_i64(got_json(s, "log_size"), &size));
    return size;
}

static void nobody_is_here(struct stage *s)
{
    ask(s, 0, "GET", STR("/v1/subjects"), STR(""));
    IS(s, 200);
    assert_int_equal(got_json(s, "ids")->count, 0);
    found_is(s, "number", "R-1", 0);
    found_is(s, "<fields.contact.work_email>", "ida@canary-i.example", 0);
}

#define REGISTER(s, rest)                                                                          \
    ASK(s, 0, "POST", STR("/v1/subjects"),                                                         \
        "{'identifiers':[{'kind':'number','value':'R-1'}],'roles':['<roles.user>'],"               \
        "'agreements':[{}],'collect':{'intake':'<intakes.registration>',"                          \
        "'source':'<sources.person>'," rest "}}")
#define NAME  "'<fields.identity.person_name>':'Ida CANARY-NAME'"
#define EMAIL "'<fields.contact.work_email>':'ida@canary-i.example'"

/* She need not say what she is; nothing is taken from her for it. */
static void a_no_costs_nothing(struct stage *s, str person, str mail)
{
    size_t helper = hire(s, "<staff.helper>");
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/declines", STR_ARG(person)),
        said(s, "{'fields':['<fields.identity.position>'],'intake':'<intakes.registration>'}"));
    IS(s, 201);
    read_is(s, helper, person, mail, "<purposes.account_provisioning>", "ida@canary-i.example");
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/access", STR_ARG(person)),
        STR("{\"by_subject\":true}"));
    IS(s, 200);
    size_t declined = 0;
    str text;
    for (JSON_EACH(one, got_json(s, "evidence"))) {
        if (!json_str(json_get(one, "type"), &text) || !str_is(text, "declined"))
            continue;
        declined++;
        assert_true(json_str(json_get(one, "field"), &text) &&
                    str_is(text, N(s, "<fields.identity.position>")));
    }
    assert_int_equal(declined, 1);
}

void s12_no_data_no_account(const struct cast *cast)
{
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-02-05 09:00");
    int64_t before_it = log_size(&s);
    REGISTER(&s, "'values':{" NAME "}");
    must_refuse(&s, "COB-10", "<fields.contact.work_email>");
    must_refuse_by(&s, "intakes.<intakes.registration>.required");
    form_says(&s, "<fields.contact.work_email>", true, "<purposes.account_provisioning>",
              "contract");
    assert_true(names(&s, json_get(field_of(&s, "<fields.contact.work_email>"), "closes"),
                      "<purposes.account_provisioning>"));
    assert_int_equal(log_size(&s), before_it + 1); /* the count */
    AT_LINE(&s, nobody_is_here(&s));

    REGISTER(&s, "'values':{" NAME "," EMAIL ",'hobby':'CANARY-HOBBY'}");
    IS(&s, 422);
    AT_LINE(&s, nobody_is_here(&s));

    REGISTER(&s, "'values':{" NAME "," EMAIL ",'<fields.identity.position>':'CANARY-POSITION'}");
    IS(&s, 201);
    str ida = got(&s, "id"), mail = item_of(&s, "<fields.contact.work_email>"), rule;
    const struct json *refused = NULL;
    for (JSON_EACH(one, got_json(&s, "items")))
        refused = json_get(one, "refused") == NULL ? refused : json_get(one, "refused");
    assert_true(json_str(json_get(refused, "rule"), &rule));
    assert_string_equal(arena_c_string(s.arena, rule),
                        N(&s, "intakes.<intakes.registration>.optional"));
    form_says(&s, "<fields.identity.position>", false, "<purposes.direct_marketing>",
              "legitimate_interest");
    form_says(&s, "<fields.identity.person_name>", true, "<purposes.account_provisioning>",
              "contract");
    AT_LINE(&s, a_no_costs_nothing(&s, ida, mail));
    AT_LINE(&s, look_inside(&s, ida, "CANARY", 1, 3)); /* and the agreement */

    s.line = __LINE__;
    ask(&s, 0, "GET", STR("/v1/intakes"), STR(""));
    IS(&s, 200);
    assert_true(got_json(&s, "intakes")->count > 5);
    stage_close(&s);
}

/* ---- S11 ---- */

static void ask_support(struct stage *s, str person, const char *question)
{
    collect(s, person, "<intakes.support_form>", "<sources.person>", STR(""),
            arena_c_string(s->arena, said(s,
                                          "'<fields.contact.work_email>':'g@canary-g.example',"
                                          "'<fields.enquiry.question>':'%s'",
                                          question)));
}

/* In no file: rows, journals, log, audit, what the process wrote. */
static void no_file_holds_it(struct stage *s, str person, int items)
{
    static const char *const forms[] = {"4111 1111 1111", "4111-1111-1111", "11111111 1111",
                                        "411111111111",   "1111 1111\n",    "1111\\n1111"};
    server_stop(s);
    for (size_t i = 0; i < LENGTH(forms); i++)
        look_at_files(s, person, forms[i], 1, items);
    server_start(s);
}

void s11_card_numbers_never_land(const struct cast *cast)
{
    static const char *const questions[] = {
        "I paid with 4111 1111 1111 1111, why?",
        "4111-1111-1111-1111",
        "4111111111111111",
        "card 4111 1111\\n1111 1111 from last week",
        "4111.1111.1111.1111",
        "\xEF\xBC\x94\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91 1111 1111 1111",
        "4111\xC2\xA0"
        "1111\xC2\xA0"
        "1111\xC2\xA0"
        "1111",
    };
    struct stage s;
    stage_open(&s, cast, COBUILDER, "2026-02-05 09:00");
    str g = create_person(&s, "G-1", "'<roles.support_user>'");
    ASK(&s, 0, "POST", STR("/v1/agreements"), "{'subject':'%.*s'}", STR_ARG(g));
    IS(&s, 201);
    for (size_t i = 0; i < LENGTH(questions); i++) {
        AT_LINE(&s, ask_support(&s, g, questions[i]));
        must_refuse(&s, "COB-81", NULL);
    }
    /* Split over two fields; and where text stands beside data. */
    AT_LINE(&s, collect(&s, g, "<intakes.support_form>", "<sources.person>", STR(""),
                        "'<fields.contact.work_email>':'g@canary-g.example',"
                        "'<fields.identity.person_name>':'4111 1111','<fields.enquiry.question>':"
                        "'1111 1111'"));
    must_refuse(&s, "COB-81", NULL);
    ASK(&s, 0, "POST", STR("/v1/matters"),
        "{'kind':'<matters.service>','number':'4111 1111 1111 1111'}");
    must_refuse(&s, "COB-81", NULL);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/identifiers", STR_ARG(g)),
        "{'kind':'number','value':'4111111111111111'}");
    must_refuse(&s, "COB-81", NULL);
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/consents", STR_ARG(g)),
        "{'purpose':'<purposes.direct_marketing>','wording':'4111 1111 1111 1111',"
        "'given_by':'click'}");
    must_refuse(&s, "COB-81", NULL);
    AT_LINE(&s, no_file_holds_it(&s, g, 1));
    AT_LINE(&s, ask_support(&s, g, "Order 4111 1111 1111 1112 never came."));
    IS(&s, 201);
    str item = item_of(&s, "<fields.enquiry.question>");
    size_t helper = hire(&s, "<staff.helper>");
    AT_LINE(&s, read_is(&s, helper, g, item, "<purposes.support>",
                        "Order 4111 1111 1111 1112 never came."));
    stage_close(&s);
}

/* ---- identity numbers, on a policy that never takes them ---- */

static str upload(struct stage *s, str person, str vacancy, str bytes, const char *name)
{
    ask(s, 0, "POST", said(s, "/v1/subjects/%.*s/files", STR_ARG(person)),
        said(s,
             "{'intake':'<intakes.application>','source':'<sources.person>','matter':'%.*s',"
             "'controller':'<controllers.confect>','field':'<fields.job_application.cv>',"
             "'optional':true,'media':'text/plain','name':'%s','size':%zu}",
             STR_ARG(vacancy), name, bytes.len));
    if (s->code != 201)
        return STR("");
    str record = got(s, "record");
    put_bytes(s, 0, said(s, "/v1/subjects/%.*s/files/%.*s/bytes", STR_ARG(person), STR_ARG(record)),
              bytes);
    return record;
}

/* A letter of two parts, with the number across their edge. */
static str long_letter(struct stage *s, const char *number, size_t at)
{
    enum { BYTES = 140000 };
    char *text = ARENA_ARRAY(s->arena, char, (size_t)BYTES);
    assert_non_null(text);
    memset(text, 'a', (size_t)BYTES);
    memcpy(text + at, number, strlen(number));
    return (str){text, (size_t)BYTES};
}

static void not_one_lands(struct stage *s)
{
    must_refuse_by(s, "categories.identity_number.never");
    assert_null(memmem(s->body.ptr, s->body.len, "10026", 5)); /* nor is it repeated */
}

/* L12, C05: as S11, of numbers that the law keeps apart (personopplysningsloven § 12): valid ones
 * of synthetic people, parted by hand, over two fields, over the parts of a file, in its name, in a
 * correction; what only looks like one, and telephones, pass. */
void identity_numbers_never_land(const struct cast *cast)
{
    struct cast changed = *cast;
    cast_change(&changed, CONFECT, "\nevents:\n",
                "  identity_number: { kind: national_id, never: true, "
                "says: { nb: Fødselsnummer, en: Identity number } }\n\nevents:\n");
    struct stage s;
    stage_open(&s, &changed, CONFECT, "2026-03-02 09:00");
    ASK(&s, 0, "POST", STR("/v1/matters"), "{'kind':'<matters.vacancy>','number':'V-1'}");
    str vacancy = got(&s, "id"), a = create_person(&s, "A-1", "'<roles.candidate>'");
    AT_LINE(&s, happen(&s, a, "<events.application_received>", vacancy));
    static const char *const numbers[] = {"17854010026",    "178540 10026",   "178540-10026",
                                          "17.85.40 10026", "178540\\n10026", "178540 100 26"};
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        str values = arena_format(s.arena,
                                  "'<fields.basic.name>':'Åse','<fields.basic.email>':'a@b.example'"
                                  ",'<fields.job_application.application>':'I am %s, hello'",
                                  numbers[i]);
        AT_LINE(&s, collect(&s, a, "<intakes.application>", "<sources.person>", vacancy,
                            arena_c_string(s.arena, values)));
        AT_LINE(&s, not_one_lands(&s));
    }
    AT_LINE(&s, collect(&s, a, "<intakes.application>", "<sources.person>", vacancy,
                        "'<fields.basic.name>':'Åse','<fields.basic.email>':'a@b.example',"
                        "'<fields.job_application.application>':'born 178540',"
                        "'<fields.job_application.reference>':'10026'"));
    AT_LINE(&s, not_one_lands(&s));
    AT_LINE(&s, collect(&s, a, "<intakes.application>", "<sources.person>", vacancy,
                        "'<fields.basic.name>':'Åse','<fields.basic.email>':'a@b.example',"
                        "'<fields.basic.phone>':'17854010026',"
                        "'<fields.job_application.application>':'order 17854010027'"));
    IS(&s, 201);
    str item = item_of(&s, "<fields.job_application.application>");
    ASK(&s, 0, "POST", PATH(&s, "/v1/subjects/%.*s/rectify", STR_ARG(a)),
        "{'item':'%.*s','value':'I am 178540 10026'}", STR_ARG(item));
    AT_LINE(&s, not_one_lands(&s));
    static const size_t edge = (size_t)64 << 10;
    for (size_t at = edge - 13; at <= edge + 1; at += 2) {
        AT_LINE(&s, (void)upload(&s, a, vacancy, long_letter(&s, " 178540-10026 ", at), "cv.txt"));
        AT_LINE(&s, not_one_lands(&s));
    }
    AT_LINE(&s, (void)upload(&s, a, vacancy, STR("CV"), "17854010026.txt"));
    AT_LINE(&s, not_one_lands(&s));
    AT_LINE(&s,
            (void)upload(&s, a, vacancy, long_letter(&s, " 178540-10027 ", edge - 6), "cv.txt"));
    IS(&s, 201);
    AT_LINE(&s, look_inside(&s, a, "178540-10026", 1, 5));
    stage_close(&s);
}
