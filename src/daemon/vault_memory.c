#include "daemon/vault_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/time.h"

#define MEMORY_FILE "signed"
#define MEMORY_HEAD "tocsin-keeper/1\n"
#define MEMORY_MAX 65536

static bool
write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t k = write(fd, s.p, s.n);

		if (k < 0 && errno != EINTR)
			return false;
		if (k > 0)
			s = str_from(s, (size_t)k);
	}
	return fsync(fd) == 0;
}

bool
vault_file_write(int dir, const char *name, struct str content, bool fresh, struct err *err)
{
	char beside[300];
	bool ok;
	int fd;

	if (fresh && faccessat(dir, name, F_OK, 0) == 0)
		return err_setf(err, FAULT_EXISTS, "keys/%s", name);
	snprintf(beside, sizeof(beside), "%.250s.new", name);
	unlinkat(dir, beside, 0);
	fd = openat(dir, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_setf(err, FAULT_FILE, "keys/%s: %s", beside, strerror(errno));
	ok = write_all(fd, content);
	close(fd);
	ok = ok && renameat(dir, beside, dir, name) == 0 && fsync(dir) == 0;
	if (!ok) {
		err_setf(err, FAULT_FILE, "keys/%s: %s", name, strerror(errno));
		unlinkat(dir, beside, 0);
	}
	return ok;
}

struct vault_last *
vault_memory_of(struct vault_memory *m, const char *origin)
{
	struct vault_last *last;

	for (int i = 0; i < m->n; i++)
		if (!strcmp(m->logs[i].origin, origin))
			return &m->logs[i];
	if (m->n == VAULT_LOGS_MAX)
		return NULL;
	last = &m->logs[m->n++];
	*last = (struct vault_last){ .time = NO_TIME };
	snprintf(last->origin, sizeof(last->origin), "%s", origin);
	return last;
}

static void
put_sum(struct buf *b)
{
	struct sha256 sum = sha256(buf_str(b));
	struct str digits = hex(b->arena, (struct str){ (const char *)sum.b, sizeof(sum.b) });

	buf_printf(b, "sum %.*s\n", STR_FMT(digits));
}

bool
vault_memory_save(int dir, const struct vault_memory *m, struct err *err)
{
	struct arena *a = arena_new();
	struct buf b = { .arena = a };
	bool ok;

	buf_printf(&b, MEMORY_HEAD "origin %s\n%s%s", m->origin, m->made[0] ? "made log\n" : "",
	    m->made[1] ? "made witness\n" : "");
	for (int i = 0; i < m->n; i++) {
		const struct vault_last *l = &m->logs[i];

		if (l->time != NO_TIME)
			buf_printf(&b, "signed %s %lld %lld %.*s\n", l->origin, (long long)l->size, (long long)l->time,
			    STR_FMT(hex(a, (struct str){ (const char *)l->root, sizeof(l->root) })));
	}
	put_sum(&b);
	ok = vault_file_write(dir, MEMORY_FILE, buf_str(&b), false, err);
	arena_free(a);
	return ok;
}

static bool
text_into(char *to, size_t room, struct str s)
{
	if (s.n >= room)
		return false;
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return true;
}

static bool
read_last(struct vault_memory *m, struct str line, struct arena *a)
{
	struct vault_last *l = &m->logs[m->n];
	struct str origin, size, time, root;

	if (m->n == VAULT_LOGS_MAX || !str_split(&line, ' ', &origin) || !str_split(&line, ' ', &size) ||
	    !str_split(&line, ' ', &time) || !str_int(size, &l->size) || !str_int(time, &l->time) ||
	    !hex_decode(a, line, &root) || root.n != sizeof(l->root) ||
	    !text_into(l->origin, sizeof(l->origin), origin))
		return false;
	memcpy(l->root, root.p, root.n);
	m->n++;
	return true;
}

static bool
read_memory(struct vault_memory *m, struct str text, struct arena *a)
{
	struct buf expected = { .arena = a };
	struct str line, body;

	/* The last line is the digest of all before it. */
	if (text.n < 69 || !str_starts(text, STR(MEMORY_HEAD)))
		return false;
	body = str_first(text, text.n - 69);
	buf_put(&expected, body);
	put_sum(&expected);
	if (!str_eq(buf_str(&expected), text))
		return false;
	body = str_from(body, sizeof(MEMORY_HEAD) - 1);
	while (str_split(&body, '\n', &line)) {
		bool ok = true;

		if (str_starts(line, STR("origin ")))
			ok = text_into(m->origin, sizeof(m->origin), str_from(line, 7));
		else if (str_is(line, "made log"))
			m->made[0] = true;
		else if (str_is(line, "made witness"))
			m->made[1] = true;
		else if (str_starts(line, STR("signed ")))
			ok = read_last(m, str_from(line, 7), a);
		else
			ok = line.n == 0;
		if (!ok)
			return false;
	}
	return true;
}

bool
vault_memory_load(int dir, struct vault_memory *ret_memory, struct err *err)
{
	int fd = openat(dir, MEMORY_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), failed = errno;
	struct arena *a;
	char *text;
	ssize_t n;
	bool ok;

	*ret_memory = (struct vault_memory){ .n = 0 };
	if (fd < 0)
		return failed == ENOENT || err_setf(err, FAULT_FILE, "keys/" MEMORY_FILE ": %s", strerror(failed));
	a = arena_new();
	text = arena_raw(a, MEMORY_MAX);
	n = read(fd, text, MEMORY_MAX);
	close(fd);
	ok = n > 0 && n < MEMORY_MAX && read_memory(ret_memory, (struct str){ text, (size_t)n }, a);
	arena_free(a);
	return ok || err_setf(err, FAULT_FILE, "keys/" MEMORY_FILE " is damaged; what was signed last is not known");
}
