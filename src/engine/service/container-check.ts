// Makes the check by which a container asks its own health endpoint: the orchestrator gate of contract section 6.
import type { HealthPolicy } from "../../model/application.ts";
import { containerIntervalOf, startPeriodMs } from "../../model/check-times.ts";
import type { Healthcheck } from "../../model/service.ts";

/** In order of preference. `strictOnly` ones count any HTTP error as failure, which lenient probing must not. */
const programs: { name: string; strictOnly: boolean; command: (url: string, seconds: number, path: string) => string[] }[] = [
	{ name: "wget", strictOnly: true, command: (url, seconds) => ["wget", "-q", "-O", "/dev/null", "-T", String(seconds), url] },
	{
		name: "curl",
		strictOnly: false,
		command: (url, seconds, path) => [
			"curl",
			path === "/" ? "-sS" : "-fsS",
			"--noproxy",
			"*",
			"-o",
			"/dev/null",
			"--max-time",
			String(seconds),
			url,
		],
	},
	{
		name: "node",
		strictOnly: false,
		command: (url, seconds, path) => [
			"node",
			"-e",
			`require("http").get(process.argv[1],{timeout:${seconds * 1000}},r=>process.exit(${javascriptTest(path)}?0:1)).on("timeout",function(){this.destroy()}).on("error",()=>process.exit(1))`,
			url,
		],
	},
	{ name: "python3", strictOnly: false, command: python("python3") },
	{ name: "python", strictOnly: false, command: python("python") },
	{
		name: "php",
		strictOnly: false,
		command: (url, seconds, path) => [
			"php",
			"-r",
			`$c=stream_context_create(["http"=>["timeout"=>${seconds},"ignore_errors"=>true,"follow_location"=>0]]);$b=@file_get_contents($argv[1],false,$c);$s=isset($http_response_header)?(int)explode(" ",$http_response_header[0])[1]:0;exit(${path === "/" ? "$s>0&&!in_array($s,[502,503,504])" : "$s===200"}?0:1);`,
			url,
		],
	},
	{
		name: "ruby",
		strictOnly: false,
		command: (url, seconds, path) => [
			"ruby",
			"-rnet/http",
			"-e",
			`u=URI(ARGV[0]);s=Net::HTTP.start(u.host,u.port,open_timeout:${seconds},read_timeout:${seconds}){|h|h.get(u.request_uri).code.to_i};exit(${path === "/" ? "![502,503,504].include?(s)" : "s==200"})`,
			url,
		],
	},
	{
		name: "busybox",
		strictOnly: true,
		command: (url, seconds) => ["busybox", "wget", "-q", "-O", "/dev/null", "-T", String(seconds), url],
	},
];

/** Folders of the usual PATH, in its order. */
const binFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Absolute paths to look for in an image. */
export const probeProgramPaths: string[] = programs.flatMap(({ name }) => binFolders.map((folder) => `${folder}/${name}`));

/** Names of the programs that were found, in the order of preference. */
export function probeProgramsIn(paths: Set<string>): string[] {
	return programs.map(({ name }) => name).filter((name) => binFolders.some((folder) => paths.has(`${folder}/${name}`)));
}

export interface OrchestratorGate {
	on: boolean;
	/** In exec form, without a shell. */
	command?: string[];
	/** Why it is off, or not decided yet. */
	because?: string;
}

/** Chooses the gate for an image with these programs; undefined programs: the image has not been looked into. */
export function chooseGate(
	app: { healthDeclared: boolean; port?: number; health: HealthPolicy },
	found: string[] | undefined,
): OrchestratorGate {
	if (app.port === undefined) return { on: false, because: "a worker has no port to ask" };
	if (!app.healthDeclared) return { on: false, because: "the project file declares no health block" };
	if (!found) return { on: true, because: "the command is chosen when the image is built" };
	const { path, timeoutMs } = app.health;
	const program = programs.find(({ name, strictOnly }) => found.includes(name) && !(strictOnly && path === "/"));
	if (!program)
		return { on: false, because: `the image has no program that can ask ${path} (${programs.map(({ name }) => name).join(", ")})` };
	const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
	return { on: true, command: program.command(`http://127.0.0.1:${app.port}${path}`, seconds, path) };
}

const nanosecondsPerMs = 1_000_000;

/** Swarm's healthcheck for a gate with a command. */
export function healthcheckOf(command: string[], policy: HealthPolicy, apiVersion: string): Healthcheck {
	return checkEvery(containerIntervalOf(policy), command, policy, apiVersion);
}

/**
 * The check that deploymill put on services before it knew `containerIntervalMs`: it asked on as often as the edges are asked. It
 * means the same release as today's.
 */
export function formerHealthcheckOf(command: string[], policy: HealthPolicy, apiVersion: string): Healthcheck {
	return checkEvery(policy.intervalMs, command, policy, apiVersion);
}

function checkEvery(containerIntervalMs: number, command: string[], policy: HealthPolicy, apiVersion: string): Healthcheck {
	return {
		Test: ["CMD", ...command],
		Interval: containerIntervalMs * nanosecondsPerMs,
		Timeout: policy.timeoutMs * nanosecondsPerMs,
		Retries: policy.retries,
		StartPeriod: startPeriodMs(policy) * nanosecondsPerMs,
		...(hasStartInterval(apiVersion) ? { StartInterval: Math.min(containerIntervalMs, policy.intervalMs, 500) * nanosecondsPerMs } : {}),
	};
}

/** Whether the engine can ask a starting container more often than a started one: from Docker 25 on. */
export function hasStartInterval(apiVersion: string): boolean {
	return compareApiVersions(apiVersion, "1.44") >= 0;
}

function compareApiVersions(a: string, b: string): number {
	const [majorA = 0, minorA = 0] = a.split(".").map(Number);
	const [majorB = 0, minorB = 0] = b.split(".").map(Number);
	return majorA - majorB || minorA - minorB;
}

function javascriptTest(path: string): string {
	return path === "/" ? "![502,503,504].includes(r.statusCode)" : "r.statusCode===200";
}

function python(name: string) {
	return (url: string, seconds: number, path: string): string[] => [
		name,
		"-c",
		[
			"import sys",
			"try: from http.client import HTTPConnection",
			"except ImportError: from httplib import HTTPConnection",
			`c=HTTPConnection(sys.argv[1],timeout=${seconds})`,
			'c.request("GET",sys.argv[2])',
			`s=c.getresponse().status`,
			`sys.exit(0 if ${path === "/" ? "s not in (502,503,504)" : "s==200"} else 1)`,
		].join("\n"),
		new URL(url).host,
		path,
	];
}
