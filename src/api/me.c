/* Routes of the person who is signed in, about themselves; ask->id is theirs (dispatch.c). */
#include "api_internal.h"
#include "sign_in.h"

/* By the person who is signed in, or by an officer. */
status overview_show(struct ask *ask)
{
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_overview(&ask->call, ask->id, document);
}

status my_access(struct ask *ask)
{
    const struct export_request *body = ask->body;
    TRY(engine_my_right(&ask->call, RIGHT_ACCESS, body->case_));
    return subject_access(ask);
}

status my_portability(struct ask *ask)
{
    const struct export_request *body = ask->body;
    TRY(engine_my_right(&ask->call, RIGHT_PORTABILITY, body->case_));
    return subject_portability(ask);
}

status my_erase(struct ask *ask)
{
    const struct erase *body = ask->body;
    TRY(engine_my_right(&ask->call, RIGHT_ERASE, body->case_));
    return subject_erase(ask);
}

/* What is put right with nothing is erased. */
status my_rectify(struct ask *ask)
{
    const struct rectify *body = ask->body;
    bool nothing = str_is_empty(body->value) && str_is_empty(body->reference);
    TRY(engine_my_right(&ask->call, nothing ? RIGHT_ERASE : RIGHT_RECTIFY, body->case_));
    return subject_rectify(ask);
}

status my_consent(struct ask *ask)
{
    TRY(engine_my_consent(&ask->call, ask->body));
    return consent_receipt(ask);
}

status my_receipt(struct ask *ask)
{
    const struct proof_ask *body = ask->body;
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_my_receipt(&ask->call, body->log_index, document);
}

status my_request(struct ask *ask)
{
    TRY(engine_my_request(&ask->call, ask->body));
    return request_again(ask);
}

status my_requests(struct ask *ask)
{
    struct request_list *list = ARENA_NEW(ask->arena, struct request_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = requests_fill;
    return engine_my_requests(&ask->call, list);
}

status my_address(struct ask *ask)
{
    if (!ask->api->config.mails)
        return fail(&ask->report, FAULT_CONFLICT, "the server's setting smtp names no mail server");
    return engine_address_ask(&ask->call, ask->body);
}

status my_address_confirm(struct ask *ask)
{
    return engine_address_confirm(&ask->call, ask->body);
}
