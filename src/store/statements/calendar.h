#ifndef STORE_STATEMENTS_CALENDAR_H
#define STORE_STATEMENTS_CALENDAR_H

#define STATEMENTS_CALENDAR(S) \
	S(S_CALENDAR_ADD, "calendar.add", \
	  "INSERT INTO calendar_link (id, account_id, name, token, made_at) VALUES ($1, $2, $3, $4, $5)", "iitti", "") \
	S(S_CALENDAR_LIST, "calendar.list", \
	  "SELECT id, name, made_at, used_at, used_from FROM calendar_link" \
	  " WHERE account_id = $1 AND revoked_at IS NULL ORDER BY id LIMIT 100", "i", "itiit") \
	S(S_CALENDAR_BY_TOKEN, "calendar.by_token", \
	  "SELECT id, account_id, used_at FROM calendar_link WHERE token = $1 AND revoked_at IS NULL", "t", "iii") \
	S(S_CALENDAR_REVOKE, "calendar.revoke", \
	  "UPDATE calendar_link SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL", "iii", "") \
	S(S_CALENDAR_USED, "calendar.used", "UPDATE calendar_link SET used_at = $2, used_from = $3 WHERE id = $1", "iit", "")

#endif
