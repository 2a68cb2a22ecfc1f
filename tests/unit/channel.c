/* Messages between the processes: whatever is not exactly one of ours, from the one who may send it, is malformed. */
#include "daemon/channel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "desk/courier.h"
#include "tap.h"

#define RANDOM_CASES 200000

static const char *const senders[] = { "web", "parent", "sieve", "keeper", "archivist", "courier", "porter", "" };

static struct message
good(enum msg_type type)
{
	struct message m = { .type = type };

	switch (type) {
	case MSG_READY:
		m.length = sizeof(m.u.ready);
		m.u.ready.port = 8080;
		break;
	case MSG_ALIVE:
		m.length = sizeof(m.u.alive);
		m.u.alive.count = 1;
		break;
	case MSG_FAILED:
		m.length = sizeof(m.u.failed);
		m.u.failed.fault = FAULT_CONFIG;
		strcpy(m.u.failed.detail, "zone");
		break;
	case MSG_STOP:
		m.length = sizeof(m.u.stop);
		m.u.stop.grace_seconds = 10;
		break;
	case MSG_SIEVE:
	case MSG_SIEVE_JOB:
	case MSG_SIEVE_DONE:
	case MSG_SIEVED:
		m.length = sizeof(m.u.job);
		m.u.job = (struct msg_job){ .id = 7, .bytes = 100, .work = SIEVE_PAPER };
		break;
	case MSG_SIEVE_FAILED:
	case MSG_NOT_SIEVED:
		m.length = sizeof(m.u.no_job);
		m.u.no_job = (struct msg_no_job){ .id = 7, .why = SIEVE_SLOW };
		break;
	case MSG_BACKUP_MADE:
	case MSG_BACKUP:
		m.length = sizeof(m.u.backup);
		m.u.backup = (struct msg_backup){ .at = 1, .newest_at = 1, .count = 3, .seq = 1, .name = "x", .detail = "y" };
		break;
	case MSG_KEEPER_ASK:
	case MSG_KEEPER_ASKED:
		m.length = sizeof(m.u.ask);
		m.u.ask.ticket = 1;
		m.u.ask.ask.act = SIGNER_CHECKPOINT;
		strcpy(m.u.ask.ask.name, "cert.example");
		break;
	case MSG_KEEPER_SAID:
	case MSG_KEEPER_ANSWER:
		m.length = sizeof(m.u.said);
		m.u.said.ticket = 1;
		m.u.said.said.fault = FAULT_KEEPER;
		strcpy(m.u.said.said.detail, "no key");
		break;
	case MSG_ERRAND:
	case MSG_ERRAND_JOB:
		m.length = sizeof(m.u.errand);
		m.u.errand = (struct msg_errand){ .id = 7, .bytes = 100, .url = "https://witness.example/add-checkpoint" };
		break;
	case MSG_ERRAND_DONE:
	case MSG_ERRAND_BACK:
		m.length = sizeof(m.u.errand_done);
		m.u.errand_done = (struct msg_errand_done){ .id = 7, .bytes = 100, .status = 200 };
		break;
	case MSG_ERRAND_FAILED:
	case MSG_NO_ERRAND:
		m.length = sizeof(m.u.no_errand);
		m.u.no_errand = (struct msg_no_errand){ .id = 7, .words = "no route" };
		break;
	case MSG_CONNECT:
		m.length = sizeof(m.u.connect);
		m.u.connect = (struct msg_connect){ .id = 7, .port = 443, .host = "witness.example" };
		break;
	case MSG_CONNECTED:
		m.length = sizeof(m.u.connected);
		m.u.connected.id = 7;
		break;
	case MSG_NOT_CONNECTED:
		m.length = sizeof(m.u.not_connected);
		m.u.not_connected = (struct msg_not_connected){ .id = 7, .words = "no route" };
		break;
	case MSG__NONE:
	case MSG__MAX:
		break;
	}
	return m;
}

static size_t
size_of(const struct message *m)
{
	return offsetof(struct message, u) + m->length;
}

