/* The courier at the porter's door: an answer that comes too late is no answer to the next question. */
#include "daemon/courier.c"

#include <stdlib.h>

#include "tap.h"

static struct trip
trip_of(struct arena *a, int porter)
{
	return (struct trip){ .a = a, .porter = porter, .answer.arena = a };
}

/* The other end of a pipe comes along with MSG_CONNECTED; closed: whoever has the descriptor let go of it. */
static int
send_connection(int door, int64_t id)
{
	struct msg_connected m = { .id = id };
	int ends[2];

	if (pipe(ends) != 0 || !channel_pass(door, MSG_CONNECTED, &m, ends[1]))
		abort();
	close(ends[1]);
	return ends[0];
}

static bool
is_let_go(int end)
{
	struct pollfd fd = { .fd = end, .events = POLLIN };

	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLHUP);
}

static void
test_late(struct arena *a, int porter, int door)
{
	struct msg_not_connected late = { .id = 1, .words = "too late" };
	struct trip t = trip_of(a, porter);
	int stale, right, fd;

	stale = send_connection(door, 1);
	channel_send(door, MSG_NOT_CONNECTED, &late);
	right = send_connection(door, 2);
	fd = hear_porter(&t, 2);
	ok(fd >= 0 && t.words[0] == '\0', "the connection that was asked for");
	ok(is_let_go(stale), "the one that came too late is let go");
	ok(!is_let_go(right), "and is not the one that is used");
	close(fd);
	ok(is_let_go(right), "which is ours alone");
	close(stale);
	close(right);
}

static void
test_refused(struct arena *a, int porter, int door)
{
	struct msg_not_connected late = { .id = 2, .words = "too late" }, now = { .id = 3, .words = "no route" };
	struct trip t = trip_of(a, porter);

	channel_send(door, MSG_NOT_CONNECTED, &late);
	channel_send(door, MSG_NOT_CONNECTED, &now);
	ok(hear_porter(&t, 3) == -1, "no connection");
	is_str(str_c(t.words), "no route", "and why");
}

static void
test_gone(struct arena *a, int porter, int door)
{
	struct trip t = trip_of(a, porter);

	close(door);
	ok(hear_porter(&t, 4) == -1, "a porter that is gone");
	is_str(str_c(t.words), "no connection in time", "is told of");
}

int
main(void)
{
	struct arena *a = arena_new();
	int ends[2];

	if (!channel_pair(ends))
		abort();
	test_late(a, ends[0], ends[1]);
	test_refused(a, ends[0], ends[1]);
	test_gone(a, ends[0], ends[1]);
	close(ends[0]);
	arena_free(a);
	return done_testing();
}
