/* Any bytes as a message from any process: taken or refused, and what is taken is within what it can be. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check(const struct message *m)
{
	if (m->type == MSG_READY && (m->u.ready.port < 0 || m->u.ready.port > 65535))
		abort();
	if (m->type == MSG_FAILED && (fault_code((enum fault)m->u.failed.fault)[0] == '\0' ||
	    strnlen(m->u.failed.detail, sizeof(m->u.failed.detail)) == sizeof(m->u.failed.detail)))
		abort();
	if ((m->type == MSG_SIEVE || m->type == MSG_SIEVE_JOB || m->type == MSG_SIEVE_DONE || m->type == MSG_SIEVED) &&
	    (m->u.job.id < 1 || m->u.job.bytes < 1 || m->u.job.bytes > JOB_BYTES_MOST || m->u.job.work < 0 ||
	    m->u.job.work >= SIEVE__MAX))
		abort();
	if ((m->type == MSG_SIEVE_FAILED || m->type == MSG_NOT_SIEVED) &&
	    (m->u.no_job.id < 1 || m->u.no_job.why < 0 || m->u.no_job.why >= SIEVE_FAILURE__MAX))
		abort();
	if (m->type == MSG_STOP && (m->u.stop.grace_seconds < 0 || m->u.stop.grace_seconds > 3600))
		abort();
	if ((m->type == MSG_KEEPER_ASK || m->type == MSG_KEEPER_ASKED) &&
	    (!signer_ask_sound(&m->u.ask.ask) || m->u.ask.ticket <= 0))
		abort();
	if ((m->type == MSG_KEEPER_SAID || m->type == MSG_KEEPER_ANSWER) &&
	    (!signer_said_sound(&m->u.said.said) || m->u.said.ticket <= 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const senders[] = { "web", "parent", "sieve", "archivist", "keeper" };
	struct message m;

	for (int i = 0; i < 4; i++)
		if (message_read(data, n, senders[i], &m))
			check(&m);
	return 0;
}
