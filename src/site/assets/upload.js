/*
 * Files in parts: each goes on by itself after a lost connection, and after the page was closed as soon as the same file is chosen again.
 * Without this the form sends one file at once.
 */
const $ = (selector, from = document) => from.querySelector(selector);
const form = $("#upload"), list = $("#uploads"), said = $("#upload-words").dataset;
const home = form.action, most = Number(form.dataset.most), largest = Number(form.dataset.chunk);
const SMALLEST = 256 * 1024, QUICK = 1500, PATIENCE = [1000, 2000, 5000, 10000], HASHED_MOST = 512 * 1024 * 1024;

class Refused extends Error {}

function tell(text) {
	$("#upload-said").textContent = text;
}
function size(n) {
	const units = ["B", "KiB", "MiB", "GiB"];
	let i = 0;
	for (; n >= 1024 && i < 3; i++)
		n /= 1024;
	return `${i ? n.toFixed(1) : n} ${units[i]}`;
}

/** A JSON answer; an error without `status` is a lost connection. */
async function ask(method, address, body, signal) {
	const bytes = body instanceof Blob;
	const response = await fetch(address, {
		method, signal, credentials: "same-origin", redirect: "error",
		headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": bytes ? "application/octet-stream" : "application/json" }) },
		body: body === undefined || bytes ? body : JSON.stringify(body),
	});
	const answer = await response.json();
	if (response.ok)
		return answer;
	const error = new Refused(answer.fields?.[0]?.message ?? answer.message);
	error.status = response.status;
	error.answer = answer;
	throw error;
}

/** Waits a little, or until this device says that it is online again. */
function pause(ms, signal) {
	return new Promise((go, stop) => {
		const timer = setTimeout(done, ms);
		function done() {
			clearTimeout(timer);
			window.removeEventListener("online", done);
			if (signal.aborted)
				stop(signal.reason);
			else
				go();
		}
		window.addEventListener("online", done);
		signal.addEventListener("abort", done, { once: true });
	});
}

