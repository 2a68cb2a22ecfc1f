/* The parent: opens the socket, starts the web process, starts it again when it ends, tells the service manager. Reads no request. */
#include "daemon/processes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/archivist.h"
#include "daemon/channel.h"
#include "daemon/courier.h"
#include "daemon/keeper.h"
#include "daemon/sandbox.h"
#include "daemon/sieve.h"
#include "daemon/terminal.h"
#include "desk/courier.h"

#define RESTARTS_A_MINUTE 5
#define GRACE_SECONDS 10
#define SILENCE (30 * SECOND)            /* a web process that says nothing for so long is stuck */
#define START_LIMIT (10 * MINUTE)        /* a migration may take its time */

struct parent {
	const struct conf *conf;
	int listener, signals, channel, notify, keeper, courier;
	pid_t web;
	int64_t keeper_pid, courier_pid;
	bool ready, stopping, failed;
	int64_t started, heard, stop_at;
	int64_t restarts[RESTARTS_A_MINUTE];
	int restart_next;
	struct sieve_line *sieve;
	struct archive archive;
};

/* Why nobody can listen there, and what helps. Always -1. */
static int
refuse_listener(struct arena *a, struct str where, int code, struct err *err)
{
	struct str reason = str_c(strerror(code));

	if (code == EADDRINUSE)
		reason = terminal_msg("serve.port_taken");
	else if (code == EACCES)
		reason = terminal_msg("serve.port_low");
	else if (code == EADDRNOTAVAIL)
		reason = terminal_msg("serve.address_foreign");
	refuse(err, FAULT_CONFIG, told(a, "serve.listen", { "where", where }, { "reason", reason }));
	return -1;
}

static socklen_t
address_of(const struct endpoint *e, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in six_less = { .sin_family = AF_INET, .sin_port = htons((uint16_t)e->port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)e->port) };

	if (e->v6) {
		inet_pton(AF_INET6, e->host, &six.sin6_addr);
		memcpy(ret_address, &six, sizeof(six));
		return sizeof(six);
	}
	inet_pton(AF_INET, e->host, &six_less.sin_addr);
	memcpy(ret_address, &six_less, sizeof(six_less));
	return sizeof(six_less);
}

/* Listening, or -1 with the fault. Loopback unless a proxy stands in front. */
static int
open_listener(const struct conf *c, struct arena *a, struct err *err)
{
	struct str where = conf_text(c, SET_listen);
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	struct endpoint e;
	socklen_t n;
	int fd, on = 1, code;

	if (!endpoint_parse(where, &e))
		return refuse_listener(a, where, EINVAL, err);
	if (!e.loopback && !conf_int(c, SET_behind_proxy)) {
		refuse(err, FAULT_CONFIG, told(a, "serve.public", { "where", where }));
		return -1;
	}
	n = address_of(&e, &address);
	fd = socket(e.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return refuse_listener(a, where, errno, err);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, n) != 0 || listen(fd, 1024) != 0) {
		code = errno;
		close(fd);
		return refuse_listener(a, where, code, err);
	}
	return fd;
}

/* The service manager's socket (sd_notify(3)'s protocol: one datagram of text), or -1: there is none. */
static int
open_notify(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t n;
	int fd;

	if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(a.sun_path))
		return -1;
	memcpy(a.sun_path, path, strlen(path));
	n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (path[0] == '@')
		a.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, n) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void
notify(const struct parent *p, const char *state)
{
	if (p->notify >= 0 && send(p->notify, state, strlen(state), MSG_NOSIGNAL) < 0)
		log_line(LOG_DEBUG, "service manager: %s", strerror(errno));
}

/* What of the parent's the sieve shall not have. */
#define NOT_THE_SIEVES(p) (const int[]){ (p)->listener, (p)->signals, (p)->channel, (p)->notify, (p)->keeper, \
	(p)->courier }, 6

