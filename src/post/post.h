/* post: what is told and sent to others, over the network, without anybody waiting for it.
 *
 *   engine: notes that wait --engine_webhook_waiting--> deliveries --libcurl multi--> receiver
 *        ^------------------engine_webhook_settle------------'  on the server's libuv loop
 *
 * Holds: nothing is sent that is not durable, and nothing is forgotten before it was delivered or
 * given up for good; what is cut short (a stop, a crash) is sent again, so that a receiver may see
 * one event twice, under one id. No order is promised. A register with a simulated clock reaches
 * loopback and nothing else. An address is checked when it is connected to, whatever a name says.
 * No redirect is followed, no proxy of the environment used, no more than 64 KiB of an answer read.
 * Does not hold: personal data; what is in a body is the engine's to say.
 * Time: when to try again goes by the register's clock, how long one try takes by the real one.
 * Memory: at most 256 deliveries a webhook; the rest waits on disk. Threads: that of the loop, and
 * those in which libcurl looks up names.
 * Start reading at post_turn() in post.c.
 */
#ifndef VERN_POST_H
#define VERN_POST_H
#include "engine.h"

struct post;
struct uv_loop_s;

struct post_config {
    struct engine *engine;
    const struct world *world; /* what receivers' clocks are compared with; and chance */
    struct uv_loop_s *loop;
    str hosts;                      /* whither webhooks of real registers may go, by commas */
    const struct network *networks; /* that they may lie in although these are private */
    size_t network_count;
    /* "smtps://host:465", "smtp://host:587", "smtp+plain://127.0.0.1:25"; NULL: no mail is sent */
    str public_url; /* of stop links in mail; empty: none */
    const char *smtp;
    const char *smtp_from, *smtp_user, *smtp_password; /* user NULL: nobody signs in */
    const char *ca_file;      /* whom TLS trusts; NULL: whom the system does */
    uint64_t timeout_ms;      /* of one try */
    void (*wake)(void *self); /* asks for a call of post_turn() soon */
    /* Told of what the operator should know: "webhook_failed", "webhook_refused". */
    void (*say)(void *self, const char *event, str register_name);
    void (*fatal)(void *self, const struct report *report); /* a flush failed */
    void *self;
};
/* Faults: STORE when libcurl cannot be set up; USAGE when mail cannot be sent as it says. */
MUST_CHECK status post_new(const struct post_config *config, struct report *report,
                           struct post **post);
/* Between turns of the engine: takes what waits, settles what came back, begins what is due. */
void post_turn(struct post *post);
/* Breaks off what is under way; the loop must run once more before it is closed. Takes NULL. */
void post_free(struct post **post);

#endif
