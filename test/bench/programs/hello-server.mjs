// Serves one tool over stdio with the same SDK: the least that an MCP server can be.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "hello", version: "1.0.0" });
const hello = { title: "Say hello", description: "Says hello", inputSchema: { name: z.string() } };
server.registerTool("hello", hello, async ({ name }) => ({ content: [{ type: "text", text: `Hello ${name}` }] }));
await server.connect(new StdioServerTransport());
