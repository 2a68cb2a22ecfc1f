/*
 * What tocsin-verify says: constant, English, Chinese; {0} {1} ... are filled. Why it refuses stands in
 * ledger/refusal.h. They are here and not in the catalogues, so that the program is whole in itself.
 */
#ifndef VERIFY_WORDS_H
#define VERIFY_WORDS_H

#define WORDS(W) \
	W(SAY_REFUSED, "NOT PROVED: {0}", "未獲證明：{0}") \
	W(SAY_UNUSABLE, "CANNOT BE USED: {0}", "無法使用：{0}") \
	W(SAY_AT_BYTE, "  {0}, at byte {1}", "  {0}，第 {1} 個位元組") \
	W(SAY_IN_FILE, "  {0}", "  {0}") \
	W(SAY_AT_LINE, "  {0}, line {1}", "  {0}，第 {1} 行") \
	W(SAY_FILE, "{0}: {1}", "{0}：{1}") \
	W(SAY_HOLDS, "PROVED\n  The log {0} holds record {1}:", "已證明\n  日誌 {0} 之中有第 {1} 筆紀錄：") \
	W(SAY_TYPE, "  {0}", "  {0}") \
	W(SAY_RECORD, "  {0} {1} {2}: {3}, by {4} (account {5}, organisation {6}), at {7} (UTC).", \
	    "  {0} {1} {2}：{3}，由 {4}（帳號 {5}，機構 {6}）於 {7}（UTC，臺灣時間再加 8 小時）所為。") \
	W(SAY_LEAF, "  Hash of the record, as the receipt on paper has it:\n    {0}", \
	    "  紀錄的雜湊值，與紙本收據所載者相同：\n    {0}") \
	W(SAY_REASON, "  Reason given: {0}", "  所載理由：{0}") \
	W(SAY_SIGNED, "  The log of {0} records was signed at {1} under the key {2}+{3}.", \
	    "  日誌當時共 {0} 筆，於 {1} 以金鑰 {2}+{3} 簽署。") \
	W(SAY_DETAILS, "  The details in this file are those of the record; of each field [before, after]:", \
	    "  檔案中的明細確為這筆紀錄的明細，各欄位為 [變更前, 變更後]：") \
	W(SAY_MEMBER, "    {0}", "    {0}") \
	W(SAY_ENTRIES, "PROVED\n  The log {0} holds {1} records of this file, each by its own proof.", \
	    "已證明\n  檔案中的 {1} 筆紀錄都在日誌 {0} 之中，各有證明。") \
	W(SAY_WHOLE, "PROVED\n  These are all {1} records of the log {0}, as they were signed.", \
	    "已證明\n  這就是日誌 {0} 的全部 {1} 筆紀錄，與簽署時相同。") \
	W(SAY_SPAN, "  The first is of {0}, the last of {1}.", "  第一筆為 {0}，最後一筆為 {1}。") \
	W(SAY_CHECKPOINT, "PROVED\n  The log {0} had {1} records.", "已證明\n  日誌 {0} 當時有 {1} 筆紀錄。") \
	W(SAY_WITNESSED, "  The witness {0}+{1} saw it and cosigned it at {2}.", \
	    "  見證者 {0}+{1} 於 {2} 看到並連署。") \
	W(SAY_SAME_LOG, \
	    "  It is one log with the older checkpoint ({0} records, {1}): nothing of that was changed.", \
	    "  與較早的檢查點（{0} 筆，{1}）屬於同一份日誌：其中的內容未曾變更。") \
	W(SAY_NOT, "What this does not prove:", "未能證明的事項：") \
	W(SAY_NOT_TRUE, "  - that what people wrote into the record is true;", \
	    "  - 人員填寫的內容是否屬實；") \
	W(SAY_NOT_KEY, "  - that the key is the log's: that rests on where you had the key file from;", \
	    "  - 金鑰是否確為該日誌所有：取決於您從何處取得金鑰檔；") \
	W(SAY_NOT_CLOCK, "  - the times: the log's clock is its own;", "  - 時間：採用日誌自己的時鐘；") \
	W(SAY_NOT_CLOCK_BEFORE, \
	    "  - the exact times: the log's clock is its own; the witness saw it at {0};", \
	    "  - 確切時間：採用日誌自己的時鐘；見證者於 {0} 看到；") \
	W(SAY_NOT_WITNESSED, \
	    "  - that others were shown the same log: no witness that you named has cosigned it;", \
	    "  - 其他人看到的是否為同一份日誌：沒有您指定的見證者連署；") \
	W(SAY_NOT_OTHERS, "  - {0} more signatures, by keys that you did not give;", \
	    "  - 另有 {0} 個簽章，未提供其金鑰；") \
	W(SAY_NOT_DETAILS, "  - the details of {0} records: they are not in this file, only their hash is;", \
	    "  - {0} 筆紀錄的明細：不在檔案中，只有雜湊值；") \
	W(SAY_NOT_ALL, \
	    "  - that these are all records of {0}; who made the file, when and why (its heading);", \
	    "  - 這些是否為{0}的全部紀錄；檔案由誰、何時、為何製作（檔頭）；") \
	W(SAY_NOT_HEADING, "  - who made the file, when and why (its heading);", \
	    "  - 檔案由誰、何時、為何製作（檔頭）；") \
	W(SAY_NOT_FILES, "  - {0} files that it names by their hash: they are not in it;", \
	    "  - 以雜湊值列出的 {0} 個檔案：不在其中；") \
	W(SAY_NOT_COMPROMISED, \
	    "  - the time of signing: the key was compromised at {0}; ask for a new receipt.", \
	    "  - 簽署時間：金鑰已於 {0} 外洩，請索取新的收據。") \
	W(SAY_NOT_LATER, "  - anything that happened after that.", "  - 在那之後發生的事。") \
	W(SAY_DUE, "  The next checkpoint is due at {0}: fetch the receipt again after that.", \
	    "  下一個檢查點預定於 {0} 產生：請於其後重新下載收據。") \
	W(SAY_USAGE, "usage: {0} --key FILE [--checkpoint OLDER] [--consistency FILE] [--witness FILE]... " \
	    "[--lang en|zh-TW] RECEIPT|BUNDLE|CHECKPOINT\n" \
	    "  --key: the log's public key, from somewhere else than the receipt. It ends with 0 when proved, 1 when not,\n" \
	    "  2 when the file cannot be used. The manual says the rest: man tocsin-verify.", \
	    "用法：{0} --key 檔案 [--checkpoint 較早的檢查點] [--consistency 檔案] [--witness 檔案]... " \
	    "[--lang en|zh-TW] 收據|匯出檔|檢查點\n" \
	    "  --key：日誌的公開金鑰，請從收據以外的管道取得。結束狀態：0 為已證明，1 為未獲證明，2 為檔案無法使用。\n" \
	    "  其餘請看手冊：man tocsin-verify。")

