// The pictures in docs/pictures, taken of the story as it goes. Clock, fonts and sector are always the same, so that a picture
// changes only when the page does. --pictures takes them; the tests check that each one that the docs show is there.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { choose, fillReport, press, savedWords, signIn, waitText } from "./lib/hands.mjs";
import { SIZES } from "./lib/world.mjs";
import { must, ok, doneTesting } from "./lib/tap.mjs";

export const title = "pictures";

const PNGQUANT = ["--force", "--skip-if-larger", "--strip", "--speed", "1", "--quality", "70-95", "--ext", ".png"];

/** A page as it stands, under its name: the window, or (whole) all of it. */
async function shoot(dir, page, name, whole = false) {
	await page.evaluate(() => document.activeElement?.blur());
	await page.mouse.move(0, 0);
	const path = `${dir}/${name}.png`;
	await page.screenshot({ path, fullPage: whole, animations: "disabled", caret: "hide" });
	try {
		execFileSync("pngquant", [...PNGQUANT, path]);
	} catch (e) {
		must(e.status === 98 || e.status === 99, `pngquant: ${e.message}`);     // it would not be smaller, or not good enough: as it was
	}
}

async function at(server, login, options) {
	const person = await server.person(options);
	if (login)
		await signIn(person, login);
	return person;
}

/* Scrolls so that this stands at the top, as somebody would who fills it in. */
const showFrom = (page, selector) => page.evaluate((s) => scrollTo(0, document.querySelector(s).getBoundingClientRect().top + scrollY - 16), selector);

/** The duty officer's night, on the computer and on her telephone. */
async function officer(server, dir, lang) {
	const phone = await at(server, null, { lang, size: SIZES.phone, touch: true, density: 2 });
	await phone.page.goto("/sign-in");
	await shoot(dir, phone.page, `sign-in-360-${lang}`);
	await signIn(phone, "chen.meihua");
	await shoot(dir, phone.page, `home-360-${lang}`);
	const wide = await at(server, "chen.meihua", { lang });
	await wide.page.goto("/reports/new");
	await fillReport(wide.page, lang);
	await waitText(wide.page, "#saved span", savedWords[lang]);
	await showFrom(wide.page, "#s-impact");
	await shoot(dir, wide.page, `form-level-1280-${lang}`);
	await phone.page.goto(wide.page.url());
	await shoot(dir, phone.page, `form-360-${lang}`);
	await press(phone.page, "button[value=submit]");
	await shoot(dir, phone.page, `submit-360-${lang}`);
	await server.pass(12 * 60);
	await wide.page.goto("/");                     // or its session would have ended when it is wanted again
	await press(phone.page, "main form button.main");
	await waitText(phone.page, "#number", /^MED/);
	await shoot(dir, phone.page, `receipt-360-${lang}`);
	await press(phone.page, "a.main");
	return { wide, address: new URL(phone.page.url()).pathname };
}

const SAID = {
	zh: { reason: "急診停擺，超過可容忍中斷時間。", note: "四級，醫療領域。", resolution: "重建主機，清查並重設全部帳號。" },
	en: { reason: "The emergency ward has stopped, beyond the tolerable time.", note: "Level 4, health sector.",
		resolution: "Hosts rebuilt, all accounts checked and reset." },
};

/** Fills in the form of a verb (the one that is open, without an address) and sends it. */
async function send(page, address, verb, fields) {
	if (address)
		await page.goto(`${address}/${verb}`);
	for (const [name, value] of Object.entries(fields))
		await page.fill(`[name=${name}]`, value);
	await press(page, "main form button.main");
}

/** The reviewer at her desk, to the release from tracking. */
async function reviewer(server, dir, lang, { wide, address }) {
	const desk = await at(server, "lin.yijun", { lang }), { page } = desk, said = SAID[lang];
	await page.goto("/duties");
	await shoot(dir, page, `board-1280-${lang}`);
	if (lang === "zh") {
		await page.emulateMedia({ colorScheme: "dark" });
		await shoot(dir, page, `board-dark-1280-${lang}`);
		await page.emulateMedia({ colorScheme: "light" });
	}
	await page.goto(address);
	await shoot(dir, page, `report-1280-${lang}`);
	await page.goto(address + "/review");
	await choose(page, "level_reviewed", "4");
	await choose(page, "other_ci_reviewed", "no");
	await page.fill("[name=level_reason]", said.reason);
	await page.evaluate(() => scrollTo(0, 0));
	await shoot(dir, page, `review-1280-${lang}`);
	await press(page, "main form button.main");
	await send(page, address, "escalate", { note: said.note });
	await send(page, address, "acknowledge", { reference: "NC-7788" });
	await server.pass(10 * 60);
	await wide.page.goto(address + "/amend-level");
	await choose(wide.page, "impact_a", "4");
	await send(wide.page, null, null, { reason: said.reason });
	await send(wide.page, address, "contain", {});
	await send(wide.page, address, "close", { resolution: said.resolution, resolved_at: "2026-11-22T02:30" });
	await send(page, address, "accept", {});
	await shoot(dir, page, `closed-1280-${lang}`);
	await page.goto(address + "/trail");
	await shoot(dir, page, `trail-1280-${lang}`);
}

