#include "daemon/archivist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/backups.h"
#include "daemon/processes.h"
#include "daemon/sandbox.h"
#include "daemon/terminal.h"
#include "model/hold.h"

#define LOOK_EVERY MINUTE
#define RETRY_AFTER (15 * MINUTE)
#define PART ".part"

/* ---- the directory ---- */

bool
archive_look(const struct conf *c, struct arena *a, struct backup_news *ret_news)
{
	struct backup_news news = { .at = clock_now(), .newest_at = NO_TIME, .failed_at = NO_TIME };
	char *dir = arena_c(a, conf_text(c, SET_backup_dir));
	DIR *d = *dir ? opendir(dir) : NULL;
	struct dirent *e;
	struct stat s;

	if (!d)
		return false;
	while ((e = readdir(d))) {
		int64_t made = backup_name_time(str_c(e->d_name));

		if (made == NO_TIME)
			continue;
		news.count++;
		if (made <= news.newest_at)
			continue;
		news.newest_at = made;
		news.bytes = fstatat(dirfd(d), e->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 ? s.st_size : 0;
	}
	closedir(d);
	*ret_news = news;
	return true;
}

static int
newest_first(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? 1 : *x > *y ? -1 : 0;
}

/* The moment before which everything goes, so that keep stay; NO_TIME: nothing goes. */
static int64_t
oldest_kept(const char *dir, int64_t keep, struct arena *a)
{
	enum { MOST = 4096 };
	int64_t *made = arena_alloc(a, MOST * sizeof(*made));
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	while (d && n < MOST && (e = readdir(d)))
		if ((made[n] = backup_name_time(str_c(e->d_name))) != NO_TIME)
			n++;
	if (d)
		closedir(d);
	qsort(made, n, sizeof(*made), newest_first);
	return (int64_t)n > keep ? made[keep - 1] : NO_TIME;
}

/* What a killed one left; one that is being written is held by its writer. */
static void
drop_part(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(dir, name, 0);
	if (fd >= 0)
		close(fd);
}

/*
 * Only files whose names are ours. What was made before the newest standing hold was set (held; NO_TIME: none stands)
 * may be the last to have what was erased before that: it stays.
 */
static void
prune(const char *dir, int64_t keep, int64_t held, struct arena *a)
{
	int64_t oldest = oldest_kept(dir, keep, a);
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		struct str name = str_c(e->d_name);
		int64_t made = backup_name_time(name);

		if (made != NO_TIME && made < oldest && made >= held)
			unlinkat(dirfd(d), e->d_name, 0);
		else if (str_ends(name, STR(PART)) &&
		    backup_name_time(str_first(name, name.n - (sizeof(PART) - 1))) != NO_TIME)
			drop_part(dirfd(d), e->d_name);
	}
	if (d)
		closedir(d);
}

/* ---- the process ---- */

static volatile sig_atomic_t told_to_stop;

static void
on_terminate(int number)
{
	(void)number;
	told_to_stop = 1;
}

static bool
goes_on(void *arg, int64_t done, int64_t all)
{
	(void)arg;
	(void)done;
	(void)all;
	return !told_to_stop;
}

/* Said plainly, before a sandbox without a place says it its own way. */
static bool
has_place(const char *dir, struct err *err)
{
	return access(dir, R_OK | W_OK | X_OK) == 0 || err_setf(err, FAULT_FILE, "%s: %s", dir, strerror(errno));
}

/* When the newest hold that is not lifted was set; NO_TIME: there is none. */
static bool
newest_hold(struct dump *d, int64_t *ret_at, struct err *err)
{
	struct dump_column columns[] = { { .name = STR("created_at") }, { .name = STR("state") } };
	const struct dump_table t = { .name = STR("hold"), .columns = columns, .n = 2 };
	struct val v[2];
	int64_t at = NO_TIME;
	bool row, ok = dump_begin(d, &t, err);

	while (ok && (ok = dump_next(d, v, &row, err)) && row)
		if (v[1].i != HOLD_LIFTED && v[0].i > at)
			at = v[0].i;
	dump_end(d);
	if (ok)
		*ret_at = at;
	return ok;
}

