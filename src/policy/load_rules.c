/* What holds between clauses, once each has been read: defaults that depend on another key, names
 * that would be read two ways, cycles, paths of findings. */
#include "load_internal.h"

static struct place clause_place(const struct clause *clause)
{
    return (struct place){clause->from_deployment ? FILE_DEPLOYMENT : FILE_POLICY, clause->line,
                          clause->column};
}

/* Where a key of a clause stands, or the clause when it does not. */
static struct place key_place(const struct load *l, enum section section,
                              const struct clause *clause, const char *key)
{
    const struct yaml_node *sections =
        yaml_get(l->root, str_from(VOCABULARY_SECTIONS[section].name));
    const struct yaml_node *node =
        yaml_get(yaml_get(sections, words_text(l->words, clause->name)), str_from(key));
    return node == NULL ? clause_place(clause) : place_of(node);
}

static bool key_stated(const struct yaml_node *clause, const char *key)
{
    return yaml_get(clause, str_from(key)) != NULL;
}

/* The nodes of a section's clauses, in the order of their numbers. */
static const struct yaml_node *items_of(const struct load *l, enum section section)
{
    const struct yaml_node *node = yaml_get(l->root, str_from(VOCABULARY_SECTIONS[section].name));
    return node == NULL ? NULL : node->first;
}

static bool whole_hole(const struct clause *clause)
{
    return clause->hole_count > 0 && str_equal(clause->holes[0], clause->path);
}

/* ---- names that would be read two ways ---- */

static status name_once(struct load *l, enum section section, enum section other, const char *why)
{
    for (uint16_t i = 0; i < section_count(l->plan, section); i++) {
        const struct clause *clause = section_clause(l->plan, section, i);
        str name = words_text(l->words, clause->name);
        if (name.len == 0 || clause->line == 0 || load_find(l, other, name) == NONE)
            continue;
        TRY(load_problem(l, clause_place(clause), "name-twice", clause->path, STR(""),
                         "`%.*s` is also a name in `%s`: %s", STR_ARG(name),
                         VOCABULARY_SECTIONS[other].name, why));
    }
    return OK;
}

static status names_check(struct load *l)
{
    TRY(name_once(l, SECTION_sets, SECTION_categories, "a list of data could mean either"));
    TRY(name_once(l, SECTION_roles, SECTION_evidence, "`end of` could mean either"));
    return name_once(l, SECTION_events, SECTION_evidence, "`starts` could mean either");
}

/* ---- evidence ---- */

static status evidence_finish(struct load *l, struct plan_evidence *evidence,
                              const struct yaml_node *node)
{
    unsigned kind = KIND_RECORD;
    if (!key_stated(node, "as") &&
        vocabulary_word(LIST_kinds, words_text(l->words, evidence->clause.name), &kind))
        evidence->kind = (enum evidence_kind)kind;
    if (key_stated(node, "for"))
        return OK;
    evidence->binds = l->plan->evidence[evidence->kind].binds;
    if (evidence->kind != KIND_RECORD || whole_hole(&evidence->clause))
        return OK;
    return load_problem(l, clause_place(&evidence->clause), "missing-key", evidence->clause.path,
                        STR("for: [subject]"),
                        "%.*s has no `for`: a record says what it is bound to",
                        STR_ARG(evidence->clause.path));
}

/* ---- purposes ---- */

/* What an objection does by law; lower is stricter. */
static enum objection objection_of(const struct plan_purpose *purpose)
{
    static const int STRICTNESS[] = {
        [OBJECTION_WEIGHED] = 1, [OBJECTION_ABSOLUTE] = 0, [OBJECTION_NONE] = 2};
    enum objection by_law = OBJECTION_NONE;
    if (purpose->basis == BASIS_LEGITIMATE_INTEREST || purpose->basis == BASIS_PUBLIC_TASK)
        by_law = OBJECTION_WEIGHED;
    if (purpose->marketing == MARKETING_OWN)
        by_law = OBJECTION_ABSOLUTE;
    return STRICTNESS[purpose->objection] < STRICTNESS[by_law] ? purpose->objection : by_law;
}

