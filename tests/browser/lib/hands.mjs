// What people do on a page: by mouse, by keyboard, without scripts. Words are looked for as a reader would see them.
import { focusShown } from "./checks.mjs";
import { must, same } from "./tap.mjs";
import { TAGS } from "./world.mjs";

/** Presses what leads to another page, and waits until that is there. */
export async function press(page, selector) {
	await Promise.all([page.waitForEvent("load"), page.byTouch ? page.tap(selector) : page.click(selector)]);
}

/** Signs in on the sign-in page, by pointer. */
export async function signIn(person, login, page = person.page) {
	await page.goto("/sign-in");
	await page.fill("[name=login]", login);
	await page.fill("[name=password]", person.server.world.password);
	await press(page, "main button.main");
	await page.waitForSelector(".who");
	if ((await page.getAttribute("html", "lang")) !== TAGS[person.lang]) {
		await press(page, "button[name=lang]");
	}
}

/** The report of the story: what the duty officer knows at 02:10. */
export const KNOWN = {
	zh: {
		description: "護理站電腦出現勒索訊息，電子病歷無法開啟，檔案副檔名遭變更。",
		scope_loss: "門診掛號停擺，急診改以人工作業。",
		measures: "已切斷受影響網段，保留記憶體與磁碟映像。",
		maintenance_vendor: "無",
	},
	en: {
		description: "Ransom note on the ward's computers, patient records do not open, file names changed.",
		scope_loss: "Outpatient registration stopped, the emergency ward works on paper.",
		measures: "Affected network cut off, memory and disk images kept.",
		maintenance_vendor: "none",
	},
};

/** Answers that are chosen: name, value. */
export const CHOSEN = [["category", "intrusion"], ["conditions", "malware"], ["os_family", "windows"], ["controls", "firewall"], ["controls", "antivirus"],
	["soc", "none"], ["isms_certified", "yes"], ["impact_c", "1"], ["impact_i", "2"], ["impact_a", "3"], ["other_ci_affected", "no"],
	["source", "self"], ["support_needed", "no"]];
export const COUNTED = [["victim_hosts", "6"], ["victim_servers", "3"]];
/** Local times of the story's night. */
export const TIMES = { occurred_at: "2026-11-22T01:45", aware_at: "2026-11-22T02:08" };

export const option = (name, value) => `input[name="${name}"][value="${value}"]`;

/** Clicks or taps the label of an option, as it can be seen. */
export async function choose(page, name, value) {
	const input = page.locator(option(name, value));
	await page.locator(`label[for="${await input.getAttribute("id")}"]`).click();
	must(await input.isChecked(), `${name}=${value} was clicked and is not chosen`);
}

/** Everything that submission asks for. */
export async function fillReport(page, lang, but = {}) {
	for (const [name, value] of Object.entries(TIMES))
		await page.fill(`[name=${name}]`, value);
	for (const [name, value] of CHOSEN)
		await choose(page, name, but[name] ?? value);
	for (const [name, value] of [...COUNTED, ...Object.entries(KNOWN[lang])])
		await page.fill(`[name=${name}]`, but[name] ?? value);
}

export const savedWords = { zh: /^已存草稿 \d\d:\d\d$/, en: /^Draft saved \d\d:\d\d$/ };

const PATIENCE = 20000;

/** Waits until a text is what it should be (also where scripts are off), and tells what it was when it does not come. */
export async function waitText(page, selector, pattern) {
	const place = page.locator(selector).first(), until = Date.now() + PATIENCE;
	let text = "nothing";
	do {
		// a page that is being left has no text: the next one will
		text = (await place.textContent({ timeout: 1000 }).catch(() => "nothing")).trim();
		if (pattern.test(text))
			return;
		await new Promise((next) => setTimeout(next, 30));
	} while (Date.now() < until);
	must(false, `${selector} says "${text}", wanted ${pattern}`);
}

// ---- by keyboard ----

/** Tab until the element has the focus; at each stop the focus must be seen. */
export async function tabTo(page, selector, key = "Tab", most = 400) {
	for (let i = 0; i < most; i++) {
		if (await page.evaluate((s) => document.activeElement?.matches(s), selector))
			return;
		await page.keyboard.press(key);
		const wrong = await focusShown(page);
		must(!wrong.length, wrong.join("; "));
	}
	must(false, `no way by ${key} to ${selector}`);
}

/** A radio by arrows, a box by the space bar. */
export async function pick(page, name, value) {
	const input = option(name, value);
	if ((await page.getAttribute(input, "type")) === "checkbox") {
		await tabTo(page, input);
		await page.keyboard.press("Space");
	} else {
		await tabTo(page, `input[name="${name}"]`);
		if (!(await page.evaluate((s) => document.activeElement.matches(s), input))) {
			const count = await page.locator(`input[name="${name}"]`).count();
			for (let i = 0; i < count && !(await page.isChecked(input)); i++)
				await page.keyboard.press("ArrowDown");
		} else {
			await page.keyboard.press("Space");
		}
	}
	must(await page.isChecked(input), `${name}=${value} cannot be chosen by keyboard`);
}

/** A date and time in the parts of the browser's own field (English order: month, day, year, hour, minute, am or pm). */
export async function typeTime(page, name, iso) {
	const [, y, m, d, hh, mm] = iso.match(/(\d+)-(\d+)-(\d+)T(\d+):(\d+)/);
	await tabTo(page, `[name=${name}]`);
	await page.keyboard.type(m + d + y);
	await page.keyboard.press("ArrowRight");
	await page.keyboard.type(String(hh % 12 || 12).padStart(2, "0") + mm + (hh < 12 ? "AM" : "PM"));
	same(await page.inputValue(`[name=${name}]`), iso, `${name} by keyboard`);
	// the field has parts of its own: on to the next field
	for (let i = 0; i < 8 && (await page.evaluate((n) => document.activeElement?.name === n, name)); i++)
		await page.keyboard.press("Tab");
}