static bool
reads(const void *bytes, size_t n, const char *sender)
{
	struct message got;

	return message_read(bytes, n, sender, &got);
}

static const char *
sender_of(enum msg_type type)
{
	switch (type) {
	case MSG_STOP:
	case MSG_SIEVE_JOB:
	case MSG_SIEVED:
	case MSG_NOT_SIEVED:
	case MSG_BACKUP:
	case MSG_KEEPER_ASKED:
	case MSG_KEEPER_ANSWER:
	case MSG_ERRAND_JOB:
	case MSG_ERRAND_BACK:
	case MSG_NO_ERRAND:
		return "parent";
	case MSG_ERRAND_DONE:
	case MSG_ERRAND_FAILED:
	case MSG_CONNECT:
		return "courier";
	case MSG_CONNECTED:
	case MSG_NOT_CONNECTED:
		return "porter";
	case MSG_BACKUP_MADE:
		return "archivist";
	case MSG_SIEVE_DONE:
	case MSG_SIEVE_FAILED:
		return "sieve";
	case MSG_KEEPER_SAID:
		return "keeper";
	default:
		return "web";
	}
}

/* Each type: whole from its sender, from nobody else, not shorter, not longer. */
static void
test_shapes(void)
{
	bool whole = true, others = true, cut = true, longer = true, lengths = true;

	for (int t = MSG__NONE + 1; t < MSG__MAX; t++) {
		unsigned char bytes[MESSAGE_MAX + 100] = { 0 };
		struct message m = good((enum msg_type)t);

		memcpy(bytes, &m, size_of(&m));
		whole &= reads(&m, size_of(&m), sender_of((enum msg_type)t));
		for (size_t s = 0; s < sizeof(senders) / sizeof(senders[0]); s++)
			others &= !strcmp(senders[s], sender_of((enum msg_type)t)) == reads(&m, size_of(&m), senders[s]);
		for (size_t n = 0; n < size_of(&m); n++)
			cut &= !reads(bytes, n, sender_of((enum msg_type)t));
		for (size_t n = size_of(&m) + 1; n <= sizeof(bytes); n++)
			longer &= !reads(bytes, n, sender_of((enum msg_type)t));
		for (uint32_t n = 0; n < 2 * MESSAGE_MAX; n++) {
			struct message lies = m;

			lies.length = n;
			lengths &= (n == m.length) == reads(&lies, size_of(&m), sender_of((enum msg_type)t));
		}
	}
	ok(whole, "each message is read as it was sent");
	ok(others, "only from the one who may send it");
	ok(cut, "not when it is cut off anywhere");
	ok(longer, "not with anything behind it");
	ok(lengths, "not when it is wrong about its length");
}

static void
test_types(void)
{
	static const uint32_t types[] = { MSG__NONE, MSG__MAX, MSG__MAX + 1, 255, 65536, INT32_MAX, UINT32_MAX };
	bool refused = true;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct message m = good(MSG_READY);

		m.type = types[i];
		for (size_t s = 0; s < sizeof(senders) / sizeof(senders[0]); s++)
			refused &= !reads(&m, size_of(&m), senders[s]);
	}
	ok(refused, "no type but ours");
}

/* Whether a message of which one number was changed is taken. */
static bool
port_taken(int32_t port)
{
	struct message m = good(MSG_READY);

	m.u.ready.port = port;
	return reads(&m, size_of(&m), "web");
}

static bool
fault_taken(int32_t fault)
{
	struct message m = good(MSG_FAILED);

	m.u.failed.fault = fault;
	return reads(&m, size_of(&m), "web");
}

static bool
grace_taken(int32_t seconds)
{
	struct message m = good(MSG_STOP);

	m.u.stop.grace_seconds = seconds;
	return reads(&m, size_of(&m), "parent");
}

static bool
count_taken(int64_t count)
{
	struct message m = good(MSG_ALIVE);

	m.u.alive.count = count;
	return reads(&m, size_of(&m), "web");
}

static bool
job_taken(int64_t id, int64_t bytes, int32_t work, int32_t nothing)
{
	struct message m = good(MSG_SIEVE);

	m.u.job = (struct msg_job){ id, bytes, work, nothing };
	return reads(&m, size_of(&m), "web");
}

