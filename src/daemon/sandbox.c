#include "daemon/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <limits.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

/* What any of our processes needs: memory, threads, time, descriptors that are open already. */
static const int common_calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(lseek), SCMP_SYS(fcntl), SCMP_SYS(dup),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(signalfd4),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(mlock), SCMP_SYS(munlock), SCMP_SYS(membarrier),
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(getrandom), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrusage), SCMP_SYS(getrlimit),
	SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
};

/* Web: accepting on the socket that the parent opened, and giving up still more. */
static const int web_calls[] = {
	SCMP_SYS(accept4), SCMP_SYS(accept), SCMP_SYS(sendfile), SCMP_SYS(memfd_create), SCMP_SYS(adjtimex),
	SCMP_SYS(landlock_create_ruleset), SCMP_SYS(landlock_add_rule), SCMP_SYS(landlock_restrict_self),
};

/* Files: SQLite's, the keeper's. */
static const int file_calls[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents64),
	SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
	SCMP_SYS(fchmod), SCMP_SYS(fchown), SCMP_SYS(flock), SCMP_SYS(utimensat), SCMP_SYS(statfs), SCMP_SYS(fstatfs),
};

/* The nursery of the sieve: a child for each piece of work, with limits, which then gives up what is left. */
static const int nursery_calls[] = {
	SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(kill), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(fork), SCMP_SYS(vfork),
	SCMP_SYS(memfd_create), SCMP_SYS(set_tid_address), SCMP_SYS(prlimit64), SCMP_SYS(setrlimit), SCMP_SYS(prctl),
	SCMP_SYS(seccomp), SCMP_SYS(capset), SCMP_SYS(capget), SCMP_SYS(landlock_create_ruleset), SCMP_SYS(landlock_restrict_self),
};

/* One input, one output, both open: reading, writing, memory, threads (pango asks fontconfig in one), the end. */
static const int sieve_calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fcntl), SCMP_SYS(munmap),
	SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getrandom), SCMP_SYS(restart_syscall), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getattr), SCMP_SYS(sigaltstack),
};

/* The porter: the resolver's files, read; connections. */
static const int porter_calls[] = {
	SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(readlink),
	SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(sendmmsg), SCMP_SYS(ioctl), SCMP_SYS(landlock_add_rule),
};

/* Parent: a new web after one has ended, signals to it, the watchdog's datagram (its socket is open before). */
static const int parent_calls[] = {
	SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(kill), SCMP_SYS(socketpair), SCMP_SYS(clone), SCMP_SYS(clone3),
	SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(arch_prctl), SCMP_SYS(set_tid_address),
	SCMP_SYS(prlimit64), SCMP_SYS(mprotect), SCMP_SYS(mmap), SCMP_SYS(prctl), SCMP_SYS(seccomp), SCMP_SYS(capset), SCMP_SYS(capget),
	SCMP_SYS(landlock_create_ruleset), SCMP_SYS(landlock_add_rule), SCMP_SYS(landlock_restrict_self), SCMP_SYS(tgkill),
};

static bool
allow_all(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0) != 0 && calls[i] >= 0)
			return false;
	return true;
}

/* Allowed when this argument, masked, is that. */
static bool
allow_when(scmp_filter_ctx ctx, int call, unsigned argument, uint64_t mask, uint64_t wanted)
{
	struct scmp_arg_cmp when = { .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = wanted };

	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, call, 1, &when) == 0;
}

/* Threads yes, processes no; memory that can be run, no; signals only to oneself (abort). */
static bool
allow_threads_only(scmp_filter_ctx ctx)
{
	const uint64_t thread = CLONE_THREAD | CLONE_VM, whole = UINT64_MAX;

	return allow_when(ctx, SCMP_SYS(clone), 0, thread, thread) &&
	    /* glibc falls back to clone, whose flags a filter can read. */
	    seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
	    allow_when(ctx, SCMP_SYS(mmap), 2, PROT_EXEC, 0) &&
	    allow_when(ctx, SCMP_SYS(mprotect), 2, PROT_EXEC, 0) &&
	    allow_when(ctx, SCMP_SYS(tgkill), 0, whole, (uint64_t)getpid()) &&
	    allow_when(ctx, SCMP_SYS(prctl), 0, whole, PR_SET_NAME);
}

