/* The nursery and its children. See sieve.h. */
#include "daemon/sieve.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/paper.h"
#include "daemon/sandbox.h"

#define CHILDREN 2
#define WAITING 8                        /* all of them have their time before the parent loses patience */
#define CPU_SECONDS 8
#define WALL (10 * SECOND)
#define MEMORY ((rlim_t)512 << 20)       /* on top of what the nursery has mapped */

enum { EXIT_OF_REFUSED = 3 };

struct job {
	struct msg_job ask;
	int input;
};

struct child {
	pid_t pid;                       /* 0: free */
	int output, alive;               /* alive: readable when it has ended */
	int64_t until;
	bool late;
	struct job job;
};

struct nursery {
	int channel;
	struct child children[CHILDREN];
	struct job waiting[WAITING];
	int n;
};

static rlim_t mapped;                    /* by the nursery: libraries, fonts */

/* ---- the child ---- */

static void
limit(enum __rlimit_resource what, rlim_t soft, rlim_t hard)
{
	struct rlimit l = { soft, hard };

	if (setrlimit(what, &l) != 0)
		_exit(1);
}

static void
confine(void)
{
	struct err err = { .arena = NULL };
	struct sandbox rights = { .role = SANDBOX_SIEVE };

	prctl(PR_SET_NAME, "tocsin-sieve");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	limit(RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 1);
	limit(RLIMIT_AS, mapped + MEMORY, mapped + MEMORY);
	limit(RLIMIT_FSIZE, JOB_BYTES_MOST, JOB_BYTES_MOST);
	limit(RLIMIT_CORE, 0, 0);
	if (!sandbox_enter(&rights, &err))
		_exit(1);
}

static bool
put_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n <= 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return true;
}

static bool
work_on(enum sieve_work work, struct arena *a, struct str input, struct str *ret_output, struct err *err)
{
	struct value *document;

	switch (work) {
	case SIEVE_PAPER:
		return json_parse(a, input, &document, err) && paper_write(a, document, ret_output, err);
	case SIEVE__MAX:
		break;
	}
	return false;
}

/* The child's life. */
static void
child_run(const struct job *job, int output)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct str result;
	const char *input;

	signal(SIGXCPU, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	confine();
	input = channel_map(job->input, job->ask.bytes);
	if (!input)
		err_setf(&err, FAULT_REQUEST, "what came is not what was said");
	if (!input || !work_on((enum sieve_work)job->ask.work, a, (struct str){ input, (size_t)job->ask.bytes }, &result, &err)) {
		log_err(LOG_WARN, "the sieve refuses its input", &err);
		_exit(EXIT_OF_REFUSED);
	}
	_exit(result.n && put_all(output, result) ? 0 : 1);
}

/* ---- the nursery ---- */

static void
say_failed(const struct nursery *n, int64_t id, enum sieve_failure why)
{
	struct msg_no_job m = { .id = id, .why = (int32_t)why };

	if (!channel_send(n->channel, MSG_SIEVE_FAILED, &m))
		_exit(1);                /* nobody is there, or nobody listens: the parent starts another */
}

