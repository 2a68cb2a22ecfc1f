#include "daemon/channel.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "desk/courier.h"

static const struct {
	const char *sender;
	uint32_t length;
	int descriptors;
} kinds[MSG__MAX] = {
#define MESSAGE_ROW(c, from, type, along) [c] = { from, sizeof(type), along },
	MESSAGES(MESSAGE_ROW)
#undef MESSAGE_ROW
};

_Static_assert(sizeof(struct message) <= MESSAGE_MAX, "a message fits its limit");

bool
channel_pair(int ret_fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_fds) == 0;
}

/* Room for one descriptor, and by alignment perhaps for a second; more are dropped by the kernel, which says so. */
union along {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

bool
channel_pass(int fd, enum msg_type type, const void *payload, int descriptor)
{
	struct message m = { .type = type, .length = kinds[type].length };
	struct iovec bytes = { .iov_base = &m, .iov_len = offsetof(struct message, u) + m.length };
	struct msghdr h = { .msg_iov = &bytes, .msg_iovlen = 1 };
	union along along = { .room = { 0 } };

	assert((descriptor >= 0) == (kinds[type].descriptors == 1));
	memcpy(&m.u, payload, m.length);
	if (descriptor >= 0) {
		struct cmsghdr *c = &along.head;

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &descriptor, sizeof(int));
		h.msg_control = along.room;
		h.msg_controllen = sizeof(along.room);
	}
	return sendmsg(fd, &h, MSG_NOSIGNAL) == (ssize_t)bytes.iov_len;
}

bool
channel_send(int fd, enum msg_type type, const void *payload)
{
	return channel_pass(fd, type, payload, -1);
}

#define ENDS(text) (memchr((text), '\0', sizeof(text)) != NULL)

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
	case MSG_SIEVE:
	case MSG_SIEVE_JOB:
	case MSG_SIEVE_DONE:
	case MSG_SIEVED:
		return m->u.job.id > 0 && m->u.job.bytes > 0 && m->u.job.bytes <= JOB_BYTES_MOST &&
		    m->u.job.work >= 0 && m->u.job.work < SIEVE__MAX && m->u.job.nothing == 0;
	case MSG_SIEVE_FAILED:
	case MSG_NOT_SIEVED:
		return m->u.no_job.id > 0 && m->u.no_job.why >= 0 && m->u.no_job.why < SIEVE_FAILURE__MAX &&
		    m->u.no_job.nothing == 0;
	case MSG_BACKUP_MADE:
	case MSG_BACKUP:
		return m->u.backup.fault >= FAULT_NONE && m->u.backup.fault < FAULT__MAX && m->u.backup.count >= 0 &&
		    memchr(m->u.backup.name, '\0', sizeof(m->u.backup.name)) != NULL &&
		    memchr(m->u.backup.detail, '\0', sizeof(m->u.backup.detail)) != NULL;
	case MSG_KEEPER_ASK:
	case MSG_KEEPER_ASKED:
		return m->u.ask.ticket > 0 && signer_ask_sound(&m->u.ask.ask);
	case MSG_KEEPER_SAID:
	case MSG_KEEPER_ANSWER:
		return m->u.said.ticket > 0 && signer_said_sound(&m->u.said.said);
	case MSG_ERRAND:
	case MSG_ERRAND_JOB:
		return m->u.errand.id > 0 && m->u.errand.bytes > 0 && m->u.errand.bytes <= COURIER_BODY_MAX &&
		    ENDS(m->u.errand.url);
	case MSG_ERRAND_DONE:
	case MSG_ERRAND_BACK:
		return m->u.errand_done.id > 0 && m->u.errand_done.bytes > 0 && m->u.errand_done.bytes <= COURIER_BODY_MAX + 1 &&
		    m->u.errand_done.status >= 100 && m->u.errand_done.status <= 599 && m->u.errand_done.nothing == 0;
	case MSG_ERRAND_FAILED:
	case MSG_NO_ERRAND:
		return m->u.no_errand.id > 0 && ENDS(m->u.no_errand.words) && utf8_ok(str_c(m->u.no_errand.words));
	case MSG_CONNECT:
		return m->u.connect.id > 0 && m->u.connect.port > 0 && m->u.connect.port <= 65535 && ENDS(m->u.connect.host);
	case MSG_CONNECTED:
		return m->u.connected.id > 0;
	case MSG_NOT_CONNECTED:
		return m->u.not_connected.id > 0 && ENDS(m->u.not_connected.words);
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
	m.fd = -1;
	if (!sound(&m))
		return false;
	*ret_message = m;
	return true;
}

/* The descriptors that came along: *ret_fd is the first, whatever follows is closed. How many there were. */
static int
taken_along(struct msghdr *h, int *ret_fd)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(h);
	size_t n = 0;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (i == 0)
			*ret_fd = fd;
		else
			close(fd);
	}
	return (int)n;
}

int
channel_receive(int fd, const char *sender, struct message *ret_message)
{
	unsigned char bytes[MESSAGE_MAX + 1];
	struct iovec room = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	union along along;
	struct msghdr h = { .msg_iov = &room, .msg_iovlen = 1, .msg_control = along.room,
		.msg_controllen = sizeof(along.room) };
	ssize_t n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);
	struct message m;
	int fd_along = -1, along_count;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -1 : 0;
	if (n == 0)
		return 0;
	along_count = taken_along(&h, &fd_along);
	if (!(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && message_read(bytes, (size_t)n, sender, &m) &&
	    along_count == kinds[m.type].descriptors) {
		m.fd = fd_along;
		*ret_message = m;
		return 1;
	}
	if (fd_along >= 0)
		close(fd_along);
	return -2;
}

int
channel_serve(int fd, const char *name, const char *sender, int (*hear)(void *arg, const struct message *m), void *arg)
{
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		struct message m;
		int got, end;

		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			return 1;
		while ((got = channel_receive(fd, sender, &m)) == 1)
			if ((end = hear(arg, &m)) != 0)
				return end;
		if (got == 0)
			return 0;
		if (got == -2)
			log_line(LOG_ERROR, "%s: a malformed message was left unread", name);
	}
}

/* ---- memory ---- */

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

bool
channel_sealed(int fd)
{
	return fcntl(fd, F_ADD_SEALS, SEALS) == 0;
}

int
channel_memory(const char *name, const void *bytes, size_t n)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING), code;
	size_t done = 0;
	ssize_t put = 1;

	while (fd >= 0 && done < n && put > 0) {
		put = write(fd, (const char *)bytes + done, n - done);
		done += put > 0 ? (size_t)put : 0;
	}
	if (fd < 0 || (done == n && channel_sealed(fd)))
		return fd;
	code = errno;
	close(fd);
	errno = code;
	return -1;
}

const char *
channel_map(int fd, int64_t bytes)
{
	void *p;

	int seals = fcntl(fd, F_GET_SEALS);

	if (bytes <= 0 || bytes > JOB_BYTES_MOST || seals < 0 || (seals & SEALS) != SEALS ||
	    lseek(fd, 0, SEEK_END) != bytes)
		return NULL;
	p = mmap(NULL, (size_t)bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

void
channel_unmap(const char *p, int64_t bytes)
{
	if (p)
		munmap((void *)(uintptr_t)p, (size_t)bytes);
}
