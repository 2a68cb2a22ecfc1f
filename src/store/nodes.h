/*
 * Several nodes on one database: who leads, and what one must learn of what the others wrote.
 *
 * Work that is done by time and not because somebody asked is the leader's. A node leads as long as it holds an
 * advisory lock on a connection that the server ends when nothing was heard on it for ten seconds. What is
 * written by right of leading says its epoch: a node that was cut off, and does not know that it leads no more,
 * writes nothing.
 *
 * Of what nodes remember of the database each change is counted in the table change; a notification is the hint, a
 * look once a second the truth.
 *
 * With SQLite the process is alone: it leads, and there is nothing to learn. So is a command, which does what it was
 * asked for.
 */
#ifndef STORE_NODES_H
#define STORE_NODES_H

#include "store/store.h"

enum lead { LEAD_TIMERS, LEAD_NOTARY, LEAD__MAX };
/* What nodes remember: people behind tokens. What one asks of another: a checkpoint. */
enum topic { TOPIC_IDENTITY, TOPIC_CHECKPOINT, TOPIC__MAX,
	TOPIC_NAMES = 100 };             /* nobody is told: pg_memory.c looks for itself */

/* This node's name, as records of the trail have it. */
const char *store_node(const struct store *st);
/* "alpha, beta": the nodes that were there some seconds ago, this one too; STR_NONE: nobody has asked. */
struct str store_nodes(struct store *st, struct arena *a);
/* Whether other processes may have the database open. */
bool store_shared(const struct store *st);

/*
 * From now on this node stands for what it said it would, and learns: changed() is called, on a thread of the store's,
 * once for each topic that changed, whoever changed it, and after whatever time of not knowing. Not with SQLite.
 */
typedef void store_changed(enum topic topic);
bool store_watch(struct store *st, store_changed *changed, struct err *err);
void store_watch_end(struct store *st);
/* Whether this node would lead, if nobody else does. None does unless it says so. */
void store_stand(struct store *st, enum lead role, bool stands);
/* Whether it does, as far as it knows. */
bool store_leads(struct store *st, enum lead role);
/* store_write() by right of leading. FAULT_BUSY, and nothing is written, when another node leads. */
bool store_write_leading(struct store *st, enum lead role, struct arena *a, store_work *work, void *arg,
    struct err *err);

/* In the transaction that changes it: the other nodes will know. */
void tx_changed(struct tx *tx, enum topic topic);
/* Whether what this node remembers was true two seconds ago or later. */
bool store_up_to_date(struct store *st);

#endif
