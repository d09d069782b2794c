/* Two servers of one register in one process, beside each other (together = yes), so that a test
 * says whose turn it is. They share a folder and have a world and a log each. */
#ifndef VERN_TWO_SERVERS_H
#define VERN_TWO_SERVERS_H
#include "engine_fixture.h"

#include "engine_internal.h"
#include "postgres_server.h"

static inline void two_serve(struct fixture *f, const char *folder, const char *name)
{
    struct engine_config config = fixture_config(f);
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/%s", f->dir, folder);
    config.log_dir = path;
    config.beside = true;
    f->report = (struct report){0};
    if (!is_ok(engine_open(&config, &f->report, &f->engine)))
        fail_msg("%s", f->report.text);
    f->reg = engine_register(f->engine, str_from(name));
    assert_non_null(f->reg);
}

/* Under a policy of that file, made by one server that is alone. */
static inline void two_create(struct fixture *f, const struct postgres_server *database,
                              const char *name, const char *policy, bool simulated)
{
    static const char *const start = "2026-03-01T09:00:00Z";
    struct db_places places = {0};
    fixture_start(f, 7, start);
    for (size_t i = 0; i < LENGTH(places.at); i++) {
        if (!is_ok(db_address_take(str_from(database->address), &places.at[i], &f->report)))
            fail_msg("%s", f->report.text);
        places.at[i].servers = true;
    }
    struct problems problems = {.arena = f->arena};
    struct register_create request = {.name = str_from(name),
                                      .policy_file = str_from(policy),
                                      .policy = read_text(f, policy),
                                      .simulated = simulated,
                                      .start = at_time(start),
                                      .places = &places};
    if (!is_ok(engine_register_create(f->engine, &request, f->arena, &problems, &f->report,
                                      &f->admin)))
        fail_msg("%s", f->report.text);
    fixture_close(f);
}

/* Fails what the first one's seams fail, when there are any. */
static inline void two_begin(struct fixture *a, struct fixture *b,
                             status (*seam)(void *self, const char *seam, struct report *report),
                             const char *name)
{
    a->sim.world.seam = seam;
    two_serve(a, "a", name);
    *b = *a;
    world_sim(&b->sim, 8, a->sim.clock);
    two_serve(b, "b", name);
}

/* Somebody who asked a question under policies/example.yaml; gives the item of her address. */
static inline record_id two_asker(struct fixture *f, dossier_id *person)
{
    const str roles[] = {STR("asker")};
    struct evidence_record weighed = {.type = STR("balancing"),
                                      .purpose = STR("support"),
                                      .asks = (struct particular[]){{STR("reference"), STR("w")}},
                                      .ask_count = 1};
    struct subject_create made = {.roles = roles, .role_count = 1};
    struct collect_value values[] = {{STR("contact.email"), STR("anna@example.org"), false},
                                     {STR("question.text"), STR("When?"), false}};
    RUN_OK(f, use_evidence, &weighed);
    RUN_OK(f, use_subject_create, &made);
    *person = f->call.outcome.id;
    struct collect_run collect = {.request = {.subject = *person,
                                              .intake = STR("contact_form"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = 2}};
    RUN_OK(f, use_collect, &collect);
    return collect.result.items[0];
}

static inline void two_end(struct fixture *a, struct fixture *b)
{
    engine_close(&b->engine);
    fixture_stop(a);
}
#endif
