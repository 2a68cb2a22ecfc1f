// A screenshot from her telephone: sent in parts, the line breaks half-way, it goes on by itself; chosen again after the page was closed;
// cancelled; dragged; by keyboard; without JavaScript. Then the desk takes it.
import { createHash, randomBytes } from "node:crypto";
import { axe, fits, focusShown, frame } from "./lib/checks.mjs";
import { press, signIn, tabTo, waitText } from "./lib/hands.mjs";
import { SIZES } from "./lib/world.mjs";
import { must, same } from "./lib/tap.mjs";
import { quiet } from "./story-mouse.mjs";

export const title = "files of a report";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const file = (name, bytes) => ({ name, mimeType: "image/png", buffer: bytes });
const SHOT = randomBytes(2_600_000), LOG = randomBytes(1_900_000);

/** Parts of an upload pass until as many have; then the line is broken until it is mended. */
async function line(page, passes) {
	const state = { left: passes, offsets: [] };
	await page.route("**/attachments/**", (route) => {
		const request = route.request();
		if (request.method() === "PUT" && state.left > 0)
			state.offsets.push(Number(new URL(request.url()).searchParams.get("offset")));
		if (request.method() === "PUT" && state.left-- <= 0)
			return route.abort("internetdisconnected");
		return route.continue();
	});
	state.mend = async () => {
		state.left = Infinity;
		await page.evaluate(() => window.dispatchEvent(new Event("online")));
	};
	return state;
}

async function sound(page, lang, where) {
	const wrong = [...await axe(page), ...await fits(page), ...await frame(page, lang)];
	must(!wrong.length, `${where}:\n${wrong.join("\n")}`);
}

