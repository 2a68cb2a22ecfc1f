// Every page that the route table has, in both languages, light and dark, wide and narrow: axe finds nothing, nothing has to be
// scrolled sideways, no word of the other language, one heading, a title of its own, a marking, no complaint of the browser.
import { createHmac } from "node:crypto";
import { COLOURS, LAYOUT, RULES, axe, fits, frame, leaks } from "./lib/checks.mjs";
import { press, signIn } from "./lib/hands.mjs";
import { SIZES } from "./lib/world.mjs";
import { must } from "./lib/tap.mjs";

export const title = "every page";

const OFFICER = "chen.meihua", REVIEWER = "lin.yijun", MANAGER = "wu.manager", LIAISON = "yang.liaison", AUDITOR = "auditor", ADMIN = "admin";
const BOSS = "shancheng.admin";
/* Whoever may do something to a report, in the order in which they are asked. */
const DOERS = [OFFICER, REVIEWER, MANAGER, LIAISON, "haiwan.soc", "qinghe.it", "beixing.it", "xikou.it", "jiamu.office"];

/** Reports of the reader's scope: [{id, state, ...}], whole. */
async function reports(server, login) {
	const list = await server.call(login, "GET", "/reports?limit=200");
	return Promise.all(list.json.rows.map(async (row) => (await server.call(login, "GET", `/reports/${row.id}`)).json));
}

/** Where each verb is open: verb -> {who, id}, from what the records themselves say. */
async function openVerbs(server) {
	const open = new Map();
	for (const who of DOERS)
		for (const r of await reports(server, who))
			for (const action of r.actions ?? []) {
				const verb = typeof action === "string" ? action : action.verb ?? action.id;
				if (!open.has(verb))
					open.set(verb, { who, id: r.id });
			}
	return open;
}

/**
 * Pages by the name of their route: [who, address]..., where needed with a server or a person of its own. Routes of verbs come
 * from the life table by way of what each record says is open.
 */
