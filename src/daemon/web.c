/* The web process: opens the database, gives up its rights, answers HTTP until it is told to stop. */
#include "daemon/processes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/channel.h"
#include "daemon/courier.h"
#include "daemon/keeper.h"
#include "daemon/sandbox.h"
#include "daemon/sieve.h"
#include "daemon/timers.h"
#include "desk/checkpoints.h"
#include "desk/envoy.h"
#include "desk/health.h"
#include "desk/identity.h"
#include "http/server.h"
#include "site/site.h"
#include "store/audit.h"
#include "store/nodes.h"

#define HEARTBEAT SECOND

static volatile sig_atomic_t told_to_stop;

static void
on_terminate(int signal_number)
{
	(void)signal_number;
	told_to_stop = 1;
}

/* Says why it cannot start; the parent tells the person at the terminal. */
static int
cannot_start(int channel, const struct err *err)
{
	struct msg_failed m = { .fault = (int32_t)err->fault };
	struct str detail = str_first(err->detail, sizeof(m.detail) - 1);

	if (detail.n)
		memcpy(m.detail, detail.p, utf8_sound(detail));
	if (!channel_send(channel, MSG_FAILED, &m))
		log_err(LOG_ERROR, "the web process cannot start", err);
	return 1;
}

static int32_t
port_of(int listener)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);

	if (getsockname(listener, (struct sockaddr *)&a, &n) != 0)
		return 0;
	return a.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&a)->sin6_port) : ntohs(((struct sockaddr_in *)&a)->sin_port);
}

/* What nodes remember of the database, another of them changed; or one wants a checkpoint. */
static void
on_change(enum topic topic)
{
	if (topic == TOPIC_IDENTITY)
		identity_forget();
	else
		checkpoint_asked();
}

static bool
print(struct arena *a, const struct value *document, struct str *ret_pdf, struct err *err)
{
	struct buf text = { .arena = a };

	json_write(&text, document);
	return sieve_ask(SIEVE_PAPER, buf_str(&text), a, ret_pdf, err);
}

/* ---- backups, as the parent tells of them ---- */

static bool
record_backup(struct tx *tx, void *arg, struct err *err)
{
	const struct msg_backup *m = arg;
	bool made = m->failed_at == NO_TIME;
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);

	if (made) {
		map_str(a, v, "name", str_c(m->name));
		map_int(a, v, "bytes", m->bytes);
		map_int(a, v, "records", m->records);
		map_str(a, v, "sha256", hex(a, (struct str){ (const char *)m->digest, sizeof(m->digest) }));
	} else {
		map_str(a, v, "fault", str_c(fault_code((enum fault)m->fault)));
		map_str(a, v, "detail", str_c(m->detail));
	}
	return audit_append(tx, &(struct audit){ .action = made ? "store.backup" : "store.backup_failed", .entity = "",
	    .details = v }, err);
}

static void
on_backup(struct store *st, struct msg_backup *m)
{
	struct backup_news news = { .at = m->at, .newest_at = m->newest_at, .bytes = m->newest_bytes,
		.failed_at = m->failed_at, .count = m->count, .fault = m->fault };
	struct arena *a = arena_new();
	struct err err = { .arena = a };

	memcpy(news.detail, m->detail, sizeof(news.detail));
	health_backup_set(&news);
	if (m->seq && !store_write(st, a, record_backup, m, &err))
		log_err(LOG_WARN, "the trail does not say that a backup was made", &err);
	arena_free(a);
}

/* Takes what came from the parent. False: it is time to stop. */
static bool
listen_to_parent(struct store *st, int channel)
{
	struct message m;
	int got;

	while ((got = channel_receive(channel, "parent", &m)) == 1) {
		if (m.type == MSG_STOP)
			return false;
		if (m.type == MSG_KEEPER_ANSWER)
			keeper_answered(&m.u.said);
		else if (m.type == MSG_BACKUP)
			on_backup(st, &m.u.backup);
		else if (!courier_answered(&m))
			sieve_answered(&m);
	}
	return got == -1;
}

/* Until SIGTERM or the parent's word; beats once a second. */
static void
heart(struct store *st, int channel)
{
	struct msg_alive alive = { .count = 0 };
	int64_t beat = 0;

	while (!told_to_stop) {
		struct pollfd fd = { .fd = channel, .events = POLLIN };
		int64_t rest = beat + HEARTBEAT - clock_monotonic();

		poll(&fd, 1, rest > 0 ? (int)(rest / 1000) + 1 : 0);
		if (fd.revents && !listen_to_parent(st, channel))
			return;
		if (clock_monotonic() < beat + HEARTBEAT)
			continue;
		beat = clock_monotonic();
		alive.count++;
		if (timers_alive() && !channel_send(channel, MSG_ALIVE, &alive))
			log_line(LOG_DEBUG, "the parent reads slowly");
	}
}