static bool
start_web(struct parent *p)
{
	int fds[2];

	if (!channel_pair(fds))
		return false;
	p->web = fork();
	if (p->web < 0) {
		close(fds[0]);
		close(fds[1]);
		return false;
	}
	if (p->web == 0) {
		sigset_t none;

		prctl(PR_SET_NAME, "tocsin-web");
		close(fds[0]);
		close(p->signals);
		if (p->notify >= 0)
			close(p->notify);
		if (sieve_line_fd(p->sieve) >= 0)
			close(sieve_line_fd(p->sieve));
		if (p->archive.channel >= 0)
			close(p->archive.channel);
		if (p->keeper >= 0)
			close(p->keeper);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		_exit(web_run(p->conf, p->listener, fds[1]));
	}
	close(fds[1]);
	p->channel = fds[0];
	sieve_line_forget(p->sieve);
	p->started = p->heard = clock_monotonic();
	p->ready = false;
	return true;
}

/* True when it has ended so often lately that starting it again would help nobody. */
static bool
too_many_restarts(struct parent *p)
{
	int64_t now = clock_monotonic(), oldest = p->restarts[p->restart_next];

	p->restarts[p->restart_next] = now;
	p->restart_next = (p->restart_next + 1) % RESTARTS_A_MINUTE;
	return oldest && now - oldest < MINUTE;
}

static void
begin_stop(struct parent *p)
{
	struct msg_stop stop = { .grace_seconds = GRACE_SECONDS };

	if (p->stopping)
		return;
	p->stopping = true;
	p->stop_at = clock_monotonic() + (GRACE_SECONDS + 2) * SECOND;
	notify(p, "STOPPING=1");
	if (p->channel < 0 || !channel_send(p->channel, MSG_STOP, &stop))
		kill(p->web, SIGTERM);
}

static void
on_signal(struct parent *p)
{
	struct signalfd_siginfo s;

	while (read(p->signals, &s, sizeof(s)) == (ssize_t)sizeof(s))
		if (s.ssi_signo != SIGCHLD)
			begin_stop(p);
}

/* fresh: one more was tried just now. */
static void
tell_of_backups(struct parent *p, bool fresh)
{
	struct msg_backup m = archive_message(&p->archive, fresh);

	if (conf_text(p->conf, SET_backup_dir).n && p->channel >= 0 && !channel_send(p->channel, MSG_BACKUP, &m))
		log_line(LOG_WARN, "the web process reads slowly");
}

/* What web asks the keeper goes on to it; when there is none web is told so. */
static void
ask_keeper(struct parent *p, const struct msg_ask *ask)
{
	struct msg_said absent = keeper_absent(ask->ticket);

	if (p->keeper >= 0 && channel_send(p->keeper, MSG_KEEPER_ASKED, ask))
		return;
	if (!channel_send(p->channel, MSG_KEEPER_ANSWER, &absent))
		log_line(LOG_WARN, "the web process reads slowly");
}

static void
on_keeper(struct parent *p)
{
	struct message m;
	int got;

	while ((got = channel_receive(p->keeper, "keeper", &m)) == 1)
		if (p->channel >= 0 && !channel_send(p->channel, MSG_KEEPER_ANSWER, &m.u.said))
			log_line(LOG_WARN, "the web process reads slowly");
	if (got == -1)
		return;
	log_line(LOG_ERROR, got == -2 ? "the keeper sent a malformed message; it is heard no longer" :
	    "the keeper has ended; nothing is signed until the next start");
	close(p->keeper);
	p->keeper = -1;
}

/* An errand goes on to the courier; when there is none web is told so. */
static void
send_courier(struct parent *p, const struct message *m)
{
	struct msg_no_errand absent = courier_absent(m->u.errand.id);
	bool sent = p->courier >= 0 && channel_pass(p->courier, MSG_ERRAND_JOB, &m->u.errand, m->fd);

	close(m->fd);
	if (!sent && !channel_send(p->channel, MSG_NO_ERRAND, &absent))
		log_line(LOG_WARN, "the web process reads slowly");
}

