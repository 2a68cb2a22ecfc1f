// TAP, a line a step. A story whose step fails ends there: what comes after would only tell the same again.
let count = 0, failed = 0;

/* Without a terminal's colours, and without the browser's own chatter. */
const plain = (text) => String(text).replace(/\x1b\[\d*m/g, "").split("\n").filter((line) => !/^\[pid=\d+\]/.test(line));

export function ok(held, name, why = "") {
	count++;
	failed += !held;
	console.log(`${held ? "ok" : "not ok"} ${count} - ${name}`);
	if (!held)
		for (const line of plain(why))
			console.log("# " + line);
	return held;
}

export function skip(name, reason) {
	console.log(`ok ${++count} - ${name} # SKIP ${reason}`);
}

/** Ends the program: false steps, or none at all, are a failure. */
export function doneTesting() {
	console.log(`1..${count}`);
	process.exitCode = failed || !count ? 1 : 0;
}

/** A wrong thing that a step found. */
export class Wrong extends Error {}

export function must(held, why) {
	if (!held)
		throw new Wrong(why);
}

export function same(got, wanted, what) {
	must(got === wanted, `${what}: ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}
