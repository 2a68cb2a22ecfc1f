// By keyboard alone, in English. No pointer is touched; wherever the focus goes, it is seen.
import { CHOSEN, COUNTED, KNOWN, TIMES, pick, savedWords, tabTo, typeTime, waitText } from "./lib/hands.mjs";
import { focusShown } from "./lib/checks.mjs";
import { must, same } from "./lib/tap.mjs";
import { quiet } from "./story-mouse.mjs";

export const title = "by keyboard, English";

async function enter(page) {
	const before = page.url();
	await page.keyboard.press("Enter");
	await page.waitForURL((url) => url.href !== before);
	await page.waitForLoadState("load");
}

async function signInByKeys(person, login) {
	const { page } = person;
	await page.goto("/sign-in");
	await tabTo(page, "[name=login]");
	await page.keyboard.type(login);
	await tabTo(page, "[name=password]");
	await page.keyboard.type(person.server.world.password);
	await enter(page);
	await page.waitForSelector(".who");
	if ((await page.getAttribute("html", "lang")) !== "en") {
		await tabTo(page, "button[name=lang]");
		await page.keyboard.press("Enter");
		await page.waitForSelector("html[lang=en]");
		await page.waitForLoadState("load"); // the keys come with the script
	}
}

async function type(page, name, text) {
	await tabTo(page, `[name=${name}]`);
	await page.keyboard.type(text);
}

/** Follows a link or presses a button that Tab leads to. */
async function go(page, selector) {
	await tabTo(page, selector);
	await enter(page);
}

/** The order of the form's own fields, as Tab meets them. */
async function fillByKeys(page) {
	const order = await page.$$eval("#form [name]", (all) => [...new Set(all.map((e) => e.name))]);
	const chosen = group(CHOSEN);
	const typed = new Map([...COUNTED, ...Object.entries(KNOWN.en)]);
	for (const name of order) {
		if (TIMES[name])
			await typeTime(page, name, TIMES[name]);
		for (const [, value] of chosen.get(name) ?? [])
			await pick(page, name, value);
		if (typed.has(name))
			await type(page, name, typed.get(name));
	}
}

function group(pairs) {
	const map = new Map();
	for (const pair of pairs)
		map.set(pair[0], [...(map.get(pair[0]) ?? []), pair]);
	return map;
}

const focused = (page, selector) => page.waitForFunction((s) => document.activeElement?.matches(s), selector);

