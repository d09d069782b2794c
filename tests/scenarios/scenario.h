/* scenario: what the acceptance scenarios share: a real server process with the five policies as
 * five registers side by side, asked over HTTP and nothing else.
 *
 *   BODY("{'purpose':'<purposes.recruitment>'}")  --names-->  JSON  --HTTP-->  answer
 *
 * In texts, ' stands for " and <section.id> for a name of the policy that the scenario plays under,
 * whatever it is called in this run. Times are local (Europe/Oslo), as in the scenarios.
 */
#ifndef VERN_SCENARIOS_SCENARIO_H
#define VERN_SCENARIOS_SCENARIO_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <cmocka.h>

#include "base.h"
#include "client.h"
#include "instant.h"
#include "json.h"
#include "rename.h"

enum policy { CONFECT, COBUILDER, INFOBRIC, CLOUDBERRIES, HOSTING, POLICIES };

/* The policies as they are played in this run. */
struct cast {
    struct arena *arena;
    struct names names[POLICIES];
    str name[POLICIES]; /* of the register and of its files */
    str text[POLICIES], deployment[POLICIES];
};
/* `seed` 0: as filed. Otherwise files renamed and every identifier drawn anew. */
void cast_read(struct cast *cast, uint64_t seed);
/* Replaces a part of a policy's text, which must be there exactly once. */
void cast_change(struct cast *cast, enum policy policy, const char *from, const char *to);

/* Who asks: a token, of an application or of a member of the staff. */
struct who {
    str token, name, scopes, staff; /* staff: id, or empty */
};
enum { WHO_MOST = 16 };

struct stage {
    const struct cast *cast;
    enum policy policy; /* that the scenario plays under */
    struct arena *arena;
    char dir[64], data[96], root[96], backups[96], output[96];
    char database[256]; /* of the stage's own; empty: it plays on files */
    pid_t server;
    uint16_t port;
    struct http_client *client;
    struct who who[WHO_MOST]; /* [0]: the administrator's application */
    size_t who_count;
    const char *company; /* that requests act for; NULL: none is named */
    int64_t tokens_end; /* when they must be made anew, in seconds since 1970 */
    bool links;         /* the server's own stop links work */
    int line;           /* of the scenario, for messages */
    int code;
    const struct json *json; /* of the last answer */
    str body;
};

/* A fresh folder with five registers whose clocks stand at `start`, and a server. */
void stage_open(struct stage *s, const struct cast *cast, enum policy policy, const char *start);
void stage_close(struct stage *s);
int stage_abandon(void **state); /* after a failed test: ends what is still open */
void server_start(struct stage *s);
void server_stop(struct stage *s); /* SIGTERM, and an orderly end */
void server_kill(struct stage *s); /* SIGKILL */
/* Runs the binary to its end; gives its exit code. What it printed is in s->body. */
int vern(struct stage *s, const char *const *words);
void copy_tree(struct stage *s, const char *from, const char *to);
void remove_tree(struct stage *s, const char *path);

/* The text with its names put in. */
str said(struct stage *s, const char *format, ...) PRINTF_LIKE(2, 3);
/* As said(), to print into another text. */
#define N(s, text) (said_text((s), (text)))
const char *said_text(struct stage *s, const char *text);
/* "2026-09-02 00:00" or a date, local, as UTC in RFC 3339. */
const char *utc(struct stage *s, const char *local);

void ask(struct stage *s, size_t who, const char *method, str path, str body);
void put_bytes(struct stage *s, size_t who, str path, str bytes); /* of an upload */
#define ASK(s, who, method, path, ...)                                                             \
    ((s)->line = __LINE__, ask((s), (who), (method), (path), said((s), __VA_ARGS__)))
#define PATH(s, ...) said((s), __VA_ARGS__)

