/* Conditions that are waited for with an end, whatever somebody does to the clock on the wall meanwhile. */
#ifndef BASE_COND_H
#define BASE_COND_H

#include <pthread.h>
#include <time.h>

void cond_make(pthread_cond_t *c);
/* So many seconds from now, for pthread_cond_timedwait() on such a condition. */
struct timespec cond_until(int seconds);

#endif
