/*
 * What a page does beyond its HTML: drafts kept while typing, the level as one chooses, conditional fields, time left in
 * words, keys. Everything works without it, and it says nothing that the page does not hold already.
 */
const $ = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const lang = document.documentElement.lang;

/* ---- the menu of a narrow screen, and menus that close when one goes elsewhere ---- */

const menu = $(".menu-button");
menu?.addEventListener("click", () => {
	const open = $("#nav").classList.toggle("open");
	menu.setAttribute("aria-expanded", String(open));
});
document.addEventListener("click", (e) => {
	for (const who of all(".who[open]"))
		if (!who.contains(e.target))
			who.open = false;
});
document.addEventListener("keydown", (e) => {
	if (e.key !== "Escape")
		return;
	for (const who of all(".who[open]")) {
		who.open = false;
		$("summary", who).focus();
	}
});
$("[data-print]")?.addEventListener("click", () => window.print());

/* ---- what was wrong comes first ---- */

const summary = $("#summary");
if (summary)
	summary.focus();
/* A link to a field that is folded or a group opens it and goes to its first control. */
function goTo(id) {
	const target = document.getElementById(id);
	if (!target)
		return false;
	for (let d = target.closest("details"); d; d = d.parentElement.closest("details"))
		d.open = true;
	target.closest("[data-field]")?.removeAttribute("hidden");
	const control = target.matches("fieldset") ? $("input:checked, input:not([type=hidden])", target) : target;
	control.scrollIntoView({ block: "center" });
	control.focus({ preventScroll: true });
	return true;
}
document.addEventListener("click", (e) => {
	const link = e.target.closest("a[href*='#f-']");
	if (link && link.pathname === location.pathname && goTo(link.hash.slice(1)))
		e.preventDefault();
});
if (location.hash.startsWith("#f-"))
	goTo(location.hash.slice(1));

/* ---- time left, once a minute, in the words of the server's catalogue ---- */