/* ---- what an answer must be ---- */
void must_be(struct stage *s, int code);
#define DONE(s)     must_be((s), 0) /* any success */
#define IS(s, code) must_be((s), (code))
/* A refusal with this obligation among its ids; `lacks` may be NULL. */
void must_refuse(struct stage *s, const char *id, const char *lacks);
/* A refusal by this rule's path. */
void must_refuse_by(struct stage *s, const char *rule);
str got(struct stage *s, const char *member); /* a text of the last answer */
const struct json *got_json(struct stage *s, const char *member);

/* ---- steps that many scenarios take; each names its line through the macros below ---- */
str create_person(struct stage *s, const char *number, const char *roles);
size_t hire(struct stage *s, const char *role); /* a member of the staff and their token */
void collect(struct stage *s, str person, const char *intake, const char *source, str matter,
             const char *values);
str item_of(struct stage *s, const char *field); /* of the last collection */
void happen(struct stage *s, str person, const char *event, str matter);
void weigh(struct stage *s, const char *purpose); /* a balancing on file */
void clock_to(struct stage *s, const char *local);
/* Reads one item: allowed with this value; or refused. */
void read_is(struct stage *s, size_t who, str person, str item, const char *purpose,
             const char *value);
void read_no(struct stage *s, size_t who, str person, str item, const char *purpose,
             const char *id);
/* The item is readable through no interface: not read, shown, exported or forecast. */
void gone(struct stage *s, size_t who, str person, str item, const char *purpose);
/* The last entry of the log about the person with this action. */
const struct json *last_entry(struct stage *s, str person, const char *action);
/* How many people a value leads to. */
void found_is(struct stage *s, const char *field, const char *value, size_t count);
/* As anyone may, without a token: GET, HEAD, or POST of a form. The path, or a whole address. */
void visit(struct stage *s, const char *method, str address, str form);
/* Starts the server anew so that its own stop links work. */
void stage_with_links(struct stage *s);
void import_line(struct stage *s, str line);
/* Stops the server, looks into every file that it left, and starts it again: every register is
 * well, `value` stands nowhere in clear, and of `person` there are this many dossiers and items. */
void look_inside(struct stage *s, str person, const char *value, int dossiers, int items);
/* The same, while no server runs. */
void look_at_files(struct stage *s, str person, const char *value, int dossiers, int items);

#define AT_LINE(s, call) ((s)->line = __LINE__, (call))