const HELD = {
	zh: { reason: "檢察署 115 年度偵字第 7788 號函，保全證據。", lift: "偵查終結。" },
	en: { reason: "Prosecutors' letter 7788: evidence is to be kept.", lift: "The investigation has ended." },
};

/** What the administrator, the manager and whoever has to prove something see: keys, holds, health, the receipt with its proof. */
async function evidence(server, dir, lang, { wide, address }) {
	const said = HELD[lang], hold = await server.call("wu.manager", "POST", "/holds",
		{ kind: "case", case_no: address.split("/").pop(), reason: said.reason });
	must(hold.status === 201, `the hold: ${hold.status}`);
	await server.call("wu.manager", "POST", "/holds", { kind: "system", systems: ["203.0.113.7", "his.shancheng.example"], from_at: "2026-11-14T16:00:00Z", reason: said.reason });
	await server.call("wu.manager", "POST", "/holds", { kind: "period", from_at: "2026-11-21T16:00:00Z", until_at: "2026-11-22T16:00:00Z", reason: said.reason });
	await server.call("wu.manager", "POST", `/holds/${hold.json.id}/lift`, { reason: said.lift });
	must((await server.call("admin", "POST", "/log/checkpoint")).status < 300, "the log is not signed");
	await wide.page.goto(`${address}/receipt`);
	await showFrom(wide.page, "#receipt");
	await shoot(dir, wide.page, `proof-1280-${lang}`);
	const admin = await at(server, "admin", { lang }), manager = await at(server, "wu.manager", { lang });
	for (const [person, name] of [[admin, "keys"], [manager, "holds"]]) {
		await person.page.goto(`/${name}`);
		await shoot(dir, person.page, `${name}-1280-${lang}`);
	}
	await admin.page.goto("/health");
	await shoot(dir, admin.page, `health-1280-${lang}`);
}

export async function take(world, dir) {
	mkdirSync(dir, { recursive: true });
	for (const lang of ["zh", "en"]) {
		const server = await world.server(`pictures-${lang}`, { backups: true }), filed = await officer(server, dir, lang);
		await reviewer(server, dir, lang, filed);
		await evidence(server, dir, lang, filed);
		await server.close();
	}
	ok(true, `pictures in ${dir}`);
	doneTesting();
}

// ---- the docs and their pictures ----

const root = fileURLToPath(new URL("../../", import.meta.url));

function texts(folder) {
	return readdirSync(root + folder, { withFileTypes: true }).flatMap((f) =>
		f.isDirectory() ? texts(`${folder}${f.name}/`) : f.name.endsWith(".md") ? [folder + f.name] : []);
}

/** Each picture that the docs show is there, of the width that its name says, and no picture lies about that none shows. */
export async function* play() {
	yield "each picture that the docs show is there, and each that is there is shown";
	const shown = new Set(), wrong = [];
	for (const file of ["README.md", ...texts("docs/")])
		for (const [, name] of readFileSync(root + file, "utf8").matchAll(/!\[[^\]]*\]\([^)]*pictures\/([\w.-]+)\)/g))
			shown.add(name);
	const there = new Set(readdirSync(root + "docs/pictures"));
	wrong.push(...[...shown].filter((n) => !there.has(n)).map((n) => `${n} is shown and is not there`));
	wrong.push(...[...there].filter((n) => !shown.has(n)).map((n) => `${n} is there and is not shown`));
	for (const name of there) {
		const width = readFileSync(`${root}docs/pictures/${name}`).readUInt32BE(16), said = Number(name.match(/-(\d+)-(zh|en)/)?.[1]);
		if (width !== said && width !== 2 * said)
			wrong.push(`${name} is ${width} px wide`);
	}
	must(shown.size > 0 && !wrong.length, wrong.join("\n"));
}
