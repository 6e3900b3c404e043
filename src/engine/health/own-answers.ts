// Remembers what the ingress answered for hosts that nobody has, question by question: it may have several nodes and many faces.
import type { EdgeQuestion } from "../ports/prober.ts";
import { type AnswerFor, isPutOff, isTold } from "./whose-answer.ts";

export type Asked = Pick<EdgeQuestion, "method" | "path">;

/** Answers that are kept of each question. */
const mostKept = 24;

export class OwnAnswers {
	readonly #heard = new Map<string, AnswerFor[]>();

	/** Keeps those that tell something. */
	add(asked: Asked, answers: readonly AnswerFor[]): void {
		this.#heard.set(keyOf(asked), [...this.to(asked), ...answers.filter((one) => isTold(one) && !isPutOff(one))].slice(-mostKept));
	}

	to(asked: Asked): readonly AnswerFor[] {
		return this.#heard.get(keyOf(asked)) ?? [];
	}
}

function keyOf({ method, path }: Asked): string {
	return `${method} ${path}`;
}