#define CALLS(list) (list), sizeof(list) / sizeof((list)[0])

/* A token may be reached through a service of this machine (pcscd); a socket of any other family cannot be made. */
static bool
allow_keeper(scmp_filter_ctx ctx, const struct sandbox *s)
{
	return allow_all(ctx, CALLS(common_calls)) && allow_all(ctx, CALLS(file_calls)) && allow_threads_only(ctx) &&
	    allow_when(ctx, SCMP_SYS(prlimit64), 2, UINT64_MAX, 0) &&
	    (!s->local_sockets || (allow_when(ctx, SCMP_SYS(socket), 0, UINT64_MAX, AF_UNIX) &&
	    allow_all(ctx, (const int[]){ SCMP_SYS(connect), SCMP_SYS(umask), SCMP_SYS(mkdir) }, 3)));
}

/* Looking names up (UDP, the kernel's list of addresses, services of this machine), connecting, and a courier that it makes. */
static bool
allow_porter(scmp_filter_ctx ctx)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
	bool ok = allow_all(ctx, CALLS(common_calls)) && allow_all(ctx, CALLS(nursery_calls)) && allow_all(ctx, CALLS(porter_calls)) &&
	    allow_when(ctx, SCMP_SYS(mmap), 2, PROT_EXEC, 0) && allow_when(ctx, SCMP_SYS(mprotect), 2, PROT_EXEC, 0) &&
	    allow_all(ctx, (const int[]){ SCMP_SYS(tgkill) }, 1);

	for (size_t i = 0; ok && i < sizeof(families) / sizeof(families[0]); i++)
		ok = allow_when(ctx, SCMP_SYS(socket), 0, UINT64_MAX, (uint64_t)families[i]);
	return ok;
}

static bool
allow_role(scmp_filter_ctx ctx, const struct sandbox *s)
{
	switch (s->role) {
	case SANDBOX_WEB:
	case SANDBOX_ARCHIVIST:
		return allow_all(ctx, CALLS(common_calls)) && allow_all(ctx, CALLS(web_calls)) &&
		    allow_all(ctx, CALLS(file_calls)) && allow_threads_only(ctx) &&
		    allow_when(ctx, SCMP_SYS(prlimit64), 2, UINT64_MAX, 0);
	case SANDBOX_KEEPER:
		return allow_keeper(ctx, s);
	case SANDBOX_NURSERY:
		/* its children's aborts are signals to a process that it cannot name yet */
		return allow_all(ctx, CALLS(common_calls)) && allow_all(ctx, CALLS(nursery_calls)) &&
		    allow_when(ctx, SCMP_SYS(mmap), 2, PROT_EXEC, 0) && allow_when(ctx, SCMP_SYS(mprotect), 2, PROT_EXEC, 0) &&
		    allow_all(ctx, (const int[]){ SCMP_SYS(tgkill) }, 1);
	case SANDBOX_SIEVE:
		return allow_all(ctx, CALLS(sieve_calls)) && allow_threads_only(ctx) &&
		    /* cairo asks whether a font that is open already could be read: nothing happens, and the answer is yes */
		    seccomp_rule_add(ctx, SCMP_ACT_ERRNO(0), SCMP_SYS(access), 0) == 0;
	case SANDBOX_PORTER:
		return allow_porter(ctx);
	case SANDBOX_COURIER:
		return allow_all(ctx, CALLS(common_calls)) && allow_threads_only(ctx) &&
		    allow_all(ctx, (const int[]){ SCMP_SYS(memfd_create) }, 1) &&
		    /* curl calls it on what is connected already, too: nothing happens, and it goes on */
		    seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINPROGRESS), SCMP_SYS(connect), 0) == 0;
	case SANDBOX_PARENT:
		break;
	}
	return allow_all(ctx, CALLS(common_calls)) && allow_all(ctx, CALLS(parent_calls)) &&
	    allow_all(ctx, CALLS(web_calls)) && allow_all(ctx, CALLS(file_calls));
}

/*
 * New connections to a database server, when there is one: streams only. Which ports Landlock says. The parent needs
 * them because its filter stands before web's too.
 */
