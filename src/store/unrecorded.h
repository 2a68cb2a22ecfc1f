/*
 * Statements whose changes ask for no audit record: notes that the program keeps for itself, bounded in number, of which the trail
 * has what matters already (a session's start and end, a refused try). Everything else that changes a row needs a record.
 */
#ifndef STORE_UNRECORDED_H
#define STORE_UNRECORDED_H

#define UNRECORDED(S) \
	S(S_SESSION_SEEN)       /* last use of a session, once a minute */ \
	S(S_SESSION_DROP)       /* long ended; its start and end are in the trail */ \
	S(S_KEY_USED)           /* last use of a key, once an hour */ \
	S(S_CALENDAR_USED)      /* last reading of a calendar, once an hour */ \
	S(S_LINK_DROP)          /* long run out */ \
	S(S_ATTEMPT_COUNT)      /* counts of failed tries */ \
	S(S_ATTEMPT_CLEAR) \
	S(S_ATTEMPT_SWEEP) \
	S(S_TEXT_RESTORE)       /* the index of words, made anew after a restore, which has its own record */ \
	S(S_SYSTEM_RESTORE)     /* what versions of reports say, gone through once after a migration */ \
	S(S_UNLISTED_DROP) \
	S(S_ATTACHMENT_PART_ADD) /* bytes of a file whose beginning and end are in the trail, as long as was announced there */ \
	S(S_ATTACHMENT_COMES) \
	S(S_CHECKPOINT_ADD)     /* of the log itself: a record of it would ask for the next one */ \
	S(S_COSIGNATURE_ADD)    /* the same */ \
	S(S_WITNESSED_NEW)      /* of another's log, with its signature */ \
	S(S_WITNESSED_ON) \
	S(S_VISIT_NEW)          /* how it goes with a witness: a record of it would ask for the next visit */ \
	S(S_VISIT_TAKE) \
	S(S_VISIT_DONE) \
	S(S_LEADER_NEXT)        /* of nodes among themselves; the log says on which node what was done */ \
	S(S_CHANGE_COUNT)       /* beside what changed, which has its record */ \
	S(S_SECRET_CHECK_KEEP)  /* once */ \
	S(S_TALLY_COUNT)        /* how often within a minute */ \
	S(S_TALLY_SWEEP)

#endif
