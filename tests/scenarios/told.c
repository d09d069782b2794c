/* What each of the five policies tells and asks outside of its gates: where people turn for each
 * right and switch, what each cookie reads, and which evidence must always stand. The tables say
 * again what the firms' documents say, so whoever changes such a clause changes what is promised
 * here too. */
#include <string.h>

#include "scenario.h"

/* Lines, each as the server's answer is put: "access: web", then what else is said of it. */
struct told {
    enum policy policy;
    const char *contacts, *cookies, *standing;
    const char *staff;   /* "<staff.legal>: read record lacks <evidence.training>" */
    const char *changes; /* of the policy: how people are told, and who may bring them */
};

enum { LINES = 16 << 10 };

/* CON-10, CON-32, CON-47, CON-56 to CON-66, CON-76, CON-77; CON-09, CON-11, CON-70; CON-35, CON-73
 */
static const struct told confect = {
    .policy = CONFECT,
    .contacts = "access: <contacts.web>\n"
                "rectify: <contacts.web>\n"
                "erase: <contacts.web>\n"
                "restrict: <contacts.web>\n"
                "portability: <contacts.web> to_others\n"
                "object: <contacts.web>\n"
                "withdraw: <contacts.web> at_stop_link\n"
                "complain: <contacts.web>\n"
                "processors: <contacts.web> open\n"
                "<switches.marketing>: <contacts.web> at_stop_link per_channel\n"
                "<switches.profiling>: <contacts.web> at_stop_link\n"
                "<switches.mail_tracking>: <contacts.web> at_stop_link\n"
                "<matters.service>: <contacts.service_support>\n",
    .cookies = "<cookies.session>:\n"
               "<cookies.statistics>: <fields.behaviour.click> <fields.behaviour.device>\n"
               "<cookies.interests>: <fields.behaviour.click> <fields.behaviour.device>\n"
               "<cookies.mail_opens>: <fields.behaviour.mail_open>\n",
    .standing = "",
    .staff = "<staff.management>: approve change_policy\n"
             "<staff.recruiter>: read change\n"
             "<staff.marketer>: read change\n"
             "<staff.service>: read change\n"
             "<staff.operator>: read change\n"
             "<staff.officer>: read share decide_requests record\n",
    .changes = "told email web by <staff.management>\n",
};

/* COB-24, COB-34 to COB-39, COB-50, COB-71 to COB-73, COB-89 to COB-95; COB-96 to COB-98; COB-66,
 * COB-107 */
static const struct told cobuilder = {
    .policy = COBUILDER,
    .contacts = "access: <contacts.support> <contacts.account>\n"
                "rectify: <contacts.support> <contacts.account>\n"
                "erase: <contacts.support>\n"
                "restrict: <contacts.support>\n"
                "portability: <contacts.support>\n"
                "object: <contacts.support>\n"
                "withdraw: <contacts.dpo> at_stop_link\n"
                "complain: <contacts.support> <contacts.dpo> <contacts.dpo_phone> "
                "<contacts.datatilsynet> <staff.dpo_role>\n"
                "processors: <contacts.support>\n"
                "<switches.news>: <contacts.account> at_stop_link per_channel\n"
                "<switches.partner_news>: <contacts.account> at_stop_link per_channel\n"
                "<switches.suggestions>: <contacts.support> <contacts.account>\n"
                "<switches.directory>: <contacts.support> <contacts.account>\n"
                "<switches.third_parties>: <contacts.support>\n",
    .cookies = "<cookies.recognise>: <fields.technical.other_identifier>\n"
               "<cookies.country>: <fields.location.geo_location>\n"
               "<cookies.locale>: <fields.technical.language>\n"
               "<cookies.prefill>: <fields.identity.person_name> <fields.identity.company_name> "
               "<fields.identity.position> <fields.contact.work_email> <fields.contact.work_phone> "
               "<fields.contact.mobile> <fields.contact.country> <fields.contact.city> "
               "<fields.contact.postcode> <fields.contact.street>\n"
               "<cookies.usage>: <fields.browsing.time_on_site> <fields.browsing.page> "
               "<fields.browsing.navigation> <fields.browsing.interaction>\n"
               "<cookies.other_tracking>: <fields.browsing.time_on_site> <fields.browsing.page> "
               "<fields.browsing.navigation> <fields.browsing.interaction>\n",
    .standing = "<evidence.iso_27001>\n"
                "<evidence.security_review>\n",
    .staff = "<staff.helper>: read change\n"
             "<staff.seller>: read change\n"
             "<staff.legal>: read change share record\n"
             "<staff.dpo_role>: read decide_requests record close_complaints\n"
             "<staff.recipient_manager>: record\n",
    .changes = "told by <staff.management>\n",
};

