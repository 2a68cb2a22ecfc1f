// On a telephone of 360 px by touch, in Chinese; and every page of it at twice and four times the size.
import { fillReport, press, savedWords, signIn, waitText } from "./lib/hands.mjs";
import { fits } from "./lib/checks.mjs";
import { SIZES } from "./lib/world.mjs";
import { must, same } from "./lib/tap.mjs";
import { quiet } from "./story-mouse.mjs";

export const title = "by touch, Chinese, 360 px";

/* 1280 px at 200 % and at 400 %. */
const ZOOMED = [{ width: 640, height: 400 }, { width: 320, height: 256 }];

async function allFit(page) {
	const size = page.viewportSize(), wrong = [];
	for (const at of [size, ...ZOOMED]) {
		await page.setViewportSize(at);
		wrong.push(...(await fits(page)).map((w) => `${new URL(page.url()).pathname} at ${at.width}: ${w}`));
	}
	await page.setViewportSize(size);
	must(!wrong.length, wrong.join("\n"));
}

/** Nothing to tap is smaller than 24 px, and the main action is in the window without scrolling. */
async function inReach(page, selector) {
	const box = await page.locator(selector).first().boundingBox();
	must(box && box.y >= 0 && box.y + box.height <= 740, `${selector} is not in the window: ${JSON.stringify(box)}`);
	must(box.height >= 44, `${selector} is ${box.height} px high`);
}

export async function* play(server) {
	const officer = await server.person({ size: SIZES.phone, touch: true, density: 2 });
	const page = officer.page;

	yield "she signs in";
	await page.goto("/sign-in");
	await allFit(page);
	await signIn(officer, "chen.meihua");
	await allFit(page);

	yield "the navigation folds behind one button";
	must(!(await page.isVisible("#nav a >> nth=0")), "the navigation is open");
	await page.tap(".menu-button");
	must(await page.isVisible("#nav a >> nth=0"), "the navigation does not open");
	await allFit(page);
	await page.tap(".menu-button");

	yield "she opens the form; its main action sticks to the bottom edge";
	await press(page, "a[href='/reports/new'].main");
	await waitText(page, "h1", /資安事件通報單/);
	await inReach(page, "button[value=submit]");
	await allFit(page);

	yield "she fills it in and sees the level beside what she chooses";
	await fillReport(page, "zh");
	await waitText(page, "#verdict-level", /^3$/);
	await waitText(page, "#saved-too", savedWords.zh);
	await page.locator("#f-impact_a").scrollIntoViewIfNeeded();
	await inReach(page, "button[value=submit]");
	await allFit(page);

	yield "she reads it once and submits";
	await press(page, "button[value=submit]");
	await waitText(page, "h1", /送出前再看一次/);
	await inReach(page, "main form button.main");
	await allFit(page);
	await press(page, "main form button.main");

	yield "the number stands on one line, large enough to dictate";
	await waitText(page, "#number", /^MED-2026-0000\d\d$/);
	const number = await page.locator("#number").evaluate((e) => ({ size: parseFloat(getComputedStyle(e).fontSize), lines: e.getClientRects().length,
		wide: e.scrollWidth <= e.clientWidth }));
	must(number.size >= 24 && number.lines === 1 && number.wide, JSON.stringify(number));
	await allFit(page);
	await press(page, "a.main");
	const address = new URL(page.url()).pathname;

	yield "the report and its parts fit";
	for (const part of ["", "/duties", "/versions", "/trail", "/edit", "/print", "/contain", "/amend-level", "/extend", "/police", "/withdraw"]) {
		await page.goto(address + part);
		await allFit(page);
	}

	yield "the next duty's action sticks to the bottom edge";
	await page.goto(address);
	await inReach(page, ".stick a.main");

	yield "the reviewer judges it on her telephone";
	const reviewer = await server.person({ size: SIZES.phone, touch: true, density: 2 });
	const desk = reviewer.page;
	await signIn(reviewer, "lin.yijun");
	await allFit(desk);
	await desk.goto(address);
	await allFit(desk);
	await press(desk, ".stick a.main");
	await allFit(desk);
	await desk.tap("label[for='f-level_reviewed-3']");
	await desk.tap("label[for='f-other_ci_reviewed-no']");
	await press(desk, "main form button.main");
	await waitText(desk, ".record-marks", /處理中/);
	for (const path of ["/duties", "/reports", "/statistics", "/organisations", "/accounts", "/me", "/rules", "/rules/tw-2026", "/readyz", address + "/package"]) {
		await desk.goto(path);
		await allFit(desk);
	}

	yield "she ends damage control and closes";
	await page.goto(address);
	await press(page, ".stick a.main");
	await press(page, "main form button.main");
	await page.goto(address + "/close");
	await allFit(page);
	await page.fill("[name=resolution]", "重建主機，重設全部帳號。");
	await page.fill("[name=resolved_at]", "2026-11-22T02:09");
	await press(page, "main form button.main");
	await desk.goto(address + "/accept");
	await press(desk, "main form button.main");
	await waitText(desk, ".record-marks", /已結案/);

	yield* quiet([officer, reviewer]);
}
