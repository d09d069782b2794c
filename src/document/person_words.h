/* What the builders of a person's papers share: members of the JSON, in words. */
#ifndef VERN_PERSON_WORDS_H
#define VERN_PERSON_WORDS_H
#include "person.h"

str person_text(const struct json *object, const char *member); /* empty: not there */
bool person_truth(const struct json *object, const char *member);
/* A member that is an array; what is none lacks, as `item`. Never NULL. */
const struct json *person_list(struct paper *paper, const struct json *data, const char *member,
                               const char *item);
/* The date of a member; empty for null and for what is no instant. */
str person_date(struct paper *paper, const struct json *object, const char *member);
str person_number(struct paper *paper, uint64_t number);

/* What a name of the policy is called; the name itself where the policy has it no longer. */
str person_purpose(struct paper *paper, str name);
str person_field(struct paper *paper, str name);
str person_source(struct paper *paper, str name);
str person_recipient(struct paper *paper, str name);
str person_evidence(struct paper *paper, str name);
str person_role(struct paper *paper, str name);
str person_category_of(struct paper *paper, str field);
const struct plan_purpose *person_plan_purpose(const struct paper *paper, str name); /* or NULL */
/* Adds it unless it is there. */
void person_once(struct paper *paper, struct texts *texts, str text);

/* Who answers, with contacts; the officer; where to complain, and the courts. */
void person_put_controllers(struct paper *paper, const struct json *list);
void person_put_officer(struct paper *paper);
void person_put_complaint(struct paper *paper, const struct json *data);
struct texts person_ways(struct paper *paper);

#endif
