/* The acceptance scenarios, as filed; and again with the five policies renamed and every identifier
 * of theirs drawn anew (G8: the engine knows no firm). */
#include "scenario.h"

enum { SEED = 20260902 };

static struct cast filed, shuffled;

static int read_casts(void **state)
{
    (void)state;
    cast_read(&filed, 0);
    cast_read(&shuffled, SEED);
    return 0;
}

static int free_casts(void **state)
{
    (void)state;
    arena_free(&filed.arena);
    arena_free(&shuffled.arena);
    return 0;
}

static void nothing_that_was_renamed_bears_its_old_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < POLICIES; i++) {
        const struct names *names = &shuffled.names[i];
        size_t stayed = 0;
        assert_true(names->list.count > 50);
        for (size_t n = 0; n < names->list.count; n++)
            stayed += str_equal(names->list.at[n].from, names->list.at[n].to);
        assert_in_range(stayed, 0, 8); /* kinds of evidence under their own names, and `until` */
        assert_false(str_equal(filed.name[i], shuffled.name[i]));
        assert_true(str_equal(filed.text[i], names_rewrite(&filed.names[i], filed.text[i])));
    }
}

/* S01: CON-52, CON-53, CON-54 */
static void a_candidates_cv_goes_six_months_after_the_last_application_as_filed(void **state)
{
    (void)state;
    s01_a_candidates_cv(&filed);
}

/* S01: CON-52, CON-53, CON-54 */
static void a_candidates_cv_goes_six_months_after_the_last_application_renamed(void **state)
{
    (void)state;
    s01_a_candidates_cv(&shuffled);
}

/* S01: CON-52, CON-53, CON-54 */
static void with_the_deadline_as_anchor_each_cv_has_its_own_clock_as_filed(void **state)
{
    (void)state;
    s01_with_the_deadline_as_anchor(&filed);
}

/* S01: CON-52, CON-53, CON-54 */
static void with_the_deadline_as_anchor_each_cv_has_its_own_clock_renamed(void **state)
{
    (void)state;
    s01_with_the_deadline_as_anchor(&shuffled);
}

/* S02: CON-54, CON-32 */
static void a_cv_is_kept_while_the_candidate_agrees_as_filed(void **state)
{
    (void)state;
    s02_unless_otherwise_agreed(&filed);
}

/* S02: CON-54, CON-32 */
static void a_cv_is_kept_while_the_candidate_agrees_renamed(void **state)
{
    (void)state;
    s02_unless_otherwise_agreed(&shuffled);
}

/* S03: CON-55, CON-67, CON-F15 */
static void a_lead_goes_24_months_after_her_own_last_act_as_filed(void **state)
{
    (void)state;
    s03_a_lead(&filed);
}

/* S03: CON-55, CON-67, CON-F15 */
static void a_lead_goes_24_months_after_her_own_last_act_renamed(void **state)
{
    (void)state;
    s03_a_lead(&shuffled);
}

/* S04: CON-14, CON-56, CON-22, CON-49, CON-55, CON-63, CON-79, HOS-68 */
static void one_address_serves_each_purpose_for_its_own_time_as_filed(void **state)
{
    (void)state;
    s04_one_address_several_purposes(&filed);
}

/* S04: CON-14, CON-56, CON-22, CON-49, CON-55, CON-63, CON-79, HOS-68 */
static void one_address_serves_each_purpose_for_its_own_time_renamed(void **state)
{
    (void)state;
    s04_one_address_several_purposes(&shuffled);
}

/* S11: COB-81 */
static void card_numbers_never_land_as_filed(void **state)
{
    (void)state;
    s11_card_numbers_never_land(&filed);
}

/* S11: COB-81 */
static void card_numbers_never_land_renamed(void **state)
{
    (void)state;
    s11_card_numbers_never_land(&shuffled);
}

/* S12: COB-10, COB-13, COB-14, COB-42, INF-39; COB-43, COB-44, COB-82 */
static void without_the_data_no_account_and_optional_is_said_as_filed(void **state)
{
    (void)state;
    s12_no_data_no_account(&filed);
}

/* S12: COB-10, COB-13, COB-14, COB-42, INF-39; COB-43, COB-44, COB-82 */
static void without_the_data_no_account_and_optional_is_said_renamed(void **state)
{
    (void)state;
    s12_no_data_no_account(&shuffled);
}

/* S05: COB-33, COB-34, COB-90, COB-91, COB-53, INF-30, INF-34, INF-40, CON-76, CON-78, CON-79 */
static void no_mail_goes_without_a_link_and_the_link_stops_it_without_a_sign_in_as_filed(
    void **state)
{
    (void)state;
    s05_no_link_no_mail(&filed);
}

/* S05: COB-33, COB-34, COB-90, COB-91, COB-53, INF-30, INF-34, INF-40, CON-76, CON-78, CON-79 */
static void no_mail_goes_without_a_link_and_the_link_stops_it_without_a_sign_in_renamed(
    void **state)
{
    (void)state;
    s05_no_link_no_mail(&shuffled);
}

/* S13: COB-51, COB-94, COB-95, COB-26 */
static void erasing_everything_leaves_what_the_law_keeps_for_sixty_years_as_filed(void **state)
{
    (void)state;
    s13_sixty_years(&filed);
}

/* S13: COB-51, COB-94, COB-95, COB-26 */
static void erasing_everything_leaves_what_the_law_keeps_for_sixty_years_renamed(void **state)
{
    (void)state;
    s13_sixty_years(&shuffled);
}

/* COB-59, COB-67, COB-70, COB-72, C15 */
static void own_a_list_goes_to_a_manufacturer_as_filed(void **state)
{
    (void)state;
    own_a_list_goes_to_a_manufacturer(&filed);
}