/** The digest in hex, or null where the browser does not do it (no secure origin) or the file is too large to hold. */
async function digest(file) {
	if (!globalThis.crypto?.subtle || file.size > HASHED_MOST)
		return null;
	const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
	return [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/* ---- one file ---- */

class Upload {
	constructor(file) {
		Object.assign(this, { file, href: null, sent: 0, stop: new AbortController() });
		this.row = document.createElement("li");
		const name = document.createElement("span");
		name.className = "upload-name";
		name.textContent = `${file.name} (${size(file.size)})`;
		this.button = document.createElement("button");
		this.button.type = "button";
		this.button.className = "button low";
		this.button.textContent = said.cancel;
		this.button.setAttribute("aria-label", `${said.cancel} ${file.name}`);
		this.button.addEventListener("click", () => this.cancel());
		this.bar = document.createElement("progress");
		this.bar.max = file.size || 1;
		this.bar.value = 0;
		this.bar.setAttribute("aria-label", file.name);
		this.words = document.createElement("span");
		this.words.className = "small quiet";
		this.row.append(name, this.button, this.bar, this.words);
		list.append(this.row);
		this.say(said.waiting);
	}

	say(text, wrong = false) {
		this.words.textContent = text;
		this.words.classList.toggle("wrong", wrong);
	}

	at(n) {
		this.sent = n;
		this.bar.value = n;
		this.say(`${said.sending} ${Math.floor(100 * n / this.file.size)} %`);
	}

	/** Asks again and again until the platform answers; whatever it answers. */
	async patiently(what) {
		for (let tries = 0; ; tries++) {
			try {
				return await what();
			} catch (e) {
				if (e instanceof Refused && e.status < 500)
					throw e;
				if (this.stop.signal.aborted)
					throw this.stop.signal.reason;
				this.say(said.broken, true);
				await pause(PATIENCE[Math.min(tries, PATIENCE.length - 1)], this.stop.signal);
			}
		}
	}

	/** A beginning of the same file that is there already, or a new one. */
	async begin(sha256) {
		const there = sha256 ? (await this.patiently(() => ask("GET", home, undefined, this.stop.signal))).rows
			.find((r) => r.state === "arriving" && r.sha256 === sha256 && r.size === this.file.size) : null;
		const record = there ?? await this.patiently(() =>
			ask("POST", home, { name: this.file.name, size: this.file.size, ...(sha256 ? { sha256 } : {}) }, this.stop.signal));
		this.href = record.href;
		this.at(record.received);
	}

	/** One part; where it did not fit, the platform says what it has. */
	async part(length) {
		const from = this.sent;
		try {
			const record = await ask("PUT", `${this.href}?offset=${from}`, this.file.slice(from, from + length), this.stop.signal);
			this.at(record.received);
			return record.state === "whole";
		} catch (e) {
			if (e.status !== 409 || e.answer.received === undefined)
				throw e;
			this.at(e.answer.received);
			return false;
		}
	}

	async parts() {
		let length = SMALLEST, whole = false;
		while (!whole) {
			const began = performance.now();
			whole = await this.patiently(async () => {
				if (this.words.classList.contains("wrong")) {
					const record = await ask("GET", this.href, undefined, this.stop.signal);
					this.at(record.received);
					if (record.state === "whole")
						return true;
				}
				return this.part(length);
			});
			length = performance.now() - began < QUICK ? Math.min(length * 2, largest) : SMALLEST;
		}
	}

	/** True when it arrived. */
	async run() {
		try {
			if (!this.file.size || this.file.size > most)
				throw new Refused(this.file.size ? said.large : said.empty);
			this.say(said.reading);
			await this.begin(await digest(this.file));
			await this.parts();
			this.say(said.done);
			this.button.remove();
			return true;
		} catch (e) {
			if (this.stop.signal.aborted)
				return false;
			this.say(e.status === 401 || e.status === 403 ? said.ended : `${said.refused}: ${e.message}`, true);
			tell(`${this.file.name}: ${this.words.textContent}`);
			return false;
		}
	}

	async cancel() {
		this.stop.abort(new Refused(said.cancelled));
		this.button.disabled = true;
		try {
			if (this.href)
				await ask("POST", `${this.href}/withdraw`, {});
		} catch { /* it is given up by itself after a week */ }
		this.row.remove();
		tell(`${this.file.name}: ${said.cancelled}`);
		$("#f-file").focus();
	}
}

/* ---- all of them, one after the other ---- */

const waiting = [];
let running = false;

/** The list of the page as it is now, in the place of the old one. */
async function refresh() {
	const response = await fetch(home, { headers: { Accept: "text/html" }, credentials: "same-origin" });
	const page = new DOMParser().parseFromString(await response.text(), "text/html");
	for (const place of ["#files", ".tabs"]) {
		const fresh = $(place, page);
		if (fresh)
			$(place).replaceWith(document.adoptNode(fresh));
	}
}
async function work() {
	if (running)
		return;
	running = true;
	for (let next = waiting.shift(); next; next = waiting.shift()) {
		if (!next.stop.signal.aborted && await next.run()) {
			await refresh().catch(() => {});
			tell(`${next.file.name}: ${said.done}`);
			next.row.remove();
		}
	}
	running = false;
}
function take(files) {
	for (const file of files)
		waiting.push(new Upload(file));
	work();
}

const input = $("#f-file"), place = $("#drop");
input.multiple = true;
input.addEventListener("change", () => {
	take(input.files);
	input.value = "";
});
form.addEventListener("submit", (e) => {
	e.preventDefault();
	if (input.files.length)
		take(input.files);
	else
		input.click();
});
for (const kind of ["dragenter", "dragover"])
	place.addEventListener(kind, (e) => {
		if (!e.dataTransfer.types.includes("Files"))
			return;
		e.preventDefault();
		place.classList.add("over");
	});
for (const kind of ["dragleave", "drop"])
	place.addEventListener(kind, () => place.classList.remove("over"));
place.addEventListener("drop", (e) => {
	e.preventDefault();
	take(e.dataTransfer.files);
});
window.addEventListener("beforeunload", (e) => {
	if (running)
		e.preventDefault();
});
