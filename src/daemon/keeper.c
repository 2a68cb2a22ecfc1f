/*
 * The keeper: holds the keys and signs what its vault allows. It reads nothing but the parent's messages, has
 * no network, and of all files only those below <data>/keys and what the token's module was given.
 *
 * There are two processes. The outer one is started before the parent gives up its rights; run by root it
 * becomes the keeper's user. It reads nothing, and starts the inner one again when that ends before its time, or
 * because its token is lost.
 */
#include "daemon/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/processes.h"
#include "daemon/sandbox.h"
#include "daemon/token.h"
#include "desk/keys.h"

#define PAUSE_MS 10000                   /* between two tries when it keeps ending */
#define QUICK (5 * SECOND)
#define RENEW_AFTER (5 * SECOND)        /* of a token that is lost: what is there now may be out of this process's reach */
#define RENEWED 3                        /* it ended so that another begins */

/* ---- the vault of the settings ---- */

static bool
load_token(const struct conf *c, struct token **ret_token, struct err *err)
{
	struct arena *a = err->arena;

	*ret_token = NULL;
	return !conf_text(c, SET_token_module).n || token_load(arena_c(a, conf_text(c, SET_token_module)),
	    arena_c(a, conf_text(c, SET_token_label)), arena_c(a, conf_text(c, SET_token_pin_file)), ret_token, err);
}

static bool
open_vault(const struct conf *c, bool look, struct keeping *k, struct err *err)
{
	struct vault_options o = { .dir = k->dir, .token = k->token, .look = look, .quiet = k->renewed, .no_token = k->no_token };

	o.object = arena_c(err->arena, conf_text(c, SET_token_object));
	return vault_open(&o, &k->vault, err);
}

bool
keeping_open(const struct conf *c, bool create, bool look, struct keeping *ret_keeping, struct err *err)
{
	struct keeping k = { .dir = vault_directory(arena_c(err->arena, conf_text(c, SET_data)), create, err) };

	if (k.dir < 0)
		return false;
	if (!load_token(c, &k.token, err) || !open_vault(c, look, &k, err)) {
		keeping_close(&k);
		return false;
	}
	*ret_keeping = k;
	return true;
}

void
keeping_close(struct keeping *k)
{
	vault_close(k->vault);
	token_unload(k->token);
	if (k->dir >= 0)
		close(k->dir);
}

static struct vault *own_vault;

static void
ask_own(const struct signer_ask *ask, struct signer_said *ret_said)
{
	vault_answer(own_vault, ask, ret_said);
}

void
keeping_answers(struct keeping *k)
{
	own_vault = k->vault;
	signer_set(ask_own);
}

bool
keeping_first_keys(const struct conf *c, struct store *st, struct arena *a, struct err *err)
{
	struct keeping k;
	bool ok = keeping_open(c, true, false, &k, err);

	if (!ok)
		return false;
	keeping_answers(&k);
	ok = keys_first(st, a, err);
	keeping_close(&k);
	own_vault = NULL;
	return ok;
}

/* ---- the inner process ---- */

static void
answer(const struct conf *c, struct keeping *k, int channel, const struct msg_ask *asked)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct msg_said said = { .ticket = asked->ticket };
	struct str detail;

	/* What was wrong with the directory may have been put right meanwhile. */
	if (k->vault || open_vault(c, false, k, &err)) {
		vault_answer(k->vault, &asked->ask, &said.said);
	} else {
		detail = str_first(err.detail, sizeof(said.said.detail) - 1);
		said.said.fault = (int32_t)err.fault;
		if (detail.n)
			memcpy(said.said.detail, detail.p, utf8_sound(detail));
	}
	if (!channel_send(channel, MSG_KEEPER_SAID, &said))
		log_line(LOG_WARN, "keeper: an answer could not be sent");
	arena_free(a);
}

/*
 * The token is lost. That its directory is another than the one that this process may touch, its module was not there,
 * or remembers what is no longer so, would not mend itself.
 */
static bool
wants_renewal(const struct conf *c, const struct keeping *k, int64_t begun)
{
	return conf_text(c, SET_token_module).n && (!k->token || token_lost(k->token)) && clock_monotonic() - begun >= RENEW_AFTER;
}

struct serving {
	const struct conf *c;
	struct keeping *k;
	int channel;
	int64_t begun;
};

static int
hear(void *arg, const struct message *m)
{
	const struct serving *s = arg;

	if (m->type == MSG_KEEPER_ASKED)
		answer(s->c, s->k, s->channel, &m->u.ask);
	return wants_renewal(s->c, s->k, s->begun) ? RENEWED : 0;
}