/* COB-59, COB-67, COB-70, COB-72, C15 */
static void own_a_list_goes_to_a_manufacturer_renamed(void **state)
{
    (void)state;
    own_a_list_goes_to_a_manufacturer(&shuffled);
}

/* CON-12, CON-32, CON-37 */
static void own_two_dossiers_of_one_applicant_as_filed(void **state)
{
    (void)state;
    own_two_dossiers_of_one_applicant(&filed);
}

/* CON-12, CON-32, CON-37 */
static void own_two_dossiers_of_one_applicant_renamed(void **state)
{
    (void)state;
    own_two_dossiers_of_one_applicant(&shuffled);
}

/* CON-22, CON-59, CON-60, CON-63 */
static void a_mailing_reaches_those_who_may_get_it_under_one_entry_as_filed(void **state)
{
    (void)state;
    a_mailing_reaches_those_who_may_get_it(&filed);
}

/* CON-22, CON-59, CON-60, CON-63 */
static void a_mailing_reaches_those_who_may_get_it_under_one_entry_renamed(void **state)
{
    (void)state;
    a_mailing_reaches_those_who_may_get_it(&shuffled);
}

/* C17: COB-73, COB-74 */
static void users_find_each_other_by_what_each_of_them_shows_as_filed(void **state)
{
    (void)state;
    users_find_each_other(&filed);
}

/* C17: COB-73, COB-74 */
static void users_find_each_other_by_what_each_of_them_shows_renamed(void **state)
{
    (void)state;
    users_find_each_other(&shuffled);
}

/* C17: CON-40 */
static void a_forum_is_for_its_members_and_for_nobody_else_as_filed(void **state)
{
    (void)state;
    a_forum_is_read_by_its_members(&filed);
}

/* C17: CON-40 */
static void a_forum_is_for_its_members_and_for_nobody_else_renamed(void **state)
{
    (void)state;
    a_forum_is_read_by_its_members(&shuffled);
}

/* C17, C23: INF-13 */
static void a_search_for_one_company_shows_nobody_of_another_as_filed(void **state)
{
    (void)state;
    participants_of_one_company_find_no_others(&filed);
}

/* C17, C23: INF-13 */
static void a_search_for_one_company_shows_nobody_of_another_renamed(void **state)
{
    (void)state;
    participants_of_one_company_find_no_others(&shuffled);
}

/* S18: HOS-19, INF-03, CON-28 */
static void a_customers_space_is_the_customers_alone_as_filed(void **state)
{
    (void)state;
    s18_customers_own_data(&filed);
}

/* S18: HOS-19, INF-03, CON-28 */
static void a_customers_space_is_the_customers_alone_renamed(void **state)
{
    (void)state;
    s18_customers_own_data(&shuffled);
}

/* S16: INF-11, INF-13, INF-14, INF-52, INF-82, INF-84 */
static void each_company_answers_for_its_own_and_for_what_is_joint_as_filed(void **state)
{
    (void)state;
    s16_joint_and_separate_controllers(&filed);
}

/* S16: INF-11, INF-13, INF-14, INF-52, INF-82, INF-84 */
static void each_company_answers_for_its_own_and_for_what_is_joint_renamed(void **state)
{
    (void)state;
    s16_joint_and_separate_controllers(&shuffled);
}

/* S10: COB-97, COB-98, COB-99, COB-100, HOS-64, HOS-65, CON-09, CON-10 */
static void a_service_works_with_no_cookies_as_filed(void **state)
{
    (void)state;
    s10_no_cookies(&filed);
}

/* S10: COB-97, COB-98, COB-99, COB-100, HOS-64, HOS-65, CON-09, CON-10 */
static void a_service_works_with_no_cookies_renamed(void **state)
{
    (void)state;
    s10_no_cookies(&shuffled);
}

/* INF-21, INF-64, INF-69, INF-82 */
static void what_is_about_two_people_is_told_to_both_and_given_when_decided_as_filed(void **state)
{
    (void)state;
    a_question_that_speaks_of_a_colleague(&filed);
}

/* INF-21, INF-64, INF-69, INF-82 */
static void what_is_about_two_people_is_told_to_both_and_given_when_decided_renamed(void **state)
{
    (void)state;
    a_question_that_speaks_of_a_colleague(&shuffled);
}

/* S14: INF-43, INF-44, INF-45 */
static void a_call_is_recorded_after_notice_until_the_caller_objects_as_filed(void **state)
{
    (void)state;
    s14_call_recording(&filed);
}

/* S14: INF-43, INF-44, INF-45 */
static void a_call_is_recorded_after_notice_until_the_caller_objects_renamed(void **state)
{
    (void)state;
    s14_call_recording(&shuffled);
}

/* COB-08, COB-14, COB-42, CON-07, CON-25 */
static void an_applicant_is_made_whole_or_not_at_all_as_filed(void **state)
{
    (void)state;
    a_form_takes_all_of_a_person_or_nothing(&filed);
}

/* COB-08, COB-14, COB-42, CON-07, CON-25 */
static void an_applicant_is_made_whole_or_not_at_all_renamed(void **state)
{
    (void)state;
    a_form_takes_all_of_a_person_or_nothing(&shuffled);
}

/* CLO-23, INF-05, INF-22, CON-63 */
static void one_record_serves_roles_that_come_and_go_as_filed(void **state)
{
    (void)state;
    one_record_through_roles_that_come_and_go(&filed);
}

/* CLO-23, INF-05, INF-22, CON-63 */
static void one_record_serves_roles_that_come_and_go_renamed(void **state)
{
    (void)state;
    one_record_through_roles_that_come_and_go(&shuffled);
}

