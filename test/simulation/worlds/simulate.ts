// Plays any number of seeded worlds, one after another, and prints how far it is, what was staged, and the story of what breaks a rule.
import { parseArgs } from "node:util";
import { playWorld } from "./play.ts";
import { tellOf, tellWorld, worldOf } from "./seeds.ts";
import { Totals } from "./totals.ts";

const { values } = parseArgs({
	options: {
		seeds: { type: "string", default: "1000" },
		from: { type: "string", default: "1" },
		/** So many failing seeds are told. */
		tell: { type: "string", default: "3" },
		/** Told whether or not it breaks a rule. */
		story: { type: "string" },
	},
});

if (values.story !== undefined) console.log(await tellWorld(worldOf(wholeNumber("story", values.story)), `seed ${values.story}`));
else await playAll(wholeNumber("from", values.from), wholeNumber("seeds", values.seeds), wholeNumber("tell", values.tell));

/** Without it a slip of the finger would play no world and call that well. */
function wholeNumber(option: string, text: string): number {
	if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${option}: got ${JSON.stringify(text)}, wanted a whole number from 1 on`);
	return Number(text);
}

async function playAll(from: number, count: number, told: number): Promise<void> {
	const totals = new Totals();
	const failed: { seed: number; rules: string[] }[] = [];
	for (let seed = from; seed < from + count; seed++) {
		const plan = worldOf(seed);
		const end = await playWorld(plan);
		totals.add(plan, end);
		const rules = [...new Set(end.breaches.map(({ rule }) => rule))];
		if (rules.length > 0) {
			failed.push({ seed, rules });
			console.log(`seed ${seed} breaks: ${rules.join("; ")}`);
			if (failed.length <= told) console.log(await tellOf(seed, end));
		}
		if (totals.worlds % 100 === 0) console.log(`${totals.worlds} of ${count} worlds, ${failed.length} of them broke a rule`);
	}
	console.log(totals.text);
	console.log(
		`${count} worlds from seed ${from} on: ${failed.length} broke a rule${failed.length > 0 ? `: ${failed.map(({ seed }) => seed).join(", ")}` : ""}`,
	);
	process.exitCode = failed.length > 0 ? 1 : 0;
}
