// What holds for every page, whoever reads it, in whichever language and width.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TAGS } from "./world.mjs";

/* All of them; what another width can change; what another scheme of colours can. */
export const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const LAYOUT = { type: "rule", values: ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"] };
export const COLOURS = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

/**
 * What axe finds by these rules: a list of words, empty when it finds nothing. The page is of somebody who is judged.
 * Style sheets are not fetched once more for it: no rule of ours reads them.
 */
export async function axe(page, rules = RULES) {
	const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules, resultTypes: ["violations"], preload: false }),
		rules);
	return found.violations.flatMap((v) => v.nodes.slice(0, 4).map((n) =>
		`${v.id}: ${n.target.join(" ")}: ${n.failureSummary.replace(/\s+/g, " ")}`));
}

/** Nothing to scroll sideways, and no words that run out of their box over others. */
export async function fits(page) {
	return page.evaluate(() => {
		const room = document.documentElement.clientWidth;
		const spilt = [...document.querySelectorAll("main *, header *")].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1 &&
			getComputedStyle(e).overflowX === "visible" && !["inline", "contents", "table-row"].includes(getComputedStyle(e).display) &&
			!e.matches("form") && !e.closest(".table, .tabs, .law, svg, select") && ![...e.children].some((c) => c.scrollWidth > c.clientWidth + 1 && c.clientWidth > 1));
		if (document.documentElement.scrollWidth <= room)
			return spilt.slice(0, 3).map((e) => `words run out of ${e.tagName.toLowerCase()}.${e.className}: ${e.textContent.trim().slice(0, 40)}`);
		const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 0.5 && !e.closest(".table, .tabs, .law"));
		return [`${document.documentElement.scrollWidth} px in ${room} px: ` +
			wide.slice(0, 3).map((e) => e.tagName.toLowerCase() + "." + e.className + " " + e.textContent.trim().slice(0, 30)).join("; ")];
	});
}

