#include "desk/calendar.h"

#include "base/rand.h"
#include "desk/identity_private.h"
#include "desk/pace.h"
#include "desk/work.h"
#include "wire/ical.h"

#define TOKEN_BYTES 32
#define LINKS_MOST 20                    /* of one person */
#define EVENTS_MOST 500
#define NOTED_EVERY HOUR
#define EACH_MOST 10                     /* times a minute, of one address of a calendar */
#define PLACE_MOST 120                   /* of one network: a calendar service reads for many */

#define NEW_CALENDAR(F) F(name, TEXT, REQUIRED, BY_P, ALWAYS, 1, 100, NULL, NULL)
struct new_calendar { NEW_CALENDAR(FIELD_MEMBER) };
#define NEW_CALENDAR_ROW(...) FIELD_ROW(new_calendar, __VA_ARGS__)
static const struct field new_calendar_fields[] = { NEW_CALENDAR(NEW_CALENDAR_ROW) };
const struct entity new_calendar = ENTITY(new_calendar, new_calendar_fields, false);

/* ---- the addresses ---- */

struct value *
calendar_list(struct tx *tx, const struct principal *who, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *rows = map_list(a, v, "rows");
	struct rows q = db_query(tx, S_CALENDAR_LIST, I(who->account));

	while (db_next(&q)) {
		struct value *row = list_add(rows, value_map(a));

		map_int(a, row, "id", db_int(&q, 0));
		map_str(a, row, "name", db_str(&q, 1));
		map_time(a, row, "created_at", db_int(&q, 2));
		map_time(a, row, "used_at", db_int(&q, 3));
		map_str(a, row, "used_from", db_str(&q, 4));
	}
	return db_end(&q, err) ? v : NULL;
}

static bool
has_room(struct tx *tx, const struct principal *who, struct err *err)
{
	struct value *list = calendar_list(tx, who, err);

	if (!list)
		return false;
	if (value_get(list, "rows")->n < LINKS_MOST)
		return true;
	return err_field(err, new_calendar_fields[0].key, new_calendar_fields[0].label, FAULT_F_MANY, LINKS_MOST, STR_NONE);
}

static bool
note(struct tx *tx, const struct principal *who, const char *action, int64_t id, struct str name, struct err *err)
{
	struct value *facts = value_map(tx_arena(tx));

	map_int(tx_arena(tx), facts, "calendar", id);
	if (name.p)
		map_str(tx_arena(tx), facts, "name", name);
	return account_note(tx, action, who->account, who->org, facts, err);
}

bool
calendar_create(struct tx *tx, const struct principal *who, const struct value *in, bool form, struct str *ret_token,
    int64_t *ret_id, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct entity_input input = { .in = in, .editors = BY_P, .form = form };
	struct new_calendar *wanted = entity_new(&new_calendar, a);
	struct str token = rand_token(a, TOKEN_BYTES);
	int64_t id = id_new();

	if (who->key)
		return err_set(err, FAULT_ROLE);
	entity_read(&new_calendar, &input, wanted, a, err);
	if (!entity_complete(&new_calendar, wanted, REQUIRED, err) || err->fault != FAULT_NONE || !has_room(tx, who, err))
		return false;
	if (!db_run(tx, S_CALENDAR_ADD, err, I(id), I(who->account), T(wanted->name), T(keyed(a, FOR_CALENDAR, token)),
	    I(tx_now(tx))) ||
	    !note(tx, who, "calendar.create", id, wanted->name, err))
		return false;
	*ret_token = token;
	*ret_id = id;
	return true;
}

bool
calendar_revoke(struct tx *tx, const struct principal *who, int64_t id, struct err *err)
{
	int64_t changed;

	if (!db_run_vals(tx, S_CALENDAR_REVOKE,
	    (struct val[]){ { .kind = VAL_NULL }, I(id), I(who->account), I(tx_now(tx)) }, 3, &changed, err))
		return false;
	return changed == 1 ? note(tx, who, "calendar.revoke", id, STR_NONE, err) : err_set(err, FAULT_NOT_FOUND);
}

/* ---- how often ---- */

/* The address of the calendar, and the network that asks. */
static bool
allowed(struct tx *tx, const struct calendar_asked *asked, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct pace paces[] = {
		pace_of(a, "calendar", asked->token, EACH_MOST),
		pace_from(a, "calendars from", asked->address, PLACE_MOST),
	};

	return pace_kept(tx, paces, 2, FAULT_RATE, err);
}

/* ---- the calendar ---- */

struct writing {
	struct buf b;
	enum lang lang;
	const struct calendar_asked *asked;
	struct str house;                /* of the installation, in every UID */
	int64_t now;
};

/* When to remind, as the regime says: shares of the time from the anchor on. */
static void
put_alarms(struct writing *w, const struct duty *d, struct str words)
{
	int64_t at[CLOCK_REMINDERS];
	int percent[CLOCK_REMINDERS], n = duty_reminders(d, at, percent);

	for (int i = 0; i < n; i++) {
		ical_line(&w->b, "BEGIN", STR("VALARM"));
		ical_line(&w->b, "ACTION", STR("DISPLAY"));
		ical_text(&w->b, "DESCRIPTION", words);
		ical_time(&w->b, "TRIGGER;VALUE=DATE-TIME", at[i]);
		ical_line(&w->b, "END", STR("VALARM"));
	}
}

