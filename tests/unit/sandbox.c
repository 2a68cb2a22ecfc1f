/* What a confined process can still do, and what it cannot: each attempt is made in a child of its own. */
#include "sandbox_attempts.h"

/* ---- the keys ---- */

static char keys[100], key_file[120], beside[100], below[120];

/* As web does it when its database is open: first its directory, then that without the keys. */
static bool
hidden(void)
{
	struct err err = { .arena = NULL };

	return sandbox_hide(dir, "keys", NULL, &err);
}

static int
read_key(void)
{
	return hidden() ? code(open(key_file, O_RDONLY | O_CLOEXEC)) : NOT_CONFINED;
}

static int
write_key(void)
{
	return hidden() ? code(open(key_file, O_WRONLY | O_TRUNC | O_CLOEXEC)) : NOT_CONFINED;
}

static int
remove_key(void)
{
	return hidden() ? code(unlink(key_file)) : NOT_CONFINED;
}

static int
rename_keys(void)
{
	char to[100];

	snprintf(to, sizeof(to), "%s/seen", dir);
	return hidden() ? code(rename(keys, to)) : NOT_CONFINED;
}

static int
new_key(void)
{
	char path[120];

	snprintf(path, sizeof(path), "%s/planted.pem", keys);
	return hidden() ? code(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) : NOT_CONFINED;
}

static int
key_around(void)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/../keys/log.pem", below);
	return hidden() ? code(open(path, O_RDONLY | O_CLOEXEC)) : NOT_CONFINED;
}

static int
read_beside(void)
{
	return hidden() ? code(open(beside, O_RDWR | O_CLOEXEC)) : NOT_CONFINED;
}

static int
make_below(void)
{
	char path[140];

	snprintf(path, sizeof(path), "%s/new", below);
	return hidden() && open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) >= 0 ? code(unlink(path)) : errno;
}

static int
read_key_first(void)
{
	return code(open(key_file, O_RDONLY | O_CLOEXEC));
}

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "secret", 6) != 6 || close(fd) != 0)
		abort();
}

static void
keys_hidden(void)
{
	snprintf(keys, sizeof(keys), "%s/keys", dir);
	snprintf(key_file, sizeof(key_file), "%s/keys/log.pem", dir);
	snprintf(beside, sizeof(beside), "%s/beside.db", dir);
	snprintf(below, sizeof(below), "%s/files", dir);
	if (mkdir(keys, 0700) != 0 || mkdir(below, 0700) != 0)
		abort();
	make_file(key_file);
	make_file(beside);
	if (sandbox_landlock_abi()) {
		is_int(within(SANDBOX_WEB, read_key_first), 0, "before they are hidden the keys could be read: the test tests");
		is_int(within(SANDBOX_WEB, read_key), EACCES, "web cannot read a key");
		is_int(within(SANDBOX_WEB, write_key), EACCES, "nor write one");
		is_int(within(SANDBOX_WEB, remove_key), EACCES, "nor take one away");
		is_int(within(SANDBOX_WEB, rename_keys), EACCES, "nor give the keys another name");
		is_int(within(SANDBOX_WEB, new_key), EACCES, "nor put one there");
		is_int(within(SANDBOX_WEB, key_around), EACCES, "no way around leads there");
		is_int(within(SANDBOX_WEB, read_beside), 0, "its database it reads and writes");
		is_int(within(SANDBOX_WEB, make_below), 0, "in the directories beside them it makes files and removes them");
	} else {
		tap_skip("keys are hidden from web", "this kernel has no Landlock");
	}
	unlink(key_file);
	unlink(beside);
	rmdir(keys);
	rmdir(below);
}

/* ---- the keeper ---- */

static int
keeper_writes(void)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "%s/signed", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return fd >= 0 && fsync(fd) == 0 ? code(unlink(path)) : errno;
}