async function visits(server, lang) {
	const mine = await reports(server, REVIEWER);
	const by = (test) => mine.find(test).id;
	const closed = by((r) => r.state === "closed"), sent = by((r) => r.escalation === "sent" || r.escalation === "acknowledged");
	const draft = (await reports(server, OFFICER)).find((r) => r.state === "draft").id;
	const returned = by((r) => r.state === "returned"), merged = by((r) => r.state === "merged"), voluntary = by((r) => r.report_kind === "voluntary");
	const handling = (await reports(server, OFFICER)).find((r) => r.state === "handling").id;
	const contained = (await reports(server, "beixing.it")).find((r) => r.contained_at && r.state === "handling").id;
	await must200(server.call("beixing.it", "POST", `/reports/${contained}/extend`, { until: "2026-12-31T00:00:00Z", reason: "備品未到" }));
	const file = await attach(server, handling);
	const exported = await must200(server.call(MANAGER, "POST", `/reports/${handling}/export`, { reason: "檢調來函 115-1122 號" }));
	const table = {
		home: [[null, "/"], [OFFICER, "/"], [REVIEWER, "/"], [AUDITOR, "/"], [ADMIN, "/"], ["ncert.liaison", "/"], [BOSS, "/"]],
		"report.list": [[OFFICER, "/reports"], [REVIEWER, "/reports"], [REVIEWER, "/reports?history=yes&q=" + encodeURIComponent("勒索")],
			[REVIEWER, "/reports?q=zzzz"], [AUDITOR, "/reports"]],
		"report.new": [[OFFICER, "/reports/new"], [REVIEWER, "/reports/new"]],
		"report.view": [[OFFICER, `/reports/${draft}`], [OFFICER, `/reports/${handling}`], ...[closed, sent, returned, merged, voluntary].map((id) => [REVIEWER, `/reports/${id}`])],
		"report.edit": [[OFFICER, `/reports/${draft}/edit`], [OFFICER, `/reports/${handling}/edit`]],
		"report.receipt": [[OFFICER, `/reports/${handling}/receipt`]],
		receipts: [[OFFICER, "/receipts"], [REVIEWER, "/receipts?code=00000"], [REVIEWER, `/receipts?code=${await codeOf(server, handling)}`]],
		"export.list": [[MANAGER, "/exports"], [AUDITOR, "/exports"]],
		"export.view": [[MANAGER, exported.href], [AUDITOR, exported.href], [BOSS, exported.href]],
		"report.export.form": [[MANAGER, `/reports/${handling}/export`]],
		"report.versions": [[REVIEWER, `/reports/${closed}/versions`]],
		"report.compare": [[REVIEWER, `/reports/${closed}/versions/1..3`]],
		"report.trail": [[OFFICER, `/reports/${handling}/trail`], [AUDITOR, `/reports/${sent}/trail`]],
		"report.duties": [[REVIEWER, `/reports/${sent}/duties`]],
		"report.package": [[REVIEWER, `/reports/${sent}/package`]],
		"report.attachment.list": [[OFFICER, `/reports/${handling}/attachments`], [REVIEWER, `/reports/${closed}/attachments`]],
		"report.attachment.view": [[OFFICER, file], [REVIEWER, file]],
		"report.attachment.withdraw.form": [[OFFICER, file + "/withdraw"]],
		"report.print": [[OFFICER, `/reports/${handling}/print`]],
		board: [[REVIEWER, "/duties"], [OFFICER, "/duties"], ["haiwan.soc", "/duties?group=overdue"], [REVIEWER, "/duties?holder=all&level=4"]],
		statistics: [[REVIEWER, "/statistics"], [OFFICER, "/statistics"], [REVIEWER, "/statistics?from=2020-01-01&to=2020-12-31"]],
		rules: [[null, "/rules"]],
		"rules.one": ["tw-2017", "tw-2026", "eu-nis2", "eu-dora"].map((id) => [REVIEWER, `/rules/${id}`]),
		ready: [[null, "/readyz"]],
		"log.checkpoint": [[null, "/log/checkpoint"], [AUDITOR, "/log/checkpoint"]],
		keys: [[ADMIN, "/keys"], [AUDITOR, "/keys"]],
		"keys.compromised.form": [[ADMIN, `/keys/${(await must200(server.call(ADMIN, "GET", "/keys"))).rows[0].id}/compromised`]],
		"witness.list": [[ADMIN, "/witnesses"], [AUDITOR, "/witnesses"]],
		"witness.log.new": [[ADMIN, "/witnesses/logs/new"]],
		"witness.new": [[ADMIN, "/witnesses/new"]],
		"health.page": [[ADMIN, "/health"], [MANAGER, "/health"]],
		...await peoplesPages(server, lang),
		...await logPages(server, handling),
	};
	for (const [verb, { who, id }] of await openVerbs(server))
		table[`report.${verb}.form`] = [[who, `/reports/${id}/${verb}`]];
	return { table, handling, closed };
}

/** A file of the officer's, and half of another; the address of the first. */
async function attach(server, report) {
	const begun = async (name, size) => (await must200(server.call(OFFICER, "POST", `/reports/${report}/attachments`, { name, size }))).href;
	const put = async (href, bytes) => must((await fetch(`${server.base}${href}?offset=0`, { method: "PUT", body: Buffer.alloc(bytes),
		headers: { "Content-Type": "application/octet-stream", Authorization: "Bearer " + server.world.tokens[OFFICER] } })).ok, "the bytes were not taken");
	const file = await begun("../日誌.txt", 70000);
	await put(file, 70000);
	await put(await begun("proxy.log", 900000), 100000);
	return file;
}