static bool
failure_taken(int64_t id, int32_t why)
{
	struct message m = good(MSG_SIEVE_FAILED);

	m.u.no_job = (struct msg_no_job){ .id = id, .why = why };
	return reads(&m, size_of(&m), "sieve");
}

static void
test_jobs(void)
{
	ok(job_taken(1, 1, SIEVE__MAX - 1, 0) && job_taken(INT64_MAX, JOB_BYTES_MOST, 0, 0), "a piece of work");
	ok(!job_taken(0, 1, 0, 0) && !job_taken(-1, 1, 0, 0), "it has a number");
	ok(!job_taken(1, 0, 0, 0) && !job_taken(1, -1, 0, 0) && !job_taken(1, JOB_BYTES_MOST + 1, 0, 0), "and a length within the limit");
	ok(!job_taken(1, 1, -1, 0) && !job_taken(1, 1, SIEVE__MAX, 0), "it is one that the sieve can do");
	ok(!job_taken(1, 1, 0, 1), "and nothing else is said");
	ok(failure_taken(1, 0) && failure_taken(1, SIEVE_FAILURE__MAX - 1) && !failure_taken(1, SIEVE_FAILURE__MAX) &&
	    !failure_taken(1, -1) && !failure_taken(0, 0), "a failure has its reason");
}

static bool
errand_taken(int64_t id, int64_t bytes, char last)
{
	struct message m = good(MSG_ERRAND);

	m.u.errand.id = id;
	m.u.errand.bytes = bytes;
	memset(m.u.errand.url, 'x', sizeof(m.u.errand.url) - 1);
	m.u.errand.url[sizeof(m.u.errand.url) - 1] = last;
	return reads(&m, size_of(&m), "web");
}

static bool
answer_taken(int64_t bytes, int32_t status, int32_t nothing)
{
	struct message m = good(MSG_ERRAND_DONE);

	m.u.errand_done = (struct msg_errand_done){ 1, bytes, status, nothing };
	return reads(&m, size_of(&m), "courier");
}

static bool
door_taken(int32_t port, char last)
{
	struct message m = good(MSG_CONNECT);

	m.u.connect.port = port;
	memset(m.u.connect.host, 'x', sizeof(m.u.connect.host) - 1);
	m.u.connect.host[sizeof(m.u.connect.host) - 1] = last;
	return reads(&m, size_of(&m), "courier");
}

/* The question and both answers have a number, or none is taken. */
static bool
door_numbered(int64_t id)
{
	struct message ask = good(MSG_CONNECT), yes = good(MSG_CONNECTED), no = good(MSG_NOT_CONNECTED);

	ask.u.connect.id = yes.u.connected.id = no.u.not_connected.id = id;
	return reads(&ask, size_of(&ask), "courier") && reads(&yes, size_of(&yes), "porter") && reads(&no, size_of(&no), "porter");
}

static void
test_errands(void)
{
	struct message m = good(MSG_ERRAND_FAILED);

	ok(errand_taken(1, 1, 0) && errand_taken(INT64_MAX, COURIER_BODY_MAX, 0), "an errand");
	ok(!errand_taken(0, 1, 0) && !errand_taken(1, 0, 0) && !errand_taken(1, COURIER_BODY_MAX + 1, 0) && !errand_taken(1, 1, 'x'),
	    "it has a number, a length within the limit, and an address that ends");
	ok(answer_taken(1, 100, 0) && answer_taken(COURIER_BODY_MAX + 1, 599, 0) && !answer_taken(0, 200, 0) &&
	    !answer_taken(COURIER_BODY_MAX + 2, 200, 0) && !answer_taken(1, 99, 0) && !answer_taken(1, 600, 0) &&
	    !answer_taken(1, 200, 1), "its answer has a length and a status of HTTP");
	ok(door_taken(1, 0) && door_taken(65535, 0) && !door_taken(0, 0) && !door_taken(65536, 0) && !door_taken(443, 'x'),
	    "a connection is asked for by host and port");
	ok(!door_numbered(0) && !door_numbered(-1) && door_numbered(INT64_MAX), "and by a number, which comes back");
	strcpy(m.u.no_errand.words, "\xff");
	ok(!reads(&m, size_of(&m), "courier"), "words are text");
}

