/* The inner process: TLS and HTTP over connections that it is handed. */
#include "daemon/courier.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/sandbox.h"
#include "desk/courier.h"

#define PATIENCE_MS 20000L               /* for all of it */
#define PORTER_TIME (15 * SECOND)        /* for a connection, names looked up and all */

struct trip {
	struct arena *a;
	struct place place;
	int porter;
	struct buf answer;
	bool too_long;
	char words[sizeof(((struct msg_no_errand *)0)->words)];
};

static void
say(struct trip *t, const char *words)
{
	struct str s = str_first(str_c(words), sizeof(t->words) - 1);

	memset(t->words, 0, sizeof(t->words));
	if (s.n)
		memcpy(t->words, s.p, utf8_sound(s));
}

/* Stops where nobody says so much. */
static size_t
take(char *p, size_t one, size_t n, void *arg)
{
	struct trip *t = arg;

	t->too_long = t->answer.n + n > COURIER_BODY_MAX;
	if (t->too_long)
		return 0;
	buf_put(&t->answer, (struct str){ p, one * n });
	return one * n;
}

/* The porter's answer to this question: a connection, or -1 with the words. What comes too late for an earlier one is let go. */
static int
hear_porter(struct trip *t, int64_t id)
{
	int64_t until = clock_monotonic() + PORTER_TIME, left;
	struct pollfd fd = { .fd = t->porter, .events = POLLIN };
	struct message m;

	while ((left = until - clock_monotonic()) > 0 && poll(&fd, 1, (int)(left / 1000) + 1) == 1 &&
	    channel_receive(t->porter, "porter", &m) == 1) {
		if (m.type == MSG_CONNECTED && m.u.connected.id == id)
			return m.fd;
		if (m.type == MSG_CONNECTED)
			close(m.fd);
		if (m.type == MSG_NOT_CONNECTED && m.u.not_connected.id == id) {
			say(t, m.u.not_connected.words);
			return -1;
		}
	}
	say(t, "no connection in time");
	return -1;
}

/* In place of curl's own socket. */
static curl_socket_t
connection(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	static int64_t asked;
	struct trip *t = arg;
	struct msg_connect ask = { .id = ++asked, .port = t->place.port };
	int fd;

	(void)address;
	if (purpose != CURLSOCKTYPE_IPCXN || t->place.host.n >= sizeof(ask.host))
		return CURL_SOCKET_BAD;
	memcpy(ask.host, t->place.host.p, t->place.host.n);
	fd = channel_send(t->porter, MSG_CONNECT, &ask) ? hear_porter(t, ask.id) : -1;
	return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

static int
is_connected(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* So that curl looks up no name: the address is the porter's business. */
static struct curl_slist *
no_lookup(struct trip *t)
{
	bool six = memchr(t->place.host.p, ':', t->place.host.n) != NULL;

	return curl_slist_append(NULL, arena_printf(t->a, "%s%.*s%s:%d:127.0.0.1", six ? "[" : "",
	    STR_FMT(t->place.host), six ? "]" : "", t->place.port).p);
}

static void
prepare(CURL *curl, struct trip *t, const char *url, struct str body, struct str ca)
{
	struct curl_blob trusted = { .data = (void *)(uintptr_t)ca.p, .len = ca.n, .flags = CURL_BLOB_NOCOPY };

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &trusted);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, PATIENCE_MS);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "tocsin");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.p);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.n);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, connection);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, is_connected);
}

/* The status of the answer; 0: there is none, and t->words say why. */
static long
post(CURL *curl, struct trip *t, const char *url, struct str body, struct str ca)
{
	struct curl_slist *heads = curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8");
	struct curl_slist *known = no_lookup(t);
	char why[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode code;

	heads = curl_slist_append(heads, "Expect:");
	prepare(curl, t, url, body, ca);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, heads);
	curl_easy_setopt(curl, CURLOPT_RESOLVE, known);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	else if (t->too_long)
		say(t, "the answer is too long");
	else if (!t->words[0])
		say(t, why[0] ? why : curl_easy_strerror(code));
	curl_slist_free_all(heads);
	curl_slist_free_all(known);
	return status;
}

static void
answer(int channel, struct trip *t, int64_t id, long status)
{
	struct msg_errand_done done = { .id = id, .status = (int32_t)status };
	struct msg_no_errand failed = { .id = id };
	bool sent = false;
	int fd = -1;

	if (status >= 100 && status <= 599) {
		buf_char(&t->answer, '\0');
		done.bytes = (int64_t)t->answer.n;
		fd = channel_memory("answer", t->answer.p, t->answer.n);
		if (fd < 0)
			say(t, "no memory for the answer");
	}
	if (fd >= 0) {
		sent = channel_pass(channel, MSG_ERRAND_DONE, &done, fd);
		close(fd);
	} else {
		if (!t->words[0])
			say(t, "no answer of HTTP");
		memcpy(failed.words, t->words, sizeof(failed.words));
		sent = channel_send(channel, MSG_ERRAND_FAILED, &failed);
	}
	if (!sent)
		log_line(LOG_WARN, "courier: an answer could not be sent");
}

struct serving {
	CURL *curl;
	int channel, porter;
	struct str ca;
};

static void
go(const struct serving *s, const struct message *m)
{
	const struct msg_errand *e = &m->u.errand;
	const char *p = channel_map(m->fd, e->bytes);
	struct arena *a = arena_new();
	struct trip t = { .a = a, .porter = s->porter, .answer.arena = a };
	struct str body;
	long status = 0;

	if (!p || !place_read(str_c(e->url), &t.place)) {
		say(&t, "no errand");
	} else {
		body = arena_dup(a, (struct str){ p, (size_t)e->bytes });
		status = post(s->curl, &t, e->url, body, s->ca);
	}
	channel_unmap(p, e->bytes);
	close(m->fd);
	answer(s->channel, &t, e->id, status);
	arena_free(a);
}

static int
hear(void *arg, const struct message *m)
{
	if (m->type == MSG_ERRAND_JOB)
		go(arg, m);
	return 0;
}

int
courier_serve(int channel, int porter, struct str ca)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct sandbox rights = { .role = SANDBOX_COURIER };
	struct serving serving = { .channel = channel, .porter = porter, .ca = ca };

	prctl(PR_SET_NAME, "tocsin-courier");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	/* all that libraries want to open they open now */
	curl_global_init(CURL_GLOBAL_ALL);
	serving.curl = curl_easy_init();
	if (!serving.curl || !sandbox_enter(&rights, &err)) {
		log_err(LOG_ERROR, "the courier cannot start", &err);
		return 1;
	}
	return channel_serve(channel, "courier", "parent", hear, &serving);
}
