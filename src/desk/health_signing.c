/* What the log's proof stands on: the keys that sign it, and its witnesses. */
#include "base/arena.h"
#include "desk/checkpoints.h"
#include "desk/envoy.h"
#include "desk/health.h"
#include "desk/keys.h"
#include "desk/witness.h"

#define LINES_MOST 6                     /* of one kind: the pages say the rest */

static struct health_line *
key_line(struct health *h, const struct signing_key *k, enum health_state state, const char *found, int64_t now)
{
	struct health_line *line = health_add(h, "keys", state, found, k->tested_well == 0 ? "signing_keys.task.share_again" :
	    "doctor.keys.rotate");

	health_arg(line, "key", arena_dup(h->arena, k->key_id));
	health_arg_int(h, line, "days", k->not_after > now ? (k->not_after - now) / DAY : 0);
	return line;
}

/* Adds lines for what is not well with this key; how many. */
static int
look_at_key(struct health *h, const struct signing_key *k, int64_t now)
{
	int warning = signing_key_warning(k, now);

	if (k->state != KEY_ACTIVE)
		return 0;
	if (now >= k->not_after)
		key_line(h, k, HEALTH_BAD, "doctor.keys.expired", now);
	else if (warning >= 0)
		key_line(h, k, warning <= 7 ? HEALTH_BAD : HEALTH_LOOK, "doctor.keys.ends", now);
	else if (k->tested_well == 0)
		key_line(h, k, HEALTH_LOOK, "doctor.keys.untested", now);
	else
		return 0;
	return 1;
}

/* Whether the keeper can use the key now: an unplugged token. Only web knows. */
static bool
keeper_is_well(struct health *h)
{
	struct str words;
	enum fault f = notary_health(h->arena, &words);
	struct health_line *line;

	if (f == FAULT_NONE)
		return true;
	line = health_add(h, "keys", HEALTH_BAD, "doctor.keys.away", arena_printf(h->arena, "fault.%s.do", fault_code(f)).p);
	health_arg(line, "reason", words.n ? words : str_c(fault_code(f)));
	return false;
}

static bool
look_at_keys(struct health *h, struct tx *tx, struct err *err)
{
	const struct signing_key *active;
	int64_t now = tx_now(tx);
	struct keys keys;
	int n = 0;

	if (!keys_read_all(tx, &keys, err))
		return false;
	active = keys_active(&keys, PURPOSE_LOG, now);
	n = !keeper_is_well(h);
	for (int i = keys.n - 1; i >= 0 && n < LINES_MOST; i--)
		n += look_at_key(h, &keys.list[i], now);
	if (!active && n == 0)
		health_add(h, "keys", HEALTH_BAD, "doctor.keys.none", "doctor.keys.rotate");
	else if (n == 0)
		key_line(h, active, HEALTH_GOOD, "doctor.keys.found", now);
	return true;
}

static int
look_at_witness(struct health *h, const struct witness_state *s, int64_t now)
{
	bool forked = s->outcome == VISIT_REFUSED || s->outcome == VISIT_AHEAD;
	struct health_line *line;

	if (s->w.state != WITNESS_ACTIVE || (!forked && !witness_silent(s, now)))
		return 0;
	line = health_add(h, "witness", forked ? HEALTH_BAD : HEALTH_LOOK, forked ? "doctor.witness.forked" :
	    "doctor.witness.silent", forked ? "witnesses.bad_do" : "doctor.witness.look");
	health_arg(line, "name", arena_dup(h->arena, s->w.title));
	health_arg_int(h, line, "minutes", s->failing_since == NO_TIME ? 0 : (now - s->failing_since) / MINUTE);
	health_arg(line, "reason", arena_dup(h->arena, s->words));
	return 1;
}

static bool
look_at_witnesses(struct health *h, struct tx *tx, struct err *err)
{
	struct witness_state *list;
	struct health_line *line;
	int n, active = 0, bad = 0;

	if (!witness_states(tx, &list, &n, err))
		return false;
	for (int i = 0; i < n && bad < LINES_MOST; i++) {
		active += list[i].w.state == WITNESS_ACTIVE;
		bad += look_at_witness(h, &list[i], tx_now(tx));
	}
	if (active == 0 || bad > 0)
		return true;
	line = health_add(h, "witness", HEALTH_GOOD, "doctor.witness.found", NULL);
	health_arg_int(h, line, "n", active);
	return true;
}

/* Logs of others that were forked before our eyes, or that we could not cosign. */
static bool
look_at_logs(struct health *h, struct tx *tx, struct err *err)
{
	struct value *v = value_map(h->arena), *logs;
	bool witnesses = false;
	int n = 0;

	if (!witness_log_show(tx, v, err))
		return false;
	logs = value_get(v, "logs");
	for (struct value *row = logs->first; row && n < LINES_MOST; row = row->next) {
		const struct value *forked = value_get(row, "forked"), *active = value_get(row, "active");
		struct health_line *line;

		witnesses = witnesses || active->i;
		if (!forked->i || !active->i)
			continue;
		line = health_add(h, "witness", HEALTH_LOOK, "doctor.witness.other_forked", "witnesses.forked_do");
		health_arg(line, "name", arena_dup(h->arena, value_text(value_get(row, "origin"))));
		n++;
	}
	if (witnesses && !value_text(value_get(v, "vkey")).n)
		health_add(h, "witness", HEALTH_BAD, "doctor.witness.no_key", "doctor.witness.replace");
	return true;
}

void
health_signing(struct health *h, struct tx *tx)
{
	struct err err = { .arena = h->arena };
	struct health_line *line;

	if (look_at_keys(h, tx, &err) && look_at_witnesses(h, tx, &err) && look_at_logs(h, tx, &err))
		return;
	line = health_add(h, "keys", HEALTH_BAD, NULL, "doctor.log.keep");
	line->words = err.detail.n ? err.detail : str_c(fault_code(err.fault));
}