static void
on_courier(struct parent *p)
{
	struct message m;
	int got;

	while ((got = channel_receive(p->courier, "courier", &m)) == 1) {
		if (m.type == MSG_ERRAND_DONE) {
			if (p->channel >= 0 && !channel_pass(p->channel, MSG_ERRAND_BACK, &m.u.errand_done, m.fd))
				log_line(LOG_WARN, "the web process reads slowly");
			close(m.fd);
		} else if (m.type == MSG_ERRAND_FAILED && p->channel >= 0 &&
		    !channel_send(p->channel, MSG_NO_ERRAND, &m.u.no_errand)) {
			log_line(LOG_WARN, "the web process reads slowly");
		}
	}
	if (got == -1)
		return;
	log_line(LOG_ERROR, got == -2 ? "the courier sent a malformed message; it is heard no longer" :
	    "the courier has ended; nothing goes out until the next start");
	close(p->courier);
	p->courier = -1;
}

static void
on_message(struct parent *p)
{
	struct message m;
	int got;

	while ((got = channel_receive(p->channel, "web", &m)) == 1) {
		p->heard = clock_monotonic();
		switch ((enum msg_type)m.type) {
		case MSG_READY:
			p->ready = true;
			notify(p, "READY=1");
			p->archive.look_at = 0;
			break;
		case MSG_SIEVE:
			sieve_line_ask(p->sieve, &m, p->channel, NOT_THE_SIEVES(p));
			break;
		case MSG_ALIVE:
			notify(p, "WATCHDOG=1");
			break;
		case MSG_KEEPER_ASK:
			ask_keeper(p, &m.u.ask);
			break;
		case MSG_ERRAND:
			send_courier(p, &m);
			break;
		case MSG_FAILED:
			terminal_fault(&(struct err){ .fault = (enum fault)m.u.failed.fault,
			    .detail = str_c(m.u.failed.detail) });
			p->failed = true;
			break;
		default:
			break;
		}
	}
	if (got == -1)
		return;
	if (got == -2)
		log_line(LOG_ERROR, "the web process sent a malformed message; it is ended");
	close(p->channel);
	p->channel = -1;
	if (got == -2)
		kill(p->web, SIGKILL);
}

/* The web process has ended: what now? True: go on. */
static bool
on_web_end(struct parent *p, int status)
{
	if (p->channel >= 0)
		on_message(p);           /* its last words */
	if (p->channel >= 0) {
		close(p->channel);
		p->channel = -1;
	}
	p->web = 0;
	if (p->stopping || p->failed)
		return false;
	if (WIFSIGNALED(status))
		log_line(LOG_ERROR, "the web process was ended by signal %d", WTERMSIG(status));
	else
		log_line(LOG_ERROR, "the web process ended with status %d", WEXITSTATUS(status));
	if (too_many_restarts(p)) {
		log_line(LOG_ERROR, "it ended more than %d times within a minute: giving up", RESTARTS_A_MINUTE);
		p->failed = true;
		return false;
	}
	log_line(LOG_WARN, "starting the web process again");
	p->failed = !start_web(p);
	if (p->failed)
		log_line(LOG_ERROR, "the web process cannot be started: %s", strerror(errno));
	return !p->failed;
}

static void
watch_silence(struct parent *p)
{
	int64_t now = clock_monotonic();

	if (p->web && ((p->ready && now - p->heard > SILENCE) || (!p->ready && now - p->started > START_LIMIT) ||
	    (p->stopping && now > p->stop_at)))
		kill(p->web, SIGKILL);
}

