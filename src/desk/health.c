#include "desk/health.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "base/arena.h"
#include "store/log.h"
#include "store/nodes.h"

#define MIB (INT64_C(1024) * 1024)
#define DISK_LOW (512 * MIB)
#define DISK_SOON (2048 * MIB)
#define CLOCK_OFF (100 * INT64_C(1000))          /* a tenth of a second */

static struct health_place place;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct backup_news newest;
static bool has_news;

void
health_configure(const struct health_place *p)
{
	place = *p;
}

void
health_backup_set(const struct backup_news *news)
{
	pthread_mutex_lock(&lock);
	newest = *news;
	has_news = true;
	pthread_mutex_unlock(&lock);
}

bool
health_backup_get(struct backup_news *ret_news)
{
	bool has;

	pthread_mutex_lock(&lock);
	has = has_news;
	if (has)
		*ret_news = newest;
	pthread_mutex_unlock(&lock);
	return has;
}

/* ---- lines ---- */

struct health_line *
health_add(struct health *h, const char *check, enum health_state state, const char *found, const char *cure)
{
	struct health_line *line = &h->line[h->n];

	assert(h->n < HEALTH_LINES);
	h->n++;
	*line = (struct health_line){ .check = check, .state = state, .found = found, .at = clock_now() };
	line->cure = state == HEALTH_GOOD ? NULL : cure;
	return line;
}

void
health_arg(struct health_line *line, const char *name, struct str text)
{
	int i = 0;

	while (line->arg[i].name)
		i++;
	assert(i < (int)(sizeof(line->arg) / sizeof(line->arg[0])) - 1);
	line->arg[i] = (struct msg_arg){ name, text };
}

void
health_arg_int(const struct health *h, struct health_line *line, const char *name, int64_t n)
{
	health_arg(line, name, arena_printf(h->arena, "%lld", (long long)n));
}

struct str
health_found(const struct health *h, const struct health_line *line, enum lang l)
{
	return line->found ? msg_fill(h->arena, l, line->found, line->arg) : line->words;
}

struct str
health_cure(const struct health *h, const struct health_line *line, enum lang l)
{
	return line->cure ? msg_fill(h->arena, l, line->cure, line->arg) : STR_NONE;
}

enum health_state
health_worst(const struct health *h)
{
	enum health_state worst = HEALTH_GOOD;

	for (int i = 0; i < h->n; i++)
		if (h->line[i].state > worst)
			worst = h->line[i].state;
	return worst;
}

const char *
health_state_id(enum health_state s)
{
	static const char *const ids[HEALTH__MAX] = { "good", "look", "bad" };

	return ids[s];
}

/* ---- the machine ---- */

/* Deadlines hang on the clock: the kernel knows whether somebody keeps it right, and how far it is off. */
static void
look_at_clock(struct health *h)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);
	bool kept = state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
	int64_t off = t.status & STA_NANO ? t.offset / 1000 : t.offset;
	struct health_line *line;

	if (!kept) {
		health_add(h, "clock", HEALTH_BAD, "doctor.clock.loose", "doctor.clock.keep");
		return;
	}
	line = health_add(h, "clock", llabs(off) > CLOCK_OFF ? HEALTH_LOOK : HEALTH_GOOD, "doctor.clock.kept",
	    "doctor.clock.off");
	health_arg(line, "offset", arena_printf(h->arena, "%.3f", (double)off / 1000));
	health_arg_int(h, line, "most", t.maxerror / 1000);
}

static void
look_at_disk(struct health *h)
{
	char *dir = arena_c(h->arena, place.dir);
	struct health_line *line;
	struct statvfs v;
	int64_t room;

	if (statvfs(dir, &v) != 0) {
		line = health_add(h, "disk", HEALTH_BAD, NULL, "doctor.disk.make_room");
		line->words = arena_printf(h->arena, "%s: %s", dir, strerror(errno));
		return;
	}
	room = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	line = health_add(h, "disk", v.f_flag & ST_RDONLY || room <= DISK_LOW ? HEALTH_BAD : room <= DISK_SOON ?
	    HEALTH_LOOK : HEALTH_GOOD, v.f_flag & ST_RDONLY ? "doctor.disk.read_only" : "doctor.disk.found",
	    v.f_flag & ST_RDONLY ? "doctor.writing.mend" : "doctor.disk.make_room");
	health_arg_int(h, line, "mib", room / MIB);
	health_arg_int(h, line, "percent", v.f_blocks ? (int64_t)(v.f_bavail * 100 / v.f_blocks) : 0);
}

static void
look_at_secret(struct health *h)
{
	struct str path = arena_printf(h->arena, "%.*s/secret", STR_FMT(place.dir));
	struct health_line *line;
	struct stat s;
	bool there = stat(path.p, &s) == 0;

	line = health_add(h, "secret", there && (s.st_mode & 0077) == 0 ? HEALTH_GOOD : HEALTH_BAD,
	    there ? "doctor.secret.found" : "doctor.secret.missing",
	    there ? "doctor.secret.close" : "doctor.secret.restore");
	health_arg(line, "dir", place.dir);
	health_arg(line, "mode", there ? arena_printf(h->arena, "%03o", s.st_mode & 0777u) : STR(""));
}

void
health_machine(struct health *h)
{
	struct health_line *line;

	look_at_clock(h);
	look_at_disk(h);
	look_at_secret(h);
	line = health_add(h, "sandbox", place.landlock ? HEALTH_GOOD : HEALTH_LOOK,
	    place.landlock ? "doctor.sandbox.both" : "doctor.sandbox.seccomp", "doctor.sandbox.kernel");
	health_arg_int(h, line, "n", place.landlock);
}

