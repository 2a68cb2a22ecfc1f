// The receipt: on the telephone right after filing, on paper, and found again by what is typed off it.
import { fillReport, press, savedWords, signIn, waitText } from "./lib/hands.mjs";
import { axe, fits } from "./lib/checks.mjs";
import { SIZES } from "./lib/world.mjs";
import { must, same } from "./lib/tap.mjs";

export const title = "the receipt";

const sound = async (page) => [...(await fits(page)), ...(await axe(page))].map((w) => `${new URL(page.url()).pathname}: ${w}`);

/** The bytes behind a link of the page, fetched as the browser would. */
const behind = (page, selector) => page.evaluate(async (s) => {
	const answer = await fetch(document.querySelector(s).href);
	const bytes = new Uint8Array(await answer.arrayBuffer());
	return { status: answer.status, type: answer.headers.get("content-type"), n: bytes.length, text: new TextDecoder().decode(bytes.slice(0, 4000)),
		name: answer.headers.get("content-disposition") };
}, selector);

export async function* play(server) {
	const officer = await server.person({ size: SIZES.phone, touch: true, density: 2, judged: true });
	const page = officer.page;

	yield "she files on her telephone";
	await page.goto("/sign-in");
	await signIn(officer, "chen.meihua");
	await page.goto("/reports/new");
	await fillReport(page, "zh");
	await waitText(page, "#saved-too", savedWords.zh);
	await press(page, "button[value=submit]");
	await press(page, "main form button.main");
	await waitText(page, "#number", /^MED-2026-0000\d\d$/);
	const number = await page.textContent("#number");

	yield "the receipt stands on the page that she sees then";
	await waitText(page, "#receipt h2", /收據/);
	const code = (await page.textContent(".receipt-code")).trim();
	must(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/.test(code), code);
	await page.tap("#receipt summary");
	await waitText(page, "#receipt ol", /tocsin-verify/);
	yield "it says until when the checkpoint is signed";
	await waitText(page, "#receipt p", /檢查點將在 2026-11-22 \d\d:\d\d:\d\d \(\+08:00\) 前簽署|證明完整/);
	yield { name: "it fits the telephone, and anybody can read it", wrong: await sound(page) };

	yield "it comes as JSON";
	const json = await behind(page, "#receipt a[href*='.json']");
	same(json.status, 200);
	must(json.text.startsWith('{"format":"tocsin-receipt/1"'), json.text.slice(0, 200));
	must(json.name.includes(`${number}-`) && json.name.includes(".receipt.json"), json.name);

	yield "and as PDF";
	const pdf = await behind(page, "#receipt a[href*='.pdf']");
	same(pdf.status, 200);
	same(pdf.type, "application/pdf");
	must(pdf.text.startsWith("%PDF-1.") && pdf.n > 20000, `${pdf.n} bytes`);

	yield "on paper the number, the code and the hash are there, and no button";
	await page.emulateMedia({ media: "print" });
	must(await page.isVisible("#number") && await page.isVisible(".receipt-code"), "the number or the code is not printed");
	must(!(await page.isVisible("#receipt a[href*='.pdf']")), "a button is printed");
	await page.emulateMedia({ media: null });

	yield "the printed form ends with the same code";
	await page.goto(new URL(page.url()).pathname.replace("/receipt", "/print"));
	await waitText(page, ".paper-receipt", new RegExp(code));

	yield "the reviewer types it, small and without dashes, and finds the report";
	const reviewer = await server.person({ lang: "en", judged: true });
	await signIn(reviewer, "lin.yijun");
	await reviewer.page.goto("/receipts");
	await reviewer.page.fill("#code", code.toLowerCase().replaceAll("-", " "));
	await reviewer.page.keyboard.press("Enter");
	await waitText(reviewer.page, "section h2", /The record is there/);
	await waitText(reviewer.page, "section dl", new RegExp(number));
	yield { name: "the page of the code is sound", wrong: await sound(reviewer.page) };

	yield "a slip of the hand is noticed";
	await reviewer.page.fill("#code", code.slice(0, -1) + (code.endsWith("7") ? "8" : "7"));
	await reviewer.page.keyboard.press("Enter");
	await waitText(reviewer.page, "section h2", /mistyped/);

	yield "the manager takes the case out, and says why";
	const manager = await server.person({ lang: "en", judged: true });
	await signIn(manager, "wu.manager");
	await manager.page.goto(new URL(page.url()).pathname.replace("/print", "/export"));
	await press(manager.page, "main form button.main");
	await waitText(manager.page, "#form", /Reason/);
	await manager.page.fill("[name=reason]", "Prosecutors' letter 1122");
	await press(manager.page, "main form button.main");
	await waitText(manager.page, "h1", new RegExp(number));
	const bundle = await behind(manager.page, "a[href$='/bundle']");
	must(bundle.text.includes("tocsin-bundle/1") && bundle.text.includes("Prosecutors' letter 1122"), bundle.text.slice(0, 300));
	yield { name: "the page of the bundle is sound", wrong: await sound(manager.page) };

	yield "the hospital's administrator is told, on his next page, until he has seen it";
	const boss = await server.person({ size: SIZES.phone, touch: true, judged: true });
	await signIn(boss, "shancheng.admin");
	await press(boss.page, "a[href='/exports'] >> visible=true");
	await press(boss.page, "tbody a");
	await waitText(boss.page, "main", /Prosecutors' letter 1122/);
	yield { name: "the page that tells him is sound", wrong: await sound(boss.page) };
	await press(boss.page, "form[action$='/seen'] button");
	must(!(await boss.page.isVisible("form[action$='/seen']")), "he is asked again");
	await boss.page.goto("/");
	must(!(await boss.page.isVisible("main a[href='/exports']")), "he is told again");
}
