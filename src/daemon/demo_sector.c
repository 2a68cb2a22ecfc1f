#include "daemon/demo_sector.h"

#include <stddef.h>

#include "model/organisation.h"

const struct demo_org_row demo_orgs[DEMO_ORG__MAX] = {
	[DEMO_HEALTH_CERT] = { ORG_CERT, "MED", -1, "衛生醫療領域 CERT（示範）", "Health Sector CERT (demo)", "02-5550-1100", "cert@med.example", -1, false, false, false },
	[DEMO_FINANCE_CERT] = { ORG_CERT, "FIN", -1, "金融服務領域 CERT（示範）", "Financial Sector CERT (demo)", "02-5550-1200", "cert@fin.example", -1, false, false, false },
	[DEMO_NATIONAL] = { ORG_NATIONAL, NULL, -1, "國家層級 CERT（示範）", "National CERT (demo)", "02-5550-1000", "ncert@nat.example", -1, false, false, false },
	[DEMO_OPERATOR] = { ORG_OPERATOR, NULL, -1, "平台維運中心（示範）", "Platform Operations (demo)", "02-5550-1900", "ops@tocsin.example", -1, false, false, false },
	[DEMO_SHANCHENG] = { ORG_PROVIDER, "MED", -1, "山城綜合醫院", "Shancheng General Hospital", "03-555-0110#119", "it@shancheng.example", 1, true, false, false },
	[DEMO_HAIWAN] = { ORG_PROVIDER, "MED", -1, "海灣醫學中心", "Haiwan Medical Centre", "07-555-0120#3300", "soc@haiwan.example", 0, true, true, false },
	[DEMO_QINGHE] = { ORG_PROVIDER, "MED", -1, "青禾檢驗所", "Qinghe Laboratories", "04-555-0130", "it@qinghe.example", 2, true, false, false },
	[DEMO_BEIXING] = { ORG_PROVIDER, "MED", -1, "北星醫院", "Beixing Hospital", "02-5550-1400", "it@beixing.example", 1, true, false, false },
	[DEMO_BEIXING_BRANCH] = { ORG_PROVIDER, "MED", DEMO_BEIXING, "北星醫院溪口分院", "Beixing Hospital, Xikou Branch", "02-5550-1450", "xikou@beixing.example", 3, false, false, false },
	[DEMO_JIAMU] = { ORG_PROVIDER, "MED", -1, "嘉木療養院", "Jiamu Sanatorium", "05-555-0150", "office@jiamu.example", 3, true, false, false },
	[DEMO_YUANFAN] = { ORG_PROVIDER, "FIN", -1, "遠帆商業銀行", "Yuanfan Commercial Bank", "02-5550-2100#66", "soc@yuanfan.example", 0, true, false, true },
	[DEMO_YUQUAN] = { ORG_PROVIDER, "FIN", -1, "玉泉信用合作社", "Yuquan Credit Cooperative", "03-555-0220", "it@yuquan.example", 2, true, false, false },
	[DEMO_JINSUI] = { ORG_PROVIDER, "FIN", -1, "金穗證券", "Jinsui Securities", "02-5550-2300", "soc@jinsui.example", 1, true, false, false },
	[DEMO_QINGCHUAN] = { ORG_PROVIDER, "FIN", -1, "晴川人壽保險", "Qingchuan Life Insurance", "04-555-0240", "sec@qingchuan.example", 1, true, false, false },
	[DEMO_HUILIU] = { ORG_PROVIDER, "FIN", -1, "匯流電子支付", "Huiliu Payments", "02-5550-2500", "soc@huiliu.example", 1, true, false, true },
	[DEMO_DAOYU] = { ORG_PROVIDER, "FIN", -1, "島嶼票券金融", "Daoyu Bills Finance", "02-5550-2600", "it@daoyu.example", 2, false, false, false },
};

