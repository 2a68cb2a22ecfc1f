/* Files of a report: the list with its form, uploads in parts, one file with its custody, the archive in which it is handed out. */
#include "site/handlers.h"
#include "site/part.h"

#include <string.h>

#include "base/arena.h"
#include "desk/attachment.h"
#include "desk/identity.h"
#include "http/route.h"
#include "wire/zip.h"

/* ---- words ---- */

struct str
view_bytes(struct arena *a, int64_t n)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
	int64_t tenths = n * 10;
	size_t unit = 0;

	while (tenths >= 10240 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		tenths /= 1024;
		unit++;
	}
	if (unit == 0 || tenths % 10 == 0)
		return arena_printf(a, "%lld %s", (long long)(tenths / 10), units[unit]);
	return arena_printf(a, "%lld.%lld %s", (long long)(tenths / 10), (long long)(tenths % 10), units[unit]);
}

/* For a page: which of the three states, sizes in words. */
static void
add_words(const struct request *r, struct value *row)
{
	struct str state = value_text(value_get(row, "state"));
	const struct value *size = value_get(row, "size"), *received = value_get(row, "received");

	map_bool(r->arena, row, "arriving", str_is(state, "arriving"));
	map_bool(r->arena, row, "whole", str_is(state, "whole"));
	map_bool(r->arena, row, "withdrawn", str_is(state, "withdrawn"));
	map_str(r->arena, row, "size_words", view_bytes(r->arena, size->i));
	map_str(r->arena, row, "received_words", view_bytes(r->arena, received->i));
}

/* ---- which report, in a lane without a transaction ---- */

static bool
slow_report(struct request *r, struct answer *a, struct report *ret_report)
{
	bool ok;

	r->tx = store_read(r->store, r->arena, &a->err);
	ok = r->tx && input_report(r, a, ret_report);
	store_done(r->tx);
	r->tx = NULL;
	return ok;
}

/* The file as it stands now, after what was just written about it. */
static void
slow_view(struct request *r, struct answer *a, int64_t report, int64_t id)
{
	struct tx *tx = store_read(r->store, r->arena, &a->err);
	struct report rep;

	if (tx && report_get(tx, r->who, report, &rep, &a->err))
		a->value = attachment_view(tx, r->who, &rep, id, &a->err);
	if (a->value)
		map_int(r->arena, a->value, "report_version", rep.version);
	store_done(tx);
}

static struct str
list_address(const struct request *r, int64_t report)
{
	return arena_printf(r->arena, "/reports/%lld/attachments", (long long)report);
}

/* ---- the list ---- */

static void
show_list(struct request *r, struct answer *a)
{
	struct report rep;
	struct value *list, *limits;

	if (!input_report(r, a, &rep) || !input_recorded(r, a, &rep))
		return;
	list = attachment_list(r->tx, r->who, &rep, &a->err);
	if (!list)
		return;
	if (r->want == WANT_HTML) {
		limits = value_get(list, "limits");
		for (struct value *row = value_get(list, "rows")->first; row; row = row->next)
			add_words(r, row);
		map_str(r->arena, list, "size_limit", view_bytes(r->arena, value_get(limits, "size")->i));
		map_str(r->arena, list, "form_limit", view_bytes(r->arena, value_get(limits, "form")->i));
		map_bool(r->arena, list, "on_form", rep.state == REPORT_DRAFT || rep.state == REPORT_RETURNED);
		map_str(r->arena, list, "address", list_address(r, rep.id));
	}
	report_part(r, a, &rep, list);
}

void
handle_attachment_list(struct request *r, struct answer *a)
{
	show_list(r, a);
}

void
handle_attachment_create_again(struct request *r, struct answer *a)
{
	show_list(r, a);
	a->page = "attachments";
}

/* ---- announced, or at once by a form ---- */

struct announcement {
	struct request *r;
	int64_t report;
	struct attachment made;
};

static bool
announce(struct tx *tx, void *arg, struct err *err)
{
	struct announcement *n = arg;
	struct report rep;

	identity_act(tx, n->r->who, n->r->address);
	return report_get(tx, n->r->who, n->report, &rep, err) &&
	    attachment_begin(tx, n->r->who, &rep, n->r->in, &n->made, err);
}

