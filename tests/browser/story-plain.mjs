// With JavaScript off: the whole story by links, forms and buttons.
import { choose, fillReport, KNOWN, press, savedWords, signIn, waitText } from "./lib/hands.mjs";
import { must, same } from "./lib/tap.mjs";
import { quiet } from "./story-mouse.mjs";

export const title = "without JavaScript, Chinese";

export async function* play(server) {
	const officer = await server.person({ scripts: false });
	const page = officer.page;

	yield "the duty officer signs in";
	await signIn(officer, "chen.meihua");

	yield "a form sent half filled is kept as a draft";
	await press(page, "a[href='/reports/new'].main");
	await page.fill("[name=description]", KNOWN.zh.description);
	await press(page, "button[value=stay]");
	await waitText(page, "#saved span", savedWords.zh);
	must(/\/reports\/\d+\/edit$/.test(page.url()), `the address of the draft: ${page.url()}`);
	same(await page.inputValue("[name=description]"), KNOWN.zh.description, "description");

	yield "conditions of all categories are there, each under its name";
	must(await page.isVisible("text=服務中斷"), "conditions are hidden without a script");

	yield "what is missing is told, with links to the fields, and nothing is lost";
	await press(page, "button[value=submit]");
	await waitText(page, "main", /還差幾項/);
	await press(page, "a[href*='#f-measures']");
	same(await page.inputValue("[name=description]"), KNOWN.zh.description, "description");

	yield "a wrong field is told at the top and at the field, in the words of its label";
	await page.fill("[name=victim_hosts]", "六");
	await press(page, "button[value=stay]");
	await waitText(page, "#summary", /受害主機數量/);
	same(await page.inputValue("[name=victim_hosts]"), "六", "what was typed");
	must(await page.isVisible("[data-field=victim_hosts] .error"), "no message at the field");

	yield "she fills in all of it and submits";
	await fillReport(page, "zh");
	await press(page, "button[value=submit]");
	await waitText(page, "h1", /送出前再看一次/);
	await waitText(page, ".verdict", /3.*36 小時/s);
	await press(page, "main form button.main");
	await waitText(page, "#number", /^MED-2026-0000\d\d$/);
	const no = (await page.textContent("#number")).trim();
	await press(page, "a.main");
	const address = new URL(page.url()).pathname;

	yield "the reviewer finds it by the search, compares, judges";
	const reviewer = await server.person({ scripts: false });
	const desk = reviewer.page;
	await signIn(reviewer, "lin.yijun");
	await press(desk, "#nav a[href='/reports']");
	await desk.fill("[name=q]", no);
	await press(desk, "form[role=search] button");
	await press(desk, `tbody a:has-text("${no}")`);
	await press(desk, ".tabs a[href$='/versions']");
	await desk.selectOption("[name=a]", "1");
	await press(desk, "form button:has-text('比較')");
	must((await desk.locator(".compare ins").count()) > 0, "nothing is marked as added");
	await desk.goto(address);
	await press(desk, ".next a.main");
	await choose(desk, "level_reviewed", "3");
	await choose(desk, "other_ci_reviewed", "no");
	await press(desk, "main form button.main");
	await waitText(desk, ".record-marks", /處理中/);

	yield "language is changed by a button, and stays";
	await press(desk, "button[name=lang]");
	same(await desk.getAttribute("html", "lang"), "en", "language");
	must(desk.url().endsWith(address), `the page after changing the language: ${desk.url()}`);
	await press(desk, "button[name=lang]");
	same(await desk.getAttribute("html", "lang"), "zh-TW", "language");

	yield "she writes down the call; the officer ends damage control and closes; released from tracking";
	await press(desk, ".actions a[href$='/contact']");
	await desk.fill("[name=summary]", "電話確認備份完好。");
	await press(desk, "main form button.main");
	await page.goto(address);
	await press(page, ".next a.main");
	await press(page, "main form button.main");
	await press(page, ".actions a[href$='/close']");
	await page.fill("[name=resolution]", "重建主機。");
	await page.fill("[name=resolved_at]", "2026-11-22T02:09");
	await press(page, "main form button.main");
	await desk.goto(address);
	await press(desk, ".actions a[href$='/accept']");
	await press(desk, "main form button.main");
	await waitText(desk, ".record-marks", /已結案/);

	yield "nothing that only a script could do is offered";
	for (const path of ["/", "/reports/new", "/duties", address, address + "/print"]) {
		await page.goto(path);
		same(await page.locator(".needs-script:visible, .menu-button:visible").count(), 0, `things for scripts on ${path}`);
	}

	yield "she signs out";
	await page.click(".who > summary");
	await press(page, "form[action='/sign-out'] button");
	await page.goto(address);
	must(await page.isVisible("[name=password]"), "the report is shown to nobody in particular");

	yield* quiet([officer, reviewer]);
}
