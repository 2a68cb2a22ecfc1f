/*
 * Time limits that the library does not keep, for what happens on sockets: a request that takes too long to
 * arrive, one that arrives byte by byte, an answer that is read byte by byte; and sockets that have been
 * said goodbye to but whose peer still talks. One thread looks about once a second.
 */
#ifndef HTTP_WATCH_H
#define HTTP_WATCH_H

#include <stdatomic.h>

#include "base/str.h"

enum phase {
	PHASE_IDLE,                      /* between requests */
	PHASE_RECEIVING,                 /* from the request line to the end of the body */
	PHASE_WORKING,                   /* ours: no limit */
	PHASE_SENDING,
	PHASE_DEAD,                      /* ended by the watch, or by an answer of our own */
};

/* A connection, from being accepted to being closed. */
struct client {
	struct client *prev, *next;
	int fd;
	_Atomic uint64_t state;          /* milliseconds since when, phase */
	_Atomic uint64_t allowance;      /* milliseconds beyond the limit of a request: of receiving, later of sending */
	_Atomic bool linger;             /* keep the socket a little when it is closed */
	char peer[64];
};

struct watch_limits {
	int idle_seconds, request_seconds;
	struct str farewell;             /* to a request that came too slowly; outlives the watch */
};

struct watch;
struct watch *watch_start(const struct watch_limits *limits);    /* NULL: no thread to be had */
void watch_stop(struct watch *w);                                /* NULL is allowed */
void watch_add(struct watch *w, struct client *c);
/*
 * Before fd is closed. A lingering one is kept open beside until its peer has stopped talking, for two
 * seconds at most.
 */
void watch_remove(struct watch *w, struct client *c);
/* The connection enters a phase. False: it is dead, nothing may be sent on it any more. */
bool client_enter(struct client *c, enum phase p);
enum phase client_phase(const struct client *c);
/*
 * Ends what is over its time at now (monotonic microseconds). The thread calls it; so do tests, with a
 * moment of theirs.
 */
void watch_scan(struct watch *w, int64_t now);

#endif
