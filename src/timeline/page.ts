// Makes the page of a timeline: one file that needs no other and no network.
import { readFile } from "node:fs/promises";
import { packageFolder } from "../package-folder.ts";
import type { Timeline } from "./timeline.ts";

/** The whole HTML document. What others wrote stands in it as data alone, and is put on the page as text. */
export async function timelinePage(timeline: Timeline): Promise<string> {
	const data = JSON.stringify(timeline).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
	return page("timeline-file.js", `<script type="application/json" id="data">${data}</script>`);
}

/** The same for an MCP client, which gives it the data. */
export function timelineApp(): Promise<string> {
	return page("timeline-app.js", "");
}

async function page(scriptFile: string, data: string): Promise<string> {
	const [style, script] = await Promise.all(["timeline.css", scriptFile].map(builtFile));
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>Deployments</title>
<style>${style}</style>
</head>
<body>
<main id="timeline"><noscript>This page needs JavaScript to show its data.</noscript></main>
${data}
<script>${script}</script>
</body>
</html>
`;
}

/** Made by packaging/bundle.mjs. */
function builtFile(name: string): Promise<string> {
	return readFile(new URL(`dist/${name}`, packageFolder), "utf8");
}