/* CLO-17, CON-07 */
static void what_is_sensitive_in_an_application_is_put_away_as_filed(void **state)
{
    (void)state;
    sensitive_parts_of_an_application_are_put_away(&filed);
}

/* CLO-17, CON-07 */
static void what_is_sensitive_in_an_application_is_put_away_renamed(void **state)
{
    (void)state;
    sensitive_parts_of_an_application_are_put_away(&shuffled);
}

/* CON-02 */
static void a_death_on_record_opens_no_data_as_filed(void **state)
{
    (void)state;
    a_death_on_record_opens_nothing(&filed);
}

/* CON-02 */
static void a_death_on_record_opens_no_data_renamed(void **state)
{
    (void)state;
    a_death_on_record_opens_nothing(&shuffled);
}

/* CLO-16, CLO-17, CON-07; COB-82 */
static void sensitive_mail_is_put_away_and_read_by_nobody_as_filed(void **state)
{
    (void)state;
    sensitive_mail_is_put_away(&filed);
}

/* CLO-16, CLO-17, CON-07; COB-82 */
static void sensitive_mail_is_put_away_and_read_by_nobody_renamed(void **state)
{
    (void)state;
    sensitive_mail_is_put_away(&shuffled);
}

/* S20: CLO-12, CLO-13, CLO-14, CLO-15, INF-20, CON-12 */
static void data_from_others_waits_for_the_notice_as_filed(void **state)
{
    (void)state;
    s20_indirect_source(&filed);
}

/* S20: CLO-12, CLO-13, CLO-14, CLO-15, INF-20, CON-12 */
static void data_from_others_waits_for_the_notice_renamed(void **state)
{
    (void)state;
    s20_indirect_source(&shuffled);
}

/* S22: HOS-51, HOS-52, HOS-53, HOS-60, HOS-37, HOS-54 */
static void a_restricted_address_is_stored_only_until_it_is_lifted_as_filed(void **state)
{
    (void)state;
    s22_restriction(&filed);
}

/* S22: HOS-51, HOS-52, HOS-53, HOS-60, HOS-37, HOS-54 */
static void a_restricted_address_is_stored_only_until_it_is_lifted_renamed(void **state)
{
    (void)state;
    s22_restriction(&shuffled);
}

/* S23: HOS-27, HOS-54, HOS-58, HOS-59 */
static void without_identity_the_known_and_the_unknown_are_told_the_same_as_filed(void **state)
{
    (void)state;
    s23_no_identity_no_answer(&filed);
}

/* S23: HOS-27, HOS-54, HOS-58, HOS-59 */
static void without_identity_the_known_and_the_unknown_are_told_the_same_renamed(void **state)
{
    (void)state;
    s23_no_identity_no_answer(&shuffled);
}

/* COB-35, COB-37, COB-38, COB-39, CON-65, INF-73 */
static void a_letter_is_judged_wish_by_wish_within_its_time_as_filed(void **state)
{
    (void)state;
    a_letter_is_answered_wish_by_wish(&filed);
}

/* COB-35, COB-37, COB-38, COB-39, CON-65, INF-73 */
static void a_letter_is_judged_wish_by_wish_within_its_time_renamed(void **state)
{
    (void)state;
    a_letter_is_answered_wish_by_wish(&shuffled);
}

/* HOS-19, HOS-69, CON-28 */
static void what_a_customers_people_ask_is_passed_on_as_filed(void **state)
{
    (void)state;
    a_request_about_a_customers_space_is_the_customers(&filed);
}

/* HOS-19, HOS-69, CON-28 */
static void what_a_customers_people_ask_is_passed_on_renamed(void **state)
{
    (void)state;
    a_request_about_a_customers_space_is_the_customers(&shuffled);
}

/* S24: HOS-44, HOS-45 */
static void training_that_lapses_closes_access_for_that_one_member_as_filed(void **state)
{
    (void)state;
    s24_training_lapses(&filed);
}

/* S24: HOS-44, HOS-45 */
static void training_that_lapses_closes_access_for_that_one_member_renamed(void **state)
{
    (void)state;
    s24_training_lapses(&shuffled);
}

/* HOS-40, HOS-41, COB-106 */
static void a_look_outside_ones_role_lasts_an_hour_and_is_reviewed_as_filed(void **state)
{
    (void)state;
    own_breaking_the_glass(&filed);
}

/* HOS-40, HOS-41, COB-106 */
static void a_look_outside_ones_role_lasts_an_hour_and_is_reviewed_renamed(void **state)
{
    (void)state;
    own_breaking_the_glass(&shuffled);
}

/* HOS-41, CLO-22 */
static void who_reads_too_many_or_is_refused_too_often_is_seen_as_filed(void **state)
{
    (void)state;
    own_mass_reads_and_refusals(&filed);
}

/* HOS-41, CLO-22 */
static void who_reads_too_many_or_is_refused_too_often_is_seen_renamed(void **state)
{
    (void)state;
    own_mass_reads_and_refusals(&shuffled);
}

/* CON-73, CON-35, HOS-41 */
static void a_review_that_must_stand_is_missed_when_it_lapses_as_filed(void **state)
{
    (void)state;
    own_a_review_that_must_stand(&filed);
}

/* CON-73, CON-35, HOS-41 */
static void a_review_that_must_stand_is_missed_when_it_lapses_renamed(void **state)
{
    (void)state;
    own_a_review_that_must_stand(&shuffled);
}

/* S25: CON-53, HOS-60, COB-65 */
static void an_erasure_survives_kills_restores_and_tampering_as_filed(void **state)
{
    (void)state;
    s25_crash_restore_tamper(&filed);
}

