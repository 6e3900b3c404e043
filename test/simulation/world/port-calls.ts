// Passes port calls on: shows each one to whoever stages faults, and lets none through from a process that is dead.
import type { VirtualClock } from "../virtual-clock.ts";
import { Killed, type Life, never } from "./life.ts";

export interface PortCall {
	/** Name of the process. */
	process: string;
	/** E.g. `swarm.updateService`. */
	name: string;
	args: readonly unknown[];
	/** It answers without a promise: SQLite, and checks of arguments. */
	isSync: boolean;
}

/** What befalls one call. `before`: nothing was done; `after`: it was done, and the caller does not get its answer, or not now. */
export type Fault =
	| { kind: "error"; when: "before" | "after"; error: Error; afterMs?: number }
	| { kind: "answer"; answer: unknown; afterMs?: number }
	| { kind: "kill"; when: "before" | "after" }
	/** It is killed while its request is on the way: that arrives so much later, when others have gone on. */
	| { kind: "kill"; when: "on the way"; arrivesAfterMs: number }
	/** Of what waits for the process when it wakes, its timers or its answers may come first. */
	| { kind: "suspend"; when: "before" | "after"; forMs: number; first?: "timers" | "answers" };

type Suspension = Extract<Fault, { kind: "suspend" }>;

/** How long a call waits for others to have their turn, on its way and on the way back. */
export interface Turns {
	beforeMs: number;
	afterMs: number;
}

export interface CallObserver {
	/** Asked at every call, in the order in which they are made. */
	meet(call: PortCall): Fault | undefined;
	/** Asked at every call that answers with a promise: another process may run there. */
	turnsAt?(call: PortCall): Turns | undefined;
	/** Makes the call, or does something else in its place: for whoever wants to know what would come of that. */
	around?(call: PortCall, make: (...args: unknown[]) => unknown): unknown;
	/** Told how it went, where it was made. */
	saw?(call: PortCall, outcome: object): void;
}

/** A request takes this long to arrive. What only looks is answered at once, which spares a simulation half of its steps. */
const travelMs = 1;
const changes = /^(?:swarm\.(?:create|update|remove)|images\.|workers\.|registry\.)/;
/** Calls of a process without any time in between: more are a loop that never waits. */
const mostAtOnce = 1_000;

const syncCalls = /^(?:store\.|source\.checkAddress$)/;

export class PortCalls {
	readonly #process: string;
	readonly #clock: VirtualClock;
	readonly #life: Life;
	readonly #observer: CallObserver;
	#lastMs = 0;
	#atOnce = 0;

	constructor(process: string, clock: VirtualClock, life: Life, observer: CallObserver) {
		this.#process = process;
		this.#clock = clock;
		this.#life = life;
		this.#observer = observer;
	}

	/** The same port, seen by this process. */
	wrap<Port extends object>(portName: string, port: Port): Port {
		return new Proxy(port, {
			get: (target, key) => {
				const member: unknown = Reflect.get(target, key, target);
				if (typeof member !== "function") return member;
				const name = `${portName}.${typeof key === "symbol" ? key.description : key}`;
				const isSync = syncCalls.test(name);
				return (...args: unknown[]) => {
					const call = { process: this.#process, name, args, isSync };
					const original = (...given: unknown[]) => Reflect.apply(member, target, given) as unknown;
					const { around } = this.#observer;
					const make = () => (around ? around(call, original) : original(...args));
					return isSync ? this.#makeNow(call, make) : this.#make(call, make);
				};
			},
		});
	}

	#makeNow(call: PortCall, make: () => unknown): unknown {
		if (this.#life.isKilled) throw new Killed(call.name);
		const fault = this.#observer.meet(call);
		if (fault?.kind === "error") throw fault.error;
		if (fault?.kind === "kill" && fault.when === "before") this.#die(call);
		const result = this.#observe(call, make);
		if (fault?.kind === "kill") this.#die(call);
		if (fault?.kind === "suspend") this.#suspend(fault);
		return result;
	}

	async #make(call: PortCall, make: () => unknown): Promise<unknown> {
		await this.#life.canGoOn();
		const turns = this.#observer.turnsAt?.(call);
		if (turns?.beforeMs) await this.#letOthers(turns.beforeMs);
		const fault = this.#observer.meet(call);
		if (fault?.kind === "kill" && fault.when === "on the way") return this.#leaveBehind(make, fault.arrivesAfterMs);
		if (fault && !(await this.#befallBefore(fault))) return fault.kind === "answer" ? fault.answer : undefined;
		await this.#travel(call.name);
		if (this.#life.isKilled) return never;
		try {
			return await this.#follow(call, make);
		} finally {
			if (fault) await this.#befallAfter(fault);
			if (turns?.afterMs) await this.#clock.sleep(turns.afterMs);
			await this.#life.canGoOn();
		}
	}

	/** Whoever is to answer does not know that nobody hears it. */
	#leaveBehind(make: () => unknown, arrivesAfterMs: number): Promise<never> {
		this.#life.kill();
		this.#clock.after(arrivesAfterMs, () => void Promise.resolve(make()).catch(() => {}));
		return never;
	}

	async #letOthers(ms: number): Promise<void> {
		await this.#clock.sleep(ms);
		await this.#life.canGoOn();
	}

	async #travel(name: string): Promise<void> {
		if (changes.test(name)) return this.#clock.sleep(travelMs);
		const now = this.#clock.monotonic();
		this.#atOnce = now === this.#lastMs ? this.#atOnce + 1 : 0;
		this.#lastMs = now;
		if (this.#atOnce > mostAtOnce) throw new Error(`${this.#process} makes calls without an end, ${name} among them`);
	}

	/** False where the call is not made. */
	async #befallBefore(fault: Fault): Promise<boolean> {
		if (fault.kind === "answer" || (fault.kind === "error" && fault.when === "before")) {
			await this.#clock.sleep(fault.afterMs ?? travelMs);
			await this.#life.canGoOn();
			if (fault.kind === "error") throw fault.error;
			return false;
		}
		if (fault.kind === "error" || fault.when === "after") return true;
		if (fault.kind === "kill") {
			this.#life.kill();
			return never;
		}
		this.#wakeAfter(fault);
		await this.#life.stopHere();
		return true;
	}

	async #befallAfter(fault: Fault): Promise<void> {
		if (fault.kind === "answer" || fault.when === "before") return;
		if (fault.kind === "kill") this.#life.kill();
		else if (fault.kind === "suspend") this.#suspend(fault);
		else {
			await this.#clock.sleep(fault.afterMs ?? 0);
			throw fault.error;
		}
	}

	async #follow(call: PortCall, make: () => unknown): Promise<unknown> {
		try {
			const result = await make();
			this.#observer.saw?.(call, { result });
			return result;
		} catch (error) {
			this.#observer.saw?.(call, { error });
			throw error;
		}
	}

	#observe(call: PortCall, make: () => unknown): unknown {
		try {
			const result = make();
			this.#observer.saw?.(call, { result });
			return result;
		} catch (error) {
			this.#observer.saw?.(call, { error });
			throw error;
		}
	}

	#die(call: PortCall): never {
		this.#life.kill();
		throw new Killed(call.name);
	}

	#suspend(fault: Suspension): void {
		this.#life.suspend();
		this.#wakeAfter(fault);
	}

	#wakeAfter({ forMs, first = "timers" }: Suspension): void {
		this.#clock.after(forMs, () => this.#life.wake(first));
	}
}