static bool
make_one(const struct conf *c, const struct age_keys *keys, struct arena *a, struct msg_backup *said, int64_t *ret_held,
    struct err *err)
{
	struct str dir = conf_text(c, SET_backup_dir), name = backup_name(a, clock_now(), keys->n > 0);
	struct backup_watch watch = { goes_on, NULL };
	struct backup_made made;
	struct dump *d = NULL;
	bool ok;

	ok = dump_open(program_place(c, a), a, &d, err) && newest_hold(d, ret_held, err) &&
	    backup_write(d, arena_printf(a, "%.*s/%.*s", STR_FMT(dir), STR_FMT(name)).p, keys, &watch, a, &made, err);
	dump_close(d);
	if (!ok)
		return false;
	said->bytes = made.bytes;
	said->records = made.facts.records;
	memcpy(said->digest, made.digest.b, sizeof(said->digest));
	memcpy(said->name, name.p, name.n < sizeof(said->name) ? name.n : sizeof(said->name) - 1);
	return true;
}

static void
put_detail(char *to, size_t room, struct str detail)
{
	detail = str_first(detail, room - 1);
	if (detail.n)
		memcpy(to, detail.p, utf8_sound(detail));
}

/* The life of the process: its exit status. */
static int
archivist_run(const struct conf *c, int channel)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct msg_backup said = { .newest_at = NO_TIME, .failed_at = NO_TIME, .at = clock_now(), .seq = 1 };
	struct sigaction act = { .sa_handler = on_terminate };
	struct sandbox rights = { .role = SANDBOX_ARCHIVIST, .dir = arena_c(a, conf_text(c, SET_data)),
		.other_dir = arena_c(a, conf_text(c, SET_backup_dir)) };
	struct age_keys keys;
	int64_t held = NO_TIME;

	sigaction(SIGTERM, &act, NULL);
	signal(SIGINT, SIG_IGN);
	/* the recipients are read before the rights go; the database after that */
	if (backup_keys(arena_c(a, conf_text(c, SET_backup_recipient)), false, a, &keys, &err) &&
	    has_place(rights.other_dir, &err) && program_reach(c, &rights.reach, &err) && sandbox_enter(&rights, &err) &&
	    make_one(c, &keys, a, &said, &held, &err)) {
		said.newest_at = said.at;
		prune(rights.other_dir, conf_int(c, SET_backup_keep), held, a);
	} else {
		said.failed_at = said.at;
		said.fault = (int32_t)err.fault;
		put_detail(said.detail, sizeof(said.detail), err.detail);
	}
	channel_send(channel, MSG_BACKUP_MADE, &said);
	return err.fault != FAULT_NONE;
}

/* ---- the parent's part ---- */

void
archive_init(struct archive *v, const struct conf *c)
{
	struct arena *a = arena_new();
	struct str clock = conf_text(c, SET_test_clock);

	*v = (struct archive){ .channel = -1, .news = { .newest_at = NO_TIME, .failed_at = NO_TIME } };
	/* web says so if it cannot be followed */
	if (clock.n)
		clock_follow(arena_c(a, clock));
	arena_free(a);
}

static bool
is_due(const struct archive *v, const struct conf *c)
{
	int64_t now = clock_now();

	if (v->news.failed_at != NO_TIME && now - v->news.failed_at < RETRY_AFTER && now >= v->news.failed_at)
		return false;
	/* one of tomorrow was made by a clock that was wrong */
	return v->news.newest_at == NO_TIME || v->news.newest_at > now + HOUR ||
	    now - v->news.newest_at >= conf_int(c, SET_backup_every) * HOUR;
}

static void
start_one(struct archive *v, const struct conf *c, const int *not_its, int n)
{
	int fds[2];

	if (!channel_pair(fds))
		return;
	v->pid = fork();
	if (v->pid == 0) {
		sigset_t none;

		prctl(PR_SET_NAME, "tocsin-archive");
		close(fds[0]);
		for (int i = 0; i < n; i++)
			if (not_its[i] >= 0)
				close(not_its[i]);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		_exit(archivist_run(c, fds[1]));
	}
	close(fds[1]);
	v->channel = fds[0];
	v->heard = false;
	if (v->pid > 0)
		return;
	log_line(LOG_ERROR, "a backup cannot be started: %s", strerror(errno));
	close(fds[0]);
	v->channel = -1;
	v->pid = 0;
}