static int
inner(const struct conf *c, int dir, int channel, bool renewed)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct str paths = conf_text(c, SET_token_files), pin = conf_text(c, SET_token_pin_file);
	struct keeping k = { .dir = dir, .renewed = renewed };
	struct sandbox rights = { .role = SANDBOX_KEEPER, .dir_fd = dir };
	struct serving serving = { .c = c, .k = &k, .channel = channel };
	int status = 1;

	prctl(PR_SET_NAME, "tocsin-keeper");
	if (!load_token(c, &k.token, &err)) {
		k.no_token = arena_c(a, err.detail);
		log_err(renewed ? LOG_DEBUG : LOG_ERROR, "keeper", &err);
	}
	rights.local_sockets = k.token != NULL;
	if (k.token)
		rights.paths = arena_printf(a, "%.*s:%.*s", STR_FMT(pin), STR_FMT(paths));
	err = (struct err){ .arena = a };
	if (!sandbox_enter(&rights, &err)) {
		log_err(LOG_ERROR, "the keeper cannot start", &err);
	} else {
		if (!open_vault(c, false, &k, &err))
			log_err(LOG_ERROR, "keeper", &err);
		serving.begun = clock_monotonic();
		status = channel_serve(channel, "keeper", "parent", hear, &serving);
	}
	keeping_close(&k);
	arena_free(a);
	return status;
}

/* ---- the outer process ---- */

/* The keeper's user has what lies in its directory; what root put there becomes his. */
static bool
hand_over(int dir, const struct passwd *user)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	bool ok = d && fchown(dir, user->pw_uid, user->pw_gid) == 0;
	struct dirent *e;
	struct stat st;

	while (ok && (e = readdir(d)))
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0)
			ok = fchownat(dir, e->d_name, user->pw_uid, user->pw_gid, AT_SYMLINK_NOFOLLOW) == 0;
	if (d)
		closedir(d);
	return ok;
}

/* Root becomes the keeper's user, if there is one. */
static bool
become_user(const struct conf *c, int dir, struct err *err)
{
	const char *name = arena_c(err->arena, conf_text(c, SET_keeper_user));
	const struct passwd *user;

	if (geteuid() != 0 || !name[0])
		return true;
	user = getpwnam(name);
	if (!user) {
		log_line(LOG_DEBUG, "there is no user %s; the keeper stays who it is", name);
		return true;
	}
	if (!hand_over(dir, user) || setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0 ||
	    geteuid() == 0)
		return err_setf(err, FAULT_SANDBOX, "the keeper cannot become %s: %s", name, strerror(errno));
	return true;
}

/* True when the parent has gone: nobody reads what is said. */
static bool
gone(int channel, int wait_ms)
{
	struct pollfd fd = { .fd = channel };

	return poll(&fd, 1, wait_ms) > 0 && (fd.revents & (POLLHUP | POLLERR));
}

static int
outer(const struct conf *c, int channel)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct str clock = conf_text(c, SET_test_clock);
	int dir = vault_directory(arena_c(a, conf_text(c, SET_data)), true, &err), status;
	bool renewed = false;

	prctl(PR_SET_NAME, "tocsin-keeper/0");
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (dir < 0 || (clock.n && !clock_follow(arena_c(a, clock))) || !become_user(c, dir, &err)) {
		log_err(LOG_ERROR, "the keeper cannot start", &err);
		return 1;
	}
	for (;;) {
		int64_t begun = clock_monotonic();
		pid_t pid = fork();

		if (pid == 0)
			_exit(inner(c, dir, channel, renewed));
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		if (gone(channel, 0))
			return 0;
		renewed = WIFEXITED(status) && WEXITSTATUS(status) == RENEWED;
		if (renewed)
			continue;
		log_line(LOG_ERROR, WIFSIGNALED(status) ? "the keeper was ended by signal %d; it is started again" :
		    "the keeper ended with status %d; it is started again",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		if (clock_monotonic() - begun < QUICK && gone(channel, PAUSE_MS))
			return 0;
	}
}

bool
keeper_start(const struct conf *c, const int *close_first, int n, int *ret_channel, int64_t *ret_pid)
{
	return process_start(outer, c, close_first, n, ret_channel, ret_pid);
}

struct msg_said
keeper_absent(int64_t ticket)
{
	return (struct msg_said){ .ticket = ticket,
		.said = { .fault = FAULT_KEEPER, .detail = "the keeper does not run" } };
}