static struct server_options
http_options(const struct conf *c, int listener, struct store *st)
{
	return (struct server_options){
		.socket = listener,
		.threads = (int)conf_int(c, SET_threads),
		.store = st,
		.hooks = site_hooks(),
		.zone = zone_find(conf_text(c, SET_zone)),
		.body_limit = (size_t)conf_int(c, SET_body_kib) * 1024,
		/* a form with a file: the file, and room for the rest of the form */
		.body_limit_max = ((size_t)conf_int(c, SET_form_mib) << 20) + (64 << 10),
		.header_limit = (int)conf_int(c, SET_header_kib) * 1024,
		.idle_seconds = (int)conf_int(c, SET_idle_seconds),
		.request_seconds = (int)conf_int(c, SET_request_seconds),
		.connections_max = (int)conf_int(c, SET_connections),
		/* all of a proxy's connections come from one address */
		.per_address_max = (int)conf_int(c, conf_int(c, SET_behind_proxy) ? SET_connections : SET_per_address),
		.proxy = conf_int(c, SET_behind_proxy) != 0,
		.host = conf_text(c, SET_origin).n ? conf_text(c, SET_origin) : STR_NONE,
		.metrics = conf_int(c, SET_metrics) != 0,
	};
}

/* With the port that it became, when any would do. */
static void
say_where(const struct conf *c, int port)
{
	struct endpoint e;

	if (endpoint_parse(conf_text(c, SET_listen), &e))
		log_line(LOG_INFO, e.v6 ? "serving on [%s]:%d" : "serving on %s:%d", e.host, port);
}

/* A file that the database wants to find when it can make none any more. */
static bool
have_file(const struct conf *c, const char *name, struct err *err)
{
	const char *path = arena_printf(err->arena, "%.*s/%s", STR_FMT(conf_text(c, SET_data)), name).p;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	close(fd);
	return true;
}

/*
 * A migration makes copies beside the database, so it comes first; then the keys are taken out of reach, for every
 * thread that the database starts when it is opened to stay.
 */
static bool
open_confined(const struct conf *c, struct store **ret_store, struct err *err)
{
	char *dir = arena_c(err->arena, conf_text(c, SET_data));
	const struct store_reach *reach;
	struct store *st = NULL;

	if (program_reach(c, &reach, err) && reach)
		return sandbox_hide(dir, "keys", reach, err) && program_store(c, STORE_THERE, true, ret_store, err);
	if (!program_store(c, STORE_THERE, true, &st, err))
		return false;
	store_close(st);
	return have_file(c, "tocsin.db-wal", err) && have_file(c, "tocsin.db-shm", err) &&
	    sandbox_hide(dir, "keys", NULL, err) &&
	    program_store_confined(c, ret_store, err);
}

int
web_run(const struct conf *c, int listener, int channel)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct store *st = NULL;
	struct server *server = NULL;
	struct str dir = conf_text(c, SET_data);
	struct sandbox rights = { .role = SANDBOX_WEB, .dir = arena_c(a, dir) };
	struct msg_ready ready = { .port = port_of(listener) };
	struct sigaction act = { .sa_handler = on_terminate };
	struct server_options options;
	int status = 0;
	struct health_place place = { .dir = dir, .backup_dir = conf_text(c, SET_backup_dir),
		.backup_every = conf_int(c, SET_backup_every) * HOUR, .landlock = sandbox_landlock_abi() };

	health_configure(&place);
	sigaction(SIGTERM, &act, NULL);
	signal(SIGINT, SIG_IGN);         /* the terminal's: the parent decides */
	if (!program_installed(c, &err) || !program_load(c, false, &err) || !program_reach(c, &rights.reach, &err) ||
	    !sandbox_enter(&rights, &err) || !open_confined(c, &st, &err) || !timers_first(st, &err)) {
		status = cannot_start(channel, &err);
		store_close(st);
		return status;
	}
	sieve_ask_through(channel);
	site_print_with(print);
	keeper_reach(channel);
	courier_reach(channel);
	options = http_options(c, listener, st);
	store_stand(st, LEAD_TIMERS, true);
	if (!store_watch(st, on_change, &err) || !timers_start(st, &err) ||
	    !notary_start(st, conf_int(c, SET_log_interval) * SECOND, &err) || !envoy_start(st, &err) ||
	    !server_start(&options, &server, &err)) {
		status = cannot_start(channel, &err);
	} else {
		channel_send(channel, MSG_READY, &ready);
		say_where(c, ready.port);
		heart(st, channel);
		log_line(LOG_INFO, "stopping");
	}
	sieve_ask_no_more();
	keeper_leave();
	courier_leave();
	envoy_stop();
	notary_stop();
	timers_stop();
	server_stop(server);
	store_watch_end(st);
	store_close(st);
	arena_free(a);
	return status;
}
