// With JavaScript off: the whole story by links, forms and buttons.
import { choose, fillReport, KNOWN, savedWords, signIn, waitText } from "./lib/hands.mjs";
import { must, same } from "./lib/tap.mjs";
import { quiet } from "./story-mouse.mjs";

export const title = "without JavaScript, Chinese";

export async function* play(server) {
	const officer = await server.person({ scripts: false });
	const page = officer.page;

	yield "the duty officer signs in";
	await signIn(officer, "chen.meihua");

	yield "a form sent half filled is kept as a draft";
	await page.click("a[href='/reports/new'].main");
	await page.fill("[name=description]", KNOWN.zh.description);
	await page.click("button[value=stay]");
	await waitText(page, "#saved span", savedWords.zh);
	must(/\/reports\/\d+\/edit$/.test(page.url()), `the address of the draft: ${page.url()}`);
	same(await page.inputValue("[name=description]"), KNOWN.zh.description, "description");

	yield "conditions of all categories are there, each under its name";
	must(await page.isVisible("text=服務中斷"), "conditions are hidden without a script");

	yield "what is missing is told, with links to the fields, and nothing is lost";
	await page.click("button[value=submit]");
	await waitText(page, "main", /還差幾項/);
	await page.click("a[href*='#f-measures']");
	same(await page.inputValue("[name=description]"), KNOWN.zh.description, "description");

	yield "a wrong field is told at the top and at the field, in the words of its label";
	await page.fill("[name=victim_hosts]", "六");
	await page.click("button[value=stay]");
	await waitText(page, "#summary", /受害主機數量/);
	same(await page.inputValue("[name=victim_hosts]"), "六", "what was typed");
	must(await page.isVisible("[data-field=victim_hosts] .error"), "no message at the field");

	yield "she fills in all of it and submits";
	await fillReport(page, "zh");
	await page.click("button[value=submit]");
	await waitText(page, "h1", /送出前再看一次/);
	await waitText(page, ".verdict", /3.*36 小時/s);
	await page.click("main form button.main");
	await waitText(page, "#number", /^MED-2026-0000\d\d$/);
	const no = (await page.textContent("#number")).trim();
	await page.click("a.main");
	const address = new URL(page.url()).pathname;

	yield "the reviewer finds it by the search, compares, judges";
	const reviewer = await server.person({ scripts: false });
	const desk = reviewer.page;
	await signIn(reviewer, "lin.yijun");
	await desk.click("#nav a[href='/reports']");
	await desk.fill("[name=q]", no);
	await desk.click("form[role=search] button");
	await desk.click(`tbody a:has-text("${no}")`);
	await desk.click(".tabs a[href$='/versions']");
	await desk.selectOption("[name=a]", "1");
	await desk.click("form button:has-text('比較')");
	must((await desk.locator(".compare ins").count()) > 0, "nothing is marked as added");
	await desk.goto(address);
	await desk.click(".next a.main");
	await choose(desk, "level_reviewed", "3");
	await choose(desk, "other_ci_reviewed", "no");
	await desk.click("main form button.main");
	await waitText(desk, ".record-marks", /處理中/);

	yield "language is changed by a button, and stays";
	await desk.click("button[name=lang]");
	same(await desk.getAttribute("html", "lang"), "en", "language");
	must(desk.url().endsWith(address), `the page after changing the language: ${desk.url()}`);
	await desk.click("button[name=lang]");
	same(await desk.getAttribute("html", "lang"), "zh-TW", "language");

	yield "she writes down the call; the officer ends damage control and closes; released from tracking";
	await desk.click(".actions a[href$='/contact']");
	await desk.fill("[name=summary]", "電話確認備份完好。");
	await desk.click("main form button.main");
	await page.goto(address);
	await page.click(".next a.main");
	await page.click("main form button.main");
	await page.click(".actions a[href$='/close']");
	await page.fill("[name=resolution]", "重建主機。");
	await page.fill("[name=resolved_at]", "2026-11-22T02:09");
	await page.click("main form button.main");
	await desk.goto(address);
	await desk.click(".actions a[href$='/accept']");
	await desk.click("main form button.main");
	await waitText(desk, ".record-marks", /已結案/);

	yield "nothing that only a script could do is offered";
	for (const path of ["/", "/reports/new", "/duties", address, address + "/print"]) {
		await page.goto(path);
		same(await page.locator(".needs-script:visible, .menu-button:visible").count(), 0, `things for scripts on ${path}`);
	}

	yield "she signs out";
	await page.click(".who > summary");
	await page.click("form[action='/sign-out'] button");
	await page.goto(address);
	must(await page.isVisible("[name=password]"), "the report is shown to nobody in particular");

	yield* quiet([officer, reviewer]);
}
