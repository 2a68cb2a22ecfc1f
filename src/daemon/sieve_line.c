/* Between web and the nursery: the parent passes work on and remembers who waits. */
#include "daemon/sieve.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"

#define OPEN_MOST 64                     /* pieces of work that are asked for and not answered */
#define PATIENCE (60 * SECOND)           /* with the nursery; its children have less */
#define STARTS_A_MINUTE 5
#define IDLE (10 * MINUTE)

struct sieve_line {
	pid_t pid;
	int channel;
	struct {
		int64_t id, until;
	} open[OPEN_MOST];
	int n;
	int64_t starts[STARTS_A_MINUTE];
	int next_start;
	int64_t asked;                   /* when last */
	bool dismissed;                  /* its end is what we wanted */
};

struct sieve_line *
sieve_line_new(void)
{
	struct sieve_line *l = calloc(1, sizeof(*l));

	assert(l);
	l->channel = -1;
	return l;
}

int
sieve_line_fd(const struct sieve_line *l)
{
	return l->channel;
}

static bool
started_too_often(struct sieve_line *l)
{
	int64_t now = clock_monotonic(), oldest = l->starts[l->next_start];

	if (oldest && now - oldest < MINUTE)
		return true;
	l->starts[l->next_start] = now;
	l->next_start = (l->next_start + 1) % STARTS_A_MINUTE;
	return false;
}

static void
start(struct sieve_line *l, const int *closed, int n)
{
	int fds[2];

	if (started_too_often(l) || !channel_pair(fds))
		return;
	l->pid = fork();
	if (l->pid == 0) {
		sigset_t none;

		close(fds[0]);
		for (int i = 0; i < n; i++)
			if (closed[i] >= 0)
				close(closed[i]);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		_exit(sieve_run(fds[1]));
	}
	close(fds[1]);
	if (l->pid < 0) {
		log_line(LOG_WARN, "the sieve cannot be started: %s", strerror(errno));
		close(fds[0]);
		l->pid = 0;
		return;
	}
	l->channel = fds[0];
	l->dismissed = false;
}

static void
refuse_work(int web, int64_t id, enum sieve_failure why)
{
	struct msg_no_job m = { .id = id, .why = (int32_t)why };

	if (web >= 0 && !channel_send(web, MSG_NOT_SIEVED, &m))
		log_line(LOG_DEBUG, "web reads slowly");
}

void
sieve_line_ask(struct sieve_line *l, const struct message *m, int web, const int *closed, int n)
{
	const struct msg_job *job = &m->u.job;
	enum sieve_failure why = SIEVE_FAILURE__MAX;

	l->asked = clock_monotonic();
	if (!l->pid)
		start(l, closed, n);
	if (l->channel < 0)
		why = SIEVE_ABSENT;
	else if (l->n == OPEN_MOST || !channel_pass(l->channel, MSG_SIEVE_JOB, job, m->fd))
		why = SIEVE_BUSY;
	close(m->fd);
	if (why != SIEVE_FAILURE__MAX) {
		refuse_work(web, job->id, why);
		return;
	}
	l->open[l->n].id = job->id;
	l->open[l->n++].until = clock_monotonic() + PATIENCE;
}

/* True when somebody waits for it; nobody does any more. */
static bool
close_job(struct sieve_line *l, int64_t id)
{
	for (int i = 0; i < l->n; i++)
		if (l->open[i].id == id) {
			l->open[i] = l->open[--l->n];
			return true;
		}
	return false;
}

static void
end(struct sieve_line *l)
{
	close(l->channel);
	l->channel = -1;
	if (l->pid)
		kill(l->pid, SIGKILL);
}

/* Its channel is closed: whoever waits is told. */
static void
give_up(struct sieve_line *l, int web)
{
	if (l->channel >= 0)
		end(l);
	while (l->n)
		refuse_work(web, l->open[--l->n].id, SIEVE_BROKEN);
}

/* One message of the nursery to web, if that still waits for it. */
static bool
pass_on(struct sieve_line *l, const struct message *m, int web)
{
	bool waited;

	switch ((enum msg_type)m->type) {
	case MSG_SIEVE_DONE:
		waited = close_job(l, m->u.job.id);
		if (waited && (web < 0 || !channel_pass(web, MSG_SIEVED, &m->u.job, m->fd)))
			log_line(LOG_DEBUG, "web reads slowly");
		close(m->fd);
		return true;
	case MSG_SIEVE_FAILED:
		if (close_job(l, m->u.no_job.id))
			refuse_work(web, m->u.no_job.id, (enum sieve_failure)m->u.no_job.why);
		return true;
	default:
		return false;
	}
}

void
sieve_line_hear(struct sieve_line *l, int web)
{
	struct message m;
	int got;

	while (l->channel >= 0 && (got = channel_receive(l->channel, "sieve", &m)) != -1)
		if (got != 1 || !pass_on(l, &m, web)) {
			if (got != 0)
				log_line(LOG_ERROR, "the sieve sent a malformed message; it is ended");
			give_up(l, web);
		}
}

void
sieve_line_watch(struct sieve_line *l, int web)
{
	int64_t now = clock_monotonic();

	for (int i = 0; i < l->n; i++)
		if (now > l->open[i].until) {
			log_line(LOG_ERROR, "the sieve does not answer; it is ended");
			give_up(l, web);
		}
	if (l->channel >= 0 && l->n == 0 && now - l->asked > IDLE) {
		l->dismissed = true;
		end(l);
	}
}

bool
sieve_line_ended(struct sieve_line *l, int pid, int status, int web)
{
	if (!l->pid || pid != l->pid)
		return false;
	l->pid = 0;
	if (!l->dismissed)
		log_line(LOG_ERROR, "the sieve ended (%d)",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (l->channel >= 0)
		sieve_line_hear(l, web);         /* its last words */
	give_up(l, web);
	return true;
}

void
sieve_line_forget(struct sieve_line *l)
{
	l->n = 0;
}

void
sieve_line_stop(struct sieve_line *l)
{
	if (l->channel >= 0)
		end(l);
	if (l->pid)
		waitpid(l->pid, NULL, 0);
	free(l);
}
