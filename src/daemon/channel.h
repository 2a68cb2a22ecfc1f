/*
 * Typed messages between the processes, over a socket pair (SOCK_SEQPACKET: a message arrives whole or not at all).
 * The reader checks type, length and every enum; whatever else arrives closes the channel and ends that peer, never the reader.
 */
#ifndef DAEMON_CHANNEL_H
#define DAEMON_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk/signer.h"

/* M(constant, who sends, payload type, descriptors that come along) */
#define MESSAGES(M) \
	M(MSG_READY,  "web",    struct msg_ready,  0)   /* the listener answers */ \
	M(MSG_ALIVE,  "web",    struct msg_alive,  0)   /* heartbeat: the writer and the loop move */ \
	M(MSG_FAILED, "web",    struct msg_failed, 0)   /* cannot start; the parent tells and ends */ \
	M(MSG_STOP,   "parent", struct msg_stop,   0)   /* finish what runs, then end */ \
	/* work for the sieve, asked for by web, passed on by the parent; the descriptor holds what the work is about, or came of it */ \
	M(MSG_SIEVE,         "web",    struct msg_job,    1) \
	M(MSG_SIEVE_JOB,     "parent", struct msg_job,    1) \
	M(MSG_SIEVE_DONE,    "sieve",  struct msg_job,    1) \
	M(MSG_SIEVE_FAILED,  "sieve",  struct msg_no_job, 0) \
	M(MSG_SIEVED,        "parent", struct msg_job,    1) \
	M(MSG_NOT_SIEVED,    "parent", struct msg_no_job, 0) \
	M(MSG_BACKUP_MADE, "archivist", struct msg_backup, 0)   /* how the one went for which it was started */ \
	M(MSG_BACKUP,      "parent",    struct msg_backup, 0)   /* what is known of backups; a new seq: one more was tried */ \
	/* a question to the keeper, passed on by the parent, and its answer on the way back */ \
	M(MSG_KEEPER_ASK,    "web",    struct msg_ask,    0) \
	M(MSG_KEEPER_ASKED,  "parent", struct msg_ask,    0) \
	M(MSG_KEEPER_SAID,   "keeper", struct msg_said,   0) \
	M(MSG_KEEPER_ANSWER, "parent", struct msg_said,   0) \
	/* an errand of the courier, passed on by the parent, and what came of it; the memory holds what is sent, or was answered */ \
	M(MSG_ERRAND,        "web",     struct msg_errand,      1) \
	M(MSG_ERRAND_JOB,    "parent",  struct msg_errand,      1) \
	M(MSG_ERRAND_DONE,   "courier", struct msg_errand_done, 1) \
	M(MSG_ERRAND_FAILED, "courier", struct msg_no_errand,   0) \
	M(MSG_ERRAND_BACK,   "parent",  struct msg_errand_done, 1) \
	M(MSG_NO_ERRAND,     "parent",  struct msg_no_errand,   0) \
	/* the courier asks the porter for a connection */ \
	M(MSG_CONNECT,       "courier", struct msg_connect,     0) \
	M(MSG_CONNECTED,     "porter",  struct msg_connected,   1) \
	M(MSG_NOT_CONNECTED, "porter",  struct msg_not_connected, 0)

#define MESSAGE_CONSTANT(c, sender, type, descriptors) c,
enum msg_type { MSG__NONE, MESSAGES(MESSAGE_CONSTANT) MSG__MAX };
#undef MESSAGE_CONSTANT

/* What the sieve can do with one untrusted input. */
enum sieve_work { SIEVE_PAPER, SIEVE__MAX };
/* Why nothing came of it. */
enum sieve_failure {
	SIEVE_REFUSED,           /* it looked at the input and could not use it */
	SIEVE_BROKEN,            /* it ended without a word: a signal, a limit of memory */
	SIEVE_SLOW,              /* it was ended when its time was over */
	SIEVE_BUSY,              /* too many wait */
	SIEVE_ABSENT,            /* there is none at the moment */
	SIEVE_FAILURE__MAX
};
#define JOB_BYTES_MOST (INT64_C(64) << 20)