static void
test_values(void)
{
	struct message open_ended = good(MSG_FAILED), full = open_ended;

	ok(port_taken(0) && port_taken(65535) && !port_taken(-1) && !port_taken(65536) && !port_taken(INT32_MIN), "a port is one");
	ok(fault_taken(FAULT__MAX - 1) && !fault_taken(FAULT_NONE) && !fault_taken(FAULT__MAX) && !fault_taken(-1) &&
	    !fault_taken(INT32_MAX), "a fault is of the table");
	ok(grace_taken(0) && grace_taken(3600) && !grace_taken(3601) && !grace_taken(-1), "a grace is not for ever");
	ok(count_taken(INT64_MAX) && !count_taken(0) && !count_taken(INT64_MIN), "a beat counts up");
	memset(full.u.failed.detail, 'x', sizeof(full.u.failed.detail) - 1);
	ok(reads(&full, size_of(&full), "web"), "a reason as long as there is room");
	memset(open_ended.u.failed.detail, 'x', sizeof(open_ended.u.failed.detail));
	ok(!reads(&open_ended, size_of(&open_ended), "web"), "a reason without an end is none");
}

/* Whether a question is taken in which something was changed. */
static bool
ask_taken(void (*change)(struct signer_ask *ask))
{
	struct message m = good(MSG_KEEPER_ASK);

	change(&m.u.ask.ask);
	return reads(&m, size_of(&m), "web");
}

static void nothing(struct signer_ask *a) { (void)a; }
static void other_act(struct signer_ask *a) { a->act = SIGNER__MAX; }
static void negative_act(struct signer_ask *a) { a->act = -1; }
static void negative_size(struct signer_ask *a) { a->size = -1; }
static void endless_name(struct signer_ask *a) { memset(a->name, 'x', sizeof(a->name)); }
static void line_in_name(struct signer_ask *a) { a->name[3] = '\n'; }
static void behind_name(struct signer_ask *a) { a->name[sizeof(a->name) - 1] = 'x'; }
static void kind_of_nothing(struct signer_ask *a) { a->kind = KEY_P256; }
static void kind_of_none(struct signer_ask *a) { a->act = SIGNER_MAKE, a->kind = 3; }
static void kind_to_make(struct signer_ask *a) { a->act = SIGNER_MAKE, a->kind = KEY_WITNESS; }
static void no_subject(struct signer_ask *a) { a->act = SIGNER_STATE, a->kind = KEY_P256; }
static void long_subject(struct signer_ask *a)
{
	a->act = SIGNER_STATE, a->kind = KEY_P256, a->public_n = SIGNER_PUBLIC_MAX + 1, a->public[0] = KEY_P256;
}
static void other_subject(struct signer_ask *a)
{
	a->act = SIGNER_STATE, a->kind = KEY_P256, a->public_n = 33, a->public[0] = KEY_ED25519;
}
static void subject(struct signer_ask *a)
{
	a->act = SIGNER_COMPROMISED, a->kind = KEY_ED25519, a->public_n = 33, a->public[0] = KEY_ED25519;
}

static void
test_questions(void)
{
	static void (*const wrong[])(struct signer_ask *) = { other_act, negative_act, negative_size, endless_name,
		line_in_name, behind_name, kind_of_nothing, kind_of_none, no_subject, long_subject, other_subject };
	struct message m = good(MSG_KEEPER_SAID);
	bool refused = true;

	ok(ask_taken(nothing) && ask_taken(kind_to_make) && ask_taken(subject), "questions to the keeper");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refused &= !ask_taken(wrong[i]);
	ok(refused, "none with an act, a name, a number or a key that is none");
	m.u.said.said.n = sizeof(m.u.said.said.bytes) + 1;
	ok(!reads(&m, size_of(&m), "keeper"), "an answer longer than there is room is none");
	m = good(MSG_KEEPER_SAID);
	m.u.said.said.fault = FAULT__MAX;
	ok(!reads(&m, size_of(&m), "keeper"), "nor one with a fault that is none");
	m = good(MSG_KEEPER_SAID);
	m.u.said.said.detail[0] = (char)0xff;
	ok(!reads(&m, size_of(&m), "keeper"), "nor one whose words are no text");
}

