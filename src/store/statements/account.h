/* Accounts and what belongs to them: sessions, API keys, one-time links, passwords, tries. */
#ifndef STORE_STATEMENTS_ACCOUNT_H
#define STORE_STATEMENTS_ACCOUNT_H

/* Whose accounts a person sees ($1 organisation, $2 account of the reader): see ORG_SEEN_BY_... in statements/organisation.h. */
#define ACCOUNT_ROWS(seen) \
	"SELECT a.id, a.login, p.name, o.id, o.name_zh, o.name_en, a.roles, a.state, a.totp_at," \
	" (SELECT max(s.started_at) FROM session s WHERE s.account_id = a.id)" \
	" FROM account a JOIN person p ON p.id = a.person JOIN organisation o ON o.id = a.org" \
	" WHERE " seen " AND a.login > $3 AND ($4 IS NULL OR a.state = $4) AND ($5 IS NULL OR a.org = $5)" \
	" AND ($6 IS NULL OR a.login LIKE $6 ESCAPE '!' OR p.name LIKE $6 ESCAPE '!' OR o.name_zh LIKE $6 ESCAPE '!'" \
	" OR o.name_en LIKE $6 ESCAPE '!')" \
	" ORDER BY a.login LIMIT $7"
#define ACCOUNT_ROW_RESULTS "ittittiiii"

