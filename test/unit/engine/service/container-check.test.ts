import { expect, test } from "vitest";
import { chooseGate, probeProgramPaths, probeProgramsIn } from "../../../../src/engine/service/container-check.ts";
import { config } from "../records.ts";

const all = ["wget", "curl", "node", "python3", "python", "php", "ruby", "busybox"];
const app = (path: string, timeoutMs = 1000) => ({
	...config({ healthDeclared: true, port: 8080 }),
	health: { path, retries: 3, intervalMs: 1000, timeoutMs },
});

test("programs are found in every folder of the usual PATH, in the order of preference", () => {
	expect(probeProgramPaths).toHaveLength(all.length * 6);
	expect(probeProgramsIn(new Set(probeProgramPaths))).toEqual(all);
	expect(probeProgramsIn(new Set(["/usr/bin/ruby", "/bin/busybox", "/usr/local/bin/node"]))).toEqual(["node", "ruby", "busybox"]);
	expect(probeProgramsIn(new Set(["/opt/wget", "/usr/bin/wget2", "wget"]))).toEqual([]);
});

test.each(all.map((name, index) => [name, all.slice(index), all.slice(index)[0]] as const))(
	"%s is taken where nothing better is there",
	(_name, found, expected) => {
		const { on, command, because } = chooseGate(app("/healthz"), [...found].reverse());
		expect({ on, program: command?.[0], because }).toEqual({ on: true, program: expected, because: undefined });
	},
);

test.each([
	[["wget", "curl", "node"], "curl"],
	[["wget", "busybox", "ruby"], "ruby"],
	[["wget", "busybox"], undefined],
])("for / only programs that tell a 502 from another error: of %j, %s", (found, expected) => {
	expect(chooseGate(app("/"), found).command?.[0]).toBe(expected);
});

test.each<[string, Parameters<typeof chooseGate>[0], string[] | undefined, ReturnType<typeof chooseGate>]>([
	["no health block", config(), all, { on: false, because: "the project file declares no health block" }],
	["a worker", { healthDeclared: true, health: app("/").health }, all, { on: false, because: "a worker has no port to ask" }],
	["an image not looked into", app("/healthz"), undefined, { on: true, because: "the command is chosen when the image is built" }],
	[
		"an image without any program",
		app("/healthz"),
		[],
		{ on: false, because: "the image has no program that can ask /healthz (wget, curl, node, python3, python, php, ruby, busybox)" },
	],
	[
		"an image with too simple a program",
		app("/"),
		["wget"],
		{ on: false, because: "the image has no program that can ask / (wget, curl, node, python3, python, php, ruby, busybox)" },
	],
])("%s", (_name, project, found, expected) => {
	expect(chooseGate(project, found)).toEqual(expected);
});

test.each([
	[100, "1"],
	[1000, "1"],
	[1001, "2"],
	[60_000, "60"],
])("a timeout of %i ms is %s whole seconds to a program", (timeoutMs, seconds) => {
	expect(chooseGate(app("/healthz", timeoutMs), ["wget"]).command).toEqual([
		"wget",
		"-q",
		"-O",
		"/dev/null",
		"-T",
		seconds,
		"http://127.0.0.1:8080/healthz",
	]);
});

test("no command goes through a shell, and the path is an argument of its own or part of one address", () => {
	for (const name of all) {
		const command = chooseGate(app("/health?a=1&b=2"), [name]).command ?? [];
		expect(command[0]).toBe(name);
		expect(command.slice(1).filter((word) => word.includes("/health?a=1&b=2"))).toHaveLength(1);
		expect(command.at(-1)).toMatch(/^(?:http:\/\/127\.0\.0\.1:8080)?\/health\?a=1&b=2$/);
	}
});
