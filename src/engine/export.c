/* The person's own copies: the access answer (article 15) and the portability package (article 20).
 * Decided and logged in phase one; values are opened in phase two. */
#include "engine_internal.h"
#include "package.h"
#include "seal.h"

enum { EXPORT_BYTES = 12 << 20, DISCLOSURES_MOST = 10000 };

struct party_of {
    dossier_id id;
    word kind;
};

struct exporting {
    struct subject subject;
    struct operation op;
    struct permit_wait wait;
    const struct decision *decision;
    const struct permit *permit;
    struct json_out out;
    bool portability;
    str *document;
    LIST(struct party_of) parties; /* to whom something was given */
    size_t seen;                   /* disclosures */
    struct concern_answers concerns;
    bool draft; /* no value: whether a paper can be made of what the facts say */
    enum language language;
    struct paper **paper; /* NULL: none is asked for */
    str *consents;
    struct package *package;
    struct download *given;
};

static void put_word(const struct call *call, struct json_out *out, const char *key, word w)
{
    json_key(out, key);
    json_put_str(out, call_text(call, w));
}

static const struct settled_item *settled_of(const struct exporting *work, record_id id)
{
    for (size_t i = 0; i < work->subject.settled.count; i++) {
        if (ID_EQUAL(work->subject.settled.items[i].item->id, id))
            return &work->subject.settled.items[i];
    }
    return NULL;
}

/* Is it the answering company's to tell: its own, or joint with it? What others hold, they answer
 * for themselves, and whether they hold anything is not told (INF-13, INF-82). */
static bool ours(const struct call *call, const struct exporting *work,
                 const struct fact_item *item)
{
    word mine = call_company(call);
    if (mine == 0 || item->controller == 0 || item->controller == mine)
        return true;
    for (size_t i = 0; i < work->decision->count; i++) {
        const struct part *part = &work->decision->parts[i];
        if (ID_EQUAL(part->item, item->id))
            return part->verdict != VERDICT_REFUSE;
    }
    return false;
}

/* What the item is held for: a live purpose that keeps it, or that the person was told of. One that
 * merely may reach it one day (an authority, with a decision) is no purpose of the holding. */
static bool tells(const struct call *call, const struct settled_item *settled,
                  const struct ground *ground)
{
    if (!before(call->now, ground->end))
        return false;
    word name = reg_plan(call->reg, call->now)->purpose[ground->purpose].clause.name;
    for (size_t i = 0; i < settled->item->told_count; i++) {
        if (settled->item->told[i] == name)
            return true;
    }
    return ground->keeps;
}

void call_put_grounds(struct call *call, const struct settled_item *settled, struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    json_key(out, "purposes");
    json_open_array(out);
    for (size_t i = 0; settled != NULL && i < settled->ground_count; i++) {
        const struct ground *ground = &settled->grounds[i];
        if (!tells(call, settled, ground))
            continue;
        const struct plan_purpose *purpose = &plan->purpose[ground->purpose];
        json_open_object(out);
        put_word(call, out, "purpose", purpose->clause.name);
        json_key(out, "basis");
        json_put_text(out, basis_name(purpose->basis));
        json_key(out, "ends");
        json_put_instant(out, ground->end);
        json_key(out, "rule");
        json_put_str(out, ground->rule->path);
        json_close_object(out);
    }
    json_close_array(out);
}

/* Article 20: what the person gave or was observed to do, on consent or contract. */
static bool portable(struct call *call, const struct exporting *work, const struct fact_item *item)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index source = plan_find(plan, plan->source_of, item->source);
    plan_index field = plan_find(plan, plan->field_of, item->field);
    if (field == NONE || (source != NONE && plan->source[source].kind == SOURCE_INDIRECT))
        return false;
    if (plan->category[plan->field[field].category].made_from.stated)
        return false;
    const struct settled_item *settled = settled_of(work, item->id);
    for (size_t i = 0; settled != NULL && i < settled->ground_count; i++) {
        enum basis basis = plan->purpose[settled->grounds[i].purpose].basis;
        if (before(call->now, settled->grounds[i].end) && basis_gives_portability(basis))
            return true;
    }
    return false;
}

