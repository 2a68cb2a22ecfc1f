/*
 * Who read a report or its trail, and when: each reading is an audit record. Whoever opens the same version again within a
 * quarter of an hour has read it already; that is remembered here, in a table without locks that forgets what
 * it has no room for. A slot holds forty bits of a keyed digest and the second of the reading.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "base/rand.h"
#include "desk/reports.h"
#include "store/audit.h"

#define SLOTS 65536              /* a power of two */
#define REMEMBERED (15 * 60)     /* seconds */
#define CLOCK_BITS 24            /* seconds, modulo half a year */
#define CLOCK_MASK ((UINT64_C(1) << CLOCK_BITS) - 1)

static _Atomic uint64_t slots[SLOTS];
static unsigned char key[crypto_shorthash_KEYBYTES];
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

struct reading {
	_Atomic uint64_t *slot;
	uint64_t mark;                   /* digest above, the second of now below */
};

static void
prepare(void)
{
	rand_bytes(key, sizeof(key));
}

static struct reading
reading_of(const struct principal *who, const struct report *r, enum report_part part, int64_t now)
{
	const int64_t facts[] = { who->account, r->id, r->version, part };
	unsigned char digest[crypto_shorthash_BYTES];
	uint64_t hash = 0;

	_Static_assert(sizeof(digest) == sizeof(hash), "one number");
	pthread_once(&prepared, prepare);
	crypto_shorthash(digest, (const unsigned char *)facts, sizeof(facts), key);
	for (size_t i = 0; i < sizeof(digest); i++)
		hash = hash << 8 | digest[i];
	return (struct reading){
		.slot = &slots[hash & (SLOTS - 1)],
		.mark = (hash & ~CLOCK_MASK) | ((uint64_t)(now / SECOND) & CLOCK_MASK),
	};
}

bool
report_reading_known(const struct principal *who, const struct report *r, enum report_part part,
    int64_t now)
{
	struct reading mine = reading_of(who, r, part, now);
	uint64_t held = atomic_load_explicit(mine.slot, memory_order_relaxed);

	return ((held ^ mine.mark) & ~CLOCK_MASK) == 0 && held != 0 &&
	    ((mine.mark - held) & CLOCK_MASK) < REMEMBERED;
}

static void
remember(void *arg)
{
	const struct reading *mine = arg;

	atomic_store_explicit(mine->slot, mine->mark, memory_order_relaxed);
}

bool
report_record_reading(struct tx *tx, const struct principal *who, const struct report *r,
    enum report_part part, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *facts = value_map(a);
	struct reading *mine = arena_make(a, struct reading);
	struct audit record = { .action = part == PART_TRAIL ? "report.read_trail" : "report.read", .entity = "report", .object = r->id,
	    .org = r->org_id, .details = facts };

	map_int(a, facts, "version", r->version);
	*mine = reading_of(who, r, part, tx_now(tx));
	tx_after_commit(tx, remember, mine);
	return audit_append(tx, &record, err);
}
