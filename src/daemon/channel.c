#include "daemon/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

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

int
channel_receive(int fd, const char *sender, struct message *ret_message)
{
	unsigned char bytes[MESSAGE_MAX + 1];
	struct message m;
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
	uint32_t head[2];

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -1 : 0;
	if (n == 0)
		return 0;
	if ((size_t)n < sizeof(head))
		return -2;
	memcpy(head, bytes, sizeof(head));
	if (head[0] <= MSG__NONE || head[0] >= MSG__MAX || strcmp(kinds[head[0]].sender, sender) ||
	    head[1] != kinds[head[0]].length || (size_t)n != offsetof(struct message, u) + head[1])
		return -2;
	memset(&m, 0, sizeof(m));
	memcpy(&m, bytes, (size_t)n);
	if (m.type == MSG_FAILED)
		m.u.failed.reason[sizeof(m.u.failed.reason) - 1] = '\0';
	*ret_message = m;
	return 1;
}