static void put_made_from(struct json_out *out, const struct fact_item *item)
{
    if (item->made_from_count == 0)
        return;
    json_key(out, "made_from");
    json_open_array(out);
    for (size_t i = 0; i < item->made_from_count; i++)
        json_put_id(out, item->made_from[i].bytes);
    json_close_array(out);
}

/* A file stands with what it is, and the path by which its bytes are had. */
static status put_file(struct call *call, struct exporting *work, const struct dossier *dossier,
                       const struct fact_item *item)
{
    struct vault_file file;
    struct json_out *out = &work->out;
    TRY(vault_open_file(call->reg->vault, work->permit, dossier, item, call->arena, call->report,
                        &file));
    vault_file_wipe(&file);
    json_key(out, "file");
    json_open_object(out);
    json_key(out, "size");
    json_put_u64(out, item->size);
    json_key(out, "media");
    json_put_str(out, file.media);
    json_key(out, "name");
    json_put_str(out, file.name);
    char hex[2 * MERKLE_HASH_BYTES + 1];
    struct buf digest = buf_over(hex, sizeof(hex));
    buf_hex(&digest, (str){(const char *)file.sha256, sizeof(file.sha256)});
    json_key(out, "sha256");
    json_put_str(out, buf_str(&digest));
    char room[2 * ID_TEXT + 64];
    struct buf path = buf_over(room, sizeof(room));
    buf_text(&path, "/v1/subjects/");
    buf_id(&path, dossier->facts->id.bytes);
    buf_text(&path, "/files/");
    buf_id(&path, item->id.bytes);
    buf_text(&path, "/copy");
    json_key(out, "at");
    json_put_str(out, buf_str(&path));
    json_close_object(out);
    return OK;
}

static status put_item(struct call *call, struct exporting *work, const struct dossier *dossier,
                       const struct part *part)
{
    const struct fact_item *item = facts_find_item(dossier->facts, part->item);
    if (item == NULL || item->field == 0 || !ours(call, work, item))
        return OK;
    bool withheld; /* from her own copy, for the sake of others whom it concerns */
    size_t others = concerns_of(dossier->facts, item->id, &withheld);
    bool none = withheld || part->verdict == VERDICT_REFUSE;
    if (work->portability && (none || !portable(call, work, item)))
        return OK;
    struct json_out *out = &work->out;
    const struct settled_item *settled = settled_of(work, item->id);
    json_open_object(out);
    json_key(out, "item");
    json_put_id(out, item->id.bytes);
    put_word(call, out, "field", item->field);
    json_key(out, "value");
    if (none) {
        json_put_null(out);
        json_key(out, "withheld_by");
        json_put_str(out, withheld ? str_from(always_rule(ALWAYS_rights_of_others)->path)
                                   : part->reason.rule);
    } else if (work->draft) {
        json_put_text(out, "-");
    } else if (item->chunks > 0) {
        json_put_null(out);
        TRY(put_file(call, work, dossier, item));
    } else {
        str value;
        TRY(vault_open_item(call->reg->vault, work->permit, dossier, item, call->arena,
                            call->report, &value));
        if (item->external) { /* the value lies in the firm's own system */
            json_put_null(out);
            json_key(out, "reference");
        }
        json_put_str(out, value);
    }
    put_made_from(out, item);
    if (others > 0) {
        json_key(out, "concerns_others");
        json_put_u64(out, others);
    }
    put_word(call, out, "source", item->source);
    put_word(call, out, "intake", item->intake);
    put_word(call, out, "channel", item->channel);
    put_word(call, out, "controller", item->controller);
    put_word(call, out, "version", item->version);
    json_key(out, "collected");
    json_put_instant(out, item->collected);
    if (!ID_IS_ZERO(item->matter)) {
        json_key(out, "matter");
        json_put_id(out, item->matter.bytes);
    }
    call_put_grounds(call, settled, out);
    json_key(out, "restricted");
    json_put_bool(out, settled != NULL && settled->restricted);
    json_key(out, "ends");
    json_put_instant(out, settled == NULL ? NEVER : settled->end);
    json_close_object(out);
    return OK;
}

static status put_items(struct call *call, struct exporting *work, const struct dossier *dossier)
{
    json_key(&work->out, "items");
    json_open_array(&work->out);
    for (size_t i = 0; i < work->decision->count; i++)
        TRY(put_item(call, work, dossier, &work->decision->parts[i]));
    json_close_array(&work->out);
    return OK;
}