static void
put_event(struct writing *w, const struct due *due)
{
	const struct duty *d = &due->d;
	struct arena *a = w->b.arena;
	struct msg_arg args[] = {
		{ "duty", duty_title(d, w->lang) }, { "number", due->report_no }, { NULL, STR_NONE },
	};
	struct str words = msg_fill(a, w->lang, d->due_at < w->now ? "calendar.late" : "calendar.due", args);
	struct str url = arena_printf(a, "%.*s/reports/%lld", STR_FMT(w->asked->origin), (long long)d->report_id);

	ical_line(&w->b, "BEGIN", STR("VEVENT"));
	ical_line(&w->b, "UID", arena_printf(a, "duty-%lld-%.*s@tocsin", (long long)d->id, STR_FMT(w->house)));
	ical_time(&w->b, "DTSTAMP", d->changed_at);
	ical_time(&w->b, "LAST-MODIFIED", d->changed_at);
	ical_line(&w->b, "SEQUENCE", arena_printf(a, "%lld", (long long)(d->version - 1)));
	ical_time(&w->b, "DTSTART", d->due_at);
	ical_text(&w->b, "SUMMARY", words);
	ical_text(&w->b, "DESCRIPTION",
	    arena_printf(a, "%.*s\n%.*s", STR_FMT(msg(w->lang, "calendar.where")), STR_FMT(url)));
	ical_line(&w->b, "URL", url);
	ical_line(&w->b, "CLASS", STR("CONFIDENTIAL"));
	ical_line(&w->b, "TRANSP", STR("TRANSPARENT"));
	put_alarms(w, d, words);
	ical_line(&w->b, "END", STR("VEVENT"));
}

static bool
put_calendar(struct tx *tx, const struct principal *who, struct writing *w, struct err *err)
{
	struct due *list;
	int n;

	if (!duties_due(tx, who, EVENTS_MOST, &list, &n, err))
		return false;
	ical_line(&w->b, "BEGIN", STR("VCALENDAR"));
	ical_line(&w->b, "VERSION", STR("2.0"));
	ical_line(&w->b, "PRODID", w->lang == LANG_EN ? STR("-//Tocsin//Duties//EN") : STR("-//Tocsin//Duties//ZH"));
	ical_line(&w->b, "CALSCALE", STR("GREGORIAN"));
	ical_text(&w->b, "NAME", msg(w->lang, "calendar.name"));
	ical_text(&w->b, "X-WR-CALNAME", msg(w->lang, "calendar.name"));
	ical_text(&w->b, "X-WR-CALDESC", msg(w->lang, "calendar.where"));
	ical_line(&w->b, "REFRESH-INTERVAL;VALUE=DURATION", STR("PT15M"));
	ical_line(&w->b, "X-PUBLISHED-TTL", STR("PT15M"));
	for (int i = 0; i < n; i++)
		put_event(w, &list[i]);
	ical_line(&w->b, "END", STR("VCALENDAR"));
	return true;
}

static bool
find(struct tx *tx, struct str token, int64_t *ret_id, int64_t *ret_account, int64_t *ret_used, struct err *err)
{
	struct rows q = db_query(tx, S_CALENDAR_BY_TOKEN, T(keyed(tx_arena(tx), FOR_CALENDAR, token)));
	bool found = db_next(&q);

	if (found) {
		*ret_id = db_int(&q, 0);
		*ret_account = db_int(&q, 1);
		*ret_used = db_int(&q, 2);
	}
	return db_end(&q, err) && (found || err_set(err, FAULT_NOT_FOUND));
}

/* Whoever was suspended has no calendar, and is told no more than that. */
static bool
owner(struct tx *tx, int64_t account, struct principal *ret_who, struct err *err)
{
	struct err why = { .arena = err->arena };

	if (principal_load(tx, account, ret_who, &why))
		return true;
	if (fault_status(why.fault) >= 500) {
		*err = why;
		return false;
	}
	return err_set(err, FAULT_NOT_FOUND);
}

bool
calendar_text(struct tx *tx, const struct calendar_asked *asked, struct str *ret_text, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct writing w = { .b = { .arena = a }, .asked = asked, .now = tx_now(tx) };
	struct principal who;
	int64_t id = 0, account = 0, used = NO_TIME;
	bool note;

	if (!find(tx, asked->token, &id, &account, &used, err) || !owner(tx, account, &who, err) ||
	    !allowed(tx, asked, err))
		return false;
	if (!tx_can_write(tx)) {
		*ret_text = STR_NONE;
		return true;
	}
	note = used == NO_TIME || w.now - used >= NOTED_EVERY || w.now < used;
	if (note && !db_run(tx, S_CALENDAR_USED, err, I(id), I(w.now), T(asked->address)))
		return false;
	w.lang = asked->lang ? *asked->lang : who.lang;
	w.house = str_first(keyed(a, FOR_CALENDAR, STR("house")), 12);
	if (!put_calendar(tx, &who, &w, err))
		return false;
	*ret_text = buf_str(&w.b);
	return true;
}