export async function* play(server) {
	const officer = await server.person({ lang: "en" });
	const page = officer.page;

	yield "the duty officer signs in";
	await signInByKeys(officer, "chen.meihua");

	yield "the first stop on a page skips to its content";
	await page.goto("/");
	await page.keyboard.press("Tab");
	same(await page.evaluate(() => document.activeElement.textContent), "Skip to content", "first stop");
	must(await page.evaluate(() => document.activeElement.getBoundingClientRect().width > 40), "the skip link is not seen");
	await page.keyboard.press("Enter");
	await focused(page, "#main");

	yield "she fills in the form from its first field to its last";
	await go(page, "a[href='/reports/new'].main");
	await fillByKeys(page);
	await waitText(page, "#verdict-level", /^3$/);
	await waitText(page, "#saved span", savedWords.en);

	yield "what is missing is told at the top, with a way to each field";
	await page.focus("[name=measures]");
	await page.keyboard.press("Control+A");
	await page.keyboard.press("Delete");
	await go(page, "button[value=submit]");
	await go(page, "a[href*='#f-measures']");
	await focused(page, "[name=measures]");
	await page.keyboard.type(KNOWN.en.measures);
	await go(page, "button[value=submit]");

	yield "she reads it once, submits, and gets the number";
	await waitText(page, "h1", /Read it once/);
	await go(page, "main form button.main");
	await waitText(page, "#number", /^MED-2026-0000\d\d$/);
	const no = (await page.textContent("#number")).trim();

	yield "the reviewer walks the board by j and k; ? lists the keys";
	const reviewer = await server.person({ lang: "en" });
	const desk = reviewer.page;
	await signInByKeys(reviewer, "lin.yijun");
	await desk.keyboard.press("?");
	await desk.waitForSelector("dialog[open]");
	for (const key of ["j", "k", "o", "a", "r", "/", "?"])
		must((await desk.locator("dialog kbd").allTextContents()).includes(key), `the help does not name ${key}`);
	await desk.keyboard.press("Escape");
	await desk.waitForSelector("dialog[open]", { state: "detached" });
	await desk.keyboard.press("j");
	await desk.keyboard.press("j");
	same(await desk.evaluate(() => [...document.querySelectorAll("[data-row]")].indexOf(document.activeElement.closest("[data-row]"))), 1, "row after j j");
	same((await focusShown(desk)).join(), "", "focus on a row");
	await desk.keyboard.press("k");
	same(await desk.evaluate(() => [...document.querySelectorAll("[data-row]")].indexOf(document.activeElement.closest("[data-row]"))), 0, "row after k");

	yield "o opens the row, a begins the next action, r returns";
	const rows = await desk.locator("[data-row]").count();
	for (let i = 0; i < rows && !(await desk.evaluate((n) => document.activeElement.closest("[data-row]")?.textContent.includes(n), no)); i++)
		await desk.keyboard.press("j");
	await desk.keyboard.press("o");
	await waitText(desk, "h1 .mono", new RegExp(no));
	const address = new URL(desk.url()).pathname;
	await desk.keyboard.press("r");
	await desk.waitForURL("**/return");
	await desk.goBack();
	await desk.keyboard.press("a");
	await desk.waitForURL("**/review");

	yield "she judges the level by arrows";
	await pick(desk, "level_reviewed", "3");
	await pick(desk, "other_ci_reviewed", "no");
	await go(desk, "main form button.main");
	await waitText(desk, ".record-marks", /Level 3.*In handling/s);

	yield "she writes down a call";
	await go(desk, ".actions a[href$='/contact']");
	await type(desk, "summary", "Called: three file servers encrypted, backups intact.");
	await go(desk, "main form button.main");
	await waitText(desk, "aside", /backups intact/);

	yield "the officer ends damage control and closes";
	await page.goto(address);
	await page.keyboard.press("a");
	await page.waitForURL("**/contain");
	await go(page, "main form button.main");
	await go(page, ".actions a[href$='/close']");
	await type(page, "resolution", "Hosts rebuilt, all accounts reset.");
	await typeTime(page, "resolved_at", "2026-11-22T02:10");
	await go(page, "main form button.main");
	await waitText(page, ".record-marks", /Closing filed/);

	yield "the reviewer accepts; / goes to the search, which finds it";
	await desk.goto(address);
	await go(desk, ".actions a[href$='/accept']");
	await go(desk, "main form button.main");
	await waitText(desk, ".record-marks", /Closed/);
	await desk.goto("/reports");
	await desk.keyboard.press("/");
	await focused(desk, "[name=q]");
	await desk.keyboard.type(no);
	await enter(desk);
	await waitText(desk, "tbody", new RegExp(no));

	yield "every stop of every page she came by is seen";
	for (const path of ["/", "/duties", "/reports", "/reports/new", "/statistics", address, address + "/trail", address + "/versions"]) {
		await page.goto(path);
		const first = await page.evaluate(() => document.querySelectorAll("a, button, input, select, textarea, summary").length);
		for (let i = 0; i < first + 5; i++) {
			await page.keyboard.press("Tab");
			const wrong = await focusShown(page);
			must(!wrong.length, `${path}: ${wrong.join("; ")}`);
			if (await page.evaluate(() => document.activeElement === document.body))
				break;
		}
	}

	yield* quiet([officer, reviewer]);
}
