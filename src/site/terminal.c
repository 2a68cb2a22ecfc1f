/* What the commands of this machine ask of the running server, which alone may write: accounts, and that a backup was made. */
#include "base/arena.h"
#include "desk/bootstrap.h"
#include "http/route.h"
#include "site/handlers.h"
#include "site/part.h"
#include "store/audit.h"

static bool
read_in(struct request *r, const struct entity *e, void *record, struct err *err)
{
	struct report_input input = input_of(r);
	struct entity_input reading = { .in = input.in, .editors = BY_V, .form = input.form };

	return entity_read(e, &reading, record, r->arena, err) && entity_complete(e, record, REQUIRED, err);
}

void
handle_terminal_link(struct request *r, struct answer *a)
{
	struct terminal_link *in = entity_new(&terminal_link, r->arena);
	struct str path;

	if (!read_in(r, &terminal_link, in, &a->err) ||
	    !bootstrap_account_link(r->tx, in->login, r->arena, &path, &a->err))
		return;
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "path", path);
}

void
handle_terminal_suspend(struct request *r, struct answer *a)
{
	struct terminal_suspend *in = entity_new(&terminal_suspend, r->arena);

	if (!read_in(r, &terminal_suspend, in, &a->err) ||
	    !bootstrap_account_suspend(r->tx, in->login, in->reason, &a->err))
		return;
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "suspended", true);
}

/* Somebody took all data out at the terminal: the trail shall know. */
void
handle_terminal_backup(struct request *r, struct answer *a)
{
	struct terminal_backup *in = entity_new(&terminal_backup, r->arena);
	struct value *details;

	if (!read_in(r, &terminal_backup, in, &a->err))
		return;
	details = value_map(r->arena);
	map_str(r->arena, details, "name", in->name);
	map_int(r->arena, details, "records", in->records);
	map_str(r->arena, details, "sha256", in->sha256);
	if (!audit_append(r->tx, &(struct audit){ .action = "store.backup", .entity = "", .details = details }, &a->err))
		return;
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "recorded", true);
}
