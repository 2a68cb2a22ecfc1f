/*
 * Typed messages between the processes, over a socket pair (SOCK_SEQPACKET: a message arrives whole or not at all).
 * The reader checks type, length and every enum; whatever else arrives closes the channel and ends that peer, never the reader.
 */
#ifndef DAEMON_CHANNEL_H
#define DAEMON_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* M(constant, who sends, payload type) */
#define MESSAGES(M) \
	M(MSG_READY,  "web",    struct msg_ready)   /* the listener answers */ \
	M(MSG_ALIVE,  "web",    struct msg_alive)   /* heartbeat: the writer and the loop move */ \
	M(MSG_FAILED, "web",    struct msg_failed)  /* cannot start; the parent tells and ends */ \
	M(MSG_STOP,   "parent", struct msg_stop)    /* finish what runs, then end */

#define MESSAGE_CONSTANT(c, sender, type) c,
enum msg_type { MSG__NONE, MESSAGES(MESSAGE_CONSTANT) MSG__MAX };
#undef MESSAGE_CONSTANT

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

#define MESSAGE_MAX 512
struct message {
	uint32_t type, length;           /* length of the payload */
	union {
		struct msg_ready ready;
		struct msg_alive alive;
		struct msg_failed failed;
		struct msg_stop stop;
	} u;
};

bool channel_pair(int ret_fds[2]);               /* both ends close on exec and do not block */
/* False: the peer is gone, or so slow that the socket is full. */
bool channel_send(int fd, enum msg_type type, const void *payload);
/* What n bytes are, coming from this sender: false for anything but one well-formed message that it may send. */
bool message_read(const void *bytes, size_t n, const char *sender, struct message *ret_message);
/* 1: a message that is well-formed and that this sender may send; 0: the peer is gone; -1: nothing there now; -2: malformed. */
int channel_receive(int fd, const char *sender, struct message *ret_message);

#endif