static void
keeper_rights(void)
{
	is_int(within(SANDBOX_KEEPER, keeper_writes), 0, "the keeper writes and syncs in its directory");
	is_int(within(SANDBOX_KEEPER, run_program), EPERM, "it runs no program");
	is_int(within(SANDBOX_KEEPER, new_process), EPERM, "it makes no process");
	is_int(within(SANDBOX_KEEPER, new_socket), EPERM, "it makes no network socket");
	is_int(within(SANDBOX_KEEPER, new_unix_socket), EPERM, "nor, without a token, one of this machine");
	is_int(within(SANDBOX_KEEPER, call_out), EPERM, "it connects to nobody");
	is_int(within(SANDBOX_KEEPER, accept_one), EPERM, "nobody connects to it");
	is_int(within(SANDBOX_KEEPER, memory_to_run), EPERM, "it gets no memory that can be run");
	is_int(within(SANDBOX_KEEPER, trace), EPERM, "it traces nobody");
	is_int(within(SANDBOX_KEEPER, status_says), 0, "the kernel says the same of it");
	if (sandbox_landlock_abi())
		is_int(within(SANDBOX_KEEPER, read_outside), EACCES, "it reads no file outside of its directory");
	else
		tap_skip("files outside of the keeper's directory", "this kernel has no Landlock");
}

/* ---- what is given ---- */

static void
prepare(void)
{
	socklen_t n = sizeof(address);
	char path[100];
	int fd, client;

	if (!mkdtemp(dir) || !mkdtemp(other))
		abort();
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, i ? "secret" : "tocsin.db");
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			abort();
		close(fd);
	}
	snprintf(path, sizeof(path), "%s/kept", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	loose = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || listener < 0 || loose < 0 || client < 0 || bind(listener, (struct sockaddr *)&address, n) != 0 ||
	    listen(listener, 5) != 0 || getsockname(listener, (struct sockaddr *)&address, &n) != 0 ||
	    connect(client, (struct sockaddr *)&address, n) != 0)
		abort();
	close(fd);
}

static void
clean_up(void)
{
	char path[100];

	static const char *const names[] = { "kept", "secret", "tocsin.db" };

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	rmdir(other);
}

static void
web_can(void)
{
	is_int(within(SANDBOX_WEB, accept_one), 0, "web answers on the socket that it was given");
	is_int(within(SANDBOX_WEB, write_inside), 0, "it writes, syncs and removes files in its directory");
	is_int(within(SANDBOX_WEB, rename_inside), 0, "it renames there: a copy before a migration gets its name when it is whole");
	is_int(within(SANDBOX_WEB, thread), 0, "it starts threads");
	is_int(within(SANDBOX_WEB, status_says), 0, "the kernel says: filtered, no new privileges, no capability");
}

static void
web_cannot(void)
{
	is_int(within(SANDBOX_WEB, run_program), EPERM, "web runs no program");
	is_int(within(SANDBOX_WEB, new_process), EPERM, "it makes no process");
	is_int(within(SANDBOX_WEB, new_socket), EPERM, "it makes no network socket");
	is_int(within(SANDBOX_WEB, new_unix_socket), EPERM, "nor one of this machine");
	is_int(within(SANDBOX_WEB, new_raw_socket), EPERM, "nor one to the kernel");
	is_int(within(SANDBOX_WEB, call_out), EPERM, "it connects to nobody, even with a socket that was left open");
	is_int(within(SANDBOX_WEB, bind_elsewhere), EPERM, "it listens nowhere else");
	is_int(within(SANDBOX_WEB, memory_to_run), EPERM, "it gets no memory that can be run");
	is_int(within(SANDBOX_WEB, memory_made_to_run), EPERM, "it makes none so");
	is_int(within(SANDBOX_WEB, signal_another), EPERM, "it signals nobody");
	is_int(within(SANDBOX_WEB, trace), EPERM, "it traces nobody");
	is_int(within(SANDBOX_WEB, become_another), EPERM, "it stays who it is");
	is_int(within(SANDBOX_WEB, mount_something), EPERM, "it mounts nothing");
	is_int(within(SANDBOX_WEB, more_rights), EPERM, "it moves no limit");
	is_int(within(SANDBOX_WEB, link_outwards), EPERM, "it makes no link");
	is_int(within(SANDBOX_WEB, unconfine), EPERM, "it does not get out again");
}