/* S25: CON-53, HOS-60, COB-65 */
static void an_erasure_survives_kills_restores_and_tampering_renamed(void **state)
{
    (void)state;
    s25_crash_restore_tamper(&shuffled);
}

/* S06: COB-67, COB-68, COB-72, COB-87 */
static void a_recipient_confirms_before_it_gets_anything_as_filed(void **state)
{
    (void)state;
    s06_a_recipient_confirms_first(&filed);
}

/* S06: COB-67, COB-68, COB-72, COB-87 */
static void a_recipient_confirms_before_it_gets_anything_renamed(void **state)
{
    (void)state;
    s06_a_recipient_confirms_first(&shuffled);
}

/* S07: COB-50, COB-70, COB-71 */
static void a_withdrawal_reaches_those_who_have_the_data_as_filed(void **state)
{
    (void)state;
    s07_a_withdrawal_reaches_who_has_the_data(&filed);
}

/* S07: COB-50, COB-70, COB-71 */
static void a_withdrawal_reaches_those_who_have_the_data_renamed(void **state)
{
    (void)state;
    s07_a_withdrawal_reaches_who_has_the_data(&shuffled);
}

/* CON-22, CON-63, CON-75, CON-76, CON-77, CON-78, CON-60 */
static void mail_waits_only_while_what_it_uses_may_be_used_as_filed(void **state)
{
    (void)state;
    mail_goes_only_while_what_it_uses_may_be_used(&filed);
}

/* CON-22, CON-63, CON-75, CON-76, CON-77, CON-78, CON-60 */
static void mail_waits_only_while_what_it_uses_may_be_used_renamed(void **state)
{
    (void)state;
    mail_goes_only_while_what_it_uses_may_be_used(&shuffled);
}

/* CLO-18, CLO-19, CLO-20, CLO-21, CLO-26 */
static void a_consent_stands_alone_and_is_taken_back_as_easily_as_filed(void **state)
{
    (void)state;
    each_consent_stands_alone_and_goes_as_easily(&filed);
}

/* CLO-18, CLO-19, CLO-20, CLO-21, CLO-26 */
static void a_consent_stands_alone_and_is_taken_back_as_easily_renamed(void **state)
{
    (void)state;
    each_consent_stands_alone_and_goes_as_easily(&shuffled);
}

/* CON-62, CON-63 */
static void an_objection_is_weighed_and_pauses_meanwhile_as_filed(void **state)
{
    (void)state;
    an_objection_pauses_while_it_is_weighed(&filed);
}

/* CON-62, CON-63 */
static void an_objection_is_weighed_and_pauses_meanwhile_renamed(void **state)
{
    (void)state;
    an_objection_pauses_while_it_is_weighed(&shuffled);
}

/* S17: INF-78, INF-79, INF-80, INF-81, HOS-03, COB-108 */
static void a_new_purpose_waits_for_its_version_and_its_notice_as_filed(void **state)
{
    (void)state;
    s17_a_new_purpose(&filed);
}

/* S17: INF-78, INF-79, INF-80, INF-81, HOS-03, COB-108 */
static void a_new_purpose_waits_for_its_version_and_its_notice_renamed(void **state)
{
    (void)state;
    s17_a_new_purpose(&shuffled);
}

/* HOS-02, HOS-03, HOS-06, HOS-43, CON-80, CON-81, CON-82, COB-108, INF-78, INF-79, INF-80 */
static void a_change_of_the_policy_reaches_each_person_by_itself_as_filed(void **state)
{
    (void)state;
    a_change_reaches_each_person_by_itself(&filed);
}

/* HOS-02, HOS-03, HOS-06, HOS-43, CON-80, CON-81, CON-82, COB-108, INF-78, INF-79, INF-80 */
static void a_change_of_the_policy_reaches_each_person_by_itself_renamed(void **state)
{
    (void)state;
    a_change_reaches_each_person_by_itself(&shuffled);
}

/* INF-78, INF-79, COB-108, HOS-03 */
static void a_restored_backup_serves_nobody_by_an_older_policy_as_filed(void **state)
{
    (void)state;
    a_restored_backup_waits_for_the_policy_that_it_lacks(&filed);
}

/* INF-78, INF-79, COB-108, HOS-03 */
static void a_restored_backup_serves_nobody_by_an_older_policy_renamed(void **state)
{
    (void)state;
    a_restored_backup_waits_for_the_policy_that_it_lacks(&shuffled);
}

/* INF-38, INF-39, COB-19, COB-20, COB-83, COB-95, HOS-52 */
static void a_service_is_open_as_long_as_all_that_it_takes_is_there_as_filed(void **state)
{
    (void)state;
    access_follows_the_organisation(&filed);
}

/* INF-38, INF-39, COB-19, COB-20, COB-83, COB-95, HOS-52 */
static void a_service_is_open_as_long_as_all_that_it_takes_is_there_renamed(void **state)
{
    (void)state;
    access_follows_the_organisation(&shuffled);
}

/* S09: COB-60, COB-61, COB-62, COB-63, INF-61, CLO-22, CLO-37, HOS-31, CON-43 */
static void one_police_request_gets_five_answers_as_filed(void **state)
{
    (void)state;
    s09_one_request_five_policies(&filed);
}

/* S09: COB-60, COB-61, COB-62, COB-63, INF-61, CLO-22, CLO-37, HOS-31, CON-43 */
static void one_police_request_gets_five_answers_renamed(void **state)
{
    (void)state;
    s09_one_request_five_policies(&shuffled);
}