struct msg_ready {
	int32_t port;
};
struct msg_alive {
	int64_t count;
};
struct msg_failed {
	int32_t fault;                   /* enum fault, never FAULT_NONE */
	char detail[476];                /* NUL-terminated */
};
struct msg_stop {
	int32_t grace_seconds;
};
struct msg_job {
	int64_t id;                      /* from 1; given by who asks */
	int64_t bytes;                   /* length of the memory that comes along, which is sealed */
	int32_t work;                    /* enum sieve_work */
	int32_t nothing;                 /* 0 */
};
struct msg_no_job {
	int64_t id;
	int32_t why;                     /* enum sieve_failure */
	int32_t nothing;                 /* 0 */
};
struct msg_ask {
	int64_t ticket;                  /* positive; comes back with the answer */
	struct signer_ask ask;
};
struct msg_said {
	int64_t ticket;
	struct signer_said said;
};

struct msg_errand {
	int64_t id;                      /* positive; comes back with the answer */
	int64_t bytes;                   /* of the memory that comes along */
	char url[424];                   /* NUL-terminated */
};
struct msg_errand_done {
	int64_t id;
	int64_t bytes;                   /* of the memory: the body, and a NUL */
	int32_t status;                  /* of HTTP */
	int32_t nothing;                 /* 0 */
};
struct msg_no_errand {
	int64_t id;
	char words[200];                 /* NUL-terminated */
};
struct msg_connect {
	int64_t id;                      /* positive; comes back with the answer */
	int32_t port;
	char host[260];                  /* NUL-terminated */
};
struct msg_connected {
	int64_t id;
};
struct msg_not_connected {
	int64_t id;
	char words[200];                 /* NUL-terminated */
};

struct msg_backup {
	int64_t at;                      /* when this was so */
	int64_t newest_at, newest_bytes; /* of what lies there; NO_TIME: nothing */
	int64_t failed_at;               /* NO_TIME: the last one went well */
	uint64_t seq;                    /* of the last one that was tried since the start, 0: none */
	int64_t bytes, records;          /* of it */
	int32_t count;                   /* how many lie there */
	int32_t fault;                   /* enum fault */
	unsigned char digest[32];
	char name[64], detail[200];      /* NUL-terminated */
};

#define MESSAGE_MAX 512
struct message {
	uint32_t type, length;           /* length of the payload */
	union {
		struct msg_ready ready;
		struct msg_alive alive;
		struct msg_failed failed;
		struct msg_stop stop;
		struct msg_job job;
		struct msg_no_job no_job;
		struct msg_backup backup;
		struct msg_ask ask;
		struct msg_said said;
		struct msg_errand errand;
		struct msg_errand_done errand_done;
		struct msg_no_errand no_errand;
		struct msg_connect connect;
		struct msg_connected connected;
		struct msg_not_connected not_connected;
	} u;
	int fd;                          /* what came along, the receiver's to close; -1: nothing. No part of the bytes */
};

bool channel_pair(int ret_fds[2]);               /* both ends close on exec and do not block */
/* False: the peer is gone, or so slow that the socket is full. */
bool channel_send(int fd, enum msg_type type, const void *payload);
/* The same for a type that takes a descriptor along; the sender keeps its own. */
bool channel_pass(int fd, enum msg_type type, const void *payload, int descriptor);
/*
 * What n bytes are, coming from this sender: false for anything but one well-formed message that it may send. What came
 * along with them is not looked at: fd is -1.
 */
bool message_read(const void *bytes, size_t n, const char *sender, struct message *ret_message);
/* 1: a message that is well-formed and that this sender may send; 0: the peer is gone; -1: nothing there now; -2: malformed. */
int channel_receive(int fd, const char *sender, struct message *ret_message);
/*
 * Each message of this sender goes to hear(), until that gives something else than 0, which is the result; 0: the peer is
 * gone; 1: errno says. What is malformed is told of by the name of who serves, and left.
 */
int channel_serve(int fd, const char *name, const char *sender, int (*hear)(void *arg, const struct message *m), void *arg);

/*
 * Memory that goes from one process to another, whole and unchangeable. channel_memory() makes it from a text; -1: errno says.
 * channel_sealed() puts the seals on memory that was written; channel_map() takes one in: NULL unless it is sealed and
 * exactly that long. channel_unmap() gives it back.
 */
int channel_memory(const char *name, const void *bytes, size_t n);
bool channel_sealed(int fd);
const char *channel_map(int fd, int64_t bytes);
void channel_unmap(const char *p, int64_t bytes);

#endif