static bool
store_file(struct request *r, struct answer *a, int64_t report, struct attachment *ret_made)
{
	const struct field *f = entity_field(&in_attachment, STR("file"));
	struct value *in = value_map(r->arena);

	if (!r->file.field.p || !r->file.bytes.n)
		return err_field(&a->err, f->key, f->label, FAULT_F_MISSING, 0, STR_NONE);
	if ((int64_t)r->file.bytes.n > attachment_limits()->form)
		return err_field(&a->err, f->key, f->label, FAULT_F_RANGE, attachment_limits()->form, STR_NONE);
	map_str(r->arena, in, "name", r->file.name);
	map_int(r->arena, in, "size", (int64_t)r->file.bytes.n);
	return attachment_store(r->store, r->arena, r->who, report, r->address, in, r->file.bytes, ret_made, &a->err);
}

void
handle_attachment_create(struct request *r, struct answer *a)
{
	struct announcement n = { .r = r };
	struct report rep;

	if (!slow_report(r, a, &rep))
		return;
	n.report = rep.id;
	if (!(r->form ? store_file(r, a, rep.id, &n.made) :
			store_write(r->store, r->arena, announce, &n, &a->err)))
		return;
	a->status = 201;
	if (r->want == WANT_HTML) {
		a->location = list_address(r, rep.id);
		a->notice = STR("notice.attached");
		a->status = 0;
		return;
	}
	slow_view(r, a, rep.id, n.made.id);
	a->location = arena_printf(r->arena, "%.*s/%lld", STR_FMT(list_address(r, rep.id)), (long long)n.made.id);
}

/* ---- the next bytes ---- */

/* "bytes 0-1048575/20000000": its first number, when it fits the body. */
static bool
range_start(struct str range, size_t n, int64_t *ret_start)
{
	const struct str unit = STR("bytes ");
	struct str first, last;
	int64_t from, to;

	if (!str_starts(range, unit))
		return false;
	range = str_from(range, unit.n);
	if (!str_split(&range, '-', &first) || !str_split(&range, '/', &last) || !str_int(first, &from) ||
	    !str_int(last, &to) || from < 0 || to < from || to - from != (int64_t)n - 1)
		return false;
	*ret_start = from;
	return true;
}

static bool
read_offset(const struct request *r, int64_t *ret_offset, struct err *err)
{
	if (!str_is(r->media, "application/octet-stream"))
		return err_set(err, FAULT_MEDIA_TYPE);
	if (!r->body.n)
		return err_setf(err, FAULT_REQUEST, "no bytes");
	*ret_offset = request_query_int(r, "offset", -1);
	if (*ret_offset >= 0 || (r->content_range.p && range_start(r->content_range, r->body.n, ret_offset)))
		return true;
	return err_setf(err, FAULT_QUERY, "offset");
}

void
handle_attachment_append(struct request *r, struct answer *a)
{
	struct attachment_bytes in = { .attachment = request_id(r, 1), .bytes = r->body, .address = r->address };
	struct attachment at;
	struct report rep;

	if (!slow_report(r, a, &rep) || !read_offset(r, &in.offset, &a->err))
		return;
	in.report = rep.id;
	if (attachment_append(r->store, r->arena, r->who, &in, &at, &a->err))
		slow_view(r, a, rep.id, at.id);
}

/* ---- one of them ---- */

void
handle_attachment_view(struct request *r, struct answer *a)
{
	struct report rep;
	struct value *v;

	if (!input_report(r, a, &rep) || !input_recorded(r, a, &rep))
		return;
	v = attachment_view(r->tx, r->who, &rep, request_id(r, 1), &a->err);
	if (!v)
		return;
	if (r->want == WANT_HTML) {
		add_words(r, v);
		map_str(r->arena, v, "address", list_address(r, rep.id));
		report_part(r, a, &rep, v);
	} else {
		a->value = v;
	}
}

/* ---- withdrawn ---- */

