// Warns where IPVS is missing, without which virtual addresses carry no traffic. Only this machine's own kernel can be asked.
import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import type { DockerClient } from "../../adapters/docker/client.ts";
import type { Settings } from "../../config/settings.ts";
import type { Finding } from "./check.ts";

const loaded = "/proc/net/ip_vs";

export function lookAtIpvs({ isLocal }: DockerClient, { endpointMode }: Settings): Finding<undefined> {
	if (endpointMode === "dnsrr") return found("not needed: DEPLOYMILL_ENDPOINT_MODE is dnsrr");
	if (!isLocal || process.platform !== "linux") return found("not observable: the engine runs on another machine");
	if (existsSync(loaded)) return found("the kernel has it loaded");
	const modules = ["modules.builtin", "modules.dep"].map((name) => read(`/lib/modules/${release()}/${name}`));
	if (modules.some((list) => list?.includes("/ip_vs.ko"))) return found("the kernel has it as a module");
	return {
		detail: "the kernel of this machine shows no IPVS, which endpoint mode vip needs: edges may not answer",
		cure: "Where the engine shares this kernel, load it (modprobe ip_vs), or set DEPLOYMILL_ENDPOINT_MODE=dnsrr.",
		value: undefined,
	};
}

function found(detail: string): Finding<undefined> {
	return { detail, value: undefined };
}

function read(file: string): string | undefined {
	return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