/* True when it has been made. The descriptors of the other children are theirs alone. */
static bool
make_child(struct nursery *n, struct child *c, const struct job *job)
{
	int ends[2];

	c->output = memfd_create("sieved", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (c->output < 0 || pipe2(ends, O_CLOEXEC) != 0) {
		if (c->output >= 0)
			close(c->output);
		return false;
	}
	c->pid = fork();
	if (c->pid == 0) {
		close(n->channel);
		close(ends[0]);
		for (int i = 0; i < CHILDREN; i++)
			if (&n->children[i] != c && n->children[i].pid) {
				close(n->children[i].output);
				close(n->children[i].alive);
				close(n->children[i].job.input);
			}
		for (int i = 0; i < n->n; i++)
			close(n->waiting[i].input);
		child_run(job, c->output);
	}
	close(ends[1]);
	if (c->pid < 0) {
		close(ends[0]);
		close(c->output);
		c->pid = 0;
		return false;
	}
	c->alive = ends[0];
	c->until = clock_monotonic() + WALL;
	c->late = false;
	c->job = *job;
	return true;
}

static void
start_job(struct nursery *n, struct child *c, const struct job *job)
{
	if (make_child(n, c, job))
		return;
	close(job->input);
	say_failed(n, job->ask.id, SIEVE_ABSENT);
}

static void
fill(struct nursery *n)
{
	for (int i = 0; i < CHILDREN && n->n; i++) {
		struct job job = n->waiting[0];

		if (n->children[i].pid)
			continue;
		memmove(n->waiting, n->waiting + 1, (size_t)--n->n * sizeof(n->waiting[0]));
		start_job(n, &n->children[i], &job);
	}
}

static void
hand_over(const struct nursery *n, struct child *c)
{
	struct msg_job m = { .id = c->job.ask.id, .work = c->job.ask.work, .bytes = lseek(c->output, 0, SEEK_END) };

	if (m.bytes <= 0 || m.bytes > JOB_BYTES_MOST || !channel_sealed(c->output))
		say_failed(n, m.id, SIEVE_BROKEN);
	else if (!channel_pass(n->channel, MSG_SIEVE_DONE, &m, c->output))
		_exit(1);
}

static void
child_ended(const struct nursery *n, struct child *c)
{
	int status = 0;

	if (waitpid(c->pid, &status, 0) != c->pid)
		status = 1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		hand_over(n, c);
	else if (c->late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
		say_failed(n, c->job.ask.id, SIEVE_SLOW);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OF_REFUSED)
		say_failed(n, c->job.ask.id, SIEVE_REFUSED);
	else
		say_failed(n, c->job.ask.id, SIEVE_BROKEN);
	close(c->output);
	close(c->alive);
	close(c->job.input);
	*c = (struct child){ 0 };
}

/* What it is asked; false: the parent is gone, or talks nonsense. */
static bool
hear(struct nursery *n)
{
	struct message m;
	int got;

	while ((got = channel_receive(n->channel, "parent", &m)) == 1) {
		if (m.type != MSG_SIEVE_JOB)
			return false;
		if (n->n == WAITING) {
			close(m.fd);
			say_failed(n, m.u.job.id, SIEVE_BUSY);
			continue;
		}
		n->waiting[n->n++] = (struct job){ m.u.job, m.fd };
	}
	return got == -1;
}

static void
nursery_loop(struct nursery *n)
{
	for (;;) {
		struct pollfd fds[1 + CHILDREN] = { { .fd = n->channel, .events = POLLIN } };
		int64_t now;

		for (int i = 0; i < CHILDREN; i++)
			fds[1 + i] = (struct pollfd){ .fd = n->children[i].pid ? n->children[i].alive : -1, .events = POLLIN };
		poll(fds, 1 + CHILDREN, 500);
		now = clock_monotonic();
		for (int i = 0; i < CHILDREN; i++) {
			struct child *c = &n->children[i];

			if (c->pid && fds[1 + i].revents) {
				child_ended(n, c);
			} else if (c->pid && now > c->until) {
				c->late = true;
				kill(c->pid, SIGKILL);
			}
		}
		if (fds[0].revents && !hear(n))
			return;
		fill(n);
	}
}

/* Bytes of address space in use; asked while there are files. */
static rlim_t
space_in_use(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!f || fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

int
sieve_run(int channel)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct nursery n = { .channel = channel };
	struct sandbox rights = { .role = SANDBOX_NURSERY };

	prctl(PR_SET_NAME, "tocsin-nursery");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	if (!paper_fonts(&err))
		log_err(LOG_WARN, "there will be no PDF", &err);
	else
		log_line(LOG_DEBUG, "the fonts of paper are open");
	mapped = space_in_use();
	if (!sandbox_enter(&rights, &err)) {
		log_err(LOG_ERROR, "the sieve cannot start", &err);
		return 1;
	}
	nursery_loop(&n);
	arena_free(a);
	return 0;
}