/* Bytes as they come: never a crash, and what is taken is within what it can be. */
static void
test_random(void)
{
	unsigned seed = 20261122;
	bool sound = true;
	int taken = 0;

	for (int i = 0; i < RANDOM_CASES; i++) {
		struct message m = good((enum msg_type)(rand_r(&seed) % MSG__MAX)), got;
		unsigned char bytes[sizeof(m)];
		size_t n = sizeof(bytes);

		memcpy(bytes, &m, sizeof(m));
		for (int k = rand_r(&seed) % 3; k > 0; k--)
			bytes[(size_t)rand_r(&seed) % (rand_r(&seed) % 2 ? 24 : n)] = (unsigned char)rand_r(&seed);
		n = rand_r(&seed) % 4 ? offsetof(struct message, u) + m.length : (size_t)rand_r(&seed) % sizeof(bytes);
		if (!message_read(bytes, n, senders[rand_r(&seed) % 3], &got))
			continue;
		taken++;
		sound &= got.type > MSG__NONE && got.type < MSG__MAX && n == size_of(&got) &&
		    (got.type != MSG_FAILED || (got.u.failed.fault > FAULT_NONE && got.u.failed.fault < FAULT__MAX)) &&
		    (got.type != MSG_READY || (got.u.ready.port >= 0 && got.u.ready.port < 65536));
	}
	ok(sound && taken > 0 && taken < RANDOM_CASES, "200,000 changed messages: none is taken that should not be");
}

static void
test_channel(void)
{
	struct msg_alive beat = { .count = 7 };
	struct message m;
	int fds[2], sent = 0;
	static const unsigned char garbage[MESSAGE_MAX * 4];

	if (!ok(channel_pair(fds), "a pair"))
		return;
	is_int(channel_receive(fds[0], "web", &m), -1, "nothing there yet");
	ok(channel_send(fds[1], MSG_ALIVE, &beat) && channel_receive(fds[0], "web", &m) == 1 && m.type == MSG_ALIVE && m.u.alive.count == 7,
	    "what one sends the other has");
	ok(channel_send(fds[1], MSG_ALIVE, &beat), "the same once more");
	is_int(channel_receive(fds[0], "parent", &m), -2, "not from one who may not send it");
	ok(send(fds[1], garbage, sizeof(garbage), 0) == (ssize_t)sizeof(garbage), "too much at once");
	is_int(channel_receive(fds[0], "web", &m), -2, "is malformed");
	while (sent < 100000 && channel_send(fds[1], MSG_ALIVE, &beat))
		sent++;
	ok(sent > 0 && sent < 100000, "a peer that does not read makes nobody wait");
	close(fds[1]);
	while (channel_receive(fds[0], "web", &m) == 1)
		sent--;
	is_int(sent, 0, "what was sent before it went still comes");
	is_int(channel_receive(fds[0], "web", &m), 0, "then the peer is gone");
	ok(!channel_send(fds[0], MSG_STOP, &(struct msg_stop){ .grace_seconds = 1 }), "nothing can be said to it, and that ends nobody");
	close(fds[0]);
}

struct heard {
	int n;
	int64_t end;                     /* the beat that ends it */
};

static int
hear_beat(void *arg, const struct message *m)
{
	struct heard *h = arg;

	h->n++;
	return m->u.alive.count == h->end ? 7 : 0;
}