static void
web_files(void)
{
	if (!sandbox_landlock_abi()) {
		tap_skip("files outside of the directory", "this kernel has no Landlock");
		return;
	}
	is_int(within(SANDBOX_WEB, read_outside), EACCES, "web reads no file outside of its directory");
	is_int(within(SANDBOX_WEB, write_outside), EACCES, "it writes none");
	is_int(within(SANDBOX_WEB, climb_out), EACCES, "no path leads out");
	is_int(within(SANDBOX_WEB, rename_outwards), EACCES, "nothing is moved out");
}

static int
memory_file(void)
{
	int fd = memfd_create("sieved", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd >= 0 && write(fd, "x", 1) == 1 ? 0 : errno;
}

static int
limit_memory(void)
{
	struct rlimit l = { (rlim_t)1 << 32, (rlim_t)1 << 32 };

	return code(setrlimit(RLIMIT_AS, &l));
}

static int
read_open_file(void)
{
	char text[100];

	return pread(status_file, text, sizeof(text), 0) > 0 ? 0 : errno;
}

static int
write_to_socket(void)
{
	return code(send(loose, "x", 1, MSG_NOSIGNAL));
}

static void
nursery_rights(void)
{
	is_int(within(SANDBOX_NURSERY, new_process), 0, "the nursery makes processes");
	is_int(within(SANDBOX_NURSERY, memory_file), 0, "it makes memory for what comes of their work");
	is_int(within(SANDBOX_NURSERY, limit_memory), 0, "it sets limits for them");
	is_int(within(SANDBOX_NURSERY, run_program), EPERM, "it runs no program");
	is_int(within(SANDBOX_NURSERY, read_outside), EPERM, "it reads no file");
	is_int(within(SANDBOX_NURSERY, write_inside), EPERM, "it writes none");
	is_int(within(SANDBOX_NURSERY, new_socket), EPERM, "it makes no network socket");
	is_int(within(SANDBOX_NURSERY, call_out), EPERM, "it connects to nobody");
	is_int(within(SANDBOX_NURSERY, memory_to_run), EPERM, "it gets no memory that can be run");
	is_int(within(SANDBOX_NURSERY, trace), EPERM, "it traces nobody");
}

static void
sieve_rights(void)
{
	is_int(within(SANDBOX_SIEVE, thread), 0, "the sieve starts threads");
	is_int(within(SANDBOX_SIEVE, read_open_file), EPERM, "it reads in order, what it was given");
	is_int(within(SANDBOX_SIEVE, new_process), EPERM, "it makes no process");
	is_int(within(SANDBOX_SIEVE, run_program), EPERM, "it runs no program");
	is_int(within(SANDBOX_SIEVE, read_outside), EPERM, "it reads no file");
	is_int(within(SANDBOX_SIEVE, write_inside), EPERM, "it writes none");
	is_int(within(SANDBOX_SIEVE, new_socket), EPERM, "it makes no socket");
	is_int(within(SANDBOX_SIEVE, new_unix_socket), EPERM, "of no kind");
	is_int(within(SANDBOX_SIEVE, call_out), EPERM, "it connects to nobody");
	is_int(within(SANDBOX_SIEVE, accept_one), EPERM, "it answers nobody");
	is_int(within(SANDBOX_SIEVE, write_to_socket), EPERM, "it sends nothing, even with a socket that was left open");
	is_int(within(SANDBOX_SIEVE, signal_another), EPERM, "it signals nobody");
	is_int(within(SANDBOX_SIEVE, memory_to_run), EPERM, "it gets no memory that can be run");
	is_int(within(SANDBOX_SIEVE, more_rights), EPERM, "it moves no limit");
	is_int(within(SANDBOX_SIEVE, trace), EPERM, "it traces nobody");
	is_int(within(SANDBOX_SIEVE, unconfine), EPERM, "it does not get out again");
}

static int
open_there(const char *where, const char *name, int flags)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/%s", where, name);
	return code(open(path, flags | O_CLOEXEC, 0600));
}