/* What lies there, with what is known of the last failure. */
static void
look(struct archive *v, const struct conf *c)
{
	struct arena *a = arena_new();
	struct backup_news before = v->news, now;
	struct str dir = conf_text(c, SET_backup_dir);

	if (archive_look(c, a, &now)) {
		v->news = now;
		v->news.failed_at = before.failed_at;
		v->news.fault = before.fault;
		memcpy(v->news.detail, before.detail, sizeof(before.detail));
	} else {
		v->news = (struct backup_news){ .at = clock_now(), .newest_at = NO_TIME, .failed_at = before.failed_at,
			.fault = FAULT_FILE };
		put_detail(v->news.detail, sizeof(v->news.detail), arena_printf(a, "%.*s: %s", STR_FMT(dir),
		    strerror(errno)));
	}
	arena_free(a);
}

bool
archive_tick(struct archive *v, const struct conf *c, const int *not_its, int n)
{
	int64_t now = clock_monotonic();

	if (!conf_text(c, SET_backup_dir).n || v->pid || now < v->look_at)
		return false;
	v->look_at = now + LOOK_EVERY;
	look(v, c);
	if (is_due(v, c))
		start_one(v, c, not_its, n);
	return true;
}

void
archive_hear(struct archive *v)
{
	struct message m;
	uint64_t seq = v->last.seq;
	int got;

	while ((got = channel_receive(v->channel, "archivist", &m)) == 1) {
		v->last = m.u.backup;
		v->last.seq = seq + 1;
		v->heard = true;
	}
	if (got == -1)
		return;
	close(v->channel);
	v->channel = -1;
}

static void
say_in_log(const struct msg_backup *m)
{
	if (m->failed_at == NO_TIME)
		log_line(LOG_INFO, "backup %s: %lld KiB, %lld audit records", m->name, (long long)(m->bytes + 1023) / 1024,
		    (long long)m->records);
	else
		log_line(LOG_ERROR, "the scheduled backup failed: %s %s", fault_code((enum fault)m->fault), m->detail);
}

bool
archive_ended(struct archive *v, const struct conf *c, pid_t pid, int status)
{
	if (!v->pid || pid != v->pid)
		return false;
	if (v->channel >= 0)
		archive_hear(v);         /* its last words */
	if (v->channel >= 0)
		close(v->channel);
	v->channel = -1;
	v->pid = 0;
	if (!v->heard) {
		v->last = (struct msg_backup){ .seq = v->last.seq + 1, .at = clock_now(), .newest_at = NO_TIME, .failed_at = clock_now(),
			.fault = FAULT_INTERNAL };
		put_detail(v->last.detail, sizeof(v->last.detail), WIFSIGNALED(status) ? STR("the process was killed") :
		    STR("the process ended"));
	}
	say_in_log(&v->last);
	v->news.failed_at = v->last.failed_at;
	v->news.fault = v->last.fault;
	memcpy(v->news.detail, v->last.detail, sizeof(v->news.detail));
	look(v, c);
	return true;
}

void
archive_stop(struct archive *v)
{
	int status;

	if (!v->pid)
		return;
	kill(v->pid, SIGTERM);
	waitpid(v->pid, &status, 0);
	v->pid = 0;
}

struct msg_backup
archive_message(const struct archive *v, bool fresh)
{
	struct msg_backup m = v->last;

	if (!fresh)
		m.seq = 0;
	m.at = v->news.at;
	m.newest_at = v->news.newest_at;
	m.failed_at = v->news.failed_at;
	m.newest_bytes = v->news.bytes;
	m.count = v->news.count;
	m.fault = v->news.fault;
	memcpy(m.detail, v->news.detail, sizeof(m.detail));
	return m;
}