static void put_purposes(struct call *call, struct exporting *work)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    uint64_t seen[16] = {0};
    json_key(&work->out, "purposes");
    json_open_array(&work->out);
    for (size_t i = 0; i < work->subject.settled.count; i++) {
        const struct settled_item *item = &work->subject.settled.items[i];
        for (size_t j = 0; j < item->ground_count && ours(call, work, item->item); j++) {
            plan_index p = item->grounds[j].purpose;
            if (!tells(call, item, &item->grounds[j]) || p >= 1024 ||
                (seen[p >> 6] >> (p & 63) & 1) != 0)
                continue;
            seen[p >> 6] |= (uint64_t)1 << (p & 63);
            json_open_object(&work->out);
            put_word(call, &work->out, "purpose", plan->purpose[p].clause.name);
            json_key(&work->out, "basis");
            json_put_text(&work->out, basis_name(plan->purpose[p].basis));
            json_key(&work->out, "article");
            json_put_text(&work->out, basis_article(plan->purpose[p].basis));
            json_key(&work->out, "dpv");
            json_put_text(&work->out, basis_dpv(plan->purpose[p].basis));
            says_put(&work->out, "says", plan, &plan->purpose[p].clause.says);
            json_key(&work->out, "profiling");
            json_put_bool(&work->out, plan->purpose[p].profiling);
            json_key(&work->out, "automated_decision");
            json_put_bool(&work->out, plan->purpose[p].decides);
            json_close_object(&work->out);
        }
    }
    json_close_array(&work->out);
}

/* A matter or a purpose that only items of others speak of is theirs to tell of. */
static bool only_others(const struct call *call, const struct exporting *work,
                        const struct facts *facts, const struct binding *bound)
{
    bool others = false;
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        bool about = bound->slot == SLOT_MATTER && ID_EQUAL(item->matter, bound->id);
        for (size_t t = 0; bound->slot == SLOT_PURPOSE && t < item->told_count; t++)
            about |= item->told[t] == bound->name;
        if (item->field == 0 || !about)
            continue;
        if (ours(call, work, item))
            return false;
        others = true;
    }
    return others;
}

static bool evidence_is_ours(const struct call *call, const struct exporting *work,
                             const struct facts *facts, const struct fact_evidence *evidence)
{
    word mine = call_company(call);
    for (size_t b = 0; b < evidence->bound_count; b++) {
        const struct binding *bound = &evidence->bound[b];
        if (bound->slot == SLOT_CONTROLLER && mine != 0 && bound->name != mine)
            return false;
        if (only_others(call, work, facts, bound))
            return false;
    }
    return true;
}

/* Consents, agreements, notices and what was given to whom, with their sealed particulars. */
static status put_evidence(struct call *call, struct exporting *work, const struct dossier *dossier)
{
    const struct facts *facts = dossier->facts;
    json_key(&work->out, "evidence");
    json_open_array(&work->out);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        if (!evidence_is_ours(call, work, facts, evidence))
            continue;
        json_open_object(&work->out);
        put_word(call, &work->out, "type", evidence->type);
        json_key(&work->out, "since");
        json_put_instant(&work->out, evidence->since);
        json_key(&work->out, "until");
        json_put_instant(&work->out, evidence->until);
        for (size_t b = 0; b < evidence->bound_count; b++) {
            const struct binding *bound = &evidence->bound[b];
            if (bound->slot == SLOT_SUBJECT)
                continue;
            json_key(&work->out, slot_name(bound->slot));
            if (bound->name != 0)
                json_put_str(&work->out, call_text(call, bound->name));
            else
                json_put_id(&work->out, bound->id.bytes);
        }
        const struct fact_item *record = facts_find_item(facts, evidence->details);
        if (!ID_IS_ZERO(evidence->details) && record != NULL && !work->draft) {
            str details;
            TRY(vault_open_item(call->reg->vault, work->permit, dossier, record, call->arena,
                                call->report, &details));
            json_key(&work->out, "details");
            json_put_raw(&work->out, details);
        }
        json_close_object(&work->out);
    }
    json_close_array(&work->out);
    return OK;
}

/* ---- to whom it was given ---- */

