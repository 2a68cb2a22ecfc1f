/*
 * The porter opens connections to configured hosts for the courier, and starts it again when it ends before its time.
 * Besides the resolver's answers it reads nothing that comes from outside.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/courier.h"
#include "daemon/processes.h"
#include "daemon/sandbox.h"
#include "desk/courier.h"

#define DIAL_MS 5000                     /* for one address */
#define PAUSE_MS 10000                   /* between two tries when the courier keeps ending */
#define QUICK (5 * SECOND)
#define CA_MAX (4u << 20)

struct msg_no_errand
courier_absent(int64_t id)
{
	struct msg_no_errand m = { .id = id };

	strcpy(m.words, courier_is_configured() ? "the courier does not run" :
	    "nothing may go out: the setting outbound is empty");
	return m;
}

/* Connected, or -1: errno. */
static int
dial_one(const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), code = 0;
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	socklen_t n = sizeof(code);

	if (fd < 0)
		return -1;
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0) {
		code = errno;
		if (code == EINPROGRESS && poll(&ready, 1, DIAL_MS) == 1)
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &n);
		else if (code == EINPROGRESS)
			code = ETIMEDOUT;
	}
	if (code == 0)
		return fd;
	close(fd);
	errno = code;
	return -1;
}

static int
dial(const struct msg_connect *ask, struct msg_not_connected *why)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *all = NULL;
	char port[12];
	int fd = -1, code;

	if (!courier_may(str_c(ask->host), ask->port)) {
		snprintf(why->words, sizeof(why->words), "the setting outbound does not name %.120s:%d", ask->host, ask->port);
		return -1;
	}
	snprintf(port, sizeof(port), "%d", ask->port);
	code = getaddrinfo(ask->host, port, &hints, &all);
	if (code != 0) {
		snprintf(why->words, sizeof(why->words), "%.120s: %s", ask->host, gai_strerror(code));
		return -1;
	}
	for (struct addrinfo *to = all; to && fd < 0; to = to->ai_next)
		fd = dial_one(to);
	if (fd < 0)
		snprintf(why->words, sizeof(why->words), "%.120s:%d: %s", ask->host, ask->port, strerror(errno));
	freeaddrinfo(all);
	return fd;
}

static bool
open_door(int courier, const struct msg_connect *ask)
{
	struct msg_connected done = { .id = ask->id };
	struct msg_not_connected failed = { .id = ask->id };
	int fd = dial(ask, &failed);
	bool ok;

	if (fd < 0)
		return channel_send(courier, MSG_NOT_CONNECTED, &failed);
	ok = channel_pass(courier, MSG_CONNECTED, &done, fd);
	close(fd);
	return ok;
}

/* Until the courier is gone. */
static void
serve(int courier)
{
	for (;;) {
		struct pollfd fd = { .fd = courier, .events = POLLIN };
		struct message m;
		int got;

		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return;
		while ((got = channel_receive(courier, "courier", &m)) == 1)
			if (m.type == MSG_CONNECT && !open_door(courier, &m.u.connect))
				return;
		if (got != -1)
			return;
	}
}

/* True when the parent has gone. */
static bool
gone(int channel, int wait_ms)
{
	struct pollfd fd = { .fd = channel };

	return poll(&fd, 1, wait_ms) > 0 && (fd.revents & (POLLHUP | POLLERR));
}

/* One courier's life. False: no further one. */
static bool
one_courier(int channel, struct str ca)
{
	int64_t begun = clock_monotonic();
	int pair[2], status = 0;
	pid_t pid;

	if (!channel_pair(pair))
		return false;
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		_exit(courier_serve(channel, pair[1], ca));
	}
	close(pair[1]);
	if (pid > 0)
		serve(pair[0]);
	close(pair[0]);
	if (pid < 0)
		return false;
	kill(pid, SIGKILL);              /* if it is only deaf */
	if (waitpid(pid, &status, 0) != pid || gone(channel, 0))
		return false;
	log_line(LOG_ERROR, WIFSIGNALED(status) ? "the courier was ended by signal %d; it is started again" :
	    "the courier ended with status %d; it is started again", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return clock_monotonic() - begun >= QUICK || !gone(channel, PAUSE_MS);
}

/* The certificates that are trusted; empty when there are none: then only http to this machine works. */
static struct str
read_ca(const struct conf *c, struct arena *a)
{
	const char *path = arena_c(a, conf_text(c, SET_outbound_ca));
	FILE *f = path[0] ? fopen(path, "re") : NULL;
	char *p = arena_raw(a, CA_MAX);
	size_t n = f ? fread(p, 1, CA_MAX, f) : 0;

	if (f)
		fclose(f);
	if (n == 0)
		log_line(LOG_WARN, "outbound_ca: no certificates in %s", path);
	return (struct str){ p, n };
}

/* What a look-up needs that is loaded at its first use. */
static void
warm_up(void)
{
	struct addrinfo *all = NULL;

	setenv("RES_OPTIONS", "timeout:2 attempts:2", 1);
	if (getaddrinfo("localhost", "443", NULL, &all) == 0)
		freeaddrinfo(all);
}

static int
porter_run(const struct conf *c, int channel)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct sandbox rights = { .role = SANDBOX_PORTER };
	struct str ca = read_ca(c, a);

	prctl(PR_SET_NAME, "tocsin-porter");
	signal(SIGPIPE, SIG_IGN);
	warm_up();
	rights.ports = courier_ports(&rights.port_count);
	if (!sandbox_enter(&rights, &err)) {
		log_err(LOG_ERROR, "the courier cannot start", &err);
		return 1;
	}
	while (one_courier(channel, ca))
		;
	return 0;
}

bool
courier_start(const struct conf *c, const int *close_first, int n, int *ret_channel, int64_t *ret_pid)
{
	return process_start(porter_run, c, close_first, n, ret_channel, ret_pid);
}