/* CON-69, CON-71, CON-72, CON-74, COB-18, COB-24, INF-31, HOS-61, HOS-62 */
static void a_profile_and_a_machines_decision_hold_to_their_inputs_as_filed(void **state)
{
    (void)state;
    a_profile_goes_with_what_it_was_made_from(&filed);
}

/* CON-69, CON-71, CON-72, CON-74, COB-18, COB-24, INF-31, HOS-61, HOS-62 */
static void a_profile_and_a_machines_decision_hold_to_their_inputs_renamed(void **state)
{
    (void)state;
    a_profile_goes_with_what_it_was_made_from(&shuffled);
}

/* INF-43, INF-45, COB-104, CLO-11 */
static void a_capture_ends_with_a_no_before_it_is_weighed_as_filed(void **state)
{
    (void)state;
    a_capture_ends_with_a_no_that_is_still_to_be_weighed(&filed);
}

/* INF-43, INF-45, COB-104, CLO-11 */
static void a_capture_ends_with_a_no_before_it_is_weighed_renamed(void **state)
{
    (void)state;
    a_capture_ends_with_a_no_that_is_still_to_be_weighed(&shuffled);
}

/* HOS-63, HOS-64, HOS-65, CON-70 */
static void each_cookie_tells_what_its_own_yes_allows_as_filed(void **state)
{
    (void)state;
    each_cookie_tells_under_its_own_yes(&filed);
}

/* HOS-63, HOS-64, HOS-65, CON-70 */
static void each_cookie_tells_what_its_own_yes_allows_renamed(void **state)
{
    (void)state;
    each_cookie_tells_under_its_own_yes(&shuffled);
}

/* CON-09, CON-10, CON-32, CON-47, CON-65, CON-66, COB-38, COB-39, COB-66, COB-96, COB-107, HOS-39,
 * HOS-42, HOS-69, INF-07, INF-12, INF-73, INF-83, CLO-10, CLO-32, CLO-40 */
static void what_is_promised_outside_of_gates_is_told_as_filed(void **state)
{
    (void)state;
    each_policy_tells_what_it_promises(&filed);
}

/* CON-09, CON-10, CON-32, CON-47, CON-65, CON-66, COB-38, COB-39, COB-66, COB-96, COB-107, HOS-39,
 * HOS-42, HOS-69, INF-07, INF-12, INF-73, INF-83, CLO-10, CLO-32, CLO-40 */
static void what_is_promised_outside_of_gates_is_told_renamed(void **state)
{
    (void)state;
    each_policy_tells_what_it_promises(&shuffled);
}

/* C32: HOS-41; GDPR 33(3)(a) */
static void a_breach_finds_whom_it_concerned_as_filed(void **state)
{
    (void)state;
    own_whom_a_breach_concerned(&filed);
}

/* C32: HOS-41; GDPR 33(3)(a) */
static void a_breach_finds_whom_it_concerned_renamed(void **state)
{
    (void)state;
    own_whom_a_breach_concerned(&shuffled);
}

/* C32: GDPR 33(1), 33(3), 33(4), 34(1), 34(2), 34(3) */
static void a_breach_is_told_to_the_authority_and_to_each_as_filed(void **state)
{
    (void)state;
    own_a_breach_is_told(&filed);
}

/* C32: GDPR 33(1), 33(3), 33(4), 34(1), 34(2), 34(3) */
static void a_breach_is_told_to_the_authority_and_to_each_renamed(void **state)
{
    (void)state;
    own_a_breach_is_told(&shuffled);
}

/* C32: HOS-41; GDPR 33(1), 33(5) */
static void a_breach_has_seventy_two_hours_and_a_place_in_the_register_as_filed(void **state)
{
    (void)state;
    own_the_clock_of_a_breach(&filed);
}

/* C32: HOS-41; GDPR 33(1), 33(5) */
static void a_breach_has_seventy_two_hours_and_a_place_in_the_register_renamed(void **state)
{
    (void)state;
    own_the_clock_of_a_breach(&shuffled);
}

/* COB-30, CON-53 */
static void a_letter_in_the_recruiters_system_goes_there_when_it_goes_here_as_filed(void **state)
{
    (void)state;
    own_a_letter_lies_in_the_recruiters_system(&filed);
}

/* COB-30, CON-53 */
static void a_letter_in_the_recruiters_system_goes_there_when_it_goes_here_renamed(void **state)
{
    (void)state;
    own_a_letter_lies_in_the_recruiters_system(&shuffled);
}

