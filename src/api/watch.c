/* Routes of those who watch: alarms, consents and holds, and what is in quarantine. */
#include "api_internal.h"

static status fill_alarms(struct ask *ask)
{
    const struct alarm_list *list = ask->result;
    struct alarms_reply *reply = ARENA_NEW(ask->arena, struct alarms_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct alarms_reply){.alarms = list->at, .alarm_count = list->count};
    if (list->more)
        TRY(cursor_write(ask, list->last, &reply->next));
    ask->answer = reply;
    return OK;
}

status alarm_list(struct ask *ask)
{
    struct alarm_list *list = ARENA_NEW(ask->arena, struct alarm_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = fill_alarms;
    return engine_alarm_list(&ask->call, ask->after, ask->limit, list);
}

/* ---- consents and holds ---- */

static status fill_ledger(struct ask *ask)
{
    const struct ledger *ledger = ask->result;
    struct ledger_reply *reply = ARENA_NEW(ask->arena, struct ledger_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct ledger_reply){.rows = ledger->rows.at, .row_count = ledger->rows.count};
    ask->answer = reply;
    return ledger->more ? cursor_write(ask, ledger->last, &reply->next) : OK;
}

static status ledger_of(struct ask *ask, enum evidence_kind kind)
{
    struct ledger *ledger = ARENA_NEW(ask->arena, struct ledger);
    if (ledger == NULL)
        return NO_MEMORY(&ask->report);
    ledger->kind = kind;
    ask->result = ledger;
    ask->fill = fill_ledger;
    return engine_ledger(&ask->call, ask->after, ask->limit, ledger);
}

status consent_list(struct ask *ask)
{
    return ledger_of(ask, KIND_CONSENT);
}

status hold_list(struct ask *ask)
{
    return ledger_of(ask, KIND_CLAIM);
}

status filed_show(struct ask *ask)
{
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_filed(&ask->call, ask->id, document);
}

status alarm_end(struct ask *ask)
{
    struct alarm_close *request = ask->body;
    request->alarm = ask->id;
    return engine_alarm_close(&ask->call, request);
}

static status fill_quarantine(struct ask *ask)
{
    const struct quarantine_list *list = ask->result;
    struct quarantines_reply *reply = ARENA_NEW(ask->arena, struct quarantines_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct quarantines_reply){.quarantine = list->at, .quarantine_count = list->count};
    if (list->more)
        TRY(cursor_write(ask, list->last, &reply->next));
    ask->answer = reply;
    return OK;
}

status quarantine_show(struct ask *ask)
{
    struct quarantine_list *list = ARENA_NEW(ask->arena, struct quarantine_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = fill_quarantine;
    return engine_quarantine_list(&ask->call, ask->after, ask->limit, list);
}

status quarantine_decide(struct ask *ask)
{
    struct quarantine_decision *request = ask->body;
    request->id = ask->id;
    return engine_quarantine_decide(&ask->call, request);
}
