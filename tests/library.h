/* library: a small policy in several versions, which tests of versions and of past instants apply,
 * withdraw and go back on. */
#ifndef VERN_LIBRARY_H
#define VERN_LIBRARY_H
#include "engine_fixture.h"

#define HEAD(version, effective)                                                                   \
    "vern: 1\npolicy: library\nversion: \"" version "\"\neffective: " effective                    \
    "\ntimezone: Europe/Oslo\nlanguages: [en]\n"                                                   \
    "controllers:\n  town: { name: Town, number: \"310001104\", address: Road 1, country: \"NO\"," \
    " contacts: [post] }\ncontacts:\n  post: { kind: email, at: post@town.example }\n"             \
    "roles: [reader]\nsources:\n  person: { kind: person }\n"                                      \
    "categories:\n  contact: { fields: { name: name, email: email } }\n"                           \
    "  loan: { fields: { book: text } }\n"                                                         \
    "evidence:\n  seen: { as: acknowledgement, for: [subject, version] }\n"                        \
    "rights:\n  all: { at: [post] }\n"                                                             \
    "intakes:\n  desk: { from: [person], for: all, optional: [contact, loan] }\npurposes:\n"
#define LEND(uses, keep)                                                                           \
    "  lend: { basis: public_task, roles: [reader], uses: " uses ", keep: " keep " }\n"
#define ADVISE                                                                                     \
    "  advise: { basis: public_task, roles: [reader], uses: [loan], keep: 12 months after "        \
    "collected }\n"

static const char FIRST[] =
    HEAD("1", "2026-01-01") LEND("[contact, loan]", "24 months after collected");
/* Longer, so material; and a purpose more. */
static const char WIDER[] =
    HEAD("2", "2026-03-01") LEND("[contact, loan]", "36 months after collected") ADVISE;
/* Shorter: what is older than a month goes. */
static const char SHORTER[] =
    HEAD("3", "2026-03-01") LEND("[contact, loan]", "1 month after collected");
static const char LATER[] =
    HEAD("4", "2026-09-01") LEND("[contact, loan]", "24 months after collected") ADVISE;

static inline status use_version_withdraw(struct call *call, void *request)
{
    return engine_version_withdraw(call, *(const str *)request);
}

static inline void library(struct fixture *f, uint64_t seed, bool simulated)
{
    fixture_start(f, seed, "2026-02-01T09:00:00Z");
    struct register_create create = {.name = STR("library"),
                                     .policy_file = STR("library.yaml"),
                                     .policy = str_from(FIRST),
                                     .simulated = simulated,
                                     .start = at_time("2026-02-01T09:00:00Z")};
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("register: %s", f->report.text);
    f->reg = engine_register(f->engine, STR("library"));
}

static inline void open_again(struct fixture *f)
{
    fixture_close(f);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("library"));
}

static inline struct version_run version(struct fixture *f, const char *text)
{
    return (struct version_run){
        .request = {.policy_file = STR("library.yaml"), .policy = str_from(text), .preview = true},
        .problems = {.arena = f->arena}};
}

static inline struct version_effect put_in_force(struct fixture *f, const char *text)
{
    struct version_run run_ = version(f, text);
    RUN_OK(f, use_version, &run_);
    run_.request.preview = false;
    run_.request.erases_stated = true;
    run_.request.erases = run_.effect.erases;
    RUN_OK(f, use_version, &run_);
    return run_.effect;
}

struct borrower {
    dossier_id id;
    record_id loan;
};

static inline struct borrower borrower_for(struct fixture *f, const char *purpose)
{
    str roles[] = {STR("reader")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    RUN_OK(f, use_subject_create, &create);
    struct borrower made = {.id = f->call.outcome.id};
    struct collect_value values[] = {{STR("loan.book"), STR("Sult"), true}};
    struct collect_run collect = {.request = {.subject = made.id,
                                              .intake = STR("desk"),
                                              .source = STR("person"),
                                              .values = values,
                                              .value_count = 1}};
    str purposes[] = {str_from(purpose)};
    collect.request.purposes = purposes;
    collect.request.purpose_count = 1;
    RUN_OK(f, use_collect, &collect);
    made.loan = collect.result.items[0];
    return made;
}

static inline struct borrower borrower(struct fixture *f)
{
    return borrower_for(f, "lend");
}

/* The rule that refuses; empty when the loan is read. */
static inline str refuses(struct fixture *f, const struct borrower *borrower, const char *purpose)
{
    struct read_run read = {.request = {.subject = borrower->id,
                                        .purpose = str_from(purpose),
                                        .items = &borrower->loan,
                                        .item_count = 1}};
    status got = run(f, use_read, &read);
    if (is_ok(got))
        return STR("");
    assert_int_equal(got.fault, FAULT_REFUSED);
    return f->call.decision->count > 0 ? f->call.decision->parts[0].reason.rule
                                       : f->call.decision->reason.rule;
}

static inline void tell(struct fixture *f, dossier_id id, const char *of)
{
    struct evidence_record notice = {.type = STR("notice"), .subject = id, .version = str_from(of)};
    RUN_OK(f, use_evidence, &notice);
}
#endif