#define BOTH(title)                                                                                \
    cmocka_unit_test_teardown(title##_as_filed, stage_abandon),                                    \
        cmocka_unit_test_teardown(title##_renamed, stage_abandon)

/* COB-38 */
static void a_complaint_is_closed_by_whom_the_policy_names_as_filed(void **state)
{
    (void)state;
    a_complaint_is_the_officers(&filed);
}

/* COB-38 */
static void a_complaint_is_closed_by_whom_the_policy_names_renamed(void **state)
{
    (void)state;
    a_complaint_is_the_officers(&shuffled);
}

/* CON-27, CON-28, CON-29 */
static void two_customers_live_side_by_side_and_know_nothing_of_each_other_as_filed(void **state)
{
    (void)state;
    two_customers_side_by_side(&filed);
}

/* CON-27, CON-28, CON-29 */
static void two_customers_live_side_by_side_and_know_nothing_of_each_other_renamed(void **state)
{
    (void)state;
    two_customers_side_by_side(&shuffled);
}

/* C15: INF-53, INF-35, INF-51, COB-71 */
static void a_partner_gets_what_it_arranged_with_us_as_filed(void **state)
{
    (void)state;
    a_partner_gets_its_own_event_alone(&filed);
}

/* C15: INF-53, INF-35, INF-51, COB-71 */
static void a_partner_gets_what_it_arranged_with_us_renamed(void **state)
{
    (void)state;
    a_partner_gets_its_own_event_alone(&shuffled);
}

/* C16: HOS-31, HOS-32, HOS-51, COB-62, COB-63 */
static void one_authoritys_case_opens_and_closes_no_other_as_filed(void **state)
{
    (void)state;
    two_authorities_ask_at_once(&filed);
}

/* C16: HOS-31, HOS-32, HOS-51, COB-62, COB-63 */
static void one_authoritys_case_opens_and_closes_no_other_renamed(void **state)
{
    (void)state;
    two_authorities_ask_at_once(&shuffled);
}

/* C21: CON-44, CON-45, CON-47, INF-58, HOS-34 */
static void a_chain_of_processors_breaks_where_an_agreement_ends_as_filed(void **state)
{
    (void)state;
    a_chain_breaks_in_the_middle_on_its_day(&filed);
}

/* C21: CON-44, CON-45, CON-47, INF-58, HOS-34 */
static void a_chain_of_processors_breaks_where_an_agreement_ends_renamed(void **state)
{
    (void)state;
    a_chain_breaks_in_the_middle_on_its_day(&shuffled);
}

/* C22: CLO-42, COB-76, INF-77, HOS-36, HOS-37 */
static void nothing_leaves_the_zone_without_a_safeguard_of_its_own_as_filed(void **state)
{
    (void)state;
    a_silent_policy_lets_nothing_out_of_the_zone(&filed);
}

/* C22: CLO-42, COB-76, INF-77, HOS-36, HOS-37 */
static void nothing_leaves_the_zone_without_a_safeguard_of_its_own_renamed(void **state)
{
    (void)state;
    a_silent_policy_lets_nothing_out_of_the_zone(&shuffled);
}

/* C23: CON-13, CON-38 */
static void two_companies_keep_and_erase_each_its_own_as_filed(void **state)
{
    (void)state;
    each_company_keeps_and_erases_its_own(&filed);
}

/* C23: CON-13, CON-38 */
static void two_companies_keep_and_erase_each_its_own_renamed(void **state)
{
    (void)state;
    each_company_keeps_and_erases_its_own(&shuffled);
}

/* C26: COB-84, COB-64, HOS-40 */
static void staff_get_their_roles_from_others_and_two_erase_as_filed(void **state)
{
    (void)state;
    nobody_gives_themselves_what_they_may(&filed);
}

/* C26: COB-84, COB-64, HOS-40 */
static void staff_get_their_roles_from_others_and_two_erase_renamed(void **state)
{
    (void)state;
    nobody_gives_themselves_what_they_may(&shuffled);
}

/* C13: HOS-57, HOS-60, COB-46 */
static void an_objection_to_marketing_is_absolute_on_any_basis_as_filed(void **state)
{
    (void)state;
    a_no_to_marketing_is_heard_by_that_name(&filed);
}

/* C13: HOS-57, HOS-60, COB-46 */
static void an_objection_to_marketing_is_absolute_on_any_basis_renamed(void **state)
{
    (void)state;
    a_no_to_marketing_is_heard_by_that_name(&shuffled);
}

/* C05: L12; CON-07, COB-81 */
static void identity_numbers_land_nowhere_as_filed(void **state)
{
    (void)state;
    identity_numbers_never_land(&filed);
}

/* C05: L12; CON-07, COB-81 */
static void identity_numbers_land_nowhere_renamed(void **state)
{
    (void)state;
    identity_numbers_never_land(&shuffled);
}

/* C14: HOS-26, HOS-05, COB-33 */
static void of_two_senders_one_sends_a_message_as_filed(void **state)
{
    (void)state;
    two_senders_send_a_message_once(&filed);
}

/* C14: HOS-26, HOS-05, COB-33 */
static void of_two_senders_one_sends_a_message_renamed(void **state)
{
    (void)state;
    two_senders_send_a_message_once(&shuffled);
}

/* C14: INF-28, INF-36, CON-50 */
static void whoever_has_nothing_left_gets_no_mail_as_filed(void **state)
{
    (void)state;
    nobody_is_written_to_after_their_data(&filed);
}

/* C14: INF-28, INF-36, CON-50 */
static void whoever_has_nothing_left_gets_no_mail_renamed(void **state)
{
    (void)state;
    nobody_is_written_to_after_their_data(&shuffled);
}

/* COB-75, INF-42 */
static void counts_are_all_that_leaves_a_purpose_that_counts_as_filed(void **state)
{
    (void)state;
    only_numbers_come_out_of_a_purpose_that_counts(&filed);
}

/* COB-75, INF-42 */
static void counts_are_all_that_leaves_a_purpose_that_counts_renamed(void **state)
{
    (void)state;
    only_numbers_come_out_of_a_purpose_that_counts(&shuffled);
}

/* C36: CLO-17, HOS-28 */
static void what_is_sensitive_is_shared_by_a_secure_channel_as_filed(void **state)
{
    (void)state;
    special_data_go_out_by_a_secure_channel(&filed);
}

/* C36: CLO-17, HOS-28 */
static void what_is_sensitive_is_shared_by_a_secure_channel_renamed(void **state)
{
    (void)state;
    special_data_go_out_by_a_secure_channel(&shuffled);
}

/* C06: L05; CLO-18, CLO-19, COB-48 */
static void for_a_child_a_guardian_consents_as_filed(void **state)
{
    (void)state;
    a_guardian_consents_for_a_child(&filed);
}

/* C06: L05; CLO-18, CLO-19, COB-48 */
static void for_a_child_a_guardian_consents_renamed(void **state)
{
    (void)state;
    a_guardian_consents_for_a_child(&shuffled);
}

/* COB-75 */
static void only_numbers_leave_a_purpose_that_counts_by_any_way_as_filed(void **state)
{
    (void)state;
    a_purpose_that_counts_opens_no_other_way(&filed);
}

/* COB-75 */
static void only_numbers_leave_a_purpose_that_counts_by_any_way_renamed(void **state)
{
    (void)state;
    a_purpose_that_counts_opens_no_other_way(&shuffled);
}

/* CON-69, CON-71, CON-74 */
static void a_profile_has_no_other_inputs_than_those_listed_as_filed(void **state)
{
    (void)state;
    a_profile_is_made_of_what_is_listed(&filed);
}

/* CON-69, CON-71, CON-74 */
static void a_profile_has_no_other_inputs_than_those_listed_renamed(void **state)
{
    (void)state;
    a_profile_is_made_of_what_is_listed(&shuffled);
}

/* COB-18 */
static void a_suggestion_has_no_other_inputs_than_browsing_as_filed(void **state)
{
    (void)state;
    a_suggestion_is_made_of_what_one_did_on_the_site(&filed);
}

/* COB-18 */
static void a_suggestion_has_no_other_inputs_than_browsing_renamed(void **state)
{
    (void)state;
    a_suggestion_is_made_of_what_one_did_on_the_site(&shuffled);
}

/* CLO-39, CLO-41 */
static void a_delegate_acts_once_the_chief_executive_said_so_as_filed(void **state)
{
    (void)state;
    a_delegation_is_the_chief_executives_to_give(&filed);
}

/* CLO-39, CLO-41 */
static void a_delegate_acts_once_the_chief_executive_said_so_renamed(void **state)
{
    (void)state;
    a_delegation_is_the_chief_executives_to_give(&shuffled);
}

/* S18: HOS-19 */
static void a_customers_space_is_erased_where_nothing_is_returned_as_filed(void **state)
{
    (void)state;
    a_customer_leaves_its_data_to_be_erased(&filed);
}

/* S18: HOS-19 */
static void a_customers_space_is_erased_where_nothing_is_returned_renamed(void **state)
{
    (void)state;
    a_customer_leaves_its_data_to_be_erased(&shuffled);
}

/* S18: INF-03 */
static void a_site_list_is_the_customers_alone_as_filed(void **state)
{
    (void)state;
    a_site_keeps_its_own_list(&filed);
}

/* S18: INF-03 */
static void a_site_list_is_the_customers_alone_renamed(void **state)
{
    (void)state;
    a_site_keeps_its_own_list(&shuffled);
}

/* C32: GDPR 30(2) */
static void own_sub_processors_of_a_space_stand_by_name_as_filed(void **state)
{
    (void)state;
    own_sub_processors_of_a_space_are_in_the_record(&filed);
}

/* C32: GDPR 30(2) */
static void own_sub_processors_of_a_space_stand_by_name_renamed(void **state)
{
    (void)state;
    own_sub_processors_of_a_space_are_in_the_record(&shuffled);
}

/* C32: GDPR 33(2) */
static void a_processor_tells_its_controller_of_a_breach_as_filed(void **state)
{
    (void)state;
    own_a_processor_tells_its_controller(&filed);
}

static void a_processor_tells_its_controller_of_a_breach_renamed(void **state)
{
    (void)state;
    own_a_processor_tells_its_controller(&shuffled);
}

/* C32: HOS-41 */
static void security_is_told_of_mass_reads_and_refusals_as_filed(void **state)
{
    (void)state;
    security_sees_who_reads_too_much(&filed);
}

/* C32: HOS-41 */
static void security_is_told_of_mass_reads_and_refusals_renamed(void **state)
{
    (void)state;
    security_sees_who_reads_too_much(&shuffled);
}

/* C33: HOS-44, HOS-45 */
static void training_that_was_never_given_is_missed_at_once_as_filed(void **state)
{
    (void)state;
    training_is_missed_before_it_lapses(&filed);
}

/* C33: HOS-44, HOS-45 */
static void training_that_was_never_given_is_missed_at_once_renamed(void **state)
{
    (void)state;
    training_is_missed_before_it_lapses(&shuffled);
}

/* CON-81, CON-82 */
static void a_new_version_comes_by_the_managements_decision_as_filed(void **state)
{
    (void)state;
    a_version_waits_for_a_decision_of_the_management(&filed);
}

/* CON-81, CON-82 */
static void a_new_version_comes_by_the_managements_decision_renamed(void **state)
{
    (void)state;
    a_version_waits_for_a_decision_of_the_management(&shuffled);
}

/* HOS-43 */
static void a_new_version_comes_after_a_review_of_its_design_as_filed(void **state)
{
    (void)state;
    a_version_waits_for_a_review_of_its_design(&filed);
}

/* HOS-43 */
static void a_new_version_comes_after_a_review_of_its_design_renamed(void **state)
{
    (void)state;
    a_version_waits_for_a_review_of_its_design(&shuffled);
}

int main(int count, char **words)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_was_renamed_bears_its_old_name),
        BOTH(a_candidates_cv_goes_six_months_after_the_last_application),
        BOTH(with_the_deadline_as_anchor_each_cv_has_its_own_clock),
        BOTH(a_cv_is_kept_while_the_candidate_agrees),
        BOTH(a_lead_goes_24_months_after_her_own_last_act),
        BOTH(one_address_serves_each_purpose_for_its_own_time),
        BOTH(card_numbers_never_land),
        BOTH(identity_numbers_land_nowhere),
        BOTH(without_the_data_no_account_and_optional_is_said),
        BOTH(mail_waits_only_while_what_it_uses_may_be_used),
        BOTH(a_consent_stands_alone_and_is_taken_back_as_easily),
        BOTH(an_objection_is_weighed_and_pauses_meanwhile),
        BOTH(a_service_is_open_as_long_as_all_that_it_takes_is_there),
        BOTH(no_mail_goes_without_a_link_and_the_link_stops_it_without_a_sign_in),
        BOTH(erasing_everything_leaves_what_the_law_keeps_for_sixty_years),
        BOTH(a_new_purpose_waits_for_its_version_and_its_notice),
        BOTH(a_change_of_the_policy_reaches_each_person_by_itself),
        BOTH(a_restored_backup_serves_nobody_by_an_older_policy),
        BOTH(own_a_list_goes_to_a_manufacturer),
        BOTH(own_two_dossiers_of_one_applicant),
        BOTH(a_mailing_reaches_those_who_may_get_it_under_one_entry),
        BOTH(users_find_each_other_by_what_each_of_them_shows),
        BOTH(a_forum_is_for_its_members_and_for_nobody_else),
        BOTH(a_search_for_one_company_shows_nobody_of_another),
        BOTH(a_customers_space_is_the_customers_alone),
        BOTH(each_company_answers_for_its_own_and_for_what_is_joint),
        BOTH(a_complaint_is_closed_by_whom_the_policy_names),
        BOTH(two_customers_live_side_by_side_and_know_nothing_of_each_other),
        BOTH(an_applicant_is_made_whole_or_not_at_all),
        BOTH(one_record_serves_roles_that_come_and_go),
        BOTH(what_is_sensitive_in_an_application_is_put_away),
        BOTH(a_death_on_record_opens_no_data),
        BOTH(sensitive_mail_is_put_away_and_read_by_nobody),
        BOTH(data_from_others_waits_for_the_notice),
        BOTH(a_service_works_with_no_cookies),
        BOTH(a_profile_and_a_machines_decision_hold_to_their_inputs),
        BOTH(a_capture_ends_with_a_no_before_it_is_weighed),
        BOTH(each_cookie_tells_what_its_own_yes_allows),
        BOTH(what_is_about_two_people_is_told_to_both_and_given_when_decided),
        BOTH(a_call_is_recorded_after_notice_until_the_caller_objects),
        BOTH(a_restricted_address_is_stored_only_until_it_is_lifted),
        BOTH(without_identity_the_known_and_the_unknown_are_told_the_same),
        BOTH(a_letter_is_judged_wish_by_wish_within_its_time),
        BOTH(what_a_customers_people_ask_is_passed_on),
        BOTH(training_that_lapses_closes_access_for_that_one_member),
        BOTH(a_look_outside_ones_role_lasts_an_hour_and_is_reviewed),
        BOTH(who_reads_too_many_or_is_refused_too_often_is_seen),
        BOTH(a_review_that_must_stand_is_missed_when_it_lapses),
        BOTH(an_erasure_survives_kills_restores_and_tampering),
        BOTH(a_recipient_confirms_before_it_gets_anything),
        BOTH(a_withdrawal_reaches_those_who_have_the_data),
        BOTH(one_police_request_gets_five_answers),
        BOTH(a_partner_gets_what_it_arranged_with_us),
        BOTH(one_authoritys_case_opens_and_closes_no_other),
        BOTH(a_chain_of_processors_breaks_where_an_agreement_ends),
        BOTH(nothing_leaves_the_zone_without_a_safeguard_of_its_own),
        BOTH(two_companies_keep_and_erase_each_its_own),
        BOTH(staff_get_their_roles_from_others_and_two_erase),
        BOTH(what_is_promised_outside_of_gates_is_told),
        BOTH(an_objection_to_marketing_is_absolute_on_any_basis),
        BOTH(of_two_senders_one_sends_a_message),
        BOTH(counts_are_all_that_leaves_a_purpose_that_counts),
        BOTH(whoever_has_nothing_left_gets_no_mail),
        BOTH(for_a_child_a_guardian_consents),
        BOTH(a_letter_in_the_recruiters_system_goes_there_when_it_goes_here),
        BOTH(a_breach_finds_whom_it_concerned),
        BOTH(a_processor_tells_its_controller_of_a_breach),
        BOTH(a_breach_is_told_to_the_authority_and_to_each),
        BOTH(a_breach_has_seventy_two_hours_and_a_place_in_the_register),
        BOTH(what_is_sensitive_is_shared_by_a_secure_channel),
        BOTH(only_numbers_leave_a_purpose_that_counts_by_any_way),
        BOTH(a_profile_has_no_other_inputs_than_those_listed),
        BOTH(a_suggestion_has_no_other_inputs_than_browsing),
        BOTH(a_delegate_acts_once_the_chief_executive_said_so),
        BOTH(a_customers_space_is_erased_where_nothing_is_returned),
        BOTH(own_sub_processors_of_a_space_stand_by_name),
        BOTH(a_site_list_is_the_customers_alone),
        BOTH(security_is_told_of_mass_reads_and_refusals),
        BOTH(training_that_was_never_given_is_missed_at_once),
        BOTH(a_new_version_comes_by_the_managements_decision),
        BOTH(a_new_version_comes_after_a_review_of_its_design),
    };
    const char *those = count > 1 ? words[1] : getenv("VERN_SCENARIOS");
    if (those != NULL)
        cmocka_set_test_filter(those); /* 'a_call*': those alone */
    return cmocka_run_group_tests(tests, read_casts, free_casts);
}