static status add_party(struct call *call, struct exporting *work, dossier_id party, word kind)
{
    for (size_t i = 0; i < work->parties.count; i++) {
        if (ID_EQUAL(work->parties.at[i].id, party) && work->parties.at[i].kind == kind)
            return OK;
    }
    struct party_of *added = LIST_ADD(call->arena, &work->parties);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = (struct party_of){party, kind};
    return OK;
}

static status put_one_disclosure(void *self, struct call *call, const struct disclosure *disclosure)
{
    struct exporting *work = self;
    work->seen++;
    if (!disclosure_counts(disclosure, work->subject.dossier->facts))
        return OK;
    TRY(add_party(call, work, disclosure->party, disclosure->recipient));
    return call_put_disclosure(call, disclosure, &work->out);
}

/* Article 15(1)(c): what went to whom, for what, when, on which ground. */
static status put_disclosures(struct call *call, struct exporting *work, const struct facts *facts)
{
    json_key(&work->out, "disclosures");
    json_open_array(&work->out);
    if (!work->draft)
        TRY(call_each_disclosure(call, work->permit, facts->id, (record_id){{0}}, DISCLOSURES_MOST,
                                 put_one_disclosure, work));
    json_close_array(&work->out);
    json_key(&work->out, "more_disclosures");
    json_put_bool(&work->out, work->seen == DISCLOSURES_MOST);
    return OK;
}

/* Who they are, where they lie, and by which safeguards outside the home zone (article 15(2)). */
static status put_recipients(struct call *call, struct exporting *work)
{
    json_key(&work->out, "recipients");
    json_open_array(&work->out);
    for (size_t i = 0; i < work->parties.count; i++)
        TRY(call_put_party(call, work->parties.at[i].id, work->parties.at[i].kind, &work->out));
    json_close_array(&work->out);
    return OK;
}

/* Who answers here, and where to ask the others, as the policy says it of everyone (INF-82,
 * INF-84).
 */
static void put_controllers(struct call *call, struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word mine = call_company(call);
    put_word(call, out, "answers_for", mine);
    json_key(out, "controllers");
    json_open_array(out);
    for (size_t i = 0; i < plan->controller_count; i++)
        directory_put_controller(plan, &plan->controller[i], out);
    json_close_array(out);
    json_key(out, "answer_for_themselves");
    json_open_array(out);
    for (size_t i = 0; i < plan->controller_count; i++) {
        if (plan->controller[i].clause.name != mine)
            directory_put_controller(plan, &plan->controller[i], out);
    }
    json_close_array(out);
}

static void put_rights(struct call *call, struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    json_key(out, "rights");
    json_open_array(out);
    for (unsigned i = RIGHT_ACCESS; i < RIGHT_COUNT; i++)
        json_put_text(out, right_name((enum right)i));
    json_close_array(out);
    json_key(out, "complaint");
    bool said = false;
    for (size_t i = 0; i < plan->contact_count && !said; i++) {
        if (plan->contact[i].kind == CONTACT_SUPERVISOR && plan->contact[i].at.ptr != NULL) {
            json_put_str(out, plan->contact[i].at);
            said = true;
        }
    }
    if (!said)
        json_put_text(out, "datatilsynet.no"); /* article 77: the right stands in any case */
}

/* A role that only came with what others collected is theirs to tell of. */
static bool role_is_ours(const struct call *call, const struct exporting *work,
                         const struct facts *facts, const struct fact_role *role)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->role_of, role->role);
    bool others = false;
    for (size_t i = 0; role->opened && index != NONE && i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        bool about = false;
        for (size_t t = 0; t < item->told_count; t++) {
            plan_index purpose = plan_find(plan, plan->purpose_of, item->told[t]);
            about |= purpose != NONE && refs_has(&plan->purpose[purpose].roles, index);
        }
        if (about && ours(call, work, item))
            return true;
        others |= about;
    }
    return !others;
}

static status put_roles(struct call *call, struct exporting *work, const struct facts *facts)
{
    json_key(&work->out, "roles");
    json_open_array(&work->out);
    for (size_t i = 0; i < facts->roles.count; i++) {
        if (!role_is_ours(call, work, facts, &facts->roles.at[i]))
            continue;
        json_open_object(&work->out);
        put_word(call, &work->out, "role", facts->roles.at[i].role);
        json_key(&work->out, "since");
        json_put_instant(&work->out, facts->roles.at[i].since);
        json_key(&work->out, "until");
        json_put_instant(&work->out, facts->roles.at[i].until);
        json_close_object(&work->out);
    }
    json_close_array(&work->out);
    return OK;
}

