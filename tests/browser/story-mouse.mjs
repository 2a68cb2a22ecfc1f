// By mouse, in Chinese: from the first minute to the release from tracking, over two devices of the duty officer's.
import { KNOWN, choose, fillReport, press, savedWords, signIn, waitText } from "./lib/hands.mjs";
import { SIZES } from "./lib/world.mjs";
import { must, same } from "./lib/tap.mjs";

export const title = "by mouse, Chinese, 1280 px";

export async function* play(server) {
	const officer = await server.person();
	const page = officer.page;

	yield "the duty officer signs in and sees her hospital";
	await signIn(officer, "chen.meihua");
	await waitText(page, "h1", /山城綜合醫院/);

	yield "she opens the form; what the platform knows is filled in";
	await press(page, "a[href='/reports/new'].main");
	await waitText(page, "h1", /資安事件通報單/);
	same(await page.inputValue("[name=unit_name]"), "山城綜合醫院", "unit");
	same(await page.inputValue("[name=reporter_name]"), "陳美華", "reporter");

	yield "the level follows what she chooses, with the law's sentence and what follows";
	await choose(page, "impact_a", "1");
	await waitText(page, "#verdict-level", /^1$/);
	await choose(page, "impact_i", "2");
	await waitText(page, "#verdict-level", /^2$/);
	await waitText(page, "#verdict-what", /竄改/);
	await choose(page, "impact_a", "3");
	await waitText(page, "#verdict-level", /^3$/);
	await waitText(page, "#verdict-what", /無法於可容忍中斷時間內回復正常運作/);
	await waitText(page, "#verdict-then", /36 小時/);

	yield "conditions are asked of the chosen category only";
	await choose(page, "category", "dos");
	must(await page.isVisible("text=服務中斷"), "conditions of the category are not shown");
	await choose(page, "category", "intrusion");
	must(!(await page.isVisible("text=服務中斷")), "conditions of another category are shown");

	yield "the draft is kept while she types, and says so";
	await page.fill("[name=description]", KNOWN.zh.description);
	await waitText(page, "#saved span", savedWords.zh);
	must(/\/reports\/\d+\/edit$/.test(page.url()), `the address of the draft: ${page.url()}`);

	yield "on her telephone she goes on where she stopped";
	const phone = await server.person({ size: SIZES.phone, touch: true, density: 2 });
	await signIn(phone, "chen.meihua");
	await phone.page.goto(page.url());
	same(await phone.page.inputValue("[name=description]"), KNOWN.zh.description, "description");
	must(await phone.page.isChecked("input[name=impact_a][value='3']"), "the impact is not there");
	await waitText(phone.page, "#verdict-level", /^3$/);
	await phone.page.fill("[name=scope_loss]", KNOWN.zh.scope_loss);
	await waitText(phone.page, "#saved span", savedWords.zh);

	yield "the first device is told, and overwrites nothing";
	await page.fill("[name=measures]", "別的裝置上的字");
	await waitText(page, "#saved span", /在別處被修改/);
	await press(page, "button[value=stay]");
	await waitText(page, ".banner.warn", /門診掛號停擺/);
	same(await page.inputValue("[name=measures]"), "別的裝置上的字", "what was typed");

	yield "she completes it on the computer and reads it once";
	await page.goto(phone.page.url());
	await fillReport(page, "zh");
	await press(page, "button[value=submit]");
	await waitText(page, "h1", /送出前再看一次/);
	must(await page.isVisible(`text=${KNOWN.zh.measures}`), "the summary does not say the measures");
	await server.pass(12 * 60);
	await press(page, "main form button.main");

	yield "she gets the number to dictate and every deadline";
	await waitText(page, "#number", /^MED-2026-0000\d\d$/);
	const no = (await page.textContent("#number")).trim();
	must(await page.isVisible("text=2026-11-23 14:08"), "the deadline of damage control is not there");
	await press(page, "a.main");
	await waitText(page, "h1 .mono", new RegExp(no));
	const address = new URL(page.url()).pathname;

	yield "the reviewer finds it on the board and reads it";
	const reviewer = await server.person();
	const desk = reviewer.page;
	await signIn(reviewer, "lin.yijun");
	await waitText(desk, "h1", /待辦/);
	await press(desk, `li[data-row]:has-text("${no}") a.q-open >> nth=0`);
	await waitText(desk, "h1 .mono", new RegExp(no));
	must(await desk.isVisible(`text=${KNOWN.zh.description}`), "the description is not shown");

	yield "she sends it back with a remark, and the officer answers";
	await press(desk, "a[href$='/return']");
	await desk.fill("[name=remark]", "請補充備份狀態。");
	await press(desk, "main form button.main");
	await waitText(desk, ".record-marks", /退回補正/);
	await page.goto(address);
	must(await page.isVisible("text=請補充備份狀態。"), "the remark is not shown");
	await page.goto(address + "/edit");
	await page.fill("[name=measures]", KNOWN.zh.measures + "離線備份完好。");
	await press(page, "main form#form button.main");
	await page.goto(address + "/submit");
	await press(page, "main form button.main");
	await page.goto(address);
	await waitText(page, ".record-marks", /已通報/);

	yield "she compares the versions";
	await desk.goto(address + "/versions");
	const oldest = (await desk.locator("[name=a] option").allTextContents()).map(Number).sort((a, b) => a - b)[0];
	await desk.selectOption("[name=a]", String(oldest));
	await press(desk, "form button:has-text('比較')");
	await waitText(desk, "h2", /版/);
	must((await desk.locator(".compare ins").count()) > 0, "nothing is marked as added");

	yield "she calls, and writes down the call";
	await desk.goto(address + "/contact");
	await desk.fill("[name=summary]", "電話確認：三部檔案伺服器加密，備份完好。");
	await choose(desk, "means", "phone");
	await press(desk, "main form button.main");
	await waitText(desk, "aside", /三部檔案伺服器加密/);

	yield "she judges the level, with a reason; both levels stay";
	await press(desk, "a[data-key=a]");
	await choose(desk, "level_reviewed", "4");
	await choose(desk, "other_ci_reviewed", "no");
	await press(desk, "main form button.main");
	await waitText(desk, "#summary", /等級變更理由/);
	must(await desk.isChecked("input[name=level_reviewed][value='4']"), "what was chosen is lost");
	await desk.fill("[name=level_reason]", "急診停擺，超過可容忍中斷時間。");
	await press(desk, "main form button.main");
	await waitText(desk, ".record-marks", /4 級.*處理中/s);
	must(await desk.isVisible("text=急診停擺，超過可容忍中斷時間。"), "the reason is not shown");

	yield "it goes on to the national CERT, and is acknowledged by hand";
	await press(desk, "a[href$='/escalate']");
	await press(desk, "main form button.main");
	await desk.goto(address + "/acknowledge");
	await desk.fill("[name=reference]", "NC-7788");
	await press(desk, "main form button.main");
	must(await desk.isVisible("text=NC-7788"), "the reference is not shown");

	yield "the officer ends damage control and closes";
	await server.pass(10 * 60);
	await page.goto(address + "/contain");
	await press(page, "main form button.main");
	await page.goto(address + "/close");
	await page.fill("[name=resolution]", "重建主機，清查並重設全部帳號。");
	await page.fill("[name=resolved_at]", "2026-11-22T02:30");
	await press(page, "main form button.main");
	await waitText(page, ".record-marks", /通報結案/);

	yield "the reviewer accepts: released from tracking";
	await desk.goto(address);
	await press(desk, "a[href$='/accept']");
	await press(desk, "main form button.main");
	await waitText(desk, ".record-marks", /已結案/);

	yield "the trail tells all of it, and who read it";
	await press(page, "a[href$='/trail']");
	for (const words of ["林怡君", "陳美華", "退回補正", "請補充備份狀態。"])
		must(await page.isVisible(`text=${words} >> nth=0`), `the trail does not say ${words}`);

	yield* quiet([officer, phone, reviewer]);
}

/** Nothing that a browser complains of, on any page of the story. */
export function* quiet(people) {
	yield "no error in a console, no breach of the content policy, nothing missing";
	for (const person of people)
		same(person.troubles.join("; "), "", "troubles");
}