/* Whoever serves a channel hears each message that is one, until he has enough or the peer is gone. */
static void
test_serving(void)
{
	struct heard h = { .end = 3 };
	int fds[2];

	if (!ok(channel_pair(fds), "a pair"))
		return;
	ok(send(fds[1], "x", 1, 0) == 1, "first what is malformed");
	for (int64_t beat = 1; beat <= 5; beat++)
		channel_send(fds[1], MSG_ALIVE, &(struct msg_alive){ .count = beat });
	is_int(channel_serve(fds[0], "test", "web", hear_beat, &h), 7, "served until it has enough");
	is_int(h.n, 3, "of what was well-formed");
	close(fds[1]);
	is_int(channel_serve(fds[0], "test", "web", hear_beat, &h), 0, "served until the peer is gone");
	is_int(h.n, 5, "with all that it had sent");
	close(fds[0]);
}

/* The sender's descriptor as the receiver gets it: another number, the same file. -1: it was not taken. */
static int
passed(int from, int to, enum msg_type type, int descriptor, const char *sender)
{
	struct message m = good(type), got = { .fd = -1 };
	struct iovec bytes = { .iov_base = &m, .iov_len = size_of(&m) };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} along = { .room = { 0 } };
	struct msghdr h = { .msg_iov = &bytes, .msg_iovlen = 1 };
	int two[2] = { descriptor, descriptor }, n = descriptor < 0 ? 0 : type == MSG_SIEVE_DONE ? 2 : 1;

	if (n) {
		h.msg_control = along.room;
		h.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
		along.head = (struct cmsghdr){ CMSG_LEN((size_t)n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(&along.head), two, (size_t)n * sizeof(int));
	}
	if (sendmsg(from, &h, MSG_NOSIGNAL) != (ssize_t)bytes.iov_len)
		return -2;
	return channel_receive(to, sender, &got) == 1 ? got.fd : -1;
}

static int
open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 100; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
test_passing(void)
{
	struct msg_job job = { .id = 3, .bytes = 5, .work = SIEVE_PAPER };
	int fds[2], memory, before, got;
	struct message m;
	const char *p;

	if (!ok(channel_pair(fds), "a pair"))
		return;
	memory = channel_memory("test", "tocs\n", 5);
	ok(memory >= 0 && write(memory, "x", 1) == -1 && ftruncate(memory, 1) == -1, "memory that is made is never changed");
	ok(channel_pass(fds[1], MSG_SIEVE, &job, memory) && channel_receive(fds[0], "web", &m) == 1 && m.fd >= 0 && m.fd != memory,
	    "it comes along");
	ok(fcntl(m.fd, F_GETFD) == FD_CLOEXEC, "no program that is run gets it");
	p = channel_map(m.fd, 5);
	ok(p && !memcmp(p, "tocs\n", 5), "and is read");
	channel_unmap(p, 5);
	ok(!channel_map(m.fd, 4) && !channel_map(m.fd, 6) && !channel_map(m.fd, 0) && !channel_map(m.fd, JOB_BYTES_MOST + 1),
	    "with no other length");
	close(m.fd);
	before = open_descriptors();
	is_int(passed(fds[1], fds[0], MSG_SIEVE, -1, "web"), -1, "work without its input is malformed");
	is_int(passed(fds[1], fds[0], MSG_ALIVE, memory, "web"), -1, "a beat that brings a descriptor");
	is_int(passed(fds[1], fds[0], MSG_SIEVE_DONE, memory, "sieve"), -1, "two of them");
	is_int(passed(fds[1], fds[0], MSG_SIEVE, memory, "parent"), -1, "one from somebody else");
	is_int(open_descriptors(), before, "none of them stays open");
	got = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ok(got >= 0 && write(got, "tocs\n", 5) == 5 && !channel_map(got, 5), "memory that could still change is not read");
	ok(channel_sealed(got) && (p = channel_map(got, 5)), "until it is sealed");
	channel_unmap(p, 5);
	got = open("/dev/null", O_RDWR | O_CLOEXEC);
	ok(got >= 0 && !channel_map(got, 5), "nor a file that is none");
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	test_jobs();
	test_errands();
	test_serving();
	test_passing();
	test_shapes();
	test_types();
	test_values();
	test_questions();
	test_random();
	test_channel();
	return done_testing();
}
