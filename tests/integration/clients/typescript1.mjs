// A tour with the TypeScript SDK 1.x. Usage: node typescript1.mjs URL PREFIX; prints one line of JSON with what was seen.
import { createRequire } from "node:module";
import { tour } from "./tour.mjs";

const load = createRequire(`${process.env.INTEGRATION_MODULES}/`);
const { Client } = load("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = load("@modelcontextprotocol/sdk/client/streamableHttp.js");

const { SSEClientTransport } = load("@modelcontextprotocol/sdk/client/sse.js");
const { StdioClientTransport } = load("@modelcontextprotocol/sdk/client/stdio.js");

// An address that ends with /sse is spoken to by HTTP+SSE; a JSON array instead of an address is a command that speaks stdio.
function transportTo(address) {
  if (address.startsWith("[")) {
    const [command, ...args] = JSON.parse(address);
    return new StdioClientTransport({ command, args, env: process.env });
  }
  return address.endsWith("/sse") ? new SSEClientTransport(new URL(address)) : new StreamableHTTPClientTransport(new URL(address));
}

const [url, prefix] = process.argv.slice(2);
const client = new Client({ name: "tour", version: "1" });
const transport = transportTo(url);
await client.connect(transport);
await client.ping();
const seen = await tour(client, prefix, (request, options) => client.callTool(request, undefined, options));
const session = transport.sessionId !== undefined;
await transport.terminateSession?.();
await client.close();
console.log(JSON.stringify({ ...seen, session, version: transport.protocolVersion }));
