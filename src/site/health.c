/* The health page: what `tocsin doctor` says, for the administrator and the manager at their desks. */
#include "desk/health.h"

#include "base/arena.h"
#include "http/route.h"
#include "site/handlers.h"
#include "site/part.h"

/* How long ago a line was so, when that is not just now. */
static void
add_age(const struct request *r, struct value *row, const struct health_line *line)
{
	int64_t age = r->face.now - line->at;

	map_time(r->arena, row, "at", line->at);
	map_str(r->arena, row, "age", age < MINUTE ? msg(r->lang, "health.now") :
	    msg_fill(r->arena, r->lang, "health.ago", (const struct msg_arg[]){
	    { "length", face_length(r->arena, &r->face, age / MINUTE * MINUTE) }, { .name = NULL } }));
}

static void
add_line(const struct request *r, const struct health *h, const struct health_line *line, struct value *rows)
{
	struct value *row = list_add(rows, value_map(r->arena));
	const char *label = arena_printf(r->arena, "doctor.%s", line->check).p;

	map_term(r->arena, row, "check", str_c(line->check), label);
	map_str(r->arena, row, "state", str_c(health_state_id(line->state)));
	map_bool(r->arena, row, "good", line->state == HEALTH_GOOD);
	map_bool(r->arena, row, "bad", line->state == HEALTH_BAD);
	map_str(r->arena, row, "words", health_found(h, line, r->lang));
	map_str(r->arena, row, "cure", health_cure(h, line, r->lang));
	add_age(r, row, line);
}

void
handle_health_page(struct request *r, struct answer *a)
{
	struct health *h = arena_make(r->arena, struct health);
	struct backup_news news;
	struct value *rows;

	h->arena = r->arena;
	health_machine(h);
	health_store(h, r->tx);
	health_signing(h, r->tx);
	health_backups(h, health_backup_get(&news) ? &news : NULL);
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "state", str_c(health_state_id(health_worst(h))));
	map_bool(r->arena, a->value, "good", health_worst(h) == HEALTH_GOOD);
	rows = map_list(r->arena, a->value, "checks");
	for (int i = 0; i < h->n; i++)
		add_line(r, h, &h->line[i], rows);
}

/* For monitoring, beside the server's own figures. */
void
health_metrics(struct buf *b)
{
	struct backup_news news;

	if (!health_backup_get(&news))
		return;
	buf_c(b, "# TYPE tocsin_backup_age_seconds gauge\n");
	if (news.newest_at != NO_TIME)
		buf_printf(b, "tocsin_backup_age_seconds %lld\n", (long long)((clock_now() - news.newest_at) / SECOND));
	buf_c(b, "# TYPE tocsin_backup_bytes gauge\n");
	buf_printf(b, "tocsin_backup_bytes %lld\n", (long long)news.bytes);
	buf_c(b, "# TYPE tocsin_backups gauge\n");
	buf_printf(b, "tocsin_backups %d\n", (int)news.count);
	buf_c(b, "# TYPE tocsin_backup_failed gauge\n");
	buf_printf(b, "tocsin_backup_failed %d\n", news.failed_at != NO_TIME);
}