static status purpose_finish(struct load *l, struct plan_purpose *purpose,
                             const struct yaml_node *node)
{
    if (!key_stated(node, "objection"))
        purpose->objection = OBJECTION_NONE;
    purpose->objection = objection_of(purpose);
    if (purpose->basis == BASIS_NONE || (l->plan->bases >> purpose->basis & 1) != 0)
        return OK;
    return load_problem(l, key_place(l, SECTION_purposes, &purpose->clause, "basis"),
                        "basis-not-admitted", purpose->clause.path, STR(""),
                        "`bases` does not admit `%s`, so this purpose does not load",
                        basis_name(purpose->basis));
}

/* ---- recipients, switches, staff, rights ---- */

static status recipient_finish(struct load *l, struct plan_recipient *recipient,
                               const struct yaml_node *node)
{
    (void)node;
    if (recipient->never || whole_hole(&recipient->clause))
        return OK;
    static const char *const KEYS[] = {"for", "gives"};
    bool stated[] = {recipient->purposes.stated, recipient->gives.stated};
    for (size_t i = 0; i < LENGTH(KEYS); i++)
        if (!stated[i])
            TRY(load_problem(l, clause_place(&recipient->clause), "missing-key",
                             recipient->clause.path, STR("never: true"),
                             "%.*s has no `%s`; a recipient that gets nothing is `never`",
                             STR_ARG(recipient->clause.path), KEYS[i]));
    return OK;
}

static status switch_finish(struct load *l, struct plan_switch *stop, const struct yaml_node *node)
{
    (void)node;
    if (stop->stops_purposes.stated || stop->stops_messages.stated ||
        stop->stops_recipients.stated || stop->erases.stated || stop->clause.hole_count > 0)
        return OK;
    return load_problem(l, clause_place(&stop->clause), "missing-key", stop->clause.path,
                        STR("stops"), "%.*s neither stops nor erases anything",
                        STR_ARG(stop->clause.path));
}

static status staff_finish(struct load *l, struct plan_staff *staff, const struct yaml_node *node)
{
    (void)l;
    if (!key_stated(node, "may") && staff->purposes.stated)
        staff->may = MAY_READ | MAY_CHANGE;
    return OK;
}

static void rights_finish(struct plan *plan)
{
    const struct plan_right *all = &plan->right[RIGHT_ALL];
    for (enum right i = 0; i < RIGHT_COUNT; i++) {
        struct plan_right *right = &plan->right[i];
        if (!right->at.stated) {
            right->at = all->at;
            right->at_stop_link = all->at_stop_link;
            right->at_portal = all->at_portal;
        }
        if (!right->needs.stated)
            right->needs = all->needs;
        if (!right->within.stated)
            right->within = all->within.stated
                                ? all->within
                                : (struct span){.count = 1, .unit = UNIT_MONTH, .stated = true};
    }
}

/* ---- cycles of derived data ---- */

/* Marks: 0 not visited, 1 on the way here, 2 known to be without a cycle. */
static bool derives_from_itself(const struct plan *plan, plan_index category, unsigned char *marks)
{
    if (marks[category] != 0)
        return marks[category] == 1;
    marks[category] = 1;
    const struct field_set *made_from = &plan->category[category].made_from;
    bool cycle = false;
    for (plan_index i = 0; made_from->stated && i < plan->field_count && !cycle; i++)
        if (bits_has(made_from->fields, i))
            cycle = derives_from_itself(plan, plan->field[i].category, marks);
    marks[category] = 2;
    return cycle;
}

enum { DERIVATIONS_AT_MOST = 1000 }; /* far more than a policy that people read can have */

