import { HttpProber } from "../../../src/adapters/http/http-prober.ts";
import { labels } from "../../../src/model/service.ts";
import { describeIngress } from "../../contract/ingress-contract.ts";
import type { IngressUnderTest } from "../../contract/ingress-under-test.ts";
import { openWorkbench, serviceSpec } from "../../support/docker-workbench.ts";
import { until } from "../../support/until.ts";

const port = 3000;
const answering = `require("http").createServer((_, response) => response.writeHead(200 + Number(process.env.SLOT)).end("slot " + (200 + Number(process.env.SLOT)))).listen(${port})`;

async function openIngress(): Promise<IngressUnderTest> {
	const bench = await openWorkbench();
	const { swarm, prefix, sandbox } = bench;
	const network = await swarm.facts();
	const [host = "", edgePort] = sandbox.edgeAddress.split(":");
	return {
		swarm,
		prober: new HttpProber({ version: "0.0.0", edgeAddress: { host, port: Number(edgePort) } }),
		prefix,
		spec(name, claimed, replicas) {
			const spec = serviceSpec(name, "node:24-slim", ["node", "-e", answering], { Env: ["SLOT={{.Task.Slot}}"], Init: true });
			spec.TaskTemplate.Networks = [{ Target: network.networkId }];
			return { ...spec, Labels: { ...spec.Labels, ...claim(name, claimed) }, Mode: { Replicated: { Replicas: replicas } } };
		},
		withoutClaim: (spec) => ({ ...spec, Labels: { [labels.application]: spec.Name } }),
		during: (body) => body(),
		until: (look, isSo) => until(look, isSo, 60_000),
		close: () => bench.close(),
	};
}

function claim(name: string, host: string): Record<string, string> {
	return {
		[labels.hosts]: host,
		"traefik.enable": "true",
		[`traefik.http.routers.${name}.rule`]: `Host(\`${host}\`)`,
		[`traefik.http.services.${name}.loadbalancer.server.port`]: String(port),
	};
}

describeIngress("the sandbox's Caddy", openIngress);