/* HOS-26, HOS-47 to HOS-59, HOS-64, HOS-69; HOS-62 to HOS-65; HOS-39, HOS-42, HOS-44 */
static const struct told hosting = {
    .policy = HOSTING,
    .contacts = "access: <contacts.email> <contacts.phone> <contacts.support_system> "
                "<contacts.portal>\n"
                "rectify: <contacts.email> <contacts.phone> <contacts.support_system> "
                "<contacts.portal>\n"
                "erase: <contacts.email> <contacts.phone> <contacts.support_system>\n"
                "restrict: <contacts.email> <contacts.phone> <contacts.support_system>\n"
                "portability: <contacts.email> <contacts.phone> <contacts.support_system>\n"
                "object: <contacts.email> <contacts.phone> <contacts.support_system>\n"
                "withdraw: <contacts.email> <contacts.phone> <contacts.support_system>\n"
                "complain: <contacts.email> <contacts.phone> <contacts.support_system>\n"
                "processors: <contacts.email> <contacts.phone> <contacts.support_system>\n"
                "<switches.newsletter>: <contacts.portal> at_stop_link\n"
                "<switches.cookies>: <contacts.support_system>\n"
                "<matters.service>:\n",
    .cookies = "<cookies.login>:\n"
               "<cookies.identify>: <fields.web.cookie_id>\n"
               "<cookies.usage>: <fields.web.cookie_id>\n",
    .standing = "<evidence.network_layers>\n"
                "<evidence.intrusion_protection>\n",
    .staff = "<staff.support>: read change lacks <evidence.training>\n"
             "<staff.administration>: read change share lacks <evidence.training>\n"
             "<staff.technician>: read change lacks <evidence.training>\n"
             "<staff.security>: read change lacks <evidence.training>\n"
             "<staff.legal>: read share decide_requests record lacks <evidence.training>\n"
             "<staff.management>: record approve change_policy\n",
    .changes = "told by <staff.management>\n",
};

/* INF-30, INF-32, INF-34, INF-52, INF-64 to INF-73, INF-82, INF-83; INF-41, INF-42; INF-07, INF-12
 */
static const struct told infobric = {
    .policy = INFOBRIC,
    .contacts = "access: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post>\n"
                "rectify: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post>\n"
                "erase: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post>\n"
                "restrict: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post>\n"
                "portability: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post> to_others\n"
                "object: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post>\n"
                "withdraw: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post> at_stop_link\n"
                "complain: <contacts.datatilsynet>\n"
                "processors: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post>\n"
                "<switches.offers>: at_stop_link per_channel\n"
                "<switches.newsletters>: at_stop_link\n"
                "<switches.partner_offers>: at_stop_link\n"
                "<switches.group_offers>: at_stop_link\n"
                "<switches.marketing>: <contacts.ab_phone> <contacts.ab_post> <contacts.as_phone> "
                "<contacts.time_phone> <contacts.blast_phone> <contacts.oslo_post> at_stop_link\n"
                "<matters.customer>:\n",
    .cookies =
        "<cookies.settings>: <fields.settings.choice>\n"
        "<cookies.statistics>: <fields.usage.page> <fields.usage.function> <fields.usage.device>\n",
    .standing = "<evidence.routines>\n"
                "<evidence.shared_protection>\n",
    .staff = "<staff.legal>: read share decide_requests record\n",
    .changes = "told web email by <staff.management>\n",
};