#define STATEMENTS_ACCOUNT(S) \
	/* ---- who somebody is: person, org, roles, state, lang, roc_year, name, kind, sector, names, organisation's state, units below ---- */ \
	S(S_PRINCIPAL, "account.principal", \
	  "SELECT a.person, a.org, a.roles, a.state, a.lang, a.roc_year, p.name, o.org_kind, o.sector, o.name_zh, o.name_en, o.state," \
	  " CASE WHEN EXISTS (SELECT 1 FROM org_above u WHERE u.above_id = a.org AND u.org_id <> a.org) THEN 1 ELSE 0 END" \
	  " FROM account a JOIN person p ON p.id = a.person JOIN organisation o ON o.id = a.org WHERE a.id = $1", \
	  "i", "iiiiiitiittii") \
	S(S_ACCOUNT_BY_LOGIN, "account.by_login", "SELECT id FROM account WHERE login = $1", "t", "i") \
	S(S_ACCOUNT_ORG, "account.org", "SELECT org FROM account WHERE id = $1", "i", "i") \
	S(S_ACCOUNT_NAME, "account.name", \
	  "SELECT p.name, a.login FROM account a JOIN person p ON p.id = a.person WHERE a.id = $1", "i", "tt") \
	S(S_ACCOUNT_LIST_ALL, "account.list_all", ACCOUNT_ROWS(ORG_SEEN_BY_ALL), "iitiiti", ACCOUNT_ROW_RESULTS) \
	S(S_ACCOUNT_LIST_CERT, "account.list_cert", ACCOUNT_ROWS(ORG_SEEN_BY_CERT), "iitiiti", ACCOUNT_ROW_RESULTS) \
	S(S_ACCOUNT_LIST_ORG, "account.list_org", ACCOUNT_ROWS(ORG_SEEN_BY_ORG), "iitiiti", ACCOUNT_ROW_RESULTS) \
	S(S_ACCOUNT_PREDECESSORS, "account.predecessors", \
	  "SELECT id FROM account WHERE successor = $1 AND state IN (1, 3) ORDER BY id", "i", "i") \
	S(S_ACCOUNT_OTHER_ADMINISTRATOR, "account.other_administrator", \
	  "SELECT 1 FROM account WHERE state = 1 AND (roles & $1) <> 0 AND id <> $2 AND password IS NOT NULL LIMIT 1", "ii", "i") \
	/* the same person twice at one organisation: states applied, active, suspended */ \
	S(S_ACCOUNT_OF_PERSON, "account.of_person", \
	  "SELECT a.id FROM person p JOIN account a ON a.person = p.id" \
	  " WHERE p.org = $1 AND p.name = $2 AND lower(p.email) = lower($3) AND a.state IN (0, 1, 3) LIMIT 1", "itt", "i") \
	S(S_ACCOUNT_WORKS_AT, "account.works_at", "SELECT 1 FROM account WHERE org = $1 AND state IN (1, 3) LIMIT 1", "i", "i") \
	S(S_ACCOUNT_AT, "account.at", \
	  "SELECT a.id, a.login, p.name, a.roles, a.state FROM account a JOIN person p ON p.id = a.person" \
	  " WHERE a.org = $1 ORDER BY a.id LIMIT $2", "ii", "ittii") \
	/* ---- sessions ---- */ \
	S(S_SESSION_BY_TOKEN, "session.by_token", \
	  "SELECT id, account_id, started_at, seen_at, ended_at FROM session WHERE token = $1", "t", "iiiii") \
	S(S_SESSION_INSERT, "session.insert", \
	  "INSERT INTO session (id, account_id, token, started_at, seen_at, address, place, user_agent, opened_with)" \
	  " VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)", "iititttt", "") \
	S(S_SESSION_SEEN, "session.seen", "UPDATE session SET seen_at = $2 WHERE id = $1 AND ended_at IS NULL", "ii", "") \
	S(S_SESSION_END, "session.end", "UPDATE session SET ended_at = $2, why = $3 WHERE id = $1 AND ended_at IS NULL", "iit", "") \
	S(S_SESSION_OWN, "session.own", "SELECT 1 FROM session WHERE id = $1 AND account_id = $2 AND ended_at IS NULL", "ii", "i") \
	S(S_SESSION_OPEN_OF, "session.open_of", \
	  "SELECT id FROM session WHERE account_id = $1 AND id <> $2 AND ended_at IS NULL ORDER BY id LIMIT $3", "iii", "i") \
	S(S_SESSION_LIST, "session.list", \
	  "SELECT id, started_at, seen_at, address, user_agent FROM session" \
	  " WHERE account_id = $1 AND ended_at IS NULL AND seen_at > $2 AND started_at > $3 ORDER BY started_at DESC LIMIT 100", \
	  "iii", "iiitt") \
	S(S_SESSION_FROM, "session.from", \
	  "SELECT 1 FROM session WHERE account_id = $1 AND place = $2 AND started_at > $3 LIMIT 1", "iti", "i") \
	S(S_SESSION_OVER, "session.over", \
	  "SELECT s.id, s.account_id, a.org, s.seen_at FROM session s JOIN account a ON a.id = s.account_id" \
	  " WHERE s.ended_at IS NULL AND (s.seen_at <= $1 OR s.started_at <= $2) ORDER BY s.seen_at LIMIT $3", "iii", "iiii") \
	S(S_SESSION_DROP, "session.drop", \
	  "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE ended_at IS NOT NULL AND ended_at < $1 ORDER BY ended_at LIMIT $2)", \
	  "ii", "") \
	/* ---- API keys ---- */ \
	S(S_KEY_BY_TOKEN, "key.by_token", \
	  "SELECT id, account_id, expires_at, used_at, revoked_at FROM api_key WHERE token = $1", "t", "iiiii") \
	S(S_KEY_INSERT, "key.insert", \
	  "INSERT INTO api_key (id, account_id, name, hint, token, made_at, made_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", \
	  "iitttiii", "") \
	S(S_KEY_USED, "key.used", "UPDATE api_key SET used_at = $2 WHERE id = $1", "ii", "") \
	S(S_KEY_LIST, "key.list", \
	  "SELECT k.id, k.name, k.hint, k.made_at, k.expires_at, k.used_at, k.made_by, p.name FROM api_key k" \
	  " LEFT JOIN account a ON a.id = k.made_by LEFT JOIN person p ON p.id = a.person" \
	  " WHERE k.account_id = $1 AND k.revoked_at IS NULL ORDER BY k.id LIMIT 100", "i", "ittiiiit") \
	S(S_KEY_OPEN, "key.open", \
	  "SELECT k.account_id, a.org, k.name FROM api_key k JOIN account a ON a.id = k.account_id" \
	  " WHERE k.id = $1 AND k.revoked_at IS NULL", "i", "iit") \
	S(S_KEY_OPEN_OF, "key.open_of", \
	  "SELECT id FROM api_key WHERE account_id = $1 AND revoked_at IS NULL AND ($2 = 0 OR made_by <> account_id) ORDER BY id LIMIT 100", \
	  "ii", "i") \
	S(S_KEY_REVOKE, "key.revoke", "UPDATE api_key SET revoked_at = $2, why = $3 WHERE id = $1 AND revoked_at IS NULL", "iit", "") \
	/* ---- one-time links ---- */ \
	S(S_LINK_INSERT, "link.insert", \
	  "INSERT INTO one_time_link (id, kind, account_id, token, made_at, made_by, expires_at, drop_totp)" \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", "iiitiiii", "") \
	S(S_LINK_BY_TOKEN, "link.by_token", \
	  "SELECT id, kind, account_id, expires_at, used_at, drop_totp FROM one_time_link WHERE token = $1", "t", "iiiiii") \
	S(S_LINK_USE, "link.use", \
	  "UPDATE one_time_link SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2", "ii", "") \
	S(S_LINK_SPEND, "link.spend", \
	  "UPDATE one_time_link SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL", "ii", "") \
	S(S_LINK_SPEND_SETUP, "link.spend_setup", \
	  "UPDATE one_time_link SET used_at = $1 WHERE kind = 0 AND used_at IS NULL", "i", "") \
	S(S_LINK_DROP, "link.drop", \
	  "DELETE FROM one_time_link WHERE id IN (SELECT id FROM one_time_link WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)", \
	  "ii", "") \
	/* ---- passwords and codes ---- */ \
	S(S_PASSWORD_HISTORY, "password.history", \
	  "SELECT hash FROM password_history WHERE account_id = $1 ORDER BY id DESC LIMIT $2", "ii", "t") \
	S(S_PASSWORD_REMEMBER, "password.remember", \
	  "INSERT INTO password_history (id, account_id, hash, made_at) VALUES ($1, $2, $3, $4)", "iiti", "") \
	S(S_PASSWORD_FORGET, "password.forget", \
	  "DELETE FROM password_history WHERE account_id = $1 AND id NOT IN" \
	  " (SELECT id FROM password_history WHERE account_id = $1 ORDER BY id DESC LIMIT $2)", "ii", "") \
	S(S_TOTP_USED, "totp.used", \
	  "UPDATE account SET totp_step = $2 WHERE id = $1 AND (totp_step IS NULL OR totp_step < $2)", "ii", "") \
	S(S_RECOVERY, "recovery.find", "SELECT 1 FROM recovery_code WHERE code = $1 AND used_at IS NULL", "t", "i") \
	S(S_RECOVERY_INSERT, "recovery.insert", "INSERT INTO recovery_code (code, account_id) VALUES ($1, $2)", "ti", "") \
	S(S_RECOVERY_USED, "recovery.used", "UPDATE recovery_code SET used_at = $2 WHERE code = $1 AND used_at IS NULL", "ti", "") \
	S(S_RECOVERY_CLEAR, "recovery.clear", "DELETE FROM recovery_code WHERE account_id = $1", "i", "") \
	S(S_RECOVERY_LEFT, "recovery.left", \
	  "SELECT count(*) FROM recovery_code WHERE account_id = $1 AND used_at IS NULL", "i", "i") \
	/* ---- tries ---- */ \
	S(S_ATTEMPT, "attempt.of", "SELECT failures, last_at, until_at FROM attempt WHERE subject = $1", "t", "iii") \
	S(S_ATTEMPT_COUNT, "attempt.count", \
	  "INSERT INTO attempt (subject, failures, last_at, until_at) VALUES ($1, $2, $3, $4)" \
	  " ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, until_at = excluded.until_at", \
	  "tiii", "") \
	S(S_ATTEMPT_CLEAR, "attempt.clear", "DELETE FROM attempt WHERE subject = $1", "t", "") \
	S(S_ATTEMPT_SWEEP, "attempt.sweep", "DELETE FROM attempt WHERE last_at < $1", "i", "")

#endif
