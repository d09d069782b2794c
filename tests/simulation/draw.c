/* What is asked next: random, but leaning to what hangs together, and to what the last refusal said
 * was lacking, so that late gates are reached as well. */
#include "simulation.h"

#define RANDOM_OF(run, list, total) (&(list)[below(&(run)->chance, (total))])

static str text_of(const struct run *run, word w)
{
    return words_text(reg_words(run->reg), w);
}

/* ---- who and what ---- */

static struct known *some_of(struct run *run, struct known *list, size_t room)
{
    size_t start = below(&run->chance, room);
    for (size_t i = 0; i < room; i++)
        if (list[(start + i) % room].arena != NULL)
            return &list[(start + i) % room];
    return NULL;
}

static dossier_id id_of(const struct known *known)
{
    return known == NULL ? (dossier_id){{0}} : known->facts.id;
}

enum { SMALL_ENOUGH = 24, LARGE_ENOUGH = 40, IN_FOCUS_STEPS = 48 };

static size_t size_of(const struct known *known)
{
    return known->facts.items.count + known->facts.evidence.count + known->facts.events.count +
           known->facts.roles.count;
}

/* One person is in focus for a while, so that things come together. */
static struct known *some_person(struct run *run)
{
    struct known *focus = &run->model.people[run->step / IN_FOCUS_STEPS % PEOPLE_MOST];
    if (in_100(&run->chance, 60) && focus->arena != NULL)
        return focus;
    return some_of(run, run->model.people, PEOPLE_MOST);
}

static dossier_id some_matter(struct run *run, unsigned percent)
{
    struct known *matter =
        in_100(&run->chance, percent) ? some_of(run, run->model.matters, OTHERS_MOST) : NULL;
    return matter == NULL ? (dossier_id){{0}} : matter->facts.id;
}

static const struct plan_purpose *some_purpose(struct run *run, const struct plan *plan)
{
    return plan->purpose_count == 0 ? NULL : RANDOM_OF(run, plan->purpose, plan->purpose_count);
}

/* A purpose that something of the person was told for, asked by the company whose it is, rather
 * than any. */
static word likely_purpose(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    const struct facts *facts = &move->person->facts;
    if (facts->items.count > 0 && in_100(&run->chance, 85)) {
        const struct fact_item *item = RANDOM_OF(run, facts->items.at, facts->items.count);
        if (item->controller != 0)
            move->company = text_of(run, item->controller);
        word told = item->told_count > 0 ? *RANDOM_OF(run, item->told, item->told_count) : 0;
        if (plan_find(plan, plan->purpose_of, told) != NONE)
            return told;
    }
    const struct plan_purpose *purpose = some_purpose(run, plan);
    return purpose == NULL ? 0 : purpose->clause.name;
}

static str channel_name(struct run *run)
{
    static const char *const names[] = {"email", "sms", "phone", "post", "web", "in_service"};
    return str_from(names[below(&run->chance, LENGTH(names))]);
}

static instant some_past(struct run *run)
{
    if (in_100(&run->chance, 70))
        return (instant){0};
    int64_t back = (int64_t)below(&run->chance, 400) * 24 * 3600 * 1000;
    return (instant){run_now(run).ms - back};
}

static str some_date(struct run *run)
{
    int year = 2026 + (int)below(&run->chance, 6);
    return arena_format(run->arena, "%d-%02zu-%02zu", year, 1 + below(&run->chance, 12),
                        1 + below(&run->chance, 28));
}

/* ---- values: each is unlike every other, and can be found in a text ---- */

static str some_value(struct run *run, const struct plan *plan, plan_index field)
{
    uint64_t n = ++run->values_made;
    switch (plan->field[field].kind) {
    case FIELD_EMAIL:
        return arena_format(run->texts, "zq%lluq@example.test", (unsigned long long)n);
    case FIELD_PHONE:
        return arena_format(run->texts, "+4722%06llu", (unsigned long long)(n % 1000000));
    case FIELD_IP:
        return arena_format(run->texts, "10.%llu.%llu.%llu", (unsigned long long)(n >> 16 & 255),
                            (unsigned long long)(n >> 8 & 255), (unsigned long long)(n & 255));
    case FIELD_DATE:
        return arena_format(
            run->texts, "19%02llu-%02llu-%02llu", (unsigned long long)(n / 336 % 100),
            (unsigned long long)(1 + n / 28 % 12), (unsigned long long)(1 + n % 28));
    case FIELD_NUMBER:
        return arena_format(run->texts, "%llu", (unsigned long long)(n % 100000));
    case FIELD_TEXT:
    case FIELD_NAME:
    case FIELD_ADDRESS:
    case FIELD_ID:
    case FIELD_FILE:
        break;
    }
    return arena_format(run->texts, "zq%lluq", (unsigned long long)n);
}

/* ---- the register's things ---- */