static int
read_database(void)
{
	return open_there(dir, "tocsin.db", O_RDONLY);
}

static int
write_database(void)
{
	return open_there(dir, "tocsin.db", O_RDWR);
}

static int
read_secret(void)
{
	return open_there(dir, "secret", O_RDONLY);
}

static int
make_backup(void)
{
	char path[100], name[100];

	snprintf(path, sizeof(path), "%s/a.part", other);
	snprintf(name, sizeof(name), "%s/a", other);
	if (open_there(other, "a.part", O_RDWR | O_CREAT) != 0 || rename(path, name) != 0)
		return errno;
	return code(unlink(name));
}

static void
archivist_rights(void)
{
	is_int(within(SANDBOX_ARCHIVIST, read_database), 0, "the archivist reads the database");
	is_int(within(SANDBOX_ARCHIVIST, make_backup), 0, "it makes, renames and removes files among the backups");
	is_int(within(SANDBOX_ARCHIVIST, run_program), EPERM, "it runs no program");
	is_int(within(SANDBOX_ARCHIVIST, new_process), EPERM, "it makes no process");
	is_int(within(SANDBOX_ARCHIVIST, new_socket), EPERM, "it makes no network socket");
	is_int(within(SANDBOX_ARCHIVIST, call_out), EPERM, "it connects to nobody");
	is_int(within(SANDBOX_ARCHIVIST, trace), EPERM, "it traces nobody");
	is_int(within(SANDBOX_ARCHIVIST, unconfine), EPERM, "it does not get out again");
	if (!sandbox_landlock_abi()) {
		tap_skip("files that are not the archivist's", "this kernel has no Landlock");
		return;
	}
	is_int(within(SANDBOX_ARCHIVIST, write_database), EACCES, "it cannot write the database");
	is_int(within(SANDBOX_ARCHIVIST, read_secret), EACCES, "it cannot read the secret, nor any key");
	is_int(within(SANDBOX_ARCHIVIST, read_outside), EACCES, "it reads no other file");
}

static int
read_names(void)
{
	return code(open("/etc/hosts", O_RDONLY | O_CLOEXEC));
}