/* CLO-07, CLO-27 to CLO-34; CLO-10; CLO-32, CLO-40 */
static const struct told cloudberries = {
    .policy = CLOUDBERRIES,
    .contacts = "access: <contacts.email> <contacts.phone>\n"
                "rectify: <contacts.email> <contacts.phone>\n"
                "erase: <contacts.email> <contacts.phone>\n"
                "restrict: <contacts.email> <contacts.phone>\n"
                "portability: <contacts.email> <contacts.phone>\n"
                "object: <contacts.email> <contacts.phone>\n"
                "withdraw: <contacts.email> <contacts.phone>\n"
                "complain: <contacts.email> <contacts.phone>\n"
                "processors: <contacts.email> <contacts.phone>\n"
                "<switches.follow_up>: <contacts.email> at_stop_link per_channel\n",
    .cookies = "<cookies.behaviour>: <fields.behaviour.page> <fields.behaviour.click>\n",
    .standing = "<evidence.accuracy_review>\n"
                "<evidence.internal_control>\n",
    .staff = "<staff.seller>: read change\n"
             "<staff.recruiter>: read change\n"
             "<staff.marketer>: read share\n"
             "<staff.archivist>: read share record\n"
             "<staff.controller_delegate>: decide_requests record approve change_policy "
             "lacks <evidence.delegation>\n"
             "<staff.chief_executive>: record approve\n",
    .changes = "told by <staff.controller_delegate>\n",
};

/* ---- what the server says ---- */

static void put_id(struct buf *lines, const struct json *object, const char *name)
{
    str text;
    assert_true(json_str(json_get(object, name), &text));
    buf_add(lines, text);
}

static void put_list(struct buf *lines, const struct json *list, const char *name)
{
    if (list == NULL)
        return;
    for (JSON_EACH(one, list)) {
        str text = STR("");
        assert_true(json_str(name == NULL ? one : json_get(one, name), &text));
        buf_char(lines, ' ');
        buf_add(lines, text);
    }
}

static void put_topics(struct buf *lines, const struct json *topics, const char *name)
{
    static const char *const FLAGS[] = {"at_stop_link", "to_others", "open", "per_channel"};
    for (JSON_EACH(topic, topics)) {
        put_id(lines, topic, name);
        buf_char(lines, ':');
        put_list(lines, json_get(topic, "contacts"), "id");
        for (size_t i = 0; i < LENGTH(FLAGS); i++) {
            bool is = false;
            if (json_bool(json_get(topic, FLAGS[i]), &is) && is)
                buf_format(lines, " %s", FLAGS[i]);
        }
        put_list(lines, json_get(topic, "closed_by"), NULL);
        buf_char(lines, '\n');
    }
}

static void says(struct stage *s, const struct buf *lines, const char *expected)
{
    assert_false(lines->full);
    str text = said(s, "%s", expected);
    if (!str_equal(buf_str(lines), text))
        fail_msg("line %d: wanted\n%.*s\ngot\n%.*s", s->line, STR_ARG(text),
                 STR_ARG(buf_str(lines)));
}

static void tells_whom_to_ask(struct stage *s, const struct told *told)
{
    struct buf lines = buf_in(s->arena, LINES);
    ask(s, 0, "GET", STR("/v1/contacts"), STR(""));
    IS(s, 200);
    put_topics(&lines, got_json(s, "topics"), "topic");
    put_topics(&lines, got_json(s, "switches"), "switch");
    put_topics(&lines, got_json(s, "services"), "of");
    says(s, &lines, told->contacts);
}

