// Holds every ingress that tests put between prober and apps to what the health gate takes for granted of ingresses.
import { afterAll, beforeAll, describe, expect, it as test } from "vitest";
import { whoseAnswer } from "../../src/engine/health/whose-answer.ts";
import type { EdgeAnswer, EdgeQuestion } from "../../src/engine/ports/prober.ts";
import type { IngressUnderTest } from "./ingress-under-test.ts";

const timeoutMs = 5_000;
const methods = ["HEAD", "GET"] as const;
/** In which an ingress that balances by chance comes round to each of three replicas, but once in ten thousand million times. */
const manyTimes = 60;

type Asked = Omit<EdgeQuestion, "url">;

export function describeIngress(name: string, open: () => Promise<IngressUnderTest>): void {
	describe(`${name} as an ingress`, () => {
		let bench: IngressUnderTest;
		beforeAll(async () => {
			bench = await open();
		});
		afterAll(() => bench.close());
		const it = (title: string, body: () => Promise<void>) => test(title, () => bench.during(body));

		const hostOf = (suffix: string) => `${bench.prefix}-${suffix}.test`;
		const ask = (host: string, asked: Asked) => bench.prober.probe({ url: `http://${host}`, ...asked }, timeoutMs);
		const statusOf = async (host: string) => (await ask(host, { method: "HEAD", path: "/healthz" })).status;

		/** Whose it is by two control probes, as the gate asks them. */
		async function whose(host: string, asked: Asked): Promise<string> {
			const answer = await ask(host, asked);
			const nobody = [`${bench.prefix}-a.invalid`, `${bench.prefix}-another.invalid`];
			const controls = await Promise.all(nobody.map(async (asHost) => ({ host: asHost, answer: await ask(host, { ...asked, asHost }) })));
			return whoseAnswer({ host, answer }, controls);
		}

		async function start(suffix: string, replicas = 1): Promise<{ serviceName: string; host: string }> {
			const serviceName = `${bench.prefix}-${suffix}`;
			const host = hostOf(suffix);
			await bench.swarm.createService(bench.spec(serviceName, host, replicas), undefined);
			return { serviceName, host };
		}

		async function change(serviceName: string, by: (spec: ReturnType<IngressUnderTest["spec"]>) => ReturnType<IngressUnderTest["spec"]>) {
			const { version, spec } = (await bench.swarm.inspectService(serviceName))!;
			await bench.swarm.updateService(serviceName, version, by(spec), undefined);
		}

		it("answers for a host that nobody claims as for any other, on every path", async () => {
			for (const method of methods) {
				for (const path of ["/", "/healthz", "/a/b?c=d"]) expect(await whose(hostOf("nobody"), { method, path })).toBe("ingress");
			}
		});

		it("gets to know of a claim by itself; from then on the app's answers are told from its own", async () => {
			const { host } = await start("known");
			await bench.until(() => statusOf(host), isOfAnApp);
			for (const method of methods) expect(await whose(host, { method, path: "/healthz" })).toBe("app");
			expect(await whose(hostOf("nobody"), { method: "GET", path: "/healthz" })).toBe("ingress");
		});

		it("passes HEAD and GET on to the same app: one status, and a body for the GET alone", async () => {
			const { host } = await start("methods");
			await bench.until(() => statusOf(host), isOfAnApp);
			const [head, get] = (await Promise.all(methods.map((method) => ask(host, { method, path: "/" })))) as [EdgeAnswer, EdgeAnswer];
			expect([head.status, get.status]).toEqual([201, 201]);
			expect([head.heard?.body, get.heard?.body]).toEqual(["", expect.stringContaining("201")]);
		});

		it("forgets a host whose claim is taken away, and answers as it does for nobody's", async () => {
			const { serviceName, host } = await start("forgotten");
			await bench.until(() => statusOf(host), isOfAnApp);
			await change(serviceName, bench.withoutClaim);
			await bench.until(
				() => whose(host, { method: "GET", path: "/" }),
				(whose) => whose === "ingress",
			);
		});

		it("knows a host whose app does not run, and says so as gateways do", async () => {
			const { serviceName, host } = await start("stopped");
			await bench.until(() => statusOf(host), isOfAnApp);
			await change(serviceName, (spec) => ({ ...spec, Mode: { Replicated: { Replicas: 0 } } }));
			await bench.until(
				() => statusOf(host),
				(status) => status !== undefined && [502, 503, 504].includes(status),
			);
			expect(await whose(host, { method: "HEAD", path: "/healthz" })).toBe("app");
		});

		it("comes round to every replica over new connections", async () => {
			const { host } = await start("replicas", 3);
			const seen = new Set<number | undefined>();
			await bench.until(
				async () => {
					const answers = await Promise.all(Array.from({ length: 6 }, () => statusOf(host)));
					for (const status of answers.filter(isOfAnApp)) seen.add(status);
					return seen.size;
				},
				(size) => size === 3,
			);
			const answers = await Promise.all(Array.from({ length: manyTimes }, () => statusOf(host)));
			expect([...new Set(answers)].sort()).toEqual([201, 202, 203]);
		});
	});
}

function isOfAnApp(status: number | undefined): boolean {
	return status !== undefined && status > 200 && status < 300;
}
