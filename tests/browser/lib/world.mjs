// The servers (serve.py), the browser, and the people who use them.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { watch } from "./watch.mjs";
import { Wrong } from "./tap.mjs";

const from = createRequire(process.env.BROWSER_MODULES + "/");
const { chromium } = from("playwright-core");
const axe = from.resolve("axe-core/axe.min.js");

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--font-render-hinting=none", "--force-color-profile=srgb"];
export const TAGS = { zh: "zh-TW", en: "en" };
const BROWSER_TAGS = { zh: "zh-TW", en: "en-US" };
export const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

/** Everything that the tests share: the sector's people, the interface's table, one browser. */
export class World {
	static async open(build) {
		const w = new World();
		w.helper = spawn("python3", [fileURLToPath(new URL("../serve.py", import.meta.url)), build], { stdio: ["pipe", "pipe", "inherit"] });
		w.lines = createInterface({ input: w.helper.stdout })[Symbol.asyncIterator]();
		Object.assign(w, await w.#heard());
		w.queue = Promise.resolve();
		w.browsers = new Map();
		return w;
	}

	/** A browser whose own words, such as those of its date fields, are of this language. */
	browser(lang) {
		if (!this.browsers.has(lang))
			this.browsers.set(lang, chromium.launch({ executablePath: "/usr/bin/chromium", args: [...FLAGS, `--lang=${BROWSER_TAGS[lang]}`],
				env: { ...process.env, LANGUAGE: BROWSER_TAGS[lang].replace("-", "_") }, ignoreDefaultArgs: ["--headless", "--lang=en-US"] }));
		return this.browsers.get(lang);
	}

	async #heard() {
		const { value, done } = await this.lines.next();
		if (done)
			throw new Wrong("the servers' helper ended");
		return JSON.parse(value);
	}

	/** One question to the helper and its answer; questions wait for each other. */
	ask(message) {
		const answer = this.queue.then(async () => {
			this.helper.stdin.write(JSON.stringify(message) + "\n");
			const told = await this.#heard();
			if (told.trouble)
				throw new Wrong(told.trouble);
			return told;
		});
		this.queue = answer.catch(() => {});
		return answer;
	}

	/** empty: not of the fictional sector but of a new installation; its setup is the way of the first administrator. backups: scheduled ones. */
	async server(name, { empty = false, backups = false } = {}) {
		return new Server(this, name, await this.ask({ open: name, empty, backups }));
	}

	async close() {
		for (const browser of this.browsers.values())
			await (await browser).close();
		this.helper.stdin.end();
		await new Promise((done) => this.helper.once("exit", done));
	}
}

/** A server of one's own with a clock that stands still until it is moved. */
export class Server {
	constructor(world, name, { port, now, setup }) {
		Object.assign(this, { world, name, now: now / 1000, base: `http://127.0.0.1:${port}`, setup, people: [] });
	}

	/** Moves the clock of the server, and of every browser at it, forward. */
	async pass(seconds) {
		this.now = (await this.world.ask({ clock: this.name, by: seconds })).now / 1000;
		for (const person of this.people)
			await person.context.clock.setFixedTime(this.now);
	}

	/** A browser of its own: cookies, storage, a language, a size. judged: axe stands ready in each page of it. */
	async person(options = {}) {
		const { lang = "zh", size = SIZES.wide, scheme = "light", touch = false, scripts = true, density = 1, token = null, judged = false } = options;
		const context = await (await this.world.browser(lang)).newContext({
			baseURL: this.base, locale: TAGS[lang], viewport: size, colorScheme: scheme, hasTouch: touch, isMobile: touch,
			javaScriptEnabled: scripts, deviceScaleFactor: density, timezoneId: "Asia/Taipei", reducedMotion: "reduce",
			extraHTTPHeaders: token ? { Authorization: "Bearer " + this.world.tokens[token] } : {},
		});
		context.setDefaultTimeout(20000);
		await context.clock.setFixedTime(this.now);
		if (judged)
			await context.addInitScript({ path: axe });
		const page = await context.newPage();
		page.byTouch = touch;
		const person = { context, page, lang, server: this, troubles: watch(page) };
		this.people.push(person);
		return person;
	}

	/** The API as this person's programs would use it: {status, json}. */
	async call(login, method, path, value, lang = "zh") {
		const answer = await fetch(this.base + path, {
			method, headers: { Accept: "application/json", "Accept-Language": TAGS[lang], Authorization: "Bearer " + this.world.tokens[login],
				...(value === undefined ? {} : { "Content-Type": "application/json" }) },
			body: value === undefined ? undefined : JSON.stringify(value),
		});
		const text = await answer.text();
		return { status: answer.status, json: text.startsWith("{") ? JSON.parse(text) : null };
	}

	async close() {
		for (const person of this.people)
			await person.context.close();
		await this.world.ask({ close: this.name });
	}
}
