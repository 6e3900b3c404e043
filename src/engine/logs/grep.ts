// Searches the lines of a log for a pattern, in bounded work.

import { RE2JS } from "re2js";
import { quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";

/** Steps that an automaton takes on one line at most: states times characters. They are what its time follows, at worst 0.1 µs each. */
const mostSteps = 400_000;
/** Of a pattern. The largest leaves 800 characters of a line to be searched, a usual one all of it. */
const mostStates = 500;
const patienceMs = 5_000;

/**
 * Whether a line holds the pattern. RE2 is linear in the line whatever the pattern; sizes and a few seconds over all lines bound
 * the rest. A pattern in lower case ignores case. The lines must be masked: what is searched can be found out, letter by letter.
 * @throws invalid_input; the returned function too
 */
export function grepMatcher(pattern: string): (text: string) => boolean {
	const compiled = compile(pattern);
	const searched = Math.floor(mostSteps / compiled.programSize());
	let spentMs = 0;
	return (text) => {
		if (spentMs > patienceMs) throw tooMuch(`took more than ${patienceMs / 1000} s on this log`);
		const began = performance.now();
		// The mark keeps a `$` from matching at the cut.
		const found = compiled.test(text.length > searched ? `${text.slice(0, searched)}…` : text);
		spentMs += performance.now() - began;
		return found;
	};
}

function compile(pattern: string): RE2JS {
	const compiled = parse(pattern);
	const states = compiled.programSize();
	if (states <= mostStates) return compiled;
	throw tooMuch(`is too large: ${states} states with its repetitions written out, of ${mostStates} at most`);
}

function parse(pattern: string): RE2JS {
	try {
		return RE2JS.compile(pattern, pattern === pattern.toLowerCase() ? RE2JS.CASE_INSENSITIVE : 0);
	} catch (cause) {
		throw new DeploymillError(
			"invalid_input",
			`grep: got ${quote(pattern)}, which is no RE2 pattern (no look-around, no back references).`,
			{
				hint: "Put a backslash before characters such as ( [ * + ? that are meant as they stand.",
				cause,
			},
		);
	}
}

function tooMuch(what: string): DeploymillError {
	return new DeploymillError("invalid_input", `grep: the pattern ${what}.`, {
		hint: "Use a simpler pattern (no large repetitions), or narrow the log with since, tail or deploymentId.",
	});
}
