/*
 * Why a receipt, a note or a log proves nothing, once. A row is: constant, exit status of `tocsin-verify`
 * (1: it was understood and is not proved; 2: it could not be used at all), the words in English and Chinese.
 * This table, like all of tocsin-verify, needs nothing of Tocsin's other rooms.
 */
#ifndef LEDGER_REFUSAL_H
#define LEDGER_REFUSAL_H

#define REFUSALS(R) \
	R(REFUSAL_NONE, 0, "", "") \
	/* the file is not in its form */ \
	R(REFUSAL_TEXT, 2, "the file is not well-formed UTF-8 text", "檔案不是正確的 UTF-8 文字") \
	R(REFUSAL_FORMAT, 2, "this is no receipt, bundle or checkpoint of Tocsin, or of a newer version", \
	    "這不是警鐘的收據、匯出檔或檢查點，或版本較新") \
	R(REFUSAL_FORM, 2, "the file is not in the one form that Tocsin writes (changed or reformatted?)", \
	    "檔案不是警鐘寫出的唯一格式（是否經過修改或重新排版？）") \
	R(REFUSAL_TWICE, 2, "a member of the JSON object stands twice", "JSON 物件中有重複的成員") \
	R(REFUSAL_MEMBER, 2, "a member of the JSON object is missing, unknown or out of order", \
	    "JSON 物件中有成員缺漏、不明或順序不對") \
	R(REFUSAL_NUMBER, 2, "a number is negative, has a leading zero or is beyond 9007199254740991", \
	    "數字為負數、有前導零，或超過 9007199254740991") \
	R(REFUSAL_BASE64, 2, "a text is not in the one form of base64", "文字不是唯一格式的 base64") \
	R(REFUSAL_HASH, 2, "a hash is not exactly 32 bytes long", "雜湊值的長度不是 32 位元組") \
	R(REFUSAL_PROOF_LONG, 2, "the proof has more hashes than any log can need", \
	    "證明中的雜湊值多於任何日誌所需") \
	R(REFUSAL_TRAILING, 2, "something follows after the end", "結尾之後還有多餘的內容") \
	R(REFUSAL_SHORT, 2, "the file ends too early", "檔案不完整，提前結束") \
	R(REFUSAL_TIME, 2, "a time is not of the form 2026-11-22T02:10:00.000000Z", \
	    "時間不是 2026-11-22T02:10:00.000000Z 的格式") \
	R(REFUSAL_RECORD, 2, "the record is not one of this version", "紀錄不是本版本的格式") \
	R(REFUSAL_NOTE, 2, "the signed note is malformed", "簽署文件的格式不正確") \
	R(REFUSAL_CHECKPOINT, 2, "the checkpoint is malformed", "檢查點的格式不正確") \
	R(REFUSAL_KEY_FORM, 2, "the key file holds a line that is no public key", \
	    "金鑰檔中有一行不是公開金鑰") \
	R(REFUSAL_KEY_ID, 2, "a public key's id does not fit it (was it copied wholly?)", \
	    "公開金鑰與其識別碼不符（是否完整複製？）") \
	R(REFUSAL_KEYS_MANY, 2, "the key file holds more than 64 keys", "金鑰檔中的金鑰超過 64 把") \
	R(REFUSAL_NO_KEY, 2, "the key file holds no key", "金鑰檔中沒有金鑰") \
	/* it is in its form, and is not proved */ \
	R(REFUSAL_STATEMENT, 1, "a statement in the key file is not signed by a key that stands before it", \
	    "金鑰檔中有一份聲明，並非由前面的金鑰簽署") \
	R(REFUSAL_NO_CHECKPOINT, 1, "its checkpoint is still to come: nothing is proved yet", \
	    "檢查點尚未產生：目前什麼都還不能證明") \
	R(REFUSAL_ORIGIN, 1, "it is of another log than the key", "它屬於另一份日誌，與金鑰不符") \
	R(REFUSAL_NOT_SIGNED, 1, "the checkpoint is not signed by this key", "檢查點不是由這把金鑰簽署") \
	R(REFUSAL_SIGNATURE, 1, "the checkpoint's signature does not hold", "檢查點的簽章不成立") \
	R(REFUSAL_KEY_EARLY, 1, "the key was not yet valid at the checkpoint's time", \
	    "檢查點產生時金鑰尚未生效") \
	R(REFUSAL_KEY_EXPIRED, 1, "the key had expired at the checkpoint's time", \
	    "檢查點產生時金鑰已逾有效期限") \
	R(REFUSAL_KEY_COMPROMISED, 1, "the key was compromised before the checkpoint's time", \
	    "檢查點產生前金鑰已外洩") \
	R(REFUSAL_WITNESS, 1, "a witness that you named has not cosigned the checkpoint", \
	    "您指定的見證者未在檢查點上連署") \
	R(REFUSAL_WITNESS_SIGNATURE, 1, "the cosignature of a witness does not hold", \
	    "見證者的連署簽章不成立") \
	R(REFUSAL_SIZE, 1, "the proof is for another size of the log than the checkpoint", \
	    "證明所對應的日誌大小與檢查點不同") \
	R(REFUSAL_INDEX, 1, "the record's number does not fit its place in the log", \
	    "紀錄的序號與其在日誌中的位置不符") \
	R(REFUSAL_INCLUSION, 1, "the record does not stand in the log that was signed", \
	    "這筆紀錄不在所簽署的日誌之中") \
	R(REFUSAL_DETAILS, 1, "the details are not those of the record", "明細不是這筆紀錄的明細") \
	R(REFUSAL_ROOT, 1, "the records are not those that were signed", "這些紀錄不是當時簽署的紀錄") \
	R(REFUSAL_TRUNCATED, 1, "the log is shorter than the checkpoint says: its end is missing", \
	    "日誌比檢查點所載的短：結尾缺少紀錄") \
	R(REFUSAL_FORKED, 1, "the log does not go on from the older checkpoint: its past was changed", \
	    "這份日誌不是較早檢查點那份日誌的延續：過去的內容已遭變更") \
	R(REFUSAL_NOT_COMPARED, 1, "the older checkpoint cannot be compared without a proof of consistency", \
	    "沒有一致性證明，無法與較早的檢查點比對") \
	R(REFUSAL_BACKWARDS, 1, "the longer log was signed at an earlier time than the shorter one", \
	    "較長的日誌簽署時間反而早於較短的日誌") \
	R(REFUSAL_DIGEST, 1, "the file's own digest does not fit: it was changed or cut short", \
	    "檔案本身的摘要不符：內容遭變更或截斷") \
	R(REFUSAL_COUNT, 1, "the file does not hold as many records as it says", "檔案中的紀錄筆數與所載不符")

#define REFUSAL_CONSTANT(constant, status, en, zh) constant,
enum refusal { REFUSALS(REFUSAL_CONSTANT) REFUSAL__MAX };
#undef REFUSAL_CONSTANT

#endif