export async function* play(server) {
	const officer = await server.person({ size: SIZES.phone, touch: true, density: 2, judged: true });
	const page = officer.page;
	const made = await server.call("chen.meihua", "POST", "/reports", { description: "護理站電腦出現勒索訊息。" });
	const home = `/reports/${made.json.id}`;

	yield "from the form she goes to its files";
	await signIn(officer, "chen.meihua");
	await page.goto(home + "/edit");
	await press(page, "#files-link");
	await waitText(page, "#files", /還沒有附件/);
	await sound(page, "zh", "the page without files");

	yield "she chooses a screenshot; after two parts the line breaks, and the page says so";
	const broken = await line(page, 2);
	await page.setInputFiles("#f-file", file("勒索畫面.png", SHOT));
	await waitText(page, "#uploads .wrong", /連線中斷/);
	same(await page.locator("#uploads progress").getAttribute("aria-label"), "勒索畫面.png", "what the bar is called");
	must(await page.locator("#uploads progress").evaluate((p) => p.value > 0 && p.value < p.max), "the bar is not half-way");
	await sound(page, "zh", "an upload that waits");

	yield "the line is back: it goes on where it stopped, and is complete";
	await broken.mend();
	await waitText(page, "#files tbody tr >> nth=0", /勒索畫面\.png[\s\S]*已收齊/);
	must(new Set(broken.offsets).size === broken.offsets.length && broken.offsets[0] === 0, `parts at ${broken.offsets}`);
	let report = await server.call("chen.meihua", "GET", home);
	same(report.json.attachments[0].sha256, sha256(SHOT), "the digest of what arrived");
	await waitText(page, "#upload-said", /已收齊/);
	await waitText(page, ".tabs .count", /^1$/);
	await sound(page, "zh", "the page with a file");

	yield "a page that was closed half-way: the same file chosen again goes on";
	await page.unroute("**/attachments/**");
	await line(page, 2);
	page.on("dialog", (d) => d.accept());
	await page.setInputFiles("#f-file", file("proxy.log", LOG));
	await waitText(page, "#uploads .wrong", /連線中斷/);
	await page.unroute("**/attachments/**");
	await page.goto(home + "/attachments");
	await waitText(page, "#files", /proxy\.log[\s\S]*已收到/);
	const again = await line(page, Infinity);
	await page.setInputFiles("#f-file", file("proxy.log", LOG));
	await waitText(page, "#files tbody tr >> nth=1", /已收齊/);
	must(again.offsets[0] > 0, `it began again at ${again.offsets[0]}`);
	report = await server.call("chen.meihua", "GET", home);
	same(report.json.attachments[1].sha256, sha256(LOG), "the digest of what arrived");

	yield "cancelled: nothing of it stays, and it says so";
	await page.unroute("**/attachments/**");
	await line(page, 1);
	await page.setInputFiles("#f-file", file("wrong.bin", LOG.subarray(1)));
	await waitText(page, "#uploads .wrong", /連線中斷/);
	await page.tap("#uploads button");
	await waitText(page, "#upload-said", /wrong\.bin: 已取消/);
	same(await page.locator("#uploads li").count(), 0, "uploads that run");
	await page.unroute("**/attachments/**");
	const listed = await server.call("chen.meihua", "GET", home + "/attachments");
	same(listed.json.rows.length, 2, "files of the report");

	yield "an empty file and one that is too large are told at once";
	await page.setInputFiles("#f-file", file("empty.txt", Buffer.alloc(0)));
	await waitText(page, "#uploads .wrong", /檔案是空的/);
	await page.reload();

	yield "dragged onto the page";
	const dropped = await page.evaluateHandle(() => {
		const data = new DataTransfer();
		data.items.add(new File(["firewall"], "fw.txt"));
		return data;
	});
	await page.dispatchEvent("#drop", "drop", { dataTransfer: dropped });
	await waitText(page, "#files tbody tr >> nth=2", /fw\.txt[\s\S]*已收齊/);

	yield "the form kept its words meanwhile, and is filed on";
	await press(page, "a[href$='/edit']");
	same(await page.inputValue("[name=description]"), "護理站電腦出現勒索訊息。", "what was typed");

	yield "without JavaScript: one file with the form, and its withdrawal with a reason";
	const plain = await server.person({ scripts: false, lang: "en", judged: true });
	await signIn(plain, "chen.meihua");
	await plain.page.goto(home + "/attachments");
	await plain.page.setInputFiles("#f-file", file("note.txt", Buffer.from("note")));
	await press(plain.page, "#upload button.main");
	await waitText(plain.page, "#files tbody tr >> nth=3", /note\.txt[\s\S]*Complete/);
	await press(plain.page, "#files tbody tr:nth-child(4) th a");
	await press(plain.page, "a[href$='/withdraw']");
	await press(plain.page, "main form button.main");
	await waitText(plain.page, "#summary", /Reason/);
	await plain.page.fill("[name=reason]", "the wrong file");
	await press(plain.page, "main form button.main");
	await waitText(plain.page, "#files tbody tr >> nth=3", /Withdrawn[\s\S]*the wrong file/);
	await press(plain.page, "#upload button.main");
	await waitText(plain.page, "#summary", /File/);

	yield "by keyboard, and every page of it is sound in both widths and colours";
	const desk = await server.person({ scheme: "dark", judged: true });
	await signIn(desk, "chen.meihua");
	await desk.page.goto(home + "/attachments");
	await tabTo(desk.page, "#files tbody a");
	await Promise.all([desk.page.waitForEvent("load"), desk.page.keyboard.press("Enter")]);
	await sound(desk.page, "zh", "one file");
	await tabTo(desk.page, "a[download]");
	must(!(await focusShown(desk.page)).length, "the focus cannot be seen");
	const [archive] = await Promise.all([desk.page.waitForEvent("download"), desk.page.keyboard.press("Enter")]);
	must(/^draft-.*\.zip$/.test(archive.suggestedFilename()), archive.suggestedFilename());
	await desk.page.reload();
	await waitText(desk.page, "main", /下載加密壓縮檔/);
	await desk.page.goto(home + "/attachments");
	await sound(desk.page, "zh", "the list");
	await page.goto(home + "/attachments");
	await sound(page, "zh", "the list on a telephone");
	await press(page, "#files tbody a");
	await sound(page, "zh", "one file on a telephone");

	yield* quiet([officer, plain, desk]);
}