static int
udp_socket(void)
{
	return code(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int
call_configured(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : code(connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

/* To a port that is not among those. */
static int
call_another(void)
{
	struct sockaddr_in to = address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons(9);
	return fd < 0 ? errno : code(connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

static int
serve_others(void)
{
	return code(listen(loose, 5));
}

/* What the porter makes has still less. */
static int
courier_below(void)
{
	struct err err = { .arena = arena_new() };
	struct sandbox s = { .role = SANDBOX_COURIER, .dir_fd = -1 };

	return sandbox_enter(&s, &err) ? call_configured() : NOT_CONFINED;
}

/* It is told that the connection is under way, and there is none. */
static int
call_in_vain(void)
{
	struct pollfd fd = { .fd = loose, .events = POLLOUT };
	struct sockaddr_in peer;
	socklen_t n = sizeof(peer);

	if (call_out() != EINPROGRESS)
		return NOT_CONFINED;
	poll(&fd, 1, 100);
	return code(getpeername(loose, (struct sockaddr *)&peer, &n));
}

static void
courier_rights(void)
{
	is_int(within(SANDBOX_COURIER, memory_file), 0, "the courier makes memory for answers");
	is_int(within(SANDBOX_COURIER, write_to_socket) == EPERM, 0, "it speaks over what it is handed");
	is_int(within(SANDBOX_COURIER, new_socket), EPERM, "it makes no network socket");
	is_int(within(SANDBOX_COURIER, udp_socket), EPERM, "of no kind");
	is_int(within(SANDBOX_COURIER, new_unix_socket), EPERM, "nor one of this machine");
	is_int(within(SANDBOX_COURIER, call_in_vain), ENOTCONN, "it connects to nobody, even with a socket that was left open");
	is_int(within(SANDBOX_COURIER, accept_one), EPERM, "nobody connects to it");
	is_int(within(SANDBOX_COURIER, read_outside), EPERM, "it reads no file");
	is_int(within(SANDBOX_COURIER, read_names), EPERM, "not even the names of hosts");
	is_int(within(SANDBOX_COURIER, write_inside), EPERM, "it writes none");
	is_int(within(SANDBOX_COURIER, run_program), EPERM, "it runs no program");
	is_int(within(SANDBOX_COURIER, new_process), EPERM, "it makes no process");
	is_int(within(SANDBOX_COURIER, memory_to_run), EPERM, "it gets no memory that can be run");
	is_int(within(SANDBOX_COURIER, signal_another), EPERM, "it signals nobody");
	is_int(within(SANDBOX_COURIER, trace), EPERM, "it traces nobody");
	is_int(within(SANDBOX_COURIER, unconfine), EPERM, "it does not get out again");
}

static void
porter_rights(void)
{
	is_int(within(SANDBOX_PORTER, call_configured), 0, "the porter connects to a port that is configured");
	is_int(within(SANDBOX_PORTER, udp_socket), 0, "it asks for names");
	is_int(within(SANDBOX_PORTER, new_process), 0, "it makes the courier");
	is_int(within(SANDBOX_PORTER, courier_below), EPERM, "who then connects to nobody");
	is_int(within(SANDBOX_PORTER, serve_others), EPERM, "it listens nowhere");
	is_int(within(SANDBOX_PORTER, accept_one), EPERM, "it answers nobody");
	is_int(within(SANDBOX_PORTER, run_program), EPERM, "it runs no program");
	is_int(within(SANDBOX_PORTER, memory_to_run), EPERM, "it gets no memory that can be run");
	is_int(within(SANDBOX_PORTER, trace), EPERM, "it traces nobody");
	if (sandbox_landlock_abi()) {
		is_int(within(SANDBOX_PORTER, read_names), 0, "it reads where names are");
		is_int(within(SANDBOX_PORTER, read_secret), EACCES, "it reads nothing of the installation");
		is_int(within(SANDBOX_PORTER, write_outside), EACCES, "it writes nothing");
	} else {
		tap_skip("files of the porter", "this kernel has no Landlock");
	}
	if (sandbox_landlock_abi() >= 4)
		is_int(within(SANDBOX_PORTER, call_another), EACCES, "it connects to no other port");
	else
		tap_skip("other ports", "this kernel's Landlock knows no ports");
}

static void
parent_rights(void)
{
	is_int(within(SANDBOX_PARENT, new_process), 0, "the parent makes processes");
	is_int(within(SANDBOX_PARENT, pair_of_sockets), 0, "it makes the pair of sockets to talk with them");
	is_int(within(SANDBOX_PARENT, run_program), EPERM, "it runs no other program");
	is_int(within(SANDBOX_PARENT, new_socket), EPERM, "it makes no network socket");
	is_int(within(SANDBOX_PARENT, call_out), EPERM, "it connects to nobody");
	is_int(within(SANDBOX_PARENT, trace), EPERM, "it traces nobody");
	is_int(within(SANDBOX_PARENT, status_says), 0, "the kernel says the same of it");
}

/* A process that cannot be confined does not start. */
static int
confine_to_nothing(void)
{
	struct err err = { .arena = NULL };
	struct sandbox s = { .role = SANDBOX_WEB, .dir = "/nonexistent/tocsin" };

	return !sandbox_enter(&s, &err) && err.fault == FAULT_SANDBOX ? 0 : EINVAL;
}

int
main(void)
{
	prepare();
	web_can();
	web_cannot();
	web_files();
	keys_hidden();
	keeper_rights();
	parent_rights();
	nursery_rights();
	sieve_rights();
	archivist_rights();
	courier_rights();
	porter_rights();
	if (sandbox_landlock_abi())
		is_int(within(SANDBOX_PARENT, confine_to_nothing), 0, "a directory that is not there: a fault, no half of a confinement");
	else
		tap_skip("a directory that is not there", "this kernel has no Landlock");
	clean_up();
	return done_testing();
}
