#include "daemon/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"

static const struct {
	const char *sender;
	uint32_t length;
} kinds[MSG__MAX] = {
#define MESSAGE_ROW(c, from, type) [c] = { from, sizeof(type) },
	MESSAGES(MESSAGE_ROW)
#undef MESSAGE_ROW
};

_Static_assert(sizeof(struct message) <= MESSAGE_MAX, "a message fits its limit");

bool
channel_pair(int ret_fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_fds) == 0;
}

bool
channel_send(int fd, enum msg_type type, const void *payload)
{
	struct message m = { .type = type, .length = kinds[type].length };
	size_t n = offsetof(struct message, u) + m.length;

	memcpy(&m.u, payload, m.length);
	return send(fd, &m, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* Every enum and every number that is used later is within what it can be. */
static bool
sound(const struct message *m)
{
	switch ((enum msg_type)m->type) {
	case MSG_READY:
		return m->u.ready.port >= 0 && m->u.ready.port <= 65535;
	case MSG_ALIVE:
		return m->u.alive.count > 0;
	case MSG_FAILED:
		return m->u.failed.fault > FAULT_NONE && m->u.failed.fault < FAULT__MAX &&
		    memchr(m->u.failed.detail, '\0', sizeof(m->u.failed.detail)) != NULL;
	case MSG_STOP:
		return m->u.stop.grace_seconds >= 0 && m->u.stop.grace_seconds <= 3600;
	case MSG__NONE:
	case MSG__MAX:
		break;
	}
	return false;
}

bool
message_read(const void *bytes, size_t n, const char *sender, struct message *ret_message)
{
	struct message m = { .type = MSG__NONE };
	uint32_t head[2];

	if (n < sizeof(head))
		return false;
	memcpy(head, bytes, sizeof(head));
	if (head[0] <= MSG__NONE || head[0] >= MSG__MAX || strcmp(kinds[head[0]].sender, sender) != 0 ||
	    head[1] != kinds[head[0]].length || n != offsetof(struct message, u) + head[1])
		return false;
	memcpy(&m, bytes, n);
	if (!sound(&m))
		return false;
	*ret_message = m;
	return true;
}

int
channel_receive(int fd, const char *sender, struct message *ret_message)
{
	unsigned char bytes[MESSAGE_MAX + 1];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -1 : 0;
	if (n == 0)
		return 0;
	return message_read(bytes, (size_t)n, sender, ret_message) ? 1 : -2;
}