static void
parent_loop(struct parent *p)
{
	for (;;) {
		/* a descriptor of -1 is passed over */
		struct pollfd fds[6] = {
			{ .fd = p->signals, .events = POLLIN }, { .fd = p->channel, .events = POLLIN },
			{ .fd = sieve_line_fd(p->sieve), .events = POLLIN }, { .fd = p->archive.channel, .events = POLLIN },
			{ .fd = p->keeper, .events = POLLIN }, { .fd = p->courier, .events = POLLIN },
		};
		int status;
		pid_t pid;

		if (poll(fds, 6, 1000) < 0 && errno != EINTR)
			return;
		if (fds[0].revents)
			on_signal(p);
		if (p->channel >= 0 && fds[1].revents)
			on_message(p);
		if (fds[2].revents)
			sieve_line_hear(p->sieve, p->channel);
		if (fds[3].revents)
			archive_hear(&p->archive);
		if (p->keeper >= 0 && fds[4].revents)
			on_keeper(p);
		if (p->courier >= 0 && fds[5].revents)
			on_courier(p);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (archive_ended(&p->archive, p->conf, pid, status))
				tell_of_backups(p, true);
			else if (!sieve_line_ended(p->sieve, pid, status, p->channel) && pid == p->web &&
			    !on_web_end(p, status))
				return;
		watch_silence(p);
		sieve_line_watch(p->sieve, p->channel);
		if (p->ready && !p->stopping && archive_tick(&p->archive, p->conf, NOT_THE_SIEVES(p)))
			tell_of_backups(p, false);
	}
}

/* What is heard through the descriptor instead of interrupting. A hang-up not when it is to be ignored (nohup). */
static int
open_signals(void)
{
	struct sigaction hangup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Before the parent gives up its rights. Without an installation there are no keys to hold. */
static void
start_keeper(struct parent *p)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	const int not_its[] = { p->listener, p->signals, p->notify };

	if (program_installed(p->conf, &err) && !keeper_start(p->conf, not_its, 3, &p->keeper, &p->keeper_pid))
		log_line(LOG_ERROR, "the keeper cannot be started: %s", strerror(errno));
	arena_free(a);
}

/* Only when something may go out. */
static void
start_courier(struct parent *p)
{
	const int not_its[] = { p->listener, p->signals, p->notify, p->keeper };
	struct arena *a = arena_new();
	struct err err = { .arena = a };

	if (!courier_configure(conf_text(p->conf, SET_outbound), &err))
		log_err(LOG_ERROR, "no courier", &err);
	else if (courier_is_configured() && !courier_start(p->conf, not_its, 4, &p->courier, &p->courier_pid))
		log_line(LOG_ERROR, "the courier cannot be started: %s", strerror(errno));
	arena_free(a);
}

/* Errands are not waited for. */
static void
end_courier(struct parent *p)
{
	if (p->courier >= 0)
		close(p->courier);
	if (p->courier_pid > 0) {
		kill((pid_t)p->courier_pid, SIGKILL);
		waitpid((pid_t)p->courier_pid, NULL, 0);
	}
}

/* It ends when nobody is at the other end; the next server wants its keys. */
static void
end_keeper(struct parent *p)
{
	int status;

	if (p->keeper >= 0)
		close(p->keeper);
	if (p->keeper_pid > 0)
		waitpid((pid_t)p->keeper_pid, &status, 0);
}

int
parent_run(const struct conf *c)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct parent p = { .conf = c, .channel = -1, .keeper = -1, .courier = -1 };
	struct sandbox rights = { .role = SANDBOX_PARENT };
	int status = 1;

	p.listener = open_listener(c, a, &err);
	if (p.listener < 0) {
		terminal_fault(&err);
		arena_free(a);
		return 2;
	}
	p.sieve = sieve_line_new();
	archive_init(&p.archive, c);
	p.signals = open_signals();
	p.notify = open_notify();
	/* names are looked up here: no process of ours can later */
	if (!program_reach(c, &rights.reach, &err)) {
		terminal_fault(&err);
		close(p.listener);
		arena_free(a);
		return 1;
	}
	if (p.signals >= 0)
		start_keeper(&p);
	if (p.signals >= 0)
		start_courier(&p);
	if (p.signals < 0 || !sandbox_enter(&rights, &err) || !start_web(&p))
		log_err(LOG_ERROR, "the parent cannot start", &err);
	else {
		parent_loop(&p);
		status = p.failed;
	}
	archive_stop(&p.archive);
	sieve_line_stop(p.sieve);
	end_courier(&p);
	end_keeper(&p);
	close(p.listener);
	arena_free(a);
	return status;
}
