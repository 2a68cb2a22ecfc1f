// Every page that the route table has, in both languages, light and dark, wide and narrow: axe finds nothing, nothing has to be
// scrolled sideways, no word of the other language, one heading, a title of its own, a marking, no complaint of the browser.
import { axe, fits, frame, leaks } from "./lib/checks.mjs";
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
 * Pages by the name of their route: [who, address]... An address may say what is to be done before it is looked at. Routes of
 * verbs come from the life table by way of what each record says is open.
 */
async function visits(server) {
	const mine = await reports(server, REVIEWER);
	const by = (test) => mine.find(test).id;
	const closed = by((r) => r.state === "closed"), sent = by((r) => r.escalation === "sent" || r.escalation === "acknowledged");
	const draft = (await reports(server, OFFICER)).find((r) => r.state === "draft").id;
	const returned = by((r) => r.state === "returned"), merged = by((r) => r.state === "merged"), voluntary = by((r) => r.report_kind === "voluntary");
	const handling = (await reports(server, OFFICER)).find((r) => r.state === "handling").id;
	const me = (await server.call(ADMIN, "GET", "/accounts")).json?.rows ?? [];
	const organisation = (await server.call(ADMIN, "GET", "/organisations")).json?.rows?.[0]?.id;
	const account = me.find((a) => a.login === OFFICER)?.id ?? me[0]?.id;
	const table = {
		home: [[null, "/"], [OFFICER, "/"], [REVIEWER, "/"], [AUDITOR, "/"], [ADMIN, "/"], ["ncert.liaison", "/"], [BOSS, "/"]],
		"report.list": [[OFFICER, "/reports"], [REVIEWER, "/reports"], [REVIEWER, "/reports?history=yes&q=" + encodeURIComponent("勒索")],
			[REVIEWER, "/reports?q=zzzz"], [AUDITOR, "/reports"]],
		"report.new": [[OFFICER, "/reports/new"], [REVIEWER, "/reports/new"]],
		"report.view": [[OFFICER, `/reports/${draft}`], [OFFICER, `/reports/${handling}`], ...[closed, sent, returned, merged, voluntary].map((id) => [REVIEWER, `/reports/${id}`])],
		"report.edit": [[OFFICER, `/reports/${draft}/edit`], [OFFICER, `/reports/${handling}/edit`]],
		"report.receipt": [[OFFICER, `/reports/${handling}/receipt`]],
		"report.versions": [[REVIEWER, `/reports/${closed}/versions`]],
		"report.compare": [[REVIEWER, `/reports/${closed}/versions/1..3`]],
		"report.trail": [[OFFICER, `/reports/${handling}/trail`], [AUDITOR, `/reports/${sent}/trail`]],
		"report.duties": [[REVIEWER, `/reports/${sent}/duties`]],
		"report.package": [[REVIEWER, `/reports/${sent}/package`]],
		"report.print": [[OFFICER, `/reports/${handling}/print`]],
		board: [[REVIEWER, "/duties"], [OFFICER, "/duties"], ["haiwan.soc", "/duties?group=overdue"], [REVIEWER, "/duties?holder=all&level=4"]],
		statistics: [[REVIEWER, "/statistics"], [OFFICER, "/statistics"], [REVIEWER, "/statistics?from=2020-01-01&to=2020-12-31"]],
		rules: [[null, "/rules"]],
		"rules.one": ["tw-2017", "tw-2026", "eu-nis2", "eu-dora"].map((id) => [REVIEWER, `/rules/${id}`]),
		ready: [[null, "/readyz"]],
	};
	for (const [verb, { who, id }] of await openVerbs(server))
		table[`report.${verb}.form`] = [[who, `/reports/${id}/${verb}`]];
	return { table, draft, handling, closed, organisation, account };
}

/** GET routes that have a page. */
function pagesOf(api) {
	return Object.entries(api.paths).flatMap(([path, methods]) => methods.get && hasPage(methods.get) ? [{ name: methods.get.operationId, path }] : []);
}
const hasPage = (operation) => Object.values(operation.responses).some((r) => r.content?.["text/html"]);

/** What is shown to somebody who did something wrong: [what, who, do it]. */
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
		}],
		["wrong fields of a verb", OFFICER, async (p) => {
			await p.goto(`/reports/${handling}/close`);
			await press(p, "main form button.main");
			await p.waitForSelector("#summary");
		}],
		["a query that is none", REVIEWER, (p) => p.goto("/reports?from=yesterday")],
	];
}

/** People who signed in once each, in one language. */
class Crowd {
	constructor(server, lang) {
		Object.assign(this, { server, lang, people: new Map() });
	}
	async get(login) {
		if (!this.people.has(login)) {
			const person = await this.server.person({ lang: this.lang });
			if (login)
				await signIn(person, login);
			this.people.set(login, person);
		}
		return this.people.get(login);
	}
}

const NAMES = "陳美華 黃國棟 林怡君 許凱文 蔡孟儒 吳淑芬 楊志遠 羅文傑 周柏翰 鄭雅文 王冠廷 李思穎 張家豪 劉欣怡 謝宗翰 警鐘";

async function look(person, lang, names, json) {
	const { page } = person, wrong = [];
	for (const scheme of ["light", "dark"])
		for (const [size, viewport] of Object.entries(SIZES)) {
			await page.emulateMedia({ colorScheme: scheme });
			await page.setViewportSize(viewport);
			wrong.push(...(await axe(page)).map((w) => `${scheme} ${size}: ${w}`));
			if (scheme === "light")
				wrong.push(...(await fits(page)).map((w) => `${size}: ${w}`));
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
		const places = { zh: await visits(server), en: await visits(other) };
		const { table } = places.zh;
		const names = NAMES + "\n" + Object.values(server.world.organisations).join("\n");
		const crowds = { zh: new Crowd(server, "zh"), en: new Crowd(other, "en") };
		const titles = { zh: new Map(), en: new Map() };

		yield "none is forgotten: each GET route with a page is visited";
		const forgotten = pagesOf(server.world.api).filter((r) => !table[r.name]).map((r) => `${r.name} ${r.path}`);
		must(!forgotten.length, forgotten.join("\n"));

		for (const name of Object.keys(table)) {
			const wrong = [];
			await Promise.all(["zh", "en"].map(async (lang) => {
				for (const [who, path] of places[lang].table[name]) {
					const person = await crowds[lang].get(who), at = `${lang} ${who ?? "stranger"} ${path}: `;
					const answer = await person.page.goto(path);
					if (!answer.ok())
						wrong.push(`${at}${answer.status()}`);
					wrong.push(...(await look(person, lang, names, await asJson(person, path))).map((w) => at + w));
					const title = await person.page.title(), there = titles[lang].get(title);
					if (there && there !== path)
						wrong.push(`${at}the title "${title}" is that of ${there} too`);
					titles[lang].set(title, path);
				}
			}));
			yield { name, wrong };
		}

		const sorts = { zh: refusals(places.zh), en: refusals(places.en) };
		for (const [i, [what]] of sorts.zh.entries()) {
			const wrong = [];
			await Promise.all(["zh", "en"].map(async (lang) => {
				const [, who, go] = sorts[lang][i], person = await crowds[lang].get(who);
				await go(person.page);
				wrong.push(...(await look(person, lang, names, null)).map((w) => `${lang}: ${w}`));
			}));
			yield { name: what, wrong };
		}
	} finally {
		await other.close();
	}
}