static bool draw_create(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    bool room = false;
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        room |= run->model.people[i].arena == NULL;
    str *roles = ARENA_ARRAY(run->arena, str, 2);
    if (!room)
        return false;
    if (plan->role_count > 0 && in_100(&run->chance, 60)) {
        roles[0] = text_of(run, RANDOM_OF(run, plan->role, plan->role_count)->clause.name);
        move->ask.create.role_count = 1;
    }
    move->ask.create.roles = roles;
    return true;
}

static bool draw_role(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    bool ends = move->kind == OP_role_end;
    const struct facts *facts = &move->person->facts;
    if (plan->role_count == 0)
        return false;
    word role = RANDOM_OF(run, plan->role, plan->role_count)->clause.name;
    if (ends && facts->roles.count > 0)
        role = RANDOM_OF(run, facts->roles.at, facts->roles.count)->role;
    move->ask.role = (struct role_change){.subject = move->subject,
                                          .role = text_of(run, role),
                                          .matter = some_matter(run, 30),
                                          .at = some_past(run),
                                          .ends = ends,
                                          .warned = true};
    if (ends)
        move->ask.role.at = (instant){0};
    return true;
}

static struct known *room_for(struct known *list)
{
    for (size_t i = 0; i < OTHERS_MOST; i++)
        if (list[i].arena == NULL)
            return &list[i];
    return NULL;
}

static bool draw_matter(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    if (plan->matter_count == 0 || (move->other = room_for(run->model.matters)) == NULL)
        return false;
    move->ask.matter = (struct matter_create){
        .kind = text_of(run, RANDOM_OF(run, plan->matter, plan->matter_count)->clause.name),
        .number = arena_format(run->arena, "m%llu", (unsigned long long)++run->values_made)};
    return true;
}

static bool draw_party(struct run *run, struct move *move)
{
    static const char *const zones[] = {"NO", "SE", "DE", "US", "eea"};
    const struct plan *plan = run_plan(run);
    if (plan->recipient_count == 0 || (move->other = room_for(run->model.parties)) == NULL)
        return false;
    const struct plan_recipient *kind = RANDOM_OF(run, plan->recipient, plan->recipient_count);
    str name = arena_format(run->texts, "Party %llu", (unsigned long long)++run->values_made);
    if (kind->named_count > 0 && in_100(&run->chance, 70))
        name = arena_copy(run->texts, *RANDOM_OF(run, kind->named, kind->named_count));
    move->ask.party =
        (struct party_create){.kind = text_of(run, kind->clause.name),
                              .name = name,
                              .zone = str_from(zones[below(&run->chance, LENGTH(zones))])};
    return true;
}

static bool draw_staff(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    if (plan->staff_count == 0 || (move->other = room_for(run->model.staff)) == NULL)
        return false;
    move->ask.staff = (struct staff_create){
        .role = text_of(run, RANDOM_OF(run, plan->staff, plan->staff_count)->clause.name),
        .name = arena_format(run->texts, "zq%lluq", (unsigned long long)++run->values_made)};
    return true;
}

static bool draw_case(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    struct known *party = some_of(run, run->model.parties, OTHERS_MOST);
    str *scope = ARENA_ARRAY(run->arena, str, 2);
    if ((move->other = room_for(run->model.cases)) == NULL)
        return false;
    move->ask.case_ = (struct case_create){
        .kind = STR("question"),
        .number = arena_format(run->arena, "c%llu", (unsigned long long)++run->values_made),
        .scope = scope};
    if (party != NULL && in_100(&run->chance, 70))
        move->ask.case_.requester = party->facts.id;
    if (plan->field_count > 0 && in_100(&run->chance, 50)) {
        scope[0] = text_of(run, RANDOM_OF(run, plan->field, plan->field_count)->name);
        move->ask.case_.scope_count = 1;
    }
    return true;
}

static bool draw_token(struct run *run, struct move *move)
{
    static const char *const scopes[] = {"read", "collect", "read, collect", "officer", "record"};
    if (run->model.token_count == TOKENS_MOST)
        return false;
    move->ask.token =
        (struct token_create){.name = STR("an application"),
                              .scopes = str_from(scopes[below(&run->chance, LENGTH(scopes))]),
                              .days = (uint32_t)(1 + below(&run->chance, 366))};
    return true;
}

static bool draw_revoke(struct run *run, struct move *move)
{
    if (run->model.token_count == 0)
        return false;
    const struct known_token *token = RANDOM_OF(run, run->model.tokens, run->model.token_count);
    move->ask.revoke = token->id;
    return !token->revoked && (token->expires.ms == 0 || before(run_now(run), token->expires));
}

/* Of what follows the model knows only that it does no harm. */
static bool draw_request(struct run *run, struct move *move)
{
    static const char *const names[] = {"access", "erase", "rectify", "object", "portability"};
    str *rights = ARENA_ARRAY(run->arena, str, 2);
    rights[0] = str_from(names[below(&run->chance, LENGTH(names))]);
    move->ask.request = (struct request_take){.channel = STR("support"),
                                              .rights = rights,
                                              .right_count = 1,
                                              .contact = STR("somebody"),
                                              .text = STR("what do you have?")};
    if (move->person != NULL && in_100(&run->chance, 50))
        move->ask.request.subject = move->person->facts.id;
    move->person = NULL;
    return true;
}