static status put_head(struct call *call, struct exporting *work)
{
    struct json_out *out = &work->out;
    str reference;
    TRY(engine_reference(call, work->subject.dossier->facts->id, &reference));
    json_key(out, "document");
    json_put_text(out, work->portability ? "portability" : "access");
    json_key(out, "format");
    json_put_u64(out, 1);
    json_key(out, "policy");
    json_put_str(out, call_text(call, reg_plan(call->reg, call->now)->policy));
    json_key(out, "made");
    json_put_instant(out, call->now);
    json_key(out, "reference");
    json_put_str(out, reference);
    json_key(out, "log_index");
    json_put_u64(out, work->wait.index);
    return OK;
}

/* What is put away about her, without what it says: nobody has read it. */
static status put_quarantine(struct call *call, struct json_out *out, const struct facts *facts)
{
    json_key(out, "quarantine");
    json_open_array(out);
    for (size_t i = 0; i < facts->concerns.count; i++) {
        struct quarantine_view view;
        bool is;
        TRY(call_quarantine_of(call, &facts->concerns.at[i], &view, &is));
        if (!is)
            continue;
        json_open_object(out);
        json_key(out, "category");
        json_put_str(out, view.category);
        json_key(out, "since");
        json_put_instant(out, view.since);
        json_key(out, "ends");
        json_put_instant(out, view.ends);
        json_close_object(out);
    }
    json_close_array(out);
    return OK;
}

static status put_access(struct call *call, struct exporting *work, const struct dossier *dossier)
{
    put_purposes(call, work);
    TRY(put_roles(call, work, dossier->facts));
    TRY(put_evidence(call, work, dossier));
    TRY(put_disclosures(call, work, dossier->facts));
    TRY(put_recipients(call, work));
    if (!work->draft) {
        json_key(&work->out, "done");
        TRY(call_put_done(call, work->permit, dossier->facts->id, &work->out));
    }
    TRY(call_put_requests(call, dossier->facts->id, &work->out));
    put_controllers(call, &work->out);
    put_rights(call, &work->out);
    directory_put_how_to_see(reg_plan(call->reg, call->now), &work->out); /* HOS-48 */
    TRY(put_quarantine(call, &work->out, dossier->facts));
    return call_concerns_put(call, dossier->facts, &work->concerns, &work->out);
}

static status put_document(struct call *call, struct exporting *work, const struct dossier *dossier,
                           str *document)
{
    struct buf buf = buf_in(call->arena, EXPORT_BYTES);
    work->out = json_out_over(&buf);
    json_open_object(&work->out);
    TRY(put_head(call, work));
    TRY(put_items(call, work, dossier));
    if (!work->portability) {
        TRY(put_access(call, work, dossier));
    } else {
        TRY(put_roles(call, work, dossier->facts));
        put_controllers(call, &work->out);
        put_rights(call, &work->out);
    }
    json_close_object(&work->out);
    return buf_finish(&buf, call->report, document);
}

/* Its files, and the seal of their manifest. */
static status put_package(struct call *call, const struct exporting *work,
                          const struct person_ask *ask, str document)
{
    struct package *package = work->package;
    struct package drafted;
    struct buf seal = buf_in(call->arena, NOTE_BYTES);
    TRY(package_make(ask, document, reg_verifier(call->reg), call->arena, call->report,
                     work->draft ? &drafted : package));
    if (work->draft)
        return OK;
    audit_seal(call->reg->log, package->files.at[package->files.count - 1].text, &seal);
    struct package_file *file = LIST_ADD(call->arena, &package->files);
    if (file == NULL)
        return NO_MEMORY(call->report);
    *file = (struct package_file){.name = STR("manifest.seal")};
    TRY(buf_finish(&seal, call->report, &file->text));
    file->size = file->text.len;
    return call_files_along(call, work->permit, &work->op, work->given);
}

