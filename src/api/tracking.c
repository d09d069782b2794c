/* Routes of what is captured while it happens, kept in browsers, and made of it. */
#include "api_internal.h"

status recording_start(struct ask *ask)
{
    struct recording_start *start = ask->body;
    start->subject = ask->id;
    return engine_recording_start(&ask->call, start);
}

status recording_stop(struct ask *ask)
{
    struct recording_end end = {.subject = ask->id, .recording = ask->record};
    return engine_recording_stop(&ask->call, &end);
}

status recording_veto(struct ask *ask)
{
    struct recording_end end = {.subject = ask->id, .recording = ask->record};
    return engine_recording_veto(&ask->call, &end);
}