static bool draw_request_decide(struct run *run, struct move *move)
{
    if (run->request_count == 0)
        return false;
    size_t kept = run->request_count < OTHERS_MOST ? run->request_count : OTHERS_MOST;
    move->ask.decide = (struct request_decide){.request = run->requests[below(&run->chance, kept)],
                                               .right = STR("access"),
                                               .outcome = STR("granted"),
                                               .reasons = STR("it is theirs")};
    return true;
}

static bool draw_breach(struct run *run, struct move *move)
{
    str *nature = ARENA_ARRAY(run->arena, str, 2);
    nature[0] = STR("confidentiality");
    move->ask.breach = (struct breach_said){
        .number = arena_format(run->arena, "b%llu", (unsigned long long)++run->values_made),
        .nature = nature,
        .nature_count = 1,
        .description = STR("a list went to the wrong address"),
        .all = true};
    return true;
}

static bool draw_assess(struct run *run, struct move *move)
{
    if (run->breach_count == 0)
        return false;
    size_t kept = run->breach_count < OTHERS_MOST ? run->breach_count : OTHERS_MOST;
    move->ask.assess =
        (struct breach_assessment){.breach = run->breaches[below(&run->chance, kept)],
                                   .risk = in_100(&run->chance, 50) ? STR("none") : STR("risk"),
                                   .reasons = STR("few saw it")};
    return true;
}

/* ---- facts ---- */

static bool draw_event(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    if (plan->event_count == 0)
        return false;
    const struct plan_event *event = RANDOM_OF(run, plan->event, plan->event_count);
    plan_index wanted = plan_find(plan, plan->event_of, run->wanted);
    if (wanted != NONE)
        event = &plan->event[wanted];
    move->ask.event = (struct event_record){.subject = move->subject,
                                            .matter = some_matter(run, event->of != NONE ? 90 : 30),
                                            .event = text_of(run, event->clause.name),
                                            .at = some_past(run),
                                            .by_subject = in_100(&run->chance, 60)};
    if (event->of != NONE && in_100(&run->chance, 50) && !ID_IS_ZERO(move->ask.event.matter))
        move->ask.event.subject = (dossier_id){{0}};
    return true;
}

static void draw_particulars(struct run *run, const struct plan_evidence *type,
                             struct evidence_record *ask)
{
    struct particular *asks = ARENA_ARRAY(run->arena, struct particular, type->ask_count + 1);
    for (size_t i = 0; i < type->ask_count; i++) {
        if (in_100(&run->chance, 3))
            continue; /* one too few */
        str name = text_of(run, type->asks[i]);
        bool until = str_is(name, "until");
        asks[ask->ask_count++] =
            (struct particular){name, until ? some_date(run) : STR("as agreed")};
    }
    ask->asks = asks;
}