static status put_paper(struct call *call, const struct exporting *work, str document,
                        struct paper **paper)
{
    struct person_ask ask = {.plan = reg_plan(call->reg, call->now), .language = work->language};
    struct buf buf = buf_in(call->arena, EXPORT_BYTES);
    TRY(json_parse(call->arena, document, call->report, &ask.data));
    if (work->package != NULL)
        return put_package(call, work, &ask, document);
    if (work->consents != NULL && !work->draft) {
        TRY(consents_jsonld(&ask, call->arena, call->report, &buf));
        return buf_finish(&buf, call->report, work->consents);
    }
    return access_paper(&ask, call->arena, call->report, paper);
}

/* A paper that lacks something is not asked for in vain: nothing was opened, and no request has
 * been answered by it. */
static status try_paper(struct call *call, struct exporting *work,
                        const struct export_request *request)
{
    struct paper *draft;
    str document;
    work->paper = request->paper;
    work->consents = request->consents;
    work->package = request->package;
    work->given = request->given;
    if (work->paper == NULL && work->package == NULL)
        return OK;
    TRY(language_pick(reg_plan(call->reg, call->now), request->language, STR(""), call->report,
                      &work->language));
    work->draft = true;
    TRY(put_document(call, work, work->subject.dossier, &document));
    TRY(put_paper(call, work, document, &draft));
    work->draft = false;
    return OK;
}

static status export_finish(struct call *call)
{
    struct exporting *work = call->state;
    TRY(permit_to_read(&work->wait, call->reg->log, call->arena, call->report, &work->permit));
    struct dossier *dossier = work->subject.dossier;
    TRY(call_again(call, &dossier));
    TRY(vault_fetch(call->reg->vault, dossier, call->arena, call->report));
    TRY(put_document(call, work, dossier, work->document));
    bool papers = work->paper != NULL || work->package != NULL;
    return papers ? put_paper(call, work, *work->document, work->paper) : OK;
}

/* Evidence records are part of the copy: the permit must cover them beside the items decided. */
static status cover_records(struct call *call, const struct facts *facts,
                            const struct decision *decided, const struct decision **covering)
{
    struct decision *wide = ARENA_NEW(call->arena, struct decision);
    struct part *parts =
        ARENA_ARRAY(call->arena, struct part, decided->count + facts->items.count + 1);
    if (wide == NULL || parts == NULL)
        return NO_MEMORY(call->report);
    *wide = *decided;
    wide->verdict = VERDICT_ALLOW;
    if (decided->count > 0)
        memcpy(parts, decided->parts, decided->count * sizeof(*parts));
    for (size_t i = 0; i < facts->items.count; i++) {
        if (facts->items.at[i].field == 0)
            parts[wide->count++] =
                (struct part){.item = facts->items.at[i].id, .verdict = VERDICT_ALLOW};
    }
    wide->parts = parts;
    *covering = wide;
    return OK;
}

status engine_export(struct call *call, const struct export_request *request, str *document)
{
    struct exporting *work = ARENA_NEW(call->arena, struct exporting);
    if (work == NULL)
        return NO_MEMORY(call->report);
    work->document = document;
    work->portability = request->portability;
    TRY(call_open(call, request->subject, &work->subject));
    /* The access answer is the person's own view: a reading without a purpose. */
    enum action action = request->portability ? ACTION_EXPORT : ACTION_READ;
    struct operation op = call_operation(call, action, request->subject);
    op.by_subject = true;
    op.case_ = request->case_;
    const struct facts *facts = work->subject.dossier->facts;
    TRY(call_whole_person(call, facts, &op));
    TRY(call_may_answer(call, &work->subject, request->case_));
    TRY(call_living(call, facts, &op));
    const struct decision *decision;
    /* With nothing alive the truthful answer is an empty copy, not a refusal. */
    TRY(call_judge(call, &work->subject, &op, &decision));
    TRY(cover_records(call, facts, decision, &work->decision));
    TRY(try_paper(call, work, request));
    enum right right = request->portability ? RIGHT_PORTABILITY : RIGHT_ACCESS;
    TRY(call_request_act(call, request->case_, right, request->subject));
    if (!request->portability)
        TRY(call_concerns_ask(call, facts, &op, &work->concerns));
    TRY(call_ask(call, facts, &op, request->portability ? "portability" : "access", work->decision,
                 &work->wait));
    work->op = op;
    call->state = work;
    call->finish = export_finish;
    return OK;
}