const struct demo_person_row demo_people[] = {
	{ "admin", "周柏翰", "平台管理", DEMO_OPERATOR, ROLE_ADMINISTRATOR, "02-5550-1901" },
	{ "auditor", "鄭雅文", "稽核", DEMO_OPERATOR, ROLE_AUDITOR, "02-5550-1902" },
	{ "lin.yijun", "林怡君", "通報審核", DEMO_HEALTH_CERT, ROLE_REVIEWER, "02-5550-1101" },
	{ "hsu.kaiwen", "許凱文", "通報審核", DEMO_HEALTH_CERT, ROLE_REVIEWER, "02-5550-1102" },
	{ "tsai.handler", "蔡孟儒", "主機鑑識", DEMO_HEALTH_CERT, ROLE_HANDLER, "02-5550-1103" },
	{ "wu.manager", "吳淑芬", "組長", DEMO_HEALTH_CERT, ROLE_MANAGER, "02-5550-1104" },
	{ "yang.liaison", "楊志遠", "國家層級聯繫", DEMO_HEALTH_CERT, ROLE_LIAISON, "02-5550-1105" },
	{ "fin.reviewer", "郭佩珊", "通報審核", DEMO_FINANCE_CERT, ROLE_REVIEWER, "02-5550-1201" },
	{ "fin.handler", "江承恩", "網路鑑識", DEMO_FINANCE_CERT, ROLE_HANDLER, "02-5550-1202" },
	{ "fin.manager", "何靜宜", "組長", DEMO_FINANCE_CERT, ROLE_MANAGER, "02-5550-1203" },
	{ "ncert.liaison", "羅文傑", "值班官", DEMO_NATIONAL, ROLE_LIAISON, "02-5550-1001" },
	{ "chen.meihua", "陳美華", "資訊室值班", DEMO_SHANCHENG, ROLE_REPORTER, "03-555-0110#119" },
	{ "shancheng.admin", "黃國棟", "資訊室主任", DEMO_SHANCHENG, ROLE_PROVIDER_ADMIN, "03-555-0110#100" },
	{ "haiwan.soc", "王冠廷", "SOC 值班", DEMO_HAIWAN, ROLE_REPORTER, "07-555-0120#3301" },
	{ "qinghe.it", "李思穎", "資訊人員", DEMO_QINGHE, ROLE_REPORTER, "04-555-0130#12" },
	{ "beixing.it", "張家豪", "資訊組長", DEMO_BEIXING, ROLE_REPORTER, "02-5550-1401" },
	{ "xikou.it", "劉欣怡", "總務", DEMO_BEIXING_BRANCH, ROLE_REPORTER, "02-5550-1451" },
	{ "jiamu.office", "謝宗翰", "行政", DEMO_JIAMU, ROLE_REPORTER, "05-555-0150#21" },
	{ "yuanfan.soc", "曾郁婷", "SOC 值班", DEMO_YUANFAN, ROLE_REPORTER, "02-5550-2101" },
	{ "yuquan.it", "洪俊傑", "資訊課", DEMO_YUQUAN, ROLE_REPORTER, "03-555-0221" },
	{ "jinsui.soc", "邱詩涵", "資安專員", DEMO_JINSUI, ROLE_REPORTER, "02-5550-2301" },
	{ "qingchuan.sec", "廖建宏", "資安部", DEMO_QINGCHUAN, ROLE_REPORTER, "04-555-0241" },
	{ "huiliu.soc", "賴品妤", "維運值班", DEMO_HUILIU, ROLE_REPORTER, "02-5550-2501" },
	{ "daoyu.it", "徐立偉", "資訊部", DEMO_DAOYU, ROLE_REPORTER, "02-5550-2601" },
};
const int demo_people_count = sizeof(demo_people) / sizeof(demo_people[0]);

