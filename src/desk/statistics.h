/* Figures: each names its period, its rule and the moment it was taken; drills never count. Guide 3.3.1 table 5, Annex 6 no. 2. */
#ifndef DESK_STATISTICS_H
#define DESK_STATISTICS_H

#include "model/principal.h"
#include "store/store.h"

/*
 * {period: {from, to}, taken_at, rule, total, by_category_level: {rows: [{category, l1..l4, total}], totals}, by_state,
 *  mean_days_to_close, median_days_to_close, p90_days_to_close, on_time_share, by_month: [{month, count}]} over the reader's scope.
 */
struct value *statistics(struct tx *tx, const struct principal *who, int64_t from, int64_t to, struct err *err);

#endif
