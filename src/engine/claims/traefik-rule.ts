// Reads rules of Traefik's routers, of versions 2 and 3: whether a request for a certain host can match one.
import { type Coverage, expressionMatcher, type HostMatcher, nameMatcher, surest } from "./host-pattern.ts";

/** A rule as a tree. A matcher that is about something else than the host tells nothing of hosts. */
type Rule = { kind: "and" | "or"; parts: Rule[] } | { kind: "not"; part: Rule } | { kind: "matcher"; ofHost: HostMatcher | undefined };

/** What a rule says of a host. */
export interface RuleOutcome {
	/** Some request for this host can match. */
	canMatch: boolean;
	/** Whether a matcher that must hold for that is about this host, rather than about any host or about none. */
	names: Coverage;
}

/** No rule that a person wrote is longer or deeper; and a deep one would be read by as many nested calls. */
const longestRule = 8192;
const deepest = 100;

/** A host that nobody has: what covers it covers every host, and is about none. */
const nobodysHost = "deploymill.invalid";

/** Undefined for what is not to be understood. Quotes may be missing or single: what was meant is read, not what Traefik would refuse. */
export function parseRule(text: string): ((host: string) => RuleOutcome) | undefined {
	const tokens = text.length > longestRule ? undefined : tokenize(text);
	if (!tokens) return undefined;
	const reader = new Reader(tokens);
	const rule = reader.alternatives(0);
	if (!rule || !reader.atEnd) return undefined;
	return (host) => outcomeOf(rule, host, false);
}

type Token = { kind: "sign"; text: string } | { kind: "word"; text: string } | { kind: "text"; text: string };

const token = /\s*(?:(&&|\|\||[!(),])|`([^`]*)`|"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s`"'&|!(),]+))/y;

function tokenize(text: string): Token[] | undefined {
	const tokens: Token[] = [];
	const trimmed = text.trim();
	token.lastIndex = 0;
	while (token.lastIndex < trimmed.length) {
		const match = token.exec(trimmed);
		const read = match && toToken(match);
		if (!read) return undefined;
		tokens.push(read);
	}
	return tokens;
}

function toToken([, sign, raw, escaped, single, word]: RegExpExecArray): Token | undefined {
	if (sign !== undefined) return { kind: "sign", text: sign };
	if (word !== undefined) return { kind: "word", text: word };
	const text = raw ?? single ?? unescaped(escaped ?? "");
	return text === undefined ? undefined : { kind: "text", text };
}

/** Go's escapes as far as they are JSON's too; undefined for others. */
function unescaped(text: string): string | undefined {
	try {
		return JSON.parse(`"${text}"`) as string;
	} catch {
		// An escape that is not read here: then the rule is not, either.
		return undefined;
	}
}

/** Each method reads one form of the grammar, from where the one before ended; undefined where it is not there. */
class Reader {
	readonly #tokens: Token[];
	#at = 0;

	constructor(tokens: Token[]) {
		this.#tokens = tokens;
	}

	get atEnd(): boolean {
		return this.#at === this.#tokens.length;
	}

	alternatives(depth: number): Rule | undefined {
		return this.#chain("or", "||", () => this.#chain("and", "&&", () => this.#single(depth)));
	}

	#chain(kind: "and" | "or", sign: string, read: () => Rule | undefined): Rule | undefined {
		const parts: Rule[] = [];
		do {
			const part = read();
			if (!part) return undefined;
			parts.push(part);
		} while (this.#take(sign));
		return parts.length === 1 ? parts[0] : { kind, parts };
	}

	#single(depth: number): Rule | undefined {
		if (depth > deepest) return undefined;
		if (this.#take("!")) {
			const part = this.#single(depth + 1);
			return part && { kind: "not", part };
		}
		if (this.#take("(")) {
			const rule = this.alternatives(depth + 1);
			return rule && this.#take(")") ? rule : undefined;
		}
		return this.#matcher();
	}

	#matcher(): Rule | undefined {
		const name = this.#tokens[this.#at++];
		if (name?.kind !== "word" || !this.#take("(")) return undefined;
		const values: string[] = [];
		while (!this.#take(")")) {
			const value = this.#tokens[this.#at++];
			if (!value || value.kind === "sign") return undefined;
			values.push(value.text);
			if (!this.#take(",") && !this.#isNext(")")) return undefined;
		}
		return { kind: "matcher", ofHost: hostMatcher(name.text.toLowerCase(), values) };
	}

	#take(sign: string): boolean {
		if (!this.#isNext(sign)) return false;
		this.#at++;
		return true;
	}

	#isNext(sign: string): boolean {
		const next = this.#tokens[this.#at];
		return next?.kind === "sign" && next.text === sign;
	}
}

/** Of the rule, or of its opposite: "not" is carried down to the matchers, where it can be told what it means. */
function outcomeOf(rule: Rule, host: string, negated: boolean): RuleOutcome {
	if (rule.kind === "not") return outcomeOf(rule.part, host, !negated);
	if (rule.kind === "matcher") return outcomeOfMatcher(rule.ofHost, host, negated);
	const parts = rule.parts.map((part) => outcomeOf(part, host, negated));
	const isAll = (rule.kind === "and") !== negated;
	const possible = parts.filter(({ canMatch }) => canMatch);
	return {
		canMatch: isAll ? possible.length === parts.length : possible.length > 0,
		names: surest(possible.map(({ names }) => names)),
	};
}

function outcomeOfMatcher(ofHost: HostMatcher | undefined, host: string, negated: boolean): RuleOutcome {
	// It holds for some requests, and does not for others.
	if (!ofHost) return { canMatch: true, names: "no" };
	const coverage = ofHost(host);
	if (negated) return { canMatch: coverage !== "yes", names: "no" };
	const isAboutAll = coverage === "yes" && ofHost(nobodysHost) === "yes";
	return { canMatch: coverage !== "no", names: isAboutAll ? "no" : coverage };
}

/** @param name lower-cased: Traefik takes a matcher's name in any case */
function hostMatcher(name: string, values: string[]): HostMatcher | undefined {
	const isHostHeader = /^headers?(?:regexp)?$/.test(name) && values[0]?.toLowerCase() === "host";
	if (isHostHeader) return hostMatcher(name.endsWith("regexp") ? "hostregexp" : "host", values.slice(1));
	if (["host", "hostheader", "hostsni"].includes(name)) return anyOf(values.map(nameMatcher));
	if (["hostregexp", "hostsniregexp"].includes(name)) return anyOf(values.map(expressionMatcher));
	// One of a version that is not known here.
	return name.startsWith("host") ? () => "unsure" : undefined;
}

function anyOf(matchers: HostMatcher[]): HostMatcher {
	return (host) => surest(matchers.map((matcher) => matcher(host)));
}