/** The code on the receipt of a report: of the number in the log and its leaf, as the page gives it. */
async function codeOf(server, id) {
	const person = await server.person({});
	await signIn(person, OFFICER);
	await person.page.goto(`/reports/${id}/receipt`);
	const code = (await person.page.textContent(".receipt-code")).trim();
	person.troubles.length = 0;
	return code;
}

async function must200(asked) {
	const { status, json } = await asked;
	must(status < 300, `${status} ${JSON.stringify(json)}`);
	return json;
}

/** The code of this moment for a secret in base32 (RFC 6238). */
function totp(secret, at) {
	const bits = [...secret.replace(/[\s=]/g, "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
	const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2))), step = Buffer.alloc(8);
	step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
	const mac = createHmac("sha1", key).update(step).digest(), from = mac[19] & 15;
	return String((mac.readUInt32BE(from) & 0x7fffffff) % 1000000).padStart(6, "0");
}

/** Somebody with one-time codes, as the page itself leads to them. */
async function withCodes(server, login, lang) {
	const person = await server.person({ lang, judged: true }), { page } = person;
	await signIn(person, login);
	await page.goto("/me/totp");
	await page.fill("[name=code]", totp(await page.locator(".secret").textContent(), server.now));
	await page.fill("[name=password]", server.world.password);
	await press(page, "main form button.main");
	person.troubles.length = 0;
	return person;
}

/** Pages of accounts, organisations, sectors and of oneself: an account in each state, somebody invited, somebody with codes. */
async function peoplesPages(server, lang) {
	const account = async (login, name) => must200(server.call(BOSS, "POST", "/accounts", { login, name, email: `${login}@shancheng.example`, roles: ["reporter"] }));
	const applied = await account("night", "許雅婷"), suspended = await account("day", "方志明"), invited = await account("noon", "宋子安");
	for (const { id } of [suspended, invited])
		await must200(server.call(REVIEWER, "POST", `/accounts/${id}/approve`, {}));
	const link = await must200(server.call(MANAGER, "POST", `/accounts/${invited.id}/invite`, {}));
	await must200(server.call(MANAGER, "POST", `/accounts/${suspended.id}/suspend`, { reason: "留職停薪" }));
	const accounts = (await must200(server.call(ADMIN, "GET", "/accounts?limit=200"))).rows, id = (login) => accounts.find((a) => a.login === login).id;
	const orgs = (await must200(server.call(ADMIN, "GET", "/organisations?limit=200"))).rows;
	const org = (name) => orgs.find((o) => Object.values(o).includes(name)).id;
	const sectors = (await must200(server.call(ADMIN, "GET", "/sectors"))).rows, sector = sectors.find((x) => x.code === "MED").id;
	const gone = (await must200(server.call(MANAGER, "POST", "/organisations", { org_kind: "provider", name_zh: "南岬診所", name_en: "Nanjia Clinic", sector }))).id;
	await must200(server.call(MANAGER, "POST", `/organisations/${gone}/remove`, { reason: "裁撤" }));
	const empty = await server.world.server(server.name + "-empty", { empty: true });
	const careful = await withCodes(server, "hsu.kaiwen", lang);
	return {
		"session.form": [[null, "/sign-in"]],
		me: [[OFFICER, "/me"], [ADMIN, "/me"]],
		"me.password.form": [[OFFICER, "/me/password"]],
		"me.totp.form": [[OFFICER, "/me/totp"]],
		"me.totp_off.form": [["hsu.kaiwen", "/me/totp/off", { person: careful }]],
		"me.sessions": [[OFFICER, "/me/sessions"]],
		"me.keys": [[OFFICER, "/me/keys"]],
		"me.calendars": [[OFFICER, "/me/calendar"]],
		"setup.form": [[null, empty.setup, { server: empty }]],
		"invite.form": [[null, link.invite.path]],
		"account.list": [[MANAGER, "/accounts"], [BOSS, "/accounts"], [ADMIN, "/accounts?q=zzzz"]],
		"account.new": [[BOSS, "/accounts/new"], [MANAGER, "/accounts/new"]],
		"account.view": [[MANAGER, `/accounts/${applied.id}`], [MANAGER, `/accounts/${id(OFFICER)}`], [ADMIN, `/accounts/${id(ADMIN)}`]],
		"account.edit": [[BOSS, `/accounts/${id(OFFICER)}/edit`]],
		"account.approve.form": [[REVIEWER, `/accounts/${applied.id}/approve`]],
		"account.reject.form": [[REVIEWER, `/accounts/${applied.id}/reject`]],
		"account.suspend.form": [[MANAGER, `/accounts/${id(OFFICER)}/suspend`]],
		"account.resume.form": [[MANAGER, `/accounts/${suspended.id}/resume`]],
		"account.remove.form": [[MANAGER, `/accounts/${id(OFFICER)}/remove`]],
		"account.roles.form": [[MANAGER, `/accounts/${id(OFFICER)}/roles`]],
		"account.invite.form": [[MANAGER, `/accounts/${id(OFFICER)}/invite`]],
		"account.handover.form": [[MANAGER, `/accounts/${id(OFFICER)}/handover`]],
		"account.key.form": [[ADMIN, `/accounts/${id(OFFICER)}/keys`]],
		"organisation.list": [[MANAGER, "/organisations"], [OFFICER, "/organisations"]],
		"organisation.new": [[MANAGER, "/organisations/new"]],
		"organisation.view": [[MANAGER, `/organisations/${org("北星醫院")}`], [OFFICER, `/organisations/${org("山城綜合醫院")}`]],
		"organisation.edit": [[BOSS, `/organisations/${org("山城綜合醫院")}/edit`]],
		"organisation.remove.form": [[MANAGER, `/organisations/${org("嘉木療養院")}/remove`]],
		"organisation.restore.form": [[MANAGER, `/organisations/${gone}/restore`]],
		"sector.list": [[OFFICER, "/sectors"], [ADMIN, "/sectors"]],
		"sector.new": [[ADMIN, "/sectors/new"]],
		"sector.view": [[ADMIN, `/sectors/${sector}`], [OFFICER, `/sectors/${sector}`]],
	};
}

