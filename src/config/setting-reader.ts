// Reads single variables of an environment while collecting everything that is wrong with them.
import { quotePath } from "./quote.ts";
import { Refusal } from "./refusal.ts";
import { didYouMean } from "./suggestion.ts";

const prefix = "DEPLOYMILL_";

/** Reads variables by name; what is wrong ends up in `problems` instead of being thrown, so that all can be told at once. */
export class SettingReader<Name extends string = string> {
	readonly problems: string[] = [];
	readonly #env: NodeJS.ProcessEnv;
	readonly #names: readonly Name[];

	constructor(env: NodeJS.ProcessEnv, names: readonly Name[]) {
		this.#env = env;
		this.#names = names;
	}

	has(name: Name): boolean {
		return this.#text(name) !== "";
	}

	/** The parsed value; `fallback` where the variable is unset, empty or wrong. */
	read<T>(name: Name, parse: (text: string) => T, fallback: NoInfer<T>): T;
	read<T>(name: Name, parse: (text: string) => T, fallback: undefined): T | undefined;
	read<T>(name: Name, parse: (text: string) => T, fallback: T | undefined): T | undefined {
		const text = this.#text(name);
		if (text === "") return fallback;
		try {
			return parse(text);
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			this.problem(name, error.message);
			return fallback;
		}
	}

	problem(name: Name, what: string): void {
		this.problems.push(`${name}: ${what}`);
	}

	refuseBoth(name: Name, other: Name): void {
		if (this.has(name) && this.has(other)) this.problem(name, `stands beside ${other}: give one of the two`);
	}

	/** The value of an unknown name is never shown: it may be a misspelt secret. */
	refuseUnknown(): void {
		const known: readonly string[] = this.#names;
		const unknown = Object.keys(this.#env).filter((name) => name.startsWith(prefix) && !known.includes(name));
		for (const name of unknown) this.problems.push(`${quotePath([name])}: unknown setting${didYouMean(name, known)}`);
	}

	#text(name: Name): string {
		return this.#env[name]?.trim() ?? "";
	}
}
