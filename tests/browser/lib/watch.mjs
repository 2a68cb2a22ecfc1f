// What a browser complains of while a page is used: its console, its content policy, answers that fail.

/** A list that fills while the page lives. Answers over 399 to the page itself are its own business. */
export function watch(page) {
	const troubles = [];
	page.on("pageerror", (e) => troubles.push(`error in a script: ${e.message}`));
	page.on("console", (m) => {
		// the browser repeats each failing answer here; those of pages and of forms are meant
		if (m.type() === "error" && !/^Failed to load resource/.test(m.text()))
			troubles.push(`console: ${m.text()}`);
		if (/content security policy/i.test(m.text()))
			troubles.push(`content policy: ${m.text()}`);
	});
	page.on("response", (r) => {
		if (r.status() >= 400 && !["document", "fetch", "xhr"].includes(r.request().resourceType()))
			troubles.push(`${r.status()} for ${r.url()}`);
	});
	page.on("requestfailed", (r) => {
		if (["stylesheet", "script", "image", "font"].includes(r.resourceType()))
			troubles.push(`not loaded: ${r.url()} (${r.failure()?.errorText})`);
	});
	return troubles;
}