/** The frame: language, one heading, a title, icons that are there, a marking. */
export async function frame(page, lang) {
	return page.evaluate((tag) => {
		const wrong = [], d = document;
		if (d.documentElement.lang !== tag)
			wrong.push(`lang is ${d.documentElement.lang}`);
		if (d.querySelectorAll("h1").length !== 1)
			wrong.push(`${d.querySelectorAll("h1").length} h1`);
		if (!d.title.trim() || /undefined|null|\{\{/.test(d.title))
			wrong.push(`title is "${d.title}"`);
		if (!d.querySelector("main"))
			wrong.push("no main");
		for (const use of d.querySelectorAll("svg.icon use")) {
			const svg = use.closest("svg"), box = svg.getBoundingClientRect();
			if (box.width && !use.getBBox().width && !use.getBBox().height)
				wrong.push(`no icon ${use.getAttribute("href")}`);
		}
		for (const img of d.images)
			if (!img.complete || !img.naturalWidth)
				wrong.push(`no picture ${img.src}`);
		if (!d.querySelector(".tlp") || !/^TLP:(RED|AMBER|AMBER\+STRICT|GREEN|CLEAR)$/.test(d.querySelector(".tlp").textContent))
			wrong.push("no TLP marking");
		if (d.querySelector("[style]"))
			wrong.push("a style attribute, which the content policy refuses");
		const ids = [...d.querySelectorAll("[id]")].map((e) => e.id);
		const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
		if (twice.length)
			wrong.push(`ids twice: ${[...new Set(twice)].join(" ")}`);
		return wrong;
	}, TAGS[lang]);
}

// ---- no word of the other language ----

/** msgid -> text of every catalogue of a language. */
function catalogue(folder) {
	const root = fileURLToPath(new URL(`../../../locale/${folder}/`, import.meta.url)), texts = new Map();
	for (const file of readdirSync(root).filter((f) => f.endsWith(".po")))
		for (const [, id, text] of readFileSync(root + file, "utf8").matchAll(/^msgid "(.+)"\nmsgstr ((?:"(?:[^"\\]|\\.)*"\n?)+)/gm))
			texts.set(id, text.split("\n").filter(Boolean).map((line) => JSON.parse(line)).join(""));
	return texts;
}

const words = { zh: catalogue("zh_TW"), en: catalogue("en") };
const HAN = /\p{Script=Han}/u;

/** Texts of a language's catalogue that would be foreign on the other's pages. */
function foreign(lang) {
	const other = lang === "zh" ? "en" : "zh";
	const own = new Set(words[lang].values());
	return new Set([...words[other].values()].filter((t) => !own.has(t) && (lang === "en" ? HAN.test(t) : /[a-z]{3}/i.test(t))));
}
const strangers = { zh: foreign("zh"), en: foreign("en") };

/* Names and short forms that stand in Latin letters on a page in Chinese, as the glossary and the form have them. */
const LATIN = new Set(("CERT TLP RED AMBER STRICT GREEN CLEAR SOC IP IPv IPv4 IPv6 Web URL API CII ISMS SHA DoS DDoS DDOS CSIRT NIS DORA TOTP Tocsin JSON mail CI " +
	"PDF QR UTC Windows Linux N NCERT OK RFC CIDR HTTP HTTPS Ctrl Esc Enter Tab OpenAPI EU FSC MOHW NCC MOTC MOEA NSTC NDC ISO Base MIME CVE ID VPN Chrome Chromium " +
	"KiB MiB ZIP AES Zip WinZip bsdtar HeadlessChrome hxxp hxxps Mozilla SQLite SIEM FIN web UUID Authenticator Bearer " +
	"tocsin keys public verify key pub receipt json doctor full Merkle PKCS Ed25519 Ed P MED").split(" "));
/* Languages are called by their own names wherever one chooses. */
const OWN_NAMES = new Set(["中文", "English"]);

/** Every string in an answer's JSON, in one. */
function told(value) {
	if (typeof value === "string")
		return value;
	return value && typeof value === "object" ? Object.values(value).map(told).join("\n") : "";
}

/* The words of the page outside of elements that say another language, of code, and of what people typed. */
async function texts(page, tag) {
	return page.evaluate((tag) => {
		const out = [];
		const put = (text, e) => {
			const t = text.replace(/\s+/g, " ").trim();
			const marked = e.closest("[lang]");
			if (t && marked.lang === tag && !e.closest("textarea, script, style, kbd, code, .mono"))
				out.push(t);
		};
		const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
		for (let n = walk.nextNode(); n; n = walk.nextNode())
			put(n.data, n.parentElement);
		for (const e of document.querySelectorAll("[title], [aria-label], [placeholder], [alt], [data-saved]"))
			for (const name of ["title", "aria-label", "placeholder", "alt", ...Object.keys(e.dataset).filter(() => e.id === "words").map((k) => "data-" + k)])
				if (e.hasAttribute(name))
					put(e.getAttribute(name), e);
		return out;
	}, tag);
}

/**
 * Words of the other language that are neither marked as such nor data: what the JSON of the same address says, names of
 * people and organisations, what the reader typed.
 */
export async function leaks(page, lang, json, names) {
	const data = (told(json) + "\n" + names).replace(/\s+/g, " ");
	const wrong = [];
	for (const text of await texts(page, TAGS[lang])) {
		if (OWN_NAMES.has(text))
			continue;
		if (text.length > 1 && strangers[lang].has(text)) {
			wrong.push(`a text of the other catalogue: ${text}`);
		} else if (lang === "en") {
			for (const [run] of text.matchAll(/\p{Script=Han}+/gu))
				if (!data.includes(run))
					wrong.push(`Chinese on an English page: ${text}`);
		} else {
			for (const [word] of text.matchAll(/[A-Za-z][A-Za-z']+/g))
				if (!LATIN.has(word) && !data.includes(word))
					wrong.push(`"${word}" on a page in Chinese: ${text}`);
		}
	}
	return [...new Set(wrong)];
}

// ---- focus ----

/**
 * The focused element can be seen: it has an outline of its own (or its label, or a stretched part of it has), and nothing
 * that sticks to an edge lies over it. A list of what is wrong.
 */
export async function focusShown(page) {
	return page.evaluate(() => {
		const e = document.activeElement;
		if (!e || e === document.body)
			return [];
		const lined = (x, part) => {
			const s = getComputedStyle(x, part);
			return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
		};
		const name = e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + (e.textContent || e.value || "").trim().slice(0, 30);
		const bearer = e.closest("label, li");
		if (e.id !== "main" && !lined(e) && !lined(e, "::after") && !(bearer && lined(bearer)))
			return [`no outline: ${name}`];
		const shown = e.matches("input[type=radio], input[type=checkbox]") && bearer ? bearer : e;
		const box = shown.getBoundingClientRect();
		if (!box.width || e.matches("main, form, section, fieldset, dialog, #summary"))
			return [];
		if (box.bottom <= 0 || box.top >= innerHeight)
			return [`outside of the window: ${name}`];
		const x = Math.min(box.left + Math.min(12, box.width / 2), innerWidth - 1);
		const over = [box.top + 2, (box.top + box.bottom) / 2, box.bottom - 2].map((y) => document.elementFromPoint(x, Math.min(Math.max(y, 0), innerHeight - 1)));
		return over.some((o) => o && (shown.contains(o) || o.contains(shown))) ? [] : [`hidden behind ${over[1]?.className}: ${name}`];
	});
}