/* What happened, by the type of the record, when it was done. */
#define TYPES(T) \
	T("report.submit", "A report was filed.", "送出通報。") \
	T("report.save", "Changes of a report were saved.", "儲存通報的變更。") \
	T("report.return", "A report was sent back for correction.", "通報退回補正。") \
	T("report.review", "A report was reviewed.", "完成通報審核。") \
	T("report.contain", "Damage control or recovery was reported as done.", "完成損害控制或復原。") \
	T("report.close", "The closing form of a report was filed.", "提出通報結案。") \
	T("report.accept", "The closing was accepted; the report is released from tracking.", "同意結案，解除列管。") \
	T("report.reopen", "A report was reopened.", "恢復列管。") \
	T("report.withdraw", "A report was withdrawn, or its provider asked for that.", "撤銷通報，或提出撤銷。") \
	T("report.merge", "A report was merged into another one.", "併入另一通報。") \
	T("report.match", "A report was matched with another one.", "與另一通報對應。") \
	T("report.police", "Prosecutors or police were told.", "告知檢調單位。") \
	T("report.improvement", "The improvement report was filed.", "提交改善報告。") \
	T("report.extend", "An extension was asked for.", "申請展延。") \
	T("report.grant", "An extension was decided.", "決定展延。") \
	T("report.escalate", "A report was handed over to the national CERT.", "送交國家層級 CERT。") \
	T("report.acknowledge", "The national CERT acknowledged a report.", "國家層級 CERT 已受理。") \
	T("report.contact", "A contact was logged.", "登錄聯繫紀錄。") \
	T("report.attach", "A file was added to a report.", "加入附件。") \
	T("report.detach", "A file of a report was withdrawn.", "撤回附件。")

#define WORD_CONSTANT(constant, en, zh) constant,
enum say { WORDS(WORD_CONSTANT) SAY__MAX };
#undef WORD_CONSTANT

#endif