#define RANSOM "值班人員發現護理站電腦桌面出現勒索訊息，電子病歷系統無法開啟，檔案副檔名遭變更。已確認三部檔案伺服器受影響。"
#define RANSOM_LOSS "門診掛號與電子病歷停擺，急診改以人工作業；備份伺服器狀態確認中。"
#define RANSOM_DO "已切斷受影響網段，保留記憶體與磁碟映像，通知委外廠商到場，啟動紙本作業程序。"
#define DEFACE "官網首頁遭置換為不明圖片，經查為內容管理系統外掛未更新。"
#define DEFACE_LOSS "官網對外資訊暫停，無個人資料外洩跡象。"
#define DEFACE_DO "網站下線維護，還原備份並更新外掛，調閱網頁伺服器日誌。"
#define DDOS "網路銀行入口湧入大量連線請求，來源分散於多國，客戶登入逾時。"
#define DDOS_LOSS "網路銀行與行動銀行間歇中斷，臨櫃交易正常。"
#define DDOS_DO "已請電信業者啟用流量清洗，限制境外連線，持續監看。"
#define PHISH "接獲客戶反映收到假冒本公司之簡訊，連結導向仿冒登入頁面。"
#define PHISH_LOSS "已知十二名客戶輸入帳號密碼，目前未見異常交易。"
#define PHISH_DO "已通報網域註冊機構下架，強制重設相關帳號密碼並公告提醒。"
#define LEAK "資安監控發現對外資料庫有大量查詢，疑似掛號系統介接程式存在注入漏洞。"
#define LEAK_LOSS "可能外洩病人姓名、身分證字號末四碼與就診科別約一千二百筆。"
#define LEAK_DO "關閉該介接程式，封鎖來源位址，保全資料庫稽核軌跡。"
#define BEACON "端點防護告警：會計室電腦每十分鐘對外連線至可疑網域，研判為後門程式。"
#define BEACON_LOSS "一部個人電腦，未連接核心系統；帳號權限為一般使用者。"
#define BEACON_DO "隔離電腦、停用帳號、擷取行程與網路連線紀錄。"
#define POWER "機房不斷電系統故障，切換時核心交換器重新開機，連線中斷十五分鐘。"
#define POWER_LOSS "檢驗報告上傳延遲，無資料遺失。"
#define POWER_DO "更換不斷電模組，檢視雙迴路供電設定。"
#define SPAM "郵件伺服器遭利用發送垃圾郵件，對外信譽遭列入黑名單。"
#define SPAM_LOSS "對外郵件遭退信，內部郵件正常。"
#define SPAM_DO "停用遭盜用帳號，清除佇列郵件，啟用多因子驗證。"