const units = {
	"zh-TW": {
		left: "剩 {t}", late: "逾時 {t}", under: "剩不到 1 分鐘", just: "逾時不到 1 分鐘",
		d: (n) => `${n} 天`, h: (n) => `${n} 小時`, m: (n, after) => (after ? `${n} 分` : `${n} 分鐘`),
	},
	en: {
		left: "{t} left", late: "{t} overdue", under: "less than 1 minute left", just: "less than 1 minute overdue",
		d: (n) => `${n} day${n === 1 ? "" : "s"}`, h: (n) => `${n} hour${n === 1 ? "" : "s"}`, m: (n) => `${n} minute${n === 1 ? "" : "s"}`,
	},
};
const words = units[lang] ?? units.en;
/* The server's clock counts, not this device's. */
const serverNow = Date.parse($(".foot .now time")?.dateTime ?? "");
const ahead = Number.isNaN(serverNow) ? 0 : Date.now() - serverNow;
/* The reader's own zone, as the page tells it, which may not be this device's: "2026-11-22T02:10". */
const zone = $(".foot .now time")?.textContent.match(/\(([+-])(\d\d):(\d\d)\)/);
const east = zone ? (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
function localNow() {
	return new Date(Date.now() - ahead + east * 60000).toISOString().slice(0, 16);
}
function leftWords(due) {
	const ms = due - (Date.now() - ahead);
	const minutes = Math.floor(Math.abs(ms) / 60000);
	if (minutes === 0)
		return ms < 0 ? words.just : words.under;
	const hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
	let text;
	if (days >= 2)
		text = words.d(days) + (hours % 24 ? " " + words.h(hours % 24) : "");
	else if (hours)
		text = words.h(hours) + (minutes % 60 ? " " + words.m(minutes % 60, true) : "");
	else
		text = words.m(minutes, false);
	return (ms < 0 ? words.late : words.left).replace("{t}", text);
}
function tellTime() {
	for (const time of all("time[data-left]")) {
		const text = leftWords(Date.parse(time.dateTime));
		if (time.textContent !== text)
			time.textContent = text;
	}
}
if ($("time[data-left]"))
	setInterval(tellTime, 60000);

/* ---- fields that depend on others ---- */

const form = $("#form");
function chosen(name) {
	return all(`[name="${name}"]`, form).flatMap((i) =>
		i.type === "radio" || i.type === "checkbox" ? (i.checked ? [i.value] : []) : i.type === "hidden" || !i.value ? [] : [i.value]);
}
function showConditional() {
	for (const field of all("[data-if]", form)) {
		const values = field.dataset.values.split(" ");
		const wanted = chosen(field.dataset.if).some((v) => values.includes(v));
		field.hidden = !wanted;
		for (const i of all("input, select, textarea", field))
			i.disabled = !wanted;
	}
	const category = chosen("category")[0];
	for (const set of all(".choice-set", form)) {
		const wanted = set.dataset.group === category;
		set.hidden = !wanted;
		for (const i of all("input", set))
			i.disabled = !wanted;
	}
	/* "none" is an answer of its own */
	for (const none of all("input[type=checkbox][value=none]:checked", form))
		for (const other of all(`input[type=checkbox][name="${none.name}"]`, form))
			if (other !== none && none === lastChecked)
				other.checked = false;
			else if (other === lastChecked && other !== none)
				none.checked = false;
}
let lastChecked = null;

/* ---- the level as one chooses: the greatest of the three, with the sentence that causes it ---- */

function showLevel() {
	const box = $("#verdict");
	if (!box)
		return;
	let level = -1, sentence = "";
	for (const name of ["impact_c", "impact_i", "impact_a"]) {
		const i = $(`input[name="${name}"]:checked`, form);
		if (i && Number(i.value) > level) {
			level = Number(i.value);
			sentence = i.labels[0].querySelector("span:last-child").firstChild.textContent.trim();
		}
	}
	const row = $(`#consequences [data-level="${level}"]`);
	const numeral = $("#verdict-level"), said = $("#words").dataset;
	numeral.className = `verdict-level level level-${level < 0 ? "none" : level}`;
	numeral.textContent = level < 0 ? "–" : String(level);
	$("#verdict-what").textContent = row ? row.dataset.head + said.colon + sentence : said.none;
	$("#verdict-then").textContent = row ? $("dd", row).textContent : "";
}

/* ---- progress ---- */

function isAnswered(field) {
	return all("input, select, textarea", field).some((i) =>
		i.type === "hidden" ? false : i.type === "radio" || i.type === "checkbox" ? i.checked : i.value.trim() !== "");
}
function showProgress() {
	for (const step of all("#steps [data-section]")) {
		const fields = all(`section[data-section="${step.dataset.section}"] > * [data-required], section[data-section="${step.dataset.section}"] > [data-required]`, form)
			.filter((f) => !f.dataset.if && !f.closest("details"));
		const done = fields.filter(isAnswered).length;
		const tally = $(".tally", step);
		step.className = done === fields.length ? "done" : done ? "some" : "";
		tally.textContent = tally.textContent.replace(/\d+(\D+)\d+/, `${done}$1${fields.length}`);
	}
}

/* ---- the draft: saved while typing, kept on this device when the platform cannot be reached ---- */

const said = $("#words")?.dataset;
const keeps = form?.hasAttribute("data-report") && said;
const typing = { dirty: false, saving: false, timer: 0, stopped: false, leaving: false };
/* Each person's own: the next one at this device does not get it. */
const drawer = () => `tocsin.draft.${document.body.dataset.account}.${form.dataset.report || "new"}`;

function say(text) {
	for (const place of [$("#saved span"), $("#saved-too")])
		if (place && place.textContent !== text)
			place.textContent = text;
}
function clock() {
	return localNow().slice(11);
}
/* Every name of the form, with "" for a group without an answer: what was cleared is cleared. */
function content() {
	const data = new URLSearchParams(new FormData(form));
	for (const i of all("input[type=radio]", form))
		if (!i.disabled && !data.has(i.name))
			data.append(i.name, "");
	for (const i of all("[data-if][hidden] [name], .choice-set[hidden] [name]", form))
		if (!data.has(i.name))
			data.append(i.name, "");
	data.delete("then");
	return data;
}
function keep() {
	try {
		const data = content();
		data.delete("csrf");
		localStorage.setItem(drawer(), JSON.stringify({ version: form.dataset.version, at: Date.now(), data: data.toString() }));
	} catch { /* no room, or not allowed: the page itself still holds the text */ }
}
function forget() {
	try {
		localStorage.removeItem(drawer());
	} catch { /* as above */ }
}
/* What the platform filled in from the organisation's data, where nothing is typed yet. */
function fillFrom(answer) {
	for (const i of all("input, select", form)) {
		const value = answer[i.name];
		if (value === null || value === undefined || typeof value === "object" || i.type === "hidden" || i.type === "datetime-local")
			continue;
		if (i.type === "radio")
			i.checked = i.checked || (!chosen(i.name).length && i.value === (value === true ? "yes" : value === false ? "no" : String(value)));
		else if (i.type !== "checkbox" && i.value === "")
			i.value = String(value);
	}
}
function born(answer) {
	forget();
	fillFrom(answer);
	showConditional();
	showProgress();
	form.dataset.report = answer.id;
	form.action = `/reports/${answer.id}`;
	$("#files-link").href = `/reports/${answer.id}/attachments`;
	$("#files-link").hidden = false;
	history.replaceState(null, "", `/reports/${answer.id}/edit`);
}
function nowAt(version) {
	let field = $("input[name=version]", form);
	if (!field) {
		field = document.createElement("input");
		field.type = "hidden";
		field.name = "version";
		form.append(field);
	}
	field.value = form.dataset.version = version;
}
async function save() {
	if (typing.saving || typing.stopped || !typing.dirty)
		return;
	typing.saving = true;
	typing.dirty = false;
	say(said.saving);
	const id = form.dataset.report;
	try {
		const response = await fetch((id ? `/reports/${id}` : "/reports") + "?autosave=yes", {
			method: "POST", body: content(), headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "error",
		});
		const answer = await response.json();
		if (response.ok) {
			if (!id)
				born(answer);
			nowAt(answer.version);
			forget();
			say(said.saved + clock());
		} else {
			typing.stopped = response.status === 409;
			typing.dirty = true;
			keep();
			say(response.status === 401 || response.status === 403 ? said.ended : response.status === 409 ? said.changed :
				response.status === 422 ? said.refused : said.kept);
		}
	} catch {
		typing.dirty = true;
		keep();
		say(said.kept);
	}
	typing.saving = false;
}
function typed() {
	typing.dirty = true;
	keep();
	clearTimeout(typing.timer);
	typing.timer = setTimeout(save, 2000);
}
/* What this device kept unsent goes back into the form, if the report has not moved on since. */
function resume() {
	let kept = null;
	try {
		kept = JSON.parse(localStorage.getItem(drawer()));
	} catch { /* nothing to take back */ }
	if (!kept || summary || (kept.version || "") !== (form.dataset.version || ""))
		return;
	const data = new URLSearchParams(kept.data);
	for (const i of all("input, select, textarea", form)) {
		if (i.type === "hidden" || !data.has(i.name))
			continue;
		const values = data.getAll(i.name);
		if (i.type === "radio" || i.type === "checkbox")
			i.checked = values.includes(i.value);
		else
			i.value = values[values.length - 1];
	}
	typing.dirty = true;
	say(said.resumed);
	setTimeout(save, 1000);
}

if (form) {
	all("button[data-now]", form).forEach((b) => b.addEventListener("click", () => {
		const input = document.getElementById(b.dataset.now);
		input.value = localNow();
		input.dispatchEvent(new Event("input", { bubbles: true }));
	}));
	const draft = keeps && form.dataset.filed !== "yes";
	if (draft)
		resume();
	const refresh = () => {
		showConditional();
		showLevel();
		showProgress();
	};
	refresh();
	form.addEventListener("input", (e) => {
		lastChecked = e.target;
		refresh();
		if (draft)
			typed();
		else
			typing.dirty = true;
	});
	form.addEventListener("submit", () => {
		typing.leaving = true;
		clearTimeout(typing.timer);
	});
	if (keeps) {
		window.addEventListener("online", () => save());
		setInterval(() => draft && typing.dirty && save(), 15000);
		document.addEventListener("visibilitychange", () => draft && document.visibilityState === "hidden" && save());
		window.addEventListener("beforeunload", (e) => {
			if (typing.dirty && !typing.leaving)
				e.preventDefault();
		});
	}
}

/* ---- keys: j k o a r / ? ---- */

const rows = () => all("[data-row]");
function current() {
	return document.activeElement?.closest("[data-row]");
}
function move(by) {
	const list = rows(), here = list.indexOf(current());
	const next = list[Math.min(Math.max(here < 0 ? 0 : here + by, 0), list.length - 1)];
	$("a", next)?.focus();
	next?.scrollIntoView({ block: "nearest" });
}
/* On a row its own link; on a report's page the action with this key. */
function act(key) {
	const row = current();
	const link = row ? $(`[data-key="${key}"]`, row) : $(`a[data-key="${key}"]`);
	if (link)
		link.click();
}
const help = $("#keys");
document.addEventListener("keydown", (e) => {
	/* a dialog that just closed may hold the focus until the next frame: the key is already the page's */
	if (e.ctrlKey || e.altKey || e.metaKey || e.target.closest("input, select, textarea") || $("dialog[open]"))
		return;
	const does = {
		j: () => rows().length && move(1),
		k: () => rows().length && move(-1),
		o: () => $("a", current() ?? document.createElement("p"))?.click(),
		a: () => act("a"),
		r: () => act("r"),
		"/": () => {
			const place = $("[data-key='/']");
			if (place?.closest("details"))
				place.closest("details").open = true;
			(place?.matches("summary") ? $("select, input:not([type=hidden])", place.parentElement) : place)?.focus();
		},
		"?": () => help?.showModal(),
	}[e.key];
	if (!does)
		return;
	e.preventDefault();
	does();
});
$("#keys-open")?.addEventListener("click", () => help.showModal());

/* ---- files: on their own page only ---- */

if ($("#upload"))
	import("./upload.js");
