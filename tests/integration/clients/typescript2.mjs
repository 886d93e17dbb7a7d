// A tour with the TypeScript SDK 2.x. Usage: node typescript2.mjs URL PREFIX MODE, where MODE is auto or legacy; prints one line of
// JSON with what was seen.
import { createRequire } from "node:module";
import { tour } from "./tour.mjs";

const load = createRequire(`${process.env.INTEGRATION_MODULES}/`);
const { Client, StreamableHTTPClientTransport } = load("@modelcontextprotocol/client");

const [url, prefix, mode] = process.argv.slice(2);
const client = new Client({ name: "tour", version: "2" }, { versionNegotiation: { mode } });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const seen = await tour(client, prefix, (request, options) => client.callTool(request, options));
const version = client.getNegotiatedProtocolVersion();
await client.close();
console.log(JSON.stringify({ ...seen, version }));