/* Addresses are of the ranges reserved for documentation (RFC 5737, RFC 3849). */
const struct demo_report_row demo_reports[] = {
	/* tonight in health */
	{ DEMO_SHANCHENG, 0, 0, PATH_DRAFT, "intrusion", "malware", 2, 3, 3, 0, false, 6, 3, "203.0.113.7", RANSOM, RANSOM_LOSS, RANSOM_DO },
	{ DEMO_HAIWAN, 1, 35, PATH_REPORTED, "intrusion", "malware abnormal_connection", 2, 3, 4, 0, true, 42, 9, "203.0.113.66", RANSOM, RANSOM_LOSS, RANSOM_DO },
	{ DEMO_QINGHE, 2, 50, PATH_REPORTED, "equipment", "power", 0, 0, 1, 0, false, 2, 2, NULL, POWER, POWER_LOSS, POWER_DO },
	{ DEMO_BEIXING, 7, 40, PATH_REPORTED, "web_attack", "deface", 0, 1, 1, 0, false, 1, 1, "198.51.100.20", DEFACE, DEFACE_LOSS, DEFACE_DO },
	{ DEMO_JIAMU, 12, 55, PATH_REPORTED, "intrusion", "spam_source", 1, 1, 1, 0, false, 1, 1, "198.51.100.44", SPAM, SPAM_LOSS, SPAM_DO },
	{ DEMO_BEIXING_BRANCH, 9, 30, PATH_RETURNED, "intrusion", "abnormal_connection", 1, 1, 0, 0, false, 1, 0, "192.0.2.91", BEACON, BEACON_LOSS, BEACON_DO },
	{ DEMO_SHANCHENG, 20, 45, PATH_HANDLING, "web_attack", "pii_leak_web", 2, 1, 0, 3, false, 1, 1, "203.0.113.19", LEAK, LEAK_LOSS, LEAK_DO },
	{ DEMO_HAIWAN, 30, 25, PATH_SENT, "intrusion", "system_compromised data_leak", 3, 2, 1, 0, false, 8, 3, "2001:db8:10::5", LEAK, LEAK_LOSS, LEAK_DO },
	{ DEMO_QINGHE, 50, 58, PATH_HANDLING, "intrusion", "malware", 1, 2, 2, 0, false, 12, 2, "203.0.113.88", RANSOM, RANSOM_LOSS, RANSOM_DO },
	{ DEMO_BEIXING, 60, 75, PATH_CONTAINED, "dos", "service_down", 0, 0, 2, 0, false, 3, 3, "198.51.100.120", DDOS, DDOS_LOSS, DDOS_DO },
	{ DEMO_JIAMU, 80, 90, PATH_HANDLING, "intrusion", "abnormal_connection", 1, 1, 1, 0, false, 1, 0, "192.0.2.14", BEACON, BEACON_LOSS, BEACON_DO },
	{ DEMO_SHANCHENG, 100, 20, PATH_ACKNOWLEDGED, "intrusion", "malware", 2, 3, 3, 0, true, 20, 6, "203.0.113.7", RANSOM, RANSOM_LOSS, RANSOM_DO },
	{ DEMO_HAIWAN, 140, 30, PATH_CLOSING, "web_attack", "phishing_page", 1, 0, 0, 0, false, 0, 0, "198.51.100.77", PHISH, PHISH_LOSS, PHISH_DO },
	{ DEMO_QINGHE, 150, 40, PATH_CLOSING, "equipment", "damaged", 0, 0, 2, 0, false, 2, 2, NULL, POWER, POWER_LOSS, POWER_DO },
	{ DEMO_BEIXING_BRANCH, 200, 30, PATH_PHONE, "equipment", "power", 0, 0, 1, 0, false, 4, 1, NULL, POWER, POWER_LOSS, POWER_DO },
	/* weeks before */
	{ DEMO_SHANCHENG, 400, 30, PATH_CLOSED, "web_attack", "deface", 0, 1, 0, 0, false, 1, 1, "198.51.100.21", DEFACE, DEFACE_LOSS, DEFACE_DO },
	{ DEMO_HAIWAN, 520, 20, PATH_CLOSED, "intrusion", "abnormal_connection", 1, 1, 1, 0, false, 2, 0, "192.0.2.31", BEACON, BEACON_LOSS, BEACON_DO },
	{ DEMO_BEIXING, 700, 110, PATH_CLOSED, "dos", "degraded", 0, 0, 1, 0, false, 2, 2, "198.51.100.9", DDOS, DDOS_LOSS, DDOS_DO },
	{ DEMO_JIAMU, 900, 45, PATH_REOPENED, "intrusion", "spam_source", 1, 1, 1, 0, false, 1, 1, "198.51.100.45", SPAM, SPAM_LOSS, SPAM_DO },
	{ DEMO_QINGHE, 1100, 50, PATH_CLOSED, "web_attack", "pii_leak_web", 2, 0, 0, 0, false, 1, 1, "203.0.113.23", LEAK, LEAK_LOSS, LEAK_DO },
	{ DEMO_HAIWAN, 29, 40, PATH_MERGED, "intrusion", "data_leak", 3, 1, 0, 0, false, 2, 1, "2001:db8:10::5", LEAK, LEAK_LOSS, LEAK_DO },
	{ DEMO_BEIXING, 170, 30, PATH_WITHDRAWN, "dos", "degraded", 0, 0, 1, 0, false, 1, 1, "198.51.100.130", DDOS, DDOS_LOSS, DDOS_DO },
	{ DEMO_JIAMU, 5, 20, PATH_VOLUNTARY, "other", "", 0, 0, 0, 0, false, 0, 0, "192.0.2.200", PHISH, PHISH_LOSS, PHISH_DO },
	/* finance */
	{ DEMO_YUANFAN, 0, 0, PATH_DRAFT, "dos", "service_down", 0, 0, 3, 0, false, 4, 4, "198.51.100.201", DDOS, DDOS_LOSS, DDOS_DO },
	{ DEMO_HUILIU, 1, 30, PATH_REPORTED, "dos", "service_down", 0, 0, 3, 0, true, 6, 6, "198.51.100.201", DDOS, DDOS_LOSS, DDOS_DO },
	{ DEMO_YUANFAN, 4, 45, PATH_REPORTED, "web_attack", "phishing_page", 2, 0, 0, 0, false, 0, 0, "203.0.113.150", PHISH, PHISH_LOSS, PHISH_DO },
	{ DEMO_YUQUAN, 10, 50, PATH_REPORTED, "equipment", "power", 0, 0, 2, 0, false, 3, 2, NULL, POWER, POWER_LOSS, POWER_DO },
	{ DEMO_JINSUI, 15, 25, PATH_RETURNED, "intrusion", "abnormal_connection", 1, 2, 1, 0, false, 3, 1, "192.0.2.77", BEACON, BEACON_LOSS, BEACON_DO },
	{ DEMO_QINGCHUAN, 26, 35, PATH_HANDLING, "web_attack", "pii_leak_web", 2, 1, 0, 3, false, 2, 2, "203.0.113.170", LEAK, LEAK_LOSS, LEAK_DO },
	{ DEMO_DAOYU, 45, 65, PATH_HANDLING, "intrusion", "malware", 1, 2, 2, 0, false, 9, 1, "203.0.113.181", RANSOM, RANSOM_LOSS, RANSOM_DO },
	{ DEMO_YUANFAN, 70, 15, PATH_CONTAINED, "dos", "service_down", 0, 0, 3, 0, false, 4, 4, "198.51.100.210", DDOS, DDOS_LOSS, DDOS_DO },
	{ DEMO_HUILIU, 110, 20, PATH_SENT, "intrusion", "system_compromised", 2, 3, 2, 0, false, 5, 3, "2001:db8:20::9", LEAK, LEAK_LOSS, LEAK_DO },
	{ DEMO_JINSUI, 160, 40, PATH_CLOSING, "intrusion", "spam_source", 1, 1, 1, 0, false, 1, 1, "198.51.100.222", SPAM, SPAM_LOSS, SPAM_DO },
	{ DEMO_YUQUAN, 300, 35, PATH_CLOSED, "web_attack", "deface", 0, 1, 0, 0, false, 1, 1, "198.51.100.230", DEFACE, DEFACE_LOSS, DEFACE_DO },
	{ DEMO_YUANFAN, 450, 30, PATH_CLOSED, "dos", "degraded", 0, 0, 2, 0, false, 2, 2, "198.51.100.233", DDOS, DDOS_LOSS, DDOS_DO },
	{ DEMO_QINGCHUAN, 620, 25, PATH_CLOSED, "intrusion", "malware", 1, 2, 1, 0, false, 3, 0, "203.0.113.190", BEACON, BEACON_LOSS, BEACON_DO },
	{ DEMO_HUILIU, 800, 85, PATH_CLOSED, "web_attack", "phishing_page", 1, 0, 0, 0, false, 0, 0, "203.0.113.199", PHISH, PHISH_LOSS, PHISH_DO },
	{ DEMO_DAOYU, 1000, 40, PATH_CLOSED, "equipment", "power", 0, 0, 1, 0, false, 1, 1, NULL, POWER, POWER_LOSS, POWER_DO },
	{ DEMO_YUQUAN, 220, 30, PATH_WITHDRAWN, "intrusion", "abnormal_connection", 1, 1, 0, 0, false, 1, 0, "192.0.2.180", BEACON, BEACON_LOSS, BEACON_DO },
	{ DEMO_JINSUI, 14, 30, PATH_MERGED, "intrusion", "abnormal_connection", 1, 1, 0, 0, false, 1, 0, "192.0.2.77", BEACON, BEACON_LOSS, BEACON_DO },
};
const int demo_reports_count = sizeof(demo_reports) / sizeof(demo_reports[0]);