static bool
allow_connections(scmp_filter_ctx ctx, const struct store_reach *reach)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6 };
	const uint64_t kind = ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);
	bool ok = true;

	if (!reach)
		return true;
	for (int i = reach->local ? 0 : 1; i < (reach->port_count > 0 ? 3 : 1) && ok; i++) {
		struct scmp_arg_cmp when[] = {
			{ .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (uint64_t)families[i] },
			{ .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = kind, .datum_b = SOCK_STREAM },
		};

		ok = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2, when) == 0;
	}
	return ok && seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0) == 0 &&
	    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigpending), 0) == 0;
}

static bool
enter_seccomp(const struct sandbox *s, struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok;

	if (!ctx)
		return err_setf(err, FAULT_SANDBOX, "seccomp cannot be set up");
	ok = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) == 0 && allow_role(ctx, s) && allow_connections(ctx, s->reach) &&
	    seccomp_load(ctx) == 0;
	seccomp_release(ctx);
	return ok || err_setf(err, FAULT_SANDBOX, "the seccomp filter was refused: %s", strerror(errno));
}

int
sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG)
#define FS_OTHER \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

#define FS_OF_FILE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* What is not a directory can be given only the rights that a file has. */
static bool
allow_path(int rules, int at, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr under = { .allowed_access = access };
	struct stat st;
	bool ok;

	under.parent_fd = openat(at, path, O_PATH | O_CLOEXEC);
	if (under.parent_fd < 0)
		return false;
	if (fstat(under.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		under.allowed_access &= FS_OF_FILE;
	ok = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &under, 0) == 0;
	close(under.parent_fd);
	return ok;
}

/*
 * SQLite reads a database that others write with a note in the file beside it, which it maps; the rest it only reads.
 * Whatever else lies in the directory (keys!) is not there for this process.
 */
static bool
allow_archivist(int rules, const struct sandbox *s)
{
	static const char *const files[] = { "tocsin.db", "tocsin.db-wal", "tocsin.db-shm" };
	char path[PATH_MAX];

	for (int i = 0; i < 3; i++) {
		uint64_t access = LANDLOCK_ACCESS_FS_READ_FILE | (i == 2 ? LANDLOCK_ACCESS_FS_WRITE_FILE : 0);

		snprintf(path, sizeof(path), "%s/%s", s->dir, files[i]);
		if (!allow_path(rules, AT_FDCWD, path, access) && errno != ENOENT)
			return false;
	}
	return allow_path(rules, AT_FDCWD, s->other_dir, FS_READ | FS_WRITE);
}

/* A path that is not there (yet) is nothing that could be used. */
static bool
allow_paths(int rules, struct str paths)
{
	struct str part;
	char path[PATH_MAX];

	while (str_split(&paths, ':', &part)) {
		if (!part.n || part.n >= sizeof(path))
			continue;
		memcpy(path, part.p, part.n);
		path[part.n] = '\0';
		if (!allow_path(rules, AT_FDCWD, path, FS_READ | FS_WRITE) && errno != ENOENT)
			return false;
	}
	return true;
}

/* Whoever writes them puts new files in their place, so it is the directories. */
static bool
allow_resolver(int rules)
{
	static const char *const places[] = { "/etc", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager" };
	bool ok = true;

	for (size_t i = 0; ok && i < sizeof(places) / sizeof(places[0]); i++)
		ok = allow_path(rules, AT_FDCWD, places[i], FS_READ) || errno == ENOENT;
	return ok;
}

static int
new_rules(struct err *err)
{
	struct landlock_ruleset_attr all = { .handled_access_fs = FS_READ | FS_WRITE | FS_OTHER };
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

	if (rules < 0)
		err_setf(err, FAULT_SANDBOX, "Landlock: %s", strerror(errno));
	return rules;
}

static bool
enforce(int rules, bool good, struct err *err)
{
	bool ok = good && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	int code = errno;

	close(rules);
	return ok || err_setf(err, FAULT_SANDBOX, "Landlock: %s", strerror(code));
}

/* A file that is not there may stay so. */
static bool
allow_files(int rules, const struct store_reach *reach)
{
	bool ok = true;

	for (int i = 0; ok && reach && i < reach->file_count; i++)
		ok = allow_path(rules, AT_FDCWD, reach->files[i], LANDLOCK_ACCESS_FS_READ_FILE) || errno == ENOENT;
	return ok;
}

static bool
enter_landlock(const struct sandbox *s, struct err *err)
{
	int rules;
	bool ok;

	if (!sandbox_landlock_abi()) {
		log_line(LOG_DEBUG, "this kernel has no Landlock; seccomp alone confines");
		return true;
	}
	rules = new_rules(err);
	if (rules < 0)
		return false;
	if (s->role == SANDBOX_PORTER)
		ok = allow_resolver(rules);
	else if (s->role == SANDBOX_KEEPER)
		ok = allow_path(rules, s->dir_fd, ".", FS_READ | FS_WRITE) && allow_paths(rules, s->paths);
	else if (s->role == SANDBOX_ARCHIVIST)
		ok = allow_archivist(rules, s);
	else
		ok = !s->dir || allow_path(rules, AT_FDCWD, s->dir, FS_READ | FS_WRITE);
	return enforce(rules, ok && allow_files(rules, s->reach), err);
}

bool
sandbox_hide(const char *dir, const char *hidden, const struct store_reach *reach, struct err *err)
{
	int rules = sandbox_landlock_abi() ? new_rules(err) : -1;
	struct dirent *e;
	DIR *d;
	bool ok;

	if (rules < 0)
		return err->fault == FAULT_NONE;
	d = opendir(dir);
	ok = d && allow_path(rules, AT_FDCWD, dir, LANDLOCK_ACCESS_FS_READ_DIR);
	while (ok && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && strcmp(e->d_name, hidden))
			ok = allow_path(rules, dirfd(d), e->d_name, FS_READ | FS_WRITE);
	if (d)
		closedir(d);
	return enforce(rules, ok && allow_files(rules, reach), err);
}

/* Debian 12's headers are older than the kernel may be. */
struct net_rules {
	uint64_t handled_access_fs, handled_access_net;
};
struct net_port {
	uint64_t allowed_access, port;
};
#define NET_ABI 4
#define NET_BIND 1u
#define NET_CONNECT 2u
#define NET_PORT_RULE 2

static bool
allow_port(int rules, int number)
{
	struct net_port port = { .allowed_access = NET_CONNECT, .port = (uint64_t)number };

	return syscall(SYS_landlock_add_rule, rules, NET_PORT_RULE, &port, 0) == 0;
}

#define PORT_OF_NAMES 53

/* TCP goes to the database server's ports or to those of the porter, and nowhere else, where the kernel can say so. */
static bool
enter_landlock_ports(const struct sandbox *s, struct err *err)
{
	bool porter = s->role == SANDBOX_PORTER;
	const int *ports = porter ? s->ports : s->reach ? s->reach->ports : NULL;
	int n = porter ? s->port_count : s->reach ? s->reach->port_count : 0;
	struct net_rules all = { .handled_access_net = NET_BIND | NET_CONNECT };
	int rules;
	bool ok;

	if ((!porter && !s->reach) || sandbox_landlock_abi() < NET_ABI)
		return true;
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	ok = rules >= 0 && (!porter || allow_port(rules, PORT_OF_NAMES));
	for (int i = 0; ok && i < n; i++)
		ok = allow_port(rules, ports[i]);
	ok = ok && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	if (!ok)
		err_setf(err, FAULT_SANDBOX, "Landlock: %s", strerror(errno));
	if (rules >= 0)
		close(rules);
	return ok;
}

/* All capabilities away: root without them is an owner of files like any other. */
static bool
drop_capabilities(struct err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };

	if (syscall(SYS_capset, &head, none) != 0)
		return err_setf(err, FAULT_SANDBOX, "capabilities: %s", strerror(errno));
	return true;
}

bool
sandbox_enter(const struct sandbox *s, struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_setf(err, FAULT_SANDBOX, "prctl: %s", strerror(errno));
	/* the sieve has the nursery's: nothing can be opened at all */
	return drop_capabilities(err) && (s->role == SANDBOX_PARENT || s->role == SANDBOX_SIEVE || enter_landlock(s, err)) &&
	    (s->role == SANDBOX_PARENT || enter_landlock_ports(s, err)) && enter_seccomp(s, err);
}
