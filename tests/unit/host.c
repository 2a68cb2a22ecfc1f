/* Addresses, networks and names as stretches of one order: against a model that compares bit by bit and label by label. */
#include "tap.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/host.h"

static struct arena *a;

/* "", or the prefix as bits: an IPv4 address stands behind the bits of ::ffff:0:0/96. */
static void
bits_of(const char *text, char out[129])
{
	char copy[64], *slash;
	unsigned char b[16] = { [10] = 0xff, [11] = 0xff };
	int prefix, i;

	snprintf(copy, sizeof(copy), "%s", text);
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	prefix = slash ? atoi(slash + 1) : 1000;
	out[0] = '\0';
	if (inet_pton(AF_INET, copy, b + 12) == 1)
		prefix += 96;
	else if (inet_pton(AF_INET6, copy, b) != 1)
		return;
	for (i = 0; i < 128 && i < prefix; i++)
		out[i] = (b[i / 8] >> (7 - i % 8)) & 1 ? '1' : '0';
	out[i] = '\0';
}

/* A name of a report under a name of a hold. */
static bool
name_below(const char *name, const char *above)
{
	size_t n = strlen(name), m = strlen(above);

	return n >= m && strcmp(name + n - m, above) == 0 && (n == m || name[n - m - 1] == '.');
}

static bool
is_name(const char *s)
{
	return strpbrk(s, "ghijklmnopqrstuvwxyz") != NULL;
}

static bool
model_meet(const char *report, const char *hold)
{
	char x[129], y[129];
	size_t n;

	if (is_name(report) || is_name(hold))
		return is_name(report) && is_name(hold) && name_below(report, hold);
	bits_of(report, x);
	bits_of(hold, y);
	n = strlen(x) < strlen(y) ? strlen(x) : strlen(y);
	return strncmp(x, y, n) == 0;
}

/* Few labels and few bits, so that they meet often. */
static const char *
random_host(void)
{
	static const char *const labels[] = { "tw", "com", "www", "xwww", "www-x", "zzzz", "ww", "wwww" };
	struct buf b = { .arena = a };
	int kind = rand() % 3;

	if (kind == 0) {
		buf_printf(&b, "10.%d.%d.%d", rand() % 2, (rand() % 3) * 127, rand() % 256);
		if (rand() % 2)
			buf_printf(&b, "/%d", rand() % 33);
	} else if (kind == 1) {
		buf_printf(&b, "%s", rand() % 4 ? "2001:db8::" : "::ffff:10.0.0.");
		buf_printf(&b, "%d", rand() % 100);
		if (rand() % 2)
			buf_printf(&b, "/%d", rand() % 129);
	} else {
		for (int n = 1 + rand() % 4; n > 0; n--)
			buf_printf(&b, "%s%s", labels[rand() % 8], n > 1 ? "." : "");
	}
	return arena_c(a, buf_str(&b));
}

static void
test_model(void)
{
	int wrong = 0, met = 0;

	for (int i = 0; i < 60000; i++) {
		const char *report = random_host(), *hold = random_host();
		struct host_range r, h;
		bool meet;

		if (!host_range(a, str_c(report), false, &r) || !host_range(a, str_c(hold), true, &h)) {
			wrong++;
			continue;
		}
		meet = host_ranges_meet(&r, &h);
		met += meet;
		if (meet != model_meet(report, hold) && wrong++ < 5)
			printf("# %s %s: %d\n", report, hold, meet);
		if (i % 1000 == 0)
			arena_reset(a);
	}
	is_int(wrong, 0, "as the model says");
	ok(met > 3000 && met < 50000, "both answers come often");
}

static void
test_texts(void)
{
	static const char *const none[] = { "", "/8", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/x", "2001:db8::/129", "a/b", "fe80::1%eth0" };
	static const char *const urls[][2] = {
		{ "https://www.bank.example/a:b", "www.bank.example" }, { "http://a.b:8080?x", "a.b" }, { "ftp://192.0.2.1:21/", "192.0.2.1" },
		{ "https://[2001:db8::1]:8443/", "2001:db8::1" }, { "http://[::1]", "::1" }, { "http://intranet#x", "intranet" },
	};
	struct host_range r;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ok(!host_range(a, str_c(none[i]), true, &r), "nothing a record could be known by");
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		is_str(host_of_url(str_c(urls[i][0])), urls[i][1], urls[i][0]);
	is_str(host_of_url(STR("no address")), NULL, "not one");
}

int
main(void)
{
	a = arena_new();
	srand(16);
	test_texts();
	test_model();
	arena_free(a);
	return done_testing();
}
