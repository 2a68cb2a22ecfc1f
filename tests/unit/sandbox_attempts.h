/* What a confined process may try, each in a child of its own: the attempts of tests/unit/sandbox.c and what they stand on. */
#ifndef UNIT_SANDBOX_ATTEMPTS_H
#define UNIT_SANDBOX_ATTEMPTS_H

#include "daemon/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "tap.h"

#define NOT_CONFINED 250

static char dir[] = "/tmp/tocsin-sandbox-XXXXXX", other[] = "/tmp/tocsin-backups-XXXXXX";
static int listener = -1, loose = -1, status_file = -1;
static struct sockaddr_in address = { .sin_family = AF_INET };

/* The errno of an attempt within a role's rights, 0 when it worked. */
static int
within(enum sandbox_role role, int (*attempt)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct err err = { .arena = arena_new() };
		struct sandbox s = { .role = role, .dir = role == SANDBOX_WEB || role == SANDBOX_ARCHIVIST ? dir : NULL,
			.other_dir = other, .dir_fd = -1 };

		int port = ntohs(address.sin_port);

		s.ports = &port;
		s.port_count = role == SANDBOX_PORTER;
		if (role == SANDBOX_KEEPER)
			s.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		status_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
		if (!sandbox_enter(&s, &err)) {
			printf("# %.*s\n", STR_FMT(err.detail));
			fflush(stdout);
			_exit(NOT_CONFINED);
		}
		_exit(attempt());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return NOT_CONFINED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

static int
code(long result)
{
	return result < 0 ? errno : 0;
}

/* ---- attempts ---- */

static int
run_program(void)
{
	char *argv[] = { (char *)(uintptr_t)"/bin/true", NULL };

	return code(execv(argv[0], argv));
}

static int
new_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return code(pid);
}

static int
new_socket(void)
{
	return code(socket(AF_INET, SOCK_STREAM, 0));
}

static int
new_unix_socket(void)
{
	return code(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
new_raw_socket(void)
{
	return code(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int
call_out(void)
{
	return code(connect(loose, (struct sockaddr *)&address, sizeof(address)));
}

static int
bind_elsewhere(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	return code(bind(loose, (struct sockaddr *)&any, sizeof(any)));
}

static int
accept_one(void)
{
	return code(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

static int
write_inside(void)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "%s/new", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0 || ftruncate(fd, 0) != 0 || close(fd) != 0)
		return errno;
	return code(unlink(path));
}

static int
read_outside(void)
{
	return code(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int
write_outside(void)
{
	return code(open("/tmp/tocsin-sandbox-outside", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

static int
climb_out(void)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/../../etc/passwd", dir);
	return code(open(path, O_RDONLY | O_CLOEXEC));
}

static int
rename_inside(void)
{
	char from[100], to[100];

	snprintf(from, sizeof(from), "%s/kept", dir);
	snprintf(to, sizeof(to), "%s/moved", dir);
	return rename(from, to) == 0 ? code(rename(to, from)) : errno;
}

static int
rename_outwards(void)
{
	char from[100];

	snprintf(from, sizeof(from), "%s/kept", dir);
	return code(rename(from, "/tmp/tocsin-sandbox-outside"));
}

static int
link_outwards(void)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/link", dir);
	return code(symlink("/etc/passwd", path));
}

static int
memory_to_run(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
memory_made_to_run(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NOT_CONFINED : code(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
signal_another(void)
{
	return code(kill(getppid(), 0));
}

static int
trace(void)
{
	return code(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int
become_another(void)
{
	return code(setuid(65534));
}

static int
mount_something(void)
{
	return code(mount("none", dir, "tmpfs", 0, NULL));
}

static int
more_rights(void)
{
	struct rlimit l = { 100, 100 };

	return code(setrlimit(RLIMIT_NOFILE, &l));
}

static int
unconfine(void)
{
	struct err err = { .arena = NULL };
	struct sandbox s = { .role = SANDBOX_PARENT };

	return sandbox_enter(&s, &err) ? 0 : EPERM;
}

static void *
set_flag(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static int
thread(void)
{
	pthread_t t;
	int flag = 0, failed = pthread_create(&t, NULL, set_flag, &flag);

	if (failed)
		return failed;
	pthread_join(t, NULL);
	return flag ? 0 : EINVAL;
}

/* The filter is on in every thread, and nothing can be gained again. */
static int
status_says(void)
{
	char text[4096];
	ssize_t n = pread(status_file, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return errno;
	text[n] = '\0';
	return strstr(text, "\nSeccomp:\t2\n") && strstr(text, "\nNoNewPrivs:\t1\n") && strstr(text, "\nCapEff:\t0000000000000000\n") &&
	    strstr(text, "\nCapPrm:\t0000000000000000\n") ? 0 : EINVAL;
}

static int
pair_of_sockets(void)
{
	int fds[2];

	return code(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
}

#endif
