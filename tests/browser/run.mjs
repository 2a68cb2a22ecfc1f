// The browser tests: what people do with the platform, in Debian's Chromium.
//
//   node run.mjs BUILD_DIR [NAME...]          NAME selects by a part of the file's name
//   node run.mjs BUILD_DIR --pictures DIR     takes the pictures of the docs into DIR instead
//
// BROWSER_MODULES is the folder with node_modules (package.json is beside this file). Each test has a server of its own on a
// copy of the fictional sector, with a clock that stands at 2026-11-22 02:10 in Taipei until the test moves it.
// A test yields the name of each step before it does it, or {name, wrong} for something that it looked at by the way. A step that
// fails ends the test and leaves a picture in BUILD_DIR/browser/failed/.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { doneTesting, ok } from "./lib/tap.mjs";
import { World } from "./lib/world.mjs";

async function fail(server, name, failed) {
	for (const [i, person] of server.people.entries())
		await person.page.screenshot({ path: `${failed}/${name}-${i}.png`, fullPage: true }).catch(() => {});
}

/** Plays one test: a line of TAP for each step. */
async function play(world, name, test, failed) {
	let server, step = "its server starts";
	try {
		server = await world.server(name);
		for await (const next of test.play(server)) {
			if (next.wrong) {
				ok(!next.wrong.length, `${test.title}: ${next.name}`, next.wrong.join("\n"));
			} else {
				ok(true, `${test.title}: ${step}`);
				step = next;
			}
		}
		ok(true, `${test.title}: ${step}`);
	} catch (e) {
		const where = server?.people.map((p) => p.page.url().replace(server.base, "")).join(" ");
		ok(false, `${test.title}: ${step}`, `${e.constructor.name === "Wrong" ? e.message : e.stack}\nat ${where}`);
		if (server)
			await fail(server, name, failed);
	}
	try {
		await server?.close();
	} catch (e) {
		ok(false, `${test.title}: the server ends well`, e.message);
	}
}

const [build, ...words] = process.argv.slice(2);
const here = fileURLToPath(new URL(".", import.meta.url));
const world = await World.open(build);
const failed = `${build}/browser/failed`;
rmSync(failed, { recursive: true, force: true });
mkdirSync(failed, { recursive: true });
if (words[0] === "--pictures") {
	const { take } = await import("./pictures.mjs");
	await take(world, words[1]);
} else {
	const names = readdirSync(here).filter((f) => /\.mjs$/.test(f) && !["run.mjs"].includes(f)).sort();
	for (const file of names.filter((f) => !words.length || words.some((w) => f.includes(w))))
		await play(world, file.replace(".mjs", ""), await import("./" + file), failed);
	doneTesting();
}
await world.close();