/** The log as each reader sees it, and a hold of each kind and in each state. */
async function logPages(server, report) {
	const hold = async (what) => (await must200(server.call(MANAGER, "POST", "/holds", { reason: "檢調調閱", ...what }))).id;
	const orgs = (await must200(server.call(MANAGER, "GET", "/organisations?limit=200"))).rows;
	const no = (await must200(server.call(MANAGER, "GET", `/reports/${report}`))).report_no;
	const standing = await hold({ kind: "case", case_no: no });
	const asked = await hold({ kind: "organisation", org: orgs[0].id });
	const lifted = await hold({ kind: "period", from_at: "2026-11-01T00:00:00Z", until_at: "2026-12-01T00:00:00Z" });
	const system = await hold({ kind: "system", systems: ["10.20.0.5", "2001:db8:1234:5678:9abc:def0:1234:5678", "203.0.113.0/24",
		"extremely-long-host-name-of-a-picture-archive.radiology.shancheng-general-hospital.example"], org: orgs[0].id, from_at: "2026-11-01T00:00:00Z" });
	for (const id of [asked, lifted])
		await must200(server.call(MANAGER, "POST", `/holds/${id}/lift`, { reason: "案件終結" }));
	await must200(server.call(ADMIN, "POST", `/holds/${lifted}/confirm`, { reason: "同意" }));
	return {
		"log.entries": [[OFFICER, "/log/entries"], [AUDITOR, "/log/entries?records=yes&after=0&limit=60"], [ADMIN, "/log/entries?records=yes&after=0&limit=20"]],
		"log.inclusion": [[OFFICER, "/log/proof/inclusion?index=7"]],
		"log.consistency": [[OFFICER, "/log/proof/consistency?from=7"]],
		"log.erase.form": [[ADMIN, "/log/erase"]],
		"hold.list": [[MANAGER, "/holds"], [AUDITOR, "/holds"], ["fin.manager", "/holds"]],
		"hold.new": [[MANAGER, "/holds/new"], [MANAGER, `/holds/new?report=${report}&kind=system`]],
		"hold.view": [standing, asked, lifted, system].map((id) => [MANAGER, `/holds/${id}`]),
		"hold.lift.form": [standing, system].map((id) => [MANAGER, `/holds/${id}/lift`]),
		"hold.confirm.form": [[ADMIN, `/holds/${asked}/confirm`]],
		"hold.keep.form": [[ADMIN, `/holds/${asked}/keep`]],
	};
}

