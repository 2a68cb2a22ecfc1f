/*
 * The fictional sector: two sectors, two CERTs, the national CERT, twelve providers, their people, forty reports.
 * Every name is invented. The same rows every time; times count back from the moment of making.
 */
#ifndef DAEMON_DEMO_SECTOR_H
#define DAEMON_DEMO_SECTOR_H

#include <stdbool.h>
#include <stdint.h>

enum demo_org {
	DEMO_HEALTH_CERT, DEMO_FINANCE_CERT, DEMO_NATIONAL, DEMO_OPERATOR,
	DEMO_SHANCHENG, DEMO_HAIWAN, DEMO_QINGHE, DEMO_BEIXING, DEMO_BEIXING_BRANCH, DEMO_JIAMU,
	DEMO_YUANFAN, DEMO_YUQUAN, DEMO_JINSUI, DEMO_QINGCHUAN, DEMO_HUILIU, DEMO_DAOYU,
	DEMO_ORG__MAX,
};

struct demo_org_row {
	int64_t kind;                    /* ORG_... */
	const char *sector;              /* code, NULL: none */
	int parent;                      /* enum demo_org, -1: none */
	const char *name_zh, *name_en, *phone, *email;
	int64_t grade;                   /* 0..4 for A..E, -1: none */
	bool in_scope, nis2, dora;
};
extern const struct demo_org_row demo_orgs[DEMO_ORG__MAX];

struct demo_person_row {
	const char *login, *name, *title;
	int org;
	unsigned role;                   /* enum role */
	const char *phone;
};
extern const struct demo_person_row demo_people[];
extern const int demo_people_count;

/* How far a report has come. */
enum demo_path {
	PATH_DRAFT, PATH_REPORTED, PATH_RETURNED, PATH_HANDLING, PATH_CONTAINED, PATH_SENT, PATH_ACKNOWLEDGED,
	PATH_CLOSING, PATH_CLOSED, PATH_REOPENED, PATH_MERGED, PATH_WITHDRAWN, PATH_PHONE, PATH_VOLUNTARY,
};

struct demo_report_row {
	int org;
	int hours_ago;                   /* when the provider became aware */
	int minutes_to_file;
	enum demo_path path;
	const char *category, *conditions;   /* ids, conditions joined by a blank */
	int c, i, a;
	int level_reviewed;              /* 0: as reported */
	bool other_ci;
	int hosts, servers;
	const char *address;             /* external, documentation ranges only */
	const char *description, *scope_loss, *measures;
};
extern const struct demo_report_row demo_reports[];
extern const int demo_reports_count;

#endif