static status derivations_check(struct load *l)
{
    size_t derived = 0;
    for (plan_index i = 0; i < l->plan->category_count; i++)
        derived += l->plan->category[i].made_from.stated;
    if (derived > DERIVATIONS_AT_MOST)
        return fail(l->report, FAULT_LIMIT, "more than %d derived categories", DERIVATIONS_AT_MOST);
    unsigned char *marks = ARENA_ARRAY(l->arena, unsigned char, l->plan->category_count);
    if (marks == NULL)
        return NO_MEMORY(l->report);
    for (plan_index i = 0; i < l->plan->category_count; i++) {
        const struct plan_category *category = &l->plan->category[i];
        if (derives_from_itself(l->plan, i, marks))
            TRY(load_problem(l, key_place(l, SECTION_categories, &category->clause, "made_from"),
                             "cycle", category->clause.path, STR(""),
                             "%.*s would be made from itself", STR_ARG(category->clause.path)));
    }
    return OK;
}

/* ---- values that stay elsewhere ---- */

/* A file, what is made here, and what another category has cannot lie in the firm's own system; and
 * nobody searches what is not here. */
static const char *cannot_be_external(const struct plan *plan, plan_index category,
                                      plan_index field)
{
    if (plan->field[field].category != category)
        return "is no field of this category";
    if (plan->field[field].kind == FIELD_FILE)
        return "is a file: what is external is a value with a reference";
    if (plan->category[category].made_from.stated)
        return "is made here, of other data";
    for (plan_index i = 0; i < plan->recipient_count; i++) {
        const struct plan_recipient *audience = &plan->recipient[i];
        if (audience->searchable && audience->gives.stated && !audience->gives.all &&
            bits_has(audience->gives.fields, field))
            return "is to be searched by an audience";
    }
    return NULL;
}

static status externals_check(struct load *l)
{
    const struct plan *plan = l->plan;
    for (plan_index c = 0; c < plan->category_count; c++) {
        const struct plan_category *category = &plan->category[c];
        for (plan_index f = 0; category->external.stated && f < plan->field_count; f++) {
            const char *why =
                bits_has(category->external.fields, f) ? cannot_be_external(plan, c, f) : NULL;
            if (why == NULL)
                continue;
            TRY(load_problem(l, key_place(l, SECTION_categories, &category->clause, "external"),
                             "external", category->clause.path, STR(""), "%.*s %s",
                             STR_ARG(words_text(plan->words, plan->field[f].name)), why));
        }
    }
    return OK;
}

/* ---- second proofs ---- */

/* A name and an address are known to whoever reads the mail; what lies elsewhere, or is made here,
 * cannot be compared with what a person types. */
static const char *cannot_prove(const struct plan *plan, plan_index category, plan_index field)
{
    enum field_kind kind = plan->field[field].kind;
    if (plan->field[field].category != category)
        return "is no field of this category";
    if (kind == FIELD_FILE || plan->category[category].made_from.stated)
        return "is nothing that a person types";
    if (kind == FIELD_NAME || kind == FIELD_EMAIL || kind == FIELD_ADDRESS)
        return "is known to whoever shares the address";
    if (plan->category[category].external.stated &&
        bits_has(plan->category[category].external.fields, field))
        return "lies in the firm's own system";
    return NULL;
}

static status second_proofs_check(struct load *l)
{
    const struct plan *plan = l->plan;
    for (plan_index c = 0; c < plan->category_count; c++) {
        const struct plan_category *category = &plan->category[c];
        for (plan_index f = 0; category->second_proof.stated && f < plan->field_count; f++) {
            const char *why =
                bits_has(category->second_proof.fields, f) ? cannot_prove(plan, c, f) : NULL;
            if (why == NULL)
                continue;
            TRY(load_problem(l, key_place(l, SECTION_categories, &category->clause, "second_proof"),
                             "second_proof", category->clause.path, STR(""), "%.*s %s",
                             STR_ARG(words_text(plan->words, plan->field[f].name)), why));
        }
    }
    return OK;
}

/* ---- paths of findings ---- */

static bool part_may_be_absent(enum section section, size_t depth, str name)
{
    unsigned value;
    if (section == SECTION_COUNT)
        return false;
    enum section_form form = VOCABULARY_SECTIONS[section].form;
    if (form == FORM_SINGLE)
        return vocabulary_key(section, name) != NULL;
    if (depth == 1)
        return form == FORM_RIGHTS && vocabulary_word(LIST_rights, name, &value);
    return vocabulary_key(section, name) != NULL;
}