/** What boards and reports offer as a next step, and what is not open then. */
async function refusedOffers(server) {
	const wrong = [];
	for (const who of [OFFICER, REVIEWER, MANAGER, LIAISON, "tsai.handler", BOSS]) {
		const rows = (await server.call(who, "GET", "/duties?limit=200")).json.rows, offers = new Set(rows.flatMap((row) => row.act?.href ?? []));
		for (const r of await reports(server, who))
			for (const action of r.actions)
				offers.add(action.href);
		for (const href of offers) {
			const { status } = await server.call(who, "GET", href);
			if (status !== 200)
				wrong.push(`${who} ${href}: ${status}`);
		}
	}
	return wrong;
}

/** GET routes that have a page. */
function pagesOf(api) {
	return Object.entries(api.paths).flatMap(([path, methods]) => methods.get && hasPage(methods.get) ? [{ name: methods.get.operationId, path }] : []);
}
const hasPage = (operation) => Object.values(operation.responses).some((r) => r.content?.["text/html"]);

/** What is shown to somebody who did something wrong: [what, who, do it, where what he sees stands as JSON]. */
function refusals({ handling, closed }) {
	return [
		["an address that is none", null, (p) => p.goto("/nowhere")],
		["a report of somebody else's", OFFICER, (p) => p.goto("/reports/1")],
		["a page for another role", OFFICER, (p) => p.goto("/reports/1/package")],
		["a page without signing in", null, (p) => p.goto(`/reports/${handling}`)],
		["a verb that is not open", REVIEWER, (p) => p.goto(`/reports/${closed}/review`)],
		["a wrong password", null, async (p) => {
			await p.goto("/sign-in");
			await p.fill("[name=login]", "nobody");
			await p.fill("[name=password]", "not the password");
			await press(p, "main button.main");
			await p.waitForSelector("#summary");
		}],
		["wrong fields of a report", OFFICER, async (p) => {
			await p.goto("/reports/new");
			await p.fill("[name=victim_hosts]", "-1");
			await p.fill("[name=aware_at]", "2031-01-01T00:00");
			await press(p, "button[value=stay]");
			await p.waitForSelector("#summary");
		}, "/reports/new"],
		["wrong fields of a verb", OFFICER, async (p) => {
			await p.goto(`/reports/${handling}/close`);
			await press(p, "main form button.main");
			await p.waitForSelector("#summary");
		}, `/reports/${handling}`],
		["a query that is none", REVIEWER, (p) => p.goto("/reports?from=yesterday")],
	];
}

/** People who signed in once each, in one language. */
class Crowd {
	constructor(server, lang) {
		Object.assign(this, { server, lang, people: new Map() });
	}
	async get(login, server = this.server) {
		const name = server.name + " " + login;
		if (!this.people.has(name)) {
			const person = await server.person({ lang: this.lang, judged: true });
			if (login)
				await signIn(person, login);
			this.people.set(name, person);
		}
		return this.people.get(name);
	}
}

const NAMES = "陳美華 黃國棟 林怡君 許凱文 許雅婷 方志明 宋子安 南岬診所 蔡孟儒 吳淑芬 楊志遠 羅文傑 周柏翰 鄭雅文 王冠廷 李思穎 張家豪 劉欣怡 謝宗翰 何靜宜 警鐘";

