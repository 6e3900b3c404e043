// Reads the arguments of `deploymill call`: from the command line, from stdin, or from a file, which other users cannot see in a list of processes.
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { asObject } from "../config/json-object.ts";
import { quoteFile } from "../config/quote.ts";
import { DeploymillError } from "../errors.ts";
import { mostMessageBytes } from "../mcp/stdio-transport.ts";

/**
 * `-` is stdin, `@path` a file, anything else the JSON itself.
 * @throws invalid_input for what cannot be read, is too large or no JSON object; what was given is not shown: it may be a secret
 */
export async function readCallArguments(given: string, stdin: Readable): Promise<Record<string, unknown>> {
	if (given === "-") return parse(await readAll(stdin, "stdin"), "stdin");
	if (!given.startsWith("@")) return parse(given, "json");
	const name = quoteFile(given.slice(1));
	return parse(await readFile(given.slice(1), name), name);
}

async function readFile(path: string, name: string): Promise<string> {
	try {
		await using file = await open(path, "r");
		return await readAll(file.createReadStream(), name);
	} catch (cause) {
		if (cause instanceof DeploymillError) throw cause;
		throw refusal(`json: cannot read the file ${name} (${(cause as NodeJS.ErrnoException).code ?? "unknown reason"}).`, cause);
	}
}

async function readAll(stream: Readable, name: string): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of stream) {
		bytes += (chunk as Buffer).length;
		if (bytes > mostMessageBytes)
			throw refusal(`json: ${name} has more than ${mostMessageBytes} bytes, which is the most that one call takes.`);
		chunks.push(chunk as Buffer);
	}
	return Buffer.concat(chunks, bytes).toString("utf8");
}

function parse(text: string, name: string): Record<string, unknown> {
	const args = asObjectOrNothing(text);
	if (args) return args;
	throw refusal(`${name}: got ${amountOf(text)}, expected a JSON object, e.g. '{"applicationId": "hello"}'.`);
}

/** What was given is not shown: it may be a secret. */
function amountOf(text: string): string {
	return text.trim() === "" ? "nothing" : `${text.length} characters that are none`;
}

/** The parser's error is not kept: it quotes the text. */
function asObjectOrNothing(text: string): Record<string, unknown> | undefined {
	try {
		return asObject(JSON.parse(text));
	} catch {
		return undefined;
	}
}

function refusal(message: string, cause?: unknown): DeploymillError {
	return new DeploymillError("invalid_input", message, {
		hint: "Quote the whole object for your shell, or give - to read it from stdin, or @FILE to read it from a file: there secrets are not seen by others.",
		cause,
	});
}
