/* The sieve, as it runs: a nursery of its own, asked as web asks through the parent. */
#include "daemon/sieve.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "tap.h"

#define ALL_PATIENCE 60000               /* milliseconds; a test that needs them has failed */

static struct sieve_line *line;
static int web[2];                       /* 0: the parent's end, 1: web's */
static struct arena *a;

/* What the parent's loop does, until web has an answer. */
static bool
answered(struct message *ret_message)
{
	for (;;) {
		struct pollfd fds[2] = {
			{ .fd = web[1], .events = POLLIN }, { .fd = sieve_line_fd(line), .events = POLLIN },
		};
		int status;
		pid_t pid;

		if (poll(fds, 2, ALL_PATIENCE) == 0)
			return false;
		if (fds[0].revents)
			return channel_receive(web[1], "parent", ret_message) == 1;
		if (fds[1].revents)
			sieve_line_hear(line, web[0]);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			sieve_line_ended(line, pid, status, web[0]);
	}
}

static void
ask(int64_t id, struct str input)
{
	struct message m = { .type = MSG_SIEVE, .u.job = { .id = id, .bytes = (int64_t)input.n, .work = SIEVE_PAPER } };

	m.fd = channel_memory("job", input.p, input.n);
	sieve_line_ask(line, &m, web[0], web, 0);
}

/* The pages of the PDF that came, as text of bytes; "" when none came. */
static struct str
paper(const struct message *m)
{
	const char *p;
	struct str pdf = STR("");

	if (m->type != MSG_SIEVED)
		return pdf;
	p = channel_map(m->fd, m->u.job.bytes);
	if (p)
		pdf = arena_dup(a, (struct str){ p, (size_t)m->u.job.bytes });
	channel_unmap(p, m->u.job.bytes);
	close(m->fd);
	return pdf;
}

static struct str
document(struct str text)
{
	struct value *d = value_map(a), *parts, *part;

	map_str(a, d, "lang", STR("zh-TW"));
	map_str(a, d, "title", STR("資安事件通報單"));
	map_str(a, d, "number", STR("FIN-2026-000001"));
	map_str(a, d, "marking", STR("TLP:AMBER"));
	map_str(a, d, "foot", STR("第 {page} 頁，共 {pages} 頁"));
	parts = map_list(a, d, "parts");
	part = list_add(parts, value_map(a));
	map_str(a, part, "kind", STR("text"));
	map_str(a, part, "text", text);
	return json_text(a, d);
}

static bool
prints(int64_t id, struct str text)
{
	struct message m = { .fd = -1 };
	struct str pdf;

	ask(id, document(text));
	if (!answered(&m))
		return false;
	pdf = paper(&m);
	return str_starts(pdf, STR("%PDF-1.")) && str_has(pdf, STR("%%EOF"));
}

static int
failure(int64_t id, struct str input)
{
	struct message m = { .fd = -1 };

	ask(id, input);
	if (!answered(&m) || m.type != MSG_NOT_SIEVED || m.u.no_job.id != id)
		return -1;
	return m.u.no_job.why;
}

/* What the sieve's libraries have said on standard error, which is a file here. */
static int64_t
complaints(void)
{
	return lseek(STDERR_FILENO, 0, SEEK_CUR);
}

/* Each block of Unicode once: whatever the fonts do, nothing is opened that would be refused. */
static void
test_all_letters(void)
{
	struct buf b = { .arena = a };

	for (int32_t c = 0x20; c < 0x30000; c += c < 0x3000 ? 0x10 : 0x80)
		if (c < 0xd800 || c > 0xdfff)
			buf_code(&b, c);
	buf_put(&b, STR("👩‍💻🇹🇼☎️ العربية עברית ไทย हिन्दी 한국어 \xe2\x80\xae" "abc\xe2\x80\xac 𠮷"));
	ok(prints(1, buf_str(&b)), "letters of every script are printed, or shown to be missing");
	is_int(complaints(), 0, "and no library complains");
	ok(prints(2, STR("")), "so is nothing");
	ok(prints(3, STR("a\tb\n\nc\r\x01")), "and controls");
}

static void
test_nonsense(void)
{
	is_int(failure(10, STR("no JSON")), SIEVE_REFUSED, "what is no JSON is refused");
	is_int(failure(11, STR("{}")), SIEVE_REFUSED, "so is a document without parts");
	is_int(failure(12, STR("[]")), SIEVE_REFUSED, "what is no document");
	is_int(failure(13, STR("{\"parts\":[{\"kind\":\"film\"}]}")), SIEVE_REFUSED, "a part of an unknown kind");
	is_int(failure(14, STR("{\"parts\":[1,null,[]]}")), SIEVE_REFUSED, "parts that are none");
	ok(prints(15, STR("after it")), "the next one is printed");
}

/* So long a text takes more memory, pages or time than there is. */
static void
test_too_much(void)
{
	size_t n = (size_t)48 << 20;
	char *p = arena_raw(a, n);
	int why;

	memset(p, 'a', n);
	why = failure(20, document((struct str){ p, n }));
	ok(why == SIEVE_BROKEN || why == SIEVE_SLOW || why == SIEVE_REFUSED, "what takes too much ends, and is told");
	ok(prints(21, STR("after it")), "the next one is printed");
}

static void
test_crowd(void)
{
	int done = 0, busy = 0, other = 0;

	for (int i = 0; i < 100; i++)
		ask(100 + i, document(STR("一份")));
	for (int i = 0; i < 100; i++) {
		struct message m = { .fd = -1 };

		if (!answered(&m))
			break;
		if (paper(&m).n)
			done++;
		else if (m.type == MSG_NOT_SIEVED && m.u.no_job.why == SIEVE_BUSY)
			busy++;
		else
			other++;
	}
	ok(done >= 2 && done + busy == 100 && other == 0, "of a hundred at once each is printed or told to come again");
}

static pid_t
nursery(void)
{
	char path[64];
	FILE *f;
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return pid;
}

static void
test_death(void)
{
	pid_t pid = nursery();
	struct message m = { .fd = -1 };

	ask(200, document(STR("為誰")));
	ok(pid > 0 && kill(pid, SIGKILL) == 0, "the nursery is killed");
	ok(answered(&m) && m.type == MSG_NOT_SIEVED && m.u.no_job.why == SIEVE_BROKEN, "who waits is told");
	while (waitpid(pid, NULL, 0) == pid)
		sieve_line_ended(line, pid, 0, web[0]);
	sieve_line_watch(line, web[0]);
	ok(prints(202, STR("again")), "another takes its place");
}

/* A web process that is new gets no answers to what the old one asked. */
static void
test_forgotten(void)
{
	struct message m = { .fd = -1 };

	ask(300, document(STR("舊")));
	sieve_line_forget(line);
	ask(301, document(STR("新")));
	ok(answered(&m) && m.type == MSG_SIEVED && m.u.job.id == 301, "only what was asked since");
	close(m.fd);
}

int
main(void)
{
	a = arena_new();
	if (dup2(memfd_create("stderr", 0), STDERR_FILENO) != STDERR_FILENO)
		return 1;
	line = sieve_line_new();
	if (!ok(channel_pair(web), "a pair of sockets"))
		return done_testing();
	is_int(sieve_line_fd(line), -1, "nothing runs before it is asked");
	test_all_letters();
	test_nonsense();
	test_too_much();
	test_crowd();
	test_death();
	test_forgotten();
	sieve_line_stop(line);
	arena_free(a);
	return done_testing();
}