static str name_of(struct run *run, const struct clause *clause)
{
    return clause == NULL ? STR("") : text_of(run, clause->name);
}
#define NAME_OF_SOME(run, plan, list)                                                              \
    ((plan)->list##_count == 0                                                                     \
         ? STR("")                                                                                 \
         : name_of((run), &RANDOM_OF((run), (plan)->list, (plan)->list##_count)->clause))

/* Binds it to what it must be bound to: of what was asked last, where that lacked it. */
static void bind(struct run *run, const struct plan *plan, const struct plan_evidence *type,
                 struct move *move, const struct operation *last)
{
    struct evidence_record *ask = &move->ask.evidence;
    uint32_t slots = type->binds;
#define WANTS(slot) ((slots >> (slot)&1) != 0)
#define EITHER(last_word, some)                                                                    \
    ((last) != NULL && (last_word) != 0 ? text_of(run, last_word) : (some))
#define EITHER_ID(last_id, some) ((last) != NULL && !ID_IS_ZERO(last_id) ? (last_id) : (some))
    if (WANTS(SLOT_SUBJECT))
        ask->subject = EITHER_ID(last->subject, move->subject);
    if (WANTS(SLOT_MATTER))
        ask->matter = EITHER_ID(last->matter, some_matter(run, 100));
    if (WANTS(SLOT_CASE))
        ask->case_ = EITHER_ID(last->case_, id_of(some_of(run, run->model.cases, OTHERS_MOST)));
    if (WANTS(SLOT_RECIPIENT))
        ask->party = EITHER_ID(last->party, id_of(some_of(run, run->model.parties, OTHERS_MOST)));
    if (WANTS(SLOT_ACTOR))
        ask->actor = EITHER_ID(last->actor, id_of(some_of(run, run->model.staff, OTHERS_MOST)));
    if (WANTS(SLOT_PURPOSE))
        ask->purpose = EITHER(last->purpose, NAME_OF_SOME(run, plan, purpose));
    if (WANTS(SLOT_SOURCE))
        ask->source = EITHER(last->source, NAME_OF_SOME(run, plan, source));
    if (WANTS(SLOT_INTAKE))
        ask->intake = EITHER(last->intake, NAME_OF_SOME(run, plan, intake));
    if (WANTS(SLOT_MESSAGE))
        ask->message = EITHER(last->message, NAME_OF_SOME(run, plan, message));
    if (WANTS(SLOT_CONTROLLER))
        ask->controller = EITHER(last->controller, NAME_OF_SOME(run, plan, controller));
    if (WANTS(SLOT_CHANNEL))
        ask->channel = EITHER(last->channel, channel_name(run));
    if (WANTS(SLOT_COOKIE))
        ask->cookie = EITHER(last->cookie, NAME_OF_SOME(run, plan, cookie));
    if (WANTS(SLOT_CATEGORY))
        ask->category = NAME_OF_SOME(run, plan, category);
    if (WANTS(SLOT_FIELD) && plan->field_count > 0)
        ask->field = text_of(run, RANDOM_OF(run, plan->field, plan->field_count)->name);
    if (WANTS(SLOT_VERSION))
        ask->version = plan->version;
#undef WANTS
#undef EITHER
#undef EITHER_ID
}

static bool draw_consent(struct run *run, struct move *move);

static bool draw_evidence(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    plan_index index = (plan_index)below(&run->chance, plan->evidence_count);
    plan_index wanted = plan_find(plan, plan->evidence_of, run->wanted);
    const struct operation *last = NULL;
    if (wanted != NONE && in_100(&run->chance, 80)) {
        index = wanted;
        last = &run->wanted_for;
        run->wanted = 0;
        struct known *person = model_person(&run->model, last->subject);
        if (person == NULL)
            return false;
        move->person = person;
        move->subject = person->facts.id;
    }
    const struct plan_evidence *type = &plan->evidence[index];
    if (index == KIND_CONSENT) {
        move->kind = OP_consent;
        return draw_consent(run, move);
    }
    struct evidence_record *ask = &move->ask.evidence;
    *ask = (struct evidence_record){.type = text_of(run, type->clause.name),
                                    .since = some_past(run),
                                    .by_subject = type->by_subject || in_100(&run->chance, 20)};
    bind(run, plan, type, move, last);
    struct known *homes[] = {
        &run->model.own, model_find(&run->model, ask->matter), model_find(&run->model, ask->party),
        model_find(&run->model, ask->case_), model_find(&run->model, ask->actor)};
    for (size_t i = 0; i < LENGTH(homes); i++)
        if (homes[i] != NULL && size_of(homes[i]) > LARGE_ENOUGH)
            return false;
    if (type->kind == KIND_CLAIM && in_100(&run->chance, 80))
        return false; /* holds are rare */
    if (in_100(&run->chance, 15))
        ask->until = some_date(run);
    draw_particulars(run, type, ask);
    return true;
}

static bool draw_evidence_end(struct run *run, struct move *move)
{
    struct known *homes[] = {move->person, &run->model.own,
                             some_of(run, run->model.matters, OTHERS_MOST),
                             some_of(run, run->model.parties, OTHERS_MOST)};
    struct known *home = homes[below(&run->chance, LENGTH(homes))];
    if (home == NULL || home->facts.evidence.count == 0)
        home = move->person;
    if (home->facts.evidence.count == 0)
        return false;
    const struct fact_evidence *one =
        RANDOM_OF(run, home->facts.evidence.at, home->facts.evidence.count);
    move->other = home;
    move->ask.evidence_end =
        (struct evidence_end){.dossier = home->facts.id,
                              .record = one->id,
                              .on = in_100(&run->chance, 30) ? some_date(run) : STR(""),
                              .warned = true};
    return true;
}

static bool draw_consent(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    const struct operation *last = &run->wanted_for;
    word name = last->purpose;
    plan_index index = plan_find(plan, plan->purpose_of, name);
    bool follows = index != NONE && in_100(&run->chance, 60);
    for (int tries = 0; !follows && tries < 6; tries++) {
        index = (plan_index)below(&run->chance, plan->purpose_count);
        if (plan->purpose[index].basis == BASIS_CONSENT)
            break;
    }
    const struct plan_purpose *purpose = &plan->purpose[index];
    move->ask.consent =
        (struct consent){.subject = move->subject,
                         .purpose = text_of(run, purpose->clause.name),
                         .wording = STR("yes, for this"),
                         .language = STR("en"),
                         .given_by = STR("click"),
                         .guardian = in_100(&run->chance, 10) ? STR("a parent") : STR("")};
    struct consent *ask = &move->ask.consent;
    if ((purpose->per >> SLOT_RECIPIENT & 1) != 0 || in_100(&run->chance, 5))
        ask->party = !ID_IS_ZERO(last->party) && follows
                         ? last->party
                         : id_of(some_of(run, run->model.parties, OTHERS_MOST));
    if ((purpose->per >> SLOT_MATTER & 1) != 0)
        ask->matter = some_matter(run, 100);
    if ((purpose->per >> SLOT_FIELD & 1) != 0 && plan->field_count > 0)
        ask->field = text_of(run, RANDOM_OF(run, plan->field, plan->field_count)->name);
    if ((purpose->per >> SLOT_CHANNEL & 1) != 0)
        ask->channel =
            follows && last->channel != 0 ? text_of(run, last->channel) : channel_name(run);
    if ((purpose->per >> SLOT_COOKIE & 1) != 0)
        ask->cookie = NAME_OF_SOME(run, plan, cookie);
    if (in_100(&run->chance, 10))
        ask->until = some_date(run);
    return true;
}

static bool draw_withdraw(struct run *run, struct move *move)
{
    const struct facts *facts = &move->person->facts;
    word purpose = likely_purpose(run, move);
    for (size_t i = 0; i < facts->evidence.count; i++)
        for (size_t b = 0; b < facts->evidence.at[i].bound_count; b++)
            if (facts->evidence.at[i].bound[b].slot == SLOT_PURPOSE && in_100(&run->chance, 40))
                purpose = facts->evidence.at[i].bound[b].name;
    move->ask.withdraw =
        (struct withdrawal){.subject = move->subject, .purpose = text_of(run, purpose)};
    return purpose != 0;
}

static bool draw_object(struct run *run, struct move *move)
{
    word purpose = likely_purpose(run, move);
    move->ask.object = (struct objection_make){
        .subject = move->subject,
        .purpose = in_100(&run->chance, 10) ? STR("marketing") : text_of(run, purpose)};
    return purpose != 0;
}

static bool draw_objection_decide(struct run *run, struct move *move)
{
    const struct facts *facts = &move->person->facts;
    if (facts->objections.count == 0)
        return false;
    move->ask.objection = (struct objection_decision){
        .subject = move->subject,
        .objection = facts->objections.at[below(&run->chance, facts->objections.count)].id,
        .upheld = in_100(&run->chance, 40),
        .reasons = STR("it was weighed")};
    return !ID_IS_ZERO(move->ask.objection.objection); /* zero: made in this turn, its id untold */
}

static bool draw_stop(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    if (plan->stop_count == 0)
        return false;
    const struct plan_switch *stop = RANDOM_OF(run, plan->stop, plan->stop_count);
    move->ask.stop =
        (struct switch_set){.subject = move->subject, .stop = text_of(run, stop->clause.name)};
    if ((stop->per >> SLOT_CHANNEL & 1) != 0 && in_100(&run->chance, 60))
        move->ask.stop.channel = channel_name(run);
    if ((stop->per >> SLOT_RECIPIENT & 1) != 0 && in_100(&run->chance, 60))
        move->ask.stop.party = id_of(some_of(run, run->model.parties, OTHERS_MOST));
    return true;
}

/* Whom another's item concerns, too; NULL: nobody. */
static struct known *some_concerned(struct run *run)
{
    size_t start = below(&run->chance, PEOPLE_MOST);
    for (size_t i = 0; i < PEOPLE_MOST; i++) {
        const struct known *home = &run->model.people[(start + i) % PEOPLE_MOST];
        if (home->arena != NULL && home->facts.concerns.count > 0)
            return model_person(
                &run->model,
                RANDOM_OF(run, home->facts.concerns.at, home->facts.concerns.count)->other);
    }
    return NULL;
}

static bool draw_restrict(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    struct known *concerned = in_100(&run->chance, 40) ? some_concerned(run) : NULL;
    if (concerned != NULL) {
        move->person = concerned;
        move->subject = concerned->facts.id;
    }
    str *fields = ARENA_ARRAY(run->arena, str, 2);
    move->ask.restrict_ = (struct restriction){
        .subject = move->subject, .fields = fields, .reason = STR("accuracy"), .warned = true};
    if (in_100(&run->chance, 70)) {
        fields[0] = text_of(run, RANDOM_OF(run, plan->field, plan->field_count)->name);
        move->ask.restrict_.field_count = 1;
    }
    return true;
}

static bool draw_lift(struct run *run, struct move *move)
{
    for (size_t i = 0; move->person->facts.restrictions.count == 0 && i < PEOPLE_MOST; i++)
        if (run->model.people[i].arena != NULL)
            move->person = &run->model.people[i];
    const struct facts *facts = &move->person->facts;
    move->subject = facts->id;
    if (facts->restrictions.count == 0)
        return false;
    move->ask.lift = (struct restriction_lift){
        .subject = move->subject,
        .restriction = RANDOM_OF(run, facts->restrictions.at, facts->restrictions.count)->id};
    return true;
}

/* ---- values in and out ---- */

bool goes_to_quarantine(const struct run *run, const struct plan_intake *intake, plan_index field)
{
    const struct plan *plan = run_plan(run);
    plan_index category = plan->field[field].category;
    str channel = text_of(run, intake->channel);
    return bits_has(intake->refuses, category) ||
           (plan->category[category].kind == CATEGORY_SPECIAL &&
            (str_is(channel, "email") || str_is(channel, "sms")));
}

static bool offers(struct run *run, const struct plan *plan, const struct plan_intake *intake,
                   plan_index field, bool required)
{
    const struct plan_category *category = &plan->category[plan->field[field].category];
    if (category->made_from.stated || category->kind == CATEGORY_NATIONAL_ID ||
        goes_to_quarantine(run, intake, field))
        return false;
    if (required)
        return field_set_has(&intake->required, field) && in_100(&run->chance, 98);
    return field_set_has(&intake->optional, field) && !field_set_has(&intake->required, field) &&
           in_100(&run->chance, 30);
}

static void draw_values(struct run *run, const struct plan *plan, const struct plan_intake *intake,
                        struct collect *ask)
{
    struct collect_value *values = ARENA_ARRAY(run->arena, struct collect_value, 13);
    for (int external = 0; external < 2; external++) {
        for (plan_index f = 0; f < plan->field_count && ask->value_count < 12; f++) {
            const struct plan_category *category = &plan->category[plan->field[f].category];
            if (field_set_has(&category->external, f) != (external == 1) ||
                !(offers(run, plan, intake, f, true) || offers(run, plan, intake, f, false)))
                continue;
            values[ask->value_count++] =
                (struct collect_value){text_of(run, plan->field[f].name), some_value(run, plan, f),
                                       in_100(&run->chance, 95)};
            ask->reference_count += (size_t)external;
        }
    }
    ask->values = values;
}

static void draw_told(struct run *run, const struct plan *plan, const struct plan_intake *intake,
                      struct collect *ask)
{
    str *purposes = ARENA_ARRAY(run->arena, str, 3);
    if (intake->purposes.all) {
        ask->purpose_count = 1 + below(&run->chance, 2);
        for (size_t i = 0; i < ask->purpose_count; i++)
            purposes[i] = NAME_OF_SOME(run, plan, purpose);
    }
    ask->purposes = purposes;
}

static str some_source(struct run *run, const struct plan *plan, const struct refs *from)
{
    plan_index source = from->all || from->count == 0
                            ? (plan_index)below(&run->chance, plan->source_count)
                            : *RANDOM_OF(run, from->at, from->count);
    return text_of(run, plan->source[source].clause.name);
}

static bool draw_collect(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    if (plan->intake_count == 0 || plan->source_count == 0)
        return false;
    const struct plan_intake *intake = RANDOM_OF(run, plan->intake, plan->intake_count);
    plan_index again = plan_find(plan, plan->intake_of, run->wanted_for.intake);
    if (move->again && again != NONE)
        intake = &plan->intake[again];
    struct collect *ask = &move->ask.collect;
    *ask = (struct collect){.subject = move->subject,
                            .matter = some_matter(run, 35),
                            .intake = text_of(run, intake->clause.name),
                            .source = some_source(run, plan, &intake->from),
                            .at = in_100(&run->chance, 90) ? (instant){0} : some_past(run)};
    if (intake->channel != 0 && in_100(&run->chance, 30))
        ask->channel = text_of(run, intake->channel);
    str *supplied = ARENA_ARRAY(run->arena, str, 2);
    if (in_100(&run->chance, 70)) {
        supplied[0] = STR("notice");
        plan_index type = (plan_index)below(&run->chance, plan->evidence_count);
        if (plan->evidence[type].kind == KIND_NOTICE)
            supplied[0] = text_of(run, plan->evidence[type].clause.name);
        ask->supplied_count = 1;
    }
    ask->supplied = supplied;
    draw_values(run, plan, intake, ask);
    draw_told(run, plan, intake, ask);
    return ask->value_count > 0;
}

static bool draw_read(struct run *run, struct move *move)
{
    const struct facts *facts = &move->person->facts;
    word purpose = move->again ? run->wanted_for.purpose : likely_purpose(run, move);
    move->ask.read = (struct read){
        .subject = move->subject, .purpose = text_of(run, purpose), .use = move->kind == OP_use};
    if (facts->items.count > 0 && !move->again && in_100(&run->chance, 40)) {
        record_id *items = ARENA_ARRAY(run->arena, record_id, 2);
        items[0] = RANDOM_OF(run, facts->items.at, facts->items.count)->id;
        move->ask.read.items = items;
        move->ask.read.item_count = 1;
    }
    return move->ask.read.purpose.len > 0;
}

static bool draw_share(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    struct known *party = some_of(run, run->model.parties, OTHERS_MOST);
    if (move->again)
        party = model_find(&run->model, run->wanted_for.party);
    if (party == NULL)
        return false;
    plan_index kind = plan_find(plan, plan->recipient_of, party->facts.name);
    word purpose = likely_purpose(run, move);
    if (move->again) {
        purpose = run->wanted_for.purpose;
    } else if (kind != NONE && plan->recipient[kind].purposes.count > 0 &&
               in_100(&run->chance, 60)) {
        const struct refs *list = &plan->recipient[kind].purposes;
        purpose = plan->purpose[*RANDOM_OF(run, list->at, list->count)].clause.name;
    }
    move->other = party;
    move->ask.share = (struct share){.subject = move->subject,
                                     .party = party->facts.id,
                                     .purpose = text_of(run, purpose),
                                     .recipient = text_of(run, party->facts.name),
                                     .channel = in_100(&run->chance, 80) ? STR("post") : STR("")};
    for (size_t i = 0; i < OTHERS_MOST; i++)
        if (run->model.cases[i].arena != NULL && in_100(&run->chance, 40) &&
            (ID_EQUAL(run->model.cases[i].requester, party->facts.id) || in_100(&run->chance, 10)))
            move->ask.share.case_ = run->model.cases[i].facts.id;
    return purpose != 0 && kind != NONE;
}

static bool draw_message(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    if (plan->message_count == 0)
        return false;
    const struct plan_message *message = RANDOM_OF(run, plan->message, plan->message_count);
    plan_index again = plan_find(plan, plan->message_of, run->wanted_for.message);
    if (move->again && again != NONE)
        message = &plan->message[again];
    str *supplied = ARENA_ARRAY(run->arena, str, 2);
    move->ask.message = (struct message){.subject = move->subject,
                                         .message = text_of(run, message->clause.name),
                                         .channel = channel_name(run),
                                         .supplied = supplied,
                                         .asking = in_100(&run->chance, 15)};
    if (message->channel_count > 0 && in_100(&run->chance, 90))
        move->ask.message.channel =
            text_of(run, RANDOM_OF(run, message->channels, message->channel_count)->name);
    if (move->again && run->wanted_for.channel != 0)
        move->ask.message.channel = text_of(run, run->wanted_for.channel);
    if (in_100(&run->chance, 80)) {
        supplied[0] = STR("stop_link");
        move->ask.message.supplied_count = 1;
    }
    return true;
}

static bool draw_cookie(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    if (plan->cookie_count == 0)
        return false;
    const struct plan_cookie *cookie = RANDOM_OF(run, plan->cookie, plan->cookie_count);
    plan_index again = plan_find(plan, plan->cookie_of, run->wanted_for.cookie);
    if (move->again && again != NONE)
        cookie = &plan->cookie[again];
    move->ask.cookie = (struct cookie_ask){.subject = move->subject,
                                           .cookie = text_of(run, cookie->clause.name),
                                           .reads = in_100(&run->chance, 50),
                                           .browser_refuses = in_100(&run->chance, 10)};
    if (cookie->purposes.count > 0 && in_100(&run->chance, 80)) {
        plan_index purpose = *RANDOM_OF(run, cookie->purposes.at, cookie->purposes.count);
        move->ask.cookie.purpose = text_of(run, plan->purpose[purpose].clause.name);
    }
    return true;
}

static bool draw_rectify(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    const struct facts *facts = &move->person->facts;
    if (facts->items.count == 0)
        return false;
    const struct fact_item *item = RANDOM_OF(run, facts->items.at, facts->items.count);
    plan_index field = plan_find(plan, plan->field_of, item->field);
    if (item->chunks > 0)
        return false;
    move->ask.rectify = (struct rectify){.subject = move->subject,
                                         .item = item->id,
                                         .by_subject = in_100(&run->chance, 50),
                                         .warned = true};
    if (field == NONE)
        return false;
    const struct plan_category *category = &plan->category[plan->field[field].category];
    str value = in_100(&run->chance, 10) ? STR("") : some_value(run, plan, field);
    if (field_set_has(&category->external, field))
        move->ask.rectify.reference = value;
    else
        move->ask.rectify.value = value;
    return true;
}

static bool draw_erase(struct run *run, struct move *move)
{
    const struct facts *facts = &move->person->facts;
    str *fields = ARENA_ARRAY(run->arena, str, 2);
    move->ask.erase = (struct erase){.subject = move->subject, .fields = fields, .warned = true};
    if (facts->items.count > 0 && size_of(move->person) <= SMALL_ENOUGH &&
        in_100(&run->chance, 60)) {
        fields[0] = text_of(run, RANDOM_OF(run, facts->items.at, facts->items.count)->field);
        move->ask.erase.field_count = 1;
    }
    return true;
}

static bool draw_export(struct run *run, struct move *move)
{
    move->ask.export = (struct export_request){
        .subject = move->subject, .portability = in_100(&run->chance, 50), .by_subject = true};
    return true;
}

/* Somebody who was erased, or who never was. */
static bool draw_stranger(struct run *run, struct move *move)
{
    size_t kept = run->model.gone_count < GONE_KEPT ? run->model.gone_count : GONE_KEPT;
    const struct plan_purpose *purpose = some_purpose(run, run_plan(run));
    if (kept == 0 || purpose == NULL)
        return false;
    move->subject = run->model.gone[below(&run->chance, kept)];
    if (in_100(&run->chance, 20))
        move->subject.bytes[3] ^= 1;
    move->person = NULL;
    move->ask.read =
        (struct read){.subject = move->subject, .purpose = text_of(run, purpose->clause.name)};
    return true;
}

static enum op_kind some_kind(struct run *run)
{
    unsigned total = 0;
    for (size_t i = 0; i < OP_KIND_COUNT; i++)
        total += op_weights[i];
    size_t at = below(&run->chance, total);
    for (size_t i = 0; i < OP_KIND_COUNT; i++) {
        if (at < op_weights[i])
            return (enum op_kind)i;
        at -= op_weights[i];
    }
    return OP_create;
}

/* Dossiers stay as small as most are: who has much is erased, and gets nothing more. */
static bool keep_small(struct run *run, struct move *move)
{
    size_t size = move->person == NULL ? 0 : size_of(move->person);
    if (size > SMALL_ENOUGH && in_100(&run->chance, 15))
        move->kind = OP_erase;
    bool adds = move->kind == OP_collect || move->kind == OP_evidence || move->kind == OP_consent ||
                move->kind == OP_event || move->kind == OP_role;
    return size <= LARGE_ENOUGH || !adds;
}

static bool about_nobody(enum op_kind kind)
{
    return kind == OP_create || kind == OP_matter || kind == OP_party || kind == OP_staff ||
           kind == OP_open_case || kind == OP_stranger || kind == OP_token ||
           kind == OP_token_revoke || kind == OP_request || kind == OP_request_decide ||
           kind == OP_breach || kind == OP_breach_assess;
}

static bool may_be_staff(enum op_kind kind)
{
    return kind == OP_read || kind == OP_use || kind == OP_share || kind == OP_message ||
           kind == OP_collect || kind == OP_rectify || kind == OP_event || kind == OP_evidence;
}

/* Who asks: the whole register's own, or a member of the staff in the role that they hold. */
static void draw_caller(struct run *run, struct move *move)
{
    struct known *member = some_of(run, run->model.staff, OTHERS_MOST);
    move->caller = *engine_system();
    if (!may_be_staff(move->kind) || member == NULL || !in_100(&run->chance, 20))
        return;
    move->caller.actor = member->facts.id;
    move->caller.staff = member->facts.name;
    move->caller.handle = member->handle;
    move->caller.authenticated = STR("token");
}

/* What the last refusal lacked comes next, more often than not. */
static void draw_kind(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    move->kind = some_kind(run);
    if (run->wanted == 0 || !in_100(&run->chance, 50))
        return;
    if (plan_find(plan, plan->evidence_of, run->wanted) != NONE)
        move->kind = OP_evidence;
    else if (plan_find(plan, plan->event_of, run->wanted) != NONE)
        move->kind = OP_event;
}

typedef bool drawer(struct run *run, struct move *move);
static drawer *const drawers[OP_KIND_COUNT] = {
    [OP_create] = draw_create,
    [OP_role] = draw_role,
    [OP_role_end] = draw_role,
    [OP_matter] = draw_matter,
    [OP_event] = draw_event,
    [OP_evidence] = draw_evidence,
    [OP_evidence_end] = draw_evidence_end,
    [OP_consent] = draw_consent,
    [OP_withdraw] = draw_withdraw,
    [OP_object] = draw_object,
    [OP_objection_decide] = draw_objection_decide,
    [OP_stop] = draw_stop,
    [OP_restrict] = draw_restrict,
    [OP_tell] = draw_lift,
    [OP_lift] = draw_lift,
    [OP_collect] = draw_collect,
    [OP_read] = draw_read,
    [OP_use] = draw_read,
    [OP_share] = draw_share,
    [OP_message] = draw_message,
    [OP_cookie] = draw_cookie,
    [OP_rectify] = draw_rectify,
    [OP_erase] = draw_erase,
    [OP_export] = draw_export,
    [OP_party] = draw_party,
    [OP_staff] = draw_staff,
    [OP_open_case] = draw_case,
    [OP_token] = draw_token,
    [OP_token_revoke] = draw_revoke,
    [OP_request] = draw_request,
    [OP_request_decide] = draw_request_decide,
    [OP_breach] = draw_breach,
    [OP_breach_assess] = draw_assess,
    [OP_stranger] = draw_stranger,
};

/* The same again, by the same, of the same. */
static void ask_again(struct run *run, struct move *move)
{
    struct known *person = model_person(&run->model, run->wanted_for.subject);
    move->again = run->again && person != NULL && in_100(&run->chance, 70);
    run->again = false;
    if (!move->again)
        return;
    move->kind = run->wanted_kind;
    move->person = person;
    move->subject = person->facts.id;
    if (run->wanted_for.controller != 0)
        move->company = text_of(run, run->wanted_for.controller);
}

bool move_draw(struct run *run, struct move *move)
{
    *move = (struct move){0};
    draw_kind(run, move);
    move->person = some_person(run);
    move->company = NAME_OF_SOME(run, run_plan(run), controller);
    if (move->person == NULL && !about_nobody(move->kind))
        move->kind = OP_create;
    if (move->person != NULL)
        move->subject = move->person->facts.id;
    ask_again(run, move);
    if (!about_nobody(move->kind) && !keep_small(run, move))
        return false;
    draw_caller(run, move);
    return drawers[move->kind](run, move);
}
