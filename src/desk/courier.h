/*
 * What goes out of the house: errands to the places that the installation's settings name, and to no others.
 * Who runs them is another process; the daemon says how to reach it (courier_set). Without one every errand is
 * answered FAULT_COURIER.
 */
#ifndef DESK_COURIER_H
#define DESK_COURIER_H

#include "base/arena.h"
#include "base/err.h"

#define COURIER_URL_MAX 420
#define COURIER_BODY_MAX 65536           /* of what is sent, and of what is answered */
#define COURIER_PLACES_MAX 32

/* An address, taken apart: https, or http to this machine; no user, no query. Views point into it. */
struct place {
	struct str host;                 /* of IPv6 without brackets */
	int port;
	bool secure, loopback;
	struct str path;                 /* from the first '/' on; may be empty */
};
bool place_read(struct str url, struct place *ret_place);

/* "cert.example witness.example:8443 [::1]:8080"; port 443 where none is said. Before threads. FAULT_CONFIG. */
bool courier_configure(struct str places, struct err *err);
bool courier_may(struct str host, int port);
bool courier_is_configured(void);
const int *courier_ports(int *ret_n);   /* of all of them; some may be there twice */

struct errand_answer {
	int status;                      /* of HTTP */
	struct str body;                 /* in the arena; at most COURIER_BODY_MAX */
};
/* POSTs body to url, as text; waits. FAULT_COURIER says why nothing came back. */
typedef bool courier_way(struct str url, struct str body, struct arena *a, struct errand_answer *ret_answer,
    struct err *err);
/* Set once, before threads. */
void courier_set(courier_way *way);
/* Not inside a transaction: it waits. */
courier_way courier_send;

#endif
