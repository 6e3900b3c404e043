// Lists the readings of a text in which a value may stand: as it is, and with every encoding undone that programs print values in.
import { decodeBase64, joinBase64 } from "./base64.ts";
import { joinUtf8, undoBackslashes, undoEntities, undoForm, undoPercents } from "./escapes.ts";
import { View } from "./view.ts";

/** A login in base64 within a file in base64, as Kubernetes keeps docker's config. */
const deepestBase64 = 2;

/** Every encoding once, escapes also twice (JSON within JSON), and what base64 holds with its own escapes. */
export function* readingsOf(text: string): Generator<View> {
	const plain = new View(text);
	const unescaped = undoBackslashes(plain);
	const percents = undoPercents(plain);
	yield* withUtf8(plain, unescaped, unescaped && undoBackslashes(unescaped), percents, undoForm(plain));
	yield* withUtf8(undoEntities(plain), unescaped && undoEntities(unescaped));
	for (const view of [plain, unescaped, percents]) if (view) yield* base64Readings(view, deepestBase64);
}

function* base64Readings(view: View, depth: number): Generator<View> {
	const joined = joinBase64(view);
	if (joined) yield joined;
	for (const decoded of decodeBase64(joined ?? view)) {
		yield* withUtf8(decoded, undoBackslashes(decoded));
		if (depth > 1) yield* base64Readings(decoded, depth - 1);
	}
}

function* withUtf8(...views: (View | undefined)[]): Generator<View> {
	for (const view of views) {
		if (!view) continue;
		yield view;
		const joined = joinUtf8(view);
		if (joined) yield joined;
	}
}
