/* Transfers of libcurl on a libuv loop: libcurl says which sockets and which moment it waits for,
 * the loop says when one has come. What is under way keeps no loop from ending. */
#include <stdlib.h>

#include "post_internal.h"

struct transfers {
    CURLM *multi;
    uv_loop_t *loop;
    uv_timer_t timer;
    struct apart *apart;
};

struct watch { /* of one socket */
    uv_poll_t poll;
    struct transfers *transfers;
    curl_socket_t socket;
};

static void finish_done(struct transfers *transfers)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(transfers->multi, &left)) != NULL) {
        struct transfer *transfer = NULL;
        CURLcode result = message->data.result;
        CURL *easy = message->easy_handle;
        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
        (void)curl_multi_remove_handle(transfers->multi, easy);
        transfer->done(transfer, result);
    }
}

static void act(struct transfers *transfers, curl_socket_t socket, int events)
{
    int running;
    (void)curl_multi_socket_action(transfers->multi, socket, events, &running);
    finish_done(transfers);
}

static void on_socket(uv_poll_t *poll, int error, int events)
{
    struct watch *watch = poll->data;
    int what = error < 0 ? CURL_CSELECT_ERR : 0;
    what |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
    what |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
    act(watch->transfers, watch->socket, what);
}

static void on_timer(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

static struct watch *watch_new(struct transfers *transfers, curl_socket_t socket)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL)
        abort();
    *watch = (struct watch){.transfers = transfers, .socket = socket};
    if (uv_poll_init_socket(transfers->loop, &watch->poll, socket) < 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    uv_unref((uv_handle_t *)&watch->poll);
    (void)curl_multi_assign(transfers->multi, socket, watch);
    return watch;
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *self, void *known)
{
    struct transfers *transfers = self;
    struct watch *watch = known;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL) {
            uv_poll_stop(&watch->poll);
            uv_close((uv_handle_t *)&watch->poll, free_watch);
            (void)curl_multi_assign(transfers->multi, socket, NULL);
        }
        return 0;
    }
    if (watch == NULL)
        watch = watch_new(transfers, socket);
    if (watch == NULL)
        return -1;
    int events = (what & CURL_POLL_IN) != 0 ? UV_READABLE : 0;
    events |= (what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0;
    return uv_poll_start(&watch->poll, events, on_socket) < 0 ? -1 : 0;
}

static int watch_clock(CURLM *multi, long wait_ms, void *self)
{
    struct transfers *transfers = self;
    (void)multi;
    if (wait_ms < 0)
        uv_timer_stop(&transfers->timer);
    else /* never from within libcurl: in a turn of the loop */
        uv_timer_start(&transfers->timer, on_timer, (uint64_t)wait_ms, 0);
    return 0;
}

status transfers_new(uv_loop_t *loop, struct report *report, struct transfers **transfers)
{
    struct transfers *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (made->multi = curl_multi_init()) == NULL) {
        free(made);
        return fail(report, FAULT_STORE, "libcurl cannot be set up");
    }
    made->loop = loop;
    made->apart = apart_new(loop);
    uv_timer_init(loop, &made->timer);
    made->timer.data = made;
    uv_unref((uv_handle_t *)&made->timer);
    (void)curl_multi_setopt(made->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    (void)curl_multi_setopt(made->multi, CURLMOPT_SOCKETDATA, made);
    (void)curl_multi_setopt(made->multi, CURLMOPT_TIMERFUNCTION, watch_clock);
    (void)curl_multi_setopt(made->multi, CURLMOPT_TIMERDATA, made);
    *transfers = made;
    return OK;
}

status transfers_add(struct transfers *transfers, struct transfer *transfer, struct report *report)
{
    transfer->apart = NULL;
    (void)curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    if (curl_multi_add_handle(transfers->multi, transfer->easy) != CURLM_OK)
        return fail(report, FAULT_STORE, "a transfer cannot be begun");
    return OK;
}

status transfers_add_apart(struct transfers *transfers, struct transfer *transfer,
                           struct report *report)
{
    return apart_add(transfers->apart, transfer, report);
}

void transfers_end(struct transfers *transfers)
{
    atomic_store(&transfers->apart->ends, true);
}

void transfers_drop(struct transfers *transfers, struct transfer *transfer)
{
    if (transfer->apart != NULL) {
        apart_drop(transfer->apart, transfer);
        return;
    }
    (void)curl_multi_remove_handle(transfers->multi, transfer->easy);
}

static void free_transfers(uv_handle_t *timer)
{
    free(timer->data);
    curl_global_cleanup();
}

void transfers_free(struct transfers **transfers)
{
    if (*transfers == NULL)
        return;
    apart_free((*transfers)->apart);
    (void)curl_multi_cleanup((*transfers)->multi);
    uv_close((uv_handle_t *)&(*transfers)->timer, free_transfers);
    *transfers = NULL;
}