/* All rules where a language has its turn: Chinese on the wide page, English on the narrow one. Both have the same markup. */
const WHOLE = { zh: "wide", en: "phone" };
const rulesFor = (lang, size, scheme) => scheme === "dark" ? COLOURS : size === WHOLE[lang] || process.env.TOCSIN_LONG === "1" ? RULES : LAYOUT;

async function look(person, lang, names, json) {
	const { page } = person, wrong = [];
	for (const [size, viewport] of Object.entries(SIZES)) {
		await page.setViewportSize(viewport);
		// as high as the page, so that what sticks to its lower edge lies over nothing
		await page.setViewportSize({ width: viewport.width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
		for (const scheme of ["light", "dark"]) {
			await page.emulateMedia({ colorScheme: scheme });
			wrong.push(...(await axe(page, rulesFor(lang, size, scheme))).map((w) => `${scheme} ${size}: ${w}`));
			if (scheme === "light")
				wrong.push(...(await fits(page)).map((w) => `${size}: ${w}`));
		}
	}
	await page.emulateMedia({ colorScheme: "light" });
	await page.setViewportSize(SIZES.wide);
	wrong.push(...await frame(page, lang), ...await leaks(page, lang, json, names), ...person.troubles.splice(0));
	return wrong;
}

/** The same address as JSON, in the reader's language. */
async function asJson(person, path) {
	const answer = await person.context.request.get(path, { headers: { Accept: "application/json" }, failOnStatusCode: false });
	return (answer.headers()["content-type"] ?? "").startsWith("application/json") ? answer.json() : null;
}

export async function* play(server) {
	const other = await server.world.server("pages-en");
	try {
		const places = { zh: await visits(server, "zh"), en: await visits(other, "en") };
		const { table } = places.zh;
		const names = NAMES + "\n" + Object.values(server.world.organisations).join("\n");
		const crowds = { zh: new Crowd(server, "zh"), en: new Crowd(other, "en") };
		const titles = { zh: new Map(), en: new Map() };

		const forgotten = pagesOf(server.world.api).filter((r) => !table[r.name]).map((r) => `${r.name} ${r.path}`);
		yield { name: "none is forgotten: each GET route with a page is visited", wrong: forgotten };

		yield { name: "no board and no report offers what is refused", wrong: await refusedOffers(server) };

		for (const name of Object.keys(table)) {
			const wrong = [];
			await Promise.all(["zh", "en"].map(async (lang) => {
				for (const [who, path, special = {}] of places[lang].table[name]) {
					const person = special.person ?? await crowds[lang].get(who, special.server), at = `${lang} ${who ?? "stranger"} ${path}: `;
					const answer = await person.page.goto(path);
					if (!answer.ok())
						wrong.push(`${at}${answer.status()}`);
					wrong.push(...(await look(person, lang, names, await asJson(person, path))).map((w) => at + w));
					const name = await person.page.title(), place = new URL(person.page.url()).pathname, there = titles[lang].get(name);
					// a desk's first page is its board
					if (there && there !== place && there !== "/")
						wrong.push(`${at}the title "${name}" is that of ${there} too`);
					titles[lang].set(name, place);
				}
			}));
			yield { name, wrong };
		}

		const sorts = { zh: refusals(places.zh), en: refusals(places.en) };
		for (const [i, [what]] of sorts.zh.entries()) {
			const wrong = [];
			await Promise.all(["zh", "en"].map(async (lang) => {
				const [, who, go, path] = sorts[lang][i], person = await crowds[lang].get(who);
				await go(person.page);
				wrong.push(...(await look(person, lang, names, path ? await asJson(person, path) : null)).map((w) => `${lang}: ${w}`));
			}));
			yield { name: what, wrong };
		}
	} finally {
		await other.close();
	}
}