/* ---- backups ---- */

enum health_state
health_backup_state(const struct backup_news *news, int64_t now)
{
	bool old = news->newest_at == NO_TIME || now - news->newest_at > 2 * place.backup_every + HOUR;

	if (old)
		return HEALTH_BAD;
	return news->failed_at != NO_TIME ? HEALTH_LOOK : HEALTH_GOOD;
}

void
health_backups(struct health *h, const struct backup_news *news)
{
	enum health_state state;
	struct health_line *line;
	const char *found;

	if (!place.backup_dir.n) {
		health_add(h, "backup", HEALTH_LOOK, "doctor.backup.off", "doctor.backup.set");
		return;
	}
	if (!news) {
		health_add(h, "backup", HEALTH_LOOK, "doctor.backup.unknown", "doctor.backup.look");
		return;
	}
	state = health_backup_state(news, clock_now());
	if (news->failed_at != NO_TIME)
		found = news->newest_at == NO_TIME ? "doctor.backup.failed_first" : "doctor.backup.failed";
	else
		found = news->newest_at == NO_TIME ? "doctor.backup.none" :
		    clock_now() - news->newest_at < HOUR ? "doctor.backup.fresh" : "doctor.backup.found";
	line = health_add(h, "backup", state, found, news->failed_at != NO_TIME ? "doctor.backup.mend" :
	    "doctor.backup.look");
	line->at = news->at;
	if (news->newest_at != NO_TIME) {
		health_arg_int(h, line, "hours", (clock_now() - news->newest_at) / HOUR);
		health_arg_int(h, line, "kib", (news->bytes + 1023) / 1024);
	}
	health_arg_int(h, line, "count", news->count);
	health_arg(line, "reason", arena_dup(h->arena, str_c(news->detail[0] ? news->detail :
	    fault_code((enum fault)news->fault))));
}

/* ---- the store ---- */

/* Only where there may be several, and this is one of them. */
static void
look_at_nodes(struct health *h, struct store *st)
{
	struct str names = store_nodes(st, h->arena);
	struct health_line *line;

	if (!names.p)
		return;
	if (!store_up_to_date(st))
		line = health_add(h, "nodes", HEALTH_LOOK, "doctor.nodes.unheard", "doctor.nodes.database");
	else
		line = health_add(h, "nodes", HEALTH_GOOD, store_leads(st, LEAD_TIMERS) ? "doctor.nodes.leads" :
		    "doctor.nodes.found", NULL);
	health_arg(line, "names", names);
	health_arg(line, "node", str_c(store_node(st)));
}

static void
look_at_database(struct health *h, struct store *st)
{
	struct str reason = STR_NONE;
	enum fault health = store_health(st, &reason);
	int version = store_schema_version(st), known = store_schema_newest();
	struct health_line *line;

	line = health_add(h, "database", version == known ? HEALTH_GOOD : HEALTH_BAD, "doctor.database.found",
	    "fault.schema.do");
	health_arg(line, "engine", store_engine(st, h->arena));
	health_arg_int(h, line, "version", version);
	look_at_nodes(h, st);
	if (health == FAULT_NONE)
		return;
	line = health_add(h, "writing", HEALTH_BAD, NULL, "doctor.writing.mend");
	line->words = reason;
}

static struct health_line *
log_line_of(struct health *h, bool good, struct str words)
{
	struct health_line *line = health_add(h, "log", good ? HEALTH_GOOD : HEALTH_BAD, good ? "doctor.log.found" : NULL,
	    "doctor.log.keep");

	line->words = words;
	return line;
}

/* The newest record against its leaf. Its tile and the edge were read on the way. */
static bool
newest_fits(struct tx *tx, const struct log_head *head, struct err *err)
{
	struct audit_record record;
	struct sha256 leaf, kept;
	struct str bytes;

	if (head->size == 0)
		return true;
	if (!log_record(tx, head->size - 1, &record, &bytes, err) || !log_leaf(tx, head->size - 1, &kept, err))
		return false;
	leaf = merkle_leaf(bytes);
	return merkle_same(&leaf, &kept) || err_setf(err, FAULT_INTERNAL, "record %lld is not what its leaf says",
	    (long long)head->size);
}

void
health_store(struct health *h, struct tx *tx)
{
	struct err err = { .arena = h->arena };
	struct log_head head;
	struct health_line *line;

	look_at_database(h, tx_store(tx));
	if (!log_head(tx, &head, &err) || !newest_fits(tx, &head, &err)) {
		log_line_of(h, false, err.detail.n ? err.detail : str_c(fault_code(err.fault)));
		return;
	}
	line = log_line_of(h, true, STR_NONE);
	health_arg_int(h, line, "records", head.size);
	health_arg(line, "origin", arena_dup(h->arena, head.origin));
}

bool
health_log_full(struct health *h, struct tx *tx, bool (*go_on)(void *arg, int64_t done, int64_t records), void *arg,
    struct err *err)
{
	struct log_findings found;
	struct health_line *line;

	if (!log_check(tx, go_on, arg, &found, err))
		return false;
	line = health_add(h, "log", found.misfits ? HEALTH_BAD : HEALTH_GOOD, found.misfits ? "doctor.log.misfits" :
	    "doctor.log.full", "doctor.log.keep");
	health_arg_int(h, line, "records", found.records);
	health_arg_int(h, line, "n", found.misfits);
	health_arg(line, "first", found.misfits ? log_misfit_words(h->arena, &found.first[0]) : STR(""));
	return true;
}