/* ---- the scenarios ---- */
void own_a_list_goes_to_a_manufacturer(const struct cast *cast);
void a_mailing_reaches_those_who_may_get_it(const struct cast *cast);
void users_find_each_other(const struct cast *cast);
void a_forum_is_read_by_its_members(const struct cast *cast);
void participants_of_one_company_find_no_others(const struct cast *cast);
void a_question_that_speaks_of_a_colleague(const struct cast *cast);
void a_complaint_is_the_officers(const struct cast *cast);
void two_customers_side_by_side(const struct cast *cast);
void s18_customers_own_data(const struct cast *cast);
void s16_joint_and_separate_controllers(const struct cast *cast);
void s01_a_candidates_cv(const struct cast *cast);
void s01_with_the_deadline_as_anchor(const struct cast *cast);
void s02_unless_otherwise_agreed(const struct cast *cast);
void s03_a_lead(const struct cast *cast);
void s04_one_address_several_purposes(const struct cast *cast);
void s11_card_numbers_never_land(const struct cast *cast);
void mail_goes_only_while_what_it_uses_may_be_used(const struct cast *cast);
void each_consent_stands_alone_and_goes_as_easily(const struct cast *cast);
void an_objection_pauses_while_it_is_weighed(const struct cast *cast);
void s05_no_link_no_mail(const struct cast *cast);
void identity_numbers_never_land(const struct cast *cast);
void s12_no_data_no_account(const struct cast *cast);
void access_follows_the_organisation(const struct cast *cast);
void s13_sixty_years(const struct cast *cast);
void s10_no_cookies(const struct cast *cast);
void a_profile_goes_with_what_it_was_made_from(const struct cast *cast);
void a_capture_ends_with_a_no_that_is_still_to_be_weighed(const struct cast *cast);
void each_cookie_tells_under_its_own_yes(const struct cast *cast);
void s14_call_recording(const struct cast *cast);
void a_form_takes_all_of_a_person_or_nothing(const struct cast *cast);
void one_record_through_roles_that_come_and_go(const struct cast *cast);
void sensitive_parts_of_an_application_are_put_away(const struct cast *cast);
void a_death_on_record_opens_nothing(const struct cast *cast);
void sensitive_mail_is_put_away(const struct cast *cast);
void s17_a_new_purpose(const struct cast *cast);
void a_change_reaches_each_person_by_itself(const struct cast *cast);
void a_restored_backup_waits_for_the_policy_that_it_lacks(const struct cast *cast);
void s20_indirect_source(const struct cast *cast);
void s22_restriction(const struct cast *cast);
void s23_no_identity_no_answer(const struct cast *cast);
void a_letter_is_answered_wish_by_wish(const struct cast *cast);
void a_request_about_a_customers_space_is_the_customers(const struct cast *cast);
void s24_training_lapses(const struct cast *cast);
void own_breaking_the_glass(const struct cast *cast);
void own_mass_reads_and_refusals(const struct cast *cast);
void own_a_review_that_must_stand(const struct cast *cast);
void s25_crash_restore_tamper(const struct cast *cast);
void s06_a_recipient_confirms_first(const struct cast *cast);
void s07_a_withdrawal_reaches_who_has_the_data(const struct cast *cast);
void s09_one_request_five_policies(const struct cast *cast);
void a_partner_gets_its_own_event_alone(const struct cast *cast);
void two_authorities_ask_at_once(const struct cast *cast);
void a_chain_breaks_in_the_middle_on_its_day(const struct cast *cast);
void a_silent_policy_lets_nothing_out_of_the_zone(const struct cast *cast);
void each_company_keeps_and_erases_its_own(const struct cast *cast);
void nobody_gives_themselves_what_they_may(const struct cast *cast);
void only_numbers_come_out_of_a_purpose_that_counts(const struct cast *cast);
void a_purpose_that_counts_opens_no_other_way(const struct cast *cast);
void a_profile_is_made_of_what_is_listed(const struct cast *cast);
void a_suggestion_is_made_of_what_one_did_on_the_site(const struct cast *cast);
void a_delegation_is_the_chief_executives_to_give(const struct cast *cast);
void a_customer_leaves_its_data_to_be_erased(const struct cast *cast);
void a_site_keeps_its_own_list(const struct cast *cast);
void own_sub_processors_of_a_space_are_in_the_record(const struct cast *cast);
void own_a_processor_tells_its_controller(const struct cast *cast);
void security_sees_who_reads_too_much(const struct cast *cast);
void training_is_missed_before_it_lapses(const struct cast *cast);
void a_version_waits_for_a_review_of_its_design(const struct cast *cast);
void a_version_waits_for_a_decision_of_the_management(const struct cast *cast);
void each_policy_tells_what_it_promises(const struct cast *cast);
void a_no_to_marketing_is_heard_by_that_name(const struct cast *cast);
void two_senders_send_a_message_once(const struct cast *cast);
void nobody_is_written_to_after_their_data(const struct cast *cast);
void special_data_go_out_by_a_secure_channel(const struct cast *cast);
void own_whom_a_breach_concerned(const struct cast *cast);
void own_a_breach_is_told(const struct cast *cast);
void own_the_clock_of_a_breach(const struct cast *cast);
void own_a_letter_lies_in_the_recruiters_system(const struct cast *cast);
void own_two_dossiers_of_one_applicant(const struct cast *cast);
void a_guardian_consents_for_a_child(const struct cast *cast);

#endif
