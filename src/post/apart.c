/* Transfers that have a thread of their own while they are under way. Of mail, libcurl waits for
 * the server's word on the message within one call, and a server may take its time to look at it:
 * on the loop everybody would wait with it.
 *
 *   loop:    transfers_add_apart() --> thread: curl_easy_perform()
 *            done()  <-- async, join <--'
 *
 * What a transfer points at is the thread's alone between the two. */
#include <stdlib.h>

#include "post_internal.h"

static int on_progress(void *self, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up)
{
    struct transfer *transfer = self;
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    return atomic_load(&transfer->dropped) || atomic_load(&transfer->apart->ends) ? 1 : 0;
}

static void *perform(void *self)
{
    struct transfer *transfer = self;
    struct apart *apart = transfer->apart;
    transfer->result = curl_easy_perform(transfer->easy);
    pthread_mutex_lock(&apart->lock);
    TAILQ_INSERT_TAIL(&apart->over, transfer, link);
    pthread_mutex_unlock(&apart->lock);
    uv_async_send(&apart->async);
    return NULL;
}

static struct transfer *take_over(struct apart *apart)
{
    pthread_mutex_lock(&apart->lock);
    struct transfer *first = TAILQ_FIRST(&apart->over);
    if (first != NULL)
        TAILQ_REMOVE(&apart->over, first, link);
    pthread_mutex_unlock(&apart->lock);
    return first;
}

static void on_over(uv_async_t *async)
{
    struct apart *apart = async->data;
    struct transfer *transfer;
    while ((transfer = take_over(apart)) != NULL) {
        pthread_join(transfer->thread, NULL);
        transfer->done(transfer, transfer->result);
    }
}

struct apart *apart_new(uv_loop_t *loop)
{
    struct apart *apart = calloc(1, sizeof(*apart));
    if (apart == NULL || pthread_mutex_init(&apart->lock, NULL) != 0 ||
        uv_async_init(loop, &apart->async, on_over) < 0)
        abort();
    TAILQ_INIT(&apart->over);
    apart->async.data = apart;
    uv_unref((uv_handle_t *)&apart->async);
    return apart;
}

status apart_add(struct apart *apart, struct transfer *transfer, struct report *report)
{
    transfer->apart = apart;
    atomic_store(&transfer->dropped, false);
    if (curl_easy_setopt(transfer->easy, CURLOPT_XFERINFOFUNCTION, on_progress) != CURLE_OK ||
        curl_easy_setopt(transfer->easy, CURLOPT_XFERINFODATA, transfer) != CURLE_OK ||
        curl_easy_setopt(transfer->easy, CURLOPT_NOPROGRESS, 0L) != CURLE_OK ||
        pthread_create(&transfer->thread, NULL, perform, transfer) != 0)
        return fail(report, FAULT_STORE, "a transfer cannot be begun");
    return OK;
}

void apart_drop(struct apart *apart, struct transfer *transfer)
{
    atomic_store(&transfer->dropped, true);
    pthread_join(transfer->thread, NULL);
    pthread_mutex_lock(&apart->lock);
    TAILQ_REMOVE(&apart->over, transfer, link);
    pthread_mutex_unlock(&apart->lock);
}

static void free_apart(uv_handle_t *async)
{
    struct apart *apart = async->data;
    pthread_mutex_destroy(&apart->lock);
    free(apart);
}

void apart_free(struct apart *apart)
{
    assert(TAILQ_EMPTY(&apart->over));
    uv_close((uv_handle_t *)&apart->async, free_apart);
}