void
handle_attachment_withdraw_form(struct request *r, struct answer *a)
{
	struct report rep;
	struct value *v;

	if (!input_report(r, a, &rep) || !input_recorded(r, a, &rep))
		return;
	v = attachment_view(r->tx, r->who, &rep, request_id(r, 1), &a->err);
	if (!v)
		return;
	if (!value_get(v, "may_withdraw")->i) {
		err_set(&a->err, FAULT_STATE);
		return;
	}
	add_words(r, v);
	map_add(v, "fields", form_fields(r, &in_attachment_withdraw, entity_new(&in_attachment_withdraw, r->arena),
	    ~0u, ~0u, NULL));
	report_part(r, a, &rep, v);
}

void
handle_attachment_withdraw_again(struct request *r, struct answer *a)
{
	handle_attachment_withdraw_form(r, a);
}

void
handle_attachment_withdraw(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	struct attachment at;
	struct report rep;

	if (!input_report(r, a, &rep) ||
	    !attachment_withdraw(r->tx, r->who, &rep, request_id(r, 1), &input, &at, &a->err))
		return;
	if (r->want == WANT_HTML) {
		a->location = list_address(r, rep.id);
		a->notice = STR("notice.withdrawn");
		return;
	}
	a->value = attachment_view(r->tx, r->who, &rep, at.id, &a->err);
}

/* ---- handed out ---- */

struct archive {
	struct stream stream;
	struct store *store;
	struct attachment_taken taken;
	struct zip_one one;
	struct arena *arena;             /* of one portion; NULL until the first */
	struct zip *zip;
	struct str ready;                /* made and not yet sent */
	int64_t done;                    /* bytes of the file that went through */
	bool ended;
};

/* The next portion of the file, encrypted where it stands. */
static bool
next_bytes(struct archive *v, struct err *err)
{
	struct tx *tx = store_read(v->store, v->arena, err);
	bool ok = tx && attachment_read(tx, &v->taken, v->done, &v->ready, err);

	store_done(tx);
	if (!ok)
		return false;
	v->ready = str_first(v->ready, (size_t)(v->one.size - v->done));
	zip_seal(v->zip, (char *)(uintptr_t)v->ready.p, v->ready.n);
	v->done += (int64_t)v->ready.n;
	return true;
}

static bool
next_portion(struct archive *v)
{
	struct err err = { .arena = NULL };

	if (!v->arena) {
		v->arena = arena_new();
		v->zip = zip_begin(&v->one, v->taken.password);
		if (!v->zip)
			return false;
		v->ready = zip_head(v->zip, v->arena);
		return true;
	}
	if (!v->zip || v->ended)
		return false;
	arena_reset(v->arena);
	if (v->done < v->one.size)
		return next_bytes(v, &err);
	v->ready = zip_tail(v->zip, v->arena);
	v->ended = true;
	return true;
}

static bool
archive_read(struct stream *s, int64_t at, char *to, size_t n, size_t *ret_n)
{
	struct archive *v = (struct archive *)(void *)s;

	(void)at;
	if (!v->ready.n && !next_portion(v))
		return false;
	if (n > v->ready.n)
		n = v->ready.n;
	memcpy(to, v->ready.p, n);
	v->ready = str_from(v->ready, n);
	*ret_n = n;
	return true;
}

static void
archive_end(struct stream *s)
{
	struct archive *v = (struct archive *)(void *)s;

	zip_free(v->zip);
	arena_free(v->arena);
	identity_wipe((struct str){ (const char *)v->taken.key, sizeof(v->taken.key) });
}

void
handle_attachment_archive(struct request *r, struct answer *a)
{
	struct archive *v = arena_make(r->arena, struct archive);
	struct report rep;

	if (!input_report(r, a, &rep))
		return;
	/* whoever takes it leaves that in its custody, each time */
	if (!tx_can_write(r->tx)) {
		a->needs_write = true;
		return;
	}
	if (!attachment_take(r->tx, r->who, &rep, request_id(r, 1), &v->taken, &a->err))
		return;
	v->store = r->store;
	v->one = (struct zip_one){ v->taken.attachment.name, v->taken.attachment.size, v->taken.attachment.whole_at };
	v->stream = (struct stream){ .size = zip_length(&v->one), .read = archive_read, .end = archive_end };
	a->stream = &v->stream;
	a->raw_type = STR("application/zip");
	a->file_name = arena_printf(r->arena, "%.*s-%.*s.zip", STR_FMT(rep.report_no.p ? rep.report_no : STR("draft")),
	    STR_FMT(v->one.name));
}
