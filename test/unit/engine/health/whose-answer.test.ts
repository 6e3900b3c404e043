import { describe, expect, test } from "vitest";
import { type AnswerFor, whoseAnswer } from "../../../../src/engine/health/whose-answer.ts";
import type { EdgeAnswer } from "../../../../src/engine/ports/prober.ts";
import { answer, noAnswer } from "./probes.ts";

const hosts = ["nobody-1.invalid", "nobody-22222.invalid"];

/** Whose the answer is, where the ingress answers so for hosts that nobody has. */
function whose(asked: EdgeAnswer, ...own: ((host: string) => EdgeAnswer)[]) {
	const [one, other = one] = own;
	const controls: AnswerFor[] = [one, other].map((say, index) => {
		const host = hosts[index] ?? "";
		return { host, answer: say?.(host) ?? noAnswer("timeout") };
	});
	return whoseAnswer({ host: "a.example", answer: asked }, controls);
}

/** As they answer for a host that they do not know, by HEAD and by GET. */
const caddy = (_host: string) => answer(200, "", { server: "Caddy" });
const traefik = (_host: string) =>
	answer(404, "404 page not found\n", {
		"content-type": "text/plain; charset=utf-8",
		"content-length": "19",
		"x-content-type-options": "nosniff",
	});
const nginx = (_host: string) =>
	answer(404, "<html>\r\n<head><title>404 Not Found</title></head>\r\n</html>\r\n", { server: "nginx", "content-type": "text/html" });

describe("the ingress's own", () => {
	test.each([
		["Caddy", caddy],
		["Traefik", traefik],
		["nginx", nginx],
	])("%s", (_name, own) => {
		expect(whose(own("a.example"), own)).toBe("ingress");
		expect(whose(answer(200, "ok", { server: "Caddy" }), own)).toBe("app");
	});

	test("whatever passes by in its headers", () => {
		let count = 0;
		const own = () => answer(200, "hello", { date: String(++count), "x-request-id": String(count), "x-odd": String(count), server: "x" });
		expect(whose(own(), own)).toBe("ingress");
		expect(whose(answer(200, "hello", { server: "y", "x-odd": "7" }), own)).toBe("app");
		expect(whose(answer(200, "hello", { server: "x" }), own)).toBe("ingress");
	});

	test("a page that repeats the host that was asked for, and is as long as its name makes it", () => {
		const parked = (host: string) => {
			const page = `<h1>${host.toUpperCase()} is parked</h1>`;
			return answer(200, page, { "content-length": String(page.length), link: `<https://${host}/>` });
		};
		expect(whose(parked("a.example"), parked)).toBe("ingress");
	});

	test("a page that repeats the domain of the host alone", () => {
		const parked = (host: string) => answer(200, `<h1>${host.split(".").slice(-2).join(".")} is for sale</h1>`);
		const controls = hosts.map((host) => ({ host, answer: parked(host) }));
		expect(whoseAnswer({ host: "www.a.example", answer: parked("www.a.example") }, controls)).toBe("ingress");
		expect(whoseAnswer({ host: "www.a.example", answer: answer(200, "<h1>b.example is for sale</h1>") }, controls)).toBe("app");
	});

	test("a redirect to the same host", () => {
		const redirect = (host: string) => answer(308, "", { location: `https://${host}/healthz` });
		expect(whose(redirect("a.example"), redirect)).toBe("ingress");
		expect(whose(answer(308, "", { location: "https://a.example/login" }), redirect)).toBe("app");
	});

	test("a page with a number that is another each time", () => {
		let count = 100;
		const page = () => answer(503, `<p>No such site.</p><p>Request ${++count * 7919}</p><p>Sorry.</p>`);
		expect(whose(page(), page)).toBe("ingress");
		expect(whose(answer(503, "<p>No such site.</p><p>Sorry.</p>"), page)).toBe("app");
		expect(whose(answer(503, "migrations are missing"), page)).toBe("app");
	});

	test("a page longer than what is read", () => {
		const long = (): EdgeAnswer => ({ ...answer(200), heard: { headers: {}, body: "x".repeat(4096), bodyCut: true } });
		expect(whose(long(), long)).toBe("ingress");
		expect(whose(answer(200, "ok"), long)).toBe("app");
		expect(whose(answer(200, ""), long)).toBe("app");
	});

	test("one that gives two different answers", () => {
		const [down, up] = [() => answer(503, "busy"), () => answer(404, "none")];
		expect(whose(down(), down, up)).toBe("ingress");
		expect(whose(up(), down, up)).toBe("ingress");
		expect(whose(answer(200, "none"), down, up)).toBe("app");
	});
});

describe("an ingress that does not answer for hosts that nobody has", () => {
	test.each(["tls", "protocol"] as const)("because it refuses them (%s): every answer is told from that", (failure) => {
		expect(whose(answer(200), () => noAnswer(failure))).toBe("app");
	});

	test.each(["timeout", "connect", "dns"] as const)("in time (%s): nobody knows", (failure) => {
		expect(whose(answer(200), () => noAnswer(failure))).toBe("unknown");
	});

	test("because it was asked too often (429): nobody knows", () => {
		const limited = () => answer(429, "slow down");
		expect(whose(answer(200), limited)).toBe("unknown");
		expect(whose(answer(200), limited, traefik)).toBe("app");
		expect(whose(limited(), limited)).toBe("ingress");
	});

	test("once of two times: another status still tells, another header does not", () => {
		const silent = () => noAnswer("timeout");
		expect(whose(answer(200), traefik, silent)).toBe("app");
		expect(whose(answer(404, "no such page"), traefik, silent)).toBe("unknown");
		expect(whose(traefik(""), traefik, silent)).toBe("ingress");
	});
});

test("what is no answer is nobody's", () => {
	expect(whose(noAnswer("connect"), traefik)).toBe("unknown");
});
