import { describeImages } from "../../contract/images-contract.ts";
import { makeImage } from "../../simulation/images/image.ts";
import { ImageStore } from "../../simulation/images/image-store.ts";
import { ModelImages } from "../../simulation/images/model-images.ts";
import { ModelRegistry } from "../../simulation/images/model-registry.ts";
import { RegistryServer } from "../../simulation/images/registry-server.ts";
import { VirtualClock } from "../../simulation/virtual-clock.ts";

describeImages("the model", async () => {
	const clock = new VirtualClock();
	const server = new RegistryServer();
	const registry = new ModelRegistry(clock, server);
	const order = async (tag: string, directory: string) => {
		return { directory, build: { dockerfile: "Dockerfile", context: ".", args: {} }, tag, noCache: false };
	};
	const images = new ModelImages(clock, new ImageStore(server), server, ({ directory }) =>
		directory === "broken" ? { fails: "COPY failed" } : makeImage(directory, {}, ["/app"]),
	);
	return {
		images,
		registry,
		credentials: server.credentials,
		repository: `${registry.address}/model`,
		order,
		brokenOrder: (tag) => order(tag, "broken"),
		during: (body) => clock.run(body()),
		close: async () => {},
	};
});