static void tells_what_cookies_read(struct stage *s, const struct told *told)
{
    struct buf lines = buf_in(s->arena, LINES);
    ask(s, 0, "GET", STR("/v1/register"), STR(""));
    str public = got(s, "public");
    visit(s, "GET", said(s, "/r/%.*s/cookies.json", STR_ARG(public)), STR(""));
    IS(s, 200);
    for (JSON_EACH(cookie, got_json(s, "cookies"))) {
        put_id(&lines, cookie, "name");
        buf_char(&lines, ':');
        put_list(&lines, json_get(cookie, "reads"), NULL);
        buf_char(&lines, '\n');
    }
    says(s, &lines, told->cookies);
}

/* On the first day nothing is on record: all that must stand is missing, and nothing else. */
static void misses_what_must_stand(struct stage *s, const struct told *told)
{
    struct buf lines = buf_in(s->arena, LINES);
    ask(s, 0, "GET", STR("/v1/evidence/due?days=1"), STR(""));
    IS(s, 200);
    for (JSON_EACH(due, got_json(s, "evidence"))) {
        bool is = false;
        if (!json_bool(json_get(due, "missing"), &is) || !is)
            continue;
        put_id(&lines, due, "type");
        buf_char(&lines, '\n');
    }
    says(s, &lines, told->standing);
}

/* What each role may do, and the evidence without which it stays closed. */
static void says_what_staff_may(struct stage *s, const struct told *told)
{
    struct buf lines = buf_in(s->arena, LINES);
    str rest = said(s, "%s", told->staff), line, role;
    while (str_next(&rest, '\n', &line)) {
        if (!str_next(&line, ':', &role) || role.len == 0)
            break;
        ask(s, 0, "POST", STR("/v1/staff"),
            said(s, "{'role':'%.*s','name':'Ansatt Prøve'}", STR_ARG(role)));
        IS(s, 201);
        str id = got(s, "id"), text;
        ask(s, 0, "GET", STR("/v1/staff"), STR(""));
        for (JSON_EACH(member, got_json(s, "staff"))) {
            if (!json_str(json_get(member, "id"), &text) || !str_equal(text, id))
                continue;
            buf_add(&lines, role);
            buf_char(&lines, ':');
            put_list(&lines, json_get(member, "may"), NULL);
            buf_format(&lines, "%s", json_get(member, "lacks") == NULL ? "" : " lacks");
            put_list(&lines, json_get(member, "lacks"), NULL);
            buf_char(&lines, '\n');
        }
    }
    says(s, &lines, told->staff);
}

static void tells_of_changes(struct stage *s, const struct told *told)
{
    struct buf lines = buf_in(s->arena, LINES);
    ask(s, 0, "GET", STR("/v1/contacts"), STR(""));
    buf_format(&lines, "told");
    put_list(&lines, json_get(got_json(s, "changes"), "told"), NULL);
    buf_format(&lines, " by");
    put_list(&lines, json_get(got_json(s, "changes"), "by"), NULL);
    buf_char(&lines, '\n');
    says(s, &lines, told->changes);
}

void each_policy_tells_what_it_promises(const struct cast *cast)
{
    static const struct told *const all[] = {&confect, &cobuilder, &hosting, &infobric,
                                             &cloudberries};
    for (size_t i = 0; i < LENGTH(all); i++) {
        struct stage s;
        stage_open(&s, cast, all[i]->policy, "2026-03-02 09:00");
        AT_LINE(&s, tells_whom_to_ask(&s, all[i]));
        AT_LINE(&s, tells_what_cookies_read(&s, all[i]));
        AT_LINE(&s, misses_what_must_stand(&s, all[i]));
        AT_LINE(&s, tells_of_changes(&s, all[i]));
        AT_LINE(&s, says_what_staff_may(&s, all[i]));
        stage_close(&s);
    }
}
