// Runs in a browser: the reference host of MCP Apps, around one app in a frame. Tool calls go to the test, which holds the MCP client.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

/** @param {string} html the app's page @param {object} args of the tool call @param {object} result what it was answered */
window.openApp = async (html, args, result) => {
	const frame = document.createElement("iframe");
	frame.setAttribute("sandbox", "allow-scripts");
	frame.style.cssText = "width: 100%; height: 1200px; border: 0";
	document.body.append(frame);
	const bridge = new AppBridge(null, { name: "test host", version: "1.0.0" }, { serverTools: {}, updateModelContext: { text: {} } });
	bridge.oncalltool = (params) => window.passOn(params);
	bridge.onupdatemodelcontext = async (params) => {
		await window.tellModel(params);
		return {};
	};
	const ready = new Promise((resolve) => {
		bridge.oninitialized = resolve;
	});
	await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
	frame.srcdoc = html;
	await ready;
	await bridge.sendToolInput({ arguments: args });
	await bridge.sendToolResult(result);
};