/* A finding may point at what is missing, if it could stand there. */
static status finding_check(struct load *l, const struct plan_finding *finding,
                            const struct yaml_node *at)
{
    struct expression_fault fault = {0};
    struct path_part *parts;
    size_t count;
    TRY(expression_path(finding->at, l->arena, l->report, &fault, &parts, &count));
    if (fault.found || count == 0)
        return OK;
    enum section section = vocabulary_section(parts[0].name);
    const struct yaml_node *node = yaml_get(l->root, parts[0].name);
    if (section == SECTION_COUNT && vocabulary_key(SECTION_top, parts[0].name) == NULL) {
        struct nearest nearest = nearest_to(parts[0].name);
        nearest_offer_keys(&nearest, SECTION_top);
        return load_problem(l, place_of(at), "unknown-path", finding->clause.path, nearest.best,
                            "no path begins with `%.*s`", STR_ARG(parts[0].name));
    }
    for (size_t i = 1; i < count && node != NULL; i++) {
        if (parts[i].name.len == 0 || (node->kind != YAML_MAP && node->kind != YAML_LIST))
            return OK;
        const struct yaml_node *child = yaml_get(node, parts[i].name);
        for (const struct yaml_node *name = node->kind == YAML_LIST ? node->first : NULL;
             name != NULL; name = name->next)
            if (name->kind == YAML_SCALAR && str_equal(name->text, parts[i].name))
                child = name;
        if (child == NULL && part_may_be_absent(section, i, parts[i].name))
            return OK;
        if (child == NULL) {
            struct nearest nearest = nearest_to(parts[i].name);
            for (const struct yaml_node *other = node->first; other != NULL; other = other->next)
                nearest_offer(&nearest, other->key.ptr == NULL ? other->text : other->key);
            struct place place = place_inside(l, at, (size_t)(parts[i].name.ptr - finding->at.ptr));
            return load_problem(l, place, "unknown-path", finding->clause.path, nearest.best,
                                "`%.*s` leads nowhere at `%.*s`", STR_ARG(finding->at),
                                STR_ARG(parts[i].name));
        }
        node = child;
    }
    return OK;
}

static status findings_check(struct load *l)
{
    const struct yaml_node *list = yaml_get(l->root, STR("findings"));
    if (list == NULL || list->kind != YAML_LIST)
        return OK;
    uint16_t index = 0;
    for (const struct yaml_node *item = list->first; item != NULL; item = item->next) {
        const struct plan_finding *finding = &l->plan->finding[index++];
        const struct yaml_node *at = yaml_get(item, STR("at"));
        if (at != NULL && at->kind == YAML_SCALAR && finding->at.len > 0)
            TRY(finding_check(l, finding, at));
    }
    return OK;
}

/* Calls `finish` for each clause of a section together with its node. */
#define FINISH_EACH(section, list, first, finish)                                                  \
    do {                                                                                           \
        const struct yaml_node *node = items_of(l, SECTION_##section);                             \
        for (uint16_t i = first; i < plan->list##_count && node != NULL; i++, node = node->next)   \
            TRY(finish(l, &plan->list[i], node));                                                  \
    } while (0)

status load_rules(struct load *l)
{
    struct plan *plan = l->plan;
    TRY(names_check(l));
    FINISH_EACH(evidence, evidence, KIND_COUNT, evidence_finish);
    FINISH_EACH(purposes, purpose, 0, purpose_finish);
    FINISH_EACH(recipients, recipient, 0, recipient_finish);
    FINISH_EACH(switches, stop, 0, switch_finish);
    FINISH_EACH(staff, staff, 0, staff_finish);
    rights_finish(plan);
    if (plan->places.clause.covers.count == 0)
        plan->places.clause.covers = plan->places.home_covers;
    TRY(derivations_check(l));
    TRY(externals_check(l));
    TRY(second_proofs_check(l));
    return findings_check(l);
}
