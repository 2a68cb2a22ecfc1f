// Nothing that was typed is lost: a session that ends, a line that breaks, a page that was left.
import { choose, press, savedWords, signIn, waitText } from "./lib/hands.mjs";
import { must, same } from "./lib/tap.mjs";

export const title = "nothing typed is lost";

const TEXT = "急診掛號系統畫面變紅，出現英文訊息。";
const MORE = "備份伺服器也連不上。";

async function draft(person) {
	const { page } = person;
	await signIn(person, "chen.meihua");
	await page.goto("/reports/new");
	await page.fill("[name=description]", TEXT);
}

export async function* play(server) {
	const here = await server.person();
	const page = here.page;

	yield "a session ends while she types: the page says so and keeps the words";
	await draft(here);
	await waitText(page, "#saved span", savedWords.zh);
	await server.pass(16 * 60);
	await page.fill("[name=description]", TEXT + MORE);
	await waitText(page, "#saved span", /登入已逾時.*留在這台裝置/);
	same(await page.inputValue("[name=description]"), TEXT + MORE, "what was typed");

	yield "signed in again, the words are there, and are saved";
	const address = page.url();
	page.on("dialog", (d) => d.accept());
	await signIn(here, "chen.meihua");
	await page.goto(address);
	await waitText(page, "#saved span", savedWords.zh);
	same(await page.inputValue("[name=description]"), TEXT + MORE, "what was typed");
	const stored = await server.call("chen.meihua", "GET", new URL(address).pathname.replace("/edit", ""));
	same(stored.json?.description, TEXT + MORE, "what the platform has");

	yield "a form sent after the session's end brings her to sign in, and is sent on from there";
	await page.fill("[name=scope_loss]", "掛號停擺。");
	await server.pass(16 * 60);
	await press(page, "button[value=stay]");
	await waitText(page, "main", /您打的字還在/);
	await goOn(here, page);
	await waitText(page, "#saved span", savedWords.zh);
	same(await page.inputValue("[name=scope_loss]"), "掛號停擺。", "what was typed");

	yield "the same without JavaScript";
	const plain = await server.person({ scripts: false });
	await draft(plain);
	await server.pass(16 * 60);
	await press(plain.page, "button[value=stay]");
	await goOn(plain, plain.page);
	same(await plain.page.inputValue("[name=description]"), TEXT, "what was typed");
	must(/^已存草稿/.test((await plain.page.textContent("#saved span")).trim()), "it is not saved");

	yield "the line breaks: typing goes on, the page says where the words are";
	await signIn(here, "chen.meihua");
	await page.goto(address);
	await here.context.setOffline(true);
	await page.fill("[name=measures]", "已拔除網路線。");
	await waitText(page, "#saved span", /連不上平台.*留在這台裝置/);
	await choose(page, "impact_a", "2");
	await waitText(page, "#verdict-level", /^2$/);

	yield "the line is back: what was typed is sent by itself";
	await here.context.setOffline(false);
	await waitText(page, "#saved span", savedWords.zh);
	const after = await server.call("chen.meihua", "GET", new URL(address).pathname.replace("/edit", ""));
	same(after.json?.measures, "已拔除網路線。", "what the platform has");
	same(after.json?.impact_a, 2, "impact_a");

	yield "a page left without a line gives its words back when it is opened again";
	await here.context.setOffline(true);
	await page.fill("[name=maintenance_vendor]", "山腳資訊");
	await waitText(page, "#saved span", /連不上平台/);
	await here.context.setOffline(false);
	const again = await here.context.newPage();
	await again.goto(address);
	await waitText(again, "#saved span", savedWords.zh);
	same(await again.inputValue("[name=maintenance_vendor]"), "山腳資訊", "what was typed");

	yield "somebody else at the same device does not get her words";
	const shared = await server.person();
	await draft(shared);
	await shared.page.waitForFunction(() => Object.keys(localStorage).length > 0);
	await shared.context.setOffline(true);
	await shared.page.fill("[name=description]", TEXT + MORE);
	await shared.context.setOffline(false);
	const other = await shared.context.newPage();
	await shared.context.clearCookies();
	await signIn(shared, "haiwan.soc", other);
	await other.goto("/reports/new");
	same(await other.inputValue("[name=description]"), "", "the form of another person");
}

/** From the page that says that the session ended: sign in, and go on from there. */
async function goOn(person, page) {
	await press(page, "main form button.main");
	await page.fill("[name=login]", "chen.meihua");
	await page.fill("[name=password]", person.server.world.password);
	await press(page, "main button.main");
	await press(page, "main form button.main");
	await page.waitForSelector("#saved");
}
